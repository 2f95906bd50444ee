"""From the first purchase to the second, to a regular customer, to silence."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result

StepName = Literal["second", "regular", "silent"]
Standing = Literal["once", "once_silent", "twice", "twice_silent", "regular", "regular_silent"]


class Reached(Result):
    """How many had taken a step so many days later."""

    days: int = Field(description="days since the step before")
    share: float = Field(
        description="of those who took the step before; Kaplan and Meier's (1958), so that whoever "
        "is not yet seen for so long counts for as long as seen"
    )
    low: float = Field(description="lower end of its 95 % interval (Greenwood, log-log)")
    high: float = Field(description="upper end")
    at_risk: int = Field(description="customers who were seen for so long without the step")


class Step(Result):
    """One step of the way and how long it takes."""

    name: StepName = Field(
        description="`second`: a second purchase day; `regular`: a third; `silent`: no purchase "
        "for `silent_days` after that"
    )
    customers: int = Field(description="those who took the step before, from whom it is reckoned")
    happened: int = Field(description="those of them who were seen to take it")
    median_days: int | None = Field(
        description="days after which half had taken it; null where half were not seen to"
    )
    median_low: int | None = Field(description="lower end of its 95 % interval; null as the median")
    median_high: int | None = Field(description="upper end; null where the history is too short")
    reached: tuple[Reached, ...] = Field(
        description="a row for 30, 60, 90, 180, 365 and 730 days, as far as 20 customers were seen"
    )

    def within(self, days: int) -> Reached | None:
        """The row of so many days."""
        return next((row for row in self.reached if row.days == days), None)


class Stand(Result):
    """Where customers stand today."""

    name: Standing = Field(
        description="purchase days so far: `once`, `twice` or `regular` (three or more); "
        "`_silent`: none of them in the last `silent_days`"
    )
    customers: int = Field(description="how many, of all, those left out above as well")


class Journey(Result):
    """From the first purchase to the second, to a regular customer, to silence.

    Purchases of one customer on one day count once.
    """

    seen_until: date = Field(description="the first day that nobody has seen")
    customers: int = Field(description="customers with a purchase")
    one_in: int = Field(
        description="of many customers only every so manieth is looked at; 1: all are"
    )
    left_out_weeks: int = Field(
        description="weeks at the history's begin whose first purchases are left out, since many "
        "of those customers may have bought before it"
    )
    left_out: int = Field(description="customers left out for that, of those looked at")
    perhaps_older: float | None = Field(
        description="of the first purchases that count, the most that may not have been the first"
    )
    silent_days: int | None = Field(
        description="days without a purchase that are called long, by the rule of `study_churn`; "
        "null where the history cannot tell"
    )
    steps: tuple[Step, ...] = Field(description="the steps in their order")
    stand: tuple[Stand, ...] = Field(
        description="where all customers looked at stand today; empty without `silent_days`"
    )
