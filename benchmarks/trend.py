"""How often a month is called unusual in shops in which nothing happens, and where something does.

Simulated shops of four years; `winback.shop.scorecard.keep_score` looks at each month with what was
known before the cutoff. Quiet shops have no shock; in the others purchases fall by a third, or rise
by half, on the first day of the last month. An interval of 95% lets one of twenty quiet months lie
outside. Prints a table and writes it to `benchmarks/trend.md`; a shop that was read is kept under
`build/trend`.

    python benchmarks/trend.py
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from winback.intake.settling import read_orders
from winback.shop.past import open_past
from winback.shop.scorecard import keep_score
from winback.snapshots.days import shop_days
from winback.synthetic.kinds import KINDS
from winback.synthetic.shop import simulate_shop
from winback.tables.history import ATTRIBUTES, SIGNAL_ITEMS, SIGNALS

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / "build" / "trend"
SHOPS, SEEDS, CUSTOMERS, DAYS = ("fashion", "groceries", "wholesale", "gifts"), range(4), 1500, 1461
# Four calendar years; what happens, happens on the first of the last December.
START, LAST_MONTH = "2021-01-01", 31
SERIES = ("revenue_usual", "purchases_usual", "order_value_usual")


def main() -> None:
    """Read every shop that was not read yet, then print and write the table."""
    STATE.mkdir(parents=True, exist_ok=True)
    cases = {"quiet": 0.0, "a third fewer": np.log(2 / 3), "half as many more": np.log(1.5)}
    text = [
        "# Months beside what is usual", "", __doc__.split("\n\n")[1].replace("\n", " "), "",
        "| shop | quiet: months told | outside, revenue | purchases | order value | "
        "a third fewer: told below | half as many more: told above |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for kind in SHOPS:
        found = {name: _counted(kind, name, shock) for name, shock in cases.items()}
        quiet = found["quiet"]
        told = quiet["revenue_usual usual"] + quiet["revenue_usual above"]
        told += quiet["revenue_usual below"]
        outside = [quiet[f"{s} above"] + quiet[f"{s} below"] for s in SERIES]
        text.append(
            f"| {kind} | {told} | {' | '.join(map(str, outside))} | "
            f"{found['a third fewer']['last below']} of {len(SEEDS)} | "
            f"{found['half as many more']['last above']} of {len(SEEDS)} |"
        )
    (ROOT / "benchmarks" / "trend.md").write_text("\n".join(text) + "\n")
    print("\n".join(text))


def _counted(kind: str, name: str, shock: float) -> Counter[str]:
    """Verdicts over all seeds of a kind of shop."""
    counted: Counter[str] = Counter()
    for seed in SEEDS:
        state = STATE / f"{kind}-{name.replace(' ', '_')}-{seed}.json"
        if not state.exists():
            state.write_text(json.dumps(list(_verdicts(kind, seed, shock))))
        counted.update(json.loads(state.read_text()))
    return counted


def _verdicts(kind: str, seed: int, shock: float) -> Iterator[str]:
    """One a month and series, and that of the last month's revenue."""
    shop_kind = replace(KINDS[kind], shock=(DAYS - LAST_MONTH, shock)) if shock else KINDS[kind]
    shop = simulate_shop(shop_kind, CUSTOMERS, START, DAYS, seed)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        read_orders(shop.orders, out, currency="PLN")
        for table, file in (
            (SIGNALS, "signals"), (SIGNAL_ITEMS, "items"), (ATTRIBUTES, "attributes"),
        ):  # fmt: skip
            pq.write_table(table.schema.empty_table(), out / f"{file}.parquet")
        orders = out / "orders.parquet"
        with open_past(
            orders, shop.end, signals=out / "signals.parquet", items=out / "items.parquet",
            attributes=out / "attributes.parquet", days=shop_days(orders, shop.end),
            country="PL", horizon_days=90,
        ) as past:  # fmt: skip
            score = keep_score(past)
    rows = score.trend.rows if score else ()
    for row in rows:
        for series in SERIES:
            if row[series] is not None:
                yield f"{series} {row[series].verdict}"
    if rows and rows[-1].revenue_usual is not None:
        yield f"last {rows[-1].revenue_usual.verdict}"


if __name__ == "__main__":
    main()
