"""A measure and a custom function as a data scientist writes them, named by test_declared.py."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd


def at_night(events: Any) -> Any:
    """Half a point for each purchase after 22:00."""
    return np.where(events.second >= 22 * 3600, 0.5, 0.0)


def worth(events: Any) -> Any:
    """The value of each purchase, and a tenth for each item."""
    return events.amount + events.items / 10


def above_mean(events: Any) -> Any:
    """Looks at every purchase there is."""
    return events.amount > events.amount.mean()


def since_the_one_before(events: Any) -> Any:
    """Looks at the purchase before, which may be another customer's."""
    return np.diff(events.amount, prepend=0.0)


def by_chance(events: Any) -> Any:
    """Another number on each call."""
    return np.random.default_rng().random(len(events.day))


def words(events: Any) -> Any:
    """No numbers."""
    return ["many"] * len(events.day)


def writes(events: Any) -> Any:
    """Changes what it was given."""
    events.day[:] = 0
    return events.day


def too_few(events: Any) -> Any:
    """One number, however many purchases there are."""
    return np.zeros(1)


def spread(events: pd.DataFrame, cutoff: date) -> dict[str, float]:
    """Days between a customer's first and last line, and nothing."""
    days = events["ordered_at"].dt.normalize()
    return {"spread_days": (days.max() - days.min()).days, "never": math.nan}


def a_number(events: pd.DataFrame, cutoff: date) -> float:
    """No mapping."""
    return 1.0


def fails(events: pd.DataFrame, cutoff: date) -> dict[str, float]:
    """Divides by zero."""
    return {"spread_days": 1 / 0}
