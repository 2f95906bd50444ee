"""Columns of a text file that are written so plainly that DuckDB can read them while it loads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from winback.intake.shapes import Shape

# The forms in which nothing is left to find out, and the types they are read as.
_TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])")
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})")
_POINT = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")
_THREE = re.compile(r"-?[1-9]\d*\.\d{3}")
_DATES = ("date",)
_NUMBERS = ("amount", "price", "quantity")
# With fewer rows there is nothing to gain, and a sample of few says little.
_LEAST_ROWS = 1000
OPTIONS = "timestampformat = '%Y-%m-%d %H:%M:%S', dateformat = '%Y-%m-%d'"


def plain_types(shape: Shape, roles: Mapping[str, int]) -> dict[int, str]:
    """DuckDB's types of columns all of whose cells in the sample are written plainly.

    Whoever loads them so must go back to text where a later cell does not fit.
    """
    if len(shape.sample) < _LEAST_ROWS or len(set(roles.values())) < len(roles):
        return {}
    found: dict[int, str] = {}
    for role in (*_DATES, *_NUMBERS):
        if role not in roles or roles[role] in shape.wrapped:
            continue
        cells = [row[roles[role]] for row in shape.sample]
        kind = _kind([cell for cell in cells if cell], dates=role in _DATES)
        if kind:
            found[roles[role]] = kind
    return found


def _kind(cells: list[str], *, dates: bool) -> str:
    def all_match(form: re.Pattern[str]) -> bool:
        return all(map(form.fullmatch, cells))

    if not cells:
        return ""
    if dates:
        return "TIMESTAMP" if all_match(_TIME) else "DATE" if all_match(_DAY) else ""
    if all_match(_WHOLE):
        # A point that comes later may be one of thousands: it must not be read as another.
        return "BIGINT"
    return "DOUBLE" if all_match(_POINT) and not _may_be_thousands(cells) else ""


def _may_be_thousands(cells: Iterable[str]) -> bool:
    pointed = [cell for cell in cells if "." in cell]
    return all(map(_THREE.fullmatch, pointed))
