"""How like real shops the simulated ones are: CDNOW and the Complete Journey against two kinds.

    python benchmarks/realism.py

CDNOW is a cohort of new customers (first order in the first twelve weeks of a year and a half):
beside it stands the same cohort of the kind bgnbd, whose rates are CDNOW's published ones and
whose spend is not fitted to anything. The Complete Journey is a panel of households over a year:
beside it stands the kind groceries as it is, fitted to nothing but the regularity of its gaps.
Writes benchmarks/realism.md and benchmarks/realism.png.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import lightgbm
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.stats import ks_2samp, mannwhitneyu

from winback.datasets import cdnow_csv, complete_journey_orders
from winback.intake.settling import read_orders
from winback.synthetic.shop import simulate_shop

SEEDS = range(5)
AGES = (30, 90, 180, 300)
COHORT_DAYS, CDNOW_DAYS = 84, 546
REAL, SIMULATED = "#1d2430", "#1f5fae"


def purchases(source: Path | pd.DataFrame, folder: Path) -> pd.DataFrame:
    """One row per purchase: customer_id, day (from the first day), value."""
    read = read_orders(source, folder)
    lines = pq.read_table(read.orders_path).to_pandas()
    lines = lines[lines["kind"] == "order"].assign(
        day=lambda t: (t["ordered_at"] - t["ordered_at"].min()).dt.days
    )
    orders = lines.groupby(["customer_id", "order_id", "day"], as_index=False)["amount"].sum()
    return orders.rename(columns={"amount": "value"}).sort_values(["customer_id", "day"])


def cdnow_like(seed: int, customers: int) -> pd.DataFrame:
    """A cohort like CDNOW's: who came new in its first weeks, followed to the same day."""
    everyone = round(customers * CDNOW_DAYS / COHORT_DAYS * 1.02)
    shop = simulate_shop("bgnbd", everyone, "1997-01-01", days=CDNOW_DAYS, seed=seed)
    first = shop.customers["first_ordered_at"]
    new = first < pd.Timestamp(shop.start) + pd.Timedelta(days=COHORT_DAYS)
    chosen = shop.customers.loc[new, "customer_id"].head(customers)
    return shop.orders[shop.orders["customer_id"].isin(chosen)]


def journey_like(seed: int, customers: int) -> pd.DataFrame:
    return simulate_shop("groceries", customers, "2017-01-01", days=365, seed=seed).orders


def by_customer(orders: pd.DataFrame) -> pd.DataFrame:
    """What the discriminator sees of each customer; money relative to the shop's median order."""
    value = orders["value"] / orders["value"].median()
    gap = orders.groupby("customer_id")["day"].diff()
    grouped = orders.assign(value=value, gap=gap).groupby("customer_id")
    seen = grouped.agg(
        orders=("day", "size"), first=("day", "min"), last=("day", "max"),
        value=("value", "mean"), value_sd=("value", "std"), gap=("gap", "mean"),
        gap_sd=("gap", "std"),
    )  # fmt: skip
    return seen.astype(float)


def told_apart(real: pd.DataFrame, simulated: pd.DataFrame) -> float:
    """ROC AUC of trees asked which customers are real, on customers they have not seen."""
    both = pd.concat([by_customer(real), by_customer(simulated)], ignore_index=True)
    is_real = np.repeat([1, 0], [real["customer_id"].nunique(), simulated["customer_id"].nunique()])
    fold = np.random.default_rng(0).integers(0, 3, is_real.size)
    chance = np.zeros(is_real.size)
    for left_out in range(3):
        model = lightgbm.train(
            {"objective": "binary", "num_leaves": 15, "verbosity": -1, "num_threads": 1, "seed": 0},
            lightgbm.Dataset(both[fold != left_out], is_real[fold != left_out]),
            num_boost_round=60,
        )
        chance[fold == left_out] = model.predict(both[fold == left_out])
    found = mannwhitneyu(chance[is_real == 1], chance[is_real == 0])
    return float(found.statistic / (is_real.sum() * (is_real == 0).sum()))


def gaps(orders: pd.DataFrame) -> pd.Series:
    return orders.groupby("customer_id")["day"].diff().dropna()


def repeat_rate(orders: pd.DataFrame, ages: np.ndarray) -> np.ndarray:
    """Share with a second purchase within each age, of customers seen for that long."""
    grouped = orders.groupby("customer_id")["day"]
    first, second = grouped.first(), grouped.nth(1)
    second.index = orders.loc[second.index, "customer_id"]
    wait = (second.reindex(first.index) - first).to_numpy()
    seen = orders["day"].max() - first.to_numpy()
    return np.array([np.mean(wait[seen >= age] <= age) for age in ages])


def spend_curve(orders: pd.DataFrame) -> np.ndarray:
    """Share of all spend by the customers from the smallest to each, at 101 shares of them."""
    spend = np.sort(orders.groupby("customer_id")["value"].sum())
    passed = np.concatenate([[0], np.cumsum(spend) / spend.sum()])
    return np.interp(np.linspace(0, 1, 101), np.linspace(0, 1, passed.size), passed)


def wheat_morrison(orders: pd.DataFrame) -> float:
    """Regularity from pairs of gaps (Wheat & Morrison 1990): 1 at random, more if regular."""
    gap = orders.groupby("customer_id")["day"].diff()
    pair = gap + gap.groupby(orders["customer_id"]).shift()
    # Two purchases on one day are no gap.
    variance = (gap / pair)[(pair > 0) & (gap > 0) & (gap < pair)].var()
    return float((1 - 4 * variance) / (8 * variance))


