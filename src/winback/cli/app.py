"""The command line: verbs in the order of the flow, one line each."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from winback.errors import UsageError, WinbackError

if TYPE_CHECKING:
    from winback.params import Params
    from winback.results.measured import Measurement
    from winback.results.planned import Planned
    from winback.said.words import Words

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Order history in, a scored and explained retention list out.",
    epilog="Example: winback run orders.csv --horizon-days 90 --out first-look",
)

_state = {"debug": False, "quiet": False}

# Whatever is wrong with a command line; typer names only its child.
_PARSER_ERROR: Any = typer.BadParameter.__bases__[0]
_STOPPED = 130

_START, _STAGES, _AFTER = "Start here", "Stages of dvc repro, in their order", "Afterwards"
_ASIDE = "Questions of their own"


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    quiet: Annotated[bool, typer.Option(help="No progress, only results.")] = False,
) -> None:
    _state.update(debug=debug, quiet=quiet)


def main() -> None:
    """Run the command line; errors a user can mend are one line on stderr."""
    try:
        # Else the parser would end the process itself, with its usage on four lines.
        code = app(prog_name="winback", standalone_mode=False)
        if code == _STOPPED:
            raise KeyboardInterrupt
        sys.exit(code or 0)
    except _PARSER_ERROR as error:
        if not sys.argv[1:]:
            print(error.format_message(), file=sys.stderr)
        else:
            print(f"winback: {_in_one_line(error)}", file=sys.stderr)
        sys.exit(2)
    except WinbackError as error:
        if _state["debug"]:
            raise
        print(f"winback: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except (OSError, MemoryError) as error:
        # A full disk, a folder that may not be written, a machine too small.
        if _state["debug"]:
            raise
        named = getattr(error, "filename", None)
        text = getattr(error, "strerror", None) or str(error) or "out of memory"
        print(f"winback: {f'{named}: ' if named else ''}{text}.", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("winback: stopped; files written before are whole.", file=sys.stderr)
        sys.exit(_STOPPED)


def _in_one_line(error: Any) -> str:
    """What the parser of options found, what it expected, and where to read more."""
    context, param = error.ctx, getattr(error, "param", None)
    verbs = [word for word in sys.argv[1:] if not word.startswith("-")]
    path = context.command_path if context else " ".join(["winback", *verbs[:1]])
    help_ = f"See {path} --help."
    if (flag := getattr(error, "option_name", None)) in ("--debug", "--quiet") and context:
        return f"{flag} stands before the verb: write winback {flag} {context.info_name} ..."
    if param is None:
        said = error.format_message().rstrip(".")
        said = said[:1].lower() + said[1:]
        return f"{said}{'' if said.endswith('?') else '.'} {help_}"
    named = param.opts[0] if param.param_type_name == "option" else param.name
    if type(error) is not typer.BadParameter:  # nothing was given
        wanted = f" ({param.help.rstrip('.')})" if getattr(param, "help", None) else ""
        example = (context.command.epilog or "").removeprefix("Example: ")
        return f"{named}{wanted} is missing; write, for example, {example or path}. {help_}"
    # The value is in the cause alone.
    told: list[Any] = getattr(error.__cause__, "errors", list)()
    found = f" {told[0]['input']!r}" if told else ""
    expected = error.message.split(",")[0].rstrip(".")
    expected = expected.replace("Input should be a valid integer", "expected a whole number")
    expected = expected.replace("Input should be greater", "expected a number greater")
    expected = expected.replace("Input should be less", "expected a number less")
    return f"{named}{found}: {expected.replace('Input should be', 'expected')}. {help_}"


# --- progress --------------------------------------------------------------------------------


class _Progress:
    """Says on stderr which stage runs and how long each took."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._began = self._first = time.perf_counter()
        self._live: Any = None

    def stage(self, name: str) -> None:
        self._end()
        self._name, self._began = name, time.perf_counter()
        if not _state["quiet"] and sys.stderr.isatty():
            from rich.console import Console

            self._live = Console(stderr=True).status(f"{name} …")
            self._live.start()

    def say(self, message: str) -> None:
        if self._live is not None:
            self._live.update(f"{self._name} … {message}")
        elif not _state["quiet"]:
            print(f"  {message}", file=sys.stderr)

    def _end(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._name and not _state["quiet"]:
            print(f"{self._name:<9}{time.perf_counter() - self._began:6.1f} s", file=sys.stderr)
        self._name = None

    def finish(self) -> float:
        """Seconds since the beginning."""
        self._end()
        return time.perf_counter() - self._first


@contextmanager
def _progress() -> Iterator[_Progress]:
    progress = _Progress()
    try:
        yield progress
    finally:
        progress.finish()


def _day(text: str | None, flag: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{flag} {text!r}: expected a day such as 2025-06-30.") from None


Source = Annotated[str, typer.Argument(help="CSV or Parquet file, pattern or folder of lines.")]
Out = Annotated[Path, typer.Option(help="Folder for the results.")]
SomeHorizon = Annotated[
    int | None,
    typer.Option(min=1, max=730, help="Days in which a purchase is a return. [default: 90]"),
]
Cutoff = Annotated[
    str | None, typer.Option(help="Score as of this day; default: the day after the last order.")
]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Threads; results do not depend on it. [default: 2]")
]
Memory = Annotated[str | None, typer.Option(help="Most memory for sorting. [default: 4GB]")]
Signals = Annotated[
    str | None, typer.Option(help="File of what else happened to customers, for snapshot.signals.")
]
Attributes = Annotated[
    str | None, typer.Option(help="File of what customers were set to, for snapshot.attributes.")
]


def _column(what: str) -> Any:
    return typer.Option(help=f"Column of the {what}, when it cannot be found.")


_ROLES = {
    "customer": _column("customer"), "order": _column("order"), "date": _column("date"),
    "known_at": _column("time it became known"), "product": _column("product"),
    "quantity": _column("quantity"), "price": _column("unit price"),
    "amount": _column("line amount"), "status": _column("order status"),
    "currency_column": _column("currency"),
}  # fmt: skip
_OF_LINES = ("customer", "order", "date", "quantity", "price", "amount", "status")


def _names_columns(*roles: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each role, in the place of its parameter ``columns``."""
    options = [
        Parameter(
            role, Parameter.KEYWORD_ONLY, default=None,
            annotation=Annotated[str | None, _ROLES[role]],
        )
        for role in roles
    ]  # fmt: skip

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def called(**given: Any) -> None:
            named = {role.removesuffix("_column"): given.pop(role) for role in roles}
            command(columns={role: n for role, n in named.items() if n is not None}, **given)

        parameters: list[Parameter] = []
        for found in signature(command, eval_str=True).parameters.values():
            own = [found.replace(kind=Parameter.KEYWORD_ONLY)]
            parameters += options if found.name == "columns" else own
        # Where typer looks for them.
        vars(called)["__signature__"] = Signature(parameters)
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        return called

    return with_options


def _ingest_settings(
    columns: dict[str, str], *, cutoff: str | None = None, suppress: Path | None = None,
    contact: list[str] | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """The keys of ``ingest`` that the command line gives; a flag left out changes nothing."""
    if suppress is not None and not suppress.is_file():
        raise UsageError(f"--suppress {suppress}: no such file.")
    given = {
        "columns": columns or None,
        "cutoff": _day(cutoff, "--cutoff"),
        "contact_columns": tuple(contact) if contact else None,
        "suppress": str(suppress) if suppress else None,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def _merged(params: Path | None, **sections: dict[str, Any]) -> Params:
    """params.yaml where it is given, under the flags that are given: a flag beats the file."""
    from winback.params import check_params, load_params

    stored = load_params(params).model_dump(exclude_unset=True) if params else {}
    for section, flags in sections.items():
        known = {name: value for name, value in flags.items() if value is not None}
        stored[section] = {**stored.get(section, {}), **known}
    return check_params(stored, str(params) if params else "command line")


# --- start here ------------------------------------------------------------------------------


@app.command(
    rich_help_panel=_START,
    epilog="Example: winback run orders.csv --horizon-days 90 --out first-look",
)
@_names_columns(*_ROLES)
def run(
    orders: Source,
    out: Out = Path("winback-out"),
    horizon_days: SomeHorizon = None,
    cutoff: Cutoff = None,
    params: Annotated[
        Path | None, typer.Option(help="params.yaml for all else, such as the offers.")
    ] = None,
    columns: Any = None,
    currency: Annotated[str | None, typer.Option(help="Currency, if no column says.")] = None,
    consent_column: Annotated[
        str | None, typer.Option(help="Column that says who may be contacted.")
    ] = None,
    contact_column: Annotated[
        list[str] | None, typer.Option(help="Column that goes only into list.csv; repeatable.")
    ] = None,
    signals: Signals = None,
    attributes: Attributes = None,
    suppress: Annotated[
        Path | None, typer.Option(help="File of customer ids never to put on a list.")
    ] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="How to read 03/04/2025.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of the shop, such as Europe/Warsaw.")
    ] = None,
    budget: Annotated[float | None, typer.Option(min=0, help="Most money to spend.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of list and report: en or pl.")
    ] = None,
    threads: Threads = None,
    memory_limit: Memory = None,
) -> None:
    """Make list and report from one order history."""
    settings = _merged(
        params,
        ingest=_ingest_settings(
            columns, cutoff=cutoff, suppress=suppress, contact=contact_column,
            day_first=day_first, timezone=timezone, currency=currency,
            consent_column=consent_column, threads=threads, memory_limit=memory_limit,
            signals=signals, attributes=attributes,
        ),
        snapshot={"horizon_days": horizon_days, "threads": threads},
        train={"threads": threads},
        target={"budget": budget},
        report={"language": language},
    )  # fmt: skip
    _warm_up()
    from winback.pipeline import run_history
    from winback.results.planned import Planned

    with _progress() as progress:
        manifest = run_history(
            orders, out, settings, say=progress.say, stage=progress.stage
        )  # fmt: skip
    _print_ending(
        manifest["ingest"], manifest["verdict"], Planned.model_validate(manifest["target"]),
        manifest["model"]["kind"], out / "list.csv", out / "report.html",
        manifest["model"]["evidence"],
    )  # fmt: skip


def _warm_up() -> None:
    """Import what takes longest while the order history is being read."""
    import threading

    def load() -> None:
        import lightgbm  # noqa: F401

        import winback.judging.judge
        import winback.offers
        import winback.report.page  # noqa: F401

    threading.Thread(target=load, daemon=True).start()


def _print_ending(
    ingested: dict[str, Any], verdict: dict[str, Any] | None, target: Planned,
    kind: str, listed: Path, report: Path, evidence: dict[str, Any],
) -> None:  # fmt: skip
    """Ten lines a person can read; the last ones are where to look."""
    aside, refunds = ingested["lines_set_aside"], ingested["refunds"]
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in aside["by_reason"].items())
    lines = [
        f"Lines: {ingested['lines_in']:,} read, {ingested['lines_kept']:,} kept, "
        f"{aside['total']:,} set aside{f' ({reasons})' if reasons else ''}, "
        f"{ingested['lines_ignored']:,} ignored from the cutoff on.",
        f"Customers: {ingested['customers']:,} with {ingested['purchases']:,} purchases, "
        f"{f'{refunds:,} cancellations or refunds, ' if refunds else ''}"
        f"{ingested['first_day']} to {ingested['last_day']}; scored as of {target.cutoff}.",
    ]
    from winback.results.judged import Verdict
    from winback.results.learned import Evidence
    from winback.said import judged
    from winback.said.words import Words
    from winback.snapshots.plan import QUIET_DAYS

    silent = ((target.cutoff or date.max) - date.fromisoformat(ingested["last_day"])).days
    if silent > QUIET_DAYS:
        lines.append(
            f"Look at the dates: the history ends {silent} days before the cutoff; what customers "
            "did in between is not known."
        )
    from winback.results.base import Fact
    from winback.said.telling import tell
    from winback.said.words import capital

    words = Words(currency=ingested["currency"])
    doubts = [tell(Fact.model_validate(doubt), words) for doubt in ingested["doubts"]]
    lines += [f"{capital(said)}." for said in doubts]
    for account in ingested.get("suspicious_customers", [])[:3]:
        lines.append(
            f"Look at customer {account['customer_id']}: {account['share_of_purchases']:.0%} of "
            "all purchases; a till, a test or staff?"
        )
    enough = Evidence.model_validate(evidence)
    lines.append(judged.evidence(enough, Words()))
    if enough.concerns and kind != "unproven":
        lines.append(f"Mind: {judged.concern(enough.concerns[0], Words())}")
    if kind == "unproven":
        lines.append(
            "Model: unproven. No horizon has closed yet, so there are no probabilities; the list "
            "names the customers by recency. Choose a shorter --horizon-days or wait."
        )
    elif verdict:
        lines.append(f"Model: {judged.verdict(Verdict.model_validate(verdict), Words())}")
    lacking = {
        "base_rate": "too few customers returned, or stayed away, to tell them apart: all get the "
        "same chance",
        "regression": "too few customers for LightGBM: a small regression does it all",
        "habit": "too little history lies before the closed windows: chances come from each "
        "customer's own rhythm (MBG/NBD)",
    }
    if kind in lacking:
        lines.append(f"Fallback: {lacking[kind]}.")
    if kind == "unproven":
        lines += [f"List:   {listed}", f"Report: {report}"]
        print("\n".join(lines))
        return
    arms = ", ".join(f"{arm.n:,} {name}" for name, arm in target.arms.items() if name != "control")
    lines.append(
        f"List: {target.n_listed:,} customer{' gets' if target.n_listed == 1 else 's get'} "
        f"an offer ({arms or 'none'}), {target.n_control:,} "
        f"{'is' if target.n_control == 1 else 'are'} held out as control."
    )
    if target.send_on != target.cutoff:
        lines.append(f"Send: on {target.send_on}; offers and measurement count from that day.")
    currency = target.currency
    gain = target.expected_gain
    earns = "unknown until it is measured" if gain is None else f"{gain:,.2f} {currency}".rstrip()
    stated = any(arm.effect_source == "stated" for arm in target.arms.values())
    assumed = " (by an assumed effect, not a measured one)" if stated and gain is not None else ""
    lines.append(
        f"Money: expected cost {target.expected_cost:,.2f} {currency}".rstrip()
        + f", expected gain {earns}{assumed}."
    )
    from winback.said.offers import power
    from winback.said.words import Words

    if gain is None:
        lines.append(f"Test: {power(target, Words())}")
    if target.test:
        tested = target.test.offers.values()
        lines.append(
            f"Worth: of that cost {sum(arm.cost for arm in tested):,.0f} {currency}".rstrip()
            + " is lost if the tested offers change nothing; what the test teaches is worth about"
            f" {sum(arm.value for arm in tested):,.0f} {currency}".rstrip()
            + f" in the next campaign. Readable on {target.test.readable_on}."
        )
    lines += [f"List:   {listed}", f"Report: {report}"]
    print("\n".join(lines))


@app.command(rich_help_panel=_START)
def demo() -> None:
    """Run the pipeline on the real CDNOW history."""
    import subprocess

    from winback.extras import require

    require("pipeline")
    done = subprocess.run([sys.executable, "-m", "dvc", "repro"], check=False)
    if done.returncode:
        raise WinbackError("dvc repro failed; its message is above.")
    from winback import pipeline
    from winback.results.planned import Planned

    ingested, trained, judged = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in (pipeline.INGEST_SUMMARY, pipeline.TRAINING, pipeline.EVALUATION)
    )
    target = Planned.from_json(pipeline.TARGET.read_text("utf-8"), str(pipeline.TARGET))
    folder = pipeline.EXPORTS / target.campaign_id
    _print_ending(
        ingested, judged["verdict"], target, judged["model_kind"], folder / "list.csv",
        pipeline.REPORT, trained["evidence"],
    )  # fmt: skip


# --- the stages ------------------------------------------------------------------------------


def _stage(name: str, **more: Any) -> None:
    from winback.params import load_params
    from winback.pipeline import STAGES

    params: Params = load_params(Path("params.yaml"))
    with _progress() as progress:
        progress.stage(name)
        done = STAGES[name](params, progress.say, **more)
    if name == "report":
        from winback.pipeline import EXPORTS, REPORT

        print(f"List:   {EXPORTS / params.target.campaign_id / 'list.csv'}\nReport: {REPORT}")
    if name == "measure":
        if not done:
            raise UsageError(
                "params.yaml: measure.campaigns names no campaign; write one there with the folder "
                "of its list, such as autumn: {folder: exports/autumn}, or give winback measure "
                "the assignment.parquet of that folder, and --orders."
            )
        from winback.said.measured import verdict
        from winback.said.words import Words

        words = Words(params.report.language)
        print("\n".join(f"{key}: {verdict(each, words)}" for key, each in done.items()))


def _declare(stage: str, said: str) -> None:
    """A verb without options for a stage of ``dvc repro``."""

    def verb() -> None:
        _stage(stage)

    app.command(
        stage, help=said, rich_help_panel=_STAGES, epilog=f"Example: winback {stage}"
    )(verb)  # fmt: skip


_declare("fetch", "The demo's orders (CDNOW) out of an installed package.")
_declare("ingest", "Raw export to canonical orders, contacts and quarantine.")


@app.command(
    rich_help_panel=_STAGES,
    epilog="Example: winback snapshot orders.csv --cutoffs 12 --every-days 30 --out features",
)
@_names_columns(
    "customer", "order", "date", "product", "quantity", "price", "amount", "status", "known_at"
)
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
    columns: Any = None,
    day_first: Annotated[bool | None, typer.Option("--day-first/--month-first")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of the shop.")] = None,
    memory_limit: Memory = None,
    threads: Threads = None,
    engine: Annotated[
        str, typer.Option(help="local, or spark, which writes folders; docs/scale.md.")
    ] = "local",
) -> None:
    """Orders to features and outcomes, at any number of cutoffs."""
    if orders is None:
        return _stage("snapshot")
    from winback.pipeline import snapshot_history

    settings = _merged(
        params,
        ingest=_ingest_settings(
            columns, cutoff=cutoff, day_first=day_first, timezone=timezone, threads=threads,
            memory_limit=memory_limit, signals=signals, attributes=attributes,
        ),
        snapshot={"horizon_days": horizon_days, "threads": threads},
    )  # fmt: skip
    with _progress() as progress:
        written = snapshot_history(
            orders, out, settings, count=cutoffs, every_days=every_days, engine=engine,
            say=progress.say, stage=progress.stage,
        )  # fmt: skip
    _remove_earlier(out, written, orders)
    from winback.said.telling import tell
    from winback.said.words import Words, capital

    for doubt in written["ingest"].doubts:
        print(f"{capital(tell(doubt, Words(currency=written['ingest'].currency)))}.")
    print(
        f"{written['rows']:,} snapshots of {len(written['cutoffs'])} cutoffs "
        f"({written['cutoffs'][0]} to {written['cutoffs'][-1]}), "
        f"{written['outcomes']:,} outcomes.\n"
        f"{_costs(written)}"
        f"Features: {written['features_path']}\nOutcomes: {written['outcomes_path']}"
    )
    return None


def _remove_earlier(out: Path, written: dict[str, Any], orders: str) -> None:
    """Remove the snapshots and outcomes of an earlier `snapshot` that this run did not replace.

    Beside the new ones they would be taken for theirs. Of folders only those that Spark wrote.
    """
    from shutil import rmtree

    from winback.intake.sources import list_files
    from winback.pipeline import FIRST_DAYS, OUTCOMES, RESTATED, SNAPSHOTS

    kept = {path.resolve() for path in list_files(orders)}
    kept |= {written[name].resolve() for name in ("features_path", "outcomes_path")}
    for path in (SNAPSHOTS, OUTCOMES, RESTATED, FIRST_DAYS):
        file, folder = out / path.name, out / path.stem
        if file.is_file() and file.resolve() not in kept:
            file.unlink()
        own = all(e.name.startswith(("part-", "_SUCCESS", ".")) for e in folder.glob("*"))
        if own and (folder / "_SUCCESS").is_file() and folder.resolve() not in kept:
            rmtree(folder)


def _costs(written: dict[str, Any]) -> str:
    """What was declared beyond the usual cost, and how many customers have late lines."""
    late = written["late_share"]
    lines = [] if late is None else [
        f"Late: {late:.2%} of the customers have purchases known only after a cutoff.\n"
    ]  # fmt: skip
    lines += [
        f"Cost: {seconds:.1f} s for {columns}.\n"
        for columns, seconds in written["custom_seconds"].items()
    ]
    return "".join(lines)


_declare("train", "Snapshots to the return model.")
_declare("evaluate", "How good the model is at cutoffs it never saw.")
_declare("score", "One scored, explained row per customer.")
_declare("target", "Who gets which offer, and who is control.")
_declare("export", "The list for the CRM and the sealed assignment.")
_declare("report", "The page a person reads.")
_declare("track", "Log the run to MLflow and register the model.")


# --- questions of their own ------------------------------------------------------------------


@app.command(rich_help_panel=_ASIDE, epilog="Example: winback churn orders.csv --out churn")
@_names_columns(*_OF_LINES)
def churn(
    orders: Source,
    out: Out = Path("churn"),
    tolerated_share: Annotated[
        float,
        typer.Option(help="Part of the returning customers that a horizon may give up wrongly."),
    ] = 0.2,
    cutoff: Cutoff = None,
    columns: Any = None,
    day_first: Annotated[bool | None, typer.Option("--day-first/--month-first")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of the shop.")] = None,
    language: Annotated[str, typer.Option(help="en or pl.")] = "en",
) -> None:
    """What churn is in this shop, and which horizon to use."""
    from winback.pipeline import churn_history
    from winback.results.base import fact
    from winback.said import churned
    from winback.said.telling import tell
    from winback.said.words import NBSP, Words

    settings = _merged(
        None,
        ingest=_ingest_settings(columns, cutoff=cutoff, day_first=day_first, timezone=timezone),
        report={"language": language},
    )
    with _progress() as progress:
        study = churn_history(
            orders, out, settings, tolerated_share=tolerated_share,
            say=progress.say, stage=progress.stage,
        )  # fmt: skip
    w, found = Words(settings.report.language), study.summary()
    lines = [*churned.table(found, w), churned.recommendation(found, w), churned.rhythm(found, w)]
    lines += [
        tell(fact(f"terminal.where_{what}", file=str(out / name)), w)
        for what, name in (("study", "churn.json"), ("table", "churn.csv"))
    ]
    print("\n".join(lines).replace(NBSP, " "))


@app.command(rich_help_panel=_ASIDE, epilog="Example: winback tune orders.csv --trials 30")
@_names_columns(*_OF_LINES)
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
    columns: Any = None,
    day_first: Annotated[bool | None, typer.Option("--day-first/--month-first")] = None,
    threads: Threads = None,
) -> None:
    """Search LightGBM's settings, and say what they gain."""
    from winback.pipeline import tune_history
    from winback.said import judged
    from winback.said.words import Words

    if orders is None and horizon_days is not None:
        raise UsageError(
            "--horizon-days: the project's snapshots have the horizon of params.yaml; change "
            "snapshot.horizon_days there and run dvc repro, or give a file of orders."
        )
    settings = _merged(
        params or (Path("params.yaml") if orders is None else None),
        ingest=_ingest_settings(columns, day_first=day_first, threads=threads),
        snapshot={"horizon_days": horizon_days, "threads": threads},
        train={"threads": threads},
    )
    with _progress() as progress:
        ended: list[float] = []

        def tell(done: int, total: int, best: float) -> None:
            ended.append(time.perf_counter())
            left = (ended[-1] - ended[0]) / max(done, 1) * (total - done)
            told = f", {left:.0f} s left" if done else ""
            progress.say(f"trial {done} of {total}: best log loss {best:.5f}{told}")

        tuning, folder = tune_history(
            orders, out, settings, trials=trials, seed=seed,
            say=progress.say, stage=progress.stage, progress=tell,
        )  # fmt: skip
    found = tuning.summary
    print(judged.tuned(found, Words()))
    if found.changed and found.difference.low <= 0:
        print("For params.yaml:" if found.better else "If you want them all the same:")
        print(tuning.params_lines())
    print(f"Trials: {folder / 'trials.csv'}")


@app.command(
    rich_help_panel=_ASIDE, epilog="Example: winback occasions --from 2026-11-22 --country PL"
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
    language: Annotated[str, typer.Option(help="en or pl.")] = "en",
) -> None:
    """Days worth a campaign: what sells, paydays, holidays."""
    from winback.pipeline import INGEST_SUMMARY
    from winback.snapshots.occasions import coming_occasions

    if since is None and params is None and Path("params.yaml").is_file():
        params = Path("params.yaml")  # the project's days want the project's country
    settings = _merged(params, snapshot={"country": country}, report={"language": language})
    first = _day(since, "--from")
    if first is None:
        if not INGEST_SUMMARY.is_file():
            raise UsageError("--from is missing: name the first day, such as 2026-11-22.")
        first = date.fromisoformat(json.loads(INGEST_SUMMARY.read_text("utf-8"))["cutoff"])
    wanted = settings.snapshot
    coming = coming_occasions(
        first, days, country=wanted.country, paydays=wanted.paydays,
        language=settings.report.language,
    )  # fmt: skip
    pl = settings.report.language == "pl"
    week = "pn wt śr cz pt so nd" if pl else "Mon Tue Wed Thu Fri Sat Sun"
    for day, name, said in coming:
        left = f"{'za' if pl else 'in'} {(day - first).days:>3} d"
        named = name or ("(święto)" if pl else "(holiday)")
        print(f"{day}  {week.split()[day.weekday()]:<3}  {left}  {named:<16}{said}")
    names = [(day, name) for day, name, _ in coming if name]
    if names:
        day, name = names[0]
        print(f"{'Do' if pl else 'For'} target.send_on: {name}, 3 days before {name}, {day}")


# --- afterwards ------------------------------------------------------------------------------


@app.command(rich_help_panel=_AFTER, epilog="Example: winback explain 00042")
def explain(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    folder: Annotated[
        Path, typer.Option("--in", help="Folder of `winback run`; default: the pipeline's data.")
    ] = Path("data"),
    language: Annotated[str, typer.Option(help="en or pl.")] = "en",
) -> None:
    """One customer's history, score, reasons and offer."""
    from winback.pipeline import explain_customer

    print(explain_customer(customer, folder, language))


@app.command(
    rich_help_panel=_AFTER,
    epilog="Example: winback measure assignment.parquet --orders orders.csv --out measured",
)
@_names_columns(*_OF_LINES)
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
    window_days: Annotated[int, typer.Option(min=1, help="Days after assigned_at.")] = 30,
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
        typer.Option(help="Last day that the orders cover; default: the day of the last one."),
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
    columns: Any = None,
    day_first: Annotated[bool | None, typer.Option("--day-first/--month-first")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of the shop.")] = None,
    holdout_since: Annotated[
        str | None,
        typer.Option(
            help="Instead of one campaign, all of them from this day on: those whom "
            "target.holdout_share keeps out of every campaign against everybody else."
        ),
    ] = None,
) -> None:
    """What the offers really changed, as assigned."""
    if holdout_since is not None:
        if assignment is not None or campaign is not None:
            raise UsageError(
                "--holdout-since reads no assignment: who is held out follows from target.salt."
            )
        ingest = _ingest_settings(columns, day_first=day_first, timezone=timezone)
        return _measure_holdout(
            _day(holdout_since, "--holdout-since"), orders, out, metric, _day(until, "--until"),
            _merged(params or Path("params.yaml"), ingest=ingest),
        )  # fmt: skip
    if assignment is None:
        if campaign is None and (orders is not None or not Path("params.yaml").is_file()):
            raise UsageError(
                "the assignment is missing: give the assignment.parquet that winback run, or "
                "winback export, wrote beside the list, and --orders with orders that reach past "
                "its window."
            )
        return _stage("measure", campaign=campaign)
    if orders is None:
        raise UsageError("--orders is missing: give the order lines that follow the campaign.")
    from winback.pipeline import measure_history
    from winback.said.words import Words

    # The campaign's outcome lies behind the cutoff that the list was made at.
    settings = _merged(
        params, ingest=_ingest_settings(columns, day_first=day_first, timezone=timezone)
    )
    settings = settings.model_copy(
        update={"ingest": settings.ingest.model_copy(update={"cutoff": None})}
    )
    with _progress() as progress:
        measured = measure_history(
            assignment, orders, out, settings, window_days=window_days, metric=metric,
            control_share=control_share, sent=sent, control=control,
            history_until=_day(until, "--until"), p_return_days=horizon_days, amounts=amounts,
            say=progress.say, stage=progress.stage,
        )  # fmt: skip
    _print_measured(measured, Words(settings.report.language))
    print(f"Measurement: {out / 'measurement.json'}")
    return None


def _print_measured(measured: Measurement, words: Words) -> None:
    from winback.said.measured import verdict
    from winback.said.telling import tell

    print(verdict(measured, words))
    for caution in measured.cautions:
        print(tell(caution, words))


def _measure_holdout(
    since: date | None, orders: str | None, out: Path, metric: str, until: date | None,
    settings: Params,
) -> None:  # fmt: skip
    from winback.pipeline import measure_holdout
    from winback.said.measured import programme
    from winback.said.words import Words

    if since is None:
        raise UsageError("--holdout-since is empty: name a day, such as 2026-01-01.")
    if orders is not None:
        ingest = settings.ingest.model_copy(update={"cutoff": None})
        settings = settings.model_copy(update={"ingest": ingest})
    with _progress() as progress:
        measured = measure_holdout(
            orders, out, settings, since=since, until=until, metric=metric,
            say=progress.say, stage=progress.stage,
        )  # fmt: skip
    words = Words(settings.report.language)
    _print_measured(measured, words)
    for sentence in programme(measured, words):
        print(sentence)
    print(f"Measurement: {out / 'measurement.json'}")


@app.command(
    rich_help_panel=_AFTER,
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
    from winback.synthetic.kinds import SERVICE_MATTERS
    from winback.synthetic.shop import simulate_shop

    service = SERVICE_MATTERS if service_matters else None
    shop = simulate_shop(kind, customers=customers, days=days, seed=seed, service=service)
    out.parent.mkdir(parents=True, exist_ok=True)
    shop.orders.to_csv(out, index=False, lineterminator="\n")
    print(f"{len(shop.orders):,} order lines of {customers:,} customers: {out}")
    if signals:
        for name, table in (("signals", shop.signals), ("attributes", shop.attributes)):
            path = out.with_name(f"{name}.parquet")
            table.to_parquet(path, index=False)
            print(f"{len(table):,} {name}: {path}")


if __name__ == "__main__":
    main()
