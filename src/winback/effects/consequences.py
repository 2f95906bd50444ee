"""Which columns were known before the treatment, and which are a consequence of it.

A consequence is never there without the outcome (a purchase without a visit), or the outcome
never without it; or one arm alone has it (an e-mail opened); or it says which arm it was; or it
differs between arms and hardly does among people of one outcome; or it is the outcome in another
dress.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from winback.arrays import Floats, Mask
from winback.results.base import Fact, fact

# An event that a column known before could hardly never meet: expected so often, seen (nearly)
# never.
_EXPECTED, _NEVER = 20.0, 0.01
_SURELY = 1e-4
_SAME = 0.98
_LEVELS = 30
# Whole numbers that never repeat, among so many people, tell them apart and say nothing else.
_LEAST_OF_A_KEY = 30


def known_before(
    table: pd.DataFrame, names: Sequence[str], y: Floats, dealt: np.ndarray, doubts: list[Fact]
) -> list[str]:
    """The columns that effects may be learned from; of each other there is a doubt.

    Args:
        table: columns as read, numbers as float, else text.
        names: columns to look at.
        y: outcomes.
        dealt: 0 the control, else the place of the arm.
        doubts: to which those about columns that are left out are added.
    """
    before = []
    for name in names:
        values = table[name]
        if values.nunique(dropna=False) < 2:
            doubts.append(fact("effects.constant_left", column=name))
        elif _is_a_key(values):
            doubts.append(fact("effects.key_left", column=name))
        elif (why := _consequence(values, y, dealt)) is not None:
            doubts.append(fact(f"effects.{why}", column=name))
        else:
            before.append(name)
    return before


def _is_a_key(values: pd.Series) -> bool:
    """Text that hardly repeats, or whole numbers that never do, tell people apart."""
    distinct = values.nunique()
    if distinct <= _LEAST_OF_A_KEY:
        return False
    if not pd.api.types.is_numeric_dtype(values):
        return bool(distinct > 0.5 * len(values))
    told = values.dropna()
    return bool(distinct == len(values) and (told == told.round()).all())


def _consequence(values: pd.Series, y: Floats, dealt: np.ndarray) -> str | None:
    happened = y != (0.0 if (y == 0).any() else np.min(y))
    codes, levels = pd.factorize(values, sort=True, use_na_sentinel=False)
    usual = np.bincount(codes).argmax()
    other = codes != usual
    if _names_arm(codes, len(levels), dealt):
        return "names_arm"
    if _only_in(other, dealt):
        return "only_treated"
    # Whoever has more than the usual in it always has the outcome, too; or the other way round.
    if _never(other, ~happened) or _never(~other, happened):
        return "after_outcome"
    numbers = values if pd.api.types.is_numeric_dtype(values) else None
    if numbers is not None and _same(numbers.to_numpy(np.float64), y, happened):
        return "outcome_again"
    if _moved_with(codes, len(levels), numbers, y, happened, dealt):
        return "after_treatment"
    return None


def _never(here: Mask, there: Mask) -> bool:
    """Whether two things that should have met often by chance (nearly) never do."""
    expected = here.sum() * there.sum() / len(here)
    return bool(expected >= _EXPECTED and (here & there).sum() <= _NEVER * expected)


def _only_in(other: Mask, dealt: np.ndarray) -> bool:
    """Whether what is unusual stands nowhere in the control, and often among the treated."""
    return _never(other, dealt == 0)


def _names_arm(codes: np.ndarray, levels: int, dealt: np.ndarray) -> bool:
    """Whether a column of as many values as arms, or of two, says who was treated."""
    arms = int(dealt.max()) + 1
    for found, of in ((dealt, arms), ((dealt > 0).astype(np.int64), 2)):
        if levels != of:
            continue
        table = np.zeros((levels, of))
        np.add.at(table, (codes, found), 1)
        if table.max(axis=1).sum() > 0.99 * len(codes) and table.max(axis=0).min() > 0:
            base = np.bincount(found).max() / len(codes)
            return bool(table.max(axis=1).sum() / len(codes) - base > 0.5 * (1 - base))
    return False


def _same(numbers: Floats, y: Floats, happened: Mask) -> bool:
    """Whether a number ranks people as the outcome does, or tells who had one all but surely."""
    told = np.isfinite(numbers)
    if told.sum() < 2 * _EXPECTED or len(np.unique(numbers[told])) < 3:
        return False
    ranks = rankdata(numbers[told])
    yes = happened[told]
    if min(yes.sum(), (~yes).sum()) >= _EXPECTED:
        above = ranks[yes].mean() - ranks[~yes].mean()
        return bool(0.5 + abs(above) / len(ranks) > _SAME)
    return bool(abs(np.corrcoef(ranks, rankdata(y[told]))[0, 1]) > _SAME)


def _moved_with(
    codes: np.ndarray, levels: int, numbers: pd.Series | None, y: Floats, happened: Mask,
    dealt: np.ndarray,
) -> bool:  # fmt: skip
    """Whether a column differs between arms as the outcome does, and not among equal outcomes."""
    everybody = np.zeros(len(y), np.int64)
    if numbers is not None and levels > 2:
        shown = rankdata(numbers.fillna(numbers.min()))
        whole = _means_p(shown, dealt, everybody)
    elif levels <= _LEVELS:
        each = [_means_p(np.asarray(codes == k, np.float64), dealt, everybody)
                for k in range(levels)]  # fmt: skip
        k = int(np.argmin(each))
        shown = np.asarray(codes == k, np.float64)
        whole = min(1.0, each[k] * levels)
    else:
        return False
    if whole >= _SURELY or shown.std() == 0:
        return False
    within = _means_p(shown, dealt, happened.astype(np.int64))
    return within > 0.01 and abs(np.corrcoef(shown, y)[0, 1]) > 0.2


def _means_p(values: Any, dealt: np.ndarray, cells: np.ndarray) -> float:
    """Chance of so unlike means of the arms, within cells, if the arms were dealt by lot."""
    total, variance = 0.0, 0.0
    treated = dealt > 0
    for cell in np.unique(cells):
        here = cells == cell
        a, b = values[here & treated], values[here & ~treated]
        if len(a) < 2 or len(b) < 2:
            continue
        weight = len(a) * len(b) / (len(a) + len(b))
        total += weight * (a.mean() - b.mean())
        variance += weight**2 * (a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    if variance <= 0:
        return 1.0
    return float(2 * norm.sf(abs(total) / np.sqrt(variance)))
