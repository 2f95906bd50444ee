"""Loads opened files of one header into DuckDB, and mends what a stray quote broke."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

import duckdb

from winback.errors import WinbackError
from winback.intake.cells import file_literal, literal, one_row
from winback.intake.packed import LONGEST_ROW, is_packed, open_bytes
from winback.intake.plain import OPTIONS
from winback.intake.shapes import Shape, Source
from winback.intake.sources import readable


def load(
    con: duckdb.DuckDBPyConnection,
    sources: Sequence[tuple[int, Source]],
    table: str,
    wanted: Sequence[int],
    hashed: Sequence[int],
    scratch: Path,
    types: Mapping[int, str] | None = None,
) -> tuple[str, Mapping[int, str]]:
    """Give a relation with `file_no, src, line_hash` and the wanted columns `c<i>`.

    Text files are loaded into a DuckDB table of that name; Parquet files and frames
    stay where they are. Rows that do not split into the header's columns go to the
    table `rejected(file_no, row_no, problem)`. `types` are tried for columns of text
    files; those that all cells fit are given back.
    """
    line_hash = f"hash({', '.join(f'c{i}' for i in hashed)}) AS line_hash"
    picked = "".join(f", c{i}" for i in wanted)
    if sources[0][1].relation:
        for number, source in sources:
            if source.begins:
                con.execute("INSERT INTO file_starts VALUES (?, ?, ?)", [number, *source.begins])
            _reject(con, number, source, source.rejected)
        return (
            "("
            + " UNION ALL ".join(
                f"SELECT {number}::INTEGER AS file_no, src, {line_hash}{picked} "
                f"FROM {source.relation}"
                for number, source in sources
            )
            + ")",
            {},
        )
    for tried in (types, {}) if types else ({},):
        columns = "".join(f", c{i} {tried.get(i, 'VARCHAR')}" for i in wanted)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} (file_no INTEGER, line_hash UBIGINT{columns})"
        )
        try:
            for number, source in sources:
                with readable(source.label):
                    _load_text(con, number, source, table, line_hash, picked, scratch, tried)
        except _OtherwiseWritten:
            numbers = ", ".join(str(number) for number, _ in sources)
            for kept in ("file_starts", "rejected"):
                con.execute(f"DELETE FROM {kept} WHERE file_no IN ({numbers})")
        else:
            break
    return f"(SELECT *, rowid AS src FROM {table})", tried


class _OtherwiseWritten(Exception):
    """A cell is written otherwise than those that were looked at."""


def _load_text(
    con: duckdb.DuckDBPyConnection,
    number: int,
    source: Source,
    table: str,
    line_hash: str,
    picked: str,
    scratch: Path,
    types: Mapping[int, str],
) -> None:
    shape, path = source.shape, cast(Path, source.path)
    first = int(one_row(con, f"SELECT count(*) FROM {table}")[0])
    header_rows = shape.skip + shape.header
    compression = "gzip" if is_packed(path) else "none"
    columns = ", ".join(f"'c{i}': '{types.get(i, 'VARCHAR')}'" for i in range(len(shape.names)))
    formats = f"{OPTIONS}, " if types else ""
    # ="0042" keeps a spreadsheet from making a number of it.
    bare = ", ".join(
        f"CASE WHEN starts_with(c{i}, '=\"') THEN replace(regexp_replace(c{i}, "
        f"'^=\"((?s:.*))\"$', '\\1'), '\"\"', '\"') ELSE c{i} END AS c{i}"
        for i in sorted(shape.wrapped)
    )

    def read(path: Path, skip: int) -> list[tuple[int, str]]:
        rows = (
            f"read_csv({file_literal(path)}, auto_detect = false, columns = {{{columns}}}, "
            f"compression = '{compression}', "
            f"delim = {literal(shape.delimiter)}, quote = '\"', escape = '\"', "
            f"{formats}header = false, skip = {skip}, null_padding = false, "
            f"max_line_size = {LONGEST_ROW}, strict_mode = true, store_rejects = true, "
            "rejects_table = 'reject_errors', rejects_scan = 'reject_scans')"
        )
        rows = f"(SELECT * REPLACE ({bare}) FROM {rows})" if bare else rows
        con.execute(f"INSERT INTO {table} SELECT {number}, {line_hash}{picked} FROM {rows}")
        rejects = con.execute(
            "SELECT DISTINCT line, error_type::VARCHAR FROM reject_errors ORDER BY 1"
        ).fetchall()
        con.execute("DELETE FROM reject_errors; DELETE FROM reject_scans")
        return [(int(line), str(kind)) for line, kind in rejects]

    try:
        rejects = read(path, header_rows)
        broken = any(kind not in ("MISSING COLUMNS", "TOO MANY COLUMNS") for _, kind in rejects)
    except duckdb.Error:
        broken = True
    if broken and types:
        raise _OtherwiseWritten
    if broken:
        # One stray quote makes a strict parser swallow everything up to the next one.
        con.execute(f"DELETE FROM {table} WHERE rowid >= {first}")
        copy = scratch / f"mended{number}.csv"
        ragged = _mend(path, shape, copy, header_rows)
        first = int(one_row(con, f"SELECT coalesce(max(rowid) + 1, 0) FROM {table}")[0])
        read(copy, 0)
    else:
        ragged = sorted({line for line, _ in rejects})
    loaded = int(one_row(con, f"SELECT count(*) FROM {table} WHERE rowid >= {first}")[0])
    if len(ragged) > loaded:
        raise WinbackError(
            "intake.ragged", file=source.label, ragged=len(ragged), rows=len(ragged) + loaded,
            columns=len(shape.names),
        )  # fmt: skip
    con.execute("INSERT INTO file_starts VALUES (?, ?, ?)", [number, first, header_rows + 1])
    _reject(con, number, source, ragged)


def _reject(
    con: duckdb.DuckDBPyConnection, number: int, source: Source, rows: Sequence[int]
) -> None:
    if rows:
        import pyarrow as pa

        con.register("rejected_rows", pa.table({"row_no": pa.array(rows, pa.int64())}))
        con.execute(f"INSERT INTO rejected SELECT {number}, row_no FROM rejected_rows")
        con.unregister("rejected_rows")


def _mend(path: Path, shape: Shape, copy: Path, header_rows: int) -> list[int]:
    """Rewrite a file with stray quotes; give the row numbers of the rows left out."""
    width, ragged = len(shape.names), []
    packed = is_packed(path)
    with (
        io.TextIOWrapper(
            open_bytes(path, packed), "utf-8", errors="replace", newline=None
        ) as stream,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target, delimiter=shape.delimiter, quoting=csv.QUOTE_ALL)
        pending: list[str] = []
        number = 0
        while pending or (line := stream.readline()):
            record = pending.pop(0) if pending else line
            # Blank rows count above the table alone, as the skip does.
            if not record.strip("\r\n") and number >= header_rows:
                continue
            number += 1
            if len(record) > LONGEST_ROW // 4:
                ragged.append(number)
                continue
            row = next(csv.reader([record], delimiter=shape.delimiter), [])
            if record.count('"') % 2:
                ahead = [*pending, *islice(iter(stream.readline, ""), 30 - len(pending))]
                row, used = _quoted(record, ahead, shape.delimiter, width)
                pending = ahead[used:]
            if number <= header_rows:
                continue
            if len(row) != width and '\\"' in record:
                row = _unescaped(record, shape.delimiter, row)
            if len(row) == width + 1 and not row[-1]:
                row.pop()
            if len(row) == width:
                writer.writerow(row)
            else:
                ragged.append(number)
    return ragged


def _quoted(record: str, ahead: list[str], delimiter: str, width: int) -> tuple[list[str], int]:
    for used in range(1, len(ahead) + 1):
        lines = [record, *ahead[:used]]
        if sum(line.count('"') for line in lines) % 2 == 0:
            row = next(csv.reader(lines, delimiter=delimiter), [])
            if len(row) == width:
                return row, used
            break
    return record.rstrip("\r\n").split(delimiter), 0


def _unescaped(record: str, delimiter: str, row: list[str]) -> list[str]:
    """A row whose quotes stand behind a backslash, as MySQL writes them."""
    reader = csv.reader([record], delimiter=delimiter, escapechar="\\", doublequote=False)
    return next(reader, row)
