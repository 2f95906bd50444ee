"""Reasons are told in words, with the customer's own numbers, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from winback.features import snapshot_columns
from winback.params import SnapshotSettings
from winback.results.scored import Reason
from winback.said.reasons import Telling
from winback.scoring.reasons import Usual, story_of
from winback.scoring.scores import reasons_in_words
from winback.snapshots.declared import declared_features, told_columns

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
        f"PLN{space}123 an order on average, PLN{space}1,234,567 in all",
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
        .reasons([Reason("blocks", True)], row)[0]
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
    said = Telling("en", horizon_days=14).reasons(
        [Reason("blocks", True), Reason("orders", True)], row
    )
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


# What is usual in the shop of the one customer.
MEANS = {
    "days_since_last_order": 210.0, "orders_total": 6.4, "orders_90d": 0.6, "spend_total": 450.0,
    "order_value_mean": 76.0, "days_since_first_order": 400.0, "distinct_products_total": 9.0,
    "refund_share": 0.1, "orders_year_ago_90d": 0.8, "weekend_share": 0.3, "block_share": 0.31,
}  # fmt: skip
USUAL = Usual(MEANS, alike=(0.1, 0.4, 0.9, 1.8, 5.2), leanings={"weekend_share": 1.0})


def beside(sizes: Mapping[str, float], usual: Usual = USUAL, **changed: Any) -> list[str]:
    """The reasons of the one customer in English, beside what is usual in the shop."""
    row = {**CUSTOMER, "blocks_lived": 10.0, "blocks_bought": 8.0, **changed}
    words = reasons_in_words(pd.DataFrame([sizes]), pd.DataFrame([row]), usual=usual)
    return [t for t in words.iloc[0][["reason_1", "reason_2", "reason_3"]] if not pd.isna(t)]


def test_many_orders_speak_against_nobody_but_beside_others_with_as_many() -> None:
    against = {"orders_total": -2.0, "days_since_last_order": -0.5}
    told = beside(against, orders_total=46, orders_90d=1)
    assert told[0] == (
        "46 orders in all, 1 in the last 90 days (less promising than others with as many, who "
        "lately have: 5.2)"
    )
    # Who has many, and as many lately as others, is told by what else there is.
    told = beside(against, orders_total=46, orders_90d=9)
    assert [reason.split(" (")[0] for reason in told] == [
        "last order 94 days ago; usually every 31 days"
    ]
    told = beside({"orders_total": 2.0}, orders_total=46, orders_90d=9)
    assert told == [
        "46 orders in all, 9 in the last 90 days (more promising than the shop's average: 6.4)"
    ]


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("spend_total", {"spend_total": 900.0}, {"spend_total": 90.0, "order_value_mean": 9.0}),
        ("orders_trend_90d_365d", {"orders_90d": 4, "orders_180d": 5}, {"orders_90d": 0}),
        ("refund_share", {"refund_share": 0.0}, {"refund_share": 0.4}),
        ("distinct_products_90d", {}, {"distinct_products_total": 2.0}),
        ("orders_year_ago_90d", {}, {"orders_year_ago_90d": 0}),
        ("weekend_share", {}, {"weekend_share": 0.1}),
        ("block_share", {}, {"blocks_bought": 1.0}),
        ("days_since_last_order", {"days_since_last_order": 20}, {"days_since_last_order": 300}),
    ],
)  # fmt: skip
def test_good_news_is_never_told_as_bad_nor_bad_as_good(
    column: str, good: Mapping[str, Any], bad: Mapping[str, Any]
) -> None:
    other = {"orders_total": 0.01}  # told instead, so that nothing has to be said
    assert "more promising" in beside({column: 1.0, **other}, **good)[0]
    assert "less promising" in beside({column: -1.0, **other}, **bad)[0]
    for size, values in ((-1.0, good), (1.0, bad)):
        told = beside({column: size, **other}, **values)
        assert [reason[:9] for reason in told] == ["22 orders"]


def test_who_can_be_told_no_reason_alone_is_told_it_with_the_rest() -> None:
    assert beside({"orders_total": -1.0}, orders_total=46, orders_90d=9) == [
        "46 orders in all, 9 in the last 90 days (with the rest of the history less promising than "
        "the shop's average)"
    ]


SHOPS_OWN = SnapshotSettings.model_validate(
    {
        "signals": [
            {"name": "late_delivery", "label": {"en": "late deliveries", "pl": "opóźnione dostawy"},
             "windows_days": [30, 90]},
            {"name": "ticket", "closed_by": "done", "windows_days": [14, 90],
             "aggregates": ["count", "sum", "mean", "sd", "share", "ratio", "distinct", "first",
                            "last", "max", "days_since"]},
        ],
        "attributes": [{"name": "tier", "levels": ["bronze", "silver", "gold"],
                        "label": {"en": "loyalty tier", "pl": "poziom w programie"}}],
        "measures": [{"name": "big_orders", "value": "amount > 100", "meaning": "big orders",
                      "windows_days": [90], "aggregates": ["sum", "share"]}],
        "custom": [{"columns": ["a", "b"], "sql": "SELECT 1"}],
    }
)  # fmt: skip


def declared_usual(**means: float) -> Usual:
    """The shop's own columns of which more, or longer ago, is worse; but levels, where it helps."""
    told = told_columns(SHOPS_OWN)
    leanings = dict.fromkeys(told, -1.0) | {"tier": 1.0, "big_orders_90d": 1.0}
    return Usual({**MEANS, **means}, USUAL.alike, leanings, told)


