"""What a destination takes: the dialect of its files, its keys, and what must not be there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from winback.crm.fields import Field

Key = Literal["email", "phone", "customer_id"]


@dataclass(frozen=True)
class Dialect:
    """How a destination's importer wants a file.

    Attributes:
        separator, encoding, bom, line_end: of the file.
        quoted: ``minimal`` (RFC 4180), ``all`` or ``never`` (the sign goes from the value).
        empty: an unknown value.
        clear: what takes a value back in a file; None where no file can.
        day: of ``strftime``.
        decimal: the mark.
        flags: yes and no.
        most_bytes: of a text value, in UTF-8; None: no limit. ``most_chars`` likewise.
        most_columns, most_rows, most_file_bytes: a larger list is split, wider ones are refused.
        header_pattern: what a header must match whole.
    """

    separator: str = ","
    encoding: str = "utf-8"
    bom: bool = False
    line_end: str = "\n"
    quoted: Literal["minimal", "all", "never"] = "minimal"
    empty: str = ""
    clear: str | None = None
    day: str = "%Y-%m-%d"
    decimal: str = "."
    flags: tuple[str, str] = ("true", "false")
    most_bytes: int | None = None
    most_chars: int | None = None
    most_columns: int | None = None
    most_rows: int | None = None
    most_file_bytes: int | None = None
    header_pattern: str = r".{1,255}"


@dataclass(frozen=True)
class Destination:
    """A CRM, or a table, that lists go to.

    Attributes:
        name: in params.yaml and of the file, such as ``klaviyo``.
        label: as it is written, such as ``Klaviyo``.
        keys: by which it knows a person, the first that a row has; at least one is needed.
        key_headers: the header of each key in its files.
        dialect: of its files.
        fields: the neutral names that leave by default, in their order.
        header: the header, or property name, of a field; given the prefix of the shop.
        consent_headers: what must never be there, in lower case.
        for_ads: whether people need their consent to advertising.
        pushed: whether ``winback push`` speaks to it; else it gets files alone.
        verify: facts that no vendor's text settles, by the option that changes them.
    """

    name: str
    label: str
    keys: tuple[Key, ...]
    key_headers: Mapping[Key, str]
    dialect: Dialect
    fields: tuple[str, ...]
    header: Callable[[Field, str], str]
    consent_headers: tuple[str, ...] = ()
    for_ads: bool = False
    pushed: bool = False
    verify: Mapping[str, str] = field(default_factory=dict)
