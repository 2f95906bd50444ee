"""What a campaign changed: arms compared as assigned, with intervals, and what it earned."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from winback.results.base import Fact, Result
from winback.results.offered import Label

Metric = Literal["returned", "orders", "net_spend"]
Amounts = Literal["before_discount", "after_discount"]
Found = Literal["works", "harms", "not_distinguishable", "too_few"]
Problem = Literal[
    "no_control",
    "no_treated",
    "customer_in_both_arms",
    "sample_ratio",
    "arms_differ",
    "split_by_day",
    "ids_lost",
    "gap_in_window",
    "not_sent",
]


class Interval(Result):
    """A difference of the arms with its 95 % interval."""

    effect: float | None = Field(description="treated less control")
    low: float | None = Field(description="lower end (95 %); null: no interval")
    high: float | None = Field(description="upper end")


class Adjusted(Interval):
    """The same with what was known before the draw taken out."""

    variance_removed: float | None = Field(description="share of the variance that this removed")


class RatioInterval(Result):
    """A ratio of the arms with its 95 % interval."""

    value: float | None = Field(description="treated over control")
    low: float | None = Field(description="lower end (95 %)")
    high: float | None = Field(description="upper end")


class MetricEffect(Interval):
    """One metric in both arms."""

    mean_treated: float | None = Field(description="mean of those with an offer; null for nobody")
    mean_control: float | None = Field(description="mean of the control; null for nobody")
    relative: float | None = Field(description="the effect as a share of the control's mean")
    cuped: Adjusted | None = Field(
        description="with past behaviour taken out; null: nothing to fit"
    )
    stratified: Interval | None = Field(description="within strata; null without strata")
    cace: Interval | None = Field(description="per message really sent; null without that file")
    minimal_detectable_effect: float | None = Field(
        description="smallest change that a campaign of this size had an 80 % chance to find"
    )


class CovariateBalance(Result):
    """One thing known before the draw, in both arms."""

    covariate: str = Field(description="what was known")
    scale: Literal["share", "log", "root"] = Field(description="on which scale it is compared")
    mean_treated: float | None = Field(description="mean of those with an offer")
    mean_control: float | None = Field(description="mean of the control")
    standardised_difference: float | None = Field(
        description="difference in standard deviations, near zero; null where nothing varies"
    )
    p: float | None = Field(description="chance of a difference as large by the draw alone")


class Profit(Result):
    """What the campaign earned: the margin it added less discounts and contacts."""

    per_customer: float | None = Field(description="a customer with an offer")
    low: float | None = Field(description="lower end of its 95 % interval")
    high: float | None = Field(description="upper end")
    total: float | None = Field(description="of the whole campaign")
    total_low: float | None = Field(description="lower end")
    total_high: float | None = Field(description="upper end")
    margin_added: float | None = Field(description="before discounts and contacts")
    margin_added_low: float | None = Field(description="lower end")
    margin_added_high: float | None = Field(description="upper end")
    discounts: float | None = Field(description="discounts paid")
    contacts: float | None = Field(description="contacts paid")
    offer_cost: float | None = Field(description="both together")
    return_on_cost: float | None = Field(description="profit over that; null where it is nothing")
    return_on_cost_low: float | None = Field(description="lower end")
    return_on_cost_high: float | None = Field(description="upper end")
    amounts: Amounts = Field(description="what the orders' amounts are")
    n_contacts: int | None = Field(default=None, description="contacts paid for")
    per_contact: float | None = Field(default=None, description="profit a contact")
    per_contact_low: float | None = Field(default=None, description="lower end")
    per_contact_high: float | None = Field(default=None, description="upper end")
    came_anyway: RatioInterval | None = Field(
        default=None,
        description="share of the discounts paid on orders that would have come without the offer",
    )
    contact_assumed: bool = Field(
        default=False, description="whether the price of a contact is assumed and not the shop's"
    )
    pays_below: float | None = Field(
        default=None,
        description="price of a contact up to which it pays; null where none or not known",
    )


class Versus(Result):
    """One offer against another, among customers who could have been drawn either."""

    offer: str = Field(description="one offer")
    against: str = Field(description="the other")
    n: int = Field(description="customers with the one")
    n_against: int = Field(description="customers with the other")
    effect: Interval = Field(description="by the campaign's metric, the one less the other")
    profit: Interval | None = Field(description="of profit a customer; null: terms not known")
    p: float | None = Field(description="two-sided p of the effect")
    p_holm: float | None = Field(description="the same, corrected for the number of pairs")
    verdict: Found = Field(description="by `p_holm`: `works` is the one better than the other")


class Later(Result):
    """What had come of it so many days after the assignment, from its first day on."""

    days: int = Field(description="days after `assigned_at`")
    orders: Interval = Field(description="effect on purchases a customer, in all these days")
    net_spend: Interval = Field(description="effect on net spend a customer, in all these days")
    orders_after_window: Interval | None = Field(
        description="effect on purchases after the window alone: below 0, moved forward; null "
        "where the window is as long"
    )


class GroupEffect(Interval):
    """One part of the campaign against its own control, by the campaign's metric."""

    n_treated: int = Field(description="customers with an offer")
    n_control: int = Field(description="customers held out")
    mean_treated: float | None = Field(description="mean of those with an offer")
    mean_control: float | None = Field(description="mean of the control")
    p: float | None = Field(description="two-sided p of the effect")
    p_holm: float | None = Field(description="the same, corrected for the number of parts")
    verdict: Found = Field(description="by `p_holm`")
    returned: Interval = Field(description="effect on the share that returned")
    orders: Interval = Field(description="effect on purchases a customer")
    net_spend: Interval = Field(description="effect on net spend a customer")
    hazard_ratio: RatioInterval | None = Field(
        description="how many times faster the treated returned"
    )
    orders_ratio: RatioInterval | None = Field(
        description="how many times as many they ordered, past behaviour taken out"
    )


