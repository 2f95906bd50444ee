"""Turns the text of a cell into the wall time of a shop, as SQL over whole columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from winback.errors import UsageError
from winback.intake.cells import as_text, is_text, listed, literal, one_row
from winback.intake.date_forms import (
    OFFSET_ANYWHERE,
    Form,
    form_of,
    looks_like_date,
    months_in,
    of_epoch,
    of_excel,
    shape_sql,
    wall_time,
)
from winback.intake.findings import joined
from winback.intake.months import ZONES
from winback.intake.swapped import turned
from winback.results.base import Fact, fact


@dataclass(frozen=True)
class Dates:
    """A date column: SQL of the wall time (timestamp) and what to tell about it."""

    sql: str
    note: Fact
    day_first: bool | None = None
    doubts: tuple[Fact, ...] = ()


def read_dates(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    column: str,
    kind: str,
    name: str,
    label: str,
    *,
    day_first: bool | None,
    timezone: str | None,
    zone: str | None = None,
) -> Dates:
    """Find out how a column writes its dates, from the whole column, never row by row.

    Raises UsageError when day and month cannot be told apart or when more than half of
    the filled cells are no dates.
    """
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return _typed_dates(con, relation, column, kind, timezone, zone)
    if not is_text(kind):
        return _numeric_dates(con, relation, column, name, label, timezone)
    text = as_text(column, kind)
    shapes = con.execute(
        f"SELECT {shape_sql('x')} AS shape, count(*) AS n, min(x) "
        f"FROM (SELECT {text} AS x FROM {relation}) WHERE x IS NOT NULL "
        "GROUP BY shape ORDER BY n DESC, shape LIMIT 3000"
    ).fetchall()
    forms, unread = _forms_of(shapes)
    if sum(n if shape in unread else -n for shape, n, _ in shapes) > 0 or not forms:
        example = next((example for shape, _, example in shapes if shape in unread), "")
        if example and re.search(r"\d", example):
            raise UsageError("intake.not_dates_such", file=label, column=name, example=example)
        raise UsageError("intake.not_dates", file=label, column=name)
    note = _written(forms)
    undecided = any(form.order == "dm" for form in forms)
    order: dict[str, bool] = {}
    told = day_first is not None
    if undecided:
        if day_first is None:
            day_first, order, note = _decide_day_first(con, relation, text, name, label)
        else:
            note = fact("intake.day_first_told" if day_first else "intake.month_first_told")
    settled: dict[Form, list[str]] = {}
    for form, names in forms.items():
        first = order.get(form.separator, bool(day_first))
        settled.setdefault(form.decided(first), []).extend(names)
    months = months_in(shape for shape, _, _ in shapes)
    walls = {form: wall_time(form, text, months) for form in settled}
    doubts: tuple[Fact, ...] = ()
    if any(form.offset or form.is_epoch for form in settled):
        bare = {
            shape
            for form, names in settled.items()
            if not (form.offset or form.is_epoch)
            for shape in names
        }
        without = sum(n for shape, n, _ in shapes if shape in bare)
        walls, extra, doubts = _with_offsets(
            con, relation, text, settled, walls, timezone, name, without
        )
        note = joined(note, extra)
    else:
        note = _unmoved(note, timezone)
    if undecided and len(settled) > 1:
        walls, notes, unsure = turned(con, relation, text, settled, walls, name, told=told)
        note, doubts = joined(note, *notes), (*doubts, *unsure)
    if len(settled) > 1 or unread:
        cases = " ".join(
            f"WHEN {shape_sql(text)} IN {listed(names)} THEN {walls[form]}"
            for form, names in settled.items()
        )
        sql = f"CASE {cases} END"
    else:
        sql = next(iter(walls.values()))
    # Not over a lambda's variable, though it stands here often: there a pattern is made anew for
    # every row, and forty times dearer.
    return Dates(sql, note, day_first if undecided else None, doubts)


def _written(forms: Mapping[Form, Sequence[str]]) -> Fact:
    """What to tell of dates whose order of day and month is known from their form alone."""
    if all(form.order == "excel" or form.is_epoch for form in forms):
        return fact("intake.dates_as_numbers")
    if any(form.word for form in forms):
        return fact("intake.dates_in_words")
    return fact("intake.dates_from_year")


def _unmoved(note: Fact, timezone: str | None) -> Fact:
    """The note on times without an offset, which no time zone moves."""
    return joined(note, fact("intake.no_offsets")) if timezone else note


def _typed_dates(
    con: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str, timezone: str | None,
    zone: str | None,
) -> Dates:  # fmt: skip
    """A column that a file or a frame has as dates or times."""
    if kind == "DATE":
        note = _unmoved(fact("intake.dates"), timezone)
        return Dates(f"CAST({column} AS TIMESTAMP)", note)
    if kind == "TIMESTAMP WITH TIME ZONE":
        target = timezone or zone or "UTC"
        sql = f"date_trunc('second', timezone({literal(known_zone(target))}, {column}))"
        return Dates(sql, fact("intake.zoned", zone=target))
    sql = f"CAST({column} AS TIMESTAMP)"
    whole = f"date_trunc('second', {sql})"
    # Without fractions to cut off, the bounds a file states for the column hold as they are.
    if con.execute(f"SELECT 1 FROM {relation} WHERE {sql} <> {whole} LIMIT 1").fetchall():
        sql = whole
    return Dates(sql, _unmoved(fact("intake.times"), timezone))


def _forms_of(
    shapes: Sequence[tuple[str, int, str]],
) -> tuple[dict[Form, list[str]], set[str]]:
    """The shapes of each way of writing, and those that nobody can read."""
    forms: dict[Form, list[str]] = {}
    unread = set()
    for shape, _, example in shapes:
        form = form_of(shape)
        if form is None or (
            form.order in ("compact", "excel", "epoch_s") and not looks_like_date(example)
        ):
            unread.add(shape)
        else:
            forms.setdefault(form, []).append(shape)
    return forms, unread


def known_zone(name: str) -> str:
    """The name of a time zone that there is; a bare offset stands for UTC."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if re.match(r"^[+-]\d\d:?\d\d$", name):
        return "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError("intake.unknown_zone", zone=name) from error
    return name


