"""Phone numbers that are one though spelt in several ways, as SQL over whole columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from winback.intake.cells import literal

# Headers, without case and punctuation, of columns that hold phone numbers.
PHONE_NAMES = re.compile(
    r"phone|^tel(no|nr|num|number|efon|efono|ef|e)?$|telef|telnr|mobile?(no|nr|number)?$|mobil"
    r"|komork|handy|msisdn|gsm$|celular|cell(no|number)?$|portable$|whatsapp"
)
# Digits, and the signs that people set between them.
SHAPE = r"^['+]?[ ]?[0-9(][0-9 ()./\x{a0}\x{2011}-]*(\.0)?$"
_PY_SHAPE = re.compile(r"^['+]?[ ]?[0-9(][0-9 ()./\u00a0\u2011-]*(\.0)?$")
# What only a phone number has: a plus, two zeros, or signs between its digits.
_MARKED = re.compile(r"^'?(\+ ?[1-9]|00[1-9])|^\(?\d{2,4}[)/ .-]+ ?\d{2,4}[ .-]?\d{2,4}")
_MOST_DIGITS, _LEAST_DIGITS = 15, 7
# Calling codes of two digits; 1 and 7 have one, all others three (ITU-T E.164).
_TWO = "20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
CALLING_CODE = f"[17]|{_TWO}|[2-9][0-9][0-9]"


@dataclass(frozen=True)
class Phones:
    """SQL of a column's numbers by their digits; how many spellings, and of how many numbers.

    ``code`` is the calling code that some have and some lack, empty where none need it.
    """

    sql: str
    spellings: int
    numbers: int
    code: str


def digits_of(cell: str) -> str:
    """SQL: the digits of a phone number, without 00 and without what a spreadsheet adds."""
    bare = f"regexp_replace({cell}, '\\.0+$', '')"
    # +49 (0) 171: the zero in brackets is for those who call from within.
    bare = f"regexp_replace({bare}, '^(\\+|00)(.*)\\(0\\)', '\\1\\2')"
    return f"regexp_replace(regexp_replace({bare}, '[^0-9]', '', 'g'), '^00', '')"


def looks_like_phones(key: str, cells: Sequence[str]) -> bool:
    """Whether a column, by its normalised header and filled cells, holds phone numbers."""
    some = cells[:: max(1, len(cells) // 500)]
    if not some:
        return False
    fit = sum(is_phone(cell) for cell in some)
    if PHONE_NAMES.search(key):
        return fit >= 0.8 * len(some)
    # Bare digits may be any id.
    return fit >= 0.98 * len(some) and sum(map(bool, map(_MARKED.match, some))) >= 0.1 * len(some)


def is_phone(cell: str) -> bool:
    """Whether a text can be a phone number."""
    count = sum(map(str.isdigit, re.sub(r"\.0+$", "", cell)))
    return bool(_PY_SHAPE.match(cell)) and _LEAST_DIGITS <= count <= _MOST_DIGITS + 2


def read_phones(con: duckdb.DuckDBPyConnection, relation: str, text: str) -> Phones:
    """Compare the phone numbers of a text column by their digits.

    Those with a calling code and those without are one where the file itself shows which code:
    most numbers that state one (+48, 0048) state this, or all of the longer ones begin with it.
    Cells that are no phone numbers stay as they are.
    """
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE phones AS
        SELECT x, {digits_of("x")} AS digits, regexp_matches(x, '^''?(\\+|00[1-9])') AS stated
        FROM (SELECT DISTINCT {text} AS x FROM {relation})
        WHERE regexp_matches(x, {literal(SHAPE)})"""
    )
    con.execute(
        f"DELETE FROM phones WHERE length(digits) NOT BETWEEN {_LEAST_DIGITS} AND {_MOST_DIGITS}"
    )
    code, length = _shared_code(con)
    key = key_sql("digits", "stated", code, length)
    spellings, numbers, changed = con.execute(
        f"SELECT count(*), count(DISTINCT {key}), count_if(x <> {key}) FROM phones"
    ).fetchall()[0]
    con.execute("DROP TABLE phones")
    if spellings == numbers and not (changed and changed < spellings):
        # All are spelt alike: their ids stay what they are.
        return Phones(text, spellings, numbers, "")
    stated = f"regexp_matches({text}, '^''?(\\+|00[1-9])')"
    digits = digits_of(text)
    is_number = (
        f"regexp_matches({text}, {literal(SHAPE)}) AND "
        f"length({digits}) BETWEEN {_LEAST_DIGITS} AND {_MOST_DIGITS}"
    )
    sql = f"(CASE WHEN {is_number} THEN {key_sql(digits, stated, code, length)} ELSE {text} END)"
    return Phones(sql, spellings, numbers, code)


def key_sql(digits: str, stated: str, code: str, length: int) -> str:
    """SQL of a number with its calling code, where the file shows which one it leaves out."""
    if not code:
        return digits
    least = length + len(code) - 1
    from_home = f"starts_with({digits}, '{code}') AND length({digits}) >= {least}"
    # Within many countries a number begins with a zero, which a calling code replaces.
    return (
        f"(CASE WHEN {stated} OR ({from_home}) THEN {digits} "
        f"ELSE '{code}' || regexp_replace({digits}, '^0', '') END)"
    )


def _shared_code(con: duckdb.DuckDBPyConnection) -> tuple[str, int]:
    """The calling code that some numbers have and others lack, and their digits without it.

    Only where a number stands in the file in both ways: else no two spellings are one number.
    """
    # Stated by most of those that state any.
    found = con.execute(
        f"""SELECT code, count(*) AS n, sum(count(*)) OVER (), mode(length(digits) - length(code))
        FROM (SELECT digits, regexp_extract(digits, '^({CALLING_CODE})') AS code
            FROM phones WHERE stated)
        GROUP BY code ORDER BY n DESC, code LIMIT 1"""
    ).fetchall()
    if found:
        code, n, of, length = found[0]
        if code and n > 0.5 * of and _twins(con, code, "stated", "NOT stated"):
            return str(code), int(length)
    # Or shared by all of the longer ones of two lengths.
    lengths = con.execute(
        """SELECT length(digits) AS l, count(*) AS n FROM phones
        WHERE NOT stated AND NOT starts_with(digits, '0') GROUP BY l ORDER BY n DESC, l LIMIT 4"""
    ).fetchall()
    for long, n in lengths:
        for short, _ in lengths:
            if not 1 <= long - short <= 3:
                continue
            alike = f"length(digits) = {long} AND NOT stated"
            code, most = con.execute(
                f"""SELECT left(digits, {long - short}) AS code, count(*) AS n FROM phones
                WHERE {alike} GROUP BY code ORDER BY n DESC, code LIMIT 1"""
            ).fetchall()[0]
            other = f"length(digits) = {short} AND NOT stated"
            if (
                re.fullmatch(CALLING_CODE, code)
                and most >= 0.98 * n
                and _twins(con, code, alike, other)
            ):
                return str(code), int(short)
    return "", 0


def _twins(con: duckdb.DuckDBPyConnection, code: str, with_code: str, without: str) -> int:
    """How many numbers stand in the file with the code and without it."""
    rest = f"regexp_replace(substr(digits, {len(code) + 1}), '^0', '')"
    return int(
        con.execute(
            f"""SELECT count(*) FROM (SELECT DISTINCT {rest} AS d FROM phones
                WHERE {with_code} AND starts_with(digits, '{code}'))
            JOIN (SELECT DISTINCT regexp_replace(digits, '^0', '') AS d FROM phones
                WHERE {without}) USING (d)"""
        ).fetchall()[0][0]
    )
