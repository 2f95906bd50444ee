"""A simulated shop: its orders, its customers, and doors to the truth about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Mask
from winback.errors import UsageError
from winback.synthetic.kinds import DEFAULT_EFFECTS, KINDS, Kind, OfferEffect, Service
from winback.synthetic.outcomes import outcomes_of, state_chances
from winback.synthetic.signals import customer_ids, draw_attributes, draw_signals, product_ids
from winback.synthetic.truth import return_probabilities
from winback.synthetic.world import (
    FUTURE_DAYS,
    MAX_LOG_HAZARD,
    RESPONSES,
    Lines,
    Treatment,
    World,
    draw_world,
)


def simulate_shop(
    kind: str | Kind = "fashion",
    customers: int = 2_000,
    start: str | date = "2023-01-01",
    days: int | None = None,
    seed: int = 0,
    *,
    offer_effects: Mapping[str, OfferEffect] | None = None,
    late_share: float = 0.0,
    service: Service | None = None,
) -> Shop:
    """Simulate a shop's order history together with the truth behind it.

    ``kind`` is one of ``KINDS`` (``bgnbd`` is exactly the BG/NBD process, in ``refills`` products
    run out) or a ``Kind`` of your own. The history is ``start <= time < start + days``; ``days``
    defaults to two years, four months for a young shop. ``offer_effects`` name what each offer
    would do (``DEFAULT_EFFECTS``; ``NULL_EFFECTS`` and ``HARM_EFFECTS`` are the worlds in which
    nothing works or everything hurts). With ``late_share`` above 0 that share of orders and
    refunds is known days after it happened, and the orders have a column ``known_at``.
    ``service`` says how often deliveries and answers are late and whether that keeps customers
    away (``SERVICE_MATTERS``); by default it does not.

    The same arguments give the same shop; customer n is the same whatever the number of
    customers, where no customer is older than the history.

    Raises:
        UsageError: an unknown kind, or a size that makes no shop.
    """
    if isinstance(kind, str) and kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        if near:
            raise UsageError("synthetic.kind_like", kind=kind, near=near[0], known=list(KINDS))
        raise UsageError("synthetic.kind", kind=kind, known=list(KINDS))
    recipe, name = (KINDS[kind], kind) if isinstance(kind, str) else (kind, "custom")
    days = recipe.days if days is None else days
    if customers < 1 or days < 1:
        raise UsageError("synthetic.size", customers=customers, days=days)
    if not 0 <= late_share <= 1:
        raise UsageError("synthetic.late_share", found=late_share)
    first = as_date(start, "start")
    world = draw_world(recipe, customers, first, days, seed, late_share, service or Service())
    return shop_of(name, world, days, dict(offer_effects or DEFAULT_EFFECTS), ())


def as_date(text: str | date, name: str) -> date:
    """Read a day; ``name`` is the argument an error speaks of."""
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("synthetic.day", name=name, found=text) from None


def shop_of(
    kind: str,
    world: World,
    days: int,
    offers: Mapping[str, OfferEffect],
    treatments: tuple[Treatment, ...],
) -> Shop:
    """Put together the shop's history on the path with these treatments."""
    lines = world.order_lines(treatments, 0, days)
    return Shop(
        kind=kind,
        start=world.start,
        days=days,
        offers=offers,
        orders=order_table(world, lines),
        customers=_customer_table(world, days, treatments),
        _world=world,
        _treatments=treatments,
    )


def order_table(world: World, lines: Lines) -> pd.DataFrame:
    """Write order lines as ``Shop.orders`` has them."""
    # Numbered by customer and order, not by time: an order keeps its id on every path.
    order_ids = lines.customer * 100_000 + lines.number
    unique, place = np.unique(order_ids, return_inverse=True)
    table = {
        "customer_id": customer_ids(world).take(lines.customer).reset_index(drop=True),
        "order_id": pd.Series([f"O{number + 100_000_000}" for number in unique])
        .take(place)
        .reset_index(drop=True),
        "ordered_at": world.first_seconds() + lines.happened.astype("timedelta64[s]"),
        "product_id": product_ids(world).take(lines.product).reset_index(drop=True),
        "quantity": lines.quantity.astype(np.int64),
        "amount": lines.cents / 100,
    }
    if world.late_share:
        table["known_at"] = world.first_seconds() + lines.known.astype("timedelta64[s]")
    return pd.DataFrame(table)


