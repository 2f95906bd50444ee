"""Segments and bands of risk in totals: how large, what to expect, what their members get."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from winback.results.base import Result
from winback.results.offered import Label
from winback.results.scored import ToldColumn


class Conditions(Result):
    """What an offer of the catalogue asks of a customer."""

    label: Label = Field(description="its name for people")
    eligible: str = Field(description="its condition as the catalogue has it; empty: everybody")
    parts: tuple[str, ...] = Field(
        description="what of the condition must hold together: the parts between its outer `and`"
    )
    min_basket: float | None = Field(description="smallest order it holds for; null: any")
    channel: str = Field(description="how it is sent")


class OfferOfMembers(Result):
    """One offer and the members of a segment: who gets it, and why the others do not."""

    n: int = Field(description="members who get it")
    control: int = Field(description="members it was planned for who are held out")
    why_not: dict[str, int] = Field(
        description="the other members by the first reason that holds: those of "
        "`decisions.parquet` that bar every offer; `no_channel` (may not be written to by its "
        "channel), `complaint`, `no_complaint` (it is for open complaints alone), `had_before` "
        "(`not_again_days`), `condition`, `min_basket`, `cannot_pay`, `impossible`, "
        "`comes_anyway`, `too_weak`, `other_offer` (could have had it, another was planned), "
        "`budget`"
    )
    unmet: tuple[int, ...] = Field(
        description="of those with `condition`, how many fail each of the offer's `parts`; who "
        "fails several counts in each"
    )


class Members(Result):
    """A group of customers in totals; all of what is expected is within the horizon."""

    customers: int = Field(description="its customers")
    share: float = Field(description="of all customers scored")
    net_spend: float = Field(description="purchases less refunds before the cutoff, in currency")
    spend_share: float | None = Field(
        description="of everybody's net spend; null where that is nothing or less"
    )
    mean_risk: float | None = Field(
        description="mean chance not to return, `1 - p_return`; null where nobody has one"
    )
    high_risk: int = Field(description="members whose `risk_band` is `high`")
    high_risk_spend: float = Field(description="their net spend, in currency")
    expected_returning: float | None = Field(
        description="members expected to buy without an offer: the sum of `p_return`; null where "
        "nobody has one"
    )
    expected_value: float | None = Field(
        description="net spend expected of them, in currency; null where nobody's is known"
    )


class Segment(Members):
    """A segment: its size and worth, the advice, and what the plan does with its members."""

    advice: str = Field(description="code of what is usually done with it")
    reasons: dict[str, int] = Field(
        description="members by the reason in `decisions.parquet`; `offer` and `control` among them"
    )
    offers: dict[str, OfferOfMembers] = Field(description="by offer of the catalogue")


class Segmented(Result):
    """Everybody scored by segment, and by band of risk; written as segments.json."""

    cutoff: date | None = Field(description="as of when; null for empty scores")
    everybody: Members = Field(
        description="all customers scored: the sum of the segments, and of the bands"
    )
    offers: dict[str, Conditions] = Field(description="the catalogue: by offer what it asks")
    own: dict[str, ToldColumn] = Field(
        default_factory=dict,
        description="columns of the shop's own that conditions name, and how people are told of "
        "them",
    )
    segments: dict[str, Segment] = Field(
        description="by code, those with customers; `none`: of no segment"
    )
    bands: dict[str, Members] = Field(description="by code, those with customers")

    def ranked(self) -> tuple[tuple[str, Segment], ...]:
        """Segments with their codes, those first that spent most."""
        found = sorted(self.segments.items(), key=lambda each: (-each[1].net_spend, each[0]))
        return tuple(found)
