"""Snapshots and outcomes in; the return model and its backtest out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from winback.learning.model import ReturnModel
from winback.project import Project
from winback.results.base import fact
from winback.results.judged import MODEL
from winback.results.learned import Evidence, Training
from winback.stages.evaluate import champion_of
from winback.stages.lessons import Lessons

if TYPE_CHECKING:
    import pandas as pd


def train(project: Project) -> None:
    """Fit the model, judge it at earlier cutoffs, and let a better rule give the scores."""
    model, judged, evidence = _learn(project)
    project.path("model").parent.mkdir(parents=True, exist_ok=True)
    model.save(project.path("model"))
    project.write_frame("backtest", judged)
    training = Training(
        **dict(model.facts),
        kind=model.kind,
        rule=model.rule.name if model.rule else None,
        evidence=evidence,
    )
    project.write_json("training", training)
    project.write_metrics(
        "train", training, "rows", "rows_left_out_treated", "returned", "rounds", "level"
    )


def _learn(project: Project) -> tuple[ReturnModel, pd.DataFrame, Evidence]:
    params, say = project.params, project.say
    lessons = Lessons.of(project, say)
    evidence = lessons.evidence()
    say(evidence)
    say(fact("progress.learning", n=len(lessons.rows)))
    # Two fits side by side use two cores better than two threads inside one small fit.
    with ThreadPoolExecutor(max_workers=min(params.train.threads, 2)) as pool:
        fitted, judged = pool.submit(lessons.fit), pool.submit(lessons.rehearse)
        model, table = fitted.result(), judged.result()
    if left_out := model.facts.rows_left_out_treated:
        say(fact("progress.treated", n=left_out))
    chosen = champion_of(params, table, lessons.scored)
    method = chosen.method
    if method != MODEL:
        alike = chosen.why == "near_chance"
        say(fact("progress.near_chance") if alike else fact("progress.rule", method=method))
        # Judged anew, since what customers are worth follows from their chance to return.
        table = lessons.rehearse(rule=method)
    return lessons.served(model, method), table, evidence
