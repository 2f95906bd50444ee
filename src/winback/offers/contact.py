"""Who may be contacted, and how: consent, the universal hold-out, and who is left in peace."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Mask
from winback.draws import of_year
from winback.errors import UsageError
from winback.intake.ids import as_in_orders
from winback.intake.matching import match_ids, meant_by
from winback.intake.rows import instants, read_rows, refuse_empty, require
from winback.privacy import plain_channel
from winback.results.offered import CONTROL, Offer

DAYS_OF_CAP = 365


@dataclass(frozen=True)
class ContactRules:
    """Who is left in peace, beside those who objected.

    Attributes:
        holdout_share: share of all customers whom no campaign of a calendar year contacts,
            so that the whole programme can be measured; drawn anew each year.
        quiet_days: days after a campaign in which a customer is planned for no other.
        contacts_per_year: most campaigns a customer is planned for in 365 days.
        complaint_column: column above 0, or true, while a complaint is open.
        subscriber_column: column above 0, or true, for a paying subscriber, who has not left.
        suppress: ids never to contact, beside those of privacy.parquet.
        leaves_on: the day the offers leave, whose year says who is held out; None: the cutoff.
    """

    holdout_share: float = 0.0
    quiet_days: int | None = None
    contacts_per_year: int | None = None
    complaint_column: str | None = None
    subscriber_column: str | None = None
    suppress: Collection[str] = ()
    leaves_on: date | None = None


def universal_holdout(ids: Sequence[str], share: float, salt: str, year: int) -> Mask:
    """Mark the customers whom no campaign of this year contacts: the same in all of them."""
    if share <= 0:
        return np.zeros(len(ids), np.bool_)
    return of_year(salt, year, ids) < share


def read_history(pattern: str) -> pd.DataFrame:
    """Past assignments, of all the files that ``pattern`` names, one row per planned customer.

    Columns: ``customer_id`` and ``assigned_at`` (a day); where the files have them also ``arm``,
    ``probability`` (of that arm), ``planned_offer`` and ``campaign_id``, else null. CSV or
    Parquet, as a measurement reads them. Empty where a pattern with ``*`` matches nothing yet:
    before the first campaign.

    Raises:
        UsageError: a file named is missing or lacks a column.
        WinbackError: a file holds what is no day.
    """
    path = Path(pattern)
    anchor = Path(path.anchor)
    files = [path] if path.is_file() else sorted(anchor.glob(str(path.relative_to(anchor))))
    wanted = ["customer_id", "assigned_at", "arm", "probability", "planned_offer", "campaign_id"]
    if not files and "*" in pattern:
        nobody = pd.DataFrame(columns=wanted)
        return nobody.astype({"customer_id": str, "assigned_at": "datetime64[s]"})
    if not files:
        raise UsageError("offers.no_history", file=pattern)
    frames = []
    for file in files:
        rows, name = read_rows(file, "history")
        for column in ("customer_id", "assigned_at"):
            require(rows, column, name)
        days = instants(rows["assigned_at"], "assigned_at", name, None)
        refuse_empty(days.isna(), "assigned_at", name)
        frames.append(
            rows.assign(
                customer_id=as_in_orders(rows["customer_id"]), assigned_at=days.dt.normalize()
            )
        )
    return pd.concat(frames, ignore_index=True).reindex(columns=wanted)


def of_customers(history: pd.DataFrame, known: Collection[str]) -> tuple[pd.DataFrame, int]:
    """The same assignments by the ids of the orders' customers, and how many ids are nobody's.

    Ids that lost zeros, or gained a ``.0`` or blanks on the way, are found again.
    """
    found = match_ids(history["customer_id"], known)
    return history.assign(customer_id=found.ids), found.strangers


def past_plans(history: pd.DataFrame | None, cutoff: date | None, campaign_id: str) -> pd.DataFrame:
    """Rows of other campaigns before the cutoff, with ``days_ago``.

    Both arms count: were only those contacted left in peace, an earlier campaign's control
    would get today's offers and its treated would not, and its reading be spoilt.
    """
    columns = ["customer_id", "planned_offer", "campaign", "days_ago"]
    if history is None or cutoff is None or not len(history):
        return pd.DataFrame(columns=columns)
    days = (pd.Timestamp(cutoff) - pd.to_datetime(history["assigned_at"])).dt.days
    past = days > 0
    campaign = days.astype("string")
    if "campaign_id" in history:
        named = history["campaign_id"].astype("string")
        past &= named.fillna("") != campaign_id
        # Without a name, what left on one day is one campaign.
        campaign = named.fillna(campaign)
    offer = history.get("planned_offer")
    if offer is None and "arm" in history:
        offer = history["arm"].where(history["arm"] != CONTROL)
    return pd.DataFrame(
        {
            "customer_id": history["customer_id"].astype(str),
            "planned_offer": pd.NA if offer is None else offer,
            "campaign": campaign,
            "days_ago": days,
        }
    )[past].reset_index(drop=True)


def reachable(
    ids: NDArray[np.object_], channels: Sequence[str], privacy: pd.DataFrame | None,
    rules: ContactRules,
) -> Mask:  # fmt: skip
    """Customers x channels: who may be written to by which.

    Args:
        ids: the customers.
        channels: those of the offers; without any the answer is for any.
        privacy: privacy.parquet; None: nobody objected.
        rules: whom else to leave out of all.
    """
    barred = meant_by(rules.suppress, ids.tolist())
    by_channel: dict[str, set[str]] = {}
    if privacy is not None:
        names = privacy["customer_id"].astype(str)
        whole = np.zeros(len(privacy), np.bool_)
        for column in ("no_marketing", "no_profiling"):
            if column in privacy:
                whole |= privacy[column].fillna(False).to_numpy(np.bool_)
        barred.update(names[whole])
        if "barred_channels" in privacy:
            some = privacy["barred_channels"].notna()
            for name, listed in zip(names[some], privacy["barred_channels"][some], strict=True):
                for channel in listed.split(","):
                    by_channel.setdefault(channel, set()).add(name)
    columns = list(channels) or [""]
    open_ = np.ones((len(ids), len(columns)), np.bool_)
    for j, channel in enumerate(columns):
        gone = barred | by_channel.get(plain_channel(channel), set())
        open_[:, j] = np.fromiter((i not in gone for i in ids), np.bool_, len(ids))
    return open_


def left_in_peace(ids: NDArray[np.object_], past: pd.DataFrame, rules: ContactRules) -> Mask:
    """Mark who was planned for a campaign too lately, or for too many in the last year."""
    barred: set[str] = set()
    if rules.quiet_days is not None:
        barred.update(past.loc[past["days_ago"] <= rules.quiet_days, "customer_id"])
    if rules.contacts_per_year is not None:
        year = past[past["days_ago"] <= DAYS_OF_CAP]
        counts = year.groupby("customer_id")["campaign"].nunique()
        barred.update(counts[counts >= rules.contacts_per_year].index)
    return np.fromiter((i in barred for i in ids), np.bool_, len(ids))


def lists_a_year(past: pd.DataFrame) -> int:
    """Lists that left in the year before, of all offers; 1 where none is known to have."""
    return max(int(past.loc[past["days_ago"] <= DAYS_OF_CAP, "campaign"].nunique()), 1)


def peace_ends(past: pd.DataFrame, rules: ContactRules, leaves_on: date | None) -> pd.Series[Any]:
    """By customer the last day on which a list that left keeps her in peace; few have one."""
    if rules.quiet_days is None or leaves_on is None or not len(past):
        return pd.Series(dtype=object)
    recent = past[past["days_ago"] <= rules.quiet_days]
    last = recent.groupby("customer_id")["days_ago"].min()
    quiet = rules.quiet_days
    return last.map(lambda days: leaves_on + timedelta(days=quiet - int(days))).astype(object)


def had_alike(ids: NDArray[np.object_], past: pd.DataFrame, offers: Sequence[Offer]) -> Mask:
    """Customers x offers: was planned that offer, or one of its group, too lately."""
    group_of = {offer.name: offer.group or offer.name for offer in offers}
    groups = past["planned_offer"].map(group_of)
    found = np.zeros((len(ids), len(offers)), np.bool_)
    for j, offer in enumerate(offers):
        if offer.not_again_days is not None:
            same = (groups == group_of[offer.name]) & (past["days_ago"] <= offer.not_again_days)
            barred = set(past.loc[same, "customer_id"])
            found[:, j] = np.fromiter((i in barred for i in ids), np.bool_, len(ids))
    return found


def flagged(scores: pd.DataFrame, column: str | None, key: str) -> Mask:
    """Rows where a column is above 0 or true; null and no column at all mean no.

    Raises:
        UsageError: the column is not there, or is text.
    """
    if column is None:
        return np.zeros(len(scores), np.bool_)
    if column not in scores:
        near = difflib.get_close_matches(column, list(map(str, scores.columns)), n=3, cutoff=0.5)
        if near:
            raise UsageError("offers.no_flag_column_near", key=key, column=column, near=near)
        raise UsageError("offers.no_flag_column", key=key, column=column)
    found = scores[column]
    if found.dtype == object and found.dropna().map(lambda value: isinstance(value, bool)).all():
        found = found.astype("boolean")
    if not pd.api.types.is_numeric_dtype(found) and not pd.api.types.is_bool_dtype(found):
        raise UsageError(
            "offers.flag_column_of_text", key=key, column=column, found=str(found.dtype)
        )
    numbers = found.astype("Float64").to_numpy(np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        return np.asarray(numbers > 0)
