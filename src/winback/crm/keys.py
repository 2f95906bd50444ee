"""By what a destination may know people: addresses and numbers as every destination takes them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd
import phonenumbers

from winback.crm.cells import clean_email, contact_kind, masked
from winback.errors import UsageError


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
    contacts: pd.DataFrame, country: str, email: str | None = None, phone: str | None = None
) -> Keys:
    """The keys of everybody in a table of contacts.

    Without a column of addresses, or of numbers, ids that are such themselves are taken.

    Args:
        contacts: ``customer_id`` and the contact columns, as text; one row a person.
        country: where a number without a calling code is at home, ISO code.
        email: column of addresses; None: the one named so with the most of them.
        phone: column of numbers, likewise.

    Raises:
        UsageError: a named column is not there.
    """
    ids = contacts["customer_id"].astype(str).tolist()
    found: dict[str, list[str | None]] = {}
    unusable: list[tuple[str, str, str, str]] = []
    for kind, named in (("email", email), ("phone", phone)):
        column = key_column([str(name) for name in contacts.columns], kind, named)
        cells = ids if column is None else contacts[column].fillna("").astype(str).tolist()
        made = [_key(kind, cell, country) for cell in cells]
        found[kind] = made
        if column is not None:
            unusable += [
                (customer, column, f"bad_{kind}", masked(cell))
                for customer, cell, key in zip(ids, cells, made, strict=True)
                if key is None and cell.strip()
            ]
    rows = pd.DataFrame({"customer_id": ids, **found}, index=ids, dtype=object)
    columns = ["customer_id", "column", "why", "masked"]
    return Keys(rows, pd.DataFrame(unusable, columns=columns, dtype=object))


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
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
