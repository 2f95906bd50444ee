"""Cells of people: which column holds what, and what of a cell may stand in a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from winback.crm.fields import FIELDS
from winback.formulas import clean_text

_EMAIL = re.compile(r"[a-z0-9_][a-z0-9_.+%'-]*@[a-z0-9-]+(\.[a-z0-9-]+)+")
# "Accepts Email" holds no address.
_CONSENT = re.compile(r"consent|zgod|opt.?(in|out)|status|accept|agree")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


def contact_kind(column: str) -> Literal["email", "phone", "text"]:
    """What a contact column holds, by its name."""
    name = column.lower()
    if _CONSENT.search(name):
        return "text"
    if "mail" in name:
        return "email"
    if any(part in name for part in ("phone", "mobile", "tel", "sms", "gsm", "komork")):
        return "phone"
    return "text"


def cleaner(kind: str) -> Callable[[Any], str]:
    """What makes a cell of that kind, or column of ours, safe to stand in a spreadsheet."""
    match kind:
        case "customer_id":
            return clean_id
        case "email":
            return clean_email
        case "phone":
            return clean_phone
        case name if name in FIELDS and FIELDS[name].kind != "text":
            return str  # typed: a negative number is a number
        case _:
            return clean_text


def clean_id(value: Any) -> str:
    """An id as it is, empty where it could start a formula."""
    text = str(value)
    plain = text == clean_text(text) or _E164.fullmatch(text) or re.fullmatch(r"-\d+", text)
    return text if plain else ""


def clean_email(value: Any) -> str:
    """An address in lower case, empty where it is none: a mended one would be somebody else's."""
    text = str(value).strip().lower()
    return text if _EMAIL.fullmatch(text) else ""


def clean_phone(value: Any) -> str:
    """E.164 where the country is written; else the digits alone, which start no formula."""
    text = re.sub(r"[^\d+]", "", str(value))
    text = "+" + text[2:] if text.startswith("00") else text
    return text if _E164.fullmatch(text) else text.replace("+", "")


def masked(value: str) -> str:
    """What may be shown of an address or a number: ``o***@s***.pl``, ``***00``."""
    name, at, domain = value.strip().partition("@")
    if at:
        end = domain.rpartition(".")[2] if "." in domain else ""
        return f"{name[:1]}***@{domain[:1]}***" + (f".{end}" if end else "")
    return "***" + re.sub(r"\s", "", value)[-2:] if len(value) > 4 else "***"


# But for the user and host of a database's address.
_WITHIN = re.compile(r"(?<![\w.+-])(?<!://)(\w)[\w.+-]*@(\w)[\w-]*((?:\.[\w-]+)+)")


def without_addresses(text: str) -> str:
    """A text in which each e-mail address is covered: ``o***@s***.pl``."""
    return _WITHIN.sub(r"\1***@\2***\3", text)
