"""A list has left: what it was, everybody's scores and who was drawn go into the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.crm.sealed import refuse_another
from winback.errors import UsageError, WinbackError
from winback.ledger.asked import MODEL, model_file, packed
from winback.ledger.book import Ledger
from winback.ledger.people import People
from winback.params import PUBLIC_SALT, Params, check_params
from winback.project import FOLDER, Project, fingerprint_of
from winback.results.gated import Gated
from winback.results.intake import IngestSummary
from winback.results.ledgered import FINDINGS, Entry, Kind, Sealed
from winback.results.listed import Listed
from winback.snapshots.plan import observed_until

# Everybody of that day, beside the assignment.
_TABLES = {"scores": "scores", "decisions": "decisions", "rivals": "rivals",
           "backtest": "rehearsal"}  # fmt: skip


@dataclass(frozen=True)
class Sealing:
    """What sealing a list came to: its entry, whether that was there, and what was recorded."""

    entry: Entry
    sealed: Sealed
    again: bool
    recorded: tuple[Entry, ...]


def listed_at(name: str | None, params: Params) -> Project:
    """The project whose list is meant: a campaign's name in this one, or a folder of a run.

    Raises:
        WinbackError: no list is there, or it is of another campaign.
    """
    folder = Path(name) if name is not None else None
    if folder is not None and (folder / FOLDER["manifest"]).is_file():
        # The current list by its folder is the project's own.
        here = Project(params)
        inside = folder.resolve() == here.path("current").resolve()
        return here if inside else of_run(folder)
    project = Project(params)
    if not project.path("manifest").is_file():
        # Outside of a project only a folder can have been meant.
        place = project.path("manifest")
        if folder is not None and not Path("params.yaml").is_file():
            place = folder / FOLDER["manifest"]
        raise WinbackError("ledger.no_list", file=place)
    found = project.result("manifest", Listed).campaign_id
    if name is not None and name != found:
        raise WinbackError(
            "ledger.not_the_list", folder=project.path("current"), campaign=name, found=found
        )
    return project


def of_run(folder: Path) -> Project:
    """The folder of a run, with the parameters that its manifest tells.

    Raises:
        WinbackError: no run has written there.
    """
    place = folder / FOLDER["manifest"]
    if not place.is_file():
        raise WinbackError("ledger.no_run", folder=folder)
    listed = Listed.from_json(place.read_text("utf-8"), str(place))
    told = dict(listed.params)
    drawn = told.get("target")
    if isinstance(drawn, dict):
        # Of a list of before `ingest.privacy`, whose plan is drawn already.
        told["target"] = {key: value for key, value in drawn.items() if key != "require_consent"}
    params = check_params(told, str(place))
    if listed.salt_fingerprint == fingerprint_of(PUBLIC_SALT):
        target = params.target.model_copy(update={"salt": PUBLIC_SALT})
        params = params.model_copy(update={"target": target})
    return Project(params, root=folder, layout=FOLDER)


def check_sealable(project: Project) -> Listed:
    """The current list, if nothing that can be known now keeps it from being sealed.

    Raises:
        WinbackError: as :func:`seal_list` would.
    """
    listed = project.result("manifest", Listed)
    _check_files(project, listed)
    ledger = project.ledger()
    left = refuse_another(ledger, listed.campaign_id, listed.seal)
    if left is None and not ledger.people.is_file():
        _first_people(ledger)
    return listed


def seal_list(project: Project, sent_on: date | None = None) -> Sealing:
    """Put the current list into the ledger as one that has left.

    The same list again changes nothing. Findings of the stages go in before it.

    Args:
        project: the project, or folder of a run, that holds the list.
        sent_on: the day it left; None: the day the offers were planned to leave.

    Raises:
        WinbackError: the list, or what it was made from, is not as it was written; or another
            list has left under its name.
        UsageError: the day is before the cutoff.
    """
    listed = project.result("manifest", Listed)
    _check_files(project, listed)
    # All that can be refused is refused before anything is written.
    if sent_on is not None and listed.cutoff is not None and sent_on < listed.cutoff:
        raise UsageError("ledger.sent_before", day=sent_on, cutoff=listed.cutoff)
    ledger, salt = project.ledger(), project.salt()
    left = refuse_another(ledger, listed.campaign_id, listed.seal)
    if left is not None:
        return Sealing(left.entry, left.sealed, again=True, recorded=record(project))
    people = People(ledger.people) if ledger.people.is_file() else _first_people(ledger)
    recorded = record(project)
    tables = {
        name: pq.read_table(project.path(artefact))
        for name, artefact in _TABLES.items()
        if project.path(artefact).is_file()
    }
    tables["assignment"] = pq.read_table(project.path("assignment"))
    if waits := _contact_days(project):
        tables["contact_days"] = pa.table(waits)
    for table in tables.values():
        people.add(table["customer_id"].to_pylist(), salt)
    files = {f"{n}.parquet": packed(people.numbered(table)) for n, table in tables.items()}
    sealed = _sealed(project, listed, tables, people, sent_on)
    if model_file(ledger, sealed.model.version) is None:
        files[MODEL] = project.path("champion").read_bytes()
    # The table first: an entry whose people nobody knows could not be read again.
    people.save()
    entry = ledger.append(
        "seal", sealed.campaign_id, sealed.sent_on, sealed, files, salt=salt
    )  # fmt: skip
    return Sealing(entry, sealed, again=False, recorded=recorded)


def record(project: Project) -> tuple[Entry, ...]:
    """Put into the ledger what the stages found and it does not hold yet."""
    ledger, today = project.ledger(), today_of(project)
    places: list[tuple[Kind, str, Path]] = [
        ("gate", today.isoformat(), project.path("gate")),
        ("grade", today.isoformat(), project.path("grades")),
        ("watch", today.isoformat(), project.path("watch")),
    ]
    folder = project.path("measurements")
    places += [("measurement", p.stem, p) for p in sorted(folder.glob("[!_]*.json"))]
    made = []
    for kind, subject, path in places:
        if not path.is_file():
            continue
        content = json.loads(path.read_text("utf-8"))
        known = ledger.of_kind(kind)
        if kind == "measurement":
            known = tuple(entry for entry in known if entry.subject == subject)
        # What was found again is no news; nor is a window that is still open.
        if "closes_on" in content or (known and dict(known[-1].content) == content):
            continue
        made.append(ledger.append(kind, subject, today, content, salt=project.salt()))
    assert all(entry.kind in FINDINGS for entry in made)
    return tuple(made)


def today_of(project: Project) -> date:
    """The day after the last that the orders hold: nothing here reads the clock."""
    ingested = project.result("ingest", IngestSummary)
    return observed_until(ingested.cutoff, ingested.last_day)


def _check_files(project: Project, listed: Listed) -> None:
    manifest = project.path("manifest")
    for name in ("list", "assignment"):
        path = project.path(name)
        if not path.is_file() or project.digest(name) != listed.sha256[path.name]:
            raise WinbackError("ledger.file_changed", file=path, manifest=manifest)
    for name, digest in listed.made_from.items():
        if not project.path(name).is_file() or project.digest(name) != digest:
            raise WinbackError("ledger.half_made", file=project.path(name))


def _first_people(ledger: Ledger) -> People:
    """A new table, for a ledger that speaks of nobody yet."""
    if ledger.of_kind("seal", "replay"):
        raise WinbackError("ledger.no_people", file=ledger.people)
    return People(ledger.people)


def _contact_days(project: Project) -> dict[str, list[str] | list[int]]:
    """On which day after the first each listed customer is contacted, where that differs."""
    rows = pd.read_csv(project.path("list"), dtype=str, keep_default_na=False)
    if "contact_on" not in rows or not len(rows):
        return {}
    days = pd.to_datetime(rows["contact_on"])
    assigned = pq.read_table(project.path("assignment"), columns=["assigned_at"])["assigned_at"]
    first = pd.Timestamp(assigned[0].as_py())
    return {
        "customer_id": rows["customer_id"].tolist(), "days": (days - first).dt.days.tolist(),
    }  # fmt: skip


def _sealed(
    project: Project, listed: Listed, tables: Mapping[str, pa.Table],
    people: People, sent_on: date | None,
) -> Sealed:  # fmt: skip
    assert listed.cutoff is not None  # nobody was scored, so nothing could leave
    assigned = tables["assignment"]["assigned_at"]
    planned = assigned[0].as_py() if len(assigned) else listed.cutoff
    return Sealed(
        campaign_id=listed.campaign_id,
        cutoff=listed.cutoff,
        sent_on=sent_on or planned,
        horizon_days=int(tables["scores"]["horizon_days"][0].as_py()),
        language=listed.language,
        currency=project.result("ingest", IngestSummary).currency,
        offers=listed.offers,
        model=project.result("gate", Gated).scores,
        customers=len(tables["scores"]),
        listed=listed.rows.list,
        control=listed.rows.control,
        people=people.highest,
        columns=listed.columns,
        seal=listed.seal,
        salt_fingerprint=listed.salt_fingerprint,
        versions=listed.versions,
        sha256=listed.sha256,
        params=listed.params,
    )  # fmt: skip
