"""What a campaign earned, and what was foretold of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Floats, Integers, Mask
from winback.campaign.estimates import (
    compare,
    covariance_of_means,
    fieller,
    rounded,
    weighted_mean,
    wilson,
)
from winback.campaign.followed import Followed
from winback.campaign.terms import had_it, price
from winback.offers.costs import reckoned_contact
from winback.results.measured import (
    Amounts,
    Foretold,
    Predicted,
    Profit,
    RatioInterval,
    ScoreForetold,
)
from winback.results.offered import Offer


@dataclass(frozen=True)
class Cash:
    """What each customer brought and cost, in money.

    Attributes:
        margin: of what was kept, before the discount.
        discount: discounts taken.
        contact: contacts paid.
        messages: how many contacts were paid.
        undiscounted: discounts that the orders of a customer without an offer would have had.
        assumed: whether the price of any contact is assumed.
    """

    margin: Floats
    discount: Floats
    contact: Floats
    messages: Integers
    undiscounted: Floats
    assumed: bool

    @property
    def profit(self) -> Floats:
        """What is left of the margin."""
        left: Floats = self.margin - self.discount - self.contact
        return left


def profit_of(campaign: Followed, offers: Sequence[Offer], amounts: Amounts) -> Profit | None:
    """What the campaign earned: the margin it added less the discounts and the contacts.

    Per customer: ``margin_share`` of what was kept of the window's orders, before the discount;
    for whoever was sent an offer (as the CRM says, else as assigned) less the contact and the
    discounts that its terms make, order by order (:func:`winback.campaign.terms.price`). What an
    order's refunds were is asked until the same day after the assignment for both arms. None
    without a catalogue that names every treated arm.

    Customers count as those with an offer do: where chances of the arms differ, control is
    weighted by the odds of being treated, so that ``total`` is of those who were (effect of
    treatment on the treated).
    """
    cash = cash_of(campaign, offers, amounts)
    if cash is None:
        return None
    return earned(cash, campaign.treated, _as_treated(campaign), amounts)


def earned(cash: Cash, treated: Mask, weights: Floats | None, amounts: Amounts) -> Profit:
    """Profit of everybody's money, with its intervals."""
    found = compare(cash.profit, treated, weights)
    added = compare(cash.margin, treated, weights)
    n, contacts = int(treated.sum()), int(cash.messages.sum())
    cost_each = cash.discount + cash.contact
    cost = float(cost_each.sum())
    total, low, high = (n * end for end in found.bounds)

    def over(amount: float, parts: float) -> float | None:
        return rounded(amount / parts) if parts > 0 else None

    ratio = over_cost(cash.profit, cost_each, treated, weights)
    # Whoever of the control was sent an offer by mistake cost something as well.
    spilled = float(cost_each[treated].sum()) / cost if cost > 0 else 1.0
    pays_below = over(total + float(cash.contact.sum()), contacts)
    return Profit(
        per_customer=rounded(found.effect),
        low=rounded(found.low),
        high=rounded(found.high),
        total=rounded(total),
        total_low=rounded(low),
        total_high=rounded(high),
        margin_added=rounded(n * added.effect),
        margin_added_low=rounded(n * added.low),
        margin_added_high=rounded(n * added.high),
        discounts=rounded(float(cash.discount.sum())),
        contacts=rounded(float(cash.contact.sum())),
        offer_cost=rounded(cost),
        return_on_cost=over(total, cost),
        return_on_cost_low=None if ratio is None else rounded(spilled * ratio[1]),
        return_on_cost_high=None if ratio is None else rounded(spilled * ratio[2]),
        amounts=amounts,
        n_contacts=contacts,
        per_contact=over(total, contacts),
        per_contact_low=over(low, contacts),
        per_contact_high=over(high, contacts),
        came_anyway=_came_anyway(cash, treated, weights),
        contact_assumed=cash.assumed,
        pays_below=pays_below if pays_below is not None and pays_below > 0 else None,
    )


def _as_treated(campaign: Followed) -> Floats | None:
    """Weights that make the control what the treated are; None where all have one chance."""
    if campaign.weights is None:
        return None
    return np.where(campaign.treated, 1.0, np.maximum(campaign.weights - 1, 0.0))


