"""Turns the text of a cell into a date, a number or an id, as SQL over whole columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

import duckdb

from winback.errors import UsageError

_NOTHING = (
    "", "nan", "none", "null", "n/a", "na", "nat", "<na>", "(not set)", "not set", "-", "--",
    "\\n", "#n/a", "undefined", "nil", "(null)", "#n/d!", "brak", "unknown",
)  # fmt: skip
TRUE_WORDS = (
    "true", "yes", "y", "t", "1", "1.0", "tak", "ja", "prawda", "wahr", "opt-in", "subscribed",
    "granted", "given", "agreed", "accepted", "zgoda",
)  # fmt: skip
FALSE_WORDS = (
    "false", "no", "n", "f", "0", "0.0", "nie", "nein", "fałsz", "falsch", "opt-out",
    "unsubscribed", "never_subscribed", "not_subscribed", "denied", "declined", "refused",
    "withdrawn", "revoked", "brak zgody", "bez zgody",
)  # fmt: skip
GUESTS = ("guest", "anonymous", "anonim", "gość", "gosc", "gast", "-1", "-1.0")
_SPACES = " \t\r\n\v\f\u00a0\u202f\u2007\ufeff\u200b\u0000"


def nothing(cell: str | None) -> bool:
    """Say whether a cell is empty or one of the usual words for it."""
    return cell is None or cell.strip(_SPACES).lower() in _NOTHING


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def listed(values: Sequence[str]) -> str:
    """Write texts as an SQL list for IN."""
    return "(" + ", ".join(map(literal, values)) + ")"


def as_text(column: str, kind: str) -> str:
    """SQL: the cell as text."""
    return column if kind == "VARCHAR" else f"CAST({column} AS VARCHAR)"


_EDGES = r"[\s\x00\x{a0}\x{200b}\x{202f}\x{2007}\x{feff}]"
# A text that passes needs no further look: no space around it, and not a word for nothing.
_CLEAN = r"^[!-~]*[0-9]([ -~]*[!-~łŁ€£])?$"
_PLAIN_ID = r"^[A-Za-z_#]*[0-9][0-9A-Za-z_#-]*$"


def cleaned(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    ids: Sequence[str],
    table: str,
) -> tuple[str, set[str]]:
    """Give the relation with text trimmed, and null where a text says nothing.

    Trimming is dear, so it is done once, and only for the columns that need it. Also
    names the columns of `ids` that hold nothing but plain words with a digit.
    """
    if not columns:
        return relation, set()
    tests = [
        f"count_if(NOT regexp_matches({c}, {literal(_PLAIN_ID if c in ids else _CLEAN)}))"
        for c in columns
    ]
    counts = one_row(con, f"SELECT {', '.join(tests)} FROM {relation}")
    doubtful = [c for c, count in zip(columns, counts, strict=True) if count]
    plain = set(ids) & set(columns) - set(doubtful)
    dirty = [
        c
        for c in doubtful
        if one_row(
            con,
            f"SELECT count_if((length({c}) < 10 AND lower({c}) IN {listed(_NOTHING)}) "
            f"OR regexp_matches({c}, '^{_EDGES}|{_EDGES}$')) FROM {relation}",
        )[0]
    ]
    if not dirty:
        return relation, plain
    trimmed = {c: f"trim({c}, {literal(_SPACES)})" for c in dirty}
    replaced = ", ".join(
        f"CASE WHEN length({t}) < 10 AND lower({t}) IN {listed(_NOTHING)} THEN NULL ELSE {t} END "
        f"AS {c}"
        for c, t in trimmed.items()
    )
    con.execute(f"CREATE TEMP TABLE {table} AS SELECT * REPLACE ({replaced}) FROM {relation}")
    return table, plain


def is_text(kind: str) -> bool:
    """Say whether a DuckDB type holds text (an enumeration included)."""
    return kind == "VARCHAR" or kind.startswith("ENUM")


# ---------------------------------------------------------------- ids


@dataclass(frozen=True)
class Ids:
    """An id column: the SQL of its text, a note, and the test for ids a spreadsheet spoilt.

    `guests` counts cells that are words for nobody and `blank` empty ones, of customers only;
    `doubts` are sentences about what may be wrong.
    """

    sql: str
    note: str
    damaged: str = "false"
    guests: int = 0
    blank: int = 0
    doubts: tuple[str, ...] = ()


_FLOAT_ID = r"^-?\d+(\.0+)?$"
_POINTED = r"^-?\d+(\.\d+)+$"
_LEAST_ZEROS = 10
_MAIL = "'%_@_%._%'"
_SCIENTIFIC = r"^\d([.,]\d+)?[eE]\+\d+$"


def read_ids(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: dict[str, tuple[str, str]],
    plain: set[str],
) -> dict[str, Ids]:
    """Read columns of ids ({role: (column, type)}) as text; case and leading zeros survive.

    `17850.0` becomes `17850` unless the column has numbers with other digits after a point; an
    e-mail address comes in lower case. For the customer, words for nobody (and a 0 far too
    frequent to be a customer) become null.
    """
    texts = {role: as_text(column, kind) for role, (column, kind) in columns.items()}
    found = {}
    for role, (column, kind) in columns.items():
        x = texts[role]
        filled = floats = quotes = powers = mails = guests = zeros = blank = 0
        padded = foreign = 0
        if is_text(kind) and column not in plain:
            filled, floats, quotes, powers, mails, guests, foreign = one_row(
                con,
                f"SELECT count({x}), count_if({x} LIKE '%.0'), count_if({x} LIKE '''%'), "
                f"count_if({x} ILIKE '%e+%'), count_if(contains({x}, '@')), "
                f"count_if(length({x}) < 10 AND lower({x}) IN {listed(GUESTS)}), "
                f"count_if(strlen({x}) <> length({x})) FROM {relation}",
            )
        if role == "customer":
            typed = _is_number(kind)
            zero = f"{column} = 0" if typed else f"{x} IN ('0', '0.0')"
            begins = f"count_if(starts_with({x}, '0'))" if is_text(kind) else "0"
            filled, zeros, blank, padded = one_row(
                con,
                f"SELECT count({column}), count_if({zero}), count(*) - count({column}), {begins} "
                f"FROM {relation}",
            )
            # In text -1 is nobody; among numbers it is unless others are below zero too.
            if typed and one_row(con, f"SELECT min({column}) FROM {relation}")[0] == -1:
                guests = one_row(con, f"SELECT count_if({column} = -1) FROM {relation}")[0]
        text, note, damaged = texts[role], "text ids", "false"
        doubts: list[str] = []
        if kind in ("DOUBLE", "FLOAT") or (kind.startswith("DECIMAL") and not kind.endswith(",0)")):
            note = "whole numbers"
            text = (
                f"(CASE WHEN NOT isfinite({column}::DOUBLE) THEN NULL "
                f"WHEN {column} = floor({column}) AND abs({column}) < 9e15 "
                f"THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE {text} END)"
            )
        elif not is_text(kind):
            note = "whole numbers" if "INT" in kind else f"{kind.lower()} ids"
            # Stays a number, because numbers sort faster, unless some of them stand for nobody.
            text = column if "INT" in kind else text
        if foreign:
            # The same letters, whether an accent is written with its letter or after it.
            text = f"nfc_normalize({text})"
        if quotes:
            text = f"regexp_replace({text}, '^''([=+@-].*|[0-9]+)$', '\\1')"
        if floats:
            text, note = _without_point(con, relation, text, note)
            if role == "customer" and note == "text ids":
                doubts += _told_twins(
                    con, relation, text, _FLOAT_ID, r"regexp_replace(x, '\.0+$', '')", ".0"
                )
        if powers:
            damaged = f"regexp_matches({{}}, '{_SCIENTIFIC}')"
        if mails:
            note = f"{note}; " if mails < filled - guests else ""
            note += "e-mail addresses, in lower case"
            lower = f"lower({text})"
            whole = mails == filled - guests
            text = (
                lower if whole else f"(CASE WHEN {text} LIKE {_MAIL} THEN {lower} ELSE {text} END)"
            )
        words: tuple[str, ...] = GUESTS if guests else ()
        if zeros:
            is_guest, doubt = _judge_zero(con, relation, column, kind, text, zeros, filled)
            doubts += doubt
            if is_guest:
                words, note = (*GUESTS, "0", "0.0"), note + "; 0 is a guest"
        if words:
            word = text if is_text(kind) else f"CAST({text} AS VARCHAR)"
            text = (
                f"(CASE WHEN length({word}) < 10 AND lower({word}) IN {listed(words)} "
                f"THEN NULL ELSE {word} END)"
            )
        nobody = guests + (zeros if "0" in words else 0)
        if zeros < padded < filled:
            doubts += _told_twins(con, relation, text, "^[0-9]+$", "ltrim(x, '0')", "leading zeros")
        found[role] = Ids(text, note, damaged, nobody, blank, tuple(doubts))
    return found


def _is_number(kind: str) -> bool:
    return "INT" in kind or kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL")


def _without_point(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, note: str
) -> tuple[str, str]:
    """SQL of ids without the .0 that whole numbers get on their way through floats.

    Codes such as 1.0, 1.1 and 2.0.1 keep it: where more than a hundredth of the numbers with a
    point have other digits after it, 1 and 1.0 may be two.
    """
    is_float = f"regexp_matches({text}, '{_FLOAT_ID}')"
    if not one_row(con, f"SELECT count_if(NOT {is_float}) FROM {relation}")[0]:
        return f"regexp_replace({text}, '\\.0+$', '')", "whole numbers once written with .0"
    pointed, codes = one_row(
        con,
        f"SELECT count(*), count_if(NOT {is_float}) FROM {relation} "
        f"WHERE regexp_matches({text}, '{_POINTED}')",
    )
    if codes > 0.01 * pointed or not pointed:
        return text, note
    return (
        f"regexp_replace({text}, '^(-?[0-9]+)\\.0+$', '\\1')",
        f"{note}; whole numbers written with .0 come without it",
    )


def _judge_zero(
    con: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str, text: str,
    zeros: int, filled: int,
) -> tuple[bool, list[str]]:  # fmt: skip
    """Whether the customer 0 stands for guests, and a sentence where that is not sure.

    It does with a twentieth of all lines, five times the average. Else it may be one of the first
    customers where other ids have one digit as well; where none has, it is a guest that holds
    ten lines and more than twice as many as anybody else.
    """
    digits = [f"{n}{end}" for n in range(1, 10) for end in ("", ".0")]
    one_digit = f"{as_text(column, kind)} IN {listed(digits)}"
    if _is_number(kind):
        one_digit = f"{column} BETWEEN 1 AND 9"

    def most(cell: str, condition: str) -> int:
        counts = f"SELECT count(*) AS n FROM {relation} WHERE {condition} GROUP BY {cell}"
        return int(one_row(con, f"SELECT coalesce(max(n), 0) FROM ({counts})")[0])

    often, first = zeros > 0.05 * filled, most(column, one_digit)
    # Where 0 is just the first of them, this look at a few lines is all.
    if not often and first and zeros <= 5 * first:
        return False, []
    if often:
        people = one_row(con, f"SELECT approx_count_distinct({text}) FROM {relation}")[0]
        if people > 10 and zeros > 5 * filled / people:
            return True, []
    if zeros < _LEAST_ZEROS:
        return False, []
    word = f"lower(CAST({text} AS VARCHAR))"
    others = most(text, f"{word} NOT IN {listed((*GUESTS, '0', '0.0'))}")
    if not first and zeros > 2 * others:
        return True, []
    if zeros <= (5 if first else 1) * others:
        return False, []
    return False, [
        f"look at the customers: 0 holds {zeros:,} lines, anybody else at most {others:,}, and "
        "counts as one customer; if it stands for guests, leave these cells empty"
    ]


def _told_twins(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, matching: str, bare: str, what: str
) -> list[str]:
    """Tell how many ids differ in nothing but what a spreadsheet adds or takes away."""
    lengths = one_row(
        con, f"SELECT min(strlen(x)), max(strlen(x)) FROM (SELECT {text} AS x FROM {relation})"
    )
    if lengths[0] == lengths[1]:
        return []
    twins = one_row(
        con,
        f"SELECT count(*) FROM (SELECT 1 FROM (SELECT DISTINCT {text} AS x FROM {relation}) "
        f"WHERE regexp_matches(x, '{matching}') GROUP BY {bare} HAVING count(*) > 1)",
    )[0]
    if not twins:
        return []
    return [
        f"look at the customers: {twins:,} ids come both with and without {what}, as a "
        "spreadsheet leaves them, and count as different customers"
    ]


# ---------------------------------------------------------------- dates

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
    note: str
    day_first: bool | None = None
    doubts: tuple[str, ...] = ()


def looks_like_date(cell: str) -> bool:
    """Say whether a text could be a date in any form that is understood."""
    text = cell.strip(_SPACES)
    form = _form(_shape(text))
    if form is None:
        return False
    if form.order == "compact":
        return bool(re.match(r"^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", text))
    if form.order == "excel":
        return 20000 < float(text.replace(",", ".")) < 80000
    if form.order.startswith("epoch"):
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
    if form.order.startswith("epoch"):
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


def one_row(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Fetch the only row of a query, with 0 for null."""
    # A count over no rows at all is null in DuckDB's count_if.
    return tuple(cell or 0 for cell in con.execute(query).fetchall()[0])


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
    unmoved = "; they carry no offset, so --timezone changes nothing" if timezone else ""
    if kind == "DATE":
        return Dates(f"CAST({column} AS TIMESTAMP)", "dates" + unmoved)
    if kind == "TIMESTAMP WITH TIME ZONE":
        target = timezone or zone or "UTC"
        sql = f"date_trunc('second', timezone({literal(_known_zone(target))}, {column}))"
        return Dates(sql, f"times with a zone, taken as wall time of {target}")
    if kind.startswith("TIMESTAMP"):
        sql = f"CAST({column} AS TIMESTAMP)"
        whole = f"date_trunc('second', {sql})"
        # Without fractions to cut off, the bounds a file states for the column hold as they are.
        if con.execute(f"SELECT 1 FROM {relation} WHERE {sql} <> {whole} LIMIT 1").fetchall():
            sql = whole
        return Dates(sql, "times" + unmoved)
    if not is_text(kind):
        return _numeric_dates(con, relation, column, name, label, timezone)
    text = as_text(column, kind)
    shapes = con.execute(
        f"SELECT translate(x, '{_DIGITS[0]}', '{_DIGITS[1]}') AS shape, count(*) AS n, min(x) "
        f"FROM (SELECT {text} AS x FROM {relation}) WHERE x IS NOT NULL "
        "GROUP BY shape ORDER BY n DESC, shape LIMIT 3000"
    ).fetchall()
    total = sum(n for _, n, _ in shapes)
    forms: dict[_Form, list[str]] = {}
    unread = []
    for shape, _, example in shapes:
        form = _form(shape)
        if form is None or (
            form.order in ("compact", "excel", "epoch_s") and not looks_like_date(example)
        ):
            unread.append(shape)
        else:
            forms.setdefault(form, []).append(shape)
    readable = sum(n for shape, n, _ in shapes if shape not in set(unread))
    if readable * 2 < total or not forms:
        example = next((e for s, _, e in shapes if s in set(unread)), "")
        shown = f" (such as '{example}')" if example and re.search(r"\d", example) else ""
        raise UsageError(
            f"{label}: most of column '{name}' cannot be read as dates{shown}; "
            "name the right column with --date COLUMN."
        )
    numbers_only = all(form.order == "excel" or form.order.startswith("epoch") for form in forms)
    evidence = ""
    undecided = {form: shapes for form, shapes in forms.items() if form.order == "dm"}
    if undecided:
        if day_first is None:
            day_first, evidence = _decide_day_first(con, relation, text, name, label)
        elif day_first:
            evidence = "dates read day first, as told"
        else:
            evidence = "dates read month first, as told"
        forms = {form.decided(bool(day_first)): shapes for form, shapes in forms.items()}
    guarded = len(forms) > 1 or bool(unread)
    letters = {word.lower() for shape, _, _ in shapes for word in re.findall(r"[^\W\d_]+", shape)}
    walls = {form: _parsed(form, "x", sorted(letters & set(_MONTHS))) for form in forms}
    note = evidence or ("dates as year-month-day" if not numbers_only else "dates as numbers")
    instants = [form for form in forms if form.offset or form.order.startswith("epoch")]
    doubts: tuple[str, ...] = ()
    if instants:
        bare = {
            shape
            for form, names in forms.items()
            if not (form.offset or form.order.startswith("epoch"))
            for shape in names
        }
        without = sum(n for shape, n, _ in shapes if shape in bare)
        walls, extra, doubts = _with_offsets(
            con, relation, text, forms, walls, timezone, name, without
        )
        note = f"{note}; {extra}"
    else:
        note += unmoved
    if guarded:
        shape = f"translate(x, '{_DIGITS[0]}', '{_DIGITS[1]}')"
        cases = " ".join(
            f"WHEN {shape} IN {listed(names)} THEN {walls[form]}" for form, names in forms.items()
        )
        sql = f"CASE {cases} END"
    else:
        sql = next(iter(walls.values()))
    return Dates(_bind(sql, text), note, day_first if undecided else None, doubts)


