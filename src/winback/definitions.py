"""``docs/definitions.md`` out of the declarations: ``python -m winback.definitions``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from winback.crm.checked import headers_of
from winback.crm.destination import Destination
from winback.crm.destinations import DESTINATIONS
from winback.crm.fields import FIELDS
from winback.features import FeatureSet, snapshot_table
from winback.intake.writing import REASONS as QUARANTINE
from winback.params import (
    ChannelSettings,
    DeclaredAttribute,
    DeclaredCustom,
    DeclaredMeasure,
    DeclaredSignal,
    MeasuredCampaign,
    Params,
)
from winback.privacy import Privacy, PrivacySource, UnknownConsent
from winback.results.base import Fact, Result
from winback.results.churned import Churned
from winback.results.described import Described
from winback.results.effects import Learned
from winback.results.gated import Gated, GateFigures
from winback.results.graded import Record
from winback.results.intake import IngestSummary
from winback.results.judged import Compared, EvaluatedModel
from winback.results.learned import Training
from winback.results.listed import Listed
from winback.results.measured import Awaited, Measurement, ProgrammeMeasurement
from winback.results.offered import Offer
from winback.results.planned import Planned
from winback.results.reacted import Reacted
from winback.results.recommended import Recommended
from winback.results.scored import Drivers
from winback.results.segmented import Segmented
from winback.results.tuned import Tuned
from winback.results.watched import Watched
from winback.said.vocabulary import VOCABULARY
from winback.tables import (
    graded,
    history,
    judged,
    outcomes,
    planned,
    reacted,
    recommended,
    scored,
)
from winback.tables.effects import EFFECTS
from winback.tables.table import Table


def _described(kind: type[Result], beside: type[Result] = Result) -> dict[str, str]:
    """Each key of a result with what it means, and the keys within it; not those of ``beside``."""
    return {
        name: "; ".join([field.description or "", *_within(field)])
        for name, field in kind.model_fields.items()
        if name not in beside.model_fields
    }


def _within(field: FieldInfo) -> Iterator[str]:
    """The keys of the results that a field holds, with what they mean."""
    for kind in _results_in(field.annotation):
        for name, inner in kind.model_fields.items():
            deeper = [
                ", ".join(f"`{each.alias or key}`" for key, each in of.model_fields.items())
                for of in _results_in(inner.annotation)
            ]
            more = f" ({'; '.join(deeper)})" if deeper else ""
            yield f"`{inner.alias or name}`: {inner.description}{more}"


def _results_in(annotation: object) -> list[type[Result]]:
    """The kinds of result that an annotation names, an offer's and a fact's aside."""
    if isinstance(annotation, type) and issubclass(annotation, Result):
        return [] if issubclass(annotation, Offer | Fact) else [annotation]
    return [kind for part in get_args(annotation) for kind in _results_in(part)]


# Top-level keys of the small result files; the nested ones in words.
RESULTS: Mapping[str, Mapping[str, str]] = {
    "ingest.json": _described(IngestSummary),
    "products.json": _described(Recommended),
    "shop.json": _described(Described),
    "training.json": _described(Training),
    "churn.json": _described(Churned),
    "tuning.json": _described(Tuned),
    "drivers.json": _described(Drivers),
    "evaluation.json": _described(EvaluatedModel),
    "gate.json": _described(Gated),
    "metrics/gate.json": _described(GateFigures),
    "served.json": _described(EvaluatedModel),
    "metrics/evaluate.json": _described(Compared),
    "learned.json": _described(Reacted),
    "target.json": _described(Planned),
    "segments.json": _described(Segmented),
    "grades.json": _described(Record),
    "watch.json": _described(Watched),
    "measurement.json": _described(Measurement),
    "measurement.json of --holdout-since": _described(ProgrammeMeasurement, beside=Measurement),
    "measurement.json while the window is open": _described(Awaited),
    "manifest.json": _described(Listed),
    "learned.json of a file": _described(Learned),
}  # fmt: skip

# What an entry of a list or a mapping in params.yaml has.
ENTRIES: Mapping[str, tuple[type[BaseModel], str]] = {
    "ingest.privacy": (
        Privacy,
        "Each of the first four is a list of sources. An objection or a refusal anywhere wins over "
        "a consent anywhere; docs/privacy.md has examples.",
    ),
    "ingest.privacy.marketing": (
        PrivacySource,
        "Each entry is one source, of `profiling`, `ads` and `erased` as well: one of `column`, "
        "`attribute`, `file` and `table`.",
    ),
    "ingest.privacy.unknown": (UnknownConsent, "Each is `allow`, `refuse` or null: asked."),
    "snapshot.measures": (DeclaredMeasure, "Each entry is one number per purchase."),
    "snapshot.signals": (DeclaredSignal, "Each entry is one name in the file of signals."),
    "snapshot.attributes": (DeclaredAttribute, "Each entry is one name in the file of attributes."),
    "snapshot.custom": (DeclaredCustom, "Each entry has `sql` or a `function`."),
    "target.channels": (ChannelSettings, "By the name that offers have as their `channel`."),
    "target.offers": (
        Offer,
        "Each entry is one offer; money is in the currency of the orders.",
    ),
    "measure.campaigns": (MeasuredCampaign, "By the name of the campaign."),
}

_INTRODUCTION = """# Definitions