def _customer_table(world: World, days: int, treatments: tuple[Treatment, ...]) -> pd.DataFrame:
    visits = world.visits(treatments, days)
    count = world.key.size
    first = np.full(count, np.datetime64("NaT", "s"))
    start = world.first_seconds()
    opening = np.flatnonzero(visits.number == 0)
    first[visits.customer[opening]] = start + world.calendar.seconds(visits.day[opening]).astype(
        "timedelta64[s]"
    )
    alive_until = np.full(count, np.datetime64("NaT", "s"))
    # Dead by the end of the history or not, nobody needs a date beyond a century.
    gone = world.gone_day(visits)
    mortal = np.isfinite(gone)
    alive_until[mortal] = start + world.calendar.seconds(np.minimum(gone[mortal], 36_525.0)).astype(
        "timedelta64[s]"
    )
    acquired = start + world.calendar.seconds(world.acquired_day).astype("timedelta64[s]")
    sigma = world.kind.basket_sigma_orders
    frequent = world.rate > (np.median(world.rate) if count else 0)
    seasonal = np.array([christmas >= 10 for _, christmas in world.kind.christmas]).repeat(
        world.calendar.class_shares.size // len(world.kind.christmas)
    )[world.calendar_class]
    return pd.DataFrame(
        {
            "customer_id": customer_ids(world),
            "segment": np.select(
                [world.one_time, seasonal, frequent],
                ["one_time", "seasonal", "frequent"],
                "occasional",
            ),
            "established": world.established,
            "acquired_at": np.where(world.established, np.datetime64("NaT", "s"), acquired),
            "first_ordered_at": first,
            "alive_until": alive_until,
            "rate": world.rate,
            "death_rate": world.death_rate,
            "mean_order_value": np.exp(world.mean_log_basket + sigma**2 / 2),
            "price_sensitivity": world.price_sensitivity,
            "response": np.array(RESPONSES)[world.response],
        }
    )