class SegmentRatio(Result):
    """What carries over to other customers of one segment of an offer."""

    segment: str = Field(description="the segment")
    n_treated: int = Field(description="customers with the offer")
    n_control: int = Field(description="customers held out")
    hazard_ratio: RatioInterval | None = Field(description="how many times faster they returned")
    orders_ratio: RatioInterval | None = Field(description="how many times as many they ordered")


class SegmentRatios(Result):
    """An offer's ratios by segment."""

    column: str = Field(description="column of the assignment that parts the customers")
    rows: tuple[SegmentRatio, ...] = Field(description="one a segment with two in each arm")


class OfferEffect(GroupEffect):
    """One offer against its own control."""

    offer: str = Field(description="the offer")
    profit: Profit | None = Field(
        default=None, description="what this offer earned; null where its terms are not known"
    )
    by_segment: SegmentRatios | None = Field(description="its ratios by segment, for later lists")


class SegmentEffect(GroupEffect):
    """One segment against its own control."""

    segment: str = Field(description="the segment")


class SegmentEffects(Result):
    """The effect by what was known before the draw."""

    column: str = Field(
        description="the assignment's `segment`, `risk_band` or `stratum`, else `p_return`"
    )
    rows: tuple[SegmentEffect, ...] = Field(description="one a segment with two in each arm")


class AfterWindow(Interval):
    """Orders in as many days after the window; below 0: moved forward rather than won."""

    mean_treated: float | None = Field(description="orders a customer with an offer")
    mean_control: float | None = Field(description="orders a customer of the control")
    both_windows: Interval = Field(description="effect on the orders of both windows together")


class SentShares(Result):
    """What the CRM says it sent, and which rows of its file were left out."""

    n_treated_sent: int = Field(description="customers with an offer who were sent one")
    share_treated_sent: float | None = Field(description="the same as a share")
    n_control_sent: int = Field(description="customers of the control who were sent one")
    share_control_sent: float | None = Field(description="the same as a share")
    other_offer: int = Field(description="of those with an offer, who were sent another")
    rows: int = Field(description="rows read")
    not_assigned: int = Field(description="rows of customers who are not in the assignment")
    never_left: int = Field(description="rows of messages that never left")
    outside_window: int = Field(description="rows sent before the assignment or after the window")
    repeated: int = Field(description="further rows of a customer")


class InOrders(Result):
    """How many of each arm had ordered before the assignment.

    A join broken on one side shows here. Where the orders begin with the assignment: how many of
    each arm they know at all, if that is nobody of one.
    """

    share_treated: float | None = Field(description="share of those with an offer")
    share_control: float | None = Field(description="share of the control")
    p: float | None = Field(description="chance of a difference as large by the draw alone")


class WindowRead(Result):
    """The days in which orders count, and whether the orders cover them."""

    closes_on: date = Field(description="last day of the last customer's window")
    seen_until: date = Field(
        description="last day that the orders cover, by the shop's own pace of orders"
    )
    gaps: tuple[tuple[date, date], ...] = Field(
        description="first and last day of runs of days without any order of the shop that its "
        "own volume makes incredible, in the window"
    )


