"""Sealed lists, other campaigns and the orders since in; what each changed out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from winback.campaign.looks import Window, sealed_days
from winback.campaign.measuring import measure_campaign
from winback.campaign.outcomes import OpenWindow
from winback.campaign.sealed import promised_beside, with_forgotten
from winback.errors import UsageError, WinbackError
from winback.ledger.asked import Seal, seals
from winback.ledger.book import Ledger
from winback.params import MEASURED_DAYS, MeasuredCampaign
from winback.project import Project
from winback.report.result import render_result
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.listed import Offers
from winback.results.measured import Awaited, Measurement
from winback.stages.stored import not_profiled

if TYPE_CHECKING:
    import pandas as pd

LOOKS = "looks.json"
"""Which windows of a campaign were read, by a name of its draw."""


def measure(project: Project, campaign: str | None = None) -> dict[str, Measurement | Awaited]:
    """Measure every sealed list and the campaigns of params.yaml, or the one named.

    While a window is open its result says when it closes, and nothing else.
    """
    results = {}
    for name, found in measured_of(project, campaign):
        results[name] = found
        page = render_result(
            found,
            language=project.params.report.language,
            currency=project.result("ingest", IngestSummary).currency,
        )
        project.write_measurement(name, found, page)
        project.say(fact("progress.measured", campaign=name))
    if campaign is None:
        # Also while no list has left: DVC wants what a stage makes to be there.
        project.write_measurement("_index", {"campaigns": list(results)})
        project.write_metrics("measure", {name: dict(found) for name, found in results.items()})
    return results


def measured_of(
    project: Project, campaign: str | None = None
) -> Iterator[tuple[str, Measurement | Awaited]]:
    """Every sealed list and the campaigns of params.yaml, or the one named, each as it is read.

    Nothing is written.
    """
    told = project.params.measure.campaigns
    left = {seal.sealed.campaign_id: seal for seal in seals(project.ledger())}
    names = [*left, *(name for name in told if name not in left)]
    if campaign is not None and campaign not in names:
        raise UsageError("project.no_campaign", campaign=campaign, known=tuple(names) or ("-",))
    for name in names if campaign is None else [campaign]:
        wanted = told.get(name, MeasuredCampaign())
        yield name, _measured(project, name, wanted, left.get(name))


@dataclass(frozen=True)
class _Assigned:
    """Who was drawn for what, and what was promised."""

    rows: pd.DataFrame | Path
    offers: Offers
    sealed_days: int | None
    folder: Path


def _measured(
    project: Project, name: str, wanted: MeasuredCampaign, seal: Seal | None
) -> Measurement | Awaited:
    """One campaign as the ledger or its folder, and the newest orders, have it."""
    folder = project.path("campaigns") / name
    if wanted.folder is not None:
        folder = project.root / wanted.folder
    assigned = _of_folder(folder, name) if seal is None else _of_ledger(seal, folder)
    assigned, objected = _without_objectors(project, assigned)
    ingested = project.result("ingest", IngestSummary)
    before = (*looks_recorded(project.ledger(), name), *looks_kept(folder / LOOKS, None))
    try:
        found = measure_campaign(
            assigned.rows,
            project.path("orders"),
            window_days=Window(wanted.window_days, assigned.sealed_days, before, ingested),
            metric=wanted.metric,
            # How far they really reach follows from the shop's own pace.
            history_until=ingested.cutoff - timedelta(days=1),
            offers=assigned.offers,
            sent=_one_of(folder, "sent"),
            timezone=project.params.ingest.timezone,
            amounts=wanted.amounts,
        )
    except OpenWindow as still_open:
        # Waiting is no failure: the other stages have their work to do.
        return Awaited(campaign_id=name, closes_on=still_open.closes_on)
    gone = seal.forgotten("assignment") if seal else 0
    named = found.model_copy(update={"campaign_id": name})
    return with_forgotten(named, gone, objected)


def _without_objectors(project: Project, assigned: _Assigned) -> tuple[_Assigned, int]:
    """A sealed list without people who may not be profiled any more, and how many these are.

    Their orders are gone with them, so that they would count as people who did not come.
    """
    rows, out = assigned.rows, not_profiled(project)
    if isinstance(rows, Path) or not out:
        return assigned, 0
    gone = rows["customer_id"].astype(str).isin(out)
    return replace(assigned, rows=rows[~gone]), int(gone.sum())


def _of_ledger(seal: Seal, folder: Path) -> _Assigned:
    """As it was sealed; the offers say how long their windows are."""
    offers = seal.sealed.offers
    return _Assigned(seal.assignment(), offers, sealed_days(offers) or MEASURED_DAYS, folder)


def _of_folder(folder: Path, name: str) -> _Assigned:
    """As somebody else's tool left it, or a list of before there was a ledger."""
    assignment = _one_of(folder, "assignment")
    if assignment is None:
        raise WinbackError("project.no_assignment", folder=folder, campaign=name)
    promised = promised_beside(assignment)
    return _Assigned(assignment, promised.offers, sealed_days(promised.offers), folder)


def looks_recorded(ledger: Ledger, campaign: str) -> tuple[int, ...]:
    """Days of the windows of a campaign whose readings were recorded, the first one first."""
    found: list[int] = []
    for entry in ledger.of_kind("measurement"):
        if entry.subject == campaign:
            looks, days = entry.content.get("looks"), entry.content.get("window_days")
            windows = looks.get("windows") if isinstance(looks, dict) else None
            for each in windows if isinstance(windows, list) else [days]:
                if isinstance(each, int):
                    found.append(each)
    return tuple(dict.fromkeys(found))


def looks_kept(file: Path, draw: str | None) -> tuple[int, ...]:
    """Days of the windows that a file says were read; of one draw, or of all of them."""
    if not file.is_file():
        return ()
    try:
        kept: dict[str, list[int]] = json.loads(file.read_text("utf-8"))
        rows = kept.values() if draw is None else [kept.get(draw, [])]
        return tuple(dict.fromkeys(int(days) for windows in rows for days in windows))
    except (ValueError, TypeError, AttributeError):
        raise WinbackError("project.unreadable", file=file, key="looks") from None


def _one_of(folder: Path, stem: str) -> Path | None:
    files = (folder / f"{stem}{ending}" for ending in (".parquet", ".csv"))
    return next((file for file in files if file.is_file()), None)
