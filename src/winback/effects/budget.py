"""Several arms together: who gets which, what that earns, and what a budget earns.

Rests on one number a person and arm whose mean over any people, chosen without a look at their
own outcome, is what the arm earns them beyond being left alone:

    m + in / p (value * score - cost - m)

where m is foretold, ``in`` says that the person was dealt the arm or the control, p is the chance
of that by design, and ``score`` is the doubly robust score of that pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from winback.arrays import Floats, Mask
from winback.effects.experiment import Experiment
from winback.effects.scored import Mean, mean_with_error

POINTS = 20
"""Points of the curve of what a budget earns, nothing spent aside."""


@dataclass(frozen=True)
class Seen:
    """What an arm is foretold to change, and what it was seen to.

    Attributes:
        effect: on the outcome of everybody of the experiment, each learned without them.
        both: who was dealt the arm or the control.
        score: doubly robust score of each of those.
    """

    effect: Floats
    both: Mask
    score: Floats


@dataclass(frozen=True)
class Gains:
    """What each arm is foretold to earn each person, and a number whose mean it really earns."""

    foretold: Floats
    earned: Floats
    costs: Floats


def gains_of(experiment: Experiment, seen: Sequence[Seen]) -> Gains:
    """Gains of each person and arm, one column an arm."""
    foretold, earned = [], []
    for k, arm in enumerate(seen):
        cost = experiment.costs[:, k]
        m = experiment.value * arm.effect - cost
        share = experiment.chances[:, [0, k + 1]].sum(axis=1)
        score = np.zeros(len(m))
        score[arm.both] = arm.score
        left = experiment.value * score - cost - m
        foretold.append(m)
        earned.append(m + np.where(arm.both, left / share, 0.0))
    return Gains(np.column_stack(foretold), np.column_stack(earned), experiment.costs)


def chosen_by(gains: Gains) -> np.ndarray:
    """The arm that is foretold to earn most, from 1; 0 where none earns anything."""
    best = gains.foretold.argmax(axis=1)
    return np.where(gains.foretold.max(axis=1) > 0, best + 1, 0)


def earned_by(gains: Gains, arms: np.ndarray) -> Floats:
    """A number a person whose mean is what is earned if each gets that arm; 0 is none."""
    rows = np.arange(len(arms))
    return np.where(arms > 0, gains.earned[rows, np.maximum(arms, 1) - 1], 0.0)


@dataclass(frozen=True)
class Point:
    """What a budget buys: spent and earned a person of the whole, and people by arm."""

    spent: float
    earned: Mean
    shares: tuple[float, ...]


def curve_of(gains: Gains) -> tuple[Point, ...]:
    """What each budget earns where the next coin goes where it is foretold to earn most.

    The path over each person's upper hull of cost and gain (the multiple-choice knapsack's
    relaxation, Zemel 1980, as `maq` has it): people move to a dearer arm once what it adds, over
    what it costs more, is the best that is left.
    """
    people, arms = gains.foretold.shape
    steps = _steps(gains.foretold, gains.costs)
    if not len(steps):
        return ()
    person = steps["person"]
    spent = np.cumsum(steps["cost"])
    points = []
    for k in range(1, POINTS + 1):
        last = np.searchsorted(spent, spent[-1] * k / POINTS * (1 + 1e-12), side="right")
        arm = np.zeros(people, np.int64)
        arm[person[:last]] = steps["arm"][:last]  # the last step of a person is the dearest
        cost = np.where(arm > 0, gains.costs[np.arange(people), np.maximum(arm, 1) - 1], 0.0)
        shares = np.bincount(arm, minlength=arms + 1)[1:] / people
        points.append(
            Point(float(cost.mean()), mean_with_error(earned_by(gains, arm)), tuple(shares))
        )
    return tuple(points)


def _steps(foretold: Floats, costs: Floats) -> np.ndarray:
    """Each person's moves to a dearer arm that pays, best first; ties by place."""
    people = len(foretold)
    # Before the cost is taken off: what the money buys.
    gross = foretold + costs
    found: list[tuple[float, int, int, float]] = []
    order = np.argsort(costs, axis=1, kind="stable")
    for i in range(people):
        hull = [(0.0, 0.0, 0)]
        for k in order[i]:
            cost, gain = float(costs[i, k]), float(gross[i, k])
            if gain - cost <= hull[-1][1] - hull[-1][0]:
                continue
            while len(hull) > 1 and _slope(hull[-2], hull[-1]) <= _slope(
                hull[-1], (cost, gain, int(k) + 1)
            ):
                hull.pop()
            hull.append((cost, gain, int(k) + 1))
        for before, after in pairwise(hull):
            found.append((_slope(before, after), i, after[2], after[0] - before[0]))
    found.sort(key=lambda each: (-each[0], each[1], each[3]))
    kind = [("slope", "f8"), ("person", "i8"), ("arm", "i8"), ("cost", "f8")]
    return np.array(found, dtype=kind)


def _slope(before: tuple[float, float, int], after: tuple[float, float, int]) -> float:
    cost = after[0] - before[0]
    return float("inf") if cost <= 0 else (after[1] - before[1]) / cost
