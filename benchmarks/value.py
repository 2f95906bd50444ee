"""How well spend is foretold, in the horizon and over a longer time, and its intervals.

    python benchmarks/value.py

Population: everybody with a purchase before the cutoff T, whose net spend after T is foretold
from what was known before T. Rivals: BG/NBD with gamma-gamma, and "the same again" (the net
spend of as long a time before T). Prints tables and writes them to benchmarks/value.md.
"""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.datasets import cdnow_csv, complete_journey_orders
from winback.intake.settling import read_orders
from winback.learning.fit import fit_return_model
from winback.learning.value import (
    evaluate_value,
    fit_value,
    literature_spend,
    normalised_gini,
    previous_spend,
)
from winback.params import TrainSettings
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_snapshots
from winback.synthetic.shop import simulate_shop

METHODS = {
    "winback": "expected_net_spend",
    "BG/NBD + gamma-gamma": "spend_literature",
    "the same again": "spend_previous",
}
SIMULATED = {
    # kind: customers, days of history, horizon, lifetime
    "bgnbd": (4000, 700, 90, 365),
    "wholesale": (1500, 700, 60, 365),
    "one_time": (5000, 700, 90, 365),
    "groceries": (700, 700, 14, 365),
    "young": (4000, 120, 30, 60),
    "dying": (3000, 700, 90, 365),
    "gifts": (4000, 700, 60, 365),
    "fashion": (3000, 700, 90, 365),
}
DRAWS = 200


@dataclass(frozen=True)
class Task:
    name: str
    orders: Path
    first: date
    cutoff: date
    horizon_days: int
    lifetime_days: int


def tasks(folder: Path) -> Iterator[Task]:
    (folder / "cdnow.csv").write_text(cdnow_csv())
    cdnow = read_orders(folder / "cdnow.csv", folder / "cdnow").orders_path
    for horizon, cutoff in (
        (30, date(1998, 6, 1)),
        (90, date(1998, 4, 2)),
        (90, date(1998, 1, 1)),
    ):
        yield Task(f"CDNOW, {cutoff}", cdnow, date(1997, 1, 1), cutoff, horizon, 180)
    journey = read_orders(complete_journey_orders(), folder / "journey").orders_path
    for horizon, cutoff in (
        (7, date(2017, 12, 4)),
        (28, date(2017, 12, 4)),
        (28, date(2017, 9, 1)),
    ):
        name = f"Complete Journey, {cutoff}"
        yield Task(name, journey, date(2017, 1, 1), cutoff, horizon, 112)
    for seed, (kind, (customers, days, horizon, lifetime)) in enumerate(SIMULATED.items()):
        shop = simulate_shop(kind, customers=customers, days=days + lifetime + 20, seed=seed)
        read = read_orders(shop.orders, folder / kind)
        first = read.summary.first_day
        cutoff = first + timedelta(days=days)
        yield Task(kind, read.orders_path, first, cutoff, horizon, lifetime)


@dataclass(frozen=True)
class Judged:
    task: Task
    days: int
    rows: pd.DataFrame
    found: dict[str, Any]
    note: str = ""


def judge(task: Task) -> Iterator[Judged]:
    """What came true in the horizon and, where it can be foretold and seen, in the lifetime."""
    cutoffs = training_cutoffs(task.first, task.cutoff, task.horizon_days)
    past = take_snapshots(
        task.orders, [*cutoffs, task.cutoff], horizon_days=task.horizon_days,
        observed_until=task.cutoff,
    )  # fmt: skip
    rows, customers = past.closed(), past.newest()
    cutoff = customers["cutoff"].iloc[0]
    settings = TrainSettings(threads=1, lifetime_days=task.lifetime_days)
    began = time.process_time()
    model = fit_return_model(
        rows, cutoff=cutoff, horizon_days=task.horizon_days, customers=customers,
        settings=settings,
    )  # fmt: skip
    whole = time.process_time() - began
    told = model.predict(customers)
    assert model.value is not None
    # The same once more, alone.
    began = time.process_time()
    fit_value(
        rows, cutoff=cutoff, horizon_days=task.horizon_days, customers=customers,
        habit=model.value.habit, lifetime_days=task.lifetime_days,
    )  # fmt: skip
    note = f"({time.process_time() - began:.2f} of {whole:.1f} s)"
    for days, prefix in (
        (task.horizon_days, "expected_net_spend"),
        (task.lifetime_days, "lifetime_value"),
    ):
        outcome = take_snapshots(task.orders, [task.cutoff], horizon_days=days).closed()
        if outcome.empty or told[prefix].isna().any():
            continue
        chance = told["p_return"]
        if prefix == "lifetime_value":
            # Whoever has a fair chance in the horizon has one in the lifetime.
            chance = chance.where(told["lifetime_value_high"] == 0, 1.0)
        judged = outcome.assign(
            p_lightgbm=chance,
            expected_orders=told["expected_orders"],
            expected_net_spend=told[prefix],
            expected_net_spend_low=told[f"{prefix}_low"],
            expected_net_spend_high=told[f"{prefix}_high"],
            spend_literature=literature_spend(customers, days),
            spend_previous=previous_spend(customers, days),
        )
        found = evaluate_value(judged)
        yield Judged(task, days, judged, found, note if prefix != "lifetime_value" else "")