Every column of every table that `winback` writes, and every key of `params.yaml`. This page is
made by `python -m winback.definitions > docs/definitions.md`; a test compares it with the code,
and the code with the files of a run.

Three words carry the rest. A **cutoff** is the start of a day in the shop's time, the first
moment we pretend not to have seen: the past is `time < cutoff`. The **horizon** is the days
after it: an outcome is `cutoff <= time < cutoff + horizon_days`. A **purchase** is the lines of
one customer, order and day that, as placed, sum above zero; a refund is an event of its own, on
the day it was issued.

Shares and probabilities go from 0 to 1, money is in units of the currency unless said otherwise,
days are whole calendar days, text is UTF-8. Absent is null (in CSV an empty cell), never NaN,
zero or an invented value. `dvc repro` writes the tables into `data/`, `reports/` and
`exports/current/`; `winback run --out DIR` writes `scores`, `decisions`, `assignment`, `list`,
`quarantine` and the JSON files' contents into `DIR`, `orders`, `signals` and `attributes` into
`DIR/orders/`.
"""


def tables() -> tuple[Table, ...]:
    """Every table, in the order of the flow."""
    return (
        history.ORDERS, history.contacts(), history.PRIVACY, history.SIGNALS,
        history.SIGNAL_ITEMS, history.ATTRIBUTES, history.SHOP_MARKS, recommended.PRODUCT_TABLE,
        history.QUARANTINE, recommended.NEXT_PRODUCTS, recommended.NEW_PRODUCTS,
        snapshot_table(FeatureSet()), outcomes.OUTCOMES, outcomes.RESTATED,
        outcomes.FIRST_DAYS, outcomes.SHOP_DAYS, judged.BACKTEST, judged.REHEARSAL,
        judged.CHAMPION_ROWS, scored.scores(), scored.RIVALS, reacted.REACTIONS, planned.DECISIONS,
        planned.ASSIGNMENT, planned.campaign_list(), planned.SHARED, judged.CALIBRATION,
        judged.LIFT, judged.SERVED_CALIBRATION, judged.SERVED_LIFT, planned.PROFIT, graded.GRADES,
        EFFECTS,
    )  # fmt: skip


def render() -> str:
    """The whole page, as Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Words\n"
    yield (
        "What is meant wherever one of these stands, on the page, in `list.csv`, on the terminal. "
        "A test holds the pages to them.\n"
    )
    words: list[tuple[str, ...]] = [(f"**{t.en}**", t.pl, t.meaning, t.found) for t in VOCABULARY]
    yield from _rows(("word", "in Polish", "means", "found in"), words)
    yield "## Tables\n"
    codes = {
        "quarantine.csv": ("reason", QUARANTINE),
        "next_products.parquet": ("reason", recommended.NEXT_REASONS),
        "scores.parquet": ("segment", scored.SEGMENTS),
        "decisions.parquet": ("reason", planned.DECISION_REASONS),
        "calibration.csv": ("method", judged.METHODS),
    }
    for table in tables():
        yield from _table(table)
        if table.name in codes:
            yield from _rows((codes[table.name][0], "means"), _coded(codes[table.name][1]))
        if table.name == "scores.parquet":
            yield from _rows(
                ("risk_band", "means; the first that holds"), _coded(scored.RISK_BANDS)
            )
    yield "## Small results\n"
    for name, keys in RESULTS.items():
        yield f"### {name}\n"
        yield from _rows(("key", "meaning"), _coded(keys))
    yield "## params.yaml\n"
    yield (
        "A missing key has its default, an unknown one is an error. The file of this repository "
        "sets some keys otherwise, for the demonstration.\n"
    )
    for section, field in Params.model_fields.items():
        yield f"### {section}\n"
        yield from _rows(("key", "default", "meaning"), _settings(field.annotation))
    for name, (kind, said) in ENTRIES.items():
        yield f"### {name}\n"
        yield f"{said}\n"
        yield from _rows(("key", "default", "meaning"), _settings(kind))


