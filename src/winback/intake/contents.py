"""What the columns of a table can be by what stands in them, in the rows that were looked at."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from winback.intake.cells import nothing
from winback.intake.date_forms import looks_like_date
from winback.intake.headers import ID_WORDS, normalised
from winback.intake.numbers import looks_like_number
from winback.intake.shapes import Source

_CLOCK_TIME = re.compile(r"[T ,]+\d{1,2}:\d\d.*$")
_FRACTION = re.compile(r"[.,]\d*[1-9]|[.,]\d\d$")
_COMPACT = re.compile(r"^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(\.0)?$")


class Table:
    """The columns of a source by position: headers, normalised headers, and filled cells."""

    def __init__(self, source: Source) -> None:
        self.label, self.types = source.label, source.shape.types
        self.names, self.rows = source.shape.names, source.shape.sample
        self.keys = [normalised(name) for name in self.names]
        self.cells = [
            [cell for row in self.rows if (cell := row[i]) is not None and not nothing(cell)]
            for i in range(len(self.names))
        ]

    def mostly(self, column: int, test: Callable[[str], bool]) -> bool:
        """Whether most of up to three hundred cells pass."""
        return mostly(self.cells[column], test)

    def mostly_any(self, column: int, marks: str) -> bool:
        """Whether most cells hold one of the marks."""
        return self.mostly(column, lambda cell: any(mark in cell for mark in marks))

    def is_date(self, column: int) -> bool:
        """Whether it can be a date or a time."""
        typed = self.types[column].startswith(("TIMESTAMP", "DATE"))
        return typed or self.mostly(column, looks_like_date)

    def is_number(self, column: int) -> bool:
        """Whether it can be a number, and is no date that looks like one."""
        return self.mostly(column, lambda c: looks_like_number(c) and not is_written_date(c))

    def is_switch(self, column: int) -> bool:
        """Whether it holds nothing but 0 and 1, and a 1 among them."""
        values = {cell.removesuffix(".0") for cell in self.cells[column]}
        return "1" in values and values <= {"0", "1"}

    def is_compact_date(self, column: int) -> bool:
        """Whether it can be year, month and day as one number."""
        return self.mostly(column, lambda cell: bool(_COMPACT.match(cell)))

    def is_count(self, column: int) -> bool:
        """Whether it can be a number of pieces: small, whole, without leading zeros."""
        cells = self.cells[column]
        return mostly(cells, lambda cell: bool(re.match(r"^-?\d{1,3}(\.0)?$", cell))) and not any(
            len(cell) > 1 and cell.startswith("0") for cell in cells
        )

    def words(self, column: int) -> set[str]:
        """The different cells, normalised as headers are."""
        return {normalised(cell) for cell in self.cells[column]}

    def is_order(self, column: int, found: Mapping[str, int]) -> bool:
        """Whether a column that is called an order holds its id."""
        if ID_WORDS.search(self.keys[column]):
            return True
        # "Transaction" may be a date, or say sale and refund; an invoice may be 12/01/2024.
        dates = [n for n in range(len(self.keys)) if self.mostly(n, is_written_date)]
        if dates == [column]:
            return False
        digits = self.mostly(column, lambda cell: any(map(str.isdigit, cell)))
        return (digits and column not in dates) or self.tells_orders_apart(column, found)

    def tells_orders_apart(self, column: int, found: Mapping[str, int]) -> bool:
        """Does a column hold ids: nearly as many as orders, each of one customer and one day?

        Numbers that begin again, with the year or the day, do if on a day each has one customer,
        and a customer one of them.
        """
        if self.mostly(column, lambda c: looks_like_number(c) and bool(_FRACTION.search(c))):
            return False
        if len(self.cells[column]) < 0.5 * len(self.rows):
            return False
        others = [found[role] for role in ("customer", "date") if role in found]
        whole = {
            (row[column] or "", *(_CLOCK_TIME.sub("", row[i] or "") for i in others))
            for row in self.rows
            if not nothing(row[column]) and not any(nothing(row[i]) for i in others)
        }
        ids, groups = Counter(one[0] for one in whole), Counter(one[1:] for one in whole)
        if _mostly_once(ids) and len(ids) >= 0.5 * len(groups):
            return True
        days = Counter((one[0], one[-1]) for one in whole)
        again = len(others) == 2 and len(ids) >= 20 and _mostly_once(days) and _mostly_once(groups)
        return again and bool(ID_WORDS.search(self.keys[column]))

    def determines(self, key: int, other: int) -> bool:
        """Does each value of one column come with a single value of the other?"""
        seen: dict[str | None, set[str | None]] = defaultdict(set)
        for row in self.rows:
            if row[key]:
                seen[row[key]].add(row[other])
        return bool(seen) and sum(len(v) == 1 for v in seen.values()) >= 0.98 * len(seen)

    def equal(self, columns: Sequence[int]) -> bool:
        """Whether the columns hold the same in every row."""
        return all(len({row[i] for i in columns}) == 1 for row in self.rows)


def mostly(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    """Whether most of up to three hundred cells pass a test."""
    some = cells[:: max(1, len(cells) // 300)]
    return bool(some) and sum(map(test, some)) > 0.5 * len(some)


def is_written_date(cell: str) -> bool:
    """Is it a date, not a number that could be one? 31.12.2024 has two points, no number has."""
    return looks_like_date(cell) and (
        not looks_like_number(cell)
        or bool(re.match(r"^\s*\d{1,4}([-/. ])\d{1,2}\1 ?\d{2,4}", cell))
    )


def _mostly_once(counts: Counter[Any]) -> bool:
    return bool(counts) and sum(n == 1 for n in counts.values()) >= 0.9 * len(counts)
