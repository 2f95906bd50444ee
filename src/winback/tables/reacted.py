"""What lists that left make of each customer and offer."""

from __future__ import annotations

from winback.tables.table import CUSTOMER, Column, Table

REACTIONS = Table(
    "reactions.parquet",
    "learn",
    "one row per scored customer with a chance of an order, and offer of the catalogue of which "
    "lists that left have taught anything",
    ("customer_id", "offer"),
    (
        CUSTOMER,
        Column("offer", "string", "name of the offer in params.yaml"),
        Column("orders_without", "double", "orders expected without it while it is valid"),
        Column("ratio", "double", "how many times as many with it", "ratio"),
        Column("ratio_low", "double", "lower end of its 95 % interval", "ratio"),
        Column("ratio_high", "double", "upper end", "ratio"),
    ),
    "`reports/learned.json` says what each rests on, and whether lists reckon with it.",
)  # fmt: skip
"""Ratios of orders."""
