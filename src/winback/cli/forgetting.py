"""People forgotten: by name of a key, or because what is held of them is old."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from winback.cli.asking import LEAVES, Spoken, app
from winback.cli.progress import covered, say_aloud, speak, words_of
from winback.errors import UsageError

if TYPE_CHECKING:
    from winback.results.base import Fact


@app.command(rich_help_panel=LEAVES, epilog="Example: winback forget anna@example.com")
def forget(
    keys: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY]...", help="Ids, e-mail addresses or phone numbers."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="File of keys, one a line.")
    ] = None,
    older_than: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="DAYS",
            help="Instead: old lists, campaigns, confirmed pushes and caches, by the day after the "
            "last order.",
        ),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the shop's own files again without them, too.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder of `winback run`; default: this project.")
    ] = None,
    language: Spoken = None,
) -> None:  # fmt: skip
    """Remove people from everything here, and keep them out."""
    from dataclasses import replace

    from winback.params import load_params
    from winback.project import Project
    from winback.questions.forgetting import forget as forgotten
    from winback.questions.retaining import forget_older
    from winback.questions.sealing import of_run

    wanted = [*(keys or []), *_of_file(file)]
    if older_than is not None and wanted:
        raise UsageError("forget.both")
    if older_than is None and not wanted:
        raise UsageError("forget.no_key")
    found = of_run(folder) if folder is not None else Project(load_params(Path("params.yaml")))
    speak(language or found.params.report.language)
    project = replace(found, say=_say)
    if older_than is not None:
        forget_older(project, older_than)
    else:
        forgotten(project, wanted, raw=raw)


def _of_file(file: Path | None) -> list[str]:
    if file is None:
        return []
    if not file.is_file():
        raise UsageError("forget.no_file", file=file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _say(told: Fact) -> None:
    from winback.said.spoken import tell

    say_aloud(covered(tell(told, words_of())))
