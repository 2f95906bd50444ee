"""What leaves of each customer, typed: one table that every file and every call is written from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from winback.crm.bands import value_bands
from winback.crm.fields import FIELDS
from winback.crm.leading import MOST, Item, Lead
from winback.crm.suggested import Suggested
from winback.results.offered import CONTROL, MeasuredOffer, Offer
from winback.said.message import in_words
from winback.said.words import NBSP, Words

if TYPE_CHECKING:
    # For its type alone: it brings an optimiser that takes a second to import.
    from winback.offers.plan import Plan

Language = Literal["en", "pl"]

_NOTHING = Suggested()
# Decisions to leave somebody in peace, whatever a contact would bring.
_IN_PEACE = ("no_contact", "universal_holdout", "contacted_recently", "complaint", "subscriber")


@dataclass(frozen=True)
class Leaving:
    """What of a planned campaign a list is written from."""

    assignment: pd.DataFrame
    decisions: pd.DataFrame
    offers: Sequence[MeasuredOffer | Offer]
    currency: str
    contact_days: Mapping[str, int]
    products: Mapping[str, str] = field(default_factory=dict)
    suggested: Mapping[str, Suggested] = field(default_factory=dict)

    @staticmethod
    def of(plan: Plan) -> Leaving:
        """That of a plan, without products."""
        return Leaving(
            plan.assignment, plan.decisions, plan.offers, str(plan.summary.currency),
            plan.contact_days,
        )  # fmt: skip


def listed_customers(leaving: Leaving, scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of who is on the list, in its order, with ``arm`` and ``assigned_at``.

    Both are None for a list without offers: everybody who may be contacted, before a horizon has
    closed or where nobody is told apart and no offer would pay.
    """
    treated = leaving.assignment[leaving.assignment["arm"] != CONTROL]
    listed = treated[["customer_id", "arm", "assigned_at"]].merge(
        scores.drop(columns=["assigned_at", "arm"], errors="ignore"), on="customer_id", how="left"
    )
    alike = scores["p_return"].nunique()
    if listed.empty and alike <= 1:
        # There is nothing to plan by; recency is the best that is known.
        reasons = leaving.decisions["reason"]
        barred = leaving.decisions.loc[reasons.isin(_IN_PEACE), "customer_id"]
        listed = scores[~scores["customer_id"].isin(barred)].assign(arm=None, assigned_at=None)
        return _latest_first(listed)
    # Where nobody is told apart, when they bought last is the best that is known of them.
    return _latest_first(listed) if alike == 1 else listed


