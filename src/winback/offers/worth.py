"""Which offer, if any, each customer is worth, and who is held out as control.

An offer makes customers order faster: it multiplies the rate of their orders while it is
valid by one ratio of hazards, the same for all whom it may reach (proportional hazards, Cox
1972, Journal of the Royal Statistical Society B 34(2)). With ``rate`` the orders expected
without it, ``-log(1 - p0)`` of a Poisson process, a customer's chance of an order rises from
``p0`` to ``p1 = 1 - exp(-ratio * rate)``, her effect is ``tau = p1 - p0``, and

    gain = tau * (m - d) - p0 * d - c + m * (orders won beyond the first)

with ``m`` the margin of an order before the discount, ``d`` the discount paid on an order
(here of an offer that can be used once) and ``c`` the contact (Lemmens & Gupta 2020,
Marketing Science 39(5), in the causal form). In general the margin of ``(ratio - 1) * rate``
orders less the discounts on all the orders that use it. Where a campaign measured how many
times as many orders the treated placed, that ratio takes the place of ``ratio`` in the margin:
customers react differently, and the ratio of all orders is then larger than that of first ones.
The chance of a return is the price of subsidising those who come anyway and what the effect is
in proportion to; a customer who hardly ever comes is cheap and hardly to be won.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from winback.arrays import Floats, Mask
from winback.errors import UsageError, WinbackError
from winback.offers.costs import reckoned_contact
from winback.offers.eligibility import parse_eligibility
from winback.offers.measured import Ends
from winback.offers.reactions import Reactions
from winback.params import PLAUSIBLE_EFFECT_PP
from winback.results.offered import IN_PROPORTION, MeasuredOffer, Offer, Ratios, TaughtOffer

# Tests that were published saw rates of one and a half to a bit over twice the control's
# (Hillstrom 2008); ten times is a mistake in what was stated, or in a few customers' luck.
LARGEST_RATIO = 10.0
# Scores are not known more exactly than to a percent: 0.9999 is not nine orders.
_SUREST = 0.99
_NEWTON_STEPS = 6
_TYPICAL = 10_000


@dataclass(frozen=True)
class OfferValues:
    """What each offer is expected to do for each customer: arrays of customers x offers.

    Attributes:
        eligible: may get the offer at all (condition true, expected order above min_basket).
        p_order: chance of an order within the offer's validity without it (p0).
        margin: margin of a won order before the discount, after returns and without what
            would have come later (m).
        discount: discount expected to be paid on an order (d, after redemption, and only
            where the order reaches the minimum basket).
        subsidy: discounts expected to be paid to a customer who comes without the offer.
        idle: what is lost if the offer changes nothing: the subsidy and the contact.
        break_even: effect on the chance of an order at which the gain is zero, a share;
            infinite where the discount takes the whole margin or where it would take more
            than ``LARGEST_RATIO`` times the orders.
        effect: effect the plan reckons with: the known one, else the plausible ceiling.
        gain: gain at that effect.
        gain_low: gain at the lower end of the effect's interval; unknown: at no effect.
        gain_high: gain at its upper end; unknown: at the plausible ceiling.
        cost: expected cost at that effect: the contact and the discount on every order.
        known: per offer, whether its effect is known (stated, measured or learned).
    """

    eligible: Mask
    p_order: Floats
    margin: Floats
    discount: Floats
    subsidy: Floats
    idle: Floats
    break_even: Floats
    effect: Floats
    gain: Floats
    gain_low: Floats
    gain_high: Floats
    cost: Floats
    known: Mask

    def pays_from(self, rows: Mask, j: int) -> float | None:
        """Mean effect from which offer ``j`` pays for these customers together, a share.

        Their effects keep their proportions, and what they bring is taken as linear in them.
        None for nobody, or where it cannot pay for anyone.
        """
        rows = rows & np.isfinite(self.break_even[:, j])
        if not rows.any():
            return None
        brings = float((self.gain + self.idle)[rows, j].sum())
        effect = float(self.effect[rows, j].mean())
        if effect * brings <= 0:
            return float(self.break_even[rows, j].mean())
        return effect * float(self.idle[rows, j].sum()) / brings


def value_offers(
    scores: pd.DataFrame,
    offers: Sequence[Offer],
    *,
    plausible_effect_pp: float = PLAUSIBLE_EFFECT_PP,
    plausible_lift: float = 1.0,
    allowed: Mask | None = None,
    currency: str = "",
    reactions: Reactions | None = None,
    fading: Floats | None = None,
) -> OfferValues:
    """Work out each offer's gain for each customer of ``scores``.

    Grain: one row per row of ``scores``, one column per offer. The chance of an order is
    read at the offer's own validity from ``p_return_{h}d`` (the hazard is taken as constant
    between horizons and after the last). The expected order is the customer's own mean
    drawn towards the shop's (see :func:`expected_order_value`), after returns.

    A known effect is a mean over the customers who are eligible, in points: the one ratio of
    hazards is solved for that gives this mean, so that whoever comes often is won more often
    than whoever is nearly gone, and nobody's chance leaves 0 to 1. A measured ratio of the
    arms' hazards is first turned into points at these customers' mean chance; customers who
    differ each react more strongly than their average does. No ratio is above
    ``LARGEST_RATIO`` or below its inverse.

    Money follows the orders: where a measurement has the ratio of all orders, it takes the
    place of the ratio of hazards in what is won and in what lasting offers cost. It is the
    larger one where customers react differently, since whoever reacts most comes more than
    once and, without the offer, once anyway. Segments that were measured have their own.

    An unknown effect is reckoned at a ceiling no campaign is likely to pass: a mean of
    ``plausible_effect_pp`` points, and no more than ``plausible_lift`` times as many orders
    again (1.0: it may double them). Mailings in Hillstrom's test raised visits by 40 to 70 %
    and orders by 50 to 120 %. An offer that was tested before has no higher ceiling than the
    upper end of what its readings found.

    What was learned from lists that left is a ratio of orders of each customer's own, which
    serves for the chance of an order as well.

    Absence: rows with a null probability or order value have NaN in every array but
    ``eligible``.

    Args:
        allowed: customers x offers who may get each, beside its own conditions.
        currency: of all money; says what a contact of unknown price usually costs.
        reactions: each customer's, where offers rest on what was learned.
        fading: customers x offers: what is left of the logarithm of a ratio above one after
            earlier contacts, 1 for whoever had none. A harm does not fade: the ratios below
            one stay.

    Raises:
        UsageError: an eligibility names a column that is not in ``scores``.
    """
    orders = _Orders(*expected_order_value(scores), _spread_of_orders(scores))
    shape = (len(scores), len(offers))
    eligible = np.ones(shape, np.bool_) if allowed is None else allowed.copy()
    found: dict[str, Floats] = {
        name: np.empty(shape)
        for name in OfferValues.__dataclass_fields__
        if name not in ("eligible", "known")
    }
    for j, offer in enumerate(offers):
        eligible[:, j] &= _eligible(offer, scores, orders)
        rate = orders_within(scores, offer.valid_days)
        counted = eligible[:, j] & np.isfinite(rate)
        both = _learned(offer, scores, reactions) or _reactions(
            offer, scores, rate, counted, plausible_effect_pp, 1 + plausible_lift
        )
        if fading is not None:
            both = (_faded(both[0], fading[:, j]), _faded(both[1], fading[:, j]))
        contact, _ = reckoned_contact(offer, currency)
        for name, column in _value(offer, rate, orders, *both, contact).items():
            found[name][:, j] = column
    known = np.array([offer.effect_pp is not None for offer in offers], dtype=np.bool_)
    return OfferValues(eligible=eligible, known=known, **found)


class _Orders(NamedTuple):
    """A customer's expected order: its value as placed, after returns, and how orders spread."""

    placed: Floats
    kept: Floats
    spread: float


