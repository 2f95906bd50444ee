"""Better settings for LightGBM, asked of a file of orders or of the project's snapshots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from winback.errors import WinbackError
from winback.extras import require
from winback.files import write_text
from winback.judging.tuning import Tuning, tune
from winback.params import Params
from winback.project import FOLDER, Project, Say, as_json
from winback.questions.asked import Begin
from winback.snapshots.days import ShopDays
from winback.source import source_version
from winback.stages.ingest import ingest
from winback.stages.snapshot import snapshot
from winback.stages.stored import MOST_ROWS, stored
from winback.tables.outcomes import RESTATED, SHOP_DAYS


def tune_history(
    source: Any, out: Path | None, params: Params, *, trials: int, seed: int = 1,
    say: Say, begin: Begin, progress: Callable[[int, int, float], None],
) -> tuple[Tuning, Path]:  # fmt: skip
    """Better settings, written as ``tuning.json`` and ``trials.csv``.

    Without a source, from the snapshots of the project, and its trials are logged to MLflow.
    Returns what was found, and the folder.
    """
    # Said at once, not after all the work.
    require("tune")
    if source is None:
        require("pipeline")
        project = Project(params, say=say)
        folder = out or project.path("tuning")
        if not project.path("snapshots").is_file():
            raise WinbackError("project.nothing_to_tune", file=project.path("snapshots"))
    else:
        folder = out or Path("tuned")
        project = Project(params, root=folder, layout=FOLDER, source=source, say=say)
        begin("ingest")
        with project.leaving_no_addresses():
            ingest(project)
        begin("snapshot")
        snapshot(project)
    begin("tune")
    tuning = tune(
        stored(project).closed(MOST_ROWS), horizon_days=params.snapshot.horizon_days,
        settings=params.train, trials=trials, origins=params.evaluate.origins, seed=seed,
        restated=project.frame("restated", RESTATED), progress=progress,
        days=ShopDays.from_frame(project.frame("shop_days", SHOP_DAYS)),
    )  # fmt: skip
    write_text(folder / "tuning.json", as_json(tuning.summary))
    write_text(folder / "trials.csv", tuning.trials.to_csv(index=False, lineterminator="\n"))
    if source is None:
        from winback.tracking.mlflow_runs import log_tuning

        log_tuning(params, tuning, root=Path(), code_version=source_version())
    return tuning, folder
