"""How often the rule for gaps calls a shop closed that was open, and finds one that was closed.

    python benchmarks/gaps.py             all kinds of simulated shops, CDNOW, the Complete Journey

Population: shops of three sizes over 900 days, ten of each; label: no gap is planted, or one of so
many days at a random place of the last year. Written to benchmarks/gaps.md.
"""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from winback.datasets import cdnow_csv, complete_journey_orders
from winback.intake.settling import read_orders
from winback.snapshots.days import shop_days
from winback.snapshots.gaps import find_gaps
from winback.synthetic.kinds import KINDS
from winback.synthetic.shop import simulate_shop

HERE = Path(__file__).parent
SIZES, SEEDS, DAYS = (60, 300, 1000), range(10), 900
PLANTED = (7, 14, 30, 90)


def by_day(kind: str, customers: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Days and purchases of a simulated shop, from its first order on."""
    shop = simulate_shop(kind, customers, days=DAYS, seed=seed)
    orders = shop.orders.drop_duplicates("order_id")["ordered_at"]
    number = pd.to_datetime(orders).to_numpy().astype("M8[D]").astype(np.int64)
    counts = np.bincount(number - number.min())
    return number.min() + np.arange(len(counts)), counts.astype(np.int64)


def found_of(day: np.ndarray, orders: np.ndarray, days: int, seed: int) -> bool:
    """Whether a gap of so many days in the last year is found."""
    begin = len(day) - days - 30 - int(np.random.default_rng(seed).integers(0, 335 - days))
    closed = orders.copy()
    closed[begin : begin + days] = 0
    return any(
        first <= day[begin] + days // 4 and last >= day[begin + days - 1] - days // 4
        for first, last in find_gaps(day, closed)
    )


def rows_of_kinds() -> list[str]:
    told = []
    for kind in KINDS:
        for customers in SIZES:
            shops = [by_day(kind, customers, seed) for seed in SEEDS]
            false = sum(bool(find_gaps(*shop)) for shop in shops)
            found = [
                sum(found_of(*shop, days, seed) for seed, shop in enumerate(shops))
                for days in PLANTED
            ]
            a_day = np.mean([orders[-365:].mean() for _, orders in shops])
            cells = [kind, f"{customers}", f"{a_day:.2f}", f"{false} of {len(shops)}",
                     *(f"{n} of {len(shops)}" for n in found)]  # fmt: skip
            told.append(f"| {' | '.join(cells)} |")
            print(told[-1], flush=True)
    return told


def rows_of_histories() -> list[str]:
    """Gaps of the real histories at any quarter of their age."""
    told = []
    with tempfile.TemporaryDirectory() as folder:
        cdnow = Path(folder) / "cdnow.csv"
        cdnow.write_text(cdnow_csv())
        for name, source in (("CDNOW", cdnow), ("Complete Journey", complete_journey_orders())):
            read = read_orders(source, Path(folder) / name)
            days = shop_days(read.orders_path, read.cutoff)
            first = date(1970, 1, 1) + timedelta(days=int(days.day[0]))
            ages = [len(days.day) * k // 8 for k in range(1, 9)]
            false = sum(bool(days.upto(first + timedelta(days=age)).gaps) for age in ages)
            told.append(f"{name}: {false} of {len(ages)} ages have a gap")
            print(told[-1], flush=True)
    return told


def main() -> None:
    columns = ["kind", "customers", "orders a day", "gap where there is none",
               *(f"{days} days found" for days in PLANTED)]  # fmt: skip
    lines = [
        "# Gaps found, and imagined", "",
        "By `python benchmarks/gaps.py`: shops open for 900 days, and the same closed for so many "
        "days of the last year. A shop of a few orders a week cannot show that it was closed.", "",
        f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *rows_of_kinds(), "",
        *(f"- {line}" for line in rows_of_histories()), "",
    ]  # fmt: skip
    (HERE / "gaps.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
