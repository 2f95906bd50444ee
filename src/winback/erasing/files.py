"""Takes people out of one file, whatever kind it is by its content."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.erasing.person import ERASED, People
from winback.files import replacing
from winback.intake.cells import decoded

_ID_NAME = re.compile(
    r"(customer|klient|subscriber|contact|user|person|ext(ern(al)?)?)[ _-]?(unique)?[ _-]?"
    r"(id|key|no|number|ref)?|id|key",
    re.IGNORECASE,
)
# Of numbers that may look like a telephone's, and are the shop's own.
_NUMBERED = re.compile(
    r"(order|product|campaign|invoice|item)[ _-]?(id|no|number)|row_number|sku", re.IGNORECASE
)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_OPENED = re.compile(r'(?:^|[,;\t|^`])"', re.MULTILINE)
_PROBE = 1 << 14
_DELIMITERS = ",;\t|^`"
# No address and no number is as short.
_SHORTEST = 5
_TABLES = (".csv", ".tsv")

Noting = Callable[[str, str], None]
"""Is told the hash of a file as it was, and as it will be, before it is replaced."""


@dataclass(frozen=True)
class Removed:
    """What was taken out of a file: rows of a table, places of a text, or the file itself."""

    rows: int = 0
    places: int = 0
    whole: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows or self.places or self.whole)


def is_id_name(name: str, more: Sequence[str] = ()) -> bool:
    """Whether a column of that name holds ids of customers."""
    plain = name.strip().lstrip("\ufeff").strip('"')
    bare = re.sub(r"^wb_|__c$", "", plain, flags=re.IGNORECASE)
    return plain in more or _ID_NAME.fullmatch(bare) is not None


def holds(path: Path, people: People) -> bool:
    """Whether any of them stand in a file; it is only read."""
    return bool(_of_file(path, people, None))


def take_out(path: Path, people: People, noting: Noting, id_columns: Sequence[str] = ()) -> Removed:
    """Take them out of a file, which is replaced whole or stays; one of no known kind goes.

    Rows of Parquet and of CSV go, objects of JSON go, and in other texts what names them.
    """
    return _of_file(path, people, noting, id_columns)


def _of_file(
    path: Path, people: People, noting: Noting | None, id_columns: Sequence[str] = ()
) -> Removed:
    with path.open("rb") as stream:
        start = stream.read(_PROBE)
    if start.startswith(b"PAR1"):
        return _of_parquet(path, people, noting, id_columns)
    if start.startswith(b"PK\x03\x04"):
        return _gone(path, noting) if _in_archive(path, people) else Removed()
    content = path.read_bytes()
    if _BINARY.search(start) and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        named = people.is_in(content.decode("latin-1"), phones=False)
        return _gone(path, noting) if named else Removed()
    text, encoding, mark = _text_of(content)
    made, removed = _of_text(path, text, people, id_columns)
    if removed and noting is not None:
        put(path, mark + made.encode(encoding), noting)
    return removed


def _of_text(
    path: Path, text: str, people: People, id_columns: Sequence[str]
) -> tuple[str, Removed]:
    """The same text without them, by its kind."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            return _of_json(json.loads(text), text, people)
        except ValueError:
            if start == "{":
                return _of_json_lines(text, people)
    if path.suffix.lower() in _TABLES or (not path.suffix and _is_table(text)):
        found = rows_without(text, people, id_columns)
        return found.text, Removed(rows=len(found.lines))
    made, rows = _page_without(text, people) if start == "<" else (text, 0)
    made = people.without(made)
    return made, Removed(rows=rows, places=made.count(ERASED) - text.count(ERASED))


def put(path: Path, content: bytes, noting: Noting) -> None:
    """Replace a file whole, and tell of both hashes before."""
    with replacing(path, private=_is_private(path)) as new:
        new.write_bytes(content)
        noting(_hash(path), hashlib.sha256(content).hexdigest())


def _gone(path: Path, noting: Noting | None) -> Removed:
    if noting is not None:
        path.unlink()
    return Removed(whole=True)


def _is_private(path: Path) -> bool:
    return not path.stat().st_mode & 0o077


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- tables ----------------------------------------------------------------------------------


