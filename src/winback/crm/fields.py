"""What may leave to a destination: columns with a type, beside the person's own keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "whole", "number", "money", "share", "day", "flag"]
"""How a value is typed; a destination writes each kind its own way."""


@dataclass(frozen=True)
class Field:
    """A column that may leave.

    Attributes:
        name: the neutral name, as in ``list.csv``.
        kind: its type in :attr:`winback.crm.outgoing.Outgoing.rows`: ``str``, ``int``, ``float``
            (a share is 0 to 1), ``datetime.date`` or ``bool``, and None where it is unknown.
        tag: at most eight capital letters and digits, for destinations with short names.
        of_campaign: whether it tells of the offer, so that it never leaves for the control group
            and never with the scores of everybody.
        may_be_shown: whether the shop may show it to the customer.
    """

    name: str
    kind: FieldKind
    tag: str
    of_campaign: bool = False
    may_be_shown: bool = False


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("campaign_id", "text", "CAMPAIGN", of_campaign=True),
        Field("offer", "text", "OFFER", of_campaign=True),
        Field("offer_label", "text", "LABEL", of_campaign=True, may_be_shown=True),
        Field("channel", "text", "CHANNEL", of_campaign=True),
        Field("contact_on", "day", "CONTACT", of_campaign=True),
        Field("valid_until", "day", "UNTIL", of_campaign=True, may_be_shown=True),
        Field("churn_probability", "share", "CHURN"),
        Field("churn_risk", "text", "RISK"),
        Field("churn_horizon_days", "whole", "DAYS"),
        Field("value_band", "text", "VALUE"),
        Field("rfm_segment", "text", "SEGMENT"),
        Field("rfm_score", "text", "RFM"),
        Field("segment_advice", "text", "ADVICE"),
        Field("days_since_last_order", "whole", "SILENCE"),
        Field("last_order_date", "day", "LAST"),
        Field("expected_next_order_date", "day", "NEXT"),
        Field("orders_count", "whole", "ORDERS"),
        Field("total_spent", "money", "SPENT"),
        Field("avg_order_value", "money", "AVGORDER"),
        Field("expected_orders", "number", "EXPORDER"),
        Field("expected_spend", "money", "EXPSPEND"),
        Field("lifetime_value", "money", "LIFETIME"),
        Field("currency", "text", "CURRENCY"),
        Field("reason_1", "text", "REASON1"),
        Field("reason_2", "text", "REASON2"),
        Field("reason_3", "text", "REASON3"),
        Field("next_product_1", "text", "ITEM1", of_campaign=True, may_be_shown=True),
        Field("next_product_2", "text", "ITEM2", of_campaign=True, may_be_shown=True),
        Field("next_product_3", "text", "ITEM3", of_campaign=True, may_be_shown=True),
        Field("next_product_reason", "text", "WHYITEM", of_campaign=True),
        Field("message_offer", "text", "MSGOFFER", of_campaign=True, may_be_shown=True),
        Field("message_until", "text", "MSGUNTIL", of_campaign=True, may_be_shown=True),
        Field("message_last_order", "text", "MSGLAST", may_be_shown=True),
        Field("message_product", "text", "MSGPRODUCT", may_be_shown=True),
        Field("message_next_product", "text", "MSGNEXT", of_campaign=True, may_be_shown=True),
        Field("model_version", "text", "MODEL"),
    )
}
"""Every column that may leave, by its neutral name, in the order in which it leaves."""

EVERYBODY = (
    "churn_risk", "value_band", "rfm_segment", "churn_probability", "expected_next_order_date",
    "lifetime_value",
)  # fmt: skip
"""What leaves of everybody who may be profiled, treated and control alike."""
