"""Better settings for LightGBM, searched at earlier cutoffs and proved at later ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.errors import WinbackError
from winback.extras import require
from winback.learning.fit import fit_return_model
from winback.params import ORIGINS, TrainSettings
from winback.snapshots.restated import outcomes_as_known

Floats = NDArray[np.float64]

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

    Attributes:
        settings: the tuned keys of the ``train`` section; those given, if none was better.
        changed: whether they differ from those given.
        tuned_on: cutoffs that the search was judged at.
        proved_on: later cutoffs, none of whose windows the search saw.
        trials: one row a trial, the given settings first: ``trial``, the keys of `SPACE`,
            ``log_loss`` over ``tuned_on`` (null for a trial given up half-way).
        log_loss: of the tuned settings over ``proved_on``.
        log_loss_given: of the given settings there.
        difference: ``value``, ``low`` and ``high`` of tuned less given, over customers.
        better: whether all of that interval is below zero.
        sentence: the same in words, by language.
    """

    settings: dict[str, float | int]
    changed: bool
    tuned_on: list[str]
    proved_on: list[str]
    trials: pd.DataFrame
    log_loss: float
    log_loss_given: float
    difference: dict[str, float]
    better: bool
    sentence: dict[str, str]

    def params_lines(self) -> str:
        """The lines to paste into params.yaml."""
        return "\n".join(["train:", *(f"  {key}: {value}" for key, value in self.settings.items())])

    def summary(self) -> dict[str, Any]:
        """All but the trials, as plain values for JSON."""
        return {name: value for name, value in vars(self).items() if name != "trials"}


