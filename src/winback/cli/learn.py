"""Whom a treatment moves, out of any table of people who were dealt it by lot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from winback.cli.asking import ASIDE, Out, Spoken, app
from winback.cli.progress import progress, say_aloud, speak, words_of


@app.command(
    rich_help_panel=ASIDE,
    epilog="Example: winback learn mailing.csv --treatment arm --outcome bought --out learned",
)
def learn(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet file, one row a person.")],
    treatment: Annotated[str, typer.Option(help="Column of the arm that was dealt by lot.")],
    outcome: Annotated[str, typer.Option(help="Column of yes or no, a count or money.")],
    out: Out,
    id: Annotated[str | None, typer.Option("--id", help="Column of the person.")] = None,
    probability: Annotated[
        str | None, typer.Option(help="Column of the chance of the arm that was dealt.")
    ] = None,
    value: Annotated[
        str | None, typer.Option(help="Column of what an outcome is worth. [default: 1]")
    ] = None,
    cost: Annotated[
        str | None, typer.Option(help="Cost of treating a person: a column or a number.")
    ] = None,
    control: Annotated[
        str | None, typer.Option(help="Value that means nothing was done; default: by its name.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="Column to leave out; repeatable.")
    ] = None,
    apply: Annotated[
        Path | None, typer.Option(help="File of people to foretell effects for.")
    ] = None,
    language: Spoken = None,
) -> None:
    """Learn from an experiment whom a treatment moves."""
    speak(language or "en")
    from winback.questions.learning import learn_file
    from winback.said import effects as said
    from winback.said.telling import tell

    words = words_of()
    with progress() as told:
        told.begin("learn")
        found = learn_file(
            out, words.language, table=file, treatment=treatment, outcome=outcome, id=id,
            probability=probability, value=value, cost=cost, control=control,
            ignore=tuple(ignore or ()), apply=apply,
        )  # fmt: skip
    learned = found.learned
    doubts = [tell(doubt, words) for doubt in learned.doubts]
    say_aloud(*doubts, f"{said.headline(learned, words)}.", *said.lines(learned, words))
    values = {"effects": str(out / "effects.parquet"), "page": str(out / "learned.html")}
    if found.effects is not None:
        say_aloud(words.fill(said.TEXTS["written"], values))
    say_aloud(words.fill(said.TEXTS["page"], values))
