"""The offers a shop can make: what each costs, who may get it, what it is known to do."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from winback.errors import UsageError
from winback.results.offered import Kind, Label, MeasuredOffer, Offer, TaughtOffer


def default_catalogue(order_value: float = 100.0) -> list[Offer]:
    """Offer three usual things to a shop that has not said what it offers.

    Delivery is set against ``order_value``, the shop's mean order, at 8 % of it, so that it
    makes sense in any currency. What a contact costs only the shop knows: it is left null, and
    what the channel usually costs is assumed and said. A margin of 40 % is an assumption to be
    replaced.
    """

    def offer(kind: Kind, name: str, label: Label, **discount: float) -> Offer:
        return Offer(
            name=name,
            kind=kind,
            label=label,
            margin_share=0.4,
            eligible="risk_band in ['medium', 'high'] and days_since_last_order >= 14",
            valid_days=30,
            discount_share=discount.get("share"),
            discount_amount=discount.get("amount"),
        )

    reminder = Label(en="A reminder, no discount", pl="Przypomnienie bez rabatu")
    delivery = Label(en="Free delivery", pl="Darmowa dostawa")
    ten_off = Label(en="10% off the next order", pl="10% rabatu na następne zamówienie")
    return [
        offer("content", "reminder", reminder),
        offer("free_delivery", "free_delivery", delivery, amount=_two_figures(0.08 * order_value)),
        offer("percent_off", "ten_percent_off", ten_off, share=0.1),
    ]


def _two_figures(amount: float) -> float:
    return float(f"{amount:.2g}")


def read_offer(entry: Mapping[str, Any]) -> Offer:
    """Read an entry of ``target.offers``; what is wrong with it is said in one line.

    A measured offer is read back as it was written with a list.

    Raises:
        UsageError: a key is unknown (the nearest is named), missing, or out of range.
    """
    try:
        kind: type[Offer] = Offer if entry.get("hazard_ratio") is None else MeasuredOffer
        if entry.get("rests_on") is not None:
            kind = TaughtOffer
        return kind.model_validate(dict(entry))
    except ValidationError as error:
        problems = _problems(error)[:3]
        raise UsageError("offers.entry", offer=entry.get("name", "?"), problems=problems) from error


def _problems(error: ValidationError) -> tuple[UsageError, ...]:
    """Which keys were wrong, and how."""
    found = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, list(Offer.model_fields), n=1, cutoff=0.0)
            found.append(UsageError("offers.entry_unknown_key", key=key, near=near[0]))
        else:
            found.append(UsageError("offers.entry_problem", key=key, found=problem["msg"]))
    return tuple(found)
