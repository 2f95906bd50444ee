"""One list that left, held against what came.

What was foretold is what customers do by themselves, so those whom an offer may have touched are
set apart. Customers were planned for offers by their chance to return: without the treated, the
rest would be no fair sample. Each customer of a control therefore stands for as many of the planned
as it was drawn out of, once over the logged probability of the draw (Horvitz and Thompson 1952).
Intervals are of weighted means, by their influence (sandwich), and of shares Wilson's by the
effective number of customers (Kish 1965).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from winback.arrays import Floats, Mask
from winback.judging.figures import log_losses
from winback.judging.sampling import LEAST_CUSTOMERS
from winback.judging.use import BASE
from winback.learning.season import expit, logit
from winback.learning.treated import weights_of_untreated
from winback.results.graded import Against, Band, Grade, Held, Part, Spent, Treated
from winback.results.judged import MODEL, Interval
from winback.snapshots.came import Came

_Z = 1.959964
_BANDS = ("low", "medium", "high", "new", "lost")
_LOST = "lost"


@dataclass(frozen=True, eq=False)
class Left:
    """What was sealed of a list, or of a replayed week.

    Attributes:
        campaign_id: its name.
        kind: whether it left, or would have.
        cutoff: as of when it was scored.
        sent_on: the day it left.
        horizon_days: the main horizon of its scores.
        model_version: who scored.
        rule: the simple rule that scored in the model's place, if one did.
        scores: everybody scored, as ``scores.parquet`` has them, people forgotten left out.
        rivals: what others said of the same customers; None where that was not kept.
        best_rule: name of the rule in ``p_best_rule``.
        assignment: both arms as drawn; None where nobody was planned.
        forgotten: how many of the scored were forgotten, or objected to profiling, since.
    """

    campaign_id: str
    kind: Literal["seal", "replay"]
    cutoff: date
    sent_on: date
    horizon_days: int
    model_version: str
    rule: str | None
    scores: pd.DataFrame
    rivals: pd.DataFrame | None = None
    best_rule: str | None = None
    assignment: pd.DataFrame | None = None
    forgotten: int = 0

    def early_horizons(self) -> list[int]:
        """The shorter horizons that its scores have chances for, in days."""
        return early_horizons(list(self.scores.columns), self.horizon_days)


@dataclass(frozen=True, eq=False)
class Graded:
    """A grade, and what each customer adds to its figures as known now (their influence)."""

    grade: Grade
    customer_id: pd.Series
    influence: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class _Counted:
    """The customers who count, in one order, with what was foretold of them."""

    rows: pd.DataFrame
    weight: Floats
    p: Floats
    rivals: tuple[tuple[str, Literal["base_rate", "best_rule", "model"], Floats], ...]
    with_value: bool


def early_horizons(columns: list[str], horizon_days: int) -> list[int]:
    """The shorter horizons that columns of scores have chances for, in days, the longest first."""
    named = [name.removeprefix("p_return_").removesuffix("d") for name in columns
             if name.startswith("p_return_")]  # fmt: skip
    return sorted((int(d) for d in named if d.isdigit() and int(d) < horizon_days), reverse=True)


def grade_list(
    left: Left, came: Came, *, days: int, sent: pd.DataFrame, observed_until: date
) -> Graded | None:
    """Hold a list against what came within so many days of its cutoff.

    None where nobody is left to count, or nothing was foretold for so many days.

    Args:
        left: what was sealed.
        came: what everybody did in these days, among others from this cutoff on
            (`winback.snapshots.came.outcomes_of`).
        days: the list's horizon, or a shorter one that its scores have chances for.
        sent: who was sent what by any list, as `winback.learning.treated.untreated_days` takes it.
        observed_until: the first day that the orders do not reach.
    """
    early = days != left.horizon_days
    column = f"p_return_{days}d" if early else "p_return"
    scores = left.scores.sort_values("customer_id", kind="stable", ignore_index=True)
    if column not in scores or not scores[column].notna().any():
        return None
    then, now = (_at(table, left.cutoff) for table in (came.then, came.now))
    known = scores["customer_id"].isin(now["customer_id"]) & scores[column].notna()
    rows = scores[known].reset_index(drop=True).assign(cutoff=pd.Timestamp(left.cutoff))
    weight = weights_of_untreated(rows, sent, window_days=left.horizon_days, days=days)
    if not weight.any():
        return None
    counted = _Counted(
        rows=rows[weight > 0].reset_index(drop=True),
        weight=weight[weight > 0],
        p=rows.loc[weight > 0, column].to_numpy(np.float64),
        rivals=() if early else _rivals(left, rows[weight > 0]),
        with_value=not early and bool(rows["expected_net_spend"].notna().all()),
    )
    held_now, influence = _held(counted, now, observed_until)
    held_then, _ = _held(counted, then, left.cutoff + timedelta(days=days))
    touched = rows[weight == 0]
    came_back = _beside(touched, now, "returned")
    grade = Grade(
        campaign_id=left.campaign_id,
        kind=left.kind,
        cutoff=left.cutoff,
        sent_on=left.sent_on,
        days=days,
        horizon_days=left.horizon_days,
        early=early,
        model_version=left.model_version,
        scored_by=left.rule or MODEL,
        customers=len(scores) + left.forgotten,
        forgotten=left.forgotten,
        not_in_orders=int((~scores["customer_id"].isin(now["customer_id"])).sum()),
        not_stood_for=_not_stood_for(left.assignment),
        treated=Treated(
            n=len(touched),
            foretold=_figure(touched[column].mean()) if len(touched) else None,
            returned=_figure(came_back.mean()) if len(touched) else None,
        ),
        then=held_then,
        now=held_now,
    )
    return Graded(grade, counted.rows["customer_id"], influence)


def _at(outcomes: pd.DataFrame, cutoff: date) -> pd.DataFrame:
    return outcomes[outcomes["cutoff"] == pd.Timestamp(cutoff)]


def _beside(rows: pd.DataFrame, outcomes: pd.DataFrame, name: str) -> Floats:
    """A column of the outcomes, in the order of the rows."""
    values = outcomes.set_index("customer_id")[name].reindex(rows["customer_id"])
    return np.asarray(values.to_numpy(np.float64))


def _rivals(
    left: Left, rows: pd.DataFrame
) -> tuple[tuple[str, Literal["base_rate", "best_rule", "model"], Floats], ...]:
    """Name, role and chances of each rival who said something of all these customers."""
    if left.rivals is None:
        return ()
    said = left.rivals.set_index("customer_id").reindex(rows["customer_id"])
    named: list[tuple[str, Literal["base_rate", "best_rule", "model"]]] = [
        (BASE, "base_rate"), (left.best_rule or "", "best_rule"),
    ]  # fmt: skip
    if left.rule is not None:
        named.append((MODEL, "model"))
    found = [(name, role, said[f"p_{role}"].to_numpy(np.float64)) for name, role in named]
    return tuple(each for each in found if each[0] and not np.isnan(each[2]).any())


def _held(
    counted: _Counted, outcomes: pd.DataFrame, known_by: date
) -> tuple[Held, dict[str, Floats]]:
    rows, weight, p = counted.rows, counted.weight, counted.p
    returned = _beside(rows, outcomes, "returned")
    loss = log_losses(p, returned)
    band = rows["risk_band"].to_numpy()
    influence = {"gap": _influence(returned - p, weight)}
    against = []
    for name, role, chance in counted.rivals:
        theirs = log_losses(chance, returned)
        against.append(
            Against(
                name=name,
                role=role,
                log_loss=_figure(_mean(theirs, weight)),
                difference=mean_interval(loss - theirs, weight),
            )
        )
        influence[role] = _influence(loss - theirs, weight)
    parts = {name: _part(band == name, returned, p, weight) for name in _BANDS}
    value = None
    if counted.with_value:
        foretold = rows["expected_net_spend"].to_numpy(np.float64)
        spent = _beside(rows, outcomes, "net_spend_in_horizon")
        value = Spent(
            foretold=round(_mean(foretold, weight), 2) + 0.0,
            spent=mean_interval(spent, weight, decimals=2),
            difference=mean_interval(spent - foretold, weight, decimals=2),
        )
    everybody = _part(np.ones(len(rows), np.bool_), returned, p, weight)
    assert everybody is not None  # somebody counts, or there is no grade
    held = Held(
        known_by=known_by,
        everybody=everybody,
        gap=mean_interval(returned - p, weight),
        calibration_slope=calibration_slope(p, returned, weight),
        bands=tuple(Band(band=name, **dict(part)) for name, part in parts.items() if part),
        log_loss=_figure(_mean(loss, weight)),
        against=tuple(against),
        lost=parts[_LOST],
        value=value,
    )
    return held, influence


def _part(chosen: Mask, returned: Floats, p: Floats, weight: Floats) -> Part | None:
    if not chosen.any():
        return None
    w = weight[chosen]
    return Part(
        n=int(chosen.sum()),
        stand_for=round(float(w.sum()), 1),
        foretold=_figure(_mean(p[chosen], w)),
        returned=share_interval(returned[chosen], w),
    )


def _not_stood_for(assignment: pd.DataFrame | None) -> int:
    """Treated customers whose offer and stratum have nobody in control."""
    if assignment is None or assignment.empty:
        return 0
    names = [name for name in ("planned_offer", "stratum") if name in assignment]
    control = (assignment["arm"] == "control").rename("control")
    held_out = control.groupby([assignment[name].astype(str) for name in names]).transform("any")
    return int((~control & ~held_out).sum())


# --- figures with their intervals ----------------------------------------------------------------


def _figure(value: float) -> float:
    return round(float(value), 4) + 0.0


def _mean(x: Floats, weight: Floats) -> float:
    return float((weight * x).sum() / weight.sum())


def _influence(x: Floats, weight: Floats) -> Floats:
    """What each customer adds to a weighted mean's distance from what it would be without."""
    return np.asarray(weight * (x - _mean(x, weight)) / weight.sum())


