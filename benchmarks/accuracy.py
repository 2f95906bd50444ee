"""How well returns are predicted, against rivals, on real and on simulated shops.

    python benchmarks/accuracy.py                     every task, about half an hour
    python benchmarks/accuracy.py --only CDNOW        the tasks whose name holds the word
    python benchmarks/accuracy.py --resume            the tasks that accuracy.json lacks

Population: everybody with a purchase before the cutoff T. Label: a purchase in [T, T + H).
Only what was known before T is seen. Each task is written to benchmarks/accuracy.json when it
is done; accuracy.md and accuracy.png are drawn from all that are there.

The tutorial model is what introductions to churn teach: a default ``LGBMClassifier`` on
recency, frequency, spend and age and on orders and spend of the last 30, 90 and 365 days,
learned at the newest closed cutoff. CatBoost learns from winback's own features and cutoffs of
the last 400 days (300 iterations, learning rate .1); it joins in where it is installed. Young
shops, whose history is shorter than three horizons, are also predicted without what newer windows
teach of the horizon's first days (``closed_windows``).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd

from winback.datasets import cdnow_csv, complete_journey_orders
from winback.features import snapshot_columns
from winback.intake.settling import read_orders
from winback.judging.backtesting import backtest
from winback.judging.champion import choose_champion
from winback.judging.judge import evaluate_predictions
from winback.learning.fit import fit_return_model
from winback.learning.model import ReturnModel
from winback.learning.rules import BY_NAME, predict_baselines
from winback.params import TrainSettings
from winback.snapshots.days import shop_days
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_first_days, take_snapshots
from winback.synthetic.shop import simulate_shop

HERE = Path(__file__).parent
RIVALS = (
    "base_rate", "recency", "own_rhythm", "rfm", "logistic_rfm", "bgnbd", "mbgnbd", "pareto_nbd",
    "tutorial", "catboost", "closed_windows",
)  # fmt: skip
DRAWS = 300
# Log loss of the recipe in the project's notes on methods, at the first cutoff.
MARKS = {"CDNOW 30": 0.179, "CDNOW 90": 0.297, "Complete Journey 7": 0.498,
         "Complete Journey 28": 0.318}  # fmt: skip
# Not in the paired table: nothing is learned from beating them.
DRAWN = ("rfm", "logistic_rfm", "mbgnbd", "pareto_nbd", "tutorial", "catboost", "closed_windows")

Frame = pd.DataFrame


@dataclass(frozen=True)
class Case:
    """One cutoff of one order history; ``truth`` is the chance that the simulator knows."""

    orders: Path
    first: date
    cutoff: date
    horizon_days: int
    shop: str = ""
    truth: pd.Series | None = None


@dataclass(frozen=True)
class Task:
    name: str
    cases: Callable[[Path], Iterator[Case]]


def public(name: str, horizon: int, cutoffs: tuple[str, ...]) -> Task:
    def cases(folder: Path) -> Iterator[Case]:
        source, first = complete_journey_orders(), date(2017, 1, 1)
        if "CDNOW" in name:
            source, first = folder / "cdnow.csv", date(1997, 1, 1)
            source.write_text(cdnow_csv())
        read = read_orders(source, folder / "read")
        for cutoff in cutoffs:
            yield Case(read.orders_path, first, date.fromisoformat(cutoff), horizon)

    return Task(name, cases)


def simulated(
    name: str, kind: str, customers: int, days: tuple[int, ...], horizon: int,
    seeds: Iterable[int] = (0, 1),
) -> Task:  # fmt: skip
    """Shops of a kind (two of them), each at the given ages in days."""

    def cases(folder: Path) -> Iterator[Case]:
        for seed in seeds:
            shop = simulate_shop(kind, customers, days=max(days) + horizon + 10, seed=seed)
            read = read_orders(shop.orders, folder / str(seed))
            first = read.summary.first_day
            for age in days:
                cutoff = first + timedelta(days=age)
                truth = shop.true_return_probability(cutoff, horizon)
                yield Case(read.orders_path, first, cutoff, horizon, f"{seed}:", truth)

    return Task(name, cases)


TASKS = (
    public("CDNOW 30", 30, ("1998-06-01",)),
    public("CDNOW 90", 90, ("1998-04-02",)),
    public("Complete Journey 7", 7, ("2017-12-04",)),
    public("Complete Journey 28", 28, ("2017-12-04",)),
    public("CDNOW 30, earlier", 30, ("1997-06-01", "1997-10-15")),
    public("CDNOW 90, earlier", 90, ("1997-09-01", "1997-12-01")),
    public("Complete Journey 7, earlier", 7, ("2017-06-05", "2017-08-14", "2017-10-16")),
    public("Complete Journey 28, earlier", 28, ("2017-06-19", "2017-09-04")),
    public("CDNOW 60, young", 60, ("1997-04-15", "1997-05-15")),
    public("CDNOW 90, young", 90, ("1997-05-01", "1997-06-01")),
    public("Complete Journey 60, young", 60, ("2017-04-15", "2017-05-15")),
    public("Complete Journey 90, young", 90, ("2017-05-01", "2017-06-01")),
    simulated("wholesale, two years", "wholesale", 1500, (660, 720), 60),
    simulated("wholesale, one year", "wholesale", 1500, (300, 365), 90),
    simulated("one-time buyers", "one_time", 6000, (400, 500), 90),
    simulated("groceries", "groceries", 700, (240, 300), 14),
    simulated("groceries, four months", "groceries", 1500, (122,), 30),
    simulated("groceries, young", "groceries", 1500, (122,), 60),
    simulated("wholesale, young", "wholesale", 1500, (150, 200), 90),
    simulated("fashion, young", "fashion", 3000, (150, 200), 90),
    simulated("one-time buyers, young", "one_time", 6000, (150, 200), 90),
    simulated("dying, young", "dying", 3000, (150, 200), 90),
    simulated("young, growing", "young", 4000, (100, 120), 30),
    simulated("dying", "dying", 3000, (540, 600), 90),
    simulated("gifts at Christmas", "gifts", 4000, (640, 700), 60),
    simulated("fashion", "fashion", 3000, (300, 400), 90),
    simulated("BG/NBD itself", "bgnbd", 4000, (300, 540), 60),
)


class Seen(NamedTuple):
    """Closed snapshots, the customers at the cutoff, the same with what they did next, and
    those of the horizon's first days (none where the past is long enough)."""

    rows: Frame
    customers: Frame
    future: Frame
    first_days: Frame


