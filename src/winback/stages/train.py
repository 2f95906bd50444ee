"""Snapshots and outcomes in; the return model and its backtest out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from winback.judging.champion import best_rule
from winback.judging.use import BASE
from winback.learning.model import ReturnModel
from winback.learning.rivals import Rivals
from winback.project import Project
from winback.results.base import fact
from winback.results.judged import MODEL
from winback.results.learned import Evidence, Training
from winback.stages.evaluate import champion_of
from winback.stages.lessons import Lessons

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Learned:
    """What came of lessons: who scores, how that was judged, and what others would have said."""

    model: ReturnModel
    judged: pd.DataFrame
    evidence: Evidence
    rivals: Rivals

    def training(self) -> Training:
        """What is handed on of it."""
        rule, best = self.model.rule, self.rivals.best_rule
        return Training(
            **dict(self.model.facts),
            kind=self.model.kind,
            rule=rule.name if rule else None,
            best_rule=best.name if best else None,
            evidence=self.evidence,
        )


def train(project: Project) -> None:
    """Fit the model, judge it at earlier cutoffs, and let a better rule give the scores."""
    learned = learn(Lessons.of(project, project.say))
    project.path("model").parent.mkdir(parents=True, exist_ok=True)
    learned.model.save(project.path("model"))
    learned.rivals.save(project.path("learned_rivals"))
    project.write_frame("backtest", learned.judged)
    training = learned.training()
    project.write_json("training", training)
    project.write_metrics(
        "train", training, "rows", "rows_left_out_treated", "returned", "rounds", "level"
    )


def learn(lessons: Lessons) -> Learned:
    """Fit and judge; a rule that did better gives the scores, and its rivals are kept beside it."""
    params, say = lessons.project.params, lessons.say
    evidence = lessons.evidence()
    say(evidence)
    say(fact("progress.learning", n=len(lessons.rows)))
    # Two fits side by side use two cores better than two threads inside one small fit.
    with ThreadPoolExecutor(max_workers=min(params.train.threads, 2)) as pool:
        fitted, judged = pool.submit(lessons.fit), pool.submit(lessons.rehearse)
        own, table = fitted.result(), judged.result()
    if left_out := own.facts.rows_left_out_treated:
        say(fact("progress.treated", n=left_out))
    chosen = champion_of(params, table, lessons.scored)
    method = chosen.method
    if method != MODEL:
        alike = chosen.why == "near_chance"
        say(fact("progress.near_chance") if alike else fact("progress.rule", method=method))
        # Judged anew, since what customers are worth follows from their chance to return.
        table = lessons.rehearse(rule=method)
    model, best = lessons.served(own, method), best_rule(table)
    rivals = Rivals(
        base_rate=lessons.rule(BASE),
        best_rule=None if best is None else lessons.rule(best),
        own=lessons.served(own, MODEL) if model.rule else None,
    )
    return Learned(model, table, evidence, rivals)
