"""Metrics on cases worked out by hand, against slow plain formulas, and with known spread."""

import datetime as dt
import json
import warnings

import numpy as np
import pandas as pd
import pytest

from winback.errors import WinbackError
from winback.judging.champion import choose_champion
from winback.judging.judge import evaluate_predictions
from winback.results.judged import Judged
from winback.said.notebook import tell


@pytest.fixture(autouse=True)
def _any_warning_is_a_fault():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def predictions(returned, *, cutoffs=("2024-01-01",), customers=None, active=True, **p):
    """One row per outcome; cutoffs change slowest."""
    n = len(returned)
    per_cutoff = n // len(cutoffs)
    if customers is None:
        customers = [f"c{i:06d}" for i in range(per_cutoff)] * len(cutoffs)
    rows = pd.DataFrame(
        {
            "customer_id": customers,
            "cutoff": np.repeat([dt.date.fromisoformat(day) for day in cutoffs], per_cutoff),
            "returned": np.asarray(returned, dtype=bool),
            "recently_active": active,
        }
    )
    for method, values in p.items():
        rows[f"p_{method}"] = values
    return rows


def evaluate(rows, **kwargs):
    return evaluate_predictions(rows, horizon_days=90, active_days=180, **kwargs)


def everyone(evaluation, method="lightgbm"):
    return evaluation.summary["populations"]["everyone"]["methods"][method].model_dump()


def values(evaluation, method="lightgbm"):
    metrics = everyone(evaluation, method)
    return {
        name: metric["value"] if isinstance(metric, dict) else metric
        for name, metric in metrics.items()
    }


# Five customers, the best ranked first. Pairs (returned, not): .9 beats .8, .4 and .2; .4 ties
# with .4, loses to .8, beats .2: 3 + 1/2 + 0 + 1 = 4.5 of 6.
FIVE = predictions(
    [True, False, True, False, False], lightgbm=[0.9, 0.8, 0.4, 0.4, 0.2], base_rate=0.4
)


def test_metrics_of_five_customers_worked_out_by_hand():
    found = values(evaluate(FIVE))
    assert found["roc_auc"] == 0.75
    # Precision 1 at the first return; the second is reached only with its tie: 2 of 4.
    assert found["pr_auc"] == 0.75
    # ln .9 + ln .2 + ln .4 + ln .6 + ln .8
    assert found["log_loss"] == round((0.10536 + 1.60944 + 0.91629 + 0.51083 + 0.22314) / 5, 4)
    # .01 + .64 + .36 + .16 + .04
    assert found["brier"] == round(1.21 / 5, 4)
    assert found["mean_p"] == 0.54
    # 5 % of 5 customers is a quarter of the first place: .25 of 2 returns over .05.
    assert found["lift_at_5"] == 2.5
    # 20 %: the first customer, 1 of 2 returns over .2.
    assert found["lift_at_20"] == 2.5


def test_customers_with_one_probability_share_the_places_left_whatever_the_row_order():
    # Ten alike, three returned: any tenth of them holds .3 returns in the mean.
    rows = predictions([True] * 3 + [False] * 7, lightgbm=[0.3] * 10)
    for order in (rows, rows.iloc[::-1]):
        found = values(evaluate(order))
        assert found["roc_auc"] == 0.5
        assert found["pr_auc"] == 0.3
        assert found["lift_at_10"] == found["lift_at_20"] == 1.0
        assert found["ece"] == 0.0


def test_constant_predictions_have_an_intercept_but_no_slope():
    # Predicted 1/2, observed 1/4: the log-odds are too high by ln 3.
    rows = predictions([True] * 25 + [False] * 75, lightgbm=[0.5] * 100)
    found = values(evaluate(rows))
    assert found["calibration_slope"] is None
    assert found["calibration_intercept"] == round(-np.log(3), 4)
    assert found["ece"] == 0.25


def test_slope_is_a_half_where_log_odds_are_twice_too_far_from_zero():
    # Predicted odds 9 and 1/9, observed 3 and 1/3.
    returned = [True] * 75 + [False] * 25 + [True] * 25 + [False] * 75
    found = values(evaluate(predictions(returned, lightgbm=[0.9] * 100 + [0.1] * 100)))
    assert found["calibration_slope"] == 0.5
    assert found["calibration_intercept"] == 0.0
    # .75 instead of .9 and .25 instead of .1.
    assert found["ece"] == 0.15


