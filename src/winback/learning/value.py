"""What a customer is worth: purchases and net spend in the horizon, and over a longer time.

Expected spend is a product: the chance to return, times what a returning customer spends. The
latter starts from two models of the literature, purchases by MBG/NBD times the value of a
purchase by gamma-gamma, which a short regression corrects where the shop's customers are
different; in a shop of a few customers it stays what the two models say.

A single customer's spend is mostly noise: who stays away spends nothing, and who comes may buy
one item or ten. The interval says so. It follows from the chance to return, which puts its mass
on zero, and from how far returning customers came out above or below what was expected of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaincinv, digamma, expit, gammaln, logit

from winback.arrays import Floats, Mask
from winback.draws import half_of, share_of
from winback.learning.feasts import NO_FEASTS, Feasts
from winback.learning.habits import BgNbd, MbgNbd, fit_bgnbd, fit_mbgnbd, repeats_and_ages
from winback.learning.logistic import descend, fit_logistic
from winback.learning.season import explained_levels, forecast_season
from winback.params import MAX_ROWS
from winback.results.valued import (
    Agreement,
    Coverage,
    Decile,
    LifetimeAgreement,
    LifetimeSummary,
    ValueSummary,
)

HORIZON_COLUMNS = (
    "expected_orders", "expected_net_spend", "expected_net_spend_low", "expected_net_spend_high",
)  # fmt: skip
VALUE_COLUMNS = (
    *HORIZON_COLUMNS, "lifetime_value", "lifetime_value_low", "lifetime_value_high",
)  # fmt: skip
INTERVAL = 0.8
"""Share of customers whose spend is to lie within their interval."""
LIKELY = 1 - INTERVAL
"""Customers at most this likely to return have an interval of zero and nothing else."""

# Windows in which the newest spend is compared with the habit's; every snapshot has them.
_RECENT_WINDOWS_DAYS = (30, 90, 180)
# All that is read of a snapshot and its outcome.
_NEEDED = [
    "customer_id", "cutoff", "days_since_first_order", "days_since_last_order", "orders_total",
    "order_days_total", "order_value_mean", "order_value_last", "spend_total",
    *(f"spend_{w}d" for w in _RECENT_WINDOWS_DAYS),
    "returned", "orders_in_horizon", "net_spend_in_horizon",
]  # fmt: skip
# Spread of the slopes, per standard deviation of the customers: a third at most from the models
# of the literature, unless the shop's own customers insist.
_SLOPE_SPREAD, _LEVEL_SPREAD = 0.3, 3.0
# By column of `_measures`: what the models of the literature say.
_ORDERS_PRIOR = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
_SPEND_PRIOR = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
# A level, a season or a total is drawn to one as if this many customers had shown it.
_PRIOR_CUSTOMERS = 100.0
# What lies beyond these shares of the customers tells nothing about the others.
_MIDDLE, _TYPICAL = (0.001, 0.999), 0.995
# Returning customers of one level, at least, and the steps of the grid of their quantiles.
_LEVEL_CUSTOMERS, _MOST_LEVELS = 200, 10
_STEPS = 80
# Older windows than the newest with so many returning customers do not teach how far those of
# today come out: they were less well known.
_ENOUGH_CUSTOMERS = 2 * _LEVEL_CUSTOMERS * _MOST_LEVELS
# A closed window serves for a lifetime if it is so near to it in length, and if the shop was so
# old when it began, in lifetimes: who had only just come says little about who has stayed.
_LIFETIME_TOLERANCE, _LIFETIME_PAST = 0.1, 1 / 3
# Part of what the model knows beyond a customer's habit that lasts for a lifetime.
_LASTING = 0.5
# So many of today's customers say how often they will come.
_FEAST_CUSTOMERS = 20_000
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(16)


# --- the models of the literature --------------------------------------------------------------


@dataclass(frozen=True)
class GammaGamma:
    """A fitted gamma-gamma model of the value of a purchase.

    A customer's purchases vary as Gamma(``p``, rate nu), and nu between customers as
    Gamma(``q``, rate ``v``). Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value,
    equations 1 to 5.
    """

    p: float
    q: float
    v: float

    def value_of_purchase(self, purchases: Floats, mean_value: Floats) -> Floats:
        """Expected value of a purchase: the customer's own mean, drawn to the shop's."""
        return np.asarray(
            self.p * (self.v + purchases * mean_value) / (self.p * purchases + self.q - 1)
        )


def fit_gamma_gamma(purchases: Floats, mean_value: Floats) -> GammaGamma | None:
    """The gamma-gamma model that makes the customers' mean values likeliest.

    None where fewer than two customers have a value above zero. Parameters stay within wide
    bounds, so a shop where everybody spends the same gives the bound and not an error.

    Args:
        purchases: how many purchases each mean is of; customers with none are left out.
        mean_value: mean value of a customer's purchases.
    """
    usable = (purchases > 0) & (mean_value > 0)
    if usable.sum() < 2:
        return None
    # In the order of the values, so that sums do not depend on the order of the customers.
    order = np.lexsort([purchases[usable], mean_value[usable]])
    x, unit = purchases[usable][order], float(np.median(mean_value[usable]))
    m = mean_value[usable][order] / unit

    def loss(logs: Floats) -> tuple[float, Floats]:
        p, q, v = np.exp(logs)
        joint, rate = digamma(p * x + q), np.log(x * m + v)
        value = (
            gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
            - np.log(m) + p * x * np.log(x * m) - (p * x + q) * rate
        )  # fmt: skip
        slope = [
            p * x * (joint - digamma(p * x) + np.log(x * m) - rate),
            q * (joint - digamma(q) + np.log(v) - rate),
            q - v * (p * x + q) / (x * m + v),
        ]
        return -float(value.mean()), -np.mean(slope, axis=1)

    best = minimize(
        loss, np.log([3.0, 3.0, 1.0]), jac=True, method="SLSQP",
        bounds=[(-5, 7), (np.log(1.1), 7), (-10, 10)], options={"maxiter": 300, "ftol": 1e-12},
    )  # fmt: skip
    p, q, v = np.exp(best.x)
    return GammaGamma(round(float(p), 8), round(float(q), 8), round(float(v * unit), 8))


def purchases_if_any(
    habit: BgNbd, repeats: Floats, age_days: Floats, window_days: float | Floats
) -> Floats:
    """Expected purchase days in a window, of those who have at least one, by (M)BG/NBD.

    An alive customer's rate is Gamma(r + x, alpha + T) and the chance p that a purchase is the
    last Beta(a, b + chances); given p, (1 - ((alpha + T) / (alpha + T + p h)) ** (r + x)) / p
    purchases are expected, which is averaged over p by quadrature. The same as the
    hypergeometric form of Fader, Hardie and Lee (2005), equation 10, and safe for any number
    of repeats.
    """
    shape, scale = habit.r + repeats, habit.alpha + age_days
    chances = repeats + (1.0 if isinstance(habit, MbgNbd) else 0.0)
    distinct, place = np.unique(chances, return_inverse=True)
    # BG/NBD never loses a customer without a repeat before the first one comes: b + 0.
    last = betaincinv(habit.a, habit.b + distinct[:, None], (_NODES + 1.0) / 2.0)[place]
    last = np.maximum(last, 1e-9)
    window = np.broadcast_to(window_days, shape.shape)[:, None]
    until = -np.expm1(-shape[:, None] * np.log1p(last * window / scale[:, None])) / last
    expected = (until * _NODE_WEIGHTS / 2.0).sum(axis=1)
    any_at_all = -np.expm1(-shape * np.log1p(window_days / scale))
    return np.asarray(np.maximum(expected / any_at_all, 1.0))


def literature_spend(snapshots: pd.DataFrame, horizon_days: int) -> Floats:
    """Expected net spend by BG/NBD with gamma-gamma, the rival of the literature.

    One value per row of ``snapshots`` (of one cutoff), learned from their past alone. NaN where
    nobody bought twice.
    """
    past = repeats_and_ages(snapshots)
    habit = fit_bgnbd(*past)
    basket = fit_gamma_gamma(*_baskets(snapshots))
    if habit is None or basket is None:
        return np.full(len(snapshots), np.nan)
    chance = habit.probability_of_return(*past, horizon_days)
    purchases = purchases_if_any(habit, past[0], past[2], horizon_days)
    return np.asarray(chance * purchases * basket.value_of_purchase(*_baskets(snapshots)))


def previous_spend(snapshots: pd.DataFrame, horizon_days: int) -> Floats:
    """Net spend of the same length of time before the cutoff: "the same again".

    Where no window has that length, the next longer one (or all of history) in proportion.
    """
    names = [n for n in map(str, snapshots.columns) if n.startswith("spend_") and n.endswith("d")]
    windows = [int(name[6:-1]) for name in names if name[6:-1].isdigit()]
    longer = min((w for w in windows if w >= horizon_days), default=None)
    if longer is None:
        seen = np.maximum(_column(snapshots, "days_since_first_order"), horizon_days)
        return np.asarray(_column(snapshots, "spend_total") * horizon_days / seen)
    return np.asarray(_column(snapshots, f"spend_{longer}d") * horizon_days / longer)


# --- spend, and purchases, of those who return -------------------------------------------------


@dataclass(frozen=True)
class Rate:
    """A log-linear mean around habit times basket, for customers who return in a window.

    Beyond what was seen (``low`` to ``high``) measures lead on with the slopes of ``beyond``.
    """

    mean: list[float]
    scale: list[float]
    low: list[float]
    high: list[float]
    beyond: list[float]
    weights: list[float]
    level: float

    def expected(self, measures: Floats) -> Floats:
        """Mean of a returning customer, one per row of measures."""
        held = np.clip(measures, self.low, self.high)
        inside = np.einsum("ni,i->n", (held - self.mean) / self.scale, self.weights)
        outside = np.einsum("ni,i->n", measures - held, self.beyond)
        return np.asarray(np.exp(self.level + inside + outside))


@dataclass(frozen=True)
class Spread:
    """How far returning customers came out from what was expected, by how uncertain they are.

    ``scale`` foretells the distance of actual over expected from one; ``edges`` are the
    logarithms of it at which ``ratios`` hold, on an even grid, the quantiles of actual over
    expected. Between two of them quantiles are mixed, beyond the outermost they stand still.
    In models written before there was a ``scale``, ``edges`` part levels of expected purchases.
    """

    edges: list[float]
    ratios: list[list[float]]
    scale: Rate | None = None

    def interval(self, p: Floats, expected: Floats, measures: Floats) -> tuple[Floats, Floats]:
        """Low and high of what `INTERVAL` of such customers spend, those who stay away too.

        Both tails are equal where the customer surely comes. Where zero is the tenth part or
        more, the low is zero and the high leaves out all that the interval may leave out. Where
        fewer than a fifth come, zero alone holds more than is promised, and no interval holds
        less; the expected spend, a mean, then lies above it.
        """
        tail, place = (1 - INTERVAL) / 2, self._place(measures)
        low = self._quantile(np.full(len(p), tail), p, place)
        # Refunds beyond purchases, of those who return: left out below a low of zero.
        refunded = (np.asarray(self.ratios) < 0).mean(axis=1)
        below = p * np.interp(place, np.arange(len(refunded)), refunded)
        share = np.where(low == 0, np.minimum(INTERVAL + below, 1 - tail / 2), 1 - tail)
        high = self._quantile(share, p, place)
        return low * expected, np.maximum(high, low) * expected

    def quantiles(
        self, shares: Sequence[float], p: Floats, expected: Floats, measures: Floats
    ) -> Floats:
        """Spend that the given shares of such customers do not exceed: a column a share."""
        place = self._place(measures)
        found = [self._quantile(np.full(len(p), s), p, place) * expected for s in shares]
        return np.column_stack(found)

    def _place(self, measures: Floats) -> Floats:
        """Where each row lies among the levels; 2.25: a quarter of the way from 2 to 3."""
        if self.scale is None:
            levels = np.searchsorted(self.edges, np.exp(measures[:, 1]), side="right")
            return levels.astype(np.float64)
        uncertain = np.log(self.scale.expected(measures))
        return np.asarray(np.interp(uncertain, self.edges, np.arange(len(self.edges))))

    def _quantile(self, share: Floats, p: Floats, place: Floats) -> Floats:
        """Quantile of actual over expected, where a part 1 - p of customers spends nothing."""
        held = np.maximum(p, 1e-12)
        rest = share - (1 - p)
        negative, positive = self._mixed(share / held, place), self._mixed(rest / held, place)
        came = np.where(rest > 0, np.maximum(positive, 0.0), 0.0)
        return np.where(negative < 0, negative, came)

    def _mixed(self, share: Floats, place: Floats) -> Floats:
        """Quantile of the ratio of those who came, between the two levels of each row."""
        below = place.astype(np.int64)
        part = place - below
        found = np.zeros(len(place))
        levels = [np.asarray(quantiles) for quantiles in self.ratios]
        for k, (lower, upper) in enumerate(zip(levels, [*levels[1:], levels[-1]], strict=True)):
            here = np.flatnonzero(below == k)
            mixed = [np.interp(share[here], np.linspace(0, 1, len(q)), q) for q in (lower, upper)]
            found[here] = mixed[0] + part[here] * (mixed[1] - mixed[0])
        return found


@dataclass(frozen=True)
class Lifetime:
    """Net spend over a longer time, learned from one window of nearly that length.

    The chance to return at all is what habits say of the longer time, moved by half of what the
    model's chance in the horizon says beyond them; ``near`` and ``far`` (intercept and slope on
    the habit's log-odds) say how habits came true in the horizon and in the longer window.
    ``judged`` is how well one half of that window's customers foretold the other half.
    """

    days: int
    learned_on: str
    window_days: int
    near: tuple[float, float]
    far: tuple[float, float]
    spend: Rate
    spread: Spread
    judged: LifetimeAgreement | None = None

    def chance(self, near_odds: Floats, far_odds: Floats, p_return: Floats) -> Floats:
        """Chance to return within ``days``, never below that in the horizon."""
        near = self.near[0] + self.near[1] * near_odds
        beyond = logit(np.clip(p_return, 1e-6, 1 - 1e-6)) - near
        far = self.far[0] + self.far[1] * far_odds
        return np.maximum(expit(far + _LASTING * beyond), p_return)


@dataclass(frozen=True)
class ValueModel:
    """Expected purchases, net spend and lifetime value, given each customer's chance to return.

    ``lifetime`` is None where no window of that length has closed.
    """

    horizon_days: int
    habit: MbgNbd | None
    basket: GammaGamma | None
    orders: Rate
    spend: Rate
    spread: Spread | None
    lifetime: Lifetime | None = None

    def predict(self, snapshots: pd.DataFrame, p_return: Floats) -> pd.DataFrame:
        """`VALUE_COLUMNS`, one row per snapshot row, in its order.

        Orders and net spend in the horizon, net spend in ``lifetime.days`` days from the
        cutoff, each net spend with the interval that is to hold it for four customers in five.
        Most intervals begin at zero, and are zero alone for a customer less than a fifth likely
        to return. Intervals are null where nobody ever returned, lifetime columns where no
        window of that length has closed.
        """
        measures = _measures(snapshots, self.habit, self.basket, self.horizon_days)
        purchases = np.maximum(self.orders.expected(measures), 1.0)
        spend = self.spend.expected(measures)
        table = pd.DataFrame(np.nan, index=snapshots.index, columns=list(VALUE_COLUMNS))
        table["expected_orders"] = p_return * purchases
        table["expected_net_spend"] = p_return * spend
        if self.spread is not None:
            low, high = self.spread.interval(p_return, spend, measures)
            table["expected_net_spend_low"], table["expected_net_spend_high"] = low, high
        if self.lifetime is not None:
            days = self.lifetime.days
            odds = [_habit_odds(snapshots, self.habit, d) for d in (self.horizon_days, days)]
            measures = _measures(snapshots, self.habit, self.basket, days)
            p = self.lifetime.chance(odds[0], odds[1], p_return)
            spend = self.lifetime.spend.expected(measures)
            low, high = self.lifetime.spread.interval(p, spend, measures)
            table["lifetime_value"] = np.maximum(p * spend, table["expected_net_spend"])
            table["lifetime_value_low"], table["lifetime_value_high"] = low, high
        return table

    def spend_quantiles(
        self, snapshots: pd.DataFrame, p_return: Floats, shares: Sequence[float]
    ) -> Floats:
        """Net spend in the horizon that given shares of such customers do not exceed.

        The whole distribution that the interval is cut from: a row per snapshot row, a column
        per share. NaN where nobody ever returned.
        """
        if self.spread is None:
            return np.full((len(snapshots), len(shares)), np.nan)
        measures = _measures(snapshots, self.habit, self.basket, self.horizon_days)
        return self.spread.quantiles(shares, p_return, self.spend.expected(measures), measures)


def fit_value(
    rows: pd.DataFrame,
    *,
    cutoff: pd.Timestamp,
    horizon_days: int,
    habit: MbgNbd | None = None,
    customers: pd.DataFrame | None = None,
    lifetime_days: int | None = None,
    max_rows: int = MAX_ROWS,
    feasts: Feasts = NO_FEASTS,
) -> ValueModel:
    """Learn from closed cutoffs what those who return spend.

    Args:
        rows: snapshot columns and outcomes of cutoffs whose horizon had closed by ``cutoff``.
        cutoff: the cutoff to be predicted.
        horizon_days: the horizon of the outcomes.
        habit: how customers buy; without it, learned here from ``customers``.
        customers: snapshots at ``cutoff``; without them, those of the newest closed cutoff, and
            no lifetime value.
        lifetime_days: length of a lifetime; None, or one not longer than the horizon: none.
        max_rows: rows of returning customers learned from, at most.
        feasts: what multiplies the purchases of some windows, and perhaps of the coming one.
    """
    newest = rows[rows["cutoff"] == rows["cutoff"].max()]
    past = newest if customers is None else customers
    habit = habit or fit_mbgnbd(*repeats_and_ages(past))
    basket = fit_gamma_gamma(*_baskets(past))
    came = _drawn(rows.loc[rows["returned"].to_numpy(bool), _NEEDED], max_rows)
    measures = _measures(came, habit, basket, horizon_days)
    feasted, added = _more_often(came, past, habit, horizon_days, cutoff, feasts)

    def season(rate: Rate, actual: Floats) -> float:
        """How the coming window differs from the mean one, in logarithms."""
        if not (actual > 0).any():
            return 0.0
        expected = rate.expected(measures)
        ratio = np.minimum(np.maximum(actual, 0.0) / expected, _typical(actual / expected))
        # As many yes-or-no customers as would show a share as surely.
        alike = 4.0 * ratio.mean() ** 2 / max(float(ratio.var()), 1e-3 * ratio.mean() ** 2)
        sums = pd.DataFrame({"actual": ratio * expected, "expected": expected, "customers": alike})
        of_all = sums["actual"].sum() / sums["expected"].sum()
        sums["expected"] *= feasted
        usual = sums["actual"].sum() / sums["expected"].sum()
        closed = sums.groupby(came["cutoff"].to_numpy()).sum()
        closed = closed[closed["actual"] > 0].assign(share=0.5, past_days=1e9)
        closed["season"] = np.log(closed["actual"] / closed["expected"] / usual)
        moved = added + float(np.log(usual / of_all))
        return moved + forecast_season(closed, cutoff, horizon_days, 1e9)

    def moved(rate: Rate, actual: Floats) -> Rate:
        return replace(rate, level=round(rate.level + season(rate, actual), 6))

    bought = came["orders_in_horizon"].to_numpy(np.float64)
    spent = came["net_spend_in_horizon"].to_numpy(np.float64)
    orders = fit_rate(measures, bought, _ORDERS_PRIOR)
    spend = fit_rate(measures, spent, _SPEND_PRIOR)
    lately = _lately(came["cutoff"])
    spread = fit_spread(measures[lately], spent[lately], spend)
    model = ValueModel(
        horizon_days, habit, basket, moved(orders, bought), moved(spend, spent), spread
    )
    if customers is None or lifetime_days is None or lifetime_days <= horizon_days:
        return model
    lifetime = _fit_lifetime(model, rows, customers, cutoff, lifetime_days)
    if lifetime is not None and habit is not None and feasts.effects:
        # A feast in the horizon raises the chance there, and not that of a lifetime with it.
        there, here = (
            float(explained_levels(past, habit, horizon_days, None, feasts, at).iloc[0])
            for at in (pd.Timestamp(lifetime.learned_on), cutoff)
        )
        near = (round(lifetime.near[0] + here - there, 8), lifetime.near[1])
        lifetime = replace(lifetime, near=near)
    return replace(model, lifetime=lifetime)


def _more_often(
    came: pd.DataFrame, past: pd.DataFrame, habit: MbgNbd | None, horizon_days: int,
    cutoff: pd.Timestamp, feasts: Feasts,
) -> tuple[Floats, float]:  # fmt: skip
    """How many times the purchases feasts make of those who come: by row, and now in logarithms.

    Purchases beyond the first alone, since the first is what makes them come; who buys often buys
    more of them.
    """
    if habit is None or not feasts.effects or came.empty:
        return np.ones(len(came)), 0.0
    repeats, _, age = repeats_and_ages(came)
    days = feasts.counted(came["cutoff"].to_numpy(), horizon_days)
    feasted, usual = (purchases_if_any(habit, repeats, age, d) for d in (days, horizon_days))
    drawn = _drawn(past, _FEAST_CUSTOMERS)
    repeats, silent, age = repeats_and_ages(drawn)
    coming = float(feasts.counted([cutoff.to_datetime64()], horizon_days)[0])
    chance = habit.probability_of_return(repeats, silent, age, coming)
    now = [
        float((chance * purchases_if_any(habit, repeats, age, days)).sum())
        for days in (coming, horizon_days)
    ]
    return feasted / usual, float(np.log(now[0] / now[1]))


def _fit_lifetime(
    model: ValueModel, rows: pd.DataFrame, customers: pd.DataFrame, cutoff: pd.Timestamp,
    days: int,
) -> Lifetime | None:  # fmt: skip
    """From the cutoff as long ago as a lifetime: what its customers have spent until today.

    No outcome of that length is needed: net spend until today less net spend until then is
    what was spent between. None where no such cutoff is among the rows.
    """
    past = rows.groupby("cutoff")["days_since_first_order"].max()
    lengths = np.array([(cutoff - day).days for day in past.index], np.int64)
    off = np.abs(lengths - days)
    usable = (off <= _LIFETIME_TOLERANCE * days) & (past.to_numpy() >= _LIFETIME_PAST * days)
    if "_open_days" in rows:  # a lifetime with a gap in it is worth less than those to come
        usable &= rows.groupby("cutoff")["_open_days"].min().to_numpy() >= lengths
    if not usable.any():
        return None
    nearest = int(np.where(usable, off, np.iinfo(np.int64).max).argmin())
    start, length = past.index[nearest], int(lengths[nearest])
    then = rows.loc[rows["cutoff"] == start, _NEEDED].sort_values("customer_id", kind="stable")
    now = customers.set_index("customer_id").reindex(then["customer_id"])
    came = _column(now, "orders_total") > _column(then, "orders_total")
    spent = _column(now, "spend_total") - _column(then, "spend_total")
    measures = _measures(then, model.habit, model.basket, length)
    near_odds, far_odds = (_habit_odds(then, model.habit, d) for d in (model.horizon_days, length))
    returned = then["returned"].to_numpy(bool)

    def learned(on: Mask) -> Lifetime | None:
        seen = on & came
        spend = fit_rate(measures[seen], spent[seen], _SPEND_PRIOR)
        spread = fit_spread(measures[seen], spent[seen], spend)
        near, far = _line(near_odds[on], returned[on]), _line(far_odds[on], came[on])
        if spread is None:
            return None
        return Lifetime(days, f"{start:%Y-%m-%d}", length, near, far, spend, spread)

    lifetime = learned(np.ones(len(then), bool))
    if lifetime is None:
        return None
    half = half_of(then["customer_id"])
    predicted = np.full((len(then), 4), np.nan)
    for fold in (half, ~half):
        if (other := learned(~fold)) is not None:
            # Where habits came true as foretold, they are all that is known.
            p = expit(other.far[0] + other.far[1] * far_odds[fold])
            spend = other.spend.expected(measures[fold])
            interval = other.spread.interval(p, spend, measures[fold])
            predicted[fold] = np.column_stack([p, p * spend, *interval])
    known = ~np.isnan(predicted[:, 0])
    judged = LifetimeAgreement(
        **dict(_agreement(spent[known], predicted[known, 1])),
        coverage=_coverage(spent[known], *predicted[known][:, [0, 2, 3]].T),
    )
    return replace(lifetime, judged=judged)


def _line(habit_odds: Floats, outcome: Mask) -> tuple[float, float]:
    """Intercept and slope that turn a habit's log-odds into those that came true."""
    design = np.column_stack([np.ones(len(outcome)), habit_odds])
    came = outcome.astype(np.float64)
    intercept, slope = fit_logistic(design, came, prior=[0.0, 1.0], spread=[3.0, 0.3])
    return round(float(intercept), 8), round(float(slope), 8)


