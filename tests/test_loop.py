"""The loop as it is lived: sealed, remembered by the next list, shared between two machines."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from winback.campaign.measuring import measure_campaign
from winback.cli.app import app
from winback.errors import WinbackError
from winback.ledger.asked import history_of
from winback.params import check_params
from winback.questions.carding import card_of
from winback.questions.opening import learned
from winback.questions.rebuilding import rebuild
from winback.questions.sealing import of_run, record, seal_list
from winback.report.customer import render_customer
from winback.results.measured import Measurement
from winback.stages.flow import run_history
from winback.stages.measure import measure
from winback.synthetic.shop import simulate_shop

ROOT = Path(__file__).parents[1]
QUICK = {
    "ingest": {"orders": "data/raw/shop.csv", "currency": "PLN"},
    "snapshot": {"horizon_days": 30, "country": "PL", "most_cutoffs": 4},
    "train": {"horizons_days": [14], "seeds": 1, "threads": 1, "max_rounds": 10},
    "evaluate": {"origins": 2, "resamples": 20},
    "target": {"campaign_id": "weekly-{cutoff}", "control_share": 0.2, "quiet_days": 10},
}
WEEKS = [pd.Timestamp("2023-09-04") + pd.Timedelta(days=7 * week) for week in range(3)]


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """A year of a small shop."""
    return simulate_shop("fashion", customers=300, days=300, seed=4).orders


def until(orders: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    return orders[pd.to_datetime(orders["ordered_at"]) < day]


@pytest.fixture(scope="module")
def folder(orders: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of `winback run` in which two weekly lists have left."""
    out = tmp_path_factory.mktemp("run") / "out"
    for day in WEEKS[:2]:
        run_history(until(orders, day), out, check_params(QUICK))
        seal_list(of_run(out))
    return out


def assigned(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "assignment.parquet")


def test_nobody_of_a_list_that_left_is_on_the_next_within_the_days_of_peace(folder: Path) -> None:
    past = history_of(of_run(folder).ledger())
    by_list = past.groupby("campaign_id")["customer_id"].agg(set)
    assert len(by_list) == 2 and all(by_list.map(len))
    first, second = by_list
    assert not first & second
    decided = pd.read_parquet(folder / "decisions.parquet").set_index("customer_id")
    quiet = decided[decided["reason"] == "contacted_recently"]
    assert first <= set(quiet.index)
    sent_on = past["assigned_at"].min()
    assert set(quiet["in_peace_until"]) == {(sent_on + pd.Timedelta(days=10)).date()}


def test_planned_is_not_sent(orders: pd.DataFrame, tmp_path: Path) -> None:
    for day in WEEKS[:2]:
        run_history(until(orders, day), tmp_path / "out", check_params(QUICK))
    decided = pd.read_parquet(tmp_path / "out/decisions.parquet")
    assert "contacted_recently" not in set(decided["reason"])
    assert not (tmp_path / "out/ledger").exists()
    # Nor does a seal that is refused write anything.
    with pytest.raises(WinbackError, match="earlier than the day"):
        seal_list(of_run(tmp_path / "out"), date(2020, 1, 1))
    assert not (tmp_path / "out/ledger").exists()


def test_the_same_list_is_sealed_once_and_another_not_at_all(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "out")
    before = {path: path.read_bytes() for path in (copy / "ledger").rglob("*.*")}
    assert seal_list(of_run(copy)).again
    assert {path: path.read_bytes() for path in (copy / "ledger").rglob("*.*")} == before
    rows = pd.read_csv(copy / "list.csv", dtype=str)
    rows.iloc[1:].to_csv(copy / "list.csv", index=False)
    with pytest.raises(WinbackError, match=r"list\.csv: not as .*manifest\.json says"):
        seal_list(of_run(copy))


def test_scores_made_after_the_list_are_not_sealed_with_it(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "out")
    scores = pd.read_parquet(copy / "scores.parquet")
    scores.assign(p_return=0.5).to_parquet(copy / "scores.parquet")
    with pytest.raises(WinbackError, match=r"scores\.parquet: not what the list was made from"):
        seal_list(of_run(copy))


def test_the_next_list_says_what_changed(folder: Path) -> None:
    listed = pd.read_csv(folder / "list.csv", dtype=str, keep_default_na=False)
    changes = of_run(folder).json("manifest")["changes"]
    assert set(listed["change"]) == {"entered"}
    assert changes["counts"]["entered"] == len(listed)
    assert changes["counts"]["left"] == changes["left_because"]["contacted_recently"] > 0


