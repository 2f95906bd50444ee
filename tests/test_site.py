"""The documentation site: it is built without a warning, and opens without a network."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import winback

ROOT = Path(__file__).resolve().parents[1]


def build(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """The site, built as `make docs` does. Not quietly: MkDocs then counts no warning."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "mkdocs"), "build", "--site-dir", str(folder)],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "true", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The folder of the site; a link or anchor that leads nowhere ends the build."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert [line for line in said if not line.startswith("INFO ")] == [], "the log is not clean"
    return folder


@pytest.mark.long
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path):
    for path in ROOT.iterdir():
        if path.name not in ("docs", "build"):
            (tmp_path / path.name).symlink_to(path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    with (tmp_path / "docs/upgrade.md").open("a", encoding="utf-8") as page:
        page.write("[a](none.md) [b](weekly.md#none) [c](../benchmarks/none.md)\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode == 1
    assert "Aborted with 3 warnings" in done.stdout + done.stderr


def test_every_verb_and_public_name_stands_in_the_reference(site):
    told = subprocess.run(
        [sys.executable, "-m", "winback.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    verbs = re.findall(r"^  ([a-z]+) {2,}", told, re.MULTILINE)
    commands = (site / "cli.html").read_text("utf-8")
    assert len(verbs) > 30
    assert [verb for verb in verbs if f'id="winback-{verb}"' not in commands] == []
    python = (site / "api.html").read_text("utf-8")
    assert [
        name for name in winback.__all__ if f'.{name}" class="doc doc-heading"' not in python
    ] == []


def test_the_site_asks_nobody_for_anything_and_its_search_works_from_a_file(site, chromium):
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        for name in ("cli.html", "api.html", "decisions.html", "index.html"):
            page.goto((site / name).as_uri())
        page.keyboard.press("/")
        page.locator(".md-search__input").press_sequentially("quiet_days")
        page.locator(".md-search-result__item a").first.wait_for(timeout=10_000)
        browser.close()
    assert errors == []
    assert len(asked) > 4
    assert [
        url for url in asked if not url.startswith((f"{site.as_uri()}/", "data:", "blob:"))
    ] == []
    assert "search_index.js" in " ".join(asked)


def test_the_site_names_no_path_of_a_machine(site):
    paths = re.compile(r"/(?:home/\w+|root|tmp|work)/")
    told = [page for page in site.rglob("*.html") if paths.search(page.read_text("utf-8"))]
    assert [page.name for page in told] == []
