"""One constant ratio, and what of a person changes it where the data show that.

On the scale of the link (log-odds; the logarithm for counts and money)

    E[y | x, w] = eta(x) + (w - e) * (a + b'z(x) + trees(x))

for outcome y, treated w, its chance e by design and person x. Without b and trees the odds
(the means) of everybody change by one ratio, so that people are ranked as by their response.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np

from winback.arrays import Floats, Mask
from winback.effects.lasso import Link, curve_of, deviance, fit_path, fit_ridge, mean_of

FOLDS = 5
_ROUNDS = (0, 10, 20, 40, 80, 150)
_BASELINE_ROUNDS = 50
_LINEAR_SPREAD = 0.1**0.5
_HALF = 0.5
_FIXED = {
    "verbose": -1, "deterministic": True, "force_row_wise": True, "seed": 1,
    "boost_from_average": True,
}  # fmt: skip


@dataclass(frozen=True)
class Baseline:
    """What is expected of a person whatever the treatment, by a line and by trees."""

    link: Link
    line: Floats
    trees: Any

    def links(self, z: Floats) -> Floats:
        """Both on the scale of the link, one column each."""
        if self.trees is None:
            # Nothing tells people apart, and a mean of other folds would tell folds apart.
            return np.zeros((len(z), 2))
        line = self.line[0] + z @ self.line[1:]
        return np.column_stack([line, self.trees.predict(z, raw_score=True)])


@dataclass(frozen=True)
class Baselines:
    """Baselines of all people, of all but one fold and of all but two.

    Attributes:
        whole: of everybody.
        without: of all but that fold.
        links: of each person by the baseline that did not see the person's fold.
        beside: the same of a fold, made by baselines that did not see this one either; people
            of the fold itself by the baseline of all others.
    """

    whole: Baseline
    without: tuple[Baseline, ...]
    links: Floats
    beside: tuple[Floats, ...]


@dataclass(frozen=True)
class Modified:
    """A fitted model of outcome and effect.

    Attributes:
        eta: weights of 1 and the baseline's two links.
        middle, scale: of these links, as modifiers.
        weights: of the modifiers: the two links, then the columns.
        rounds: trees used.
    """

    link: Link
    baseline: Baseline
    eta: Floats
    middle: Floats
    scale: Floats
    ratio: float
    weights: Floats
    trees: Any
    rounds: int

    @property
    def plain(self) -> bool:
        """Whether one ratio holds for everybody."""
        return not self.rounds and not self.weights.any()

    def modification(self, z: Floats, links: Floats | None = None) -> tuple[Floats, Floats]:
        """The outcome's link and what treatment adds to it, of each person."""
        links = self.baseline.links(z) if links is None else links
        eta = self.eta[0] + links @ self.eta[1:]
        modifiers = np.column_stack([(links - self.middle) / self.scale, z])
        change = self.ratio + modifiers @ self.weights
        if self.rounds:
            change = change + self.trees.predict(z, num_iteration=self.rounds, raw_score=True)
        return eta, change

    def means(self, z: Floats, e: Floats, links: Floats | None = None) -> tuple[Floats, Floats]:
        """What is expected of each person, left alone and treated."""
        eta, change = self.modification(z, links)
        return mean_of(self.link, eta - e * change), mean_of(self.link, eta + (1 - e) * change)


def fit_baselines(z: Floats, y: Floats, link: Link, parts: np.ndarray, threads: int) -> Baselines:
    """Fit the baselines of all folds and of all pairs of folds.

    A pair's baseline serves twice: what holds out one of its folds learns from the other.
    """
    n, folds = len(y), int(parts.max()) + 1
    binned = _binned(z) if z.shape[1] else None
    without = tuple(_fit_baseline(z, y, link, parts != k, binned, threads) for k in range(folds))
    links = np.zeros((n, 2))
    for k in range(folds):
        links[parts == k] = without[k].links(z[parts == k])
    beside = [links.copy() for _ in range(folds)]
    for k in range(folds):
        for j in range(k):
            both = (parts != k) & (parts != j)
            baseline = _fit_baseline(z, y, link, both, binned, threads)
            for held, other in ((k, j), (j, k)):
                beside[held][parts == other] = baseline.links(z[parts == other])
    whole = _fit_baseline(z, y, link, np.ones(n, bool), binned, threads)
    return Baselines(whole, without, links, tuple(beside))


