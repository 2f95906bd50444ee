"""Backtest and model in; metrics, intervals and curves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.judging.champion import choose_champion
from winback.judging.judge import Evaluation, evaluate_predictions
from winback.learning.model import ReturnModel
from winback.learning.value import evaluate_value
from winback.params import Params
from winback.project import Project
from winback.results.judged import MODEL, Champion, EvaluatedModel
from winback.stages.stored import customers

if TYPE_CHECKING:
    import pandas as pd


def evaluate(project: Project) -> None:
    """Judge the method that gives the scores, beside its rivals."""
    judged, model = project.frame("backtest"), ReturnModel.load(project.path("model"))
    champion = champion_of(project.params, judged, customers(project))
    summary, evaluated = judge(project.params, judged, model, champion)
    project.write_json("evaluation", summary)
    project.write_metrics("evaluate", summary.compared())
    project.write_curve("calibration", evaluated.calibration)
    project.write_curve("lift", evaluated.lift)


def judge(
    params: Params, judged: pd.DataFrame, model: ReturnModel, champion: Champion
) -> tuple[EvaluatedModel, Evaluation]:
    """What a rehearsal was worth, with its curves, and who gave the scores."""
    evaluated = evaluate_predictions(
        judged.drop(columns=["origin_kind", "judged_days"]),
        horizon_days=int(judged["judged_days"].max() if len(judged) else model.horizon_days),
        active_days=params.active_days,
        n_bootstrap=params.evaluate.resamples,
        champion=champion,
        of_days=model.horizon_days,
    )
    summary = EvaluatedModel(
        **dict(evaluated.summary),
        model_kind=model.kind,
        judged_on=tuple(sorted(set(judged["origin_kind"]))),
        value=evaluate_value(
            judged,
            model.value.lifetime if model.value else None,
            model.rule.name if model.rule else MODEL,
        ),
    )
    return summary, evaluated


def champion_of(params: Params, judged: pd.DataFrame, scored: pd.DataFrame) -> Champion:
    """Who gives the scores, by what is known at the cutoff."""
    return choose_champion(
        judged,
        horizon_days=params.snapshot.horizon_days,
        cutoff=scored["cutoff"].iloc[0],
        history_days=float(scored["days_since_first_order"].max()),
        n_bootstrap=params.evaluate.resamples,
    )
