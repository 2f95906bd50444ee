"""A table of people who were dealt a treatment by lot: read, and looked at before it is learned.

A column may have been known before the treatment, or be a consequence of it. From the second
nothing may be learned: it would foretell the outcome by the outcome itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from winback.arrays import Floats, Integers, Mask
from winback.effects.cells import Mark, Read, as_read, text_of, way_of, yes_or_no
from winback.effects.checks import (
    NOT_BY_LOT,
    Differing,
    differing,
    is_usual,
    lost_p,
    ratio_p,
    unlike_p,
)
from winback.effects.consequences import known_before
from winback.effects.encoded import Column, columns_of, encoded
from winback.effects.lasso import Link
from winback.errors import UsageError
from winback.results.base import Fact, fact
from winback.results.effects import AsideReason

LEAST_IN_ARM = 10
"""Fewer people tell nothing of their arm."""
_MOST_ARMS = 20
_CONTROL = re.compile(
    r"0|false|no|none|null|nothing|na|n/a|control.*|ctrl|ctl|kontrol.*|grupa kontrolna|"
    r".*control group|.*grupa kontrolna|kontrollgruppe|hold.?out|placebo|untreated|baseline|off|"
    r"no[ _-].*|not[ _-].*|brak|brak .*|bez .*|nie|nic|nein|kein.*|fałsz|falsch|untreated",
    re.IGNORECASE,
)
EMPTY = "(empty)"
"""Name of the control where nothing stands in the treatment's column."""
_ID = re.compile(
    r"(?i)(^|[_ .-])(id|nr|no|key|uuid|guid|e-?mail|customer|client|klient|user)s?($|[_ .-])|id$"
)
_MARKS: Mapping[str, Mark] = {"point": ".", "comma": ","}
_FEW = 12


