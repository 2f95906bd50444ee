"""Windows as differences of running totals, at the positions of cutoffs and edges.

Nothing here knows what an event means: a `Stream` holds events of one kind, `Cells` are the rows
to be made, and a `View` is what had happened, and was known, at each of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Floats, Integers

DAYS_APART = 1 << 23  # more days than two dates can be apart, so that customers never meet
_FOREVER = np.iinfo(np.int64).max // 2
_SMALL = 1 << 21  # a year's days times as much still fits in 32 bits


def stable_order(keys: Integers) -> Integers:
    """A stable argsort of numbers that are not negative."""
    bits = max(len(keys) - 1, 1).bit_length()
    if int(keys.max(initial=0)) >> (62 - bits):
        return np.argsort(keys, kind="stable")
    # Sorting keys with their position inside is several times faster than an argsort.
    packed = (keys << bits) | np.arange(len(keys))
    packed.sort()
    return packed & ((1 << bits) - 1)


@dataclass(frozen=True)
class Stream:
    """Events of one kind, ordered by customer and day, with the first event of each customer."""

    customer: Integers
    known: Integers
    events: Any
    starts: Integers

    @property
    def day(self) -> Integers:
        """The day each happened on."""
        days: Integers = self.events.day
        return days

    @cached_property
    def happened(self) -> _Days:
        """Those days, ready to be placed among edges."""
        return _Days(self.day)

    @cached_property
    def is_late(self) -> bool:
        """Whether any became known after it happened."""
        return self.known is not self.day and bool((self.known > self.day).any())

    @cached_property
    def by_known(self) -> Integers:
        """Numbers of the events in the order of customer and knowing."""
        return np.argsort(self.customer * DAYS_APART + self.known, kind="stable")


@dataclass(frozen=True)
class Cells:
    """The rows to be made: a customer of the batch and the number of a cutoff, for each."""

    place: Integers  # customer x number of cutoffs + the cutoff's number
    cutoffs: Integers
    customers: int

    @cached_property
    def customer(self) -> Integers:
        """Each row's number of the customer in the batch."""
        return self.place // len(self.cutoffs)

    @cached_property
    def k(self) -> Integers:
        """Each row's number of the cutoff."""
        return self.place - self.customer * len(self.cutoffs)

    @cached_property
    def cutoff(self) -> Integers:
        """Each row's cutoff."""
        return self.cutoffs[self.k]

    @cached_property
    def counted(self) -> Integers:
        """The place in a table of customers x (cutoffs + 1), as counts of what is behind have."""
        return self.place + self.customer

    def __len__(self) -> int:
        return len(self.place)

    def where(self, kept: Integers) -> Cells:
        """Some of them."""
        return Cells(self.place[kept], self.cutoffs, self.customers)


class _Days:
    """The days of events, and for each how many edges are not after it."""

    def __init__(self, days: Integers) -> None:
        self.days = days
        self.first, self.last = (int(days.min()), int(days.max())) if len(days) else (0, 0)
        # Where days lie close, every edge is looked up in one table of the days there are.
        self.close = self.last - self.first <= len(days)

    @cached_property
    def since_first(self) -> Integers:
        return self.days - self.first

    def behind(self, edges: Integers) -> Integers:
        """For each day, how many edges are not after it; one at the very edge is behind it."""
        if not self.close:
            return np.searchsorted(edges, self.days, side="right")
        table = np.searchsorted(edges, np.arange(self.first, self.last + 1), side="right")
        return table.take(self.since_first)


def positions_of(stream: Stream, days: _Days, edges: Integers) -> Integers:
    """Number of the first event that is not before an edge, by customer x (edges + 1)."""
    width = len(edges) + 1
    cell = days.behind(edges)
    cell += stream.customer * width
    # Events come by customer, so those of earlier customers are part of the running count.
    return np.cumsum(np.bincount(cell, minlength=len(stream.starts) * width))


