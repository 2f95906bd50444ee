"""What a snapshot and an outcome hold, on a history small enough to work out by hand."""

from __future__ import annotations

import inspect
import sys
import time
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import line, write_orders
from winback.errors import UsageError, WinbackError
from winback.intake import writing
from winback.intake.settling import read_orders
from winback.intake.signals import read_signals
from winback.params import SnapshotSettings, check_params
from winback.questions.taking import snapshot_history
from winback.snapshots import kernel, walk, windows
from winback.snapshots.declared import declared_features
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.stored import Snapshots, StoredSnapshots
from winback.snapshots.walk import take_snapshots

CUTOFF = date(2024, 4, 1)
HORIZON_DAYS = 30


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Seven customers around the cutoff 1 April 2024 and its horizon of 30 days.

    ``o`` is a purchase, ``r`` a refund, ``~`` a line known late; the past ends at ``|``, the
    outcome at ``]``.

                 365 d   90 d   31 d   30 d    7 d     1 d | cutoff            29 d ] 30 d
               2 Apr 23  2 Jan  1 Mar  2 Mar  25 Mar  31 Mar | 1 Apr          30 Apr ] 1 May
        ada                o 20                         o 10 | o 40                  ]
        ben                              o 30                |                 o 15  ] o 25
        cleo                      o 50                       |                       ] o 35
        dora          10 Feb: o 80    20 Mar: r 30           | 10 Apr: r 20          ]
        emil                                                 | o 60                  ]
        fay      o 12       20 Feb: r 3~     r 2~            |                       ]
        gus                          10 Mar: o 10 ~6   ~7    |                       ]

    ada's last order before the cutoff is placed one second before it, her next at it. gus's
    line of 6 becomes known at the very cutoff; his order of 7 of 25 March one second before.
    fay's refund of 3 becomes known at the cutoff, that of 2 on 5 April.
    """
    return write_orders(
        tmp_path / "orders.parquet",
        [
            line("ada", "2024-01-02 10:00", 2000, order_id="1", product_id="tea", quantity=2),
            line("ada", "2024-03-31 23:59:59", 1000, order_id="2", product_id="tea", quantity=1),
            line("ada", "2024-04-01 00:00", 4000, order_id="3", product_id="mug", quantity=1),
            line("ben", "2024-03-02 00:00", 3000, order_id="4"),
            line("ben", "2024-04-30 23:59:59", 1500, order_id="5"),
            line("ben", "2024-05-01 00:00", 2500, order_id="6"),
            line("cleo", "2024-03-01 23:59:59", 5000, order_id="7"),
            line("cleo", "2024-05-01 00:00", 3500, order_id="8"),
            line("dora", "2024-02-10 12:00", 8000, order_id="9"),
            line("dora", "2024-03-20 12:00", -3000, order_id="9", kind="refund"),
            line("dora", "2024-04-10 12:00", -2000, order_id="9", kind="refund"),
            line("emil", "2024-04-01 00:00", 6000, order_id="10"),
            line("fay", "2023-04-02 00:00", 1200, order_id="11"),
            line("fay", "2024-02-20 00:00", -300, order_id="11", kind="refund",
                 known_at="2024-04-01 00:00"),
            line("fay", "2024-03-02 00:00", -200, order_id="11", kind="refund",
                 known_at="2024-04-05 00:00"),
            line("gus", "2024-03-10 09:00", 1000, order_id="12", product_id="tea"),
            line("gus", "2024-03-10 09:00", 600, order_id="12", product_id="jam",
                 known_at="2024-04-01 00:00"),
            line("gus", "2024-03-25 00:00", 700, order_id="13", known_at="2024-03-31 23:59:59"),
        ],
    )  # fmt: skip


def by_customer(rows: pa.Table) -> pd.DataFrame:
    """The rows of one cutoff by customer; what is absent is None."""
    return pd.DataFrame(rows.to_pylist(), dtype=object).set_index("customer_id")


@pytest.fixture
def features(history: Path) -> pd.DataFrame:
    return by_customer(take_snapshots(history, [CUTOFF], horizon_days=HORIZON_DAYS).features)


@pytest.fixture
def outcomes(history: Path) -> pd.DataFrame:
    return by_customer(take_snapshots(history, [CUTOFF], horizon_days=HORIZON_DAYS).outcomes)


# --- the cutoff ----------------------------------------------------------------------------------


def test_an_order_a_second_before_the_cutoff_is_history_and_one_at_it_is_not(
    features: pd.DataFrame,
) -> None:
    ada = features.loc["ada"]
    assert (ada.orders_total, ada.spend_total, ada.items_total) == (2, 30.0, 3.0)
    assert (ada.days_since_last_order, ada.order_value_last) == (1, 10.0)
    assert (ada.last_order_on, ada.first_order_on) == (date(2024, 3, 31), date(2024, 1, 2))
    assert ada.distinct_products_total == 1  # the mug came at the cutoff


def test_an_order_at_the_cutoff_is_an_outcome(outcomes: pd.DataFrame) -> None:
    ada = outcomes.loc["ada"]
    assert (ada.returned, ada.orders_in_horizon, ada.net_spend_in_horizon) == (True, 1, 40.0)
    assert ada.days_to_return == 0


def test_a_customer_whose_first_order_is_at_the_cutoff_does_not_exist_yet(history: Path) -> None:
    taken = take_snapshots(history, [CUTOFF, CUTOFF + timedelta(days=1)], horizon_days=1)
    keys = set(zip(taken.features["customer_id"].to_pylist(),
                   taken.features["cutoff"].to_pylist(), strict=True))  # fmt: skip
    assert ("emil", CUTOFF) not in keys
    assert ("emil", CUTOFF + timedelta(days=1)) in keys


def test_who_went_quiet_long_ago_still_has_a_row(history: Path) -> None:
    taken = take_snapshots(history, [date(2034, 4, 1)], horizon_days=HORIZON_DAYS)
    assert taken.features["customer_id"].to_pylist() == sorted(
        ["ada", "ben", "cleo", "dora", "emil", "fay", "gus"]
    )
    assert taken.outcomes.num_rows == 0


# --- windows -------------------------------------------------------------------------------------


def test_a_window_begins_with_its_first_day_and_ends_before_the_cutoff(
    features: pd.DataFrame,
) -> None:
    assert features.loc["ada", ["orders_7d", "orders_90d"]].tolist() == [1, 2]
    assert features.loc["ben", ["orders_14d", "orders_30d"]].tolist() == [0, 1]
    assert features.loc["cleo", ["orders_30d", "orders_60d"]].tolist() == [0, 1]
    assert features.loc["gus", ["orders_7d", "orders_14d"]].tolist() == [1, 1]
    assert features.loc["fay", ["orders_180d", "orders_365d"]].tolist() == [0, 1]


def test_the_season_a_year_ago_begins_365_days_before_the_cutoff(features: pd.DataFrame) -> None:
    assert features["orders_year_ago_30d"].to_dict() == {
        "ada": 0, "ben": 0, "cleo": 0, "dora": 0, "fay": 1, "gus": 0,
    }  # fmt: skip


# --- refunds -------------------------------------------------------------------------------------


def test_a_refund_counts_from_its_own_day(features: pd.DataFrame, outcomes: pd.DataFrame) -> None:
    dora = features.loc["dora"]
    assert (dora.orders_total, dora.gross_spend_total, dora.refunded_total) == (1, 80.0, 30.0)
    assert (dora.spend_30d, dora.spend_60d, dora.spend_total) == (-30.0, 50.0, 50.0)
    assert (dora.refunds_90d, dora.refund_share, dora.days_since_last_refund) == (1, 0.375, 12)
    after = outcomes.loc["dora"]
    assert (after.returned, after.orders_in_horizon) == (False, 0)
    assert (after.net_spend_in_horizon, after.days_to_return) == (-20.0, None)
    assert features.loc["ada", "days_since_last_refund"] is None


# --- several purchases on one day -----------------------------------------------------------------


def test_the_last_purchase_of_a_day_is_told_by_the_clock(tmp_path: Path) -> None:
    path = write_orders(
        tmp_path / "orders.parquet",
        [
            line("a", "2024-01-01 09:00", 900, order_id="9"),
            line("a", "2024-01-01 18:00", 1800, order_id="10"),  # "10" < "9" as text
            line("b", "2024-01-01", 900, order_id="9"),
            line("b", "2024-01-01", 1800, order_id="10"),  # one instant: told by the order id
        ],
    )
    taken = take_snapshots(path, [date(2024, 1, 2)], horizon_days=30).features
    assert taken["order_value_first"].to_pylist() == [9.0, 18.0]
    assert taken["order_value_last"].to_pylist() == [18.0, 9.0]


# --- one purchase, or none after it --------------------------------------------------------------


def test_a_one_time_buyer_has_no_rhythm(features: pd.DataFrame, outcomes: pd.DataFrame) -> None:
    fay = features.loc["fay"]
    assert (fay.days_since_last_order, fay.days_since_first_order) == (365, 365)
    for absent in ("gap_mean_days", "gap_sd_days", "gap_last_days", "silence_over_gap",
                   "days_since_order_2_back", "orders_trend_30d_90d"):  # fmt: skip
        assert fay[absent] is None, absent
    assert outcomes.loc["fay"].tolist()[1:] == [False, 0, 0.0, None]


def test_the_rhythm_of_two_purchases_is_the_days_between_them(features: pd.DataFrame) -> None:
    ada = features.loc["ada"]
    assert (ada.gap_mean_days, ada.gap_last_days, ada.gap_sd_days) == (89.0, 89, None)
    assert ada.silence_over_gap == 1 / 89


# --- known late ----------------------------------------------------------------------------------


def test_a_line_known_only_at_the_cutoff_is_not_history(history: Path) -> None:
    next_day = CUTOFF + timedelta(days=1)
    taken = take_snapshots(history, [CUTOFF, next_day], horizon_days=HORIZON_DAYS)
    gus = taken.features.to_pandas().query("customer_id == 'gus'")
    assert gus["orders_total"].tolist() == [2, 2]
    assert gus["spend_total"].tolist() == [17.0, 23.0]  # 10 + 7, and 6 more once it is known
    assert gus["distinct_products_total"].tolist() == [1, 2]
    # gus alone, of seven customers, had happened what was not yet known.
    assert taken.late_share == 1 / 7


def test_a_line_at_the_cutoff_that_is_known_later_is_not_late(tmp_path: Path) -> None:
    at_it = line("a", "2024-04-01 00:00", 500, order_id="2", known_at="2024-04-05")
    path = write_orders(tmp_path / "orders.parquet", [line("a", "2024-01-01", 1000), at_it])
    assert take_snapshots(path, [CUTOFF, date(2024, 4, 6)], horizon_days=7).late_share == 0.0
    assert take_snapshots(path, [CUTOFF, date(2024, 4, 5)], horizon_days=7).late_share == 1.0


def test_a_line_known_after_the_last_order_counts_from_then_on(tmp_path: Path) -> None:
    path = write_orders(
        tmp_path / "orders.parquet",
        [line("a", "2024-01-01", 1000), line("a", "2024-01-05", 500, known_at="2024-01-20")],
    )
    taken = take_snapshots(path, [date(2024, 1, 20), date(2024, 1, 21)], horizon_days=7)
    assert taken.features["spend_total"].to_pylist() == [10.0, 15.0]


# --- the horizon ---------------------------------------------------------------------------------


def test_the_horizon_ends_before_its_last_day_is_over(outcomes: pd.DataFrame) -> None:
    ben, cleo = outcomes.loc["ben"], outcomes.loc["cleo"]
    # The order of 30 April is inside; that of 1 May, 30 days after the cutoff, is not.
    assert (ben.orders_in_horizon, ben.net_spend_in_horizon, ben.days_to_return) == (1, 15.0, 29)
    assert (cleo.returned, cleo.net_spend_in_horizon, cleo.days_to_return) == (False, 0.0, 30)


def test_an_outcome_is_absent_until_its_horizon_is_fully_observed(history: Path) -> None:
    def outcomes_until(day: date) -> list[str]:
        taken = take_snapshots(history, [CUTOFF], horizon_days=HORIZON_DAYS, observed_until=day)
        assert taken.features.num_rows == 6
        return [str(name) for name in taken.outcomes["customer_id"].to_pylist()]

    assert outcomes_until(date(2024, 4, 30)) == []
    assert outcomes_until(date(2024, 5, 1)) == ["ada", "ben", "cleo", "dora", "fay", "gus"]


def test_what_is_not_observed_yet_is_no_return(history: Path) -> None:
    taken = take_snapshots(
        history, [CUTOFF], horizon_days=HORIZON_DAYS, observed_until=date(2024, 5, 1)
    )
    assert by_customer(taken.outcomes).loc["cleo", "days_to_return"] is None


def test_a_line_known_after_what_is_observed_changes_no_outcome(tmp_path: Path) -> None:
    path = write_orders(
        tmp_path / "orders.parquet",
        [line("a", "2024-01-01", 1000), line("a", "2024-01-05", 500, known_at="2024-01-20")],
    )
    for day, returned in ((date(2024, 1, 20), False), (date(2024, 1, 21), True)):
        taken = take_snapshots(path, [date(2024, 1, 2)], horizon_days=7, observed_until=day)
        assert taken.outcomes["returned"].to_pylist() == [returned]


def test_closed_and_newest_split_the_rows_by_cutoff(history: Path) -> None:
    newest = date(2024, 5, 2)
    taken = take_snapshots(history, [newest, CUTOFF], horizon_days=HORIZON_DAYS)
    closed = taken.closed()
    assert set(closed["cutoff"]) == {pd.Timestamp(CUTOFF)}
    assert closed.set_index("customer_id")["orders_in_horizon"].to_dict() == {
        "ada": 1, "ben": 1, "cleo": 0, "dora": 0, "fay": 0, "gus": 0,
    }  # fmt: skip
    assert len(taken.newest()) == 7


def test_snapshots_and_outcomes_of_two_walks_do_not_mix(history: Path) -> None:
    one, other = (
        take_snapshots(history, [day], horizon_days=HORIZON_DAYS)
        for day in (CUTOFF, date(2024, 3, 31))
    )
    mixed = Snapshots(one.features, other.outcomes, HORIZON_DAYS)
    with pytest.raises(WinbackError, match="not of the same run; run the snapshot stage again"):
        mixed.closed()


# --- one changed comparison ----------------------------------------------------------------------


def boundaries(history: Path) -> dict[str, Any]:
    """What the history's edge cases come to, as the engine sees them."""
    taken = take_snapshots(
        history, [CUTOFF], horizon_days=HORIZON_DAYS, observed_until=date(2024, 5, 1)
    )
    rows = by_customer(taken.features)
    after = {row["customer_id"]: row for row in taken.outcomes.to_pylist()}
    return {
        "customers": list(rows.index),
        "ada's orders": rows.loc["ada", "orders_total"],
        "ada's products": rows.loc["ada", "distinct_products_total"],
        "ben's month": rows.loc["ben", "orders_30d"],
        "cleo's month": rows.loc["cleo", "orders_30d"],
        "gus's spend": rows.loc["gus", "spend_total"],
        "fay's month": rows.loc["fay", "spend_30d"],
        "returned": [name for name, row in after.items() if row["returned"]],
        "cleo's wait": after["cleo"]["days_to_return"] if after else "not closed",
    }


