"""Fit, calibrate, score, explain, save and load one return model.

The model is a weighted sum of two log-odds: a small logistic regression around what MBG/NBD
makes of the customer's habit, and a LightGBM over all snapshot columns that is grown from halfway
to that regression. Trees win where a shop has many customers, the regression where it has few;
the weights are learned on a cutoff neither part was fitted on. Where the closed windows saw much
less past than customers have today, newer windows that are still open teach the part of the
horizon that has closed, and the habit, which knows of lengths of history, carries it on.

The other horizons follow by conditional probabilities, ``P(return in h1) = P(return in h2) x
P(in h1 | in h2)``, so that probabilities never decrease with the horizon and the main horizon
is not paid for the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.errors import WinbackError
from winback.features import snapshot_columns
from winback.learning.logistic import fit_logistic
from winback.learning.rules import MbgNbd, Rule, fit_mbgnbd, repeats_and_ages
from winback.learning.season import forecast_season
from winback.learning.value import VALUE_COLUMNS, ValueModel, fit_value
from winback.params import TrainSettings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Fewer than this many of either outcome teach nothing but a base rate.
_LEAST_OUTCOMES = 20
# A single control of many campaigns at once must not speak for a crowd.
_MOST_STOOD_FOR = 20.0
# LightGBM joins in from here on; below, the regression alone is better (docs/decisions.md).
_LEAST_ROWS_FOR_TREES = 500
_LEAST_RATE = 1e-3
# Trees grow from halfway between the level and the regression: from the level they would learn
# anew what the regression knows, from the regression they hardly learn to correct it.
_TREES_START = 0.5
# Trees and regression, before the held-out cutoff has spoken: three quarters of what the trees
# make of their start, one of the regression alone.
_BLEND_PRIOR = (0.75, 0.75 * _TREES_START + 0.25, 1.0)
_BLEND_SPREAD = (0.3, 0.3, 1e-6)
_STEP_PRIOR_ROWS = 200.0
# The same customers come again at every cutoff, so that rows are fewer draws than they seem:
# the regression keeps close to the habit.
_LINEAR_SPREAD = 0.3
# Closed cutoffs with less than this part of today's longest past do not count as experience.
_THIN_PAST = 0.4
# Older cutoffs tell about the season, not about today's customers.
_LEARN_FROM_DAYS = 400


def logit(p: Any) -> Any:
    """Log-odds of probabilities, held away from 0 and 1 by a thousandth of a percent."""
    held = np.clip(p, 1e-5, 1 - 1e-5)
    return np.log(held / (1 - held))


def expit(x: Any) -> Any:
    """Probability of log-odds."""
    return 1.0 / (1.0 + np.exp(-np.clip(np.asarray(x, np.float64), -700.0, 700.0)))


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
class Carried:
    """Carries a chance learned for the first ``part_days`` of a window on to longer ones.

    What was learned beside the habit's log-odds holds for the longer window as it is.
    """

    part_days: int
    habit: MbgNbd

    def log_odds(self, snapshots: pd.DataFrame, horizon_days: int) -> Floats:
        """What to add to the log-odds of a return within the part, one per row."""
        history = repeats_and_ages(snapshots)
        longer, part = (
            self.habit.probability_of_return(*history, days)
            for days in (horizon_days, self.part_days)
        )
        return np.asarray(logit(longer) - logit(part))


@dataclass(frozen=True)
class ReturnModel:
    """How likely each customer is to buy within each horizon, and for how much.

    ``kind`` says what the history was enough for: ``blend`` (LightGBM and regression),
    ``regression``, ``habit`` (MBG/NBD alone), ``base_rate``, or ``unproven`` when no horizon
    had closed; ``rule`` where a simple rule proved better (`ruled_by`). With ``carried``, blend
    or regression were learned on a part of the main horizon.
    """

    kind: str
    horizon_days: int
    horizons_days: tuple[int, ...]
    level: float  # log-odds that the trees start from
    season: float  # what of it habits do not explain
    blend: tuple[float, float]  # weights of the trees and of the regression
    linear: Linear | None
    trees: Trees | None
    steps: tuple[Step, ...]
    value: ValueModel | None
    shift: float = 0.0  # moves the mean chance of the scored customers to the share forecast
    rule: Rule | None = None  # says the main horizon's chance instead of all of these
    carried: Carried | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    threads: int = 1

    def log_odds(self, snapshots: pd.DataFrame) -> Floats:
        """Log-odds of a purchase within the main horizon, one per row."""
        if self.rule is not None:
            return np.asarray(logit(self.rule.probability(snapshots)))
        of_trees, of_linear = self.blend
        margin = np.full(len(snapshots), self.level + self.shift)
        if self.trees is not None:
            margin = margin + of_trees * self.trees.margin(snapshots, self.threads)
        if self.linear is not None:
            regression = self.linear.log_odds(snapshots, self.season)
            margin = margin + of_linear * (regression - self.level)
        return margin + self._carried_to(self.horizon_days, snapshots)

    def _carried_to(self, horizon_days: int, snapshots: pd.DataFrame) -> float | Floats:
        return self.carried.log_odds(snapshots, horizon_days) if self.carried else 0.0

    def predict(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        """Probabilities and expected values, one row per snapshot row, in its order.

        Columns: ``p_return``, ``p_return_{h}d`` for each horizon (never decreasing in h),
        and `winback.learning.value.VALUE_COLUMNS`. All null when the model is unproven; a longer
        horizon is null when none of that length had closed.
        """
        names = ["p_return", *(f"p_return_{h}d" for h in self.horizons_days)]
        names += VALUE_COLUMNS
        if self.kind == "unproven" or len(snapshots) == 0:
            return pd.DataFrame(np.nan, index=snapshots.index, columns=names)
        log_odds = self.log_odds(snapshots)
        by_horizon = {self.horizon_days: np.asarray(expit(log_odds))}
        if self.carried is not None:
            of_part = log_odds - self._carried_to(self.horizon_days, snapshots)
            for h in (self.carried.part_days, *self.horizons_days):
                if h >= self.carried.part_days:
                    by_horizon[h] = np.asarray(expit(of_part + self._carried_to(h, snapshots)))
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
        worth = self.value.predict(snapshots, p).to_numpy() if self.value else np.nan
        table[list(VALUE_COLUMNS)] = worth
        return table

    def contributions(self, snapshots: pd.DataFrame) -> pd.DataFrame:
        """Log-odds by snapshot column, one row per snapshot row.

        The row's sum plus ``offset`` is `log_odds`, exactly but for rounding.
        """
        if self.rule is not None:
            return pd.DataFrame(self.rule.contributions(snapshots), snapshots.index)
        of_trees, of_linear = self.blend
        if self.kind in ("unproven", "base_rate"):
            offset = np.full(len(snapshots), self.level if self.kind == "base_rate" else np.nan)
            return pd.DataFrame({"offset": offset}, index=snapshots.index)
        table = pd.DataFrame(index=snapshots.index)
        offset = np.full(len(snapshots), self.level + self.shift)
        if self.trees is not None:
            shap = self.trees.contributions(snapshots, self.threads) * of_trees
            offset = offset + shap[:, -1]
            table = pd.DataFrame(shap[:, :-1], snapshots.index, list(self.trees.features))
        if self.linear is not None:
            base = self.linear.intercept + self.linear.weights[-1] * self.season
            offset = offset + of_linear * (base - self.level)
            parts = self.linear.contributions(snapshots) * of_linear
            for name, part in zip(_TRANSFORMED, parts.T, strict=True):
                table[name] = table[name] + part if name in table else part
        if self.carried is not None:
            table["days_since_last_order"] += self._carried_to(self.horizon_days, snapshots)
        table["offset"] = offset
        return table

    def ruled_by(self, rule: Rule) -> ReturnModel:
        """The same model, except that ``rule`` says how likely a return within the main horizon is.

        Other horizons follow by the same conditional probabilities, so that they still agree, and
        worth follows from the new chance.
        """
        told = (
            "cutoff", "rows", "returned", "rows_left_out_treated", "learned_days", "rows_of_part",
            "base_rates",
        )  # fmt: skip
        facts = {name: self.facts[name] for name in told if name in self.facts}
        return replace(
            self, kind="rule", rule=rule, level=0.0, season=0.0, blend=(0.0, 0.0), linear=None,
            trees=None, shift=0.0, facts=facts,
        )  # fmt: skip

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits of the model's content."""
        return hashlib.sha256(self._json().encode()).hexdigest()[:12]

    def _json(self) -> str:
        def plain(value: Any) -> Any:
            if isinstance(value, tuple | list):
                return [plain(v) for v in value]
            if hasattr(value, "__dataclass_fields__"):
                kept = {name: v for name, v in vars(value).items() if name != "threads"}
                for rare in ("rule", "carried"):  # most have none, and keep their version
                    if kept.get(rare, 0) is None:
                        del kept[rare]
                return {name: plain(v) for name, v in kept.items()}
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
            return ReturnModel(
                **{
                    **stored,
                    "horizons_days": tuple(stored["horizons_days"]),
                    "blend": tuple(stored["blend"]),
                    "linear": stored["linear"] and _linear(stored["linear"]),
                    "trees": _trees(stored["trees"]),
                    "steps": steps,
                    "rule": stored.get("rule") and Rule(**stored["rule"]),
                    "carried": stored.get("carried") and _carried(stored["carried"]),
                    "value": stored["value"] and ValueModel.from_stored(stored["value"]),
                    "threads": threads,
                }
            )
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise WinbackError(
                f"{path}: not a return model ({error}). Run `winback train` first."
            ) from error


