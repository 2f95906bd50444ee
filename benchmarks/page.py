"""What the page weighs: bytes, printed sheets, height of the first screen, time to first paint.

Usage: ``python benchmarks/page.py``. Shops are made up, but for CDNOW where `winback fetch` has
brought it. A shop that stands in build/page/ is not run again; delete the folder to begin anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from winback.params import check_params
from winback.project import folder_of
from winback.report.material import Material
from winback.report.page import render_report
from winback.stages import report as stage

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / "build" / "page"
CDNOW = ROOT / "data" / "raw" / "cdnow.csv"
# Kind, customers, days, signals, language.
SHOPS = {
    "forty customers of two months": ("fashion", 40, 60, False, "pl"),
    "fashion, with signals": ("fashion", 800, 420, True, "pl"),
    "groceries": ("groceries", 200, 240, False, "en"),
    "wholesale": ("wholesale", 200, 700, False, "en"),
}
MANY = 5_000_000
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}
CHROMIUM = ("--no-sandbox", "--disable-gpu")
HEAD = (
    "| shop | language | bytes | sheets folded | sheets open | first screen, desktop (of 800) "
    "| first screen, phone (of 844) | first paint, ms | requests |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Run the shops that have no page yet, look at each page, and write the table."""
    from playwright.sync_api import sync_playwright

    pages: dict[tuple[str, str], Path] = {}
    for name in (*SHOPS, *(["CDNOW"] if CDNOW.is_file() else [])):
        language = SHOPS[name][-1] if name in SHOPS else "en"
        page = _page(name, language)
        if page is not None:
            pages[name, language] = page
    if ("fashion, with signals", "pl") in pages:
        crowd = _crowd(pages["fashion, with signals", "pl"].parent)
        pages[f"the same with {MANY:,} customers scored", "pl"] = crowd
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for (name, language), page in pages.items():
            rows.append(_row(browser, name, language, page))
            print(rows[-1], flush=True)
        browser.close()
    text = (
        "# What the page weighs\n\n"
        "Printed by `python benchmarks/page.py`: the page of `winback run`, looked at in Chromium. "
        "The first screen is all above the five headings; at 1280 × 800 and 390 × 844 it needs no "
        "scrolling where its end is above the screen's. A page grows with what a shop has, not "
        "with its customers: tables are cut, and say so.\n\n" + "\n".join([HEAD, *rows]) + "\n"
    )
    (ROOT / "benchmarks" / "page.md").write_text(text, encoding="utf-8")


def _page(name: str, language: str) -> Path | None:
    """The page of a shop in a language, made where it is not there yet."""
    out = STATE / f"{re.sub(r'[^a-z]+', '-', name.lower())}-{language}"
    page = out / "report.html"
    if page.is_file():
        return page
    out.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "winback.cli", "run"]
    with TemporaryDirectory() as beside:
        orders, options = CDNOW, []
        if name in SHOPS:
            kind, customers, days, signals, _ = SHOPS[name]
            orders = Path(beside) / "shop.csv"
            made = ["simulate", kind, "--customers", customers, "--days", days, "--out", orders]
            made += ["--signals"] if signals else []
            subprocess.run([*words[:3], *map(str, made)], check=True, capture_output=True)
            if signals:
                for option in ("signals", "attributes"):
                    options += [f"--{option}", str(Path(beside) / f"{option}.parquet")]
        done = subprocess.run(
            [*words, str(orders), "--out", str(out), "--language", language, "--currency", "PLN",
             *options],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
    if done.returncode:
        print(f"{name}: {done.stderr.strip().splitlines()[-1]}", flush=True)
        return None
    return page


def _crowd(folder: Path) -> Path:
    """The page of a run with its scores repeated under other ids until there are very many."""
    page = folder.with_name("crowd") / "report.html"
    if page.is_file():
        return page
    kept: list[Material] = []

    def keep(material: Material) -> str:
        kept.append(material)
        return render_report(material)

    stage.render_report = keep
    stage.report(folder_of(folder, check_params({"report": {"language": "pl"}})))
    scores = kept[0].scores
    assert scores is not None
    times = -(-MANY // len(scores))
    crowd = pd.concat([scores] * times, ignore_index=True).head(MANY)
    crowd["customer_id"] = crowd.index.astype(str)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render_report(replace(kept[0], scores=crowd)), encoding="utf-8")
    return page


def _row(browser, name: str, language: str, page: Path) -> str:
    heights, asked = [], []
    for width, height in SCREENS.values():
        shown = browser.new_page(viewport={"width": width, "height": height})
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(page.as_uri())
        bottom = "document.querySelector('.first').getBoundingClientRect().bottom"
        heights.append(round(shown.evaluate(bottom)))
        paint = shown.evaluate(
            "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0] ?? 0"
        )
        if width == SCREENS["desktop"][0]:
            painted, folded = paint, _sheets(shown)
            shown.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            unfolded = _sheets(shown)
        shown.close()
    others = [url for url in asked if not url.startswith(("file:", "data:"))]
    return (
        f"| {name} | {language} | {page.stat().st_size:,} | {folded} | {unfolded} | {heights[0]} "
        f"| {heights[1]} | {painted:.0f} | {len(others)} |"
    )


def _sheets(page) -> int:
    return len(re.findall(rb"/Type ?/Page\b(?!s)", page.pdf(format="A4")))


if __name__ == "__main__":
    main()