def _eligible(offer: Offer, scores: pd.DataFrame, orders: _Orders) -> Mask:
    """Whose condition holds, and whose expected order reaches the minimum basket."""
    try:
        eligible = parse_eligibility(offer.eligible).mask(scores)
    except UsageError as error:
        raise UsageError("offers.eligible", offer=offer.name, problem=error) from error
    return eligible if offer.min_basket is None else eligible & (orders.placed >= offer.min_basket)


def _value(
    offer: Offer, rate: Floats, orders: _Orders, faster: _Reaction, more: _Reaction, contact: float
) -> dict[str, Floats]:
    """One offer's column of each array of :class:`OfferValues`, but for two."""
    margin = offer.margin_share * orders.kept * (1 - offer.pull_forward_share)
    reach, reach_value = _above(orders.placed, offer.min_basket, orders.spread)
    if offer.discount_share is not None:
        discount = offer.redemption_share * offer.discount_share * orders.kept * reach_value
    else:
        # What is sent back takes its part of a voucher along, and of a parcel nothing.
        part = orders.kept / orders.placed if offer.kind in IN_PROPORTION else 1.0
        discount = offer.redemption_share * (offer.discount_amount or 0.0) * reach * part
    subsidy = discount * _uses(rate, offer.max_uses)[0]
    paid = [
        discount * _uses((f if offer.max_uses == 1 else m) * rate, offer.max_uses)[0]
        for f, m in zip(faster, more, strict=True)
    ]
    gain, low, high = (
        margin * (ratio - 1) * rate - off - contact for ratio, off in zip(more, paid, strict=True)
    )
    return {
        "p_order": -np.expm1(-rate),
        "margin": margin,
        "discount": discount,
        "subsidy": subsidy,
        "idle": subsidy + contact,
        "break_even": _break_even(rate, margin, discount, offer.max_uses, contact),
        "effect": np.exp(-rate) - np.exp(-faster[0] * rate),
        "gain": gain,
        "gain_low": low,
        "gain_high": high,
        "cost": contact + paid[0],
    }


