"""How well a ranking finds whom the treatment moves: values, curves and their errors.

Everything rests on one number a person: the effect's doubly robust score

    psi = mu1 - mu0 + w (y - mu1) / e - (1 - w) (y - mu0) / (1 - e)

(Robins, Rotnitzky and Zhao 1994, JASA 89), whose mean over any people chosen without a look at
their own outcome is those people's mean effect, because e is known by design and mu is fitted on
others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from winback.arrays import Floats

_SEED = 20240518
SHARES = tuple(k / 20 for k in range(21))
"""Sizes at which a curve is told, as shares of all people."""


def robust_scores(y: Floats, w: Floats, e: Floats, mu0: Floats, mu1: Floats) -> Floats:
    """The effect's score of each person; ``mu`` must not have seen the person's outcome."""
    return mu1 - mu0 + w * (y - mu1) / e - (1 - w) * (y - mu0) / (1 - e)


@dataclass(frozen=True)
class Mean:
    """A mean with its error and 95 % interval."""

    mean: float
    error: float

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return self.mean - 1.959964 * self.error

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return self.mean + 1.959964 * self.error


def mean_with_error(values: Floats) -> Mean:
    """Mean and standard error; the error of fewer than two is not known."""
    n = len(values)
    if n < 2:
        return Mean(float(values.mean()) if n else 0.0, float("nan"))
    return Mean(float(values.mean()), float(values.std(ddof=1) / np.sqrt(n)))


def groups_of(ranking: Floats, groups: int = 5) -> np.ndarray:
    """Which group of equal size each person is in, 0 the first treated; ties by lot.

    By place they would go by how the table is sorted, perhaps by who was treated.
    """
    lots = np.random.default_rng(_SEED).permutation(len(ranking))
    order = np.lexsort((lots, -ranking))
    parts = np.empty(len(ranking), np.int64)
    parts[order] = np.arange(len(ranking)) * groups // max(len(ranking), 1)
    return parts


def gains_by_size(scores: Floats, ranking: Floats, shares: tuple[float, ...] = SHARES) -> Floats:
    """Mean gain a person of the whole, if the best of each share are treated.

    Where people rank alike they count as drawn among them by lot: a ranking that tells nobody
    apart is a straight line.
    """
    order = np.argsort(-ranking, kind="stable")
    ranked, held = ranking[order], scores[order]
    _, first, counts = np.unique(-ranked, return_index=True, return_counts=True)
    level = np.add.reduceat(held, first) / counts
    running = np.concatenate([[0.0], np.cumsum(np.repeat(level, counts))])
    n = len(scores)
    return np.asarray(np.interp(np.asarray(shares) * n, np.arange(n + 1), running) / n)


def errors_by_size(scores: Floats, ranking: Floats, shares: tuple[float, ...] = SHARES) -> Floats:
    """Standard errors of `gains_by_size`, of people who rank alike each counted in part."""
    n = len(scores)
    _, level, counts = np.unique(-ranking, return_inverse=True, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])
    found = []
    for share in shares:
        part = np.clip((share * n - before) / counts, 0.0, 1.0)[level]
        found.append(float((part * scores).std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan"))
    return np.asarray(found)


def qini(y: Floats, w: Floats, ranking: Floats) -> float:
    """Area between the Qini curve of a ranking and the line of no ranking, over the perfect one's.

    Radcliffe's curve (2007), treated successes less control ones at the size of the treated, and
    the perfect one that also knows who is put off, as scikit-uplift has it. For arms of equal
    chance within the people.
    """
    once = np.ones((1, len(y)))
    reached, perfect = _areas(y, w, ranking, once)[0], _areas(y, w, _perfect(y, w), once)[0]
    return float(reached / perfect) if perfect > 0 else 0.0


def qini_errors(
    y: Floats, w: Floats, rankings: dict[str, Floats], ours: str, draws: int = 100
) -> dict[str, tuple[float, float, float]]:
    """Of each ranking Qini's error, and ours less it with the error of the difference.

    People are drawn anew with replacement, the same ones for all rankings.
    """
    rng = np.random.default_rng(_SEED)
    weights = rng.poisson(1.0, (draws, len(y))).astype(np.float64)
    best = _areas(y, w, _perfect(y, w), weights)
    drawn = {}
    for name, ranking in rankings.items():
        areas = _areas(y, w, ranking, weights)
        drawn[name] = np.divide(areas, best, out=np.zeros(draws), where=best > 0)
    whole = {name: qini(y, w, ranking) for name, ranking in rankings.items()}
    return {
        name: (
            float(np.std(found, ddof=1)), whole[ours] - whole[name],
            float(np.std(drawn[ours] - found, ddof=1)),
        )
        for name, found in drawn.items()
    }  # fmt: skip


def _perfect(y: Floats, w: Floats) -> Floats:
    return np.asarray(np.where(w > 0, y, -y))


def _areas(y: Floats, w: Floats, ranking: Floats, weights: Floats) -> Floats:
    """Of each row of weights (how often each person counts) the curve's area over the line."""
    order = np.argsort(-ranking, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(ranking[order]) != 0, True])
    treated, outcome = w[order], y[order]
    areas = np.empty(len(weights))
    for k, weight in enumerate(weights):
        of_treated = weight[order] * treated
        of_control = weight[order] - of_treated
        n_t, n_c = np.cumsum(of_treated)[ends], np.cumsum(of_control)[ends]
        y_t = np.cumsum(of_treated * outcome)[ends]
        y_c = np.cumsum(of_control * outcome)[ends]
        curve = y_t - np.divide(y_c * n_t, n_c, out=np.zeros_like(y_c), where=n_c > 0)
        at, curve = np.r_[0.0, n_t + n_c], np.r_[0.0, curve]
        areas[k] = np.trapezoid(curve, at) - curve[-1] * at[-1] / 2
    return areas