def _trees(stored: dict[str, Any] | None) -> Trees | None:
    return Trees(**stored) if stored else None


def _linear(stored: dict[str, Any]) -> Linear:
    habit = stored["habit"]
    return Linear(**{**stored, "habit": MbgNbd(**habit) if habit else None})


def _carried(stored: dict[str, Any]) -> Carried:
    return Carried(stored["part_days"], MbgNbd(**stored["habit"]))


# --- fitting ---------------------------------------------------------------------------------


def fit_return_model(
    rows: pd.DataFrame,
    *,
    cutoff: pd.Timestamp,
    horizon_days: int,
    horizons_days: Sequence[int] = (),
    customers: pd.DataFrame | None = None,
    settings: TrainSettings | None = None,
    value: bool = True,
    habit_only: bool | None = None,
    treated: pd.DataFrame | None = None,
    first_days: pd.DataFrame | None = None,
) -> ReturnModel:
    """Learn from the cutoffs whose horizon had closed by ``cutoff``.

    Args:
        rows: snapshot columns and outcomes, one row per customer and earlier cutoff; rows
            whose horizon closes after ``cutoff`` are left out here.
        cutoff: the cutoff to be predicted.
        horizon_days: the main horizon.
        horizons_days: further horizons that ``predict`` gives.
        customers: snapshots at ``cutoff``; their habits tell how the level has moved since
            the newest closed window. Without them it is taken to stand still.
        settings: the ``train`` section of params.
        value: also learn expected orders and spend.
        habit_only: leave all to the habit; the default is what `history_is_thin` says.
        treated: who was sent what, as `untreated_days` takes it; a row whose outcome an offer
            may have touched is left out, and ``facts`` says how many were.
        first_days: snapshot columns and outcomes of the first ``part_days`` of the horizon, as
            `take_first_days` gives them where the closed windows saw less than two thirds of
            today's past; they then teach those days, also by windows of which the rest is open.
    """
    settings = settings or TrainSettings()
    horizons = tuple(sorted({horizon_days, *horizons_days}))
    horizon = pd.Timedelta(days=horizon_days)
    known = _in_order(rows[rows["cutoff"] + horizon <= cutoff])
    seen = len(known)
    known = untreated(known, treated, horizon_days)
    left_out = seen - len(known.drop_duplicates(["customer_id", "cutoff"])) if seen else 0
    returned = known["returned"].to_numpy(bool)
    rates = known.groupby("cutoff")["returned"].mean().astype(float)
    facts: dict[str, Any] = {
        "cutoff": f"{cutoff:%Y-%m-%d}",
        "rows": len(known),
        "returned": int(returned.sum()),
        "rows_left_out_treated": left_out,
        "learned_days": horizon_days,
        "rows_of_part": None,
        "base_rates": {f"{c:%Y-%m-%d}": round(float(r), 4) for c, r in rates.items()},
    }
    if len(known) == 0:
        return _without_features("unproven", 0.0, horizon_days, horizons, facts)
    newest = known[known["cutoff"] == known["cutoff"].max()]
    # A habit comes from the longest history there is; it reads no outcome.
    past = newest if customers is None or customers.empty else customers
    if customers is not None and first_days is not None and not habit_only:
        shorter = first_days[first_days["part_days"] < horizon_days]
        model = _from_first_days(
            shorter, customers, horizons, settings, cutoff=cutoff, treated=treated
        )
        if model is not None:
            model = replace(model, horizon_days=horizon_days, facts={**facts, **model.facts})
            return _with_value(model, known, customers, cutoff, settings) if value else model
    if habit_only is None:
        habit_only = customers is not None and history_is_thin(known, customers)
    if habit_only and (past["order_days_total"] > 1).sum() >= _LEAST_OUTCOMES:
        habit = fit_mbgnbd(*repeats_and_ages(past))
        if habit is not None:
            plain = _from_habit(habit, horizon_days, horizons, facts)
            plain = _with_steps(plain, known, known, habit, cutoff, customers, settings)
            return _with_value(plain, known, customers, cutoff, settings) if value else plain
    if min(int(returned.sum()), int((~returned).sum())) < _LEAST_OUTCOMES:
        share = (returned.sum() + 1) / (len(returned) + 2)
        plain = _without_features("base_rate", float(logit(share)), horizon_days, horizons, facts)
        learned = _sampled(known, settings.max_rows)
        plain = _with_steps(plain, learned, known, None, cutoff, customers, settings)
        return _with_value(plain, known, customers, cutoff, settings) if value else plain
    habit = fit_mbgnbd(*repeats_and_ages(past))
    # Rounded, so that the last bit of a logarithm on another processor moves no tree.
    levels = logit(rates.clip(_LEAST_RATE, 1 - _LEAST_RATE)).round(8)
    explained = pd.Series(0.0, levels.index)
    if habit is not None:
        explained = _explained_levels(known, habit, horizon_days)
    seasons = levels - explained
    by_cutoff = known.groupby("cutoff")
    closed = pd.DataFrame({"season": seasons, "share": rates, "customers": by_cutoff.size()})
    closed["past_days"] = by_cutoff["days_since_first_order"].max().astype(float)
    season = forecast_season(
        closed, cutoff, horizon_days, float(past["days_since_first_order"].max())
    )
    now = explained[explained.index.max()]
    if customers is not None and habit is not None and len(customers):
        now = _explained_levels(customers, habit, horizon_days).iloc[-1]
    recent = known["cutoff"] >= known["cutoff"].max() - pd.Timedelta(days=_LEARN_FROM_DAYS)
    learned = _sampled(known[recent], settings.max_rows)
    level_of = levels.reindex(learned["cutoff"]).to_numpy()
    season_of = seasons.reindex(learned["cutoff"]).to_numpy()
    y = learned["returned"].to_numpy(np.float64)
    linear = _fit_linear(learned, y, season_of, habit, horizon_days)
    trees, blend = None, (0.0, 1.0)
    if len(learned) >= _LEAST_ROWS_FOR_TREES:
        fitted, held = _validation_split(learned, horizon)
        features = _usable_features(learned)
        matrix = _matrix(learned, features)
        rival = _fit_linear(learned[fitted], y[fitted], season_of[fitted], habit, horizon_days)
        regression = rival.log_odds(learned, season_of) - level_of
        start = (level_of + _TREES_START * regression).round(8)
        rounds, margin = _early_stopping(matrix, y, start, fitted, held, settings)
        blend = _BLEND_PRIOR[:2]
        # Other customers at the same cutoffs say nothing of how the weights carry to the next.
        if learned["cutoff"][fitted].max() < learned["cutoff"][held].min():
            # Weighed around the level, so that sharper weights do not move the mean.
            judged = np.column_stack([margin, regression[held], level_of[held]])
            weights = fit_logistic(judged, y[held], prior=_BLEND_PRIOR, spread=_BLEND_SPREAD)
            # However many its customers, it is one cutoff, and the next will differ: halfway.
            trees_weight, linear_weight, _ = (weights + _BLEND_PRIOR) / 2
            blend = (round(float(trees_weight), 6), round(float(linear_weight), 6))
        start = level_of + _TREES_START * (linear.log_odds(learned, season_of) - level_of)
        grown = _boost(matrix, y, start.round(8), rounds, settings, seeds=settings.seeds)
        trees = Trees(grown, features)
        facts |= {"rounds": rounds, "blend": list(blend)}
    level = round(float(now + season), 6)
    trust = float(np.clip((_past_seen(known, customers) - _THIN_PAST) / _THIN_PAST, 0, 1))
    if habit is not None and trust < 1:
        blend, linear = _towards_habit(blend, linear, level, trust)
    model = ReturnModel(
        kind="blend" if trees else "regression",
        horizon_days=horizon_days,
        horizons_days=horizons,
        level=level,
        season=round(season, 6),
        blend=blend,
        linear=linear,
        trees=trees,
        steps=(),
        value=None,
        facts=facts | {"level": round(float(expit(now + season)), 4)},
        threads=settings.threads,
    )
    if customers is not None and len(customers):
        model = replace(model, shift=_shift_to(expit(now + season), model.log_odds(customers)))
    model = _with_steps(model, learned, known, habit, cutoff, customers, settings)
    return _with_value(model, known, customers, cutoff, settings) if value else model


