"""Carts that were left, and what the message to a listed customer leads with."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import winback as wb

CUTOFF = date(2024, 3, 1)


def carried(folder: Path, source: Any) -> list[tuple[str, str]]:
    """Customers and products of the signals that name any, in order."""
    wb.read_signals(source, folder / "read", cutoff=CUTOFF)
    rows = pq.read_table(folder / "read/signal_items.parquet").to_pylist()
    return [(row["customer_id"], row["item"]) for row in rows]


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("P1|P2|P1", ["P1", "P2"]),
        ("P1; P2 ;", ["P1", "P2"]),
        ("P1,P2", ["P1", "P2"]),
        ("Mug, blue", ["Mug, blue"]),
        ("2x Mug, blue|Green tea", ["Mug, blue", "Green tea"]),
        ('["P1", 7, null, 7.0]', ["P1", "7"]),
        ('[{"sku": "P1", "quantity": 2}, {"Product_ID": 9}, {"colour": "red"}]', ["P1", "9"]),
        ('{"items": [{"id": "P1"}]}', ["P1"]),
        ("[not json", ["[not json"]),
        ("n/a", []),
    ],
)
def test_a_cart_names_its_products_in_any_of_the_usual_forms(
    tmp_path: Path, cell: str, items: list[str]
) -> None:
    frame = pd.DataFrame(
        {"customer_id": ["A"], "happened_at": ["2024-02-01 10:00"], "name": ["cart_abandoned"],
         "value": [12.5], "cart_items": [cell]}
    )  # fmt: skip
    assert carried(tmp_path, frame) == [("A", item) for item in items]


def test_carts_come_as_lists_as_a_line_each_and_as_the_value_of_a_cart(tmp_path: Path) -> None:
    lists = pa.table({
        "customer_id": ["A", "B"], "happened_at": ["2024-02-01", "2024-02-02"],
        "name": ["cart", "cart"], "items": [["P1", "P2"], ["P3"]],
    })  # fmt: skip
    assert carried(tmp_path, lists) == [("A", "P1"), ("A", "P2"), ("B", "P3")]
    objects = lists.set_column(
        3, "items", pa.array([[{"sku": "P1", "n": 1}, {"sku": "P2", "n": 3}], []])
    )
    assert carried(tmp_path, objects) == [("A", "P1"), ("A", "P2")]
    (tmp_path / "lines.csv").write_text(
        "customer_id,happened_at,event,product\n"
        "A,2024-02-01 10:00,cart_abandoned,P1\nA,2024-02-01 10:00,cart_abandoned,P2\n"
    )
    assert carried(tmp_path, tmp_path / "lines.csv") == [("A", "P1"), ("A", "P2")]
    (tmp_path / "values.csv").write_text(
        "customer_id,happened_at,event,value\nA,2024-02-01,Koszyk porzucony,P-1|P-2\n"
        "A,2024-02-02,rating,good\nB,2024-02-03,cart_abandoned,120.50\nC,2024-03-02,cart,P-9|P-8\n"
    )
    assert carried(tmp_path, tmp_path / "values.csv") == [("A", "P-1"), ("A", "P-2")]
    kept = pq.read_table(tmp_path / "read/signals.parquet").to_pylist()
    assert [(row["name"], row["value"]) for row in kept] == [
        ("koszyk_porzucony", None), ("cart_abandoned", 120.5)
    ]  # fmt: skip
