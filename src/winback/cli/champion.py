"""Who is champion among the models, and another named."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from winback.cli.asking import WORKED, Spoken, app, day_given
from winback.cli.progress import say_aloud, say_fact, speak, words_of
from winback.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from winback.project import Project


@app.command(
    rich_help_panel=WORKED,
    epilog='Example: winback champion 52037edb09b8 --reason "the new one misses the gifts"',
)
def champion(
    version: Annotated[
        str | None,
        typer.Argument(help="A model to name: one that the ledger has, or the one just trained."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why, for whoever reads it later; needed to change it.")
    ] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Name the one before.")] = False,
    on: Annotated[str | None, typer.Option(help="Who was champion on this day.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder of `winback run`; default: this project.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    language: Spoken = None,
) -> None:
    """Which model is champion, since when and why; name another, or go back."""
    from winback.params import load_params
    from winback.project import Project
    from winback.questions.sealing import of_run

    project = of_run(folder) if folder else Project(load_params(Path("params.yaml")))
    speak(language or project.params.report.language)
    changes = rollback or version is not None
    if changes and not (reason and reason.strip()):
        raise UsageError("ledger.no_reason")
    if rollback and version is not None:
        raise UsageError("ledger.named_and_back", version=version)
    if changes:
        _change(project, version, reason or "")
    _show(project, day_given(on, "--on"), as_json=as_json)
    if changes and project.under_dvc:
        say_fact("champion_then")


def _change(project: Project, version: str | None, reason: str) -> None:
    from winback.questions.championing import name_champion, roll_back

    entry = (
        roll_back(project, reason) if version is None else name_champion(project, version, reason)
    )
    say_fact("recorded", kind=words_of().term("entry_kind", entry.kind), subject=entry.subject,
             entry=entry.number)  # fmt: skip
    if find_spec("mlflow"):
        from winback.tracking.mlflow_runs import point_champion

        point_champion(project.root, project.params.track.model_name, entry.subject)


def _show(project: Project, day: date | None, *, as_json: bool) -> None:
    from winback.questions.championing import reign_on, ruling_of
    from winback.said.spoken import tell

    reign = reign_on(project, day)
    if as_json:
        print(reign.to_json() if reign else "null", end="")
        return
    if reign is None:
        say_fact("champion_none" if day else "champion_none_yet")
    else:
        why = words_of().term("reign", reign.why)
        say_fact("champion_is", version=reign.version, since=reign.since, why=why)
        if reign.reason:
            say_fact("champion_reason", reason=reign.reason)
    ruling = ruling_of(project)
    if day is None and ruling is not None:
        say_aloud(tell(ruling, words_of()))
