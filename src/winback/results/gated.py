"""Whether a newly trained model may score: the finding of the gate.

``reports/gate.json`` is a `Gated`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Fact, Result
from winback.results.judged import Interval, Served
from winback.results.ledgered import ModelSealed

Kind = Literal["first", "unchanged", "refresh", "change", "named"]
Decision = Literal["promoted", "kept"]
Court = Literal["rehearsed", "sealed", "since"]
Reason = Literal[
    "first",
    "other_horizon",
    "unchanged",
    "same_lessons",
    "same_forecasts",
    "no_harm_shown",
    "gain_shown",
    "no_gain_shown",
    "harm_overall",
    "harm_in_segment",
    "slope_off",
    "nothing_to_show",
    "too_few",
    "named",
    "unreadable",
]


class SegmentGain(Result):
    """What the challenger gains among some of the customers."""

    segment: str = Field(description="`everyone`, or a segment by recency and frequency")
    customers: int = Field(description="customers, each once")
    n: int = Field(description="rows: customers at cutoffs")
    gain: Interval = Field(
        description="mean log loss of the champion less the challenger's, with an interval that "
        "holds for all segments at once in 95 of 100 comparisons"
    )
    harmed: bool = Field(
        description="whether that whole interval is below 0, the loss one that matters, and at "
        "each cutoff"
    )


class Comparison(Result):
    """Two sides' forecasts of the same customers at the same cutoffs."""

    origins: tuple[date, ...] = Field(description="the cutoffs that both sides forecast")
    n: int = Field(description="rows: customers at cutoffs")
    customers: int = Field(description="customers, each once")
    log_loss: float | None = Field(description="mean log loss of the challenger")
    log_loss_champion: float | None = Field(description="mean log loss of the champion")
    gain: Interval | None = Field(
        description="the champion's log loss less the challenger's, of resampled customers"
    )
    by_origin: dict[date, float] = Field(description="the gain at each cutoff")
    calibration_slope: Interval | None = Field(description="of the challenger; 1 is right")
    calibration_slope_champion: Interval | None = Field(description="of the champion")
    segments: tuple[SegmentGain, ...] = Field(
        description="everyone, and each segment of at least 500 customers"
    )
    segments_too_small: tuple[str, ...] = Field(
        (), description="segments of fewer customers, which cannot show harm"
    )


class Gated(Result):
    """Who scores today, and why."""

    kind: Kind = Field(
        description="`first` model; `unchanged`; a `refresh` (same recipe, newer data); a `change` "
        "of params, features or code; or `named` by a person"
    )
    decision: Decision = Field(description="the challenger is `promoted`, or the champion `kept`")
    reasons: tuple[Reason, ...] = Field(description="why, as codes")
    court: Court | None = Field(
        None,
        description="how the champion's side came to its forecasts: its recipe `rehearsed` anew, "
        "its rehearsal as it was `sealed`, or its own file at cutoffs `since`; null without a case",
    )
    changed: tuple[str, ...] = Field((), description="params that differ, and `code` where it does")
    lag_days: int = Field(
        0, description="by how many days the champion's newest data is older than today's"
    )
    challenger: str = Field(description="version of the model just trained")
    champion: str | None = Field(None, description="version of the champion that it met")
    champion_since: date | None = Field(None, description="the day from which that scored")
    scores: ModelSealed = Field(description="the model that scores today")
    compared: Comparison | None = Field(None, description="the comparison; null where none was due")
    doubts: tuple[Fact, ...] = Field((), description="what stood in the way of the usual course")

    @property
    def kept(self) -> bool:
        """Whether the model just trained does not score."""
        return self.decision == "kept"


class GateFigures(Result):
    """What `dvc metrics`, `dvc exp show` and MLflow have of the gate."""

    kept: int = Field(description="1 where the champion scores on, 0 where the new model scores")
    gain: Interval | None = Field(
        description="the champion's log loss less the challenger's; null where none was due"
    )
    served: Served = Field(
        description="what gives the scores: the new model or a rule in its stead, or the champion"
    )
