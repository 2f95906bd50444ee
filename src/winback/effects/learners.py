"""The usual learners of effects, to hold ours against: S, T, X, R and DR, with LightGBM.

As in Künzel et al. (2019, PNAS 116), Nie and Wager (2021, Biometrika 108) and Kennedy (2023); the
chance of treatment is known by design and never estimated.
"""

from __future__ import annotations

from collections.abc import Callable

import lightgbm as lgb
import numpy as np

from winback.arrays import Floats
from winback.effects.lasso import Link
from winback.effects.modified import FOLDS, folds_of

_TREES = {
    "num_leaves": 7, "learning_rate": 0.05, "min_data_in_leaf": 100, "lambda_l2": 10.0,
    "verbose": -1, "deterministic": True, "force_row_wise": True, "seed": 1,
}  # fmt: skip
_ROUNDS = 80

Predict = Callable[[Floats], Floats]


def response_models(
    z: Floats, y: Floats, w: Floats, link: Link, threads: int
) -> tuple[Predict, Predict]:
    """The outcome of the control and of the treated, each by its own trees."""
    return _outcome(z[w == 0], y[w == 0], link, threads), _outcome(
        z[w == 1], y[w == 1], link, threads
    )


def learned_by(
    name: str, z: Floats, y: Floats, w: Floats, e: Floats, link: Link, threads: int
) -> Predict:
    """What the learner of that name thinks the treatment adds, as a function of people."""
    match name:
        case "S":
            both = _outcome(np.column_stack([z, w]), y, link, threads)
            return lambda new: both(_with(new, 1.0)) - both(_with(new, 0.0))
        case "T":
            without, with_it = response_models(z, y, w, link, threads)
            return lambda new: with_it(new) - without(new)
        case "X":
            without, with_it = response_models(z, y, w, link, threads)
            of_treated = _effect(z[w == 1], y[w == 1] - without(z[w == 1]), None, threads)
            of_control = _effect(z[w == 0], with_it(z[w == 0]) - y[w == 0], None, threads)
            share = float(e.mean())
            return lambda new: share * of_control(new) + (1 - share) * of_treated(new)
        case "R":
            middle = _out_of_fold(z, y, w, link, threads)[2]
            dealt = w - e
            return _effect(z, (y - middle) / dealt, dealt**2, threads)
        case "DR":
            mu0, mu1, _ = _out_of_fold(z, y, w, link, threads)
            score = mu1 - mu0 + w * (y - mu1) / e - (1 - w) * (y - mu0) / (1 - e)
            return _effect(z, score, None, threads)
    raise AssertionError(name)


def _with(z: Floats, w: float) -> Floats:
    return np.column_stack([z, np.full(len(z), w)])


def _out_of_fold(
    z: Floats, y: Floats, w: Floats, link: Link, threads: int
) -> tuple[Floats, Floats, Floats]:
    """Outcome untreated, treated and whatever the treatment, by models of the other folds."""
    found = np.zeros((3, len(y)))
    parts = folds_of(len(y), w * 2 + (y > np.median(y)))
    for fold in range(FOLDS):
        out = parts == fold
        without, with_it = response_models(z[~out], y[~out], w[~out], link, threads)
        found[0, out], found[1, out] = without(z[out]), with_it(z[out])
        found[2, out] = _outcome(z[~out], y[~out], link, threads)(z[out])
    return found[0], found[1], found[2]


def _outcome(z: Floats, y: Floats, link: Link, threads: int) -> Predict:
    objective = "binary" if link == "logit" else "regression"
    return _fitted(z, y, None, objective, threads)


def _effect(z: Floats, target: Floats, weight: Floats | None, threads: int) -> Predict:
    return _fitted(z, target, weight, "regression", threads)


def _fitted(
    z: Floats, target: Floats, weight: Floats | None, objective: str, threads: int
) -> Predict:
    settings = {**_TREES, "objective": objective, "num_threads": threads}
    data = lgb.Dataset(z, target, weight=weight, params={"verbose": -1})
    trees = lgb.train(settings, data, _ROUNDS)
    return lambda new: np.asarray(trees.predict(new), np.float64)