def fit_modified(
    z: Floats, y: Floats, dealt: Floats, link: Link, baseline: Baseline, links: Floats,
    parts: np.ndarray, *, threads: int = 1,
) -> Modified:  # fmt: skip
    """Fit to people who were treated or not by lot.

    Args:
        z: one row a person, standardised columns known before the treatment.
        y: outcomes: 0 or 1 for ``logit``, not negative for ``log``.
        dealt: treated (1 or 0) less the chance of it by design.
        link: of the mean.
        baseline: for people who are not among these.
        links: of these people, by baselines that did not see them.
        parts: a fold of each.
        threads: of LightGBM; they change nothing.
    """
    plain = fit_plain(y, dealt, link, baseline, links, z.shape[1])
    modifiers = np.column_stack([(links - plain.middle) / plain.scale, z])
    free = np.column_stack([np.ones(len(y)), links, dealt])
    design = np.column_stack([free, modifiers * dealt[:, None]])
    factor = np.r_[np.zeros(free.shape[1]), _HALF, _HALF, np.ones(z.shape[1])]
    none = np.zeros(len(y))
    whole = fit_path(link, design, y, factor, none)
    # Held-out deviance along the path, a column a penalty.
    held = np.zeros((len(y), len(whole.penalties)))
    ahead = np.zeros((len(y), len(whole.penalties)))
    for fold in np.unique(parts):
        out = parts == fold
        path = fit_path(link, design[~out], y[~out], factor, none[~out], whole.penalties)
        ahead[out] = design[out] @ path.weights.T
        held[out] = deviance(link, y[out, None], ahead[out])
    # Whether anything but the ratio may be used is tested apart, on people not seen.
    chosen = int(np.argmin(held.mean(axis=0)))
    # Trees may do better alone than on a line that stands in their way.
    found = [
        _trees(z, y, dealt, link, parts, ahead[:, k], design @ whole.weights[k], threads)
        for k in sorted({0, chosen})
    ]
    best = min(found, key=lambda each: each.held)
    weights = whole.weights[0 if best is not found[-1] else chosen]
    return replace(
        plain, eta=weights[:3], ratio=float(weights[3]), weights=weights[4:], trees=best.trees,
        rounds=best.rounds,
    )  # fmt: skip


def fit_plain(
    y: Floats, dealt: Floats, link: Link, baseline: Baseline, links: Floats, columns: int
) -> Modified:
    """One constant ratio for everybody."""
    design = np.column_stack([np.ones(len(y)), links, dealt])
    weights = fit_ridge(link, design, y, np.zeros(len(y)))
    return Modified(
        link=link, baseline=baseline, eta=weights[:3], middle=links.mean(axis=0),
        scale=np.maximum(links.std(axis=0), 1e-9), ratio=float(weights[3]),
        weights=np.zeros(2 + columns), trees=None, rounds=0,
    )  # fmt: skip


