"""What is learned from experiments, held against the truth and against the usual learners.

    python benchmarks/learning.py worlds     five kinds of experiments, judged on fresh people
    python benchmarks/learning.py placebos   treatment dealt anew: nothing may be found
    python benchmarks/learning.py constant   one ratio for all: never worse than treating all
    python benchmarks/learning.py real       two randomised experiments, on held-out halves
    python benchmarks/learning.py report     writes benchmarks/learning.md from what was run

Each part goes on where it stopped, by what is in build/learning, until --cases are there; parts
may run side by side. ``real`` reads the tables of the package ``causaldata``:
``pip install --target build/learning/packages causaldata``, or --packages where it is.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Two processes on two cores are slowed by every further thread.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from winback.effects.encoded import encoded
from winback.effects.experiment import Named, read_experiment
from winback.effects.learners import People, rivals_of
from winback.effects.learning import ArmEffects, learn
from winback.effects.scored import groups_of, qini

HERE = Path(__file__).parent
STATE = HERE.parent / "build" / "learning"
KINDS = ("constant", "by segment", "smooth", "crossing sign", "none")
OUTCOMES = ("common", "rare", "money")
SIZES = (2_000, 10_000, 50_000)
FRESH = 20_000
LEARNERS = ("one_ratio", "S", "T", "X", "R", "DR", "response", "risk", "value")
# Package's table, treatment, outcome, columns that tell a treatment, and within what it was dealt.
REAL = (("thornton_hiv", "any", "got", ("tinc",), "villnum"),
        ("social_insure", "intensive", "takeup_survey", ("default",), None))  # fmt: skip


def world(kind: str, outcome: str, n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """An experiment with half of the people treated, and the true effect on each.

    ``common`` outcomes happen to 3 in 10, ``rare`` ones to 4 in 100; ``money`` is spent by 1 in 7
    and is lognormal with a standard deviation of 1.1 of its logarithm.
    """
    rng = np.random.default_rng((seed, KINDS.index(kind), OUTCOMES.index(outcome)))
    recency, age, last = rng.exponential(90, n), rng.normal(40, 12, n), rng.normal(size=n)
    spent = np.exp(3.5 + 0.8 * rng.normal(size=n) - 0.002 * recency)
    city = rng.choice(["large", "small", "village"], n, p=[0.4, 0.35, 0.25])
    phone, orders = rng.random(n) < 0.45, 1 + rng.poisson(1.5 * np.exp(-recency / 200))
    rank = np.argsort(np.argsort(spent)) / n
    usual = 0.45 * np.log1p(orders) - recency / 180 + 0.6 * (rank - 0.5) + 0.3 * np.sin(age / 6)
    ratio = {
        "none": np.zeros(n),
        "constant": np.full(n, 0.35),
        "by segment": 0.9 * ((city == "village") | ((rank > 0.5) & phone)),
        "smooth": 0.3 + 0.3 * last + 0.025 * (age - 40),
        "crossing sign": 0.7 * np.where(last > 0, 1, -1) * (rank > 0.3),
    }[kind]
    treated = rng.random(n) < 0.5
    if outcome == "money":
        plain = np.minimum(0.14 * np.exp(0.6 * usual), 0.4)
        chances = np.column_stack([plain, np.minimum(plain * np.exp(ratio), 0.98)])
        amount, mean = (
            np.exp(3 + 0.4 * last + 1.1 * rng.normal(size=n)),
            np.exp(3 + 0.4 * last + 1.1**2 / 2),
        )
    else:
        base = -0.7 if outcome == "common" else -3.0
        links = base + usual
        chances = 1 / (1 + np.exp(-np.column_stack([links, links + ratio])))
        amount, mean = np.ones(n), np.ones(n)
    y = (rng.random(n) < chances[np.arange(n), treated.astype(int)]) * amount
    table = pd.DataFrame(
        {"recency": recency, "age": age, "last": last, "spent": spent, "city": city,
         "phone": phone, "orders": orders, "arm": np.where(treated, "mail", "control"), "y": y}
    )  # fmt: skip
    return table, (chances[:, 1] - chances[:, 0]) * mean


def learned_from(table: pd.DataFrame, probability: str | None = None) -> tuple[ArmEffects, Any]:
    named = Named("arm", "y", probability=probability)
    experiment = read_experiment(table, "world", named)
    learned, found = learn(experiment, file="w", treatment="arm", outcome="y", court=False)
    if not found:
        raise AssertionError(learned.problems)
    return found[0], experiment


def intervals(arm: ArmEffects, truth: float, tau: np.ndarray) -> dict[str, Any]:
    """What was found, and whether intervals hold the truth."""
    result, groups = arm.result, groups_of(arm.effect)
    return {
        "found": result.targeting.found, "z": result.targeting.z, "verdict": result.verdict,
        "average_found": result.average.low > 0 or result.average.high < 0,
        "average_covers": result.average.low <= truth <= result.average.high,
        "error": (result.average.high - result.average.low) / 2,
        "fifths_cover": [
            bool(fifth.found.low <= tau[groups == k].mean() <= fifth.found.high)
            for k, fifth in enumerate(result.fifths)
        ],
    }  # fmt: skip


def true_qini(tau: np.ndarray, ranking: np.ndarray) -> float:
    """Area of the true gain's curve over the line of no ranking, over that of the truth's own."""

    def area(by: np.ndarray) -> float:
        gained = np.cumsum(tau[np.argsort(-by, kind="stable")]) / len(tau)
        return float(gained.mean() - gained[-1] / 2)

    best = area(tau)
    return area(ranking) / best if best > 1e-12 else 0.0


def one_world(kind: str, outcome: str, n: int, seed: int) -> dict[str, Any]:
    table, tau = world(kind, outcome, n, seed)
    fresh, new = world(kind, outcome, FRESH, 10_000 + seed)
    began = time.process_time()
    arm, experiment = learned_from(table)
    seconds = time.process_time() - began
    z = encoded(fresh[list(experiment.names)], experiment.columns)
    both, w, e = experiment.pair(1)
    crossed = arm.crossed
    people = People(
        experiment.z[both], crossed.scale.learned(experiment.y[both]), w, e, experiment.link
    )
    rivals = rivals_of(people, crossed.baselines, crossed.parts, z)
    ours = arm.foretold(z)
    half = np.full(len(z), 0.5)
    ratio = np.subtract(*crossed.plain.means(z, half)[::-1]) * crossed.scale.unit
    rankings = {"this": ours, "one_ratio": ratio, "value": fresh["spent"].to_numpy()}
    rankings |= {name: each * crossed.scale.unit for name, each in rivals.items()}
    # A contact costs half of what a constant effect brings, so that not everybody pays.
    cost = {"common": 0.03, "rare": 0.008, "money": 1.2}[outcome]
    verdict = arm.result.verdict
    worth = arm.result.average.effect - cost
    error = (arm.result.average.high - arm.result.average.low) / 2
    treated = ours > cost
    if verdict != "treat_some":
        verdict = "treat_all" if worth > error else "treat_none" if worth < -error else "not_known"
        treated = np.full(len(z), verdict == "treat_all")
    value = {
        "this": treated, "all": np.ones(len(z), bool), "none": np.zeros(len(z), bool),
        "by priority": ours > cost,
    }  # fmt: skip
    for name, ranking in rankings.items():
        if name in ("response", "risk", "value"):
            value[name] = np.zeros(len(z), bool)
            value[name][np.argsort(-ranking, kind="stable")[: int(treated.sum())]] = True
        elif name != "this":
            value[name] = ranking > cost
    net = new - cost
    return {
        **intervals(arm, float(new.mean()), tau), "seconds": seconds, "with_cost": verdict,
        "qini": {name: true_qini(new, ranking) for name, ranking in rankings.items()},
        "value": {name: float((net * who).mean()) for name, who in value.items()}
        | {"random": float(net.mean() * treated.mean()), "oracle": float((net * (net > 0)).mean())},
    }  # fmt: skip


def one_placebo(kind: str, outcome: str, n: int, seed: int) -> dict[str, Any]:
    table, _ = world(kind, outcome, n, 50_000 + seed)
    anew = np.random.default_rng((seed, 77)).permutation(n) < n // 2
    table["arm"] = np.where(anew, "mail", "control")
    arm, _ = learned_from(table)
    return intervals(arm, 0.0, np.zeros(n))


def one_constant(kind: str, outcome: str, n: int, seed: int) -> dict[str, Any]:
    table, tau = world(kind, outcome, n, 90_000 + seed)
    fresh, new = world(kind, outcome, FRESH, 190_000 + seed)
    arm, experiment = learned_from(table)
    foretold = arm.foretold(encoded(fresh[list(experiment.names)], experiment.columns))
    found = intervals(arm, float(new.mean()), tau)
    by_verdict = {"treat_some": foretold > 0, "treat_all": np.ones(FRESH, bool)}
    treated = by_verdict.get(found["verdict"], np.zeros(FRESH, bool))
    return {
        **found, "all": float(new.mean()), "by_verdict": float((new * treated).mean()),
        "by_priority": float((new * (foretold > 0)).mean()),
    }  # fmt: skip


def one_half(package: str, treatment: str, outcome: str, seed: int) -> dict[str, Any]:
    """Learned from half of the people, judged on the others by what came of them."""
    import causaldata

    table = getattr(causaldata, package).load_pandas().data
    left, place = next(each[3:] for each in REAL if each[:3] == (package, treatment, outcome))
    table = table.dropna(subset=[treatment, outcome]).drop(columns=list(left))
    table = table.rename(columns={treatment: "arm", outcome: "y"}).reset_index(drop=True)
    table["arm"] = table["arm"].astype(int)
    share = table["arm"].mean()
    if place is not None:
        # More were treated in some villages than in others: by lot within each.
        table = table[table[place].notna()].reset_index(drop=True)
        share = table.groupby(place)["arm"].transform("mean")
        inside = (share > 0.1) & (share < 0.9)
        table, share = table[inside].drop(columns=place), share[inside]
    table["chance"] = np.where(table["arm"] == 1, share, 1 - share)
    table = table.reset_index(drop=True)
    half = np.random.default_rng((seed, 3)).random(len(table)) < 0.5
    arm, experiment = learned_from(table[half].reset_index(drop=True), "chance")
    others = table[~half].reset_index(drop=True)
    z = encoded(others[list(experiment.names)], experiment.columns)
    both, w, e = experiment.pair(1)
    crossed = arm.crossed
    people = People(experiment.z[both], experiment.y[both], w, e, experiment.link)
    rankings = rivals_of(people, crossed.baselines, crossed.parts, z)
    ours, half_e = arm.foretold(z), np.full(len(z), 0.5)
    ratio = np.subtract(*crossed.plain.means(z, half_e)[::-1])
    rankings = {"this": ours, "one_ratio": ratio, **rankings}
    y, treated = others["y"].to_numpy(float), others["arm"].to_numpy(float)
    score = y * np.where(treated == 1, 1, -1) / others["chance"].to_numpy(float)
    by = {"treat_some": ours > 0, "treat_all": np.ones(len(z), bool)}
    chosen = by.get(arm.result.verdict, np.zeros(len(z), bool))
    value = {name: float((score * (each > 0)).mean()) for name, each in rankings.items()
             if name not in ("this", "response", "risk")}  # fmt: skip
    value |= {"this": float((score * chosen).mean()), "all": float(score.mean()), "none": 0.0}
    return {
        "found": arm.result.targeting.found, "z": arm.result.targeting.z,
        "verdict": arm.result.verdict, "people": len(table), "value": value,
        "qini": {name: qini(y, treated, each) for name, each in rankings.items()},
    }  # fmt: skip


def cases_of(part: str, cases: int) -> Iterator[tuple[str, str, Any, int]]:
    """What a part runs, all kinds in turn and the smaller ones first, wherever it is stopped."""
    if part == "worlds":
        every = [(n, seed) for n in SIZES for seed in range(cases)]
        for n, seed in sorted(every, key=lambda each: (each[1] + 1) * each[0] ** 0.5):
            for kind in KINDS:
                yield from ((kind, outcome, n, seed) for outcome in OUTCOMES)
    elif part == "real":
        for seed in range(cases):
            yield from ((package, arm, y, seed) for package, arm, y, *_ in REAL)
    else:
        for seed in range(cases):
            kind = "constant" if part == "constant" else KINDS[seed % len(KINDS)]
            yield kind, OUTCOMES[seed % 3], (2_000, 4_000)[seed // 3 % 2], seed


def run(part: str, cases: int, every: int, offset: int) -> None:
    STATE.mkdir(parents=True, exist_ok=True)
    done = {tuple(each["case"]) for each in kept(part)}
    for place, case in enumerate(cases_of(part, cases)):
        if case in done or place % every != offset:
            continue
        first, second, third, seed = case
        if part == "worlds":
            found = one_world(first, second, third, seed)
        elif part == "placebos":
            found = one_placebo(first, second, third, seed)
        elif part == "constant":
            found = one_constant(first, second, third, seed)
        else:
            found = one_half(first, second, third, seed)
        # One line each, in one write: two processes may add to the same file.
        with (STATE / f"{part}.jsonl").open("a") as file:
            file.write(json.dumps({"case": case, **found}) + "\n")
        print(part, *case, found["verdict"], f"z {found['z']:.1f}", flush=True)


def kept(part: str) -> list[dict[str, Any]]:
    path = STATE / f"{part}.jsonl"
    lines = path.read_text().splitlines() if path.is_file() else []
    cases = {str(each["case"]): each for each in map(json.loads, lines)}
    return [cases[name] for name in sorted(cases)]


def share(hits: list[bool]) -> str:
    """A share with Wilson's 95 % interval, and of how many."""
    n, p = len(hits), float(np.mean(hits))
    centre, spread = p + 1.92 / n, 1.96 * np.sqrt(p * (1 - p) / n + 0.96 / n**2)
    low, high = ((centre + sign * spread) / (1 + 3.84 / n) for sign in (-1, 1))
    return f"{100 * p:.1f} % ({100 * max(low, 0):.1f} to {100 * high:.1f}; {sum(hits)} of {n})"


