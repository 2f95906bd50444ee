"""Backtest and model in; metrics, intervals and curves out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from winback.judging.judge import choose_champion, evaluate_predictions
from winback.learning.model import ReturnModel
from winback.learning.value import evaluate_value
from winback.params import Params
from winback.project import Project
from winback.stages.stored import customers, method_of

if TYPE_CHECKING:
    import pandas as pd

_FIRST_DAYS_ALONE = {
    "en": "The test is of the first {tested} of {horizon} days: later dates could test no more.",
    "pl": "To sprawdzian pierwszych {tested} z {horizon} dni: więcej na późniejszych datach nie "
    "dało się sprawdzić.",
}


def evaluate(project: Project) -> None:
    """Judge the method that gives the scores, beside its rivals."""
    params = project.params
    judged, model = project.frame("backtest"), ReturnModel.load(project.path("model"))
    evaluated = evaluate_predictions(
        judged.drop(columns=["origin_kind", "judged_days"]),
        horizon_days=int(judged["judged_days"].max() if len(judged) else model.horizon_days),
        active_days=params.active_days,
        n_bootstrap=params.evaluate.resamples,
        champion=champion_of(params, judged, customers(project)),
    )
    verdict, tested = evaluated.summary["verdict"], evaluated.summary["horizon_days"]
    if tested < model.horizon_days:
        for language, said in _FIRST_DAYS_ALONE.items():
            more = said.format(tested=tested, horizon=model.horizon_days)
            verdict["sentence"][language] += " " + more
    summary = evaluated.summary | {
        "model_kind": model.kind,
        "judged_on": sorted(set(judged["origin_kind"])),
        "value": evaluate_value(
            judged,
            model.value.lifetime if model.value else None,
            model.rule.name if model.rule else "lightgbm",
        ).model_dump(mode="json"),
    }
    project.write_json("evaluation", summary)
    project.write_metrics("evaluate", _of_the_scores(summary))
    project.write_curve("calibration", evaluated.calibration)
    project.write_curve("lift", evaluated.lift)


def champion_of(params: Params, judged: pd.DataFrame, scored: pd.DataFrame) -> dict[str, Any]:
    """Who gives the scores, by what is known at the cutoff."""
    return choose_champion(
        judged,
        horizon_days=params.snapshot.horizon_days,
        cutoff=scored["cutoff"].iloc[0],
        history_days=float(scored["days_since_first_order"].max()),
        n_bootstrap=params.evaluate.resamples,
    )


def _of_the_scores(evaluated: Mapping[str, Any]) -> dict[str, Any]:
    """Of an evaluation what is about the method that gives the scores, without intervals."""
    method = method_of(evaluated)
    found = {name: evaluated[name] for name in ("verdict", "value")}
    for name, people in evaluated["populations"].items():
        metrics = people["methods"].get(method) or {}
        found[name] = {"n": people["n"], "base_rate": people["base_rate"]} | {
            key: metric["value"] if isinstance(metric, Mapping) else metric
            for key, metric in metrics.items()
        }
    return found
