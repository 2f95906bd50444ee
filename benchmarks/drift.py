"""How often `winback watch` cries wolf, and what it sees: benchmarks/drift.md.

    python benchmarks/drift.py --setup      makes Evidently's environment, once
    python benchmarks/drift.py              everything that benchmarks/drift.json lacks
    python benchmarks/drift.py --page       drift.md again from drift.json

Shops of winback.synthetic with three stable, seasonal years are watched once a month from their
sixteenth month on, each time with what was known by then: an alarm there is a false one. Each
line bears a category (of its product) and a channel (of its order), as exports have them. Then
the newest four weeks are broken in one of four ways and the same run is asked again.

A shop of 5 million customers is not simulated line by line, nor are the largest logs of 100,000:
the days of a smaller simulated shop (`MODEL_OF`) are the model, of which so many times as many
purchases, lines, amounts and values are drawn with the noise of that size.

Evidently is asked with its defaults of the same months: the lines of the month against those of
the same month a year before (at most 20,000 of each), a column drifts or the data set does.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from winback import fit_return_model, read_orders, take_snapshots
from winback.learning.feasts import NO_FEASTS
from winback.shop.seasons import usual_days
from winback.synthetic.shop import simulate_shop
from winback.watch.counts import MILLI, Marks, ShopCounts, on_days
from winback.watch.drift import MONTH, alarms_of, watch_counts
from winback.watch.features import course_of_scores, courses, watch_courses

HERE = Path(__file__).parent
ROOM = HERE / "drift"
KINDS = ("fashion", "groceries", "gifts", "wholesale", "refills")
START, DAYS, FIRST_MONTH = "2022-03-01", 1095, 16
CHANNELS, CHANNEL_SHARES = ("web", "app", "marketplace"), (0.6, 0.25, 0.15)
CATEGORIES = 8
BREAKS = ("amounts x 100", "a category gone", "a quarter of the lines missing", "a channel gone")
# Simulated shops of each kind, by customers.
SHOPS = {1_000: 6, 100_000: 2, 5_000_000: 2}
MOST_LINES = 20_000
# What is simulated line by line, at most; a grocer of 100,000 has 58 million lines.
MODEL_OF = {"fashion": 100_000, "groceries": 5_000, "gifts": 100_000, "wholesale": 20_000,
            "refills": 50_000}  # fmt: skip
Frame = pd.DataFrame


def lines_of(kind: str, customers: int, seed: int) -> Frame:
    """The lines of a shop, each with its category and its channel."""
    orders = simulate_shop(kind, customers, start=START, days=DAYS, seed=seed).orders
    start = np.datetime64(START, "D")
    product = orders["product_id"].str[1:].to_numpy(np.int64)
    order = orders["order_id"].str[1:].to_numpy(np.int64)
    luck = np.random.default_rng([seed, 1])
    # A customer keeps to a channel; the order number begins with the customer's.
    channel_of = luck.choice(len(CHANNELS), int((order // 100_000).max() - 1_000) + 2,
                             p=CHANNEL_SHARES)  # fmt: skip
    amount = np.rint(orders["amount"].to_numpy() * 100).astype(np.int64)
    return pd.DataFrame({
        "day": (orders["ordered_at"].to_numpy().astype("M8[D]") - start).astype(np.int64),
        "order": order,
        "amount": amount,
        "quantity": orders["quantity"].to_numpy(np.int64),
        "category": (product * 2_654_435_761 % 1_000_003) ** 2 % CATEGORIES,
        "channel": channel_of[order // 100_000 - 1_000],
        "refund": amount < 0,
    })  # fmt: skip


def counted(lines: Frame, until: int) -> ShopCounts:
    """What the lines before a day add up to."""
    first = int((np.datetime64(START, "D") - np.datetime64(0, "D")).astype(int))
    day = np.arange(first, first + until)
    lines = lines[lines["day"] < until]
    bought = lines[~lines["refund"]]

    def summed(of: Frame, values: Any = None) -> Any:
        values = np.ones(len(of), np.int64) if values is None else values
        return on_days(day, of["day"].to_numpy() + first, values)

    def thousandths(values: Any) -> Any:
        return np.rint(MILLI * np.log(values)).astype(np.int64)

    orders = bought.drop_duplicates("order")
    nothing = np.zeros(until, np.int64)
    sums = {
        "lines": summed(bought), "purchases": summed(orders),
        "refunds": summed(lines[lines["refund"]]), "priced": summed(bought),
        "log_amount": summed(bought, thousandths(bought["amount"])),
        "counted": summed(bought),
        "log_quantity": summed(bought, thousandths(bought["quantity"])),
        "late": nothing, "log_late": nothing,
    }  # fmt: skip
    marks = tuple(
        Marks("column", name, {
            str(value): summed(bought[bought[name] == value])
            for value in range(how_many) if (bought[name] == value).any()
        })
        for name, how_many in (("category", CATEGORIES), ("channel", len(CHANNELS)))
    )  # fmt: skip
    return ShopCounts(day, sums, usual_days(day, sums["purchases"], (), NO_FEASTS), marks=marks)


@dataclass(frozen=True)
class Model:
    """The days of a simulated shop, of which larger ones are drawn."""

    counts: ShopCounts
    lines_apart: float
    log_spread: float

    def drawn(self, times: float, seed: int) -> ShopCounts:
        """A shop so many times as large."""
        luck, small = np.random.default_rng(seed), self.counts
        sums = {"purchases": luck.poisson(small.sums["purchases"] * times)}
        per = small.sums["lines"] / np.maximum(small.sums["purchases"], 1)
        noise = np.sqrt(sums["purchases"] * self.lines_apart) * luck.standard_normal(len(small.day))
        lines = np.maximum(np.rint(sums["purchases"] * per + noise), sums["purchases"])
        sums["lines"] = sums["priced"] = sums["counted"] = lines.astype(np.int64)
        for name in ("log_amount", "log_quantity"):
            mean = small.sums[name] / np.maximum(small.sums["lines"], 1)
            noise = MILLI * self.log_spread * np.sqrt(lines) * luck.standard_normal(len(lines))
            sums[name] = np.rint(lines * mean + noise).astype(np.int64)
        sums["refunds"] = luck.poisson(small.sums["refunds"] * times)
        sums["late"] = sums["log_late"] = np.zeros(len(lines), np.int64)
        marks = []
        for one in small.marks:
            shares = np.column_stack(list(one.counts.values())) + 1e-9
            shares /= shares.sum(axis=1, keepdims=True)
            split = luck.multinomial(sums["lines"], shares)
            marks.append(replace(one, counts=dict(zip(one.counts, split.T, strict=True))))
        usual = usual_days(small.day, sums["purchases"], (), NO_FEASTS)
        return ShopCounts(small.day, sums, usual, marks=tuple(marks))


def model_of(kind: str, seed: int) -> Model:
    lines = lines_of(kind, MODEL_OF[kind], seed)
    sizes = lines[~lines["refund"]].groupby("order").size()
    spread = float(np.log(lines.loc[~lines["refund"], "amount"]).std())
    return Model(counted(lines, DAYS), float(sizes.var()), spread)


def upto(counts: ShopCounts, until: int) -> ShopCounts:
    """The same shop as it was before a day."""
    sums = {name: of[:until] for name, of in counts.sums.items()}
    marks = tuple(
        replace(one, counts={v: of[:until] for v, of in one.counts.items() if of[:until].any()})
        for one in counts.marks
    )
    usual = usual_days(counts.day[:until], sums["purchases"], (), NO_FEASTS)
    return ShopCounts(counts.day[:until], sums, usual, marks=marks)


def broken(counts: ShopCounts, how: str, seed: int) -> ShopCounts:
    """The newest four weeks of daily sums, broken; lines are lost at random."""
    luck = np.random.default_rng([seed, len(counts.day)])
    new = slice(len(counts.day) - MONTH, None)
    sums = {name: of.copy() for name, of in counts.sums.items()}
    marks = {one.name: {v: of.copy() for v, of in one.counts.items()} for one in counts.marks}
    if how == BREAKS[0]:
        sums["log_amount"][new] += np.rint(MILLI * np.log(100) * sums["priced"][new]).astype(int)
    elif how == BREAKS[2]:
        # Which purchases lose all their lines follows from how many lines they have.
        per = sums["lines"][new] / np.maximum(sums["purchases"][new], 1)
        stop = 1 / np.maximum(per, 1.0)
        whole = 0.25 * stop / (1 - 0.25 * (1 - stop))
        sums["purchases"][new] = luck.binomial(sums["purchases"][new], 1 - whole)
        for of in [sums["refunds"], *(of for one in marks.values() for of in one.values())]:
            of[new] = luck.binomial(of[new], 0.75)
        left = next(iter(marks.values()))
        lost_to(sums, new, sum(of[new] for of in left.values()))
    else:
        name = "category" if how == BREAKS[1] else "channel"
        # The third largest category; the smallest channel.
        by_size = sorted(marks[name], key=lambda v: int(-marks[name][v].sum()))
        lost = marks[name][by_size[2]]
        share = 1 - lost[new] / np.maximum(sums["lines"][new], 1)
        lost_to(sums, new, sums["lines"][new] - lost[new])
        for other in (marks["category"] if name == "channel" else marks["channel"]).values():
            other[new] = luck.binomial(other[new], np.clip(share, 0, 1))
        lost[new] = 0
        if name == "channel":
            sums["purchases"][new] = luck.binomial(sums["purchases"][new], np.clip(share, 0, 1))
    usual = usual_days(counts.day, sums["purchases"], (), NO_FEASTS)
    kept = tuple(replace(one, counts=marks[one.name]) for one in counts.marks)
    return replace(counts, sums=sums, marks=kept, usual=usual)


def lost_to(sums: dict[str, Any], new: slice, lines: Any) -> None:
    """Leave so many lines, of amounts and quantities as before."""
    part = lines / np.maximum(sums["lines"][new], 1)
    for name in ("log_amount", "log_quantity"):
        sums[name][new] = np.rint(sums[name][new] * part).astype(np.int64)
    for name in ("lines", "priced", "counted"):
        sums[name][new] = lines


def months() -> Iterator[int]:
    """Days before which the months end, from the sixteenth on."""
    yield from (DAYS - 30 * k for k in reversed(range(DAYS // 30 - FIRST_MONTH + 1)))


def alarmed(counts: ShopCounts) -> list[str]:
    return sorted({one.what for one in alarms_of(watch_counts(counts))})


def summed_up(months: list[list[str]]) -> dict[str, Any]:
    """How many months there were, in how many something alarmed, and what."""
    what = Counter(one for month in months for one in month)
    return {"months": len(months), "alarmed": sum(map(bool, months)), "what": dict(what)}


def watched(kind: str, customers: int, seed: int) -> dict[str, Any]:
    """The months of one shop: what alarmed in each as it is, and with each break."""
    if customers > MODEL_OF[kind]:
        whole = model_of(kind, seed).drawn(customers / MODEL_OF[kind], seed)
    else:
        whole = counted(lines_of(kind, customers, seed), DAYS)
    found: dict[str, list[list[str]]] = {how: [] for how in ("stable", "weekly", *BREAKS)}
    for until in months():
        then = upto(whole, until)
        found["stable"].append(alarmed(then))
        if customers == min(SHOPS):
            runs = [found["stable"][-1], *(alarmed(upto(whole, until - 7 * k)) for k in (1, 2, 3))]
            found["weekly"].append(sorted({one for run in runs for one in run}))
        for how in BREAKS:
            found[how].append(alarmed(broken(then, how, seed)))
    return {how: summed_up(of) for how, of in found.items()}


def most_seen(kind: str, customers: int, seed: int) -> dict[str, Any]:
    """How often any test could see a quarter of the lines missing, were all else known.

    Of a test that knows the season, the level and the baskets exactly, watches nothing else and
    may be wrong in one month of twenty: how many buy is Poisson's, and what is lost of baskets
    adds to it.
    """
    lines = lines_of(kind, customers, seed)
    lines = lines[~lines["refund"]]
    chances = []
    for until in months():
        sizes = lines[lines["day"].between(until - MONTH, until - 1)].groupby("order").size()
        left = 0.25 ** sizes.to_numpy()
        bought, whole = len(sizes), float(left.mean())
        thinner = float(0.75 * sizes.mean() / (1 - whole))
        apart = bought * whole**2
        if sizes.var() > 0:
            apart += bought * (1 - whole) * (sizes.mean() - thinner) ** 2 / sizes.var()
        chances.append(float(norm.sf(norm.isf(0.05) - np.sqrt(apart))))
    return {"bound": {"months": len(chances), "alarmed": round(sum(chances), 3), "what": {}}}


def features_watched(kind: str, customers: int, seed: int) -> dict[str, Any]:
    """The same months, by the features and scores of snapshots as the pipeline takes them."""
    frame = simulate_shop(kind, customers, start=START, days=DAYS, seed=seed).orders
    first = date.fromisoformat(START)
    runs = [first + timedelta(days=DAYS - 28 * k) for k in range(20)]
    offsets = range(0, DAYS - 91 - 60, 28)
    cutoffs = {run - timedelta(days=91 + back) for run in runs for back in offsets} | {*runs}
    cutoffs = sorted(one for one in cutoffs if (one - first).days >= 60)
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.redirect_stderr(io.StringIO()):
            taken = read_orders(frame, folder, cutoff=runs[0], currency="EUR")
        snapshots = take_snapshots(taken.orders_path, cutoffs, horizon_days=90, threads=1)
        rows = snapshots.features.to_pandas(date_as_object=False)
        day = rows["cutoff"].to_numpy().astype("M8[D]")
        model = fit_return_model(
            snapshots.closed(), cutoff=runs[-1], horizon_days=90,
            settings={"threads": 1, "max_rounds": 60, "seeds": 1}, value=False,
        )  # fmt: skip
        log_odds = np.asarray(model.log_odds(rows))
        found: list[list[str]] = []
        path = Path(folder) / "snapshots.parquet"
        for run in reversed(runs):
            grid = [run, *(run - timedelta(days=91 + back) for back in offsets)]
            here = np.isin(day, np.array(grid, "M8[D]"))
            rows[here].to_parquet(path)
            tests = list(watch_courses(courses(path, first, 1)))
            courses_now = course_of_scores(day[here].astype(np.float64), log_odds[here])
            tests += watch_courses(courses_now, "scores")
            found.append(sorted({one.what for one in alarms_of(tests)}))
    return {"features": summed_up(found)}


def asked_of_evidently(kind: str, customers: int, seed: int) -> dict[str, Any]:
    """Evidently's defaults over every fourth month, as it is and with each break."""
    lines = lines_of(kind, min(customers, MODEL_OF[kind]), seed)
    lines = lines[~lines["refund"]]
    columns = ["amount", "quantity", "category", "channel"]
    with tempfile.TemporaryDirectory() as folder:
        for until in list(months())[::4]:
            then = lines[lines["day"].between(until - 365 - MONTH, until - 366)]
            now = lines[lines["day"].between(until - MONTH, until - 1)]
            for how in ("stable", *BREAKS):
                name = f"{until}.{how}"
                broken_lines(now, how, seed)[columns].pipe(some, seed).to_parquet(
                    f"{folder}/{name}.now.parquet"
                )
                some(then[columns], seed).to_parquet(f"{folder}/{name}.then.parquet")
        python = str(ROOM / ".venv" / "bin" / "python")
        script = str(ROOM / "evidently_months.py")
        subprocess.run([python, script, folder], check=True, capture_output=True)
        told = json.loads((Path(folder) / "found.json").read_text())
    found: dict[str, Any] = {}
    for kind_of, key in (("any column", "columns"), ("the data set", "dataset")):
        for how in ("stable", *BREAKS):
            drifted = [bool(one[key]) for name, one in told.items() if name.endswith(f".{how}")]
            found[f"{kind_of}: {how}"] = {"months": len(drifted), "alarmed": sum(drifted)}
    return found


