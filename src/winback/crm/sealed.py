"""What has left: a list that no other may replace under its name."""

from __future__ import annotations

from winback.errors import WinbackError
from winback.ledger.asked import seal_named
from winback.ledger.book import Ledger
from winback.offers.plan import Plan


def refuse_redraw(plan: Plan, ledger: Ledger) -> None:
    """Raise where another list has left under the name of this plan's campaign.

    Who was control would be lost with it, and with that what the campaign changed. The same
    customers in the same arms are no other.

    Raises:
        WinbackError: it has; how to go on stands in the message.
    """
    left = seal_named(ledger, plan.summary.campaign_id)
    if left is not None and left.sealed.seal != plan.summary.seal:
        raise WinbackError(
            "ledger.left_already",
            campaign=left.sealed.campaign_id, day=left.sealed.sent_on, entry=left.entry.number,
        )  # fmt: skip