BY_HAND = {
    "customers": ["ada", "ben", "cleo", "dora", "fay", "gus"],
    "ada's orders": 2,
    "ada's products": 1,
    "ben's month": 1,
    "cleo's month": 0,
    "gus's spend": 17.0,
    "fay's month": 0.0,
    "returned": ["ada", "ben"],
    "cleo's wait": None,
}


@pytest.mark.parametrize(
    ("function", "strict", "loose", "changed"),
    [
        # `<` at the cutoff, and at each window's and horizon's edge, becomes `<=`.
        ("behind", 'side="right"', 'side="left"',
         {"customers", "ada's orders", "ada's products", "ben's month", "returned"}),
        ("_late_cells", 'side="right"', 'side="left"', {"gus's spend"}),
        ("_with_late_lines", "< plan.cutoffs[k]", "<= plan.cutoffs[k]", {"gus's spend"}),
        ("_not_yet_known", 'window, side="right"', 'window, side="left"', {"fay's month"}),
        ("_not_yet_known", '.known[lagging], side="right"', '.known[lagging], side="left"',
         {"fay's month"}),
        ("measure_customers", "known_day < plan.observed_until", "known_day <= plan.observed_until",
         {"cleo's wait"}),
        ("measure_customers", "<= plan.observed_until", "< plan.observed_until", {"returned"}),
    ],
)  # fmt: skip
def test_loosening_one_comparison_with_the_cutoff_shows(
    function: str, strict: str, loose: str, changed: set[str], history: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert boundaries(history) == BY_HAND
    owner = next(o for o in (kernel, windows, windows.View, windows._Days) if function in vars(o))
    code = inspect.getsource(getattr(owner, function))
    assert strict in code
    changed_line = (code, code.replace(strict, loose))
    names = [f"winback.snapshots.{name}" for name in ("windows", "kernel")]
    sources = [inspect.getsource(sys.modules[name]).replace(*changed_line) for name in names]
    for name, source in zip(names, sources, strict=True):  # the kernel imports the windows
        mutant = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, mutant)  # dataclasses look their module up
        exec(compile(source, "loosened.py", "exec"), mutant.__dict__)
    monkeypatch.setattr(walk, "measure_customers", mutant.measure_customers)
    seen = boundaries(history)
    assert {name for name in BY_HAND if seen[name] != BY_HAND[name]} >= changed


