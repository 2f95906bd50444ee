"""What of a history deserves a look: odd stretches of days, amounts, orders and customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import sqrt
from statistics import median
from typing import NamedTuple

import duckdb

from winback.intake.cells import listed
from winback.intake.findings import quoted
from winback.results.base import Fact, fact
from winback.results.intake import SuspiciousCustomer

LEAST_PURCHASES = 30
LEAST_GAP_DAYS = 60
_WEEKS = 4  # on either side, by which a stretch of days is judged
_LEAST_HOLE_DAYS = 5  # longer than Easter or Christmas
_LEAST_THIN_DAYS = 4
_LEAST_USUAL = 20  # lines: so many are never absent by chance
_SWAPPED_MONTHS = 12  # a day up to here can be taken for a month
_LEAST_SWAPPED = 6  # days; by chance all of them lie below the 13th once in 250 times
_LEAST_SWAPPED_MONTHS = 2
# Weekdays come again after 364 days, feasts after a year.
_YEARS = tuple(timedelta(days=days) for days in (364, 365, 366))
_BREAK_DAYS = 28
_BREAK = 10  # times: what a unit or a currency changes, and an assortment hardly


class Day(NamedTuple):
    """A day with purchases: their lines, and the amount of these."""

    day: date
    lines: int
    amount: int


def doubts_of_days(
    days: Sequence[Day], purchases: Sequence[tuple[date, int]], *, chosen_cutoff: bool, scale: int
) -> list[Fact]:
    """Stretches without lines, a thin end and a break in amounts.

    Args:
        days: the days with purchases, in order.
        purchases: purchases by day, where they are known; else empty.
        chosen_cutoff: whether the user chose where the history ends, so that its end is no doubt.
        scale: how many parts of an amount make a whole one.
    """
    swapped = None if chosen_cutoff else _swapped_days(days, scale)
    if swapped is not None:
        # Holes and thin ends are then of the same making.
        return [one for one in (swapped, _break(days)) if one is not None]
    found = [_hole(days), _break(days)]
    if not chosen_cutoff:
        found.append(_sparse_end(purchases) or _thin_end(days))
    return [doubt for doubt in found if doubt is not None]


def _swapped_days(days: Sequence[Day], scale: int) -> Fact | None:
    """An end whose days all lie below the 13th, as where day and month changed places.

    2024-05-03 taken for 5 March stays within the history, but 2024-03-12 becomes 3 December. The
    history ends on its last day from the 13th on, or up to twelve days later.
    """
    end = max((one.day for one in days if one.day.day > _SWAPPED_MONTHS), default=None)
    if end is None:
        return None
    # Until the 12th that follows, days below the 13th may be what they say.
    later = date(end.year + end.month // 12, end.month % 12 + 1, _SWAPPED_MONTHS)
    strange = [one for one in days if one.day > later]
    usual = [one for one in days if one.day <= later]
    kinds = {one.day.day for one in strange}
    months = {(one.day.year, one.day.month) for one in strange}
    if len(strange) < _LEAST_SWAPPED or len(months) < _LEAST_SWAPPED_MONTHS:
        return None
    before = sum(one.lines for one in usual)
    late = sum(one.lines for one in usual if one.day.day > _SWAPPED_MONTHS)
    alike = sum(one.lines for one in usual if one.day.day in kinds)
    # A shop that always sells at the beginning of a month does so at its end too.
    if late < before / 4 or alike > 3 * len(kinds) / 30 * before:
        return None
    lines = [one for one in days if one.day > end]
    return fact(
        "intake.days_swapped", lines=sum(one.lines for one in lines), end=end,
        amount=sum(one.amount for one in lines) / scale, cutoff=end + timedelta(days=1),
    )  # fmt: skip


class _Usual:
    """How many lines a stretch of days holds by the same weekdays of the weeks around it."""

    def __init__(self, days: Sequence[Day]) -> None:
        self.lines = {one.day: one.lines for one in days}
        self.first, self.last = days[0].day, days[-1].day

    def of(self, begin: date, end: date, *, after: bool) -> float:
        """Lines to be expected in ``[begin, end)``; 0 where too few weeks tell."""
        total = 0.0
        for shift in range(min((end - begin).days, 7)):
            day = begin + timedelta(days=shift)
            alike = [
                day - timedelta(days=7 * k) for k in range(1, _WEEKS * (1 if after else 2) + 1)
            ]
            if after:
                weeks = -(-((end - day).days) // 7)
                alike += [day + timedelta(days=7 * (weeks + k)) for k in range(_WEEKS)]
            known = [self.lines.get(d, 0) for d in alike if self.first <= d <= self.last]
            if len(known) < _WEEKS:
                return 0.0
            times = -(-((end - day).days) // 7)
            total += times * median(known)
        return total

    def held(self, begin: date, end: date) -> int:
        """Lines in ``[begin, end)``."""
        return sum(n for day, n in self.lines.items() if begin <= day < end)


def _hole(days: Sequence[Day]) -> Fact | None:
    """The stretch without a line in which most would be usual."""
    usual = _Usual(days)
    holes = [
        (usual.of(begin, end, after=True), begin, end)
        for begin, end in ((a.day + timedelta(days=1), b.day) for a, b in pairwise(days))
        if (end - begin).days >= _LEAST_HOLE_DAYS and not is_new_year(begin, end)
    ]
    # Where the same days of another year were as silent, the shop is closed then.
    irregular = [
        hole
        for hole in holes
        if not any(
            abs(abs((hole[1] - other).days) - 364) <= 7 and 2 * (last - other) >= hole[2] - hole[1]
            for _, other, last in holes
        )
    ]
    expected, begin, end = max(irregular, default=(0.0, date.min, date.min))
    if expected < _LEAST_USUAL:
        return None
    return fact("intake.hole", first=begin, last=end - timedelta(days=1), usual=expected)


def is_new_year(begin: date, end: date) -> bool:
    """Whether ``[begin, end)`` lies between Christmas and Epiphany, when many shops are closed."""
    year = (begin + timedelta(days=12)).year
    return date(year - 1, 12, 20) <= begin and end <= date(year, 1, 8)


def _thin_end(days: Sequence[Day]) -> Fact | None:
    """An end of up to 60 days with under a fifth of the usual lines."""
    usual, end = _Usual(days), days[-1].day + timedelta(days=1)
    ends: list[tuple[float, int, int, float]] = []
    for length in range(_LEAST_THIN_DAYS, LEAST_GAP_DAYS + 1):
        begin = end - timedelta(days=length)
        expected, held = usual.of(begin, end, after=False), usual.held(begin, end)
        if expected < _LEAST_USUAL or held >= expected / 5:
            continue
        # What ends so every year is a season; after Christmas it may be one in a first year too.
        every_year = [
            usual.held(begin - year, end - year) < then / 2
            for year in _YEARS
            if (then := usual.of(begin - year, end - year, after=False)) >= _LEAST_USUAL
        ]
        if any(every_year) if every_year else (end.month == 1 or end > date(end.year, 12, 24)):
            continue
        # Each thin day in it speaks for an end, and each full one against it.
        ends.append((expected / 2 - held, -length, held, expected))
    if not ends:
        return None
    _, minus, held, expected = max(ends)
    cutoff = end + timedelta(days=minus)
    return fact("intake.thin_end", days=-minus, lines=held, usual=expected, cutoff=cutoff)


def _break(days: Sequence[Day]) -> Fact | None:
    """The day from which amounts are of another order of magnitude, if there is one."""
    levels = [one.amount / one.lines for one in days]
    steps: list[tuple[float, int, float, float]] = []
    for at in range(_BREAK_DAYS, len(days) - _BREAK_DAYS + 1):
        earlier, later = (
            median(levels[at - _BREAK_DAYS : at]),
            median(levels[at : at + _BREAK_DAYS]),
        )
        steps.append((max(later / earlier, earlier / later), at, earlier, later))
    times, near, earlier, later = max(steps, default=(0.0, 0, 0.0, 0.0))
    if times < _BREAK:
        return None
    rises = later > earlier
    between = sqrt(earlier * later)

    def misplaced(at: int) -> int:
        before, since = levels[near - _BREAK_DAYS : at], levels[at : near + _BREAK_DAYS]
        high, low = (since, before) if rises else (before, since)
        return sum(level < between for level in high) + sum(level > between for level in low)

    # Medians change by as much over several weeks; the day is where the sides part best.
    day = days[min(range(near - _BREAK_DAYS, near + _BREAK_DAYS), key=misplaced)].day
    return fact("intake.amounts_rise" if rises else "intake.amounts_fall", day=day, times=times)


def _sparse_end(counts: Sequence[tuple[date, int]]) -> Fact | None:
    """An end of over 60 days at under a twentieth of the rate before it, counted in purchases."""
    end = sparse_end(counts)
    if end is None:
        return None
    days, orders = end
    until = counts[-1][0] - timedelta(days=days)
    before = sum(n for _, n in counts) - orders
    month = before * 30 / ((until - counts[0][0]).days + 1)
    cutoff = until + timedelta(days=1)
    return fact("intake.sparse_end", days=days, orders=orders, monthly=month, cutoff=cutoff)


def sparse_end(counts: Sequence[tuple[date, int]]) -> tuple[int, int] | None:
    """Days and count of an end of over 60 days at under a twentieth of the rate before it."""
    found, least = None, 0.05
    beyond, total = 0, sum(n for _, n in counts)
    # What lies after each day, going back in time.
    for (_, after), (day, _) in pairwise(reversed(counts)):
        beyond += after
        days, span = (counts[-1][0] - day).days, (day - counts[0][0]).days + 1
        rest = total - beyond
        if beyond > rest or rest < LEAST_PURCHASES:
            break
        share = beyond / days / (rest / span)
        if days > LEAST_GAP_DAYS and share < least:
            found, least = (days, beyond), share
    return found


def find_giant(
    con: duckdb.DuckDBPyConnection, scale: int, lines: int, most: int, total: int
) -> list[Fact]:
    """Tell of one order that holds more than all the others together.

    `lines`, `most` and `total` are their number, the largest amount of one and the sum of all.
    """
    # Orders are summed only where one line is large enough: a fifth of what a giant must hold.
    if lines < LEAST_PURCHASES or 10 * most < total:
        return []
    found = con.execute(
        # An order without an id has its instant for one.
        """SELECT *, CAST(TRY_CAST(order_id AS TIMESTAMP) AS DATE) = day FROM (
            SELECT order_id, day, amount, sum(amount) OVER () FROM (
                SELECT CAST(order_id AS VARCHAR) AS order_id, day, sum(amount) AS amount
                FROM bought GROUP BY customer_id, order_id, day)
            ORDER BY amount DESC, order_id, day LIMIT 1)"""
    ).fetchall()
    order, day, amount, revenue, unnamed = found[0]
    if 2 * amount <= revenue:
        return []
    # Next to all is not all.
    nearly = amount > 0.9999 * revenue
    share = fact("intake.over_share" if nearly else "intake.share",
                 share=0.9999 if nearly else amount / revenue)  # fmt: skip
    amounts = {"amount": amount / scale, "revenue": revenue / scale}
    if unnamed:
        return [fact("intake.giant_day", day=day, share=share, **amounts)]
    return [fact("intake.giant_order", order=masked(order), day=day, share=share, **amounts)]


def find_nobody(
    con: duckdb.DuckDBPyConnection, unsure: Sequence[str]
) -> tuple[list[Fact], list[Fact]]:
    """Tell of lines set aside because their customer is nobody, and of ids that may be nobody.

    ``unsure`` are such ids; both are told by name, since they are no person's.
    """
    understood, doubts = [], []
    named = (
        "SELECT bad_value, count(*) AS n, coalesce(sum(value), 0) FROM lines WHERE reason = "
        "'no_customer' AND bad_value IS NOT NULL GROUP BY bad_value ORDER BY n DESC, bad_value"
    )
    if found := con.execute(named).fetchall():
        names, lines, money = _counted(found)
        understood.append(fact("intake.guests_named", names=names, lines=lines, money=money))
    held = (
        f"SELECT customer_id, count(*) AS n, coalesce(sum(value), 0) FROM kept WHERE customer_id "
        f"IN {listed(unsure)} GROUP BY customer_id ORDER BY n DESC, customer_id"
    )
    if unsure and (found := con.execute(held).fetchall()):
        names, lines, money = _counted(found)
        doubts.append(
            fact(
                "intake.guest_words", names=names, lines=lines, money=money, first=found[0][0]
            )
        )  # fmt: skip
    return understood, doubts


def _counted(found: Sequence[tuple[str, int, float]]) -> tuple[tuple[Fact, ...], int, float]:
    """Names, lines and money of ids that are nobody's."""
    names = quoted([name for name, _, _ in found], most=3)
    lines, money = sum(row[1] for row in found), sum(row[2] for row in found)
    return names, lines, round(money, 2)


def find_suspicious(
    busy: Mapping[str, tuple[int, int]], purchases: int, customers: int
) -> list[SuspiciousCustomer]:
    """Name customers that look like a till, staff or a test account.

    Nobody is more than a twentieth of a shop and twenty times the average customer; and
    nobody orders five times on every day they order at all, a hundred orders long. `busy`
    gives the purchases and days of whoever may be such.
    """
    found = [
        (n, name)
        for name, (n, days) in busy.items()
        if (n > 0.05 * purchases and n > 20 * purchases / customers) or (n >= 100 and n >= 5 * days)
    ]
    return [
        SuspiciousCustomer(
            customer_id=masked(name), purchases=n, share_of_purchases=round(n / purchases, 4)
        )
        for n, name in sorted(found, key=lambda one: (-one[0], one[1].encode()))[:20]
    ]


def masked(name: str) -> str:
    """Hide an e-mail address or a person's name that serves as an id."""
    if "@" in name:
        user, _, host = name.partition("@")
        return f"{user[:1]}***@{host[:1]}***"
    return f"{name[:1]}***" if " " in name else name