Ratio = float | Floats
"""One ratio for all customers, or each one's."""

_Reaction = tuple[Ratio, Ratio, Ratio]
"""A ratio with the ends of its interval."""


def _learned(
    offer: Offer, scores: pd.DataFrame, reactions: Reactions | None
) -> tuple[_Reaction, _Reaction] | None:
    """Each customer's own ratios, of hazards and of orders; None where nothing was learned."""
    if reactions is None or not isinstance(offer, TaughtOffer) or offer.effect_pp is None:
        return None
    found = reactions.of_customers(offer, scores["customer_id"].astype(str).to_numpy(object))
    low, high = 1 / LARGEST_RATIO, LARGEST_RATIO
    own = (
        np.clip(found.ratio, low, high), np.clip(found.low, low, high),
        np.clip(found.high, low, high),
    )  # fmt: skip
    return own, own


def _reactions(
    offer: Offer, scores: pd.DataFrame, rate: Floats, counted: Mask,
    plausible_effect_pp: float, most: float,
) -> tuple[_Reaction, _Reaction]:  # fmt: skip
    """Ratios of hazards and of orders, each with the ends of its interval."""

    def both(measured: Ratios | None, rows: Mask) -> tuple[Ends, Ends]:
        faster = _hazards(offer, measured, _typical(rate[rows]), plausible_effect_pp, most)
        orders = None if measured is None else measured.orders
        return faster, faster if orders is None else _believable(orders)

    if not isinstance(offer, MeasuredOffer):
        return both(None, counted)
    faster, more = both(offer, counted)
    if not offer.segments:
        return faster, more
    if offer.segment_column not in scores:
        raise UsageError("offers.segment_column", offer=offer.name, column=offer.segment_column)
    labels = scores[offer.segment_column].astype("string").fillna("").to_numpy(object)
    each = [[np.full(len(rate), end) for end in ends] for ends in (faster, more)]
    for name, measured in offer.segments.items():
        here = labels == name
        for columns, ends in zip(each, both(measured, counted & here), strict=True):
            for column, end in zip(columns, ends, strict=True):
                column[here] = end
    (f0, f1, f2), (m0, m1, m2) = each
    return (f0, f1, f2), (m0, m1, m2)


def _faded(reaction: _Reaction, left: Floats) -> _Reaction:
    """What earlier contacts leave of ratios above one; a harm stays."""
    middle, low, high = (
        np.where(np.greater(end, 1.0), np.power(end, left), end) for end in reaction
    )
    return middle, low, high


def _believable(ratios: Ends) -> Ends:
    low, high = 1 / LARGEST_RATIO, LARGEST_RATIO
    middle, at_least, at_most = (min(max(ratio, low), high) for ratio in ratios)
    return middle, at_least, at_most


