"""Sealed campaigns and the orders since in; what each changed out."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

from winback.campaign.measuring import measure_campaign
from winback.campaign.outcomes import OpenWindow
from winback.errors import UsageError, WinbackError
from winback.project import Project
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.listed import Promised
from winback.results.measured import Awaited, Measurement
from winback.snapshots.plan import observed_until


def measure(project: Project, campaign: str | None = None) -> dict[str, Measurement | Awaited]:
    """Measure the campaigns of params.yaml, or the one named; what was found of each.

    While a window is open its result says when it closes, and nothing else.
    """
    campaigns = project.params.measure.campaigns
    if campaign is not None and campaign not in campaigns:
        raise UsageError("project.no_campaign", campaign=campaign, known=tuple(campaigns))
    results = {}
    for name in campaigns if campaign is None else [campaign]:
        results[name] = _measured(project, name)
        project.write_measurement(name, results[name])
        project.write_metrics(f"measure-{name}", results[name])
        project.say(fact("progress.measured", campaign=name))
    return results


def _measured(project: Project, name: str) -> Measurement | Awaited:
    """One campaign of ``measure.campaigns`` as its folder and the newest orders have it."""
    wanted = project.params.measure.campaigns[name]
    folder = project.root / wanted.folder
    assignment = _one_of(folder, "assignment")
    if assignment is None:
        raise WinbackError("project.no_assignment", folder=folder, campaign=name)
    # What was promised when the list left, not what the catalogue says by now.
    manifest = folder / "manifest.json"
    promised = Promised()
    if manifest.is_file():
        promised = Promised.from_json(manifest.read_text("utf-8"), str(manifest))
    digest = promised.sha256.get(assignment.name)
    if digest not in (None, hashlib.sha256(assignment.read_bytes()).hexdigest()):
        raise WinbackError("project.not_sealed", file=assignment, manifest=manifest)
    ingested = project.result("ingest", IngestSummary)
    try:
        found = measure_campaign(
            assignment,
            project.path("orders"),
            window_days=wanted.window_days,
            metric=wanted.metric,
            history_until=observed_until(ingested.cutoff, ingested.last_day) - timedelta(days=1),
            offers=promised.offers,
            sent=_one_of(folder, "sent"),
            timezone=project.params.ingest.timezone,
            amounts=wanted.amounts,
        )
    except OpenWindow as still_open:
        # Waiting is no failure: the other stages have their work to do.
        return Awaited(campaign_id=name, closes_on=still_open.closes_on)
    return found.model_copy(update={"campaign_id": name})


def _one_of(folder: Path, stem: str) -> Path | None:
    files = (folder / f"{stem}{ending}" for ending in (".parquet", ".csv"))
    return next((file for file in files if file.is_file()), None)