@dataclass(frozen=True)
class Shop:
    """An order history and the truth behind it.

    ``orders``: one row per line of an order or refund, ordered by time: customer_id, order_id,
    ordered_at, product_id, quantity, amount (in the currency, two decimals; negative in a
    refund, which is dated when it was issued and carries its order's id), and known_at where
    some were known late.

    ``customers``: one row per customer who ordered at least once: segment (one_time, seasonal,
    frequent, occasional), established (a customer before the history starts), acquired_at (null
    if established), first_ordered_at, alive_until (orders stop then; null: not dead by the
    history's end, in a shop where customers drop out at an order), rate (orders a day in a mean
    season, while alive), death_rate (a day), mean_order_value (before discounts, without the
    rare bulk order), price_sensitivity (standard normal), response (persuadable, sure_thing,
    lost_cause, sleeping_dog).
    """

    kind: str
    start: date
    days: int
    offers: Mapping[str, OfferEffect]
    orders: pd.DataFrame
    customers: pd.DataFrame
    _world: World = field(repr=False)
    _treatments: tuple[Treatment, ...] = field(default=(), repr=False)

    @cached_property
    def products(self) -> pd.DataFrame:
        """The assortment: product_id, price, and cycle_days (null: bought again at no interval).

        ``cycle_days`` is the time after which a customer who has the product for a habit needs
        it again; it is then in the next order.
        """
        world = self._world
        return pd.DataFrame(
            {
                "product_id": product_ids(world),
                "price": np.round(world.product_prices, 2),
                "cycle_days": world.product_cycles,
            }
        )

    @cached_property
    def signals(self) -> pd.DataFrame:
        """What happened to the customers besides orders.

        One row per thing that happened within the history, ordered by time: customer_id,
        happened_at, known_at (when the shop's systems had it; what happened before the first
        order is known from that order on), name, value and items (null where there is nothing to
        say):

        - late_delivery: from the promised day on; value: days late, known at arrival
        - ticket_opened; ticket_repeated (value: number of the contact on that issue, 2 to 5);
          ticket_closed (value: hours from opening). As many tickets are open as were opened and
          not closed. They follow late deliveries and refunds more often than other orders.
        - review (value: 1 to 5), survey_score (0 to 10, known at the next weekly reading); both
          suffer from late deliveries, slow answers and refunds, and are higher among customers
          who stay long; referral, by satisfied customers
        - visit_web, visit_app (value: pages), visit_store (known next morning): before every
          order, and in between as long as the customer takes part; cart_abandoned (value: its
          worth; items: one to three product ids, joined by ``|``)
        - email_sent every four weeks with consent, email_opened and email_clicked (which is a
          visit): rarely by those who are gone
        - points_earned, points_burnt (value: points), by members of the loyalty programme
        """
        return draw_signals(self._world, self._treatments, self.days)

    @cached_property
    def attributes(self) -> pd.DataFrame:
        """How customers are described, and since when.

        One row per change, ordered by time: customer_id, known_at, name, value. ``tier``:
        bronze, silver, gold (no row: not a member); ``email_consent``: yes, no (from the first
        order); ``subscription``: active, paused, cancelled (no row: never had one). A value
        holds until the customer's next of that name.
        """
        return draw_attributes(self._world, self._treatments, self.days)

    @property
    def end(self) -> date:
        """First day after the history."""
        return self.start + timedelta(days=self.days)

    @property
    def bgnbd(self) -> tuple[float, float, float, float] | None:
        """True r, alpha (in days), a, b of a BG/NBD shop; None for the other kinds."""
        return self._world.kind.bgnbd

    def potential_outcomes(
        self, at: str | date, horizon_days: int, offer: str | OfferEffect
    ) -> pd.DataFrame:
        """What each customer does after ``at`` without the offer and with it.

        One row per customer with an order before ``at``, for ``at <= time < at + horizon_days``;
        suffix 0 is the path without the offer, 1 the path with it: returned, orders, gross (value
        of orders before discount), discount, spend (net of discounts and refunds), and
        orders_later (orders in the same number of days after the horizon: what was pulled
        forward is missing there).

        ``p0`` and ``p1`` are the probabilities of a return for one who knows the customer's true
        rate, response and whether the customer is still alive at ``at``, but not the future;
        ``response`` is the customer's type and ``stratum`` what came of it on these two paths.

        Raises:
            UsageError: an unknown offer, or days outside the simulated time.
        """
        effect = self._effect(offer)
        day = self._day(at, 2 * horizon_days)
        name = offer if isinstance(offer, str) else "offer"
        count = self._world.key.size
        treatment = self._treatment(day, {name: effect}, np.full(count, name, dtype=object))
        return outcomes_of(
            self._world, self.customers, self._treatments, treatment, day, horizon_days
        )

    def true_return_probability(self, cutoff: str | date, horizon_days: int) -> pd.Series[Any]:
        """P(at least one order in the horizon | order times before the cutoff), by the true model.

        One value per customer with an order before the cutoff, indexed by customer_id; what it
        knows is said at ``winback.synthetic.truth.return_probabilities``.

        Raises:
            UsageError: the shop was sent a campaign, or days outside the simulated time, or it
                is a BG/NBD shop in which service matters.
        """
        if self._treatments:
            raise UsageError("synthetic.after_a_campaign")
        known, probability = return_probabilities(
            self._world, self._day(cutoff, horizon_days), horizon_days
        )
        ids = self.customers["customer_id"].to_numpy()[known]
        return pd.Series(probability, index=pd.Index(ids, name="customer_id"), name="p_return")

    def _effect(self, offer: str | OfferEffect) -> OfferEffect:
        if isinstance(offer, OfferEffect):
            return offer
        if offer not in self.offers:
            raise UsageError("synthetic.offer", offer=offer, known=list(self.offers))
        return self.offers[offer]

    def _day(self, at: str | date, horizon_days: int) -> int:
        day = (as_date(at, "at") - self.start).days
        last = self._world.days + FUTURE_DAYS
        if horizon_days < 1:
            raise UsageError("synthetic.window", days=horizon_days)
        if day < 0 or day + horizon_days > last:
            raise UsageError(
                "synthetic.outside", start=self.start, end=self.start + timedelta(days=last),
                days=horizon_days, at=as_date(at, "at"),
            )  # fmt: skip
        return day

    def _reacts(self, effect: OfferEffect, day: int) -> Mask:
        """Whom the offer may move at all, by what the shop sees on that day."""
        world = self._world
        count = world.key.size
        reacts = np.ones(count, dtype=np.bool_)
        if effect.silent_days is None and not effect.large_baskets:
            return reacts
        visits = world.visits(self._treatments, day)
        last = np.full(count, -np.inf)
        np.maximum.at(last, visits.customer, visits.day)
        if effect.silent_days is not None:
            at_least, below = effect.silent_days
            reacts &= (day - last >= at_least) & (day - last < below)
        if effect.large_baskets:
            orders = np.bincount(visits.customer, minlength=count)
            cents = np.bincount(visits.customer, world.order_cents(visits), minlength=count)
            mean = cents / np.maximum(orders, 1)
            reacts &= mean > (np.median(mean[orders > 0]) if visits.customer.size else 0)
        return reacts

    def _treatment(
        self, day: int, effects: Mapping[str, OfferEffect], arms: NDArray[np.object_]
    ) -> Treatment:
        """Each customer's treatment, from the arm (an offer's name, or None for no offer)."""
        world = self._world
        count = world.key.size
        earlier = sum(
            (treatment.sent.astype(np.int64) for treatment in self._treatments),
            np.zeros(count, dtype=np.int64),
        )
        values = {
            name: np.zeros(count)
            for name in (
                "log_hazard",
                "pull_forward_share",
                "redemption_share",
                "discount_share",
                "discount_amount",
                "min_basket",
                "won",
            )
        }
        valid_days, payback_days = np.ones(count, np.int64), np.ones(count, np.int64)
        for name, effect in effects.items():
            sent = arms == name
            valid_days[sent], payback_days[sent] = effect.valid_days, effect.payback_days
            noise = np.exp(effect.spread * world.luck.normal(f"effect {name}", world.key))
            taste = np.exp(effect.price_sensitive * world.price_sensitivity)
            by_type = np.select(
                [world.response == 0, world.response == 3],
                [effect.strength * noise * taste, -effect.harm * noise],
                0.0,
            )
            freshness = (1 - effect.wear_out_share) ** earlier
            reacts = self._reacts(effect, day)
            hazard = np.clip(by_type * freshness + effect.everyone, -MAX_LOG_HAZARD, MAX_LOG_HAZARD)
            values["log_hazard"][sent] = np.where(reacts, hazard, 0.0)[sent]
            if effect.points:
                chance, known = state_chances(world, self._treatments, None, day, effect.valid_days)
                won = np.minimum(effect.points * freshness / np.maximum(1 - chance, 1e-9), 1.0)
                values["won"][sent] = np.where(reacts & known, won, 0.0)[sent]
            values["pull_forward_share"][sent] = effect.pull_forward_share
            redemption = effect.redemption_share * np.exp(0.15 * world.price_sensitivity)
            values["redemption_share"][sent] = np.minimum(redemption, 1)[sent]
            values["discount_share"][sent] = effect.discount_share
            values["discount_amount"][sent] = effect.discount_amount
            values["min_basket"][sent] = effect.min_basket
        return Treatment(
            at_day=day,
            sent=np.isin(arms.astype(str), list(effects)),
            valid_days=valid_days,
            payback_days=payback_days,
            **values,
        )