def untreated_days(rows: pd.DataFrame, treated: pd.DataFrame, horizon_days: int) -> Floats:
    """Days from each row's cutoff in which no offer can have touched its outcome.

    Infinite where the customer was sent nothing from then on, 0 where an offer was running at
    the cutoff. Those in the arm ``control`` were sent nothing.

    Args:
        rows: ``customer_id`` and ``cutoff``.
        treated: one row per customer and campaign: ``customer_id``, ``assigned_at`` (time),
            ``arm``, and ``window_days``, for how long the offer may act (the horizon where the
            column or the value is missing).
        horizon_days: the main horizon.
    """
    sent = _runs(treated[treated["arm"] != "control"], horizon_days)
    pairs = _keys(rows).merge(sent, on="customer_id")
    pairs = pairs[pairs["ended"] > pairs["cutoff"]]
    wait = (pairs["began"] - pairs["cutoff"]).dt.total_seconds() / 86_400
    free = np.full(len(rows), np.inf)
    np.minimum.at(free, pairs["place"].to_numpy(), np.maximum(wait.to_numpy(), 0.0))
    return free


def untreated(rows: pd.DataFrame, treated: pd.DataFrame | None, horizon_days: int) -> pd.DataFrame:
    """The rows whose main outcome no offer can have touched; all where nobody was sent any.

    Customers are planned for an offer by their chance to return, so that without the treated the
    others are no fair sample. A row of a campaign's control therefore stands as many times as
    customers it was drawn out of: once over its logged ``probability``, where that is known.
    ``_untreated_days`` is what `untreated_days` gives.
    """
    if treated is None:
        return rows
    free = untreated_days(rows, treated, horizon_days)
    kept = np.flatnonzero(free >= horizon_days)
    chosen = rows.assign(_untreated_days=free).iloc[kept]
    return chosen.iloc[np.repeat(np.arange(len(kept)), _stands_for(chosen, treated, horizon_days))]


