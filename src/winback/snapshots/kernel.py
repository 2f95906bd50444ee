"""Snapshots and outcomes: the only module that knows about time.

A **snapshot** is what was knowable about a customer at a **cutoff**; an **outcome** is what
happened in the **horizon** after it. The past is ``time < cutoff``, for when a thing happened
and for when it became known; the outcome is ``cutoff <= time < cutoff + horizon``.

How it works: canonical order lines arrive sorted by customer and day, and are cut into batches
of whole customers. In a batch each measure is an integer per event with a running total, and
one count of events per (customer, cutoff) finds the position of every cutoff and window edge;
a window is then a difference of two totals. One pass serves any number of cutoffs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from winback.errors import UsageError, WinbackError
from winback.features import (
    DEFAULT_WINDOWS_DAYS,
    DERIVED,
    DISTINCT_WINDOWS_DAYS,
    MEASURES,
    NEEDED_WINDOWS_DAYS,
    ORDERS_BACK,
    YEAR_AGO_WINDOWS_DAYS,
    Events,
    Floats,
    Integers,
    snapshot_columns,
)

if TYPE_CHECKING:
    import pandas as pd

_SECONDS_PER_DAY = 86_400
_EPOCH = date(1970, 1, 1)
_DAYS_APART = 1 << 22  # more days than a date can be from 1970, so customers never meet
_LINES_PER_BATCH = 262_144
_CELLS_PER_BATCH = 1_500_000
_LINE_COLUMNS = (
    "customer_id",
    "order_id",
    "ordered_at",
    "known_at",
    "product_id",
    "quantity",
    "amount",
    "kind",
)

OUTCOME_SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("cutoff", pa.date32()),
        ("returned", pa.bool_()),
        ("orders_in_horizon", pa.int32()),
        ("net_spend_in_horizon", pa.float64()),
        ("days_to_return", pa.int32()),
    ]
)


@dataclass(frozen=True)
class Snapshots:
    """Snapshots of every cutoff and the outcomes of the cutoffs whose horizon has closed.

    ``features``: one row per customer and cutoff, for customers with a purchase before the
    cutoff. ``outcomes``: the same key, only for cutoffs with ``cutoff + horizon`` observed;
    ``days_to_return`` is null where no purchase was seen from the cutoff on. Both are sorted
    by customer and cutoff. ``late_share`` is the share of customers with events that became
    known only after a cutoff they had happened before.
    """

    features: pa.Table
    outcomes: pa.Table
    horizon_days: int
    late_share: float = 0.0

    def closed(self) -> pd.DataFrame:
        """Snapshots with their outcomes, of the cutoffs whose horizon has closed.

        One row per customer and cutoff; days are ``datetime64``.

        Raises:
            WinbackError: features and outcomes are not of the same walk.
        """
        known = pc.is_in(self.features["cutoff"], pc.unique(self.outcomes["cutoff"]))
        table = self.features.filter(known)
        # One walk wrote both in the same order, so no join is needed; checked all the same.
        for key in ("customer_id", "cutoff"):
            if table[key] != self.outcomes[key]:
                raise WinbackError(
                    "Snapshots and outcomes are not of the same run; run the snapshot stage again."
                )
        for name in self.outcomes.column_names[2:]:
            table = table.append_column(name, self.outcomes[name])
        closed: pd.DataFrame = table.to_pandas(date_as_object=False)
        return closed

    def newest(self) -> pd.DataFrame:
        """Snapshots of the newest cutoff: the customers to be scored, one row each."""
        cutoffs = self.features["cutoff"]
        rows: pd.DataFrame = self.features.filter(pc.equal(cutoffs, pc.max(cutoffs))).to_pandas(
            date_as_object=False
        )
        return rows


@dataclass(frozen=True)
class _Plan:
    """What a batch is measured by; days are whole days since 1970."""

    cutoffs: Integers
    horizon_days: int
    observed_until: int
    windows_days: tuple[int, ...]
    amount_scale: int
    has_time: bool
    has_products: bool
    has_quantity: bool
    calendar: Mapping[str, Integers]
    schema: pa.Schema


@dataclass(frozen=True)
class _Lines:
    """Order lines of whole customers; ``customer`` and ``order`` are numbers in the batch."""

    customer: Integers
    order: Integers
    day: Integers
    known_day: Integers
    second: Integers
    amount: Integers
    milli_items: Integers
    product: Integers
    is_purchase: NDArray[np.bool_]
    is_refund: NDArray[np.bool_]

    def where(self, kept: NDArray[np.bool_]) -> _Lines:
        return _Lines(**{name: values[kept] for name, values in vars(self).items()})


@dataclass(frozen=True)
class _Stream:
    """Purchases, or refunds, of a batch, with the first event of each customer."""

    customer: Integers
    events: Events
    starts: Integers


def day_number(day: date) -> int:
    """Whole days since 1970-01-01."""
    return (day - _EPOCH).days


def training_cutoffs(
    first_day: date, cutoff: date, horizon_days: int, *, every_days: int | None = None,
    most: int = 40, over_days: int = 1100,
) -> list[date]:  # fmt: skip
    """Cutoffs to learn from, oldest first: closed horizons, over up to three years.

    The newest is ``cutoff - horizon_days``, the last one whose outcome is known at ``cutoff``;
    the others step back from it by ``every_days`` (``horizon_days`` held between 14 and 30
    when not given) while at least a fifth of the horizon (and a week) of history lies before
    them. Histories with no room for four such steps are cut in four, or step by a week. With
    less past than that, the newest alone; empty when not a day lies before it.
    """
    newest = cutoff - timedelta(days=horizon_days)
    least_past = max(7, horizon_days // 5)
    room = (newest - first_day).days - least_past
    if room < 0:
        return [newest] if (newest - first_day).days >= 1 else []
    step = every_days or min(max(horizon_days, 14), 30)
    if every_days is None and room < 4 * step:
        step = max(7, room // 4)
    count = min(most, min(room, over_days) // step + 1)
    return [newest - timedelta(days=step * k) for k in reversed(range(count))]


def take_snapshots(
    orders: Path | str,
    cutoffs: Sequence[date],
    *,
    horizon_days: int,
    observed_until: date | None = None,
    windows_days: Sequence[int] = DEFAULT_WINDOWS_DAYS,
    country: str = "PL",
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Snapshots:
    """Describe every customer who had bought before each cutoff, and what they did next.

    One row per (customer, cutoff), from lines that happened and were known strictly before
    the cutoff. A customer whose first purchase is at or after the cutoff does not exist yet
    and has no row; one who went quiet years ago still has one, because whom to drop is the
    offer policy's business.

    Args:
        orders: canonical order lines (``orders.parquet`` of the intake).
        cutoffs: the first days that each snapshot pretends not to have seen.
        horizon_days: length of the outcome, in days.
        observed_until: the first day that is not observed; the default is the day after the
            last line. Outcomes that reach past it are absent, and those before it count only
            what was known by then.
        windows_days: lengths of the windows that end at the cutoff; those that derived
            features need (30, 90, 180 and 365 days) are always there.
        country: whose public holidays the calendar features count.
        threads: batches measured at the same time; the result does not depend on it.
        progress: called with the number of lines read so far.

    Raises:
        WinbackError: no cutoff was given, the history is empty, or no purchase lies before
            any cutoff.
        UsageError: no public holidays are known for the country.
    """
    parts = list(
        snapshot_batches(
            orders, cutoffs, horizon_days=horizon_days, observed_until=observed_until,
            windows_days=windows_days, country=country, threads=threads, progress=progress,
        )
    )  # fmt: skip
    features = pa.concat_tables([part[0] for part in parts])
    if features.num_rows == 0:
        raise WinbackError(
            f"{orders}: no purchase is earlier than the cutoff {max(cutoffs)}. "
            "Choose a later cutoff."
        )
    outcomes = pa.concat_tables([part[1] for part in parts])
    customers = sum(part[2] for part in parts)
    late = sum(part[3] for part in parts)
    return Snapshots(features, outcomes, horizon_days, late / customers if customers else 0.0)


def snapshot_batches(
    orders: Path | str,
    cutoffs: Sequence[date],
    *,
    horizon_days: int,
    observed_until: date | None = None,
    windows_days: Sequence[int] = DEFAULT_WINDOWS_DAYS,
    country: str = "PL",
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Iterator[tuple[pa.Table, pa.Table, int, int]]:
    """The same as `take_snapshots`, a batch of whole customers at a time.

    Yields (features, outcomes, customers, customers with late-known lines), in the order of
    ``customer_id``, so that a file can be written without holding all rows.
    """
    if not cutoffs:
        raise WinbackError("No cutoff to take a snapshot at. Give at least one date.")
    source = pq.ParquetFile(orders)
    if source.metadata.num_rows == 0:
        raise WinbackError(f"{orders}: the order history is empty; no snapshot can be taken of it.")
    plan = _plan(
        source, sorted(set(cutoffs)), horizon_days, observed_until,
        tuple(sorted({*windows_days, *NEEDED_WINDOWS_DAYS})), country,
    )  # fmt: skip
    waiting: deque[Future[tuple[pa.Table, pa.Table, int, int]]] = deque()
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for table in _whole_customers(source, len(plan.cutoffs), progress):
            waiting.append(pool.submit(_measure_batch, table, plan))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _plan(
    source: pq.ParquetFile,
    cutoffs: list[date],
    horizon_days: int,
    observed_until: date | None,
    windows_days: tuple[int, ...],
    country: str,
) -> _Plan:
    stated = source.schema_arrow.metadata or {}
    if observed_until is None:
        observed_until = _last_day(source) + timedelta(days=1)
    schema = pa.schema(
        [("customer_id", pa.string()), ("cutoff", pa.date32())]
        + [
            (column.name, pa.int32() if column.whole else pa.float64())
            for column in snapshot_columns(windows_days)
        ]
        + [("first_order_on", pa.date32()), ("last_order_on", pa.date32())]
    )
    return _Plan(
        cutoffs=np.array([day_number(c) for c in cutoffs], np.int64),
        horizon_days=horizon_days,
        observed_until=day_number(observed_until),
        windows_days=windows_days,
        amount_scale=int(stated.get(b"amount_scale", b"100")),
        has_time=stated.get(b"has_time", b"1") == b"1",
        has_products=stated.get(b"has_products", b"1") == b"1",
        has_quantity=stated.get(b"has_quantity", b"1") == b"1",
        calendar=_calendar(cutoffs, country),
        schema=schema,
    )


def _last_day(source: pq.ParquetFile) -> date:
    index = source.schema_arrow.get_field_index("ordered_at")
    groups = (source.metadata.row_group(i).column(index) for i in range(source.num_row_groups))
    day: date = max(group.statistics.max for group in groups).date()
    return day


def _calendar(cutoffs: Sequence[date], country: str) -> dict[str, Integers]:
    import holidays

    years = range(min(cutoffs).year, max(cutoffs).year + 2)
    try:
        public = holidays.country_holidays(country, years=years)
    except NotImplementedError:
        raise UsageError(
            f"No public holidays are known for the country {country!r}. Set snapshot.country to "
            "a two-letter ISO code, such as PL."
        ) from None
    christmas = [
        min(e for e in (date(c.year, 12, 24), date(c.year + 1, 12, 24)) if e >= c) for c in cutoffs
    ]
    columns = {
        "cutoff_month": [c.month for c in cutoffs],
        "cutoff_day_of_year": [c.timetuple().tm_yday for c in cutoffs],
        "days_to_christmas": [(e - c).days for e, c in zip(christmas, cutoffs, strict=True)],
        "holidays_next_30d": [
            sum(c <= day < c + timedelta(days=30) for day in public) for c in cutoffs
        ],
    }
    return {name: np.array(values, np.int64) for name, values in columns.items()}


def _whole_customers(
    source: pq.ParquetFile, cutoffs: int, progress: Callable[[int], None] | None
) -> Iterator[pa.Table]:
    """Tables of whole customers, from batches that cut customers anywhere."""
    rows = 0
    held: list[pa.Table] = []
    for batch in source.iter_batches(batch_size=_LINES_PER_BATCH, columns=list(_LINE_COLUMNS)):
        rows += batch.num_rows
        if progress:
            progress(rows)
        table = pa.Table.from_batches([batch])
        ids = table["customer_id"]
        if batch.num_rows == 0 or (held and held[-1]["customer_id"][-1] == ids[0] == ids[-1]):
            held.append(table)
            continue
        last = pc.index(ids, ids[-1]).as_py()
        if held or last:
            yield from _few_cells(pa.concat_tables([*held, table.slice(0, last)]), cutoffs)
        held = [table.slice(last)]
    if held:
        yield from _few_cells(pa.concat_tables(held), cutoffs)


def _few_cells(table: pa.Table, cutoffs: int) -> Iterator[pa.Table]:
    """The same customers in tables small enough that customers x cutoffs stays in memory."""
    if table.num_rows == 0:
        return
    most = max(1, _CELLS_PER_BATCH // cutoffs)
    starts = np.flatnonzero(_changes(table["customer_id"]))
    for first in range(0, len(starts), most):
        begin = int(starts[first])
        end = int(starts[first + most]) if first + most < len(starts) else table.num_rows
        yield table.slice(begin, end - begin)


def _changes(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    """True at the first row and wherever a value differs from the one before."""
    changed = np.ones(len(values), bool)
    if len(values) > 1:
        column = values.combine_chunks()
        changed[1:] = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1)).to_numpy(
            zero_copy_only=False
        )
    return changed


def _seconds(column: pa.ChunkedArray) -> Integers:
    # Parquet has no unit of seconds, so instants come back in milliseconds.
    return _integers(column.cast(pa.timestamp("s"), safe=False))


def _integers(column: pa.ChunkedArray) -> Integers:
    return np.asarray(column.cast(pa.int64()).to_numpy(), np.int64)


def _read_lines(table: pa.Table, plan: _Plan) -> tuple[_Lines, pa.Array]:
    new_customer = _changes(table["customer_id"])
    instant = _seconds(table["ordered_at"])
    day = instant // _SECONDS_PER_DAY
    new_order = new_customer | _changes(table["order_id"])
    new_order[1:] |= day[1:] != day[:-1]
    product = table["product_id"].combine_chunks().dictionary_encode().indices
    quantity = np.asarray(table["quantity"].fill_null(0.0).to_numpy(), np.float64)
    lines = _Lines(
        customer=np.cumsum(new_customer) - 1,
        order=np.cumsum(new_order) - 1,
        day=day,
        known_day=_seconds(table["known_at"]) // _SECONDS_PER_DAY,
        second=instant % _SECONDS_PER_DAY,
        amount=_integers(table["amount"]),
        milli_items=np.rint(quantity * 1000).astype(np.int64),
        product=_integers(pa.chunked_array([product.fill_null(-1)])),
        is_purchase=np.asarray(pc.equal(table["kind"], "order").to_numpy(), bool),
        is_refund=np.asarray(pc.equal(table["kind"], "refund").to_numpy(), bool),
    )
    ids = table["customer_id"].combine_chunks().take(pa.array(np.flatnonzero(new_customer)))
    return lines, ids


def _measure_batch(table: pa.Table, plan: _Plan) -> tuple[pa.Table, pa.Table, int, int]:
    """Features and outcomes of whole customers: the kernel, Arrow in and Arrow out."""
    lines, ids = _read_lines(table, plan)
    late = _late_customers(lines, plan.cutoffs, len(ids))
    every = np.arange(len(plan.cutoffs))
    if not late.any():
        rows, columns = _features(lines, plan, every, len(ids))
    else:
        rows, columns = _features_with_late_lines(lines, plan, late, len(ids))
    customer, cutoff = rows // len(every), rows % len(every)
    keys = [
        ids.take(pa.array(customer)),
        pa.array(plan.cutoffs[cutoff].astype(np.int32)).cast(pa.date32()),
    ]
    features = pa.Table.from_arrays(
        keys + [_column(columns[f.name], f.type) for f in list(plan.schema)[2:]],
        schema=plan.schema,
    )
    closed = plan.cutoffs[cutoff] + plan.horizon_days <= plan.observed_until
    outcomes = pa.Table.from_arrays(
        [key.filter(pa.array(closed)) for key in keys]
        + _outcomes(lines, plan, rows[closed], len(ids)),
        schema=OUTCOME_SCHEMA,
    )
    return features, outcomes, len(ids), int(late.sum())


def _column(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """An Arrow column in which NaN has become null."""
    mask = np.isnan(values) if values.dtype.kind == "f" else None
    if pa.types.is_floating(kind):
        # -0.0 and 0.0 are equal numbers with different bytes.
        return pa.array(values.astype(np.float64) + 0.0, kind, mask=mask)
    filled = values if mask is None else np.where(mask, 0, values)
    return pa.array(filled.astype(np.int32), pa.int32(), mask=mask).cast(kind)


def _late_customers(lines: _Lines, cutoffs: Integers, customers: int) -> NDArray[np.bool_]:
    """Customers with a line that happened before some cutoff but was known only after it."""
    late = np.zeros(customers, bool)
    lagging = np.flatnonzero(lines.known_day > lines.day)
    seen = np.searchsorted(cutoffs, lines.day[lagging], side="right")
    known = np.searchsorted(cutoffs, lines.known_day[lagging], side="right")
    late[lines.customer[lagging[seen != known]]] = True
    return late


def _features_with_late_lines(
    lines: _Lines, plan: _Plan, late: NDArray[np.bool_], customers: int
) -> tuple[Integers, dict[str, Floats]]:
    """Features when some customers had lines that were known late.

    They are recomputed plainly, once per cutoff, from the lines known before it.
    """
    every = np.arange(len(plan.cutoffs))
    is_late = late[lines.customer]
    parts = [_features(lines.where(~is_late), plan, every, customers)]
    lagging = lines.where(is_late)
    for k in every:
        known = lagging.where(lagging.known_day < plan.cutoffs[k])
        parts.append(_features(known, plan, every[k : k + 1], customers))
    rows = np.concatenate([part[0] for part in parts])
    order = np.argsort(rows, kind="stable")
    columns = {
        name: np.concatenate([part[1][name] for part in parts])[order] for name in parts[0][1]
    }
    return rows[order], columns


def _stream(lines: _Lines, kept: NDArray[np.bool_], customers: int) -> _Stream:
    """Lines of one kind summed to their orders, in the order of customer and day."""
    chosen = np.flatnonzero(kept)
    first = np.ones(len(chosen), bool)
    first[1:] = lines.order[chosen[1:]] != lines.order[chosen[:-1]]
    at = np.flatnonzero(first)
    heads = chosen[at]
    # Lines come by order id within a day; its purchases are told apart by the clock first.
    days = lines.customer[heads] * _DAYS_APART + lines.day[heads]
    by_clock = np.argsort(days * _SECONDS_PER_DAY + lines.second[heads], kind="stable")
    heads = heads[by_clock]

    def total(values: Integers) -> Integers:
        sums = np.add.reduceat(values[chosen], at) if len(at) else np.zeros(0, np.int64)
        return np.asarray(sums[by_clock], np.int64)

    customer, day = lines.customer[heads], lines.day[heads]
    same = np.zeros(len(at), bool)
    same[1:] = customer[1:] == customer[:-1]
    gap = np.zeros(len(at), np.int64)
    gap[1:] = np.where(same[1:], day[1:] - day[:-1], 0)
    events = Events(
        day=day,
        second=lines.second[heads],
        amount=total(lines.amount),
        items=total(lines.milli_items),
        lines=total(np.ones(len(kept), np.int64)),
        repeat_lines=total(_bought_before(lines, kept)),
        new_day=(~same | (gap > 0)).astype(np.int64),
        gap_days=gap,
    )
    return _Stream(customer, events, np.searchsorted(customer, np.arange(customers)))


def _bought_before(lines: _Lines, kept: NDArray[np.bool_]) -> Integers:
    """1 for a line whose product the customer had bought on an earlier day, else 0."""
    flags = np.zeros(len(kept), np.int64)
    chosen = np.flatnonzero(kept & (lines.product >= 0))
    if len(chosen) == 0:
        return flags
    order, pair, day = _by_product(lines, chosen)
    new_pair = np.ones(len(order), bool)
    new_pair[1:] = pair[1:] != pair[:-1]
    first_day = day[np.maximum.accumulate(np.where(new_pair, np.arange(len(order)), 0))]
    flags[chosen[order]] = day > first_day
    return flags


def _by_product(lines: _Lines, chosen: Integers) -> tuple[Integers, Integers, Integers]:
    """Chosen lines ordered by (customer, product, day): order, pair number, day."""
    pair = lines.customer[chosen] * (int(lines.product[chosen].max()) + 1) + lines.product[chosen]
    # Lines come by customer and day, so a stable sort by pair keeps the days in order.
    order = np.argsort(pair, kind="stable")
    return order, pair[order], lines.day[chosen][order]


def _positions(stream: _Stream, edges: Integers, customers: int) -> Integers:
    """For each customer and edge, the number of the first event that is not before the edge."""
    width = len(edges) + 1
    # searchsorted(right): an event at the very edge is not before it.
    cell = stream.customer * width + np.searchsorted(edges, stream.events.day, side="right")
    counts = np.bincount(cell, minlength=customers * width).reshape(customers, width)
    before: Integers = stream.starts[:, None] + counts[:, :-1].cumsum(axis=1)
    return before


def _features(
    lines: _Lines, plan: _Plan, which: NDArray[np.intp], customers: int
) -> tuple[Integers, dict[str, Floats]]:
    """Feature columns for the cutoffs numbered ``which``; rows are customer x all cutoffs."""
    cutoffs = plan.cutoffs[which]
    streams = {
        "purchases": _stream(lines, lines.is_purchase, customers),
        "refunds": _stream(lines, lines.is_refund, customers),
    }
    purchases = streams["purchases"]
    ends = {name: _positions(s, cutoffs, customers) for name, s in streams.items()}
    exists = ends["purchases"] > purchases.starts[:, None]
    cells = np.flatnonzero(exists.ravel())
    customer, k = cells // len(which), cells % len(which)
    at = {name: positions.ravel()[cells] for name, positions in ends.items()}
    begin = {name: s.starts[customer] for name, s in streams.items()}
    windows = {w for m in MEASURES for w in m.windows(plan.windows_days)}
    edge = {
        (name, w): _positions(s, cutoffs - w, customers).ravel()[cells]
        for name, s in streams.items()
        for w in windows
    }
    scale = {"money": plan.amount_scale, "items": 1000}

    columns: dict[str, Floats] = {}
    for measure in MEASURES:
        stream = streams[measure.stream]
        running = np.concatenate([[0], np.cumsum(measure.value(stream.events))])
        for name, window in measure.columns(plan.windows_days):
            since = begin[measure.stream] if window is None else edge[measure.stream, window]
            total = running[at[measure.stream]] - running[since]
            columns[name] = total / scale.get(measure.unit, 1)
    for span in (*(f"{w}d" for w in plan.windows_days), "total"):
        # Rounded, since a difference of two exact amounts need not print like one.
        columns[f"spend_{span}"] = np.round(
            columns[f"gross_spend_{span}"] - columns[f"refunded_{span}"], 4
        )

    for w in YEAR_AGO_WINDOWS_DAYS:
        upto, since = (
            _positions(purchases, cutoffs - 365 + d, customers).ravel()[cells] for d in (w, 0)
        )
        columns[f"orders_year_ago_{w}d"] = (upto - since).astype(np.float64)
    columns |= _walked(purchases, at["purchases"], begin["purchases"], cutoffs[k], plan)
    refund_before = at["refunds"] > begin["refunds"]
    last_refund = np.maximum(at["refunds"] - 1, 0)
    refund_day = np.append(streams["refunds"].events.day, 0)[last_refund]
    columns["days_since_last_refund"] = np.where(refund_before, cutoffs[k] - refund_day, np.nan)
    for name, live in _distinct(lines, plan, cutoffs, customers).items():
        columns[name] = live.ravel()[cells]
    for name, values in plan.calendar.items():
        columns[name] = values[which][k].astype(np.float64)
    unknown = [
        *([] if plan.has_quantity else [n for n in columns if n.startswith("items_")]),
        *([] if plan.has_products else ["repeat_lines_total"]),
        *([] if plan.has_time else ["morning_orders_total", "evening_orders_total"]),
    ]
    for name in unknown:
        columns[name] = np.full(len(cells), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        for feature in DERIVED:
            columns[feature.name] = feature.formula(columns)
    return customer * len(plan.cutoffs) + which[k], columns


def _walked(
    purchases: _Stream, at: Integers, begin: Integers, cutoff: Integers, plan: _Plan
) -> dict[str, Floats]:
    """Features that look at single purchases instead of sums over a window."""
    events = purchases.events
    last = at - 1
    columns: dict[str, Floats] = {
        "days_since_last_order": (cutoff - events.day[last]).astype(np.float64),
        "days_since_first_order": (cutoff - events.day[begin]).astype(np.float64),
        "order_value_last": events.amount[last] / plan.amount_scale,
        "order_value_first": events.amount[begin] / plan.amount_scale,
        "first_order_on": events.day[begin].astype(np.float64),
        "last_order_on": events.day[last].astype(np.float64),
    }
    for back in ORDERS_BACK:
        there = at - back
        days = cutoff - events.day[np.maximum(there, 0)]
        columns[f"days_since_order_{back}_back"] = np.where(there >= begin, days, np.nan)
    ordinal = np.arange(len(events.day))
    last_gap = np.maximum.accumulate(np.where(events.gap_days > 0, ordinal, -1))[last]
    columns["gap_last_days"] = np.where(
        last_gap > begin, events.gap_days[np.maximum(last_gap, 0)], np.nan
    )
    columns["order_value_max"] = _running_maximum(purchases)[last] / plan.amount_scale
    return columns


def _running_maximum(purchases: _Stream) -> Integers:
    """The customer's largest purchase so far, at each purchase."""
    amounts, rank = np.unique(purchases.events.amount, return_inverse=True)
    # Ranks lifted by customer: a maximum over the batch is then one within the customer.
    lift = purchases.customer * len(amounts)
    highest = np.maximum.accumulate(lift + rank) - lift
    return amounts[highest] if len(amounts) else purchases.events.amount


