"""What each stage of `winback run` costs, in seconds and in memory, by size of the shop.

    python benchmarks/stages.py --customers 20000 100000 500000 --write
    python benchmarks/stages.py --customers 100000 --revision 6cb05b1 --write

Simulates a shop of that many customers (kind fashion, two years, some 15 lines a customer; made
once and kept under the temporary folder), walks the stages of `winback run` in a process of its
own, and prints wall seconds, CPU seconds and the peak of resident memory within each stage. Last
comes the floor: LightGBM alone, growing again all boosters of the model just learned on the rows
and columns they were learned on (the same rounds, parameters and seeds, the bins made anew for
each horizon), and how many times its CPU seconds train took. ``--revision`` walks the package of
another commit of this repository, ``--write`` puts the table into benchmarks/stages.md in the
place of the one of the same size and revision.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve()
REPOSITORY = HERE.parent.parent
CACHE = Path(tempfile.gettempdir()) / "winback-stages"
NOW = "now"
TITLE = """# Stages of `winback run` by size of the shop

Written by `python benchmarks/stages.py --customers N --write` (and `--revision` for an earlier
commit); what is timed is described there. Memory is the peak of the process within the stage.
CPU seconds count both cores. Beside other work they grow too, by up to twice: the time of
import, the same in every table, tells how busy a machine was.
"""

SHOP = """
import sys
import winback as wb
wb.simulate_shop("fashion", customers=int(sys.argv[1]), seed=0).orders.to_parquet(sys.argv[2])
"""

WALK = """
import json, os, resource, sys, time
from pathlib import Path

marks = []

def mark(name):
    # The kernel forgets the peak, so that each stage has its own.
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1e6
    marks.append((name, time.perf_counter(), time.process_time(), peak))
    Path("/proc/self/clear_refs").write_text("5")

mark("import")
import lightgbm
import winback.judging.judge, winback.offers.plan, winback.report.page
from winback.params import check_params
from winback.stages.flow import run_history

settings = check_params({"ingest": {"threads": 2}, "snapshot": {"threads": 2},
                         "train": {"threads": 2}}, "settings")
run_history(Path(sys.argv[1]), Path(sys.argv[2]), settings, begin=mark)
mark("end")
print(json.dumps(marks))
"""

FLOOR = """
import json, sys, time
import lightgbm
import numpy as np
from pathlib import Path
from winback.draws import key_of, share_of
from winback.learning.model import ReturnModel
from winback.params import TrainSettings
from winback.stages.stored import MOST_ROWS
from winback.snapshots.stored import StoredSnapshots

root = Path(sys.argv[1])
model = ReturnModel.load(root / "models/return_model.json")
names = ("snapshots", "outcomes", "first_days")
rows = StoredSnapshots(*(root / f"orders/{n}.parquet" for n in names)).closed(MOST_ROWS)
rows = rows[rows["cutoff"] >= rows["cutoff"].max() - np.timedelta64(400, "D")]
if len(rows) > TrainSettings().max_rows:  # the sample that train draws
    rows = rows[share_of(key_of(rows), TrainSettings().max_rows)]
wait = rows["days_to_return"].to_numpy(np.float64, na_value=np.inf)
known = {model.horizon_days: np.ones(len(rows), bool)}
given = model.horizon_days
jobs = [(model.trees, known[given], wait < given)]
for step in model.steps:
    given = model.horizon_days if step.beyond_main else given
    at_risk = wait >= given if step.beyond_main else wait < given
    jobs.append((step.trees, at_risk, wait < step.horizon_days))
    given = step.horizon_days
wall = cpu = trees = 0.0
most = 0
for forest, chosen, came in jobs:
    if forest is None:
        continue
    matrix = np.ascontiguousarray(
        rows.loc[chosen, list(forest.features)].to_numpy(np.float32, na_value=np.nan)
    )
    y = came[chosen].astype(float)
    most = max(most, len(matrix))
    began = time.perf_counter(), time.process_time()
    binned = None
    for text in forest.boosters:
        params = {k: v for k, v in lightgbm.Booster(model_str=text).params.items()
                  if k not in ("num_iterations", "early_stopping_round")}
        params |= {"num_threads": 1, "verbose": -1, "force_row_wise": True, "deterministic": True}
        if binned is None:
            binned = lightgbm.Dataset(matrix, y, params=params)
        rounds = lightgbm.Booster(model_str=text).num_trees()
        lightgbm.train(params, binned, rounds)
        trees += rounds
    wall += time.perf_counter() - began[0]
    cpu += time.process_time() - began[1]
