"""What is known of one customer: made when somebody asks for it, never stored by a stage.

No result that is written: plain frozen records, of which the terminal and the card make words.
Money is in units of the currency, days are days of the shop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from winback.results.base import Fact
from winback.results.reacted import RestsOn
from winback.results.scored import ToldColumn


@dataclass(frozen=True)
class Happened:
    """The lines of one kind of an order on one day.

    Attributes:
        kind: ``order``, ``refund`` or ``free``.
        amount: their sum, below 0 for what was sent back.
    """

    day: date
    order_id: str
    kind: str
    amount: float


@dataclass(frozen=True)
class Marked:
    """A day on which something happened that is no order."""

    day: date
    name: str
    trouble: bool


@dataclass(frozen=True)
class SignalSeen:
    """All of one name that happened to the customer before the cutoff.

    Attributes:
        label: what people call it, by language; None where nobody said.
        trouble: whether it speaks of a complaint, a ticket or a late parcel.
        n: how often in all; ``n_recent`` in the last 90 days.
        n_open: of those that something closes, how many nothing has closed; None of others.
        last: the last day.
        value: the last one's value, if it has one.
    """

    name: str
    label: Mapping[str, str] | None
    trouble: bool
    n: int
    n_recent: int
    n_open: int | None
    last: date
    value: float | None


@dataclass(frozen=True)
class Rhythm:
    """How often the customer buys, and how that stands beside the silence of now.

    Attributes:
        days_bought: days with a purchase.
        usual_days: mean days between them; None for one day alone.
        longest_days: the longest pause so far; None for one day alone.
        silent_days: from the last purchase to the cutoff.
        longer_before: earlier pauses that were at least as long as the silence of now.
        expected_on: day of the next purchase by this rhythm; None once it has passed.
        band: the band of risk of the scores, which holds the one definition of a long silence.
    """

    days_bought: int
    usual_days: float | None
    longest_days: int | None
    silent_days: int
    longer_before: int
    expected_on: date | None
    band: str

    @property
    def is_known(self) -> bool:
        """Whether there are two pauses or more: of one nobody knows whether it is usual."""
        return self.days_bought > 2

    @property
    def times_usual(self) -> float | None:
        """The silence in usual pauses; None where none is known."""
        return self.silent_days / self.usual_days if self.usual_days else None


@dataclass(frozen=True)
class Told:
    """A number that the shop declares, of the customer and on average; NaN is having none."""

    column: ToldColumn
    own: float
    mean: float


@dataclass(frozen=True)
class Scored:
    """The row of the scores.

    Attributes:
        chances: of a purchase, by days; empty while the model is unproven.
        spend, lifetime: expected, with the ends of their intervals; None where not known.
        lifetime_days: how far ``lifetime`` looks; None where nobody says.
        reasons: by language, the strongest first.
    """

    horizon_days: int
    p_return: float | None
    chances: tuple[tuple[int, float], ...]
    expected_orders: float | None
    spend: tuple[float, float | None, float | None] | None
    lifetime: tuple[float, float | None, float | None] | None
    lifetime_days: int | None
    segment: str
    band: str
    rfm: str
    orders: int | None
    spent: float | None
    reasons: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class OnList:
    """One list that left with, or without, the customer: what was planned, drawn, and came.

    Attributes:
        label: of the planned offer, by language; empty where the terms are not known.
        arm: the offer, or ``control``, who got nothing.
        until: last day of the window in which purchases count.
        bought: purchases in the window, as far as it is known; ``spent`` is what they came to.
        closed: whether the window is over in the orders.
    """

    campaign_id: str
    sent_on: date
    offer: str
    label: Mapping[str, str]
    arm: str
    until: date
    closed: bool
    bought: int
    spent: float


@dataclass(frozen=True)
class Weighed:
    """An offer of the catalogue and this customer.

    Attributes:
        condition: as params.yaml has it; empty where everybody may have the offer.
        min_basket: the smallest order that it holds for; None: of any size.
        met: whether its condition holds; None where it names what is not known here.
        missed: the parts of the condition that do not hold, as params.yaml has them.
    """

    offer: str
    label: Mapping[str, str]
    condition: str
    min_basket: float | None
    met: bool | None
    missed: tuple[str, ...]


@dataclass(frozen=True)
class PlannedOffer:
    """What the newest list plans for the customer."""

    campaign_id: str
    offer: str
    label: Mapping[str, str]
    arm: str
    rests_on: RestsOn | None


@dataclass(frozen=True)
class NextProduct:
    """A product the customer may want next; ``called`` is None where it must not be named."""

    called: str | None
    why: Fact
    due: Fact | None


@dataclass(frozen=True)
class CustomerCard:
    """One customer, as of the cutoff of the newest scores.

    Attributes:
        scored_n: customers scored beside this one.
        own: columns that the shop declares itself, for conditions that name them.
        history: the newest last.
        marks: days of signals, the newest last.
        decision: why there is, or is no offer; None where nothing was planned yet.
        in_peace_until: last day on which a list that left keeps the customer in peace.
        leads: names that the message leads with, and why; None where there is no message.
    """

    customer_id: str
    cutoff: date
    currency: str
    shop: str | None
    own: Mapping[str, ToldColumn]
    history: tuple[Happened, ...]
    rhythm: Rhythm
    scored: Scored
    told: tuple[Told, ...]
    signals: tuple[SignalSeen, ...]
    marks: tuple[Marked, ...]
    lists: tuple[OnList, ...]
    planned_here: bool
    planned: tuple[PlannedOffer, ...]
    decision: str | None
    in_peace_until: date | None
    weighed: tuple[Weighed, ...]
    next: tuple[NextProduct, ...]
    leads: tuple[tuple[str | None, ...], Fact] | None

    def of_kind(self, kind: Literal["order", "refund"]) -> tuple[Happened, ...]:
        """Purchases, or what was sent back."""
        return tuple(each for each in self.history if each.kind == kind)