@dataclass(frozen=True)
class Named:
    """Which column is what.

    Attributes:
        treatment, outcome: must be there.
        id: of the person; None: the row's number.
        probability: chance of the arm that the person was dealt; None: the same for everybody.
        value: what one outcome of the person is worth: a column, or a number; None: 1.
        cost: of treating a person: a column, a number, or a number for each arm; None: nothing.
        control: the value of ``treatment`` that means nothing was done, empty where nothing
            stands; None: by its name.
        ignore: columns to leave out.
        decimal_mark: ``point`` or ``comma``, where 1,250 can be either.
    """

    treatment: str
    outcome: str
    id: str | None = None
    probability: str | None = None
    value: str | float | None = None
    cost: str | float | Mapping[str, float] | None = None
    control: str | None = None
    ignore: tuple[str, ...] = ()
    decimal_mark: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named."""
        found = (self.treatment, self.outcome, self.id, self.probability, self.value, self.cost)
        return (*(each for each in found if isinstance(each, str)), *self.ignore)


@dataclass(frozen=True)
class Dealt:
    """An arm as the table has it.

    Attributes:
        arm: its name.
        people: who were kept.
        lost: rows of it that could not be kept, copies apart.
        due: people it should have by the chances that the table tells; null without them.
    """

    arm: str
    people: int
    lost: int
    due: float | None


@dataclass(frozen=True)
class Experiment:
    """People who were dealt one of several arms, in the order of the table.

    Attributes:
        rows: of the table, those that were set aside included.
        places: which of them each person stands in, from 0.
        ids: of all rows of the table.
        others: places of rows without an arm or an outcome whose effect can yet be foretold.
        aside: rows that were set aside, by reason.
        groups: the arms as the table has them, the control first.
        arms: names of the treatments, the control not among them, sorted.
        control: its name.
        dealt: 0 the control, else the place of the arm, from 1.
        chances: chance of each arm by design, the control first; rows sum to 1.
        y: outcome.
        link: ``logit`` where the outcome is yes or no, else ``log``.
        names: columns that were known before.
        reads: how each of them is read.
        table: those columns of the people, read.
        columns, z: how they become numbers, and these, standardised.
        z_others: the numbers of ``others``.
        value, value_others: of an outcome of each person.
        costs, costs_others: of treating each person with each arm, one column an arm.
        valued, priced: whether a value, a cost was given.
        problems: why nothing may be read from it, by code.
        differs: columns in which arms differed before they were treated, if they did.
        doubts: what was left out or assumed.
    """

    rows: int
    places: Integers
    ids: pd.Series
    others: Integers
    aside: tuple[tuple[AsideReason, int], ...]
    groups: tuple[Dealt, ...]
    arms: tuple[str, ...]
    control: str
    dealt: np.ndarray
    chances: Floats
    y: Floats
    link: Link
    names: tuple[str, ...]
    reads: tuple[Read, ...]
    table: pd.DataFrame
    columns: tuple[Column, ...]
    z: Floats
    z_others: Floats
    value: Floats
    value_others: Floats
    costs: Floats
    costs_others: Floats
    valued: bool
    priced: bool
    problems: tuple[str, ...]
    differs: tuple[Differing, ...]
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
    require_columns(rows, file, named)
    if rows.empty:
        raise UsageError("effects.no_rows", file=file)
    doubts: list[Fact] = []
    aside = Aside(len(rows))
    cells = Cells(rows, file, _MARKS.get(named.decimal_mark or "") or _mark_of(rows, named))
    arm = _arm_of(rows, named, doubts)
    y, binary = _outcome(cells, named)
    chance = cells.given(named.probability, float("nan"))
    _refuse_chances(chance, named, file)
    value = cells.given(named.value, 1.0)
    if named.id is not None:
        aside.add("copy", _copies(rows, named.id, file))
        aside.add("no_id", text_of(rows[named.id]).isna().to_numpy(bool))
    aside.add("no_treatment", arm.isna().to_numpy(bool))
    control, arms = _arms(arm, aside, named, file, doubts)
    aside.add("no_outcome", np.isnan(y))
    if named.probability is not None:
        aside.add("no_probability", np.isnan(chance))
    aside.add("no_value", np.asarray(np.isnan(value), bool))
    dealt = _dealt(arm, control, arms)
    costs = _costs(cells, dealt, aside.kept, arms, named, doubts)
    aside.add("no_cost", np.asarray(np.isnan(costs).any(axis=1), bool))
    kept, own = aside.kept, dealt[aside.kept]
    _refuse_small(own, [control, *arms], named, file)
    if len(np.unique(y[kept])) < 2:
        raise UsageError("effects.outcome_same", file=file, column=named.outcome)
    if all(np.ptp(y[kept][own == k]) == 0 for k in range(len(arms) + 1)):
        raise UsageError(
            "effects.outcome_arm", file=file, column=named.outcome, treatment=named.treatment
        )
    problems = []
    counted = arm.notna().to_numpy(bool) & ~aside.has("copy", "small_arm")
    if lost_p(arm[counted], kept[counted]) < NOT_BY_LOT:
        problems.append("ids_lost")
    chances = _chances(chance[kept], own, len(arms), doubts)
    told = named.probability is not None
    if told and ratio_p(own, chances) < NOT_BY_LOT:
        problems.append("sample_ratio")
    sizes = [f"{name}: {n}" for name, n in zip([control, *arms], np.bincount(own), strict=True)]
    if not told and not is_usual(own, len(arms)):
        doubts.append(fact("effects.odd_sizes", sizes=tuple(sizes)))
    names, reads, table = _known(cells, named, kept, y, own, doubts)
    columns = columns_of(table[kept].reset_index(drop=True), list(names))
    z = encoded(table, columns)
    differs: tuple[Differing, ...] = ()
    if unlike_p(z[kept], own, chances) < NOT_BY_LOT:
        problems.append("arms_differ")
        differs = differing(z[kept], columns, own, chances)
    ids = pd.Series(np.arange(1, len(rows) + 1)) if named.id is None else rows[named.id]
    told_all = np.isfinite(value) & ~np.isnan(costs).any(axis=1) & ids.notna().to_numpy(bool)
    others = aside.has("no_treatment", "no_outcome", "small_arm") & told_all
    return Experiment(
        rows=len(rows), places=np.flatnonzero(kept), ids=ids, others=np.flatnonzero(others),
        aside=aside.by_reason(),
        groups=_groups(arm, counted, own, chances if told else None, [control, *arms]),
        arms=tuple(map(str, arms)), control=control, dealt=own, chances=chances, y=y[kept],
        link="logit" if binary else "log", names=names, reads=reads,
        table=table.loc[kept, list(names)].reset_index(drop=True), columns=columns, z=z[kept],
        z_others=z[others], value=value[kept], value_others=value[others], costs=costs[kept],
        costs_others=costs[others], valued=named.value is not None,
        priced=named.cost is not None, problems=tuple(problems),
        differs=differs, doubts=tuple(doubts),
    )  # fmt: skip


def require_columns(rows: pd.DataFrame, file: str, named: Named) -> None:
    """Refuse a column that is not there, or is named for two things.

    Raises:
        UsageError: with the nearest name that is there.
    """
    found = tuple(map(str, rows.columns))
    for column in named.columns:
        require_column(column, found, file)
    roles = named.columns[: len(named.columns) - len(named.ignore)]
    twice = sorted({column for column in roles if roles.count(column) > 1})
    if twice:
        raise UsageError("effects.named_twice", column=twice[0])


def require_column(column: str, found: Sequence[str], file: str) -> None:
    """Refuse one column that is not there.

    Raises:
        UsageError: with the nearest name that is there.
    """
    if column in found:
        return
    folded = {name.casefold(): name for name in reversed(found)}
    near = difflib.get_close_matches(column.casefold(), list(folded), n=1, cutoff=0.5)
    shown = tuple(found[:_FEW])
    if near:
        raise UsageError(
            "effects.no_column_near", file=file, column=column, found=shown, near=folded[near[0]]
        )
    raise UsageError("effects.no_column", file=file, column=column, found=shown)


class Aside:
    """Rows that are set aside, each for the first reason that was found."""

    def __init__(self, rows: int) -> None:
        self._reasons: list[AsideReason] = []
        self._of = np.full(rows, -1, np.int64)

    def add(self, reason: AsideReason, rows: Mask) -> None:
        """Set rows aside that are not yet."""
        self._reasons.append(reason)
        self._of[rows & (self._of < 0)] = len(self._reasons) - 1

    def has(self, *reasons: AsideReason) -> Mask:
        """Which rows were set aside for one of some reasons."""
        wanted = [k for k, reason in enumerate(self._reasons) if reason in reasons]
        return np.isin(self._of, wanted)

    @property
    def kept(self) -> Mask:
        """Which rows were not."""
        return self._of < 0

    def by_reason(self) -> tuple[tuple[AsideReason, int], ...]:
        """How many rows, by reason; only reasons of which there are any."""
        counts = [(reason, int((self._of == k).sum())) for k, reason in enumerate(self._reasons)]
        return tuple((reason, n) for reason, n in counts if n)


@dataclass(frozen=True)
class Cells:
    """Columns of a table that must hold numbers; what is wrong with them is said with its row."""

    rows: pd.DataFrame
    file: str
    mark: Mark | None

    def given(self, given: str | float | None, default: float) -> Floats:
        """Numbers of a column, or one number for everybody; NaN where a cell is empty.

        Raises:
            UsageError: a cell is no number, or the decimal mark can be either.
        """
        if not isinstance(given, str):
            return np.full(len(self.rows), default if given is None else float(given))
        values = self.rows[given]
        read = way_of(values, given, self.mark)
        if read is not None and read.way == "number":
            self.refuse_unsure(read)
            found = as_read(values, read).to_numpy(np.float64)
        else:
            found = np.full(len(values), np.nan)
        bad = np.isnan(found) & text_of(values).notna().to_numpy(bool)
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise UsageError(
                "effects.no_number", file=self.file, column=given, row=row + 1, n=int(bad.sum()),
                found=masked(str(values.iloc[row])),
            )  # fmt: skip
        return found

    def refuse_unsure(self, read: Read) -> None:
        """Ask where 1,250 may be a thousand or one.

        Raises:
            UsageError: it may be either.
        """
        if read.unsure:
            text = text_of(self.rows[read.name]).dropna()
            shown = str(text[text.str.contains("[.,]")].iloc[0])
            raise UsageError("effects.decimal_mark", file=self.file, column=read.name, found=shown)


def masked(text: str) -> str:
    """A cell as an error may show it: no address of anybody, and not long."""
    return "…@…" if "@" in text else text[:40]


def _mark_of(rows: pd.DataFrame, named: Named) -> Mark | None:
    """The decimal mark that the table's columns show, where they agree."""
    marks = set()
    for name in rows.columns:
        if name in named.ignore or name in (named.treatment, named.id):
            continue
        read = way_of(rows[name], str(name))
        if read is not None and read.way == "number" and read.marked:
            marks.add(read.mark)
    return marks.pop() if len(marks) == 1 else None


