"""Who is planned what: tests drawn, the budget spent, some explored, some held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Floats, Mask
from winback.draws import of_campaign
from winback.offers.budget import Limit, Picks, choose_within_limits, taken
from winback.offers.holding import hold_out
from winback.offers.worth import OfferValues
from winback.results.planned import Optimum


@dataclass(frozen=True)
class Shares:
    """Which parts of the customers and of the limits are kept for what."""

    control: float
    reserve: float
    explore: float


@dataclass(frozen=True)
class Chosen:
    """What was planned for each customer, one element or row a customer.

    Attributes:
        possible: customers x offers that could pay, within what each may have.
        options: of those, what the customer was chosen among: the known or one test.
        open_to: customers x offers that may be explored.
        held_out: who of the planned is control.
        stratum: name of the stratum of each of the planned; else None.
        draw: the number that each of the planned stands by in the order of the draw.
        probability: chance of the arm drawn of each of the planned; else 1.
        explorers: offer drawn for an explored customer, -1 for the others.
        explore_shares: by offer, share of the customers explored.
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
    held_out: Mask
    stratum: NDArray[np.object_]
    draw: Floats
    probability: Floats
    explorers: Picks
    explore_shares: Floats
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

    Every number drawn is a hash of ``prefix`` and the customer's id, so that none depends on who
    else is scored; who is held out depends on the others planned, of whom the control is a share.

    Args:
        names: of the offers, one a column of ``values``.
    """
    possible = values.eligible & (values.gain > 0) & np.isfinite(values.break_even)
    options = _one_test_each(possible, values.known, ids, prefix)
    open_to = values.eligible & (values.margin > values.discount)
    room = [_room(limit, shares) for limit in limits]
    explorers, explored = _explore(open_to, values.cost, room, shares.explore, ids, prefix)
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
    return Chosen(
        possible, options, open_to, held_out, stratum, draws, probability, explorers, explored,
        picks, net, choice.prices, choice.certificate, room, left,
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
    cost: Floats,
    room: Sequence[Limit],
    share: float,
    ids: NDArray[np.object_],
    prefix: str,
) -> tuple[Picks, Floats]:
    """Offers drawn for the explored customers (-1: the others), and each offer's share.

    Who draws below the share is explored, and one of her offers is drawn, each as likely. An
    offer's share is lowered to what keeps the explored within ``share`` of every limit;
    whoever draws below it is explored, so that the chance is known.
    """
    none = np.full(len(ids), -1, dtype=np.int64)
    shares = np.full(open_to.shape[1], share)
    rows = np.flatnonzero(open_to.any(axis=1))
    if share <= 0 or not len(rows):
        return none, np.zeros(len(shares))
    draws = of_campaign(prefix, ids[rows], "explore")
    rows, draws = rows[draws < share], draws[draws < share]
    rows, draws = rows[np.argsort(draws, kind="stable")], np.sort(draws, kind="stable")
    picks = _one_of(open_to[rows], of_campaign(prefix, ids[rows], "explored"))
    paid = taken(cost[rows], picks)
    # Limits of some offers first: what they turn away uses nothing of the others.
    for limit in sorted(room, key=lambda limit: limit.options is None):
        options = list(range(len(shares)) if limit.options is None else limit.options)
        here = np.isin(picks, options) & (draws < shares[picks])
        used = np.cumsum(np.where(here, paid if limit.money else 1.0, 0.0))
        over = np.flatnonzero(used > share * limit.amount)
        if len(over):
            shares[options] = np.minimum(shares[options], draws[over[0]])
    explored = draws < shares[picks]
    none[rows[explored]] = picks[explored]
    return none, shares


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


def plan_probability(chosen: Chosen, known: Mask) -> Floats:
    """Chance that the planned offer was planned, by exploration or by the policy."""
    picks, possible, net = chosen.picks, chosen.possible, chosen.net
    if not possible.shape[1]:
        return np.ones(len(picks))
    rows, at = np.arange(len(picks)), np.maximum(picks, 0)
    by_gain = (possible & known).any(axis=1)
    # Not explored, a customer gets the best of the known offers at the final prices or, where
    # none is known to pay, one of the tests, each as likely, if it is worth its prices.
    best = np.where(possible & known, net, -np.inf).argmax(axis=1)
    would = np.where(by_gain, best == at, (possible & ~known)[rows, at]) & (net[rows, at] > 0)
    tests = np.where(by_gain, 1, (possible & ~known).sum(axis=1))
    policy = np.where((chosen.explorers < 0) | would, 1.0, 0.0) / np.maximum(tests, 1)
    open_to = chosen.open_to
    explored = open_to * chosen.explore_shares / np.maximum(open_to.sum(axis=1), 1)[:, None]
    chance: Floats = explored[rows, at] + (1 - explored.sum(axis=1)) * policy
    return chance


def chosen_by(chosen: Chosen, known: Mask) -> NDArray[np.object_]:
    """Whether each was planned by ``gain``, as a ``test`` or to ``explore``."""
    picks = chosen.picks
    by_gain = known[np.maximum(picks, 0)] if len(known) else np.zeros(len(picks), np.bool_)
    by_policy = np.where(by_gain, "gain", "test")
    return np.where(chosen.explorers >= 0, "explore", by_policy).astype(object)
