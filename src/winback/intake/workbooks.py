"""Reads a sheet of a workbook as columns of numbers, dates and exact text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from winback.errors import EmptyTable, WinbackError
from winback.intake.containers import choose, took
from winback.intake.headings import could_hold_orders, find_heading, usual_width
from winback.intake.shapes import SAMPLE_ROWS, Wanted, distinct_names
from winback.results.base import Fact

# Spreadsheets keep and show fifteen digits; what a float adds behind them is noise.
_DIGITS = 15
_BATCH = 1 << 15
_MOST_EXACT = 1 << 53


class Sheet:
    """A table of a workbook, written to a Parquet file with the columns ``c0``… and ``src``.

    ``src`` is the row of the sheet, from 0.
    """

    def __init__(self, sheet: Any, label: str, place: Path, wanted: Wanted) -> None:
        self.label, self.path, self._sheet = label, place, sheet
        heading = find_heading(
            [cells for _, cells in _texts(sheet, SAMPLE_ROWS)], "", wanted.money, label
        )
        self.understood = heading.understood
        rows = list(_texts(sheet, SAMPLE_ROWS))
        # Rows of the sheet that stand above the first of the table.
        self.begin = rows[heading.first][0] if heading.first < len(rows) else 1 << 40
        kinds = self._kinds()
        names = [*heading.names, *(f"column {i + 1}" for i in range(len(heading.names), 1 << 14))]
        # Columns without a cell and without a name are paper.
        self._kept = [
            i for i, kind in enumerate(kinds)
            if kind or (i < len(heading.names) and not names[i].startswith("column "))
        ]  # fmt: skip
        self.names = distinct_names([names[i] for i in self._kept])
        self._types = [kinds[i] for i in self._kept]
        self.rows = self._write()
        if not self.rows:
            raise EmptyTable("intake.header_alone", file=label)

    def _body(self) -> Iterator[tuple[int, list[Any]]]:
        return ((n, row) for n, row in _rows(self._sheet) if n >= self.begin)

    def _kinds(self) -> list[str]:
        """What each column holds: ``whole``, ``number``, ``date``, ``time``, ``text``, nothing."""
        found: list[set[str]] = []
        for _, row in self._body():
            found += [set() for _ in row[len(found) :]]
            for kinds, cell in zip(found, row, strict=False):
                kinds.add(_kind(cell))
        return [_common(kinds - {""}) for kinds in found]

    def _write(self) -> int:
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrow = {
            "whole": pa.int64(), "number": pa.float64(), "date": pa.date32(),
            "time": pa.timestamp("s"), "text": pa.string(), "": pa.string(),
        }  # fmt: skip
        schema = pa.schema(
            [(f"c{i}", arrow[kind]) for i, kind in enumerate(self._types)] + [("src", pa.int64())]
        )
        total = 0
        with pq.ParquetWriter(self.path, schema) as writer:
            body = self._body()
            while batch := list(islice(body, _BATCH)):
                arrays = [
                    pa.array([_as(kind, row[i]) for _, row in batch], arrow[kind])
                    for i, kind in zip(self._kept, self._types, strict=True)
                ]
                arrays.append(pa.array([n for n, _ in batch], pa.int64()))
                writer.write_table(pa.table(arrays, schema=schema))
                total += len(batch)
        return total


def open_sheets(
    path: Path, label: str, wanted: Wanted, scratch: Path, number: str, *, alone: bool
) -> list[tuple[Sheet, tuple[Fact, ...]]]:
    """The sheets of a workbook that are wanted: the only one that holds a table, or those named."""
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            shown = [
                one.name
                for one in book.sheets_metadata
                if one.typ == calamine.SheetTypeEnum.WorkSheet
            ]
            tables = _tables(book, shown)
            if not tables:
                raise WinbackError("intake.no_sheet", file=label)
            chosen = choose(tables, shown, wanted, label, alone=alone)
            left = [name for name in shown if name not in chosen]
            found = tuple(took(label, chosen, left)) if len(shown) > 1 else ()
            sheets = []
            for place, name in enumerate(chosen):
                inner = f"{label}/{name}" if len(chosen) > 1 else label
                target = scratch / f"sheet{number}_{place}.parquet"
                sheet = Sheet(book.get_sheet_by_name(name), inner, target, wanted)
                sheets.append((sheet, () if place else found))
            return sheets
    except calamine.PasswordError as error:
        raise WinbackError("intake.locked_workbook", file=label) from error
    except calamine.CalamineError as error:
        raise WinbackError("intake.not_workbook", file=label) from error


def _tables(book: Any, names: Sequence[str]) -> list[str]:
    """The sheets that hold a table; of several those in which rows could be orders."""
    found: dict[str, list[list[str]]] = {}
    for name in names:
        rows = [cells for _, cells in _texts(book.get_sheet_by_name(name), 300)]
        if len(rows) > 1 and usual_width(rows) > 1:
            found[name] = rows
    likely = [
        name for name, rows in found.items() if could_hold_orders(*_parted(rows))
    ]  # fmt: skip
    return likely or list(found)


def _parted(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    width = max(map(len, rows))
    return [""] * width, [row + [""] * (width - len(row)) for row in rows]


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Rows that are not blank, each with its number in the sheet from 0."""
    start = sheet.start
    first, left = start if start else (0, 0)
    before: list[Any] = [""] * left
    for number, row in enumerate(sheet.iter_rows()):
        if any(cell not in ("", None) for cell in row):
            yield first + number, [*before, *row]


def _texts(sheet: Any, most: int) -> Iterator[tuple[int, list[str]]]:
    """The same rows as text, as wide as the sheet."""
    return (
        (number, [_as("text", cell) or "" for cell in row])
        for number, row in islice(_rows(sheet), most)
    )


def _kind(cell: Any) -> str:
    match cell:
        case bool():
            return "text"
        case int():
            return "whole" if abs(cell) <= _MOST_EXACT else "text"
        case float():
            return "whole" if cell.is_integer() and abs(cell) <= _MOST_EXACT else "number"
        case datetime():
            return "time"
        case date():
            return "date"
        case str():
            return "text" if cell.strip() else ""
    return "" if cell is None else "text"


def _common(kinds: set[str]) -> str:
    if len(kinds) < 2:
        return next(iter(kinds), "")
    if kinds == {"whole", "number"}:
        return "number"
    return "time" if kinds == {"date", "time"} else "text"


def _as(kind: str, cell: Any) -> Any:
    """A cell as its column has it; None where it is empty."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    match kind:
        case "whole":
            return int(cell)
        case "number":
            return float(f"{cell:.{_DIGITS}g}")
        case "date":
            return cell
        case "time":
            return _whole_second(cell)
    return _text(cell)


def _whole_second(cell: date) -> datetime:
    if not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)
    # A day with a fraction seldom holds a second exactly.
    if cell.microsecond < 500_000 or cell.year == 9999:
        return cell.replace(microsecond=0)
    return cell.replace(microsecond=0) + timedelta(seconds=1)


def _text(cell: Any) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case float():
            if cell.is_integer() and abs(cell) < 1e22:
                return str(int(cell))
            return repr(float(f"{cell:.{_DIGITS}g}"))
        case datetime():
            return _whole_second(cell).isoformat(" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            seconds = round(cell.total_seconds())
            return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(cell)