def _decide_day_first(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    text: str,
    name: str,
    label: str,
) -> tuple[bool, dict[str, bool], Fact]:
    """Whether the day comes first, in general and by what stands between, and what to tell."""
    over = "(1[3-9]|2[0-9]|3[01])"
    # The other number must be a month: 32.13.2023 is no date in either order, and tells nothing.
    month, between = "(0?[1-9]|1[0-2])", r"[-/.\s\p{Z}]+"
    first = f"regexp_matches(x, '^[^0-9]*{over}{between}{month}{between}')"
    second = f"regexp_matches(x, '^[^0-9]*{month}{between}{over}{between}')"
    counts = (
        f"count_if({first}), min(x) FILTER ({first}), count_if({second}), min(x) FILTER ({second})"
    )
    source = f"FROM (SELECT {text} AS x FROM {relation})"
    only_day, day_example, only_month, month_example = con.execute(
        f"SELECT {counts} {source}"
    ).fetchall()[0]
    if _one_sided(only_day, only_month) is None:
        if not only_day and not only_month:
            raise UsageError("intake.unclear_dates", file=label, column=name)
        # Two systems may write into one column, each in its own way: 31.12.2023 and 12/31/2023.
        separator = "regexp_extract(x, '^[^0-9]*[0-9]{1,2}([-/. ])[0-9 ]', 1)"
        by = {
            mark: _one_sided(days, months)
            for mark, days, _, months, _ in con.execute(
                f"SELECT {separator} AS mark, {counts} {source} "
                "WHERE x IS NOT NULL GROUP BY mark ORDER BY mark"
            ).fetchall()
            if days or months
        }
        if None in by.values():
            raise UsageError(
                "intake.mixed_dates", file=label, column=name, day=day_example, month=month_example
            )
        order = {mark: bool(day_first) for mark, day_first in by.items()}
        note = fact("intake.order_by_mark", day=day_example, month=month_example)
        return only_day > only_month, order, note
    example = day_example if only_day > only_month else month_example
    row = one_row(
        con,
        f"SELECT min(src - coalesce(first, 0) + coalesce(top, 1)) FROM {relation} "
        f"LEFT JOIN file_starts USING (file_no) WHERE {text} = {literal(example)}",
    )[0]
    day_first = only_day > only_month
    code = "intake.day_first" if day_first else "intake.month_first"
    return day_first, {}, fact(code, example=example, row=row)


def _one_sided(days: int, months: int) -> bool | None:
    """Whether days come first where (nearly) all that tells says so; None where it does not."""
    if days > 100 * months or months > 100 * days:
        return days > months
    return None


