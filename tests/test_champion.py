"""Where a simple rule proved better, the scores come from it: by one run and by the stages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from winback.learning.model import ReturnModel
from winback.learning.rules import BY_NAME, fit_rule, predict_baselines
from winback.params import Params, check_params
from winback.project import Project
from winback.results.judged import Champion
from winback.said.notebook import tell
from winback.stages.flow import run_history, stage
from winback.synthetic.shop import simulate_shop
from winback.tracking.mlflow_runs import as_features

HORIZONS = [14, 30, 60]
# Trees that learn their rows by heart, in a shop whose customers follow BG/NBD to the letter.
BY_HEART = {
    "seeds": 1, "threads": 1, "horizons_days": HORIZONS, "learning_rate": 0.8, "num_leaves": 63,
    "min_rows_in_leaf": 1, "l2": 0.0, "path_smooth": 0.0, "step_rounds": 5, "lifetime_days": None,
}  # fmt: skip
HONEST = {"seeds": 1, "threads": 1, "horizons_days": HORIZONS, "max_rounds": 30, "step_rounds": 5}


def params_of(orders: Path, train: dict[str, Any], **target: Any) -> Params:
    return check_params(
        {
            "ingest": {"orders": str(orders)},
            "snapshot": {"horizon_days": 30, "threads": 1},
            "train": train,
            "evaluate": {"resamples": 100},
            "target": target,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "orders.csv"
    simulate_shop("bgnbd", 300, days=560, seed=4).orders.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def ran(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `winback run` wrote, where a rule won."""
    out = tmp_path_factory.mktemp("run")
    run_history(orders, out, params_of(orders, BY_HEART))
    return out


