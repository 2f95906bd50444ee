"""Ranks what each customer may want next, and says why.

The likeliest next purchase is what the customer bought often and lately: each day with a purchase
counts, the less the longer ago it is. How regular it comes says when it is due, and never whether
it comes first (docs/products.md has the figures). What is new to the customer is ordered by what
others bought last, the higher the more the customer buys from its category.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from winback.arrays import Floats, Integers, Mask
from winback.products.bought import Lines
from winback.products.shelf import Shelf

PLACES = 10
# Own categories that are looked through, and products of each; beyond them the whole shop.
_CATEGORIES, _OF_EACH, _OF_ALL = 3, 20, 60
# How much the customer's own categories weigh beside popularity, and how far few purchases are
# drawn to what everybody buys: by benchmarks/products.md popularity alone is hard to beat.
_TASTE, _PRIOR = 0.5, 0.5
# Customers whose new products are chosen at once.
_AT_ONCE = 1 << 14
NONE = -1


@dataclass(frozen=True, eq=False)
class Pairs:
    """What each customer bought of each product, sorted by customer and product.

    Attributes:
        customer, product: who and what.
        days: on how many days; 0 where it was only sent back.
        weight: those days, each counted the less the longer ago it is.
        last: how many days ago the last was, -1 where none was.
        every: median days between them, -1 where there are fewer than three.
        kept: whether anything of it was kept: not all was sent or paid back.
    """

    customer: Integers
    product: Integers
    days: Integers
    weight: Floats
    last: Integers
    every: Integers
    kept: Mask

    def __len__(self) -> int:
        return len(self.customer)


def pairs_of(lines: Lines, products: int, day: int, decay_days: float) -> Pairs:
    """Customers and products of the lines that were known before a day."""
    lines = lines.before(day)
    order = np.lexsort((lines.day, lines.product, lines.customer))
    key = (lines.customer * products + lines.product)[order]
    pair, begins = np.unique(key, return_index=True)
    kept = _kept(lines.items[order], lines.amount[order], begins)
    bought = lines.bought[order]
    when = lines.day[order]
    # A day counts once, however many lines it has.
    day_key, chosen = key[bought], when[bought]
    fresh = np.ones(len(day_key), bool)
    fresh[1:] = (day_key[1:] != day_key[:-1]) | (chosen[1:] != chosen[:-1])
    day_key, chosen = day_key[fresh], chosen[fresh]
    found, first, count = np.unique(day_key, return_index=True, return_counts=True)
    at = np.searchsorted(pair, found)
    days, last = np.zeros(len(pair), np.int64), np.full(len(pair), NONE)
    every, weight = np.full(len(pair), NONE), np.zeros(len(pair))
    if len(found):
        days[at] = count
        weight[at] = np.add.reduceat(np.exp((chosen - day) / decay_days), first)
        last[at] = day - chosen[first + count - 1]
        every[at] = _every(day_key, chosen, first, count)
    return Pairs(pair // products, pair % products, days, weight, last, every, kept & (days > 0))


def _kept(items: Floats, amount: Integers, begins: Integers) -> Mask:
    """Whether less was sent back than bought, and less paid back than paid."""
    if not len(begins):
        return np.empty(0, bool)
    money = np.add.reduceat(amount, begins) > 0
    pieces = np.add.reduceat(items, begins)
    return money & (np.isnan(pieces) | (pieces > 0))


def _every(key: Integers, day: Integers, first: Integers, count: Integers) -> Integers:
    """The median gap of each pair with two gaps or more, rounded up; -1 elsewhere."""
    every = np.full(len(first), NONE, np.int64)
    inside = np.flatnonzero(key[1:] == key[:-1])
    gap = day[inside + 1] - day[inside]
    pair = np.searchsorted(first, inside, side="right") - 1
    gap = gap[np.lexsort((gap, pair))]
    gaps = count - 1
    begins = np.cumsum(gaps) - gaps
    enough = np.flatnonzero(gaps >= 2)
    low = gap[begins[enough] + (gaps[enough] - 1) // 2]
    high = gap[begins[enough] + gaps[enough] // 2]
    every[enough] = (low + high + 1) // 2
    return every


@dataclass(frozen=True, eq=False)
class Ranked:
    """The lists of some customers, sorted by customer and place.

    Attributes:
        customer, product: who and what.
        place: 0 is the first.
        pair: which of the pairs it is, -1 of what is new.
        in_category: of what is new, whether it is of a category the customer buys from.
    """

    customer: Integers
    product: Integers
    place: Integers
    pair: Integers
    in_category: Mask

    def where(self, chosen: Mask) -> Ranked:
        """Some of the rows."""
        return Ranked(
            self.customer[chosen],
            self.product[chosen],
            self.place[chosen],
            self.pair[chosen],
            self.in_category[chosen],
        )


@dataclass(frozen=True)
class Rule:
    """How lists are made: days of decay, and places that are kept for what is new."""

    decay_days: float
    new_places: int
    places: int = PLACES


def rank(
    pairs: Pairs, shelf: Shelf, customers: int, rule: Rule, score: Floats | None = None
) -> Ranked:
    """Up to ``rule.places`` products of each customer.

    ``score`` takes the place of the decayed counts, one number a pair.
    """
    score = pairs.weight if score is None else score
    fit = np.flatnonzero(pairs.kept & shelf.shown[pairs.product])
    order = fit[np.lexsort((shelf.standing[pairs.product[fit]], -score[fit], pairs.customer[fit]))]
    place = _places(pairs.customer[order], customers)
    again = order[place < rule.places]
    had = np.bincount(pairs.customer[again], minlength=customers)
    wanted = np.maximum(rule.places - had, rule.new_places)
    # Nobody is listed whose purchases are not known yet.
    wanted[np.bincount(pairs.customer[pairs.days > 0], minlength=customers) == 0] = 0
    new = _new(pairs, shelf, customers, wanted)
    kept = (
        place[place < rule.places]
        < rule.places - np.bincount(new.customer, minlength=customers)[pairs.customer[again]]
    )
    again = again[kept]
    customer = np.concatenate([pairs.customer[again], new.customer])
    ours = np.concatenate([np.zeros(len(again), bool), np.ones(len(new.customer), bool)])
    nth = np.concatenate([np.arange(len(again)), np.arange(len(new.customer))])
    sort = np.lexsort((nth, ours, customer))
    customer = customer[sort]
    return Ranked(
        customer,
        np.concatenate([pairs.product[again], new.product])[sort],
        _places(customer, customers),
        np.concatenate([again, np.full(len(new.customer), NONE)])[sort],
        np.concatenate([np.zeros(len(again), bool), new.in_category])[sort],
    )


def _places(customer: Integers, customers: int) -> Integers:
    """The how-many-eth of its customer each row is, where rows of one stand together."""
    count = np.bincount(customer, minlength=customers)
    return np.arange(len(customer)) - (np.cumsum(count) - count)[customer]


@dataclass(frozen=True, eq=False)
class _New:
    customer: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    product: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    in_category: Mask = field(default_factory=lambda: np.empty(0, bool))


def _new(pairs: Pairs, shelf: Shelf, customers: int, wanted: Integers) -> _New:
    """So many products for each customer that she never bought, the likeliest first."""
    if not wanted.any():
        return _New()
    search = _Search(pairs, shelf, _Tastes.of(pairs, shelf, customers))
    found = [search.of(who, wanted) for who in _parts(np.flatnonzero(wanted > 0))]
    return _New(
        np.concatenate([each.customer for each in found]),
        np.concatenate([each.product for each in found]),
        np.concatenate([each.in_category for each in found]),
    )


def _parts(who: Integers) -> Iterator[Integers]:
    for start in range(0, len(who), _AT_ONCE):
        yield who[start : start + _AT_ONCE]


@dataclass(frozen=True, eq=False)
class _Tastes:
    """What share of a customer's purchases each category has, and which have the largest.

    Attributes:
        key: customer times the count of categories plus category, sorted.
        share: of what she bought, in that category.
        favourites: a row a customer, the largest first; -1 where there is none.
        usual: share of each category in the whole shop.
    """

    key: Integers
    share: Floats
    favourites: Integers
    usual: Floats

    @classmethod
    def of(cls, pairs: Pairs, shelf: Shelf, customers: int) -> _Tastes:
        """By the decayed counts of what customers bought."""
        count = int(shelf.category.max(initial=-1)) + 1
        told = shelf.category >= 0
        ever = np.bincount(shelf.category[told], shelf.ever[told], count)
        usual = np.maximum(ever, 1.0) / max(ever.sum(), 1.0)
        category = shelf.category[pairs.product]
        mine = np.flatnonzero((category >= 0) & (pairs.days > 0))
        key, place = np.unique(pairs.customer[mine] * count + category[mine], return_inverse=True)
        weight = np.bincount(place, pairs.weight[mine], len(key))
        whole = np.bincount(pairs.customer, pairs.weight, customers)
        favourites = np.full((customers, _CATEGORIES), NONE, np.int64)
        if len(key):
            order = np.lexsort((key, -weight, key // count))
            customer = key[order] // count
            nth = _places(customer, customers)
            first = nth < _CATEGORIES
            favourites[customer[first], nth[first]] = (key[order] % count)[first]
        share = weight / np.maximum(whole[key // max(count, 1)], 1e-12)
        return cls(key, share, favourites, usual)

    def lift(self, customer: Integers, category: Integers) -> tuple[Floats, Mask]:
        """How much more a customer buys of a category than others do, drawn to one; and whether
        she buys of it at all."""
        told = category >= 0
        lift, buys = np.ones(len(category)), np.zeros(len(category), bool)
        if not len(self.key):
            return lift, buys
        key = customer[told] * len(self.usual) + category[told]
        at = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        buys[told] = self.key[at] == key
        share = np.where(buys[told], self.share[at], 0.0)
        usual = self.usual[category[told]]
        lift[told] = (share + _PRIOR * usual) / ((1.0 + _PRIOR) * usual)
        return lift, buys


class _Search:
    """What is new to customers, among what is popular in their categories and everywhere."""

    def __init__(self, pairs: Pairs, shelf: Shelf, tastes: _Tastes) -> None:
        self._shelf, self._tastes = shelf, tastes
        self._had = pairs.customer * len(shelf.shown) + pairs.product
        self._everywhere = shelf.most_popular(_OF_ALL)
        self._listed, self._begins = shelf.most_popular_of(_OF_EACH)

    def of(self, who: Integers, wanted: Integers) -> _New:
        """So many as are wanted of each of some customers."""
        row, item = self._candidates(who)
        products = len(self._shelf.shown)
        key = np.sort(row * products + item)
        key = key[np.append(True, key[1:] != key[:-1])] if len(key) else key
        row, item = key // products, key % products
        had = who[row] * products + item
        at = np.minimum(np.searchsorted(self._had, had), max(len(self._had) - 1, 0))
        if len(self._had):
            fresh = self._had[at] != had
            row, item = row[fresh], item[fresh]
        lift, buys = self._tastes.lift(who[row], self._shelf.category[item])
        score = (self._shelf.buyers[item] + 0.5) * lift**_TASTE
        order = np.lexsort((self._shelf.standing[item], -score, row))
        row, item, buys = row[order], item[order], buys[order]
        kept = _places(row, len(who)) < wanted[who[row]]
        return _New(who[row[kept]], item[kept], buys[kept])

    def _candidates(self, who: Integers) -> tuple[Integers, Integers]:
        """Rows of customers and products, with repeats."""
        rows = [np.repeat(np.arange(len(who)), len(self._everywhere))]
        items = [np.tile(self._everywhere, len(who))]
        for nth in range(_CATEGORIES):
            favourite = self._tastes.favourites[who, nth]
            chosen = np.flatnonzero(favourite >= 0)
            category = favourite[chosen]
            begins = self._begins[category]
            size = self._begins[category + 1] - begins
            rows.append(np.repeat(chosen, size))
            within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
            items.append(self._listed[np.repeat(begins, size) + within])
        return np.concatenate(rows), np.concatenate(items)
