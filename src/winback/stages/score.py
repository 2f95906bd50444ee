"""Model and newest snapshots in; one scored, explained row per customer out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.learning.model import ReturnModel
from winback.learning.rivals import Rivals
from winback.project import Project
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.scoring.drivers import describe_drivers
from winback.scoring.scores import add_reasons, rivals_table, score_customers, score_table
from winback.snapshots.declared import told_columns
from winback.stages.stored import champions_customers, customers

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def score(project: Project) -> None:
    """Score everybody, and explain those with most at stake."""
    params = project.params
    model = ReturnModel.load(project.path("champion"), params.train.threads)
    people = champions_customers(project)
    scores = score_customers(model, people, params.score)
    chosen = _worth_explaining(scores, params.score.explain_rows)
    currency = project.result("ingest", IngestSummary).currency
    declared = told_columns(params.snapshot)
    scores = add_reasons(scores, model, people, chosen, currency=currency, declared=declared)
    project.write_arrow("scores", score_table(scores), compression="zstd")
    project.write_arrow("rivals", _rivals_said(project, model, scores), compression="zstd")
    project.write_json("drivers", describe_drivers(model, people, declared))
    project.say(fact("progress.scored", n=len(scores)))
    expected = {
        name: round(float(scores[name].sum()), 2)
        for name in ("p_return", "expected_orders", "expected_net_spend")
        if scores[name].notna().any()
    }
    project.write_metrics("score", {"customers": len(scores), "total": expected})


def _rivals_said(project: Project, model: ReturnModel, scores: pd.DataFrame) -> pa.Table:
    """What others than the one who scores say of the same customers, sorted by them.

    They are those of today, whoever scores: an older champion meets today's base rate.
    """
    threads = project.params.train.threads
    rivals, own = Rivals.load(project.path("learned_rivals"), threads), None
    if model.rule is not None:
        own = rivals.own or ReturnModel.load(project.path("model"), threads)
    return rivals_table(rivals, customers(project), scores, own)


def _worth_explaining(scores: pd.DataFrame, most: int) -> set[str] | None:
    """Everybody, or in a large shop the customers with most at stake."""
    if len(scores) <= most:
        return None
    order = scores.sort_values(
        ["expected_net_spend", "spend_total", "customer_id"],
        ascending=[False, False, True],
        kind="stable",
    )
    return set(order["customer_id"].iloc[:most])
