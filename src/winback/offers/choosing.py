"""Who is planned what: tests drawn, the budget spent, some explored, some held out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Floats, Mask
from winback.draws import of_campaign
from winback.offers.budget import Limit, Picks, choose_within_limits, taken
from winback.offers.holding import held_share, hold_out
from winback.offers.worth import OfferValues
from winback.results.planned import Optimum


@dataclass(frozen=True)
class Shares:
    """Which parts of the customers and of the limits are kept for what, and what is explored."""

    control: float
    reserve: float
    explore: float
    unexplored: Collection[str] = ()


@dataclass(frozen=True)
class Chosen:
    """What was planned for each customer, one element or row a customer.

    Attributes:
        possible: customers x offers that could pay, within what each may have.
        options: of those, what the customer was chosen among: the known or one test.
        open_to: customers x offers that may be explored.
        control_share: everybody's chance to be held out once planned, before the draw.
        held_out: who of the planned is control.
        stratum: name of the stratum of each of the planned; else None.
        draw: the number that each of the planned stands by in the order of the draw.
        probability: chance of the arm drawn of each of the planned; else 1.
        explorers: offer drawn for an explored customer, -1 for the others.
        explore_chances: customers x offers: chance to be explored with each.
        picks: offer planned, -1 for none.
        net: gain of each possible offer less what it uses at the prices.
        prices: by limit, what one more unit of it brings.
        certificate: how near the choice is to the best one.
        room: the limits before exploration, with the control's part added and the reserve
            kept back.
        left: what of that the explored leave to the others.
    """

    possible: Mask
    options: Mask
    open_to: Mask
    control_share: float
    held_out: Mask
    stratum: NDArray[np.object_]
    draw: Floats
    probability: Floats
    explorers: Picks
    explore_chances: Floats
    picks: Picks
    net: Floats
    prices: dict[str, float]
    certificate: Optimum
    room: list[Limit]
    left: list[Limit]

    @property
    def planned(self) -> Mask:
        """Who is planned any offer, in both arms."""
        planned: Mask = self.picks >= 0
        return planned

    @property
    def listed(self) -> Picks:
        """The offer each customer really gets, -1 for none."""
        return np.where(self.held_out, -1, self.picks)

    @property
    def could(self) -> Mask:
        """For whom any offer could pay."""
        could: Mask = np.any(self.options, axis=1)
        return could


def choose_offers(
    values: OfferValues,
    names: Sequence[str],
    ids: NDArray[np.object_],
    limits: Sequence[Limit],
    shares: Shares,
    prefix: str,
) -> Chosen:
    """Plan an offer for whom it pays to contact, as if there were no control; then hold out.

    A part of the list is explored where any effect is known (:func:`_explore`). Where none is,
    the list is dealt evenly as it is: a test. An offer that is shown to harm a customer, at the
    upper end of its interval too, is not explored with her.

    Every number drawn is a hash of ``prefix`` and the customer's id, so that none depends on who
    else is scored; who is held out depends on the others planned, of whom the control is a share.

    Args:
        names: of the offers, one a column of ``values``.
    """
    possible = values.eligible & (values.gain > 0) & np.isfinite(values.break_even)
    options = _one_test_each(possible, values.known, ids, prefix)
    harms = values.known & (values.gain_high <= -values.idle + 1e-9)
    open_to = values.eligible & (values.margin > values.discount) & ~harms
    open_to[:, [name in shares.unexplored for name in names]] = False
    room = [_room(limit, shares) for limit in limits]
    explorers, explored = _explore(
        open_to, np.any(possible, axis=1), values.cost, room,
        shares.explore if values.known.any() else 0.0, ids, prefix,
    )  # fmt: skip
    gain = np.where(options & (explorers < 0)[:, None], values.gain, -np.inf)
    left = [
        replace(limit, amount=limit.amount - used)
        for limit, used in zip(room, used_of(room, explorers, values.cost), strict=True)
    ]
    choice = choose_within_limits(gain, values.cost, left)
    net = choice.net(np.where(possible, values.gain, -np.inf), values.cost, left)
    picks = np.where(explorers >= 0, explorers, choice.picks)
    draws = np.ones(len(ids))
    drawn = picks >= 0
    draws[drawn] = of_campaign(prefix, ids[drawn], "arm")
    (start,) = of_campaign(prefix, [""], "arm")
    while True:
        held_out, stratum, probability = _held_out(
            values, names, picks, draws, shares.control, float(start)
        )
        fitting = _trim(picks, explorers >= 0, taken(net, picks), held_out, values.cost, limits)
        if fitting is None:
            break
        picks = fitting
    control = held_share(int((picks >= 0).sum()), shares.control)
    return Chosen(
        possible, options, open_to, control, held_out, stratum, draws, probability, explorers,
        explored, picks, net, choice.prices, choice.certificate, room, left,
    )  # fmt: skip


def _held_out(
    values: OfferValues,
    names: Sequence[str],
    picks: Picks,
    draws: Floats,
    share: float,
    start: float,
) -> tuple[Mask, NDArray[np.object_], Floats]:
    """Who of the planned is control, in which stratum and with which chance."""
    rows = np.flatnonzero(picks >= 0)
    held_out, stratum = np.zeros(len(picks), np.bool_), np.full(len(picks), None, object)
    probability = np.ones(len(picks))
    if len(rows):
        at = picks[rows]
        drawn = hold_out(
            np.array(names, object)[at], values.p_order[rows, at], values.margin[rows, at],
            draws[rows], share=share, start=start,
        )  # fmt: skip
        held_out[rows], stratum[rows] = drawn.control, drawn.stratum
        probability[rows] = drawn.probability
    return held_out, stratum, probability


def _one_test_each(possible: Mask, known: Mask, ids: NDArray[np.object_], prefix: str) -> Mask:
    """Leave each customer the offers known to pay or, where none is, one offer to test."""
    options = possible & known
    tests = possible & ~known & (options.sum(axis=1) == 0)[:, None]
    several = np.flatnonzero(tests.sum(axis=1) > 1)
    # At one plausible effect the cheapest offer would win everywhere and the others would
    # never be measured; the effect is what is not known, so chance decides.
    one = _one_of(tests[several], of_campaign(prefix, ids[several], "offer"))
    tests[several] = one[:, None] == np.arange(tests.shape[1])
    left: Mask = options | tests
    return left


def _one_of(choices: Mask, draws: Floats) -> Picks:
    """The option that a draw in [0, 1) falls on, each as likely; -1 where there is none."""
    count = choices.sum(axis=1)
    turn = (draws * count) // 1
    found = choices & ((np.cumsum(choices, axis=1) - 1) == turn[:, None])
    return np.where(count > 0, found.argmax(axis=1) if found.shape[1] else -1, -1)


def _room(limit: Limit, shares: Shares) -> Limit:
    """What may be planned, so that with the control held out the limit is kept."""
    amount = limit.amount / (1 - shares.control)
    kept = amount * (1 - shares.reserve) if limit.money else float(int(amount + 1e-9))
    return replace(limit, amount=kept)


def used_of(limits: Sequence[Limit], picks: Picks, cost: Floats) -> Floats:
    """What the picks use of each limit."""
    paid = taken(cost, picks)
    used = np.zeros(len(limits))
    for r, limit in enumerate(limits):
        here = picks >= 0 if limit.options is None else np.isin(picks, limit.options)
        used[r] = paid[here].sum() if limit.money else here.sum()
    return used


def _explore(
    open_to: Mask,
    could: Mask,
    cost: Floats,
    room: Sequence[Limit],
    share: float,
    ids: NDArray[np.object_],
    prefix: str,
) -> tuple[Picks, Floats]:
    """Offers drawn for the explored customers (-1: the others), and everybody's chance of each.

    The explored are ``share`` of the list. Among them are as many of those whom the policy
    passes over as of those for whom an offer ``could`` pay, or all alike where fewer are passed
    over: a shop of which few are listed must not spend its list on the others, nor never learn
    whether it was right about them. Who draws below her rate is explored, and one of her offers
    is drawn, each as likely. An offer's part is lowered to what keeps the explored within
    ``share`` of every limit, from the largest draws on, so that the chance is known.
    """
    none, chances = np.full(len(ids), -1, dtype=np.int64), np.zeros(open_to.shape)
    rates = _rates(np.any(open_to, axis=1), could, share)
    rows = np.flatnonzero(rates > 0)
    if not len(rows):
        return none, chances
    draws = of_campaign(prefix, ids[rows], "explore") / rates[rows]
    rows, draws = rows[draws < 1], draws[draws < 1]
    rows, draws = rows[np.argsort(draws, kind="stable")], np.sort(draws, kind="stable")
    picks = _one_of(open_to[rows], of_campaign(prefix, ids[rows], "explored"))
    paid, kept = taken(cost[rows], picks), np.ones(open_to.shape[1])
    # Limits of some offers first: what they turn away uses nothing of the others.
    for limit in sorted(room, key=lambda limit: limit.options is None):
        options = list(range(len(kept)) if limit.options is None else limit.options)
        here = np.isin(picks, options) & (draws < kept[picks])
        used = np.cumsum(np.where(here, paid if limit.money else 1.0, 0.0))
        over = np.flatnonzero(used > share * limit.amount)
        if len(over):
            kept[options] = np.minimum(kept[options], draws[over[0]])
    explored = draws < kept[picks]
    none[rows[explored]] = picks[explored]
    each = rates / np.maximum(open_to.sum(axis=1), 1)
    chances = open_to * kept * each[:, None]
    return none, chances


def _rates(able: Mask, could: Mask, share: float) -> Floats:
    """Everybody's chance to be explored, before any limit."""
    listed, passed = able & could, able & ~could
    n, others = int(listed.sum()), int(passed.sum())
    rates = np.zeros(len(able))
    if n:
        rates[listed] = share * n / (n + min(others, n))
        rates[passed] = rates[listed][0] * min(others, n) / max(others, 1)
    return rates


