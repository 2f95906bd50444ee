"""The two files behind a measurement: who was drawn for what, and who was really sent it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from winback.arrays import Mask
from winback.errors import WinbackError
from winback.intake.ids import as_in_orders
from winback.intake.matching import match_ids
from winback.intake.rows import instants, places, read_rows, refuse_empty, require
from winback.results.offered import CONTROL

# As a spreadsheet shows a number that is too wide for it; its last digits are gone.
_SHORTENED = r"\d[.,]?\d*[eE]\+\d+"
_WORDS = (
    "planned_offer", "stratum", "segment", "risk_band", "chosen_by", "arm_probabilities",
)  # fmt: skip
_NUMBERS = ("expected_gain", "p_return_days", "plan_probability")
_KEPT = ("customer_id", "arm", "assigned_at", "probability", "p_return", *_WORDS, *_NUMBERS)


@dataclass(frozen=True)
class Sent:
    """What the CRM says it really sent, by assigned customer.

    Attributes:
        sent: whether anything went out within the customer's window.
        offer: what did; null where the file does not say or nothing was sent.
        sent_at: when it did, the first time; null likewise.
        rows: rows read.
        not_assigned, never_left, outside_window, repeated: how many were left out, and why.
    """

    sent: Mask
    offer: pd.Series[Any]
    sent_at: pd.Series[Any]
    rows: int
    not_assigned: int
    never_left: int
    outside_window: int
    repeated: int

    def within(self, here: Mask) -> Sent:
        """The same of some customers; the counts of rows stay those of the file."""
        return replace(
            self, sent=self.sent[here], offer=self.offer[here], sent_at=self.sent_at[here]
        )


def read_assignment(
    source: pd.DataFrame | Path | str, control: str, timezone: str | None
) -> tuple[pd.DataFrame, int]:
    """One row per customer, sorted; and how many further rows repeated a customer.

    Beside the columns of the file, null where it has none: ``treated``, and ``in_both`` for
    a customer with rows in both arms.
    """
    rows, name = read_rows(source, "assignment")
    for column in ("customer_id", "arm", "assigned_at"):
        require(rows, column, name)
    if not len(rows):
        raise WinbackError("campaign.no_rows", file=name)
    rows["customer_id"] = as_in_orders(rows["customer_id"])
    short = rows["customer_id"].str.fullmatch(_SHORTENED).fillna(False).astype(bool)
    if short.any():
        raise WinbackError(
            "campaign.ids_shortened",
            file=name, n=int(short.sum()), id=str(rows.loc[short, "customer_id"].iloc[0]),
        )  # fmt: skip
    arms = rows["arm"].astype("string").str.strip()
    # An empty arm is not equal to anything, and to mask() that would do.
    is_control = (arms.str.lower() == control.strip().lower()).fillna(False)
    rows["arm"] = arms.mask(is_control.astype(bool), CONTROL)
    for column in ("customer_id", "arm"):
        refuse_empty(rows[column].fillna("") == "", column, name)
    if "campaign_id" in rows and rows["campaign_id"].nunique() > 1:
        found = sorted(rows["campaign_id"].dropna().astype(str).unique())[:5]
        raise WinbackError("campaign.several_campaigns", file=name, campaigns=found)
    rows["assigned_at"] = instants(rows["assigned_at"], "assigned_at", name, timezone)
    refuse_empty(rows["assigned_at"].isna(), "assigned_at", name)
    for column in ("probability", "p_return"):
        rows[column] = _numbers(rows, column, name, 1.0)
    unknown = rows["probability"].isna()
    if unknown.any() and not unknown.all():
        raise WinbackError(
            "campaign.some_probabilities",
            file=name, n=int(unknown.sum()), all=len(rows), rows=places(unknown),
        )  # fmt: skip
    for column in _NUMBERS:
        rows[column] = _numbers(rows, column, name, None)
    for column in _WORDS:
        if column in rows:
            said = rows[column].astype("string").str.strip()
            rows[column] = said.mask(said == "")
        else:
            rows[column] = pd.Series(pd.NA, index=rows.index, dtype="string")
    rows["treated"] = rows["arm"] != CONTROL
    sides = rows.groupby("customer_id")["treated"].nunique()
    rows = rows.sort_values(["customer_id", "assigned_at", "arm"], kind="stable")
    first = rows.drop_duplicates("customer_id").reset_index(drop=True)
    first["in_both"] = first["customer_id"].map(sides).to_numpy() > 1
    return first[[*_KEPT, "treated", "in_both"]], len(rows) - len(first)


def read_sent(
    source: pd.DataFrame | Path | str,
    assigned: pd.DataFrame,
    window_days: int,
    timezone: str | None,
) -> Sent:
    """The CRM's file of who was really sent what, beside the assignment.

    Grain: a row per message, with ``customer_id`` and, where known, ``sent_at`` and
    ``offer``. A row whose ``sent_at`` (or, without that column, ``offer``) is empty, or whose
    offer is ``control``, is a message that never left. One sent before the customer's
    assignment or after the window closed is none of this campaign's.
    """
    rows, name = read_rows(source, "sent")
    require(rows, "customer_id", name)
    rows = rows.assign(customer_id=as_in_orders(rows["customer_id"])).reset_index(drop=True)
    if "offer" in rows:
        offer = rows["offer"].astype("string").str.strip()
        offer = offer.mask(offer == "")
    else:
        offer = pd.Series(pd.NA, index=rows.index, dtype="string")
    row_of = pd.Series(np.arange(len(assigned)), index=assigned["customer_id"])
    place = match_ids(rows["customer_id"], assigned["customer_id"]).ids.map(row_of)
    known = place.notna()
    left = offer.fillna("") != CONTROL
    inside = pd.Series(True, index=rows.index)
    sent_at = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]")
    if "sent_at" in rows:
        sent_at = instants(rows["sent_at"], "sent_at", name, timezone)
        left &= sent_at.notna()
        began = place.map(assigned["assigned_at"].dt.normalize())
        ends = began + pd.Timedelta(days=window_days)
        inside = ~known | ~left | ((sent_at >= began) & (sent_at < ends))
    elif "offer" in rows:
        left &= offer.notna()
    counted = known & left & inside
    table = pd.DataFrame({"row": place, "offer": offer, "sent_at": sent_at})[counted]
    table = table.sort_values(["row", "sent_at", "offer"], kind="stable")
    first = table.drop_duplicates("row")
    sent = np.zeros(len(assigned), np.bool_)
    sent[first["row"].to_numpy(np.int64)] = True
    offers = pd.Series(pd.NA, index=assigned.index, dtype="string")
    offers.iloc[first["row"].to_numpy(np.int64)] = first["offer"].to_numpy(object)
    moments = pd.Series(pd.NaT, index=assigned.index, dtype="datetime64[s]")
    moments.iloc[first["row"].to_numpy(np.int64)] = first["sent_at"].to_numpy("datetime64[s]")
    if len(rows) and not known.any():
        raise WinbackError("campaign.sent_to_others", file=name, n=len(rows))
    return Sent(
        sent,
        offers,
        moments,
        rows=len(rows),
        not_assigned=int((~known).sum()),
        never_left=int((known & ~left).sum()),
        outside_window=int((known & ~inside).sum()),
        repeated=len(table) - len(first),
    )


def _numbers(rows: pd.DataFrame, column: str, name: str, most: float | None) -> pd.Series[Any]:
    """A column of numbers, or of shares up to ``most``; null where empty or not there."""
    if column not in rows:
        return pd.Series(np.nan, index=rows.index)
    numbers = pd.to_numeric(rows[column], errors="coerce").astype("float64")
    given = rows[column].notna() & (rows[column].astype("string").str.strip() != "")
    bad = given & (numbers.isna() if most is None else ~numbers.between(0, most))
    if bad.any():
        said = ", ".join(repr(str(value)) for value in rows.loc[bad, column].unique()[:5])
        code = "campaign.no_number" if most is None else "campaign.no_share"
        raise WinbackError(code, file=name, column=column, values=said, rows=places(bad))
    return numbers
