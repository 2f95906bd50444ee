"""How much a customer is worth beside the others: low, medium or high."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from winback.results.listed import ValueBands

_BASES: tuple[Literal["lifetime_value", "expected_net_spend"], ...] = (
    "lifetime_value", "expected_net_spend",
)  # fmt: skip


def value_bands(scores: pd.DataFrame) -> tuple[pd.Series[Any], ValueBands | None]:
    """By customer ``low``, ``medium`` or ``high``, and where the cuts are.

    Thirds of everybody scored, by the lifetime value; by the spend expected within the horizon
    where no lifetime value is known. Who is worth as much as another is in the same band, and
    who is worth nothing is low. None, and no cuts, where nothing is known of anybody.

    Args:
        scores: everybody's, one row a customer.
    """
    ids = scores["customer_id"].astype(str)
    for basis in _BASES:
        if basis not in scores or not scores[basis].notna().any():
            continue
        # To the cent, as it stands on the list: no band may tell two equal amounts apart.
        worth = scores[basis].astype(float).round(2)
        low, high = np.quantile(worth.dropna(), [1 / 3, 2 / 3], method="higher")
        low, high = float(max(low, 0.01)), float(max(high, 0.01))
        found = pd.Series(
            np.select([worth.isna(), worth < low, worth >= high], ["", "low", "high"], "medium"),
            index=ids,
        )
        cuts = ValueBands(basis=basis, low_below=round(low, 2), high_from=round(high, 2))
        return found.mask(found == "").astype(object), cuts
    return pd.Series(None, index=ids, dtype=object), None
