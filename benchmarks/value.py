"""How well spend is foretold, in the horizon and over a longer time, and its intervals.

    python benchmarks/value.py                    ranking, totals and errors: value.md
    python benchmarks/value.py --coverage         80 % intervals at later cutoffs: coverage.md
    python benchmarks/value.py --crps             whole distributions: crps.md

Population: everybody with a purchase before the cutoff T, whose net spend after T is foretold
from what was known before T. Rivals: BG/NBD with gamma-gamma, and "the same again" (the net
spend of as long a time before T).

``--keep FOLDER`` holds the fitted chances to return and the samples of pymc-marketing, so that a
change of the intervals alone is judged in a minute: ``PYTHONPATH=OLD/src ... --label before`` adds
the figures of another checkout to the table of coverage. CRPS needs the environments that
`benchmarks/court.py --setup` makes.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.datasets import cdnow_csv, complete_journey_orders
from winback.features import snapshot_columns
from winback.intake.settling import read_orders
from winback.learning.fit import fit_return_model
from winback.learning.habits import repeats_and_ages
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


def snapshots_of(task: Task) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Closed snapshots to learn from, and the customers at the cutoff."""
    cutoffs = training_cutoffs(task.first, task.cutoff, task.horizon_days)
    past = take_snapshots(
        task.orders, [*cutoffs, task.cutoff], horizon_days=task.horizon_days,
        observed_until=task.cutoff,
    )  # fmt: skip
    return past.closed(), past.newest()


def judge(task: Task) -> Iterator[Judged]:
    """What came true in the horizon and, where it can be foretold and seen, in the lifetime."""
    rows, customers = snapshots_of(task)
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


# --- intervals ---------------------------------------------------------------------------------

COVERED = {
    # shop: kind, customers, horizon, lifetime; cutoffs, of simulated shops in days of history
    "Complete Journey 7": ("", 0, 7, 112, ("2017-09-04", "2017-10-16", "2017-11-13", "2017-12-04")),
    "Complete Journey 28": (
        "",
        0,
        28,
        112,
        ("2017-08-07", "2017-09-04", "2017-10-09", "2017-12-04"),
    ),
    "CDNOW 30": ("", 0, 30, 180, ("1997-11-01", "1998-01-15", "1998-03-15", "1998-06-01")),
    "CDNOW 90": ("", 0, 90, 180, ("1997-12-01", "1998-01-01", "1998-04-02")),
    "wholesale": ("wholesale", 1500, 60, 365, (480, 560, 640, 720)),
    "groceries": ("groceries", 1200, 14, 365, (240, 300, 400, 500)),
    "fashion": ("fashion", 3000, 90, 365, (420, 510, 600, 690)),
    "one_time": ("one_time", 6000, 90, 365, (420, 510, 600, 690)),
    "gifts": ("gifts", 4000, 60, 365, (500, 600, 640, 700)),
}
NEEDED = [
    "customer_id", "cutoff", "days_since_first_order", "days_since_last_order", "orders_total",
    "order_days_total", "order_value_mean", "order_value_last", "spend_total", "spend_30d",
    "spend_90d", "spend_180d",
]  # fmt: skip
OUTCOMES = ["returned", "orders_in_horizon", "net_spend_in_horizon"]
PROMISED = (0.77, 0.83)


def covered_cases(name: str, folder: Path) -> Iterator[tuple[str, Task]]:
    """The shop's cutoffs; simulated ones of two shops."""
    kind, customers, horizon, lifetime, cutoffs = COVERED[name]
    if kind:
        for seed in (0, 1):
            days = max(map(int, cutoffs)) + horizon + 380
            shop = simulate_shop(kind, customers=customers, days=days, seed=seed)
            read = read_orders(shop.orders, folder / f"{kind}{seed}")
            for age in map(int, cutoffs):
                cutoff = read.summary.first_day + timedelta(days=age)
                task = Task(
                    name, read.orders_path, read.summary.first_day, cutoff, horizon, lifetime
                )
                yield f"{kind}{seed}_{horizon}_{cutoff}", task
        return
    if "CDNOW" in name:
        source, first, short = folder / "cdnow.csv", date(1997, 1, 1), "cdnow"
        source.write_text(cdnow_csv())
    else:
        source, first, short = complete_journey_orders(), date(2017, 1, 1), "cj"
    read = read_orders(source, folder / "read")
    for cutoff in map(date.fromisoformat, map(str, cutoffs)):
        yield (
            f"{short}_{horizon}_{cutoff}",
            Task(name, read.orders_path, first, cutoff, horizon, lifetime),
        )


