"""Orders out of a shop's database, opened as a typed source.

Rows come in batches and lie as Parquet in the scratch folder before they are read, so that what
does not fit into memory is read all the same, and money is what the database holds, to its last
digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from winback.errors import EmptyTable, UsageError
from winback.intake.connections import (
    NARROW,
    WIDE,
    Answer,
    DatabaseTable,
    Place,
    kind_of_file,
    open_session,
    place_of,
    told,
)
from winback.intake.shapes import Source
from winback.intake.sources import open_files
from winback.params import is_url

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_MARKS = 1000


def is_database(source: Any) -> bool:
    """Whether orders are to be read from a database, by its address or by its file."""
    if not isinstance(source, str | Path):
        return False
    return is_url(str(source)) or kind_of_file(Path(source)) is not None


def open_database(
    con: duckdb.DuckDBPyConnection, source: str | Path, scratch: Path,
    *, table: str | None = None, query: str | None = None,
) -> Source:  # fmt: skip
    """Fetch what a query gives, or all of a table, and open it as a typed source.

    Args:
        con: where it is going to be read.
        source: ``postgresql://host/database`` (also ``mysql``, ``mariadb``, ``sqlite``,
            ``duckdb``), or a file of SQLite or DuckDB.
        scratch: folder for the rows.
        table: ``table`` or ``schema.table``; None where there is one alone, or a query.
        query: SQL that gives the lines.

    Raises:
        UsageError: a password in the address, no such table, or several and none named.
        WinbackError: no connection, no login, SQL that the database refuses, or no rows.
    """
    place = place_of(source)
    if table and query:
        raise UsageError("databases.table_and_query")
    with open_session(place) as session:
        label = place.name
        if query is None:
            chosen = _chosen(session.tables(), table, place)
            label = f"{place.name}.{_shown(chosen)}"
            parts = [part for part in chosen[:2] if part]
            query = f"SELECT * FROM {'.'.join(map(session.quoted, parts))}"
        answer = session.ask(_statement(query))
        path = scratch / "database.parquet"
        digits = _store(answer, path)
    if digits is None:
        raise EmptyTable("intake.no_rows", file=label)
    (opened,) = open_files(con, [path], scratch)
    return _exact(replace(opened, label=label), digits)


def watermark(source: str, query: str) -> list[dict[str, str | None]]:
    """What a cheap query says of how far a database has come, as text by column.

    Raises what `open_database` does.
    """
    place = place_of(source)
    with open_session(place) as session:
        answer = session.ask(_statement(query))
        rows: list[dict[str, str | None]] = []
        for batch in answer.batches:
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                cells = (None if cell is None else str(cell) for cell in row)
                rows.append(dict(zip(answer.names, cells, strict=True)))
            if len(rows) > _MOST_MARKS:
                raise UsageError("databases.long_watermark", most=_MOST_MARKS)
    return rows


# --- which table ---------------------------------------------------------------------------------


def _shown(table: DatabaseTable) -> str:
    schema, name, bare = table
    return name if bare or not schema else f"{schema}.{name}"


def _chosen(tables: Sequence[DatabaseTable], wanted: str | None, place: Place) -> DatabaseTable:
    """The table that is meant; upper and lower case matter only where two differ by them."""
    shown = tuple(map(_shown, tables))
    if wanted is None:
        if len(tables) == 1:
            return tables[0]
        code = "databases.which_table" if tables else "databases.no_tables"
        raise UsageError(code, place=told(place), tables=shown[:20])

    def fold(text: str) -> str:
        return text.replace('"', "").replace("`", "").strip().casefold()

    def spelled(table: DatabaseTable) -> tuple[str, ...]:
        whole = f"{table[0]}.{table[1]}"
        return (whole, table[1]) if table[2] else (whole,)

    for like in (str, fold):
        found = [each for each in tables if like(wanted) in map(like, spelled(each))]
        if len(found) == 1:
            return found[0]
    close = get_close_matches(wanted.casefold(), {each.casefold(): each for each in shown}, n=1)
    near = next((each for each in shown if close and each.casefold() == close[0]), None)
    code = "databases.no_table_but" if near else "databases.no_table"
    raise UsageError(code, place=told(place), table=wanted, near=near, tables=shown[:20])


def _statement(query: str) -> str:
    """One statement, as it can stand in brackets: without the semicolon at its end."""
    return query.strip().rstrip("; \t\r\n")


# --- rows, stored and opened ------------------------------------------------------------------


def _store(answer: Answer, path: Path) -> dict[int, tuple[int, int] | None] | None:
    """Write the rows as Parquet; None where there are none.

    Gives for each number of any scale the most digits before and behind the point, or None where
    one is no plain number.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    digits: dict[int, tuple[int, int] | None] = {at: (1, 0) for at in answer.exact}
    writer: pq.ParquetWriter | None = None
    names = _distinct(answer.names)
    try:
        for batch in answer.batches:
            if not batch.num_rows:
                continue
            stored = pa.RecordBatch.from_arrays(batch.columns, names=names)
            if writer is None:
                writer = pq.ParquetWriter(path, stored.schema, compression="snappy")
            writer.write_batch(stored)
            for at in answer.exact:
                digits[at] = _most_digits(batch.column(at), digits[at])
    finally:
        if writer is not None:
            writer.close()
    return None if writer is None else digits


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that Parquet can tell apart; whoever opens the file numbers them its own way."""
    found: list[str] = []
    for name in names:
        new, number = name, 1
        while new.lower() in map(str.lower, found):
            number += 1
            new = f"{name} ({number})"
        found.append(new)
    return found


def _most_digits(numbers: pa.Array, before: tuple[int, int] | None) -> tuple[int, int] | None:
    """The most digits before and behind the point, of these and of those before."""
    import pyarrow.compute as pc

    if before is None or numbers.null_count == len(numbers):
        return before
    if not pc.all(pc.match_substring_regex(numbers, r"^-?\d+(\.\d+)?$|^-?[A-Za-z]+$")).as_py():
        return None
    point, long = pc.find_substring(numbers, "."), pc.utf8_length(numbers)
    behind = pc.if_else(pc.less(point, 0), 0, pc.subtract(pc.subtract(long, point), 1))
    whole = pc.if_else(pc.less(point, 0), long, point)
    return max(before[0], pc.max(whole).as_py()), max(before[1], pc.max(behind).as_py())


def _exact(opened: Source, digits: Mapping[int, tuple[int, int] | None]) -> Source:
    """The same source with its numbers of any scale as decimals, where thirty-eight digits do."""
    types, casts = list(opened.shape.types), []
    for at, most in digits.items():
        if most is None or sum(most) > WIDE:
            continue
        width = NARROW if sum(most) <= NARROW else WIDE
        types[at] = f"DECIMAL({width},{most[1]})"
        casts.append(f"TRY_CAST(c{at} AS {types[at]}) AS c{at}")
    if not casts:
        return opened
    relation = f"(SELECT * REPLACE ({', '.join(casts)}) FROM {opened.relation})"
    return replace(opened, shape=replace(opened.shape, types=tuple(types)), relation=relation)
