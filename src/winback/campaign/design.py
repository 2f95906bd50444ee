"""Whether the arms are still those of a draw by lot, and what they can be compared within.

``draw_of`` judges the split as the assignment has it; ``arms_of`` the arms by what the orders know
of the time before. All tests hold the draw itself against what was found: were nothing broken,
each would call one campaign of a thousand invalid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from scipy.stats import chi2, hypergeom, rankdata

from winback.arrays import Floats, Mask
from winback.campaign.estimates import LEAST_IN_CELL, compare, rounded
from winback.campaign.followed import Followed
from winback.errors import UsageError
from winback.results.measured import CovariateBalance, InOrders, Problem
from winback.results.offered import CONTROL

SplitKnownFrom = Literal["probability", "control_share", "equal_split", "unknown"]

SRM_ALARM = 0.001
_EXPECTED = 5.0
"""Customers whom a cell of a chi-square test is to expect in each arm (Cochran 1954)."""
_FEWEST = 10
"""Customers of each arm without whom nothing is said of what they were before."""
_MOST_CHANCES = 50
_SILENCE, _APART = "days_since_last_order", 0.2
_GROUPS = ("segment", "risk_band", "stratum")


@dataclass(frozen=True)
class Draw:
    """What is known of the draw, one element a customer.

    Attributes:
        expected: chance to be control by design; None where it is not known.
        basis: where that is known from.
        weights: inverse chance of the side drawn; None where it is the same for everybody.
        cells: numbers of the groups of customers who all had the same chance.
        compared_within: what ``cells`` and ``weights`` were taken from where it is not the design.
        sample_ratio_p: chance of a split at least this far from the design.
        split_by_day_p: chance of arms shared as unevenly over the days of assignment; None
            where all are of one day, or too few.
        problems: what of the split makes a reading invalid.
    """

    expected: Floats | None
    basis: SplitKnownFrom
    weights: Floats | None
    cells: NDArray[np.int64]
    compared_within: Literal["days", "strata"] | None
    sample_ratio_p: float | None
    split_by_day_p: float | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Arms:
    """The arms as they were before the draw; ``balance_p`` is of everything known together."""

    in_orders: InOrders
    balance: tuple[CovariateBalance, ...]
    balance_p: float | None
    problems: tuple[Problem, ...]


# --- the split -----------------------------------------------------------------------------------


def draw_of(assigned: pd.DataFrame, treated: Mask, control_share: float | None) -> Draw:
    """The design of a campaign, and whether the split is one that it can have drawn.

    A split that changes with the day of assignment, or with the stratum, is compared within
    these where nobody said what the design was and each has both arms; weights are then the
    inverse of the split found there, which is post-stratification. Else it is invalid.
    """
    expected, basis = _expected_control(assigned, treated, control_share)
    ratio_p = _sample_ratio_p(assigned, treated, expected, basis)
    known = expected if basis == "probability" else None
    days = _runs(assigned["assigned_at"].dt.normalize(), treated, known)
    strata = _pooled(assigned["stratum"], treated, known)
    day_p, strata_p = _split_p(days, treated, known), _split_p(strata, treated, known)
    problems: list[Problem] = []
    within: Literal["days", "strata"] | None = None
    cells, weights = _chances(expected, len(treated)), _weights(expected, treated)
    guessed = basis in ("unknown", "equal_split")
    if day_p is not None and day_p < SRM_ALARM:
        if guessed and _both_arms(days, treated):
            within, cells = "days", days
        else:
            problems.append("split_by_day")
    elif known is None and strata_p is not None and strata_p < SRM_ALARM:
        if guessed and _both_arms(strata, treated):
            within, cells = "strata", strata
        else:
            problems.append("arms_differ")
    if within is not None:
        weights = _weights_within(cells, treated)
        # Half and half was a guess, and the cells say that it was another draw.
        expected, basis, ratio_p = None, "unknown", None
    if ratio_p is not None and ratio_p < SRM_ALARM:
        problems.append("sample_ratio")
    return Draw(expected, basis, weights, cells, within, ratio_p, day_p, tuple(problems))


def _expected_control(
    assigned: pd.DataFrame, treated: Mask, control_share: float | None
) -> tuple[Floats | None, SplitKnownFrom]:
    """Chance of each customer to be control by design, and where that is known from."""
    if control_share is not None and not 0 < control_share < 1:
        raise UsageError("campaign.control_share", share=control_share)
    probability = assigned["probability"].to_numpy(np.float64)
    if np.isfinite(probability).all():
        by_arm = assigned.groupby("arm")["probability"].agg(["min", "max"])
        sure = (by_arm["max"] - by_arm["min"] < 1e-9).all() and CONTROL in by_arm.index
        if len(by_arm) > 2 and sure and abs(by_arm["max"].sum() - 1) < 1e-6:
            # Every arm's own share of one draw, rather than offer against control.
            share = float(by_arm.loc[CONTROL, "max"])  # type: ignore[arg-type]
            return np.full(len(treated), share), "probability"
        return np.where(treated, 1 - probability, probability), "probability"
    if control_share is not None:
        return np.full(len(treated), float(control_share)), "control_share"
    if 0.4 <= 1 - treated.mean() <= 0.6:
        return np.full(len(treated), 0.5), "equal_split"
    return None, "unknown"


def _sample_ratio_p(
    assigned: pd.DataFrame, treated: Mask, expected: Floats | None, basis: str
) -> float | None:
    """Chance of a split at least this far from the design.

    Both overall and, where the design names the chance of each, within the offers planned and
    the chances drawn by: the smaller p of the two, doubled.
    """
    if expected is None:
        return None
    found = [_surplus_p(np.zeros(len(treated), np.int64), treated, expected)]
    if basis == "probability":
        offers = assigned["planned_offer"].fillna("").to_numpy(object)
        chances = _chances(expected, len(treated))
        cells = pd.factorize(pd.MultiIndex.from_arrays([offers, chances]), sort=True)[0]
        if cells.max() > 0:
            found.append(_surplus_p(_small_together(cells, treated, expected), treated, expected))
    told = [p for p in found if p is not None]
    return min(1.0, len(told) * min(told)) if told else None


def _surplus_p(cells: NDArray[np.int64], treated: Mask, expected: Floats) -> float | None:
    """Chi-square test of the control's numbers in all cells against what was expected."""
    surplus = np.bincount(cells, ~treated - expected)
    spread = np.bincount(cells, expected * (1 - expected))
    kept = spread > 0
    if not kept.any():
        return None
    return float(chi2.sf((surplus[kept] ** 2 / spread[kept]).sum(), int(kept.sum())))


