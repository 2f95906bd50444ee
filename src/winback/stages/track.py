"""The results of all stages in; one MLflow run with a nested run per stage out."""

from __future__ import annotations

from winback.extras import require
from winback.learning.model import ReturnModel
from winback.project import Project
from winback.report.card import model_card
from winback.report.charts import (
    Picture,
    draw_calibration,
    draw_gains,
    draw_lift,
    draw_profit,
    draw_record,
)
from winback.results.carded import Card
from winback.results.gated import Gated
from winback.results.graded import Record
from winback.results.intake import IngestSummary
from winback.results.judged import MODEL, EvaluatedModel
from winback.results.learned import Training
from winback.results.planned import Planned
from winback.source import source_version
from winback.stages.stored import customers
from winback.tracking.mlflow_runs import Executed, as_features, log_pipeline
from winback.tracking.written import settings_of


def track(project: Project) -> None:
    """Log the run, and outside experiments register the model."""
    require("pipeline")
    metrics = project.path("metrics")
    files = [project.root / name for name in ("params.yaml", "dvc.lock")]
    card = model_card(card_of(project))
    project.write_card(card)
    executed = Executed(
        results={
            "ingest": project.path("ingest"),
            "products": project.path("products"),
            "snapshot": metrics / "snapshot.json",
            "train": project.path("training"),
            "evaluate": project.path("evaluation"),
            "gate": project.path("gate"),
            "score": metrics / "score.json",
            "learn": project.path("learned"),
            "target": project.path("target"),
            "export": project.path("manifest"),
            "report": project.path("page"),
            **({"grade": project.path("grades")} if project.path("grades").is_file() else {}),
        },
        metrics=metrics,
        trained=project.path("model"),
        scoring=project.path("champion"),
        card=card,
        pictures={name: drawn.png() for name, drawn in _pictures(project).items()},
        files=[path for path in files if path.is_file()],
    )
    log_pipeline(
        project.params,
        executed,
        root=project.root,
        sample=customers(project).head(100),
        code_version=source_version(),
    )


def card_of(project: Project) -> Card:
    """What the card of the model that scores says."""
    params, model = project.params, ReturnModel.load(project.path("champion"))
    recipe = project.result("gate", Gated).scores.recipe
    return Card(
        name=params.track.model_name,
        shop=params.report.shop_name,
        version=model.version,
        kind=model.kind,
        rule=model.rule.name if model.rule else None,
        horizon_days=model.horizon_days,
        horizons_days=model.horizons_days,
        code_version=recipe.code,
        settings=settings_of(recipe.params),
        features=len(as_features(customers(project)).columns),
        orders=project.result("ingest", IngestSummary),
        facts=model.facts,
        evidence=project.result("training", Training).evidence,
        judged=project.result("served", EvaluatedModel),
        grades=_record(project),
    )


def _record(project: Project) -> Record | None:
    """How right the lists that left were; None where nothing was graded."""
    graded = project.path("grades").is_file()
    return project.result("grades", Record) if graded else None


def _pictures(project: Project) -> dict[str, Picture]:
    """How good the forecasts were, and what lists would earn, where that can be drawn."""
    judged = project.result("served", EvaluatedModel)
    language, rule = project.params.report.language, judged.verdict.best_simple
    record = _record(project)
    calibration, lift = project.curve("served_calibration"), project.curve("served_lift")
    drawn = {
        "calibration": draw_calibration(calibration, method=judged.method, language=language),
        "gains": draw_gains(
            lift, model=judged.method, simple=rule if rule != judged.method else MODEL,
            language=language,
        ),
        "lift": draw_lift(judged, model=judged.method, language=language),
        "profit": draw_profit(
            project.curve("profit"), project.result("target", Planned),
            currency=project.result("ingest", IngestSummary).currency, language=language,
        ),
        "track_record": draw_record(record, language=language) if record else None,
    }  # fmt: skip
    return {name: picture for name, picture in drawn.items() if picture}
