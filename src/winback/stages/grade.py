"""The ledger and the orders since in; how right each list was out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

import pandas as pd
import pyarrow.parquet as pq

from winback.errors import UsageError, WinbackError
from winback.ledger.asked import Seal, history_of, seals
from winback.project import Project
from winback.results.base import fact
from winback.results.graded import Record, Ungraded, Waiting, WhyUngraded
from winback.results.intake import IngestSummary
from winback.snapshots.came import outcomes_of
from winback.snapshots.days import ShopDays, overlapping
from winback.snapshots.plan import observed_until
from winback.stages.stored import not_profiled
from winback.tables.graded import GRADES
from winback.tables.outcomes import SHOP_DAYS
from winback.watch.grades import Graded, Left, early_horizons, grade_list
from winback.watch.record import trend_of

# Customers whose outcomes are held in memory at once.
_MOST_ROWS = 4_000_000


def grade(project: Project, campaign: str | None = None) -> Record:
    """Grade every list whose horizon has closed, and early those with a shorter one that has.

    With ``campaign`` all are graded, and that one must be ripe, at least for an early grade.

    Raises:
        UsageError: no list of that name has left.
        WinbackError: it is not ripe; the error says the day on which it will be.
    """
    record = record_of(project)
    project.write_json("grades", record)
    project.write_metrics("grade", record.figures(), "lists", "waiting", "newest")
    project.write_curve("track_record", curve_of(record))
    if campaign is not None:
        _refuse_unripe(record, campaign)
    if record.lists:
        project.say(fact("progress.graded", n=len(record.lists)))
    return record


def record_of(project: Project) -> Record:
    """The grades of all lists that left and of all weeks replayed; nothing is written."""
    ingested = project.result("ingest", IngestSummary)
    days = ShopDays.from_frame(
        project.frame("shop_days", SHOP_DAYS), project.params.snapshot.country
    )
    seen = days.seen_until(observed_until(ingested.cutoff, ingested.last_day))
    return _recorded(project, _sealed(project), days, seen)


def _sealed(project: Project) -> tuple[Seal, ...]:
    return seals(project.ledger(), kinds=("seal", "replay"))


def _recorded(project: Project, left: Sequence[Seal], days: ShopDays, seen: date) -> Record:
    ledger, orders = project.ledger(), project.path("orders")
    sent = history_of(ledger)
    ungraded: list[Ungraded] = []
    waiting: list[Waiting] = []
    asked: list[tuple[int, Seal]] = []
    for seal in left:
        sealed, why = seal.sealed, _never(seal, days, project)
        ripe_on = sealed.cutoff + timedelta(days=sealed.horizon_days)
        closed = [d for d in horizons_of(seal) if sealed.cutoff + timedelta(days=d) <= seen]
        if why is not None:
            ungraded.append(Ungraded(campaign_id=sealed.campaign_id, cutoff=sealed.cutoff, why=why))
            continue
        if ripe_on > seen:
            coming = [sealed.cutoff + timedelta(days=d) for d in horizons_of(seal)[1:]]
            waiting.append(
                Waiting(
                    campaign_id=sealed.campaign_id,
                    cutoff=sealed.cutoff,
                    ripe_on=ripe_on,
                    early_on=min((day for day in coming if day > seen), default=None),
                )
            )
        if closed:
            asked.append((closed[0], seal))
    graded: list[Graded] = []
    out, threads = not_profiled(project), project.params.snapshot.threads
    for seal, found in _graded(asked, orders, sent, seen, threads, out):
        if found is not None:
            graded.append(found)
        elif not _early(seal, seen):
            sealed = seal.sealed
            ungraded.append(
                Ungraded(campaign_id=sealed.campaign_id, cutoff=sealed.cutoff, why="nobody_left")
            )
    grades = sorted((g.grade for g in graded), key=lambda g: (g.cutoff, g.kind, g.campaign_id))
    return Record(
        observed_until=seen,
        currency=project.result("ingest", IngestSummary).currency or "",
        lists=tuple(grade for grade in grades if not grade.early),
        early=tuple(grade for grade in grades if grade.early),
        waiting=tuple(sorted(waiting, key=lambda each: (each.cutoff, each.campaign_id))),
        ungraded=tuple(sorted(ungraded, key=lambda each: (each.cutoff, each.campaign_id))),
        trend=trend_of(graded),
    )


def horizons_of(seal: Seal) -> list[int]:
    """The days that a list can be graded after, its own horizon first, then the shorter ones."""
    columns = pq.read_schema(seal.ledger.path(seal.entry, "scores.parquet")).names
    return [seal.sealed.horizon_days, *early_horizons(columns, seal.sealed.horizon_days)]


def _early(seal: Seal, seen: date) -> bool:
    return seal.sealed.cutoff + timedelta(days=seal.sealed.horizon_days) > seen


def _never(seal: Seal, days: ShopDays, project: Project) -> WhyUngraded | None:
    """Why a list cannot be graded, now or later."""
    sealed = seal.sealed
    if sealed.model.kind == "unproven":
        return "unproven"
    first = project.result("ingest", IngestSummary).first_day
    if sealed.cutoff <= first:
        return "before_history"
    return "gap" if overlapping(days.gaps, [sealed.cutoff], sealed.horizon_days) else None


def _graded(
    asked: Sequence[tuple[int, Seal]],
    orders: object,
    sent: pd.DataFrame,
    seen: date,
    threads: int,
    out: frozenset[str],
) -> Iterator[tuple[Seal, Graded | None]]:
    """Each list's grade by so many days; the orders are read once for many of them."""
    for days, group in groupby(sorted(asked, key=lambda each: each[0]), key=lambda each: each[0]):
        for some in _few_rows([seal for _, seal in group]):
            cutoffs = [seal.sealed.cutoff for seal in some]
            came = outcomes_of(
                str(orders), cutoffs, days=days, observed_until=seen, threads=threads
            )
            for seal in some:
                yield (
                    seal,
                    grade_list(left_of(seal, out), came, days=days, sent=sent, observed_until=seen),
                )