@pytest.fixture(scope="module")
def staged(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same through the stages, one after another, as `dvc repro` calls them."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        for name in ("ingest", "snapshot", "train", "evaluate", "gate", "score"):
            stage(name)(Project(params_of(orders, BY_HEART)))
        yield folder


def test_the_manifest_the_evaluation_and_the_report_say_who_scores(ran: Path) -> None:
    trained = json.loads((ran / "reports/training.json").read_text(encoding="utf-8"))
    judged = json.loads((ran / "evaluation.json").read_text(encoding="utf-8"))
    champion = judged["verdict"]["champion"]
    rule = champion["method"]
    assert rule in BY_NAME
    assert (trained["kind"], trained["rule"]) == ("rule", rule)
    evaluation = json.loads((ran / "evaluation.json").read_text(encoding="utf-8"))
    assert evaluation["model_kind"] == "rule"
    assert evaluation["verdict"]["champion"] == champion
    page = (ran / "report.html").read_text(encoding="utf-8")
    assert tell(Champion.model_validate(champion)) in page
    assert "so the scores come from it" in page


def test_the_scores_are_those_of_the_rule(staged: Path) -> None:
    evaluation = json.loads((staged / "reports/evaluation.json").read_text(encoding="utf-8"))
    rule = evaluation["verdict"]["champion"]["method"]
    snapshots = pd.read_parquet(staged / "data/snapshots.parquet")
    outcomes = pd.read_parquet(staged / "data/outcomes.parquet")
    for table in (snapshots, outcomes):
        table["cutoff"] = pd.to_datetime(table["cutoff"])
    customers = snapshots[snapshots["cutoff"] == snapshots["cutoff"].max()]
    closed = snapshots.merge(outcomes, on=["customer_id", "cutoff"])
    expected = predict_baselines(closed, customers, 30, methods=[rule])[rule]
    scores = pd.read_parquet(staged / "data/scores.parquet").set_index("customer_id")
    np.testing.assert_allclose(
        scores.loc[customers["customer_id"], "p_return"], np.clip(expected, 1e-5, 1), atol=1e-6
    )


def test_what_the_model_itself_would_have_said_is_kept_where_a_rule_scores(staged: Path) -> None:
    scores = pd.read_parquet(staged / "data/scores.parquet")
    said = pd.read_parquet(staged / "data/rivals.parquet")
    assert said["customer_id"].equals(scores["customer_id"])
    # The rule that scores did best in the backtest, and learned from the same rows.
    np.testing.assert_allclose(said["p_best_rule"], scores["p_return"], atol=2e-5)
    # Trees that learn by heart are far from any rule.
    assert (said["p_model"] - scores["p_return"]).abs().mean() > 0.05


def test_worth_is_judged_by_the_chance_it_follows_from(staged: Path) -> None:
    judged = pd.read_parquet(staged / "data/backtest.parquet")
    evaluation = json.loads((staged / "reports/evaluation.json").read_text(encoding="utf-8"))
    rule, coverage = (
        evaluation["verdict"]["champion"]["method"], evaluation["value"]["coverage"]
    )  # fmt: skip
    # Of those more than a fifth likely to return, by the rule.
    assert coverage["likely_n"] == (judged[f"p_{rule}"] > 0.2).sum()
    # Orders if any return are one or more, and in this shop hardly ever more than three.
    ratio = judged["expected_orders"] / judged[f"p_{rule}"]
    assert ratio.between(1, 3).mean() > 0.95
    assert not (judged["expected_orders"] / judged["p_lightgbm"]).between(1, 3).mean() > 0.95


def test_a_rules_scores_are_whole(staged: Path) -> None:
    scores = pd.read_parquet(staged / "data/scores.parquet")
    ladder = scores[[f"p_return_{h}d" for h in HORIZONS]].to_numpy()
    assert (np.diff(ladder, axis=1) >= 0).all()
    assert scores["p_return"].equals(scores["p_return_30d"].rename("p_return"))
    assert (scores["expected_net_spend"] > 0).any()
    assert scores["reason_1"].notna().all()


def test_run_and_the_stages_give_the_same_scores(ran: Path, staged: Path) -> None:
    ours, theirs = (
        pd.read_parquet(path) for path in (ran / "scores.parquet", staged / "data/scores.parquet")
    )
    columns = [name for name in ours if not name.startswith("reason")]
    pd.testing.assert_frame_equal(ours[columns], theirs[columns])


def test_the_stored_model_is_the_one_that_scored(staged: Path) -> None:
    model = ReturnModel.load(staged / "models/return_model.json")
    assert model.rule is not None
    scores = pd.read_parquet(staged / "data/scores.parquet")
    assert set(scores["model_version"]) == {model.version}
    training = json.loads((staged / "reports/training.json").read_text(encoding="utf-8"))
    assert (training["kind"], training["rule"]) == ("rule", model.rule.name)


@pytest.fixture(scope="module")
def closed(staged: Path) -> pd.DataFrame:
    tables = [
        pd.read_parquet(staged / "data" / name).assign(
            cutoff=lambda table: pd.to_datetime(table["cutoff"])
        )
        for name in ("snapshots.parquet", "outcomes.parquet")
    ]
    return tables[0].merge(tables[1], on=["customer_id", "cutoff"])


@pytest.mark.parametrize("name", BY_NAME)
def test_any_rule_can_score(name: str, staged: Path, closed: pd.DataFrame, tmp_path: Path) -> None:
    model = ReturnModel.load(staged / "models/return_model.json")
    customers = closed[closed["cutoff"] == closed["cutoff"].max()]
    rule = fit_rule(name, closed, customers, 30)
    assert rule is not None
    ruled = model.ruled_by(rule)
    told = ruled.predict(customers)
    expected = predict_baselines(closed, customers, 30, methods=[name])[name]
    np.testing.assert_allclose(told["p_return"], np.clip(expected, 1e-5, 1 - 1e-5), atol=1e-9)
    ladder = told[[f"p_return_{h}d" for h in HORIZONS]].to_numpy()
    assert (np.diff(ladder, axis=1) >= 0).all()
    parts = ruled.contributions(customers).sum(axis=1)
    np.testing.assert_allclose(parts, ruled.log_odds(customers), atol=1e-9)
    served = ruled.predict(as_features(customers)).reset_index(drop=True)
    pd.testing.assert_frame_equal(served, told.reset_index(drop=True))
    ruled.save(tmp_path / "model.json")
    again = ReturnModel.load(tmp_path / "model.json")
    assert again.version == ruled.version != model.version
    pd.testing.assert_frame_equal(again.predict(customers), told)


@pytest.fixture(scope="module")
def honest(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return run_history(orders, tmp_path_factory.mktemp("honest"), params_of(orders, HONEST))


def test_without_a_reason_the_model_scores(honest: Project) -> None:
    assert honest.json("evaluation")["verdict"]["champion"]["method"] == "lightgbm"
    assert honest.json("training")["kind"] == "blend"
    assert honest.json("training")["rule"] is None


def metrics_of(metrics: Path) -> dict[str, Any]:
    parts = ((metrics / f"{name}.json").read_text("utf-8") for name in ("evaluate", "gate"))
    evaluated, gated = map(json.loads, parts)
    return {**evaluated, **gated}


def test_a_worse_model_shows_worse_figures_though_a_rule_scores_in_its_stead(
    honest: Project, ran: Path, staged: Path, orders: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """`dvc metrics diff` of three models, each worse than the one before."""
    worst = tmp_path / "worst"
    shutil.copytree(staged, worst)
    judged = pd.read_parquet(worst / "data/backtest.parquet")
    judged["p_lightgbm"] = expit(1.5 * logit(judged["p_lightgbm"].clip(1e-4, 1 - 1e-4)))
    judged.to_parquet(worst / "data/backtest.parquet", index=False)
    monkeypatch.chdir(worst)
    for name in ("evaluate", "gate"):
        stage(name)(Project(params_of(orders, BY_HEART)))
    good, bad, worst_of_all = (
        metrics_of(folder / "reports/metrics") for folder in (honest.root, ran, worst)
    )

    for population in ((), ("recently_active",)):
        losses = [
            inside(each, "model", *population)["log_loss"] for each in (good, bad, worst_of_all)
        ]
        assert losses == sorted(set(losses)), population
    # The rule takes over, and to whoever looks at what scores the two worse ones are the same.
    rule = json.loads((ran / "evaluation.json").read_text())["verdict"]["champion"]["method"]
    for each in (bad, worst_of_all):
        assert each["served"]["log_loss"] == each["rules"][rule]["log_loss"]
        assert each["served"]["log_loss"] < each["model"]["log_loss"]
    assert good["served"].items() >= good["model"].items()
    assert good["rules"] == bad["rules"] == worst_of_all["rules"]


def inside(found: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        found = found[key]
    return found


def test_the_metrics_are_few_and_those_of_the_evaluation(ran: Path) -> None:
    found = metrics_of(ran / "reports/metrics")
    judged = json.loads((ran / "evaluation.json").read_text(encoding="utf-8"))
    for name in ("everyone", "recently_active"):
        people = judged["populations"][name]
        assert found[name] == {"n": people["n"], "base_rate": people["base_rate"]}
        of_model = people["methods"]["lightgbm"]
        shown = found["model"] if name == "everyone" else found["model"]["recently_active"]
        for key in ("log_loss", "roc_auc", "brier", "calibration_slope", "lift_at_10"):
            assert shown[key] == of_model[key]["value"], key
        assert shown["mean_p"] == of_model["mean_p"]
    assert set(found["rules"]) == set(judged["populations"]["everyone"]["methods"]) - {"lightgbm"}
    assert found["served"]["spend"]["mae"] == judged["value"]["methods"]["winback"]["mae"]
