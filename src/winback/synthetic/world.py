"""The clockwork of a simulated shop: who its customers are, when they order, and what."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, ndtr, ndtri

from winback.arrays import Floats, Integers, Mask
from winback.synthetic.kinds import Kind, Service

CONTROL: Final = "control"
FUTURE_DAYS: Final = 730
"""Days after the end of a shop's history for which campaigns can be simulated."""

YEAR: Final = 365.25
DAY_SECONDS: Final = 86_400
_GAP_UNIT: Final = 2.0**32
MAX_LOG_HAZARD: Final = 1.8
_MAX_REFUND_DAYS: Final = 100.0
_FAVOURITES: Final = 6
# Won orders are numbered from here, so that all others keep their numbers and their luck.
_FIRST_WON: Final = 50_000
RESPONSES: Final = ("persuadable", "sure_thing", "lost_cause", "sleeping_dog")

# Order: rate, life, basket, price sensitivity. Frequent customers stay longer and those who look
# at prices buy smaller baskets and leave sooner, which no model with independent parts can know.
COPULA: Final = np.array(
    [
        [1.0, 0.3, -0.1, 0.1],
        [0.3, 1.0, 0.15, -0.2],
        [-0.1, 0.15, 1.0, -0.4],
        [0.1, -0.2, -0.4, 1.0],
    ]
)


class Luck:
    """Uniform numbers addressed by stream name and integer keys, not by the order of asking."""

    def __init__(self, seed: int | str) -> None:
        self._seed = seed

    def apart(self, name: str) -> Luck:
        """Give luck that shares no number with this one."""
        return Luck(f"{self._seed}|{name}")

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
class Calendar:
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

    def seconds(self, days: Floats) -> Integers:
        """Whole seconds since start; the share of a day passed becomes the hour by quantile."""
        whole = np.floor(days)
        share = days - whole
        if self.hour_quantiles is not None:
            share = np.interp(
                share, np.linspace(0, 1, self.hour_quantiles.size), self.hour_quantiles
            )
        within = np.minimum((share * DAY_SECONDS).astype(np.int64), DAY_SECONDS - 1)
        return whole.astype(np.int64) * DAY_SECONDS + within


