"""What the train stage hands on beside the model: what it learned from, and whether it is enough.

``reports/training.json`` is a `Training`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result

Level = Literal["enough", "thin", "unproven"]
ConcernCode = Literal[
    "no_window", "few_outcomes", "short_past", "one_window", "gap_everywhere", "gap", "gap_now",
    "weekdays", "drift", "no_year", "feast_unseen", "feast_once", "feast_unsteady", "rise",
]  # fmt: skip


class TrainingFacts(Result):
    """What a return model learned from, and what came of it."""

    cutoff: date | None = Field(None, description="the day the model was made for")
    rows: int = Field(0, description="snapshots learned from")
    returned: int = Field(0, description="how many of them were followed by a return")
    rows_left_out_treated: int = Field(
        0, description="snapshots left out, since an offer may have touched what followed"
    )
    learned_days: int | None = Field(
        None,
        description="how many days of the horizon model or regression learned: all, or the first "
        "few of a horizon too long for the history",
    )
    rows_of_part: int | None = Field(
        None, description="snapshots that taught those first few days; null if all were learned"
    )
    base_rates: dict[date, float] = Field(
        default_factory=dict, description="share that returned, by cutoff"
    )
    rounds: int | None = Field(None, description="rounds of boosting; null without trees")
    blend: tuple[float, float] | None = Field(
        None, description="weights of trees and regression; null without trees"
    )
    level: float | None = Field(
        None, description="share of today's customers expected to return; null without a regression"
    )


class Drift(Result):
    """Whether returns have moved, beside what habits and earlier windows would have had."""

    newest_share: float = Field(description="share that returned in the newest window")
    expected_share: float = Field(description="share to be expected there")
    beyond_noise: bool = Field(description="whether the difference is real, and large enough")


class Concern(Result):
    """Something that is missing in the history, or that has changed in it."""

    code: ConcernCode = Field(description="what it is")
    feast: str | None = Field(None, description="the feast it is about; else null")
    values: dict[str, int | float | date] = Field(
        default_factory=dict, description="the numbers and days that belong to it"
    )


class Evidence(Result):
    """Whether a history is enough to learn from and to be judged on."""

    level: Level = Field(description="`enough`, `thin` or `unproven`")
    horizon_days: int = Field(description="the horizon of the outcomes")
    history_days: int = Field(description="days from the first purchase to the cutoff")
    customers: int = Field(description="customers to be scored")
    repeat_customers: int = Field(description="of them, those with a second day of shopping")
    closed_windows: int = Field(description="cutoffs whose horizon has closed")
    separate_windows: int = Field(description="of them, as many as do not overlap, newest first")
    returned: int = Field(description="customers who returned in the separate windows")
    stayed_away: int = Field(description="customers who did not")
    drift: Drift | None = Field(
        description="the newest separate window against the others; null with nothing to compare"
    )
    concerns: tuple[Concern, ...] = Field(description="what is missing, the gravest first")


class Training(TrainingFacts):
    """What the train stage hands on: ``training.json``."""

    kind: str = Field(
        description="what gives the scores: `blend`, `regression`, `habit`, `base_rate`, `rule` or "
        "`unproven`"
    )
    rule: str | None = Field(description="name of the simple rule that proved better; else null")
    best_rule: str | None = Field(
        None,
        description="the simple rule of the lowest log loss in the backtest; null without one",
    )
    evidence: Evidence = Field(description="whether there was enough to learn from")
