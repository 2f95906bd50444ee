"""Whether the arms of an experiment are what a draw by lot leaves: sizes, losses, likeness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from winback.arrays import Floats, Mask
from winback.effects.encoded import Column

NOT_BY_LOT = 0.001
"""A draw that gives arms as unlike as these in fewer tables than this share is none."""
# Designs that people choose: odds of an arm against another.
_USUAL_ODDS = tuple(sorted(
    {a / b for a in range(1, 6) for b in range(1, 6)}
    | {float(k) for k in range(1, 21)} | {1 / k for k in range(1, 21)}
    | {k / (100 - k) for k in (1, 2, 98, 99, *range(5, 100, 5))}
))  # fmt: skip
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Differing:
    """A column in which an arm differed from the control before it was treated.

    ``difference`` is in standard deviations, ``p`` the chance of one as large by lot.
    """

    column: str
    arm: int
    difference: float
    p: float


def ratio_p(dealt: np.ndarray, chances: Floats) -> float:
    """Chance of arms so unlike the sizes that their chances say, if people were dealt by lot.

    Of each arm whether it is as large as it should be, and as large where its chance is high.
    """
    arms = chances.shape[1]
    smallest = 1.0
    # Of two arms one says all; of several the control counts as well.
    looked = range(1, arms) if arms == 2 else range(arms)
    for arm in looked:
        e = chances[:, arm]
        left = (dealt == arm) - e
        x = np.column_stack([np.ones(len(e)), e - e.mean()])
        smallest = min(smallest, _score_p(x, left, e * (1 - e)))
    return float(min(1.0, smallest * len(looked)))


def lost_p(arm: pd.Series, kept: Mask) -> float:
    """Chance of so unlike shares of people who could not be kept, arm by arm."""
    if kept.all() or not kept.any():
        return 1.0
    seen = pd.crosstab(arm.to_numpy(), kept).to_numpy(np.float64)
    expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    statistic = ((seen - expected) ** 2 / expected).sum()
    return float(chi2.sf(statistic, (seen.shape[0] - 1) * (seen.shape[1] - 1)))


def unlike_p(z: Floats, dealt: np.ndarray, chances: Floats) -> float:
    """Chance that arms dealt by lot differ so much in what was known before.

    Of each arm against the control the score test of a regression of who was dealt what on all
    columns: chi-squared with as many degrees as columns that do not repeat each other.
    """
    if not z.shape[1]:
        return 1.0
    arms = chances.shape[1] - 1
    found = []
    for arm in range(1, arms + 1):
        x, left, variance = _against_control(z, dealt, chances, arm)
        found.append(_score_p(x, left, variance))
    return float(min(1.0, min(found) * arms))


def differing(
    z: Floats, columns: Sequence[Column], dealt: np.ndarray, chances: Floats
) -> tuple[Differing, ...]:
    """The columns in which an arm differs most from the control, most first."""
    found: list[Differing] = []
    for arm in range(1, chances.shape[1]):
        x, left, variance = _against_control(z, dealt, chances, arm)
        error = np.sqrt(np.maximum((x**2 * variance[:, None]).sum(axis=0), 1e-12))
        score = x.T @ left / error
        apart = z[dealt == arm].mean(axis=0) - z[dealt == 0].mean(axis=0)
        for k, column in enumerate(columns):
            p = float(2 * norm.sf(abs(score[k])))
            if p < NOT_BY_LOT:
                found.append(Differing(column.name, arm, float(apart[k]), p))
    # Of a column's values and arms the one that differs most stands for all.
    found.sort(key=lambda each: (-abs(each.difference), each.column, each.arm))
    sources = {column.name: column.source for column in columns}
    shown: dict[str, Differing] = {}
    for each in found:
        shown.setdefault(sources[each.column], each)
    return tuple(shown.values())[:_MOST_SHOWN]


def is_usual(dealt: np.ndarray, arms: int) -> bool:
    """Whether the sizes of the arms may be those of a design, such as equal parts or 9 to 1."""
    counts = np.bincount(dealt, minlength=arms + 1).astype(np.float64)
    for arm in range(1, arms + 1):
        n = counts[0] + counts[arm]
        odds = np.asarray(_USUAL_ODDS)
        e = odds / (1 + odds)
        z = np.abs(counts[arm] - n * e) / np.sqrt(n * e * (1 - e))
        if 2 * norm.sf(z.min()) < NOT_BY_LOT:
            return False
    return True


def _against_control(
    z: Floats, dealt: np.ndarray, chances: Floats, arm: int
) -> tuple[Floats, Floats, Floats]:
    both = (dealt == 0) | (dealt == arm)
    e = chances[both][:, arm] / chances[both][:, [0, arm]].sum(axis=1)
    left = (dealt[both] == arm) - e
    # Chances that were not told are the shares themselves: the mean says nothing then.
    return z[both] - z[both].mean(axis=0), left, e * (1 - e)


def _score_p(x: Floats, left: Floats, variance: Floats) -> float:
    """Chance of so large sums of ``x * left``, where they are errors of that variance."""
    values, vectors = np.linalg.eigh((x * variance[:, None]).T @ x)
    kept = values > max(values.max() * 1e-8, 1e-9)
    if not kept.any():
        return 1.0
    statistic = float(((vectors[:, kept].T @ (x.T @ left)) ** 2 / values[kept]).sum())
    return float(chi2.sf(statistic, float(kept.sum())))
