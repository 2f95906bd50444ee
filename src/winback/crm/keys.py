"""By what a destination knows a person: addresses and numbers out of the contact columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from winback.intake.phones import PHONE_NAMES
from winback.params import ExportSettings

REJECTED = ("customer_id", "column", "rule", "value")
"""What of a row cannot leave, and by which rule; the value is masked."""

_MAIL_NAMES = re.compile(r"mail|^adres(poczty)?elektr")
_ADDRESS = re.compile(r"\w[\w.+%'-]*@[^\W_][\w-]*(\.[^\W_][\w-]*)+")
_LONGEST_ADDRESS = 254


@dataclass(frozen=True)
class Keys:
    """Who is who at a destination.

    Attributes:
        rows: one a customer of the contacts, by ``customer_id``: ``email`` in lower case and
            ``phone`` in E.164, each None where there is none that can be used.
        rejected: :data:`REJECTED`, one row a value that stands there and cannot be used; the
            rule is ``bad_email`` or ``bad_phone``.
    """

    rows: pd.DataFrame
    rejected: pd.DataFrame


def key_column(
    columns: Sequence[str], key: Literal["email", "phone"], named: str | None = None
) -> str | None:
    """The contact column that holds a key: the one named, else the first that is called so."""
    if named is not None:
        return named if named in columns else None
    names = _MAIL_NAMES if key == "email" else PHONE_NAMES
    found = [name for name in columns if names.search(re.sub(r"[\W_]+", "", name.lower()))]
    # "Email Marketing Consent" is called so too.
    told = [name for name in found if not re.search(r"consent|zgod|opt|status|accept", name, re.I)]
    return told[0] if told else None


def keys_of(
    contacts: pd.DataFrame | None, settings: ExportSettings, country: str, *, phones: bool = True
) -> Keys:
    """The keys of everybody in the contacts.

    Args:
        contacts: contacts.parquet: ``customer_id`` and the contact columns as text, or None.
        settings: ``export``, which may name the columns.
        country: ISO code of the shop's, for numbers without a calling code.
        phones: whether anybody asks for numbers; else they are all None.
    """
    if contacts is None:
        none = pd.DataFrame({name: pd.Series(dtype="str") for name in ("customer_id", "email",
                                                                       "phone")})  # fmt: skip
        return Keys(none, pd.DataFrame(columns=list(REJECTED)))
    ids = contacts["customer_id"].astype(str).to_numpy(object)
    columns = [name for name in contacts.columns if name not in ("customer_id", "consented",
                                                                 "suppressed")]  # fmt: skip
    rows = pd.DataFrame({"customer_id": ids, "email": None, "phone": None})
    rejected: list[tuple[str, str, str, str]] = []
    readers: dict[Literal["email", "phone"], Callable[[str], str | None]] = {"email": read_address}
    if phones:
        readers["phone"] = lambda cell: e164(cell, country)
    for key, read in readers.items():
        column = key_column(columns, key, getattr(settings, key))
        if column is None:
            continue
        found: list[str | None] = []
        for customer, cell in zip(ids, contacts[column].astype(object), strict=True):
            text = cell.strip() if isinstance(cell, str) else ""
            value = read(text) if text else None
            if text and value is None:
                rejected.append((customer, column, f"bad_{key}", mask(text)))
            found.append(value)
        rows[key] = pd.Series(found, dtype=object)
    return Keys(rows, pd.DataFrame(rejected, columns=list(REJECTED)))


def read_address(text: str) -> str | None:
    """An address in lower case and NFC; None where it is none, or could start a formula."""
    plain = unicodedata.normalize("NFC", text).strip().lstrip("'").lower()
    sound = _ADDRESS.fullmatch(plain) and ".." not in plain and ".@" not in plain
    return plain if sound and len(plain) <= _LONGEST_ADDRESS else None


def e164(text: str, country: str) -> str | None:
    """A number in E.164, such as ``+48501234567``; None where it is no number that can be.

    Args:
        text: as the shop wrote it.
        country: ISO code, by which a number without a calling code is read.
    """
    import phonenumbers

    plain = re.sub(r"\.0+$", "", text.strip().lstrip("'"))
    try:
        number = phonenumbers.parse(plain, country.upper())
    except phonenumbers.NumberParseException:
        return None
    # An extension is nobody's own number.
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask(value: str) -> str:
    """A value that a person may look up by and nobody can read: ``a***@d***.pl``, ``+48***67``."""
    local, at, domain = value.rpartition("@")
    if at:
        name, dot, end = domain.rpartition(".")
        # What stands behind the last dot of a broken address may be anything.
        end = end if re.fullmatch(r"[a-z]{2,6}", end) else "***"
        return f"{local[:1]}***@{name[:1]}***{dot}{end}"
    return f"{value[:1]}***" if len(value) < 8 else f"{value[:3]}***{value[-2:]}"
