"""Everything that is known of one customer, gathered out of what the stages made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.campaign.looks import Window, sealed_days
from winback.crm.leading import Item, due_of, reason_of
from winback.crm.suggested import Suggested
from winback.errors import UsageError
from winback.ledger.asked import Seal, person_of, seals
from winback.offers.eligibility import parse_eligibility
from winback.params import Params, SnapshotSettings, load_params
from winback.products.sensitive import hints_at_private, plain
from winback.project import Project, folder_of
from winback.results.base import Fact
from winback.results.customer import (
    CustomerCard,
    Happened,
    Marked,
    NextProduct,
    OnList,
    PlannedOffer,
    Rhythm,
    Scored,
    SignalSeen,
    Told,
    Weighed,
)
from winback.results.intake import IngestSummary
from winback.results.listed import Offers, Promised
from winback.results.offered import CONTROL, Offer
from winback.results.planned import Planned
from winback.results.reacted import RestsOn
from winback.said.words import LANGUAGES, Language
from winback.snapshots.declared import told_columns
from winback.stages.suggesting import newest, settings_of

# Products that are told of, of ten.
_NEXT = 5
_RECENT_DAYS = 90
# Of a signal's name: what went wrong for the customer, in the words of shops.
_TROUBLE = re.compile(
    r"(?<![a-z])(complain|claim|ticket|dispute|late(?![a-z])|delay|damage|broken|lost_parcel|"
    r"reklamac|zgloszen|skarg|opozn|uszkodz)"
)
_OPENS, _CLOSES = "_opened", "_closed"


def opened(folder: Path) -> Project:
    """The project of a folder, by its own params.yaml where that can be read.

    Raises:
        WinbackError: nothing was scored there.
    """
    project = folder_of(folder, Params())
    stored = project.root / "params.yaml"
    if project.under_dvc and stored.is_file():
        try:
            return replace(project, params=load_params(stored))
        except UsageError:
            return project  # what was scored can be told all the same
    return project


def language_of(project: Project) -> Language | None:
    """The language that the newest list was made in; None where no manifest says."""
    params = _manifest(project).get("params", {})
    found = params.get("report", {}).get("language") if isinstance(params, dict) else None
    return next((each for each in LANGUAGES if each == found), None)


def card_of(customer: str, project: Project) -> CustomerCard:
    """One scored customer's history, rhythm, score, signals, lists, offer and next products.

    The same for a folder of `winback run` and for a project under DVC, of which ``data`` is
    enough; what a folder has no file for is left out.

    Args:
        customer: an id of the scores, as `winback.questions.whom.customer_meant` gives it.
        project: where the stages wrote.

    Raises:
        WinbackError: a file is missing or damaged, or the ledger does not hold.
    """
    of_hers = [("customer_id", "=", customer)]
    row = pq.read_table(project.path("scores"), filters=of_hers).to_pylist()[0]
    cutoff = row["cutoff"]
    manifest = _manifest(project)
    params = manifest.get("params", {}) if isinstance(manifest.get("params"), dict) else {}
    facts = pq.read_schema(project.path("orders")).metadata or {}
    everything, known = _history(project, customer, cutoff)
    settings = SnapshotSettings.model_validate(params.get("snapshot", {}))
    seen, marks = _signals(project, customer, cutoff, settings)
    plans, decision, peace = _plan(project, customer)
    features = _features(project, row, settings)
    found = newest(project, customer, cutoff, settings_of(params))
    allowed = settings_of(params).allowed
    return CustomerCard(
        customer_id=customer,
        cutoff=cutoff,
        currency=facts.get(b"currency", b"").decode(),
        shop=(params.get("report") or {}).get("shop_name"),
        history=known,
        rhythm=_rhythm(row, known, cutoff),
        scored=scored_of(row, (params.get("train") or {}).get("lifetime_days")),
        told=features.told,
        signals=seen,
        marks=marks,
        lists=tuple(_lists(project, customer, everything)),
        planned_here=project.path("plan").is_file(),
        planned=plans,
        decision=decision,
        in_peace_until=peace,
        weighed=_weighed(project, plans, row, features.row),
        next=tuple(
            NextProduct(_named(item, allowed), _told(reason_of(item), item, allowed), due_of(item))
            for item in (*found.cart, *found.ranked)[:_NEXT]
        ),
        leads=_leads(project, plans, found, allowed),
    )


# --- what happened ---------------------------------------------------------------------------


def _history(
    project: Project, customer: str, cutoff: date
) -> tuple[tuple[Happened, ...], tuple[Happened, ...]]:
    """All that the orders hold of a customer, and what of it was known before the cutoff."""
    path = project.path("orders")
    scale = int((pq.read_schema(path).metadata or {}).get(b"amount_scale", b"100"))
    lines = pq.read_table(path, filters=[("customer_id", "=", customer)])
    sums: dict[tuple[date, str, str], int] = {}
    before: dict[tuple[date, str, str], int] = {}
    for line in lines.to_pylist():
        key = (line["ordered_at"].date(), line["order_id"], line["kind"])
        sums[key] = sums.get(key, 0) + line["amount"]
        if max(line["ordered_at"], line["known_at"]).date() < cutoff:
            before[key] = before.get(key, 0) + line["amount"]
    made = [
        tuple(Happened(*key, amount / scale) for key, amount in sorted(found.items()))
        for found in (sums, before)
    ]
    return made[0], made[1]


def _rhythm(row: Mapping[str, Any], history: tuple[Happened, ...], cutoff: date) -> Rhythm:
    days = sorted({each.day for each in history if each.kind == "order"})
    gaps = [(later - day).days for day, later in pairwise(days)]
    silent = (cutoff - days[-1]).days if days else 0
    return Rhythm(
        days_bought=len(days),
        usual_days=sum(gaps) / len(gaps) if gaps else None,
        longest_days=max(gaps, default=None),
        silent_days=silent,
        longer_before=sum(gap >= silent for gap in gaps),
        expected_on=row.get("expected_next_order_on"),
        band=row["risk_band"],
    )


def _signals(
    project: Project, customer: str, cutoff: date, settings: SnapshotSettings
) -> tuple[tuple[SignalSeen, ...], tuple[Marked, ...]]:
    """What else happened before the cutoff, trouble first, then the newest."""
    path = project.path("signals")
    if not path.is_file():
        return (), ()
    rows = pq.read_table(path, filters=[("customer_id", "=", customer)]).to_pylist()
    rows = [row for row in rows if max(row["happened_at"], row["known_at"]).date() < cutoff]
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["name"], []).append(row)
    labels = {
        s.name: {"en": s.label.en, "pl": s.label.pl} if s.label else None for s in settings.signals
    }
    closes = {s.name: s.closed_by for s in settings.signals if s.closed_by}
    closes |= {
        name: name.removesuffix(_OPENS) + _CLOSES
        for name in by_name
        if name.endswith(_OPENS) and name not in closes and _is_trouble(name)
    }
    recent = cutoff - timedelta(days=_RECENT_DAYS)
    seen = []
    for name, found in by_name.items():
        last = found[-1]
        closed = len(by_name.get(closes[name], ())) if name in closes else None
        seen.append(
            SignalSeen(
                name=name,
                label=labels.get(name),
                trouble=_is_trouble(name),
                n=len(found),
                n_recent=sum(row["happened_at"].date() >= recent for row in found),
                n_open=None if closed is None else max(len(found) - closed, 0),
                last=last["happened_at"].date(),
                value=last["value"],
            )
        )
    seen.sort(key=lambda s: (not s.n_open, not s.trouble, -s.last.toordinal(), s.name))
    marks = sorted({(row["happened_at"].date(), row["name"]) for row in rows})
    return tuple(seen), tuple(Marked(day, name, _is_trouble(name)) for day, name in marks)


def _is_trouble(name: str) -> bool:
    return _TROUBLE.search(plain(name)) is not None and not name.endswith(_CLOSES)


# --- the score -------------------------------------------------------------------------------


def scored_of(row: Mapping[str, Any], lifetime_days: int | None = None) -> Scored:
    """A row of the scores, of now or out of the ledger."""

    def ends(name: str) -> tuple[float, float | None, float | None] | None:
        if row.get(name) is None:
            return None
        return row[name], row.get(f"{name}_low"), row.get(f"{name}_high")

    by_days = {
        int(found[1]): float(value)
        for name, value in row.items()
        if value is not None and (found := re.fullmatch(r"p_return_(\d+)d", name))
    }
    if row["p_return"] is not None:
        by_days[int(row["horizon_days"])] = float(row["p_return"])
    reasons: dict[str, tuple[str, ...]] = {
        language: tuple(
            str(told)
            for k in (1, 2, 3)
            if (told := row.get(f"reason_{k}{'_pl' if language == 'pl' else ''}"))
        )
        for language in LANGUAGES
    }
    return Scored(
        horizon_days=int(row["horizon_days"]),
        p_return=row["p_return"],
        chances=tuple(sorted(by_days.items())),
        expected_orders=row.get("expected_orders"),
        spend=ends("expected_net_spend"),
        lifetime=ends("lifetime_value"),
        lifetime_days=lifetime_days,
        segment=row["segment"],
        band=row["risk_band"],
        rfm=row["rfm_score"],
        orders=row.get("orders_total"),
        spent=row.get("spend_total"),
        reasons=reasons,
    )


@dataclass(frozen=True)
class _Features:
    """What the shop declares, and the whole row of the snapshot; nothing where none is kept."""

    told: tuple[Told, ...] = ()
    row: Mapping[str, Any] | None = None


def _features(project: Project, row: Mapping[str, Any], settings: SnapshotSettings) -> _Features:
    """The customer's newest snapshot, and what the shop declares beside the average one."""
    path = project.path("snapshots")
    if not (project.path("manifest").is_file() and path.is_file()):
        return _Features()
    of_hers = [("customer_id", "=", row["customer_id"]), ("cutoff", "=", row["cutoff"])]
    own = pq.read_table(path, filters=of_hers).to_pandas()
    if own.empty:
        return _Features()
    told = told_columns(settings)
    known = set(pq.read_schema(path).names)
    chosen: dict[str, str] = {}
    # Of a signal its count in 90 days, where there is one; else the first that is declared.
    for column, how in sorted(told.items(), key=lambda each: each[1].windows_days != (90,)):
        if column in known:
            chosen.setdefault(how.name, column)
    today = [("cutoff", "=", row["cutoff"])]
    beside = pq.read_table(path, columns=list(chosen.values()), filters=today).to_pandas()
    names = dict.fromkeys(each.name for each in told.values() if each.name in chosen)
    return _Features(
        tuple(
            Told(
                told[chosen[name]],
                float(own[chosen[name]].astype("float64").iloc[0]),
                float(beside[chosen[name]].astype("float64").mean()),
            )
            for name in names
        ),
        {str(name): own[name].iloc[0] for name in own},
    )


