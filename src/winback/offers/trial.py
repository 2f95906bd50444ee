"""The test that would measure an unknown effect: what it shows, what it costs, what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, exp, pi, sqrt
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq

from winback.arrays import Mask
from winback.offers.budget import Picks
from winback.offers.costs import reckoned_contact
from winback.offers.power import power_verdict, sizes_needed
from winback.offers.worth import OfferValues
from winback.results.offered import Offer
from winback.results.planned import BestTest, OfferTrial, Trial

ALPHA, POWER = 0.05, 0.8
# At one a month ten campaigns are most of a year, in which neither the customers nor the offer
# stay what was to be measured.
MOST_CAMPAIGNS = 10


def design_trial(
    offers: Sequence[Offer],
    values: OfferValues,
    possible: Mask,
    picks: Picks,
    held_out: Mask,
    explored: Mask,
    cutoff: date | None,
) -> Trial | None:
    """Say, before the list leaves, what testing each offer of unknown effect is good for.

    None where every offer's effect is known that is not only explored. For each other offer:
    its two arms, the smallest effect that they show with 80 % power (at 5 % shared between the
    tested offers), the customers each arm needs at this split to show an effect that just pays,
    and how many campaigns of this size that makes.

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
    planned = set(picks[~explored].tolist())
    tested = [j for j in range(len(offers)) if not values.known[j] and j in planned]
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
            offers[j].name: _trial(_Test.of(values, possible, picks == j, held_out, j), alpha)
            for j in tested
        },
        best=_best_alone(offers, values, possible, picks, held_out, tested),
    )


@dataclass(frozen=True)
class _Test:
    """One offer's test: its arms, what it costs a contact more or less, and what it teaches.

    Attributes:
        base: chance to order without the offer.
        idle: what a treated customer costs if the offer changes nothing, in money.
        effect: mean effect reckoned with, a share; what all the customers it is planned for
            ``bring`` at it, before its cost, with ``idle_all`` what it costs them in sum.
        worth: what everybody for whom it could pay brings in sum for a mean effect of one.
        break_even: mean effect from which it pays, where what it brings tells nothing.
    """

    treated: int
    control: int
    base: float
    idle: float
    effect: float
    bring: float
    idle_all: float
    planned: int
    worth: float
    break_even: float

    @classmethod
    def of(cls, values: OfferValues, possible: Mask, here: Mask, held_out: Mask, j: int) -> _Test:
        """The test of offer ``j`` on these customers, of whom some are held out."""
        everybody = possible[:, j]
        brings = (values.gain + values.idle)[:, j]
        lifts = float(values.effect[everybody, j].sum())
        able = here & np.isfinite(values.break_even[:, j])
        treated = here & ~held_out
        worth = float(brings[everybody].sum()) / lifts if lifts else 0.0
        return cls(
            treated=int(treated.sum()),
            control=int((here & held_out).sum()),
            base=float(values.p_order[here, j].mean()),
            idle=float(values.idle[treated, j].sum()) / max(int(treated.sum()), 1),
            effect=float(values.effect[able, j].mean()) if able.any() else 0.0,
            bring=float(brings[able].sum()),
            idle_all=float(values.idle[able, j].sum()),
            planned=int(able.sum()),
            worth=int(everybody.sum()) * worth,
            break_even=float(values.break_even[able, j].mean()) if able.any() else 0.0,
        )

    def pays_from(self, dearer: float = 0.0) -> float:
        """Effect from which it pays where a contact costs so much more, a share."""
        if self.effect * self.bring <= 0:
            return self.break_even
        return self.effect * (self.idle_all + dearer * self.planned) / self.bring

    def cost(self, dearer: float = 0.0) -> float:
        """What is lost if the offer changes nothing."""
        return self.treated * (self.idle + dearer)

    def value(self, dearer: float = 0.0, *, certain: bool = False) -> float:
        """What the reading, or the truth, is expected to bring in the next campaign."""
        prior = self.effect / NormalDist().inv_cdf(0.975)
        if not certain:
            if not self.treated or not self.control:
                return 0.0
            spread = self.base * (1 - self.base) * (1 / self.treated + 1 / self.control)
            prior = prior**2 / sqrt(prior**2 + spread) if prior > 0 else 0.0
        return self.worth * _expected_excess(prior, self.pays_from(dearer))


