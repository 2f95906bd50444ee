"""Shops with a known truth: order histories, and what an offer would really have changed.

Every random number is a pure function of (seed, stream name, customer, order, line). The path a
customer takes with an offer and the path without it therefore share all their luck: a customer
whom an offer does not touch has the very same orders in both, and the difference between the
paths is the offer's effect and nothing else.

How a customer shops: a clock runs at the customer's own rate, faster in season and slower out of
it; an order falls due each time the clock has run one gap (Erlang, mean 1). An offer makes the
clock run faster or slower for as long as it is valid; what was only pulled forward is paid back
by a slower clock afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, ndtr, ndtri

from winback.errors import UsageError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CONTROL: Final = "control"
FUTURE_DAYS: Final = 730
"""Days after the end of a shop's history for which campaigns can be simulated."""

_YEAR: Final = 365.25
_DAY_SECONDS: Final = 86_400
_GAP_UNIT: Final = 2.0**32
_MAX_LOG_HAZARD: Final = 1.8
_MAX_REFUND_DAYS: Final = 100.0
_RESPONSES: Final = ("persuadable", "sure_thing", "lost_cause", "sleeping_dog")


@dataclass(frozen=True, slots=True)
class OfferEffect:
    """What one offer really does to the customers who are sent it.

    ``strength`` is the median log hazard ratio among persuadables while the offer is valid,
    ``harm`` the same among sleeping dogs with its sign turned; sure things and lost causes do
    not react. ``everyone`` is added to the log hazard of every customer whatever the type.
    ``pull_forward_share`` is the share of the extra demand that is taken from the
    ``payback_days`` after the offer, as far as these hold any demand. ``wear_out_share`` of the
    effect is lost with each earlier campaign the customer was sent.

    The first order while the offer is valid is redeemed with ``redemption_share`` (more often
    by price-sensitive customers) if it is worth at least ``min_basket``; the redeemed order is
    cheaper by ``discount_share`` of its value plus ``discount_amount``, never below a tenth of it.
    """

    strength: float = 0.8
    harm: float = 0.8
    everyone: float = 0.0
    spread: float = 0.4
    price_sensitive: float = 0.4
    valid_days: int = 30
    discount_share: float = 0.0
    discount_amount: float = 0.0
    min_basket: float = 0.0
    redemption_share: float = 0.8
    pull_forward_share: float = 0.25
    payback_days: int = 60
    wear_out_share: float = 0.15


DEFAULT_EFFECTS: Final[Mapping[str, OfferEffect]] = {
    "percent_off": OfferEffect(discount_share=0.1),
    "free_delivery": OfferEffect(strength=0.5, harm=0.4, discount_amount=4.0, min_basket=20.0),
    "reminder": OfferEffect(
        strength=0.3, harm=0.6, price_sensitive=0.0, redemption_share=0.0, wear_out_share=0.3
    ),
}
NULL_EFFECTS: Final[Mapping[str, OfferEffect]] = {
    name: OfferEffect(strength=0.0, harm=0.0, redemption_share=0.0) for name in DEFAULT_EFFECTS
}
"""The world in which no offer does, or costs, anything: both paths are equal."""
HARM_EFFECTS: Final[Mapping[str, OfferEffect]] = {
    name: OfferEffect(strength=0.0, harm=0.0, everyone=-0.7, spread=0.0, redemption_share=0.0)
    for name in DEFAULT_EFFECTS
}
"""The world in which every contact keeps customers away."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes one kind of shop: rhythm, life, season, baskets, returns.

    Medians (gap, life, basket) are over customers; sigmas are of the logarithm. Of the new
    customers ``one_time_share`` never order again; ``established_share`` were customers before
    the history starts. ``acquisition_growth`` and ``rate_trend`` are log changes a year.
    ``season`` is the log height of its peak over the mean; ``christmas`` holds classes of
    customers (share of them, how many times more they order in mid December). Gaps are Erlang
    with shape ``regularity``; hours are (peak, spread), None for a flat day.

    With ``bgnbd`` (r, alpha in days, a, b) rate and life follow the BG/NBD of Fader, Hardie &
    Lee (2005) instead, exactly if regularity, season, weekdays and hours are left flat.
    """

    gap_days: float = 60.0
    gap_sigma: float = 0.8
    regularity: int = 1
    life_days: float = 400.0
    life_sigma: float = 1.0
    one_time_share: float = 0.2
    bgnbd: tuple[float, float, float, float] | None = None
    established_share: float = 0.3
    acquisition_growth: float = 0.0
    rate_trend: float = 0.0
    season: float = 0.0
    season_peak_day: int = 0
    christmas: tuple[tuple[float, float], ...] = ((1.0, 0.0),)
    weekdays: tuple[float, ...] = (1.0,) * 7
    favourite_weekday: float = 0.0
    closed_at_new_year: bool = False
    hours: tuple[float, float] | None = (17.0, 4.0)
    basket: float = 60.0
    basket_sigma_customers: float = 0.4
    basket_sigma_orders: float = 0.5
    bulk_share: float = 0.01
    lines: float = 2.2
    products: int = 400
    habit_share: float = 0.3
    refund_share: float = 0.06
    refund_delay_days: float = 9.0
    days: int = 730


KINDS: Final[Mapping[str, Kind]] = {
    "bgnbd": Kind(
        # CDNOW's published values, with alpha in days instead of weeks.
        bgnbd=(0.243, 7 * 4.414, 0.793, 2.426),
        one_time_share=0.0,
        established_share=0.0,
        hours=None,
        refund_share=0.0,
        bulk_share=0.0,
    ),
    "groceries": Kind(
        gap_days=9.0,
        gap_sigma=0.9,
        regularity=2,  # BTYDplus finds k = 2 in its grocery log
        life_days=1_200.0,
        one_time_share=0.08,
        established_share=0.7,
        season=0.05,
        season_peak_day=350,
        christmas=((1.0, 0.4),),
        weekdays=(0.9, 0.8, 0.85, 0.95, 1.3, 1.5, 0.7),
        favourite_weekday=4.0,
        hours=(16.0, 3.5),
        basket=35.0,
        basket_sigma_customers=0.5,
        lines=5.0,
        products=1_500,
        habit_share=0.7,
        refund_share=0.01,
        refund_delay_days=2.0,
    ),
    "fashion": Kind(
        gap_days=75.0,
        season=0.25,
        season_peak_day=120,
        christmas=((1.0, 1.2),),
        weekdays=(1.1, 1.0, 1.0, 1.0, 0.9, 0.9, 1.1),
        hours=(19.0, 3.5),
        refund_share=0.18,
    ),
    "wholesale": Kind(
        gap_days=40.0,
        gap_sigma=0.7,
        regularity=2,
        life_days=900.0,
        one_time_share=0.12,
        established_share=0.6,
        season=0.55,
        season_peak_day=305,
        weekdays=(1.1, 1.2, 1.1, 1.1, 0.9, 0.02, 0.1),
        closed_at_new_year=True,
        hours=(12.0, 2.0),
        basket=380.0,
        basket_sigma_customers=0.7,
        basket_sigma_orders=0.6,
        bulk_share=0.03,
        lines=9.0,
        products=2_500,
        habit_share=0.5,
        refund_share=0.05,
    ),
    "gifts": Kind(
        gap_days=150.0,
        life_days=900.0,
        one_time_share=0.35,
        christmas=((0.4, 2.0), (0.6, 25.0)),
        basket=45.0,
        refund_share=0.08,
        habit_share=0.1,
    ),
    "one_time": Kind(
        gap_days=90.0, one_time_share=0.82, life_days=250.0, established_share=0.05, basket=110.0
    ),
    "young": Kind(
        gap_days=35.0,
        life_days=200.0,
        one_time_share=0.35,
        established_share=0.0,
        acquisition_growth=4.0,
        days=122,
    ),
    "dying": Kind(
        gap_days=45.0,
        life_days=220.0,
        one_time_share=0.3,
        established_share=0.6,
        acquisition_growth=-1.6,
        rate_trend=-0.5,
    ),
}

