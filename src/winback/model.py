"""Fit, calibrate, score, explain, save and load one return model.

The model is a weighted sum of two log-odds: a LightGBM over all snapshot columns and a small
logistic regression on recency, frequency, value and age. Trees win where a shop has many
customers, the regression where it has few; the weights are learned on a cutoff neither part
was fitted on, and shrink towards a plain mean where that cutoff holds little evidence.

The other horizons follow by conditional probabilities, ``P(return in h1) = P(return in h2) x
P(in h1 | in h2)``, so that probabilities never decrease with the horizon and the main horizon
is not paid for the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.errors import WinbackError
from winback.features import snapshot_columns
from winback.params import TrainSettings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Fewer than this many of either outcome teach nothing but a base rate.
_LEAST_OUTCOMES = 20
# LightGBM joins in from here on; below, the regression alone is better (docs/decisions.md).
_LEAST_ROWS_FOR_TREES = 500
_LEAST_RATE = 1e-3
_VALIDATION_PRIOR = ((0.0, 0.6, 0.4), (0.001, 0.3, 0.3))
_STEP_PRIOR_ROWS = 200.0


def logit(p: Any) -> Any:
    """Log-odds of probabilities, held away from 0 and 1 by a thousandth of a percent."""
    held = np.clip(p, 1e-5, 1 - 1e-5)
    return np.log(held / (1 - held))


def expit(x: Any) -> Any:
    """Probability of log-odds."""
    return 1.0 / (1.0 + np.exp(-np.asarray(x, np.float64)))


@dataclass(frozen=True)
class Linear:
    """A logistic regression on a few transforms of R, F, M and age, and the level."""

    mean: list[float]
    scale: list[float]
    low: list[float]
    high: list[float]
    weights: list[float]  # of the standardised columns, then of the level
    intercept: float

    def contributions(self, snapshots: pd.DataFrame) -> Floats:
        """One column of log-odds per transform, against an average customer."""
        held = np.clip(_transforms(snapshots), self.low, self.high)
        return np.asarray((held - self.mean) / self.scale * self.weights[:-1])

    def log_odds(self, snapshots: pd.DataFrame, level: float | Floats) -> Floats:
        """Log-odds of a return, given the level of each row's cutoff."""
        parts = self.contributions(snapshots).sum(axis=1)
        return np.asarray(self.intercept + self.weights[-1] * level + parts)


@dataclass(frozen=True)
class Trees:
    """Boosted trees as text, averaged as margins; features are snapshot columns."""

    boosters: list[str]
    features: list[str]

    def margin(self, snapshots: pd.DataFrame, threads: int) -> Floats:
        """Sum of tree outputs, averaged over the seeds; without any offset."""
        matrix = _matrix(snapshots, self.features)
        raw = [b.predict(matrix, raw_score=True, num_threads=threads) for b in self._loaded()]
        return np.asarray(np.mean(raw, axis=0), np.float64)

    def contributions(self, snapshots: pd.DataFrame, threads: int) -> Floats:
        """TreeSHAP values: one column per feature, and a last one for the expected margin."""
        matrix = _matrix(snapshots, self.features)
        raw = [b.predict(matrix, pred_contrib=True, num_threads=threads) for b in self._loaded()]
        return np.asarray(np.mean(raw, axis=0), np.float64)

    def _loaded(self) -> list[Any]:
        import lightgbm

        return [lightgbm.Booster(model_str=text) for text in self.boosters]


@dataclass(frozen=True)
class Step:
    """P(in the shorter horizon | in the longer one), or, beyond the main horizon,
    P(in the longer horizon | not in the shorter one)."""

    horizon_days: int
    beyond_main: bool
    share: float
    trees: Trees | None

    def probability(self, snapshots: pd.DataFrame, threads: int) -> Floats:
        """The conditional probability of each row."""
        margin = self.trees.margin(snapshots, threads) if self.trees else 0.0
        return np.asarray(expit(logit(self.share) + np.full(len(snapshots), margin)))


