"""How good predictions were, at cutoffs whose outcome the model never saw.

Ranking, calibration and lift with intervals, for everybody, for recently active customers and
for one-time buyers, beside the honest rivals; and whether the model is worth having.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats, Integers, Mask
from winback.draws import resampled
from winback.errors import WinbackError
from winback.judging.figures import METRICS, Figures, Scored, redrawn
from winback.judging.sampling import (
    LEAST_CUSTOMERS,
    draws_for,
    interval,
    rounded,
)
from winback.judging.use import against_chance, judged_for_use
from winback.params import RESAMPLES
from winback.results.judged import (
    MODEL,
    AtCutoff,
    Champion,
    CutoffMetrics,
    Finding,
    Judged,
    MethodMetrics,
    Population,
    Verdict,
)
from winback.tables.judged import CALIBRATION, LIFT

_KEYS = ("customer_id", "cutoff", "returned", "recently_active")
# Laid out in memory side by side.
_METHODS_AT_ONCE = 8


@dataclass(frozen=True)
class Evaluation:
    """What the predictions were worth.

    ``summary`` has numbers rounded to 4 decimals, null where a metric is not defined (one class
    only, a method without a probability for some row, a constant prediction's calibration
    slope). ``calibration`` has one row per population, method and bin of about a tenth of the
    rows (equal probabilities share a bin): mean ``predicted``, share ``observed``, and its 95 %
    Wilson interval counting each customer once. ``lift`` has one row per population, method and
    share targeted: share of all returning customers ``captured``, and that over the share
    targeted.
    """

    summary: Judged
    calibration: pd.DataFrame
    lift: pd.DataFrame

    def to_json(self) -> str:
        """The summary as JSON text, the same bytes for the same predictions."""
        return self.summary.to_json()


def evaluate_predictions(
    predictions: pd.DataFrame,
    *,
    horizon_days: int,
    active_days: int,
    n_bootstrap: int = RESAMPLES,
    seed: int = 0,
    model: str = MODEL,
    champion: Champion | None = None,
    of_days: int | None = None,
) -> Evaluation:
    """Ranking, calibration and lift of every method, with 95 % intervals.

    A method is a column ``p_<name>`` of probabilities: those of a backtest, and any that you add
    from models of your own, in a sentence called by their ``<name>``.

    ``populations`` pools the rows of all evaluation cutoffs, so ranking there is also
    between cutoffs; ``by_cutoff`` has the same metrics within each cutoff, without intervals.
    ``everyone`` is every row, ``recently_active`` those flagged so, ``one_time_buyers`` those
    whose second purchase is still to come, where ``one_time_buyer`` flags them.

    Metrics: area under the ROC curve (a tie counts half); average precision; log loss of
    probabilities kept within 1e-6 of 0 and 1; Brier score; slope of a logistic regression of
    the outcome on the predicted log-odds (1 is right, below 1 too extreme) and intercept with
    that slope held at 1 (0 is right, below 0 predicted too high); expected calibration error
    over ten bins of equal count; lift at 5, 10 and 20 % (customers with one probability share
    the places left, whatever the row order).

    Intervals: customers are drawn anew with Poisson(1) weights, all their rows together, the
    same draws for every method; the 2.5 and 97.5 % points. Large tables are drawn fewer times
    (``n_bootstrap`` in the summary says how many). Slope and intercept move by one Newton
    step per draw, which agrees with a full refit to first order. Draws of the calibration error
    are moved to have it as their mean.

    ``verdict`` compares ``model`` with the rival of the lowest log loss (then the highest ROC
    AUC) over everyone; differences are model less rival. ``beats`` is true only if the whole
    interval of the log loss difference is below 0, null if nothing could be compared or fewer
    than 20 customers returned or stayed away. Its ``use`` says what the forecasts are worth beside
    chance and the base rate (`winback.judging.use.against_chance`).

    Absence: a method with a null probability for some rows has null metrics over those rows,
    for it would be judged on other customers than its rivals.

    Args:
        predictions: One row per customer and evaluation cutoff: ``customer_id``, ``cutoff``,
            ``returned``, ``recently_active``, perhaps ``one_time_buyer``, and a ``p_<name>``
            column for each method.
        horizon_days: The horizon the probabilities are for.
        active_days: What ``recently_active`` means; only written down.
        n_bootstrap: Draws for the intervals; 0 gives none.
        seed: Of the draws.
        model: The method that is judged against the others.
        champion: What ``choose_champion`` says, carried into the verdict.
        of_days: The horizon of the scores, where only its first ``horizon_days`` were tested.

    Raises:
        WinbackError: A column is missing, an outcome is null, or a probability lies outside
            0 to 1.

    Examples:
        judged = wb.backtest(rows, horizon_days=90, active_days=180)
        judged["p_forest"] = my_forest.predict_proba(...)[:, 1]
        found = wb.evaluate_predictions(judged, horizon_days=90, active_days=180, model="forest")
        print(wb.tell(found.summary.verdict))
    """
    rows = checked(predictions)
    methods = [name.removeprefix("p_") for name in rows.columns if name.startswith("p_")]
    customer, customers = pd.factorize(rows["customer_id"])
    returned = rows["returned"].to_numpy(dtype=np.float64)
    draws = resampled(len(customers), draws_for(len(rows), n_bootstrap), seed)
    populations = _populations(rows)
    figures, calibration, lift = _curves(rows, methods, populations, returned, customer, draws)
    verdict = _verdict(
        {method: figures["everyone", method] for method in methods},
        model,
        [len(np.unique(customer[returned == outcome])) for outcome in (1, 0)],
        (horizon_days, of_days or horizon_days),
        champion,
    )
    summary = Judged(
        horizon_days=horizon_days,
        cutoffs=tuple(day_of(cutoff) for cutoff in sorted(rows["cutoff"].unique())),
        active_days=active_days,
        n_bootstrap=draws.shape[1],
        populations={
            name: _population(
                returned[chosen], customer[chosen], {m: figures[name, m] for m in methods}
            )
            for name, chosen in populations.items()
        },
        by_cutoff=_by_cutoff(rows, methods, returned, customer),
        verdict=verdict,
    )
    return Evaluation(summary, calibration, lift)


def _curves(
    rows: pd.DataFrame, methods: Sequence[str], populations: Mapping[str, Mask],
    returned: Floats, customer: Integers, draws: NDArray[np.uint8],
) -> tuple[dict[tuple[str, str], Figures], pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Figures of each population and method, with the tables of calibration and lift."""
    figures: dict[tuple[str, str], Figures] = {}
    calibration: list[tuple[str | float | None, ...]] = []
    lift: list[tuple[str | float | None, ...]] = []
    # A few at a time, and then let go: what is sorted for a method is larger than the rows.
    for population, chosen in populations.items():
        for start in range(0, len(methods), _METHODS_AT_ONCE):
            some = methods[start : start + _METHODS_AT_ONCE]
            scored = [
                Scored(_chance(rows, method)[chosen], returned[chosen], customer[chosen])
                for method in some
            ]
            drawn = redrawn(scored, draws)
            for method, each, values in zip(some, scored, drawn, strict=True):
                figures[population, method] = Figures(each.points, values)
                calibration += [(population, method, *row) for row in each.calibration()]
                lift += [(population, method, *row) for row in each.lift()]
    return (
        figures,
        pd.DataFrame(calibration, columns=list(CALIBRATION.names)),
        pd.DataFrame(lift, columns=list(LIFT.names)),
    )


