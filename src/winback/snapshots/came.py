"""What customers did after any day: as it was known once the days were over, and as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from winback.snapshots.restated import restated_outcomes
from winback.snapshots.walk import snapshot_batches
from winback.tables.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

_KEY = ["customer_id", "cutoff"]


@dataclass(frozen=True, eq=False)
class Came:
    """Outcomes of the same customers and cutoffs, sorted by both: as known then, and now."""

    then: pd.DataFrame
    now: pd.DataFrame


def outcomes_of(
    orders: Path | str, cutoffs: Sequence[date], *, days: int, observed_until: date,
    threads: int = 1,
) -> Came:  # fmt: skip
    """What everybody did in the ``days`` from each cutoff on.

    One row per customer with a purchase known before the cutoff, and cutoff whose days are over;
    columns as in ``outcomes.parquet``, without ``days_to_return``. ``then`` counts what was known
    before the day after the last of these days, ``now`` what was known before ``observed_until``.

    Args:
        orders: canonical order lines (``orders.parquet`` of the intake).
        cutoffs: the days from which on; those whose days are not over have no row.
        days: how many.
        observed_until: the first day that is not observed.
        threads: batches measured at the same time; the result does not depend on it.
    """
    span = timedelta(days=days)
    closed = sorted({cutoff for cutoff in cutoffs if cutoff + span <= observed_until})
    batches = snapshot_batches(
        orders, closed, horizon_days=days, observed_until=observed_until, windows_days=(),
        threads=threads,
    ) if closed else ()  # fmt: skip
    tables = [OUTCOMES.schema.empty_table(), *(batch.outcomes for batch in batches)]
    now = pa.concat_tables(tables).drop_columns(["days_to_return"]).to_pandas(date_as_object=False)
    ends = {cutoff + span for cutoff in closed}
    told = restated_outcomes(
        orders, sorted({*closed, *ends}), horizon_days=days, observed_until=observed_until
    ).to_pandas(date_as_object=False)
    wanted = (told["origin"] == told["cutoff"] + span) & told["cutoff"].isin(now["cutoff"])
    return Came(_restated(now, told[wanted]), now)


def _restated(rows: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The same rows, with what was known otherwise."""
    import pandas as pd

    if told.empty:
        return rows
    place = pd.MultiIndex.from_frame(rows[_KEY]).get_indexer(pd.MultiIndex.from_frame(told[_KEY]))
    then = rows.copy()
    for name in rows.columns[2:]:
        values = then[name].to_numpy(copy=True)
        values[place[place >= 0]] = told[name].to_numpy()[place >= 0]
        then[name] = values
    return then