def cash_of(campaign: Followed, offers: Sequence[Offer], amounts: Amounts) -> Cash | None:
    """Each customer's money; None without a catalogue that names every treated arm.

    A customer of the control is reckoned with as one planned the offer that was planned for her
    or, where the assignment does not say, each offer as often as the treated have it.
    """
    arms = campaign.assigned["arm"].to_numpy(object)
    known = {offer.name: offer for offer in offers}
    if not known or not set(arms[campaign.treated]) <= set(known):
        return None
    planned = _planned(campaign, known)
    got, begins = np.where(campaign.treated, arms, ""), campaign.began
    if campaign.went is not None:
        told = campaign.went.offer.to_numpy(object, na_value="")
        # A name that the catalogue does not know is the CRM's own for what was planned.
        told = np.where([name in known for name in told], told, planned)
        got = np.where(campaign.went.sent, told, "")
        at = campaign.went.sent_at.to_numpy("datetime64[s]")
        begins = np.where(np.isnat(at), begins, np.maximum(at, begins))
    mine = campaign.purchases
    bare, n = mine.summed(mine.kept), len(arms)
    shares = {name: float((arms[campaign.treated] == name).mean()) for name in sorted(known)}
    share_of_margin, undiscounted = np.zeros(n), np.zeros(n)
    value, discount, contact = bare.copy(), np.zeros(n), np.zeros(n)
    assumed = False
    for name, offer in known.items():
        here = got == name
        if here.any():
            paid = price(offer, mine, begins, amounts, had_it(offer, mine, got == ""))
            value[here] = mine.summed(paid.value)[here]
            discount[here] = mine.summed(paid.discount)[here]
            contact[here], unknown = reckoned_contact(offer, mine.currency)
            assumed |= unknown
        part = np.where(planned == "", shares[name], (planned == name).astype(np.float64))
        if part.any():
            anyway = price(offer, mine, campaign.began, "before_discount")
            undiscounted += part * mine.summed(anyway.discount)
            share_of_margin += part * offer.margin_share
    return Cash(
        value * share_of_margin,
        discount,
        contact,
        (got != "").astype(np.int64),
        undiscounted,
        bool(assumed),
    )


def _planned(campaign: Followed, known: Mapping[str, Offer]) -> NDArray[np.object_]:
    """The offer planned for each; empty where the assignment does not say, or not one of these."""
    planned = campaign.planned.to_numpy(object)
    return np.where([name in known for name in planned], planned, "").astype(object)


def over_cost(
    profit: Floats, cost: Floats, treated: Mask, weights: Floats | None
) -> tuple[float, float, float] | None:
    """Effect on profit over the mean cost of the treated, with its 95 % interval.

    By Fieller's theorem (1954, Journal of the Royal Statistical Society B 16(2)): the cost hangs
    on the same orders as the profit does. None where it cannot be told from nothing.
    """
    found = compare(profit, treated, weights)
    mine = None if weights is None else weights[treated]
    mean, variance, _ = weighted_mean(cost[treated], mine)
    shared = covariance_of_means(profit[treated], cost[treated], mine)
    if mean <= 0 or not np.isfinite(found.low):
        return None
    reach = (found.high - found.effect) / found.se if found.se > 0 else 0.0
    return fieller(found.effect, mean, found.se**2, variance, shared, reach)


def _came_anyway(cash: Cash, treated: Mask, weights: Floats | None) -> RatioInterval | None:
    """Share of the discounts paid on orders that would have come without the offer.

    The discounts that the control's orders would have had under the same terms, over those paid
    to the treated, a customer each. Of the former less those of treated customers who were never
    sent theirs, since of them nothing was paid. The interval is that of a ratio on the log scale
    (Katz et al. 1978) by the delta method. None where no discount was paid or would have been.
    """
    unsent = np.where(cash.messages > 0, 0.0, cash.undiscounted)[treated]
    paid = cash.discount[treated]
    sides = [None if weights is None else weights[side] for side in (treated, ~treated)]
    mean_paid, _, _ = weighted_mean(paid, sides[0])
    mean_unsent, _, _ = weighted_mean(unsent, sides[0])
    mean_anyway, variance_anyway, _ = weighted_mean(cash.undiscounted[~treated], sides[1])
    top = mean_anyway - mean_unsent
    if mean_paid <= 0 or top <= 0:
        return None
    ratio = top / mean_paid
    _, variance_paid, _ = weighted_mean(unsent + ratio * paid, sides[0])
    reach = 1.96 * float(np.sqrt(variance_anyway + variance_paid)) / top
    bounds = (ratio, ratio * np.exp(-reach), ratio * np.exp(reach))
    value, low, high = (rounded(min(float(bound), 1.0)) for bound in bounds)
    return RatioInterval(value=value, low=low, high=high)


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