def _habit_odds(snapshots: pd.DataFrame, habit: MbgNbd | None, days: int) -> Floats:
    if habit is None:
        return np.zeros(len(snapshots))
    chance = habit.probability_of_return(*repeats_and_ages(snapshots), days)
    return np.asarray(logit(np.clip(chance, 1e-6, 1 - 1e-6)))


def _measures(
    snapshots: pd.DataFrame, habit: MbgNbd | None, basket: GammaGamma | None, window_days: int
) -> Floats:
    """Logarithms of what spend is made of, and of how the newest behaviour differs from it.

    Columns: value of a purchase, purchase days in the window if any, purchases per purchase
    day; spend of the last 30, 90 and 180 days over what these foretold; the last purchase over
    the usual one; the silence in usual gaps. None grows with the length of the history.
    """
    orders, value = _baskets(snapshots)
    usual = np.maximum(basket.value_of_purchase(orders, value) if basket else value, 1e-6)
    repeats, _, age = repeats_and_ages(snapshots)
    if habit is not None:
        days = purchases_if_any(habit, repeats, age, window_days)
        per_day = (habit.r + repeats) / (habit.alpha + age)
    else:
        days = np.ones(len(snapshots))
        per_day = orders / np.maximum(age, window_days)
    recent = [
        (np.maximum(_column(snapshots, f"spend_{w}d"), 0.0) + usual)
        / (usual * (per_day * np.minimum(w, age) + 1.0))
        for w in _RECENT_WINDOWS_DAYS
    ]
    last = (np.maximum(_column(snapshots, "order_value_last"), 0.0) + usual) / (2.0 * usual)
    silent = 1.0 + _column(snapshots, "days_since_last_order") * per_day
    parts = [usual, days, orders / (repeats + 1.0), *recent, last, silent]
    return np.asarray(np.log(np.maximum(np.column_stack(parts), 1e-9)))


