"""What has left: a list that no other may replace under its name."""

from __future__ import annotations

from winback.errors import WinbackError
from winback.ledger.asked import Seal, seal_named
from winback.ledger.book import Ledger
from winback.offers.plan import seal_of


def refuse_another(ledger: Ledger, campaign: str, seal: str) -> Seal | None:
    """The list that left under this name, if it is the same; None where none has.

    Who was control would be lost with it, and with that what the campaign changed. The same
    customers in the same arms are no other list, nor is it one without those who were forgotten.

    Args:
        ledger: what left.
        campaign: the campaign's name.
        seal: hash of who was planned what and which arm was drawn.

    Raises:
        WinbackError: another list has left under it; how to go on stands in the message.
    """
    left = seal_named(ledger, campaign)
    if left is not None and seal not in (left.sealed.seal, _without_forgotten(left)):
        raise WinbackError(
            "ledger.left_already",
            campaign=campaign, day=left.sealed.sent_on, entry=left.entry.number,
        )  # fmt: skip
    return left


def _without_forgotten(left: Seal) -> str | None:
    """The hash of the same list without people who were forgotten since; None where nobody was."""
    gone = left.ledger.people.is_file() and left.forgotten("assignment")
    return seal_of(left.assignment()) if gone else None
