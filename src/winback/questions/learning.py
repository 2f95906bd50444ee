"""Whom a treatment moves, asked of a table of an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from winback.effects.encoded import encoded
from winback.effects.experiment import Experiment, Named, read_experiment
from winback.effects.learning import ArmEffects, effects_table, learn
from winback.errors import UsageError
from winback.files import replacing, write_text
from winback.intake.rows import table_of
from winback.project import as_json
from winback.questions.asked import Begin
from winback.report.learned import render_learned
from winback.results.base import fact
from winback.results.effects import Learned
from winback.said.words import Language


@dataclass(frozen=True)
class LearnedEffects:
    """What was learned, and the effect of each person.

    Attributes:
        learned: as ``learned.json`` has it.
        effects: as ``effects.parquet`` has them, one row a person: ``id, effect, effect_low,
            effect_high, priority``; None where the table cannot be read.
    """

    learned: Learned
    effects: pd.DataFrame | None


def learn_effects(
    table: pd.DataFrame | Path | str, *, treatment: str, outcome: str, id: str | None = None,
    probability: str | None = None, value: str | None = None, cost: str | float | None = None,
    control: str | None = None, ignore: tuple[str, ...] = (),
    apply: pd.DataFrame | Path | str | None = None, begin: Begin = lambda _: None,
) -> LearnedEffects:  # fmt: skip
    """Learn from an experiment whom a treatment moves, and by how much.

    Args:
        table: one row a person who was dealt a treatment by lot: a frame, a CSV or Parquet file.
        treatment: the column of the arm that was dealt.
        outcome: the column of what came of it: yes or no, a count or money.
        id: the column of the person; None: the row's number.
        probability: the chance of the arm that was dealt; None: the same for everybody.
        value: what an outcome of the person is worth; None: 1.
        cost: of treating a person: a column, or a number; None: nothing.
        control: the value of ``treatment`` that means nothing was done; None: by its name.
        ignore: columns to leave out.
        apply: people to foretell effects for; None: the experiment's own, each without them.
        begin: told the name of each arm as it begins.

    Raises:
        UsageError: a column is missing or not what it should be, or an arm is too small.
    """
    rows, file = table_of(table, "experiment")
    others, _ = table_of(apply, "apply") if apply is not None else (None, "")
    named = Named(treatment, outcome, id, probability, value, _cost(cost, rows), control, ignore)
    experiment = read_experiment(rows, file, named)
    learned, found = learn(experiment, file=file, treatment=treatment, outcome=outcome, begin=begin)
    if not found:
        return LearnedEffects(learned, None)
    if others is None:
        return LearnedEffects(learned, effects_table(experiment, found))
    learned, effects = _applied(learned, experiment, found, others, named)
    return LearnedEffects(learned, effects)


def learn_file(out: Path, language: Language, **asked: object) -> LearnedEffects:
    """The same, written as ``learned.json``, ``effects.parquet`` and ``learned.html``."""
    found = learn_effects(**asked)  # type: ignore[arg-type]
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / "learned.json", as_json(found.learned))
    write_text(out / "learned.html", render_learned(found.learned, language=language))
    effects = out / "effects.parquet"
    if found.effects is None:
        # Effects of an earlier table would pass for those of this one.
        effects.unlink(missing_ok=True)
    else:
        with replacing(effects, private=True) as new:
            found.effects.to_parquet(new, index=False)
    return found


def _cost(cost: str | float | None, rows: pd.DataFrame) -> str | float | None:
    if not isinstance(cost, str) or cost in rows:
        return cost
    try:
        return float(cost)
    except ValueError:
        columns = tuple(map(str, rows.columns))
        raise UsageError("effects.cost", found=cost, columns=columns) from None


def _applied(
    learned: Learned, experiment: Experiment, found: tuple[ArmEffects, ...],
    others: pd.DataFrame, named: Named,
) -> tuple[Learned, pd.DataFrame]:  # fmt: skip
    missing = tuple(name for name in experiment.names if name not in others)
    filled = others.assign(**{name: None for name in missing})
    z = encoded(filled, experiment.columns)
    gone = [column.source in missing for column in experiment.columns]
    z[:, np.asarray(gone, bool)] = 0.0
    if missing:
        doubt = fact("effects.columns_missing", columns=missing)
        learned = learned.model_copy(update={"doubts": (*learned.doubts, doubt)})
    n = len(others)
    ids = pd.Series(np.arange(1, n + 1))
    if named.id is not None and named.id in others:
        ids = others[named.id]

    def numbers(given: str | float | None, default: float) -> np.ndarray:
        if isinstance(given, str):
            if given not in others:
                raise UsageError(
                    "effects.no_column", file="--apply", column=given,
                    found=tuple(map(str, others.columns)),
                )  # fmt: skip
            return pd.to_numeric(others[given], errors="coerce").fillna(default).to_numpy(float)
        return np.full(n, default if given is None else given)

    table = effects_table(
        experiment, found, ids=ids, z=z, value=numbers(named.value, 1.0),
        cost=numbers(named.cost, 0.0),
    )  # fmt: skip
    return learned, table
