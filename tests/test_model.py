"""One return model: coherent, honest, reproducible, and no better than the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from winback.errors import WinbackError
from winback.intake.settling import read_orders
from winback.learning.fit import fit_return_model
from winback.learning.model import ReturnModel
from winback.learning.treated import untreated_days
from winback.learning.trees import Binned
from winback.params import TrainSettings
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.stored import Snapshots
from winback.snapshots.walk import take_snapshots
from winback.synthetic.shop import Shop, simulate_shop

HORIZON_DAYS = 60
HORIZONS_DAYS = (7, 14, 30, 60, 90, 180, 600)
QUICK = TrainSettings(seeds=2, max_rounds=60, patience_rounds=10, step_rounds=10, threads=1)
OUTCOMES = ["returned", "orders_in_horizon", "net_spend_in_horizon", "days_to_return"]


def snapshots_of(
    shop: Shop, folder: Path, horizon_days: int = HORIZON_DAYS, every_days: int = 60
) -> Snapshots:
    """Snapshots of a shop at its end, and at all earlier cutoffs ``every_days`` apart."""
    intake = read_orders(shop.orders, folder)
    first = intake.summary.first_day
    earlier = training_cutoffs(
        first, intake.cutoff, horizon_days, every_days=every_days, most=20, over_days=900
    )
    return take_snapshots(
        intake.orders_path, [*earlier, intake.cutoff], horizon_days=horizon_days,
        observed_until=intake.cutoff,
    )  # fmt: skip


@pytest.fixture(scope="module")
def fashion(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    shop = simulate_shop("fashion", 500, days=540, seed=1)
    return snapshots_of(shop, tmp_path_factory.mktemp("fashion"))


def fit(
    rows: pd.DataFrame,
    cutoff: pd.Timestamp,
    settings: TrainSettings = QUICK,
    customers: pd.DataFrame | None = None,
) -> ReturnModel:
    return fit_return_model(
        rows, cutoff=cutoff, customers=customers, horizon_days=HORIZON_DAYS,
        horizons_days=HORIZONS_DAYS, settings=settings,
    )  # fmt: skip


@pytest.fixture(scope="module")
def customers(fashion: Snapshots) -> pd.DataFrame:
    """Snapshots of the newest cutoff: those to be scored."""
    return fashion.newest()


@pytest.fixture(scope="module")
def model(fashion: Snapshots, customers: pd.DataFrame) -> ReturnModel:
    fitted = fit(fashion.closed(), customers["cutoff"].iloc[0], customers=customers)
    assert fitted.kind == "blend"
    return fitted


@pytest.fixture(scope="module")
def regression(fashion: Snapshots) -> ReturnModel:
    """The model of the shop's first months, when it had too few rows for trees."""
    rows = fashion.closed()
    third = sorted(rows["cutoff"].unique())[2]
    fitted = fit(rows[rows["cutoff"] < third], third)
    assert fitted.kind == "regression"
    return fitted


def stored(model: ReturnModel, folder: Path, name: str = "model.json") -> bytes:
    model.save(folder / name)
    return (folder / name).read_bytes()


def losses(p: NDArray[np.float64], returned: NDArray[np.bool_]) -> NDArray[np.float64]:
    held = np.clip(p, 1e-6, 1 - 1e-6)
    return -np.where(returned, np.log(held), np.log(1 - held))


def log_loss(p: NDArray[np.float64], returned: NDArray[np.bool_]) -> float:
    return float(losses(p, returned).mean())


def area(p: NDArray[np.float64], returned: NDArray[np.bool_]) -> float:
    """ROC AUC, as the chance that a returning customer is ranked above another."""
    wins = pd.Series(p).rank()[returned].sum() - returned.sum() * (returned.sum() + 1) / 2
    return float(wins / (returned.sum() * (~returned).sum()))


# ---------------------------------------------------------------- horizons that agree


