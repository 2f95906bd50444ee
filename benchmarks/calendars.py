"""Whether a calendar misleads the forecast: shops whose truth is known, foretold over came.

    python benchmarks/calendars.py                    all shops, about five minutes
    python benchmarks/calendars.py --only easter      those whose name holds the word

Customers buy by chance at a rate of their own (Gamma, twice in four months in the mean), and the
calendar multiplies everybody's. Population: everybody with a purchase before the cutoff; label: a
purchase in the horizon. A row passes where foretold over came lies within .8 and 1.25, or where a
concern names the cause. Written to benchmarks/calendars.md.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd

from winback.intake.settling import read_orders
from winback.judging.evidence import judge_evidence
from winback.learning.fit import fit_return_model
from winback.params import COUNTRY, TrainSettings
from winback.snapshots.days import shop_days
from winback.snapshots.festivals import feasts_of
from winback.snapshots.plan import training_cutoffs
from winback.snapshots.walk import take_first_days, take_snapshots

HERE = Path(__file__).parent
LOW, HIGH = 0.8, 1.25
EPOCH = date(1970, 1, 1)
# Reads a day number each, gives how many times the usual purchases it has.
Times = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Shop:
    """A shop, when it is scored, and the concerns that would name what it is about."""

    name: str
    start: date
    cutoff: date
    horizon: int
    times: Times
    concerns: frozenset[str] = frozenset()
    customers: int = 1200
    per_day: float = 1 / 60
    growth: float = 0.0  # of the number of customers, logarithm a year
    prices: float = 0.0  # logarithm a year
    country: str = COUNTRY
    seeds: Sequence[int] = (0,)
    offset_of: Callable[[date], str] | None = None
    groups: dict[str, tuple[int, float]] = field(default_factory=dict)  # customers, per day


class Row(NamedTuple):
    shop: str
    seed: int
    group: str
    customers: int
    foretold: float
    came: int
    spend: float  # foretold over came
    concerns: tuple[str, ...]
    passes: bool

    @property
    def ratio(self) -> float:
        return self.foretold / max(self.came, 1)


def number(day: date) -> int:
    return (day - EPOCH).days


def always(day: np.ndarray) -> np.ndarray:
    return np.ones(len(day))


def but(first: date, last: date, times: float = 0.0, of: Times = always) -> Times:
    """The same, except from the first to the last day."""
    span = number(first), number(last)
    return lambda day: np.where((day >= span[0]) & (day <= span[1]), times, 1.0) * of(day)


def monday_to_friday(day: np.ndarray) -> np.ndarray:
    return ((day + 3) % 7 < 5).astype(float)


def feast(name: str, before: int, after: int, times: float, country: str = COUNTRY) -> Times:
    """So many times the usual purchases from ``before`` days before to ``after`` after it."""
    days = [number(day) for day in feasts_of(country, 2015, 2030)[name]]

    def found(day: np.ndarray) -> np.ndarray:
        near = np.zeros(len(day), bool)
        for when in days:
            near |= (day >= when - before) & (day < when + after)
        return np.where(near, times, 1.0)

    return found


def warsaw(day: date) -> str:
    """Hours from Greenwich, by the rule of the last Sundays of March and October."""
    from zoneinfo import ZoneInfo

    noon = pd.Timestamp(day) + pd.Timedelta(hours=12)
    return noon.tz_localize(ZoneInfo("Europe/Warsaw")).strftime("%z")


Y = date
SINCE = Y(2022, 1, 1)
EASTER = frozenset({"feast_unseen", "feast_once", "feast_unsteady"})
GAP = frozenset({"gap", "gap_everywhere"})
SATURDAY = Y(2024, 6, 1)


def easter(times: float) -> Times:
    return feast("easter", 21, 0, times)


SHOPS = (
    Shop("steady", SINCE, Y(2025, 3, 1), 28, always, seeds=(0, 1)),
    Shop("closed until two weeks ago", SINCE, Y(2024, 6, 3), 30,
         but(Y(2024, 2, 20), Y(2024, 5, 20)), GAP, seeds=(0, 1)),
    Shop("export missing a year ago", SINCE, Y(2024, 6, 3), 30,
         but(Y(2023, 5, 20), Y(2023, 7, 10)), GAP, seeds=(0, 1)),
    Shop("Monday to Friday, 1 day from a Saturday", SINCE, SATURDAY, 1, monday_to_friday),
    Shop("Monday to Friday, 3 days from a Saturday", SINCE, SATURDAY, 3, monday_to_friday),
    Shop("Monday to Friday, 10 days from a Saturday", SINCE, SATURDAY, 10, monday_to_friday),
    Shop("Easter out, 6 times", SINCE, Y(2025, 3, 1), 28, easter(6), EASTER, seeds=(0, 1, 2)),
    Shop("Easter in, 6 times", SINCE, Y(2025, 3, 31), 21, easter(6), EASTER, seeds=(0, 1, 2)),
    Shop("Easter out, 2.5 times", SINCE, Y(2025, 3, 1), 28, easter(2.5), EASTER, seeds=(0, 1, 2)),
    Shop("Easter in, 2.5 times", SINCE, Y(2025, 3, 31), 21, easter(2.5), EASTER, seeds=(0, 1, 2)),
    Shop("Easter seen once, out", Y(2023, 11, 1), Y(2025, 3, 1), 28, easter(6), EASTER,
         seeds=(0, 1)),
    Shop("Easter seen once, in", Y(2023, 11, 1), Y(2025, 3, 31), 21, easter(6), EASTER,
         seeds=(0, 1)),
    Shop("Black Friday just out", SINCE, Y(2024, 11, 1), 26,
         feast("black_friday", 2, 4, 6), EASTER, seeds=(0, 1)),
    Shop("Black Friday just in", SINCE, Y(2024, 11, 3), 30,
         feast("black_friday", 2, 4, 6), EASTER, seeds=(0, 1)),
    Shop("clocks put back", SINCE, Y(2024, 10, 24), 7, always, offset_of=warsaw),
    Shop("reopened", SINCE, Y(2024, 6, 3), 30, but(Y(2023, 8, 1), Y(2024, 2, 20)), GAP,
         seeds=(0, 1)),
    Shop("doubling every year", SINCE, Y(2024, 6, 3), 30, always, growth=np.log(2), seeds=(0, 1)),
    Shop("prices up by 30 % a year", SINCE, Y(2024, 6, 3), 30, always, prices=np.log(1.3),
         seeds=(0, 1)),
    Shop("yearly buyers", Y(2020, 11, 1), Y(2024, 11, 25), 30, always,
         groups={"weekly": (400, 1 / 7), "monthly": (400, 1 / 30), "yearly": (400, 1 / 365)}),
    Shop("gifts before their first Christmas", Y(2024, 1, 15), Y(2024, 11, 25), 30,
         feast("christmas", 28, 0, 6), frozenset({"feast_unseen"}), seeds=(0, 1)),
    Shop("Ramadan out", SINCE, Y(2025, 4, 2), 28, feast("eid_al_fitr", 28, 0, 3, "TR"), EASTER,
         country="TR", seeds=(0, 1)),
    Shop("Ramadan in", SINCE, Y(2025, 3, 3), 26, feast("eid_al_fitr", 28, 0, 3, "TR"), EASTER,
         country="TR", seeds=(0, 1)),
)  # fmt: skip


def orders_of(shop: Shop, seed: int) -> pd.DataFrame:
    """Order lines from the start to the end of the horizon."""
    rng = np.random.default_rng(seed)
    end = shop.cutoff + timedelta(days=shop.horizon)
    day = np.arange(number(shop.start), number(end))
    groups = shop.groups or {"": (shop.customers, shop.per_day)}
    parts = []
    for group, (customers, per_day) in groups.items():
        times = shop.times(day)
        spread = 2.0 if not shop.groups else 50.0
        rate = rng.gamma(spread, per_day / spread, customers)
        # Half are there from the start, the others join evenly, or ever more of them.
        joins = rng.random(customers) * 2 - 1
        years = len(day) / 365.25
        if shop.growth:
            most = np.exp(shop.growth * years)
            joins = np.log(1 + rng.random(customers) * (most - 1)) / shop.growth / years
        joined = day[0] + np.maximum(joins, 0.0) * (len(day) * (1.0 if shop.growth else 0.6))
        if shop.groups:
            joined = np.full(customers, float(day[0]))
        for start in range(0, customers, 200):
            chosen = slice(start, start + 200)
            mean = rate[chosen, None] * times * (day >= joined[chosen, None])
            who, when = np.nonzero(rng.poisson(mean))
            if group == "yearly":  # each once in December, on one of its first 28 days
                months = [number(date(y, 12, 1)) for y in range(shop.start.year, end.year + 1)]
                who = np.repeat(np.arange(len(mean)), len(months))
                when = np.tile(months, len(mean)) + rng.integers(0, 28, len(who)) - day[0]
                who, when = who[when < len(day)], when[when < len(day)]
            parts.append(pd.DataFrame({"customer_id": who + start, "day": day[when]}).assign(
                group=group))  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    table["customer_id"] = table.pop("group") + "c" + table["customer_id"].astype(str)
    price = np.exp(shop.prices * (table["day"] - day[0]) / 365.25)
    table["amount"] = (rng.gamma(4.0, 10.0, len(table)) * price).round(2) + 1
    seconds = rng.integers(8 * 3600, 22 * 3600, len(table))
    at = table.pop("day").to_numpy().astype("M8[D]") + seconds.astype("m8[s]")
    text = pd.Series(at).dt.strftime("%Y-%m-%dT%H:%M:%S")
    if shop.offset_of is not None:
        dates = pd.Series(at).dt.date
        text += dates.map({each: shop.offset_of(each) for each in dates.unique()})
    table["ordered_at"], table["order_id"] = text, np.arange(len(table)).astype(str)
    return table


def judge(shop: Shop, seed: int, threads: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        zone = {"timezone": "Europe/Warsaw"} if shop.offset_of else {}
        read = read_orders(orders_of(shop, seed), folder, currency="PLN", **zone)
        path, cutoff, horizon = read.orders_path, shop.cutoff, shop.horizon
        first = read.summary.first_day
        options = {"threads": threads, "country": shop.country}
        past = take_snapshots(
            path, [*training_cutoffs(first, cutoff, horizon), cutoff], horizon_days=horizon,
            observed_until=cutoff, **options,
        )  # fmt: skip
        future = take_snapshots(
            path, [cutoff], horizon_days=horizon,
            observed_until=cutoff + timedelta(days=horizon), **options,
        ).closed()  # fmt: skip
        parts = take_first_days(path, first, cutoff, horizon_days=horizon, threads=threads)
        days = shop_days(path, cutoff, shop.country)
    rows, customers = past.closed(), past.newest()
    found = judge_evidence(rows, customers, horizon_days=horizon, days=days)
    codes = tuple(
        f"{each.code} {each.feast}" if each.feast else each.code for each in found.concerns
    )
    named = bool({code.split()[0] for code in codes} & shop.concerns)
    model = fit_return_model(
        rows, cutoff=cutoff, horizon_days=horizon, customers=customers, first_days=parts,
        days=days, settings=TrainSettings(threads=threads),
    )  # fmt: skip
    told = model.predict(customers)
    group = customers["customer_id"].str.split("c").str[0].to_numpy()
    for each in shop.groups or {"": None}:
        chosen = group == each
        came = int(future["returned"].to_numpy(bool)[chosen].sum())
        spent = float(future["net_spend_in_horizon"][chosen].sum())
        foretold = float(told["p_return"][chosen].sum())
        spend = float(told["expected_net_spend"][chosen].sum()) / max(spent, 1.0)
        # Nobody comes where nothing is sold: one in a hundred is as good as none.
        right = LOW <= foretold / came <= HIGH if came else foretold < chosen.sum() / 100
        yield Row(
            shop.name, seed, each, int(chosen.sum()), foretold, came, spend, codes, right or named
        )


def told(rows: Sequence[Row]) -> str:
    lines = [
        "# Calendars",
        "",
        "Made by `python benchmarks/calendars.py`, which says what the shops are. Foretold and "
        "came are customers who return within the horizon; spend is foretold over came. A row "
        f"passes within {LOW} and {HIGH}, or where a concern names the cause.",
        "",
        "| shop | seed | customers | foretold | came | ratio | spend | concerns | passes |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        name = f"{row.shop}: {row.group}" if row.group else row.shop
        ratio = f"{row.ratio:.2f}" if row.came else ""
        spend = f"{row.spend:.2f}" if row.came else ""
        lines.append(
            f"| {name} | {row.seed} | {row.customers} | {row.foretold:.0f} | {row.came} | {ratio} "
            f"| {spend} | {', '.join(row.concerns)} | {'yes' if row.passes else '**no**'} |"
        )
    passed = sum(row.passes for row in rows)
    return "\n".join([*lines, "", f"{passed} of {len(rows)} rows pass.", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="shops whose name holds this")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    rows = []
    for shop in SHOPS:
        if asked.only.lower() in shop.name.lower():
            for seed in shop.seeds:
                for row in judge(shop, seed, asked.threads):
                    rows.append(row)
                    print(f"{row.shop} {row.group} {row.seed}: {row.foretold:.0f} / {row.came} "
                          f"= {row.ratio:.2f}, spend {row.spend:.2f}, {', '.join(row.concerns)} "
                          f"{'' if row.passes else 'FAILS'}", flush=True)  # fmt: skip
    if not asked.only:
        (HERE / "calendars.md").write_text(told(rows))
    print(f"{sum(row.passes for row in rows)} of {len(rows)} rows pass")


if __name__ == "__main__":
    main()
