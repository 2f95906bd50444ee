"""Klaviyo: profiles by e-mail or phone; custom properties."""

from dataclasses import replace

from winback.crm.destination import Destination, Dialect, Option, Value
from winback.crm.destinations.headers import (
    CALLS,
    JOBS,
    MAILED,
    blank_clears,
    in_dialect,
    sent,
    snake,
)


def _key(destination: Destination, value: Value) -> Destination:
    keys = ("customer_id",) if value == "external_id" else destination.keys
    return replace(destination, keys=keys)


def _dates(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, day="%m/%d/%Y" if value == "MM/DD/YYYY" else "%Y-%m-%d")


KLAVIYO = Destination(
    name="klaviyo",
    label="Klaviyo",
    keys=("email", "phone"),
    key_headers={"email": "Email", "phone": "Phone Number", "customer_id": "External ID"},
    dialect=Dialect(
        most_rows=1_000_000, most_file_bytes=50_000_000,
        header_pattern=r"[a-z][a-z0-9_]{0,127}|Email|Phone Number|External ID",
    ),
    fields=MAILED,
    header=snake,
    consent_headers=(
        "consent", "email consent", "sms consent", "email_consent", "sms_consent", "consented_at",
        "subscriptions", "email marketing consent", "sms marketing consent",
    ),
    pushed=True,
    why="segments and flows are made of properties, mails are filled from them",
    own=r"\$.*|email|phone_number|phone number|external_id|external id|_kx|first_name|last_name"
    r"|organization|locale|title|image|location|historic_clv|predicted_clv|total_clv"
    r"|historic_number_of_orders|predicted_number_of_orders|average_days_between_orders"
    r"|average_order_value|churn_probability|expected_date_of_next_order"
    r"|ranked_channel_affinity|current_month_rfm_group|can_receive_.*",
    options={
        "key": Option("email", "`external_id`: match by the shop's customer id alone",
                      ("email", "external_id"), _key),
        "dates": Option("YYYY-MM-DD", "form of a day", ("YYYY-MM-DD", "MM/DD/YYYY"), _dates),
        "blank_clears": Option(False, "whether a blank cell of an imported file clears the "
                               "property", (True, False), blank_clears, verified=False),
        "few": sent(20, "up to so many profiles are updated one by one, more in a job"),
        "revision": sent("2026-10-15", "of the API"),
        **JOBS,
        **CALLS,
    },
)  # fmt: skip