def snapshots_of(case: Case, threads: int) -> Seen:
    earlier = training_cutoffs(case.first, case.cutoff, case.horizon_days)
    past = take_snapshots(
        case.orders, [*earlier, case.cutoff], horizon_days=case.horizon_days,
        observed_until=case.cutoff, threads=threads,
    )  # fmt: skip
    future = take_snapshots(
        case.orders, [case.cutoff], horizon_days=case.horizon_days, threads=threads
    ).closed()
    customers = past.newest()
    assert (future["customer_id"].to_numpy() == customers["customer_id"].to_numpy()).all()
    first_days = take_first_days(
        case.orders, case.first, case.cutoff, horizon_days=case.horizon_days, threads=threads
    )
    return Seen(past.closed(), customers, future, first_days)


def fit(
    case: Case, rows: Frame, customers: Frame, threads: int, first_days: Frame | None = None
) -> ReturnModel:
    return fit_return_model(
        rows, cutoff=customers["cutoff"].iloc[0], horizon_days=case.horizon_days,
        customers=customers, settings=TrainSettings(threads=threads), value=False,
        first_days=first_days, days=shop_days(case.orders, case.cutoff),
    )  # fmt: skip


def tutorial(rows: Frame, customers: Frame, threads: int) -> np.ndarray:
    from lightgbm import LGBMClassifier

    names = ["days_since_last_order", "orders_total", "gross_spend_total", "days_since_first_order"]
    names += [f"{what}_{w}d" for what in ("orders", "spend") for w in (30, 90, 365)]
    newest = rows[rows["cutoff"] == rows["cutoff"].max()]
    model = LGBMClassifier(n_jobs=threads, random_state=0, verbose=-1)
    model.fit(newest[names], newest["returned"].astype(int))
    return np.asarray(model.predict_proba(customers[names])[:, 1])


