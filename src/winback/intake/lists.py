"""Opens the lists of people that consents and objections stand in, wherever the shop keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from winback.errors import UsageError
from winback.intake.cells import SPACES, file_literal
from winback.intake.containers import choose, is_called, unpacked
from winback.intake.databases import is_database, open_database
from winback.intake.findings import quoted
from winback.intake.folders import list_files
from winback.intake.objections import Objections, of_cells, of_rows, read_objections
from winback.intake.shapes import Wanted
from winback.intake.sources import is_frame, readable


def open_list(
    con: duckdb.DuckDBPyConnection, path: Path, scratch: Path, column: str | None
) -> Objections:  # fmt: skip
    """The people in a file: text of any kind, a sheet of a workbook, or Parquet."""
    return _opened(con, path, scratch, None, column)


def open_table(
    con: duckdb.DuckDBPyConnection, source: Any, table: str, scratch: Path, column: str | None
) -> Objections:  # fmt: skip
    """The people in a table that lies where the orders lie.

    A sheet of their workbook, a member of their archive, a file of their folder, or a table of
    their database.

    Raises:
        UsageError: there is none of that name.
    """
    if is_database(source):
        place = scratch / "beside"
        place.mkdir(exist_ok=True)
        opened = open_database(con, source, place, table=table)
        return _of_relation(con, opened.relation, opened.label, opened.shape.names)
    files = [] if is_frame(source) else list_files(source)
    named = [path for path in files if is_called(path.name, table)]
    if len(named) == 1:
        return _opened(con, named[0], scratch, None, column)
    if len(files) == 1 and not named:
        return _opened(con, files[0], scratch, table, column)
    raise UsageError(
        "intake.no_privacy_table", table=table,
        tables=quoted([path.name for path in named or files], most=10),
    )  # fmt: skip


def _opened(
    con: duckdb.DuckDBPyConnection, path: Path, scratch: Path, table: str | None,
    column: str | None,
) -> Objections:  # fmt: skip
    label = path.name
    with readable(label):
        place = scratch / "lists"
        place.mkdir(exist_ok=True)
        parts = unpacked(path, label, Wanted(table), place, True)
        if len(parts) > 1 or (table is not None and parts[0].path == path
                              and parts[0].kind != "workbook"):  # fmt: skip
            raise UsageError("intake.no_privacy_table", table=table or label, tables=())
        part = parts[0]
        if part.kind == "workbook":
            return of_cells(_cells(part.path, label, table), label, column)
        if part.kind == "parquet":
            return _of_parquet(con, part.path, label)
        return read_objections(part.path, label, column)


def _cells(path: Path, label: str, table: str | None) -> Iterator[list[str]]:
    """The rows of a sheet as text: the one that is named, or the only one."""
    import python_calamine as calamine

    with calamine.CalamineWorkbook.from_path(str(path)) as book:
        names = book.sheet_names
        (chosen, *_) = choose(names, names, Wanted(table), label, alone=True)
        for row in book.get_sheet_by_name(chosen).to_python():
            yield [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)


def _of_parquet(con: duckdb.DuckDBPyConnection, path: Path, label: str) -> Objections:
    import pyarrow.parquet as pq

    names = tuple(pq.read_schema(path).names)
    plain = ", ".join(f"c{i}" for i in range(len(names)))
    relation = f"(SELECT * FROM read_parquet({file_literal(path)}) t({plain}))"
    return _of_relation(con, relation, label, names)


def _of_relation(
    con: duckdb.DuckDBPyConnection, relation: str, label: str, names: tuple[str, ...]
) -> Objections:
    texts = ", ".join(f"trim(CAST(c{i} AS VARCHAR), $spaces)" for i in range(len(names)))
    rows = con.execute(f"SELECT {texts} FROM {relation}", {"spaces": SPACES}).fetchall()
    return of_rows(rows, label, names, len(names))