@pytest.mark.long
@pytest.mark.parametrize("cutoff", [date(2024, 10, 2), date(2024, 12, 1)])
def test_shorter_and_longer_horizons_follow_the_season(tmp_path: Path, cutoff: date) -> None:
    """In a shop of gifts few of a window's customers come in October, and most in December."""
    shop = simulate_shop("gifts", 2500, days=1000, seed=0)
    orders = read_orders(shop.orders, tmp_path, cutoff=shop.end).orders_path
    first = date(2023, 1, 1)
    days = [*training_cutoffs(first, cutoff, 90), cutoff]
    taken = take_snapshots(orders, days, horizon_days=90, observed_until=cutoff)
    customers = taken.newest()
    fitted = fit_return_model(
        taken.closed(), cutoff=pd.Timestamp(cutoff), customers=customers, horizon_days=90,
        horizons_days=(30, 180), settings=QUICK, value=False,
    )  # fmt: skip
    expected = fitted.predict(customers).mean()
    later = take_snapshots(orders, [cutoff], horizon_days=180, observed_until=shop.end).closed()
    wait = later["days_to_return"].to_numpy(np.float64, na_value=np.inf)
    for days_ahead in (30, 180):
        came = float((wait < days_ahead).mean())
        assert came / 1.35 < expected[f"p_return_{days_ahead}d"] < came * 1.35


def test_every_horizon_has_a_chance_where_nobody_or_everybody_returned(
    fashion: Snapshots, customers: pd.DataFrame
) -> None:
    rows = fashion.closed()
    for wait in (np.nan, 3.0):
        told = rows.assign(returned=wait == wait, days_to_return=wait)
        p = fit(told, customers["cutoff"].iloc[0], customers=customers).predict(customers)
        known = p[[f"p_return_{h}d" for h in HORIZONS_DAYS if h <= 180]]
        assert known.notna().all(axis=None)
        assert (np.diff(known.to_numpy(), axis=1) >= 0).all()


def test_a_model_is_learned_where_nobody_is_to_be_scored(fashion: Snapshots) -> None:
    rows = fashion.closed()
    cutoff = rows["cutoff"].max() + pd.Timedelta(days=HORIZON_DAYS)
    assert fit(rows, cutoff, customers=rows.head(0)).kind == "blend"


def test_probabilities_never_fall_with_the_horizon(
    model: ReturnModel, regression: ReturnModel, customers: pd.DataFrame
) -> None:
    for fitted in (model, regression):
        p = fitted.predict(customers)
        closed = [h for h in HORIZONS_DAYS if p[f"p_return_{h}d"].notna().all()]
        assert closed[:4] == [7, 14, 30, 60]
        ladder = p[[f"p_return_{h}d" for h in closed]].to_numpy()
        assert (np.diff(ladder, axis=1) >= 0).all()
        assert ((ladder > 0) & (ladder < 1)).all()


def test_the_main_probability_is_that_of_the_main_horizon(
    model: ReturnModel, customers: pd.DataFrame
) -> None:
    p = model.predict(customers)
    assert p["p_return"].equals(p["p_return_60d"].rename("p_return"))
    expected = 1 / (1 + np.exp(-model.log_odds(customers)))
    np.testing.assert_allclose(p["p_return"], expected, rtol=1e-12)


def test_a_horizon_is_null_when_none_of_its_length_had_closed(
    model: ReturnModel, regression: ReturnModel, customers: pd.DataFrame
) -> None:
    p = model.predict(customers)
    # 540 days of history: windows of 180 days have closed, none of 600.
    assert p["p_return_180d"].notna().all()
    assert p["p_return_600d"].isna().all()
    # Four months after the first cutoff no window of 180 days has.
    assert regression.predict(customers)["p_return_180d"].isna().all()


def test_each_horizon_is_near_the_share_that_returns_in_it(
    fashion: Snapshots, model: ReturnModel, customers: pd.DataFrame
) -> None:
    rows = fashion.closed()
    recent = rows[rows["cutoff"] >= sorted(rows["cutoff"].unique())[-2]]
    p = model.predict(customers).mean()
    for h in (7, 30):
        share = (recent["days_to_return"] < h).mean()
        assert p[f"p_return_{h}d"] == pytest.approx(share, rel=0.35)


# ---------------------------------------------------------------- explanations


def test_contributions_add_up_to_the_log_odds(
    model: ReturnModel, regression: ReturnModel, customers: pd.DataFrame
) -> None:
    for fitted in (model, regression):
        parts = fitted.contributions(customers)
        assert list(parts.index) == list(customers.index)
        np.testing.assert_allclose(parts.sum(axis=1), fitted.log_odds(customers), rtol=0, atol=1e-9)


