"""Products that a signal names, such as what lies in a cart: read, and a row each."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from winback.intake.cells import SPACES, as_text, day_text, literal, nothing
from winback.tables.history import SIGNAL_ITEMS

CART = "cart|basket|checkout|koszyk|warenkorb"
"""Names of signals, in lower case, that tell of a cart that was left."""

# A checkout that was completed is no cart that was left.
_DONE = "complet|success|recover|purchas|paid|convert|ordered|zakonczon|oplacon|zamowion"

# Between the items of a column that is a list already.
_APART = "\x1f"
_MOST_ITEMS, _LONGEST = 100, 200
# The order in which an object's keys are asked what it is.
_KEYS = (
    "product_id", "productid", "item_id", "itemid", "sku", "variant_id", "id", "name",
    "product_name", "product", "item_name", "title",
)  # fmt: skip
_COUNT = re.compile(r"^\d{1,3}\s?[x×*]\s+", re.IGNORECASE)
_WHOLE = re.compile(r"(\d+)\.0+")


def of_carts(names: Collection[str] = ()) -> str:
    """SQL that holds for signals that are carts left: of these names, else by `CART`."""
    if names:
        return f"name IN ({', '.join(map(literal, names))})"
    return f"(regexp_matches(name, {literal(CART)}) AND NOT regexp_matches(name, {literal(_DONE)}))"


def items_cell(column: str, kind: str) -> str:
    """SQL of the text of a cell of items, whether it is text, a number or a list."""
    if kind.endswith("[]") and "STRUCT" not in kind:
        return f"array_to_string({column}, {_sql(_APART)})"
    if kind.startswith("STRUCT") or kind.endswith("[]"):
        return f"CAST(to_json({column}) AS VARCHAR)"
    return as_text(column, kind)


def items_of(cell: str) -> list[str]:
    """The products that a cell names, each once, in its order.

    A list joined by ``|``, ``;`` or line ends, by commas where no part has a space in it, or a
    JSON array of texts, numbers or objects with an id or a name; else the cell is one product.
    """
    text = cell.strip(SPACES)
    found = _of_json(text) if text[:1] in "[{" else None
    if found is None:
        found = [part.strip().strip("\"'") for part in _parts(text)]
    plain = (_plain(item) for item in found)
    # An address is no product, and must not get into a table without contacts.
    named = (item for item in plain if item and not nothing(item) and "@" not in item)
    return list(dict.fromkeys(named))[:_MOST_ITEMS]


def _parts(text: str) -> list[str]:
    for sign in (_APART, "|", ";", "\n"):
        if sign in text:
            return text.split(sign)
    # A comma may be a name's own: "Mug, blue".
    return text.split(",") if "," in text and " " not in text else [text]


def _plain(item: str) -> str:
    text = _COUNT.sub("", " ".join(item.split()))
    whole = _WHOLE.fullmatch(text)
    return (whole[1] if whole else text)[:_LONGEST]


def _of_json(text: str) -> list[str] | None:
    """Items of a JSON array or object; None where it is neither."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if isinstance(told, dict):
        inner = next((told[key] for key in ("items", "products", "lines") if key in told), None)
        told = inner if isinstance(inner, list) else [told]
    return [item for each in told if (item := _named(each))]


def _named(each: Any) -> str:
    if isinstance(each, dict):
        low = {str(key).lower(): value for key, value in each.items()}
        each = next((low[key] for key in _KEYS if low.get(key) not in (None, "")), "")
    return "" if isinstance(each, dict | list | bool | None) else str(each)


def write_items(con: duckdb.DuckDBPyConnection, out: Path, cutoff: date) -> int:
    """Write what the kept lines of the table ``lines`` name, as `SIGNAL_ITEMS` has it.

    Returns:
        how many lines name any product.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    seconds = pa.timestamp("s")
    schema = SIGNAL_ITEMS.held_as(happened_at=seconds, known_at=seconds)
    batches = con.sql(
        "SELECT customer_id, happened_at, known_at, name, items FROM lines WHERE reason IS NULL "
        f"AND items IS NOT NULL AND happened_at < {day_text(cutoff)} "
        "ORDER BY customer_id, happened_at, name, items, known_at"
    ).to_arrow_reader(1 << 16)
    path = out / SIGNAL_ITEMS.name
    temporary, carrying = path.with_name(path.name + ".part"), 0
    with pq.ParquetWriter(
        temporary, schema, compression="zstd", use_dictionary=["customer_id", "name", "item"],
        store_schema=False,
    ) as writer:  # fmt: skip
        for table, lines in _exploded(batches, schema):
            carrying += lines
            writer.write_table(table)
    os.replace(temporary, path)
    return carrying


def _exploded(batches: Any, schema: Any) -> Iterator[tuple[Any, int]]:
    """Tables of a row an item, each with how many lines it is of."""
    import pyarrow as pa

    for batch in batches:
        found = [items_of(cell) for cell in batch.column("items").to_pylist()]
        at = pa.array([n for n, items in enumerate(found) for _ in items], pa.int64())
        told = pa.array([item for items in found for item in items], pa.string())
        rows = pa.Table.from_batches([batch.take(at)]).drop_columns(["items"])
        yield rows.append_column("item", told).cast(schema), sum(map(bool, found))


def _sql(sign: str) -> str:
    return f"chr({ord(sign)})"
