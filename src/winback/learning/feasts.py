"""How much more, or less, is bought around the feasts of a shop's country.

Easter moves by five weeks, Ramadan through the year, Black Friday across the edge of a window;
and windows that step by days never hold a feast as last year's did. The shop's purchases of each
day are read as weekday, slow level, yearly season and, for each feast that past years show, a
profile by distance to it. A window then counts its days as often as feasts multiply its purchases:
habits are asked for so many days, and no more is made of a feast than that.

Poisson regression with normal priors whose strengths the evidence chooses: MacKay (1992), Bayesian
Interpolation, Neural Computation 4(3); noise beyond Poisson by Pearson's statistic over weeks:
McCullagh and Nelder (1989), Generalized Linear Models, 4.5.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from winback.arrays import Floats, Integers, Mask
from winback.learning.logistic import descend
from winback.snapshots.days import ShopDays
from winback.snapshots.festivals import feasts_of

_EPOCH = date(1970, 1, 1)
# Days from a feast at which its profile may change.
_EDGES = np.array([-35, -28, -24, -21, -17, -14, -10, -7, -5, -3, -2, -1, 0, 1, 2, 4, 7, 14.0])
REACH = (int(_EDGES[0]), int(_EDGES[-1]))
_MIDDLES = (_EDGES[1:] + _EDGES[:-1]) / 2
# How smooth a profile may be (days) and how high (log), before the shop has spoken.
_WIDTHS, _HEIGHTS = (1.5, 4.0, 10.0), (0.1, 0.25, 0.6, 1.5)
# Where a profile ends it goes back to nothing: what lies beyond is no part of the feast.
_TAPER = np.minimum(1.0, np.minimum((_MIDDLES + 38.0) / 14.0, (19.0 - _MIDDLES) / 14.0))
# Natural logarithm of how much likelier the days must be with a feast than without; there are a
# dozen feasts and nine priors to choose from.
_PROOF = 7.0
# With fewer days or purchases there is nothing to read.
_LEAST_DAYS, _LEAST_ORDERS = 120, 200
# An occurrence is shown if so much of the profile's days lies in the history.
_SHOWN = 0.8
# Standard deviations of logarithms: weekdays, trend a year, slow level a year, yearly season.
_WEEKDAY, _TREND, _LEVEL, _LEVEL_DAYS = 1.0, 1.0, 0.3, 75.0
# A yearly season competes with the feasts for what is left; waves a year, and the fastest full one.
_SEASON, _WAVES, _FULL_WAVE = "season", 8, 3
_YEAR_DAYS = 365.25
# Of a feast's effect at least this much must come again from year to year.
_STEADY = 0.5


def _priors() -> tuple[list[Floats], list[Floats]]:
    """Covariances of a feast's profile, and of the yearly season's waves."""
    apart = _MIDDLES[:, None] - _MIDDLES[None, :]
    shape = _TAPER[:, None] * _TAPER[None, :]
    alike = [
        shape * (np.exp(-((apart / width) ** 2) / 2) + 0.01 * np.eye(len(apart)))
        for width in _WIDTHS
    ]
    wave = np.tile(1.0 / (1.0 + (np.arange(1, _WAVES + 1) / _FULL_WAVE) ** 2), 2)
    return (
        [height**2 * each for each in alike for height in _HEIGHTS],
        [height**2 * np.diag(wave**2) for height in _HEIGHTS],
    )


_FEAST_PRIORS, _SEASON_PRIORS = _priors()


@dataclass(frozen=True)
class Effect:
    """What a feast does to the purchases of the days around it.

    ``profile`` are logarithms by the bins of `REACH`; ``steady`` is how far its years agree, from
    0 to 1 (1 with a single year).
    """

    name: str
    days: tuple[int, ...]
    profile: tuple[float, ...]
    years: int
    steady: float


@dataclass(frozen=True)
class Feasts:
    """The feasts that move a shop's purchases; none of them where past years show none.

    ``calendar`` holds the days of all feasts of the country, past and to come; ``shown`` how many
    occurrences of each the history holds; ``weekdays`` the usual share of each weekday.
    """

    calendar: Mapping[str, tuple[int, ...]]
    shown: Mapping[str, int]
    weekdays: tuple[float, ...]
    effects: tuple[Effect, ...] = ()
    unsteady: tuple[Effect, ...] = ()

    def counted(self, cutoffs: Any, days: int | Floats) -> Floats:
        """How many usual days the ``days`` from each cutoff on are worth."""
        first = np.asarray(cutoffs, "M8[D]").astype(np.int64)
        length = np.broadcast_to(np.asarray(days, np.int64), first.shape)
        if not self.effects or not len(first):
            return length.astype(np.float64)
        start, end = int(first.min()), int((first + length).max())
        day = np.arange(start, end)
        usual = np.asarray(self.weekdays)[_weekday(day)]
        feasted = usual * np.exp(self._logs(day))
        sums = [np.concatenate([[0.0], np.cumsum(x)]) for x in (usual, feasted)]
        of_usual, of_feasted = (s[first + length - start] - s[first - start] for s in sums)
        # A window of closed weekdays alone has nothing to multiply.
        ratio = np.where(of_usual > 1e-9, of_feasted / np.maximum(of_usual, 1e-9), 1.0)
        return np.asarray(length * ratio.round(8))

    def _logs(self, day: Integers) -> Floats:
        total = np.zeros(len(day))
        for effect in self.effects:
            total += effect.steady * (_bins(day, effect.days) @ np.asarray(effect.profile))
        return total


NO_FEASTS = Feasts({}, {}, (1.0,) * 7)


def learn_feasts(days: ShopDays | None, cutoff: date) -> Feasts:
    """The feasts whose effect the days before ``cutoff`` show.

    Of the shop's own days alone: closed times are left out, and what is not shown beyond the
    noise of the shop's weeks is nothing at all.

    Args:
        days: purchases by day; those from ``cutoff`` on are not looked at.
        cutoff: the first day that is not known.
    """
    if days is None:
        return NO_FEASTS
    days = days.upto(cutoff)
    if not len(days.day):
        return NO_FEASTS
    calendar = _calendar(days.country, int(days.day[0]), (cutoff - _EPOCH).days)
    seen = _open(days)
    day, orders = days.day[seen], days.orders[seen].astype(np.float64)
    shown = {name: len(_shown(when, day)) for name, when in calendar.items()}
    if len(day) < _LEAST_DAYS or orders.sum() < _LEAST_ORDERS:
        return Feasts(calendar, shown, (1.0,) * 7)
    fit = _Fit.of(day, orders)
    tried = {
        name: _bins(day, when) for name, when in calendar.items() if _counts(when, shown[name])
    }
    tried[_SEASON] = _seasons(day)
    while len(fit.found) < len(tried):
        gains = {name: fit.gain(name, tried[name]) for name in tried if name not in fit.found}
        name = max(gains, key=lambda each: gains[each][0])
        if gains[name][0] < _PROOF:
            break
        fit = fit.with_feast(name, tried[name], gains[name][1])
    effects = [fit.effect(name, calendar[name]) for name in fit.found if name != _SEASON]
    return Feasts(
        calendar, shown, fit.weekdays,
        effects=tuple(e for e in effects if e.steady >= _STEADY),
        unsteady=tuple(e for e in effects if e.steady < _STEADY),
    )  # fmt: skip


def moves(days: Iterable[int]) -> bool:
    """Whether a feast stands on another day of the year each year."""
    dates = [_EPOCH + timedelta(days=day) for day in days]
    return len({(day.month, day.day) for day in dates}) > 1


def _counts(when: Sequence[int], shown: int) -> bool:
    """Whether a feast can be told from its season.

    Of a fixed one that was seen once nothing more can be known than of the season of its weeks.
    """
    return shown >= (1 if moves(when) else 2)


def _calendar(country: str, first: int, cutoff: int) -> dict[str, tuple[int, ...]]:
    years = ((_EPOCH + timedelta(days=day)).year for day in (first, cutoff + 2 * 366))
    return {
        name: tuple((day - _EPOCH).days for day in days)
        for name, days in feasts_of(country, *years).items()
    }


def _open(days: ShopDays) -> Mask:
    """Days on which there was a shop to buy from."""
    seen = np.ones(len(days.day), bool)
    for first, last in days.gaps:
        seen &= (days.day < (first - _EPOCH).days) | (days.day > (last - _EPOCH).days)
    return seen


def _weekday(day: Integers) -> Integers:
    return (day + 3) % 7  # 1970-01-01 was a Thursday


def _bins(day: Integers, when: Sequence[int]) -> Floats:
    """Which bin of the profile each day lies in, by its nearest feast: one column a bin."""
    found = np.zeros((len(day), len(_EDGES) - 1))
    for feast in when:
        place = np.searchsorted(_EDGES, day - feast, side="right") - 1
        inside = (place >= 0) & (place < found.shape[1])
        found[np.flatnonzero(inside), place[inside]] = 1.0
    return found


def _shown(when: Sequence[int], day: Integers) -> list[int]:
    """Those of a feast's days whose surroundings the history holds."""
    least = _SHOWN * (REACH[1] - REACH[0])
    return [
        feast
        for feast in when
        if ((day >= feast + REACH[0]) & (day < feast + REACH[1])).sum() >= least
    ]


