"""Reasons are told in words, with the customer's own numbers, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from winback.features import snapshot_columns
from winback.said.reasons import Telling
from winback.scoring.reasons import story_of
from winback.scoring.scores import reasons_in_words

NAN = float("nan")

NAMES = [f"reason_{k}{suffix}" for suffix in ("", "_pl") for k in (1, 2, 3)]

# One customer; each test changes what it is about.
CUSTOMER: dict[str, Any] = {
    "days_since_last_order": 94,
    "gap_mean_days": 31.2,
    "orders_total": 22,
    "orders_90d": 0,
    "orders_180d": 5,
    "order_value_mean": 123.4,
    "spend_total": 2714.8,
    "days_since_first_order": 760,
    "distinct_products_total": 12.0,
    "repeat_product_share": 0.25,
    "lines_per_order": 2.5,
    "refund_share": 0.0,
    "orders_year_ago_90d": 3,
    "weekend_share": 0.5,
}


def told(contributions: Mapping[str, float], currency: str = "", **changed: Any) -> dict[str, Any]:
    """The reasons of the one customer, absent ones left out."""
    words = reasons_in_words(
        pd.DataFrame([{**contributions, "offset": -0.7}]),
        pd.DataFrame([{**CUSTOMER, **changed}]),
        currency=currency,
    )
    assert list(words.columns) == NAMES
    return {name: text for name, text in words.iloc[0].items() if not pd.isna(text)}


def first(column: str, size: float = 1.0, currency: str = "", **changed: Any) -> tuple[str, str]:
    """English and Polish of the only reason, without the direction."""
    words = told({column: size}, currency, **changed)
    return tuple(words[name].rsplit(" (", 1)[0] for name in ("reason_1", "reason_1_pl"))  # type: ignore[return-value]


def test_silence_is_told_against_the_usual_gap() -> None:
    assert told({"days_since_last_order": -0.8}) == {
        "reason_1": "last order 94 days ago; usually every 31 days "
        "(less promising than the shop's average)",
        "reason_1_pl": "ostatnie zamówienie 94 dni temu; zwykle co 31 dni "
        "(rokuje gorzej niż przeciętnie w sklepie)",
    }


def test_a_reason_is_told_against_the_average_customer_it_was_measured_from() -> None:
    words = told({"days_since_last_order": 0.8}, days_since_last_order=1, gap_mean_days=1.0)
    assert words == {
        "reason_1": "last order 1 day ago; usually every day "
        "(more promising than the shop's average)",
        "reason_1_pl": "ostatnie zamówienie 1 dzień temu; zwykle co 1 dzień "
        "(rokuje lepiej niż przeciętnie w sklepie)",
    }


def test_a_customer_of_one_day_has_no_usual_gap() -> None:
    assert first("silence_over_gap", gap_mean_days=NAN, days_since_last_order=2) == (
        "last order 2 days ago; one day of shopping so far",
        "ostatnie zamówienie 2 dni temu; jak dotąd jeden dzień zakupów",
    )


def test_no_order_lately_is_not_told_as_what_raises_a_chance() -> None:
    assert first("orders_total", orders_total=11) == ("11 orders in all", "11 zamówień łącznie")
    recent = first("orders_total", orders_total=11, orders_90d=2)
    assert recent == (
        "11 orders in all, 2 in the last 90 days",
        "11 zamówień łącznie, 2 w ostatnich 90 dniach",
    )


@pytest.mark.parametrize(
    ("count", "english", "polish"),
    [
        (1, "1 order", "1 zamówienie"),
        (2, "2 orders", "2 zamówienia"),
        (4, "4 orders", "4 zamówienia"),
        (5, "5 orders", "5 zamówień"),
        (11, "11 orders", "11 zamówień"),
        (12, "12 orders", "12 zamówień"),
        (14, "14 orders", "14 zamówień"),
        (21, "21 orders", "21 zamówień"),
        (22, "22 orders", "22 zamówienia"),
        (25, "25 orders", "25 zamówień"),
        (101, "101 orders", "101 zamówień"),
        (102, "102 orders", "102 zamówienia"),
        (112, "112 orders", "112 zamówień"),
    ],
)
def test_orders_are_counted_as_each_language_counts(count: int, english: str, polish: str) -> None:
    assert first("orders_total", -1.0, orders_total=count) == (
        f"{english} in all, 0 in the last 90 days",
        f"{polish} łącznie, 0 w ostatnich 90 dniach",
    )


@pytest.mark.parametrize(
    ("count", "english", "polish"),
    [(1, "1 day", "1 dzień"), (2, "2 days", "2 dni"), (5, "5 days", "5 dni")],
)
def test_days_are_counted_as_each_language_counts(count: int, english: str, polish: str) -> None:
    assert first("days_since_first_order", days_since_first_order=count) == (
        f"first order {english} ago",
        f"pierwsze zamówienie {polish} temu",
    )


@pytest.mark.parametrize(
    ("count", "english", "polish"),
    [
        (1, "1 different product", "1 produkt"),
        (3, "3 different products", "3 różne produkty"),
        (13, "13 different products", "13 różnych produktów"),
    ],
)
def test_products_are_counted_as_each_language_counts(
    count: int, english: str, polish: str
) -> None:
    assert first("distinct_products_90d", distinct_products_total=float(count)) == (
        f"{english}, 25% of lines bought again",
        f"{polish}, 25% pozycji to powtórki",
    )


def test_a_shop_without_products_is_told_of_lines() -> None:
    assert first("lines_per_order", distinct_products_total=NAN) == (
        "2.5 lines in an order on average",
        "średnio 2,5 pozycji w zamówieniu",
    )


def test_a_trend_compares_two_times_ninety_days() -> None:
    # 3 orders in 90 days, 7 in 180: 4 in the 90 before.
    assert first("orders_trend_90d_365d", orders_90d=3, orders_180d=7) == (
        "3 orders in the last 90 days, 4 in the 90 before",
        "3 zamówienia w ostatnich 90 dniach, 4 w poprzednich 90",
    )


def test_money_is_written_as_each_language_writes_it() -> None:
    space = "\N{NO-BREAK SPACE}"
    assert first("spend_365d", currency="PLN", spend_total=1234567.0) == (
        f"123{space}PLN an order on average, 1,234,567{space}PLN in all",
        f"średnio 123{space}zł na zamówienie, łącznie 1{space}234{space}567{space}zł",
    )


def test_money_without_a_currency_ends_at_the_number() -> None:
    assert first("spend_365d")[0] == "123 an order on average, 2,715 in all"


@pytest.mark.parametrize(
    ("share", "english", "polish"),
    [
        (0.0, "nothing cancelled or sent back", "nic nie anulowano ani nie zwrócono"),
        (NAN, "nothing cancelled or sent back", "nic nie anulowano ani nie zwrócono"),
        (
            0.004,
            "under 1% of what was bought was cancelled or sent back",
            "anulowano lub zwrócono mniej niż 1% wartości zakupów",
        ),
        (
            0.125,
            "12% of what was bought was cancelled or sent back",
            "anulowano lub zwrócono 12% wartości zakupów",
        ),
        (
            1.0,
            "100% of what was bought was cancelled or sent back",
            "anulowano lub zwrócono 100% wartości zakupów",
        ),
    ],
)
def test_what_was_sent_back_is_a_share_of_what_was_bought(
    share: float, english: str, polish: str
) -> None:
    assert first("refunded_total", refund_share=share) == (english, polish)


def test_last_year_and_weekends_have_their_own_words() -> None:
    assert first("orders_year_ago_30d", orders_year_ago_90d=1) == (
        "1 order at this time last year",
        "1 zamówienie w tej samej porze zeszłego roku",
    )
    assert first("weekend_share") == ("50% of orders at weekends", "50% zamówień w weekend")


def test_columns_of_one_story_are_added_up_before_they_are_ranked() -> None:
    # Spend: .3 + .3 = .6 and down; silence .5 outranks orders .4 - .1 = .3 and age .2.
    words = told(
        {
            "spend_90d": -0.3,
            "spend_365d": -0.3,
            "days_since_last_order": 0.5,
            "orders_total": 0.4,
            "orders_30d": -0.1,
            "days_since_first_order": 0.2,
        }
    )
    assert [words[f"reason_{k}"].split(" ")[0] for k in (1, 2, 3)] == ["123", "last", "22"]
    directions = [words[f"reason_{k}"].split("(")[1].split(" ")[0] for k in (1, 2, 3)]
    assert directions == ["less", "more", "more"]


def test_equal_sizes_keep_a_fixed_order_whatever_the_order_of_the_columns() -> None:
    sizes = {"orders_total": 0.5, "spend_total": -0.5, "gap_sd_days": 0.5, "weekend_share": 0.5}
    assert told(sizes) == told(dict(reversed(sizes.items())))


def test_there_are_never_more_than_three_reasons() -> None:
    everything = {column.name: 0.1 for column in snapshot_columns()}
    assert set(told(everything)) == set(NAMES)


def test_what_moves_nothing_is_no_reason() -> None:
    assert told({"orders_total": 0.0, "spend_total": 0.0}) == {}
    assert set(told({"orders_total": 0.2, "spend_total": 0.0})) == {"reason_1", "reason_1_pl"}


def test_the_calendar_is_never_a_reason_since_it_is_the_same_for_everybody() -> None:
    calendar = [column.name for column in snapshot_columns() if column.unit == "calendar"]
    assert calendar
    assert {story_of(name) for name in [*calendar, "offset"]} == {None}
    words = told({**dict.fromkeys(calendar, 9.0), "orders_total": 0.1})
    assert set(words) == {"reason_1", "reason_1_pl"}
    assert words["reason_1"].startswith("22 orders")


def test_every_other_snapshot_column_has_a_story() -> None:
    untold = {c.name for c in snapshot_columns() if story_of(c.name) is None}
    assert untold == {c.name for c in snapshot_columns() if c.unit == "calendar"}


def test_reasons_keep_the_rows_they_were_asked_for() -> None:
    words = reasons_in_words(
        pd.DataFrame({"orders_total": [0.1, -0.1]}, index=[7, 3]),
        pd.DataFrame([CUSTOMER, {**CUSTOMER, "orders_total": 1}], index=[7, 3]),
    )
    assert list(words.index) == [7, 3]
    assert words.loc[3, "reason_1"] == (
        "1 order in all, 0 in the last 90 days (less promising than the shop's average)"
    )


def regular(horizon_days: int | None, **changed: Any) -> tuple[str, str]:
    """How a customer who bought in 8 of 10 blocks is told, in English and in Polish."""
    row = {**CUSTOMER, "blocks_lived": 10.0, "blocks_bought": 8.0, **changed}
    return tuple(  # type: ignore[return-value]
        Telling(language, horizon_days=horizon_days)
        .reasons([("blocks", True)], row)[0]
        .rsplit(" (", 1)[0]
        for language in ("en", "pl")
    )


@pytest.mark.parametrize(
    ("days", "silent", "english", "polish"),
    [
        (7, 8, "weeks; now silent for 1", "tygodni; teraz bez zakupu od 1 tygodnia"),
        (
            14, 29, "fortnights; now silent for 2",
            "okresów dwutygodniowych; teraz bez zakupu od 4 tygodni",
        ),
        (30, 30, "months", "miesięcy"),
        (90, 200, "quarters; now silent for 2", "kwartałów; teraz bez zakupu od 2 kwartałów"),
        (
            45, 94, "periods of 45 days; now silent for 2",
            "okresów po 45 dni; teraz bez zakupu od 90 dni",
        ),
        (None, 94, "periods", "okresów"),
    ],
)  # fmt: skip
def test_how_regularly_somebody_buys_is_told_in_natural_spans(
    days: int | None, silent: int, english: str, polish: str
) -> None:
    told = regular(days, days_since_last_order=silent)
    assert told == (
        f"bought in 8 of the last 10 {english}",
        f"zakupy w 8 z ostatnich 10 {polish}",
    )


def test_one_block_of_life_tells_of_orders_and_nothing_is_said_twice() -> None:
    row = {**CUSTOMER, "blocks_lived": 1.0, "blocks_bought": 1.0}
    said = Telling("en", horizon_days=14).reasons([("blocks", True), ("orders", True)], row)
    assert said == ["22 orders in all (more promising than the shop's average)"]


def test_a_pace_that_has_changed_and_the_longest_silence_are_told_with_the_gap() -> None:
    changed = {"gap_ewma_days": 45.0, "gap_max_days": 90.0, "order_days_total": 22.0}
    assert first("days_since_last_order", **changed) == (
        "last order 94 days ago; usually every 31 days, lately every 45 days; never silent so long "
        "before",
        "ostatnie zamówienie 94 dni temu; zwykle co 31 dni, ostatnio co 45 dni; tak długiej "
        "przerwy jeszcze nie było",
    )
    usual = {"gap_ewma_days": 33.0, "gap_max_days": 95.0, "order_days_total": 22.0}
    assert first("days_since_last_order", **usual)[0] == (
        "last order 94 days ago; usually every 31 days"
    )


def test_the_season_of_past_years_is_counted() -> None:
    assert first("orders_year_ago_90d", years_seen=4, same_season_years=3) == (
        "bought at this time of year in 3 of the last 4 years",
        "zakupy o tej porze roku w 3 z ostatnich 4 lat",
    )
