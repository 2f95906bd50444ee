"""A database for other people's SQL: nothing outside of it, no clock, no chance, an end in time."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from winback.errors import UsageError
from winback.results.base import Json

if TYPE_CHECKING:
    import duckdb

_CLOCK = re.compile(r"current_\w+|localtime\w*|rowid", re.IGNORECASE)  # written like columns
_MEMORY = "2GB"
_ROWS_FROM = {"unnest", "range", "generate_series"}


def open_sealed() -> duckdb.DuckDBPyConnection:
    """A connection that reaches no file, no network, no extension and no variable of ours.

    One thread keeps the rows in order; nothing is spilled to the disk.
    """
    import duckdb

    con = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": _MEMORY,
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        }
    )
    # In this order: what comes first could not be set after the last.
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


@contextmanager
def within(con: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Whatever the connection does inside is interrupted after so many seconds."""
    watch = threading.Timer(seconds, con.interrupt)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def refuse_outside(con: duckdb.DuckDBPyConnection, sql: str, table: str) -> None:
    """Raise UsageError where a query names more than one table, or what changes when asked again.

    Args:
        con: of `open_sealed`.
        sql: a query, as its owner wrote it.
        table: the one that it may read.
    """
    import json

    said = con.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    tree = json.loads(said[0][0])
    if tree["error"]:
        raise UsageError(
            "snapshots.custom_no_query", sql=sql, why=tree["error_message"].splitlines()[0]
        )
    if len(tree["statements"]) != 1:
        raise UsageError("snapshots.custom_queries", sql=sql, found=len(tree["statements"]))
    found = next(_outside(con, tree, {table, *_named(tree)}), None)
    if found:
        raise UsageError("snapshots.custom_outside", sql=sql, found=found, table=table)


def _named(tree: Json) -> Iterator[str]:
    """The names that a query gives to parts of its own (WITH)."""
    if isinstance(tree, list):
        for part in tree:
            yield from _named(part)
    if isinstance(tree, dict):
        entries = tree.get("cte_map")
        for entry in entries["map"] if isinstance(entries, dict) else ():
            yield entry["key"].lower()
        for part in tree.values():
            yield from _named(part)


def _outside(con: duckdb.DuckDBPyConnection, tree: Json, tables: set[str]) -> Iterator[str]:
    if isinstance(tree, list):
        for part in tree:
            yield from _outside(con, part, tables)
    if not isinstance(tree, dict):
        return
    kind, node = tree.get("type"), tree.get("class")
    if kind == "BASE_TABLE":
        schema, name = tree.get("schema_name") or "", str(tree["table_name"])
        if schema or name.lower() not in tables:
            yield f"{schema}.{name}" if schema else name
        if tree.get("sample"):
            yield "TABLESAMPLE"
    elif kind == "TABLE_FUNCTION":
        function = tree.get("function")
        name = str(function.get("function_name")) if isinstance(function, dict) else ""
        if name.lower() not in _ROWS_FROM:
            yield f"{name}()"
    elif kind == "SELECT_NODE" and tree.get("sample"):
        yield "USING SAMPLE"
    if node == "COLUMN_REF" and is_clock(str(tree["column_names"][-1])):
        yield str(tree["column_names"][-1])
    if node == "FUNCTION":
        yield from changing(con, tree)
    for part in tree.values():
        yield from _outside(con, part, tables)


def is_clock(name: str) -> bool:
    """Whether a name that is written like a column is the time, or a place in a file."""
    return bool(_CLOCK.fullmatch(name))


def changing(con: duckdb.DuckDBPyConnection, call: Mapping[str, Json]) -> Iterator[str]:
    """The name of a called function whose value another call may change."""
    name = str(call["function_name"]).lower()
    # DuckDB calls these the same whenever asked; an age of one argument is that of today.
    arguments = call.get("arguments")
    alone = isinstance(arguments, list) and len(arguments) < 2
    if is_clock(name) or (name == "age" and alone):
        yield f"{name}()"
    known = con.execute(
        "SELECT DISTINCT stability FROM duckdb_functions() WHERE lower(function_name) = ? "
        "AND function_type = 'scalar'", [name],
    ).fetchall()  # fmt: skip
    if any(stability != "CONSISTENT" for (stability,) in known):
        yield f"{name}()"