def _trial(test: _Test, alpha: float) -> OfferTrial:
    pays_from = test.pays_from()
    power = power_verdict(test.treated, test.control, test.base, alpha=alpha, power=POWER)
    needed = None
    if test.treated and test.control and 0 < pays_from <= 1 - test.base:
        ratio = test.treated / test.control
        needed = sizes_needed(test.base, pays_from, ratio=ratio, alpha=alpha, power=POWER)
    campaigns = needed and max(
        ceil(needed[0] / test.treated - 1e-9), ceil(needed[1] / test.control - 1e-9)
    )
    shown = power.mde_pp is not None and power.mde_pp <= round(100 * pays_from, 2)
    return OfferTrial(
        n_treated=test.treated,
        n_control=test.control,
        p_order=round(test.base, 4),
        break_even_pp=round(100 * pays_from, 2),
        mde_pp=power.mde_pp,
        n_treated_needed=needed and needed[0],
        n_control_needed=needed and needed[1],
        campaigns_needed=1 if shown and campaigns else campaigns,
        tellable=pays_from == 0 or shown or (campaigns or MOST_CAMPAIGNS + 1) <= MOST_CAMPAIGNS,
        cost=round(test.cost(), 2),
        value=round(test.value(), 2),
        value_if_certain=round(test.value(certain=True), 2),
    )


def _best_alone(
    offers: Sequence[Offer],
    values: OfferValues,
    possible: Mask,
    picks: Picks,
    held_out: Mask,
    tested: Sequence[int],
) -> BestTest | None:
    """The offer that is best tested by itself, on all the planned who could have it.

    None for one tested offer alone, or where no test is worth what it costs.
    """
    if len(tested) < 2:
        return None
    rows = np.isin(picks, tested)
    found = {j: _Test.of(values, possible, rows & possible[:, j], held_out, j) for j in tested}
    # At one price among equals the first of the catalogue.
    best = max(tested, key=lambda j: found[j].value() - found[j].cost())
    test = found[best]
    if test.value() <= test.cost():
        return None
    power = power_verdict(test.treated, test.control, test.base, alpha=ALPHA, power=POWER)
    return BestTest(
        offer=offers[best].name,
        n_treated=test.treated,
        n_control=test.control,
        break_even_pp=round(100 * test.pays_from(), 2),
        mde_pp=power.mde_pp,
        cost=round(test.cost(), 2),
        value=round(test.value(), 2),
    )


def contact_pays_below(
    offers: Sequence[Offer],
    values: OfferValues,
    possible: Mask,
    picks: Picks,
    held_out: Mask,
    currency: str,
) -> dict[str, float | None]:
    """For each planned offer: the price of a contact below which it, or its test, pays.

    Of a known effect, where the gain of its customers is zero; of an unknown one, where what the
    test teaches is worth what it costs if the offer changes nothing. None where it pays at no
    price, 0 too.
    """
    found: dict[str, float | None] = {}
    for j, offer in enumerate(offers):
        here = picks == j
        if not here.any():
            continue
        price = reckoned_contact(offer, currency)[0]
        if values.known[j]:
            free = float(values.gain[here, j].mean()) + price
            found[offer.name] = round(free, 4) if free > 0 else None
            continue
        test = _Test.of(values, possible, here, held_out, j)
        found[offer.name] = _pays_below(test, price)
    return found


def _pays_below(test: _Test, price: float) -> float | None:
    """The price of a contact at which a test is worth what it costs."""

    def left(dearer: float) -> float:
        return test.value(dearer) - test.cost(dearer)

    if not test.treated or left(-price) <= 0:
        return None
    # What all the teaching is worth if contacts were free is more than any contacts may cost.
    most = test.value(-price) / test.treated - price + 1e-9
    return round(price + float(brentq(left, -price, most, xtol=1e-9)), 4)


def _expected_excess(spread: float, threshold: float) -> float:
    """Mean of the part of a normal (0, spread) above a threshold: the unit normal loss."""
    if spread <= 0:
        return 0.0
    z = threshold / spread
    density = exp(-z * z / 2) / sqrt(2 * pi)
    return max(spread * (density - z * NormalDist().cdf(-z)), 0.0)
