"""What lists that left and are over teach of offers: a row a person and list, treated or held out.

Every arm's chance was logged before the draw, so that whoever was sent an offer is compared with
those who were held out and might as well have been sent it, however the plan chose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.campaign.estimates import compare
from winback.campaign.looks import Window, sealed_days
from winback.campaign.measuring import measure_campaign
from winback.campaign.outcomes import OpenWindow, read_outcomes
from winback.campaign.reading import read_assignment
from winback.errors import WinbackError
from winback.intake.ids import as_in_orders
from winback.ledger.asked import Seal
from winback.offers.contact import DAYS_OF_CAP
from winback.offers.fading import exposure_of
from winback.offers.power import LEAST_IN_ARM
from winback.offers.pulled import missed
from winback.offers.reactions import Terms
from winback.offers.worth import orders_within
from winback.results.intake import IngestSummary
from winback.results.offered import CONTROL
from winback.results.reacted import LeftOut, WhyLeftOut

# As long as a campaign is read again after its window.
_LATER_DAYS = 90

_COLUMNS = {
    "customer_id": "str", "campaign": "int64", "cutoff": "datetime64[s]", "offer": "int64",
    "treated": "bool", "weight": "float64", "orders": "float64", "expected": "float64",
    "met": "float64", "after": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class Taught:
    """People of lists that left and are over.

    Attributes:
        rows: one row a person and list: ``customer_id``, ``campaign`` (its place in ``left``),
            ``cutoff`` (as of which they were scored), ``offer`` (its place in ``terms``),
            ``treated``, ``weight`` (overlap, less for older lists), ``orders`` placed while the
            offer was valid, ``expected`` orders in that time as foretold that day, ``met`` (how
            many earlier lists count against the offer; :func:`winback.offers.fading.exposure_of`)
            and ``after`` (orders placed since, until 90 days after the list left; null before).
        terms: the offers.
        left: the day each list left.
        left_out: lists that teach nothing.
        not_learned_from: rows of people who were forgotten or may not be profiled.
    """

    rows: pd.DataFrame
    terms: tuple[Terms, ...]
    left: tuple[date, ...]
    left_out: tuple[LeftOut, ...]
    not_learned_from: int


@dataclass(frozen=True)
class Past:
    """What lists are read by: the orders, and what is known of them.

    Attributes:
        orders: canonical orders.parquet.
        ingested: what reading them gave.
        timezone: zone of the shop.
        out: customers who may not be learned from.
        half_life_days: days after which a list counts half.
    """

    orders: Path
    ingested: IngestSummary
    timezone: str | None
    out: frozenset[str]
    half_life_days: int


def read_taught(left: Sequence[Seal], past: Past) -> Taught:
    """The rows of all lists that left whose windows are over and whose readings hold."""
    found: list[pd.DataFrame] = []
    days: list[date] = []
    left_out: list[LeftOut] = []
    terms: dict[Terms, int] = {}
    planned: list[tuple[date, pd.DataFrame]] = []
    gone = 0
    for seal in sorted(left, key=lambda each: each.sealed.sent_on):
        rows, out = _learned_from(seal, past.out)
        planned.append((seal.sealed.sent_on, rows[["customer_id", "planned_offer"]]))
        gone += out
        why = _why_not(seal, rows, past)
        taught = None if why else _rows_of(seal, rows, past, terms, _earlier(seal, planned))
        if taught is None or taught.empty:
            why = why or ("unproven" if taught is None else "no_control")
            left_out.append(LeftOut(campaign_id=seal.sealed.campaign_id, why=why))
            continue
        found.append(taught.assign(campaign=len(days)))
        days.append(seal.sealed.sent_on)
    nobody = pd.DataFrame(columns=list(_COLUMNS)).astype(_COLUMNS)
    table = pd.concat([nobody, *found], ignore_index=True) if found else nobody
    return Taught(
        rows=table[list(_COLUMNS)].astype(_COLUMNS), terms=tuple(terms), left=tuple(days),
        left_out=tuple(left_out), not_learned_from=gone,
    )  # fmt: skip


def _learned_from(seal: Seal, out: frozenset[str]) -> tuple[pd.DataFrame, int]:
    """Who was planned an offer, but for the forgotten and the barred, and how many those are."""
    rows = seal.assignment()
    stays = ~rows["customer_id"].astype(str).isin(out)
    return rows[stays].reset_index(drop=True), seal.forgotten("assignment") + int((~stays).sum())


def _why_not(seal: Seal, rows: pd.DataFrame, past: Past) -> WhyLeftOut | None:
    """Why a list teaches nothing, by the reading that its own measurement has."""
    control = rows["arm"] == CONTROL
    if not control.any() or control.all():
        return "no_control"
    offers = seal.sealed.offers
    try:
        reading = measure_campaign(
            rows, past.orders,
            window_days=Window(None, sealed_days(offers), (), past.ingested),
            history_until=_until(past), timezone=past.timezone, offers=offers,
        )  # fmt: skip
    except OpenWindow:
        return "open"
    except WinbackError as error:
        if error.code.partition(".")[0] != "campaign":
            raise
        return "unreadable"
    return "invalid" if reading.verdict == "invalid" else None


def _earlier(seal: Seal, planned: Sequence[tuple[date, pd.DataFrame]]) -> pd.DataFrame:
    """Who was planned what on the lists that left before, and how many days before."""
    found = [pd.DataFrame(columns=["customer_id", "planned_offer", "days_ago"])]
    for day, rows in planned:
        days = (seal.sealed.sent_on - day).days
        if 0 < days <= DAYS_OF_CAP:
            found.append(rows.assign(days_ago=days))
    return pd.concat(found[1:], ignore_index=True) if len(found) > 1 else found[0]


def _rows_of(
    seal: Seal, rows: pd.DataFrame, past: Past, terms: dict[Terms, int], earlier: pd.DataFrame
) -> pd.DataFrame | None:
    """A list's people with both arms of each offer; None where nobody had a chance of an order."""
    assigned, _ = read_assignment(rows, CONTROL, past.timezone)
    assigned = assigned[~assigned["in_both"]].reset_index(drop=True)
    scores = seal.scores()
    scores["customer_id"] = as_in_orders(scores["customer_id"])
    place = pd.Index(scores["customer_id"]).get_indexer(assigned["customer_id"])
    age = (past.ingested.cutoff - seal.sealed.sent_on).days
    offers = {offer.name: offer for offer in seal.sealed.offers}
    names = [name for name in sorted(set(assigned["planned_offer"].dropna())) if name in offers]
    # Offers that hold equally long are read together.
    came = {
        days: read_outcomes(assigned, past.orders, days, _LATER_DAYS, _until(past))[0]
        for days in {offers[name].valid_days for name in names}
    }
    ids = assigned["customer_id"].to_numpy(object)
    met = exposure_of(ids, earlier, [offers[name] for name in names])
    found = []
    for k, name in enumerate(names):
        offer, foretold = offers[name], np.full(len(assigned), np.nan)
        foretold[place >= 0] = orders_within(scores, offer.valid_days)[place[place >= 0]]
        compared = _compared(assigned, name)
        here = np.isfinite(foretold) & (foretold > 0) & (compared > 0)
        mine, outcomes = assigned[here], came[offer.valid_days][here]
        if mine["treated"].nunique() < 2:
            continue
        found.append(
            pd.DataFrame(
                {
                    # As the orders call them: a tool may have lost their leading zeros.
                    "customer_id": outcomes["customer_id"].astype(str),
                    "cutoff": pd.Timestamp(seal.sealed.cutoff),
                    "offer": terms.setdefault(Terms.of(offer), len(terms)),
                    "treated": mine["treated"].to_numpy(np.bool_),
                    "weight": compared[here] * 0.5 ** (age / past.half_life_days),
                    "orders": outcomes["orders"].to_numpy(np.float64),
                    "expected": foretold[here],
                    "met": 0.0 if met is None else met[here, k],
                    "after": _after(outcomes, offer.valid_days, age),
                }
            )
        )
    if not found:
        return None if scores["p_return"].isna().all() else pd.DataFrame()
    return pd.concat(found, ignore_index=True)


