"""Ways of writing a date: told by the shape of a text, and read by SQL over a whole column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypedDict

from winback.intake.cells import SPACES, literal
from winback.intake.months import ROMAN, WEEKDAYS, ZONES, month_of, plain_word, says_nothing

_DIGITS = ("0123456789", "9" * 10)
_PLACE = r"[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?"
# Letters of a zone, hours ahead, or a place; what stands in brackets behind says it again.
_ZONE = (
    r"((?:UTC|GMT)?[+-]\d\d:?\d\d|(?:UTC|GMT)[+-]\d\d?|[+-]\d\d|"
    + "|".join(sorted(ZONES, key=lambda zone: (-len(zone), zone)))
    + f"|{_PLACE})(?:\\s*[\\[(][^\\])]*[\\])])?"
)
OFFSET = rf"\s*{_ZONE}$"
# As JavaScript, Java and Unix write it, the year may come after the zone.
OFFSET_ANYWHERE = rf"[\s\p{{Z}}]*{_ZONE}(?: \d{{4}})?$"
_OFFSET_SHAPE = re.compile(r"(?:(?<=9)|\s)\s*" + _ZONE.replace(r"\d", "9") + "$")
_NOON = r"\s*([AaPp])\.?\s?[Mm]\.?$"
_NOON_WITHIN = r"[0-9\s]([AaPp])\.?\s?[Mm]\.?(?:[^\p{L}]|$)"
_TIME = r"[T ,]*\s*9{1,2}:99(:99([.,]9{1,9})?)?"
_WEEKDAY = r"^([^\W\d]{2,})\.?,?\s+"
# A clock beside a date that is not written the common way; where a point may be a date's, the end.
_CLOCKS = (
    re.compile(r"(?<!9)9{1,2}:99(?::99([.,:]9{1,9})?)?(?!9)"),
    re.compile(r"(?<![9.,/-])9{1,2}\.99(?:\.99(\.9{1,9})?)?(?=$| ?[AaPp]\.? ?[Mm]| ?[Uu]hr$| ?h$)"),
    re.compile(r"(?<=9-)99\.99\.99(\.9{1,9})?$"),
    re.compile(r"(?<!9)9{1,2} ?[Hh] ?(?:99(?: ?m(?:in)?\.?)?(?: ?99 ?s?)?)?(?![^\W\d_])()"),
    re.compile(r"(?<!9)9{1,2}[時时点]9{1,2}分(?:9{1,2}秒)?()"),
    re.compile(r"(?<!9)9{1,2}(?= ?[AaPp]\.? ?[Mm]\b)()"),
    re.compile(r"(?<!9)9{1,2}(?= Uhr)()"),
)
_AFTER_CLOCK = re.compile(r"\s?[AaPp]\.?\s?[Mm](?:\.|(?![^\W\d_]))")
_TOKENS = re.compile(r"9+|[^\W\d_]+|.")
_BETWEEN = frozenset(" .,/-'’_:ºª°\x00")
_LONGEST = 80


class _Parts(TypedDict):
    offset: bool
    noon: bool
    weekday: bool
    fraction: bool


@dataclass(frozen=True)
class Form:
    """One way of writing a date: `order` is iso, ymd, dmy, mdy, dm (undecided), word, epoch, excel.

    A `loose` form is read by its numbers alone, in the order of `layout`; `skip` is how many
    come before the fraction of a second; `roman` months are I to XII; and `spaces` says that others
    than the keyboard's are in.
    """

    order: str
    layout: str = ""
    offset: bool = False
    noon: bool = False
    word: bool = False
    weekday: bool = False
    fraction: bool = False
    spaces: bool = False
    loose: bool = False
    skip: int = 0
    roman: bool = False

    @property
    def is_epoch(self) -> bool:
        """Whether it counts from 1970, which is an instant and no wall time."""
        return self.order.startswith("epoch")

    @property
    def separator(self) -> str:
        """What stands between day and month where either may come first."""
        return "" if self.loose else self.layout[2:3]

    def decided(self, day_first: bool) -> Form:
        """The same with the order of day and month settled."""
        if self.order != "dm":
            return self
        layout = self.layout
        if not day_first:
            layout = layout.replace("%d", "?").replace("%m", "%d").replace("?", "%m")
        return replace(self, order="dmy" if day_first else "mdy", layout=layout)


def looks_like_date(cell: str) -> bool:
    """Say whether a text could be a date in any form that is understood."""
    text = cell.strip(SPACES)
    form = form_of(shape_of(text))
    if form is None:
        return False
    if form.order == "compact":
        return bool(re.match(r"^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", text))
    if form.order == "excel":
        return 20000 < float(text.replace(",", ".")) < 80000
    if form.is_epoch:
        return text.startswith(("8", "9", "1", "2"))
    return True


def shape_of(text: str) -> str:
    """A text with each digit as 9."""
    return re.sub("[0-9]", "9", text)


def shape_sql(text: str) -> str:
    """SQL of the same."""
    return f"translate({text}, '{_DIGITS[0]}', '{_DIGITS[1]}')"


def months_in(shapes: Iterable[str]) -> dict[str, int]:
    """The words of some shapes, in lower case, that name months."""
    words = {word.lower() for shape in shapes for word in re.findall(r"[^\W\d_]{3,}", shape)}
    return {word: month for word in sorted(words) if (month := month_of(word)) is not None}


@lru_cache(maxsize=1 << 14)
def form_of(shape: str) -> Form | None:
    """The way of writing that a shape shows; None where it is no date."""
    if len(shape) > _LONGEST or "9" not in shape:
        return None
    tidy = shape if shape.isascii() else _tidy(shape)
    form = _strict(tidy) or _loose(tidy)
    return replace(form, spaces=True) if form is not None and tidy != shape else form


def _tidy(text: str) -> str:
    """Any space as the keyboard's, and marks nobody sees left out."""
    kinds = ((c, unicodedata.category(c)) for c in text)
    return "".join(" " if kind[0] == "Z" else c for c, kind in kinds if kind != "Cf")