def _arm_of(rows: pd.DataFrame, named: Named, doubts: list[Fact]) -> pd.Series:
    """The arm of each row; values that differ in blanks or capitals alone are one."""
    arm = text_of(rows[named.treatment]).str.replace(r"\s+", " ", regex=True)
    whole = arm.dropna()
    if len(whole) and whole.str.fullmatch(r"[+-]?\d+[.,]0+").all():
        arm = arm.str.replace(r"[.,]0+$", "", regex=True)
    if named.control == "":
        arm = arm.fillna(EMPTY)
    counts = arm.value_counts()
    usual: dict[str, str] = {}
    for value in sorted(map(str, counts.index), key=lambda each: (-int(counts[each]), each)):
        usual.setdefault(value.casefold(), value)
    merged = tuple(v for v in map(str, counts.index) if usual[v.casefold()] != v)
    if merged and len(counts) <= 2 * _MOST_ARMS:
        doubts.append(fact("effects.arms_merged", column=named.treatment, values=merged))
    return arm.map(lambda value: usual[value.casefold()], na_action="ignore").astype("string")


def _outcome(cells: Cells, named: Named) -> tuple[Floats, bool]:
    """Outcomes, NaN where none stands, and whether they are yes or no."""
    values, told = cells.rows[named.outcome], {"file": cells.file, "column": named.outcome}
    text = text_of(values)
    found = sorted(set(text.dropna().str.lower()))
    if not found:
        raise UsageError("effects.outcome_empty", **told)
    if len(found) == 1:
        blank = int(text.isna().sum())
        code = "effects.outcome_half" if blank else "effects.outcome_same"
        raise UsageError(code, **told, found=masked(found[0]), n=blank)
    y = yes_or_no(values)
    if y is not None:
        return y, True
    read = way_of(values, named.outcome, cells.mark)
    if read is None or read.way != "number":
        shown = tuple(masked(each) for each in found[:5])
        raise UsageError("effects.outcome_words", **told, found=shown, n=len(found))
    y = cells.given(named.outcome, 0.0)
    return y, bool(np.isin(y[np.isfinite(y)], (0.0, 1.0)).all())


