"""Why a score is what it is, in words: each story with the customer's own numbers.

These sentences stand in ``scores.parquet`` and in the list, beside the score.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from winback.results.scored import Reason, ToldColumn
from winback.said import declared
from winback.said.writing import Texts, Writing

Row = Mapping[str, float]
"""A customer's snapshot; numbers that are not to be had are NaN."""

COLUMNS = (
    "days_since_last_order", "gap_mean_days", "orders_total", "orders_90d", "orders_180d",
    "order_value_mean", "spend_total", "days_since_first_order", "distinct_products_total",
    "lines_per_order", "repeat_product_share", "refund_share", "orders_year_ago_90d",
    "weekend_share", "order_days_total", "yearly_gaps", "years_seen", "same_season_years",
    "blocks_lived", "blocks_bought", "block_share", "gap_ewma_days", "gap_max_days",
)  # fmt: skip
"""The snapshot columns whose numbers are told, where there are such."""

SEASON_DAY = "next_season_day"
"""The day of a yearly customer's next season, counted from 1970-01-01."""

# A pace that differs by less from the usual one is the usual one.
_OTHER_PACE = 1.25


class Telling:
    """Tells reasons in one language; whole numbers are written once and kept, for speed.

    Args:
        language: ``en`` or ``pl``.
        currency: written behind amounts.
        horizon_days: how long the snapshots' blocks are.
        means: the shop's averages by column, which reasons are told beside.
        alike: gives the mean of recent orders of customers with about as many in all.
        own: how columns that the shop declares are told.
    """

    def __init__(
        self, language: str, currency: str = "", horizon_days: int | None = None, *,
        means: Row | None = None, alike: Callable[[float], float] = lambda _: math.nan,
        own: Mapping[str, ToldColumn] | None = None,
    ) -> None:  # fmt: skip
        self.block_days = horizon_days
        self.words = Writing(language, currency)  # type: ignore[arg-type]
        self._priced: dict[int, str] = {}
        self._written: dict[int, str] = {}
        self._counted: dict[tuple[int, str], str] = {}
        self._means, self._alike, self._own = means or {}, alike, own or {}

    def reason(self, why: Reason, row: Row) -> str:
        """The story of one customer, and whether it speaks for a return, beside what."""
        return f"{self._value(why, row)} ({self._direction(why, row)})"

    def reasons(self, stories: Sequence[Reason], row: Row) -> list[str]:
        """Each story in words; nothing is said twice."""
        said: dict[str, str] = {}
        for why in stories:
            said.setdefault(self._value(why, row), self.reason(why, row))
        return list(said.values())

    def _value(self, why: Reason, row: Row) -> str:
        if why.column is not None:
            return declared.value(self._own[why.column], _number(row, why.column), self.words)
        if why.beside == "basket":
            return self.say("basket", mean=self.money(row["order_value_mean"]))
        return _STORIES[why.story](self, row, why.raises)

    def _direction(self, why: Reason, row: Row) -> str:
        """Better or worse than what, with the number it is compared with."""
        way = _DIRECTIONS["raises" if why.raises else "lowers"][self.words.language]
        usual = ""
        if why.beside == "alike":
            usual = self.average(self._alike(row["orders_total"]))
        elif why.column is not None and why.beside == "shop":
            told = self._own[why.column]
            usual = declared.average(told, self._means.get(why.column, math.nan), self.words)
        elif why.beside == "basket":
            usual = self.money(self._means["order_value_mean"])
        elif why.beside == "shop":
            usual = _AVERAGES[why.story](self, row)
        if why.beside == "all":
            return self.say("with_all", way=way)
        beside = "alike" if why.beside == "alike" else "shop"
        if why.column is not None and self._own[why.column].levels and usual:
            beside = "commonest"
        return self.say(f"than_{beside}", way=way) + (f": {usual}" if usual else "")

    def average(self, value: float) -> str:
        """A mean of counts: one decimal below ten; empty where it is not known."""
        return "" if math.isnan(value) else self.words.number(value, 0 if value >= 10 else 1)

    def mean_of(self, name: str) -> float:
        """The shop's average of a column; NaN where it is not known."""
        return self._means.get(name, math.nan)

    def place(self, why: str, row: Row) -> str:
        """Why a customer stands where they do on a list that tells nobody apart."""
        last = self.count(row["days_since_last_order"], "day")
        total = self.count(row["orders_total"], "order")
        return self.say("place", last=last, total=total, why=_PLACES[why][self.words.language])

    def say(self, name: str, **values: str) -> str:
        """A text with its values, already written."""
        return _TEXTS[name][self.words.language].format(**values)

    def whole(self, value: float) -> str:
        """A whole number."""
        number = round(value)
        if number not in self._written:
            self._written[number] = self.words.number(number)
        return self._written[number]

    def count(self, value: float, noun: str) -> str:
        """A number with its noun."""
        number = round(value)
        if (number, noun) not in self._counted:
            self._counted[number, noun] = f"{self.whole(number)} {self.words.noun(number, noun)}"
        return self._counted[number, noun]

    def money(self, value: float) -> str:
        """A round amount, written as on the page."""
        number = round(value)
        if number not in self._priced:
            self._priced[number] = self.words.money(number, 0)
        return self._priced[number]

    def percent(self, share: float) -> str:
        """A share in whole percent."""
        return f"{self.whole(100 * share)}%"