# --- lists and offers ------------------------------------------------------------------------


def _lists(project: Project, customer: str, history: tuple[Happened, ...]) -> Iterator[OnList]:
    """Every list that left on which the customer stood, or was held out; the newest first."""
    ledger = project.ledger()
    number = person_of(ledger, customer)
    if number is None:
        return
    last = _last_day(project)
    for seal in reversed(seals(ledger)):
        for plan in seal.rows_of(number, "assignment"):
            yield _on_list(seal, plan, history, last)


def _last_day(project: Project) -> date:
    """The last day that the orders cover."""
    if project.path("ingest").is_file():
        return project.result("ingest", IngestSummary).last_day
    days = pq.read_table(project.path("orders"), columns=["ordered_at"])["ordered_at"]
    last: date = pc.max(days).as_py().date()
    return last


def _on_list(
    seal: Seal, plan: Mapping[str, Any], history: tuple[Happened, ...], last: date
) -> OnList:
    told = seal.sealed
    days = Window(sealed_days=sealed_days(told.offers)).length
    until = told.sent_on + timedelta(days=days - 1)
    bought = [e for e in history if e.kind == "order" and told.sent_on <= e.day <= until]
    offer = next((each for each in told.offers if each.name == plan["planned_offer"]), None)
    return OnList(
        campaign_id=told.campaign_id,
        sent_on=told.sent_on,
        offer=plan["planned_offer"],
        label=_label(offer),
        arm=plan["arm"],
        chosen_by=plan.get("chosen_by"),
        until=until,
        closed=last >= until,
        bought=len(bought),
        spent=sum(each.amount for each in bought),
    )