class View:
    """A stream as it is seen from each cell: what had happened, and was known, by its cutoff."""

    def __init__(self, stream: Stream, cells: Cells) -> None:
        self.stream = stream
        self.size = len(cells)
        # Most customers have no refund or ticket; their cells need no looking up.
        ends = np.append(stream.starts[1:], len(stream.customer))
        self.some = np.flatnonzero((ends > stream.starts)[cells.customer])
        self.cells = cells if len(self.some) == self.size else cells.where(self.some)
        self.begin = stream.starts[self.cells.customer]
        known = _Days(stream.known[stream.by_known]) if stream.is_late else stream.happened
        self.at = self._seen(known, cells.cutoffs)
        self._edges: dict[int, Integers] = {}

    def _seen(self, days: _Days, edges: Integers) -> Integers:
        return positions_of(self.stream, days, edges).take(self.cells.counted)

    def edge(self, days: int) -> Integers:
        """Number of the first event that happened less than ``days`` before the cutoff."""
        if days not in self._edges:
            self._edges[days] = self._seen(self.stream.happened, self.cells.cutoffs - days)
        return self._edges[days]

    def spread(self, values: NDArray[Any], absent: float = 0) -> NDArray[Any]:
        """Values of the cells with events, among all cells."""
        if len(values) == self.size:
            return values
        kind = np.result_type(values, np.float64) if absent != absent else values.dtype
        full = np.full(self.size, absent, kind)
        full[self.some] = values
        return full

    def sums(self, values: Integers, windows: Iterable[int | None]) -> dict[int | None, Integers]:
        """Totals of an integer per event over each window, at every cell."""
        happened = _running_total(values)
        late = self.stream.is_late
        known = _running_total(values[self.stream.by_known]) if late else happened
        upto = known.take(self.at)
        sums: dict[int | None, Integers] = {}
        for w in windows:
            total = happened.take(self.begin if w is None else self.edge(w))
            np.subtract(upto, total, out=total)
            if late and w is not None:
                total = total + self._not_yet_known(values, w)
            sums[w] = self.spread(total)
        return sums

    def _not_yet_known(self, values: Integers, window: int) -> Integers:
        """Sum over events with happened + window < cutoff <= known, at every cell."""
        stream, cutoffs = self.stream, self.cells.cutoffs
        lagging = np.flatnonzero(stream.known > stream.day + window)
        width = len(cutoffs) + 1
        change = np.zeros(self.cells.customers * width, np.int64)
        row = stream.customer[lagging] * width
        # A cutoff c is inside (happened + window, known] when it is behind one, not the other.
        left = row + np.searchsorted(cutoffs, stream.day[lagging] + window, side="right")
        right = row + np.searchsorted(cutoffs, stream.known[lagging], side="right")
        np.add.at(change, left, values[lagging])
        np.add.at(change, right, -values[lagging])
        # What a customer's row adds it takes away again, so that rows need no parting.
        return np.cumsum(change).take(self.cells.counted)

    def last(self, among: NDArray[np.bool_] | None = None) -> Integers:
        """Number of the last event (in the order of happening) known by each cutoff, or -1."""
        numbers = np.arange(len(self.stream.day))
        if among is not None:
            numbers = np.where(among, numbers, -1)
        highest = np.maximum.accumulate(self._as_known(numbers))
        found = np.append(highest, -1)[self.at - 1]
        # Numbers grow with the customer, so an earlier customer's event shows as too low.
        return np.where((self.at > self.begin) & (found >= self.begin), found, -1)

    def first(self, among: NDArray[np.bool_] | None = None) -> Integers:
        """Number of the first event (in the order of happening) known by each cutoff, or -1."""
        size = len(self.stream.day)
        numbers = np.arange(size)
        if among is not None:
            numbers = np.where(among, numbers, size)
        # Lowered by customer: a minimum over the batch is then one within the customer.
        lowered = self._as_known(numbers) - self.stream.customer * (size + 1)
        lowest = np.minimum.accumulate(lowered) + self.stream.customer * (size + 1)
        found = np.append(lowest, size)[self.at - 1]
        return np.where((self.at > self.begin) & (found < size), found, -1)

    def largest(self, values: Integers, among: NDArray[np.bool_] | None = None) -> Integers:
        """Number of an event with the largest value known by each cutoff, or -1."""
        size = len(values)
        # Ranks are unique, so that each leads back to its event.
        by_value = stable_order(values - values.min(initial=0))
        rank = np.empty(size, np.int64)
        rank[by_value] = np.arange(size)
        if among is not None:
            rank = np.where(among, rank, -1)
        lift = self.stream.customer * (size + 1)
        highest = np.maximum.accumulate(self._as_known(rank) + lift) - lift
        found = np.append(highest, -1)[self.at - 1]
        known = (self.at > self.begin) & (found >= 0)
        return np.where(known, by_value[found] if size else -1, -1)

    def distinct(
        self, codes: Integers, windows: Iterable[int | None],
        among: NDArray[np.bool_] | None = None,
    ) -> dict[Any, Integers]:  # fmt: skip
        """How many different codes the events of each window have, at every cell."""
        stream = self.stream
        _, code = np.unique(codes, return_inverse=True)
        pair = stream.customer * (int(code.max(initial=0)) + 1) + code
        order = np.lexsort((stream.known, pair))
        if among is not None:
            order = order[among[order]]
        counted = {}
        for w, live in live_intervals(
            stream.customer[order], pair[order], stream.day[order], stream.known[order],
            windows, self.cells.cutoffs, self.cells.customers,
        ):  # fmt: skip
            counted[w] = self.spread(live.take(self.cells.counted))
        return counted

    def _as_known(self, values: Integers) -> Integers:
        return values[self.stream.by_known] if self.stream.is_late else values

    def values_at(self, numbers: Integers, values: NDArray[Any]) -> Floats:
        """A value per event at numbers of events, null where there is none, at every cell."""
        if len(values) == 0:
            return np.full(self.size, np.nan)
        found = np.where(numbers >= 0, values[np.maximum(numbers, 0)], np.nan)
        return self.spread(found, np.nan)


