"""A campaign decided: who gets what, who is held out, and why the others get nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats, Mask
from winback.errors import UsageError, WinbackError
from winback.offers.budget import Limit, Picks, taken
from winback.offers.catalogue import read_offer
from winback.offers.chances import chances_told
from winback.offers.choosing import Chosen, Shares, choose_offers, chosen_by, plan_chances
from winback.offers.contact import (
    ContactRules,
    flagged,
    had_alike,
    left_in_peace,
    lists_a_year,
    past_plans,
    peace_ends,
    reachable,
    universal_holdout,
)
from winback.offers.exploration import exploration_of
from winback.offers.fading import Wear, fading_of, worn_out
from winback.offers.measured import measured_offer
from winback.offers.members import Barred, segment_plan
from winback.offers.profit import expected_gain, gain_interval, profit_curve
from winback.offers.pulled import moved_share
from winback.offers.reactions import Reactions
from winback.offers.totals import (
    arms_of,
    assumed_of,
    break_evens,
    certificate_of,
    effect_known,
    learned_of,
    limits_used,
    power_of,
    warnings_of,
)
from winback.offers.trial import contact_pays_below, design_trial
from winback.offers.worth import OfferValues, value_offers
from winback.params import CONTROL_SHARE, EXPLORE_SHARE, PLAUSIBLE_EFFECT_PP, RESERVE_SHARE
from winback.results.measured import Measurement, PastMeasurement
from winback.results.offered import CONTROL, Offer
from winback.results.planned import Planned, PulledForward
from winback.results.segmented import Segmented

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


@dataclass(frozen=True)
class Channel:
    """What a channel can carry: contacts a day, over so many days, and money of its own."""

    per_day: int | None = None
    days: int = 1
    budget: float | None = None


@dataclass(frozen=True)
class Limits:
    """What there is of contacts beside the budget, and what of all of it is kept for what.

    Attributes:
        max_contacts: most customers who may be contacted.
        channels: capacity and budget of each ``channel`` of the offers.
        reserve_share: share of each budget kept for more redemptions than expected.
        explore_share: share of the list, drawn by hash, that is dealt evenly over the offers each
            may have; it uses at most that share of each limit.
        unexplored: names of offers that are not explored.
    """

    max_contacts: int | None = None
    channels: Mapping[str, Channel] = field(default_factory=dict)
    reserve_share: float = RESERVE_SHARE
    explore_share: float = EXPLORE_SHARE
    unexplored: Collection[str] = ()


@dataclass(frozen=True)
class Beliefs:
    """What is thought of effects and scores before a campaign has measured them.

    Attributes:
        plausible_effect_pp: points that an offer of unknown effect is thought to add at best.
        plausible_lift: how many times as many orders again it is thought to win at best.
        level_error: standard error of the level of p0, as a share of it.
        wear: what earlier lists take of an effect.
        measurements: content of the files that offers name in ``effect_from``, by that name.
        reactions: what lists that left have taught, which counts as known where it is shown;
            None: nothing. Whatever an offer states, or takes from a measurement, goes before it;
            what is not shown is tested on, and what harms is planned to explore alone.
        moved: by offer, share of the orders won that lists that left have missed after it.
    """

    plausible_effect_pp: float = PLAUSIBLE_EFFECT_PP
    plausible_lift: float = 1.0
    level_error: float = 0.1
    wear: Wear = field(default_factory=Wear)
    measurements: Mapping[str, PastMeasurement | Measurement] = field(default_factory=dict)
    reactions: Reactions | None = None
    moved: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A campaign decided: who gets what, who is control, and why the others get nothing.

    Attributes:
        assignment: one row per planned customer, both arms, sorted by customer_id.
        decisions: one row per scored customer with the reason, sorted by customer_id.
        summary: totals, power, test design and certificate (written as target.json).
        profit: expected gain against list size and cost, with its interval (profit.csv).
        offers: the catalogue it was planned from, with measured effects filled in.
        segmented: the plan by segment and by band of risk (segments.json).
        contact_days: of the listed customers of a channel with a daily capacity, on which day
            after ``assigned_at`` each is contacted, 0 the first: those who gain most come first.
    """

    assignment: pd.DataFrame
    decisions: pd.DataFrame
    summary: Planned
    profit: pd.DataFrame
    offers: tuple[Offer, ...]
    segmented: Segmented
    contact_days: Mapping[str, int] = field(default_factory=dict)