@dataclass(frozen=True)
class _Fit:
    """Purchases by day, explained by what is usual and by the feasts found so far."""

    day: Integers
    orders: Floats
    usual: Floats  # columns of weekday, trend and level
    precision: Floats  # of their priors
    found: dict[
        str, tuple[Floats, Floats]
    ]  # feasts, and season: columns, and precision of their prior
    weights: Floats
    mean: Floats
    noise: float  # variance of a week's purchases over their mean, at least that of Poisson

    @staticmethod
    def of(day: Integers, orders: Floats) -> _Fit:
        usual, precision = _usual(day)
        start = np.zeros(usual.shape[1])
        start[0] = np.log(orders.mean())
        fit = _Fit(day, orders, usual, precision, {}, start, orders, 1.0)
        return fit.solved(start).solved(start)

    @property
    def weekdays(self) -> tuple[float, ...]:
        logs = self.weights[1:8] - self.weights[1:8].mean()
        return tuple(np.exp(logs).round(8).tolist())

    def gain(self, name: str, columns: Floats) -> tuple[float, Floats]:
        """What a feast adds to the log evidence, and the prior precision that makes it most.

        To second order around the fit as it is; all else may move to make room.
        """
        design, prior = self._design(without=name)
        score = np.einsum("ni,n->i", columns, self.orders - self.mean) / self.noise
        weighted = columns * (self.mean / self.noise)[:, None]
        across = np.einsum("in,jn->ij", weighted.T.copy(), design.T.copy())
        inner = np.einsum("ni,nj->ij", weighted, columns)
        known = self._curvature(design, prior)
        inner -= np.einsum("ik,kj->ij", across, np.linalg.solve(known, across.T))
        if name in self.found:
            score = score + np.einsum("ij,j->i", inner, self._profile(name))
        best: tuple[float, Floats] = (-np.inf, np.empty(0))
        for spread in _SEASON_PRIORS if name == _SEASON else _FEAST_PRIORS:
            both = np.eye(len(score)) + np.einsum("ik,kj->ij", spread, inner)
            moved = np.linalg.solve(both, np.einsum("ik,k->i", spread, score))
            found = (score * moved).sum() / 2 - np.linalg.slogdet(both)[1] / 2
            if found > best[0]:
                best = float(found), spread
        return best[0], np.asarray(np.linalg.inv(best[1]))

    def with_feast(self, name: str, columns: Floats, precision: Floats) -> _Fit:
        """The fit with one more feast, each one's prior chosen anew where they now are."""
        start = np.concatenate([self.weights, np.zeros(columns.shape[1])])
        found = self.found | {name: (columns, precision)}
        fit = replace(self, found=found, weights=start).solved(start)
        for _ in range(2):
            again = {each: (z, fit.gain(each, z)[1]) for each, (z, _) in fit.found.items()}
            fit = replace(fit, found=again).solved(fit.weights)
        return fit

    def solved(self, start: Floats) -> _Fit:
        """The same days at the likeliest weights, with the noise that they leave."""
        design, prior = self._design()

        def loss(weights: Floats) -> float:
            line = np.clip(np.einsum("ni,i->n", design, weights), -30, 30)
            fit = (np.exp(line) - self.orders * line).sum() / self.noise
            return float(fit + np.einsum("i,ij,j->", weights, prior, weights) / 2)

        def newton(weights: Floats) -> Floats:
            mean = np.exp(np.clip(np.einsum("ni,i->n", design, weights), -30, 30))
            slope = np.einsum("ni,n->i", design, self.orders - mean) / self.noise
            slope -= np.einsum("ij,j->i", prior, weights)
            return np.linalg.solve(self._curvature(design, prior, mean), slope)

        weights = descend(start, loss, newton)
        mean = np.exp(np.clip(np.einsum("ni,i->n", design, weights), -30, 30))
        noise = _noise(self.day, self.orders, mean)
        return replace(self, weights=weights, mean=mean, noise=noise)

    def effect(self, name: str, when: tuple[int, ...]) -> Effect:
        profile = self._profile(name)
        line = np.einsum("ni,i->n", self.found[name][0], profile)
        shown = _shown(when, self.day)
        steady = 1.0
        if len(shown) > 1:
            heights, noise = np.array([self._height(feast, line) for feast in shown]).T
            between = max(float(heights.var(ddof=1)) - float(noise.mean()), 0.0)
            mean = max(float(heights.mean()), 1e-3)
            # What one year showed and no other is no mean: James and Stein's factor.
            steady = max(0.0, 1.0 - between / len(shown) / mean**2)
            others = (heights.sum() - heights.max()) / (len(shown) - 1)
            steady = steady if others >= _STEADY * mean else 0.0
        return Effect(name, when, tuple(profile.round(6).tolist()), len(shown), round(steady, 6))

    def _height(self, feast: int, line: Floats) -> tuple[float, float]:
        """How high one year's effect was in units of the mean profile, and its chance variance."""
        near = (self.day >= feast + REACH[0]) & (self.day < feast + REACH[1])
        weight = np.abs(line[near])
        came, told = (weight * self.orders[near]).sum(), (weight * self.mean[near]).sum()
        usual = (weight * self.mean[near] * np.exp(-line[near])).sum()
        unit = max(abs(np.log(told / usual)), 1e-3) * np.sign(told - usual)
        chance = (weight**2 * self.mean[near]).sum() / told**2 / unit**2
        return float(np.log(max(came, 0.5 * weight.max()) / usual) / unit), float(chance)

    def _profile(self, name: str) -> Floats:
        place = self.usual.shape[1]
        for each, (columns, _) in self.found.items():
            if each == name:
                return np.asarray(self.weights[place : place + columns.shape[1]])
            place += columns.shape[1]
        raise KeyError(name)

    def _design(self, without: str = "") -> tuple[Floats, Floats]:
        feasts = [both for name, both in self.found.items() if name != without]
        columns = [self.usual, *(columns for columns, _ in feasts)]
        size = sum(each.shape[1] for each in columns)
        prior, place = np.zeros((size, size)), self.usual.shape[1]
        prior[:place, :place] = np.diag(self.precision)
        for each, precision in feasts:
            prior[place : place + each.shape[1], place : place + each.shape[1]] = precision
            place += each.shape[1]
        return np.column_stack(columns), prior

    def _curvature(self, design: Floats, prior: Floats, mean: Floats | None = None) -> Floats:
        weight = (self.mean if mean is None else mean) / self.noise
        across = design.T.copy()
        return np.asarray(np.einsum("in,jn->ij", across * weight, across) + prior)


