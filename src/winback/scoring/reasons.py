"""Which stories a score is explained by.

The contributions of all columns that tell the same story are added up; the three stories that
move the score most are told, in `winback.said.reasons`.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd

from winback.features import snapshot_columns
from winback.params import WINDOWS_DAYS

# First pattern that fits a column decides its story; columns of no story (the calendar, which
# is the same for everybody) are not told.
_STORIES: tuple[tuple[str, str], ...] = (
    (r"days_since_last_refund|refund", "refunds"),
    (r"days_since_first_order|order_value_first|active_span|years_seen", "age"),
    (r"orders_year_ago|same_season|yearly", "year_ago"),
    (r"^blocks?_", "blocks"),
    (r"trend|order_days_ratio|recent_over_expected", "trend"),
    (r"days_since_|silence_|gaps?_", "silence"),
    (r"^orders_|order_days_|active_rate", "orders"),
    (r"distinct_products|repeat_product|lines_per_order", "products"),
    (r"spend|order_value|price_level|items", "money"),
    (r"weekend|morning|evening", "habit"),
)


def story_of(column: str) -> str | None:
    """The story that a snapshot column belongs to; None for one that is not told.

    A column that a shop declares has none: `days_since_last_ticket` is no silence.
    """
    window = re.search(r"_(\d+)d$", column)
    if column not in _usual_columns(int(window[1]) if window else 30):
        return None
    return next((story for pattern, story in _STORIES if re.search(pattern, column)), None)


@cache
def _usual_columns(window_days: int) -> frozenset[str]:
    return frozenset(c.name for c in snapshot_columns((*WINDOWS_DAYS, window_days)))


def told_stories(contributions: pd.DataFrame) -> list[list[tuple[str, bool]]]:
    """Of each row the three stories that move the score most, and whether each raises it.

    Fewer where fewer move it. ``contributions`` are log-odds by snapshot column.
    """
    stories = pd.Index([story_of(column) or "" for column in contributions.columns])
    told = [story for story in dict.fromkeys(s for _, s in _STORIES) if story in stories]
    summed = np.column_stack(
        [contributions.loc[:, stories == story].sum(axis=1).to_numpy() for story in told]
    )
    # Stable sort of the rounded size: equal sizes keep the fixed order of the stories.
    ranked = np.argsort(-np.abs(summed).round(6), axis=1, kind="stable")[:, :3]
    return [
        [(told[k], bool(sizes[k] > 0)) for k in order if abs(sizes[k]) > 1e-6]
        for order, sizes in zip(ranked, summed, strict=True)
    ]