def test_trees_begin_from_the_level_and_from_halfway_on_the_regression(
    model: ReturnModel, customers: pd.DataFrame
) -> None:
    assert model.trees is not None and model.linear is not None
    assert len(model.trees.boosters) == 2 * QUICK.seeds
    halves = [
        replace(model, trees=replace(model.trees, boosters=part))
        for part in (model.trees.boosters[: QUICK.seeds], model.trees.boosters[QUICK.seeds :])
    ]
    regression = model.linear.log_odds(customers, model.season)
    # What starts from the level has to learn what the regression knows; halfway, half of it is
    # there, so that the trees themselves follow it less.
    from_level, from_halfway = (
        np.corrcoef(half.trees.margin(customers, 1), regression)[0, 1]
        for half in halves
        if half.trees is not None
    )
    assert from_level > from_halfway > 0


def test_many_rows_take_one_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = some_customers(400, lambda i: i % 3 == 0)
    target, offset = rows["returned"].to_numpy(float), np.zeros(len(rows))
    grown = Binned(rows, QUICK).boost(target, offset, 3, seeds=2)
    assert len(grown) == 2
    monkeypatch.setattr("winback.learning.trees._MANY_ROWS", 400)
    assert Binned(rows, QUICK).boost(target, offset, 3, seeds=2) == grown[:1]


def test_parts_of_binned_rows_teach_like_rows_of_their_own() -> None:
    rows = some_customers(600, lambda i: i % 3 == 0)
    target = rows["returned"].to_numpy(float)
    among = np.arange(600) < 400
    part = Binned(rows, QUICK).boost(target[among], np.zeros(400), 5, among=among)
    alone = Binned(rows[among], QUICK).boost(target[among], np.zeros(400), 5)
    # Made-up columns repeat every few rows, so that both have the same bins.
    assert part == alone


def test_contributions_are_named_by_snapshot_columns(
    model: ReturnModel, regression: ReturnModel, customers: pd.DataFrame
) -> None:
    for fitted in (model, regression):
        names = set(fitted.contributions(customers).columns)
        assert names - {"offset"} <= set(customers.columns)
        assert "days_since_last_order" in names


# ---------------------------------------------------------------- the same, again


def test_a_model_saved_and_loaded_predicts_the_same(
    model: ReturnModel, regression: ReturnModel, customers: pd.DataFrame, tmp_path: Path
) -> None:
    for fitted in (model, regression):
        first = stored(fitted, tmp_path)
        again = ReturnModel.load(tmp_path / "model.json")
        pd.testing.assert_frame_equal(
            again.predict(customers), fitted.predict(customers), check_exact=True
        )
        pd.testing.assert_frame_equal(
            again.contributions(customers), fitted.contributions(customers), check_exact=True
        )
        assert stored(again, tmp_path, "again.json") == first
        assert again.version == fitted.version


def test_equal_rows_give_equal_bytes_on_one_thread_and_two(
    fashion: Snapshots, model: ReturnModel, customers: pd.DataFrame, tmp_path: Path
) -> None:
    expected = stored(model, tmp_path)
    for threads in (1, 2):
        settings = QUICK.model_copy(update={"threads": threads})
        again = fit(fashion.closed(), customers["cutoff"].iloc[0], settings, customers)
        assert stored(again, tmp_path) == expected
        pd.testing.assert_frame_equal(
            again.predict(customers), model.predict(customers), check_exact=True
        )


def test_the_order_of_the_rows_does_not_matter(
    fashion: Snapshots, model: ReturnModel, customers: pd.DataFrame, tmp_path: Path
) -> None:
    rows, others = (t.sample(frac=1, random_state=3) for t in (fashion.closed(), customers))
    again = fit(rows, customers["cutoff"].iloc[0], customers=others)
    assert stored(again, tmp_path) == stored(model, tmp_path, "expected.json")


def test_a_row_is_scored_alike_alone_and_among_others(
    model: ReturnModel, customers: pd.DataFrame
) -> None:
    together = model.predict(customers)
    some = customers.iloc[[17, 3]]
    pd.testing.assert_frame_equal(model.predict(some), together.loc[some.index])


def test_a_sample_of_rows_is_drawn_by_key_and_not_by_place(
    fashion: Snapshots, customers: pd.DataFrame, tmp_path: Path
) -> None:
    rows = fashion.closed()
    settings = QUICK.model_copy(update={"max_rows": 1000})
    assert len(rows) > 1200
    first = fit(rows, customers["cutoff"].iloc[0], settings)
    again = fit(rows.sample(frac=1, random_state=4), customers["cutoff"].iloc[0], settings)
    assert stored(first, tmp_path) == stored(again, tmp_path, "again.json")


