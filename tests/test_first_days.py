"""Where the past is short, windows still open teach the first days of the horizon."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from winback.intake.settling import read_orders
from winback.judging.backtesting import backtest
from winback.learning.fit import fit_return_model
from winback.learning.model import ReturnModel
from winback.params import TrainSettings, check_params
from winback.results.judged import Verdict
from winback.said.notebook import tell
from winback.snapshots.plan import part_to_learn, training_cutoffs
from winback.snapshots.stored import StoredSnapshots
from winback.snapshots.walk import take_first_days, take_snapshots
from winback.stages.flow import run_history
from winback.synthetic.shop import Shop, simulate_shop

# 122 days of history and a horizon of 60: windows that have closed saw at most 62 of them, and
# windows of five weeks saw 87, two thirds.
DAYS, HORIZON_DAYS, PART_DAYS = 122, 60, 35
QUICK = TrainSettings(seeds=1, max_rounds=60, threads=1, lifetime_days=None)

Young = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def shop_of_four_months(seed: int) -> tuple[Shop, date]:
    shop = simulate_shop("groceries", 700, days=DAYS, seed=seed)
    first = pd.to_datetime(shop.orders["ordered_at"]).min().date()
    return shop, first + timedelta(days=DAYS)


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory) -> Young:
    """Closed snapshots, those of the horizon's first days, and the customers to be scored."""
    shop, cutoff = shop_of_four_months(seed=2)
    orders = read_orders(shop.orders, tmp_path_factory.mktemp("young")).orders_path
    first = cutoff - timedelta(days=DAYS)
    closed = training_cutoffs(first, cutoff, HORIZON_DAYS)
    past = take_snapshots(
        orders, [*closed, cutoff], horizon_days=HORIZON_DAYS, observed_until=cutoff
    )
    part = take_first_days(orders, first, cutoff, horizon_days=HORIZON_DAYS)
    return past.closed(), part, past.newest()


def fit(young: Young, first_days: pd.DataFrame | None) -> ReturnModel:
    rows, _, customers = young
    return fit_return_model(
        rows, cutoff=customers["cutoff"].iloc[0], horizon_days=HORIZON_DAYS,
        horizons_days=(14, 30, 45, 60), customers=customers, settings=QUICK, first_days=first_days,
    )  # fmt: skip


def test_a_third_of_the_past_can_be_learned_of_a_longer_horizon() -> None:
    assert part_to_learn(60, 122) == 35, "whole weeks of a third"
    assert part_to_learn(40, 122) == 40
    assert part_to_learn(90, 400) == 90, "windows of 90 days saw 310 of 400 days, enough"
    assert part_to_learn(90, 20) == 90, "six days teach nothing of ninety"


@pytest.mark.long
def test_stages_and_python_give_the_same_first_days(young: Young, tmp_path: Path) -> None:
    shop, cutoff = shop_of_four_months(seed=2)
    params = check_params({"snapshot": {"horizon_days": HORIZON_DAYS}, "train": {"seeds": 1}})
    run_history(shop.orders, tmp_path, params)
    folder = tmp_path / "orders"
    stored = StoredSnapshots(
        *(folder / f"{name}.parquet" for name in ("snapshots", "outcomes", "first_days"))
    )
    rows = stored.first_days(10**6)
    # The newest window of five weeks has just closed; a fourth of the room before it is 20 days,
    # two whole weeks.
    ages = [(cutoff - day.date()).days for day in sorted(rows["cutoff"].unique(), reverse=True)]
    assert ages == [35, 49, 63, 77, 91, 105]
    pd.testing.assert_frame_equal(rows, young[1], check_dtype=False)


