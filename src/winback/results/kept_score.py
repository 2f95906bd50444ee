"""How the shop does: figures of a year beside the year before, cohorts, and month by month."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Fact, Result

Mark = Literal["early", "gap"]


class Estimate(Result):
    """A figure of one span, with its 95% interval."""

    value: float = Field(description="the figure")
    low: float | None = Field(description="lower end; null where too few stand behind it")
    high: float | None = Field(description="upper end; null where too few stand behind it")
    n: int = Field(description="customers behind it; of a median purchases")
    thin: bool = Field(description="whether these are fewer than 30")
    marks: tuple[Mark, ...] = Field(
        description="`early`: so near the begin of the history that some who had bought before "
        "count as new; `gap`: the shop was closed, or its export broken off, for a part of it"
    )


class Change(Result):
    """From the span before to the newest, with its 95% interval."""

    value: float = Field(description="of shares and scores the difference, else the ratio less 1")
    low: float | None = Field(description="lower end")
    high: float | None = Field(description="upper end")


class Figure(Result):
    """One figure of the shop: now, in the span before, and as it used to be."""

    now: Estimate | None = Field(description="of the newest span; null without anything to count")
    before: Estimate | None = Field(description="of the span before; null where it was not seen")
    change: Change | None = Field(description="between them; null without both")
    usual_low: float | None = Field(description="least of the earlier years, where two or more")
    usual_high: float | None = Field(description="most of the earlier years, where two or more")
    years: int = Field(description="earlier years seen whole")


class Figures(Result):
    """The figures of the scorecard; money in currency units, shares from 0 to 1."""

    frequency: Figure = Field(description="purchases of the span per customer who bought in it")
    order_value_mean: Figure = Field(description="money of a purchase as placed, on average")
    order_value_median: Figure = Field(description="half of the purchases brought this or less")
    repeat_share: Figure = Field(
        description="of the customers who bought in the span, those with two purchases or more in "
        "it"
    )
    second_share: Figure = Field(
        description="of the customers whose first purchase fell in the span, `second_days` or more "
        "before its end, those who bought again on a later day within that time"
    )
    returning_revenue_share: Figure = Field(
        description="of the money of purchases as placed, purchases that were not the customer's "
        "first"
    )
    refunded_share: Figure | None = Field(
        description="of the money of purchases as placed, what was cancelled or sent back so far; "
        "purchases too young for that are left out in every span; null without refunds"
    )


class Within(Result):
    """How many of a cohort bought again within some days."""

    days: int = Field(description="days after the first purchase")
    customers: int | None = Field(description="so many bought again; null: not yet over")
    share: float | None = Field(description="of the cohort; null: not yet over")
    low: float | None = Field(description="lower end of the 95% interval (Wilson)")
    high: float | None = Field(description="upper end of the 95% interval (Wilson)")


class Newcomers(Result):
    """Customers by the month or quarter of their first purchase."""

    start: date = Field(description="first day of the month or quarter")
    customers: int = Field(description="how many bought for the first time in it")
    within: tuple[Within, ...] = Field(description="one a number of days")
    thin: bool = Field(description="whether they are fewer than 30")
    marks: tuple[Mark, ...] = Field(description="as of an estimate")


class Seconds(Result):
    """Second purchases by cohort, oldest first: on a later day than the first one."""

    unit: Literal["month", "quarter"] = Field(description="length of a cohort")
    rows: tuple[Newcomers, ...] = Field(
        description="the last 24 cohorts of which at least the shortest time is over"
    )
    of: int = Field(description="so many such cohorts there are")


class Foreseen(Result):
    """What the shop's past foretells of a month, as nineteen of twenty such months are."""

    expected: float = Field(description="as foretold")
    low: float = Field(description="lower end of the 95% interval")
    high: float = Field(description="upper end of the 95% interval")
    seasons: int = Field(description="earlier years that had the same days, three at most")
    verdict: Literal["below", "usual", "above"] = Field(
        description="`below` or `above` only outside of the interval"
    )