# Order: rate, life, basket, price sensitivity. Frequent customers stay longer and those who look
# at prices buy smaller baskets and leave sooner, which no model with independent parts can know.
_COPULA: Final = np.array(
    [
        [1.0, 0.3, -0.1, 0.1],
        [0.3, 1.0, 0.15, -0.2],
        [-0.1, 0.15, 1.0, -0.4],
        [0.1, -0.2, -0.4, 1.0],
    ]
)


class _Luck:
    """Uniform numbers addressed by stream name and integer keys, not by the order of asking."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def uniform(self, stream: str, *keys: NDArray[Any]) -> Floats:
        """Give one number in (0, 1) for each row of ``keys``."""
        digest = hashlib.sha256(f"{self._seed}|{stream}".encode()).digest()
        state: NDArray[np.uint64] = np.full(
            keys[0].shape, int.from_bytes(digest[:8], "little"), dtype=np.uint64
        )
        for key in keys:
            # splitmix64's finaliser (Steele, Lea & Flood 2014, OOPSLA), one round a key.
            state ^= key.astype(np.uint64) + np.uint64(1)
            state += np.uint64(0x9E3779B97F4A7C15)
            state ^= state >> np.uint64(30)
            state *= np.uint64(0xBF58476D1CE4E5B9)
            state ^= state >> np.uint64(27)
            state *= np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
        return ((state >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, stream: str, *keys: NDArray[Any]) -> Floats:
        """Give one standard normal number for each row of ``keys``."""
        return np.asarray(ndtri(self.uniform(stream, *keys)), dtype=np.float64)

    def generator(self, stream: str) -> np.random.Generator:
        """Give a generator for what belongs to the shop and to no customer."""
        digest = hashlib.sha256(f"{self._seed}|{stream}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:16], "little"))


@dataclass(frozen=True, slots=True)
class _Calendar:
    """How fast the clocks of each class of customers run, day by day from the shop's start."""

    class_shares: Floats
    elapsed: Floats  # (classes, days + 1): clock time passed at the start of each day
    hour_quantiles: Floats | None

    def clock(self, calendar_class: NDArray[Any], day: NDArray[Any] | float) -> Floats:
        """Clock time of each customer's class at ``day`` (days since start, may be fractional)."""
        days = np.clip(np.broadcast_to(day, calendar_class.shape), 0, self.elapsed.shape[1] - 1)
        whole = np.minimum(days.astype(np.int64), self.elapsed.shape[1] - 2)
        before = self.elapsed[calendar_class, whole]
        after = self.elapsed[calendar_class, whole + 1]
        return np.asarray(before + (after - before) * (days - whole), dtype=np.float64)

    def day(self, calendar_class: NDArray[Any], clock: Floats) -> Floats:
        """Days since start at which a class's clock shows ``clock``; beyond the end infinity."""
        days = np.empty_like(clock)
        for number, elapsed in enumerate(self.elapsed):
            members = calendar_class == number
            days[members] = np.interp(
                clock[members], elapsed, np.arange(elapsed.size), right=np.inf
            )
        return days

    def seconds(self, days: Floats) -> Ints:
        """Whole seconds since start; the share of a day passed becomes the hour by quantile."""
        whole = np.floor(days)
        share = days - whole
        if self.hour_quantiles is not None:
            share = np.interp(
                share, np.linspace(0, 1, self.hour_quantiles.size), self.hour_quantiles
            )
        within = np.minimum((share * _DAY_SECONDS).astype(np.int64), _DAY_SECONDS - 1)
        return whole.astype(np.int64) * _DAY_SECONDS + within


def _calendar(kind: Kind, start: date, days: int) -> _Calendar:
    stamps = pd.date_range(start, periods=days, freq="D")
    day_of_year = stamps.day_of_year.to_numpy().astype(np.float64)
    weekday = stamps.day_of_week.to_numpy()
    season = np.exp(kind.season * np.cos(2 * np.pi * (day_of_year - kind.season_peak_day) / _YEAR))
    if kind.closed_at_new_year:
        season = np.where((day_of_year >= 358) | (day_of_year <= 3), 0.01, season)
    to_christmas = (day_of_year - 346 + _YEAR / 2) % _YEAR - _YEAR / 2
    rush = np.exp(-0.5 * (to_christmas / 9.0) ** 2) * (day_of_year <= 359)
    trend = np.exp(kind.rate_trend * np.arange(days) / _YEAR)

    shares, speeds = [], []
    favourites = range(7) if kind.favourite_weekday else (None,)
    # One year of any start has the same mean, so a shop's level does not depend on its start.
    year_rush = np.exp(-0.5 * ((np.arange(365) - 345) / 9.0) ** 2) * (np.arange(365) < 359)
    year_season = np.exp(
        kind.season * np.cos(2 * np.pi * (np.arange(365) + 1 - kind.season_peak_day) / _YEAR)
    )
    for share, christmas in kind.christmas:
        level = float(np.mean(year_season * (1 + christmas * year_rush)))
        for favourite in favourites:
            week = np.array(kind.weekdays)
            if favourite is not None:
                week = week * (1 + kind.favourite_weekday * (np.arange(7) == favourite))
            speeds.append(
                season * (1 + christmas * rush) / level * (week / week.mean())[weekday] * trend
            )
            shares.append(share / len(favourites))
    elapsed = np.concatenate([np.zeros((len(speeds), 1)), np.cumsum(speeds, axis=1)], axis=1)
    hours = None
    if kind.hours is not None:
        peak, spread = kind.hours
        edges = (np.arange(0, 24.01, 0.25) - peak) / spread
        passed = np.cumsum(0.003 + np.diff(ndtr(edges)))
        grid = np.concatenate([[0.0], passed / passed[-1]])
        hours = np.interp(np.linspace(0, 1, 97), grid, np.linspace(0, 1, 97))
    return _Calendar(np.array(shares), elapsed, hours)


@dataclass(frozen=True, slots=True)
class _Treatment:
    """One campaign as it acts on each customer's clock; arrays have one value a customer."""

    at_day: int
    sent: Bools
    log_hazard: Floats
    valid_days: Ints
    pull_forward_share: Floats
    payback_days: Ints
    redemption_share: Floats
    discount_share: Floats
    discount_amount: Floats
    min_basket: Floats


@dataclass(frozen=True, slots=True)
class _Warp:
    """A treatment as a piecewise linear map of clock time: fast while valid, then paid back."""

    active: Bools
    opens: Floats
    closes: Floats
    settled: Floats
    speed: Floats
    payback_speed: Floats

    @property
    def _closes_after(self) -> Floats:
        return self.opens + (self.closes - self.opens) * self.speed

    @property
    def _settled_after(self) -> Floats:
        return self._closes_after + (self.settled - self.closes) * self.payback_speed

    def forward(self, clock: Floats) -> Floats:
        """Warped clock time of each customer (one value a customer)."""
        inside = np.clip(clock, self.opens, self.closes) - self.opens
        paying = np.clip(clock, self.closes, self.settled) - self.closes
        warped = clock + inside * (self.speed - 1) + paying * (self.payback_speed - 1)
        return np.where(self.active & (clock > self.opens), warped, clock)

    def inverse(self, customer: Ints, warped: Floats) -> Floats:
        """Clock time at which ``customer``'s warped clock shows ``warped`` (any rows)."""
        opens, closes = self.opens[customer], self.closes[customer]
        speed, slow = self.speed[customer], self.payback_speed[customer]
        closes_after = self._closes_after[customer]
        settled_after = self._settled_after[customer]
        clock = np.select(
            [warped < closes_after, warped < settled_after],
            [opens + (warped - opens) / speed, closes + (warped - closes_after) / slow],
            self.settled[customer] + (warped - settled_after),
        )
        # Untouched rows keep the very same number, not one rebuilt from differences.
        return np.where(self.active[customer] & (warped > opens), clock, warped)


