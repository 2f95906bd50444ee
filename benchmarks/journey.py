"""How long the way of a customer takes on a large shop, and whether a plain count agrees.

``python benchmarks/journey.py``: a made-up shop of about five million lines is written once under
build/journey/ and followed twice, whole and as a larger shop would be, by a part of its customers.
The shares are counted again in pandas, day by day. Prints and writes benchmarks/journey.md.
"""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.results.journeyed import Journey
from winback.shop import journey as following
from winback.shop.past import open_past
from winback.snapshots.days import shop_days
from winback.tables.history import ATTRIBUTES, SIGNAL_ITEMS, SIGNALS

ROOT = Path(__file__).resolve().parents[1]
FOLDER, OUT = ROOT / "build/journey", ROOT / "benchmarks/journey.md"
CUSTOMERS, DAYS, END = 380_000, 1096, date(2025, 1, 1)


def write_shop() -> Path:
    """Lines of customers who come at any time, buy every sixty days or so, and leave one in six."""
    path = FOLDER / "orders.parquet"
    if path.is_file():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    visits = rng.geometric(1 / 6, CUSTOMERS)
    customer = np.repeat(np.arange(CUSTOMERS), visits)
    begins = np.cumsum(visits) - visits
    gap = rng.exponential(60, len(customer))
    gap[begins] = 0
    run = np.cumsum(gap)
    day = np.floor(
        rng.integers(0, DAYS, CUSTOMERS)[customer] + run - np.repeat(run[begins], visits)
    )
    seen = day < DAYS
    customer, day = customer[seen], day[seen].astype(np.int64)
    lines = rng.integers(1, 6, len(customer))
    order = np.repeat(np.arange(len(customer)), lines)
    ids = pa.array([f"C{k:07}" for k in range(CUSTOMERS)])
    first = (END - date(1970, 1, 1)).days - DAYS
    at = pa.array(((first + day[order]) * 86_400_000), pa.timestamp("ms"))
    table = pa.table(
        {
            "customer_id": ids.take(pa.array(customer[order])),
            "order_id": pa.array(order).cast(pa.string()),
            "ordered_at": at,
            "known_at": at,
            "product_id": pa.array(rng.zipf(1.3, len(order)) % 5000).cast(pa.string()),
            "quantity": np.ones(len(order)),
            "amount": rng.integers(100, 10_000, len(order)),
            "kind": pa.array(["order"] * len(order)),
        }
    )
    facts = {"amount_scale": "100", "currency": "PLN", "has_time": "0", "has_products": "1"}
    pq.write_table(table.replace_schema_metadata(facts), path)
    for name, side in (("signals", SIGNALS), ("items", SIGNAL_ITEMS), ("attributes", ATTRIBUTES)):
        pq.write_table(side.schema.empty_table(), FOLDER / f"{name}.parquet")
    return path


def follow(orders: Path, most: int) -> tuple[Journey, float, float]:
    """The journey, and seconds of processor time to open the past and to follow."""
    following._MOST_CUSTOMERS = most
    days, begun = shop_days(orders, END), time.process_time()
    sides = {name: FOLDER / f"{name}.parquet" for name in ("signals", "items", "attributes")}
    with open_past(
        orders, END, **sides, days=days, country="PL", horizon_days=90, threads=2
    ) as past:
        opened = time.process_time()
        found = following.follow_journey(past)
        done = time.process_time()
    assert found is not None
    return found, opened - begun, done - opened


def plain(orders: Path, most: tuple[int, ...]) -> list[float]:
    """Share with a second purchase within so many days, day by day in pandas."""
    lines = pd.read_parquet(orders, columns=["customer_id", "ordered_at"])
    visits = lines.drop_duplicates().sort_values(["customer_id", "ordered_at"])
    grouped = visits.groupby("customer_id", sort=False)["ordered_at"]
    first, second = grouped.nth(0), grouped.nth(1)
    first.index, second.index = (visits.loc[of.index, "customer_id"] for of in (first, second))
    wait = (second - first).dt.days
    seen = (pd.Timestamp(END) - first).dt.days - 1
    left, shares = 1.0, []
    for day in range(1, max(most) + 1):
        at_risk = wait.fillna(seen) >= day
        left *= 1 - (wait == day).sum() / at_risk.sum()
        if day in most:
            shares.append(1 - left)
    return shares


def main() -> None:
    """Print and write."""
    orders = write_shop()
    lines = pq.read_metadata(orders).num_rows
    whole, opening, took = follow(orders, 10**9)
    part, _, took_part = follow(orders, 100_000)
    days = (30, 90, 365)
    counted = plain(orders, days)
    rows = [
        "# The way of a customer on a large shop",
        "",
        f"`python benchmarks/journey.py`: {lines:,} lines of {CUSTOMERS:,} customers, three years,",
        "two threads. Of more than 500,000 customers a part is looked at; here as if the limit",
        f"were 100,000 (every {part.one_in}th).",
        "",
        "| | seconds of processor time |",
        "|---|---|",
        f"| opening the past (shared with the scorecard and the press) | {opening:.1f} |",
        f"| following all customers | {took:.1f} |",
        f"| following every {part.one_in}th | {took_part:.1f} |",
        f"| the same at 100 million lines, at most {1e8 / lines:.0f} times | "
        f"{took_part * 1e8 / lines:.0f} |",
        "",
        "| second purchase within | all customers | counted day by day in pandas | a part |",
        "|---|---|---|---|",
    ]
    second, of_part = whole.steps[0], part.steps[0]
    for day, share in zip(days, counted, strict=True):
        found, sampled = second.within(day), of_part.within(day)
        assert found and sampled
        rows.append(
            f"| {day} days | {found.share:.4f} | {share:.4f} | {sampled.share:.4f} "
            f"({sampled.low:.4f} to {sampled.high:.4f}) |"
        )
    text = "\n".join(rows) + "\n"
    OUT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