def _copies(rows: pd.DataFrame, column: str, file: str) -> Mask:
    """Rows that repeat another in all; a person of two unlike rows is refused.

    Raises:
        UsageError: an id stands in two rows that differ.
    """
    ids = text_of(rows[column])
    told = ids.notna().to_numpy(bool)
    again = (ids.duplicated(keep=False) & ids.notna()).to_numpy(bool)
    copy = np.zeros(len(rows), bool)
    if again.any():
        cells = rows[again].apply(text_of)
        copy[again] = cells.duplicated().to_numpy(bool)
    left = ids[told & ~copy]
    twice = left[left.duplicated(keep=False)]
    if len(twice):
        first = twice.iloc[0]
        raise UsageError(
            "effects.id_twice", file=file, column=column, n=int(twice.nunique()),
            rows=tuple(int(at) + 1 for at in twice[twice == first].index[:3]),
        )  # fmt: skip
    return copy


def _arms(
    arm: pd.Series, aside: Aside, named: Named, file: str, doubts: list[Fact]
) -> tuple[str, list[str]]:
    """The control and the treatments, those of hardly anybody set aside."""
    told = {"file": file, "column": named.treatment}
    counts = arm[aside.kept].value_counts()
    values = sorted(map(str, counts.index))
    blank = int(arm.isna().sum())
    if len(values) > _MOST_ARMS and counts.max() < len(arm) / 2:
        raise UsageError("effects.many_arms", **told, n=len(values), most=_MOST_ARMS)
    if named.control is not None:
        wanted = named.control.strip().casefold() or EMPTY
        if wanted not in {value.casefold() for value in values}:
            wanted = re.sub(r"[.,]0+$", "", wanted)
        controls = [value for value in values if value.casefold() == wanted]
        if not controls:
            raise UsageError(
                "effects.control_unknown", **told, control=named.control, found=_shown(values)
            )
    else:
        controls = [value for value in values if _CONTROL.fullmatch(value)]
    if len(values) == 1 and blank:
        raise UsageError("effects.one_arm_blank", **told, found=_shown(values), n=blank)
    if len(values) < 2:
        raise UsageError("effects.one_arm", **told, found=_shown(values))
    if not controls and blank:
        raise UsageError("effects.no_control_blank", **told, found=_shown(values), n=blank)
    if len(controls) != 1:
        raise UsageError("effects.no_control", **told, found=_shown(controls or values))
    control = controls[0]
    small = [v for v in values if v != control and counts[v] < LEAST_IN_ARM]
    arms = [value for value in values if value not in (control, *small)]
    if small and arms:
        aside.add("small_arm", arm.isin(small).fillna(False).to_numpy(bool))
        doubts.append(fact("effects.small_arms", arms=_shown(small), least=LEAST_IN_ARM))
        small = []
    return control, [*arms, *small]


