"""Differences of two arms with their intervals: plain, adjusted, by stratum, per message sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from winback.arrays import Floats, Mask
from winback.offers.power import LEAST_IN_ARM
from winback.results.measured import Adjusted, Found, Interval, RatioInterval

Estimate = tuple[float, float, float]
"""Effect, low and high."""

_FEW, _MANY = 200, 400
LEAST_IN_CELL = 10
"""Customers of each arm that a stratum needs to be compared by itself."""


@dataclass(frozen=True)
class Comparison:
    """Means of both arms, their difference with its 95 % interval, and a two-sided p.

    ``low`` and ``high`` are NaN where nothing varies and yet the arms differ: no interval.
    """

    mean_treated: float
    mean_control: float
    low: float
    high: float
    se: float
    p: float

    @property
    def effect(self) -> float:
        """Treated minus control."""
        return self.mean_treated - self.mean_control

    @property
    def bounds(self) -> Estimate:
        """Effect, low and high."""
        return self.effect, self.low, self.high


def compare(
    values: Floats, treated: Mask, weights: Floats | None, *, share: bool = False,
    level: float = 0.05,
) -> Comparison:  # fmt: skip
    """Compare the arms' means; of shares by Newcombe's score interval.

    Weighted, an arm counts as the customers that as sure a mean without weights would need
    (Kish 1965, Survey Sampling, 11.7). ``level`` is the chance of an interval that leaves out
    the truth.
    """
    (mean_t, variance_t, n_t), (mean_c, variance_c, n_c) = (
        weighted_mean(values[side], None if weights is None else weights[side])
        for side in (treated, ~treated)
    )
    variance_t, variance_c = _not_too_sure(variance_t, n_t, variance_c, n_c)
    effect, se = mean_t - mean_c, float(np.sqrt(variance_t + variance_c))
    freedom = _freedom(variance_t, n_t, variance_c, n_c)
    reach = float(t.isf(level / 2, freedom)) * se
    low, high = effect - reach, effect + reach
    p = float(2 * t.sf(abs(effect) / se, freedom)) if se > 0 else 1.0
    if share:
        size_t, size_c = (
            _size(int(side.sum()), None if weights is None else weights[side])
            for side in (treated, ~treated)
        )
        low, high = _newcombe(mean_t, size_t, mean_c, size_c, level)
        pooled = (size_t * mean_t + size_c * mean_c) / (size_t + size_c)
        spread = float(np.sqrt(pooled * (1 - pooled) * (1 / size_t + 1 / size_c)))
        p = float(2 * norm.sf(abs(effect) / spread)) if spread > 0 else 1.0
    elif se == 0 and effect != 0:
        low = high = np.nan
    return Comparison(mean_t, mean_c, low, high, se, p)


def _not_too_sure(variance_a: float, n_a: int, variance_b: float, n_b: int) -> tuple[float, float]:
    """Variances of two means, the smaller arm's at least what both arms together give it.

    A small sample of spend mostly misses the few who spend much: its mean is then too low and its
    variance lower still, and Welch's interval of a control of sixty tells of effects that are not
    there in one campaign of ten.
    """
    # Two hundred customers are few; four hundred show their own variance well enough, and it may
    # truly be the smaller one: whom an offer moves vary more.
    part = float(np.clip((_MANY - min(n_a, n_b)) / (_MANY - _FEW), 0.0, 1.0))
    if n_a == n_b or part == 0.0:
        return variance_a, variance_b
    of_one = [variance_a * n_a, variance_b * n_b]
    pooled = ((n_a - 1) * of_one[0] + (n_b - 1) * of_one[1]) / max(n_a + n_b - 2, 1)
    if n_a < n_b:
        return variance_a + part * max(pooled / n_a - variance_a, 0.0), variance_b
    return variance_a, variance_b + part * max(pooled / n_b - variance_b, 0.0)


def weighted_mean(values: Floats, weights: Floats | None) -> tuple[float, float, int]:
    """Mean, its variance and n; weighted as a Hájek mean."""
    n = len(values)
    if weights is None:
        return float(values.mean()), float(values.var(ddof=1)) / n, n
    share = weights / weights.sum()
    mean = float((share * values).sum())
    return mean, float((share**2 * (values - mean) ** 2).sum()) * n / (n - 1), n


def _size(n: int, weights: Floats | None) -> float:
    """Customers that would tell as much without weights."""
    return n if weights is None else float(weights.sum() ** 2 / (weights**2).sum())


def _freedom(variance_a: float, n_a: int, variance_b: float, n_b: int) -> float:
    """Welch and Satterthwaite's degrees of freedom."""
    bottom = variance_a**2 / (n_a - 1) + variance_b**2 / (n_b - 1)
    return (variance_a + variance_b) ** 2 / bottom if bottom > 0 else n_a + n_b - 2


