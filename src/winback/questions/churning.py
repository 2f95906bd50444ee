"""What churn is in a shop, asked of a file of orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from winback.churn import ChurnStudy, define_churn
from winback.files import write_text
from winback.params import Params
from winback.project import FOLDER, Project, Say, as_json
from winback.questions.asked import Begin
from winback.snapshots.plan import observed_until
from winback.stages.ingest import read


def churn_history(
    source: Any, out: Path, params: Params, *, tolerated_share: float = 0.2, say: Say, begin: Begin,
) -> ChurnStudy:  # fmt: skip
    """What churn is in this shop, written as ``churn.json`` and ``churn.csv``."""
    project = Project(params, root=out, layout=FOLDER, source=source, say=say)
    begin("ingest")
    try:
        intake = read(project)
    finally:
        project.path("contacts").unlink(missing_ok=True)
    begin("churn")
    seen = observed_until(intake.cutoff, intake.summary.last_day)
    study = define_churn(intake.orders_path, cutoff=seen, tolerated_share=tolerated_share)
    write_text(out / "churn.json", as_json(study.summary()))
    write_text(out / "churn.csv", study.comebacks.to_csv(index=False, lineterminator="\n"))
    return study
