"""Which offer, if any, each customer is worth, and who is held out as control.

An offer changes the chance of an order by ``tau`` and costs its discount on every order
that redeems it, also on the orders that would have come anyway. What it earns is

    gain = tau * (m - d) - p0 * d - c

with ``p0`` the chance of an order without the offer within the offer's own validity, ``m``
the margin of an order before the discount, ``d`` the discount paid and ``c`` the contact
(Lemmens & Gupta 2020, Marketing Science 39(5), in the causal form). The chance of a return
is therefore the price of subsidising those who come anyway, never the reason to contact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.errors import UsageError, WinbackError
from winback.offers.catalogue import Offer
from winback.offers.eligibility import parse_eligibility

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class OfferValues:
    """What each offer is expected to do for each customer: arrays of customers x offers.

    Attributes:
        eligible: may get the offer at all (condition true, expected order above min_basket).
        p_order: chance of an order within the offer's validity without it (p0).
        margin: margin of an order before the discount, after returns (m).
        discount: discount expected to be paid on an order (d, after redemption).
        break_even: effect on the chance of an order at which the gain is zero, a share;
            infinite where the discount takes the whole margin.
        effect: effect the plan reckons with: the known one, else the plausible ceiling.
        gain: gain at that effect.
        cost: expected cost at that effect: the contact and the discount on every order.
        known: per offer, whether its effect is known (stated or measured).
    """

    eligible: Flags
    p_order: Floats
    margin: Floats
    discount: Floats
    break_even: Floats
    effect: Floats
    gain: Floats
    cost: Floats
    known: Flags


def value_offers(
    scores: pd.DataFrame,
    offers: Sequence[Offer],
    *,
    plausible_effect_pp: float = 10.0,
    plausible_lift: float = 1.0,
) -> OfferValues:
    """Work out each offer's gain for each customer of ``scores``.

    Grain: one row per row of ``scores``, one column per offer. The chance of an order is
    read at the offer's own validity from ``p_return_{h}d`` (the hazard is taken as constant
    between horizons and after the last). The expected order is the customer's own mean
    drawn towards the shop's (see :func:`expected_order_value`), after returns.

    A known effect is the same number of points for everybody, limited to what is possible
    (``1 - p0``; it cannot lower a chance below zero either). An unknown one is reckoned at
    a ceiling no campaign is likely to pass: ``plausible_effect_pp`` points, and no more than
    ``plausible_lift`` times ``p0`` (1.0: it may double the chance). Mailings in Hillstrom's
    test raised visits by 40 to 70 % and orders by 50 to 120 %; somebody who left years ago
    is not brought back by ten points.

    Absence: rows with a null probability or order value have NaN in every array but
    ``eligible``.

    Raises:
        UsageError: an eligibility names a column that is not in ``scores``.
    """
    placed, kept = expected_order_value(scores)
    shape = (len(scores), len(offers))
    eligible = np.zeros(shape, dtype=np.bool_)
    p_order, margin, discount, effect = (np.empty(shape) for _ in range(4))
    contact = np.array([offer.contact_cost for offer in offers], dtype=np.float64)
    for j, offer in enumerate(offers):
        try:
            eligible[:, j] = parse_eligibility(offer.eligible).mask(scores)
        except UsageError as error:
            raise UsageError(f"offer {offer.name}, eligible: {error}") from error
        if offer.min_basket is not None:
            eligible[:, j] &= placed >= offer.min_basket
        p0 = p_order[:, j] = _chance_within(scores, offer.valid_days)
        margin[:, j] = offer.margin_share * kept
        paid = offer.discount_amount or 0.0
        discount[:, j] = offer.redemption_share * (
            offer.discount_share * kept if offer.discount_share is not None else paid
        )
        if offer.effect_pp is None:
            effect[:, j] = np.minimum(plausible_effect_pp / 100, plausible_lift * p0)
        else:
            effect[:, j] = offer.effect_pp / 100
        effect[:, j] = np.clip(effect[:, j], -p0, 1 - p0)
    room = margin - discount
    burden = p_order * discount + contact
    break_even = np.where(np.isnan(room), np.nan, np.inf)
    np.divide(burden, room, out=break_even, where=room > 0)
    return OfferValues(
        eligible=eligible,
        p_order=p_order,
        margin=margin,
        discount=discount,
        break_even=break_even,
        effect=effect,
        gain=effect * room - burden,
        cost=contact + (p_order + effect) * discount,
        known=np.array([offer.effect_pp is not None for offer in offers], dtype=np.bool_),
    )


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


def _credibility_orders(orders: Floats, logs: Floats) -> float:
    """Spread within over spread between, from squared deviations against 1/orders."""
    if len(orders) < 30 or np.ptp(orders) == 0:
        return 3.0
    design = np.column_stack([np.ones(len(orders)), 1 / orders])
    between, within = np.linalg.lstsq(design, (logs - logs.mean()) ** 2, rcond=None)[0]
    if between <= 0 or within <= 0:
        return 1.0 if between > 0 else 20.0
    return float(np.clip(within / between, 1, 20))


def _chance_within(scores: pd.DataFrame, days: int) -> Floats:
    """Chance of an order within ``days``, by the cumulative hazard at the known horizons."""
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
        raise WinbackError("scores hold several horizon_days and no p_return_{h}d column")
    knots = [0, *sorted(curves)]
    hazards = [np.zeros(len(scores))]
    hazards += [-np.log1p(-np.clip(curves[h], 0, 1 - 1e-12)) for h in knots[1:]]
    after = next((i for i, h in enumerate(knots) if h >= days), len(knots) - 1)
    start, end = knots[after - 1], knots[after]
    slope = np.maximum(hazards[after] - hazards[after - 1], 0) / (end - start)
    chance: Floats = -np.expm1(-(hazards[after - 1] + slope * (days - start)))
    return chance
