"""The verbs of the flow: a first look in one command, and the stages of `dvc repro`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from winback.cli.asking import (
    STAGES,
    START,
    WORKED,
    Attributes,
    Cutoff,
    For,
    Memory,
    Out,
    Signals,
    SomeHorizon,
    Source,
    Spoken,
    Threads,
    app,
    ingest_settings,
    merged,
    reads_orders,
)
from winback.cli.ending import print_ending
from winback.cli.progress import progress, say_aloud, say_fact, speak, words_of
from winback.errors import WinbackError
from winback.extras import require
from winback.tracking.store import bring_home

if TYPE_CHECKING:
    from winback.questions.taking import Taken


@app.command(
    rich_help_panel=START,
    epilog="Example: winback run orders.csv --horizon-days 90 --out first-look",
)
@reads_orders
def run(
    orders: Source,
    out: Out = Path("winback-out"),
    horizon_days: SomeHorizon = None,
    cutoff: Cutoff = None,
    params: Annotated[
        Path | None, typer.Option(help="params.yaml for all else, such as the offers.")
    ] = None,
    reading: Any = None,
    contact_column: Annotated[
        list[str] | None, typer.Option(help="Column that goes only into list.csv; repeatable.")
    ] = None,
    signals: Signals = None,
    attributes: Attributes = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Most money to spend.")] = None,
    destinations: For = None,
    language: Annotated[
        str | None, typer.Option(help="Language of list and report: en or pl.")
    ] = None,
    threads: Threads = None,
    memory_limit: Memory = None,
) -> None:
    """Make list and report from one order history."""
    settings = merged(
        params,
        ingest=ingest_settings(
            reading, cutoff=cutoff, contact=contact_column, threads=threads,
            memory_limit=memory_limit, signals=signals, attributes=attributes,
        ),
        snapshot={"horizon_days": horizon_days, "threads": threads},
        train={"threads": threads},
        target={"budget": budget},
        export={"destinations": destinations},
        report={"language": language},
    )  # fmt: skip
    speak(settings.report.language)
    _warm_up()
    from winback.stages.flow import run_history

    with progress(_SHARES) as told:
        project = run_history(orders, out, settings, say=told.say, begin=told.begin)
    print_ending(project)


# How long the stages take beside each other: of a shop of 1,500 customers, by the log of a run.
_SHARES = {
    "ingest": 2.7, "products": 0.3, "snapshot": 0.4, "describe": 0.3, "train": 5.7,
    "evaluate": 0.8, "gate": 0.4, "score": 1.5, "learn": 0.1, "target": 0.2, "export": 0.8,
    "report": 2.4,
}  # fmt: skip


def _warm_up() -> None:
    """Import what takes longest while the order history is being read."""
    import threading

    def load() -> None:
        import lightgbm  # noqa: F401

        import winback.judging.judge
        import winback.offers.plan
        import winback.report.page  # noqa: F401

    threading.Thread(target=load, daemon=True).start()


@app.command(rich_help_panel=START, epilog="Example: winback inspect orders.csv")
@reads_orders
def inspect(
    orders: Annotated[
        list[str], typer.Argument(help="CSV or Parquet files, patterns or folders of lines.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on stdout, and nothing else.")
    ] = False,
    cutoff: Cutoff = None,
    params: Annotated[
        Path | None, typer.Option(help="params.yaml, for how orders are read.")
    ] = None,
    reading: Any = None,
    language: Annotated[str | None, typer.Option(help="en or pl.")] = None,
    threads: Threads = None,
    memory_limit: Memory = None,
) -> None:
    """What an export is understood to hold, before anything is computed."""
    settings = merged(
        params,
        ingest=ingest_settings(
            reading, cutoff=cutoff, threads=threads, memory_limit=memory_limit,
        ),
        report={"language": language},
    )  # fmt: skip
    speak(settings.report.language)
    from winback.questions.inspecting import inspect_history
    from winback.said.inspected import inspection_lines, inspection_told

    with progress() as told:
        found = inspect_history(orders[0] if len(orders) == 1 else orders, settings, told.begin)
    words = words_of(found.ingest.currency)
    if as_json:
        print(inspection_told(found, words).to_json(), end="")
    else:
        say_aloud(*inspection_lines(found, words))


@app.command(rich_help_panel=START, epilog="Example: winback demo")
def demo() -> None:
    """Run the pipeline on the real CDNOW history."""
    require("pipeline")
    done = subprocess.run([sys.executable, "-m", "dvc", "repro"], check=False)
    if done.returncode:
        raise WinbackError("cli.repro_failed")
    bring_home(Path())  # where all is up to date, as in a renamed folder, track has not run
    say_aloud("")  # what DVC said ends here
    print_ending(project_here())


# --- the stages ------------------------------------------------------------------------------


def project_here(
    language: str | None = None, *, destinations: list[str] | None = None, **more: Any
) -> Any:
    """The project in this folder, in the language of its page or the one asked for."""
    from winback.params import load_params
    from winback.project import Project

    params = load_params(Path("params.yaml"))
    if destinations:
        asked = (*params.export.destinations, *_written_already(Project(params)), *destinations)
        export = params.export.model_copy(update={"destinations": tuple(dict.fromkeys(asked))})
        params = params.model_copy(update={"export": export})
    speak(language or params.report.language)
    if language is not None:
        report = params.report.model_copy(update={"language": language})
        params = params.model_copy(update={"report": report})
    return Project(params, **more)


def _written_already(project: Any) -> tuple[str, ...]:
    """Destinations that have a file: who asks for one more does not want the others gone."""
    from winback.results.listed import Listed

    if not project.path("manifest").is_file():
        return ()
    return tuple(each.destination for each in project.result("manifest", Listed).destinations)


def run_stage(
    name: str, *, language: str | None = None, destinations: list[str] | None = None, **more: Any
) -> Any:
    """One stage of the project in this folder; what it hands back, and the project."""
    from winback.stages.flow import stage

    project = project_here(language, destinations=destinations)
    if name in ("ingest", "export"):
        from winback.stages.delivering import check_asked

        check_asked(project.params)
    with progress() as told, project.alone():
        project = project_here(language, destinations=destinations, say=told.say)
        told.begin(name)
        done = stage(name)(project, **more)
    if name == "export":
        from winback.results.listed import Listed
        from winback.said.ending import delivered_lines

        delivered = project.result("manifest", Listed).destinations
        say_aloud(*delivered_lines(delivered, project.path("current"), words_of()))
    if name == "report":
        from winback.said.ending import where

        say_aloud(*where(project.path("list"), project.path("page"), words_of()))
    return done


def _declare(name: str, said: str) -> None:
    """A verb without options for a stage of ``dvc repro``."""

    def verb() -> None:
        run_stage(name)

    app.command(name, help=said, rich_help_panel=STAGES, epilog=f"Example: winback {name}")(verb)


_declare("fetch", "The demo's orders (CDNOW) out of an installed package.")
_declare("ingest", "Raw export to canonical orders, contacts and quarantine.")
_declare("products", "What each customer may want next, and why.")


@app.command(
    rich_help_panel=STAGES,
    epilog="Example: winback snapshot orders.csv --cutoffs 12 --every-days 30 --out features",
)
@reads_orders
def snapshot(
    orders: Annotated[
        str | None, typer.Argument(help="Order lines; without it the stage of params.yaml runs.")
    ] = None,
    out: Out = Path("snapshots"),
    horizon_days: SomeHorizon = None,
    cutoffs: Annotated[int, typer.Option(min=1, help="How many cutoffs.")] = 1,
    every_days: Annotated[int, typer.Option(min=1, help="Days between cutoffs.")] = 30,
    cutoff: Cutoff = None,
    params: Annotated[
        Path | None, typer.Option(help="params.yaml, for what is measured beside the usual.")
    ] = None,
    signals: Signals = None,
    attributes: Attributes = None,
    reading: Any = None,
    memory_limit: Memory = None,
    threads: Threads = None,
    engine: Annotated[
        str, typer.Option(help="local, or spark, which writes folders; docs/scale.md.")
    ] = "local",
    language: Spoken = None,
) -> None:
    """Orders to features and outcomes, at any number of cutoffs."""
    if orders is None:
        run_stage("snapshot")
        return
    from winback.questions.taking import snapshot_history

    settings = merged(
        params,
        ingest=ingest_settings(
            reading, cutoff=cutoff, threads=threads, memory_limit=memory_limit, signals=signals,
            attributes=attributes,
        ),
        snapshot={"horizon_days": horizon_days, "threads": threads},
        report={"language": language},
    )  # fmt: skip
    speak(settings.report.language)
    with progress() as told:
        taken = snapshot_history(
            orders, out, settings, count=cutoffs, every_days=every_days, engine=engine,
            say=told.say, begin=told.begin,
        )  # fmt: skip
    _print_taken(taken)


def _print_taken(taken: Taken) -> None:
    from winback.said.spoken import tell
    from winback.said.words import capital

    words = words_of(taken.ingest.currency)
    say_aloud(*(f"{capital(tell(doubt, words))}." for doubt in taken.ingest.doubts))
    say_fact(
        "snapshots",
        rows=taken.rows,
        cutoffs=len(taken.cutoffs),
        first=taken.cutoffs[0],
        last=taken.cutoffs[-1],
        outcomes=taken.outcomes,
    )
    if taken.late_share is not None:
        say_fact("late", share=taken.late_share)
    for columns, seconds in taken.custom_seconds.items():
        say_fact("cost", columns=columns, seconds=seconds)
    say_fact("where_features", file=str(taken.features_path))
    say_fact("where_outcomes", file=str(taken.outcomes_path))


_declare("describe", "What orders and signals say of the shop: scorecard, journey, the press.")
_declare("train", "Snapshots to the return model.")
_declare("evaluate", "How good the model is at cutoffs it never saw.")
_declare("gate", "Whether the model just trained may score, or the champion's recipe scores on.")
_declare("score", "One scored, explained row per customer.")
_declare("target", "Who gets which offer, and who is control.")


@app.command(rich_help_panel=STAGES, epilog="Example: winback export --for klaviyo")
def export(destinations: For = None) -> None:
    """The list for the CRM and the sealed assignment."""
    run_stage("export", destinations=destinations)


_declare("report", "The page a person reads.")
_declare("track", "Log the run to MLflow and register the model.")


@app.command(rich_help_panel=WORKED, epilog="Example: winback watch --fail")
def watch(
    fail: Annotated[
        bool, typer.Option("--fail", help="Exit with 1 where anything alarms, for cron.")
    ] = False,
) -> None:
    """Whether the newest days are as ever: volume, amounts, categories, features, scores."""
    from winback.said.spoken import tell
    from winback.said.watched import lines
    from winback.said.words import capital

    found, currency = run_stage("watch")
    words = words_of(currency)
    say_aloud(*lines(found, words), *(f"{capital(tell(one, words))}." for one in found.notes))
    if fail and found.alarms:
        raise typer.Exit(1)
