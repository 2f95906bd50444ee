"""What moves the chance to return, over all customers: how much, and in which direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.draws import first_of
from winback.results.scored import Bin, Dependence, Drivers, Importance, ToldColumn
from winback.scoring.reasons import story_of

if TYPE_CHECKING:
    from winback.learning.model import ReturnModel

# As many are drawn as a picture can tell apart from all.
_MOST_CUSTOMERS = 1500
_MOST_BINS = 8
_TOLD_STORIES = 3
_FEW_VALUES = 4

# The column that a reader knows a story by; of another story the one that moves most.
_SHOWN_BY = {
    "silence": "days_since_last_order",
    "orders": "orders_total",
    "trend": "orders_90d",
    "money": "order_value_mean",
    "age": "days_since_first_order",
    "products": "distinct_products_total",
    "refunds": "refund_share",
    "year_ago": "orders_year_ago_90d",
    "habit": "weekend_share",
    "blocks": "block_share",
}


def contributions(model: ReturnModel, snapshots: pd.DataFrame) -> pd.DataFrame:
    """What each snapshot column adds to a customer's log-odds of returning.

    One row per row of ``snapshots``, in its order: ``customer_id``, ``cutoff``, a column of
    log-odds for each snapshot column the model uses, and ``offset``, which is alike for
    everybody. A row's numbers add up to its log-odds, ``log(p_return / (1 - p_return))``.
    """
    keys = snapshots[["customer_id", "cutoff"]]
    return pd.concat([keys, model.contributions(snapshots)], axis=1)


def contributions_by_story(model: ReturnModel, snapshots: pd.DataFrame) -> pd.DataFrame:
    """The same, added up by the stories that reasons are told in.

    Columns: ``customer_id``, ``cutoff``, one for each story (``silence``, ``orders``, ``money``,
    ...), ``rest`` for the columns of none, and ``offset``.
    """
    parts = model.contributions(snapshots)
    table = snapshots[["customer_id", "cutoff"]].copy()
    rest = np.zeros(len(parts))
    for story, of_story in _by_story(parts.drop(columns="offset")).items():
        if story:
            table[story] = of_story.to_numpy(np.float64).sum(axis=1)
        else:
            rest = of_story.to_numpy(np.float64).sum(axis=1)
    return table.assign(rest=rest, offset=parts["offset"])


def describe_drivers(
    model: ReturnModel,
    snapshots: pd.DataFrame,
    declared: Mapping[str, ToldColumn] | None = None,
) -> Drivers:
    """Say which stories move the model's log-odds, and how with their best-known column.

    Contributions are those of `contributions_by_story` (TreeSHAP and the regression's terms);
    columns of no story, among them the calendar and whatever ``declared`` does not know how to
    tell, are together ``rest``. Worked out for at most 1,500 customers, drawn by a hash of their
    id.
    """
    rows = snapshots.iloc[first_of(snapshots["customer_id"], _MOST_CUSTOMERS)]
    declared = declared or {}
    parts = _by_story(model.contributions(rows).drop(columns="offset"), declared)
    labels = {column.name: column.label for column in declared.values()}
    told = {story: part.to_numpy(np.float64).sum(axis=1) for story, part in parts.items()}
    told = {story: effect - effect.mean() for story, effect in told.items() if len(effect)}
    rest = told.pop("", np.zeros(1))
    sizes = {story: round(float(np.abs(effect).mean()), 4) for story, effect in told.items()}
    ranked = sorted((s for s in sizes if sizes[s] > 0), key=lambda story: (-sizes[story], story))
    dependence = []
    for story in ranked[:_TOLD_STORIES]:
        column = _SHOWN_BY.get(story, "")
        if column not in rows or rows[column].isna().all():
            column = str(parts[story].abs().mean().idxmax())
        bins = _bins(rows[column].to_numpy(np.float64, na_value=np.nan), told[story])
        if len(bins) > 1:
            told_as = declared.get(column)
            dependence.append(
                Dependence(story=story, column=column, told=told_as, bins=tuple(bins))
            )
    return Drivers(
        customers=len(rows),
        importance=tuple(
            Importance(story=story, label=labels.get(story), effect=sizes[story])
            for story in ranked
        ),
        rest=round(float(np.abs(rest).mean()), 4),
        dependence=tuple(dependence),
    )


def _by_story(
    parts: pd.DataFrame, declared: Mapping[str, ToldColumn] | None = None
) -> dict[str, pd.DataFrame]:
    """The columns of each story; those of none under an empty name."""
    stories = np.array([story_of(column, declared) or "" for column in parts.columns], object)
    return {story: parts.loc[:, stories == story] for story in sorted(set(stories))}


def _bins(values: Floats, effect: Floats) -> list[Bin]:
    """Mean effect in groups of near-equal numbers of customers with neighbouring values."""
    known = ~np.isnan(values)
    values, effect = values[known], effect[known]
    if len(values) == 0:
        return []
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _MOST_BINS + 1), method="lower"))
    place = np.minimum(np.searchsorted(edges, values, side="right"), max(len(edges) - 1, 1))
    apart = np.unique(values)
    if len(apart) <= _FEW_VALUES:  # a flag's two values are two groups, not the ends of one
        place = np.searchsorted(apart, values)
    found = []
    for number in np.unique(place):
        inside = place == number
        low, high = np.quantile(effect[inside], (0.1, 0.9))
        found.append(
            Bin(
                from_value=round(float(values[inside].min()), 4),
                to=round(float(values[inside].max()), 4),
                customers=int(inside.sum()),
                effect=round(float(effect[inside].mean()), 4),
                low=round(float(low), 4),
                high=round(float(high), 4),
            )
        )
    return found