@dataclass(frozen=True)
class Value:
    """Expected orders, or expected net spend, of a customer who returns."""

    trees: Trees | None
    mean: float
    factor: float

    def expected(self, snapshots: pd.DataFrame, threads: int) -> Floats:
        """The mean of a returning customer, for each row; never negative."""
        if self.trees is None:
            return np.full(len(snapshots), max(self.mean, 0.0))
        raw = np.exp(self.trees.margin(snapshots, threads) + np.log(self.mean))
        return np.asarray(raw * self.factor)


@dataclass(frozen=True)
class ReturnModel:
    """How likely each customer is to buy within each horizon, and for how much.

    ``kind`` says what the history was enough for: ``blend`` (LightGBM and regression),
    ``regression``, ``base_rate``, or ``unproven`` when no horizon had closed.
    """

    kind: str
    horizon_days: int
    horizons_days: tuple[int, ...]
    level: float
    blend: tuple[float, float, float]  # intercept, weight of trees, weight of regression
    linear: Linear | None
    trees: Trees | None
    steps: tuple[Step, ...]
    orders: Value | None
    spend: Value | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    threads: int = 1

    def log_odds(self, snapshots: pd.DataFrame) -> Floats:
        """Log-odds of a purchase within the main horizon, one per row."""
        intercept, of_trees, of_linear = self.blend
        if self.kind == "base_rate":
            return np.full(len(snapshots), self.level)
        margin = np.full(len(snapshots), intercept)
        if self.trees is not None:
            margin = margin + of_trees * (self.trees.margin(snapshots, self.threads) + self.level)
        if self.linear is not None:
            margin = margin + of_linear * self.linear.log_odds(snapshots, self.level)
        return margin

    def predict(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        """Probabilities and expected values, one row per snapshot row, in its order.

        Columns: ``p_return``, ``p_return_{h}d`` for each horizon (never decreasing in h),
        ``expected_orders`` and ``expected_net_spend`` in the main horizon. All null when the
        model is unproven; a longer horizon is null when none of that length had closed.
        """
        names = ["p_return", *(f"p_return_{h}d" for h in self.horizons_days)]
        names += ["expected_orders", "expected_net_spend"]
        if self.kind == "unproven" or len(snapshots) == 0:
            return pd.DataFrame(np.nan, index=snapshots.index, columns=names)
        by_horizon = {self.horizon_days: np.asarray(expit(self.log_odds(snapshots)))}
        for step in self.steps:
            chance = step.probability(snapshots, self.threads)
            if step.beyond_main:
                shorter = by_horizon[max(by_horizon)]
                by_horizon[step.horizon_days] = shorter + (1 - shorter) * chance
            else:
                by_horizon[step.horizon_days] = by_horizon[min(by_horizon)] * chance
        p = by_horizon[self.horizon_days]
        table = pd.DataFrame({"p_return": p}, index=snapshots.index)
        for h in self.horizons_days:
            table[f"p_return_{h}d"] = by_horizon.get(h, np.full(len(p), np.nan))
        for name, value in (("expected_orders", self.orders), ("expected_net_spend", self.spend)):
            table[name] = p * value.expected(snapshots, self.threads) if value else np.nan
        return table

    def contributions(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        """Log-odds by snapshot column, one row per snapshot row.

        The row's sum plus ``offset`` is `log_odds`, exactly but for rounding.
        """
        intercept, of_trees, of_linear = self.blend
        if self.kind in ("unproven", "base_rate"):
            offset = np.full(len(snapshots), self.level if self.kind == "base_rate" else np.nan)
            return pd.DataFrame({"offset": offset}, index=snapshots.index)
        table = pd.DataFrame(index=snapshots.index)
        offset = np.full(len(snapshots), intercept)
        if self.trees is not None:
            shap = self.trees.contributions(snapshots, self.threads) * of_trees
            offset = offset + shap[:, -1] + of_trees * self.level
            table = pd.DataFrame(shap[:, :-1], snapshots.index, list(self.trees.features))
        if self.linear is not None:
            offset = offset + of_linear * (
                self.linear.intercept + self.linear.weights[-1] * self.level
            )
            parts = self.linear.contributions(snapshots) * of_linear
            for name, part in zip(_TRANSFORMED, parts.T, strict=True):
                table[name] = table[name] + part if name in table else part
        table["offset"] = offset
        return table

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits of the model's content."""
        return hashlib.sha256(self._json().encode()).hexdigest()[:12]

    def _json(self) -> str:
        def plain(value: Any) -> Any:
            if isinstance(value, tuple | list):
                return [plain(v) for v in value]
            if hasattr(value, "__dataclass_fields__"):
                return {name: plain(v) for name, v in vars(value).items() if name != "threads"}
            return value

        return json.dumps(plain(self), sort_keys=True, indent=1, default=str)

    def save(self, path: Path) -> None:
        """Write the model as one JSON file; the same model gives the same bytes."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(self._json() + "\n", encoding="utf-8")
        new.replace(path)

    @staticmethod
    def load(path: Path, threads: int = 1) -> ReturnModel:
        """The model that `save` wrote.

        Raises:
            WinbackError: there is no such file, or it is not a return model.
        """
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            steps = tuple(Step(**{**s, "trees": _trees(s["trees"])}) for s in stored["steps"])
            values = {
                name: stored[name]
                and Value(**{**stored[name], "trees": _trees(stored[name]["trees"])})
                for name in ("orders", "spend")
            }
            return ReturnModel(
                **{
                    **stored,
                    **values,
                    "horizons_days": tuple(stored["horizons_days"]),
                    "blend": tuple(stored["blend"]),
                    "linear": stored["linear"] and Linear(**stored["linear"]),
                    "trees": _trees(stored["trees"]),
                    "steps": steps,
                    "threads": threads,
                }
            )
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise WinbackError(
                f"{path}: not a return model ({error}). Run `winback train` first."
            ) from error


def _trees(stored: dict[str, Any] | None) -> Trees | None:
    return Trees(**stored) if stored else None


# --- fitting ---------------------------------------------------------------------------------


def fit_return_model(
    rows: pd.DataFrame,
    *,
    cutoff: pd.Timestamp,
    horizon_days: int,
    horizons_days: Sequence[int] = (),
    settings: TrainSettings | None = None,
    value: bool = True,
) -> ReturnModel:
    """Learn from the cutoffs whose horizon had closed by ``cutoff``.

    Args:
        rows: snapshot columns and outcomes, one row per customer and earlier cutoff; rows
            whose horizon closes after ``cutoff`` are left out here.
        cutoff: the cutoff to be predicted.
        horizon_days: the main horizon.
        horizons_days: further horizons that ``predict`` gives.
        settings: the ``train`` section of params.
        value: also learn expected orders and spend.
    """
    settings = settings or TrainSettings()
    horizons = tuple(sorted({horizon_days, *horizons_days}))
    horizon = pd.Timedelta(days=horizon_days)
    known = rows[rows["cutoff"] + horizon <= cutoff]
    returned = known["returned"].to_numpy(bool)
    rates = _base_rates(known)
    facts: dict[str, Any] = {
        "cutoff": f"{cutoff:%Y-%m-%d}",
        "rows": len(known),
        "returned": int(returned.sum()),
        "base_rates": {f"{c:%Y-%m-%d}": round(float(r), 4) for c, r in rates.items()},
    }
    outcomes = min(int(returned.sum()), int((~returned).sum()))
    if len(known) == 0:
        return _without_features("unproven", 0.0, horizon_days, horizons, facts)
    level = forecast_level(rates, cutoff, horizon_days)
    newest = known[known["cutoff"] == known["cutoff"].max()]
    if outcomes < _LEAST_OUTCOMES:
        share = (returned.sum() + 1) / (len(returned) + 2)
        plain = _without_features("base_rate", float(logit(share)), horizon_days, horizons, facts)
        return _with_values(plain, newest, settings) if value else plain

    learned = _sampled(known, settings.max_rows)
    levels = logit(rates.reindex(learned["cutoff"]).to_numpy().clip(_LEAST_RATE, 1 - _LEAST_RATE))
    fitted, held = _validation_split(learned, horizon)
    y = learned["returned"].to_numpy(np.float64)
    linear = _fit_linear(learned, y, levels)
    use_trees = len(learned) >= _LEAST_ROWS_FOR_TREES
    trees, blend = None, (0.0, 0.0, 1.0)
    if use_trees:
        features = _usable_features(learned)
        matrix = _matrix(learned, features)
        rounds, margin = _early_stopping(matrix, y, levels, fitted, held, settings)
        rival = _fit_linear(learned[fitted], y[fitted], levels[fitted])
        judged = np.column_stack(
            [
                np.ones(int(held.sum())),
                margin + levels[held],
                rival.log_odds(learned[held], levels[held]),
            ]
        )
        intercept, of_trees, of_linear = _shrunken_logistic(judged, y[held], *_VALIDATION_PRIOR)
        blend = (round(intercept, 6), round(of_trees, 6), round(of_linear, 6))
        trees = Trees(
            [
                _boost(matrix, y, levels, rounds, seed, settings)
                for seed in range(1, settings.seeds + 1)
            ],
            features,
        )
        facts |= {"rounds": rounds}
    model = ReturnModel(
        kind="blend" if use_trees else "regression",
        horizon_days=horizon_days,
        horizons_days=horizons,
        level=level,
        blend=blend,
        linear=linear,
        trees=trees,
        steps=_fit_steps(learned, horizon_days, horizons, cutoff, settings),
        orders=None,
        spend=None,
        facts=facts | {"level": round(float(expit(level)), 4), "blend": list(blend)},
        threads=settings.threads,
    )
    return _with_values(model, known, settings) if value else model


def forecast_level(rates: pd.Series, cutoff: pd.Timestamp, horizon_days: int) -> float:
    """Log-odds of the share expected to return in the window that starts at ``cutoff``.

    The newest closed window's share, moved by half of the change that the same weeks brought
    one year ago, where the history is long enough to tell.
    """
    newest = rates.index.max()
    level = float(logit(np.clip(rates[newest], _LEAST_RATE, 1 - _LEAST_RATE)))

    def a_year_before(day: pd.Timestamp) -> float | None:
        wanted = day - pd.Timedelta(days=364)
        distance = np.abs((pd.DatetimeIndex(rates.index) - wanted).days)
        nearest = int(distance.argmin())
        return float(rates.iloc[nearest]) if distance[nearest] <= 16 else None

    then, before = a_year_before(cutoff), a_year_before(newest)
    if then is None or before is None:
        return level
    change = float(logit(np.clip(then, _LEAST_RATE, 1)) - logit(np.clip(before, _LEAST_RATE, 1)))
    return level + float(np.clip(change / 2, -0.75, 0.75))


def _base_rates(rows: pd.DataFrame) -> pd.Series:
    return rows.groupby("cutoff")["returned"].mean().astype(float)


def _without_features(
    kind: str, level: float, horizon: int, horizons: tuple[int, ...], facts: dict[str, Any]
) -> ReturnModel:
    return ReturnModel(
        kind, horizon, horizons, level, (0.0, 0.0, 0.0), None, None, (), None, None, facts
    )


def _sampled(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most about ``most`` rows, drawn by a hash of the key, never by row order."""
    if len(rows) <= most:
        return rows
    key = rows["customer_id"] + "|" + rows["cutoff"].dt.strftime("%Y%m%d")
    drawn = pd.util.hash_pandas_object(key, index=False).to_numpy()
    return rows[drawn < np.uint64(most / len(rows) * 2**64)]


def _validation_split(rows: pd.DataFrame, horizon: pd.Timedelta) -> tuple[Mask, Mask]:
    """Rows to fit on and rows to judge on: by time where possible, else by customer."""
    newest = rows["cutoff"].max()
    held = (rows["cutoff"] == newest).to_numpy()
    fitted = (rows["cutoff"] + horizon <= newest).to_numpy()
    y = rows["returned"].to_numpy(bool)
    if min(y[fitted].sum(), (~y[fitted]).sum()) >= _LEAST_OUTCOMES:
        return fitted, held
    fold = pd.util.hash_pandas_object(rows["customer_id"], index=False).to_numpy() % 4 == 0
    return ~fold, fold


def _usable_features(rows: pd.DataFrame) -> list[str]:
    names = [c.name for c in snapshot_columns() if c.name in rows.columns]
    windows = [c for c in rows.columns if c.endswith("d") and c not in names]
    return [n for n in [*names, *windows] if rows[n].dtype.kind in "fiu" and rows[n].notna().any()]


def _matrix(snapshots: pd.DataFrame, features: Sequence[str]) -> NDArray[np.float32]:
    return np.ascontiguousarray(snapshots[list(features)].to_numpy(np.float32, na_value=np.nan))


def _lightgbm_params(rows: int, seed: int, settings: TrainSettings, **more: Any) -> dict[str, Any]:
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
        "seed": seed,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
        **more,
    }


def _text(booster: Any) -> str:
    """The model as text, without the thread count that LightGBM writes into it."""
    lines = booster.model_to_string(num_iteration=-1).split("\n")
    return "\n".join("[num_threads: 1]" if s.startswith("[num_threads:") else s for s in lines)


def _boost(
    matrix: NDArray[np.float32], target: Floats, offset: Floats, rounds: int, seed: int,
    settings: TrainSettings, **more: Any,
) -> str:  # fmt: skip
    import lightgbm

    params = _lightgbm_params(len(target), seed, settings, **more)
    known = lightgbm.Dataset(matrix, target, init_score=offset, params=params)
    return _text(lightgbm.train(params, known, rounds))


def _early_stopping(
    matrix: NDArray[np.float32], y: Floats, levels: Floats, fitted: Mask, held: Mask,
    settings: TrainSettings,
) -> tuple[int, Floats]:  # fmt: skip
    """Rounds to grow on all rows, and the margins of the held rows."""
    import lightgbm

    params = _lightgbm_params(int(fitted.sum()), 1, settings)
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


# The snapshot column that each transform of the regression is explained by.
_TRANSFORMED = (
    "days_since_last_order",
    "orders_total",
    "days_since_first_order",
    "order_value_mean",
    "orders_per_30d",
    "silence_over_gap",
    "days_since_last_order",
    "orders_30d",
    "orders_90d",
    "orders_365d",
)


def _transforms(snapshots: pd.DataFrame) -> Floats:
    def column(name: str) -> Floats:
        values = snapshots[name].to_numpy(np.float64, na_value=np.nan)
        return np.asarray(np.nan_to_num(np.maximum(values, 0.0), nan=0.0))

    silent = column("days_since_last_order")
    orders = column("orders_total")
    age = np.maximum(column("days_since_first_order"), 7.0)
    recency = np.log1p(silent)
    windows = [
        np.log1p(column(name)) if name in snapshots else np.zeros(len(snapshots))
        for name in _TRANSFORMED[-3:]
    ]
    return np.column_stack(
        [
            recency,
            np.log1p(orders),
            np.log1p(age),
            np.log1p(column("order_value_mean")),
            np.log(np.maximum(orders, 1.0) / age),
            np.log1p(silent * orders / age),
            recency**2 / 5,
            *windows,
        ]
    )


def _fit_linear(rows: pd.DataFrame, y: Floats, levels: Floats) -> Linear:
    raw = _transforms(rows)
    # Held to the middle of what was seen, since a line runs on where trees stop.
    low, high = np.quantile(raw, [0.001, 0.999], axis=0)
    held = np.clip(raw, low, high)
    mean, scale = held.mean(axis=0), held.std(axis=0)
    scale[scale == 0] = 1.0
    design = np.column_stack([np.ones(len(y)), (held - mean) / scale, levels])
    width = design.shape[1]
    prior = np.zeros(width)
    prior[-1] = 1.0
    spread = np.full(width, 1.0)
    spread[0], spread[-1] = 3.0, 0.3
    weights = _shrunken_logistic(design, y, prior, spread)
    mean, scale, low, high = (np.round(v, 8).tolist() for v in (mean, scale, low, high))
    return Linear(mean, scale, low, high, [round(w, 8) for w in weights[1:]], round(weights[0], 8))


def _shrunken_logistic(
    design: Floats, y: Floats, prior: Sequence[float] | Floats, spread: Sequence[float] | Floats
) -> list[float]:
    """Posterior mode of a logistic regression with independent normal priors (Newton steps).

    einsum instead of BLAS, whose sums depend on the number of threads.
    """
    middle, precision = np.asarray(prior, float), 1 / np.asarray(spread, float) ** 2
    weights = middle.copy()
    for _ in range(50):
        p = expit(np.einsum("ij,j->i", design, weights))
        slope = np.einsum("ij,i->j", design, y - p) - precision * (weights - middle)
        curve = np.einsum("ij,i,ik->jk", design, p * (1 - p), design) + np.diag(precision)
        step = np.linalg.solve(curve, slope)
        weights = weights + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return [float(w) for w in weights]


def _fit_steps(
    rows: pd.DataFrame, main: int, horizons: tuple[int, ...], cutoff: pd.Timestamp,
    settings: TrainSettings,
) -> tuple[Step, ...]:  # fmt: skip
    """Conditional probabilities that lead from the main horizon to the others."""
    wait = rows["days_to_return"].to_numpy(np.float64, na_value=np.inf)
    observed = (cutoff - rows["cutoff"]).dt.days.to_numpy()
    steps: list[Step] = []
    longer = main
    for h in sorted((h for h in horizons if h < main), reverse=True):
        steps.append(_fit_step(rows, wait < longer, wait < h, h, False, settings))
        longer = h
    shorter = main
    for h in (h for h in horizons if h > main):
        at_risk = (wait >= shorter) & (observed >= h)
        if not (observed >= h).any():
            break
        steps.append(_fit_step(rows, at_risk, wait < h, h, True, settings))
        shorter = h
    return tuple(steps)


def _fit_step(
    rows: pd.DataFrame, at_risk: Mask, happened: Mask, horizon: int, beyond: bool,
    settings: TrainSettings,
) -> Step:  # fmt: skip
    y = happened[at_risk].astype(np.float64)
    share = float((y.sum() + 1) / (len(y) + 2))
    trees = None
    if min(y.sum(), len(y) - y.sum()) >= _STEP_PRIOR_ROWS:
        chosen = rows[at_risk]
        features = _usable_features(chosen)
        text = _boost(
            _matrix(chosen, features), y, np.full(len(y), logit(share)), settings.step_rounds, 1,
            settings,
        )  # fmt: skip
        trees = Trees([text], features)
    return Step(horizon, beyond, round(share, 6), trees)


def _with_values(model: ReturnModel, known: pd.DataFrame, settings: TrainSettings) -> ReturnModel:
    """The same model, with expected orders and expected net spend of those who return."""
    came = _sampled(known[known["returned"].to_numpy(bool)], settings.max_rows)
    targets = {
        "orders": came["orders_in_horizon"].to_numpy(np.float64),
        # What was sent back may exceed what was bought in the window: nobody is worth less
        # than nothing to the planner.
        "spend": np.maximum(came["net_spend_in_horizon"].to_numpy(np.float64), 0.0),
    }
    newest = (came["cutoff"] == came["cutoff"].max()).to_numpy()
    values: dict[str, Value] = {}
    for name, target in targets.items():
        if len(target) == 0:
            values[name] = Value(None, 0.0, 1.0)
            continue
        # One purchase of a wholesaler must not set the mean of every customer.
        capped = np.minimum(target, np.quantile(target, 0.995))
        mean = float(capped.mean())
        if len(target) < _LEAST_ROWS_FOR_TREES or mean <= 0:
            values[name] = Value(None, round(mean, 6), 1.0)
            continue
        features = _usable_features(came)
        text = _boost(
            _matrix(came, features), capped, np.full(len(capped), np.log(mean)),
            settings.value_rounds, 1, settings, objective="tweedie", tweedie_variance_power=1.5,
        )  # fmt: skip
        value = Value(Trees([text], features), round(mean, 6), 1.0)
        # The level of the newest window, uncapped, over what the trees expect of it.
        judged = came[newest]
        expected = float(value.expected(judged, settings.threads).sum())
        actual = float(np.minimum(target, np.quantile(target, 0.9999))[newest].sum())
        weight = newest.sum() / (newest.sum() + _STEP_PRIOR_ROWS)
        factor = (actual / expected) ** weight if expected > 0 and actual > 0 else 1.0
        values[name] = Value(value.trees, value.mean, round(float(factor), 6))
    return ReturnModel(**{**vars(model), **values})
