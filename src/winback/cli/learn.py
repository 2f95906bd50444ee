"""Whom a treatment moves, out of any table of people who were dealt it by lot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from winback.cli.asking import WORKED, Spoken, app
from winback.cli.flow import run_stage
from winback.cli.progress import progress, say_aloud, speak, words_of
from winback.errors import UsageError


@app.command(
    rich_help_panel=WORKED,
    epilog="Example: winback learn mailing.csv --treatment arm --outcome bought --out learned",
)
def learn(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV or Parquet file, one row a person; without it the stage of params.yaml runs."
        ),
    ] = None,
    treatment: Annotated[
        str | None, typer.Option(help="Column of the arm that was dealt by lot.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="Column of yes or no, a count or money.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results. [default: learned]")
    ] = None,
    id: Annotated[str | None, typer.Option("--id", help="Column of the person.")] = None,
    probability: Annotated[
        str | None, typer.Option(help="Column of the chance of the arm that was dealt.")
    ] = None,
    value: Annotated[
        str | None,
        typer.Option(help="What an outcome is worth: a column or a number. [default: 1]"),
    ] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(
            help="Cost of treating a person: a column, a number, or ARM=NUMBER; repeatable."
        ),
    ] = None,
    control: Annotated[
        str | None,
        typer.Option(
            help="Value that means nothing was done, '' where empty means it; default: by its name."
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="Column to leave out; repeatable.")
    ] = None,
    apply: Annotated[
        Path | None, typer.Option(help="File of people to foretell effects for.")
    ] = None,
    decimal_mark: Annotated[
        str | None, typer.Option(help="point or comma, where 1,250 can be either.")
    ] = None,
    language: Spoken = None,
) -> None:
    """Learn from an experiment whom a treatment moves; without FILE, from lists that left."""
    if file is None:
        given = {
            "--treatment": treatment, "--outcome": outcome, "--out": out, "--id": id,
            "--probability": probability, "--value": value, "--cost": cost,
            "--control": control, "--ignore": ignore, "--apply": apply,
            "--decimal-mark": decimal_mark,
        }  # fmt: skip
        _of_lists([flag for flag, told in given.items() if told], language)
        return
    for flag, column in (("--treatment", treatment), ("--outcome", outcome)):
        if column is None:
            raise UsageError("cli.learn_no_column", flag=flag, file=str(file))
    assert treatment is not None and outcome is not None
    out = out or Path("learned")
    speak(language or "en")
    from winback.questions.learning import learn_file
    from winback.said import effects as said
    from winback.said.telling import tell
    from winback.said.words import capital

    words = words_of()
    with progress() as told:
        told.begin("learn")
        found = learn_file(
            out, words.language, table=file, treatment=treatment, outcome=outcome, id=id,
            probability=probability, value=value, cost=_cost(cost or []), control=control,
            ignore=tuple(ignore or ()), apply=apply, decimal_mark=decimal_mark,
        )  # fmt: skip
    learned = found.learned
    lines = [f"{said.headline(learned, words)}.", *said.answer(learned, words)]
    lines += [*said.findings(learned, words), said.rows_kept(learned, words)]
    lines += [f"{capital(tell(doubt, words))}." for doubt in learned.doubts]
    say_aloud(*(line for line in lines if line))
    values = {"effects": str(out / "effects.parquet"), "page": str(out / "learned.html")}
    if found.effects is not None:
        say_aloud(words.fill(said.TEXTS["written"], values))
    say_aloud(words.fill(said.TEXTS["page"], values))


def _of_lists(given: list[str], language: str | None) -> None:
    """The stage of params.yaml, and what it found of each offer."""
    if given:
        raise UsageError("cli.learn_no_file", flag=given[0])
    from winback.params import load_params
    from winback.said.reacted import TEXTS, lines

    found, words = run_stage("learn", language=language), words_of()
    say_aloud(*lines(found, words))
    if not load_params(Path("params.yaml")).target.learn:
        say_aloud(words.fill(TEXTS["switched_off"], {}))


def _cost(given: list[str]) -> str | dict[str, float] | None:
    """One number or column as it stands; or the number of each arm."""
    if len(given) < 2 and not any("=" in each for each in given):
        return given[0] if given else None
    found: dict[str, float] = {}
    for each in given:
        arm, sign, number = each.rpartition("=")
        try:
            found[arm] = float(number.replace(",", "."))
        except ValueError:
            sign = ""
        if not sign:
            raise UsageError("effects.cost_form", found=each)
    return found