def plan_campaign(
    scores: pd.DataFrame,
    offers: Sequence[Offer | Mapping[str, Any]],
    *,
    campaign_id: str,
    budget: float | None = None,
    control_share: float = CONTROL_SHARE,
    salt: str = "",
    privacy: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
    rules: ContactRules | None = None,
    limits: Limits | None = None,
    beliefs: Beliefs | None = None,
    currency: str = "",
) -> Plan:
    """Decide who gets which offer and who is held out, with a reason for everybody.

    The order of the steps is what makes the result measurable: people who must not be
    contacted leave first and influence nothing, then the universal hold-out of the year and
    those to be left in peace; an offer is then planned for every customer whom it pays to
    contact, as if there were no control; last, ``control_share`` of each offer and stratum is
    held out by a salted hash (:mod:`winback.offers.holding`), so that both arms are alike.
    Control drawn first and compared with the chosen would be another kind of people.

    Where an offer's effect is unknown the list is the test that would measure it: each
    eligible customer is given, by hash, one of the offers that could pay at the plausible
    effect, and the budget goes where that effect would bring most. An offer known to pay
    goes before a test.

    Where any effect is known, ``explore_share`` of the list, drawn by hash, is dealt evenly over
    the offers each may have, so that effects can be learnt where the policy would not look; it
    uses at most that share of each limit. ``plan_probability`` is the chance that the planned
    offer was planned (at the final prices of the limits), ``probability`` that of the arm given
    the plan; ``arm_probabilities`` has the chance of every arm.

    The planned cost stays within ``budget / (1 - control_share) * (1 - reserve_share)``,
    and the expected cost of those who really get an offer within ``budget``; the same holds,
    without a reserve, for contacts, each channel's capacity and each offer's stock.

    Boundaries: nobody gets an offer by a channel that ``privacy`` or ``rules.suppress`` bars. A
    customer with an open complaint gets an offer ``for_complaint`` or none, nobody else one.

    Args:
        scores: scores.parquet, optionally with more snapshot columns for eligibility.
        offers: the catalogue, as offers or as the entries of params.yaml.
        campaign_id: part of the hash, so each campaign draws its control anew.
        budget: money for contacts and discounts; None for no limit, 0 for nothing.
        salt: secret of the draw; without it nobody can foretell an arm.
        privacy: privacy.parquet: who may be written to, and by which channels.
        history: past assignments, for quiet days, caps and exclusive offers: ``customer_id``,
            ``assigned_at``, where known ``planned_offer`` and ``campaign_id``. Rows from the
            cutoff on, and this campaign's own, are ignored; both arms count.
        rules: whom to leave in peace: hold-out, quiet days, caps, complaints, subscribers.
        limits: contacts, channels, and the shares kept back and explored.
        beliefs: plausible effects, the error of the scores' level, and measurements.

    Raises:
        UsageError: an offer, its eligibility or a share is wrong.
        WinbackError: scores repeat a customer, or hold several cutoffs.
    """
    rules, limits, beliefs = rules or ContactRules(), limits or Limits(), beliefs or Beliefs()
    read = [offer if isinstance(offer, Offer) else read_offer(offer) for offer in offers]
    catalogue, moved = _with_beliefs(read, beliefs)
    amounts, shares = _amounts(catalogue, budget, limits), _shares(control_share, limits, rules)
    _check_plan(scores, catalogue, campaign_id, amounts, rules)
    scored = scores.sort_values("customer_id", kind="stable", ignore_index=True)
    cutoff, ids = _only_cutoff(scored), scored["customer_id"].astype(str).to_numpy(object)
    past, leaves = past_plans(history, cutoff, campaign_id), rules.leaves_on or cutoff
    open_ = reachable(ids, [offer.channel for offer in catalogue], privacy, rules)
    reasons = _set_aside(scored, ids, open_.max(axis=1), rules, past, salt, cutoff)
    # The shop's means are of people who keep what they buy, not of large orders soon cancelled.
    kept = reasons == ""
    buyers, buyer_ids = scored[kept].reset_index(drop=True), ids[kept]
    complaint = flagged(buyers, rules.complaint_column, "complaint_column")
    had = had_alike(buyer_ids, past, catalogue)
    barred = Barred(~open_[kept][:, : len(catalogue)], had, complaint)
    fresh = ~had & ~barred.channel
    fading = fading_of(buyer_ids, past, catalogue, beliefs.wear)
    fresh &= _fitting(catalogue, complaint)
    values = _values(buyers, catalogue, beliefs, fresh, currency, fading)
    chosen = choose_offers(
        values, [x.name for x in catalogue], buyer_ids, amounts, shares, f"{salt}|{campaign_id}"
    )
    reasons[kept] = _buyer_reasons(values, complaint, chosen)
    campaign = _Campaign(
        campaign_id, cutoff, catalogue, amounts, rules, beliefs, budget, salt, currency,
        lists_a_year(past), moved, fading,
    )  # fmt: skip
    assignment = _assignment(campaign, buyers, buyer_ids, values, chosen)
    gains = taken(values.gain, chosen.picks)
    return Plan(
        assignment=assignment,
        decisions=_decisions(ids, reasons, assignment, peace_ends(past, rules, leaves)),
        summary=_summary(campaign, values, chosen, reasons, seal_of(assignment)),
        profit=_profit(campaign, values, chosen, control_share),
        offers=catalogue,
        segmented=segment_plan(scored, reasons, kept, catalogue, barred, values, chosen, cutoff),
        contact_days=_contact_days(chosen.listed, buyer_ids, gains, catalogue, limits.channels),
    )


