"""How often the gate for models lets pass what it should, and stops what it should not.

    python benchmarks/gate.py             goes on where it stopped, by what is in benchmarks/gate/
    python benchmarks/gate.py --fresh     all of it anew

Shops: five simulated ones of 5,000 customers over two years, horizon 30 days. Each recipe is
rehearsed at the three newest closed cutoffs, from fits that saw what had closed by then, and
forecasts 25,000 customers of the same shop. A case draws 5,000 of these and asks the gate.
Null: a param is moved by a hair, so that the trees are others and no better. Written to
benchmarks/gate.md.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from winback.intake.settling import read_orders
from winback.judging.backtesting import Origins
from winback.judging.figures import log_losses
from winback.judging.gate import LEAST_SEGMENT, compare, decide
from winback.learning.fit import fit_return_model
from winback.params import TrainSettings
from winback.results.gated import Kind
from winback.scoring.segments import segments_of
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_snapshots
from winback.synthetic.shop import simulate_shop

HERE = Path(__file__).parent
KEPT = HERE / "gate"
SHOPS = [("fashion", 1), ("fashion", 2), ("refills", 1), ("refills", 2), ("gifts", 1)]
CUSTOMERS, POPULATION, HORIZON, DAYS, EVERY = 5_000, 25_000, 30, 730, 28
GIVEN = TrainSettings(seeds=1, threads=1, lifetime_days=None)
MOVED = {"l2": 11.0, "row_share": 0.79, "feature_share": 0.36, "min_rows_in_leaf": 101}
LAGS = (28, 84)
CASES = 100
GAIN, HARM = 0.005, 0.04


def losses_of(kind: str, seed: int) -> pd.DataFrame:
    """Each recipe's forecasts of a shop's customers, made once."""
    path = KEPT / f"{kind}-{seed}.parquet"
    if path.is_file():
        return pd.read_parquet(path)
    rows, test = _snapshots(kind, seed)
    wanted = {"given": (GIVEN, 0)}
    wanted |= {name: (GIVEN.model_copy(update={name: v}), 0) for name, v in MOVED.items()}
    wanted |= {f"lag_{lag}": (GIVEN, lag) for lag in LAGS}
    told = test[["customer_id", "cutoff", "returned"]].assign(segment=segments_of(test))
    for name, (settings, lag) in wanted.items():
        began = time.perf_counter()
        told[name] = _forecasts(rows, test, settings, Origins(lag_days=lag))
        print(f"{kind} {seed} {name}: {time.perf_counter() - began:.0f} s", flush=True)
    KEPT.mkdir(exist_ok=True)
    told.to_parquet(path.with_suffix(".new"), index=False)
    path.with_suffix(".new").replace(path)
    return told


def _snapshots(kind: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the shop learns from, and the many customers that it forecasts."""
    with tempfile.TemporaryDirectory() as folder:
        taken = []
        for customers in (CUSTOMERS, POPULATION):
            shop = simulate_shop(kind, customers, days=DAYS, seed=seed)
            read = read_orders(shop.orders, Path(folder) / str(customers))
            if not taken:
                cutoffs = training_cutoffs(
                    read.summary.first_day, read.cutoff, HORIZON, every_days=EVERY, most=40
                )
            taken.append(
                take_snapshots(
                    read.orders_path,
                    cutoffs if not taken else cutoffs[-Origins().count :],
                    horizon_days=HORIZON,
                    observed_until=read.cutoff,
                ).closed()
            )
    return taken[0], taken[1]


def _forecasts(
    rows: pd.DataFrame, test: pd.DataFrame, settings: TrainSettings, origins: Origins
) -> np.ndarray:
    found = pd.Series(np.nan, test.index)
    for origin in origins.of(rows):
        model = fit_return_model(
            origins.closed(rows, origin, HORIZON), cutoff=origin, horizon_days=HORIZON,
            customers=rows[rows["cutoff"] == origin], settings=settings, value=False,
        )  # fmt: skip
        there = test[test["cutoff"] == origin]
        found[there.index] = model.predict(there)["p_return"]
    return found.to_numpy()


