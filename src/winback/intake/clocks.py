"""A time of day in a column of its own, beside a date without one."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import duckdb

from winback.intake.cells import one_row
from winback.intake.contents import Table
from winback.intake.dating import tells_no_time
from winback.intake.headers import NOT_WORDS

_CALLED = """
    time ordertime transtime transactiontime saletime purchasetime timeofday hour orderhour
    godzina godzinazamowienia godzinasprzedazy godzinatransakcji godz czas uhrzeit zeit
    bestellzeit heure heurecommande hora horapedido ora oraordine tijd tijdstip cas hodina ido
    idopont tid klokkeslett kellonaika timehhmmss hhmmss"""
_NAMES = frozenset(_CALLED.split())
_WORDS = re.compile(r"time|godz|uhrzeit|heure|hora|tijd")
# A spreadsheet writes a time alone as one of its first day.
_CLOCK = re.compile(
    r"^((1899-12-3[01]|1900-01-0[01])[T ])?([01]?\d|2[0-3])[:.h][0-5]\d([:.][0-5]\d([.,]\d+)?)?"
    r"\s?([AaPp]\.?\s?[Mm]\.?)?$"
)
_DIGITS = re.compile(r"^(?:[01]?\d|2[0-3])?[0-5]?\d(?:[0-5]\d)?(\.0)?$")


def find_clock(table: Table, taken: Collection[int], date: int | None) -> int | None:
    """The column of the time of day, where the date (none: in three columns) leaves it to one."""
    if date is not None and not tells_no_time(table, date):
        return None
    free = [i for i in range(len(table.cells)) if i not in taken]
    for names, test in ((True, _is_clock), (False, _is_clock), (True, _is_number)):
        fitting = [
            i
            for i in free
            if (
                table.keys[i] in _NAMES
                if names
                else _WORDS.search(table.keys[i]) and not NOT_WORDS["date"].search(table.keys[i])
            )
            and table.mostly(i, test)
            and (test is _is_clock or _are_seconds(table.cells[i]))
        ]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _is_clock(cell: str) -> bool:
    return bool(_CLOCK.match(cell.strip()))


def _is_number(cell: str) -> bool:
    return bool(_DIGITS.match(cell.strip()))


def _are_seconds(cells: Sequence[str]) -> bool:
    """Whether numbers are clocks: 930 and 143022 are, 9 and 14 may be anything."""
    longest = max((len(cell.split(".")[0]) for cell in cells), default=0)
    padded = [cell.split(".")[0].zfill(6 if longest > 4 else 4) for cell in cells]
    fits = sum(
        all(int(p) < 60 for p in (c[2:4], c[4:6] or "0")) and int(c[:2]) < 24 for c in padded
    )
    return longest >= 3 and fits >= 0.98 * len(padded)


def clock_sql(con: duckdb.DuckDBPyConnection, relation: str, text: str) -> str:
    """SQL of the interval since midnight; midnight where a cell is no clock."""
    digits = f"regexp_replace(trim({text}), '\\.0$', '')"
    longest, marked = one_row(
        con,
        f"SELECT max(length({digits})) FILTER (regexp_full_match({digits}, '[0-9]+')), "
        f"count({text}) FILTER (NOT regexp_full_match({digits}, '[0-9]+')) FROM {relation}",
    )
    if not marked:
        width = 6 if longest > 4 else 4
        padded = f"rpad(lpad({digits}, {width}, '0'), 6, '0')"
        hours, minutes, seconds = (f"{padded}[{i}:{i + 1}]" for i in (1, 3, 5))
    else:
        pattern = (
            "(\\d{1,2})[:.h](\\d\\d)(?:[:.](\\d\\d))?(?:[.,]\\d+)?\\s?(?:[AaPp]\\.?\\s?[Mm]\\.?)?$"
        )
        hours, minutes, seconds = (f"regexp_extract({text}, '{pattern}', {i})" for i in (1, 2, 3))
    h, m, s = (f"coalesce(try_cast({part} AS BIGINT), 0)" for part in (hours, minutes, seconds))
    mark = f"coalesce(lower(regexp_extract({text}, '([AaPp])\\.?\\s?[Mm]\\.?$', 1)), '')"
    if marked:
        noon = f"WHEN {mark} = 'p' AND {h} < 12 THEN 12 WHEN {mark} = 'a' AND {h} = 12 THEN -12"
        h = f"({h} + CASE {noon} ELSE 0 END)"
    valid = f"{h} < 24 AND {m} < 60 AND {s} < 60"
    return f"to_seconds(CASE WHEN {valid} THEN {h} * 3600 + {m} * 60 + {s} ELSE 0 END)"
