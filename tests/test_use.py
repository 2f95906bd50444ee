"""Forecasts that are no better than chance are called so, and then nobody is told apart."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from winback.cli.ending import print_ending
from winback.judging.champion import choose_champion
from winback.judging.judge import evaluate_predictions
from winback.params import check_params
from winback.results.judged import Verdict
from winback.said.notebook import tell
from winback.stages.flow import run_history

DAYS = ("2024-01-01", "2024-04-01")
PRAISE = ("better than the best", "lepiej niż najlepsza")


def judged(
    strength: float, n: int = 2000, *, claimed: float | None = None, level: float = 0.0
) -> pd.DataFrame:
    """Two cutoffs of customers whose log-odds spread by ``strength`` around a quarter.

    The model claims them to spread by ``claimed``, around a level off by ``level``.
    """
    draw = np.random.default_rng(3)
    parts = []
    for day in DAYS:
        spread = draw.standard_normal(n)
        returned = draw.random(n) < expit(-1.1 + strength * spread)
        model = expit(-1.1 + level + (strength if claimed is None else claimed) * spread)
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": [f"c{i:05d}" for i in range(n)],
                    "cutoff": pd.Timestamp(day),
                    "returned": returned,
                    "recently_active": True,
                    "origin_kind": "time",
                    "p_lightgbm": model,
                    "p_base_rate": 0.25,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def verdict_of(rows: pd.DataFrame, **options: Any) -> Verdict:
    champion = choose_champion(rows, horizon_days=60, cutoff="2024-07-01", history_days=2000)
    rows = rows.drop(columns="origin_kind")
    return evaluate_predictions(
        rows, horizon_days=60, active_days=60, champion=champion, **options
    ).summary.verdict


def test_forecasts_close_to_chance_are_called_so_and_give_way_to_the_same_chance() -> None:
    # ROC AUC .53, lift 1.1: by so many customers a real lead over the base rate, and no use.
    verdict = verdict_of(judged(0.11, 6000))
    found = verdict.against_chance
    assert verdict.use == "near_chance" and found is not None and found.roc_auc is not None
    assert 0.51 < found.roc_auc.value < 0.55
    assert found.lift_at_10 is not None and found.lift_at_10.value < 1.3
    assert verdict.champion is not None
    assert (verdict.champion.method, verdict.champion.why) == ("base_rate", "near_chance")
    english, polish = tell(verdict), tell(verdict, language="pl")
    assert english.startswith("Close to guessing: the forecasts can hardly tell who")
    assert "with the same chance for everybody" in english
    assert polish.startswith("To prawie zgadywanie: prognozy ledwie odróżniają tych")
    assert "przy tej samej szansie dla wszystkich" in polish
    assert not any(praise in english + polish for praise in PRAISE)


def test_percentages_no_better_than_the_base_rate_are_said_to_be_so_though_the_order_is_right() -> (
    None
):
    verdict = verdict_of(judged(0.8, claimed=1.62))
    assert verdict.use == "near_chance"
    assert verdict.against_chance is not None and verdict.against_chance.tells_apart
    # The order would be lost with the same chance for all.
    assert verdict.champion is not None and verdict.champion.method == "lightgbm"
    assert "The percentages are hardly better than giving everybody the same" in tell(verdict)
    assert "go by the order" in tell(verdict)
    polish = tell(verdict, language="pl")
    assert "Same procenty są niewiele lepsze niż ta sama szansa dla wszystkich" in polish


def test_forecasts_worse_than_the_base_rate_are_called_worse() -> None:
    verdict = verdict_of(judged(0.0, claimed=0.8))
    assert verdict.use == "worse_than_base"
    assert verdict.champion is not None and verdict.champion.method == "base_rate"
    assert tell(verdict).startswith("The forecasts are worse than giving everybody the same chance")
    assert tell(verdict, language="pl").startswith("Prognozy są gorsze niż ta sama szansa dla")
    rows = judged(0.8, level=2.5).drop(columns="origin_kind")
    ordered = evaluate_predictions(rows, horizon_days=60, active_days=60).summary.verdict
    assert ordered.use == "worse_than_base"
    assert tell(ordered).startswith("The percentages are worse than giving everybody the same")
    assert "go by the order" in tell(ordered)


def test_too_few_outcomes_leave_it_unknown() -> None:
    verdict = verdict_of(judged(0.3, 40))
    assert verdict.use == "unknown"
    assert verdict.champion is not None and verdict.champion.method == "lightgbm"
    assert "Whether the forecasts are any better than chance is not known" in tell(verdict)
    assert "Nie wiadomo, czy prognozy są lepsze niż los" in tell(verdict, language="pl")
    undrawn = verdict_of(judged(2.0), n_bootstrap=0)
    assert undrawn.use == "unknown"  # a figure without its interval proves nothing


def test_a_ranking_that_tells_little_is_modest_and_a_good_one_needs_no_word() -> None:
    modest, good = verdict_of(judged(0.5)), verdict_of(judged(2.0))
    assert (modest.use, good.use) == ("modest", "good")
    assert "tell customers apart only in part: ROC AUC 0.6" in tell(modest)
    assert "odróżniają klientów tylko częściowo" in tell(modest, language="pl")
    assert "chance" not in tell(good) and "apart" not in tell(good)


def lines_of(purchases: list[tuple[str, int, float]]) -> pd.DataFrame:
    first = pd.Timestamp("2023-01-02")
    return pd.DataFrame(
        [
            (customer, f"o{k}", f"{first + pd.Timedelta(days=day):%Y-%m-%d}", round(amount, 2))
            for k, (customer, day, amount) in enumerate(purchases)
        ],
        columns=["customer_id", "order_id", "order_date", "amount"],
    )


def ran(orders: pd.DataFrame, out: Path, horizon_days: int = 30) -> tuple[dict[str, Any], Any]:
    """What a run wrote of its evaluation, and its project."""
    params = {
        # By which a price of a contact is assumed: nothing pays here that costs anything.
        "ingest": {"cutoff": None, "currency": "PLN"},
        "snapshot": {"horizon_days": horizon_days},
        "train": {
            "seeds": 1, "threads": 1, "max_rounds": 20, "step_rounds": 5, "lifetime_days": None,
            "horizons_days": [10, 60],
        },
        "evaluate": {"origins": 1, "resamples": 100},
    }  # fmt: skip
    project = run_history(orders, out, check_params(params))
    return json.loads((out / "evaluation.json").read_text(encoding="utf-8")), project


@pytest.mark.long
def test_a_shop_of_pure_noise_gets_the_simplest_list_and_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = np.random.default_rng(5)
    orders = lines_of(
        [
            (f"c{i:03d}", int(draw.integers(240)), float(draw.gamma(4, 12)))
            for i in range(300)
            for _ in range(draw.poisson(4))
        ]
    )
    judged, project = ran(orders, tmp_path)
    # By chance the model may also come out worse than the same chance for everybody.
    assert judged["verdict"]["use"] in ("near_chance", "worse_than_base")
    assert judged["verdict"]["champion"]["why"] == "near_chance"
    scores = pd.read_parquet(tmp_path / "scores.parquet")
    # No spread that nothing supports, for no horizon.
    assert scores[["p_return", "p_return_10d", "p_return_60d"]].nunique().tolist() == [1, 1, 1]
    listed = pd.read_csv(tmp_path / "list.csv")
    assert len(listed) > 50
    assert listed["days_since_last_order"].is_monotonic_increasing
    assert listed["churn_probability"].nunique() == 1
    assert listed["reason_1"].str.contains("does not tell who returns, so the latest").all()
    capsys.readouterr()
    print_ending(project)
    said = capsys.readouterr().out
    assert "Model: Close to guessing" in said or (
        "the same chance for everybody" in said and judged["verdict"]["use"] == "worse_than_base"
    )
    assert "the list begins with the latest buyers" in said
    page = " ".join(html.unescape((tmp_path / "report.html").read_text(encoding="utf-8")).split())
    assert "forecasts are hardly better than chance" in page
    assert "list.csv is in the simplest order: the latest buyers first" in page
    assert "At high risk of not returning" not in page


def test_a_shop_of_one_time_buyers_gets_a_list_by_recency_and_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = lines_of([(f"c{i:03d}", i, 10.0 + i % 9) for i in range(200)])
    judged, project = ran(orders, tmp_path)
    assert (judged["model_kind"], judged["verdict"]["use"]) == ("base_rate", "unknown")
    listed = pd.read_csv(tmp_path / "list.csv")
    assert len(listed) == 200 and listed["offer"].isna().all()
    assert listed["days_since_last_order"].tolist() == list(range(1, 201))
    assert listed["reason_1"].str.contains("so the latest buyers come first").all()
    capsys.readouterr()
    print_ending(project)
    said = capsys.readouterr().out
    assert "all get the same chance, and the list begins with the latest buyers" in said
    assert "List: no offer is planned" in said
    assert "Use the order of the list rather than the percentages" not in said
    page = " ".join(html.unescape((tmp_path / "report.html").read_text(encoding="utf-8")).split())
    assert "list.csv</code> holds" in page or "list.csv holds all who may be contacted" in page


def test_a_month_of_history_gets_a_list_by_recency_and_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = lines_of([(f"c{k % 60:02d}", k // 6, 10.0 + k % 9) for k in range(180)])
    judged, project = ran(orders, tmp_path, 90)
    assert (judged["model_kind"], judged["verdict"]["use"]) == ("unproven", "unknown")
    listed = pd.read_csv(tmp_path / "list.csv")
    assert len(listed) == 60 and listed["churn_probability"].isna().all()
    assert listed["days_since_last_order"].is_monotonic_increasing
    assert listed["reason_1"].str.contains("no forecast is possible yet").all()
    capsys.readouterr()
    print_ending(project)
    assert "Model: unproven" in capsys.readouterr().out
