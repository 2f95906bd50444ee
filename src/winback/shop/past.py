"""What the shop's past is read from: tables of the stages before, opened once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from winback.intake.engine import workshop
from winback.params import MEMORY_LIMIT, ProductSettings
from winback.snapshots.days import ShopDays
from winback.tables.recommended import PRODUCT_TABLE


@dataclass(frozen=True)
class Past:
    """The shop's history until the cutoff, as its own views of one DuckDB connection.

    Views: ``lines`` (canonical order lines that happened and were known before the cutoff),
    ``purchases`` (one row a customer, order and day: customer_id, order_id, day, placed_at,
    value in minor units, nth from 1 within the customer, of_all, first_day, previous_day: of
    the purchase before, perhaps the same day), ``refunds`` (lines of kind refund), ``signals``
    (customer_id, happened_at, known_at, name, value; empty where the shop has none), ``items``
    (products of cart signals), ``attributes`` (customer_id, known_at, name, value: one
    row a change; empty where the shop has none) and ``products`` (product_id, name, category).

    Attributes:
        cutoff: first day not seen.
        scale: minor units in one unit of the currency.
        currency: ISO code; empty where unknown.
        country: whose holidays and occasions count.
        days: the shop's days: gaps, closed days.
        horizon_days: how far ahead the scores look.
        asked: which signals are carts, and which names of products may be shown.
        has_time: whether orders have a time of day.
    """

    con: duckdb.DuckDBPyConnection
    cutoff: date
    scale: int
    currency: str
    country: str
    days: ShopDays
    horizon_days: int
    asked: ProductSettings
    has_time: bool


@contextmanager
def open_past(
    orders: Path, cutoff: date, *, signals: Path, items: Path, attributes: Path, days: ShopDays,
    country: str, horizon_days: int, memory_limit: str = MEMORY_LIMIT, threads: int | None = None,
    products: Path | None = None, asked: ProductSettings | None = None,
) -> Iterator[Past]:  # fmt: skip
    """Open the tables of the stages before; the connection is closed with the context.

    What was not known before ``cutoff`` is in no view.
    """
    metadata = pq.read_schema(orders).metadata or {}
    with workshop(orders.parent, "shop", memory_limit=memory_limit, threads=threads) as (con, _):
        for name, path, happened in (
            ("lines", orders, "ordered_at"),
            ("signals", signals, "happened_at"),
            ("items", items, "happened_at"),
            ("attributes", attributes, "known_at"),
        ):
            con.read_parquet(str(path)).create_view(f"all_{name}")
            known_before(con, name, happened, cutoff)
        if products is not None and products.is_file():
            con.read_parquet(str(products)).create_view("all_products")
        else:
            con.register("all_products", PRODUCT_TABLE.schema.empty_table())
        con.execute("CREATE VIEW products AS SELECT product_id, name, category FROM all_products")
        con.execute("CREATE VIEW refunds AS SELECT * FROM lines WHERE kind = 'refund'")
        con.execute(PURCHASES)
        yield Past(
            con=con,
            cutoff=cutoff,
            scale=int(metadata.get(b"amount_scale", b"100")),
            currency=metadata.get(b"currency", b"").decode(),
            country=country,
            days=days,
            horizon_days=horizon_days,
            asked=asked or ProductSettings(),
            has_time=metadata.get(b"has_time", b"1") != b"0",
        )


def known_before(con: duckdb.DuckDBPyConnection, name: str, happened: str, cutoff: date) -> None:
    """Make a view of the rows of ``all_<name>`` that happened and were known before the cutoff."""
    con.execute(
        f"CREATE VIEW {name} AS SELECT * FROM all_{name} "
        f"WHERE {happened} < DATE '{cutoff}' AND known_at < DATE '{cutoff}'"
    )


# The order lines of one customer, order and day.
PURCHASES = """
CREATE TEMP TABLE purchases AS
WITH placed AS (
    SELECT customer_id, order_id, CAST(ordered_at AS DATE) AS day,
           min(ordered_at) AS placed_at, CAST(sum(amount) AS BIGINT) AS value
    FROM lines WHERE kind = 'order' GROUP BY ALL
)
SELECT customer_id, order_id, day, placed_at, value,
       row_number() OVER visits AS nth,
       count(*) OVER (PARTITION BY customer_id) AS of_all,
       first_value(day) OVER visits AS first_day,
       lag(day) OVER visits AS previous_day
FROM placed
WINDOW visits AS (PARTITION BY customer_id ORDER BY day, placed_at, order_id)
"""
