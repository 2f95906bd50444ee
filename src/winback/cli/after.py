"""Afterwards: one customer explained, a campaign measured, a shop made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from winback.cli.asking import (
    ASIDE,
    LEAVES,
    WORKED,
    Out,
    Spoken,
    app,
    day_given,
    ingest_settings,
    merged,
    reads_orders,
)
from winback.cli.flow import project_here, run_stage
from winback.cli.progress import STATE, progress, say_aloud, say_fact, speak, words_of
from winback.errors import UsageError

if TYPE_CHECKING:
    from winback.params import Params
    from winback.project import Project, Say
    from winback.results.measured import Measurement


@app.command(rich_help_panel=LEAVES, epilog="Example: winback explain 00042 --html")
def explain(
    customer: Annotated[
        str | None, typer.Argument(help="The customer's id, or e-mail or phone where contacts are.")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--in", help="Folder of `winback run`; default: the pipeline's data.")
    ] = Path("data"),
    campaign: Annotated[
        str | None, typer.Option(help="A list that left: as it was then, out of the ledger.")
    ] = None,
    address: Annotated[
        str | None,
        typer.Option("--customer", help="E-mail or phone in place of the id, by the contacts."),
    ] = None,
    html: Annotated[
        bool, typer.Option("--html", help="A page of one customer to look at, in a file.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="File of the page. [default: of its own name, among the exports]"),
    ] = None,
    language: Spoken = None,
) -> None:
    """One customer's history, score, reasons and offer, as text or as a page."""
    if language is not None:
        speak(language)
    key = address or customer
    if key is None or (customer is not None and address is not None):
        raise UsageError("cli.no_customer")
    if campaign is not None and (html or out):
        raise UsageError("cli.no_card_of_list")
    from winback.questions.carding import language_of, opened
    from winback.questions.explaining import explain_customer, explain_sealed
    from winback.questions.whom import customer_meant

    there = opened(folder)
    made_in = language_of(there)
    if language is None and made_in is not None:
        speak(made_in)
    if campaign is not None:
        known = address is None
        who = key if known else customer_meant(key, there, address=True)
        say_aloud(explain_sealed(who, campaign, there, STATE.language))
        return
    who = customer_meant(key, there, address=address is not None)
    if html or out is not None:
        from winback.questions.showing import show_customer

        say_fact("where_card", file=str(show_customer(who, there, STATE.language, out)))
        return
    say_aloud(explain_customer(who, there, STATE.language))


WindowDays = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Days after assigned_at; fewer than the list was sealed for are an early look. "
        "[default: those it was sealed for, else 30]",
    ),
]


