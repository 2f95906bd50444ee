"""How often the interval of a campaign's profit holds what the campaign earned.

    python benchmarks/terms.py                 goes on where it stopped, by what is in build/terms/
    python benchmarks/terms.py --fresh         all of it anew
    python benchmarks/terms.py --worlds 50     fewer worlds of each design

A world is a campaign of customers drawn anew: how often each orders, what an order is worth, what
of it is sent back, who is held out. The offer makes orders more frequent while it holds. What it
costs is reckoned twice: by the product, which sees the orders alone, and here, where it is known
which order used it. The truth is the mean of two million customers whom both futures were drawn
for. Written to benchmarks/terms.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import beta

from winback.campaign.earnings import profit_of
from winback.campaign.followed import Followed
from winback.campaign.measuring import measure_campaign
from winback.campaign.purchases import Purchases
from winback.campaign.versus import versus_of
from winback.results.measured import Amounts, Profit
from winback.results.offered import CONTROL, Offer

HERE = Path(__file__).parent
STATE = HERE.parent / "build" / "terms"
START, WINDOW = date(2024, 3, 1), 30
TRUTH, PART = 2_000_000, 250_000
FIGURES = ("profit", "return on cost", "came anyway")


def offer(name: str, kind: str, **more: object) -> Offer:
    return Offer.model_validate(
        {"name": name, "kind": kind, "contact_cost": 0.3, "margin_share": 0.4, "valid_days": 30,
         "label": {"en": name, "pl": name}, **more}
    )  # fmt: skip


@dataclass(frozen=True)
class Design:
    """A campaign: its offers, how many customers, and how the shop's orders fall."""

    offers: tuple[Offer, ...]
    customers: int = 4_000
    control: float = 0.2
    lift: tuple[float, ...] = (1.3,)
    cancelled: float = 0.1
    halved: float = 0.08
    spread: float = 0.7
    amounts: Amounts = "before_discount"
    names: tuple[str, ...] = field(default=())


DESIGNS = {
    "smallest basket": Design(
        (offer("voucher", "amount_off", discount_amount=15, min_basket=60),)
    ),
    "ten days of thirty, any number of uses": Design(
        (offer("fifth", "percent_off", discount_share=0.2, valid_days=10, max_uses=None),)
    ),
    "six in ten used, twice at most": Design(
        (offer("voucher", "amount_off", discount_amount=12, min_basket=40, max_uses=2,
               redemption_share=0.6),)
    ),
    "four in ten orders cancelled, amounts after the discount": Design(
        (offer("tenth", "percent_off", discount_share=0.1, min_basket=50, max_uses=2),),
        cancelled=0.4, amounts="after_discount",
    ),
    "three offers and a control of one draw": Design(
        (
            offer("delivery", "free_delivery", discount_amount=5, min_basket=30, valid_days=14),
            offer("reminder", "content"),
            offer("tenth", "percent_off", discount_share=0.1, max_uses=1),
        ),
        control=0.25, lift=(1.2, 1.0, 1.4),
    ),
    "an offer that changes nothing": Design(
        (offer("voucher", "amount_off", discount_amount=15, min_basket=60),), lift=(1.0,)
    ),
    "a control of a hundred": Design(
        (offer("voucher", "amount_off", discount_amount=15, min_basket=60),),
        customers=1_000, control=0.1,
    ),
    "orders as uneven as a wholesaler's": Design(
        (offer("voucher", "amount_off", discount_amount=15, min_basket=60),), spread=1.3
    ),
}  # fmt: skip


# --- a shop ------------------------------------------------------------------------------------


