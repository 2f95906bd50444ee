"""A campaign's totals: who gets what, at which cost, and what it can show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from winback.arrays import Mask
from winback.offers.budget import Limit
from winback.offers.choosing import Chosen, used_of
from winback.offers.costs import reckoned_contact, usual_contact
from winback.offers.power import LEAST_IN_ARM, power_verdict
from winback.offers.worth import OfferValues
from winback.params import PUBLIC_SALT
from winback.results.base import Fact, fact
from winback.results.offered import CONTROL, Offer, TaughtOffer
from winback.results.planned import ArmPlan, Assumed, AssumedContact, LimitUse, Optimum, Power
from winback.results.reacted import RestsOn

# A salt that everybody can read in the examples keeps no arm secret.
_PUBLIC_SALTS = ("", "change-me", PUBLIC_SALT)


def arms_of(catalogue: Sequence[Offer], values: OfferValues, chosen: Chosen) -> dict[str, ArmPlan]:
    """Each arm of the list as drawn, the control's last."""
    arms: dict[str, ArmPlan] = {}
    listed = chosen.listed
    for j, offer in enumerate(catalogue):
        here = listed == j
        if here.any():
            tested = not values.known[j] and (here & (chosen.explorers < 0)).any()
            gain = float((values.gain if values.known[j] else -values.idle)[here, j].sum())
            arms[offer.name] = ArmPlan(
                n=int(here.sum()),
                expected_cost=round(float(values.cost[here, j].sum()), 2),
                expected_gain=None if tested else round(gain, 2),
                effect_source=offer.effect_source,
                effect_pp=offer.effect_pp,
                effect_low_pp=offer.effect_low_pp,
                effect_high_pp=offer.effect_high_pp,
                rests_on=offer.rests_on if isinstance(offer, TaughtOffer) else None,
            )
    if chosen.planned.any():
        arms[CONTROL] = ArmPlan(
            n=int((chosen.planned & chosen.held_out).sum()),
            expected_cost=0.0,
            expected_gain=0.0,
            effect_source=None,
            effect_pp=None,
            effect_low_pp=None,
            effect_high_pp=None,
        )
    return arms


def learned_of(catalogue: Sequence[Offer]) -> dict[str, RestsOn]:
    """What the effect of each offer rests on, where lists that left have taught it."""
    return {offer.name: offer.rests_on for offer in catalogue if isinstance(offer, TaughtOffer)}


def break_evens(
    catalogue: Sequence[Offer], values: OfferValues, chosen: Chosen
) -> dict[str, float | None]:
    """Points from which each offer pays, for those planned it, else for whoever may have it."""
    found: dict[str, float | None] = {}
    for j, offer in enumerate(catalogue):
        planned: Mask = chosen.picks == j
        able = planned if planned.any() else values.eligible[:, j]
        pays_from = values.pays_from(able, j)
        found[offer.name] = None if pays_from is None else round(100 * pays_from, 2)
    return found


def effect_known(values: OfferValues, chosen: Chosen) -> bool:
    """Whether the effect of every offer planned by the policy is known; of all where none is."""
    planned = chosen.planned & (chosen.explorers < 0)
    known = values.known[chosen.picks[planned]] if planned.any() else values.known
    return bool(known.all())


def power_of(
    values: OfferValues, chosen: Chosen, pays_from: dict[str, float | None], *, known: bool
) -> Power:
    """What the list can see of the effect it reckons with or, unknown, of the least that pays."""
    rows = np.flatnonzero(chosen.planned)
    picks = chosen.picks[rows]
    base, effect_pp, plausible_pp = None, None, None
    if len(rows):
        base = float(values.p_order[rows, picks].mean())
        # An explored offer may have no effect at which it pays.
        paying = [0.0 if pp is None else pp for pp in pays_from.values()]
        told = values.known[picks]
        effect_pp = (
            100 * float(values.effect[rows, picks][told].mean())
            if known
            else float(np.mean([paying[j] for j in picks]))
        )
        if not known and not told.all():
            plausible_pp = 100 * float(values.effect[rows, picks][~told].mean())
    n_control = int(chosen.held_out[rows].sum())
    return power_verdict(
        len(rows) - n_control, n_control, base, effect_pp=effect_pp, plausible_pp=plausible_pp
    )


def limits_used(
    limits: Sequence[Limit], values: OfferValues, chosen: Chosen
) -> dict[str, LimitUse]:
    """What the list uses of each limit."""
    used = used_of(limits, chosen.listed, values.cost)
    return {
        limit.name: LimitUse(
            amount=limit.amount,
            used=round(float(part), 2),
            price=round(chosen.prices[limit.name], 4),
        )
        for limit, part in zip(limits, used, strict=True)
    }


def certificate_of(chosen: Chosen) -> Optimum:
    """The choice's certificate, to four decimals."""
    exact = chosen.certificate
    return Optimum(
        value=round(exact.value, 4),
        lp_bound=round(exact.lp_bound, 4),
        gap=round(exact.gap, 4),
        proven=exact.proven,
    )


def assumed_of(catalogue: Sequence[Offer], currency: str) -> Assumed | None:
    """The ends of what the catalogue assumes; None without offers."""
    if not catalogue:
        return None
    margins = [offer.margin_share for offer in catalogue]
    prices = [reckoned_contact(offer, currency)[0] for offer in catalogue]
    return Assumed(
        margin_share=(min(margins), max(margins)),
        contact_cost=(min(prices), max(prices)),
        contacts=_assumed_contacts(catalogue, currency),
    )


def _assumed_contacts(catalogue: Sequence[Offer], currency: str) -> dict[str, AssumedContact]:
    found = {}
    for offer in catalogue:
        price, assumed = reckoned_contact(offer, currency)
        if assumed:
            usual = usual_contact(offer, currency)
            low, high = (None, None) if usual is None else (usual.low, usual.high)
            found[offer.name] = AssumedContact(price=price, low=low, high=high)
    return found


def warnings_of(
    catalogue: Sequence[Offer], chosen: Chosen, salt: str, currency: str
) -> tuple[Fact, ...]:
    """What a reader of the plan has to be told."""
    found = []
    if salt in _PUBLIC_SALTS:
        found.append(fact("offers.public_salt", salt=salt))
    stated = tuple(
        offer.name
        for j, offer in enumerate(catalogue)
        if offer.effect_source == "stated" and (chosen.picks == j).any()
    )
    if stated:
        found.append(fact("offers.stated_effect", offers=stated))
    control = int((chosen.planned & chosen.held_out).sum())
    if 0 < control < LEAST_IN_ARM:
        found.append(fact("offers.control_few", n=control, least=LEAST_IN_ARM))
    contacts = _assumed_contacts(catalogue, currency)
    for known, code in ((True, "contact_assumed"), (False, "contact_unknown")):
        here = {name: of for name, of in contacts.items() if (of.low is not None) == known}
        if here:
            ends = [end for of in here.values() for end in (of.low or 0.0, of.high or 0.0)]
            found.append(fact(f"offers.{code}", offers=tuple(here), low=min(ends), high=max(ends)))
    return tuple(found)
