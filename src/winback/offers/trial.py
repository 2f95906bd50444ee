"""The test that would measure an unknown effect: what it shows, what it costs, what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, exp, pi, sqrt
from statistics import NormalDist

from winback.arrays import Mask
from winback.offers.budget import Picks
from winback.offers.power import power_verdict
from winback.offers.worth import OfferValues
from winback.results.offered import Offer
from winback.results.planned import OfferTrial, Trial

ALPHA, POWER = 0.05, 0.8


def design_trial(
    offers: Sequence[Offer],
    values: OfferValues,
    possible: Mask,
    picks: Picks,
    held_out: Mask,
    cutoff: date | None,
) -> Trial | None:
    """Say, before the list leaves, what testing each offer of unknown effect is good for.

    None where every planned offer's effect is known. For each other offer: its two arms, the
    smallest effect that they show with 80 % power (at 5 % shared between the tested offers),
    the customers each arm needs at this split to show an effect that just pays, and how many
    campaigns of this size that makes.

    ``cost`` is what the test loses if the offer changes nothing: its contacts and the
    discounts of those who come anyway. ``value`` is what the reading is expected to bring in
    the next campaign to everybody for whom the offer could pay, who get it only if its
    effect, drawn towards nothing as the reading deserves, then exceeds the break-even b:

        N * K * s * (phi(b / s) - b / s * Phi(-b / s)),   s = s0^2 / sqrt(s0^2 + e^2)

    with N those customers, K what they bring for a mean effect of one, s0 the prior's standard
    deviation (mean 0; the plausible effect is its 97.5 % point) and e the reading's standard
    error (Raiffa & Schlaifer 1961, Applied Statistical Decision Theory, ch. 5: expected value
    of sample information with a linear gain). ``value_if_certain`` is the same with e = 0.
    """
    tested = [j for j in range(len(offers)) if not values.known[j] and (picks == j).any()]
    if not tested:
        return None
    window = max(offers[j].valid_days for j in tested)
    alpha = ALPHA / len(tested)
    return Trial(
        readable_on=None if cutoff is None else cutoff + timedelta(days=window),
        window_days=window,
        alpha=round(alpha, 4),
        power=POWER,
        offers={
            offers[j].name: _trial(values, possible, picks == j, held_out, j, alpha) for j in tested
        },
    )


def _trial(
    values: OfferValues, possible: Mask, here: Mask, held_out: Mask, j: int, alpha: float
) -> OfferTrial:
    treated, control = int((here & ~held_out).sum()), int((here & held_out).sum())
    base = float(values.p_order[here, j].mean())
    pays_from = values.pays_from(here, j) or 0.0
    power = power_verdict(treated, control, base, alpha=alpha, power=POWER)
    everybody = possible[:, j]
    brings = (values.gain + values.idle)[everybody, j]
    lifts = float(values.effect[everybody, j].sum())
    worth = float(brings.sum()) / lifts if lifts else 0.0
    prior = float(values.effect[here, j].mean()) / NormalDist().inv_cdf(0.975)
    cost = float(values.idle[here & ~held_out, j].sum())
    error = sqrt(base * (1 - base) * (1 / treated + 1 / control)) if treated and control else None
    kept = 0.0 if error is None else prior**2 / sqrt(prior**2 + error**2)
    value, certain = (
        int(everybody.sum()) * worth * _expected_excess(spread, pays_from)
        for spread in (kept, prior)
    )
    needed = _sizes_needed(base, pays_from, treated, control, alpha)
    return OfferTrial(
        n_treated=treated,
        n_control=control,
        p_order=round(base, 4),
        break_even_pp=round(100 * pays_from, 2),
        mde_pp=power.mde_pp,
        n_treated_needed=needed and needed[0],
        n_control_needed=needed and needed[1],
        campaigns_needed=needed
        and max(ceil(needed[0] / treated - 1e-9), ceil(needed[1] / control - 1e-9)),
        cost=round(cost, 2),
        value=round(value, 2),
        value_if_certain=round(certain, 2),
    )


def _expected_excess(spread: float, threshold: float) -> float:
    """Mean of the part of a normal (0, spread) above a threshold: the unit normal loss."""
    if spread <= 0:
        return 0.0
    z = threshold / spread
    density = exp(-z * z / 2) / sqrt(2 * pi)
    return max(spread * (density - z * NormalDist().cdf(-z)), 0.0)


def _sizes_needed(
    base: float, effect: float, treated: int, control: int, alpha: float
) -> tuple[int, int] | None:
    """Customers in each arm, at this split, that show an effect; None without two arms.

    n_C = (z_a + z_b)^2 (p0 q0 + p1 q1 / r) / effect^2 with r treated for each control.
    """
    if not treated or not control or not 0 < effect <= 1 - base:
        return None
    quantile = NormalDist().inv_cdf
    z, ratio, p1 = quantile(1 - alpha / 2) + quantile(POWER), treated / control, base + effect
    n = z**2 * (base * (1 - base) + p1 * (1 - p1) / ratio) / effect**2
    return ceil(n * ratio), ceil(n)
