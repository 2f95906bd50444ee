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
        description="a row for 30, 60, 90, 180, 365 and 730 days, as far as 20 customers were seen "
        "or the interval is no wider than 10 points"
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


Kind = Literal["product", "category", "attribute", "signal", "refund", "value"]


class Beginning(Result):
    """Customers whose first purchase was of one kind, beside those who began in the same month."""

    kind: Kind = Field(
        description="what tells them apart: a product or category of the first purchase, an "
        "attribute as it was known that day, a signal or a refund within `landmark_days` of it, "
        "its value"
    )
    name: str | None = Field(description="name of the attribute or signal; null for other kinds")
    level: str = Field(
        description="which: name or id of the product, the category, the attribute's value; of the "
        "value `low`, `middle` or `high`, a third each; empty for a signal or refund"
    )
    customers: int = Field(description="how many of them")
    share: float = Field(description="of them, those with a second purchase within the days")
    beside: float = Field(
        description="of the others, weighted to the same months of the first purchase"
    )
    difference: float = Field(description="`share` less `beside`")
    low: float = Field(
        description="lower end of its interval, so wide that of the groups that are `apart` at "
        "most 5 % miss (Benjamini and Yekutieli 2005)"
    )
    high: float = Field(description="upper end")
    apart: bool = Field(
        description="whether the difference holds beside all that were compared (Benjamini and "
        "Hochberg 1995, at most 5 % false)"
    )


class Compared(Result):
    """How many groups of a kind there were."""

    kind: Kind = Field(description="the kind")
    compared: int = Field(description="groups of at least 50 customers beside at least 50 others")
    apart: int = Field(description="those that differ from the others")


class Beginnings(Result):
    """Who comes back by how the first purchase was; no proof of what brings them back."""

    days: int = Field(
        description="a second purchase counts within so many days of the first; of signals and "
        "refunds, of the day on which `landmark_days` were over"
    )
    landmark_days: int = Field(
        description="signals and refunds count within so many days; compared are then those who "
        "had not bought again by that day"
    )
    customers: int = Field(description="customers whose first purchase was long enough ago")
    share: float = Field(description="of them, those with a second purchase in time")
    private: int = Field(
        description="products, categories and levels left out, whose names hint at something "
        "private"
    )
    kinds: tuple[Compared, ...] = Field(description="a row a kind that was there to compare")
    groups: tuple[Beginning, ...] = Field(
        description="of products and categories those apart, the four worst and four best; of all "
        "other kinds all, sixteen at most; the worst first"
    )


class CartsLeft(Result):
    """Carts of so many last days and what came after them.

    A cart is what a customer left on one day.
    """

    days: int = Field(description="of so many days up to the last seen")
    carts: int = Field(description="carts left in them")
    customers: int = Field(description="customers who left them")
    before_first: int = Field(
        description="carts from before a first purchase: whoever never bought is not known, so "
        "what came of them says nothing"
    )
    recent: int = Field(description="carts of the last seven days, of which nothing is told yet")
    followed: int = Field(description="the others; of these:")
    within_1: int = Field(description="followed by a purchase on the day or the next")
    within_3: int = Field(description="by the third day")
    within_7: int = Field(description="by the seventh day")
    later: int = Field(description="later than that")
    not_since: int = Field(description="by none so far")
    named: int = Field(
        description="carts of `followed` that name a product which the shop has sold"
    )
    same_product: int = Field(description="followed by a purchase of such a product by day seven")


class CartsBeside(Result):
    """Purchases after carts beside those of the same customers at other times."""

    carts: int = Field(
        description="carts of the last year for which both other times lie within the history"
    )
    share: float = Field(description="of them, those followed by a purchase by the seventh day")
    usual: float = Field(
        description="the same four weeks before the cart and four weeks after it, on average"
    )
    difference: float = Field(description="`share` less `usual`")
    low: float = Field(
        description="lower end of its 95 % interval; a customer's carts count as one"
    )
    high: float = Field(description="upper end")


class Carts(Result):
    """Carts that were left, from signals."""

    names: tuple[str, ...] = Field(description="names of the signals that are taken for carts")
    periods: tuple[CartsLeft, ...] = Field(description="the last 90 and 365 days")
    beside: CartsBeside | None = Field(description="null for fewer than 50 carts to compare")
    open_customers: int = Field(
        description="customers whose last cart of the last 90 days no purchase has followed"
    )
    open_value: float | None = Field(
        description="what those last carts were worth by the signals' own values; null where they "
        "have none"
    )
    fresh_days: int = Field(description="days for which a cart leads the message")
    fresh_customers: int = Field(description="of `open_customers` those with a cart so young")


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
    beginnings: Beginnings | None = Field(
        description="who comes back by how the first purchase was; null where too few customers "
        "began long enough ago"
    )
    carts: Carts | None = Field(description="carts that were left; null without such signals")