def _bind(sql: str, text: str) -> str:
    # A lambda binds the trimmed text once, however often the expression uses it.
    return f"list_transform([{text}], lambda x: {sql})[1]"


def check_settings(timezone: str | None, currency: str | None, memory_limit: str) -> None:
    """Raise UsageError for a time zone, currency or size that there cannot be."""
    if timezone:
        _known_zone(timezone)
    if currency and not re.fullmatch("[A-Za-z]{3}", currency.strip()):
        raise UsageError(f"--currency '{currency}': expected a code of three letters, such as PLN.")
    size = r"\d+(\.\d+)?\s*([KMGT](i?B)?|B|%)"
    if not re.fullmatch(size, str(memory_limit).strip(), re.IGNORECASE):
        raise UsageError(f"--memory-limit '{memory_limit}': expected a size such as 4GB.")


def _known_zone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if re.match(r"^[+-]\d\d:?\d\d$", name):
        return "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"There is no time zone '{name}'; give one such as Europe/Warsaw."
        ) from error
    return name


def _decide_day_first(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    text: str,
    name: str,
    label: str,
) -> tuple[bool, str]:
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
        which = "day" if only_day > only_month else "month"
        return which == "day", f"dates read {which} first, because of {example} in row {row}"
    if only_day or only_month:
        raise UsageError(
            f"{label}: column '{name}' mixes day-first and month-first dates ('{day_example}' and "
            f"'{month_example}'); say which is right with --day-first or --month-first "
            "(the others are set aside)."
        )
    raise UsageError(
        f"{label}: the dates in column '{name}' could be day first or month first; "
        "say which with --day-first or --month-first."
    )


