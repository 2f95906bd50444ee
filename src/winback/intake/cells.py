"""What a cell holds when it holds nothing, and the small pieces of SQL that all readers share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

_NOTHING = (
    "", "nan", "none", "null", "n/a", "na", "nat", "<na>", "(not set)", "not set", "-", "--",
    "\\n", "#n/a", "undefined", "nil", "(null)", "#n/d!", "brak", "unknown",
)  # fmt: skip
TRUE_WORDS = (
    "true", "yes", "y", "t", "1", "1.0", "tak", "ja", "prawda", "wahr", "opt-in", "subscribed",
    "granted", "given", "agreed", "accepted", "zgoda",
)  # fmt: skip
FALSE_WORDS = (
    "false", "no", "n", "f", "0", "0.0", "nie", "nein", "fałsz", "falsch", "opt-out",
    "unsubscribed", "never_subscribed", "not_subscribed", "denied", "declined", "refused",
    "withdrawn", "revoked", "brak zgody", "bez zgody",
)  # fmt: skip
SPACES = " \t\r\n\v\f\u00a0\u202f\u2007\ufeff\u200b\u0000"


def nothing(cell: str | None) -> bool:
    """Say whether a cell is empty or one of the usual words for it."""
    return cell is None or cell.strip(SPACES).lower() in _NOTHING


def decoded(content: bytes) -> str:
    """The text of a small file, whichever of the usual encodings a spreadsheet chose for it."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content[:2000]:
        ends = "be" if content[:1] == b"\x00" else "le"
        return content.decode(f"utf-16-{ends}", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1250", errors="replace")


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def file_literal(path: Path) -> str:
    """Quote the path of one file for SQL: brackets, stars and question marks are a name's own."""
    return literal(re.sub(r"[*?[]", r"[\g<0>]", str(path)))


def listed(values: Sequence[str]) -> str:
    """Write texts as an SQL list for IN."""
    return "(" + ", ".join(map(literal, values)) + ")"


def as_text(column: str, kind: str) -> str:
    """SQL: the cell as text."""
    return column if kind == "VARCHAR" else f"CAST({column} AS VARCHAR)"


_EDGES = r"[\s\x00\x{a0}\x{200b}\x{202f}\x{2007}\x{feff}]"
# A text that passes needs no further look: no space around it, and not a word for nothing.
_CLEAN = r"^[!-~]*[0-9]([ -~]*[!-~łŁ€£])?$"
_PLAIN_ID = r"^[A-Za-z_#]*[0-9][0-9A-Za-z_#-]*$"


def cleaned(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    ids: Sequence[str],
    table: str,
) -> tuple[str, set[str]]:
    """Give the relation with text trimmed, and null where a text says nothing.

    Trimming is dear, so it is done once, and only for the columns that need it. Also
    names the columns of `ids` that hold nothing but plain words with a digit.
    """
    if not columns:
        return relation, set()
    tests = [
        f"count_if(NOT regexp_matches({c}, {literal(_PLAIN_ID if c in ids else _CLEAN)}))"
        for c in columns
    ]
    counts = one_row(con, f"SELECT {', '.join(tests)} FROM {relation}")
    doubtful = [c for c, count in zip(columns, counts, strict=True) if count]
    plain = set(ids) & set(columns) - set(doubtful)
    dirty = [
        c
        for c in doubtful
        if one_row(
            con,
            f"SELECT count_if((length({c}) < 10 AND lower({c}) IN {listed(_NOTHING)}) "
            f"OR regexp_matches({c}, '^{_EDGES}|{_EDGES}$')) FROM {relation}",
        )[0]
    ]
    if not dirty:
        return relation, plain
    trimmed = {c: f"trim({c}, {literal(SPACES)})" for c in dirty}
    replaced = ", ".join(
        f"CASE WHEN length({t}) < 10 AND lower({t}) IN {listed(_NOTHING)} THEN NULL ELSE {t} END "
        f"AS {c}"
        for c, t in trimmed.items()
    )
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT * REPLACE ({replaced}) FROM {relation}")
    return table, plain


def is_text(kind: str) -> bool:
    """Say whether a DuckDB type holds text (an enumeration included)."""
    return kind == "VARCHAR" or kind.startswith("ENUM")


def one_row(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Fetch the only row of a query, with 0 for null."""
    # A count over no rows at all is null in DuckDB's count_if.
    return tuple(cell or 0 for cell in con.execute(query).fetchall()[0])


def day_text(day: date) -> str:
    """Write a day for SQL."""
    return f"TIMESTAMP '{day.isoformat()} 00:00:00'"


def bound(sql: str, text: str) -> str:
    """SQL of an expression over x, where x is the text."""
    # A lambda binds the trimmed text once, however often the expression uses it.
    return f"list_transform([{text}], lambda x: {sql})[1]"