def mean_of(values: list[float]) -> str:
    """A mean with its standard error over cases."""
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return f"{np.mean(values):+.3f} ({error:.3f})"


def report() -> str:
    lines = [
        "# What is learned from experiments, held against the truth", "",
        "Made by `python benchmarks/learning.py` (worlds, placebos, constant, real, report); its "
        "first lines say how. Errors in brackets are over cases.", "",
    ]  # fmt: skip
    lines += told_worlds(kept("worlds"))
    lines += told_calibration()
    lines += told_real(kept("real"))
    text = "\n".join(lines) + "\n"
    (HERE / "learning.md").write_text(text)
    return text


def told_worlds(cases: list[dict[str, Any]]) -> list[str]:
    if not cases:
        return []
    names = ("this", *LEARNERS)
    lines = [
        f"## Five kinds of experiments ({len(cases)} run), judged on {FRESH:,} fresh people", "",
        "Qini: area of the true gain's curve over the line of no ranking, as a share of the "
        "truth's own; `found`: of how many cases targeting was found; seconds of one core "
        "without the court.", "",
        "| kind | outcome | people | cases | found | s | " + " | ".join(names) + " |",
        "|---|---|---|---|---|---|" + "---|" * len(names),
    ]  # fmt: skip
    for kind in KINDS:
        for outcome in OUTCOMES:
            for n in SIZES:
                here = [each for each in cases if each["case"][:3] == [kind, outcome, n]]
                if not here:
                    continue
                shown = [np.mean([each["qini"][name] for each in here]) for name in names]
                best = max(shown)
                lines.append(
                    f"| {kind} | {outcome} | {n:,} | {len(here)} | "
                    f"{sum(each['found'] for each in here)} | "
                    f"{np.mean([each['seconds'] for each in here]):.1f} | "
                    + " | ".join(
                        "" if kind == "none" else f"**{v:.2f}**" if v == best else f"{v:.2f}"
                        for v in shown
                    )
                    + " |"
                )
    lines += ["", "### Qini of this method less that of another, paired", ""]
    lines += paired(cases, "qini", "this", LEARNERS, KINDS[:-1])
    lines += [
        "", "### Value of a list less that of another's, paired, of the best possible list's", "",
        "A contact costs .03 (common), .008 (rare) or 1.2 (money), so that not everybody pays. "
        "Everybody is treated who is foretold to gain (`priority` above 0), whatever was found; "
        "likewise of the other learners.", "",
    ]  # fmt: skip
    learners = tuple(name for name in LEARNERS if name not in ("response", "risk", "value"))
    lines += paired(cases, "value", "by priority", (*learners, "all", "none"), KINDS[:-1])
    lines += [
        "", "The same by the verdict at that cost, which sends nobody where it is not "
        "distinguishable; by response, risk, value and at random as many are treated.", "",
    ]  # fmt: skip
    others = ("by priority", "response", "risk", "value", "random", "all", "none")
    lines += paired(cases, "value", "this", others, KINDS[:-1])
    return [*lines, ""]


