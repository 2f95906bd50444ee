"""What changed since the last list that left: who is new on it, who is not on it any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from winback.ledger.asked import Seal
from winback.results.listed import Changes
from winback.results.offered import CONTROL

CHANGED = ("entered", "other_offer", "other_band", "same")
"""What a customer on the list can be, beside the last list."""


@dataclass(frozen=True)
class Lists:
    """One list as it is compared: who is on it, for which offer, in which band of risk.

    Attributes:
        offers: of those on the list, by customer; the offer's name.
        bands: of everybody scored, by customer; the band of risk.
    """

    offers: pd.Series[str]
    bands: pd.Series[str]


@dataclass(frozen=True)
class Before:
    """What the ledger knows of the customers of a new list.

    Attributes:
        rows: what :func:`compared` gives of the last list that left and the new one.
        last_contact: by customer the day of the last list that left with her on it.
        changes: the rows in sum.
    """

    rows: pd.DataFrame
    last_contact: pd.Series[Any]
    changes: Changes


def lists_of(assignment: pd.DataFrame, scores: pd.DataFrame) -> Lists:
    """The list of an assignment, with the bands of its scores."""
    treated = assignment[assignment["arm"] != CONTROL]
    return Lists(
        offers=treated.set_index(treated["customer_id"].astype(str))["arm"].astype(str),
        bands=scores.set_index(scores["customer_id"].astype(str))["risk_band"].astype(str),
    )


def sealed_lists(seal: Seal) -> Lists:
    """The list that a seal speaks of."""
    return lists_of(seal.assignment(), seal.scores())


def compared(old: Lists, new: Lists) -> pd.DataFrame:
    """Everybody on either list, one row a customer, sorted by id.

    Columns: ``customer_id``, ``change`` (``entered``, ``left``, ``other_offer``, ``other_band``
    or ``same``; another offer goes before another band), ``offer_before`` and ``offer``,
    ``risk_before`` and ``risk``, each null where the customer was not on, or not scored for, it.
    """
    ids = sorted({*old.offers.index, *new.offers.index})
    rows = pd.DataFrame(
        {
            "customer_id": pd.Series(ids, dtype="str"),
            "offer_before": old.offers.reindex(ids).to_numpy(object),
            "offer": new.offers.reindex(ids).to_numpy(object),
            "risk_before": old.bands.reindex(ids).to_numpy(object),
            "risk": new.bands.reindex(ids).to_numpy(object),
        }
    )
    change = pd.Series("same", index=rows.index)
    change[rows["risk_before"].ne(rows["risk"])] = "other_band"
    change[rows["offer_before"].ne(rows["offer"])] = "other_offer"
    change[rows["offer_before"].isna()] = "entered"
    change[rows["offer"].isna()] = "left"
    rows.insert(1, "change", change)
    return rows


def known_before(
    left: Sequence[Seal], assignment: pd.DataFrame, scores: pd.DataFrame,
    decisions: pd.DataFrame, quiet_days: int | None,
) -> Before | None:  # fmt: skip
    """What lists that left, by their days, know of a new one's customers; None without any."""
    if not left:
        return None
    seal = left[-1]
    rows = compared(sealed_lists(seal), lists_of(assignment, scores))
    contacts = pd.concat([each.assignment() for each in left], ignore_index=True)
    contacts = contacts[contacts["arm"] != CONTROL]
    last = contacts.groupby(contacts["customer_id"].astype(str))["assigned_at"].max()
    return Before(rows, last, _summed(seal, rows, decisions, quiet_days))


def _summed(
    seal: Seal, rows: pd.DataFrame, decisions: pd.DataFrame, quiet_days: int | None
) -> Changes:
    left = rows.loc[rows["change"] == "left", "customer_id"]
    why = decisions.set_index(decisions["customer_id"].astype(str))["reason"].reindex(left)
    counts = rows["change"].value_counts()
    until = quiet_days and seal.sealed.sent_on + timedelta(days=quiet_days)
    return Changes(
        campaign_id=seal.sealed.campaign_id,
        sent_on=seal.sealed.sent_on,
        counts={name: int(counts.get(name, 0)) for name in (*CHANGED, "left")},
        left_because={str(name): int(n) for name, n in why.value_counts().sort_index().items()},
        in_peace_until=until if isinstance(until, date) else None,
    )
