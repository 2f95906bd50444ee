"""Snapshots and outcomes in; the return model and its backtest out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from winback.judging.backtesting import backtest
from winback.judging.evidence import judge_evidence
from winback.learning.fit import fit_return_model
from winback.learning.gaps import outside_gaps
from winback.learning.model import ReturnModel
from winback.learning.rules import fit_rule
from winback.learning.treated import untreated
from winback.project import Project
from winback.results.base import fact
from winback.results.judged import MODEL
from winback.results.learned import Evidence, Training
from winback.snapshots.days import ShopDays
from winback.stages.evaluate import champion_of
from winback.stages.past import past_of
from winback.stages.recipes import recipe_of
from winback.stages.stored import MOST_ROWS, stored
from winback.tables.outcomes import RESTATED, SHOP_DAYS

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
        recipe=recipe_of(project.params),
    )
    project.write_json("training", training)
    project.write_metrics("train", training)


def _learn(project: Project) -> tuple[ReturnModel, pd.DataFrame, Evidence]:
    params, say = project.params, project.say
    snapshots = stored(project)
    rows, newest = snapshots.closed_and_newest(MOST_ROWS)
    scored = project.once("customers", lambda: newest)
    first_days = snapshots.first_days(MOST_ROWS)
    horizon = params.snapshot.horizon_days
    # What customers did who had been sent an offer is not what they do by themselves.
    known = {*rows["customer_id"].astype(str), *scored["customer_id"]}
    sent, _ = past_of(project, known)
    days = ShopDays.from_frame(project.frame("shop_days", SHOP_DAYS), params.snapshot.country)
    evidence = judge_evidence(rows, scored, horizon_days=horizon, days=days)
    say(evidence)
    # Two fits side by side use two cores better than two threads inside one small fit.
    settings = params.train.model_copy(update={"threads": 1})
    say(fact("progress.learning", n=len(rows)))
    with ThreadPoolExecutor(max_workers=min(params.train.threads, 2)) as pool:
        fitted = pool.submit(
            fit_return_model, rows, cutoff=scored["cutoff"].iloc[0], customers=scored,
            horizon_days=horizon, horizons_days=params.train.horizons_days, settings=settings,
            treated=sent, first_days=first_days, days=days,
        )  # fmt: skip
        judge = partial(
            backtest, rows, horizon_days=horizon, active_days=params.active_days,
            origins=params.evaluate.origins, customers=scored, settings=settings,
            progress=say, treated=sent, restated=project.frame("restated", RESTATED),
            first_days=first_days, days=days,
        )  # fmt: skip
        judged = pool.submit(judge)
        model, table = fitted.result(), judged.result()
    if left_out := model.facts.rows_left_out_treated:
        say(fact("progress.treated", n=left_out))
    chosen = champion_of(params, table, scored)
    champion = chosen.method
    if champion != MODEL:
        alike = chosen.why == "near_chance"
        say(fact("progress.near_chance") if alike else fact("progress.rule", method=champion))
        taught = outside_gaps(rows, days, horizon)
        rule = fit_rule(champion, untreated(taught, sent, horizon), scored, horizon)
        model = model if rule is None else model.ruled_by(rule)
        # Judged anew, since what customers are worth follows from their chance to return.
        table = judge(rule=champion)
    return replace(model, threads=params.train.threads), table, evidence