def catboost(rows: Frame, customers: Frame, threads: int) -> np.ndarray | None:
    if find_spec("catboost") is None:
        return None
    from catboost import CatBoostClassifier

    names = [c.name for c in snapshot_columns() if c.name in rows and rows[c.name].notna().any()]
    recent = rows[rows["cutoff"] >= rows["cutoff"].max() - pd.Timedelta(days=400)]
    model = CatBoostClassifier(
        iterations=300, learning_rate=0.1, random_seed=0, thread_count=threads, verbose=False,
        allow_writing_files=False,
    )  # fmt: skip
    known, asked = (t[names].to_numpy(np.float32, na_value=np.nan) for t in (recent, customers))
    model.fit(known, recent["returned"].to_numpy(int))
    return np.asarray(model.predict_proba(asked)[:, 1])


def predictions(case: Case, threads: int) -> tuple[Frame, float, str]:
    """One row per customer: outcome, and the chance by each method."""
    rows, customers, future, first_days = snapshots_of(case, threads)
    began = time.perf_counter()
    model = fit(case, rows, customers, threads, first_days)
    chance = {"winback": model.predict(customers)["p_return"].to_numpy()}
    seconds = time.perf_counter() - began
    if len(first_days):
        without = fit(case, rows, customers, threads)
        chance["closed_windows"] = without.predict(customers)["p_return"].to_numpy()
    chance |= predict_baselines(rows, customers, case.horizon_days, methods=BY_NAME)
    chance["tutorial"] = tutorial(rows, customers, threads)
    boosted = catboost(rows, customers, threads)
    if boosted is not None:
        chance["catboost"] = boosted
    if case.truth is not None:
        chance["truth"] = case.truth.reindex(customers["customer_id"]).to_numpy()
    judged = future[["customer_id", "cutoff", "returned"]].assign(
        recently_active=future["days_since_last_order"] <= 2 * case.horizon_days,
        one_time_buyer=future["orders_total"] == 1,
        **{f"p_{name}": p for name, p in chance.items()},
    )
    judged["customer_id"] = case.shop + judged["customer_id"]
    return judged, seconds, model.kind


def paired(judged: Frame, method: str) -> dict[str, list[float]]:
    """Winback less the method: log loss and ROC AUC with 95 % intervals, by customer."""
    returned = judged["returned"].to_numpy(bool)
    customer, names = pd.factorize(judged["customer_id"])
    rng = np.random.default_rng(0)
    ours, theirs = (
        np.clip(judged[f"p_{name}"].to_numpy(np.float64), 1e-6, 1 - 1e-6)
        for name in ("winback", method)
    )
    loss = np.where(returned, np.log(theirs / ours), np.log((1 - theirs) / (1 - ours)))
    ranks = [_Ranks(p, returned) for p in (ours, theirs)]
    found = [[loss.mean(), ranks[0].area(np.ones(len(loss))) - ranks[1].area(np.ones(len(loss)))]]
    for _ in range(DRAWS):
        weight = rng.poisson(1.0, len(names))[customer].astype(np.float64)
        areas = [r.area(weight) for r in ranks]
        found.append([float((weight * loss).sum() / weight.sum()), areas[0] - areas[1]])
    value, drawn = found[0], np.array(found[1:])
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return {
        name: [round(float(x), 5) for x in (value[i], low[i], high[i])]
        for i, name in enumerate(("log_loss", "roc_auc"))
    }


