"""README and docs/: commands and code run, what they quote is so, what they name is there."""

import csv
import json
import re
import struct
from pathlib import Path

import pytest
from typer.main import get_command

from following import ALONE, LATER, PRINTED, SHARED, blocks, follow
from winback.cli.app import app
from winback.crm.listing import LIST_COLUMNS
from winback.definitions import RESULTS
from winback.report.page import FOLDS
from winback.results.judged import Verdict
from winback.results.measured import Measurement
from winback.said import folds
from winback.said.notebook import tell

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").glob("*.md"))),
]


def quoted(name: str) -> str:
    return next(each.text for each in blocks("docs/demo.md") if each.mark == f"quoted: {name}")


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> tuple[Path, dict[str, list[str]]]:
    """A folder in which somebody has followed the pages, and what each quoted block's was."""
    folder = tmp_path_factory.mktemp("reader")
    told: dict[str, list[str]] = {}
    for block, text in follow(SHARED, folder):
        told.setdefault(block.page, []).append(text)
    return folder, told


@pytest.mark.slow
@pytest.mark.parametrize("page", SHARED)
def test_a_page_quotes_what_its_commands_print(followed, page):
    shown = [each.text for each in blocks(page) if each.mark == PRINTED]
    # Numbers may differ in their last digit from one processor to the next.
    same = [re.sub(r"[+−-]?\d[\d,.]*", "N", text).split() for text in shown]
    told = [re.sub(r"[+−-]?\d[\d,.]*", "N", text).split() for text in followed[1].get(page, [])]
    assert told == same, "run: python docs/refresh.py measured"


@pytest.mark.slow
def test_the_tutorial_ends_where_its_made_up_truth_is(followed):
    folder, _ = followed
    found = Measurement.from_json(
        (folder / "wynik/measurement.json").read_text("utf-8"), "measurement.json"
    )
    assert found.verdict == "works"
    assert found.returned.low < 0.15 < found.returned.high
    for name in ("list.csv", "report.html", "getresponse.csv", "getresponse/control.csv"):
        assert (folder / "lista" / name).is_file(), name
    broken = (folder / "wynik-bounces/measurement.json").read_text("utf-8")
    assert Measurement.from_json(broken, "measurement.json").verdict == "invalid"


@pytest.mark.long
def test_the_project_of_the_pages_runs_on(followed):
    folder, _ = followed
    assert [block for block, _ in follow(LATER, folder)] == []
    assert list(folder.glob("sklep/exports/current/list.csv"))


def test_every_command_is_executed_or_says_why_not():
    silent = [
        (each.page, each.text)
        for page in PAGES
        if page not in (*SHARED, *LATER, *ALONE)
        for each in blocks(page)
        if each.command and each.reason is None
    ]
    assert silent == []
    reasons = {each.reason for page in PAGES for each in blocks(page)} - {None}
    assert all(len(reason) > 10 for reason in reasons)
    named = {name for reason in reasons for name in re.findall(r"tests/\w+\.py", reason)}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
    # A command in a block of another language would be neither.
    typed = re.compile(r"^(\$ )?(winback|dvc|git|pip|make|python) ", re.MULTILINE)
    hidden = [
        (each.page, each.text)
        for page in PAGES
        for each in blocks(page)
        if each.language == "text" and each.mark != PRINTED and typed.search(each.text)
    ]
    assert hidden == []


def test_every_verb_and_option_named_is_one_of_the_command_line():
    verbs = get_command(app).commands
    named = [
        (page, *found)
        for page in PAGES
        if page != "docs/decisions.md"
        for found in re.findall(
            r"winback ([a-z]+)((?: (?!winback)[^`\n;&|]*)?)", (ROOT / page).read_text("utf-8")
        )
        if found[0] in verbs
    ]
    assert len(named) > 50
    wrong = [
        (page, verb, option)
        for page, verb, rest in named
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", rest.split("#")[0])
        if option not in _options(verbs[verb])
    ]
    assert wrong == []


def _options(verb) -> set[str]:
    own = {name for each in verb.params for name in (*each.opts, *each.secondary_opts)}
    return own.union(*(_options(below) for below in getattr(verb, "commands", {}).values()))


def test_the_page_about_the_page_has_its_headings_in_order():
    text = (ROOT / "docs/page.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| ([A-Z][^|]*) \|", text, re.MULTILINE)
    assert told == [folds.TEXTS[f"title_{name}"]["en"] for name in FOLDS]
    named = set(re.findall(r"`reports/([a-z]+\.json)`", text))
    assert named <= set(RESULTS), named - set(RESULTS)


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


def test_every_link_of_readme_leads_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_is_one_screen_with_one_picture():
    assert len(README.splitlines()) <= 60
    assert len(README.split()) <= 500
    assert README.count("![") == 1


def test_the_picture_is_as_wide_as_a_laptop_and_light():
    picture = (ROOT / "docs/report.png").read_bytes()
    width, height = struct.unpack(">II", picture[16:24])
    assert width == 1280
    assert height >= 800
    assert len(picture) < 300_000
