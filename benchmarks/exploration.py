"""Whether what exploring is said to cost and to be worth is what it costs and is worth.

    python benchmarks/exploration.py
    python benchmarks/exploration.py --customers 2000 --worlds 200

Shops of made-up customers and three offers whose ratios are known as well as an interval says: in
each world the true ones are drawn from it, log-normal around what the plan reckons with. The list
is planned by winback with a share explored, and without; orders are Poisson. From the orders of
the list as drawn, with its logged chances as overlap weights, the ratio of each offer is read and
drawn towards what was thought; the next list gives everybody the offer that then seems best, or
none. Its gain in that world after a list with exploration, less that after one without, is what
exploring was worth; what the explored brought less than the offer planned for them without is
what it cost. Both beside what `exploration` in target.json told before. Means over worlds, with
their standard errors. Prints, and writes exploration.md.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from winback.offers.chances import read_chances
from winback.offers.plan import Limits, Plan, plan_campaign
from winback.offers.worth import OfferValues, value_offers
from winback.results.offered import MeasuredOffer, Offer

HERE = Path(__file__).parent
LABEL = {"en": "An offer", "pl": "Oferta"}
SPREAD = {"reminder": 0.10, "ten_off": 0.20, "gift": 0.35}
"""Standard deviation of what is thought of the logarithm of each offer's ratio."""


def shop(n: int, seed: int) -> pd.DataFrame:
    """Customers who differ in how often they order, and for how much."""
    draw = np.random.default_rng(seed)
    p = draw.beta(0.6, 2.5, n)
    return pd.DataFrame({
        "customer_id": [f"{i:06d}" for i in range(n)],
        "cutoff": date(2024, 5, 1), "horizon_days": 30, "p_return": p, "orders_total": 50.0,
        "order_value_mean": np.exp(draw.normal(4, 0.6, n)), "refund_share": 0.0,
        "spend_total": 1000.0,
    })  # fmt: skip


def catalogue() -> list[Offer]:
    """A reminder, a discount and a gift, each with the interval of its ratio."""
    base = {
        "margin_share": 0.4, "contact_cost": 0.2, "valid_days": 30, "max_uses": None,
        "effect_pp": 3.0, "effect_source": "measured", "label": LABEL,
    }  # fmt: skip
    each = [
        ("reminder", "content", {}, 1.12),
        ("ten_off", "percent_off", {"discount_share": 0.1}, 1.45),
        ("gift", "gift", {"discount_amount": 4.0}, 1.45),
    ]
    offers: list[Offer] = []
    for name, kind, terms, ratio in each:
        width = np.exp(1.96 * SPREAD[name])
        ends = {"hazard_ratio": ratio, "hazard_ratio_low": ratio / width,
                "hazard_ratio_high": ratio * width, "orders_ratio": ratio,
                "orders_ratio_low": ratio / width, "orders_ratio_high": ratio * width}  # fmt: skip
        given = {"name": name, "kind": kind, **base, **terms, **ends}
        offers.append(MeasuredOffer.model_validate(given))
    return offers


def gains(values: OfferValues, logs: np.ndarray) -> np.ndarray:
    """Everybody's gain by each offer at these logarithms of its ratio."""
    rate = -np.log1p(-values.p_order)
    contact = values.idle - values.subsidy
    more = np.exp(logs) * rate
    return values.margin * (more - rate) - values.discount * more - contact


def best(expected: np.ndarray) -> np.ndarray:
    """The offer of each that is expected to bring most; -1 where none brings anything."""
    return np.where(expected.max(axis=1) > 0, expected.argmax(axis=1), -1)


def brought(truth: np.ndarray, picks: np.ndarray) -> float:
    """What these picks bring in truth."""
    return float(np.where(picks >= 0, truth[np.arange(len(picks)), picks], 0.0).sum())


