"""What is expected of the coming window: what lasts, what drifts, what comes every year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from winback.learning.season import forecast_season

CUTOFF = pd.Timestamp("2024-06-01")


def forecast(
    seasons: Sequence[float],
    *,
    every_days: int = 30,
    horizon_days: int = 30,
    customers: float = 1e6,
    past_days: Sequence[float] | None = None,
    past_now: float = 1e9,
) -> float:
    """The forecast from closed windows, given oldest first; the newest closes at the cutoff."""
    back = horizon_days + every_days * np.arange(len(seasons))[::-1]
    closed = pd.DataFrame(
        {
            "season": seasons,
            "share": 0.3,
            "customers": customers,
            "past_days": 1e9 if past_days is None else past_days,
        },
        index=CUTOFF - pd.to_timedelta(back, unit="D"),
    )
    return forecast_season(closed, CUTOFF, horizon_days, past_now)


def yearly(windows: int, peak_days_before_cutoff: float) -> list[float]:
    """Seasons of monthly windows on a cosine of height one half, oldest first."""
    middle = -30.0 * np.arange(1, windows + 1)[::-1] + 15
    return list(0.5 * np.cos(2 * np.pi * (middle + peak_days_before_cutoff) / 365.25))


def test_where_habits_explain_all_nothing_is_expected() -> None:
    assert forecast([0.0] * 12) == 0.0


def test_what_habits_misjudge_for_a_year_they_will_misjudge_again() -> None:
    assert 0.8 * 0.3 < forecast([0.3] * 20, every_days=14, horizon_days=14) <= 0.3


def test_a_single_window_is_believed_in_part() -> None:
    for newest in (0.4, -0.4):
        assert 0.1 < forecast([newest]) / newest < 1


def test_high_and_low_are_treated_alike() -> None:
    seasons = [0.3, -0.1, 0.2, 0.5]
    assert forecast(seasons) == pytest.approx(-forecast([-x for x in seasons]), abs=1e-6)


def test_a_season_of_few_customers_is_mostly_chance() -> None:
    assert 0 < forecast([0.4], customers=20) < forecast([0.4], customers=2000) / 2


def test_a_far_window_is_expected_to_be_less_like_the_newest() -> None:
    near, far = (forecast([0.4], horizon_days=days) for days in (7, 90))
    assert 0 < far < near


def test_last_years_season_of_the_same_weeks_comes_again() -> None:
    # Two years of a cosine: the coming window holds its peak, its trough, or neither.
    for peak, expected in ((-15.0, 0.5), (-15.0 - 365.25 / 2, -0.5), (-15.0 - 365.25 / 4, 0.0)):
        assert forecast(yearly(24, peak)) == pytest.approx(expected, abs=0.1)


def test_a_season_is_not_foretold_from_half_a_year() -> None:
    # Six months down from a peak: what follows has never been seen, and zero is not far.
    falling = yearly(6, 180.0)
    assert falling[0] > 0.4 and falling[-1] < -0.4
    assert -0.4 < forecast(falling) < 0.2


def test_what_a_short_past_hides_does_not_come_again() -> None:
    # The windows a year before the coming one look lively only because the history had just
    # begun and their customers' silent past is missing.
    seasons = [1.0, 0.5, 0.3, *[0.0] * 9]
    pasts = [30.0 * (1 + k) for k in range(12)]
    told = forecast(seasons, past_days=pasts, past_now=390)
    assert abs(told) < forecast(seasons) / 2


def test_the_same_windows_in_another_order_give_the_same_forecast() -> None:
    closed = pd.DataFrame(
        {"season": [0.1, 0.4, -0.2], "share": 0.3, "customers": 500, "past_days": [90, 60, 30]},
        index=CUTOFF - pd.to_timedelta([30, 60, 90], unit="D"),
    )
    turned = closed.iloc[::-1]
    assert forecast_season(closed, CUTOFF, 30, 120) == forecast_season(turned, CUTOFF, 30, 120)
