"""The honest rivals, on cases worked out by hand and on customers drawn from the models."""

import warnings
from importlib.metadata import files

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from winback.errors import UsageError
from winback.learning.rules import (
    ALL,
    BY_NAME,
    BgNbd,
    MbgNbd,
    ParetoNbd,
    fit_bgnbd,
    fit_mbgnbd,
    fit_pareto_nbd,
    predict_baselines,
)

FITS = {"bgnbd": fit_bgnbd, "mbgnbd": fit_mbgnbd, "pareto_nbd": fit_pareto_nbd}


@pytest.fixture(autouse=True)
def _any_warning_is_a_fault():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def snapshots(
    days_since_last_order,
    *,
    days_since_first_order=None,
    orders=1.0,
    spend=10.0,
    returned=None,
    cutoff="2024-01-01",
):
    last = np.asarray(days_since_last_order, dtype=float)
    first = last if days_since_first_order is None else np.asarray(days_since_first_order, float)
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(len(last))],
            "cutoff": pd.Timestamp(cutoff).date(),
            "orders_total": orders,
            "order_days_total": orders,
            "gross_spend_total": spend,
            "days_since_last_order": last,
            "days_since_first_order": first,
        }
    )
    gaps = rows["order_days_total"] - 1
    rows["silence_over_gap"] = (last / ((first - last) / gaps.where(gaps > 0))).where(gaps > 0)
    if returned is not None:
        rows["returned"] = returned
    return rows


def test_base_rate_is_that_of_the_newest_cutoff_alone():
    older = snapshots([5] * 10, returned=[True] * 10, cutoff="2023-01-01")
    newest = snapshots([5] * 9, returned=[True] * 2 + [False] * 7, cutoff="2023-06-01")
    p = predict_baselines(pd.concat([newest, older]), snapshots([5, 50]), 30, methods=["base_rate"])
    # 2 of 9, with half a return and half a silence added: 2.5 / 10.
    assert p["base_rate"].tolist() == [0.25, 0.25]


def test_base_rate_never_claims_certainty_from_a_few_customers():
    train = snapshots([5] * 3, returned=[False] * 3)
    p = predict_baselines(train, snapshots([5]), 30, methods=["base_rate"])["base_rate"]
    assert p.tolist() == [0.5 / 4]


def test_recency_falls_with_silence_and_is_straight_in_log_odds_between_bands():
    # Two values of silence: 10 days (6 of 9 returned) and 30 days (1 of 9).
    train = snapshots([10] * 9 + [30] * 9, returned=[True] * 6 + [False] * 3 + [True] + [False] * 8)
    p = predict_baselines(train, snapshots([10, 20, 30, 5, 400]), 30, methods=["recency"])
    near, far = 6.5 / 10, 1.5 / 10
    middle = expit((logit(near) + logit(far)) / 2)
    assert p["recency"] == pytest.approx([near, middle, far, near, far])


def test_recency_never_rises_even_where_the_training_customers_do():
    # 10 days: 2 of 9; 20 days: 6 of 9; 30 days: 0 of 9. The first two are pooled.
    returned = [True] * 2 + [False] * 7 + [True] * 6 + [False] * 3 + [False] * 9
    train = snapshots([10] * 9 + [20] * 9 + [30] * 9, returned=returned)
    p = predict_baselines(train, snapshots([10, 20, 30]), 30, methods=["recency"])["recency"]
    pooled = (2.5 + 6.5) / 20
    assert p == pytest.approx([pooled, pooled, 0.5 / 10])


def test_own_rhythm_keeps_one_time_buyers_apart():
    # Everyone has been silent for 20 days. Two-time buyers: gap 20 (silence 1) all returned,
    # gap 5 (silence 4) never; one-time buyers half the time.
    twice = snapshots(
        [20] * 18,
        days_since_first_order=[40] * 9 + [25] * 9,
        orders=2.0,
        returned=[True] * 9 + [False] * 9,
    )
    once = snapshots([20] * 10, returned=[True, False] * 5)
    test = pd.concat(
        [
            snapshots([20], days_since_first_order=[40], orders=2.0),
            snapshots([20], days_since_first_order=[25], orders=2.0),
            snapshots([20]),
        ]
    )
    p = predict_baselines(pd.concat([twice, once]), test, 30, methods=["own_rhythm"])
    assert p["own_rhythm"] == pytest.approx([9.5 / 10, 0.5 / 10, 5.5 / 11])