def _number(row: Row, name: str) -> float:
    """A number of the row; NaN where the snapshots have no such column."""
    return row.get(name, math.nan)


def _silence(tell: Telling, row: Row, raises: bool) -> str:
    gap, last = row["gap_mean_days"], tell.count(row["days_since_last_order"], "day")
    season = _number(row, SEASON_DAY)
    if not math.isnan(season):
        years = tell.whole(row["yearly_gaps"] + 1)
        return tell.say("yearly", last=last, when=_part_of_year(tell, season), years=years)
    if math.isnan(gap):
        return tell.say("silence_once", last=last)
    if round(gap) <= 1:
        return tell.say("silence_daily", last=last)
    told = tell.say("silence", last=last, gap=tell.count(gap, "day"))
    lately, longest = _number(row, "gap_ewma_days"), _number(row, "gap_max_days")
    if lately > _OTHER_PACE * gap or 0 < lately < gap / _OTHER_PACE:
        told += tell.say("lately", gap=tell.count(max(lately, 1), "day"))
    # With a single gap before, any longer one would be the longest.
    if row["days_since_last_order"] > longest and _number(row, "order_days_total") > 3:
        told += tell.say("longest")
    return told


def _part_of_year(tell: Telling, day: float) -> str:
    """About when in the year a day is: mid-December."""
    found = date(1970, 1, 1) + timedelta(days=int(day))
    part = "early" if found.day <= 10 else "mid" if found.day <= 20 else "late"
    month = _MONTHS[tell.words.language][found.month - 1]
    return tell.say(part, month=month)