def _newcombe(p_a: float, n_a: float, p_b: float, n_b: float, level: float) -> tuple[float, float]:
    """Interval of a difference of shares that also holds near 0 and in small groups."""
    (low_a, high_a), (low_b, high_b) = wilson(p_a, n_a, level), wilson(p_b, n_b, level)
    effect = p_a - p_b
    return (
        effect - float(np.hypot(p_a - low_a, high_b - p_b)),
        effect + float(np.hypot(high_a - p_a, p_b - low_b)),
    )


def wilson(p: float, n: float, level: float = 0.05) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927), 95 % unless another chance to miss is named."""
    z = float(norm.isf(level / 2))
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * float(np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)))
    return middle - reach, middle + reach


def adjust(
    values: Floats, treated: Mask, weights: Floats | None, covariates: pd.DataFrame
) -> tuple[float, float, float, float] | None:
    """Effect, low, high and the share of variance removed by what was known before the draw.

    Each arm's mean is moved to the covariates' common mean by the arm's own fit (Lin 2013,
    Annals of Applied Statistics 7(1); HC2 variance). None where there is nothing to fit.
    """
    design = _design(covariates, treated)
    plain_variance = compare(values, treated, weights).se ** 2
    if not design.shape[1] or plain_variance <= 0:
        return None
    (mean_t, variance_t, slope_t), (mean_c, variance_c, slope_c), spread = _arm_fits(
        values, treated, weights, design
    )
    effect = mean_t - mean_c
    shift = slope_t - slope_c
    sizes = [max(int(side.sum()) - design.shape[1], 2) for side in (treated, ~treated)]
    variance_t, variance_c = _not_too_sure(variance_t, sizes[0], variance_c, sizes[1])
    variance = variance_t + variance_c + float(shift @ spread @ shift)
    freedom = _freedom(variance_t, sizes[0], variance_c, sizes[1])
    reach = float(t.ppf(0.975, freedom)) * float(np.sqrt(variance))
    return effect, effect - reach, effect + reach, 1 - variance / plain_variance


def _design(covariates: pd.DataFrame, treated: Mask) -> Floats:
    """The covariates, as many as there are twenty customers of the smaller arm for."""
    # With fewer the fit adds noise.
    smaller = min(int(treated.sum()), int((~treated).sum()))
    return covariates.to_numpy(np.float64)[:, : smaller // 20]


ArmFit = tuple[float, float, Floats]


def _arm_fits(
    values: Floats, treated: Mask, weights: Floats | None, design: Floats
) -> tuple[ArmFit, ArmFit, Floats]:
    """Each arm's mean at the common centre, its variance and slopes; the centre's own spread.

    The common mean is itself an estimate; it matters where the slopes differ.
    """
    w = np.ones(len(values)) if weights is None else weights
    centred = design - np.average(design, axis=0, weights=w)
    fits = [_arm_fit(values[side], centred[side], w[side]) for side in (treated, ~treated)]
    k = design.shape[1]
    spread = np.cov(centred.T, ddof=1).reshape(k, k) / len(values) if k else np.zeros((0, 0))
    return fits[0], fits[1], spread


def _arm_fit(values: Floats, centred: Floats, weights: Floats) -> tuple[float, float, Floats]:
    """Fitted mean at the centre, its HC2 variance, and the slopes, by weighted least squares."""
    design = np.column_stack([np.ones(len(values)), centred])
    root = np.sqrt(weights / weights.mean())[:, None]
    left, sizes, right = np.linalg.svd(design * root, full_matrices=False)
    held = sizes > sizes.max() * 1e-9
    left, inverse = left[:, held], right[held].T / sizes[held]
    scaled = values * root[:, 0]
    coefficients = inverse @ (left.T @ scaled)
    residual = scaled - left @ (left.T @ scaled)
    leverage = np.minimum((left**2).sum(axis=1), 1 - 1e-9)
    influence = left @ inverse[0]
    variance = float((influence**2 * residual**2 / (1 - leverage)).sum())
    return float(coefficients[0]), variance, coefficients[1:]


def within_strata(
    values: Floats, treated: Mask, weights: Floats | None, strata: Sequence[str]
) -> Estimate | None:
    """Effect within each stratum, averaged by the strata's sizes (post-stratification).

    Strata with fewer than ten customers in an arm are taken together; None where that leaves
    only one (Miratrix, Sekhon & Yu 2013, Journal of the Royal Statistical Society B 75(2)).
    """
    labels = np.asarray(strata, dtype=object)
    cells = [labels == name for name in sorted(set(labels))]
    kept = [cell for cell in cells if _large_enough(cell, treated)]
    rest = ~np.any(kept, axis=0) if kept else np.ones(len(values), np.bool_)
    if rest.any() and _large_enough(rest, treated):
        kept.append(rest)
    elif rest.any() and kept:
        # Too few even together: they join the largest.
        largest = max(range(len(kept)), key=lambda i: int(kept[i].sum()))
        kept[largest] = kept[largest] | rest
    if len(kept) < 2:
        return None
    effect = variance = 0.0
    for cell in kept:
        found = compare(values[cell], treated[cell], None if weights is None else weights[cell])
        share = float(cell.mean())
        effect, variance = effect + share * found.effect, variance + share**2 * found.se**2
    reach = float(t.ppf(0.975, len(values) - 2 * len(kept))) * float(np.sqrt(variance))
    return effect, effect - reach, effect + reach


def _large_enough(cell: Mask, treated: Mask) -> bool:
    return min(int((cell & treated).sum()), int((cell & ~treated).sum())) >= LEAST_IN_CELL


def per_message(
    values: Floats, treated: Mask, weights: Floats | None, sent: Mask
) -> Estimate | None:
    """Effect on those whom the draw decided whether they were sent it (Wald's ratio).

    The difference of the arms over the difference of the shares really sent (complier average
    causal effect; Angrist, Imbens & Rubin 1996, JASA 91(434)), by Fieller's interval, which
    holds however small that second difference is. None where it cannot be told from zero.
    """
    went = sent.astype(np.float64)
    outcome, share = compare(values, treated, weights), compare(went, treated, weights)
    # As it was, and not as it might have been: a control that was sent nothing varies in nothing.
    share_variance = sum(
        weighted_mean(went[side], None if weights is None else weights[side])[1]
        for side in (treated, ~treated)
    )
    covariance = sum(
        covariance_of_means(values[side], went[side], None if weights is None else weights[side])
        for side in (treated, ~treated)
    )
    z = float(norm.ppf(0.975))
    return fieller(outcome.effect, share.effect, outcome.se**2, share_variance, covariance, z)


def fieller(
    top: float, bottom: float, variance: float, of_bottom: float, covariance: float, z: float
) -> Estimate | None:
    """A ratio of two means with its interval; None where the lower one cannot be told from zero.

    Args:
        top: the upper mean.
        bottom: the lower one.
        variance: of the upper.
        of_bottom: variance of the lower.
        covariance: of both.
        z: how many standard errors the interval reaches.
    """
    square = bottom**2 - z**2 * of_bottom
    if square <= 0:
        return None
    middle = top * bottom - z**2 * covariance
    last = top**2 - z**2 * variance
    root = float(np.sqrt(max(middle**2 - square * last, 0.0)))
    return top / bottom, (middle - root) / square, (middle + root) / square


def covariance_of_means(values: Floats, others: Floats, weights: Floats | None) -> float:
    """Covariance of two means of the same customers, as :func:`weighted_mean` has variances."""
    n = len(values)
    share = np.full(n, 1 / n) if weights is None else weights / weights.sum()
    product = (values - (share * values).sum()) * (others - (share * others).sum())
    return float((share**2 * product).sum()) * n / (n - 1)


@dataclass(frozen=True)
class Judged:
    """A named group's comparison, with Holm's correction over all of them.

    ``p_holm`` holds the chance of any false finding at its level (Holm 1979), and the verdict
    follows it; the comparison's interval is each group's own 95 %.
    """

    name: str
    here: Mask
    n_treated: int
    n_control: int
    found: Comparison
    p_holm: float

    @property
    def verdict(self) -> Found:
        """Works, harms, not to be told from chance, or too few to tell."""
        if min(self.n_treated, self.n_control) < LEAST_IN_ARM:
            return "too_few"
        if self.p_holm >= 0.05:
            return "not_distinguishable"
        return "works" if self.found.effect > 0 else "harms"


def judge_groups(
    values: Floats,
    treated: Mask,
    weights: Floats | None,
    groups: Sequence[tuple[str, Mask]],
    *,
    share: bool,
) -> list[Judged]:
    """One comparison per named group; none for one with fewer than two customers in an arm."""
    rows = []
    for name, here in groups:
        side = treated[here]
        sizes = int(side.sum()), int((~side).sum())
        if min(sizes) >= 2:
            mine = None if weights is None else weights[here]
            found = compare(values[here], side, mine, share=share)
            rows.append(Judged(name, here, *sizes, found, 1.0))
    corrected = holm([row.found.p for row in rows])
    return [replace(row, p_holm=p) for row, p in zip(rows, corrected, strict=True)]


def holm(ps: Sequence[float]) -> list[float]:
    """Each p corrected for how many there are (Holm 1979, Scandinavian Journal of Statistics 6)."""
    running, corrected = 0.0, [1.0] * len(ps)
    for rank, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        running = max(running, min(1.0, ps[i] * (len(ps) - rank)))
        corrected[i] = running
    return corrected


def hazard_ratio(returned: Floats, treated: Mask, weights: Floats | None) -> RatioInterval | None:
    """How many times faster the treated returned: log(1 - p) over log(1 - p) of the control.

    Where an offer works in proportion, this is the same for customers who come often and who
    come seldom, as points of return rate are not. 95 % interval on the log scale by the delta
    method; None where everybody or nobody returned, or so few that it is 0 or beyond number.
    """
    logs, variances = [], []
    for side in (treated, ~treated):
        mean, variance, _ = weighted_mean(
            returned[side], None if weights is None else weights[side]
        )
        if not 0 < mean < 1:
            return None
        hazard = -np.log1p(-mean)
        logs.append(np.log(hazard))
        variances.append(variance / ((1 - mean) * hazard) ** 2)
    middle, reach = logs[0] - logs[1], float(norm.ppf(0.975)) * np.sqrt(sum(variances))
    return _as_ratio((middle, middle - reach, middle + reach))


def orders_ratio(
    orders: Floats, treated: Mask, weights: Floats | None, covariates: pd.DataFrame
) -> RatioInterval | None:
    """How many times as many the treated ordered, what was known before the draw taken out.

    A ratio of means is that of all the orders, however differently customers react; the ratio
    of hazards of a first order is nearer to one, since those who react most come anyway
    (Gail, Wieand & Piantadosi 1984, Biometrika 71(3)). 95 % interval on the log scale by the
    delta method, adjusted as in :func:`adjust`; None where an arm has no orders, or so few that
    an end of the interval is 0 or no number.
    """
    (mean_t, variance_t, slope_t), (mean_c, variance_c, slope_c), spread = _arm_fits(
        orders, treated, weights, _design(covariates, treated)
    )
    if mean_t <= 0 or mean_c <= 0:
        return None
    shift = slope_t / mean_t - slope_c / mean_c
    variance = variance_t / mean_t**2 + variance_c / mean_c**2 + float(shift @ spread @ shift)
    middle, reach = np.log(mean_t / mean_c), float(norm.ppf(0.975)) * np.sqrt(variance)
    return _as_ratio((middle, middle - reach, middle + reach))


def _as_ratio(bounds: Sequence[float]) -> RatioInterval | None:
    """A ratio and its ends from logarithms; None where one of them is no number to count with."""
    with np.errstate(over="ignore"):
        found = [rounded(float(np.exp(bound))) for bound in bounds]
    value, low, high = found
    return RatioInterval(value=value, low=low, high=high) if all(found) else None


def rounded(number: float | None) -> float | None:
    """Six significant figures: a p of 1e-9 is not 0, and noise in the last bits is not output."""
    if number is None or not np.isfinite(number):
        return None
    return float(f"{number:.6g}") + 0.0


def interval(estimate: Estimate) -> Interval:
    """An estimate as it is written."""
    effect, low, high = map(rounded, estimate)
    return Interval(effect=effect, low=low, high=high)


def adjusted(fit: tuple[float, float, float, float]) -> Adjusted:
    """An adjusted estimate as it is written."""
    effect, low, high = map(rounded, fit[:3])
    # A difference of two variances: what is left of equal ones hangs on the order of rows.
    removed = rounded(round(fit[3], 9))
    return Adjusted(effect=effect, low=low, high=high, variance_removed=removed)
