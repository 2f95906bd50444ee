"""README.md: its commands and its code run, what it quotes is so, what it names is there."""

import csv
import json
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from winback.cli.progress import plain
from winback.crm.listing import LIST_COLUMNS
from winback.results.judged import Verdict
from winback.results.measured import Measurement
from winback.said.notebook import tell

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"(<!-- (?P<mark>[^>]*) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL
)
BLOCKS = [found.groupdict() for found in BLOCK.finditer(PAGE)]


def quoted(name: str) -> str:
    return next(block["text"] for block in BLOCKS if block["mark"] == f"quoted: {name}")


@pytest.fixture(scope="module")
def followed(git, committable, tmp_path_factory) -> Path:
    """A copy of this repository in which somebody has followed the README from top to bottom."""
    copy = tmp_path_factory.mktemp("clone") / "winback"
    for path in committable:
        to = copy / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "Clone"]):
        subprocess.run([git, *words], cwd=copy, check=True)
    runners = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
    for block in BLOCKS:
        if block["language"] not in runners or (block["mark"] or "").startswith("not run"):
            continue
        done = subprocess.run(
            [*runners[block["language"]], block["text"]], cwd=copy, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{block['text']}\n{done.stdout}\n{done.stderr}"
    return copy


@pytest.mark.slow
def test_every_command_runs_and_leaves_what_the_readme_says(followed):
    for name in (
        *("list.csv", "report.html", "scores.parquet", "decisions.parquet", "assignment.parquet"),
        *("evaluation.json", "quarantine.csv", "manifest.json"),
    ):
        assert (followed / "exports/first-look" / name).is_file(), name
    measured = Measurement.from_json(
        (followed / "exports/measured/measurement.json").read_text("utf-8"), "measurement.json"
    )
    assert (followed / "exports/measured/result.html").is_file()
    # Fifteen controls tell nothing. Each clone draws its own, so the quoted numbers are others.
    assert measured.verdict == "too_few"
    first = quoted("winback measure").splitlines()[0]
    assert re.sub(r"\d+", "N", first) == re.sub(r"\d+", "N", plain(tell(measured)))
    assert (followed / "exports/current/list.csv").is_file()
    assert (followed / "reports/report.html").is_file()
    assert (followed / "mlflow.db").is_file()
    assert list(followed.parent.glob("shop/exports/*/list.csv"))


@pytest.mark.slow
def test_git_sees_no_customer_after_all_that(followed, git):
    seen = subprocess.run(
        [git, "status", "--porcelain", "--untracked-files=all"],
        cwd=followed,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert [line for line in seen if line.startswith("??")] == []


def test_only_what_ci_runs_as_a_whole_is_not_run():
    left_out = [block for block in BLOCKS if (block["mark"] or "").startswith("not run")]
    assert [re.findall(r"^make \w+", block["text"], re.MULTILINE) for block in left_out] == [
        ["make demo", "make test"]
    ]


def test_the_excerpt_is_a_list():
    header, *rows = csv.reader(quoted("list.csv").splitlines())
    assert tuple(header) == LIST_COLUMNS
    assert len(rows) == 3
    assert {len(row) for row in rows} == {len(header)}


def test_the_quoted_ending_is_that_of_the_committed_results():
    ending = quoted("winback demo")
    ingested, judged, planned = (
        json.loads((ROOT / "reports" / name).read_text(encoding="utf-8"))
        for name in ("ingest.json", "evaluation.json", "target.json")
    )
    for said in (
        f"{ingested['lines_in']:,} read",
        f"{ingested['customers']:,} with {ingested['purchases']:,} purchases",
        tell(Verdict.model_validate(judged["verdict"])),
        f"{planned['n_listed']:,} customers get an offer",
        f"{planned['n_control']:,} are held out",
        f"expected cost ${planned['expected_cost']:,.2f}",
    ):
        assert said in ending, "after make demo, run: python docs/refresh.py readme"


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_option_named_is_one_of_winback_run():
    told = subprocess.run(
        [sys.executable, "-m", "winback.cli", "run", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    named = set(re.findall(r"`(--[a-z-]+)", PAGE))
    assert named
    assert [option for option in sorted(named) if option not in told] == []


def test_the_picture_is_as_wide_as_a_laptop_and_light():
    picture = (ROOT / "docs/report.png").read_bytes()
    width, height = struct.unpack(">II", picture[16:24])
    assert width == 1280
    assert height >= 800
    assert len(picture) < 300_000