def _split_p(cells: NDArray[np.int64], treated: Mask, expected: Floats | None) -> float | None:
    """Chance of a split that differs as much between the cells; None where there is one cell.

    Chi-square of homogeneity: what the cells are off the design, less what all are together.
    """
    if cells.max() == 0 or treated.all() or not treated.any():
        return None
    if expected is None:
        expected = np.full(len(treated), 1 - treated.mean())
    surplus = np.bincount(cells, ~treated - expected)
    spread = np.bincount(cells, expected * (1 - expected))
    kept = spread > 0
    if kept.sum() < 2:
        return None
    surplus, spread = surplus[kept], spread[kept]
    statistic = (surplus**2 / spread).sum() - surplus.sum() ** 2 / spread.sum()
    return float(chi2.sf(max(statistic, 0.0), len(surplus) - 1))


def _runs(days: pd.Series[Any], treated: Mask, expected: Floats | None) -> NDArray[np.int64]:
    """Runs of days, each as long as it takes to expect enough customers in each arm."""
    codes = pd.factorize(days, sort=True)[0].astype(np.int64)
    control = np.full(len(treated), 1 - treated.mean()) if expected is None else expected
    of_control = np.bincount(codes, control)
    of_treated = np.bincount(codes) - of_control
    run_of, run, least = np.zeros(len(of_control), np.int64), 0, np.zeros(2)
    for day, numbers in enumerate(zip(of_control, of_treated, strict=True)):
        run_of[day] = run
        least = least + numbers
        if least.min() >= _EXPECTED:
            run, least = run + 1, np.zeros(2)
    # What is left over at the end joins the run before.
    return np.minimum(run_of, max(run - 1, 0))[codes]


