"""Alarms over what a shop's orders add up to, for the season and the size of the shop.

Everything that is looked at has its share of the false alarms that a run may give (Bonferroni's
inequality), so that the more is watched, the stranger each single thing has to be; and nothing is
an alarm that is not large enough to matter, however certain it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from scipy import special

from winback.arrays import Floats
from winback.results.watched import Alarm, What
from winback.shop.seasons import BEFORE_DAYS, Counted, Foretold, foretell
from winback.watch.counts import MILLI, Marks, ShopCounts

FALSE_ALARMS = 0.05
# What each family may use up of it.
_SHARES = {
    "volume": 0.55, "money": 0.1, "lateness": 0.04, "values": 0.22, "features": 0.06,
    "scores": 0.03,
}  # fmt: skip
Family = Literal["volume", "money", "lateness", "values", "features", "scores"]
MONTH, WEEK = 28, 7
# Least change that matters, as a factor; a week has to say more than a month.
_VOLUME = {MONTH: 1.15, WEEK: 1.5}
_MONEY = {MONTH: 1.25, WEEK: 1.6}
_PER_PURCHASE, _REFUNDS, _LATE, _LATENESS, _VALUE = 1.08, 1.5, 1.5, 1.5, 1.5
# Of a value: this much of its expected lines or less is gone, this share of all lines matters.
_GONE, _MATTERS = 0.05, 0.02
# Of values with fewer lines to be expected nothing can be said.
_LEAST_LINES = 10.0
# A value is new to a shop whose months brought none as large; so many months have to be known.
_LEAST_MONTHS = 3
# What is asked of lines that go missing at random.
_LOST = 0.25
# A run of empty days at the end shorter than this is a quiet weekend.
_LEAST_SILENCE = 3


@dataclass(frozen=True)
class Test:
    """One thing that was looked at: an alarm if its chance is below its share."""

    family: Family
    weight: float
    matters: bool
    alarm: Alarm


def watch_counts(counts: ShopCounts) -> list[Test]:
    """Everything that can be asked of the shop's days, up to their last."""
    found = [*_silence(counts), *_volume(counts), *_money(counts), *_lateness(counts)]
    for marks in counts.marks:
        found += _values(counts, marks)
    return found


def alarms_of(tests: Iterable[Test]) -> tuple[Alarm, ...]:
    """Those tests that are alarms, the weightiest first, each thing told once."""
    tests = list(tests)
    weights: dict[str, float] = {}
    for test in tests:
        weights[test.family] = weights.get(test.family, 0.0) + test.weight
    found = []
    for test in tests:
        allowed = FALSE_ALARMS * _SHARES[test.family] * test.weight / weights[test.family]
        if test.matters and test.alarm.chance <= allowed:
            found.append(test)
    found.sort(key=lambda one: (one.alarm.chance / one.weight, one.alarm.what, one.alarm.value))
    told: dict[tuple[str, str | None, str, str], Alarm] = {}
    for test in found:
        one = test.alarm
        # A month and a week of the same thing are one finding.
        told.setdefault((one.what, one.of, one.name, one.value), one)
    gone = {(one.of, one.name) for one in told.values() if one.what in ("gone", "new")}
    silent = any(one.what == "silent" for one in told.values())
    return tuple(
        one
        for one in told.values()
        # Where one value is gone the others have larger shares.
        if not (one.what == "value" and (one.of, one.name) in gone)
        and not (silent and one.what in ("lines", "purchases", "lines_per_purchase"))
    )


def looked_at(tests: Iterable[Test]) -> dict[str, int]:
    """How many things of each family were looked at."""
    found = dict.fromkeys(_SHARES, 0)
    for test in tests:
        found[test.family] += 1
    return found


@dataclass(frozen=True)
class Week:
    """Lines of a week, and in between what nineteen of twenty such weeks are."""

    first_day: date
    lines: int
    expected: float | None
    low: float | None
    high: float | None


