"""The list for people: a workbook of real numbers and days, in which text stays text."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from winback.crm.fields import FIELDS
from winback.said.words import Words, capital

MOST_ROWS = 50_000
"""A longer list has no workbook: nobody reads it, and it would take minutes and gigabytes."""

# Numbers are formats that every spreadsheet has: 49 is text. Marks are those of its country.
_FORMATS: dict[str, int | str] = {
    "text": 49,
    "whole": 1,
    "number": "0.000",
    "money": 4,
    "share": "0.0%",
    "day": "yyyy-mm-dd",
}
_WIDEST, _LOOKED_AT = 42, 1000
_RICH = re.compile(r"<r>.*</r>", re.DOTALL)


def workbook_bytes(
    columns: Mapping[str, Sequence[str | None]], contact_columns: Collection[str], words: Words,
    made_on: date | None,
) -> bytes | None:  # fmt: skip
    """The bytes of ``list.xlsx``; the same for the same list; None of a list too long for it.

    Numbers and days have their type. All else is text in cells of the format text, so that no
    spreadsheet makes a day of ``1-2`` or a number of ``007``, nor does so once the cell is
    edited. No cell holds a formula. A second sheet says what the columns mean.

    Args:
        columns: the cells of ``list.csv`` by column, an empty one for unknown.
        contact_columns: those of the shop's own, which are text whatever they are called.
        words: of the language.
        made_on: stands as the day the workbook was made.
    """
    rows = len(next(iter(columns.values())))
    if rows > MOST_ROWS:
        return None
    day = made_on or date(1980, 1, 1)
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(
        sink, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": datetime(day.year, day.month, day.day)})
    kinds = {name: _kind(name, contact_columns) for name in columns}
    styles = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    bold = book.add_format({"bold": True, "num_format": _FORMATS["text"], "bottom": 1})
    sheet = book.add_worksheet(words.term("sheet", "list"))
    for j, name in enumerate(columns):
        sheet.set_column(j, j, _width(name, columns[name]), styles[kinds[name]])
        _text(sheet, 0, j, name, bold)
    _rows(sheet, zip(*columns.values(), strict=True), list(kinds.values()), styles)
    sheet.freeze_panes(1, 1)
    if rows:
        sheet.autofilter(0, 0, rows, len(columns) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:{_last(len(columns))}{rows + 1}"})
    _meanings(book, columns, contact_columns, words, bold)
    book.close()
    return sink.getvalue()


def _kind(name: str, contact_columns: Collection[str]) -> str:
    if name in contact_columns:
        return "text"
    return "day" if name == "last_contact_date" else FIELDS[name].kind if name in FIELDS else "text"


def _rows(
    sheet: Worksheet,
    rows: Iterable[tuple[str | None, ...]],
    kinds: Sequence[str],
    styles: Mapping[str, Format],
) -> None:
    """Write the rows under the header; an unknown value is an empty cell."""
    for i, row in enumerate(rows, 1):
        for j, (cell, kind) in enumerate(zip(row, kinds, strict=True)):
            if not cell:
                continue
            if kind == "text":
                _text(sheet, i, j, cell, styles["text"])
            elif kind == "day":
                sheet.write_datetime(i, j, date.fromisoformat(cell), styles["day"])
            else:
                sheet.write_number(i, j, float(cell), styles[kind])


def _text(sheet: Worksheet, i: int, j: int, cell: str, style: Format) -> None:
    # The library would take a text of this shape for markup of its own.
    rich = _RICH.fullmatch(cell)
    text = f'<r><t xml:space="preserve">{escape(cell)}</t></r>' if rich else cell
    sheet.write_string(i, j, text, style)


def _width(name: str, cells: Sequence[str | None]) -> int:
    longest = max((len(cell or "") for cell in cells[:_LOOKED_AT]), default=0)
    return min(max(len(name), longest) + 3, _WIDEST)


def _last(columns: int) -> str:
    """The letters of a column."""
    letters = ""
    while columns:
        columns, rest = divmod(columns - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _meanings(
    book: xlsxwriter.Workbook, columns: Collection[str], contact_columns: Collection[str],
    words: Words, bold: Format,
) -> None:  # fmt: skip
    sheet = book.add_worksheet(words.term("sheet", "columns"))
    style = book.add_format({"num_format": _FORMATS["text"], "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 28, style)
    sheet.set_column(1, 1, 90, style)
    _text(sheet, 0, 0, words.term("sheet", "column"), bold)
    _text(sheet, 0, 1, words.term("sheet", "meaning"), bold)
    sheet.freeze_panes(1, 0)
    for i, name in enumerate(columns, 1):
        _text(sheet, i, 0, name, style)
        own = name in contact_columns
        meaning = words.term("sheet", "own") if own else words.term("list_column", name)
        _text(sheet, i, 1, capital(meaning), style)