def _of_parquet(
    path: Path, people: People, noting: Noting | None, id_columns: Sequence[str]
) -> Removed:
    """Rows whose id is theirs go; of other rows only the cell that names them."""
    try:
        stored = pq.ParquetFile(path)
    except pa.ArrowException:
        # Half written when its run was killed: nothing can be read out of it.
        return _gone(path, noting)
    with stored:
        schema = stored.schema_arrow
        ids = [name for name in schema.names if is_id_name(name, id_columns)]
        texts = [field.name for field in schema if is_text(field.type) or field.name in ids]
        groups = range(stored.num_row_groups)
        found = [_found_in(stored.read_row_group(g, columns=texts), people, ids) for g in groups]
        removed = Removed(
            sum(pc.sum(mask).as_py() or 0 for mask, _ in found),
            sum(places for _, cells in found for _, places in cells.values()),
        )
        if not removed or noting is None:
            return removed
        codec = stored.metadata.row_group(0).column(0).compression.lower()
        codec = "none" if codec == "uncompressed" else codec
        with replacing(path, private=_is_private(path)) as new:
            with pq.ParquetWriter(new, schema, compression=codec) as writer:
                for group, (mask, cells) in zip(groups, found, strict=True):
                    table = stored.read_row_group(group)
                    for name, (column, _) in cells.items():
                        place = table.schema.get_field_index(name)
                        table = table.set_column(place, table.schema.field(place), column)
                    writer.write_table(table.filter(pc.invert(mask)))
            noting(_hash(path), _hash(new))
    return removed


def blank(path: Path, people: People, noting: Noting) -> Removed:
    """Empty the texts of their rows, where rows are known by their number and have to stay."""
    table = pq.read_table(path)
    mask, _ = _found_in(table, people, [n for n in table.column_names if is_id_name(n)])
    for place, field in enumerate(table.schema):
        if is_text(field.type):
            column = pc.if_else(mask, pa.scalar("", field.type), table[field.name])
            table = table.set_column(place, field, column)
    rows = pc.sum(mask).as_py() or 0
    if rows:
        with replacing(path, private=_is_private(path)) as new:
            pq.write_table(table, new)
            noting(_hash(path), _hash(new))
    return Removed(rows=rows)


Cells = dict[str, tuple[pa.ChunkedArray, int]]


def _found_in(table: pa.Table, people: People, ids: Sequence[str]) -> tuple[pa.ChunkedArray, Cells]:
    """Which rows are theirs, and of the other rows the columns that name them, without them."""
    mask = pa.chunked_array([pa.array([False] * table.num_rows, pa.bool_())])
    cells: Cells = {}
    for name in table.column_names:
        column = table[name]
        known = pc.unique(column.cast(pa.string())).drop_null().to_pylist()
        known = [cell for cell in known if people.may_be_in(cell)]
        if name in ids:
            theirs = [cell for cell in known if people.has_id(cell) or people.is_in(cell)]
            if theirs:
                mask = pc.or_(mask, _is_one_of(column, theirs))
            continue
        numbered = _NUMBERED.fullmatch(name) is not None
        named = {
            cell: people.without(cell, phones=not numbered, ids=False)
            for cell in known
            if "@" in cell or (not numbered and sum(map(str.isdigit, cell)) >= 7)
        }
        if not ids:
            # No row of a customer, who may be called the same: here a name is theirs.
            named |= {cell: people.without(cell) for cell in known if people.is_in(cell)}
        named = {cell: made for cell, made in named.items() if made != cell}
        if named and not ids:
            mask = pc.or_(mask, _is_one_of(column, list(named)))
        elif named:
            made = [named.get(cell, cell) for cell in column.cast(pa.string()).to_pylist()]
            places = pc.sum(pc.and_(_is_one_of(column, list(named)), pc.invert(mask))).as_py()
            cells[name] = (pa.chunked_array([pa.array(made, pa.string()).cast(column.type)]),
                           places or 0)  # fmt: skip
    return mask, cells


def _is_one_of(column: pa.ChunkedArray, cells: Sequence[str]) -> pa.ChunkedArray:
    return pc.is_in(column.cast(pa.string()), value_set=pa.array(cells, pa.string()))


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of Parquet holds text."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