def _distinct(
    lines: _Lines, plan: _Plan, cutoffs: Integers, customers: int
) -> dict[str, NDArray[np.float64]]:
    """Distinct products per window, as live intervals.

    A purchase of a product on day ``t``, next bought on ``t2``, counts at cutoffs in
    ``(t, min(t2, t + w)]``.
    """
    width = len(cutoffs) + 1
    chosen = np.flatnonzero(lines.is_purchase & (lines.product >= 0))
    names = [(f"distinct_products_{w}d" if w else "distinct_products_total", w)
             for w in DISTINCT_WINDOWS_DAYS]  # fmt: skip
    if not plan.has_products:
        return {name: np.full((customers, width - 1), np.nan) for name, _ in names}
    if len(chosen):
        order, pair, day = _by_product(lines, chosen)
        customer = lines.customer[chosen][order]
    else:
        customer = pair = day = np.zeros(0, np.int64)
    forever = np.iinfo(np.int64).max // 2
    next_day = np.full(len(day), forever)
    next_day[:-1] = np.where(pair[1:] == pair[:-1], day[1:], forever)
    born = customer * width + np.searchsorted(cutoffs, day, side="right")
    live: dict[str, NDArray[np.float64]] = {}
    for name, window in names:
        until = next_day if window is None else np.minimum(next_day, day + window)
        gone = customer * width + np.searchsorted(cutoffs, until, side="right")
        change = np.bincount(born, minlength=customers * width) - np.bincount(
            gone, minlength=customers * width
        )
        live[name] = change.reshape(customers, width)[:, :-1].cumsum(axis=1).astype(np.float64)
    return live