_PLANTED: dict[tuple[int, int, float, float], np.ndarray] = {}


def worse(p: np.ndarray, returned: np.ndarray, by: float, seed: int) -> np.ndarray:
    """Forecasts that know less: log-odds with noise that costs so much log loss."""
    key = (seed, len(p), by, float(p.sum()))
    if key in _PLANTED:
        return _PLANTED[key]
    noise = np.random.default_rng(seed).normal(size=len(p))
    base, low, high = log_losses(p, returned).mean(), 0.0, 3.0
    for _ in range(40):
        middle = (low + high) / 2
        cost = log_losses(expit(logit(p) + middle * noise), returned).mean() - base
        low, high = (middle, high) if cost < by else (low, middle)
    _PLANTED[key] = np.asarray(expit(logit(p) + low * noise))
    return _PLANTED[key]


def sides(told: pd.DataFrame, champion: np.ndarray, challenger: np.ndarray) -> pd.DataFrame:
    """Both sides' forecasts as the gate takes them."""
    rows = told[["customer_id", "cutoff", "returned", "segment"]]
    return rows.assign(champion=champion, challenger=challenger)


def null(told: pd.DataFrame, case: int) -> tuple[Kind, pd.DataFrame]:
    """Two recipes that differ by a hair, either of which may be the challenger."""
    names = ["given", *MOVED]
    one, other = np.random.default_rng(case).permutation(names)[:2]
    return "change", sides(told, told[one].to_numpy(), told[other].to_numpy())


def refresh(lag: int) -> Callable[[pd.DataFrame, int], tuple[Kind, pd.DataFrame]]:
    """The same recipe, with windows that are older by so many days on the champion's side."""
    return lambda told, case: (
        "refresh", sides(told, told[f"lag_{lag}"].to_numpy(), told["given"].to_numpy())
    )  # fmt: skip


def gain(told: pd.DataFrame, case: int) -> tuple[Kind, pd.DataFrame]:
    """A challenger of another fit that knows more, by the planted gain."""
    returned = told["returned"].to_numpy(float)
    champion = worse(told["given"].to_numpy(), returned, GAIN, case % 7)
    return "change", sides(told, champion, told["l2"].to_numpy())


def harm(kind: Kind) -> Callable[[pd.DataFrame, int], tuple[Kind, pd.DataFrame]]:
    """A challenger that is as good or better, except in one segment."""

    def planted(told: pd.DataFrame, case: int) -> tuple[Kind, pd.DataFrame]:
        returned = told["returned"].to_numpy(float)
        sizes = told.groupby("segment")["customer_id"].nunique() * CUSTOMERS / POPULATION
        large = sorted(sizes[sizes >= 1.2 * LEAST_SEGMENT].index)
        chosen = (told["segment"] == large[case % len(large)]).to_numpy()
        ours = told["l2" if kind == "change" else "given"].to_numpy().copy()
        theirs = told["given" if kind == "change" else f"lag_{LAGS[0]}"].to_numpy().copy()
        if kind == "change":
            # It gains so much elsewhere that it would pass if nobody looked at segments.
            theirs[~chosen] = worse(theirs[~chosen], returned[~chosen], 3 * GAIN, 1)
        ours[chosen] = worse(ours[chosen], returned[chosen], HARM, 2)
        return kind, sides(told, theirs, ours)

    return planted


SCENARIOS = {
    "null change": (null, "promoted", "at most 5 %", 0.05),
    f"refresh after {LAGS[0]} days": (refresh(LAGS[0]), "promoted", "at least 90 %", 0.90),
    f"refresh after {LAGS[1]} days": (refresh(LAGS[1]), "promoted", "at least 90 %", 0.90),
    f"gain of {GAIN} log loss": (gain, "promoted", "at least 80 %", 0.80),
    f"change that harms one segment by {HARM}": (harm("change"), "kept", "at least 95 %", 0.95),
    f"refresh that harms one segment by {HARM}": (harm("refresh"), "kept", "at least 95 %", 0.95),
}


