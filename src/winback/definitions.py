"""``docs/definitions.md`` out of the declarations: ``python -m winback.definitions``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

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
from winback.results.offered import Offer
from winback.tables import history, judged, outcomes, planned, scored
from winback.tables.table import Table

# Top-level keys of the small result files; the nested ones in words.
RESULTS: Mapping[str, Mapping[str, str]] = {
    "ingest.json": {
        "lines_in": "lines read; = kept + set aside + ignored",
        "lines_kept": "lines that went into `orders.parquet`",
        "lines_set_aside": "`total` and `by_reason`",
        "lines_ignored": "good lines from the cutoff on",
        "rows_added": "refunds that the source has as a column of the order, made rows",
        "purchases, customers, first_day, last_day, cutoff": "of the lines kept; a purchase that "
        "is cancelled or sent back later was one all the same",
        "refunds": "cancellations and refunds, whole or in part: one a customer, order and day",
        "amount_scale, currency": "minor units in one unit of the currency, and its ISO code",
        "amounts_rounded": "amounts with float noise rounded away",
        "possible_repeats_kept": "equal lines of a source without order ids",
        "signs_turned": "positive lines of credit notes and of refund events, made negative",
        "columns, understood, files": "which column plays which role, and all that was assumed",
        "suspicious_customers": "accounts that look like a till, a test or staff",
        "signals, attributes": "null without a file; else `files`, `lines_in` = `lines_kept` + "
        "`lines_set_aside` (`total`, `by_reason`) + `lines_ignored` (from the cutoff "
        "on, or replaced by a later line of the same instant), `lines_of_strangers` (kept, of "
        "customers without an order), `customers`, `names` (usable lines by name), `values` (those "
        "of them with a value), `columns`, `sha256`",
        "orders_sha256": "hash of the canonical orders",
    },
    "training.json": {
        "kind": "`blend`, `regression`, `habit`, `base_rate` or `unproven`: what the history was "
        "enough for; `rule` where a simple rule did better",
        "rule": "the simple rule that gives the scores, else null",
        "cutoff, rows, returned": "as of when, from how many snapshots, of which returned",
        "rows_left_out_treated": "snapshots whose outcome an offer may have touched",
        "base_rates": "share that returned, by training cutoff",
        "level": "share expected to return at the cutoff; this and the next not in simpler models",
        "blend": "weights of the trees and of the regression, in log-odds around the level",
        "rounds": "boosting rounds",
        "learned_days, rows_of_part": "days of the horizon that were learned: all, but where "
        "closed windows saw too little past the first days, which newer windows taught as well; "
        "from how many snapshots then, else null. `rows`, `returned` and `base_rates` count whole "
        "windows",
        "evidence": "whether there was enough to learn from, see `judge_evidence`: `level` "
        "(`enough`, `thin` or `unproven`), what was counted, `sentence`, and `concerns` with what "
        "to do about each",
    },
    "churn.json": {
        "cutoff, customers, rhythm_share": "as of when, of how many customers, and which share of "
        "them has a usual gap of its own; only from `winback churn`",
        "horizon_days, holds, recommendation, rhythm": "the recommended horizon, whether it keeps "
        "to the tolerated share of mistakes, and why, in words",
        "horizons, year_days": "by horizon: `mistaken_share` of the customers who came back within "
        "`year_days`, with `low` and `high` (95 %)",
        "comebacks": "by rule and wait: `silences` it called churned and `returned_share`, `low`, "
        "`high`; the same as `churn.csv`",
        "lists, overlap": "by rule: `customers` it calls churned, `share`; by pair: `both`, "
        "`overlap`",
        "gaps, gap_days": "customers who bought again within `days`; quantiles of ended gaps",
    },
    "tuning.json": {
        "settings, changed": "the best settings found, for `train` in params.yaml, and whether "
        "they differ from the given ones; only from `winback tune`",
        "tuned_on, proved_on": "cutoffs that were searched, and later ones that were not",
        "log_loss, log_loss_given, difference, better, sentence": "on the latter: of the tuned and "
        "the given settings, with a 95 % interval over customers; the trials are in `trials.csv`",
    },
    "drivers.json": {
        "customers": "customers looked at",
        "importance": "by story, largest first: mean size of its contribution, in log-odds",
        "rest": "the same of all that is in no story, such as the calendar",
        "dependence": "for the largest stories: `column`, and by group of its value `from`, `to`, "
        "`customers`, mean `effect` in log-odds, `low` and `high` (the middle 80 %)",
    },
    "evaluation.json": {
        "horizon_days, active_days, cutoffs, n_bootstrap": "what was judged, and when",
        "judged_on": "`time` (later cutoffs), `first_days` (later cutoffs, but only the horizon's "
        "first `horizon_days`; short history) or `customers` (other customers)",
        "model_kind": "as in training.json",
        "populations": "`everyone`, `recently_active`, `one_time_buyers`: `n`, `customers`, "
        "`base_rate`, and by method `roc_auc`, `pr_auc`, `log_loss`, `brier`, `calibration_slope`, "
        "`calibration_intercept`, `ece`, `lift_at_5`, `lift_at_10`, `lift_at_20`, each with "
        "`value`, `low`, `high` (95 %), and `mean_p`",
        "by_cutoff": "the same within each cutoff, without intervals",
        "verdict": "`model`, `best_simple`, the differences with intervals, `beats` (null: too "
        "little to say), `sentence`, and the `champion`, see `choose_champion`: the `method` that "
        "gives the scores, the cutoffs that were its `judges`, the `rival` and its `lead` in log "
        "loss, what would have been chosen `at_cutoffs`, `log_loss` of those choices beside "
        "`log_loss_model`, `sentence`",
        "value": "how expected spend came true, see `evaluate_value`: `n`, `methods` (`winback`, "
        "`literature`, `previous`: normalised `gini`, `bias` = total predicted over total spent, "
        "`mae`), `orders_bias`, `coverage` of the interval, `by_decile`, `lifetime`",
    },
    "target.json": {
        "campaign_id, cutoff, currency, budget": "what was planned, as of when, for how much",
        "send_on": "day the offers leave and count from, by `target.send_on`, or the cutoff",
        "n_scored, n_eligible, n_planned, n_listed, n_control": "customers at each step; planned = "
        "listed + control",
        "arms": "by offer and for `control`: `n`, `expected_cost`, `expected_gain`, "
        "`effect_source`, `effect_pp`, `effect_low_pp`, `effect_high_pp`",
        "n_explored, holdout_share": "of the planned, those explored; share of the universal "
        "hold-out",
        "limits": "by limit (`budget`, `max_contacts`, each channel's, each stock): its `amount`, "
        "what the list is expected to have `used`, the `price` (gain that one more unit brings)",
        "reasons": "customers by the reason in `decisions.parquet`",
        "expected_cost, expected_gain": "of the list as drawn: its contacts and the discounts on "
        "all orders that use an offer, at the effect reckoned with (the plausible one where it is "
        "unknown); gain is null unless all effects are known",
        "gain_low, gain_high": "95 % interval of the gain, by the intervals of the effects and of "
        "the level of the return chance; of unknown effects: from no effect to the plausible one",
        "assumed": "smallest and largest `margin_share` and `contact_cost` of the catalogue, on "
        "which all money rests",
        "effect_known": "whether all planned offers have an `effect_pp`",
        "window_days": "days after `send_on` in which orders count for the measurement: the "
        "longest `valid_days` of the catalogue",
        "break_even_pp": "by offer: points at which it earns its cost, on average",
        "power": "`effect_pp` looked for, `mde_pp` that groups of these sizes can see, "
        "`n_needed_per_arm`",
        "optimum": "certificate of the choice: its `value`, `lp_bound` (no choice within the "
        "limits is worth more), their `gap`, and `proven` (no choice at all is worth more)",
        "test": "null unless effects are unknown: `readable_on`, `window_days`, `alpha`, `power`, "
        "and by offer `n_treated`, `n_control`, `p_order`, `break_even_pp`, `mde_pp`, "
        "`n_treated_needed`, `n_control_needed`, `campaigns_needed` (of this size), `cost` (what "
        "of the expected cost is lost if it changes nothing), expected `value` of what it teaches "
        "for the next campaign, `value_if_certain`",
        "warnings": "what the reader has to be told: `code` (`offers.public_salt`, "
        "`offers.stated_effect`) and its `values`",
        "seal": "hash of who was planned what and which arm was drawn",
    },
    "measurement.json": {
        "verdict": "of the measure named in `metric`, as assigned: `works`, `harms`, "
        "`not_distinguishable`, or `invalid` for the `problems`; `dvc repro` writes null while "
        "the window is open",
        "returned, orders, net_spend": "share that returned, purchases and net spend a customer "
        "in the window: `mean_treated`, `mean_control`, `effect`, `low`, `high` (95 %), "
        "`relative`, `minimal_detectable_effect`; `cuped` (past behaviour taken out, with "
        "`variance_removed`), `stratified` (within strata) and `cace` (per message sent), each "
        "with `effect`, `low`, `high`, or null",
        "minimal_detectable_effect": "smallest change of the metric that a campaign of this size "
        "had an 80 % chance to find",
        "n, n_treated, n_control, n_in_orders": "customers by arm, by side, and how many of them "
        "the orders know",
        "srm_p, srm_against": "sample-ratio check: chance of a split this far from the drawn one "
        "(below 0.001: `invalid`), and where the drawn one is known from (`probability`, "
        "`control_share`, `equal_split`, `unknown`)",
        "balance": "the arms before the draw: `covariate`, its `scale` (`share`, `log`, `root`), "
        "means, `standardised_difference`, `p`",
        "by_offer, by_segment": "each offer or segment against its own control: effect of the "
        "metric with `p`, `p_holm` (over all of them) and `verdict`, of the other measures, and "
        "what carries over to other customers: `hazard_ratio`, how many times faster the treated "
        "returned, and `orders_ratio`, how many times as many they ordered (past behaviour taken "
        "out); each offer also by segment (`by_segment`); "
        "segments by the assignment's `segment`, `risk_band` or `stratum`, else by thirds of "
        "`p_return` (`column` says which)",
        "came_anyway_share": "of the treated who returned, those who would have come without: "
        "`value`, `low`, `high`",
        "after_window": "orders in as many days after the window, treated less control (below 0: "
        "moved forward), and the effect over `both_windows`; null until they have passed",
        "profit": "`margin_added` less `discounts` and `contacts` (`offer_cost`): `per_customer`, "
        "`total`, `return_on_cost`, each with its interval; null where the offers are not known",
        "predicted": "against what came: `p_return` (on the control, over its own days), `effect`, "
        "`gain`; null where nothing was predicted",
        "sent": "what the CRM says it sent: shares of treated and control reached, and rows left "
        "out by reason; null without its file",
        "metric, window_days, assigned_from, assigned_to, history_until": "what was measured, when",
        "problems, cautions, sentence": "codes of what makes it invalid; what to know beside the "
        "verdict, and the verdict, in words",
        "repeated_rows, in_both_arms, mended": "rows that repeated a customer, customers in both "
        "arms, and what was put right (`leading_zeros`, `assigned_at_cut_to_days`)",
    },
    "measurement.json of --holdout-since": {
        "total": "of the whole programme since that day, besides all of the above (arms `control`, "
        "held out of every campaign, and `programme`, everybody else): what it added to `orders` "
        "and `net_spend` in all, each with its interval",
        "campaigns, planned_share, planned_holdout": "by `target.history`: campaigns in that time, "
        "share of `programme` planned for any, and held-out customers planned all the same",
    },
    "manifest.json": {
        "campaign_id, cutoff, language, offers, columns": "what the list is",
        "rows": "`list`, `assignment`, `control`",
        "blanked": "cells left empty because they were no address or id, by column",
        "sha256": "hash of each file beside it",
        "seal": "hash of who was planned what and which arm was drawn; goes into `target.seal` "
        "once the list has left",
        "draft": "whether it was exported while `target.draft` was true",
        "versions": "`orders_sha256`, `code` (hash of the package's source), `params`, `model`",
        "ingest, model, target, verdict, params": "only from `winback run`, which "
        "writes no separate files of them",
    },
}  # fmt: skip

# What an entry of a list or a mapping in params.yaml has.
ENTRIES: Mapping[str, tuple[type[BaseModel], str]] = {
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
`exports/<campaign>/`; `winback run --out DIR` writes `scores`, `decisions`, `assignment`, `list`,
`quarantine` and the JSON files' contents into `DIR`, `orders`, `signals` and `attributes` into
`DIR/orders/`.
"""


def tables() -> tuple[Table, ...]:
    """Every table, in the order of the flow."""
    return (
        history.ORDERS, history.contacts(), history.SIGNALS, history.ATTRIBUTES,
        history.QUARANTINE, snapshot_table(FeatureSet()), outcomes.OUTCOMES, outcomes.RESTATED,
        outcomes.FIRST_DAYS, judged.BACKTEST, scored.scores(), planned.DECISIONS,
        planned.ASSIGNMENT, planned.campaign_list(), judged.CALIBRATION, judged.LIFT,
        planned.PROFIT,
    )  # fmt: skip


def render() -> str:
    """The whole page, as Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Tables\n"
    codes = {
        "quarantine.csv": ("reason", QUARANTINE),
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


if __name__ == "__main__":
    if sys.argv[1:]:
        from winback.params import load_params

        sys.stdout.write(render_declared(load_params(Path(sys.argv[1]))))
    else:
        sys.stdout.write(render())
