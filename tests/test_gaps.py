"""Times without a shop: found by the shop's own days, and neither taught by nor judged by."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from canonical import line, write_orders
from winback.intake.settling import read_orders
from winback.judging.backtesting import backtest
from winback.judging.evidence import judge_evidence
from winback.learning.fit import fit_return_model
from winback.params import check_params
from winback.project import FOLDER, Project
from winback.results.learned import Evidence
from winback.said.notebook import tell
from winback.snapshots.days import ShopDays, overlapping, shop_days
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_snapshots
from winback.stages.ingest import ingest
from winback.stages.snapshot import snapshot
from winback.stages.stored import customers as customers_of
from winback.stages.stored import stored
from winback.tables.outcomes import SHOP_DAYS as SHOP_DAYS_TABLE

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


# --- what gaps and weekdays do to a forecast ------------------------------------------------------

SHOP_DAYS = 560
CUTOFF = FIRST + timedelta(days=SHOP_DAYS)


def bought(open_on: np.ndarray, *, seed: int = 1, customers: int = 900) -> pd.DataFrame:
    """Orders of customers with steady rates, a part of whom leave, on the days the shop is open."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, SHOP_DAYS - 60, customers)
    leaves = start + rng.exponential(700, customers)
    rate = rng.gamma(1.5, 1 / 45, customers)
    days = np.arange(len(open_on))
    there = (days >= start[:, None]) & (days < leaves[:, None])
    first = days == start[:, None]
    came = there & (first | (rng.random(there.shape) < rate[:, None])) & (open_on > 0)
    customer, place = np.nonzero(came)
    return pd.DataFrame({
        "customer_id": [f"c{number:04d}" for number in customer],
        "order_id": np.arange(len(place)).astype(str),
        "ordered_at": pd.Timestamp(FIRST) + pd.to_timedelta(place * 24 + 12, unit="h"),
        "amount": rng.gamma(2.0, 15.0, len(place)).round(2) + 1,
    })  # fmt: skip


class Trial(NamedTuple):
    ratio: float  # foretold over came
    came: int
    evidence: Evidence
    cutoffs: list[date]


def foretold_over_came(
    orders: pd.DataFrame, folder: Path, *, horizon_days: int, cutoff: date = CUTOFF, **given: int
) -> Trial:
    """What the stages make of the orders before the cutoff, against the orders after it."""
    params = check_params({
        "ingest": {"cutoff": cutoff}, "snapshot": {"horizon_days": horizon_days, **given},
        "train": {"seeds": 1, "threads": 1, "lifetime_days": None, "horizons_days": []},
    })  # fmt: skip
    before = orders["ordered_at"] < pd.Timestamp(cutoff)
    project = Project(params, root=folder, layout=FOLDER, source=orders[before])
    ingest(project)
    snapshot(project)
    rows, scored = stored(project).closed(10**6), customers_of(project)
    days = ShopDays.from_frame(project.frame("shop_days", SHOP_DAYS_TABLE))
    model = fit_return_model(
        rows, cutoff=cutoff, horizon_days=horizon_days, customers=scored, settings=params.train,
        first_days=stored(project).first_days(10**6), days=days, value=False,
    )  # fmt: skip
    until = pd.Timestamp(cutoff) + pd.Timedelta(days=horizon_days)
    later = orders[~before & (orders["ordered_at"] < until)]
    came = int(scored["customer_id"].isin(later["customer_id"]).sum())
    return Trial(
        float(model.predict(scored)["p_return"].sum()) / max(came, 1), came,
        judge_evidence(rows, scored, horizon_days=horizon_days, days=days),
        [each.date() for each in sorted(rows["cutoff"].unique())],
    )  # fmt: skip


def open_but(*spans: tuple[int, int]) -> np.ndarray:
    return closed(1.0, *spans, days=SHOP_DAYS + 60)


@pytest.mark.parametrize(
    ("span", "horizon_days"),
    [
        ((SHOP_DAYS - 14 - 91, SHOP_DAYS - 14), 30),
        ((SHOP_DAYS - 200, SHOP_DAYS - 110), 30),
        ((SHOP_DAYS - 365, SHOP_DAYS - 335), 30),
        ((SHOP_DAYS - 30, SHOP_DAYS), 30),
    ],
    ids=["closed a quarter until two weeks ago", "reopened", "a month missing a year ago",
         "closed until the cutoff"],
)  # fmt: skip
def test_a_forecast_takes_no_gap_for_customers_who_left(
    span: tuple[int, int], horizon_days: int, tmp_path: Path
) -> None:
    found = foretold_over_came(bought(open_but(span)), tmp_path, horizon_days=horizon_days)
    assert 0.8 <= found.ratio <= 1.25
    last = span[1] == SHOP_DAYS
    concern = next(c for c in found.evidence.concerns if c.code == ("gap_now" if last else "gap"))
    assert (concern.values["first"], concern.values["last"]) == (day(span[0]), day(span[1] - 1))
    assert "without orders" in tell(concern) or "has no orders" in tell(concern)
    assert "zamówień" in tell(concern, language="pl")


