"""Canonical orders in; snapshots of all cutoffs and the closed outcomes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from winback.errors import WinbackError
from winback.files import replacing
from winback.project import NUMBERS, Project
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.tables.outcomes import FIRST_DAYS

if TYPE_CHECKING:
    from winback.features import FeatureSet
    from winback.params import SnapshotSettings


def snapshot(project: Project) -> None:
    """Write the snapshots to learn from and to score, and what was restated of them."""
    from winback.snapshots.days import shop_days
    from winback.snapshots.plan import observed_until
    from winback.snapshots.restated import restated_outcomes
    from winback.snapshots.walk import snapshot_batches

    ingested, wanted = project.result("ingest", IngestSummary), project.params.snapshot
    cutoff, first = ingested.cutoff, ingested.first_day
    orders = project.path("orders")
    days = shop_days(orders, cutoff)
    seen = days.seen_until(observed_until(cutoff, ingested.last_day))
    asked = cutoffs_for(first, cutoff, seen, wanted)
    horizon, of_part = timedelta(days=wanted.horizon_days), list(asked.of_part)
    batches = snapshot_batches(
        orders,
        [*asked.whole, *of_part, cutoff],
        horizon_days=wanted.horizon_days,
        observed_until=seen,
        features=declared(project, ingested, project.path("attributes")),
        signals=project.path("signals"),
        attributes=project.path("attributes"),
        country=wanted.country,
        paydays=wanted.paydays,
        threads=wanted.threads,
    )
    done = write_snapshots(project.path("snapshots"), project.path("outcomes"), batches)
    if not done.rows:
        raise WinbackError("project.nobody_before", file=orders, cutoff=cutoff)
    _say_costs(project, done.late_share, done.custom_seconds)
    partly: Iterable[Any] = ()
    if of_part:
        partly = snapshot_batches(
            orders, of_part, horizon_days=asked.part_days, observed_until=seen, windows_days=(),
            threads=wanted.threads,
        )  # fmt: skip
    write_first_days(project.path("first_days"), partly, asked.part_days)
    project.write_arrow("shop_days", days.to_arrow())
    closed = [c for c in asked.earlier if c + horizon <= seen]
    restated = restated_outcomes(
        orders, closed, horizon_days=wanted.horizon_days, observed_until=seen
    )
    if len(restated):
        project.say(fact("progress.restated", n=len(restated)))
    project.write_arrow("restated", restated, **NUMBERS)
    project.say(fact("progress.snapshots", rows=done.rows, outcomes=done.outcomes))
    counted = {"rows": done.rows, "outcomes": done.outcomes, "late_share": done.late_share}
    project.write_metrics("snapshot", counted | {"restated": len(restated)})


@dataclass(frozen=True)
class Cutoffs:
    """Cutoffs to learn from: by their whole horizon, and by its first ``part_days`` alone."""

    whole: tuple[date, ...]
    of_part: tuple[date, ...]
    part_days: int

    @property
    def earlier(self) -> tuple[date, ...]:
        """All of them, oldest first."""
        return tuple(sorted({*self.whole, *self.of_part}))


def cutoffs_for(first: date, cutoff: date, seen: date, wanted: SnapshotSettings) -> Cutoffs:
    """Where a model that scores customers as of a cutoff learns.

    Args:
        first: the first day of the history.
        cutoff: the day that is scored.
        seen: the first day that is not observed.
        wanted: the ``snapshot`` section.
    """
    from winback.snapshots.plan import part_to_learn, seen_in_whole_weeks, training_cutoffs

    grid = partial(
        training_cutoffs, first, seen_in_whole_weeks(cutoff, seen), every_days=wanted.every_days,
        most=wanted.most_cutoffs,
    )  # fmt: skip
    part_days = part_to_learn(wanted.horizon_days, (seen - first).days)
    of_part = grid(part_days) if part_days < wanted.horizon_days else []
    return Cutoffs(tuple(grid(wanted.horizon_days)), tuple(of_part), part_days)


@dataclass(frozen=True)
class Written:
    """What was written: rows, the share of customers with late lines, what own measures cost."""

    rows: int
    outcomes: int
    late_share: float
    custom_seconds: dict[str, float]


def write_snapshots(features_path: Path, outcomes_path: Path, batches: Iterator[Any]) -> Written:
    """Write snapshots and outcomes as they are made, and count them."""
    rows = outcomes = customers = late = 0
    seconds: dict[str, float] = {}
    with replacing(features_path) as new, replacing(outcomes_path) as old:
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
    return Written(rows, outcomes, late / customers if customers else 0.0, seconds)


def write_first_days(path: Path, batches: Iterable[Any], part_days: int) -> None:
    """Write the outcomes of the first days of a horizon too long for the history."""
    days = FIRST_DAYS.schema.field("part_days")
    schema = FIRST_DAYS.schema
    with replacing(path) as new, pq.ParquetWriter(new, schema, **NUMBERS) as writer:
        for batch in batches:
            same = pa.repeat(pa.scalar(part_days, pa.int32()), len(batch.outcomes))
            writer.write_table(batch.outcomes.append_column(days, same))


def declared(
    project: Project, ingested: IngestSummary | None, attributes: Path | None = None
) -> FeatureSet:
    """All that is measured; signals and attributes that no file has are a slip of the pen."""
    from winback.snapshots.declared import (
        Held,
        check_declared,
        declared_features,
        doubts_of_attributes,
    )

    features = declared_features(project.params.snapshot)
    if ingested is None:
        check_declared(features, None, None)
    else:
        check_declared(features, Held.of(ingested.signals), Held.of(ingested.attributes))
    if attributes is not None and features.attributes and ingested and ingested.attributes:
        label = ", ".join(ingested.attributes.files[:3])
        for doubt in doubts_of_attributes(features.attributes, attributes, label):
            project.say(doubt)
    return features


def _say_costs(project: Project, late_share: float, custom_seconds: Mapping[str, float]) -> None:
    """What the shop's own functions took, and how many customers have lines known late."""
    if late_share:
        project.say(fact("progress.late", share=late_share))
    for columns, seconds in custom_seconds.items():
        project.say(fact("progress.custom", columns=columns, seconds=seconds))