def test_stored_snapshots_are_those_taken_and_fewer_rows_are_fewer_customers(
    tmp_path: Path,
) -> None:
    lines = [line(f"c{n}", "2024-01-01", 1000) for n in range(400)]
    path = write_orders(tmp_path / "orders.parquet", lines)
    cutoffs = [date(2024, 2, 1), date(2024, 3, 1), date(2024, 6, 1)]
    taken = take_snapshots(path, cutoffs, horizon_days=30, observed_until=date(2024, 6, 1))
    # Several row groups, as batches of customers make them.
    pq.write_table(taken.features, tmp_path / "features.parquet", row_group_size=500)
    pq.write_table(taken.outcomes, tmp_path / "outcomes.parquet", row_group_size=300)
    names = ("features.parquet", "outcomes.parquet", "first_days.parquet")
    stored = StoredSnapshots(*(tmp_path / name for name in names))
    pd.testing.assert_frame_equal(stored.newest(), taken.newest())
    pd.testing.assert_frame_equal(stored.closed(800), taken.closed())
    some = stored.closed(200)  # a quarter of the 800 closed rows: about 100 customers, twice each
    assert set(some.groupby("customer_id").size()) == {2}
    assert 60 <= some["customer_id"].nunique() <= 140
    every = taken.closed()
    kept = every[every["customer_id"].isin(some["customer_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, kept)
    at_once = stored.closed_and_newest(200)
    pd.testing.assert_frame_equal(at_once[0], some)
    pd.testing.assert_frame_equal(at_once[1], taken.newest())


# --- cutoffs to learn from -----------------------------------------------------------------------


def test_a_long_history_gives_monthly_cutoffs_over_the_days_given() -> None:
    # Newest 1 Jan 2024 - 13 weeks = 2 Oct 2023; 365 // 28 = 13 steps of four weeks back.
    cutoffs = training_cutoffs(date(2015, 6, 1), date(2024, 1, 1), 90, most=20, over_days=365)
    assert (len(cutoffs), cutoffs[0], cutoffs[-1]) == (14, date(2022, 10, 3), date(2023, 10, 2))
    assert {b - a for a, b in pairwise(cutoffs)} == {timedelta(days=28)}


def test_one_year_with_a_horizon_of_90_days_gives_ten_cutoffs() -> None:
    # 274 days lie before the newest, 2 Oct 2023; less a fifth of the horizon, 18, that is room
    # for 256 // 28 = 9 steps, the first 252 days earlier on 23 Jan 2023.
    cutoffs = training_cutoffs(date(2023, 1, 1), date(2024, 1, 1), 90)
    assert (len(cutoffs), cutoffs[0], cutoffs[-1]) == (10, date(2023, 1, 23), date(2023, 10, 2))


def test_four_months_with_a_horizon_of_30_days_step_by_two_weeks() -> None:
    # 86 days lie before 27 Mar; less a week, 79 are room for less than four steps of three weeks,
    # so a step is a quarter of it, in whole weeks.
    assert training_cutoffs(date(2024, 1, 1), date(2024, 5, 1), 30) == [
        date(2024, 1, 17), date(2024, 1, 31), date(2024, 2, 14), date(2024, 2, 28),
        date(2024, 3, 13), date(2024, 3, 27),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("horizon_days", "newest", "step"),
    [
        (1, 7, 14), (3, 7, 14), (7, 7, 14), (10, 14, 14), (14, 14, 14), (20, 21, 21),
        # Steps of three weeks find a window closed 42 days before, those of four only 56.
        (30, 35, 35), (28, 28, 28), (60, 63, 21), (90, 91, 28), (400, 406, 28),
    ],
)  # fmt: skip
def test_cutoffs_lie_whole_weeks_back(horizon_days: int, newest: int, step: int) -> None:
    # A leap day is a day like others.
    for cutoff in (date(2024, 2, 29), date(2024, 3, 1), date(2025, 2, 28)):
        cutoffs = training_cutoffs(date(2015, 6, 1), cutoff, horizon_days)
        assert (cutoff - cutoffs[-1]).days == newest
        assert {(b - a).days for a, b in pairwise(cutoffs)} == {step}


@settings(max_examples=200)
@given(st.integers(1, 730), st.integers(1, 1500))
def test_no_window_to_learn_from_is_open_and_weekdays_never_turn(horizon: int, past: int) -> None:
    cutoff = date(2024, 2, 29)
    first = cutoff - timedelta(days=past)
    cutoffs = training_cutoffs(first, cutoff, horizon)
    assert all(first < c <= cutoff - timedelta(days=horizon) for c in cutoffs)
    assert bool(cutoffs) == (past > horizon)
    turned = bool({(cutoff - c).days % 7 for c in cutoffs} - {0})
    assert not turned or len(cutoffs) == 1


def test_steps_and_the_number_of_cutoffs_can_be_given() -> None:
    def wanted(**options: int) -> list[date]:
        return training_cutoffs(date(2015, 6, 1), date(2024, 1, 31), 30, **options)

    assert wanted(every_days=7, most=2) == [date(2023, 12, 20), date(2023, 12, 27)]
    assert wanted(every_days=100, over_days=200) == [
        date(2023, 6, 10), date(2023, 9, 18), date(2023, 12, 27),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first_day", "expected"),
    [
        (date(2024, 1, 1), []),  # the horizon closes on the very first day: no past
        (date(2023, 12, 27), [date(2024, 1, 1)]),  # no room for whole weeks
        (date(2023, 12, 26), [date(2023, 12, 27)]),  # a day of past, too little to step back
        (date(2023, 12, 14), [date(2023, 12, 27)]),  # 13 days of past: less than two weeks
        (date(2023, 12, 13), [date(2023, 12, 20), date(2023, 12, 27)]),
        (date(2024, 1, 20), []),
    ],
)
def test_a_short_history_gives_one_cutoff_or_none(first_day: date, expected: list[date]) -> None:
    assert training_cutoffs(first_day, date(2024, 1, 31), 30) == expected


# --- histories that hurt -------------------------------------------------------------------------


def test_a_customer_with_a_million_lines_is_counted_across_batches(tmp_path: Path) -> None:
    lines = 1_000_000
    ordered_at = datetime(2020, 1, 1) + pd.to_timedelta(np.arange(lines) // 1000, unit="D")
    frame = pd.DataFrame({
        "customer_id": "a", "order_id": (np.arange(lines) // 2).astype(str),
        "ordered_at": ordered_at, "known_at": ordered_at,
        "product_id": (np.arange(lines) % 5000).astype(str), "quantity": 1.0, "amount": 100,
        "kind": "order",
    })  # fmt: skip
    path = write_orders(tmp_path / "orders.parquet", frame)
    # 1,000 days of 500 orders of 2 lines of 1.00; the day before the cutoff is the last.
    cutoff = date(2020, 1, 1) + timedelta(days=1000)
    (row,) = take_snapshots(path, [cutoff], horizon_days=30).features.to_pylist()
    assert (row["orders_total"], row["orders_30d"], row["spend_30d"]) == (500_000, 15_000, 30_000.0)
    assert (row["gap_mean_days"], row["gap_sd_days"], row["order_days_total"]) == (1.0, 0.0, 1000)
    # 1,000 lines a day: each product comes back every fifth day, first on the first five.
    assert row["distinct_products_30d"] == 5000
    assert row["repeat_product_share"] == 0.995


def test_orders_at_one_instant_are_many_orders_of_one_day(tmp_path: Path) -> None:
    path = write_orders(
        tmp_path / "orders.parquet",
        [line(f"c{n % 3}", "2024-01-01 12:00", 100, order_id=str(n)) for n in range(300)],
    )
    taken = take_snapshots(path, [date(2024, 1, 2)], horizon_days=30)
    rows = taken.features.to_pandas()
    assert rows["orders_total"].tolist() == [100] * 3
    assert rows["order_days_total"].tolist() == [1] * 3
    assert rows[["gap_mean_days", "gap_last_days", "silence_over_gap"]].isna().all(axis=None)
    assert rows["days_since_order_5_back"].tolist() == [1] * 3


def test_one_order_in_all_makes_one_row(tmp_path: Path) -> None:
    path = write_orders(tmp_path / "orders.parquet", [line("a", "2024-01-01", 100)])
    taken = take_snapshots(path, [date(2024, 1, 2)], horizon_days=30)
    assert (taken.features.num_rows, taken.outcomes.num_rows) == (1, 0)


def test_10_000_cutoffs_of_a_few_customers_cost_seconds_at_most(history: Path) -> None:
    cutoffs = [CUTOFF + timedelta(days=n) for n in range(-5000, 5000)]
    began = time.perf_counter()
    rows = take_snapshots(history, cutoffs, horizon_days=30).features.to_pandas()
    assert time.perf_counter() - began < 20
    # fay's first order is on 2 April 2023, 365 days before the cutoff: 364 + 5,000 cutoffs later.
    assert (rows["customer_id"] == "fay").sum() == 5364


# --- errors --------------------------------------------------------------------------------------


def test_a_cutoff_before_the_first_purchase_is_refused(history: Path) -> None:
    with pytest.raises(WinbackError) as refused:
        take_snapshots(history, [date(2023, 4, 2)], horizon_days=30)
    assert str(refused.value) == (
        f"{history}: no purchase is earlier than the cutoff 2023-04-02. Choose a later cutoff."
    )


def test_no_cutoff_at_all_is_refused(history: Path) -> None:
    with pytest.raises(WinbackError, match=r"^No cutoff .* Give at least one date\.$"):
        take_snapshots(history, [], horizon_days=30)


@pytest.mark.parametrize("observed_until", [None, date(2024, 5, 1)])
def test_an_empty_history_is_refused(tmp_path: Path, observed_until: date | None) -> None:
    path = write_orders(tmp_path / "orders.parquet", [])
    with pytest.raises(WinbackError, match="order history is empty"):
        take_snapshots(path, [CUTOFF], horizon_days=30, observed_until=observed_until)


def test_an_unknown_country_is_refused(history: Path) -> None:
    with pytest.raises(UsageError, match=r"No public holidays .* 'XX'"):
        take_snapshots(history, [CUTOFF], horizon_days=30, country="XX")


@pytest.mark.parametrize(
    "cutoff",
    [
        "2024-04-01",
        "2024-04-01T00:00:00",
        datetime(2024, 4, 1),
        pd.Timestamp(CUTOFF),
        np.datetime64("2024-04-01"),
    ],
)
def test_a_cutoff_may_be_text_or_an_instant_at_midnight(history: Path, cutoff: Any) -> None:
    wanted = take_snapshots(history, [CUTOFF], horizon_days=30)
    assert take_snapshots(history, [cutoff], horizon_days=30).features == wanted.features
    observed = take_snapshots(history, pd.Index([cutoff]), horizon_days=30, observed_until=cutoff)
    assert observed.features == wanted.features


TICKETS = declared_features(SnapshotSettings.model_validate({"signals": [{"name": "ticket"}]}))
TIERS = declared_features(SnapshotSettings.model_validate({"attributes": [{"name": "tier"}]}))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"cutoffs": [datetime(2024, 4, 1, 12)]}, "cutoffs 2024-04-01 12:00:00: expected the start "
         "of a day, such as 2025-01-01, without a time or zone."),
        ({"cutoffs": [pd.Timestamp("2024-04-01", tz="UTC")]}, "without a time or zone."),
        ({"cutoffs": [pd.NaT]}, "expected the start of a day"),
        ({"cutoffs": ["soon"]}, "cutoffs soon: expected the start of a day"),
        ({"cutoffs": [None]}, "cutoffs None: expected the start of a day"),
        ({"cutoffs": CUTOFF}, "cutoffs 2024-04-01: expected a list of days"),
        ({"cutoffs": "2024-04-01"}, "cutoffs 2024-04-01: expected a list of days"),
        ({"observed_until": "soon"}, "observed_until soon: expected the start of a day"),
        ({"horizon_days": 0}, "horizon_days 0: expected a whole number from 1 on."),
        ({"horizon_days": -5}, "horizon_days -5: expected a whole number from 1 on."),
        ({"horizon_days": 2.5}, "horizon_days 2.5: expected a whole number from 1 on."),
        ({"windows_days": [-5]}, "windows_days -5: expected a whole number from 1 on."),
        ({"windows_days": 30}, "windows_days 30: expected a list of whole numbers."),
        ({"threads": 0}, "threads 0: expected a whole number from 1 on."),
        ({"paydays": [0]}, "paydays 0: expected a whole number from 1 on."),
        ({"paydays": []}, "paydays []: expected days of the month, such as [10]."),
        ({"paydays": [32]}, "paydays [32]: expected days of the month, such as [10]."),
        ({"window_days": [5]}, "there is no option 'window_days'; there are observed_until, "
         "features, signals, attributes, country, paydays, windows_days, block_days, threads, "
         "progress. Did you mean 'windows_days'?"),
        ({"windows_days": [5], "features": declared_features(SnapshotSettings())},
         "give features or windows_days: features have windows of their own."),
        ({"orders": "nowhere.parquet"}, "nowhere.parquet: there is no such file; give the file "
         "that read_orders writes."),
        ({"orders": __file__}, "test_snapshots.py: is no Parquet file; give the file that "
         "read_orders writes."),
        ({"orders": pd.DataFrame()}, "orders: expected a path, found DataFrame; give the file"),
        ({"features": TICKETS}, "'ticket' is declared, but there is no file of signals; give "
         "signals=, the file that read_signals writes."),
        ({"features": TIERS}, "'tier' is declared, but there is no file of attributes"),
        ({"features": TICKETS, "signals": __file__}, "test_snapshots.py: is no Parquet file; give "
         "the file that read_signals writes."),
    ],
)  # fmt: skip
def test_a_mistake_in_python_is_one_line(
    history: Path, given: dict[str, Any], sentence: str
) -> None:
    options = {"orders": history, "cutoffs": [CUTOFF], "horizon_days": 30} | given
    with pytest.raises(UsageError) as refused:
        take_snapshots(options.pop("orders"), options.pop("cutoffs"), **options)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_no_file_of_signals_holds_is_refused_in_python(history: Path, tmp_path: Path) -> None:
    frame = pd.DataFrame({"customer_id": ["ada"], "happened_at": ["2024-01-01"], "name": ["call"]})
    signals = read_signals(frame, tmp_path / "s", cutoff=CUTOFF).path

    def taken(*declared: dict[str, Any]) -> None:
        wanted = declared_features(SnapshotSettings.model_validate({"signals": declared}))
        take_snapshots(history, [CUTOFF], horizon_days=30, features=wanted, signals=signals)

    taken({"name": "call"})
    with pytest.raises(UsageError, match=r"signals\.parquet has no 'cal'; it has call\. Correct"):
        taken({"name": "cal"})
    with pytest.raises(UsageError, match=r"holds no value of 'call', of which max is declared"):
        taken({"name": "call", "aggregates": ["count", "max"]})
    with pytest.raises(UsageError, match=r"parquet: has no column happened_at, name, value"):
        take_snapshots(history, [CUTOFF], horizon_days=30, features=TICKETS, signals=history)


def test_progress_tells_the_lines_read(history: Path) -> None:
    told: list[int] = []
    take_snapshots(history, [CUTOFF], horizon_days=30, progress=told.append)
    assert told == [18]


# --- lines measured as they come sorted ----------------------------------------------------------


def odd_shop(customers: list[Any], orders: list[Any] | None, products: list[Any]) -> pd.DataFrame:
    """900 lines whose orders share days and customers; some come back, some are known late."""
    rng = np.random.default_rng(5)
    order = np.sort(rng.integers(0, 300, 900))
    of, day = rng.integers(0, len(customers), 300), 8 * rng.integers(0, 50, 300)
    at = pd.Timestamp("2023-01-01") + pd.to_timedelta(day[order] * 24 + order % 5, "h")
    amount = np.round(rng.gamma(2, 20, 900), 2) * np.where(rng.random(900) < 0.05, -1, 1)
    table = {
        "customer_id": pd.Series(customers).iloc[of[order]].to_numpy(),
        "ordered_at": at,
        "known_at": at + pd.to_timedelta(np.where(rng.random(900) < 0.1, 20, 0), "D"),
        "product_id": pd.Series(products, dtype=object).iloc[rng.integers(0, len(products), 900)],
        "amount": amount,
    }
    if orders is not None:
        table["order_id"] = pd.Series(orders).iloc[order % len(orders)].to_numpy()
    return pd.DataFrame({name: np.asarray(column) for name, column in table.items()})


TEXTS = [f"k{n % 7}{'x' * (n % 3)}{n}" for n in range(40)]
NUMBERS = list(range(7, 4000, 100))


@pytest.mark.parametrize("small", [True, False], ids=["borders", "whole"])
@pytest.mark.parametrize(
    ("customers", "orders", "products"),
    [
        (TEXTS, [f"o{n}" for n in range(300)], ["p1", "p2", None, "p3"]),
        (NUMBERS, list(range(9, 30_000, 100)), [5, 50, 500]),
        (np.array(NUMBERS, np.int16), [1, 2, 3], np.array([3, 30, 200], np.uint8)),
        ([f"{n:05d}" for n in range(40)], None, [None]),
    ],
    ids=["texts", "numbers", "narrow numbers, ids used again", "no orders, no products"],
)
def test_lines_measured_as_they_come_are_those_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: bool, customers: Any, orders: Any,
    products: Any,
) -> None:  # fmt: skip
    source = tmp_path / "log.parquet"
    odd_shop(list(customers), orders, list(products)).astype(
        {"customer_id": np.asarray(customers).dtype}
    ).to_parquet(source, index=False)
    params = check_params(
        {"ingest": {"columns": {"known_at": "known_at"}}, "snapshot": {"horizon_days": 30}}
    )
    intake = read_orders(source, tmp_path / "file", columns={"known_at": "known_at"})
    cutoffs = [intake.cutoff - timedelta(days=40 * k) for k in range(6)]
    taken = take_snapshots(intake.orders_path, cutoffs, horizon_days=30)
    if small:
        # Chunks of the sort that cut orders and customers anywhere.
        monkeypatch.setattr(writing, "ROW_GROUP", 7)
    told = snapshot_history(
        source, tmp_path / "streamed", params, count=6, every_days=40,
        say=lambda found: None, begin=lambda name: None,
    )  # fmt: skip
    assert not (tmp_path / "streamed/orders.parquet").exists()
    assert told.ingest["lines_kept"] == intake.summary["lines_kept"]
    for name, whole in (("snapshots", taken.features), ("outcomes", taken.outcomes)):
        streamed = pq.read_table(tmp_path / f"streamed/{name}.parquet")
        assert streamed.equals(whole.cast(streamed.schema)), name
