"""How sure a figure of a shop is that is a ratio of sums over its customers.

All sums are of whole numbers, so that they are the same in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

from scipy import special

_LEVEL = 0.975
NORMAL = float(special.ndtri(_LEVEL))
# Of fewer customers a figure is marked thin.
THIN = 30


@dataclass(frozen=True)
class Sums:
    """Sums over customers of two whole numbers, `y` on `x`, and of their products."""

    n: int
    y: int
    x: int
    yy: int
    xy: int
    xx: int


@dataclass(frozen=True)
class Interval:
    """A value with its standard error and 95% interval; both None of fewer than two customers."""

    value: float
    error: float | None
    low: float | None
    high: float | None
    n: int


def sums_sql(y: str, x: str) -> str:
    """The columns of `Sums` in SQL, of a table with a row a customer; exact at any size."""
    y, x = f"CAST({y} AS HUGEINT)", f"CAST({x} AS HUGEINT)"
    products = ", ".join(f"sum({a} * {b})" for a, b in ((y, y), (x, y), (x, x)))
    return f"count(*) FILTER ({x} > 0), sum({y}), sum({x}), {products}"


def ratio(sums: Sums, *, scale: float = 1.0, bounds: tuple[float, float] | None = None) -> Interval:
    """Sum of y by sum of x, where customers are what varies.

    The variance of a ratio of means, n/(n-1) * sum((y - r x)^2) / (sum x)^2: Cochran (1977),
    Sampling Techniques, 6.4; with Student's quantile of n-1.

    Args:
        sums: over customers with an x above 0.
        scale: the value is divided by it: minor units in one of the currency.
        bounds: what an interval cannot go beyond.
    """
    value = sums.y / sums.x / scale
    if sums.n < 2:
        return Interval(value, None, None, None, sums.n)
    # The squares as a whole number over the square of the sum of x: no digit is lost.
    squares = sums.yy * sums.x**2 - 2 * sums.y * sums.xy * sums.x + sums.y**2 * sums.xx
    error = sqrt(sums.n / (sums.n - 1) * (squares / sums.x**4)) / scale
    reach = float(special.stdtrit(sums.n - 1, _LEVEL)) * error
    low, high = value - reach, value + reach
    if bounds:
        low, high = max(low, bounds[0]), min(high, bounds[1])
    return Interval(value, error, low, high, sums.n)


def wilson(part: int, n: int) -> Interval:
    """A share with its score interval: Wilson (1927), JASA 22, 209-212."""
    share, square = part / n, NORMAL**2 / n
    middle = (share + square / 2) / (1 + square)
    half = NORMAL * sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Interval(share, sqrt(share * (1 - share) / n), low, high, n)


def difference(now: Interval, before: Interval) -> tuple[float, float | None, float | None]:
    """Change of a share or a score, with its interval as if the two were independent.

    Where both are shares of Wilson's the interval is Newcombe's (1998), Statistics in Medicine
    17, 873-890, method 10; of others the same square-and-add of their halves. Customers seen in
    both spans make the true one narrower, if anything.
    """
    change = now.value - before.value
    if now.low is None or now.high is None or before.low is None or before.high is None:
        return change, None, None
    below = sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    above = sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return change, change - below, change + above


def growth(now: Interval, before: Interval) -> tuple[float, float | None, float | None] | None:
    """Change of a mean as a ratio less 1, with its interval; None where it was nothing before.

    The same square-and-add on logarithms, as if the two were independent: Zou and Donner (2008),
    Statistics in Medicine 27, 1693-1702.
    """
    if before.value <= 0 or now.value <= 0:
        return None
    change = now.value / before.value
    ends = (now.low, now.high, before.low, before.high)
    if any(end is None or end <= 0 for end in ends):
        return change - 1, None, None
    a, b, c, d = (log(end) for end in ends if end is not None)
    x, y = log(now.value), log(before.value)
    below, above = sqrt((x - a) ** 2 + (d - y) ** 2), sqrt((b - x) ** 2 + (y - c) ** 2)
    return change - 1, change * exp(-below) - 1, change * exp(above) - 1
