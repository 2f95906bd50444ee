"""What the model would have said earlier, from what was known then and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from winback.intake.settling import read_orders
from winback.judging.backtesting import KEYS, Origins, backtest
from winback.params import TrainSettings
from winback.results.base import Fact
from winback.said.notebook import tell
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_snapshots
from winback.synthetic.shop import simulate_shop

HORIZON_DAYS = 60
HORIZON = pd.Timedelta(days=HORIZON_DAYS)
QUICK = TrainSettings(max_rounds=30, patience_rounds=10, threads=1)
OUTCOMES = ["returned", "orders_in_horizon", "net_spend_in_horizon", "days_to_return"]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Closed snapshots, each thirty days, of a shop big enough for trees at late origins."""
    shop = simulate_shop("fashion", 220, days=450, seed=11)
    intake = read_orders(shop.orders, tmp_path_factory.mktemp("shop"))
    first = intake.summary.first_day
    cutoffs = training_cutoffs(first, intake.cutoff, HORIZON_DAYS, every_days=30, most=9)
    snapshots = take_snapshots(
        intake.orders_path, cutoffs, horizon_days=HORIZON_DAYS, observed_until=intake.cutoff
    )
    return snapshots.closed()


def predictions(rows: pd.DataFrame, origins: int = 2, active_days: int = 120) -> pd.DataFrame:
    return backtest(
        rows, horizon_days=HORIZON_DAYS, active_days=active_days, origins=origins, settings=QUICK
    )


@pytest.fixture(scope="module")
def judged(rows: pd.DataFrame) -> pd.DataFrame:
    return predictions(rows)


def methods(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if name.startswith("p_")]


def test_each_origin_predicts_every_customer_it_had_once(
    rows: pd.DataFrame, judged: pd.DataFrame
) -> None:
    newest = sorted(rows["cutoff"].unique())[-2:]
    assert sorted(judged["cutoff"].unique()) == newest
    expected = rows[rows["cutoff"].isin(newest)].sort_values(["cutoff", "customer_id"])
    for key in KEYS:
        assert judged[key].tolist() == expected[key].tolist()
    assert set(judged["origin_kind"]) == {"time"}


def test_a_lag_leaves_out_what_closed_lately(rows: pd.DataFrame) -> None:
    """A model of thirty days ago had one window less, and knew of nothing else."""
    origin = rows["cutoff"].max()
    closed = rows["cutoff"] + HORIZON <= origin
    newest = rows.loc[closed, "cutoff"].max()

    def said(table: pd.DataFrame, origins: int | Origins) -> pd.DataFrame:
        return backtest(
            table, horizon_days=HORIZON_DAYS, active_days=120, origins=origins, settings=QUICK
        )

    lagging = said(rows, Origins(count=1, lag_days=30))
    without = said(rows[rows["cutoff"] != newest], 1)
    pd.testing.assert_frame_equal(lagging, without)
    assert not lagging.equals(said(rows, 1))


def test_every_method_gives_every_row_a_probability(judged: pd.DataFrame) -> None:
    assert {"p_lightgbm", "p_base_rate", "p_recency", "p_rfm", "p_logistic_rfm", "p_bgnbd"} <= set(
        methods(judged)
    )
    p = judged[methods(judged)].to_numpy()
    assert ((p >= 0) & (p <= 1)).all()


