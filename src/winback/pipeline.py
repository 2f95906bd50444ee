"""The stages, and the only place that knows paths: one small function per stage.

``dvc repro`` calls a stage at a time; ``run_history`` calls the same work in one process.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from winback.errors import WinbackError
from winback.params import Params
from winback.results.base import Result
from winback.results.judged import Champion, EvaluatedModel, Interval
from winback.results.learned import Evidence, Training
from winback.results.scored import Drivers
from winback.said import judged as judged_in_words
from winback.said.words import Words

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from winback.churn import ChurnStudy
    from winback.features import FeatureSet
    from winback.intake.settling import Intake, Options, SettledOrders
    from winback.judging.tuning import Tuning
    from winback.learning.model import ReturnModel
    from winback.offers.plan import Plan
    from winback.results.base import Fact
    from winback.results.intake import IngestSummary
    from winback.results.measured import Awaited, Measurement, ProgrammeMeasurement
    from winback.results.planned import Planned
    from winback.snapshots.kernel import Batch
    from winback.snapshots.stored import StoredSnapshots

Say = Callable[[str], None]
R = TypeVar("R", bound=Result)

DEMO_ORDERS = Path("data/raw/cdnow.csv")
ORDERS = Path("data/orders.parquet")
CONTACTS = Path("data/contacts.parquet")
SNAPSHOTS = Path("data/snapshots.parquet")
OUTCOMES = Path("data/outcomes.parquet")
RESTATED = Path("data/restated.parquet")
FIRST_DAYS = Path("data/first_days.parquet")
BACKTEST = Path("data/backtest.parquet")
SCORES = Path("data/scores.parquet")
ASSIGNMENT = Path("data/assignment.parquet")
DECISIONS = Path("data/decisions.parquet")
MODEL = Path("models/return_model.json")
INGEST_SUMMARY = Path("reports/ingest.json")
TRAINING = Path("reports/training.json")
EVALUATION = Path("reports/evaluation.json")
CALIBRATION = Path("reports/plots/calibration.csv")
LIFT = Path("reports/plots/lift.csv")
PROFIT = Path("reports/plots/profit.csv")
TARGET = Path("reports/target.json")
DRIVERS = Path("reports/drivers.json")
TUNING = Path("models/tuning")
REPORT = Path("reports/report.html")
EXPORTS = Path("exports")
MEASUREMENTS = Path("reports/measurements")
# Of each stage the numbers alone: a difference of sentences is none that `dvc metrics` can show.
METRICS = Path("reports/metrics")


# Snapshots are mostly numbers that do not repeat: a dictionary of them costs time and space.
_KEY = ["customer_id", "cutoff"]
# Snapshots that learning and judging hold in memory, at most: some two gigabytes at their peak.
_MOST_ROWS = 600_000
# Of ninety columns of numbers, bounds and small pages cost as much as the numbers themselves.
NUMBERS: dict[str, Any] = {
    "compression": "snappy", "use_dictionary": _KEY, "write_statistics": _KEY,
    "write_batch_size": 1 << 15,
}  # fmt: skip


def _quiet(message: str) -> None:
    """Say nothing."""


# --- the stages of dvc.yaml --------------------------------------------------------------------


def fetch(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """The CDNOW order log out of the installed package that carries it."""
    from winback.datasets import cdnow_csv

    _write_text(DEMO_ORDERS, cdnow_csv())
    return {}


def ingest(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """Raw exports in, canonical orders, contacts, signals, attributes and quarantine out."""
    intake = _with_signals(params, _read(params, Path("data"), say), say)
    summary = intake.summary.model_dump(mode="json")
    _write_json(INGEST_SUMMARY, summary)
    _write_metrics("ingest", summary)
    stages = Path("dvc.yaml").read_text("utf-8") if Path("dvc.yaml").is_file() else None
    for noun in ("signals", "attributes"):
        if stages and summary[noun] and f"${{ingest.{noun}}}" not in stages:
            say(
                f"dvc.yaml: add - ${{ingest.{noun}}} to the deps of ingest; without it dvc repro "
                "overlooks a new file"
            )
    return summary


def snapshot(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """Canonical orders in, snapshots of all cutoffs and the closed outcomes out."""
    import pyarrow.parquet as pq

    ingested = _ingested()
    cutoff = ingested.cutoff
    done, restated = _snapshots(params, SNAPSHOTS.parent, ORDERS, cutoff, ingested, say)
    with _replacing(RESTATED) as new:
        pq.write_table(restated, new, **NUMBERS)
    say(f"{done['rows']:,} snapshot rows, {done['outcomes']:,} outcomes")
    counted = {name: done[name] for name in ("rows", "outcomes", "late_share")}
    return _write_metrics("snapshot", counted | {"restated": len(restated)})


def train(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """Snapshots and outcomes in, the return model and its backtest out."""
    import pyarrow.parquet as pq

    restated = pq.read_table(RESTATED)
    model, judged, evidence = _learn(params, _stored(SNAPSHOTS.parent), restated, say)
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    model.save(MODEL)
    with _replacing(BACKTEST) as new:
        judged.to_parquet(new, index=False)
    training = _training(model, evidence)
    _write_text(TRAINING, training.to_json())
    _write_metrics("train", training.model_dump(mode="json"))
    return training.model_dump(mode="json")


def evaluate(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """Backtest and model in, metrics, intervals and curves out."""
    import pandas as pd

    from winback.learning.model import ReturnModel

    model = ReturnModel.load(MODEL)
    scored = _stored(SNAPSHOTS.parent).newest()
    summary, calibration, lift = _judge(params, pd.read_parquet(BACKTEST), model, scored)
    _write_text(EVALUATION, summary.to_json())
    _write_metrics("evaluate", _of_the_scores(summary))
    _write_csv(CALIBRATION, calibration)
    _write_csv(LIFT, lift)
    return summary.model_dump(mode="json")


def score(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """Model and newest snapshots in, one scored row per customer out."""
    import pyarrow.parquet as pq

    from winback.learning.model import ReturnModel
    from winback.scoring.drivers import describe_drivers
    from winback.scoring.scores import add_reasons, score_customers, score_table

    model = ReturnModel.load(MODEL, params.train.threads)
    customers = _stored(SNAPSHOTS.parent).newest()
    scores = score_customers(model, customers, params.score)
    chosen = _worth_explaining(scores, params.score.explain_rows)
    currency = _ingested().currency
    scores = add_reasons(scores, model, customers, chosen, currency=currency)
    with _replacing(SCORES) as new:
        pq.write_table(score_table(scores), new, compression="zstd")
    _write_text(DRIVERS, describe_drivers(model, customers).to_json())
    say(f"{len(scores):,} customers scored")
    expected = {
        name: round(float(scores[name].sum()), 2)
        for name in ("p_return", "expected_orders", "expected_net_spend")
        if scores[name].notna().any()
    }
    return _write_metrics("score", {"customers": len(scores), "total": expected})


def target(params: Params, say: Say = _quiet) -> Planned:
    """Scores and the catalogue in, the assignment and everybody's reason out."""
    import pyarrow.parquet as pq

    from winback.crm.listing import refuse_redraw
    from winback.said.telling import tell
    from winback.said.words import Words
    from winback.tables.planned import ASSIGNMENT as contract

    currency = _ingested().currency
    scores = _frame(pq.read_table(SCORES))
    features = _stored(SNAPSHOTS.parent).newest()
    contacts = _frame(pq.read_table(CONTACTS))
    plan = _plan(
        params, scores, features, contacts, currency, _read_result(EvaluatedModel, EVALUATION)
    )
    if not _draft(params):
        refuse_redraw(plan, EXPORTS / params.target.campaign_id)
    with _replacing(ASSIGNMENT) as assignment, _replacing(DECISIONS) as decisions:
        pq.write_table(_assignment_table(plan.assignment, contract.schema), assignment)
        pq.write_table(_decisions_table(plan.decisions), decisions)
    _write_text(TARGET, plan.summary.to_json())
    _write_metrics("target", plan.summary.model_dump(mode="json"))
    _write_csv(PROFIT, plan.profit)
    for warning in plan.summary.warnings:
        say(tell(warning, Words(params.report.language)))
    return plan.summary


