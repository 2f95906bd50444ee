"""Snapshots with their outcomes, in memory or in the files of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

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
    """The same tables in files, of which only what is asked for comes into memory."""

    features: Path
    outcomes: Path
    part_outcomes: Path

    def closed(self, most_rows: int) -> pd.DataFrame:
        """`Snapshots.closed`, of customers drawn by their ids where there are more rows than that.

        All rows of a drawn customer stay together, so that sampling is by customer.
        """
        return self._joined(self.outcomes, most_rows)

    def first_days(self, most_rows: int) -> pd.DataFrame:
        """Snapshots with the outcomes of the horizon's first days, drawn like those of `closed`.

        As `take_first_days` gives them.
        """
        return self._joined(self.part_outcomes, most_rows)

    def newest(self) -> pd.DataFrame:
        """`Snapshots.newest`, of all customers."""
        open_given(self.features, _KEYS, "winback snapshot").close()
        newest = pc.max(pq.read_table(self.features, columns=["cutoff"])["cutoff"])
        table = self._drawn(self.features, 1.0, pa.array([newest]))
        rows: pd.DataFrame = table.to_pandas(date_as_object=False)
        return rows

    def _joined(self, path: Path, most_rows: int) -> pd.DataFrame:
        contract = FIRST_DAYS if path == self.part_outcomes else OUTCOMES
        rows = open_given(path, contract, "winback snapshot").metadata.num_rows
        share = min(1.0, most_rows / max(rows, 1))
        outcomes = self._drawn(path, share, None)
        known = pc.unique(outcomes["cutoff"])
        return _with_outcomes(self._drawn(self.features, share, known), outcomes)

    def _drawn(self, path: Path, share: float, cutoffs: pa.Array | None) -> pa.Table:
        source = pq.ParquetFile(path)
        parts = [source.schema_arrow.empty_table()]
        for group in range(source.num_row_groups):
            rows = source.read_row_group(group)
            if cutoffs is not None:
                rows = rows.filter(pc.is_in(rows["cutoff"], cutoffs))
            if share < 1:
                ids = rows["customer_id"].combine_chunks().dictionary_encode()
                chosen = stored_share(ids.dictionary.to_numpy(zero_copy_only=False), share)
                rows = rows.filter(pa.array(chosen[ids.indices.to_numpy()]))
            parts.append(rows)
        return pa.concat_tables(parts)


def _with_outcomes(features: pa.Table, outcomes: pa.Table) -> pd.DataFrame:
    # One walk wrote both in the same order, so no join is needed; checked all the same.
    for key in ("customer_id", "cutoff"):
        if features[key] != outcomes[key]:
            raise WinbackError("snapshots.of_two_runs")
    for name in outcomes.column_names[2:]:
        features = features.append_column(name, outcomes[name])
    rows: pd.DataFrame = features.to_pandas(date_as_object=False)
    return rows
