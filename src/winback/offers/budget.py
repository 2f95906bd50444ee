"""The best use of limited means: at most one option a customer, and a proof of how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from winback.arrays import Floats, Mask
from winback.results.planned import Optimum

Picks = NDArray[np.int64]
Rows = Picks | Mask | slice

# Customers of a sample on which prices are found first; customers and states of a proof.
_SAMPLE = 4_000
_CORE = 400
_STATES = 5_000


@dataclass(frozen=True)
class Limit:
    """Most that the picked options may use together.

    Attributes:
        name: how errors and the certificate call it.
        amount: the most, in money or in customers.
        money: true: an option uses its cost; false: it uses one, a contact or a piece.
        options: the options that use it; None: all.
    """

    name: str
    amount: float
    money: bool = False
    options: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Choice:
    """One option a customer (-1: none), and how far from the best possible it can be.

    ``certificate`` holds value (of the choice), lp_bound (no choice within the limits is
    worth more), gap (their difference) and proven (whether no choice at all is worth more,
    though the bound may lie above). ``prices`` is what one more unit of each limit brings.
    """

    picks: Picks
    certificate: Optimum
    prices: dict[str, float]

    def net(self, gain: Floats, cost: Floats, limits: Sequence[Limit]) -> Floats:
        """Gain of each option less what it uses at the prices; -inf where it is not offered."""
        return _Problem(gain, cost, limits).net(np.array([self.prices[x.name] for x in limits]))


def choose_within_limits(gain: Floats, cost: Floats, limits: Sequence[Limit] = ()) -> Choice:
    """Pick at most one option a customer so that the total gain is the largest.

    A multiple-choice knapsack with any number of limits, by its Lagrangian dual: at a price
    of each limit every customer takes the option with the largest ``gain - prices x use``,
    if positive. The prices that minimise the dual come from cutting planes (Kelley 1960),
    first on a sample of the customers, then on those whose pick is not the same at all
    prices near by. A choice that fits is taken at slightly higher prices, and what is left
    is spent on those who gain most net of the prices, in row order among equals.

    By the dual, an option whose loss at the prices exceeds what the choice may still be
    short of the bound is in no better choice; where few others are left, an exact search
    among them proves the optimum (so small cases are always exact). Without it, one limit is
    met within one customer of the bound (Sinha & Zoltners 1979), several within about one
    customer each; ``certificate`` says how near.

    Args:
        gain: customers x options; only options above zero are ever picked, NaN never.
        cost: the same shape, not negative.
        limits: of money, contacts or pieces, over all options or some.
    """
    problem = _Problem(gain, cost, limits)
    prices = _best_prices(problem)
    bound = problem.dual(prices)[0]
    picks = problem.spend_rest(_affordable(problem, prices), prices)
    picks, proven = _prove(problem, prices, bound, picks)
    value = problem.value(picks)
    # Rounding can leave the bound a hair below a value that reaches it.
    bound = float(max(bound, value))
    certificate = Optimum(value=value, lp_bound=bound, gap=bound - value, proven=proven)
    named = {limit.name: float(price) for limit, price in zip(limits, prices, strict=True)}
    return Choice(picks, certificate, named)


def taken(matrix: Floats, picks: Picks) -> Floats:
    """Read each row's entry at its pick; 0 where nothing is picked."""
    if not matrix.shape[1]:
        return np.zeros(len(picks))
    return np.where(picks >= 0, matrix[np.arange(len(picks)), np.maximum(picks, 0)], 0.0)


