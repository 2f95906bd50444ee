"""Snapshots and outcomes in; the return model and its backtest out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from winback.judging.backtesting import backtest
from winback.judging.champion import best_rule
from winback.judging.evidence import judge_evidence
from winback.judging.use import BASE
from winback.learning.fit import fit_return_model
from winback.learning.gaps import outside_gaps
from winback.learning.model import ReturnModel
from winback.learning.rivals import Rivals
from winback.learning.rules import fit_rule
from winback.learning.treated import untreated
from winback.offers.contact import of_customers, read_history
from winback.params import Params
from winback.project import Project, Say
from winback.results.base import fact
from winback.results.judged import MODEL
from winback.results.learned import Evidence, Training
from winback.snapshots.days import ShopDays
from winback.stages.evaluate import champion_of
from winback.stages.stored import MOST_ROWS, stored
from winback.tables.outcomes import RESTATED, SHOP_DAYS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Lesson:
    """All that a model is learned and judged from, as it is known at the cutoff scored.

    ``rows`` are closed snapshots with their outcomes, ``scored`` those of today's customers;
    ``restated`` are outcomes that earlier cutoffs knew otherwise, ``sent`` who was sent what.
    """

    rows: pd.DataFrame
    scored: pd.DataFrame
    first_days: pd.DataFrame
    days: ShopDays
    restated: pd.DataFrame
    sent: pd.DataFrame | None


@dataclass(frozen=True, eq=False)
class Learned:
    """What came of a lesson: who scores, how that was judged, and what others would have said."""

    model: ReturnModel
    judged: pd.DataFrame
    evidence: Evidence
    rivals: Rivals
    best_rule: str | None


def train(project: Project) -> None:
    """Fit the model, judge it at earlier cutoffs, and let a better rule give the scores."""
    learned = learn(_lesson(project), project.params, project.say)
    model = learned.model
    project.path("model").parent.mkdir(parents=True, exist_ok=True)
    model.save(project.path("model"))
    learned.rivals.save(project.path("learned_rivals"))
    project.write_frame("backtest", learned.judged)
    training = Training(
        **dict(model.facts),
        kind=model.kind,
        rule=model.rule.name if model.rule else None,
        best_rule=learned.best_rule,
        evidence=learned.evidence,
    )
    project.write_json("training", training)
    project.write_metrics("train", training)


def _lesson(project: Project) -> Lesson:
    params, say = project.params, project.say
    snapshots = stored(project)
    rows, newest = snapshots.closed_and_newest(MOST_ROWS)
    scored = project.once("customers", lambda: newest)
    # What customers did who had been sent an offer is not what they do by themselves.
    sent = None if params.target.history is None else read_history(params.target.history)
    if sent is not None and sent.empty:
        say(fact("progress.no_history", pattern=params.target.history))
    elif sent is not None:
        sent, _ = of_customers(sent, {*rows["customer_id"].astype(str), *scored["customer_id"]})
    return Lesson(
        rows=rows,
        scored=scored,
        first_days=snapshots.first_days(MOST_ROWS),
        days=ShopDays.from_frame(project.frame("shop_days", SHOP_DAYS), params.snapshot.country),
        restated=project.frame("restated", RESTATED),
        sent=sent,
    )


def learn(lesson: Lesson, params: Params, say: Say) -> Learned:
    """Fit and judge; a rule that did better gives the scores, and its rivals are kept beside it."""
    rows, scored, days, sent = lesson.rows, lesson.scored, lesson.days, lesson.sent
    horizon = params.snapshot.horizon_days
    evidence = judge_evidence(rows, scored, horizon_days=horizon, days=days)
    say(evidence)
    # Two fits side by side use two cores better than two threads inside one small fit.
    settings = params.train.model_copy(update={"threads": 1})
    say(fact("progress.learning", n=len(rows)))
    with ThreadPoolExecutor(max_workers=min(params.train.threads, 2)) as pool:
        fitted = pool.submit(
            fit_return_model, rows, cutoff=scored["cutoff"].iloc[0], customers=scored,
            horizon_days=horizon, horizons_days=params.train.horizons_days, settings=settings,
            treated=sent, first_days=lesson.first_days, days=days,
        )  # fmt: skip
        judge = partial(
            backtest, rows, horizon_days=horizon, active_days=params.active_days,
            origins=params.evaluate.origins, customers=scored, settings=settings,
            progress=say, treated=sent, restated=lesson.restated,
            first_days=lesson.first_days, days=days,
        )  # fmt: skip
        judged = pool.submit(judge)
        model, table = fitted.result(), judged.result()
    if left_out := model.facts.rows_left_out_treated:
        say(fact("progress.treated", n=left_out))
    chosen = champion_of(params, table, scored)
    champion, own, threads = chosen.method, model, params.train.threads
    taught = untreated(outside_gaps(rows, days, horizon), sent, horizon)
    if champion != MODEL:
        alike = chosen.why == "near_chance"
        say(fact("progress.near_chance") if alike else fact("progress.rule", method=champion))
        rule = fit_rule(champion, taught, scored, horizon)
        model = model if rule is None else model.ruled_by(rule)
        # Judged anew, since what customers are worth follows from their chance to return.
        table = judge(rule=champion)
    best = best_rule(table)
    rivals = Rivals(
        base_rate=fit_rule(BASE, taught, scored, horizon),
        best_rule=None if best is None else fit_rule(best, taught, scored, horizon),
        own=None if model is own else replace(own, threads=threads),
    )
    return Learned(replace(model, threads=threads), table, evidence, rivals, best)