def _after(outcomes: pd.DataFrame, valid_days: int, age: int) -> Floats:
    """Orders between the offer's end and 90 days; null where these are not over, or too few."""
    if age < _LATER_DAYS or valid_days >= _LATER_DAYS:
        return np.full(len(outcomes), np.nan)
    by_then = outcomes["orders_by_then"].to_numpy(np.float64)
    after: Floats = by_then - outcomes["orders"].to_numpy(np.float64)
    return after


def moved_of(rows: pd.DataFrame) -> tuple[float, float] | None:
    """Of the orders that an offer won the share missed after it, and its standard error.

    Args:
        rows: those of :class:`Taught` of one offer.

    Returns:
        None where no list is old enough, or none is shown to have won any.
    """
    rows = rows[rows["after"].notna()]
    treated, weight = rows["treated"].to_numpy(np.bool_), rows["weight"].to_numpy(np.float64)
    if min(int(treated.sum()), int((~treated).sum())) < LEAST_IN_ARM:
        return None
    won, after = (
        compare(rows[name].to_numpy(np.float64), treated, weight) for name in ("orders", "after")
    )
    found = missed(won.effect, won.se, after.effect, after.se)
    return None if found is None else (round(found[0], 6), round(found[1], 6))


def _compared(assigned: pd.DataFrame, name: str) -> Floats:
    """Overlap weights of an offer's treated and of who was held out in their stead; else 0.

    With the chances P0 of control and Pj of the offer logged, everybody held out who might have
    had it is compared, treated by P0 / (P0 + Pj) and held out by Pj / (P0 + Pj). Lists of before
    that log the chance of the arm within the planned offer, whose own held out are compared.
    """
    treated = assigned["treated"].to_numpy(np.bool_)
    planned = (assigned["planned_offer"] == name).to_numpy(np.bool_, na_value=False)
    told = assigned["arm_probabilities"].astype("string")
    if told.notna().all():
        control, offer = (_chances(told, arm) for arm in (CONTROL, name))
        here = np.where(treated, planned, offer > 0) & (control + offer > 0)
        other = np.where(treated, control, offer)
        return np.divide(other, control + offer, out=np.zeros(len(here)), where=here)
    chance = assigned["probability"].to_numpy(np.float64, na_value=np.nan)
    share = float(treated[planned].mean()) if planned.any() else 1.0
    mine = np.where(np.isfinite(chance), chance, np.where(treated, share, 1 - share))
    weights: Floats = np.where(planned, 1 - mine, 0.0)
    return weights


def _chances(told: pd.Series[str], arm: str) -> Floats:
    """Chance of an arm, as a list logged that of every arm; 0 where it names none."""
    found = told.str.extract(rf"(?:^| ){re.escape(arm)}=(\S+)", expand=False)
    return pd.to_numeric(found).fillna(0.0).to_numpy(np.float64)


def _until(past: Past) -> date:
    """Last day that the orders are said to cover."""
    return past.ingested.cutoff - timedelta(days=1)
