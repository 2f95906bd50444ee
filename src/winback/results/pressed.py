"""What the press claims of returning customers, tested on this shop."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Fact, Result

Verdict = Literal["agrees", "higher", "lower", "unclear", "too_few", "not_testable"]
Unit = Literal["share", "times", "change"]


class Estimated(Result):
    """An estimate with its 95 % interval."""

    unit: Unit = Field(
        description="`share` of a whole, `times` as many, `change` against one (0.18: 18 % more)"
    )
    value: float | None = Field(description="the estimate; null where there is none")
    low: float | None = Field(
        description="lower end of its 95 % interval; null where it rests on too little"
    )
    high: float | None = Field(description="upper end")


class Variant(Estimated):
    """The same question asked a little differently."""

    code: str = Field(description="in which way: its words are in `winback.said.press`")
    outcomes: int = Field(description="what it rests on, in the smaller of the groups compared")


class Claim(Estimated):
    """One claim of the press with its definition on this shop and what came out."""

    code: str = Field(description="which claim: its sentence is in `winback.said.press`")
    claimed: float | None = Field(
        description="the figure of the press, in the unit; null where it names a direction alone"
    )
    verdict: Verdict = Field(
        description="`agrees`: the claimed figure lies in the interval; `higher`, `lower`: this "
        "shop's interval lies above or below it; `unclear`: a direction alone is claimed and the "
        "interval holds both; `too_few`: it rests on too little to say; `not_testable`: the "
        "columns it needs are missing"
    )
    outcomes: int = Field(description="what it rests on, in the smaller of the groups compared")
    customers: int = Field(description="customers it is counted of")
    counted: Fact | None = Field(description="what was counted, of whom, from when until when")
    caveats: tuple[Fact, ...] = Field((), description="what limits it in this shop")
    taken: tuple[str, ...] = Field((), description="signals and attributes it was counted from")
    needs: Fact | None = Field(None, description="what would make it testable; null where it is")
    variants: tuple[Variant, ...] = Field((), description="the same asked differently")

    @property
    def sure(self) -> bool:
        """Whether this shop surely differs from what is claimed."""
        return self.verdict in ("higher", "lower")


class Occasion(Estimated):
    """Baskets around an occasion of the calendar against matched days."""

    name: str = Field(description="the occasion, as `winback.snapshots.festivals` names it")
    days: tuple[date, ...] = Field(description="the occasion's own day in each year counted")
    first_offset: int = Field(description="first day around it, counted from its own day")
    last_offset: int = Field(description="last day around it")
    purchases: int = Field(description="purchases on the days around it")
    matched_days: int = Field(description="different days they were compared with")
    claimed: float | None = Field(description="change of the basket that the press claims")
    p_value: float | None = Field(description="how often chance alone would differ as much from 0")
    verdict: Literal["higher", "lower", "unclear", "too_few"] = Field(
        description="against ordinary days, after Holm's correction for all occasions together"
    )


class Ordinary(Result):
    """How much the basket of ordinary weeks differs from the weeks they are matched with."""

    windows: int = Field(description="windows of ordinary days tried as if they were an occasion")
    outside: int = Field(
        description="how many of them the 95 % interval leaves outside of no change"
    )
    swing: float = Field(
        description="standard deviation of the logarithm of the ratio beyond what single purchases "
        "explain"
    )


class Press(Result):
    """What the press claims of returning customers, tested on this shop."""

    claims: tuple[Claim, ...] = Field(description="in a fixed order")
    occasions: tuple[Occasion, ...] = Field(description="in the order of the calendar")
    ordinary: Ordinary | None = Field(
        description="weeks without an occasion; null without enough of them"
    )
