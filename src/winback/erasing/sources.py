"""Where people stand in a shop's own files: which lines, and how such a file is written without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from winback.erasing.files import Columns, Noting, is_text, rows_without, take_out
from winback.erasing.person import People
from winback.errors import WinbackError
from winback.intake.packed import is_packed, magic, open_bytes
from winback.intake.texts import open_text

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True)
class Standing:
    """Where people stand in a file.

    Attributes:
        rows: the rows as quarantine.csv counts them: the header is row 1.
        ids: what stands in the column of customers there.
    """

    rows: tuple[int, ...] = ()
    ids: frozenset[str] = frozenset()


def standing(path: Path, people: People, id_columns: Sequence[str] = ()) -> Standing | None:
    """Where they stand; None where the file is of a kind that is not looked into.

    Args:
        path: a file of the shop: CSV or other text, packed by gzip or not, Parquet, a workbook.
        people: whom to look for.
        id_columns: headers of columns that hold ids of customers.
    """
    start = magic(path)
    if start.startswith(b"PAR1"):
        return _in_parquet(path, people, id_columns)
    if start.startswith((_ZIP, _OLD_OFFICE)):
        known = path.suffix.lower() in _WORKBOOKS
        return _in_workbook(path, people, id_columns) if known else None
    try:
        encoding = open_text(path, path.name).encoding
    except WinbackError:
        return None
    with open_bytes(path, is_packed(path)) as stream:
        content = stream.read().decode(encoding, errors="replace").lstrip("\ufeff")
    found = rows_without(content, people, id_columns)
    return Standing(found.lines, found.ids)


def may_be_rewritten(path: Path) -> bool:
    """Whether a file can be written again without people: Parquet, and text not packed."""
    start = magic(path)
    packed = start.startswith((_ZIP, _OLD_OFFICE)) or is_packed(path)
    return start.startswith(b"PAR1") or not packed


def rewrite(path: Path, people: People, noting: Noting, id_columns: Sequence[str]) -> bool:
    """Write a shop's own file again without them; whether that could be done."""
    return may_be_rewritten(path) and bool(take_out(path, people, noting, id_columns))


def _in_parquet(path: Path, people: People, id_columns: Sequence[str]) -> Standing:
    stored = pq.ParquetFile(path)
    with stored:
        schema = stored.schema_arrow
        texts = [n for n, field in enumerate(schema) if is_text(field.type)]
        numbers = [n for n, field in enumerate(schema) if n not in texts]
        columns = Columns.of(schema.names, id_columns)
        asked = [n for n in range(len(schema)) if n not in numbers or n in columns.ids]
        names = [schema.names[n] for n in asked]
        columns = Columns.of(names, id_columns)
        rows = (
            (begun + n, [_as_text(cell) for cell in cells])
            for begun, batch in _numbered(stored, names)
            for n, cells in enumerate(zip(*batch, strict=True))
        )
        return _among(rows, columns, people)


def _numbered(stored: pq.ParquetFile, names: Sequence[str]) -> Iterable[tuple[int, list[Any]]]:
    """The columns of each batch, and the row that its first is: the header counts as the first."""
    row = 2
    for batch in stored.iter_batches(columns=list(names)):
        yield row, [column.to_pylist() for column in batch.columns]
        row += batch.num_rows


def _in_workbook(path: Path, people: People, id_columns: Sequence[str]) -> Standing | None:
    import python_calamine as calamine

    found = Standing()
    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            for name in book.sheet_names:
                rows = [
                    [_as_text(cell) for cell in row]
                    for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                ]
                if rows:
                    columns = Columns.of(rows[0], id_columns)
                    here = _among(enumerate(rows[1:], 2), columns, people)
                    found = Standing((*found.rows, *here.rows), found.ids | here.ids)
    except calamine.CalamineError:
        return None
    return found


def _among(rows: Iterable[tuple[int, Sequence[str]]], columns: Columns, people: People) -> Standing:
    theirs = [(row, cells) for row, cells in rows if columns.is_of(cells, people)]
    ids = {cells[n] for _, cells in theirs for n in columns.ids if n < len(cells) and cells[n]}
    return Standing(tuple(row for row, _ in theirs), frozenset(ids))


def _as_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
