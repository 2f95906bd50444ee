"""``docs/definitions.md`` out of the declarations: ``python -m winback.definitions``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
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
        "signals": "file of what else happened to customers: `customer_id`, `happened_at`, "
        "`known_at`, `name`, `value`",
        "signal_columns": "which column plays which of these roles, where its header does not say, "
        "such as `{name: what, happened_at: when}`",
        "attributes": "file of what was set of customers: `customer_id`, `known_at`, `name`, "
        "`value`",
        "attribute_columns": "the same for `attributes`",
        "memory_limit": "most memory for reading and sorting; beyond it the disk serves",
        "threads": "threads for reading; null: all cores",
    },
    "snapshot": {
        "horizon_days": "how many days after a cutoff a purchase counts as a return",
        "windows_days": "windows that end at the cutoff; 30, 90, 180 and 365 are always added",
        "every_days": "days between training cutoffs; null: the horizon, held between 14 and 30",
        "most_cutoffs": "most training cutoffs",
        "country": "ISO code of the country whose public holidays the calendar counts",
        "paydays": "days of the month on which wages come",
        "measures": "own numbers per purchase: `name`, `value` (a SQL expression over `day`, "
        "`hour`, `weekday`, `amount`, `items`, `lines`, `repeat_lines`, `new_day`, `gap_days`, or "
        "a function `module:name`), `windows_days`, `aggregates`, `meaning`; docs/features.md",
        "signals": "names from `ingest.signals` that become features: `name`, `windows_days`, "
        "`aggregates`, `closed_by`, `meaning`",
        "attributes": "names from `ingest.attributes`, as known before the cutoff: `name`, "
        "`levels`, `meaning`",
        "custom": "a way out: `columns` from `sql` over the table `past`, or from a `function` "
        "of one customer's past, `meaning`",
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
        "lifetime_days": "days from the cutoff that `lifetime_value` covers, longer than the "
        "horizon; null: no lifetime value",
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
        "send_on": "when the offers leave: a day, `valentines_day`, `womens_day`, `black_friday`, "
        "`christmas` or `payday` (the next one; `winback occasions` lists them), or some days "
        "ahead, such as `3 days before black_friday`; null: the cutoff. Offers count, and the "
        "measurement begins, on that day",
        "budget": "money for contacts and discounts; null: no limit",
        "control_share": "share of the planned customers who get nothing, so that the effect can "
        "be measured",
        "reserve_share": "share of the budget kept back for more redemptions than expected",
        "max_contacts": "most customers contacted; null: no limit",
        "channels": "what each `channel` of the offers can carry, such as `{phone: {per_day: 40, "
        "days: 5, budget: 500}}`: contacts a day, on how many days (1), money of its own; with "
        "`per_day` the list says on which day each is due (`contact_on`), largest gains first",
        "explore_share": "share of the customers, drawn by hash, who are planned any offer they "
        "may have, to learn effects where the plan would not look; at most that share of each "
        "limit",
        "plausible_effect_pp": "points that an offer of unknown effect is thought to add at best",
        "holdout_share": "share of all customers whom no campaign of a calendar year contacts, the "
        "same with the same `salt`, to measure the programme as a whole",
        "history": "files of past assignments, such as `exports/*/assignment.parquet`: "
        "`customer_id`, `assigned_at`, where known `planned_offer`, `campaign_id`; this campaign's "
        "own rows and those from the cutoff on are ignored",
        "quiet_days": "days after a campaign in which a customer, treated or control, is planned "
        "for no other; null: none",
        "contacts_per_year": "most campaigns a customer is planned for in 365 days; null: no limit",
        "complaint_column": "column of scores or snapshots that is above 0 while a complaint is "
        "open; such a customer gets an offer with `for_complaint` or none",
        "subscriber_column": "column that is above 0 for a paying subscriber, who has not left and "
        "gets no offer",
        "require_consent": "true: only customers who have consented; false: all who have not "
        "refused",
        "salt": "secret of the draw; change it once and keep it",
        "draft": "true while nothing of this campaign has left: its exported list may be "
        "replaced, and the former assignment is put aside in `exports/`; false: another assignment "
        "under the same `campaign_id` is refused",
        "seal": "`seal` of the manifest, once the list has left: any other assignment of this "
        "campaign is then refused",
        "offers": "the catalogue, see below; empty: a reminder, free delivery and 10 % off, priced "
        "after the shop's median order",
    },
    "measure": {
        "campaigns": "campaigns that `dvc repro` measures, by name, each with `folder` (it holds "
        "`assignment.parquet` or `.csv` and, once the CRM returned it, `sent.csv` or `.parquet`), "
        "`window_days` (30), `metric` (`returned`, `orders` or `net_spend`, named before the "
        "window closes) and `amounts` (`before_discount` or `after_discount`: what the orders' "
        "amounts are)",
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
    "kind": "`percent_off`, `amount_off`, `free_delivery`, `gift`, `points`, `early_access`, "
    "`content`, `call` or `referral`",
    "discount_share": "share of the order's value; `percent_off` needs it",
    "discount_amount": "what it costs an order; `amount_off`, `free_delivery` and `gift` need it, "
    "`points` this or `discount_share`",
    "contact_cost": "cost of one contact",
    "margin_share": "margin of an order before the discount",
    "min_basket": "smallest order it holds for; customers whose expected order is smaller are not "
    "eligible",
    "redemption_share": "share of the orders it holds for that really use it",
    "max_uses": "on how many orders a customer can use it within `valid_days`; null: on all",
    "eligible": "a condition on columns of the scores and snapshots: names, numbers, `'text'`, "
    "`+ - * /`, comparisons, `in [...]`, `and`, `or`, `not`; empty: everybody",
    "for_complaint": "true: only for customers with an open complaint (`target.complaint_column`), "
    "who get nothing else",
    "channel": "how it is sent",
    "valid_days": "days it holds from the day it leaves (`target.send_on`)",
    "stock": "most customers who can be sent it; null: no limit",
    "group": "name of a group of offers that exclude each other for `not_again_days`",
    "not_again_days": "days after being planned this offer, or one of its `group`, in which a "
    "customer is planned none of them; needs `target.history`",
    "effect_pp": "points by which it raises the chance of an order within `valid_days`, on average "
    "over the eligible; null: "
    "unknown, so the list is the test that measures it",
    "effect_low_pp": "lower end of its 95 % interval; null: a stated effect may be nothing "
    "or twice as much",
    "effect_high_pp": "upper end",
    "effect_source": "`stated` (an assumption) or `measured`, where `effect_pp` is given",
    "effect_from": "a `measurement.json` to take both from, drawn towards nothing as "
    "its width deserves; instead of `effect_pp`",
    "effect_by_segment": "true: each segment of that measurement keeps an effect of its own, drawn "
    "towards the whole's as far as the segments do not differ beyond chance; false: one for all",
    "pull_forward_share": "share of the orders it wins that would have come later without it",
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
        "`n_needed_per_arm`, `sentence`",
        "optimum": "certificate of the choice: its `value`, `lp_bound` (no choice within the "
        "limits is worth more), their `gap`, and `proven` (no choice at all is worth more)",
        "test": "null unless effects are unknown: `readable_on`, `window_days`, `alpha`, `power`, "
        "and by offer `n_treated`, `n_control`, `p_order`, `break_even_pp`, `mde_pp`, "
        "`n_treated_needed`, `n_control_needed`, `campaigns_needed` (of this size), `cost` (what "
        "of the expected cost is lost if it changes nothing), expected `value` of what it teaches "
        "for the next campaign, `value_if_certain`, `sentence`",
        "warnings": "what the reader has to be told: `code` (`public_salt`, `stated_effect`), "
        "`en`, `pl`",
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


def render_declared(params: Params) -> str:
    """The columns that a params.yaml adds to the snapshots, as Markdown."""
    from winback.features import FeatureSet
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
    if sys.argv[1:]:
        from winback.params import load_params

        sys.stdout.write(render_declared(load_params(Path(sys.argv[1]))))
    else:
        sys.stdout.write(render())