class Looks(Result):
    """A campaign read before the day it was sealed for, or more than once."""

    sealed_days: int | None = Field(
        description="days of the window it was sealed with; null where none was, and it was read "
        "with several"
    )
    early: bool = Field(description="whether this reading is of fewer days")
    number: int = Field(
        description="readings of different windows so far with this one; the same window read "
        "again is the same reading"
    )
    windows: tuple[int, ...] = Field(
        default=(), description="days of each of these windows, the first one read first"
    )
    always_valid: Interval | None = Field(
        description="interval of the metric that holds however often it is looked at, and has "
        "the verdict where it is there; null for a first reading of the sealed window, or of a "
        "longer one"
    )


class Foretold(Result):
    """What was foretold against what came."""

    predicted: float | None = Field(description="what was foretold")
    realised: float | None = Field(description="what came")
    low: float | None = Field(description="lower end of its 95 % interval")
    high: float | None = Field(description="upper end")


class ScoreForetold(Foretold):
    """The chance of a return, judged on the control within the days it spoke of."""

    days: int = Field(description="days the score spoke of")


class Predicted(Result):
    """What was foretold; null where nothing was."""

    p_return: ScoreForetold | None = Field(description="chance of a return, on the control")
    effect: Foretold | None = Field(description="effect of the offers on the share that returned")
    gain: Foretold | None = Field(description="gain of the whole campaign")


class Measurement(Result):
    """What a campaign changed, as assigned; written as measurement.json."""

    campaign_id: str | None = Field(
        default=None, description="its name in `measure.campaigns`; null for one measured by itself"
    )
    verdict: Found | Literal["invalid"] = Field(
        description="of the measure named in `metric`, as assigned"
    )
    metric: Metric = Field(description="the measure named before the campaign")
    window_days: int = Field(description="how long orders counted")
    assigned_from: date = Field(description="day of the first assignment")
    assigned_to: date = Field(description="day of the last")
    history_until: date = Field(description="last day the orders cover")
    n: dict[str, int] = Field(description="customers by arm")
    n_treated: int = Field(description="customers with an offer")
    n_control: int = Field(description="customers held out")
    n_in_orders: int = Field(description="how many of both the orders know")
    repeated_rows: int = Field(description="rows that repeated a customer")
    in_both_arms: int = Field(description="customers in both arms")
    mended: tuple[str, ...] = Field(
        description="what was put right (`leading_zeros`, `assigned_at_cut_to_days`)"
    )
    srm_p: float | None = Field(
        description="chance of a split this far from the drawn one; below 0.001: `invalid`"
    )
    srm_against: Literal["probability", "control_share", "equal_split", "unknown"] = Field(
        description="where the drawn split is known from"
    )
    returned: MetricEffect = Field(description="share that returned")
    orders: MetricEffect = Field(description="purchases a customer")
    net_spend: MetricEffect = Field(description="net spend a customer")
    minimal_detectable_effect: float | None = Field(
        description="smallest change of the metric that a campaign of this size had an 80 % "
        "chance to find"
    )
    problems: tuple[Problem, ...] = Field(
        description="what makes it invalid: `no_control`, `no_treated`, "
        "`customer_in_both_arms`, `sample_ratio`, `arms_differ` (before the draw), "
        "`split_by_day` (the split changes with `assigned_at`), `ids_lost` (of one arm), "
        "`not_sent` (by the file of what was sent, no more of the treated than of the control), "
        "`gap_in_window` (days without any order that are incredible)"
    )
    compared_within: Literal["days", "strata"] | None = Field(
        default=None,
        description="where the arms are comparable only within days of assignment or strata, and "
        "were compared so; null: as a whole",
    )
    least_in_arm: int | None = Field(
        default=None, description="customers an arm needs; with fewer the verdict is `too_few`"
    )
    split_by_day_p: float | None = Field(
        default=None, description="chance of arms shared as unevenly over the days of assignment"
    )
    in_orders: InOrders | None = Field(
        default=None,
        description="how many of each arm had ordered before; null without two arms",
    )
    balance_p: float | None = Field(
        default=None,
        description="chance of arms that differ as much in all that was known before the draw; "
        "null where that is nothing, or of too few",
    )
    window: WindowRead | None = Field(default=None, description="the days in which orders count")
    looks: Looks | None = Field(
        default=None,
        description="early and repeated readings; null where the sealed window is not known",
    )
    cautions: tuple[Fact, ...] = Field(description="what to know beside the verdict")
    sent: SentShares | None = Field(description="what the CRM sent; null without its file")
    balance: tuple[CovariateBalance, ...] = Field(description="the arms before the draw")
    by_offer: tuple[OfferEffect, ...] = Field(description="each offer against its own control")
    by_segment: SegmentEffects | None = Field(description="the effect by segment")
    after_window: AfterWindow | None = Field(
        description="orders in as many days after the window; null until they have passed"
    )
    later: tuple[Later, ...] = Field(
        default=(), description="30, 60 and 90 days later, as far as the orders reach"
    )
    versus: tuple[Versus, ...] = Field(
        default=(), description="each pair of offers that were drawn by lot"
    )
    came_anyway_share: RatioInterval | None = Field(
        description="of the treated who returned, those who would have come without"
    )
    profit: Profit | None = Field(description="what it earned; null where the offers are not known")
    predicted: Predicted | None = Field(description="what was foretold against what came")
    currency: str = Field(default="", description="ISO code of its money; empty: nobody said it")
    labels: dict[str, Label] = Field(
        default_factory=dict, description="what the offers are called, by name"
    )
    pays_from: float | None = Field(
        default=None,
        description="change of the share that returned from which the offers pay, by their terms, "
        "the discounts taken and what the control spent; null where the terms are not known, or "
        "the discounts leave no margin",
    )
    next_steps: tuple[Fact, ...] = Field(
        default=(), description="what to do next, the first thing first"
    )


