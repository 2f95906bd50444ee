"""A planned campaign in totals: what it costs and brings, and what it can show."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Fact, Result
from winback.results.reacted import RestsOn


class ArmPlan(Result):
    """One arm of the list as drawn: an offer's, or the control's."""

    n: int = Field(description="customers in the arm")
    expected_cost: float = Field(description="contacts and discounts expected to be paid")
    expected_gain: float | None = Field(
        description="null where the offer's effect is unknown; only explored, it counts as "
        "changing nothing"
    )
    effect_source: Literal["stated", "measured", "learned"] | None = Field(
        description="where the effect is known from; null: unknown, or control"
    )
    effect_pp: float | None = Field(description="points it adds to the chance of an order")
    effect_low_pp: float | None = Field(description="lower end of its 95 % interval")
    effect_high_pp: float | None = Field(description="upper end")
    rests_on: RestsOn | None = Field(
        None, description="what lists that left have taught of it; null: none, or control"
    )


class LimitUse(Result):
    """What a limit allows, and what of it the list is expected to use."""

    amount: int | float = Field(description="the most, in money, contacts or pieces")
    used: float = Field(description="what the list as drawn is expected to use")
    price: float = Field(description="gain that one more unit would bring")


class Power(Result):
    """What a campaign of this size could see."""

    mde_pp: float | None = Field(
        description="smallest rise of the return rate, in points, that groups of these sizes "
        "find with 80 % power, by the interval of the reading; null: none, or a group has too "
        "few customers for a verdict"
    )
    n_needed_per_arm: int | None = Field(
        description="customers in each of two equal groups needed to see `effect_pp`"
    )
    effect_pp: float | None = Field(
        description="effect looked for, in points: the known one, else the smallest that pays"
    )
    plausible_pp: float | None = Field(
        default=None,
        description="largest effect that is plausible, in points; null where effects are known",
    )


class OfferTrial(Result):
    """What testing one offer of unknown effect is good for."""

    n_treated: int = Field(description="customers who get it")
    n_control: int = Field(description="customers it was planned for who are held out")
    p_order: float = Field(description="their mean chance of an order without it")
    break_even_pp: float = Field(description="points from which it pays")
    mde_pp: float | None = Field(description="smallest change its two arms show, in points")
    n_treated_needed: int | None = Field(
        description="treated needed, at this split, to show an effect that just pays"
    )
    n_control_needed: int | None = Field(description="control needed for the same")
    campaigns_needed: int | None = Field(description="campaigns of this size that makes")
    tellable: bool = Field(
        default=True,
        description="whether ten campaigns of this size or fewer would tell whether it pays",
    )
    cost: float = Field(description="what of the expected cost is lost if it changes nothing")
    value: float = Field(description="expected worth of the reading for the next campaign")
    value_if_certain: float = Field(description="the same if the reading had no error")


class BestTest(Result):
    """Of several offers of unknown effect the one that is best tested by itself."""

    offer: str = Field(description="its name")
    n_treated: int = Field(description="customers who would get it: all the planned who can")
    n_control: int = Field(description="those of them who are held out")
    break_even_pp: float = Field(description="points from which it pays")
    mde_pp: float | None = Field(description="smallest change that test shows, in points")
    cost: float = Field(description="what it loses if the offer changes nothing")
    value: float = Field(description="expected worth of the reading for the next campaign")


class Trial(Result):
    """The test that the list is where effects are unknown."""

    readable_on: date | None = Field(description="day on which its windows have closed")
    window_days: int = Field(description="days in which orders count")
    alpha: float = Field(description="5 % shared between the tested offers")
    power: float = Field(description="chance to find an effect of `mde_pp`")
    offers: dict[str, OfferTrial] = Field(description="each offer of unknown effect")
    best: BestTest | None = Field(
        default=None,
        description="which of several is best tested by itself; null for one alone, or where no "
        "test is worth what it costs",
    )


class ExploredOffer(Result):
    """One offer's part of what is explored."""

    n_listed: int = Field(description="explored customers who get it")
    cost: float = Field(description="what they are expected to bring less than their best offer")
    worth: float = Field(description="what its reading is expected to bring the lists after this")


class Exploration(Result):
    """The part of a list that is dealt evenly over the offers, to learn their effects."""

    n_planned: int = Field(description="explored customers, both arms")
    n_listed: int = Field(description="those of them who get an offer")
    cost: float = Field(
        description="what the listed of them are expected to bring less than the best offer for "
        "each, or none, would; an offer of unknown effect counts as changing nothing"
    )
    worth: float = Field(
        description="what the lists after this are expected to bring more by what it teaches, in "
        "`lists` of them: the value of the reading of each effect, less that of a list without "
        "exploration; what customers differ in is not reckoned with"
    )
    lists: int = Field(description="lists that left in the year before, or 1: as many are to come")
    rests_on: Literal["intervals", "assumed"] = Field(
        description="how wide the effects are thought to be: by `intervals` that were measured, or "
        "partly `assumed` (stated without one, or the plausible effect of an unknown one)"
    )
    offers: dict[str, ExploredOffer] = Field(description="by offer explored")


