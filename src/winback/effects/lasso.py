"""A regression some of whose weights are penalised, along a path of penalties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from winback.arrays import Floats

Link = Literal["logit", "log"]


def mean_of(link: Link, eta: Floats) -> Floats:
    """What is expected where the link is ``eta``."""
    if link == "logit":
        return 1.0 / (1.0 + np.exp(-np.clip(eta, -35, 35)))
    return np.exp(np.clip(eta, -35, 35))


def deviance(link: Link, y: Floats, eta: Floats) -> Floats:
    """Of each row, up to what does not depend on ``eta``; the less the better.

    Bernoulli's for ``logit``, Poisson's for ``log``: also for money, whose mean it finds.
    """
    if link == "logit":
        return 2.0 * (np.logaddexp(0.0, eta) - y * eta)
    return 2.0 * (mean_of(link, eta) - y * np.clip(eta, -35, 35))


@dataclass(frozen=True)
class Path:
    """Weights along a path: a row a penalty, the greatest first, a column a column of design."""

    penalties: Floats
    weights: Floats


def fit_path(
    link: Link, design: Floats, y: Floats, factor: Floats, offset: Floats,
    penalties: Floats | None = None, steps: int = 15, least: float = 0.02,
) -> Path:  # fmt: skip
    """Fit along a path of penalties by steps of one fixed curvature, each halved until it gains.

    Args:
        link: of the mean.
        design: one row an observation.
        y: outcomes.
        factor: of each column's penalty; 0 where a weight is free.
        offset: added to the link of each row.
        penalties: to fit at, the greatest first; None: ``steps`` from where every penalised
            weight is nothing down to ``least`` of that.
    """
    free = factor == 0
    n = len(y)
    weights = np.zeros(design.shape[1])
    weights[free] = fit_ridge(link, design[:, free], y, offset)
    eta = offset + design @ weights
    mean = mean_of(link, eta)
    curve = mean * (1.0 - mean) if link == "logit" else mean
    curve = np.maximum(curve, 1e-9)
    gram = (design * curve[:, None]).T @ design / n
    gram[np.diag_indices_from(gram)] += 1e-9
    slope = design.T @ (y - mean) / n
    if penalties is None:
        top = np.abs(slope[~free] / factor[~free]).max() if (~free).any() else 0.0
        penalties = np.geomspace(max(top, 1e-12), max(top, 1e-12) * least, steps)
    found = np.zeros((len(penalties), design.shape[1]))
    for k, penalty in enumerate(penalties):
        weights, eta = _settled(link, design, y, offset, gram, penalty * factor, weights, eta)
        found[k] = weights
    return Path(np.asarray(penalties), found)


def _settled(
    link: Link, design: Floats, y: Floats, offset: Floats, gram: Floats, penalty: Floats,
    weights: Floats, eta: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    n = len(y)

    def loss(w: Floats, link_of: Floats) -> float:
        return float(deviance(link, y, link_of).mean() / 2.0 + (penalty * np.abs(w)).sum())

    reached = loss(weights, eta)
    for _ in range(50):
        slope = design.T @ (y - mean_of(link, eta)) / n
        step = _descended(gram, slope, penalty, weights) - weights
        if np.abs(step).max() < 1e-7:
            break
        along = design @ step
        size = 1.0
        while (ahead := loss(weights + size * step, eta + size * along)) > reached + 1e-15:
            size /= 2.0
            if size < 1e-4:
                return weights, eta
        gained = reached - ahead
        weights, eta, reached = weights + size * step, eta + size * along, ahead
        if gained < 1e-10 * max(1.0, abs(reached)):
            break
    return weights, eta


def _descended(gram: Floats, slope: Floats, penalty: Floats, start: Floats) -> Floats:
    """Where the penalised quadratic around ``start`` is least, one weight after the other."""
    weights = start.copy()
    left = slope.copy()  # the slope of the quadratic where the weights stand
    for _ in range(200):
        most = 0.0
        for j in range(len(weights)):
            own = gram[j, j]
            wanted = left[j] + own * weights[j]
            new = np.sign(wanted) * max(abs(wanted) - penalty[j], 0.0) / own
            if new != weights[j]:
                left -= gram[:, j] * (new - weights[j])
                most = max(most, abs(new - weights[j]))
                weights[j] = new
        if most < 1e-6:
            break
    return weights


def fit_ridge(
    link: Link, design: Floats, y: Floats, offset: Floats, spread: Floats | float = 1e3
) -> Floats:
    """The weights that make the outcomes likeliest, each with a normal prior around nothing.

    ``spread`` is the prior's standard deviation; a wide one only keeps columns that agree apart.
    """
    weights = np.zeros(design.shape[1])
    if not design.shape[1]:
        return weights
    # An intercept, where there is one, begins at the mean.
    ridge = 1.0 / (len(y) * np.square(np.broadcast_to(spread, weights.shape)))
    reached = np.inf
    for _ in range(60):
        eta = offset + design @ weights
        mean = mean_of(link, eta)
        curve = np.maximum(mean * (1.0 - mean) if link == "logit" else mean, 1e-9)
        slope = design.T @ (y - mean) / len(y) - ridge * weights
        gram = (design * curve[:, None]).T @ design / len(y)
        gram[np.diag_indices_from(gram)] += ridge
        step = np.linalg.solve(gram, slope)
        size = 1.0
        while True:
            ahead = float(deviance(link, y, offset + design @ (weights + size * step)).mean())
            if ahead <= reached + 1e-15 or size < 1e-4:
                break
            size /= 2.0
        weights = weights + size * step
        if np.abs(size * step).max() < 1e-8:
            break
        reached = ahead
    return weights