def test_rfm_cells_lean_on_the_coarser_cell_they_lie_in():
    # One cell only, since all are alike: 30 of 100 returned, overall 30.5 / 101; each of the
    # three levels adds 20 customers at the level above.
    train = snapshots([10] * 100, returned=[True] * 30 + [False] * 70)
    p = predict_baselines(train, snapshots([10]), 30, methods=["rfm"])["rfm"]
    expected = 30.5 / 101
    for _ in range(3):
        expected = (30 + 20 * expected) / 120
    assert p == pytest.approx([expected])


def test_equal_customers_get_equal_rfm_probabilities_whatever_the_row_order():
    rng = np.random.default_rng(0)
    train = snapshots(
        rng.integers(1, 6, 200) * 10,
        orders=rng.integers(1, 3, 200).astype(float),
        days_since_first_order=np.full(200, 100.0),
        returned=rng.random(200) < 0.4,
    )
    train["customer_id"] = [f"c{i}" for i in range(200)]
    test = train.drop(columns="returned")
    p = test.assign(p=predict_baselines(train, test, 30, methods=["rfm"])["rfm"])
    assert p.groupby(["days_since_last_order", "orders_total"])["p"].nunique().max() == 1
    mixed = train.sample(frac=1, random_state=1)
    again = predict_baselines(mixed, test, 30, methods=["rfm"])["rfm"]
    assert again.tolist() == p["p"].tolist()


def test_logistic_rfm_finds_the_law_that_made_the_customers():
    rng = np.random.default_rng(0)

    def draw(n):
        rows = snapshots(
            rng.integers(1, 300, n),
            days_since_first_order=rng.integers(300, 400, n),
            orders=rng.integers(1, 20, n).astype(float),
            spend=rng.lognormal(3, 1, n),
        )
        truth = expit(
            2.0
            - 1.2 * np.log1p(rows["days_since_last_order"].to_numpy())
            + 0.8 * np.log1p(rows["orders_total"].to_numpy())
        )
        return rows, truth

    train, truth = draw(20_000)
    train["returned"] = rng.random(20_000) < truth
    test, truth = draw(1_000)
    p = predict_baselines(train, test, 30, methods=["logistic_rfm"])["logistic_rfm"]
    assert np.abs(p - truth).max() < 0.05
    assert np.abs(p - truth).mean() < 0.01


def test_logistic_rfm_is_not_prolonged_beyond_the_lengths_it_has_seen():
    rng = np.random.default_rng(0)
    train = snapshots(
        rng.integers(1, 30, 500), days_since_first_order=rng.integers(30, 60, 500), orders=2.0
    )
    train["returned"] = rng.random(500) < expit(1 - 0.1 * train["days_since_last_order"])
    test = snapshots([29, 5000], days_since_first_order=[59, 9000], orders=2.0)
    train.loc[0, ["days_since_last_order", "days_since_first_order"]] = [29, 59]
    p = predict_baselines(train, test, 30, methods=["logistic_rfm"])["logistic_rfm"]
    assert p[0] == p[1]


def test_rules_learn_from_the_three_newest_cutoffs_where_those_hold_enough():
    def cutoff(month, share):
        returned = np.arange(400) < 400 * share
        return snapshots([10] * 400, returned=returned, cutoff=f"2023-{month:02d}-01")

    newest = [cutoff(6, 0.2), cutoff(5, 0.2), cutoff(4, 0.2)]
    with_old = pd.concat([*newest, cutoff(1, 0.9)])
    test = snapshots([10])
    for method in ("recency", "rfm", "logistic_rfm"):
        kept = predict_baselines(pd.concat(newest), test, 30, methods=[method])[method]
        assert predict_baselines(with_old, test, 30, methods=[method])[method] == kept
    # 300 rows in three cutoffs are too few, so the old cutoff is used as well.
    small = pd.concat([rows.iloc[:100] for rows in newest] + [cutoff(1, 0.9)])
    p = predict_baselines(small, test, 30, methods=["recency"])["recency"]
    assert p == pytest.approx([(80 + 80 + 80 + 360 + 0.5) / 701])