@dataclass(frozen=True)
class _Campaign:
    """What a campaign was planned by."""

    campaign_id: str
    cutoff: date | None
    catalogue: tuple[Offer, ...]
    limits: list[Limit]
    rules: ContactRules
    beliefs: Beliefs
    budget: float | None
    salt: str
    currency: str
    lists_a_year: int
    moved: Mapping[str, PulledForward]
    fading: Floats | None


def seal_of(assignment: pd.DataFrame) -> str:
    """Sixteen hexadecimal digits of who was planned what and which arm was drawn.

    Unlike the hash of the file it does not change with a library's way of compressing.
    """
    digest = hashlib.sha256()
    columns = ["campaign_id", "customer_id", "planned_offer", "arm"]
    rows = assignment.sort_values("customer_id")
    for row in zip(*(map(str, rows[name].tolist()) for name in columns), strict=True):
        digest.update("\x1f".join(row).encode() + b"\n")
    return digest.hexdigest()[:16]


# -------------------------------------------------------------------------------- before


def _with_effects(offers: Sequence[Offer], beliefs: Beliefs) -> tuple[Offer, ...]:
    """The offers, each with what the measurement it names has found, or else was learned."""
    found = []
    for offer in offers:
        if offer.effect_from is not None and offer.effect_pp is None:
            if offer.effect_from not in beliefs.measurements:
                raise UsageError("offers.not_read", offer=offer.name, measurement=offer.effect_from)
            offer = measured_offer(
                offer,
                beliefs.measurements[offer.effect_from],
                plausible_effect_pp=beliefs.plausible_effect_pp,
                plausible_lift=beliefs.plausible_lift,
            )
        found.append(offer)
    return beliefs.reactions.applied(found) if beliefs.reactions else tuple(found)


