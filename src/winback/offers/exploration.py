"""What the explored part of a list costs, and what the lists after it gain by it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from winback.arrays import Floats
from winback.offers.budget import taken
from winback.offers.choosing import Chosen, plan_chances, policy_chances
from winback.offers.worth import OfferValues
from winback.results.offered import Offer
from winback.results.planned import Exploration, ExploredOffer

_Z95 = 1.959963984540054


def exploration_of(
    catalogue: Sequence[Offer], values: OfferValues, chosen: Chosen, lists: int
) -> Exploration | None:
    """Cost and worth of what was explored; None where nobody was.

    ``cost`` is what the listed explored are expected to bring less than the best offer for each
    of them, or none, would; limits at their prices; an offer of unknown effect counts as one that
    changes nothing.

    ``worth`` is the expected value of what is learnt, offer by offer. The reading of an offer's
    effect has the error that Poisson orders leave of a comparison weighed by overlap: with P0 and
    Pj a customer's chances of control and of offer j, and r her orders expected without it, the
    variance of the log ratio is 1 / sum(P0 Pj / (P0 + Pj) r). With s0 the standard deviation that
    the effect's interval leaves (of an unknown one that of a prior around nothing, the plausible
    effect at its 97.5 % point), the mean thought of it after the reading is spread by
    s0^2 / sqrt(s0^2 + e^2) around that of today. One ratio moves everybody's gain; whom the
    moved gain lifts above her best other offer gets it in the lists to come. Its worth with this
    list's chances, less that with the chances of the same list without exploration, is what
    exploration adds (Raiffa & Schlaifer 1961, Applied Statistical Decision Theory, ch. 5).

    What customers differ in is not reckoned with, nor how an effect changes: the first is worth
    more, the second less.

    Args:
        lists: how many lists like this one are to profit of it.
    """
    explored = (chosen.explorers >= 0) & chosen.planned
    if not explored.any():
        return None
    priced = _at_prices(values, chosen)
    expects = np.where(values.known, values.gain, -values.idle) - priced
    offered = np.where(chosen.possible & values.known, expects, -np.inf)
    best = np.maximum(offered.max(axis=1), 0.0)
    listed = explored & ~chosen.held_out
    cost = np.where(listed, best - taken(expects, chosen.picks), 0.0)
    worth = _worth(values, chosen, expects, offered)
    return Exploration(
        n_planned=int(explored.sum()),
        n_listed=int(listed.sum()),
        cost=round(float(cost.sum()), 2),
        worth=round(lists * float(worth.sum()), 2),
        lists=lists,
        rests_on="assumed" if _assumed(catalogue, chosen).any() else "intervals",
        offers={
            offer.name: ExploredOffer(
                n_listed=int((listed & (chosen.picks == j)).sum()),
                cost=round(float(cost[chosen.picks == j].sum()), 2),
                worth=round(lists * float(worth[j]), 2),
            )
            for j, offer in enumerate(catalogue)
            if (explored & (chosen.picks == j)).any()
        },
    )


def _worth(values: OfferValues, chosen: Chosen, expects: Floats, offered: Floats) -> Floats:
    """By offer: what its reading brings one later list more than it would without exploration."""
    with_it = plan_chances(chosen, values.known)
    without = policy_chances(chosen, values.known)
    rates = -np.log1p(-values.p_order)
    left = values.margin - values.discount
    found = np.zeros(len(values.known))
    for j in np.flatnonzero(chosen.explore_chances.any(axis=0)).tolist():
        rows = np.flatnonzero(chosen.open_to[:, j])
        ends = (values.gain_high - values.gain_low)[rows, j]
        # An unknown effect's lower end is none at all, the middle of what is thought of it.
        spread = np.maximum(ends, 0.0) / (2 * _Z95 if values.known[j] else _Z95)
        unit = float((left * rates)[rows, j].sum())
        prior = float(spread.sum()) / unit if unit > 0 else 0.0
        others = np.delete(offered[rows], j, axis=1)
        ahead = expects[rows, j] - np.maximum(others.max(axis=1, initial=0.0), 0.0)
        brings = [
            float(_lifted(ahead, spread * _learnt(prior, told)).sum())
            for told in (
                _told(chances[rows], j, chosen.control_share, rates[rows, j])
                for chances in (with_it, without)
            )
        ]
        found[j] = (1 - chosen.control_share) * max(brings[0] - brings[1], 0.0)
    return found


def _told(chances: Floats, j: int, control_share: float, rates: Floats) -> float:
    """Information on the log ratio of offer ``j``: one over the variance of its reading."""
    control = control_share * chances.sum(axis=1)
    treated = (1 - control_share) * chances[:, j]
    either = control + treated
    overlap = np.divide(control * treated, either, out=np.zeros(len(either)), where=either > 0)
    return float((overlap * rates).sum())


def _learnt(prior: float, told: float) -> float:
    """Share of the prior's spread by which a reading is expected to move the mean."""
    return float(np.sqrt(prior**2 * told / (1 + prior**2 * told)))


def _lifted(ahead: Floats, spread: Floats) -> Floats:
    """What each gains where a normal error of her advantage may turn her choice."""
    from scipy.special import ndtr

    spread = np.where(np.isfinite(spread), spread, 0.0)
    z = np.divide(np.abs(ahead), spread, out=np.full(len(ahead), 40.0), where=spread > 0)
    z = np.minimum(z, 40.0)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    loss = spread * (density - z * ndtr(-z))
    return np.where(spread > 0, np.maximum(loss, 0.0), 0.0)


def _at_prices(values: OfferValues, chosen: Chosen) -> Floats:
    """What each offer uses of the limits, at their prices."""
    used = np.zeros_like(values.cost)
    for limit in chosen.left:
        mine = np.isin(np.arange(used.shape[1]), limit.options or ()) | (limit.options is None)
        used += chosen.prices[limit.name] * mine * (values.cost if limit.money else 1.0)
    return used


def _assumed(catalogue: Sequence[Offer], chosen: Chosen) -> Floats:
    """Which of the explored offers have a width that nobody measured."""
    return np.array(
        [
            offer.effect_source not in ("measured", "learned")
            and bool((chosen.explorers == j).any())
            for j, offer in enumerate(catalogue)
        ]
    )
