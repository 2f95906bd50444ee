"""What three rounds of campaigns teach of an offer's effects, in shops whose truth is known.

    python benchmarks/rounds.py                    all of it: shops, ceilings, rounds, the page
    python benchmarks/rounds.py --sizes 2000       customers a round
    python benchmarks/rounds.py --shops 3          shops of each kind
    python benchmarks/rounds.py page               only write what has been found so far

A shop has customers for three rounds, of a given number each, and 10,000 more on whom lists are
judged. In the first round a quarter gets each of three offers and a quarter none; in the two that
follow the cascade chooses for most, and the others are dealt evenly. What is judged is the list
made of the lessons of all three. Profit is what the customers of that list really brought over 90
days against the same customers, with the same luck, left alone: margin added less discounts and
contacts; returns are set aside on both sides. Shops are simulated once and kept in build/rounds/,
as is what was found, so that a stopped run goes on where it was; --fresh begins anew. Prints
tables and writes benchmarks/rounds.md.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.effects.cascade import Cascade, Lessons, Rung, fit_cascade
from winback.effects.encoded import columns_of, encoded
from winback.intake.settling import read_orders
from winback.learning.fit import fit_return_model
from winback.offers import worth
from winback.params import TrainSettings
from winback.results.offered import Offer
from winback.scoring.scores import score_customers
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_snapshots
from winback.stages.learn import FEATURES
from winback.synthetic.kinds import (
    DEFAULT_EFFECTS,
    EQUAL_EFFECTS,
    HARM_EFFECTS,
    HETERO_EFFECTS,
    NULL_EFFECTS,
)
from winback.synthetic.outcomes import state_chances
from winback.synthetic.shop import Shop, simulate_shop
from winback.synthetic.world import DAY_SECONDS, Treatment

HERE = Path(__file__).parent
STATE = HERE.parent / "build" / "rounds"

KINDS = ("fashion", "one_time", "dying")
SIZES = (2_000, 10_000, 50_000)
ROUNDS, JUDGED = 3, 10_000
WINDOW, HORIZON = 30, 90
MARGIN, CONTACT = 0.4, 0.3
WORLDS = {
    "works": DEFAULT_EFFECTS,
    "equal points": EQUAL_EFFECTS,
    "hetero": HETERO_EFFECTS,
    "null": NULL_EFFECTS,
    "harm": HARM_EFFECTS,
}
OFFERS = tuple(DEFAULT_EFFECTS)
CEILING_SIZE = 10_000
EXPLORED, EXPLORED_SIZE = (0.0, 0.1, 0.2, 1.0), 2_000


# --- shops -----------------------------------------------------------------------------------


def shop_for(size: int) -> int:
    """Customers a round for whom a shop has room; smaller rounds are dealt in a larger shop."""
    return max(size, SIZES[1])


def shop_of(kind: str, size: int, seed: int) -> pd.DataFrame:
    """Everybody of a shop: features, scores, and what each offer brings in each world.

    One row a customer; ``fresh``: of those whom lists are judged on, whose orders the model of
    returns did not see. Columns ``{world}|{offer}|{figure}``: orders while the offer is valid,
    gain over 90 days, and what somebody expects who knows the customer's true state.
    """
    size = shop_for(size)
    path = STATE / "shops" / f"{kind}-{size}-{seed}.parquet"
    if path.is_file():
        return pd.read_parquet(path)
    began = time.perf_counter()
    taught = ROUNDS * size
    shop = simulate_shop(kind, customers=taught + JUDGED, days=730, seed=1_000 * seed + size % 997)
    ids = shop.customers["customer_id"].to_numpy()
    # Customers are drawn alike and numbered by nothing that matters.
    table = pd.concat(
        [_scored(shop, ids[:taught], True), _scored(shop, ids[taught:], False)], ignore_index=True
    )
    table = table.set_index("customer_id")
    told = _paths(shop).reindex(table.index)
    table = pd.concat([table, told], axis=1)
    floats = table.select_dtypes("float64").columns
    table[floats] = table[floats].astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    table.reset_index().to_parquet(path.with_suffix(".new"), index=False)
    path.with_suffix(".new").replace(path)
    print(f"{kind} {size} {seed}: {time.perf_counter() - began:.0f} s", flush=True)
    return pd.read_parquet(path)


_MODELS: dict[int, Any] = {}


def _scored(shop: Shop, ids: np.ndarray, teaching: bool) -> pd.DataFrame:
    """Snapshot and scores at the end of the history; the taught customers' past makes the model."""
    orders = shop.orders[shop.orders["customer_id"].isin(ids)]
    # Of a large shop fewer days of the past say as much, in less time.
    most = max(6, 150_000 // len(ids))
    cutoffs = training_cutoffs(shop.start, shop.end, HORIZON, most=most) if teaching else []
    with tempfile.TemporaryDirectory() as folder:
        read = read_orders(orders, folder)
        past = take_snapshots(
            read.orders_path, [*cutoffs, shop.end], horizon_days=HORIZON, observed_until=shop.end
        )
        customers = past.newest()
        if teaching:
            _MODELS.clear()
            _MODELS[id(shop)] = fit_return_model(
                past.closed(), cutoff=customers["cutoff"].iloc[0], horizon_days=HORIZON,
                horizons_days=(WINDOW,), customers=customers,
                settings=TrainSettings(threads=1, seeds=1),
            )  # fmt: skip
    scores = score_customers(_MODELS[id(shop)], customers).dropna(axis=1, how="all")
    features = customers.select_dtypes("number").set_index(customers["customer_id"])
    features = features.add_prefix("x|").reset_index()
    return scores.merge(features, on="customer_id").assign(fresh=not teaching)


def _paths(shop: Shop) -> pd.DataFrame:
    """Per customer: orders with and without each offer, its gain, and the gain to be expected.

    The same as `Shop.potential_outcomes` gives, with the path that all have in common once. The
    expectation reckons with independent orders of the customer's mean value, ``-log(1 - p)`` of
    them over 90 days, so that orders only moved forward count for nothing; where the offer adds
    points, with one order of whoever is won.
    """
    day = shop.days
    ids = shop.customers["customer_id"]
    value = shop.customers["mean_order_value"].to_numpy()
    alone = _sums(shop, ())
    short0, long0 = (state_chances(shop._world, (), None, day, h)[0] for h in (WINDOW, HORIZON))
    due0 = _due(shop, ())
    found = {"orders0": alone["orders"]}
    for world, effects in WORLDS.items():
        offered = replace(shop, offers=effects)
        for name, effect in effects.items():
            treatment = offered._treatment(day, {name: effect}, np.full(len(ids), name, object))
            sums = alone if world == "null" else _sums(shop, (treatment,))
            spent = sums["discount"] - alone["discount"]
            found[f"{world}|{name}|orders"] = sums["orders"]
            gain = MARGIN * (sums["gross"] - alone["gross"]) - spent - CONTACT
            found[f"{world}|{name}|gain"] = gain
            if world in ("null", "harm"):
                continue
            short, long = (
                state_chances(shop._world, (), treatment, day, h)[0] for h in (WINDOW, HORIZON)
            )
            more = np.log1p(-np.minimum(long0, 1 - 1e-6)) - np.log1p(-np.minimum(long, 1 - 1e-6))
            exact = _due(shop, (treatment,)) - due0
            if effect.points:
                more = exact = short - short0
            off = effect.discount_share * value + effect.discount_amount
            cost = short * effect.redemption_share * off + CONTACT
            found[f"{world}|{name}|expected"] = MARGIN * more * value - cost
            found[f"{world}|{name}|exact"] = MARGIN * exact * value * _BULK - cost
    return pd.DataFrame(found, index=ids)


# Of a hundred orders one is worth on average six times as much.
_BULK = 1.05


def _due(shop: Shop, treatments: tuple[Treatment, ...]) -> Floats:
    """Orders to be expected over 90 days by who knows each customer's rate and whether she lives.

    Of shops whose orders come at random, as those here.
    """
    world, day = shop._world, shop.days
    visits = world.visits((), day).due
    last = np.full(len(world.key), -1)
    last[visits.customer] = visits.number
    alive = (world.death_day > day) & (last >= 0) & (last < world.dies_after_order)
    warps = world.warps(treatments)
    total, before = np.zeros(len(last)), world.clock(float(day), warps)
    for step in range(1, HORIZON + 1):
        after = world.clock(float(day + step), warps)
        total += (after - before) * np.exp(-world.death_rate * (step - 0.5))
        before = after
    return np.where(alive, world.rate * total, 0.0)


def _sums(shop: Shop, treatments: tuple[Treatment, ...]) -> dict[str, Floats]:
    """Orders while an offer is valid; their value and discounts over 90 days."""
    count = len(shop.customers)
    lines = shop._world.order_lines(treatments, shop.days, shop.days + HORIZON)
    opening = ~lines.is_refund & (lines.line == 0)
    who = lines.customer[opening]
    soon = lines.happened[opening] < (shop.days + WINDOW) * DAY_SECONDS
    return {
        "orders": np.bincount(who[soon], minlength=count).astype(np.float64),
        "gross": np.bincount(who, lines.order_cents[opening], minlength=count) / 100,
        "discount": np.bincount(who, lines.discount[opening], minlength=count) / 100,
    }


# --- rounds ----------------------------------------------------------------------------------


def offers() -> list[Offer]:
    """What the shop knows of its own offers; nobody knows what they change."""
    terms: dict[str, dict[str, Any]] = {
        "reminder": {"kind": "content"},
        "free_delivery": {
            "kind": "free_delivery", "discount_amount": 4.0, "min_basket": 20.0,
            "redemption_share": 0.8,
        },
        "percent_off": {"kind": "percent_off", "discount_share": 0.1, "redemption_share": 0.8},
    }  # fmt: skip
    label = {"en": "", "pl": ""}
    common = {"contact_cost": CONTACT, "margin_share": MARGIN, "valid_days": WINDOW}
    return [
        Offer(name=name, label={key: name for key in label}, **common, **terms[name])
        for name in OFFERS
    ]


@dataclass(frozen=True)
class People:
    """Customers of a shop as the learner and the planner see them."""

    scores: pd.DataFrame
    expected: Floats
    z: Floats

    def at(self, rows: np.ndarray) -> People:
        return People(self.scores.iloc[rows], self.expected[rows], self.z[rows])


def people_of(table: pd.DataFrame) -> tuple[People, tuple[str, ...]]:
    names = [f"x|{name}" for name in FEATURES]
    taught = table.loc[~table["fresh"], names]
    found = columns_of(taught, names)
    scores = table.drop(columns=[name for name in table if "|" in name])
    # Profit is judged with returns set aside.
    scores = scores.assign(refund_share=0.0)
    expected = -np.log1p(-np.clip(table["p_return_30d"].to_numpy(np.float64), 0, 0.99))
    told = tuple(each.name.removeprefix("x|") for each in found)
    return People(scores, expected, encoded(table, found)), told


def gains(people: People, cascade: Cascade | None, shown: bool = True) -> Floats:
    """What the planner expects of each offer; nothing of what is not rolled out."""
    found = np.full((len(people.expected), len(OFFERS)), -np.inf)
    orders = worth._Orders(
        *worth.expected_order_value(people.scores), worth._spread_of_orders(people.scores)
    )
    for j, offer in enumerate(offers()):
        if cascade is None or (shown and cascade.learned[j].state != "rolled_out"):
            continue
        ratio = cascade.ratios(j, people.expected, people.z)
        value = worth._value(offer, people.expected, orders, ratio, ratio, CONTACT)
        found[:, j] = value["gain"]
        if offer.min_basket is not None:
            found[orders.placed < offer.min_basket, j] = -np.inf
    return found


def picked(gain: Floats) -> np.ndarray:
    """The offer that brings most, -1 where none brings anything."""
    return np.where(gain.max(axis=1) > 0, gain.argmax(axis=1), -1)


def lessons_of(
    people: People, arms: np.ndarray, chances: Floats, orders: Floats, person: np.ndarray
) -> Lessons:
    """Each offer against no offer, by overlap weights; ``chances`` has no offer last."""
    parts = []
    for j in range(len(OFFERS)):
        rows = np.flatnonzero((arms == j) | (arms == -1))
        treated = arms[rows] == j
        mine, none = chances[rows, j], chances[rows, -1]
        weight = np.where(treated, none, mine) / (mine + none)
        parts.append((np.full(len(rows), j), treated, weight, rows))
    offer, treated, weight, rows = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Lessons(
        offer, treated, weight, orders[rows], people.expected[rows], people.z[rows], person[rows]
    )


def played(table: pd.DataFrame, world: str, size: int, seed: int, explore: float = 0.2
           ) -> tuple[Cascade, list[dict[str, float]]]:  # fmt: skip
    """Three rounds of campaigns in one shop; what they taught, and what each brought."""
    people, columns = people_of(table)
    orders = np.column_stack(
        [table[f"{world}|{offer}|orders"] for offer in OFFERS] + [table["orders0"]]
    ).astype(np.float64)
    gain = np.column_stack([table[f"{world}|{offer}|gain"] for offer in OFFERS])
    draw = np.random.default_rng([seed, 23])
    found: list[Lessons] = []
    cascade, told = None, []
    for number in range(ROUNDS):
        rows = np.arange(number * size, (number + 1) * size)
        here = people.at(rows)
        chances = np.full((size, len(OFFERS) + 1), 1 / (len(OFFERS) + 1))
        if cascade is not None:
            chances *= explore
            chances[np.arange(size), picked(gains(here, cascade))] += 1 - explore
        luck = draw.random(size)
        arms = (np.cumsum(chances, axis=1) < luck[:, None]).sum(axis=1)
        arms = np.where(arms >= len(OFFERS), -1, arms)
        told.append(float(gain[rows][np.arange(size), arms][arms >= 0].sum()))
        found.append(lessons_of(here, arms, chances, orders[rows, arms], rows))
        pooled = Lessons(
            *(np.concatenate([getattr(each, name) for each in found])
              for name in Lessons.__dataclass_fields__)
        )  # fmt: skip
        cascade = fit_cascade(pooled, OFFERS, columns)
    assert cascade is not None
    return cascade, told


def fresh(table: pd.DataFrame, world: str, figure: str) -> Floats:
    """A figure of the fresh customers, a column an offer."""
    found = table.loc[table["fresh"], [f"{world}|{offer}|{figure}" for offer in OFFERS]]
    return found.to_numpy(np.float64)


def sum_of(gain: Floats, picks: np.ndarray) -> float:
    return float(gain[np.arange(len(gain)), picks][picks >= 0].sum())


# --- parts -----------------------------------------------------------------------------------


def rounds(kind: str, size: int, seed: int, world: str, explore: float = 0.2) -> dict[str, Any]:
    """What the list after three rounds brings, and what an oracle's does."""
    table = shop_of(kind, size, seed)
    cascade, brought = played(table, world, size, seed, explore)
    people = people_of(table)[0].at(np.flatnonzero(table["fresh"]))
    picks = picked(gains(people, cascade))
    paying = "works" if world in ("null", "harm") else world
    exact = fresh(table, paying, "exact")
    brings = exact
    if world == "null":
        brings = np.full_like(exact, -CONTACT)
    elif world == "harm":
        brings = fresh(table, world, "gain")
    return {
        "profit": sum_of(brings, picks),
        "realised": sum_of(fresh(table, world, "gain"), picks),
        "oracle": sum_of(exact, picked(exact)),
        "oracle_realised": sum_of(fresh(table, paying, "gain"), picked(exact)),
        "sent": int((picks >= 0).sum()),
        "brought": brought,
        "learned": [
            [each.offer, each.state, round(each.ratio, 3), round(each.z, 2)]
            for each in cascade.learned
        ],
        "rung": cascade.learned[0].rung,
        "gamma": cascade.learned[0].gamma,
    }


_GRADERS: dict[tuple[str, str], tuple[list[Any], int]] = {}


def grader(kind: str, without: int | None) -> tuple[list[Any], int]:
    """Trees of the true gain of each offer, from shops of 10,000 a round.

    Shops of the other parity where one of the same size is to be judged.
    """
    name = "all" if without is None else str(without % 2)
    if (kind, name) not in _GRADERS:
        import lightgbm as lgb

        tables = [
            shop_of(kind, CEILING_SIZE, seed)
            for seed in range(12)
            if (STATE / "shops" / f"{kind}-{CEILING_SIZE}-{seed}.parquet").is_file()
            and (without is None or seed % 2 != without % 2)
        ]
        taught = pd.concat(tables, ignore_index=True)
        settings = {
            "objective": "l2", "num_leaves": 8, "learning_rate": 0.05, "min_data_in_leaf": 500,
            "lambda_l2": 50.0, "feature_fraction": 0.7, "verbose": -1, "deterministic": True,
            "force_row_wise": True, "seed": 1, "num_threads": 1,
        }  # fmt: skip
        rows = pd.concat([told_to_grader(table) for table in tables], ignore_index=True)
        trees = [
            lgb.train(settings, lgb.Dataset(rows.to_numpy(), taught[f"works|{offer}|exact"]), 200)
            for offer in OFFERS
        ]
        _GRADERS[kind, name] = (trees, len(taught))
    return _GRADERS[kind, name]


def told_to_grader(table: pd.DataFrame) -> pd.DataFrame:
    """What effects are told apart by, the chances of a return, and the money these stand for."""
    value, _ = worth.expected_order_value(table)
    chances = {name: table[name].astype(float) for name in ("p_return_30d", "p_return_90d")}
    money = {f"{name} money": -np.log1p(-each.clip(0, 0.99)) * value
             for name, each in chances.items()}  # fmt: skip
    features = {name: table[f"x|{name}"].astype(float) for name in FEATURES}
    return pd.DataFrame({**features, **chances, **money, "value": value})


def ceilings(kind: str, size: int, seed: int) -> dict[str, Any]:
    """What a list brings whose maker learned from many customers' true gains."""
    trees, customers = grader(kind, seed if shop_for(size) == CEILING_SIZE else None)
    table = shop_of(kind, size, seed)
    rows = told_to_grader(table)[table["fresh"].to_numpy()].to_numpy()
    picks = picked(np.column_stack([each.predict(rows) for each in trees]))
    exact = fresh(table, "works", "exact")
    return {
        "profit": sum_of(exact, picks),
        "realised": sum_of(fresh(table, "works", "gain"), picks),
        "oracle": sum_of(exact, picked(exact)),
        "customers": customers,
    }


def keep(part: str, wanted: list[list[Any]], work: Any) -> None:
    """Do what is not there yet, writing each result as it is found."""
    path = STATE / f"{part}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    done = {json.dumps(row["key"]) for row in kept(part)}
    for key in wanted:
        if json.dumps(key) in done:
            continue
        if not (STATE / "shops" / f"{key[0]}-{shop_for(key[1])}-{key[2]}.parquet").is_file():
            continue
        began = time.process_time()
        found = {"key": key, **work(*key)}
        with path.open("a") as file:
            file.write(json.dumps(found) + "\n")
        print(part, *key, f"{time.process_time() - began:.0f} s", flush=True)


def kept(part: str) -> list[dict[str, Any]]:
    path = STATE / f"{part}.jsonl"
    return list(map(json.loads, path.read_text().splitlines())) if path.is_file() else []


# --- the page --------------------------------------------------------------------------------


def ratio(top: pd.Series, bottom: pd.Series) -> tuple[float, float]:
    """A ratio of sums over shops, and its standard error by linearisation."""
    found = float(top.sum() / bottom.sum())
    n = len(top)
    error = (top - found * bottom).std() * np.sqrt(n) / bottom.sum() if n > 1 else np.nan
    return found, float(error)


def told(value: float, error: float) -> str:
    return f"{value:.3f}" + (f" ({error:.3f})" if np.isfinite(error) else "")


def table_of(part: str) -> pd.DataFrame:
    latest = {json.dumps(row["key"]): row for row in kept(part)}
    rows = [
        {
            "kind": row["key"][0], "size": row["key"][1], "seed": row["key"][2],
            "world": row["key"][3] if len(row["key"]) > 3 else "works",
            "explore": row["key"][4] if len(row["key"]) > 4 else 0.2, **row,
        }
        for row in latest.values()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def page() -> Iterator[str]:
    found, ceiling = table_of("rounds"), table_of("ceilings")
    yield from (
        "# Three rounds", "",
        "Printed by `python benchmarks/rounds.py`. Three campaigns, each to other customers of one "
        "shop: in the first a quarter gets each of three offers and a quarter none, in the next "
        "two 80 % what the cascade of the lessons so far plans and 20 % are dealt evenly. Then "
        f"the list for {JUDGED:,} fresh customers of the shop is judged by what it brings over 90 "
        "days to be expected by who knows every customer's rate and whether she lives: margin "
        f"({MARGIN:.0%}) of the orders it adds less discounts and contacts ({CONTACT} each). "
        "Returns are set aside on both sides, no control is held out, offers that are not shown "
        "to work are sent to nobody. In brackets standard errors over shops; what is in no table "
        "was not run, and of few shops the figures are rough. Sought in all kinds together: .76, "
        ".94 and .96 of the ceiling with 2,000, 10,000 and 50,000 customers a round.", "",
    )  # fmt: skip
    if found.empty or ceiling.empty:
        return
    yield from works_page(found, ceiling)
    yield from worlds_page(found)
    yield from exploring_page()
    yield from rungs_page(found)


def works_page(found: pd.DataFrame, ceiling: pd.DataFrame) -> Iterator[str]:
    yield from (
        "## Where offers work", "",
        "The ceiling is the list of a learner (200 trees of 8 leaves an offer) that was taught "
        "the true gains of many customers of other shops of the kind, "
        f"{ceiling['customers'].min():,} to {ceiling['customers'].max():,}, from the same "
        "features and scores; it is no bound. The oracle knows every customer's state, which no "
        "feature shows.",
        "", "| customers a round | kind | shops | over the ceiling | over the oracle | the "
        "ceiling over the oracle |", "|---|---|---|---|---|---|",
    )  # fmt: skip
    # The fresh customers of a shop are the same however many of the others a round takes.
    shops = found["size"].map(shop_for)
    both = found[found["world"] == "works"].assign(shop=shops).merge(
        ceiling[["kind", "size", "seed", "profit"]].rename(columns={"size": "shop"}),
        on=["kind", "shop", "seed"],
        suffixes=("", "_ceiling"),
    )  # fmt: skip
    for size, part in both.groupby("size"):
        for kind, here in [*part.groupby("kind"), ("all", part)]:
            cells = (
                ratio(here[top], here[bottom])
                for top, bottom in (
                    ("profit", "profit_ceiling"),
                    ("profit", "oracle"),
                    ("profit_ceiling", "oracle"),
                )
            )
            line = " | ".join(told(value, error) for value, error in cells)
            yield f"| {size:,} | {kind} | {len(here)} | {line} |"


def worlds_page(found: pd.DataFrame) -> Iterator[str]:
    yield from (
        "", "## Other worlds", "",
        "Over the profit of that world's oracle; where offers do nothing or harm, over that of the "
        "oracle where they work.", "",
        "| world | customers a round | kind | shops | profit over the oracle's | sent, of "
        f"{JUDGED:,} |", "|---|---|---|---|---|---|",
    )  # fmt: skip
    others = found[found["world"] != "works"]
    for (world, size), part in others.groupby(["world", "size"]):
        for kind, here in [*part.groupby("kind"), ("all", part)]:
            value, error = ratio(here["profit"], here["oracle"])
            yield (
                f"| {world} | {size:,} | {kind} | {len(here)} | {told(value, error)} "
                f"| {here['sent'].mean():,.0f} |"
            )


def exploring_page() -> Iterator[str]:
    found = table_of("exploring")
    if found.empty:
        return
    yield from (
        "", "## What exploring costs and teaches", "",
        "The same where a share of each of the last two rounds is dealt evenly over the offers "
        "and none (1: all of them, as in the first round). What the two rounds brought is with the "
        "customers' own luck; what the list after them brings is not. Both over the oracle's "
        "profit with as many customers.", "",
        "| share explored | customers a round | shops | the two rounds | the list after them |",
        "|---|---|---|---|---|",
    )  # fmt: skip
    found["learning"] = [sum(each[1:]) for each in found["brought"]]
    found["as_many"] = found["oracle"] * 2 * found["size"] / JUDGED
    for (size, share), here in found.groupby(["size", "explore"]):
        first, after = (
            ratio(here["learning"], here["as_many"]),
            ratio(here["profit"], here["oracle"]),
        )
        yield (
            f"| {share:g} | {size:,} | {len(here)} | {first[0]:+.3f} ({first[1]:.3f}) "
            f"| {after[0]:+.3f} ({after[1]:.3f}) |"
        )


def rungs_page(found: pd.DataFrame) -> Iterator[str]:
    yield from (
        "", "## How far up the data led", "",
        "Shops by rung and shape (gamma 1: in proportion to the orders placed anyway, 0: the same "
        "for everybody).", "",
        "| world | customers a round | shops | ratio | shape | linear | trees | median gamma |",
        "|---|---|---|---|---|---|---|---|",
    )  # fmt: skip
    for (world, size), here in found.groupby(["world", "size"]):
        counts = [int((here["rung"] == rung).sum()) for rung in get_args(Rung)]
        yield (
            f"| {world} | {size:,} | {len(here)} | {' | '.join(map(str, counts))} "
            f"| {here['gamma'].median():g} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = ["shops", "ceilings", "rounds", "exploring"]
    parser.add_argument("parts", nargs="*", default=every)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--shops", type=int, default=12, help="of each kind")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), help="of shops to simulate")
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS))
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    given = parser.parse_args()
    keys = [[k, n, s] for n in given.sizes for s in range(given.shops) for k in KINDS]
    for part in given.parts:
        if given.fresh and part in every[1:]:
            (STATE / f"{part}.jsonl").unlink(missing_ok=True)
        if part == "shops":
            for kind, size, seed in keys:
                if kind in given.kinds:
                    shop_of(kind, size, seed)
        elif part == "ceilings":
            shops = dict.fromkeys((kind, shop_for(size), seed) for kind, size, seed in keys)
            keep(part, [list(each) for each in shops], ceilings)
        elif part == "rounds":
            keep(part, [[*key, world] for key in keys for world in given.worlds], rounds)
        elif part == "exploring":
            wanted = [[*k, "works", e] for k in keys for e in EXPLORED if k[1] == EXPLORED_SIZE]
            keep(part, wanted, rounds)
        elif part != "page":
            parser.error(f"unknown part {part!r}: {', '.join(every)} or page")
    lines = list(page())
    print("\n".join(lines))
    (HERE / "rounds.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