@dataclass(frozen=True)
class Rows:
    """A table in text without people: its text, the lines on which theirs began, and their ids."""

    text: str
    lines: tuple[int, ...]
    ids: frozenset[str]


def rows_without(text: str, people: People, id_columns: Sequence[str] = ()) -> Rows:
    """A table in text without their rows; all other lines stay as they are, sign by sign.

    Args:
        text: the table; its first line names the columns, or is a row as well.
        people: whose rows go.
        id_columns: names of columns of ids, beside those that are known by their name.
    """
    kept: list[str] = []
    gone: list[int] = []
    found: set[str] = set()
    columns: Columns | None = None
    delimiter = ","
    for line, record in records(text):
        if columns is None:
            delimiter = max(_DELIMITERS, key=record.count)
            columns = Columns.of(cells_of(record, delimiter), id_columns)
            if not people.is_in(record):
                kept.append(record)
                continue
        if people.may_be_in(record) and columns.is_of(cells := cells_of(record, delimiter), people):
            gone.append(line)
            found |= {cells[n] for n in columns.ids if n < len(cells) and cells[n].strip()}
        else:
            kept.append(record)
    return Rows("".join(kept), tuple(gone), frozenset(found))


@dataclass(frozen=True)
class Columns:
    """Places of the columns of a table that hold ids of customers, or numbers of orders."""

    ids: tuple[int, ...]
    numbered: frozenset[int]

    @classmethod
    def of(cls, header: Sequence[str], id_columns: Sequence[str] = ()) -> Columns:
        """The columns by their names."""
        ids = tuple(n for n, name in enumerate(header) if is_id_name(name, id_columns))
        numbered = (n for n, name in enumerate(header) if _NUMBERED.fullmatch(name.strip()))
        return cls(ids, frozenset(numbered))

    def is_of(self, cells: Sequence[str], people: People) -> bool:
        """Whether a row is one of theirs."""
        if any(people.has_id(cells[n]) for n in self.ids if n < len(cells)):
            return True
        return any(
            people.is_in(cell, phones=n not in self.numbered, ids=n not in self.numbered)
            for n, cell in enumerate(cells)
            if len(cell) > _SHORTEST
        )


def records(text: str) -> Iterator[tuple[int, str]]:
    """The records of a table in text with the line each begins on; a quoted cell may hold ends."""
    begun, held = 1, ""
    for line, each in enumerate(io.StringIO(text, newline=""), 1):
        held += each
        # An odd number of quotes, one of which opens a cell: it goes on in the next line.
        if held.count('"') % 2 and _OPENED.search(held):
            continue
        yield begun, held
        begun, held = line + 1, ""
    if held:
        yield begun, held


