"""What no past year tells of the coming window: feasts that none has shown, and a new rise.

Nobody can say how large such a rise will be. What each tenth more would be in this shop's own trade
can be said, so that a shop knows what is at stake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from winback.learning.feasts import Effect, Feasts, moves
from winback.results.learned import Concern, ConcernCode
from winback.snapshots.days import ShopDays

if TYPE_CHECKING:
    import pandas as pd

_EPOCH = date(1970, 1, 1)
# Feasts for which whole trades live, the greatest first; of at most two a shop is warned.
_GREAT = (
    "christmas", "black_friday", "easter", "orthodox_easter", "eid_al_fitr", "lunar_new_year",
    "diwali", "rosh_hashanah", "mothers_day", "valentines_day", "womens_day", "eid_al_adha",
)  # fmt: skip
_MOST_WARNED = 2
# Days before a feast in which people buy for it.
_BEFORE = 14
# A window is another one if a feast has so much of its purchases, or of the year before's.
_MATTERS = 0.1
# A rise: the newest days against those before, beyond noise and large enough to matter.
_NEW_DAYS, _OLD_DAYS, _TIMES, _BEYOND_NOISE = 14, 70, 1.25, 4.0
_YEAR = 364  # whole weeks


def unforeseen(
    rows: pd.DataFrame, customers: pd.DataFrame, days: ShopDays, feasts: Feasts, horizon_days: int
) -> Iterator[Concern]:
    """Concerns with their size: ``customers`` and ``money`` for each tenth more purchases.

    Args:
        rows: snapshot columns and outcomes of the closed cutoffs, at least one.
        customers: snapshots of the customers to be scored.
        days: purchases of the shop by day.
        feasts: what these show of feasts by the cutoff.
        horizon_days: length of the coming window.
    """
    cutoff = customers["cutoff"].iloc[0].date()
    days, stake = days.upto(cutoff), _tenth(rows, customers)
    today, warned = (cutoff - _EPOCH).days, 0
    for name in _GREAT:
        coming = [
            day
            for day in feasts.calendar.get(name, ())
            if today < day < today + horizon_days + _BEFORE
        ]
        if coming and not feasts.shown[name] and warned < _MOST_WARNED:
            warned += 1
            yield _of_feast("feast_unseen", name, coming[0], stake)
    for effect in (*feasts.effects, *feasts.unsteady):
        steady = effect in feasts.effects
        if steady and (effect.years > 1 or not moves(effect.days)):
            continue
        if _stands(feasts, effect, cutoff, horizon_days):
            nearest = min(effect.days, key=lambda day: abs(day - today - horizon_days // 2))
            yield _of_feast(
                "feast_once" if steady else "feast_unsteady", effect.name, nearest, stake
            )
    if (times := _rise(days, feasts)) is not None:
        yield Concern(code="rise", values={"times": round(times, 2), "days": _NEW_DAYS, **stake})


def _of_feast(code: ConcernCode, name: str, day: int, stake: dict[str, int | float]) -> Concern:
    return Concern(code=code, feast=name, values={"day": _EPOCH + timedelta(days=day), **stake})


def _tenth(rows: pd.DataFrame, customers: pd.DataFrame) -> dict[str, int | float]:
    """What a tenth more purchases than in the newest closed window would be."""
    newest = rows[rows["cutoff"] == rows["cutoff"].max()]
    share = float(newest["returned"].mean())
    more = (1.0 - (1.0 - share) ** 1.1) - share
    spent = float(newest["net_spend_in_horizon"].sum()) / len(newest)
    return {
        "customers": max(1, round(more * len(customers))),
        "money": round(max(0.1 * spent, 0.0) * len(customers), 2),
    }


def _stands(feasts: Feasts, effect: Effect, cutoff: date, horizon_days: int) -> bool:
    """Whether a feast stands in the coming window, or stood in the same one a year ago."""
    alone = replace(feasts, effects=(replace(effect, steady=1.0),))
    cutoffs = [np.datetime64(cutoff - timedelta(days=back)) for back in (0, 365)]
    times = alone.counted(cutoffs, horizon_days) / horizon_days
    return bool(np.abs(times - 1.0).max() > _MATTERS)


def _rise(days: ShopDays, feasts: Feasts) -> float | None:
    """How many times the weeks before the newest two weeks have, if no year has shown it."""
    length = _NEW_DAYS + _OLD_DAYS
    if len(days.day) < length:
        return None
    usual = days.day.astype("M8[D]")
    orders = days.orders / np.maximum(feasts.counted(usual, 1), 1e-3)
    ends = np.arange(len(orders), length - 1, -_YEAR)

    def times(end: int) -> float:
        new, old = orders[end - _NEW_DAYS : end], orders[end - length : end - _NEW_DAYS]
        return float(new.mean() / max(old.mean(), 1e-9))

    known = [times(int(end)) for end in ends[1:]]
    newest = times(len(orders))
    weeks = orders[-length:-_NEW_DAYS].reshape(-1, 7).sum(axis=1)
    noise = max(1.0, float(weeks.var(ddof=1) / max(weeks.mean(), 1e-9)))
    sums = orders[-_NEW_DAYS:].sum(), weeks.sum()
    chance = np.sqrt(noise * (1.0 / max(sums[0], 1.0) + 1.0 / max(sums[1], 1.0)))
    if _interrupted(days, length) or not days.orders[-length:-_NEW_DAYS].any():
        return None
    real = np.log(max(newest, 1e-9)) > _BEYOND_NOISE * chance
    return newest if real and newest > _TIMES * max([1.0, *known]) else None


def _interrupted(days: ShopDays, length: int) -> bool:
    """Whether there was no shop for some of the newest days."""
    first = _EPOCH + timedelta(days=int(days.day[-length]))
    return any(last >= first for _, last in days.gaps)
