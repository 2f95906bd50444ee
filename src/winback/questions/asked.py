"""What the questions share: who is told that a part begins, and days read from JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

Begin = Callable[[str], None]


def as_day(value: date | str) -> date:
    """A day as a date, which JSON has as text."""
    return value if isinstance(value, date) else date.fromisoformat(value)
