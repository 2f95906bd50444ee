"""The honest rivals: what simple rules say about who comes back.

Every rule gives a probability, so that it can be judged by the same yardsticks as the
model: the newest base rate, recency, the customer's own rhythm, RFM cells, a logistic
regression on RFM, and the buy-till-you-die models of the literature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd
from pydantic import TypeAdapter
from scipy.special import expit, logit

from winback.arrays import Floats
from winback.draws import first_of
from winback.errors import UsageError
from winback.learning.habits import (
    MOST_INTEGRATED,
    BgNbd,
    MbgNbd,
    ParetoNbd,
    fit_bgnbd,
    fit_mbgnbd,
    fit_pareto_nbd,
    repeats_and_ages,
)
from winback.learning.logistic import fit_logistic

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
        raise UsageError("learning.unknown_rule", names=unknown[:5], known=list(BY_NAME))
    nothing = np.full(len(test), np.nan)
    taught = _newest(train)
    rules = {name: _fit_on(name, taught, test, horizon_days) for name in methods}
    return {
        name: nothing if rule is None else rule.probability(test) for name, rule in rules.items()
    }


@dataclass(frozen=True)
class Rule:
    """One simple rule that has learned: who comes back within ``horizon_days``.

    ``name`` is out of ``BY_NAME``; ``learned`` holds its few numbers.
    """

    name: str
    horizon_days: int
    learned: BaseRate | Recency | OwnRhythm | Rfm | LogisticRfm | BgNbd | ParetoNbd

    @staticmethod
    def restored(name: str, horizon_days: int, learned: object) -> Rule:
        """The rule whose numbers were written as JSON."""
        kind = (_LEARNERS | _BUYING)[name]
        return Rule(name, horizon_days, TypeAdapter(kind).validate_python(learned))

    def probability(self, snapshots: pd.DataFrame) -> Floats:
        """Probability of at least one purchase in the horizon, one per row."""
        if isinstance(self.learned, BgNbd | ParetoNbd):
            past = repeats_and_ages(snapshots)
            return self.learned.probability_of_return(*past, self.horizon_days)
        return self.learned.steps(snapshots)[-1][1]

    def contributions(self, snapshots: pd.DataFrame) -> dict[str, Floats]:
        """What each snapshot column adds to the log-odds, and ``offset``; they sum to them."""
        if isinstance(self.learned, BgNbd | ParetoNbd):
            odds = _held_logit(self.probability(snapshots))
            return {"days_since_last_order": odds, "offset": np.zeros(len(snapshots))}
        parts: dict[str, Floats] = {}
        before = np.zeros(len(snapshots))
        for name, p in self.learned.steps(snapshots):
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
    return _fit_on(name, _newest(train), customers, horizon_days)


def _fit_on(
    name: str, taught: pd.DataFrame, customers: pd.DataFrame, horizon_days: int
) -> Rule | None:
    if len(customers) == 0:
        return None
    if name in _LEARNERS:
        if len(taught) == 0:
            return None
        return Rule(name, horizon_days, _LEARNERS[name].learn(taught))
    if name == "pareto_nbd" and len(customers) > MOST_INTEGRATED:
        customers = customers.iloc[first_of(customers["customer_id"], MOST_INTEGRATED)]
    fitted = _FITS[name](*repeats_and_ages(customers))
    return None if fitted is None else Rule(name, horizon_days, fitted)


def _newest(train: pd.DataFrame) -> pd.DataFrame:
    if len(train) == 0:
        return train
    rows = train["cutoff"].value_counts().sort_index(ascending=False)
    enough = int((rows.cumsum() < _ENOUGH_ROWS).sum()) + 1
    chosen = train["cutoff"].isin(rows.index[: max(_NEWEST_CUTOFFS, enough)])
    # Ninety columns of so many rows would be copied for the sake of eight.
    newest = train.loc[chosen, [name for name in _LEARNED_FROM if name in train]]
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


# The probability after looking at nothing ("offset"), then at one column after another; the last
# is the rule's.
Steps = list[tuple[str, Floats]]
Curve = list[list[float]]


@dataclass(frozen=True)
class BaseRate:
    """The share that returned at the newest cutoff."""

    share: float

    @classmethod
    def learn(cls, train: pd.DataFrame) -> Self:
        """From the newest of these cutoffs."""
        newest = train["cutoff"] == train["cutoff"].max()
        return cls(_share(_returned(train.loc[newest])))

    def steps(self, rows: pd.DataFrame) -> Steps:
        """The same share for everybody."""
        return _everybody(self.share, rows)


@dataclass(frozen=True)
class Recency:
    """The share that returned, by days since the last order."""

    share: float
    curve: Curve

    @classmethod
    def learn(cls, train: pd.DataFrame) -> Self:
        """From all of these rows."""
        returned = _returned(train)
        curve = _falling_curve(_column(train, "days_since_last_order"), returned)
        return cls(_share(returned), curve)

    def steps(self, rows: pd.DataFrame) -> Steps:
        """Everybody's share, then by recency."""
        p = _on_curve(self.curve, _column(rows, "days_since_last_order"))
        return [*_everybody(self.share, rows), ("days_since_last_order", p)]


_RHYTHM = ("silence_over_gap", "days_since_last_order")


