"""Times without a shop: found by the shop's own days, and neither taught by nor judged by."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from canonical import line, write_orders
from winback.snapshots.days import ShopDays, overlapping, shop_days

FIRST = date(2022, 1, 3)  # a Monday


def sold(rate, *, seed: int = 1) -> ShopDays:
    """A shop with Poisson purchases at a rate, one for all of two years or one a day."""
    days = np.size(rate) if np.size(rate) > 1 else 730
    drawn = np.random.default_rng(seed).poisson(np.broadcast_to(rate, days))
    number = (FIRST - date(1970, 1, 1)).days + np.arange(days)
    begun = np.flatnonzero(drawn)[0]
    return ShopDays(number[begun:], drawn[begun:].astype(np.int64))


def closed(rate, *spans: tuple[int, int], days: int = 730) -> np.ndarray:
    """The rate, with none on the days of the spans (first, and the one after the last)."""
    rates = np.array(np.broadcast_to(rate, days), np.float64)
    for begin, end in spans:
        rates[begin:end] = 0.0
    return rates


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_a_closed_quarter_and_a_missing_month_are_gaps() -> None:
    found = sold(closed(20.0, (300, 330), (540, 632))).gaps
    assert found == ((day(300), day(329)), (day(540), day(631)))


def test_a_gap_may_last_to_the_cutoff() -> None:
    assert sold(closed(20.0, (710, 730))).gaps == ((day(710), day(729)),)


WEEK = np.arange(730) % 7


@pytest.mark.parametrize(
    "rate",
    [
        20.0,
        0.3,
        0.05,
        np.where(WEEK < 5, 15.0, 0.0),
        np.where(WEEK == 2, 15.0, 0.0),
        np.geomspace(0.05, 50, 730),
        np.geomspace(50, 0.05, 730),
        # Gifts: nothing but in November and December, three times.
        np.where(np.arange(1095) % 365 > 300, 30.0, 0.0),
        np.where(np.arange(1095) % 365 > 300, 30.0, 0.02),
        # Closed for three days at each turn of the year, and for two weeks each August.
        closed(20.0, (355, 358), (720, 723), (210, 224), (576, 590)),
    ],
    ids=["steady", "sparse", "very sparse", "Monday to Friday", "Wednesdays", "growing",
         "dying", "gifts", "near silence", "holidays"],
)  # fmt: skip
def test_the_shops_own_pattern_is_no_gap(rate) -> None:
    assert [found for seed in range(20) if (found := sold(rate, seed=seed).gaps)] == []


def test_a_shop_of_bursts_has_no_gaps() -> None:
    # Wholesale: a fortnight without an order is usual between fairs.
    for seed in range(20):
        rng = np.random.default_rng(seed)
        busy = np.repeat(rng.gamma(0.3, 1 / 0.3, 105), 7)[:730]
        assert sold(busy * 2.0, seed=seed).gaps == (), seed


def test_purchases_are_counted_as_they_were_known(tmp_path: Path) -> None:
    orders = write_orders(
        tmp_path / "orders.parquet",
        [
            line("ada", "2024-01-01T23:30", 100),
            line("ada", "2024-01-01T23:40", 100),  # the same order
            line("ada", "2024-01-03T00:30", 100, order_id="2", known_at="2024-01-09"),
            line("ben", "2024-01-03", 100),
            line("ben", "2024-01-04", -100, kind="refund"),
            line("ben", "2024-01-20", 100, order_id="3"),
        ],
    )
    days = shop_days(orders, date(2024, 1, 10))
    assert days.orders.tolist() == [1, 0, 2, 0, 0, 0, 0, 0, 0], "up to the day before"
    assert days.upto(date(2024, 1, 9)).orders.tolist() == [1, 0, 1, 0, 0, 0, 0, 0]
    assert days.upto(date(2024, 1, 3)).orders.tolist() == [1, 0]
    assert shop_days(orders, date(2024, 1, 9)).orders.tolist() == [1, 0, 1, 0, 0, 0, 0, 0]
    again = ShopDays.from_frame(days.to_arrow().to_pandas(date_as_object=False))
    for told in (again, again.upto(date(2024, 1, 9))):
        same = days.upto(date(1970, 1, 1) + timedelta(days=int(told.day[-1]) + 1))
        assert [told.day.tolist(), told.orders.tolist()] == [
            same.day.tolist(),
            same.orders.tolist(),
        ]
    assert again.late.tolist() == days.late.tolist()


def test_a_window_overlaps_a_gap_by_a_single_day() -> None:
    gap = (date(2024, 3, 10), date(2024, 3, 20))
    cutoffs = [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 20), date(2024, 3, 21)]
    assert overlapping([gap], cutoffs, 10) == cutoffs[1:3]
