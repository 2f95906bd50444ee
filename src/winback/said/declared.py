"""What a shop declares, in words: its label, the number, and the days it looks at."""

from __future__ import annotations

import math

from winback.results.scored import ToldColumn
from winback.said.writing import Texts, Writing


def value(told: ToldColumn, number: float, words: Writing) -> str:
    """A customer's own number: ``late deliveries: 3 in 90 days``; NaN is having none."""
    label = told.label[words.language]
    return f"{label}: {_filled(told, _written(told, number, words), words, number)}"


def average(told: ToldColumn, mean: float, words: Writing) -> str:
    """What is usual in the shop, as the number above is written; empty where nothing is."""
    if math.isnan(mean):
        return ""
    return _written(told, mean, words)


def column(told: ToldColumn, words: Writing) -> str:
    """The column's name for people: ``late deliveries in 90 days``."""
    label = told.label[words.language]
    name = _COLUMN_OF.get(told.how, "column_windowed")
    if name == "column_windowed" and told.windows_days[0] is None:
        name = "column_total"
    return _TEXTS[name][words.language].format(label=label, days=_days(told, words))


def _filled(told: ToldColumn, number: str, words: Writing, value: float) -> str:
    name = "none" if math.isnan(value) else told.how if told.how in _TEXTS else "value"
    if name == "none":
        name = {"days_since": "never", "set": "never_set"}.get(told.how, "unknown")
    text = _TEXTS[name][words.language].format(number=number)
    if name in _IN_WINDOWS:
        when = "in_all" if told.windows_days[0] is None else "in_days"
        text += _TEXTS[when][words.language].format(days=_days(told, words))
    elif name == "ratio":
        short, long = (words.count(days, "of day") for days in told.windows_days)
        text += _TEXTS["over"][words.language].format(short=short, long=long)
    return text


def _written(told: ToldColumn, number: float, words: Writing) -> str:
    if math.isnan(number):
        return ""
    if told.levels and told.how == "value":
        place = min(max(round(number), 0), len(told.levels) - 1)
        return told.levels[place]
    if told.how in ("days_since", "set"):
        return words.count(round(number), "day")
    return words.short_number(number)


def _days(told: ToldColumn, words: Writing) -> str:
    days = told.windows_days[0]
    return "" if days is None else words.count(days, "of day")


_IN_WINDOWS = {"sum", "total", "mean", "sd", "share", "distinct"}

_COLUMN_OF = {
    "days_since": "column_since", "set": "column_set", "value": "column_value",
    "open": "column_open", "first": "column_first", "last": "column_last", "max": "column_max",
    "ratio": "column_pace",
}  # fmt: skip

_TEXTS: Texts = {
    "sum": {"en": "{number}", "pl": "{number}"},
    "total": {"en": "values adding up to {number}", "pl": "wartości razem {number}"},
    "mean": {"en": "{number} on average", "pl": "średnio {number}"},
    "sd": {"en": "spread of {number}", "pl": "rozrzut {number}"},
    "share": {"en": "{number} an order", "pl": "{number} na zamówienie"},
    "distinct": {"en": "{number} different ones", "pl": "{number} różnych"},
    "ratio": {"en": "{number} times the pace", "pl": "{number} dawnego tempa"},
    "over": {"en": " (last {short} beside {long})", "pl": " (z {short} wobec {long})"},
    "first": {"en": "the first was {number}", "pl": "pierwsza wartość {number}"},
    "last": {"en": "the last was {number}", "pl": "ostatnia wartość {number}"},
    "max": {"en": "{number} at most", "pl": "najwyżej {number}"},
    "days_since": {"en": "last {number} ago", "pl": "ostatnio {number} temu"},
    "open": {"en": "{number} not closed yet", "pl": "niezamknięte {number}"},
    "value": {"en": "{number}", "pl": "{number}"},
    "set": {"en": "set {number} ago", "pl": "ustawione {number} temu"},
    "never": {"en": "never so far", "pl": "jak dotąd nigdy"},
    "never_set": {"en": "never set", "pl": "nigdy nie ustawione"},
    "unknown": {"en": "not known", "pl": "brak danych"},
    "in_days": {"en": " in {days}", "pl": " w ciągu {days}"},
    "in_all": {"en": " in all", "pl": " łącznie"},
    "column_windowed": {"en": "{label} in {days}", "pl": "{label} w ciągu {days}"},
    "column_total": {"en": "{label} in all", "pl": "{label} łącznie"},
    "column_since": {
        "en": "days since the last of: {label}",
        "pl": "dni od ostatniego zdarzenia: {label}",
    },
    "column_set": {"en": "days since it was set: {label}", "pl": "dni od ustawienia: {label}"},
    "column_value": {"en": "{label}", "pl": "{label}"},
    "column_open": {"en": "{label}, not closed yet", "pl": "{label}, niezamknięte"},
    "column_first": {"en": "{label}, the first", "pl": "{label}, pierwsza wartość"},
    "column_last": {"en": "{label}, the last", "pl": "{label}, ostatnia wartość"},
    "column_max": {"en": "{label}, the highest", "pl": "{label}, najwyższa wartość"},
    "column_pace": {"en": "{label}, pace of late", "pl": "{label}, ostatnie tempo"},
}
