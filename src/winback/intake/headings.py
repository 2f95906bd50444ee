"""Finds where a table begins, and which of its header's names belongs to which cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from winback.errors import UsageError, WinbackError
from winback.intake.cells import nothing
from winback.intake.date_forms import looks_like_date
from winback.intake.findings import quoted
from winback.intake.headers import ALIASES, is_word_of, normalised
from winback.intake.numbers import looks_like_number
from winback.results.base import Fact, fact

_VALUE = re.compile(r"^[\s'\"]*[-+(]?[\d.,\s]*\d[\d.,\s:/TZ+-]*\)?\s*$")
_WRAPPED = re.compile(r'^="(.*)"$')
# An amount cut in two at its decimal comma.
_BEFORE_COMMA = re.compile(r"^\s*[-+−–(]?\s*\D{0,4}\d{1,3}(?:[ .'’\u00a0\u202f]?\d{3})*\s*$")
_AFTER_COMMA = re.compile(r"^\d\d?\s*\)?\s*(?:[^\W\d_]{1,4}\.?|[€£$¥])?\s*-?\s*$")
_MOST_CUTS = 3
# Nearly all rows must agree before cells are joined or names moved.
_NEARLY_ALL = 0.98


@dataclass(frozen=True)
class Heading:
    """The names of a table's columns, and where its rows begin (``first``, blank rows aside).

    ``joins`` are the cells of a row of ``width`` cells that go on in the next one, cut at a
    decimal comma.
    """

    names: tuple[str, ...]
    first: int
    width: int
    header: bool
    joins: tuple[int, ...] = ()
    understood: tuple[Fact, ...] = ()

    def mended(self, row: list[str]) -> list[str]:
        """A row with its cut cells joined; others as they are."""
        if not self.joins or len(row) != self.width:
            return row
        return _joined(row, self.joins)


def find_heading(
    rows: Sequence[list[str]], delimiter: str, money: Sequence[str], label: str
) -> Heading:
    """Find the header of rows that are not blank, and hold it against their cells.

    ``money`` are headers that are told to be money. Raises UsageError where an amount is cut at
    its decimal comma and nothing says which, WinbackError where this is not one table.
    """
    width = usual_width(rows)
    if sum(len(row) == width for row in rows) < 0.5 * len(rows) and len(rows) > 20:
        raise WinbackError("intake.several_tables", file=label, widths=_widths(rows))
    first = first_row(rows, width)
    if not any(map(looks_like_value, rows[first])):
        names = [cell.strip() for cell in rows[first]]
        while len(names) > width and not names[-1]:
            names.pop()
        body = [row for row in rows[first + 1 :] if len(row) == width]
        if len(names) > width and body:
            return _too_long(names, body, first + 1, width)
        return Heading(_filled(names, len(names)), first + 1, width, True)
    body = [row for row in rows[first:] if len(row) == width]
    names = _stray_header(rows, first, width)
    if not names:
        found = fact("intake.no_header", columns=width)
        return Heading(_filled([], width), first, width, False, understood=(found,))
    return _too_short(names, body, first, width, delimiter, money, label)


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The number of cells that most rows have; more than one if any have."""
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (counts[width] * (width > 1), width)) if counts else 0


def first_row(rows: Sequence[Sequence[str]], width: int) -> int:
    """Where the table begins: at its header, below a title a spreadsheet padded to full width."""
    full = [i for i, row in enumerate(rows) if len(row) >= width]
    filled = next((i for i in full if sum(map(bool, map(str.strip, rows[i]))) * 2 >= width), 0)
    return full[0] if any(map(looks_like_value, rows[filled])) else max(filled, full[0])


def looks_like_value(cell: str) -> bool:
    """Whether a cell holds a number, a date or an address, as no header does."""
    wrapped = _WRAPPED.match(cell)
    cell = wrapped.group(1) if wrapped else cell
    return bool(_VALUE.match(cell)) or "@" in cell


