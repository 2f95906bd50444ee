"""Fit, calibrate, score, explain, save and load one return model.

The model is a weighted sum of two log-odds: a small logistic regression around what MBG/NBD
makes of the customer's habit, and a LightGBM over all snapshot columns that is grown from halfway
to that regression. Trees win where a shop has many customers, the regression where it has few;
the weights are learned on a cutoff neither part was fitted on. Where the closed windows saw much
less past than customers have today, newer windows that are still open teach the part of the
horizon that has closed, and the habit, which knows of lengths of history, carries it on.

The other horizons follow by conditional probabilities, ``P(return in h1) = P(return in h2) x
P(in h1 | in h2)``, so that probabilities never decrease with the horizon and the main horizon
is not paid for the others.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, TypeAdapter

from winback.arrays import Floats
from winback.errors import WinbackError
from winback.files import write_text
from winback.learning.habits import MbgNbd, repeats_and_ages
from winback.learning.regression import TRANSFORMED, Linear
from winback.learning.rules import Rule
from winback.learning.season import expit, logit
from winback.learning.trees import Trees
from winback.learning.value import VALUE_COLUMNS, ValueModel
from winback.results.learned import TrainingFacts


@dataclass(frozen=True)
class Step:
    """P(in the shorter horizon | in the longer one), or, beyond the main horizon,
    P(in the longer horizon | not in the shorter one)."""

    horizon_days: int
    beyond_main: bool
    share: float
    trees: Trees | None

    def probability(self, snapshots: pd.DataFrame, threads: int) -> Floats:
        """The conditional probability of each row."""
        margin = self.trees.margin(snapshots, threads) if self.trees else 0.0
        return np.asarray(expit(logit(self.share) + np.full(len(snapshots), margin)))


@dataclass(frozen=True)
class Carried:
    """Carries a chance learned for the first ``part_days`` of a window on to longer ones.

    What was learned beside the habit's log-odds holds for the longer window as it is.
    """

    part_days: int
    habit: MbgNbd

    def log_odds(self, snapshots: pd.DataFrame, horizon_days: int) -> Floats:
        """What to add to the log-odds of a return within the part, one per row."""
        history = repeats_and_ages(snapshots)
        longer, part = (
            self.habit.probability_of_return(*history, days)
            for days in (horizon_days, self.part_days)
        )
        return np.asarray(logit(longer) - logit(part))


@dataclass(frozen=True, repr=False)
class ReturnModel:
    """How likely each customer is to buy within each horizon, and for how much.

    ``kind`` says what the history was enough for: ``blend`` (LightGBM and regression),
    ``regression``, ``habit`` (MBG/NBD alone), ``base_rate``, or ``unproven`` when no horizon
    had closed; ``rule`` where a simple rule proved better (`ruled_by`). With ``carried``, blend
    or regression were learned on a part of the main horizon.
    """

    kind: str
    horizon_days: int
    horizons_days: tuple[int, ...]
    level: float  # log-odds that the trees start from
    season: float  # what of it habits do not explain
    blend: tuple[float, float]  # weights of the trees and of the regression
    linear: Linear | None
    trees: Trees | None
    steps: tuple[Step, ...]
    value: ValueModel | None
    shift: float = 0.0  # moves the mean chance of the scored customers to the share forecast
    rule: Rule | None = None  # says the main horizon's chance instead of all of these
    carried: Carried | None = None
    facts: TrainingFacts = field(default_factory=TrainingFacts)
    threads: int = 1

    def log_odds(self, snapshots: pd.DataFrame) -> Floats:
        """Log-odds of a purchase within the main horizon, one per row."""
        if self.rule is not None:
            return np.asarray(logit(self.rule.probability(snapshots)))
        of_trees, of_linear = self.blend
        margin = np.full(len(snapshots), self.level + self.shift)
        if self.trees is not None:
            margin = margin + of_trees * self.trees.margin(snapshots, self.threads)
        if self.linear is not None:
            regression = self.linear.log_odds(snapshots, self.season)
            margin = margin + of_linear * (regression - self.level)
        return margin + self._carried_to(self.horizon_days, snapshots)

    def _carried_to(self, horizon_days: int, snapshots: pd.DataFrame) -> float | Floats:
        return self.carried.log_odds(snapshots, horizon_days) if self.carried else 0.0

    def predict(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        """Probabilities and expected values, one row per snapshot row, in its order.

        Columns: ``p_return``, ``p_return_{h}d`` for each horizon (never decreasing in h),
        and `winback.learning.value.VALUE_COLUMNS`. All null when the model is unproven; a longer
        horizon is null when none of that length had closed.
        """
        names = ["p_return", *(f"p_return_{h}d" for h in self.horizons_days)]
        names += VALUE_COLUMNS
        if self.kind == "unproven" or len(snapshots) == 0:
            return pd.DataFrame(np.nan, index=snapshots.index, columns=names)
        log_odds = self.log_odds(snapshots)
        by_horizon = {self.horizon_days: np.asarray(expit(log_odds))}
        if self.carried is not None:
            of_part = log_odds - self._carried_to(self.horizon_days, snapshots)
            for h in (self.carried.part_days, *self.horizons_days):
                if h >= self.carried.part_days:
                    by_horizon[h] = np.asarray(expit(of_part + self._carried_to(h, snapshots)))
        for step in self.steps:
            chance = step.probability(snapshots, self.threads)
            if step.beyond_main:
                shorter = by_horizon[max(by_horizon)]
                by_horizon[step.horizon_days] = shorter + (1 - shorter) * chance
            else:
                by_horizon[step.horizon_days] = by_horizon[min(by_horizon)] * chance
        p = by_horizon[self.horizon_days]
        table = pd.DataFrame({"p_return": p}, index=snapshots.index)
        for h in self.horizons_days:
            table[f"p_return_{h}d"] = by_horizon.get(h, np.full(len(p), np.nan))
        worth = self.value.predict(snapshots, p).to_numpy() if self.value else np.nan
        table[list(VALUE_COLUMNS)] = worth
        return table

    def contributions(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        """Log-odds by snapshot column, one row per snapshot row.

        The row's sum plus ``offset`` is `log_odds`, exactly but for rounding.
        """
        if self.rule is not None:
            return pd.DataFrame(self.rule.contributions(snapshots), snapshots.index)
        of_trees, of_linear = self.blend
        if self.kind in ("unproven", "base_rate"):
            offset = np.full(len(snapshots), self.level if self.kind == "base_rate" else np.nan)
            return pd.DataFrame({"offset": offset}, index=snapshots.index)
        table = pd.DataFrame(index=snapshots.index)
        offset = np.full(len(snapshots), self.level + self.shift)
        if self.trees is not None:
            shap = self.trees.contributions(snapshots, self.threads) * of_trees
            offset = offset + shap[:, -1]
            table = pd.DataFrame(shap[:, :-1], snapshots.index, list(self.trees.features))
        if self.linear is not None:
            base = self.linear.intercept + self.linear.weights[-1] * self.season
            offset = offset + of_linear * (base - self.level)
            parts = self.linear.contributions(snapshots) * of_linear
            for name, part in zip(TRANSFORMED, parts.T, strict=True):
                table[name] = table[name] + part if name in table else part
        if self.carried is not None:
            table["days_since_last_order"] += self._carried_to(self.horizon_days, snapshots)
        table["offset"] = offset
        return table

    def ruled_by(self, rule: Rule) -> ReturnModel:
        """The same model, except that ``rule`` says how likely a return within the main horizon is.

        Other horizons follow by the same conditional probabilities, so that they still agree, and
        worth follows from the new chance. With the base rate all customers get the same ones.
        """
        of_the_model = {"rounds", "blend", "level"}
        steps, carried = self.steps, self.carried
        if rule.name == "base_rate":
            # Nobody is told apart for one horizon who is not for another; a habit would.
            steps = () if carried else tuple(replace(step, trees=None) for step in steps)
            carried = None
        facts = TrainingFacts(**self.facts.model_dump(exclude=of_the_model, exclude_unset=True))
        return replace(
            self, kind="rule", rule=rule, level=0.0, season=0.0, blend=(0.0, 0.0), linear=None,
            trees=None, shift=0.0, facts=facts, steps=steps, carried=carried,
        )  # fmt: skip

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits of the model's content."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """What `save` writes: the same text for the same model."""

        def plain(value: Any) -> Any:
            if isinstance(value, tuple | list):
                return [plain(v) for v in value]
            if isinstance(value, BaseModel):
                # What was not learned is left out, and such models keep their version.
                return value.model_dump(mode="json", exclude_unset=True)
            if hasattr(value, "__dataclass_fields__"):
                kept = {name: v for name, v in vars(value).items() if name != "threads"}
                for rare in ("rule", "carried", "scale"):  # most have none, and keep their version
                    if kept.get(rare, 0) is None:
                        del kept[rare]
                return {name: plain(v) for name, v in kept.items()}
            return value

        return json.dumps(plain(self), sort_keys=True, indent=1)

    def save(self, path: Path) -> None:
        """Write the model as one JSON file; the same model gives the same bytes."""
        write_text(path, self.to_json() + "\n")

    @staticmethod
    def load(path: Path, threads: int = 1) -> ReturnModel:
        """The model that `save` wrote.

        Raises:
            WinbackError: there is no such file, or it is not a return model.
        """
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            rule = stored.pop("rule", None)
            model = TypeAdapter(ReturnModel).validate_python(stored | {"threads": threads})
            return replace(model, rule=rule and Rule.restored(**rule))
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise WinbackError("learning.no_model", file=path, why=first_line(error)) from error

    def __repr__(self) -> str:
        """A few lines; the trees alone would be thousands."""
        lines = (f"    {name}={value!r}," for name, value in self._told())
        return "\n".join(["ReturnModel(", *lines, ")"])

    def _repr_html_(self) -> str:
        """The same as a table, for a notebook."""
        rows = (
            f"<tr><th style='text-align:left'>{name}</th>"
            f"<td style='text-align:left'>{escape(str(value))}</td></tr>"
            for name, value in self._told()
        )
        return f"<table><caption>ReturnModel</caption>{''.join(rows)}</table>"

    def _told(self) -> list[tuple[str, object]]:
        facts, lifetime = self.facts, self.value.lifetime if self.value else None
        return [
            ("kind", self.kind),
            ("version", self.version),
            ("cutoff", facts.cutoff and facts.cutoff.isoformat()),
            ("horizon_days", self.horizon_days),
            ("horizons_days", self.horizons_days),
            ("rows", facts.rows),
            ("returned", facts.returned),
            ("level", facts.level),
            ("blend", facts.blend),
            ("rule", self.rule and self.rule.name),
            ("lifetime_days", lifetime and lifetime.days),
        ]


def first_line(error: Exception) -> str:
    """What an error begins with, without the rest of a page."""
    return (str(error).splitlines() or [type(error).__name__])[0]
