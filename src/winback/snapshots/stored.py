"""Snapshots with their outcomes, in memory or in the files of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from winback.draws import stored_share
from winback.errors import WinbackError
from winback.features import FeatureSet, snapshot_table
from winback.results.base import Fact
from winback.tables.outcomes import FIRST_DAYS, OUTCOMES
from winback.tables.table import open_given

if TYPE_CHECKING:
    import pandas as pd


# Which features stand beside the key is the declarations' business.
_KEYS = snapshot_table(FeatureSet()).only("customer_id", "cutoff")


@dataclass(frozen=True)
class Snapshots:
    """Snapshots of every cutoff and the outcomes of the cutoffs whose horizon has closed.

    ``features``: one row per customer and cutoff, for customers with a purchase before the
    cutoff. ``outcomes``: the same key, only for cutoffs with ``cutoff + horizon`` observed;
    ``days_to_return`` is null where no purchase was seen from the cutoff on. Both are sorted
    by customer and cutoff. ``late_share`` is the share of customers with lines of a purchase
    that became known only after a cutoff they had happened before; ``custom_seconds`` what the
    shop's own functions cost; ``doubts`` are of declared attributes some of whose
    values fit no level.
    """

    features: pa.Table
    outcomes: pa.Table
    horizon_days: int
    late_share: float = 0.0
    custom_seconds: tuple[tuple[str, float], ...] = ()
    doubts: tuple[Fact, ...] = ()

    def closed(self) -> pd.DataFrame:
        """Snapshots with their outcomes, of the cutoffs whose horizon has closed.

        One row per customer and cutoff; days are ``datetime64``.

        Raises:
            WinbackError: features and outcomes are not of the same walk.
        """
        known = pc.is_in(self.features["cutoff"], pc.unique(self.outcomes["cutoff"]))
        return _with_outcomes(self.features.filter(known), self.outcomes)

    def newest(self) -> pd.DataFrame:
        """Snapshots of the newest cutoff: the customers to be scored, one row each."""
        cutoffs = self.features["cutoff"]
        rows: pd.DataFrame = self.features.filter(pc.equal(cutoffs, pc.max(cutoffs))).to_pandas(
            date_as_object=False
        )
        return rows


@dataclass(frozen=True)
class StoredSnapshots:
    """The same tables in files, of which only what is asked for comes into memory.

    ``scored`` is the cutoff of the customers to be scored, where the file has later ones, too.
    """

    features: Path
    outcomes: Path
    part_outcomes: Path
    scored: date | None = None

    def closed(self, most_rows: int) -> pd.DataFrame:
        """`Snapshots.closed`, of customers drawn by their ids where there are more rows than that.

        All rows of a drawn customer stay together, so that sampling is by customer.
        """
        part, outcomes = self._outcomes(self.outcomes, most_rows)
        return _as_frame(_beside(_read(self.features, part)[0], outcomes))

    def closed_and_newest(self, most_rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """`closed` and `newest` of one reading: a large file takes long to decode."""
        part, outcomes = self._outcomes(self.outcomes, most_rows)
        known, newest = _read(self.features, part, self._newest())
        scored = _as_frame(newest)
        del newest
        known, outcomes = _beside(known, outcomes), None
        return _as_frame(known), scored

    def first_days(self, most_rows: int) -> pd.DataFrame:
        """Snapshots with the outcomes of the horizon's first days, drawn like those of `closed`.

        As `take_first_days` gives them.
        """
        part, outcomes = self._outcomes(self.part_outcomes, most_rows)
        return _as_frame(_beside(_read(self.features, part)[0], outcomes))

    def newest(self) -> pd.DataFrame:
        """`Snapshots.newest`, of all customers."""
        return _as_frame(*_read(self.features, self._newest()))

    def _newest(self) -> _Part:
        open_given(self.features, _KEYS, "winback snapshot").close()
        newest = self.scored
        if newest is None:
            cutoffs = pq.read_table(self.features, columns=["cutoff"])["cutoff"]
            newest = pc.max(cutoffs).as_py()
        return _Part(1.0, _day_numbers(pa.chunked_array([[newest]], pa.date32())))

    def _outcomes(self, path: Path, most_rows: int) -> tuple[_Part, pa.Table]:
        """The outcomes of a file that are drawn, and which rows they belong to."""
        contract = FIRST_DAYS if path == self.part_outcomes else OUTCOMES
        rows = open_given(path, contract, "winback snapshot").metadata.num_rows
        share = min(1.0, most_rows / max(rows, 1))
        (outcomes,) = _read(path, _Part(share, None))
        return _Part(share, np.unique(_day_numbers(outcomes["cutoff"]))), outcomes


@dataclass(frozen=True)
class _Part:
    """A share of the customers, at some cutoffs (days since 1970) or all."""

    share: float
    cutoffs: NDArray[np.int32] | None


def _day_numbers(cutoffs: pa.ChunkedArray) -> NDArray[np.int32]:
    return np.asarray(cutoffs.cast(pa.int32()).to_numpy(), np.int32)


def _read(path: Path, *parts: _Part) -> list[pa.Table]:
    """Each part of a file, which is read once; a group of rows at a time is held whole."""
    # As the file has them, ids are numbers into a list of those that occur.
    source = pq.ParquetFile(path, read_dictionary=["customer_id"])
    place = source.schema_arrow.get_field_index("customer_id")
    plain = source.schema_arrow.field(place).with_type(pa.string())
    empty = source.schema_arrow.set(place, plain).empty_table()
    found: list[list[pa.Table]] = [[empty] for _ in parts]
    nothing = all(part.cutoffs is not None and not len(part.cutoffs) for part in parts)
    for group in range(0 if nothing else source.num_row_groups):
        rows = source.read_row_group(group)
        days = _day_numbers(rows["cutoff"])
        ids = rows["customer_id"].combine_chunks()
        for part, tables in zip(parts, found, strict=True):
            chosen = np.ones(len(rows), bool)
            if part.cutoffs is not None:
                chosen &= np.isin(days, part.cutoffs)
            if part.share < 1:
                of_ids = stored_share(ids.dictionary.to_numpy(zero_copy_only=False), part.share)
                chosen &= of_ids[ids.indices.to_numpy()]
            kept = rows if chosen.all() else rows.filter(pa.array(chosen))
            tables.append(kept.set_column(place, plain, kept["customer_id"].cast(pa.string())))
    return [pa.concat_tables(tables) for tables in found]


def _with_outcomes(features: pa.Table, outcomes: pa.Table) -> pd.DataFrame:
    rows: pd.DataFrame = _beside(features, outcomes).to_pandas(date_as_object=False)
    return rows


def _beside(features: pa.Table, outcomes: pa.Table) -> pa.Table:
    # One walk wrote both in the same order, so no join is needed; checked all the same.
    for key in ("customer_id", "cutoff"):
        if features[key] != outcomes[key]:
            raise WinbackError("snapshots.of_two_runs")
    for name in outcomes.column_names[2:]:
        features = features.append_column(name, outcomes[name])
    return features


def _as_frame(table: pa.Table) -> pd.DataFrame:
    """A table that nobody reads again, whose columns go as they are turned."""
    rows: pd.DataFrame = table.to_pandas(date_as_object=False, self_destruct=True)
    return rows