def _blocks(tell: Telling, row: Row, raises: bool) -> str:
    lived, bought = _number(row, "blocks_lived"), _number(row, "blocks_bought")
    if not lived >= 2:
        return _orders(tell, row, raises)
    days = tell.block_days
    name = _BLOCK_NAMES.get(days or 0, "block")
    values = {"bought": tell.whole(bought), "lived": tell.whole(lived), "days": str(days)}
    told = tell.say(f"in_{name}" if days else "in_some", **values)
    silent = int((row["days_since_last_order"] - 1) // days) if days else 0
    if silent < 1 or days is None:
        return told
    # Polish counts fortnights in weeks.
    n, noun = (2 * silent, "week") if name == "fortnight" else (silent, name)
    length = tell.count(silent * days, "of day")
    if noun in _GENITIVES:
        length = f"{tell.whole(n)} {_GENITIVES[noun][n > 1]}"
    return told + tell.say("silent", silent=tell.whole(silent), length=length)


def _orders(tell: Telling, row: Row, raises: bool) -> str:
    total, recent = tell.count(row["orders_total"], "order"), row["orders_90d"]
    # That nobody ordered lately does not raise a chance; it is the many orders before.
    name = "orders_before" if raises and round(recent) == 0 else "orders"
    return tell.say(name, total=total, recent=tell.whole(recent))


def _trend(tell: Telling, row: Row, raises: bool) -> str:
    before = row["orders_180d"] - row["orders_90d"]
    return tell.say("trend", now=tell.count(row["orders_90d"], "order"), before=tell.whole(before))


def _money(tell: Telling, row: Row, raises: bool) -> str:
    mean, total = tell.money(row["order_value_mean"]), tell.money(row["spend_total"])
    return tell.say("money", mean=mean, total=total)


def _age(tell: Telling, row: Row, raises: bool) -> str:
    return tell.say("age", first=tell.count(row["days_since_first_order"], "day"))


def _products(tell: Telling, row: Row, raises: bool) -> str:
    kinds = row["distinct_products_total"]
    if math.isnan(kinds):
        lines = tell.words.number(round(row["lines_per_order"], 1), 1)
        return tell.say("lines", lines=lines)
    again = tell.percent(row["repeat_product_share"])
    return tell.say("products", kinds=tell.count(kinds, "different product"), again=again)


def _refunds(tell: Telling, row: Row, raises: bool) -> str:
    share = row["refund_share"]
    if not share > 0:
        return tell.say("no_refunds")
    return tell.say("few_refunds" if share < 0.005 else "refunds", part=tell.percent(share))


def _year_ago(tell: Telling, row: Row, raises: bool) -> str:
    years, bought = _number(row, "years_seen"), _number(row, "same_season_years")
    if years >= 2 and not math.isnan(bought):
        return tell.say("seasons", bought=tell.whole(bought), years=tell.whole(years))
    return tell.say("year_ago", then=tell.count(row["orders_year_ago_90d"], "order"))


def _habit(tell: Telling, row: Row, raises: bool) -> str:
    return tell.say("habit", part=tell.percent(row["weekend_share"]))


_STORIES: Mapping[str, Callable[[Telling, Row, bool], str]] = {
    "silence": _silence,
    "orders": _orders,
    "trend": _trend,
    "money": _money,
    "age": _age,
    "products": _products,
    "refunds": _refunds,
    "year_ago": _year_ago,
    "habit": _habit,
    "blocks": _blocks,
}


def _average_days(name: str) -> Callable[[Telling, Row], str]:
    return lambda tell, row: tell.count(tell.mean_of(name), "day")


def _average_number(name: str) -> Callable[[Telling, Row], str]:
    return lambda tell, row: tell.average(tell.mean_of(name))


def _average_share(name: str) -> Callable[[Telling, Row], str]:
    return lambda tell, row: tell.percent(tell.mean_of(name))


def _average_blocks(tell: Telling, row: Row) -> str:
    lived = _number(row, "blocks_lived")
    if not lived >= 2:
        return tell.average(tell.mean_of("orders_total"))
    of_lived = tell.average(tell.mean_of("block_share") * lived)
    return tell.say("of_blocks", bought=of_lived, lived=tell.whole(lived))


def _average_products(tell: Telling, row: Row) -> str:
    known = not math.isnan(row["distinct_products_total"])
    return tell.average(tell.mean_of("distinct_products_total" if known else "lines_per_order"))


_AVERAGES: Mapping[str, Callable[[Telling, Row], str]] = {
    "silence": _average_days("days_since_last_order"),
    "orders": _average_number("orders_total"),
    "money": lambda tell, row: tell.money(tell.mean_of("spend_total")),
    "age": _average_days("days_since_first_order"),
    "products": _average_products,
    "refunds": _average_share("refund_share"),
    "year_ago": _average_number("orders_year_ago_90d"),
    "habit": _average_share("weekend_share"),
    "blocks": _average_blocks,
}

_BLOCK_NAMES: Mapping[int, str] = {
    7: "week", 14: "fortnight", 30: "month", 31: "month", 90: "quarter",
    91: "quarter", 92: "quarter", 365: "year", 366: "year",
}  # fmt: skip

# What follows "od 1" and "od 2".
_GENITIVES: Mapping[str, tuple[str, str]] = {
    "week": ("tygodnia", "tygodni"),
    "month": ("miesiąca", "miesięcy"),
    "quarter": ("kwartału", "kwartałów"),
    "year": ("roku", "lat"),
}

_MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    "pl": (
        "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia",
        "września", "października", "listopada", "grudnia",
    ),
}  # fmt: skip

# A contribution is told against the mean one of those it was measured from: where nearly nobody
# returns, "raises the chance" would stand beside a chance of three percent.
_DIRECTIONS: Texts = {
    "raises": {"en": "more promising", "pl": "rokuje lepiej"},
    "lowers": {"en": "less promising", "pl": "rokuje gorzej"},
}

_PLACES: Texts = {
    "no_chance": {
        "en": "no forecast is possible yet, so the latest buyers come first",
        "pl": "prognozy jeszcze nie da się zrobić, więc najpierw ostatni kupujący",
    },
    "same_chance": {
        "en": "the history does not tell who returns, so the latest buyers come first",
        "pl": "z historii nie da się odczytać, kto wróci, więc najpierw ostatni kupujący",
    },
}

