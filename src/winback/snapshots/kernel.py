"""The kernel: features and outcomes of one batch of whole customers, Arrow in and Arrow out.

Each measure is an integer per event with a running total. One count of events per (customer,
cutoff) finds the position of every cutoff and window edge, and a window is then a difference of
two totals. Every driver, local or distributed, calls `measure_customers`; which rows make a batch
does not change what comes out.

Events may be known later than they happened. For refunds and signals two running totals serve,
``A`` in the order of knowing and ``B`` in the order of happening: a window of ``w`` days before
the cutoff ``c`` is ``A(c) - B(c - w)`` plus the events with ``happened + w < c <= known``, which
``B`` took away although ``A`` had not brought them. Purchases carry gaps, repeats and maxima,
which do not add up; the few (customer, cutoff) pairs between the happening and the knowing of a
purchase's line are worked out plainly from the lines known by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from winback.arrays import Floats, Integers
from winback.features import (
    DERIVED,
    DISTINCT_WINDOWS_DAYS,
    ORDERS_BACK,
    YEAR_AGO_WINDOWS_DAYS,
    Events,
    FeatureSet,
    Happenings,
    Measure,
)
from winback.snapshots.custom import custom_columns
from winback.snapshots.declared import positions
from winback.snapshots.plan import Plan
from winback.snapshots.rhythm import rhythm
from winback.snapshots.windows import (
    DAYS_APART,
    Cells,
    Stream,
    View,
    live_intervals,
    positions_of,
    stable_order,
)
from winback.tables.history import ATTRIBUTES, SIGNALS
from winback.tables.outcomes import OUTCOMES
from winback.tables.table import Table

SECONDS_PER_DAY = 86_400


class Batch(NamedTuple):
    """What a batch of whole customers comes to.

    ``late`` counts the customers with a purchase line that some cutoff lies between the
    happening and the knowing of; ``custom_seconds`` is the time spent in a shop's own functions.
    """

    features: pa.Table
    outcomes: pa.Table
    customers: int
    late: int
    custom_seconds: Mapping[str, float]


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
        return _Lines(**{f.name: getattr(self, f.name)[kept] for f in fields(self)})

    @cached_property
    def by_product(self) -> _ByProduct:
        """Lines of purchases that name a product, ordered by customer, product and day."""
        chosen = np.flatnonzero(self.is_purchase & (self.product >= 0))
        if len(chosen) == 0:
            empty = np.zeros(0, np.int64)
            return _ByProduct(empty, empty, empty, empty)
        products = int(self.product[chosen].max()) + 1
        pair = self.customer[chosen] * products + self.product[chosen]
        # Lines come by customer and day, so that order within a pair is that of days.
        order = stable_order(pair)
        return _ByProduct(
            chosen[order], self.customer[chosen[order]], pair[order], self.day[chosen[order]]
        )


class _ByProduct(NamedTuple):
    line: Integers
    customer: Integers
    pair: Integers
    day: Integers


def measure_customers(
    lines: pa.Table,
    plan: Plan,
    signals: pa.Table | None = None,
    attributes: pa.Table | None = None,
) -> Batch:
    """Features and outcomes of whole customers.

    Args:
        lines: canonical order lines, sorted by customer, day and order.
        plan: cutoffs, windows and declarations.
        signals: the signals of (at least) the same customers, sorted by customer, day, name.
        attributes: what was set of their attributes, sorted by customer, day of knowing, name.
    """
    read, ids = _read_lines(lines)
    customers, every, scale = len(ids), np.arange(len(plan.cutoffs)), plan.amount_scale
    purchases = _orders(read, read.is_purchase, customers, scale)
    late = _late_cells(read, plan.cutoffs, customers)
    if late is None:
        rows, columns = _purchase_features(read, purchases, plan, every, None)
    else:
        rows, columns = _with_late_lines(read, purchases, plan, late)
    cells = Cells(rows, plan.cutoffs, customers)
    refunds = _orders(read, read.is_refund, customers, scale, by_known=True)
    streams = {"refunds": refunds, **_signal_streams(signals, ids, plan.features)}
    views = {name: View(stream, cells) for name, stream in streams.items()}
    for measure in plan.features.measures:
        if measure.stream != "purchases":
            columns |= _aggregated(measure, views[measure.stream], plan, columns)
    columns |= _since_last(views["refunds"], cells, "refund")
    for signal in plan.features.signals:
        columns |= _since_last(views[signal.name], cells, signal.name)
        if "open" in signal.aggregates:
            columns[f"{signal.name}_open"] = _open(signal.name, signal.closed_by, streams, cells)
    columns |= _as_of(attributes, ids, plan.features, cells)
    for span in (*(f"{w}d" for w in plan.features.windows_days), "total"):
        bought, sent_back = columns[f"gross_spend_{span}"], columns[f"refunded_{span}"]
        columns[f"gross_spend_{span}"] = columns[f"spend_{span}"] = _scaled(bought, scale)
        columns[f"refunded_{span}"] = _scaled(sent_back, scale)
        if len(views["refunds"].some):
            # In whole numbers: a difference of decimals is not the decimal of the difference.
            columns[f"spend_{span}"] = _scaled(bought - sent_back, scale)
    for name, values in plan.calendar.items():
        columns[name] = values[cells.k]
    columns |= _unknown(plan, len(rows))
    with np.errstate(invalid="ignore", divide="ignore"):
        for feature in DERIVED:
            columns[feature.name] = feature.formula(columns)
    custom, seconds = custom_columns(lines, ids, cells.customer, cells.k, plan)
    keys = [
        ids.take(pa.array(cells.customer)),
        pa.array(cells.cutoff.astype(np.int32)).cast(pa.date32()),
    ]
    columns |= custom
    features = pa.Table.from_arrays(
        keys + [_column(columns[f.name], f.type) for f in list(plan.schema)[2:]],
        schema=plan.schema,
    )
    closed = cells.cutoff + plan.horizon_days <= plan.observed_until
    settled = read.known_day < plan.observed_until
    if not settled.all():
        read = read.where(settled)
        purchases = _orders(read, read.is_purchase, customers, scale)
        refunds = _orders(read, read.is_refund, customers, scale)
    outcomes = pa.Table.from_arrays(
        [key.filter(pa.array(closed)) for key in keys]
        + _outcomes(purchases, refunds, plan, rows[closed], customers),
        schema=OUTCOMES.schema,
    )
    late_customers = 0 if late is None else int(late.any(axis=1).sum())
    return Batch(features, outcomes, customers, late_customers, seconds)


# --- reading -------------------------------------------------------------------------------------


def changes(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    """True at the first row and wherever a value differs from the one before."""
    changed = np.ones(len(values), bool)
    if len(values) > 1:
        column = _one_array(values)
        if pa.types.is_dictionary(column.type):
            codes = column.indices.to_numpy()
            changed[1:] = codes[1:] != codes[:-1]
        else:
            changed[1:] = pc.not_equal(column.slice(1), column.slice(0, len(column) - 1)).to_numpy(
                zero_copy_only=False
            )
    return changed


def _one_array(values: pa.ChunkedArray) -> pa.Array:
    """The column in one piece; codes of different chunks then mean the same."""
    if values.num_chunks == 1:
        return values.chunk(0)
    if pa.types.is_dictionary(values.type):
        values = values.unify_dictionaries()
    return values.combine_chunks()


def _is(values: pa.ChunkedArray, word: str) -> NDArray[np.bool_]:
    column = _one_array(values)
    if pa.types.is_dictionary(column.type):
        same = np.asarray(pc.equal(column.dictionary, word).to_numpy(zero_copy_only=False), bool)
        said: NDArray[np.bool_] = same[column.indices.to_numpy()]
        return said
    return np.asarray(pc.equal(column, word).to_numpy(zero_copy_only=False), bool)


def _seconds(column: pa.ChunkedArray) -> Integers:
    # Parquet has no unit of seconds, so instants come back in milliseconds.
    return _integers(column.cast(pa.timestamp("s"), safe=False))


def _integers(column: pa.ChunkedArray) -> Integers:
    return np.asarray(column.cast(pa.int64()).to_numpy(), np.int64)


def _thousandths(column: pa.ChunkedArray) -> Integers:
    numbers = np.asarray(column.fill_null(0.0).to_numpy(), np.float64)
    return np.rint(numbers * 1000).astype(np.int64)


def _read_lines(table: pa.Table) -> tuple[_Lines, pa.Array]:
    new_customer = changes(table["customer_id"])
    instant = _seconds(table["ordered_at"])
    day = instant // SECONDS_PER_DAY
    new_order = new_customer | changes(table["order_id"])
    new_order[1:] |= day[1:] != day[:-1]
    product = _one_array(table["product_id"])
    if not pa.types.is_dictionary(product.type):
        product = product.dictionary_encode()
    known = _seconds(table["known_at"]) // SECONDS_PER_DAY
    lines = _Lines(
        customer=np.cumsum(new_customer) - 1,
        order=np.cumsum(new_order) - 1,
        day=day,
        known_day=np.maximum(known, day),
        second=instant - day * SECONDS_PER_DAY,
        amount=_integers(table["amount"]),
        milli_items=_thousandths(table["quantity"]),
        product=_integers(pa.chunked_array([product.indices.fill_null(-1)])),
        is_purchase=_is(table["kind"], "order"),
        is_refund=_is(table["kind"], "refund"),
    )
    ids = _one_array(table["customer_id"]).take(pa.array(np.flatnonzero(new_customer)))
    return lines, ids.cast(pa.string())


def _column(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    """An Arrow column in which NaN has become null."""
    if values.dtype.kind != "f":
        # Arrow takes arrays of its own type as they are; Arrow's own casts are slower.
        own = np.float64 if pa.types.is_floating(kind) else np.int32
        return pa.array(values.astype(own, copy=False)).cast(kind)
    # -0.0 and 0.0 are equal numbers with different bytes.
    values = np.add(values, 0.0, out=values if values.flags.writeable else None)
    present, absent = None, 0
    # The least of numbers with a NaN among them is NaN: one pass, and most columns have none.
    if np.isnan(values.min(initial=0.0)):
        filled = values == values
        present = pa.py_buffer(np.packbits(filled, bitorder="little"))
        absent = len(values) - int(np.count_nonzero(filled))
    return pa.Array.from_buffers(
        pa.float64(), len(values), [present, pa.py_buffer(values)], absent
    ).cast(kind)


# --- events --------------------------------------------------------------------------------------


def _orders(
    lines: _Lines, kept: NDArray[np.bool_], customers: int, scale: int, *, by_known: bool = False
) -> Stream:
    """Lines of one kind summed to their orders, in the order of customer, day and clock.

    With ``by_known`` the lines of an order that became known on different days are events of
    their own, and the first known of them counts the order.
    """
    chosen = np.flatnonzero(kept)
    order, known = lines.order[chosen], lines.known_day[chosen]
    if by_known and (known > lines.day[chosen]).any():
        again = np.lexsort((known, order))
        chosen, order, known = chosen[again], order[again], known[again]
    first = np.ones(len(chosen), bool)
    first[1:] = order[1:] != order[:-1]
    begins = first.copy()
    if by_known:
        begins[1:] |= known[1:] != known[:-1]
    at = np.flatnonzero(begins)
    heads = chosen[at]
    # Lines come by order id within a day; its purchases are told apart by the clock first.
    days = lines.customer[heads] * DAYS_APART + lines.day[heads]
    by_clock = np.argsort(days * SECONDS_PER_DAY + lines.second[heads], kind="stable")
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
        lines=np.diff(np.append(at, len(chosen)))[by_clock],
        repeat_lines=np.zeros(len(at), np.int64) if by_known else total(_bought_before(lines)),
        new_day=(~same | (gap > 0)).astype(np.int64),
        gap_days=gap,
        one=first[at][by_clock].astype(np.int64),
        amount_scale=scale,
    )
    starts = np.searchsorted(customer, np.arange(customers))
    return Stream(customer, known[at][by_clock], events, starts)


def _bought_before(lines: _Lines) -> Integers:
    """1 for a line whose product the customer had bought on an earlier day, else 0."""
    flags = np.zeros(len(lines.day), np.int64)
    bought = lines.by_product
    if len(bought.line):
        new_pair = np.ones(len(bought.pair), bool)
        new_pair[1:] = bought.pair[1:] != bought.pair[:-1]
        first = np.maximum.accumulate(np.where(new_pair, np.arange(len(new_pair)), 0))
        flags[bought.line] = bought.day > bought.day[first]
    return flags


def _signal_streams(
    signals: pa.Table | None, ids: pa.Array, features: FeatureSet
) -> dict[str, Stream]:
    """The signals that features are declared of, by name, of the customers of the batch."""
    names = {s.name for s in features.signals} | {
        s.closed_by for s in features.signals if s.closed_by
    }
    streams: dict[str, Stream] = {}
    for name in sorted(names):
        customer, rows = _rows_of(signals, name, SIGNALS, ids)
        instant = _seconds(rows["happened_at"])
        day = instant // SECONDS_PER_DAY
        known = np.maximum(_seconds(rows["known_at"]) // SECONDS_PER_DAY, day)
        valued = np.asarray(rows["value"].is_valid().to_numpy(), bool).astype(np.int64)
        value = _thousandths(rows["value"])
        # Equal instants are told apart by the value, so that the order of rows is no matter.
        order = np.lexsort((value, known, instant, customer))
        events = Happenings(
            day[order], (instant - day * SECONDS_PER_DAY)[order], value[order], valued[order]
        )
        starts = np.searchsorted(customer[order], np.arange(len(ids)))
        streams[name] = Stream(customer[order], known[order], events, starts)
    return streams


def _rows_of(
    found: pa.Table | None, name: str, table: Table, ids: pa.Array
) -> tuple[Integers, pa.Table]:
    """Rows of one name, of the batch's customers, and each one's number in the batch."""
    if found is None:
        found = table.schema.empty_table()
    rows = found.filter(pc.equal(found["name"], name))
    number = pc.index_in(rows["customer_id"].combine_chunks(), value_set=ids)
    rows = rows.filter(number.is_valid())
    return np.asarray(number.drop_null().to_numpy(), np.int64), rows


# --- windows -------------------------------------------------------------------------------------


def _aggregated(
    measure: Measure, view: View, plan: Plan, columns: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Every column of a measure."""
    events = view.stream.events
    values = measure.value(events)
    scale = {"money": plan.amount_scale, "items": 1000, "value": 1000}.get(measure.unit, 1)
    wanted = list(measure.columns(plan.features.windows_days))
    spans = list(dict.fromkeys(w for _, _, windows in wanted for w in windows))
    over = None if measure.over is None else measure.over(events)
    counted: dict[int | None, Integers] = {}

    def counts(w: int | None) -> Integers:
        if not counted:
            counted.update(view.sums(events.one if over is None else over, spans))
        return counted[w]

    sums = view.sums(values, spans) if {"sum", "mean", "sd", "share", "ratio"} & {
        aggregate for _, aggregate, _ in wanted
    } else {}  # fmt: skip
    among = None if over is None else over > 0
    made: dict[str, NDArray[Any]] = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        for name, aggregate, windows in wanted:
            w = windows[0]
            if aggregate == "sum":
                # Money stays whole until refunds have been taken from purchases.
                whole = scale == 1 or measure.unit == "money"
                made[name] = sums[w] if whole else sums[w] / scale
            elif aggregate == "mean":
                made[name] = _over(sums[w], counts(w)) / scale
            elif aggregate == "sd":
                made[name] = _deviation(view, values, sums[w], counts(w), w) / scale
            elif aggregate == "share":
                span = f"{w}d" if w else "total"
                made[name] = _over(sums[w] / scale, columns[f"orders_{span}"])
            elif aggregate == "ratio":
                short, long = (sums[w] / w for w in windows if w)
                made[name] = _over(short, long)
            elif aggregate == "distinct":
                made |= {
                    f"{measure.name}_distinct_{w}d" if w else f"{measure.name}_distinct_total": n
                    for w, n in view.distinct(values, [w], among).items()
                }
            else:
                numbers = (
                    view.first(among) if aggregate == "first"
                    else view.last(among) if aggregate == "last"
                    else view.largest(values, among)
                )  # fmt: skip
                made[name] = view.values_at(numbers, values) / scale
    return made


