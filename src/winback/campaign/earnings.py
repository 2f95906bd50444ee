"""What a campaign earned, and what was foretold of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from winback.arrays import Floats
from winback.campaign.estimates import compare, rounded, weighted_mean, wilson
from winback.campaign.followed import Followed
from winback.offers.costs import reckoned_contact
from winback.results.measured import Amounts, Foretold, Predicted, Profit, ScoreForetold
from winback.results.offered import Offer


class _Paid(NamedTuple):
    """What each customer's margin was and what was paid, in money."""

    margin: Floats
    discount: Floats
    contact: Floats


def profit_of(
    campaign: Followed, offers: Sequence[Offer], amounts: Amounts, currency: str = ""
) -> Profit | None:
    """What the campaign earned: the margin it added less the discounts and the contacts.

    Per customer: ``margin_share`` of net spend before the discount; for whoever was sent an
    offer (as the CRM says, else as assigned) less the contact and the discount on up to
    ``max_uses`` orders in the window, of which ``redemption_share`` used it. None without a
    catalogue that names every treated arm.
    """
    arms = campaign.assigned["arm"].to_numpy(object)[campaign.treated]
    if not offers or not set(arms) <= {offer.name for offer in offers}:
        return None
    paid = _paid(campaign, offers, amounts, currency)
    cost_each = paid.discount + paid.contact
    found = compare(paid.margin - cost_each, campaign.treated, campaign.weights)
    added = compare(paid.margin, campaign.treated, campaign.weights)
    n, cost = int(campaign.treated.sum()), float(cost_each.sum())

    def over_cost(per_customer: float) -> float | None:
        return rounded(n * per_customer / cost) if cost > 0 else None

    return Profit(
        per_customer=rounded(found.effect),
        low=rounded(found.low),
        high=rounded(found.high),
        total=rounded(n * found.effect),
        total_low=rounded(n * found.low),
        total_high=rounded(n * found.high),
        margin_added=rounded(n * added.effect),
        margin_added_low=rounded(n * added.low),
        margin_added_high=rounded(n * added.high),
        discounts=rounded(float(paid.discount.sum())),
        contacts=rounded(float(paid.contact.sum())),
        offer_cost=rounded(cost),
        return_on_cost=over_cost(found.effect),
        return_on_cost_low=over_cost(found.low),
        return_on_cost_high=over_cost(found.high),
        amounts=amounts,
    )


def _paid(campaign: Followed, offers: Sequence[Offer], amounts: Amounts, currency: str) -> _Paid:
    planned = campaign.planned
    got = np.where(campaign.treated, campaign.assigned["arm"].to_numpy(object), "")
    if campaign.went is not None:
        told = campaign.went.offer.fillna(planned).to_numpy(object)
        got = np.where(campaign.went.sent, told, "")
    spend, bought = campaign.values("net_spend"), campaign.values("orders")
    discount, contact = np.zeros(len(spend)), np.zeros(len(spend))
    for offer in offers:
        here = got == offer.name
        contact[here] = reckoned_contact(offer, currency)[0]
        discount[here] = _discounts(offer, spend[here], bought[here], amounts)
    margins = {offer.name: offer.margin_share for offer in offers}
    usual = float(np.mean(list(margins.values())))
    value = spend + discount if amounts == "after_discount" else spend
    margin = value * planned.map(margins).fillna(usual).to_numpy(np.float64)
    return _Paid(margin, discount, contact)


def _discounts(offer: Offer, spend: Floats, bought: Floats, amounts: Amounts) -> Floats:
    """Discounts that customers with this offer took."""
    most = np.inf if offer.max_uses is None else offer.max_uses
    uses: Floats = offer.redemption_share * np.minimum(bought, most)
    if offer.discount_share is None:
        return uses * (offer.discount_amount or 0.0)
    # Of the orders that used it, as many as could, and of their mean value.
    part = np.divide(uses, bought, out=np.zeros_like(uses), where=bought > 0)
    off = offer.discount_share * part
    if amounts == "after_discount":
        off = np.divide(off, 1 - off, out=np.zeros_like(off), where=off < 1)
    taken: Floats = off * np.maximum(spend, 0)
    return taken


def predicted_of(campaign: Followed, offers: Sequence[Offer], profit: Profit | None) -> Predicted:
    """What was foretold against what came: the score, the effect, the gain. None: not foretold.

    The score is judged on the control alone, within the days it spoke of: the offers change
    the others' answer.
    """
    effects = {o.name: o.effect_pp / 100 for o in offers if o.effect_pp is not None}
    planned = campaign.planned[campaign.treated].map(effects)
    effect = None
    if planned.notna().all():
        found = campaign.compare("returned")
        effect = Foretold(
            predicted=rounded(float(planned.mean())),
            realised=rounded(found.effect),
            low=rounded(found.low),
            high=rounded(found.high),
        )
    gains = campaign.assigned["expected_gain"].to_numpy(np.float64)[campaign.treated]
    gain = None
    if profit is not None and np.isfinite(gains).all():
        gain = Foretold(
            predicted=rounded(float(gains.sum())),
            realised=profit.total,
            low=profit.total_low,
            high=profit.total_high,
        )
    return Predicted(p_return=_score_foretold(campaign), effect=effect, gain=gain)


def _score_foretold(campaign: Followed) -> ScoreForetold | None:
    side, days = ~campaign.treated, campaign.score_days
    scored = campaign.assigned["p_return"].to_numpy(np.float64)[side]
    if not days or not np.isfinite(scored).all() or not campaign.closed(days):
        return None
    came = (campaign.values("orders_by_then")[side] > 0).astype(np.float64)
    mean, _, n = weighted_mean(came, campaign.weights_of(side))
    foretold, _, _ = weighted_mean(scored, campaign.weights_of(side))
    low, high = wilson(mean, n)
    return ScoreForetold(
        days=days,
        predicted=rounded(foretold),
        realised=rounded(mean),
        low=rounded(low),
        high=rounded(high),
    )
