"""What left and what came of it: sealed, looked up, corrected, never changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from winback.cli.asking import LEAVES, START, WORKED, Spoken, app, day_given
from winback.cli.progress import say_aloud, say_fact, speak, words_of

if TYPE_CHECKING:
    from winback.project import Project
    from winback.results.ledgered import Entry

ledger = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="What left and what came of it, verified.",
    epilog="Example: winback ledger --on 2024-05-01",
)
app.add_typer(ledger, name="ledger", rich_help_panel=WORKED)

# Neither an error (1) nor a mistake (2): cron can tell them apart.
_SOMETHING_WAITS = 3
Campaign = Annotated[str, typer.Argument(help="Name of a campaign that has left.")]
Folder = Annotated[
    Path | None, typer.Option("--in", help="Folder of `winback run`; default: this project.")
]
Reason = Annotated[str, typer.Option(help="Why, for whoever reads it later.")]


def _project(folder: Path | None, language: str | None = None) -> Project:
    from winback.params import load_params
    from winback.project import Project
    from winback.questions.sealing import of_run

    here = Path("params.yaml")
    project = of_run(folder) if folder is not None else Project(load_params(here))
    speak(language or project.params.report.language)
    return project


@app.command(rich_help_panel=LEAVES, epilog="Example: winback seal --sent-on 2024-05-02")
def seal(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="CAMPAIGN|DIR",
            help="The current list's campaign, or a folder of `winback run`; default: the current.",
        ),
    ] = None,
    sent_on: Annotated[
        str | None,
        typer.Option(help="Day the list left; default: the day its offers count from."),
    ] = None,
    language: Spoken = None,
) -> None:
    """Say that a list has left; from then on the next ones know of it."""
    from winback.params import Params, load_params
    from winback.questions.sealing import listed_at, seal_list

    here = Path("params.yaml")
    project = listed_at(name, load_params(here) if here.is_file() else Params())
    speak(language or project.params.report.language)
    done = seal_list(project, day_given(sent_on, "--sent-on"))
    _print_recorded(done.recorded)
    told = done.sealed
    if done.again:
        say_fact("sealed_already", campaign=told.campaign_id, day=told.sent_on,
                 entry=done.entry.number)  # fmt: skip
        return
    say_fact(
        "sealed", campaign=told.campaign_id, day=told.sent_on, listed=told.listed,
        control=told.control, customers=told.customers, entry=done.entry.number,
    )  # fmt: skip
    if project.under_dvc:
        say_fact("share_ledger", people=str(project.path("people")))


@app.command(rich_help_panel=LEAVES, epilog="Example: winback confirm klaviyo")
def confirm(
    destination: Annotated[str, typer.Argument(help="Whose file was imported, such as klaviyo.")],
    campaign: Annotated[
        str | None, typer.Option(help="A list that left before; default: the current one.")
    ] = None,
    left: Annotated[
        bool | None,
        typer.Option(
            "--left/--no-left",
            help="Whether left.csv was imported too. [default: where a file can clear]",
        ),
    ] = None,
    folder: Folder = None,
    language: Spoken = None,
) -> None:
    """Say that a person imported a destination's file; the next one then tells what changes."""
    from winback.questions.confirming import confirm as confirm_import
    from winback.questions.confirming import told

    done = confirm_import(_project(folder, language), destination, campaign, left)
    say_fact(
        "confirmed", name=destination, campaign=done.campaign_id, entered=done.entered,
        changed=done.changed, same=done.same, cleared=done.cleared,
    )  # fmt: skip
    if done.kept:
        say_fact("confirmed_kept", name=destination, kept=done.kept)
    sealed = told(done)
    if sealed is not None and done.sealed is not None:
        say_fact(
            "sealed", campaign=sealed.campaign_id, day=sealed.sent_on, listed=sealed.listed,
            control=sealed.control, customers=sealed.customers, entry=done.sealed.entry.number,
        )  # fmt: skip


@app.command(rich_help_panel=START, epilog="Example: winback due --on 2024-05-06")
def due(
    on: Annotated[
        str | None, typer.Option(help="Today; default: the day after the last order.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON list.")] = False,
    language: Spoken = None,
) -> None:
    """What waits, each with its command; exit code 3 where anything does."""
    import json

    from winback.questions.waiting import what_waits
    from winback.results.base import fact
    from winback.said.spoken import tell

    found = what_waits(_project(None, language), day_given(on, "--on"))
    words = words_of()
    if as_json:
        print(json.dumps([each.model_dump(mode="json") for each in found], ensure_ascii=False))
    else:
        say_aloud(*(tell(each, words) for each in found or [fact("due.nothing")]))
    if found:
        raise typer.Exit(_SOMETHING_WAITS)


