"""Ranks what each customer may want next, and says why.

The likeliest next purchase is what the customer bought often and lately: each day with a purchase
counts, the less the longer ago it is. How regular it comes says when it is due, and never whether
it comes first (docs/products.md has the figures). What is new to the customer is ordered by what
others bought last, first in the categories the customer buys from.
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
_CATEGORIES, _OF_EACH, _OF_ALL = 3, 30, 60
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
    new = _new(pairs, shelf, customers, np.maximum(rule.places - had, rule.new_places))
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
    everywhere = shelf.most_popular(_OF_ALL)
    per_category = shelf.most_popular_of(_OF_EACH)
    favourites = _favourites(pairs, shelf, customers)
    found = [
        _new_of(pairs, shelf, who, wanted, everywhere, per_category, favourites)
        for who in _parts(np.flatnonzero(wanted > 0))
    ]
    if not found:
        return _New()
    return _New(
        np.concatenate([each.customer for each in found]),
        np.concatenate([each.product for each in found]),
        np.concatenate([each.in_category for each in found]),
    )


def _parts(who: Integers) -> Iterator[Integers]:
    for start in range(0, len(who), _AT_ONCE):
        yield who[start : start + _AT_ONCE]


def _favourites(pairs: Pairs, shelf: Shelf, customers: int) -> Integers:
    """Of each customer the categories bought from most, the first first; -1 where there is none."""
    favourites = np.full((customers, _CATEGORIES), NONE, np.int64)
    category = shelf.category[pairs.product]
    told = np.flatnonzero(category >= 0)
    if not len(told):
        return favourites
    count = int(category.max()) + 1
    key = pairs.customer[told] * count + category[told]
    found, place = np.unique(key, return_inverse=True)
    weight = np.bincount(place, pairs.weight[told])
    order = np.lexsort((found % count, -weight, found // count))
    customer = found[order] // count
    nth = _places(customer, customers)
    first = nth < _CATEGORIES
    favourites[customer[first], nth[first]] = (found[order] % count)[first]
    return favourites


def _new_of(
    pairs: Pairs, shelf: Shelf, who: Integers, wanted: Integers, everywhere: Integers,
    per_category: tuple[Integers, Integers], favourites: Integers,
) -> _New:  # fmt: skip
    """The same of some customers."""
    products = len(shelf.shown)
    listed, begins = per_category
    rows, items, own = [], [], []
    for nth in range(_CATEGORIES):
        category = favourites[who, nth]
        chosen, category = np.flatnonzero(category >= 0), category[category >= 0]
        size = begins[category + 1] - begins[category] if len(category) else category
        rows.append(np.repeat(chosen, size))
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        items.append(listed[np.repeat(begins[category], size) + within])
        own.append(np.ones(len(within), bool))
    rows.append(np.repeat(np.arange(len(who)), len(everywhere)))
    items.append(np.tile(everywhere, len(who)))
    own.append(np.zeros(len(who) * len(everywhere), bool))
    row, item, mine = np.concatenate(rows), np.concatenate(items), np.concatenate(own)
    key = who[row] * products + item
    had = pairs.customer * products + pairs.product
    at = np.searchsorted(had, key)
    fresh = np.ones(len(key), bool)
    inside = at < len(had)
    fresh[inside] = had[at[inside]] != key[inside]
    row, item, mine = row[fresh], item[fresh], mine[fresh]
    order = np.lexsort((shelf.standing[item], ~mine, row))
    row, item, mine = row[order], item[order], mine[order]
    # What stands in both lists counts where it stands first.
    _, first = np.unique(row * products + item, return_index=True)
    first = np.sort(first)
    row, item, mine = row[first], item[first], mine[first]
    place = _places(row, len(who))
    kept = place < wanted[who[row]]
    return _New(who[row[kept]], item[kept], mine[kept])
