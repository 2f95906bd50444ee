"""Tuning: searched at earlier cutoffs, proved at later ones, and honest about it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from winback.errors import WinbackError
from winback.intake.settling import read_orders
from winback.judging.tuning import SPACE, tune
from winback.params import TrainSettings, check_params
from winback.results.tuned import Tuned
from winback.said.notebook import tell
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_snapshots
from winback.synthetic.shop import simulate_shop
from winback.tables.outcomes import OUTCOMES

HORIZON_DAYS = 30
QUICK = TrainSettings(seeds=1, max_rounds=40, patience_rounds=5, threads=1)
WINBACK = Path(sys.executable).with_name("winback")


@pytest.fixture(scope="module")
def lines():
    return simulate_shop("groceries", 160, days=330, seed=5).orders


@pytest.fixture(scope="module")
def rows(lines, tmp_path_factory):
    """Closed snapshots of 160 customers, a cutoff each 30 days."""
    intake = read_orders(lines, tmp_path_factory.mktemp("orders"))
    first = intake.summary.first_day
    cutoffs = training_cutoffs(first, intake.cutoff, HORIZON_DAYS)
    return take_snapshots(
        intake.orders_path, cutoffs, horizon_days=HORIZON_DAYS, observed_until=intake.cutoff
    ).closed()


@pytest.fixture(scope="module")
def tuned(rows):
    told = []
    found = tune(
        rows, horizon_days=HORIZON_DAYS, settings=QUICK, trials=4, origins=2,
        progress=lambda *words: told.append(words),
    )  # fmt: skip
    return found, told


@pytest.mark.long
def test_no_window_serves_both_the_search_and_the_proof(rows, tuned):
    found = tuned[0].summary
    assert list(found.proved_on) == [day.date() for day in sorted(rows["cutoff"].unique())[-2:]]
    last = pd.Timestamp(found.tuned_on[-1]) + pd.Timedelta(days=HORIZON_DAYS)
    assert last <= pd.Timestamp(found.proved_on[0])


@pytest.mark.long
def test_outcomes_of_the_newest_cutoffs_do_not_change_what_is_found(rows, tuned):
    found, _ = tuned
    changed = rows.copy()
    newest = changed["cutoff"] >= pd.Timestamp(found.summary.proved_on[0])
    changed.loc[newest, "returned"] = ~changed.loc[newest, "returned"]
    again = tune(changed, horizon_days=HORIZON_DAYS, settings=QUICK, trials=4, origins=2)
    assert again.summary.settings == found.summary.settings
    pd.testing.assert_frame_equal(again.trials, found.trials)
    assert again.summary.log_loss != found.summary.log_loss


@pytest.mark.long
def test_a_cutoff_learns_and_chooses_by_what_was_known_then_and_not_today(rows, tuned):
    """Outcomes before the proof, all corrected afterwards, are as good as never corrected."""
    found, _ = tuned
    days = sorted(rows["cutoff"].unique())
    horizon = pd.Timedelta(days=HORIZON_DAYS)
    outcomes = [name for name in OUTCOMES.schema.names if name not in ("customer_id", "cutoff")]
    once = pd.concat(
        [
            rows.loc[rows["cutoff"] + horizon <= day, ["customer_id", "cutoff", *outcomes]].assign(
                origin=day
            )
            for day in days
        ]
    )
    today = rows.copy()
    corrected = today["cutoff"] < pd.Timestamp(found.summary.proved_on[0])
    today.loc[corrected, "returned"] = ~today.loc[corrected, "returned"]
    wanted = {"horizon_days": HORIZON_DAYS, "settings": QUICK, "trials": 4, "origins": 2}
    again = tune(today, restated=once, **wanted)
    assert again.summary.settings == found.summary.settings
    pd.testing.assert_frame_equal(again.trials, found.trials)
    assert again.summary == found.summary
    assert tune(today, **wanted).summary.log_loss != found.summary.log_loss


@pytest.mark.long
def test_the_same_rows_in_any_order_give_the_same_result(rows, tuned):
    found, _ = tuned
    shuffled = rows.sample(frac=1, random_state=1)
    again = tune(shuffled, horizon_days=HORIZON_DAYS, settings=QUICK, trials=4, origins=2)
    assert again.summary.settings == found.summary.settings
    np.testing.assert_allclose(again.trials["log_loss"], found.trials["log_loss"], atol=1e-9)
    assert again.summary.difference == found.summary.difference


def test_the_winner_is_the_trial_of_the_lowest_log_loss_and_the_given_ones_are_the_first(tuned):
    tuning, told = tuned
    found, trials = tuning.summary, tuning.trials
    assert trials["trial"].tolist() == [0, 1, 2, 3, 4]
    assert trials.loc[0, list(SPACE)].to_dict() == {key: getattr(QUICK, key) for key in SPACE}
    best = trials.loc[trials["log_loss"].idxmin()]
    assert found.settings == best[list(SPACE)].to_dict()
    assert [done for done, _, _ in told] == [0, 1, 2, 3, 4]
    assert told[-1][2] == trials["log_loss"].min()


def test_the_gain_is_the_difference_and_is_called_proven_only_beyond_its_interval(tuned):
    found, trials = tuned[0].summary, tuned[0].trials
    gap = found.difference
    assert gap["value"] == pytest.approx(found.log_loss - found.log_loss_given, abs=2e-5)
    assert gap["low"] <= gap["value"] <= gap["high"]
    assert found.better == (gap["high"] < 0)
    assert found.changed == (trials["log_loss"].idxmin() > 0)
    assert Tuned.from_json(found.to_json(), "tuning.json") == found
    assert found.finding in ("better", "even", "worse" if found.changed else "unchanged")
    assert tell(tuned[0], language="pl") != tell(tuned[0])


def test_the_lines_to_paste_are_valid_params(tuned):
    found, _ = tuned
    pasted = check_params(yaml.safe_load(found.params_lines()))
    assert {key: getattr(pasted.train, key) for key in SPACE} == found.summary.settings


def test_a_short_history_and_a_small_one_are_refused_with_what_to_do(rows):
    newest = rows[rows["cutoff"] >= sorted(rows["cutoff"].unique())[-2]]
    with pytest.raises(WinbackError, match=r"three windows of 30 days.*has 2 closed cutoffs"):
        tune(newest, horizon_days=HORIZON_DAYS, settings=QUICK, trials=1)
    few = rows[rows["customer_id"].isin(sorted(rows["customer_id"].unique())[:15])]
    with pytest.raises(WinbackError, match=r"too small for LightGBM, so there is nothing to tune"):
        tune(few, horizon_days=HORIZON_DAYS, settings=QUICK, trials=1)


def test_without_optuna_one_line_says_how_to_get_it(rows, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(WinbackError, match=r"pip install 'winback\[tune\]'"):
        tune(rows, horizon_days=HORIZON_DAYS, trials=1)


@pytest.mark.long
def test_the_command_tunes_a_file_of_orders_and_prints_lines_to_paste(lines, tmp_path):
    source = tmp_path / "orders.csv"
    lines.to_csv(source, index=False)
    (tmp_path / "params.yaml").write_text(
        "train: {max_rounds: 20, threads: 1}\nevaluate: {origins: 1}\n"
    )
    done = subprocess.run(
        [
            str(WINBACK), "tune", "orders.csv", "--trials", "1", "--horizon-days", "30",
            "--params", "params.yaml",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "trial 1 of 1" in done.stderr
    said = done.stdout.splitlines()
    found = json.loads((tmp_path / "tuned" / "tuning.json").read_text())
    assert ("train:" in said) == (found["changed"] and found["difference"]["low"] <= 0)
    assert said[-1] == "Trials: tuned/trials.csv"
    assert said[0] == tell(Tuned.model_validate(found))
    assert len(pd.read_csv(tmp_path / "tuned" / "trials.csv")) == 2
    assert not (tmp_path / "mlflow.db").exists()


@pytest.mark.long
def test_orders_entered_after_the_search_do_not_change_it(lines, tmp_path):
    """One more order of each customer in the middle of the history, known on its last day only."""
    known = lines.assign(known_at=lines["ordered_at"])
    days = pd.to_datetime(known["ordered_at"])
    late = known.drop_duplicates("customer_id").assign(
        order_id=lambda rows: "late-" + rows["customer_id"],
        ordered_at=f"{days.min() + pd.Timedelta(days=175):%Y-%m-%d} 12:00:00",
        known_at=f"{days.max():%Y-%m-%d} 12:00:00",
    )
    (tmp_path / "params.yaml").write_text(
        "train: {max_rounds: 20, threads: 1}\nevaluate: {origins: 2}\n"
    )
    trials, proved = [], []
    for name, told in (("without", known), ("with", pd.concat([known, late]))):
        told.to_csv(tmp_path / f"{name}.csv", index=False)
        done = subprocess.run(
            [
                str(WINBACK), "tune", f"{name}.csv", "--trials", "1", "--horizon-days", "30",
                "--params", "params.yaml", "--out", name,
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        trials.append((tmp_path / name / "trials.csv").read_text())
        proved.append(json.loads((tmp_path / name / "tuning.json").read_text())["tuned_on"])
    assert proved[0] == proved[1]
    assert trials[0] == trials[1]


def test_without_a_project_the_command_says_what_to_give_it(tmp_path):
    (tmp_path / "params.yaml").write_text("{}\n")
    done = subprocess.run(
        [str(WINBACK), "tune"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Give a file of orders, or run dvc repro first" in done.stderr