def test_every_column_that_a_shop_declares_is_told() -> None:
    declared = {c.name for c in declared_features(SHOPS_OWN).columns()}
    assert set(told_columns(SHOPS_OWN)) == declared - {c.name for c in snapshot_columns()}
    usual = declared_usual(**dict.fromkeys(told_columns(SHOPS_OWN), 1.0))
    for column, told in told_columns(SHOPS_OWN).items():
        assert story_of(column, usual.declared) == told.name
        sign = usual.leanings[column]
        (reason,) = beside({column: -1.0}, usual, **{column: 1.0 - sign})
        assert reason.startswith(f"{told.label['en']}: ")
        assert "(less promising than the shop's average" in reason


@pytest.mark.parametrize(
    ("column", "value", "mean", "english", "polish"),
    [
        (
            "late_delivery_90d", 3, 0.24,
            "late deliveries: 3 in 90 days (less promising than the shop's average: 0.24)",
            "opóźnione dostawy: 3 w ciągu 90 dni (rokuje gorzej niż przeciętnie w sklepie: 0,24)",
        ),
        (
            "days_since_last_late_delivery", 40, 12.0,
            "late deliveries: last 40 days ago (less promising than the shop's average: 12 days)",
            "opóźnione dostawy: ostatnio 40 dni temu (rokuje gorzej niż przeciętnie w sklepie: "
            "12 dni)",
        ),
        (
            "tier", 0, 1.0,
            "loyalty tier: bronze (less promising than the shop's average; most common here: "
            "silver)",
            "poziom w programie: bronze (rokuje gorzej niż przeciętnie w sklepie; najczęstsza "
            "wartość: silver)",
        ),
        (
            "big_orders_90d", 0, 0.7,
            "big orders: 0 in 90 days (less promising than the shop's average: 0.7)",
            "big orders: 0 w ciągu 90 dni (rokuje gorzej niż przeciętnie w sklepie: 0,7)",
        ),
        (
            "ticket_ratio_14d_90d", 2.5, 1.0,
            "ticket: 2.5 times the pace (last 14 days beside 90 days) (less promising than the "
            "shop's average: 1)",
            "ticket: 2,5 dawnego tempa (z 14 dni wobec 90 dni) (rokuje gorzej niż przeciętnie w "
            "sklepie: 1)",
        ),
    ],
)  # fmt: skip
def test_what_a_shop_declares_is_told_by_its_label_in_both_languages(
    column: str, value: float, mean: float, english: str, polish: str
) -> None:
    usual = declared_usual(**{column: mean})
    words = reasons_in_words(
        pd.DataFrame([{column: -1.0, "orders_total": 0.1}]),
        pd.DataFrame([{**CUSTOMER, column: value}]),
        usual=usual,
    ).iloc[0]
    plain = [text.replace("\N{NO-BREAK SPACE}", " ") for text in words[["reason_1", "reason_1_pl"]]]
    assert plain == [english, polish]


def test_a_declared_signal_is_never_told_against_what_the_model_found_of_it() -> None:
    usual = declared_usual(late_delivery_90d=2.0, late_delivery_30d=1.0)
    few = {"late_delivery_90d": 0, "late_delivery_30d": 2}
    # Fewer than usual is no bad news where more is; the other window is.
    assert beside({"late_delivery_90d": -1.0, "late_delivery_30d": -0.2}, usual, **few)[0] == (
        "late deliveries: 2 in 30\N{NO-BREAK SPACE}days (less promising than the shop's average: 1)"
    )


def test_which_way_a_declared_signal_speaks_is_asked_of_the_model() -> None:
    rows = pd.DataFrame({**CUSTOMER, "late_delivery_90d": [0.0, 1.0, 2.0, 5.0, NAN]})
    parts = pd.DataFrame({"late_delivery_90d": [0.3, 0.1, -0.1, -0.6, 0.9]})
    usual = Usual.of(rows, rows, parts, ["orders_total"], told_columns(SHOPS_OWN))
    assert usual.leanings["late_delivery_90d"] == -1
    assert usual.leanings["late_delivery_90d?"] == 1
    assert usual.mean("late_delivery_90d") == 2
