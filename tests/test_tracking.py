"""What MLflow keeps of a project, in real stores: moved, shared, killed, of another MLflow."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import mlflow
import pandas as pd
import pytest

import winback as wb
from winback.errors import WinbackError
from winback.learning.model import ReturnModel
from winback.params import TrainSettings, check_params
from winback.tracking.mlflow_runs import Executed, as_features, log_pipeline, point_champion
from winback.tracking.store import bring_home, tracking_uri
from winback.tracking.written import settings_of

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
    orders = {"orders_sha256": "f" * 64, "first_day": "2024-01-01", "customers": 150}
    (folder / "ingest.json").write_text(json.dumps(orders))
    (folder / "evaluate.json").write_text(json.dumps({"model": {"log_loss": 0.36}}))
    (folder / "gate.json").write_text(json.dumps({"served": {"log_loss": 0.35}}))
    (folder / "report.html").write_text("<p>report</p>")
    shutil.rmtree(folder / "orders")
    return folder


def track(folder, params=None, **more):
    """Log the results that stand in a folder."""
    return log_pipeline(
        check_params(params or {}),
        Executed(
            results={
                "ingest": folder / "ingest.json",
                "evaluate": folder / "evaluate.json",
                "report": folder / "report.html",
            },
            metrics=folder,
            trained=folder / "model.json",
            scoring=more.pop("scoring", folder / "model.json"),
            **more,
        ),
        root=folder,
        sample=pd.read_parquet(folder / "sample.parquet"),
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
    """Another page and other figures of the same model."""
    (folder / "report.html").write_text("<p>another report</p>")
    content = json.loads((folder / "evaluate.json").read_text())
    (folder / "evaluate.json").write_text(json.dumps({**content, "n": 2}))


def train_another(folder, name="model.json"):
    """Another model, as another week would bring it; gives its version."""
    model = ReturnModel.load(folder / name)
    replace(model, shift=model.shift + 0.01).save(folder / name)
    return ReturnModel.load(folder / name).version


def asked_of(folder, question):
    """What MLflow answers about a folder's store."""
    mlflow.set_tracking_uri(tracking_uri(folder))
    try:
        return question(mlflow.MlflowClient())
    finally:
        mlflow.set_tracking_uri(None)


def alias(folder, name):
    """The version that an alias names, or None."""

    def ask(client):
        return client.get_registered_model("winback-return").aliases.get(name)

    found = asked_of(folder, ask)
    return found and int(found)


@pytest.mark.long
def test_a_copied_project_logs_into_its_own_folder_and_serves_its_own_model(tracked, tmp_path):
    copy = copied(tracked, tmp_path / "Sklep Łódź 2024")
    before = files_of(tracked)
    change(copy)
    train_another(copy)
    assert track(copy).registered == 2

    assert files_of(tracked) == before
    here = (copy / "mlartifacts").as_uri()
    assert all(place.startswith(f"{here}/") for _, _, place in runs_of(copy))
    assert len(list((copy / "mlartifacts").rglob("report.html"))) == 2
    assert served(copy) != served(tracked)


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


@pytest.mark.long
def test_two_that_begin_a_store_at_once_log_one_run(fresh, tmp_path):
    folder = copied(fresh, tmp_path / "shop")
    both = [begin(folder), begin(folder)]
    ended = [each.communicate() for each in both]
    assert [each.returncode for each in both] == [0, 0], ended
    told = [json.loads(said[said.index("{") :]) for said, _ in ended]
    assert told[0]["run_id"] == told[1]["run_id"]
    assert {each["registered"] for each in told} == {1, None}
    assert [name for name, _, _ in runs_of(folder)].count("pipeline") == 1


@pytest.mark.long
def test_a_run_killed_while_the_model_is_logged_is_logged_whole_the_next_time(tracked, tmp_path):
    folder = copied(tracked, tmp_path / "shop")
    change(folder)
    train_another(folder)
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


def test_an_unchanged_model_registers_no_version_and_its_run_names_the_old_one(tracked, tmp_path):
    copy = copied(tracked, tmp_path / "copy")
    change(copy)
    found = track(copy, card="# Card")
    assert (found.registered, found.champion) == (None, 1)

    def ask(client):
        version = client.get_model_version("winback-return", "1")
        return version, client.get_run(found.run_id)

    version, run = asked_of(copy, ask)
    assert version.description == "# Card"
    assert [f"models:/{each.model_id}" for each in run.outputs.model_outputs] == [version.source]
    assert run.data.tags["scored_by"] == version.tags["winback_version"]
    assert (run.data.tags["kind"], run.data.tags["rule"]) == (version.tags["kind"], "none")
    # The run of before is found again, and the alias is where it belongs.
    assert track(copy, card="# Card").run_id == found.run_id


