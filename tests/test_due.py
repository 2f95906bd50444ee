"""What waits: told with its command, and in the exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from winback.cli.app import app
from winback.params import check_params
from winback.project import Project
from winback.questions.sealing import seal_list
from winback.stages.flow import WALKED, stage
from winback.synthetic.shop import simulate_shop

PARAMS = {
    "ingest": {"orders": "shop.csv", "currency": "PLN"},
    "snapshot": {"horizon_days": 30, "country": "PL", "most_cutoffs": 3},
    "train": {"horizons_days": [14], "seeds": 1, "threads": 1, "max_rounds": 10},
    "evaluate": {"origins": 1, "resamples": 0},
    "target": {"campaign_id": "weekly-{cutoff}", "control_share": 0.2},
}
LIST_DAY = pd.Timestamp("2023-08-07")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project under DVC's layout with one list."""
    folder = tmp_path_factory.mktemp("due")
    orders = simulate_shop("fashion", customers=200, days=240, seed=4).orders
    orders[pd.to_datetime(orders["ordered_at"]) < LIST_DAY].to_csv(folder / "shop.csv", index=False)
    (folder / "params.yaml").write_text(yaml.safe_dump(PARAMS))
    (folder / "salt.txt").write_text("the secret of this shop\n")
    project = Project(check_params(PARAMS), root=folder, source=str(folder / "shop.csv"))
    for name in WALKED:
        stage(name)(project)
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = shutil.copytree(made, tmp_path / "shop")
    monkeypatch.chdir(copy)
    return copy


def due(*words: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, ["due", "--json", *words])
    assert done.exit_code in (0, 3), done.output
    return done.exit_code, [found["code"] for found in json.loads(done.output)]


def sealed() -> None:
    seal_list(Project(check_params(PARAMS)))


def test_nothing_waits_on_the_day_a_list_left(shop: Path) -> None:
    sealed()
    assert due() == (0, [])
    said = CliRunner().invoke(app, ["due"])
    assert (said.exit_code, said.output) == (0, "Nothing waits.\n")


def test_a_list_nobody_sealed_waits_from_the_next_day_on(shop: Path) -> None:
    assert due() == (0, [])
    assert due("--on", "2023-08-08") == (3, ["due.not_sealed"])
    said = CliRunner().invoke(app, ["due", "--on", "2023-08-08"])
    assert "weekly-2023-08-07" in said.output and "winback seal" in said.output


def test_a_week_without_a_list_and_a_silence_longer_than_ever_are_told(shop: Path) -> None:
    sealed()
    code, found = due("--on", "2023-08-20")
    assert code == 3 and {"due.silent", "due.list"} <= set(found)


def test_a_model_older_than_its_horizon_waits_to_be_trained(shop: Path) -> None:
    sealed()
    assert "due.old_model" not in due("--on", "2023-09-06")[1]
    assert "due.old_model" in due("--on", "2023-09-07")[1]


def test_a_window_that_orders_have_closed_waits_to_be_read(shop: Path) -> None:
    sealed()
    # Whatever day it is, what orders do not reach cannot be read.
    assert "due.unread" not in due("--on", "2023-12-01")[1]
    path = shop / "reports/ingest.json"
    content = json.loads(path.read_text())
    content |= {"cutoff": "2023-10-01", "last_day": "2023-09-30"}
    path.write_text(json.dumps(content))
    assert {"due.unread", "due.ungraded"} <= set(due()[1])


@pytest.mark.long
def test_a_list_that_waited_to_be_ripe_waits_to_be_graded(shop: Path) -> None:
    sealed()
    stage("grade")(Project(check_params(PARAMS)))  # which finds its horizon open
    assert "due.ungraded" not in due()[1]
    path = shop / "reports/ingest.json"
    content = json.loads(path.read_text())
    content |= {"cutoff": "2023-10-01", "last_day": "2023-09-30"}
    path.write_text(json.dumps(content))
    assert "due.ungraded" in due()[1]
    stage("grade")(Project(check_params(PARAMS)))
    assert "due.ungraded" not in due()[1]


def test_what_waits_is_told_in_polish(shop: Path) -> None:
    said = CliRunner().invoke(app, ["due", "--on", "2023-08-08", "--language", "pl"])
    assert "nie jest zatwierdzona" in said.output
