"""Whether a planned campaign finds the effect that its plan promises to find in four of five.

    python benchmarks/power.py             goes on where it stopped, by what is in build/power/
    python benchmarks/power.py --fresh     all of it anew

For each size of list, rate of return and share of control the plan says the smallest effect that it
finds with 80 % power (`winback.offers.power`). Campaigns of that size and that effect are made up,
their control drawn as lists draw it, and read with the reading's own interval
(`winback.campaign.estimates.compare`, weighed by the logged chances): what share of them says that
it works? Once with customers who are all alike, once with customers whose chances differ as a
shop's do (beta, with a standard deviation of half the mean), which the draw balances and the
promise does not count on. Written to benchmarks/power.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np

from winback.arrays import Floats
from winback.campaign.estimates import compare
from winback.offers.holding import hold_out
from winback.offers.power import power_verdict

HERE = Path(__file__).parent
KEPT = HERE.parent / "build" / "power"
SIZES, RATES, SHARES = (600, 1_500, 4_000, 10_000), (0.02, 0.05, 0.1, 0.2, 0.4), (0.1, 0.2, 0.5)
DRAWS, EACH = 100, 40
WITHIN = 2.0


def chances(n: int, rate: float, differ: bool, rng: np.random.Generator) -> Floats:
    """Each customer's chance to return without the offer."""
    if not differ:
        return np.full(n, rate)
    # A beta of this mean with a standard deviation of half of it.
    total = (1 - rate) / (rate * 0.25) - 1
    found: Floats = rng.beta(rate * total, (1 - rate) * total, n)
    return found


def found_share(n: int, rate: float, share: float, effect: float, differ: bool) -> float:
    """Share of made-up campaigns that are read as working."""
    rng = np.random.default_rng([n, int(1000 * rate), int(100 * share), differ])
    found = 0
    for _ in range(DRAWS):
        p = chances(n, rate, differ, rng)
        drawn = hold_out(
            np.full(n, "offer", object), p, rng.lognormal(size=n), rng.random(n), share=share,
            start=rng.random(),
        )  # fmt: skip
        treated, weights = ~drawn.control, 1 / drawn.probability
        would = np.minimum(p + effect * treated, 1.0)
        for _ in range(EACH):
            came = (rng.random(n) < would).astype(np.float64)
            found += compare(came, treated, weights, share=True).low > 0
    return found / (DRAWS * EACH)


def cell(n: int, rate: float, share: float) -> dict[str, float | None]:
    """One size, rate and share: what is promised, and what comes."""
    name = KEPT / f"{n}-{rate}-{share}.json"
    if name.is_file():
        kept: dict[str, float | None] = json.loads(name.read_text())
        return kept
    promised = power_verdict(n - round(n * share), round(n * share), rate).mde_pp
    told: dict[str, float | None] = {"mde_pp": promised, "alike": None, "differ": None}
    if promised is not None:
        for called, differ in (("alike", False), ("differ", True)):
            told[called] = 100 * found_share(n, rate, share, promised / 100, differ)
        print(n, rate, share, told, flush=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    name.write_text(json.dumps(told))
    return told


def main() -> None:
    """Every cell, and the table of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true")
    if parser.parse_args().fresh:
        shutil.rmtree(KEPT, ignore_errors=True)
    rows = [
        (n, rate, share, cell(n, rate, share)) for n in SIZES for rate in RATES for share in SHARES
    ]
    told = [found for *_, found in rows if found["mde_pp"] is not None]
    lines = [
        "# Power at the promised effect",
        "",
        f"Share of {DRAWS * EACH:,} campaigns read as working, in percent; promised are 80. "
        "`python benchmarks/power.py`",
        "",
        "| planned | return rate | control | promised effect, points | customers alike "
        "| chances differ |",
        "|---|---|---|---|---|---|",
    ]
    for n, rate, share, found in rows:
        start = f"| {n:,} | {100 * rate:g} % | {100 * share:g} % |"
        if found["mde_pp"] is None:
            lines.append(f"{start} none | | |")
        else:
            lines.append(
                f"{start} {found['mde_pp']:.2f} | {found['alike']:.1f} | {found['differ']:.1f} |"
            )
    lines.append("")
    for called, words in (("alike", "customers alike"), ("differ", "chances that differ")):
        of = [float(found[called] or 0.0) for found in told]
        near = sum(abs(share - 80) <= WITHIN for share in of)
        lines.append(
            f"- {words}: {min(of):.1f} to {max(of):.1f}, mean {np.mean(of):.1f}; {near} of "
            f"{len(of)} within {WITHIN:g} points of 80"
        )
    (HERE / "power.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[-2:]))


if __name__ == "__main__":
    main()
