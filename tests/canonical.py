"""Canonical order lines for tests: written as the intake writes them, and random shops."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

Line = dict[str, Any]
Told = tuple[str, str, str, float] | tuple[str, str, str, float, str]

SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("order_id", pa.string()),
        ("ordered_at", pa.timestamp("s")),
        ("known_at", pa.timestamp("s")),
        ("product_id", pa.string()),
        ("quantity", pa.float64()),
        ("amount", pa.int64()),
        ("kind", pa.string()),
    ]
)


def order_lines(*told: Told) -> pa.Table:
    """Lines from (customer, order, moment, amount[, kind]), known when they were ordered."""
    rows = [(*line, "order") if len(line) == 4 else line for line in told]
    moments = [datetime.fromisoformat(row[2]) for row in rows]
    return pa.table(
        {
            "customer_id": pa.array([row[0] for row in rows], pa.string()),
            "order_id": pa.array([row[1] for row in rows], pa.string()),
            "ordered_at": pa.array(moments, pa.timestamp("s")),
            "known_at": pa.array(moments, pa.timestamp("s")),
            "amount": pa.array([round(row[3] * 100) for row in rows], pa.int64()),
            "kind": pa.array([row[4] for row in rows], pa.string()),
        }
    ).replace_schema_metadata({"amount_scale": "100", "currency": "PLN"})


def line(
    customer_id: str, ordered_at: str | datetime, amount: int, *, order_id: str = "1",
    known_at: str | datetime | None = None, product_id: str | None = None,
    quantity: float | None = None, kind: str = "order",
) -> Line:  # fmt: skip
    """One order line; instants as ISO text or datetime, amounts in minor units."""
    happened, known = (
        datetime.fromisoformat(at) if isinstance(at, str) else at
        for at in (ordered_at, ordered_at if known_at is None else known_at)
    )
    return {
        "customer_id": customer_id, "order_id": order_id, "ordered_at": happened,
        "known_at": known, "product_id": product_id, "quantity": quantity, "amount": amount,
        "kind": kind,
    }  # fmt: skip


def write_orders(
    path: Path, lines: Iterable[Line] | pd.DataFrame, *, amount_scale: int = 100,
    has_time: bool = True, has_products: bool = True, has_quantity: bool = True,
) -> Path:  # fmt: skip
    """Write lines, in any order, as the ``orders.parquet`` that the intake would write."""
    frame = pd.DataFrame(lines, columns=SCHEMA.names)
    frame["day"] = pd.to_datetime(frame["ordered_at"]).dt.normalize()
    frame = frame.sort_values(
        ["customer_id", "day", "order_id", "ordered_at", "kind", "product_id", "amount",
         "quantity", "known_at"],
        kind="stable",
    )  # fmt: skip
    stated = {
        "amount_scale": str(amount_scale), "currency": "", "has_time": str(int(has_time)),
        "has_products": str(int(has_products)), "has_quantity": str(int(has_quantity)),
    }  # fmt: skip
    table = pa.Table.from_pandas(frame[SCHEMA.names], SCHEMA, preserve_index=False)
    pq.write_table(table.replace_schema_metadata(stated), path)
    return path


# --- random shops --------------------------------------------------------------------------------

HORIZON_DAYS = 30
WINDOWS_DAYS = (7, 14, 30, 60, 90, 180, 365, 730)
CUTOFFS = (date(2024, 1, 31), date(2024, 3, 1), date(2024, 3, 31), date(2024, 12, 25))

# Days on, just before and just after the cutoffs, and each edge that a window or outcome has.
_AT_CUTOFFS = [cutoff + timedelta(days=near) for cutoff in CUTOFFS for near in (-1, 0, 1)]
_AT_EDGES = [
    day + timedelta(days=shift)
    for day in _AT_CUTOFFS
    for shift in (HORIZON_DAYS, -335, -275, *(-w for w in WINDOWS_DAYS))
]
_SPAN = (date(2023, 1, 1), date(2025, 2, 15))
# Instants on and just before the edges of the day and of its parts.
_CLOCK = [time(hour) for hour in (0, 5, 12, 17, 23)] + [
    time(hour, 59, 59) for hour in (4, 11, 16, 22, 23)
]
# Lines turn out to be known at a cutoff, or a second before: in time or too late.
_KNOWN_LATE = [
    datetime.combine(day, time()) - timedelta(seconds=before)
    for day in (*CUTOFFS, CUTOFFS[-1] + timedelta(days=HORIZON_DAYS - 1))
    for before in (0, 1)
]


@st.composite
def shops(draw: st.DrawFn) -> tuple[list[Line], dict[str, Any]]:
    """Lines of a small shop and what its file states about them.

    Few customers, order ids and products, so that days with several orders, order ids used
    again on another day, repeated products and refunds on the day of the order are common.
    """
    usually = st.sampled_from([True, True, True, False])
    stated = {
        "amount_scale": draw(st.sampled_from([1, 100, 10_000])),
        "has_time": draw(usually),
        "has_products": draw(usually),
        "has_quantity": draw(usually),
    }
    # A few days a shop, so that customers meet the same day and product again.
    day = st.sampled_from(_AT_CUTOFFS) | st.sampled_from(_AT_EDGES) | st.dates(*_SPAN)
    days = st.sampled_from(draw(st.lists(day, min_size=1, max_size=8)))
    clock = st.sampled_from(_CLOCK) if stated["has_time"] else st.just(time())
    products = st.sampled_from([None, "p1", "p2", "p3"]) if stated["has_products"] else st.none()
    quantities = st.sampled_from([None, 1.0, 2.0, 0.333, 1.5]) if stated["has_quantity"] else (
        st.none()
    )  # fmt: skip

    @st.composite
    def lines(draw: st.DrawFn) -> Line:
        ordered_at = datetime.combine(draw(days), draw(clock))
        known_at = draw(st.sampled_from([ordered_at] * 24 + _KNOWN_LATE))
        kind = draw(st.sampled_from(["order", "order", "order", "order", "refund", "free"]))
        amount = draw(st.integers(1, 2_000_000) | st.sampled_from([1, 999, 1000]))
        quantity = draw(quantities)
        sign = {"order": 1, "refund": -1, "free": 0}[kind]
        return line(
            draw(st.sampled_from(["007", "a", "b"])), ordered_at, sign * amount,
            order_id=draw(st.sampled_from(["1", "10", "2"])), known_at=max(ordered_at, known_at),
            product_id=draw(products), quantity=quantity and sign * quantity, kind=kind,
        )  # fmt: skip

    at_least = draw(st.integers(0, 24))  # lists alone stay short
    # Somebody always bought before every cutoff, else there is no snapshot to compare.
    return [
        line("z", "2023-05-01", 500), *draw(st.lists(lines(), min_size=at_least, max_size=30)),
    ], stated  # fmt: skip
