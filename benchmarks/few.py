"""How small an arm may be before a verdict tells of chance rather than of the offer.

    python benchmarks/few.py

Campaigns by the product's own interval: of none of the customers, or of all, the offer raises
the chance to return from 10 to 15 %. Who returns has one order or more, of log-normal amounts
(sigma 1.2). Of the verdicts that were given where the offer works: how many have the wrong sign,
and how many times the truth they claim. Written to benchmarks/few.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from winback.campaign.estimates import compare

HERE = Path(__file__).parent
CONTROLS, RATIOS = (10, 20, 30, 50, 75, 100, 200), (1, 9)
RATE, LIFT, CAMPAIGNS = 0.10, 0.05, 4_000
METRICS = ("returned", "orders", "net_spend")


def effects(control: int, ratio: int, lift: float) -> dict[str, np.ndarray]:
    """Effect of each campaign that has a verdict, by metric; NaN without one."""
    draw = np.random.default_rng((control, ratio, round(lift * 100)))
    n = control * (1 + ratio)
    treated = np.arange(n) >= control
    found = {name: np.full(CAMPAIGNS, np.nan) for name in METRICS}
    for campaign in range(CAMPAIGNS):
        returned = draw.random(n) < RATE + lift * treated
        orders = np.where(returned, 1 + draw.poisson(0.4, n), 0)
        spend = orders * np.exp(draw.normal(3.5, 1.2, n))
        values = {"returned": returned.astype(float), "orders": orders.astype(float)}
        for name, each in {**values, "net_spend": spend}.items():
            read = compare(each, treated, None, share=name == "returned")
            if read.low > 0 or read.high < 0:
                found[name][campaign] = read.effect
    return found


def row(control: int, ratio: int) -> str:
    """One size: false verdicts, wrong signs, and what a verdict claims over the truth."""
    null, works = effects(control, ratio, 0.0), effects(control, ratio, LIFT)
    truth = {"returned": LIFT, "orders": LIFT * 1.4}
    truth["net_spend"] = truth["orders"] * float(np.exp(3.5 + 1.2**2 / 2))
    cells = []
    for name in METRICS:
        told = works[name][~np.isnan(works[name])]
        cells += [
            f"{100 * np.mean(~np.isnan(null[name])):.1f}",
            f"{100 * len(told) / CAMPAIGNS:.0f}",
            f"{100 * np.mean(told < 0):.0f}" if len(told) else "-",
            f"{np.median(np.abs(told)) / truth[name]:.1f}" if len(told) else "-",
        ]
    return f"| 1 : {ratio} | {control} | {' | '.join(cells)} |"


def main() -> None:
    """Every size, to the screen and to the file."""
    rows = []
    for ratio in RATIOS:
        for control in CONTROLS:
            rows.append(row(control, ratio))
            print(rows[-1], flush=True)
    columns = [f"{name}: {what}" for name in METRICS for what in
               ("false, %", "found, %", "wrong sign, %", "claimed over true")]  # fmt: skip
    head = [
        "# Verdicts by the size of the control group",
        "",
        f"`python benchmarks/few.py`: {CAMPAIGNS:,} campaigns a cell. False: a verdict where the "
        f"offer does nothing. The others where it raises returns from {RATE:.0%} to "
        f"{RATE + LIFT:.0%}: a verdict at all; of these with the wrong sign; the median effect "
        "claimed, over the true one.",
        "",
        "| control : treated | control | " + " | ".join(columns) + " |",
        "|---" * (2 + len(columns)) + "|",
    ]
    (HERE / "few.md").write_text("\n".join([*head, *rows]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