def _with_offsets(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    text: str,
    forms: dict[_Form, list[str]],
    walls: dict[_Form, str],
    timezone: str | None,
    name: str,
    without: int,
) -> tuple[dict[_Form, str], str, tuple[str, ...]]:
    mark = f"regexp_extract(x, '{_OFFSET}', 1)"
    found = con.execute(
        f"SELECT {mark} AS m, count(*) AS n FROM (SELECT {text} AS x FROM {relation}) "
        f"WHERE contains(x, ':') AND {mark} <> '' GROUP BY m ORDER BY n DESC, m"
    ).fetchall()
    minutes = {offset: _minutes(offset) for offset, _ in found}
    if any(form.order.startswith("epoch") for form in forms):
        minutes["epoch"] = 0
    distinct = sorted(set(minutes.values()))
    one_zone = len(distinct) == 1 or (len(distinct) == 2 and distinct[1] - distinct[0] == 60)
    # Cells without an offset stay as they are, whatever becomes of the others.
    doubts: tuple[str, ...] = ()
    if without or (timezone is None and not one_zone):
        counts = ", ".join(f"{n:,} with {offset}" for offset, n in found[:5])
        rest = sum(n for _, n in found[5:])
        counts += f", {rest:,} with others" if rest else ""
        counts += f"; {without:,} without one are taken as written" if without else ""
        become = f"converted to {timezone}" if timezone else "converted to UTC"
        kept = timezone is None and one_zone and "epoch" not in minutes
        doubts = (
            f"look at the dates: the offsets in column '{name}' differ ({counts}); times with an "
            f"offset are {'kept as written too' if kept else become}"
            + ("" if timezone else "; give --timezone for the shop's own"),
        )
    if timezone is None and one_zone and "epoch" not in minutes:
        return walls, "times kept as written, without their offset", doubts
    shift = " ".join(f"WHEN '{o}' THEN {m}" for o, m in sorted(minutes.items()) if o != "epoch")
    result = {}
    for form, wall in walls.items():
        if form.offset:
            wall = f"({wall} - to_minutes(CASE {mark} {shift} ELSE 0 END))"
        elif not form.order.startswith("epoch"):
            result[form] = wall
            continue
        if timezone is not None:
            zone = literal(_known_zone(timezone))
            wall = f"timezone({zone}, timezone('UTC', {wall}))"
        result[form] = wall
    if timezone is not None:
        return result, f"times converted to {timezone}", doubts
    if distinct == [0]:
        return result, "times are UTC (give --timezone for the shop's own)", doubts
    return (
        result,
        "times with several offsets converted to UTC (give --timezone for the shop's own)",
        doubts,
    )


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
        "year, month and day as one number": (19000101, 21001231),
        "Excel day numbers": (20000, 80000),
        "unix seconds": (3e8, 1e10),
        "unix milliseconds": (3e11, 1e13),
        "unix microseconds": (3e14, 1e16),
        "unix nanoseconds": (3e17, 9e18),
    }
    counts = one_row(
        con,
        "SELECT "
        + ", ".join(f"count_if({number} BETWEEN {a} AND {b})" for a, b in kinds.values())
        + f", count({column}) FROM {relation}",
    )
    best = max(range(len(kinds)), key=lambda i: counts[i])
    if counts[best] * 2 < counts[-1] or not counts[best]:
        raise UsageError(
            f"{label}: most of column '{name}' cannot be read as dates; "
            "name the right column with --date COLUMN."
        )
    note = list(kinds)[best]
    low, high = kinds[note]
    if best == 0:
        sql = f"try_strptime(CAST(CAST({column} AS BIGINT) AS VARCHAR), '%Y%m%d')"
    elif best == 1:
        sql = _excel(f"CAST({column} AS DOUBLE)")
    else:
        micros = (0, 0, 1_000_000, 1000, 1, 0.001)[best]
        sql = _epoch(f"CAST({column} AS {'DOUBLE' if best == 2 else 'BIGINT'})", micros)
        if timezone is not None:
            sql = f"timezone({literal(_known_zone(timezone))}, timezone('UTC', {sql}))"
            note += f", converted to {timezone}"
        else:
            note += ", UTC (give --timezone for the shop's own)"
    return Dates(
        f"(CASE WHEN {number} BETWEEN {low} AND {high} THEN {sql} END)", f"dates are {note}"
    )


