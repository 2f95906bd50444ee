"""What else happens to the customers of a simulated shop, and how they are described.

Everything here follows from the orders and from the truth behind them; nothing here changes an
order. What is known too late to be of use is dated so: ``known_at`` is when the shop's systems
had it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from winback.arrays import Floats, Integers
from winback.synthetic.kinds import Service
from winback.synthetic.world import DAY_SECONDS, YEAR, Treatment, Visits, World

BROWSING_VISITS: Final = 2.5
"""Visits that lead to no order, per gap between orders, as long as a customer takes part."""
LOOKS_BEFORE_ORDER: Final = 1.2
"""Further visits in the days before an order, on average."""
NEWSLETTER_DAYS: Final = 28
GONE_OPENS: Final = 0.2
"""How often those who are gone open an e-mail, as a share of how often they did."""
_CART: Final = "cart_abandoned"
_HOUR: Final = 3_600
_NEVER: Final = np.iinfo(np.int64).max // 4

_Rows = tuple[str, Integers, Integers, Integers, Floats]


@dataclass(frozen=True, slots=True)
class _Past:
    """The orders of one path with all that the signals hang on; sorted by customer, number."""

    world: World
    until: int
    customer: Integers
    number: Integers
    at: Integers
    paid: Floats
    late_days: Floats
    ticket_hours: Floats
    refund_at: Integers
    arrives: Integers
    gone_at: Integers
    first_at: Integers
    satisfaction: Floats

    def uniform(self, stream: str, rows: NDArray[Any] | slice = slice(None)) -> Floats:
        """Luck of these orders."""
        key = self.world.key[self.customer[rows]]
        return self.world.luck.uniform(f"signal {stream}", key, self.number[rows])

    def normal(self, stream: str) -> Floats:
        key = self.world.key[self.customer]
        return self.world.luck.normal(f"signal {stream}", key, self.number)

    def wait(
        self, stream: str, mean_days: float, rows: NDArray[Any] | slice = slice(None)
    ) -> Integers:
        """Exponential waiting time of these orders in whole seconds, at least one."""
        days = -mean_days * np.log(self.uniform(stream, rows))
        return np.asarray(1 + (days * DAY_SECONDS).astype(np.int64))


def _past(world: World, treatments: tuple[Treatment, ...], days: int) -> _Past:
    visits = world.visits(treatments, days)
    cents = world.order_cents(visits)
    discount, _ = world.discounts(visits, cents, treatments)
    troubles = world.troubles(visits.customer, visits.number)
    at = world.calendar.seconds(visits.day)
    gone = np.minimum(world.gone_day(visits), 1e6)
    first_at = np.full(world.key.size, _NEVER)
    opening = visits.number == 0
    first_at[visits.customer[opening]] = at[opening]
    luck = world.luck
    # Customers who live long are mostly satisfied ones.
    with np.errstate(divide="ignore"):
        life = -np.log(world.death_rate * world.kind.life_days / np.log(2))
    life = np.where(world.death_rate > 0, life, 0.0) / max(world.kind.life_sigma, 1e-9)
    satisfaction = 0.6 * life + 0.8 * luck.normal("signal satisfaction", world.key)
    return _Past(
        world=world,
        until=days * DAY_SECONDS,
        customer=visits.customer,
        number=visits.number,
        at=at,
        paid=(cents - discount) / 100,
        late_days=troubles.late_days,
        ticket_hours=troubles.ticket_hours,
        refund_at=np.where(troubles.refunded, world.refunds_issued(visits), _NEVER),
        arrives=at + ((2 + troubles.late_days) * DAY_SECONDS).astype(np.int64),
        gone_at=(gone * DAY_SECONDS).astype(np.int64),
        first_at=first_at,
        satisfaction=satisfaction - 0.5 * world.one_time,
    )


def draw_signals(world: World, treatments: tuple[Treatment, ...], days: int) -> pd.DataFrame:
    """Everything that happened to the customers in the history, besides orders.

    See ``Shop.signals`` for the table.
    """
    past = _past(world, treatments, days)
    parts: list[_Rows] = []
    themes: tuple[Callable[[_Past], Iterator[_Rows]], ...] = (
        _service, _opinions, _points, _visits, _emails,
    )  # fmt: skip
    for theme in themes:
        for name, customer, happened, known, value in theme(past):
            seen = (happened >= 0) & (happened < past.until)
            parts.append((name, customer[seen], happened[seen], known[seen], value[seen]))
    names = sorted({name for name, *_ in parts})
    code = np.concatenate([np.full(rows[1].size, names.index(rows[0])) for rows in parts])
    customer, happened, known, value = (
        np.concatenate([rows[place] for rows in parts]) for place in range(1, 5)
    )
    order = np.lexsort((value, code, customer, happened))
    start = world.first_seconds()
    return pd.DataFrame(
        {
            "customer_id": _taken(customer_ids(world), customer[order]),
            "happened_at": start + happened[order].astype("timedelta64[s]"),
            # Who is behind a visit is known once the customer has an account: the first order.
            "known_at": start
            + np.maximum(known, np.maximum(happened, past.first_at[customer]))[order].astype(
                "timedelta64[s]"
            ),
            "name": _taken(pd.Series(names), code[order]),
            "value": value[order],
            "items": _carts(world, customer, happened, code == names.index(_CART))[order],
        }
    )


def _carts(
    world: World, customer: Integers, happened: Integers, left: NDArray[np.bool_]
) -> NDArray[Any]:
    """What lies in the carts that were left, joined by ``|``; None of every other signal.

    One to three products, each as likely as in an order of anybody.
    """
    items = np.full(left.size, None, dtype=object)
    luck, key, at = world.luck, world.key[customer[left]], happened[left]
    ids = product_ids(world).to_numpy(dtype=object)
    size = 1 + (3 * luck.uniform("signal cart size", key, at)).astype(np.int64)
    found = ids[world.product_at(luck.uniform("signal cart item 1", key, at))]
    for number in (2, 3):
        more = ids[world.product_at(luck.uniform(f"signal cart item {number}", key, at))]
        found = np.where(size >= number, found + "|" + more, found)
    items[left] = found
    return items


def draw_attributes(world: World, treatments: tuple[Treatment, ...], days: int) -> pd.DataFrame:
    """What customers are described by and since when; see ``Shop.attributes`` for the table."""
    past = _past(world, treatments, days)
    parts: list[tuple[str, Integers, Integers, str]] = []
    for said, changes in zip(("yes", "no"), _consents(past), strict=True):
        parts.append(("email_consent", np.arange(world.key.size), changes, said))
    parts += _tiers(past)
    parts += _subscriptions(past)
    rows = pd.DataFrame(
        {
            "customer": np.concatenate([customer for _, customer, _, _ in parts]),
            "known": np.concatenate([known for _, _, known, _ in parts]),
            "name": np.repeat([part[0] for part in parts], [part[1].size for part in parts]),
            "value": np.repeat([part[3] for part in parts], [part[1].size for part in parts]),
        }
    )
    rows = rows[(rows["known"] >= 0) & (rows["known"] < past.until)]
    rows = rows.sort_values(["known", "customer", "name"], kind="stable")
    return pd.DataFrame(
        {
            "customer_id": _taken(customer_ids(world), rows["customer"].to_numpy()),
            "known_at": world.first_seconds() + rows["known"].to_numpy().astype("timedelta64[s]"),
            "name": rows["name"].to_numpy(),
            "value": rows["value"].to_numpy(),
        }
    )


def customer_ids(world: World) -> pd.Series[Any]:
    """Give each customer's id as it stands in the tables."""
    width = max(4, len(str(world.key.size)))
    return pd.Series([f"C{number:0{width}d}" for number in range(1, world.key.size + 1)])


