"""The days in which orders count: how far the orders reach, and which days of it they lack.

An export does not say where it ends. A last line does not tell either: three stray orders in
December after an export of 12 November are no export of November. What tells is the shop's own
pace: a stretch of days is lacking where so few purchases are incredible beside what is usual near
it, by weekday over the eight weeks before and over the year before, whichever is less. How
surprising few purchases are follows the negative binomial distribution (a Poisson count whose
rate is itself uncertain by a third), so that a shop with an order every three days may be quiet
for ten, and one with twenty a day for none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import duckdb
import numpy as np
from scipy.stats import nbinom

from winback.arrays import Floats, Integers, Mask
from winback.campaign.doubted import doubts_of_dates
from winback.intake.doubts import is_new_year
from winback.results.base import Fact, fact
from winback.results.intake import IngestSummary
from winback.results.measured import Measurement, WindowRead
from winback.snapshots.gaps import comes_again, find_gaps

_EPOCH = date(1970, 1, 1)
_NEAR_DAYS, _YEAR_DAYS, _LEAST_NEAR_DAYS, _LEAST_NEAR_SALES = 56, 365, 7, 5
# Of the negative binomial: a rate that is uncertain by 1 / sqrt(10), near a third.
_SHAPE = 10.0
# Few orders at the end are no more all of them below this; days on somebody's word alone, and a
# last day that ends early, below the others.
_THIN, _WORD, _EARLY = 1e-4, 1e-2, 1e-3
# Within the history a stretch must be as incredible as a gap of the training is.
_HOLE = 1e-6
# Where the year is left out of account, since the shop grew, the eight weeks are less certain.
_SHAPE_OF_NEAR = 4.0
# Between Christmas and Epiphany few orders may be usual, and last year's may not be known.
_FESTIVE_SHARE = 0.25
# So long a time of few orders is the new pace of the shop, unless next to none came.
_LONGEST_THIN_DAYS, _NEXT_TO_NONE = 92, 0.02
# So many orders must be usual in the window for a lack of them to be noticed.
_LEAST_NOTICED = 10.0
# Of stretches that lack orders, days long; of those between, most days lie in one of these.
_HOLE_DAYS = (*range(3, 15), 16, 18, 21, 24, 28, 32, 37, 42, 49, 56, 64, 73, 84, 92)
# Of a stretch that begins before the window, or ends after it, so many days must lie inside.
_LEAST_DAYS_INSIDE = 3
# Fewer than this are no orders: of a Sunday on which the shop never sells.
_NOTHING_USUAL = 0.5


@dataclass(frozen=True)
class ShopPace:
    """Purchases of the whole shop by day, from its first one on.

    Attributes:
        first: the first day with a purchase.
        orders: purchases of each day from then on, up to the last day that has one or that
            somebody says is complete.
        last: place of the last day with a purchase.
        early: orders that usually come after the clock time of the last one on the last day
            before the orders thin out; 0 where orders have no clock times.
    """

    first: date
    orders: Integers
    last: int
    early: float = 0.0

    def day(self, place: int) -> date:
        """The day at a place."""
        return self.first + timedelta(days=place)

    def place(self, day: date) -> int:
        """The place of a day, which may lie outside."""
        return (day - self.first).days

    @cached_property
    def _festive(self) -> Mask:
        days = np.datetime64(self.first, "D") + np.arange(len(self.orders))
        day = (days - days.astype("M8[M]")).astype(np.int64) + 1
        month = days.astype("M8[M]").astype(np.int64) % 12 + 1
        return np.asarray(((month == 12) & (day >= 20)) | ((month == 1) & (day <= 8)))

    def whole(self) -> int:
        """Place of the last day with purchases before they thin out."""
        end = self.last + 1
        while (cut := _thin_from(self.orders[:end], self._festive)) is not None:
            end = _after_sales(self.orders[:cut])
        return end - 1

    def seen(self) -> int:
        """Place of the last day that the orders cover; -1 for none."""
        end = self.whole() + 1
        if _chance(0, self.early) < _EARLY:
            end = _after_sales(self.orders[: end - 1])
        if end <= self.last or len(self.orders) == end:
            return end - 1
        # What follows is empty: it rests on somebody's word.
        n = len(self.orders)
        usual = _Usual(self.orders, self._festive).before(np.array([end]), np.array([n]))
        borne_out = (
            _chance(0, usual[0]) >= _WORD
            or comes_again(self.orders, end, n)
            or is_new_year(self.day(end), self.day(n))
        )
        return n - 1 if borne_out else end - 1

    def usual(self, first: date, last: date) -> float | None:
        """Purchases usual from one day to another, by those before; None where these are few."""
        known = min(max(self.place(first), 0), len(self.orders))
        end = self.place(last) + 1
        if known < _LEAST_NEAR_DAYS or (self.orders[:known] > 0).sum() < _LEAST_NEAR_SALES:
            return None
        days = np.concatenate([self.orders[:known], np.zeros(max(end - known, 0), np.int64)])
        usual = _Usual(days, np.zeros(len(days), np.bool_))
        return float(usual.before(np.array([known]), np.array([len(days)]))[0])

    def holes(self, since: int, until: int) -> list[tuple[date, date]]:
        """First and last day of each stretch that lacks orders, between places, oldest first."""
        if until < 0:
            return []
        orders = self.orders[: until + 1]
        start = (self.first - _EPOCH).days
        gaps = find_gaps(start + np.arange(len(orders)), orders)
        found = [(first - start, last - start) for first, last in gaps]
        found += _thin_stretches(orders, self._festive[: until + 1], since)
        return [(self.day(a), self.day(b)) for a, b in _joined(found) if b >= since]


def read_pace(
    connection: duckdb.DuckDBPyConnection, *, has_time: bool, until: date
) -> ShopPace | None:
    """The pace of the shop whose lines are ``order_lines``; None without any purchase.

    Args:
        has_time: whether the lines have clock times.
        until: the last day that somebody says is complete, or that of the last line of any kind:
            later ones are not looked at.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE placed AS SELECT CAST(moment AS DATE) - DATE '1970-01-01' AS "
        "day, CAST(moment AS TIME) AS clock FROM (SELECT min(ordered_at) AS moment FROM "
        "order_lines WHERE kind = 'order' "
        "GROUP BY customer_id, order_id, CAST(ordered_at AS DATE))"
    )
    said = (until - _EPOCH).days
    days = connection.execute(
        "SELECT day, count(*) AS n FROM placed WHERE day <= $until GROUP BY day ORDER BY day",
        {"until": said},
    ).fetchnumpy()
    day = np.asarray(days["day"], np.int64)
    if not len(day):
        return None
    orders = np.zeros(max(int(day[-1]), said) - int(day[0]) + 1, np.int64)
    orders[day - day[0]] = days["n"]
    pace = ShopPace(_EPOCH + timedelta(days=int(day[0])), orders, int(day[-1] - day[0]))
    if not has_time:
        return pace
    return replace(pace, early=_left_of_the_day(connection, int(day[0]) + pace.whole()))