def paired(
    cases: list[dict[str, Any]], what: str, ours: str, names: tuple[str, ...],
    kinds: tuple[str, ...],
) -> list[str]:  # fmt: skip
    def unit(each: dict[str, Any]) -> float:
        return float(each["value"]["oracle"]) if what == "value" else 1.0

    lines = ["| kind | people | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    for kind in (*kinds, "all"):
        for n in SIZES:
            here = [
                each for each in cases
                if (each["case"][0] == kind or (kind == "all" and each["case"][0] in kinds))
                and each["case"][2] == n
            ]  # fmt: skip
            if here:
                cells = [
                    mean_of([(each[what][ours] - each[what][name]) / unit(each) for each in here])
                    for name in names
                ]
                lines.append(f"| {kind} | {n:,} | " + " | ".join(cells) + " |")
    return lines


def told_calibration() -> list[str]:
    lines = ["## What is found where there is nothing, and whether intervals hold the truth", ""]
    placebos, constant, worlds = kept("placebos"), kept("constant"), kept("worlds")
    if placebos:
        lines += [
            f"**{len(placebos)} placebos** (experiments of the five kinds, 2,000 and 4,000 people, "
            "treatment dealt anew):", "",
            f"- targeting found in {share([each['found'] for each in placebos])}",
            f"- an average effect found in {share([each['average_found'] for each in placebos])}",
            "",
        ]  # fmt: skip
    if constant:
        lines += [
            f"**{len(constant)} constant effects** (one odds ratio, or ratio of means, of 1.42; "
            "2,000 and 4,000 people):", "",
            f"- targeting found in {share([each['found'] for each in constant])}",
            "- whoever is foretold to gain is treated: worse than treating all by no more than the "
            "average's 95 % error in "
            + share([each["all"] - each["by_priority"] <= each["error"] for each in constant]),
            "- the same by the verdict, nobody treated where it is not distinguishable: "
            + share([each["all"] - each["by_verdict"] <= each["error"] for each in constant]),
            "- verdicts: " + ", ".join(
                f"{name} {sum(each['verdict'] == name for each in constant)}"
                for name in sorted({each["verdict"] for each in constant})
            ), "",
        ]  # fmt: skip
    lines += ["| intervals of 95 % hold the truth | the average's | of fifths of the ranking |",
              "|---|---|---|"]  # fmt: skip
    for name, cases in (("placebos", placebos), ("constant", constant), ("worlds", worlds)):
        if cases:
            fifths = [bool(hit) for each in cases for hit in each["fifths_cover"]]
            lines.append(
                f"| {name} | {share([each['average_covers'] for each in cases])} | "
                f"{share(fifths)} |"
            )
    return [*lines, ""]


def told_real(cases: list[dict[str, Any]]) -> list[str]:
    lines = [
        "## Real randomised experiments", "",
        "Of the package `causaldata`: `thornton_hiv` (Thornton 2008: any incentive to fetch the "
        "result of an HIV test, by lot within villages, whose share is the chance; outcome: "
        "fetched) and `social_insure` (Cai, de Janvry and Sadoulet 2015: an intensive session by "
        "lot; outcome: bought the insurance). Its `default` was dealt by village, and without the "
        "villages' shares so is the first: `learn` calls both invalid (`arms_differ`). Learned "
        "from a half drawn by lot, judged on the other. Halves overlap, so errors over halves are "
        "too small.", "",
    ]  # fmt: skip
    if not cases:
        return [*lines, "Not run.", ""]
    names = ("this", "one_ratio", "S", "T", "X", "R", "DR", "response", "risk")
    for package, arm, *_ in REAL:
        here = [each for each in cases if each["case"][:2] == [package, arm]]
        if not here:
            continue
        lines += [
            f"### {package}, {arm}: {here[0]['people']:,} people, {len(here)} halves; targeting "
            f"found in {sum(each['found'] for each in here)}", "",
            "| | " + " | ".join(names) + " |", "|---|" + "---|" * len(names),
            "| Qini | " + " | ".join(
                mean_of([each["qini"][name] for each in here]) for name in names) + " |",
            "| this less it | " + " | ".join(
                mean_of([each["qini"]["this"] - each["qini"][name] for each in here])
                for name in names) + " |",
            "| value of its list | " + " | ".join(
                mean_of([each["value"][name] for each in here]) if name in here[0]["value"] else ""
                for name in names) + " |",
            "", f"Treating all: {mean_of([each['value']['all'] for each in here])}.", "",
        ]  # fmt: skip
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("worlds", "placebos", "constant", "real", "report"))
    parser.add_argument("--cases", type=int, help="of each kind and size, or in all")
    parser.add_argument("--every", type=int, default=1, help="run only each n-th case")
    parser.add_argument("--offset", type=int, default=0, help="beginning with this one")
    parser.add_argument("--packages", default=str(STATE / "packages"), help="where causaldata is")
    asked = parser.parse_args()
    if asked.part == "report":
        print(report())
        return
    if asked.part == "real":
        sys.path.append(asked.packages)
        try:
            import causaldata  # noqa: F401
        except ImportError:
            raise SystemExit(
                f"causaldata is not here: pip install --target {STATE / 'packages'} causaldata"
            ) from None
    usual = {"worlds": 8, "placebos": 500, "constant": 500, "real": 20}
    run(asked.part, asked.cases or usual[asked.part], asked.every, asked.offset)


if __name__ == "__main__":
    main()
