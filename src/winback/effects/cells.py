"""Columns of any table as numbers, days, yes and no, or text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd

from winback.arrays import Floats, Mask
from winback.intake.cells import FALSE_WORDS, SPACES, TRUE_WORDS

Way = Literal["number", "day", "text"]
Mark = Literal[".", ","]

_SIGN = r"(?:[$€£¥]|zł|pln|eur|usd|gbp|czk|kč|chf|sek|nok|dkk)"
_NUMBER = re.compile(
    rf"(?i)^[(]?\s*([+\-−–]?)\s*{_SIGN}?\s*([+\-−–]?)\s*(\d[\d.,\s'’]*|[.,]\d+)\s*"
    rf"(%|{_SIGN}|zl)?\s*([)]?)$"
)
_SCIENTIFIC = re.compile(r"^[+-]?(\d+[.,]?\d*|[.,]\d+)[eE][+-]?\d+$")
# A code: its zeros would be lost in a number.
_CODE = re.compile(r"^0\d+$")
_ISO = re.compile(r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?$")
_LOCAL = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})([T ].*)?$")
# Of a column of numbers so few cells may say something else, such as "unknown".
_READABLE = 0.95
_SECONDS = 86400.0


@dataclass(frozen=True)
class Read:
    """How a column is read.

    Attributes:
        name: the column.
        way: ``number``; ``day`` (days since 1970-01-01); ``text``.
        mark: decimal mark of numbers.
        day_first: of days that are written 03/04/2025.
        unread: cells that are neither empty nor readable that way, and count as empty.
        unsure: the cells would read another way as well.
        marked: the cells show which decimal mark is theirs.
    """

    name: str
    way: Way
    mark: Mark = "."
    day_first: bool = True
    unread: int = 0
    unsure: bool = False
    marked: bool = False


def text_of(values: pd.Series) -> pd.Series:
    """Cells as trimmed text, null where nothing stands; whole numbers without a point."""
    if pd.api.types.is_bool_dtype(values):
        return values.astype("string")
    if pd.api.types.is_float_dtype(values):
        whole = values.dropna()
        whole = whole[np.isfinite(whole.to_numpy(np.float64))]
        if (whole == whole.round()).all() and (whole.abs() < 2**53).all():
            values = values.astype("Float64").astype("Int64")
    found = values.astype("string").str.strip(SPACES)
    return found.mask(found == "")


def way_of(values: pd.Series, name: str, mark: Mark | None = None) -> Read | None:
    """How the cells of a column are best read; None where they hold lists or the like.

    Args:
        values: the cells.
        name: of the column.
        mark: decimal mark of the table, where another column told it or somebody did.
    """
    if pd.api.types.is_datetime64_any_dtype(values) or pd.api.types.is_timedelta64_dtype(values):
        return Read(name, "day")
    if pd.api.types.is_bool_dtype(values):
        return Read(name, "text")
    if pd.api.types.is_numeric_dtype(values):
        return Read(name, "number")
    told = values.dropna()
    if any(isinstance(each, list | tuple | dict | set | np.ndarray | bytes) for each in told[:50]):
        return None
    if len(told) and all(isinstance(each, Decimal | int | float) for each in told[:50]):
        return Read(name, "number")
    cells = text_of(values).value_counts()
    texts, counts = [str(each) for each in cells.index], cells.to_numpy(np.int64)
    if not texts:
        return Read(name, "text")
    enough = _READABLE * counts.sum()
    for kind in (_days_of, _numbers_of):
        found = kind(name, texts, counts, mark)
        if found is not None and counts.sum() - found.unread >= enough:
            return found
    return Read(name, "text")


def _days_of(name: str, texts: list[str], counts: Any, _: Mark | None) -> Read | None:
    local = [_LOCAL.match(text) for text in texts]
    good = np.array(
        [bool(_ISO.match(t)) or m is not None for t, m in zip(texts, local, strict=True)]
    )
    pairs = [(int(m[1]), int(m[2])) for m in local if m]
    first = any(a > 12 for a, _ in pairs)
    second = any(b > 12 for _, b in pairs)
    read = Read(name, "day", unread=int(counts[~good].sum()))
    slashed = any("/" in text for text, m in zip(texts, local, strict=True) if m)
    day_first = first or not second
    unsure = bool(pairs) and slashed and not first and not second
    return (
        None
        if not good.any() or (first and second)
        else Read(name, "day", day_first=day_first, unread=read.unread, unsure=unsure)
    )


def _numbers_of(name: str, texts: list[str], counts: Any, mark: Mark | None) -> Read | None:
    if any(_CODE.match(text) for text in texts):
        return None
    bodies = [_body(text) for text in texts]
    good = np.array([body is not None for body in bodies])
    if not good.any():
        return None
    told = _mark_of([body for body in bodies if body is not None])
    chosen: Mark = told or mark or "."
    numbers = np.array([np.nan if b is None else _number(t, chosen) for t, b in
                        zip(texts, bodies, strict=True)])  # fmt: skip
    good &= np.isfinite(numbers)
    unsure = told is None and mark is None and any(b and re.search("[.,]", b) for b in bodies)
    return Read(
        name,
        "number",
        chosen,
        unread=int(counts[~good].sum()),
        unsure=unsure,
        marked=told is not None,
    )


def _body(text: str) -> str | None:
    """Digits and marks of a text that is a number."""
    if _SCIENTIFIC.match(text):
        return re.split("[eE]", text)[0]
    found = _NUMBER.match(text)
    return re.sub(r"[^\d.,]", "", found[3]) if found else None


def _mark_of(bodies: Sequence[str]) -> Mark | None:
    """The decimal mark that the numbers of a column show; None where any fits."""
    votes: set[Mark] = set()
    for body in bodies:
        dots, commas = body.count("."), body.count(",")
        if dots and commas:
            votes.add("," if body.rfind(",") > body.rfind(".") else ".")
        elif dots + commas == 1:
            mark: Mark = "." if dots else ","
            before, _, after = body.partition(mark)
            if len(after) != 3 or not before or before.startswith("0") or len(before) > 3:
                votes.add(mark)
        elif dots > 1 or commas > 1:
            votes.add("," if dots else ".")
    return votes.pop() if len(votes) == 1 else None


def _number(text: str, mark: Mark) -> float:
    if _SCIENTIFIC.match(text):
        return float(text.replace(",", "."))
    found = _NUMBER.match(text)
    if found is None:
        return float("nan")
    body = re.sub(r"[^\d.,]", "", found[3])
    other = "," if mark == "." else "."
    whole, _, rest = body.partition(mark)
    if other in rest or mark in rest or (other in whole and not _grouped(whole, other)):
        return float("nan")
    try:
        value = float(f"{whole.replace(other, '')}.{rest}" if rest else whole.replace(other, ""))
    except ValueError:
        return float("nan")
    negative = bool(found[1] in "-−–" and found[1]) or bool(found[2] in "-−–" and found[2])
    value = -value if negative or (text.startswith("(") and found[5]) else value
    return value / 100 if found[4] == "%" else value


def _grouped(whole: str, mark: str) -> bool:
    first, *rest = whole.split(mark)
    return 1 <= len(first) <= 3 and all(len(part) == 3 for part in rest)


def numbers(values: pd.Series, mark: Mark = ".") -> Floats:
    """Cells as numbers, NaN where they are none."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return _floats(values.astype("Float64"))
    told = values.dropna()
    if len(told) and not isinstance(told.iloc[0], str):
        return _floats(pd.to_numeric(values, errors="coerce"))
    text = text_of(values)
    places, texts = pd.factorize(text)
    of_each = np.array([_number(str(each), mark) for each in texts] + [np.nan])
    return np.asarray(of_each[places], np.float64)


