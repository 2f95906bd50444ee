"""How often a campaign that is read every day is said to work, and which windows are read at all.

    python benchmarks/peeking.py            goes on where it stopped, by what is in build/peeking/
    python benchmarks/peeking.py --fresh    all of it anew

Looks: 500 campaigns in which the offer does nothing, of 3,000 customers (600 held out) whose rates
differ, with lognormal baskets and refunds, each read on every day of a window of 30. And 500 with
an offer that raises everybody's rate by three tenths. The intervals are the product's own.

Windows: shops of `winback.synthetic` by day, and a window of 30 days in each of 60 places of
their history, with what an export can do to it. Written to benchmarks/peeking.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from winback.campaign.estimates import compare
from winback.campaign.looks import level_of, level_of_next
from winback.campaign.window import ShopPace, window_read
from winback.synthetic.shop import simulate_shop

HERE = Path(__file__).parent
KEPT = HERE.parent / "build/peeking"
WORLDS, CUSTOMERS, CONTROL, DAYS, LIFT = 500, 3_000, 0.2, 30, 0.3
METRICS = ("returned", "orders", "net_spend")
SHOPS = [("groceries", 400), ("refills", 2_500), ("fashion", 2_500), ("gifts", 2_500),
         ("wholesale", 400), ("fashion", 400), ("fashion", 60)]  # fmt: skip
PLACES, HISTORY = 60, 900


# --- looks ---------------------------------------------------------------------------------------


def world(seed: int, lift: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Who is treated, and by metric what each customer had done by each day."""
    draw = np.random.default_rng(seed)
    treated = np.ones(CUSTOMERS, np.bool_)
    treated[draw.permutation(CUSTOMERS)[: int(CONTROL * CUSTOMERS)]] = False
    rate = draw.gamma(0.7, 0.3 / 0.7, CUSTOMERS) / DAYS * np.where(treated, 1 + lift, 1)
    orders = draw.poisson(np.repeat(rate[:, None], DAYS, 1)).astype(np.float64)
    spend = np.zeros_like(orders)
    who, day = np.nonzero(orders)
    value = np.exp(draw.normal(3.5, 1.2, len(who))) * orders[who, day]
    np.add.at(spend, (who, day), value)
    back = (draw.random(len(who)) < 0.1) & (day + 5 < DAYS)
    np.add.at(spend, (who[back], day[back] + 5), -value[back])
    summed = orders.cumsum(axis=1)
    return treated, {
        "returned": (summed > 0).astype(np.float64),
        "orders": summed,
        "net_spend": spend.cumsum(axis=1),
    }