# ---------------------------------------------------------------- numbers

# Signs and words of money that may stand before or after a number.
_UNIT = r"(?:\p{Sc}|\p{L}{1,4}\.?\p{Sc}?)"
_NUMBER = (
    rf"^[(]?\s*[-+−–]?\s*{_UNIT}?\s*[-+−–]?\s*"
    r"(\d[\d.,\s\x{a0}\x{202f}''’]*|[.,]\d+)"
    rf"\s*[-−–]?\s*{_UNIT}?\s*[)]?\s*[-−–]?$"
)
_SYMBOL_CODES = {
    "zł": "PLN",
    "zl": "PLN",
    "€": "EUR",
    "£": "GBP",
    "$": "USD",
    "kč": "CZK",
    "¥": "JPY",
}


@dataclass(frozen=True)
class Numbers:
    """A number column: SQL of the value as DOUBLE, what to tell, currencies written in it."""

    sql: str
    note: str
    currencies: dict[str, int]


def looks_like_number(cell: str) -> bool:
    """Say whether a text is a number, perhaps with a currency sign or spaces."""
    text = cell.strip(_SPACES)
    unit = r"(?:[€£$¥]|[^\W\d_]{1,4}\.?[€£$¥]?)"
    pattern = (
        rf"^\(?\s*[-+−–]?\s*{unit}?\s*[-+−–]?\s*(\d[\d.,\s'’]*|[.,]\d+)"
        rf"\s*[-−–]?\s*{unit}?\s*\)?[-−–]?$"
    )
    return bool(re.match(pattern, text)) or bool(re.match(r"^[-+]?\d+(\.\d+)?[eE][-+]?\d+$", text))


