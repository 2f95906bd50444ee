"""How destinations name a column of ours, and which columns most of them get."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from winback.crm.destination import Destination, Option, Value
from winback.crm.fields import Field

USUAL = (
    "campaign_id", "offer", "offer_label", "channel", "contact_on", "valid_until",
    "churn_probability", "churn_risk", "value_band", "rfm_segment", "segment_advice",
    "expected_next_order_date", "expected_spend", "lifetime_value",
    "next_product_1", "next_product_2", "next_product_3", "next_product_reason",
)  # fmt: skip
"""What a campaign is sent by and told apart by, and what to put in its message; no reasons of the
score, which nobody but the shop reads."""

MAILED = (
    *USUAL, "message_until", "message_last_order", "message_product", "message_next_product",
)  # fmt: skip
"""The same for who sends the mails too: with what may be shown to the customer."""

TABLE = (
    *USUAL[:9], "churn_horizon_days", "rfm_segment", "rfm_score", "segment_advice",
    "days_since_last_order", "last_order_date", "expected_next_order_date", "orders_count",
    "total_spent", "avg_order_value", "expected_orders", "expected_spend", "lifetime_value",
    "currency", "reason_1", "reason_2", "reason_3", *USUAL[-4:], "message_offer", "message_until",
    "message_last_order", "message_product", "message_next_product", "model_version",
)  # fmt: skip
"""Everything, for a table of the shop's own."""

AHEAD = ("contact_on", "valid_until", "expected_next_order_date")
"""Fields whose day lies in the future, as a rule."""

_SHORT = ("rfm", "wb", "id")


def snake(field: Field, prefix: str) -> str:
    """Such as ``wb_churn_probability``."""
    return prefix + field.name


def upper(field: Field, prefix: str) -> str:
    """Such as ``WB_CHURN_PROBABILITY``."""
    return snake(field, prefix).upper()


def custom(field: Field, prefix: str) -> str:
    """Such as ``WB_Churn_Probability__c``, of Salesforce's own custom fields."""
    parts = field.name.split("_")
    words = [part.upper() if part in _SHORT else part.capitalize() for part in parts]
    return prefix.upper() + "_".join(words) + "__c"


def pascal(field: Field, prefix: str) -> str:
    """Such as ``WbChurnProbability``."""
    return "".join(part.capitalize() for part in snake(field, prefix).split("_"))


def words(field: Field, prefix: str) -> str:
    """Such as ``WB churn probability``."""
    start = prefix.rstrip("_").upper()
    said = field.name.replace("_", " ").replace("rfm", "RFM")
    return f"{start} {said}" if start else said[0].upper() + said[1:]


def merge_tag(field: Field, prefix: str) -> str:
    """Such as ``WBRISK``: ten signs at most."""
    return (prefix.rstrip("_").upper() + field.tag)[:10]


def plain(field: Field, prefix: str) -> str:
    """The neutral name: a table of the shop's own has nothing that it could hide."""
    return field.name


def in_dialect(destination: Destination, **changes: Any) -> Destination:
    """The destination with another dialect."""
    return replace(destination, dialect=replace(destination.dialect, **changes))


def blank_clears(destination: Destination, value: Value) -> Destination:
    """Whether an empty cell takes a value back."""
    return in_dialect(destination, clear="" if value else None)


def sent(default: Value, meaning: str, *values: Value, verified: bool = True) -> Option:
    """An option that `winback push` asks for and no file depends on."""
    return Option(default, meaning, values, None, verified)


CALLS = {
    "timeout_seconds": sent(30.0, "how long an answer may take"),
    "first_wait_seconds": sent(0.5, "before a second try where the destination names no time; "
                               "doubled from try to try"),
}  # fmt: skip
"""Options of everything that is pushed over HTTP."""

JOBS = {
    "poll_seconds": sent(0.5, "between two questions whether a job is done, at first"),
    "job_minutes": sent(60.0, "how long a job may take before the push is left to be resumed"),
}
"""Options of what works in jobs that are done later."""