class Period(Result):
    """One month or week of the shop."""

    start: date = Field(description="its first day")
    days: int = Field(description="days of it that lie within what was seen of the history")
    state: Literal["complete", "begun", "so_far", "gap"] = Field(
        description="`begun`: the history begins in it; `so_far`: it is not over; `gap`: the shop "
        "was closed, or its export broken off, for a part of it"
    )
    purchases: int = Field(description="purchases made in it")
    customers: int = Field(description="customers who bought in it")
    newcomers: int = Field(description="of them, those with their first purchase")
    revenue: float = Field(description="money of its purchases as placed")
    returning: float = Field(description="of `revenue`, purchases that were not the first")
    refunded: float = Field(description="of `revenue`, cancelled or sent back so far")
    early: bool = Field(description="whether some who had bought before count as new in it")
    young: bool = Field(description="whether more of it may still come back")
    revenue_usual: Foreseen | None = Field(
        description="of `revenue`; null without the same month of an earlier year and twelve weeks "
        "before it, and of months that are not complete"
    )
    purchases_usual: Foreseen | None = Field(description="of `purchases`; null as above")
    order_value_usual: Foreseen | None = Field(
        description="of `revenue` by `purchases`; null as above"
    )


class Trend(Result):
    """The shop by month, in a history shorter than four months by week; oldest first."""

    unit: Literal["month", "week"] = Field(description="length of a period")
    rows: tuple[Period, ...] = Field(description="the last 36, with no period left out")
    of: int = Field(description="so many periods the history has")
    feasts: tuple[str, ...] = Field(
        description="feasts that move this shop's purchases, and so what is foretold"
    )


class Voice(Result):
    """What customers said of the shop, by one signal that bears a mark."""

    name: str = Field(description="name of the signal")
    read_as: Literal["satisfaction", "recommendation", "either"] = Field(
        description="what its name says was asked; `either`: it does not say"
    )
    top: Literal[5, 10, 100] = Field(description="the best mark of its scale")
    bottom: Literal[0, 1] = Field(description="the worst mark of its scale")
    answers: int = Field(description="answers in the newest span")
    mean: Figure | None = Field(description="mean mark; null of a recommendation")
    good_share: Figure | None = Field(
        description="answers in the best two of five parts: 4 and 5 of 5, 8 to 10 of 10; null of "
        "a recommendation"
    )
    net_promoters: Figure | None = Field(
        description="of answers from 0 to 10, the share of 9 and 10 less that of 0 to 6; null of "
        "another scale and of satisfaction"
    )


class Scorecard(Result):
    """How the shop does, in figures and month by month.

    A purchase is the order lines of one customer, order and day, and stays one when it is
    refunded; money is of purchases as placed.
    """

    start: date = Field(description="first day of the newest span")
    end: date = Field(description="first day after it: of a month, else the first day not seen")
    days: int = Field(description="its length")
    whole_year: bool = Field(
        description="whether it is twelve closed months; else all days of a history that is shorter"
    )
    first_day: date = Field(description="day of the first purchase")
    seen_until: date = Field(description="first day not seen of the shop")
    second_days: int = Field(description="days of `figures.second_share`")
    rhythm_days: int | None = Field(
        description="nine of ten repeated purchases come within so many days; that long after the "
        "begin of the history customers count as new who are not. null where nobody came again"
    )
    refund_days: int | None = Field(
        description="nine of ten refunds come within so many days of the purchase; null without "
        "refunds that name their order"
    )
    refunds_linked: float | None = Field(
        description="of the money refunded, what names its order and is counted with the purchase; "
        "the rest, on the day it was paid back. null without refunds"
    )
    figures: Figures = Field(description="figures of the span beside earlier ones")
    seconds: Seconds | None = Field(description="null before any cohort's time is over")
    trend: Trend = Field(description="month by month")
    voices: tuple[Voice, ...] = Field(
        description="signals that bear a mark for the shop; empty without any"
    )
    doubts: tuple[Fact, ...] = Field(
        description="what may be read in two ways, and what settles it"
    )