def rough_number(cell: str | None) -> float | None:
    """Give the number a single cell most likely means: enough to compare, not to count."""
    digits = re.sub(r"[^0-9.,-]", "", cell or "")
    mark = max(digits.rfind(","), digits.rfind("."))
    plain = (
        re.sub("[.,]", "", digits[: max(mark, 0)]) + "." + digits[mark + 1 :]
        if mark >= 0
        else digits
    )
    try:
        return float(plain)
    except ValueError:
        return None


def read_numbers(
    con: duckdb.DuckDBPyConnection, relation: str, column: str, kind: str, name: str
) -> Numbers:
    """Find out how a column writes its numbers: decimal mark, thousands, signs, currency."""
    if not is_text(kind):
        # A float32 says more digits than it holds when widened; its shortest text does not.
        number = f"CAST(CAST({column} AS VARCHAR) AS DOUBLE)" if kind == "FLOAT" else column
        sql = f"CAST({number} AS DOUBLE)"
        if kind in ("FLOAT", "DOUBLE"):
            sql = f"(CASE WHEN isfinite({column}) THEN {sql} END)"
        return Numbers(sql, "numbers", {})
    text = as_text(column, kind)
    plain_sql = (
        f"(CASE WHEN isfinite(try_cast({text} AS DOUBLE)) THEN try_cast({text} AS DOUBLE) END)"
    )
    filled, plain, dotted, threes, small = one_row(
        con,
        f"SELECT count(x), count(try_cast(x AS DOUBLE)), count_if(contains(x, '.')), "
        f"count_if(x[-4] = '.' AND x[1] <> '0'), "
        f"count_if(NOT contains(x, '.') AND abs(try_cast(x AS DOUBLE)) < 1000) "
        f"FROM (SELECT {text} AS x FROM {relation})",
    )
    dots_are_thousands = dotted >= 20 and dotted == threes and small and small == filled - dotted
    if plain == filled and not dots_are_thousands:
        return Numbers(plain_sql, "numbers with a decimal point" if dotted else "numbers", {})
    quick = _quick_numbers(con, relation, text, filled) if not dotted else None
    if quick is not None:
        return quick
    body = f"regexp_extract(x, '{_NUMBER}', 1)"
    counts = one_row(
        con,
        f"""SELECT
        count_if(regexp_matches(b, '\\..*,|,\\d{{1,2}}$|,\\d{{4,}}$|^0,|\\..*\\.')) AS comma,
        count_if(regexp_matches(b,
            ',.*\\.|^\\d+\\.\\d{{1,2}}$|^\\d+\\.\\d{{4,}}$|^0\\.|,.*,')) AS dot,
        count_if(regexp_matches(b, '^[^,.]*,\\d{{3}}$')) AS comma_threes,
        count_if(regexp_matches(b, '^\\d{{4,}}$')) AS plain,
        count_if(regexp_matches(b, '^\\d{{1,3}}$')) AS short
        FROM (SELECT {body} AS b FROM (SELECT {text} AS x FROM {relation}))""",
    )
    comma, dot, comma_threes, big, short = counts
    if comma or dot:
        decimal = "," if comma > dot else "."
    else:
        decimal = "," if comma_threes and (big or not short) else "."
    if dots_are_thousands:
        decimal = ","
    thousands = "." if decimal == "," else ","
    digits = "regexp_replace(b, '[^0-9.,]', '', 'g')"
    # One mark followed by other than three digits is decimal, whatever the column prefers.
    value = (
        f"CASE WHEN regexp_matches(d, '^\\d*[.,](\\d{{1,2}}|\\d{{4,}})?$') OR starts_with(d, '0') "
        f"THEN replace(d, ',', '.') "
        f"WHEN regexp_matches(d, '\\..*,[^.]*$') AND NOT regexp_matches(d, ',.*,') "
        f"THEN replace(replace(d, '.', ''), ',', '.') "
        f"WHEN regexp_matches(d, ',.*\\.[^,]*$') AND NOT regexp_matches(d, '\\..*\\.') "
        f"THEN replace(d, ',', '') "
        f"ELSE replace(replace(d, '{thousands}', ''), '{decimal}', '.') END"
    )
    number = (
        f"list_transform([list_transform([{body}], lambda b: {digits})[1]], lambda d: {value})[1]"
    )
    negative = "regexp_matches(x, '^[(]|[-−–]')"
    sql = _bind(
        "CASE WHEN x IS NULL THEN NULL "
        f"WHEN regexp_matches(x, '^[-+]?\\d+(\\.\\d+)?[eE][-+]?\\d+$') "
        f"THEN try_cast(x AS DOUBLE) WHEN {negative} THEN -try_cast({number} AS DOUBLE) "
        f"ELSE try_cast({number} AS DOUBLE) END",
        text,
    )
    signs = con.execute(
        f"SELECT upper(regexp_extract(x, '(\\p{{L}}{{1,4}}\\.?\\p{{Sc}}?|\\p{{Sc}})', 1)) AS s, "
        f"count(*) FROM (SELECT {text} AS x FROM {relation}) "
        f"WHERE regexp_matches(x, '{_NUMBER}') GROUP BY s ORDER BY s"
    ).fetchall()
    currencies: dict[str, int] = {}
    for sign, count in signs:
        code = _currency(sign)
        if code:
            currencies[code] = currencies.get(code, 0) + count
    return Numbers(
        sql, f"numbers with a decimal {'comma' if decimal == ',' else 'point'}", currencies
    )


