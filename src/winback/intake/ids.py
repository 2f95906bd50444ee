"""Turns columns of ids into text that is equal where the ids are, as SQL over whole columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from winback.intake.addresses import count_tagged, without_transaction
from winback.intake.cells import SPACES, as_text, is_text, listed, one_row
from winback.intake.findings import joined
from winback.intake.guests import GUEST_WORDS, may_be_nobody, nobodies
from winback.intake.phones import read_phones
from winback.results.base import Fact, fact

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Ids:
    """An id column: the SQL of its text, a note, and the test for ids a spreadsheet spoilt.

    `guests` counts cells that are words for nobody, but none that the user told, and `blank`
    empty ones, of customers only; `nobody` is the SQL of such a word, null elsewhere;
    `unsure` ids that may be such words; `doubts` is what may be wrong.
    """

    sql: str
    note: Fact
    damaged: str = "false"
    guests: int = 0
    blank: int = 0
    nobody: str = "CAST(NULL AS VARCHAR)"
    unsure: tuple[str, ...] = ()
    doubts: tuple[Fact, ...] = ()


_NO_TEXT = "CAST(NULL AS VARCHAR)"
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
    guests: Sequence[str] = (),
    phones: Collection[str] = (),
) -> dict[str, Ids]:
    """Read columns of ids ({role: (column, type)}) as text; case and leading zeros survive.

    `17850.0` becomes `17850` unless the column has numbers with other digits after a point; an
    e-mail address comes in lower case, and one of a marketplace without its transaction. Of
    customers words for nobody become null, `guests` among them, and a 0 far too frequent to be
    one. Roles among `phones` hold phone numbers, which are compared by their digits. Columns that
    are `plain` hold words with a digit and nothing else.
    """
    return {
        role: _Column(con, relation, column, kind, guests).read(
            is_plain=column in plain, is_customer=role == "customer", is_phone=role in phones
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
    foreign: int = 0
    pluses: int = 0
    guests: int = 0


class _Column:
    """One column of ids while it is read: SQL of its text so far, the note on it, the doubts."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str,
        guests: Sequence[str],
    ) -> None:  # fmt: skip
        self.con, self.relation, self.column, self.kind = con, relation, column, kind
        self.told = sorted({one.strip().lower() for one in guests})
        self.cell = self.text = as_text(column, kind)
        self.note = fact("intake.text_ids")
        self.doubts: list[Fact] = []
        self.unsure: tuple[str, ...] = ()

    def read(self, *, is_plain: bool, is_customer: bool, is_phone: bool) -> Ids:
        """The ids, as `read_ids` says."""
        is_marked = is_text(self.kind) and not is_plain
        marks = self._marks(is_customer=is_customer) if is_marked else _Marks()
        filled, zeros, blank, padded = self._zeros() if is_customer else (marks.filled, 0, 0, 0)
        self._untyped()
        self._mended(marks, is_customer=is_customer)
        if marks.mails:
            self._in_lower_case(whole=marks.mails == filled - marks.guests)
        if marks.pluses and marks.mails:
            self._without_tags(is_customer=is_customer)
        tests = self._nobody(marks, filled) if is_customer else []
        if zeros and not {"0", "0.0"} & set(self.told):
            is_guest, doubt = self._judge_zero(zeros, filled)
            self.doubts += doubt
            if is_guest:
                tests.append(f"{self._word()} IN ('0', '0.0')")
                self.note = joined(self.note, fact("intake.zero_is_guest"))
        nobody, guests = _NO_TEXT, 0
        if tests:
            count = f"SELECT count_if({' OR '.join(tests)}) FROM {self.relation}"
            guests = int(one_row(self.con, count)[0])
        if is_customer and self.told:
            tests += [f"lower({x}) IN {listed(self.told)}" for x in (self._cell(), self._word())]
        if tests:
            test = " OR ".join(tests)
            nobody = f"(CASE WHEN {test} THEN {self._cell()} END)"
            self.text = f"(CASE WHEN {test} THEN NULL ELSE {self._word()} END)"
        if is_phone:
            self._as_phones()
        elif zeros < padded < filled:
            self._find_lost_zeros()
        damaged = f"regexp_matches({{}}, '{_SCIENTIFIC}')" if marks.powers else "false"
        return Ids(
            self.text, self.note, damaged, guests, blank, nobody, self.unsure, tuple(self.doubts)
        )

    def _cell(self) -> str:
        """SQL of the cell as text, whatever its type."""
        return self.cell if is_text(self.kind) else f"CAST({self.cell} AS VARCHAR)"

    def _word(self) -> str:
        """SQL of the text so far as text, whatever its type."""
        return self.text if is_text(self.kind) else f"CAST({self.text} AS VARCHAR)"

    def _marks(self, *, is_customer: bool) -> _Marks:
        x = self.cell
        nobody = may_be_nobody(x) if is_customer else "false"
        counts = one_row(
            self.con,
            f"SELECT count({x}), count_if({x} LIKE '%.0'), count_if({x} LIKE '''%'), "
            f"count_if({x} ILIKE '%e+%'), count_if(contains({x}, '@')), "
            f"count_if(strlen({x}) <> length({x})), count_if(contains({x}, '+')), "
            f"count_if({nobody}) FROM {self.relation}",
        )
        return _Marks(*counts)

    def _nobody(self, marks: _Marks, filled: int) -> list[str]:
        """SQL tests for cells that stand for nobody."""
        tests = [f"{self.column} = -1"] if self._below_zero() else []
        if not marks.guests:
            return tests
        found = self.con.execute(
            f"SELECT {self.cell}, count(*) FROM {self.relation} "
            f"WHERE {may_be_nobody(self.cell)} GROUP BY ALL"
        ).fetchall()
        count = f"SELECT approx_count_distinct({self.text}) FROM {self.relation}"
        lines = {cell: n for cell, n in found if cell.strip().lower() not in self.told}
        sure, unsure = nobodies(lines, filled, one_row(self.con, count)[0])
        self.unsure = tuple(unsure)
        return [*tests, f"{self.cell} IN {listed(sure)}"] if sure else tests

    def _without_tags(self, *, is_customer: bool) -> None:
        """Addresses of a marketplace without their transaction; doubt others that a plus parts."""
        found = count_tagged(self.con, self.relation, self.text)
        if found.masked:
            self.text = without_transaction(self.text)
            self.note = joined(
                self.note,
                fact("intake.masked_mail", addresses=found.masked, buyers=found.buyers),
            )
        if is_customer and found.tagged:
            self.doubts.append(fact("intake.plus_mail", addresses=found.tagged, of=found.of))

    def _as_phones(self) -> None:
        """Phone numbers by their digits, where they are spelt in several ways."""
        found = read_phones(self.con, self.relation, self._word())
        if found.sql == self._word():
            return
        self.text = found.sql
        values = {"spellings": found.spellings, "numbers": found.numbers}
        if found.code:
            self.note = fact("intake.phone_ids_of", code=found.code, **values)
        else:
            self.note = fact("intake.phone_ids", **values)

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

    def _below_zero(self) -> bool:
        """Whether numbers have a -1 that is nobody: others below zero make it one of them."""
        least = f"SELECT min({self.column}) FROM {self.relation}"
        return _is_number(self.kind) and one_row(self.con, least)[0] == -1

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
        others = self._most(self.text, f"{word} NOT IN {listed((*GUEST_WORDS, '0', '0.0'))}")
        if not first and zeros > 2 * others:
            return True, []
        if zeros <= (5 if first else 1) * others:
            return False, []
        return False, [fact("intake.guest_zero", lines=zeros, others=others)]

    def _most(self, cell: str, condition: str) -> int:
        """The most lines that one value holds, of the lines that fulfil a condition."""
        counts = f"SELECT count(*) AS n FROM {self.relation} WHERE {condition} GROUP BY {cell}"
        return int(one_row(self.con, f"SELECT coalesce(max(n), 0) FROM ({counts})")[0])

    def _find_lost_zeros(self) -> None:
        """Give short ids back the zeros that others of theirs kept, or doubt them.

        Where all ids that begin with a zero have one length and none is longer, shorter ones have
        lost theirs, in a file that went half through a spreadsheet: of such a good part stands in
        the file with its zeros, too.
        """
        each = f"SELECT DISTINCT {self._word()} AS x FROM {self.relation}"
        width, least, most, short, twins = one_row(
            self.con,
            f"""WITH found AS (SELECT x FROM ({each}) WHERE regexp_matches(x, '^[0-9]+$')),
            kept AS (SELECT x FROM found WHERE x LIKE '0_%'),
            width AS (SELECT max(length(x))::INTEGER AS w, min(length(x)) AS least FROM kept),
            short AS (SELECT lpad(x, (SELECT w FROM width), '0') AS x FROM found
                WHERE length(x) < (SELECT w FROM width))
            SELECT (SELECT w FROM width), (SELECT least FROM width),
                (SELECT max(length(x)) FROM found), (SELECT count(*) FROM short),
                (SELECT count(*) FROM short SEMI JOIN kept USING (x))""",
        )
        if not twins or not width == least == most or twins < 0.25 * short:
            self._find_twins("^[0-9]+$", "ltrim(x, '0')", "twins_zeros")
            return
        word = self._word()
        self.text = (
            f"(CASE WHEN length({word}) < {width} AND regexp_matches({word}, '^[0-9]+$') "
            f"THEN lpad({word}, {width}, '0') ELSE {word} END)"
        )
        self.note = joined(self.note, fact("intake.zeros_mended", ids=short, twins=twins))

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
        read = read_ids(con, "cells", {"id": ("c0", kind[0][0] if kind else "VARCHAR")}, ())
        sql = read["id"].sql
        found = con.execute(f"SELECT CAST({sql} AS VARCHAR) FROM cells ORDER BY src").fetchall()
    return pd.Series([row[0] for row in found], index=column.index, dtype="string")


def _is_number(kind: str) -> bool:
    return "INT" in kind or kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL")