class Left:
    """A list as drawn, and what it is read by."""

    def __init__(self, plan: Plan, values: OfferValues, names: list[str]) -> None:
        """Find everybody's arm and chances."""
        rows = plan.assignment
        self.at = rows["customer_id"].astype(int).to_numpy()
        self.arm = np.array([names.index(a) if a in names else -1 for a in rows["arm"]])
        told = read_chances(rows["arm_probabilities"]).reindex(columns=["control", *names])
        self.chances = told.fillna(0.0).to_numpy()
        self.rate = -np.log1p(-values.p_order[self.at, 0])
        self.explored = (rows["chosen_by"] == "explore").to_numpy() & (self.arm >= 0)

    def cost(self, truth: np.ndarray, choice: np.ndarray) -> float:
        """What the explored of the list bring in truth less than their best choice would."""
        mine = truth[self.at[self.explored]]
        return brought(mine, choice[self.at[self.explored]]) - brought(
            mine, self.arm[self.explored]
        )

    def learnt(self, orders: np.ndarray, thought: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """The logarithm of each offer's mean ratio after the orders."""
        after = thought + spread**2 / 2
        for j in range(len(thought)):
            control, mine = self.chances[:, 0], self.chances[:, 1 + j]
            open_to = (mine > 0) & (control > 0)
            either = np.where(open_to, control + mine, 1.0)
            sides = []
            for here, weight in (
                (open_to & (self.arm == j), control / either),
                (open_to & (self.arm < 0), mine / either),
            ):
                w, y, m = weight[here], orders[here], self.rate[here]
                total = float((w * y).sum())
                if total <= 0:
                    break
                sides.append((np.log(total / (w * m).sum()), (w**2 * y).sum() / total**2))
            if len(sides) == 2:
                value, error = sides[0][0] - sides[1][0], sides[0][1] + sides[1][1]
                kept = spread[j] ** 2 / (spread[j] ** 2 + error)
                after[j] = thought[j] + kept * (value - thought[j])
                after[j] += (1 - kept) * spread[j] ** 2 / 2
        return after


def played(n: int, share: float, worlds: int, shops: int) -> dict[str, float]:
    """What was told and what came, means over shops and worlds."""
    offers = catalogue()
    names = [offer.name for offer in offers]
    thought = np.log([offer.hazard_ratio for offer in offers])  # type: ignore[attr-defined]
    spread = np.array([SPREAD[name] for name in names])
    thought -= spread**2 / 2
    told, cost, worth, whole = [], [], [], []
    for seed in range(shops):
        table = shop(n, seed)
        values = value_offers(table, offers)
        plans = [
            plan_campaign(table, offers, campaign_id="may", salt=str(seed),
                          limits=Limits(explore_share=explore, reserve_share=0))
            for explore in (share, 0.0)
        ]  # fmt: skip
        found = plans[0].summary.exploration
        told.append((found.cost, found.worth) if found else (0.0, 0.0))
        lists = [Left(plan, values, names) for plan in plans]
        draw, choice = np.random.default_rng(1000 + seed), best(values.gain)
        rate = -np.log1p(-values.p_order[:, :1])
        for _ in range(worlds):
            logs = draw.normal(thought, spread)
            truth = gains(values, logs)
            # Who gets the same in both lists orders the same.
            each = draw.poisson(rate * np.exp([0.0, *logs])).astype(np.float64)
            brings = []
            for left in lists:
                orders = each[left.at, left.arm + 1]
                after = left.learnt(orders, thought, spread)
                brings.append(brought(truth, best(gains(values, after))))
            cost.append(lists[0].cost(truth, choice))
            # The control of the next list is told apart no more: nine of ten are sent theirs.
            worth.append(0.9 * (brings[0] - brings[1]))
            whole.append(brings[1])
    per_list = np.array(told).mean(axis=0)
    return {
        "told_cost": per_list[0], "cost": np.mean(cost), "cost_error": error_of(cost),
        "told_worth": per_list[1], "worth": np.mean(worth), "worth_error": error_of(worth),
        "gain": np.mean(whole),
    }  # fmt: skip


def error_of(values: list[float]) -> float:
    """Standard error of a mean."""
    return float(np.std(values) / np.sqrt(len(values)))


def main() -> None:
    """Print the table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="*", default=[1_000, 4_000, 16_000])
    parser.add_argument("--shares", type=float, nargs="*", default=[0.05, 0.1, 0.2])
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--shops", type=int, default=4)
    given = parser.parse_args()
    lines = [
        "# What exploring costs and is worth",
        "",
        f"Printed by `python benchmarks/exploration.py`: {given.shops} shops with {given.worlds} "
        "worlds each. Money a list; in brackets the standard error over worlds. The gain of the "
        "next list is that after a list without exploration.",
        "",
        "| customers | share | cost, told | cost | worth a later list, told | worth | gain of the "
        "next list |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    for n in given.customers:
        for share in given.shares:
            row = played(n, share, given.worlds, given.shops)
            lines.append(
                f"| {n:,} | {share:g} | {row['told_cost']:.1f} | {row['cost']:.1f} "
                f"({row['cost_error']:.1f}) | {row['told_worth']:.1f} | {row['worth']:.1f} "
                f"({row['worth_error']:.1f}) | {row['gain']:.0f} |"
            )
            print(lines[-1], flush=True)
    (HERE / "exploration.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