def test_ece_takes_ten_bins_of_equal_count():
    # Twenty customers at .01, .02, ... .20, two to a bin; both of the last bin returned.
    p = np.arange(1, 21) / 100
    returned = p > 0.185
    found = evaluate(predictions(returned, lightgbm=p))
    by_bin = found.calibration.query("population == 'everyone'")
    assert by_bin["n"].tolist() == [2] * 10
    assert by_bin["predicted"].tolist() == pytest.approx(p.reshape(10, 2).mean(axis=1), abs=1e-4)
    assert by_bin["observed"].tolist() == [0.0] * 9 + [1.0]
    # The mean miss: nine bins predict their mean too much, the last 1 - .195 too little.
    expected = (p[:18].sum() + 2 * (1 - 0.195)) / 20
    assert values(found)["ece"] == round(expected, 4)


def test_impossible_certainty_costs_the_clipped_loss_and_not_infinity():
    rows = predictions([True, False], lightgbm=[0.0, 0.0])
    assert values(evaluate(rows))["log_loss"] == round(-np.log(1e-6) / 2, 4)


def plain_metrics(p, y):
    """The same metrics by the slowest and plainest way there is."""
    pairs = [(a, b) for a in p[y] for b in p[~y]]
    order = sorted(set(p), reverse=True)
    average_precision, lifts = 0.0, {}
    for level in order:
        at, reached = y[p == level].sum(), p >= level
        average_precision += at / y.sum() * y[reached].mean()
    for share in (5, 10, 20):
        places, captured = share / 100 * len(p), 0.0
        for level in order:
            tied = p == level
            taken = min(places, tied.sum())
            captured += y[tied].mean() * taken
            places -= taken
        lifts[f"lift_at_{share}"] = captured / y.sum() / (share / 100)
    return {
        "roc_auc": np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs]),
        "pr_auc": average_precision,
        "log_loss": -np.mean(np.where(y, np.log(p), np.log(1 - p))),
        "brier": np.mean((p - y) ** 2),
        **lifts,
    }


@pytest.mark.parametrize("decimals", [1, 2, 9])
def test_metrics_agree_with_plain_formulas_with_and_without_ties(decimals):
    rng = np.random.default_rng(decimals)
    p = np.clip(rng.beta(1, 3, 311).round(decimals), 0.01, 0.99)
    y = rng.random(311) < p
    found = values(evaluate(predictions(y, lightgbm=p), n_bootstrap=0))
    for name, expected in plain_metrics(p, y).items():
        assert found[name] == pytest.approx(expected, abs=6e-5), name


# --- populations, cutoffs, absence ----------------------------------------------------------


def test_populations_and_cutoffs_are_told_apart():
    rows = predictions(
        [True, False, False, True, True, False],
        cutoffs=("2024-01-01", "2024-04-01"),
        active=[True, True, False, True, False, False],
        lightgbm=[0.9, 0.1, 0.2, 0.8, 0.3, 0.4],
    )
    found = evaluate(rows.sample(frac=1, random_state=0)).summary
    assert found["cutoffs"] == days(("2024-01-01", "2024-04-01"))
    assert (found["horizon_days"], found["active_days"]) == (90, 180)
    pooled, active = (found["populations"][name] for name in ("everyone", "recently_active"))
    assert (pooled["n"], pooled["customers"], pooled["base_rate"]) == (6, 3, 0.5)
    assert (active["n"], active["customers"], active["base_rate"]) == (3, 2, round(2 / 3, 4))
    first, second = found["by_cutoff"]
    assert (first["cutoff"], first["n"], first["base_rate"]) == (
        dt.date(2024, 1, 1),
        3,
        round(1 / 3, 4),
    )
    assert first["methods"]["lightgbm"]["roc_auc"] == 1.0
    # Returned .8 and .3 against .4: one of two pairs.
    assert second["methods"]["lightgbm"]["roc_auc"] == 0.5
    assert set(second["methods"]["lightgbm"].model_dump()) == {
        "roc_auc",
        "log_loss",
        "ece",
        "lift_at_10",
        "mean_p",
    }