@app.command(
    rich_help_panel=WORKED,
    epilog="Example: winback measure assignment.parquet --orders orders.csv --out measured",
)
@reads_orders
def measure(
    assignment: Annotated[
        Path | None,
        typer.Argument(
            help="CSV or Parquet: customer_id, arm, assigned_at, and more; without it "
            "the campaigns of params.yaml are measured."
        ),
    ] = None,
    orders: Annotated[
        str | None, typer.Option(help="Order lines that reach past the window.")
    ] = None,
    window_days: WindowDays = None,
    out: Out = Path("measured"),
    metric: Annotated[str, typer.Option(help="returned, orders or net_spend.")] = "returned",
    sent: Annotated[
        Path | None,
        typer.Option(
            help="The CRM's file of who was really sent what: customer_id, and sent_at or offer."
        ),
    ] = None,
    control: Annotated[str, typer.Option(help="What the file calls its control arm.")] = "control",
    control_share: Annotated[
        float | None, typer.Option(help="Planned share of control, if rows do not say.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="Last day that the orders cover, as far as they bear it out; default: the day of "
            "the last one."
        ),
    ] = None,
    horizon_days: Annotated[
        int | None, typer.Option(min=1, help="Days that p_return speaks of.")
    ] = None,
    amounts: Annotated[
        str, typer.Option(help="Order amounts are before_discount or after_discount.")
    ] = "before_discount",
    campaign: Annotated[
        str | None, typer.Option(help="Only this campaign of params.yaml; as dvc repro does.")
    ] = None,
    params: Annotated[
        Path | None, typer.Option(help="params.yaml whose offers price the campaign.")
    ] = None,
    reading: Any = None,
    holdout_since: Annotated[
        str | None,
        typer.Option(
            help="Instead of one campaign, all of them from this day on: those whom "
            "target.holdout_share keeps out of every campaign against everybody else."
        ),
    ] = None,
    language: Spoken = None,
) -> None:
    """What the offers really changed, as assigned."""
    if holdout_since is not None:
        if assignment is not None or campaign is not None:
            raise UsageError("cli.holdout_and_assignment")
        ingest = ingest_settings(reading)
        since, last = (
            day_given(holdout_since, "--holdout-since"), day_given(until, "--until")
        )  # fmt: skip
        settings = merged(
            params or Path("params.yaml"), ingest=ingest, report={"language": language}
        )
        return _measure_holdout(since, orders, out, metric, last, settings)
    if assignment is None:
        if campaign is None and (orders is not None or not Path("params.yaml").is_file()):
            raise UsageError("cli.no_assignment")
        return _measure_campaigns(campaign, language)
    if orders is None:
        raise UsageError("cli.no_orders")
    from winback.questions.measuring import Reading, measure_history

    # The campaign's outcome lies behind the cutoff that the list was made at.
    settings = merged(
        params,
        ingest=ingest_settings(reading),
        report={"language": language},
    )
    settings = settings.model_copy(
        update={"ingest": settings.ingest.model_copy(update={"cutoff": None})}
    )
    speak(settings.report.language)
    reading = Reading(
        window_days=window_days, metric=metric, control_share=control_share, sent=sent,
        control=control, history_until=day_given(until, "--until"), p_return_days=horizon_days,
        amounts=amounts,
    )  # fmt: skip
    with progress() as told:
        measured = measure_history(
            assignment, orders, out, settings, reading, say=told.say, begin=told.begin
        )
    _print_measured(measured)
    _print_where(out)
    return None


Folder = Annotated[
    Path | None, typer.Option("--in", help="Folder of `winback run`; default: this project.")
]


@app.command(rich_help_panel=WORKED, epilog="Example: winback grade weekly-2024-05-01")
def grade(
    campaign: Annotated[
        str | None,
        typer.Argument(help="Only this list; without it the record of all that have left."),
    ] = None,
    folder: Folder = None,
    language: Spoken = None,
) -> None:
    """How right the lists that left were, held against what came."""
    from winback.said.graded import list_lines, record_lines
    from winback.stages.grade import grade as graded

    with progress() as told:
        project = _project_at(folder, told.say, language)
        told.begin("grade")
        record = graded(project, campaign)
    words = words_of(record.currency)
    say_aloud(
        *(record_lines(record, words) if campaign is None else list_lines(record, campaign, words))
    )


@app.command(
    rich_help_panel=WORKED,
    epilog="Example: winback replay --from 2024-01-01 --to 2024-06-10 --every 7",
)
def replay(
    first: Annotated[str | None, typer.Option("--from", help="The first cutoff.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last cutoff, at most.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Days from one to the next.")] = 7,
    ledger: Annotated[
        Path | None, typer.Option(help="Ledger to write; default: the project's.")
    ] = None,
    folder: Folder = None,
    language: Spoken = None,
) -> None:
    """Past weeks as they would have been known, for grades before the first list leaves."""
    from winback.ledger.book import Ledger
    from winback.questions.replaying import replay_weeks

    begins, ends = day_given(first, "--from"), day_given(last, "--to")
    if begins is None or ends is None:
        raise UsageError("watch.no_days")
    with progress() as told:
        project = _project_at(folder, told.say, language)
        book = None if ledger is None else Ledger(ledger, ledger.with_name("people.parquet"))
        done = replay_weeks(
            project, begins, ends, every, ledger=book, say=told.say, begin=told.begin
        )
    where = project.path("ledger") if ledger is None else ledger
    say_fact("replayed", weeks=len(done.entries), before=done.before, folder=str(where))


