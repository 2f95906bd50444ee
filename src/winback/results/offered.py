"""An offer: what the catalogue declares of it, and what a list that left has promised."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from winback.errors import UsageError
from winback.results.base import Result
from winback.results.reacted import RestsOn

CONTROL = "control"
# How an offer is sent that does not say it.
USUAL_CHANNEL = "email"

Kind = Literal[
    "percent_off",
    "amount_off",
    "free_delivery",
    "gift",
    "points",
    "early_access",
    "content",
    "call",
    "referral",
]
# What was sent back takes its part of these along; a parcel delivered and a gift stay paid.
IN_PROPORTION = ("percent_off", "amount_off", "points")
# Kinds that cannot be without an amount, and those that have no discount: the contact costs.
_NEED_AMOUNT = ("amount_off", "free_delivery", "gift")
_ONLY_CONTACT = ("early_access", "content", "call")


class Label(Result):
    """An offer's name as the customer-facing team reads it, in both report languages."""

    en: str = Field(max_length=200, description="in English")
    pl: str = Field(max_length=200, description="in Polish")


class Offer(Result):
    """One entry of the catalogue: what it costs, who may get it, what it is known to do.

    Money is in the currency of the orders. ``discount_share`` is a share of the order's
    value, ``discount_amount`` an amount an order (delivery, gift, points or the referrer's
    reward at cost); an offer with neither is a contact alone. It is paid on the orders that
    use it: on ``redemption_share`` of those that reach ``min_basket``, up to ``max_uses`` of
    them. A customer whose expected order is below ``min_basket`` is not eligible: for her it
    would be a contact without a discount, which is another offer.

    ``effect_pp`` is the change of the chance of an order within ``valid_days``, in percentage
    points, as a mean over those who may get it (each customer's follows from one ratio of
    hazards, see :mod:`winback.offers.worth`), with ``effect_low_pp`` and ``effect_high_pp`` as
    its 95 % interval (stated without one, it may be nothing or twice as much); null means
    nobody has measured it yet.
    ``effect_from`` names the measurement to take it from, ``effect_by_segment`` whether each
    of its segments gets an effect of its own. ``pull_forward_share`` of the
    orders it wins would have come later without it and earn no margin.

    At most one offer goes to a customer in a campaign. Offers of one ``group`` also exclude
    each other over time: who was planned one within ``not_again_days`` gets none of them.
    """

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="lower-case letters, digits and `_`; not `control`",
    )
    kind: Kind = Field(
        description="`percent_off`, `amount_off`, `free_delivery`, `gift`, `points`, "
        "`early_access`, `content`, `call` or `referral`"
    )
    discount_share: float | None = Field(
        default=None, gt=0, le=1, description="share of the order's value; `percent_off` needs it"
    )
    discount_amount: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="what it costs an order; `amount_off`, `free_delivery` and `gift` need it, "
        "`points` this or `discount_share`",
    )
    contact_cost: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="cost of one contact; null: unknown, what the channel usually costs is assumed",
    )
    margin_share: float = Field(gt=0, le=1, description="margin of an order before the discount")
    min_basket: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="smallest order it holds for; customers whose expected order is smaller are "
        "not eligible",
    )
    redemption_share: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="share of the orders it holds for that really use it",
    )
    max_uses: int | None = Field(
        default=1,
        ge=1,
        description="on how many orders a customer can use it within `valid_days`; null: on all",
    )
    eligible: str = Field(
        default="",
        description="a condition on columns of the scores and snapshots: names, numbers, "
        "`'text'`, `+ - * /`, comparisons, `in [...]`, `and`, `or`, `not`; empty: everybody",
    )
    for_complaint: bool = Field(
        default=False,
        description="true: only for customers with an open complaint "
        "(`target.complaint_column`), who get nothing else",
    )
    channel: str = Field(default=USUAL_CHANNEL, max_length=40, description="how it is sent")
    valid_days: int = Field(
        ge=1, le=3650, description="days it holds from the day it leaves (`target.send_on`)"
    )
    stock: int | None = Field(
        default=None, ge=0, description="most customers who can be sent it; null: no limit"
    )
    group: str | None = Field(
        default=None,
        max_length=40,
        description="name of a group of offers that exclude each other for `not_again_days`",
    )
    not_again_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        description="days after being planned this offer, or one of its `group`, in which a "
        "customer is planned none of them; needs `target.history`",
    )
    effect_pp: float | None = Field(
        default=None,
        ge=-100,
        le=100,
        description="points by which it raises the chance of an order within `valid_days`, on "
        "average over the eligible; null: unknown, so the list is the test that measures it",
    )
    effect_low_pp: float | None = Field(
        default=None,
        ge=-100,
        le=100,
        description="lower end of its 95 % interval; null: a stated effect may be nothing "
        "or twice as much",
    )
    effect_high_pp: float | None = Field(default=None, ge=-100, le=100, description="upper end")
    effect_source: Literal["stated", "measured", "learned"] | None = Field(
        default=None,
        description="`stated` (an assumption) or `measured`, where `effect_pp` is given; `learned` "
        "is what lists that left have taught, and never stated",
    )
    effect_from: str | None = Field(
        default=None,
        description="a `measurement.json` to take both from, drawn towards nothing as "
        "its width deserves; instead of `effect_pp`",
    )
    effect_by_segment: bool = Field(
        default=False,
        description="true: each segment of that measurement keeps an effect of its own, drawn "
        "towards the whole's as far as the segments do not differ beyond chance; false: one for "
        "all",
    )
    pull_forward_share: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="share of the orders it wins that would have come later without it",
    )
    label: Label = Field(description="its name for people: `{en: ..., pl: ...}`")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Offer:
        if problem := self._problem():
            raise UsageError(f"offers.{problem}", offer=self.name, kind=self.kind)
        return self

    def _problem(self) -> str | None:
        """What is wrong between keys, if anything."""
        share, amount = self.discount_share is not None, self.discount_amount is not None
        interval = (self.effect_low_pp, self.effect_high_pp)
        if self.name == CONTROL:
            return "called_control"
        if share and amount:
            return "share_and_amount"
        if self.kind == "percent_off" and not share:
            return "needs_share"
        if self.kind in _NEED_AMOUNT and not amount:
            return "needs_amount"
        if self.kind == "points" and not (share or amount):
            return "needs_either"
        if self.kind in _ONLY_CONTACT and (share or amount):
            return "only_contact"
        if self.group is not None and self.not_again_days is None:
            return "group_without_days"
        if self.effect_from is not None and self.effect_pp is not None:
            return "two_effects"
        if self.effect_by_segment and self.effect_from is None:
            return "segments_without_measurement"
        if self.effect_pp is None:
            if self.effect_source is not None:
                return "source_without_effect"
            return "interval_without_effect" if interval != (None, None) else None
        if self.effect_source is None:
            return "effect_without_source"
        if self.effect_source == "learned" and not isinstance(self, TaughtOffer):
            return "learned_by_hand"
        low, high = interval
        if (low is None) != (high is None):
            return "half_an_interval"
        if low is not None and high is not None and not low <= self.effect_pp <= high:
            return "effect_outside_interval"
        return None