def _hazards(
    offer: Offer, measured: Ratios | None, rates: Floats, plausible_effect_pp: float, most: float
) -> Ends:
    """Ratio of hazards of an offer among these customers, and the ends of its interval."""
    if offer.effect_pp is None:
        ceiling = min(_ratio_of(plausible_effect_pp / 100, rates), most)
        if isinstance(offer, TaughtOffer) and offer.rests_on.ratio_high is not None:
            # What its readings rule out is plausible no more.
            ceiling = max(min(ceiling, offer.rests_on.ratio_high), 1.0)
        return ceiling, 1.0, ceiling
    if measured is not None:
        mean_rate = -np.log1p(np.expm1(-rates).mean()) if len(rates) else 0.0
        points = [float(np.exp(-mean_rate) - np.exp(-r * mean_rate)) for r in measured.hazards]
    elif offer.effect_low_pp is None or offer.effect_high_pp is None:
        # Nothing or twice as much, at the ends of a 95 % interval.
        points = [offer.effect_pp / 100, 0.0, offer.effect_pp / 50]
    else:
        points = [pp / 100 for pp in (offer.effect_pp, offer.effect_low_pp, offer.effect_high_pp)]
    middle, low, high = (_ratio_of(effect, rates) for effect in points)
    return middle, low, high


def _typical(rates: Floats) -> Floats:
    """The rates, sorted; of very many the means of equally many neighbours, to save time."""
    rates = np.sort(rates)
    if len(rates) <= 2 * _TYPICAL:
        return rates
    ends = np.linspace(0, len(rates), _TYPICAL + 1).astype(np.int64)
    means: Floats = np.add.reduceat(rates, ends[:-1]) / np.diff(ends)
    return means


def _ratio_of(effect: float, rates: Floats) -> float:
    """The ratio of hazards whose mean effect over these customers is ``effect``, a share."""
    from scipy.optimize import brentq

    if effect == 0 or not len(rates):
        return 1.0
    anyway = float(np.exp(-rates).mean())

    def excess(log_ratio: float) -> float:
        return anyway - float(np.exp(-rates * np.exp(log_ratio)).mean()) - effect

    end = float(np.log(LARGEST_RATIO)) * (1 if effect > 0 else -1)
    if excess(end) * effect <= 0:
        return float(np.exp(end))
    return float(np.exp(brentq(excess, min(0.0, end), max(0.0, end), xtol=1e-12)))


def _break_even(
    rate: Floats, margin: Floats, discount: Floats, most_uses: int | None, contact: float
) -> Floats:
    """Effect at which the gain is zero; infinite where there is none within reach."""
    uses, _ = _uses(LARGEST_RATIO * rate, most_uses)
    most = margin * (LARGEST_RATIO - 1) * rate - discount * uses - contact
    effect = np.where((most < 0) | (margin <= discount), np.inf, np.nan)
    here = np.flatnonzero((most >= 0) & (margin > discount))
    rate, margin, discount = rate[here], margin[here], discount[here]
    ratio = np.full(len(here), LARGEST_RATIO)
    # From the right end of a convex rising curve Newton's steps never pass the root.
    for _ in range(_NEWTON_STEPS):
        uses, more = _uses(ratio * rate, most_uses)
        gain = margin * (ratio - 1) * rate - discount * uses - contact
        slope = rate * (margin - discount * more)
        ratio = ratio - gain / np.where(slope > 0, slope, np.inf)
    effect[here] = np.exp(-rate) - np.exp(-ratio * rate)
    return effect


def expected_order_value(scores: pd.DataFrame) -> tuple[Floats, Floats]:
    """Expect what a customer's next order is worth: as placed, and after returns.

    A mean of few orders says little, so it counts with its number of orders against the
    shop's mean counted ``k`` times (credibility, Bühlmann 1967). ``k`` is the spread within
    a customer over the spread between customers, read off how the spread of log means falls
    with the number of orders, and kept within 1 to 20. The share sent back is drawn towards
    the shop's in the same way. Null means give null values.
    """
    orders = scores["orders_total"].to_numpy(np.float64, na_value=np.nan)
    means = scores["order_value_mean"].to_numpy(np.float64, na_value=np.nan)
    returned = scores["refund_share"].to_numpy(np.float64, na_value=np.nan)
    usable = (orders > 0) & (means > 0)
    if not usable.any():
        nothing = np.full(len(scores), np.nan)
        return nothing, nothing.copy()
    n, value = orders[usable], means[usable]
    k = _credibility_orders(n, np.log(value))
    weight = n * value
    shop_value = float(weight.sum() / n.sum())
    told = usable & np.isfinite(returned)
    share = np.clip(returned, 0, 1)
    shop_share = float(np.average(share[told], weights=(orders * means)[told])) if told.any() else 0
    with np.errstate(invalid="ignore"):
        placed = np.where(usable, (orders * means + k * shop_value) / (orders + k), np.nan)
        share = np.where(told, (orders * share + k * shop_share) / (orders + k), shop_share)
    return placed, placed * (1 - share)


