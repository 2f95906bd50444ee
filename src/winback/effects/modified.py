"""One constant ratio, and what of a person changes it where the data show that.

On the scale of the link (log-odds; the logarithm for counts and money)

    E[y | x, w] = eta(x) + (w - e) * (a + b'z(x) + trees(x))

for outcome y, treated w, its chance e by design and person x. Without b and trees the odds
(the means) of everybody change by one ratio, so that people are ranked as by their response.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import lightgbm as lgb
import numpy as np

from winback.arrays import Floats
from winback.effects.lasso import Link, deviance, fit_path, fit_ridge, mean_of

FOLDS = 5
_ROUNDS = (0, 10, 20, 40, 80, 150)
_LINEAR_SPREAD = 0.1**0.5
_HALF = 0.5


@dataclass(frozen=True)
class Modified:
    """A fitted model of outcome and effect."""

    link: Link
    baseline: Baseline
    eta: Floats  # weights of 1 and the baseline's two links
    middle: Floats
    scale: Floats  # of the baseline's links, as modifiers
    ratio: float
    weights: Floats  # of the modifiers: the two links, then the columns
    trees: Any
    rounds: int
    shape: tuple[float, ...]
    links: Floats = field(repr=False, default_factory=lambda: np.zeros((0, 2)))

    def modification(self, z: Floats) -> tuple[Floats, Floats]:
        """The outcome's link and what treatment adds to it, of each person."""
        links = self.baseline.links(z)
        eta = self.eta[0] + links @ self.eta[1:]
        change = (
            self.ratio + np.column_stack([(links - self.middle) / self.scale, z]) @ self.weights
        )
        if self.rounds:
            change = change + self.trees.predict(z, num_iteration=self.rounds, raw_score=True)
        return eta, change

    def means(self, z: Floats, e: Floats) -> tuple[Floats, Floats]:
        """What is expected of each person, left alone and treated."""
        eta, change = self.modification(z)
        return mean_of(self.link, eta - e * change), mean_of(self.link, eta + (1 - e) * change)


@dataclass(frozen=True)
class Baseline:
    """What is expected of a person whatever the treatment, by a line and by trees."""

    link: Link
    line: Floats
    trees: Any

    def links(self, z: Floats) -> Floats:
        """Both on the scale of the link, one column each."""
        line = self.line[0] + z @ self.line[1:]
        return np.column_stack([line, self.trees.predict(z, raw_score=True)])


def fit_modified(
    z: Floats, y: Floats, w: Floats, e: Floats, link: Link, *, threads: int = 1
) -> Modified:
    """Fit to people who were treated (``w`` 1) with chance ``e``, or not.

    Args:
        z: one row a person, standardised columns known before the treatment.
        y: outcomes: 0 or 1 for ``logit``, not negative on the whole for ``log``.
        w, e: treated, and the chance of it by design, strictly between 0 and 1.
        link: of the mean.
        threads: of LightGBM; they change nothing.
    """
    n = len(y)
    parts = folds_of(n, w * 2 + (y > np.median(y)))
    links = np.zeros((n, 2))
    for fold in range(FOLDS):
        out = parts == fold
        links[out] = _fit_baseline(z[~out], y[~out], link, threads).links(z[out])
    middle, scale = links.mean(axis=0), np.maximum(links.std(axis=0), 1e-9)
    modifiers = np.column_stack([(links - middle) / scale, z])
    free = np.column_stack([np.ones(n), links, w - e])
    design = np.column_stack([free, modifiers * (w - e)[:, None]])
    factor = np.r_[np.zeros(free.shape[1]), _HALF, _HALF, np.ones(z.shape[1])]
    none = np.zeros(n)
    whole = fit_path(link, design, y, factor, none)
    # Held-out deviance along the path, a column a penalty.
    held = np.zeros((n, len(whole.penalties)))
    ahead = np.zeros((n, len(whole.penalties)))
    for fold in range(FOLDS):
        out = parts == fold
        path = fit_path(link, design[~out], y[~out], factor, none[~out], whole.penalties)
        ahead[out] = design[out] @ path.weights.T
        held[out] = deviance(link, y[out, None], ahead[out])
    # Whether anything but the ratio may be used is tested apart, on people not seen.
    chosen = int(np.argmin(held.mean(axis=0)))
    weights = whole.weights[chosen]
    rounds, trees = _trees(z, y, w - e, link, parts, ahead[:, chosen], design @ weights, threads)
    return Modified(
        link=link, baseline=_fit_baseline(z, y, link, threads), eta=weights[:3], middle=middle,
        scale=scale, ratio=float(weights[3]), weights=weights[4:], trees=trees, rounds=rounds,
        shape=(chosen, rounds), links=links,
    )  # fmt: skip


