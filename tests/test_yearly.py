"""Who buys once a year, in their own season, is neither lost nor due too soon in between."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from winback.params import check_params
from winback.stages.flow import run_history

CUTOFF = "2024-11-25"


def purchases() -> pd.DataFrame:
    """Customers of each kind: what their id begins with."""
    draw = np.random.default_rng(8)
    rows: list[tuple[str, pd.Timestamp]] = []
    for i in range(60):
        day = pd.Timestamp("2021-01-04") + pd.Timedelta(days=i)
        while day < pd.Timestamp(CUTOFF):
            rows.append((f"monthly{i:02d}", day))
            day += pd.Timedelta(days=int(draw.integers(20, 41)))
        for year in (2020, 2021, 2022, 2023):
            there = pd.Timestamp(year, 12, int(draw.integers(8, 21)))
            rows.append((f"december{i:02d}", there))
            rows.append((f"twice{i:02d}", there))
            rows.append((f"twice{i:02d}", there + pd.Timedelta(days=4)))
    for year, month in ((2022, 11), (2023, 11), (2021, 6), (2022, 6)):
        rows.append(("tyres" if month == 11 else "missed", pd.Timestamp(year, month, 3)))
    # Weekly for two years, with a year's pause in between: no season at all.
    for week in range(104):
        pause = 52 if week >= 52 else 0
        rows.append(("paused", pd.Timestamp("2021-06-01") + pd.Timedelta(weeks=week + pause)))
    rows += [("spring", pd.Timestamp(2022, 3, 1)), ("spring", pd.Timestamp(2023, 9, 1))]
    table = pd.DataFrame(rows, columns=["customer_id", "order_date"])
    table = table[table["order_date"] < CUTOFF].assign(amount=25.0)
    table["order_id"] = [f"o{k}" for k in range(len(table))]
    return table.assign(order_date=table["order_date"].dt.strftime("%Y-%m-%d"))


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    params: dict[str, Any] = {
        "ingest": {"cutoff": CUTOFF},
        "snapshot": {"horizon_days": 30},
        "train": {
            "seeds": 1, "threads": 1, "max_rounds": 20, "lifetime_days": None, "horizons_days": [],
        },
        "evaluate": {"origins": 1, "resamples": 10},
    }  # fmt: skip
    out = tmp_path_factory.mktemp("yearly")
    run_history(purchases(), out, check_params(params))
    return pd.read_parquet(out / "scores.parquet").set_index("customer_id")


def of_kind(scores: pd.DataFrame, kind: str) -> pd.DataFrame:
    return scores[scores.index.str.startswith(kind)]


def test_a_yearly_buyer_is_due_in_the_own_season(scores: pd.DataFrame) -> None:
    for kind in ("december", "twice"):
        due = of_kind(scores, kind)["expected_next_order_on"]
        assert due.notna().all()
        assert set(due.map(lambda day: (day.year, day.month))) == {(2024, 12)}
    # Their day lies between the first and the last one's, by the days of the year.
    one = of_kind(scores, "december").iloc[0]
    first, last = (one[f"{name}_order_on"].timetuple().tm_yday for name in ("first", "last"))
    assert one["expected_next_order_on"].timetuple().tm_yday == pytest.approx(
        (first + last) / 2, abs=1.5
    )


def test_a_yearly_buyer_is_not_called_lost_before_the_season_is_over(scores: pd.DataFrame) -> None:
    assert set(of_kind(scores, "december")["segment"]) == {"seasonal"}
    assert set(of_kind(scores, "twice")["segment"]) <= {"seasonal", "loyal"}
    # 3 November has passed, with no honest date to give, but the season has not.
    assert scores.loc["tyres", "segment"] == "seasonal"
    assert scores.loc["tyres", "expected_next_order_on"] is None
    # Two summers bought, two missed: gone like anybody else.
    assert scores.loc["missed", "segment"] == "hibernating"


def test_neither_a_pause_of_a_year_nor_two_seasons_make_a_yearly_buyer(
    scores: pd.DataFrame,
) -> None:
    assert scores.loc["paused", "segment"] != "seasonal"
    assert scores.loc["spring", "segment"] != "seasonal"
    assert not of_kind(scores, "monthly")["segment"].eq("seasonal").any()


def test_the_reason_names_the_season(scores: pd.DataFrame) -> None:
    one = of_kind(scores, "december")
    days = (date.fromisoformat(CUTOFF) - one["last_order_on"].iloc[0]).days
    said = one[["reason_1", "reason_2", "reason_3"]].iloc[0].str.cat(sep="; ")
    assert f"last order {days} days ago; buys every year" in said
    assert "December, so far in 4 years" in said
    polish = one[["reason_1_pl", "reason_2_pl", "reason_3_pl"]].iloc[0].str.cat(sep="; ")
    assert "kupuje co roku" in polish and "grudnia, dotąd w 4 latach" in polish
