"""A list sent to a destination: shown first, sent when told to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from winback.cli.asking import LEAVES, Spoken, app, destinations_like
from winback.cli.progress import progress, say_aloud, speak, words_of
from winback.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from winback.project import Project
    from winback.questions.pushing import Push
    from winback.results.base import Fact, Value
    from winback.results.pushed import Pushed, PushPlanned


@app.command(rich_help_panel=LEAVES, epilog="Example: winback push hubspot --yes")
def push(
    destination: Annotated[
        str,
        typer.Argument(
            help="Where to, such as hubspot or klaviyo.", autocompletion=destinations_like
        ),
    ],
    campaign: Annotated[
        str | None, typer.Option(help="A list that has left; default: the current one.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send; else it is only shown.")] = False,
    create: Annotated[
        bool, typer.Option("--create", help="Create whoever is not there; else they are skipped.")
    ] = False,
    clear_all: Annotated[
        bool, typer.Option("--clear-all", help="Take back everybody's values where nobody is left.")
    ] = False,
    base_url: Annotated[
        str | None, typer.Option(help="Address in place of the destination's own.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder of `winback run`; default: this project.")
    ] = None,
    language: Spoken = None,
) -> None:
    """Send the list to a destination, update-only; a dry run unless told."""
    from winback.questions.pushing import Push
    from winback.sending.adapters import ADAPTERS

    project = _project(folder)
    speak(language or project.params.report.language)
    order = Push(project, destination, campaign, create, clear_all)
    if not order.target.pushed:
        _say_file(order)
        if yes:
            raise UsageError("sending.files_alone", name=destination, known=tuple(ADAPTERS))
        return
    if not yes:
        _print_plan(order.dry())
        return
    from winback.results.base import fact

    with progress() as told:
        told.begin("push")
        said = [0]

        def settled(done: int, of: int) -> None:
            # A tenth at a time: a log is read by people.
            if done == of or 10 * done // of > said[0]:
                said[0] = 10 * done // of
                told.say(fact("pushed.sending", done=done, of=of))

        done = order.send(base_url, settled)
    _print_pushed(done)


def _project(folder: Path | None) -> Project:
    from winback.params import load_params
    from winback.project import Project
    from winback.questions.sealing import of_run

    return Project(load_params(Path("params.yaml"))) if folder is None else of_run(folder)


def _say(code: str, **values: Value | Fact | tuple[Value | Fact, ...]) -> None:
    from winback.results.base import fact
    from winback.said.spoken import tell

    say_aloud(tell(fact(f"pushed.{code}", **values), words_of()))


def _reasons(counts: Mapping[str, int]) -> tuple[Fact, ...]:
    from winback.results.base import fact

    return tuple(fact("pushed.reason", why=why, n=n) for why, n in counts.items())


def _print_plan(plan: PushPlanned) -> None:
    code = "dry" if plan.audience == "listed" else "dry_everybody"
    _say(code, destination=plan.destination, campaign=plan.campaign_id)
    if plan.cut_off:
        _say("cut_off", given_up=plan.given_up)
    if plan.left_already and plan.audience == "listed":
        _say("left_already")
    if plan.updates and plan.create:
        _say("updates_create", n=plan.updates, known=plan.known, most=plan.updates - plan.known)
    elif plan.updates:
        _say("updates", n=plan.updates, known=plan.known)
    if plan.clears:
        _say("clears", n=plan.clears, why=_reasons(plan.cleared_because))
    if plan.unchanged:
        _say("unchanged", n=plan.unchanged)
    if plan.skipped:
        _say("skipped", why=_reasons(plan.skipped))
    if plan.erased:
        _say("erased", n=plan.erased)
    if not plan.calls:
        _say("nothing")
        return
    _say("properties", names=plan.properties)
    _say("cost", calls=plan.calls, seconds=max(plan.seconds, 1.0))
    for example in plan.examples:
        _say("example", json=example)
    if plan.audience == "listed" and not plan.left_already:
        _say("will_seal")


def _print_pushed(done: Pushed) -> None:
    _say(
        "sent", destination=done.destination, campaign=done.campaign_id, updated=done.updated,
        created=done.created, cleared=done.cleared, unchanged=done.unchanged,
        not_there=done.not_there, refused=done.refused,
    )  # fmt: skip
    if done.skipped:
        _say("skipped", why=_reasons(done.skipped))
    if done.made:
        _say("made", names=done.made)
    _say("calls", n=done.calls)
    if done.rejected:
        from winback.results.base import fact

        why = tuple(fact("pushed.code", code=c, n=n) for c, n in done.refused_because.items())
        _say("rejected", why=why, file=done.rejected)
    if done.erased:
        _say("erased", n=done.erased)
    if done.by_hand:
        _say("by_hand", file=done.by_hand)
    if done.sealed_entry is not None:
        _say("sealed" if done.sealed_now else "sealed_before", entry=done.sealed_entry)


def _say_file(order: Push) -> None:
    target = order.target
    folder = order.project.path("current")
    file = folder / target.file
    if not file.is_file():
        # A long list is split.
        file = folder / f"{target.name}-1{target.suffix}"
    if not file.is_file():
        _say("file_missing", destination=target.label, file=target.file, name=target.name)
        return
    _say("files_alone", destination=target.label, file=str(file))
    _say(f"import_{target.name}")
    control = folder / target.name / "control.csv"
    if control.is_file():
        _say("then_control", file=str(control))
    _say("then_confirm", name=target.name)