@dataclass(frozen=True)
class OwnRhythm:
    """The share that returned by silence over the own gap; one-time buyers by days of silence."""

    share: float
    curves: list[Curve | None]

    @classmethod
    def learn(cls, train: pd.DataFrame) -> Self:
        """From all of these rows."""
        returned, rhythmic = _returned(train), train["silence_over_gap"].notna().to_numpy()
        curves = [
            _falling_curve(_column(train, name)[chosen], returned[chosen]) if chosen.any() else None
            for name, chosen in zip(_RHYTHM, (rhythmic, ~rhythmic), strict=True)
        ]
        return cls(_share(returned), curves)

    def steps(self, rows: pd.DataFrame) -> Steps:
        """Everybody's share, then those with a rhythm, then those without."""
        found = _everybody(self.share, rows)
        rhythmic = rows["silence_over_gap"].notna().to_numpy()
        for name, chosen, curve in zip(_RHYTHM, (rhythmic, ~rhythmic), self.curves, strict=True):
            p = found[-1][1].copy()
            if curve is not None:
                p[chosen] = _on_curve(curve, _column(rows, name)[chosen])
            found.append((name, p))
        return found


_CELLS = ("days_since_last_order", "orders_total", "gross_spend_total")


@dataclass(frozen=True)
class Rfm:
    """The share that returned by quintiles of recency, frequency and money."""

    share: float
    cuts: list[list[float]]
    chances: list[list[float]]

    @classmethod
    def learn(cls, train: pd.DataFrame) -> Self:
        """From all of these rows; each finer cell leans on the coarser one that it lies in."""
        # Cut points come from the training customers, so a cell means the same at every cutoff,
        # and equal values always share a quintile.
        returned, cells = _returned(train), np.zeros(len(train), np.int64)
        rule = cls(_share(returned), [], [])
        chance = np.array([rule.share])
        for name in _CELLS:
            values = _column(train, name)
            cuts = np.quantile(values, (0.2, 0.4, 0.6, 0.8))
            cells = cells * 5 + np.searchsorted(cuts, values, side="left")
            chance = np.repeat(chance, 5)
            customers = np.bincount(cells, minlength=len(chance))
            returns = np.bincount(cells, returned, minlength=len(chance))
            chance = returns + _CELL_PRIOR_CUSTOMERS * chance
            chance = chance / (customers + _CELL_PRIOR_CUSTOMERS)
            rule.cuts.append(cuts.tolist())
            rule.chances.append(chance.tolist())
        return rule

    def steps(self, rows: pd.DataFrame) -> Steps:
        """Everybody's share, then by R, RF and RFM."""
        found, cells = _everybody(self.share, rows), np.zeros(len(rows), np.int64)
        for name, cuts, chance in zip(_CELLS, self.cuts, self.chances, strict=True):
            cells = cells * 5 + np.searchsorted(cuts, _column(rows, name), side="left")
            found.append((name, np.asarray(chance)[cells]))
        return found


_LOGARITHMS = (*_CELLS, "days_since_first_order")
# All that any learner reads.
_LEARNED_FROM = ("customer_id", "cutoff", "returned", *_LOGARITHMS, "silence_over_gap")


@dataclass(frozen=True)
class LogisticRfm:
    """A logistic regression on logarithms of R, F, M and the age.

    Without weights, everybody's share: all of those it could learn from did the same.
    """

    share: float
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    sd: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    @classmethod
    def learn(cls, train: pd.DataFrame) -> Self:
        """From all of these rows."""
        returned = _returned(train)
        share = _share(returned)
        if returned.min() == returned.max():
            return cls(share)
        x = _logarithms(train)
        mean, sd = x.mean(axis=0), x.std(axis=0)
        sd[sd < 1e-9] = 1.0
        weights = fit_logistic(
            np.column_stack([np.ones(len(x)), (x - mean) / sd]), returned,
            prior=[float(logit(share)), 0, 0, 0, 0], spread=[1e4, 1, 1, 1, 1],
        )  # fmt: skip
        numbers = (x.min(axis=0), x.max(axis=0), mean, sd, weights)
        return cls(share, *(each.tolist() for each in numbers))

    def steps(self, rows: pd.DataFrame) -> Steps:
        """The level, then each logarithm's term."""
        if not self.weights:
            return _everybody(self.share, rows)
        # Days and counts grow with the shop's history; a straight line must not be prolonged
        # into lengths it has never seen.
        x = np.clip(_logarithms(rows), self.low, self.high)
        level, *weights = self.weights
        terms = (x - self.mean) / self.sd * weights
        odds = level + np.cumsum(terms, axis=1)
        found = _everybody(float(expit(level)), rows)
        return found + [(name, expit(odds[:, k])) for k, name in enumerate(_LOGARITHMS)]


def _everybody(share: float, rows: pd.DataFrame) -> Steps:
    return [("offset", np.full(len(rows), share))]


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


def _logarithms(rows: pd.DataFrame) -> Floats:
    return np.column_stack([np.log1p(np.maximum(_column(rows, name), 0.0)) for name in _LOGARITHMS])


_LEARNERS: dict[str, type[BaseRate | Recency | OwnRhythm | Rfm | LogisticRfm]] = {
    "base_rate": BaseRate,
    "recency": Recency,
    "own_rhythm": OwnRhythm,
    "rfm": Rfm,
    "logistic_rfm": LogisticRfm,
}
_BUYING: dict[str, type[BgNbd | ParetoNbd]] = {
    "bgnbd": BgNbd,
    "mbgnbd": MbgNbd,
    "pareto_nbd": ParetoNbd,
}
_FITS: dict[str, Callable[[Floats, Floats, Floats], BgNbd | ParetoNbd | None]] = {
    "bgnbd": fit_bgnbd,
    "mbgnbd": fit_mbgnbd,
    "pareto_nbd": fit_pareto_nbd,
}


def _held_logit(p: Floats) -> Floats:
    return np.asarray(logit(np.clip(p, 1e-5, 1 - 1e-5)))
