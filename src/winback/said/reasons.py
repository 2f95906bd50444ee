"""Why a score is what it is, in words: each story with the customer's own numbers.

These sentences stand in ``scores.parquet`` and in the list, beside the score.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from winback.said.writing import NBSP, Texts, Writing

Row = Mapping[str, float]
"""A customer's snapshot; numbers that are not to be had are NaN."""

COLUMNS = (
    "days_since_last_order", "gap_mean_days", "orders_total", "orders_90d", "orders_180d",
    "order_value_mean", "spend_total", "days_since_first_order", "distinct_products_total",
    "lines_per_order", "repeat_product_share", "refund_share", "orders_year_ago_90d",
    "weekend_share",
)  # fmt: skip
"""The snapshot columns whose numbers are told."""


class Telling:
    """Tells reasons in one language; whole numbers are written once and kept, for speed."""

    def __init__(self, language: str, currency: str = "") -> None:
        self.words = Writing(language)  # type: ignore[arg-type]
        self._currency = "zł" if (language, currency) == ("pl", "PLN") else currency
        self._written: dict[int, str] = {}
        self._counted: dict[tuple[int, str], str] = {}

    def reason(self, story: str, raises: bool, row: Row) -> str:
        """The story of one customer, and what it means for the chance."""
        told = _STORIES[story](self, row, raises)
        return f"{told} ({_DIRECTIONS['raises' if raises else 'lowers'][self.words.language]})"

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
        """A round amount."""
        return f"{self.whole(value)}{NBSP}{self._currency}".rstrip()

    def percent(self, share: float) -> str:
        """A share in whole percent."""
        return f"{self.whole(100 * share)}%"


def _silence(tell: Telling, row: Row, raises: bool) -> str:
    gap, last = row["gap_mean_days"], tell.count(row["days_since_last_order"], "day")
    if math.isnan(gap):
        return tell.say("silence_once", last=last)
    if round(gap) <= 1:
        return tell.say("silence_daily", last=last)
    return tell.say("silence", last=last, gap=tell.count(gap, "day"))


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
}

# A contribution is told against the mean one of those it was measured from: where nearly nobody
# returns, "raises the chance" would stand beside a chance of three percent.
_DIRECTIONS: Texts = {
    "raises": {
        "en": "more promising than the shop's average",
        "pl": "rokuje lepiej niż przeciętnie w sklepie",
    },
    "lowers": {
        "en": "less promising than the shop's average",
        "pl": "rokuje gorzej niż przeciętnie w sklepie",
    },
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
