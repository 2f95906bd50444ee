"""By what a destination may know people: addresses and numbers as every destination takes them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pandas as pd
import phonenumbers

from winback.crm.cells import clean_email, contact_kind, masked
from winback.errors import UsageError
from winback.intake.phones import CALLING_CODE

_LOOKED_AT = 1000


@dataclass(frozen=True)
class Keys:
    """The keys of people.

    Attributes:
        rows: one row a person: ``customer_id``, ``email`` (lower case) and ``phone`` (E.164), by
            customer_id as index; None where there is none that can be used.
        unusable: cells that hold something else: ``customer_id``, ``column``, ``why``
            (``bad_email`` or ``bad_phone``) and ``masked``.
    """

    rows: pd.DataFrame
    unusable: pd.DataFrame


def keys_of(
    contacts: pd.DataFrame, country: str, email: str | None = None, phone: str | None = None,
    *, ids: Literal["email", "phone", "text"] = "text",
) -> Keys:  # fmt: skip
    """The keys of everybody in a table of contacts.

    Without a column of addresses, or of numbers, ids that are such themselves are taken: bare
    digits only where ``ids`` says that they are numbers, since any shop's id may look like one.

    Args:
        contacts: ``customer_id`` and the contact columns, as text; one row a person.
        country: where a number without a calling code is at home, ISO code.
        email: column of addresses; None: the one named so whose first cells hold most of them.
        phone: column of numbers, likewise.
        ids: what the ids are, where that is known.

    Raises:
        UsageError: a named column is not there.
    """
    people = contacts["customer_id"].astype(str).tolist()
    found: dict[str, list[str | None]] = {}
    unusable: list[tuple[str, str, str, str]] = []
    for kind, named in (("email", email), ("phone", phone)):
        column = _best(contacts, kind, named, country)
        if column is not None:
            cells = contacts[column].fillna("").astype(str).tolist()
        else:
            sign = "@" if kind == "email" else "" if ids == "phone" else "+"
            cells = [one if sign in one else "" for one in people]
        made = [_key(kind, cell, country) for cell in cells]
        found[kind] = made
        if column is not None:
            unusable += [
                (customer, column, f"bad_{kind}", masked(cell))
                for customer, cell, key in zip(people, cells, made, strict=True)
                if key is None and cell.strip()
            ]
    rows = pd.DataFrame({"customer_id": people, **found}, index=people, dtype=object)
    columns = ["customer_id", "column", "why", "masked"]
    return Keys(rows, pd.DataFrame(unusable, columns=columns, dtype=object))


def _best(contacts: pd.DataFrame, kind: str, named: str | None, country: str) -> str | None:
    """The column named, or of those called so the one whose first cells hold most keys."""
    columns = [str(name) for name in contacts.columns]
    first = key_column(columns, kind, named)
    if named is not None or first is None:
        return first

    def held(name: str) -> int:
        cells = contacts[name].head(_LOOKED_AT).dropna().astype(str)
        return sum(_key(kind, cell, country) is not None for cell in cells)

    # Beside an address may stand, under a like name, whether it may be written to.
    alike = [name for name in columns if name != "customer_id" and contact_kind(name) == kind]
    return max(alike, key=held) if len(alike) > 1 else first


def key_column(columns: list[str], kind: str, named: str | None) -> str | None:
    """The column of contacts that holds addresses or numbers; None where there is none.

    Raises:
        UsageError: a named column is not there.
    """
    known = [name for name in columns if name != "customer_id"]
    if named is None:
        return next((name for name in known if contact_kind(name) == kind), None)
    if named not in known:
        near = difflib.get_close_matches(named, known, 1, 0.5)
        raise UsageError(
            "outgoing.no_column", key=f"export.{kind}", found=named,
            nearest=near[0] if near else None, known=tuple(known),
        )  # fmt: skip
    return named


def _key(kind: str, cell: str, country: str) -> str | None:
    return (clean_email(cell) or None) if kind == "email" else e164(cell, country)


@lru_cache(maxsize=1 << 16)
def e164(cell: str, country: str) -> str | None:
    """A phone number with its calling code; None where it is no number anybody could have.

    What spreadsheets add is taken off: an apostrophe before it, ``.0`` behind it.
    """
    text = re.sub(r"\.0+$", "", cell.strip().lstrip("'"))
    text = re.sub(r"^(\+|00)(.*)\(0\)", r"\1\2", text)
    text = re.sub(r"^00(?=[1-9])", "+", text)
    if not re.fullmatch(r"\+?[\d ()./\u00a0\u2011-]+", text):
        return None
    number = _at_once(text, country) or _parsed(text, country)
    if number is None:
        return None
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)}"


def _at_once(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    """A number as it is usually written, without the library's search, which takes its time."""
    digits = re.sub(r"\D", "", text)
    stated = re.match(CALLING_CODE, digits) if text.startswith("+") else None
    code = int(stated.group()) if stated else phonenumbers.country_code_for_region(country)
    own = digits[stated.end() :] if stated else digits
    if not code or own.startswith("0") or not 7 <= len(own) <= 12:
        return None
    number = phonenumbers.PhoneNumber(country_code=code, national_number=int(own))
    return number if phonenumbers.is_valid_number(number) else None


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