def render_declared(params: Params) -> str:
    """The columns that a params.yaml adds to the snapshots, as Markdown."""
    from winback.snapshots.declared import declared_features

    features = declared_features(params.snapshot)
    usual = {column.name for column in FeatureSet(features.windows_days).columns()}
    rows: list[tuple[str, ...]] = [
        (f"`{c.name}`", c.unit, c.meaning, c.null_when)
        for c in features.columns()
        if c.name not in usual
    ]
    return "\n".join(_rows(("column", "unit", "meaning", "null when"), rows)) + "\n"


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.name}\n"
    written = ", ".join(f"`{stage}`" for stage in table.written_by.split(", "))
    key = f" Key: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    yield f"Written by {written}: {table.grain}.{key}\n"
    if table.note:
        yield f"{table.note}\n"
    yield from _rows(
        ("column", "type", "unit", "meaning", "null when"),
        [
            (f"`{c.name}`", c.type.removesuffix("[day]"), c.unit, c.meaning, c.null_when)
            for c in table.columns
        ],
    )


def _coded(meanings: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (", ".join(f"`{name}`" for name in names.split(", ")), meaning)
        for names, meaning in meanings.items()
    ]


def _settings(section: Any) -> list[tuple[str, ...]]:
    fields: Mapping[str, FieldInfo] = section.model_fields
    return [
        (f"`{name}`", _default(field), (field.description or "").replace("|", "\\|"))
        for name, field in fields.items()
    ]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _rows(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


# --- destinations ----------------------------------------------------------------------------

_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_destinations(page: str) -> str:
    """``docs/destinations.md`` with what is made from the code between its marks."""
    return _MADE.sub(lambda found: found[1] + _made(found[2]) + found[3], page)


def _made(name: str) -> str:
    if name == "overview":
        head = ("`--for`", "known by", "separator", "a day", "takes a value back", "at most")
        lines = _rows(head, [_overview(each) for each in DESTINATIONS.values()])
    elif name == "fields":
        rows: list[tuple[str, ...]] = [
            (
                f"`{each.name}`",
                each.kind,
                "yes" if each.of_campaign else "",
                "yes" if each.may_be_shown else "",
            )
            for each in FIELDS.values()
        ]
        of_fields = (
            "column",
            "kind",
            "of the campaign, so never of everybody",
            "may be shown to the customer",
        )
        lines = _rows(of_fields, rows)
    else:
        lines = _of_destination(DESTINATIONS[name])
    return "\n".join(lines)


def _overview(each: Destination) -> tuple[str, ...]:
    dialect = each.dialect
    keys = ", else ".join(f"`{each.key_headers[key]}`" for key in each.keys)
    if each.all_keys:
        keys = keys.replace(", else ", " and ")
    limits = [
        f"{dialect.most_bytes} bytes a text" if dialect.most_bytes else "",
        f"{dialect.most_chars} characters a text" if dialect.most_chars else "",
        f"{dialect.most_columns} columns" if dialect.most_columns else "",
        f"{dialect.most_rows:,} rows a file" if dialect.most_rows else "",
        f"{dialect.most_file_bytes // 1_000_000} MB a file" if dialect.most_file_bytes else "",
    ]
    clear = {None: "nothing in a file", "": "an empty cell"}.get(
        dialect.clear, f"`{dialect.clear}`"
    )
    ahead = f", ahead `{dialect.day_ahead}`" if dialect.day_ahead else ""
    separator = "" if each.suffix == ".parquet" else f"`{dialect.separator}`"
    return (
        f"`{each.name}`", keys, separator, f"`{dialect.day}`{ahead}", clear,
        ", ".join(limit for limit in limits if limit),
    )  # fmt: skip


def _of_destination(each: Destination) -> Iterator[str]:
    """Which columns leave and why, and every option."""
    headers = headers_of(each, [FIELDS[name] for name in each.fields], "wb_")
    columns = ", ".join(f"`{header}`" for header in headers.values()) or "none"
    yield f"- Columns: {columns}."
    yield f"- Why these: {each.why}."
    if each.tags:
        tags = ", ".join(
            f"`{tag.of('high' if tag.field != 'rfm_segment' else 'at_risk')}`" for tag in each.tags
        )
        yield f"- Tags in `{each.tags_header}`, such as {tags}."
    refused = ", ".join(f"`{header}`" for header in each.consent_headers)
    if refused:
        yield f"- Never written: {refused}."
    yield ""
    rows: list[tuple[str, ...]] = [
        (
            f"`{name}`", f"`{json.dumps(option.default, ensure_ascii=False)}`",
            option.meaning, "" if option.verified else "not settled by any text of the vendor",
        )
        for name, option in each.options.items()
    ]  # fmt: skip
    if rows:
        yield from _rows((f"`export.options.{each.name}`", "default", "meaning", ""), rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["destinations"]:
        page = Path(sys.argv[2])
        page.write_text(with_destinations(page.read_text("utf-8")), "utf-8")
    elif sys.argv[1:]:
        from winback.params import load_params

        sys.stdout.write(render_declared(load_params(Path(sys.argv[1]))))
    else:
        sys.stdout.write(render())
