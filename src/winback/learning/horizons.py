"""How one horizon's chance leads to the others, by conditional probabilities."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from winback.arrays import Mask
from winback.learning.feasts import NO_FEASTS, Feasts
from winback.learning.gaps import by_the_shops_clock
from winback.learning.habits import MbgNbd
from winback.learning.model import ReturnModel, Step
from winback.learning.season import expit, explained_levels, forecast_season, logit, shift_to
from winback.learning.trees import Binned, Trees
from winback.snapshots.days import ShopDays

_STEP_PRIOR_ROWS = 200.0


def with_steps(
    model: ReturnModel, binned: Binned, known: pd.DataFrame, habit: MbgNbd | None,
    cutoff: pd.Timestamp, customers: pd.DataFrame | None,
    feasts: Feasts = NO_FEASTS, days: ShopDays | None = None,
) -> ReturnModel:  # fmt: skip
    """The same model, with the conditional probabilities that lead to its other horizons.

    Customers are told apart by what the rows of ``binned`` teach. How many come early in a
    window is a matter of the season too, of which all closed windows of ``known`` tell.
    """
    main = model.horizon_days
    shorter = sorted((h for h in model.horizons_days if h < main), reverse=True)
    longer = sorted(h for h in model.horizons_days if h > main)
    newest = known["cutoff"] == known["cutoff"].max()
    past = known[newest] if customers is None or customers.empty else customers
    by_clock, today = (by_the_shops_clock(some, days) for some in (known, past))
    by_horizon = {main: np.asarray(expit(model.log_odds(past)))}
    steps: list[Step] = []
    for given, horizon in [*pairwise([main, *shorter]), *pairwise([main, *longer])]:
        beyond = horizon > given
        if beyond and (known["cutoff"] + pd.Timedelta(days=horizon) > cutoff).all():
            break
        levels, coming = _link_levels(by_clock, today, given, horizon, habit, cutoff, feasts)
        trees = _link_trees(binned, levels, given, horizon, cutoff)
        margin = trees.margin(past, binned.settings.threads) if trees else np.zeros(len(past))
        at_risk = 1 - by_horizon[given] if beyond else by_horizon[given]
        coming += shift_to(float(expit(coming)), coming + margin, at_risk)
        steps.append(Step(horizon, beyond, round(float(expit(coming)), 6), trees))
        chance = at_risk * np.asarray(expit(coming + margin))
        by_horizon[horizon] = by_horizon[given] + chance if beyond else chance
    return replace(model, steps=tuple(steps))


def _link(rows: pd.DataFrame, given: int, horizon: int, cutoff: pd.Timestamp) -> tuple[Mask, Mask]:
    """Which rows a conditional probability is of, and at which of them it happened."""
    wait = rows["days_to_return"].to_numpy(np.float64, na_value=np.inf)
    if horizon < given:
        return wait < given, wait < horizon
    observed = (cutoff - rows["cutoff"]).dt.days.to_numpy()
    for free in ("_untreated_days", "_open_days"):
        if free in rows:
            observed = np.minimum(observed, rows[free])
    return (wait >= given) & (observed >= horizon), wait < horizon


def _link_levels(
    known: pd.DataFrame, past: pd.DataFrame, given: int, horizon: int, habit: MbgNbd | None,
    cutoff: pd.Timestamp, feasts: Feasts,
) -> tuple[pd.Series[float], float]:  # fmt: skip
    """Log-odds of a conditional probability, by closed cutoff and at the coming one."""
    at_risk, happened = _link(known, given, horizon, cutoff)
    counts = pd.DataFrame({"customers": at_risk, "happened": at_risk & happened})
    closed = counts.groupby(known["cutoff"].to_numpy()).sum()
    closed["past_days"] = known.groupby("cutoff")["days_since_first_order"].max().astype(float)
    closed = closed[closed["customers"] > 0]
    closed["share"] = (closed["happened"] + 1) / (closed["customers"] + 2)
    # Rounded, so that the last bit of a logarithm on another processor moves no tree.
    levels = logit(closed["share"]).round(8)
    sums = closed[["happened", "customers"]].sum()
    now = float(logit((sums["happened"] + 1) / (sums["customers"] + 2)))
    usual, closed["feasts"], added = pd.Series(now, closed.index), 0.0, 0.0
    if habit is not None:
        usual = explained_levels(known, habit, horizon, given).reindex(closed.index)
        now = float(explained_levels(past, habit, horizon, given).iloc[-1])
        if feasts.effects:
            feasted = explained_levels(known, habit, horizon, given, feasts).reindex(closed.index)
            closed["feasts"], usual = feasted - usual, feasted
            coming = explained_levels(past, habit, horizon, given, feasts, cutoff)
            added, now = float(coming.iloc[-1]) - now, float(coming.iloc[-1])
    if closed.empty:  # nobody came back, or everybody
        return levels, now
    closed["season"] = levels - usual
    days = horizon if horizon < given else horizon - given
    longest = float(past["days_since_first_order"].max())
    return levels, now + forecast_season(closed, cutoff, days, longest, added)


def _link_trees(
    binned: Binned, levels: pd.Series[float], given: int, horizon: int, cutoff: pd.Timestamp
) -> Trees | None:
    """Trees of a conditional probability, grown from its level at each cutoff."""
    at_risk, happened = _link(binned.rows, given, horizon, cutoff)
    y = happened[at_risk].astype(np.float64)
    if min(y.sum(), len(y) - y.sum()) < _STEP_PRIOR_ROWS:
        return None
    start = np.asarray(levels.reindex(binned.rows["cutoff"][at_risk]), np.float64)
    grown = binned.boost(y, start, binned.settings.step_rounds, among=at_risk)
    return Trees(grown, binned.features)