def checked(predictions: pd.DataFrame) -> pd.DataFrame:
    """The predictions sorted by key, so that no figure depends on row order.

    Raises:
        WinbackError: a column is missing, an outcome is null, or a probability lies outside 0 to 1.
    """
    missing = [name for name in _KEYS if name not in predictions.columns]
    if missing:
        raise WinbackError("judging.no_column", names=missing, keys=list(_KEYS))
    rows = predictions.sort_values(["customer_id", "cutoff"], kind="stable", ignore_index=True)
    if rows["returned"].isna().any():
        n = int(rows["returned"].isna().sum())
        raise WinbackError("judging.no_outcome", n=n, rows=len(rows))
    for name in rows.columns:
        if name.startswith("p_"):
            p = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
            wrong = p[(p < 0) | (p > 1)]
            if len(wrong):
                found = [f"{value:g}" for value in wrong[:5]]
                raise WinbackError("judging.no_chance", name=name, n=len(wrong), found=found)
    return rows


def day_of(cutoff: object) -> date:
    """The day of a cutoff, however it is written."""
    return pd.Timestamp(cutoff).date()  # type: ignore[arg-type]


def _populations(rows: pd.DataFrame) -> dict[str, Mask]:
    populations = {
        "everyone": np.ones(len(rows), dtype=bool),
        "recently_active": rows["recently_active"].to_numpy(dtype=bool),
    }
    if "one_time_buyer" in rows:
        populations["one_time_buyers"] = rows["one_time_buyer"].to_numpy(dtype=bool)
    return populations


