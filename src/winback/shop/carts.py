"""Carts that were left and what came after them, from signals."""

from __future__ import annotations

from datetime import date

import duckdb

from winback.intake.items import of_carts
from winback.results.journeyed import Carts, CartsBeside, CartsLeft
from winback.shop.past import Past

_PERIODS = (90, 365)
_OPEN_DAYS, _TOLD_DAYS = 90, 7
# The same weekday, far enough from the cart to be another visit, near enough to be the same season.
_OTHER_DAYS = 28
_LEAST_BESIDE = 50
_Z = 1.959964


def find_carts(past: Past, end: date) -> Carts | None:
    """What came of the carts left in the last year; None without signals of carts.

    A cart is what a customer left on one day; it is followed by the first purchase after its last
    signal. Where orders have no time of day, a purchase of the same day counts as after it.
    Beside them stand the same customers at other times: how many bought within as many days from
    the same instant four weeks before and four weeks after. That a purchase followed is no proof
    that the cart, or a reminder of it, brought it.

    Args:
        past: the shop's past.
        end: the first day not seen.
    """
    con = past.con
    which = of_carts(past.asked.cart_signals)
    names = con.execute(f"SELECT DISTINCT name FROM signals WHERE {which} ORDER BY 1").fetchall()
    if not names:
        return None
    values = {"end": end, "year": _PERIODS[-1]}
    con.execute(_LEFT.format(carts=which), values)
    con.execute(_PURCHASES.format(at="placed_at" if past.has_time else _END_OF_DAY))
    con.execute(_FOLLOWED)
    con.execute(_SAME_PRODUCT.format(carts=which), {"days": _TOLD_DAYS})
    return Carts(
        names=tuple(name for (name,) in names),
        periods=tuple(_left(con, end, days) for days in _PERIODS),
        beside=_beside(con, end),
        **_open(con, end, past.asked.cart_days),
    )


_END_OF_DAY = "CAST(day AS TIMESTAMP) + INTERVAL 1 DAY - INTERVAL 1 MILLISECOND"

# The last signal of a day tells what the cart was worth in the end.
_LEFT = """
CREATE OR REPLACE TEMP TABLE carts AS
SELECT *, row_number() OVER (ORDER BY customer_id, day) AS id FROM (
    SELECT customer_id, CAST(happened_at AS DATE) AS day, max(happened_at) AS left_at,
           max({{'at': happened_at, 'value': value}}).value AS value
    FROM signals
    WHERE {carts} AND happened_at < $end AND CAST(happened_at AS DATE) >= $end - $year
    GROUP BY ALL
)
"""

_PURCHASES = """
CREATE OR REPLACE TEMP TABLE bought AS
SELECT customer_id, day, {at} AS bought_at, first_day FROM purchases
SEMI JOIN carts USING (customer_id)
"""

_FOLLOWED = f"""
CREATE OR REPLACE TEMP TABLE followed AS
WITH first AS (SELECT customer_id, min(first_day) AS first_day FROM bought GROUP BY ALL),
asked AS (
    SELECT id, customer_id, shift, left_at + to_days(shift) AS at, day + shift AS day
    FROM carts, (SELECT unnest([0, -{_OTHER_DAYS}, {_OTHER_DAYS}]) AS shift)
),
after AS (
    SELECT asked.id, asked.shift, bought.day - asked.day AS days
    FROM asked ASOF LEFT JOIN bought
    ON asked.customer_id = bought.customer_id AND bought.bought_at > asked.at
)
SELECT carts.*, first_day,
       max(days) FILTER (shift = 0) AS days,
       max(days) FILTER (shift = -{_OTHER_DAYS}) AS days_before,
       max(days) FILTER (shift = {_OTHER_DAYS}) AS days_after
FROM carts JOIN after USING (id) LEFT JOIN first USING (customer_id)
GROUP BY ALL
"""

