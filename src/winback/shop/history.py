"""What a shop's order history says, before any model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from winback.errors import WinbackError
from winback.results.shop import Active, Cohort, Cohorts, Gaps, Period, Revenue, Shop
from winback.shop.past import PURCHASES, Past, known_before
from winback.tables.history import check_orders

if TYPE_CHECKING:
    import pandas as pd

SILENCES_DAYS = (30, 60, 90, 180, 365)
GAP_SHARES = (10, 25, 50, 75, 90)
MAX_COHORTS = 24


def describe_shop(
    orders: str | Path | pa.Table | pd.DataFrame,
    cutoff: date,
    *,
    amount_scale: int | None = None,
    currency: str | None = None,
) -> Shop:
    """Describe the shop as it looked to somebody standing at the cutoff.

    From canonical order lines that happened and were
    known before ``cutoff``; a line at the cutoff is not seen.
    What is churn in the shop, `winback.churn.study_churn` says.

    Args:
        orders: canonical order lines: a Parquet file, an Arrow table or a pandas frame.
        cutoff: the first day not seen.
        amount_scale: minor units in one unit of the currency; by default what the table's
            schema says, else 100.
        currency: by default what the table's schema says, else unknown (empty text).
    """
    con = duckdb.connect()
    try:
        metadata = _bind_lines(con, orders, cutoff)
        con.execute(PURCHASES)
        scale = amount_scale or int(metadata.get(b"amount_scale", b"100"))
        known = currency if currency is not None else metadata.get(b"currency", b"").decode()
        return _described(con, cutoff, scale, known)
    finally:
        con.close()


def describe_past(past: Past) -> Shop:
    """The same of a past that is open already."""
    return _described(past.con, past.cutoff, past.scale, past.currency)


def _described(con: duckdb.DuckDBPyConnection, cutoff: date, scale: int, currency: str) -> Shop:
    """From the tables ``lines`` and ``purchases``, as `Past` has them."""
    totals = _row(con, _TOTALS)
    gross, refunded = int(totals["gross"] or 0), -int(totals["refunded"] or 0)
    first, last = totals["first_day"], totals["last_day"]
    customers, purchases = totals["customers"], totals["purchases"]
    later = int(totals["later_value"] or 0)
    gaps, top = _row(con, _GAPS), _row(con, _TOP_TENTH)
    return Shop(
        cutoff=cutoff,
        currency=currency,
        lines=totals["lines"],
        orders=purchases,
        refunds=totals["refunds"],
        customers=customers,
        first_day=first,
        last_day=last,
        days_seen=(cutoff - first).days if first else 0,
        gross_revenue=_money(gross, scale),
        refunded=_money(refunded, scale),
        net_revenue=_money(gross - refunded, scale),
        refunded_share=_share(refunded, gross),
        repeat_share=_share(totals["repeaters"], customers),
        one_time_share=_share(customers - totals["repeaters"], customers),
        returning_revenue_share=_share(later, gross),
        repeat_revenue_share=_share(int(totals["repeaters_value"] or 0), gross),
        returning_orders_share=_share(purchases - customers, purchases),
        first_basket_mean=_mean(gross - later, customers, scale),
        later_basket_mean=_mean(later, purchases - customers, scale),
        top_tenth_revenue_share=_share(top["value"] or 0, gross),
        top_customer_revenue_share=_share(top["first"] or 0, gross),
        gap_median_days=_rounded(gaps["p50"]),
        gaps=Gaps(n=gaps["n"], **{f"p{p}": _rounded(gaps[f"p{p}"]) for p in GAP_SHARES}),
        active=_active(con, first, cutoff, customers),
        cohorts=_cohorts(con, first, cutoff),
        revenue=_revenue(con, first, cutoff, scale),
    )


_TOTALS = """
SELECT count(*) AS purchases, count(*) FILTER (nth = 1) AS customers,
       count(*) FILTER (nth = 2) AS repeaters,
       sum(value) AS gross, sum(value) FILTER (nth > 1) AS later_value,
       sum(value) FILTER (of_all > 1) AS repeaters_value,
       min(day) AS first_day, max(day) AS last_day,
       (SELECT count(*) FROM lines) AS lines,
       (SELECT count(DISTINCT (customer_id, order_id, CAST(ordered_at AS DATE))) FROM lines
        WHERE kind = 'refund') AS refunds,
       (SELECT sum(amount) FROM lines WHERE kind = 'refund') AS refunded