def _scaled(values: NDArray[Any], scale: int) -> Floats:
    """Whole numbers in units of ``scale``; at once converted and divided, which is faster."""
    scaled = values.astype(np.float64)
    scaled /= scale
    return scaled


def _over(top: NDArray[Any], bottom: NDArray[Any]) -> Floats:
    ratio: Floats = top / np.where(bottom == 0, np.nan, bottom)
    return ratio


def _deviation(
    view: View, values: Integers, total: Integers, count: Integers, window: int | None
) -> Floats:
    """Standard deviation with n in the denominator, from exact sums of squares.

    Squares of large values cancel almost wholly, so they are summed around a whole number near
    the mean. That sum is exact modulo 2^64, as numbers of 64 bits are that run over; how often
    they ran over is told by three sums of halves, whose rounding is far below 2^64.
    """
    total, count = total.astype(np.int64), count.astype(np.int64)
    high, low = values >> 21, values & ((1 << 21) - 1)
    parts = (values * values, high * high, high * low, low * low)
    squares, *halves = (view.sums(part, [window])[window].astype(np.int64) for part in parts)
    near = total // np.maximum(count, 1)
    rest = total - near * count
    wrapped = (squares - near * (total + rest)).astype(np.float64)
    high_high, high_low, low_low = (part.astype(np.float64) for part in halves)
    mean = _over(total, count)
    rough = high_high * 2.0**42 + high_low * 2.0**22 + low_low - mean * total
    around = wrapped + 2.0**64 * np.rint((rough - wrapped) / 2.0**64)
    return np.sqrt(np.maximum(_over(around - rest * _over(rest, count), count), 0.0))