class _Ranks:
    """ROC AUC under weights, sorted once; equal probabilities share a group."""

    def __init__(self, p: np.ndarray, returned: np.ndarray) -> None:
        _, group = np.unique(p, return_inverse=True)
        self.group, self.returned, self.groups = group, returned, int(group.max()) + 1

    def area(self, weight: np.ndarray) -> float:
        came = np.bincount(self.group, weight * self.returned, self.groups)
        stayed = np.bincount(self.group, weight * ~self.returned, self.groups)
        below = np.cumsum(stayed) - stayed / 2
        return float((came * below).sum() / came.sum() / stayed.sum())


def judge(task: Task, threads: int) -> dict[str, Any]:
    """Metrics of each method and the paired differences, over all cases of the task."""
    with tempfile.TemporaryDirectory() as folder:
        parts = [(case, *predictions(case, threads)) for case in task.cases(Path(folder))]
    judged = pd.concat([part[1] for part in parts], ignore_index=True)
    horizon = parts[0][0].horizon_days
    summary = evaluate_predictions(
        judged, horizon_days=horizon, active_days=2 * horizon, n_bootstrap=0, model="winback"
    ).summary
    wanted = ("roc_auc", "log_loss", "ece", "calibration_slope", "lift_at_10")
    methods = [name[2:] for name in judged if name.startswith("p_")]
    metrics = {
        population: {
            method: {name: (found["methods"][method][name] or {}).get("value") for name in wanted}
            for method in methods
        }
        for population, found in summary["populations"].items()
    }
    return {
        "horizon_days": horizon,
        "cutoffs": len(parts),
        "customers": len(judged),
        "base_rate": round(float(judged["returned"].mean()), 4),
        "kinds": sorted({part[3] for part in parts}),
        "seconds": round(sum(part[2] for part in parts), 1),
        "metrics": metrics,
        "paired": {
            method: paired(judged, method)
            for method in methods
            if method != "winback" and judged[f"p_{method}"].notna().all()
        },
    }


