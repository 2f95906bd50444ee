"""Turns the text of a cell into the wall time of a shop, as SQL over whole columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import duckdb

from winback.errors import UsageError
from winback.intake.cells import SPACES, as_text, bound, is_text, listed, literal, one_row
from winback.intake.findings import joined
from winback.results.base import Fact, fact

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january sty styczen styczeń stycznia januar jänner jän jaen janv",
            "feb february lut luty lutego februar feber",
            "mar march marzec marca mrz märz mär maerz",
            "apr april kwi kwiecien kwiecień kwietnia",
            "may maj maja mai",
            "jun june cze czerwiec czerwca juni",
            "jul july lip lipiec lipca juli",
            "aug august sie sierpien sierpień sierpnia",
            "sep sept september wrz wrzesien wrzesień września wrzesnia",
            "oct october paź paz październik pazdziernik października pazdziernika okt oktober",
            "nov november lis listopad listopada",
            "dec december gru grudzien grudzień grudnia dez dezember",
        ),
        start=1,
    )
    for name in names.split()
}
_DIGITS = ("0123456789", "9" * 10)
_OFFSET = r"\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)$"
_OFFSET_SHAPE = re.compile(r"(?<=9)\s*(Z|UTC|GMT|[+-]99:?99|[+-]99)$")
_NOON = r"\s*([AaPp])\.?\s?[Mm]\.?$"
_TIME = r"[T ,]*\s*9{1,2}:99(:99([.,]9{1,9})?)?"
_WEEKDAY = r"^([^\W\d]{2,})\.?,?\s+"


class _Parts(TypedDict):
    offset: bool
    noon: bool
    weekday: bool
    fraction: bool


@dataclass(frozen=True)
class _Form:
    """One way of writing a date: `order` is iso, dmy, mdy, dm (undecided), epoch or excel."""

    order: str
    layout: str = ""
    offset: bool = False
    noon: bool = False
    word: bool = False
    weekday: bool = False
    fraction: bool = False

    @property
    def is_epoch(self) -> bool:
        """Whether it counts from 1970, which is an instant and no wall time."""
        return self.order.startswith("epoch")

    def decided(self, day_first: bool) -> _Form:
        if self.order != "dm":
            return self
        layout = self.layout if day_first else self.layout.replace("%d", "?").replace("%m", "%d")
        return _Form(
            "dmy" if day_first else "mdy",
            layout.replace("?", "%m"),
            self.offset,
            self.noon,
            self.word,
            self.weekday,
            self.fraction,
        )


@dataclass(frozen=True)
class Dates:
    """A date column: SQL of the wall time (timestamp) and what to tell about it."""

    sql: str
    note: Fact
    day_first: bool | None = None
    doubts: tuple[Fact, ...] = ()


def looks_like_date(cell: str) -> bool:
    """Say whether a text could be a date in any form that is understood."""
    text = cell.strip(SPACES)
    form = _form(_shape(text))
    if form is None:
        return False
    if form.order == "compact":
        return bool(re.match(r"^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", text))
    if form.order == "excel":
        return 20000 < float(text.replace(",", ".")) < 80000
    if form.is_epoch:
        return text.startswith(("8", "9", "1", "2"))
    return True


def _shape(text: str) -> str:
    return re.sub("[0-9]", "9", text)


def _form(shape: str) -> _Form | None:
    rest = shape
    numeric = {
        8: "compact",
        14: "compact",
        10: "epoch_s",
        13: "epoch_ms",
        16: "epoch_us",
        19: "epoch_ns",
    }
    if match := re.match(r"^(9+)(\.9+)?$", rest):
        digits = len(match[1])
        if digits == 5:
            return _Form("excel")
        if digits in numeric and (match[2] in (None, ".9") or digits == 10):
            layout = "%Y%m%d" + ("%H%M%S" if digits == 14 else "")
            return _Form(numeric[digits], layout, fraction=match[2] is not None)
        return None
    if re.match(r"^99999,9+$", rest):
        return _Form("excel")
    offset = bool(":" in rest and _OFFSET_SHAPE.search(rest))
    rest = _OFFSET_SHAPE.sub("", rest) if offset else rest
    noon = bool(":" in rest and re.search(_NOON, rest))
    rest = re.sub(_NOON, "", rest) if noon else rest
    first_word = re.match(_WEEKDAY, rest)
    weekday = first_word is not None and first_word[1].lower() not in _MONTHS
    rest = re.sub(_WEEKDAY, "", rest) if weekday else rest
    time, fraction = "", False
    if match := re.search(_TIME + "$", rest):
        # The layout is built from the very characters, so that strptime needs no guess.
        time = re.sub(r"9{1,2}:99", "%H:%M", match[0], count=1).replace("T", "T")
        time = re.sub(r"(?<=%M):99", ":%S", time)
        time = re.sub(r"[.,]9+$", "", time)
        fraction = match[2] is not None
        rest = rest[: match.start()]
    parts: _Parts = {"offset": offset, "noon": noon, "weekday": weekday, "fraction": fraction}
    if re.match(r"^99999999$", rest) and time:
        return _Form("ymd", "%Y%m%d" + time, **parts)
    if match := re.match(r"^9999([-/. ])9{1,2}\1 ?9{1,2}$", rest):
        if match[1] == "-" and not (noon or weekday) and len(rest) == 10 and len(time) in (0, 6, 9):
            return _Form("iso", **parts)
        return _Form("ymd", f"%Y{match[1]}%m{match[1]}%d" + time, **parts)
    if match := re.match(r"^9{1,2}([-/. ]|\. )9{1,2}\1(9999|99)$", rest):
        year = "%Y" if len(match[2]) == 4 else "%y"
        return _Form("dm", f"%d{match[1]}%m{match[1]}{year}{time}", **parts)
    letters = re.search(r"[^\W\d_]{3,}", rest)
    if letters and letters[0].lower() in _MONTHS:
        layout = rest[: letters.start()] + "%m" + rest[letters.end() :]
        layout = re.sub("9999", "%Y", layout, count=1)
        if "%Y" in layout:
            layout = re.sub("9{1,2}", "%d", layout, count=1)
        else:
            layout = re.sub("9{1,2}", "%d", layout, count=1)
            layout = re.sub("99", "%y", layout, count=1)
        if {"%d", "%m"} <= set(re.findall("%[a-zA-Z]", layout)) and not re.search(
            r"9|[^\W\d_]", re.sub("%[A-Za-z]", "", layout)
        ):
            return _Form("word", layout + time, word=True, **parts)
    return None


def _plain(form: _Form, text: str, months: Sequence[str]) -> str:
    """SQL: the text without what strptime cannot read (zone, AM/PM, names, fractions)."""
    if form.offset:
        text = f"regexp_replace({text}, '{_OFFSET}', '')"
    if form.noon:
        text = f"regexp_replace({text}, '{_NOON}', '')"
    if form.weekday:
        text = f"regexp_replace({text}, '^\\p{{L}}+\\.?,?\\s+', '')"
    if form.fraction and form.order != "iso":
        text = f"regexp_replace({text}, '[.,]\\d+$', '')"
    if form.word:
        cases = " ".join(f"WHEN '{name}' THEN '{_MONTHS[name]:02}'" for name in months)
        word = f"regexp_extract({text}, '\\p{{L}}{{3,}}')"
        text = f"replace({text}, {word}, CASE lower({word}) {cases} END)"
    return text


def _parsed(form: _Form, text: str, months: Sequence[str]) -> str:
    """SQL: the wall time of a text in this form, or null."""
    plain = _plain(form, text, months)
    if form.order == "excel":
        days = f"try_cast(replace({plain}, ',', '.') AS DOUBLE)"
        return _excel(days)
    if form.is_epoch:
        unit = {"epoch_s": 1_000_000, "epoch_ms": 1000, "epoch_us": 1, "epoch_ns": 0.001}
        return _epoch(f"try_cast({plain} AS BIGINT)", unit[form.order])
    if form.order == "iso":
        parsed = f"date_trunc('second', try_cast({plain} AS TIMESTAMP))"
    else:
        parsed = f"try_strptime({plain}, {literal(form.layout)})"
    if form.noon:
        # Magento prints a 24-hour clock with AM/PM; 14 PM and 02 PM can both be told apart.
        mark = f"lower(regexp_extract({text}, '{_NOON}', 1))"
        parsed = (
            f"({parsed} + to_hours(CASE WHEN {mark} = 'p' AND hour({parsed}) < 12 THEN 12 "
            f"WHEN {mark} = 'a' AND hour({parsed}) = 12 THEN -12 ELSE 0 END))"
        )
    return parsed


def _excel(days: str) -> str:
    return (
        f"(CASE WHEN {days} BETWEEN 20000 AND 80000 THEN TIMESTAMP '1899-12-30' "
        f"+ to_seconds(round({days} * 86400)::BIGINT) END)"
    )


def _epoch(number: str, micros: float) -> str:
    return f"date_trunc('second', make_timestamp(({number} * {micros})::BIGINT))"


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
        f"SELECT translate(x, '{_DIGITS[0]}', '{_DIGITS[1]}') AS shape, count(*) AS n, min(x) "
        f"FROM (SELECT {text} AS x FROM {relation}) WHERE x IS NOT NULL "
        "GROUP BY shape ORDER BY n DESC, shape LIMIT 3000"
    ).fetchall()
    forms, unread = _forms_of(shapes)
    if sum(n if shape in unread else -n for shape, n, _ in shapes) > 0 or not forms:
        example = next((example for shape, _, example in shapes if shape in unread), "")
        if example and re.search(r"\d", example):
            raise UsageError("intake.not_dates_such", file=label, column=name, example=example)
        raise UsageError("intake.not_dates", file=label, column=name)
    numbers_only = all(form.order == "excel" or form.is_epoch for form in forms)
    note = fact("intake.dates_as_numbers" if numbers_only else "intake.dates_from_year")
    undecided = {form: shapes for form, shapes in forms.items() if form.order == "dm"}
    if undecided:
        if day_first is None:
            day_first, note = _decide_day_first(con, relation, text, name, label)
        else:
            note = fact("intake.day_first_told" if day_first else "intake.month_first_told")
        forms = {form.decided(bool(day_first)): shapes for form, shapes in forms.items()}
    guarded = len(forms) > 1 or bool(unread)
    letters = {word.lower() for shape, _, _ in shapes for word in re.findall(r"[^\W\d_]+", shape)}
    walls = {form: _parsed(form, "x", sorted(letters & set(_MONTHS))) for form in forms}
    bare = {
        shape
        for form, names in forms.items()
        if not (form.offset or form.is_epoch)
        for shape in names
    }
    doubts: tuple[Fact, ...] = ()
    if any(form.offset or form.is_epoch for form in forms):
        without = sum(n for shape, n, _ in shapes if shape in bare)
        walls, extra, doubts = _with_offsets(
            con, relation, text, forms, walls, timezone, name, without
        )
        note = joined(note, extra)
    else:
        note = _unmoved(note, timezone)
    if guarded:
        shape = f"translate(x, '{_DIGITS[0]}', '{_DIGITS[1]}')"
        cases = " ".join(
            f"WHEN {shape} IN {listed(names)} THEN {walls[form]}" for form, names in forms.items()
        )
        sql = f"CASE {cases} END"
    else:
        sql = next(iter(walls.values()))
    return Dates(bound(sql, text), note, day_first if undecided else None, doubts)


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
) -> tuple[dict[_Form, list[str]], set[str]]:
    """The shapes of each way of writing, and those that nobody can read."""
    forms: dict[_Form, list[str]] = {}
    unread = set()
    for shape, _, example in shapes:
        form = _form(shape)
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
) -> tuple[bool, Fact]:
    """Whether the day comes first, and the cell that says so."""
    over = "(1[3-9]|2[0-9]|3[01])"
    # The other number must be a month: 32.13.2023 is no date in either order, and tells nothing.
    month = "(0?[1-9]|1[0-2])"
    first = f"regexp_matches(x, '^{over}[-/. ]+{month}[-/. ]')"
    second = f"regexp_matches(x, '^{month}[-/. ]+{over}[-/. ]')"
    only_day, day_example, only_month, month_example = con.execute(
        f"SELECT count(*) FILTER ({first}), min(x) FILTER ({first}), "
        f"count(*) FILTER ({second}), min(x) FILTER ({second}) "
        f"FROM (SELECT {text} AS x FROM {relation})"
    ).fetchall()[0]
    if only_day > 100 * only_month or only_month > 100 * only_day:
        example = day_example if only_day > only_month else month_example
        row = one_row(
            con,
            f"SELECT min(src - coalesce(first, 0) + coalesce(top, 1)) FROM {relation} "
            f"LEFT JOIN file_starts USING (file_no) WHERE {text} = {literal(example)}",
        )[0]
        day_first = only_day > only_month
        code = "intake.day_first" if day_first else "intake.month_first"
        return day_first, fact(code, example=example, row=row)
    if only_day or only_month:
        raise UsageError(
            "intake.mixed_dates", file=label, column=name, day=day_example, month=month_example
        )
    raise UsageError("intake.unclear_dates", file=label, column=name)


def _with_offsets(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    text: str,
    forms: dict[_Form, list[str]],
    walls: dict[_Form, str],
    timezone: str | None,
    name: str,
    without: int,
) -> tuple[dict[_Form, str], Fact, tuple[Fact, ...]]:
    """The wall times once offsets are counted, what was done with them, and doubts of them."""
    mark = f"regexp_extract(x, '{_OFFSET}', 1)"
    found = con.execute(
        f"SELECT {mark} AS m, count(*) AS n FROM (SELECT {text} AS x FROM {relation}) "
        f"WHERE contains(x, ':') AND {mark} <> '' GROUP BY m ORDER BY n DESC, m"
    ).fetchall()
    minutes = {offset: _minutes(offset) for offset, _ in found}
    if any(form.is_epoch for form in forms):
        minutes["epoch"] = 0
    distinct = sorted(set(minutes.values()))
    one_zone = len(distinct) == 1 or (len(distinct) == 2 and distinct[1] - distinct[0] == 60)
    # Cells without an offset stay as they are, whatever becomes of the others.
    kept = timezone is None and one_zone and "epoch" not in minutes
    doubts: tuple[Fact, ...] = ()
    if without or (timezone is None and not one_zone):
        doubts = (_differing_offsets(name, found, without, timezone, kept=kept),)
    if kept:
        return walls, fact("intake.offsets_dropped"), doubts
    shift = " ".join(f"WHEN '{o}' THEN {m}" for o, m in sorted(minutes.items()) if o != "epoch")
    result = {}
    for form, wall in walls.items():
        if form.offset:
            wall = f"({wall} - to_minutes(CASE {mark} {shift} ELSE 0 END))"
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
    if offset in ("Z", "UTC", "GMT"):
        return 0
    digits = re.sub(r"\D", "", offset).ljust(4, "0")
    return (-1 if offset[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:]))


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
        sql = _excel(f"CAST({column} AS DOUBLE)")
    else:
        micros = (0, 0, 1_000_000, 1000, 1, 0.001)[best]
        sql = _epoch(f"CAST({column} AS {'DOUBLE' if best == 2 else 'BIGINT'})", micros)
        if timezone is not None:
            sql = f"timezone({literal(known_zone(timezone))}, timezone('UTC', {sql}))"
            note = joined(note, fact("intake.times_converted", zone=timezone))
        else:
            note = joined(note, fact("intake.times_utc"))
    return Dates(f"(CASE WHEN {number} BETWEEN {low} AND {high} THEN {sql} END)", note)