def _since_last(view: View, cells: Cells, name: str) -> dict[str, Floats]:
    return {f"days_since_last_{name}": cells.cutoff - view.values_at(view.last(), view.stream.day)}


def _open(
    name: str, closed_by: str | None, streams: Mapping[str, Stream], cells: Cells
) -> Integers:
    """Signals opened less those closed, as known by each cutoff; at no moment below zero."""
    both = [streams[each] for each in (name, closed_by) if each]
    customer = np.concatenate([stream.customer for stream in both])
    known = np.concatenate([stream.known for stream in both])
    day = np.concatenate([stream.day for stream in both])
    second = np.concatenate([stream.events.second for stream in both])
    step = np.repeat([1, -1][: len(both)], [len(stream.day) for stream in both])
    # What opens and closes at one instant was open in between.
    order = np.lexsort((-step, second, day, customer))
    customer, known, day, step = customer[order], known[order], day[order], step[order]

    def upto(kept: NDArray[np.bool_], which: Integers) -> Integers:
        """How many are open before the cutoff of each of these cells, of the events kept."""
        who, when = customer[kept], day[kept]
        # A closing that finds nothing open closes nothing: the least total so far is the floor.
        total = np.cumsum(step[kept])
        starts = np.searchsorted(who, np.arange(cells.customers))
        before = np.append(0, total)[starts][who]
        lift = who * (2 * len(who) + 2)
        least = np.minimum.accumulate(total - before - lift) + lift
        level = np.append(total - before - np.minimum(least, 0), 0)
        cell = cells.customer[which] * DAYS_APART
        seen = np.searchsorted(who * DAYS_APART + when, cell + cells.cutoff[which])
        return np.where(seen > starts[cells.customer[which]], level[seen - 1], 0)

    every = np.arange(len(cells))
    found = upto(np.ones(len(day), bool), every)
    # Who has something known late: what was known decides at each cutoff anew.
    late = np.zeros(cells.customers, bool)
    late[customer[known > day]] = True
    again = np.flatnonzero(late[cells.customer])
    for k in np.unique(cells.k[again]):
        which = again[cells.k[again] == k]
        found[which] = upto(late[customer] & (known < cells.cutoffs[k]), which)
    return found


