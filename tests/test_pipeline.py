"""The DVC pipeline as a user has it: files in a project, `dvc repro`, MLflow beside it."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from winback.params import check_params
from winback.project import FOLDER, PIPELINE, Project, fingerprint_of
from winback.questions.explaining import explain_customer
from winback.source import hash_of, reached_by, source_version
from winback.stages.flow import STAGES, run_history, stage
from winback.synthetic.shop import simulate_shop
from winback.template.pipeline import PLOTS, render_pipeline, render_plots
from winback.tracking.written import numbers_of

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "winback"
SALT = "the secret of this shop"
MEASURED = (
    "ingest",
    "products",
    "snapshot",
    "train",
    "evaluate",
    "gate",
    "score",
    "learn",
    "target",
)
# What only `dvc repro` walks, with results of its own.
LATER = ("measure", "grade", "watch")
PARAMS = {
    "ingest": {"orders": "data/raw/shop.csv", "currency": "PLN"},
    "snapshot": {"horizon_days": 30, "country": "PL"},
    "train": {"horizons_days": [14, 60], "seeds": 1, "threads": 1},
    "evaluate": {"origins": 2, "resamples": 50},
    "target": {
        "campaign_id": "spring",
        "control_share": 0.2,
    },
}


def dvc(project: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *words],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(project / "src")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, git: str) -> Path:
    """A project of one's own: this repository's pipeline on the orders of a small shop."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(PACKAGE, folder / "src" / "winback", ignore=shutil.ignore_patterns("__pyc*"))
    raw = folder / "data" / "raw" / "shop.csv"
    raw.parent.mkdir(parents=True)
    for name in ("ledger", "data/campaigns", "data/privacy"):
        (folder / name).mkdir(parents=True)
    notes = [f"{name}/README.md" for name in ("ledger", "data/campaigns", "data/privacy")]
    shared = (*notes, "data/raw/.gitignore")
    for name in ("dvc.yaml", "forgotten.txt", ".gitignore", ".dvcignore", *shared):
        shutil.copy(ROOT / name, folder / name)
    (folder / ".dvc").mkdir()
    for name in (".gitignore", "config"):
        shutil.copy(ROOT / ".dvc" / name, folder / ".dvc" / name)
    shutil.copytree(ROOT / PLOTS, folder / PLOTS)
    (folder / "params.yaml").write_text(
        yaml.safe_dump(check_params(PARAMS).model_dump(mode="json"))
    )
    (folder / "salt.txt").write_text(f"{SALT}\n")
    (folder / "salt.yaml").write_text(f'fingerprint: "{fingerprint_of(SALT)}"\n')
    simulate_shop("fashion", customers=400, days=240, seed=4).orders.to_csv(raw, index=False)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "Start"]):
        subprocess.run([git, *words], cwd=folder, check=True)
    # Without this an experiment in a copy of the workspace would not have the orders.
    dvc(folder, "add", "data/raw/shop.csv")
    subprocess.run([git, "add", "-A"], cwd=folder, check=True)
    dvc(folder, "repro")
    return folder


def test_a_second_repro_does_nothing(project: Path) -> None:
    said = dvc(project, "repro")
    assert "Running stage" not in said
    assert "up to date" in said