def weeks_of(counts: ShopCounts) -> list[Week]:
    """The weeks of the last year, oldest first, each as foretold by what was before it."""
    end, found = len(counts.day), []
    series = _of_lines(counts, "lines", counts.usual)
    for place in range(end, max(WEEK, end - 52 * WEEK), -WEEK):
        told = foretell(series, place, WEEK)
        expected = low = high = None
        if told is not None:
            expected = round(told.expected, 1)
            low, high = (
                round(told.expected * float(np.exp(side * 2 * told.error)), 1) for side in (-1, 1)
            )
        lines = int(counts.sums["lines"][place - WEEK : place].sum())
        found.append(Week(counts.day_at(place - WEEK), lines, expected, low, high))
    return found[::-1]


def _silence(counts: ShopCounts) -> Iterator[Test]:
    """Empty days up to the last, more than twice as many as the shop ever had in a row."""
    bought, end = counts.sums["purchases"], len(counts.day)
    sold = np.flatnonzero(bought)
    if not len(sold):
        return
    days = end - int(sold[-1]) - 1
    longest = int(np.diff(sold).max(initial=1)) - 1
    if days < _LEAST_SILENCE or days <= 2 * longest:
        return
    before = slice(max(0, end - days - MONTH), end - days)
    usual = bought[before].mean() * days
    yield Test("volume", 1.0, True, Alarm(
        what="silent", direction="fewer", since=counts.day_at(end - days), window_days=days,
        seen=0.0, expected=_rounded(float(counts.sums["lines"][before].mean() * days)),
        chance=_rounded(float(np.exp(-usual))), against="weeks",
    ))  # fmt: skip


def _volume(counts: ShopCounts) -> Iterator[Test]:
    """Lines, purchases, lines to a purchase and refunds to a line."""
    end, first = len(counts.day), int(counts.day[0]) if len(counts.day) else 0
    lines = _of_lines(counts, "lines", counts.usual)
    purchases = _of_lines(counts, "purchases", counts.usual)
    # Which lines of a purchase are known late makes no difference to how many it has.
    bought, of_bought = counts.sums["purchases"], counts.sums["lines"]
    ratio = Counted(first, of_bought, bought.astype(np.float64))
    yield from _asked(counts, "volume", 1.0, "lines", lines, end, MONTH, _VOLUME[MONTH])
    yield from _asked(counts, "volume", 1.0, "lines", lines, end, WEEK, _VOLUME[WEEK])
    yield from _asked(counts, "volume", 1.0, "purchases", purchases, end, MONTH, _VOLUME[MONTH])
    yield from _asked(
        counts, "volume", 2.0, "lines_per_purchase", ratio, end, MONTH, _PER_PURCHASE
    )  # fmt: skip
    yield from _missing_lines(counts, lines, purchases, ratio)
    refunds = Counted(first, counts.sums["refunds"], of_bought.astype(np.float64))
    if refunds.counts.any():
        yield from _asked(counts, "volume", 0.5, "refunds", refunds, end, MONTH, _REFUNDS)


def _missing_lines(
    counts: ShopCounts, lines: Counted, purchases: Counted, ratio: Counted
) -> Iterator[Test]:
    """Lines lost at random: fewer of a purchase's lines, and fewer purchases with any.

    How many buy and how much they put into a basket vary apart from one another, so both together
    say more than the number of lines, each weighed by what a loss of `_LOST` would do to it.
    Baskets are taken to be geometric.
    """
    end = len(counts.day)
    of_all, of_purchases, of_ratio = (
        foretell(one, end, MONTH) for one in (lines, purchases, ratio)
    )
    if not (of_all and of_purchases and of_ratio) or of_purchases.seen < _LEAST_LINES:
        return
    # As it would be without the loss, if there is one.
    alone = of_purchases.expected / max(of_all.expected, of_purchases.expected)
    emptied = _LOST * alone / (1 - _LOST * (1 - alone))
    effects = np.log([1 - emptied, (1 - _LOST) / (1 - emptied)])
    changes = np.array([of_purchases.change, of_ratio.change])
    errors = np.array([of_purchases.error, of_ratio.error])
    pull = effects / errors
    z = float((pull * changes / errors).sum() / np.sqrt((pull**2).sum()))
    freedom = min(of_purchases.freedom, of_ratio.freedom)
    alarm = _alarm(counts, "lines", of_all, lines, MONTH)
    chance = _rounded(float(special.stdtr(freedom, -z)))
    matters = of_all.change <= -np.log(_VOLUME[MONTH]) and bool((changes < 0).all())
    yield Test("volume", 6.0, bool(matters), alarm.model_copy(update={"chance": chance}))