def _usual(day: Integers) -> tuple[Floats, Floats]:
    """Columns of what is usual, and the precisions of their priors."""
    span = float(day[-1] - day[0] + 1)
    age = (day - day[0]) / span
    years = span / _YEAR_DAYS
    columns = [np.ones(len(day)), *(_weekday(day) == k for k in range(7)), age - 0.5]
    spreads = [10.0, *[_WEEKDAY] * 7, _TREND * years]
    # A random walk in cosines: Karhunen and Loeve's expansion, on a span of its own.
    for wave in range(1, max(1, int(span / _LEVEL_DAYS)) + 1):
        columns.append(np.cos(np.pi * wave * age))
        spreads.append(_LEVEL * np.sqrt(2 * years) / (np.pi * wave))
    return np.column_stack(columns).astype(np.float64), 1.0 / np.square(spreads)


def _seasons(day: Integers) -> Floats:
    turns = 2 * np.pi / _YEAR_DAYS * day[:, None] * np.arange(1, _WAVES + 1)
    return np.column_stack([np.cos(turns), np.sin(turns)])


def _noise(day: Integers, orders: Floats, mean: Floats) -> float:
    """Variance over mean of what is left, over stretches of one and of two weeks."""
    found = [1.0]
    for length in (7, 14):
        part = (day - day[0]) // length
        came, expected = np.bincount(part, orders), np.bincount(part, mean)
        full = expected > 1.0
        if full.sum() > 10:
            found.append(float(((came - expected)[full] ** 2 / expected[full]).mean()))
    return max(found)
