"""Snapshots at any number of cutoffs, asked of a file of orders."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from winback.errors import UsageError
from winback.extras import require
from winback.files import scratch_folder
from winback.intake.folders import list_files, written_as
from winback.intake.sources import is_frame
from winback.params import Params
from winback.project import FOLDER, PIPELINE, Project, Say
from winback.questions.asked import Begin
from winback.results.base import Fact, fact
from winback.results.intake import IngestSummary
from winback.snapshots.plan import make_plan, observed_until, snapshot_cutoffs
from winback.snapshots.walk import measured_batches, snapshot_batches
from winback.stages.ingest import read, settled, with_signals
from winback.stages.snapshot import Written, declared, write_snapshots
from winback.tables.history import PRIVACY

if TYPE_CHECKING:
    from winback.features import FeatureSet

# Here all tables lie side by side in the folder that was asked for.
_SIDE_BY_SIDE = FOLDER | {
    name: Path(path).name for name, path in PIPELINE.items() if path.startswith("data/")
}


@dataclass(frozen=True)
class Taken:
    """What was written: counts, cutoffs and places, and what intake found."""

    rows: int
    outcomes: int
    cutoffs: tuple[date, ...]
    features_path: Path
    outcomes_path: Path
    ingest: IngestSummary
    late_share: float | None
    custom_seconds: dict[str, float]


def snapshot_history(
    source: Any, out: Path, params: Params, *, count: int, every_days: int,
    engine: str = "local", say: Say, begin: Begin,
) -> Taken:  # fmt: skip
    """Snapshots of ``count`` cutoffs and the closed outcomes, written as they are made.

    The canonical orders are not written where nothing else (signals, a shop's own SQL) needs them.
    The engine is ``local``, which writes two files, or ``spark`` (in its local mode), which
    writes two folders of files with the same rows, and counts neither late lines nor seconds.
    What an earlier call left in the folder, and this one does not write, is removed.
    """
    if engine == "spark":
        require("spark")
    elif engine != "local":
        raise UsageError("project.engine", engine=engine)
    project = Project(params, root=out, layout=_SIDE_BY_SIDE, source=source, say=say)
    begin("ingest")
    given, wanted = params.ingest, params.snapshot
    if engine == "local" and not (given.signals or given.attributes or wanted.custom):
        taken = _as_they_come(project, count, every_days, begin)
    else:
        taken = _from_orders(project, count, every_days, begin, engine)
    _remove_earlier(project, taken)
    return taken


def _as_they_come(project: Project, count: int, every_days: int, begin: Begin) -> Taken:
    """Nothing else asks for the orders: their lines are measured as they come sorted."""
    wanted, out = project.params.snapshot, project.root
    with settled(project, out) as orders:
        cutoff = orders.cutoff
        cutoffs = [c for c in snapshot_cutoffs(cutoff, count, every_days) if c > orders.first_day]
        begin("snapshot")
        plan = make_plan(
            {k.encode(): v.encode() for k, v in orders.stated.items()}, cutoffs,
            wanted.horizon_days, observed_until(cutoff, orders.last_day),
            features=declared(project, None), country=wanted.country, paydays=wanted.paydays,
        )  # fmt: skip
        lines = (batch for table in orders.tables() for batch in table.to_batches())
        batches = measured_batches(
            lines, plan, threads=wanted.threads, progress=_time_left(project.say, orders.lines)
        )
        done = write_snapshots(project.path("snapshots"), project.path("outcomes"), batches)
        _remove_side_tables(project)
        told = orders.findings.understood[:]
        summary = orders.intake().summary
        for found in summary.understood:
            if found not in told:
                project.say(found)
    return _taken(project, done, cutoffs, summary)


def _from_orders(project: Project, count: int, every_days: int, begin: Begin, engine: str) -> Taken:
    """From canonical orders that are written first, for signals, a shop's own SQL, or Spark."""
    wanted = project.params.snapshot
    with project.leaving_no_addresses():
        intake = read(project)
    intake = with_signals(project, intake)
    first, last = intake.summary.first_day, intake.summary.last_day
    cutoffs = [c for c in snapshot_cutoffs(intake.cutoff, count, every_days) if c > first]
    begin("snapshot")
    features = declared(project, intake.summary, project.path("attributes"))
    seen = observed_until(intake.cutoff, last)
    if engine == "spark":
        rows, outcomes = _by_spark(project, cutoffs, seen, features)
        return Taken(
            rows, outcomes, tuple(cutoffs), project.root / "snapshots", project.root / "outcomes",
            intake.summary, None, {},
        )  # fmt: skip
    total = intake.summary.lines_kept + intake.summary.rows_added
    batches = snapshot_batches(
        intake.orders_path, cutoffs, horizon_days=wanted.horizon_days, observed_until=seen,
        features=features, signals=project.path("signals"),
        attributes=project.path("attributes"), country=wanted.country, paydays=wanted.paydays,
        threads=wanted.threads, progress=_time_left(project.say, total),
    )  # fmt: skip
    done = write_snapshots(project.path("snapshots"), project.path("outcomes"), batches)
    return _taken(project, done, cutoffs, intake.summary)


def _taken(
    project: Project, done: Written, cutoffs: Sequence[date], summary: IngestSummary
) -> Taken:
    return Taken(
        done.rows, done.outcomes, tuple(cutoffs), project.path("snapshots"),
        project.path("outcomes"), summary, done.late_share, done.custom_seconds,
    )  # fmt: skip


def _by_spark(
    project: Project, cutoffs: Sequence[date], seen: date, features: FeatureSet
) -> tuple[int, int]:
    from winback.snapshots.spark import local_session, snapshot_with_spark

    wanted, out = project.params.snapshot, project.root
    with (
        scratch_folder(out / "spark") as scratch,
        local_session(wanted.threads, project.params.ingest.memory_limit, str(scratch)) as spark,
    ):
        taken = snapshot_with_spark(
            spark, str(project.path("orders")), f"{scratch}/both", cutoffs,
            horizon_days=wanted.horizon_days, observed_until=seen, features=features,
            signals=str(project.path("signals")), attributes=str(project.path("attributes")),
            country=wanted.country, paydays=wanted.paydays,
        )  # fmt: skip
        counts = []
        for name, frame in zip(("snapshots", "outcomes"), taken, strict=True):
            frame.write.mode("overwrite").option("compression", "zstd").parquet(str(out / name))
            counts.append(frame.count())
    return counts[0], counts[1]


def _sources(project: Project) -> set[Path]:
    source = project.params.ingest.orders if project.source is None else project.source
    return set() if is_frame(source) else {path.resolve() for path in list_files(source)}


def _remove_side_tables(project: Project) -> None:
    """Remove contacts, consents, signals, attributes and marks of an earlier run.

    They would mislead. Only what is ours by its columns, of which the first is never null where it
    is an id, or by what it says of itself.
    """
    for name, columns in (
        ("contacts", ["customer_id"]),
        ("privacy", list(PRIVACY.names)),
        ("signals", ["customer_id", "happened_at", "known_at", "name", "value"]),
        ("attributes", ["customer_id", "known_at", "name", "value"]),
        ("marks", ["day", "column_name", "value", "lines"]),
    ):
        path = project.path(name)
        if path.is_file() and path.resolve() not in _sources(project):
            try:
                schema = pq.read_schema(path)
            except pa.ArrowException:
                continue
            marked = written_as(path) == path.name if name in ("contacts", "privacy") else None
            sure = columns[0] != "customer_id" or not schema.field(0).nullable
            sure = sure if marked is None else marked
            if schema.names[: len(columns)] == columns and sure:
                path.unlink()


def _remove_earlier(project: Project, taken: Taken) -> None:
    """Remove the snapshots and outcomes of an earlier call that this one did not replace.

    Beside the new ones they would be taken for theirs. Of folders only those that Spark wrote.
    """
    kept = _sources(project) | {taken.features_path.resolve(), taken.outcomes_path.resolve()}
    for name in ("snapshots", "outcomes", "restated", "first_days", "shop_days"):
        file = project.path(name)
        folder = file.with_suffix("")
        if file.is_file() and file.resolve() not in kept:
            file.unlink()
        own = all(e.name.startswith(("part-", "_SUCCESS", ".")) for e in folder.glob("*"))
        if own and (folder / "_SUCCESS").is_file() and folder.resolve() not in kept:
            rmtree(folder)


def _time_left(say: Callable[[Fact], None], total: int) -> Callable[[int], None]:
    """Tells how many lines were read and how long the rest will take, after five seconds.

    The clock serves the person who waits; no result depends on it.
    """
    began = said = time.monotonic()

    def progress(done: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - began >= 5 and now - said >= 2:
            left = (now - began) / done * (total - done)
            say(fact("progress.lines", done=done, total=total, left=left))
            said = now

    return progress