def reduced(model: Modified, z: Floats, y: Floats, w: Floats, e: Floats) -> Modified:
    """The model with one constant ratio for everybody, fitted to the same people.

    The baseline saw them: its links are the fitted ones, as the free weights here take.
    """
    links = model.links
    design = np.column_stack([np.ones(len(y)), links, w - e])
    weights = fit_ridge(model.link, design, y, np.zeros(len(y)))
    return replace(
        model, eta=weights[:3], ratio=float(weights[3]), weights=np.zeros(2 + z.shape[1]),
        trees=None, rounds=0, shape=(0, 0),
    )  # fmt: skip


def folds_of(n: int, strata: Floats, folds: int = FOLDS) -> np.ndarray:
    """A fold for each row: within each stratum in turn, after a fixed shuffle."""
    shuffled = np.random.default_rng(20240229).permutation(n)
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    parts = np.empty(n, np.int64)
    parts[order] = np.arange(n) % folds
    return parts


def _trees(
    z: Floats, y: Floats, dealt: Floats, link: Link, parts: np.ndarray, ahead: Floats,
    offset: Floats, threads: int,
) -> tuple[int, Any]:  # fmt: skip
    """Trees on what the line leaves, used only where held-out people show more than one error."""
    held = np.zeros((len(y), len(_ROUNDS)))
    for fold in range(FOLDS):
        out = parts == fold
        grown = _grown(z[~out], y[~out], dealt[~out], link, ahead[~out], _ROUNDS[-1], threads)
        for k, rounds in enumerate(_ROUNDS):
            added = np.zeros(out.sum())
            if rounds:
                added = grown.predict(z[out], num_iteration=rounds, raw_score=True)
            held[out, k] = deviance(link, y[out], ahead[out] + dealt[out] * added)
    gain = held[:, [0]] - held
    error = gain.std(axis=0) / np.sqrt(len(y))
    best = int(np.argmax(gain.mean(axis=0)))
    if best == 0 or gain[:, best].mean() <= error[best]:
        return 0, None
    return _ROUNDS[best], _grown(z, y, dealt, link, offset, _ROUNDS[best], threads)


def _grown(
    z: Floats, y: Floats, dealt: Floats, link: Link, offset: Floats, rounds: int, threads: int
) -> Any:
    def slopes(score: Floats, _: Any) -> tuple[Floats, Floats]:
        mean = mean_of(link, offset + dealt * score)
        curve = mean * (1 - mean) if link == "logit" else mean
        return (mean - y) * dealt, np.maximum(curve * dealt**2, 1e-9)

    n = len(y)
    settings = {
        "objective": slopes, "num_leaves": 6, "learning_rate": 0.1, "lambda_l2": 1.0,
        "min_data_in_leaf": max(50, n // 100), "min_sum_hessian_in_leaf": 1e-9,
        **_FIXED, "num_threads": threads,
    }  # fmt: skip
    return lgb.train(settings, lgb.Dataset(z, y, params={"verbose": -1}), rounds)


_FIXED = {
    "verbose": -1, "deterministic": True, "force_row_wise": True, "seed": 1,
    "boost_from_average": True,
}  # fmt: skip


def _fit_baseline(z: Floats, y: Floats, link: Link, threads: int) -> Baseline:
    design = np.column_stack([np.ones(len(y)), z])
    spread = np.r_[10.0, np.full(z.shape[1], _LINEAR_SPREAD)]
    line = fit_ridge(link, design, y, np.zeros(len(y)), spread)
    settings = {
        "objective": "binary" if link == "logit" else "poisson", "num_leaves": 8,
        "learning_rate": 0.05, "min_data_in_leaf": 100, "lambda_l2": 10.0,
        "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1,
        **_FIXED, "num_threads": threads,
    }  # fmt: skip
    trees = lgb.train(settings, lgb.Dataset(z, np.maximum(y, 0.0), params={"verbose": -1}), 100)
    return Baseline(link, line, trees)
