"""The repository itself: locks, what may be committed, the way in for a newcomer."""

import os
import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-bootstrap.lock")
PINNED = re.compile(r"^([a-z0-9-]+)(\[[a-z0-9,-]+\])?==[^\s;]+( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def locked_names(lock: str) -> set[str]:
    return {
        match.group(1)
        for line in (ROOT / lock).read_text().splitlines()
        if (match := PINNED.match(line))
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pinned_versions_and_hashes_and_no_address(lock):
    lines = (ROOT / lock).read_text().splitlines()
    strange = [line for line in lines if not PINNED.match(line) and not HASH.match(line)]
    assert strange == []

    unhashed = [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if PINNED.match(line) and not HASH.match(following)
    ]
    assert unhashed == []


def test_the_lock_holds_every_requirement_of_the_package_and_its_tests():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    requirements = [
        *pyproject["build-system"]["requires"],
        *pyproject["project"]["dependencies"],
        *pyproject["dependency-groups"]["datasets"],
        *pyproject["dependency-groups"]["dev"],
    ]
    names = {re.split(r"[^A-Za-z0-9_.-]", line)[0].lower() for line in requirements}
    assert {re.sub(r"[_.]", "-", name) for name in names} <= locked_names("requirements.lock")


def test_the_bootstrap_lock_holds_uv_alone():
    assert locked_names("requirements-bootstrap.lock") == {"uv"}


def test_no_file_to_be_committed_is_large(committable):
    large = {
        str(path.relative_to(ROOT)): path.stat().st_size
        for path in committable
        if path.stat().st_size > 1_000_000
    }
    assert large == {}


def test_no_file_to_be_committed_names_a_machine_or_a_registry(committable):
    # Home folders and work trees of one machine, and hosts that packages are fetched from.
    forbidden = re.compile(
        rb"(?<![\w.~-])/(?:home|root|work|Users)/[\w.]"
        rb"|(?:pypi|pythonhosted|npmjs|conda|anaconda)\.(?:org|com)|file://",
    )
    found = {
        str(path.relative_to(ROOT)): match.group().decode()
        for path in committable
        if path != Path(__file__).resolve() and (match := forbidden.search(path.read_bytes()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "name",
    [
        "data/raw/orders.csv",
        "models/model.txt",
        "exports/current/list.csv",
        "mlflow.db",
        "reports/report.html",
        ".dvc/cache/files/md5/00/00",
        ".dvc/tmp/lock",
        "src/winback/__pycache__/cli.pyc",
    ],
)
def test_what_holds_customers_or_can_be_remade_is_ignored(git, name):
    asked = subprocess.run([git, "check-ignore", "--no-index", "--quiet", name], cwd=ROOT)
    assert asked.returncode == 0


@pytest.mark.parametrize(
    "name", ["dvc.lock", "reports/evaluation.json", "reports/plots/lift.csv", "params.yaml"]
)
def test_what_git_needs_to_compare_runs_is_not_ignored(git, name):
    asked = subprocess.run([git, "check-ignore", "--no-index", "--quiet", name], cwd=ROOT)
    assert asked.returncode == 1


def test_dvc_sends_nothing_and_stages_nothing_by_itself():
    config = ConfigParser()
    config.read_string((ROOT / ".dvc/config").read_text())
    core = config["core"]
    assert not core.getboolean("analytics")
    assert not core.getboolean("check_update")
    assert not core.getboolean("autostage")


def test_make_without_a_target_lists_every_target():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    listing = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [line.split()[1] for line in listing.stdout.splitlines() if line.startswith("make ")]
    assert sorted(listed) == sorted(phony.group(1).split())


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("exit 1", "winback needs Python 3.11 or newer; {python} is older or missing."),
        (
            'case "$2" in *libgomp*) exit 1;; esac',
            "LightGBM needs the system library libgomp, which is missing.",
        ),
    ],
    ids=["old Python", "no libgomp"],
)
def test_make_setup_says_in_one_line_what_the_machine_lacks(tmp_path, answer, sentence):
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{answer}\n")
    python.chmod(0o755)

    setup = subprocess.run(
        ["make", "setup", f"PYTHON={python}"], cwd=tmp_path, capture_output=True, text=True
    )
    said = [line for line in setup.stderr.splitlines() if not line.startswith("make")]
    assert setup.returncode != 0
    assert len(said) == 1
    assert said[0].startswith(sentence.format(python=python))
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("folder", ["clone", "sklep Łódź 2024"])
def test_make_makes_an_environment_anew_that_was_made_in_another_folder(tmp_path, folder):
    (tmp_path / "clone/.venv").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        (tmp_path / "clone" / name).write_bytes((ROOT / name).read_bytes())
    made_in = tmp_path / "clone/.venv"
    (made_in / "pyvenv.cfg").write_text(
        f"home = /usr/bin\nversion = 3.11.7\ncommand = /usr/bin/python3 -m venv --clear {made_in}\n"
    )
    for stamp in ("uv", "lock", "package"):
        (made_in / f"{stamp}.stamp").touch()
    moved = (tmp_path / "clone").rename(tmp_path / folder)

    would_run = subprocess.run(
        ["make", "-n", "setup"], cwd=moved, capture_output=True, text=True, check=True
    ).stdout
    for part in ("venv --clear .venv", "--require-hashes", "--editable ."):
        assert (part in would_run) == (folder != "clone"), would_run


@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("true", "1 error")])
def test_a_missing_system_part_is_a_skip_for_a_person_and_a_failure_in_ci(tmp_path, ci, outcome):
    (tmp_path / "conftest.py").write_bytes((ROOT / "tests/conftest.py").read_bytes())
    (tmp_path / "test_page.py").write_text("def test_page(chromium): pass\n")
    # The path of an empty folder: whatever this machine has installed is out of sight.
    environment = {**os.environ, "CI": ci, "PATH": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert outcome in run.stdout.splitlines()[-1]
    assert "needs chromium, which is not installed" in run.stdout
