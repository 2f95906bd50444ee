"""The offers a shop can make: what each costs, who may get it, what it is known to do."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from winback.errors import UsageError

CONTROL = "control"


class Label(BaseModel):
    """An offer's name as the customer-facing team reads it, in both report languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    en: str = Field(max_length=200)
    pl: str = Field(max_length=200)


class Offer(BaseModel):
    """One entry of the catalogue: what it costs, who may get it, what it is known to do.

    Money is in the currency of the orders. ``discount_share`` is a share of the order's
    value, ``discount_amount`` an amount an order (delivery, gift or points at cost); an
    offer with neither is a contact alone. ``redemption_share`` is the share of orders in
    the window that really use it. A customer whose expected order is below ``min_basket``
    is not eligible: for her it would be a contact without a discount, which is another
    offer. ``effect_pp`` is the change of the chance of an order within ``valid_days``, in
    percentage points; null means nobody has measured it yet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    kind: Literal["percent_off", "amount_off", "free_delivery", "gift", "points", "content", "call"]
    discount_share: float | None = Field(default=None, gt=0, le=1)
    discount_amount: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    contact_cost: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    margin_share: float = Field(gt=0, le=1)
    min_basket: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    redemption_share: float = Field(default=1.0, gt=0, le=1)
    eligible: str = ""
    channel: str = Field(default="email", max_length=40)
    valid_days: int = Field(ge=1, le=3650)
    effect_pp: float | None = Field(default=None, ge=-100, le=100)
    effect_source: Literal["stated", "measured"] | None = None
    label: Label

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Offer:
        if self.name == CONTROL:
            raise ValueError("an offer cannot be called 'control': that is the arm without one")
        share, amount = self.discount_share is not None, self.discount_amount is not None
        if share and amount:
            raise ValueError(f"offer {self.name}: give discount_share or discount_amount, not both")
        if self.kind == "percent_off" and not share:
            raise ValueError(f"offer {self.name}: percent_off needs discount_share")
        if self.kind in ("amount_off", "free_delivery", "gift") and not amount:
            raise ValueError(f"offer {self.name}: {self.kind} needs discount_amount, what it costs")
        if self.kind in ("content", "call") and (share or amount):
            raise ValueError(f"offer {self.name}: {self.kind} has no discount, only contact_cost")
        if self.effect_pp is None and self.effect_source is not None:
            raise ValueError(f"offer {self.name}: effect_source without effect_pp")
        if self.effect_pp is not None and self.effect_source is None:
            raise ValueError(
                f"offer {self.name}: say where effect_pp comes from: effect_source: stated"
                " (an assumption) or measured (a campaign)"
            )
        return self


def default_catalogue(order_value: float = 100.0) -> list[Offer]:
    """Offer three usual things to a shop that has not said what it offers.

    Costs are set against ``order_value``, the shop's mean order, so that they make sense in
    any currency: delivery at 8 % of an order, a contact at 0.5 % (sending it, and the
    few who then unsubscribe). A margin of 40 % is an assumption to be replaced.
    """
    slipping = "risk_band in ['medium', 'high'] and days_since_last_order >= 14"
    contact = _two_figures(0.005 * order_value)
    shared: dict[str, Any] = {
        "contact_cost": contact,
        "margin_share": 0.4,
        "eligible": slipping,
        "valid_days": 30,
    }
    return [
        Offer(
            name="reminder",
            kind="content",
            label=Label(en="A reminder, no discount", pl="Przypomnienie bez rabatu"),
            **shared,
        ),
        Offer(
            name="free_delivery",
            kind="free_delivery",
            discount_amount=_two_figures(0.08 * order_value),
            label=Label(en="Free delivery", pl="Darmowa dostawa"),
            **shared,
        ),
        Offer(
            name="ten_percent_off",
            kind="percent_off",
            discount_share=0.1,
            label=Label(en="10% off the next order", pl="10% rabatu na następne zamówienie"),
            **shared,
        ),
    ]


def _two_figures(amount: float) -> float:
    return float(f"{amount:.2g}")


DEFAULT_CATALOGUE: tuple[Offer, ...] = tuple(default_catalogue())


def read_offer(entry: Mapping[str, Any]) -> Offer:
    """Read an entry of ``target.offers``; what is wrong with it is said in one line.

    Raises:
        UsageError: a key is unknown (the nearest is named), missing, or out of range.
    """
    try:
        return Offer.model_validate(dict(entry))
    except ValueError as error:
        raise UsageError(_plainly(entry, error)) from error


def _plainly(entry: Mapping[str, Any], error: ValueError) -> str:
    """One line from a pydantic error: which key, what was wrong."""
    problems: list[str] = []
    for problem in getattr(error, "errors", lambda: [])():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(key, list(Offer.model_fields), n=1, cutoff=0.0)
            problems.append(f"unknown key {key!r}, nearest is {near[0]!r}")
        else:
            problems.append(f"{key}: {problem['msg']}" if key else str(problem["msg"]))
    return f"target.offers, offer {entry.get('name', '?')!r}: " + "; ".join(problems[:3])