def _chance(rows: pd.DataFrame, method: str) -> Floats:
    return rows[f"p_{method}"].to_numpy(dtype=np.float64, na_value=np.nan)


def _population(returned: Floats, customer: Integers, figures: Mapping[str, Figures]) -> Population:
    return Population(
        n=len(returned),
        customers=len(np.unique(customer)),
        base_rate=rounded(returned.mean()) if len(returned) else None,
        methods={method: _with_intervals(found) for method, found in figures.items()},
    )


def _with_intervals(figures: Figures) -> MethodMetrics:
    drawn = dict(figures.drawn)
    if np.isfinite(drawn.get("ece", np.nan)).any():
        # A sum of absolute values only grows by chance, in every draw once more than in the data.
        usual = np.nanmean(drawn["ece"])
        drawn["ece"] = np.maximum(drawn["ece"] - usual + figures.points["ece"], 0.0)
    metrics = {
        name: interval(figures.points[name], drawn.get(name))
        for name in METRICS
        if name != "mean_p"
    }
    return MethodMetrics(**metrics, mean_p=rounded(figures.points["mean_p"]))


def _by_cutoff(
    rows: pd.DataFrame, methods: Sequence[str], returned: Floats, customer: Integers
) -> tuple[AtCutoff, ...]:
    found = []
    for cutoff in sorted(rows["cutoff"].unique()):
        chosen = (rows["cutoff"] == cutoff).to_numpy()
        metrics = {}
        for method in methods:
            p = _chance(rows.loc[chosen], method)
            points = Scored(p, returned[chosen], customer[chosen]).points
            metrics[method] = CutoffMetrics(
                **{name: rounded(points[name]) for name in CutoffMetrics.model_fields}
            )
        found.append(
            AtCutoff(
                cutoff=day_of(cutoff),
                n=int(chosen.sum()),
                base_rate=rounded(returned[chosen].mean()),
                methods=metrics,
            )
        )
    return tuple(found)


def _verdict(
    figures: Mapping[str, Figures],
    model: str,
    customers: Sequence[int],
    days: tuple[int, int],
    champion: Champion | None,
) -> Verdict:
    """The model against its best rival.

    ``customers`` are those who returned and those who did not, ``days`` those tested and those
    of the scores.
    """
    rivals = [method for method in figures if method != model and figures[method].complete]

    def losses_first(method: str) -> tuple[float, float, str]:
        points = figures[method].points
        return points["log_loss"], -float(np.nan_to_num(points["roc_auc"])), method

    best = min(rivals, key=losses_first) if rivals else None
    verdict = Verdict(
        finding="not_compared", model=model, best_simple=best, beats=None, champion=champion,
        returned=customers[0], stayed_away=customers[1], tested_days=days[0], horizon_days=days[1],
        log_loss_difference=None, roc_auc_difference=None, log_loss=None, log_loss_rival=None,
        roc_auc=None, roc_auc_rival=None,
    )  # fmt: skip
    if use := against_chance(figures, judged_for_use(model, champion), customers):
        verdict = verdict.model_copy(update={"use": use.use, "against_chance": use})
    if best is None or model not in figures or not np.isfinite(figures[model].points["roc_auc"]):
        return verdict
    ours, theirs = figures[model], figures[best]
    losses, areas = (
        interval(
            ours.points[name] - theirs.points[name],
            ours.drawn[name] - theirs.drawn[name] if name in ours.drawn else None,
        )
        for name in ("log_loss", "roc_auc")
    )
    beats = None
    if losses and losses.high is not None and min(customers) >= LEAST_CUSTOMERS:
        beats = losses.high < 0
    finding: Finding = "even"
    if losses and losses.low is not None and losses.high is not None:
        finding = "beats" if losses.high < 0 else "worse" if losses.low > 0 else "even"
        finding = finding if beats is not None else "few"
    return verdict.model_copy(
        update={
            "finding": finding,
            "beats": beats,
            "log_loss_difference": losses,
            "roc_auc_difference": areas,
            **{name: rounded(ours.points[name]) for name in ("log_loss", "roc_auc")},
            **{f"{name}_rival": rounded(theirs.points[name]) for name in ("log_loss", "roc_auc")},
        }
    )
