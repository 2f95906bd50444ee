"""Who is champion, and another named by somebody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from winback.errors import UsageError, WinbackError
from winback.learning.model import ReturnModel
from winback.ledger.asked import (
    MODEL,
    before_champion,
    champion_on,
    model_file,
    models,
)
from winback.project import Project
from winback.questions.sealing import today_of
from winback.results.gated import Gated
from winback.results.ledgered import Entry, ModelSealed, Named, Reign
from winback.stages.recipes import recipe_of


def name_champion(project: Project, version: str, reason: str) -> Entry:
    """Make a model champion from today on: one that the ledger has, or the one just trained.

    ``dvc repro`` then lets it score; models trained on later data meet it at the gate.

    Raises:
        UsageError: nobody has a file of that version.
    """
    known = models(project.ledger())
    files: dict[str, bytes] = {}
    model = None
    if model_file(project.ledger(), version) is None:
        path, model = _at_hand(project, version)
        files[MODEL] = path.read_bytes()
    elif version not in known:
        raise WinbackError("ledger.no_recipe", version=version)
    return _entered(project, Named(version=version, reason=reason, model=model), files)


def roll_back(project: Project, reason: str) -> Entry:
    """Make the one before champion again.

    Raises:
        UsageError: there was none before, or nobody has its file.
    """
    before = before_champion(project.ledger())
    if before is None:
        raise UsageError("ledger.none_before")
    if model_file(project.ledger(), before.version) is None:
        raise UsageError("ledger.no_model", version=before.version, known=_known(project))
    return _entered(project, Named(version=before.version, reason=reason, rollback=True), {})


def reign_on(project: Project, day: date | None) -> Reign | None:
    """Who was champion on a day, or is now."""
    return champion_on(project.ledger(), day)


def ruling_of(project: Project) -> Gated | None:
    """What the gate last said in this project; None where it was not asked."""
    return project.result("gate", Gated) if project.path("gate").is_file() else None


def _at_hand(project: Project, version: str) -> tuple[Path, ModelSealed]:
    """A model that lies in the project, and what made it."""
    for name in ("model", "champion"):
        path = project.path(name)
        if not path.is_file():
            continue
        found = ReturnModel.load(path)
        if found.version == version:
            ruling = ruling_of(project)
            kept = name == "champion" and ruling is not None
            made = ModelSealed(
                version=version,
                kind=found.kind,
                rule=found.rule.name if found.rule else None,
                recipe=recipe_of(project.params),
            )
            return path, ruling.scores if kept and ruling else made
    raise UsageError("ledger.no_model", version=version, known=_known(project))


def _known(project: Project) -> str:
    """Versions that can be named, the newest last."""
    ledger = project.ledger()
    found = [version for version in models(ledger) if model_file(ledger, version)]
    for name in ("model", "champion"):
        if project.path(name).is_file():
            found.append(ReturnModel.load(project.path(name)).version)
    return ", ".join(dict.fromkeys(found)) or "-"


def _entered(project: Project, named: Named, files: dict[str, bytes]) -> Entry:
    return project.ledger().append(
        "champion", named.version, today_of(project), named, files, salt=project.salt()
    )