def against(judged: pd.DataFrame, rival: str) -> str:
    """Gini of winback less the rival's, with a 95 % interval over resampled customers."""
    spent = judged["net_spend_in_horizon"].to_numpy(float)
    ours, theirs = (judged[METHODS[name]].to_numpy(float) for name in ("winback", rival))
    draw = np.random.default_rng(0)

    def difference(rows: NDArray[np.int64]) -> float:
        ginis = [normalised_gini(spent[rows], by[rows]) for by in (ours, theirs)]
        return float("nan") if None in ginis else float(ginis[0] or 0) - float(ginis[1] or 0)

    everybody = np.arange(len(spent))
    drawn = [difference(draw.choice(everybody, len(spent))) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return f"{difference(everybody):+.4f} [{low:+.4f}, {high:+.4f}]"


def accuracy_lines(judged: Judged) -> list[str]:
    lines = []
    spent = judged.rows["net_spend_in_horizon"].mean()
    for name, found in zip(METHODS, judged.found["methods"].values(), strict=True):
        if found["gini"] is None:
            continue
        versus = against(judged.rows, name) if name != "winback" else judged.note
        lines.append(
            f"| {judged.task.name} | {judged.days} | {name} | {found['gini']:.4f} "
            f"| {found['bias']:.3f} | {found['mae'] / spent:.3f} | {versus} |"
        )
    return lines


def coverage_line(judged: Judged) -> str:
    found = judged.found["coverage"]
    n = judged.found["n"]
    return (
        f"| {judged.task.name} | {judged.days} | {n:,} | {found['everyone']:.3f} "
        f"| {found['likely_n'] / n:.2f} | {found['likely'] or float('nan'):.3f} "
        f"| {found['above'] or 0:.3f} | {found['below'] or 0:.3f} |"
    )


def decile_lines(judged: Judged) -> list[str]:
    cells = [
        f"{part['predicted']:,.2f} / {part['observed']:,.2f}" for part in judged.found["by_decile"]
    ]
    return [f"| {judged.task.name} | {judged.days} | {' | '.join(cells)} |"]


def main() -> None:
    seen: list[Judged] = []
    accuracy = [
        "| task | days | method | normalised Gini | total foretold / spent | MAE / mean spend "
        "| winback less method, Gini |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(accuracy))
    with tempfile.TemporaryDirectory() as folder:
        for task in tasks(Path(folder)):
            for judged in judge(task):
                seen.append(judged)
                accuracy += (lines := accuracy_lines(judged))
                print("\n".join(lines), flush=True)
    coverage = [
        "| task | days | customers | all inside | share likely | likely inside | above | below |",
        "|---|---|---|---|---|---|---|---|",
        *(coverage_line(judged) for judged in seen),
    ]
    deciles = [
        f"| task | days | {' | '.join(str(k) for k in range(1, 11))} |",
        "|---|---|" + "---|" * 10,
        *(line for judged in seen for line in decile_lines(judged)),
    ]
    print("\n".join(["", *coverage, "", *deciles]))
    page = [
        "# Value",
        "",
        f"Printed by `python benchmarks/value.py` on {os.cpu_count()} cores "
        f"({platform.machine()}).",
        "",
        "Net spend of everybody who had bought before the cutoff, in the days after it: the "
        "horizon, or the longer lifetime. Differences in Gini with 95 % intervals over resampled "
        "customers. Beside winback: processor seconds of fitting value, and "
        "of the whole fit.",
        "",
        *accuracy,
        "",
        "## Intervals",
        "",
        "An interval is to hold four customers in five. Who is less than a fifth likely to return "
        "has the interval zero to zero and mostly is inside, so the others are counted apart. "
        "Above and below: shares of those, a fifth together if all is well.",
        "",
        *coverage,
        "",
        "## By tenth of the prediction, highest first",
        "",
        "Mean net spend foretold / seen.",
        "",
        *deciles,
    ]
    (Path(__file__).parent / "value.md").write_text("\n".join(page) + "\n")


if __name__ == "__main__":
    main()
