"""Customers who buy once a year, in their own season: gifts, tyres, Christmas trees.

Such a customer is neither lost nor at risk in between, and is due in the next season, not after
the shop's usual gap.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Mask
from winback.features import SEASON_DAYS

Days = NDArray[np.datetime64]

_YEAR_DAYS = 365.25


def next_season(rows: pd.DataFrame) -> Days:
    """Each customer's own day in the season after their last one; NaT where they have none.

    That day lies a year after the middle between their last purchase and their first, both by
    their place in the year. They have a season where all purchases lie in one that is the same in
    two years or more (the snapshot's ``yearly_gaps``).
    """
    found = np.full(len(rows), np.datetime64("NaT", "D"))
    if "yearly_gaps" not in rows:
        return found
    yearly = rows["yearly_gaps"].to_numpy(np.float64, na_value=0.0) > 0
    first, last = (rows[f"{name}_order_on"].to_numpy("datetime64[D]") for name in ("first", "last"))
    days = (last - first).astype(np.int64)
    # How much earlier in the year the first one was than the last.
    earlier = days - _YEAR_DAYS * np.rint(days / _YEAR_DAYS)
    wait = np.rint(_YEAR_DAYS - earlier / 2).astype("timedelta64[D]")
    found[yearly] = (last + wait)[yearly]
    return found


def still_due(rows: pd.DataFrame) -> Mask:
    """Whether the customer's next season has not passed by the cutoff."""
    due = next_season(rows)
    cutoff = rows["cutoff"].to_numpy("datetime64[D]")
    over = due + np.timedelta64(SEASON_DAYS, "D") < cutoff
    return np.asarray(~np.isnat(due) & ~over)
