"""Expected gain against list size and cost, with the interval that its unknowns leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from winback.arrays import Floats, Mask
from winback.offers.budget import Limit, Picks, taken
from winback.offers.worth import OfferValues
from winback.results.offered import Offer
from winback.tables.planned import PROFIT

_Z95 = 1.959963984540054
_POINTS = 40


def gain_interval(
    catalogue: Sequence[Offer], values: OfferValues, picks: Picks, level_error: float
) -> tuple[float, float, float]:
    """Gain of the picks, and the ends of its 95 % interval.

    An offer's effect is wrong for everybody at once, and so is the level of p0; different
    offers' errors are independent. With D_j the gain at the offer's effect less that at the
    end of its interval (one ratio of hazards for all), and S the subsidies of those who come
    anyway, the square of the gain's distance from its own end is

        sum over j of D_j^2 + (1.96 * level_error * S)^2

    on either side (MOVER; Zou & Donner 2008, Statistics in Medicine 27(10)). An offer of
    unknown effect has no expected gain: its interval goes from no effect at all to the
    plausible one, and the gain is the upper end.
    """
    rows = np.flatnonzero(picks >= 0)
    if not len(rows):
        return 0.0, 0.0, 0.0
    at = picks[rows]
    gain, ends = values.gain[rows, at], (values.gain_low[rows, at], values.gain_high[rows, at])
    level = (_Z95 * level_error * float(values.subsidy[rows, at].sum())) ** 2
    below, above, unknown = level, level, 0.0
    for j in range(len(catalogue)):
        here = at == j
        distances = [float((gain - end)[here].sum()) for end in ends]
        if values.known[j]:
            below += max(*distances, 0.0) ** 2
            above += min(*distances, 0.0) ** 2
        else:
            unknown += distances[0]
    total = float(gain.sum())
    return total, total - unknown - float(np.sqrt(below)), total + float(np.sqrt(above))


def expected_gain(values: OfferValues, picks: Picks) -> float:
    """Gain of the picks, where an offer of unknown effect counts as changing nothing."""
    rows = np.flatnonzero(picks >= 0)
    at = picks[rows]
    each = np.where(values.known[at], values.gain[rows, at], -values.idle[rows, at])
    return float(each.sum())


def profit_curve(
    catalogue: Sequence[Offer],
    values: OfferValues,
    gain: Floats,
    prices: Mapping[str, float],
    limits: Sequence[Limit],
    explored: Sequence[tuple[int, int]],
    *,
    listed_share: float,
    spent: float | None,
    level_error: float,
) -> pd.DataFrame:
    """What lists of every size would cost and bring: one row per size, smallest first.

    A row is the best list at one price of money, from nobody to everybody whom it pays to
    contact; capacities and stocks are respected by their prices, and of the explored each has
    as large a part as of the others. Customers, cost and gain are of those who really get an
    offer, the control being held out. ``expected_gain`` is null where the effect of an offer is
    unknown that is not only explored; then ``low`` is what is lost if the offers change
    nothing, ``high`` what they bring at the plausible effect. ``within_budget`` is true up to
    the plan's budget less its reserve.

    Args:
        gain: of the options of whoever is not explored.
        explored: customer and offer of each explored, by lot.
    """
    able: Mask = np.any(gain > 0, axis=1)
    drawn = np.array(explored, np.int64).reshape(-1, 2)
    able[drawn[:, 0]] = True
    worth, cost = np.where(gain > 0, gain, -np.inf)[able], values.cost[able]
    for limit in limits:
        if not limit.money and prices[limit.name] > 0:
            columns = list(range(worth.shape[1]) if limit.options is None else limit.options)
            worth[:, columns] -= prices[limit.name]
    mine = OfferValues(
        **{
            name: of if name == "known" else of[able]
            for name, of in vars(values).items()
        }
    )  # fmt: skip
    drawn[:, 0] = (np.cumsum(able) - 1)[drawn[:, 0]]
    most = int(np.any(worth > 0, axis=1).sum())
    rows = [(0.0, 0.0, 0.0, 0.0, 0.0, True)]
    unknown = False
    for price in _prices(worth, cost):
        net = worth - price * cost
        picks = net.argmax(axis=1)
        picks = np.where(net[np.arange(len(net)), picks] > 0, picks, -1)
        if not (picks >= 0).any():
            continue
        unknown |= not values.known[picks[picks >= 0]].all()
        # By the product of whole numbers: in the list of them all is every one of the explored.
        at, offers = drawn[: len(drawn) * int((picks >= 0).sum()) // most].T
        picks[at] = offers
        paid = float(taken(cost, picks).sum())
        found = gain_interval(catalogue, mine, picks, level_error)
        low, high = (listed_share * end for end in found[1:])
        within = spent is None or paid <= spent * (1 + 1e-9)
        gained = expected_gain(mine, picks)
        people = listed_share * float((picks >= 0).sum())
        rows.append((people, listed_share * paid, listed_share * gained, low, high, within))
    curve = pd.DataFrame(rows, columns=list(PROFIT.names)).drop_duplicates(
        ["customers", "expected_cost"]
    )
    curve = curve.round({name: 2 for name in PROFIT.names[:-1]})
    if unknown:
        curve["expected_gain"] = curve["expected_gain"].astype("Float64").mask(curve.index > 0)
    return curve.reset_index(drop=True)


def _prices(worth: Floats, cost: Floats) -> list[float]:
    """Prices of money between which about equally many customers drop out, highest first."""
    if not worth.size:
        return []
    with np.errstate(divide="ignore", invalid="ignore"):
        best = np.where((worth > 0) & (cost > 0), worth / cost, 0.0).max(axis=1)
    steps = np.quantile(best, np.linspace(1, 0, _POINTS, endpoint=False)[1:])
    return [*sorted({float(step) for step in steps if step > 0}, reverse=True), 0.0]
