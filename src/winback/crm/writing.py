"""Typed rows become the files of a destination, in its dialect to the byte."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.crm.cells import clean_id, masked
from winback.crm.checked import headers_of
from winback.crm.destination import Destination, Dialect, Key
from winback.crm.destinations.headers import AHEAD
from winback.crm.fields import Field
from winback.formulas import clean_text

REJECTED = ("customer_id", "column", "rule", "value")
"""What of a row cannot leave and by which rule: ``bad_email``, ``bad_phone``, ``bad_id`` or, of
whole rows, `winback.crm.outgoing.Why`; the value is masked."""

_JOINERS = ("\u200d", "\ufe0e", "\ufe0f")


@dataclass(frozen=True)
class Written:
    """The files of some rows.

    Attributes:
        parts: the bytes of each file, one unless the destination takes smaller ones; each has
            the header.
        rows: how many people are in them.
        rejected: one row a person who could not be written: :data:`REJECTED`.
    """

    parts: tuple[bytes, ...]
    rows: int
    rejected: pd.DataFrame


@dataclass(frozen=True)
class Sheet:
    """What a file is made of.

    Attributes:
        target: the destination.
        fields: that leave, in their order.
        prefix: of the shop's, before each header.
        clearing: whether an unknown value is taken back there, and not left alone.
        statuses: what stands in :attr:`Destination.status_header`, by customer.
    """

    target: Destination
    fields: tuple[Field, ...]
    prefix: str
    clearing: bool = False
    statuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """Of the columns of fields, by their names."""
        return headers_of(self.target, self.fields, self.prefix)


def written(sheet: Sheet, people: pd.DataFrame, barred: pd.DataFrame | None = None) -> Written:
    """Write people in the dialect of a destination.

    Args:
        sheet: the destination and what leaves.
        people: ``customer_id``, ``email`` and ``phone``, and a column a field; the order of the
            rows is kept.
        barred: the keys of people who must get nothing: as a destination writes an address it
            can be theirs too.

    Returns:
        Its files. Rows without a key that can be written are rejected, never mended.
    """
    keys, rejected = _keys_written(sheet.target, people)
    taken: set[tuple[Key, str]] = set()
    if barred is not None and len(barred):
        taken |= {pair for row in _keys_written(sheet.target, barred)[0] for pair in row.items()}
    for n, customer in enumerate(people["customer_id"].astype(str)):
        if taken.isdisjoint(keys[n].items()):
            taken.update(keys[n].items())
        else:
            keys[n] = {}
            rejected.append((customer, "", "duplicate_key", ""))
    known = [n for n, row in enumerate(keys) if row]
    rows = people.iloc[known]
    own = [keys[n] for n in known]
    if sheet.target.suffix == ".parquet":
        parts: tuple[bytes, ...] = (_parquet(sheet, rows),)
    else:
        parts = tuple(_split(sheet.target.dialect, _lines(sheet, rows, own)))
    table = pd.DataFrame(rejected, columns=list(REJECTED), dtype=object)
    return Written(parts, len(rows), table)


def cell(value: Any, kind: Field, dialect: Dialect, *, clearing: bool = False) -> str:
    """One value as it stands in a file.

    Args:
        value: of the field's type, or None.
        kind: the field.
        dialect: of the destination.
        clearing: whether an unknown value is taken back.
    """
    unknown = dialect.clear if clearing and dialect.clear is not None else dialect.empty
    if value is None or value != value:
        return unknown
    match kind.kind:
        case "text":
            return _text(str(value), dialect) or unknown
        case "flag":
            return dialect.flags[0 if value else 1]
        case "day":
            ahead = dialect.day_ahead if kind.name in AHEAD else None
            return str(value.strftime(ahead or dialect.day))
        case "whole":
            return str(round(_least(float(value), dialect)))
        case "money":
            return _number(_least(float(value), dialect), 2, dialect) or unknown
        case "share":
            return _number(float(value) * dialect.share, dialect.decimals, dialect) or unknown
        case "number":
            return _number(_least(float(value), dialect), dialect.decimals, dialect) or unknown


def text_within(text: str, dialect: Dialect) -> str:
    """A text cut to what the dialect takes, at a whole character with all its marks."""
    short = text if dialect.most_chars is None else text[: dialect.most_chars]
    if dialect.most_bytes is not None:
        short = short.encode()[: dialect.most_bytes].decode(errors="ignore")
    if len(short) == len(text):
        return text
    # What belongs to the last character must not be left behind, nor half of a joined picture.
    cut = len(short)
    while cut and (_joins(text[cut]) or text[cut - 1] == "\u200d"):
        cut -= 1
    return text[:cut].rstrip()


def _joins(sign: str) -> bool:
    return sign in _JOINERS or unicodedata.combining(sign) > 0


def _text(text: str, dialect: Dialect) -> str:
    plain = clean_text(unicodedata.normalize("NFC", text))
    if dialect.quoted == "never":
        for sign in (dialect.separator, '"', "\u2028", "\u2029", "\x85"):
            plain = plain.replace(sign, " ")
        plain = " ".join(plain.split(" ")).strip()
    if dialect.clear and plain == dialect.clear:
        # A text must not take itself back.
        plain = plain.lstrip("#")
    return clean_text(text_within(plain, dialect))


def _least(number: float, dialect: Dialect) -> float:
    return number if dialect.least is None else max(number, dialect.least)


def _number(number: float, places: int, dialect: Dialect) -> str:
    if not math.isfinite(number):
        return ""
    return f"{round(number, places) + 0.0:.{places}f}".replace(".", dialect.decimal)


# --- keys ------------------------------------------------------------------------------------


def _keys_written(
    target: Destination, people: pd.DataFrame
) -> tuple[list[dict[Key, str]], list[tuple[str, str, str, str]]]:
    """What is written of each person's keys, nothing where none can be; and why not."""
    found: list[dict[Key, str]] = []
    rejected: list[tuple[str, str, str, str]] = []
    columns = {key: people[key].astype(object).tolist() for key in target.keys}
    write = {"email": target.email, "phone": target.phone, "customer_id": clean_id}
    rules = {"email": "bad_email", "phone": "bad_phone", "customer_id": "bad_id"}
    for n, customer in enumerate(people["customer_id"].astype(str)):
        row: dict[Key, str] = {}
        refused: list[tuple[str, str, str, str]] = []
        for key in target.keys:
            value = columns[key][n]
            if not isinstance(value, str) or not value or (row and not target.all_keys):
                continue
            as_written = write[key](value)
            if as_written:
                row[key] = as_written
            else:
                refused.append((customer, key, rules[key], masked(value)))
        # An id alone tells an ads platform nothing of who somebody is.
        if target.for_ads and set(row) <= {"customer_id"}:
            row = {}
        if not row:
            rejected += refused or [(customer, target.keys[0], "no_key", "")]
        found.append(row)
    return found, rejected


