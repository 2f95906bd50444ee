"""A list that left, made again from the ledger: byte for byte, or which input is gone."""

from __future__ import annotations

import hashlib
from pathlib import Path

from winback.crm.changes import known_before
from winback.crm.listing import list_csv, own_columns
from winback.crm.values import Leaving
from winback.errors import WinbackError
from winback.files import replacing
from winback.ledger.asked import Seal, seals
from winback.project import Project
from winback.questions.remembering import sealed_list
from winback.stages.outgoing import names_products, with_products
from winback.stages.suggesting import settings_of
from winback.tables.history import contacts as contract


def rebuild(project: Project, campaign: str, out: Path) -> None:
    """Write the list of a campaign again, as it left.

    Raises:
        WinbackError: an input is gone: somebody was forgotten, contacts are other ones by now,
            or another winback wrote the list.
    """
    seal = sealed_list(project, campaign)
    told = seal.sealed
    gone = max(seal.forgotten(name) for name in ("assignment", "scores"))
    if gone:
        raise WinbackError("ledger.forgotten", campaign=campaign, n=gone)
    mailed = _contact_columns(seal)
    contacts = None
    if project.path("contacts").is_file():
        contacts = project.frame("contacts", contract())
    elif mailed:
        raise WinbackError(
            "ledger.no_contacts", campaign=campaign, columns=mailed, file=project.path("contacts")
        )
    # As planned: the day it was said to leave may have moved.
    assignment, decisions = seal.table("assignment"), seal.decisions()
    waits: dict[str, int] = {}
    if seal.has("contact_days"):
        days = seal.table("contact_days")
        waits = dict(zip(days["customer_id"], days["days"], strict=True))
    scores = seal.scores()
    leaving = Leaving(assignment, decisions, told.offers, told.currency or "", waits)
    from_orders = tuple(name for name in told.columns if names_products((name,)))
    if from_orders:
        of_then = settings_of(told.params)
        leaving = with_products(project, leaving, scores, told.cutoff, of_then)
    settings = told.params.get("target")
    quiet = settings.get("quiet_days") if isinstance(settings, dict) else None
    before = known_before(
        _earlier(seal), assignment, scores, decisions, quiet if isinstance(quiet, int) else None
    )
    content = list_csv(leaving, scores, contacts, told.language, before, told.columns)
    if hashlib.sha256(content).hexdigest() != told.sha256["list.csv"]:
        if mailed or from_orders:
            columns = (*mailed, *from_orders)
            raise WinbackError("ledger.not_rebuilt", campaign=campaign, columns=columns)
        code = told.versions.get("code")
        raise WinbackError("ledger.not_rebuilt_at_all", campaign=campaign, code=code)
    with replacing(out) as new:
        new.write_bytes(content)


def _contact_columns(seal: Seal) -> tuple[str, ...]:
    """Columns of the list that came from contacts, which the ledger does not keep."""
    columns = seal.sealed.columns
    return columns[1 : len(columns) - len(own_columns(columns)) + 1] if columns else ()


def _earlier(seal: Seal) -> tuple[Seal, ...]:
    """Lists that had left when this one was made."""
    number = seal.entry.number
    return tuple(other for other in seals(seal.ledger) if other.entry.number < number)