@pytest.mark.long
def test_a_young_shop_is_judged_by_later_days_and_the_page_says_how_many(tmp_path: Path) -> None:
    shop = simulate_shop("fashion", 900, days=110, seed=3)
    params = check_params({"snapshot": {"horizon_days": 90}, "train": {"seeds": 1}})
    project = run_history(shop.orders, tmp_path, params)
    evaluation = json.loads((tmp_path / "evaluation.json").read_text())
    assert (evaluation["judged_on"], evaluation["horizon_days"]) == (["first_days"], 35)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", page).replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"dates the model had never seen.{0,200}within 35 days", text)
    verdict = Verdict.model_validate(project.json("evaluation")["verdict"])
    assert "the first 35 of 90 days" in tell(verdict)
    assert "pierwszych 35 z 90 dni" in tell(verdict, language="pl")
    # No rule of the first days may give the scores of the whole horizon.
    assert project.json("training")["rule"] is None


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3])
def test_chances_come_nearer_to_the_truth_than_from_closed_windows_alone(
    seed: int, tmp_path: Path
) -> None:
    shop, cutoff = shop_of_four_months(seed)
    params = check_params({"snapshot": {"horizon_days": HORIZON_DAYS}, "train": {"seeds": 1}})
    project = run_history(shop.orders, tmp_path, params)
    model = project.json("training")
    assert (model["kind"], model["learned_days"]) == ("blend", PART_DAYS)
    assert model["rows_of_part"] > 0
    scored = pd.read_parquet(tmp_path / "scores.parquet").set_index("customer_id")
    stored = tmp_path / "orders"
    truth = shop.true_return_probability(cutoff, HORIZON_DAYS).reindex(scored.index)
    past = take_snapshots(
        stored / "orders.parquet",
        [*training_cutoffs(cutoff - timedelta(days=DAYS), cutoff, HORIZON_DAYS), cutoff],
        horizon_days=HORIZON_DAYS, observed_until=cutoff,
    )  # fmt: skip
    without = fit_return_model(
        past.closed(), cutoff=pd.Timestamp(cutoff), horizon_days=HORIZON_DAYS,
        customers=past.newest(), settings=params.train, value=False,
    )  # fmt: skip
    expected = without.predict(past.newest()).set_index(past.newest()["customer_id"])["p_return"]

    def surprise(chances: pd.Series) -> float:
        p = chances.clip(1e-6, 1 - 1e-6)
        return float(-(truth * np.log(p) + (1 - truth) * np.log(1 - p)).mean())

    assert surprise(scored["p_return"]) < surprise(expected) - 0.004


def test_probabilities_never_fall_with_the_horizon_and_add_up(young: Young, tmp_path: Path) -> None:
    model, customers = fit(young, young[1]), young[2]
    assert model.carried is not None and model.carried.part_days == PART_DAYS
    told = model.predict(customers)
    chances = told[[f"p_return_{h}d" for h in (14, 30, 45, 60)]].to_numpy()
    assert (np.diff(chances, axis=1) >= 0).all()
    assert (told["p_return"] == told["p_return_60d"]).all()
    parts = model.contributions(customers).sum(axis=1).to_numpy()
    np.testing.assert_allclose(parts, model.log_odds(customers), atol=1e-9)
    model.save(tmp_path / "model.json")
    again = ReturnModel.load(tmp_path / "model.json")
    pd.testing.assert_frame_equal(again.predict(customers), told)
    assert again.version == model.version != fit(young, None).version


@pytest.mark.long
def test_what_comes_after_the_first_days_teaches_nothing(young: Young) -> None:
    rows = young[1]
    later = rows["days_to_return"] >= PART_DAYS
    unknown = rows.assign(days_to_return=rows["days_to_return"].mask(later))
    assert later.any()
    assert fit(young, unknown).version == fit(young, rows).version != fit(young, None).version
    # As long as the horizon, they are no part of it.
    whole = rows.assign(part_days=HORIZON_DAYS)
    assert fit(young, whole).version == fit(young, None).version


def test_a_backtest_sees_of_open_windows_what_its_origin_saw(tmp_path: Path) -> None:
    shop = simulate_shop("groceries", 300, days=180, seed=4)
    orders = read_orders(shop.orders, tmp_path)
    end = orders.cutoff
    cutoffs = [end - timedelta(days=HORIZON_DAYS + 9 * back) for back in range(11)]
    rows = take_snapshots(
        orders.orders_path, cutoffs, horizon_days=HORIZON_DAYS, observed_until=end
    ).closed()
    origin = pd.Timestamp(cutoffs[0])
    part_days = part_to_learn(HORIZON_DAYS, int(rows["days_since_first_order"].max()))
    assert part_days < HORIZON_DAYS, "so that this origin learns from windows open there"

    def judged(rows: pd.DataFrame) -> pd.Series:
        table = backtest(
            rows, horizon_days=HORIZON_DAYS, active_days=120, origins=1, settings=QUICK
        )
        return table["p_lightgbm"]

    expected = judged(rows)
    # All that happened from the origin on, in windows that were open there.
    was_open = (rows["cutoff"] < origin) & (
        rows["cutoff"] + pd.Timedelta(days=HORIZON_DAYS) > origin
    )
    unseen = was_open & (rows["days_to_return"] >= (origin - rows["cutoff"]).dt.days)
    changed = rows.copy()
    changed.loc[unseen, "days_to_return"] = np.nan
    changed.loc[was_open, "returned"] = ~changed.loc[was_open, "returned"]
    assert unseen.any()
    pd.testing.assert_series_equal(judged(changed), expected)
    # What had happened there does teach.
    changed = rows.copy()
    changed.loc[was_open, "days_to_return"] = np.nan
    assert not judged(changed).equals(expected)
