"""One row a customer, as the planner, the report and the CRM read it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from winback.learning.model import ReturnModel
from winback.learning.rivals import Rivals
from winback.params import ScoreSettings, check_params
from winback.results.scored import ToldColumn
from winback.said.reasons import COLUMNS, SEASON_DAY, Row, Telling
from winback.scoring.reasons import Usual, told_stories
from winback.scoring.segments import named_segments, rfm_scores
from winback.scoring.yearly import next_season, still_due
from winback.tables.scored import RIVALS

RISK_BANDS = ("low", "medium", "high", "new", "lost")

REASON_COLUMNS = tuple(f"reason_{k}{language}" for language in ("", "_pl") for k in (1, 2, 3))

# Customers from whom the mean contribution is taken, evenly over the ids.
_USUAL_CUSTOMERS = 500


def score_customers(
    model: ReturnModel,
    snapshots: pd.DataFrame,
    settings: ScoreSettings | Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Score every customer with a purchase before the cutoff.

    One row per customer of ``snapshots`` (which are of one cutoff), sorted by
    ``customer_id``. Reasons are null until `add_reasons` fills them for the customers who
    matter. Probabilities are null when the model is unproven.
    """
    if settings is None or not isinstance(settings, ScoreSettings):
        settings = check_params({"score": dict(settings or {})}, "settings").score
    rows = _by_customer(snapshots)
    predicted = model.predict(rows).round(6)
    table = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "cutoff": rows["cutoff"],
            "horizon_days": np.full(len(rows), model.horizon_days, np.int32),
        }
    )
    table = pd.concat([table, predicted], axis=1)
    table = table.assign(**rfm_scores(rows))
    table["segment"] = named_segments(table, still_due(rows))
    table["risk_band"] = _risk_bands(rows, table["p_return"], model.horizon_days, settings)
    table["days_since_last_order"] = rows["days_since_last_order"].astype("int32")
    table["first_order_on"] = rows["first_order_on"]
    table["last_order_on"] = rows["last_order_on"]
    table["expected_next_order_on"] = _next_order(rows)
    for name in ("orders_total", "spend_total", "order_value_mean", "refund_share"):
        table[name] = rows[name].astype(float).round(4)
    table["orders_total"] = table["orders_total"].astype("int32")
    for name in REASON_COLUMNS:
        table[name] = None
    table["model_version"] = model.version
    return table


