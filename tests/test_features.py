"""What the declared measures come to, on one customer's purchases worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from canonical import Line, line, write_orders
from winback import features
from winback.features import DERIVED, Measure, snapshot_columns
from winback.params import WINDOWS_DAYS
from winback.snapshots.walk import take_snapshots

CUTOFF = date(2024, 4, 1)


@pytest.fixture
def lines() -> list[Line]:
    """Four purchases of one customer on three days; the cutoff is Monday, 1 April 2024.

    ====================  =====================  ==========================  =====  =====
    purchase              placed at              lines                       items  value
    ====================  =====================  ==========================  =====  =====
    1                     Wed 31 Jan 04:59:59    tea 2 items 8.00            2       8.00
    2                     Sat  2 Mar 05:00:00    tea 1 item 4.00, jam 6.00   1.5    10.00
    3, on the same day    Sat  2 Mar 11:59:59    tea 4.00                    1       4.00
    4                     Sun 31 Mar 22:59:59    pie 18.00                   3      18.00
    ====================  =====================  ==========================  =====  =====

    The gaps are 31 and 29 days. Half a jar of jam is 0.5 items.
    """
    return [
        line("a", "2024-01-31 04:59:59", 800, order_id="1", product_id="tea", quantity=2),
        line("a", "2024-03-02 05:00:00", 400, order_id="2", product_id="tea", quantity=1),
        line("a", "2024-03-02 05:00:00", 600, order_id="2", product_id="jam", quantity=0.5),
        line("a", "2024-03-02 11:59:59", 400, order_id="3", product_id="tea", quantity=1),
        line("a", "2024-03-31 22:59:59", 1800, order_id="4", product_id="pie", quantity=3),
    ]


def row_of(
    tmp_path: Path, lines: list[Line], cutoff: date = CUTOFF, **stated: Any
) -> dict[str, Any]:
    path = write_orders(tmp_path / "orders.parquet", lines, **stated)
    (row,) = take_snapshots(path, [cutoff], horizon_days=30).features.to_pylist()
    return dict(row)


def test_counts_and_sums_of_a_worked_example(tmp_path: Path, lines: list[Line]) -> None:
    row = row_of(tmp_path, lines)
    assert (row["orders_total"], row["order_days_total"], row["orders_30d"]) == (4, 3, 3)
    assert (row["gross_spend_total"], row["spend_30d"]) == (40.0, 32.0)
    assert (row["items_total"], row["items_30d"]) == (7.5, 5.5)
    assert (row["distinct_products_total"], row["distinct_products_30d"]) == (3, 3)
    assert [row[f"days_since_order_{back}_back"] for back in (2, 3, 5)] == [30, 30, None]


def test_ratios_of_a_worked_example(tmp_path: Path, lines: list[Line]) -> None:
    row = row_of(tmp_path, lines)
    assert row["order_value_mean"] == 10.0
    assert (row["order_value_last"], row["order_value_first"], row["order_value_max"]) == (
        18,
        8,
        18,
    )
    assert row["order_value_last_over_mean"] == 1.8
    assert row["items_per_order"] == 7.5 / 4
    assert row["price_level"] == 40 / 7.5
    assert row["lines_per_order"] == 5 / 4
    # Tea of 2 March was bought in January; the pie and the first tea were new.
    assert row["repeat_product_share"] == 2 / 5
    assert row["orders_per_30d"] == 4 * 30 / 61
    assert row["orders_trend_30d_90d"] == 3 * 3 / 4
    assert row["orders_trend_90d_365d"] == row["spend_trend_90d_365d"] == 365 / 90


def test_rhythm_of_a_worked_example(tmp_path: Path, lines: list[Line]) -> None:
    row = row_of(tmp_path, lines)
    assert (row["gap_mean_days"], row["gap_sd_days"], row["gap_last_days"]) == (30.0, 1.0, 29)
    assert row["silence_over_gap"] == 1 / 30


def test_a_mean_gap_need_not_be_a_whole_number_of_days(tmp_path: Path) -> None:
    row = row_of(tmp_path, [line("a", f"2024-03-{day:02}", 100) for day in (1, 2, 4)])
    assert (row["gap_mean_days"], row["gap_sd_days"]) == (1.5, 0.5)


def test_shares_of_weekend_and_part_of_day_keep_their_edges(
    tmp_path: Path, lines: list[Line]
) -> None:
    row = row_of(tmp_path, lines)
    assert row["weekend_share"] == 3 / 4  # two on Saturday, one on Sunday
    assert row["morning_share"] == 2 / 4  # 5:00:00 and 11:59:59, not 4:59:59
    assert row["evening_share"] == 1 / 4  # 22:59:59
    late = [line("a", f"2024-03-{day} {clock}", 100) for day, clock in
            (("01", "16:59:59"), ("02", "17:00"), ("03", "23:00"), ("04", "12:00"))]  # fmt: skip
    row = row_of(tmp_path, late)
    assert (row["morning_share"], row["evening_share"]) == (0.0, 1 / 4)


def test_a_product_bought_twice_in_one_day_is_not_a_repeat(tmp_path: Path) -> None:
    twice = [line("a", f"2024-03-01 {hour}:00", 100, order_id=hour, product_id="tea")
             for hour in ("10", "11")]  # fmt: skip
    assert row_of(tmp_path, twice)["repeat_product_share"] == 0.0


def test_lines_that_name_no_product_count_as_lines_but_as_no_product(tmp_path: Path) -> None:
    some = [line("a", f"2024-03-{day:02}", 100, product_id=product)
            for day, product in ((1, "tea"), (2, "tea"), (3, None), (4, None))]  # fmt: skip
    row = row_of(tmp_path, some)
    assert (row["distinct_products_total"], row["repeat_product_share"]) == (1, 1 / 4)


@pytest.mark.parametrize(
    ("unknown", "absent"),
    [
        ("has_time", {"morning_share", "evening_share"}),
        ("has_products", {"distinct_products_30d", "distinct_products_90d",
                          "distinct_products_365d", "distinct_products_total",
                          "repeat_product_share"}),
        ("has_quantity", {"items_30d", "items_90d", "items_365d", "items_total",
                          "items_per_order", "price_level"}),
    ],
)  # fmt: skip
def test_what_the_source_does_not_say_is_null(
    unknown: str, absent: set[str], tmp_path: Path, lines: list[Line]
) -> None:
    known = row_of(tmp_path, lines)
    stated: dict[str, Any] = {unknown: False}
    row = row_of(tmp_path, lines, **stated)
    assert {name for name in row if row[name] is None and known[name] is not None} == absent


def test_free_orders_are_no_purchases(tmp_path: Path, lines: list[Line]) -> None:
    sample = line("a", "2024-03-20", 0, order_id="5", product_id="soap", quantity=1, kind="free")
    assert row_of(tmp_path, [*lines, sample]) == row_of(tmp_path, lines)


def test_money_is_exact_to_a_hundredth_of_a_cent(tmp_path: Path) -> None:
    lines = [line("a", "2024-03-01", 1_000, order_id="1"), line("a", "2024-03-02", 2_001),
             line("a", "2024-03-03", -3, kind="refund")]  # fmt: skip
    row = row_of(tmp_path, lines, amount_scale=10_000)
    assert (row["gross_spend_total"], row["refunded_total"]) == (0.3001, 0.0003)
    assert row["spend_total"] == 0.2998


@pytest.mark.parametrize(
    ("cutoff", "days_to_christmas", "holidays_next_30d"),
    [
        (date(2024, 4, 1), 267, 1),  # Easter Monday is the cutoff itself; 1 May is day 31
        (date(2024, 4, 2), 266, 1),  # 1 May
        (date(2024, 4, 4), 264, 2),  # 1 and 3 May
        (date(2024, 12, 24), 0, 4),  # 25 and 26 December, 1 and 6 January
        (date(2024, 12, 25), 364, 4),  # the next Christmas Eve is a year away
    ],
)
def test_the_calendar_looks_at_the_30_days_from_the_cutoff_on(
    cutoff: date, days_to_christmas: int, holidays_next_30d: int, tmp_path: Path
) -> None:
    row = row_of(tmp_path, [line("a", "2024-03-01", 100)], cutoff)
    assert (row["days_to_christmas"], row["holidays_next_30d"]) == (
        days_to_christmas, holidays_next_30d,
    )  # fmt: skip
    assert row["cutoff_month"] == cutoff.month


def test_another_country_has_other_holidays(tmp_path: Path) -> None:
    path = write_orders(tmp_path / "orders.parquet", [line("a", "2024-03-01", 100)])
    cutoff = date(2024, 6, 25)  # 4 July, and no Polish holiday before 15 August
    for country, expected in (("PL", 0), ("US", 1)):
        taken = take_snapshots(path, [cutoff], horizon_days=30, country=country)
        assert taken.features["holidays_next_30d"].to_pylist() == [expected]


# --- declarations --------------------------------------------------------------------------------


def test_one_declaration_adds_the_columns_and_their_documentation(
    tmp_path: Path, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    big = Measure("big_orders", lambda e: (e.amount >= 1000).astype(int), "purchases of 10 or more",
                  windows_days=(30,))  # fmt: skip
    monkeypatch.setattr(features, "MEASURES", (*features.MEASURES, big))
    row = row_of(tmp_path, lines)
    assert (row["big_orders_30d"], row["big_orders_total"]) == (2, 2)
    described = {column.name: column.meaning for column in snapshot_columns()}
    assert described["big_orders_30d"] == "purchases of 10 or more, in the last 30 days"
    assert described["big_orders_total"] == "purchases of 10 or more, in all of history"


def test_the_table_has_the_columns_that_are_declared_in_their_order(
    tmp_path: Path, lines: list[Line]
) -> None:
    path = write_orders(tmp_path / "orders.parquet", lines)
    windows = (10, 365, 90, 30, 180)  # any order
    schema = take_snapshots(path, [CUTOFF], horizon_days=30, windows_days=windows).features.schema
    columns = snapshot_columns(sorted(windows))
    assert schema.names == [
        "customer_id", "cutoff", *(column.name for column in columns),
        "first_order_on", "last_order_on",
    ]  # fmt: skip
    assert len(set(schema.names)) == len(schema.names)
    for column in columns:
        assert schema.field(column.name).type == (pa.int32() if column.whole else pa.float64())
    assert {"orders_10d", "spend_10d"} < set(schema.names)
    assert "orders_7d" not in schema.names


def test_windows_that_derived_features_need_are_always_there(
    tmp_path: Path, lines: list[Line]
) -> None:
    path = write_orders(tmp_path / "orders.parquet", lines)
    few, usual = (
        take_snapshots(path, [CUTOFF], horizon_days=30, windows_days=windows).features
        for windows in ((10,), WINDOWS_DAYS)
    )
    names = ["orders_90d", *(feature.name for feature in DERIVED)]
    assert few.select(names) == usual.select(names)