def _few_rows(found: Sequence[Seal]) -> Iterator[list[Seal]]:
    """The same lists, some at a time, so that their outcomes stay in memory."""
    some: list[Seal] = []
    rows = 0
    for seal in found:
        if some and rows + seal.sealed.customers > _MOST_ROWS:
            yield some
            some, rows = [], 0
        some.append(seal)
        rows += seal.sealed.customers
    yield some


def left_of(seal: Seal, out: frozenset[str] = frozenset()) -> Left:
    """What was sealed of a list, as grading reads it, without the people who are ``out``."""
    sealed = seal.sealed
    scores = seal.scores()
    stay = ~scores["customer_id"].astype(str).isin(out)

    def staying(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[~rows["customer_id"].astype(str).isin(out)].reset_index(drop=True)

    kept = seal.has("rivals")
    told = pq.read_schema(seal.ledger.path(seal.entry, "rivals.parquet")).metadata if kept else None
    return Left(
        campaign_id=sealed.campaign_id,
        kind="replay" if seal.entry.kind == "replay" else "seal",
        cutoff=sealed.cutoff,
        sent_on=sealed.sent_on,
        horizon_days=sealed.horizon_days,
        model_version=sealed.model.version,
        rule=sealed.model.rule,
        scores=staying(scores),
        rivals=staying(seal.rivals()) if kept else None,
        best_rule=(told or {}).get(b"best_rule", b"").decode() or None,
        assignment=staying(seal.assignment()) if seal.has("assignment") else None,
        forgotten=seal.forgotten("scores") + int((~stay).sum()),
    )


def _refuse_unripe(record: Record, campaign: str) -> None:
    names = [each.campaign_id for each in (*record.lists, *record.early)]
    if campaign in names:
        return
    waiting = {each.campaign_id: each for each in record.waiting}
    if campaign in waiting:
        open_still = waiting[campaign]
        early = open_still.early_on
        raise WinbackError(
            "watch.not_ripe" if early is None else "watch.not_ripe_early",
            campaign=campaign, ripe_on=open_still.ripe_on, early_on=early,
            today=record.observed_until,
        )  # fmt: skip
    never = {each.campaign_id: each for each in record.ungraded}
    if campaign in never:
        raise WinbackError(f"watch.{never[campaign].why}", campaign=campaign)
    raise UsageError("watch.no_list", campaign=campaign, known=tuple(names[-5:]) or ("-",))


def curve_of(record: Record) -> pd.DataFrame:
    """The table of ``grades.csv``: of each list what was foretold and what came."""
    rows = [
        (
            grade.cutoff.isoformat(), grade.campaign_id, grade.kind, found.foretold,
            found.returned.value, found.returned.low, found.returned.high,
        )
        for grade, found in ((grade, grade.now.everybody) for grade in record.lists)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(GRADES.names))
