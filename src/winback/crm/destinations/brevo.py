"""Brevo: contacts by e-mail or SMS; attributes in capital letters, semicolons."""

from dataclasses import replace

from winback.crm.destination import Destination, Dialect, Option, Value
from winback.crm.destinations.headers import MAILED, in_dialect, upper


def _key(destination: Destination, value: Value) -> Destination:
    keys = ("customer_id",) if value == "ext_id" else destination.keys
    return replace(destination, keys=keys)


def _dates(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, day="%d-%m-%Y" if value == "DD-MM-YYYY" else "%Y-%m-%d")


def _blanks(destination: Destination, value: Value) -> Destination:
    return in_dialect(destination, clear="" if value == "erase" else None)


BREVO = Destination(
    name="brevo",
    label="Brevo",
    keys=("email", "phone"),
    key_headers={"email": "EMAIL", "phone": "SMS", "customer_id": "EXT_ID"},
    dialect=Dialect(
        separator=";", clear="", most_chars=200, most_rows=1_000_000, most_file_bytes=8_000_000,
        header_pattern=r"[A-Z][A-Z0-9_]{0,49}",
    ),
    fields=MAILED,
    header=upper,
    consent_headers=(
        "emailblacklisted", "smsblacklisted", "email_blacklisted", "sms_blacklisted", "blacklist",
        "listids", "opt_in", "double_opt-in", "double_opt_in", "consent_group_ids",
    ),
    why="lists and automations are made of attributes",
    own=r"email|sms|ext_id|contact_id|contact id|whatsapp|landline_number|firstname|lastname"
    r"|job_title|external_id",
    options={
        "key": Option("email", "`ext_id`: match by the shop's customer id alone",
                      ("email", "ext_id"), _key),
        "dates": Option("YYYY-MM-DD", "form of a day", ("YYYY-MM-DD", "DD-MM-YYYY"), _dates,
                        verified=False),
        "blanks": Option("erase", "`erase` with emptyContactsAttributes, else `keep`",
                         ("erase", "keep"), _blanks),
    },
)  # fmt: skip