def folds_of(n: int, strata: Floats, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """A fold for each row: within each stratum in turn, after a fixed shuffle."""
    shuffled = np.random.default_rng((20240229, seed)).permutation(n)
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    parts = np.empty(n, np.int64)
    parts[order] = np.arange(n) % folds
    return parts


@dataclass(frozen=True)
class _Grown:
    """Trees on a line, none where they do not help, and the deviance of held-out people."""

    rounds: int
    trees: Any
    held: float


def _trees(
    z: Floats, y: Floats, dealt: Floats, link: Link, parts: np.ndarray, ahead: Floats,
    offset: Floats, threads: int,
) -> _Grown:  # fmt: skip
    """Trees on what the line leaves, grown as long as the last of them helped those held out."""
    nothing = deviance(link, y, ahead)
    alone = _Grown(0, None, float(nothing.mean()))
    if not z.shape[1]:
        return alone
    folds = [parts == fold for fold in np.unique(parts)]
    data = _binned(z)
    grown = [_Growing(data, np.flatnonzero(~out), y, dealt, link, ahead, threads) for out in folds]
    added = np.zeros(len(y))
    best, best_gain, rounds = 0, 0.0, 0
    for now in _ROUNDS[1:]:
        for out, each in zip(folds, grown, strict=True):
            added[out] += each.more(z[out], rounds, now)
        rounds = now
        gain = nothing - deviance(link, y, ahead + dealt * added)
        if gain.mean() > best_gain:
            best, best_gain = now, float(gain.mean())
        elif best < now // 2 or now >= _ROUNDS[3]:
            break
    if best == 0:
        return alone
    whole = _Growing(data, np.arange(len(y)), y, dealt, link, offset, threads)
    whole.more(z[:1], 0, best)
    return _Grown(best, whole.trees, alone.held - best_gain)


class _Growing:
    """Trees that grow round by round.

    Of the likelihood only the first step's slope and curvature are used: with these the loss is
    a weighted square, which LightGBM fits without asking back.
    """

    def __init__(
        self, data: Any, rows: np.ndarray, y: Floats, dealt: Floats, link: Link, offset: Floats,
        threads: int,
    ) -> None:  # fmt: skip
        mean = mean_of(link, offset[rows])
        curve = curve_of(link, mean)
        settings = {
            "objective": "regression", "num_leaves": 6, "learning_rate": 0.1, "lambda_l2": 1.0,
            "min_data_in_leaf": max(50, len(rows) // 100), "min_sum_hessian_in_leaf": 1e-9,
            **_FIXED, "num_threads": threads, "boost_from_average": False,
        }  # fmt: skip
        subset = data.subset(rows).construct()
        subset.set_label((y[rows] - mean) / (curve * dealt[rows]))
        subset.set_weight(curve * dealt[rows] ** 2)
        self.trees = lgb.Booster(settings, subset)

    def more(self, z: Floats, since: int, now: int) -> Floats:
        """Grow up to ``now`` trees; what those after ``since`` add for the people of ``z``."""
        for _ in range(since, now):
            self.trees.update()
        predicted = self.trees.predict(
            z, start_iteration=since, num_iteration=now - since, raw_score=True
        )
        return np.asarray(predicted, np.float64)


def _fit_baseline(
    z: Floats, y: Floats, link: Link, mask: Mask, binned: Any, threads: int
) -> Baseline:
    rows = np.flatnonzero(mask)
    design = np.column_stack([np.ones(len(rows)), z[rows]])
    spread = np.r_[10.0, np.full(z.shape[1], _LINEAR_SPREAD)]
    line = fit_ridge(link, design, y[rows], np.zeros(len(rows)), spread)
    if binned is None:
        return Baseline(link, line, None)
    settings = {
        "objective": "binary" if link == "logit" else "poisson", "num_leaves": 8,
        "learning_rate": 0.1, "min_data_in_leaf": min(100, max(20, len(rows) // 20)),
        "lambda_l2": 10.0, "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1,
        **_FIXED, "num_threads": threads,
    }  # fmt: skip
    subset = binned.subset(rows).construct()
    subset.set_label(y[rows])
    trees = lgb.Booster(settings, subset)
    for _ in range(_BASELINE_ROUNDS):
        trees.update()
    return Baseline(link, line, trees)


def _binned(z: Floats) -> Any:
    """Columns in bins, made once: of them every fit takes its own people."""
    data = lgb.Dataset(z, np.zeros(len(z)), free_raw_data=False, params={"verbose": -1})
    return data.construct()
