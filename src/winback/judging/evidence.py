"""Whether a history is enough to learn from and to be judged on, said before any training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from winback.judging.foreseen import unforeseen
from winback.learning.feasts import Feasts, learn_feasts
from winback.learning.fit import history_is_thin
from winback.learning.gaps import outside_gaps
from winback.learning.habits import fit_mbgnbd, repeats_and_ages
from winback.learning.season import expit, logit
from winback.results.learned import Concern, ConcernCode, Drift, Evidence
from winback.snapshots.days import ShopDays, overlapping

if TYPE_CHECKING:
    import pandas as pd

# With so many of either outcome an AUC of .75 is known to .04 (Hanley and McNeil 1982).
_LEAST_OF_EITHER = 250
# A share of fewer customers is mostly chance.
_LEAST_CUSTOMERS = 20
# Three standard errors and a quarter of the odds: real, and large enough to matter.
_BEYOND_NOISE, _ODDS_RATIO = 3.0, 1.25
_YEAR_DAYS = 365
# Of the purchases of a window, so large a part by which another choice of weekdays has to differ.
_WEEKDAYS_DIFFER = 0.1
# Concerns that make the history thin.
_LOWERING = {"few_outcomes", "short_past", "one_window"}


def judge_evidence(
    rows: pd.DataFrame, customers: pd.DataFrame, *, horizon_days: int, days: ShopDays | None = None
) -> Evidence:
    """Say whether the history is ``enough``, ``thin`` or ``unproven`` for a horizon.

    ``unproven``: no window has closed, so nothing can be learned or tested. ``thin``: something
    can, but not well; ``concerns`` says what is missing. A concern that does not lower the level
    (the history shows no full year, or the share of returning customers has moved) stands there
    too.

    ``returned`` and ``stayed_away`` count customers over the windows that do not overlap,
    newest first. ``drift`` compares the share that returned in the newest of them with the
    share to be expected from customers' habits (MBG/NBD), from feasts and from how the windows
    before came out against theirs: without habits, a growing heap of the long gone would always
    look like decline. None where there is nothing to compare.

    Args:
        rows: snapshot columns and outcomes of the closed cutoffs; may be empty.
        customers: snapshots of the customers to be scored.
        horizon_days: the horizon of the outcomes.
        days: the shop's days, as `shop_days` gives them; windows that overlap a gap are no
            evidence, and a rise before the cutoff or a feast after it that no year has shown is
            a concern.
    """
    every, rows = rows, outside_gaps(rows, days, horizon_days)
    separate = _separate_windows(rows, horizon_days)
    counted = rows[rows["cutoff"].isin(separate)]
    returned = int(counted["returned"].sum())
    feasts = learn_feasts(days, customers["cutoff"].iloc[0].date())
    found = Evidence(
        level="enough",
        horizon_days=horizon_days,
        history_days=int(customers["days_since_first_order"].max()),
        customers=len(customers),
        repeat_customers=int((customers["order_days_total"] > 1).sum()),
        closed_windows=int(rows["cutoff"].nunique()),
        separate_windows=len(separate),
        returned=returned,
        stayed_away=len(counted) - returned,
        drift=_drift(counted, separate, customers, horizon_days, feasts),
        concerns=(),
    )
    concerns = (
        *_concerns(found, rows, customers),
        *_gaps(every, customers, days, horizon_days),
        *_turned_weekdays(rows, customers, days, horizon_days),
    )
    if days is not None and len(rows):
        concerns += tuple(unforeseen(rows, customers, days, feasts, horizon_days))
    # That a year is missing says less than what is missing of it.
    concerns = tuple(sorted(concerns, key=lambda concern: concern.code == "no_year"))
    codes = {concern.code for concern in concerns}
    level = "unproven" if "no_window" in codes else "thin" if _LOWERING & codes else "enough"
    return found.model_copy(update={"level": level, "concerns": concerns})


def _separate_windows(rows: pd.DataFrame, horizon_days: int) -> list[pd.Timestamp]:
    """Cutoffs whose windows do not overlap, newest first."""
    chosen: list[pd.Timestamp] = []
    for cutoff in sorted(rows["cutoff"].unique(), reverse=True):
        if not chosen or (chosen[-1] - cutoff).days >= horizon_days:
            chosen.append(cutoff)
    return chosen


def _drift(
    counted: pd.DataFrame, separate: list[pd.Timestamp], customers: pd.DataFrame,
    horizon_days: int, feasts: Feasts,
) -> Drift | None:  # fmt: skip
    newest = (counted["cutoff"] == separate[0]).to_numpy() if separate else np.zeros(0, bool)
    came = counted["returned"].to_numpy(bool)
    n_new, n_old = int(newest.sum()), int((~newest).sum())
    if min(n_new, n_old, came.sum(), (~came).sum()) < _LEAST_CUSTOMERS:
        return None
    habit = fit_mbgnbd(*repeats_and_ages(customers))
    if habit is None:
        return None
    spans = feasts.counted(counted["cutoff"].to_numpy(), horizon_days)
    chance = habit.probability_of_return(*repeats_and_ages(counted), spans)
    new, old = came[newest].mean(), came[~newest].mean()
    missed = logit(old) - logit(chance[~newest].mean())
    expected = float(expit(logit(chance[newest].mean()) + missed))
    noise = np.sqrt(expected * (1 - expected) * (1 / n_new + 1 / n_old))
    real = abs(new - expected) > _BEYOND_NOISE * noise
    large = abs(logit(new) - logit(expected)) > np.log(_ODDS_RATIO)
    return Drift(
        newest_share=round(float(new), 4),
        expected_share=round(expected, 4),
        beyond_noise=bool(real and large),
    )


def _concerns(found: Evidence, rows: pd.DataFrame, customers: pd.DataFrame) -> Iterator[Concern]:
    days = found.horizon_days
    if not found.closed_windows:
        yield Concern(code="no_window", values={"horizon_days": days, "needed_days": 2 * days})
        return
    if min(found.returned, found.stayed_away) < _LEAST_OF_EITHER:
        yield Concern(code="few_outcomes", values={"least": _LEAST_OF_EITHER})
    if history_is_thin(rows, customers):
        yield Concern(code="short_past")
    if found.separate_windows < 2:
        yield Concern(code="one_window")
    if found.drift and found.drift.beyond_noise:
        shares = found.drift.model_dump(include={"newest_share", "expected_share"})
        yield Concern(code="drift", values=shares)
    if found.history_days < _YEAR_DAYS + days:
        yield Concern(code="no_year")


def _gaps(
    rows: pd.DataFrame, customers: pd.DataFrame, days: ShopDays | None, horizon_days: int
) -> Iterator[Concern]:
    """The gaps that windows overlap, or that reach up to the cutoff."""
    if days is None or rows.empty:
        return
    cutoffs = [day.date() for day in sorted(rows["cutoff"].unique())]
    all_of_them = len(overlapping(days.gaps, cutoffs, horizon_days)) == len(cutoffs)
    today = customers["cutoff"].iloc[0].date()
    for first, last in days.gaps:
        hit = overlapping([(first, last)], cutoffs, horizon_days)
        values = {"first": first, "last": last, "days": (last - first).days + 1}
        if hit:
            code: ConcernCode = "gap_everywhere" if all_of_them else "gap"
            yield Concern(code=code, values=values | {"windows": len(hit), "of": len(cutoffs)})
        if (today - last).days == 1:
            yield Concern(code="gap_now", values=values)


def _turned_weekdays(
    rows: pd.DataFrame, customers: pd.DataFrame, days: ShopDays | None, horizon_days: int
) -> Iterator[Concern]:
    """Windows that begin on other weekdays than the coming one, where that makes a difference."""
    if days is None or rows.empty or not len(days.day):
        return
    begins = [day.weekday() for day in sorted(rows["cutoff"].unique())]
    coming = days.usual_orders(customers["cutoff"].iloc[0].weekday(), horizon_days)
    held = np.array([days.usual_orders(weekday, horizon_days) for weekday in begins])
    differ = np.abs(held - coming) > _WEEKDAYS_DIFFER * max(held.max(), coming)
    if differ.any():
        values = {"windows": int(differ.sum()), "of": len(begins)}
        yield Concern(
            code="weekdays",
            values=values
            | {"orders": round(float(held[differ].mean()), 4), "coming": round(coming, 4)},
        )