def _pooled(labels: pd.Series[Any], treated: Mask, expected: Floats | None) -> NDArray[np.int64]:
    """Numbers of the labels; those with too few customers are one together."""
    if labels.isna().all():
        return np.zeros(len(treated), np.int64)
    codes = pd.factorize(labels.fillna(""), sort=True)[0].astype(np.int64)
    share = np.full(len(treated), 1 - treated.mean()) if expected is None else expected
    return _small_together(codes, treated, share)


def _small_together(codes: NDArray[np.int64], treated: Mask, expected: Floats) -> NDArray[np.int64]:
    """The same cells, but those that expect too few customers in an arm are one; from 0 on.

    Where they are too few even together, they join the largest.
    """
    sizes, of_control = np.bincount(codes), np.bincount(codes, expected)
    of_treated = sizes - of_control
    small = np.minimum(of_control, of_treated) < _EXPECTED
    rest = len(sizes)
    if min(of_control[small].sum(), of_treated[small].sum()) < _EXPECTED and not small.all():
        rest = int(np.where(small, -1, sizes).argmax())
    merged = np.where(small, rest, np.arange(len(sizes)))
    return pd.factorize(merged[codes], sort=True)[0].astype(np.int64)


def _both_arms(cells: NDArray[np.int64], treated: Mask) -> bool:
    """Whether each cell has enough of both arms to be compared by itself."""
    of_treated = np.bincount(cells, treated)
    return bool(min(of_treated.min(), (np.bincount(cells) - of_treated).min()) >= LEAST_IN_CELL)


def _chances(expected: Floats | None, n: int) -> NDArray[np.int64]:
    """Numbers of the groups that had the same chance; tenths of all where nearly all differ."""
    if expected is None:
        return np.zeros(n, np.int64)
    chances: NDArray[Any] = np.round(expected, 9)
    if len(np.unique(chances)) > _MOST_CHANCES:
        chances = np.digitize(chances, np.quantile(chances, np.linspace(0.1, 0.9, 9)))
    return np.asarray(pd.factorize(chances, sort=True)[0], np.int64)


def _weights(expected: Floats | None, treated: Mask) -> Floats | None:
    """Inverse probability of the side drawn; None where it is the same for everybody."""
    if expected is None or np.ptp(expected) < 1e-9:
        return None
    drawn = np.where(treated, 1 - expected, expected)
    return np.asarray(1 / np.clip(drawn, 1e-3, None))


def _weights_within(cells: NDArray[np.int64], treated: Mask) -> Floats:
    """Inverse share of the own arm in the own cell: both arms then have the same cells."""
    everybody, of_treated = np.bincount(cells), np.bincount(cells, treated)
    own = np.where(treated, of_treated[cells], everybody[cells] - of_treated[cells])
    return np.asarray(everybody[cells] / own)


# --- the arms before the draw --------------------------------------------------------------------


