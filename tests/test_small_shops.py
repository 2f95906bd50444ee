"""Every shop with a purchase gets an answer: one scored row a customer, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from winback.errors import WinbackError
from winback.params import Params, check_params
from winback.stages.flow import run_history
from winback.synthetic.shop import simulate_shop

FIRST = pd.Timestamp("2024-01-01")
FILES = {
    "scores.parquet", "list.csv", "assignment.parquet", "evaluation.json", "report.html",
    "quarantine.csv", "manifest.json",
}  # fmt: skip


def settings(horizon_days: int = 90, **ingest: Any) -> Params:
    """Few rounds and resamples: these tests are about answers, not about their quality."""
    return check_params(
        {
            "ingest": ingest,
            "snapshot": {"horizon_days": horizon_days},
            "train": {
                "seeds": 1, "threads": 1, "max_rounds": 20, "step_rounds": 5,
                "horizons_days": [30, 60],
            },
            "evaluate": {"origins": 1, "resamples": 10},
        }
    )  # fmt: skip


def order_lines(purchases: Iterable[tuple[str, int, float]]) -> pd.DataFrame:
    """Lines of (customer, day since the first, amount), one order each."""
    return pd.DataFrame(
        [
            {
                "customer_id": customer,
                "order_id": f"o{number}",
                "order_date": f"{FIRST + pd.Timedelta(days=day):%Y-%m-%d}",
                "amount": amount,
            }
            for number, (customer, day, amount) in enumerate(purchases)
        ]
    )


def answer(
    folder: Path, orders: pd.DataFrame, horizon_days: int = 90, **ingest: Any
) -> tuple[pa.Table, dict[str, Any]]:
    """Scores and training facts of a run, after the checks that hold for every shop."""
    source = folder / "orders.csv"
    orders.to_csv(source, index=False)
    out = folder / "out"
    trained = run_history(source, out, settings(horizon_days, **ingest)).json("training")
    assert {path.name for path in out.iterdir() if path.is_file()} >= FILES
    scores = pq.read_table(out / "scores.parquet")
    ids = scores["customer_id"].to_pylist()
    assert len(set(ids)) == len(ids) > 0
    assert ids == sorted(ids)
    for name, column in zip(scores.column_names, scores.columns, strict=True):
        if pa.types.is_floating(column.type):
            assert not pc.any(pc.is_nan(column)).as_py(), name
    chances = [p for p in scores["p_return"].to_pylist() if p is not None]
    assert all(0 <= p <= 1 for p in chances)
    assert len(chances) == (0 if trained["kind"] == "unproven" else len(ids))
    json.loads((out / "manifest.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    json.loads((out / "evaluation.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    return scores, trained


def test_five_customers_get_an_answer(tmp_path: Path) -> None:
    orders = order_lines(
        (customer, day, 10.0 + day % 7)
        for start, customer in enumerate("abcde")
        for day in range(5 * start, 400, 30 + 5 * start)
    )
    scores, trained = answer(tmp_path, orders)
    assert scores["customer_id"].to_pylist() == ["a", "b", "c", "d", "e"]
    assert trained["kind"] == "base_rate"
    assert min(scores["p_return"].to_pylist()) > 0.8  # all five came back each time


def test_one_customer_gets_an_answer(tmp_path: Path) -> None:
    scores, trained = answer(tmp_path, order_lines([("a", 0, 10), ("a", 40, 12), ("a", 150, 5)]))
    assert scores["customer_id"].to_pylist() == ["a"]
    assert scores["orders_total"].to_pylist() == [3]
    assert trained["kind"] == "base_rate"


def test_one_order_is_unproven(tmp_path: Path) -> None:
    scores, trained = answer(tmp_path, order_lines([("a", 0, 10)]))
    assert trained["kind"] == "unproven"
    assert scores["days_since_last_order"].to_pylist() == [1]


def test_one_day_of_orders_is_unproven(tmp_path: Path) -> None:
    scores, trained = answer(tmp_path, order_lines((f"c{i}", 0, 10 + i) for i in range(20)))
    assert (len(scores), trained["kind"]) == (20, "unproven")


def test_a_shop_without_repeats_expects_next_to_nobody(tmp_path: Path) -> None:
    orders = order_lines((f"c{i:03d}", i, 10 + i % 9) for i in range(400))
    scores, trained = answer(tmp_path, orders)
    assert (len(scores), trained["kind"]) == (400, "base_rate")
    assert max(scores["p_return"].to_pylist()) < 0.01
    assert set(scores["expected_next_order_on"].to_pylist()) == {None}


def test_a_shop_to_which_nobody_returns_still_scores_everybody(tmp_path: Path) -> None:
    early = [(f"c{i:03d}", i % 10, 10 + i % 9) for i in range(100)]
    late = [(f"d{i}", 380 + i, 5.0) for i in range(20)]
    scores, trained = answer(tmp_path, order_lines(early + late))
    assert (len(scores), trained["kind"]) == (120, "base_rate")
    assert max(scores["p_return"].to_pylist()) < 0.01


def test_a_constant_shop_expects_everybody(tmp_path: Path) -> None:
    orders = order_lines((f"c{i:02d}", day, 10.0) for i in range(60) for day in range(0, 400, 10))
    scores, trained = answer(tmp_path, orders)
    assert (len(scores), trained["kind"]) == (60, "base_rate")
    assert min(scores["p_return"].to_pylist()) > 0.99
    # Equal customers are told apart by nothing.
    for name in ("p_return", "segment", "risk_band", "rfm_score", "expected_orders"):
        assert len(set(scores[name].to_pylist())) == 1
    # An order each 10 days: 9 in 90 days, 10 of the currency each.
    assert scores["expected_orders"][0].as_py() == pytest.approx(9, rel=0.02)
    assert scores["expected_net_spend"][0].as_py() == pytest.approx(90, rel=0.02)


def test_forty_days_of_history_are_unproven_for_ninety(tmp_path: Path) -> None:
    orders = order_lines(
        (f"c{i:02d}", day, 10.0 + i) for i in range(60) for day in range(i % 7, 40, 7 + i % 5)
    )
    scores, trained = answer(tmp_path, orders)
    assert (len(scores), trained["kind"]) == (60, "unproven")
    assert set(scores["p_return_90d"].to_pylist()) == {None}
    assert None not in scores["risk_band"].to_pylist()
    evaluation = json.loads((tmp_path / "out/evaluation.json").read_text(encoding="utf-8"))
    assert (evaluation["model_kind"], evaluation["judged_on"]) == ("unproven", [])


def test_a_file_of_refunds_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WinbackError, match="no purchase"):
        answer(tmp_path, order_lines([("a", 0, -10.0), ("b", 5, -1.0)]))


def test_a_customer_with_refunds_alone_has_no_score(tmp_path: Path) -> None:
    orders = order_lines([("buyer", 0, 10.0), ("returner", 1, -10.0), ("buyer", 9, 5.0)])
    scores, _ = answer(tmp_path, orders)
    assert scores["customer_id"].to_pylist() == ["buyer"]


def test_somebody_who_sent_everything_back_has_a_score(tmp_path: Path) -> None:
    orders = order_lines([("a", 0, 10.0), ("b", 3, 10.0), ("a", 5, -10.0), ("b", 9, 5.0)])
    scores, _ = answer(tmp_path, orders)
    assert scores["customer_id"].to_pylist() == ["a", "b"]
    assert scores["spend_total"].to_pylist() == [0.0, 15.0]
    assert scores["refund_share"].to_pylist() == [1.0, 0.0]


@pytest.mark.long
def test_a_shop_of_one_price_gets_an_answer(tmp_path: Path) -> None:
    orders = order_lines(
        (f"c{i:02d}", day, 10.0) for i in range(60) for day in range(i % 9, 300, 20 + i)
    )
    scores, _ = answer(tmp_path, orders)
    assert len(scores) == 60
    assert set(scores["order_value_mean"].to_pylist()) == {10.0}


def test_four_months_of_three_hundred_customers_give_a_model(tmp_path: Path) -> None:
    shop = simulate_shop("young", 300, seed=4)
    scores, trained = answer(tmp_path, shop.orders, horizon_days=30)
    assert len(scores) == len(shop.customers)
    assert trained["kind"] in ("blend", "regression")
    assert 0.05 < sum(scores["p_return"].to_pylist()) / len(scores) < 0.95


def test_ids_are_kept_as_text_whatever_they_are(tmp_path: Path) -> None:
    ids = [
        "zażółć gęślą", "O'Brien \"x\", y", "a b  c", "x" * 500, "007", "日本", "=1+1",
        "<b>&amp;", "id;id", "%s{0}", "\N{PILE OF POO}",
    ]  # fmt: skip
    orders = order_lines(
        (customer, day, 10.0) for i, customer in enumerate(ids) for day in range(i, 300, 20 + i)
    )
    scores, _ = answer(tmp_path, orders)
    assert scores["customer_id"].to_pylist() == sorted(ids)
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "<b>&amp;" not in page


# ---------------------------------------------------------------- the cutoff


def scores_as_of(folder: Path, orders: pd.DataFrame, cutoff: str) -> tuple[bytes, bytes]:
    """scores.parquet with ``--cutoff`` on all lines, and on the lines before it alone."""
    whole, past = folder / "whole", folder / "past"
    whole.mkdir()
    past.mkdir()
    when = pd.to_datetime(orders[next(c for c in orders if c.endswith(("_at", "_date")))])
    answer(whole, orders, 30, cutoff=cutoff)
    answer(past, orders[when < pd.Timestamp(cutoff)], 30, cutoff=cutoff)
    return tuple((f / "out/scores.parquet").read_bytes() for f in (whole, past))  # type: ignore[return-value]


@pytest.mark.long
def test_what_lies_from_the_cutoff_on_changes_no_score(tmp_path: Path) -> None:
    shop = simulate_shop("fashion", 250, days=300, seed=6)
    whole, past = scores_as_of(tmp_path, shop.orders, "2023-09-01")
    assert whole == past


@pytest.mark.long
def test_an_order_at_the_very_cutoff_changes_no_score(tmp_path: Path) -> None:
    orders = order_lines(
        (f"c{i:02d}", day, 10.0 + i) for i in range(40) for day in range(i % 7, 120, 9 + i % 5)
    )
    at_cutoff = order_lines([("c00", 100, 999.0), ("stranger", 100, 1.0)])
    at_cutoff["order_id"] = ["late1", "late2"]
    orders = pd.concat([orders, at_cutoff])
    whole, past = scores_as_of(tmp_path, orders, f"{FIRST + pd.Timedelta(days=100):%Y-%m-%d}")
    assert whole == past


@pytest.mark.long
def test_finer_prices_after_the_cutoff_change_no_score(tmp_path: Path) -> None:
    # Thousandths after the cutoff make the amounts' scale finer, for the whole file.
    lines = [
        (f"c{i:02d}", day, 9.99 + i) for i in range(40) for day in range(i % 7, 100, 9 + i % 5)
    ]
    orders = order_lines([*lines, *((f"c{i:02d}", 110, 1.001) for i in range(40))])
    whole, past = scores_as_of(tmp_path, orders, f"{FIRST + pd.Timedelta(days=100):%Y-%m-%d}")
    assert whole == past


def test_without_a_cutoff_the_day_after_the_last_order_is_meant(tmp_path: Path) -> None:
    orders = order_lines((f"c{i}", day, 10.0) for i in range(9) for day in range(i, 60, 10))
    scores, _ = answer(tmp_path, orders, 30)
    # The last order is on day 58: starts 0 to 8, steps of ten.
    assert set(scores["cutoff"].to_pylist()) == {(FIRST + pd.Timedelta(days=59)).date()}


@pytest.mark.long
def test_the_order_of_the_lines_changes_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINBACK_SALT", "the same in both folders")
    orders = simulate_shop("groceries", 60, days=200, seed=7).orders
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    answer(first, orders, 30)
    answer(second, orders.sample(frac=1, random_state=1), 30)
    assert (first / "out/scores.parquet").read_bytes() == (
        second / "out/scores.parquet"
    ).read_bytes()
    assert (first / "out/list.csv").read_bytes() == (second / "out/list.csv").read_bytes()


@pytest.mark.long
def test_a_month_of_past_before_a_closed_window_leaves_the_rest_to_the_habit(
    tmp_path: Path,
) -> None:
    shop = simulate_shop("groceries", customers=300, days=125, seed=5)
    project = run_history(shop.orders, tmp_path, check_params({"snapshot": {"horizon_days": 90}}))
    model = project.json("training")
    assert (model["kind"], model["learned_days"]) == ("blend", 35)
    assert json.loads((tmp_path / "evaluation.json").read_text())["judged_on"] == ["first_days"]
    scores = pd.read_parquet(tmp_path / "scores.parquet")
    assert scores["p_return"].between(0, 1).all()
    assert (scores["p_return_30d"] <= scores["p_return_60d"]).all()
    assert (scores["p_return_60d"] <= scores["p_return_90d"]).all()


@pytest.mark.long
def test_where_no_later_day_can_judge_the_page_says_who_did(tmp_path: Path) -> None:
    # Of 20 days a window of 12 leaves 8: no other had closed before, and a third is no week.
    shop = simulate_shop("groceries", customers=300, days=20, seed=5)
    run_history(shop.orders, tmp_path, settings(12))
    assert json.loads((tmp_path / "evaluation.json").read_text())["judged_on"] == ["customers"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    # Both halves, each from the other.
    assert "each half of the customers of" in " ".join(page.split())
    assert "predicted from the other half" in page and "had never seen" not in page


@pytest.mark.long
def test_a_young_shop_is_ranked_nearly_as_well_as_its_truth_allows(tmp_path: Path) -> None:
    shop = simulate_shop("young", customers=1500, days=195, seed=5)
    cutoff = pd.to_datetime(shop.orders["ordered_at"]).min().normalize() + pd.Timedelta(days=100)
    params = {"snapshot": {"horizon_days": 90}, "ingest": {"cutoff": f"{cutoff:%Y-%m-%d}"}}
    run_history(shop.orders, tmp_path, check_params(params))
    scores = pd.read_parquet(tmp_path / "scores.parquet").set_index("customer_id")["p_return"]
    truth = shop.true_return_probability(cutoff.date(), 90).reindex(scores.index)
    assert scores.corr(truth, method="spearman") > 0.9
    assert scores.mean() == pytest.approx(truth.mean(), abs=0.1)


def test_one_huge_order_among_equal_ones_does_not_run_away(tmp_path: Path) -> None:
    # 299 orders of 5.00 and a last one of 9,505: the customers seen until then are all alike,
    # which says nothing about the slope of spend for one who is two thousand times larger.
    orders = order_lines((f"c{k % 40}", k, 5.0 if k < 299 else 9505.0) for k in range(300))
    scores, _ = answer(tmp_path, orders)
    expected = scores["expected_net_spend"].to_pylist()
    assert max(expected) < 20_000
