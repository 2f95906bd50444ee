"""What feasts do to a shop's purchases, as its days show it, and what the forecast makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import winback as wb
from canonical import line, write_orders
from winback.judging.foreseen import unforeseen
from winback.learning.feasts import Feasts, learn_feasts
from winback.snapshots.days import ShopDays
from winback.snapshots.festivals import easter, feasts_of

Times = Callable[[np.ndarray], np.ndarray]
EPOCH = date(1970, 1, 1)
CUTOFF = date(2025, 3, 1)
EASTERS = [easter(year) for year in range(2020, 2027)]


def number(day: date) -> int:
    return (day - EPOCH).days


def days_of(
    times: Times = lambda day: np.ones(len(day)),
    *, seed: int = 0, per_day: float = 10.0, start: date = date(2022, 1, 1), country: str = "PL",
    until: date = CUTOFF,
) -> ShopDays:  # fmt: skip
    """Purchases by chance, so many a day times what the calendar makes of it."""
    day = np.arange(number(start), number(until))
    rng = np.random.default_rng(seed)
    return ShopDays(day, rng.poisson(per_day * times(day)).astype(np.int64), country=country)


def around(days: list[date], before: int, after: int, times: float) -> Times:
    def found(day: np.ndarray) -> np.ndarray:
        result = np.ones(len(day))
        for when in map(number, days):
            result[(day >= when - before) & (day < when + after)] = times
        return result

    return found


def factor(feasts: Feasts, cutoff: date, days: int) -> float:
    """How many times the usual purchases a window has."""
    return float(feasts.counted([np.datetime64(cutoff)], days)[0]) / days


def test_dates_of_feasts() -> None:
    days = feasts_of("PL", 2024, 2025)
    assert days["easter"] == (date(2024, 3, 31), date(2025, 4, 20))
    assert days["corpus_christi"] == (date(2024, 5, 30), date(2025, 6, 19))
    assert days["mothers_day"] == (date(2024, 5, 26), date(2025, 5, 26))
    assert days["black_friday"] == (date(2024, 11, 29), date(2025, 11, 28))
    assert feasts_of("GR", 2024, 2025)["orthodox_easter"] == (date(2024, 5, 5), date(2025, 4, 20))
    assert feasts_of("GB", 2025, 2025)["mothers_day"] == (date(2025, 3, 30),)
    assert feasts_of("US", 2025, 2025)["fathers_day"] == (date(2025, 6, 15),)
    assert feasts_of("TR", 2024, 2025)["eid_al_fitr"] == (date(2024, 4, 10), date(2025, 3, 30))
    assert feasts_of("CN", 2024, 2024)["lunar_new_year"] == (date(2024, 2, 10),)
    assert feasts_of("IN", 2024, 2024)["diwali"] == (date(2024, 10, 31),)
    assert "easter" not in feasts_of("SA", 2024, 2024)


@pytest.mark.parametrize("times", [2.5, 6.0])
def test_a_feast_that_past_years_show_multiplies_a_window_that_holds_it(times: float) -> None:
    before = date(2025, 3, 31)
    for seed in range(3):
        found = learn_feasts(days_of(around(EASTERS, 21, 0, times), seed=seed), CUTOFF)
        assert [effect.name for effect in found.effects] == ["easter"]
        usual = factor(found, date(2025, 2, 20), 21)
        assert factor(found, before, 20) / usual == pytest.approx(times, rel=0.15)


def test_a_window_counts_the_days_that_lie_near_the_feast_alone() -> None:
    found = learn_feasts(days_of(around(EASTERS, 21, 0, 4.0)), CUTOFF)
    # Of 40 days, the last 20 lie in the three weeks before Easter.
    assert factor(found, date(2025, 3, 10), 41) == pytest.approx(2.5, rel=0.15)
    assert factor(found, date(2025, 7, 1), 30) == 1.0


def test_a_day_that_sells_and_one_on_which_nothing_is_sold() -> None:
    fridays = [feasts_of("PL", year, year)["black_friday"][0] for year in range(2022, 2026)]
    found = learn_feasts(
        days_of(around(fridays, 1, 3, 5.0), until=date(2025, 6, 1)), date(2025, 6, 1)
    )
    assert factor(found, date(2025, 11, 27), 4) == pytest.approx(5.0, rel=0.2)
    shut = learn_feasts(days_of(around(EASTERS, 7, 7, 0.2)), CUTOFF)
    assert factor(shut, date(2025, 4, 13), 14) == pytest.approx(0.2, abs=0.1)


@pytest.mark.parametrize("shop", ["flat", "growing", "weekly", "bursts", "small", "summer"])
def test_a_shop_without_an_effect_gets_exactly_nothing(shop: str) -> None:
    rng = np.random.default_rng(7)

    def times(day: np.ndarray) -> np.ndarray:
        if shop == "growing":
            return np.exp(0.7 * (day - day[0]) / 365)
        if shop == "weekly":
            return np.array([1, 1, 1, 1, 1.5, 0.2, 0.0])[(day + 3) % 7]
        if shop == "bursts":
            return np.repeat(np.exp(rng.normal(0, 0.3, len(day) // 7 + 1)), 7)[: len(day)]
        if shop == "summer":
            return np.exp(0.5 * np.cos(2 * np.pi * (day - 195) / 365.25))
        return np.full(len(day), 0.15 if shop == "small" else 1.0)

    for seed in range(12):
        found = learn_feasts(days_of(times, seed=seed), CUTOFF)
        assert (found.effects, found.unsteady) == ((), ())
        assert factor(found, date(2025, 4, 1), 30) == 1.0


def test_one_great_year_is_not_what_every_year_has() -> None:
    for seed in range(3):
        one = around([date(2023, 4, 9)], 21, 0, 5.0)
        assert not learn_feasts(days_of(one, seed=seed), CUTOFF).effects


def test_what_comes_later_changes_nothing() -> None:
    known = days_of(around(EASTERS, 21, 0, 4.0))
    longer = days_of(around(EASTERS, 21, 0, 9.0), until=date(2026, 1, 1))
    longer.orders[: len(known.day)] = known.orders
    ours, theirs = learn_feasts(known, CUTOFF), learn_feasts(longer, CUTOFF)
    assert ours == theirs and len(ours.effects) == 1
    later = date(2026, 1, 1)
    assert learn_feasts(longer, later).effects != ours.effects


def test_closed_days_are_no_effect_of_a_feast() -> None:
    easters = around([date(2024, 3, 31)], 40, 40, 0.0)
    found = learn_feasts(days_of(easters), CUTOFF)
    assert found.effects == () and factor(found, date(2025, 4, 1), 30) == 1.0


def test_ramadan_counts_where_the_country_has_it() -> None:
    eids = list(feasts_of("TR", 2022, 2025)["eid_al_fitr"])
    there, elsewhere = (
        learn_feasts(days_of(around(eids, 28, 0, 3.0), country=country), CUTOFF)
        for country in ("TR", "PL")
    )
    assert factor(there, date(2025, 3, 3), 26) == pytest.approx(3.0, rel=0.15)
    assert not any("eid" in effect.name for effect in elsewhere.effects)


# --- what no year has shown ---------------------------------------------------------------------

ROWS = pd.DataFrame(
    {
        "cutoff": pd.to_datetime(["2024-01-01"] * 10 + ["2024-02-01"] * 10),
        "returned": [True] * 10 + [True, False] * 5,
        "net_spend_in_horizon": [0.0] * 10 + [200.0, 0.0] * 5,
    }
)


def concerns(days: ShopDays, cutoff: date, horizon_days: int) -> dict[str, wb.Concern]:
    customers = pd.DataFrame({"cutoff": [pd.Timestamp(cutoff)] * 1000})
    found = unforeseen(ROWS, customers, days, learn_feasts(days, cutoff), horizon_days)
    return {each.code + (f" {each.feast}" if each.feast else ""): each for each in found}


def test_a_first_christmas_is_a_doubt_with_its_size_in_the_shops_trade() -> None:
    cutoff = date(2024, 11, 25)
    young = days_of(start=date(2024, 2, 1), until=cutoff)
    found = concerns(young, cutoff, 30)
    assert list(found) == ["feast_unseen christmas", "feast_unseen black_friday"]
    values = found["feast_unseen christmas"].values
    # Half returned, each of the ten spent 100 in the mean.
    more = 1000 * (1 - 0.5**1.1 - 0.5)
    assert values["day"] == date(2024, 12, 24) and values["customers"] == round(more)
    assert values["money"] == pytest.approx(0.1 * 100 * 1000)
    for language, name in (("en", "Christmas"), ("pl", "Boże Narodzenie")):
        assert name in wb.tell(found["feast_unseen christmas"], language=language)
    # Whom two years have shown that nothing happens, or that it does, is not warned.
    assert concerns(days_of(start=date(2022, 1, 1), until=cutoff), cutoff, 30) == {}
    # Nor long before.
    assert (
        concerns(days_of(start=date(2024, 1, 1), until=date(2024, 9, 1)), date(2024, 9, 1), 30)
        == {}
    )


def test_a_movable_feast_seen_once_is_followed_and_said() -> None:
    once = days_of(around(EASTERS, 21, 0, 5.0), start=date(2023, 10, 1))
    out, held = (concerns(once, CUTOFF, days) for days in (28, 50))
    assert list(out) == ["feast_once easter"] == list(held)
    assert out["feast_once easter"].values["day"] in (date(2024, 3, 31), date(2025, 4, 20))
    # In summer it stands in no window.
    assert not concerns(once, CUTOFF, 10).keys() - {"feast_once easter"}
    flat = days_of(start=date(2023, 10, 1))
    assert concerns(flat, CUTOFF, 28) == {}


def test_a_rise_that_no_year_has_shown_is_said_and_one_that_comes_every_year_is_not() -> None:
    new = around([CUTOFF], 14, 0, 2.0)
    found = concerns(days_of(new), CUTOFF, 28)
    assert list(found) == ["rise"]
    assert found["rise"].values["times"] == pytest.approx(2.0, rel=0.15)
    assert "1,74 raza" in wb.tell(found["rise"], language="pl")
    yearly = around([date(year, 3, 1) for year in (2023, 2024, 2025)], 14, 0, 2.0)
    assert "rise" not in concerns(days_of(yearly), CUTOFF, 28)
    for seed in range(10):
        assert concerns(days_of(seed=seed, per_day=0.8), CUTOFF, 28) == {}


def test_an_easter_in_last_years_window_does_not_mislead_this_years(tmp_path: Path) -> None:
    """Foretold over came, where last year's weeks held Easter and where only this year's do."""
    rng = np.random.default_rng(3)
    day = np.arange(number(date(2022, 6, 1)), number(date(2025, 4, 25)))
    mean = rng.gamma(2.0, 1 / 120, 300)[:, None] * around(EASTERS, 21, 0, 5.0)(day)
    who, when = np.nonzero(rng.poisson(mean))
    bought = day[when].astype("M8[D]").astype(object)
    path = write_orders(
        tmp_path / "orders.parquet",
        [
            line(f"c{c}", f"{d}T12:00", 1000, order_id=str(k))
            for k, (c, d) in enumerate(zip(who, bought, strict=True))
        ],
    )
    for cutoff, horizon in ((date(2025, 3, 1), 28), (date(2025, 3, 31), 20)):
        cutoffs = wb.training_cutoffs(date(2022, 6, 1), cutoff, horizon, most=14)
        options = {"horizon_days": horizon, "observed_until": cutoff}
        taken = wb.take_snapshots(path, [*cutoffs, cutoff], **options)
        after = wb.take_snapshots(path, [cutoff], horizon_days=horizon).closed()
        model = wb.fit_return_model(
            taken.closed(), cutoff=cutoff, horizon_days=horizon, customers=taken.newest(),
            horizons_days=(7,), days=wb.shop_days(path, cutoff), value=False,
            settings={"seeds": 1, "threads": 1},
        )  # fmt: skip
        told, came = model.predict(taken.newest()), after["days_to_return"]
        assert told["p_return"].sum() == pytest.approx(after["returned"].sum(), rel=0.2)
        assert told["p_return_7d"].sum() == pytest.approx((came < 7).sum(), rel=0.3)