def _as_of(
    attributes: pa.Table | None, ids: pa.Array, features: FeatureSet, cells: Cells
) -> dict[str, NDArray[Any]]:
    """Attributes as they were known before each cutoff, and for how long."""
    made: dict[str, NDArray[Any]] = {}
    for attribute in features.attributes:
        customer, rows = _rows_of(attributes, attribute.name, ATTRIBUTES, ids)
        instant = _seconds(rows["known_at"])
        text = rows["value"].cast(pa.string())
        # At one instant the value that is last in the alphabet stands, whatever the rows' order.
        rank = np.asarray(pc.rank(text, "ascending", tiebreaker="dense").to_numpy(), np.int64)
        order = np.lexsort((rank, instant, customer))
        level = _levels(text, attribute.levels)[order]
        day = instant[order] // SECONDS_PER_DAY
        starts = np.searchsorted(customer[order], np.arange(len(ids)))
        view = View(Stream(customer[order], day, Happenings(day, day, day, day), starts), cells)
        last = view.last()
        made[attribute.name] = view.values_at(last, level)
        made[f"days_since_{attribute.name}_set"] = cells.cutoff - view.values_at(last, day)
    return made


def _levels(text: pa.ChunkedArray, levels: tuple[str, ...]) -> Floats:
    """The position of each value among the levels, or without levels its number; else null."""
    codes = _one_array(text).dictionary_encode()
    found = np.append(positions(codes.dictionary.to_pylist(), levels), np.nan)
    return found[np.asarray(codes.indices.fill_null(-1).to_numpy(), np.int64)]