def some(lines: Frame, seed: int) -> Frame:
    return lines if len(lines) <= MOST_LINES else lines.sample(MOST_LINES, random_state=seed)


def broken_lines(lines: Frame, how: str, seed: int) -> Frame:
    """The lines of a month, broken."""
    if how == BREAKS[0]:
        return lines.assign(amount=lines["amount"] * 100)
    if how == BREAKS[2]:
        return lines.sample(frac=0.75, random_state=seed)
    if how in BREAKS:
        name = "category" if how == BREAKS[1] else "channel"
        return lines[lines[name] != lines[name].value_counts().index[2]]
    return lines


def tasks() -> Iterator[tuple[str, Callable[..., dict[str, Any]], tuple[str, int, int]]]:
    """Every piece of work by its name; what is stored under it is not done again."""
    for seed in range(max(SHOPS.values())):
        for customers in (size for size, shops in SHOPS.items() if seed < shops):
            for kind in KINDS:
                yield f"watch {kind} {customers} {seed}", watched, (kind, customers, seed)
    for seed in range(1):
        for kind in KINDS:
            yield f"features {kind} 1000 {seed}", features_watched, (kind, 1000, seed)
    for kind in KINDS:
        yield f"bound {kind} 1000 0", most_seen, (kind, 1000, 0)
    for customers in (1_000, 100_000):
        for kind in KINDS:
            name = f"evidently {kind} {customers} 0"
            yield name, asked_of_evidently, (kind, customers, 0)


