"""LightGBM over all snapshot columns, the same on any number of threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats, Mask
from winback.features import snapshot_columns
from winback.params import TrainSettings

_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Trees:
    """Boosted trees as text, averaged as margins; features are snapshot columns."""

    boosters: list[str]
    features: list[str]

    def margin(self, snapshots: pd.DataFrame, threads: int) -> Floats:
        """Sum of tree outputs, averaged over the seeds; without any offset."""
        boosters, found = self._loaded(), np.empty(len(snapshots))
        # Some at a time: beside all the customers of a large shop their matrix would be the peak.
        for start in range(0, len(snapshots), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            matrix = as_matrix(snapshots.iloc[part], self.features)
            raw = [b.predict(matrix, raw_score=True, num_threads=threads) for b in boosters]
            found[part] = np.mean(raw, axis=0)
        return found

    def contributions(self, snapshots: pd.DataFrame, threads: int) -> Floats:
        """TreeSHAP values: one column per feature, and a last one for the expected margin."""
        matrix = as_matrix(snapshots, self.features)
        raw = [b.predict(matrix, pred_contrib=True, num_threads=threads) for b in self._loaded()]
        return np.asarray(np.mean(raw, axis=0), np.float64)

    def _loaded(self) -> list[Any]:
        import lightgbm

        return [lightgbm.Booster(model_str=text) for text in self.boosters]


def usable_features(rows: pd.DataFrame) -> list[str]:
    """Columns that trees may learn from: numbers known before the cutoff, save the calendar."""
    known = snapshot_columns()
    names = [c.name for c in known if c.name in rows.columns]
    # Other windows, and what a shop declares; all other numbers beside the keys are outcomes.
    outcomes = {
        "orders_in_horizon", "net_spend_in_horizon", "days_to_return", "_untreated_days",
        "_open_days",
    }  # fmt: skip
    more = [c for c in rows.columns if c not in {*names, *outcomes}]
    # The calendar is alike for everybody at a cutoff: trees would learn the few cutoffs by heart.
    # What a coming season does to all is the level's to say.
    calendar = {c.name for c in known if c.unit == "calendar"}
    usable = (n for n in [*names, *more] if n not in calendar)
    return [n for n in usable if rows[n].dtype.kind in "fiu" and rows[n].notna().any()]


def as_matrix(snapshots: pd.DataFrame, features: Sequence[str]) -> NDArray[np.float32]:
    """The columns side by side, absent values NaN."""
    return np.ascontiguousarray(snapshots[list(features)].to_numpy(np.float32, na_value=np.nan))


@dataclass(frozen=True)
class Binned:
    """Rows to grow trees on, cut into LightGBM's bins once for all that is grown on them."""

    rows: pd.DataFrame
    settings: TrainSettings

    @cached_property
    def features(self) -> list[str]:
        """The columns that trees may learn from."""
        return usable_features(self.rows)

    @cached_property
    def _matrix(self) -> NDArray[np.float32]:
        return as_matrix(self.rows, self.features)

    @cached_property
    def _bins(self) -> Any:
        import lightgbm

        params = self._params(len(self.rows))
        return lightgbm.Dataset(self._matrix, np.zeros(len(self.rows)), params=params).construct()

    def boost(
        self, target: Floats, offset: Floats, rounds: int, *, seeds: int = 1,
        among: Mask | None = None,
    ) -> list[str]:  # fmt: skip
        """One booster per seed, as text.

        Args:
            target: outcomes of the rows that teach.
            offset: log-odds that the trees start from, of the same rows.
            rounds: how many trees.
            seeds: how many boosters.
            among: which of the rows teach; all when not given.
        """
        import lightgbm

        known = self._part(among)
        known.set_label(target).set_init_score(offset)
        params = self._params(len(target))
        seeds = 1 if len(self.rows) >= _MANY_ROWS else seeds
        return [
            _text(lightgbm.train(params | {"seed": seed}, known, rounds))
            for seed in range(1, seeds + 1)
        ]

    def early_stopping(
        self, y: Floats, start: Floats, fitted: Mask, held: Mask
    ) -> tuple[int, Floats]:
        """Rounds to grow on all rows, and the margins of the held rows.

        Args:
            y: outcomes of all rows.
            start: log-odds that the trees start from, of all rows.
            fitted: the rows that teach.
            held: the rows that say when to stop.
        """
        import lightgbm

        settings = self.settings
        known = self._part(_at_most(fitted, _STOPPING_ROWS), y, start)
        later = self._part(held, y, start)
        booster = lightgbm.train(
            self._params(known.num_data()), known, settings.max_rounds, valid_sets=[later],
            callbacks=[lightgbm.early_stopping(settings.patience_rounds, verbose=False)],
        )  # fmt: skip
        # A tenth more rounds, since the final fit has more rows (methods of the recipe).
        margin = booster.predict(
            self._matrix[held], raw_score=True, num_iteration=booster.best_iteration,
            num_threads=settings.threads,
        )  # fmt: skip
        return max(10, round(booster.best_iteration * 1.1)), np.asarray(margin, np.float64)

    def _part(
        self, among: Mask | None, y: Floats | None = None, start: Floats | None = None
    ) -> Any:
        """Some of the rows, with what they are to teach where that is told of all."""
        rows = self._bins
        if among is not None and not among.all():
            rows = rows.subset(np.flatnonzero(among)).construct()
        if among is not None and y is not None and start is not None:
            rows = rows.set_label(y[among]).set_init_score(start[among])
        return rows

    def _params(self, rows: int) -> dict[str, str | float]:
        return _lightgbm_params(rows, self.settings)


# From so many rows on one seed is as good as two, and when to stop is learned from so many as well
# as from all (docs/decisions.md).
_MANY_ROWS, _STOPPING_ROWS = 100_000, 60_000


def _at_most(among: Mask, most: int) -> Mask:
    """At most so many of the rows, evenly over them."""
    at = np.flatnonzero(among)
    if len(at) <= most:
        return among
    some = np.zeros(len(among), bool)
    some[at[np.arange(most) * len(at) // most]] = True
    return some


def _lightgbm_params(rows: int, settings: TrainSettings) -> dict[str, str | float]:
    return {
        "objective": "binary",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.num_leaves,
        "min_data_in_leaf": int(np.clip(rows // 100, 10, settings.min_rows_in_leaf)),
        "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "lambda_l2": settings.l2,
        "path_smooth": settings.path_smooth,
        "max_bin": 63,
        # Bins serve parts of the rows too, whose leaves may be smaller.
        "feature_pre_filter": False,
        "seed": 1,
        "data_random_seed": 1,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }


def _text(booster: Any) -> str:
    """The model as text, without the thread count that LightGBM writes into it."""
    lines = booster.model_to_string(num_iteration=-1).split("\n")
    return "\n".join("[num_threads: 1]" if s.startswith("[num_threads:") else s for s in lines)
