"""Reads a small table of customers: an assignment, what was sent, past assignments."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.errors import UsageError, WinbackError
from winback.intake.cells import decoded

# Words for an empty cell, in columns that hold no names.
_EMPTY = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>")


def read_rows(source: pd.DataFrame | Path | str, noun: str) -> tuple[pd.DataFrame, str]:
    """The rows of a table, its headers in lower case, and what an error calls it.

    CSV may be separated by comma, semicolon, tab or bar and be written in any usual encoding; all
    its cells are text. ``noun`` is what a frame is called.

    Raises:
        UsageError: there is no such file, it is no table, or has a column twice.
    """
    rows, name = table_of(source, noun)
    rows.columns = [str(column).strip().lower() for column in rows.columns]
    twice = sorted(set(rows.columns[rows.columns.duplicated()]))
    if twice:
        raise UsageError("campaign.column_twice", file=name, column=twice[0])
    return rows, name


def table_of(
    source: pd.DataFrame | Path | str, noun: str, names: Sequence[str] = ("customer_id", "arm")
) -> tuple[pd.DataFrame, str]:
    """The rows of any table as `read_rows` reads them, with its headers as they are written.

    In the columns ``names`` words for nothing, such as None, are names.

    Raises:
        UsageError: there is no such file, it is no table, or has a column twice.
    """
    if isinstance(source, pd.DataFrame):
        rows, name = source.copy(), noun
    else:
        path = Path(source)
        name = path.name
        if not path.is_file():
            raise UsageError("campaign.no_file", file=str(path))
        rows = _from_file(path, names)
    rows.columns = [str(column).strip() for column in rows.columns]
    twice = sorted(set(rows.columns[rows.columns.duplicated()]))
    if twice:
        raise UsageError("campaign.column_twice", file=name, column=twice[0])
    return rows.reset_index(drop=True), name


def _from_file(path: Path, names: Sequence[str]) -> pd.DataFrame:
    try:
        if path.suffix in (".parquet", ".pq"):
            stored: pd.DataFrame = pq.read_table(path).to_pandas()
            return stored
        content = path.read_bytes()
        # A workbook or an archive, whatever its name.
        if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or content[:2] == b"\x1f\x8b":
            raise UsageError("campaign.packed", file=str(path))
        text = decoded(content)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise UsageError("campaign.unreadable", file=str(path)) from error
    if not text.strip():
        raise UsageError("intake.empty_file", file=str(path))
    told = re.match(r"sep=(.)\r?\n", text)
    text = text[told.end() :] if told else text
    header = text.split("\n", 1)[0]
    separator = told[1] if told else max(",;\t|", key=header.count)
    _refuse_twice(header, separator, path)
    try:
        rows = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False)
    except ValueError as error:
        problem = str(error).splitlines()[0]
        ragged = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", problem)
        if ragged:
            expected, line, found = map(int, ragged.groups())
            raise UsageError(
                "campaign.ragged", file=str(path), line=line, found=found, expected=expected
            ) from error
        raise UsageError("campaign.no_table", file=str(path), problem=problem) from error
    if not isinstance(rows.index, pd.RangeIndex):
        rows = _unshifted(rows, path)
    folded = {name.strip().lower() for name in names}
    for column in rows.columns:
        # An arm may be called None, and a customer NA.
        words = _EMPTY[:1] if column.strip().lower() in folded else _EMPTY
        rows[column] = rows[column].mask(rows[column].str.strip().isin(words))
    return rows


def _refuse_twice(header: str, separator: str, path: Path) -> None:
    """Refuse a header that names two columns alike: pandas would rename the second."""
    names = [name.strip() for name in next(csv.reader([header.rstrip("\r")], delimiter=separator))]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UsageError("campaign.column_twice", file=path.name, column=twice[0])


def _unshifted(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Rows that are wider than their header: pandas took the first cells for the rows' names."""
    wide = rows.reset_index()
    more = wide.shape[1] - rows.shape[1]
    if (wide.iloc[:, -more:].fillna("") == "").all(axis=None):  # a separator at each row's end
        wide = wide.iloc[:, :-more]
        wide.columns = rows.columns
        return wide
    raise UsageError(
        "campaign.ragged", file=str(path), line=2, found=wide.shape[1], expected=rows.shape[1]
    )