def _runs(assigned: pd.DataFrame, horizon_days: int) -> pd.DataFrame:
    """From when to when each customer's campaign may act, one row per row of ``assigned``."""
    window = assigned.get("window_days", pd.Series(np.nan, assigned.index)).astype(float)
    began = pd.to_datetime(assigned["assigned_at"]).dt.tz_localize(None)
    ended = began + pd.to_timedelta(window.fillna(horizon_days), unit="D")
    customer = assigned["customer_id"].astype(str)
    return pd.DataFrame({"customer_id": customer, "began": began, "ended": ended})


def _keys(rows: pd.DataFrame) -> pd.DataFrame:
    """Customer, cutoff and place of each row."""
    customer = rows["customer_id"].astype(str).to_numpy()
    place, cutoff = np.arange(len(rows)), rows["cutoff"].to_numpy()
    return pd.DataFrame({"place": place, "customer_id": customer, "cutoff": cutoff})


def _stands_for(rows: pd.DataFrame, treated: pd.DataFrame, horizon_days: int) -> NDArray[np.int64]:
    """How many customers each row stands for: one, or what a control was drawn out of."""
    ours = treated[treated["arm"] == "control"]
    chance = pd.to_numeric(ours.get("probability", pd.Series(np.nan, ours.index)), errors="coerce")
    drawn = _runs(ours, horizon_days)
    drawn["times"] = 1.0 / chance.where(chance.between(0, 1, inclusive="right"))
    pairs = _keys(rows).merge(drawn.dropna(subset=["times"]), on="customer_id")
    horizon = pd.Timedelta(days=horizon_days)
    pairs = pairs[(pairs["ended"] > pairs["cutoff"]) & (pairs["began"] < pairs["cutoff"] + horizon)]
    times = np.ones(len(rows))
    np.multiply.at(times, pairs["place"].to_numpy(), pairs["times"].to_numpy())
    times = np.minimum(times, _MOST_STOOD_FOR)
    # Whole rows whose mean is right: the part beyond whole numbers by a hash of the key.
    key = rows["customer_id"].astype(str) + "|" + rows["cutoff"].dt.strftime("%Y%m%d")
    luck = pd.util.hash_pandas_object(key, index=False).to_numpy() / 2.0**64
    return np.floor(times + luck).astype(np.int64)