def could_hold_orders(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether there is a date among three columns or more: without, no row is an order's."""
    return len(names) > 2 and any(
        _mostly([row[i] for row in rows], looks_like_date)
        and not _mostly([row[i] for row in rows], _is_bare_number)
        for i in range(len(names))
    )


def _is_bare_number(cell: str) -> bool:
    return bool(re.fullmatch(r"\d+([.,]\d+)?", cell.strip()))


def _widths(rows: Sequence[Sequence[str]]) -> tuple[Fact, ...]:
    counts = sorted(Counter(len(row) for row in rows).items(), key=lambda one: (-one[1], one[0]))
    return tuple(fact("intake.rows_of_width", rows=n, cells=width) for width, n in counts[:3])


def _stray_header(rows: Sequence[Sequence[str]], first: int, width: int) -> list[str]:
    """The names just above the first row, where they are more or fewer than its cells."""
    if not first:
        return []
    above = [cell.strip() for cell in rows[first - 1]]
    is_header = (
        len(above) > 1 and abs(len(above) - width) <= _MOST_CUTS and all(above)
    )  # fmt: skip
    return above if is_header and not any(map(looks_like_value, above)) else []


def _too_long(names: list[str], body: Sequence[list[str]], first: int, width: int) -> Heading:
    """More names than cells: a row ends where its last cells are empty, if the others fit."""
    if _fits(names[:width], body):
        extra = quoted(names[width:])
        found = fact("intake.names_without_cells", columns=extra)
        return Heading(_filled(names[:width], width), first, width, True, understood=(found,))
    if _fits(names[-width:], body):
        found = fact("intake.names_without_cells", columns=quoted(names[:-width]))
        return Heading(_filled(names[-width:], width), first, width, True, understood=(found,))
    return _by_number(names, first, width)


def _too_short(
    names: list[str], body: Sequence[list[str]], first: int, width: int, delimiter: str,
    money: Sequence[str], label: str,
) -> Heading:  # fmt: skip
    """Fewer names than cells: an end of rows, a running number, or cells cut at a comma."""
    extra = width - len(names)
    empty = all(nothing(cell) for row in body for cell in row[-extra:])
    if empty:
        return Heading(_filled(names, width), first, width, True)
    cuts = _cuts(names, body, extra) if delimiter == "," and extra <= _MOST_CUTS else []
    if cuts:
        joins = _the_cuts(cuts, names, money)
        if joins is None:
            could = sorted({place - n for cut in cuts for n, place in enumerate(cut)})
            raise UsageError(
                "intake.split_amounts", file=label, cells=width, names=len(names),
                columns=quoted([names[i] for i in could]),
            )  # fmt: skip
        joined = quoted([names[place - n] for n, place in enumerate(joins)])
        found = fact("intake.cells_joined", columns=joined)
        return Heading(_filled(names, len(names)), first, width, True, joins, (found,))
    unnamed = [f"column {i + 1}" for i in range(extra)]
    shifted, kept = [*unnamed, *names], _filled(names, width)
    fit = [option for option in (shifted, list(kept)) if _fits(option, body)]
    if len(fit) == 2 and extra == 1 and _counts_on([row[0] for row in body]):
        fit = [shifted]
    if len(fit) != 1:
        return _by_number(names, first, width)
    code = "cells_at_start" if fit[0] is shifted else "cells_at_end"
    found = fact(f"intake.{code}", cells=extra)
    return Heading(_filled(fit[0], width), first, width, True, understood=(found,))


def _by_number(names: Sequence[str], first: int, width: int) -> Heading:
    """Nobody can say which name is whose: columns are called by their number."""
    found = fact("intake.header_unused", names=len(names), cells=width)
    return Heading(_filled([], width), first, width, True, understood=(found,))


def _filled(names: Sequence[str], width: int) -> tuple[str, ...]:
    some = [*names, *[""] * (width - len(names))]
    return tuple(name or f"column {i + 1}" for i, name in enumerate(some))


def _cuts(names: list[str], body: Sequence[list[str]], extra: int) -> list[tuple[int, ...]]:
    """The ways to join so many cells with the next that every name fits what it then names."""
    width = len(names) + extra
    pairs = [
        i
        for i in range(width - 1)
        if _nearly_all(_BEFORE_COMMA, body, i) and _nearly_all(_AFTER_COMMA, body, i + 1)
    ]
    apart = (cut for cut in combinations(pairs, extra) if all(b - a > 1 for a, b in pairwise(cut)))
    return [cut for cut in apart if _fits(names, [_joined(row, cut) for row in body[:200]])]


def _joined(row: list[str], joins: Sequence[int]) -> list[str]:
    row = list(row)
    for place in reversed(joins):
        row[place : place + 2] = [f"{row[place]},{row[place + 1]}"]
    return row


def _the_cuts(
    cuts: Sequence[tuple[int, ...]], names: Sequence[str], money: Sequence[str]
) -> tuple[int, ...] | None:
    """The cuts that lie where the names speak of money; None where several do, or none."""
    told = {name.strip().lower() for name in money}

    def is_money(name: str) -> bool:
        key = normalised(name)
        roles = ("amount", "price", "refunded", "discount")
        return any(key in ALIASES[role] for role in roles) or any(
            is_word_of(role, key) for role in ("amount", "price")
        )

    def landing(cut: tuple[int, ...]) -> list[str]:
        return [names[place - n] for n, place in enumerate(cut)]

    if told:
        cuts = [cut for cut in cuts if told & {name.lower() for name in landing(cut)}]
    if len(cuts) > 1 or not told:
        cuts = [cut for cut in cuts if all(map(is_money, landing(cut)))]
    return cuts[0] if len(cuts) == 1 else None


def _fits(names: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether dates and numbers stand where the names say so, and some name says so."""
    known = 0
    for i, name in enumerate(names):
        key = normalised(name)
        test: Callable[[str], bool] | None = None
        if key in ALIASES["date"]:
            test = looks_like_date
        elif any(key in ALIASES[role] for role in ("amount", "price", "quantity")):
            test = looks_like_number
        if test is None:
            continue
        cells = [row[i] for row in body if not nothing(row[i])]
        if not _mostly(cells, test):
            return False
        known += 1
    return known > 0


def _mostly(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    some = [cell for cell in cells if cell.strip()]
    some = some[:: max(1, len(some) // 300)]
    return bool(some) and sum(map(test, some)) >= 0.9 * len(some)


def _nearly_all(pattern: re.Pattern[str], rows: Sequence[list[str]], column: int) -> bool:
    return sum(bool(pattern.match(row[column])) for row in rows) >= _NEARLY_ALL * len(rows) > 0


def _counts_on(cells: Sequence[str]) -> bool:
    """Whether cells number their rows."""
    numbers = [int(cell) for cell in cells if cell.strip().isdigit()]
    steps = sum(b - a == 1 for a, b in pairwise(numbers))
    return len(numbers) == len(cells) and steps >= 0.9 * (len(cells) - 1)
