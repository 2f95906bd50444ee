"""The return model against the strongest learners of tables, in an environment of their own.

    python benchmarks/court.py --setup                makes the rivals' environments, once
    python benchmarks/court.py                        every task of benchmarks/accuracy.py
    python benchmarks/court.py --only "CDNOW 90" --rivals XGBoost,EBM --limit-minutes 10
    python benchmarks/court.py --resume               what court.json lacks
    python benchmarks/court.py --page                 court.md again from court.json

Population, label and cutoffs are those of benchmarks/accuracy.py. Every rival sees winback's own
features at winback's own training cutoffs and is set as its authors set it: the tuned defaults of
pytabkit (XGBoost, CatBoost and RealMLP "TD", TabM "D"), stopped early by log loss on a fifth of
the customers, and EBM's defaults. No rival is calibrated, blended or told of the season or of
windows that are still open. Seconds are the processor's, of fitting and of scoring today's
customers; winback's are of all its steps.

A rival that is still busy after the limit is stopped and named as not run, as is one that could
not be installed or for which ``--sitting-minutes`` left no time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pandas as pd
from accuracy import DRAWS, TASKS, Case, Task, fit, paired, snapshots_of

from winback.features import snapshot_columns
from winback.judging.judge import evaluate_predictions

HERE = Path(__file__).parent
ROOM = HERE / "court"
PYTHON = ROOM / ".venv" / "bin" / "python"
# Of the return model and of spend, kept apart: neither holds back the other's versions.
ENVIRONMENTS = {".venv": "requirements.txt", ".venv-spend": "requirements-spend.txt"}
RIVALS = ("XGBoost", "CatBoost", "EBM", "RealMLP", "TabM")
LIMIT_MINUTES = 120.0

Frame = pd.DataFrame


def setup() -> None:
    """The rivals' environments; pip asks the registries it is set up for."""
    for place, wanted in ENVIRONMENTS.items():
        python = ROOM / place / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(ROOM / place)], check=True)
        install = [str(python), "-m", "pip", "install", "--requirement", str(ROOM / wanted)]
        subprocess.run(install, check=True)


def export(case: Case, threads: int, folder: Path) -> tuple[Frame, dict[str, Any]]:
    """What the rivals see, as Parquet; outcomes and winback's chance by customer."""
    rows, customers, future, first_days = snapshots_of(case, threads)
    names = [c.name for c in snapshot_columns() if c.name in rows and rows[c.name].notna().any()]
    known, asked = (t[names].astype("Float32").astype(np.float32) for t in (rows, customers))
    known["returned"] = rows["returned"].to_numpy(np.int8)
    known["held"] = held_out(rows["customer_id"])
    folder.mkdir(parents=True, exist_ok=True)
    known.to_parquet(folder / "known.parquet")
    asked.to_parquet(folder / "asked.parquet")
    began = time.process_time()
    model = fit(case, rows, customers, threads, first_days)
    fitted = time.process_time()
    chance = model.predict(customers)["p_return"].to_numpy()
    cost = {"fit": fitted - began, "predict": time.process_time() - fitted, "rows": len(rows),
            "features": len(names), "seen": digest(known, asked, chance)}  # fmt: skip
    judged = future[["customer_id", "cutoff", "returned"]].assign(
        recently_active=future["days_since_last_order"] <= 2 * case.horizon_days,
        one_time_buyer=future["orders_total"] == 1,
        p_winback=chance,
    )
    judged["customer_id"] = case.shop + judged["customer_id"]
    return judged, cost


def digest(known: Frame, asked: Frame, chance: np.ndarray) -> str:
    """Of all that a rival's figures rest on: they stand as long as it stays the same."""
    parts = [pd.util.hash_pandas_object(t, index=False).to_numpy() for t in (known, asked)]
    return sha256(b"".join([*(p.tobytes() for p in parts), chance.tobytes()])).hexdigest()


def held_out(customers: pd.Series[Any]) -> np.ndarray:
    """A fifth of the customers, with all their rows: nobody is on both sides."""
    place = pd.util.hash_pandas_object(customers.astype(str), index=False).to_numpy(np.uint64)
    return np.asarray(place % np.uint64(5) == 0)


