"""The buy-till-you-die models of the literature: how often customers buy, until they stop.

The model takes MBG/NBD as what it starts from; the rules take all three as rivals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from winback.arrays import Floats

# Four numbers are learned as well from so many histories as from a million, and the integral of
# Pareto/NBD costs thirty times the sums of the others.
MOST_INTEGRATED = 50_000
# From so many distinct histories on, the search for the four numbers begins on about so many.
_MANY, _FIRST_SEARCHED = 40_000, 4_000
# Histories worked out at once: their branches stay in the processor's cache.
_AT_ONCE = 2_000
# Days (and counts of days) below this pack into one integer, three of them.
_PACKED = 1 << 20


def repeats_and_ages(snapshots: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """(x, t_x, T) in days: repeat purchase days, age at the last of them, age at the cutoff.

    What the buy-till-you-die models are fitted on, one element per snapshot row.
    """
    age = _column(snapshots, "days_since_first_order")
    return (
        _column(snapshots, "order_days_total") - 1.0,
        age - _column(snapshots, "days_since_last_order"),
        age,
    )


def with_own_season(snapshots: pd.DataFrame, chance: Floats, days: Floats | int) -> Floats:
    """A habit's chance of a return, except for customers who buy at one time of the year alone.

    Somebody who came in the last three Decembers is not the slow buyer that a steady rate sees:
    theirs is the share of former years with a purchase in the same weeks, drawn to a half.

    Args:
        snapshots: rows with ``yearly_gaps``, ``years_seen`` and ``same_season_years``.
        chance: what the habit says of each.
        days: days that it is the chance of. The columns look at four weeks at least; of fewer days
            it is a part in proportion.
    """
    if "yearly_gaps" not in snapshots:
        return chance
    years = _column(snapshots, "years_seen")
    own = (_column(snapshots, "same_season_years") + 0.3) / (years + 0.6)
    own = own * np.minimum(1.0, np.asarray(days) / 28.0)
    return np.where((_column(snapshots, "yearly_gaps") > 0) & (years > 0), own, chance)


@dataclass(frozen=True)
class BgNbd:
    """A fitted BG/NBD model: buying at a steady rate until a purchase is the last.

    Rates differ between customers as Gamma(``r``, rate ``alpha``), the chance that a repeat
    purchase is the last as Beta(``a``, ``b``). ``alpha`` is in the unit of the ages the model
    was fitted on. ``log_likelihood`` leaves out the constants of the data, as published.

    Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science
    24(2), equation 6.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    # Purchases besides the repeats that may have been the last one: none here, since the
    # first purchase never ends a BG/NBD customer.
    _first_may_be_last: ClassVar[int] = 0

    def probability_of_return(
        self, repeats: Floats, recency_age_days: Floats, age_days: Floats,
        horizon_days: float | Floats,
    ) -> Floats:  # fmt: skip
        """Exact probability of at least one purchase in the horizon, given the past.

        Alive customers keep a rate that is Gamma(r + x, alpha + T); the next purchase of an
        alive customer comes whatever happens after it. Hence P(alive) times
        1 - ((alpha + T) / (alpha + T + h)) ** (r + x).

        Args:
            repeats: x, distinct days with a purchase after the first.
            recency_age_days: t_x, days from the first to the last purchase; 0 if no repeat.
            age_days: T, days from the first purchase to the cutoff.
            horizon_days: h, counted from the cutoff.
        """
        x, last, age = np.broadcast_arrays(repeats, recency_age_days, age_days)
        chances = x + self._first_may_be_last
        shape = self.r + x
        with np.errstate(over="ignore"):
            odds_gone = np.where(
                chances > 0,
                np.exp(
                    np.log(self.a)
                    - np.log(self.b + np.maximum(chances, 1) - 1.0)
                    + shape * np.log((self.alpha + age) / (self.alpha + last))
                ),
                0.0,
            )
        silent = np.exp(-shape * np.log1p(horizon_days / (self.alpha + age)))
        return np.asarray((1.0 - silent) / (1.0 + odds_gone))