def window_read(
    pace: ShopPace | None, began: date, closes_on: date, seen_until: date
) -> WindowSeen:
    """What the orders lack of the window, and what to know of its days.

    Args:
        began: day of the first assignment.
        closes_on: last day of the last customer's window.
        seen_until: last day that the orders cover.
    """
    if pace is None:
        return WindowSeen(WindowRead(closes_on=closes_on, seen_until=seen_until, gaps=()), ())
    lacking = pace.holes(pace.place(began), pace.place(seen_until))
    found = [
        gap
        for gap in [*_before_the_first(pace, began), *lacking]
        if (min(gap[1], closes_on) - max(gap[0], began)).days + 1 >= _LEAST_DAYS_INSIDE
    ]
    closed = [gap for gap in found if is_new_year(gap[0], gap[1] + timedelta(days=1))]
    told = [fact("measured.closed_at_new_year", first=a, last=b) for a, b in closed]
    last = pace.day(pace.last)
    if last < closes_on:
        after = pace.usual(last + timedelta(days=1), closes_on)
        if after is None or after >= _NOTHING_USUAL:
            days = (closes_on - last).days
            told.append(fact("measured.until_on_word", last=last, until=closes_on, days=days))
    came = int(pace.orders[max(pace.place(began), 0) : max(pace.place(closes_on) + 1, 0)].sum())
    if max(pace.usual(began, closes_on) or 0.0, came) < _LEAST_NOTICED:
        told.append(fact("measured.too_quiet_to_tell", orders=came))
    gaps = tuple((max(a, began), min(b, closes_on)) for a, b in found if (a, b) not in closed)
    return WindowSeen(
        WindowRead(closes_on=closes_on, seen_until=seen_until, gaps=gaps), tuple(told)
    )


class WindowSeen(NamedTuple):
    """The days of the window, and what to know of them."""

    read: WindowRead
    cautions: tuple[Fact, ...]


def with_window(
    found: Measurement, seen: WindowSeen, ingested: IngestSummary | None
) -> Measurement:
    """The measurement with its window: invalid where the window lacks days."""
    told = [*found.cautions, *seen.cautions]
    if ingested is not None:
        told += doubts_of_dates(ingested, found.assigned_from, seen.read.closes_on)
    found = found.model_copy(update={"window": seen.read, "cautions": tuple(told)})
    if not seen.read.gaps:
        return found
    problems = (*found.problems, "gap_in_window")
    return found.model_copy(update={"verdict": "invalid", "problems": problems})


def _before_the_first(pace: ShopPace, began: date) -> list[tuple[date, date]]:
    """The days of the window before the orders begin, where so many cannot have been empty."""
    empty = (pace.first - began).days
    if empty <= 0:
        return []
    backward = np.concatenate([pace.orders[::-1], np.zeros(empty, np.int64)])
    usual = _Usual(backward, np.zeros(len(backward), np.bool_)).before(
        np.array([len(pace.orders)]), np.array([len(backward)])
    )
    if _chance(0, usual[0]) >= _THIN:
        return []
    return [(began, pace.first - timedelta(days=1))]


