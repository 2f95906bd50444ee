"""Outcomes as earlier cutoffs knew them, where more is known by now.

A model that is judged as of an earlier cutoff, the *origin*, must learn from the outcomes known
there: an order corrected, or a refund entered, after the origin would otherwise teach it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.arrays import Integers
from winback.snapshots.kernel import (
    SECONDS_PER_DAY,
    changes,
    measure_customers,
)
from winback.snapshots.plan import Plan, day_number, make_plan
from winback.snapshots.walk import read_lines, whole_customers
from winback.tables.history import ORDERS
from winback.tables.outcomes import OUTCOMES, RESTATED
from winback.tables.table import open_given

if TYPE_CHECKING:
    import pandas as pd

_KEY = ["customer_id", "cutoff", "origin"]
_TOLD = OUTCOMES.schema.names[2:]


def restated_outcomes(
    orders: Path | str, cutoffs: Sequence[date], *, horizon_days: int, observed_until: date
) -> pa.Table:
    """Outcomes that were known otherwise at a later cutoff than they are today.

    One row per customer, cutoff and ``origin``, a later cutoff by which any horizon had closed,
    where the outcome counted from lines known before the origin differs from the one counted
    from lines known before ``observed_until``; sorted by origin, customer and cutoff. A window
    still open at the origin is there with ``days_to_return`` alone.
    ``days_to_return`` is null where no purchase was known at the origin; that one was made after
    the origin is no difference. Empty where nothing became known late.

    Args:
        orders: canonical order lines (``orders.parquet`` of the intake).
        cutoffs: the cutoffs whose horizon has closed; each is an origin, too.
        horizon_days: length of the outcome, in days.
        observed_until: the first day that is not observed.
    """
    cutoffs = sorted(set(cutoffs))
    days = np.array([day_number(c) for c in cutoffs], np.int64)
    source = open_given(
        orders, ORDERS, "read_orders", read_dictionary=["customer_id", "product_id", "kind"]
    )
    empty = RESTATED.schema.empty_table()
    if len(days) == 0 or not any(len(late) for late in _late_by_group(source, days)):
        return empty
    plan = make_plan(
        source.schema_arrow.metadata or {}, cutoffs, horizon_days, observed_until, windows_days=()
    )
    found = [empty]
    for table in whole_customers(read_lines(source), len(cutoffs), None):
        customer = np.cumsum(changes(table["customer_id"])) - 1
        happened, known = _days(table["ordered_at"]), _days(table["known_at"])
        for origin in days[days >= days[0] + horizon_days]:
            late = (happened < origin) & (known >= origin) & (happened >= days[0])
            if late.any():
                rows = np.flatnonzero(np.isin(customer, customer[late]))
                found.append(_differing(table.take(pa.array(rows)), plan, int(origin)))
    return pa.concat_tables(found).sort_by(
        [(name, "ascending") for name in ("origin", "customer_id", "cutoff")]
    )


def outcomes_as_known(
    rows: pd.DataFrame, restated: pd.DataFrame | None, origin: pd.Timestamp
) -> pd.DataFrame:
    """The same rows, with the outcomes that were known at the origin."""
    import pandas as pd

    told = None if restated is None else restated[restated["origin"] == origin]
    if told is None or told.empty:
        return rows
    key = ["customer_id", "cutoff"]
    # A row may stand there several times, for a control that stands for others.
    place = pd.MultiIndex.from_frame(told[key]).get_indexer(pd.MultiIndex.from_frame(rows[key]))
    known = rows.copy(deep=False)
    for name in _TOLD:
        # Of a column that has no null yet, too.
        values = rows[name].to_numpy(np.float64 if name == "days_to_return" else None, copy=True)
        # Of a window open at the origin nothing else is told.
        fits = (told[name].notna() | (name == "days_to_return")).to_numpy()[place]
        fits &= place >= 0
        values[fits] = told[name].to_numpy()[place[fits]]
        known[name] = values
    return known


def _days(instants: pa.ChunkedArray) -> Integers:
    seconds = instants.cast(pa.timestamp("s"), safe=False).cast(pa.int64()).to_numpy()
    return np.asarray(seconds // SECONDS_PER_DAY, np.int64)


def _late_by_group(source: pq.ParquetFile, origins: Integers) -> Iterator[Integers]:
    """Lines that an origin lies between the happening and the knowing of, by row group."""
    for number in range(source.num_row_groups):
        times = source.read_row_group(number, columns=["ordered_at", "known_at"])
        happened, known = _days(times["ordered_at"]), _days(times["known_at"])
        lagging = np.flatnonzero(known > happened)
        passed = np.searchsorted(origins, known[lagging], side="right")
        yield lagging[passed > np.searchsorted(origins, happened[lagging], side="right")]


def _differing(lines: pa.Table, plan: Plan, origin: int) -> pa.Table:
    """The outcomes of these customers that the origin knew otherwise."""
    closed = int(np.searchsorted(plan.cutoffs, origin - plan.horizon_days, side="right"))
    before = int(np.searchsorted(plan.cutoffs, origin, side="left"))
    found = [_differing_at(lines, plan, slice(0, closed), origin, _TOLD)]
    if closed < before:
        # Of a window still open at the origin only the days that had passed are told.
        daily = replace(plan, horizon_days=1)
        rows = _differing_at(lines, daily, slice(closed, before), origin, ["days_to_return"])
        found.append(rows.select([*_KEY, "days_to_return"]))
    return pa.concat_tables(found, promote_options="default")


def _differing_at(
    lines: pa.Table, plan: Plan, which: slice, origin: int, compared: Sequence[str]
) -> pa.Table:
    then = replace(
        plan,
        cutoffs=plan.cutoffs[which],
        calendar={name: values[which] for name, values in plan.calendar.items()},
        observed_until=origin,
    )
    # The same customers and cutoffs, so the rows are the same ones.
    known = measure_customers(lines, then).outcomes
    today = measure_customers(lines, replace(then, observed_until=plan.observed_until)).outcomes
    span = pa.array(origin - known["cutoff"].cast(pa.int32()).to_numpy())
    seen = pc.less(today["days_to_return"], span)
    unseen = pa.scalar(None, pa.int32())
    today = today.set_column(
        today.column_names.index("days_to_return"), "days_to_return",
        pc.if_else(seen, today["days_to_return"], unseen),
    )  # fmt: skip
    differs = np.zeros(len(known), bool)
    for name in compared:
        # Compared as numbers of which none is below -1 where a null may stand.
        ours, theirs = (
            column[name].cast(pa.float64()).fill_null(-1.0).to_numpy() for column in (known, today)
        )
        differs |= ours != theirs
    rows = known.filter(pa.array(differs))
    day = pa.array(np.full(len(rows), origin, np.int32)).cast(pa.date32())
    return rows.add_column(2, RESTATED.schema.field("origin"), day).cast(RESTATED.schema)
