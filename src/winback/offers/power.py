"""What a campaign of a given size could see, said before it is sent."""

from __future__ import annotations

from math import ceil
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq
from scipy.special import bdtr, bdtrc

from winback.arrays import Floats
from winback.results.planned import Power

LEAST_IN_ARM = 50
"""Customers an arm needs for a verdict; see "Too few" in docs/decisions.md."""

# Runs of the control's count that are reckoned with.
_RUNS = 800
# Controls beyond which the normal approximation is as good: of equal arms, whose errors cancel,
# and of others.
_MANY_EQUAL, _MANY = 5_000, 300_000


def power_verdict(
    n_treated: int,
    n_control: int,
    base_rate: float | None,
    *,
    effect_pp: float | None = None,
    plausible_pp: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Power:
    """Say before sending what a campaign of this size could see.

    ``mde_pp`` is the smallest rise of the return rate, in points, that two groups of these
    sizes find with the given power; ``n_needed_per_arm`` the customers in each of two equal
    groups needed to see ``effect_pp``. To find is what the reading will say: that the interval
    of the difference (Newcombe 1998, Statistics in Medicine 17(8), method 10) lies above zero;
    its chance is summed over the counts that two binomials can give, since the normal
    approximation promises too much of a small control. Null where an arm has too few customers
    for a verdict, the base rate or the effect is unknown, or no effect is large enough.
    """
    z = NormalDist().inv_cdf(1 - alpha / 2)  # scipy.stats would take a second to import
    mde: float | None = None
    needed: int | None = None
    if base_rate is not None and min(n_treated, n_control) >= LEAST_IN_ARM:
        mde = _smallest(n_treated, n_control, base_rate, z, power)
    if base_rate is not None and effect_pp:
        sizes = sizes_needed(base_rate, effect_pp / 100, alpha=alpha, power=power)
        needed = None if sizes is None else sizes[1]
    return Power(
        mde_pp=None if mde is None else round(100 * mde, 2),
        n_needed_per_arm=needed,
        effect_pp=None if effect_pp is None else round(effect_pp, 2),
        plausible_pp=None if plausible_pp is None else round(plausible_pp, 2),
    )


def sizes_needed(
    base: float, effect: float, *, ratio: float = 1.0, alpha: float = 0.05, power: float = 0.8
) -> tuple[int, int] | None:
    """Treated and control, ``ratio`` treated for each control, that find an effect.

    None where the effect takes the rate out of 0 to 1, or there is none. Of very large groups by
    the normal approximation, n_C = (z_a + z_b)^2 (p0 q0 + p1 q1 / r) / effect^2.
    """
    if effect < 0:
        # Who stays away is counted in the place of who comes.
        base, effect = 1 - base, -effect
    if not effect or base + effect > 1 or ratio <= 0:
        return None
    z, more = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    p1 = base + effect
    rough = (z + more) ** 2 * (base * (1 - base) + p1 * (1 - p1) / ratio) / effect**2
    least = ceil(LEAST_IN_ARM * max(1.0, 1 / ratio))
    if rough > (_MANY_EQUAL if ratio == 1 else _MANY):
        return ceil(rough * ratio), ceil(rough)

    def enough(control: int) -> bool:
        treated = ceil(control * ratio - 1e-9)
        return _chance_to_find(treated, control, base, effect, z) >= power

    low, high = least - 1, max(ceil(rough), least)
    while not enough(high):
        low, high = high, ceil(high * 1.3)
    while high - low > max(1, high // 500):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return ceil(high * ratio - 1e-9), high


def _smallest(n_treated: int, n_control: int, base: float, z: float, power: float) -> float | None:
    """The effect that is found with this chance; None if none below 1 - base is."""
    counts, masses = _counts(n_control, base)
    least = _first_found(counts, n_control, n_treated, z)

    def excess(effect: float) -> float:
        return float(masses @ _at_least(least, n_treated, base + effect)) - power

    top = 1 - base
    if top <= 0 or excess(top) < 0:
        return None
    return float(brentq(excess, 0.0, top, xtol=1e-7)) if excess(0.0) < 0 else 0.0


def _chance_to_find(n_treated: int, n_control: int, base: float, effect: float, z: float) -> float:
    """Chance that the interval of the difference lies above zero."""
    counts, masses = _counts(n_control, base)
    least = _first_found(counts, n_control, n_treated, z)
    return float(masses @ _at_least(least, n_treated, base + effect))


def _counts(n: int, p: float) -> tuple[Floats, Floats]:
    """Counts that a binomial can give, in runs where they are many, and the chance of each."""
    reach = 7 * np.sqrt(n * p * (1 - p)) + 3
    first, last = max(int(n * p - reach), 0), min(int(n * p + reach), n)
    step = max(1, (last - first + 1) // _RUNS)
    ends = np.append(np.arange(first, last, step), last)
    below = bdtr(ends, n, p)
    masses = np.diff(below, prepend=0.0)
    middles = np.append(ends[:1], (ends[1:] + ends[:-1] + 1) / 2)
    return middles, masses


def _first_found(counts: Floats, n_control: int, n_treated: int, z: float) -> Floats:
    """Fewest treated who have to come for an effect to be found beside each count of control."""
    p = counts / n_control
    upper = _score(p, n_control, z)[1] - p
    low, high = np.full(len(p), -1.0), np.full(len(p), n_treated + 1.0)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        share = middle / n_treated
        reach = np.hypot(share - _score(share, n_treated, z)[0], upper)
        found = (share - p > reach) & (middle >= 0)
        low, high = np.where(found, low, middle), np.where(found, middle, high)
    return high


def _score(p: Floats, n: int, z: float) -> tuple[Floats, Floats]:
    """Ends of the score interval of a share (Wilson 1927)."""
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(np.maximum(p * (1 - p) / n + z**2 / (4 * n**2), 0.0))
    return middle - reach, middle + reach


def _at_least(counts: Floats, n: int, p: float) -> Floats:
    """Chance that of ``n`` at least so many come; more than ``n`` never do."""
    chance = np.where(counts > n, 0.0, 1.0)
    here = (counts > 0) & (counts <= n)
    chance[here] = bdtrc(counts[here] - 1, n, min(p, 1.0))
    return chance