def orders_of(
    design: Design, arm: np.ndarray, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Orders of the window, and each customer's real discounts; ``arm`` -1 is the control's."""
    n = len(arm)
    rate = rng.gamma(0.7, 0.7, n)
    typical = np.exp(rng.normal(3.8, 0.5, n))
    lift = np.append(design.lift, 1.0)[arm]
    days = np.append([o.valid_days for o in design.offers], WINDOW)[arm]
    during = rng.poisson(rate * days / WINDOW * lift)
    after = rng.poisson(rate * (WINDOW - days) / WINDOW)
    who = np.repeat(np.arange(n), during + after)
    place = np.arange(len(who)) - np.repeat(np.cumsum(during + after) - during - after,
                                            during + after)  # fmt: skip
    early = place < during[who]
    within = rng.random(len(who))
    length = days[who]
    day = np.where(early, within * length, length + within * (WINDOW - length)).astype(np.int64)
    value = np.round(typical[who] * np.exp(rng.normal(-design.spread**2 / 2, design.spread,
                                                      len(who))), 2) + 1  # fmt: skip
    fate = rng.random(len(who))
    kept = np.where(fate < design.cancelled, 0.0,
                    np.where(fate < design.cancelled + design.halved, 0.5, 1.0))  # fmt: skip
    table = pd.DataFrame({"who": who, "day": day, "value": value, "kept": kept, "arm": arm[who]})
    table["minute"] = rng.integers(0, 1440, len(table))
    table = table.sort_values(["who", "day", "minute"], kind="stable").reset_index(drop=True)
    table["discount"] = discounts(design.offers, table, rng)
    return table, np.bincount(table["who"], table["discount"], n)


def discounts(
    offers: tuple[Offer, ...], table: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """What each order really used, by the terms as a till would have them."""
    found = np.zeros(len(table))
    for k, terms in enumerate(offers):
        holds = (table["arm"] == k) & (table["day"] < terms.valid_days) & (table["kept"] > 0)
        holds &= table["value"] >= (terms.min_basket or 0)
        rows = table[holds]
        rows = rows[rows.groupby("who").cumcount() < (terms.max_uses or 10**9)]
        rows = rows[rng.random(len(rows)) < terms.redemption_share]
        if terms.discount_share is not None:
            off = terms.discount_share * rows["value"] * rows["kept"]
        elif terms.kind == "amount_off":
            off = np.minimum(terms.discount_amount or 0, rows["value"]) * rows["kept"]
        else:
            off = pd.Series(float(terms.discount_amount or 0), rows.index)
        found[rows.index] = off
    return found


def earned(design: Design, arm: np.ndarray, table: pd.DataFrame, paid: np.ndarray) -> np.ndarray:
    """Each customer's margin less what her offer really cost."""
    margin = np.append([o.margin_share for o in design.offers], 0.4)[arm]
    contact = np.append([o.contact_cost or 0 for o in design.offers], 0.0)[arm]
    kept = np.bincount(table["who"], table["value"] * table["kept"], len(arm))
    return margin * kept - paid - contact


def truth_of(design: Design) -> dict[str, float]:
    """Means over very many customers, in both futures."""
    sums: dict[str, float] = {}
    rng = np.random.default_rng(1)

    def add(name: str, amount: float) -> None:
        sums[name] = sums.get(name, 0.0) + amount / TRUTH

    for _ in range(TRUTH // PART):
        nobody = np.full(PART, -1)
        table, paid = orders_of(design, nobody, rng)
        add("control", float(earned(design, nobody, table, paid).sum()))
        for k, terms in enumerate(design.offers):
            as_if = table.assign(arm=k)
            add(f"{terms.name} anyway", float(discounts(design.offers, as_if, rng).sum()))
            arm = np.full(PART, k)
            theirs, paid = orders_of(design, arm, rng)
            add(f"{terms.name} earned", float(earned(design, arm, theirs, paid).sum()))
            add(f"{terms.name} paid", float(paid.sum()))
    found = {}
    for terms in design.offers:
        effect = sums[f"{terms.name} earned"] - sums["control"]
        cost = sums[f"{terms.name} paid"] + (terms.contact_cost or 0)
        found[f"{terms.name} profit"] = effect
        found[f"{terms.name} cost"] = cost
        found[f"{terms.name} paid"] = sums[f"{terms.name} paid"]
        found[f"{terms.name} anyway"] = sums[f"{terms.name} anyway"]
    return found


# --- a world -----------------------------------------------------------------------------------


def world(design: Design, seed: int) -> tuple[Followed, pd.DataFrame]:
    """A campaign as the product has it once its files are read, and its orders."""
    rng = np.random.default_rng([seed, 7])
    chances = [*[(1 - design.control) / len(design.offers)] * len(design.offers), design.control]
    arm = rng.choice([*range(len(design.offers)), -1], size=design.customers, p=chances)
    table, _ = orders_of(design, arm, rng)
    names = np.array([*(o.name for o in design.offers), CONTROL], dtype=object)[arm]
    assigned = pd.DataFrame(
        {
            "customer_id": [f"k{i:05d}" for i in range(len(arm))],
            "arm": names,
            "assigned_at": pd.Timestamp(START),
            "probability": np.array(chances)[arm],
            "planned_offer": pd.Series(pd.NA, range(len(arm)), dtype="string"),
            "chosen_by": pd.Series(pd.NA, range(len(arm)), dtype="string"),
            "plan_probability": np.nan,
        }
    )
    gross = table["value"]
    if design.amounts == "after_discount":
        # What was kept of it bore its part of the discount.
        lowered = table["discount"] / table["kept"].where(table["kept"] > 0, 1)
        gross = table["value"] - lowered
    table["gross"] = gross.round(2)
    table["refunded"] = (table["gross"] * (1 - table["kept"])).round(2)
    moments = (
        np.datetime64(START, "s")
        + table["day"].to_numpy() * np.timedelta64(86_400, "s")
        + table["minute"].to_numpy() * np.timedelta64(60, "s")
    )
    table["at"] = moments
    bought = Purchases(
        table["who"].to_numpy(np.int64), moments, table["gross"].to_numpy(np.float64),
        (table["gross"] - table["refunded"]).to_numpy(np.float64), len(arm), "PLN",
    )  # fmt: skip
    orders = np.bincount(table["who"], minlength=len(arm)).astype(np.float64)
    outcomes = pd.DataFrame({"orders": orders, "returned": (orders > 0).astype(float)})
    followed = Followed(
        assigned, outcomes, arm >= 0, None, pd.DataFrame(index=range(len(arm))), None, WINDOW,
        None, START + timedelta(days=89), bought, {},
    )  # fmt: skip
    return followed, table


def as_read(design: Design, followed: Followed, table: pd.DataFrame) -> Profit | None:
    """The same world through the files that a shop would give."""
    ids = followed.assigned["customer_id"].to_numpy(object)[table["who"]]
    order = [f"o{i}" for i in range(len(table))]
    sold = pd.DataFrame({"customer_id": ids, "order_id": order, "at": table["at"],
                         "amount": table["gross"], "kind": "order"})  # fmt: skip
    back = sold.assign(amount=-table["refunded"], kind="refund",
                       at=table["at"] + pd.Timedelta(days=3))  # fmt: skip
    # Others go on buying, so that the window is closed by the shop's own pace.
    days = pd.date_range(START - timedelta(days=30), followed.covered).repeat(100)
    others = pd.DataFrame({"customer_id": "else", "order_id": [f"e{i}" for i in range(len(days))],
                           "at": days, "amount": 1.0, "kind": "order"})  # fmt: skip
    lines = pd.concat([sold, back[table["refunded"] > 0], others], ignore_index=True)
    known = pa.array(lines["at"], pa.timestamp("s"))
    orders = pa.table(
        {
            "customer_id": pa.array(lines["customer_id"], pa.string()),
            "order_id": pa.array(lines["order_id"], pa.string()),
            "ordered_at": known,
            "known_at": known,
            "amount": pa.array((lines["amount"] * 100).round().astype("int64"), pa.int64()),
            "kind": pa.array(lines["kind"], pa.string()),
        }
    ).replace_schema_metadata({"amount_scale": "100", "currency": "PLN"})
    rows = followed.assigned[["customer_id", "arm", "assigned_at", "probability"]]
    return measure_campaign(
        rows, orders, window_days=WINDOW, history_until=followed.covered, offers=design.offers,
        amounts=design.amounts,
    ).profit  # fmt: skip


def readings(design: Design, truth: dict[str, float], seed: int) -> dict[str, Any]:
    """By figure and offer: the truth, the estimate and its ends."""
    followed, table = world(design, seed)
    if seed == 0:
        whole = profit_of(followed, design.offers, design.amounts)
        assert as_read(design, followed, table) == whole, "the files tell another profit"
    told: dict[str, Any] = {}
    arms = followed.assigned["arm"].to_numpy(object)
    for terms in design.offers:
        part = followed.within((arms == terms.name) | (arms == CONTROL))
        found = profit_of(part, design.offers, design.amounts)
        assert found is not None
        name = terms.name
        per = truth[f"{name} profit"]
        told[f"profit|{name}"] = (per, found.per_customer, found.low, found.high)
        told[f"return on cost|{name}"] = (
            per / truth[f"{name} cost"], found.return_on_cost, found.return_on_cost_low,
            found.return_on_cost_high,
        )  # fmt: skip
        if truth[f"{name} paid"] and found.came_anyway is not None:
            anyway = found.came_anyway
            share = min(truth[f"{name} anyway"] / truth[f"{name} paid"], 1.0)
            told[f"came anyway|{name}"] = (share, anyway.value, anyway.low, anyway.high)
    if len(design.offers) > 1:
        found = profit_of(followed, design.offers, design.amounts)
        assert found is not None
        counts = {o.name: int((arms == o.name).sum()) for o in design.offers}
        total = sum(counts[name] * truth[f"{name} profit"] for name in counts)
        told["profit|all together"] = (total, found.total, found.total_low, found.total_high)
        for pair in versus_of(followed, "orders", design.offers, design.amounts):
            less = truth[f"{pair.offer} profit"] - truth[f"{pair.against} profit"]
            assert pair.profit is not None
            told[f"profit|{pair.offer} against {pair.against}"] = (
                less, pair.profit.effect, pair.profit.low, pair.profit.high,
            )  # fmt: skip
    return told


# --- the page ----------------------------------------------------------------------------------


def kept(name: str, worlds: int) -> list[dict[str, Any]]:
    """The worlds of a design, made or found."""
    stem = name.replace(" ", "_").replace(",", "")
    path, design = STATE / f"{stem}.json", DESIGNS[name]
    state = json.loads(path.read_text()) if path.is_file() else {"truth": None, "worlds": []}
    state["truth"] = state["truth"] or truth_of(design)
    began = time.perf_counter()
    for seed in range(len(state["worlds"]), worlds):
        state["worlds"].append(readings(design, state["truth"], seed))
        if (seed + 1) % 100 == 0 or seed + 1 == worlds:
            path.with_suffix(".new").write_text(json.dumps(state))
            path.with_suffix(".new").replace(path)
    print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    return list(state["worlds"][:worlds])


def rows_of(name: str, found: list[dict[str, Any]]) -> list[str]:
    told = []
    for key in found[0]:
        figure, of = key.split("|")
        seen = np.array([w[key] for w in found if key in w and None not in w[key]], dtype=float)
        truth, middle, low, high = seen.T
        inside = (low <= truth) & (truth <= high)
        hits, n = int(inside.sum()), len(seen)
        ends = beta.ppf([0.025, 0.975], [hits, hits + 1], [n - hits + 1, n - hits])
        told.append(
            f"| {name} | {figure} | {of} | {truth.mean():.3g} | {middle.mean():.3g} "
            f"| {(high - low).mean():.3g} | {hits} of {n} | {hits / n:.1%} "
            f"| {np.nan_to_num(ends[0]):.1%} to {np.nan_to_num(ends[1], nan=1):.1%} |"
        )
    return told


def page(worlds: int) -> str:
    lines = [
        "# Profit's interval under an offer's terms",
        "",
        f"Made by `python benchmarks/terms.py`: {worlds} worlds of each design. *Truth* is the "
        f"mean of {TRUTH:,} customers with both futures drawn, priced by a till that knows which "
        "order used the offer; *found* the mean reading of the product, which sees orders and "
        "refunds alone; *width* the mean width of its 95 % interval. Profit is a customer with "
        "the offer, in money, but for *all together*, which is the campaign's. Worlds without an "
        "interval are left out of *n*. With a control of a hundred the interval is wider than it "
        "says: a small arm's variance is taken for no less than that of both arms together.",
        "",
        "| design | figure | offer | truth | found | width | holds it | share | 95 % of that |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in DESIGNS:
        lines += rows_of(name, kept(name, worlds))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make what is missing and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--worlds", type=int, default=500)
    parser.add_argument("--fresh", action="store_true", help="begin anew")
    asked = parser.parse_args()
    if asked.fresh:
        shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True, exist_ok=True)
    text = page(asked.worlds)
    print(text)
    if asked.worlds >= 500:
        (HERE / "terms.md").write_text(text)


if __name__ == "__main__":
    main()