def fitted(task: Task) -> dict[str, Any]:
    """All that value is learned from and judged by, with the chances of a fitted model."""
    rows, customers = snapshots_of(task)
    cutoff = customers["cutoff"].iloc[0]
    model = fit_return_model(
        rows, cutoff=cutoff, horizon_days=task.horizon_days, customers=customers,
        settings=TrainSettings(threads=1, seeds=1, max_rows=80_000),
    )  # fmt: skip
    assert model.value is not None
    seen = {}
    for days in (task.horizon_days, task.lifetime_days):
        closed = take_snapshots(task.orders, [task.cutoff], horizon_days=days).closed()
        seen[days] = None if closed.empty else closed[["customer_id", *OUTCOMES]]
    return {
        "h": task.horizon_days, "life": task.lifetime_days, "cutoff": cutoff,
        "rows": rows[[*NEEDED, *OUTCOMES]], "cust": customers[NEEDED],
        "p": model.predict(customers)["p_return"].to_numpy(), "out": seen,
        "habit": model.value.habit,
    }  # fmt: skip


def covered(name: str, keep: Path | None) -> dict[str, Any]:
    """Shares inside, above and below, for the horizon and the lifetime."""
    parts: dict[str, list[pd.DataFrame]] = {"horizon": [], "lifetime": []}
    seconds = 0.0
    with tempfile.TemporaryDirectory() as place:
        for key, found in cases_of(name, Path(place), keep):
            began = time.process_time()
            model = fit_value(
                found["rows"], cutoff=found["cutoff"], horizon_days=found["h"],
                customers=found["cust"], habit=found["habit"], lifetime_days=found["life"],
            )  # fmt: skip
            seconds += time.process_time() - began
            told = model.predict(found["cust"], found["p"])
            for window, what, days in (
                ("horizon", "expected_net_spend", found["h"]),
                ("lifetime", "lifetime_value", found["life"]),
            ):
                outcome = found["out"][days]
                if outcome is None or told[what].isna().any():
                    continue
                ends = told[f"{what}_low"].to_numpy(), told[f"{what}_high"].to_numpy()
                spent = outcome["net_spend_in_horizon"].to_numpy(float)
                chance = found["p"] if window == "horizon" else (ends[1] > 0).astype(float)
                parts[window].append(pd.DataFrame({
                    "cutoff": key, "likely": chance > 0.2, "expected": told[what].to_numpy(),
                    "spent": spent, "above": spent > ends[1] + 5e-5,
                    "below": spent < ends[0] - 5e-5,
                }))  # fmt: skip
    return {
        window: judged_coverage(pd.concat(tables)) | {"seconds": round(seconds / len(tables), 2)}
        for window, tables in parts.items()
        if tables
    }


def cases_of(name: str, folder: Path, keep: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The shop's fitted cutoffs, as far as they are kept without reading or making its orders."""
    kind, _, horizon, _, cutoffs = COVERED[name]
    short = f"{kind}[0-9]" if kind else ("cdnow" if "CDNOW" in name else "cj")
    kept = sorted(keep.glob(f"{short}_{horizon}_*.pkl")) if keep else []
    if len(kept) == len(cutoffs) * (2 if kind else 1):
        yield from ((path.stem, pickle.loads(path.read_bytes())) for path in kept)
        return
    for key, task in covered_cases(name, folder):
        yield key, kept_or_fitted(key, task, keep)


def kept_or_fitted(key: str, task: Task, keep: Path | None) -> dict[str, Any]:
    path = keep / f"{key}.pkl" if keep else None
    if path and path.exists():
        stored: dict[str, Any] = pickle.loads(path.read_bytes())
        return stored
    found = fitted(task)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(found))
    return found


