"""The nine notebooks on three projects: `python benchmarks/notebooks.py [--only TEXT]`.

The same files, unchanged but for their parameters, run by papermill on

- the demo: this repository after `make demo` (`--demo`: another copy of it);
- a project of `winback init`: a made-up Polish shop with signals, whose first list was sealed, sent
  and, some months of orders later, measured and graded (its stages are walked in one process);
- a folder of `winback run` of a shop of six weeks, which can know nothing yet.

Writes benchmarks/notebooks.md: seconds of each (wall; CPU of its kernel beside them, since others
may use the machine) and its answer. What is done is kept under build/notebooks; --again forgets it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import papermill

import winback as wb
from winback.params import Params, load_params
from winback.project import Project
from winback.questions.sealing import seal_list
from winback.results.intake import IngestSummary
from winback.stages.flow import STAGES, run_history, stage
from winback.synthetic.campaign import simulate_campaign
from winback.synthetic.kinds import DEFAULT_EFFECTS
from winback.template.notebooks import notebooks

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / "build/notebooks"
FOLLOWED_DAYS = 150


def thin(place: Path) -> None:
    """A run on a shop of six weeks."""
    run_history(wb.simulate_shop("fashion", 40, days=40, seed=3).orders, place, Params())


def laid(place: Path) -> None:
    """A project of `winback init` with signals, whose first list left and is over."""
    shop = wb.simulate_shop("fashion", 1_500, days=420, seed=6)
    # In a repository of its own: git ignores build/, where nothing could be kept.
    subprocess.run(["git", "init", "--quiet", str(place.parent)], check=True)
    orders = place.parent / "zamowienia.csv"
    shop.orders.to_csv(orders, index=False)
    given = ["--orders", str(orders), "--currency", "PLN", "--language", "pl"]
    command = [sys.executable, "-m", "winback.cli", "init", str(place), *given]
    subprocess.run(command, check=True, capture_output=True)
    shop.signals.to_parquet(place / "data/raw/signals.parquet", index=False)
    file = place / "params.yaml"
    text = file.read_text("utf-8")
    text = re.sub(r"(?m)^  signals: null", "  signals: data/raw/signals.parquet", text)
    wanted = "[{name: ticket_opened, closed_by: ticket_closed}, {name: late_delivery}]"
    file.write_text(re.sub(r"(?m)^  signals: \[\]", f"  signals: {wanted}", text), "utf-8")
    os.chdir(place)
    project = walk()
    seal_list(project)
    cutoff = project.result("ingest", IngestSummary).cutoff
    dealt = project.frame("plan")[["customer_id", "planned_offer", "arm"]]
    effects = {
        name: DEFAULT_EFFECTS.get(name, DEFAULT_EFFECTS["percent_off"])
        for name in dealt["planned_offer"].unique()
    }
    sent = simulate_campaign(
        shop, dealt, cutoff, 30, effects=effects, follow_days=FOLLOWED_DAYS
    )  # fmt: skip
    since = pd.concat([shop.orders, sent.orders])
    since.to_csv(place / "data/raw" / orders.name, index=False)
    walk()


def walk() -> Project:
    """The stages that `dvc repro` runs, on the project in this folder."""
    project = Project(load_params(Path("params.yaml")))
    for name in STAGES:
        if name != "track":
            stage(name)(project)
    return project


MADE = {"init": laid, "run": thin}


def made(kind: str) -> Path:
    """The project of that kind, made in a process of its own unless it is there."""
    place = STATE / kind / ("sklep" if kind == "init" else "out")
    if not (STATE / f"{kind}.done").is_file():
        shutil.rmtree(STATE / kind, ignore_errors=True)
        (STATE / kind).mkdir(parents=True)
        subprocess.run([sys.executable, __file__, "--make", kind, str(place)], check=True)
        (STATE / f"{kind}.done").touch()
    return place


def executed(name: str, text: str, place: Path, language: str) -> dict[str, Any]:
    """Seconds, CPU seconds and the answer of one notebook on one project."""
    before = {path for path in place.rglob("*") if path.is_file()}
    with tempfile.TemporaryDirectory() as folder:
        source, done = Path(folder, name), Path(folder, "done.ipynb")
        source.write_text(text, encoding="utf-8")
        began, used = time.perf_counter(), children()
        papermill.execute_notebook(
            source, done, {"place": str(place), "language": language}, progress_bar=False,
            cwd=folder, log_output=False,
        )  # fmt: skip
        took, cpu = time.perf_counter() - began, children() - used
        notebook = nbformat.reads(done.read_text("utf-8"), as_version=4)
    said = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    warned = [o for o in said if o.get("name") == "stderr"]
    left = {path for path in place.rglob("*") if path.is_file()} - before
    answer = "".join(o.get("text", "") for o in notebook.cells[-1].outputs).strip()
    left_behind = sorted(str(path.relative_to(place)) for path in left)
    return {"seconds": took, "cpu": cpu, "answer": answer, "stderr": len(warned),
            "left": left_behind}  # fmt: skip


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--demo", type=Path, default=ROOT)
    parser.add_argument("--make", nargs=2)
    given = parser.parse_args()
    if given.make:
        MADE[given.make[0]](Path(given.make[1]))
        return
    if given.again:
        shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True, exist_ok=True)
    kept = STATE / "results.json"
    found = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    for kind, language in (("run", "en"), ("init", "pl"), ("demo", "en")):
        place = given.demo.resolve() if kind == "demo" else made(kind)
        for name, text in notebooks(language).items():
            key = f"{kind} {name}"
            if key in found or given.only not in key:
                continue
            found[key] = executed(name, text, place, language)
            print(f"{key}: {found[key]['seconds']:.1f} s: {found[key]['answer']}", flush=True)
            kept.write_text(json.dumps(found, indent=1, ensure_ascii=False), "utf-8")
    page = written(found)
    (ROOT / "benchmarks/notebooks.md").write_text(page, encoding="utf-8")


TITLES = {
    "demo": "The demo (CDNOW)",
    "init": "A project of `winback init`: a made-up Polish shop, signals, a list sealed and over",
    "run": "A folder of `winback run`: a shop of six weeks, in which nothing can be known yet",
}


def written(found: dict[str, dict[str, Any]]) -> str:
    """The page: a table a project."""
    lines = [
        "# The notebooks on three projects",
        "",
        "`python benchmarks/notebooks.py`, by papermill. Seconds are those of the clock with a new "
        "kernel each, on two cores; CPU beside them, since other work shared the machine.",
    ]
    for kind, title in TITLES.items():
        rows = {key.split(" ")[1]: row for key, row in found.items() if key.startswith(f"{kind} ")}
        if not rows:
            continue
        lines += ["", f"## {title}", "", "| notebook | s | CPU s | answer |", "|---|--:|--:|---|"]
        for name, row in sorted(rows.items()):
            answer = str(row["answer"]).replace("|", r"\|")
            stem = name.removesuffix(".ipynb")
            lines.append(f"| {stem} | {row['seconds']:.0f} | {row['cpu']:.0f} | {answer} |")
        cpu = sum(row["cpu"] for row in rows.values())
        behind = sum(len(row["left"]) for row in rows.values())
        warned = sum(row["stderr"] for row in rows.values())
        said = f"All of them: {cpu:.0f} s of CPU; files left behind: {behind}; "
        lines += ["", f"{said}cells with warnings: {warned}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
