"""The documentation site: it is built without a warning, and opens without a network."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import winback

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site, built as `make docs` does; a link or anchor that leads nowhere ends the build."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "mkdocs"),
            "build",
            "--quiet",
            "--site-dir",
            str(folder),
        ],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "true", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout + done.stderr == "", "the log is not clean"
    return folder


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
