"""Whether the measurement can be believed, and what the choice of customers is worth.

    python benchmarks/proof.py                            all parts, then the page
    python benchmarks/proof.py worlds --worlds 100        one part, smaller
    python benchmarks/proof.py page                       only write what has been found so far

``worlds``: campaigns in simulated shops whose true effect is known (an offer that works, one
that does nothing, one that harms). ``splits``: real histories cut in two by lot, where the true
effect is zero. ``draws``: the interval alone, over thousands of lots where nothing happened.
``policies``: the profit of lists over that of a list made by somebody who knows
every customer. Every world is kept in build/proof/ as it is found, so a stopped run goes on where
it was; --fresh begins anew. Prints tables and writes benchmarks/proof.md and proof.png.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
from scipy.stats import beta

from winback.campaign.estimates import compare
from winback.campaign.measuring import METRICS, measure_campaign
from winback.campaign.outcomes import read_outcomes
from winback.datasets import cdnow_csv, complete_journey_orders
from winback.intake.settling import read_orders
from winback.learning.fit import fit_return_model
from winback.offers.budget import Limit, choose_within_limits
from winback.offers.plan import Beliefs, plan_campaign
from winback.params import TrainSettings
from winback.results.measured import Measurement
from winback.scoring.scores import score_customers
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_snapshots
from winback.synthetic.campaign import simulate_campaign
from winback.synthetic.kinds import DEFAULT_EFFECTS, HARM_EFFECTS, NULL_EFFECTS
from winback.synthetic.outcomes import true_gain
from winback.synthetic.shop import Shop, simulate_shop

HERE = Path(__file__).parent
STATE = HERE.parent / "build" / "proof"
WINDOW = 30

WORLDS = {"works": DEFAULT_EFFECTS, "nothing": NULL_EFFECTS, "harms": HARM_EFFECTS}
CUSTOMERS, CONTROL_SHARE = 4_000, 0.2

SPLITS = {
    # history: first day of the window, its days, customers a split (None: all), control share
    "CDNOW": (date(1998, 5, 1), 30, None, 0.2),
    "CDNOW, 2,000 of them": (date(1998, 5, 1), 30, 2_000, 0.5),
    "Complete Journey": (date(2017, 11, 1), 28, None, 0.5),
}

KINDS = ("fashion", "one_time", "dying")
MARGIN, CONTACT, HORIZON = 0.4, 0.3, 90
SEGMENTS = "oracle of segments"
AVERAGE = "winback, mean effect known"
ADDITIVE = "oracle of equal points"
BUDGETS = (0.05, 0.2, 0.5, None)
BUDGET_NAMES = ("5%", "20%", "50%", "no limit")
ASSUMED_PP = 5.0
OFFERS: dict[str, dict[str, Any]] = {
    "reminder": {"kind": "content"},
    "free_delivery": {"kind": "free_delivery", "discount_amount": 4.0, "min_basket": 20.0},
    "percent_off": {"kind": "percent_off", "discount_share": 0.1},
}


# --- (a) worlds ------------------------------------------------------------------------------


def world(name: str, seed: int) -> dict[str, Any]:
    """One campaign with its truth: what was read, and what the whole sample's effect was."""
    shop = simulate_shop(
        "fashion", customers=CUSTOMERS, days=400, seed=seed, offer_effects=WORLDS[name]
    )
    known = shop.customers.loc[
        shop.customers["first_ordered_at"] < pd.Timestamp(shop.end), "customer_id"
    ]
    held_out = np.random.default_rng([seed, 7]).random(len(known)) < CONTROL_SHARE
    assignment = pd.DataFrame(
        {
            "customer_id": known.to_numpy(),
            "arm": np.where(held_out, "control", "percent_off"),
            "planned_offer": "percent_off",
            "assigned_at": shop.end,
            "probability": np.where(held_out, CONTROL_SHARE, 1 - CONTROL_SHARE),
        }
    )
    campaign = simulate_campaign(shop, assignment, shop.end, WINDOW)
    orders = pd.concat([shop.orders, campaign.orders], ignore_index=True)
    with tempfile.TemporaryDirectory() as folder:
        read = read_orders(orders, folder)
        until = shop.end + timedelta(days=2 * WINDOW - 1)
        found = measure_campaign(
            assignment, read.orders_path, window_days=WINDOW, history_until=until
        )
        # Every fifth of the treated gets lost on the way, as where a CRM drops bounced ones.
        lost = (assignment["arm"] != "control") & (np.arange(len(assignment)) % 5 == 0)
        broken = None
        if seed < 100:
            broken = measure_campaign(
                assignment[~lost], read.orders_path, window_days=WINDOW, history_until=until
            )["srm_p"]
    truth = campaign.outcomes
    names = {"returned": "returned", "orders": "orders", "net_spend": "spend"}
    return {
        **readings(found),
        "broken_srm_p": broken,
        "truth": {
            metric: float((truth[f"{c}1"].astype(float) - truth[f"{c}0"].astype(float)).mean())
            for metric, c in names.items()
        },
    }