class Ratios(Result):
    """What a campaign changed, as ratios that carry over to other customers, with 95 % intervals.

    ``hazard_ratio``: how many times faster the treated came back. ``orders_ratio``: how many
    times as many they ordered; null where the measurement does not have it.
    """

    hazard_ratio: float = Field(
        gt=0, allow_inf_nan=False, description="how many times faster the treated came back"
    )
    hazard_ratio_low: float = Field(gt=0, allow_inf_nan=False, description="lower end (95 %)")
    hazard_ratio_high: float = Field(gt=0, allow_inf_nan=False, description="upper end")
    orders_ratio: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="how many times as many they ordered; null where it was not measured",
    )
    orders_ratio_low: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="lower end (95 %)"
    )
    orders_ratio_high: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="upper end"
    )

    @property
    def hazards(self) -> tuple[float, float, float]:
        """The ratio of hazards and the ends of its interval."""
        return self.hazard_ratio, self.hazard_ratio_low, self.hazard_ratio_high

    @property
    def orders(self) -> tuple[float, float, float] | None:
        """The ratio of orders and the ends of its interval."""
        ends = (self.orders_ratio, self.orders_ratio_low, self.orders_ratio_high)
        return None if None in ends else ends  # type: ignore[return-value]


class MeasuredOffer(Offer, Ratios):
    """An offer with the ratios that a campaign found, drawn towards one.

    They are those of the arms as a whole; ``segments`` has those of customers with each value
    of the column ``segment_column``, where wanted. ``effect_pp`` is what the ratio of hazards
    makes in points at the return rate of that campaign's control. Lists for people who return
    more or less often take the ratios, not those points.
    """

    segment_column: str | None = Field(
        default=None, description="column of the scores by which `segments` are told apart"
    )
    segments: dict[str, Ratios] = Field(
        default_factory=dict, description="ratios of its own for each value of that column"
    )


class TaughtOffer(Offer):
    """An offer with what lists that left have taught of it.

    Where its mean effect is shown, for good or ill, ``effect_pp`` is what that makes in points at
    the chances of those it was planned for, and ``effect_source`` is ``learned``; customers have
    ratios of their own (`winback.offers.reactions`). Else its effect is unknown still, and at best
    what its readings leave possible.
    """

    rests_on: RestsOn = Field(description="what that rests on")
