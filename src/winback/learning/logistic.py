"""Logistic regression that leans towards a prior, the same on any number of threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from winback.arrays import Floats


def fit_logistic(
    design: Floats,
    y: Floats,
    *,
    prior: Sequence[float] | Floats,
    spread: Sequence[float] | Floats,
) -> Floats:
    """The weights that make the outcomes likeliest under independent normal priors.

    One weight per column of ``design``; an intercept is a column of ones. The posterior mode
    by Newton's method with halved steps, which converges because the loss is strictly convex.

    Args:
        design: one row per observation.
        y: outcomes, 0 or 1 (or a share between).
        prior: mean of each weight.
        spread: standard deviation of each weight; a large one hardly penalises.
    """
    middle = np.asarray(prior, np.float64)
    precision = 1.0 / np.square(np.asarray(spread, np.float64))

    def loss(weights: Floats) -> float:
        log_odds = np.einsum("ni,i->n", design, weights)
        fit = np.logaddexp(0.0, log_odds).sum() - (y * log_odds).sum()
        return float(fit + (precision * np.square(weights - middle)).sum() / 2.0)

    def newton(weights: Floats) -> Floats:
        # einsum, not @: its sums do not depend on the number of threads.
        p = 1.0 / (1.0 + np.exp(-np.clip(np.einsum("ni,i->n", design, weights), -500, 500)))
        slope = np.einsum("ni,n->i", design, y - p) - precision * (weights - middle)
        weighted = design * (p * (1.0 - p))[:, None]
        return np.linalg.solve(np.einsum("ni,nj->ij", weighted, design) + np.diag(precision), slope)

    return descend(middle, loss, newton)


def descend(
    start: Floats, loss: Callable[[Floats], float], step_from: Callable[[Floats], Floats]
) -> Floats:
    """Where a strictly convex loss is least, by steps that are halved until they gain."""
    weights, reached = start.copy(), loss(start)
    for _ in range(100):
        step = step_from(weights)
        # A full Newton step may overshoot far from the end.
        while (ahead := loss(weights + step)) > reached and np.abs(step).max() > 1e-12:
            step = step / 2.0
        if np.abs(step).max() < 1e-9:
            break
        weights, reached = weights + step, ahead
    return weights