def test_both_doors_write_the_same_bytes(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every table, curve, list, result and page of `dvc repro` is that of `winback run`."""
    params = check_params(yaml.safe_load((project / "params.yaml").read_text()))
    out = tmp_path / "out"
    monkeypatch.setenv("WINBACK_SALT", SALT)
    run_history(project / "data" / "raw" / "shop.csv", out, params)
    one, other = Project(params, root=project), Project(params, root=out, layout=FOLDER)
    # A folder of results keeps no addresses, and nothing has left of it.
    alone = {"contacts", "card", "forgotten", "grades", "track_record", "watch", "volume"}
    compared = set()
    for name in PIPELINE:
        ours, theirs = one.path(name), other.path(name)
        if not ours.is_file() or name in alone:
            continue
        if name == "manifest":
            ours, theirs = (json.loads(path.read_text()) for path in (ours, theirs))
            assert ours.pop("sha256").items() <= theirs.pop("sha256").items()
            assert ours == theirs
        elif name == "page":
            # The files to take lie in another folder than the page, or beside it.
            page = ours.read_text("utf-8").replace('href="../exports/current/', 'href="')
            assert page == theirs.read_text("utf-8")
        else:
            assert ours.read_bytes() == theirs.read_bytes(), name
        compared.add(name)
    for measured in MEASURED:
        found = (place.path("metrics") / f"{measured}.json" for place in (one, other))
        assert next(found).read_bytes() == next(found).read_bytes(), measured
    decided = pd.read_parquet(other.path("decisions")).drop_duplicates("reason")
    assert {"offer", "control"} < set(decided["reason"])
    for customer in decided["customer_id"]:
        for language in ("en", "pl"):
            explained = explain_customer(customer, out, language)
            assert explained == explain_customer(customer, project, language)
            assert explained == explain_customer(customer, project / "data", language)
    # The rest is only made when it is asked for, or once a list has left.
    asked = {"metrics", "measurements", "tuning", "exports", "cards", "current", "watermark"}
    left = {"ledger", "people", "campaigns", "pushes"}
    assert compared == set(PIPELINE) - alone - asked - left


def test_the_list_holds_the_treated_and_nobody_of_the_control(project: Path) -> None:
    listed = pd.read_csv(project / "exports/current/list.csv", dtype=str)
    sealed = pd.read_parquet(project / "exports/current/assignment.parquet")
    assert set(listed["customer_id"]) == set(sealed.loc[sealed["arm"] != "control", "customer_id"])
    assert (sealed["arm"] == "control").any()


def test_git_sees_no_data_and_no_list(project: Path, git: str) -> None:
    said = subprocess.run(
        [git, "status", "--porcelain", "--untracked-files=all"],
        cwd=project, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    paths = {line[3:] for line in said.splitlines()}
    assert paths <= {
        "data/raw/shop.csv.dvc", "dvc.lock", "models/CARD.md",
        "reports/drivers.json", "reports/evaluation.json", "reports/ingest.json",
        "reports/learned.json", "reports/products.json",
        "reports/segments.json", "reports/shop.json",
        "reports/gate.json", "reports/served.json", "reports/plots/served_calibration.csv",
        "reports/plots/served_lift.csv",
        "reports/target.json", "reports/training.json", "reports/plots/calibration.csv",
        "reports/plots/lift.csv", "reports/plots/profit.csv",
        "reports/grades.json", "reports/plots/grades.csv", "reports/watch.json",
        "reports/plots/volume.csv", "reports/measurements/_index.json",
        *(f"reports/metrics/{stage}.json" for stage in (*MEASURED, *LATER)),
    }  # fmt: skip


def in_project(project: Path, code: str) -> dict[str, object]:
    """What a fresh process in the project prints as JSON in its last line."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


LOAD_CHAMPION = """
import json, mlflow, pandas as pd
from winback.tracking.mlflow_runs import as_features
mlflow.set_tracking_uri("sqlite:///mlflow.db")
model = mlflow.pyfunc.load_model("models:/winback-return@champion")
rows = pd.read_parquet("data/snapshots.parquet")
rows = rows[rows["cutoff"] == rows["cutoff"].max()].sort_values("customer_id")
served = model.predict(as_features(rows))["p_return"].round(6).tolist()
scores = pd.read_parquet("data/scores.parquet").sort_values("customer_id")["p_return"].tolist()
runs = mlflow.search_runs(search_all_experiments=True)
parents = runs["tags.mlflow.parentRunId"]
print(json.dumps({
    "same": served == scores,
    "parents": int(parents.isna().sum()),
    "stages": sorted(runs.loc[parents.notna(), "tags.mlflow.runName"]),
    "auc": float(runs.loc[parents.isna(), "metrics.model.roc_auc"].iloc[0]),
    "versions": len(mlflow.MlflowClient().search_model_versions("name='winback-return'")),
}))
"""


def numbers(content: object) -> bool:
    """Whether nested mappings hold numbers alone."""
    if isinstance(content, dict):
        return all(numbers(value) for value in content.values())
    return isinstance(content, int | float) and not isinstance(content, bool)


def test_the_metrics_are_numbers_and_those_of_the_results(project: Path) -> None:
    said = json.loads(dvc(project, "metrics", "show", "--json"))[""]["data"]
    assert sorted(said) == sorted(f"reports/metrics/{s}.json" for s in (*MEASURED, *LATER))
    found = {Path(path).stem: each["data"] for path, each in said.items()}
    assert numbers(found)
    # A column each in `dvc exp show`.
    assert len(numbers_of(found)) <= 100
    judged, planned = (
        json.loads((project / f"reports/{name}.json").read_text())
        for name in ("evaluation", "target")
    )
    everyone = judged["populations"]["everyone"]
    assert found["evaluate"]["everyone"]["n"] == everyone["n"]
    for metric in ("log_loss", "roc_auc"):
        model = everyone["methods"]["lightgbm"][metric]["value"]
        assert found["evaluate"]["model"][metric] == model
    assert found["target"]["n_listed"] == planned["n_listed"]
    assert found["target"]["power"]["mde_pp"] == planned["power"]["mde_pp"]
    scores = pd.read_parquet(project / "data/scores.parquet")
    assert found["score"]["customers"] == len(scores)
    assert found["score"]["total"]["p_return"] == pytest.approx(scores["p_return"].sum(), abs=0.01)
    snapshots = pd.read_parquet(project / "data/snapshots.parquet", columns=["customer_id"])
    assert found["snapshot"]["rows"] == len(snapshots)


def test_the_templates_of_the_plots_are_those_that_init_writes() -> None:
    kept = {f"{PLOTS}/{path.name}": path.read_text() for path in (ROOT / PLOTS).iterdir()}
    assert kept == render_plots(), "copy them from src/winback/template/plots"


def test_the_plots_show_a_series_a_method_of_everybody_and_no_gain_that_nobody_knows(
    project: Path,
) -> None:
    shown = json.loads(dvc(project, "plots", "show", "--json"))
    assert "errors" not in shown
    # No list has left, so that there is no record of any.
    drawn = {name: each[0]["content"] for name, each in shown["data"].items() if each}
    assert set(drawn) == {"calibration", "gains", "profit", "volume"}
    for name, spec in drawn.items():
        rows = spec["data"]["values"]
        # What a template reads is a column of the file, or worked out in the template.
        asked = set(re.findall(r"datum\.(\w+)", json.dumps(spec["transform"])))
        named = re.findall(r'"as": (\[[^\]]*\]|"\w+")', json.dumps(spec))
        made = set(re.findall(r'"(\w+)"', " ".join(named)))
        assert asked - made <= set(rows[0]), name
    for name in ("calibration", "gains"):
        first = drawn[name]["transform"][0]["filter"]
        assert first.startswith("datum.population == 'everyone'")
    # The offers' effects are unknown: all but the empty list have no gain, not one of 0.
    gains = [row["expected_gain"] for row in drawn["profit"]["data"]["values"]]
    assert set(gains[1:]) == {""}
    assert "datum.expected_gain !== ''" in json.dumps(drawn["profit"])


@pytest.mark.long
def test_the_champion_gives_the_scores_of_the_pipeline_in_another_process(project: Path) -> None:
    found = in_project(project, LOAD_CHAMPION)
    judged = json.loads((project / "reports/evaluation.json").read_text())
    model = judged["populations"]["everyone"]["methods"]["lightgbm"]
    assert found == {
        "same": True,
        "parents": 1,
        "stages": sorted([*MEASURED, "export", "report", "grade"]),
        "auc": model["roc_auc"]["value"],
        "versions": 1,
    }


@pytest.mark.long
def test_an_experiment_logs_to_the_same_store_and_registers_nothing(
    project: Path, git: str
) -> None:
    subprocess.run([git, "add", "-A"], cwd=project, check=True)
    subprocess.run([git, "commit", "-qm", "Results"], cwd=project, check=True)
    dvc(project, "exp", "run", "--temp", "-S", "target.control_share=0.3")
    found = in_project(project, LOAD_CHAMPION)
    assert (found["parents"], found["versions"]) == (2, 1)


def test_the_salt_is_in_no_file_but_its_own(project: Path) -> None:
    """Not in a manifest, a page, a run of MLflow, dvc.lock or the cache; its fingerprint is."""
    files = [p for p in project.rglob("*") if p.is_file() and ".git" not in p.parts]
    assert [p.name for p in files if SALT.encode() in p.read_bytes()] == ["salt.txt"]
    assert fingerprint_of(SALT) in (project / "dvc.lock").read_text()


def test_no_customer_is_named_in_the_store(project: Path) -> None:
    store = (project / "mlflow.db").read_bytes()
    ids = pd.read_parquet(project / "data/scores.parquet")["customer_id"]
    assert not [customer for customer in ids if customer.encode() in store]


TRIALS = """
import json, mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
runs = mlflow.search_runs(experiment_names=["winback-tuning"])
print(json.dumps({"names": sorted(runs["tags.mlflow.runName"])}))
"""


@pytest.mark.long
def test_tuning_in_the_project_logs_its_trials_and_changes_no_file_of_it(
    project: Path, git: str
) -> None:
    def status() -> str:
        return subprocess.run(
            [git, "status", "--porcelain"], cwd=project, capture_output=True, text=True, check=True
        ).stdout

    before = status()
    subprocess.run(
        [Path(sys.executable).with_name("winback"), "tune", "--trials", "1"],
        cwd=project, check=True, capture_output=True,
    )  # fmt: skip
    assert in_project(project, TRIALS)["names"] == ["trial 0", "trial 1", "tune"]
    assert (project / "models/tuning/tuning.json").is_file()
    assert status() == before


def named(project: Path) -> set[str]:
    """What plain `dvc status` names."""
    return set(json.loads(dvc(project, "status", "--json").strip().splitlines()[-1]))


@pytest.fixture(scope="module")
def named_before(project: Path) -> set[str]:
    return named(project)


def changed_by(project: Path, file: str, line: str, before: set[str]) -> set[str]:
    """Stages that plain `dvc status` names after a line is added to a file of the source."""

    path = project / "src/winback" / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text + line, encoding="utf-8")
    try:
        return named(project) - before
    finally:
        path.write_text(text, encoding="utf-8")


