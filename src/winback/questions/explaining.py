"""One customer's history, score, reasons and offer, asked of what the stages made."""

from __future__ import annotations

import difflib
import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.crm.leading import due_of, reason_of
from winback.errors import WinbackError
from winback.params import Params, SnapshotSettings
from winback.project import Project, folder_of
from winback.questions.remembering import sealed_list
from winback.results.listed import Offers, Promised
from winback.results.offered import CONTROL, TaughtOffer
from winback.results.planned import Planned
from winback.said import declared, message
from winback.said.reacted import rests
from winback.said.words import Language, Words, capital
from winback.snapshots.declared import told_columns
from winback.stages.suggesting import newest, settings_of

# Products that are told of, of ten.
_NEXT = 5


def explain_customer(customer: str, folder: Path, language: Language) -> str:
    """One customer's history, score, reasons and offer, as lines of text.

    The same for a folder of `winback run` and for a project under DVC, of which ``data`` is
    enough.

    Raises:
        WinbackError: nothing was scored in the folder, or the customer is not among the
            scored (the nearest ids are named).
    """
    project = folder_of(folder, Params())
    scores = project.arrow("scores")
    rows = scores.filter(pc.equal(scores["customer_id"], customer)).to_pylist()
    if not rows:
        near = difflib.get_close_matches(customer, scores["customer_id"].to_pylist(), 3, 0.7)
        raise WinbackError(
            "project.no_customer" if not near else "project.no_customer_near",
            file=project.path("scores"), customer=customer, n=len(scores), near=near,
        )  # fmt: skip
    facts = pq.read_schema(project.path("orders")).metadata or {}
    w = Words(language, facts.get(b"currency", b"").decode())
    scale = int(facts.get(b"amount_scale", b"100"))
    row = rows[0]
    said = [w("explain_head", customer=customer, cutoff=w.short_day(row["cutoff"])), ""]
    said += [*_history(project, customer, scale, w), "", *_score(row, w)]
    reasons = [row[f"reason_{k}{'_pl' if language == 'pl' else ''}"] for k in (1, 2, 3)]
    if any(reasons):
        said += ["", w("explain_reasons"), *(f"  {reason}" for reason in reasons if reason)]
    said += _declared(project, row, w)
    said += _offer(project, customer, w)
    return "\n".join([*said, *_next(project, customer, row["cutoff"], w)])


def explain_sealed(customer: str, campaign: str, project: Project, language: Language) -> str:
    """Why a customer was, or was not, on a list that left: rebuilt from the ledger alone.

    What was known, the score, its reasons, the offers considered, the arm and why.

    Raises:
        WinbackError: no such list has left, or the customer was not scored for it.
    """
    seal = sealed_list(project, campaign)
    told, scores = seal.sealed, seal.scores()
    found = scores[scores["customer_id"] == customer]
    if not len(found):
        near = difflib.get_close_matches(customer, scores["customer_id"].tolist(), 3, 0.7)
        raise WinbackError(
            "project.no_customer" if not near else "project.no_customer_near",
            file=seal.ledger.path(seal.entry, "scores.parquet"), customer=customer,
            n=len(scores), near=near,
        )  # fmt: skip
    w = Words(language, told.currency or "")
    row = {key: None if pd.isna(value) else value for key, value in found.iloc[0].items()}
    said = [
        w("explain_sealed", customer=customer, cutoff=w.short_day(told.cutoff), campaign=campaign,
          sent=w.short_day(told.sent_on)),
        w("explain_model", version=told.model.version, kind=told.model.rule or told.model.kind),
        "", *_score(row, w),
    ]  # fmt: skip
    reasons = [row[f"reason_{k}{'_pl' if language == 'pl' else ''}"] for k in (1, 2, 3)]
    if any(reasons):
        said += ["", w("explain_reasons"), *(f"  {reason}" for reason in reasons if reason)]
    labels = {offer.name: f"{offer.label[language]} ({offer.name})" for offer in told.offers}
    said += ["", w("explain_considered", offers="; ".join(labels.values()) or w("explain_none"))]
    planned = seal.assignment()
    drawn = planned[planned["customer_id"] == customer].to_dict("records")
    decided = seal.decisions()
    why = decided.loc[decided["customer_id"] == customer, "reason"].tolist()
    said += ["", w("explain_offer")]
    if not drawn:
        reason = f": {w.term('decision', why[0])}" if why else ""
        return "\n".join([*said, f"  {w('explain_none')}{reason}"])
    plan = drawn[0]
    offer = labels.get(plan["planned_offer"], plan["planned_offer"])
    held = plan["arm"] == CONTROL
    said.append("  " + (w("explain_held", offer=offer) if held else offer))
    said += [
        f"  {capital(rests(each.rests_on, w))}."
        for each in told.offers
        if isinstance(each, TaughtOffer) and each.name == plan["planned_offer"]
    ]
    said.append("  " + w(
        "explain_drawn", share=w.share(plan["probability"], 1), stratum=plan["stratum"],
        why=w.term("chosen_by", plan["chosen_by"]),
    ))  # fmt: skip
    return "\n".join(said)


