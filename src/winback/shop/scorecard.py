"""How the shop does: figures of the last closed year beside earlier ones, and month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, sqrt
from typing import Literal

import duckdb

from winback.results.kept_score import (
    Figure,
    Figures,
    Mark,
    Newcomers,
    Scorecard,
    Seconds,
    Within,
)
from winback.shop.history import SPELLS
from winback.shop.intervals import NORMAL, THIN, Interval, Sums, ratio, sums_sql, wilson
from winback.shop.past import Past
from winback.shop.spans import Spans, figure_of, spans_of
from winback.shop.trend import follow_trend, next_period, period_of
from winback.shop.voices import hear_voices

WITHIN_DAYS = (30, 60, 90)
# A longer horizon leaves too few whose first purchase lies far enough back.
_MOST_SECOND_DAYS = 180
_COHORTS = 24
_MOST_OF = 0.9


def keep_score(past: Past) -> Scorecard | None:
    """The shop's figures as known before the cutoff; None without a purchase.

    Figures are of the last twelve closed months beside the twelve before, or of all days of a
    shorter history. What they count is said by the fields of `Figures`; intervals are of 95%,
    with customers as what varies: of ratios by their linearisation (`ratio`), of shares Wilson's,
    of the median by order statistics. Who bought before the history began counts as new once:
    spans and months that begin within the usual rhythm of its begin are marked ``early``.
    """
    first_day, last_day = past.con.execute("SELECT min(day), max(day) FROM purchases").fetchall()[0]
    if first_day is None:
        return None
    spans = spans_of(past, first_day, last_day)
    back = _settle_refunds(past.con)
    rhythm = _one(past.con, f"SELECT quantile_disc(gap, {_MOST_OF}) FROM ({SPELLS})")
    settled = first_day + timedelta(days=rhythm or 0)
    second_days = min(past.horizon_days, _MOST_SECOND_DAYS)
    firsts = _firsts(past.con, sorted({*WITHIN_DAYS, second_days}))
    voices, doubts = hear_voices(past, spans)
    start, end = spans.bounds[0]
    score = Scorecard(
        start=start,
        end=end,
        days=(end - start).days,
        whole_year=spans.whole_year,
        first_day=first_day,
        seen_until=spans.seen_until,
        second_days=second_days,
        rhythm_days=rhythm,
        refund_days=back.days,
        refunds_linked=back.linked,
        figures=_figures(past, spans, back, (firsts, second_days), settled),
        seconds=_seconds(firsts, spans, settled),
        trend=follow_trend(past, spans, settled, back.days),
        voices=voices,
        doubts=doubts,
    )
    for name in ("settled_refunds", "spans_of_customers", "marks"):
        past.con.execute(f"DROP TABLE IF EXISTS {name}")
    return score


@dataclass(frozen=True)
class _Back:
    """What is known of refunds: within how many days most come, and how much names its order."""

    days: int | None
    linked: float | None


def _settle_refunds(con: duckdb.DuckDBPyConnection) -> _Back:
    """Make the table ``settled_refunds``: money by customer and day of the purchase it undoes.

    A refund is counted with the purchase of its customer and order id, else on its own day.
    """
    con.execute(
        """
        CREATE TEMP TABLE settled_refunds AS
        WITH back AS (
            SELECT customer_id, order_id, CAST(ordered_at AS DATE) AS issued,
                   CAST(-sum(amount) AS BIGINT) AS money
            FROM refunds GROUP BY ALL
        ), bought AS (
            SELECT customer_id, order_id, min(day) AS bought
            FROM purchases SEMI JOIN back USING (customer_id, order_id) GROUP BY ALL
        )
        SELECT customer_id, coalesce(bought, issued) AS day, issued - bought AS wait, money
        FROM back LEFT JOIN bought USING (customer_id, order_id)
        """
    )
    days, linked, money = con.execute(
        f"""
        SELECT quantile_disc(wait, {_MOST_OF}), sum(money) FILTER (wait IS NOT NULL), sum(money)
        FROM settled_refunds
        """
    ).fetchall()[0]
    if not money:
        return _Back(None, None)
    return _Back(None if days is None else max(int(days), 0), round(int(linked or 0) / money, 4))


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int | None:
    found = con.execute(query).fetchall()[0][0]
    return None if found is None else int(found)


def _figures(
    past: Past, spans: Spans, back: _Back, seconds: tuple[_Firsts, int], settled: date
) -> Figures:
    """All figures, from one row a customer and span that never leaves the database."""
    # So far back from a span's end purchases have most of their refunds behind them.
    young = max(0, (back.days or 0) - (spans.seen_until - spans.end).days)
    past.con.execute(_customers_sql(spans, young))
    bought = "CAST(n > 0 AS INTEGER)"
    sums = {
        name: _sums(past.con, y, x, len(spans.bounds))
        for name, y, x in (
            ("frequency", "n", bought),
            ("value", "v", "n"),
            ("later", "later", "v"),
            ("back", "back", "v_old"),
        )
    }
    repeated = past.con.execute(
        "SELECT k, count(*) FILTER (n > 1), count(*) FROM spans_of_customers WHERE n > 0 GROUP BY k"
    ).fetchall()
    repeats = {int(k): wilson(int(part), int(n)) for k, part, n in repeated}
    places = range(len(spans.bounds))
    share = (0.0, 1.0)
    medians = [_median(past, start, end) for start, end in spans.bounds]
    firsts, days = seconds
    return Figures(
        frequency=_ratios(sums["frequency"], spans, relative=True),
        order_value_mean=_ratios(sums["value"], spans, scale=past.scale, relative=True),
        order_value_median=figure_of(medians, spans, relative=True),
        repeat_share=figure_of([repeats.get(k) for k in places], spans),
        second_share=figure_of([firsts.share(*of, days) for of in spans.bounds], spans,
                               settled=settled),
        returning_revenue_share=_ratios(sums["later"], spans, bounds=share, settled=settled),
        refunded_share=None if back.linked is None else _ratios(sums["back"], spans, bounds=share),
    )  # fmt: skip


def _customers_sql(spans: Spans, young: int) -> str:
    end = f"CAST(DATE '{spans.end}' - to_months(CAST(12 * k AS INTEGER)) AS DATE)"
    return f"""
    CREATE TEMP TABLE spans_of_customers AS
    WITH moves AS (
        SELECT customer_id, day, value, nth, 0 AS money FROM purchases WHERE day < '{spans.end}'
        UNION ALL
        SELECT customer_id, day, 0, NULL, money FROM settled_refunds WHERE day < '{spans.end}'
    ), placed AS (
        SELECT *, {spans.place_sql("day")} AS k FROM moves
    )
    SELECT customer_id, k, count(nth) AS n, sum(value) AS v,
           coalesce(sum(value) FILTER (nth > 1), 0) AS later,
           coalesce(sum(value) FILTER (day < {end} - {young}), 0) AS v_old,
           coalesce(sum(money) FILTER (day < {end} - {young}), 0) AS back
    FROM placed WHERE k < {len(spans.bounds)} GROUP BY customer_id, k
    """


def _sums(con: duckdb.DuckDBPyConnection, y: str, x: str, spans: int) -> list[Sums | None]:
    """Sums by span, newest first."""
    rows = con.execute(f"SELECT k, {sums_sql(y, x)} FROM spans_of_customers GROUP BY k").fetchall()
    found: list[Sums | None] = [None] * spans
    for k, *each in rows:
        sums = Sums(*map(int, each))
        found[int(k)] = sums if sums.x > 0 else None
    return found


def _ratios(
    sums: Sequence[Sums | None], spans: Spans, *, scale: float = 1.0, relative: bool = False,
    bounds: tuple[float, float] | None = None, settled: date | None = None,
) -> Figure:  # fmt: skip
    found = [ratio(each, scale=scale, bounds=bounds) if each else None for each in sums]
    return figure_of(found, spans, relative=relative, settled=settled)


def _median(past: Past, start: date, end: date) -> Interval | None:
    """Median value of the purchases of a span, with the interval of its order statistics."""
    within = f"FROM purchases WHERE day >= '{start}' AND day < '{end}'"
    n = _one(past.con, f"SELECT count(*) {within}") or 0
    if not n:
        return None
    reach = NORMAL * sqrt(n) / 2
    low, high = max(1, floor(n / 2 - reach)), min(n, ceil(n / 2 + 1 + reach))
    middle, least, most = past.con.execute(
        f"SELECT quantile_cont(value, 0.5), quantile_disc(value, {low / n}), "
        f"quantile_disc(value, {high / n}) {within}"
    ).fetchall()[0]
    value = middle / past.scale
    if n <= 5:
        return Interval(value, None, None, None, n)
    return Interval(value, None, least / past.scale, most / past.scale, n)


@dataclass(frozen=True)
class _Firsts:
    """Customers by the day of their first purchase, and how many came back within some days."""

    days: Sequence[date]
    customers: Sequence[int]
    back: Sequence[Sequence[int]]
    within: Sequence[int]

    def count(self, start: date, end: date, days: int) -> tuple[int, int]:
        """Those who came back within so many days, of those who first bought within the dates."""
        place = self.within.index(days)
        inside = [k for k, day in enumerate(self.days) if start <= day < end]
        return sum(self.back[k][place] for k in inside), sum(self.customers[k] for k in inside)

    def share(self, start: date, end: date, days: int) -> Interval | None:
        """The share who came back, of those whose time was over before ``end``."""
        part, n = self.count(start, end - timedelta(days=days), days)
        return wilson(part, n) if n else None


def _firsts(con: duckdb.DuckDBPyConnection, within: Sequence[int]) -> _Firsts:
    """Two orders on one day are one visit: a second purchase is one of a later day."""
    counts = ", ".join(f"count(*) FILTER (again - first_day <= {days})" for days in within)
    rows = con.execute(
        f"""
        SELECT first_day, count(*), {counts} FROM (
            SELECT any_value(first_day) AS first_day, min(day) FILTER (day > first_day) AS again
            FROM purchases GROUP BY customer_id
        ) GROUP BY first_day ORDER BY first_day
        """
    ).fetchall()
    return _Firsts(
        [row[0] for row in rows], [row[1] for row in rows], [row[2:] for row in rows], within
    )


def _seconds(firsts: _Firsts, spans: Spans, settled: date) -> Seconds | None:
    """Second purchases by month, of long histories by quarter."""
    first, seen = spans.first_day, spans.seen_until
    months = 12 * (seen.year - first.year) + seen.month - first.month
    unit: Literal["month", "quarter"] = "month" if months <= _COHORTS else "quarter"
    rows = []
    start = period_of(first, unit)
    while start < seen:
        end = next_period(start, unit)
        customers = firsts.count(start, end, WITHIN_DAYS[0])[1]
        within = tuple(_within(firsts, start, end, days, seen) for days in WITHIN_DAYS)
        if customers and within[0].customers is not None:
            marks: list[Mark] = ["early"] if start < settled else []
            if spans.broken(start, end + timedelta(days=WITHIN_DAYS[-1])):
                marks.append("gap")
            rows.append(
                Newcomers(
                    start=start, customers=customers, within=within, thin=customers < THIN,
                    marks=tuple(marks),
                )
            )  # fmt: skip
        start = end
    if not rows:
        return None
    return Seconds(unit=unit, rows=tuple(rows[-_COHORTS:]), of=len(rows))


def _within(firsts: _Firsts, start: date, end: date, days: int, seen: date) -> Within:
    """Of a cohort, once the time of its last member is over."""
    part, n = firsts.count(start, end, days)
    if not n or end + timedelta(days=days) > seen:
        return Within(days=days, customers=None, share=None, low=None, high=None)
    found = wilson(part, n)
    return Within(
        days=days, customers=part, share=round(found.value, 4),
        low=round(found.low or 0.0, 4), high=round(found.high or 0.0, 4),
    )  # fmt: skip