# What an edit of each kind can reach, and therefore what has to run again.
EDITS = {
    "a message of the planner": ("said/offers.py", {"report"}),
    "a message of an error": ("said/errors/project.py", set()),
    "a message on the terminal": ("said/progress.py", set()),
    "the Spark driver": ("snapshots/spark.py", set()),
    "the learner": (
        "learning/fit.py", {"train", "gate"},
    ),
    "the command line": ("cli/flow.py", set()),
    "the sender's texts of reasons": ("said/reasons.py", {"score"}),
    "the page": ("report/page.py", {"report"}),
    "MLflow": ("tracking/mlflow_runs.py", {"track"}),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.long
def test_a_changed_line_marks_the_stages_that_can_reach_it(
    project: Path, named_before: set[str], edit: str
) -> None:
    file, reached = EDITS[edit]
    assert changed_by(project, file, "\n# another line\n", named_before) == reached


# --- the declaration against the code --------------------------------------------------------


def stages() -> dict[str, dict[str, list[object]]]:
    """The stages of dvc.yaml; of one that runs for each of several things, what it does."""
    declared = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    return {name: stage.get("do", stage) for name, stage in declared.items()}


def test_the_pipeline_of_this_repository_is_made_from_its_imports() -> None:
    written = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    assert written == render_pipeline(installed=False), (
        "write it: python -m winback.template > dvc.yaml"
    )


def test_both_pipelines_are_one_text_but_for_the_code() -> None:
    def plain(installed: bool) -> list[str]:
        lines = render_pipeline(installed=installed).splitlines()
        code = re.compile(r" +- (src/winback/|code\.yaml:$)")
        stamped = {n + 1 for n, line in enumerate(lines) if line.endswith("code.yaml:")}
        return [x for n, x in enumerate(lines) if not code.match(x) and n not in stamped]

    assert plain(True) == plain(False)


def read_of_params(stage: str) -> set[str]:
    """Sections of params.yaml that the modules of stages read which a stage reaches."""
    sections = set(check_params({}).model_dump())
    read: set[str] = set()
    for path in reached_by(f"winback.stages.{stage}"):
        if path.parent.name != "stages":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                owner = node.value
                named = (
                    getattr(owner, "id", "") == "params" or getattr(owner, "attr", "") == "params"
                )
                if named and node.attr in sections:
                    read.add(node.attr)
                if named and node.attr == "active_days":
                    read |= {"evaluate", "snapshot"}
    return read


# Which it reads as a whole: what made the list is in its manifest, what ran is in MLflow.
WHOLE = {"export": {"measure"}, "track": set()}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_lists_the_parameters_it_reads(name: str) -> None:
    sections = set(check_params({}).model_dump())
    listed = {str(key).split(".")[0] for key in stages()[name]["params"] if isinstance(key, str)}
    if name in WHOLE:
        assert listed == sections - WHOLE[name]
    else:
        assert listed == read_of_params(name)


def test_stage_verb_and_function_are_one_word() -> None:
    assert tuple(stages()) == STAGES
    for name, declared in stages().items():
        assert str(declared["cmd"]).split(" --")[0] == f"winback {name}"
        assert stage(name).__name__ == name


def test_the_code_version_is_a_hash_of_the_source() -> None:
    assert source_version() == source_version()
    assert len(source_version()) == 12


def test_a_list_names_the_code_that_can_make_another_of_it_and_no_other(project: Path) -> None:
    """Else a file made again from nothing would not be the one that `dvc repro` left alone."""
    told = json.loads((project / "exports/current/manifest.json").read_text())["versions"]["code"]
    assert told == hash_of(reached_by("winback.stages.export"))
    assert told != source_version()