def test_without_closed_cutoffs_only_the_label_free_models_speak():
    test = snapshots([5, 100, 30], days_since_first_order=[90, 100, 90], orders=[4.0, 1.0, 2.0])
    p = predict_baselines(test.assign(returned=False).iloc[:0], test, 30, methods=BY_NAME)
    assert list(p) == list(BY_NAME)
    for method in ("base_rate", "recency", "own_rhythm", "rfm", "logistic_rfm"):
        assert np.isnan(p[method]).all()
    for method in FITS:
        assert ((p[method] > 0) & (p[method] < 1)).all()


def test_no_frame_columns_are_needed_when_there_is_no_training_at_all():
    test = snapshots([5, 40], days_since_first_order=[60, 60], orders=[3.0, 2.0])
    p = predict_baselines(pd.DataFrame(), test, 30)
    assert list(p) == list(ALL)
    assert np.isnan(p["rfm"]).all()


def test_a_shop_without_repeat_purchases_has_no_rate_of_buying():
    test = snapshots([5, 40, 70])
    for method in FITS:
        assert np.isnan(predict_baselines(test.iloc[:0], test, 30, methods=[method])[method]).all()


def test_nobody_to_predict_gives_empty_arrays():
    train = snapshots([5, 40], returned=[True, False])
    p = predict_baselines(train, train.iloc[:0], 30, methods=BY_NAME)
    assert {len(values) for values in p.values()} == {0}


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("returned", [True, False])
def test_a_handful_of_customers_of_one_class_give_probabilities_and_no_fault(n, returned):
    train = snapshots(np.arange(n) + 3, returned=[returned] * n)
    for p in predict_baselines(train, train, 30).values():
        assert (np.isnan(p) | ((p > 0) & (p < 1))).all()


def test_an_unknown_rule_is_named_beside_the_known_ones():
    with pytest.raises(UsageError, match="Unknown baseline rmf; known are base_rate, recency"):
        predict_baselines(pd.DataFrame(), snapshots([5]), 30, methods=["rmf"])


def test_training_row_order_changes_no_probability():
    rng = np.random.default_rng(3)
    train = snapshots(
        rng.integers(1, 200, 3000),
        days_since_first_order=rng.integers(200, 300, 3000),
        orders=rng.integers(1, 9, 3000).astype(float),
        spend=rng.integers(1, 500, 3000) / 4,
        returned=rng.random(3000) < 0.3,
    )
    test = train.iloc[:100]
    first = predict_baselines(train, test, 60, methods=BY_NAME)
    again = predict_baselines(train.sample(frac=1, random_state=0), test, 60, methods=BY_NAME)
    for method in BY_NAME:
        assert first[method].tolist() == again[method].tolist()


# --- buy till you die -----------------------------------------------------------------------


def cdnow_sample():
    """x, t_x and T in weeks of the 2,357 customers of the literature."""
    path = next(f for f in files("lifetimes") or [] if f.name == "cdnow_customers_summary.csv")
    table = pd.read_csv(path.locate())
    return tuple(table[name].to_numpy(float) for name in ("frequency", "recency", "T"))


def test_bgnbd_reproduces_the_published_fit_on_cdnow():
    model = fit_bgnbd(*cdnow_sample())
    # Fader, Hardie and Lee (2005), table 2.
    assert round(model.r, 3) == 0.243
    assert round(model.alpha, 3) == 4.414
    assert round(model.a, 3) == 0.793
    assert round(model.b, 3) == 2.426
    assert round(model.log_likelihood, 1) == -9582.4


def test_pareto_nbd_reproduces_the_published_fit_on_cdnow():
    model = fit_pareto_nbd(*cdnow_sample())
    # Fader, Hardie and Lee (2005), table 2.
    assert round(model.r, 3) == 0.553
    assert round(model.alpha, 3) == pytest.approx(10.578, abs=0.002)
    assert round(model.s, 3) == 0.606
    assert round(model.beta, 3) == pytest.approx(11.669, abs=0.002)
    assert round(model.log_likelihood, 1) == -9595.0


