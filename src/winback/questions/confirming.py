"""A person imported the file of a destination: from then on it is known what stands there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pandas as pd

from winback.crm.checked import headers_of
from winback.crm.confirmed import read_confirmed, write_confirmed
from winback.crm.delta import after, as_confirmed, delta_of
from winback.crm.destination import Destination
from winback.crm.destinations import destination
from winback.crm.outgoing import KEYS
from winback.crm.writing import Sheet, written
from winback.errors import UsageError, WinbackError
from winback.project import Project
from winback.questions.sealing import Sealing, seal_list
from winback.results.ledgered import Sealed
from winback.results.listed import Delivered, Listed
from winback.sending.journal import Journal
from winback.stages.moving import confirmed_file
from winback.stages.outgoing import ROWS, erased_of, outgoing


@dataclass(frozen=True)
class Confirmed:
    """What a confirmation came to, in people.

    Attributes:
        campaign_id: the list that was imported.
        entered, changed, same: beside what was confirmed before.
        cleared: from whom our values were taken back.
        kept: no longer meant, and still with values of ours.
        sealed: the seal of the list, where it was the current one; None else.
    """

    campaign_id: str
    entered: int
    changed: int
    same: int
    cleared: int
    kept: int
    sealed: Sealing | None


def confirm(
    project: Project, name: str, campaign: str | None = None, left: bool | None = None
) -> Confirmed:
    """Write down that the file of a destination was imported, and seal the list as one that left.

    Args:
        project: the project, or folder of a run.
        name: of the destination.
        campaign: a list that has left before; None: the current one.
        left: whether `left.csv` was imported too, or its people cleared by hand; None: where a
            file of this destination can clear, it was.

    Raises:
        UsageError: there is no such destination, or no file was written for it.
        WinbackError: the file is not as it was written, or a push was cut off there.
    """
    target = destination(name, project.params.export.options.get(name))
    journal = Journal(project.path("pushes") / name)
    with journal.alone():
        if journal.path.is_file():
            raise WinbackError("outgoing.push_cut_off", name=name)
        meant, headers, listed = _imported(project, target, campaign)
        before = read_confirmed(journal.confirmed)
        pairs = zip(before["customer_id"], before["key"], strict=True)
        erased = erased_of(project, {customer: [key] for customer, key in pairs})
        nobody = pd.DataFrame(index=range(len(meant)), columns=list(KEYS), dtype=object)
        found = delta_of(meant, before, nobody, target, erased)
        gone = set(before["key"]) - set(meant["key"])
        gone -= set(before.loc[before["customer_id"].isin(erased), "key"])
        takes_back = target.dialect.clear is not None if left is None else left
        # The list first: what is confirmed must be of a list that left.
        sealed = seal_list(project) if listed else None
        journal.remember(headers)
        write_confirmed(
            confirmed_file(project, name), after(meant, before, cleared=gone if takes_back else ())
        )
    return Confirmed(
        campaign_id=str(meant["campaign_id"].iloc[0]) if len(meant) else campaign or "",
        entered=len(found.entered), changed=len(found.changed), same=found.same,
        cleared=len(gone) if takes_back else 0, kept=0 if takes_back else len(gone),
        sealed=sealed,
    )  # fmt: skip


def _imported(
    project: Project, target: Destination, campaign: str | None
) -> tuple[pd.DataFrame, tuple[str, ...], bool]:
    """What stands there now, the headers of our columns, and whether it was the current list."""
    file = project.path("current") / target.name / ROWS
    if project.path("manifest").is_file():
        listed = project.result("manifest", Listed)
        done = next((d for d in listed.destinations if d.destination == target.name), None)
        if campaign in (None, listed.campaign_id) and done is not None:
            _check(project, done)
            return read_confirmed(file), done.columns, done.audience == "listed"
    if campaign is None:
        raise UsageError("outgoing.no_file", name=target.name, folder=project.path("current"))
    leaving = outgoing(project, target, campaign=campaign)
    headers = headers_of(target, leaving.fields, project.params.export.prefix)
    main = written(Sheet(target, leaving.fields, project.params.export.prefix), leaving.rows)
    rows = leaving.rows[~leaving.rows["customer_id"].isin(list(main.rejected["customer_id"]))]
    meant = as_confirmed(rows, leaving, target, headers)
    return meant, tuple(headers.values()), False


def _check(project: Project, done: Delivered) -> None:
    for name, digest in done.sha256.items():
        path = project.path("current") / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise WinbackError("ledger.file_changed", file=path, manifest=project.path("manifest"))


def told(found: Confirmed) -> Sealed | None:
    """The seal that was made now; None where the list had left before."""
    return found.sealed.sealed if found.sealed is not None and not found.sealed.again else None