def test_a_file_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    for content in ("", "{}", "[1]", '{"kind": "blend"}'):
        (tmp_path / "model.json").write_text(content)
        with pytest.raises(WinbackError, match="not a return model"):
            ReturnModel.load(tmp_path / "model.json")
    with pytest.raises(WinbackError, match="Run `winback train` first"):
        ReturnModel.load(tmp_path / "absent.json")


# ---------------------------------------------------------------- honesty


def test_rows_that_close_after_the_cutoff_teach_nothing(fashion: Snapshots, tmp_path: Path) -> None:
    rows = fashion.closed()
    cutoff = sorted(rows["cutoff"].unique())[-2]
    known = rows["cutoff"] + pd.Timedelta(days=HORIZON_DAYS) <= cutoff
    assert 0 < known.sum() < len(rows)
    assert stored(fit(rows, cutoff), tmp_path) == stored(
        fit(rows[known], cutoff), tmp_path, "known.json"
    )


def test_the_outcomes_of_the_customers_to_be_scored_teach_nothing(
    fashion: Snapshots, tmp_path: Path
) -> None:
    rows = fashion.closed()
    cutoff = rows["cutoff"].max()
    customers = rows[rows["cutoff"] == cutoff]
    blind = fit(rows, cutoff, customers=customers.drop(columns=OUTCOMES))
    assert stored(blind, tmp_path) == stored(
        fit(rows, cutoff, customers=customers), tmp_path, "seen.json"
    )


@pytest.fixture(scope="module")
def bgnbd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, pd.DataFrame]:
    """A shop that is exactly BG/NBD, and its closed snapshots."""
    shop = simulate_shop("bgnbd", 2_000, days=540, seed=1)
    return shop, snapshots_of(shop, tmp_path_factory.mktemp("bgnbd")).closed()