def export(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """Assignment and scores in, the list for the CRM out."""
    import pyarrow.parquet as pq

    from winback.crm.listing import keep_redrawn, refuse_redraw, write_list
    from winback.offers.plan import seal_of

    currency = _ingested().currency
    scores = _frame(pq.read_table(SCORES))
    contacts = _frame(pq.read_table(CONTACTS))
    features = _stored(SNAPSHOTS.parent).newest()
    plan = _plan(
        params, scores, features, contacts, currency, _read_result(EvaluatedModel, EVALUATION)
    )
    folder = EXPORTS / params.target.campaign_id
    if seal_of(_frame(pq.read_table(ASSIGNMENT))) != plan.summary.seal:
        raise WinbackError(f"{ASSIGNMENT}: not the assignment of these scores; run target again.")
    if not _draft(params):
        refuse_redraw(plan, folder)
    # Beside the folder: what DVC has of it would else depend on what was there before.
    if not _experiment_copy() and (kept := keep_redrawn(plan, folder, EXPORTS)):
        say(_kept_aside(folder, kept))
    versions = _versions(params, _ingested(), scores)
    return write_list(
        plan, scores, contacts, folder, language=params.report.language, versions=versions,
        draft=_draft(params),
    )  # fmt: skip


def report(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """The small results of all stages in, the page a person reads out."""
    import pandas as pd
    import pyarrow.parquet as pq

    from winback.results.planned import Planned

    folder = EXPORTS / params.target.campaign_id
    text = _page(
        params,
        orders=ORDERS,
        ingested=_ingested(),
        evaluation=_read_result(EvaluatedModel, EVALUATION),
        calibration=pd.read_csv(CALIBRATION),
        lift=pd.read_csv(LIFT),
        scores=_frame(pq.read_table(SCORES)),
        target=Planned.from_json(_read_text(TARGET), str(TARGET)),
        listed=folder / "list.csv",
        manifest=_read_json(folder / "manifest.json"),
        evidence=_read_result(Training, TRAINING).evidence,
        drivers=_read_result(Drivers, DRIVERS),
        profit=pd.read_csv(PROFIT),
    )
    _write_text(REPORT, text)
    return {}


def track(params: Params, say: Say = _quiet) -> dict[str, Any]:
    """The results of all stages in, one MLflow run with a nested run per stage out."""
    from winback.extras import require
    from winback.tracking.mlflow_runs import log_pipeline

    require("pipeline")
    tracked = log_pipeline(
        params,
        root=Path(),
        model_path=MODEL,
        sample=_stored(SNAPSHOTS.parent).newest().head(100),
        results={
            "ingest": INGEST_SUMMARY,
            "snapshot": METRICS / "snapshot.json",
            "train": TRAINING,
            "evaluate": EVALUATION,
            "score": METRICS / "score.json",
            "target": TARGET,
            "export": EXPORTS / params.target.campaign_id / "manifest.json",
            "report": REPORT,
        },
        artifacts=[CALIBRATION, LIFT],
        code_version=source_version(),
    )
    return tracked.model_dump()


def measure(
    params: Params, say: Say = _quiet, campaign: str | None = None
) -> dict[str, Measurement | Awaited]:
    """Sealed campaigns and the orders since in, what each changed out; all, or the one named.

    While a window is open its result says when it closes, and nothing else.
    """
    from winback.errors import UsageError

    campaigns = params.measure.campaigns
    if campaign is not None and campaign not in campaigns:
        known = ", ".join(campaigns) or "none"
        raise UsageError(f"measure.campaigns has no {campaign!r}; it has {known}.")
    results = {}
    for name in campaigns if campaign is None else [campaign]:
        results[name] = _measured(params, name)
        _write_text(MEASUREMENTS / f"{name}.json", results[name].to_json())
        _write_metrics(f"measure-{name}", results[name].model_dump(mode="json"))
        say(f"{name} measured")
    return results


STAGES: dict[str, Callable[..., Any]] = {
    "fetch": fetch,
    "ingest": ingest,
    "snapshot": snapshot,
    "train": train,
    "evaluate": evaluate,
    "score": score,
    "target": target,
    "export": export,
    "report": report,
    "track": track,
    "measure": measure,
}


# --- the same stages in one process ------------------------------------------------------------


def run_history(
    source: Any, out: Path, params: Params, *, say: Say = _quiet, stage: Say = _quiet
) -> dict[str, Any]:
    """Everything from an order history to a list, a report and a manifest, in one folder.

    Writes ``scores.parquet``, ``list.csv``, ``assignment.parquet``, ``evaluation.json``,
    ``report.html``, ``quarantine.csv`` and ``manifest.json``. Needs no DVC, MLflow or git.
    Returns the manifest; ``stage`` is told the name of each stage as it begins.
    """
    import pyarrow.parquet as pq

    from winback.crm.listing import keep_redrawn, write_list
    from winback.said.telling import tell
    from winback.said.words import Words
    from winback.scoring.drivers import describe_drivers
    from winback.scoring.scores import add_reasons, score_customers, score_table

    out.mkdir(parents=True, exist_ok=True)
    stage("ingest")
    intake = _with_signals(params, _read(params, out / "orders", say, source), say)
    currency = intake.summary.currency
    _send_day(params, intake.cutoff)  # said at once, not after all the work
    stage("snapshot")
    orders = intake.orders_path
    _, restated = _snapshots(params, orders.parent, orders, intake.cutoff, intake.summary, say)
    snapshots = _stored(orders.parent)
    stage("train")
    model, judged, evidence = _learn(params, snapshots, restated, say)
    stage("evaluate")
    customers = snapshots.newest()
    summary, calibration, lift = _judge(params, judged, model, customers)
    _write_text(out / "evaluation.json", summary.to_json())
    stage("score")
    scores = score_customers(model, customers, params.score)
    stage("target")
    contacts = _frame(pq.read_table(intake.contacts_path))
    plan = _plan(params, scores, customers, contacts, currency, summary)
    for warning in plan.summary.warnings:
        say(tell(warning, Words(params.report.language)))
    leaving = set(plan.assignment["customer_id"])
    scores = add_reasons(scores, model, customers, leaving, currency=currency)
    with _replacing(out / "scores.parquet") as new:
        pq.write_table(score_table(scores), new, compression="zstd")
    with _replacing(out / "decisions.parquet") as new:
        pq.write_table(_decisions_table(plan.decisions), new)
    stage("export")
    if kept := keep_redrawn(plan, out):
        say(_kept_aside(out, kept))
    manifest = write_list(
        plan, scores, contacts, out, language=params.report.language,
        versions=_versions(params, intake.summary, scores), draft=params.target.draft,
    )  # fmt: skip
    intake.quarantine_path.replace(out / "quarantine.csv")
    # What it holds of addresses is in list.csv now, and should be nowhere else.
    intake.contacts_path.unlink()
    stage("report")
    text = _page(
        params, orders=intake.orders_path, ingested=intake.summary, evaluation=summary,
        calibration=calibration, lift=lift, scores=_frame(score_table(scores)),
        target=plan.summary, listed=out / "list.csv", manifest=manifest, evidence=evidence,
        drivers=describe_drivers(model, customers), profit=plan.profit,
    )  # fmt: skip
    _write_text(out / "report.html", text)
    manifest |= {
        "model": {
            "version": model.version,
            **_training(model, evidence).model_dump(mode="json"),
        },
        "ingest": intake.summary.model_dump(mode="json", exclude={"files"}),
        "target": plan.summary.model_dump(mode="json"),
        "verdict": summary.verdict.model_dump(mode="json"),
        "params": params.model_dump(mode="json", exclude={"ingest"}),
    }
    for name in ("scores.parquet", "evaluation.json", "report.html", "quarantine.csv"):
        manifest["sha256"][name] = hashlib.sha256((out / name).read_bytes()).hexdigest()
    _write_json(out / "manifest.json", manifest)
    return manifest


def snapshot_history(
    source: Any, out: Path, params: Params, *, count: int, every_days: int,
    engine: str = "local", say: Say = _quiet, stage: Say = _quiet,
) -> dict[str, Any]:  # fmt: skip
    """Snapshots of ``count`` cutoffs and the closed outcomes, written as they are made.

    The canonical orders are not written where nothing else (signals, a shop's own SQL) needs them.
    The engine is ``local``, which writes two files, or ``spark`` (in its local mode), which
    writes two folders of files with the same rows, and counts neither late lines nor seconds.
    """
    from winback.errors import UsageError
    from winback.snapshots.plan import make_plan, observed_until, snapshot_cutoffs
    from winback.snapshots.walk import measured_batches, snapshot_batches

    if engine == "spark":
        from winback.extras import require

        require("spark")
    elif engine != "local":
        raise UsageError(f"--engine {engine!r}: expected local or spark.")
    stage("ingest")
    given, wanted = params.ingest, params.snapshot
    if engine == "local" and not (given.signals or given.attributes or wanted.custom):
        # Nothing else asks for the orders: their lines are measured as they come sorted.
        with _settled(params, out, say, source) as settled:
            first, last, cutoff = settled.first_day, settled.last_day, settled.cutoff
            cutoffs = [c for c in snapshot_cutoffs(cutoff, count, every_days) if c > first]
            stage("snapshot")
            plan = make_plan(
                {k.encode(): v.encode() for k, v in settled.stated.items()}, cutoffs,
                wanted.horizon_days, observed_until(cutoff, last), features=_declared(params, None),
                country=wanted.country, paydays=wanted.paydays,
            )  # fmt: skip
            lines = (batch for table in settled.tables() for batch in table.to_batches())
            batches = measured_batches(
                lines, plan, threads=wanted.threads, progress=_time_left(say, settled.lines)
            )
            done = _write_snapshots(out, batches)
            _remove_side_tables(out, given.orders if source is None else source)
            told, tell = settled.findings.understood[:], _telling(say)
            summary = settled.intake().summary
            for one in summary.understood:
                if one not in told:
                    tell(one)
        return done | {"cutoffs": [c.isoformat() for c in cutoffs], "ingest": summary}
    intake = _read(params, out, say, source)
    # Nothing here asks for addresses, so no file keeps them.
    intake.contacts_path.unlink()
    intake = _with_signals(params, intake, say)
    first = intake.summary.first_day
    cutoffs = [c for c in snapshot_cutoffs(intake.cutoff, count, every_days) if c > first]
    stage("snapshot")
    features = _declared(params, intake.summary, out / "attributes.parquet", say)
    seen = observed_until(intake.cutoff, intake.summary.last_day)
    said = {"cutoffs": [c.isoformat() for c in cutoffs], "ingest": intake.summary}
    if engine == "spark":
        rows, outcomes = _snapshots_by_spark(params, out, cutoffs, seen, features)
        return said | {
            "rows": rows, "outcomes": outcomes, "late_share": None, "custom_seconds": {},
            "features_path": out / "snapshots", "outcomes_path": out / "outcomes",
        }  # fmt: skip
    total = intake.summary.lines_kept + intake.summary.rows_added
    batches = snapshot_batches(
        intake.orders_path, cutoffs, horizon_days=wanted.horizon_days, observed_until=seen,
        features=features, signals=out / "signals.parquet",
        attributes=out / "attributes.parquet", country=wanted.country, paydays=wanted.paydays,
        threads=wanted.threads, progress=_time_left(say, total),
    )  # fmt: skip
    return said | _write_snapshots(out, batches)


def _remove_side_tables(out: Path, source: Any) -> None:
    """Remove contacts, signals and attributes of an earlier run: beside the new they mislead.

    Only what is ours by its columns, of which the first is never null.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from winback.intake.sources import is_frame, list_files

    sources = [] if is_frame(source) else [path.resolve() for path in list_files(source)]
    for name, columns in (
        (CONTACTS.name, ["customer_id", "consented", "suppressed"]),
        ("signals.parquet", ["customer_id", "happened_at", "known_at", "name", "value"]),
        ("attributes.parquet", ["customer_id", "known_at", "name", "value"]),
    ):
        path = out / name
        if path.is_file() and path.resolve() not in sources:
            try:
                schema = pq.read_schema(path)
            except pa.ArrowException:
                continue
            if schema.names[: len(columns)] == columns and not schema.field(0).nullable:
                path.unlink()


def _write_snapshots(out: Path, batches: Iterator[Batch]) -> dict[str, Any]:
    """Write snapshots and outcomes as they are made, and count them."""
    import pyarrow.parquet as pq

    rows = outcomes = customers = late = 0
    seconds: dict[str, float] = {}
    with _replacing(out / "snapshots.parquet") as new, _replacing(out / "outcomes.parquet") as old:
        writers: list[Any] = []
        for batch in batches:
            if not writers:
                writers = [
                    pq.ParquetWriter(new, batch.features.schema, **NUMBERS),
                    pq.ParquetWriter(old, batch.outcomes.schema, **NUMBERS),
                ]
            writers[0].write_table(batch.features)
            writers[1].write_table(batch.outcomes)
            rows, outcomes = rows + len(batch.features), outcomes + len(batch.outcomes)
            customers, late = customers + batch.customers, late + batch.late
            for name, cost in batch.custom_seconds.items():
                seconds[name] = seconds.get(name, 0.0) + cost
        for writer in writers:
            writer.close()
    return {
        "rows": rows, "outcomes": outcomes,
        "late_share": late / customers if customers else 0.0, "custom_seconds": seconds,
        "features_path": out / "snapshots.parquet", "outcomes_path": out / "outcomes.parquet",
    }  # fmt: skip


def _write_first_days(path: Path, batches: Iterable[Batch], part_days: int) -> None:
    """Write the outcomes of the first days of a horizon too long for the history."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from winback.tables.outcomes import OUTCOMES

    days = pa.field("part_days", pa.int32(), False)
    schema = OUTCOMES.schema.append(days)
    with _replacing(path) as new, pq.ParquetWriter(new, schema, **NUMBERS) as writer:
        for batch in batches:
            same = pa.repeat(pa.scalar(part_days, pa.int32()), len(batch.outcomes))
            writer.write_table(batch.outcomes.append_column(days, same))


def _snapshots_by_spark(
    params: Params, out: Path, cutoffs: Sequence[date], seen: date, features: FeatureSet
) -> tuple[int, int]:
    from winback.snapshots.spark import local_session, snapshot_with_spark

    wanted = params.snapshot
    with (
        tempfile.TemporaryDirectory(prefix=".spark", dir=out) as scratch,
        local_session(wanted.threads, params.ingest.memory_limit, scratch) as spark,
    ):
        taken = snapshot_with_spark(
            spark, str(out / "orders.parquet"), f"{scratch}/both", cutoffs,
            horizon_days=wanted.horizon_days, observed_until=seen, features=features,
            signals=str(out / "signals.parquet"), attributes=str(out / "attributes.parquet"),
            country=wanted.country, paydays=wanted.paydays,
        )  # fmt: skip
        counts = []
        for name, frame in zip(("snapshots", "outcomes"), taken, strict=True):
            frame.write.mode("overwrite").option("compression", "zstd").parquet(str(out / name))
            counts.append(frame.count())
    return counts[0], counts[1]


def churn_history(
    source: Any, out: Path, params: Params, *, tolerated_share: float = 0.2,
    say: Say = _quiet, stage: Say = _quiet,
) -> ChurnStudy:  # fmt: skip
    """What churn is in this shop, written as ``churn.json`` and ``churn.csv``."""
    from winback.churn import define_churn
    from winback.snapshots.plan import observed_until

    stage("ingest")
    intake = _read(params, out / "orders", say, source)
    intake.contacts_path.unlink()
    stage("churn")
    seen = observed_until(intake.cutoff, intake.summary.last_day)
    study = define_churn(intake.orders_path, cutoff=seen, tolerated_share=tolerated_share)
    (out / "churn.json").write_text(study.summary().to_json(), encoding="utf-8")
    _write_csv(out / "churn.csv", study.comebacks)
    return study


def tune_history(
    source: Any, out: Path | None, params: Params, *, trials: int, seed: int = 1,
    say: Say = _quiet, stage: Say = _quiet, progress: Callable[[int, int, float], None],
) -> tuple[Tuning, Path]:  # fmt: skip
    """Better settings for LightGBM, written as ``tuning.json`` and ``trials.csv``.

    Without a source, from the snapshots of the project, and its trials are logged to MLflow.
    Returns what was found, and the folder.
    """
    import pyarrow.parquet as pq

    from winback.extras import require
    from winback.judging.tuning import tune

    # Said at once, not after all the work.
    require("tune")
    if source is None:
        require("pipeline")
    folder = out or (TUNING if source is None else Path("tuned"))
    if source is None:
        if not SNAPSHOTS.is_file():
            raise WinbackError(
                f"{SNAPSHOTS}: missing. Give a file of orders, or run dvc repro first."
            )
        stored, restated = _stored(SNAPSHOTS.parent), pq.read_table(RESTATED)
    else:
        stage("ingest")
        intake = _with_signals(params, _read(params, folder / "orders", say, source), say)
        intake.contacts_path.unlink()
        stage("snapshot")
        _, restated = _snapshots(
            params, folder / "orders", intake.orders_path, intake.cutoff, intake.summary, say
        )
        stored = _stored(folder / "orders")
    stage("tune")
    tuning = tune(
        stored.closed(_MOST_ROWS), horizon_days=params.snapshot.horizon_days,
        settings=params.train, trials=trials, origins=params.evaluate.origins, seed=seed,
        restated=_frame(restated), progress=progress,
    )  # fmt: skip
    _write_text(folder / "tuning.json", tuning.summary.to_json())
    _write_csv(folder / "trials.csv", tuning.trials)
    if source is None:
        from winback.tracking.mlflow_runs import log_tuning

        log_tuning(params, tuning, root=Path(), code_version=source_version())
    return tuning, folder


def measure_history(
    assignment: Path, source: Any, out: Path, params: Params, *, window_days: int, metric: str,
    control_share: float | None = None, sent: Path | None = None, control: str = "control",
    history_until: date | None = None, p_return_days: int | None = None,
    amounts: str = "before_discount", say: Say = _quiet, stage: Say = _quiet,
) -> Measurement:  # fmt: skip
    """What a campaign changed, written as ``measurement.json``."""
    from winback.campaign.measuring import AMOUNTS, METRICS, measure_campaign
    from winback.errors import UsageError
    from winback.offers.catalogue import read_offer

    chosen = next((name for name in METRICS if name == metric), None)
    if chosen is None:
        raise UsageError(f"--metric {metric!r}: expected one of {', '.join(METRICS)}.")
    meaning = next((name for name in AMOUNTS if name == amounts), None)
    if meaning is None:
        raise UsageError(f"--amounts {amounts!r}: expected one of {', '.join(AMOUNTS)}.")
    stage("ingest")
    intake = _read(params, out / "orders", say, source)
    stage("measure")
    measured = measure_campaign(
        assignment,
        intake.orders_path,
        window_days=window_days,
        metric=chosen,
        control_share=control_share,
        history_until=history_until or intake.cutoff - timedelta(days=1),
        offers=[read_offer(offer) for offer in params.target.offers],
        sent=sent,
        control=control,
        timezone=params.ingest.timezone,
        p_return_days=p_return_days,
        amounts=meaning,
    )
    _write_text(out / "measurement.json", measured.to_json())
    return measured


def measure_holdout(
    source: Any | None, out: Path, params: Params, *, since: date, until: date | None,
    metric: str, say: Say = _quiet, stage: Say = _quiet,
) -> ProgrammeMeasurement:  # fmt: skip
    """What all campaigns since a day changed, written as ``measurement.json``.

    Of the project's own orders, or of a source. Without ``until``, up to the last day seen.
    """
    from winback.campaign.measuring import METRICS
    from winback.campaign.programme import measure_programme
    from winback.errors import UsageError
    from winback.offers.contact import read_history
    from winback.snapshots.plan import observed_until

    chosen = next((name for name in METRICS if name == metric), None)
    if chosen is None:
        raise UsageError(f"--metric {metric!r}: expected one of {', '.join(METRICS)}.")
    orders = ORDERS
    if source is None:
        ingested = _ingested()
        cutoff, last_day = ingested.cutoff, ingested.last_day
        seen = observed_until(cutoff, last_day)
    else:
        stage("ingest")
        intake = _read(params, out / "orders", say, source)
        intake.contacts_path.unlink()
        orders, seen = intake.orders_path, intake.cutoff
    stage("measure")
    measured = measure_programme(
        orders,
        since=since,
        until=until or seen - timedelta(days=1),
        holdout_share=params.target.holdout_share,
        salt=params.target.salt,
        metric=chosen,
        history=None if params.target.history is None else read_history(params.target.history),
    )
    _write_text(out / "measurement.json", measured.to_json())
    return measured


def explain_customer(customer: str, folder: Path, language: str) -> str:
    """One customer's history, score, reasons and offer, as lines of text.

    Raises:
        WinbackError: nothing was scored in the folder, or the customer is not among the
            scored (the nearest ids are named).
    """
    import difflib

    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from winback.said.words import Words

    orders = next((p for p in (folder / "orders.parquet", folder / "orders/orders.parquet")
                   if p.is_file()), None)  # fmt: skip
    scored = folder / "scores.parquet"
    if orders is None or not scored.is_file():
        raise WinbackError(f"{folder}: no scores here. Run `winback run` or `dvc repro` first.")
    scores = pq.read_table(scored)
    rows = scores.filter(pc.equal(scores["customer_id"], customer)).to_pylist()
    if not rows:
        near = difflib.get_close_matches(customer, scores["customer_id"].to_pylist(), 3, 0.7)
        hint = f" Near ones: {', '.join(near)}." if near else ""
        raise WinbackError(f"{scored}: no customer {customer!r} among {len(scores):,}.{hint}")
    row = rows[0]
    lines = pq.read_table(orders, filters=[("customer_id", "=", customer)])
    facts = pq.read_schema(orders).metadata or {}
    scale = int(facts.get(b"amount_scale", b"100"))
    w = Words(language, facts.get(b"currency", b"").decode())  # type: ignore[arg-type]
    history: dict[tuple[str, str, str], int] = {}
    for line in lines.to_pylist():
        key = (f"{line['ordered_at']:%Y-%m-%d}", line["order_id"], line["kind"])
        history[key] = history.get(key, 0) + line["amount"]
    head = w("explain_head", customer=customer, cutoff=w.short_day(row["cutoff"]))
    said = [head, "", w("explain_history")]
    said += [
        f"  {w.short_day(day)}  {w.term('kind', kind):<6} {order:<24.24} "
        f"{w.money(amount / scale, 2):>12}"
        for (day, order, kind), amount in sorted(history.items())[-20:]
    ]
    if len(history) > 20:
        said.append("  " + w("explain_earlier", n=w.number(len(history) - 20)))
    said += ["", w("explain_score")]
    spend = {
        name: w.money(row[name], 2)
        for name in (
            "expected_net_spend", "expected_net_spend_low", "expected_net_spend_high",
            "lifetime_value", "lifetime_value_low", "lifetime_value_high",
        )
    }  # fmt: skip
    if row["p_return"] is None:
        said.append("  " + w("explain_unproven"))
    else:
        days = f"{row['horizon_days']} {w.noun(row['horizon_days'], 'of day')}"
        orders_told = w.number(row["expected_orders"], 2)
        said += [
            "  " + w("explain_chance", share=w.share(row["p_return"], 1), days=days),
            "  " + w("explain_expected", orders=orders_told, spend=spend["expected_net_spend"]),
        ]
        if row["expected_net_spend_high"] is not None:
            ends = (spend["expected_net_spend_low"], spend["expected_net_spend_high"])
            said.append("  " + w("explain_interval", low=ends[0], high=ends[1]))
        if row["lifetime_value"] is not None:
            value = spend["lifetime_value"]
            ends = (spend["lifetime_value_low"], spend["lifetime_value_high"])
            said.append("  " + w("explain_lifetime", value=value, low=ends[0], high=ends[1]))
    named, band = w.term("segment", row["segment"]), w.term("band", row["risk_band"])
    said.append("  " + w("explain_segment", segment=named, rfm=row["rfm_score"], band=band))
    suffix = "_pl" if language == "pl" else ""
    reasons = [row[f"reason_{k}{suffix}"] for k in (1, 2, 3)]
    if any(reasons):
        said += ["", w("explain_reasons"), *(f"  {reason}" for reason in reasons if reason)]
    sealed = folder / "assignment.parquet"
    if sealed.is_file():
        planned = pq.read_table(sealed, filters=[("customer_id", "=", customer)]).to_pylist()
        said += ["", w("explain_offer")]
        if not planned:
            why = _why(folder, customer)
            told = f": {w.term('decision', why)}" if why else ""
            said.append(f"  {w('explain_none')}{told}")
        for plan in planned:
            offer = _labelled(folder, plan["planned_offer"], language)
            held = plan["arm"] == "control"
            said.append("  " + (w("explain_held", offer=offer) if held else offer))
    return "\n".join(said)


def _labelled(folder: Path, offer: str, language: str) -> str:
    """The offer in words before its code, where the folder says what they are."""
    path = folder / "manifest.json"
    told = _read_json(path).get("offers", []) if path.is_file() else []
    label = next((o["label"].get(language) for o in told if o["name"] == offer), None)
    return f"{label} ({offer})" if label else offer


def _why(folder: Path, customer: str) -> str:
    """Code of why the customer gets no offer; empty where nobody wrote it."""
    import pyarrow.parquet as pq

    path = folder / "decisions.parquet"
    if not path.is_file():
        return ""
    rows = pq.read_table(path, filters=[("customer_id", "=", customer)]).to_pylist()
    return str(rows[0]["reason"]) if rows else ""


# --- what both doors share -----------------------------------------------------------------------


def _read(params: Params, out: Path, say: Say, source: Any = None) -> Intake:
    from winback.intake.settling import read_orders

    given = params.ingest
    if given.suppress and not Path(given.suppress).is_file():
        raise WinbackError(f"ingest.suppress: {given.suppress}: no such file.")
    intake = read_orders(
        given.orders if source is None else source,
        out,
        contact_columns=given.contact_columns,
        suppress=Path(given.suppress) if given.suppress else None,
        progress=_telling(say),
        **_reading(params),
    )
    for one in (*intake.summary.understood, *intake.summary.doubts):
        _telling(say)(one)
    return intake


def _telling(say: Say) -> Callable[[Fact], None]:
    """Says facts in words."""
    from winback.said.telling import tell
    from winback.said.words import Words

    return lambda fact: say(tell(fact, Words()))


def _ingested() -> IngestSummary:
    from winback.results.intake import IngestSummary

    return IngestSummary.from_json(INGEST_SUMMARY.read_text("utf-8"), str(INGEST_SUMMARY))


def _reading(params: Params) -> Options:
    given = params.ingest
    return {
        "columns": given.columns, "cutoff": given.cutoff, "timezone": given.timezone,
        "currency": given.currency, "consent_column": given.consent_column,
        "day_first": given.day_first, "memory_limit": given.memory_limit,
        "threads": given.threads,
    }  # fmt: skip


@contextmanager
def _settled(params: Params, out: Path, say: Say, source: Any) -> Iterator[SettledOrders]:
    from winback.intake.settling import settled_orders

    given = params.ingest
    with settled_orders(
        given.orders if source is None else source, out, progress=_telling(say),
        **_reading(params),
    ) as settled:  # fmt: skip
        for one in (*settled.findings.understood, *settled.findings.doubts):
            _telling(say)(one)
        yield settled


def _with_signals(params: Params, intake: Intake, say: Say) -> Intake:
    """The same intake with what is known beside the orders, whose tables are always there."""
    from winback.intake.findings import distinct, ranked
    from winback.intake.signals import read_attributes, read_signals

    given, summary = params.ingest, intake.summary
    for noun, read in (("signals", read_signals), ("attributes", read_attributes)):
        table = read(
            getattr(given, noun),
            intake.orders_path.parent,
            cutoff=intake.cutoff,
            columns=getattr(given, f"{noun.removesuffix('s')}_columns"),
            orders=intake.orders_path,
            quarantine=intake.quarantine_path,
            timezone=given.timezone,
            day_first=given.day_first,
            memory_limit=given.memory_limit,
            threads=given.threads,
            progress=_telling(say),
        )
        for one in (*table.understood, *table.doubts):
            _telling(say)(one)
        summary = summary.model_copy(
            update={
                noun: table.summary,
                "understood": distinct([*summary.understood, *table.understood]),
                "doubts": ranked([*summary.doubts, *table.doubts]),
            }
        )
    return replace(intake, summary=summary)


def _time_left(say: Say, total: int) -> Callable[[int], None]:
    """Tells how many lines were read and how long the rest will take, after five seconds.

    The clock serves the person who waits; no result depends on it.
    """
    began = said = time.monotonic()

    def progress(read: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - began >= 5 and now - said >= 2:
            left = (now - began) / read * (total - read)
            say(f"{read:,} of {total:,} lines, about {left:.0f} s left")
            said = now

    return progress


def _snapshots(
    params: Params, out: Path, orders: Path, cutoff: date, ingested: IngestSummary, say: Say
) -> tuple[dict[str, Any], pa.Table]:
    """Write the snapshots to learn from and to score; give their counts and what was restated."""
    from winback.snapshots.plan import observed_until, part_to_learn, training_cutoffs
    from winback.snapshots.restated import restated_outcomes
    from winback.snapshots.walk import snapshot_batches

    wanted = params.snapshot
    first, seen = ingested.first_day, observed_until(cutoff, ingested.last_day)
    grid = partial(
        training_cutoffs, first, seen, every_days=wanted.every_days, most=wanted.most_cutoffs
    )
    horizon = timedelta(days=wanted.horizon_days)
    earlier = grid(wanted.horizon_days)
    part_days = part_to_learn(wanted.horizon_days, (seen - first).days)
    of_part = grid(part_days) if part_days < wanted.horizon_days else []
    batches = snapshot_batches(
        orders,
        [*earlier, *of_part, cutoff],
        horizon_days=wanted.horizon_days,
        observed_until=seen,
        features=_declared(params, ingested, orders.with_name("attributes.parquet"), say),
        signals=orders.with_name("signals.parquet"),
        attributes=orders.with_name("attributes.parquet"),
        country=wanted.country,
        paydays=wanted.paydays,
        threads=wanted.threads,
    )
    done = _write_snapshots(out, batches)
    if not done["rows"]:
        raise WinbackError(
            f"{orders}: no purchase is earlier than the cutoff {cutoff}. Choose a later cutoff."
        )
    _say_costs(say, done["late_share"], done["custom_seconds"])
    partly: Iterable[Batch] = ()
    if of_part:
        partly = snapshot_batches(
            orders, of_part, horizon_days=part_days, observed_until=seen, windows_days=(),
            threads=wanted.threads,
        )  # fmt: skip
    _write_first_days(out / FIRST_DAYS.name, partly, part_days)
    closed = [c for c in {*earlier, *of_part} if c + horizon <= seen]
    restated = restated_outcomes(
        orders, closed, horizon_days=wanted.horizon_days, observed_until=seen
    )  # fmt: skip
    if len(restated):
        say(f"{len(restated):,} outcomes were known otherwise at a later cutoff; the backtest "
            "learns from those")  # fmt: skip
    return done, restated


def _declared(
    params: Params,
    ingested: IngestSummary | None,
    attributes: Path | None = None,
    say: Say = _quiet,
) -> FeatureSet:
    """All that is measured; signals and attributes that no file has are a slip of the pen."""
    from winback.snapshots.declared import check_declared, declared_features, doubts_of_attributes

    features = declared_features(params.snapshot)
    check_declared(features, {} if ingested is None else ingested.model_dump())
    if attributes is not None and features.attributes and ingested and ingested.attributes:
        label = ", ".join(ingested.attributes.files[:3])
        for doubt in doubts_of_attributes(features.attributes, attributes, label):
            _telling(say)(doubt)
    return features


def _say_costs(say: Say, late_share: float, custom_seconds: Mapping[str, float]) -> None:
    """What the shop's own functions took, and how many customers have lines known late."""
    if late_share:
        say(f"{late_share:.2%} of the customers have purchases known only after a cutoff")
    for columns, seconds in custom_seconds.items():
        say(f"custom {columns}: {seconds:.1f} s")


def _measured(params: Params, name: str) -> Measurement | Awaited:
    """One campaign of ``measure.campaigns`` as its folder and the newest orders have it."""
    from winback.campaign.measuring import measure_campaign
    from winback.campaign.outcomes import OpenWindow
    from winback.offers.catalogue import read_offer
    from winback.results.measured import Awaited
    from winback.snapshots.plan import observed_until

    wanted = params.measure.campaigns[name]
    folder = Path(wanted.folder)
    assignment = _one_of(folder, "assignment")
    if assignment is None:
        raise WinbackError(
            f"{folder}: no assignment.parquet or .csv, so who was control in {name!r} is lost;"
            " put the sealed file there."
        )
    # What was promised when the list left, not what the catalogue says by now.
    sealed = _read_json(folder / "manifest.json") if (folder / "manifest.json").is_file() else {}
    digest = sealed.get("sha256", {}).get(assignment.name)
    if digest not in (None, hashlib.sha256(assignment.read_bytes()).hexdigest()):
        raise WinbackError(
            f"{assignment}: not the file that was sealed with {folder / 'manifest.json'};"
            " put the original back."
        )
    ingested = _ingested()
    cutoff, last_day = ingested.cutoff, ingested.last_day
    try:
        found = measure_campaign(
            assignment,
            ORDERS,
            window_days=wanted.window_days,
            metric=wanted.metric,
            history_until=observed_until(cutoff, last_day) - timedelta(days=1),
            offers=[read_offer(offer) for offer in sealed.get("offers", [])],
            sent=_one_of(folder, "sent"),
            timezone=params.ingest.timezone,
            amounts=wanted.amounts,
        )
    except OpenWindow as still_open:
        # Waiting is no failure: the other stages have their work to do.
        return Awaited(campaign_id=name, closes_on=still_open.closes_on)
    return found.model_copy(update={"campaign_id": name})


def _one_of(folder: Path, stem: str) -> Path | None:
    files = (folder / f"{stem}{ending}" for ending in (".parquet", ".csv"))
    return next((file for file in files if file.is_file()), None)


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    return frame


def _stored(folder: Path) -> StoredSnapshots:
    from winback.snapshots.stored import StoredSnapshots

    return StoredSnapshots(*(folder / path.name for path in (SNAPSHOTS, OUTCOMES, FIRST_DAYS)))


def _learn(
    params: Params, snapshots: StoredSnapshots, restated: pa.Table, say: Say
) -> tuple[ReturnModel, pd.DataFrame, Evidence]:
    from winback.judging.backtesting import backtest
    from winback.judging.evidence import judge_evidence
    from winback.learning.fit import fit_return_model
    from winback.learning.rules import fit_rule
    from winback.learning.treated import untreated
    from winback.offers.contact import read_history

    rows, customers = snapshots.closed(_MOST_ROWS), snapshots.newest()
    first_days = snapshots.first_days(_MOST_ROWS)
    horizon = params.snapshot.horizon_days
    # What customers did who had been sent an offer is not what they do by themselves.
    sent = None if params.target.history is None else read_history(params.target.history)
    if sent is not None and sent.empty:
        say(
            f"target.history: {params.target.history} matches no file yet: nobody was sent anything"
        )
    evidence = judge_evidence(rows, customers, horizon_days=horizon)
    say(judged_in_words.evidence(evidence, Words()))
    # Two fits side by side use two cores better than two threads inside one small fit.
    settings = params.train.model_copy(update={"threads": 1})
    say(f"learning from {len(rows):,} snapshots")
    with ThreadPoolExecutor(max_workers=min(params.train.threads, 2)) as pool:
        fitted = pool.submit(
            fit_return_model, rows, cutoff=customers["cutoff"].iloc[0], customers=customers,
            horizon_days=horizon, horizons_days=params.train.horizons_days, settings=settings,
            treated=sent, first_days=first_days,
        )  # fmt: skip
        judge = partial(
            backtest, rows, horizon_days=horizon, active_days=params.active_days,
            origins=params.evaluate.origins, customers=customers, settings=settings,
            progress=say, treated=sent, restated=_frame(restated), first_days=first_days,
        )  # fmt: skip
        judged = pool.submit(judge)
        model, table = fitted.result(), judged.result()
    if left_out := model.facts.rows_left_out_treated:
        say(f"{left_out:,} snapshots are left out, since an offer may have touched what followed; "
            "controls stand for those they were drawn with")  # fmt: skip
    champion = _champion(params, table, customers).method
    if champion != "lightgbm":
        say(f"a simple rule ({champion}) did better than the model: the scores come from it")
        rule = fit_rule(champion, untreated(rows, sent, horizon), customers, horizon)
        model = model if rule is None else model.ruled_by(rule)
        # Judged anew, since what customers are worth follows from their chance to return.
        table = judge(rule=champion)
    return replace(model, threads=params.train.threads), table, evidence


def _training(model: ReturnModel, evidence: Evidence) -> Training:
    return Training(
        **dict(model.facts),
        kind=model.kind,
        rule=model.rule.name if model.rule else None,
        evidence=evidence,
    )


def _champion(params: Params, judged: pd.DataFrame, customers: pd.DataFrame) -> Champion:
    from winback.judging.champion import choose_champion

    return choose_champion(
        judged,
        horizon_days=params.snapshot.horizon_days,
        cutoff=customers["cutoff"].iloc[0],
        history_days=float(customers["days_since_first_order"].max()),
        n_bootstrap=params.evaluate.resamples,
    )


def _judge(
    params: Params, judged: pd.DataFrame, model: ReturnModel, customers: pd.DataFrame
) -> tuple[EvaluatedModel, pd.DataFrame, pd.DataFrame]:
    from winback.judging.judge import evaluate_predictions
    from winback.learning.value import evaluate_value

    evaluated = evaluate_predictions(
        judged.drop(columns=["origin_kind", "judged_days"]),
        horizon_days=int(judged["judged_days"].max() if len(judged) else model.horizon_days),
        active_days=params.active_days,
        n_bootstrap=params.evaluate.resamples,
        champion=_champion(params, judged, customers),
        of_days=model.horizon_days,
    )
    summary = EvaluatedModel(
        **dict(evaluated.summary),
        model_kind=model.kind,
        judged_on=tuple(sorted(set(judged["origin_kind"]))),
        value=evaluate_value(
            judged,
            model.value.lifetime if model.value else None,
            model.rule.name if model.rule else "lightgbm",
        ),
    )
    return summary, evaluated.calibration, evaluated.lift


def _worth_explaining(scores: pd.DataFrame, most: int) -> set[str] | None:
    """Everybody, or in a large shop the customers with most at stake."""
    if len(scores) <= most:
        return None
    order = scores.sort_values(
        ["expected_net_spend", "spend_total", "customer_id"],
        ascending=[False, False, True],
        kind="stable",
    )
    return set(order["customer_id"].iloc[:most])


def _plan(
    params: Params, scores: pd.DataFrame, features: pd.DataFrame, contacts: pd.DataFrame,
    currency: str, evaluation: EvaluatedModel,
) -> Plan:  # fmt: skip
    import pandas as pd

    from winback.offers.catalogue import default_catalogue
    from winback.offers.contact import ContactRules, read_history
    from winback.offers.plan import Beliefs, Channel, Limits, plan_campaign
    from winback.results.measured import PastMeasurement

    wanted = params.target
    offers: Sequence[Any] = wanted.offers
    if not offers:
        known = scores["order_value_mean"].dropna()
        offers = default_catalogue(float(known.median()) if len(known) else 100.0)
    more = [c for c in features.columns if c not in scores.columns]
    table = scores.merge(features[["customer_id", *more]], on="customer_id", how="left")
    past = None if wanted.history is None else read_history(wanted.history)
    if past is not None and len(scores):
        cutoff = pd.Timestamp(scores["cutoff"].iloc[0])
        # The planner counts days of peace to the cutoff; what matters is when this one leaves.
        past["assigned_at"] -= pd.Timestamp(_send_day(params, cutoff.date())) - cutoff
    named = {offer["effect_from"] for offer in wanted.offers if offer.get("effect_from")}
    plan = plan_campaign(
        table,
        offers,
        campaign_id=wanted.campaign_id,
        budget=wanted.budget,
        control_share=wanted.control_share,
        salt=wanted.salt,
        contacts=contacts,
        rules=ContactRules(
            holdout_share=wanted.holdout_share,
            quiet_days=wanted.quiet_days,
            contacts_per_year=wanted.contacts_per_year,
            complaint_column=wanted.complaint_column,
            subscriber_column=wanted.subscriber_column,
            # Where the shop keeps consents, an empty one is none.
            require_consent=wanted.require_consent or bool(contacts["consented"].notna().any()),
        ),
        history=past,
        limits=Limits(
            max_contacts=wanted.max_contacts,
            channels={
                name: Channel(per_day=limit.per_day, days=limit.days, budget=limit.budget)
                for name, limit in wanted.channels.items()
            },
            reserve_share=wanted.reserve_share,
            explore_share=wanted.explore_share,
        ),
        beliefs=Beliefs(
            plausible_effect_pp=wanted.plausible_effect_pp,
            level_error=_level_error(evaluation),
            measurements={
                str(path): PastMeasurement.from_json(_read_text(Path(path)), str(path))
                for path in named
            },
        ),
        currency=currency,
    )
    plan = _leaving(params, plan)
    if wanted.seal is not None and wanted.seal != plan.summary.seal:
        raise WinbackError(
            f"target.seal: campaign {wanted.campaign_id} left with the assignment {wanted.seal},"
            f" these scores and settings give {plan.summary['seal']}. Bring back what it was made"
            " from, or plan a new campaign under a new target.campaign_id and without a seal."
        )
    return plan


def _send_day(params: Params, cutoff: date) -> date:
    """The day of ``target.send_on``, or the cutoff."""
    from winback.errors import UsageError
    from winback.snapshots.occasions import send_day

    wish, horizon = params.target.send_on, params.snapshot.horizon_days
    if wish is None:
        return cutoff
    day = send_day(wish, cutoff, country=params.snapshot.country, paydays=params.snapshot.paydays)
    later = (day - cutoff).days
    if later >= horizon:
        raise UsageError(
            f"target.send_on: {wish} is on {day}, {later} days after the cutoff {cutoff}; the"
            f" scores say nothing beyond {horizon} days. Plan nearer to it, or name another day."
        )
    return day


def _leaving(params: Params, plan: Plan) -> Plan:
    """The same plan, with offers that leave, and count from, the day of ``target.send_on``."""
    cutoff, test = plan.summary.cutoff, plan.summary.test
    if cutoff is None:
        return plan
    day = _send_day(params, cutoff)
    if test and test.readable_on:
        read = test.readable_on + (day - cutoff)
        test = test.model_copy(update={"readable_on": read})
    summary = plan.summary.model_copy(update={"send_on": day, "test": test})
    return replace(plan, assignment=plan.assignment.assign(assigned_at=day), summary=summary)


def _draft(params: Params) -> bool:
    """Whether the list may be replaced: said so, or in an experiment's copy of the project."""
    return params.target.draft or _experiment_copy()


def _experiment_copy() -> bool:
    """Whether this is a copy of the project that DVC made for an experiment."""
    home = os.environ.get("DVC_ROOT") if os.environ.get("DVC_EXP_NAME") else None
    return home is not None and Path(home).resolve() != Path().resolve()


def _kept_aside(folder: Path, kept: Path) -> str:
    return f"Another list was in {folder}; who was in which arm then is kept in {kept}"


def _level_error(evaluation: EvaluatedModel) -> float:
    """By what share the mean prediction was off at earlier cutoffs; a tenth if nobody knows."""
    champion = evaluation.method
    misses = [
        mean / cutoff.base_rate - 1
        for cutoff in evaluation.by_cutoff
        if cutoff.base_rate
        and champion in cutoff.methods
        and (mean := cutoff.methods[champion].mean_p) is not None
    ]
    if len(misses) < 2:
        return 0.1
    return float(round((sum(miss**2 for miss in misses) / len(misses)) ** 0.5, 4))


def _assignment_table(assignment: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pandas(assignment, schema=schema, preserve_index=False)


def _decisions_table(decisions: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    # Named types: with nobody planned a column of nulls would have none.
    schema = pa.schema([(name, pa.string()) for name in decisions.columns])
    return pa.Table.from_pandas(decisions, schema=schema, preserve_index=False)


def _versions(params: Params, summary: IngestSummary, scores: pd.DataFrame) -> dict[str, Any]:
    # What is measured afterwards is no part of what made this list.
    settings = json.dumps(
        params.model_dump(mode="json", exclude={"ingest", "measure"}), sort_keys=True
    )
    tables = {"signals": summary.signals, "attributes": summary.attributes}
    beside = {f"{noun}_sha256": table.sha256 for noun, table in tables.items() if table}
    return {
        "orders_sha256": summary.orders_sha256,
        **beside,
        "code": source_version(),
        "params": hashlib.sha256(settings.encode()).hexdigest()[:12],
        "model": str(scores["model_version"].iloc[0]) if len(scores) else None,
    }


def _page(
    params: Params, *, orders: Path, ingested: IngestSummary, evaluation: EvaluatedModel,
    calibration: pd.DataFrame, lift: pd.DataFrame, scores: pd.DataFrame, target: Planned,
    listed: Path, manifest: dict[str, Any], evidence: Evidence, drivers: Drivers,
    profit: pd.DataFrame,
) -> str:  # fmt: skip
    import pandas as pd

    from winback.churn import define_churn
    from winback.report.facts import describe_shop
    from winback.report.material import Material
    from winback.report.page import render_report
    from winback.snapshots.plan import observed_until

    assert target.cutoff is not None  # a stage scores customers of a cutoff, or nobody
    cutoff = target.cutoff
    seen = observed_until(cutoff, ingested.last_day)
    judged = evaluation if evaluation.cutoffs else None
    return render_report(
        Material(
            shop=describe_shop(orders, cutoff),
            evaluation=judged,
            calibration=calibration if judged else None,
            lift=lift if judged else None,
            scores=scores,
            target=target,
            list_rows=pd.read_csv(listed, dtype=str, keep_default_na=False),
            ingest=ingested,
            manifest=manifest,
            evidence=evidence,
            churn=define_churn(orders, cutoff=seen).summary(),
            drivers=drivers,
            profit=profit,
            horizon_days=params.snapshot.horizon_days,
            language=params.report.language,
            shop_name=params.report.shop_name,
        )
    )


def source_version() -> str:
    """Twelve hexadecimal digits of the package's own source."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".j2", ".css"}:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _read_json(path: Path) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(_read_text(path))
    return stored


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise WinbackError(f"{path}: missing. Run the stage that writes it: dvc repro.") from error


def _read_result(kind: type[R], path: Path) -> R:
    try:
        return kind.from_json(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise WinbackError(f"{path}: missing. Run the stage that writes it: dvc repro.") from error


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True, default=str)
    _write_text(path, text + "\n")


def _write_metrics(name: str, content: Mapping[str, Any]) -> dict[str, Any]:
    numbers = _numbers(content)
    _write_json(METRICS / f"{name}.json", numbers)
    return numbers


def _numbers(content: Mapping[str, Any]) -> dict[str, Any]:
    """What of nested mappings is a number; no lists, words, claims or nulls."""
    found = {k: _numbers(v) if isinstance(v, Mapping) else v for k, v in content.items()}
    return {
        name: value
        for name, value in found.items()
        if (isinstance(value, dict | int | float) and not isinstance(value, bool) and value != {})
    }


def _of_the_scores(evaluated: EvaluatedModel) -> dict[str, Any]:
    """Of an evaluation what is about the method that gives the scores, without intervals."""
    found = evaluated.model_dump(mode="json", include={"verdict", "value"})
    for name, people in evaluated.populations.items():
        metrics = people.methods.get(evaluated.method)
        found[name] = {"n": people.n, "base_rate": people.base_rate} | {
            key: metric.value if isinstance(metric, Interval) else metric
            for key, metric in (dict(metrics) if metrics else {}).items()
        }
    return found


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    _write_text(path, table.to_csv(index=False, lineterminator="\n"))


def _write_text(path: Path, text: str) -> None:
    with _replacing(path) as new:
        new.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A new file beside ``path`` that takes its place only once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    yield new
    new.replace(path)
