"""Decides whether a comma or a point parts a column's whole numbers from their decimals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from winback.errors import UsageError
from winback.intake.cells import one_row
from winback.intake.currencies import THREE_DECIMALS, WHOLE

# Fewer numbers without a mark may be whole by chance.
_ENOUGH = 10
_SHARE = 0.02
_ONE_MARK = re.compile(r"^\d+([.,])\d{1,2}$|^\d{1,3}(?:[.,]\d{3})+([.,])\d{1,2}$")


@dataclass(frozen=True)
class Hints:
    """What is known of a column of numbers beside its cells.

    ``decimal`` is the decimal mark that was told and ``elsewhere`` the one that other columns
    show (``.`` or ``,``); ``pieces`` says that it counts pieces; ``currency`` is a code;
    ``refunds`` the marks beside refunds that were told. Without ``asks`` the likelier reading is
    taken where two are left.
    """

    file: str = ""
    decimal: str | None = None
    elsewhere: str | None = None
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
    mark, other = (",", ".") if comma_threes > dot_threes else (".", ",")
    if min(comma_threes, dot_threes) <= _SHARE * threes:
        if hints.currency in THREE_DECIMALS or big > _SHARE * threes:
            # Thousands without a mark have none; the mark is that of decimals.
            return mark
        if short and threes >= _ENOUGH and hints.elsewhere != mark:
            return other
        if hints.elsewhere:
            return hints.elsewhere
        if hints.pieces and zeros == threes:
            # Nobody sells by the thousand alone; a ledger writes 2,000 for two.
            return mark
    elif hints.elsewhere:
        return hints.elsewhere
    if not hints.asks:
        return "," if comma_threes and (big or not short) else "."
    example = one_row(
        con,
        f"SELECT min(b) FROM ({bodies}) WHERE regexp_matches(b, '^[1-9]\\d{{0,2}}[.,]\\d{{3}}$')",
    )[0]
    whole, rest = re.split("[.,]", str(example))
    raise UsageError(
        "intake.unclear_marks", file=hints.file, column=name, example=example,
        thousands=int(whole + rest), decimals=float(f"{whole}.{rest}"), lines=threes,
    )  # fmt: skip


def mark_shown(columns: Iterable[Sequence[str]]) -> str | None:
    """The decimal mark that the numbers of a file's columns show, if all that tell agree."""
    found = {",": 0, ".": 0}
    for cells in columns:
        for cell in cells:
            told = _ONE_MARK.match(cell.strip().lstrip("-−+"))
            if told:
                found[told[1] or told[2]] += 1
    mark = max(found, key=lambda one: found[one])
    total = sum(found.values())
    return mark if found[mark] >= max(3, (1 - _SHARE) * total) else None