_TEXTS: Texts = {
    "than_shop": {"en": "{way} than the shop's average", "pl": "{way} niż przeciętnie w sklepie"},
    "than_commonest": {
        "en": "{way} than the shop's average; most common here",
        "pl": "{way} niż przeciętnie w sklepie; najczęstsza wartość",
    },
    "than_alike": {
        "en": "{way} than others with as many, who lately have",
        "pl": "{way} niż inni z tyloma zamówieniami, którzy ostatnio mają średnio",
    },
    "with_all": {
        "en": "with the rest of the history {way} than the shop's average",
        "pl": "razem z resztą historii {way} niż przeciętnie w sklepie",
    },
    "of_blocks": {"en": "{bought} of {lived}", "pl": "{bought} z {lived}"},
    "basket": {"en": "{mean} an order on average", "pl": "średnio {mean} na zamówienie"},
    "place": {
        "en": "last order {last} ago, {total} in all ({why})",
        "pl": "ostatnie zamówienie {last} temu, {total} łącznie ({why})",
    },
    "silence": {
        "en": "last order {last} ago; usually every {gap}",
        "pl": "ostatnie zamówienie {last} temu; zwykle co {gap}",
    },
    "silence_daily": {
        "en": "last order {last} ago; usually every day",
        "pl": "ostatnie zamówienie {last} temu; zwykle co 1 dzień",
    },
    "silence_once": {
        "en": "last order {last} ago; one day of shopping so far",
        "pl": "ostatnie zamówienie {last} temu; jak dotąd jeden dzień zakupów",
    },
    "lately": {"en": ", lately every {gap}", "pl": ", ostatnio co {gap}"},
    "longest": {
        "en": "; never silent so long before",
        "pl": "; tak długiej przerwy jeszcze nie było",
    },
    "yearly": {
        "en": "last order {last} ago; buys every year {when}, so far in {years} years",
        "pl": "ostatnie zamówienie {last} temu; kupuje co roku {when}, dotąd w {years} latach",
    },
    "early": {"en": "in early {month}", "pl": "na początku {month}"},
    "mid": {"en": "around mid-{month}", "pl": "w połowie {month}"},
    "late": {"en": "in late {month}", "pl": "pod koniec {month}"},
    "seasons": {
        "en": "bought at this time of year in {bought} of the last {years} years",
        "pl": "zakupy o tej porze roku w {bought} z ostatnich {years} lat",
    },
    "in_week": {
        "en": "bought in {bought} of the last {lived} weeks",
        "pl": "zakupy w {bought} z ostatnich {lived} tygodni",
    },
    "in_fortnight": {
        "en": "bought in {bought} of the last {lived} fortnights",
        "pl": "zakupy w {bought} z ostatnich {lived} okresów dwutygodniowych",
    },
    "in_month": {
        "en": "bought in {bought} of the last {lived} months",
        "pl": "zakupy w {bought} z ostatnich {lived} miesięcy",
    },
    "in_quarter": {
        "en": "bought in {bought} of the last {lived} quarters",
        "pl": "zakupy w {bought} z ostatnich {lived} kwartałów",
    },
    "in_year": {
        "en": "bought in {bought} of the last {lived} years",
        "pl": "zakupy w {bought} z ostatnich {lived} lat",
    },
    "in_block": {
        "en": "bought in {bought} of the last {lived} periods of {days} days",
        "pl": "zakupy w {bought} z ostatnich {lived} okresów po {days} dni",
    },
    "in_some": {
        "en": "bought in {bought} of the last {lived} periods",
        "pl": "zakupy w {bought} z ostatnich {lived} okresów",
    },
    "silent": {
        "en": "; now silent for {silent}",
        "pl": "; teraz bez zakupu od {length}",
    },
    "orders": {
        "en": "{total} in all, {recent} in the last 90 days",
        "pl": "{total} łącznie, {recent} w ostatnich 90 dniach",
    },
    "orders_before": {"en": "{total} in all", "pl": "{total} łącznie"},
    "trend": {
        "en": "{now} in the last 90 days, {before} in the 90 before",
        "pl": "{now} w ostatnich 90 dniach, {before} w poprzednich 90",
    },
    "money": {
        "en": "{mean} an order on average, {total} in all",
        "pl": "średnio {mean} na zamówienie, łącznie {total}",
    },
    "age": {"en": "first order {first} ago", "pl": "pierwsze zamówienie {first} temu"},
    "products": {
        "en": "{kinds}, {again} of lines bought again",
        "pl": "{kinds}, {again} pozycji to powtórki",
    },
    "lines": {
        "en": "{lines} lines in an order on average",
        "pl": "średnio {lines} pozycji w zamówieniu",
    },
    "no_refunds": {
        "en": "nothing cancelled or sent back",
        "pl": "nic nie anulowano ani nie zwrócono",
    },
    "refunds": {
        "en": "{part} of what was bought was cancelled or sent back",
        "pl": "anulowano lub zwrócono {part} wartości zakupów",
    },
    "few_refunds": {
        "en": "under 1% of what was bought was cancelled or sent back",
        "pl": "anulowano lub zwrócono mniej niż 1% wartości zakupów",
    },
    "year_ago": {
        "en": "{then} at this time last year",
        "pl": "{then} w tej samej porze zeszłego roku",
    },
    "habit": {"en": "{part} of orders at weekends", "pl": "{part} zamówień w weekend"},
}