def fit_rate(measures: Floats, actual: Floats, prior: Floats) -> Rate:
    """A gamma regression with logarithmic link that leans on ``prior`` slopes.

    Gamma, because spend varies in proportion to its mean; only the mean is used, so refunds
    beyond purchases (below zero, held to zero here) and counts do no harm. The total is set
    afterwards from the spend as it was.
    """
    width = measures.shape[1]
    # Value and purchases lead on as they are: the largest customer is larger than 999 in 1,000,
    # and a slope learned among customers who are all alike says nothing about that one.
    beyond = np.append(prior[:2], np.zeros(width - 2))
    if len(actual) == 0:
        zeros, wide = [0.0] * width, [99.0] * width
        return Rate(zeros, [1.0] * width, [-99.0] * width, wide, zeros, prior.tolist(), 0.0)
    low, high = np.quantile(measures, _MIDDLE, axis=0)
    held = np.clip(measures, low, high)
    outside = np.exp(np.einsum("ni,i->n", measures - held, beyond))
    mean, scale = held.mean(axis=0), held.std(axis=0)
    scale[scale < 1e-9] = 1.0
    design = np.column_stack([(held - mean) / scale, np.ones(len(held))])
    middle = np.append(prior * scale, (prior * mean).sum())
    spread = np.append(np.full(width, _SLOPE_SPREAD), _LEVEL_SPREAD)
    first = np.exp(np.einsum("ni,i->n", design, middle))
    ratio = np.maximum(actual, 0.0) / (first * outside)
    target = first * np.minimum(ratio, _typical(ratio))
    weights = _gamma_regression(design, target, middle, spread)
    expected = float((np.exp(np.einsum("ni,i->n", design, weights)) * outside).sum())
    # Robust slopes, but the shop's own total; in a small shop one huge order is not a level.
    part = len(actual) / (len(actual) + _PRIOR_CUSTOMERS)
    level = weights[-1] + part * np.log(max(float(actual.sum()), 1e-6 * expected) / expected)
    return Rate(
        mean=np.round(mean, 8).tolist(),
        scale=np.round(scale, 8).tolist(),
        low=np.round(low, 8).tolist(),
        high=np.round(high, 8).tolist(),
        beyond=beyond.tolist(),
        weights=np.round(weights[:-1], 8).tolist(),
        level=round(float(level), 8),
    )


