"""What can be told a simulated shop: its kind, and what its offers and its service do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class OfferEffect:
    """What one offer really does to the customers who are sent it.

    ``strength`` is the median log hazard ratio among persuadables while the offer is valid,
    ``harm`` the same among sleeping dogs with its sign turned; sure things and lost causes do
    not react. ``everyone`` is added to the log hazard of every customer whatever the type.
    ``pull_forward_share`` is the share of the extra demand that is taken from the
    ``payback_days`` after the offer, as far as these hold any demand. ``wear_out_share`` of the
    effect is lost with each earlier campaign the customer was sent.

    ``points`` is another way to work: it is added to the chance of an order while the offer is
    valid, the same for everybody whatever that chance is, also for those who are gone; whoever
    is won so comes once. ``silent_days`` (at least, less than; since the last order) and
    ``large_baskets`` (orders so far worth more on average than the median customer's) keep all
    of this to some customers; the others do not react, but use the offer like anybody.

    The first order while the offer is valid is redeemed with ``redemption_share`` (more often
    by price-sensitive customers) if it is worth at least ``min_basket``; the redeemed order is
    cheaper by ``discount_share`` of its value plus ``discount_amount``, never below a tenth of it.
    """

    strength: float = 0.8
    harm: float = 0.8
    everyone: float = 0.0
    points: float = 0.0
    silent_days: tuple[int, int] | None = None
    large_baskets: bool = False
    spread: float = 0.4
    price_sensitive: float = 0.4
    valid_days: int = 30
    discount_share: float = 0.0
    discount_amount: float = 0.0
    min_basket: float = 0.0
    redemption_share: float = 0.8
    pull_forward_share: float = 0.25
    payback_days: int = 60
    wear_out_share: float = 0.15


DEFAULT_EFFECTS: Final[Mapping[str, OfferEffect]] = {
    "percent_off": OfferEffect(discount_share=0.1),
    "free_delivery": OfferEffect(strength=0.5, harm=0.4, discount_amount=4.0, min_basket=20.0),
    "reminder": OfferEffect(
        strength=0.3, harm=0.6, price_sensitive=0.0, redemption_share=0.0, wear_out_share=0.3
    ),
}
NULL_EFFECTS: Final[Mapping[str, OfferEffect]] = {
    name: OfferEffect(strength=0.0, harm=0.0, redemption_share=0.0) for name in DEFAULT_EFFECTS
}
"""The world in which no offer does, or costs, anything: both paths are equal."""
HARM_EFFECTS: Final[Mapping[str, OfferEffect]] = {
    name: OfferEffect(strength=0.0, harm=0.0, everyone=-0.7, spread=0.0, redemption_share=0.0)
    for name in DEFAULT_EFFECTS
}
"""The world in which every contact keeps customers away."""
EQUAL_EFFECTS: Final[Mapping[str, OfferEffect]] = {
    name: replace(
        effect, strength=0.0, harm=0.0, points=points, pull_forward_share=0.0, wear_out_share=0.0
    )
    for (name, effect), points in zip(DEFAULT_EFFECTS.items(), (0.04, 0.03, 0.02), strict=True)
}
"""The world in which an offer adds the same points to everybody's chance of an order."""
HETERO_EFFECTS: Final[Mapping[str, OfferEffect]] = {
    name: replace(
        effect, strength=0.0, harm=0.0, everyone=everyone, silent_days=(20, 120),
        large_baskets=True,
    )
    for (name, effect), everyone in zip(DEFAULT_EFFECTS.items(), (1.0, 0.7, 0.4), strict=True)
}  # fmt: skip
"""The world in which only those 20 to 120 days silent who fill large baskets react, all alike."""


@dataclass(frozen=True, slots=True)
class Service:
    """How orders are delivered and questions answered, and what a bad turn does.

    Of the orders ``late_share`` arrive late (more often for some customers), by ``late_days`` on
    average. A ticket follows an order with ``ticket_share``, after a late delivery or a refund
    more often; it waits ``wait_hours`` (median) for its solution.

    After a late delivery a customer's clock runs slower until the next order, by ``late_slows``
    in its logarithm; after a ticket that waited more than ``slow_hours`` by
    ``slow_answer_slows``. By default neither matters, so that orders do not depend on service.
    """

    late_share: float = 0.07
    late_days: float = 4.0
    ticket_share: float = 0.03
    late_ticket_share: float = 0.35
    refund_ticket_share: float = 0.25
    wait_hours: float = 18.0
    wait_sigma: float = 1.3
    slow_hours: float = 72.0
    late_slows: float = 0.0
    slow_answer_slows: float = 0.0

    @property
    def matters(self) -> bool:
        """Whether service changes what customers order."""
        return bool(self.late_slows or self.slow_answer_slows)


SERVICE_MATTERS: Final = Service(late_slows=0.9, slow_answer_slows=0.5)
"""After a late delivery the next order takes 2.5 times as long, after a slow answer 1.6 times."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes one kind of shop: rhythm, life, season, baskets, returns.

    Medians (gap, life, basket) are over customers; sigmas are of the logarithm. Of the new
    customers ``one_time_share`` never order again; ``established_share`` were customers before
    the history starts. ``acquisition_growth`` and ``rate_trend`` are log changes a year.
    ``season`` is the log height of its peak over the mean; ``christmas`` holds classes of
    customers (share of them, how many times more they order in mid December). Gaps are Erlang
    with shape ``regularity``; hours are (peak, spread), None for a flat day. From the day
    ``shock`` names on, counted from the start, all rates change by that log factor.

    A line is with ``habit_share`` one of the customer's few favourites, which take turns; with
    ``cycle_days`` above 0 each product has a cycle of its own around it instead, and favourites
    are in the first order after they have run out.

    With ``bgnbd`` (r, alpha in days, a, b) rate and life follow the BG/NBD of Fader, Hardie &
    Lee (2005) instead, exactly if regularity, season, weekdays and hours are left flat.
    """

    gap_days: float = 60.0
    gap_sigma: float = 0.8
    regularity: int = 1
    life_days: float = 400.0
    life_sigma: float = 1.0
    one_time_share: float = 0.2
    bgnbd: tuple[float, float, float, float] | None = None
    established_share: float = 0.3
    acquisition_growth: float = 0.0
    rate_trend: float = 0.0
    shock: tuple[int, float] | None = None
    season: float = 0.0
    season_peak_day: int = 0
    christmas: tuple[tuple[float, float], ...] = ((1.0, 0.0),)
    weekdays: tuple[float, ...] = (1.0,) * 7
    favourite_weekday: float = 0.0
    closed_at_new_year: bool = False
    hours: tuple[float, float] | None = (17.0, 4.0)
    basket: float = 60.0
    basket_sigma_customers: float = 0.4
    basket_sigma_orders: float = 0.5
    bulk_share: float = 0.01
    lines: float = 2.2
    products: int = 400
    habit_share: float = 0.3
    cycle_days: float = 0.0
    refund_share: float = 0.06
    refund_delay_days: float = 9.0
    days: int = 730


KINDS: Final[Mapping[str, Kind]] = {
    "bgnbd": Kind(
        # CDNOW's published values, with alpha in days instead of weeks.
        bgnbd=(0.243, 7 * 4.414, 0.793, 2.426),
        one_time_share=0.0,
        established_share=0.0,
        hours=None,
        refund_share=0.0,
        bulk_share=0.0,
    ),
    "groceries": Kind(
        gap_days=9.0,
        gap_sigma=0.9,
        regularity=2,  # BTYDplus finds k = 2 in its grocery log
        life_days=1_200.0,
        one_time_share=0.08,
        established_share=0.7,
        season=0.05,
        season_peak_day=350,
        christmas=((1.0, 0.4),),
        weekdays=(0.9, 0.8, 0.85, 0.95, 1.3, 1.5, 0.7),
        favourite_weekday=4.0,
        hours=(16.0, 3.5),
        basket=35.0,
        basket_sigma_customers=0.5,
        lines=5.0,
        products=1_500,
        habit_share=0.7,
        refund_share=0.01,
        refund_delay_days=2.0,
    ),
    "refills": Kind(
        gap_days=32.0,
        gap_sigma=0.4,
        regularity=4,
        life_days=700.0,
        one_time_share=0.15,
        established_share=0.4,
        hours=(19.0, 4.0),
        basket=40.0,
        basket_sigma_orders=0.3,
        lines=1.6,
        products=150,
        habit_share=0.0,
        cycle_days=75.0,
        refund_share=0.02,
    ),
    "fashion": Kind(
        gap_days=75.0,
        season=0.25,
        season_peak_day=120,
        christmas=((1.0, 1.2),),
        weekdays=(1.1, 1.0, 1.0, 1.0, 0.9, 0.9, 1.1),
        hours=(19.0, 3.5),
        refund_share=0.18,
    ),
    "wholesale": Kind(
        gap_days=40.0,
        gap_sigma=0.7,
        regularity=2,
        life_days=900.0,
        one_time_share=0.12,
        established_share=0.6,
        season=0.55,
        season_peak_day=305,
        weekdays=(1.1, 1.2, 1.1, 1.1, 0.9, 0.02, 0.1),
        closed_at_new_year=True,
        hours=(12.0, 2.0),
        basket=380.0,
        basket_sigma_customers=0.7,
        basket_sigma_orders=0.6,
        bulk_share=0.03,
        lines=9.0,
        products=2_500,
        habit_share=0.5,
        refund_share=0.05,
    ),
    "gifts": Kind(
        gap_days=150.0,
        life_days=900.0,
        one_time_share=0.35,
        christmas=((0.4, 2.0), (0.6, 25.0)),
        basket=45.0,
        refund_share=0.08,
        habit_share=0.1,
    ),
    "one_time": Kind(
        gap_days=90.0, one_time_share=0.82, life_days=250.0, established_share=0.05, basket=110.0
    ),
    "young": Kind(
        gap_days=35.0,
        life_days=200.0,
        one_time_share=0.35,
        established_share=0.0,
        acquisition_growth=4.0,
        days=122,
    ),
    "dying": Kind(
        gap_days=45.0,
        life_days=220.0,
        one_time_share=0.3,
        established_share=0.6,
        acquisition_growth=-1.6,
        rate_trend=-0.5,
    ),
}

# Order: rate, life, basket, price sensitivity. Frequent customers stay longer and those who look
# at prices buy smaller baskets and leave sooner, which no model with independent parts can know.