def cells_of(record: str, delimiter: str) -> list[str]:
    """The cells of a record."""
    try:
        return next(csv.reader([record.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return record.split(delimiter)


def _is_table(text: str) -> bool:
    head = text[:_PROBE].splitlines()[:20]
    if len(head) < 2:
        return False
    sign = max(_DELIMITERS, key=head[0].count)
    widths = {line.count(sign) for line in head[:-1]}
    return len(widths) == 1 and 0 not in widths


# --- pages -----------------------------------------------------------------------------------

_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>\s*<t[hd]\b[^>]*>(.*?)</t[hd]>.*?</tr>\n?", re.DOTALL)
_HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
# What our pages call the column of customers, in each language.
_CUSTOMER = ("Customer", "Klient", "customer_id")


def _page_without(text: str, people: People) -> tuple[str, int]:
    """A page without the rows of its tables of customers that are theirs, and how many went."""
    gone = 0

    def of_row(row: re.Match[str]) -> str:
        nonlocal gone
        theirs = people.hides_behind(row.group(1))
        gone += theirs
        return "" if theirs else row.group()

    def of_table(table: re.Match[str]) -> str:
        head = _HEAD.search(table.group())
        of_customers = head is not None and head.group(1).strip() in _CUSTOMER
        return _ROW.sub(of_row, table.group()) if of_customers else table.group()

    return _TABLE.sub(of_table, text), gone


# --- texts -----------------------------------------------------------------------------------


def _text_of(content: bytes) -> tuple[str, str, bytes]:
    """The text of a file, its encoding and its mark."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if content.startswith(mark):
            return content[2:].decode(encoding, "surrogatepass"), encoding, mark
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    for encoding in ("utf-8", "cp1250"):
        try:
            return content[len(mark) :].decode(encoding), encoding, mark
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1", b""


def _of_json_lines(text: str, people: People) -> tuple[str, Removed]:
    """Each line for itself: one of which nothing stays goes."""
    made, removed = [], Removed()
    for line in text.splitlines(keepends=True):
        try:
            new, done = _of_json(json.loads(line), line, people)
        except ValueError:
            new = people.without(line)
            done = Removed(places=int(new != line))
        made.append(new)
        removed = Removed(removed.rows + done.rows, removed.places + done.places)
    return "".join(made), removed


def _of_json(content: Any, text: str, people: People) -> tuple[str, Removed]:
    """Objects of theirs go out of their lists, outputs of a notebook go whole."""
    counted = [0, 0]
    if isinstance(content, dict) and "cells" in content and "nbformat" in content:
        made = _of_notebook(content, people, counted)
    else:
        made = _cleaned(content, "", people, counted)
    if made is _NOBODY:
        return "", Removed(rows=max(counted[0], 1))
    if not any(counted):
        return text, Removed()
    end = "\n" if text.endswith("\n") else ""
    lines = text.strip().count("\n")
    indent = next((len(m) for m in re.findall(r"\n( +)", text[:_PROBE])), 2) if lines else None
    tight = lines == 0 and ", " not in text[:_PROBE] and '": ' not in text[:_PROBE]
    signs = (",", ":") if tight else None
    new = json.dumps(made, indent=indent, ensure_ascii=text.isascii(), separators=signs)
    return new + end, Removed(rows=counted[0], places=counted[1])


_NOBODY = object()


def _cleaned(value: object, name: str, people: People, counted: list[int]) -> object:
    """The same without them; :data:`_NOBODY` for what was about one of them alone."""
    if isinstance(value, dict):
        if any(is_id_name(k) and isinstance(v, str) and people.has_id(v) for k, v in value.items()):
            counted[0] += 1
            return _NOBODY
        cleaned = {
            people.without(key): _cleaned(each, key, people, counted) for key, each in value.items()
        }
        counted[1] += sum(key not in value for key in cleaned)
        return {key: each for key, each in cleaned.items() if each is not _NOBODY}
    if isinstance(value, list):
        found = [_cleaned(each, name, people, counted) for each in value]
        return [each for each in found if each is not _NOBODY]
    if isinstance(value, str):
        listed = re.search(r"customer|people|persons|\bids?\b|_ids?$", name) is not None
        if listed and people.has_id(value):
            counted[0] += 1
            return _NOBODY
        made = people.without(value)
        counted[1] += made != value
        return made
    return value


def _of_notebook(notebook: Any, people: People, counted: list[int]) -> object:
    """Outputs that show one of them go; what somebody wrote stays, without what names them."""
    cells = []
    for cell in notebook["cells"]:
        kept = []
        for output in cell.get("outputs", ()):
            text = json.dumps(output, ensure_ascii=False)
            of_people = is_about_people(text)
            if people.shows(text) if of_people else people.is_in(text):
                counted[0] += 1
            else:
                kept.append(output)
        cells.append({**cell, "outputs": kept} if "outputs" in cell else cell)
    return _cleaned({**notebook, "cells": cells}, "", people, counted)


def is_about_people(text: str) -> bool:
    """Whether a text shows a table of customers, in which a short number is one of them."""
    return "customer_id" in text


def _in_archive(path: Path, people: People) -> bool:
    """Whether a workbook or archive names one of them; ids as whole cells, however short."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                text = decoded(archive.read(name))
                cells = re.findall(r"<t[^<>]*>([^<>]{1,200})</t>", text)
                if people.is_in(text) or any(map(people.has_id, cells)):
                    return True
    except (zipfile.BadZipFile, RuntimeError, OSError):
        return False
    return False