def _outcomes(lines: _Lines, plan: _Plan, rows: Integers, customers: int) -> list[pa.Array]:
    """returned, orders, net spend and days to return, for rows whose horizon has closed."""
    lines = lines.where(lines.known_day < plan.observed_until)
    begins, ends = plan.cutoffs, plan.cutoffs + plan.horizon_days
    totals: dict[str, tuple[Integers, Integers]] = {}
    purchases = _stream(lines, lines.is_purchase, customers)
    for name, stream in {
        "purchases": purchases,
        "refunds": _stream(lines, lines.is_refund, customers),
    }.items():
        since = _positions(stream, begins, customers).ravel()[rows]
        upto = _positions(stream, ends, customers).ravel()[rows]
        money = np.concatenate([[0], np.cumsum(stream.events.amount)])
        totals[name] = upto - since, money[upto] - money[since]
        if name == "purchases":
            first = since
    orders, spend = totals["purchases"]
    stops = np.append(purchases.starts[1:], len(purchases.customer))[rows // len(begins)]
    seen = first < stops
    day = np.append(purchases.events.day, 0)[np.where(seen, first, -1)]
    wait = day - plan.cutoffs[rows % len(begins)]
    return [
        pa.array(orders > 0),
        pa.array(orders.astype(np.int32)),
        pa.array((spend + totals["refunds"][1]) / plan.amount_scale),
        pa.array(wait.astype(np.int32), mask=~seen),
    ]
