"""Baskets around the occasions of the calendar, against days matched with them.

A day is matched with days of the same weekday as many weeks before as after it, the two nearest
such pairs of at most eight weeks that lie in no occasion, public holiday or gap: a steady trend
cancels. What the purchases of the occasion would have brought in baskets of the matched days is
what they are compared with, over all years together.

Single purchases do not explain all by which two weeks differ: weather, deliveries and the shop's
own sales move whole days. How much they do, ordinary weeks tell that are compared as if they were
occasions; it widens the intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from winback.arrays import Floats, Mask
from winback.results.pressed import Occasion, Ordinary
from winback.shop.jackknife import LEAST_OUTCOMES, Interval, Spread, on_ratio, spread_of
from winback.snapshots.festivals import feasts_of
from winback.snapshots.occasions import public_holidays

CLAIMED_LIFTS = {"valentines_day": 0.14}
"""Change of the basket that the press claims, by occasion."""

# First and last day around an occasion, counted from its day: a week of buying up to it, but for
# the two that are sales themselves.
_WEEK = (-6, 0)
_AROUND: Mapping[str, tuple[int, int]] = {"black_friday": (0, 3), "singles_day": (0, 0)}
_SALES = ("black_friday", "singles_day")
_FARTHEST_WEEKS, _PAIRS = 8, 2
_LEAST_WINDOWS = 8
_LEVEL = 0.05


@dataclass(frozen=True)
class Daily:
    """Purchases by day and group of customers.

    Attributes:
        first: the day of the first row.
        value: sums of purchases, one row a day, one column a group.
        count: how many they are.
        gaps: first and last day of each time without a shop.
        country: whose calendar counts.
    """

    first: date
    value: Floats
    count: Floats
    gaps: tuple[tuple[date, date], ...]
    country: str

    @property
    def days(self) -> int:
        """Days from the first on."""
        return len(self.value)

    def place(self, day: date) -> int:
        """Row of a day; it may lie outside."""
        return (day - self.first).days


@dataclass(frozen=True)
class _Window:
    """Days around one occasion in one year that can be compared."""

    day: date
    places: tuple[int, ...]


def weigh_occasions(daily: Daily) -> tuple[tuple[Occasion, ...], Ordinary | None]:
    """Every occasion of the country, and how much ordinary weeks differ among each other."""
    if daily.days < 7 * _PAIRS:
        return (), None
    around, ordinary = _calendar(daily)
    matched = _Matched.of(daily, ordinary)
    found = [_weighed(name, windows, matched, ordinary) for name, windows in around.items()]
    weeks = _placebos(matched, ordinary, _WEEK, None)
    return _after_holm([each for each in found if each]), _told(weeks)


def _calendar(daily: Daily) -> tuple[dict[str, list[_Window]], Mask]:
    """The days around each occasion, in the order of the year, and which days are ordinary."""
    end = daily.first + timedelta(days=daily.days)
    feasts = feasts_of(daily.country, daily.first.year - 1, end.year + 1)
    open_days = np.ones(daily.days, np.bool_)
    for begins, ends in daily.gaps:
        open_days[max(daily.place(begins), 0) : max(daily.place(ends) + 1, 0)] = False
    taken = np.zeros(daily.days, np.int64)
    spans: dict[str, list[tuple[date, list[int]]]] = {}
    seen: set[tuple[date, ...]] = set()
    # Where two occasions are one day in a country, the more general name stays.
    for name in sorted(feasts, key=lambda n: (n == "mothers_day", n)):
        if feasts[name] in seen:
            continue
        seen.add(feasts[name])
        first, last = _AROUND.get(name, _WEEK)
        for day in feasts[name]:
            places = [daily.place(day) + k for k in range(first, last + 1)]
            places = [p for p in places if 0 <= p < daily.days]
            taken[places] += 1
            spans.setdefault(name, []).append((day, places))
    ordinary = open_days & (taken == 0)
    for day in public_holidays(daily.country, range(daily.first.year, end.year + 1)):
        if 0 <= daily.place(day) < daily.days:
            ordinary[daily.place(day)] = False

    def own(name: str, place: int) -> bool:
        """A day of two occasions tells of neither, but a sale outweighs a feast it falls on."""
        return name in _SALES or bool(taken[place] == 1)

    around = {
        name: [
            _Window(day, tuple(p for p in places if open_days[p] and own(name, p)))
            for day, places in found
        ]
        for name, found in spans.items()
    }
    in_year = {name: max(feasts[name]).timetuple().tm_yday for name in around}
    return {name: around[name] for name in sorted(around, key=lambda n: (in_year[n], n))}, ordinary


@dataclass(frozen=True)
class _Matched:
    """What each day brought and what it would have in baskets of its matched days.

    Columns: each group of customers left out, and all of them last. ``expected`` is NaN on a day
    without a match. ``partners`` are the matched days of each day.
    """

    value: Floats
    expected: Floats
    purchases: Floats
    partners: Mapping[int, tuple[int, ...]]
    first: date

    @classmethod
    def of(cls, daily: Daily, ordinary: Mask) -> _Matched:
        value, count = _left_out(daily.value), _left_out(daily.count)
        bought = count[:, -1] > 0
        usable = ordinary & bought
        expected = np.full_like(value, np.nan)
        partners: dict[int, tuple[int, ...]] = {}
        for day in range(daily.days):
            before, after = _pairs(day, usable)
            if not before:
                continue
            with np.errstate(divide="ignore", invalid="ignore"):
                basket = (
                    value[before].sum(axis=0) / count[before].sum(axis=0)
                    + value[after].sum(axis=0) / count[after].sum(axis=0)
                ) / 2
            expected[day] = count[day] * basket
            partners[day] = (*before, *after)
        return cls(value, expected, count[:, -1], partners, daily.first)

    def usable(self, places: Sequence[int]) -> list[int]:
        """Those of the days that have a match."""
        return [p for p in places if p in self.partners]

    def spread(self, places: Sequence[int]) -> Spread:
        """Of the logarithm of what the days brought against what was expected."""
        chosen = list(places)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(self.value[chosen].sum(axis=0) / self.expected[chosen].sum(axis=0))
        return spread_of(logs[:-1], float(logs[-1]))


def _left_out(sums: Floats) -> Floats:
    total = sums.sum(axis=1, keepdims=True)
    return np.concatenate([total - sums, total], axis=1)


def _pairs(day: int, usable: Mask) -> tuple[list[int], list[int]]:
    """The nearest days to match with, before and after."""
    before: list[int] = []
    after: list[int] = []
    for weeks in range(1, _FARTHEST_WEEKS + 1):
        low, high = day - 7 * weeks, day + 7 * weeks
        if low < 0 or high >= len(usable) or len(before) == _PAIRS:
            break
        if usable[low] and usable[high]:
            before.append(low)
            after.append(high)
    return before, after


@dataclass(frozen=True)
class _Placebos:
    """Ordinary windows compared as if they were an occasion."""

    logs: Floats
    variances: Floats

    @property
    def enough(self) -> bool:
        return len(self.logs) >= _LEAST_WINDOWS

    @property
    def between(self) -> float:
        """Variance that single purchases do not explain, at least 0; by their precision."""
        weights = 1 / self.variances
        return max(float((weights * (self.logs**2 - self.variances)).sum() / weights.sum()), 0.0)

    @property
    def freedom(self) -> float:
        """Neighbours share their matched days: half as many as there are windows."""
        return max(len(self.logs) / 2, 1.0)


def _placebos(
    matched: _Matched, ordinary: Mask, around: tuple[int, int], weekday: int | None
) -> _Placebos:
    """Windows of ordinary days, each as long as the one around an occasion, a week apart."""
    width = around[1] - around[0] + 1
    start = 0 if weekday is None else (weekday + around[0] - matched.first.weekday()) % 7
    logs, variances = [], []
    for begin in range(start, len(ordinary) - width + 1, 7):
        places = range(begin, begin + width)
        if not ordinary[begin : begin + width].all() or len(matched.usable(places)) < width:
            continue
        found = matched.spread(places)
        if np.isfinite(found.at) and np.isfinite(found.variance) and found.variance > 0:
            logs.append(found.at)
            variances.append(found.variance)
    return _Placebos(np.array(logs), np.array(variances))


def _told(weeks: _Placebos) -> Ordinary | None:
    if not weeks.enough:
        return None
    outside = 0
    for at, variance in zip(weeks.logs, weeks.variances, strict=True):
        whole = Spread(float(at), float(variance), 127.0).widened(weeks.between, weeks.freedom)
        low, high = whole.ends()
        outside += low > 0 or high < 0
    return Ordinary(
        windows=len(weeks.logs), outside=outside, swing=round(float(np.sqrt(weeks.between)), 6)
    )


def _weighed(
    name: str, windows: Sequence[_Window], matched: _Matched, ordinary: Mask
) -> Occasion | None:
    """One occasion over all years; None where no year of it can be compared."""
    first, last = around = _AROUND.get(name, _WEEK)
    kept = [(w.day, matched.usable(w.places)) for w in windows]
    kept = [(day, places) for day, places in kept if 2 * len(places) >= last - first + 1]
    if not kept:
        return None
    every = [p for _, places in kept for p in places]
    purchases = int(matched.purchases[every].sum())
    partners = {p for place in every for p in matched.partners[place]}
    found = matched.spread(every)
    weekday = None if around == _WEEK else kept[-1][0].weekday()
    weeks = _placebos(matched, ordinary, around, weekday)
    enough = (
        min(purchases, int(matched.purchases[list(partners)].sum())) >= LEAST_OUTCOMES
        and weeks.enough
        and found.known
    )
    interval, p_value = on_ratio(Spread(found.at, np.nan, 1.0), minus=1), None
    if enough:
        parts = np.array([matched.expected[places, -1].sum() for _, places in kept])
        alike = float(((parts / parts.sum()) ** 2).sum())
        whole = found.widened(weeks.between * alike, weeks.freedom)
        interval, p_value = on_ratio(whole, minus=1), whole.p_value()
    return _occasion(name, kept, around, purchases, len(partners), interval, p_value)


def _occasion(
    name: str, kept: Sequence[tuple[date, list[int]]], around: tuple[int, int], purchases: int,
    matched_days: int, interval: Interval, p_value: float | None,
) -> Occasion:  # fmt: skip
    return Occasion(
        unit="change",
        name=name,
        days=tuple(day for day, _ in kept),
        first_offset=around[0],
        last_offset=around[1],
        purchases=purchases,
        matched_days=matched_days,
        claimed=CLAIMED_LIFTS.get(name),
        value=_rounded(interval.value),
        low=_rounded(interval.low),
        high=_rounded(interval.high),
        p_value=None if p_value is None else float(f"{p_value:.6g}"),
        verdict="unclear" if interval.known else "too_few",
    )


def _after_holm(found: Sequence[Occasion]) -> tuple[Occasion, ...]:
    """Verdicts that hold for all occasions together: Holm (1979), Scand. J. Statist. 6, 65-70."""
    tested = sorted((o.p_value, o.name) for o in found if o.p_value is not None)
    sure = set()
    for place, (p_value, name) in enumerate(tested):
        if p_value > _LEVEL / (len(tested) - place):
            break
        sure.add(name)
    return tuple(
        o.model_copy(update={"verdict": _direction(o)}) if o.name in sure else o for o in found
    )


def _direction(occasion: Occasion) -> Literal["higher", "lower"]:
    return "higher" if (occasion.value or 0) > 0 else "lower"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 8)
