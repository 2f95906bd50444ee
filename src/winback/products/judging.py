"""Tries lists on the shop's own past: what was bought first after a day that they did not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from winback.arrays import Floats, Integers, Mask
from winback.products.bought import Lines
from winback.products.ranking import Pairs, Ranked
from winback.products.shelf import Shelf
from winback.results.recommended import Estimate, JudgedList, Method

# Customers with fewer cannot tell one way of making lists from another.
LEAST_CASES = 200
_NORMAL = 1.959964


@dataclass(frozen=True, eq=False)
class Cases:
    """What customers bought first in a window: one row a customer and product, sorted so.

    Attributes:
        customer: place of the customer among those of the lines.
        product: what she bought.
        again: whether she had bought it before the window.
        who: the customers who are cases, in order.
    """

    customer: Integers
    product: Integers
    again: Mask
    who: Integers

    def __len__(self) -> int:
        return len(self.who)


def cases_of(
    lines: Lines, pairs: Pairs, shelf: Shelf, day: int, until: int, products: int
) -> Cases:
    """The first day with a purchase in the window, of customers who had bought before it.

    What may not be shown stands on no list and counts in no case.
    """
    inside = lines.bought & (lines.day >= day) & (lines.day < until)
    inside &= shelf.shown[lines.product]
    before = np.zeros(len(lines.customers), bool)
    before[pairs.customer[pairs.days > 0]] = True
    inside &= before[lines.customer]
    first = np.full(len(lines.customers), until, np.int64)
    np.minimum.at(first, lines.customer[inside], lines.day[inside])
    inside &= lines.day == first[lines.customer]
    found = np.unique(lines.customer[inside] * products + lines.product[inside])
    had = (pairs.customer * products + pairs.product)[pairs.days > 0]
    customer = found // products
    return Cases(customer, found % products, np.isin(found, had), np.unique(customer))


@dataclass(frozen=True, eq=False)
class Hits:
    """How right a way of making lists was, an entry a case; NaN where nothing could be hit."""

    recall: Floats
    ndcg: Floats
    recall_again: Floats
    recall_new: Floats
    on_lists: Integers


def hits_of(cases: Cases, lists: Ranked, products: int, places: int) -> Hits:
    """What of each case stands on its customer's list, and where."""
    key = cases.customer * products + cases.product
    listed = lists.customer * products + lists.product
    at = np.minimum(np.searchsorted(key, listed), max(len(key) - 1, 0))
    hit = key[at] == listed if len(key) else np.zeros(len(listed), bool)
    case = np.searchsorted(cases.who, cases.customer)
    size = np.bincount(case, minlength=len(cases))
    found = np.zeros(len(key))
    found[at[hit]] = 1.0
    gain = np.zeros(len(key))
    gain[at[hit]] = 1.0 / np.log2(lists.place[hit] + 2.0)
    best = np.cumsum(1.0 / np.log2(np.arange(places) + 2.0))

    def share(chosen: Mask) -> Floats:
        of = np.bincount(case[chosen], minlength=len(cases))
        got = np.bincount(case[chosen], found[chosen], len(cases))
        return np.where(of > 0, got / np.maximum(of, 1), np.nan)

    theirs = np.zeros(len(cases), bool)
    if len(cases):
        place = np.minimum(np.searchsorted(cases.who, lists.customer), len(cases) - 1)
        theirs = cases.who[place] == lists.customer
    return Hits(
        share(np.ones(len(key), bool)),
        np.bincount(case, gain, len(cases)) / best[np.minimum(size, places) - 1],
        share(cases.again),
        share(~cases.again),
        np.unique(lists.product[theirs]) if len(cases) else np.empty(0, np.int64),
    )


def popular_lists(cases: Cases, shelf: Shelf, places: int) -> Ranked:
    """The same for everybody: what most bought lately."""
    top = shelf.most_popular(places)
    rows = len(cases) * len(top)
    return Ranked(
        np.repeat(cases.who, len(top)), np.tile(top, len(cases)),
        np.tile(np.arange(len(top)), len(cases)), np.full(rows, -1), np.zeros(rows, bool),
    )  # fmt: skip


def judged_lists(found: Mapping[Method, Hits], shelf: Shelf) -> tuple[JudgedList, ...]:
    """Means over customers with their intervals, and each beside ``decayed``."""
    fit = int((shelf.shown & (shelf.ever > 0)).sum())
    beside = found["decayed"].ndcg
    told = []
    for method, hits in found.items():
        recall, ndcg = _mean(hits.recall), _mean(hits.ndcg)
        if recall is None or ndcg is None:
            continue
        told.append(
            JudgedList(
                method=method, recall=recall, ndcg=ndcg,
                recall_again=_mean(hits.recall_again), recall_new=_mean(hits.recall_new),
                ndcg_less=None if method == "decayed" else _mean(hits.ndcg - beside),
                coverage=round(len(hits.on_lists) / max(fit, 1), 4),
            )
        )  # fmt: skip
    return tuple(told)


def wins(of: JudgedList) -> bool:
    """Whether a way of making lists is better than ``decayed`` beyond its error."""
    return of.ndcg_less is not None and of.ndcg_less.low > 0


def _mean(values: Floats) -> Estimate | None:
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    if error != error:
        return Estimate(mean=round(mean, 6), low=round(mean, 6), high=round(mean, 6))
    return Estimate(
        mean=round(mean, 6), low=round(mean - _NORMAL * error, 6),
        high=round(mean + _NORMAL * error, 6),
    )  # fmt: skip