def page(stored: Mapping[str, Any]) -> str:
    """drift.md out of what is stored."""
    lines = [HEAD, "", "| customers | shops | " + " | ".join(("months", *TITLES)) + " |",
             "|---:|---:|---:|" + "---:|" * len(TITLES)]  # fmt: skip
    for customers in SHOPS:
        for kind in (*KINDS, None):
            of = gathered(stored, "watch", kind, customers)
            if of:
                lines.append(row(f"{customers:,} {kind or '**all**'}", of, ("stable", *BREAKS)))
    bounds = {kind: gathered(stored, "bound", kind, 1_000) for kind in KINDS}
    told = [f"{kind} {percent(*of['bound'])}" for kind, of in bounds.items() if of]
    lines += ["", BOUND.format(told=", ".join(told)), "", FALSE, ""]
    weekly = gathered(stored, "watch", None, min(SHOPS))
    for customers in SHOPS:
        of = gathered(stored, "watch", None, customers)
        if of:
            what = Counter(of["what"])
            told = ", ".join(f"{n} {name}" for name, n in sorted(what.items())) or "none"
            lines.append(f"- {customers:,} customers: {told}.")
    if weekly.get("weekly"):
        n, of_months = weekly["weekly"]
        lines += ["", WEEKLY.format(share=percent(n, of_months), months=of_months)]
    features = gathered(stored, "features", None, 1_000)
    if features:
        n, of_months = features["features"]
        lines += ["", FEATURES.format(n=n, months=of_months, share=percent(n, of_months))]
    lines += ["", "## Evidently's defaults", "", EVIDENTLY_SAYS, ""]
    lines += ["| customers | an alarm is | months | " + " | ".join(TITLES) + " |",
              "|---:|---|---:|" + "---:|" * len(TITLES)]  # fmt: skip
    for customers in (1_000, 100_000):
        of = gathered(stored, "evidently", None, customers)
        for what in ("any column", "the data set") if of else ():
            asked = [f"{what}: {how}" for how in ("stable", *BREAKS)]
            cells = " | ".join(percent(*of[name]) for name in asked)
            lines.append(f"| {customers:,} | {what} drifts | {of[asked[0]][1]} | {cells} |")
    return "\n".join(lines) + "\n"