@dataclass(frozen=True, slots=True)
class _Visits:
    """Orders of one path, sorted by customer and number; ``day`` is days since start."""

    customer: Ints
    number: Ints
    day: Floats


@dataclass(frozen=True, slots=True)
class _World:
    """All that is fixed about a shop before anyone is sent anything (one value a customer)."""

    kind: Kind
    luck: _Luck
    start: date
    days: int
    late_share: float
    calendar: _Calendar
    key: Ints
    rate: Floats
    dies_after_order: Ints
    death_rate: Floats
    death_day: Floats
    one_time: Bools
    established: Bools
    acquired_day: Floats
    calendar_class: Ints
    mean_log_basket: Floats
    price_sensitivity: Floats
    refund_odds: Floats
    response: Ints
    product_weights: Floats
    product_prices: Floats

    def subset(self, rows: Bools | Ints) -> _World:
        per_customer = {
            name: getattr(self, name)[rows]
            for name in self.__dataclass_fields__
            if isinstance(getattr(self, name), np.ndarray) and not name.startswith("product_")
        }
        return replace(self, **per_customer)

    def warps(self, treatments: tuple[_Treatment, ...]) -> list[_Warp]:
        """Each treatment as a map of the clock that the treatments before it left."""
        found: list[_Warp] = []
        for treatment in treatments:
            closing = treatment.at_day + treatment.valid_days
            opens = self.clock(float(treatment.at_day), found)
            closes = self.clock(closing, found)
            settled = self.clock(closing + treatment.payback_days, found)
            speed = np.exp(treatment.log_hazard)
            owed = treatment.pull_forward_share * (speed - 1) * (closes - opens)
            payback_speed = np.clip(1 - owed / np.maximum(settled - closes, 1e-9), 0.05, 3.0)
            active = treatment.sent & (treatment.log_hazard != 0)
            found.append(_Warp(active, opens, closes, settled, speed, payback_speed))
        return found

    def clock(self, day: NDArray[Any] | float, warps: list[_Warp]) -> Floats:
        """Each customer's clock time at ``day`` (days since start), after these warps."""
        shown = self.calendar.clock(self.calendar_class, day)
        for warp in warps:
            shown = warp.forward(shown)
        return shown

    def gaps(self, customer: Ints, number: Ints) -> Ints:
        """Clock gap before an order in whole units, so that running totals are exact."""
        shape = self.kind.regularity
        key = self.key[customer]
        total = np.zeros(customer.size)
        for part in range(shape):
            total -= np.log(self.luck.uniform(f"gap {part}", key, number))
        total[(number == 0) & ~self.established[customer]] = 0.0
        # An established customer's first order in view ends a gap that began before it: the
        # equilibrium residual of the renewal process, a uniform share of a length-biased gap.
        first = np.flatnonzero((number == 0) & self.established[customer])
        longer = total[first] - np.log(self.luck.uniform("gap residual", key[first]))
        total[first] = longer * self.luck.uniform("gap seen", key[first])
        return np.rint(total / shape * _GAP_UNIT).astype(np.int64)

    def visits(self, treatments: tuple[_Treatment, ...], until_day: float) -> _Visits:
        """All orders before ``until_day`` on the path with these treatments."""
        warps = self.warps(treatments)
        begins = self.clock(self.acquired_day, warps)
        ends = self.clock(np.minimum(self.death_day, float(until_day)), warps)
        room = (ends - begins) * self.rate
        # A hair more than needed: which orders count is decided below by their day.
        limit = np.ceil((room + 1e-6) * _GAP_UNIT).astype(np.int64)
        open_ = np.flatnonzero((room >= 0) & (self.acquired_day < until_day))
        offset = np.zeros(self.rate.size, dtype=np.int64)
        numbered = np.zeros(self.rate.size, dtype=np.int64)
        parts: list[tuple[Ints, Ints, Ints]] = []
        while open_.size:
            left = np.maximum(limit[open_] - offset[open_], 0) / _GAP_UNIT
            size = np.ceil(left + 2.5 * np.sqrt(left / self.kind.regularity) + 2).astype(np.int64)
            size = np.minimum(size, self.dies_after_order[open_] + 1 - numbered[open_])
            customer = np.repeat(open_, size)
            first = np.cumsum(size) - size
            number = np.arange(customer.size) - np.repeat(first - numbered[open_], size)
            passed = np.cumsum(self.gaps(customer, number))
            before = np.concatenate([[0], passed])[first]
            passed += np.repeat(offset[open_] - before, size)
            kept = passed <= limit[customer]
            parts.append((customer[kept], number[kept], passed[kept]))
            last = first + size - 1
            offset[open_], numbered[open_] = passed[last], numbered[open_] + size
            open_ = open_[
                (offset[open_] <= limit[open_]) & (numbered[open_] <= self.dies_after_order[open_])
            ]
        customer, number, passed = (
            np.concatenate([part[place] for part in parts] or [np.zeros(0, dtype=np.int64)])
            for place in range(3)
        )
        if len(parts) > 1:
            order = np.argsort(customer, kind="stable")
            customer, number, passed = customer[order], number[order], passed[order]
        clock = begins[customer] + passed / (_GAP_UNIT * self.rate[customer])
        for warp in reversed(warps):
            clock = warp.inverse(customer, clock)
        day = self.calendar.day(self.calendar_class[customer], clock)
        # The first order of a new customer is the acquisition itself, whatever rounding says.
        acquired = (number == 0) & ~self.established[customer]
        day[acquired] = self.acquired_day[customer[acquired]]
        kept = (day < until_day) & ((day <= self.death_day[customer]) | acquired)
        return _Visits(customer[kept], number[kept], day[kept])

    def order_cents(self, visits: _Visits) -> Ints:
        """Value of each order before any discount, in hundredths of the currency."""
        key, number = self.key[visits.customer], visits.number
        log_value = self.mean_log_basket[visits.customer] + (
            self.kind.basket_sigma_orders * self.luck.normal("order value", key, number)
        )
        value = np.exp(log_value)
        if self.kind.bulk_share:
            bulk = self.luck.uniform("bulk", key, number) < self.kind.bulk_share
            value[bulk] *= np.minimum(
                3 * self.luck.uniform("bulk size", key[bulk], number[bulk]) ** -0.5, 100
            )
        cents: Ints = np.maximum(np.rint(value * 100), 50).astype(np.int64)
        return cents

    def discounts(
        self, visits: _Visits, cents: Ints, treatments: tuple[_Treatment, ...]
    ) -> tuple[Ints, Ints]:
        """Discount of each order in cents, and the number of the campaign it came from or -1."""
        discount = np.zeros(cents.size, dtype=np.int64)
        source = np.full(cents.size, -1, dtype=np.int64)
        for number, treatment in enumerate(treatments):
            if not treatment.sent.any():
                continue
            customer = visits.customer
            valid = (
                treatment.sent[customer]
                & (visits.day >= treatment.at_day)
                & (visits.day < treatment.at_day + treatment.valid_days[customer])
                & (cents >= treatment.min_basket[customer] * 100)
                & (source < 0)
            )
            places = np.flatnonzero(valid)
            _, first = np.unique(customer[places], return_index=True)
            places = places[first]
            who = customer[places]
            luck = self.luck.uniform(f"redemption {treatment.at_day}", self.key[who])
            places = places[luck < treatment.redemption_share[who]]
            who = customer[places]
            off = cents[places] * treatment.discount_share[who] + (
                100 * treatment.discount_amount[who]
            )
            discount[places] = np.minimum(np.rint(off), cents[places] * 0.9).astype(np.int64)
            source[places] = number
        return discount, source

    def order_lines(
        self,
        treatments: tuple[_Treatment, ...],
        since_day: float,
        until_day: float,
    ) -> _Lines:
        """Lines of orders and refunds with ``since_day <= day < until_day``."""
        visits = self.visits(treatments, until_day)
        near = visits.day >= since_day - _MAX_REFUND_DAYS - 1
        cents = self.order_cents(visits)
        discount, source = self.discounts(visits, cents, treatments)
        visits = _Visits(visits.customer[near], visits.number[near], visits.day[near])
        cents, discount, source = cents[near], discount[near], source[near]

        kind, luck = self.kind, self.luck
        key = self.key[visits.customer]
        # Geometric: most orders have few lines, some have many.
        mean_extra = kind.lines - 1
        draws = luck.uniform("lines", key, visits.number)
        lines = 1 + np.floor(np.log(draws) / np.log(mean_extra / (1 + mean_extra))).astype(
            np.int64
        ).clip(0, 60)
        lines = np.minimum(lines, cents // 10)
        first = np.cumsum(lines) - lines
        order = np.repeat(np.arange(lines.size), lines)
        line = np.arange(order.size) - first[order]
        line_key, line_number = key[order], visits.number[order]

        weight = 0.05 - np.log(luck.uniform("line weight", line_key, line_number, line))
        paid = cents - discount
        total = np.add.reduceat(weight, first) if lines.size else weight
        line_cents = np.floor((paid - lines)[order] * weight / total[order]).astype(np.int64) + 1
        rest = paid - (np.add.reduceat(line_cents, first) if lines.size else line_cents)
        line_cents[first] += rest

        # Habits: a customer's few favourites take turns, so each is bought again after a
        # regular number of orders; the rest is picked by popularity.
        habit = luck.uniform("habit", line_key, line_number, line) < kind.habit_share
        favourite = (line_number + line) % 6
        pick = luck.uniform("product", line_key, line_number, line)
        pick[habit] = luck.uniform("favourite", line_key[habit], favourite[habit])
        product = np.searchsorted(np.cumsum(self.product_weights), pick).astype(np.int64)
        product = np.minimum(product, self.product_weights.size - 1)
        quantity = np.maximum(np.rint(line_cents / 100 / self.product_prices[product]), 1)

        seconds = self.calendar.seconds(visits.day)
        fate = luck.uniform("refund", key, visits.number)
        chance = 1 - (1 - kind.refund_share) ** self.refund_odds[visits.customer]
        refunded = fate < chance
        whole_order = fate < 0.6 * chance
        delay = 1 - kind.refund_delay_days * np.log(
            luck.uniform("refund delay", key, visits.number)
        )
        issued = seconds + (np.minimum(delay, _MAX_REFUND_DAYS) * _DAY_SECONDS).astype(np.int64)
        back = refunded[order] & (whole_order[order] | (line == 0))

        order = np.concatenate([order, order[back]])
        is_refund = np.arange(order.size) >= line.size
        happened = np.where(is_refund, issued[order], seconds[order])
        known = happened.copy()
        if self.late_share:
            who, which = key[order], visits.number[order] * 2 + is_refund
            late = luck.uniform("late", who, which) < self.late_share
            lag = -4 * np.log(luck.uniform("late by", who, which)) * _DAY_SECONDS
            known[late] += lag[late].astype(np.int64)
        kept = (happened >= since_day * _DAY_SECONDS) & (happened < until_day * _DAY_SECONDS)
        sign = np.where(is_refund, -1, 1)
        rows = np.flatnonzero(kept)
        # Stable: at one instant customers, orders and lines stay in their order.
        ordered = rows[np.argsort(happened[rows], kind="stable")]
        return _Lines(
            customer=visits.customer[order[ordered]],
            number=visits.number[order[ordered]],
            happened=happened[ordered],
            known=known[ordered],
            product=np.concatenate([product, product[back]])[ordered],
            quantity=(sign * np.concatenate([quantity, quantity[back]]))[ordered],
            cents=(sign * np.concatenate([line_cents, line_cents[back]]))[ordered],
            is_refund=is_refund[ordered],
            line=np.concatenate([line, line[back]])[ordered],
            order_cents=cents[order[ordered]],
            discount=discount[order[ordered]],
            source=source[order[ordered]],
        )

    def first_seconds(self) -> np.datetime64:
        return np.datetime64(self.start.isoformat(), "s")


@dataclass(frozen=True, slots=True)
class _Lines:
    """Order and refund lines of one path as arrays, in order of time."""

    customer: Ints
    number: Ints
    happened: Ints
    known: Ints
    product: Ints
    quantity: Floats
    cents: Ints
    is_refund: Bools
    line: Ints
    order_cents: Ints
    discount: Ints
    source: Ints


def _draw_world(
    kind: Kind, customers: int, start: date, days: int, seed: int, late_share: float
) -> _World:
    luck = _Luck(seed)
    calendar = _calendar(kind, start, days + FUTURE_DAYS)
    drawn = customers
    while True:
        world = _candidates(kind, drawn, start, days, late_share, luck, calendar)
        if not kind.established_share:
            return world
        # An established customer may be silent for the whole history; the shop's books, and so
        # the truth, hold only those who ordered.
        seen = np.unique(world.visits((), days).customer)
        if seen.size >= customers:
            return world.subset(seen[:customers])
        drawn = int(drawn * 1.3) + 20


def _candidates(
    kind: Kind,
    count: int,
    start: date,
    days: int,
    late_share: float,
    luck: _Luck,
    calendar: _Calendar,
) -> _World:
    key = np.arange(count, dtype=np.int64)
    independent = np.stack([luck.normal(f"customer {part}", key) for part in range(4)])
    z_rate, z_life, z_basket, z_price = np.linalg.cholesky(_COPULA) @ independent
    never = np.iinfo(np.int64).max // 4
    established = luck.uniform("established", key) < kind.established_share
    one_time = luck.uniform("one time", key) < kind.one_time_share

    share = luck.uniform("acquired", key)
    if kind.acquisition_growth:
        total = kind.acquisition_growth * days / _YEAR
        share = np.log1p(share * np.expm1(total)) / total
    mean_elapsed = calendar.class_shares @ calendar.elapsed[:, : days + 1]
    acquired = (
        share * days
        if kind.bgnbd is not None
        else np.interp(share * mean_elapsed[-1], mean_elapsed, np.arange(days + 1))
    )
    acquired = np.where(established, 0.0, np.minimum(acquired, np.nextafter(days, 0)))

    if kind.bgnbd is not None:
        r, alpha, a, b = kind.bgnbd
        rate = gammaincinv(r, luck.uniform("rate", key)) / alpha
        # A rate of 1e-12 a day is no order in any history and keeps every quotient finite.
        rate = np.maximum(rate, 1e-12)
        dropout = np.clip(betaincinv(a, b, luck.uniform("dropout", key)), 1e-12, 1 - 1e-12)
        repeats = np.floor(np.log(luck.uniform("repeats", key)) / np.log1p(-dropout)) + 1
        dies_after = np.minimum(repeats, 1e9).astype(np.int64)
        death_rate, death_day = np.zeros(count), np.full(count, np.inf)
    else:
        rate = np.exp(kind.gap_sigma * z_rate) / kind.gap_days
        dies_after = np.full(count, never)
        one_time &= ~established
        dies_after[one_time] = 0
        death_rate = np.exp(-kind.life_sigma * z_life) * np.log(2) / kind.life_days
        death_day = acquired - np.log(luck.uniform("death", key)) / death_rate

    logits = np.stack(
        [
            0.3 + 0.9 * z_price,
            0.4 + 0.9 * z_rate - 0.3 * z_price,
            0.2 - 0.7 * z_rate - 0.3 * z_life,
            -1.2 - 0.8 * z_price + 0.3 * z_life,
        ]
    )
    gumbel = [-np.log(-np.log(luck.uniform(f"response {part}", key))) for part in range(4)]

    shop = luck.generator("products")
    weights = 1 / (np.arange(kind.products) + 5.0)
    line_value = kind.basket / kind.lines
    return _World(
        kind=kind,
        luck=luck,
        start=start,
        days=days,
        late_share=late_share,
        calendar=calendar,
        key=key,
        rate=rate,
        dies_after_order=dies_after,
        death_rate=death_rate,
        death_day=death_day,
        one_time=one_time,
        established=established,
        acquired_day=acquired,
        calendar_class=np.minimum(
            np.searchsorted(np.cumsum(calendar.class_shares), luck.uniform("class", key)),
            calendar.class_shares.size - 1,
        ).astype(np.int64),
        mean_log_basket=np.log(kind.basket) + kind.basket_sigma_customers * z_basket,
        price_sensitivity=z_price,
        refund_odds=np.exp(0.7 * luck.normal("refund odds", key) - 0.245),
        response=np.argmax(logits + np.stack(gumbel), axis=0).astype(np.int64),
        product_weights=weights / weights.sum(),
        product_prices=line_value / 1.6 * np.exp(0.6 * shop.standard_normal(kind.products)),
    )


def simulate_shop(
    kind: str | Kind = "fashion",
    customers: int = 2_000,
    start: str | date = "2023-01-01",
    days: int | None = None,
    seed: int = 0,
    *,
    offer_effects: Mapping[str, OfferEffect] | None = None,
    late_share: float = 0.0,
) -> Shop:
    """Simulate a shop's order history together with the truth behind it.

    ``kind`` is one of ``KINDS``: ``bgnbd`` (exactly the BG/NBD process), ``groceries``,
    ``fashion``, ``wholesale``, ``gifts``, ``one_time``, ``young``, ``dying``; or a ``Kind`` of
    your own. The history is
    ``start <= time < start + days``; ``days`` defaults to two years, four months for a young
    shop. ``offer_effects`` name what each offer would do (``DEFAULT_EFFECTS``; ``NULL_EFFECTS``
    and ``HARM_EFFECTS`` are the worlds in which nothing works or everything hurts). With
    ``late_share`` above 0 that share of orders and refunds is known days after it happened,
    and the orders have a column ``known_at``.

    The same arguments give the same shop; customer n is the same whatever the number of
    customers, where no customer is older than the history.

    Raises:
        UsageError: an unknown kind, or a size that makes no shop.
    """
    if isinstance(kind, str) and kind not in KINDS:
        near = get_close_matches(kind, KINDS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"No kind of shop is called {kind!r}; {hint}choose {', '.join(KINDS)}.")
    recipe, name = (KINDS[kind], kind) if isinstance(kind, str) else (kind, "custom")
    days = recipe.days if days is None else days
    if customers < 1 or days < 1:
        raise UsageError(
            f"A shop needs at least 1 customer and 1 day; found {customers} customers, {days} days."
        )
    if not 0 <= late_share <= 1:
        raise UsageError(f"late_share is a share between 0 and 1; found {late_share}.")
    first = _as_date(start, "start")
    world = _draw_world(recipe, customers, first, days, seed, late_share)
    return _shop(name, world, days, dict(offer_effects or DEFAULT_EFFECTS), ())


def _as_date(text: str | date, name: str) -> date:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{name} is a day such as 2024-06-30; found {text!r}.") from None


def _shop(
    kind: str,
    world: _World,
    days: int,
    offers: Mapping[str, OfferEffect],
    treatments: tuple[_Treatment, ...],
) -> Shop:
    lines = world.order_lines(treatments, 0, days)
    return Shop(
        kind=kind,
        start=world.start,
        days=days,
        offers=offers,
        orders=_order_table(world, lines),
        customers=_customer_table(world, days, treatments),
        _world=world,
        _treatments=treatments,
    )


def _customer_ids(world: _World) -> pd.Series[Any]:
    width = max(4, len(str(world.key.size)))
    return pd.Series([f"C{number:0{width}d}" for number in range(1, world.key.size + 1)])


def _order_table(world: _World, lines: _Lines) -> pd.DataFrame:
    # Numbered by customer and order, not by time: an order keeps its id on every path.
    order_ids = lines.customer * 100_000 + lines.number
    unique, place = np.unique(order_ids, return_inverse=True)
    table = {
        "customer_id": _customer_ids(world).take(lines.customer).reset_index(drop=True),
        "order_id": pd.Series([f"O{number + 100_000_000}" for number in unique])
        .take(place)
        .reset_index(drop=True),
        "ordered_at": world.first_seconds() + lines.happened.astype("timedelta64[s]"),
        "product_id": pd.Series([f"P{number:04d}" for number in range(world.product_prices.size)])
        .take(lines.product)
        .reset_index(drop=True),
        "quantity": lines.quantity.astype(np.int64),
        "amount": lines.cents / 100,
    }
    if world.late_share:
        table["known_at"] = world.first_seconds() + lines.known.astype("timedelta64[s]")
    return pd.DataFrame(table)


def _customer_table(world: _World, days: int, treatments: tuple[_Treatment, ...]) -> pd.DataFrame:
    visits = world.visits(treatments, days)
    count = world.key.size
    first = np.full(count, np.datetime64("NaT", "s"))
    start = world.first_seconds()
    opening = np.flatnonzero(visits.number == 0)
    first[visits.customer[opening]] = start + world.calendar.seconds(visits.day[opening]).astype(
        "timedelta64[s]"
    )
    alive_until = np.full(count, np.datetime64("NaT", "s"))
    # Dead by the end of the history or not, nobody needs a date beyond a century.
    mortal = np.isfinite(world.death_day)
    alive_until[mortal] = start + world.calendar.seconds(
        np.minimum(world.death_day[mortal], 36_525.0)
    ).astype("timedelta64[s]")
    last = np.flatnonzero(visits.number == world.dies_after_order[visits.customer])
    alive_until[visits.customer[last]] = start + world.calendar.seconds(visits.day[last]).astype(
        "timedelta64[s]"
    )
    acquired = start + world.calendar.seconds(world.acquired_day).astype("timedelta64[s]")
    sigma = world.kind.basket_sigma_orders
    frequent = world.rate > (np.median(world.rate) if count else 0)
    seasonal = np.array([christmas >= 10 for _, christmas in world.kind.christmas]).repeat(
        world.calendar.class_shares.size // len(world.kind.christmas)
    )[world.calendar_class]
    return pd.DataFrame(
        {
            "customer_id": _customer_ids(world),
            "segment": np.select(
                [world.one_time, seasonal, frequent],
                ["one_time", "seasonal", "frequent"],
                "occasional",
            ),
            "established": world.established,
            "acquired_at": np.where(world.established, np.datetime64("NaT", "s"), acquired),
            "first_ordered_at": first,
            "alive_until": alive_until,
            "rate": world.rate,
            "death_rate": world.death_rate,
            "mean_order_value": np.exp(world.mean_log_basket + sigma**2 / 2),
            "price_sensitivity": world.price_sensitivity,
            "response": np.array(_RESPONSES)[world.response],
        }
    )


@dataclass(frozen=True, slots=True)
class Shop:
    """An order history and the truth behind it.

    ``orders``: one row per line of an order or refund, ordered by time: customer_id, order_id,
    ordered_at, product_id, quantity, amount (in the currency, two decimals; negative in a
    refund, which is dated when it was issued and carries its order's id), and known_at where
    some were known late.

    ``customers``: one row per customer who ordered at least once: segment (one_time, seasonal,
    frequent, occasional), established (a customer before the history starts), acquired_at (null
    if established), first_ordered_at, alive_until (orders stop then; null: not dead by the
    history's end, in a shop where customers drop out at an order), rate (orders a day in a mean
    season, while alive), death_rate (a day), mean_order_value (before discounts, without the
    rare bulk order), price_sensitivity (standard normal), response (persuadable, sure_thing,
    lost_cause, sleeping_dog).
    """

    kind: str
    start: date
    days: int
    offers: Mapping[str, OfferEffect]
    orders: pd.DataFrame
    customers: pd.DataFrame
    _world: _World = field(repr=False)
    _treatments: tuple[_Treatment, ...] = field(default=(), repr=False)

    @property
    def end(self) -> date:
        """First day after the history."""
        return self.start + timedelta(days=self.days)

    @property
    def bgnbd(self) -> tuple[float, float, float, float] | None:
        """True r, alpha (in days), a, b of a BG/NBD shop; None for the other kinds."""
        return self._world.kind.bgnbd

    def potential_outcomes(
        self, at: str | date, horizon_days: int, offer: str | OfferEffect
    ) -> pd.DataFrame:
        """What each customer does after ``at`` without the offer and with it.

        One row per customer with an order before ``at``, for ``at <= time < at + horizon_days``;
        suffix 0 is the path without the offer, 1 the path with it: returned, orders, gross (value
        of orders before discount), discount, spend (net of discounts and refunds), and
        orders_later (orders in the same number of days after the horizon: what was pulled
        forward is missing there).

        ``p0`` and ``p1`` are the probabilities of a return for one who knows the customer's true
        rate, response and whether the customer is still alive at ``at``, but not the future;
        ``response`` is the customer's type and ``stratum`` what came of it on these two paths.

        Raises:
            UsageError: an unknown offer, or days outside the simulated time.
        """
        effect = self._effect(offer)
        day = self._day(at, 2 * horizon_days)
        name = offer if isinstance(offer, str) else "offer"
        count = self._world.key.size
        treatment = self._treatment(day, {name: effect}, np.full(count, name, dtype=object))
        return _outcomes(self, day, horizon_days, treatment)

    def true_return_probability(self, cutoff: str | date, horizon_days: int) -> pd.Series[Any]:
        """See ``true_return_probability``."""
        return true_return_probability(self, cutoff, horizon_days)

    def _effect(self, offer: str | OfferEffect) -> OfferEffect:
        if isinstance(offer, OfferEffect):
            return offer
        if offer not in self.offers:
            raise UsageError(
                f"No offer of this shop is called {offer!r}; choose {', '.join(self.offers)}."
            )
        return self.offers[offer]

    def _day(self, at: str | date, horizon_days: int) -> int:
        day = (_as_date(at, "at") - self.start).days
        last = self._world.days + FUTURE_DAYS
        if horizon_days < 1:
            raise UsageError(f"A window has at least 1 day; found {horizon_days}.")
        if day < 0 or day + horizon_days > last:
            raise UsageError(
                f"This shop is simulated from {self.start} to {self.start + timedelta(days=last)}; "
                f"{horizon_days} days from {_as_date(at, 'at')} are outside."
            )
        return day

    def _treatment(
        self, day: int, effects: Mapping[str, OfferEffect], arms: NDArray[np.object_]
    ) -> _Treatment:
        """Each customer's treatment, from the arm (an offer's name, or None for no offer)."""
        world = self._world
        count = world.key.size
        earlier = sum(
            (treatment.sent.astype(np.int64) for treatment in self._treatments),
            np.zeros(count, dtype=np.int64),
        )
        values = {
            name: np.zeros(count)
            for name in (
                "log_hazard",
                "pull_forward_share",
                "redemption_share",
                "discount_share",
                "discount_amount",
                "min_basket",
            )
        }
        valid_days, payback_days = np.ones(count, np.int64), np.ones(count, np.int64)
        for name, effect in effects.items():
            sent = arms == name
            valid_days[sent], payback_days[sent] = effect.valid_days, effect.payback_days
            noise = np.exp(effect.spread * world.luck.normal(f"effect {name}", world.key))
            taste = np.exp(effect.price_sensitive * world.price_sensitivity)
            by_type = np.select(
                [world.response == 0, world.response == 3],
                [effect.strength * noise * taste, -effect.harm * noise],
                0.0,
            )
            freshness = (1 - effect.wear_out_share) ** earlier
            hazard = np.clip(
                by_type * freshness + effect.everyone, -_MAX_LOG_HAZARD, _MAX_LOG_HAZARD
            )
            values["log_hazard"][sent] = hazard[sent]
            values["pull_forward_share"][sent] = effect.pull_forward_share
            redemption = effect.redemption_share * np.exp(0.15 * world.price_sensitivity)
            values["redemption_share"][sent] = np.minimum(redemption, 1)[sent]
            values["discount_share"][sent] = effect.discount_share
            values["discount_amount"][sent] = effect.discount_amount
            values["min_basket"][sent] = effect.min_basket
        return _Treatment(
            at_day=day,
            sent=np.isin(arms.astype(str), list(effects)),
            valid_days=valid_days,
            payback_days=payback_days,
            **values,
        )


def _path_sums(
    shop: Shop, treatments: tuple[_Treatment, ...], day: int, horizon_days: int
) -> dict[str, NDArray[Any]]:
    count = shop._world.key.size
    lines = shop._world.order_lines(treatments, day, day + 2 * horizon_days)
    inside = lines.happened < (day + horizon_days) * _DAY_SECONDS
    opening = ~lines.is_refund & (lines.line == 0)

    def counted(rows: Bools) -> Ints:
        return np.bincount(lines.customer[rows], minlength=count).astype(np.int64)

    def money(rows: Bools, cents: Ints) -> Floats:
        return np.bincount(lines.customer[rows], weights=cents[rows], minlength=count) / 100

    orders = counted(opening & inside)
    return {
        "returned": orders > 0,
        "orders": orders,
        "gross": money(opening & inside, lines.order_cents),
        "discount": money(opening & inside, lines.discount),
        "spend": money(inside, lines.cents),
        "orders_later": counted(opening & ~inside),
    }


def _outcomes(shop: Shop, day: int, horizon_days: int, treatment: _Treatment) -> pd.DataFrame:
    without = _path_sums(shop, shop._treatments, day, horizon_days)
    with_offer = _path_sums(shop, (*shop._treatments, treatment), day, horizon_days)
    p0, p1, known = _state_chances(shop, day, horizon_days, treatment)
    columns: dict[str, Any] = {"customer_id": shop.customers["customer_id"]}
    for name in without:
        columns[f"{name}0"], columns[f"{name}1"] = without[name], with_offer[name]
    columns |= {"p0": p0, "p1": p1}
    columns["mean_order_value"] = shop.customers["mean_order_value"]
    columns["response"] = shop.customers["response"]
    # The responses in their order: back only with, with or without, neither, only without.
    came0, came1 = without["returned"], with_offer["returned"]
    place = np.where(came1, came0, 2 + came0)
    columns["stratum"] = np.array(_RESPONSES)[place.astype(np.int64)]
    return pd.DataFrame(columns)[known].reset_index(drop=True)


def _erlang_survival(shape: int, gap: Floats) -> Floats:
    """P(gap > ``gap``) for an Erlang gap of mean 1."""
    scaled = shape * gap
    term, total = np.ones_like(scaled), np.ones_like(scaled)
    for power in range(1, shape):
        term = term * scaled / power
        total = total + term
    return np.asarray(np.exp(-scaled) * total, dtype=np.float64)


def _state_chances(
    shop: Shop, day: int, horizon_days: int, treatment: _Treatment
) -> tuple[Floats, Floats, Bools]:
    """P(return) on both paths given true rate and life state; and who had ordered before."""
    world = shop._world
    count = world.key.size
    visits = world.visits(shop._treatments, day)
    known = np.zeros(count, dtype=np.bool_)
    known[visits.customer] = True
    last_day, last_number = np.zeros(count), np.zeros(count, dtype=np.int64)
    last_day[visits.customer], last_number[visits.customer] = visits.day, visits.number
    alive = (world.death_day > day) & (last_number < world.dies_after_order)

    def chance(treatments: tuple[_Treatment, ...]) -> Floats:
        warps = world.warps(treatments)

        since, now = world.clock(last_day, warps), world.clock(float(day), warps)
        shape = world.kind.regularity
        still_due = _erlang_survival(shape, world.rate * (now - since))
        previous, total = np.ones(count), np.zeros(count)
        for step in range(1, horizon_days + 1):
            gap = world.rate * (world.clock(float(day + step), warps) - since)
            silent = _erlang_survival(shape, gap) / np.maximum(still_due, 1e-300)
            # Death strikes at any moment; a day's orders see half of that day's deaths.
            total += (previous - silent) * np.exp(-world.death_rate * (step - 0.5))
            previous = silent
        return np.where(alive & known, np.clip(total, 0, 1), 0.0)

    return chance(shop._treatments), chance((*shop._treatments, treatment)), known


@dataclass(frozen=True)
class Campaign:
    """What was seen after a campaign, and the truth that no shop ever sees.

    ``orders``: lines as in ``Shop.orders``, from ``at`` until the days followed have passed, on
    the path each customer was assigned to. ``outcomes``: ``Shop.potential_outcomes`` columns for
    each assigned customer with an order before ``at``, with the arm; of a control customer, the
    path with the offer is the path under ``planned_offer`` if the assignment names it, else
    under the first offer. ``redemptions``: one row per order that used the offer: customer_id,
    order_id, ordered_at, offer, discount.
    """

    orders: pd.DataFrame
    outcomes: pd.DataFrame
    redemptions: pd.DataFrame
    _before: Shop = field(repr=False)
    _sent: _Treatment = field(repr=False)
    _until_day: int = field(repr=False)

    @cached_property
    def shop(self) -> Shop:
        """The shop as it is after the days followed: the campaign's orders are its history."""
        before = self._before
        days = max(before.days, self._until_day)
        treatments = (*before._treatments, self._sent)
        return _shop(before.kind, before._world, days, before.offers, treatments)


def simulate_campaign(
    shop: Shop,
    assignment: pd.DataFrame,
    at: str | date,
    window_days: int = 30,
    *,
    effects: Mapping[str, OfferEffect] | None = None,
    follow_days: int | None = None,
) -> Campaign:
    """Send a campaign at the start of the day ``at`` and see what customers do.

    ``assignment`` has one row per customer with customer_id and arm (an offer's name or
    ``control``), optionally planned_offer. Who is not in it, or has not ordered before ``at``,
    is sent nothing. Outcomes are over ``window_days``; orders are given for ``follow_days``
    (default: twice the window). ``effects`` replaces the shop's own offers.

    Raises:
        UsageError: an unknown arm or customer, a customer named twice, days not simulated.
    """
    offers = dict(effects or shop.offers)
    follow_days = 2 * window_days if follow_days is None else follow_days
    day = shop._day(at, max(follow_days, 2 * window_days))
    for column in ("customer_id", "arm"):
        if column not in assignment:
            raise UsageError(f"The assignment has no column {column}.")
    row_of = pd.Series(np.arange(len(shop.customers)), index=shop.customers["customer_id"])
    customer = row_of.reindex(assignment["customer_id"].astype(str))
    if customer.isna().any():
        strangers = list(customer.index[customer.isna()][:5])
        raise UsageError(f"Customers of the assignment whom the shop does not know: {strangers}.")
    if customer.index.has_duplicates:
        twice = list(customer.index[customer.index.duplicated()][:5])
        raise UsageError(f"Customers with more than one row in the assignment: {twice}.")
    unknown = sorted(set(assignment["arm"].astype(str)) - {CONTROL, *offers})
    if unknown:
        raise UsageError(f"Unknown arms {unknown[:5]}; known are control, {', '.join(offers)}.")

    rows = customer.to_numpy().astype(np.int64)
    count = len(shop.customers)
    drawn = np.full(count, CONTROL, dtype=object)
    drawn[rows] = assignment["arm"].astype(str).to_numpy()
    planned = np.full(count, next(iter(offers)), dtype=object)
    if "planned_offer" in assignment:
        wanted = assignment["planned_offer"].astype(str).to_numpy()
        planned[rows] = np.where(np.isin(wanted, list(offers)), wanted, planned[rows])
    planned = np.where(drawn == CONTROL, planned, drawn)

    assigned = np.zeros(count, dtype=np.bool_)
    assigned[rows] = True
    # Nobody can write to a customer who has not ordered yet.
    known = np.zeros(count, dtype=np.bool_)
    known[shop._world.visits(shop._treatments, day).customer] = True
    sent = shop._treatment(day, offers, np.where(known, drawn, CONTROL))
    could = replace(shop, offers=offers)._treatment(day, offers, planned)
    outcomes = _outcomes(shop, day, window_days, could)
    kept = outcomes["customer_id"].map(pd.Series(assigned, index=shop.customers["customer_id"]))
    arm = outcomes["customer_id"].map(pd.Series(drawn, index=shop.customers["customer_id"]))
    outcomes.insert(1, "arm", arm)

    treatments = (*shop._treatments, sent)
    lines = shop._world.order_lines(treatments, day, day + follow_days)
    orders = _order_table(shop._world, lines)
    redeemed = (lines.source == len(treatments) - 1) & ~lines.is_refund & (lines.line == 0)
    redemptions = orders.loc[redeemed, ["customer_id", "order_id", "ordered_at"]].assign(
        offer=drawn[lines.customer[redeemed]], discount=lines.discount[redeemed] / 100
    )
    return Campaign(
        orders=orders,
        outcomes=outcomes[kept.to_numpy(dtype=bool)].reset_index(drop=True),
        redemptions=redemptions.reset_index(drop=True),
        _before=replace(shop, offers=offers),
        _sent=sent,
        _until_day=day + follow_days,
    )


def true_gain(outcomes: pd.DataFrame, margin_share: float, contact_cost: float) -> pd.Series[float]:
    """Profit that sending the offer really added, per row of ``potential_outcomes``.

    Margin on the value of orders before discount, less discounts and the contact: what a policy
    earned is the sum over the customers it sent the offer to.
    """
    margin = margin_share * (outcomes["gross1"] - outcomes["gross0"])
    gain: pd.Series[float] = margin - (outcomes["discount1"] - outcomes["discount0"]) - contact_cost
    return gain.rename("gain")


def true_return_probability(shop: Shop, cutoff: str | date, horizon_days: int) -> pd.Series[Any]:
    """P(at least one order in the horizon | order times before the cutoff), by the true model.

    One value per customer with an order before the cutoff, indexed by customer_id. It knows how
    the shop was made (distributions, season, regularity) but of a customer only what a shop
    sees, so on average no model that reads order times does better. In a BG/NBD shop it is the
    model with its true parameters (Fader, Hardie & Lee 2005, Marketing Science 24(2), eq. 4 and
    the posterior rate Gamma(r + x, alpha + T) of a living customer); elsewhere rate, life, and
    class of calendar are integrated out on a grid, to a day.

    Raises:
        UsageError: the shop was sent a campaign, or days outside the simulated time.
    """
    if shop._treatments:
        raise UsageError(
            "After a campaign the true probability given the history is not known; "
            "ask the shop as it was before, or see p0 of potential_outcomes."
        )
    day = shop._day(cutoff, horizon_days)
    world = shop._world
    visits = world.visits((), day)
    known, opening = np.unique(visits.customer, return_index=True)
    closing = np.append(opening[1:], visits.customer.size)[: known.size] - 1
    if world.kind.bgnbd is not None:
        probability = _bgnbd_chances(
            world.kind.bgnbd,
            repeats=closing - opening,
            age=day - visits.day[opening],
            silent=day - visits.day[closing],
            horizon_days=horizon_days,
        )
    else:
        probability = _posterior_chances(world, visits, opening, closing, day, horizon_days)
    ids = shop.customers["customer_id"].to_numpy()[known]
    return pd.Series(probability, index=pd.Index(ids, name="customer_id"), name="p_return")


def _bgnbd_chances(
    parameters: tuple[float, float, float, float],
    *,
    repeats: Ints,
    age: Floats,
    silent: Floats,
    horizon_days: int,
) -> Floats:
    r, alpha, a, b = parameters
    stretch = np.log((alpha + age) / (alpha + age - silent))
    odds = a / (b + np.maximum(repeats, 1) - 1) * np.exp((r + repeats) * stretch)
    p_alive = 1 / (1 + np.where(repeats > 0, odds, 0.0))
    p_order = -np.expm1((r + repeats) * np.log((alpha + age) / (alpha + age + horizon_days)))
    return np.asarray(p_alive * p_order, dtype=np.float64)


def _posterior_chances(
    world: _World, visits: _Visits, opening: Ints, closing: Ints, day: int, horizon_days: int
) -> Floats:
    """Integrate rate and life out of the chance of an order, given each customer's order times."""
    kind, calendar = world.kind, world.calendar
    z_rate, z_life = np.meshgrid(
        np.arange(-4.5, 4.6, 0.15), np.arange(-3.5, 3.6, 0.5), indexing="ij"
    )
    correlation = _COPULA[0, 1]
    prior = np.exp(
        -(z_rate**2 + z_life**2 - 2 * correlation * z_rate * z_life) / (2 - 2 * correlation**2)
    )
    prior /= prior.sum()
    rate = np.exp(kind.gap_sigma * z_rate[:, 0]) / kind.gap_days
    death_rate = np.exp(-kind.life_sigma * z_life[0]) * np.log(2) / kind.life_days

    first, last = visits.day[opening], visits.day[closing]
    repeats = closing - opening
    first_whole = first.astype(np.int64)
    speeds = np.diff(calendar.elapsed, axis=1)
    arrivals = _arrival_density(world)[first_whole]
    likelihood, returning = np.zeros(first.size), np.zeros(first.size)
    # Each class's logarithms are brought to one scale per customer before they are added up.
    scales = np.full(first.size, -np.inf)
    for number, class_share in enumerate(calendar.class_shares):
        member = np.full(visits.day.size, number)
        clock = calendar.clock(member, visits.day)
        silent, silent_returns = _silence_tables(
            rate, death_rate, kind.regularity, speeds[number, : day + horizon_days], day
        )
        with np.errstate(divide="ignore"):
            log_speed = np.log(speeds[number, visits.day.astype(np.int64)])
            log_gap = np.log(np.diff(clock, prepend=0.0).clip(1e-12))
        terms = log_speed + (kind.regularity - 1) * log_gap
        terms[opening] = 0.0
        totals = np.add.reduceat(terms, opening)
        span = clock[closing] - clock[opening]
        for chunk in np.array_split(np.arange(first.size), 1 + first.size // 2_000):
            log_rate_part = (
                totals[chunk, None]
                + kind.regularity * repeats[chunk, None] * np.log(rate)
                - kind.regularity * rate * span[chunk, None]
            )
            scale = log_rate_part.max(axis=1)
            by_rate = np.exp(log_rate_part - scale[:, None])
            new = by_rate * ((1 - kind.established_share) * arrivals[chunk, None])
            before = rate * clock[opening[chunk], None]
            old = by_rate * (
                kind.established_share
                * rate
                * speeds[number, first_whole[chunk]][:, None]
                * _erlang_survival(kind.regularity, before)
            )
            lasting_new = np.exp(-death_rate * (last - first)[chunk, None])
            lasting_old = np.exp(-death_rate * last[chunk, None])
            joint = (
                (1 - kind.one_time_share) * new[:, :, None] * lasting_new[:, None, :]
                + old[:, :, None] * lasting_old[:, None, :]
            ) * prior
            whole = last[chunk].astype(np.int64)
            part = (last[chunk] - whole)[:, None, None]
            quiet = silent[whole] * (1 - part) + silent[whole + 1] * part
            again = silent_returns[whole] * (1 - part) + silent_returns[whole + 1] * part
            seen = (joint * quiet).sum(axis=(1, 2)) + np.where(
                repeats[chunk] == 0, kind.one_time_share * (new * prior.sum(axis=1)).sum(axis=1), 0
            )
            returns = (joint * again).sum(axis=(1, 2))
            top = np.maximum(scales[chunk], scale)
            keep, add = np.exp(scales[chunk] - top), class_share * np.exp(scale - top)
            likelihood[chunk] = likelihood[chunk] * keep + seen * add
            returning[chunk] = returning[chunk] * keep + returns * add
            scales[chunk] = top
    return np.asarray(returning / np.maximum(likelihood, 1e-300), dtype=np.float64)


def _arrival_density(world: _World) -> Floats:
    """Density (a day) of a new customer's first order, for each day of the history."""
    mean_elapsed = world.calendar.class_shares @ world.calendar.elapsed[:, : world.days + 1]
    share = mean_elapsed / mean_elapsed[-1]
    if world.kind.acquisition_growth:
        total = world.kind.acquisition_growth * world.days / _YEAR
        share = np.expm1(share * total) / np.expm1(total)
    # Beyond the history nobody arrives, so a later cutoff reads only days inside it.
    return np.concatenate([np.diff(share), np.zeros(FUTURE_DAYS)])


def _silence_tables(
    rate: Floats, death_rate: Floats, shape: int, speeds: Floats, day: int
) -> tuple[Floats, Floats]:
    """For an order at the start of each day until ``day``: what may have happened since.

    Two arrays (day + 1, rates, death rates): P(no order until ``day``), and P(no order until
    ``day`` and one in the horizon after it). An Erlang gap is a chain of phases, so each day is
    one step backwards from the phases left at its end.
    """
    cells = (rate.size, death_rate.size)
    survives = np.exp(-death_rate)
    silent = np.ones((shape, *cells))
    returns = np.zeros((shape, *cells))
    kept_silent = np.empty((day + 1, *cells))
    kept_returns = np.empty((day + 1, *cells))
    for step in range(speeds.size - 1, -1, -1):
        due = rate * shape * speeds[step]
        moved = _poisson(due, shape)
        no_order = np.cumsum(moved, axis=0)
        later_silent, later_returns = np.zeros_like(silent), np.zeros_like(returns)
        for left in range(shape):
            for done in range(left + 1):
                chance = moved[done][:, None] * survives
                later_silent[left] += chance * silent[left - done]
                later_returns[left] += chance * returns[left - done]
        if step >= day:
            later_returns += (1 - no_order)[:, :, None] * np.sqrt(survives)
            returns = later_returns
        else:
            half = np.cumsum(_poisson(due / 2, shape), axis=0)
            silent = later_silent + half[:, :, None] * (1 - survives)
            returns = later_returns
        if step <= day:
            kept_silent[step], kept_returns[step] = silent[-1], returns[-1]
    return kept_silent, kept_returns


def _poisson(mean: Floats, size: int) -> Floats:
    """P(0), ..., P(size - 1) of Poisson counts, one row each."""
    chances = [np.exp(-mean)]
    for number in range(1, size):
        chances.append(chances[-1] * mean / number)
    return np.stack(chances)