def days(values: pd.Series, *, day_first: bool = True) -> Floats:
    """Cells as days since 1970-01-01, with their part of a day; NaN where they are none."""
    if pd.api.types.is_timedelta64_dtype(values):
        return _floats(values.dt.total_seconds() / _SECONDS)
    if pd.api.types.is_datetime64_any_dtype(values):
        moments = values
        if moments.dt.tz is not None:
            moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    else:
        text = text_of(values)
        places, texts = pd.factorize(text)
        of_each = pd.Series([_moment(str(each), day_first) for each in texts] + [pd.NaT])
        moments = pd.Series(of_each.to_numpy("datetime64[us]")[places])
    return _floats((moments - pd.Timestamp("1970-01-01")).dt.total_seconds() / _SECONDS)


def _moment(text: str, day_first: bool) -> Any:
    local = _LOCAL.match(text)
    if local:
        a, b, year, rest = local[1], local[2], local[3], local[4] or ""
        day, month = (a, b) if day_first else (b, a)
        text = f"{year}-{month.zfill(2)}-{day.zfill(2)}{rest}"
    elif not _ISO.match(text):
        return pd.NaT
    moment = pd.to_datetime(text.replace("/", "-"), errors="coerce")
    return moment if pd.isna(moment) or moment.tzinfo is None else moment.tz_localize(None)


def as_read(values: pd.Series, read: Read) -> pd.Series:
    """The cells of a column, read: numbers and days as float, else text, null where nothing is."""
    match read.way:
        case "number":
            found = numbers(values, read.mark)
            return pd.Series(np.where(np.isfinite(found), found, np.nan))
        case "day":
            return pd.Series(days(values, day_first=read.day_first))
        case _:
            return text_of(values).astype(object).reset_index(drop=True)


def yes_or_no(values: pd.Series) -> Floats | None:
    """1 and 0 of a column of two such words; None where it holds others."""
    if pd.api.types.is_bool_dtype(values):
        return _floats(values.astype("Float64"))
    words = text_of(values).str.lower()
    found = set(words.dropna())
    if not found or found - set(TRUE_WORDS) - set(FALSE_WORDS):
        return None
    y = np.where(words.isin(TRUE_WORDS), 1.0, 0.0)
    return np.asarray(np.where(words.isna(), np.nan, y), np.float64)


def empty(values: pd.Series) -> Mask:
    """Where nothing stands."""
    return np.asarray(text_of(values).isna(), bool)


def _floats(values: pd.Series) -> Floats:
    return np.asarray(values.to_numpy(np.float64, na_value=np.nan), np.float64)