def _strict(rest: str) -> Form | None:
    """The common forms, whose layout is built from the very characters."""
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
            return Form("excel")
        if digits in numeric and (match[2] in (None, ".9") or digits == 10):
            layout = "%Y%m%d" + ("%H%M%S" if digits == 14 else "")
            return Form(numeric[digits], layout, fraction=match[2] is not None)
        return None
    if re.match(r"^99999,9+$", rest):
        return Form("excel")
    offset = bool((":" in rest or "9T9" in rest) and _OFFSET_SHAPE.search(rest))
    rest = _OFFSET_SHAPE.sub("", rest) if offset else rest
    noon = bool(":" in rest and re.search(_NOON, rest))
    rest = re.sub(_NOON, "", rest) if noon else rest
    first_word = re.match(_WEEKDAY, rest)
    weekday = first_word is not None and month_of(first_word[1]) is None
    rest = re.sub(_WEEKDAY, "", rest) if weekday else rest
    time, fraction, comma = "", False, False
    if match := re.search(_TIME + "$", rest):
        # The layout is built from the very characters, so that strptime needs no guess.
        time = re.sub(r"9{1,2}:99", "%H:%M", match[0], count=1)
        time = re.sub(r"(?<=%M):99", ":%S", time)
        time = re.sub(r"[.,]9+$", "", time)
        fraction = match[2] is not None
        comma = fraction and match[2][0] == ","
        rest = rest[: match.start()]
    parts: _Parts = {"offset": offset, "noon": noon, "weekday": weekday, "fraction": fraction}
    if re.match(r"^99999999$", rest) and time:
        return Form("ymd", "%Y%m%d" + time, **parts)
    if match := re.match(r"^99999999T9999(99)?$", rest):
        return Form("ymd", "%Y%m%dT%H%M" + ("%S" if match[1] else ""), **parts)
    if match := re.match(r"^9999([-/. ])9{1,2}\1 ?9{1,2}$", rest):
        usual = match[1] == "-" and len(rest) == 10 and len(time) in (0, 6, 9) and not comma
        if usual and not (noon or weekday):
            return Form("iso", **parts)
        return Form("ymd", f"%Y{match[1]}%m{match[1]}%d" + time, **parts)
    if match := re.match(r"^9{1,2}([-/. ]|\. )9{1,2}\1(9999|99)$", rest):
        year = "%Y" if len(match[2]) == 4 else "%y"
        return Form("dm", f"%d{match[1]}%m{match[1]}{year}{time}", **parts)
    letters = re.search(r"[^\W\d_]{3,}", rest)
    # Before a month's name an unknown word is no weekday: what it says would be lost.
    known = first_word is None or not weekday or says_nothing(first_word[1])
    if letters and known and month_of(letters[0]) is not None:
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
            return Form("word", layout + time, word=True, **parts)
    return None


