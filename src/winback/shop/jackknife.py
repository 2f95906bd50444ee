"""Intervals of ratios of sums, from sums by groups of customers.

Customers are drawn into groups by a hash of their id; leaving out one group after another says
how much a figure depends on who happened to be a customer. Only sums by group leave the database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, stdtr, stdtrit

from winback.arrays import Floats

GROUPS = 128
"""Groups that the customers are drawn into."""

LEAST_OUTCOMES = 50
"""Whatever rests on fewer is no ground for a verdict."""

_LEAST_FREEDOM = 4.0
_LEVEL = 0.975


def group_of(customer: str = "customer_id") -> str:
    """SQL of a customer's group, the same on every machine with one version of the database."""
    return f"CAST(hash({customer}) % {GROUPS} AS INTEGER)"


@dataclass(frozen=True)
class Spread:
    """An estimate on the scale on which its error is even, with its error.

    Attributes:
        at: the estimate.
        variance: of its error.
        freedom: degrees of freedom of that variance.
    """

    at: float
    variance: float
    freedom: float

    @property
    def known(self) -> bool:
        """Whether the error can be told: no single customer outweighs the others."""
        good = np.isfinite(self.at) and np.isfinite(self.variance)
        return bool(good and self.variance > 0 and self.freedom >= _LEAST_FREEDOM)

    def ends(self) -> tuple[float, float]:
        """The 95 % interval."""
        half = float(stdtrit(self.freedom, _LEVEL)) * float(np.sqrt(self.variance))
        return self.at - half, self.at + half

    def p_value(self, against: float = 0.0) -> float:
        """Of a two-sided test of the estimate being ``against``."""
        far = abs(self.at - against) / float(np.sqrt(self.variance))
        return float(2 * stdtr(self.freedom, -far))

    def widened(self, variance: float, freedom: float) -> Spread:
        """With another, independent part of the error.

        Degrees of freedom of the sum: Satterthwaite (1946), Biometrics Bulletin 2, 110-114.
        """
        whole = self.variance + variance
        parts = self.variance**2 / self.freedom + (variance**2 / freedom if variance else 0.0)
        return Spread(self.at, whole, whole**2 / parts if parts > 0 else self.freedom)


def spread_of(left_out: Floats, at: float) -> Spread:
    """The delete-a-group jackknife.

    Variance ``(G - 1) / G * sum((t_g - mean)^2)`` of the G estimates with one group left out:
    Kott (2001), Journal of Official Statistics 17, 521-526. Its degrees of freedom follow from how
    heavy the tails of these are, ``2 G / (kurtosis - 1)``, at most G - 1: where one customer makes
    the figure, hardly any are left.
    """
    if not np.isfinite(at) or not np.isfinite(left_out).all():
        return Spread(at, np.nan, 1.0)
    groups = len(left_out)
    apart = left_out - left_out.mean()
    squares = float((apart**2).sum())
    if squares <= 0:
        return Spread(at, 0.0, 1.0)
    kurtosis = groups * float((apart**4).sum()) / squares**2
    freedom = min(2 * groups / max(kurtosis - 1, 1e-9), groups - 1.0)
    return Spread(at, (groups - 1) / groups * squares, freedom)


def jackknife(sums: Floats, of: Callable[[Floats], Floats]) -> Spread:
    """The spread of a function of sums.

    Args:
        sums: one row a group, whatever is summed in the other axes.
        of: takes sums whose first axis is kept and gives one number for each.
    """
    total = sums.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = float(of(total[None])[0])
        left_out = of(total[None] - sums)
    return spread_of(np.asarray(left_out, np.float64), at)


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval in the unit of a claim; ends are None where unknown."""

    value: float | None
    low: float | None = None
    high: float | None = None
    freedom: float = 0.0

    @property
    def known(self) -> bool:
        """Whether it has ends."""
        return self.low is not None


def log_ratio(sums: Floats, *, minus: float = 0.0) -> Interval:
    """The ratio of two ratios of sums: (a / b) / (c / d), with columns a, b, c, d.

    Args:
        sums: one row a group, four columns.
        minus: 1 for a change against one, 0 for times.
    """
    found = jackknife(sums, lambda t: np.log(t[:, 0] * t[:, 3] / (t[:, 1] * t[:, 2])))
    return on_ratio(found, minus=minus)


def on_ratio(found: Spread, *, minus: float = 0.0) -> Interval:
    """A spread of a logarithm as a ratio."""
    if not np.isfinite(found.at):
        return Interval(None)
    value = float(np.exp(found.at)) - minus
    if not found.known:
        return Interval(value)
    low, high = (float(np.exp(end)) - minus for end in found.ends())
    return Interval(value, low, high, found.freedom)


def share(sums: Floats) -> Interval:
    """A part of a whole, with columns part and whole; its error is even on the logit scale."""
    part, whole = (float(x) for x in sums.sum(axis=0))
    if whole <= 0:
        return Interval(None)
    found = jackknife(sums, lambda t: logit(t[:, 0] / t[:, 1]))
    if not found.known:
        return Interval(part / whole)
    low, high = (float(expit(end)) for end in found.ends())
    return Interval(part / whole, low, high, found.freedom)
