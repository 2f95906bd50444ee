"""One version of the model against another, customer by customer, on whole shops and samples.

    python benchmarks/ranking.py --save after.parquet          foretell with the code as it is
    PYTHONPATH=<other>/src:<other>/benchmarks python benchmarks/ranking.py --save before.parquet
    python benchmarks/ranking.py --compare before.parquet after.parquet

Tasks are those of `benchmarks/accuracy.py`; beside each whole shop, samples of 250 and of 800 of
its customers stand for small ones (three of each, drawn by number, at every cutoff of the task).
Differences are after less before, with 95 % intervals over resampled customers (300 draws): below
zero in log loss, and above zero in ROC AUC, the later version is better. Written to ranking.md.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
import numpy as np
import pandas as pd

HERE = Path(__file__).parent.resolve()
# The module of the version that is asked, if PYTHONPATH names one; else the one beside this file.
sys.path = [place for place in sys.path if Path(place).resolve() != HERE] + [str(HERE)]
accuracy = importlib.import_module("accuracy")

SIZES, SAMPLES, DRAWS = (None, 800, 250), 3, 300
COLUMNS = ["task", "size", "customer_id", "cutoff", "returned", "p"]


def foretold(name: str) -> pd.DataFrame:
    """Chance and outcome of every customer of a task and of its samples."""
    task = next(task for task in accuracy.TASKS if task.name == name)
    with tempfile.TemporaryDirectory() as folder:
        parts = [part for case in task.cases(Path(folder)) for part in _of_case(name, case)]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _of_case(name: str, case: Any) -> Iterator[pd.DataFrame]:
    seen = accuracy.snapshots_of(case, 1)
    ids = np.array(sorted(seen.customers["customer_id"]))
    for size in SIZES:
        if size is not None and len(ids) <= size:
            continue
        for draw in range(1 if size is None else SAMPLES):
            chosen = set(ids)
            if size is not None:
                chosen = set(np.random.default_rng(draw).choice(ids, size, replace=False))
            rows, customers, future, first_days = (
                table[table["customer_id"].isin(chosen)] if len(table) else table for table in seen
            )
            model = accuracy.fit(case, rows, customers, 1, first_days)
            p = model.predict(customers)["p_return"].to_numpy()
            yield pd.DataFrame({
                "task": name, "size": size or 0, "p": p,
                "customer_id": f"{case.shop}{draw}:" + future["customer_id"].to_numpy(object),
                "cutoff": str(case.cutoff), "returned": future["returned"].to_numpy(bool),
            })  # fmt: skip


def save(path: Path, only: str, processes: int) -> None:
    """Foretell every task, keeping what is done after each."""
    done = pd.read_parquet(path) if path.exists() else pd.DataFrame(columns=COLUMNS)
    names = [t.name for t in accuracy.TASKS if only in t.name and t.name not in set(done["task"])]
    with ProcessPoolExecutor(processes) as pool:
        for name, found in zip(names, pool.map(foretold, names), strict=True):
            done = pd.concat([done, found], ignore_index=True) if len(done) else found
            done.to_parquet(path, index=False)
            print(name, flush=True)


def compared(before: pd.DataFrame, after: pd.DataFrame) -> Iterator[list[str]]:
    """A row of cells a task and size: both versions, their differences with intervals, ECE."""
    keys = ["task", "size", "customer_id", "cutoff"]
    both = before.merge(after, on=keys, suffixes=("_before", "_after"), validate="1:1")
    for (size, task), rows in both.groupby(["size", "task"], sort=False):
        yield [str(task), str(size or "all"), *_differences(rows.reset_index(drop=True))]


def _differences(rows: pd.DataFrame) -> list[str]:
    returned = rows["returned_after"].to_numpy(bool)
    customer, names = pd.factorize(rows["customer_id"])
    chances = [
        np.clip(rows[f"p_{which}"].to_numpy(float), 1e-6, 1 - 1e-6) for which in ("before", "after")
    ]
    losses = [-np.where(returned, np.log(p), np.log(1 - p)) for p in chances]
    # Samples of one task are shops of their own: who is in two is ranked in each.
    of = rows["customer_id"].str.rsplit(":", n=1).str[0] + rows["cutoff"]
    shops = [np.flatnonzero(of == shop) for shop in of.unique()]
    shops = [at for at in shops if 0 < returned[at].sum() < len(at)]
    ranks = [[accuracy._Ranks(p[at], returned[at]) for at in shops] for p in chances]
    sizes = np.array([len(at) for at in shops], float)

    def areas(weight: np.ndarray) -> list[float]:
        return [
            float(np.average([r.area(weight[at]) for r, at in zip(of_p, shops, strict=True)],
                             weights=sizes))
            for of_p in ranks
        ]  # fmt: skip

    whole, rng = areas(np.ones(len(rows))), np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        weight = rng.poisson(1.0, len(names))[customer].astype(float)
        usable = all((weight[at] * returned[at]).any() and (weight[at] * ~returned[at]).any()
                     for at in shops)  # fmt: skip
        if usable:
            area = areas(weight)
            drawn.append([area[1] - area[0], np.average(losses[1] - losses[0], weights=weight)])
    low, high = np.quantile(np.array(drawn), (0.025, 0.975), axis=0)
    loss = [float(each.mean()) for each in losses]
    return [
        f"{len(rows):,}", f"{whole[0]:.4f}", f"{whole[1]:.4f}",
        f"{whole[1] - whole[0]:+.4f} [{low[0]:+.4f}, {high[0]:+.4f}]",
        f"{loss[0]:.4f}", f"{loss[1]:.4f}",
        f"{loss[1] - loss[0]:+.4f} [{low[1]:+.4f}, {high[1]:+.4f}]",
        *(f"{_ece(p, returned):.3f}" for p in chances),
    ]  # fmt: skip


def _ece(p: np.ndarray, returned: np.ndarray) -> float:
    """Mean miss of ten bins of equal size."""
    bins = np.array_split(np.argsort(p, kind="stable"), 10)
    return float(sum(abs(p[b].mean() - returned[b].mean()) * len(b) for b in bins) / len(p))


def page(rows: list[list[str]]) -> str:
    """The table, with the mean difference over tasks of each size."""
    heads = ("task", "customers", "rows", "AUC before", "after", "difference [95 %]",
             "log loss before", "after", "difference [95 %]", "ECE before", "after")  # fmt: skip
    lines = ["# Ranking, before and after", "", "Printed by `python benchmarks/ranking.py`, where "
             "the columns are explained.", ""]  # fmt: skip
    for size in dict.fromkeys(row[1] for row in rows):
        part = [row for row in rows if row[1] == size]
        auc, loss = (np.mean([float(row[at].split()[0]) for row in part]) for at in (5, 8))
        who = "Whole shops" if size == "all" else f"Samples of {size} customers"
        lines += [f"{who}: mean difference of {len(part)} tasks, AUC {auc:+.4f}, log loss "
                  f"{loss:+.4f}.", "", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads),
                  *("| " + " | ".join(row) + " |" for row in part), ""]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=Path, help="foretell, and keep it here")
    parser.add_argument("--only", default="", help="tasks whose name holds this")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("BEFORE", "AFTER"))
    asked = parser.parse_args()
    if asked.save:
        save(asked.save, asked.only, asked.processes)
    if asked.compare:
        tables = (pd.read_parquet(path) for path in asked.compare)
        text = page(list(compared(*tables)))
        (HERE / "ranking.md").write_text(text, encoding="utf-8")
        print(text)


if __name__ == "__main__":
    main()
