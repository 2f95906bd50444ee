"""An excerpt of the list, what was read, and what the list can be made again from."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from winback.report.material import Material
from winback.report.parts import (
    Section,
    Table,
    cut,
    float_of,
    listed,
    masked,
    text_of,
)
from winback.results.base import Result
from winback.results.intake import IngestSummary, PrivacyRead
from winback.results.listed import Listed
from winback.said.telling import tell
from winback.said.terms import TERMS
from winback.said.words import Words, capital

SHOWN_ROWS = 8


def excerpt_section(m: Material) -> Section:
    """The first rows of the list, and what its columns mean."""
    w, list_rows = m.w, m.list_rows
    section = Section("excerpt", w("excerpt"))
    if list_rows is not None and len(list_rows):
        section.add("table", _excerpt(m, list_rows))
        section.add("more", (w("columns_open"), _columns(m, list_rows)))
    return section


def read_section(m: Material) -> Section:
    """What was read, what is in doubt, and what was set aside."""
    section = Section("lines", m.w("lines"))
    if m.ingest:
        _ingest(m, section, m.ingest)
    return section


def details_section(m: Material) -> Section:
    """Versions and hashes, by which the list can be made again."""
    section = Section("details", m.w("details"))
    if m.manifest:
        section.add("more", (m.w("versions"), [("table", _versions(m, m.manifest))]))
    return section


def _excerpt(m: Material, list_rows: pd.DataFrame) -> Table:
    w = m.w
    shown = list_rows.head(SHOWN_ROWS).to_dict("records")
    rows = []
    for row in shown:
        churn = float_of(row.get("churn_probability"))
        reasons = [str(row[f"reason_{n}"]) for n in (1, 2) if text_of(row.get(f"reason_{n}"))]
        rows.append(
            [
                masked(row.get("customer_id")),
                text_of(row.get("offer_label")) or text_of(row.get("offer")),
                w.short_day(text_of(row.get("last_order_date"))),
                w.number(float_of(row.get("orders_count"))),
                w.money(float_of(row.get("total_spent")), 2),
                w.share(None if churn is None else 1 - churn),
                "; ".join(reasons),
            ]
        )
    return Table(
        w("excerpt_caption", shown=w.number(len(shown)), listed=w.number(len(list_rows))),
        [
            w("col_customer"),
            w("col_offer"),
            w("col_last_order"),
            w("col_orders"),
            w("col_spent"),
            w("col_p_return"),
            w("col_why_him"),
        ],
        rows,
        texts=frozenset({0, 1, 6}),
        note=w("excerpt_note"),
    )


def _columns(m: Material, list_rows: pd.DataFrame) -> list[tuple[str, Table]]:
    """What the names and codes of list.csv mean, in the reader's language."""
    w = m.w
    meant = [name for name in list_rows.columns if name in TERMS["list_column"]]
    columns = Table(
        w("columns_caption"),
        [w("col_column"), w("col_meaning")],
        [[name, capital(w.term("list_column", name))] for name in meant],
        texts=frozenset({0, 1}),
    )
    codes = Table(
        w("codes_caption"),
        [w("col_code"), w("col_meaning")],
        [
            [code, f"{w.term('segment', code)}: {w.term('meaning', code)}"]
            for code in TERMS["segment"]
        ],
        texts=frozenset({0, 1}),
    )
    return [("table", columns), ("table", codes)]


def _ingest(m: Material, section: Section, ingest: IngestSummary) -> None:
    w = m.w
    if ingest.doubts:
        sentences = [f"{capital(tell(doubt, w))}." for doubt in ingest.doubts]
        section.add("callout", (w("doubts"), sentences))
    aside = ingest.lines_set_aside
    reasons, withheld = aside.by_reason, sum(ingest.lines_withheld.values())
    section.add(
        "text",
        [
            w.rich(
                "lines_text",
                read=w.number(ingest.lines_in)
                if w.language == "pl"
                else w.count(ingest.lines_in, "line"),
                kept=w.number(ingest.lines_kept),
                aside=w.number(aside.total),
                ignored=w.number(ingest.lines_ignored),
                cutoff=w.day(m.shop.cutoff),
                withheld=w("lines_withheld", n=w.number(withheld)) if withheld else "",
            )
        ],
    )
    if ingest.privacy is not None:
        section.add("table", _kept_out(w, ingest, ingest.privacy))
    ranked, note = cut(sorted(reasons.items(), key=lambda x: (-x[1], x[0])), w)
    if reasons:
        section.add(
            "table",
            Table(
                w("aside_caption"),
                [w("col_why"), w("col_lines"), w("col_share"), w("col_amount")],
                [
                    [
                        capital(w.term("set_aside", reason)),
                        w.number(n),
                        w.share(n / ingest.lines_in),
                        w.money(aside.amount_by_reason.get(reason)),
                    ]
                    for reason, n in ranked
                ],
                note=f"{note} {w('aside_note')}".strip(),
            ),
        )
    if suspicious := ingest.suspicious_customers:
        named = [
            f"{masked(found.customer_id)} ({w.share(found.share_of_purchases)})"
            for found in suspicious
        ]
        shown, note = cut(named, w, 10)
        section.add("callout", (w("suspicious"), [w("suspicious_text"), listed(shown), note]))
    if understood := (*ingest.understood, *ingest.doubts):
        told, note = cut([tell(fact, w) for fact in understood], w, 60)
        section.add("more", (w("understood"), [("list", told), ("text", [note])]))


def _kept_out(w: Words, ingest: IngestSummary, found: PrivacyRead) -> Table:
    """Customers and lines by what they are left out of."""
    gone = ingest.lines_withheld
    rows = [
        [capital(w.term("kept_out", code)), w.number(n), w.number(gone.get(code, 0)) if n else ""]
        for code, n in (
            ("erased", found.erased), ("no_profiling", found.no_profiling),
        )
    ]  # fmt: skip
    rows.append([capital(w.term("kept_out", "no_marketing")), w.number(found.no_marketing), ""])
    rows += [
        [capital(w("kept_out_channel", channel=channel)), w.number(n), ""]
        for channel, n in sorted(found.barred_by_channel.items())
    ]
    rows.append([capital(w.term("kept_out", "no_ads")), w.number(found.no_ads), ""])
    why = ", ".join(
        f"{w.term('privacy_why', code)}: {w.number(n)}" for code, n in sorted(found.by_why.items())
    )
    return Table(
        w("kept_out_caption"), [w("col_who"), w("col_people"), w("col_lines")], rows,
        note=w("kept_out_note", why=why) if why else w("kept_out_plain"),
    )  # fmt: skip


def _versions(m: Material, manifest: Listed) -> Table:
    w = m.w
    return Table(
        w("versions_caption"),
        [w("col_key"), w("col_value")],
        [
            [name, Markup("<code>{}</code>").format(masked(value))]
            for name, value in _flat(manifest)
        ],
        texts=frozenset({0, 1}),
    )


def _flat(found: Result, prefix: str = "") -> list[tuple[str, str]]:
    """Names and values of a result and those within it; several results are left out."""
    rows: list[tuple[str, str]] = []
    for name, value in found:
        label = f"{prefix}{name}"
        if isinstance(value, Result):
            rows += _flat(value, f"{label}.")
        elif isinstance(value, dict):
            rows += [
                (f"{label}.{key}", str(each)) for key, each in value.items() if each is not None
            ]
        elif isinstance(value, tuple):
            if not any(isinstance(item, Result) for item in value):
                rows.append((label, listed(map(str, value))))
        elif value is not None:
            rows.append((label, str(value)))
    return rows