def _trim(
    picks: Picks,
    explored: Mask,
    net: Floats,
    held_out: Mask,
    cost: Floats,
    limits: Sequence[Limit],
) -> Picks | None:
    """Drop those who gain least, of both arms alike, where the draw listed more than its share.

    By chance cheaper people can be held out, or of a channel's several offers fewer. As many are
    dropped as should suffice, whose arms are then drawn anew; None where every limit is kept.
    """
    listed = np.where(held_out, -1, picks)
    for used, limit in zip(used_of(limits, listed, cost), limits, strict=True):
        if used <= limit.amount:
            continue
        here = picks >= 0 if limit.options is None else np.isin(picks, limit.options)
        rows = np.flatnonzero(here)
        rows = rows[np.lexsort((rows, -net[rows], ~explored[rows]))][::-1]
        each = taken(cost, picks)[rows] if limit.money else np.ones(len(rows))
        listed_share = 1 - held_out[rows].mean()
        enough = np.cumsum(each) * listed_share >= used - limit.amount
        picks = picks.copy()
        picks[rows[: int(enough.argmax()) + 1 if enough.any() else len(rows)]] = -1
        return picks
    return None


def policy_chances(chosen: Chosen, known: Mask) -> Floats:
    """Customers x offers: chance that the policy plans each, for whoever is not explored.

    At the final prices of the limits: the best of the known offers or, where none is known to
    pay, one of the tests, each as likely, if it is worth its prices.
    """
    possible, net = chosen.possible, chosen.net
    by_gain: Mask = np.any(possible & known, axis=1)
    chances: Floats = ((possible & ~known) & (net > 0) & ~by_gain[:, None]).astype(np.float64)
    chances /= np.maximum((possible & ~known).sum(axis=1), 1)[:, None]
    rows = np.flatnonzero(by_gain)
    if len(rows):
        best = np.where(possible & known, net, -np.inf)[rows]
        at = best.argmax(axis=1)
        chances[rows, at] = best[np.arange(len(rows)), at] > 0
    # Who is at the margin of a limit is planned or not by more than the prices.
    picked = np.flatnonzero((chosen.picks >= 0) & (chosen.explorers < 0))
    gained = picked[by_gain[picked]]
    chances[gained] = 0.0
    chances[gained, chosen.picks[gained]] = 1.0
    tested = picked[~by_gain[picked]]
    tests = np.maximum((possible & ~known)[tested].sum(axis=1), 1)
    chances[tested, chosen.picks[tested]] = 1.0 / tests
    return chances


def plan_chances(chosen: Chosen, known: Mask) -> Floats:
    """Customers x offers: chance that each was planned, by exploration or by the policy."""
    explored = chosen.explore_chances
    chances: Floats = explored + (1 - explored.sum(axis=1, keepdims=True)) * policy_chances(
        chosen, known
    )
    return chances


def chosen_by(chosen: Chosen, known: Mask) -> NDArray[np.object_]:
    """Whether each was planned by ``gain``, as a ``test`` or to ``explore``."""
    picks = chosen.picks
    by_gain = known[np.maximum(picks, 0)] if len(known) else np.zeros(len(picks), np.bool_)
    by_policy = np.where(by_gain, "gain", "test")
    return np.where(chosen.explorers >= 0, "explore", by_policy).astype(object)