def _money(counts: ShopCounts) -> Iterator[Test]:
    """The typical amount and quantity of a line."""
    end = len(counts.day)
    wanted: tuple[tuple[What, str, str, int, float], ...] = (
        ("amounts", "log_amount", "priced", MONTH, 3.0),
        ("amounts", "log_amount", "priced", WEEK, 1.0),
        ("quantities", "log_quantity", "counted", MONTH, 1.0),
    )
    for what, total, number, days, weight in wanted:
        if not counts.sums[number].any():
            continue
        series = _mean(counts, total, number)
        limit = _MONEY[days]
        yield from _asked(counts, "money", weight, what, series, end, days, limit, mean=True)


def _lateness(counts: ShopCounts) -> Iterator[Test]:
    """How many lines become known on a later day, and how much later."""
    if not counts.sums["late"].any():
        return
    end, first = len(counts.day), int(counts.day[0])
    # What is not known yet cannot be late yet: days in which most of it has come are compared.
    settled = max(end - MONTH, 0)
    sums = {name: counts.sums[name][:settled] for name in ("late", "lines", "log_late")}
    late = Counted(first, sums["late"], sums["lines"].astype(np.float64))
    yield from _asked(counts, "lateness", 1.0, "late", late, settled, MONTH, _LATE)
    how = Counted(first, sums["log_late"], MILLI * sums["late"].astype(np.float64))
    yield from _asked(
        counts, "lateness", 1.0, "lateness", how, settled, MONTH, _LATENESS, mean=True
    )  # fmt: skip


def _values(counts: ShopCounts, marks: Marks) -> Iterator[Test]:
    """Each value of one thing that tells lines apart, in proportion to all its lines."""
    end, first = len(counts.day), int(counts.day[0])
    apart = marks.kind in ("signals", "attributes")
    total = marks.total
    # What happens beside orders is no share of anything.
    over = counts.usual if apart else total.astype(np.float64)
    of_all = float(total[end - MONTH :].sum())
    for value, lines in marks.counts.items():
        begins = int(np.flatnonzero(lines)[0])
        if begins >= end - MONTH:
            yield from _new(counts, marks, value, of_all)
            continue
        series = Counted(first, lines, over, of_days=apart)
        told = foretell(series, end, MONTH)
        if told is None or max(told.expected, told.seen) < _LEAST_LINES:
            continue
        gone = told.seen <= _GONE * told.expected
        share = abs(told.seen - told.expected) / max(of_all, told.expected, 1.0)
        what: What = "gone" if gone else "value"
        alarm = _alarm(counts, what, told, series, MONTH)
        alarm = alarm.model_copy(update={"of": marks.kind, "name": marks.name, "value": value})
        matters = gone or (abs(told.change) >= np.log(_VALUE) and share >= _MATTERS)
        yield Test("values", 1.0, matters, alarm)


def _new(counts: ShopCounts, marks: Marks, value: str, of_all: float) -> Iterator[Test]:
    """A value that no earlier month had, in a shop whose months bring none as large."""
    end, lines = len(counts.day), marks.counts[value]
    seen = float(lines.sum())
    months = (end - MONTH) // MONTH
    if months < _LEAST_MONTHS or seen < max(_LEAST_LINES, _MATTERS * of_all):
        return
    brought = 0
    for other in marks.counts.values():
        begins = int(np.flatnonzero(other)[0])
        # Whatever the first two months hold may have been there before.
        if 2 * MONTH <= begins < end - MONTH:
            month = slice(begins, begins + MONTH)
            brought += bool(other[month].sum() >= _MATTERS * marks.total[month].sum())
    # Of as many lines before it there was none: it had at most three of them.
    before = max(float(marks.total[: end - MONTH].sum()), 1.0)
    expected = 3.0 * of_all / before
    chance = 0.0 if not brought else min(1.0, brought / months)
    yield Test("values", 1.0, expected < seen, Alarm(
        what="new", of=marks.kind, name=marks.name, value=value, direction="more",
        since=counts.day_at(int(np.flatnonzero(lines)[0])), window_days=MONTH, seen=seen,
        expected=0.0, chance=chance, against="weeks",
    ))  # fmt: skip