def values_of(
    customers: pd.DataFrame, leaving: Leaving, scores: pd.DataFrame, language: Language,
    campaign_id: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row a customer of ``customers``: customer_id, then each of :data:`FIELDS`, typed.

    Every column holds plain Python values of the field's kind, and None for what is unknown.

    Args:
        customers: rows of the scores; ``arm`` and ``assigned_at`` beside them where an offer
            was planned.
        leaving: the campaign; its offers, days and currency.
        scores: of everybody, by which a value is high or low.
        language: of labels, advice and reasons.
        campaign_id: the campaign's name, where it leaves.
    """
    offers = {offer.name: offer for offer in leaving.offers}
    ids = customers["customer_id"].astype(str)
    arms = _typed(customers, "arm", str)
    starts = _typed(customers, "assigned_at", _day)
    waits = [leaving.contact_days.get(customer, 0) for customer in ids]
    suffix = "" if language == "en" else f"_{language}"
    words = Words(language, leaving.currency)
    bands = value_bands(scores)[0].reindex(ids).tolist()
    labels = [arm and str(getattr(offers[arm].label, language)) for arm in arms]
    last_days = [
        start + timedelta(days=offers[arm].valid_days - 1) if arm in offers else None
        for arm, start in zip(arms, starts, strict=True)
    ]

    def written(day: date | None) -> str | None:
        # With plain spaces: a message of another maker may know no others.
        return None if day is None else words.day(day).replace(NBSP, " ")

    found: dict[str, list[Any]] = {
        "campaign_id": [campaign_id] * len(ids),
        "offer": arms,
        "offer_label": labels,
        "channel": [arm and offers[arm].channel for arm in arms],
        "contact_on": [
            start + timedelta(days=wait) if arm in offers and leaving.contact_days else None
            for arm, start, wait in zip(arms, starts, waits, strict=True)
        ],
        "valid_until": last_days,
        "value_band": [band if isinstance(band, str) else None for band in bands],
        "segment_advice": _typed(customers, "segment", lambda code: words.term("advice", code)),
        "currency": [leaving.currency] * len(ids),
        "message_offer": labels,
        "message_until": [written(day) for day in last_days],
        "message_last_order": [written(day) for day in _typed(customers, "last_order_on", _day)],
        "message_product": [leaving.products.get(customer) for customer in ids],
        **_leads(ids.tolist(), [arm and offers.get(arm) for arm in arms], leaving, words),
        **{
            name: _typed(customers, column, write)
            for name, (column, write) in _OF_SCORES.items()
        },
        **{
            f"reason_{k}": _typed(customers, f"reason_{k}{suffix}", str) for k in (1, 2, 3)
        },
    }  # fmt: skip
    table = {"customer_id": ids.tolist()} | {name: found[name] for name in FIELDS}
    return pd.DataFrame(
        {name: pd.Series(cells, dtype=object) for name, cells in table.items()},
        columns=list(table),
    )


def _leads(
    customers: Sequence[str], offers: Sequence[MeasuredOffer | Offer | None], leaving: Leaving,
    words: Words,
) -> dict[str, list[str | None]]:  # fmt: skip
    """What the message to each customer leads with, and why."""
    leads = [
        leaving.suggested.get(customer, _NOTHING).lead(offer)
        for customer, offer in zip(customers, offers, strict=True)
    ]

    def called(found: Lead, place: int) -> str | None:
        return found.items[place].called if place < len(found.items) else None

    return {
        **{f"next_product_{n + 1}": [called(found, n) for found in leads] for n in range(MOST)},
        "next_product_reason": [
            None if found.why is None else in_words(found.why, words) for found in leads
        ],
        "message_next_product": [found.shown for found in leads],
    }


def first_items(
    pairs: Iterable[tuple[str | None, str | None]], leaving: Leaving
) -> Iterator[Item | None]:
    """What the messages to customers with their offers lead with, in their order."""
    offers = {offer.name: offer for offer in leaving.offers}
    for customer, arm in pairs:
        yield leaving.suggested.get(str(customer), _NOTHING).first(offers.get(arm or ""))


def _typed(table: pd.DataFrame, column: str, make: Callable[[Any], Any]) -> list[Any]:
    """A column as plain values; one that the table does not have is unknown."""
    if column not in table:
        return [None] * len(table)
    missing = table[column].isna().tolist()
    values = table[column].astype(object).tolist()
    return [None if gone else make(v) for v, gone in zip(values, missing, strict=True)]


def _day(day: Any) -> date:
    return day if type(day) is date else pd.Timestamp(day).date()


def _whole(number: Any) -> int:
    return round(float(number))


def _money(amount: Any) -> float:
    return round(float(amount), 2) + 0.0


def _churn(p_return: Any) -> float:
    # Four places: with more of them every customer would change every day.
    return round(1 - float(p_return), 4) + 0.0


_OF_SCORES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "churn_probability": ("p_return", _churn),
    "churn_risk": ("risk_band", str),
    "churn_horizon_days": ("horizon_days", _whole),
    "rfm_segment": ("segment", str),
    "rfm_score": ("rfm_score", str),
    "days_since_last_order": ("days_since_last_order", _whole),
    "last_order_date": ("last_order_on", _day),
    "expected_next_order_date": ("expected_next_order_on", _day),
    "orders_count": ("orders_total", _whole),
    "total_spent": ("spend_total", _money),
    "avg_order_value": ("order_value_mean", _money),
    "expected_orders": ("expected_orders", lambda number: round(float(number), 3) + 0.0),
    "expected_spend": ("expected_net_spend", _money),
    "lifetime_value": ("lifetime_value", _money),
    "model_version": ("model_version", str),
}


def _latest_first(listed: pd.DataFrame) -> pd.DataFrame:
    """The latest buyers first, of those of one day the ones who spent most.

    Tables of other makers may lack the columns; their order is kept.
    """
    if not {"days_since_last_order", "spend_total"} <= set(listed.columns):
        return listed
    return listed.sort_values(
        ["days_since_last_order", "spend_total", "customer_id"],
        ascending=[True, False, True],
        kind="stable",
        ignore_index=True,
    )
