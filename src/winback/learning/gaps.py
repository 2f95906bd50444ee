"""Windows in which there was no shop to buy from neither teach nor judge."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.snapshots.days import ShopDays


def outside_gaps(rows: pd.DataFrame, days: ShopDays | None, horizon_days: int) -> pd.DataFrame:
    """The rows whose window overlaps no gap of the shop; all of them where every window does.

    ``_open_days`` are the days from the cutoff to the next gap, infinite where none follows.

    Args:
        rows: with ``cutoff``.
        days: as known when the rows teach; what came later is cut off before.
        horizon_days: length of the window.
    """
    if days is None or not days.gaps or rows.empty:
        return rows
    free = open_days(rows, days)
    kept = free >= horizon_days
    return rows[kept].assign(_open_days=free[kept]) if kept.any() else rows


def open_days(rows: pd.DataFrame, days: ShopDays) -> Floats:
    """Days from each row's cutoff to the next gap: 0 within one, infinite where none follows."""
    cutoff = rows["cutoff"].to_numpy().astype("M8[D]").astype(np.int64)
    free = np.full(len(rows), np.inf)
    for first, last in days.gaps:
        begins, ends = (np.datetime64(day, "D").astype(np.int64) for day in (first, last))
        wait = np.maximum(begins - cutoff, 0).astype(np.float64)
        free = np.where(cutoff <= ends, np.minimum(free, wait), free)
    return free


def known_by(days: ShopDays | None, day: pd.Timestamp | date) -> ShopDays | None:
    """The shop's days as they were known before ``day``."""
    return None if days is None else days.upto(pd.Timestamp(day).date())


def by_the_shops_clock(rows: pd.DataFrame, days: ShopDays | None) -> pd.DataFrame:
    """The same rows, with ages and silences that leave out the gaps: nobody could buy then.

    Only ``days_since_first_order`` and ``days_since_last_order``, which a habit is read from.
    """
    if days is None or not days.gaps or rows.empty:
        return rows
    cutoff = rows["cutoff"].to_numpy().astype("M8[D]").astype(np.int64)
    adjusted = {}
    for name in ("days_since_first_order", "days_since_last_order"):
        since = rows[name].to_numpy(np.float64)
        closed = np.zeros(len(rows))
        for first, last in days.gaps:
            begins, ends = (int(np.datetime64(day, "D").astype(np.int64)) for day in (first, last))
            closed += np.maximum(
                np.minimum(ends + 1, cutoff) - np.maximum(begins, cutoff - since + 1), 0
            )
        adjusted[name] = since - closed
    return rows.assign(**adjusted)


def gap_lately(days: ShopDays | None, cutoff: pd.Timestamp, within_days: int) -> bool:
    """Whether a gap lies within so many days before the cutoff."""
    since = (cutoff - pd.Timedelta(days=within_days)).date()
    return days is not None and any(last >= since for _, last in days.gaps)