# --- features of purchases -----------------------------------------------------------------------


def _late_cells(lines: _Lines, cutoffs: Integers, customers: int) -> NDArray[np.bool_] | None:
    """Customer x cutoff, true between the happening and the knowing of a purchase's line."""
    lagging = np.flatnonzero((lines.known_day > lines.day) & lines.is_purchase)
    seen = np.searchsorted(cutoffs, lines.day[lagging], side="right")
    known = np.searchsorted(cutoffs, lines.known_day[lagging], side="right")
    if (seen == known).all():
        return None
    change = np.zeros((customers, len(cutoffs) + 1), np.int64)
    np.add.at(change, (lines.customer[lagging], seen), 1)
    np.add.at(change, (lines.customer[lagging], known), -1)
    late: NDArray[np.bool_] = change[:, :-1].cumsum(axis=1) > 0
    return late


def _with_late_lines(
    lines: _Lines, purchases: Stream, plan: Plan, late: NDArray[np.bool_]
) -> tuple[Integers, dict[str, NDArray[Any]]]:
    """Features of purchases where some pairs must not see every line that had happened."""
    every = np.arange(len(plan.cutoffs))
    parts = [_purchase_features(lines, purchases, plan, every, late)]
    for k in np.flatnonzero(late.any(axis=0)):
        known = lines.where(late[:, k][lines.customer] & (lines.known_day < plan.cutoffs[k]))
        seen = _orders(known, known.is_purchase, len(late), plan.amount_scale)
        parts.append(_purchase_features(known, seen, plan, every[k : k + 1], None))
    rows = np.concatenate([part[0] for part in parts])
    order = np.argsort(rows, kind="stable")
    columns = {
        name: np.concatenate([part[1][name] for part in parts])[order] for name in parts[0][1]
    }
    return rows[order], columns