@pytest.mark.parametrize("returned", [True, False])
def test_one_class_has_losses_but_no_ranking_and_no_verdict(returned):
    rows = predictions([returned] * 30, lightgbm=np.linspace(0.1, 0.9, 30), base_rate=0.5)
    found = evaluate(rows)
    metrics = everyone(found)
    for name in ("roc_auc", "pr_auc", "calibration_slope", "calibration_intercept", "lift_at_10"):
        assert metrics[name] is None
    assert metrics["brier"]["low"] <= metrics["brier"]["value"] <= metrics["brier"]["high"]
    verdict = found.summary["verdict"]
    assert verdict["beats"] is None
    assert tell(verdict, language="en").startswith("The model could not be compared")
    assert found.lift.empty


def test_a_method_without_some_probabilities_is_judged_only_where_it_has_them_all():
    p = np.tile([0.9, 0.2, 0.4, 0.1], 2)
    rows = predictions(
        [True, False] * 4, cutoffs=("2024-01-01", "2024-04-01"), lightgbm=p, bgnbd=p, rfm=np.nan
    )
    rows.loc[5, "p_bgnbd"] = np.nan
    found = evaluate(rows)
    assert all(metric is None for metric in everyone(found, "bgnbd").values())
    assert all(metric is None for metric in everyone(found, "rfm").values())
    first, second = (cutoff["methods"]["bgnbd"] for cutoff in found.summary["by_cutoff"])
    assert first["roc_auc"] == 1.0
    assert second["roc_auc"] is None
    assert found.summary["verdict"]["best_simple"] is None


def test_nullable_columns_of_parquet_readers_are_understood():
    rows = FIVE.assign(p_rfm=pd.array([None] * 5, dtype="Float64"), p_recency=None)
    rows["p_lightgbm"] = rows["p_lightgbm"].astype("Float64")
    rows["returned"] = rows["returned"].astype("boolean")
    found = evaluate(rows)
    assert values(found)["roc_auc"] == 0.75
    assert everyone(found, "rfm")["roc_auc"] is None
    assert everyone(found, "recency")["roc_auc"] is None


def test_one_time_buyers_have_a_line_of_their_own_where_they_are_flagged():
    # Of the five, the three one-time buyers are the first, the fourth and the last: the
    # returning one is ranked above both others.
    flagged = FIVE.assign(one_time_buyer=[True, False, False, True, True])
    populations = evaluate(flagged).summary["populations"]
    assert list(populations) == ["everyone", "recently_active", "one_time_buyers"]
    assert populations["one_time_buyers"]["n"] == 3
    assert populations["one_time_buyers"]["base_rate"] == 0.3333
    assert populations["one_time_buyers"]["methods"]["lightgbm"]["roc_auc"]["value"] == 1.0
    assert populations["everyone"] == evaluate(FIVE).summary["populations"]["everyone"]


def test_no_rows_and_no_recently_active_rows_give_nulls():
    empty = evaluate(FIVE.iloc[:0])
    assert empty.summary["populations"]["everyone"]["base_rate"] is None
    assert empty.summary["by_cutoff"] == ()
    json.loads(empty.to_json())
    quiet = evaluate(FIVE.assign(recently_active=False)).summary["populations"]
    assert quiet["recently_active"]["n"] == 0
    assert quiet["recently_active"]["methods"]["lightgbm"]["log_loss"] is None
    assert quiet["everyone"]["n"] == 5


def test_faulty_predictions_are_refused_with_what_was_found():
    with pytest.raises(WinbackError, match="column recently_active is missing"):
        evaluate(FIVE.drop(columns="recently_active"))
    with pytest.raises(WinbackError, match=r"p_base_rate holds 5 values outside 0 to 1 \(40, 40"):
        evaluate(FIVE.assign(p_base_rate=40))
    with pytest.raises(WinbackError, match="1 of 5 rows have no outcome"):
        evaluate(FIVE.assign(returned=[True, None, False, False, True]))


# --- intervals ------------------------------------------------------------------------------