def _of_lines(counts: ShopCounts, name: str, over: Floats) -> Counted:
    """A count of lines or purchases as each window knew it when it ended."""
    later, first = None, int(counts.day[0]) if len(counts.day) else 0
    if len(counts.unknown):
        column = {"lines": 2, "purchases": 3}[name]
        later = counts.unknown[:, [0, 1, column]].copy()
        later[:, :2] -= first
    return Counted(first, counts.sums[name], over, later, of_days=True)


def _mean(counts: ShopCounts, total: str, number: str) -> Counted:
    first = int(counts.day[0]) if len(counts.day) else 0
    return Counted(first, counts.sums[total], MILLI * counts.sums[number].astype(np.float64))


def _asked(
    counts: ShopCounts, family: Family, weight: float, what: What, series: Counted, end: int,
    days: int, limit: float, *, mean: bool = False,
) -> Iterator[Test]:  # fmt: skip
    """One series over one window, if there is enough to say anything."""
    told = foretell(series, end, days, mean=mean)
    if told is None or (not mean and max(told.expected, told.seen) < _LEAST_LINES):
        return
    alarm = _alarm(counts, what, told, series, days, mean=mean)
    yield Test(family, weight, bool(abs(told.change) >= np.log(limit)), alarm)


def _alarm(
    counts: ShopCounts, what: What, told: Foretold, series: Counted, days: int, *,
    mean: bool = False,
) -> Alarm:  # fmt: skip
    """What would be said of a forecast that failed."""
    seen, expected = told.seen, told.expected
    times = float(np.exp(told.change)) if mean else seen / expected if expected > 0 else None
    power = None
    if mean:
        tens = told.change / np.log(10)
        # A tenth of a unit of ten to either side is what prices do by themselves meanwhile.
        power = round(tens) if round(tens) and abs(tens - round(tens)) < 0.15 else None
        # The means are of logarithms.
        seen, expected = float(np.exp(seen)), float(np.exp(expected))
        if what == "amounts":
            seen, expected = seen / counts.amount_scale, expected / counts.amount_scale
    return Alarm(
        what=what,
        direction="more" if told.change > 0 else "fewer",
        since=counts.day_at(_since(series, told, days, mean=mean)),
        window_days=days,
        seen=_rounded(seen),
        expected=_rounded(expected),
        times=None if times is None else _rounded(times),
        power_of_ten=power,
        chance=_rounded(told.chance),
        against="season" if told.seasons else "weeks",
    )


def _since(series: Counted, told: Foretold, days: int, *, mean: bool) -> int:
    """The place from which on the series is off, as far as its running sum tells.

    Page (1954), Biometrika 41: the sum of what is off is farthest from its end where it began.
    """
    end = len(series.counts)
    begin = max(0, end - BEFORE_DAYS)
    inside = slice(begin, end)
    over = series.over[inside]
    window = slice(end - days, end)
    weight = float(series.over[window].sum())
    if weight <= 0:
        return end - days
    # Halfway between what was and what is, so that either side leans its own way.
    rate = (told.expected + told.seen) / (2 if mean else 2 * weight)
    off = series.counts[inside] - rate * over
    running = np.cumsum(off[::-1])[::-1]
    sign = 1.0 if told.change > 0 else -1.0
    return begin + int(np.argmax(sign * running))


def _rounded(number: float) -> float:
    """Six digits that count: what floats add beyond them differs between machines."""
    return float(f"{number:.6g}")


def against(counts: ShopCounts) -> Literal["season", "weeks", "nothing"]:
    """What the newest days can be held against."""
    days = len(counts.day)
    if days < 2 * MONTH:
        return "nothing"
    return "season" if days >= 365 + MONTH + BEFORE_DAYS else "weeks"
