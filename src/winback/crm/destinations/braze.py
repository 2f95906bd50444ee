"""Braze: users by external id; custom attributes, each of which costs a data point."""

from dataclasses import replace

from winback.crm.destination import Destination, Dialect, Option, Value
from winback.crm.destinations.headers import in_dialect, snake

_AS_TEXT = "%d.%m.%Y"


def _key(destination: Destination, value: Value) -> Destination:
    return replace(destination, keys=("email" if value == "email" else "customer_id",))


def _future(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, day_ahead=None if value == "date" else _AS_TEXT)


BRAZE = Destination(
    name="braze",
    label="Braze",
    keys=("customer_id",),
    key_headers={"customer_id": "external_id", "email": "email"},
    dialect=Dialect(
        day_ahead=_AS_TEXT, most_chars=255, most_rows=1_000_000, most_file_bytes=500_000_000,
        header_pattern=r"[a-z][a-z0-9_]{0,254}",
    ),
    fields=(
        "campaign_id", "offer", "offer_label", "valid_until", "churn_risk", "value_band",
        "rfm_segment", "expected_next_order_date", "next_product_1", "next_product_2",
        "next_product_3", "next_product_reason",
    ),
    header=snake,
    consent_headers=("email_subscribe", "push_subscribe", "subscription_group_id",
                     "subscription_state", "subscription_groups"),
    why="each attribute written costs a data point: what a canvas is split by and a mail shows, "
    "and why it shows that",
    own=r"external_id|user_alias_name|user_alias_label|braze_id|email|phone|first_name|last_name"
    r"|country|city|language|gender|dob|time_zone|home_city|current_location|date_of_.*|user_id",
    options={
        "key": Option("external_id", "`email`: match by the address, in newer versions",
                      ("external_id", "email"), _key, verified=False),
        "future_days": Option("text", "a day ahead as `text` (20.12.2026), or as a `date`, which "
                              "Braze may turn into now", ("text", "date"), _future,
                              verified=False),
    },
)  # fmt: skip
