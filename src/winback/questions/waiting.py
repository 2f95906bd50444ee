"""What waits to be done with a project: a list, a seal, a window that closed, a model grown old."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from winback.learning.model import ReturnModel
from winback.ledger.asked import Seal, seals
from winback.params import MEASURED_DAYS
from winback.project import Project
from winback.questions.sealing import today_of
from winback.results.base import Fact, fact
from winback.results.graded import Record
from winback.results.intake import IngestSummary
from winback.results.listed import Listed
from winback.snapshots.days import ShopDays
from winback.tables.outcomes import SHOP_DAYS

# Lists leave about once a week; one that was made longer ago than that was made of old orders.
_WEEK = 7


def what_waits(project: Project, on: date | None = None) -> list[Fact]:
    """What is due, the most pressing first; empty where nothing is.

    Each is a fact of topic ``due`` with the command that does it as ``command``.

    Args:
        project: one under DVC.
        on: today; None: the day after the last that the orders hold.
    """
    today = on or today_of(project)
    left = seals(project.ledger())
    # What orders do not reach cannot be read yet, whatever day it is.
    seen = min(today, today_of(project))
    return [
        *_silent(project, today),
        *_not_sealed(project, left, today),
        *_new_orders(project, left, today),
        *_unread(project, left, seen),
        *_ungraded(project, left, seen),
        *_old_model(project, today),
        *_unrecorded(project),
    ]


def _silent(project: Project, today: date) -> Iterator[Fact]:
    """The newest order is older than the shop has ever waited for one."""
    last = project.result("ingest", IngestSummary).last_day
    silent = (today - last).days - 1
    if silent <= 0 or not project.path("shop_days").is_file():
        return
    days = ShopDays.from_frame(
        project.frame("shop_days", SHOP_DAYS), project.params.snapshot.country
    )
    sold = days.day[days.orders > 0]
    gaps = {(first - timedelta(days=1)) for first, _ in days.gaps}
    epoch = date(1970, 1, 1)
    waits = [
        int(wait) - 1
        for day, wait in zip(sold[:-1], np.diff(sold), strict=True)
        if epoch + timedelta(days=int(day)) not in gaps
    ]
    if silent > max(waits, default=0):
        yield fact("due.silent", days=silent, last=last, usual=max(waits, default=0),
                   command="dvc repro")  # fmt: skip


def _not_sealed(project: Project, left: tuple[Seal, ...], today: date) -> Iterator[Fact]:
    """A list whose day has passed, and nobody said whether it left."""
    if not project.path("manifest").is_file():
        return
    listed = project.result("manifest", Listed)
    known = {seal.sealed.campaign_id for seal in left}
    if listed.campaign_id in known or listed.cutoff is None or not listed.rows.list:
        return
    if today > listed.cutoff:
        yield fact("due.not_sealed", campaign=listed.campaign_id, day=listed.cutoff,
                   command="winback seal")  # fmt: skip


def _new_orders(project: Project, left: tuple[Seal, ...], today: date) -> Iterator[Fact]:
    """Orders that no list has seen."""
    if _changed(project):
        yield fact("due.orders", command="dvc repro")
        return
    if left and (today - left[-1].sealed.cutoff).days >= _WEEK:
        current = project.result("manifest", Listed) if project.path("manifest").is_file() else None
        made = current.cutoff if current is not None else None
        if made is None or (today - made).days >= _WEEK:
            days = (today - left[-1].sealed.cutoff).days
            yield fact("due.list", days=days, command="dvc repro")


def _changed(project: Project) -> bool:
    """Whether DVC finds the orders other than those that were read."""
    asked = [sys.executable, "-m", "dvc", "status", "--json", "ingest"]
    done = subprocess.run(asked, cwd=project.root, capture_output=True, text=True, check=False)
    try:
        return bool(json.loads(done.stdout or "{}"))
    except ValueError:
        return False


def _unread(project: Project, left: tuple[Seal, ...], today: date) -> Iterator[Fact]:
    """Windows that closed, and nobody read what the list changed."""
    for seal in left:
        name = seal.sealed.campaign_id
        wanted = project.params.measure.campaigns.get(name)
        days = wanted.window_days if wanted else None
        longest = max((offer.valid_days for offer in seal.sealed.offers), default=MEASURED_DAYS)
        closed = seal.sealed.sent_on + timedelta(days=days or longest)
        path = project.path("measurements") / f"{name}.json"
        read = path.is_file() and "closes_on" not in json.loads(path.read_text("utf-8"))
        if closed <= today and not read and (seal.sealed.listed or seal.sealed.control):
            yield fact("due.unread", campaign=name, day=closed, command="dvc repro measure")


def _ungraded(project: Project, left: tuple[Seal, ...], today: date) -> Iterator[Fact]:
    """Lists whose horizon has closed, and nobody looked what came."""
    graded: set[str] = set()
    if project.path("grades").is_file():
        record = project.result("grades", Record)
        graded = {grade.campaign_id for grade in record.lists}
        graded |= {left_out.campaign_id for left_out in record.ungraded}
    for seal in left:
        ripe = seal.sealed.cutoff + timedelta(days=seal.sealed.horizon_days)
        if ripe <= today and seal.sealed.campaign_id not in graded:
            name = seal.sealed.campaign_id
            yield fact("due.ungraded", campaign=name, day=ripe, command="dvc repro grade")


def _old_model(project: Project, today: date) -> Iterator[Fact]:
    """A model that nobody has shown to hold so long: no rehearsal looks beyond one horizon."""
    if not project.path("champion").is_file():
        return
    model = ReturnModel.load(project.path("champion"))
    made = model.facts.cutoff
    if made is not None and (today - made).days > model.horizon_days:
        yield fact("due.old_model", version=model.version, days=(today - made).days,
                   proven=model.horizon_days, command="dvc repro")  # fmt: skip


def _unrecorded(project: Project) -> Iterator[Fact]:
    """Readings that no entry of the ledger holds yet."""
    known = {entry.subject for entry in project.ledger().of_kind("measurement")}
    for path in sorted(project.path("measurements").glob("[!_]*.json")):
        if path.stem not in known and "closes_on" not in json.loads(path.read_text("utf-8")):
            yield fact("due.unrecorded", campaign=path.stem, command="winback ledger record")
