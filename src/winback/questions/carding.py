"""Everything that is known of one customer, gathered out of what the stages made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import ConfigDict, Field, JsonValue

from winback.campaign.looks import Window, sealed_days
from winback.crm.leading import Item, due_of, reason_of
from winback.crm.suggested import Suggested
from winback.errors import UsageError
from winback.ledger.asked import Seal, person_of, seals
from winback.offers.eligibility import parse_eligibility
from winback.params import Params, SnapshotSettings, load_params
from winback.products.sensitive import hints_at_private, plain
from winback.project import Project, folder_of
from winback.results.base import Fact, Result
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


@dataclass(frozen=True)
class Row:
    """One row of a table, whose columns depend on what the shop asked for."""

    table: pd.DataFrame

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns."""
        return tuple(map(str, self.table.columns))

    def number(self, name: str) -> float | None:
        """A number; None where nothing stands, or there is no such column."""
        if name not in self.table or pd.isna(self.table[name].iloc[0]):
            return None
        return float(self.table[name].iloc[0])

    def text(self, name: str) -> str:
        """Text, empty where nothing stands."""
        if name not in self.table or pd.isna(self.table[name].iloc[0]):
            return ""
        return str(self.table[name].iloc[0])

    def day(self, name: str) -> date:
        """A day that is always there."""
        found: date = pd.Timestamp(self.table[name].iloc[0]).date()
        return found

    def maybe_day(self, name: str) -> date | None:
        """A day; None where nothing stands."""
        return self.day(name) if self.text(name) else None


class _Made(Result):
    """What of the manifest of the newest list a card needs, of this version or one before."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    campaign_id: str | None = Field(None, description="name of the campaign")
    params: dict[str, JsonValue] = Field(default_factory=dict, description="params.yaml of then")

    def section(self, name: str) -> dict[str, JsonValue]:
        """A section of params.yaml; empty where it has none."""
        found = self.params.get(name)
        return found if isinstance(found, dict) else {}


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
    found = _manifest(project).section("report").get("language")
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
    row = Row(pq.read_table(project.path("scores"), filters=of_hers).to_pandas())
    cutoff, made = row.day("cutoff"), _manifest(project)
    facts = pq.read_schema(project.path("orders")).metadata or {}
    everything, known = _history(project, customer, cutoff)
    settings = SnapshotSettings.model_validate(made.section("snapshot"))
    seen, marks = _signals(project, customer, cutoff, settings)
    plans, decision, peace = _plan(project, customer)
    features = _features(project, row, settings)
    found = newest(project, customer, cutoff, settings_of(made.params))
    allowed = settings_of(made.params).allowed
    lifetime = made.section("train").get("lifetime_days")
    return CustomerCard(
        customer_id=customer,
        cutoff=cutoff,
        currency=facts.get(b"currency", b"").decode(),
        shop=str(made.section("report").get("shop_name") or "") or None,
        own=told_columns(settings),
        history=known,
        rhythm=_rhythm(row, known, cutoff),
        scored=scored_of(row, lifetime if isinstance(lifetime, int) else None),
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


def _rhythm(row: Row, history: tuple[Happened, ...], cutoff: date) -> Rhythm:
    days = sorted({each.day for each in history if each.kind == "order"})
    gaps = [(later - day).days for day, later in pairwise(days)]
    silent = (cutoff - days[-1]).days if days else 0
    return Rhythm(
        days_bought=len(days),
        usual_days=sum(gaps) / len(gaps) if gaps else None,
        longest_days=max(gaps, default=None),
        silent_days=silent,
        longer_before=sum(gap >= silent for gap in gaps),
        expected_on=row.maybe_day("expected_next_order_on"),
        band=row.text("risk_band"),
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
    by_name: dict[str, list[tuple[date, float | None]]] = {}
    for row in rows:
        by_name.setdefault(row["name"], []).append((row["happened_at"].date(), row["value"]))
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
        last, value = found[-1]
        closed = len(by_name.get(closes[name], ())) if name in closes else None
        seen.append(
            SignalSeen(
                name=name,
                label=labels.get(name),
                trouble=_is_trouble(name),
                n=len(found),
                n_recent=sum(day >= recent for day, _ in found),
                n_open=None if closed is None else max(len(found) - closed, 0),
                last=last,
                value=value,
            )
        )
    seen.sort(key=lambda s: (not s.n_open, not s.trouble, -s.last.toordinal(), s.name))
    marks = sorted({(row["happened_at"].date(), row["name"]) for row in rows})
    return tuple(seen), tuple(Marked(day, name, _is_trouble(name)) for day, name in marks)


def _is_trouble(name: str) -> bool:
    return _TROUBLE.search(plain(name)) is not None and not name.endswith(_CLOSES)


# --- the score -------------------------------------------------------------------------------


def scored_of(row: Row, lifetime_days: int | None = None) -> Scored:
    """A row of the scores, of now or out of the ledger."""

    def ends(name: str) -> tuple[float, float | None, float | None] | None:
        value = row.number(name)
        if value is None:
            return None
        return value, row.number(f"{name}_low"), row.number(f"{name}_high")

    horizon, chance = int(row.number("horizon_days") or 0), row.number("p_return")
    by_days = {
        int(found[1]): value
        for name in row.names
        if (found := re.fullmatch(r"p_return_(\d+)d", name))
        and (value := row.number(name)) is not None
    }
    if chance is not None:
        by_days[horizon] = chance
    orders = row.number("orders_total")
    reasons: dict[str, tuple[str, ...]] = {
        language: tuple(
            told
            for k in (1, 2, 3)
            if (told := row.text(f"reason_{k}{'_pl' if language == 'pl' else ''}"))
        )
        for language in LANGUAGES
    }
    return Scored(
        horizon_days=horizon,
        p_return=chance,
        chances=tuple(sorted(by_days.items())),
        expected_orders=row.number("expected_orders"),
        spend=ends("expected_net_spend"),
        lifetime=ends("lifetime_value"),
        lifetime_days=lifetime_days,
        segment=row.text("segment"),
        band=row.text("risk_band"),
        rfm=row.text("rfm_score"),
        orders=None if orders is None else int(orders),
        spent=row.number("spend_total"),
        reasons=reasons,
    )


@dataclass(frozen=True)
class _Features:
    """What the shop declares, and the row of the snapshot; nothing where none is kept."""

    told: tuple[Told, ...] = ()
    row: pd.DataFrame | None = None


def _features(project: Project, row: Row, settings: SnapshotSettings) -> _Features:
    """The customer's newest snapshot, and what the shop declares beside the average one."""
    path = project.path("snapshots")
    if not (project.path("manifest").is_file() and path.is_file()):
        return _Features()
    of_hers = [("customer_id", "=", row.text("customer_id")), ("cutoff", "=", row.day("cutoff"))]
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
    today = [("cutoff", "=", row.day("cutoff"))]
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
        own,
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
        for plan in seal.rows_of(number, "assignment").to_pylist():
            yield _on_list(seal, Drawn(plan["planned_offer"], plan["arm"]), history, last)


