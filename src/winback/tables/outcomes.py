"""What happened after a cutoff, as it is known today and as it was known before."""

from __future__ import annotations

from dataclasses import replace

from winback.tables.table import CUSTOMER, CUTOFF, Column, Table, outcome_columns

OUTCOMES = Table(
    "outcomes.parquet",
    "snapshot",
    "one row per customer and cutoff, for cutoffs whose horizon has closed",
    ("customer_id", "cutoff"),
    (
        CUSTOMER,
        CUTOFF,
        *outcome_columns(),
        Column("days_to_return", "int32", "days from the cutoff to the next purchase, also "
               "beyond the horizon", "days", "no purchase was seen after the cutoff"),
    ),
    "The horizon is `cutoff <= time < cutoff + horizon_days`. A cutoff whose horizon is not "
    "fully observed has no row at all.",
)  # fmt: skip
"""What happened after a cutoff."""


RESTATED = Table(
    "restated.parquet",
    "snapshot",
    "one row per customer, cutoff and origin whose outcome, as known at the origin, differs "
    "from the one in `outcomes.parquet`",
    ("customer_id", "cutoff", "origin"),
    (
        CUSTOMER,
        CUTOFF,
        Column("origin", "date32[day]", "a later cutoff"),
        *(replace(c, null_when="the window was open at the origin") for c in outcome_columns()),
        Column("days_to_return", "int32", "days from the cutoff to the next purchase",
               "days", "no purchase was known at the origin"),
    ),
    "Empty where nothing became known late. The backtest learns from these; what is known by "
    "now judges it.",
)  # fmt: skip
"""Outcomes as an earlier cutoff knew them."""


FIRST_DAYS = Table(
    "first_days.parquet",
    "snapshot",
    "one row per customer and cutoff, for cutoffs whose first `part_days` have passed",
    ("customer_id", "cutoff"),
    (
        CUSTOMER,
        CUTOFF,
        *(replace(c, meaning=c.meaning.replace("horizon", "first `part_days`"))
          for c in outcome_columns()),
        Column("days_to_return", "int32", "days from the cutoff to the next purchase", "days",
               "no purchase was seen after the cutoff"),
        Column("part_days", "int32", "days that the outcome is of", "days"),
    ),
    "Where closed windows saw less than two thirds of today's past, the model learns the first "
    "days of the horizon from these, and is judged by them. Empty elsewhere.",
)  # fmt: skip
"""What happened in the first days of a horizon too long for the history."""


SHOP_DAYS = Table(
    "shop_days.parquet",
    "snapshot",
    "one row per day of the shop, and one more per later day on which purchases of it became "
    "known",
    ("day", "known_on"),
    (
        Column("day", "date32[day]", "each day from the first purchase to the one before the "
               "cutoff, in the shop's local time"),
        Column("known_on", "date32[day]", "when the shop knew of these purchases: the same day, "
               "or a later one before the cutoff"),
        Column("orders", "int64", "purchases of all customers", "purchases"),
    ),
    "Sorted by day and knowing. A run of days without purchases that the days around it make "
    "incredible is a gap: the shop was closed, or no export tells of it. Windows that overlap one "
    "neither teach nor judge.",
)  # fmt: skip
"""How many purchases the shop had, day by day."""
