"""Carts that were left and are worth a word: fresh, nothing bought since, items that can be had."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from winback.crm.leading import Item
from winback.intake.cells import file_literal
from winback.intake.items import of_carts
from winback.params import ProductSettings
from winback.products.sensitive import hints_at_private, is_service, may_be_shown

# A product by what a cart may call it: id, name, category.
_Known = dict[str, tuple[str, str | None, str | None]]


@dataclass(frozen=True)
class Tables:
    """Where what is asked lies: orders, what signals name, names and stock of products."""

    orders: Path
    signal_items: Path
    product_table: Path


def carts_left(
    tables: Tables, customers: Collection[str], cutoff: date, settings: ProductSettings
) -> dict[str, tuple[Item, ...]]:
    """By customer what lies in the last cart, as of the cutoff; most have none.

    A cart is what signals of one day name. It counts for ``cart_days``, and no longer once the
    customer ordered anything after it, or those items on its day. Items that nobody knows, that
    are out of stock, no product or hint at something private are left out.

    Args:
        tables: of the project.
        customers: whose.
        cutoff: nothing is known from this day on.
        settings: ``products``.
    """
    if not customers or not tables.signal_items.is_file():
        return {}
    if pq.read_metadata(tables.signal_items).num_rows == 0:
        return {}
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("wanted", pa.table({"customer_id": pa.array(sorted(customers), pa.string())}))
        named = con.execute(_last_carts(tables.signal_items, cutoff, settings)).fetchall()
        if not named:
            return {}
        bought = _bought(con, tables.orders, cutoff, [row[0] for row in named])
        known = _known(con, tables, [row[2] for row in named], settings)
    found: dict[str, list[Item]] = {}
    for customer, left, item in named:
        product = known.get(item.casefold())
        if product is None or bought.after(customer, left, product[0]):
            continue
        one = _item(*product, (cutoff - left.date()).days, settings)
        if one not in (held := found.setdefault(customer, [])):
            held.append(one)
    return {customer: tuple(items) for customer, items in found.items() if items}


def _item(
    product: str, name: str | None, category: str | None, days: int, settings: ProductSettings
) -> Item:
    shown = name if name is not None else product
    may = may_be_shown(shown, settings.allowed)
    return Item(
        product, name, category, "cart", last_days=days,
        shown=" ".join(shown.split()) if may else None,
    )  # fmt: skip


def _last_carts(signal_items: Path, cutoff: date, settings: ProductSettings) -> str:
    """SQL of customer, instant and item of everybody's last cart, the latest items first."""
    day = f"TIMESTAMP '{cutoff.isoformat()}'"
    return f"""
        WITH carts AS (
            SELECT customer_id, happened_at, item, file_row_number AS place
            FROM read_parquet({file_literal(signal_items)}, file_row_number = true)
            SEMI JOIN wanted USING (customer_id)
            WHERE {of_carts(settings.cart_signals)} AND happened_at < {day} AND known_at < {day}
            AND happened_at >= {day} - INTERVAL {settings.cart_days} DAY
        )
        SELECT customer_id, happened_at, item FROM carts
        QUALIFY happened_at::DATE = max(happened_at::DATE) OVER (PARTITION BY customer_id)
        ORDER BY customer_id, happened_at DESC, place"""


@dataclass(frozen=True)
class _Bought:
    """What these customers ordered lately: the instants, and products by day."""

    has_time: bool
    last: dict[str, datetime]
    items: dict[tuple[str, date], set[str]]

    def after(self, customer: str, left: datetime, product: str) -> bool:
        """Whether a cart has been followed by an order, or the product was bought on its day."""
        last = self.last.get(customer)
        if last is None:
            return False
        # A day without a time of day cannot say that it came before the cart.
        since = last > left if self.has_time else last.date() >= left.date()
        return since or product in self.items.get((customer, left.date()), ())


def _bought(
    con: duckdb.DuckDBPyConnection, orders: Path, cutoff: date, customers: Collection[str]
) -> _Bought:
    con.register("buyers", pa.table({"customer_id": pa.array(sorted(set(customers)), pa.string())}))
    rows = con.execute(
        f"""SELECT customer_id, ordered_at, product_id FROM read_parquet({file_literal(orders)})
        SEMI JOIN buyers USING (customer_id) WHERE kind = 'order'
        AND ordered_at < TIMESTAMP '{cutoff.isoformat()}'
        QUALIFY ordered_at::DATE = max(ordered_at::DATE) OVER (PARTITION BY customer_id)"""
    ).fetchall()
    last: dict[str, datetime] = {}
    items: dict[tuple[str, date], set[str]] = {}
    for customer, at, product in rows:
        last[customer] = max(at, last.get(customer, at))
        items.setdefault((customer, at.date()), set()).add(product)
    facts = pq.read_schema(orders).metadata or {}
    return _Bought(facts.get(b"has_time", b"1") != b"0", last, items)


def _known(
    con: duckdb.DuckDBPyConnection, tables: Tables, items: Collection[str],
    settings: ProductSettings,
) -> _Known:  # fmt: skip
    """Products that can be had and shown, by their ids and names in lower case."""
    wanted = pa.table({"item": pa.array(sorted({item.casefold() for item in items}), pa.string())})
    con.register("asked", wanted)
    told = con.execute(
        f"""SELECT product_id, name, category, in_stock
        FROM read_parquet({file_literal(tables.product_table)})
        WHERE lower(product_id) IN (SELECT item FROM asked)
        OR lower(name) IN (SELECT item FROM asked) ORDER BY product_id"""
    ).fetchall() if tables.product_table.is_file() else []  # fmt: skip
    ids = con.execute(
        f"""SELECT DISTINCT product_id FROM read_parquet({file_literal(tables.orders)})
        WHERE lower(product_id) IN (SELECT item FROM asked) ORDER BY product_id"""
    ).fetchall()
    found: _Known = {}
    gone = {row[0] for row in told if row[3] is False}
    rows = [*told, *((one, None, None, None) for (one,) in ids)]
    for product, name, category in _fit(((p, n, c) for p, n, c, _ in rows if p not in gone),
                                        settings):  # fmt: skip
        found.setdefault(product.casefold(), (product, name, category))
    for product, name, category in list(found.values()):
        if name:
            found.setdefault(name.casefold(), (product, name, category))
    return found


def _fit(
    rows: Iterator[tuple[str, str | None, str | None]], settings: ProductSettings
) -> Iterator[tuple[str, str | None, str | None]]:
    """Without what is no product, and what hints at something private."""
    for product, name, category in rows:
        texts = [text for text in (name or product, category) if text]
        if is_service(product, is_id=True) or any(map(is_service, texts)):
            continue
        if not any(hints_at_private(text, settings.allowed) for text in texts):
            yield product, name, category
