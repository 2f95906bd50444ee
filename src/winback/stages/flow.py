"""The stages in their order, and the walk through them that `winback run` makes."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from winback.params import Params
from winback.project import FOLDER, Project, Say, quiet
from winback.results.intake import IngestSummary

# Stage = verb = function = module in this package. `dvc repro` runs them one process each.
STAGES = (
    "ingest", "products", "snapshot", "describe", "train", "evaluate", "gate", "score", "learn",
    "target", "export", "report", "track", "measure", "grade", "watch",
)  # fmt: skip
WALKED = STAGES[: STAGES.index("report") + 1]


def stage(name: str) -> Callable[..., Any]:
    """The function of a stage; its module is imported only now."""
    found: Callable[..., Any] = getattr(import_module(f"winback.stages.{name}"), name)
    return found


def run_history(
    source: Any, out: Path, params: Params, *, say: Say | None = None,
    begin: Callable[[str], None] | None = None,
) -> Project:  # fmt: skip
    """Everything from an order history to a list and a report, in one folder.

    The stages of `dvc repro`, in one process, over the layout of a folder. Needs no DVC, MLflow
    or git. ``begin`` is told the name of each stage as it begins.
    """
    from winback.stages.delivering import check_asked

    check_asked(params)
    out.mkdir(parents=True, exist_ok=True)
    project = Project(params, root=out, layout=FOLDER, source=source, say=say or quiet)
    with project.leaving_no_addresses():
        for name in WALKED:
            if begin is not None:
                begin(name)
            stage(name)(project)
            if name == "ingest":
                _check_early(project)
    project.seal_folder()
    return project


def _check_early(project: Project) -> None:
    """What stops the planning is said at once, not after all the work."""
    from winback.stages.target import leaving_day

    leaving_day(project, project.result("ingest", IngestSummary).cutoff)
    project.salt()