def customer_of(address: str, project: Project) -> str:
    """The id of the customer with an e-mail address or phone number, by the contacts at hand.

    Raises:
        WinbackError: there are no contacts, or nobody, or several, have it. The message does
            not repeat the address.
    """
    if not project.path("contacts").is_file():
        raise WinbackError("project.no_contacts", file=project.path("contacts"))
    rows = project.frame("contacts")
    wanted = _plain(address)
    columns = [column for column in rows.columns if column != "customer_id"]
    hit = pd.Series(False, index=rows.index)
    for column in columns:
        hit |= rows[column].map(lambda cell: isinstance(cell, str) and _plain(cell) == wanted)
    found = rows.loc[hit, "customer_id"].tolist()
    if len(found) != 1:
        raise WinbackError("project.no_address", file=project.path("contacts"), n=len(found))
    return str(found[0])


def _plain(address: str) -> str:
    """An address as its spellings agree on it: a phone's last nine digits, or lower case."""
    digits = re.sub(r"\D", "", address)
    if "@" not in address and len(digits) >= 7:
        return digits[-9:]
    return address.strip().lower()


def _history(project: Project, customer: str, scale: int, w: Words) -> list[str]:
    lines = pq.read_table(project.path("orders"), filters=[("customer_id", "=", customer)])
    history: dict[tuple[str, str, str], int] = {}
    for line in lines.to_pylist():
        key = (f"{line['ordered_at']:%Y-%m-%d}", line["order_id"], line["kind"])
        history[key] = history.get(key, 0) + line["amount"]
    said = [w("explain_history")]
    said += [
        f"  {w.short_day(day)}  {w.term('kind', kind):<6} {order:<24.24} "
        f"{w.money(amount / scale, 2):>12}"
        for (day, order, kind), amount in sorted(history.items())[-20:]
    ]
    if len(history) > 20:
        said.append("  " + w("explain_earlier", n=w.number(len(history) - 20)))
    return said


def _score(row: Any, w: Words) -> list[str]:
    said = [w("explain_score")]
    spend = {
        name: w.money(row[name], 2)
        for name in (
            "expected_net_spend", "expected_net_spend_low", "expected_net_spend_high",
            "lifetime_value", "lifetime_value_low", "lifetime_value_high",
        )
    }  # fmt: skip
    if row["p_return"] is None:
        said.append("  " + w("explain_unproven"))
    else:
        days = f"{row['horizon_days']} {w.noun(row['horizon_days'], 'of day')}"
        orders_told = w.number(row["expected_orders"], 2)
        said += [
            "  " + w("explain_chance", share=w.share(row["p_return"], 1), days=days),
            "  " + w("explain_expected", orders=orders_told, spend=spend["expected_net_spend"]),
        ]
        if row["expected_net_spend_high"] is not None:
            ends = (spend["expected_net_spend_low"], spend["expected_net_spend_high"])
            said.append("  " + w("explain_interval", low=ends[0], high=ends[1]))
        if row["lifetime_value"] is not None:
            value = spend["lifetime_value"]
            ends = (spend["lifetime_value_low"], spend["lifetime_value_high"])
            said.append("  " + w("explain_lifetime", value=value, low=ends[0], high=ends[1]))
    named, band = w.term("segment", row["segment"]), w.term("band", row["risk_band"])
    said.append("  " + w("explain_segment", segment=named, rfm=row["rfm_score"], band=band))
    return said


