"""A table of people who were dealt a treatment by lot: read, and looked at before it is learned.

A column may have been known before the treatment, or be a consequence of it. From the second
nothing may be learned: it would foretell the outcome by the outcome itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from winback.arrays import Floats, Mask
from winback.effects.encoded import Column, columns_of, encoded
from winback.effects.lasso import Link
from winback.errors import UsageError
from winback.results.base import Fact, fact

LEAST_IN_ARM = 50
_CONTROL = re.compile(
    r"0|0\.0|false|no|none|control|kontrola|grupa kontrolna|control group|holdout|hold.?out|placebo"
    r"|no[ _-].*|brak.*|bez.*|nie",
    re.IGNORECASE,
)
# A draw that gives so unlike arms in less than one of a thousand tables is none.
_NOT_BY_LOT = 0.001
# An event that a column known before could hardly never meet: expected so often, seen never.
_NEVER, _EXPECTED = 0, 20.0
_SURELY = 1e-4


@dataclass(frozen=True)
class Named:
    """Which column is what.

    Attributes:
        treatment, outcome: must be there.
        id: of the person; None: the row's number.
        probability: chance of the arm that the person was dealt; None: the same for everybody.
        value: what one outcome of the person is worth; None: 1.
        cost: of treating a person: a column, or a number; None: nothing.
        control: the value of ``treatment`` that means nothing was done; None: by its name.
        ignore: columns to leave out.
    """

    treatment: str
    outcome: str
    id: str | None = None
    probability: str | None = None
    value: str | None = None
    cost: str | float | None = None
    control: str | None = None
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """People who were dealt one of several arms, in the order of the table.

    Attributes:
        ids: of the people.
        arms: names of the treatments, the control not among them, sorted.
        control: its name.
        dealt: 0 the control, else the place of the arm, from 1.
        chances: chance of each arm by design, the control first; rows sum to 1.
        y: outcome.
        link: ``logit`` where the outcome is yes or no, else ``log``.
        names: columns that were known before.
        table: those columns.
        columns, z: how they become numbers, and these, standardised.
        value: of an outcome of each person.
        cost: of treating each person.
        priced: whether a cost was given.
        problems: why nothing may be read from it, by code.
        doubts: what was left out or assumed.
    """

    ids: pd.Series
    arms: tuple[str, ...]
    control: str
    dealt: np.ndarray
    chances: Floats
    y: Floats
    link: Link
    names: tuple[str, ...]
    table: pd.DataFrame
    columns: tuple[Column, ...]
    z: Floats
    value: Floats
    cost: Floats
    priced: bool
    problems: tuple[str, ...]
    doubts: tuple[Fact, ...]

    def pair(self, arm: int) -> tuple[Mask, Floats, Floats]:
        """Who was dealt that arm or the control; treated; and the chance of the arm of the two."""
        both = (self.dealt == 0) | (self.dealt == arm)
        treated = (self.dealt[both] == arm).astype(np.float64)
        of_both = self.chances[both][:, [0, arm]]
        return both, treated, of_both[:, 1] / of_both.sum(axis=1)


def read_experiment(rows: pd.DataFrame, file: str, named: Named) -> Experiment:
    """The people of a table, looked at.

    Args:
        rows: one row a person, headers as written.
        file: what an error calls it.
        named: which column is what.

    Raises:
        UsageError: a column is missing or not what it should be, an arm is too small, or no
            value of the treatment reads as the control.
    """
    for column in (named.treatment, named.outcome, named.id, named.probability, named.value,
                   named.cost if isinstance(named.cost, str) else None, *named.ignore):  # fmt: skip
        if column is not None and column not in rows:
            raise UsageError(
                "effects.no_column", file=file, column=column, found=tuple(map(str, rows.columns))
            )
    doubts: list[Fact] = []
    arm = rows[named.treatment].astype("string").str.strip()
    y = _outcome(rows, file, named.outcome)
    told = (arm.notna() & (arm != "") & np.isfinite(y)).to_numpy(bool)
    problems: list[str] = []
    if not told.all():
        doubts.append(fact("effects.rows_left", n=int((~told).sum()), of=len(rows)))
    everybody = arm[arm.notna() & (arm != "")]
    lost = _lost_p(everybody, np.isfinite(y)[(arm.notna() & (arm != "")).to_numpy(bool)])
    if lost < _NOT_BY_LOT:
        problems.append("ids_lost")
    rows, arm, y = rows[told].reset_index(drop=True), arm[told].reset_index(drop=True), y[told]
    control, arms = _arms(arm, named, file)
    dealt = np.searchsorted(arms, arm.to_numpy(str)) + 1
    dealt[(arm == control).to_numpy(bool)] = 0
    ids = pd.Series(np.arange(1, len(rows) + 1)) if named.id is None else rows[named.id]
    if ids.isna().any() or ids.duplicated().any():
        again = ids[ids.isna() | ids.duplicated()]
        raise UsageError("effects.id_twice", file=file, column=str(named.id), rows=len(again))
    chances, given = _chances(rows, dealt, len(arms), named, file)
    if given and _ratio_p(dealt, chances) < _NOT_BY_LOT:
        problems.append("sample_ratio")
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    taken = {named.treatment, named.outcome, named.id, named.probability, named.value,
             named.cost if isinstance(named.cost, str) else None, *named.ignore}  # fmt: skip
    names = [str(name) for name in rows.columns if name not in taken]
    names = _known_before(rows, names, y, dealt, doubts)
    names = [n for n in names if not _is_a_key(rows[n], doubts, n)]
    columns = columns_of(rows, names)
    z = encoded(rows, columns)
    if _unlike_p(z, dealt, chances) < _NOT_BY_LOT:
        problems.append("arms_differ")
    return Experiment(
        ids=ids.reset_index(drop=True), arms=tuple(map(str, arms)), control=control, dealt=dealt,
        chances=chances, y=y, link="logit" if binary else "log", names=tuple(names),
        table=rows[names], columns=columns, z=z,
        value=_numbers(rows, named.value, file, 1.0),
        cost=_numbers(rows, named.cost, file, 0.0), priced=named.cost is not None,
        problems=tuple(problems), doubts=tuple(doubts),
    )  # fmt: skip


def _outcome(rows: pd.DataFrame, file: str, column: str) -> Floats:
    values = rows[column]
    if values.dtype == bool:
        return np.asarray(values, np.float64)
    numbers = pd.to_numeric(values, errors="coerce")
    told = values.notna() & (values.astype("string").str.strip() != "")
    if numbers[told].notna().all():
        y = numbers.to_numpy(np.float64, na_value=np.nan)
        if len(np.unique(y[np.isfinite(y)])) < 2:
            raise UsageError("effects.outcome_same", file=file, column=column)
        return y
    words = values.astype("string").str.strip().str.lower()
    found = sorted(set(words[told]))
    yes = {"yes", "true", "tak", "t", "y", "1"}
    if len(found) == 2 and len(yes & set(found)) == 1:
        return np.where(told, words.isin(yes), np.nan).astype(np.float64)
    raise UsageError("effects.outcome_words", file=file, column=column, found=tuple(found[:5]))


def _arms(arm: pd.Series, named: Named, file: str) -> tuple[str, np.ndarray]:
    counts = arm.value_counts()
    values = sorted(map(str, counts.index))
    if named.control is not None:
        controls = [value for value in values if value == named.control]
    else:
        controls = [value for value in values if _CONTROL.fullmatch(value)]
    if len(controls) != 1 or len(values) < 2 or len(values) > 20:
        raise UsageError(
            "effects.no_control", file=file, column=named.treatment, found=tuple(values[:20])
        )
    small = [value for value in values if counts[value] < LEAST_IN_ARM]
    if small:
        raise UsageError(
            "effects.small_arm", file=file, arm=small[0], n=int(counts[small[0]]),
            least=LEAST_IN_ARM,
        )  # fmt: skip
    return controls[0], np.array([value for value in values if value != controls[0]])


def _chances(
    rows: pd.DataFrame, dealt: np.ndarray, arms: int, named: Named, file: str
) -> tuple[Floats, bool]:
    """Chance of each arm, the control first; and whether the table tells it."""
    n = len(rows)
    if named.probability is None:
        shares = np.bincount(dealt, minlength=arms + 1) / n
        return np.tile(shares, (n, 1)), False
    own = pd.to_numeric(rows[named.probability], errors="coerce").to_numpy(np.float64)
    wrong = ~((own > 0) & (own < 1))
    if wrong.any():
        raise UsageError(
            "effects.no_share", file=file, column=named.probability,
            row=int(np.flatnonzero(wrong)[0]) + 2,
            found=str(rows[named.probability].iloc[int(np.flatnonzero(wrong)[0])]),
        )  # fmt: skip
    if arms == 1:
        treated = np.where(dealt == 1, own, 1 - own)
        return np.column_stack([1 - treated, treated]), True
    # Of several arms only the chance of the dealt one is told: the others share the rest as they
    # do where that chance is the same.
    rest = np.bincount(dealt, minlength=arms + 1) / n
    chances = np.tile(rest, (n, 1))
    chances[np.arange(n), dealt] = 0
    chances *= ((1 - own) / chances.sum(axis=1))[:, None]
    chances[np.arange(n), dealt] = own
    return chances, True


def _numbers(rows: pd.DataFrame, given: str | float | None, file: str, default: float) -> Floats:
    if given is None or isinstance(given, float | int):
        return np.full(len(rows), default if given is None else float(given))
    numbers = pd.to_numeric(rows[given], errors="coerce").to_numpy(np.float64)
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise UsageError(
            "effects.no_number", file=file, column=given, row=row + 2,
            found=str(rows[given].iloc[row]),
        )  # fmt: skip
    return numbers


def _known_before(
    rows: pd.DataFrame, names: Sequence[str], y: Floats, dealt: np.ndarray, doubts: list[Fact]
) -> list[str]:
    """Columns that are no consequence of the treatment; of each other there is a doubt.

    A consequence is never there without the outcome (a purchase without a visit), or the outcome
    never without it; or it differs between arms and hardly does among people of one outcome.
    """
    before = []
    for name in names:
        why = _consequence(rows[name], y, dealt)
        if why is None:
            before.append(name)
        else:
            doubts.append(fact("effects.after_treatment", column=name, why=why))
    return before


def _consequence(values: pd.Series, y: Floats, dealt: np.ndarray) -> str | None:
    happened = y != (0.0 if (y == 0).any() else np.min(y))
    codes, levels = pd.factorize(values.astype("string").fillna(""), sort=True)
    if len(levels) < 2:
        return None
    usual = np.bincount(codes).argmax()
    other = codes != usual
    n = len(y)
    expected = other.sum() * (~happened).sum() / n
    # Whoever has more than the usual in it always has the outcome, too.
    if expected >= _EXPECTED and (other & ~happened).sum() == _NEVER:
        return "only_with_outcome"
    expected = (~other).sum() * happened.sum() / n
    if expected >= _EXPECTED and (~other & happened).sum() == _NEVER:
        return "outcome_only_with"
    return "moved" if _moved_with(codes, len(levels), values, y, happened, dealt) else None


def _moved_with(
    codes: np.ndarray, levels: int, values: pd.Series, y: Floats, happened: Mask, dealt: np.ndarray
) -> bool:
    """Whether a column differs between arms as the outcome does, and not among equal outcomes."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().all() and levels > 2:
        shown = numbers.rank().to_numpy(np.float64)
        whole = _means_p(shown, dealt, np.zeros(len(y), np.int64))
        within = _means_p(shown, dealt, happened.astype(np.int64))
        related = abs(np.corrcoef(shown, y)[0, 1])
    elif levels <= 30:
        each = [_means_p(np.asarray(codes == k, np.float64), dealt, np.zeros(len(y), np.int64))
                for k in range(levels)]  # fmt: skip
        k = int(np.argmin(each))
        shown = np.asarray(codes == k, np.float64)
        whole = min(1.0, each[k] * levels)
        within = _means_p(shown, dealt, happened.astype(np.int64))
        related = abs(np.corrcoef(shown, y)[0, 1])
    else:
        return False
    return whole < _SURELY and within > 0.01 and related > 0.2


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


