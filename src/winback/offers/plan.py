"""A campaign decided: who gets what, who is held out, and why the others get nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.errors import UsageError, WinbackError
from winback.offers.budget import Choice, Limit, Picks, choose_within_limits, taken
from winback.offers.catalogue import CONTROL, Offer, measured_offer, read_offer
from winback.offers.contact import (
    ContactRules,
    flagged,
    had_alike,
    hash_uniform,
    left_in_peace,
    may_contact,
    past_plans,
    universal_holdout,
)
from winback.offers.power import power_verdict
from winback.offers.profit import gain_interval, profit_curve
from winback.offers.trial import design_trial
from winback.offers.worth import Flags, Floats, OfferValues, value_offers
from winback.params import CONTROL_SHARE, PLAUSIBLE_EFFECT_PP, RESERVE_SHARE

REASONS = (
    "offer",
    "control",
    "comes_anyway",
    "too_weak",
    "cannot_pay",
    "impossible",
    "too_uncertain",
    "sent_back",
    "no_contact",
    "universal_holdout",
    "subscriber",
    "contacted_recently",
    "complaint",
    "not_eligible",
    "budget",
)

# A salt that everybody can read in the examples keeps no arm secret.
_PUBLIC_SALTS = ("", "change-me")


@dataclass(frozen=True)
class Channel:
    """What a channel can carry: contacts a day, over so many days, and money of its own."""

    per_day: int | None = None
    days: int = 1
    budget: float | None = None


@dataclass(frozen=True)
class Plan:
    """A campaign decided: who gets what, who is control, and why the others get nothing.

    Attributes:
        assignment: one row per planned customer, both arms, sorted by customer_id.
        decisions: one row per scored customer with the reason, sorted by customer_id.
        summary: totals, power, test design and certificate (written as target.json).
        profit: expected gain against list size and cost, with its interval (profit.csv).
        offers: the catalogue it was planned from, with measured effects filled in.
        contact_days: of the listed customers of a channel with a daily capacity, on which day
            after ``assigned_at`` each is contacted, 0 the first: those who gain most come first.
    """

    assignment: pd.DataFrame
    decisions: pd.DataFrame
    summary: dict[str, Any]
    profit: pd.DataFrame
    offers: tuple[Offer, ...]
    contact_days: Mapping[str, int] = field(default_factory=dict)


def plan_campaign(
    scores: pd.DataFrame,
    offers: Sequence[Offer | Mapping[str, Any]],
    *,
    campaign_id: str,
    budget: float | None = None,
    control_share: float = CONTROL_SHARE,
    reserve_share: float = RESERVE_SHARE,
    explore_share: float = 0.0,
    salt: str = "",
    plausible_effect_pp: float = PLAUSIBLE_EFFECT_PP,
    plausible_lift: float = 1.0,
    contacts: pd.DataFrame | None = None,
    suppress: Iterable[str] = (),
    require_consent: bool = False,
    rules: ContactRules | None = None,
    history: pd.DataFrame | None = None,
    max_contacts: int | None = None,
    channels: Mapping[str, Channel] | None = None,
    measurements: Mapping[str, Mapping[str, Any]] | None = None,
    level_error: float = 0.1,
    currency: str = "",
) -> Plan:
    """Decide who gets which offer and who is held out, with a reason for everybody.

    The order of the steps is what makes the result measurable: people who must not be
    contacted leave first and influence nothing, then the universal hold-out of the year and
    those to be left in peace; an offer is then planned for every customer whom it pays to
    contact, as if there were no control; last, a salted hash holds out ``control_share`` of
    the planned, so that both arms are alike. Control drawn first and compared with the
    chosen would be another kind of people.

    Where an offer's effect is unknown the list is the test that would measure it: each
    eligible customer is given, by hash, one of the offers that could pay at the plausible
    effect, and the budget goes where that effect would bring most. An offer known to pay
    goes before a test.

    Up to ``explore_share`` of the customers, drawn by hash, are planned any offer they may
    have, whatever it should earn, so that effects can be learnt where the policy would not
    look; they use at most that share of each limit. ``plan_probability`` is the chance that
    the planned offer was planned (exploration and test draw, at the final prices of the
    limits), ``probability`` that of the arm given the plan; their product is the propensity.

    The planned cost stays within ``budget / (1 - control_share) * (1 - reserve_share)``,
    and the expected cost of those who really get an offer within ``budget``; the same holds,
    without a reserve, for contacts, each channel's capacity and each offer's stock.

    Boundaries: nobody is drawn who is suppressed, refused consent, or (with
    ``require_consent``) has not given it. A customer with an open complaint gets an offer
    ``for_complaint`` or none, and nobody else gets one of those. Row order of ``scores`` does
    not matter.

    Args:
        scores: scores.parquet, optionally with more snapshot columns for eligibility.
        offers: the catalogue, as offers or as the entries of params.yaml.
        campaign_id: part of the hash, so each campaign draws its control anew.
        budget: money for contacts and discounts; None for no limit, 0 for nothing.
        reserve_share: share of each budget kept for more redemptions than expected.
        salt: secret of the draw; without it nobody can foretell an arm.
        contacts: contacts.parquet; ``consented`` and ``suppressed`` are read.
        suppress: further ids never to contact.
        rules: hold-out, quiet days, caps, complaints and subscribers.
        history: past assignments, for quiet days, caps and exclusive offers: ``customer_id``,
            ``assigned_at``, where known ``planned_offer`` and ``campaign_id``. Rows from the
            cutoff on, and this campaign's own, are ignored; both arms count.
        max_contacts: most customers who may be contacted.
        channels: capacity and budget of each ``channel`` of the offers.
        measurements: content of the files that offers name in ``effect_from``.
        level_error: standard error of the level of p0, as a share of it.

    Raises:
        UsageError: an offer, its eligibility or a share is wrong.
        WinbackError: scores repeat a customer, or hold several cutoffs.
    """
    rules = rules or ContactRules()
    catalogue = _catalogue(
        offers, measurements or {},
        plausible_effect_pp=plausible_effect_pp, plausible_lift=plausible_lift,
    )  # fmt: skip
    limits = _limits(catalogue, budget, max_contacts, channels or {})
    _check_plan(
        scores, catalogue, campaign_id, limits, rules,
        control_share=control_share, reserve_share=reserve_share,
        explore_share=explore_share, **{"rules.holdout_share": rules.holdout_share},
    )  # fmt: skip
    scored = scores.sort_values("customer_id", kind="stable", ignore_index=True)
    cutoff = _only_cutoff(scored)
    ids = scored["customer_id"].astype(str).to_numpy(object)
    past = past_plans(history, cutoff, campaign_id)
    allowed = may_contact(ids, contacts, suppress, require_consent or rules.require_consent)
    reasons = _set_aside(scored, ids, allowed, rules, past, salt, cutoff)
    # The shop's means are those of people who keep what they buy; a large order cancelled
    # minutes later must not make everybody look rich.
    kept = reasons == ""
    buyers, buyer_ids = scored[kept].reset_index(drop=True), ids[kept]
    complaint = flagged(buyers, rules.complaint_column, "complaint_column")
    for_complaint = np.array([offer.for_complaint for offer in catalogue], np.bool_)
    fitting = complaint[:, None] == for_complaint
    values = value_offers(
        buyers, catalogue, plausible_effect_pp=plausible_effect_pp, plausible_lift=plausible_lift,
        allowed=fitting & ~had_alike(buyer_ids, past, catalogue),
    )  # fmt: skip

    prefix = f"{salt}|{campaign_id}"
    possible = values.eligible & (values.gain > 0) & np.isfinite(values.break_even)
    options = _one_test_each(possible, values.known, buyer_ids, prefix)
    could: Flags = np.any(options, axis=1)
    draws = np.ones(len(buyers))
    # Whatever may be explored may be held out as well.
    open_to = values.eligible & (values.margin > values.discount)
    drawn = could | (open_to.any(axis=1) & (explore_share > 0))
    draws[drawn] = hash_uniform(prefix, buyer_ids[drawn])
    held_out = draws < control_share

    room = [_room(limit, control_share, reserve_share) for limit in limits]
    explorers, shares = _explore(open_to, values.cost, room, explore_share, buyer_ids, prefix)
    gain = np.where(options & (explorers < 0)[:, None], values.gain, -np.inf)
    left = [
        replace(limit, amount=limit.amount - used)
        for limit, used in zip(room, _used(room, explorers, values.cost), strict=True)
    ]
    choice = choose_within_limits(gain, values.cost, left)
    net = choice.net(np.where(possible, values.gain, -np.inf), values.cost, left)
    picks = np.where(explorers >= 0, explorers, choice.picks)
    picks = _trim(picks, explorers >= 0, taken(net, picks), held_out, values.cost, limits)
    planned = picks >= 0

    buyer_reasons = _why_not(values, complaint, could)
    buyer_reasons[planned] = np.where(held_out[planned], CONTROL, "offer")
    reasons[kept] = buyer_reasons
    assignment = _assignment(
        campaign_id, cutoff, buyer_ids, buyers, catalogue, values, picks, held_out, control_share,
        _plan_probability(picks, explorers, possible, values.known, open_to, net, shares),
        _chosen_by(picks, explorers, values.known),
    )  # fmt: skip
    decisions = pd.DataFrame({"customer_id": ids, "reason": reasons}).merge(
        assignment[["customer_id", "planned_offer", "arm"]], on="customer_id", how="left"
    )
    decisions = decisions[["customer_id", "planned_offer", "arm", "reason"]]
    listed = np.where(held_out, -1, picks)
    summary = {
        **_totals(campaign_id, cutoff, catalogue, values, picks, held_out, reasons, level_error),
        "n_explored": int(((explorers >= 0) & planned).sum()),
        "holdout_share": rules.holdout_share,
        "budget": budget,
        "limits": {
            limit.name: {
                "amount": limit.amount,
                "used": round(float(used), 2),
                "price": round(choice.prices[limit.name], 4),
            }
            for limit, used in zip(limits, _used(limits, listed, values.cost), strict=True)
        },
        "test": design_trial(catalogue, values, possible, picks, held_out, cutoff),
        "optimum": _certificate(choice),
        "warnings": _warnings(catalogue, picks, salt),
        "seal": seal_of(assignment),
        "currency": currency,
        "assumed": {
            name: [min(told), max(told)]
            for name, told in (
                ("margin_share", [offer.margin_share for offer in catalogue]),
                ("contact_cost", [offer.contact_cost for offer in catalogue]),
            )
            if told
        },
    }
    profit = profit_curve(
        catalogue, values, np.where(options, values.gain, -np.inf), choice.prices, left,
        # As drawn: chance holds out a few more or fewer than the control's share.
        listed_share=(listed >= 0).sum() / planned.sum() if planned.any() else 1 - control_share,
        spent=_money(room, budget), level_error=level_error,
    )  # fmt: skip
    days = _contact_days(listed, buyer_ids, taken(values.gain, picks), catalogue, channels or {})
    return Plan(assignment, decisions, summary, profit, catalogue, days)


def seal_of(assignment: pd.DataFrame) -> str:
    """Sixteen hexadecimal digits of who was planned what and which arm was drawn.

    Unlike the hash of the file it does not change with a library's way of compressing.
    """
    digest = hashlib.sha256()
    columns = ["campaign_id", "customer_id", "planned_offer", "arm"]
    for row in assignment.sort_values("customer_id")[columns].itertuples(index=False):
        digest.update("\x1f".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()[:16]


# -------------------------------------------------------------------------------- before


def _catalogue(
    offers: Sequence[Offer | Mapping[str, Any]],
    measurements: Mapping[str, Mapping[str, Any]],
    **plausible: float,
) -> tuple[Offer, ...]:
    found = []
    for entry in offers:
        offer = entry if isinstance(entry, Offer) else read_offer(entry)
        if offer.effect_from is not None and offer.effect_pp is None:
            if offer.effect_from not in measurements:
                raise UsageError(
                    f"offer {offer.name}: the measurement {offer.effect_from} was not read"
                )
            offer = measured_offer(offer, measurements[offer.effect_from], **plausible)
        found.append(offer)
    return tuple(found)


def _limits(
    catalogue: Sequence[Offer],
    budget: float | None,
    max_contacts: int | None,
    channels: Mapping[str, Channel],
) -> list[Limit]:
    used = {offer.channel for offer in catalogue}
    unknown = [name for name in channels if name not in used]
    if unknown:
        raise UsageError(
            f"target.channels: no offer goes by {unknown[0]!r}; the offers' channels are"
            f" {', '.join(sorted(used)) or 'none'}"
        )
    limits = []
    if budget is not None:
        limits.append(Limit("budget", budget, money=True))
    if max_contacts is not None:
        limits.append(Limit("max_contacts", max_contacts))
    for name, channel in sorted(channels.items()):
        by = tuple(j for j, offer in enumerate(catalogue) if offer.channel == name)
        if channel.per_day is not None:
            limits.append(Limit(f"contacts by {name}", channel.per_day * channel.days, options=by))
        if channel.budget is not None:
            limits.append(Limit(f"budget of {name}", channel.budget, money=True, options=by))
    for j, offer in enumerate(catalogue):
        if offer.stock is not None:
            limits.append(Limit(f"stock of {offer.name}", offer.stock, options=(j,)))
    return limits


def _check_plan(
    scores: pd.DataFrame,
    catalogue: Sequence[Offer],
    campaign_id: str,
    limits: Sequence[Limit],
    rules: ContactRules,
    **shares: float,
) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", campaign_id):
        raise UsageError(
            f"target.campaign_id {campaign_id!r}: use letters, digits, '.', '_' and '-' only"
        )
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise UsageError(f"target.{name} {share} must be at least 0 and below 1")
    for limit in limits:
        if not limit.amount >= 0:
            raise UsageError(f"target: {limit.name} is {limit.amount}; it cannot be negative")
    names = [offer.name for offer in catalogue]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise UsageError(f"target.offers: {', '.join(twice)} stands twice; names must differ")
    serving = [offer.name for offer in catalogue if offer.for_complaint]
    if serving and rules.complaint_column is None:
        raise UsageError(
            f"target.offers: {serving[0]} is for_complaint, but target.complaint_column does not"
            " say which column marks an open complaint"
        )
    repeated = scores["customer_id"][scores["customer_id"].duplicated()]
    if len(repeated):
        raise WinbackError(
            f"scores: {len(repeated)} customers stand twice (first {repeated.iloc[0]!r});"
            " score one cutoff only"
        )


def _only_cutoff(scored: pd.DataFrame) -> date | None:
    cutoffs = scored["cutoff"].unique()
    if len(cutoffs) > 1:
        raise WinbackError(f"scores hold {len(cutoffs)} cutoffs; a campaign needs one")
    return pd.Timestamp(cutoffs[0]).date() if len(cutoffs) else None


def _set_aside(
    scored: pd.DataFrame,
    ids: NDArray[np.object_],
    allowed: Flags,
    rules: ContactRules,
    past: pd.DataFrame,
    salt: str,
    cutoff: date | None,
) -> NDArray[np.object_]:
    """Why a customer is no subject of this plan, the first reason that holds; else empty."""

    def numbers(column: str) -> Floats:
        return scored[column].to_numpy(np.float64, na_value=np.nan)

    with np.errstate(invalid="ignore"):
        sent_back = (numbers("refund_share") > 0.5) | (numbers("spend_total") <= 0)
        priced = (numbers("orders_total") > 0) & (numbers("order_value_mean") > 0)
    reasons = np.full(len(scored), "", dtype=object)
    reasons[np.isnan(numbers("p_return")) | ~priced] = "too_uncertain"
    reasons[sent_back] = "sent_back"
    reasons[left_in_peace(ids, past, rules)] = "contacted_recently"
    reasons[flagged(scored, rules.subscriber_column, "subscriber_column")] = "subscriber"
    if cutoff is not None:
        out = universal_holdout(list(ids), rules.holdout_share, salt, cutoff.year)
        reasons[out] = "universal_holdout"
    reasons[~allowed] = "no_contact"
    return reasons


# -------------------------------------------------------------------------------- choice


def _one_test_each(possible: Flags, known: Flags, ids: NDArray[np.object_], prefix: str) -> Flags:
    """Leave each customer the offers known to pay or, where none is, one offer to test."""
    options = possible & known
    tests = possible & ~known & (options.sum(axis=1) == 0)[:, None]
    several = np.flatnonzero(tests.sum(axis=1) > 1)
    # At one plausible effect the cheapest offer would win everywhere and the others would
    # never be measured; the effect is what is not known, so chance decides.
    one = _one_of(tests[several], hash_uniform(prefix, (f"{i}|offer" for i in ids[several])))
    tests[several] = one[:, None] == np.arange(tests.shape[1])
    left: Flags = options | tests
    return left


def _one_of(choices: Flags, draws: Floats) -> Picks:
    """The option that a draw in [0, 1) falls on, each as likely; -1 where there is none."""
    count = choices.sum(axis=1)
    turn = (draws * count) // 1
    found = choices & ((np.cumsum(choices, axis=1) - 1) == turn[:, None])
    return np.where(count > 0, found.argmax(axis=1) if found.shape[1] else -1, -1)


def _room(limit: Limit, control_share: float, reserve_share: float) -> Limit:
    """What may be planned, so that with the control held out the limit is kept."""
    amount = limit.amount / (1 - control_share)
    kept = amount * (1 - reserve_share) if limit.money else float(int(amount + 1e-9))
    return replace(limit, amount=kept)


def _used(limits: Sequence[Limit], picks: Picks, cost: Floats) -> Floats:
    """What the picks use of each limit."""
    paid = taken(cost, picks)
    used = np.zeros(len(limits))
    for r, limit in enumerate(limits):
        here = picks >= 0 if limit.options is None else np.isin(picks, limit.options)
        used[r] = paid[here].sum() if limit.money else here.sum()
    return used


def _explore(
    open_to: Flags,
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
    draws = hash_uniform(f"{prefix}|explore", ids[rows])
    rows, draws = rows[draws < share], draws[draws < share]
    rows, draws = rows[np.argsort(draws, kind="stable")], np.sort(draws, kind="stable")
    picks = _one_of(open_to[rows], hash_uniform(f"{prefix}|explored", ids[rows]))
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
    explored: Flags,
    net: Floats,
    held_out: Flags,
    cost: Floats,
    limits: Sequence[Limit],
) -> Picks:
    """Drop those who gain least, of both arms alike, where the draw listed more than its share.

    A short list can by chance hold out fewer or cheaper people.
    """
    picks = picks.copy()
    for r, limit in enumerate(limits):
        listed = np.where(held_out, -1, picks)
        if _used(limits, listed, cost)[r] <= limit.amount:
            continue
        here = picks >= 0 if limit.options is None else np.isin(picks, limit.options)
        rows = np.flatnonzero(here)
        rows = rows[np.lexsort((rows, -net[rows], ~explored[rows]))]
        each = taken(cost, picks)[rows] if limit.money else np.ones(len(rows))
        over = np.cumsum(np.where(held_out[rows], 0.0, each)) > limit.amount
        picks[rows[int(over.argmax()) :]] = -1
    return picks


def _contact_days(
    listed: Picks,
    ids: NDArray[np.object_],
    gain: Floats,
    catalogue: Sequence[Offer],
    channels: Mapping[str, Channel],
) -> dict[str, int]:
    """Days to wait for a contact by a channel that carries so many a day, best gains first."""
    waits: dict[str, int] = {}
    for name, channel in sorted(channels.items()):
        if channel.per_day:
            by = [j for j, offer in enumerate(catalogue) if offer.channel == name]
            rows = np.flatnonzero(np.isin(listed, by))
            rows = rows[np.lexsort((ids[rows].astype(str), -gain[rows]))]
            waits |= {str(ids[row]): k // channel.per_day for k, row in enumerate(rows)}
    return waits


def _plan_probability(
    picks: Picks,
    explorers: Picks,
    possible: Flags,
    known: Flags,
    open_to: Flags,
    net: Floats,
    shares: Floats,
) -> Floats:
    """Chance that the planned offer was planned, by exploration or by the policy."""
    if not possible.shape[1]:
        return np.ones(len(picks))
    rows, at = np.arange(len(picks)), np.maximum(picks, 0)
    by_gain = (possible & known).any(axis=1)
    # Not explored, a customer gets the best of the known offers at the final prices or, where
    # none is known to pay, one of the tests, each as likely, if it is worth its prices.
    best = np.where(possible & known, net, -np.inf).argmax(axis=1)
    would = np.where(by_gain, best == at, (possible & ~known)[rows, at]) & (net[rows, at] > 0)
    tests = np.where(by_gain, 1, (possible & ~known).sum(axis=1))
    policy = np.where((explorers < 0) | would, 1.0, 0.0) / np.maximum(tests, 1)
    explored = open_to * shares / np.maximum(open_to.sum(axis=1), 1)[:, None]
    chance: Floats = explored[rows, at] + (1 - explored.sum(axis=1)) * policy
    return chance


def _chosen_by(picks: Picks, explorers: Picks, known: Flags) -> NDArray[np.object_]:
    by_gain = known[np.maximum(picks, 0)] if len(known) else np.zeros(len(picks), np.bool_)
    return np.where(explorers >= 0, "explore", np.where(by_gain, "gain", "test")).astype(object)


def _why_not(values: OfferValues, complaint: Flags, could: Flags) -> NDArray[np.object_]:
    """Reason for each customer who is not planned, from the best she could have had."""
    room = values.margin - values.discount
    pays = values.eligible & (room > 0)
    within_reach = pays & np.isfinite(values.break_even)
    # What the offer would earn if nobody came anyway: positive means that only the subsidy
    # of those who do eats the gain.
    unaided = np.where(within_reach, values.gain + values.subsidy, -np.inf)
    reasons = np.full(len(could), "too_weak", dtype=object)
    reasons[(unaided > 0).any(axis=1)] = "comes_anyway"
    reasons[~within_reach.any(axis=1)] = "impossible"
    reasons[~pays.any(axis=1)] = "cannot_pay"
    reasons[~values.eligible.any(axis=1)] = "not_eligible"
    reasons[complaint & ~values.eligible.any(axis=1)] = "complaint"
    reasons[could] = "budget"
    return reasons


# --------------------------------------------------------------------------------- after


def _assignment(
    campaign_id: str,
    cutoff: date | None,
    ids: NDArray[np.object_],
    buyers: pd.DataFrame,
    catalogue: Sequence[Offer],
    values: OfferValues,
    picks: Picks,
    held_out: Flags,
    control_share: float,
    plan_probability: Floats,
    chosen_by: NDArray[np.object_],
) -> pd.DataFrame:
    rows = np.flatnonzero(picks >= 0)
    chosen = picks[rows]
    control = held_out[rows]
    names = np.array([offer.name for offer in catalogue], dtype=object)
    gains = pd.Series(values.gain[rows, chosen], dtype="Float64")
    segment = buyers["segment"] if "segment" in buyers else pd.Series(pd.NA, index=buyers.index)
    return pd.DataFrame(
        {
            "campaign_id": campaign_id,
            "customer_id": ids[rows],
            "planned_offer": names[chosen],
            "arm": np.where(control, CONTROL, names[chosen]).astype(object),
            "probability": np.where(control, control_share, 1 - control_share),
            "plan_probability": plan_probability[rows].round(6),
            "chosen_by": chosen_by[rows],
            "assigned_at": pd.Series([cutoff] * len(rows), dtype=object),
            "expected_gain": gains.mask(~values.known[chosen]).round(4),
            "p_return": buyers["p_return"].to_numpy(np.float64, na_value=np.nan)[rows],
            "p_return_days": buyers["horizon_days"].to_numpy(np.int32)[rows],
            "stratum": _strata(values.p_order[rows, chosen], values.margin[rows, chosen]),
            "segment": segment.astype("string").iloc[rows].reset_index(drop=True),
        }
    )


def _strata(p_order: Floats, margin: Floats) -> NDArray[np.object_]:
    """Thirds of the chance to come anyway by thirds of an order's margin, named p1m1 to p3m3.

    Named before the outcome is known, they may be compared after it (post-stratification).
    """
    if not len(p_order):
        return np.empty(0, object)
    cells = [
        1 + np.searchsorted(np.quantile(of, [1 / 3, 2 / 3]), of, side="left")
        for of in (p_order, margin)
    ]
    return np.array([f"p{p}m{m}" for p, m in zip(*cells, strict=True)], dtype=object)


def _totals(
    campaign_id: str,
    cutoff: date | None,
    catalogue: Sequence[Offer],
    values: OfferValues,
    picks: Picks,
    held_out: Flags,
    reasons: NDArray[np.object_],
    level_error: float,
) -> dict[str, Any]:
    planned = picks >= 0
    listed = np.where(held_out, -1, picks)
    arms: dict[str, dict[str, Any]] = {}
    break_even: dict[str, float | None] = {}
    for j, offer in enumerate(catalogue):
        here = listed == j
        if here.any():
            gain = float(values.gain[here, j].sum())
            arms[offer.name] = {
                "n": int(here.sum()),
                "expected_cost": round(float(values.cost[here, j].sum()), 2),
                "expected_gain": round(gain, 2) if offer.effect_pp is not None else None,
                "effect_source": offer.effect_source,
                "effect_pp": offer.effect_pp,
                "effect_low_pp": offer.effect_low_pp,
                "effect_high_pp": offer.effect_high_pp,
            }
        able = (picks == j) if (picks == j).any() else values.eligible[:, j]
        pays_from = values.pays_from(able, j)
        break_even[offer.name] = None if pays_from is None else round(100 * pays_from, 2)
    n_control = int((planned & held_out).sum())
    if planned.any():
        arms[CONTROL] = {
            "n": n_control,
            "expected_cost": 0.0,
            "expected_gain": 0.0,
            **dict.fromkeys(("effect_source", "effect_pp", "effect_low_pp", "effect_high_pp")),
        }
    rows = np.flatnonzero(planned)
    known = bool(values.known[picks[rows]].all()) if len(rows) else bool(values.known.all())
    base = float(values.p_order[rows, picks[rows]].mean()) if len(rows) else None
    effect_pp = None
    if len(rows) and known:
        effect_pp = 100 * float(values.effect[rows, picks[rows]].mean())
    elif len(rows):
        # An explored offer may have no effect at which it pays.
        paying = [0.0 if pp is None else pp for pp in break_even.values()]
        effect_pp = float(np.mean([paying[j] for j in picks[rows]]))
    gain, low, high = gain_interval(catalogue, values, listed, level_error)
    n_listed = int((listed >= 0).sum())
    return {
        "campaign_id": campaign_id,
        "cutoff": None if cutoff is None else cutoff.isoformat(),
        "n_scored": len(reasons),
        "n_eligible": int(values.eligible.any(axis=1).sum()),
        "n_planned": int(planned.sum()),
        "n_listed": n_listed,
        "n_control": n_control,
        "arms": arms,
        "reasons": {reason: int((reasons == reason).sum()) for reason in REASONS},
        "expected_cost": round(float(taken(values.cost, listed).sum()), 2),
        "expected_gain": round(gain, 2) if known else None,
        "gain_low": round(low, 2),
        "gain_high": round(high, 2),
        "effect_known": known,
        "window_days": max((offer.valid_days for offer in catalogue), default=None),
        "break_even_pp": break_even,
        "power": power_verdict(
            n_listed, n_control, base, effect_pp=effect_pp, breaks_even=not known
        ),
    }


def _certificate(choice: Choice) -> dict[str, Any]:
    return {
        key: value if isinstance(value, bool) else round(value, 4)
        for key, value in choice.certificate.items()
    }


def _money(room: Sequence[Limit], budget: float | None) -> float | None:
    return None if budget is None else next(x.amount for x in room if x.name == "budget")


def _warnings(catalogue: Sequence[Offer], picks: Picks, salt: str) -> list[dict[str, str]]:
    """What a reader of the plan has to be told, in English and Polish."""
    found = []
    if salt in _PUBLIC_SALTS:
        found.append(
            {
                "code": "public_salt",
                "en": f"target.salt is {salt!r}, which is no secret: anybody can work out who is"
                " control. Set one of your own, once, and keep it.",
                "pl": f"target.salt to {salt!r}, czyli żadna tajemnica: każdy może wyliczyć, kto"
                " jest w grupie kontrolnej. Ustaw raz własny i zachowaj go.",
            }
        )
    stated = [
        offer.name
        for j, offer in enumerate(catalogue)
        if offer.effect_source == "stated" and (picks == j).any()
    ]
    if stated:
        names = ", ".join(stated)
        found.append(
            {
                "code": "stated_effect",
                "en": f"Gains of {names} rest on an effect that was assumed, not measured.",
                "pl": f"Zyski z ofert {names} opierają się na założonym, a nie zmierzonym efekcie.",
            }
        )
    return found
