"""What a shop's order history says, before any model."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result


class Gaps(Result):
    """Days between one customer's days of purchase and the next; None without any."""

    n: int = Field(description="gaps seen")
    p10: float | None = Field(description="a tenth are this many days or fewer")
    p25: float | None = Field(description="a quarter are this many days or fewer")
    p50: float | None = Field(description="half are this many days or fewer")
    p75: float | None = Field(description="three quarters are this many days or fewer")
    p90: float | None = Field(description="nine in ten are this many days or fewer")


class Active(Result):
    """Who bought within some days before the cutoff."""

    days: int = Field(description="whole calendar days back from the cutoff")
    customers: int = Field(description="customers with a purchase in them")
    share: float | None = Field(description="of all customers, 0 to 1")


class Cohort(Result):
    """The new customers of one month or quarter."""

    cohort: date = Field(description="first day of the period of their first purchase")
    customers: int = Field(description="how many they are")
    shares: tuple[float | None, ...] = Field(
        description="part of them who bought again 1, 2, … periods later; None for a period that "
        "the cutoff cuts short"
    )


class Cohorts(Result):
    """New customers by the period of their first purchase, oldest first; the last 24."""

    unit: Literal["month", "quarter"] = Field(description="length of the periods")
    rows: tuple[Cohort, ...] = Field(description="one a period with new customers")


class Period(Result):
    """Purchases as placed in one week, month or quarter, before refunds."""

    start: date = Field(description="its first day")
    new: float = Field(description="money of first purchases")
    returning: float = Field(description="money of later purchases")
    complete: bool = Field(description="whether it ended before the cutoff")


class Revenue(Result):
    """Purchases as placed over time, with no period left out."""

    unit: Literal["week", "month", "quarter"] = Field(description="length of the periods")
    rows: tuple[Period, ...] = Field(description="one a period, oldest first")


class Shop(Result):
    """The shop as it looked to somebody standing at the cutoff.

    Money in currency units, shares from 0 to 1; what cannot be said (the median gap of a
    one-day shop) is None. A purchase is the ``order`` lines of one customer, order and day.
    *Returning* means: not the customer's first purchase in this history; somebody who bought
    before the history began counts as new once.
    """

    cutoff: date = Field(description="first day not seen")
    currency: str = Field(description="ISO code; empty where unknown")
    lines: int = Field(description="order lines seen")
    orders: int = Field(description="purchases, those cancelled or sent back later too")
    refunds: int = Field(description="refunds, one a customer, order and day")
    customers: int = Field(description="customers with a purchase")
    first_day: date | None = Field(description="day of the first purchase; None without any")
    last_day: date | None = Field(description="day of the last purchase; None without any")
    days_seen: int = Field(description="days from the first purchase to the cutoff")
    gross_revenue: float = Field(description="purchases as placed")
    refunded: float = Field(description="what was cancelled or sent back")
    net_revenue: float = Field(description="purchases with refunds taken off")
    refunded_share: float | None = Field(description="refunded of gross_revenue")
    repeat_share: float | None = Field(description="customers with two purchases or more, of all")
    one_time_share: float | None = Field(description="customers with one purchase, of all")
    returning_revenue_share: float | None = Field(
        description="of gross_revenue, purchases of customers with an earlier one; first purchases "
        "are none of these"
    )
    repeat_revenue_share: float | None = Field(
        description="of gross_revenue, purchases of customers with two or more, their first too"
    )
    returning_orders_share: float | None = Field(description="of orders, later purchases")
    first_basket_mean: float | None = Field(description="money of a first purchase, on average")
    later_basket_mean: float | None = Field(description="money of a later purchase, on average")
    top_tenth_revenue_share: float | None = Field(
        description="of gross_revenue, from the tenth of customers who spent most"
    )
    top_customer_revenue_share: float | None = Field(
        description="of gross_revenue, from the one customer who spent most"
    )
    gap_median_days: float | None = Field(description="gaps.p50")
    gaps: Gaps = Field(description="days between purchases")
    active: tuple[Active, ...] = Field(
        description="a row for each length that the history is long enough for"
    )
    cohorts: Cohorts | None = Field(description="None before any period after a first one closed")
    revenue: Revenue | None = Field(description="None without purchases")