def _shown(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(masked(value) for value in values[:_FEW])


def _dealt(arm: pd.Series, control: str, arms: Sequence[str]) -> np.ndarray:
    places = {name: k for k, name in enumerate([control, *arms])}
    return np.array([places.get(str(each), -1) for each in arm.fillna("")], np.int64)


def _refuse_small(dealt: np.ndarray, names: Sequence[str], named: Named, file: str) -> None:
    for k, name in enumerate(names):
        n = int((dealt == k).sum())
        if n < LEAST_IN_ARM:
            raise UsageError(
                "effects.small_arm", file=file, column=named.treatment, arm=masked(name), n=n,
                least=LEAST_IN_ARM,
            )  # fmt: skip


def _refuse_chances(chance: Floats, named: Named, file: str) -> None:
    wrong = np.isfinite(chance) & ~((chance > 0) & (chance < 1))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise UsageError(
            "effects.chance", file=file, column=str(named.probability), row=row + 1,
            n=int(wrong.sum()), found=f"{chance[row]:g}",
        )  # fmt: skip


def _costs(
    cells: Cells, dealt: np.ndarray, kept: Mask, arms: Sequence[str], named: Named,
    doubts: list[Fact],
) -> Floats:  # fmt: skip
    """What treating each person with each arm costs; NaN where a column says nothing of it.

    A column may hold what each person would cost, or what each one did cost: then the control has
    nothing in it, or each arm one figure.
    """
    rows = len(dealt)
    given = named.cost
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in arms]
        if unknown:
            raise UsageError("effects.cost_arm", found=unknown[0], arms=_shown(arms))
        return np.tile([float(given.get(name, 0.0)) for name in arms], (rows, 1))
    cost = cells.given(given, 0.0)
    if (cost[np.isfinite(cost)] < 0).any():
        row = int(np.flatnonzero(cost < 0)[0])
        raise UsageError(
            "effects.cost_negative", file=cells.file, cost=str(given), row=row + 1, found=cost[row]
        )
    if not isinstance(given, str):
        return np.tile(cost[:, None], (1, len(arms)))
    shown = [np.unique(cost[kept & (dealt == k) & np.isfinite(cost)]) for k in range(len(arms) + 1)]
    spent = not shown[0].any() and any(each.any() for each in shown[1:])
    flat = all(len(each) == 1 for each in shown) and len({float(each[0]) for each in shown}) > 1
    if not spent and not flat:
        return np.tile(cost[:, None], (1, len(arms)))
    means = [
        float(np.nan_to_num(cost[kept & (dealt == k)]).mean()) if (kept & (dealt == k)).any() else 0
        for k in range(len(arms) + 1)
    ]
    pairs = zip(arms, means[1:], strict=True)
    each = tuple(f"{name}: {mean - means[0]:.4g}" for name, mean in pairs)
    doubts.append(fact("effects.cost_spent", column=given, costs=each))
    return np.tile(np.asarray(means[1:]) - means[0], (rows, 1))