@pytest.fixture(scope="module")
def later(bgnbd: tuple[Shop, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the newest closed cutoff, and what was predicted for them at that time."""
    _, rows = bgnbd
    cutoff = rows["cutoff"].max()
    customers = rows[rows["cutoff"] == cutoff]
    return customers, fit(rows, cutoff, customers=customers).predict(customers)


def test_the_model_comes_near_the_true_probability_but_never_beats_it(
    bgnbd: tuple[Shop, pd.DataFrame], later: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    shop, _ = bgnbd
    rows, predicted = later
    truth = shop.true_return_probability(rows["cutoff"].iloc[0].date(), HORIZON_DAYS)
    returned = rows["returned"].to_numpy(bool)
    best = losses(truth.loc[rows["customer_id"]].to_numpy(), returned)
    ours = losses(predicted["p_return"].to_numpy(), returned)
    base = losses(np.full(len(rows), returned.mean()), returned)
    # Chance alone may put the model ahead by a standard error or so, a leak by many.
    error = (ours - best).std() / np.sqrt(len(rows))
    assert best.mean() - 2 * error < ours.mean() < best.mean() + 0.2 * (base - best).mean()


def test_the_mean_prediction_is_the_base_rate(
    later: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    # Class weights would lift it towards one half.
    rows, predicted = later
    assert 0.1 < rows["returned"].mean() < 0.2
    assert predicted["p_return"].mean() == pytest.approx(rows["returned"].mean(), rel=0.15)


def test_expected_orders_and_spend_add_up_to_about_what_came(
    later: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    rows, predicted = later
    orders, spend = rows["orders_in_horizon"].sum(), rows["net_spend_in_horizon"].sum()
    assert predicted["expected_orders"].sum() == pytest.approx(orders, rel=0.2)
    assert predicted["expected_net_spend"].sum() == pytest.approx(spend, rel=0.2)
    assert (predicted["expected_net_spend"] >= 0).all()
    # Nobody is expected to return without buying.
    assert (predicted["expected_orders"] >= 0.9 * predicted["p_return"]).all()


def test_shuffled_outcomes_score_at_chance(bgnbd: tuple[Shop, pd.DataFrame]) -> None:
    # Dealt out anew among all rows, the later cutoff's own too.
    _, rows = bgnbd
    noise = rows.copy()
    dealt = np.random.default_rng(0).permutation(len(noise))
    for name in OUTCOMES:
        noise[name] = noise[name].to_numpy()[dealt]
    cutoff = noise["cutoff"].max()
    customers = noise[noise["cutoff"] == cutoff]
    returned = customers["returned"].to_numpy(bool)
    p = fit(noise, cutoff, customers=customers).predict(customers)["p_return"].to_numpy()
    assert 0.45 < area(p, returned) < 0.55
    assert log_loss(p, returned) > log_loss(np.full(len(p), returned.mean()), returned) - 0.002


def test_rare_returns_keep_their_rate_and_their_order(tmp_path: Path) -> None:
    # One-time buyers: about three in a hundred return within thirty days.
    shop = simulate_shop("one_time", 1_500, days=540, seed=1)
    rows = snapshots_of(shop, tmp_path, horizon_days=30).closed()
    for cutoff in sorted(rows["cutoff"].unique())[-2:]:
        customers = rows[rows["cutoff"] == cutoff]
        model = fit_return_model(
            rows, cutoff=cutoff, customers=customers, horizon_days=30, settings=QUICK
        )
        returned = customers["returned"].to_numpy(bool)
        p = model.predict(customers)["p_return"].to_numpy()
        assert 0.6 < p.mean() / returned.mean() < 1.6
        assert area(p, returned) > 0.8


# ---------------------------------------------------------------- level and season


def test_the_level_follows_the_habits_of_the_customers_to_be_scored(
    fashion: Snapshots, customers: pd.DataFrame
) -> None:
    rows, cutoff = fashion.closed(), customers["cutoff"].iloc[0]
    silent = customers["days_since_last_order"] > 90
    levels = {
        name: fit(rows, cutoff, customers=some).facts["level"]
        for name, some in {"silent": customers[silent], "active": customers[~silent]}.items()
    }
    assert levels["silent"] < fit(rows, cutoff).facts["level"] < levels["active"]


# ---------------------------------------------------------------- customers who were sent an offer


def sent(*rows: tuple[str, str, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer_id", "assigned_at", "arm", "window_days"])


def test_an_offer_touches_outcomes_from_its_day_until_it_ends() -> None:
    # Outcomes of thirty days, from 1 March on.
    keys = pd.DataFrame({"customer_id": list("abcdefg"), "cutoff": pd.Timestamp("2024-03-01")})
    treated = sent(
        ("a", "2024-03-11", "reminder", 14),  # ten free days
        ("b", "2024-03-11", "control", 14),  # nothing was sent
        ("c", "2024-02-16", "reminder", 14),  # ends at the cutoff (29 February is a day)
        ("d", "2024-02-17", "reminder", 14),  # still runs on 1 March
        ("e", "2024-02-10", "reminder", None),  # acts for the horizon: until 11 March
        ("f", "2024-04-10", "reminder", 14),
        ("f", "2024-03-31", "reminder", 14),  # the first of the two counts
        ("stranger", "2024-03-01", "reminder", 14),
    )
    free = untreated_days(keys, treated, 30)
    assert free.tolist() == [10, np.inf, np.inf, 0, 0, 30, np.inf]


def test_outcomes_that_an_offer_may_have_touched_teach_nothing(
    fashion: Snapshots, customers: pd.DataFrame, tmp_path: Path
) -> None:
    rows, cutoff = fashion.closed(), customers["cutoff"].iloc[0]
    newest = rows["cutoff"].max()
    buyers = rows.loc[rows["cutoff"] == newest, "customer_id"].iloc[:100]
    treated = pd.concat(
        [
            sent(*((buyer, f"{newest:%F}", "reminder", 60.0) for buyer in buyers[:80])),
            sent(*((buyer, f"{newest:%F}", "control", 60.0) for buyer in buyers[80:])),
        ]
    )
    # A window of 60 days that began earlier, 60 days before, is over: one row a customer.
    touched = (rows["cutoff"] == newest) & rows["customer_id"].isin(buyers[:80])
    spoiled = rows.copy()
    spoiled.loc[touched, "returned"] = ~spoiled.loc[touched, "returned"]
    fitted = [
        fit_return_model(
            table, cutoff=cutoff, customers=customers, horizon_days=HORIZON_DAYS,
            horizons_days=HORIZONS_DAYS, settings=QUICK, treated=treated, value=False,
        )
        for table in (rows, spoiled)
    ]  # fmt: skip
    assert fitted[0].facts["rows_left_out_treated"] == 80
    assert fitted[0].facts["rows"] == len(rows) - 80
    assert stored(fitted[0], tmp_path) == stored(fitted[1], tmp_path, "spoiled.json")


# ---------------------------------------------------------------- what is known, what is not


def test_an_unknown_measure_is_no_obstacle(model: ReturnModel, customers: pd.DataFrame) -> None:
    known = ["customer_id", "cutoff", "orders_total", "order_days_total", "days_since_last_order"]
    known += ["days_since_first_order", "gross_spend_total"]
    blank = customers.copy()
    for name in blank.columns.difference(known):
        if blank[name].dtype.kind in "fi":
            blank[name] = np.nan
    p = model.predict(blank)
    assert (
        p[["p_return", "p_return_30d", "expected_orders", "expected_net_spend"]]
        .notna()
        .all(axis=None)
    )
    parts = model.contributions(blank).sum(axis=1)
    np.testing.assert_allclose(parts, model.log_odds(blank), rtol=0, atol=1e-9)


def test_a_shop_without_products_and_hours_is_learned_all_the_same(
    fashion: Snapshots, customers: pd.DataFrame
) -> None:
    rows = fashion.closed()
    absent = [c for c in rows.columns if "product" in c or c.startswith(("items", "morning"))]
    assert absent
    rows[absent] = np.nan
    fitted = fit(rows, customers["cutoff"].iloc[0])
    assert fitted.kind == "blend"
    assert fitted.predict(customers)["p_return"].between(0, 1, inclusive="neither").all()
    assert not set(absent) & set(fitted.contributions(customers).columns)


def test_nobody_to_score_gives_no_rows(model: ReturnModel, customers: pd.DataFrame) -> None:
    empty = model.predict(customers.head(0))
    assert len(empty) == 0
    assert list(empty.columns) == list(model.predict(customers).columns)


# ---------------------------------------------------------------- how much history there is


def some_customers(
    count: int, returns: Callable[[int], bool], cutoff: str = "2024-01-01"
) -> pd.DataFrame:
    """Rows of one closed cutoff in which customer ``i`` came back if ``returns(i)``."""
    i = np.arange(count)
    returned = np.array([returns(int(k)) for k in i], bool)
    return pd.DataFrame(
        {
            "customer_id": [f"c{k:04d}" for k in i],
            "cutoff": pd.Timestamp(cutoff),
            "orders_total": 1.0 + i % 5,
            "order_days_total": 1.0 + i % 5,
            "orders_30d": (i % 2).astype(float),
            "orders_90d": (i % 2).astype(float),
            "orders_365d": 1.0 + i % 5,
            "days_since_last_order": 1.0 + i % 50,
            "days_since_first_order": 60.0 + i % 50,
            "order_value_mean": 10.0 + i % 3,
            "order_value_last": 10.0,
            "gross_spend_total": 10.0 * (1 + i % 5),
            **{name: 10.0 for name in ("spend_30d", "spend_90d", "spend_180d", "spend_total")},
            **{name: 0.5 for name in ("block_share", "block_share_recent", "gap_hazard")},
            **{
                name: 0.5
                for name in ("gaps_longer_share", "silence_over_ewma", "same_season_share")
            },
            "block_1_order_days": (i % 2).astype(float),
            "silence_over_max": 0.5,
            "returned": returned,
            "orders_in_horizon": returned.astype(np.int32),
            "net_spend_in_horizon": np.where(returned, 10.0, 0.0),
            "days_to_return": np.where(returned, 12.0, np.nan),
        }
    )


def test_the_kind_says_what_the_history_was_enough_for() -> None:
    later = pd.Timestamp("2024-06-01")
    kinds = {
        # (rows, how many of them returned): 20 of either are the least.
        (0, 0): "unproven",
        (1, 1): "base_rate",
        (400, 19): "base_rate",
        (400, 381): "base_rate",
        (400, 20): "regression",
        (499, 250): "regression",
        (500, 250): "blend",
    }
    for (count, returned), kind in kinds.items():
        rows = some_customers(count, lambda i, returned=returned: i < returned)  # type: ignore[misc]
        assert fit(rows, later).kind == kind


def test_a_horizon_that_closes_a_day_late_is_unproven() -> None:
    rows = some_customers(100, lambda i: i % 2 == 0, cutoff="2024-01-01")
    closes = pd.Timestamp("2024-01-01") + pd.Timedelta(days=HORIZON_DAYS)
    assert fit(rows, closes).kind == "regression"
    late = fit(rows, closes - pd.Timedelta(days=1))
    assert late.kind == "unproven"
    assert late.predict(rows).isna().all(axis=None)


def test_too_few_outcomes_give_everybody_the_base_rate() -> None:
    rows = some_customers(98, lambda i: i < 9)
    fitted = fit(rows, pd.Timestamp("2024-06-01"))
    p = fitted.predict(rows)
    # (9 + 1) / (98 + 2): one return and one silence are added, so that nothing is certain.
    assert p["p_return"].tolist() == pytest.approx([0.1] * 98)
    # Each of the nine who came back bought once, for 10.
    assert p["expected_orders"].tolist() == pytest.approx([0.1] * 98, rel=0.05)
    assert p["expected_net_spend"].tolist() == pytest.approx([1.0] * 98, rel=0.1)
    assert fitted.contributions(rows).sum(axis=1).tolist() == pytest.approx(
        fitted.log_odds(rows).tolist()
    )


def test_a_base_rate_knows_its_shorter_and_longer_horizons_too() -> None:
    # Nine of 98 came back, all of them on day 12; 152 days have been observed.
    rows = some_customers(98, lambda i: i < 9)
    p = fit(rows, pd.Timestamp("2024-06-01")).predict(rows).iloc[0]
    ladder = [p[f"p_return_{h}d"] for h in (7, 14, 30, 60, 90)]
    # 7 of 14 days: (0 + 1) / (9 + 2) of those who came; 14 of 30 and 30 of 60: (9 + 1) / (9 + 2);
    # from 60 to 90: (0 + 1) / (89 + 2) of those who had not come.
    assert ladder == pytest.approx(
        [0.1 * 100 / 121 / 11, 0.1 * 100 / 121, 0.1 * 10 / 11, 0.1, 0.1 + 0.9 / 91], abs=1e-5
    )
    assert np.isnan(p["p_return_180d"])


def test_a_longer_horizon_learns_only_from_windows_of_its_length_that_closed() -> None:
    old = some_customers(98, lambda i: i < 9)
    # Closed for 60 days, but not for 90 by 1 June: nothing is known of its days 60 to 90.
    young = some_customers(50, lambda i: False, cutoff="2024-03-15")
    rows = pd.concat([old, young], ignore_index=True)
    p = fit(rows, pd.Timestamp("2024-06-01")).predict(old).iloc[0]
    main = (9 + 1) / (148 + 2)
    assert p["p_return_60d"] == pytest.approx(main)
    assert p["p_return_90d"] == pytest.approx(main + (1 - main) / (89 + 2), abs=1e-5)


def test_a_shop_to_which_everybody_returns() -> None:
    rows = some_customers(300, lambda i: True)
    p = fit(rows, pd.Timestamp("2024-06-01")).predict(rows)
    assert p["p_return"].between(0.99, 1, inclusive="left").all()
    assert p["expected_orders"].to_numpy() == pytest.approx(p["p_return"].to_numpy(), rel=0.01)


def test_a_shop_to_which_nobody_returns() -> None:
    rows = some_customers(300, lambda i: False)
    p = fit(rows, pd.Timestamp("2024-06-01")).predict(rows)
    assert p["p_return"].between(0, 0.01, inclusive="right").all()
    # Should anybody come after all, then as often and for as much as before.
    assert p["expected_orders"].between(0, 0.03, inclusive="right").all()
    assert p["expected_net_spend"].between(0, 0.3, inclusive="right").all()


def test_small_models_are_stored_too(tmp_path: Path) -> None:
    for count in (0, 10):
        rows = some_customers(count, lambda i: i < 3)
        fitted = fit(rows, pd.Timestamp("2024-06-01"))
        first = stored(fitted, tmp_path)
        again = ReturnModel.load(tmp_path / "model.json")
        assert (again.kind, again.version) == (fitted.kind, fitted.version)
        assert stored(again, tmp_path, "again.json") == first
        ten = some_customers(10, lambda i: True)
        pd.testing.assert_frame_equal(again.predict(ten), fitted.predict(ten))
