"""What an offer's terms make a customer's orders cost, order by order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Floats, Mask
from winback.campaign.purchases import Purchases
from winback.results.measured import Amounts
from winback.results.offered import IN_PROPORTION, Offer

_LOWERS_PRICE = ("percent_off", "amount_off")
_CENT = 1e-6


class Priced(NamedTuple):
    """Purchases under an offer, in money.

    Attributes:
        discount: what the offer costs on each.
        value: what each customer kept of it, before that discount.
    """

    discount: Floats
    value: Floats


def price(
    offer: Offer,
    purchases: Purchases,
    begins: NDArray[np.datetime64],
    amounts: Amounts,
    unsure: float = 1.0,
) -> Priced:
    """Price each purchase as if its customer had the offer from ``begins`` on.

    A purchase uses the offer if it was placed within ``valid_days`` of the day it began, the
    first and the last day included; if its value before the discount reaches ``min_basket``;
    if any of it was kept; and if it is among the customer's first ``max_uses`` of these. Of
    those that use it ``redemption_share`` really did: a share of each, since which is not known.

    A price reduction is never more than the order. Of an order partly sent back it costs its
    part, as do points: whoever sends half back gets half of what was paid. Delivery, a gift and
    the referrer's reward cost in full as long as anything was kept. An order wholly sent back
    costs nothing in any kind and uses nothing up: the voucher is the customer's again.

    Args:
        begins: by customer, when the offer began to hold.
        amounts: whether the purchases' amounts are before or after the discount.
        unsure: share of the purchases that reach the basket only with their discount added
            that were larger ones with it and not smaller ones without; see :func:`had_it`.
    """
    gross, kept = purchases.gross, purchases.kept
    lowered = amounts == "after_discount" and offer.kind in _LOWERS_PRICE
    before = _before(offer, gross) if lowered else gross
    uses = _uses(offer, purchases, before, begins[purchases.customer])
    part = np.divide(kept, gross, out=np.zeros(len(gross)), where=gross > 0)
    if offer.discount_share is not None:
        share = offer.redemption_share * offer.discount_share
        # Of what was paid: lower where it was used, so that both together are the share of all.
        off = share / (1 - share) if lowered and share < 1 else share
        discount = off * gross * part
    elif offer.discount_amount is None:
        return Priced(np.zeros(len(gross)), kept)
    else:
        amount = np.full(len(gross), offer.discount_amount)
        if offer.kind in _LOWERS_PRICE:
            amount = np.minimum(amount, before)
        discount = offer.redemption_share * amount
        if offer.kind in IN_PROPORTION:
            discount = discount * part
    discount = np.where(uses, discount, 0.0)
    if lowered and offer.min_basket is not None:
        discount = np.where(gross < offer.min_basket - _CENT, unsure * discount, discount)
    return Priced(discount, kept + discount if lowered else kept)


def had_it(offer: Offer, purchases: Purchases, bare: Mask) -> float:
    """Share of orders paid a little below the basket that had reached it before the discount.

    An order of which 95 was paid is one of 105 with a voucher of 10, or one of 95 that was too
    small for it. How many of each there are the purchases of those without an offer tell: as
    many as they have in the stretch above the basket, against those in the stretch below it.
    1 where there are none of either.
    """
    if offer.min_basket is None or offer.kind not in _LOWERS_PRICE:
        return 1.0
    value = purchases.gross[bare[purchases.customer]]
    step = offer.discount_amount or 0.0
    low, high = offer.min_basket - step, offer.min_basket + step
    if offer.discount_share is not None:
        left = max(1 - offer.discount_share, _CENT)
        low, high = offer.min_basket * left, offer.min_basket / left
    reached = value >= offer.min_basket - _CENT
    above = offer.redemption_share * float((reached & (value < high - _CENT)).sum())
    below = float((~reached & (value >= low - _CENT)).sum())
    return above / (above + below) if above + below > 0 else 1.0


def _before(offer: Offer, paid: Floats) -> Floats:
    """Value of orders before the discount, had they used it."""
    if offer.discount_share is None:
        return paid + (offer.discount_amount or 0.0)
    return paid / (1 - offer.discount_share) if offer.discount_share < 1 else paid


def _uses(
    offer: Offer, purchases: Purchases, before: Floats, begins: NDArray[np.datetime64]
) -> Mask:
    """Which purchases the offer holds for, up to ``max_uses`` of a customer."""
    placed = purchases.placed_at
    day, first = placed.astype("datetime64[D]"), begins.astype("datetime64[D]")
    # Orders without a clock stand at midnight: one of the day it began is not before it.
    started = (placed >= begins) | ((day == first) & (placed == day))
    holds = started & (day < first + np.timedelta64(offer.valid_days, "D"))
    holds &= purchases.kept > _CENT
    if offer.min_basket is not None:
        holds &= before >= offer.min_basket - _CENT
    if offer.max_uses is None or not len(holds):
        return np.asarray(holds)
    count = np.cumsum(holds)
    new = np.r_[True, purchases.customer[1:] != purchases.customer[:-1]]
    # Uses counted before each customer's first purchase.
    earlier = np.maximum.accumulate(np.where(new, count - holds, 0))
    used: Mask = holds & (count - earlier <= offer.max_uses)
    return used