def test_the_alias_follows_the_model_that_scores(tracked, tmp_path):
    copy = copied(tracked, tmp_path / "copy")
    first = ReturnModel.load(copy / "model.json").version
    shutil.copy(copy / "model.json", copy / "champion.json")
    second = train_another(copy)
    # The gate has kept the old one: the new one waits.
    found = track(copy, scoring=copy / "champion.json")
    assert (found.registered, found.champion) == (2, 1)
    assert (alias(copy, "champion"), alias(copy, "challenger")) == (1, 2)
    # The gate lets it pass.
    assert track(copy).champion == 2
    assert (alias(copy, "champion"), alias(copy, "challenger")) == (2, None)
    # Somebody goes back.
    assert point_champion(copy, "winback-return", first) == 1
    assert alias(copy, "champion") == 1
    assert point_champion(copy, "winback-return", "0" * 12) is None
    assert alias(copy, "champion") == 1
    assert point_champion(copy, "winback-return", second) == 2


def test_no_store_is_begun_only_to_point_at_a_model(fresh, tmp_path):
    folder = copied(fresh, tmp_path / "shop")
    assert point_champion(folder, "winback-return", "0" * 12) is None
    assert not (folder / "mlflow.db").exists()


def test_an_experiment_registers_nothing_and_moves_no_alias(tracked, tmp_path, monkeypatch):
    copy = copied(tracked, tmp_path / "copy")
    train_another(copy)
    monkeypatch.setenv("DVC_EXP_NAME", "brisk-fox")
    found = track(copy)
    assert (found.registered, found.champion) == (None, None)
    assert alias(copy, "champion") == 1

    def ask(client):
        return len(client.search_model_versions("name='winback-return'"))

    assert asked_of(copy, ask) == 1


LISTED = {
    "ingest": {"orders": "data/raw/orders.csv", "states": {"Anulacja (zwrot)": "cancelled"}},
    "snapshot": {
        "windows_days": [30, 90],
        "measures": [
            {"name": "large", "value": "amount > 100", "windows_days": [30, 90]},
            {"name": "wordy", "value": " + ".join(["amount"] * 300)},
        ],
    },
    "target": {
        "offers": [
            {"name": "reminder", "kind": "content", "contact_cost": 0.1, "margin_share": 0.4},
            *(
                {"name": f"gift_{n}", "kind": "gift", "discount_amount": n, "margin_share": 0.4}
                for n in range(1, 40)
            ),
        ],
    },
}


def test_a_run_holds_settings_data_commit_files_and_pictures(fresh, tracked, tmp_path, git):
    copy = copied(tracked, tmp_path / "copy")
    (copy / "params.yaml").write_text("track: {}\n")
    for words in (["init", "-q"], ["add", "params.yaml"], ["commit", "-qm", "Start"]):
        subprocess.run([git, *words], cwd=copy, check=True)
    head = subprocess.run(
        [git, "rev-parse", "HEAD"], cwd=copy, check=True, capture_output=True, text=True
    ).stdout.strip()
    found = track(copy, LISTED, files=[copy / "params.yaml"], pictures={"lift": b"PNG"}, card="# C")

    def ask(client):
        def names(folder):
            return [each.path for each in client.list_artifacts(found.run_id, folder)]

        return client.get_run(found.run_id), names(None), names("pictures")

    run, files, pictures = asked_of(copy, ask)
    settings = run.data.params
    assert settings["snapshot.windows_days"] == "30, 90"
    assert settings["snapshot.measures.large.value"] == "amount > 100"
    assert settings["snapshot.measures.large.windows_days"] == "30, 90"
    assert settings["target.offers.reminder.contact_cost"] == "0.1"
    assert settings["target.offers.gift_39.discount_amount"] == "39"
    assert len(settings["snapshot.measures.wordy.value"]) <= 500
    assert settings["ingest.states.Anulacja _zwrot_"] == "cancelled"
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("orders", "f" * 36)
    assert {tag.key: tag.value for tag in data.tags}["customers"] == "150"
    assert run.data.tags["mlflow.source.git.commit"] == head
    assert str(copy) not in json.dumps(run.data.tags)
    assert {"params.yaml", "CARD.md", "pictures"} <= set(files)
    assert pictures == ["pictures/lift.png"]
    assert run.data.metrics == {"model.log_loss": 0.36, "served.log_loss": 0.35}


def test_two_long_settings_that_differ_at_their_end_are_told_apart():
    one, other = ({"a": {"value": "x" * 900 + end}} for end in "yz")
    assert settings_of(one) != settings_of(other)
    assert settings_of({"a": [{"name": "b", "c": [1, 2]}], "d": [], "e": None}) == {"a.b.c": "1, 2"}


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