FROM purchases
"""

# Two orders on one day are one visit: a gap of 0 days would say nothing about rhythm.
SPELLS = "SELECT day - previous_day AS gap FROM purchases WHERE day > previous_day"

_GAPS = f"""
SELECT count(gap) AS n, {", ".join(f"quantile_cont(gap, {p / 100}) AS p{p}" for p in GAP_SHARES)}
FROM ({SPELLS})
"""

_ACTIVE = "SELECT count(DISTINCT customer_id) AS n FROM purchases WHERE day >= $since"

_TOP_TENTH = """
SELECT sum(value) AS value, max(value) AS first FROM (
    SELECT value, row_number() OVER (ORDER BY value DESC) AS place, count(*) OVER () AS n
    FROM (SELECT sum(value) AS value FROM purchases GROUP BY customer_id)
) WHERE place <= ceil(n / 10)
"""


_READ = ("customer_id", "order_id", "ordered_at", "known_at", "amount", "kind")


def _bind_lines(
    con: duckdb.DuckDBPyConnection, orders: str | Path | pa.Table | pd.DataFrame, cutoff: date
) -> dict[bytes, bytes]:
    """Make the view ``lines`` of what happened and was known before the cutoff."""
    if isinstance(orders, (str, Path)):
        if not Path(orders).exists():
            raise WinbackError("report.no_orders", file=str(orders))
        check_orders(orders, *_READ)
        con.read_parquet(str(orders)).create_view("all_lines")
        metadata = pq.read_schema(orders).metadata or {}
    else:
        check_orders(orders, *_READ)
        con.register("all_lines", orders)
        metadata = (orders.schema.metadata or {}) if isinstance(orders, pa.Table) else {}
    known_before(con, "lines", "ordered_at", cutoff)
    return metadata


def _row(
    con: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, date] | None = None
) -> dict[str, Any]:  # what a query gives has no narrower type
    found = con.execute(query, values or {})
    names = [column[0] for column in found.description or []]
    return dict(zip(names, found.fetchone() or (), strict=True))


def _active(
    con: duckdb.DuckDBPyConnection, first: date | None, cutoff: date, customers: int
) -> tuple[Active, ...]:
    rows = []
    for days in SILENCES_DAYS:
        if first and days <= (cutoff - first).days:
            n = _row(con, _ACTIVE, {"since": cutoff - timedelta(days)})["n"]
            rows.append(Active(days=days, customers=n, share=_share(n, customers)))
    return tuple(rows)


def _cohorts(con: duckdb.DuckDBPyConnection, first: date | None, cutoff: date) -> Cohorts | None:
    """Share of each month's new customers who bought again 1, 2, ... months later.

    A cell whose month the cutoff cuts short is None: it could still change.
    """
    if first is None:
        return None
    unit: Literal["month", "quarter"] = (
        "month" if _steps(first, cutoff, "month") < MAX_COHORTS else "quarter"
    )
    columns = 12 if unit == "month" else 8
    counted = con.execute(
        f"""
        SELECT date_trunc('{unit}', first_day)::DATE AS cohort,
               date_diff('{unit}', first_day, day) AS step, count(DISTINCT customer_id)
        FROM purchases GROUP BY ALL
        """
    ).fetchall()
    buyers = {(cohort, step): n for cohort, step, n in counted}
    starts = sorted({cohort for cohort, _ in buyers})[-MAX_COHORTS:]
    found = {
        start: tuple(
            _share(buyers.get((start, step), 0), buyers[start, 0])
            if _start_of(start, unit, step + 1) <= cutoff
            else None
            for step in range(1, columns + 1)
        )
        for start in starts
    }
    seen = max((sum(x is not None for x in shares) for shares in found.values()), default=0)
    if seen == 0:
        return None
    rows = tuple(
        Cohort(cohort=start, customers=buyers[start, 0], shares=shares[:seen])
        for start, shares in found.items()
        if shares[0] is not None
    )
    return Cohorts(unit=unit, rows=rows)


def _revenue(
    con: duckdb.DuckDBPyConnection, first: date | None, cutoff: date, scale: int
) -> Revenue | None:
    """Purchases as placed by week, month or quarter, split into first and later ones."""
    if first is None:
        return None
    days = (cutoff - first).days
    unit: Literal["week", "month", "quarter"] = (
        "week" if days <= 92 else "month" if days <= 3 * 366 else "quarter"
    )
    found = {
        start: values
        for start, *values in con.execute(
            f"""
            SELECT date_trunc('{unit}', day)::DATE AS start,
                   sum(value) FILTER (nth = 1), sum(value) FILTER (nth > 1)
            FROM purchases GROUP BY ALL
            """
        ).fetchall()
    }
    start = min(found)
    rows = []
    for step in range(_steps(start, cutoff - timedelta(1), unit) + 1):
        begins = _start_of(start, unit, step)
        new, returning = found.get(begins, (0, 0))
        rows.append(
            Period(
                start=begins,
                new=_money(new or 0, scale),
                returning=_money(returning or 0, scale),
                complete=_start_of(start, unit, step + 1) <= cutoff,
            )
        )
    return Revenue(unit=unit, rows=tuple(rows))


def _steps(start: date, end: date, unit: str) -> int:
    """Boundaries of the unit between two days."""
    if unit == "week":
        return (end - start).days // 7
    months = 12 * (end.year - start.year) + end.month - start.month
    return months if unit == "month" else months // 3


def _start_of(start: date, unit: str, step: int) -> date:
    if unit == "week":
        return start + timedelta(7 * step)
    month = start.month - 1 + step * (1 if unit == "month" else 3)
    return date(start.year + month // 12, month % 12 + 1, 1)


def _money(minor: int, scale: int) -> float:
    return round(minor / scale, 2)


def _mean(minor: int | None, n: int, scale: int) -> float | None:
    return round((minor or 0) / scale / n, 2) if n else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole > 0 else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
