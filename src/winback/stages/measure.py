"""Sealed lists, other campaigns and the orders since in; what each changed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from winback.campaign.measuring import measure_campaign
from winback.campaign.outcomes import OpenWindow
from winback.campaign.sealed import promised_beside
from winback.errors import UsageError, WinbackError
from winback.ledger.asked import Seal, seals
from winback.params import MEASURED_DAYS, MeasuredCampaign
from winback.project import Project
from winback.report.result import render_result
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.listed import Offers
from winback.results.measured import Awaited, Measurement
from winback.snapshots.plan import observed_until

if TYPE_CHECKING:
    import pandas as pd


def measure(project: Project, campaign: str | None = None) -> dict[str, Measurement | Awaited]:
    """Measure every sealed list and the campaigns of params.yaml, or the one named.

    While a window is open its result says when it closes, and nothing else.
    """
    told = project.params.measure.campaigns
    left = {seal.sealed.campaign_id: seal for seal in seals(project.ledger())}
    names = [*left, *(name for name in told if name not in left)]
    if campaign is not None and campaign not in names:
        raise UsageError("project.no_campaign", campaign=campaign, known=tuple(names) or ("-",))
    results = {}
    for name in names if campaign is None else [campaign]:
        wanted = told.get(name, MeasuredCampaign())
        results[name] = _measured(project, name, wanted, left.get(name))
        page = render_result(
            results[name],
            language=project.params.report.language,
            currency=project.result("ingest", IngestSummary).currency,
        )
        project.write_measurement(name, results[name], page)
        project.say(fact("progress.measured", campaign=name))
    if campaign is None:
        # Also while no list has left: DVC wants what a stage makes to be there.
        project.write_measurement("_index", {"campaigns": names})
        project.write_metrics("measure", {name: dict(found) for name, found in results.items()})
    return results


@dataclass(frozen=True)
class _Assigned:
    """Who was drawn for what, and what was promised."""

    rows: pd.DataFrame | Path
    offers: Offers
    window_days: int
    folder: Path


def _measured(
    project: Project, name: str, wanted: MeasuredCampaign, seal: Seal | None
) -> Measurement | Awaited:
    """One campaign as the ledger or its folder, and the newest orders, have it."""
    folder = project.path("campaigns") / name
    if wanted.folder is not None:
        folder = project.root / wanted.folder
    assigned = _of_folder(folder, name) if seal is None else _of_ledger(seal, folder)
    ingested = project.result("ingest", IngestSummary)
    try:
        found = measure_campaign(
            assigned.rows,
            project.path("orders"),
            window_days=wanted.window_days or assigned.window_days,
            metric=wanted.metric,
            history_until=observed_until(ingested.cutoff, ingested.last_day) - timedelta(days=1),
            offers=assigned.offers,
            sent=_one_of(folder, "sent"),
            timezone=project.params.ingest.timezone,
            amounts=wanted.amounts,
        )
    except OpenWindow as still_open:
        # Waiting is no failure: the other stages have their work to do.
        return Awaited(campaign_id=name, closes_on=still_open.closes_on)
    return found.model_copy(update={"campaign_id": name})


def _of_ledger(seal: Seal, folder: Path) -> _Assigned:
    """As it was sealed; the offers say how long their windows are."""
    days = [offer.valid_days for offer in seal.sealed.offers]
    return _Assigned(
        seal.assignment(), seal.sealed.offers, max(days, default=MEASURED_DAYS), folder
    )


def _of_folder(folder: Path, name: str) -> _Assigned:
    """As somebody else's tool left it, or a list of before there was a ledger."""
    assignment = _one_of(folder, "assignment")
    if assignment is None:
        raise WinbackError("project.no_assignment", folder=folder, campaign=name)
    promised = promised_beside(assignment)
    return _Assigned(assignment, promised.offers, MEASURED_DAYS, folder)


def _one_of(folder: Path, stem: str) -> Path | None:
    files = (folder / f"{stem}{ending}" for ending in (".parquet", ".csv"))
    return next((file for file in files if file.is_file()), None)
