"""How well returns are predicted, against simple rules, on real and on simulated shops.

    python benchmarks/accuracy.py                 the four public tasks
    python benchmarks/accuracy.py --simulated     shops of other kinds as well

Population: everybody with a purchase before the cutoff T. Label: a purchase in [T, T + H).
Only what was known before T is seen. Prints a table and writes it to benchmarks/accuracy.md.
Differences are model less rival in log loss, with 95 % intervals over resampled customers.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pandas as pd

from winback.baselines import predict_baselines
from winback.datasets import cdnow_csv, complete_journey_orders
from winback.evaluation import evaluate_predictions
from winback.intake import read_orders
from winback.model import fit_return_model
from winback.params import TrainSettings
from winback.snapshots import take_snapshots, training_cutoffs
from winback.synthetic import simulate_shop, true_return_probability

RIVALS = ("recency", "rfm", "logistic_rfm", "bgnbd", "mbgnbd", "pareto_nbd")
SIMULATED = {
    # kind: customers, days of history, horizon
    "wholesale": (1500, 720, 60),
    "wholesale, one year": (1500, 365, 90),
    "one_time": (6000, 500, 90),
    "groceries": (700, 300, 14),
    "young": (4000, 120, 30),
    "dying": (3000, 600, 90),
    "gifts": (4000, 700, 60),
    "fashion": (3000, 400, 90),
}


@dataclass(frozen=True)
class Task:
    name: str
    orders: Path
    first: date
    cutoff: date
    horizon_days: int
    truth: pd.Series | None = None


def public_tasks(folder: Path) -> Iterator[Task]:
    (folder / "cdnow.csv").write_text(cdnow_csv())
    cdnow = read_orders(folder / "cdnow.csv", folder / "cdnow")
    for horizon, cutoff in ((30, date(1998, 6, 1)), (90, date(1998, 4, 2))):
        yield Task(f"CDNOW {horizon}", cdnow.orders_path, date(1997, 1, 1), cutoff, horizon)
    journey = read_orders(complete_journey_orders(), folder / "journey")
    for horizon in (7, 28):
        name = f"Complete Journey {horizon}"
        yield Task(name, journey.orders_path, date(2017, 1, 1), date(2017, 12, 4), horizon)


def simulated_tasks(folder: Path) -> Iterator[Task]:
    for seed, (name, (customers, days, horizon)) in enumerate(SIMULATED.items()):
        kind = name.split(",")[0]
        shop = simulate_shop(kind, customers=customers, days=days + horizon + 10, seed=seed)
        read = read_orders(shop.orders, folder / name)
        first = date.fromisoformat(read.summary["first_day"])
        cutoff = first + timedelta(days=days)
        truth = true_return_probability(shop, cutoff, horizon)
        yield Task(f"{name} {horizon}", read.orders_path, first, cutoff, horizon, truth)


def judge(task: Task, threads: int) -> list[str]:
    """Lines of the table: one per method."""
    cutoffs = training_cutoffs(task.first, task.cutoff, task.horizon_days)
    past = take_snapshots(
        task.orders, [*cutoffs, task.cutoff], horizon_days=task.horizon_days,
        observed_until=task.cutoff, threads=threads,
    )  # fmt: skip
    rows, customers = past.closed(), past.newest()
    future = take_snapshots(
        task.orders, [task.cutoff], horizon_days=task.horizon_days, threads=threads
    ).closed()
    began = time.perf_counter()
    model = fit_return_model(
        rows, cutoff=customers["cutoff"].iloc[0], horizon_days=task.horizon_days,
        customers=customers, settings=TrainSettings(threads=threads), value=False,
    )  # fmt: skip
    p = model.predict(customers)["p_return"].to_numpy()
    seconds = time.perf_counter() - began
    judged = future[["customer_id", "cutoff", "returned"]].assign(
        recently_active=future["days_since_last_order"] <= 2 * task.horizon_days, p_lightgbm=p
    )
    assert (future["customer_id"].to_numpy() == customers["customer_id"].to_numpy()).all()
    for rival, chance in predict_baselines(
        rows, customers, task.horizon_days, methods=RIVALS
    ).items():
        judged[f"p_{rival}"] = chance
    if task.truth is not None:
        judged["p_truth"] = task.truth.reindex(judged["customer_id"]).to_numpy()
    lines = []
    for method in [name[2:] for name in judged if name.startswith("p_")]:
        pair = {"p_lightgbm", f"p_{method}"}
        alone = judged[[c for c in judged if not c.startswith("p_") or c in pair]]
        found = evaluate_predictions(
            alone, horizon_days=task.horizon_days, active_days=2 * task.horizon_days
        ).summary
        all_of, active = (
            found["populations"][name]["methods"][method]
            for name in ("everyone", "recently_active")
        )
        if all_of["roc_auc"] is None:
            continue
        versus = found["verdict"]["log_loss_difference"] if method != "lightgbm" else None
        against = (
            f"{versus['value']:+.4f} [{versus['low']:+.4f}, {versus['high']:+.4f}]"
            if versus
            else f"({seconds:.1f} s to fit and score {len(judged):,})"
        )
        lines.append(
            f"| {task.name} | {'winback' if method == 'lightgbm' else method} "
            f"| {all_of['roc_auc']['value']:.4f} | {all_of['log_loss']['value']:.4f} "
            f"| {all_of['ece']['value']:.3f} | {all_of['lift_at_10']['value']:.2f} "
            f"| {active['roc_auc']['value'] if active['roc_auc'] else float('nan'):.3f} "
            f"| {against} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    lines = [
        "# Accuracy",
        "",
        f"Printed by `python benchmarks/accuracy.py{' --simulated' * given.simulated}` on "
        f"{os.cpu_count()} cores ({platform.machine()}).",
        "",
        "| task and horizon | method | ROC AUC | log loss | ECE | lift at 10 % | ROC AUC, active "
        "| winback less method, log loss |",
        "|---|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines[4:]))
    with tempfile.TemporaryDirectory() as folder:
        tasks = [*public_tasks(Path(folder))]
        if given.simulated:
            tasks += simulated_tasks(Path(folder))
        for task in tasks:
            found = judge(task, given.threads)
            print("\n".join(found), flush=True)
            lines += found
    (Path(__file__).parent / "accuracy.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
