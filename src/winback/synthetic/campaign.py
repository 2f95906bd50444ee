"""Sending a campaign to a simulated shop, and seeing what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from winback.errors import UsageError
from winback.synthetic.kinds import OfferEffect
from winback.synthetic.outcomes import outcomes_of
from winback.synthetic.shop import Shop, order_table, shop_of
from winback.synthetic.world import CONTROL, Treatment


@dataclass(frozen=True)
class Campaign:
    """What was seen after a campaign, and the truth that no shop ever sees.

    ``orders``: lines as in ``Shop.orders``, from ``at`` until the days followed have passed, on
    the path each customer was assigned to. ``outcomes``: ``Shop.potential_outcomes`` columns for
    each assigned customer with an order before ``at``, with the arm; of a control customer, the
    path with the offer is the path under ``planned_offer`` if the assignment names it, else
    under the first offer. ``redemptions``: one row per order that used the offer: customer_id,
    order_id, ordered_at, offer, discount.
    """

    orders: pd.DataFrame
    outcomes: pd.DataFrame
    redemptions: pd.DataFrame
    _before: Shop = field(repr=False)
    _sent: Treatment = field(repr=False)
    _until_day: int = field(repr=False)

    @cached_property
    def shop(self) -> Shop:
        """The shop as it is after the days followed: the campaign's orders are its history."""
        before = self._before
        days = max(before.days, self._until_day)
        treatments = (*before._treatments, self._sent)
        return shop_of(before.kind, before._world, days, before.offers, treatments)


def simulate_campaign(
    shop: Shop,
    assignment: pd.DataFrame,
    at: str | date,
    window_days: int = 30,
    *,
    effects: Mapping[str, OfferEffect] | None = None,
    follow_days: int | None = None,
) -> Campaign:
    """Send a campaign at the start of the day ``at`` and see what customers do.

    ``assignment`` has one row per customer with customer_id and arm (an offer's name or
    ``control``), optionally planned_offer. Who is not in it, or has not ordered before ``at``,
    is sent nothing. Outcomes are over ``window_days``; orders are given for ``follow_days``
    (default: twice the window). ``effects`` replaces the shop's own offers.

    Raises:
        UsageError: an unknown arm or customer, a customer named twice, days not simulated.
    """
    offers = dict(effects or shop.offers)
    follow_days = 2 * window_days if follow_days is None else follow_days
    day = shop._day(at, max(follow_days, 2 * window_days))
    for column in ("customer_id", "arm"):
        if column not in assignment:
            raise UsageError("synthetic.no_column", column=column)
    row_of = pd.Series(np.arange(len(shop.customers)), index=shop.customers["customer_id"])
    customer = row_of.reindex(assignment["customer_id"].astype(str))
    if customer.isna().any():
        strangers = list(customer.index[customer.isna()][:5])
        raise UsageError("synthetic.strangers", customers=strangers)
    if customer.index.has_duplicates:
        twice = list(customer.index[customer.index.duplicated()][:5])
        raise UsageError("synthetic.twice", customers=twice)
    unknown = sorted(set(assignment["arm"].astype(str)) - {CONTROL, *offers})
    if unknown:
        raise UsageError("synthetic.arms", arms=unknown[:5], offers=list(offers))

    rows = customer.to_numpy().astype(np.int64)
    count = len(shop.customers)
    drawn = np.full(count, CONTROL, dtype=object)
    drawn[rows] = assignment["arm"].astype(str).to_numpy()
    planned = np.full(count, next(iter(offers)), dtype=object)
    if "planned_offer" in assignment:
        wanted = assignment["planned_offer"].astype(str).to_numpy()
        planned[rows] = np.where(np.isin(wanted, list(offers)), wanted, planned[rows])
    planned = np.where(drawn == CONTROL, planned, drawn)

    assigned = np.zeros(count, dtype=np.bool_)
    assigned[rows] = True
    # Nobody can write to a customer who has not ordered yet.
    known = np.zeros(count, dtype=np.bool_)
    known[shop._world.visits(shop._treatments, day).customer] = True
    sent = shop._treatment(day, offers, np.where(known, drawn, CONTROL))
    could = replace(shop, offers=offers)._treatment(day, offers, planned)
    outcomes = outcomes_of(shop._world, shop.customers, shop._treatments, could, day, window_days)
    kept = outcomes["customer_id"].map(pd.Series(assigned, index=shop.customers["customer_id"]))
    arm = outcomes["customer_id"].map(pd.Series(drawn, index=shop.customers["customer_id"]))
    outcomes.insert(1, "arm", arm)

    treatments = (*shop._treatments, sent)
    lines = shop._world.order_lines(treatments, day, day + follow_days)
    orders = order_table(shop._world, lines)
    redeemed = (lines.source == len(treatments) - 1) & ~lines.is_refund & (lines.line == 0)
    redemptions = orders.loc[redeemed, ["customer_id", "order_id", "ordered_at"]].assign(
        offer=drawn[lines.customer[redeemed]], discount=lines.discount[redeemed] / 100
    )
    return Campaign(
        orders=orders,
        outcomes=outcomes[kept.to_numpy(dtype=bool)].reset_index(drop=True),
        redemptions=redemptions.reset_index(drop=True),
        _before=replace(shop, offers=offers),
        _sent=sent,
        _until_day=day + follow_days,
    )
