"""What a destination takes: the dialect of its files, its keys, and what must not be there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from winback.crm.fields import Field

Key = Literal["email", "phone", "customer_id"]
Value = str | int | float | bool
"""What an option can be set to."""


@dataclass(frozen=True)
class Dialect:
    """How a destination's importer wants a file.

    Attributes:
        separator, encoding, bom, line_end: of the file.
        quoted: ``minimal`` (RFC 4180), ``all`` or ``never`` (the sign goes from the value).
        empty: an unknown value.
        clear: what takes a value back in a file; None where no file can.
        day: of ``strftime``.
        day_ahead: of a day that may lie in the future; None: as ``day``.
        decimal: the mark.
        share: what a share is multiplied by, 1 or 100.
        decimals: of a share times that, and of any other number; money has two.
        flags: yes and no.
        least: a smaller number is written as this; None: as it is.
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
    day_ahead: str | None = None
    decimal: str = "."
    share: Literal[1, 100] = 1
    decimals: int = 4
    flags: tuple[str, str] = ("true", "false")
    least: float | None = None
    most_bytes: int | None = None
    most_chars: int | None = None
    most_columns: int | None = None
    most_rows: int | None = None
    most_file_bytes: int | None = None
    header_pattern: str = r".{1,255}"


@dataclass(frozen=True)
class Tag:
    """A word about a person in a column of tags, made of a field of few values.

    Attributes:
        field: its neutral name.
        pattern: what the tag is, with ``{}`` for the value.
        form: of the value: ``At Risk`` (``title``) or ``AT_RISK`` (``upper``).
    """

    field: str
    pattern: str
    form: Literal["title", "upper"]

    def of(self, value: str) -> str:
        """The tag of a value such as ``at_risk``."""
        made = value.upper() if self.form == "upper" else value.replace("_", " ").title()
        return self.pattern.format(made)


@dataclass(frozen=True)
class Option:
    """What a shop may say of a destination in ``export.options``.

    Attributes:
        default: what holds where it is not said.
        meaning: of it, for docs/destinations.md.
        values: it can have; empty: any of the default's type.
        changed: the destination under it; None where the sender alone asks for it.
        verified: whether a vendor's text settles the default.
    """

    default: Value
    meaning: str
    values: tuple[Value, ...] = ()
    changed: Callable[[Destination, Value], Destination] | None = None
    verified: bool = True


def as_written(key: str) -> str:
    """A key as it is."""
    return key


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
        why: of the fields that leave by default, for docs/destinations.md.
        allowed: the only fields that may leave; None: any.
        own: a pattern of headers, in lower case, that are the destination's own.
        all_keys: every key that a row has is written; else the first alone, since a second one
            would change what the destination knows of the person.
        email, phone: how a key is written; an empty one cannot be.
        tags, tags_header, tags_separator: a column of tags, where it takes them.
        tags_alone: whether a field leaves as a tag and has no column of its own.
        status_header: of a column that the importer demands and that is the shop's to fill.
        suffix: of its files.
        options: by name.
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
    why: str = ""
    allowed: tuple[str, ...] | None = None
    own: str = ""
    all_keys: bool = False
    email: Callable[[str], str] = as_written
    phone: Callable[[str], str] = as_written
    tags: tuple[Tag, ...] = ()
    tags_header: str = "Tags"
    tags_separator: str = ","
    tags_alone: bool = False
    status_header: str | None = None
    suffix: Literal[".csv", ".parquet"] = ".csv"
    options: Mapping[str, Option] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of its main file."""
        return self.name + self.suffix
