"""A small logistic regression around what MBG/NBD makes of the customer's habit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.learning.habits import MbgNbd, repeats_and_ages, with_own_season
from winback.learning.logistic import fit_logistic
from winback.learning.season import logit

# The same customers come again at every cutoff, so that rows are fewer draws than they seem:
# the regression keeps close to the habit.
_LINEAR_SPREAD = 0.3
# Own rhythm says much that the habit says too: eight columns that lean on each other need many
# customers to be told apart.
_RHYTHM_SPREAD, _RHYTHM_COLUMNS = 0.1, 8
# The snapshot column that each transform of the regression is explained by.
TRANSFORMED = (
    "days_since_last_order",
    "days_since_last_order",
    "orders_per_30d",
    "order_value_mean",
    "silence_over_gap",
    "orders_30d",
    "orders_90d",
    "blocks_bought",
    "block_share_recent",
    "gap_hazard",
    "gaps_longer_share",
    "silence_over_ewma",
    "block_1_order_days",
    "silence_over_max",
    "same_season_years",
)


@dataclass(frozen=True)
class Linear:
    """A logistic regression around the customer's habit, as MBG/NBD reads it.

    MBG/NBD knows how silence, orders and age hang together in a history of any length, which
    a line cannot; the regression corrects it where the shop's customers are different.
    """

    habit: MbgNbd | None
    horizon_days: int
    mean: list[float]
    scale: list[float]
    low: list[float]
    high: list[float]
    weights: list[float]  # of the standardised columns, then of the season
    intercept: float

    def contributions(self, snapshots: pd.DataFrame) -> Floats:
        """One column of log-odds per transform, against an average customer."""
        held = np.clip(self._transforms(snapshots), self.low, self.high)
        return np.asarray((held - self.mean) / self.scale * self.weights[:-1])

    def log_odds(self, snapshots: pd.DataFrame, season: float | Floats) -> Floats:
        """Log-odds of a return, given the season of each row's cutoff."""
        parts = self.contributions(snapshots).sum(axis=1)
        return np.asarray(self.intercept + self.weights[-1] * season + parts)

    def _transforms(self, snapshots: pd.DataFrame) -> Floats:
        return _transforms(snapshots, self.habit, self.horizon_days)


def fit_linear(
    rows: pd.DataFrame, y: Floats, season: Floats, habit: MbgNbd | None, horizon_days: int
) -> Linear:
    """The regression that makes outcomes likeliest, given the season of each row's cutoff."""
    raw = _transforms(rows, habit, horizon_days)
    # Held to the middle of what was seen, since a line runs on where trees stop.
    low, high = np.quantile(raw, [0.001, 0.999], axis=0)
    held = np.clip(raw, low, high)
    mean, scale = held.mean(axis=0), held.std(axis=0)
    scale[scale < 1e-9] = 1.0
    design = np.column_stack([(held - mean) / scale, season, np.ones(len(y))])
    # Without evidence against it, the habit's log-odds stand as they are.
    prior = np.zeros(design.shape[1])
    if habit is not None:
        prior[0], prior[-1] = scale[0], mean[0]
    spread = np.full(design.shape[1], _LINEAR_SPREAD)
    spread[-2 - _RHYTHM_COLUMNS : -2] = _RHYTHM_SPREAD
    spread[-2], spread[-1] = 0.5, 3.0
    weights = fit_logistic(design, y, prior=prior, spread=spread).round(8).tolist()
    return Linear(
        habit=habit,
        horizon_days=horizon_days,
        mean=np.round(mean, 8).tolist(),
        scale=np.round(scale, 8).tolist(),
        low=np.round(low, 8).tolist(),
        high=np.round(high, 8).tolist(),
        weights=weights[:-1],
        intercept=weights[-1],
    )


def _transforms(snapshots: pd.DataFrame, habit: MbgNbd | None, horizon_days: int) -> Floats:
    def column(name: str) -> Floats:
        values = snapshots[name].to_numpy(np.float64, na_value=np.nan)
        return np.asarray(np.nan_to_num(np.maximum(values, 0.0), nan=0.0))

    silent, orders = column("days_since_last_order"), column("orders_total")
    age = np.maximum(column("days_since_first_order"), 7.0)
    chance = np.full(len(snapshots), 0.5)
    if habit is not None:
        chance = habit.probability_of_return(*repeats_and_ages(snapshots), horizon_days)
        chance = with_own_season(snapshots, chance, horizon_days)
    return np.column_stack(
        [
            logit(chance),
            np.log1p(silent),
            np.log(np.maximum(orders, 1.0) / age),
            np.log1p(column("order_value_mean")),
            np.log1p(silent * orders / age),
            np.log1p(column("orders_30d")),
            np.log1p(column("orders_90d")),
            logit(column("block_share")),
            logit(column("block_share_recent")),
            logit(column("gap_hazard")),
            logit(column("gaps_longer_share")),
            np.log1p(column("silence_over_ewma")),
            np.log1p(column("block_1_order_days")),
            np.log1p(column("silence_over_max")),
            logit(column("same_season_share")),
        ]
    )
