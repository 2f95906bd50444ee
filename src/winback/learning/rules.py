"""The honest rivals: what simple rules say about who comes back.

Every rule gives a probability, so that it can be judged by the same yardsticks as the
model: the newest base rate, recency, the customer's own rhythm, RFM cells, a logistic
regression on RFM, and the buy-till-you-die models of the literature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln, logit, logsumexp

from winback.errors import UsageError
from winback.learning.logistic import fit_logistic

Floats = NDArray[np.float64]

ALL = ("base_rate", "recency", "rfm", "logistic_rfm", "bgnbd", "mbgnbd", "pareto_nbd")
"""The rules every evaluation carries."""

BY_NAME = (*ALL, "own_rhythm")
"""Every rule that can be asked for."""

# Customers a rule learns from: those of the newest cutoffs, since older ones carry the level
# of another season and of a younger shop; more cutoffs only where customers are few.
_NEWEST_CUTOFFS = 3
_ENOUGH_ROWS = 1000
_BANDS = 20
_CELL_PRIOR_CUSTOMERS = 20.0
# Four numbers are learned as well from so many histories as from a million, and the integral of
# Pareto/NBD costs thirty times the sums of the others.
_MOST_INTEGRATED = 50_000


def predict_baselines(
    train: pd.DataFrame,
    test: pd.DataFrame,
    horizon_days: int,
    *,
    methods: Sequence[str] = ALL,
) -> dict[str, Floats]:
    """Probability of at least one purchase in the horizon, by each simple rule.

    One array per method asked for, one value per row of ``test`` in its order.

    The rules, from the simplest on: ``base_rate`` is the share that returned at the newest
    training cutoff; ``recency`` that share by days since the last order; ``own_rhythm`` by
    silence over the customer's own usual gap, one-time buyers apart; ``rfm`` by quintile cell
    of days since the last order, orders and gross spend; ``logistic_rfm`` a logistic
    regression on the logarithms of the same three and of days since the first order;
    ``bgnbd``, ``mbgnbd`` and ``pareto_nbd`` learn from the test snapshot's own past alone.
    The others learn from the three newest training cutoffs (more where those hold fewer than
    1,000 rows), which serves them better than all history: the level of returns drifts.

    Absence: a rule that has nothing to learn from (no closed cutoff; no repeat purchase for
    the last three) gives NaN for every row.

    Args:
        train: Snapshot columns, ``cutoff`` and ``returned`` at earlier cutoffs, each with its
            horizon closed by the cutoff of ``test``. May be empty.
        test: Snapshot columns at one cutoff.
        horizon_days: Days from the cutoff in which a purchase counts as a return.
        methods: Names out of ``BY_NAME``.

    Raises:
        UsageError: A name is not among ``BY_NAME``.
    """
    unknown = [name for name in methods if name not in BY_NAME]
    if unknown:
        raise UsageError(
            f"Unknown baseline {', '.join(unknown[:5])}; known are {', '.join(BY_NAME)}."
        )
    nothing = np.full(len(test), np.nan)
    rules = {name: fit_rule(name, train, test, horizon_days) for name in methods}
    return {
        name: nothing if rule is None else rule.probability(test) for name, rule in rules.items()
    }


@dataclass(frozen=True)
class Rule:
    """One simple rule that has learned: who comes back within ``horizon_days``.

    ``name`` is out of ``BY_NAME``; ``learned`` holds its few numbers as JSON would.
    """

    name: str
    horizon_days: int
    learned: Mapping[str, Any]

    def probability(self, snapshots: pd.DataFrame) -> Floats:
        """Probability of at least one purchase in the horizon, one per row."""
        if self.name in _BUYING:
            model = _BUYING[self.name](**self.learned)
            return model.probability_of_return(*repeats_and_ages(snapshots), self.horizon_days)
        return _LEARNERS[self.name][1](self.learned, snapshots)[-1][1]

    def contributions(self, snapshots: pd.DataFrame) -> dict[str, Floats]:
        """What each snapshot column adds to the log-odds, and ``offset``; they sum to them."""
        if self.name in _BUYING:
            odds = _held_logit(self.probability(snapshots))
            return {"days_since_last_order": odds, "offset": np.zeros(len(snapshots))}
        parts: dict[str, Floats] = {}
        before = np.zeros(len(snapshots))
        for name, p in _LEARNERS[self.name][1](self.learned, snapshots):
            odds = _held_logit(p)
            parts[name] = odds - before
            before = odds
        return parts


def fit_rule(
    name: str, train: pd.DataFrame, customers: pd.DataFrame, horizon_days: int
) -> Rule | None:
    """One rule of ``predict_baselines``, ready to predict ``customers``.

    None where it has nothing to learn from.
    """
    if len(customers) == 0:
        return None
    if name in _LEARNERS:
        if len(train) == 0:
            return None
        return Rule(name, horizon_days, _LEARNERS[name][0](_newest(train)))
    if name == "pareto_nbd" and len(customers) > _MOST_INTEGRATED:
        drawn = pd.util.hash_pandas_object(customers["customer_id"], index=False).to_numpy()
        customers = customers.iloc[np.sort(np.argsort(drawn, kind="stable")[:_MOST_INTEGRATED])]
    fitted = _FITS[name](*repeats_and_ages(customers))
    return None if fitted is None else Rule(name, horizon_days, asdict(fitted))


def _newest(train: pd.DataFrame) -> pd.DataFrame:
    if len(train) == 0:
        return train
    rows = train["cutoff"].value_counts().sort_index(ascending=False)
    enough = int((rows.cumsum() < _ENOUGH_ROWS).sum()) + 1
    newest = train.loc[train["cutoff"].isin(rows.index[: max(_NEWEST_CUTOFFS, enough)])]
    # Sums of floats must not depend on the order the rows came in.
    return newest.sort_values(["cutoff", "customer_id"], kind="stable")


# Half a return and half a silence are added to every share: a handful of customers never
# proves a probability of exactly 0 or 1.
def _share(returned: Floats) -> float:
    return float((returned.sum() + 0.5) / (len(returned) + 1.0))


def _returned(train: pd.DataFrame) -> Floats:
    return train["returned"].to_numpy(dtype=np.float64)


def _column(snapshots: pd.DataFrame, name: str) -> Floats:
    return snapshots[name].to_numpy(dtype=np.float64, na_value=np.nan)


# How a rule learns, and how it is applied: the probability after looking at nothing ("offset"),
# then at one column after another; the last is the rule's.
Steps = list[tuple[str, Floats]]


def _learn_base_rate(train: pd.DataFrame) -> dict[str, Any]:
    newest = train["cutoff"] == train["cutoff"].max()
    return {"share": _share(_returned(train.loc[newest]))}


def _base_rate(learned: Mapping[str, Any], rows: pd.DataFrame) -> Steps:
    return [("offset", np.full(len(rows), learned["share"]))]


def _learn_recency(train: pd.DataFrame) -> dict[str, Any]:
    returned = _returned(train)
    curve = _falling_curve(_column(train, "days_since_last_order"), returned)
    return {"share": _share(returned), "curve": curve}


def _recency(learned: Mapping[str, Any], rows: pd.DataFrame) -> Steps:
    p = _on_curve(learned["curve"], _column(rows, "days_since_last_order"))
    return [*_base_rate(learned, rows), ("days_since_last_order", p)]


_RHYTHM = ("silence_over_gap", "days_since_last_order")


def _learn_own_rhythm(train: pd.DataFrame) -> dict[str, Any]:
    returned, rhythmic = _returned(train), train["silence_over_gap"].notna().to_numpy()
    curves = [
        _falling_curve(_column(train, name)[chosen], returned[chosen]) if chosen.any() else None
        for name, chosen in zip(_RHYTHM, (rhythmic, ~rhythmic), strict=True)
    ]
    return {"share": _share(returned), "curves": curves}


def _own_rhythm(learned: Mapping[str, Any], rows: pd.DataFrame) -> Steps:
    found = _base_rate(learned, rows)
    rhythmic = rows["silence_over_gap"].notna().to_numpy()
    for name, chosen, curve in zip(_RHYTHM, (rhythmic, ~rhythmic), learned["curves"], strict=True):
        p = found[-1][1].copy()
        if curve is not None:
            p[chosen] = _on_curve(curve, _column(rows, name)[chosen])
        found.append((name, p))
    return found


def _falling_curve(x: Floats, returned: Floats) -> list[list[float]]:
    """Share that returned as a never-rising curve of ``x``, straight in log-odds.

    Bands of equal count, neighbours merged until no share is above the one before (pool
    adjacent violators); the bands' means, and log-odds there.
    """
    edges = np.unique(np.quantile(x, np.arange(1, _BANDS) / _BANDS))
    band = np.searchsorted(edges, x, side="left")
    pools: list[list[float]] = []
    knots = []
    for number in np.unique(band):
        rows = band == number
        knots.append(float(x[rows].mean()))
        pools.append([float(returned[rows].sum()) + 0.5, float(rows.sum()) + 1.0, 1.0])
        while len(pools) > 1 and pools[-1][0] / pools[-1][1] >= pools[-2][0] / pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    shares: list[float] = []
    for returns, customers, merged in pools:
        shares += [returns / customers] * int(merged)
    return [knots, logit(np.array(shares)).tolist()]


def _on_curve(curve: Sequence[Sequence[float]], x: Floats) -> Floats:
    """Joined between the knots, level beyond them."""
    knots, log_odds = curve
    return np.asarray(expit(np.interp(x, knots, log_odds)))


_CELLS = ("days_since_last_order", "orders_total", "gross_spend_total")


def _learn_rfm(train: pd.DataFrame) -> dict[str, Any]:
    # Cut points come from the training customers, so a cell means the same at every cutoff,
    # and equal values always share a quintile.
    returned, cells = _returned(train), np.zeros(len(train), np.int64)
    learned: dict[str, Any] = {"share": _share(returned), "cuts": [], "chances": []}
    chance = np.array([learned["share"]])
    # Each finer cell leans on the coarser one it lies in: R, then RF, then RFM.
    for name in _CELLS:
        values = _column(train, name)
        cuts = np.quantile(values, (0.2, 0.4, 0.6, 0.8))
        cells = cells * 5 + np.searchsorted(cuts, values, side="left")
        chance = np.repeat(chance, 5)
        customers = np.bincount(cells, minlength=len(chance))
        returns = np.bincount(cells, returned, minlength=len(chance))
        chance = (returns + _CELL_PRIOR_CUSTOMERS * chance) / (customers + _CELL_PRIOR_CUSTOMERS)
        learned["cuts"].append(cuts.tolist())
        learned["chances"].append(chance.tolist())
    return learned


def _rfm(learned: Mapping[str, Any], rows: pd.DataFrame) -> Steps:
    found, cells = _base_rate(learned, rows), np.zeros(len(rows), np.int64)
    for name, cuts, chance in zip(_CELLS, learned["cuts"], learned["chances"], strict=True):
        cells = cells * 5 + np.searchsorted(cuts, _column(rows, name), side="left")
        found.append((name, np.asarray(chance)[cells]))
    return found


_LOGARITHMS = (*_CELLS, "days_since_first_order")


def _logarithms(rows: pd.DataFrame) -> Floats:
    return np.column_stack([np.log1p(np.maximum(_column(rows, name), 0.0)) for name in _LOGARITHMS])


def _learn_logistic_rfm(train: pd.DataFrame) -> dict[str, Any]:
    returned = _returned(train)
    learned: dict[str, Any] = {"share": _share(returned)}
    if returned.min() == returned.max():
        return learned
    x = _logarithms(train)
    mean, sd = x.mean(axis=0), x.std(axis=0)
    sd[sd < 1e-9] = 1.0
    weights = fit_logistic(
        np.column_stack([np.ones(len(x)), (x - mean) / sd]), returned,
        prior=[float(logit(learned["share"])), 0, 0, 0, 0], spread=[1e4, 1, 1, 1, 1],
    )  # fmt: skip
    learned |= {"low": x.min(axis=0), "high": x.max(axis=0), "mean": mean, "sd": sd}
    learned["weights"] = weights
    return {name: np.asarray(values).tolist() for name, values in learned.items()}


def _logistic_rfm(learned: Mapping[str, Any], rows: pd.DataFrame) -> Steps:
    if "weights" not in learned:
        return _base_rate(learned, rows)
    # Days and counts grow with the shop's history; a straight line must not be prolonged
    # into lengths it has never seen.
    x = np.clip(_logarithms(rows), learned["low"], learned["high"])
    level, *weights = learned["weights"]
    terms = (x - learned["mean"]) / learned["sd"] * weights
    odds = level + np.cumsum(terms, axis=1)
    found = [("offset", np.full(len(rows), float(expit(level))))]
    return found + [(name, expit(odds[:, k])) for k, name in enumerate(_LOGARITHMS)]


_LEARNERS: dict[
    str,
    tuple[
        Callable[[pd.DataFrame], dict[str, Any]],
        Callable[[Mapping[str, Any], pd.DataFrame], Steps],
    ],
] = {
    "base_rate": (_learn_base_rate, _base_rate),
    "recency": (_learn_recency, _recency),
    "own_rhythm": (_learn_own_rhythm, _own_rhythm),
    "rfm": (_learn_rfm, _rfm),
    "logistic_rfm": (_learn_logistic_rfm, _logistic_rfm),
}


def _held_logit(p: Floats) -> Floats:
    return np.asarray(logit(np.clip(p, 1e-5, 1 - 1e-5)))


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
        self, repeats: Floats, recency_age_days: Floats, age_days: Floats, horizon_days: float
    ) -> Floats:
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
        # Some at a time: each customer takes 25 nodes.
        for start in range(0, len(found), _MOST_INTEGRATED):
            part = slice(start, start + _MOST_INTEGRATED)
            x, last, age = (np.asarray(a[part], np.float64) for a in histories)
            longer, _ = _pareto_nbd_terms(parameters, x, last, age + horizon_days)
            seen, _ = _pareto_nbd_terms(parameters, x, last, age)
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


_BUYING: dict[str, type[BgNbd] | type[ParetoNbd]] = {
    "bgnbd": BgNbd,
    "mbgnbd": MbgNbd,
    "pareto_nbd": ParetoNbd,
}
_FITS: dict[str, Callable[[Floats, Floats, Floats], BgNbd | ParetoNbd | None]] = {
    "bgnbd": fit_bgnbd,
    "mbgnbd": fit_mbgnbd,
    "pareto_nbd": fit_pareto_nbd,
}


def _fit(
    terms: Terms, repeats: Floats, recency_age: Floats, age: Floats
) -> tuple[float, float, float, float, float] | None:
    """The four likeliest parameters and the log-likelihood they reach."""
    histories = np.column_stack([repeats, recency_age, age]).astype(np.float64)
    if len(histories) == 0 or histories[:, 0].max() <= 0 or histories[:, 2].max() <= 0:
        return None
    # Many customers share a history; each distinct one is worked out once.
    distinct, customers = np.unique(histories, axis=0, return_counts=True)
    x, last, seen = distinct.T.copy()

    def loss(parameters: Floats) -> tuple[float, Floats]:
        value, slope = terms(parameters, x, last, seen)
        total, slopes = (customers * value).sum(), (customers * slope).sum(axis=1)
        return -float(total) / len(histories), -slopes / len(histories)

    unit = np.log(float(np.average(seen, weights=customers)))
    is_scale = (1,) if terms is not _pareto_nbd_terms else (1, 3)
    shift = np.array([unit if i in is_scale else 0.0 for i in range(4)])
    best = minimize(
        loss,
        shift + np.log([0.5, 0.5, 0.7, 1.5]),
        jac=True,
        # L-BFGS-B reaches the same optimum, but wakes all threads of BLAS for four numbers: ten
        # times slower.
        method="SLSQP",
        bounds=[(s - 8.0, s + 8.0) for s in shift],
        options={"maxiter": 500, "ftol": 1e-13},
    )
    r, alpha, third, fourth = (float(v) for v in np.exp(best.x))
    return r, alpha, third, fourth, -float(best.fun) * len(histories)


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


def _pareto_nbd_terms(
    parameters: Floats, x: Floats, last: Floats, age: Floats
) -> tuple[Floats, Floats]:
    """Log-likelihood of each history and its slopes in the logarithms of r, alpha, s, beta.

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
    log_moment = low[:, None] + half[:, None] * (_NODES + 1.0)
    moment = np.exp(log_moment) - origin
    # Column 0: alive at the end. The rest: ended at each node.
    moments = np.column_stack([age, np.maximum(moment, 0.0)])
    log_rate, log_end = np.log(alpha + moments), np.log(beta + moments)
    ended = np.ones(len(_NODES) + 1)
    ended[0] = 0.0
    weight = np.log(np.maximum(half, 1e-300))[:, None] + np.log(_NODE_WEIGHTS * s) + log_moment
    weight = np.column_stack([np.zeros(len(x)), weight])
    branches = weight - (r + x)[:, None] * log_rate - (s + ended) * log_end
    total = logsumexp(branches, axis=1)
    share = np.exp(branches - total[:, None])
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + total
    slope = np.stack(
        [
            r * (digamma(r + x) - digamma(r) + np.log(alpha) - (share * log_rate).sum(axis=1)),
            alpha * (r / alpha - (r + x) * (share * np.exp(-log_rate)).sum(axis=1)),
            s * (np.log(beta) + (share * (ended / s - log_end)).sum(axis=1)),
            beta * (s / beta - (share * (s + ended) * np.exp(-log_end)).sum(axis=1)),
        ]
    )
    return np.asarray(value), slope