def _declared(project: Project, row: Any, w: Words) -> list[str]:
    """What the shop declares itself, of this customer and beside the average one."""
    if not (project.path("manifest").is_file() and project.path("snapshots").is_file()):
        return []
    stored = project.json("manifest").get("params", {}).get("snapshot", {})
    told = told_columns(SnapshotSettings.model_validate(stored))
    known = set(pq.read_schema(project.path("snapshots")).names)
    chosen: dict[str, str] = {}
    # Of a signal its count in 90 days, where there is one; else the first that is declared.
    for column, how in sorted(told.items(), key=lambda each: each[1].windows_days != (90,)):
        if column in known:
            chosen.setdefault(how.name, column)
    if not chosen:
        return []
    columns = ["customer_id", *chosen.values()]
    today = [("cutoff", "=", row["cutoff"])]
    rows = pq.read_table(project.path("snapshots"), columns=columns, filters=today).to_pandas()
    own = rows[rows["customer_id"] == row["customer_id"]]
    if own.empty:
        return []
    said = ["", w("explain_declared")]
    for name in dict.fromkeys(each.name for each in told.values() if each.name in chosen):
        column = chosen[name]
        values = rows[column].astype("float64")
        number, mean = float(own[column].astype("float64").iloc[0]), float(values.mean())
        line = declared.value(told[column], number, w)
        if not told[column].levels and (usual := declared.average(told[column], mean, w)):
            line += f" ({w('explain_average', average=usual)})"
        said.append(f"  {line}")
    return said


def _offer(project: Project, customer: str, w: Words) -> list[str]:
    """What was planned for the customer, or why nothing was."""
    if not project.path("plan").is_file():
        return []
    planned = pq.read_table(project.path("plan"), filters=[("customer_id", "=", customer)])
    said = ["", w("explain_offer")]
    if not len(planned):
        told = ""
        if project.path("decisions").is_file():
            wish = [("customer_id", "=", customer)]
            reasons = pq.read_table(project.path("decisions"), filters=wish)["reason"].to_pylist()
            told = f": {w.term('decision', reasons[0])}" if reasons else ""
        said.append(f"  {w('explain_none')}{told}")
    for plan in planned.to_pylist():
        offer = _labelled(project, plan["campaign_id"], plan["planned_offer"], w.language)
        held = plan["arm"] == "control"
        said.append("  " + (w("explain_held", offer=offer) if held else offer))
        said += _rests(project, plan["planned_offer"], w)
    return said


def _rests(project: Project, offer: str, w: Words) -> list[str]:
    """What the offer's effect rests on, where lists that left have taught it."""
    if not project.path("target").is_file():
        return []
    found = project.result("target", Planned).learned.get(offer)
    return [] if found is None else [f"  {capital(rests(found, w))}."]


def _next(project: Project, customer: str, cutoff: date, w: Words) -> list[str]:
    """What the customer may want next and why, and what of it the message leads with."""
    manifest = project.json("manifest") if project.path("manifest").is_file() else {}
    found = newest(project, customer, cutoff, settings_of(manifest.get("params", {})))
    if not found.cart and not found.ranked:
        return []
    said = ["", w.fill(message.TEXTS["next"], {})]
    for item in (*found.cart, *found.ranked)[:_NEXT]:
        why, due = message.in_words(reason_of(item), w), due_of(item)
        when = "" if due is None else f"; {message.in_words(due, w)}"
        said.append(f"  {item.called}: {why}{when}")
    plans = []
    if project.path("plan").is_file():
        of_hers = [("customer_id", "=", customer)]
        plans = pq.read_table(project.path("plan"), filters=of_hers).to_pylist()
    if not plans or plans[0]["arm"] == CONTROL:
        return said
    name = plans[0]["planned_offer"]
    offers = _promised(project, plans[0]["campaign_id"])
    lead = found.lead(next((offer for offer in offers if offer.name == name), None))
    if lead.why is not None:
        names = ", ".join(item.called for item in lead.items) or w.fill(message.TEXTS["none"], {})
        values = {"products": names, "why": message.in_words(lead.why, w)}
        said += ["", w.fill(message.TEXTS["for_message"], {}),
                 "  " + w.fill(message.TEXTS["leads"], values)]  # fmt: skip
    return said


def _labelled(project: Project, campaign: str, offer: str, language: Language) -> str:
    """The offer in words before its code, where the manifest says what they are."""
    offers = _promised(project, campaign)
    label = next((o.label[language] for o in offers if o.name == offer), None)
    return f"{label} ({offer})" if label else offer


def _promised(project: Project, campaign: str) -> Offers:
    """The offers of a campaign, where its manifest is there."""
    target = project.params.target.model_copy(update={"campaign_id": campaign})
    params = project.params.model_copy(update={"target": target})
    there = Project(params, root=project.root, layout=project.layout)
    return there.result("manifest", Promised).offers if there.path("manifest").is_file() else ()
