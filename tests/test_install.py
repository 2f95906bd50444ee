"""winback as it is without its extras: the wheel in an environment of its own."""

import csv
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow

EVERY_NAME = """
import winback as wb
for name in wb.__all__:
    assert getattr(wb, name) is not None
import winback.cli.app, winback.report.page, winback.report.charts
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Run a command of the slim environment, in a folder and with a HOME that were empty."""
    spec = spec_from_file_location("install", ROOT / "benchmarks/install.py")
    install = module_from_spec(spec)
    spec.loader.exec_module(install)
    folder = tmp_path_factory.mktemp("slim")
    python = install.make_environment(folder / "environment", install.build_wheel(folder))
    print(f"winback without extras: {install.megabytes(folder / 'environment'):,.0f} MB")
    home, work = folder / "home", folder / "work"
    home.mkdir()
    work.mkdir()
    environment = {
        "HOME": str(home), "LANG": "C.UTF-8", "OMP_WAIT_POLICY": "PASSIVE",
        "PATH": os.pathsep.join([str(python.parent), "/usr/bin", "/bin"]),
    }  # fmt: skip

    def call(command, *arguments):
        return subprocess.run(
            [python.parent / command, *arguments],
            cwd=work, env=environment, capture_output=True, text=True,
        )  # fmt: skip

    call.folder = work
    return call


def test_it_makes_a_list_without_any_extra(installed):
    for command in (
        ["simulate", "fashion", "--customers", "300", "--out", "shop.csv"],
        ["run", "shop.csv", "--horizon-days", "60", "--cutoff", "2025-01-01", "--out", "first"],
    ):
        done = installed("winback", *command)
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    made = {path.name for path in (installed.folder / "first").iterdir()}
    assert {"list.csv", "report.html", "scores.parquet", "manifest.json"} <= made
    with (installed.folder / "first/list.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 10
    assert all(row["customer_id"] for row in rows)


def test_every_name_of_the_python_api_is_there(installed):
    done = installed("python", "-W", "error", "-c", EVERY_NAME)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["dvc", "mlflow", "jupyter", "optuna", "pyspark", "sklearn"])
def test_nothing_of_the_extras_comes_with_it(installed, package):
    assert f"No module named '{package}'" in installed("python", "-c", f"import {package}").stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["demo"], "pipeline"),
        (["track"], "pipeline"),
        (["tune", "shop.csv"], "tune"),
        (["snapshot", "shop.csv", "--engine", "spark"], "spark"),
    ],
)
def test_a_verb_whose_extra_is_missing_names_it_in_one_line(installed, command, extra):
    for name in ("params.yaml", "shop.csv"):
        (installed.folder / name).touch()
    done = installed("winback", *command)
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert "ingest" not in done.stderr  # before any work
    assert "Traceback" not in done.stderr
    assert f"pip install 'winback[{extra}]'" in said


def test_importing_the_package_loads_no_extra():
    """Where they are installed, they are loaded by the verb that needs them, not before."""
    look = (
        "import sys, winback.cli.app, winback.tracking.mlflow_runs, winback.judging.tuning\n"
        "print({'dvc', 'mlflow', 'optuna', 'pyspark', 'jupyter'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