def figures(orders: pd.DataFrame) -> dict[str, float]:
    count = orders["customer_id"].value_counts()
    gap, value = gaps(orders), orders["value"]
    curve = spend_curve(orders)
    found = {
        "customers": len(count),
        "one-time buyers, share": (count == 1).mean(),
        "orders per customer, mean": count.mean(),
        "orders per customer, median": count.median(),
        "orders per customer, 90 % of customers below": count.quantile(0.9),
        "orders per customer, 99 % below": count.quantile(0.99),
        "gap in days, median": gap.median(),
        "gap in days, 90 % below": gap.quantile(0.9),
        "regularity of gaps k": wheat_morrison(orders),
        "order value, sd of log": np.log(value[value > 0]).std(),
        "order value, 99 % below, in medians": value.quantile(0.99) / value.median(),
        "spend of the top tenth, share": 1 - curve[90],
        "Gini of spend": 1 - 2 * np.trapezoid(curve, dx=0.01),
    }
    for age, rate in zip(AGES, repeat_rate(orders, np.array(AGES)), strict=True):
        found[f"second order within {age} days, share"] = rate
    return found


def distances(real: pd.DataFrame, simulated: pd.DataFrame) -> dict[str, float]:
    pairs = {
        "orders per customer": [t["customer_id"].value_counts() for t in (real, simulated)],
        "gaps": [gaps(t) for t in (real, simulated)],
        "order value in medians": [t["value"] / t["value"].median() for t in (real, simulated)],
    }
    found = {
        f"distance of {name} (Kolmogorov-Smirnov)": float(ks_2samp(*pair).statistic)
        for name, pair in pairs.items()
    }
    return found | {"told apart from real customers, ROC AUC": told_apart(real, simulated)}


def shown(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def table(real: pd.DataFrame, simulated: list[pd.DataFrame]) -> list[str]:
    truth = figures(real)
    drawn = pd.DataFrame([figures(orders) for orders in simulated])
    apart = pd.DataFrame([distances(real, orders) for orders in simulated])
    lines = ["| | real | simulated | sd over seeds |", "|---|---:|---:|---:|"]
    for name in drawn:
        mean, spread = shown(drawn[name].mean()), shown(drawn[name].std())
        lines.append(f"| {name} | {shown(truth[name])} | {mean} | {spread} |")
    for name in apart:
        lines.append(f"| {name} | | {shown(apart[name].mean())} | {shown(apart[name].std())} |")
    return lines


def draw_row(axes: np.ndarray, real: pd.DataFrame, simulated: pd.DataFrame) -> None:
    ages = np.arange(1, 331, 5)
    for orders, colour, name in ((simulated, SIMULATED, "simulated"), (real, REAL, "real")):
        style = {"color": colour, "lw": 1.6 if name == "real" else 2.4, "label": name}
        style["alpha"] = 1.0 if name == "real" else 0.7
        count = np.sort(orders["customer_id"].value_counts())
        axes[0].loglog(count, 1 - np.arange(count.size) / count.size, **style)
        gap = np.sort(gaps(orders))
        axes[1].plot(gap, np.arange(gap.size) / gap.size, **style)
        value = np.sort(orders["value"] / orders["value"].median())
        value = value[value > 0]
        axes[2].semilogx(value, np.arange(value.size) / value.size, **style)
        axes[3].plot(ages, repeat_rate(orders, ages), **style)
        axes[4].plot(np.linspace(0, 1, 101), spend_curve(orders), **style)
    axes[1].set_xlim(0, gaps(real).quantile(0.95))
    axes[2].set_xlim(0.02, 50)
    axes[3].set_ylim(0, 1)
    names = (
        ("Orders per customer", "orders", "share with as many or more"),
        ("Gaps between orders", "days", "share no longer"),
        ("Order value", "in medians of the shop", "share no larger"),
        ("Second order by age", "days since the first order", "share who came again"),
        ("Spend", "share of customers, least first", "share of spend"),
    )
    for axis, (name, x, y) in zip(axes, names, strict=True):
        axis.set(title=name, xlabel=x, ylabel=y)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False)


def main() -> None:
    here = Path(__file__).parent
    lines = [
        "# Realism of the simulated shops",
        "",
        f"Printed by `python benchmarks/realism.py`; simulated: mean of {len(SEEDS)} seeds. Order "
        "values are compared in medians of the shop.",
    ]
    picture = plt.figure(figsize=(17, 8), layout="constrained")
    rows = picture.subfigures(2, 1, hspace=0.06)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "cdnow.csv").write_text(cdnow_csv())
        pairs = (
            ("CDNOW (music, from 1997) and kind bgnbd", folder / "cdnow.csv", cdnow_like),
            ("Complete Journey (2017) and kind groceries", complete_journey_orders(), journey_like),
        )
        for row, (title, source, like) in enumerate(pairs):
            real = purchases(source, folder / f"real {row}")
            customers = real["customer_id"].nunique()
            simulated = [
                purchases(like(seed, customers), folder / f"{row} {seed}") for seed in SEEDS
            ]
            lines += ["", f"## {title}", "", *table(real, simulated)]
            apart = told_apart(real, simulated[0])
            rows[row].suptitle(
                f"{title}: trees tell their customers apart with an AUC of {apart:.2f} "
                "(0.5 is guessing)",
                x=0.005, ha="left", fontweight="bold",
            )  # fmt: skip
            draw_row(rows[row].subplots(1, 5), real, simulated[0])
    picture.savefig(here / "realism.png", dpi=72)
    (here / "realism.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