class _Problem:
    """Customers, options, limits; ``within`` narrows it to some customers."""

    def __init__(self, gain: Floats, cost: Floats, limits: Sequence[Limit]) -> None:
        offered = gain > 0
        self.worth = np.where(offered, gain, -np.inf)
        self.cost = np.where(offered, cost, 0.0)
        n_options = gain.shape[1]
        self.covers = np.zeros((len(limits), n_options), np.bool_)
        for row, limit in zip(self.covers, limits, strict=True):
            row[list(range(n_options) if limit.options is None else limit.options)] = True
        self.is_money = np.array([limit.money for limit in limits], np.bool_)
        self.amounts = np.array([limit.amount for limit in limits], np.float64)

    def within(self, rows: Rows, amounts: Floats) -> _Problem:
        part = object.__new__(_Problem)
        part.worth, part.cost = self.worth[rows], self.cost[rows]
        part.covers, part.is_money, part.amounts = self.covers, self.is_money, amounts
        return part

    def _per_option(self, prices: Floats) -> tuple[Floats, Floats]:
        """Price of a unit of each option's cost, and of one customer who gets it."""
        priced = self.covers * prices[:, None]
        return priced[self.is_money].sum(axis=0), priced[~self.is_money].sum(axis=0)

    def net(self, prices: Floats) -> Floats:
        of_money, of_one = self._per_option(prices)
        net = self.worth - of_one
        if of_money.any():
            net -= self.cost * of_money
        return net

    def picks_at(self, prices: Floats) -> Picks:
        return _best(self.net(prices))[0]

    def value(self, picks: Picks) -> float:
        return float(taken(self.worth, picks).sum())

    def used(self, picks: Picks) -> Floats:
        """What the picks use of each limit."""
        some = picks >= 0
        n_options = self.worth.shape[1]
        counts = np.bincount(picks[some], minlength=n_options)
        costs = np.bincount(picks[some], taken(self.cost, picks)[some], minlength=n_options)
        used: Floats = (self.covers * np.where(self.is_money[:, None], costs, counts)).sum(axis=1)
        return used

    def each_uses(self, picks: Picks, cost: Floats) -> Floats:
        """What each customer's pick uses: customers x limits."""
        covered = np.where(picks[:, None] >= 0, self.covers.T[np.maximum(picks, 0)], False)
        each: Floats = covered * np.where(self.is_money, cost[:, None], 1.0)
        return each

    def fits(self, used: Floats) -> bool:
        return bool((used <= self.amounts).all())

    def dual(self, prices: Floats) -> tuple[float, Floats]:
        """An upper bound on any choice's value, and how it changes with the prices."""
        picks, best = _best(self.net(prices))
        value = float(best.sum() + (prices * self.amounts).sum())
        return value, self.amounts - self.used(picks)

    def spend_rest(self, picks: Picks, prices: Floats) -> Picks:
        """Move customers to what they gain most by at the prices, as far as the limits allow."""
        net = self.net(prices)
        rows = self._near(net, picks)
        picks = picks.copy()
        left = self.amounts - self.used(picks)
        for _ in range(200):
            if not len(rows):
                break
            now = picks[rows]
            held = self.each_uses(now, taken(self.cost[rows], now))
            more = np.zeros(net[rows].shape, np.bool_)
            for option in range(net.shape[1]):
                would = self.each_uses(np.full(len(rows), option), self.cost[rows, option])
                more[:, option] = (would - held <= left).all(axis=1)
            better = self.worth[rows] > taken(self.worth[rows], now)[:, None]
            offer = np.where(more & better, net[rows], -np.inf)
            to = offer.argmax(axis=1)
            gained = offer[np.arange(len(rows)), to] - np.where(
                now >= 0, taken(net[rows], now), 0.0
            )
            able = np.isfinite(gained)
            if not able.any():
                break
            order = np.flatnonzero(able)[np.argsort(-gained[able], kind="stable")]
            extra = self.each_uses(to[order], self.cost[rows[order], to[order]]) - held[order]
            fit = (np.cumsum(extra, axis=0) <= left).all(axis=1)
            count = len(order) if fit.all() else max(int(fit.argmin()), 1)
            going = order[:count]
            picks[rows[going]] = to[going]
            left = self.amounts - self.used(picks)
            rows = rows[able]
        return picks

    def _near(self, net: Floats, picks: Picks) -> Picks:
        """Customers who are not at their best, and those who would lose least by a move."""
        if not net.size:
            return np.empty(0, np.int64)
        star, best = _best(net)
        others = net.copy()
        picked = np.flatnonzero(star >= 0)
        others[picked, star[picked]] = -np.inf
        second = np.where(star >= 0, np.maximum(others.max(axis=1), 0.0), others.max(axis=1))
        margin = best - second
        nearest = np.partition(margin, min(_SAMPLE, len(margin)) - 1)[: min(_SAMPLE, len(margin))]
        close = np.isfinite(margin) & (margin <= nearest.max())
        return np.flatnonzero(close | (picks != star))


def _best(net: Floats) -> tuple[Picks, Floats]:
    """Each row's largest positive entry and where it stands; -1 and 0 where there is none."""
    if not net.size:
        return np.full(len(net), -1, np.int64), np.zeros(len(net))
    picks = net.argmax(axis=1)
    best = net[np.arange(len(net)), picks]
    return np.where(best > 0, picks, -1), np.maximum(best, 0.0)


# ------------------------------------------------------------------------------- prices


