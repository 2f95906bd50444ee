"""What MLflow keeps of a project, in real stores: moved, shared, killed, of another MLflow."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import mlflow
import pandas as pd
import pytest

import winback as wb
from winback.errors import WinbackError
from winback.params import TrainSettings, check_params
from winback.tracking.mlflow_runs import as_features, log_pipeline
from winback.tracking.store import bring_home, tracking_uri

# What the stage `track` does, in the current folder.
TRACK = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_tracking import track
print(track(Path()).to_json())
"""
MODEL = "models:/winback-return@champion"


@pytest.fixture(autouse=True)
def no_other_store(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A folder with the results of all stages, and no store yet."""
    folder = tmp_path_factory.mktemp("results")
    shop = wb.simulate_shop("bgnbd", 150, days=300, seed=3)
    intake = wb.read_orders(shop.orders, folder / "orders")
    cutoffs = [intake.cutoff - timedelta(days=days) for days in (90, 60, 30, 0)]
    taken = wb.take_snapshots(intake.orders_path, cutoffs, horizon_days=30, windows_days=[30])
    rows, newest = taken.closed(), taken.newest()
    model = wb.fit_return_model(
        rows, cutoff=pd.Timestamp(intake.cutoff), horizon_days=30, value=False,
        settings=TrainSettings(seeds=1, threads=1, max_rounds=10),
    )  # fmt: skip
    model.save(folder / "model.json")
    newest.head(20).to_parquet(folder / "sample.parquet")
    everyone = {"methods": {"lightgbm": {"roc_auc": {"value": 0.7}}}}
    (folder / "ingest.json").write_text(json.dumps({"orders_sha256": "f" * 64}))
    (folder / "evaluate.json").write_text(json.dumps({"populations": {"everyone": everyone}}))
    (folder / "compared.json").write_text(
        json.dumps({"model": {"log_loss": 0.36}, "served": {"log_loss": 0.35}})
    )
    (folder / "report.html").write_text("<p>report</p>")
    shutil.rmtree(folder / "orders")
    return folder


def track(folder):
    """Log the results that stand in a folder."""
    return log_pipeline(
        check_params({}),
        root=folder,
        model_path=folder / "model.json",
        sample=pd.read_parquet(folder / "sample.parquet"),
        results={
            "ingest": folder / "ingest.json",
            "evaluate": folder / "evaluate.json",
            "report": folder / "report.html",
        },
        compared=folder / "compared.json",
        artifacts=[],
        code_version="abc",
    )


def begin(folder):
    """The same in a process of its own."""
    code = TRACK.format(tests=str(Path(__file__).parent))
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def tracked(fresh, tmp_path_factory):
    folder = tmp_path_factory.mktemp("first") / "shop"
    shutil.copytree(fresh, folder)
    assert track(folder).registered == 1
    return folder


def copied(folder, to):
    shutil.copytree(folder, to)
    return to


def runs_of(folder):
    """Run names, whether each has ended well, and where its artifacts are."""
    with sqlite3.connect(folder / "mlflow.db") as store:
        return store.execute("SELECT name, status, artifact_uri FROM runs").fetchall()


def served(folder):
    """What the champion of a folder's store predicts for the folder's customers."""
    sample = as_features(pd.read_parquet(folder / "sample.parquet"))
    mlflow.set_tracking_uri(tracking_uri(folder))
    try:
        return mlflow.pyfunc.load_model(MODEL).predict(sample)["p_return"].tolist()
    finally:
        mlflow.set_tracking_uri(None)


def files_of(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def change(folder):
    (folder / "report.html").write_text("<p>another report</p>")
    content = json.loads((folder / "evaluate.json").read_text())
    (folder / "evaluate.json").write_text(json.dumps({**content, "n": 2}))


def test_a_copied_project_logs_into_its_own_folder_and_serves_its_own_model(tracked, tmp_path):
    copy = copied(tracked, tmp_path / "Sklep Łódź 2024")
    before = files_of(tracked)
    change(copy)
    assert track(copy).registered == 2

    assert files_of(tracked) == before
    here = (copy / "mlartifacts").as_uri()
    assert all(place.startswith(f"{here}/") for _, _, place in runs_of(copy))
    assert len(list((copy / "mlartifacts").rglob("report.html"))) == 2
    assert served(copy) == served(tracked)


def test_a_renamed_project_finds_its_runs_and_its_champion(tracked, tmp_path):
    old, new = copied(tracked, tmp_path / "old"), tmp_path / "new name"
    track(old)
    served(old)
    old.rename(new)

    assert track(new).registered is None  # nothing changed, so it is the run of before
    assert len(served(new)) == 20
    assert not old.exists()


def test_a_store_in_its_place_and_places_chosen_by_its_owner_are_left_alone(tracked, tmp_path):
    copy = copied(tracked, tmp_path / "copy")
    assert bring_home(copy) is True
    mine = (tmp_path / "mine").as_uri()
    with sqlite3.connect(copy / "mlflow.db") as store:
        store.execute(
            "UPDATE experiments SET artifact_location = ? WHERE name <> 'Default'", [mine]
        )
    assert bring_home(copy) is False
    assert bring_home(tmp_path) is False


def test_two_that_begin_a_store_at_once_log_one_run(fresh, tmp_path):
    folder = copied(fresh, tmp_path / "shop")
    both = [begin(folder), begin(folder)]
    ended = [each.communicate() for each in both]
    assert [each.returncode for each in both] == [0, 0], ended
    told = [json.loads(said[said.index("{") :]) for said, _ in ended]
    assert told[0]["run_id"] == told[1]["run_id"]
    assert {each["registered"] for each in told} == {1, None}
    assert [name for name, _, _ in runs_of(folder)].count("pipeline") == 1


def test_a_run_killed_while_the_model_is_logged_is_logged_whole_the_next_time(tracked, tmp_path):
    folder = copied(tracked, tmp_path / "shop")
    change(folder)
    there = set((folder / "mlartifacts/models").iterdir())
    killed = begin(folder)
    while killed.poll() is None and set((folder / "mlartifacts/models").iterdir()) == there:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert "RUNNING" in {status for _, status, _ in runs_of(folder)}

    assert track(folder).registered is not None
    assert {status for _, status, _ in runs_of(folder)} == {"FINISHED", "KILLED"}
    assert len(served(folder)) == 20
    assert track(folder).registered is None


def test_a_run_whose_model_is_gone_is_logged_again(tracked, tmp_path):
    copy = copied(tracked, tmp_path / "copy")
    shutil.rmtree(copy / "mlartifacts")
    assert track(copy).registered == 2
    assert len(served(copy)) == 20


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("451aebb31d03", r"made by another MLflow than the installed .* mlflow db upgrade 'sqlite"),
        ("ffffffffffff", r"If by a newer one, install that one\.$"),
        (None, r"^sqlite:///.*: MLflow could not read or write there \(.*not a database\)\. "),
    ],
    ids=["older", "newer", "no database"],
)
def test_a_store_that_cannot_be_used_is_one_line(tracked, tmp_path, schema, said):
    copy = copied(tracked, tmp_path / "copy")
    if schema is None:
        (copy / "mlflow.db").write_text("no database at all, but long enough" * 100)
    else:
        with sqlite3.connect(copy / "mlflow.db") as store:
            store.execute("UPDATE alembic_version SET version_num = ?", [schema])
    with pytest.raises(WinbackError, match=said) as stopped:
        track(copy)
    assert "\n" not in str(stopped.value)
