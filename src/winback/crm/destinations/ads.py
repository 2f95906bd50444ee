"""Google Customer Match and Meta Custom Audiences: who may be advertised to, in hashes."""

import hashlib
from dataclasses import replace

from winback.crm.destination import Destination, Dialect, Option, Value, as_written
from winback.crm.fields import Field

_GMAIL = ("gmail.com", "googlemail.com")


def hashed(text: str) -> str:
    """SHA-256 of UTF-8 in lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def google_address(address: str) -> str:
    """An address as Google hashes it: of Gmail without dots and without what follows a plus."""
    local, _, domain = address.rpartition("@")
    if domain in _GMAIL:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}@{domain}" if local else ""


def meta_phone(number: str) -> str:
    """A number as Meta hashes it: digits with the calling code, no zero in front."""
    return number.lstrip("+0")


def _google_hashed(address: str) -> str:
    plain = google_address(address)
    return hashed(plain) if plain else ""


def _meta_hashed(number: str) -> str:
    return hashed(meta_phone(number))


def _value(field: Field, prefix: str) -> str:
    return "value"


def _google_plain(destination: Destination, value: Value) -> Destination:
    return destination if value else replace(destination, email=as_written, phone=as_written)


def _dots(destination: Destination, value: Value) -> Destination:
    if value == "strip" or destination.email is as_written:
        return destination
    return replace(destination, email=hashed)


def _meta_plain(destination: Destination, value: Value) -> Destination:
    return destination if value else replace(destination, email=as_written, phone=meta_phone)


def _meta_value(destination: Destination, value: Value) -> Destination:
    return replace(destination, fields=() if value == "none" else (str(value),))


def _extern_id(destination: Destination, value: Value) -> Destination:
    if value == "none":
        keys = tuple(key for key in destination.keys if key != "customer_id")
        return replace(destination, keys=keys)
    headers = {**destination.key_headers, "customer_id": str(value)}
    return replace(destination, key_headers=headers)


GOOGLE_ADS = Destination(
    name="google_ads",
    label="Google Ads Customer Match",
    keys=("email", "phone"),
    key_headers={"email": "Email", "phone": "Phone"},
    dialect=Dialect(most_rows=1_000_000, most_file_bytes=90_000_000,
                    header_pattern=r"Email|Phone"),
    fields=(),
    header=_value,
    consent_headers=("ad_user_data", "ad_personalization"),
    for_ads=True,
    why="a customer list holds people and nothing of them",
    allowed=(),
    all_keys=True,
    email=_google_hashed,
    phone=hashed,
    options={
        "hashed": Option(True, "false: plain, and Google hashes", (True, False), _google_plain),
        "gmail_dots": Option("strip", "whether dots and what follows a plus go from a Gmail "
                             "address before it is hashed", ("strip", "keep"), _dots,
                             verified=False),
    },
)  # fmt: skip

META_ADS = Destination(
    name="meta_ads",
    label="Meta Custom Audiences",
    keys=("email", "phone", "customer_id"),
    key_headers={"email": "email", "phone": "phone", "customer_id": "extern_id"},
    dialect=Dialect(most_rows=1_000_000, most_file_bytes=90_000_000,
                    least=0.0, header_pattern=r"email|phone|extern_id|uid|value"),
    fields=("lifetime_value",),
    header=_value,
    for_ads=True,
    why="`value` lets Meta look for people like the best customers; nothing else is taken",
    allowed=("lifetime_value", "expected_spend", "total_spent"),
    all_keys=True,
    email=hashed,
    phone=_meta_hashed,
    options={
        "hashed": Option(True, "false: plain, and Meta hashes", (True, False), _meta_plain),
        "value": Option("lifetime_value", "what `value` is; `none`: no such column",
                        ("lifetime_value", "expected_spend", "total_spent", "none"), _meta_value),
        "extern_id": Option("extern_id", "header of the shop's customer id; `none`: no such "
                            "column", ("extern_id", "uid", "none"), _extern_id, verified=False),
    },
)  # fmt: skip