def looks(seed: int, lift: float) -> dict[str, dict[str, list[int]]]:
    """By metric and interval the verdict of each day: 1 works, -1 harms, 0 neither."""
    treated, outcomes = world(seed, lift)
    found: dict[str, dict[str, list[int]]] = {}
    for metric in METRICS:
        said: dict[str, list[int]] = {"fixed": [], "always_valid": [], "unsealed": []}
        for day in range(1, DAYS + 1):
            levels = {"fixed": 0.05, "always_valid": level_of(day, DAYS)}
            if day % 5 == 0:
                levels["unsealed"] = level_of_next(day // 5)
            for name, level in levels.items():
                values = outcomes[metric][:, day - 1]
                each = compare(values, treated, None, share=metric == "returned", level=level)
                said[name].append(int(each.low > 0) - int(each.high < 0))
        found[metric] = said
    return found


def all_looks(name: str, lift: float) -> dict[str, dict[str, np.ndarray]]:
    """By metric and interval a row a world and a column a day."""
    path = KEPT / f"{name}.json"
    KEPT.mkdir(parents=True, exist_ok=True)
    rows = json.loads(path.read_text()) if path.is_file() else []
    for seed in range(len(rows), WORLDS):
        rows.append(looks(seed, lift))
        if len(rows) % 50 == 0:
            path.write_text(json.dumps(rows))
            print(f"{name}: {len(rows)} of {WORLDS}", flush=True)
    return {
        metric: {
            which: np.array([row[metric][which] for row in rows])
            for which in ("fixed", "always_valid", "unsealed")
        }
        for metric in METRICS
    }


def share(found: np.ndarray) -> str:
    return f"{100 * found.mean():.1f} %"


def told_of_looks() -> list[str]:
    null, planted = all_looks("null", 0.0), all_looks("planted", LIFT)
    lines = [
        "Nothing planted: campaigns ever said to work or to harm, read every day.",
        "",
        "| | returned | orders | net_spend |",
        "|---|---|---|---|",
    ]

    def row(what: str, of: Callable[[str], str]) -> str:
        return f"| {what} | " + " | ".join(of(metric) for metric in METRICS) + " |"

    lines += [
        row("fixed interval, read once at the end", lambda m: share(null[m]["fixed"][:, -1] != 0)),
        row("fixed interval, any day", lambda m: share((null[m]["fixed"] != 0).any(axis=1))),
        row("always-valid interval, any day, the end among them",
            lambda m: share((null[m]["always_valid"] != 0).any(axis=1))),
        row("always-valid before the end, fixed at the end",
            lambda m: share((null[m]["always_valid"][:, :-1] != 0).any(axis=1)
                            | (null[m]["fixed"][:, -1] != 0))),
        row("no seal, read at 5, 10 .. 30 days, first look fixed",
            lambda m: share((null[m]["unsealed"][:, 1:] != 0).any(axis=1)
                            | (null[m]["fixed"][:, 4] != 0))),
        "",
        f"An offer that raises every rate by {LIFT:.0%}: campaigns said to work.",
        "",
        "| | returned | orders | net_spend |",
        "|---|---|---|---|",
        row("fixed interval, read once at the end",
            lambda m: share(planted[m]["fixed"][:, -1] > 0)),
        row("always-valid interval, at the end after looks",
            lambda m: share(planted[m]["always_valid"][:, -1] > 0)),
        row("always-valid interval, some day before the end",
            lambda m: share((planted[m]["always_valid"][:, :-1] > 0).any(axis=1))),
        row("first such day, median of those", lambda m: first_day(planted[m]["always_valid"])),
        row("said to harm, any day", lambda m: share((planted[m]["always_valid"] < 0).any(axis=1))),
    ]  # fmt: skip
    return lines


def first_day(found: np.ndarray) -> str:
    early = found[:, :-1] > 0
    days = early.argmax(axis=1)[early.any(axis=1)] + 1
    return f"{np.median(days):.0f}" if len(days) else "none"


# --- windows -------------------------------------------------------------------------------------


def counts(kind: str, customers: int) -> np.ndarray:
    """Purchases of a simulated shop by day."""
    path = KEPT / f"{kind}-{customers}.npy"
    if not path.is_file():
        lines = simulate_shop(kind, customers, days=HISTORY, seed=7).orders
        lines = lines[lines["quantity"] > 0] if "quantity" in lines else lines
        day = pd.to_datetime(lines.groupby("order_id")["ordered_at"].min()).dt.normalize()
        place = (day - day.min()).dt.days.to_numpy()
        np.save(path, np.bincount(place).astype(np.int64))
    return np.load(path)


def damaged(
    orders: np.ndarray, end: int, draw: np.random.Generator
) -> Iterator[tuple[str, str, np.ndarray, int]]:
    """A name, what is right, the purchases an export has, and days somebody says are complete."""
    whole = orders[: end + 25]
    yield "whole, 25 days past the end", "read", whole, 0
    yield "whole, to the last day of the window", "read", orders[: end + 1], 0
    cut = orders[: end - 17]
    yield "ends on day 12", "refused", cut, 0
    for name, days in (("one order", (30,)), ("three orders", (3, 11, 30))):
        late = np.concatenate([cut, np.zeros(17 + 31, np.int64)])
        late[len(cut) + 17 + np.array(days)] += 1
        yield f"ends on day 12, and {name} long after", "refused", late, 0
    yield "ends on day 12, said to be complete", "refused", cut, 18
    tenth = orders[: end + 1].copy()
    tenth[-10:] = draw.binomial(tenth[-10:], 0.1)
    yield "a tenth of the orders on the last 10 days", "refused", tenth, 0
    gap = whole.copy()
    gap[end - 20 : end - 10] = 0
    yield "10 days in the window without orders", "invalid", gap, 0
    stray = gap.copy()
    stray[end - 15] = 1
    yield "the same with one stray order", "invalid", stray, 0
    before = whole.copy()
    before[end - 60 : end - 45] = 0
    yield "15 days without orders, before the window", "read", before, 0


def reading(orders: np.ndarray, end: int, stated: int) -> str:
    """What becomes of a window of 30 days that ends at a place."""
    sold = np.flatnonzero(orders)
    last = int(sold[-1])
    known = np.concatenate([orders[: last + 1], np.zeros(max(0, stated), np.int64)])
    pace = ShopPace(date(2021, 1, 1), known, last)
    seen = pace.seen()
    if seen < end:
        return "refused"
    closes_on = pace.day(end)
    read, _ = window_read(pace, closes_on - timedelta(days=29), closes_on, pace.day(seen))
    return "invalid" if read.gaps else "read"


def told_of_windows() -> list[str]:
    path = KEPT / "windows.json"
    done: dict[str, dict[str, list[str]]] = json.loads(path.read_text()) if path.is_file() else {}
    rights: dict[str, str] = {}
    for kind, customers in SHOPS:
        orders, shop = counts(kind, customers), f"{kind} {customers}"
        fresh: dict[str, list[str]] = {}
        draw = np.random.default_rng(5)
        for end in draw.integers(300, len(orders) - 40, PLACES):
            for name, right, exported, stated in damaged(orders, int(end), draw):
                rights[name] = right
                if shop not in done and exported.any():
                    fresh.setdefault(name, []).append(reading(exported, int(end), stated))
        if shop not in done:
            done[shop] = fresh
            path.write_text(json.dumps(done))
            print(f"windows of {shop}", flush=True)
    names = [f"{kind} {n}" for kind, n in SHOPS]
    volume = [f"{counts(kind, n)[-400:].mean():.1f}" for kind, n in SHOPS]
    lines = [
        "Windows read (`-`), refused as open (`o`) and invalid (`x`), of 60 in each shop.",
        "",
        "| export | right | " + " | ".join(names) + " |",
        "|---|---|" + "---|" * len(names),
        "| orders a day | | " + " | ".join(volume) + " |",
    ]
    for name, right in rights.items():
        cells = []
        for shop in names:
            said = done[shop][name]
            signs = (("read", "-"), ("refused", "o"), ("invalid", "x"))
            parts = [f"{said.count(each)}{sign}" for each, sign in signs if each in said]
            cells.append(" ".join(parts))
        lines.append(f"| {name} | {right} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="all of it anew")
    if parser.parse_args().fresh:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    text = "\n".join(
        ["# Looks and windows", "", "Made by `python benchmarks/peeking.py`.", "",
         *told_of_windows(), "", *told_of_looks(), ""]
    )  # fmt: skip
    (HERE / "peeking.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
