"""How each language writes numbers, money, dates and plurals, and fills texts with them.

It knows no text itself, so that whoever writes into a table depends on none of the page's.
Numbers, money, dates and plurals are Babel's; what a page adds is when to write cents and when a
share is too small for a whole percent.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cached_property
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_symbol
from markupsafe import Markup, escape

from winback.errors import UsageError
from winback.said.nouns import NOUNS

Language = Literal["en", "pl"]
LANGUAGES: tuple[Language, ...] = ("en", "pl")
Texts = Mapping[str, Mapping[str, str]]

NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "\u2013"
POINTS: Mapping[Language, str] = {"en": "pp", "pl": "p.p."}


@dataclass(frozen=True)
class Figure:
    """A number that a page marks up with what it says, so that equal ones can be held equal.

    Attributes:
        key: result and path in its JSON, such as ``target.n_listed``.
        value: as it stands there.
    """

    key: str
    value: float | date | str | None

    def marked(self, text: str) -> Markup:
        """The text that a reader sees, as HTML; what is not known is not marked."""
        if self.value is None:
            return Markup(escape(text))
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        return Markup('<data data-means="{}" value="{}">{}</data>').format(self.key, value, text)


@dataclass(frozen=True)
class Writing:
    """Numbers, dates, money and plurals as readers of one language write them.

    Numbers of ``None`` are written as a dash.
    """

    language: Language = "en"
    currency: str = ""

    def __post_init__(self) -> None:
        """Refuse a language nobody has written texts for."""
        if self.language not in LANGUAGES:
            raise UsageError("cli.language", language=self.language)

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)

    def fill(self, text: Mapping[str, str], values: Mapping[str, Any]) -> str:
        """A text with its values, each written as its place says.

        ``{n:n}`` a number, ``{n:n2}`` with two decimals, ``{n:+n2}`` with its sign, ``{n:g}``
        with as many as it has, two at most; ``{s:share}`` and ``{s:share1}`` percent;
        ``{x:points}``; ``{x:money}`` and ``{x:money2}``; ``{d:day}`` and ``{d:short_day}``;
        ``{n:count customer}`` a number with its noun, ``{n:noun of day}`` the noun alone;
        ``{c:term segment}`` the name of a code. Without a word after the colon a value stands
        as it is; several are joined by commas. With a `Figure` or HTML among the values the
        sentence is HTML, and all else in it is escaped.
        """
        if any(isinstance(value, Figure | Markup) for value in values.values()):
            return Markup(_Marking(self).vformat(str(escape(text[self.language])), (), values))
        return _Filling(self).vformat(text[self.language], (), values)

    def term(self, group: str, code: Any) -> str:
        """Name of a code (a segment, a reason); one without a name is shown as it is."""
        return str(code).replace("_", " ")

    def number(self, value: float | None, digits: int = 0, *, signed: bool = False) -> str:
        """1,234.5 in English, 1 234,5 in Polish."""
        if value is None or not math.isfinite(value):
            return DASH
        # Half up, as people round; -0 is 0.
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        # As many digits as a float may have: whatever is found can be written.
        with localcontext(prec=330):
            rounded = _half_up(abs(value), digits)
            text = format_decimal(rounded, format=pattern, locale=self._locale)
        negative = value < 0 and rounded != 0
        return (MINUS if negative else "+" if signed else "") + text

    def short_number(self, value: float | None, *, signed: bool = False) -> str:
        """1,234 or 1.5: at most two decimals, none of them zeros at the end."""
        digits = next((d for d in (0, 1) if value is None or round(value, 2) == round(value, d)), 2)
        return self.number(value, digits, signed=signed)

    def money(self, value: float | None, digits: int | None = None, *, signed: bool = False) -> str:
        """Cents are written below 100 only, unless digits are given."""
        if value is None or not math.isfinite(value):
            return DASH
        if digits is None:
            digits = 2 if 0 < abs(value) < 100 else 0
        text = self.number(value, digits, signed=signed)
        if not self.currency:
            return text
        symbol = get_currency_symbol(self.currency, locale=self._locale)
        if self.language == "pl":
            return f"{text}{NBSP}{symbol}"
        sign, text = (text[0], text[1:]) if text[0] in (MINUS, "+") else ("", text)
        return f"{sign}{symbol}{NBSP if symbol.isalpha() else ''}{text}"

    def share(self, value: float | None, digits: int | None = None, *, signed: bool = False) -> str:
        """Percent: whole from 10 up, one decimal below and next to all: 0.4% is not 0%."""
        if value is None or not math.isfinite(value):
            return DASH
        if digits is None:
            digits = 0 if abs(value) >= 0.0995 or value == 0 else 1
            if 0.995 <= value < 1:  # nor is 99.6% all
                digits = 1
        if 0 < value < 0.0005 and digits <= 1:
            return f"<{self.number(0.1, 1)}%"
        if 0.9995 <= value < 1 and digits == 1:
            return f">{self.number(99.9, 1)}%"
        return f"{self.number(round(100 * value, 9), digits, signed=signed)}%"

    def ratio(self, value: float | None) -> str:
        """Percent of one sum by another, whole from 10 up: beside 100 % nothing is special."""
        small = value is not None and abs(value) < 0.0995
        return self.share(value, 1 if small else 0)

    def points(self, value: float | None, *, to: float | None = None, signed: bool = False) -> str:
        """Percentage points, one decimal, or two where one would say 0; or from one to another."""

        def written(x: float | None) -> str:
            small = x is not None and 0.005 <= abs(x) < 0.05
            return self.number(x, 2 if small else 1, signed=signed)

        text, end = written(value), written(to)
        span = text if to is None or text == end else f"{text}{DASH}{end}"
        return f"{span}{NBSP}{POINTS[self.language]}"

    def count(self, value: float | None, noun: str) -> str:
        """Number with its noun in the right form: 1 order, 2 orders; 5 zamówień."""
        if value is None:
            return f"{DASH} {NOUNS[noun][self.language][-1]}"
        return f"{self.number(value)}{NBSP}{self.noun(value, noun)}"

    def noun(self, value: float, noun: str) -> str:
        """The noun alone, in the form the number asks for."""
        form = self._locale.plural_form(int(_half_up(abs(value), 0)))
        return NOUNS[noun][self.language][
            ("one", "few", "many").index(form.replace("other", "few"))
        ]

    def times(self, value: float | None) -> str:
        """How many times: 4.2 times, 3 times; 4,2 raza, 3 razy."""
        if value is None or not math.isfinite(value):
            return DASH
        rounded = _half_up(value, 1)
        if rounded == int(rounded):
            return f"{self.number(value)}{NBSP}{self.noun(value, 'time')}"
        return f"{self.number(value, 1)}{NBSP}{NOUNS['time'][self.language][-1]}"

    def day(self, value: Any) -> str:
        """30 June 1998; 30 czerwca 1998."""
        found = _date(value)
        if found is None:
            return DASH
        return format_date(found, "d MMMM y", locale=self._locale).replace(" ", NBSP)

    def short_day(self, value: Any) -> str:
        """Day for a table: 1998-06-30 in English, 30.06.1998 in Polish."""
        found = _date(value)
        if found is None:
            return DASH
        return found.isoformat() if self.language == "en" else f"{found:%d.%m.%Y}"

    def weekday(self, value: Any) -> str:
        """Short name of a day of the week: Mon, pon."""
        found = _date(value)
        return DASH if found is None else format_date(found, "EEE", locale=self._locale)

    def period(self, start: Any, unit: str) -> str:
        """Short name of the week, month or quarter that begins on a day."""
        found = _date(start)
        if found is None:
            return DASH
        pattern = {"week": "d LLL", "month": "LLL y", "quarter": "QQQ y"}[unit]
        return format_date(found, pattern, locale=self._locale)


class _Filling(string.Formatter):
    """Fills the places of a text in the way of one language."""

    def __init__(self, words: Writing) -> None:
        self._words = words

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value as the word after its colon says."""
        w, (how, _, what) = self._words, format_spec.partition(" ")
        signed, how = how.startswith("+"), how.removeprefix("+")
        digits = int(how[-1]) if how[-1:].isdigit() else None
        match how.rstrip("0123456789"):
            case "":
                several = isinstance(value, list | tuple)
                return ", ".join(map(str, value)) if several else str(value)
            case "n":
                return w.number(value, digits or 0, signed=signed)
            case "g":
                return w.short_number(value, signed=signed)
            case "share":
                return w.share(value, digits, signed=signed)
            case "points":
                return w.points(value, signed=signed)
            case "money":
                return w.money(value, digits, signed=signed)
            case "day":
                return w.day(value)
            case "short_day":
                return w.short_day(value)
            case "count":
                return w.count(value, what)
            case "noun":
                return w.noun(value, what)
            case "term":
                several = isinstance(value, list | tuple)
                return ", ".join(w.term(what, each) for each in (value if several else [value]))
            case _:
                raise ValueError(f"no text writes a value as {format_spec!r}")


class _Marking(_Filling):
    """The same as HTML."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value as the word after its colon says, marked up where it is a figure."""
        if isinstance(value, Figure) and format_spec.startswith("noun"):
            return str(escape(super().format_field(value.value, format_spec)))
        if isinstance(value, Figure):
            return str(value.marked(super().format_field(value.value, format_spec)))
        if isinstance(value, Markup) and not format_spec:
            return str(value)
        return str(escape(super().format_field(value, format_spec)))


def capital(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def _half_up(value: float, digits: int) -> Decimal:
    # repr() first: 0.145 is meant as the decimal that was written, not the binary below it.
    step = Decimal(1).scaleb(-digits)
    return Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)


def _date(value: Any) -> date | None:
    if value is None or value != value:
        return None
    text = str(value)[:10]
    return date.fromisoformat(text) if text and text[:1].isdigit() else None
