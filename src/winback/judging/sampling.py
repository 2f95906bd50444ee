"""Figures with intervals: customers are drawn anew, and each draw gives the figure again.

Sampling is by customer: a customer scored at three cutoffs is one draw, not three.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import factorial

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


def draw_customers(n_customers: int, n_draws: int, seed: int) -> NDArray[np.uint8]:
    """Poisson(1) weight of each customer (rows) in each draw (columns)."""
    # Two random bytes choose a weight: far faster than drawing it directly.
    reached = np.cumsum(np.exp(-1.0) / factorial(np.arange(12)))
    table = np.searchsorted(reached, (np.arange(65536) + 0.5) / 65536).astype(np.uint8)
    rng = np.random.default_rng(seed)
    draws = np.empty((n_customers, n_draws), dtype=np.uint8)
    for start in range(0, n_customers, 10_000):
        part = draws[start : start + 10_000]
        part[:] = table[rng.integers(0, 65536, size=part.shape, dtype=np.uint16)]
    return draws


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
