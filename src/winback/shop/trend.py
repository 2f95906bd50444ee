"""The shop month by month, beside what its own past foretells of each.

A month is foretold by `winback.shop.seasons.foretell`: the level of the twelve weeks before it,
times how much the same month of earlier years stood above the twelve weeks before *it*, drawn
towards the shop's usual step as far as those steps are noise (sources there). So it is the same
month of earlier years with the shop's trend. Days count by weekday, closed days and the feasts
that move this shop. A month is `above` or `below` only outside of an interval that nineteen of
twenty usual months keep to: of thirty-six usual months two stray by chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np
from scipy import special

from winback.learning.feasts import learn_feasts
from winback.results.kept_score import Foreseen, Period, Trend
from winback.shop.past import Past
from winback.shop.seasons import EPOCH, Counted, foretell, usual_days
from winback.shop.spans import Spans

Unit = Literal["week", "month", "quarter"]
_SHORT_DAYS = 120
_SHOWN = 36
# The first days of a month without a purchase that make it no whole month.
_LATE_BEGIN_DAYS = 2
_KNOWN = 0.99
_CHANCE = 0.05
# An interval from a tenth to ten times tells nothing of a month.
_WIDEST = float(np.log(10))


def period_of(day: date, unit: Unit) -> date:
    """The first day of the week, month or quarter of a day."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1, month=day.month if unit == "month" else (day.month - 1) // 3 * 3 + 1)


