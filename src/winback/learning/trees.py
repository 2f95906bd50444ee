"""LightGBM over all snapshot columns, the same on any number of threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats, Mask
from winback.features import snapshot_columns
from winback.params import TrainSettings


@dataclass(frozen=True)
class Trees:
    """Boosted trees as text, averaged as margins; features are snapshot columns."""

    boosters: list[str]
    features: list[str]

    def margin(self, snapshots: pd.DataFrame, threads: int) -> Floats:
        """Sum of tree outputs, averaged over the seeds; without any offset."""
        matrix = as_matrix(snapshots, self.features)
        raw = [b.predict(matrix, raw_score=True, num_threads=threads) for b in self._loaded()]
        return np.asarray(np.mean(raw, axis=0), np.float64)

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


def boost(
    matrix: NDArray[np.float32], target: Floats, offset: Floats, rounds: int,
    settings: TrainSettings, *, seeds: int = 1,
) -> list[str]:  # fmt: skip
    """One booster per seed, as text; all grow on the same bins."""
    import lightgbm

    params = _lightgbm_params(len(target), settings)
    known = lightgbm.Dataset(matrix, target, init_score=offset, params=params)
    return [
        _text(lightgbm.train(params | {"seed": seed}, known, rounds))
        for seed in range(1, seeds + 1)
    ]


def early_stopping(
    matrix: NDArray[np.float32], y: Floats, levels: Floats, fitted: Mask, held: Mask,
    settings: TrainSettings,
) -> tuple[int, Floats]:  # fmt: skip
    """Rounds to grow on all rows, and the margins of the held rows."""
    import lightgbm

    params = _lightgbm_params(int(fitted.sum()), settings)
    known = lightgbm.Dataset(matrix[fitted], y[fitted], init_score=levels[fitted], params=params)
    later = lightgbm.Dataset(matrix[held], y[held], init_score=levels[held], reference=known)
    booster = lightgbm.train(
        params, known, settings.max_rounds, valid_sets=[later],
        callbacks=[lightgbm.early_stopping(settings.patience_rounds, verbose=False)],
    )  # fmt: skip
    margin = booster.predict(
        matrix[held], raw_score=True, num_iteration=booster.best_iteration,
        num_threads=settings.threads,
    )  # fmt: skip
    # A tenth more rounds, since the final fit has more rows (methods of the recipe).
    return max(10, round(booster.best_iteration * 1.1)), np.asarray(margin, np.float64)


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