def arms_of(campaign: Followed, draw: Draw) -> Arms:
    """The arms by what the orders know of the time before: found there at all, and alike.

    ``ids_lost``: of one arm fewer customers had ordered before than by the draw alone, by the
    exact test of the hypergeometric distribution within ``draw.cells``; or of one arm nobody is
    in the orders at all. ``arms_differ``: past orders, spend and the score together, in ranks, so
    that one wholesaler is no finding; the segments; or the silence, which counts from a fifth of
    a standard deviation on. By the permutation test within the cells (Strasser & Weber 1999,
    Mathematical Methods of Statistics 8(2)).
    """
    treated = campaign.treated
    before = campaign.values("orders_before") > 0
    if not before.any():
        # Orders of the window alone: what an offer did shows in them, but nobody can miss all.
        seen = campaign.values("seen") > 0
        before = seen if not (seen[treated].any() and seen[~treated].any()) else before
    expected = _own_chances(draw, treated)
    lost_p = _shared_p(before, treated, draw.cells)
    problems: list[Problem] = []
    if lost_p is not None and lost_p < SRM_ALARM:
        problems.append("ids_lost")
    balance = _balance(campaign)
    found = [
        _alike_p(columns, treated, draw.cells, expected) for columns in _known(campaign, balance)
    ]
    told = [p for p in found if p is not None]
    # As many chances of a false alarm as there are tests.
    balance_p = min(1.0, len(told) * min(told)) if told else None
    if balance_p is not None and balance_p < SRM_ALARM:
        problems.append("arms_differ")
    in_orders = InOrders(
        share_treated=rounded(float(before[treated].mean())),
        share_control=rounded(float(before[~treated].mean())),
        p=rounded(lost_p),
    )
    return Arms(in_orders, balance, rounded(balance_p), tuple(problems))


def _own_chances(draw: Draw, treated: Mask) -> Floats | None:
    """Logged chances where they are many and the cells only tenths of them, else None."""
    expected = draw.expected
    if expected is None or draw.compared_within or draw.basis != "probability":
        return None
    return expected if len(np.unique(np.round(expected, 9))) > _MOST_CHANCES else None


def _shared_p(found: Mask, treated: Mask, cells: NDArray[np.int64]) -> float | None:
    """Chance that one arm has as unlikely a number of those not found, by the draw alone."""
    chances, shift = np.ones(1), 0
    for cell in range(int(cells.max()) + 1):
        here = cells == cell
        n, lost, drawn = int(here.sum()), int((here & ~found).sum()), int((here & treated).sum())
        middle = drawn * lost / n
        reach = 12 * np.sqrt(middle * (n - lost) * (n - drawn) / (n * max(n - 1, 1))) + 5
        low = max(0, lost + drawn - n, int(middle - reach))
        high = min(lost, drawn, int(middle + reach))
        if high > low:
            law = hypergeom.pmf(np.arange(low, high + 1), n, lost, drawn)
            chances = fftconvolve(chances, law)
        shift += low
    if len(chances) == 1:
        return 1.0
    at = int((treated & ~found).sum()) - shift
    if not 0 <= at < len(chances):
        return 0.0
    return float(min(1.0, np.clip(chances[chances <= chances[at] * (1 + 1e-7)], 0, None).sum()))


def _known(campaign: Followed, balance: tuple[CovariateBalance, ...]) -> list[Floats]:
    """What was known of each customer before the draw: numbers in ranks, groups as 0 and 1."""
    ranks = {name: rankdata(campaign.covariates[name]) for name in campaign.covariates}
    silence = ranks.pop(_SILENCE, None)
    found = [np.column_stack(list(ranks.values()))] if ranks else []
    apart = next((row.standardised_difference for row in balance if row.covariate == _SILENCE), 0)
    if silence is not None and abs(apart or 0) >= _APART:
        # Lots drawn by turns among customers sorted by day differ by a day, and by nothing else.
        found.append(silence[:, None])
    for name in _GROUPS:
        codes = pd.factorize(campaign.assigned[name].fillna(""), sort=True)[0]
        sizes = np.bincount(codes)
        large = np.flatnonzero(sizes >= _EXPECTED / min(_shares(campaign.treated)))
        if len(sizes) > 1 and len(large):
            found.append(np.asarray(codes[:, None] == large, np.float64))
    return found


def _shares(treated: Mask) -> tuple[float, float]:
    return float(treated.mean()), float(1 - treated.mean())


