"""Days are the shop's own: clocks that are put forward or back, and the 29th of February."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from canonical import line, write_orders
from winback.intake.settling import read_orders
from winback.snapshots.days import shop_days
from winback.snapshots.walk import take_snapshots

# Local half past midnight and half past eleven at night, of the days before, of and after the
# change of the clock: their hours in Universal Time.
CHANGES = {
    "Warsaw, forward": ("Europe/Warsaw", date(2024, 3, 31), [23, 22, 23, 21, 22, 21]),
    "Warsaw, back": ("Europe/Warsaw", date(2024, 10, 27), [22, 21, 22, 22, 23, 22]),
    "New York, forward": ("America/New_York", date(2024, 3, 10), [5, 4, 5, 3, 4, 3]),
}


def log_of(zone: str, change: date) -> pd.DataFrame:
    """Two orders on each of three local days, their instants in Universal Time."""
    local = pd.DatetimeIndex([
        pd.Timestamp(change + timedelta(days=shift)) + pd.Timedelta(clock)
        for shift in (-1, 0, 1)
        for clock in ("00:30:00", "23:30:00")
    ])  # fmt: skip
    instants = local.tz_localize(zone, ambiguous=[False] * 6).tz_convert("UTC")
    return pd.DataFrame({
        "customer_id": "ada", "order_id": [f"o{k}" for k in range(6)], "ordered_at": instants,
        "amount": 10.0, "local": local,
    })  # fmt: skip


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "text"])
@pytest.mark.parametrize("change", CHANGES)
def test_an_order_belongs_to_the_local_day_when_the_clock_changes(
    change: str, typed: bool, tmp_path: Path
) -> None:
    zone, day, hours = CHANGES[change]
    log = log_of(zone, day)
    assert log["ordered_at"].dt.hour.tolist() == hours
    source = log.drop(columns="local")
    if not typed:
        source["ordered_at"] = log["ordered_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    end = day + timedelta(days=2)
    orders = read_orders(source, tmp_path / "out", timezone=zone, cutoff=end).orders_path
    assert pd.read_parquet(orders)["ordered_at"].tolist() == log["local"].tolist()
    assert shop_days(orders, end).orders.tolist() == [2, 2, 2]
    taken = take_snapshots(
        orders, [day, day + timedelta(days=1)], horizon_days=1, observed_until=end
    ).closed()
    assert taken["orders_total"].tolist() == [2, 4], "none of the cutoff's own day"
    assert taken["days_since_last_order"].tolist() == [1, 1]
    assert taken["orders_in_horizon"].tolist() == [2, 2], "all of a day of 23 or 25 hours"


def test_the_twenty_ninth_of_february_is_a_day_like_others(tmp_path: Path) -> None:
    days = ["2023-02-28", "2023-03-01", "2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28"]
    orders = write_orders(
        tmp_path / "orders.parquet",
        [line("ada", f"{day}T{clock}", 1000, order_id=f"{day} {clock}")
         for day in days for clock in ("00:30", "23:30")],
    )  # fmt: skip
    cutoffs = [date(2024, 2, 29), date(2024, 3, 1), date(2025, 2, 28), date(2025, 3, 1)]
    taken = take_snapshots(
        orders, cutoffs, horizon_days=1, observed_until=date(2025, 3, 2)
    ).closed().set_index("cutoff")  # fmt: skip
    assert taken["orders_total"].tolist() == [6, 8, 10, 12]
    assert taken["days_since_first_order"].tolist() == [366, 367, 731, 732]
    assert taken["orders_in_horizon"].tolist() == [2, 2, 2, 0]
    assert len(shop_days(orders, date(2025, 3, 1)).day) == 732
