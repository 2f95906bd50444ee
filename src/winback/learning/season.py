"""What the coming window adds to the level that customers' habits explain.

The log-odds of a closed window's share of returns, less those that habits explain, is its
season. Closed windows are read as one path of a Gaussian process whose parts have a meaning
each: what habits misjudge for good, what drifts, what comes again every year, what befell one
window, and what a short past hides. How strong drift and yearly season are is not known: each
strength foretells the coming window, weighed by how well it explains the closed ones.

Rasmussen and Williams (2006), Gaussian Processes for Machine Learning: equations 2.25
(forecast), 2.30 (weights of the strengths), 4.31 (the yearly kernel).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.learning.feasts import NO_FEASTS, Feasts
from winback.learning.habits import MbgNbd, repeats_and_ages, with_own_season

# No share of returns is believed to be nearer to none or to all.
LEAST_RATE = 1e-3

# Standard deviations in log-odds, stated before the shop has spoken.
_LASTING_MISFIT = 0.2
# Who comes back for a feast may be more, or fewer, than the shop's purchases say: this part of it.
_FEAST_MISFIT = 0.3
_SHOCK_OF_A_MONTH = 0.07
# A customer who is first seen thirty days after the history begins is often no new customer,
# but one whose past is missing: habits are misjudged by as much as this, less with longer pasts.
_HIDDEN_PAST, _HIDDEN_PAST_OF_A_WINDOW = 1.5, 0.6
_HIDING_DAYS = 30.0
_DRIFTS, _DRIFT_DAYS = (0.05, 0.15, 0.4), 120.0
_SEASONS, _SEASON_WIDTHS = (0.1, 0.25, 0.5, 1.0), (0.5, 1.0)
# A shop of gifts wakes for a few weeks. Before the same weeks were seen a year ago, so strong and
# narrow a season would be one more kind of drift.
_SEASONS_SEEN, _SEASON_WIDTHS_SEEN = (*_SEASONS, 2.0), (0.25, *_SEASON_WIDTHS)
_YEAR_DAYS = 365.25


def logit(p: Any) -> Any:
    """Log-odds of probabilities, held away from 0 and 1 by a thousandth of a percent."""
    held = np.clip(p, 1e-5, 1 - 1e-5)
    return np.log(held / (1 - held))


def expit(x: Any) -> Any:
    """Probability of log-odds."""
    return 1.0 / (1.0 + np.exp(-np.clip(np.asarray(x, np.float64), -700.0, 700.0)))


def explained_levels(
    rows: pd.DataFrame, habit: MbgNbd, horizon_days: int, given_days: int | None = None,
    feasts: Feasts = NO_FEASTS, cutoff: pd.Timestamp | None = None, own_season: bool = True,
) -> pd.Series[float]:  # fmt: skip
    """Log-odds of the share that habits alone would bring back, by cutoff.

    With ``given_days`` among those who come back within these, or, if the horizon is longer,
    among those who do not. With ``feasts``, days count as often as these multiply purchases; with
    ``cutoff``, those after it instead of those after the cutoff of the rows. Without ``own_season``
    yearly buyers count by a steady rate, like everybody.
    """
    history, cutoffs = repeats_and_ages(rows), rows["cutoff"].to_numpy()
    if cutoff is not None:
        cutoffs = np.full(len(rows), cutoff.to_datetime64())

    def mean(days: int) -> pd.Series[float]:
        distinct, place = np.unique(cutoffs, return_inverse=True)
        counted = feasts.counted(distinct, days)[place] if feasts.effects else days
        chance = habit.probability_of_return(*history, counted)
        if own_season:
            chance = with_own_season(rows, chance, days)
        return pd.Series(chance).groupby(cutoffs).mean()

    share = mean(horizon_days)
    if given_days is not None:
        given = mean(given_days)
        share = share / given if horizon_days < given_days else (share - given) / (1 - given)
    return pd.Series(logit(share.clip(LEAST_RATE, 1 - LEAST_RATE)))


def feast_shifts(levels: pd.Series[float], horizon_days: int, feasts: Feasts) -> pd.Series[float]:
    """What feasts add to the log-odds of shares, by cutoff, where no habit is known."""
    times = feasts.counted(levels.index, horizon_days) / horizon_days
    share = np.asarray(expit(levels.mean()))
    return pd.Series(logit(1.0 - (1.0 - share) ** times) - logit(share), levels.index)


def shift_to(
    share: float, log_odds: Floats, weights: Floats | None = None, believed: float = 0.5
) -> float:
    """What to add to log-odds to bring their mean probability halfway to the share forecast.

    Halfway, because the forecast of the share errs too (docs/decisions.md); ``believed`` is how
    far.
    """
    low, high = -3.0, 3.0
    for _ in range(40):
        middle = (low + high) / 2
        if float(np.average(expit(log_odds + middle), weights=weights)) > share:
            high = middle
        else:
            low = middle
    return round(believed * (low + high) / 2, 6)


def forecast_season(
    closed: pd.DataFrame, cutoff: pd.Timestamp, horizon_days: int, past_days: float,
    feasts: float = 0.0,
) -> float:  # fmt: skip
    """Season of the window that opens at ``cutoff``, in log-odds.

    Zero where the closed windows say nothing. With less than a year of history mostly what
    lasts and drifts, since the coming weeks were never seen; with more, last year's season of
    the same weeks as well.

    Args:
        closed: one row per closed window, indexed by its cutoff: ``season`` (log-odds),
            ``share`` that returned, ``customers``, and ``past_days``, the longest past of
            them at that cutoff; perhaps ``feasts``, what these added to the level and is no
            part of the season.
        cutoff: the first day of the coming window.
        horizon_days: length of every window.
        past_days: longest past of the customers at ``cutoff``.
        feasts: what they will add to the level of the coming window. Where they added more, or
            less, than was taken for theirs, the forecast has the same part of this, too.
    """
    opens = (pd.DatetimeIndex(closed.index) - cutoff).days.to_numpy(np.float64)
    day = np.append(opens, 0.0)
    apart = day[:, None] - day[None, :]
    overlap = np.maximum(0.0, 1.0 - np.abs(apart) / horizon_days)
    share = np.clip(closed["share"].to_numpy(np.float64), 0.02, 0.98)
    chance = 1.0 / np.sqrt(closed["customers"].to_numpy(np.float64) * share * (1.0 - share))
    past = np.append(closed["past_days"].to_numpy(np.float64), past_days)
    hidden = np.minimum(_HIDING_DAYS / np.maximum(past, 1.0), 2.0)
    hidden = hidden - hidden[-1]
    known = _LASTING_MISFIT**2 + _HIDDEN_PAST**2 * np.outer(hidden, hidden)
    known = known + _SHOCK_OF_A_MONTH**2 * min(1.0, 30.0 / horizon_days) * overlap
    of_closed = (
        closed["feasts"].to_numpy(np.float64) if "feasts" in closed else np.zeros(len(opens))
    )
    added = np.append(of_closed, feasts)
    known = known + _FEAST_MISFIT**2 * np.outer(added, added)
    # Of the observed windows alone: what chance brought, and how differently pasts were hidden.
    seen = overlap[:-1, :-1] * np.outer(chance, chance)
    seen += np.diag((_HIDDEN_PAST_OF_A_WINDOW * hidden[:-1]) ** 2 + 1e-4)
    known[:-1, :-1] += seen
    season = closed["season"].to_numpy(np.float64)
    seen_before = opens.min() <= -_YEAR_DAYS
    strengths = _SEASONS_SEEN if seen_before else _SEASONS
    likelihoods, forecasts = [], []
    for width in _SEASON_WIDTHS_SEEN if seen_before else _SEASON_WIDTHS:
        yearly = _yearly(apart, horizon_days, width)
        for strength in strengths:
            for drift in _DRIFTS:
                both = known + strength**2 * yearly
                both = both + drift**2 * np.exp(-np.abs(apart) / _DRIFT_DAYS)
                observed = both[:-1, :-1]
                solved = np.linalg.solve(observed, season)
                fit = np.einsum("i,i->", season, solved) + np.linalg.slogdet(observed)[1]
                likelihoods.append(-fit / 2.0)
                forecasts.append(np.einsum("i,i->", both[-1, :-1], solved))
    weights = np.exp(np.array(likelihoods) - max(likelihoods))
    return round(float((weights * forecasts).sum() / weights.sum()), 6)


def _yearly(apart: Floats, horizon_days: int, width: float) -> Floats:
    """Likeness of two windows' seasons: the yearly kernel, averaged over the windows' days.

    Less its mean over the year, since a season adds up to nothing over a whole one.
    """

    def kernel(days: Floats) -> Floats:
        return np.asarray(np.exp(-2.0 * np.sin(np.pi * days / _YEAR_DAYS) ** 2 / width**2))

    mean = kernel(np.arange(365.0)).mean()
    inside = (np.arange(8) + 0.5) / 8 * horizon_days
    between = (inside[:, None] - inside[None, :]).ravel()
    alike = kernel(apart[:, :, None] + between).mean(axis=2)
    return np.asarray((alike - mean) / (1.0 - mean))
