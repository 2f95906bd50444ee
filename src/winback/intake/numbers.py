"""Turns the text of a cell into a number, as SQL over whole columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from winback.intake.cells import SPACES, as_text, bound, is_text, literal, one_row
from winback.results.base import Fact, fact

# Signs and words of money that may stand before or after a number.
_UNIT = r"(?:\p{Sc}|\p{L}{1,4}\.?\p{Sc}?)"
_NUMBER = (
    rf"^[(]?\s*[-+−–]?\s*{_UNIT}?\s*[-+−–]?\s*"
    r"(\d[\d.,\s\x{a0}\x{202f}''’]*|[.,]\d+)"
    rf"\s*[-−–]?\s*{_UNIT}?\s*[)]?\s*[-−–]?$"
)
_BODY = f"regexp_extract(x, '{_NUMBER}', 1)"
_SYMBOL_CODES = {
    "zł": "PLN",
    "zl": "PLN",
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "kč": "CZK",
    "¥": "JPY",
}


@dataclass(frozen=True)
class Numbers:
    """A number column: SQL of the value as DOUBLE, what to tell, currencies written in it."""

    sql: str
    note: Fact
    currencies: dict[str, int]


def looks_like_number(cell: str) -> bool:
    """Say whether a text is a number, perhaps with a currency sign or spaces."""
    text = cell.strip(SPACES)
    unit = r"(?:[€£$¥]|[^\W\d_]{1,4}\.?[€£$¥]?)"
    pattern = (
        rf"^\(?\s*[-+−–]?\s*{unit}?\s*[-+−–]?\s*(\d[\d.,\s'’]*|[.,]\d+)"
        rf"\s*[-−–]?\s*{unit}?\s*\)?[-−–]?$"
    )
    return bool(re.match(pattern, text)) or bool(re.match(r"^[-+]?\d+(\.\d+)?[eE][-+]?\d+$", text))


def rough_number(cell: str | None) -> float | None:
    """Give the number a single cell most likely means: enough to compare, not to count."""
    digits = re.sub(r"[^0-9.,-]", "", cell or "")
    mark = max(digits.rfind(","), digits.rfind("."))
    plain = (
        re.sub("[.,]", "", digits[: max(mark, 0)]) + "." + digits[mark + 1 :]
        if mark >= 0
        else digits
    )
    try:
        return float(plain)
    except ValueError:
        return None


def read_numbers(
    con: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str, name: str
) -> Numbers:
    """Find out how a column writes its numbers: decimal mark, thousands, signs, currency."""
    if not is_text(kind):
        # A float32 says more digits than it holds when widened; its shortest text does not.
        number = f"CAST(CAST({column} AS VARCHAR) AS DOUBLE)" if kind == "FLOAT" else column
        sql = f"CAST({number} AS DOUBLE)"
        if kind in ("FLOAT", "DOUBLE"):
            sql = f"(CASE WHEN isfinite({column}) THEN {sql} END)"
        return Numbers(sql, fact("intake.numbers"), {})
    text = as_text(column, kind)
    filled, plain, dotted, threes, small = one_row(
        con,
        f"SELECT count(x), count(try_cast(x AS DOUBLE)), count_if(contains(x, '.')), "
        f"count_if(x[-4] = '.' AND x[1] <> '0'), "
        f"count_if(NOT contains(x, '.') AND abs(try_cast(x AS DOUBLE)) < 1000) "
        f"FROM (SELECT {text} AS x FROM {relation})",
    )
    dots_are_thousands = dotted >= 20 and dotted == threes and small and small == filled - dotted
    if plain == filled and not dots_are_thousands:
        number = f"try_cast({text} AS DOUBLE)"
        note = fact("intake.numbers_point" if dotted else "intake.numbers")
        return Numbers(f"(CASE WHEN isfinite({number}) THEN {number} END)", note, {})
    quick = _quick_numbers(con, relation, text, filled) if not dotted else None
    if quick is not None:
        return quick
    decimal = "," if dots_are_thousands else _decimal_mark(con, relation, text)
    note = fact("intake.numbers_comma" if decimal == "," else "intake.numbers_point")
    sql = bound(_number_sql(decimal), text)
    return Numbers(sql, note, _currencies(con, relation, text))


def _decimal_mark(con: duckdb.DuckDBPyConnection, relation: str, text: str) -> str:
    """The mark that cannot be of thousands in most of the cells that tell."""
    comma, dot, comma_threes, big, short = one_row(
        con,
        f"""SELECT
        count_if(regexp_matches(b, '\\..*,|,\\d{{1,2}}$|,\\d{{4,}}$|^0,|\\..*\\.')) AS comma,
        count_if(regexp_matches(b,
            ',.*\\.|^\\d+\\.\\d{{1,2}}$|^\\d+\\.\\d{{4,}}$|^0\\.|,.*,')) AS dot,
        count_if(regexp_matches(b, '^[^,.]*,\\d{{3}}$')) AS comma_threes,
        count_if(regexp_matches(b, '^\\d{{4,}}$')) AS plain,
        count_if(regexp_matches(b, '^\\d{{1,3}}$')) AS short
        FROM (SELECT regexp_replace({_BODY}, '[\\s\\p{{Z}}]+$', '') AS b
            FROM (SELECT {text} AS x FROM {relation}))""",
    )
    if comma or dot:
        return "," if comma > dot else "."
    return "," if comma_threes and (big or not short) else "."


def _number_sql(decimal: str) -> str:
    """SQL of the number that a text x says, by the decimal mark of its column."""
    thousands = "." if decimal == "," else ","
    digits = "regexp_replace(b, '[^0-9.,]', '', 'g')"
    # One mark followed by other than three digits is decimal, whatever the column prefers.
    value = (
        f"CASE WHEN regexp_matches(d, '^\\d*[.,](\\d{{1,2}}|\\d{{4,}})?$') OR starts_with(d, '0') "
        f"THEN replace(d, ',', '.') "
        f"WHEN regexp_matches(d, '\\..*,[^.]*$') AND NOT regexp_matches(d, ',.*,') "
        f"THEN replace(replace(d, '.', ''), ',', '.') "
        f"WHEN regexp_matches(d, ',.*\\.[^,]*$') AND NOT regexp_matches(d, '\\..*\\.') "
        f"THEN replace(d, ',', '') "
        f"ELSE replace(replace(d, '{thousands}', ''), '{decimal}', '.') END"
    )
    number = (
        f"list_transform([list_transform([{_BODY}], lambda b: {digits})[1]], lambda d: {value})[1]"
    )
    negative = "regexp_matches(x, '^[(]|[-−–]')"
    return (
        "CASE WHEN x IS NULL THEN NULL "
        f"WHEN regexp_matches(x, '^[-+]?\\d+(\\.\\d+)?[eE][-+]?\\d+$') "
        f"THEN try_cast(x AS DOUBLE) WHEN {negative} THEN -try_cast({number} AS DOUBLE) "
        f"ELSE try_cast({number} AS DOUBLE) END"
    )


def _currencies(con: duckdb.DuckDBPyConnection, relation: str, text: str) -> dict[str, int]:
    """How many numbers have which currency beside them."""
    signs = con.execute(
        f"SELECT upper(regexp_extract(x, '(\\p{{L}}{{1,4}}\\.?\\p{{Sc}}?|\\p{{Sc}})', 1)) AS s, "
        f"count(*) FROM (SELECT {text} AS x FROM {relation}) "
        f"WHERE regexp_matches(x, '{_NUMBER}') GROUP BY s ORDER BY s"
    ).fetchall()
    found: dict[str, int] = {}
    for sign, count in signs:
        code = _currency(sign)
        if code:
            found[code] = found.get(code, 0) + count
    return found


def _quick_numbers(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, filled: int
) -> Numbers | None:
    """Read decimal commas with at most four units and spaces around, if that is all there is."""
    found = con.execute(
        f"SELECT DISTINCT unnest(regexp_extract_all(x, '[^-+0-9,]+')) AS u FROM "
        f"(SELECT {text} AS x FROM {relation} WHERE {text} IS NOT NULL LIMIT 20000) ORDER BY u"
    ).fetchall()
    units = sorted((u for (u,) in found), key=len, reverse=True)
    fine = re.compile(r"^\s*([^\W\d_]{1,4}|[€£$¥])?\s*$")
    if len(units) > 4 or not all(fine.match(unit) for unit in units):
        return None
    value = text
    for unit in units:
        value = f"replace({value}, {literal(unit)}, '')"
    value = f"try_cast(replace({value}, ',', '.') AS DOUBLE)"
    marks = [unit.strip() for unit in units if unit.strip()]
    held = "".join(f", count_if(contains({text}, {literal(mark)}))" for mark in marks)
    read, clear, *uses = one_row(
        con,
        f"SELECT count({value}), count_if(contains({text}, ',') AND NOT "
        f"regexp_matches({text}, ',[0-9]{{3}}([^0-9]|$)')){held} FROM {relation}",
    )
    if read < filled or not clear:
        return None
    currencies = dict(zip(map(_currency, marks), uses, strict=True))
    return Numbers(value, fact("intake.numbers_comma"), currencies)


def _currency(mark: str) -> str:
    return _SYMBOL_CODES.get(mark.lower().rstrip("."), mark.upper())