def _best_prices(problem: _Problem) -> Floats:
    """Prices that minimise the dual: 0 for a limit that does not bind."""
    n, n_limits = len(problem.worth), len(problem.amounts)
    free = np.zeros(n_limits)
    if not problem.worth.size or problem.fits(problem.used(problem.picks_at(free))):
        return free
    top = _highest(problem)
    low, high, prices = free, top, free
    steps = [step for step in (256, 16) if n // step >= _SAMPLE // 4]
    for step in [*steps, 1]:
        rows = slice(None, None, step)
        part = problem.within(rows, problem.amounts * (len(problem.worth[rows]) / n))
        while True:
            prices = _minimise(part, low, high)
            on_edge = ((prices <= low) & (low > 0)) | ((prices >= high) & (high < top))
            if not on_edge.any():
                break
            reach = 8 * (high - low)
            low, high = np.maximum(prices - reach, 0), np.minimum(prices + reach, top)
        # What another sample's prices may differ by, several standard errors.
        reach = 8 / np.sqrt(len(part.worth)) * np.maximum(prices, top / 100)
        low, high = np.maximum(prices - reach, 0), np.minimum(prices + reach, top)
    return prices


def _highest(problem: _Problem) -> Floats:
    """Prices at which nobody takes anything that uses the limit."""
    best = np.where(np.isfinite(problem.worth), problem.worth, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(problem.cost > 0, best / problem.cost, 0.0)
    by_money, by_one = ratios.max(axis=0), best.max(axis=0)
    tops = (problem.covers * np.where(problem.is_money[:, None], by_money, by_one)).max(axis=1)
    return np.asarray(tops * (1 + 1e-9) + 1e-9)


def _minimise(problem: _Problem, low: Floats, high: Floats) -> Floats:
    """Cutting planes on the dual within a box; rows with one pick in all of it leave first."""
    open_rows, settled = _settle(problem, (low + high) / 2, (high - low) / 2)
    part = problem.within(open_rows, problem.amounts)
    kept, kept_used = problem.value(settled), problem.used(settled)
    slopes, offsets = [], []
    best, at = np.inf, low
    prices = (low + high) / 2 if (low > 0).any() else low
    for _ in range(300):
        value, slope = part.dual(prices)
        value += kept - float((prices * kept_used).sum())
        slope = slope - kept_used
        if value < best:
            best, at = value, prices
        slopes.append(slope)
        offsets.append(value - float((slope * prices).sum()))
        lowest = _under(np.array(slopes), np.array(offsets), low, high)
        # At the minimum the tangents reach the dual itself.
        if lowest is None or best - lowest[1] <= 1e-10 * max(abs(best), 1e-300):
            break
        prices = lowest[0]
    return at


def _under(
    slopes: Floats, offsets: Floats, low: Floats, high: Floats
) -> tuple[Floats, float] | None:
    """Where the largest of all tangents is smallest within a box, and how small."""
    from scipy.optimize import linprog

    if len(low) == 1:
        # The least steep on either side cross there; a program for it would take longer.
        slope = slopes[:, 0]
        down, up = np.flatnonzero(slope <= 0), np.flatnonzero(slope > 0)
        left = down[slope[down].argmax()] if len(down) else -1
        right = up[slope[up].argmin()] if len(up) else -1
        if left < 0 or right < 0:
            at = low if left < 0 else high
        else:
            at = (offsets[left] - offsets[right]) / (slope[[right]] - slope[left])
        at = np.clip(at, low, high)
        return at, float((slope * at + offsets).max())
    # Variables are the prices and that maximum.
    found = linprog(
        np.append(np.zeros(len(low)), 1.0),
        A_ub=np.column_stack([slopes, -np.ones(len(slopes))]),
        b_ub=-offsets,
        bounds=[*zip(low, high, strict=True), (None, None)],
        method="highs",
    )
    return None if found.x is None else (np.clip(found.x[:-1], low, high), float(found.x[-1]))


def _settle(problem: _Problem, middle: Floats, half: Floats) -> tuple[Picks, Picks]:
    """Rows whose pick may differ within the box, and everybody's pick that does not."""
    net = problem.net(middle)
    picks, best = _best(net)
    of_money, of_one = problem._per_option(half)
    swing = problem.cost * of_money + of_one
    others = net + swing
    rows = np.arange(len(net))
    mine = picks >= 0
    others[rows[mine], picks[mine]] = -np.inf
    rival = np.maximum(others.max(axis=1), 0.0)
    sure = np.where(mine, best - taken(swing, picks) > rival, rival <= 0)
    return np.flatnonzero(~sure), np.where(sure, picks, -1)


# ---------------------------------------------------------------------- from prices to picks


def _affordable(problem: _Problem, prices: Floats) -> Picks:
    """The picks at the lowest prices above the best ones that fit every limit."""
    picks = problem.picks_at(prices)
    if not problem.worth.size or problem.fits(problem.used(picks)):
        return picks
    small = np.maximum(prices, 1e-6 * _highest(problem))
    low, high = 0.0, 1e-12
    while not problem.fits(problem.used(problem.picks_at(prices + high * small))):
        low, high = high, high * 8
    for _ in range(6):
        middle = np.sqrt(low * high) if low else high / 8
        if problem.fits(problem.used(problem.picks_at(prices + middle * small))):
            high = middle
        else:
            low = middle
    return problem.picks_at(prices + high * small)


def _prove(problem: _Problem, prices: Floats, bound: float, picks: Picks) -> tuple[Picks, bool]:
    """Search exactly among the options that a better choice could hold, if they are few.

    The value of any choice is the bound less its losses at the prices less the price of what
    it leaves unused, so an option that loses more than the present choice lacks is out. What
    remains is a dynamic program over customers (Pisinger 1995, for one limit), whose states
    are what is left of each limit; a state of less value with no more left is dropped.
    """
    value = problem.value(picks)
    tolerance = 1e-9 * max(abs(bound), 1.0)
    if bound - value <= tolerance or not problem.worth.size:
        return picks, True
    net = problem.net(prices)
    star, best = _best(net)
    # The last column is to get nothing.
    loss = best[:, None] - np.column_stack([net, np.zeros(len(net))])
    possible = loss < bound - value
    rows = np.flatnonzero(possible.sum(axis=1) > 1)
    rows = rows[np.argsort(np.partition(loss[rows], 1, axis=1)[:, 1], kind="stable")]
    proven, rows = len(rows) <= _CORE, rows[:_CORE]
    steps = []
    for row in rows:
        options = np.flatnonzero(possible[row])
        chosen = np.where(options < net.shape[1], options, -1)
        uses = problem.each_uses(chosen, np.append(problem.cost[row], 0.0)[options])
        steps.append((chosen, loss[row, options], uses, int((chosen == star[row]).argmax())))
    least = _still_to_come([uses.min(axis=0) for _, _, uses, _ in steps], len(prices))
    most = _still_to_come([uses.max(axis=0) for _, _, uses, _ in steps], len(prices))
    usual = _still_to_come([uses[first] for _, _, uses, first in steps], len(prices))
    start = star.copy()
    start[rows] = -1
    left, lost = (problem.amounts - problem.used(start))[None], np.zeros(1)
    trail: list[tuple[Picks, Picks]] = []
    lacking, found = bound - value - tolerance, (-1, 0)
    for step, (chosen, losses, uses, _) in enumerate(steps):
        parents, takes = (a.ravel() for a in np.indices((len(lost), len(chosen))))
        left, lost = left[parents] - uses[takes], lost[parents] + losses[takes]
        unused = (np.maximum(left - most[step + 1], 0) * prices).sum(axis=1)
        alive = (left >= least[step + 1]).all(axis=1) & (lost + unused < lacking)
        short = lost + (left * prices).sum(axis=1)
        alive[alive] = _undominated(left[alive], short[alive])
        left, lost, short = left[alive], lost[alive], short[alive]
        trail.append((parents[alive], chosen[takes[alive]]))
        # Everybody still to come at their best: where that fits, it is a whole choice.
        whole = (left >= usual[step + 1]).all(axis=1)
        if whole.any():
            short = np.where(whole, short - float((usual[step + 1] * prices).sum()), np.inf)
            if short.min() < lacking:
                lacking, found = float(short.min()) - tolerance, (step, int(short.argmin()))
        if not len(lost) or len(lost) > _STATES:
            proven &= not len(lost)
            break
    step, state = found
    if step < 0:
        return picks, proven
    better = star.copy()
    for row, (parents, chosen) in zip(rows[step::-1], trail[step::-1], strict=True):
        better[row] = chosen[state]
        state = int(parents[state])
    # Sums in another order may pass a limit by the last bit; then nothing is proven.
    fits = problem.fits(problem.used(better))
    return (better if fits else picks), proven and fits


def _still_to_come(uses: list[Floats], n_limits: int) -> Floats:
    """Totals over the customers after each step; the last is nothing."""
    totals = np.zeros((len(uses) + 1, n_limits))
    if uses:
        totals[:-1] = np.cumsum(np.array(uses)[::-1], axis=0)[::-1]
    return totals


def _undominated(left: Floats, lost: Floats) -> Mask:
    """States that no other beats in what is left and in value; the first of equals."""
    order = np.lexsort((lost, *(-left.T)))
    keep = np.ones(len(lost), np.bool_)
    if left.shape[1] == 1:
        best_before = np.minimum.accumulate(np.append(np.inf, lost[order]))[:-1]
        keep[order] = lost[order] < best_before
    else:
        same = (np.diff(left[order], axis=0) == 0).all(axis=1)
        keep[order[1:]] = ~same
    return keep
