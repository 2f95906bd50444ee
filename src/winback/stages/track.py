"""The results of all stages in; one MLflow run with a nested run per stage out."""

from __future__ import annotations

from winback.extras import require
from winback.project import Project
from winback.report.charts import Picture, draw_calibration, draw_gains, draw_lift, draw_profit
from winback.results.intake import IngestSummary
from winback.results.judged import MODEL, EvaluatedModel
from winback.results.planned import Planned
from winback.source import source_version
from winback.stages.stored import customers
from winback.tracking.mlflow_runs import Executed, log_pipeline


def track(project: Project) -> None:
    """Log the run, and outside experiments register the model."""
    require("pipeline")
    metrics = project.path("metrics")
    files = [project.root / name for name in ("params.yaml", "dvc.lock")]
    executed = Executed(
        results={
            "ingest": project.path("ingest"),
            "snapshot": metrics / "snapshot.json",
            "train": project.path("training"),
            "evaluate": project.path("evaluation"),
            "score": metrics / "score.json",
            "target": project.path("target"),
            "export": project.path("manifest"),
            "report": project.path("page"),
        },
        metrics=metrics,
        trained=project.path("model"),
        scoring=project.path("model"),
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


def _pictures(project: Project) -> dict[str, Picture]:
    """How good the forecasts were, and what lists would earn, where that can be drawn."""
    judged = project.result("evaluation", EvaluatedModel)
    language, rule = project.params.report.language, judged.verdict.best_simple
    calibration, lift = project.curve("calibration"), project.curve("lift")
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
    }  # fmt: skip
    return {name: picture for name, picture in drawn.items() if picture}