def test_the_unit_of_time_does_not_change_what_bgnbd_says():
    x, last, age = cdnow_sample()
    weeks, days = fit_bgnbd(x, last, age), fit_bgnbd(x, last * 7, age * 7)
    assert days.alpha == pytest.approx(weeks.alpha * 7, rel=1e-4)
    p_weeks = weeks.probability_of_return(x, last, age, 13)
    assert days.probability_of_return(x, last * 7, age * 7, 91) == pytest.approx(p_weeks, abs=1e-5)


def simulate(model, n, age, horizon, seed=0):
    """Histories (x, t_x, T) and whether a purchase follows, one purchase at a time.

    Customers live by the model's story and not by its formulas: they buy after exponential
    waits, and leave after a purchase (beta-geometric) or at a moment of their own (Pareto).
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, n)
    if isinstance(model, ParetoNbd):
        end, drop = rng.exponential(1 / rng.gamma(model.s, 1 / model.beta, n)), np.zeros(n)
    else:
        end, drop = np.full(n, np.inf), rng.beta(model.a, model.b, n)
    alive = np.ones(n, bool)
    if isinstance(model, MbgNbd):
        alive = rng.random(n) >= drop
    x, last, clock = np.zeros(n), np.zeros(n), np.zeros(n)
    returned = np.zeros(n, bool)
    while alive.any():
        clock = clock + rng.exponential(1 / rate)
        alive &= (clock < np.minimum(end, age + horizon)) & ~returned
        past = alive & (clock < age)
        x[past] += 1
        last[past] = clock[past]
        returned |= alive & (clock >= age)
        alive &= rng.random(n) >= drop
    return x, last, np.full(n, float(age)), returned


MODELS = [
    BgNbd(r=0.6, alpha=20.0, a=0.8, b=2.4, log_likelihood=0.0),
    MbgNbd(r=0.6, alpha=20.0, a=0.8, b=2.4, log_likelihood=0.0),
    ParetoNbd(r=0.6, alpha=20.0, s=0.6, beta=60.0, log_likelihood=0.0),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_probability_of_return_is_the_share_that_returns_among_simulated_customers(model):
    x, last, age, returned = simulate(model, 150_000, age=150, horizon=40)
    p = model.probability_of_return(x, last, age, 40)
    repeats = np.minimum(x, 6)
    silence = np.digitize(age - last, [10, 30, 60, 100])
    cells = pd.DataFrame({"x": repeats, "silence": silence, "p": p, "returned": returned})
    table = cells.groupby(["x", "silence"]).agg(
        n=("p", "size"), p=("p", "mean"), share=("returned", "mean")
    )
    table = table[table["n"] >= 1000]
    assert len(table) >= 12
    error = (table["share"] - table["p"]) / np.sqrt(table["p"] * (1 - table["p"]) / table["n"])
    assert np.abs(error).max() < 4.0
    assert np.square(error).mean() < 2.0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_fitting_simulated_customers_finds_what_they_were_made_with(model):
    x, last, age, _ = simulate(model, 40_000, age=200, horizon=0, seed=1)
    method = {BgNbd: "bgnbd", MbgNbd: "mbgnbd", ParetoNbd: "pareto_nbd"}[type(model)]
    fitted = FITS[method](x, last, age)
    assert fitted.r == pytest.approx(model.r, rel=0.15)
    assert fitted.alpha == pytest.approx(model.alpha, rel=0.15)
    p, truth = (m.probability_of_return(x, last, age, 40) for m in (fitted, model))
    assert np.abs(p - truth).max() < 0.02


def test_a_one_time_buyer_of_bgnbd_is_alive_so_only_the_rate_counts():
    model = BgNbd(r=2.0, alpha=10.0, a=0.8, b=2.4, log_likelihood=0.0)
    # 1 - ((10 + 20) / (10 + 20 + 30)) ** 2
    p = model.probability_of_return(np.array([0.0]), np.array([0.0]), np.array([20.0]), 30)
    assert p == pytest.approx([0.75])


def test_bgnbd_probability_of_a_repeat_buyer_worked_out_by_hand():
    model = BgNbd(r=1.0, alpha=10.0, a=1.0, b=2.0, log_likelihood=0.0)
    # x 1, t_x 10, T 30: odds of being gone 1/2 * (40/20)**2 = 2, so alive with 1/3;
    # silent through 40 days if alive: (40/80)**2 = 1/4.
    p = model.probability_of_return(np.array([1.0]), np.array([10.0]), np.array([30.0]), 40)
    assert p == pytest.approx([0.25])


def test_mbgnbd_lets_the_first_purchase_be_the_last():
    model = MbgNbd(r=1.0, alpha=10.0, a=1.0, b=2.0, log_likelihood=0.0)
    # x 0, T 30: odds of being gone 1/2 * (40/10)**1 = 2; silent through 40 days 40/80.
    p = model.probability_of_return(np.array([0.0]), np.array([0.0]), np.array([30.0]), 40)
    assert p == pytest.approx([1 / 6])


@pytest.mark.parametrize("method", FITS)
def test_probability_of_return_rises_with_the_horizon_and_stays_a_probability(method):
    rng = np.random.default_rng(5)
    x = rng.poisson(1.5, 300).astype(float)
    age = rng.integers(1, 700, 300).astype(float)
    last = np.where(x > 0, np.floor(age * rng.random(300)), 0.0)
    model = FITS[method](x, last, age)
    p = np.array([model.probability_of_return(x, last, age, h) for h in (1, 7, 30, 90, 365)])
    assert (np.diff(p, axis=0) >= -1e-12).all()
    assert ((p >= 0) & (p <= 1)).all()


@pytest.mark.parametrize("method", FITS)
@pytest.mark.parametrize(
    "histories",
    {
        "everybody alike": [(5, 50, 60)] * 40,
        "bought today only": [(0, 0, 0), (1, 3, 3)],
        "one customer": [(3, 20, 25)],
        "clockwork": [(51, 357, 360)] * 30 + [(25, 350, 360)] * 30,
        "a till among people": [(0, 0, 300)] * 20 + [(900, 1000, 1001)],
        "ten years of daily orders": [(3650, 3650, 3651), (3000, 3200, 3651), (0, 0, 3651)],
    }.values(),
    ids=lambda rows: f"{len(rows)} of {rows[0]}",
)
def test_odd_shops_give_probabilities_and_no_fault(method, histories):
    x, last, age = np.array(histories, dtype=float).T
    p = FITS[method](x, last, age).probability_of_return(x, last, age, 30)
    assert ((p >= 0) & (p <= 1)).all()


@pytest.mark.parametrize("method", FITS)
def test_nothing_to_learn_a_rate_from_gives_none(method):
    assert FITS[method](np.zeros(3), np.zeros(3), np.full(3, 30.0)) is None
    assert FITS[method](np.zeros(0), np.zeros(0), np.zeros(0)) is None


def test_pareto_nbd_gives_a_customer_the_same_chance_in_any_crowd():
    model = ParetoNbd(0.55, 10.6, 0.6, 11.7, 0.0)
    few = np.array([0.0, 3.0, 7.0]), np.array([0.0, 40.0, 95.0]), np.array([30.0, 60.0, 100.0])
    crowd = [np.tile(values, 20_000) for values in few]  # more than are integrated at a time
    alone = model.probability_of_return(*few, 30)
    p = model.probability_of_return(*crowd, 30).reshape(-1, 3)
    assert (p == alone).all()
    assert (alone > 0).all()


def test_a_large_shop_is_fitted_as_surely_as_a_small_one():
    """Where histories are many, the search begins on a part of them; it must end the same."""
    draw = np.random.default_rng(5)
    age = draw.integers(1, 2000, 60_000).astype(float)
    repeats = draw.poisson(3, len(age)).astype(float)
    last = np.where(repeats > 0, np.floor(age * draw.random(len(age))), 0.0)
    assert len(np.unique(np.column_stack([repeats, last, age]), axis=0)) > 40_000
    fitted, turned = (
        fit_mbgnbd(*(column[::step] for column in (repeats, last, age))) for step in (1, -1)
    )
    assert fitted == turned
    # In weeks the histories are no whole numbers, and are told apart another way.
    weeks = fit_mbgnbd(repeats, last / 7, age / 7)
    assert weeks.alpha * 7 == pytest.approx(fitted.alpha, rel=1e-4)
    assert (weeks.r, weeks.a, weeks.b) == pytest.approx((fitted.r, fitted.a, fitted.b), rel=1e-4)
