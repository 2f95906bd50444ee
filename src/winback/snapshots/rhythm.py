"""A customer's own rhythm: in which blocks of days they bought, and how this silence compares.

What is counted here looks at a customer's own purchase days alone, so that somebody who comes
every second Friday and somebody who comes every Christmas are each held against themselves.
Blocks are as long as the horizon: how many of the last ones had a purchase is what the next one
is asked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Integers
from winback.features import (
    BLOCKS,
    BLOCKS_SHOWN,
    EWMA_GAPS,
    EWMA_WEIGHT,
    LATEST_GAPS,
    SEASON_YEARS,
    season_window,
    years_back,
)
from winback.snapshots.windows import View

# What a block counts for less than the one after it.
_FADE = 0.7


def rhythm(view: View, cutoff: Integers, block_days: int) -> dict[str, NDArray[Any]]:
    """Columns of own rhythm, one value per cell of ``view``.

    Args:
        view: purchases; what has happened is known.
        cutoff: the cell's cutoff, in whole days since 1970.
        block_days: the length of a block: the horizon.
    """
    events = view.stream.events
    days = np.concatenate([[0], np.cumsum(events.new_day)])  # purchase days before an event
    begin, last = view.begin, view.at - 1
    age = cutoff - events.day.take(begin)
    columns = _blocks(view, days, age, block_days)
    columns |= _years(view, age, block_days)
    silence = cutoff - events.day.take(last)
    columns |= _gaps(view, days, silence, block_days)
    columns["active_span_days"] = age - silence
    gaps = days.take(view.at) - 1 - days.take(begin)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(gaps > 0, (age - silence) / gaps, np.nan)
    columns["gap_left_over_horizon"] = (mean - silence) / block_days
    return columns


def _blocks(view: View, days: Integers, age: Integers, block_days: int) -> dict[str, NDArray[Any]]:
    """Purchase days of the last blocks, and in how many of those lived there was one."""
    lived = np.minimum(age // block_days, BLOCKS)
    columns: dict[str, NDArray[Any]] = {"blocks_lived": lived}
    bought = np.zeros(len(age), np.int64)
    faded, weights = np.zeros(len(age)), np.zeros(len(age))
    upto = days.take(view.at)
    for block in range(1, BLOCKS + 1):
        since = days.take(view.edge(block * block_days))
        inside = upto - since
        upto = since
        if block <= BLOCKS_SHOWN:
            columns[f"block_{block}_order_days"] = inside
        hit = (inside > 0) & (block <= lived)
        bought += hit
        weight = _FADE ** (block - 1)
        faded += weight * hit
        weights += weight * (block <= lived)
    columns["blocks_bought"] = bought
    columns["block_share_recent"] = (faded + 0.3) / (weights + 0.6)
    return columns


def _years(view: View, age: Integers, block_days: int) -> dict[str, NDArray[Any]]:
    """In how many of the years lived there was a purchase in the same weeks of the year."""
    window = season_window(block_days)
    seen = np.zeros(len(age), np.int64)
    bought = np.zeros(len(age), np.int64)
    for year in range(1, SEASON_YEARS + 1):
        back = years_back(year)
        # The window must lie within what the customer has lived, or they had no chance to buy.
        lived = age >= back
        if not lived.any():
            break
        seen += lived
        bought += lived & (view.edge(back - window) > view.edge(back))
    return {"years_seen": seen, "same_season_years": bought}


def _gaps(
    view: View, days: Integers, silence: Integers, block_days: int
) -> dict[str, NDArray[Any]]:
    """The silence against the customer's own latest gaps between purchase days."""
    events = view.stream.events
    # Gaps by purchase day: of the batch's purchase days the one at which each gap ends.
    gap = events.gap_days[events.new_day == 1]
    log_gap = np.log(np.maximum(gap, 1))
    end = days.take(view.at) - 1
    count = end - days.take(view.begin)  # of all own gaps
    size = len(count)
    longer, soon = np.zeros(size, np.int64), np.zeros(size, np.int64)
    largest, least = np.zeros(size), np.full(size, np.inf)
    logs, ewma, ewma_log = np.zeros(size), np.zeros(size), np.zeros(size)
    some = np.flatnonzero(count > 0)
    weight, weights = 1.0, np.zeros(size)
    for back in range(LATEST_GAPS):
        some = some[count[some] > back]
        if len(some) == 0:
            break
        at = end[some] - back
        one, quiet = gap[at], silence[some]
        longer[some] += one > quiet
        soon[some] += (one > quiet) & (one <= quiet + block_days)
        largest[some] = np.maximum(largest[some], one)
        least[some] = np.minimum(least[some], one)
        of_log = log_gap[at]
        logs[some] += of_log
        if back < EWMA_GAPS:
            ewma[some] += weight * one
            ewma_log[some] += weight * of_log
            weights[some] += weight
            weight *= 1 - EWMA_WEIGHT
    none = count == 0
    used = np.minimum(count, LATEST_GAPS)
    with np.errstate(invalid="ignore", divide="ignore"):
        made: dict[str, NDArray[Any]] = {
            "gap_geometric_mean_days": np.exp(logs / used),
            "gap_ewma_days": ewma / weights,
            "gap_max_days": largest,
            "gap_min_days": least,
            "silence_over_ewma": silence / np.exp(ewma_log / weights),
        }
    for values in made.values():
        values[none] = np.nan
    return made | {
        "gaps_longer": longer,
        "gaps_longer_share": (longer + 0.5) / (used + 1),
        "gap_hazard": (soon + 0.5) / (longer + 1),
    }