print(json.dumps([wall, cpu, int(trees), most]))
"""


def python(code: str, source: Path, *arguments: object) -> str:
    """What a process of its own prints that imports the package of ``source``."""
    told = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(source)}, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    return told.stdout.strip().splitlines()[-1] if told.stdout.strip() else ""


def shop(customers: int) -> Path:
    """The order lines of a shop of that many customers, made once."""
    path = CACHE / f"fashion-{customers}.parquet"
    if not path.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        python(SHOP, REPOSITORY / "src", customers, new)
        new.replace(path)
    return path


def package(revision: str, folder: Path) -> Path:
    """The folder of the package as it is, or as a commit has it."""
    if revision == NOW:
        return REPOSITORY / "src"
    packed = subprocess.run(
        ["git", "archive", revision, "src"], cwd=REPOSITORY, stdout=subprocess.PIPE, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


def measured(customers: int, revision: str) -> list[str]:
    """The table of one size and revision, line by line."""
    import pyarrow.parquet as pq

    orders = shop(customers)
    with tempfile.TemporaryDirectory() as name:
        source, out = package(revision, Path(name)), Path(name) / "out"
        marks = json.loads(python(WALK, source, orders, out))
        wall, cpu, trees, rows = json.loads(python(FLOOR, source, out))
        seen = pq.ParquetFile(out / "orders/snapshots.parquet").metadata.num_rows
    lines = pq.ParquetFile(orders).metadata.num_rows
    told = [
        f"## {customers:,} customers, {revision}",
        "",
        f"{lines:,} lines, {seen:,} snapshots, {os.cpu_count()} cores, {platform.machine()}",
        "",
        "| stage | wall s | CPU s | peak GB |",
        "|---|---|---|---|",
    ]
    taken = {}
    for (stage, *began), (_, *ended) in pairwise(marks):
        taken[stage] = ended[0] - began[0], ended[1] - began[1], ended[2]
        told.append(f"| {stage} | {taken[stage][0]:.1f} | {taken[stage][1]:.1f} | {ended[2]:.2f} |")
    walls, cpus, peaks = zip(*taken.values(), strict=True)
    told += [
        f"| **all** | {sum(walls):.1f} | {sum(cpus):.1f} | {max(peaks):.2f} |",
        f"| LightGBM alone, one thread | {wall:.1f} | {cpu:.1f} | |",
        "",
        f"LightGBM alone: {trees:,} trees, at most {rows:,} rows; train took "
        f"{taken['train'][1] / max(cpu, 1e-9):.2f} times its CPU seconds.",
    ]
    return told


def sections() -> dict[str, str]:
    """What benchmarks/stages.md holds already, by heading."""
    path = HERE.with_suffix(".md")
    text = path.read_text() if path.is_file() else ""
    return {part.splitlines()[0]: part.strip() for part in re.split(r"^(?=## )", text, flags=re.M)
            if part.startswith("## ")}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, nargs="+", default=[20_000])
    parser.add_argument("--revision", default=NOW, help="commit whose package is walked")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    for customers in given.customers:
        told = measured(customers, given.revision)
        print("\n".join(told), flush=True)
        if given.write:
            known = sections() | {told[0]: "\n".join(told)}

            def place(heading: str) -> tuple[int, bool]:
                size, revision = heading[3:].split(" customers, ")
                return int(size.replace(",", "")), revision == NOW

            ordered = [known[heading] for heading in sorted(known, key=place)]
            HERE.with_suffix(".md").write_text("\n\n".join([TITLE.strip(), *ordered]) + "\n")


if __name__ == "__main__":
    main()
