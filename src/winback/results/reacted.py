"""What lists that left have taught of each offer; it stands wherever the offer does."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result

State = Literal["rolled_out", "tested_on", "harms", "unknown"]
WhyLeftOut = Literal["open", "invalid", "no_control", "unreadable", "unproven"]


class RestsOn(Result):
    """What the effect of an offer rests on, and what it came to."""

    state: State = Field(
        description="`rolled_out` (its mean effect is shown, so lists reckon with it), `tested_on` "
        "(not shown: lists go on testing it), `harms` (shown to be below nothing: no list sends "
        "it, but to explore) or `unknown` (too few people)"
    )
    campaigns: int = Field(description="lists that left with it and are over")
    treated: int = Field(description="people who were sent it, once for each of these lists")
    control: int = Field(
        description="people held out who might have been sent it, counted likewise"
    )
    last: date = Field(description="the day the last of these lists left")
    ratio: float | None = Field(
        description="how many times as many orders as without it the treated placed while it was "
        "valid; null where unknown"
    )
    ratio_low: float | None = Field(description="lower end of its 95 % interval")
    ratio_high: float | None = Field(description="upper end")
    z: float | None = Field(description="its logarithm in standard errors")
    rung: str | None = Field(
        description="by what the effect is told apart between customers: `ratio` (one ratio for "
        "all), `shape` (a power of the orders expected anyway), `linear` (a few columns) or "
        "`trees`; null where unknown"
    )
    gamma: float | None = Field(
        description="the power of the expected orders that the added ones grow with: 1 in "
        "proportion, 0 the same for everybody; null where unknown"
    )


class LearnedOffer(RestsOn):
    """An offer on its terms, over all lists that left with it."""

    name: str = Field(description="its name in the catalogue")
    kind: str = Field(description="its kind")
    discount_share: float | None = Field(description="its discount, a share of the order")
    discount_amount: float | None = Field(description="its discount, an amount")
    valid_days: int = Field(description="days in which it held, and orders were counted")
    in_catalogue: bool = Field(description="whether the catalogue of today has it on these terms")
    effect_pp: float | None = Field(
        description="what the ratio makes in points, at the chances of those who were planned it"
    )
    effect_low_pp: float | None = Field(description="lower end of its 95 % interval")
    effect_high_pp: float | None = Field(description="upper end")
    moved_share: float | None = Field(
        default=None,
        description="of the orders it won the share missed from its end until 90 days after the "
        "list left; null where no list is old enough, or none is shown to have won any",
    )
    moved_error: float | None = Field(default=None, description="its standard error")


class LearnedWear(Result):
    """What an earlier list takes of an effect, as lists that left show it."""

    share: float = Field(
        description="what one with the same offer takes of the logarithm of its ratio, drawn "
        "towards what is assumed without them"
    )
    error: float = Field(description="standard deviation of what is thought of it")
    lists: int = Field(description="lists it was learned from")


class LeftOut(Result):
    """A list that left and teaches nothing, yet or ever."""

    campaign_id: str = Field(description="name of its campaign")
    why: WhyLeftOut = Field(
        description="`open` (its window is not over), `invalid` (its reading is), `no_control`, "
        "`unreadable` (the orders do not know its people or its days) or `unproven` (nobody had a "
        "chance of an order)"
    )


class OtherTerms(Result):
    """An offer of the catalogue whose terms are others than those that were learned of."""

    name: str = Field(description="its name")
    campaigns: int = Field(description="lists that left with other terms under that name")


class Reacted(Result):
    """What all lists that left have taught of offers; written as learned.json of a project."""

    as_of: date | None = Field(description="the day it is of: older lists count less")
    half_life_days: int = Field(description="days after which a list counts half")
    campaigns: int = Field(description="lists that were learned from")
    people: int = Field(description="different people among them")
    columns: tuple[str, ...] = Field(description="what of people effects may be told apart by")
    offers: tuple[LearnedOffer, ...] = Field(
        description="each offer on its terms: `state`, what it rests on, its ratio of orders"
    )
    other_terms: tuple[OtherTerms, ...] = Field(
        description="offers of the catalogue that left before on other terms: those are others"
    )
    wear: LearnedWear | None = Field(
        default=None,
        description="what earlier lists take of an effect; null where the lists do not tell it",
    )
    left_out: tuple[LeftOut, ...] = Field(description="lists that teach nothing, and why")
    not_learned_from: int = Field(
        description="rows of people who were forgotten or may not be profiled"
    )

    def of(self, name: str) -> LearnedOffer | None:
        """What was learned of an offer of today's catalogue; None before any list with it."""
        return next((o for o in self.offers if o.in_catalogue and o.name == name), None)
