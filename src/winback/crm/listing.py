"""The list in the shape a CRM takes: one neutral CSV, the sealed assignment, a manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import JsonValue

from winback.crm.changes import Before
from winback.formulas import clean_text
from winback.offers.plan import Plan
from winback.results.listed import Listed, Rows
from winback.results.offered import CONTROL, MeasuredOffer, Offer
from winback.tables.planned import ASSIGNMENT, campaign_list

Cells = list[str | None]
"""A column of the list, one cell a customer; None where it is empty."""

LIST_COLUMNS = campaign_list().names

# Decisions to leave somebody in peace, whatever a contact would bring.
_IN_PEACE = ("no_contact", "universal_holdout", "contacted_recently", "complaint", "subscriber")

_OF_LEDGER = ("change", "offer_before", "churn_risk_before", "last_contact_date")
_EMAIL = re.compile(r"[a-z0-9_][a-z0-9_.+%'-]*@[a-z0-9-]+(\.[a-z0-9-]+)+")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True)
class Leaving:
    """What of a planned campaign a list is written from."""

    assignment: pd.DataFrame
    decisions: pd.DataFrame
    offers: Sequence[MeasuredOffer | Offer]
    currency: str
    contact_days: Mapping[str, int]

    @staticmethod
    def of(plan: Plan) -> Leaving:
        """That of a plan."""
        return Leaving(
            plan.assignment, plan.decisions, plan.offers, str(plan.summary.currency),
            plan.contact_days,
        )  # fmt: skip


def list_csv(
    leaving: Leaving, scores: pd.DataFrame, contacts: pd.DataFrame | None,
    language: Literal["en", "pl"], before: Before | None = None,
) -> bytes:  # fmt: skip
    """The bytes of ``list.csv``; arguments as :func:`write_list` has them."""
    columns, contact_kinds = _list_columns(leaving, scores, contacts, language, before)
    _clean(columns, contact_kinds)
    return _csv_bytes(columns)


def write_list(
    plan: Plan,
    scores: pd.DataFrame,
    contacts: pd.DataFrame | None,
    out_dir: Path | str,
    *,
    language: Literal["en", "pl"] = "en",
    versions: Mapping[str, str | None] | None = None,
    made_from: Mapping[str, str] | None = None,
    params: Mapping[str, JsonValue] | None = None,
    before: Before | None = None,
    salt_fingerprint: str | None = None,
) -> Listed:
    """Write ``list.csv``, ``assignment.parquet`` and ``manifest.json`` of a planned campaign.

    ``list.csv``: one row per customer who gets an offer, sorted by customer_id (where all have
    the same chance: the latest buyers first), nobody of the control group (without any
    probability, or where all have the same and no offer is planned: all who may be contacted,
    latest buyers first, no offer); UTF-8 without BOM, comma, LF, dot decimal, ISO dates, an
    empty cell for unknown. After ``customer_id`` stand the other columns of ``contacts``, then
    :data:`LIST_COLUMNS`. ``valid_until`` is the last
    day of the offer; its days count from the cutoff. Where a channel carries so many contacts
    a day, ``contact_on`` after ``channel`` names each customer's day.

    ``assignment.parquet``: both arms, the evidence a measurement rests on. Its SHA-256 stands
    in the manifest, so a later change of an arm shows; so does its ``seal``, the hash of its
    content, by which the ledger knows it once the list has left.

    A cell cannot start a formula in a spreadsheet: free text loses the signs it would start
    with; e-mails and customer ids that are not plain ones are left empty, because a mended
    address would be somebody else's, and are counted under ``blanked`` in the manifest.

    The same plan gives the same bytes. Nobody on the list still gives a header.

    Args:
        plan: from :func:`winback.offers.plan.plan_campaign`.
        scores: the scores the plan was made from.
        contacts: contacts.parquet, or None.
        out_dir: the campaign's folder; made if it is not there.
        language: of offer labels and reasons.
        versions: goes into the manifest as given: hashes of orders, code, params, model.
        made_from: goes into the manifest: hashes of the tables that the list was made from.
        before: what of the customers the ledger knows; None before any list has left.
        params: goes into the manifest: the settings that made the list.
        salt_fingerprint: goes into the manifest: by it another machine tells whether it has the
            salt that drew this list, which itself stands nowhere.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    columns, contact_kinds = _list_columns(Leaving.of(plan), scores, contacts, language, before)
    blanked = _clean(columns, contact_kinds)
    files = {"list.csv": _csv_bytes(columns), "assignment.parquet": _parquet_bytes(plan.assignment)}
    listed = Listed(
        campaign_id=plan.summary.campaign_id,
        cutoff=plan.summary.cutoff,
        language=language,
        rows=Rows(
            list=len(columns["customer_id"]),
            assignment=len(plan.assignment),
            control=int((plan.assignment["arm"] == CONTROL).sum()),
        ),
        columns=tuple(columns),
        blanked=blanked,
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        seal=plan.summary.seal,
        made_from=dict(made_from or {}),
        params=dict(params or {}),
        changes=before and before.changes,
        salt_fingerprint=salt_fingerprint,
        offers=plan.offers,
        versions=dict(versions or {}),
    )
    for name, content in {**files, "manifest.json": listed.to_json().encode()}.items():
        _replace(folder / name, content)
    return listed