def _draw_calendar(kind: Kind, start: date, days: int) -> Calendar:
    stamps = pd.date_range(start, periods=days, freq="D")
    day_of_year = stamps.day_of_year.to_numpy().astype(np.float64)
    weekday = stamps.day_of_week.to_numpy()
    season = np.exp(kind.season * np.cos(2 * np.pi * (day_of_year - kind.season_peak_day) / YEAR))
    if kind.closed_at_new_year:
        season = np.where((day_of_year >= 358) | (day_of_year <= 3), 0.01, season)
    to_christmas = (day_of_year - 346 + YEAR / 2) % YEAR - YEAR / 2
    rush = np.exp(-0.5 * (to_christmas / 9.0) ** 2) * (day_of_year <= 359)
    trend = np.exp(kind.rate_trend * np.arange(days) / YEAR)
    if kind.shock is not None:
        day, change = kind.shock
        trend[day:] *= np.exp(change)

    shares, speeds = [], []
    favourites = range(7) if kind.favourite_weekday else (None,)
    # One year of any start has the same mean, so a shop's level does not depend on its start.
    year_rush = np.exp(-0.5 * ((np.arange(365) - 345) / 9.0) ** 2) * (np.arange(365) < 359)
    year_season = np.exp(
        kind.season * np.cos(2 * np.pi * (np.arange(365) + 1 - kind.season_peak_day) / YEAR)
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
    return Calendar(np.array(shares), elapsed, hours)


@dataclass(frozen=True, slots=True)
class Treatment:
    """One campaign as it acts on each customer's clock; arrays have one value a customer."""

    at_day: int
    sent: Mask
    log_hazard: Floats
    valid_days: Integers
    pull_forward_share: Floats
    payback_days: Integers
    redemption_share: Floats
    discount_share: Floats
    discount_amount: Floats
    min_basket: Floats
    won: Floats
    """Chance that who would place no order while the offer is valid places one."""


@dataclass(frozen=True, slots=True)
class Warp:
    """A treatment as a piecewise linear map of clock time: fast while valid, then paid back."""

    active: Mask
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

    def inverse(self, customer: Integers, warped: Floats) -> Floats:
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
class Visits:
    """Orders of one path, sorted by customer and day; ``day`` is days since start.

    A customer's orders are numbered from 0; those that an offer won outside her own rhythm stand
    between them with large numbers of their own.
    """

    customer: Integers
    number: Integers
    day: Floats

    @property
    def due(self) -> Visits:
        """Only those that came of the customer's own rhythm."""
        kept = self.number < _FIRST_WON
        return Visits(self.customer[kept], self.number[kept], self.day[kept])


@dataclass(frozen=True, slots=True)
class Troubles:
    """What went wrong with each order; zero hours: there was no ticket."""

    late_days: Floats
    refunded: Mask
    whole_order_refunded: Mask
    ticket_hours: Floats


@dataclass(frozen=True, slots=True)
class World:
    """All that is fixed about a shop before anyone is sent anything (one value a customer)."""

    kind: Kind
    luck: Luck
    start: date
    days: int
    late_share: float
    service: Service
    calendar: Calendar
    key: Integers
    rate: Floats
    dies_after_order: Integers
    death_rate: Floats
    death_day: Floats
    one_time: Mask
    established: Mask
    acquired_day: Floats
    calendar_class: Integers
    mean_log_basket: Floats
    price_sensitivity: Floats
    refund_odds: Floats
    response: Integers
    product_weights: Floats
    product_prices: Floats
    product_cycles: Floats

    def subset(self, rows: Mask | Integers) -> World:
        """Give the same shop with these customers only."""
        per_customer = {
            name: getattr(self, name)[rows]
            for name in self.__dataclass_fields__
            if isinstance(getattr(self, name), np.ndarray) and not name.startswith("product_")
        }
        return replace(self, **per_customer)

    def warps(self, treatments: tuple[Treatment, ...]) -> list[Warp]:
        """Each treatment as a map of the clock that the treatments before it left."""
        found: list[Warp] = []
        for treatment in treatments:
            closing = treatment.at_day + treatment.valid_days
            opens = self.clock(float(treatment.at_day), found)
            closes = self.clock(closing, found)
            settled = self.clock(closing + treatment.payback_days, found)
            speed = np.exp(treatment.log_hazard)
            owed = treatment.pull_forward_share * (speed - 1) * (closes - opens)
            payback_speed = np.clip(1 - owed / np.maximum(settled - closes, 1e-9), 0.05, 3.0)
            active = treatment.sent & (treatment.log_hazard != 0)
            found.append(Warp(active, opens, closes, settled, speed, payback_speed))
        return found

    def clock(self, day: NDArray[Any] | float, warps: list[Warp]) -> Floats:
        """Each customer's clock time at ``day`` (days since start), after these warps."""
        shown = self.calendar.clock(self.calendar_class, day)
        for warp in warps:
            shown = warp.forward(shown)
        return shown

    def gaps(self, customer: Integers, number: Integers) -> Integers:
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
        if self.service.matters:
            total /= self.speed_before(customer, number)
        return np.rint(total / shape * _GAP_UNIT).astype(np.int64)

    def speed_before(self, customer: Integers, number: Integers) -> Floats:
        """How fast the clock runs in the gap before an order, after the service of the last."""
        service, troubles = self.service, self.troubles(customer, number - 1)
        slows = service.late_slows * (troubles.late_days > 0) + service.slow_answer_slows * (
            troubles.ticket_hours > service.slow_hours
        )
        return np.where(number > 0, np.exp(-slows), 1.0)

    def troubles(self, customer: Integers, number: Integers) -> Troubles:
        """What went wrong with each of these orders."""
        luck, service = self.luck, self.service
        key = self.key[customer]
        fate = luck.uniform("refund", key, number)
        refund_chance = 1 - (1 - self.kind.refund_share) ** self.refund_odds[customer]
        refunded = fate < refund_chance
        odds = np.exp(0.8 * luck.normal("late delivery odds", key) - 0.32)
        late = luck.uniform("late delivery", key, number) < 1 - (1 - service.late_share) ** odds
        days = 0.5 - service.late_days * np.log(luck.uniform("days late", key, number))
        asks = luck.uniform("ticket", key, number) < np.maximum.reduce(
            [
                np.full(key.size, service.ticket_share),
                service.late_ticket_share * late,
                service.refund_ticket_share * refunded,
            ]
        )
        hours = service.wait_hours * np.exp(
            service.wait_sigma * luck.normal("ticket wait", key, number)
        )
        return Troubles(
            late_days=np.where(late, days, 0.0),
            refunded=refunded,
            whole_order_refunded=fate < 0.6 * refund_chance,
            ticket_hours=np.where(asks, hours, 0.0),
        )

    def refunds_issued(self, visits: Visits) -> Integers:
        """Seconds since start at which each order's refund is issued, should there be one."""
        luck = self.luck.uniform("refund delay", self.key[visits.customer], visits.number)
        delay = np.minimum(1 - self.kind.refund_delay_days * np.log(luck), _MAX_REFUND_DAYS)
        return self.calendar.seconds(visits.day) + (delay * DAY_SECONDS).astype(np.int64)

    def visits(self, treatments: tuple[Treatment, ...], until_day: float) -> Visits:
        """All orders before ``until_day`` on the path with these treatments."""
        winning = [each for each in treatments if each.won.any() and each.at_day < until_day]
        if not winning:
            return self._due(treatments, until_day)
        closed = max(each.at_day + int(each.valid_days.max()) for each in winning)
        due = self._due(treatments, max(float(closed), until_day))
        parts = [due]
        for place, each in enumerate(winning):
            valid = each.valid_days[due.customer]
            inside = (due.day >= each.at_day) & (due.day < each.at_day + valid)
            chance = each.won.copy()
            chance[due.customer[inside]] = 0.0
            luck = self.luck.uniform(f"won {each.at_day}", self.key)
            who = np.flatnonzero(luck < chance)
            when = self.luck.uniform(f"won on {each.at_day}", self.key[who])
            day = each.at_day + when * each.valid_days[who]
            parts.append(Visits(who, np.full(who.size, _FIRST_WON + place), day))
        customer, number, day = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("customer", "number", "day")
        )
        order = np.lexsort((number, day, customer))
        order = order[day[order] < until_day]
        return Visits(customer[order], number[order], day[order])

    def _due(self, treatments: tuple[Treatment, ...], until_day: float) -> Visits:
        """Those orders that come of each customer's own rhythm."""
        warps = self.warps(treatments)
        begins = self.clock(self.acquired_day, warps)
        ends = self.clock(np.minimum(self.death_day, float(until_day)), warps)
        room = (ends - begins) * self.rate
        # A hair more than needed: which orders count is decided below by their day.
        limit = np.ceil((room + 1e-6) * _GAP_UNIT).astype(np.int64)
        open_ = np.flatnonzero((room >= 0) & (self.acquired_day < until_day))
        offset = np.zeros(self.rate.size, dtype=np.int64)
        numbered = np.zeros(self.rate.size, dtype=np.int64)
        parts: list[tuple[Integers, Integers, Integers]] = []
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
        return Visits(customer[kept], number[kept], day[kept])

    def order_cents(self, visits: Visits) -> Integers:
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
        cents: Integers = np.maximum(np.rint(value * 100), 50).astype(np.int64)
        return cents

    def discounts(
        self, visits: Visits, cents: Integers, treatments: tuple[Treatment, ...]
    ) -> tuple[Integers, Integers]:
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
        treatments: tuple[Treatment, ...],
        since_day: float,
        until_day: float,
    ) -> Lines:
        """Lines of orders and refunds with ``since_day <= day < until_day``."""
        kind, luck = self.kind, self.luck
        visits = self.visits(treatments, until_day)
        due = self.due_favourites(visits) if kind.cycle_days else None
        near = visits.day >= since_day - _MAX_REFUND_DAYS - 1
        cents = self.order_cents(visits)
        discount, source = self.discounts(visits, cents, treatments)
        visits = Visits(visits.customer[near], visits.number[near], visits.day[near])
        cents, discount, source = cents[near], discount[near], source[near]

        key = self.key[visits.customer]
        # Geometric: most orders have few lines, some have many.
        mean_extra = kind.lines - 1
        draws = luck.uniform("lines", key, visits.number)
        lines = 1 + np.floor(np.log(draws) / np.log(mean_extra / (1 + mean_extra))).astype(
            np.int64
        ).clip(0, 60)
        if due is not None:
            due = due[near]
            lines = np.maximum(lines, due.sum(axis=1))
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

        # Habits: a customer's few favourites take turns, or are bought when they have run out;
        # the rest is picked by popularity.
        habit = luck.uniform("habit", line_key, line_number, line) < kind.habit_share
        favourite = (line_number + line) % _FAVOURITES
        if due is not None:
            turn = np.argsort(~due, axis=1, kind="stable")
            habit = line < due.sum(axis=1)[order]
            favourite = turn[order, np.minimum(line, _FAVOURITES - 1)]
        pick = luck.uniform("product", line_key, line_number, line)
        pick[habit] = luck.uniform("favourite", line_key[habit], favourite[habit])
        product = self.product_at(pick)
        quantity = np.maximum(np.rint(line_cents / 100 / self.product_prices[product]), 1)

        seconds = self.calendar.seconds(visits.day)
        issued = self.refunds_issued(visits)
        troubles = self.troubles(visits.customer, visits.number)
        back = troubles.refunded[order] & (troubles.whole_order_refunded[order] | (line == 0))

        order = np.concatenate([order, order[back]])
        is_refund = np.arange(order.size) >= line.size
        happened = np.where(is_refund, issued[order], seconds[order])
        known = happened.copy()
        if self.late_share:
            who, which = key[order], visits.number[order] * 2 + is_refund
            late = luck.uniform("late", who, which) < self.late_share
            lag = -4 * np.log(luck.uniform("late by", who, which)) * DAY_SECONDS
            known[late] += lag[late].astype(np.int64)
        kept = (happened >= since_day * DAY_SECONDS) & (happened < until_day * DAY_SECONDS)
        sign = np.where(is_refund, -1, 1)
        rows = np.flatnonzero(kept)
        # Stable: at one instant customers, orders and lines stay in their order.
        ordered = rows[np.argsort(happened[rows], kind="stable")]
        return Lines(
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

    def product_at(self, pick: Floats) -> Integers:
        """Product that a uniform number picks by popularity."""
        found = np.searchsorted(np.cumsum(self.product_weights), pick).astype(np.int64)
        return np.minimum(found, self.product_weights.size - 1)

    def due_favourites(self, visits: Visits) -> Mask:
        """Which of the customer's favourites have run out by each order (orders, favourites)."""
        favourite, customer = np.meshgrid(np.arange(_FAVOURITES), np.arange(self.key.size))
        key = self.key[customer]
        cycle = self.product_cycles[self.product_at(self.luck.uniform("favourite", key, favourite))]
        phase = self.luck.uniform("cycle phase", key, favourite)
        who = visits.customer
        used_up = np.floor(visits.day[:, None] / cycle[who] + phase[who])
        due = np.diff(used_up, axis=0, prepend=np.nan) > 0
        opening = np.diff(who, prepend=-1) != 0
        due[opening] = phase[who[opening]] < 0.5
        return due

    def gone_day(self, visits: Visits) -> Floats:
        """Day from which each customer takes no further part; on these orders."""
        gone = self.death_day.copy()
        last = np.flatnonzero(visits.number == self.dies_after_order[visits.customer])
        gone[visits.customer[last]] = visits.day[last]
        return gone

    def first_seconds(self) -> np.datetime64:
        """Give the instant at which the history starts."""
        return np.datetime64(self.start.isoformat(), "s")


@dataclass(frozen=True, slots=True)
class Lines:
    """Order and refund lines of one path as arrays, in order of time."""

    customer: Integers
    number: Integers
    happened: Integers
    known: Integers
    product: Integers
    quantity: Floats
    cents: Integers
    is_refund: Mask
    line: Integers
    order_cents: Integers
    discount: Integers
    source: Integers


def draw_world(
    kind: Kind,
    customers: int,
    start: date,
    days: int,
    seed: int,
    late_share: float,
    service: Service,
) -> World:
    """Draw the customers of a shop, each of whom orders at least once in its history."""
    luck = Luck(seed)
    calendar = _draw_calendar(kind, start, days + FUTURE_DAYS)
    drawn = customers
    while True:
        world = _candidates(kind, drawn, start, days, late_share, service, luck, calendar)
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
    service: Service,
    luck: Luck,
    calendar: Calendar,
) -> World:
    key = np.arange(count, dtype=np.int64)
    independent = np.stack([luck.normal(f"customer {part}", key) for part in range(4)])
    z_rate, z_life, z_basket, z_price = np.linalg.cholesky(COPULA) @ independent
    never = np.iinfo(np.int64).max // 4
    established = luck.uniform("established", key) < kind.established_share
    one_time = luck.uniform("one time", key) < kind.one_time_share

    share = luck.uniform("acquired", key)
    if kind.acquisition_growth:
        total = kind.acquisition_growth * days / YEAR
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
    cycles = luck.generator("product cycles").standard_normal(kind.products)
    absent = np.full(kind.products, np.nan)
    return World(
        kind=kind,
        luck=luck,
        start=start,
        days=days,
        late_share=late_share,
        service=service,
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
        product_cycles=kind.cycle_days * np.exp(0.5 * cycles) if kind.cycle_days else absent,
    )


def erlang_survival(shape: int, gap: Floats) -> Floats:
    """P(gap > ``gap``) for an Erlang gap of mean 1."""
    scaled = shape * gap
    term, total = np.ones_like(scaled), np.ones_like(scaled)
    for power in range(1, shape):
        term = term * scaled / power
        total = total + term
    return np.asarray(np.exp(-scaled) * total, dtype=np.float64)
