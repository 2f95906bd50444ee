"""What moves the chance to return, over all customers: how much, and in which direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.scoring.reasons import story_of

if TYPE_CHECKING:
    from winback.learning.model import ReturnModel

Floats = NDArray[np.float64]

# As many are drawn as a picture can tell apart from all.
_MOST_CUSTOMERS = 1500
_MOST_BINS = 8
_TOLD_STORIES = 3

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
}


def describe_drivers(model: ReturnModel, snapshots: pd.DataFrame) -> dict[str, Any]:
    """Say which stories move the model's log-odds, and how with their best-known column.

    Contributions are those of `ReturnModel.contributions` (TreeSHAP and the regression's
    terms), added up by the stories that reasons are told in; columns of no story, among them
    the calendar and whatever no reason may name, are together ``rest``. Worked out for at most
    1,500 customers, drawn by a hash of their id.

    Gives ``customers`` (how many were looked at); ``importance``, one entry a story, largest
    first: ``story`` and ``effect``, the mean size of its contribution in log-odds; ``rest``;
    and ``dependence`` for the three largest: ``story``, ``column`` and ``bins`` of the column's
    value ``from`` ... ``to`` with ``customers``, the story's mean ``effect`` against the average
    customer, and the range ``low`` to ``high`` of its middle eight tenths. Empty where all
    customers have the same chance.
    """
    drawn = pd.util.hash_pandas_object(snapshots["customer_id"], index=False).to_numpy()
    chosen = np.sort(np.argsort(drawn, kind="stable")[:_MOST_CUSTOMERS])
    rows = snapshots.iloc[chosen]
    parts = model.contributions(rows).drop(columns="offset")
    stories = np.array([story_of(column) or "" for column in parts.columns], dtype=object)
    told = {
        story: parts.loc[:, stories == story].to_numpy(np.float64).sum(axis=1)
        for story in sorted(set(stories))
    }
    told = {story: effect - effect.mean() for story, effect in told.items() if len(effect)}
    rest = told.pop("", np.zeros(1))
    sizes = {story: round(float(np.abs(effect).mean()), 4) for story, effect in told.items()}
    ranked = sorted((s for s in sizes if sizes[s] > 0), key=lambda story: (-sizes[story], story))
    dependence = []
    for story in ranked[:_TOLD_STORIES]:
        own = parts.loc[:, stories == story]
        column = _SHOWN_BY.get(story, "")
        if column not in rows or rows[column].isna().all():
            column = str(own.abs().mean().idxmax())
        bins = _bins(rows[column].to_numpy(np.float64, na_value=np.nan), told[story])
        if len(bins) > 1:
            dependence.append({"story": story, "column": column, "bins": bins})
    return {
        "customers": len(rows),
        "importance": [{"story": story, "effect": sizes[story]} for story in ranked],
        "rest": round(float(np.abs(rest).mean()), 4),
        "dependence": dependence,
    }


def _bins(values: Floats, effect: Floats) -> list[dict[str, Any]]:
    """Mean effect in groups of near-equal numbers of customers with neighbouring values."""
    known = ~np.isnan(values)
    values, effect = values[known], effect[known]
    if len(values) == 0:
        return []
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _MOST_BINS + 1), method="lower"))
    place = np.minimum(np.searchsorted(edges, values, side="right"), max(len(edges) - 1, 1))
    found = []
    for number in np.unique(place):
        inside = place == number
        low, high = np.quantile(effect[inside], (0.1, 0.9))
        found.append(
            {
                "from": round(float(values[inside].min()), 4),
                "to": round(float(values[inside].max()), 4),
                "customers": int(inside.sum()),
                "effect": round(float(effect[inside].mean()), 4),
                "low": round(float(low), 4),
                "high": round(float(high), 4),
            }
        )
    return found