class MbgNbd(BgNbd):
    """A fitted MBG/NBD model: as BG/NBD, but the first purchase may be the last too.

    Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24.
    """

    _first_may_be_last: ClassVar[int] = 1


@dataclass(frozen=True)
class ParetoNbd:
    """A fitted Pareto/NBD model: buying at a steady rate until an unseen end.

    Rates differ between customers as Gamma(``r``, rate ``alpha``), rates of ending as
    Gamma(``s``, rate ``beta``). Schmittlein, Morrison and Colombo (1987), Management Science
    33; the integral over the moment of ending is done by Gauss-Legendre quadrature.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float

    def probability_of_return(
        self, repeats: Floats, recency_age_days: Floats, age_days: Floats, horizon_days: float
    ) -> Floats:
        """Exact probability of at least one purchase in the horizon, given the past.

        No purchase until the end of the horizon is the same history observed for longer, so
        its probability is the ratio of the two likelihoods.
        """
        histories = np.broadcast_arrays(repeats, recency_age_days, age_days)
        parameters = np.log([self.r, self.alpha, self.s, self.beta])
        found = np.empty(histories[0].shape)
        for start in range(0, len(found), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            x, last, age = (np.asarray(a[part], np.float64) for a in histories)
            longer = _pareto_nbd_branches(parameters, x, last, age + horizon_days).total
            seen = _pareto_nbd_branches(parameters, x, last, age).total
            found[part] = -np.expm1(longer - seen)
        return np.clip(found, 0.0, 1.0)


Terms = Callable[[Floats, Floats, Floats, Floats], tuple[Floats, Floats]]


def fit_bgnbd(repeats: Floats, recency_age_days: Floats, age_days: Floats) -> BgNbd | None:
    """The BG/NBD model that makes the observed histories likeliest.

    None if there is nobody who bought again, since then no rate of buying can be learnt.
    Parameters stay within wide bounds, so a shop whose customers are all alike gives the
    bound and not an error.

    Args:
        repeats: x, distinct days (or other periods) with a purchase after the first.
        recency_age_days: t_x, time from the first to the last purchase; 0 if no repeat.
        age_days: T, time from the first purchase to the end of what was seen, same unit.

    Examples:
        >>> model = fit_bgnbd(np.array([0.0, 2.0, 5.0]), np.array([0.0, 9.0, 28.0]),
        ...                   np.array([30.0, 30.0, 30.0]))
        >>> model is not None
        True
        >>> fit_bgnbd(np.zeros(3), np.zeros(3), np.full(3, 30.0)) is None
        True
    """
    best = _fit(_bgnbd_terms, repeats, recency_age_days, age_days)
    return None if best is None else BgNbd(*best)


def fit_mbgnbd(repeats: Floats, recency_age_days: Floats, age_days: Floats) -> MbgNbd | None:
    """The MBG/NBD model that makes the observed histories likeliest; as ``fit_bgnbd``."""
    best = _fit(_mbgnbd_terms, repeats, recency_age_days, age_days)
    return None if best is None else MbgNbd(*best)


def fit_pareto_nbd(repeats: Floats, recency_age_days: Floats, age_days: Floats) -> ParetoNbd | None:
    """The Pareto/NBD model that makes the observed histories likeliest; as ``fit_bgnbd``."""
    best = _fit(_pareto_nbd_terms, repeats, recency_age_days, age_days)
    return None if best is None else ParetoNbd(*best)


def _fit(
    terms: Terms, repeats: Floats, recency_age: Floats, age: Floats
) -> tuple[float, float, float, float, float] | None:
    """The four likeliest parameters and the log-likelihood they reach."""
    histories = np.column_stack([repeats, recency_age, age]).astype(np.float64)
    if len(histories) == 0 or histories[:, 0].max() <= 0 or histories[:, 2].max() <= 0:
        return None
    # Many customers share a history; each distinct one is worked out once.
    distinct, customers = _distinct(histories)
    unit = np.log(float(np.average(distinct[:, 2], weights=customers)))
    is_scale = (1,) if terms is not _pareto_nbd_terms else (1, 3)
    shift = np.array([unit if i in is_scale else 0.0 for i in range(4)])
    start = shift + np.log([0.5, 0.5, 0.7, 1.5])
    step = len(distinct) // _FIRST_SEARCHED
    if len(distinct) >= _MANY and distinct[::step, 0].max() > 0:
        # The sums over all histories need only walk the last part of the way.
        start = _likeliest(terms, distinct[::step], customers[::step], start, shift).x
    best = _likeliest(terms, distinct, customers, start, shift)
    r, alpha, third, fourth = (float(v) for v in np.exp(best.x))
    return r, alpha, third, fourth, -float(best.fun) * len(histories)


def _likeliest(
    terms: Terms, distinct: Floats, customers: NDArray[np.int64], start: Floats, shift: Floats
) -> Any:
    """What SciPy finds from ``start`` on; the loss is the mean over the customers."""
    columns, total = distinct.T.copy(), int(customers.sum())
    parts = [columns[:, start : start + _AT_ONCE] for start in range(0, len(distinct), _AT_ONCE)]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        values, slopes = zip(*(terms(parameters, *part) for part in parts), strict=True)
        value, slope = np.concatenate(values), np.concatenate(slopes, axis=1)
        return -float((customers * value).sum()) / total, -(customers * slope).sum(axis=1) / total

    return minimize(
        loss,
        start,
        jac=True,
        # L-BFGS-B reaches the same optimum, but wakes all threads of BLAS for four numbers: ten
        # times slower.
        method="SLSQP",
        bounds=[(s - 8.0, s + 8.0) for s in shift],
        options={"maxiter": 500, "ftol": 1e-13},
    )


def _distinct(histories: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Each history that occurs, in order, and of how many customers it is."""
    whole = histories.astype(np.int64)
    if (whole == histories).all() and whole.min() >= 0 and whole.max() < _PACKED:
        # Sorting one integer takes a fraction of the time of sorting rows.
        packed = (whole[:, 0] * _PACKED + whole[:, 1]) * _PACKED + whole[:, 2]
        keys, customers = np.unique_counts(packed)
        parts = [keys // _PACKED**2, keys // _PACKED % _PACKED, keys % _PACKED]
        return np.column_stack(parts).astype(np.float64), customers
    rows, customers = np.unique(histories, axis=0, return_counts=True)
    return rows, customers


def _bgnbd_terms(parameters: Floats, x: Floats, last: Floats, age: Floats) -> tuple[Floats, Floats]:
    return _beta_geometric_terms(parameters, x, last, age, chances=x)


def _mbgnbd_terms(
    parameters: Floats, x: Floats, last: Floats, age: Floats
) -> tuple[Floats, Floats]:
    return _beta_geometric_terms(parameters, x, last, age, chances=x + 1.0)


def _beta_geometric_terms(
    parameters: Floats, x: Floats, last: Floats, age: Floats, *, chances: Floats
) -> tuple[Floats, Floats]:
    """Log-likelihood of each history and its slopes in the logarithms of r, alpha, a, b.

    ``chances`` counts the purchases that may have been the last: the repeats in BG/NBD, the
    first one too in MBG/NBD. That is the only difference between the two.
    """
    r, alpha, a, b = np.exp(parameters)
    may_be_gone = chances > 0
    before = b + np.maximum(chances, 1.0) - 1.0
    log_age, log_last = np.log(alpha + age), np.log(alpha + last)
    alive = -(r + x) * log_age
    gone = np.where(may_be_gone, np.log(a) - np.log(before) - (r + x) * log_last, -np.inf)
    either = np.logaddexp(alive, gone)
    share_gone = np.exp(gone - either)
    value = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(b + chances)
        - gammaln(a + b + chances)
        + gammaln(a + b)
        - gammaln(b)
        + either
    )
    shared = digamma(a + b) - digamma(a + b + chances)
    slope = np.stack(
        [
            r
            * (
                digamma(r + x)
                - digamma(r)
                + np.log(alpha)
                - (1.0 - share_gone) * log_age
                - share_gone * log_last
            ),
            alpha
            * (
                r / alpha
                - (r + x) * ((1.0 - share_gone) / (alpha + age) + share_gone / (alpha + last))
            ),
            a * (shared + share_gone / a),
            b * (shared + digamma(b + chances) - digamma(b) - share_gone / before),
        ]
    )
    return np.asarray(value), slope