def require(rows: pd.DataFrame, column: str, name: str) -> None:
    """Raise UsageError where a table lacks a column."""
    if column in rows:
        return
    near = difflib.get_close_matches(column, list(rows.columns), n=1, cutoff=0.4)
    found = list(rows.columns)[:12]
    if near:
        raise UsageError(
            "campaign.no_column_near", file=name, column=column, found=found, near=near[0]
        )
    raise UsageError("campaign.no_column", file=name, column=column, found=found)


def refuse_empty(empty: pd.Series[bool], column: str, name: str) -> None:
    """Raise WinbackError where cells of a column are empty."""
    if empty.any():
        raise WinbackError(
            "campaign.empty_cells",
            file=name, n=int(empty.sum()), column=column, rows=places(empty),
        )  # fmt: skip


def places(rows: pd.Series[bool]) -> str:
    """Where the first of some rows stand."""
    return str([int(row) + 1 for row in np.flatnonzero(rows)[:5]])


def instants(column: pd.Series[Any], what: str, name: str, timezone: str | None) -> pd.Series[Any]:
    """Wall times of the shop; null where the cell is empty.

    Raises:
        UsageError: offsets differ, and nobody says in which zone the shop is.
        WinbackError: a cell is no date.
    """
    zone = None if timezone is None else _zone(timezone)
    if pd.api.types.is_datetime64_any_dtype(column):
        if column.dt.tz is not None and zone is not None:
            column = column.dt.tz_convert(zone)
        bare: pd.Series[Any] = column.dt.tz_localize(None).astype("datetime64[s]")
        return bare
    text = column.astype("string").str.strip()
    text = text.mask(text == "")
    text = text.str.replace(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})", r"\3-\2-\1", regex=True)
    offset = text.str.contains(":", na=False) & text.str.contains(
        r"(?:Z|[+-]\d{2}:?\d{2})$", regex=True, na=False
    )
    if zone is None and len(offsets := _offsets(text[offset])) > 1:
        # One of them is not the shop's, or the clocks were changed: which days are meant?
        raise UsageError("campaign.two_offsets", file=name, column=what, offsets=offsets)
    # The wall time as written: an offset says where, and the orders are wall time too.
    walls = text.mask(offset, text.str.replace(r"\s*(Z|[+-]\d{2}:?\d{2})$", "", regex=True))
    found = pd.to_datetime(walls, errors="coerce", format="mixed", yearfirst=True)
    if zone is not None and offset.any():
        moments = pd.to_datetime(text[offset], errors="coerce", format="mixed", utc=True)
        found[offset] = moments.dt.tz_convert(zone).dt.tz_localize(None)
    bad = text.notna() & (found.isna() | ~text.str.match(r"\d{4}-?\d{1,2}-?\d{1,2}", na=False))
    if bad.any():
        said = ", ".join(repr(str(value)) for value in column[bad].unique()[:5])
        raise WinbackError(
            "campaign.no_date", file=name, column=what, values=said, rows=places(bad)
        )
    return found.astype("datetime64[s]")


def _offsets(cells: pd.Series[Any]) -> list[str]:
    """The different offsets that instants end with."""
    found = cells.str.extract(r"(Z|[+-]\d{2}:?\d{2})$", expand=False).str.replace(":", "")
    # All three are one.
    same = found.replace({"Z": "+00:00", "+0000": "+00:00", "-0000": "+00:00"})
    return sorted(set(same.dropna()))


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError("campaign.timezone", timezone=timezone) from None
