"""Whether the newest days differ from what the shop's own past foretells for their season.

A *step* is how the logarithm of a rate (or a mean) moved from the twelve weeks before a window to
the window. The newest step is held against the steps of the same weeks of earlier years, drawn
towards the shop's usual step as far as those are noise. Noise is the shop's own: of counts beyond
Poisson's from week to week, of the season from year to year. Where no year has passed, the usual
step of the shop's recent weeks stands alone.

Shrinkage: Efron and Morris (1975), JASA 70; noise beyond Poisson: McCullagh and Nelder (1989),
Generalized Linear Models, 4.5; degrees of freedom of a sum of variances: Satterthwaite (1946).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from scipy import special

from winback.arrays import Floats, Integers
from winback.learning.feasts import Feasts

EPOCH = date(1970, 1, 1)
BEFORE_DAYS, _LEAST_BEFORE = 84, 28
# Older steps say little of the shop of today.
_PAST_DAYS = 3 * 365
_WEEK = 7
# The largest tenth of squares is left out of the noise of weeks: feasts and old faults are there.
_TRIMMED, _OF_TRIMMED = 0.9, 0.623
# Before the shop has spoken: so far apart are a season's steps from year to year, by days of the
# window, and from week to week where no year has passed; each as if read from eight windows.
_PRIOR_WINDOWS = 8
_YEARS_APART = {7: 0.10, 28: 0.04}
_UNSEEN_SEASON = {7: 0.30, 28: 0.25}
# A year's feasts and breaks fall on other weekdays than those of the year before.
_SHIFT_DAYS = {7: 3, 28: 2}
# A window that is mostly closed says nothing.
_LEAST_OPEN = 0.5


@dataclass(frozen=True)
class Foretold:
    """The newest window beside what was foretold of it.

    Attributes:
        seen: the count, or the mean.
        expected: the same as foretold.
        change: logarithm of their ratio; of means their difference.
        error: standard deviation of `change` if all is as ever.
        chance: how often a shop in which nothing has changed strays as far.
        seasons: so many earlier years had the same weeks.
        freedom: degrees of freedom of `error`.
    """

    seen: float
    expected: float
    change: float
    error: float
    chance: float
    seasons: int
    freedom: float


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts by day over what they are in proportion to.

    ``first_day`` is the day of the first place since 1970. ``later`` has a row for what was not
    known on its day: place of the day, place of the day of knowing, number.
    """

    first_day: int
    counts: Integers
    over: Floats
    later: Integers | None = None
    of_days: bool = False

    @cached_property
    def _totals(self) -> tuple[Floats, Floats]:
        both = (np.cumsum(of, dtype=np.float64) for of in (self.counts, self.over))
        counts, over = (np.concatenate([[0.0], of]) for of in both)
        return counts, over

    def sums(self, ends: Integers, length: Integers | int) -> tuple[Floats, Floats]:
        """Counts, as known at the end, and exposures of the windows that end before each place."""
        counts, over = self._totals
        begins = ends - length
        found = counts[ends] - counts[begins]
        if self.later is not None and len(self.later):
            day, known, number = self.later.T
            for k, (begin, end) in enumerate(zip(begins, ends, strict=True)):
                found[k] -= number[(day >= begin) & (day < end) & (known >= end)].sum()
        return found, over[ends] - over[begins]

    def years_before(self, ends: Integers, years: int) -> Integers:
        """The places of the same days of the calendar, so many years earlier."""
        day = (ends + self.first_day).astype("M8[D]")
        month = day.astype("M8[M]")
        # A 29th of February is the 1st of March of other years.
        then = (month - np.timedelta64(12 * years, "M")).astype("M8[D]") + (day - month)
        return np.asarray(then.astype(np.int64) - self.first_day, np.int64)


def usual_days(
    day: Integers, orders: Integers, gaps: Sequence[tuple[date, date]], feasts: Feasts
) -> Floats:
    """What each day is worth of a usual one, by the weekdays of the last year and the feasts.

    Args:
        day: whole days since 1970.
        orders: purchases of each, of which the last year tells the weekdays.
        gaps: first and last day of each time without a shop to buy from.
        feasts: the shop's feasts.
    """
    open_ = np.ones(len(day), np.bool_)
    for first, last in gaps:
        open_ &= (day < (first - EPOCH).days) | (day > (last - EPOCH).days)
    lately = open_ & (day >= (day[-1] if len(day) else 0) - 363)
    of = (day + 3) % 7
    sold = np.bincount(of[lately], orders[lately], 7)
    days = np.bincount(of[lately], minlength=7)
    # A few purchases of no weekday in particular, so that a small shop's weekdays stay alike.
    level = (sold.sum() + 1) / max(days.sum(), 1)
    weekday = (sold + 8 * 1.0) / (days * level + 8 * 1.0)
    counted = feasts.counted(day.astype("M8[D]"), 1) if len(day) else np.zeros(0)
    return np.asarray(np.where(open_, weekday[of] * counted, 0.0))