def test_recently_active_bought_within_the_given_days(rows: pd.DataFrame) -> None:
    last = rows.set_index(["customer_id", "cutoff"])["days_since_last_order"]
    newest = last.xs(rows["cutoff"].max(), level="cutoff").sort_index()
    limit = int(newest.sort_values().iloc[len(newest) // 2])  # somebody's very day
    table = predictions(rows, origins=1, active_days=limit)
    assert table["recently_active"].tolist() == (newest <= limit).tolist()


def test_one_time_buyers_had_a_single_purchase_before_the_cutoff(
    rows: pd.DataFrame, judged: pd.DataFrame
) -> None:
    orders = rows.set_index(["customer_id", "cutoff"])["orders_total"]
    keys = pd.MultiIndex.from_frame(judged[["customer_id", "cutoff"]])
    assert 0 < judged["one_time_buyer"].sum() < len(judged)
    assert judged["one_time_buyer"].tolist() == (orders.loc[keys] == 1).tolist()


def test_nobody_is_judged_by_an_outcome_that_an_offer_may_have_touched(
    rows: pd.DataFrame, judged: pd.DataFrame
) -> None:
    newest = rows["cutoff"].max()
    someone = judged.loc[judged["cutoff"] == newest, "customer_id"].iloc[5]
    treated = pd.DataFrame({"customer_id": [someone], "assigned_at": [newest], "arm": ["reminder"]})
    table = backtest(
        rows, horizon_days=HORIZON_DAYS, active_days=120, origins=1, settings=QUICK, treated=treated
    )
    everybody = set(judged.loc[judged["cutoff"] == newest, "customer_id"])
    assert set(table["customer_id"]) == everybody - {someone}


def test_labels_that_close_after_an_origin_do_not_change_its_predictions(
    rows: pd.DataFrame, judged: pd.DataFrame
) -> None:
    for origin in sorted(judged["cutoff"].unique()):
        spoiled = rows.copy()
        unseen = spoiled["cutoff"] + HORIZON > origin
        assert unseen.sum() > 0
        spoiled.loc[unseen, "returned"] = ~spoiled.loc[unseen, "returned"]
        spoiled.loc[unseen, "orders_in_horizon"] += 7
        spoiled.loc[unseen, "net_spend_in_horizon"] += 1000.0
        spoiled.loc[unseen, "days_to_return"] = 1
        again = predictions(spoiled)
        before, after = (t[t["cutoff"] == origin].reset_index(drop=True) for t in (judged, again))
        pd.testing.assert_frame_equal(before[methods(before)], after[methods(after)])
        assert (before["returned"] != after["returned"]).all()


def test_a_label_that_closes_at_the_origin_is_known_there(
    rows: pd.DataFrame, judged: pd.DataFrame
) -> None:
    # The counterpart: steps of 30 days and a horizon of 60, so one window closes at the origin.
    origin = judged["cutoff"].max()
    closing = rows["cutoff"] + HORIZON == origin
    assert closing.sum() > 0
    spoiled = rows.copy()
    spoiled.loc[closing, "returned"] = ~spoiled.loc[closing, "returned"]
    again = predictions(spoiled, origins=1)
    before = judged[judged["cutoff"] == origin].reset_index(drop=True)
    assert (before["p_lightgbm"] != again["p_lightgbm"]).mean() > 0.9
    assert (before["p_base_rate"] != again["p_base_rate"]).all()


def test_the_order_of_the_rows_does_not_matter(rows: pd.DataFrame, judged: pd.DataFrame) -> None:
    shuffled = rows.sample(frac=1, random_state=3, ignore_index=True)
    pd.testing.assert_frame_equal(predictions(shuffled), judged)


def test_an_origin_before_which_nothing_had_closed_is_left_out(rows: pd.DataFrame) -> None:
    cutoffs = sorted(rows["cutoff"].unique())
    # Cutoffs 1 to 3, thirty days apart: by the third, the window of the first had closed.
    table = predictions(rows[rows["cutoff"].isin(cutoffs[-3:])], origins=3)
    assert table["cutoff"].unique().tolist() == [cutoffs[-1]]


def test_more_origins_than_there_are_is_no_error(rows: pd.DataFrame) -> None:
    few = rows[rows["cutoff"] >= sorted(rows["cutoff"].unique())[-4]]
    assert len(predictions(few, origins=50)["cutoff"].unique()) == 2


def test_one_cutoff_is_judged_across_customers(rows: pd.DataFrame) -> None:
    only = rows[rows["cutoff"] == rows["cutoff"].max()]
    table = predictions(only)
    assert set(table["origin_kind"]) == {"customers"}
    assert table["customer_id"].tolist() == sorted(only["customer_id"])


def test_no_customer_is_predicted_from_their_own_label(rows: pd.DataFrame) -> None:
    only = rows[rows["cutoff"] == rows["cutoff"].max()].reset_index(drop=True)
    before = predictions(only)
    for place in (0, 1):
        spoiled = only.copy()
        spoiled.loc[place, "returned"] = not spoiled.loc[place, "returned"]
        after = predictions(spoiled)
        mine = (before["customer_id"] == only.loc[place, "customer_id"]).to_numpy()
        assert before.loc[mine, methods(before)].equals(after.loc[mine, methods(after)])
        # The other half did learn from it.
        assert not before[methods(before)].equals(after[methods(after)])


def test_nothing_closed_gives_an_empty_table(rows: pd.DataFrame) -> None:
    table = predictions(rows.head(0))
    assert len(table) == 0
    assert [*KEYS, "recently_active", "one_time_buyer", "origin_kind", "judged_days"] == list(
        table.columns
    )


def test_a_lonely_customer_cannot_be_judged(rows: pd.DataFrame) -> None:
    newest = rows[rows["cutoff"] == rows["cutoff"].max()]
    assert len(predictions(newest.head(1))) == 0


def test_pure_noise_is_predicted_at_chance(rows: pd.DataFrame) -> None:
    # Outcomes dealt out at random, the judged ones too: only a method that saw the labels it
    # is judged by could rank them.
    names = ["p_lightgbm", "p_logistic_rfm", "p_recency"]
    areas = []
    for seed in range(8):
        noise = rows.copy()
        dealt = np.random.default_rng(seed).permutation(len(noise))
        for name in OUTCOMES:
            noise[name] = noise[name].to_numpy()[dealt]
        table = predictions(noise, origins=1)
        returned = table["returned"].to_numpy()
        ranks = table[names].rank()[returned].sum()
        # Mann-Whitney: the chance that a returning customer is ranked above another.
        wins = ranks - returned.sum() * (returned.sum() + 1) / 2
        areas.append(wins / (returned.sum() * (~returned).sum()))
    mean = pd.concat(areas, axis=1).mean(axis=1)
    assert mean.between(0.45, 0.55).all(), mean.to_dict()


def test_progress_names_each_origin(rows: pd.DataFrame) -> None:
    told: list[Fact] = []
    backtest(
        rows, horizon_days=HORIZON_DAYS, active_days=120, origins=1, settings=QUICK,
        progress=told.append,
    )  # fmt: skip
    newest = rows["cutoff"].max()
    assert [tell(each) for each in told] == [f"judging the model as of {newest:%Y-%m-%d}"]