def _loose(shape: str) -> Form | None:
    """A date with a clock, a zone, and words around and between, all of which are known."""
    body = _OFFSET_SHAPE.sub("", shape)
    offset = body != shape
    # Without a clock an offset is none: 05-03-24 ends with the year.
    tries = [(body, offset), (shape, False)] if offset else [(shape, False)]
    for text, zoned in tries:
        clocks = [list(pattern.finditer(text)) for pattern in _CLOCKS]
        for clock in [found[0] for found in clocks if found]:
            if form := _around(text, clock, zoned):
                return form
        if not zoned and (form := _around(text, None, zoned)):
            return form
    return None


def _around(text: str, clock: re.Match[str] | None, offset: bool) -> Form | None:
    """The form of a text whose clock, if any, was found."""
    times, noon, fraction = 0, False, False
    if clock is not None:
        fraction = bool(clock[1])
        times = len(re.findall("9+", clock[0])) - fraction
        behind = text[clock.end() :]
        mark = _AFTER_CLOCK.match(behind)
        noon = mark is not None
        text = text[: clock.start()] + " \x00 " + (behind[mark.end() :] if mark else behind)
    tokens = _TOKENS.findall(text)
    found = _dated(tokens)
    if found is None:
        return None
    order, date_layout, month, zones = found
    clock_layout = ["%H", "%M", "%S"][:times]
    at = sum(t.startswith("9") for t in tokens[: tokens.index("\x00")]) if clock else len(tokens)
    layout = [*date_layout[:at], *clock_layout, *date_layout[at:]]
    return Form(
        order, " ".join([*layout, "%m"] if month else layout), offset or zones, noon, bool(month),
        fraction=fraction, loose=True, skip=at + times, roman=month == "roman",
    )  # fmt: skip


def _dated(tokens: list[str]) -> tuple[str, list[str], str, bool] | None:
    """Order and layout of a date's tokens, its kind of month ("name", "roman" or "" for a number),
    and whether a zone is in.

    The layout has a directive for each number, in the order of the text.
    """
    numbers: list[int] = []
    months: list[int] = []
    zones, roman = False, False
    for place, token in enumerate(tokens):
        if token[0] == "9":
            numbers.append(len(token))
        elif not token[0].isalpha():
            if token not in _BETWEEN:
                return None
        elif token in ZONES and "\x00" in tokens[:place]:
            zones = True
        elif month_of(token) is not None:
            # Tuesday is as short as March in some languages, and comes first.
            if months and plain_word(tokens[_first_word(tokens)]) in WEEKDAYS:
                months.pop()
            months.append(len(numbers))
        elif token.isupper() and token.lower() in ROMAN and len(numbers) == 1 and not months:
            roman = True
            months.append(1)
        elif not says_nothing(token):
            return None
    match months, numbers:
        case [0 | 1], [1 | 2, 4 | 2 as year]:
            order, layout = "word", ["%d", "%Y" if year == 4 else "%y"]
        case [1], [4, 1 | 2]:
            order, layout = "word", ["%Y", "%d"]
        case [], [4, 1 | 2, 1 | 2]:
            order, layout = "ymd", ["%Y", "%m", "%d"]
        case [], [1 | 2, 1 | 2, 4 | 2 as year]:
            order, layout = "dm", ["%d", "%m", "%Y" if year == 4 else "%y"]
        case [], [8] if "\x00" in tokens:
            order, layout = "ymd", ["%Y%m%d"]
        case _:
            return None
    return order, layout, ("roman" if roman else "name") if months else "", zones


def _first_word(tokens: list[str]) -> int:
    return next(i for i, token in enumerate(tokens) if token[0].isalpha())


