"""A project opened by a notebook, to read what its pipeline made."""

from __future__ import annotations

from pathlib import Path

from winback.errors import WinbackError
from winback.params import load_params
from winback.project import Project
from winback.results.measured import Awaited, Measurement
from winback.results.reacted import Reacted


def open_project(folder: str | Path = ".") -> Project:
    """The project in a folder: ``frame("scores")``, ``result(...)``, ``path("list")``, ``params``.

    Raises:
        UsageError: there is no params.yaml, or it is not in order.
    """
    return Project(load_params(Path(folder) / "params.yaml"), root=Path(folder))


def measurements(project: Project) -> dict[str, Measurement | Awaited]:
    """What `dvc repro` measured of each campaign; none is missing but those it has not met yet."""
    found: dict[str, Measurement | Awaited] = {}
    for path in sorted(project.path("measurements").glob("*.json")):
        text = path.read_text(encoding="utf-8")
        try:
            found[path.stem] = Measurement.from_json(text, str(path))
        except WinbackError:
            found[path.stem] = Awaited.from_json(text, str(path))
    return found


def learned(project: Project) -> Reacted:
    """What lists that left have taught of each offer, as the stage ``learn`` found it.

    Raises:
        WinbackError: the stage has not run.
    """
    return project.result("learned", Reacted)