def _with_beliefs(
    offers: Sequence[Offer], beliefs: Beliefs
) -> tuple[tuple[Offer, ...], dict[str, PulledForward]]:
    """The offers with what is known of each, and who says how many orders are only moved."""
    found, moved = _with_moved(offers, beliefs)
    return _with_effects(found, beliefs), moved


def _with_moved(
    offers: Sequence[Offer], beliefs: Beliefs
) -> tuple[list[Offer], dict[str, PulledForward]]:
    """The offers with the share of the orders won that was only moved, and who says which."""
    found, told = [], {}
    for offer in offers:
        stated = offer.pull_forward_share
        share = beliefs.moved.get(offer.name)
        measurement = beliefs.measurements.get(offer.effect_from or "")
        if measurement is not None:
            share = moved_share(PastMeasurement.model_validate(measurement), stated)
        if share is not None:
            offer = offer.model_copy(update={"pull_forward_share": share})
        told[offer.name] = PulledForward(
            share=offer.pull_forward_share,
            source="measured" if share is not None else "stated" if stated else "assumed",
        )
        found.append(offer)
    return found, told


def _amounts(catalogue: Sequence[Offer], budget: float | None, limits: Limits) -> list[Limit]:
    used = {offer.channel for offer in catalogue}
    unknown = [name for name in limits.channels if name not in used]
    if unknown:
        raise UsageError("offers.channel", channel=unknown[0], known=", ".join(sorted(used)) or "-")
    found = []
    if budget is not None:
        found.append(Limit("budget", budget, money=True))
    if limits.max_contacts is not None:
        found.append(Limit("max_contacts", limits.max_contacts))
    for name, channel in sorted(limits.channels.items()):
        by = tuple(j for j, offer in enumerate(catalogue) if offer.channel == name)
        if channel.per_day is not None:
            found.append(Limit(f"contacts by {name}", channel.per_day * channel.days, options=by))
        if channel.budget is not None:
            found.append(Limit(f"budget of {name}", channel.budget, money=True, options=by))
    for j, offer in enumerate(catalogue):
        if offer.stock is not None:
            found.append(Limit(f"stock of {offer.name}", offer.stock, options=(j,)))
    return found


def _shares(control_share: float, limits: Limits, rules: ContactRules) -> Shares:
    named = {
        "control_share": control_share,
        "reserve_share": limits.reserve_share,
        "explore_share": limits.explore_share,
        "holdout_share": rules.holdout_share,
    }
    for name, share in named.items():
        if not 0 <= share < 1:
            raise UsageError("offers.share", key=name, share=share)
    return Shares(
        control_share, limits.reserve_share, limits.explore_share, frozenset(limits.unexplored)
    )


def _check_plan(
    scores: pd.DataFrame,
    catalogue: Sequence[Offer],
    campaign_id: str,
    limits: Sequence[Limit],
    rules: ContactRules,
) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", campaign_id):
        raise UsageError("offers.campaign_id", campaign=campaign_id)
    for limit in limits:
        if not limit.amount >= 0:
            raise UsageError("offers.negative_limit", limit=limit.name, amount=limit.amount)
    names = [offer.name for offer in catalogue]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise UsageError("offers.same_name", offers=twice)
    serving = [offer.name for offer in catalogue if offer.for_complaint]
    if serving and rules.complaint_column is None:
        raise UsageError("offers.no_complaint_column", offer=serving[0])
    repeated = scores["customer_id"][scores["customer_id"].duplicated()]
    if len(repeated):
        raise WinbackError("offers.customer_twice", n=len(repeated), first=repeated.iloc[0])


def _only_cutoff(scored: pd.DataFrame) -> date | None:
    cutoffs = scored["cutoff"].unique()
    if len(cutoffs) > 1:
        raise WinbackError("offers.several_cutoffs", n=len(cutoffs))
    return pd.Timestamp(cutoffs[0]).date() if len(cutoffs) else None