def kept_results() -> dict[str, int]:
    """Of the scenarios asked so far, how often what is wanted came."""
    return {
        path.stem: int(path.read_text(encoding="utf-8")) for path in sorted(KEPT.glob("*.count"))
    }


def cases_of(told: pd.DataFrame, make: Callable, shop: int) -> list[tuple[str, tuple[str, ...]]]:
    """What the gate says to this shop's share of the cases."""
    ids = np.sort(told["customer_id"].unique())
    found = []
    for case in range(shop, CASES, len(SHOPS)):
        kind, rows = make(told, case)
        drawn = np.random.default_rng(1000 + case).choice(ids, CUSTOMERS, replace=False)
        found.append(decide(kind, compare(rows[rows["customer_id"].isin(drawn)])))
    return found


def line_of(name: str, n: int, cases: int) -> str:
    """A row of the table: how often what is wanted came, with Wilson's interval."""
    _, counted, wanted, limit = SCENARIOS[name]
    share, z2 = n / cases, 1.96**2
    met = share <= limit if "most" in wanted else share >= limit
    centre = (share + z2 / (2 * cases)) / (1 + z2 / cases)
    half = (z2 * (share * (1 - share) / cases + z2 / (4 * cases**2))) ** 0.5 / (1 + z2 / cases)
    low, high = 100 * max(centre - half, 0), 100 * min(centre + half, 1)
    missed = "" if met else " MISSED"
    return (
        f"| {name} | {counted}, {wanted} | {n} of {cases} ({100 * share:.1f} %){missed} | "
        f"{low:.1f} to {high:.1f} % |"
    )


def page(lines: list[str]) -> str:
    """The table as benchmarks/gate.md has it."""
    return "\n".join(
        [
            "# The gate for models",
            "",
            "By `python benchmarks/gate.py`. Five simulated shops (fashion and refills twice, "
            f"gifts) of {CUSTOMERS:,} customers over {DAYS} days, horizon {HORIZON} days, three "
            f"cutoffs. A case is {CUSTOMERS:,} customers drawn of {POPULATION:,} whom fits on the "
            "shop's "
            f"own {CUSTOMERS:,} forecast. A null change moves one of {', '.join(MOVED)} by a hair "
            "and is judged from either side. A gain or harm is planted by noise in the other "
            "side's log-odds, on top of another fit; the harmed segments have 600 customers or "
            f"more, each in turn, and the change that harms one gains {3 * GAIN} in all others.",
            "",
            "| case | wanted | found | interval |",
            "|---|---|---|---|",
            *lines,
            "",
        ]
    )


def main() -> None:
    """Fit what is missing, ask the gate, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="forget what was computed before")
    parser.add_argument("--fit-only", action="store_true", help="only compute the losses")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of scenarios, from 0")
    given = parser.parse_args()
    if given.fresh:
        shutil.rmtree(KEPT, ignore_errors=True)
    shops = [losses_of(*shop) for shop in SHOPS]
    if given.fit_only:
        return
    done = kept_results()
    for number, (name, (make, counted, _, _)) in enumerate(SCENARIOS.items()):
        if str(number) in done or (given.only is not None and number not in given.only):
            continue
        found = [each for k, told in enumerate(shops) for each in cases_of(told, make, k)]
        n = sum(decision == counted for decision, _ in found)
        (KEPT / f"{number}.count").write_text(str(n), encoding="utf-8")
        print(line_of(name, n, len(found)), flush=True)
    done = kept_results()
    lines = [
        line_of(name, done[str(k)], CASES) for k, name in enumerate(SCENARIOS) if str(k) in done
    ]
    (HERE / "gate.md").write_text(page(lines))


if __name__ == "__main__":
    main()