def _quick_numbers(
    con: duckdb.DuckDBPyConnection, relation: str, text: str, filled: int
) -> Numbers | None:
    """Read decimal commas with at most four units and spaces around, if that is all there is."""
    found = con.execute(
        f"SELECT DISTINCT unnest(regexp_extract_all(x, '[^-+0-9,]+')) AS u FROM "
        f"(SELECT {text} AS x FROM {relation} WHERE {text} IS NOT NULL LIMIT 20000) ORDER BY u"
    ).fetchall()
    units = sorted((u for (u,) in found), key=len, reverse=True)
    fine = re.compile(r"^\s*([^\W\d_]{1,4}|[€£$¥])?\s*$")
    if len(units) > 4 or not all(fine.match(unit) for unit in units):
        return None
    value = text
    for unit in units:
        value = f"replace({value}, {literal(unit)}, '')"
    value = f"try_cast(replace({value}, ',', '.') AS DOUBLE)"
    marks = [unit.strip() for unit in units if unit.strip()]
    held = "".join(f", count_if(contains({text}, {literal(mark)}))" for mark in marks)
    read, clear, *uses = one_row(
        con,
        f"SELECT count({value}), count_if(contains({text}, ',') AND NOT "
        f"regexp_matches({text}, ',[0-9]{{3}}([^0-9]|$)')){held} FROM {relation}",
    )
    if read < filled or not clear:
        return None
    currencies = dict(zip(map(_currency, marks), uses, strict=True))
    return Numbers(value, "numbers with a decimal comma", currencies)


def _currency(mark: str) -> str:
    return _SYMBOL_CODES.get(mark.lower().rstrip("."), mark.upper())


def day_text(day: date) -> str:
    """Write a day for SQL."""
    return f"TIMESTAMP '{day.isoformat()} 00:00:00'"