class Added(Result):
    """What a programme added in all."""

    orders: Interval = Field(description="purchases")
    net_spend: Interval = Field(description="net spend")


class ProgrammeMeasurement(Measurement):
    """What all campaigns of a time changed together, by the customers none of them reached."""

    total: Added = Field(description="what it added in all, before margins and costs")
    campaigns: int | None = Field(description="campaigns in that time; null without a history")
    planned_share: float | None = Field(description="share of `programme` planned for any")
    planned_holdout: int | None = Field(
        description="held-out customers planned all the same, who make the difference smaller"
    )


class Awaited(Result):
    """A campaign whose window is still open: nothing is read before it closes."""

    campaign_id: str | None = Field(default=None, description="its name in `measure.campaigns`")
    verdict: None = Field(default=None, description="none yet")
    closes_on: date = Field(description="last day of the last window")


class _Kept(Result):
    """A part of a measurement of any version; what else it holds is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)


class PastRatio(_Kept):
    """A ratio with its interval."""

    value: float | None = Field(default=None, description="treated over control")
    low: float | None = Field(default=None, description="lower end (95 %)")
    high: float | None = Field(default=None, description="upper end")


class PastSegment(_Kept):
    """Ratios of one segment."""

    segment: str = Field(description="the segment")
    hazard_ratio: PastRatio | None = Field(default=None, description="of first orders")
    orders_ratio: PastRatio | None = Field(default=None, description="of all orders")


class PastSegments(_Kept):
    """Ratios by segment."""

    column: str = Field(description="column that parts the customers")
    rows: tuple[PastSegment, ...] = Field(description="one a segment")


class PastEffect(_Kept):
    """The effect of an offer, or of a whole campaign, on the share that returned."""

    offer: str | None = Field(default=None, description="the offer; null for the whole campaign")
    effect: float | None = Field(default=None, description="treated less control, a share")
    low: float | None = Field(default=None, description="lower end (95 %)")
    high: float | None = Field(default=None, description="upper end")
    mean_control: float | None = Field(default=None, description="share of the control")
    hazard_ratio: PastRatio | None = Field(default=None, description="of first orders")
    orders_ratio: PastRatio | None = Field(default=None, description="of all orders")
    by_segment: PastSegments | None = Field(default=None, description="ratios by segment")


class PastDifference(_Kept):
    """A difference of the arms with its interval."""

    effect: float | None = Field(default=None, description="treated less control")
    low: float | None = Field(default=None, description="lower end (95 %)")
    high: float | None = Field(default=None, description="upper end")


class PastLater(_Kept):
    """What had come of it so many days after the assignment."""

    days: int = Field(description="days after `assigned_at`")
    orders: PastDifference = Field(description="effect on purchases in all these days")
    orders_after_window: PastDifference | None = Field(
        default=None, description="effect on purchases after the window alone"
    )


class PastMeasurement(_Kept):
    """What a later plan takes from a measurement.json, of this version or one before."""

    verdict: str | None = Field(default=None, description="null while the window is open")
    problems: tuple[str, ...] = Field(default=(), description="what makes it invalid")
    window_days: int | None = Field(default=None, description="how long orders counted")
    metric: str = Field(default="returned", description="the measure of `by_offer`")
    by_offer: tuple[PastEffect, ...] = Field(default=(), description="by offer")
    later: tuple[PastLater, ...] = Field(default=(), description="30, 60 and 90 days later")
    returned: PastEffect | None = Field(default=None, description="of the whole campaign")