_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(24)
# By branch of Pareto/NBD: alive at the end, or ended at a node.
_ENDED = np.append(0.0, np.ones(len(_NODES)))


class _Branches(NamedTuple):
    """Alive at the end (column 0), or ended at each node; rows are histories."""

    total: Floats  # log-likelihood of each history
    share: Floats  # of each branch in it
    rate: Floats  # alpha + moment
    end: Floats  # beta + moment
    log_end: Floats
    log_rate: Floats


def _pareto_nbd_branches(parameters: Floats, x: Floats, last: Floats, age: Floats) -> _Branches:
    """What adds up to each history's likelihood.

    Either the customer is alive at the end, or ended at a moment after the last purchase;
    those moments are integrated on the scale log(moment + the smaller of alpha and beta),
    where nothing is steep.
    """
    r, alpha, s, beta = np.exp(parameters)
    # Beyond this moment of ending, a frequent buyer's long silence weighs less than e**-40.
    latest = last + (alpha + last) * np.expm1(np.minimum(40.0 / (r + x), 50.0))
    origin = min(alpha, beta)
    low, high = np.log(origin + last), np.log(origin + np.minimum(age, latest))
    half = (high - low) / 2.0
    moments, weight = np.empty((2, len(x), len(_NODES) + 1))
    moments[:, 0], weight[:, 0] = age, 0.0
    log_moment = low[:, None] + half[:, None] * (_NODES + 1.0)
    moments[:, 1:] = np.maximum(np.exp(log_moment) - origin, 0.0)
    weight[:, 1:] = np.log(np.maximum(half, 1e-300))[:, None] + np.log(_NODE_WEIGHTS * s)
    weight[:, 1:] += log_moment
    rate, end = alpha + moments, beta + moments
    log_rate, log_end = np.log(rate), np.log(end)
    branches = weight - (r + x)[:, None] * log_rate - (s + _ENDED) * log_end
    top = branches.max(axis=1)
    share = np.exp(branches - top[:, None])
    each = share.sum(axis=1)
    share /= each[:, None]
    total = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + top + np.log(each)
    return _Branches(total, share, rate, end, log_end, log_rate)


def _pareto_nbd_terms(
    parameters: Floats, x: Floats, last: Floats, age: Floats
) -> tuple[Floats, Floats]:
    """Log-likelihood of each history and its slopes in the logarithms of r, alpha, s, beta."""
    r, alpha, s, beta = np.exp(parameters)
    of = _pareto_nbd_branches(parameters, x, last, age)
    slope = np.stack(
        [
            r * (digamma(r + x) - digamma(r) + np.log(alpha) - _along(of.share, of.log_rate)),
            alpha * (r / alpha - (r + x) * (of.share / of.rate).sum(axis=1)),
            s * (np.log(beta) + (of.share * (_ENDED / s - of.log_end)).sum(axis=1)),
            beta * (s / beta - (of.share * (s + _ENDED) / of.end).sum(axis=1)),
        ]
    )
    return of.total, slope


def _along(share: Floats, values: Floats) -> Floats:
    return np.asarray((share * values).sum(axis=1))


def _column(snapshots: pd.DataFrame, name: str) -> Floats:
    return snapshots[name].to_numpy(dtype=np.float64, na_value=np.nan)