def _chances(own: Floats, dealt: np.ndarray, arms: int, doubts: list[Fact]) -> Floats:
    """Chance of each arm, the control first; the shares themselves where the table tells none."""
    n = len(dealt)
    shares = np.bincount(dealt, minlength=arms + 1) / n
    if np.isnan(own).all():
        return np.tile(shares, (n, 1))
    if arms == 1:
        of_dealt = np.where(dealt == 1, own, 1 - own)
        as_dealt = np.column_stack([1 - of_dealt, of_dealt])
        as_treated = np.column_stack([1 - own, own])
        if ratio_p(dealt, as_dealt) < NOT_BY_LOT <= ratio_p(dealt, as_treated):
            doubts.append(fact("effects.chance_of_treatment"))
            return as_treated
        return as_dealt
    # Of several arms only the chance of the dealt one is told: the others share the rest as they
    # do in the table.
    chances = np.tile(shares, (n, 1))
    chances[np.arange(n), dealt] = 0
    chances *= ((1 - own) / chances.sum(axis=1))[:, None]
    chances[np.arange(n), dealt] = own
    if ratio_p(dealt, chances) < NOT_BY_LOT:
        parts = shares[1:] / shares[1:].sum()
        as_treated = np.column_stack([1 - own, own[:, None] * parts])
        if ratio_p(dealt, as_treated) >= NOT_BY_LOT:
            doubts.append(fact("effects.chance_of_treatment"))
            return as_treated
    return chances


def _known(
    cells: Cells, named: Named, kept: Mask, y: Floats, dealt: np.ndarray, doubts: list[Fact]
) -> tuple[tuple[str, ...], tuple[Read, ...], pd.DataFrame]:
    """The columns that were known before, how each is read, and what they hold."""
    read: dict[str, Read] = {}
    table: dict[str, pd.Series] = {}
    for name in map(str, cells.rows.columns):
        if name in named.columns:
            continue
        way = way_of(cells.rows[name], name, cells.mark)
        if way is None:
            doubts.append(fact("effects.nested_left", column=name))
            continue
        read[name], table[name] = way, as_read(cells.rows[name], way)
        if way.unread:
            doubts.append(fact("effects.cells_unread", column=name, n=way.unread))
        if way.unsure:
            code = "effects.day_order" if way.way == "day" else "effects.mark_unsure"
            doubts.append(fact(code, column=name))
    whole = pd.DataFrame(table, index=range(len(cells.rows)))
    found: list[Fact] = []
    own = whole[kept].reset_index(drop=True)
    names = known_before(own, list(read), y[kept], dealt, found)
    if named.id is None:
        found = [_maybe_id(each) for each in found]
    doubts += found
    return tuple(names), tuple(read[name] for name in names), whole


def _maybe_id(found: Fact) -> Fact:
    """The doubt about a column of keys, which may name the people, where nothing else does."""
    column = str(found.values.get("column", ""))
    if found.code == "effects.key_left" and _ID.search(column):
        return fact("effects.id_maybe", column=column)
    return found


def _groups(
    arm: pd.Series, counted: Mask, dealt: np.ndarray, chances: Floats | None, names: Sequence[str]
) -> tuple[Dealt, ...]:
    found = []
    for k, name in enumerate(names):
        people = int((dealt == k).sum())
        rows = int((arm[counted] == name).sum())
        due = None if chances is None else float(chances[:, k].sum())
        found.append(Dealt(str(name), people, rows - people, due))
    return tuple(found)
