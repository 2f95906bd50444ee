"""What somebody asks of the ledger, or corrects in it."""

from __future__ import annotations

from datetime import date

import pandas as pd

from winback.crm.changes import compared, lists_of, sealed_lists
from winback.errors import UsageError, WinbackError
from winback.ledger.asked import Seal, seals
from winback.project import Project
from winback.questions.sealing import today_of
from winback.results.ledgered import Corrected, Entry


def sealed_list(project: Project, campaign: str) -> Seal:
    """What the ledger holds of a campaign.

    Raises:
        WinbackError: no such list has left.
    """
    left = {seal.sealed.campaign_id: seal for seal in seals(project.ledger())}
    if campaign in left:
        return left[campaign]
    if not left:
        raise WinbackError("ledger.no_campaign_yet", campaign=campaign)
    raise WinbackError("ledger.no_campaign", campaign=campaign, known=tuple(left))


def compare(project: Project, old: str, new: str) -> pd.DataFrame:
    """Everybody on either of two lists, as `winback.crm.changes.compared` gives them.

    ``new`` may be ``current``: the list that waits.

    Raises:
        WinbackError: one of them has not left.
    """
    before = sealed_lists(sealed_list(project, old))
    if new != "current":
        return compared(before, sealed_lists(sealed_list(project, new)))
    if not project.path("manifest").is_file():
        raise WinbackError("ledger.no_list", file=project.path("manifest"))
    return compared(before, lists_of(project.frame("assignment"), project.frame("scores")))


def correct(
    project: Project, campaign: str, *, reason: str, sent_on: date | None, never_left: bool
) -> tuple[Seal, Entry]:
    """Say what was wrong in a seal; what it says stays where it stands.

    Raises:
        UsageError: nothing is said to be wrong, or the list would leave before it was scored.
        WinbackError: no such list has left.
    """
    if (sent_on is None) == (not never_left):
        raise UsageError("ledger.nothing_corrected")
    seal = sealed_list(project, campaign)
    if sent_on is not None and sent_on < seal.sealed.cutoff:
        raise UsageError("ledger.sent_before", day=sent_on, cutoff=seal.sealed.cutoff)
    wrong = Corrected(
        entry=seal.entry.number, reason=reason, sent_on=sent_on, never_left=never_left
    )
    ledger = project.ledger()
    return seal, ledger.append(
        "correction", campaign, today_of(project), wrong, salt=project.salt()
    )
