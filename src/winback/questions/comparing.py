"""Runs and experiments side by side, for a notebook."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NotRequired, TypedDict

from winback.project import Project
from winback.questions.opening import Opened, open_project
from winback.results.base import Fact, Json, fact

if TYPE_CHECKING:
    import pandas as pd

# Of each run the few figures that tell runs apart: column, file of metrics, key in it.
_FIGURES = (
    ("log_loss", "evaluate", "model.log_loss"),
    ("roc_auc", "evaluate", "model.roc_auc"),
    ("lift_at_10", "evaluate", "model.lift_at_10"),
    ("base_rate", "evaluate", "everyone.base_rate"),
    ("listed", "target", "n_listed"),
    ("control", "target", "n_control"),
    ("expected_cost", "target", "expected_cost"),
)


@dataclass(frozen=True)
class Runs:
    """Executions side by side.

    Attributes:
        table: a row each, with ``where`` it is known from and a few figures of it; null where
            it has none.
        missing: what could not be asked, and why.
    """

    table: pd.DataFrame
    missing: tuple[Fact, ...]


def compare_runs(shop: Opened, others: Sequence[str | Path] = ()) -> Runs:
    """This execution beside those that DVC and MLflow know, and beside other folders.

    Each by the small files of metrics that every stage writes. Without git, DVC or MLflow what
    they would know is left out, and said.

    Args:
        shop: the project or run at hand.
        others: further projects, or folders of `winback run`.

    Raises:
        WinbackError: one of the others is neither a project nor a run.
    """
    import pandas as pd

    rows = [_Row("this", "here", _of_project(shop))]
    rows += [_Row(Path(place).name, "folder", _of_project(open_project(place))) for place in others]
    missing: list[Fact] = []
    for asked in (_of_dvc, _of_mlflow):
        found = asked(shop)
        if isinstance(found, Fact):
            missing.append(found)
        else:
            rows += found
    names = [name for name, _, _ in _FIGURES]
    table = pd.DataFrame([row.figures for row in rows], columns=names, dtype="float64")
    table.insert(0, "where", [row.where for row in rows])
    return Runs(table.set_index(pd.Index([row.run for row in rows], name="run")), tuple(missing))


class _Row(NamedTuple):
    run: str
    where: str
    figures: Mapping[str, float | None]


def _of_project(project: Project) -> Mapping[str, float | None]:
    found: dict[str, Json] = {}
    for stage in {stage for _, stage, _ in _FIGURES}:
        path = project.path("metrics") / f"{stage}.json"
        found[stage] = json.loads(path.read_text("utf-8")) if path.is_file() else None
    return {name: _at(found[stage], key) for name, stage, key in _FIGURES}


def _at(content: Json, key: str) -> float | None:
    """The number below a key with points in it."""
    for name in key.split("."):
        content = content.get(name) if isinstance(content, Mapping) else None
    return content if isinstance(content, int | float) else None


def _of_dvc(shop: Opened) -> list[_Row] | Fact:
    """Commits and experiments, as `dvc exp show` knows them."""
    if shop.is_run:
        return fact("answered.no_dvc_run")
    if find_spec("dvc") is None:
        return fact("answered.no_dvc")
    command = [sys.executable, "-m", "dvc", "exp", "show", "--json", "--num", "3"]
    done = subprocess.run(command, cwd=shop.root, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout) if not done.returncode else None
    except ValueError:
        found = None
    return fact("answered.no_git") if found is None else list(_of_shown(found))


def _of_shown(found: Sequence[_Shown]) -> Iterator[_Row]:
    for each in found:
        if each["rev"] != "workspace":
            yield _Row(each.get("name") or each["rev"][:7], "git", _figures(each))
        for group in each.get("experiments") or ():
            for trial in group.get("revs") or ():
                yield _Row(trial.get("name") or trial["rev"][:7], "dvc exp", _figures(trial))


class _Tried(TypedDict):
    revs: list[_Shown] | None


class _Told(TypedDict):
    metrics: dict[str, dict[str, Json]] | None


class _Shown(TypedDict):
    """A revision as DVC shows it, as far as it is looked at."""

    rev: str
    name: NotRequired[str | None]
    data: NotRequired[_Told | None]
    experiments: NotRequired[list[_Tried] | None]


def _figures(each: _Shown) -> Mapping[str, float | None]:
    told = each.get("data")
    metrics = (told and told.get("metrics")) or {}
    by_stage = {Path(name).stem: content.get("data") for name, content in metrics.items()}
    return {name: _at(by_stage.get(stage), key) for name, stage, key in _FIGURES}


def _of_mlflow(shop: Opened) -> list[_Row] | Fact:
    """Executions that the project's store holds."""
    if shop.is_run:
        return fact("answered.no_mlflow_run")
    if find_spec("mlflow") is None:
        return fact("answered.no_mlflow")
    from winback.tracking.mlflow_runs import logged_runs

    found = logged_runs(shop.params, shop.root)
    if not found:
        return fact("answered.no_mlflow_runs")
    return [
        _Row(run, "mlflow", {name: figures.get(key) for name, _, key in _FIGURES})
        for run, figures in found
    ]