@dataclass(frozen=True)
class _Steps:
    """Steps at several places: how far, and the variance of their counts."""

    step: Floats
    noise: Floats
    seen: Floats
    usual: Floats
    weight: Floats


def foretell(series: Counted, end: int, length: int, *, mean: bool = False) -> Foretold | None:
    """The window that ends before ``end`` beside what the shop's past foretells of it.

    Args:
        series: counts over exposures; for ``mean`` sums over numbers.
        end: place of the first day that is not known.
        length: days of the window: a week, or four weeks to a month.
        mean: whether it is a mean that is followed, not a rate.

    Returns:
        None where there is too little past, or the window was mostly closed.
    """
    if end - length < _LEAST_BEFORE:
        return None
    begin = end - length
    noise, weeks = _weekly_noise(series, begin, mean=mean)
    # Steps from less than twelve weeks are another thing; only a young shop has no others.
    least = length + (BEFORE_DAYS if begin >= 2 * (length + BEFORE_DAYS) else _LEAST_BEFORE)
    past = np.arange(begin, least - 1, -_WEEK, dtype=np.int64)
    past = past[past > begin - _PAST_DAYS]
    now = _steps(series, np.array([end]), length, noise, mean=mean)
    if not np.isfinite(now.step[0]):
        return None
    steps = _steps(series, past, length, noise, mean=mean)
    told = np.isfinite(steps.step)
    past, step, var = past[told], steps.step[told], steps.noise[told]
    usual = float(np.median(step)) if len(step) else 0.0
    windows = max((past.max() - past.min()) / length, 0.0) if len(past) else 0.0
    wide = float(np.mean((step - usual) ** 2 - var)) if len(step) else 0.0
    apart, pairs = _apart(series, (past, step, var), length, noise, mean=mean)
    prior = _YEARS_APART[_kind(length)] ** 2
    between = (pairs * max(apart, 0.0) + _PRIOR_WINDOWS * prior) / (pairs + _PRIOR_WINDOWS)
    here = np.array([end])
    same = np.concatenate([series.years_before(here, year) for year in range(1, 4)])
    earlier_ends = same[same >= length + BEFORE_DAYS]
    earlier = _steps(series, earlier_ends, length, noise, mean=mean)
    there = np.isfinite(earlier.step)
    seasons = int(there.sum())
    if seasons:
        season = max(wide - between, 0.0)
        freedom = _PRIOR_WINDOWS + pairs
    else:
        unseen = _UNSEEN_SEASON[_kind(length)] ** 2
        season = (windows * max(wide, 0.0) + _PRIOR_WINDOWS * unseen) / (windows + _PRIOR_WINDOWS)
        freedom = _PRIOR_WINDOWS + windows
    middle, spread = usual, season
    if seasons:
        between += _timing(series, earlier_ends[there], earlier.step[there], length, noise, mean)
    if seasons == 1 and not pairs:
        # Once is no season yet: it may have been something that happened then.
        between += float(((earlier.step[there][0] - usual) / 2) ** 2)
    if seasons and season > 0:
        known = 1 / (earlier.noise[there] + between)
        precision = 1 / season + known.sum()
        middle = float((usual / season + (known * earlier.step[there]).sum()) / precision)
        spread = float(1 / precision)
    lasting = spread + between
    return _held(now, middle, lasting, noise, (weeks, freedom), mean=mean, seasons=seasons)


def _kind(length: int) -> int:
    """Whether a window is more like a week or a month."""
    return min(_SHIFT_DAYS, key=lambda days: abs(days - length))


def _held(
    now: _Steps, middle: float, lasting: float, noise: float, freedom: tuple[float, float], *,
    mean: bool, seasons: int,
) -> Foretold:  # fmt: skip
    """The newest step against its forecast, with the chance of straying so far."""
    seen, usual, weight = float(now.seen[0]), float(now.usual[0]), float(now.weight[0])
    change = float(now.step[0]) - middle
    if mean:
        of_counts, expected = float(now.noise[0]), usual + middle
    else:
        expected = usual * float(np.exp(middle))
        # What was to come has the noise of what was foretold, not of what came.
        of_counts = noise / max(expected, 0.5) + max(float(now.noise[0]) - noise / (seen + 0.5), 0)
    variance = of_counts + lasting
    freed = variance**2 / (of_counts**2 / freedom[0] + lasting**2 / freedom[1])
    error = float(np.sqrt(variance))
    chance = 2 * float(special.stdtr(freed, -abs(change) / error))
    if not mean:
        # Of few lines the logarithm is no normal number: their own law has to find it strange, too.
        spread = noise * expected + (expected**2) * max(variance - noise / max(expected, 0.5), 0.0)
        chance = max(chance, _tail(seen, expected, spread))
    return Foretold(
        seen=seen / weight if mean else seen,
        expected=expected,
        change=change,
        error=error,
        chance=min(chance, 1.0),
        seasons=seasons,
        freedom=float(freed),
    )