def readings(found: Measurement) -> dict[str, Any]:
    kept = ("effect", "low", "high", "cuped")
    told = found.model_dump(mode="json")
    return {
        "verdict": found["verdict"],
        "srm_p": found["srm_p"],
        **{metric: {key: told[metric][key] for key in kept} for metric in METRICS},
    }


# --- (b) splits of real histories --------------------------------------------------------------


class History:
    """A real history with the score that winback had at the first day of the window."""

    def __init__(self, name: str, folder: Path) -> None:
        self.began, self.days, self.size, self.share = SPLITS[name]
        source: Any = complete_journey_orders()
        if name.startswith("CDNOW"):
            source = folder / "cdnow.csv"
            source.write_text(cdnow_csv())
        read = read_orders(source, folder / name)
        first = read.summary.first_day
        self.until = read.cutoff - timedelta(days=1)
        self.orders = read.orders_path
        scores = score_at(self.orders, first, self.began, self.days)
        self.customers = scores[["customer_id", "p_return"]]

    def split(self, seed: int) -> dict[str, Any]:
        draw = np.random.default_rng([seed, 11])
        people = self.customers
        if self.size is not None:
            people = people.iloc[np.sort(draw.choice(len(people), self.size, replace=False))]
        held_out = draw.random(len(people)) < self.share
        assignment = people.assign(
            arm=np.where(held_out, "control", "nothing"),
            assigned_at=self.began,
            probability=np.where(held_out, self.share, 1 - self.share),
        )
        return readings(
            measure_campaign(
                assignment, self.orders, window_days=self.days, history_until=self.until
            )
        )

    def draws(self, count: int) -> dict[str, Any]:
        """Many lots at once, without what a whole measurement reads beside the interval."""
        everybody = self.customers[["customer_id"]].assign(assigned_at=pd.Timestamp(self.began))
        outcomes, _, _ = read_outcomes(everybody, self.orders, self.days, None, self.until)
        return held(outcomes[list(METRICS)], self.share, self.size, 0, count)


def score_at(orders: Path, first: date, cutoff: date, horizon: int) -> pd.DataFrame:
    """Scores as winback would have made them at the cutoff, of its past alone."""
    cutoffs = training_cutoffs(first, cutoff, horizon)
    past = take_snapshots(orders, [*cutoffs, cutoff], horizon_days=horizon, observed_until=cutoff)
    customers = past.newest()
    model = fit_return_model(
        past.closed(), cutoff=customers["cutoff"].iloc[0], horizon_days=horizon,
        horizons_days=(WINDOW,), customers=customers, settings=TrainSettings(threads=1),
    )  # fmt: skip
    return score_customers(model, customers)


def null_draws(seed: int, count: int = 16) -> dict[str, Any]:
    """The same in one simulated shop whose offers do nothing."""
    shop = simulate_shop(
        "fashion", customers=CUSTOMERS, days=400, seed=seed, offer_effects=NULL_EFFECTS
    )
    paths = shop.potential_outcomes(shop.end, WINDOW, "percent_off")
    columns = {"returned0": "returned", "orders0": "orders", "spend0": "net_spend"}
    return held(paths[[*columns]].rename(columns=columns), CONTROL_SHARE, None, seed, count)


def held(
    outcomes: pd.DataFrame, share: float, size: int | None, seed: int, count: int
) -> dict[str, Any]:
    """In how many lots the interval holds zero, and in how many all of it lies above."""
    draw = np.random.default_rng([seed, 19])
    found: dict[str, Any] = {metric: [0, 0] for metric in METRICS}
    for _ in range(count):
        rows = np.arange(len(outcomes)) if size is None else draw.choice(len(outcomes), size, False)
        treated = draw.random(len(rows)) >= share
        for metric in METRICS:
            values = outcomes[metric].to_numpy(np.float64)[rows]
            read = compare(values, treated, None, share=metric == "returned")
            found[metric][0] += read.low <= 0 <= read.high
            found[metric][1] += read.low > 0
    return {"lots": count, **{metric: list(map(int, found[metric])) for metric in METRICS}}


# --- (d) policies ------------------------------------------------------------------------------