def _last_day(project: Project) -> date:
    """The last day that the orders cover."""
    if project.path("ingest").is_file():
        return project.result("ingest", IngestSummary).last_day
    days = pq.read_table(project.path("orders"), columns=["ordered_at"])["ordered_at"]
    last: date = pc.max(days).as_py().date()
    return last


class Drawn(NamedTuple):
    """What was planned for a customer, and what the draw made of it."""

    offer: str
    arm: str


def _on_list(seal: Seal, plan: Drawn, history: tuple[Happened, ...], last: date) -> OnList:
    told = seal.sealed
    days = Window(sealed_days=sealed_days(told.offers)).length
    until = told.sent_on + timedelta(days=days - 1)
    bought = [e for e in history if e.kind == "order" and told.sent_on <= e.day <= until]
    offer = next((each for each in told.offers if each.name == plan.offer), None)
    return OnList(
        campaign_id=told.campaign_id,
        sent_on=told.sent_on,
        offer=plan.offer,
        label=_label(offer),
        arm=plan.arm,
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
    if not project.path("decisions").is_file():
        return tuple(plans), None, None
    decided = Row(pq.read_table(project.path("decisions"), filters=of_hers).to_pandas())
    if decided.table.empty:
        return tuple(plans), None, None
    return tuple(plans), decided.text("reason"), decided.maybe_day("in_peace_until")


def _label(offer: Offer | None) -> Mapping[str, str]:
    """What an offer is called, by language; nothing of one whose terms are not known."""
    return {} if offer is None else {name: offer.label[name] for name in LANGUAGES}


def _learned(project: Project) -> Mapping[str, RestsOn]:
    """What each offer's effect rests on, where lists that left have taught it."""
    if not project.path("target").is_file():
        return {}
    return project.result("target", Planned).learned


def _weighed(
    project: Project, plans: tuple[PlannedOffer, ...], row: Row, features: pd.DataFrame | None
) -> tuple[Weighed, ...]:  # fmt: skip
    """Each offer of the newest list, and which parts of its condition this customer misses."""
    campaign = plans[0].campaign_id if plans else _manifest(project).campaign_id
    if campaign is None:
        return ()
    known = row.table.reset_index(drop=True)
    if features is not None:
        more = [name for name in features if name not in known]
        known = known.join(features[more].reset_index(drop=True))
    weighed = []
    for offer in promised(project, campaign):
        parts = parts_of(offer.eligible)
        holds = [_holds(part, known) for part in parts]
        met = None if None in holds else all(holds)
        missed = tuple(part for part, held in zip(parts, holds, strict=True) if held is False)
        if missed:
            met = False
        weighed.append(
            Weighed(offer.name, _label(offer), offer.eligible, offer.min_basket, met, missed)
        )
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


def _manifest(project: Project) -> _Made:
    return project.result("manifest", _Made) if project.path("manifest").is_file() else _Made()


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