def _from_first_days(
    rows: pd.DataFrame, customers: pd.DataFrame, horizons: tuple[int, ...],
    settings: TrainSettings, *, cutoff: pd.Timestamp, treated: pd.DataFrame | None,
) -> ReturnModel | None:  # fmt: skip
    """The model of the first days of the horizon, to be carried on; None if they teach none."""
    habit = fit_mbgnbd(*repeats_and_ages(customers))
    if habit is None or rows.empty:
        return None
    part_days = int(rows["part_days"].iloc[0])
    model = fit_return_model(
        rows.drop(columns="part_days"), cutoff=cutoff, horizon_days=part_days,
        horizons_days=[h for h in horizons if h < part_days], customers=customers,
        settings=settings, value=False, treated=treated,
    )  # fmt: skip
    if model.linear is None:
        return None
    facts = {name: model.facts[name] for name in ("rounds", "blend") if name in model.facts}
    return replace(
        model, horizons_days=horizons, carried=Carried(part_days, habit),
        facts=facts | {"learned_days": part_days, "rows_of_part": model.facts["rows"]},
    )  # fmt: skip


def _past_seen(known: pd.DataFrame, customers: pd.DataFrame | None) -> float:
    """Longest past of the closed cutoffs' customers, over that of today's."""
    if customers is None or customers.empty:
        return 1.0
    then, now = (rows["days_since_first_order"].max() for rows in (known, customers))
    return float(then / now)


