"""What it costs to score a million customers, and to say why.

    python benchmarks/scoring.py --customers 1000000

Trains on a simulated shop, repeats its customers up to the number asked for, and times, one after
the other: LightGBM's own ``predict`` of all the model's trees (the floor), the model's ``predict``
(chances of all horizons, expected orders and spend), `score_customers` (segments, bands and dates
as well), the scores written, and three reasons in words for the customers of a list. Prints
seconds, CPU seconds and how many times the floor's CPU each is, medians of three, and writes them
to benchmarks/scoring.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

import winback as wb
from winback.learning.model import ReturnModel
from winback.scoring.scores import add_reasons, score_table

HORIZON_DAYS = 90


def trained(shop_customers: int, folder: Path) -> tuple[ReturnModel, pd.DataFrame]:
    """A model of a simulated shop, and its newest snapshots."""
    simulated = wb.simulate_shop("fashion", customers=shop_customers, seed=0)
    intake = wb.read_orders(simulated.orders, folder, cutoff=simulated.end)
    first = intake.summary.first_day
    cutoffs = wb.training_cutoffs(first, intake.cutoff, HORIZON_DAYS, every_days=60)
    snapshots = wb.take_snapshots(
        intake.orders_path, [*cutoffs, intake.cutoff], horizon_days=HORIZON_DAYS
    )
    customers = snapshots.newest()
    model = wb.fit_return_model(
        snapshots.closed(), cutoff=pd.Timestamp(intake.cutoff), horizon_days=HORIZON_DAYS,
        horizons_days=(30, 180), customers=customers,
    )  # fmt: skip
    return model, customers


def timed(what: Callable[[], Any], times: int = 3) -> tuple[float, float]:
    """Median wall and CPU seconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter(), time.process_time()
        what()
        taken.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    wall, cpu = (statistics.median(one[i] for one in taken) for i in range(2))
    return wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--shop-customers", type=int, default=20_000)
    parser.add_argument("--list", type=int, default=10_000, help="customers to be explained")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, customers = trained(given.shop_customers, folder)
        model = replace(model, threads=given.threads)
        copies = -(-given.customers // len(customers))
        rows = pd.concat([customers] * copies, ignore_index=True).head(given.customers)
        rows["customer_id"] = [f"C{n:09d}" for n in range(len(rows))]
        forests = [t for t in (model.trees, *(s.trees for s in model.steps)) if t is not None]
        boosters = [
            (lightgbm.Booster(model_str=b), t.features) for t in forests for b in t.boosters
        ]
        trees = sum(booster.num_trees() for booster, _ in boosters)
        told = [
            "# Scoring",
            "",
            "Printed by `python benchmarks/scoring.py`; what is timed is described there.",
            "",
            f"{len(rows):,} customers, {trees} trees in {len(boosters)} boosters, kind "
            f"{model.kind}, {os.cpu_count()} cores, {given.threads} threads, {platform.machine()}",
            "",
            "| what | wall s | CPU s | x floor CPU |",
            "|---|---|---|---|",
        ]
        print("\n".join(told))

        def floor() -> None:
            for booster, features in boosters:
                matrix = rows[list(features)].to_numpy(np.float32)
                booster.predict(matrix, raw_score=True, num_threads=given.threads)

        scores = wb.score_customers(model, rows)
        listed = set(scores["customer_id"].iloc[:: max(1, len(scores) // given.list)])
        steps = {
            "LightGBM's own predict": floor,
            "model.predict": lambda: model.predict(rows),
            "score_customers": lambda: wb.score_customers(model, rows),
            "scores written": lambda: pq.write_table(score_table(scores), folder / "s.parquet"),
            f"reasons for {len(listed):,}": lambda: add_reasons(scores, model, rows, listed),
        }
        least = 0.0
        for name, step in steps.items():
            wall, cpu = timed(step)
            least = least or cpu
            told.append(f"| {name} | {wall:.1f} | {cpu:.1f} | {cpu / least:.2f} |")
            print(told[-1], flush=True)
    Path(__file__).with_suffix(".md").write_text("\n".join(told) + "\n")


if __name__ == "__main__":
    main()