def _fitting(catalogue: Sequence[Offer], complaint: Mask) -> Mask:
    """Customers x offers: offers for complaints to who has one open, the others to the others."""
    for_complaint = np.array([offer.for_complaint for offer in catalogue], np.bool_)
    fitting: Mask = complaint[:, None] == for_complaint
    return fitting


def _values(
    buyers: pd.DataFrame,
    catalogue: Sequence[Offer],
    beliefs: Beliefs,
    allowed: Mask,
    currency: str,
    fading: Floats | None,
) -> OfferValues:
    return value_offers(
        buyers,
        catalogue,
        plausible_effect_pp=beliefs.plausible_effect_pp,
        plausible_lift=beliefs.plausible_lift,
        allowed=allowed,
        currency=currency,
        reactions=beliefs.reactions,
        fading=fading,
    )


def _set_aside(
    scored: pd.DataFrame,
    ids: NDArray[np.object_],
    allowed: Mask,
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
        year = (rules.leaves_on or cutoff).year
        out = universal_holdout(list(ids), rules.holdout_share, salt, year)
        reasons[out] = "universal_holdout"
    reasons[~allowed] = "no_contact"
    return reasons


def _buyer_reasons(values: OfferValues, complaint: Mask, chosen: Chosen) -> NDArray[np.object_]:
    reasons, planned = _why_not(values, complaint, chosen.could), chosen.planned
    reasons[planned] = np.where(chosen.held_out[planned], CONTROL, "offer")
    return reasons


def _why_not(values: OfferValues, complaint: Mask, could: Mask) -> NDArray[np.object_]:
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
    campaign: _Campaign,
    buyers: pd.DataFrame,
    ids: NDArray[np.object_],
    values: OfferValues,
    chosen: Chosen,
) -> pd.DataFrame:
    """One row per planned customer, both arms."""
    rows = np.flatnonzero(chosen.planned)
    picks, control = chosen.picks[rows], chosen.held_out[rows]
    names = np.array([offer.name for offer in campaign.catalogue], dtype=object)
    gains = pd.Series(values.gain[rows, picks], dtype="Float64")
    chances = plan_chances(chosen, values.known)[rows]
    told = chances_told(chances, chosen.control_share, names.tolist())
    segment = buyers["segment"] if "segment" in buyers else pd.Series(pd.NA, index=buyers.index)
    return pd.DataFrame(
        {
            "campaign_id": campaign.campaign_id,
            "customer_id": ids[rows],
            "planned_offer": names[picks],
            "arm": np.where(control, CONTROL, names[picks]).astype(object),
            "probability": chosen.probability[rows],
            "plan_probability": taken(chances, picks).round(6),
            "chosen_by": chosen_by(chosen, values.known)[rows],
            "assigned_at": pd.Series([campaign.cutoff] * len(rows), dtype=object),
            "expected_gain": gains.mask(~values.known[picks]).round(4),
            "p_return": buyers["p_return"].to_numpy(np.float64, na_value=np.nan)[rows],
            "p_return_days": buyers["horizon_days"].to_numpy(np.int32)[rows],
            "stratum": chosen.stratum[rows],
            "draw": chosen.draw[rows],
            "arm_probabilities": told,
            "segment": segment.astype("string").iloc[rows].reset_index(drop=True),
        }
    )


def _decisions(
    ids: NDArray[np.object_],
    reasons: NDArray[np.object_],
    assignment: pd.DataFrame,
    peace: pd.Series[Any],
) -> pd.DataFrame:
    """One row per scored customer: what was planned, or why nothing was."""
    decided = pd.DataFrame({"customer_id": ids, "reason": reasons}).merge(
        assignment[["customer_id", "planned_offer", "arm"]], on="customer_id", how="left"
    )
    quiet = decided["reason"] == "contacted_recently"
    decided["in_peace_until"] = decided["customer_id"].map(peace).astype(object).where(quiet, None)
    return decided[["customer_id", "planned_offer", "arm", "reason", "in_peace_until"]]


