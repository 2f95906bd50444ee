"""A table that enters from outside is looked at where it enters, and refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import winback as wb
from canonical import line, write_orders
from winback.churn import study_churn
from winback.errors import UsageError
from winback.tables.history import ORDERS, check_orders
from winback.tables.outcomes import OUTCOMES, RESTATED
from winback.tables.table import Table, open_given

CUTOFF = date(2024, 3, 1)
LINES = [line("ada", "2024-01-05", 1000), line("ben", "2024-02-05", 2000)]


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return write_orders(tmp_path / "orders.parquet", LINES)


def changed(path: Path, change: Callable[[pa.Table], pa.Table]) -> Path:
    pq.write_table(change(pq.read_table(path)), path)
    return path


def recast(name: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        return table.set_column(
            table.column_names.index(name), name, table[name].cast(kind, safe=False)
        )

    return change


def without(name: str) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.drop_columns([name])


def emptied(name: str) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        values = pa.array([None, *table[name].to_pylist()[1:]], table[name].type)
        return table.set_column(table.column_names.index(name), pa.field(name, values.type), values)

    return change


DOORS: dict[str, Callable[[Any], object]] = {
    "take_snapshots": lambda orders: wb.take_snapshots(orders, [CUTOFF], horizon_days=30),
    "restated_outcomes": lambda orders: wb.restated_outcomes(
        orders, [CUTOFF], horizon_days=30, observed_until=CUTOFF
    ),
    "define_churn": lambda orders: study_churn(orders, cutoff=CUTOFF),
    "describe_shop": lambda orders: wb.describe_shop(orders, CUTOFF),
    "measure_campaign": lambda orders: wb.measure_campaign(
        pd.DataFrame({
            "campaign_id": "may", "customer_id": ["ada", "ben"], "planned_offer": "x",
            "arm": ["x", "control"], "assigned_at": date(2024, 1, 10),
        }), orders, window_days=10,
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("change", "said", "po_polsku"),
    [
        (without("kind"), "has no column kind; give the file that", "brakuje kolumn: kind; podaj"),
        (
            recast("ordered_at", pa.int64()),
            "ordered_at is int64, expected timestamp[ms]; give the file that",
            "kolumna ordered_at ma typ int64, a powinna mieć timestamp[ms]; podaj",
        ),
    ],
)
def test_every_door_refuses_what_is_no_table_of_orders(
    door: str, change: Callable[[pa.Table], pa.Table], said: str, po_polsku: str, orders: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        DOORS[door](changed(orders, change))
    english, polish = str(refused.value), refused.value.sentence("pl")
    assert english == f"{orders}: {said} read_orders writes."
    assert polish.startswith(f"{orders}: {po_polsku}")


@pytest.mark.parametrize("door", ["take_snapshots", "define_churn", "describe_shop"])
def test_a_null_that_cannot_be_is_told_by_the_files_statistics(door: str, orders: Path) -> None:
    with pytest.raises(UsageError, match=r"known_at is empty in 1.line, which it cannot be"):
        DOORS[door](changed(orders, emptied("known_at")))


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.append_column("store", pa.array(["x"] * len(table))),
        lambda table: table.select(table.column_names[::-1]),
        recast("customer_id", pa.large_string()),
        recast("kind", pa.dictionary(pa.int8(), pa.string())),
        recast("ordered_at", pa.timestamp("us")),
        recast("amount", pa.int32()),
        emptied("product_id"),
    ],
)
def test_more_columns_another_order_and_other_widths_are_no_harm(
    change: Callable[[pa.Table], pa.Table], orders: Path
) -> None:
    open_given(changed(orders, change), ORDERS, "read_orders").close()
    assert wb.take_snapshots(orders, [CUTOFF], horizon_days=30).features.num_rows == 2


def test_a_frame_is_asked_for_the_columns_that_are_read_alone() -> None:
    frame = pd.DataFrame({"customer_id": ["a"], "ordered_at": [pd.Timestamp("2024-01-01")]})
    check_orders(frame, "customer_id", "ordered_at")
    with pytest.raises(UsageError, match="orders: has no column kind"):
        check_orders(frame, "customer_id", "kind")


@pytest.mark.parametrize("table", [ORDERS, OUTCOMES, RESTATED])
def test_a_schema_says_of_each_column_whether_it_may_be_null(table: Table) -> None:
    assert table.schema.names == list(table.names)
    for field, column in zip(table.schema, table.columns, strict=True):
        assert str(field.type) == column.type
        assert field.nullable == (column.null_when != "never")