# --- text ------------------------------------------------------------------------------------


def _lines(sheet: Sheet, rows: pd.DataFrame, keys: Sequence[dict[Key, str]]) -> Iterator[bytes]:
    """The header, then each row, as bytes with their line end."""
    target, dialect, headers = sheet.target, sheet.target.dialect, sheet.headers
    used = [key for n, key in enumerate(target.keys) if n == 0 or any(key in row for row in keys)]
    tags = [tag for tag in target.tags if tag.field in rows.columns]
    tags = [tag for tag in tags if tag.field in {each.name for each in sheet.fields}]
    columns = {
        each.name: _cells(rows[each.name].astype(object).tolist(), each, sheet)
        for each in sheet.fields
        if each.name in headers
    }
    tagged = {tag.field: rows[tag.field].astype(object).tolist() for tag in tags}
    encode = _Encoder(dialect)
    yield encode.row([
        *(target.key_headers[key] for key in used),
        *([target.status_header] if target.status_header else []),
        *headers.values(),
        *([target.tags_header] if tags else []),
    ])  # fmt: skip
    for n, customer in enumerate(rows["customer_id"].astype(str)):
        found = [tag.of(tagged[tag.field][n]) for tag in tags if tagged[tag.field][n]]
        yield encode.row([
            *(keys[n].get(key, "") for key in used),
            *([sheet.statuses.get(customer, "")] if target.status_header else []),
            *(columns[name][n] for name in headers),
            *([target.tags_separator.join(found)] if tags else []),
        ])  # fmt: skip


def _cells(values: Sequence[Any], kind: Field, sheet: Sheet) -> list[str]:
    """A column as it stands in the file; most columns hold few values, and each is made once."""
    made: dict[Any, str] = {}
    for value in values:
        if value not in made:
            made[value] = cell(value, kind, sheet.target.dialect, clearing=sheet.clearing)
    return [made[value] for value in values]


