"""What the shop asks to leave, checked before anything is computed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from winback.crm.cells import contact_kind
from winback.crm.destination import Destination
from winback.crm.destinations import destination
from winback.crm.fields import FIELDS, Field
from winback.crm.keys import key_column
from winback.errors import UsageError
from winback.params import ExportSettings


def destinations_of(settings: ExportSettings) -> tuple[Destination, ...]:
    """The destinations of ``export``, each once, as the shop's options make them."""
    for name in (*settings.options, *settings.columns):
        destination(name)
    return tuple(
        destination(name, settings.options.get(name))
        for name in dict.fromkeys(settings.destinations)
    )


def fields_of(target: Destination, settings: ExportSettings) -> tuple[Field, ...]:
    """What leaves to a destination: the columns of ``export.columns``, else its own allow-list.

    Raises:
        UsageError: a column cannot leave, or cannot leave there.
    """
    names = settings.columns.get(target.name, target.fields)
    allowed = FIELDS if target.allowed is None else target.allowed
    for name in names:
        if name not in allowed:
            near = difflib.get_close_matches(name, allowed, 1, 0.5)
            if near:
                raise UsageError(
                    "crm.no_field_like", destination=target.name, column=name, nearest=near[0]
                )
            raise UsageError(
                "crm.no_field", destination=target.name, column=name, known=tuple(allowed)
            )
    return tuple(FIELDS[name] for name in dict.fromkeys(names) if name in FIELDS)


def headers_of(target: Destination, fields: Iterable[Field], prefix: str) -> dict[str, str]:
    """The header of each field at a destination, by the field's name.

    Raises:
        UsageError: a header would hide one of the destination's own or touch a consent, is too
            long for it, or is another's too.
    """
    found: dict[str, str] = {}
    for field in () if target.tags_alone else fields:
        header = target.header(field, prefix)
        low = header.lower()
        if low in target.consent_headers or (target.own and re.fullmatch(target.own, low)):
            raise UsageError("crm.header_taken", destination=target.label, header=header)
        if not re.fullmatch(target.dialect.header_pattern, header):
            raise UsageError("crm.header_form", destination=target.label, header=header)
        if low in (other.lower() for other in found.values()):
            raise UsageError("crm.header_twice", destination=target.label, header=header)
        found[field.name] = header
    most = target.dialect.most_columns
    if most is not None and len(found) > most:
        raise UsageError(
            "crm.too_many_columns", destination=target.name, found=len(found), most=most
        )
    return found


def check_export(
    settings: ExportSettings, contact_columns: Sequence[str], *, customer: str | None = None,
    ads_consent: bool = False,
) -> None:  # fmt: skip
    """Refuse what no file could be made of.

    Args:
        settings: ``export``.
        contact_columns: ``ingest.contact_columns``.
        customer: the column of the customer where it is named: ids can be addresses.
        ads_consent: whether anything says who has consented to ads platforms.

    Raises:
        UsageError: a destination, column or option is unknown; no contact column holds a key
            that a destination knows people by; a header would hide another; or ads are asked
            for and nobody says who has consented to them.
    """
    for key in ("email", "phone"):
        named = getattr(settings, key)
        if named is not None and named not in contact_columns:
            raise UsageError("crm.no_contact_column", key=key, column=named)
    for name, options in settings.options.items():
        column = options.get("status_column")
        if column and column not in contact_columns:
            raise UsageError(
                "crm.no_contact_column", key=f"options.{name}.status_column", column=column
            )
    named_ids = "" if customer is None else contact_kind(customer)
    for target in destinations_of(settings):
        headers_of(target, fields_of(target, settings), settings.prefix)
        if target.for_ads and not ads_consent:
            raise UsageError("crm.no_ads_consent", destination=target.label)
        keys = [key for key in target.keys if key != "customer_id"]
        has = "customer_id" in target.keys and not target.for_ads
        if (
            not has
            and named_ids not in keys
            and not any(
                key_column(list(contact_columns), key, getattr(settings, key)) for key in keys
            )
        ):
            if "phone" in keys:
                raise UsageError("crm.no_email_or_phone", destination=target.label)
            raise UsageError("crm.no_email", destination=target.label)
