"""A campaign decided: who gets what, who is held out, and why the others get nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.errors import UsageError, WinbackError
from winback.offers.budget import Choice, Picks, choose_within_budget, taken
from winback.offers.catalogue import CONTROL, Offer, read_offer
from winback.offers.power import power_verdict
from winback.offers.worth import Flags, Floats, OfferValues, value_offers

REASONS = (
    "offer",
    "control",
    "comes_anyway",
    "cannot_pay",
    "too_uncertain",
    "sent_back",
    "no_contact",
    "not_eligible",
    "budget",
)


@dataclass(frozen=True)
class Plan:
    """A campaign decided: who gets what, who is control, and why the others get nothing.

    Attributes:
        assignment: one row per planned customer, both arms, sorted by customer_id.
        decisions: one row per scored customer with the reason, sorted by customer_id.
        summary: totals, power and the certificate of the choice (written as target.json).
        offers: the catalogue it was planned from.
    """

    assignment: pd.DataFrame
    decisions: pd.DataFrame
    summary: dict[str, Any]
    offers: tuple[Offer, ...]


def plan_campaign(
    scores: pd.DataFrame,
    offers: Sequence[Offer | Mapping[str, Any]],
    *,
    campaign_id: str,
    budget: float | None = None,
    control_share: float = 0.1,
    reserve_share: float = 0.05,
    salt: str = "",
    plausible_effect_pp: float = 10.0,
    plausible_lift: float = 1.0,
    contacts: pd.DataFrame | None = None,
    suppress: Iterable[str] = (),
    require_consent: bool = False,
    max_contacts: int | None = None,
    currency: str = "",
) -> Plan:
    """Decide who gets which offer and who is held out, with a reason for everybody.

    The order of the steps is what makes the result measurable: people who must not be
    contacted leave first and influence nothing; an offer is then planned for every customer
    whom it pays to contact, as if there were no control; last, a salted hash holds out
    ``control_share`` of the planned, so that both arms are alike. Control drawn first and
    compared with the chosen would be another kind of people.

    Where an offer's effect is unknown the list is the test that would measure it: each
    eligible customer is given, by hash, one of the offers that could pay at the plausible
    effect, and the budget goes where that effect would bring most. An offer known to pay
    goes before a test.

    The planned cost stays within ``budget / (1 - control_share) * (1 - reserve_share)``,
    and the expected cost of those who really get an offer within ``budget``.

    Boundaries: nobody is drawn who is suppressed, refused consent, or (with
    ``require_consent``) has not given it. Row order of ``scores`` does not matter.

    Args:
        scores: scores.parquet, optionally with more snapshot columns for eligibility.
        offers: the catalogue, as offers or as the entries of params.yaml.
        campaign_id: part of the hash, so each campaign draws its control anew.
        budget: money for contacts and discounts; None for no limit, 0 for nothing.
        reserve_share: share of the budget kept for more redemptions than expected.
        salt: secret of the draw; without it nobody can foretell an arm.
        contacts: contacts.parquet; ``consented`` and ``suppressed`` are read.
        suppress: further ids never to contact.
        max_contacts: most customers who may be contacted.

    Raises:
        UsageError: an offer, its eligibility or a share is wrong.
        WinbackError: scores repeat a customer, or hold several cutoffs.
    """
    catalogue = tuple(offer if isinstance(offer, Offer) else read_offer(offer) for offer in offers)
    _check_plan(scores, catalogue, campaign_id, budget, control_share, reserve_share, max_contacts)
    scored = scores.sort_values("customer_id", kind="stable", ignore_index=True)
    ids = scored["customer_id"].astype(str).to_numpy(object)
    allowed = _may_contact(ids, contacts, suppress, require_consent)
    reasons = np.full(len(scored), "no_contact", dtype=object)
    people = scored[allowed].reset_index(drop=True)
    people_ids = ids[allowed]

    uncertain, sent_back = _set_aside(people)
    # The shop's means are those of people who keep what they buy; a large order cancelled
    # minutes later must not make everybody look rich.
    kept_rows = ~(uncertain | sent_back)
    buyers, buyer_ids = people[kept_rows].reset_index(drop=True), people_ids[kept_rows]
    values = value_offers(
        buyers, catalogue, plausible_effect_pp=plausible_effect_pp, plausible_lift=plausible_lift
    )
    possible = values.eligible & (values.gain > 0) & (values.break_even <= 1 - values.p_order)
    options = _one_test_each(possible, values.known, buyer_ids, f"{salt}|{campaign_id}")

    gain = np.where(options, values.gain, -np.inf)
    draws = np.ones(len(buyers))
    could: Flags = np.any(options, axis=1)
    draws[could] = hash_uniform(f"{salt}|{campaign_id}", buyer_ids[could])
    held_out = draws < control_share
    choice = _choose(
        gain, values.cost, held_out, budget, control_share, reserve_share, max_contacts
    )
    planned = choice.picks >= 0

    buyer_reasons = _why_not(values, could)
    buyer_reasons[planned] = np.where(held_out[planned], CONTROL, "offer")
    people_reasons = np.where(uncertain, "too_uncertain", "sent_back").astype(object)
    people_reasons[kept_rows] = buyer_reasons
    reasons[allowed] = people_reasons

    names = np.array([offer.name for offer in catalogue], dtype=object)
    cutoff = _only_cutoff(scored)
    assignment = _assignment(
        campaign_id, cutoff, buyer_ids, buyers, names, values, choice.picks, held_out, control_share
    )
    decisions = pd.DataFrame({"customer_id": ids, "reason": reasons}).merge(
        assignment[["customer_id", "planned_offer", "arm"]], on="customer_id", how="left"
    )
    decisions = decisions[["customer_id", "planned_offer", "arm", "reason"]]
    summary = _summary(
        campaign_id, cutoff, catalogue, values, choice, held_out, reasons, budget, currency
    )
    return Plan(assignment, decisions, summary, catalogue)


def _check_plan(
    scores: pd.DataFrame,
    catalogue: Sequence[Offer],
    campaign_id: str,
    budget: float | None,
    control_share: float,
    reserve_share: float,
    max_contacts: int | None,
) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", campaign_id):
        raise UsageError(
            f"target.campaign_id {campaign_id!r}: use letters, digits, '.', '_' and '-' only"
        )
    if not 0 <= control_share < 1 or not 0 <= reserve_share < 1:
        raise UsageError(
            f"target.control_share {control_share} and target.reserve_share {reserve_share}"
            " must be at least 0 and below 1"
        )
    if (budget is not None and not budget >= 0) or (max_contacts is not None and max_contacts < 0):
        raise UsageError(
            f"target.budget {budget} and max_contacts {max_contacts} cannot be negative"
        )
    names = [offer.name for offer in catalogue]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise UsageError(f"target.offers: {', '.join(twice)} stands twice; names must differ")
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


def _may_contact(
    ids: NDArray[np.object_],
    contacts: pd.DataFrame | None,
    suppress: Iterable[str],
    require_consent: bool,
) -> Flags:
    barred = {str(customer) for customer in suppress}
    agreed: set[str] = set()
    if contacts is not None:
        contact_ids = contacts["customer_id"].astype(str)
        if "suppressed" in contacts:
            barred.update(contact_ids[contacts["suppressed"].astype("boolean").fillna(False)])
        if "consented" in contacts:
            consented = contacts["consented"].astype("boolean")
            barred.update(contact_ids[~consented.fillna(True)])
            agreed.update(contact_ids[consented.fillna(False)])
    return np.fromiter(
        (i not in barred and (not require_consent or i in agreed) for i in ids), np.bool_, len(ids)
    )


def _set_aside(people: pd.DataFrame) -> tuple[Flags, Flags]:
    """Who is too uncertain to price, and who sent back what they bought."""

    def numbers(column: str) -> Floats:
        return people[column].to_numpy(np.float64, na_value=np.nan)

    with np.errstate(invalid="ignore"):
        sent_back = (numbers("refund_share") > 0.5) | (numbers("spend_total") <= 0)
        priced = (numbers("orders_total") > 0) & (numbers("order_value_mean") > 0)
    return ~sent_back & (np.isnan(numbers("p_return")) | ~priced), sent_back


def hash_uniform(prefix: str, ids: Iterable[str]) -> Floats:
    """Draw a number in [0, 1) for each id from SHA-256 of ``prefix|id``.

    A hash, not a generator: anybody with the salt can recompute a customer's arm from two
    columns, and it never depends on who else is on the list.
    """
    start = hashlib.sha256(f"{prefix}|".encode())

    def draw(customer: str) -> float:
        digest = start.copy()
        digest.update(customer.encode())
        # 53 bits are what a float holds; more would round some draws up to 1.
        return (int.from_bytes(digest.digest()[:8], "big") >> 11) / 2**53

    return np.fromiter((draw(customer) for customer in ids), np.float64)


def _one_test_each(possible: Flags, known: Flags, ids: NDArray[np.object_], prefix: str) -> Flags:
    """Leave each customer the offers known to pay or, where none is, one offer to test."""
    options = possible & known
    tests = possible & ~known & (options.sum(axis=1) == 0)[:, None]
    count = tests.sum(axis=1)
    several = np.flatnonzero(count > 1)
    if len(several):
        # At one plausible effect the cheapest offer would win everywhere and the others would
        # never be measured; the effect is what is not known, so chance decides.
        turn = (hash_uniform(prefix, (f"{i}|offer" for i in ids[several])) * count[several]) // 1
        order = np.cumsum(tests[several], axis=1) - 1
        tests[several] &= order == turn[:, None]
    left: Flags = options | tests
    return left


def _choose(
    gain: Floats,
    cost: Floats,
    held_out: Flags,
    budget: float | None,
    control_share: float,
    reserve_share: float,
    max_contacts: int | None,
) -> Choice:
    room = None if budget is None else budget / (1 - control_share) * (1 - reserve_share)
    most = None if max_contacts is None else int(max_contacts / (1 - control_share))
    for _ in range(50):
        choice = choose_within_budget(gain, cost, room, max_chosen=most)
        listed = np.where(held_out, -1, choice.picks)
        spent, contacted = float(taken(cost, listed).sum()), int((listed >= 0).sum())
        # A short list can by chance hold out fewer or cheaper people than its share.
        over_budget = budget is not None and spent > budget
        over_count = max_contacts is not None and contacted > max_contacts
        if not over_budget and not over_count:
            break
        if over_budget and room is not None and budget is not None:
            room *= min(budget / spent, 0.999)
        if over_count and most is not None:
            most -= max(contacted - (max_contacts or 0), 1)
    else:
        raise WinbackError(f"no plan keeps within the budget {budget}; raise target.budget")
    return choice


def _why_not(values: OfferValues, could: Flags) -> NDArray[np.object_]:
    """Reason for each customer who is not planned, from the best she could have had."""
    room = values.margin - values.discount
    # What the offer would earn if nobody came anyway: positive means that only the subsidy
    # of those who do eats the gain.
    unaided = np.where(
        values.eligible, values.effect * room - (values.cost - _discounts(values)), -np.inf
    )
    reasons = np.full(len(could), "cannot_pay", dtype=object)
    reasons[(unaided > 0).any(axis=1)] = "comes_anyway"
    reasons[~values.eligible.any(axis=1)] = "not_eligible"
    reasons[could] = "budget"
    return reasons


def _discounts(values: OfferValues) -> Floats:
    paid: Floats = (values.p_order + values.effect) * values.discount
    return paid


def _assignment(
    campaign_id: str,
    cutoff: date | None,
    ids: NDArray[np.object_],
    buyers: pd.DataFrame,
    names: NDArray[np.object_],
    values: OfferValues,
    picks: Picks,
    held_out: Flags,
    control_share: float,
) -> pd.DataFrame:
    rows = np.flatnonzero(picks >= 0)
    chosen = picks[rows]
    control = held_out[rows]
    gains = pd.Series(values.gain[rows, chosen], dtype="Float64")
    return pd.DataFrame(
        {
            "campaign_id": campaign_id,
            "customer_id": ids[rows],
            "planned_offer": names[chosen],
            "arm": np.where(control, CONTROL, names[chosen]).astype(object),
            "probability": np.where(control, control_share, 1 - control_share),
            "assigned_at": pd.Series([cutoff] * len(rows), dtype=object),
            "expected_gain": gains.mask(~values.known[chosen]).round(4),
            "p_return": buyers["p_return"].to_numpy(np.float64, na_value=np.nan)[rows],
        }
    )


def _summary(
    campaign_id: str,
    cutoff: date | None,
    catalogue: Sequence[Offer],
    values: OfferValues,
    choice: Choice,
    held_out: Flags,
    reasons: NDArray[np.object_],
    budget: float | None,
    currency: str,
) -> dict[str, Any]:
    picks = choice.picks
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
            }
        able = values.eligible[:, j] & (values.break_even[:, j] <= 1 - values.p_order[:, j])
        able = (picks == j) if (picks == j).any() else able
        mean = float(values.break_even[able, j].mean()) if able.any() else None
        break_even[offer.name] = None if mean is None else round(100 * mean, 2)
    n_control = int((planned & held_out).sum())
    if planned.any():
        arms[CONTROL] = {
            "n": n_control,
            "expected_cost": 0.0,
            "expected_gain": 0.0,
            "effect_source": None,
        }
    rows = np.flatnonzero(planned)
    known = bool(values.known[picks[rows]].all()) if len(rows) else bool(values.known.all())
    base = float(values.p_order[rows, picks[rows]].mean()) if len(rows) else None
    looked_for = values.effect if known else values.break_even
    effect_pp = 100 * float(looked_for[rows, picks[rows]].mean()) if len(rows) else None
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
        "budget": budget,
        "expected_cost": round(float(taken(values.cost, listed).sum()), 2),
        "expected_gain": round(float(taken(values.gain, listed).sum()), 2) if known else None,
        "effect_known": known,
        "window_days": max((offer.valid_days for offer in catalogue), default=None),
        "break_even_pp": break_even,
        "power": power_verdict(
            n_listed, n_control, base, effect_pp=effect_pp, breaks_even=not known
        ),
        "optimum": {key: round(value, 4) for key, value in choice.certificate.items()},
        "currency": currency,
    }