def offer(name: str, key: str, **more: Any) -> dict[str, Any]:
    label = {"en": name, "pl": name}
    base = {"contact_cost": CONTACT, "margin_share": MARGIN, "valid_days": WINDOW, "label": label}
    # What a shop knows of its own offers; nobody knows what they change.
    used = {} if name == "reminder" else {"redemption_share": 0.8}
    return {"name": key, **OFFERS[name], **base, **used, **more}


def policies(kind: str, seed: int) -> dict[str, Any]:
    """What each list really earned within each budget, in one shop."""
    shop = simulate_shop(kind, customers=5_000, days=730, seed=seed)
    truth = {name: paths(shop, name) for name in OFFERS}
    with tempfile.TemporaryDirectory() as folder:
        read = read_orders(shop.orders, folder)
        scores = score_at(read.orders_path, shop.start, shop.end, HORIZON)
        tested = measured_elsewhere(kind, seed, Path(folder))
    scores = scores[scores["customer_id"].isin(truth["reminder"].index)]
    truth = {name: table.loc[scores["customer_id"]] for name, table in truth.items()}
    lists = {
        "winback, effect known by segment": by_segment(scores, truth),
        "winback, effect measured in a test": [
            offer(name, name, effect_from="test") for name in OFFERS
        ],
        "winback, measured by segment": [
            offer(name, name, effect_from="test", effect_by_segment=True) for name in OFFERS
        ],
        AVERAGE: [offer(name, name, **known(table)) for name, table in truth.items()],
        "winback, effect assumed": [
            offer(name, name, **effect(ASSUMED_PP, "stated")) for name in OFFERS
        ],
        "winback, effect unknown": [offer(name, name) for name in OFFERS],
    }
    segment = scores.set_index("customer_id")["segment"]
    means = {name: table.groupby(segment).transform("mean") for name, table in truth.items()}
    everybody = float(truth["percent_off"]["cost"].sum())
    rows = []
    for share in BUDGETS:
        budget = None if share is None else share * everybody
        chosen = {
            "oracle": best(truth, budget),
            SEGMENTS: best(means, budget),
            ADDITIVE: best(truth, budget, "points"),
        }
        for name, catalogue in lists.items():
            chosen[name] = planned(scores, catalogue, budget, seed, {"test": tested})
        # Without a budget all of them are everybody.
        for name, order in simple_orders(scores, seed).items() if budget is not None else ():
            chosen |= {f"{name} | {o}": first_in(order, truth[o], o, budget) for o in OFFERS}
        for name, picks in chosen.items():
            rows.append({"budget": share, "list": name, **earned(picks, truth)})
    rows += [
        {"budget": None, "list": f"everybody | {o}",
         **earned(pd.Series(o, index=truth[o].index), truth)}
        for o in OFFERS
    ]  # fmt: skip
    return {
        "rows": rows,
        "true_pp": {
            name: 100 * float((table["p1"] - table["p0"]).mean()) for name, table in truth.items()
        },
        "tested_pp": {row["offer"]: round(100 * row["effect"], 2) for row in tested["by_offer"]},
        "n": len(scores),
    }


def paths(shop: Shop, name: str) -> pd.DataFrame:
    """Per customer: what sending the offer really brought, and what an all-knowing expects.

    Both are over 90 days, so that orders only moved forward count for nothing. The expectation
    reckons with independent orders of the customer's mean value: -log(1 - p) of them.

    ``points`` is what it would bring on average in another world, where the offer adds the same
    points to everybody's chance (those of its mean effect here) and whoever is won comes once.
    """
    long = shop.potential_outcomes(shop.end, HORIZON, name).set_index("customer_id")
    short = shop.potential_outcomes(shop.end, WINDOW, name).set_index("customer_id")
    effect = shop.offers[name]
    orders = -np.log1p(-np.clip(long[["p0", "p1"]], 0, 1 - 1e-6))
    off = effect.discount_share * long["mean_order_value"] + effect.discount_amount
    discount = short["p1"] * effect.redemption_share * off
    more = (orders["p1"] - orders["p0"]) * long["mean_order_value"]
    tau = np.minimum((short["p1"] - short["p0"]).mean(), 1 - short["p0"])
    points_cost = (short["p0"] + tau) * effect.redemption_share * off + CONTACT
    return pd.DataFrame(
        {
            "gain": true_gain(long, MARGIN, CONTACT),
            "expected": MARGIN * more - discount - CONTACT,
            "cost": discount + CONTACT,
            "points": MARGIN * tau * long["mean_order_value"] - points_cost,
            "points_cost": points_cost,
            "p0": short["p0"],
            "p1": short["p1"],
        }
    )


