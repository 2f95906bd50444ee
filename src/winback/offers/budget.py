"""The best use of a budget: at most one option a customer, and a proof of how good it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Picks = NDArray[np.int64]


@dataclass(frozen=True)
class Choice:
    """One option a customer (-1: none), and how far from the best possible it can be.

    ``certificate`` holds value (of the choice), lp_bound (no choice under the budget is
    worth more), gap (their difference), lambda (gain the last unit of money brings).
    """

    picks: Picks
    certificate: dict[str, float]


def choose_within_budget(
    gain: Floats, cost: Floats, budget: float | None, *, max_chosen: int | None = None
) -> Choice:
    """Pick at most one option a customer so that the total gain is the largest.

    A multiple-choice knapsack by its Lagrangian dual: at a price ``lambda`` of money each
    customer takes the option with the largest ``gain - lambda * cost``, if positive; the
    price rises until the total cost fits. Customers whose pick is the same at both ends of
    the price's bracket are settled and leave the search, so it ends after about log2(n)
    rounds on fewer and fewer rows. What the budget still holds is then spent on those who
    are indifferent at the final price, in row order. The result is within one customer of
    the linear bound (Dantzig 1957; Sinha & Zoltners 1979 for multiple choice), within two
    where ``max_chosen`` binds as well.

    Args:
        gain: customers x options; only options above zero are ever picked, NaN never.
        cost: the same shape, not negative.
        budget: most the picked options may cost together; None for no limit.
        max_chosen: most customers picked; None for no limit.
    """
    offered = gain > 0
    worth = np.where(offered, gain, -np.inf)
    price = np.where(offered, cost, 0.0)
    limit = np.inf if budget is None else float(budget)
    most = len(gain) if max_chosen is None else max_chosen
    free = _best_at(worth, price, 0.0, most)
    if _total(price, free) <= limit:
        value = _total(worth, free)
        return Choice(free, _certificate(value, value, 0.0))
    if (_best_at(worth, price, 0.0, len(gain)) >= 0).sum() <= most:
        low, high, picks_low, picks_high = _bracket(worth, price, limit, free)
    else:
        low, high, picks_low, picks_high = _bracket_with_cap(worth, price, limit, most)
    picks = _spend_rest(worth, price, limit, most, picks_low, picks_high)
    bounds = [(_dual(worth, price, limit, most, at), at) for at in (low, high)]
    bound, at = min(bounds)
    return Choice(picks, _certificate(_total(worth, picks), bound, at))


def _certificate(value: float, bound: float, price: float) -> dict[str, float]:
    # Rounding can leave the bound a hair below a value that reaches it.
    bound = max(bound, value)
    return {"value": value, "lp_bound": bound, "gap": bound - value, "lambda": price}


def _best_at(worth: Floats, price: Floats, multiplier: float, most: int) -> Picks:
    if not worth.size:
        return np.full(len(worth), -1, dtype=np.int64)
    net = worth - multiplier * price
    picks = net.argmax(axis=1)
    best = net[np.arange(len(net)), picks]
    picks = np.where(best > 0, picks, -1)
    if (picks >= 0).sum() > most:
        # A stable sort keeps row order among equals, so the same people are in every time.
        picks[np.argsort(-best, kind="stable")[most:]] = -1
    return picks


def taken(matrix: Floats, picks: Picks) -> Floats:
    """Read each row's entry at its pick; 0 where nothing is picked."""
    if not matrix.shape[1]:
        return np.zeros(len(picks))
    return np.where(picks >= 0, matrix[np.arange(len(picks)), np.maximum(picks, 0)], 0.0)


def _total(matrix: Floats, picks: Picks) -> float:
    return float(taken(matrix, picks).sum())


def _dual(worth: Floats, price: Floats, limit: float, most: int, multiplier: float) -> float:
    picks = _best_at(worth, price, multiplier, most)
    return multiplier * limit + _total(worth, picks) - multiplier * _total(price, picks)


def _bracket(
    worth: Floats, price: Floats, limit: float, free: Picks
) -> tuple[float, float, Picks, Picks]:
    """Narrow the price of money until only indifferent customers separate its two ends."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where((price > 0) & np.isfinite(worth), worth / price, 0.0)
    low, high = 0.0, float(np.nextafter(ratios.max(), np.inf)) * (1 + 1e-9)
    picks_low, picks_high = free.copy(), _best_at(worth, price, high, len(worth))
    open_rows = np.flatnonzero(picks_low != picks_high)
    settled = np.setdiff1d(np.arange(len(worth)), open_rows, assume_unique=True)
    spent = float(taken(price[settled], picks_low[settled]).sum())
    for _ in range(500):
        w, c = worth[open_rows], price[open_rows]
        saved = taken(c, picks_low[open_rows]) - taken(c, picks_high[open_rows])
        lost = taken(w, picks_low[open_rows]) - taken(w, picks_high[open_rows])
        turning = lost / np.where(saved > 0, saved, np.inf)
        turning = turning[(turning > low) & (turning < high)]
        if not len(turning):
            break
        middle = float(np.partition(turning, len(turning) // 2)[len(turning) // 2])
        picks = _best_at(w, c, middle, len(w))
        if spent + float(taken(c, picks).sum()) > limit:
            low, picks_low[open_rows] = middle, picks
        else:
            high, picks_high[open_rows] = middle, picks
        same = picks_low[open_rows] == picks_high[open_rows]
        spent += float(taken(c[same], picks_low[open_rows][same]).sum())
        open_rows = open_rows[~same]
    return low, high, picks_low, picks_high


def _bracket_with_cap(
    worth: Floats, price: Floats, limit: float, most: int
) -> tuple[float, float, Picks, Picks]:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where((price > 0) & np.isfinite(worth), worth / price, 0.0)
    low, high = 0.0, float(ratios.max()) * (1 + 1e-9)
    for _ in range(60):
        middle = (low + high) / 2
        if _total(price, _best_at(worth, price, middle, most)) > limit:
            low = middle
        else:
            high = middle
    return low, high, _best_at(worth, price, low, most), _best_at(worth, price, high, most)


def _spend_rest(
    worth: Floats, price: Floats, limit: float, most: int, picks_low: Picks, picks_high: Picks
) -> Picks:
    """Move from the affordable picks towards the unaffordable ones as far as money goes."""
    picks = picks_high.copy()
    more = taken(price, picks_low) - taken(price, picks_high)
    better = taken(worth, picks_low) - taken(worth, picks_high)
    rows = np.flatnonzero((picks_low != picks_high) & (better > 0))
    rows = rows[np.lexsort((rows, -better[rows] / np.maximum(more[rows], 1e-300)))]
    left = limit - _total(price, picks)
    places = most - int((picks >= 0).sum())
    for _ in range(100):
        rows = rows[(more[rows] <= left) & ((picks[rows] >= 0) | (places > 0))]
        if not len(rows):
            break
        new = np.cumsum(picks[rows] < 0)
        fits = (np.cumsum(more[rows]) <= left) & (new <= places)
        # The first row fits by the filter above, so every round makes progress.
        count = max(int(fits.argmin()) if not fits.all() else len(rows), 1)
        going, rows = rows[:count], rows[count:]
        places -= int((picks[going] < 0).sum())
        left -= float(more[going].sum())
        picks[going] = picks_low[going]
    return picks