# A cart names products by their ids or names, as the source has them.
_SAME_PRODUCT = """
CREATE OR REPLACE TEMP TABLE same AS
WITH sold AS (
    SELECT customer_id, product_id, CAST(ordered_at AS DATE) AS day FROM lines
    SEMI JOIN carts USING (customer_id) WHERE kind = 'order' AND product_id IS NOT NULL
),
called AS (
    SELECT lower(product_id) AS item, product_id
    FROM (SELECT DISTINCT product_id FROM lines WHERE kind = 'order' AND product_id IS NOT NULL)
    UNION SELECT lower(name), product_id FROM products WHERE name IS NOT NULL
),
named AS (
    SELECT DISTINCT carts.id, carts.customer_id, carts.day, product_id
    FROM items JOIN carts ON items.customer_id = carts.customer_id
    AND CAST(items.happened_at AS DATE) = carts.day
    JOIN called ON lower(items.item) = called.item WHERE {carts}
)
SELECT id, count(sold.product_id) > 0 AS same
FROM named LEFT JOIN sold ON sold.customer_id = named.customer_id
AND sold.product_id = named.product_id AND sold.day BETWEEN named.day AND named.day + $days
GROUP BY id
"""


def _left(con: duckdb.DuckDBPyConnection, end: date, days: int) -> CartsLeft:
    found = con.execute(
        """
        WITH these AS (
            SELECT *, day > first_day AS told, day + $seen < $end AS seen FROM followed
            WHERE day >= $end - $days
        ), kept AS (SELECT * FROM these LEFT JOIN same USING (id) WHERE told AND seen)
        SELECT (SELECT count(*) FROM these) AS carts,
               (SELECT count(DISTINCT customer_id) FROM these) AS customers,
               (SELECT count(*) FROM these WHERE told IS NOT TRUE) AS before_first,
               (SELECT count(*) FROM these WHERE told AND NOT seen) AS recent,
               count(*) AS followed,
               count(*) FILTER (days <= 1) AS within_1, count(*) FILTER (days <= 3) AS within_3,
               count(*) FILTER (days <= $seen) AS within_7, count(*) FILTER (days > $seen) AS later,
               count(*) FILTER (days IS NULL) AS not_since,
               count(same) AS named, count(*) FILTER (same AND days <= $seen) AS same_product
        FROM kept
        """,
        {"end": end, "days": days, "seen": _TOLD_DAYS},
    )
    columns = [column[0] for column in found.description or []]
    (row,) = found.fetchall()
    return CartsLeft(days=days, **dict(zip(columns, row, strict=True)))


def _beside(con: duckdb.DuckDBPyConnection, end: date) -> CartsBeside | None:
    """Carts and other times of the same customers; the spread is that between customers."""
    ((n, customers, carts, usual, squares),) = con.execute(
        """
        WITH both_ways AS (
            SELECT customer_id,
                   CAST(coalesce(days <= $seen, FALSE) AS INT) AS bought,
                   CAST(coalesce(days_before <= $seen, FALSE) AS INT)
                   + CAST(coalesce(days_after <= $seen, FALSE) AS INT) AS otherwise
            FROM followed
            WHERE day - $other > first_day AND day + $other + $seen < $end
        ), totals AS (
            SELECT sum(2 * bought - otherwise) / count(*) AS difference FROM both_ways
        )
        SELECT sum(n), count(*), sum(bought), sum(otherwise),
               sum((2 * bought - otherwise - n * difference) ** 2)
        FROM (
            SELECT customer_id, count(*) AS n, sum(bought) AS bought, sum(otherwise) AS otherwise
            FROM both_ways GROUP BY ALL
        ), totals
        """,
        {"end": end, "seen": _TOLD_DAYS, "other": _OTHER_DAYS},
    ).fetchall()
    if (n or 0) < _LEAST_BESIDE or customers < 2:
        return None
    difference = (2 * carts - usual) / (2 * n)
    spread = (squares * customers / (customers - 1)) ** 0.5 / (2 * n)
    return CartsBeside(
        carts=n,
        share=round(carts / n, 4),
        usual=round(usual / (2 * n), 4),
        difference=round(difference, 4),
        low=round(difference - _Z * spread, 4),
        high=round(difference + _Z * spread, 4),
    )


def _open(con: duckdb.DuckDBPyConnection, end: date, fresh_days: int) -> dict[str, float | None]:
    """Last carts of customers that no purchase has followed."""
    ((customers, value, fresh),) = con.execute(
        """
        SELECT count(*), sum(value) FILTER (value > 0 AND isfinite(value)),
               count(*) FILTER (day >= $end - $fresh)
        FROM (
            SELECT * FROM followed WHERE day >= $end - $days
            QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY day DESC) = 1
        ) WHERE days IS NULL
        """,
        {"end": end, "days": _OPEN_DAYS, "fresh": fresh_days},
    ).fetchall()
    return {
        "open_customers": customers,
        "open_value": None if value is None else round(value, 2),
        "fresh_days": fresh_days,
        "fresh_customers": fresh,
    }
