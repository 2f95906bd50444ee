"""What earlier lists take of an effect, learned from lists that left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from winback.arrays import Floats, Integers, Mask

_GRID = np.linspace(0.0, 0.6, 31)
_SPREAD = 0.1
_RATIO_SPREAD = 0.5
_STEPS = 8
# Of what is thought without data: with a spread hardly below that the data have said nothing.
_TOLD = 0.75


@dataclass(frozen=True)
class Worn:
    """What one list with the same offer takes of the logarithm of its ratio.

    Attributes:
        share: the mean of what is thought of it after the lists.
        error: its standard deviation.
    """

    share: float
    error: float


def learn_wear(
    offer: Integers,
    treated: Mask,
    weight: Floats,
    orders: Floats,
    expected: Floats,
    met: Floats,
    *,
    thought: float,
) -> Worn | None:
    """The share that an earlier list takes; None where lists do not tell it.

    One row a person and list. Of each offer the orders are Poisson around ``expected`` times a
    level of its own, another for whoever met earlier lists, and, for the treated, its ratio to
    the power of ``(1 - share) ** met``. Levels and ratios are fitted at each share; what their
    likelihood says of the shares, over its dispersion, is weighed by a normal prior around
    ``thought``. Who met more lists is another customer, too: their own effect may differ, which
    this takes for wear as far as the ratio is not one for all.

    Args:
        offer: number of each row's offer.
        met: how many earlier lists count against it.
        thought: the share that is thought of before.
    """
    prior = -((_GRID - thought) ** 2) / (2 * _SPREAD**2)
    likely = np.zeros(len(_GRID))
    for j in np.unique(offer).tolist():
        rows = (offer == j) & (weight > 0) & (expected > 0)
        if not (treated & (met > 0))[rows].any() or treated[rows].all():
            continue
        # As many as the weighed rows are worth: a weight of half on all is none on any.
        each = weight[rows] * (weight[rows].sum() / (weight[rows] ** 2).sum())
        given = (treated[rows], each, orders[rows], expected[rows], met[rows])
        found = [_fitted(*given, float(1 - share)) for share in _GRID]
        dispersion = max(min(dispersed for _, dispersed in found), 1.0)
        likely += np.array([value for value, _ in found]) / dispersion
    before, after = _moments(prior), _moments(prior + likely)
    if after[1] > _TOLD * before[1]:
        return None
    return Worn(share=round(after[0], 4), error=round(after[1], 4))


def _moments(logs: Floats) -> tuple[float, float]:
    chances = np.exp(logs - logs.max())
    chances /= chances.sum()
    mean = float((chances * _GRID).sum())
    return mean, float(np.sqrt((chances * (_GRID - mean) ** 2).sum()))


def _fitted(
    treated: Mask, weight: Floats, orders: Floats, expected: Floats, met: Floats, left: float
) -> tuple[float, float]:
    """Log likelihood at the best levels and ratio, and the dispersion of the orders around them."""
    columns = [np.ones(len(met)), (met > 0).astype(np.float64), treated * left**met]
    if not (met > 0).any() or (met > 0).all():
        del columns[1]
    x = np.column_stack(columns)
    ridge = np.full(x.shape[1], 1e-6)
    ridge[-1] = 1 / _RATIO_SPREAD**2
    at = np.zeros(x.shape[1])
    mean = expected
    for _ in range(_STEPS):
        mean = expected * np.exp(np.clip(x @ at, -3.0, 3.0))
        slope = x.T @ (weight * (orders - mean)) - ridge * at
        curve = (x * (weight * mean)[:, None]).T @ x + np.diag(ridge)
        at = at + np.linalg.solve(curve, slope)
    mean = expected * np.exp(np.clip(x @ at, -3.0, 3.0))
    value = float((weight * (orders * np.log(mean) - mean)).sum() - (ridge * at**2).sum() / 2)
    spread = float((weight * (orders - mean) ** 2 / mean).sum() / weight.sum())
    return value, spread
