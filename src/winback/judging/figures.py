"""The metrics of one method over one set of rows, and the same under resampled customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit

from winback.arrays import Floats
from winback.judging.sampling import rounded

SHARES = (0.05, 0.10, 0.20)
"""Shares of customers at which lift is reported."""
_BINS = 10
_LOG_LOSS_CLIP = 1e-6
# Resampled rankings are made of at most this many groups of neighbouring probabilities; the
# reported values themselves are exact.
_RANK_GROUPS = 1000
_CURVE_SHARES = (0.01, 0.02, *(round(0.05 * i, 2) for i in range(1, 21)))
METRICS = (
    "roc_auc",
    "pr_auc",
    "log_loss",
    "brier",
    "calibration_slope",
    "calibration_intercept",
    "ece",
    *(f"lift_at_{round(100 * share)}" for share in SHARES),
    "mean_p",
)


@dataclass(frozen=True)
class Figures:
    """Each metric's exact value, NaN where undefined, and its values under the draws."""

    points: Mapping[str, float]
    drawn: Mapping[str, Floats]

    @property
    def complete(self) -> bool:
        """Whether the method has a probability for every row."""
        return bool(np.isfinite(self.points["log_loss"]))


class Scored:
    """One method's probabilities for one set of rows, with everything sorted once.

    ``points`` maps each metric to its exact value, NaN where undefined.
    """

    def __init__(self, p: Floats, returned: Floats, customer: NDArray[np.int64]) -> None:
        self.p, self.returned, self.customer = p, returned, customer
        self.both_classes = 0 < returned.sum() < len(returned)
        self.complete = len(p) > 0 and not bool(np.isnan(p).any())
        self.points: dict[str, float] = {name: np.nan for name in METRICS}
        if not self.complete:
            return
        # Group 0 is the highest probability; equal ones share a group.
        order = np.argsort(-p)
        self.group = np.empty(len(p), dtype=np.int64)
        self.group[order] = _numbered(p[order])
        self.returns = _summed(self.group, returned)
        self.others = _summed(self.group, 1.0 - returned)
        self.bin = _equal_count_bins(p)
        self.loss = log_losses(p, returned)
        self.log_odds = logit(_held(p))
        self.points |= {
            "mean_p": float(p.mean()),
            "log_loss": float(self.loss.mean()),
            "brier": float(np.square(p - returned).mean()),
            "ece": float(np.abs(_summed(self.bin, returned - p)).sum() / len(p)),
        }
        self.fit = self.offset = None
        if self.both_classes:
            self.offset = _calibration_fit(self.log_odds, returned, slope_free=False)
            if len(self.returns) > 1:
                self.fit = _calibration_fit(self.log_odds, returned, slope_free=True)
            self.points |= _ranked(self.returns, self.others)
        if self.offset is not None:
            self.points["calibration_intercept"] = float(self.offset[0])
        if self.fit is not None:
            self.points["calibration_slope"] = float(self.fit[1])

    def redrawn(self, draws: NDArray[np.uint8]) -> dict[str, Floats]:
        """Each metric under each column of customers' weights."""
        return redrawn([self], draws)[0]

    def under_weights(
        self, n_customers: int
    ) -> Callable[[NDArray[np.float32], Floats], dict[str, Floats]]:
        """Lay out the sums over customers from which every draw's metrics follow."""
        n, customer, p, returned = len(self.p), self.customer, self.p, self.returned
        sizes = self.returns + self.others
        before = np.cumsum(sizes) - sizes
        few = len(sizes) <= _RANK_GROUPS
        coarse = _numbered(before if few else np.floor(before * _RANK_GROUPS / n))
        n_groups = int(coarse[-1]) + 1
        row = coarse[self.group] + np.where(returned > 0, 0, n_groups)
        counts_of = _matrix(row, customer, np.ones(n), (2 * n_groups, n_customers))
        n_bins = int(self.bin.max()) + 1
        misses_of = _matrix(self.bin, customer, returned - p, (n_bins, n_customers))
        values = [np.ones(n), p, self.loss, np.square(p - returned)]
        offset, fit = self.offset, self.fit
        if offset is not None:
            fitted = expit(self.log_odds + offset[0])
            values += [returned - fitted, fitted * (1.0 - fitted)]
        if fit is not None:
            x = self.log_odds
            fitted = expit(fit[0] + fit[1] * x)
            v = fitted * (1.0 - fitted)
            values += [returned - fitted, (returned - fitted) * x, v, v * x, v * x * x]
        # A sparse product, though dense: its sums do not depend on the number of threads.
        sums_of = sparse.csc_array(
            np.stack([_summed(customer, each, n_customers) for each in values])
        )
        lost_to_ties = {}
        if self.both_classes:
            # Neighbours ranked as ties lower the figures a little, average precision of rare
            # returns most; what it costs the whole sample is given back to every draw.
            ranking = _ranked(_summed(coarse, self.returns), _summed(coarse, self.others))
            lost_to_ties = {name: self.points[name] - value for name, value in ranking.items()}

        def under(single: NDArray[np.float32], double: Floats) -> dict[str, Floats]:
            # Counts are exact in single precision, and twice as fast.
            sums = list(np.asarray(sums_of @ double))
            total = _positive(sums[0])
            drawn = {
                "mean_p": sums[1] / total,
                "log_loss": sums[2] / total,
                "brier": sums[3] / total,
                "ece": np.abs(np.asarray(misses_of @ single, np.float64)).sum(axis=0) / total,
            }
            if offset is not None:
                drawn["calibration_intercept"] = offset[0] + sums[4] / _positive(sums[5])
            if fit is not None:
                s0, s1, v0, v1, v2 = sums[-5:]
                determinant = _positive(v0 * v2 - v1 * v1)
                drawn["calibration_slope"] = fit[1] + (v0 * s1 - v1 * s0) / determinant
            if lost_to_ties:
                counts = np.asarray(counts_of @ single, np.float64)
                ranking = _ranking(counts[:n_groups], counts[n_groups:])
                drawn |= {name: ranking[name] + lost_to_ties[name] for name in lost_to_ties}
            return drawn

        return under

    def calibration(self) -> Iterator[tuple[Any, ...]]:
        """Bin by bin: number, rows, mean prediction, share observed and its interval."""
        if not self.complete:
            return
        n = np.bincount(self.bin)
        predicted = _summed(self.bin, self.p) / n
        observed = _summed(self.bin, self.returned) / n
        width = int(self.customer.max()) + 1
        each_once = np.unique(self.bin * width + self.customer)
        low, high = _wilson(observed, np.bincount(each_once // width))
        for number in range(len(n)):
            shares = (predicted[number], observed[number], low[number], high[number])
            yield (number + 1, int(n[number]), *map(rounded, shares))

    def lift(self) -> Iterator[tuple[Any, ...]]:
        """Share targeted, lift and share of all returns captured."""
        if not self.complete or not self.both_classes:
            return
        sizes = self.returns + self.others
        reached = np.cumsum(sizes)
        for share in _CURVE_SHARES:
            captured = float(_captured(self.returns, sizes, reached, share)) / self.returned.sum()
            yield (share, rounded(captured / share), rounded(captured))


def redrawn(scored: Sequence[Scored], draws: NDArray[np.uint8]) -> list[dict[str, Floats]]:
    """Of each method over the same rows each metric under each column of customers' weights."""
    n_customers, n_draws = draws.shape
    drawn: list[dict[str, Floats]] = [{} for _ in scored]
    complete = [k for k, each in enumerate(scored) if each.complete and n_draws]
    laid = {k: scored[k].under_weights(n_customers) for k in complete}
    at_once = max(1, min(128, 4_000_000 // max(n_customers, 1)))
    for start in range(0, n_draws, at_once):
        weights = draws[:, start : start + at_once]
        # Turned once for all methods: it takes as long as the sums of one.
        single, double = weights.astype(np.float32), weights.astype(np.float64)
        for k, under in laid.items():
            for name, values in under(single, double).items():
                whole = drawn[k].setdefault(name, np.empty(n_draws))
                whole[start : start + at_once] = values
    return drawn


def log_losses(p: Floats, returned: Floats) -> Floats:
    """Log loss of each row, of probabilities kept away from 0 and 1."""
    held = _held(p)
    return -np.where(returned > 0, np.log(held), np.log1p(-held))


def _held(p: Floats) -> Floats:
    return np.clip(p, _LOG_LOSS_CLIP, 1.0 - _LOG_LOSS_CLIP)


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, np.nan)


def _ranking(returns: Floats, others: Floats) -> dict[str, Floats]:
    """Ranking metrics from counts per group of equal probabilities, the highest first.

    Each column is one weighting of the customers. NaN in a column without both classes.
    """
    all_returns = _positive(returns.sum(axis=0))
    all_others = _positive(others.sum(axis=0))
    above = np.cumsum(others, axis=0)
    sizes = returns + others
    reached = np.cumsum(sizes, axis=0)
    lost = (returns * (above - others / 2.0)).sum(axis=0)
    precision = np.cumsum(returns, axis=0) / np.maximum(reached, 1e-300)
    found = {
        "roc_auc": 1.0 - lost / all_returns / all_others,
        "pr_auc": (returns * precision).sum(axis=0) / all_returns,
    }
    for share in SHARES:
        captured = _captured(returns, sizes, reached, share) / all_returns
        # Everybody returned: lift is 1, but so is that of any other order.
        found[f"lift_at_{round(100 * share)}"] = np.where(
            np.isnan(all_others), np.nan, captured / share
        )
    return found


def _ranked(returns: Floats, others: Floats) -> dict[str, float]:
    """The same of the customers as they are."""
    found = _ranking(returns[:, None], others[:, None])
    return {name: float(value[0]) for name, value in found.items()}


def _captured(returns: Floats, sizes: Floats, reached: Floats, share: float) -> Floats:
    """Returns among the top ``share`` of customers; the group at the border gives its part."""
    places = share * reached[-1] - (reached - sizes)
    part = np.clip(places / np.maximum(sizes, 1e-300), 0.0, 1.0)
    return np.asarray((returns * part).sum(axis=0))


def _matrix(
    row: NDArray[np.int64],
    customer: NDArray[np.int64],
    values: Floats,
    shape: tuple[int, int],
) -> sparse.csr_array:
    """Sums of ``values`` by row and customer, to be multiplied with customers' weights."""
    entries = (values.astype(np.float32), (row, customer))
    return sparse.csr_array(sparse.coo_array(entries, shape=shape))


def _summed(place: NDArray[np.int64], values: Floats, places: int = 0) -> Floats:
    return np.asarray(np.bincount(place, values, places), dtype=np.float64)


def _equal_count_bins(p: Floats) -> NDArray[np.int64]:
    """Bin of each row, lowest probabilities first; equal ones never part."""
    cuts = np.unique(np.quantile(p, np.arange(1, _BINS) / _BINS))
    bins = np.searchsorted(cuts, p, side="left")
    used = np.bincount(bins) > 0
    return np.asarray((np.cumsum(used) - 1)[bins])


def _numbered(ordered: Floats) -> NDArray[np.int64]:
    """0, 1, 2, ... along an ordered array, equal neighbours sharing a number."""
    return np.concatenate([[0], np.cumsum(ordered[1:] != ordered[:-1])])


def _calibration_fit(log_odds: Floats, returned: Floats, *, slope_free: bool) -> Floats | None:
    """Intercept and slope of the outcome on the predicted log-odds; None if there is no end."""
    fit = np.array([0.0, 1.0])
    for _ in range(100):
        p = expit(fit[0] + fit[1] * log_odds)
        v = p * (1.0 - p)
        miss = returned - p
        if slope_free:
            vx = v * log_odds
            off = vx.sum()
            curvature = np.array([[v.sum(), off], [off, (vx * log_odds).sum()]])
            if np.linalg.det(curvature) <= 1e-12 * np.prod(np.diag(curvature)):
                return None
            step = np.linalg.solve(curvature, np.array([miss.sum(), (miss * log_odds).sum()]))
        else:
            step = np.array([miss.sum() / max(v.sum(), 1e-300), 0.0])
        fit = fit + step / max(1.0, float(np.abs(step).max()))
        if np.abs(fit).max() > 50.0:
            return None
        if np.abs(step).max() < 1e-10:
            return fit
    return None


def _wilson(share: Floats, n: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """95 % interval of a share (Wilson 1927), which stays sound at 0 and 1."""
    z2 = 1.959964**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
