"""``docs/definitions.md`` out of the declarations: ``python -m winback.definitions``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from winback.intake.writing import REASONS as QUARANTINE
from winback.offers.catalogue import Offer
from winback.params import Params
from winback.tables import DECISIONS, METHODS, RISK_BANDS, SEGMENTS, Table, tables

PARAMETERS: Mapping[str, Mapping[str, str]] = {
    "ingest": {
        "orders": "the order lines: a CSV, TSV or Parquet file, a pattern, or a folder",
        "columns": "which column plays which role, where names mislead, such as "
        "`{customer: Kunde, amount: Betrag}`",
        "cutoff": 'score as of this day and ignore all from it on, in quotes: `"1998-04-02"`; '
        "null: the day after the last order",
        "timezone": "zone of the shop, such as `Europe/Warsaw`, for instants written in another",
        "currency": "ISO code, where no column says it",
        "day_first": "whether 03/04/2025 is 3 April; null: found out from the column",
        "consent_column": "column that says who may be contacted",
        "contact_columns": "columns, such as an e-mail address, that pass straight into `list.csv`",
        "suppress": "file of customer ids, in its first column, who must never be on a list",
        "memory_limit": "most memory for reading and sorting; beyond it the disk serves",
        "threads": "threads for reading; null: all cores",
    },
    "snapshot": {
        "horizon_days": "how many days after a cutoff a purchase counts as a return",
        "windows_days": "windows that end at the cutoff; 30, 90, 180 and 365 are always added",
        "every_days": "days between training cutoffs; null: the horizon, held between 14 and 30",
        "most_cutoffs": "most training cutoffs",
        "country": "ISO code of the country whose public holidays the calendar counts",
        "threads": "threads; the result does not depend on it",
    },
    "train": {
        "horizons_days": "further horizons that get a probability",
        "seeds": "models of different seeds that are averaged",
        "learning_rate": "LightGBM's `learning_rate`",
        "num_leaves": "LightGBM's `num_leaves`",
        "min_rows_in_leaf": "LightGBM's `min_data_in_leaf`",
        "feature_share": "LightGBM's `feature_fraction`",
        "row_share": "LightGBM's `bagging_fraction`",
        "l2": "LightGBM's `lambda_l2`",
        "path_smooth": "LightGBM's `path_smooth`",
        "max_rounds": "most boosting rounds",
        "patience_rounds": "rounds without gain on later cutoffs before boosting stops",
        "step_rounds": "rounds of each further horizon's model",
        "value_rounds": "rounds of the models of expected orders and spend",
        "max_rows": "snapshots learned from, at most; a fixed sample beyond that",
        "threads": "threads; the result does not depend on it",
    },
    "evaluate": {
        "origins": "at how many of the newest closed cutoffs the model is judged",
        "resamples": "bootstrap draws of customers for the intervals; 0: no intervals",
        "active_days": "who counts as recently active; null: two horizons",
    },
    "score": {
        "medium_risk_above": "churn above which the band is at least `medium`",
        "high_risk_above": "churn above which the band is `high`",
        "explain_rows": "customers who get reasons, those with most expected spend first",
    },
    "target": {
        "campaign_id": "name of the campaign and of its folder in `exports/`; a new name draws a "
        "new control group",
        "budget": "money for contacts and discounts; null: no limit",
        "control_share": "share of the planned customers who get nothing, so that the effect can "
        "be measured",
        "reserve_share": "share of the budget kept back for more redemptions than expected",
        "max_contacts": "most customers contacted; null: no limit",
        "plausible_effect_pp": "points that an offer of unknown effect is thought to add at best",
        "require_consent": "true: only customers who have consented; false: all who have not "
        "refused",
        "salt": "secret of the draw; change it once and keep it",
        "offers": "the catalogue, see below; empty: a reminder, free delivery and 10 % off, priced "
        "after the shop's median order",
    },
    "report": {
        "language": "`en` or `pl`, of the report and of the list",
        "shop_name": "stands on the report",
    },
    "track": {
        "experiment": "MLflow experiment",
        "model_name": "name in MLflow's model registry",
    },
}

OFFER: Mapping[str, str] = {
    "name": "lower-case letters, digits and `_`; not `control`",
    "kind": "`percent_off`, `amount_off`, `free_delivery`, `gift`, `points`, `content` or `call`",
    "discount_share": "share of the order's value; `percent_off` needs it",
    "discount_amount": "what it costs an order; `amount_off`, `free_delivery` and `gift` need it",
    "contact_cost": "cost of one contact",
    "margin_share": "margin of an order before the discount",
    "min_basket": "customers whose expected order is smaller are not eligible",
    "redemption_share": "share of orders in the window that really use it",
    "eligible": "a condition on columns of the scores and snapshots: names, numbers, `'text'`, "
    "`+ - * /`, comparisons, `in [...]`, `and`, `or`, `not`; empty: everybody",
    "channel": "how it is sent",
    "valid_days": "days it holds from the cutoff",
    "effect_pp": "points by which it raises the chance of an order within `valid_days`; null: "
    "unknown, so the list is the test that measures it",
    "effect_source": "`stated` or `measured`, where `effect_pp` is given",
    "label": "its name for people: `{en: ..., pl: ...}`",
}

# Top-level keys of the small result files; the nested ones in words.
RESULTS: Mapping[str, Mapping[str, str]] = {
    "ingest.json": {
        "lines_in": "lines read; = kept + set aside + ignored",
        "lines_kept": "lines that went into `orders.parquet`",
        "lines_set_aside": "`total` and `by_reason`",
        "lines_ignored": "good lines from the cutoff on",
        "rows_added": "refunds that the source has as a column of the order, made rows",
        "purchases, customers, first_day, last_day, cutoff": "of the lines kept",
        "amount_scale, currency": "minor units in one unit of the currency, and its ISO code",
        "amounts_rounded": "amounts with float noise rounded away",
        "possible_repeats_kept": "equal lines of a source without order ids",
        "signs_turned": "positive lines of credit notes, made negative",
        "columns, understood, files": "which column plays which role, and all that was assumed",
        "suspicious_customers": "accounts that look like a till, a test or staff",
        "orders_sha256": "hash of the canonical orders",
    },
    "training.json": {
        "kind": "`blend`, `regression`, `habit`, `base_rate` or `unproven`: what the history was "
        "enough for",
        "cutoff, rows, returned": "as of when, from how many snapshots, of which returned",
        "base_rates": "share that returned, by training cutoff",
        "level": "share expected to return at the cutoff; this and the next not in simpler models",
        "blend": "weights of the trees and of the regression, in log-odds around the level",
        "rounds": "boosting rounds",
    },
    "evaluation.json": {
        "horizon_days, active_days, cutoffs, n_bootstrap": "what was judged, and when",
        "judged_on": "`time` (later cutoffs) or `customers` (other customers; short history)",
        "model_kind": "as in training.json",
        "populations": "`everyone` and `recently_active`: `n`, `customers`, `base_rate`, and by "
        "method `roc_auc`, `pr_auc`, `log_loss`, `brier`, `calibration_slope`, "
        "`calibration_intercept`, `ece`, `lift_at_5`, `lift_at_10`, `lift_at_20`, each with "
        "`value`, `low`, `high` (95 %), and `mean_p`",
        "by_cutoff": "the same within each cutoff, without intervals",
        "verdict": "`model`, `best_simple`, the differences with intervals, `beats` (null: too "
        "little to say), `sentence`",
        "season_warning": "a sentence where the mean prediction defies the season, else null",
    },
    "target.json": {
        "campaign_id, cutoff, currency, budget": "what was planned, as of when, for how much",
        "n_scored, n_eligible, n_planned, n_listed, n_control": "customers at each step; planned = "
        "listed + control",
        "arms": "by offer and for `control`: `n`, `expected_cost`, `expected_gain`, "
        "`effect_source`",
        "reasons": "customers by the reason in `decisions.parquet`",
        "expected_cost, expected_gain": "of the list; gain is null unless all effects are known",
        "effect_known": "whether all planned offers have an `effect_pp`",
        "window_days": "days after the cutoff in which orders count for the measurement: the "
        "longest `valid_days` of the catalogue",
        "break_even_pp": "by offer: points at which it earns its cost, on average",
        "power": "`effect_pp` looked for, `mde_pp` that groups of these sizes can see, "
        "`n_needed_per_arm`, `sentence`",
        "optimum": "how far the choice can be from the best one within the budget",
    },
    "manifest.json": {
        "campaign_id, cutoff, language, offers, columns": "what the list is",
        "rows": "`list`, `assignment`, `control`",
        "blanked": "cells left empty because they were no address or id, by column",
        "sha256": "hash of each file beside it",
        "versions": "`orders_sha256`, `code` (hash of the package's source), `params`, `model`",
        "ingest, model, target, verdict, season_warning, params": "only from `winback run`, which "
        "writes no separate files of them",
    },
}  # fmt: skip

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
`exports/<campaign>/`; `winback run --out DIR` writes `scores`, `decisions`, `assignment`, `list`,
`quarantine` and the JSON files' contents into `DIR`, `orders` and `contacts` into `DIR/orders/`.
"""


