"""What grading writes beside its record."""

from __future__ import annotations

from winback.tables.table import Column, Table

GRADES = Table(
    "grades.csv",
    "grade",
    "two rows per list whose horizon has closed: what was foretold, and what came",
    ("cutoff", "campaign_id", "kind", "series"),
    (
        Column("cutoff", "date32[day]", "as of when the list was scored"),
        Column("campaign_id", "string", "the list, or the replayed week"),
        Column("kind", "string", "`seal` or `replay`"),
        Column("series", "string", "`foretold` (mean chance as sealed) or `returned`, as known "
               "now; of customers who were sent nothing, controls standing for the planned"),
        Column("share", "double", "share of customers", "share"),
        Column("low", "double", "lower end of its 95 % interval", "share", "it is foretold"),
        Column("high", "double", "upper end", "share", "it is foretold"),
    ),
)  # fmt: skip
"""The track record, drawn."""