def gathered(
    stored: Mapping[str, Any], what: str, kind: str | None, customers: int
) -> dict[str, Any]:
    """Alarms and months of several shops together, and how many shops."""
    total: dict[str, Any] = {}
    false: Counter[str] = Counter()
    shops = 0
    for name, found in stored.items():
        task, of_kind, size, _ = name.split(" ")
        if task != what or int(size) != customers or kind not in (None, of_kind):
            continue
        shops += 1
        for how, one in found.items():
            n, months_of = total.get(how, (0, 0))
            total[how] = (n + one["alarmed"], months_of + one["months"])
        false.update(found.get("stable", {}).get("what", {}))
    return total | {"shops": shops, "what": false} if total else {}


def row(name: str, of: Mapping[str, Any], asked: Sequence[str]) -> str:
    cells = " | ".join(percent(*of[how]) for how in asked)
    return f"| {name} | {of['shops']} | {of[asked[0]][1]} | {cells} |"


def percent(n: int, of: int) -> str:
    return f"{100 * n / of:.1f} %" if of else "–"


TITLES = ("false alarms", *BREAKS)
HEAD = """# Drift: false alarms, and breaks that are seen

`python benchmarks/drift.py` (resumable: what benchmarks/drift.json holds is not done again).

Simulated shops with three stable, seasonal years, watched once a month from the sixteenth month
on with what was known by then. *False alarms*: the share of these months in which `winback watch`
alarms though nothing is wrong. The others: the share of the same months whose newest four weeks
were broken, in which the first run over them alarms. Lines that go missing are lost at random,
which is the hardest to see: no day, no channel and no category stands out.

Of 5 million customers, and of the largest logs of 100,000, the days are drawn from a smaller
simulated shop (see the docstring); all else is read from lines."""
BOUND = """Of a quarter of the lines missing at random in a shop of 1,000 customers, a test that
knew season, level and baskets exactly, watched nothing else and was wrong in one month of twenty
would see about this much: {told}. What lies below 95 there nobody can see at a first run; the
watch has to learn the season, and watches a dozen things beside."""
FALSE = "What the false alarms were of, in months:"
WEEKLY = """Watched every week instead, {share} of {months} months of four weeks had any false alarm
(1,000 customers)."""
FEATURES = """Features and scores of snapshots every four weeks (horizon of 90 days, a shop of
1,000 customers of each kind, a small model learned before the first run): {n} of {months} months
with a false alarm ({share})."""
EVIDENTLY_SAYS = """The lines of the same four weeks (amount, quantity, category, channel)
against those of the year before, `DataDriftPreset` as it comes (evidently 0.7.17, in an
environment of its own: `--setup`), every fourth month of one shop of each kind, at most 20,000
lines of each side. It reads lines, not how many there are, so lines missing at random are none of
its business."""


