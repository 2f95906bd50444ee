"""What grading writes beside its record."""

from __future__ import annotations

from winback.tables.table import Column, Table

GRADES = Table(
    "grades.csv",
    "grade",
    "one row per list whose horizon has closed: what was foretold, and what came",
    ("cutoff", "campaign_id", "kind"),
    (
        Column("cutoff", "date32[day]", "as of when the list was scored"),
        Column("campaign_id", "string", "the list, or the replayed week"),
        Column("kind", "string", "`seal` or `replay`"),
        Column("foretold", "double", "mean chance to return as sealed, of customers who were sent "
               "nothing, controls standing for the planned", "share"),
        Column("returned", "double", "share of the same who returned, as known now", "share"),
        Column("low", "double", "lower end of its 95 % interval", "share",
               "too few customers count"),
        Column("high", "double", "upper end", "share", "too few customers count"),
    ),
)  # fmt: skip
"""The track record, drawn."""