def _tail(seen: float, expected: float, variance: float) -> float:
    """Twice the chance of as few, or as many, by a negative binomial law (else Poisson's)."""
    if expected <= 0:
        return 1.0
    if variance <= expected * 1.0001:
        fewer = special.pdtr(seen, expected)
        more = special.pdtrc(seen - 1, expected) if seen else 1.0
    else:
        share = expected / variance
        size = expected * share / (1 - share)
        fewer = special.betainc(size, seen + 1, share)
        more = special.betainc(seen, size, 1 - share) if seen else 1.0
    return float(min(1.0, 2 * min(fewer, more)))


def _steps(series: Counted, ends: Integers, length: int, noise: float, *, mean: bool) -> _Steps:
    """Steps into the windows that end before these places; not a number where one was closed."""
    if not len(ends):
        none = np.zeros(0)
        return _Steps(none, none, none, none, none)
    before = np.minimum(BEFORE_DAYS, ends - length)
    seen, weight = series.sums(ends, length)
    past, past_weight = series.sums(ends - length, before)
    with np.errstate(divide="ignore", invalid="ignore"):
        if mean:
            step = seen / weight - past / past_weight
            var, usual = noise * (1 / weight + 1 / past_weight), past / past_weight
            told = (weight > 0) & (past_weight > 0)
        else:
            step = np.log((seen + 0.5) / weight) - np.log((past + 0.5) / past_weight)
            var = noise * (1 / (seen + 0.5) + 1 / (past + 0.5))
            usual = past / past_weight * weight
            told = (weight > 0) & (past_weight > 0)
            if series.of_days:
                told &= weight / length >= _LEAST_OPEN * past_weight / before
    return _Steps(np.where(told, step, np.nan), var, seen, usual, weight)


def _weekly_noise(series: Counted, begin: int, *, mean: bool) -> tuple[float, float]:
    """The noise of the shop's weeks before a place, and how many weeks tell of it.

    Of counts how many times Poisson's variance, from one week to the next; of means the variance
    of one line.
    """
    ends = np.arange(begin, _WEEK - 1, -_WEEK, dtype=np.int64)[:104]
    seen, weight = series.sums(ends, _WEEK)
    open_ = weight > 0
    open_ = open_[1:] & open_[:-1]
    a, b, x, y = seen[1:][open_], seen[:-1][open_], weight[1:][open_], weight[:-1][open_]
    if mean:
        squares = (a / x - b / y) ** 2 / (1 / x + 1 / y)
        return _trimmed(squares), max(len(squares), 4.0)
    rate = (a + b) / (x + y)
    some = rate > 0
    a, b, x, y, rate = a[some], b[some], x[some], y[some], rate[some]
    squares = (a - rate * x) ** 2 / (rate * x) + (b - rate * y) ** 2 / (rate * y)
    return max(1.0, _trimmed(squares)), max(len(squares), 4.0)


def _trimmed(squares: Floats) -> float:
    """Mean of squares of normal numbers, the largest tenth left out."""
    if not len(squares):
        return 1.0
    kept = np.sort(squares)[: max(1, int(np.ceil(_TRIMMED * len(squares))))]
    return float(kept.mean() / _OF_TRIMMED)


def _timing(
    series: Counted, ends: Integers, step: Floats, length: int, noise: float, mean: bool
) -> float:
    """What a feast or a break that falls some days sooner or later may change of a step."""
    found = [0.0]
    for shift in (-_SHIFT_DAYS[_kind(length)], _SHIFT_DAYS[_kind(length)]):
        moved = ends + shift
        inside = moved >= length + BEFORE_DAYS
        other = _steps(series, moved[inside], length, noise, mean=mean)
        # The two windows share all days but those of the shift.
        of_counts = other.noise * min(1.0, 2 * abs(shift) / length)
        squares = (other.step - step[inside]) ** 2 - of_counts
        found += [float(one) for one in squares[np.isfinite(squares)]]
    return max(found) / 2


def _apart(
    series: Counted, now: tuple[Integers, Floats, Floats], length: int, noise: float, *, mean: bool
) -> tuple[float, float]:
    """Variance of a season's steps from year to year beyond noise, and windows that tell of it."""
    ends, step, var = now
    then = series.years_before(ends, 1)
    inside = then >= length + BEFORE_DAYS
    other = _steps(series, then[inside], length, noise, mean=mean)
    squares = (step[inside] - other.step) ** 2 - var[inside] - other.noise
    squares = squares[np.isfinite(squares)]
    if not len(squares):
        return 0.0, 0.0
    return float(squares.mean() / 2), max(1.0, len(squares) * _WEEK / length)