@ledger.callback()
def show(
    context: typer.Context,
    on: Annotated[str | None, typer.Option(help="As of this day.")] = None,
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="The entries as JSON lines.")] = False,
    language: Spoken = None,
) -> None:
    """What left and what came of it, verified."""
    if context.invoked_subcommand is not None:
        return
    from winback.ledger.asked import champion_on

    project = _project(folder, language)
    book, day = project.ledger(), day_given(on, "--on")
    book.verify(project.salt() if book.entries else None)
    entries = [entry for entry in book.entries if day is None or entry.day <= day]
    if as_json:
        import json

        for entry in entries:
            print(json.dumps(entry.model_dump(mode="json"), ensure_ascii=False, sort_keys=True))
        return
    if not book.entries:
        say_fact("ledger_empty")
        return
    for entry in entries:
        _print_entry(entry)
    say_fact("ledger_whole", entries=len(book.entries))
    reign = champion_on(book, day)
    if reign is None:
        say_fact("champion_none")
    else:
        say_fact("champion_is", version=reign.version, since=reign.since,
                 why=words_of().term("reign", reign.why))  # fmt: skip


@ledger.command("record", epilog="Example: winback ledger record")
def record_findings(language: Spoken = None) -> None:
    """Put into the ledger what grade, gate, watch and measure found."""
    from winback.questions.sealing import record

    made = record(_project(None, language))
    _print_recorded(made)
    if not made:
        say_fact("nothing_to_record")


@ledger.command("correct", epilog="Example: winback ledger correct may --never-left --reason held")
def correct_seal(
    campaign: Campaign,
    reason: Reason,
    sent_on: Annotated[str | None, typer.Option(help="The day it really left.")] = None,
    never_left: Annotated[bool, typer.Option("--never-left", help="It never left.")] = False,
    folder: Folder = None,
    language: Spoken = None,
) -> None:
    """Say in a new entry what was wrong in a seal."""
    from winback.questions.remembering import correct

    project = _project(folder, language)
    seal, entry = correct(
        project, campaign, reason=reason, sent_on=day_given(sent_on, "--sent-on"),
        never_left=never_left,
    )  # fmt: skip
    say_fact("corrected", entry=seal.entry.number, by=entry.number)


@ledger.command("rebuild", epilog="Example: winback ledger rebuild may --out may.csv")
def rebuild_list(
    campaign: Campaign,
    out: Annotated[Path | None, typer.Option(help="File; default: CAMPAIGN.csv.")] = None,
    folder: Folder = None,
    language: Spoken = None,
) -> None:
    """Make a list that left again, byte for byte, or say which input is gone."""
    from winback.questions.rebuilding import rebuild

    place = out or Path(f"{campaign}.csv")
    rebuild(_project(folder, language), campaign, place)
    say_fact("rebuilt", campaign=campaign, file=str(place))


@ledger.command("diff", epilog="Example: winback ledger diff week-1 week-2")
def difference(
    old: Campaign,
    new: Annotated[
        str, typer.Argument(help="Another one, or current: the list that waits.")
    ] = "current",
    as_json: Annotated[bool, typer.Option("--json", help="Every customer, as JSON.")] = False,
    folder: Folder = None,
    language: Spoken = None,
) -> None:
    """What one list changes beside another."""
    from winback.questions.remembering import compare
    from winback.results.base import fact
    from winback.said.spoken import tell

    rows = compare(_project(folder, language), old, new)
    if as_json:
        print(rows.to_json(orient="records", indent=1, force_ascii=False))
        return
    counts = rows["change"].value_counts()
    words = words_of()
    for name in ("entered", "left", "other_offer", "other_band", "same"):
        told = fact(f"terminal.diff_{name}", n=int(counts.get(name, 0)), old=old, new=new)
        say_aloud(tell(told, words))


@ledger.command("forget", hidden=True)
def forget_person(
    keys: Annotated[list[str] | None, typer.Argument()] = None,
    folder: Folder = None,
    language: Spoken = None,
) -> None:
    """Refused: it would leave the person in everything else."""
    from winback.errors import UsageError

    raise UsageError("forget.moved")


def _print_recorded(made: tuple[Entry, ...]) -> None:
    for entry in made:
        kind = words_of().term("entry_kind", entry.kind)
        say_fact("recorded", kind=kind, subject=entry.subject, entry=entry.number)


def _print_entry(entry: Entry) -> None:
    from winback.ledger.asked import read
    from winback.results.ledgered import Sealed

    words = words_of()
    kind = words.term("entry_kind", entry.kind)
    if entry.kind not in ("seal", "replay"):
        say_fact("ledger_entry", entry=entry.number, day=entry.day, kind=kind,
                 subject=entry.subject)  # fmt: skip
        return
    told = read(entry, Sealed)
    if entry.kind == "replay":
        say_fact("ledger_replayed", entry=entry.number, day=entry.day, kind=kind,
                 subject=entry.subject, customers=told.customers,
                 model=told.model.version)  # fmt: skip
        return
    say_fact(
        "ledger_sealed", entry=entry.number, day=entry.day, kind=kind, subject=entry.subject,
        listed=told.listed, control=told.control, model=told.model.version,
    )  # fmt: skip
