"""Turns columns of ids into text that is equal where the ids are, as SQL over whole columns."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from winback.intake.cells import GUESTS, SPACES, as_text, is_text, listed, one_row
from winback.intake.findings import joined
from winback.results.base import Fact, fact

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Ids:
    """An id column: the SQL of its text, a note, and the test for ids a spreadsheet spoilt.

    `guests` counts cells that are words for nobody and `blank` empty ones, of customers only;
    `doubts` is what may be wrong.
    """

    sql: str
    note: Fact
    damaged: str = "false"
    guests: int = 0
    blank: int = 0
    doubts: tuple[Fact, ...] = ()


_FLOAT_ID = r"^-?\d+(\.0+)?$"
_POINTED = r"^-?\d+(\.\d+)+$"
_LEAST_ZEROS = 10
_MAIL = "'%_@_%._%'"
_SCIENTIFIC = r"^\d([.,]\d+)?[eE]\+\d+$"


def read_ids(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: dict[str, tuple[str, str]],
    plain: set[str],
) -> dict[str, Ids]:
    """Read columns of ids ({role: (column, type)}) as text; case and leading zeros survive.

    `17850.0` becomes `17850` unless the column has numbers with other digits after a point; an
    e-mail address comes in lower case. For the customer, words for nobody (and a 0 far too
    frequent to be a customer) become null.
    """
    texts = {role: as_text(column, kind) for role, (column, kind) in columns.items()}
    found = {}
    for role, (column, kind) in columns.items():
        x = texts[role]
        filled = floats = quotes = powers = mails = guests = zeros = blank = 0
        padded = foreign = 0
        if is_text(kind) and column not in plain:
            filled, floats, quotes, powers, mails, guests, foreign = one_row(
                con,
                f"SELECT count({x}), count_if({x} LIKE '%.0'), count_if({x} LIKE '''%'), "
                f"count_if({x} ILIKE '%e+%'), count_if(contains({x}, '@')), "
                f"count_if(length({x}) < 10 AND lower({x}) IN {listed(GUESTS)}), "
                f"count_if(strlen({x}) <> length({x})) FROM {relation}",
            )
        if role == "customer":
            typed = _is_number(kind)
            zero = f"{column} = 0" if typed else f"{x} IN ('0', '0.0')"
            begins = f"count_if(starts_with({x}, '0'))" if is_text(kind) else "0"
            filled, zeros, blank, padded = one_row(
                con,
                f"SELECT count({column}), count_if({zero}), count(*) - count({column}), {begins} "
                f"FROM {relation}",
            )
            # In text -1 is nobody; among numbers it is unless others are below zero too.
            if typed and one_row(con, f"SELECT min({column}) FROM {relation}")[0] == -1:
                guests = one_row(con, f"SELECT count_if({column} = -1) FROM {relation}")[0]
        text, note, damaged = texts[role], fact("intake.text_ids"), "false"
        doubts: list[Fact] = []
        if kind in ("DOUBLE", "FLOAT") or (kind.startswith("DECIMAL") and not kind.endswith(",0)")):
            note = fact("intake.whole_numbers")
            text = (
                f"(CASE WHEN NOT isfinite({column}::DOUBLE) THEN NULL "
                f"WHEN {column} = floor({column}) AND abs({column}) < 9e15 "
                f"THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE {text} END)"
            )
        elif not is_text(kind):
            note = fact("intake.whole_numbers")
            if "INT" not in kind:
                note = fact("intake.typed_ids", kind=kind.lower())
            # Stays a number, because numbers sort faster, unless some of them stand for nobody.
            text = column if "INT" in kind else text
        if foreign:
            # The same letters, whether an accent is written with its letter or after it.
            text = f"nfc_normalize({text})"
        if quotes:
            text = f"regexp_replace({text}, '^''([=+@-].*|[0-9]+)$', '\\1')"
        if floats:
            text, pointless = _without_point(con, relation, text, note)
            if pointless is not None:
                note = pointless
            elif role == "customer":
                bare = r"regexp_replace(x, '\.0+$', '')"
                doubts += _twins(con, relation, text, _FLOAT_ID, bare, "twins_point")
        if powers:
            damaged = f"regexp_matches({{}}, '{_SCIENTIFIC}')"
        if mails:
            whole = mails == filled - guests
            addresses = fact("intake.mail_ids")
            note = addresses if mails >= filled - guests else joined(note, addresses)
            lower = f"lower({text})"
            text = (
                lower if whole else f"(CASE WHEN {text} LIKE {_MAIL} THEN {lower} ELSE {text} END)"
            )
        words: tuple[str, ...] = GUESTS if guests else ()
        if zeros:
            is_guest, doubt = _judge_zero(con, relation, column, kind, text, zeros, filled)
            doubts += doubt
            if is_guest:
                words, note = (*GUESTS, "0", "0.0"), joined(note, fact("intake.zero_is_guest"))
        if words:
            word = text if is_text(kind) else f"CAST({text} AS VARCHAR)"
            text = (
                f"(CASE WHEN length({word}) < 10 AND lower({word}) IN {listed(words)} "
                f"THEN NULL ELSE {word} END)"
            )
        nobody = guests + (zeros if "0" in words else 0)
        if zeros < padded < filled:
            doubts += _twins(con, relation, text, "^[0-9]+$", "ltrim(x, '0')", "twins_zeros")
        found[role] = Ids(text, note, damaged, nobody, blank, tuple(doubts))
    return found


def read_id_file(path: Path) -> list[str]:
    """Ids or addresses of a file with one in each line, sorted; further cells are left alone."""
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    delimiter = next((mark for mark in ";\t," if mark in text.split("\n", 1)[0]), ",")
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    # Ids are compared in NFC, as orders keep them.
    ids = (unicodedata.normalize("NFC", row[0].strip()) for row in rows if row)
    return sorted({one for one in ids if one})


def as_in_orders(column: pd.Series[Any]) -> pd.Series[Any]:
    """Customer ids of another file as `orders.parquet` has them; null where a cell is empty.

    The one reading of ids: a whole column at a time, by the same rules as the orders' own. Words
    for nobody stay, since whoever wrote an assignment or a history meant a customer.
    """
    import pandas as pd
    import pyarrow as pa

    ids = [None if cell is None or cell != cell else cell for cell in column]
    if not all(isinstance(cell, int) for cell in ids):
        ids = [cell if cell is None else str(cell).strip(SPACES) or None for cell in ids]
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("cells", pa.table({"c0": pa.array(ids), "src": range(len(ids))}))
        kind = con.execute("SELECT typeof(c0) FROM cells LIMIT 1").fetchall()
        read = read_ids(con, "cells", {"id": ("c0", kind[0][0] if kind else "VARCHAR")}, set())
        sql = read["id"].sql
        found = con.execute(f"SELECT CAST({sql} AS VARCHAR) FROM cells ORDER BY src").fetchall()
    return pd.Series([row[0] for row in found], index=column.index, dtype="string")


def _is_number(kind: str) -> bool:
    return "INT" in kind or kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL")


def _without_point(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, note: Fact
) -> tuple[str, Fact | None]:
    """SQL of ids without the .0 that whole numbers get on their way through floats, and a note.

    Codes such as 1.0, 1.1 and 2.0.1 keep it: where more than a hundredth of the numbers with a
    point have other digits after it, 1 and 1.0 may be two, and there is no note.
    """
    is_float = f"regexp_matches({text}, '{_FLOAT_ID}')"
    if not one_row(con, f"SELECT count_if(NOT {is_float}) FROM {relation}")[0]:
        return f"regexp_replace({text}, '\\.0+$', '')", fact("intake.once_pointed")
    pointed, codes = one_row(
        con,
        f"SELECT count(*), count_if(NOT {is_float}) FROM {relation} "
        f"WHERE regexp_matches({text}, '{_POINTED}')",
    )
    if codes > 0.01 * pointed or not pointed:
        return text, None
    return (
        f"regexp_replace({text}, '^(-?[0-9]+)\\.0+$', '\\1')",
        joined(note, fact("intake.point_dropped")),
    )


def _judge_zero(
    con: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str, text: str,
    zeros: int, filled: int,
) -> tuple[bool, list[Fact]]:  # fmt: skip
    """Whether the customer 0 stands for guests, and a doubt where that is not sure.

    It does with a twentieth of all lines, five times the average. Else it may be one of the first
    customers where other ids have one digit as well; where none has, it is a guest that holds
    ten lines and more than twice as many as anybody else.
    """
    digits = [f"{n}{end}" for n in range(1, 10) for end in ("", ".0")]
    one_digit = f"{as_text(column, kind)} IN {listed(digits)}"
    if _is_number(kind):
        one_digit = f"{column} BETWEEN 1 AND 9"

    def most(cell: str, condition: str) -> int:
        counts = f"SELECT count(*) AS n FROM {relation} WHERE {condition} GROUP BY {cell}"
        return int(one_row(con, f"SELECT coalesce(max(n), 0) FROM ({counts})")[0])

    often, first = zeros > 0.05 * filled, most(column, one_digit)
    # Where 0 is just the first of them, this look at a few lines is all.
    if not often and first and zeros <= 5 * first:
        return False, []
    if often:
        people = one_row(con, f"SELECT approx_count_distinct({text}) FROM {relation}")[0]
        if people > 10 and zeros > 5 * filled / people:
            return True, []
    if zeros < _LEAST_ZEROS:
        return False, []
    word = f"lower(CAST({text} AS VARCHAR))"
    others = most(text, f"{word} NOT IN {listed((*GUESTS, '0', '0.0'))}")
    if not first and zeros > 2 * others:
        return True, []
    if zeros <= (5 if first else 1) * others:
        return False, []
    return False, [fact("intake.guest_zero", lines=zeros, others=others)]


def _twins(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, matching: str, bare: str, code: str
) -> list[Fact]:
    """How many ids differ in nothing but what a spreadsheet adds or takes away."""
    lengths = one_row(
        con, f"SELECT min(strlen(x)), max(strlen(x)) FROM (SELECT {text} AS x FROM {relation})"
    )
    if lengths[0] == lengths[1]:
        return []
    twins = one_row(
        con,
        f"SELECT count(*) FROM (SELECT 1 FROM (SELECT DISTINCT {text} AS x FROM {relation}) "
        f"WHERE regexp_matches(x, '{matching}') GROUP BY {bare} HAVING count(*) > 1)",
    )[0]
    return [fact(f"intake.{code}", ids=twins)] if twins else []