def _with_offsets(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    text: str,
    forms: dict[Form, list[str]],
    walls: dict[Form, str],
    timezone: str | None,
    name: str,
    without: int,
) -> tuple[dict[Form, str], Fact, tuple[Fact, ...]]:
    """The wall times once offsets are counted, what was done with them, and doubts of them."""
    mark, own = (f"regexp_extract({x}, '{OFFSET_ANYWHERE}', 1)" for x in ("x", text))
    # The end of 2024-03-05 is no offset.
    found = con.execute(
        f"SELECT {mark} AS m, count(*) AS n FROM (SELECT {text} AS x FROM {relation}) "
        f"WHERE regexp_matches(x, ':|[A-Za-z\\])]$') AND {mark} <> '' "
        "GROUP BY m ORDER BY n DESC, m"
    ).fetchall()
    places = sorted(offset for offset, _ in found if "/" in offset)
    minutes = {offset: _minutes(offset) for offset, _ in found if offset not in places}
    if any(form.is_epoch for form in forms):
        minutes["epoch"] = 0
    distinct = sorted(set(minutes.values()))
    # Summer and winter of one place are its wall time.
    one_zone = len(distinct) == 1 or (len(distinct) == 2 and distinct[1] - distinct[0] == 60)
    if places:
        one_zone = len(places) == 1 and not minutes
    # Cells without an offset stay as they are, whatever becomes of the others.
    kept = timezone is None and one_zone and "epoch" not in minutes
    doubts: tuple[Fact, ...] = ()
    if without or (timezone is None and not one_zone):
        doubts = (_differing_offsets(name, found, without, timezone, kept=kept),)
    if kept:
        return walls, fact("intake.offsets_dropped"), doubts
    shift = " ".join(f"WHEN '{o}' THEN {m}" for o, m in sorted(minutes.items()) if o != "epoch")
    shift = shift or "WHEN '' THEN 0"
    result = {}
    for form, wall in walls.items():
        if form.offset:
            moved = f"({wall} - to_minutes(CASE {own} {shift} ELSE 0 END))"
            there = " ".join(
                f"WHEN '{p}' THEN timezone('UTC', timezone({literal(known_zone(p))}, {wall}))"
                for p in places
            )
            wall = f"(CASE {own} {there} ELSE {moved} END)" if places else moved
        elif not form.is_epoch:
            result[form] = wall
            continue
        if timezone is not None:
            zone = literal(known_zone(timezone))
            wall = f"timezone({zone}, timezone('UTC', {wall}))"
        result[form] = wall
    if timezone is not None:
        return result, fact("intake.times_converted", zone=timezone), doubts
    code = "intake.times_utc" if distinct == [0] else "intake.times_made_utc"
    return result, fact(code), doubts


def _differing_offsets(
    name: str, found: Sequence[tuple[str, int]], without: int, timezone: str | None, *, kept: bool
) -> Fact:
    counts = [fact("intake.with_offset", lines=n, offset=offset) for offset, n in found[:5]]
    if rest := sum(n for _, n in found[5:]):
        counts.append(fact("intake.with_other_offsets", lines=rest))
    if without:
        bare = fact("intake.without_offset", lines=without)
        counts[-1:] = [joined(*counts[-1:], bare)]
    if kept:
        become = fact("intake.offsets_kept")
    elif timezone is None:
        become = fact("intake.offsets_to_utc")
    else:
        become = fact("intake.offsets_to_zone", zone=timezone)
    return fact("intake.offsets_differ", column=name, counts=tuple(counts), become=become)


def _minutes(offset: str) -> int:
    """Minutes ahead of UTC of an offset or a zone's letters."""
    if offset in ZONES:
        return ZONES[offset]
    sign, digits = (-1 if "-" in offset else 1), re.sub(r"\D", "", offset)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    return sign * (int(hours) * 60 + int(minutes))


def _numeric_dates(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    column: str,
    name: str,
    label: str,
    timezone: str | None,
) -> Dates:
    number = f"try_cast({column} AS DOUBLE)"
    kinds = {
        "one_number": (19000101, 21001231),
        "excel_days": (20000, 80000),
        "unix_seconds": (3e8, 1e10),
        "unix_milliseconds": (3e11, 1e13),
        "unix_microseconds": (3e14, 1e16),
        "unix_nanoseconds": (3e17, 9e18),
    }
    counts = one_row(
        con,
        "SELECT "
        + ", ".join(f"count_if({number} BETWEEN {a} AND {b})" for a, b in kinds.values())
        + f", count({column}) FROM {relation}",
    )
    best = max(range(len(kinds)), key=lambda i: counts[i])
    if counts[best] * 2 < counts[-1] or not counts[best]:
        raise UsageError("intake.not_dates", file=label, column=name)
    code, (low, high) = list(kinds.items())[best]
    note = fact(f"intake.dates_{code}")
    if best == 0:
        sql = f"try_strptime(CAST(CAST({column} AS BIGINT) AS VARCHAR), '%Y%m%d')"
    elif best == 1:
        sql = of_excel(f"CAST({column} AS DOUBLE)")
    else:
        micros = (0, 0, 1_000_000, 1000, 1, 0.001)[best]
        sql = of_epoch(f"CAST({column} AS {'DOUBLE' if best == 2 else 'BIGINT'})", micros)
        if timezone is not None:
            sql = f"timezone({literal(known_zone(timezone))}, timezone('UTC', {sql}))"
            note = joined(note, fact("intake.times_converted", zone=timezone))
        else:
            note = joined(note, fact("intake.times_utc"))
    return Dates(f"(CASE WHEN {number} BETWEEN {low} AND {high} THEN {sql} END)", note)
