"""The usual learners of effects, to hold ours against: S, T, X, R and DR, with LightGBM.

As in Künzel et al. (2019, PNAS 116), Nie and Wager (2021, Biometrika 108) and Kennedy (2023); the
chance of treatment is known by design and never estimated. What several of them need is fitted
once: the outcomes of both arms serve T, X, DR, response and risk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from winback.arrays import Floats, Mask
from winback.effects.lasso import Link, mean_of
from winback.effects.modified import Baselines

LEARNERS = ("S", "T", "X", "R", "DR")
RANKINGS = ("response", "risk")
_TREES = {
    "num_leaves": 7, "learning_rate": 0.05, "min_data_in_leaf": 100, "lambda_l2": 10.0,
    "verbose": -1, "deterministic": True, "force_row_wise": True, "seed": 1,
}  # fmt: skip
_ROUNDS = 80

Predict = Callable[[Floats], Floats]


@dataclass(frozen=True)
class People:
    """Whom to learn from: columns, outcome, treated, its chance, the mean's link."""

    z: Floats
    y: Floats
    w: Floats
    e: Floats
    link: Link
    threads: int = 1

    def of(self, mask: Mask) -> People:
        """Some of them."""
        return People(
            self.z[mask], self.y[mask], self.w[mask], self.e[mask], self.link, self.threads
        )


def rivals_crossed(people: People, baselines: Baselines, parts: np.ndarray) -> dict[str, Floats]:
    """What each learner thinks of each person, learned from the other folds.

    ``response`` and ``risk`` rank people: likeliest if treated, least likely untreated first.
    """
    found = {name: np.zeros(len(people.y)) for name in (*LEARNERS, *RANKINGS)}
    for fold, outcomes in enumerate(_outcomes_beside(people, parts)):
        out = parts == fold
        middle = mean_of(people.link, baselines.beside[fold][:, 1])
        effects = _rivals(people.of(~out), outcomes[:, ~out], middle[~out], people.z[out])
        for name, effect in effects.items():
            found[name][out] = effect
    return found


def rivals_of(
    people: People, baselines: Baselines, parts: np.ndarray, new: Floats
) -> dict[str, Floats]:
    """What each learner thinks of ``new`` people, learned from everybody."""
    outcomes = np.zeros((2, len(people.y)))
    for fold in range(int(parts.max()) + 1):
        out = parts == fold
        outcomes[:, out] = [model(people.z[out]) for model in _by_arm(people.of(~out))]
    return _rivals(people, outcomes, mean_of(people.link, baselines.links[:, 1]), new)


def _outcomes_beside(people: People, parts: np.ndarray) -> list[Floats]:
    """For each fold held out, everybody else's outcome in both arms by models of the rest.

    A pair's models serve twice, as the baselines do.
    """
    folds = int(parts.max()) + 1
    beside = [np.zeros((2, len(people.y))) for _ in range(folds)]
    for k in range(folds):
        for j in range(k):
            models = _by_arm(people.of((parts != k) & (parts != j)))
            for held, other in ((k, j), (j, k)):
                rows = parts == other
                beside[held][:, rows] = [model(people.z[rows]) for model in models]
    return beside


def _by_arm(people: People) -> tuple[Predict, Predict]:
    control, treated = people.of(people.w == 0), people.of(people.w == 1)
    return _outcome(control.z, control.y, people), _outcome(treated.z, treated.y, people)


def _rivals(people: People, outcomes: Floats, middle: Floats, new: Floats) -> dict[str, Floats]:
    """Effects on new people.

    Args:
        people: whom to learn from.
        outcomes: of each of them untreated and treated, by models that did not see them.
        middle: whatever the treatment, likewise.
        new: columns of the people to foretell.
    """
    z, y, w, e = people.z, people.y, people.w, people.e
    without, with_it = _by_arm(people)
    mu0, mu1 = outcomes
    dealt = w - e
    score = mu1 - mu0 + w * (y - mu1) / e - (1 - w) * (y - mu0) / (1 - e)
    both = _outcome(np.column_stack([z, w]), y, people)
    of_treated = _effect(z[w == 1], y[w == 1] - without(z[w == 1]), None, people)
    of_control = _effect(z[w == 0], with_it(z[w == 0]) - y[w == 0], None, people)
    residual = _effect(z, (y - middle) / dealt, dealt**2, people)
    robust = _effect(z, score, None, people)
    share = float(e.mean())
    return {
        "S": both(_with(new, 1.0)) - both(_with(new, 0.0)),
        "T": with_it(new) - without(new),
        "X": share * of_control(new) + (1 - share) * of_treated(new),
        "R": residual(new),
        "DR": robust(new),
        "response": with_it(new),
        "risk": -without(new),
    }


def _with(z: Floats, w: float) -> Floats:
    return np.column_stack([z, np.full(len(z), w)])


def _outcome(z: Floats, y: Floats, people: People) -> Predict:
    return _fitted(z, y, None, "binary" if people.link == "logit" else "regression", people)


def _effect(z: Floats, target: Floats, weight: Floats | None, people: People) -> Predict:
    return _fitted(z, target, weight, "regression", people)


def _fitted(
    z: Floats, target: Floats, weight: Floats | None, objective: str, people: People
) -> Predict:
    if not z.shape[1]:
        mean = float(np.average(target, weights=weight))
        return lambda new: np.full(len(new), mean)
    settings = {**_TREES, "objective": objective, "num_threads": people.threads}
    data = lgb.Dataset(z, target, weight=weight, params={"verbose": -1})
    trees = lgb.train(settings, data, _ROUNDS)
    return lambda new: np.asarray(trees.predict(new), np.float64)