def add_reasons(
    scores: pd.DataFrame,
    model: ReturnModel,
    snapshots: pd.DataFrame,
    customer_ids: set[str] | None = None,
    *,
    currency: str = "",
    declared: Mapping[str, ToldColumn] | None = None,
) -> pd.DataFrame:
    """The same scores with three reasons in words, in English and in Polish.

    Where all have the same chance, or none has any, the first says so instead, and by what the
    list is ordered; the others stay null.

    For the customers named (all when None). A reason is what sets the customer apart: its
    contribution less the mean one of the shop's customers, and told beside the shop's average.
    ``declared`` says how columns of the shop's own are told
    (`winback.snapshots.declared.told_columns`); those it does not know are not. TreeSHAP costs
    about a hundred predictions, hence only for the rows that leave in a list.
    """
    wanted = scores["customer_id"]
    chosen = wanted if customer_ids is None else wanted[wanted.isin(customer_ids)]
    if chosen.empty:
        return scores
    rows = snapshots.set_index("customer_id").loc[chosen]
    everybody = _by_customer(snapshots)
    sample = everybody.iloc[:: max(1, len(everybody) // _USUAL_CUSTOMERS)]
    parts = model.contributions(sample)
    if list(parts.columns) == ["offset"]:  # all have the same chance, or none
        words = _nothing_told(rows, "no_chance" if model.kind == "unproven" else "same_chance")
    else:
        apart = model.contributions(rows) - parts.mean()
        usual = Usual.of(everybody, sample, parts, COLUMNS, declared or {})
        words = reasons_in_words(
            apart, rows, currency=currency, horizon_days=model.horizon_days, usual=usual
        )
    words.index = chosen.index
    scores = scores.copy()
    for name in REASON_COLUMNS:
        scores[name] = scores[name].astype(object)
        scores.loc[words.index, name] = words[name]
    return scores


def _by_customer(snapshots: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order of their ids; of a large shop not copied where they stand so."""
    if snapshots["customer_id"].is_monotonic_increasing:
        return snapshots.reset_index(drop=True)
    return snapshots.sort_values("customer_id", kind="stable", ignore_index=True)


def reasons_in_words(
    contributions: pd.DataFrame, snapshots: pd.DataFrame, *, currency: str = "",
    horizon_days: int | None = None, usual: Usual | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Three reasons per row, ``reason_1`` to ``reason_3`` and the same in Polish (``_pl``).

    Args:
        contributions: log-odds by snapshot column, less the shop's mean ones, against which
            they are told (`winback.scoring.scores.add_reasons`).
        snapshots: the same rows' snapshot columns.
        currency: written behind amounts.
        horizon_days: how long the snapshots' blocks are, as weeks, fortnights or months.
        usual: what reasons are told beside; None: every story is told, without a number beside.
    """
    usual = usual or Usual()
    rows = _rows(snapshots, usual.declared)
    stories = told_stories(contributions, rows, usual)
    texts: dict[str, list[str | None]] = {}
    for suffix, language in (("", "en"), ("_pl", "pl")):
        telling = Telling(
            language, currency, horizon_days, means=usual.means, alike=usual.recent_of_alike,
            own=usual.declared,
        )  # fmt: skip
        said = [telling.reasons(of_row, row) for of_row, row in zip(stories, rows, strict=True)]
        for k in range(3):
            texts[f"reason_{k + 1}{suffix}"] = [each[k] if k < len(each) else None for each in said]
    return pd.DataFrame(texts, index=snapshots.index)


def _nothing_told(snapshots: pd.DataFrame, why: str) -> pd.DataFrame:
    """Why a list that tells nobody apart is in the order it is, instead of reasons for a score."""
    rows = _rows(snapshots)
    texts: dict[str, list[str | None]] = {name: [None] * len(rows) for name in REASON_COLUMNS}
    for suffix, language in (("", "en"), ("_pl", "pl")):
        telling = Telling(language)
        texts[f"reason_1{suffix}"] = [telling.place(why, row) for row in rows]
    return pd.DataFrame(texts, index=snapshots.index, dtype=object)


def _rows(snapshots: pd.DataFrame, declared: Mapping[str, ToldColumn] = {}) -> list[Row]:
    """The numbers that stories are told with, one mapping a row."""
    named = [name for name in dict.fromkeys((*COLUMNS, *declared)) if name in snapshots]
    values = snapshots[named].to_numpy(np.float64, na_value=np.nan)
    if {"yearly_gaps", "first_order_on", "last_order_on"} <= set(snapshots.columns):
        day = next_season(snapshots)
        number = np.where(np.isnat(day), np.nan, day.astype(np.int64))
        named, values = [*named, SEASON_DAY], np.column_stack([values, number])
    return [dict(zip(named, each, strict=True)) for each in values.tolist()]


def _risk_bands(
    rows: pd.DataFrame, p_return: pd.Series, horizon_days: int, settings: ScoreSettings
) -> pd.Series:
    """new: one recent order; lost: silent beyond any rhythm; else by the chance of no return."""
    silent = rows["days_since_last_order"].to_numpy(np.float64)
    gap = rows["gap_mean_days"].to_numpy(np.float64, na_value=np.nan)
    churn = 1 - p_return.to_numpy(np.float64, na_value=np.nan)
    # Without a proven model the bands say how long the silence is, in horizons.
    churn = np.where(np.isnan(churn), np.clip(silent / horizon_days, 0, 1) * 0.99, churn)
    single = rows["orders_total"].to_numpy() == 1
    rhythm = np.where(np.isnan(gap), 0.0, gap)
    bands = np.select(
        [
            single & (silent <= min(horizon_days, 30)),
            silent > np.maximum(max(365, 2 * horizon_days), 5 * rhythm),
            churn > settings.high_risk_above,
            churn > settings.medium_risk_above,
        ],
        ["new", "lost", "high", "medium"],
        "low",
    )
    return pd.Series(bands, rows.index)


def _next_order(rows: pd.DataFrame) -> pd.Series:
    """The last order plus the customer's usual gap, leaning on the shop's where gaps are few.

    Whoever buys in one season of each year is due in the next. Null when that day has passed: an
    overdue customer has no honest date.
    """
    gap = rows["gap_mean_days"].to_numpy(np.float64, na_value=np.nan)
    gaps = np.maximum(rows["order_days_total"].to_numpy(np.float64) - 1, 0)
    known = ~np.isnan(gap)
    if not known.any():
        return pd.Series(pd.NaT, rows.index, dtype="datetime64[s]")
    shop = float(np.median(gap[known]))
    usual = np.where(known, (np.nan_to_num(gap) * gaps + shop * 2) / (gaps + 2), shop)
    days = np.rint(usual).astype("timedelta64[D]")
    expected = rows["last_order_on"].to_numpy("datetime64[D]") + days
    season = next_season(rows)
    expected = np.where(np.isnat(season), expected, season)
    late = expected < rows["cutoff"].to_numpy("datetime64[D]")
    return pd.Series(pd.to_datetime(expected).as_unit("s"), rows.index).mask(late)


def score_table(scores: pd.DataFrame) -> pa.Table:
    """The scores as Arrow: days as dates, absent values null."""
    columns: dict[str, pa.Array] = {}
    for name in scores.columns:
        values = scores[name]
        if values.dtype.kind == "M":
            columns[name] = pa.array(values.to_numpy("datetime64[D]"))
        elif name in REASON_COLUMNS or values.dtype == object or values.dtype == "str":
            columns[name] = pa.array(values, pa.string(), from_pandas=True)
        else:
            columns[name] = pa.array(values.to_numpy(), from_pandas=True)
    return pa.table(columns)


def rivals_table(
    rivals: Rivals, snapshots: pd.DataFrame, scores: pd.DataFrame, own: ReturnModel | None
) -> pa.Table:
    """What others say of the customers scored, in their order; the rule's name in the metadata.

    Args:
        rivals: what the train stage kept beside the model.
        snapshots: of the same customers, as what was just trained measures them.
        scores: of `score_customers`.
        own: the return model itself, where a simple rule gives the scores.
    """
    rows = _by_customer(snapshots)
    of_model = scores["p_return"] if own is None else own.predict(rows)["p_return"]
    horizon = int(scores["horizon_days"].iloc[0]) if len(scores) else 0
    said = rivals.predict(rows, of_model.to_numpy(np.float64), horizon)
    table = pa.Table.from_pandas(said, preserve_index=False).cast(RIVALS.schema)
    name = rivals.best_rule.name if rivals.best_rule else ""
    return table.replace_schema_metadata({"best_rule": name})
