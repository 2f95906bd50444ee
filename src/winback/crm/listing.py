"""The list in the shape a CRM takes: one neutral CSV, the sealed assignment, a manifest."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import JsonValue

from winback.crm.bands import value_bands
from winback.crm.cells import cleaner, contact_kind
from winback.crm.changes import Before
from winback.crm.fields import FIELDS
from winback.crm.suggested import Suggested
from winback.crm.values import Leaving, first_items, listed_customers, values_of
from winback.crm.workbook import workbook_bytes
from winback.files import replacing
from winback.formulas import clean_text
from winback.offers.plan import Plan
from winback.results.listed import Leads, Listed, Rows
from winback.results.offered import CONTROL
from winback.said.words import Words
from winback.tables.planned import ASSIGNMENT, campaign_list

Cells = list[str | None]
"""A column of the list, one cell a customer; None where it is empty."""

LIST_COLUMNS = campaign_list().names
WORKBOOK = "list.xlsx"

_OF_LEDGER = ("change", "offer_before", "churn_risk_before", "last_contact_date")


def list_csv(
    leaving: Leaving, scores: pd.DataFrame, contacts: pd.DataFrame | None,
    language: Literal["en", "pl"], before: Before | None = None,
    columns: Sequence[str] = (),
) -> bytes:  # fmt: skip
    """The bytes of ``list.csv``; arguments as :func:`write_list` has them.

    ``columns`` are those of a list written before, of which later ones are left out.
    """
    own = own_columns(columns) if columns else LIST_COLUMNS
    table, contact_kinds = _list_columns(leaving, scores, contacts, language, before, own)
    _clean(table, contact_kinds)
    return _csv_bytes(table)


def own_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Of the columns of a list those that are no contact columns, which stand before them."""
    return (columns[0], *columns[columns.index("offer") :])


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
    products: Mapping[str, str] | None = None,
    suggested: Mapping[str, Suggested] | None = None,
) -> Listed:
    """Write ``list.csv``, ``list.xlsx``, ``assignment.parquet`` and ``manifest.json``.

    ``list.csv``: one row per customer who gets an offer, sorted by customer_id (where all have
    the same chance: the latest buyers first), nobody of the control group (without any
    probability, or where all have the same and no offer is planned: all who may be contacted,
    latest buyers first, no offer); UTF-8 without BOM, comma, LF, dot decimal, ISO dates, an
    empty cell for unknown. After ``customer_id`` stand the other columns of ``contacts``, then
    :data:`LIST_COLUMNS`. ``valid_until`` is the last
    day of the offer; its days count from the cutoff. Where a channel carries so many contacts
    a day, ``contact_on`` after ``channel`` names each customer's day.

    ``list.xlsx``: the same for people, as :func:`winback.crm.workbook.workbook_bytes` has it.

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
        products: by customer a product that may be written to her, as
            :func:`winback.crm.products.last_products` gives it.
        suggested: by customer what may stand in a message, as
            :func:`winback.crm.suggested.suggested` gives it; the offer decides what leads.
        salt_fingerprint: goes into the manifest: by it another machine tells whether it has the
            salt that drew this list, which itself stands nowhere.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    leaving = replace(Leaving.of(plan), products=products or {}, suggested=suggested or {})
    columns, contact_kinds = _list_columns(leaving, scores, contacts, language, before)
    leads = _leads_of(columns, leaving)
    blanked = _clean(columns, contact_kinds)
    files = {"list.csv": _csv_bytes(columns), "assignment.parquet": _parquet_bytes(plan.assignment)}
    words = Words(language, str(plan.summary.currency))
    book = workbook_bytes(columns, contact_kinds, words, plan.summary.cutoff)
    (folder / WORKBOOK).unlink(missing_ok=True)
    if book is not None:
        files[WORKBOOK] = book
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
        value_bands=value_bands(scores)[1],
        params=dict(params or {}),
        leads=leads,
        changes=before and before.changes,
        salt_fingerprint=salt_fingerprint,
        offers=plan.offers,
        versions=dict(versions or {}),
    )
    for name, content in {**files, "manifest.json": listed.to_json().encode()}.items():
        with replacing(folder / name, private=name.startswith("list.")) as new:
            new.write_bytes(content)
    return listed


def _leads_of(columns: Mapping[str, Cells], leaving: Leaving) -> Leads | None:
    """How many messages lead with what; None where nothing is known to be next."""
    if not leaving.suggested:
        return None
    kinds = dict.fromkeys(Leads.model_fields, 0)
    pairs = zip(columns["customer_id"], columns["offer"], strict=True)
    for first in first_items(pairs, leaving):
        kinds["nothing" if first is None else first.kind] += 1
    return Leads(**kinds)


def _clean(columns: dict[str, Cells], contact_kinds: Mapping[str, str]) -> dict[str, int]:
    """Clean the cells of each column in place; how many of which had to go."""
    blanked: dict[str, int] = {}
    for column, found in columns.items():
        clean = cleaner(contact_kinds.get(column, column))
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
    plan: Leaving, scores: pd.DataFrame, contacts: pd.DataFrame | None,
    language: Literal["en", "pl"], before: Before | None, own: Sequence[str] = LIST_COLUMNS,
) -> tuple[dict[str, Cells], dict[str, str]]:  # fmt: skip
    """The list's columns as text with nulls, and the kind of each contact column by its name."""
    listed = listed_customers(plan, scores)
    values = values_of(listed, plan, scores, language)
    columns: dict[str, Cells] = {"customer_id": values["customer_id"].tolist()}
    kinds: dict[str, str] = {}
    taken = ("contact_on",) if plan.contact_days else ()
    if contacts is not None:
        found = contacts.set_index(contacts["customer_id"].astype(str))
        found = found.drop(columns="customer_id")
        found = found.reindex(listed["customer_id"].astype(str)).reset_index(drop=True)
        for column in found.columns:
            name = clean_text(column)
            name = f"contact_{name}" if name in (*own, *taken, *columns, "") else name
            columns[name] = _written(found, column, str)
            kinds[name] = contact_kind(str(column))
    ours = {name: _as_text(name, values[name].tolist()) for name in FIELDS if name in own}
    if plan.contact_days:
        ours["contact_on"] = _as_text("contact_on", values["contact_on"].tolist())
    ours |= _beside(listed["customer_id"].astype(str), before)
    order = [name for name in own if name not in ("customer_id", "contact_on")]
    if plan.contact_days:
        order.insert(order.index("channel") + 1, "contact_on")
    columns |= {name: ours[name] for name in order}
    return columns, kinds


def _as_text(name: str, values: list[Any]) -> Cells:
    """Typed values as the cells of a neutral CSV."""
    write = _AS_TEXT.get(FIELDS[name].kind, str)
    return [None if value is None else write(value) for value in values]


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


def _written(table: pd.DataFrame, column: str, write: Callable[[Any], str]) -> Cells:
    """A column as text; one that the table does not have is empty."""
    if column not in table:
        return [None] * len(table)
    missing = table[column].isna().tolist()
    values = table[column].astype(object).tolist()
    return [None if gone else write(v) for v, gone in zip(values, missing, strict=True)]


def _iso(day: Any) -> str:
    return pd.Timestamp(day).date().isoformat()


_AS_TEXT: dict[str, Callable[[Any], str]] = {
    "day": _iso,
    "share": lambda share: f"{share:.4f}",
    "number": lambda number: f"{number:.3f}",
    "money": lambda amount: f"{amount:.2f}",
    "flag": lambda flag: "true" if flag else "false",
}


def _parquet_bytes(assignment: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(assignment, schema=ASSIGNMENT.schema, preserve_index=False)
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(None), sink, compression="zstd")
    return sink.getvalue()
