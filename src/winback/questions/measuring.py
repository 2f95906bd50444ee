"""What offers changed, asked of a file: of one campaign, or of all since a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from winback.campaign.doubted import ENDS
from winback.campaign.looks import Window, sealed_days
from winback.campaign.measuring import AMOUNTS, METRICS, measure_campaign
from winback.campaign.outcomes import last_day_seen
from winback.campaign.programme import Ran, measure_programme
from winback.campaign.sealed import promised_beside, with_forgotten
from winback.errors import UsageError
from winback.files import write_text
from winback.intake.rows import read_rows
from winback.ledger.asked import seals
from winback.offers.catalogue import read_offer
from winback.params import Params
from winback.project import FOLDER, Project, Say, as_json
from winback.questions.asked import Begin
from winback.questions.looking import draw_named, keep_look, looked, looks_place
from winback.report.result import render_result
from winback.results.base import Fact
from winback.results.intake import IngestSummary
from winback.results.measured import Measurement, ProgrammeMeasurement
from winback.results.offered import MeasuredOffer, Offer
from winback.stages.ingest import read
from winback.stages.measure import looks_recorded
from winback.stages.past import everybody_planned


@dataclass(frozen=True)
class Reading:
    """How a campaign is to be read; see `measure_campaign` for each."""

    window_days: int | None = None
    metric: str = "returned"
    control_share: float | None = None
    sent: Path | None = None
    control: str = "control"
    history_until: date | None = None
    p_return_days: int | None = None
    amounts: str = "before_discount"


def measure_history(
    assignment: Path, source: Any, out: Path, params: Params, reading: Reading, *,
    say: Say, begin: Begin,
) -> Measurement:  # fmt: skip
    """What a campaign changed, written as ``measurement.json`` and ``result.html``."""
    chosen = _one_of(reading.metric, METRICS, "metric")
    meaning = _one_of(reading.amounts, AMOUNTS, "amounts")

    def say_all_but_ends(told: Fact) -> None:
        # They advise another cutoff, and a measurement tells of the end of its window itself.
        if told.code not in ENDS:
            say(told)

    project = Project(params, root=out, layout=FOLDER, source=source, say=say_all_but_ends)
    begin("ingest")
    with project.leaving_no_addresses():
        intake = read(project)
    begin("measure")
    promised = _promised(assignment, params)
    draw = draw_named(assignment)
    places = looks_place(Project(params), assignment, out, promised.campaign)
    measured = measure_campaign(
        assignment,
        intake.orders_path,
        window_days=Window(
            reading.window_days,
            sealed_days(promised.offers),
            (*promised.recorded, *looked(places, draw)),
            intake.summary,
        ),
        metric=chosen,
        control_share=reading.control_share,
        history_until=reading.history_until or intake.cutoff - timedelta(days=1),
        offers=promised.offers or [read_offer(offer) for offer in params.target.offers],
        sent=reading.sent,
        control=reading.control,
        timezone=params.ingest.timezone,
        p_return_days=reading.p_return_days,
        amounts=meaning,
    )
    measured = with_forgotten(measured, promised.forgotten)
    _write(measured, out, params)
    windows = (measured.window_days,) if measured.looks is None else measured.looks.windows
    keep_look(places, draw, windows)
    return measured


class _Promised(NamedTuple):
    """What was promised with a list, and the campaign that the ledger here knows it as."""

    offers: Sequence[MeasuredOffer | Offer]
    campaign: str | None
    recorded: tuple[int, ...]
    forgotten: int


def _promised(assignment: Path, params: Params) -> _Promised:
    """What was promised with the list, and what the ledger knows of it.

    Raises:
        WinbackError: the manifest beside the file speaks of another one.
    """
    promised = promised_beside(assignment)
    offers: Sequence[MeasuredOffer | Offer] = promised.offers
    campaign: str | None = None
    recorded: tuple[int, ...] = ()
    gone = 0
    for project in (Project(params, root=assignment.parent, layout=FOLDER), Project(params)):
        left = {seal.sealed.campaign_id: seal for seal in seals(project.ledger())}
        if not left:
            continue
        rows, _ = read_rows(assignment, "assignment")
        names = set(rows["campaign_id"].astype(str)) if "campaign_id" in rows else set()
        for seal in (left[name] for name in names & set(left)):
            sealed = seal.sealed
            if project.ledger().people.is_file():
                gone = max(gone, seal.forgotten("assignment"))
            offers = offers or sealed.offers
            recorded += looks_recorded(project.ledger(), sealed.campaign_id)
            if project.layout != FOLDER:
                campaign = sealed.campaign_id
    return _Promised(offers, campaign, recorded, gone)


def measure_holdout(
    source: Any | None, out: Path, params: Params, *, since: date, until: date | None,
    metric: str, say: Say, begin: Begin,
) -> ProgrammeMeasurement:  # fmt: skip
    """What all campaigns since a day changed, written as ``measurement.json`` and ``result.html``.

    Of the project's own orders, or of a source. Without ``until``, up to the last day seen.
    """
    chosen = _one_of(metric, METRICS, "metric")
    project = Project(params, say=say)
    orders = project.path("orders")
    if source is None:
        ingested = project.result("ingest", IngestSummary)
        seen = ingested.cutoff
    else:
        there = Project(params, root=out, layout=FOLDER, source=source, say=say)
        begin("ingest")
        with there.leaving_no_addresses():
            intake = read(there)
        orders, seen = intake.orders_path, intake.cutoff
    begin("measure")
    measured = measure_programme(
        orders,
        since=since,
        until=until or last_day_seen(orders, seen - timedelta(days=1)),
        holdout_share=params.target.holdout_share,
        # Of the project, wherever its orders come from: who is held out follows from it.
        salt=project.salt(),
        metric=chosen,
        history=everybody_planned(project),
        ran=[
            Ran(s.sealed.campaign_id, s.sealed.sent_on, s.assignment(), s.sealed.offers)
            for s in seals(project.ledger())
        ],
    )
    left = seals(project.ledger())
    since_then = [seal for seal in left if since <= seal.sealed.sent_on <= measured.assigned_to]
    measured = with_forgotten(measured, sum(s.forgotten("assignment") for s in since_then))
    _write(measured, out, params)
    return measured


def _write(measured: Measurement, out: Path, params: Params) -> None:
    """The result for programs, and the same for people."""
    write_text(out / "measurement.json", as_json(measured))
    write_text(out / "result.html", render_result(measured, language=params.report.language))


def _one_of(given: str, known: tuple[Any, ...], flag: str) -> Any:
    found = next((name for name in known if name == given), None)
    if found is None:
        raise UsageError("project.one_of", flag=flag, found=given, known=known)
    return found
