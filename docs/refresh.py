"""Bring what the documents quote up to date: ``python docs/refresh.py``, after ``make demo``.

Without arguments all of it; else only what is named: definitions, notebooks, readme, measured,
picture. ``measured`` follows the pages of the documentation that quote what their commands print;
it needs no demo.
"""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from winback.definitions import render
from winback.template.notebooks import notebooks as templates

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "docs/demo.md"
LIST = ROOT / "exports/current/list.csv"
QUOTED_ROWS = 3


def definitions() -> None:
    """The columns and parameters, from their declarations."""
    (ROOT / "docs/definitions.md").write_text(render(), encoding="utf-8")


def notebooks() -> None:
    """Make the notebooks anew and execute them on the demo, without times and versions."""
    place = {"metadata": {"path": str(ROOT / "notebooks")}}
    for name, text in templates().items():
        path, notebook = ROOT / "notebooks" / name, nbformat.reads(text, as_version=4)
        NotebookClient(
            notebook, timeout=300, kernel_name="python3", record_timing=False, resources=place
        ).execute()
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, path)


def readme() -> None:
    """What the demo prints, and the first lines of its list, in docs/demo.md."""
    said = subprocess.run(
        [sys.executable, "-m", "winback.cli", "demo"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    ending = said.rpartition("\n\n")[2].strip()
    rows = list(csv.reader(io.StringIO(LIST.read_text(encoding="utf-8"))))
    excerpt = io.StringIO()
    csv.writer(excerpt, lineterminator="\n").writerows(rows[: 1 + QUOTED_ROWS])
    page = DEMO.read_text(encoding="utf-8")
    page = quote(page, "winback demo", "text", ending)
    page = quote(page, "list.csv", "csv", excerpt.getvalue().strip())
    DEMO.write_text(page, encoding="utf-8")


def measured() -> None:
    """What the commands of the tutorial and its fellows print, in a folder of their own."""
    sys.path.insert(0, str(ROOT / "tests"))
    from following import SHARED, filled, follow

    with tempfile.TemporaryDirectory() as folder:
        told = [(block.page, text) for block, text in follow(SHARED, Path(folder))]
    for page in SHARED:
        whole = filled(page, [text for name, text in told if name == page])
        (ROOT / page).write_text(whole, encoding="utf-8")


def quote(page: str, name: str, language: str, text: str) -> str:
    """The page with the block below ``<!-- quoted: name -->`` replaced."""
    block = rf"(<!-- quoted: {re.escape(name)} -->\n)```{language}\n.*?```"
    changed, times = re.subn(
        block, lambda found: f"{found[1]}```{language}\n{text}\n```", page, flags=re.DOTALL
    )
    assert times == 1, f"{DEMO.name} has {times} blocks of {name}"
    return changed


def picture() -> None:
    """The top of the demo's report as a reader with a laptop sees it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto((ROOT / "reports/report.html").as_uri())
        page.screenshot(path=ROOT / "docs/report.png")
        browser.close()


PARTS = {part.__name__: part for part in (definitions, notebooks, readme, measured, picture)}

if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # else idle threads of the kernels spin
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
