"""Questions of their own: churn, better settings, coming occasions."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from winback.cli.asking import (
    ASIDE,
    Cutoff,
    Out,
    SomeHorizon,
    Source,
    Spoken,
    Threads,
    app,
    day_given,
    ingest_settings,
    merged,
    reads_orders,
)
from winback.cli.progress import progress, say_aloud, say_fact, speak, words_of
from winback.errors import UsageError


@app.command(rich_help_panel=ASIDE, epilog="Example: winback churn orders.csv --out churn")
@reads_orders
def churn(
    orders: Source,
    out: Out = Path("churn"),
    tolerated_share: Annotated[
        float,
        typer.Option(help="Part of the returning customers that a horizon may give up wrongly."),
    ] = 0.2,
    cutoff: Cutoff = None,
    reading: Any = None,
    language: Spoken = None,
) -> None:
    """What churn is in this shop, and which horizon to use."""
    from winback.questions.churning import churn_history
    from winback.said import churned

    settings = merged(
        None,
        ingest=ingest_settings(reading, cutoff=cutoff),
        report={"language": language},
    )
    speak(settings.report.language)
    with progress() as told:
        study = churn_history(
            orders, out, settings, tolerated_share=tolerated_share, say=told.say, begin=told.begin
        )
    w, found = words_of(), study.summary()
    say_aloud(*churned.table(found, w), churned.recommendation(found, w), churned.rhythm(found, w))
    say_fact("where_study", file=str(out / "churn.json"))
    say_fact("where_table", file=str(out / "churn.csv"))


@app.command(rich_help_panel=ASIDE, epilog="Example: winback tune orders.csv --trials 30")
@reads_orders
def tune(
    orders: Annotated[
        str | None,
        typer.Argument(help="Order lines; without them, the project's snapshots and params.yaml."),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Settings to try.")] = 30,
    out: Annotated[
        Path | None, typer.Option(help="Folder. [default: tuned, or models/tuning in the project]")
    ] = None,
    horizon_days: SomeHorizon = None,
    params: Annotated[
        Path | None, typer.Option(help="params.yaml whose settings are to be beaten.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the search; the same seed, the same result.")] = 1,
    reading: Any = None,
    threads: Threads = None,
    language: Spoken = None,
) -> None:
    """Search LightGBM's settings, and say what they gain."""
    from winback.questions.tuning import tune_history
    from winback.results.base import fact

    if orders is None and horizon_days is not None:
        raise UsageError("cli.horizon_of_project")
    settings = merged(
        params or (Path("params.yaml") if orders is None else None),
        ingest=ingest_settings(reading, threads=threads),
        snapshot={"horizon_days": horizon_days, "threads": threads},
        train={"threads": threads},
        report={"language": language},
    )
    speak(settings.report.language)
    with progress() as told:
        ended: list[float] = []

        def tell(done: int, total: int, best: float) -> None:
            ended.append(time.perf_counter())
            left = (ended[-1] - ended[0]) / max(done, 1) * (total - done)
            code = "progress.trial" if done else "progress.first_trial"
            told.say(fact(code, done=done, total=total, best=best, left=left))

        tuning, folder = tune_history(
            orders, out, settings, trials=trials, seed=seed,
            say=told.say, begin=told.begin, progress=tell,
        )  # fmt: skip
    from winback.said import judged

    found = tuning.summary
    say_aloud(judged.tuned(found, words_of()))
    if found.changed and found.difference.low <= 0:
        say_fact("for_params" if found.better else "for_params_all_the_same")
        say_aloud(tuning.params_lines())
    say_fact("where_trials", file=str(folder / "trials.csv"))


@app.command(
    rich_help_panel=ASIDE, epilog="Example: winback occasions --from 2026-11-22 --country PL"
)
def occasions(
    since: Annotated[
        str | None,
        typer.Option("--from", help="First day. [default: the cutoff of the project here]"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days ahead.")] = 120,
    country: Annotated[
        str | None,
        typer.Option(help="Two-letter code, for holidays. [default: the project's, or PL]"),
    ] = None,
    params: Annotated[
        Path | None, typer.Option(help="params.yaml, for its country and paydays.")
    ] = None,
    language: Spoken = None,
) -> None:
    """Days worth a campaign: what sells, paydays, holidays."""
    from winback.project import Project
    from winback.results.base import fact
    from winback.results.intake import IngestSummary
    from winback.said.spoken import tell
    from winback.snapshots.occasions import coming_occasions

    if since is None and params is None and Path("params.yaml").is_file():
        params = Path("params.yaml")  # the project's days want the project's country
    settings = merged(params, snapshot={"country": country}, report={"language": language})
    first = day_given(since, "--from")
    if first is None:
        project = Project(settings)
        if not project.path("ingest").is_file():
            raise UsageError("cli.no_from")
        first = project.result("ingest", IngestSummary).cutoff
    speak(settings.report.language)
    wanted = settings.snapshot
    coming = coming_occasions(
        first, days, country=wanted.country, paydays=wanted.paydays,
        language=settings.report.language,
    )  # fmt: skip
    weekdays = [words_of().weekday(first + timedelta(days=n)) for n in range(7)]
    for day, name, said in coming:
        say_fact(
            "occasion",
            day=day,
            weekday=f"{words_of().weekday(day):<{max(map(len, weekdays))}}",
            days=f"{(day - first).days:>3}",
            name=f"{name or tell(fact('terminal.holiday'), words_of()):<16}",
            said=said,
        )
    names = [(day, name) for day, name, _ in coming if name]
    if names:
        say_fact("send_on", name=names[0][1], day=names[0][0])