def _plan(
    project: Project, customer: str
) -> tuple[tuple[PlannedOffer, ...], str | None, date | None]:
    """What the newest list plans for the customer, and the reason of the decision."""
    of_hers = [("customer_id", "=", customer)]
    plans: list[PlannedOffer] = []
    if project.path("plan").is_file():
        learned = _learned(project)
        for plan in pq.read_table(project.path("plan"), filters=of_hers).to_pylist():
            name, campaign = plan["planned_offer"], plan["campaign_id"]
            offer = next((o for o in promised(project, campaign) if o.name == name), None)
            plans.append(
                PlannedOffer(campaign, name, _label(offer), plan["arm"], learned.get(name))
            )
    decided: list[dict[str, Any]] = []
    if project.path("decisions").is_file():
        decided = pq.read_table(project.path("decisions"), filters=of_hers).to_pylist()
    why = decided[0]["reason"] if decided else None
    return tuple(plans), why, decided[0].get("in_peace_until") if decided else None


def _label(offer: Offer | None) -> Mapping[str, str]:
    """What an offer is called, by language; nothing of one whose terms are not known."""
    return {} if offer is None else {name: offer.label[name] for name in LANGUAGES}


def _learned(project: Project) -> Mapping[str, RestsOn]:
    """What each offer's effect rests on, where lists that left have taught it."""
    if not project.path("target").is_file():
        return {}
    return project.result("target", Planned).learned