def _running_total(values: Integers) -> Integers:
    """Nothing, then the sum up to and with each value."""
    # Counts fit in half the width, which is read in half the time; by a bound that holds in
    # whatever order the values come.
    small = np.abs(values).sum(dtype=np.float64) < _SMALL
    total: Any = np.zeros(len(values) + 1, np.int32 if small else np.int64)
    np.cumsum(values, out=total[1:])
    return np.asarray(total)


def live_intervals(
    customer: Integers, pair: Integers, day: Integers, known: Integers,
    windows: Iterable[int | None], cutoffs: Integers, customers: int,
) -> Iterable[tuple[int | None, Integers]]:  # fmt: skip
    """Per window, how many pairs are live at each customer's cutoffs, by customer x (cutoffs + 1).

    A pair (say, a customer's product) that happened on day ``t`` and was known on ``k`` is
    live at cutoffs in ``(k, t + w]``; what counts is the union of its intervals. Events are
    ordered by pair and knowing, so each adds what reaches beyond those before it.
    """
    width = len(cutoffs) + 1
    row = customer * width

    def counted(behind: Integers) -> Integers:
        return np.bincount(row + behind, minlength=customers * width)

    same = np.zeros(len(pair), bool)
    same[1:] = pair[1:] == pair[:-1]
    happened = _Days(day)
    begins = happened.behind(cutoffs)
    if known is day:
        # The next of a pair ends an interval, so that all windows begin alike.
        begun = counted(begins)
        until = np.full(len(day), len(cutoffs))
        np.copyto(until[:-1], begins[1:], where=same[1:])
        for window in windows:
            ends = until
            if window is not None:
                ends = np.minimum(until, happened.behind(cutoffs - window))
            # Each interval ends in the row in which it began, so that rows need no parting.
            yield window, np.cumsum(begun - counted(ends))
        return
    lift = (np.cumsum(~same) - 1) * (4 * DAYS_APART)
    for window in windows:
        ends = day + (2 * DAYS_APART if window is None else window)
        reach = np.maximum.accumulate(ends + lift) - lift
        before = np.where(same, np.concatenate([[0], reach])[: len(reach)], -_FOREVER)
        since = np.maximum(known, before)
        change = counted(np.searchsorted(cutoffs, since, side="right")) - counted(
            np.searchsorted(cutoffs, np.maximum(ends, since), side="right")
        )
        yield window, np.cumsum(change)