def cost(name: str, threads: int) -> dict[str, Any]:
    """Seconds and memory of the task's first case, in a process of its own."""
    task = next(task for task in TASKS if task.name == name)
    with tempfile.TemporaryDirectory() as folder:
        case = next(iter(task.cases(Path(folder))))
        began = time.perf_counter()
        rows, customers, _, first_days = snapshots_of(case, threads)
        measured = time.perf_counter()
        model = fit(case, rows, customers, threads, first_days)
        fitted = time.perf_counter()
        model.predict(customers)
        scored = time.perf_counter()
        # Not ru_maxrss, which a child inherits from the process that started it.
        status = Path("/proc/self/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
        # LightGBM alone: as many rounds, seeds and threads, on the same rows and columns.
        import lightgbm

        recent = rows[rows["cutoff"] >= rows["cutoff"].max() - pd.Timedelta(days=400)]
        columns = list(model.trees.features) if model.trees else ["orders_total"]
        matrix = recent[columns].to_numpy(np.float32, na_value=np.nan)
        settings = TrainSettings()
        options = {
            "objective": "binary", "num_leaves": settings.num_leaves, "max_bin": 63,
            "learning_rate": settings.learning_rate, "num_threads": threads, "verbose": -1,
            "feature_fraction": settings.feature_share, "force_row_wise": True,
            "bagging_fraction": settings.row_share, "bagging_freq": 1,
        }  # fmt: skip
        alone = time.perf_counter()
        # As many boosters as the model has: of each seed one from either start.
        for seed in range(len(model.trees.boosters) if model.trees else 1):
            data = lightgbm.Dataset(matrix, recent["returned"].to_numpy(np.float64))
            lightgbm.train(options | {"seed": seed}, data, model.facts.rounds or 10)
        ended = time.perf_counter()
    return {
        "rows": len(rows),
        "snapshots": round(measured - began, 2),
        "train": round(fitted - measured, 2),
        "score": round(scored - fitted, 2),
        "lightgbm": round(ended - alone, 2),
        "megabytes": round(peak),
    }


COHERENT = (7, 14, 30, 60, 90, 180)


def coherence(threads: int) -> dict[str, Any]:
    """One coherent model of 90 days against a model of its own for every horizon."""
    asked = {
        "CDNOW": public("CDNOW", COHERENT[-1], ("1998-01-01",)),
        "gifts": simulated("gifts", "gifts", 4000, (640, 700), COHERENT[-1], seeds=(0,)),
    }
    found = {}
    for name, task in asked.items():
        with tempfile.TemporaryDirectory() as folder:
            for case in task.cases(Path(folder)):
                found[f"{name}, {case.cutoff}"] = ladder(case, threads)
    return found


def ladder(longest: Case, threads: int) -> dict[str, Any]:
    """Probabilities of all horizons by one model and by a model each, and what came."""
    future = snapshots_of(longest, threads).future
    rows, customers, *_ = snapshots_of(replace(longest, horizon_days=90), threads)
    cutoff, settings = customers["cutoff"].iloc[0], TrainSettings(threads=threads)
    began = time.perf_counter()
    one = fit_return_model(
        rows, cutoff=cutoff, horizon_days=90, horizons_days=COHERENT, customers=customers,
        settings=settings, value=False,
    ).predict(customers)  # fmt: skip
    seconds = [time.perf_counter() - began]
    apart = {}
    for horizon in COHERENT:
        alone = replace(longest, horizon_days=horizon)
        rows, customers, *_ = snapshots_of(alone, threads)
        began = time.perf_counter()
        apart[horizon] = fit(alone, rows, customers, threads).predict(customers)["p_return"]
        seconds.append(time.perf_counter() - began)
    losses, shares = {}, {}
    for horizon in COHERENT:
        came = (future["days_to_return"] < horizon).to_numpy()
        pair = (one[f"p_return_{horizon}d"], apart[horizon])
        losses[str(horizon)] = [
            round(float(-np.log(np.where(came, p, 1 - p)).mean()), 4) for p in pair
        ]
        shares[str(horizon)] = [round(float(part.mean()), 4) for part in (*pair, came)]
    ladders = (one[[f"p_return_{h}d" for h in COHERENT]], pd.DataFrame(apart))
    broken = [float((np.diff(t.to_numpy(), axis=1) < 0).any(axis=1).mean()) for t in ladders]
    return {
        "log_loss": losses,
        "shares": shares,
        "rows_that_fall": [round(share, 3) for share in broken],
        "seconds": [round(seconds[0], 1), round(sum(seconds[1:]), 1)],
    }


def small_shops() -> tuple[Task, ...]:
    """Shops of 400 customers with a year or two of history: where a rule has its best chance."""
    kinds = ("bgnbd", "fashion", "groceries", "one_time", "wholesale", "gifts", "dying")
    return tuple(
        simulated(f"{kind} 400", kind, 400, days, horizon, seeds=range(100, 106))
        for kind in kinds
        for days, horizon in (((400, 640), 30), ((640,), 60))
    )


def court(threads: int) -> dict[str, Any]:
    """What the champion brings at the next cutoff, where earlier ones made a rule of it.

    Beside it, ``any_age``: the same choice if a model of a few months' past could lose the title
    for today's.
    """
    gains: dict[str, list[float]] = {"ripe": [], "any_age": []}
    cases = 0
    for task in (*TASKS, *small_shops()):
        with tempfile.TemporaryDirectory() as folder:
            for case in task.cases(Path(folder)):
                cases += 1
                rows, customers, future, first_days = snapshots_of(case, threads)
                model = fit(case, rows, customers, threads, first_days)
                ours = model.predict(customers)["p_return"].to_numpy()
                judged = backtest(
                    rows, horizon_days=case.horizon_days, active_days=60, customers=customers,
                    settings=TrainSettings(threads=threads),
                )  # fmt: skip
                came = future["returned"].to_numpy(bool)
                age = (case.cutoff - case.first).days
                for name, days in (("ripe", age), ("any_age", 10**5)):
                    champion = choose_champion(
                        judged, horizon_days=case.horizon_days, cutoff=case.cutoff,
                        history_days=days,
                    )["method"]  # fmt: skip
                    if champion == "lightgbm":
                        continue
                    theirs = predict_baselines(
                        rows, customers, case.horizon_days, methods=[champion]
                    )[champion]
                    pair = [np.clip(p, 1e-6, 1 - 1e-6) for p in (ours, theirs)]
                    loss = [-np.log(np.where(came, p, 1 - p)).mean() for p in pair]
                    gains[name].append(float(loss[0] - loss[1]))
                    print(f"{task.name} at {case.cutoff}, {name}: {champion} "
                          f"{gains[name][-1]:+.4f}", flush=True)  # fmt: skip
    return {
        name: {
            "cases": cases,
            "switched": len(found),
            "better": sum(gain > 0 for gain in found),
            "mean_gain": round(float(np.mean(found)), 5) if found else None,
            "standard_error": round(float(np.std(found, ddof=1) / len(found) ** 0.5), 5)
            if len(found) > 1
            else None,
        }
        for name, found in gains.items()
    }


# --- what is written -----------------------------------------------------------------------------


def number(value: float | None, places: int = 4) -> str:
    return "" if value is None else f"{value:.{places}f}"


def page(stored: Mapping[str, Any]) -> str:
    tasks = {task.name: stored[task.name] for task in TASKS if task.name in stored}
    lines = [
        "# Accuracy",
        "",
        "Printed by `python benchmarks/accuracy.py`; tasks and rivals are described there. "
        "Differences are winback less rival with 95 % intervals over resampled customers "
        f"({DRAWS} draws): below zero in log loss, winback is better. `truth` is the chance that "
        "the simulator knows.",
        "",
        "![Log loss against each rival](accuracy.png)",
        "",
    ]
    ours = {name: tasks[name]["metrics"]["everyone"]["winback"]["log_loss"] for name in MARKS
            if name in tasks}  # fmt: skip
    if len(ours) == len(MARKS):
        each = ", ".join(f"{name} {loss:.4f} ({MARKS[name]:.3f})" for name, loss in ours.items())
        mean, mark = (float(np.mean(list(x.values()))) for x in (ours, MARKS))
        lines += [
            f"Mean log loss on the four public tasks {mean:.4f}; the best recipe of the notes on "
            f"methods {mark:.4f}. By task, the recipe in brackets: {each}.",
            "",
        ]
    worse = [
        f"{name}: {rival}"
        for name, found in tasks.items()
        for rival in ("logistic_rfm", "mbgnbd", "pareto_nbd")
        if rival in found["paired"] and found["paired"][rival]["log_loss"][1] > 0
    ]
    lines += ["Significantly worse than logistic RFM, MBG/NBD or Pareto/NBD: "
              + ("; ".join(worse) or "nowhere") + ".", ""]  # fmt: skip
    lines += ["## Everybody", ""]
    lines += _table(tasks, "everyone", differences=True)
    lines += ["", "## One-time buyers", "", "Customers with a single purchase before the cutoff.",
              ""]  # fmt: skip
    lines += _table(tasks, "one_time_buyers", only=("winback", "recency", "logistic_rfm", "mbgnbd"))
    if "cost" in stored:
        lines += [
            "", "## Time and memory", "",
            "Of the task's first cutoff, in a process of its own: seconds to take the snapshots, "
            "to train, to score; of LightGBM alone for as many rounds and seeds on the same "
            "matrix; peak memory.", "",
            "| task | rows | threads | snapshots | train | score | LightGBM alone | MB |",
            "|---|---|---|---|---|---|---|---|",
        ]  # fmt: skip
        for name, by_threads in stored["cost"].items():
            for threads, c in by_threads.items():
                lines.append(
                    f"| {name} | {c['rows']:,} | {threads} | {c['snapshots']} | {c['train']} "
                    f"| {c['score']} | {c['lightgbm']} | {c['megabytes']:,} |"
                )
    if "coherence" in stored:
        lines += [
            "", "## One model for all horizons", "",
            "One coherent model, main horizon 90 days, against a model of its own per horizon: log "
            "loss, and the mean probability beside the share that came. Gifts are simulated.",
        ]  # fmt: skip
        for name, found in stored["coherence"].items():
            lines += [
                "", f"{name}: {found['seconds'][0]} s against {found['seconds'][1]} s; chances "
                f"fall with the horizon somewhere at {found['rows_that_fall'][0]:.1%} of customers "
                f"against {found['rows_that_fall'][1]:.1%}.", "",
                "| horizon | " + " | ".join(found["log_loss"]) + " |",
                "|---" * (1 + len(found["log_loss"])) + "|",
            ]  # fmt: skip
            for row, figures, place in (
                ("coherent, log loss", "log_loss", 0), ("separate, log loss", "log_loss", 1),
                ("coherent, mean", "shares", 0), ("separate, mean", "shares", 1),
                ("came", "shares", 2),
            ):  # fmt: skip
                told = " | ".join(f"{one[place]:.4f}" for one in found[figures].values())
                lines.append(f"| {row} | {told} |")
    if "court" in stored:
        lines += [
            "", "## The court", "",
            "Where a simple rule led at earlier cutoffs and so gave the scores: log loss of the "
            "model less that of the rule at the next cutoff, above zero if the switch was right. "
            "All tasks above and shops of 400 customers with one or two years of history. `ripe` "
            "is the rule of the pipeline: only cutoffs judge at which the model had learned from "
            "four fifths of today's past.", "",
            "| judges | cases | switched | right | mean gain | standard error |",
            "|---|---|---|---|---|---|",
        ]  # fmt: skip
        for name, c in stored["court"].items():
            lines.append(
                f"| {name} | {c['cases']} | {c['switched']} | {c['better']} "
                f"| {number(c['mean_gain'])} | {number(c['standard_error'])} |"
            )
    return "\n".join(lines) + "\n"


def _table(
    tasks: Mapping[str, Any], population: str, *, differences: bool = False,
    only: tuple[str, ...] = (),
) -> list[str]:  # fmt: skip
    more = " | winback less method, log loss | ROC AUC" if differences else ""
    lines = [
        f"| task and horizon | method | ROC AUC | log loss | ECE | slope | lift at 10 %{more} |",
        "|---|---|---|---|---|---|---" + "|---|---" * differences + "|",
    ]
    for name, found in tasks.items():
        metrics = found["metrics"][population]
        for method in only or ("winback", *RIVALS, "truth"):
            m = metrics.get(method)
            if m is None or m["log_loss"] is None:
                continue
            line = (
                f"| {name} ({found['horizon_days']} d) | {method} | {number(m['roc_auc'])} "
                f"| {number(m['log_loss'])} | {number(m['ece'], 3)} "
                f"| {number(m['calibration_slope'], 2)} | {number(m['lift_at_10'], 2)} |"
            )
            if differences:
                pair = found["paired"].get(method)
                line += (
                    f" {found['customers']:,} rows, {found['base_rate']:.1%} returned "
                    f"| {', '.join(found['kinds'])}, {found['seconds']} s |"
                    if pair is None
                    else " | ".join(
                        " {:+.4f} [{:+.4f}, {:+.4f}]".format(*pair[m]) for m in pair
                    ) + " |"
                )  # fmt: skip
            lines.append(line)
    return lines


def draw(stored: Mapping[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    tasks = [task.name for task in TASKS if task.name in stored][::-1]
    rivals = [r for r in DRAWN if any(r in stored[t]["paired"] for t in tasks)]
    better, even, worse, edge = "#1b6ca8", "#8a8a8a", "#d95f02", 0.08
    figure, panels = plt.subplots(
        1, len(rivals), sharey=True, figsize=(2 * len(rivals), 0.33 * len(tasks) + 1.5)
    )
    counts = {better: 0, even: 0, worse: 0}
    for axis, rival in zip(np.atleast_1d(panels), rivals, strict=True):
        axis.axvline(0, color="#444", lw=0.8)
        for y, task in enumerate(tasks):
            found = stored[task]["paired"].get(rival)
            if found is None:
                continue
            value, low, high = found["log_loss"]
            colour = better if high < 0 else worse if low > 0 else even
            counts[colour] += 1
            axis.plot(np.clip([low, high], -edge, edge), [y, y], color=colour, lw=2)
            inside = -edge <= value <= edge
            axis.plot(np.clip(value, -edge, edge), y, "o" if inside else "<", color=colour, ms=4)
        axis.set_title(rival, fontsize=9)
        axis.set_xlim(-edge * 1.05, edge * 1.05)
        axis.set_ylim(-0.6, len(tasks) - 0.4)
        axis.tick_params(labelsize=7)
        for side in ("top", "right", "left"):
            axis.spines[side].set_visible(False)
    np.atleast_1d(panels)[0].set_yticks(range(len(tasks)), tasks, fontsize=8)
    figure.suptitle(
        f"winback predicts better in {counts[better]} of {sum(counts.values())} comparisons, "
        f"worse in {counts[worse]}", x=0.01, ha="left", fontsize=11,
    )  # fmt: skip
    figure.text(
        0.01, 0.01, "Log loss, winback less rival, with 95 % intervals over customers; left of "
        "zero (blue) winback is better, right of it (orange) worse. Triangles lie beyond the "
        "edge.", fontsize=7, color="#444",
    )  # fmt: skip
    figure.tight_layout(rect=(0, 0.03, 1, 0.97))
    figure.savefig(path, dpi=110, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", help="the tasks (or `cost`, `court`, `coherence`) that hold this word"
    )
    parser.add_argument("--resume", action="store_true", help="only what accuracy.json lacks")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cost-of", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=HERE, help="folder of accuracy.*")
    given = parser.parse_args()
    if given.cost_of:
        print(json.dumps(cost(given.cost_of, given.threads)))
        return
    kept = given.out / "accuracy.json"
    stored = json.loads(kept.read_text()) if kept.exists() else {}

    def asked(name: str) -> bool:
        here = given.only is None or given.only.lower() in name.lower()
        return here and not (given.resume and name in stored)

    def keep(name: str, found: Any) -> None:
        stored[name] = found
        kept.write_text(json.dumps(stored, indent=1) + "\n")

    if find_spec("catboost") is None:
        print("catboost is not installed and stays out (pip install catboost)", flush=True)
    for task in TASKS:
        if asked(task.name):
            keep(task.name, judge(task, given.threads))
            ours = stored[task.name]["metrics"]["everyone"]["winback"]
            print(f"{task.name}: AUC {ours['roc_auc']:.4f}, log loss {ours['log_loss']:.4f}")
            for rival, found in stored[task.name]["paired"].items():
                print("  {:13s} {:+.4f} [{:+.4f}, {:+.4f}]".format(rival, *found["log_loss"]),
                      flush=True)  # fmt: skip
    if asked("cost"):
        costs: dict[str, Any] = {}
        for name in (*MARKS, "wholesale, one year", "young, growing"):
            costs[name] = {}
            for threads in (1, 2):
                command = [sys.executable, __file__, "--cost-of", name, "--threads", str(threads)]
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                costs[name][str(threads)] = json.loads(told)
                print(name, told.strip(), flush=True)
        keep("cost", costs)
    if asked("court"):
        keep("court", court(given.threads))
        print(json.dumps(stored["court"]), flush=True)
    if asked("coherence"):
        keep("coherence", coherence(given.threads))
        print(json.dumps(stored["coherence"]), flush=True)
    (given.out / "accuracy.md").write_text(page(stored))
    draw(stored, given.out / "accuracy.png")


if __name__ == "__main__":
    main()