def next_period(start: date, unit: Unit) -> date:
    """The first day of the next one."""
    if unit == "week":
        return start + timedelta(days=7)
    month = start.month - 1 + (1 if unit == "month" else 3)
    return date(start.year + month // 12, month % 12 + 1, 1)


def follow_trend(past: Past, spans: Spans, settled: date, refund_days: int | None) -> Trend:
    """Every month of the shop, or week where it has seen less than four months.

    From the tables ``purchases`` and ``settled_refunds``.

    Args:
        past: the shop's past.
        spans: what was seen of it.
        settled: first day on which whoever buys for the first time is likely new.
        refund_days: most refunds come within so many days.
    """
    first, seen = spans.first_day, spans.seen_until
    unit: Literal["week", "month"] = "week" if (seen - first).days < _SHORT_DAYS else "month"
    counted = _counted(past, unit)
    foreseer = _Foreseer.of(past, seen, settled) if unit == "month" else None
    known = seen - timedelta(days=_lateness(past))
    starts = [period_of(first, unit)]
    while (following := next_period(starts[-1], unit)) < seen:
        starts.append(following)
    rows = []
    for start in starts[-_SHOWN:]:
        end = next_period(start, unit)
        state = _state(spans, start, end, known, 0 if unit == "week" else _LATE_BEGIN_DAYS)
        of = counted.get(start, _EMPTY)
        told = foreseer if state == "complete" else None
        rows.append(
            Period(
                start=start,
                days=(min(end, seen) - max(start, first)).days,
                state=state,
                purchases=of.purchases,
                customers=of.customers,
                newcomers=of.newcomers,
                revenue=round(of.revenue / past.scale, 2),
                returning=round(of.returning / past.scale, 2),
                refunded=round(of.refunded / past.scale, 2),
                early=start < settled,
                young=refund_days is not None and end + timedelta(days=refund_days) > seen,
                revenue_usual=told.revenue(start, end) if told else None,
                purchases_usual=told.purchases(start, end) if told else None,
                order_value_usual=told.order_value(start, end, of.purchases) if told else None,
            )
        )
    feasts = () if foreseer is None else foreseer.feasts
    return Trend(unit=unit, rows=tuple(rows), of=len(starts), feasts=feasts)


@dataclass(frozen=True)
class _Counts:
    """What one period adds up to; money in minor units."""

    purchases: int
    customers: int
    newcomers: int
    revenue: int
    returning: int
    refunded: int


_EMPTY = _Counts(0, 0, 0, 0, 0, 0)


def _counted(past: Past, unit: Unit) -> dict[date, _Counts]:
    rows = past.con.execute(
        f"""
        WITH sold AS (
            SELECT CAST(date_trunc('{unit}', day) AS DATE) AS start, count(*) AS purchases,
                   count(*) FILTER (previous_day IS NULL OR date_trunc('{unit}', previous_day)
                                    < date_trunc('{unit}', day)) AS customers,
                   count(*) FILTER (nth = 1) AS newcomers, sum(value) AS revenue,
                   coalesce(sum(value) FILTER (nth > 1), 0) AS returning_
            FROM purchases GROUP BY 1
        ), back AS (
            SELECT CAST(date_trunc('{unit}', day) AS DATE) AS start, sum(money) AS refunded
            FROM settled_refunds GROUP BY 1
        )
        SELECT start, coalesce(purchases, 0), coalesce(customers, 0), coalesce(newcomers, 0),
               coalesce(revenue, 0), coalesce(returning_, 0), coalesce(refunded, 0)
        FROM sold FULL JOIN back USING (start)
        """
    ).fetchall()
    return {start: _Counts(*map(int, each)) for start, *each in rows}


def _lateness(past: Past) -> int:
    """Days within which nearly all order lines are known."""
    rows = past.con.execute(
        """
        SELECT date_diff('day', CAST(ordered_at AS DATE), CAST(known_at AS DATE)) AS late, count(*)
        FROM lines WHERE kind = 'order' GROUP BY late ORDER BY late
        """
    ).fetchall()
    wanted, seen = _KNOWN * sum(n for _, n in rows), 0
    for late, n in rows:
        seen += n
        if seen >= wanted:
            return int(late)
    return 0


def _state(
    spans: Spans, start: date, end: date, known: date, late_begin: int
) -> Literal["complete", "begun", "so_far", "gap"]:
    if spans.broken(start, end):
        return "gap"
    if end > known:
        return "so_far"
    return "begun" if spans.first_day > start + timedelta(days=late_begin) else "complete"


@dataclass(frozen=True)
class _Foreseer:
    """The shop's days, by which its months are foretold."""

    money: Counted
    orders: Counted
    values: Counted
    scale: int
    feasts: tuple[str, ...]

    @classmethod
    def of(cls, past: Past, seen: date, settled: date) -> _Foreseer:
        """From the purchases of each day; feasts are learned from days that were seen.

        Days before ``settled`` foretell nothing: in a shop that opened with its history they
        show how it filled, not a season.
        """
        days = past.days.upto(seen)
        feasts = learn_feasts(past.days, seen)
        later = days.day >= (settled - EPOCH).days
        days = replace(days, day=days.day[later], orders=days.orders[later])
        usual = usual_days(days.day, days.orders, days.gaps, feasts)
        first = int(days.day[0]) if len(days.day) else 0
        rows = past.con.execute(
            "SELECT day, count(*), sum(value) FROM purchases GROUP BY day ORDER BY day"
        ).fetchall()
        orders, money = np.zeros(len(days.day), np.int64), np.zeros(len(days.day), np.int64)
        for day, n, value in rows:
            place = (day - EPOCH).days - first
            if 0 <= place < len(orders):
                orders[place], money[place] = int(n), int(value)
        return cls(
            Counted(first, money, usual, of_days=True),
            Counted(first, orders, usual, of_days=True),
            Counted(first, money, orders.astype(np.float64)),
            past.scale,
            tuple(effect.name for effect in feasts.effects),
        )

    def revenue(self, start: date, end: date) -> Foreseen | None:
        """Money of the purchases as placed, in currency units."""
        return self._told(self.money, start, end, self.scale, digits=2)

    def purchases(self, start: date, end: date) -> Foreseen | None:
        """How many purchases."""
        return self._told(self.orders, start, end, 1, digits=1)

    def order_value(self, start: date, end: date, purchases: int) -> Foreseen | None:
        """Money of a purchase, in currency units: of the month's, given how many there were."""
        return self._told(self.values, start, end, self.scale * max(purchases, 1), digits=2)

    def _told(
        self, series: Counted, start: date, end: date, scale: int, *, digits: int
    ) -> Foreseen | None:
        place = (end - EPOCH).days - series.first_day
        inside = 0 < place <= len(series.counts)
        told = foretell(series, place, (end - start).days) if inside else None
        if told is None or not told.seasons or not np.isfinite(told.error):
            return None
        reach = float(special.stdtrit(told.freedom, 1 - _CHANCE / 2)) * told.error
        if reach > _WIDEST:
            return None
        low, high = (told.expected * float(np.exp(side * reach)) for side in (-1, 1))
        verdict: Literal["below", "usual", "above"] = "usual"
        # The interval is of a smooth law; few purchases have to be strange by their own as well.
        if told.chance < _CHANCE:
            verdict = "below" if told.seen < low else "above" if told.seen > high else "usual"
        return Foreseen(
            expected=round(told.expected / scale, digits), low=round(low / scale, digits),
            high=round(high / scale, digits), seasons=told.seasons, verdict=verdict,
        )  # fmt: skip