class _Encoder:
    """One line at a time, as bytes."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._text = io.StringIO()
        quoting = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "never": csv.QUOTE_NONE}
        self._writer = csv.writer(
            self._text, delimiter=dialect.separator, lineterminator=dialect.line_end,
            quoting=quoting[dialect.quoted],  # type: ignore[arg-type]
        )  # fmt: skip

    def row(self, cells: Sequence[str]) -> bytes:
        self._text.seek(0)
        self._text.truncate()
        self._writer.writerow(cells)
        return self._text.getvalue().encode(self._dialect.encoding)


def _split(dialect: Dialect, lines: Iterator[bytes]) -> Iterator[bytes]:
    """Files of as many whole lines as one may have, each with the header."""
    header = next(lines)
    if dialect.bom:
        header = "\ufeff".encode(dialect.encoding) + header
    held, size, rows = [header], len(header), 0
    for line in lines:
        full = dialect.most_rows is not None and rows >= dialect.most_rows
        heavy = dialect.most_file_bytes is not None and size + len(line) > dialect.most_file_bytes
        if rows and (full or heavy):
            yield b"".join(held)
            held, size, rows = [header], len(header), 0
        held.append(line)
        size += len(line)
        rows += 1
    yield b"".join(held)


# --- tables ----------------------------------------------------------------------------------

_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(), "whole": pa.int64(), "number": pa.float64(),
    "money": pa.decimal128(14, 2), "share": pa.float64(), "day": pa.date32(), "flag": pa.bool_(),
}  # fmt: skip


def _parquet(sheet: Sheet, rows: pd.DataFrame) -> bytes:
    """UTF-8 text, decimals for money, days without a time; zstd."""
    headers = sheet.headers
    columns: dict[str, pa.Array] = {
        sheet.target.key_headers["customer_id"]: pa.array(
            rows["customer_id"].astype(str).tolist(), pa.string()
        )
    }
    for each in sheet.fields:
        values = [_plain(value, each) for value in rows[each.name].astype(object)]
        columns[headers[each.name]] = pa.array(values, _TYPES[each.kind])
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return sink.getvalue()


def _plain(value: Any, kind: Field) -> str | int | float | date | bool | Decimal | None:
    """A value as its type has it; texts in one line, as in every other file."""
    if value is None or value != value:
        return None
    match kind.kind:
        case "text":
            return clean_text(str(value)) or None
        case "money":
            number = float(value)
            return Decimal(f"{number + 0.0:.2f}") if math.isfinite(number) else None
        case "whole":
            return round(float(value))
        case "share" | "number":
            return round(float(value), 4) if math.isfinite(float(value)) else None
        case "day" | "flag":
            found: date | bool = value
            return found


_SQL_TYPES = {
    "text": "text", "whole": "integer", "number": "double precision", "money": "numeric(14,2)",
    "share": "numeric(6,5)", "day": "date", "flag": "boolean",
}  # fmt: skip


def table_sql(sheet: Sheet, file: str, table: str) -> str:
    """SQL for psql that makes the table where it is not there and upserts the file into it.

    Rows that are the same already are left untouched.

    Args:
        sheet: what leaves.
        file: name of the CSV beside it.
        table: its name.
    """
    key = sheet.target.key_headers["customer_id"]
    names = [sheet.headers[each.name] for each in sheet.fields]
    kinds = [f"{sheet.headers[each.name]} {_SQL_TYPES[each.kind]}" for each in sheet.fields]
    every = ", ".join([key, *names])
    now = ", ".join(f"{name} = excluded.{name}" for name in names)
    old = ", ".join(f"held.{name}" for name in names)
    new = ", ".join(f"excluded.{name}" for name in names)
    return "\n".join([
        "\\set ON_ERROR_STOP on",
        f"create table if not exists {table} (\n  {key} text primary key,",
        ",\n".join(f"  {kind}" for kind in kinds) + "\n);",
        "begin;",
        f"create temporary table incoming (like {table}) on commit drop;",
        f"\\copy incoming ({every}) from '{file}' with (format csv, header true, encoding 'UTF8')",
        f"insert into {table} as held ({every}) select {every} from incoming",
        f"on conflict ({key}) do update set {now}",
        f"where ({old}) is distinct from ({new});",
        "commit;",
        "",
    ])  # fmt: skip