def product_ids(world: World) -> pd.Series[Any]:
    """Give each product's id as it stands in the tables."""
    return pd.Series([f"P{number:04d}" for number in range(world.product_prices.size)])


def _taken(names: pd.Series[Any], places: Integers) -> pd.Series[Any]:
    return names.take(places).reset_index(drop=True)


def _absent(size: int) -> Floats:
    return np.full(size, np.nan)


def _next_morning(seconds: Integers, hour: int, every_days: int = 1) -> Integers:
    """First batch run after each instant."""
    period = every_days * DAY_SECONDS
    return np.asarray((seconds - hour * _HOUR) // period * period + period + hour * _HOUR)


def _service(past: _Past) -> Iterator[_Rows]:
    late = np.flatnonzero(past.late_days > 0)
    # It is late from the promised day on; how late, the shop knows when it has arrived.
    yield (
        "late_delivery", past.customer[late], past.at[late] + 2 * DAY_SECONDS,
        past.arrives[late], np.round(past.late_days[late], 1),
    )  # fmt: skip
    asked = np.flatnonzero(past.ticket_hours > 0)
    who = past.customer[asked]
    opened = past.at[asked] + past.wait("ticket after", 3.0, asked)
    # About a late parcel one asks while waiting for it, about a refund before it comes.
    is_late, refund = past.late_days[asked] > 0, past.refund_at[asked]
    share = past.uniform("ticket within", asked)
    opened = np.where(
        refund < _NEVER,
        past.at[asked] + (share * (refund - past.at[asked])).astype(np.int64),
        opened,
    )
    waiting = past.arrives[asked] - past.at[asked] - 2 * DAY_SECONDS
    opened = np.where(
        is_late,
        past.at[asked] + 2 * DAY_SECONDS + (share * waiting).astype(np.int64),
        opened,
    )
    hours = past.ticket_hours[asked]
    closed = opened + (hours * _HOUR).astype(np.int64) + 1
    yield "ticket_opened", who, opened, opened, _absent(who.size)
    yield "ticket_closed", who, closed, closed, np.round(hours, 1)
    for again in range(1, 5):
        patience = 36.0 * again
        asks = hours > patience
        at = (opened + int(patience * _HOUR))[asks]
        yield "ticket_repeated", who[asks], at, at, np.full(at.size, again + 1.0)


def _opinions(past: _Past) -> Iterator[_Rows]:
    slow = past.ticket_hours > past.world.service.slow_hours
    late, refunded = past.late_days > 0, past.refund_at < _NEVER
    mood = past.satisfaction[past.customer]
    stars = 4.4 + 0.4 * mood - 1.6 * late - 1.2 * slow - 0.7 * refunded + 0.7 * past.normal("stars")
    writes = past.uniform("review") < np.where(late | slow, 0.25, 0.12)
    at = past.arrives + past.wait("review after", 4.0)
    yield (
        "review", past.customer[writes], at[writes], at[writes],
        np.clip(np.rint(stars), 1, 5)[writes],
    )  # fmt: skip
    points = 8.0 + 1.2 * mood - 2.5 * late - 2 * slow - refunded + 1.5 * past.normal("survey score")
    answers = past.uniform("survey") < 0.08
    at = past.arrives + 7 * DAY_SECONDS + past.wait("survey after", 3.0)
    yield (
        "survey_score", past.customer[answers], at[answers],
        _next_morning(at[answers], 6, every_days=7), np.clip(np.rint(points), 0, 10)[answers],
    )  # fmt: skip
    recommends = past.uniform("referral") < np.minimum(0.012 * np.exp(0.7 * mood), 0.2)
    recommends &= ~late & ~slow
    at = past.arrives + past.wait("referral after", 10.0)
    # A friend's name is known when the friend orders.
    known = at + past.wait("referral known", 6.0)
    yield (
        "referral", past.customer[recommends], at[recommends], known[recommends],
        _absent(int(recommends.sum())),
    )  # fmt: skip


def _earned(past: _Past) -> tuple[Integers, Integers, Integers]:
    """Rows of orders by members of the loyalty programme, points of each, and running totals."""
    key = past.world.key
    luck = past.world.luck.uniform("signal member", key)
    # Most who ever join do so at their first order, others at the second or later.
    joins = np.where(luck < 0.55, np.floor(np.log(luck / 0.55) / np.log(0.35)), _NEVER)
    rows = np.flatnonzero(past.number >= joins[past.customer])
    points = np.floor(past.paid[rows]).astype(np.int64)
    total = np.cumsum(points)
    if rows.size:
        begins = np.flatnonzero(np.diff(past.customer[rows], prepend=-1))
        size = np.diff(np.append(begins, rows.size))
        total = total - np.repeat(total[begins] - points[begins], size)
    return rows, points, total


def _points(past: _Past) -> Iterator[_Rows]:
    rows, points, total = _earned(past)
    who, at = past.customer[rows], past.at[rows]
    yield "points_earned", who, at, at, points.astype(np.float64)
    # A full card is spent with the order after the one that filled it.
    card = max(int(past.world.kind.basket) * 5, 1)
    filled = total // card - (total - points) // card
    same = np.append(who[1:] == who[:-1], False) if who.size else np.zeros(0, np.bool_)
    spends = np.flatnonzero(same & (filled > 0))
    at = at[spends + 1]
    yield "points_burnt", who[spends], at, at, (filled[spends] * card).astype(np.float64)


def _visits(past: _Past) -> Iterator[_Rows]:
    world = past.world
    customer = [past.customer]
    # One opens the shop some minutes before ordering.
    at = [past.at - 60 - past.wait("session", 12 / 1_440)]
    weight = [np.zeros(past.at.size)]
    extra = np.floor(
        np.log(past.uniform("looks")) / np.log(LOOKS_BEFORE_ORDER / (1 + LOOKS_BEFORE_ORDER))
    ).clip(0, 8)
    for look in range(1, int(extra.max(initial=0)) + 1):
        rows = np.flatnonzero(extra >= look)
        customer.append(past.customer[rows])
        at.append(past.at[rows] - 60 - past.wait(f"look {look}", 2.5, rows))
        weight.append(np.full(rows.size, 0.25))
    strolls = _browsing(past)
    customer.append(strolls.customer)
    at.append(world.calendar.seconds(strolls.day))
    weight.append(np.full(strolls.customer.size, 0.12))
    who, happened = np.concatenate(customer), np.concatenate(at)
    leaves_cart = np.concatenate(weight)

    # Each visit has its own luck by customer and instant.
    luck, key = world.luck, world.key[who]
    app = luck.uniform("signal app", world.key)[who] < 0.35
    draw = luck.uniform("signal channel", key, happened)
    channel = np.select([draw < 0.1, app & (draw < 0.75)], [2, 1], 0)
    pages = 1 - np.floor(6 * np.log(luck.uniform("signal pages", key, happened)))
    for number, name in enumerate(("visit_web", "visit_app", "visit_store")):
        rows = np.flatnonzero(channel == number)
        known = happened[rows]
        if name == "visit_store":
            yield name, who[rows], known, _next_morning(known, 3), _absent(rows.size)
        else:
            yield name, who[rows], known, known, pages[rows]
    left = np.flatnonzero(
        (channel < 2) & (luck.uniform("signal cart", key, happened) < leaves_cart)
    )
    noise = luck.normal("signal cart worth", key[left], happened[left])
    worth = np.exp(world.mean_log_basket[who[left]] + world.kind.basket_sigma_orders * noise)
    cents = np.rint(100 * worth)
    when = happened[left] + 600
    yield _CART, who[left], when, when, cents / 100


def _browsing(past: _Past) -> Visits:
    """Visits without an order: at the customer's own rate, from the first order to the end."""
    world = past.world
    stroller = replace(
        world,
        kind=replace(world.kind, regularity=1),
        luck=world.luck.apart("browsing"),
        service=Service(),
        rate=world.rate * BROWSING_VISITS,
        dies_after_order=np.full(world.key.size, _NEVER),
        established=np.ones(world.key.size, dtype=np.bool_),
        acquired_day=np.minimum(past.first_at, past.until) / DAY_SECONDS,
        death_day=past.gone_at / DAY_SECONDS,
    )
    return stroller.visits((), past.until // DAY_SECONDS)


def _consents(past: _Past) -> tuple[Integers, Integers]:
    """When each customer allowed e-mails and when no longer (or not), in seconds."""
    luck, key = past.world.luck, past.world.key
    allows = luck.uniform("signal consent", key) < 0.65
    years = -np.log(luck.uniform("signal withdrawal", key)) / 0.15
    tires = past.gone_at - 1.5 * YEAR * DAY_SECONDS * np.log(luck.uniform("signal tires", key))
    withdraws = np.minimum(past.first_at + years * YEAR * DAY_SECONDS, np.maximum(tires, 1))
    withdraws = np.maximum(withdraws, past.first_at + DAY_SECONDS).astype(np.int64)
    return (
        np.where(allows, past.first_at, _NEVER),
        np.where(allows, withdraws, past.first_at),
    )


def _emails(past: _Past) -> Iterator[_Rows]:
    world = past.world
    begins, ends = _consents(past)
    z_rate = np.log(world.rate * world.kind.gap_days) / max(world.kind.gap_sigma, 1e-9)
    keen = 0.6 * np.clip(z_rate, -3, 3) + 0.8 * world.luck.normal("signal keen", world.key)
    opens_share = expit(-0.9 + 0.8 * keen)
    for at in range(6 * DAY_SECONDS + 10 * _HOUR, past.until, NEWSLETTER_DAYS * DAY_SECONDS):
        who = np.flatnonzero((begins <= at) & (at < ends))
        sent = np.full(who.size, at)
        yield "email_sent", who, sent, sent, _absent(who.size)
        key = world.key[who]
        share = opens_share[who] * np.where(at >= past.gone_at[who], GONE_OPENS, 1.0)
        opened = who[world.luck.uniform("signal opens", key, sent) < share]
        key, sent = world.key[opened], np.full(opened.size, at)
        delay = -8 * _HOUR * np.log(world.luck.uniform("signal opens after", key, sent))
        when = sent + 30 + delay.astype(np.int64)
        yield "email_opened", opened, when, when, _absent(opened.size)
        rows = np.flatnonzero(world.luck.uniform("signal clicks", key, sent) < 0.2)
        clicked, when = opened[rows], when[rows] + 40
        yield "email_clicked", clicked, when, when, _absent(clicked.size)
        pages = 1 - np.floor(3 * np.log(world.luck.uniform("signal click pages", key, sent)[rows]))
        yield "visit_web", clicked, when + 2, when + 2, pages


def _tiers(past: _Past) -> list[tuple[str, Integers, Integers, str]]:
    rows, points, total = _earned(past)
    who, at = past.customer[rows], past.at[rows]
    basket = past.world.kind.basket
    first = np.diff(who, prepend=-1) != 0
    found = [("tier", who[first], at[first], "bronze")]
    for tier, threshold in (("silver", 8 * basket), ("gold", 25 * basket)):
        reached = (total >= threshold) & (total - points < threshold)
        # Tiers are worked out at night.
        found.append(("tier", who[reached], _next_morning(at[reached], 2), tier))
    return found


def _subscriptions(past: _Past) -> list[tuple[str, Integers, Integers, str]]:
    """Some subscribe at their second order; those who are gone mostly cancel."""
    world = past.world
    luck = world.luck
    starts = np.flatnonzero(
        (past.number == 1) & (luck.uniform("signal subscribes", world.key[past.customer]) < 0.08)
    )
    who, since = past.customer[starts], past.at[starts]
    key = world.key[who]

    def after(stream: str, mean_days: float) -> Integers:
        wait = -mean_days * np.log(luck.uniform(f"signal {stream}", key)) * DAY_SECONDS
        return np.asarray(wait.astype(np.int64) + DAY_SECONDS)

    told = luck.uniform("signal tells", key) < 0.8
    leaves = np.where(told, past.gone_at[who] + after("cancels", 20), _NEVER)
    ends = np.maximum(np.minimum(leaves, since + after("had enough", 1_200)), since + DAY_SECONDS)
    rests = since + after("pauses", 150)
    back = rests + 45 * DAY_SECONDS
    paused = (luck.uniform("signal rests", key) < 0.25) & (back < ends)
    return [
        ("subscription", who, since, "active"),
        ("subscription", who[paused], rests[paused], "paused"),
        ("subscription", who[paused], back[paused], "active"),
        ("subscription", who, ends, "cancelled"),
    ]
