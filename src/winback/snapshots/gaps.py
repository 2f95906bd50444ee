"""Runs of days on which there was no shop to buy from: it was closed, or no export tells of them.

A run of empty days is a gap where the days around it make it incredible. How many of the days near
the run had purchases, by weekday and in all, before it and after it, foretells an empty run of
that length (beta-binomial, with Jeffreys' prior), and of these four chances the largest counts: a
shop that never sells on Sundays, a small shop, one that has just grown and one whose season is
over all explain their own empty days.

These would be chances if days were independent. They are not: purchases of a wholesale shop come
in bursts, and summers are slow. How much longer the shop's other runs are than independent days
would make them says how much less each empty day surprises.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import betaln

from winback.arrays import Floats, Integers, Mask

# A run this improbable is no chance.
_LEAST_CHANCE = 1e-6
# So many days before a run and after it tell what is usual near it; more, but no more than the run
# has, where fewer than so many of them had purchases.
_NEAR_DAYS, _NEAR_SALES = 56, 5
# Fewer than this tell nothing.
_LEAST_NEAR_DAYS = 7
# With so many runs the two largest need not be asked.
_MANY_RUNS = 20
# Another year shows the same silence if at most this part of its own usual purchases came; a break
# is a few days shorter in one year than in another.
_SILENT_SHARE = 0.4
# A yearly break does not begin on the same day each year.
_YEAR_DAYS, _YEAR_SHIFTS = 365, range(-10, 11)


def find_gaps(day: Integers, orders: Integers) -> list[tuple[int, int]]:
    """First and last day of each gap, oldest first.

    Args:
        day: whole days since 1970, consecutive.
        orders: purchases of the whole shop on each.
    """
    begins, ends = _empty_runs(orders)
    if not len(begins):
        return []
    surprise = _surprise(day, orders > 0, begins, ends)
    wanted = -float(np.log(_LEAST_CHANCE))
    usual: list[float] = []
    found = []
    # From the least surprising on: those that are no gaps are the shop's habit.
    for k in np.argsort(surprise, kind="stable"):
        begin, end = int(begins[k]), int(ends[k])
        if surprise[k] <= wanted * _scale(usual):
            usual.append(float(surprise[k]))
        elif not comes_again(orders, begin, end):
            found.append((int(day[begin]), int(day[end - 1])))
    return sorted(found)


def _empty_runs(orders: Integers) -> tuple[Integers, Integers]:
    """Places of the first day of each run of empty days, and of the day after it."""
    empty = np.concatenate([[False], orders == 0, [False]])
    edges = np.flatnonzero(empty[1:] != empty[:-1]).astype(np.int64)
    return edges[::2], edges[1::2]


def _surprise(day: Integers, sold: Mask, begins: Integers, ends: Integers) -> Floats:
    """Minus the logarithm of each run's chance, were the days independent."""
    weekday = day % 7 == np.arange(7)[:, None]
    days, sales = (_totals(of) for of in (weekday, weekday & sold))
    chosen = np.flatnonzero(sold)
    before = np.searchsorted(chosen, begins) - _NEAR_SALES
    after = np.searchsorted(chosen, ends) + _NEAR_SALES - 1
    far = np.concatenate([chosen, [len(day)]])
    begin_near = np.where(before >= 0, far[np.maximum(before, 0)], 0)
    end_near = far[np.minimum(after, len(chosen))] + 1
    length = ends - begins
    begin_near = np.minimum(begin_near, begins - _NEAR_DAYS)
    begin_near = np.maximum(np.maximum(begin_near, begins - np.maximum(length, _NEAR_DAYS)), 0)
    end_near = np.maximum(end_near, ends + _NEAR_DAYS)
    end_near = np.minimum(np.minimum(end_near, ends + np.maximum(length, _NEAR_DAYS)), len(day))
    inside = days[:, ends] - days[:, begins]
    chance = np.full(len(begins), -np.inf)
    for first, last in ((begin_near, begins), (ends, end_near)):
        near, with_sales = days[:, last] - days[:, first], sales[:, last] - sales[:, first]
        by_weekday = _log_chance(with_sales, near, inside).sum(axis=0)
        at_all = _log_chance(with_sales.sum(axis=0), near.sum(axis=0), inside.sum(axis=0))
        told = last - first >= _LEAST_NEAR_DAYS
        chance = np.where(told, np.maximum(chance, np.maximum(by_weekday, at_all)), chance)
    # Before the shop had begun, there was none to close: a first order may be a trial.
    told = begins >= _LEAST_NEAR_DAYS
    return np.where(told & np.isfinite(chance), -chance, 0.0)


def _totals(rows: Mask) -> Integers:
    """Running totals of each row, from 0 on."""
    return np.concatenate([np.zeros((len(rows), 1), np.int64), rows.cumsum(axis=1)], axis=1)


def _log_chance(with_sales: Any, days: Any, length: Any) -> Any:
    """Logarithm of the chance that so many more days are all empty."""
    a, b = with_sales + 0.5, days - with_sales + 0.5
    return betaln(a, b + length) - betaln(a, b)


def _scale(usual: Sequence[float]) -> float:
    """How many times the surprise of independent days the shop's usual runs have.

    ``usual`` is in order. Of independent days the largest of n surprises is at most near
    log(n) + 1, the third largest near log(n) - 0.5; the two largest may be breaks for a feast.
    """
    if not usual:
        return 1.0
    n = float(np.log(len(usual)))
    found = usual[-3] / (n - 0.5) if len(usual) >= _MANY_RUNS else usual[-1] / (n + 1.0)
    return max(1.0, found)


def comes_again(orders: Integers, begin: int, end: int) -> bool:
    """Whether about the same days of another year were as silent, beside the year around them."""
    total = np.concatenate([[0], orders.cumsum()])
    length, half = end - begin, _YEAR_DAYS // 2
    for year in range(-(len(orders) // _YEAR_DAYS + 1), len(orders) // _YEAR_DAYS + 2):
        for shift in _YEAR_SHIFTS if year else ():
            start = begin + year * _YEAR_DAYS + shift
            stop = start + length
            before, after = max(0, start - half), min(len(orders), stop + half)
            if start - before < _LEAST_NEAR_DAYS or stop > len(orders):
                continue
            inside = total[stop] - total[start]
            usual = (total[after] - total[before] - inside) / (after - before - length)
            if inside <= _SILENT_SHARE * usual * length:
                return True
    return False
