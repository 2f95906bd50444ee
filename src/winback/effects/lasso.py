"""A regression some of whose weights are penalised, along a path of penalties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from winback.arrays import Floats, Mask

Link = Literal["logit", "log"]

# Steps of the whole, and of the penalised quadratic inside each; both end sooner as a rule.
_STEPS, _INNER = 25, 300
_ALIKE = 1e-5


def mean_of(link: Link, eta: Floats) -> Floats:
    """What is expected where the link is ``eta``."""
    if link == "logit":
        return 1.0 / (1.0 + np.exp(-np.clip(eta, -35, 35)))
    return np.exp(np.clip(eta, -35, 35))


def curve_of(link: Link, mean: Floats) -> Floats:
    """How fast the mean moves with the link."""
    return np.maximum(mean * (1.0 - mean) if link == "logit" else mean, 1e-9)


def deviance(link: Link, y: Floats, eta: Floats) -> Floats:
    """Of each row, up to what does not depend on ``eta``; the less the better.

    Bernoulli's for ``logit``, Poisson's for ``log``: also for money, whose mean it finds.
    """
    if link == "logit":
        # Fifteen times as fast as `logaddexp`, and as good between these bounds.
        held = np.clip(eta, -35, 35)
        return np.asarray(2.0 * (np.log(1.0 + np.exp(held)) - y * held))
    return 2.0 * (mean_of(link, eta) - y * np.clip(eta, -35, 35))


@dataclass(frozen=True)
class Path:
    """Weights along a path: a row a penalty, the greatest first, a column a column of design."""

    penalties: Floats
    weights: Floats


def fit_path(
    link: Link, design: Floats, y: Floats, factor: Floats, offset: Floats,
    penalties: Floats | None = None, steps: int = 12, least: float = 0.02,
) -> Path:  # fmt: skip
    """Fit all penalties at once, by steps of one fixed curvature, each halved until it gains.

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
    first = np.zeros(design.shape[1])
    first[free] = fit_ridge(link, design[:, free], y, offset)
    mean = mean_of(link, offset + design @ first)
    curve = curve_of(link, mean)
    gram = (design * curve[:, None]).T @ design / n
    gram[np.diag_indices_from(gram)] += 1e-9
    if penalties is None:
        slope = design.T @ (y - mean) / n
        top = np.abs(slope[~free] / factor[~free]).max() if (~free).any() else 0.0
        penalties = np.geomspace(max(top, 1e-12), max(top, 1e-12) * least, steps)
    quadratic = _Quadratic(gram, free)
    pain = penalties[:, None] * factor
    weights = np.tile(first, (len(penalties), 1))
    reached = _losses(link, design, y, offset, weights, pain)
    for _ in range(_STEPS):
        slope = (y[:, None] - mean_of(link, offset[:, None] + design @ weights.T)).T @ design / n
        step = quadratic.least(slope + weights @ gram, pain, weights) - weights
        size = np.ones(len(penalties))
        while True:
            tried = weights + size[:, None] * step
            ahead = _losses(link, design, y, offset, tried, pain)
            worse = ahead > reached + 1e-15
            if not worse.any() or size.min() < 1e-4:
                break
            size[worse] /= 2.0
        size[worse] = 0.0
        ahead = np.where(worse, reached, ahead)
        weights = weights + size[:, None] * step
        gained, reached = reached - ahead, ahead
        if (gained < 1e-8 * np.maximum(1.0, np.abs(reached))).all():
            break
    return Path(np.asarray(penalties), weights)


def _losses(
    link: Link, design: Floats, y: Floats, offset: Floats, weights: Floats, pain: Floats
) -> Floats:
    eta = offset[:, None] + design @ weights.T
    halves = deviance(link, y[:, None], eta).mean(axis=0) / 2.0
    return np.asarray(halves + (pain * np.abs(weights)).sum(axis=1))


class _Quadratic:
    """``w'Gw / 2 - c'w`` with penalties, whose free weights are taken out beforehand."""

    def __init__(self, gram: Floats, free: Mask) -> None:
        self.free, self.bound = free, ~free
        within = gram[np.ix_(free, free)]
        self.across = gram[np.ix_(free, ~free)]
        self.solved = np.linalg.solve(within, self.across) if free.any() else self.across
        self.within = within
        left = gram[np.ix_(~free, ~free)] - self.across.T @ self.solved
        # Each weight in units in which its own curvature is one.
        self.unit = 1.0 / np.sqrt(np.maximum(np.diag(left), 1e-12))
        self.left = left * self.unit[:, None] * self.unit
        self.most = float(np.linalg.eigvalsh(self.left)[-1]) if self.bound.any() else 1.0

    def least(self, linear: Floats, pain: Floats, start: Floats) -> Floats:
        """Where it is least, a row a problem (Beck and Teboulle 2009, begun anew at each rise)."""
        found = start.copy()
        if self.bound.any():
            c = (linear[:, self.bound] - linear[:, self.free] @ self.solved) * self.unit
            most = pain[:, self.bound] * self.unit / self.most
            here = start[:, self.bound] / self.unit
            ahead, pace = here, 1.0
            for _ in range(_INNER):
                wanted = ahead + (c - ahead @ self.left) / self.most
                new = np.sign(wanted) * np.maximum(np.abs(wanted) - most, 0.0)
                moved = new - here
                quicker = (1.0 + np.sqrt(1.0 + 4.0 * pace**2)) / 2.0
                if ((ahead - new) * moved).sum() > 0:
                    quicker, ahead = 1.0, new
                else:
                    ahead = new + (pace - 1.0) / quicker * moved
                here, pace = new, quicker
                if np.abs(moved).max() < _ALIKE * max(1.0, float(np.abs(new).max())):
                    break
            found[:, self.bound] = here * self.unit
        if self.free.any():
            left = linear[:, self.free] - found[:, self.bound] @ self.across.T
            found[:, self.free] = np.linalg.solve(self.within, left.T).T
        return found


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
        curve = curve_of(link, mean)
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