@pytest.mark.parametrize("horizon_days", [1, 3, 10])
def test_a_shop_of_weekdays_is_foretold_from_a_saturday(horizon_days: int, tmp_path: Path) -> None:
    weekdays = (np.arange(SHOP_DAYS + 60) % 7 < 5).astype(float)
    saturday = CUTOFF + timedelta(days=5 - CUTOFF.weekday())
    found = foretold_over_came(
        bought(weekdays), tmp_path, horizon_days=horizon_days, cutoff=saturday
    )
    assert {each.weekday() for each in found.cutoffs} == {5}
    assert not {"gap", "gap_now", "weekdays"} & {c.code for c in found.evidence.concerns}
    if horizon_days == 1:
        assert found.came == 0 and found.ratio < 1
    else:
        # Of few orders chance alone makes more or fewer.
        assert abs(found.ratio - 1) * found.came < 3 * np.sqrt(found.came) + 0.1 * found.came


@pytest.mark.long
def test_steps_that_turn_weekdays_are_obeyed_and_doubted(tmp_path: Path) -> None:
    weekdays = (np.arange(SHOP_DAYS + 60) % 7 < 5).astype(float)
    saturday = CUTOFF + timedelta(days=5 - CUTOFF.weekday())
    orders = bought(weekdays)
    found = foretold_over_came(
        orders, tmp_path / "ten", horizon_days=3, cutoff=saturday, every_days=10
    )
    assert {(b - a).days for a, b in pairwise(found.cutoffs)} == {10}
    concern = next(c for c in found.evidence.concerns if c.code == "weekdays")
    assert concern.values["orders"] > concern.values["coming"] > 0
    assert "every_days a multiple of 7" in tell(concern)
    # Whole weeks hold every weekday wherever they begin.
    found = foretold_over_came(
        orders, tmp_path / "week", horizon_days=7, cutoff=saturday, every_days=10
    )
    assert "weekdays" not in {c.code for c in found.evidence.concerns}


def test_where_every_window_has_a_gap_all_are_kept_and_doubted(tmp_path: Path) -> None:
    # Every third fortnight is missing: a window of 60 days cannot miss all of them.
    gaps = [(begin, begin + 14) for begin in range(70, SHOP_DAYS - 20, 56)]
    found = foretold_over_came(bought(open_but(*gaps)), tmp_path, horizon_days=60)
    codes = [c.code for c in found.evidence.concerns]
    assert "gap_everywhere" in codes and "gap" not in codes
    assert found.evidence.closed_windows == len(found.cutoffs) > 0


def test_a_gap_neither_teaches_nor_judges_a_backtest(tmp_path: Path) -> None:
    orders = bought(open_but((300, 345)), customers=200)
    path = read_orders(orders, tmp_path, cutoff=CUTOFF).orders_path
    cutoffs = [*training_cutoffs(FIRST, CUTOFF, 30, every_days=35, most=10), CUTOFF]
    rows = take_snapshots(path, cutoffs, horizon_days=30, observed_until=CUTOFF).closed()
    days = shop_days(path, CUTOFF)
    hit = overlapping(days.gaps, cutoffs[:-1], 30)
    quick = {"seeds": 1, "max_rounds": 10, "threads": 1}
    asked = {"horizon_days": 30, "active_days": 60, "origins": 40, "settings": quick}
    judged = backtest(rows, days=days, **asked)
    judges = {each.date() for each in judged["cutoff"].unique()}
    assert hit and not judges & set(hit)
    # What lies in a gap may say anything.
    touched = rows["cutoff"].isin(pd.to_datetime(hit))
    other = rows.assign(returned=rows["returned"] ^ touched)
    after = max(hit) + timedelta(days=40)
    again = backtest(other, days=days, **asked)
    kept = judged["cutoff"] >= pd.Timestamp(after)
    assert kept.any()
    pd.testing.assert_series_equal(
        judged.loc[kept, "p_lightgbm"], again.loc[kept, "p_lightgbm"], check_index=True
    )