def _typical(ratio: Floats) -> float:
    """The largest ratio that is believed to be of the same kind as the others; above zero."""
    return float(np.quantile(ratio[ratio > 0], _TYPICAL)) if (ratio > 0).any() else 1.0


def _gamma_regression(design: Floats, y: Floats, prior: Floats, spread: Floats) -> Floats:
    """Weights that make y likeliest under exp(design x weights), with normal priors."""
    precision = 1.0 / np.square(spread)

    def loss(weights: Floats) -> float:
        line = np.clip(np.einsum("ni,i->n", design, weights), -200, 200)
        fit = (y * np.exp(-line) + line).sum()
        return float(fit + (precision * np.square(weights - prior)).sum() / 2.0)

    # The expected curvature, unlike the exact one, is the same at every step.
    curvature = np.einsum("ni,nj->ij", design, design) + np.diag(precision)

    def newton(weights: Floats) -> Floats:
        line = np.clip(np.einsum("ni,i->n", design, weights), -200, 200)
        slope = np.einsum("ni,n->i", design, y * np.exp(-line) - 1.0)
        return np.linalg.solve(curvature, slope - precision * (weights - prior))

    return descend(prior, loss, newton)


def fit_spread(measures: Floats, actual: Floats, rate: Rate) -> Spread | None:
    """Quantiles of actual over expected, for levels of how far from it such customers come out.

    By the distance foretold, not by a measure of one's own choice: who spends most is surest in
    one shop and least sure in another.
    """
    if len(actual) == 0:
        return None
    ratio = actual / rate.expected(measures)
    far = _typical(ratio)
    off = np.abs(np.clip(ratio, -far, far) - 1.0)
    scale = fit_rate(measures, off, np.zeros(measures.shape[1]))
    uncertain = np.log(scale.expected(measures))
    levels = int(np.clip(len(actual) // _LEVEL_CUSTOMERS, 1, _MOST_LEVELS))
    edges: list[float] = []
    ratios: list[list[float]] = []
    for members in np.array_split(np.lexsort([ratio, uncertain]), levels):
        edge = round(float(np.median(uncertain[members])), 6)
        if not edges or edge > edges[-1]:
            edges.append(edge)
            grid = np.linspace(0.0, 1.0, _STEPS + 1)
            ratios.append(np.round(np.quantile(ratio[members], grid), 6).tolist())
    return Spread(edges, ratios, scale)


def _lately(cutoffs: pd.Series[Any]) -> Mask:
    """Rows of the newest cutoffs that together have enough customers."""
    newest_first = cutoffs.value_counts().sort_index(ascending=False)
    needed = int((newest_first.cumsum() < _ENOUGH_CUSTOMERS).sum())
    return np.asarray(cutoffs.isin(newest_first.index[: needed + 1]))


def _baskets(snapshots: pd.DataFrame) -> tuple[Floats, Floats]:
    """Purchases and their mean value as placed."""
    return _column(snapshots, "orders_total"), _column(snapshots, "order_value_mean")


def _column(snapshots: pd.DataFrame, name: str) -> Floats:
    values = snapshots[name].to_numpy(np.float64, na_value=np.nan)
    return np.asarray(np.nan_to_num(values, nan=0.0))


def _drawn(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most about ``most`` rows, of customers drawn by a hash, in a fixed order."""
    if len(rows) > most:
        rows = rows[share_of(rows["customer_id"], most)]
    return rows.sort_values(["customer_id", "cutoff"], kind="stable")


# --- how well it came true --------------------------------------------------------------------


def evaluate_value(
    judged: pd.DataFrame, lifetime: Lifetime | None = None, method: str = "lightgbm"
) -> ValueSummary:
    """How well expected spend and its interval came true, against the simple rules.

    The interval holds more than it promises where most customers stay away for sure, hence also
    the share among the ``likely`` ones. A figure is null where nothing was spent or nobody is
    concerned.

    Args:
        judged: what `winback.judging.backtesting.backtest` gives.
        lifetime: of the model that scores today's customers.
        method: whose chance to return the expected spend rests on.
    """
    longer = None
    if lifetime is not None and lifetime.judged is not None:
        about = {"days": lifetime.days, "learned_on": lifetime.learned_on}
        longer = LifetimeSummary(**about, **dict(lifetime.judged))
    if len(judged) == 0 or "expected_net_spend" not in judged:
        return ValueSummary(lifetime=longer)
    methods = {
        "winback": "expected_net_spend", "literature": "spend_literature",
        "previous": "spend_previous",
    }  # fmt: skip
    rows = judged.dropna(subset=["expected_net_spend"])
    spent, expected = (_column(rows, n) for n in ("net_spend_in_horizon", "expected_net_spend"))
    ends = ("expected_net_spend_low", "expected_net_spend_high")
    orders = float(rows["orders_in_horizon"].sum())
    return ValueSummary(
        n=len(rows),
        methods={
            name: _agreement(spent, rows[column].to_numpy(np.float64))
            for name, column in methods.items()
        },
        orders_bias=round(float(rows["expected_orders"].sum()) / orders, 4) if orders else None,
        coverage=_coverage(spent, *(_column(rows, name) for name in (f"p_{method}", *ends))),
        by_decile=_by_decile(rows, spent, expected),
        lifetime=longer,
    )


def _by_decile(rows: pd.DataFrame, spent: Floats, expected: Floats) -> tuple[Decile, ...]:
    order = np.lexsort([rows["customer_id"].to_numpy(str), rows["cutoff"].to_numpy(), -expected])
    parts = [part for part in np.array_split(order, 10) if len(part)]
    return tuple(
        Decile(
            decile=k,
            n=len(part),
            predicted=round(float(expected[part].mean()), 4),
            observed=round(float(spent[part].mean()), 4),
        )
        for k, part in enumerate(parts, 1)
    )


def normalised_gini(actual: Floats, predicted: Floats) -> float | None:
    """How well a prediction ranks customers by what they spend: 1 as they did, 0 at random.

    The area between the diagonal and the share of spend gathered from the highest prediction
    down, over the same of the best order. Equal predictions share their spend, so the order of
    the rows does not matter. None where all spent the same.
    """

    def area(by: Floats) -> float:
        _, place = np.unique(-by, return_inverse=True)
        customers, spend = np.bincount(place), np.cumsum(np.bincount(place, actual))
        before = np.concatenate([[0.0], spend[:-1]])
        return float((customers * (spend + before)).sum() / 2 - len(actual) * spend[-1] / 2)

    best = area(actual) if len(actual) else 0.0
    return area(predicted) / best if best > 0 else None


def _agreement(actual: Floats, predicted: Floats) -> Agreement:
    if len(actual) == 0 or np.isnan(predicted).any():
        return Agreement(gini=None, bias=None, mae=None)
    gini, total = normalised_gini(actual, predicted), float(actual.sum())
    return Agreement(
        gini=None if gini is None else round(gini, 4),
        bias=round(float(predicted.sum()) / total, 4) if total > 0 else None,
        mae=round(float(np.abs(predicted - actual).mean()), 4),
    )


def _coverage(actual: Floats, p: Floats, low: Floats, high: Floats) -> Coverage:
    def share(of: Mask) -> float | None:
        return round(float(of.mean()), 4) if len(of) else None

    # Half a minor unit of the finest scale: files hold rounded numbers.
    above, below, likely = actual > high + 5e-5, actual < low - 5e-5, p > LIKELY
    return Coverage(
        stated=INTERVAL,
        everyone=share(~above & ~below),
        likely=share(~(above | below)[likely]),
        likely_n=int(likely.sum()),
        above=share(above[likely]),
        below=share(below[likely]),
    )