def _alike_p(
    columns: Floats, treated: Mask, cells: NDArray[np.int64], expected: Floats | None
) -> float | None:
    """Chance of arms that differ as much in all columns together; None for too few customers.

    With ``expected`` each customer's own chance, else all of a cell have the same.
    """
    if min(int(treated.sum()), int((~treated).sum())) < _FEWEST:
        return None
    surplus = np.zeros(columns.shape[1])
    spread = np.zeros((columns.shape[1], columns.shape[1]))
    for cell in range(int(cells.max()) + 1):
        here = cells == cell
        n, drawn = int(here.sum()), int(treated[here].sum())
        if drawn in (0, n):
            continue
        own = treated[here]
        if expected is None:
            apart = columns[here] - columns[here].mean(axis=0)
            surplus += apart[own].sum(axis=0)
            spread += drawn * (n - drawn) / (n * (n - 1)) * (apart.T @ apart)
        else:
            chance = 1 - expected[here]
            each = chance * (1 - chance)
            if each.sum() <= 0:
                continue
            apart = columns[here] - np.average(columns[here], axis=0, weights=each)
            surplus += apart.T @ (own - chance)
            spread += (apart * each[:, None]).T @ apart
    scale = np.sqrt(np.diag(spread))
    kept = scale > 0
    if not kept.any():
        return None
    standard = surplus[kept] / scale[kept]
    sizes, axes = np.linalg.eigh(spread[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept]))
    # Columns that say the same twice are one.
    telling = sizes > 1e-6 * sizes.max()
    statistic = ((axes[:, telling].T @ standard) ** 2 / sizes[telling]).sum()
    return float(chi2.sf(statistic, int(telling.sum())))


def _balance(campaign: Followed) -> tuple[CovariateBalance, ...]:
    """Compare the arms before the draw: differences in standard deviations, near zero."""
    treated, rows = campaign.treated, []
    for name in campaign.covariates:
        values = campaign.covariates[name].to_numpy(np.float64)
        found = compare(values, treated, campaign.weights)
        spread = np.sqrt((values[treated].var(ddof=1) + values[~treated].var(ddof=1)) / 2)
        rows.append(
            CovariateBalance(
                covariate=str(name),
                scale=_scale(str(name)),
                mean_treated=rounded(found.mean_treated),
                mean_control=rounded(found.mean_control),
                standardised_difference=rounded(found.effect / spread if spread > 0 else None),
                p=rounded(found.p),
            )
        )
    return tuple(rows)


def _scale(covariate: str) -> Literal["share", "log", "root"]:
    if covariate == "p_return":
        return "share"
    return "root" if covariate == "spend_before_365d" else "log"


# --- what of it makes a reading invalid ----------------------------------------------------------


def problems_of(campaign: Followed, draw: Draw, arms: Arms | None) -> tuple[Problem, ...]:
    """All that makes a reading invalid; what hides the rest comes alone."""
    n_treated = int(campaign.treated.sum())
    n_control, in_both = len(campaign.treated) - n_treated, campaign.assigned["in_both"].any()
    if in_both:
        # Which arm such a customer counts in is arbitrary, so nothing else is known either.
        return ("customer_in_both_arms",)
    alone: list[Problem] = []
    if n_control < 2:
        alone.append("no_control")
    if n_treated < 2:
        alone.append("no_treated")
    # One arm alone is said already.
    if alone:
        return tuple(alone)
    sent: tuple[Problem, ...] = () if _sent_as_drawn(campaign) else ("not_sent",)
    return (*draw.problems, *(() if arms is None else arms.problems), *sent)


def _sent_as_drawn(campaign: Followed) -> bool:
    """Whether more of the treated were sent anything than of the control, where a file says so.

    Where they were not, a difference of the arms is none that the offers made.
    """
    if campaign.went is None:
        return True
    went = campaign.went.sent.astype(np.float64)
    return compare(went, campaign.treated, None, share=True).low > 0
