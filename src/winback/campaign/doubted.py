"""What reading the orders left in doubt of the days in which they count."""

from __future__ import annotations

from datetime import date
from typing import Any

from winback.results.base import Fact, fact
from winback.results.intake import IngestSummary

# Of a whole column: any of its days may be another. Told as intake tells them.
_OF_COLUMNS = (
    "intake.offsets_differ", "intake.days_turned_likely", "intake.copies_across",
    "intake.copies_dropped_unsure", "intake.copies_kept_unsure",
)  # fmt: skip
ENDS = ("intake.thin_end", "intake.sparse_end", "intake.days_swapped")
"""Doubts that advise another cutoff, which a measurement does not have."""
_SET_ASIDE = ("no_date", "unreadable_date", "lonely_date")


def doubts_of_dates(found: IngestSummary, began: date, closes_on: date) -> tuple[Fact, ...]:
    """Cautions on what intake doubted of the days from ``began`` to ``closes_on``."""
    told = []
    for doubt in found.doubts:
        values = doubt.values
        if doubt.code in _OF_COLUMNS:
            told.append(fact("measured.dates_doubted", doubt=doubt))
        elif doubt.code == "intake.hole":
            if _day(values["first"]) <= closes_on and _day(values["last"]) >= began:
                told.append(fact("measured.dates_doubted", doubt=doubt))
        elif doubt.code in ENDS:
            first = _day(values["end"] if "end" in values else values["cutoff"])
            if first <= closes_on:
                lines = values["lines"] if "lines" in values else values["orders"]
                name = "days_swapped" if "end" in values else "few_at_the_end"
                told.append(fact(f"measured.{name}", since=first, lines=lines))
    aside = {name: found.lines_set_aside.by_reason.get(name, 0) for name in _SET_ASIDE}
    if n := sum(aside.values()):
        told.append(fact("measured.dates_set_aside", n=n))
    return tuple(told)


def _day(value: Any) -> date:
    """A day of a fact, which is text once it was written."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))