def tune(
    rows: pd.DataFrame,
    *,
    horizon_days: int,
    settings: TrainSettings | None = None,
    trials: int = 30,
    origins: int = ORIGINS,
    seed: int = 1,
    restated: pd.DataFrame | None = None,
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
        settings: the ``train`` section to start from and to beat.
        trials: settings to try beside the given ones.
        origins: cutoffs to search at, and as many to prove at; fewer in a short history.
        seed: of the sampler.
        restated: table of ``restated.parquet``: outcomes that were known otherwise once.
        progress: told trials done, trials in all, and the lowest log loss so far.

    Raises:
        WinbackError: Optuna is not installed; the history is too short to search and prove
            at different windows, or too small for LightGBM.
    """
    require("tune")
    import optuna

    given = (settings or TrainSettings()).model_copy(update={"seeds": 1})
    horizon = pd.Timedelta(days=horizon_days)
    searched, proved = _split(rows, horizon, origins)
    tell = progress or (lambda done, total, best: None)

    def judged(candidate: TrainSettings, origin: pd.Timestamp) -> tuple[pd.DataFrame, bool]:
        """Log loss by customer, and whether there were trees to tune."""
        taught = outcomes_as_known(rows[rows["cutoff"] + horizon <= origin], restated, origin)
        test = rows[rows["cutoff"] == origin]
        if origin < proved[0]:
            # Choosing settings is learning, too.
            test = outcomes_as_known(test, restated, proved[0])
        model = fit_return_model(
            taught, cutoff=origin, horizon_days=horizon_days, customers=test, settings=candidate,
            value=False,
        )  # fmt: skip
        p = np.clip(model.predict(test)["p_return"].to_numpy(np.float64), 1e-6, 1 - 1e-6)
        losses = -np.log(np.where(test["returned"].to_numpy(bool), p, 1 - p))
        table = pd.DataFrame({"customer_id": test["customer_id"], "loss": losses})
        return table, model.trees is not None

    first = [(origin, *judged(given, origin)) for origin in searched]
    searched = [origin for origin, _, grown in first if grown]
    if not searched:
        raise WinbackError(
            f"As of {first[-1][0]:%Y-%m-%d} the history was too small for LightGBM, so there is "
            "nothing to tune. Choose a shorter horizon or a longer history."
        )
    start = float(np.concatenate([table["loss"] for _, table, grown in first if grown]).mean())
    tried: list[dict[str, Any]] = [{"trial": 0, **_tuned_keys(given), "log_loss": start}]
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
            parts.append(judged(candidate, origin)[0]["loss"].to_numpy())
            trial.report(float(np.concatenate(parts).mean()), step)
            if step + 1 < len(searched) and trial.should_prune():
                break
        loss = float(np.concatenate(parts).mean()) if len(parts) == len(searched) else None
        state = optuna.trial.TrialState
        study.tell(trial, loss, state.PRUNED if loss is None else state.COMPLETE)
        tried.append({"trial": number, **_tuned_keys(candidate), "log_loss": loss})
        tell(number, trials, min(t["log_loss"] for t in tried if t["log_loss"] is not None))
    table = pd.DataFrame(tried)
    # The first of equals, which are the given ones.
    best = tried[int(np.nanargmin(table["log_loss"].to_numpy(np.float64)))]
    chosen = {key: best[key] for key in SPACE}
    winner = given.model_copy(update=chosen)
    ours, theirs = (
        pd.concat([judged(candidate, origin)[0] for origin in proved])
        for candidate in (winner, given)
    )
    difference = _paired(ours, theirs)
    better = difference["high"] < 0
    figures = float(ours["loss"].mean()), float(theirs["loss"].mean())
    days = [f"{origin:%Y-%m-%d}" for origin in proved]
    return Tuning(
        settings=chosen,
        changed=chosen != _tuned_keys(given),
        tuned_on=[f"{origin:%Y-%m-%d}" for origin in searched],
        proved_on=days,
        trials=table,
        log_loss=round(figures[0], 5),
        log_loss_given=round(figures[1], 5),
        difference=difference,
        better=better,
        sentence=_sentence(figures, difference, better, days, changed=best["trial"] > 0),
    )


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
    raise WinbackError(
        f"Tuning needs three windows of {horizon.days} days one after the other, to learn, to "
        f"search and to prove; this history has {len(cutoffs)} closed cutoffs"
        + (f" from {cutoffs[0]:%Y-%m-%d} to {cutoffs[-1]:%Y-%m-%d}" if cutoffs else "")
        + ". Choose a shorter horizon."
    )


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


def _paired(ours: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, float]:
    """Mean difference of loss with its 95 % interval; a customer's rows are one draw."""
    gap = ours["loss"].to_numpy() - theirs["loss"].to_numpy()
    mean = float(gap.mean())
    by_customer = pd.Series(gap - mean).groupby(ours["customer_id"].to_numpy()).sum()
    half = 1.959964 * float(np.sqrt((by_customer**2).sum())) / len(gap)
    return {
        name: round(value, 5) + 0.0
        for name, value in (("value", mean), ("low", mean - half), ("high", mean + half))
    }


_WORDS = {
    "en": {
        "gain": "At cutoffs not searched ({days}) log loss is {ours} with the tuned settings and "
        "{theirs} with the given ones: difference {value} (95 % interval {low} to {high}). ",
        "better": "The tuned settings are better.",
        "even": "That is not provably better; keep the given ones.",
        "worse": "The tuned settings are worse there; keep the given ones.",
        "unchanged": "No settings tried were better than the given ones; keep them.",
    },
    "pl": {
        "gain": "W momentach, których nie przeszukiwano ({days}), log loss wynosi {ours} z "
        "dostrojonymi ustawieniami i {theirs} z dotychczasowymi: różnica {value} (przedział 95 % "
        "od {low} do {high}). ",
        "better": "Dostrojone ustawienia są lepsze.",
        "even": "To nie jest dowiedziona poprawa; zostań przy dotychczasowych.",
        "worse": "Dostrojone ustawienia są tam gorsze; zostań przy dotychczasowych.",
        "unchanged": "Żadne z wypróbowanych ustawień nie było lepsze od dotychczasowych; zostań "
        "przy nich.",
    },
}  # fmt: skip


def _sentence(
    figures: Sequence[float], difference: Mapping[str, float], better: bool, days: Sequence[str],
    *, changed: bool,
) -> dict[str, str]:  # fmt: skip
    told = {}
    for language, words in _WORDS.items():
        values = {"ours": figures[0], "theirs": figures[1], **difference}
        written = {name: f"{value:.4f}" for name, value in values.items()}
        if language == "pl":
            written = {name: text.replace(".", ",") for name, text in written.items()}
        gain = words["gain"].format(days=", ".join(days), **written)
        told[language] = (
            gain + words["better" if better else "worse" if difference["low"] > 0 else "even"]
            if changed
            else words["unchanged"]
        )
    return told