def mean_interval(x: Floats, weight: Floats, decimals: int = 4) -> Interval:
    """A weighted mean with its 95 % interval; none of fewer than twenty customers."""
    mean, half = _mean(x, weight), _Z * float(np.sqrt(np.square(_influence(x, weight)).sum()))
    return between(mean, half if len(x) >= LEAST_CUSTOMERS else None, decimals)


def between(middle: float, half: float | None, decimals: int = 4) -> Interval:
    """A figure and so much on either side of it."""
    low, high = (None, None) if half is None else (middle - half, middle + half)
    ends = [None if end is None else round(end, decimals) + 0.0 for end in (low, high)]
    return Interval(value=round(middle, decimals) + 0.0, low=ends[0], high=ends[1])


def share_interval(happened: Floats, weight: Floats) -> Interval:
    """A weighted share with Wilson's 95 % interval, by the effective number of customers."""
    share = _mean(happened, weight)
    n = float(weight.sum() ** 2 / np.square(weight).sum())
    z2 = _Z**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return Interval(value=_figure(share), low=_figure(low), high=_figure(high))


def calibration_slope(p: Floats, returned: Floats, weight: Floats) -> Interval | None:
    """Slope of a weighted logistic regression of the outcome on the log-odds foretold.

    1 is right, below 1 too extreme. None where all had one chance or one outcome, or where the
    regression has no end.
    """
    x = logit(np.clip(p, 1e-6, 1 - 1e-6))
    if returned.min() == returned.max() or x.max() - x.min() < 1e-9 or len(p) < LEAST_CUSTOMERS:
        return None
    intercept, slope = 0.0, 1.0
    for _ in range(100):
        fitted = expit(intercept + slope * x)
        miss, v = weight * (returned - fitted), weight * fitted * (1 - fitted)
        a, b, c = v.sum(), (v * x).sum(), (v * x * x).sum()
        determinant = a * c - b * b
        if not determinant > 1e-12 * max(a * c, 1e-300):
            return None
        s0, s1 = miss.sum(), (miss * x).sum()
        step = ((c * s0 - b * s1) / determinant, (a * s1 - b * s0) / determinant)
        damped = max(1.0, abs(step[0]), abs(step[1]))
        intercept, slope = intercept + step[0] / damped, slope + step[1] / damped
        if max(abs(intercept), abs(slope)) > 50:
            return None
        if max(abs(step[0]), abs(step[1])) < 1e-10:
            break
    moved = (a * miss * x - b * miss) / determinant
    return between(float(slope), _Z * float(np.sqrt(np.square(moved).sum())))
