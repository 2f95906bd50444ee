"""Own rhythm: blocks as long as the horizon, own gaps, and the same weeks of former years."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from canonical import line, write_orders
from winback.snapshots.walk import take_snapshots

CUTOFF = date(2024, 12, 1)


def row_of(
    tmp_path: Path, days: list[date], *, horizon_days: int = 14, cutoff: date = CUTOFF
) -> dict[str, Any]:
    lines = [line("ada", f"{day} 10:00", 1000, order_id=str(n)) for n, day in enumerate(days)]
    path = write_orders(tmp_path / "orders.parquet", lines)
    (row,) = take_snapshots(path, [cutoff], horizon_days=horizon_days).features.to_pylist()
    return dict(row)


def ago(*days: int) -> list[date]:
    return [CUTOFF - timedelta(days=n) for n in sorted(days, reverse=True)]


def test_fortnights_with_and_without_a_purchase(tmp_path: Path) -> None:
    # Bought in the 3rd to 12th fortnight back, twice in the 4th; none in the newest two.
    row = row_of(tmp_path, ago(*(14 * k - 3 for k in range(3, 14)), 14 * 4 - 5))
    assert [row[f"block_{k}_order_days"] for k in (1, 2, 3, 4)] == [0, 0, 1, 2]
    assert (row["blocks_lived"], row["blocks_bought"]) == (12, 10)
    assert row["block_share"] == pytest.approx(10.5 / 13)
    faded = sum(0.7 ** (k - 1) for k in range(3, 13))
    every = sum(0.7 ** (k - 1) for k in range(1, 13))
    assert row["block_share_recent"] == pytest.approx((faded + 0.3) / (every + 0.6))


def test_a_block_begins_at_its_edge_and_only_lived_ones_count(tmp_path: Path) -> None:
    row = row_of(tmp_path, ago(28, 15, 14))
    assert [row[f"block_{k}_order_days"] for k in (1, 2, 3)] == [1, 2, 0]
    assert (row["blocks_lived"], row["blocks_bought"]) == (2, 2)
    row = row_of(tmp_path, ago(13))
    assert (row["blocks_lived"], row["blocks_bought"], row["block_1_order_days"]) == (0, 0, 1)
    assert row["block_share"] == 0.5


def test_a_silence_is_held_against_own_gaps(tmp_path: Path) -> None:
    # Gaps of 10, 20, 30 and 40 days, oldest first; then 25 days of silence.
    row = row_of(tmp_path, ago(125, 115, 95, 65, 25))
    assert (row["gap_min_days"], row["gap_max_days"]) == (10, 40)
    assert row["gap_geometric_mean_days"] == pytest.approx((10 * 20 * 30 * 40) ** 0.25)
    weights = [1, 0.6, 0.36, 0.216]
    newest_first = [40, 30, 20, 10]
    mean = sum(w * g for w, g in zip(weights, newest_first, strict=True)) / sum(weights)
    assert row["gap_ewma_days"] == pytest.approx(mean)
    # 30 and 40 were longer; of them 30 ended within 14 days more (25 < 30 <= 39).
    assert (row["gaps_longer"], row["gaps_longer_share"]) == (2, 2.5 / 5)
    assert row["gap_hazard"] == pytest.approx(1.5 / 3)
    assert row["gap_left_over_horizon"] == 0
    assert row["active_span_days"] == 100
    assert row["active_rate"] == pytest.approx(4 / 100)


def test_only_the_latest_gaps_count(tmp_path: Path) -> None:
    # A pause of 300 days lies behind 24 gaps of a week.
    old = 7 * 24 + 7 + 300
    row = row_of(tmp_path, ago(old, *(7 * k for k in range(1, 26))))
    assert (row["gap_max_days"], row["gap_min_days"]) == (7, 7)
    assert row["gap_mean_days"] > 18


def test_one_purchase_has_no_gap(tmp_path: Path) -> None:
    row = row_of(tmp_path, ago(40))
    for name in ("gap_max_days", "gap_ewma_days", "silence_over_ewma", "silence_beyond_sd"):
        assert row[name] is None
    assert (row["gaps_longer"], row["gap_hazard"], row["gaps_longer_share"]) == (0, 0.5, 0.5)


@pytest.mark.parametrize(
    ("bought", "horizon_days", "expected"),
    [
        # Every December of the last four; that of the first purchase itself had not been lived yet.
        ([date(year, 12, 10) for year in (2020, 2021, 2022, 2023)], 30, (3, 3)),
        # The day before lies outside, and so does the 30th day.
        ([date(2023, 11, 30), date(2024, 1, 1)], 30, (1, 0)),
        # Short horizons look at four weeks.
        ([date(2023, 12, 28)], 7, (0, 0)),
        ([date(2023, 6, 1), date(2023, 12, 28)], 7, (1, 1)),
        # Somebody who came a few weeks ago has seen no year.
        ([date(2024, 11, 20)], 30, (0, 0)),
    ],
)
def test_the_same_weeks_of_former_years(
    tmp_path: Path, bought: list[date], horizon_days: int, expected: tuple[int, int]
) -> None:
    row = row_of(tmp_path, bought, horizon_days=horizon_days)
    assert (row["years_seen"], row["same_season_years"]) == expected
