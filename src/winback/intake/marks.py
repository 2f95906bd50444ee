"""Decides whether a comma or a point parts a column's whole numbers from their decimals."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

from winback.errors import UsageError
from winback.intake.cells import is_text, one_row
from winback.intake.currencies import THREE_DECIMALS, WHOLE

# Fewer numbers without a mark may be whole by chance.
_ENOUGH = 10
_SHARE = 0.02
# Signs and words before and after a number.
_EDGES = re.compile(r"^[^\d.,]+|[^\d.,]+$")
_ONE_MARK = re.compile(r"^\d+([.,])\d{1,2}$|^\d{1,3}(?:[.,]\d{3})+([.,])\d{1,2}$")


@dataclass(frozen=True)
class Hints:
    """What is known of a column of numbers beside its cells.

    ``decimal`` is the decimal mark that was told and ``elsewhere`` finds the one that other
    columns show (``.`` or ``,``); ``pieces`` says that it counts pieces; ``currency`` is a code;
    ``refunds`` the marks beside refunds that were told. Without ``asks`` the likelier reading is
    taken where two are left.
    """

    file: str = ""
    decimal: str | None = None
    elsewhere: Callable[[], str | None] = lambda: None
    pieces: bool = False
    currency: str = ""
    refunds: Sequence[str] = ()
    asks: bool = False


def decimal_mark(con: duckdb.DuckDBPyConnection, bodies: str, name: str, hints: Hints) -> str:
    """The mark that cannot be of thousands in most of the cells that tell.

    ``bodies`` is a relation of the digits and marks ``b`` of all cells. Where every mark has three
    digits behind it, what stands without one decides, or the file's other columns. Raises
    UsageError where nothing does.
    """
    if hints.decimal:
        return hints.decimal
    comma, dot, comma_threes, dot_threes, zeros, big, short = one_row(
        con,
        f"""SELECT
        count_if(regexp_matches(b, '\\..*,|,\\d{{1,2}}$|,\\d{{4,}}$|^0?,|^\\d{{4,}},|\\..*\\.')),
        count_if(regexp_matches(b,
            ',.*\\.|^\\d+\\.\\d{{1,2}}$|^\\d+\\.\\d{{4,}}$|^0?\\.|^\\d{{4,}}\\.|,.*,')),
        count_if(regexp_matches(b, '^[1-9]\\d{{0,2}},\\d{{3}}$')),
        count_if(regexp_matches(b, '^[1-9]\\d{{0,2}}\\.\\d{{3}}$')),
        count_if(regexp_matches(b, '^[1-9]\\d{{0,2}}[.,]000$')),
        count_if(regexp_matches(b, '^\\d{{4,}}$')),
        count_if(regexp_matches(b, '^\\d{{1,3}}$')) FROM ({bodies})""",
    )
    if comma or dot:
        return "," if comma > dot else "."
    threes = comma_threes + dot_threes
    if not threes:
        return "."
    if hints.currency in WHOLE:
        return "." if comma_threes > dot_threes else ","
    elsewhere = hints.elsewhere()
    mark, other = (",", ".") if comma_threes > dot_threes else (".", ",")
    if min(comma_threes, dot_threes) <= _SHARE * threes:
        if hints.currency in THREE_DECIMALS or big > _SHARE * threes:
            # Thousands without a mark have none; the mark is that of decimals.
            return mark
        if short and threes >= _ENOUGH and elsewhere != mark:
            return other
        if elsewhere:
            return elsewhere
        if hints.pieces and zeros == threes:
            # Nobody sells by the thousand alone; a ledger writes 2,000 for two.
            return mark
    elif elsewhere:
        return elsewhere
    if not hints.asks:
        return "," if comma_threes and (big or not short) else "."
    example = one_row(
        con,
        f"SELECT min(b) FROM ({bodies}) WHERE regexp_matches(b, '^[1-9]\\d{{0,2}}[.,]\\d{{3}}$')",
    )[0]
    whole, rest = re.split("[.,]", str(example))
    is_comma = "," in str(example)
    raise UsageError(
        "intake.unclear_marks", file=hints.file, column=name, example=example,
        thousands=whole + rest, whole=whole, for_thousands="point" if is_comma else "comma",
        for_decimals="comma" if is_comma else "point",
    )  # fmt: skip


def mark_shown(rows: Sequence[Sequence[str | None]], types: Sequence[str], but: int) -> str | None:
    """The decimal mark that a file's columns of text show, all ``but`` one, if they agree."""
    found = {",": 0, ".": 0}
    columns = [i for i, kind in enumerate(types) if i != but and is_text(kind)]
    for row in rows:
        for i in columns:
            told = _ONE_MARK.match(_EDGES.sub("", row[i] or ""))
            if told:
                found[told[1] or told[2]] += 1
    mark = max(found, key=lambda one: found[one])
    return mark if found[mark] >= max(3, (1 - _SHARE) * sum(found.values())) else None