def _left_of_the_day(connection: duckdb.DuckDBPyConnection, last: int) -> float:
    """Orders that usually come after the clock time of the last one of a day."""
    [(at_all, alike)] = connection.execute(
        """WITH near AS (
            SELECT day, clock > (SELECT max(clock) FROM placed WHERE day = $last) AS after
            FROM placed WHERE day BETWEEN $last - $near AND $last - 1)
        SELECT count(*) FILTER (after) / $near,
            7 * count(*) FILTER (after AND day % 7 = $last % 7) / $near FROM near""",
        {"last": last, "near": _NEAR_DAYS},
    ).fetchall()
    return float(min(at_all, alike))


def _after_sales(orders: Integers) -> int:
    """The place after the last day with a purchase."""
    sold = np.flatnonzero(orders)
    return int(sold[-1]) + 1 if len(sold) else 0


def _chance(held: Any, usual: Any, shape: float = _SHAPE) -> Any:
    """Chance of so few orders where others are usual; 1 where nothing is known."""
    return nbinom.cdf(held, shape, shape / (shape + usual))


class _Usual:
    """How many orders a stretch of days holds, by those of the days before it."""

    def __init__(self, orders: Integers, festive: Mask) -> None:
        weekday = (np.arange(len(orders)) % 7 == np.arange(7)[:, None]).astype(np.int64)
        self._days, self._orders, self._sold, self._weighed = (
            np.concatenate([np.zeros((7, 1)), of.cumsum(axis=1)], axis=1)
            for of in (
                weekday, weekday * orders, weekday * (orders > 0),
                weekday * np.where(festive[: len(orders)], _FESTIVE_SHARE, 1.0),
            )
        )  # fmt: skip

    def before(self, begin: Integers, end: Integers) -> Floats:
        """Orders usual in ``[begin, end)``; 0 where the days before tell nothing.

        By the eight weeks before or the year before, whichever is less.
        """
        return np.minimum(self.near(begin, end), self.near(begin, end, _YEAR_DAYS))

    def near(self, begin: Integers, end: Integers, reach: int = _NEAR_DAYS) -> Floats:
        """The same by so many days before."""
        first = np.maximum(begin - reach, 0)
        near, orders, sold = (
            of[:, begin] - of[:, first] for of in (self._days, self._orders, self._sold)
        )
        inside = self._weighed[:, end] - self._weighed[:, begin]
        usual = (orders / np.maximum(near, 1) * inside).sum(axis=0)
        told = (begin - first >= _LEAST_NEAR_DAYS) & (sold.sum(axis=0) >= _LEAST_NEAR_SALES)
        return np.asarray(np.where(told, usual, 0.0))


def _thin_from(orders: Integers, festive: Mask) -> int | None:
    """Where the orders cease to be all there; None where they go on to their end.

    Of all ends that are incredible the one in which most is lacking: each thin day in it speaks
    for it, each full one against it.
    """
    begin = np.arange(1, len(orders))
    if not len(begin):
        return None
    total = np.concatenate([[0], orders.cumsum()])
    held, length = total[-1] - total[begin], len(orders) - begin
    told, end = _Usual(orders, festive), np.full(len(begin), len(orders))
    usual, near = told.before(begin, end), told.near(begin, end)
    thin = (_chance(held, usual) < _THIN) | (_chance(held, near, _SHAPE_OF_NEAR) < _THIN)
    thin &= (length <= _LONGEST_THIN_DAYS) | (held <= _NEXT_TO_NONE * near)
    places = np.flatnonzero(thin)
    for k in places[np.argsort(held[places] - near[places] / 3, kind="stable")]:
        if not comes_again(orders, int(begin[k]), len(orders)):
            return int(begin[k])
    return None


def _thin_stretches(orders: Integers, festive: Mask, since: int) -> list[tuple[int, int]]:
    """First and last place of stretches in which next to no order came, both sides asked."""
    n = len(orders)
    total = np.concatenate([[0], orders.cumsum()])
    forward, backward = _Usual(orders, festive), _Usual(orders[::-1], festive[::-1])
    found: list[tuple[float, int, int]] = []
    for length in _HOLE_DAYS:
        begin = np.arange(max(_LEAST_NEAR_DAYS, since - length + 1), n - length)
        end = begin + length
        held = total[end] - total[begin]
        usual = np.minimum(forward.before(begin, end), backward.before(n - end, n - begin))
        for k in np.flatnonzero(_chance(held, usual) < _HOLE):
            found.append((float(held[k] - usual[k] / 3), int(begin[k]), int(end[k]) - 1))
    kept: list[tuple[int, int]] = []
    for _, first, last in sorted(found):
        apart = all(last < a or first > b for a, b in kept)
        if apart and not comes_again(orders, first, last + 1):
            kept.append((first, last))
    return kept


def _joined(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same days as stretches that neither meet nor overlap, in order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