def render() -> str:
    """The whole page, as Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Tables\n"
    codes = {
        "quarantine.csv": ("reason", QUARANTINE),
        "scores.parquet": ("segment", SEGMENTS),
        "decisions.parquet": ("reason", DECISIONS),
        "calibration.csv": ("method", METHODS),
    }
    for table in tables():
        yield from _table(table)
        if table.name in codes:
            yield from _rows((codes[table.name][0], "means"), _coded(codes[table.name][1]))
        if table.name == "scores.parquet":
            yield from _rows(("risk_band", "means; the first that holds"), _coded(RISK_BANDS))
    yield "## Small results\n"
    for name, keys in RESULTS.items():
        yield f"### {name}\n"
        yield from _rows(("key", "meaning"), _coded(keys))
    yield "## params.yaml\n"
    yield (
        "A missing key has its default, an unknown one is an error. The file of this repository "
        "sets some keys otherwise, for the demonstration.\n"
    )
    for section, meanings in PARAMETERS.items():
        yield f"### {section}\n"
        fields = getattr(Params.model_fields[section].annotation, "model_fields", {})
        yield from _rows(("key", "default", "meaning"), _settings(fields, meanings))
    yield "### target.offers\n"
    yield "Each entry is one offer; money is in the currency of the orders.\n"
    yield from _rows(("key", "default", "meaning"), _settings(Offer.model_fields, OFFER))


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


def _settings(
    fields: Mapping[str, FieldInfo], meanings: Mapping[str, str]
) -> list[tuple[str, ...]]:
    return [
        (f"`{name}`", _default(field), meanings[name].replace("|", "\\|"))
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


if __name__ == "__main__":
    sys.stdout.write(render())
