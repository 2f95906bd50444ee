"""Figures with intervals: customers are drawn anew, and each draw gives the figure again.

Sampling is by customer: a customer scored at three cutoffs is one draw, not three.
"""

from __future__ import annotations

import numpy as np

from winback.arrays import Floats
from winback.results.judged import Interval

_MOST_ROW_DRAWS = 50_000_000
_LEAST_DRAWS = 100
# A bootstrap of a handful of customers shows only those few customers.
LEAST_CUSTOMERS = 20


def draws_for(n_rows: int, n_bootstrap: int) -> int:
    """How many draws are affordable for so many rows, of those wished for."""
    affordable = max(_LEAST_DRAWS, _MOST_ROW_DRAWS // max(n_rows, 1))
    return min(n_bootstrap, affordable)


def interval(value: float, draws: Floats | None) -> Interval | None:
    """Value with its 95 % interval; no interval where most draws leave it undefined."""
    middle = rounded(value)
    if middle is None:
        return None
    low, high = np.nan, np.nan
    if draws is not None:
        defined = draws[np.isfinite(draws)]
        if len(defined) > 1 and 2 * len(defined) >= len(draws):
            low, high = np.quantile(defined, (0.025, 0.975))
    return Interval(value=middle, low=rounded(low), high=rounded(high))


def rounded(value: float) -> float | None:
    """Four decimals; null where the figure is not defined."""
    return round(float(value), 4) + 0.0 if np.isfinite(value) else None
