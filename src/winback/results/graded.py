"""How lists that left were right: what was foretold beside what came.

``reports/grades.json`` is a `Record`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result
from winback.results.judged import Interval

WhyUngraded = Literal["unproven", "gap", "nobody_left", "before_history"]


class Part(Result):
    """Some of the customers: how many of them came back beside what was foretold."""

    n: int = Field(description="customers who were sent nothing and count")
    stand_for: float = Field(description="customers they stand for: controls for the planned")
    foretold: float = Field(description="mean chance to return, as sealed")
    returned: Interval = Field(description="share that returned, with its 95 % interval")


class Band(Part):
    """One risk band."""

    band: str = Field(description="`risk_band` of the scores as sealed")


class Against(Result):
    """A rival of that day, on the same customers."""

    name: str = Field(description="`base_rate`, a simple rule, or `lightgbm` where a rule scored")
    role: Literal["base_rate", "best_rule", "model"] = Field(description="what it stands for")
    log_loss: float = Field(description="its mean log loss")
    difference: Interval = Field(
        description="log loss of the list less that of the rival, customer by customer; below 0 "
        "the list was better"
    )


class Spent(Result):
    """Value foretold against spent, a customer, within the horizon."""

    foretold: float = Field(description="mean of the expected net spend, as sealed")
    spent: Interval = Field(description="mean net spend")
    difference: Interval = Field(description="spent less foretold")


class Held(Result):
    """A list held against what came, as it was known on one day."""

    known_by: date = Field(description="what became known from this day on does not count")
    everybody: Part = Field(description="all who count")
    gap: Interval = Field(
        description="share that returned less the mean chance; 0 is right, below 0 foretold too "
        "much"
    )
    calibration_slope: Interval | None = Field(
        description="of a logistic regression on the log-odds as sealed: 1 is right, below 1 too "
        "extreme; null where it has no end"
    )
    bands: tuple[Band, ...] = Field(description="the same by risk band")
    log_loss: float = Field(description="mean log loss of the chances as sealed")
    against: tuple[Against, ...] = Field(description="rivals of that day; none in an early grade")
    lost: Part | None = Field(
        description="those too long silent (band `lost`): how many of them came back; null where "
        "nobody was"
    )
    value: Spent | None = Field(
        description="value foretold against spent; null in an early grade, or without a forecast"
    )


class Treated(Result):
    """Customers who were sent an offer, apart: theirs is no answer to what was foretold."""

    n: int = Field(description="customers whom an offer may have touched within the days graded")
    foretold: float | None = Field(description="mean chance to return by themselves")
    returned: float | None = Field(description="share that returned, offers and all")


class Grade(Result):
    """One list, or one replayed week, held against what came."""

    campaign_id: str = Field(description="the list")
    kind: Literal["seal", "replay"] = Field(
        description="`seal` (it left) or `replay` (a week of the past as it would have been)"
    )
    cutoff: date = Field(description="as of when it was scored")
    sent_on: date = Field(description="the day it left")
    days: int = Field(description="days from the cutoff that are graded")
    horizon_days: int = Field(description="the list's own horizon")
    early: bool = Field(
        description="whether it is an early grade, by a shorter horizon that has closed"
    )
    model_version: str = Field(description="who scored it")
    scored_by: str = Field(description="`lightgbm`, or the rule that gave the scores")
    customers: int = Field(description="customers scored that day")
    forgotten: int = Field(
        description="of them, people who were forgotten or objected to profiling since"
    )
    not_in_orders: int = Field(description="of them, those whom today's orders do not know")
    not_stood_for: int = Field(
        description="planned customers in whose stratum nobody was held out to stand for them"
    )
    treated: Treated = Field(description="those who were sent an offer")
    then: Held = Field(description="as it was known when the days were over")
    now: Held = Field(description="as it is known now")


class Waiting(Result):
    """A list that cannot be graded yet."""

    campaign_id: str = Field(description="the list")
    cutoff: date = Field(description="as of when it was scored")
    ripe_on: date = Field(description="the day on which its horizon will have closed")
    early_on: date | None = Field(
        description="the day of the next early grade before that; null where none is left"
    )


class Ungraded(Result):
    """A list that will never be graded."""

    campaign_id: str = Field(description="the list")
    cutoff: date = Field(description="as of when it was scored")
    why: WhyUngraded = Field(
        description="`unproven` (no chances were foretold), `gap` (the shop's days have a gap in "
        "the horizon), `nobody_left` (nobody is left to count) or `before_history` (today's "
        "orders begin later)"
    )


class Course(Result):
    """A figure over lists: its mean, and where it goes."""

    mean: Interval = Field(description="mean over the lists, each counting the same")
    per_30_days: Interval | None = Field(
        description="change in 30 days, by a straight line; null with fewer than three lists"
    )


class Trend(Result):
    """The track record over all lists of the newest one's horizon, as known now.

    Intervals are by customer: one who was scored in ten weeks is one draw. What moves everybody
    at once, such as a season, is not in them.
    """

    days: int = Field(description="the horizon")
    lists: int = Field(description="how many lists")
    first: date = Field(description="cutoff of the first")
    last: date = Field(description="cutoff of the last")
    gap: Course = Field(description="share that returned less the mean chance")
    base_rate: Course | None = Field(
        description="log loss less that of the base rate; null where no rival was kept"
    )
    best_rule: Course | None = Field(description="log loss less that of the best rule of the day")


class Record(Result):
    """The track record: every list that left and what came of it."""

    observed_until: date = Field(description="the first day that the orders do not reach")
    currency: str = Field("", description="ISO code; empty where nobody said it")
    lists: tuple[Grade, ...] = Field(description="lists whose horizon has closed, by cutoff")
    early: tuple[Grade, ...] = Field(
        description="early grades of the others, by the longest horizon that has closed"
    )
    waiting: tuple[Waiting, ...] = Field(description="lists whose horizon is open")
    ungraded: tuple[Ungraded, ...] = Field(description="lists that cannot be graded")
    trend: Trend | None = Field(description="over the lists; null without any")

    def figures(self) -> GradeFigures:
        """What `dvc metrics` shows: the newest list and the trend."""
        newest = None
        if self.lists:
            now = self.lists[-1].now
            gained = {each.role: each.difference.value for each in now.against}
            newest = NewestGrade(
                returned=now.everybody.returned.value,
                foretold=now.everybody.foretold,
                gap=now.gap.value,
                log_loss=now.log_loss,
                against_base_rate=gained.get("base_rate"),
                against_best_rule=gained.get("best_rule"),
            )
        return GradeFigures(
            lists=len(self.lists), waiting=len(self.waiting), newest=newest, trend=self.trend
        )


class NewestGrade(Result):
    """The newest list whose horizon has closed, as known now."""

    returned: float = Field(description="share that returned")
    foretold: float = Field(description="mean chance to return")
    gap: float = Field(description="the first less the second")
    log_loss: float = Field(description="mean log loss")
    against_base_rate: float | None = Field(description="that less the base rate's")
    against_best_rule: float | None = Field(description="that less the best rule's")


class GradeFigures(Result):
    """The record in a few numbers."""

    lists: int = Field(description="lists whose horizon has closed")
    waiting: int = Field(description="lists whose horizon is open")
    newest: NewestGrade | None = Field(description="the newest of the first; null without any")
    trend: Trend | None = Field(description="over the lists")
