"""Whose outcome no offer can have touched, and for how many each of them stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats
from winback.draws import key_of, luck_of

# A single control of many campaigns at once must not speak for a crowd.
_MOST_STOOD_FOR = 20.0


def untreated_days(rows: pd.DataFrame, treated: pd.DataFrame, horizon_days: int) -> Floats:
    """Days from each row's cutoff in which no offer can have touched its outcome.

    Infinite where the customer was sent nothing from then on, 0 where an offer was running at
    the cutoff. Those in the arm ``control`` were sent nothing.

    Args:
        rows: ``customer_id`` and ``cutoff``.
        treated: one row per customer and campaign: ``customer_id``, ``assigned_at`` (time),
            ``arm``, and ``window_days``, for how long the offer may act (the horizon where the
            column or the value is missing).
        horizon_days: the main horizon.
    """
    sent = _runs(treated[treated["arm"] != "control"], horizon_days)
    pairs = _keys(rows).merge(sent, on="customer_id")
    pairs = pairs[pairs["ended"] > pairs["cutoff"]]
    wait = (pairs["began"] - pairs["cutoff"]).dt.total_seconds() / 86_400
    free = np.full(len(rows), np.inf)
    np.minimum.at(free, pairs["place"].to_numpy(), np.maximum(wait.to_numpy(), 0.0))
    return free


def untreated(rows: pd.DataFrame, treated: pd.DataFrame | None, horizon_days: int) -> pd.DataFrame:
    """The rows whose main outcome no offer can have touched; all where nobody was sent any.

    Customers are planned for an offer by their chance to return, so that without the treated the
    others are no fair sample. A row of a campaign's control therefore stands as many times as
    customers it was drawn out of: once over its logged ``probability``, where that is known.
    ``_untreated_days`` is what `untreated_days` gives.
    """
    if treated is None:
        return rows
    free = untreated_days(rows, treated, horizon_days)
    kept = np.flatnonzero(free >= horizon_days)
    chosen = rows.assign(_untreated_days=free).iloc[kept]
    return chosen.iloc[np.repeat(np.arange(len(kept)), _stands_for(chosen, treated, horizon_days))]


def weights_of_untreated(
    rows: pd.DataFrame, treated: pd.DataFrame, *, window_days: int, days: int
) -> Floats:
    """How many customers each row stands for, where the ``days`` from its cutoff on are told of.

    Zero where an offer may have touched them; where the customer was held out of a campaign that
    would have, once over the logged ``probability`` of that draw, over several the product; else
    one.

    Args:
        rows: ``customer_id`` and ``cutoff``.
        treated: who was sent what, as `untreated_days` takes it.
        window_days: for how long an offer may act where nobody says.
        days: days from the cutoff.
    """
    free = untreated_days(rows, treated, window_days)
    return np.where(free >= days, _times(rows, treated, window_days, days), 0.0)


def _runs(assigned: pd.DataFrame, horizon_days: int) -> pd.DataFrame:
    """From when to when each customer's campaign may act, one row per row of ``assigned``."""
    window = assigned.get("window_days", pd.Series(np.nan, assigned.index)).astype(float)
    began = pd.to_datetime(assigned["assigned_at"]).dt.tz_localize(None)
    ended = began + pd.to_timedelta(window.fillna(horizon_days), unit="D")
    customer = assigned["customer_id"].astype(str)
    return pd.DataFrame({"customer_id": customer, "began": began, "ended": ended})


def _keys(rows: pd.DataFrame) -> pd.DataFrame:
    """Customer, cutoff and place of each row."""
    customer = rows["customer_id"].astype(str).to_numpy()
    place, cutoff = np.arange(len(rows)), rows["cutoff"].to_numpy()
    return pd.DataFrame({"place": place, "customer_id": customer, "cutoff": cutoff})


def _stands_for(rows: pd.DataFrame, treated: pd.DataFrame, horizon_days: int) -> NDArray[np.int64]:
    """How many customers each row stands for: one, or what a control was drawn out of."""
    times = _times(rows, treated, horizon_days, horizon_days)
    # Whole rows whose mean is right: the part beyond whole numbers by a hash of the key.
    return np.floor(times + luck_of(key_of(rows))).astype(np.int64)


def _times(rows: pd.DataFrame, treated: pd.DataFrame, window_days: int, days: int) -> Floats:
    """One, or what a control was drawn out of by campaigns that act within so many days."""
    ours = treated[treated["arm"] == "control"]
    chance = pd.to_numeric(ours.get("probability", pd.Series(np.nan, ours.index)), errors="coerce")
    drawn = _runs(ours, window_days)
    drawn["times"] = 1.0 / chance.where(chance.between(0, 1, inclusive="right"))
    pairs = _keys(rows).merge(drawn.dropna(subset=["times"]), on="customer_id")
    span = pd.Timedelta(days=days)
    pairs = pairs[(pairs["ended"] > pairs["cutoff"]) & (pairs["began"] < pairs["cutoff"] + span)]
    times = np.ones(len(rows))
    np.multiply.at(times, pairs["place"].to_numpy(), pairs["times"].to_numpy())
    return np.minimum(times, _MOST_STOOD_FOR)