def noisy(n, seed=0, noise=0.0, **kwargs):
    """Customers whose true log-odds are known, seen through noise."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-1, 1.2, n)
    y = rng.random(n) < 1 / (1 + np.exp(-log_odds))
    p = 1 / (1 + np.exp(-(log_odds + noise * rng.normal(size=n))))
    return predictions(y, lightgbm=p, **kwargs)


def widths(evaluation):
    return {
        name: metric["high"] - metric["low"]
        for name, metric in everyone(evaluation).items()
        if isinstance(metric, dict)
    }


def test_intervals_are_as_wide_as_theory_says():
    rows = noisy(3000)
    p, y = rows["p_lightgbm"].to_numpy(), rows["returned"].to_numpy()
    found = widths(evaluate(rows, n_bootstrap=2000))
    loss = -np.where(y, np.log(p), np.log(1 - p))
    standard = 2 * 1.96 / np.sqrt(3000)
    assert found["log_loss"] == pytest.approx(standard * loss.std(), rel=0.08)
    assert found["brier"] == pytest.approx(standard * ((p - y) ** 2).std(), rel=0.08)
    # DeLong, DeLong and Clarke-Pearson (1988): each customer's own share of pairs won.
    won = (p[y][:, None] > p[~y][None, :]).astype(float)
    error = np.sqrt(won.mean(1).var() / y.sum() + won.mean(0).var() / (~y).sum())
    assert found["roc_auc"] == pytest.approx(2 * 1.96 * error, rel=0.08)
    # Logistic regression's own standard errors.
    x, v = np.log(p / (1 - p)), p * (1 - p)
    design = np.column_stack([np.ones(3000), x])
    slope_error = np.sqrt(np.linalg.inv(design.T @ (design * v[:, None]))[1, 1])
    assert found["calibration_slope"] == pytest.approx(2 * 1.96 * slope_error, rel=0.1)
    assert found["calibration_intercept"] == pytest.approx(2 * 1.96 / np.sqrt(v.sum()), rel=0.1)


def test_intervals_agree_with_a_slow_bootstrap_that_ranks_every_draw_anew():
    rows = noisy(1500, noise=0.5)
    p, y = rows["p_lightgbm"].to_numpy(), rows["returned"].to_numpy()
    found = everyone(evaluate(rows, n_bootstrap=2000))
    rng = np.random.default_rng(7)
    drawn = {"pr_auc": [], "lift_at_10": [], "lift_at_20": [], "roc_auc": []}
    for _ in range(1000):
        rows_drawn = rng.integers(0, 1500, 1500)
        order = np.argsort(-p[rows_drawn], kind="stable")
        hits = y[rows_drawn][order]
        precision = np.cumsum(hits) / np.arange(1, 1501)
        drawn["pr_auc"].append(precision[hits].mean())
        drawn["lift_at_10"].append(hits[:150].sum() / hits.sum() / 0.1)
        drawn["lift_at_20"].append(hits[:300].sum() / hits.sum() / 0.2)
        misses_above = np.cumsum(~hits)[hits]
        drawn["roc_auc"].append(1 - misses_above.mean() / (~hits).sum())
    for name, replicates in drawn.items():
        low, high = np.quantile(replicates, (0.025, 0.975))
        slack = 0.12 * (high - low)
        assert found[name]["low"] == pytest.approx(low, abs=slack), name
        assert found[name]["high"] == pytest.approx(high, abs=slack), name


def test_rare_returns_keep_a_sound_interval_though_draws_rank_in_groups():
    # 60,000 customers are ranked in 1,000 groups, and nearly all returns lie in the first few.
    rng = np.random.default_rng(0)
    log_odds = rng.normal(-7.5, 2.2, 60_000)
    p = 1 / (1 + np.exp(-log_odds))
    y = rng.random(60_000) < p
    found = everyone(evaluate(predictions(y, active=False, lightgbm=p)))["pr_auc"]
    hits = y[np.argsort(-p)]
    drawn = []
    for _ in range(200):
        weights = rng.poisson(1, 60_000)
        precision = np.cumsum(weights * hits) / np.maximum(np.cumsum(weights), 1)
        drawn.append((weights * hits * precision).sum() / (weights * hits).sum())
    low, high = np.quantile(drawn, (0.025, 0.975))
    assert found["low"] == pytest.approx(low, abs=0.2 * (high - low))
    assert found["high"] == pytest.approx(high, abs=0.2 * (high - low))


def test_the_interval_of_a_wrong_level_lies_around_it():
    # Predicted 1/2, observed 1/5: the log-odds are too high by ln 4, with the standard error
    # of a share's log-odds.
    rows = predictions(np.arange(1000) % 5 == 0, lightgbm=[0.5] * 1000)
    found = everyone(evaluate(rows, n_bootstrap=2000))["calibration_intercept"]
    half = 1.96 / np.sqrt(1000 * 0.2 * 0.8)
    assert found["value"] == round(-np.log(4), 4)
    assert found["low"] == pytest.approx(-np.log(4) - half, abs=0.15 * half)
    assert found["high"] == pytest.approx(-np.log(4) + half, abs=0.15 * half)


def test_a_customer_seen_three_times_is_one_draw():
    once = noisy(2000)
    thrice = pd.concat(
        [once.assign(cutoff=dt.date(2024, month, 1)) for month in (1, 2, 3)], ignore_index=True
    )
    one, three = widths(evaluate(once)), widths(evaluate(thrice))
    for name in ("roc_auc", "pr_auc", "log_loss", "brier", "calibration_slope", "lift_at_10"):
        assert three[name] == pytest.approx(one[name], rel=0.02), name
    others = thrice.assign(customer_id=[f"x{i}" for i in range(6000)])
    assert widths(evaluate(others))["log_loss"] == pytest.approx(
        one["log_loss"] / np.sqrt(3), rel=0.12
    )
    bins = ["low", "high"]
    observed = evaluate(thrice).calibration, evaluate(once).calibration
    assert observed[0][bins].to_numpy() == pytest.approx(observed[1][bins].to_numpy())


def test_the_same_predictions_give_the_same_bytes_in_any_row_order():
    rows = noisy(1200, noise=0.4, base_rate=0.3, active=np.arange(1200) % 3 == 0)
    first = evaluate(rows)
    again = evaluate(rows.sample(frac=1, random_state=5).reset_index(drop=True))
    assert first.to_json() == again.to_json()
    pd.testing.assert_frame_equal(first.calibration, again.calibration)
    pd.testing.assert_frame_equal(first.lift, again.lift)
    assert evaluate(rows, seed=1).to_json() != first.to_json()


def test_without_draws_there_are_values_and_no_intervals():
    found = evaluate(FIVE, n_bootstrap=0)
    assert everyone(found)["roc_auc"] == {"value": 0.75, "low": None, "high": None}
    assert found.summary["n_bootstrap"] == 0


@pytest.mark.long
def test_a_large_table_is_drawn_fewer_times_and_says_so():
    found = evaluate(noisy(250_000, active=False), n_bootstrap=500)
    assert found.summary["n_bootstrap"] == 200
    auc = everyone(found)["roc_auc"]
    assert auc["low"] < auc["value"] < auc["high"]


def test_lift_curve_ends_with_everybody():
    found = evaluate(noisy(400)).lift.query("population == 'everyone'")
    assert found.columns.tolist() == ["population", "method", "share_targeted", "lift", "captured"]
    last = found.iloc[-1]
    assert (last["share_targeted"], last["lift"], last["captured"]) == (1.0, 1.0, 1.0)
    assert found["captured"].is_monotonic_increasing
    tenth = found.loc[found["share_targeted"] == 0.1, "lift"].item()
    assert tenth == values(evaluate(noisy(400)))["lift_at_10"]


# --- verdict --------------------------------------------------------------------------------


def rivals(n=4000, model=0.0, rival=1.0, seed=0):
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-1, 1.2, n)
    y = rng.random(n) < 1 / (1 + np.exp(-log_odds))

    def seen(noise):
        return 1 / (1 + np.exp(-(log_odds + noise * rng.normal(size=n))))

    return predictions(
        y, lightgbm=seen(model), logistic_rfm=seen(rival), base_rate=np.full(n, y.mean())
    )


def test_a_better_model_beats_the_best_simple_rule_and_the_sentence_says_by_how_much():
    found = evaluate(rivals())
    verdict = found.summary["verdict"]
    assert (verdict["best_simple"], verdict["beats"]) == ("logistic_rfm", True)
    difference = verdict["log_loss_difference"]
    model, rule = values(found), values(found, "logistic_rfm")
    assert difference["value"] == pytest.approx(model["log_loss"] - rule["log_loss"], abs=1.01e-4)
    assert difference["low"] < difference["value"] < difference["high"] < 0
    assert verdict["roc_auc_difference"]["low"] > 0
    english, polish = tell(verdict, language="en"), tell(verdict, language="pl")
    gap, low, high = (f"−{-difference[name]:.3f}" for name in ("value", "low", "high"))
    assert english == (
        "The model predicts returns better than the best simple rule (logistic regression on "
        f"RFM): log loss {model['log_loss']:.3f} against {rule['log_loss']:.3f} (difference {gap}, "
        f"95% interval {low} to {high}); "
        f"ROC AUC {model['roc_auc']:.3f} against {rule['roc_auc']:.3f}."
    )
    assert polish.startswith(
        "Model przewiduje powroty lepiej niż najlepsza prosta reguła (regresja logistyczna na "
        "RFM): log loss 0,"
    )
    assert "." not in polish.removesuffix(".")


def test_a_pair_is_compared_on_the_same_draws():
    # Both miss in the same way, so their difference is far surer than either loss.
    rows = rivals(model=0.3)
    rows["p_logistic_rfm"] = 0.98 * rows["p_lightgbm"] + 0.02 * rows["p_base_rate"]
    found = evaluate(rows)
    difference = found.summary["verdict"]["log_loss_difference"]
    assert difference["high"] - difference["low"] < widths(found)["log_loss"] / 10


def test_a_worse_model_is_said_to_be_worse():
    verdict = evaluate(rivals(model=1.0, rival=0.0)).summary["verdict"]
    assert verdict["beats"] is False
    assert "worse than the best simple rule" in tell(verdict, language="en")
    assert "gorzej niż najlepsza prosta reguła" in tell(verdict, language="pl")


# --- who scores ----------------------------------------------------------------------------------

JUDGES = ("2023-09-01", "2023-10-01", "2023-11-01")


def judged_at(*leads, cutoffs=JUDGES, n=400):
    """At each cutoff half return; the rule knows ``lead`` more of it than the model, or less."""
    came = np.arange(n) % 2 == 0
    tables = []
    for day, lead in zip(cutoffs, leads, strict=True):
        knows = np.where(came, 0.6, 0.4) + np.tile([0.02, -0.02, -0.02, 0.02], n // 4)
        better = np.where(came, knows + abs(lead), knows - abs(lead))
        rule, model = (better, knows) if lead > 0 else (knows, better)
        table = predictions(came, cutoffs=(day,), lightgbm=model, mbgnbd=rule, recency=0.5)
        tables.append(table)
    rows = pd.concat(tables, ignore_index=True)
    rows["cutoff"] = pd.to_datetime(rows["cutoff"])
    return rows.assign(origin_kind="time")


def days(texts):
    return tuple(dt.date.fromisoformat(text) for text in texts)


def champion(rows, *, history_days=700.0, cutoff="2023-12-01", **more):
    return choose_champion(
        rows, horizon_days=30, cutoff=cutoff, history_days=history_days, n_bootstrap=200, **more
    )


def test_cutoffs_may_be_dates_or_instants():
    rows = judged_at(0.1, 0.1, 0.1)
    assert champion(rows.assign(cutoff=rows["cutoff"].dt.date)) == champion(rows)


def test_a_rule_that_led_at_every_cutoff_gives_the_scores():
    found = champion(judged_at(0.1, 0.1, 0.1))
    assert found["method"] == found["rival"] == "mbgnbd"
    assert found["judges"] == days(JUDGES)
    assert found["lead"]["low"] > 0
    assert "from a simple rule (MBG/NBD), not from the model" in tell(found, language="en")
    assert "z prostej reguły (MBG/NBD), a nie z modelu" in tell(found, language="pl")


def test_a_rule_that_lost_once_does_not():
    found = champion(judged_at(0.1, -0.01, 0.1))
    # It has the better mean, but one season of three was not its own.
    assert found["lead"]["value"] > 0
    assert found["method"] == "lightgbm"


def test_the_model_stays_where_it_leads():
    found = champion(judged_at(-0.1, -0.1, -0.1))
    assert (found["method"], found["rival"]) == ("lightgbm", "mbgnbd")
    assert found["lead"]["value"] < 0
    assert found["log_loss"] == found["log_loss_model"]


def test_a_lead_within_chance_changes_nothing():
    rows = judged_at(0.001, 0.001, 0.001)
    # With nearly half of the outcomes turned round both are guessing; the rule by a hair better.
    rows.loc[np.arange(len(rows)) % 400 < 196, "returned"] ^= True
    found = champion(rows)
    assert found["lead"]["low"] < 0 < found["lead"]["value"]
    assert found["method"] == "lightgbm"


def test_each_cutoff_is_judged_by_a_choice_that_saw_only_closed_windows():
    found = champion(judged_at(0.1, 0.1, 0.1))
    # By 1 October the window of 1 September had closed (30 days): one judge is too few. By 1
    # November both had.
    chosen = ("lightgbm", "lightgbm", "mbgnbd")
    assert found["at_cutoffs"] == dict(zip(days(JUDGES), chosen, strict=True))
    rows = judged_at(0.1, 0.1, 0.1)

    def loss(p):
        return -np.log(np.where(rows["returned"], p, 1 - p))

    theirs, ours = loss(rows["p_mbgnbd"]), loss(rows["p_lightgbm"])
    assert found["log_loss_model"] == pytest.approx(ours.mean(), abs=5e-5)
    last = (rows["cutoff"] == "2023-11-01").to_numpy()
    assert found["log_loss"] == pytest.approx(np.where(last, theirs, ours).mean(), abs=5e-5)


def test_a_window_that_closes_a_day_late_is_no_judge():
    assert champion(judged_at(0.1, 0.1, 0.1), cutoff="2023-11-30")["judges"] == days(JUDGES[:2])


def test_a_cutoff_at_which_the_model_knew_little_is_no_judge():
    # 151 days before 1 December the shop began: its model learns from 121 days of past. On 1
    # November it had 91, three quarters of that.
    young = champion(judged_at(0.1, 0.1, 0.1), history_days=151)
    assert (young["judges"], young["method"], young["lead"]) == ((), "lightgbm", None)
    assert "four fifths of the past that it knows by now" in tell(young, language="en")
    # Of a past of 490 (460 learned from) all three, of 470 only two have four fifths.
    assert len(champion(judged_at(0.1, 0.1, 0.1), history_days=490)["judges"]) == 3
    assert len(champion(judged_at(0.1, 0.1, 0.1), history_days=470)["judges"]) == 2


def test_one_judge_is_too_few():
    assert champion(judged_at(0.1, cutoffs=JUDGES[-1:]))["method"] == "lightgbm"


def test_other_customers_of_the_same_days_are_no_judges():
    rows = judged_at(0.1, 0.1, 0.1).assign(origin_kind="customers")
    assert champion(rows)["judges"] == ()
    assert champion(rows)["method"] == "lightgbm"


def test_too_few_customers_change_nothing():
    few = judged_at(0.3, 0.3, 0.3, n=36)
    assert champion(few)["method"] == "lightgbm"
    assert champion(judged_at(0.3, 0.3, 0.3, n=40))["method"] == "mbgnbd"


def test_the_choice_does_not_depend_on_the_order_of_rows():
    rows = judged_at(0.1, 0.05, 0.1)
    assert champion(rows.sample(frac=1, random_state=1)) == champion(rows)


def test_nothing_to_judge_leaves_the_model():
    found = champion(judged_at(0.1, 0.1, 0.1).iloc[:0])
    assert (found["method"], found["log_loss"]) == ("lightgbm", None)


def test_the_verdict_says_who_scores_where_that_is_a_rule():
    rows = judged_at(0.1, 0.1, 0.1)
    found = champion(rows)
    verdict = evaluate(rows.drop(columns="origin_kind"), champion=found).summary["verdict"]
    assert verdict["champion"]["method"] == "mbgnbd"
    for language in ("en", "pl"):
        assert tell(verdict, language=language).endswith(tell(found, language=language))
    ours = judged_at(-0.1, -0.1, -0.1)
    quiet = evaluate(ours.drop(columns="origin_kind"), champion=champion(ours)).summary["verdict"]
    assert "scores come from" not in tell(quiet, language="en")


def test_equals_are_said_not_to_differ_clearly():
    verdict = evaluate(rivals(model=0.5, rival=0.5, seed=2)).summary["verdict"]
    difference = verdict["log_loss_difference"]
    assert difference["low"] < 0 < difference["high"]
    assert verdict["beats"] is False
    assert "does not clearly beat" in tell(verdict, language="en")
    assert "nie jest wyraźnie lepszy" in tell(verdict, language="pl")


def test_a_handful_of_customers_gives_no_verdict():
    verdict = evaluate(FIVE).summary["verdict"]
    assert verdict["beats"] is None
    assert verdict["best_simple"] == "base_rate"
    assert tell(verdict, language="en").startswith(
        "Too few customers to tell whether the model beats the best simple rule (the base rate "
        "for everybody): 2 returned, 3 did not"
    )


def test_the_model_to_judge_can_be_any_method():
    verdict = evaluate(rivals(), model="base_rate").summary["verdict"]
    assert (verdict["model"], verdict["best_simple"]) == ("base_rate", "lightgbm")
    assert evaluate(rivals(), model="other").summary["verdict"]["beats"] is None


def test_the_summary_has_the_agreed_shape_and_no_nan():
    found = evaluate(rivals(200))
    summary = json.loads(found.to_json())
    assert Judged.from_json(found.to_json(), "evaluation.json") == found.summary
    assert set(summary) == {
        "horizon_days",
        "cutoffs",
        "active_days",
        "n_bootstrap",
        "populations",
        "by_cutoff",
        "verdict",
    }
    assert list(summary["populations"]) == ["everyone", "recently_active"]
    assert list(everyone(found)) == [
        "roc_auc",
        "pr_auc",
        "log_loss",
        "brier",
        "calibration_slope",
        "calibration_intercept",
        "ece",
        "lift_at_5",
        "lift_at_10",
        "lift_at_20",
        "mean_p",
    ]


def test_the_calibration_error_lies_in_its_own_interval():
    """In each tenth as many return as foretold, but for one customer of 400."""
    p = np.repeat(np.arange(1, 10) / 10, 40)
    returned = np.tile(np.arange(40), 9) < 40 * p
    returned[39] = True
    found = everyone(evaluate(predictions(returned, lightgbm=p)))["ece"]
    assert found["low"] <= found["value"] == 0.0028 < found["high"]


def test_a_model_of_ones_own_is_judged_by_its_column_and_called_by_its_name():
    rows = rivals().rename(columns={"p_logistic_rfm": "p_my_forest"})
    verdict = evaluate(rows).summary.verdict
    assert verdict.best_simple == "my_forest"
    assert tell(verdict).startswith("The model predicts returns better than my_forest: log loss")
    assert tell(verdict, language="pl").startswith("Model przewiduje powroty lepiej niż my_forest")
    theirs = evaluate(rows, model="my_forest").summary.verdict
    assert tell(theirs).startswith("my_forest predicts returns worse than winback's model: log")
    equal = evaluate(rows.assign(p_my_forest=rows["p_lightgbm"])).summary.verdict
    assert "nie jest wyraźnie lepszy od my_forest" in tell(equal, language="pl")


def test_a_model_of_ones_own_that_led_gives_the_scores_under_its_name():
    rows = judged_at(0.1, 0.1, 0.1).rename(columns={"p_mbgnbd": "p_my_forest"})
    found = champion(rows)
    assert found.method == "my_forest"
    assert tell(found).startswith("The scores come from my_forest, not from the model:")
    assert tell(found, language="pl").startswith("Oceny pochodzą z my_forest, a nie z modelu")
