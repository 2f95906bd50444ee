"""Reads JSON objects, one a line, in an array or one after another, as columns of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from winback.errors import EmptyTable, WinbackError
from winback.intake.cells import file_literal, literal
from winback.intake.containers import choose, took
from winback.intake.packed import is_packed, open_bytes
from winback.intake.shapes import Wanted, distinct_names
from winback.results.base import Fact

_MOST_KEYS = 2000
_WHOLE = {"BIGINT", "UBIGINT"}
_NEXT = re.compile(r"[\s,\[\]]*")


@dataclass(frozen=True)
class Records:
    """A Parquet file with the columns ``c0``… and ``src`` (the place among the objects, from 0).

    ``rejected`` are the numbers, from 1, of what is no object.
    """

    path: Path
    names: tuple[str, ...]
    rejected: tuple[int, ...]
    understood: tuple[Fact, ...] = ()


def read_records(
    con: duckdb.DuckDBPyConnection, path: Path, label: str, wanted: Wanted, place: Path,
    *, alone: bool,
) -> Records:  # fmt: skip
    """Write the objects of a file as a table: a key is a column, one of an inner object ``a.b``.

    Numbers become numbers where a key has nothing else; what is deeper stays JSON.
    """
    understood: list[Fact] = []
    if not _is_one_a_line(path):
        path, understood = _one_a_line(path, label, wanted, place.with_suffix(".jsonl"), alone)
    compression = "gzip" if is_packed(path) else "none"
    lines = (
        f"(SELECT row_number() OVER () - 1 AS src, json, json_type(json) = 'OBJECT' AS fine "
        f"FROM read_ndjson_objects({file_literal(path)}, ignore_errors = true, "
        f"compression = '{compression}', maximum_object_size = 67108864))"
    )
    objects = f"(SELECT * FROM {lines} WHERE fine)"
    columns = _columns(con, objects, label)
    if not columns:
        raise EmptyTable("intake.no_rows", file=label)
    picked = ", ".join(f"{sql} AS c{i}" for i, (_, sql) in enumerate(columns))
    con.execute(
        f"COPY (SELECT {picked}, row_number() OVER (ORDER BY src) - 1 AS src FROM {objects}) "
        f"TO {literal(str(place))} (FORMAT parquet)"
    )
    rejected = con.execute(f"SELECT src + 1 FROM {lines} WHERE fine IS NOT true").fetchall()
    return Records(
        place,
        distinct_names([name for name, _ in columns]),
        tuple(int(n) for (n,) in rejected),
        tuple(understood),
    )


def _columns(con: duckdb.DuckDBPyConnection, objects: str, label: str) -> list[tuple[str, str]]:
    """Name and SQL of each column, in the order in which the first objects have their keys."""
    columns: list[tuple[str, str]] = []
    for key, kinds in _keys(con, objects, "", label):
        if kinds <= {"OBJECT", "NULL"} and "OBJECT" in kinds:
            inner = list(_keys(con, objects, _pointer(key), label))
            # {"$date": ...}: a type, not a part.
            typed = all(part.startswith("$") for part, _ in inner)
            columns += [
                (key if typed else f"{key}.{part}", _cell(_pointer(key) + _pointer(part), of_part))
                for part, of_part in inner
            ]
        else:
            columns.append((key, _cell(_pointer(key), kinds)))
    return columns


def _keys(
    con: duckdb.DuckDBPyConnection, objects: str, pointer: str, label: str
) -> Iterator[tuple[str, set[str]]]:
    """The keys of the objects at a place, with the types of their values."""
    at = f", {literal(pointer)}" if pointer else ""
    found = con.execute(
        f"SELECT k, min((src, n)) AS first FROM (SELECT src, unnest(json_keys(json{at})) AS k, "
        f"generate_subscripts(json_keys(json{at}), 1) AS n FROM {objects}) "
        f"GROUP BY k ORDER BY first LIMIT {_MOST_KEYS + 1}"
    ).fetchall()
    if len(found) > _MOST_KEYS:
        raise WinbackError("intake.too_many_keys", file=label, most=_MOST_KEYS)
    keys = [str(key) for key, _ in found]
    for start in range(0, len(keys), 100):
        some = keys[start : start + 100]
        kinds = ", ".join(
            f"list_sort(list(DISTINCT {_type(literal(pointer + _pointer(key)))}))" for key in some
        )
        row = con.execute(f"SELECT {kinds} FROM {objects}").fetchall()[0]
        for key, types in zip(some, row, strict=True):
            yield key, {str(kind) for kind in types or ()}


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _type(pointer: str) -> str:
    # Whole numbers of so many digits are ids, and beyond what 64 bits hold.
    text = f"json_extract_string(json, {pointer})"
    kind = f"json_type(json, {pointer})"
    return f"CASE WHEN {kind} LIKE '%BIGINT' AND strlen({text}) > 18 THEN 'LONG' ELSE {kind} END"


def _cell(pointer: str, kinds: set[str]) -> str:
    text = f"json_extract_string(json, {literal(pointer)})"
    filled = kinds - {"NULL"}
    if filled and filled <= _WHOLE:
        return f"CAST({text} AS BIGINT)"
    if filled and filled <= {*_WHOLE, "DOUBLE"}:
        return f"CAST({text} AS DOUBLE)"
    return text


def _is_one_a_line(path: Path) -> bool:
    """Whether the first line is an object by itself, and no list of records in one."""
    with open_bytes(path, is_packed(path)) as stream:
        lines = (line for line in stream if line.strip())
        first, second = next(lines, b""), next(lines, None)
    try:
        found = json.loads(first.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and not (
        second is None and any(map(_is_list_of_objects, found.values()))
    )


def _one_a_line(
    path: Path, label: str, wanted: Wanted, copy: Path, alone: bool
) -> tuple[Path, list[Fact]]:
    """Copy the objects of an array, or those that follow each other, one to a line, as written."""
    with open_bytes(path, is_packed(path)) as stream:
        text = stream.read().decode("utf-8-sig", "replace")
    understood: list[Fact] = []
    decoder = json.JSONDecoder()
    at = _skipped(text, 0)
    try:
        first, end = decoder.raw_decode(text, at)
        if not text[end:].strip(" \t\r\n]") and isinstance(first, dict) and "[" not in text[:at]:
            lists = [key for key, value in first.items() if _is_list_of_objects(value)]
            if not lists:
                raise WinbackError("intake.no_records", file=label)
            else:
                chosen = choose(lists, lists, wanted, label, alone=alone)
                left = [key for key in lists if key not in chosen]
                understood = took(label, chosen, left)
                objects = [one for key in chosen for one in first[key]]
                copy.write_text("".join(f"{json.dumps(one)}\n" for one in objects), "utf-8")
                return copy, understood
        if text.lstrip().startswith("[") and not text.rstrip().endswith("]"):
            raise ValueError("an array without its end")
        with copy.open("w", encoding="utf-8") as target:
            while at < len(text):
                _, end = decoder.raw_decode(text, at)
                # A line break between keys is a blank; within a text JSON has none.
                target.write(text[at:end].replace("\n", " ").replace("\r", " ") + "\n")
                at = _skipped(text, end)
    except (ValueError, RecursionError) as error:
        raise WinbackError("intake.broken_json", file=label) from error
    return copy, understood


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _skipped(text: str, at: int) -> int:
    found = _NEXT.match(text, at)
    return found.end() if found else at
