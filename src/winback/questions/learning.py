"""Whom a treatment moves, asked of a table of an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.effects.cells import as_read, text_of, way_of
from winback.effects.encoded import encoded
from winback.effects.experiment import (
    Cells,
    Experiment,
    Named,
    read_experiment,
    require_column,
)
from winback.effects.learning import ArmEffects, effects_table, learn
from winback.errors import UsageError
from winback.files import replacing, write_text
from winback.intake.rows import table_of
from winback.project import as_json
from winback.questions.asked import Begin
from winback.report.learned import render_learned
from winback.results.base import Fact, fact
from winback.results.effects import Learned
from winback.said.words import Language

Cost = str | float | Mapping[str, float] | None
_MARKS = ("point", "comma")


@dataclass(frozen=True)
class LearnedEffects:
    """What was learned, and the effect of each person.

    Attributes:
        learned: as ``learned.json`` has it.
        effects: as ``effects.parquet`` has them, one row a person: ``id, effect, effect_low,
            effect_high, priority``, of several treatments also ``best`` and the four of each;
            None where the table cannot be read.
    """

    learned: Learned
    effects: pd.DataFrame | None


def learn_effects(
    table: pd.DataFrame | Path | str, *, treatment: str, outcome: str, id: str | None = None,
    probability: str | None = None, value: str | float | None = None, cost: Cost = None,
    control: str | None = None, ignore: tuple[str, ...] = (),
    apply: pd.DataFrame | Path | str | None = None, decimal_mark: str | None = None,
    begin: Begin = lambda _: None,
) -> LearnedEffects:  # fmt: skip
    """Learn from an experiment whom a treatment moves, and by how much.

    Args:
        table: one row a person who was dealt a treatment by lot: a frame, a CSV or Parquet file.
        treatment: the column of the arm that was dealt.
        outcome: the column of what came of it: yes or no, a count or money.
        id: the column of the person; None: the row's number, from 1.
        probability: the column of the chance of the arm that was dealt; None: the same for
            everybody.
        value: what an outcome of a person is worth: a column, or a number; None: 1.
        cost: of treating a person: a column, a number, or a number by arm; None: nothing.
        control: the value of ``treatment`` that means nothing was done, ``""`` where the cell is
            empty; None: by its name.
        ignore: columns to leave out, such as what was known only after the treatment.
        apply: people to foretell effects for; None: the experiment's own, each without them.
        decimal_mark: ``point`` or ``comma``, where 1,250 can be either.
        begin: told the name of each arm as it begins.

    Returns:
        Effects are changes of the mean outcome a person, in its unit (of yes or no a share);
        ``priority`` is value times effect less cost.

    Raises:
        UsageError: a column is missing or not what it should be, or an arm is too small.
    """
    if decimal_mark not in (None, *_MARKS):
        raise UsageError("effects.mark", found=str(decimal_mark))
    rows, file = table_of(table, "experiment", (treatment, *([id] if id else [])))
    named = Named(
        treatment, outcome, id, probability, _number_or_column(value, rows, "--value"),
        _cost(cost, rows), control, ignore, decimal_mark,
    )  # fmt: skip
    others = None if apply is None else _People.of(apply, named)
    experiment = read_experiment(rows, file, named)
    if others is not None:
        others.refuse(experiment)
    learned, found = learn(experiment, file=file, treatment=treatment, outcome=outcome, begin=begin)
    if not found:
        return LearnedEffects(learned, None)
    if others is None:
        return LearnedEffects(learned, effects_table(experiment, found))
    effects, doubts = others.effects(experiment, found)
    learned = learned.model_copy(update={"doubts": (*learned.doubts, *doubts)})
    return LearnedEffects(learned, effects)


def learn_file(out: Path, language: Language, **asked: object) -> LearnedEffects:
    """The same, written as ``learned.json``, ``effects.parquet`` and ``learned.html``."""
    if out.exists() and not out.is_dir():
        raise UsageError("effects.out_file", out=str(out))
    found = learn_effects(**asked)  # type: ignore[arg-type]
    facts, page = as_json(found.learned), render_learned(found.learned, language=language)
    out.mkdir(parents=True, exist_ok=True)
    effects = out / "effects.parquet"
    if found.effects is None:
        # Effects of an earlier table would pass for those of this one.
        effects.unlink(missing_ok=True)
    else:
        with replacing(effects, private=True) as new:
            found.effects.to_parquet(new, index=False)
    write_text(out / "learned.json", facts)
    write_text(out / "learned.html", page)
    return found


def _number_or_column(
    given: str | float | None, rows: pd.DataFrame, flag: str
) -> str | float | None:
    if not isinstance(given, str) or given in rows:
        return given
    try:
        number = float(given.replace(",", "."))
    except ValueError:
        columns = tuple(map(str, rows.columns))[:12]
        raise UsageError("effects.neither", flag=flag, found=given, columns=columns) from None
    if not np.isfinite(number):
        raise UsageError("effects.neither", flag=flag, found=given, columns=())
    return number


def _cost(cost: Cost, rows: pd.DataFrame) -> Cost:
    if isinstance(cost, Mapping):
        low = [arm for arm, each in cost.items() if not each >= 0]
        if low:
            raise UsageError("effects.cost_low", found=cost[low[0]])
        return cost
    found = _number_or_column(cost, rows, "--cost")
    if isinstance(found, float | int) and not found >= 0:
        raise UsageError("effects.cost_low", found=found)
    return found


@dataclass(frozen=True)
class _People:
    """People whom effects are asked for, and how the experiment names their columns."""

    rows: pd.DataFrame
    file: str
    named: Named

    @classmethod
    def of(cls, apply: pd.DataFrame | Path | str, named: Named) -> _People:
        """The table, its headers as the experiment's where they differ in capitals alone.

        Raises:
            UsageError: there are no rows, or no column of the id, of value or of cost.
        """
        rows, file = table_of(apply, "apply", (named.id,) if named.id else ())
        if rows.empty:
            raise UsageError("effects.no_rows", file=file)
        found = tuple(map(str, rows.columns))
        for column in (named.id, named.value, named.cost):
            if isinstance(column, str):
                require_column(column, found, file)
        return cls(rows, file, named)

    def refuse(self, experiment: Experiment) -> None:
        """Refuse people of whom nothing is told that effects were learned from.

        Raises:
            UsageError: no column is that of the experiment.
        """
        if experiment.names and not any(self._column(name) for name in experiment.names):
            raise UsageError(
                "effects.apply_apart", file=self.file,
                found=tuple(map(str, self.rows.columns))[:12], wanted=experiment.names[:12],
            )  # fmt: skip

    def effects(
        self, experiment: Experiment, found: tuple[ArmEffects, ...]
    ) -> tuple[pd.DataFrame, tuple[Fact, ...]]:
        """Their effects, and what there is to doubt about their columns."""
        doubts: list[Fact] = []
        table = {}
        missing = []
        for name, read in zip(experiment.names, experiment.reads, strict=True):
            column = self._column(name)
            if column is None:
                missing.append(name)
                table[name] = pd.Series(np.nan, index=self.rows.index, dtype=object)
                continue
            values = self.rows[column]
            told = text_of(values).notna().to_numpy(bool)
            if read.way == "number":
                own = way_of(values, column, read.mark)
                mark = own.mark if own is not None and own.marked else read.mark
                table[name] = as_read(values, type(read)(name, "number", mark))
            else:
                table[name] = as_read(values, read)
            unread = int((told & table[name].isna().to_numpy(bool)).sum())
            if read.way == "text":
                known = set(experiment.table[name].dropna())
                unread = int((told & ~table[name].isin(known).to_numpy(bool)).sum())
            if unread:
                doubts.append(fact("effects.values_unknown", column=name, n=unread))
        if missing:
            doubts.append(fact("effects.columns_missing", columns=tuple(missing)))
        z = encoded(pd.DataFrame(table, index=self.rows.index), experiment.columns)
        gone = [column.source in missing for column in experiment.columns]
        z[:, np.asarray(gone, bool)] = 0.0
        cells = Cells(self.rows, self.file, None)
        ids = pd.Series(np.arange(1, len(self.rows) + 1))
        if self.named.id is not None:
            ids = self.rows[self.named.id]
            self._refuse_ids(ids, doubts)
        value = self._filled(cells.given(self.named.value, 1.0), "value")
        table_of_effects = effects_table(
            experiment, found, ids=ids, z=z, value=value, costs=self._costs(cells, experiment)
        )
        return table_of_effects, tuple(doubts)

    def _column(self, name: str) -> str | None:
        if name in self.rows:
            return name
        folded = name.strip().casefold()
        return next((c for c in self.rows.columns if c.casefold() == folded), None)

    def _refuse_ids(self, ids: pd.Series, doubts: list[Fact]) -> None:
        text = text_of(ids)
        empty = text.isna().to_numpy(bool)
        if empty.any():
            raise UsageError(
                "effects.id_empty", file=self.file, column=str(self.named.id),
                n=int(empty.sum()), row=int(np.flatnonzero(empty)[0]) + 1,
            )  # fmt: skip
        again = int(text.duplicated().sum())
        if again:
            doubts.append(fact("effects.apply_twice", column=str(self.named.id), n=again))

    def _costs(self, cells: Cells, experiment: Experiment) -> Floats:
        if isinstance(self.named.cost, str) and not _one_each(experiment.costs):
            cost = self._filled(cells.given(self.named.cost, 0.0), "cost")
            return np.tile(cost[:, None], (1, len(experiment.arms)))
        # What each arm costs is known from the experiment.
        return np.tile(experiment.costs[0], (len(self.rows), 1))

    def _filled(self, numbers: Floats, name: str) -> Floats:
        if np.isnan(numbers).any():
            row = int(np.flatnonzero(np.isnan(numbers))[0])
            column = str(self.named.value if name == "value" else self.named.cost)
            raise UsageError("effects.cell_empty", file=self.file, column=column, row=row + 1)
        return numbers


def _one_each(costs: Floats) -> bool:
    """Whether each arm costs the same for everybody."""
    return bool((costs == costs[0]).all())