class WornOut(Result):
    """What earlier lists leave of the effects that the plan reckons with."""

    source: Literal["stated", "learned", "assumed"] = Field(
        description="who says how much: `target.wear_share` (`stated`), lists that left "
        "(`learned`) or nobody (`assumed`)"
    )
    share: float = Field(
        description="what a list with the same offer takes of the logarithm of its ratio; one "
        "with another offer half as much; either halves every 90 days"
    )
    lists: int = Field(description="lists it was learned from")
    n: int = Field(description="planned customers whom a list of the last 365 days had planned")
    left: float | None = Field(
        description="what is left of the effect on them, on average; null for nobody"
    )


class PulledForward(Result):
    """Which of the orders that an offer wins are reckoned as only moved forward."""

    share: float = Field(description="share of the orders won that would have come later")
    source: Literal["stated", "measured", "assumed"] = Field(
        description="`measured` (orders missed after a window, drawn towards the stated share), "
        "`stated` in the catalogue or, at none, `assumed`"
    )


class Optimum(Result):
    """Certificate of the choice: how near it is to the best one within the limits."""

    value: float = Field(description="gain of the choice")
    lp_bound: float = Field(description="no choice within the limits is worth more")
    gap: float = Field(description="their difference")
    proven: bool = Field(
        description="whether no choice at all is worth more, though the bound may lie above"
    )


class AssumedContact(Result):
    """What a contact is reckoned at where the shop has not said what it costs."""

    price: float = Field(description="price it is reckoned at; 0 where nothing is known")
    low: float | None = Field(
        description="least that a contact of this channel usually costs; null: nobody's list of "
        "prices is known for the channel or the currency"
    )
    high: float | None = Field(description="most that it usually costs")


class Assumed(Result):
    """Smallest and largest numbers of the catalogue on which all money rests."""

    margin_share: tuple[float, float] = Field(description="margin of an order")
    contact_cost: tuple[float, float] = Field(
        description="cost of a contact, as it is reckoned with"
    )
    contacts: dict[str, AssumedContact] = Field(
        default_factory=dict,
        description="by offer whose `contact_cost` nobody stated: what was assumed instead",
    )


class Planned(Result):
    """A campaign decided, in totals; written as target.json."""

    campaign_id: str = Field(description="name of the campaign")
    cutoff: date | None = Field(description="as of when; null for empty scores")
    send_on: date | None = Field(
        description="day the offers leave and count from, by `target.send_on`, or the cutoff"
    )
    currency: str = Field(description="ISO code of all money; empty where nobody said")
    budget: float | None = Field(description="money for contacts and discounts; null: no limit")
    n_scored: int = Field(description="customers scored")
    n_eligible: int = Field(description="customers who may get any offer")
    n_planned: int = Field(description="listed and control")
    n_listed: int = Field(description="customers who get an offer")
    n_control: int = Field(description="customers held out of the planned")
    n_explored: int = Field(description="of the planned, those explored")
    holdout_share: float = Field(description="share of the universal hold-out")
    arms: dict[str, ArmPlan] = Field(description="by offer and for `control`")
    limits: dict[str, LimitUse] = Field(
        description="by limit: `budget`, `max_contacts`, each channel's, each stock"
    )
    reasons: dict[str, int] = Field(description="customers by the reason in `decisions.parquet`")
    expected_cost: float = Field(
        description="of the list as drawn: its contacts and the discounts on all orders that use "
        "an offer, at the effect reckoned with (the plausible one where it is unknown)"
    )
    expected_gain: float | None = Field(
        description="of the list as drawn; an offer of unknown effect that is only explored counts "
        "as changing nothing; null where another's effect is unknown"
    )
    gain_low: float = Field(
        description="95 % interval of the gain, by the intervals of the effects and of the level "
        "of the return chance; of unknown effects: from no effect to the plausible one"
    )
    gain_high: float = Field(description="its upper end")
    assumed: Assumed | None = Field(
        description="what of the catalogue all money rests on; null without offers"
    )
    contact_pays_below: dict[str, float | None] = Field(
        default_factory=dict,
        description="by planned offer: price of a contact below which it pays or, its effect "
        "unknown, its test is worth what it costs; null: at no price",
    )
    effect_known: bool = Field(
        description="whether all planned offers have an `effect_pp`, those aside that are only "
        "explored"
    )
    learned: dict[str, RestsOn] = Field(
        default_factory=dict,
        description="by offer of the catalogue, planned or not, what lists that left have taught "
        "of it",
    )
    window_days: int | None = Field(
        description="days after `send_on` in which orders count for the measurement: the longest "
        "`valid_days` of the catalogue"
    )
    break_even_pp: dict[str, float | None] = Field(
        description="by offer: points at which it earns its cost, on average; null: it cannot"
    )
    power: Power = Field(description="what a campaign of this size could see")
    optimum: Optimum = Field(description="certificate of the choice")
    test: Trial | None = Field(description="null unless effects are unknown")
    wear: WornOut | None = Field(
        default=None,
        description="what earlier lists take of the effects; null: nobody had one within a year",
    )
    pull_forward: dict[str, PulledForward] = Field(
        default_factory=dict, description="by planned offer: which orders won were to come anyway"
    )
    exploration: Exploration | None = Field(
        default=None,
        description="cost and worth of the explored part; null: nobody is explored",
    )
    warnings: tuple[Fact, ...] = Field(
        description="what the reader has to be told: `offers.public_salt`, "
        "`offers.stated_effect`, `offers.contact_assumed`, `offers.contact_unknown`, "
        "`offers.control_few`"
    )
    seal: str = Field(description="hash of who was planned what and which arm was drawn")