def _purchase_features(
    lines: _Lines, purchases: Stream, plan: Plan, which: Integers,
    left_out: NDArray[np.bool_] | None,
) -> tuple[Integers, dict[str, NDArray[Any]]]:  # fmt: skip
    """Columns of purchases for the cutoffs numbered ``which``; rows are customer x all cutoffs.

    A row exists for every customer with a purchase before the cutoff, unless it is left out.
    """
    cutoffs, customers = plan.cutoffs[which], len(purchases.starts)
    # Late lines are dealt with by the caller: here what has happened is known.
    seen = Stream(purchases.customer, purchases.day, purchases.events, purchases.starts)
    ends = positions_of(seen, seen.happened, cutoffs).reshape(customers, -1)[:, :-1]
    exists = ends > seen.starts[:, None]
    if left_out is not None:
        exists &= ~left_out
    cells = Cells(np.flatnonzero(exists.ravel()), cutoffs, customers)
    view = View(seen, cells)
    columns: dict[str, NDArray[Any]] = {}
    for measure in plan.features.measures:
        if measure.stream == "purchases":
            columns |= _aggregated(measure, view, plan, columns)
    for w in YEAR_AGO_WINDOWS_DAYS:
        columns[f"orders_year_ago_{w}d"] = view.edge(365 - w) - view.edge(365)
    columns |= _walked(view, cells.cutoff, plan)
    columns |= rhythm(view, cells.cutoff, plan.block_days)
    columns |= _distinct_products(lines, cells, plan)
    return cells.customer * len(plan.cutoffs) + which[cells.k], columns


