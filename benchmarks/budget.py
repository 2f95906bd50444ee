"""How near the best possible the choice under limits comes, and how long it takes.

    python benchmarks/budget.py
    python benchmarks/budget.py --customers 1000000 --options 10

Small random cases, whole numbers and not, with one to four limits (money, contacts, stock,
money of one channel), are compared with an exact MILP (scipy.optimize.milp): the largest gap
over all of them has to be 0. Large ones are compared with the linear bound, which no choice
within the limits can pass; the gap is given in money and in parts of the largest gain that one
customer brings.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from winback.offers.budget import Limit, choose_within_limits


def small_case(seed: int) -> tuple[np.ndarray, np.ndarray, list[Limit]]:
    """A few customers; every second case in whole numbers, where many choices are equal."""
    draw = np.random.default_rng(seed)
    n, k = int(draw.integers(1, 40)), int(draw.integers(1, 5))
    if seed % 2:
        gain = draw.integers(-3, 12, (n, k)).astype(float)
        cost = draw.integers(0, 9, (n, k)).astype(float)
    else:
        gain, cost = draw.normal(1, 3, (n, k)), draw.gamma(1, 2, (n, k))
    limits = [Limit("money", float(draw.uniform(0, 3 * n)), True)]
    if seed % 3:
        limits.append(Limit("contacts", int(draw.integers(0, n + 1))))
    if seed % 5 == 0:
        limits.append(Limit("stock", int(draw.integers(0, n // 2 + 1)), False, (0,)))
    if seed % 7 == 0:
        limits.append(Limit("channel", float(draw.uniform(0, n)), True, (k - 1,)))
    return gain, cost, limits


def best_value(gain: np.ndarray, cost: np.ndarray, limits: list[Limit]) -> float:
    """The optimum, by a solver that knows nothing of prices."""
    n, k = gain.shape
    uses, amounts = [np.kron(np.eye(n), np.ones(k))], [np.ones(n)]
    for limit in limits:
        counted = np.isin(range(k), range(k) if limit.options is None else limit.options)
        uses.append((counted * (cost if limit.money else np.ones_like(cost))).ravel()[None])
        amounts.append(np.array([limit.amount]))
    found = milp(
        -gain.ravel(),
        integrality=np.ones(n * k),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(np.vstack(uses), ub=np.concatenate(amounts)),
        options={"mip_rel_gap": 0.0},
    )
    return -float(found.fun)


def large_case(
    n: int, k: int, several: bool, seed: int
) -> tuple[np.ndarray, np.ndarray, list[Limit]]:
    """Heavy-tailed gains and costs; with ``several``, four limits that all bind."""
    draw = np.random.default_rng(seed)
    value = np.exp(draw.normal(0, 0.8, (n, 1)))
    gain = value * draw.normal(0.3, 1, (n, k))
    cost = 0.05 + value * draw.gamma(1, 0.3, (n, k))
    limits = [Limit("money", 0.08 * n, True)]
    if several:
        limits += [
            Limit("contacts", 0.3 * n),
            Limit("calls", 0.03 * n, False, tuple(range(min(2, k)))),
            Limit("stock", 0.01 * n, False, (k - 1,)),
        ]
    return gain, cost, limits


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--customers", type=int, nargs="*", default=[1_000, 10_000, 100_000, 10**6])
    parser.add_argument("--options", type=int, default=10)
    given = parser.parse_args()

    print("# The choice under limits\n")
    print(f"Printed by `python benchmarks/budget.py` on {os.cpu_count()} cores.\n")
    worst, proven = 0.0, 0
    for seed in range(given.cases):
        case = small_case(seed)
        certificate = choose_within_limits(*case).certificate
        worst = max(worst, abs(best_value(*case) - certificate["value"]))
        proven += certificate["proven"]
    print(
        f"{given.cases} random cases of up to 39 customers, 4 options and 4 limits: largest gap to"
        f" the exact optimum {worst:.1e}; {proven} were said to be proven best.\n"
    )
    print("| customers | options | limits | gap to the linear bound | in customers | processor s |")
    print("|---|---|---|---|---|---|")
    for n in given.customers:
        for several in (False, True):
            gain, cost, limits = large_case(n, given.options, several, 1)
            began = time.process_time()
            found = choose_within_limits(gain, cost, limits).certificate
            took = time.process_time() - began
            print(
                f"| {n:,} | {given.options} | {len(limits)} | {found['gap']:.2g} of"
                f" {found['value']:,.0f} | {found['gap'] / gain.max():.1g} | {took:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