def test_a_list_is_made_again_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    project = of_run(folder)
    rebuild(project, "weekly-2023-09-11", tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (folder / "list.csv").read_bytes()


def test_an_older_list_gets_its_next_products_from_the_orders_of_then(
    folder: Path, tmp_path: Path
) -> None:
    project = of_run(folder)
    first = min(history_of(project.ledger())["campaign_id"])
    assert first != project.json("manifest")["campaign_id"]
    rebuild(project, first, tmp_path / "again.csv")  # which holds the hash that was sealed
    listed = pd.read_csv(tmp_path / "again.csv", dtype=str)
    assert listed["next_product_1"].notna().all()
    assert listed["next_product_reason"].str.contains("bought|new to this customer").all()


def test_what_was_known_of_a_customer_is_told_by_the_ledger_alone(
    folder: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(folder, tmp_path / "out")
    customer = assigned(copy)["customer_id"].iloc[0]
    run = CliRunner()
    asked = ["explain", customer, "--in", str(copy), "--campaign", "weekly-2023-09-11"]
    asked += ["--language", "en"]
    said = run.invoke(app, asked, catch_exceptions=False).output
    assert "weekly-2023-09-11" in said and "Drawn by lot with a chance of" in said
    done = run.invoke(app, ["ledger", "--in", str(copy)], catch_exceptions=False)
    assert "4 entries, every hash holds." in done.output


def test_the_card_has_every_list_that_left_with_arm_and_outcome(folder: Path) -> None:
    project = of_run(folder)
    past = history_of(project.ledger())
    bought = pd.read_parquet(
        folder / "orders/orders.parquet", columns=["customer_id", "ordered_at"]
    )
    last = bought["ordered_at"].max()
    for arm, rows in past.groupby(past["arm"] == "control"):
        customer = rows["customer_id"].iloc[0]
        hers = past[past["customer_id"] == customer]
        found = card_of(customer, project).lists
        assert {each.campaign_id for each in found} == set(hers["campaign_id"])
        told = next(each for each in found if each.campaign_id == rows["campaign_id"].iloc[0])
        assert (told.arm == "control") == arm and told.label["pl"]
        after = bought.loc[bought["customer_id"] == customer, "ordered_at"]
        inside = (after >= pd.Timestamp(told.sent_on)) & (after.dt.date <= told.until)
        assert (told.bought > 0) == inside.any()
        assert told.closed == (last.date() >= told.until)
        page = render_customer(card_of(customer, project), language="en")
        assert ("control: got nothing" in page) == bool((hers["arm"] == "control").any())


def test_somebody_forgotten_leaves_the_chain_whole(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "out")
    customer = assigned(copy)["customer_id"].iloc[0]
    run = CliRunner()
    run.invoke(app, ["forget", customer, "--in", str(copy)], catch_exceptions=False)
    of_run(copy).ledger().verify()
    assert customer not in set(history_of(of_run(copy).ledger())["customer_id"])
    with pytest.raises(WinbackError, match="forgotten"):
        rebuild(of_run(copy), "weekly-2023-09-11", tmp_path / "again.csv")


def test_a_list_that_never_left_after_all_leaves_nobody_in_peace(
    folder: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(folder, tmp_path / "out")
    asked = ["ledger", "correct", "weekly-2023-09-11", "--never-left", "--reason", "held back"]
    done = CliRunner().invoke(app, [*asked, "--in", str(copy)], catch_exceptions=False)
    assert "corrected by entry 5" in done.output
    past = history_of(of_run(copy).ledger())
    assert set(past["campaign_id"]) == {"weekly-2023-09-04"}


def test_a_sealed_list_is_measured_out_of_the_ledger_and_recorded_once(
    folder: Path, orders: pd.DataFrame, tmp_path: Path
) -> None:
    copy = shutil.copytree(folder, tmp_path / "out")
    run_history(until(orders, WEEKS[0] + pd.Timedelta(days=45)), copy, check_params(QUICK))
    project = of_run(copy)
    found = measure(project)
    assert set(found) == {"weekly-2023-09-04", "weekly-2023-09-11"}
    # What is measured is learned from, but for what cannot be read.
    taught, past = learned(project), history_of(project.ledger())
    invalid = {name for name, each in found.items() if each.verdict == "invalid"}
    assert {each.campaign_id for each in taught.left_out} == invalid
    past = past[~past["campaign_id"].isin(invalid)]
    assert taught.campaigns == 2 - len(invalid) > 0
    assert taught.people == past["customer_id"].nunique()
    assert sum(each.treated for each in taught.offers) == (past["arm"] != "control").sum()
    told = {each.name for each in taught.offers if each.in_catalogue and each.state != "unknown"}
    assert set(project.json("target")["learned"]) == told
    assert found["weekly-2023-09-04"].verdict is not None
    pages = {path.stem for path in project.path("measurements").glob("*.html")}
    assert pages == set(found)
    recorded = record(project)
    assert "weekly-2023-09-04" in {entry.subject for entry in recorded}
    assert record(project) == ()
    project.ledger().verify()
    # Whoever objected to profiling since has no orders any more, and is nobody who stayed away.
    week, past = "weekly-2023-09-04", history_of(project.ledger())
    customer = past.loc[past["campaign_id"] == week, "customer_id"].iloc[0]
    privacy = project.frame("privacy")
    privacy["no_profiling"] = privacy["customer_id"] == customer
    project.write_frame("privacy", privacy)
    before, after = found[week], measure(project, week)[week]
    assert isinstance(before, Measurement) and isinstance(after, Measurement)
    assert before.n_treated + before.n_control - (after.n_treated + after.n_control) == 1
    assert {"n": 1} in [each.values for each in after.cautions if each.code == "measured.objected"]


def test_a_file_that_is_not_what_the_ledger_has_is_measured_by_no_door(
    folder: Path, orders: pd.DataFrame, tmp_path: Path
) -> None:
    out = shutil.copytree(folder, tmp_path / "out")
    rows, history = assigned(out), out / "orders/orders.parquet"
    other = out / "elsewhere"
    other.mkdir()
    with pytest.raises(WinbackError, match="window"):  # as drawn: only too early
        rows.to_csv(other / "a.csv", index=False)
        measure_campaign(other / "a.csv", history)
    other_arm = {"treated": "control", "control": "treated"}
    swapped = rows.assign(arm=rows["arm"].replace(other_arm))
    for changed in (swapped, rows.iloc[1:], rows.assign(probability=0.5)):
        changed.to_csv(other / "a.csv", index=False)
        with pytest.raises(WinbackError, match="not who was drawn for weekly-2023-09-11"):
            measure_campaign(other / "a.csv", history)


# ------------------------------------------------------------------------- two clones, one remote


def dvc(project: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *words],
        cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "DVC_NO_ANALYTICS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.parametrize("by", ["dvc", "git"])
def test_what_left_on_one_machine_is_left_in_peace_on_the_other(
    orders: pd.DataFrame, tmp_path: Path, git: str, by: str
) -> None:
    one, two, remote = tmp_path / "one", tmp_path / "two", tmp_path / "remote.git"

    def call(place: Path, *words: str) -> None:
        subprocess.run([git, *words], cwd=place, check=True, capture_output=True)

    simulated = tmp_path / "shop.csv"
    until(orders, WEEKS[0]).to_csv(simulated, index=False)
    winback(tmp_path, "init", "one", "--orders", str(simulated), "--currency", "PLN")
    settings = yaml.safe_load((one / "params.yaml").read_text())
    for section, values in QUICK.items():
        settings[section].update({k: v for k, v in values.items() if k != "orders"})
    (one / "params.yaml").write_text(yaml.safe_dump(settings))
    dvc(one, "remote", "add", "-d", "store", str(tmp_path / "store"))
    call(tmp_path, "init", "--bare", "--quiet", str(remote))
    dvc(one, "repro")
    winback(one, "seal")
    if by == "dvc":
        call(one, "add", "ledger/README.md")
        call(one, "rm", "-r", "--cached", "--quiet", "ledger")
        dvc(one, "add", "ledger")
    call(one, "add", "-A")
    call(one, "commit", "-qm", "The first list has left")
    dvc(one, "push")
    call(one, "push", "--quiet", str(remote), "HEAD:refs/heads/main")
    call(tmp_path, "clone", "--quiet", "--branch", "main", str(remote), str(two))
    # Nothing of people travels by git or DVC; a clone is complete all the same.
    dvc(two, "pull")
    assert not list(two.glob("people.parquet")) and not list(two.glob("exports/current/*"))
    assert "people.parquet: missing" in failing(two, "train")
    for name in ("salt.txt", "people.parquet"):
        shutil.copy(one / name, two / name)
    until(orders, WEEKS[1]).to_csv(two / "data/raw/shop.csv", index=False)
    dvc(two, "add", "data/raw/shop.csv")
    dvc(two, "repro", "export")
    before = set(pd.read_parquet(one / "exports/current/assignment.parquet")["customer_id"])
    now = pd.read_parquet(two / "exports/current/assignment.parquet")
    assert len(before) and len(now) and not before & set(now["customer_id"])
    # An old commit and back loses nothing of what left.
    winback(two, "seal")
    if by == "dvc":
        dvc(two, "add", "ledger")
    call(two, "add", "-A")
    call(two, "commit", "-qm", "The second list has left")
    held = {p.name for p in (two / "ledger").iterdir()}
    call(two, "checkout", "--quiet", "HEAD~1")
    dvc(two, "checkout")
    call(two, "checkout", "--quiet", "main")
    dvc(two, "checkout")
    dvc(two, "gc", "--workspace", "--force")
    assert {p.name for p in (two / "ledger").iterdir()} == held
    assert "every hash holds." in winback(two, "ledger")
    assert len(held) == 7  # six entries and a README


def winback(place: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "winback.cli", *words],
        cwd=place, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "DVC_NO_ANALYTICS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def failing(place: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "winback.cli", *words],
        cwd=place, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.returncode != 0
    return done.stdout + done.stderr
