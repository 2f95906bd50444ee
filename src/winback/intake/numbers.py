"""Turns the text of a cell into a number, as SQL over whole columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from winback.intake.cells import SPACES, as_text, bound, is_text, literal, one_row
from winback.intake.currencies import SIGNS, is_currency, meanings, one_meaning
from winback.intake.findings import joined
from winback.intake.marks import Hints, decimal_mark
from winback.intake.sides import WORDS as SIDES
from winback.intake.sides import is_side, refund_marks
from winback.results.base import Fact, fact

_LONG_WORDS = (
    "credit debit debet kredit haben minus euros dollars? pounds? rupees? korun kronor kroner "
    "forint złotych zlotych złote zlote złoty zloty francs franken"
).replace(" ", "|")


def _pattern(sign: str, letter: str, space: str) -> str:
    """The whole of a cell that is a number, as both dialects of expressions have it."""
    # Signs and words of money or of an account's side, before or after the number.
    unit = rf"(?:{sign}{letter}{{0,3}}|{letter}{{1,4}}\.?\s?{sign}?|{_LONG_WORDS})"
    side = rf"(?:{'|'.join(sorted(SIDES))})\.?"
    dash = "[-−–]"
    return (
        rf"(?i)^[(]?\s*(?:[+]|{dash})?\s*(?:{unit}\.?\s*)?[(]?\s*(?:[+]|{dash})?\s*"
        rf"(\d[\d.,{space}'’]*|[.,]\d+)"
        rf"\s*(?:/-|{dash})?\s*(?:{unit}(?:\s+{side})?)?\s*[)]?\s*{dash}?$"
    )


_IN_PYTHON = re.compile(_pattern(f"[{SIGNS}]", r"[^\W\d_]", r"\s"))
_IN_SQL = literal(_pattern(r"\p{Sc}", r"\p{L}", r"\s\x{a0}\x{202f}\x{2007}\x{2009}"))
_SCIENTIFIC = r"^[-+]?\d+([.,]\d+)?[eE][-+]?\d+$"
_BODY = f"regexp_extract(x, {_IN_SQL}, 1)"
# Letters, or signs, that stand together in a cell.
_MARKS = r"\p{L}+\.?(\s?\p{Sc})?|\p{Sc}\p{L}*"
_ARABIC = ("٠١٢٣٤٥٦٧٨٩٫٬۰۱۲۳۴۵۶۷۸۹", "0123456789.,0123456789")  # noqa: RUF001
_PLAIN_DIGITS = str.maketrans(*_ARABIC)


@dataclass(frozen=True)
class Numbers:
    """A number column: SQL of the value as DOUBLE, what to tell, lines by currency.

    ``marks`` is SQL of what the sign or word beside a number stands for, a currency's code or
    the letters of an account's side; empty where no cell has any.
    """

    sql: str
    note: Fact
    currencies: dict[str, int]
    marks: str = ""


def looks_like_number(cell: str) -> bool:
    """Say whether a text is a number, perhaps with a currency sign or spaces."""
    text = cell.strip(SPACES)
    text = text if text.isascii() else text.translate(_PLAIN_DIGITS)
    return bool(_IN_PYTHON.match(text) or re.match(_SCIENTIFIC, text))


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
    con: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str, name: str,
    hints: Hints | None = None,
) -> Numbers:  # fmt: skip
    """Find out how a column writes its numbers: decimal mark, thousands, signs, currency.

    Raises UsageError where that can be read in two ways, if the hints say that it is asked.
    """
    hints = hints or Hints()
    if not is_text(kind):
        # A float32 says more digits than it holds when widened; its shortest text does not.
        number = f"CAST(CAST({column} AS VARCHAR) AS DOUBLE)" if kind == "FLOAT" else column
        sql = f"CAST({number} AS DOUBLE)"
        if kind in ("FLOAT", "DOUBLE"):
            sql = f"(CASE WHEN isfinite({column}) THEN {sql} END)"
        return Numbers(sql, fact("intake.numbers"), {})
    text = as_text(column, kind)
    filled, plain, dotted, threes = one_row(
        con,
        f"SELECT count(x), count(try_cast(x AS DOUBLE)), count_if(contains(x, '.')), "
        f"count_if(x[-4] = '.' AND x[1] <> '0') "
        f"FROM (SELECT {text} AS x FROM {relation})",
    )
    if plain == filled and not (dotted and (dotted == threes or hints.decimal == ",")):
        number = f"try_cast({text} AS DOUBLE)"
        note = fact("intake.numbers_point" if dotted else "intake.numbers")
        return Numbers(f"(CASE WHEN isfinite({number}) THEN {number} END)", note, {})
    quick = None
    if not dotted and hints.decimal != ".":
        quick = _quick_numbers(con, relation, text, filled, hints.currency)
    if quick is None and plain < filled:
        quick = _with_thousands(con, relation, text, filled, name, hints)
    if quick is not None:
        return quick
    other_digits = f"regexp_matches({text}, '[{_ARABIC[0]}]')"
    if plain < filled and one_row(con, f"SELECT count_if({other_digits}) FROM {relation}")[0]:
        text = f"translate({text}, '{_ARABIC[0]}', '{_ARABIC[1]}')"
    marks = _marks(con, relation, text) if plain < filled else {}
    currencies, sides, unmarked = _sorted_marks(marks)
    codes = one_meaning(currencies, hints.currency)
    if not hints.currency and len(codes) == 1:
        hints = replace(hints, currency=next(iter(codes)))
    refunds, said = refund_marks(sides, unmarked, hints=hints, column=name)
    digits = f"regexp_replace({_BODY}, '[^0-9.,]', '', 'g')"
    bodies = f"SELECT {digits} AS b FROM (SELECT {text} AS x FROM {relation})"
    decimal = decimal_mark(con, bodies, name, hints)
    note = fact("intake.numbers_comma" if decimal == "," else "intake.numbers_point")
    note = joined(note, said) if said is not None else note
    meant = [(mark, mark.rstrip(".").upper()) for mark in sorted(sides)] or _meant(
        currencies, hints.currency
    )
    return Numbers(bound(_number_sql(decimal, refunds), text), note, codes, _mark_sql(text, meant))


def _meant(marks: Mapping[str, int], currency: str) -> list[tuple[str, str]]:
    """Marks of currencies and their codes, the longest first: US$ is no $."""
    ordered = sorted(marks, key=lambda mark: (-len(mark), mark))
    found = [(mark, next(iter(one_meaning({mark: 1}, currency)))) for mark in ordered]
    known = {code for _, code in found if code}
    # A crown alone is that of the country whose code stands beside other amounts.
    one = {mark: next((c for c in meanings(mark) if c in known), "") for mark, code in found}
    return [(mark, code or one[mark]) for mark, code in found]


def _mark_sql(text: str, meant: Sequence[tuple[str, str]]) -> str:
    if not meant:
        return ""
    whens = " ".join(
        f"WHEN contains({text}, {literal(mark)}) THEN {literal(code)}" for mark, code in meant
    )
    return f"(CASE {whens} END)"


def _number_sql(decimal: str, refunds: list[str]) -> str:
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
    negative = "regexp_matches(replace(x, '/-', ''), '[(]|[-−–]')"
    if refunds:
        words = "|".join(re.escape(mark.rstrip(".")) for mark in refunds)
        side = rf"(?i)(^|[^\p{{L}}])({words})\.?($|[^\p{{L}}])"
        negative = f"({negative} OR regexp_matches(x, {literal(side)}))"
    return (
        "CASE WHEN x IS NULL THEN NULL "
        f"WHEN regexp_matches(x, '{_SCIENTIFIC}') "
        f"THEN try_cast(replace(x, ',', '.') AS DOUBLE) "
        f"WHEN {negative} THEN -try_cast({number} AS DOUBLE) "
        f"ELSE try_cast({number} AS DOUBLE) END"
    )


def _marks(con: duckdb.DuckDBPyConnection, relation: str, text: str) -> dict[tuple[str, ...], int]:
    """How many numbers have which signs and words beside them."""
    found = con.execute(
        f"SELECT regexp_extract_all(x, {literal(_MARKS)}) AS m, count(*) "
        f"FROM (SELECT {text} AS x FROM {relation}) "
        f"WHERE regexp_matches(x, {_IN_SQL}) GROUP BY m ORDER BY m"
    ).fetchall()
    return {tuple(marks): count for marks, count in found}


def _sorted_marks(
    marks: Mapping[tuple[str, ...], int],
) -> tuple[dict[str, int], dict[str, int], int]:
    """Lines by the mark of their currency, by that of their side, and how many have no side."""
    currencies: dict[str, int] = {}
    sides: dict[str, int] = {}
    unmarked = 0
    for beside, lines in marks.items():
        side = next((mark for mark in beside if is_side(mark) and not is_currency(mark)), None)
        # A code says more than a sign beside it.
        money = sorted(
            (mark for mark in beside if mark != side),
            key=lambda mark: (not is_currency(mark), not re.fullmatch("[A-Za-z]{3}", mark), mark),
        )
        if side is None:
            unmarked += lines
        else:
            sides[side] = sides.get(side, 0) + lines
        if money:
            currencies[money[0]] = currencies.get(money[0], 0) + lines
    return currencies, sides, unmarked


def _few_units(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, digits: str
) -> tuple[str, list[str]] | None:
    """SQL of the cells without the signs and words beside their ``digits``, and these.

    None where there are more than four of them, or other things than money may have.
    """
    found = con.execute(
        f"SELECT DISTINCT unnest(regexp_extract_all(x, '[^{digits}]+')) AS u FROM "
        f"(SELECT {text} AS x FROM {relation} WHERE {text} IS NOT NULL LIMIT 20000) ORDER BY u"
    ).fetchall()
    units = sorted((u for (u,) in found), key=len, reverse=True)
    # An E alone is that of a power of ten.
    fine = re.compile(rf"^\s*((?![eE]\s*$)[^\W\d_]{{1,4}}|[{SIGNS}])?\s*$")
    if len(units) > 4 or not all(fine.match(unit) and not is_side(unit) for unit in units):
        return None
    body = text
    for unit in units:
        body = f"replace({body}, {literal(unit)}, '')"
    return body, [unit.strip() for unit in units if unit.strip()]


def _with_thousands(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, filled: int, name: str, hints: Hints
) -> Numbers | None:
    """Read numbers with marks of thousands and units around, if all cells are written alike.

    It gives what the look at each cell by itself gives, for a tenth of the time.
    """
    units = _few_units(con, relation, text, "-0-9.,")
    if units is None:
        return None
    body, marks = units
    if any(one != other and one in other for one in marks for other in marks):
        return None
    held = "".join(f", count_if(contains({text}, {literal(mark)}))" for mark in marks)
    all_marks = "^-?[0-9][0-9.,]*$"
    read, *uses = one_row(
        con, f"SELECT count_if(regexp_matches({body}, '{all_marks}')){held} FROM {relation}"
    )
    if read < filled:
        return None
    currencies = dict(zip(marks, uses, strict=True))
    codes = one_meaning(currencies, hints.currency)
    if not hints.currency and len(codes) == 1:
        hints = replace(hints, currency=next(iter(codes)))
    bodies = f"SELECT ltrim({body}, '-') AS b FROM {relation}"
    decimal = decimal_mark(con, bodies, name, hints)
    thousands = "." if decimal == "," else ","
    form = rf"^-?([1-9]\d{{0,2}}([{thousands}]\d{{3}})+|\d+)([{decimal}]\d+)?$"
    alike = f"SELECT count_if(regexp_matches({body}, {literal(form)})) FROM {relation}"
    if one_row(con, alike)[0] < filled:
        return None
    value = f"replace(replace({body}, '{thousands}', ''), '{decimal}', '.')"
    return Numbers(
        f"try_cast({value} AS DOUBLE)",
        fact("intake.numbers_comma" if decimal == "," else "intake.numbers_point"),
        codes, _mark_sql(text, _meant(currencies, hints.currency)),
    )  # fmt: skip


def _quick_numbers(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, filled: int, currency: str
) -> Numbers | None:
    """Read decimal commas with at most four units and spaces around, if that is all there is."""
    units = _few_units(con, relation, text, "-+0-9,")
    if units is None:
        return None
    body, marks = units
    value = f"try_cast(replace({body}, ',', '.') AS DOUBLE)"
    held = "".join(f", count_if(contains({text}, {literal(mark)}))" for mark in marks)
    read, clear, *uses = one_row(
        con,
        f"SELECT count({value}), count_if(contains({text}, ',') AND NOT "
        f"regexp_matches({text}, ',[0-9]{{3}}([^0-9]|$)')){held} FROM {relation}",
    )
    if read < filled or not clear:
        return None
    currencies = dict(zip(marks, uses, strict=True))
    return Numbers(
        value, fact("intake.numbers_comma"), one_meaning(currencies, currency),
        _mark_sql(text, _meant(currencies, currency)),
    )  # fmt: skip
