"""What a campaign of a given size could see, said before it is sent."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq

from winback.results.planned import Power


def power_verdict(
    n_treated: int,
    n_control: int,
    base_rate: float | None,
    *,
    effect_pp: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Power:
    """Say before sending what a campaign of this size could see.

    ``mde_pp`` is the smallest change of the return rate, in points, that two groups of
    these sizes find with the given power; ``n_needed_per_arm`` the customers in each of two
    equal groups needed to see ``effect_pp``. Two-sided normal approximation,
    n = (z_a + z_b)^2 (p0 q0 + p1 q1) / delta^2. Null where a group is empty, the base rate
    or the effect unknown.
    """
    quantile = NormalDist().inv_cdf  # scipy.stats would take a second to import
    z = quantile(1 - alpha / 2) + quantile(power)
    mde: float | None = None
    needed: int | None = None
    if base_rate is not None and n_treated > 0 and n_control > 0:

        def excess(delta: float) -> float:
            p1 = base_rate + delta
            spread = base_rate * (1 - base_rate) / n_control + p1 * (1 - p1) / n_treated
            return delta - z * float(np.sqrt(spread))

        top = 1 - base_rate
        if top > 0 and excess(top) > 0:
            mde = 100 * float(brentq(excess, 1e-9, top)) if excess(1e-9) < 0 else 0.0
    if base_rate is not None and effect_pp is not None and effect_pp != 0:
        delta = effect_pp / 100
        p1 = min(max(base_rate + delta, 0.0), 1.0)
        spread = base_rate * (1 - base_rate) + p1 * (1 - p1)
        needed = max(int(np.ceil(z**2 * spread / delta**2)), 2)
    return Power(
        mde_pp=None if mde is None else round(mde, 2),
        n_needed_per_arm=needed,
        effect_pp=None if effect_pp is None else round(effect_pp, 2),
    )