def _profit(
    campaign: _Campaign, values: OfferValues, chosen: Chosen, control_share: float
) -> pd.DataFrame:
    """Lists of every size, out of those for whom anything could pay."""
    n_planned, n_listed = int(chosen.planned.sum()), int((chosen.listed >= 0).sum())
    explored = np.flatnonzero((chosen.explorers >= 0) & chosen.planned)
    by_lot = explored[np.argsort(chosen.draw[explored], kind="stable")]
    return profit_curve(
        campaign.catalogue,
        values,
        np.where(chosen.options & (chosen.explorers < 0)[:, None], values.gain, -np.inf),
        chosen.prices,
        chosen.left,
        [(int(row), int(chosen.picks[row])) for row in by_lot],
        # As drawn: chance holds out a few more or fewer than the control's share.
        listed_share=n_listed / n_planned if n_planned else 1 - control_share,
        spent=next((limit.amount for limit in chosen.room if limit.name == "budget"), None),
        level_error=campaign.beliefs.level_error,
    )


def _summary(
    campaign: _Campaign,
    values: OfferValues,
    chosen: Chosen,
    reasons: NDArray[np.object_],
    seal: str,
) -> Planned:
    catalogue, picks, listed = campaign.catalogue, chosen.picks, chosen.listed
    planned = {catalogue[j].name for j in set(picks.tolist()) if j >= 0}
    known, pays_from = effect_known(values, chosen), break_evens(catalogue, values, chosen)
    _, low, high = gain_interval(catalogue, values, listed, campaign.beliefs.level_error)
    gain = expected_gain(values, listed) if known else None
    trial = design_trial(
        catalogue, values, chosen.possible, picks, chosen.held_out, chosen.explorers >= 0,
        campaign.cutoff,
    )  # fmt: skip
    return Planned(
        campaign_id=campaign.campaign_id,
        cutoff=campaign.cutoff,
        send_on=campaign.cutoff,
        currency=campaign.currency,
        budget=campaign.budget,
        n_scored=len(reasons),
        n_eligible=int(values.eligible.any(axis=1).sum()),
        n_planned=int(chosen.planned.sum()),
        n_listed=int((listed >= 0).sum()),
        n_control=int((chosen.planned & chosen.held_out).sum()),
        n_explored=int(((chosen.explorers >= 0) & chosen.planned).sum()),
        holdout_share=campaign.rules.holdout_share,
        arms=arms_of(catalogue, values, chosen),
        limits=limits_used(campaign.limits, values, chosen),
        reasons={reason: int((reasons == reason).sum()) for reason in REASONS},
        expected_cost=round(float(taken(values.cost, listed).sum()), 2),
        expected_gain=None if gain is None else round(gain, 2),
        gain_low=round(low, 2),
        gain_high=round(high, 2),
        contact_pays_below=contact_pays_below(
            catalogue, values, chosen.possible, picks, chosen.held_out, campaign.currency
        ),
        assumed=assumed_of(catalogue, campaign.currency),
        effect_known=known,
        learned=learned_of(catalogue),
        window_days=max((offer.valid_days for offer in catalogue), default=None),
        break_even_pp=pays_from,
        power=power_of(values, chosen, pays_from, known=known),
        optimum=certificate_of(chosen),
        test=trial,
        wear=worn_out(campaign.beliefs.wear, campaign.fading, picks),
        pull_forward={name: told for name, told in campaign.moved.items() if name in planned},
        exploration=exploration_of(catalogue, values, chosen, campaign.lists_a_year),
        warnings=warnings_of(catalogue, chosen, campaign.salt, campaign.currency),
        seal=seal,
    )


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
