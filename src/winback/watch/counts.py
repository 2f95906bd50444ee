"""What a shop's order lines add up to, day by day: the little that its drift is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np

from winback.arrays import Floats, Integers
from winback.tables.history import MOST_VALUES

_EPOCH = date(1970, 1, 1)
# Logarithms are summed in thousandths, so that sums are exact in any order.
MILLI = 1000
_BOUGHT = "kind = 'order'"
_LATE = f"{_BOUGHT} AND CAST(known_at AS DATE) > CAST(ordered_at AS DATE)"


def _log_sum(number: str, where: str) -> str:
    """SQL of the sum of a logarithm over some lines."""
    logarithm = f"ln(CASE WHEN {where} THEN {number} END)"
    return f"coalesce(sum(CAST(round({MILLI} * {logarithm}) AS BIGINT)), 0)"


_SUMS = {
    "lines": f"count(*) FILTER ({_BOUGHT})",
    "refunds": "count(*) FILTER (kind = 'refund')",
    "priced": f"count(*) FILTER ({_BOUGHT} AND amount > 0)",
    "log_amount": _log_sum("amount", f"{_BOUGHT} AND amount > 0"),
    "counted": f"count(*) FILTER ({_BOUGHT} AND quantity > 0)",
    "log_quantity": _log_sum("quantity", f"{_BOUGHT} AND quantity > 0"),
    "late": f"count(*) FILTER ({_LATE})",
    "log_late": _log_sum("1 + date_diff('day', ordered_at, known_at)", _LATE),
}
Kind = Literal["column", "order_ids", "product_ids", "signals", "attributes"]


@dataclass(frozen=True, eq=False)
class Marks:
    """How many lines of each day bear each value of one thing that tells lines apart.

    ``kind`` says of what: a column of the export, the letters that ids of orders or products
    begin with, the names of signals, or the levels of the attribute ``name``.
    """

    kind: Kind
    name: str
    counts: Mapping[str, Integers]

    @property
    def total(self) -> Integers:
        """Lines of each day, whatever their value."""
        return np.asarray(sum(self.counts.values()), np.int64)


@dataclass(frozen=True, eq=False)
class ShopCounts:
    """Sums over the lines of each day of the whole shop.

    ``day`` are whole days since 1970, consecutive; ``sums`` by name: ``purchases``, ``lines`` of
    purchases, lines of ``refunds``, lines with a price (``priced``) and the sum of its logarithm
    in thousandths (``log_amount``), the same of quantities (``counted``, ``log_quantity``),
    lines that became known on a ``late``-r day and the logarithm of one more than the days that
    took (``log_late``). ``unknown`` has a row for each day and later day of knowing: day, day of
    knowing, lines, purchases; they are in the sums, too. ``usual`` is what each day is worth of a
    usual one: 0 without a shop to buy from, else by weekday and feast.
    ``amount_scale`` of the amounts make 1 of the currency.
    """

    day: Integers
    sums: Mapping[str, Integers]
    usual: Floats
    unknown: Integers = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    marks: tuple[Marks, ...] = ()
    amount_scale: int = 1

    def __post_init__(self) -> None:
        """Nothing is added up twice."""
        assert all(len(of) == len(self.day) for of in (self.usual, *self.sums.values()))

    def as_known(self, name: str, end: int) -> Integers:
        """``lines`` or ``purchases`` by day as they were known before that place."""
        found = self.sums[name].copy()
        place = {"lines": 2, "purchases": 3}.get(name)
        if place is not None and len(self.unknown):
            first = self.day[0]
            later = self.unknown[self.unknown[:, 1] >= first + end]
            later = later[(later[:, 0] >= first) & (later[:, 0] < first + len(found))]
            np.subtract.at(found, later[:, 0] - first, later[:, place])
        return found

    def day_at(self, place: int) -> date:
        """The day at a place."""
        return _EPOCH + timedelta(days=int(self.day[0]) + place)

    def place(self, day: date) -> int:
        """The place of a day."""
        return int((day - _EPOCH).days - self.day[0])


def count_lines(
    orders: Path, day: Integers, memory_limit: str, threads: int | None
) -> tuple[dict[str, Integers], Integers, tuple[Marks, ...]]:
    """The sums over the lines of the days, the lines known late, and the beginnings of ids.

    Args:
        orders: canonical order lines.
        day: whole days since 1970, consecutive.
        memory_limit: most memory, as DuckDB has it.
        threads: threads to count with; None: all cores.
    """
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory_limit}
    if threads is not None:
        settings["threads"] = threads
    con = duckdb.connect(config=settings)
    con.execute(f"CREATE VIEW lines AS SELECT * FROM read_parquet({_literal(orders)})")
    of_day = "date_diff('day', DATE '1970-01-01', CAST(ordered_at AS DATE))"
    known = "date_diff('day', DATE '1970-01-01', CAST(known_at AS DATE))"
    names = ", ".join(f"CAST({sql} AS BIGINT) AS {name}" for name, sql in _SUMS.items())
    found = con.execute(f"SELECT {of_day} AS day, {names} FROM lines GROUP BY 1").fetchnumpy()
    sums = {name: on_days(day, found["day"], found[name]) for name in _SUMS}
    late = con.execute(
        f"SELECT {of_day} AS day, {known} AS known, count(*) AS n FROM lines "
        f"WHERE {_LATE} GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchnumpy()
    unknown = np.column_stack([np.asarray(late[n], np.int64) for n in ("day", "known", "n")])
    marks = (
        _beginnings(con, "order_ids", "order_id", of_day, day),
        _beginnings(con, "product_ids", "product_id", of_day, day),
    )
    con.close()
    return sums, unknown, tuple(one for one in marks if one is not None)


def _beginnings(con: Any, kind: Kind, column: str, of_day: str, day: Integers) -> Marks | None:
    """Lines of each day by the letters that an id begins with, where these are a few."""
    letters = f"upper(regexp_extract({column}, '^[A-Za-z]+'))"
    of = f"FROM lines WHERE kind = 'order' AND {column} IS NOT NULL"
    found = con.execute(
        f"SELECT {of_day} AS day, {letters} AS value, count(*) AS n {of} GROUP BY 1, 2"
    ).fetchnumpy()
    return marks_of(kind, "", day, found["day"], found["value"], found["n"])


def marks_of(
    kind: Kind, name: str, day: Integers, days: Any, values: Any, lines: Any
) -> Marks | None:
    """Lines by day and value as `Marks`; None where there is one value, or too many."""
    values = np.asarray(values, object)
    different = sorted({str(value) for value in values})
    if not 1 < len(different) <= MOST_VALUES:
        return None
    days, lines = np.asarray(days, np.int64), np.asarray(lines, np.int64)
    counts = {
        value: on_days(day, days[here], lines[here])
        for value in different
        if (here := values == value).any()
    }
    return Marks(kind, name, counts)


def on_days(day: Integers, days: Any, numbers: Any) -> Integers:
    """Numbers of some days as an array of all of them."""
    found = np.zeros(len(day), np.int64)
    if len(day):
        places = np.asarray(days, np.int64) - day[0]
        inside = (places >= 0) & (places < len(day))
        np.add.at(found, places[inside], np.asarray(numbers, np.int64)[inside])
    return found


def _literal(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"