def _project_at(folder: Path | None, say: Say, language: str | None) -> Project:
    """The project in this folder, or in one of `winback run`, in the language of its page."""
    from winback.questions.sealing import of_run

    found = project_here() if folder is None else of_run(folder)
    speak(language or found.params.report.language)
    return replace(found, say=say)


def _print_measured(measured: Measurement) -> None:
    from winback.said.result import lines

    say_aloud(*lines(measured, words_of(measured.currency)))


def _print_where(out: Path) -> None:
    say_fact("where_measurement", file=str(out / "measurement.json"))
    say_fact("where_result", file=str(out / "result.html"))


def _measure_campaigns(campaign: str | None, language: str | None) -> None:
    """The campaigns of params.yaml, as `dvc repro` measures them."""
    done = run_stage("measure", language=language, campaign=campaign)
    if not done:
        say_fact("nothing_to_measure")
    from winback.said.result import lines

    for key, each in done.items():
        words = words_of("" if each.verdict is None else each.currency)
        first, *others = lines(each, words)
        say_aloud(f"{key}: {first}", *(f"  {line}" for line in others))


def _measure_holdout(
    since: date | None, orders: str | None, out: Path, metric: str, until: date | None,
    settings: Params,
) -> None:  # fmt: skip
    from winback.questions.measuring import measure_holdout

    if since is None:
        raise UsageError("cli.holdout_empty")
    if orders is not None:
        ingest = settings.ingest.model_copy(update={"cutoff": None})
        settings = settings.model_copy(update={"ingest": ingest})
    speak(settings.report.language)
    with progress() as told:
        measured = measure_holdout(
            orders, out, settings, since=since, until=until, metric=metric,
            say=told.say, begin=told.begin,
        )  # fmt: skip
    _print_measured(measured)
    _print_where(out)


@app.command(
    rich_help_panel=ASIDE,
    epilog="Example: winback simulate fashion --customers 2000 --out shop.csv",
)
def simulate(
    kind: Annotated[str, typer.Argument(help="Kind of shop, such as fashion or groceries.")],
    customers: Annotated[int, typer.Option(min=1)] = 2000,
    days: Annotated[int | None, typer.Option(min=1, help="Length of the history.")] = None,
    seed: Annotated[int, typer.Option()] = 0,
    out: Annotated[Path, typer.Option(help="CSV file of order lines.")] = Path("shop.csv"),
    signals: Annotated[
        bool,
        typer.Option("--signals", help="Write signals.parquet and attributes.parquet beside it."),
    ] = False,
    service_matters: Annotated[
        bool,
        typer.Option("--service-matters", help="Late deliveries and answers keep customers away."),
    ] = False,
) -> None:
    """Write the orders of a made-up shop."""
    from winback.results.base import fact
    from winback.synthetic.kinds import SERVICE_MATTERS
    from winback.synthetic.shop import simulate_shop

    service = SERVICE_MATTERS if service_matters else None
    written = []
    with progress() as told:
        told.begin("simulate")
        told.say(fact("progress.drawing_shop", n=customers))
        shop = simulate_shop(kind, customers=customers, days=days, seed=seed, service=service)
        out.parent.mkdir(parents=True, exist_ok=True)
        told.say(fact("progress.writing_table", file=str(out)))
        shop.orders.to_csv(out, index=False, lineterminator="\n")
        if signals:
            for name in ("signals", "attributes"):
                path = out.with_name(f"{name}.parquet")
                told.say(fact("progress.writing_table", file=str(path)))
                table = getattr(shop, name)
                table.to_parquet(path, index=False)
                written.append((name, len(table), str(path)))
    say_fact("simulated", lines=len(shop.orders), customers=customers, file=str(out))
    for name, rows, file in written:
        say_fact(f"simulated_{name}", rows=rows, file=file)