def history_is_thin(known: pd.DataFrame, customers: pd.DataFrame) -> bool:
    """Whether the closed cutoffs saw so much less past that they teach nothing about today.

    A month before the only closed cutoff says little about customers of four months: their
    counts and ages lie outside of what was seen. A habit has the length of history in its
    formula.
    """
    return _past_seen(known, customers) < _THIN_PAST


def _from_habit(
    habit: MbgNbd, horizon: int, horizons: tuple[int, ...], facts: dict[str, Any]
) -> ReturnModel:  # fmt: skip
    """The model that takes the habit's log-odds as they are."""
    width = len(_TRANSFORMED)
    zeros, ones, wide = [0.0] * width, [1.0] * width, [1e9] * width
    linear = Linear(
        habit=habit,
        horizon_days=horizon,
        mean=zeros,
        scale=ones,
        low=[-x for x in wide],
        high=wide,
        weights=[1.0, *zeros],
        intercept=0.0,
    )
    return ReturnModel(
        "habit", horizon, horizons, 0.0, 0.0, (0.0, 1.0), linear, None, (), None,
        facts=facts,
    )  # fmt: skip


def _towards_habit(
    blend: tuple[float, float], linear: Linear, level: float, trust: float
) -> tuple[tuple[float, float], Linear]:
    """The same model, mixed with the habit's log-odds and the season as they are.

    ``trust`` is the part left to what was learned; the habit's log-odds are the regression's
    first transform, so that the mixture is a regression again.
    """
    of_trees, of_linear = blend
    weights = trust * of_linear * np.array(linear.weights)
    weights[0] += (1 - trust) * linear.scale[0]
    weights[-1] += 1 - trust
    intercept = trust * (of_linear * linear.intercept + (1 - of_linear) * level)
    intercept += (1 - trust) * linear.mean[0]
    mixed = replace(linear, weights=weights.round(8).tolist(), intercept=round(intercept, 8))
    return (round(trust * of_trees, 6), 1.0), mixed


def _shift_to(share: float, log_odds: Floats, weights: Floats | None = None) -> float:
    """What to add to log-odds to bring their mean probability halfway to the share forecast.

    Halfway, because the forecast of the share errs too (docs/decisions.md).
    """
    low, high = -3.0, 3.0
    for _ in range(40):
        middle = (low + high) / 2
        if float(np.average(expit(log_odds + middle), weights=weights)) > share:
            high = middle
        else:
            low = middle
    return round((low + high) / 4, 6)


def _explained_levels(
    rows: pd.DataFrame, habit: MbgNbd, horizon_days: int, given_days: int | None = None
) -> pd.Series[float]:
    """Log-odds of the share that habits alone would bring back, by cutoff.

    With ``given_days`` among those who come back within these, or, if the horizon is longer,
    among those who do not.
    """
    history, cutoffs = repeats_and_ages(rows), rows["cutoff"].to_numpy()

    def mean(days: int) -> pd.Series[float]:
        chance = pd.Series(habit.probability_of_return(*history, days))
        return chance.groupby(cutoffs).mean()

    share = mean(horizon_days)
    if given_days is not None:
        given = mean(given_days)
        share = share / given if horizon_days < given_days else (share - given) / (1 - given)
    return pd.Series(logit(share.clip(_LEAST_RATE, 1 - _LEAST_RATE)))