def _is_a_key(values: pd.Series, doubts: list[Fact], name: str) -> bool:
    """Text that hardly repeats tells people apart and foretells nothing."""
    if pd.to_numeric(values, errors="coerce").notna().all():
        return False
    key = values.nunique() > max(0.5 * len(values), 30)
    if key:
        doubts.append(fact("effects.key_left", column=name))
    return bool(key)


def _ratio_p(dealt: np.ndarray, chances: Floats) -> float:
    """Pearson's test of how many were dealt each arm, by the chances that the table tells."""
    expected = chances.sum(axis=0)
    seen = np.bincount(dealt, minlength=chances.shape[1])
    variance = (chances * (1 - chances)).sum(axis=0)
    z2 = np.where(variance > 0, (seen - expected) ** 2 / np.maximum(variance, 1e-12), 0.0)
    # Of two arms one number says all.
    arms = chances.shape[1]
    worst = float(chi2.sf(float(z2[1:].max()), 1))
    return float(min(1.0, worst * (arms - 1)))


def _lost_p(arm: pd.Series, told: Mask) -> float:
    """Chance of so unlike shares of people whose outcome is missing, arm by arm."""
    if told.all():
        return 1.0
    table = pd.crosstab(arm.to_numpy(), told)
    seen = table.to_numpy(np.float64)
    expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    statistic = ((seen - expected) ** 2 / expected).sum()
    return float(chi2.sf(statistic, (seen.shape[0] - 1) * (seen.shape[1] - 1)))


def _unlike_p(z: Floats, dealt: np.ndarray, chances: Floats) -> float:
    """Chance that arms dealt by lot differ so much in what was known before.

    Of each arm against the control the score test of a regression of who was dealt what on all
    columns: chi-squared with as many degrees as columns that do not repeat each other.
    """
    if not z.shape[1]:
        return 1.0
    smallest: float = 1.0
    arms = chances.shape[1] - 1
    for arm in range(1, arms + 1):
        both = (dealt == 0) | (dealt == arm)
        e = chances[both][:, arm] / chances[both][:, [0, arm]].sum(axis=1)
        left = (dealt[both] == arm) - e
        # Chances that were not told are the shares themselves: the mean says nothing then.
        x = z[both] - z[both].mean(axis=0)
        slope = x.T @ left
        spread = (x * (e * (1 - e))[:, None]).T @ x
        values, vectors = np.linalg.eigh(spread)
        kept = values > values.max() * 1e-8
        statistic = float(((vectors[:, kept].T @ slope) ** 2 / values[kept]).sum())
        smallest = min(smallest, float(chi2.sf(statistic, float(kept.sum()))))
    return min(1.0, float(smallest * arms))