def setup() -> None:
    """Evidently's environment; pip asks the registries it is set up for."""
    python = ROOM / ".venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ROOM / ".venv")], check=True)
    wanted = str(ROOM / "requirements.txt")
    subprocess.run([str(python), "-m", "pip", "install", "--requirement", wanted], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--setup", action="store_true", help="make Evidently's environment")
    parser.add_argument("--page", action="store_true", help="only write drift.md again")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="of all together")
    parser.add_argument("--only", default="", help="work whose name begins so")
    given = parser.parse_args()
    if given.setup:
        setup()
        return
    kept = HERE / "drift.json"
    stored = json.loads(kept.read_text()) if kept.exists() else {}
    until = time.monotonic() + given.minutes * 60
    for name, do, asked in () if given.page else tasks():
        if name in stored or not name.startswith(given.only) or time.monotonic() > until:
            continue
        if name.startswith("evidently") and not (ROOM / ".venv").exists():
            print(f"{name}: not installed (--setup)", flush=True)
            continue
        began = time.monotonic()
        found = do(*asked)
        # Another run may have done other work meanwhile.
        stored = (json.loads(kept.read_text()) if kept.exists() else {}) | {name: found}
        kept.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n")
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    (HERE / "drift.md").write_text(page(stored))


if __name__ == "__main__":
    main()
