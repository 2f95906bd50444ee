"""A project of one's own: laid out, and kept in step with the winback that is installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from winback.cli.asking import START, app, ingest_settings, merged, reads_orders
from winback.cli.progress import progress, speak
from winback.errors import WinbackError
from winback.extras import require

# Of verbs that write the stamp, or lie outside of any project, nobody wants to hear of it.
_UNSTAMPED = ("init", "stamp", "simulate")


@app.command(rich_help_panel=START, epilog="Example: winback init shop --orders orders.csv")
@reads_orders
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new project.")],
    orders: Annotated[
        str | None,
        typer.Option(help="CSV or Parquet file, or folder, of order lines, or a database."),
    ] = None,
    reading: Any = None,
    watermark_query: Annotated[
        str | None, typer.Option(help="SQL by which winback poll sees that a database changed.")
    ] = None,
    contact_column: Annotated[
        list[str] | None, typer.Option(help="Column that goes only into list.csv; repeatable.")
    ] = None,
    language: Annotated[str, typer.Option(help="en or pl, of what is written.")] = "en",
) -> None:
    """Lay out a project of one's own, for dvc repro each week."""
    settings = merged(
        None,
        ingest=ingest_settings(
            reading, contact=contact_column, watermark_query=watermark_query,
        ),
        target={
            "campaign_id": "tydzien-{cutoff}" if language == "pl" else "weekly-{cutoff}",
            "quiet_days": 28,
        },
        report={"language": language},
    )  # fmt: skip
    speak(language)
    require("pipeline")
    from winback.results.base import fact
    from winback.said import laid
    from winback.said.words import NBSP, Words
    from winback.template.laying import lay_out

    with progress() as told:
        done = lay_out(folder, orders, settings, say=told.say, begin=told.begin)
    words = Words(settings.report.language)
    lines = [
        laid.tell(fact("laid.key", key=key, value=value, why=laid.tell(why, words)), words)
        for key, value, why in done.settings
    ]
    lines += [laid.tell(note, words) for note in done.notes]
    print("\n".join(lines).replace(NBSP, " "))


@app.command(rich_help_panel=START, epilog="Example: winback stamp && dvc repro")
def stamp(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if it is of another winback.")
    ] = False,
) -> None:
    """Tell dvc repro which winback is installed."""
    from winback.cli.mistakes import language_asked
    from winback.results.base import fact
    from winback.said import laid
    from winback.said.words import Words
    from winback.template.pipeline import STAMP, other_stamp, write_stamp

    language = language_asked(["stamp"])
    speak(language)
    words = Words(language)
    if check and other_stamp(Path()):
        raise WinbackError("template.stamp_other", file=STAMP)
    if check:
        print(laid.tell(fact("laid.stamp_current"), words))
        return
    done = write_stamp(Path())
    if done.stages:
        stages = tuple(words.term("stage", name) for name in done.stages)
        found = fact("laid.stamped", stages=stages)
    else:
        found = fact("laid.stamp_current" if done.stages is None else "laid.stamped_same")
    print(laid.tell(found, words))
    if done.pipeline != "same":
        print(laid.tell(fact(f"laid.pipeline_{done.pipeline}"), words))


@app.command(rich_help_panel=START, epilog="Example: winback poll && dvc repro")
def poll() -> None:
    """Ask a database whether its orders have changed."""
    from winback.params import load_params
    from winback.project import Project
    from winback.questions.polling import poll_database
    from winback.results.base import fact
    from winback.said import laid
    from winback.said.words import Words
    from winback.template.pipeline import watch_database

    project = Project(load_params(Path("params.yaml")))
    speak(project.params.report.language)
    words = Words(project.params.report.language)
    found = poll_database(project)
    code = "laid.polled_changed" if found.changed else "laid.polled_same"
    print(laid.tell(fact(code, values=found.values), words))
    if watch_database(Path()):
        print(laid.tell(fact("laid.pipeline_watched"), words))


def warn_of_other_stamp(verb: str | None) -> None:
    """Say on stderr, in one line, that the project here was stamped by another winback.

    Costs next to nothing where there is no project, or where the stamp is of this winback.
    """
    if not Path("code.yaml").is_file() or verb in _UNSTAMPED or "--help" in sys.argv:
        return
    from winback.template.pipeline import other_stamp

    if other_stamp(Path()):
        from winback.cli.mistakes import language_asked
        from winback.results.base import fact
        from winback.said import laid
        from winback.said.words import Words

        words = Words(language_asked(sys.argv[1:]))
        print(f"winback: {laid.tell(fact('laid.stamp_other'), words)}", file=sys.stderr)