def judged_coverage(table: pd.DataFrame) -> dict[str, Any]:
    """Of those for whom four in five can be attained, by tenth of what was expected of them."""
    inside = ~table["above"] & ~table["below"]
    likely = table.assign(inside=inside)[table["likely"]]
    rank = likely.groupby("cutoff")["expected"].rank(method="first", ascending=False)
    size = likely.groupby("cutoff")["expected"].transform("size")
    tenth = ((rank - 1) * 10 // size).astype(int)
    by_cutoff = likely.groupby("cutoff")["inside"].mean()
    return {
        "n": len(likely),
        "share": round(len(likely) / len(table), 3),
        "inside": round(float(likely["inside"].mean()), 4),
        "above": round(float(likely["above"].mean()), 4),
        "below": round(float(likely["below"].mean()), 4),
        "deciles": [round(float(x), 3) for x in likely.groupby(tenth)["inside"].mean()],
        "cutoffs": [round(float(x), 3) for x in by_cutoff],
        "total": round(float(likely["expected"].sum() / likely["spent"].sum()), 3),
    }


def coverage_page(stored: dict[str, Any]) -> str:
    low, high = PROMISED
    lines = [
        "# Coverage of the 80 % intervals",
        "",
        "Printed by `python benchmarks/value.py --coverage`, at later cutoffs than those that "
        "taught. Judged are customers more than a fifth likely to return: for the others zero "
        "alone holds more than four in five, and no interval holds less. Tenths are of what was "
        "expected of a customer, at each cutoff, the highest first; `se` is the standard error of "
        f"one tenth, were customers independent; `off` counts tenths beyond {low:.2f} to "
        f"{high:.2f} by more than two of them. `total` is what was foretold over what was spent. "
        "Seconds are the processor's, of learning value at one cutoff.",
        "",
        "| shop | window | label | judged | share | inside | above | below | total | "
        + " | ".join(str(k) for k in range(1, 11))
        + " | se | off | by cutoff | s |",
        "|---" * 23 + "|",
    ]
    for name in COVERED:
        for window in ("horizon", "lifetime"):
            for label, shops in stored.items():
                found = shops.get(name, {}).get(window)
                if found is None:
                    continue
                error = (0.16 / (found["n"] / 10)) ** 0.5
                off = sum(not low - 2 * error <= x <= high + 2 * error for x in found["deciles"])
                cells = " | ".join(f"{x:.2f}" for x in found["deciles"])
                cutoffs = " ".join(f"{x:.2f}" for x in found["cutoffs"])
                lines.append(
                    f"| {name} | {window} | {label} | {found['n']:,} | {found['share']:.2f} "
                    f"| {found['inside']:.3f} | {found['above']:.3f} | {found['below']:.3f} "
                    f"| {found['total']:.2f} | {cells} | {error:.3f} | {off} | {cutoffs} "
                    f"| {found['seconds']:.2f} |"
                )
    return "\n".join(lines) + "\n"


def coverage(given: argparse.Namespace) -> None:
    here = Path(__file__).parent
    kept = here / "coverage.json"
    stored = json.loads(kept.read_text()) if kept.exists() else {}
    for name in COVERED:
        if given.only is None or given.only.lower() in name.lower():
            found = covered(name, given.keep)
            stored.setdefault(given.label, {})[name] = found
            print(name, found["horizon"]["inside"], *found["horizon"]["deciles"], flush=True)
            kept.write_text(json.dumps(stored, indent=1) + "\n")
    page = coverage_page(stored)
    (here / "coverage.md").write_text(page)
    print(page)


# --- whole distributions -----------------------------------------------------------------------

ROOM = Path(__file__).parent / "court"
LEVELS = (np.arange(100) + 0.5) / 100
# Of the quantile LightGBM; between them it is interpolated.
TAUGHT = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
MOST_TAUGHT = 40_000
FORECASTS = ("winback", "pymc-marketing", "quantile LightGBM", "the same again")


def crps(given: argparse.Namespace) -> None:
    """Whole forecasts at each shop's last cutoff, judged by scoringrules."""
    here = Path(__file__).parent
    kept = here / "crps.json"
    stored = json.loads(kept.read_text()) if kept.exists() else {}
    for name in COVERED:
        if given.only is None or given.only.lower() in name.lower():
            with tempfile.TemporaryDirectory() as place:
                stored[name] = distributions(name, Path(place), given)
            kept.write_text(json.dumps(stored, indent=1) + "\n")
            print(name, json.dumps(stored[name]["forecasts"]), flush=True)
            (here / "crps.md").write_text(crps_page(stored))
    page = crps_page(stored)
    (here / "crps.md").write_text(page)
    print(page)


def distributions(name: str, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    # The last cutoff, of simulated shops the first shop's.
    key, task = list(islice(covered_cases(name, folder), len(COVERED[name][4])))[-1]
    found = kept_or_fitted(key, task, given.keep)
    customers, p = found["cust"], found["p"]
    spent = found["out"][found["h"]]["net_spend_in_horizon"].to_numpy(float)
    began = time.process_time()
    model = fit_value(
        found["rows"], cutoff=found["cutoff"], horizon_days=found["h"], customers=customers,
        habit=found["habit"],
    )  # fmt: skip
    told = model.predict(customers, p)
    ours = model.spend_quantiles(customers, p, LEVELS.tolist())
    again = previous_spend(customers, found["h"])
    seconds: dict[str, float | str] = {"winback": round(time.process_time() - began, 1)}
    forecasts = {"winback": ours, "the same again": np.repeat(again[:, None], len(LEVELS), 1)}
    began = time.process_time()
    forecasts["quantile LightGBM"] = quantile_lightgbm(task)
    seconds["quantile LightGBM"] = round(time.process_time() - began, 1)
    kept = given.keep / f"{key}.samples" if given.keep else folder
    sampled = pymc_marketing(customers, found["h"], kept, given.limit_minutes)
    if isinstance(sampled, str):
        seconds["pymc-marketing"] = sampled
    else:
        forecasts["pymc-marketing"], seconds["pymc-marketing"] = sampled
    pd.DataFrame({"spent": spent}).to_parquet(folder / "spent.parquet")
    for method, quantiles in forecasts.items():
        table = pd.DataFrame(quantiles, columns=[f"{level:.3f}" for level in LEVELS])
        table.to_parquet(folder / f"forecast_{method}.parquet")
    scorer = [str(ROOM / ".venv/bin/python"), str(ROOM / "crps.py"), str(folder)]
    subprocess.run(scorer, check=True)
    scores = pd.read_parquet(folder / "crps.parquet")
    draws = np.random.default_rng(0).integers(0, len(spent), (DRAWS, len(spent)))
    likely = p > 0.2
    result: dict[str, Any] = {}
    for method, quantiles in forecasts.items():
        lead = (scores["winback"] - scores[method]).to_numpy() / scores["winback"].mean()
        around = np.quantile(lead[draws].mean(axis=1), [0.025, 0.975])
        ends = interval_of(quantiles)
        if method == "winback":
            low, high = (told[f"expected_net_spend_{end}"].to_numpy() for end in ("low", "high"))
            ends = low, high
        inside = ((spent >= ends[0] - 5e-5) & (spent <= ends[1] + 5e-5))[likely].mean()
        result[method] = {
            "crps": round(float(scores[method].mean()), 4),
            "lead": [round(float(x), 4) for x in (lead.mean(), *around)],
            "inside": None if method == "the same again" else round(float(inside), 4),
        }  # fmt: skip
    return {
        "cutoff": str(task.cutoff), "horizon_days": found["h"], "customers": len(spent),
        "likely": int(likely.sum()), "mean": round(float(spent.mean()), 4), "forecasts": result,
        "seconds": seconds,
    }  # fmt: skip


def interval_of(quantiles: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By winback's rule: from nothing, where a tenth or more spend nothing."""
    tenth, eight, nine = (
        np.array([np.interp(share, LEVELS, row) for row in quantiles]) for share in (0.1, 0.8, 0.9)
    )
    return np.where(tenth <= 0, 0.0, tenth), np.where(tenth <= 0, eight, nine)


def quantile_lightgbm(task: Task) -> NDArray[np.float64]:
    """A model a quantile, of net spend itself, on winback's features and cutoffs; defaults."""
    from lightgbm import LGBMRegressor

    earlier = training_cutoffs(task.first, task.cutoff, task.horizon_days)
    past = take_snapshots(
        task.orders, [*earlier, task.cutoff], horizon_days=task.horizon_days,
        observed_until=task.cutoff,
    )  # fmt: skip
    rows, customers = past.closed(), past.newest()
    recent = rows[rows["cutoff"] >= rows["cutoff"].max() - pd.Timedelta(days=400)]
    if len(recent) > MOST_TAUGHT:
        recent = recent.sample(MOST_TAUGHT, random_state=0)
    names = [c.name for c in snapshot_columns() if c.name in rows and rows[c.name].notna().any()]
    known, asked = (t[names].to_numpy(np.float32, na_value=np.nan) for t in (recent, customers))
    y = recent["net_spend_in_horizon"].to_numpy(float)
    told = [
        LGBMRegressor(objective="quantile", alpha=level, n_jobs=1, random_state=0, verbose=-1)
        .fit(known, y)
        .predict(asked)
        for level in TAUGHT
    ]
    ordered = np.sort(np.column_stack(told), axis=1)
    return np.array([np.interp(LEVELS, TAUGHT, row) for row in ordered])


def pymc_marketing(
    customers: pd.DataFrame, horizon_days: int, folder: Path, minutes: float
) -> tuple[NDArray[np.float64], float] | str:
    """Quantiles of its samples and its seconds; or why it did not run."""
    python = ROOM / ".venv-spend/bin/python"
    if not python.exists():
        return "not installed (court.py --setup)"
    if (folder / "samples.json").exists():
        return samples_of(folder)
    folder.mkdir(parents=True, exist_ok=True)
    repeats, recency, age = repeats_and_ages(customers)
    days = customers["order_days_total"].to_numpy(float)
    pd.DataFrame({
        "frequency": repeats, "recency": recency / 7, "T": age / 7, "purchases": days,
        "monetary_value": customers["spend_total"].to_numpy(float) / days,
    }).to_parquet(folder / "habits.parquet")  # fmt: skip
    command = [str(python), str(ROOM / "spend.py"), str(folder), str(horizon_days / 7)]
    with (folder / "spend.log").open("w") as log:
        try:
            subprocess.run(
                command, check=True, timeout=minutes * 60, stdout=log, stderr=log,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"stopped after {minutes:.0f} minutes"
        except subprocess.CalledProcessError:
            return f"failed: {(folder / 'spend.log').read_text().strip().splitlines()[-1][:100]}"
    return samples_of(folder)


def samples_of(folder: Path) -> tuple[NDArray[np.float64], float]:
    samples = pd.read_parquet(folder / "samples.parquet").to_numpy(np.float64)
    seconds: float = json.loads((folder / "samples.json").read_text())["seconds"]
    return np.quantile(samples, LEVELS, axis=1).T, seconds


def crps_page(stored: dict[str, Any]) -> str:
    lines = [
        "# Spend by CRPS",
        "",
        "Printed by `python benchmarks/value.py --crps`: net spend in the horizon of everybody "
        "who had bought before the cutoff. CRPS is scoringrules' `crps_quantile` on a hundred "
        "even levels, in the currency; of a point it is the absolute error. Differences are "
        "winback less method, as a part of winback's CRPS, with 95 % intervals over resampled "
        "customers: below zero, winback is better. Inside: of customers more than a fifth likely "
        "to return by winback's own chance, who spent an amount within the method's 80 % "
        "interval. Seconds are the processor's; winback's do without the chance to return. "
        "pymc-marketing: BG/NBD and gamma-gamma by NUTS (2 chains, 500 + 500 draws, the package's "
        "priors, weeks), 200 draws of spend a customer. Quantile LightGBM: "
        f"{len(TAUGHT)} levels, defaults, at most {MOST_TAUGHT:,} rows.",
        "",
        "| shop | cutoff | customers | mean spend | method | CRPS | winback less method | inside "
        "| seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, found in stored.items():
        for method in FORECASTS:
            about = (
                f"| {name} ({found['horizon_days']} d) | {found['cutoff']} "
                f"| {found['customers']:,} ({found['likely']:,} likely) | {found['mean']:,.2f} "
                f"| {method} "
            )
            seconds = found["seconds"].get(method, "")
            m = found["forecasts"].get(method)
            if m is None:
                lines.append(f"{about}| not run: {seconds} | | | |")
                continue
            lead = "{:+.1%} [{:+.1%}, {:+.1%}]".format(*m["lead"]) if method != "winback" else ""
            inside = "" if m["inside"] is None else f"{m['inside']:.3f}"
            lines.append(f"{about}| {m['crps']:,.4f} | {lead} | {inside} | {seconds} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coverage", action="store_true", help="intervals at later cutoffs")
    parser.add_argument("--crps", action="store_true", help="whole distributions")
    parser.add_argument("--only", help="shops whose name holds this word")
    parser.add_argument("--keep", type=Path, help="folder of fitted chances, made or used")
    parser.add_argument("--label", default="now", help="name of these figures")
    parser.add_argument("--limit-minutes", type=float, default=120.0, help="of a slow rival")
    given = parser.parse_args()
    if given.coverage:
        coverage(given)
    elif given.crps:
        crps(given)
    else:
        accuracy_and_totals()


def accuracy_and_totals() -> None:
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