def _weighed(
    project: Project, plans: tuple[PlannedOffer, ...], row: Mapping[str, Any],
    features: Mapping[str, Any] | None,
) -> tuple[Weighed, ...]:  # fmt: skip
    """Each offer of the newest list, and which parts of its condition this customer misses."""
    campaign = plans[0].campaign_id if plans else _manifest(project).get("campaign_id")
    if not isinstance(campaign, str):
        return ()
    known = pd.DataFrame([{**(features or {}), **row}])
    weighed = []
    for offer in promised(project, campaign):
        parts = parts_of(offer.eligible)
        holds = [_holds(part, known) for part in parts]
        met = None if None in holds else all(holds)
        missed = tuple(part for part, held in zip(parts, holds, strict=True) if held is False)
        if missed:
            met = False
        weighed.append(Weighed(offer.name, _label(offer), offer.eligible, met, missed))
    return tuple(weighed)


def parts_of(condition: str) -> tuple[str, ...]:
    """The parts of a condition all of which have to hold; none where everybody may have it."""
    if not condition.strip():
        return ()
    tree = ast.parse(condition.strip(), mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    return tuple(ast.unparse(part) for part in parts)


def _holds(part: str, known: pd.DataFrame) -> bool | None:
    try:
        return bool(parse_eligibility(part).mask(known)[0])
    except UsageError:
        return None


def promised(project: Project, campaign: str) -> Offers:
    """The offers of a campaign, where its manifest is there."""
    target = project.params.target.model_copy(update={"campaign_id": campaign})
    params = project.params.model_copy(update={"target": target})
    there = Project(params, root=project.root, layout=project.layout)
    return there.result("manifest", Promised).offers if there.path("manifest").is_file() else ()


def _manifest(project: Project) -> dict[str, Any]:
    found = project.json("manifest") if project.path("manifest").is_file() else {}
    return found if isinstance(found, dict) else {}


# --- products --------------------------------------------------------------------------------


def _named(item: Item, allowed: tuple[str, ...]) -> str | None:
    """A product's name, or None where name or category hint at something private."""
    private = any(text and hints_at_private(text, allowed) for text in (item.called, item.category))
    return None if private else item.called


def _told(why: Fact, item: Item, allowed: tuple[str, ...]) -> Fact:
    """Why it stands there, without a category that must not be named."""
    if item.category and hints_at_private(item.category, allowed):
        return Fact(code="message.new") if why.code == "message.new_in_category" else why
    return why


def _leads(
    project: Project, plans: tuple[PlannedOffer, ...], found: Suggested, allowed: tuple[str, ...]
) -> tuple[tuple[str | None, ...], Fact] | None:
    """What the message leads with; None where there is no message, or nothing for it."""
    if not (found.cart or found.ranked) or not plans or plans[0].arm == CONTROL:
        return None
    offers = promised(project, plans[0].campaign_id)
    lead = found.lead(next((offer for offer in offers if offer.name == plans[0].offer), None))
    if lead.why is None:
        return None
    return tuple(_named(item, allowed) for item in lead.items), lead.why
