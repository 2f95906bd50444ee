"""Why a score is what it is, in words, in English and in Polish.

The contributions of all columns that tell the same story are added up; the three stories that
move the score most are told with the customer's own numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from winback.features import snapshot_columns
from winback.params import WINDOWS_DAYS

# First pattern that fits a column decides its story; columns of no story (the calendar, which
# is the same for everybody) are not told.
_STORIES: tuple[tuple[str, str], ...] = (
    (r"days_since_last_refund|refund", "refunds"),
    (r"days_since_first_order|order_value_first", "age"),
    (r"days_since_|silence_over_gap|gap_", "silence"),
    (r"trend", "trend"),
    (r"orders_year_ago", "year_ago"),
    (r"^orders_|order_days_", "orders"),
    (r"distinct_products|repeat_product|lines_per_order", "products"),
    (r"spend|order_value|price_level|items", "money"),
    (r"weekend|morning|evening", "habit"),
)

# A contribution is told against the mean one of those it was measured from: where nearly nobody
# returns, "raises the chance" would stand beside a chance of three percent.
_DIRECTIONS = {
    "en": {
        True: "more promising than the shop's average",
        False: "less promising than the shop's average",
    },
    "pl": {
        True: "rokuje lepiej niż przeciętnie w sklepie",
        False: "rokuje gorzej niż przeciętnie w sklepie",
    },
}


def story_of(column: str) -> str | None:
    """The story that a snapshot column belongs to; None for one that is not told.

    A column that a shop declares has none: `days_since_last_ticket` is no silence.
    """
    window = re.search(r"_(\d+)d$", column)
    if column not in _usual_columns(int(window[1]) if window else 30):
        return None
    return next((story for pattern, story in _STORIES if re.search(pattern, column)), None)


@cache
def _usual_columns(window_days: int) -> frozenset[str]:
    return frozenset(c.name for c in snapshot_columns((*WINDOWS_DAYS, window_days)))


def reasons_in_words(
    contributions: pd.DataFrame, snapshots: pd.DataFrame, *, currency: str = ""
) -> pd.DataFrame:
    """Three reasons per row, ``reason_1`` to ``reason_3`` and the same in Polish (``_pl``).

    Args:
        contributions: log-odds by snapshot column, less the shop's mean ones, against which
            they are told (`winback.scoring.scores.add_reasons`).
        snapshots: the same rows' snapshot columns.
        currency: written behind amounts.
    """
    stories = pd.Index([story_of(column) or "" for column in contributions.columns])
    told = [story for story in dict.fromkeys(s for _, s in _STORIES) if story in stories]
    summed = np.column_stack(
        [contributions.loc[:, stories == story].sum(axis=1).to_numpy() for story in told]
    )
    # Stable sort of the rounded size: equal sizes keep the fixed order of the stories.
    ranked = np.argsort(-np.abs(summed).round(6), axis=1, kind="stable")[:, :3]
    texts: dict[str, list[str | None]] = {
        f"reason_{k}{suffix}": [] for suffix in ("", "_pl") for k in (1, 2, 3)
    }
    for row, order, sizes in zip(snapshots.to_dict("records"), ranked, summed, strict=True):
        for suffix, language in (("", "en"), ("_pl", "pl")):
            for k in range(3):
                text = None
                if k < len(order) and abs(sizes[order[k]]) > 1e-6:
                    raises = bool(sizes[order[k]] > 0)
                    words = _WORDS[told[order[k]]](row, language, currency, raises)
                    text = f"{words} ({_DIRECTIONS[language][raises]})"
                texts[f"reason_{k + 1}{suffix}"].append(text)
    return pd.DataFrame(texts, index=snapshots.index)


def _whole(value: object) -> int | None:
    number = float(value)  # type: ignore[arg-type]
    return None if np.isnan(number) else round(number)


def _polish(count: int, one: str, few: str, many: str) -> str:
    if count == 1:
        return f"{count} {one}"
    teens, last = count % 100, count % 10
    return f"{count} {few if 2 <= last <= 4 and not 12 <= teens <= 14 else many}"


def _days(count: int, language: str) -> str:
    if language == "pl":
        return _polish(count, "dzień", "dni", "dni")
    return f"{count} day{'' if count == 1 else 's'}"


def _orders(count: int, language: str) -> str:
    if language == "pl":
        return _polish(count, "zamówienie", "zamówienia", "zamówień")
    return f"{count} order{'' if count == 1 else 's'}"


def _money(value: float, language: str, currency: str) -> str:
    text = f"{value:,.0f}"
    if language == "pl":
        text = text.replace(",", "\N{NO-BREAK SPACE}")
        currency = "zł" if currency == "PLN" else currency
    return f"{text}\N{NO-BREAK SPACE}{currency}".rstrip()


def _percent(value: float, language: str) -> str:
    return f"{value:.0%}" if language == "en" else f"{value * 100:.0f}%"


Row = Mapping[Any, Any]


def _silence(row: Row, language: str, _: str, raises: bool) -> str:
    silent, gap = round(row["days_since_last_order"]), _whole(row["gap_mean_days"])
    if language == "pl":
        last = f"ostatnie zamówienie {_days(silent, 'pl')} temu"
        if gap is None:
            return f"{last}; jak dotąd jeden dzień zakupów"
        return f"{last}; zwykle co {_days(max(gap, 1), 'pl')}"
    last = f"last order {_days(silent, 'en')} ago"
    return (
        f"{last}; one day of shopping so far"
        if gap is None
        else f"{last}; usually every {_days(gap, 'en') if gap > 1 else 'day'}"
    )


def _orders_story(row: Row, language: str, _: str, raises: bool) -> str:
    total, recent = round(row["orders_total"]), round(row["orders_90d"])
    if language == "pl":
        text, more = f"{_orders(total, 'pl')} łącznie", f"{recent} w ostatnich 90 dniach"
    else:
        text, more = f"{_orders(total, 'en')} in all", f"{recent} in the last 90 days"
    # That nobody ordered lately does not raise a chance; it is the many orders before.
    return text if raises and recent == 0 else f"{text}, {more}"


def _trend(row: Row, language: str, _: str, raises: bool) -> str:
    now, before = round(row["orders_90d"]), round(row["orders_180d"] - row["orders_90d"])
    if language == "pl":
        return f"{_orders(now, 'pl')} w ostatnich 90 dniach, {before} w poprzednich 90"
    return f"{_orders(now, 'en')} in the last 90 days, {before} in the 90 before"


def _money_story(row: Row, language: str, currency: str, raises: bool) -> str:
    mean = _money(row["order_value_mean"], language, currency)
    total = _money(row["spend_total"], language, currency)
    if language == "pl":
        return f"średnio {mean} na zamówienie, łącznie {total}"
    return f"{mean} an order on average, {total} in all"


def _age(row: Row, language: str, _: str, raises: bool) -> str:
    age = round(row["days_since_first_order"])
    if language == "pl":
        return f"pierwsze zamówienie {_days(age, 'pl')} temu"
    return f"first order {_days(age, 'en')} ago"


def _products(row: Row, language: str, _: str, raises: bool) -> str:
    kinds = _whole(row["distinct_products_total"])
    if kinds is None:
        lines = row["lines_per_order"]
        if language == "pl":
            return f"średnio {lines:.1f}".replace(".", ",") + " pozycji w zamówieniu"
        return f"{lines:.1f} lines in an order on average"
    if language == "pl":
        kinds_text = _polish(kinds, "produkt", "różne produkty", "różnych produktów")
        repeat = _percent(row["repeat_product_share"], "pl")
        return f"{kinds_text}, {repeat} pozycji to powtórki"
    repeat = _percent(row["repeat_product_share"], "en")
    return f"{kinds} different product{'' if kinds == 1 else 's'}, {repeat} of lines bought again"


def _refunds(row: Row, language: str, _: str, raises: bool) -> str:
    share = row["refund_share"]
    if not share > 0:
        if language == "pl":
            return "nic nie anulowano ani nie zwrócono"
        return "nothing cancelled or sent back"
    percent = _percent(share, language)
    if language == "pl":
        part = "mniej niż 1%" if share < 0.005 else percent
        return f"anulowano lub zwrócono {part} wartości zakupów"
    part = "under 1%" if share < 0.005 else percent
    return f"{part} of what was bought was cancelled or sent back"


def _year_ago(row: Row, language: str, _: str, raises: bool) -> str:
    count = round(row["orders_year_ago_90d"])
    if language == "pl":
        return f"{_orders(count, 'pl')} w tej samej porze zeszłego roku"
    return f"{_orders(count, 'en')} at this time last year"


def _habit(row: Row, language: str, _: str, raises: bool) -> str:
    share = _percent(row["weekend_share"], language)
    return f"{share} zamówień w weekend" if language == "pl" else f"{share} of orders at weekends"


_WORDS: dict[str, Callable[[Row, str, str, bool], str]] = {
    "silence": _silence,
    "orders": _orders_story,
    "trend": _trend,
    "money": _money_story,
    "age": _age,
    "products": _products,
    "refunds": _refunds,
    "year_ago": _year_ago,
    "habit": _habit,
}
