"""Turns columns of ids into text that is equal where the ids are, as SQL over whole columns."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection, Mapping, Sequence
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
    columns: Mapping[str, tuple[str, str]],
    plain: Collection[str],
    guests: Sequence[str] = GUESTS,
) -> dict[str, Ids]:
    """Read columns of ids ({role: (column, type)}) as text; case and leading zeros survive.

    `17850.0` becomes `17850` unless the column has numbers with other digits after a point; an
    e-mail address comes in lower case. Words for nobody become null, and for the customer a 0 far
    too frequent to be one. Columns that are `plain` hold words with a digit and nothing else.
    """
    return {
        role: _Column(con, relation, column, kind, guests).read(
            is_plain=column in plain, is_customer=role == "customer"
        )
        for role, (column, kind) in columns.items()
    }


@dataclass(frozen=True)
class _Marks:
    """How many filled cells of a column of text show each sign of what needs a second look."""

    filled: int = 0
    floats: int = 0
    quotes: int = 0
    powers: int = 0
    mails: int = 0
    guests: int = 0
    foreign: int = 0


class _Column:
    """One column of ids while it is read: SQL of its text so far, the note on it, the doubts."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str,
        guests: Sequence[str],
    ) -> None:  # fmt: skip
        self.con, self.relation, self.column, self.kind = con, relation, column, kind
        self.guests = tuple(guests)
        self.cell = self.text = as_text(column, kind)
        self.note = fact("intake.text_ids")
        self.doubts: list[Fact] = []

    def read(self, *, is_plain: bool, is_customer: bool) -> Ids:
        """The ids, as `read_ids` says."""
        marks = _Marks() if is_plain or not is_text(self.kind) else self._marks()
        filled, nobody, zeros, blank, padded = marks.filled, marks.guests, 0, 0, 0
        if is_customer:
            filled, zeros, blank, padded = self._zeros()
            nobody += self._below_zero()
        self._untyped()
        self._mended(marks, is_customer=is_customer)
        if marks.mails:
            self._in_lower_case(whole=marks.mails == filled - nobody)
        words = self.guests if nobody else ()
        if zeros:
            is_guest, doubt = self._judge_zero(zeros, filled)
            self.doubts += doubt
            if is_guest:
                words, nobody = (*self.guests, "0", "0.0"), nobody + zeros
                self.note = joined(self.note, fact("intake.zero_is_guest"))
        if words:
            word = self.text if is_text(self.kind) else f"CAST({self.text} AS VARCHAR)"
            self.text = (
                f"(CASE WHEN length({word}) < 10 AND lower({word}) IN {listed(words)} "
                f"THEN NULL ELSE {word} END)"
            )
        if zeros < padded < filled:
            self._find_twins("^[0-9]+$", "ltrim(x, '0')", "twins_zeros")
        damaged = f"regexp_matches({{}}, '{_SCIENTIFIC}')" if marks.powers else "false"
        return Ids(self.text, self.note, damaged, nobody, blank, tuple(self.doubts))

    def _marks(self) -> _Marks:
        x = self.cell
        words = f"length({x}) < 10 AND lower({x}) IN {listed(self.guests)}"
        counts = one_row(
            self.con,
            f"SELECT count({x}), count_if({x} LIKE '%.0'), count_if({x} LIKE '''%'), "
            f"count_if({x} ILIKE '%e+%'), count_if(contains({x}, '@')), "
            f"count_if({words if self.guests else 'false'}), "
            f"count_if(strlen({x}) <> length({x})) FROM {self.relation}",
        )
        return _Marks(*counts)

    def _zeros(self) -> tuple[int, int, int, int]:
        """Filled cells, those that are 0, empty ones, and those that begin with a 0."""
        zero = f"{self.column} = 0" if _is_number(self.kind) else f"{self.cell} IN ('0', '0.0')"
        begins = f"count_if(starts_with({self.cell}, '0'))" if is_text(self.kind) else "0"
        filled, zeros, blank, padded = one_row(
            self.con,
            f"SELECT count({self.column}), count_if({zero}), count(*) - count({self.column}), "
            f"{begins} FROM {self.relation}",
        )
        return filled, zeros, blank, padded

    def _below_zero(self) -> int:
        """Cells of -1: in text nobody, among numbers so unless others are below zero too."""
        if not _is_number(self.kind):
            return 0
        if one_row(self.con, f"SELECT min({self.column}) FROM {self.relation}")[0] != -1:
            return 0
        return int(
            one_row(self.con, f"SELECT count_if({self.column} = -1) FROM {self.relation}")[0]
        )

    def _untyped(self) -> None:
        """Numbers and other types as text without a point."""
        column, kind = self.column, self.kind
        if is_text(kind):
            return
        if "INT" in kind:
            # Stays a number, because numbers sort faster, unless some of them stand for nobody.
            self.text, self.note = column, fact("intake.whole_numbers")
        elif kind in ("DOUBLE", "FLOAT") or (
            kind.startswith("DECIMAL") and not kind.endswith(",0)")
        ):
            self.note = fact("intake.whole_numbers")
            self.text = (
                f"(CASE WHEN NOT isfinite({column}::DOUBLE) THEN NULL "
                f"WHEN {column} = floor({column}) AND abs({column}) < 9e15 "
                f"THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE {self.text} END)"
            )
        else:
            self.note = fact("intake.typed_ids", kind=kind.lower())

    def _mended(self, marks: _Marks, *, is_customer: bool) -> None:
        """Without what editors and spreadsheets add to an id."""
        if marks.foreign:
            # The same letters, whether an accent is written with its letter or after it.
            self.text = f"nfc_normalize({self.text})"
        if marks.quotes:
            self.text = f"regexp_replace({self.text}, '^''([=+@-].*|[0-9]+)$', '\\1')"
        if not marks.floats:
            return
        note = self._without_point()
        if note is not None:
            self.note = note
        elif is_customer:
            self._find_twins(_FLOAT_ID, r"regexp_replace(x, '\.0+$', '')", "twins_point")

    def _in_lower_case(self, *, whole: bool) -> None:
        """Addresses in lower case; ids beside them stay as they are."""
        addresses = fact("intake.mail_ids")
        self.note = addresses if whole else joined(self.note, addresses)
        lower = f"lower({self.text})"
        some = f"(CASE WHEN {self.text} LIKE {_MAIL} THEN {lower} ELSE {self.text} END)"
        self.text = lower if whole else some

    def _without_point(self) -> Fact | None:
        """Drop the .0 that whole numbers get on their way through floats, and note it.

        Codes such as 1.0, 1.1 and 2.0.1 keep it: where more than a hundredth of the numbers with
        a point have other digits after it, 1 and 1.0 may be two, and there is no note.
        """
        text, relation = self.text, self.relation
        is_float = f"regexp_matches({text}, '{_FLOAT_ID}')"
        if not one_row(self.con, f"SELECT count_if(NOT {is_float}) FROM {relation}")[0]:
            self.text = f"regexp_replace({text}, '\\.0+$', '')"
            return fact("intake.once_pointed")
        pointed, codes = one_row(
            self.con,
            f"SELECT count(*), count_if(NOT {is_float}) FROM {relation} "
            f"WHERE regexp_matches({text}, '{_POINTED}')",
        )
        if codes > 0.01 * pointed or not pointed:
            return None
        self.text = f"regexp_replace({text}, '^(-?[0-9]+)\\.0+$', '\\1')"
        return joined(self.note, fact("intake.point_dropped"))

    def _judge_zero(self, zeros: int, filled: int) -> tuple[bool, list[Fact]]:
        """Whether the customer 0 stands for guests, and a doubt where that is not sure.

        It does with a twentieth of all lines, five times the average. Else it may be one of the
        first customers where other ids have one digit as well; where none has, it is a guest that
        holds ten lines and more than twice as many as anybody else.
        """
        digits = [f"{n}{end}" for n in range(1, 10) for end in ("", ".0")]
        one_digit = f"{self.cell} IN {listed(digits)}"
        if _is_number(self.kind):
            one_digit = f"{self.column} BETWEEN 1 AND 9"
        often, first = zeros > 0.05 * filled, self._most(self.column, one_digit)
        # Where 0 is just the first of them, this look at a few lines is all.
        if not often and first and zeros <= 5 * first:
            return False, []
        if often:
            count = f"SELECT approx_count_distinct({self.text}) FROM {self.relation}"
            people = one_row(self.con, count)[0]
            if people > 10 and zeros > 5 * filled / people:
                return True, []
        if zeros < _LEAST_ZEROS:
            return False, []
        word = f"lower(CAST({self.text} AS VARCHAR))"
        others = self._most(self.text, f"{word} NOT IN {listed((*GUESTS, '0', '0.0'))}")
        if not first and zeros > 2 * others:
            return True, []
        if zeros <= (5 if first else 1) * others:
            return False, []
        return False, [fact("intake.guest_zero", lines=zeros, others=others)]

    def _most(self, cell: str, condition: str) -> int:
        """The most lines that one value holds, of the lines that fulfil a condition."""
        counts = f"SELECT count(*) AS n FROM {self.relation} WHERE {condition} GROUP BY {cell}"
        return int(one_row(self.con, f"SELECT coalesce(max(n), 0) FROM ({counts})")[0])

    def _find_twins(self, matching: str, bare: str, code: str) -> None:
        """Doubt ids that differ in nothing but what a spreadsheet adds or takes away."""
        each = f"SELECT {self.text} AS x FROM {self.relation}"
        least, most = one_row(self.con, f"SELECT min(strlen(x)), max(strlen(x)) FROM ({each})")
        if least == most:
            return
        twins = one_row(
            self.con,
            f"SELECT count(*) FROM (SELECT 1 FROM (SELECT DISTINCT x FROM ({each})) "
            f"WHERE regexp_matches(x, '{matching}') GROUP BY {bare} HAVING count(*) > 1)",
        )[0]
        if twins:
            self.doubts.append(fact(f"intake.{code}", ids=twins))


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
        read = read_ids(con, "cells", {"id": ("c0", kind[0][0] if kind else "VARCHAR")}, (), ())
        sql = read["id"].sql
        found = con.execute(f"SELECT CAST({sql} AS VARCHAR) FROM cells ORDER BY src").fetchall()
    return pd.Series([row[0] for row in found], index=column.index, dtype="string")


def _is_number(kind: str) -> bool:
    return "INT" in kind or kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL")