def _clean(columns: dict[str, Cells], contact_kinds: Mapping[str, str]) -> dict[str, int]:
    """Clean the cells of each column in place; how many of which had to go."""
    blanked: dict[str, int] = {}
    for column, found in columns.items():
        clean = _cleaner(column, contact_kinds)
        written = {value: "" if value is None else clean(value) for value in set(found)}
        columns[column] = [written[value] for value in found]
        # Only what was there and had to go counts, not a cell that was empty before.
        gone = {value for value, cell in written.items() if not cell and (value or "").strip()}
        if gone:
            blanked[column] = sum(value in gone for value in found)
    return blanked


def _csv_bytes(columns: Mapping[str, Cells]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def _list_columns(
    plan: Leaving, scores: pd.DataFrame, contacts: pd.DataFrame | None, language: str,
    before: Before | None,
) -> tuple[dict[str, Cells], dict[str, str]]:  # fmt: skip
    """The list's columns as text with nulls, and the kind of each contact column by its name."""
    listed = _treated(plan, scores)
    if listed.empty and scores["p_return"].nunique() <= 1:
        listed = _unplanned(plan, scores)
    columns: dict[str, Cells] = {"customer_id": _written(listed, "customer_id", str)}
    kinds: dict[str, str] = {}
    if contacts is not None:
        found = contacts.set_index(contacts["customer_id"].astype(str))
        found = found.drop(columns="customer_id")
        found = found.reindex(listed["customer_id"].astype(str)).reset_index(drop=True)
        for column in found.columns:
            name = clean_text(column)
            name = f"contact_{name}" if name in (*LIST_COLUMNS, *columns, "") else name
            columns[name] = _written(found, column, str)
            kinds[name] = _contact_kind(str(column))
    offers = {offer.name: offer for offer in plan.offers}
    suffix = "" if language == "en" else f"_{language}"
    last_days = [
        _iso(start + timedelta(days=offers[name].valid_days - 1)) if name in offers else None
        for name, start in zip(listed["arm"].tolist(), listed["assigned_at"].tolist(), strict=True)
    ]
    waits = [plan.contact_days.get(customer, 0) for customer in listed["customer_id"].astype(str)]
    columns |= {
        "offer": _written(listed, "arm", str),
        "offer_label": _written(
            listed, "arm", lambda name: str(getattr(offers[name].label, language))
        ),
        "channel": _written(listed, "arm", lambda name: offers[name].channel),
        **(
            {
                "contact_on": [
                    _iso(start + timedelta(days=wait)) if name in offers else None
                    for name, start, wait in zip(
                        listed["arm"].tolist(), listed["assigned_at"].tolist(), waits, strict=True
                    )
                ]
            }
            if plan.contact_days
            else {}
        ),
        "valid_until": [*last_days],
        "churn_probability": _written(listed, "p_return", lambda p: f"{1 - p:.4f}"),
        "churn_risk": _written(listed, "risk_band", str),
        "churn_horizon_days": _written(listed, "horizon_days", _whole),
        "rfm_segment": _written(listed, "segment", str),
        "rfm_score": _written(listed, "rfm_score", str),
        "days_since_last_order": _written(listed, "days_since_last_order", _whole),
        "last_order_date": _written(listed, "last_order_on", _iso),
        "expected_next_order_date": _written(listed, "expected_next_order_on", _iso),
        "orders_count": _written(listed, "orders_total", _whole),
        "total_spent": _written(listed, "spend_total", _money),
        "avg_order_value": _written(listed, "order_value_mean", _money),
        "currency": [plan.currency] * len(listed),
        "reason_1": _written(listed, f"reason_1{suffix}", str),
        "reason_2": _written(listed, f"reason_2{suffix}", str),
        "reason_3": _written(listed, f"reason_3{suffix}", str),
        "model_version": _written(listed, "model_version", str),
        **_beside(listed["customer_id"].astype(str), before),
    }
    return columns, kinds


def _beside(ids: pd.Series[str], before: Before | None) -> dict[str, Cells]:
    """What of each listed customer the ledger knows."""
    if before is None:
        return {name: [None] * len(ids) for name in _OF_LEDGER}
    rows = before.rows.set_index("customer_id").reindex(ids).reset_index(drop=True)
    days = before.last_contact.reindex(ids).reset_index(drop=True).rename("day").to_frame()
    return {
        "change": _written(rows, "change", str),
        "offer_before": _written(rows, "offer_before", str),
        "churn_risk_before": _written(rows, "risk_before", str),
        "last_contact_date": _written(days, "day", _iso),
    }


def _treated(plan: Leaving, scores: pd.DataFrame) -> pd.DataFrame:
    """Customers who get an offer, with their scores."""
    treated = plan.assignment[plan.assignment["arm"] != CONTROL]
    listed = treated[["customer_id", "arm", "assigned_at"]].merge(
        scores.drop(columns=["assigned_at", "arm"], errors="ignore"), on="customer_id", how="left"
    )
    # Where nobody is told apart, when they bought last is the best that is known of them.
    return _latest_first(listed) if scores["p_return"].nunique() == 1 else listed


def _unplanned(plan: Leaving, scores: pd.DataFrame) -> pd.DataFrame:
    """Everybody who may be contacted, the latest buyers first, without any offer.

    Before a horizon has closed, or where nobody is told apart and no offer would pay, there is
    nothing to plan by; recency is the best that is known.
    """
    barred = plan.decisions.loc[plan.decisions["reason"].isin(_IN_PEACE), "customer_id"]
    listed = scores[~scores["customer_id"].isin(barred)].assign(arm=None, assigned_at=None)
    return _latest_first(listed)


def _latest_first(listed: pd.DataFrame) -> pd.DataFrame:
    """The latest buyers first, of those of one day the ones who spent most.

    Tables of other makers may lack the columns; their order is kept.
    """
    if not {"days_since_last_order", "spend_total"} <= set(listed.columns):
        return listed
    return listed.sort_values(
        ["days_since_last_order", "spend_total", "customer_id"],
        ascending=[True, False, True],
        kind="stable",
        ignore_index=True,
    )


def _written(table: pd.DataFrame, column: str, write: Callable[[Any], str]) -> Cells:
    """A column as text; one that the table does not have is empty."""
    if column not in table:
        return [None] * len(table)
    missing = table[column].isna().tolist()
    values = table[column].astype(object).tolist()
    return [None if gone else write(v) for v, gone in zip(values, missing, strict=True)]


def _iso(day: Any) -> str:
    return (day if type(day) is date else pd.Timestamp(day).date()).isoformat()


def _whole(number: Any) -> str:
    return str(round(float(number)))


def _money(amount: Any) -> str:
    return f"{float(amount) + 0.0:.2f}"


def _contact_kind(column: str) -> str:
    name = column.lower()
    if "mail" in name:
        return "email"
    if any(part in name for part in ("phone", "mobile", "tel", "sms", "gsm", "komork")):
        return "phone"
    return "text"


def _cleaner(column: str, contact_kinds: Mapping[str, str]) -> Callable[[Any], str]:
    match contact_kinds.get(column, column):
        case "customer_id":
            return _clean_id
        case "email":
            return _clean_email
        case "phone":
            return _clean_phone
        case "total_spent" | "avg_order_value":
            return str  # typed: a negative number is a number
        case _:
            return clean_text


def _clean_id(value: Any) -> str:
    text = str(value)
    plain = text == clean_text(text) or _E164.fullmatch(text) or re.fullmatch(r"-\d+", text)
    return text if plain else ""


def _clean_email(value: Any) -> str:
    text = str(value).strip().lower()
    return text if _EMAIL.fullmatch(text) else ""


def _clean_phone(value: Any) -> str:
    """E.164 where the country is written; else the digits alone, which start no formula."""
    text = re.sub(r"[^\d+]", "", str(value))
    text = "+" + text[2:] if text.startswith("00") else text
    return text if _E164.fullmatch(text) else text.replace("+", "")


def _parquet_bytes(assignment: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(assignment, schema=ASSIGNMENT.schema, preserve_index=False)
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(None), sink, compression="zstd")
    return sink.getvalue()


def _replace(path: Path, content: bytes) -> None:
    """Write beside and rename, so that a killed run leaves the last good file."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    os.replace(beside, path)