def run(rival: str, folder: Path, threads: int, seconds: float) -> dict[str, Any] | str:
    """Seconds of a rival, or why it did not run."""
    done = folder / f"{rival}.json"
    command = [str(PYTHON), str(ROOM / "rivals.py"), rival, str(folder), str(threads)]
    limits = {f"{what}_NUM_THREADS": str(threads) for what in ("OMP", "MKL", "OPENBLAS")}
    log = folder / f"{rival}.log"
    with log.open("w") as told:
        try:
            subprocess.run(
                command, check=True, timeout=seconds, stdout=told, stderr=told, cwd=folder,
                env={**os.environ, **limits},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"stopped after {seconds / 60:.0f} minutes"
        except subprocess.CalledProcessError:
            lines = log.read_text().strip().splitlines()
            return f"failed: {lines[-1][:120] if lines else 'no word'}"
    found: dict[str, Any] = json.loads(done.read_text())
    return found


def judge(
    task: Task, rivals: tuple[str, ...], known: dict[str, Any], given: argparse.Namespace,
    until: float,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Metrics of winback and the rivals over the task's cutoffs, again after each rival.

    ``known`` is what earlier sittings found; it stands as long as the rivals would see the same.
    """
    with tempfile.TemporaryDirectory() as place:
        folders = []
        parts, costs = [], []
        cases = list(task.cases(Path(place)))[: given.cutoffs]
        for k, case in enumerate(cases):
            folders.append(Path(place) / f"case{k}")
            judged, cost = export(case, given.threads, folders[-1])
            parts.append(judged)
            costs.append(cost)
        judged = pd.concat(parts, ignore_index=True)
        seen = sha256("".join(cost["seen"] for cost in costs).encode()).hexdigest()[:16]
        horizon, rate = cases[0].horizon_days, float(judged["returned"].mean())
        found: dict[str, Any] = {
            "horizon_days": horizon,
            "cutoffs": len(cases),
            "rows": sum(cost["rows"] for cost in costs),
            "features": max(cost["features"] for cost in costs),
            "customers": len(judged),
            "base_rate": round(rate, 4),
            "seen": seen,
            "winback": metrics(judged.assign(p_rival=rate), horizon)["winback"]
            | {w: round(sum(c[w] for c in costs), 2) for w in ("fit", "predict")},
            "rivals": dict(known.get("rivals", {})) if known.get("seen") == seen else {},
        }
        for rival in rivals:
            if given.resume and "packages" in found["rivals"].get(rival, {}):
                continue
            told = run_all(rival, folders, given, until)
            if isinstance(told, str):
                found["rivals"].setdefault(rival, {"not_run": told})
                print(f"  {rival}: not run, {told}", flush=True)
            else:
                chances, cost = told
                both = judged.assign(p_rival=chances)
                pair = paired(both, "rival")
                found["rivals"][rival] = metrics(both, horizon)["rival"] | cost | {"paired": pair}
                print("  {:9s} {:+.4f} [{:+.4f}, {:+.4f}], {:.0f} s".format(
                    rival, *pair["log_loss"], cost["fit"] + cost["predict"]), flush=True,
                )  # fmt: skip
            yield found


def run_all(
    rival: str, folders: list[Path], given: argparse.Namespace, until: float
) -> tuple[np.ndarray, dict[str, Any]] | str:
    """Chances over all cutoffs and their cost, or why the rival did not run."""
    if not PYTHON.exists():
        return "not installed (--setup)"
    cost, chances, began = {"fit": 0.0, "predict": 0.0}, [], time.monotonic()
    packages: dict[str, str] = {}
    for folder in folders:
        left = began + given.limit_minutes * 60 - time.monotonic()
        sitting = until - time.monotonic()
        if min(left, sitting) < 1:
            return "no time left in the sitting" if sitting < left else "stopped at the limit"
        told = run(rival, folder, given.threads, min(left, sitting))
        if isinstance(told, str):
            return told
        cost = {w: round(cost[w] + told[w], 2) for w in cost}
        packages |= told["packages"]
        chances.append(pd.read_parquet(folder / f"{rival}.parquet")["p"].to_numpy())
    return np.concatenate(chances), cost | {"packages": packages}


def metrics(judged: Frame, horizon_days: int) -> dict[str, dict[str, float]]:
    summary = evaluate_predictions(
        judged, horizon_days=horizon_days, active_days=2 * horizon_days, n_bootstrap=0,
        model="winback",
    ).summary  # fmt: skip
    told = summary["populations"]["everyone"]["methods"]
    return {
        method: {name: told[method][name]["value"] for name in ("roc_auc", "log_loss", "ece")}
        for method in ("winback", "rival")
    }


# --- what is written -----------------------------------------------------------------------------


def page(stored: Mapping[str, Any]) -> str:
    lines = [
        "# The court",
        "",
        "Printed by `python benchmarks/court.py`, which says who sits there and how each is set. "
        "Differences are winback less rival with 95 % intervals over resampled customers "
        f"({DRAWS} draws): below zero in log loss and above zero in ROC AUC, winback is better. "
        "Seconds are the processor's, of one thread.",
        "",
        "| task | method | ROC AUC | log loss | ECE | fit s | score s "
        "| winback less method, log loss | ROC AUC |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    gains: dict[str, list[list[float]]] = {}
    packages: dict[str, str] = {}
    for name in (task.name for task in TASKS if task.name in stored):
        found = stored[name]
        about = (
            f"{found['rows']:,} rows taught, {found['customers']:,} judged at {found['cutoffs']} "
            f"cutoff{'s' * (found['cutoffs'] > 1)}, {found['base_rate']:.1%} returned"
        )
        lines.append(line(name, "winback", found["winback"]) + f" {about} | |")
        for rival in RIVALS:
            told = found["rivals"].get(rival, {"not_run": "not asked in this sitting"})
            if "not_run" in told:
                lines.append(f"| {name} | {rival} | | | | | | not run: {told['not_run']} | |")
                continue
            packages |= told["packages"]
            pair = told["paired"]
            gains.setdefault(rival, []).append([*pair["log_loss"], *pair["roc_auc"]])
            lines.append(line(name, rival, told) + "".join(
                " {:+.4f} [{:+.4f}, {:+.4f}] |".format(*pair[m]) for m in ("log_loss", "roc_auc")
            ))  # fmt: skip
    lines += [
        "", "## In one line each", "",
        "Better and worse: tasks where the interval leaves zero out, in winback's favour or not.",
        "", "| rival | tasks | mean log loss | better / worse | mean ROC AUC | better / worse |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for rival in RIVALS:
        if rival not in gains:
            lines.append(f"| {rival} | 0 | | | | |")
            continue
        g = np.array(gains[rival])
        lines.append(
            f"| {rival} | {len(g)} | {g[:, 0].mean():+.4f} | {(g[:, 2] < 0).sum()} / "
            f"{(g[:, 1] > 0).sum()} | {g[:, 3].mean():+.4f} | {(g[:, 4] > 0).sum()} / "
            f"{(g[:, 5] < 0).sum()} |"
        )
    absent = [task.name for task in TASKS if task.name not in stored]
    if absent:
        lines += ["", f"Not run for want of time, by any rival: {'; '.join(absent)}."]
    if packages:
        told = ", ".join(f"{name} {version}" for name, version in sorted(packages.items()))
        lines += ["", f"Versions: {told}."]
    return "\n".join(lines) + "\n"


def line(name: str, method: str, m: Mapping[str, Any]) -> str:
    return (
        f"| {name} | {method} | {m['roc_auc']:.4f} | {m['log_loss']:.4f} | {m['ece']:.3f} "
        f"| {m['fit']:,.1f} | {m['predict']:.1f} |"
    )


def chosen(word: str, name: str) -> bool:
    """A task's whole name means that task alone."""
    whole = word in {task.name for task in TASKS}
    return word == name if whole else word.lower() in name.lower()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--setup", action="store_true", help="make the rivals' environment")
    parser.add_argument("--page", action="store_true", help="only write court.md again")
    parser.add_argument("--only", help="the tasks whose name holds one of these, with ; between")
    parser.add_argument("--rivals", default=",".join(RIVALS))
    parser.add_argument("--resume", action="store_true", help="only what court.json lacks")
    parser.add_argument("--limit-minutes", type=float, default=LIMIT_MINUTES,
                        help="of one rival on one task")  # fmt: skip
    parser.add_argument("--sitting-minutes", type=float, default=float("inf"),
                        help="of all together")  # fmt: skip
    parser.add_argument("--cutoffs", type=int, help="of each task, at most")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if given.setup:
        setup()
        return
    kept = HERE / "court.json"
    stored = json.loads(kept.read_text()) if kept.exists() else {}
    until = time.monotonic() + given.sitting_minutes * 60
    asked = tuple(given.rivals.split(","))
    for task in () if given.page else TASKS:
        if given.only and not any(chosen(word, task.name) for word in given.only.split(";")):
            continue
        print(task.name, flush=True)
        for found in judge(task, asked, stored.get(task.name, {}), given, until):
            stored[task.name] = found
            kept.write_text(json.dumps(stored, indent=1) + "\n")
            (HERE / "court.md").write_text(page(stored))
    (HERE / "court.md").write_text(page(stored))


if __name__ == "__main__":
    main()
