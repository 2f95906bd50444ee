"""The results of all stages in; one MLflow run with a nested run per stage out."""

from __future__ import annotations

from winback.extras import require
from winback.project import Project
from winback.source import source_version
from winback.stages.stored import customers
from winback.tracking.mlflow_runs import log_pipeline


def track(project: Project) -> None:
    """Log the run, and outside experiments register the model."""
    require("pipeline")
    metrics = project.path("metrics")
    log_pipeline(
        project.params,
        root=project.root,
        model_path=project.path("model"),
        sample=customers(project).head(100),
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
        compared=metrics / "evaluate.json",
        artifacts=[project.path("calibration"), project.path("lift")],
        code_version=source_version(),
    )
