"""Which segment a customer is in, by recency, frequency and money."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Mask
from winback.scoring.yearly import still_due

SEGMENTS = (
    "champions", "loyal", "potential_loyalist", "new", "promising", "needs_attention",
    "about_to_sleep", "at_risk", "cannot_lose", "hibernating", "lost",
    "seasonal",
)  # fmt: skip

# Orders from which a frequency score of 2, 3, 4, 5 is given. Fixed steps, because quantiles of
# a number that is 1 for half of the customers would be drawn by row order.
_FREQUENCY_STEPS = (2, 3, 5, 10)


def rfm_scores(rows: pd.DataFrame) -> dict[str, NDArray[np.generic]]:
    """R, F and M from 1 to 5, 5 best; customers with equal values get equal scores.

    R and M are fifths of the shop by middle rank, F fixed steps (1, 2, 3-4, 5-9, 10 orders
    and more).
    """
    recency = 6 - _fifths(rows["days_since_last_order"].to_numpy(np.float64))
    frequency = 1 + np.searchsorted(_FREQUENCY_STEPS, rows["orders_total"], side="right")
    monetary = _fifths(rows["spend_total"].to_numpy(np.float64))
    # A text for each of the 125 cells, looked up by row.
    cells = np.array([f"{r}{f}{m}" for r, f, m in product(range(1, 6), repeat=3)], object)
    return {
        "r_score": recency.astype(np.int8),
        "f_score": frequency.astype(np.int8),
        "m_score": monetary.astype(np.int8),
        "rfm_score": cells[25 * (recency - 1) + 5 * (frequency - 1) + monetary - 1],
    }


def _fifths(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """1 to 5 by the middle rank, which equal values share."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / max(len(values), 1)
    return np.minimum(np.floor(middle * 5), 4).astype(np.int64)[place] + 1


def segments_of(rows: pd.DataFrame) -> pd.Series:
    """The segment of each snapshot row, among the customers of its own cutoff."""
    found = [
        named_segments(pd.DataFrame(rfm_scores(part), part.index), still_due(part))
        for _, part in rows.groupby("cutoff", sort=True)
    ]
    return pd.concat(found).reindex(rows.index) if found else pd.Series(index=rows.index, dtype=str)


def named_segments(table: pd.DataFrame, in_season: Mask) -> pd.Series:
    """The usual ten-cell grid on R and F; the lowest of all three is `lost`.

    Whoever buys in one season of each year, and is silent until the next, is `seasonal`.
    """
    r, f, m = (table[name].to_numpy() for name in ("r_score", "f_score", "m_score"))
    named = np.select(
        [
            in_season & (r <= 3),
            (r == 5) & (f >= 4),
            (r >= 3) & (f >= 4),
            (r >= 4) & (f >= 2),
            (r == 5) & (f == 1),
            (r == 4) & (f == 1),
            (r == 3) & (f == 3),
            r == 3,
            f == 5,
            f >= 3,
            (r == 1) & (f == 1) & (m == 1),
        ],
        [
            "seasonal", "champions", "loyal", "potential_loyalist", "new", "promising",
            "needs_attention", "about_to_sleep", "cannot_lose", "at_risk", "lost",
        ],
        "hibernating",
    )  # fmt: skip
    return pd.Series(named, table.index)