def _uses(rate: Floats, most: int | None) -> tuple[Floats, Floats]:
    """Orders of a Poisson number that use an offer, at most ``most``; chance that one more would.

    That is ``E[min(N, most)]`` and ``P(N < most)``, its slope in the rate.
    """
    if most is None:
        return rate, np.ones(len(rate))
    exactly = np.exp(-rate)
    below, uses = np.zeros(len(rate)), np.zeros(len(rate))
    for k in range(most):
        below = below + exactly
        uses = uses + (1 - below)
        exactly = exactly * rate / (k + 1)
    return uses, below


def _above(placed: Floats, basket: float | None, spread: float) -> tuple[Floats, Floats]:
    """Share of orders, and of their value, that reach a basket: log-normal around the mean."""
    from scipy.special import ndtr

    if not basket:
        return np.ones(len(placed)), np.ones(len(placed))
    with np.errstate(invalid="ignore"):
        distance = np.log(placed / basket) / spread
    return ndtr(distance - spread / 2), ndtr(distance + spread / 2)


def _spread_of_orders(scores: pd.DataFrame) -> float:
    """Standard deviation of the logarithm of one customer's orders."""
    orders = scores["orders_total"].to_numpy(np.float64, na_value=np.nan)
    means = scores["order_value_mean"].to_numpy(np.float64, na_value=np.nan)
    usable = (orders > 0) & (means > 0)
    parts = _variances(orders[usable], np.log(means[usable]))
    # A half where the shop cannot tell: orders of one customer between 0.6 and 1.6 of her mean.
    return 0.5 if parts is None else float(np.clip(np.sqrt(max(parts[1], 0.0)), 0.1, 1.5))


def _variances(orders: Floats, logs: Floats) -> tuple[float, float] | None:
    """Variance between and within customers, from squared deviations against 1/orders."""
    if len(orders) < 30 or np.ptp(orders) == 0:
        return None
    squares, inverse = (logs - logs.mean()) ** 2, 1 / orders
    centred = inverse - inverse.mean()
    within = float((centred * (squares - squares.mean())).sum() / (centred**2).sum())
    return float(squares.mean()) - within * float(inverse.mean()), within


def _credibility_orders(orders: Floats, logs: Floats) -> float:
    """Spread within over spread between customers."""
    parts = _variances(orders, logs)
    if parts is None:
        return 3.0
    between, within = parts
    if between <= 0 or within <= 0:
        return 1.0 if between > 0 else 20.0
    return float(np.clip(within / between, 1, 20))


def orders_within(scores: pd.DataFrame, days: int) -> Floats:
    """Orders expected within ``days``: the cumulative hazard, from that at the known horizons."""
    curves: dict[int, Floats] = {}
    for column in scores.columns:
        if found := re.fullmatch(r"p_return_(\d+)d", str(column)):
            curves[int(found.group(1))] = scores[column].to_numpy(np.float64, na_value=np.nan)
    horizons = scores["horizon_days"].unique()
    if len(horizons) == 1:
        curves.setdefault(
            int(horizons[0]), scores["p_return"].to_numpy(np.float64, na_value=np.nan)
        )
    if not curves:
        if not len(scores):
            return np.empty(0)
        raise WinbackError("offers.several_horizons")
    knots = [0, *sorted(curves)]
    hazards = [np.zeros(len(scores))]
    hazards += [-np.log1p(-np.clip(curves[h], 0, _SUREST)) for h in knots[1:]]
    after = next((i for i, h in enumerate(knots) if h >= days), len(knots) - 1)
    start, end = knots[after - 1], knots[after]
    slope = np.maximum(hazards[after] - hazards[after - 1], 0) / (end - start)
    orders: Floats = hazards[after - 1] + slope * (days - start)
    return orders