def _without_features(
    kind: str, level: float, horizon: int, horizons: tuple[int, ...], facts: dict[str, Any]
) -> ReturnModel:
    return ReturnModel(
        kind, horizon, horizons, level, 0.0, (0.0, 0.0), None, None, (), None, facts=facts
    )


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by customer and cutoff: bagging draws rows by their place."""
    keys = ["customer_id", "cutoff"]
    # Sorting a large table takes longer than seeing that the snapshots already are.
    if pd.MultiIndex.from_frame(rows[keys]).is_monotonic_increasing:
        return rows
    return rows.sort_values(keys, kind="stable")


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
    drawn = pd.util.hash_pandas_object(rows["customer_id"], index=False).to_numpy()
    # Other digits than those by which the backtest halves the customers.
    fold = (drawn >> np.uint64(16)) % 4 == 0
    return ~fold, fold


def _usable_features(rows: pd.DataFrame) -> list[str]:
    known = snapshot_columns()
    names = [c.name for c in known if c.name in rows.columns]
    # Other windows, and what a shop declares; all other numbers beside the keys are outcomes.
    outcomes = {"orders_in_horizon", "net_spend_in_horizon", "days_to_return", "_untreated_days"}
    more = [c for c in rows.columns if c not in {*names, *outcomes}]
    # The calendar is alike for everybody at a cutoff: trees would learn the few cutoffs by heart.
    # What a coming season does to all is the level's to say.
    calendar = {c.name for c in known if c.unit == "calendar"}
    usable = (n for n in [*names, *more] if n not in calendar)
    return [n for n in usable if rows[n].dtype.kind in "fiu" and rows[n].notna().any()]


def _matrix(snapshots: pd.DataFrame, features: Sequence[str]) -> NDArray[np.float32]:
    return np.ascontiguousarray(snapshots[list(features)].to_numpy(np.float32, na_value=np.nan))


def _lightgbm_params(rows: int, settings: TrainSettings, **more: Any) -> dict[str, Any]:
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
        **more,
    }


def _text(booster: Any) -> str:
    """The model as text, without the thread count that LightGBM writes into it."""
    lines = booster.model_to_string(num_iteration=-1).split("\n")
    return "\n".join("[num_threads: 1]" if s.startswith("[num_threads:") else s for s in lines)


def _boost(
    matrix: NDArray[np.float32], target: Floats, offset: Floats, rounds: int,
    settings: TrainSettings, *, seeds: int = 1, **more: Any,
) -> list[str]:  # fmt: skip
    """One booster per seed, as text; all grow on the same bins."""
    import lightgbm

    params = _lightgbm_params(len(target), settings, **more)
    known = lightgbm.Dataset(matrix, target, init_score=offset, params=params)
    return [
        _text(lightgbm.train(params | {"seed": seed}, known, rounds))
        for seed in range(1, seeds + 1)
    ]


def _early_stopping(
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


# The snapshot column that each transform of the regression is explained by.
_TRANSFORMED = (
    "days_since_last_order",
    "days_since_last_order",
    "orders_per_30d",
    "order_value_mean",
    "silence_over_gap",
    "orders_30d",
    "orders_90d",
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
    return np.column_stack(
        [
            logit(chance),
            np.log1p(silent),
            np.log(np.maximum(orders, 1.0) / age),
            np.log1p(column("order_value_mean")),
            np.log1p(silent * orders / age),
            np.log1p(column("orders_30d")),
            np.log1p(column("orders_90d")),
        ]
    )


def _fit_linear(
    rows: pd.DataFrame, y: Floats, season: Floats, habit: MbgNbd | None, horizon_days: int
) -> Linear:
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


def _with_steps(
    model: ReturnModel, rows: pd.DataFrame, known: pd.DataFrame, habit: MbgNbd | None,
    cutoff: pd.Timestamp, customers: pd.DataFrame | None, settings: TrainSettings,
) -> ReturnModel:  # fmt: skip
    """The same model, with the conditional probabilities that lead to its other horizons.

    Customers are told apart by what ``rows`` teach. How many come early in a window is a matter
    of the season too, of which all closed windows of ``known`` tell.
    """
    main = model.horizon_days
    shorter = sorted((h for h in model.horizons_days if h < main), reverse=True)
    longer = sorted(h for h in model.horizons_days if h > main)
    newest = known["cutoff"] == known["cutoff"].max()
    past = known[newest] if customers is None or customers.empty else customers
    by_horizon = {main: np.asarray(expit(model.log_odds(past)))}
    steps: list[Step] = []
    for given, horizon in [*pairwise([main, *shorter]), *pairwise([main, *longer])]:
        beyond = horizon > given
        if beyond and (known["cutoff"] + pd.Timedelta(days=horizon) > cutoff).all():
            break
        levels, coming = _link_levels(known, past, given, horizon, habit, cutoff)
        trees = _link_trees(rows, levels, given, horizon, cutoff, settings)
        margin = trees.margin(past, settings.threads) if trees else np.zeros(len(past))
        at_risk = 1 - by_horizon[given] if beyond else by_horizon[given]
        coming += _shift_to(float(expit(coming)), coming + margin, at_risk)
        steps.append(Step(horizon, beyond, round(float(expit(coming)), 6), trees))
        chance = at_risk * np.asarray(expit(coming + margin))
        by_horizon[horizon] = by_horizon[given] + chance if beyond else chance
    return replace(model, steps=tuple(steps))


def _link(rows: pd.DataFrame, given: int, horizon: int, cutoff: pd.Timestamp) -> tuple[Mask, Mask]:
    """Which rows a conditional probability is of, and at which of them it happened."""
    wait = rows["days_to_return"].to_numpy(np.float64, na_value=np.inf)
    if horizon < given:
        return wait < given, wait < horizon
    observed = (cutoff - rows["cutoff"]).dt.days.to_numpy()
    if "_untreated_days" in rows:
        observed = np.minimum(observed, rows["_untreated_days"])
    return (wait >= given) & (observed >= horizon), wait < horizon


def _link_levels(
    known: pd.DataFrame, past: pd.DataFrame, given: int, horizon: int, habit: MbgNbd | None,
    cutoff: pd.Timestamp,
) -> tuple[pd.Series[float], float]:  # fmt: skip
    """Log-odds of a conditional probability, by closed cutoff and at the coming one."""
    at_risk, happened = _link(known, given, horizon, cutoff)
    counts = pd.DataFrame({"customers": at_risk, "happened": at_risk & happened})
    closed = counts.groupby(known["cutoff"].to_numpy()).sum()
    closed["past_days"] = known.groupby("cutoff")["days_since_first_order"].max().astype(float)
    closed = closed[closed["customers"] > 0]
    closed["share"] = (closed["happened"] + 1) / (closed["customers"] + 2)
    # Rounded, so that the last bit of a logarithm on another processor moves no tree.
    levels = logit(closed["share"]).round(8)
    sums = closed[["happened", "customers"]].sum()
    now = float(logit((sums["happened"] + 1) / (sums["customers"] + 2)))
    usual = pd.Series(now, closed.index)
    if habit is not None:
        usual = _explained_levels(known, habit, horizon, given).reindex(closed.index)
        now = float(_explained_levels(past, habit, horizon, given).iloc[-1])
    if closed.empty:  # nobody came back, or everybody
        return levels, now
    closed["season"] = levels - usual
    days = horizon if horizon < given else horizon - given
    longest = float(past["days_since_first_order"].max())
    return levels, now + forecast_season(closed, cutoff, days, longest)


def _link_trees(
    rows: pd.DataFrame, levels: pd.Series[float], given: int, horizon: int, cutoff: pd.Timestamp,
    settings: TrainSettings,
) -> Trees | None:  # fmt: skip
    """Trees of a conditional probability, grown from its level at each cutoff."""
    at_risk, happened = _link(rows, given, horizon, cutoff)
    y = happened[at_risk].astype(np.float64)
    if min(y.sum(), len(y) - y.sum()) < _STEP_PRIOR_ROWS:
        return None
    chosen = rows[at_risk]
    features = _usable_features(chosen)
    start = np.asarray(levels.reindex(chosen["cutoff"]), np.float64)
    grown = _boost(_matrix(chosen, features), y, start, settings.step_rounds, settings)
    return Trees(grown, features)


def _with_value(
    model: ReturnModel, known: pd.DataFrame, customers: pd.DataFrame | None, cutoff: pd.Timestamp,
    settings: TrainSettings,
) -> ReturnModel:  # fmt: skip
    """The same model, with what customers are worth."""
    value = fit_value(
        known, cutoff=cutoff, horizon_days=model.horizon_days, customers=customers,
        habit=model.linear.habit if model.linear else None, lifetime_days=settings.lifetime_days,
        max_rows=settings.max_rows,
    )  # fmt: skip
    return replace(model, value=value)
