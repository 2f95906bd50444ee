"""What churn is in a shop: ``churn.json``, and a section of the page."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result

Finding = Literal["holds", "overdue", "longest", "unjudged", "too_short"]


class GapDays(Result):
    """Quantiles of the gaps that have ended, in days; null without any."""

    p10: float | None = Field(description="a tenth are this long or shorter")
    p25: float | None = Field(description="a quarter")
    p50: float | None = Field(description="half")
    p75: float | None = Field(description="three quarters")
    p90: float | None = Field(description="nine tenths")


class Waited(Result):
    """How many have bought again so many days after a purchase."""

    days: int = Field(description="days of waiting")
    returned_share: float = Field(description="customers who buy again within them, one vote each")
    finished_share: float = Field(description="of the gaps that have ended, those as short")


class Horizon(Result):
    """How wrong a horizon would have been; null where the history does not reach far enough."""

    horizon_days: int = Field(description="its days")
    mistaken_share: float | None = Field(
        description="of the customers who came back within `year_days`, those it had called "
        "churned before, one vote each"
    )
    low: float | None = Field(description="lower end of its 95 % interval")
    high: float | None = Field(description="upper end")


class Comeback(Result):
    """What became of those a rule called churned; null where too few were followed so long."""

    rule: str = Field(description="`90d`: days of silence; `3x`: times the customer's usual gap")
    within_days: int = Field(description="how long they were followed from then on")
    silences: int = Field(description="silences that the rule called churned")
    returned_share: float | None = Field(description="those of them that ended within the days")
    low: float | None = Field(description="lower end of its 95 % interval")
    high: float | None = Field(description="upper end")


class RuleList(Result):
    """Whom a rule calls churned today."""

    rule: str = Field(description="the rule")
    customers: int = Field(description="customers it calls churned at the cutoff")
    share: float | None = Field(description="of all customers; null without any")


class Overlap(Result):
    """How alike the lists of two rules are."""

    rule: str = Field(description="one rule")
    other: str = Field(description="the other")
    both: int = Field(description="customers on both lists")
    overlap: float | None = Field(description="of those on either list; null where both are empty")


class OwnRhythm(Result):
    """What silence by the customer's own rhythm means."""

    times: int = Field(description="silent for so many times the own usual gap")
    within_days: int = Field(description="and followed for so many days")
    returned_share: float = Field(description="share that came back in them")


class Churned(Result):
    """When silence means that a customer has left, and how often each rule would be wrong."""

    cutoff: date = Field(description="the first day not seen")
    customers: int = Field(description="customers with a purchase before it")
    rhythm_share: float | None = Field(
        description="share of them with a usual gap of their own: three purchase days or more"
    )
    gap_days: GapDays = Field(description="quantiles of the gaps that have ended")
    horizon_days: int | None = Field(
        description="the recommended horizon; null where the history cannot tell"
    )
    finding: Finding = Field(
        description="`holds`: call them lost; `overdue`: most still come back; `longest`: no "
        "horizon keeps to the tolerated share; `unjudged`: nor could longer ones be judged; "
        "`too_short`: the history cannot tell"
    )
    lost: int | None = Field(
        None,
        description="customers lost today by the recommended horizon; null where `finding` is not "
        "`holds`",
    )
    holds: bool = Field(
        description="whether the recommended horizon keeps to the tolerated share of mistakes"
    )
    tolerated_share: float = Field(description="that share")
    later_share: float | None = Field(
        description="of the silences as long as the horizon, those that ended within as long "
        "again; null where too few were followed"
    )
    own_rhythm: OwnRhythm | None = Field(
        description="silence by the own rhythm; null where too few have one"
    )
    year_days: int | None = Field(
        description="a year, or how far the history reaches if that is less; null for no way"
    )
    gaps: tuple[Waited, ...] = Field(description="a row for each five days of waiting")
    horizons: tuple[Horizon, ...] = Field(description="a row a horizon, shortest first")
    comebacks: tuple[Comeback, ...] = Field(
        description="a row a rule and wait; the same as `churn.csv`"
    )
    lists: tuple[RuleList, ...] = Field(description="a row a rule")
    overlap: tuple[Overlap, ...] = Field(description="a row a pair of rules")