def effect(pp: float, source: str) -> dict[str, Any]:
    return {"effect_pp": round(float(np.clip(pp, -100, 100)), 3), "effect_source": source}


def known(table: pd.DataFrame) -> dict[str, Any]:
    """What a test of endless size would have found among these customers."""
    before, after = table["p0"].clip(1e-9, 1 - 1e-6), table["p1"].clip(1e-9, 1 - 1e-6)
    ratios = {
        "hazard_ratio": np.log1p(-after.mean()) / np.log1p(-before.mean()),
        "orders_ratio": np.log1p(-after).sum() / np.log1p(-before).sum(),
    }
    ends = ("", "_low", "_high")
    return {
        **effect(100 * (after - before).mean(), "measured"),
        **{f"{key}{end}": float(ratio) for key, ratio in ratios.items() for end in ends},
    }


def by_segment(scores: pd.DataFrame, truth: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """The catalogue of somebody who knows each offer's mean effect in each RFM segment."""
    segment = scores.set_index("customer_id")["segment"]
    return [
        offer(
            name, f"{name}_{k}", eligible=f"segment == '{value}'",
            **known(truth[name][segment == value]),
        )
        for name in OFFERS
        for k, value in enumerate(sorted(segment.unique()))
    ]  # fmt: skip


def measured_elsewhere(kind: str, seed: int, folder: Path) -> dict[str, Any]:
    """The measurement of a test on another shop of the kind: three offers and a control."""
    shop = simulate_shop(kind, customers=12_000, days=500, seed=50_000 + seed)
    draw = np.random.default_rng([seed, 13])
    before = read_orders(shop.orders, folder / "before")
    scores = score_at(before.orders_path, shop.start, shop.end, HORIZON)
    assignment = scores[["customer_id", "segment", "p_return"]].assign(
        planned_offer=draw.choice(list(OFFERS), len(scores)),
        assigned_at=shop.end, probability=0.5, p_return_days=HORIZON,
    )  # fmt: skip
    held_out = draw.random(len(scores)) < 0.5
    assignment["arm"] = assignment["planned_offer"].mask(held_out, "control")
    campaign = simulate_campaign(shop, assignment, shop.end, WINDOW)
    orders = pd.concat([shop.orders, campaign.orders], ignore_index=True)
    read = read_orders(orders, folder / "elsewhere")
    return measure_campaign(
        assignment, read.orders_path, window_days=WINDOW,
        history_until=shop.end + timedelta(days=WINDOW - 1),
    )  # fmt: skip


def planned(
    scores: pd.DataFrame, catalogue: list[dict[str, Any]], budget: float | None, seed: int,
    measurements: dict[str, Measurement],
) -> pd.Series:  # fmt: skip
    plan = plan_campaign(
        scores, catalogue, campaign_id="proof", budget=budget, control_share=0.1,
        salt=f"proof {seed}",
        beliefs=Beliefs(plausible_effect_pp=ASSUMED_PP, measurements=measurements),
    )  # fmt: skip
    rows = plan.assignment[plan.assignment["arm"] != "control"]
    names = rows["arm"].map({offer["name"]: root(offer["name"]) for offer in catalogue})
    return pd.Series(names.to_numpy(object), index=rows["customer_id"].to_numpy())


def root(key: str) -> str:
    return next(name for name in OFFERS if key.startswith(name))


def best(truth: dict[str, pd.DataFrame], budget: float | None, by: str = "expected") -> pd.Series:
    tables = list(truth.values())
    gain = np.column_stack([table[by] for table in tables])
    cost = np.column_stack([table["points_cost" if by == "points" else "cost"] for table in tables])
    limits = [] if budget is None else [Limit("budget", budget, money=True)]
    picks = choose_within_limits(gain, cost, limits).picks
    names = np.array([*truth, None], dtype=object)[picks]
    return pd.Series(names, index=tables[0].index).dropna()


def simple_orders(scores: pd.DataFrame, seed: int) -> dict[str, pd.Index]:
    ids = scores.set_index("customer_id")["p_return"].sort_index()
    shuffled = np.random.default_rng([seed, 17]).permutation(ids.index.to_numpy())
    return {
        "random": pd.Index(shuffled),
        "risk first": ids.sort_values(kind="stable").index,
        "response first": ids.sort_values(ascending=False, kind="stable").index,
    }


def first_in(order: pd.Index, table: pd.DataFrame, name: str, budget: float) -> pd.Series:
    """The first of an order whom the money reaches; each costs what she is expected to."""
    spent = table["cost"].loc[order].cumsum()
    return pd.Series(name, index=order[: (spent <= budget).sum()])


def earned(picks: pd.Series, truth: dict[str, pd.DataFrame]) -> dict[str, float]:
    totals = {"n": float(len(picks)), "profit": 0.0, "points": 0.0}
    for name, table in truth.items():
        rows = table.loc[picks.index[picks == name]]
        totals["profit"] += float(rows["gain"].sum())
        totals["points"] += float(rows["points"].sum())
    return totals


# --- keeping what was found ------------------------------------------------------------------


def keep(part: str, wanted: list[list[Any]], work: Callable[..., dict[str, Any]]) -> None:
    """Do what is not there yet, writing each result as it is found."""
    path = STATE / f"{part}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    done = {json.dumps(row["key"]) for row in kept(part)}
    with path.open("a") as file:
        for number, key in enumerate(wanted, start=1):
            if json.dumps(key) in done:
                continue
            file.write(json.dumps({"key": key, **work(*key)}) + "\n")
            file.flush()
            if number % 50 == 0:
                print(f"{part}: {number} of {len(wanted)}", flush=True)


def kept(part: str) -> Iterator[dict[str, Any]]:
    path = STATE / f"{part}.jsonl"
    if path.is_file():
        yield from map(json.loads, path.read_text().splitlines())


# --- the page ----------------------------------------------------------------------------------


def share_of(flags: list[bool]) -> str:
    """A share with its 95 % interval (Clopper and Pearson)."""
    n, k = len(flags), sum(flags)
    low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{100 * k / n:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def interval(row: dict[str, Any], metric: str, estimate: str) -> dict[str, float]:
    found: dict[str, float] = row[metric] if estimate == "plain" else row[metric]["cuped"]
    return found


def covered(rows: list[dict[str, Any]], metric: str, estimate: str, truth: Any) -> str:
    flags = []
    for row in rows:
        found = interval(row, metric, estimate)
        flags.append(found["low"] <= truth(row) <= found["high"])
    return share_of(flags)


def removed(rows: list[dict[str, Any]], metric: str) -> str:
    """Variance that the adjustment says it removed, and what the estimates' own spread says."""
    told = np.mean([row[metric]["cuped"]["variance_removed"] for row in rows])
    plain, adjusted = (
        np.var([interval(row, metric, name)["effect"] for row in rows]) for name in ("plain", "c")
    )
    return f"{100 * told:.0f} | {100 * (1 - adjusted / plain):.0f}"


def page() -> list[str]:
    lines = [
        "# Proof",
        "",
        "Printed by `python benchmarks/proof.py`. Shares are in percent, with 95 % intervals over "
        "worlds or splits (Clopper and Pearson).",
    ]
    return [*lines, *worlds_page(), *splits_page(), *draws_page(), *policies_page()]


def worlds_page() -> Iterator[str]:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in WORLDS}
    for row in kept("worlds"):
        rows[row["key"][0]].append(row)
    if not all(rows.values()):
        return
    yield from (
        "", "## Simulated campaigns with a known truth", "",
        f"Shops of {CUSTOMERS:,} customers (`fashion`), {CONTROL_SHARE:.0%} control, "
        f"{WINDOW} days; each world is another shop. The truth to be covered is the effect in the "
        "population that all worlds are drawn from (the mean of their true effects); in "
        "the next column the world's own, which an interval for the population covers more "
        "often. No score: the adjustment (CUPED) knows past orders only.", "",
        "| world | metric | worlds | true effect | interval covers it | world's own | CUPED covers "
        "it | variance removed, told | seen |", "|---|---|---|---|---|---|---|---|---|",
    )  # fmt: skip
    for name, found in rows.items():
        for metric in METRICS:
            truth = float(np.mean([row["truth"][metric] for row in found]))
            yield (
                f"| {name} | {metric} | {len(found)} | {truth:+.4f} "
                f"| {covered(found, metric, 'plain', lambda _, t=truth: t)} "
                f"| {covered(found, metric, 'plain', lambda row, m=metric: row['truth'][m])} "
                f"| {covered(found, metric, 'cuped', lambda _, t=truth: t)} "
                f"| {removed(found, metric)} |"
            )
    verdicts = {name: [row["verdict"] for row in found] for name, found in rows.items()}
    everything = [row for found in rows.values() for row in found]
    yield from ("", "| question | worlds | share |", "|---|---|---|")
    for question, name, verdict in (
        ("nothing happened, and it says `works`", "nothing", "works"),
        ("nothing happened, and it says `harms`", "nothing", "harms"),
        ("the offer harms, and it says `harms`", "harms", "harms"),
        ("the offer works, and it says `works`", "works", "works"),
    ):
        said = [each == verdict for each in verdicts[name]]
        yield f"| {question} | {len(said)} | {share_of(said)} |"
    for level in (0.05, 0.001):
        said = [row["srm_p"] < level for row in everything]
        yield f"| sample-ratio p below {level}, split sound | {len(said)} | {share_of(said)} |"
    said = [row["broken_srm_p"] < 0.001 for row in everything if row["broken_srm_p"] is not None]
    yield f"| sample-ratio alarm, a fifth of the treated lost | {len(said)} | {share_of(said)} |"


def splits_page() -> Iterator[str]:
    rows = list(kept("splits"))
    if not rows:
        return
    yield from (
        "", "## Real histories, split by lot", "",
        "Nobody was sent anything: the true effect is zero, and the tails of spend are those "
        "of real customers. The score is winback's own, learned before the window.", "",
        "| history | metric | splits | interval covers 0 | CUPED covers 0 | said `works` "
        "| variance removed, told | seen |", "|---|---|---|---|---|---|---|---|",
    )  # fmt: skip
    for name in SPLITS:
        found = [row for row in rows if row["key"][0] == name]
        for metric in METRICS if found else ():
            said = [interval(row, metric, "plain")["low"] > 0 for row in found]
            yield (
                f"| {name} | {metric} | {len(found)} "
                f"| {covered(found, metric, 'plain', lambda _: 0)} "
                f"| {covered(found, metric, 'cuped', lambda _: 0)} "
                f"| {share_of(said)} | {removed(found, metric)} |"
            )


def draws_page() -> Iterator[str]:
    rows = list(kept("draws"))
    if not rows:
        return
    yield from (
        "", "## The interval alone, over many lots", "",
        "Five hundred worlds or two hundred splits leave a margin of two or three points. Here "
        "the unadjusted interval alone is read over thousands of lots where nothing happened: "
        f"4,000 in each real history, 16 in each of 250 simulated shops of {CUSTOMERS:,}.",
        "", "| customers | metric | lots | interval covers 0 | said `works` |",
        "|---|---|---|---|---|",
    )  # fmt: skip
    for name in ["simulated", *SPLITS]:
        found = [row for row in rows if row["key"][0] == name]
        lots = sum(row["lots"] for row in found)
        for metric in METRICS if found else ():
            inside, works = (sum(row[metric][k] for row in found) for k in (0, 1))
            yield (
                f"| {name} | {metric} | {lots:,} | {100 * inside / lots:.1f} "
                f"| {100 * works / lots:.1f} |"
            )


def policy_table(by: str = "profit") -> pd.DataFrame:
    """Per kind, budget and list: profit by seed; of the simple ones the best offer's."""
    rows = pd.DataFrame(
        [
            {"kind": row["key"][0], "seed": row["key"][1], **each}
            for row in kept("policies")
            for each in row["rows"]
        ]
    )
    if rows.empty:
        return rows
    rows["budget"] = rows["budget"].map(
        lambda share: "no limit" if pd.isna(share) else f"{share:.0%}"
    )
    rows[["policy", "offer"]] = rows["list"].str.split(" | ", regex=False, expand=True)
    rows["offer"] = rows["offer"].fillna("")
    totals = rows.groupby(["kind", "budget", "policy", "offer"])[by].sum().reset_index()
    kept_offer = totals.sort_values(by, kind="stable").groupby(
        ["kind", "budget", "policy"]
    ).tail(1)  # fmt: skip
    return rows.merge(kept_offer.drop(columns=by), on=["kind", "budget", "policy", "offer"])


def ratios(table: pd.DataFrame, of: str = "profit", over: str = "oracle") -> pd.DataFrame:
    """Profit over an oracle's: of all shops together with a standard error over shops."""
    out = []
    for (kind, budget), part in table.groupby(["kind", "budget"], sort=False):
        profit = part.pivot(index="seed", columns="policy", values=of)
        people = part.pivot(index="seed", columns="policy", values="n")
        oracle = profit[over]
        for policy in profit:
            ratio = profit[policy].sum() / oracle.sum()
            # The standard error of a ratio of sums, by linearisation.
            error = (profit[policy] - ratio * oracle).std() * np.sqrt(len(oracle)) / oracle.sum()
            out.append(
                {
                    "kind": kind, "budget": budget, "policy": policy, "ratio": ratio,
                    "error": error, "lowest": (profit[policy] / oracle).min(),
                    "highest": (profit[policy] / oracle).max(),
                    "n": people[policy].mean(), "seeds": len(oracle),
                }
            )  # fmt: skip
    return pd.DataFrame(out)


ORDER = [
    "oracle", SEGMENTS, "winback, effect known by segment", AVERAGE,
    "winback, effect measured in a test", "winback, measured by segment",
    "winback, effect assumed", "winback, effect unknown", "response first", "random",
    "risk first", "everybody",
]  # fmt: skip


def policies_page() -> Iterator[str]:
    table = policy_table()
    if table.empty:
        return
    found = ratios(table[table["policy"] != ADDITIVE])
    shops = int(found["seeds"].max())
    yield from (
        "", "## Lists against the best possible one", "",
        f"{shops} shops of each kind, 5,000 customers each; three offers (reminder, free delivery, "
        f"10 % off), margin {MARGIN:.0%}, {CONTACT} a contact. Profit is what the list really "
        "earned over 90 days against the same customers, with the same luck, left alone: margin "
        "added less discounts and contacts. The oracle knows each customer's rate, response and "
        "whether she is still there, but not the future; the oracle of segments only the mean of "
        "that in each RFM segment. winback's lists hold 10 % out as control, "
        "the others nobody. The simple rules send whichever one offer earned them most in "
        "hindsight, and know what each customer will cost; `everybody` has no budget. Budgets are "
        "shares of what 10 % off for everybody costs.", "",
        "Partly circular: the simulator lets an offer multiply the rate of orders, and so does "
        "winback. It differs in that only some customers react (some the other way), each by "
        "another ratio, that orders are moved forward, and that the scores are winback's own. "
        f"`{AVERAGE[9:]}` is two numbers an offer, how many times faster customers come and how "
        f"many times as many orders they place; `effect assumed` is {ASSUMED_PP:.0f} points for "
        f"each, when the true ones are {true_points()}. A measured effect comes from another shop "
        "of the kind, where half of 12,000 were sent one of three offers and half nothing; "
        "`measured by segment` lets each RFM segment keep what it shows beyond chance.", "",
        "All kinds of shop together:", "",
        f"| list | {' | '.join(BUDGET_NAMES)} |", f"|---|{'---|' * len(BUDGET_NAMES)}",
    )  # fmt: skip
    together = ratios(shops_as_one(table[table["policy"] != ADDITIVE]))
    together = together.pivot(index="policy", columns="budget", values="ratio")
    for name, row in together.reindex(ORDER).iterrows():
        cells = ("" if np.isnan(row[budget]) else f"{row[budget]:+.2f}" for budget in BUDGET_NAMES)
        yield f"| {name} | {' | '.join(cells)} |"
    yield from (
        "", "| kind | budget | list | people | profit over the oracle's | standard error "
        "| worst shop | best shop |", "|---|---|---|---|---|---|---|---|",
    )  # fmt: skip
    rank = {name: k for k, name in enumerate(ORDER)}
    order = {name: k for k, name in enumerate(BUDGET_NAMES)}
    found = found.sort_values(
        ["kind", "budget", "policy"],
        key=lambda column: column.map({**rank, **order, **{k: i for i, k in enumerate(KINDS)}}),
    )
    for row in found.itertuples():
        yield (
            f"| {row.kind} | {row.budget} | {row.policy} | {row.n:,.0f} | {row.ratio:+.2f} "
            f"| {row.error:.2f} | {row.lowest:+.2f} | {row.highest:+.2f} |"
        )

    tested, blind = (
        table[
            (table["policy"] == f"winback, effect {how}") & (table["budget"] == "no limit")
        ].set_index(["kind", "seed"])["profit"]
        for how in ("measured in a test", "unknown")
    )
    yield from (
        "", "One test is one draw: without a budget the list that rests on it earned more than the "
        f"one that knew nothing in {int((tested > blind).sum())} of {len(tested)} shops "
        f"({tested.sum() / blind.sum() - 1:+.0%} in all).",
    )  # fmt: skip
    yield from (
        "", "## The same lists where an offer adds the same points to everybody", "",
        "What the lists above would bring on average in another world: an offer adds its mean "
        "effect here, in points, to every customer's chance, whatever that is, and whoever is won "
        "comes once. Those who seldom come are then as easily won as others and cost fewer "
        "discounts: winback, which takes effects to be in proportion, then sends to the wrong "
        "ones. "
        "Below zero money is lost. What they know is of the first world: in this one a test would "
        "have found hardly more orders won than customers won. Whether a shop is like this one "
        "shows in a measurement's `by_segment`: ratios of hazards that fall as the control's "
        "return rate rises. Over the "
        "profit of whoever knows each customer's rate and those points, all kinds of shop "
        "together.", "",
        "| budget | list | people | profit over the oracle's | standard error |",
        "|---|---|---|---|---|",
    )  # fmt: skip
    table = policy_table("points")
    found = ratios(shops_as_one(table[~table["policy"].isin(["oracle", SEGMENTS])]),
                   "points", ADDITIVE)  # fmt: skip
    rank = {name: k for k, name in enumerate([ADDITIVE, *ORDER])}
    found = found.sort_values(
        ["budget", "policy"], key=lambda column: column.map({**rank, **order})
    )
    for row in found.itertuples():
        yield (
            f"| {row.budget} | {row.policy} | {row.n:,.0f} | {row.ratio:+.2f} | {row.error:.2f} |"
        )


def true_points() -> str:
    """The three offers' true mean effects, the least and the most over the kinds of shop."""
    rows = pd.DataFrame(row["true_pp"] for row in kept("policies"))
    kinds = rows.groupby([row["key"][0] for row in kept("policies")]).mean()
    return ", ".join(
        f"{kinds[name].min():.1f} to {kinds[name].max():.1f} ({name.replace('_', ' ')})"
        for name in OFFERS
    )


def shops_as_one(table: pd.DataFrame) -> pd.DataFrame:
    """All kinds together: a shop has one row of each list and budget."""
    table = table.assign(seed=table["kind"] + table["seed"].astype(str), kind="all")
    return table.drop_duplicates(["seed", "budget", "policy"])


def picture() -> None:
    """Profit over the oracle's by list, one panel a budget, over all kinds of shop."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    table = policy_table()
    if table.empty:
        return
    found = ratios(shops_as_one(table[table["policy"] != ADDITIVE]))
    budgets = [b for b in BUDGET_NAMES if b in set(found["budget"])]
    figure, axes = plt.subplots(1, len(budgets), figsize=(11, 3.4), sharex=True, sharey=True)
    names = [name for name in ORDER if name != "oracle"]
    for panel, budget in zip(axes, budgets, strict=True):
        rows = found[found["budget"] == budget].set_index("policy").reindex(names)
        ours = [name.startswith("winback") for name in names]
        places = np.arange(len(names))[::-1]
        panel.barh(places, rows["ratio"], color=["#1f6f8b" if o else "#b8b8b8" for o in ours])
        panel.errorbar(
            rows["ratio"], places, xerr=1.96 * rows["error"], fmt="none", ecolor="#222", lw=1
        )
        panel.axvline(0, color="#222", lw=0.8)
        panel.set_title("no budget" if budget == "no limit" else f"budget {budget}", fontsize=9)
        panel.set_yticks(places, names, fontsize=8)
        panel.tick_params(axis="x", labelsize=8)
        for side in ("top", "right", "left"):
            panel.spines[side].set_visible(False)
    low = max(float((found["ratio"] - 1.96 * found["error"]).min()), -1.5)
    axes[0].set_xlim(low - 0.05, 1.05)
    figure.suptitle("Profit of a list over that of an all-knowing one (95 % intervals)",
                    fontsize=10, x=0.01, ha="left")  # fmt: skip
    figure.tight_layout()
    figure.savefig(HERE / "proof.png", dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["worlds", "splits", "draws", "policies"])
    parser.add_argument("--worlds", type=int, default=500, help="of each of the three kinds")
    parser.add_argument("--splits", type=int, default=200, help="of each history")
    parser.add_argument("--seeds", type=int, default=12, help="shops of each kind for the lists")
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    given = parser.parse_args()
    for part in given.parts:
        if given.fresh:
            (STATE / f"{part}.jsonl").unlink(missing_ok=True)
        if part == "worlds":
            keep("worlds", [[n, s] for s in range(given.worlds) for n in WORLDS], world)
        elif part == "splits":
            with tempfile.TemporaryDirectory() as folder:
                for name in SPLITS:
                    history = History(name, Path(folder))
                    keep(
                        "splits",
                        [[name, s] for s in range(given.splits)],
                        lambda _, seed, h=history: h.split(seed),
                    )
        elif part == "draws":
            keep("draws", [["simulated", s] for s in range(given.worlds // 2)],
                 lambda _, seed: null_draws(seed))  # fmt: skip
            with tempfile.TemporaryDirectory() as folder:
                for name in SPLITS:
                    keep("draws", [[name, 0]],
                         lambda name, _, f=folder: History(name, Path(f)).draws(4_000))  # fmt: skip
        elif part == "policies":
            keep("policies", [[k, s] for s in range(given.seeds) for k in KINDS], policies)
        elif part != "page":
            parser.error(f"unknown part {part!r}: worlds, splits, draws, policies or page")
    lines = page()
    print("\n".join(lines))
    (HERE / "proof.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    picture()


if __name__ == "__main__":
    main()