def _head(form: Form, text: str) -> str:
    """SQL: the text with plain spaces, and without its zone."""
    if form.spaces:
        text = f"regexp_replace({text}, '\\p{{Z}}', ' ', 'g')"
        text = f"regexp_replace({text}, '\\p{{Cf}}', '', 'g')"
    return f"regexp_replace({text}, '{OFFSET}', '')" if form.offset else text


def _plain(form: Form, text: str, months: Mapping[str, int]) -> str:
    """SQL: the text without what strptime cannot read (AM/PM, names, fractions)."""
    if form.loose:
        return _numbers(form, text, months)
    if form.noon:
        text = f"regexp_replace({text}, '{_NOON}', '')"
    if form.weekday:
        text = f"regexp_replace({text}, '^\\p{{L}}+\\.?,?\\s+', '')"
    if form.fraction and form.order != "iso":
        text = f"regexp_replace({text}, '[.,]\\d+$', '')"
    if form.word:
        word = f"regexp_extract({text}, '\\p{{L}}{{3,}}')"
        text = f"replace({text}, {word}, {_number_of(word, months)})"
    return text


def _number_of(word: str, months: Mapping[str, int]) -> str:
    cases = " ".join(f"WHEN {literal(name)} THEN '{n:02}'" for name, n in months.items())
    return f"CASE lower({word}) {cases} END"


def _numbers(form: Form, text: str, months: Mapping[str, int]) -> str:
    """SQL: the numbers of a text with one space between them, and the month behind them."""
    numbers = f"trim(regexp_replace({text}, '[^0-9]+', ' ', 'g'))"
    if form.fraction:
        numbers = f"regexp_replace({numbers}, '^((?:[0-9]+ ){{{form.skip}}})[0-9]+ ?', '\\1')"
        numbers = f"trim({numbers})"
    if not form.word:
        return numbers
    named = ROMAN if form.roman else months
    names = "|".join(sorted(named, key=lambda name: (-len(name), name)))
    # The last of two such words: a weekday comes first.
    word = f"regexp_extract({text}, '(?i)^(?:.*[^\\p{{L}}])?({names})(?:[^\\p{{L}}]|$)', 1)"
    return f"{numbers} || ' ' || {_number_of(word, named)}"


def wall_time(form: Form, text: str, months: Mapping[str, int]) -> str:
    """SQL: the wall time of a text in this form, or null; ``months`` are the words for months."""
    head = _head(form, text)
    plain = _plain(form, head, months)
    if form.order == "excel":
        days = f"try_cast(replace({plain}, ',', '.') AS DOUBLE)"
        return of_excel(days)
    if form.is_epoch:
        unit = {"epoch_s": 1_000_000, "epoch_ms": 1000, "epoch_us": 1, "epoch_ns": 0.001}
        return of_epoch(f"try_cast({plain} AS BIGINT)", unit[form.order])
    if form.order == "iso":
        parsed = f"date_trunc('second', try_cast({plain} AS TIMESTAMP))"
    else:
        parsed = f"try_strptime({plain}, {literal(form.layout)})"
    if form.noon:
        # Magento prints a 24-hour clock with AM/PM; 14 PM and 02 PM can both be told apart.
        pattern = _NOON_WITHIN if form.loose else _NOON
        mark = f"lower(regexp_extract({head}, '{pattern}', 1))"
        parsed = (
            f"({parsed} + to_hours(CASE WHEN {mark} = 'p' AND hour({parsed}) < 12 THEN 12 "
            f"WHEN {mark} = 'a' AND hour({parsed}) = 12 THEN -12 ELSE 0 END))"
        )
    return parsed


def of_excel(days: str) -> str:
    """SQL: the wall time of a spreadsheet's day number."""
    return (
        f"(CASE WHEN {days} BETWEEN 20000 AND 80000 THEN TIMESTAMP '1899-12-30' "
        f"+ to_seconds(round({days} * 86400)::BIGINT) END)"
    )


def of_epoch(number: str, micros: float) -> str:
    """SQL: the instant of a number of units since 1970, each of so many microseconds."""
    return f"date_trunc('second', make_timestamp(({number} * {micros})::BIGINT))"
