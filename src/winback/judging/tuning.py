"""Better settings for LightGBM, searched at earlier cutoffs and proved at later ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.errors import WinbackError
from winback.extras import require
from winback.learning.fit import Wish, fit_return_model, train_settings
from winback.learning.gaps import outside_gaps
from winback.params import ORIGINS, TrainSettings
from winback.results.tuned import Difference, Finding, Tuned
from winback.snapshots.days import ShopDays
from winback.snapshots.restated import outcomes_as_known

# Lowest and highest value, and whether steps are factors: wide enough to hold what LightGBM's
# own guide advises for small and for large tables.
SPACE: Mapping[str, tuple[float, float, bool]] = {
    "learning_rate": (0.02, 0.3, True),
    "num_leaves": (4, 63, True),
    "min_rows_in_leaf": (10, 500, True),
    "feature_share": (0.1, 1.0, False),
    "row_share": (0.5, 1.0, False),
    "l2": (0.1, 100.0, True),
    "path_smooth": (0.1, 100.0, True),
}


@dataclass(frozen=True)
class Tuning:
    """The best settings found, and what they are worth where they were not searched.

    ``trials`` has one row a trial, the given settings first: ``trial``, the keys of `SPACE`,
    ``log_loss`` over the cutoffs searched (null for a trial given up half-way).
    """

    summary: Tuned
    trials: pd.DataFrame

    def params_lines(self) -> str:
        """The lines to paste into params.yaml."""
        found = self.summary.settings.items()
        return "\n".join(["train:", *(f"  {key}: {value}" for key, value in found)])


def tune(
    rows: pd.DataFrame,
    *,
    horizon_days: int,
    settings: Wish | None = None,
    trials: int = 30,
    origins: int = ORIGINS,
    seed: int = 1,
    restated: pd.DataFrame | None = None,
    days: ShopDays | None = None,
    progress: Callable[[int, int, float], None] | None = None,
) -> Tuning:
    """Search settings at earlier cutoffs; say what they gain at the newest ones.

    The newest closed cutoffs are set aside. The search is judged, as a backtest judges, at up
    to ``origins`` cutoffs whose windows had closed before the first of those set aside; at
    each, the model is fitted on what had closed by then, as it was known then, and judged by
    what was known at the first cutoff set aside. Only the settings that win there meet the
    cutoffs set aside, once, beside the given ones; what is known today judges them. Optuna's
    sampler is seeded, so the same rows give the same result.

    Args:
        rows: snapshot columns and outcomes of all closed cutoffs.
        horizon_days: the main horizon.
        settings: the ``train`` section, or some of its keys, to start from and to beat.
        trials: settings to try beside the given ones.
        origins: cutoffs to search at, and as many to prove at; fewer in a short history.
        seed: of the sampler.
        restated: table of ``restated.parquet``: outcomes that were known otherwise once.
        days: the shop's days, as `shop_days` gives them; windows that overlap a gap neither teach
            nor judge.
        progress: told trials done, trials in all, and the lowest log loss so far.

    Raises:
        WinbackError: Optuna is not installed; the history is too short to search and prove
            at different windows, or too small for LightGBM.
    """
    require("tune")
    given = train_settings(settings).model_copy(update={"seeds": 1})
    horizon = pd.Timedelta(days=horizon_days)
    searched, proved = _split(outside_gaps(rows, days, horizon_days), horizon, origins)
    court = _Court(rows, horizon_days, restated, proved[0], days)
    first = {origin: court.judged(given, origin) for origin in searched}
    searched = [origin for origin, (_, grown) in first.items() if grown]
    if not searched:
        raise WinbackError("judging.too_small_to_tune", day=max(first))
    start = float(np.concatenate([first[origin][0]["loss"] for origin in searched]).mean())
    tell = progress or (lambda done, total, best: None)
    tried = _search(court, given, searched, start, trials=trials, seed=seed, tell=tell)
    # The first of equals, which are the given ones.
    best = tried.iloc[int(np.nanargmin(tried["log_loss"].to_numpy(np.float64)))]
    chosen = {
        key: int(best[key]) if isinstance(low, int) else float(best[key])
        for key, (low, _, _) in SPACE.items()
    }
    winner = given.model_copy(update=chosen)
    ours, theirs = (
        pd.concat([court.judged(candidate, origin)[0] for origin in proved])
        for candidate in (winner, given)
    )
    difference = _paired(ours, theirs)
    better = difference.high < 0
    finding: Finding = "better" if better else "worse" if difference.low > 0 else "even"
    summary = Tuned(
        settings=chosen,
        changed=chosen != _tuned_keys(given),
        tuned_on=tuple(origin.date() for origin in searched),
        proved_on=tuple(origin.date() for origin in proved),
        log_loss=round(float(ours["loss"].mean()), 5),
        log_loss_given=round(float(theirs["loss"].mean()), 5),
        difference=difference,
        better=better,
        finding=finding if best["trial"] > 0 else "unchanged",
    )
    return Tuning(summary, tried)


@dataclass(frozen=True)
class _Court:
    """Judges settings at a cutoff, by what was known when they were chosen."""

    rows: pd.DataFrame
    horizon_days: int
    restated: pd.DataFrame | None
    proof: pd.Timestamp  # the first cutoff set aside
    days: ShopDays | None

    def judged(self, candidate: TrainSettings, origin: pd.Timestamp) -> tuple[pd.DataFrame, bool]:
        """Log loss by customer, and whether there were trees to tune."""
        closed = self.rows["cutoff"] + pd.Timedelta(days=self.horizon_days) <= origin
        taught = outcomes_as_known(self.rows[closed], self.restated, origin)
        test = self.rows[self.rows["cutoff"] == origin]
        if origin < self.proof:
            # Choosing settings is learning, too.
            test = outcomes_as_known(test, self.restated, self.proof)
        model = fit_return_model(
            taught, cutoff=origin, horizon_days=self.horizon_days, customers=test,
            settings=candidate, value=False, days=self.days,
        )  # fmt: skip
        p = np.clip(model.predict(test)["p_return"].to_numpy(np.float64), 1e-6, 1 - 1e-6)
        losses = -np.log(np.where(test["returned"].to_numpy(bool), p, 1 - p))
        table = pd.DataFrame({"customer_id": test["customer_id"], "loss": losses})
        return table, model.trees is not None


def _search(
    court: _Court, given: TrainSettings, searched: Sequence[pd.Timestamp], start: float, *,
    trials: int, seed: int, tell: Callable[[int, int, float], None],
) -> pd.DataFrame:  # fmt: skip
    """One row a trial, the given settings first; their log loss is null where given up."""
    import optuna

    tried: list[dict[str, float | None]] = [{"trial": 0, **_tuned_keys(given), "log_loss": start}]
    tell(0, trials, start)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
    )
    for number in range(1, trials + 1):
        trial = study.ask()
        candidate = given.model_copy(update=_drawn(trial))
        parts: list[Floats] = []
        for step, origin in enumerate(searched):
            parts.append(court.judged(candidate, origin)[0]["loss"].to_numpy())
            trial.report(float(np.concatenate(parts).mean()), step)
            if step + 1 < len(searched) and trial.should_prune():
                break
        loss = float(np.concatenate(parts).mean()) if len(parts) == len(searched) else None
        state = optuna.trial.TrialState
        study.tell(trial, loss, state.PRUNED if loss is None else state.COMPLETE)
        tried.append({"trial": number, **_tuned_keys(candidate), "log_loss": loss})
        tell(number, trials, min(t["log_loss"] for t in tried if t["log_loss"] is not None))
    return pd.DataFrame(tried)


def _split(
    rows: pd.DataFrame, horizon: pd.Timedelta, origins: int
) -> tuple[list[pd.Timestamp], list[pd.Timestamp]]:
    """Cutoffs to search at, and later ones to prove at, with no window in both."""
    cutoffs = sorted(rows["cutoff"].unique())
    for count in range(min(origins, len(cutoffs)), 0, -1):
        proved = cutoffs[-count:]
        searched = [c for c in cutoffs if cutoffs[0] + horizon <= c and c + horizon <= proved[0]]
        if searched:
            return searched[-origins:], proved
    if not cutoffs:
        raise WinbackError("judging.nothing_to_tune", days=horizon.days)
    raise WinbackError(
        "judging.too_short_to_tune", days=horizon.days, n=len(cutoffs), first=cutoffs[0],
        last=cutoffs[-1],
    )  # fmt: skip


def _drawn(trial: Any) -> dict[str, float | int]:
    """Settings that Optuna proposes, at the precision in which they will be pasted."""
    drawn: dict[str, float | int] = {}
    for key, (low, high, by_factor) in SPACE.items():
        if isinstance(low, int):
            drawn[key] = trial.suggest_int(key, low, int(high), log=by_factor)
        else:
            drawn[key] = float(f"{trial.suggest_float(key, low, high, log=by_factor):.3g}")
    return drawn


def _tuned_keys(settings: TrainSettings) -> dict[str, float | int]:
    return {key: getattr(settings, key) for key in SPACE}


def _paired(ours: pd.DataFrame, theirs: pd.DataFrame) -> Difference:
    """Mean difference of loss with its 95 % interval; a customer's rows are one draw."""
    gap = ours["loss"].to_numpy() - theirs["loss"].to_numpy()
    mean = float(gap.mean())
    by_customer = pd.Series(gap - mean).groupby(ours["customer_id"].to_numpy()).sum()
    half = 1.959964 * float(np.sqrt((by_customer**2).sum())) / len(gap)
    return Difference(
        value=round(mean, 5) + 0.0,
        low=round(mean - half, 5) + 0.0,
        high=round(mean + half, 5) + 0.0,
    )