def _walked(view: View, cutoff: Integers, plan: Plan) -> dict[str, NDArray[Any]]:
    """Features that look at single purchases instead of sums over a window."""
    events: Events = view.stream.events
    begin, last = view.begin, view.at - 1
    first_on, last_on = events.day.take(begin), events.day.take(last)
    columns: dict[str, NDArray[Any]] = {
        "days_since_last_order": cutoff - last_on,
        "days_since_first_order": cutoff - first_on,
        "order_value_last": events.amount[last] / plan.amount_scale,
        "order_value_first": events.amount[begin] / plan.amount_scale,
        "order_value_max": events.amount[view.largest(events.amount)] / plan.amount_scale,
        "first_order_on": first_on,
        "last_order_on": last_on,
    }
    for back in ORDERS_BACK:
        there = view.at - back
        days = cutoff - events.day[np.maximum(there, 0)]
        columns[f"days_since_order_{back}_back"] = np.where(there >= begin, days, np.nan)
    ordinal = np.arange(len(events.day))
    last_gap = np.maximum.accumulate(np.where(events.gap_days > 0, ordinal, -1))[last]
    columns["gap_last_days"] = np.where(
        last_gap > begin, events.gap_days[np.maximum(last_gap, 0)], np.nan
    )
    return columns


def _distinct_products(lines: _Lines, cells: Cells, plan: Plan) -> dict[str, Integers]:
    """Distinct products per window; what has happened is known."""
    names = {w: f"distinct_products_{w}d" if w else "distinct_products_total"
             for w in DISTINCT_WINDOWS_DAYS}  # fmt: skip
    bought = lines.by_product
    return {
        names[w]: live.take(cells.counted)
        for w, live in live_intervals(
            bought.customer, bought.pair, bought.day, bought.day, names, cells.cutoffs,
            cells.customers,
        )
    }  # fmt: skip


def _unknown(plan: Plan, rows: int) -> dict[str, Floats]:
    """Columns of what the source does not say, as nulls."""
    names = [c.name for c in plan.features.columns()]
    unknown = [
        *([] if plan.has_quantity else [n for n in names if n.startswith("items_")]),
        *([] if plan.has_products else [n for n in names if n.startswith("distinct_products_")]),
        *([] if plan.has_products else ["repeat_lines_total"]),
        *([] if plan.has_time else ["morning_orders_total", "evening_orders_total"]),
    ]
    return {name: np.full(rows, np.nan) for name in unknown}


def _outcomes(
    purchases: Stream, refunds: Stream, plan: Plan, rows: Integers, customers: int
) -> list[pa.Array]:
    """returned, orders, net spend and days to return, for rows whose horizon has closed."""
    begins, ends = plan.cutoffs, plan.cutoffs + plan.horizon_days
    counted: list[tuple[Integers, Integers, Integers]] = []
    for stream in (purchases, refunds):
        since, upto = (
            positions_of(stream, stream.happened, edges).take(rows + rows // len(begins))
            for edges in (begins, ends)
        )
        money = np.concatenate([[0], np.cumsum(stream.events.amount)])
        counted.append((since, upto - since, money[upto] - money[since]))
    (first, orders, spend), (_, _, sent_back) = counted
    stops = np.append(purchases.starts[1:], len(purchases.customer))[rows // len(begins)]
    seen = first < stops
    day = np.append(purchases.day, 0)[np.where(seen, first, -1)]
    wait = day - begins[rows % len(begins)]
    return [
        pa.array(orders > 0),
        pa.array(orders.astype(np.int32)),
        pa.array((spend + sent_back) / plan.amount_scale),
        pa.array(wait.astype(np.int32), mask=~seen),
    ]
