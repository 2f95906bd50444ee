"""One offer against another, where it was left to chance who got which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import chi2

from winback.arrays import Floats, Mask
from winback.campaign.earnings import cash_of
from winback.campaign.estimates import compare, holm, interval, rounded
from winback.campaign.followed import Followed
from winback.results.measured import Amounts, Found, Metric, Versus
from winback.results.offered import CONTROL, Offer

LEAST_P = 0.001
"""Chance of arms as unlike as these, or as unevenly filled, below which they are no pair."""


@dataclass(frozen=True)
class _Pair:
    """Two offers, who had the one and who had the other.

    ``share``: of both, how many should have the first; None where the draw is not known.
    """

    offer: str
    against: str
    first: Mask
    second: Mask
    share: float | None

    @property
    def here(self) -> Mask:
        """Who had either."""
        either: Mask = self.first | self.second
        return either


def versus_of(
    campaign: Followed, metric: Metric, offers: Sequence[Offer], amounts: Amounts
) -> tuple[Versus, ...]:
    """Each pair of offers among customers who could have been drawn either.

    Which they are the assignment says. Where it names the offer planned for each, those planned
    as a ``test`` with no more than the chance that all its tests together leave to each: a
    customer with a larger one could not have had some of them. Where offers were chosen by gain
    their customers differ, and the explored are few, with other chances of the two than tests have.
    An assignment without planned offers is one draw over all its arms, whose rows are weighted by
    the inverse of their ``probability`` where that differs within an arm.

    Arms that chance does not explain are no pair: filled otherwise than they were drawn, as where
    a budget reached the customers of one offer and not of the other, or unlike before the draw
    (p below 0.001 each). ``p_holm`` corrects for the number of pairs (Holm 1979).
    """
    values, weights = campaign.values(metric), _weights(campaign)
    pairs = [pair for pair in _pairs(campaign.assigned) if _alike(campaign, pair)]
    found = [
        compare(
            values[pair.here], pair.first[pair.here],
            None if weights is None else weights[pair.here], share=metric == "returned",
        )
        for pair in pairs
    ]  # fmt: skip
    corrected = holm([each.p for each in found])
    told = []
    for pair, effect, p_holm in zip(pairs, found, corrected, strict=True):
        mine = None if weights is None else weights[pair.here]
        cash = cash_of(campaign.within(pair.here), offers, amounts)
        profit = None if cash is None else compare(cash.profit, pair.first[pair.here], mine).bounds
        better: Found = "works" if effect.effect > 0 else "harms"
        told.append(
            Versus(
                offer=pair.offer,
                against=pair.against,
                n=int(pair.first.sum()),
                n_against=int(pair.second.sum()),
                effect=interval(effect.bounds),
                profit=None if profit is None else interval(profit),
                p=rounded(effect.p),
                p_holm=rounded(p_holm),
                verdict=better if p_holm < 0.05 else "not_distinguishable",
            )
        )
    return tuple(told)


def _pairs(assigned: pd.DataFrame) -> list[_Pair]:
    """Each two offers that the same customers could have been drawn."""
    arm = assigned["arm"].to_numpy(object)
    drawn = arm != CONTROL
    planned = assigned["planned_offer"].notna()
    if planned.all():
        drawn = drawn & (assigned["chosen_by"] == "test").to_numpy(np.bool_, na_value=False)
        names = sorted(set(arm[drawn]))
        chance = assigned["plan_probability"].to_numpy(np.float64)
        drawn = drawn & (chance <= 1 / max(len(names), 1) + 1e-6)
    elif planned.any():
        return []
    names = sorted(set(arm[drawn]))
    chances = None if planned.any() else _chances(assigned, names)
    pairs = []
    for one, other in combinations(names, 2):
        first, second = drawn & (arm == one), drawn & (arm == other)
        if min(int(first.sum()), int(second.sum())) >= 2:
            share = 0.5 if planned.any() else None
            if chances is not None:
                share = chances[one] / (chances[one] + chances[other])
            pairs.append(_Pair(one, other, first, second, share))
    return pairs


def _chances(assigned: pd.DataFrame, names: Sequence[str]) -> dict[str, float] | None:
    """Each arm's chance; None where it is not known or not the same for everybody."""
    by_arm = assigned.groupby("arm")["probability"].agg(["min", "max"])
    found = {name: float(by_arm.loc[name, "max"]) for name in names}  # type: ignore[arg-type]
    steady = (by_arm["max"] - by_arm["min"] < 1e-9).all()
    return found if steady and all(chance > 0 for chance in found.values()) else None


def _weights(campaign: Followed) -> Floats | None:
    """Inverse chance of the arm drawn; None where it is one for each arm, or not known."""
    assigned = campaign.assigned
    chance = assigned["probability"].to_numpy(np.float64)
    # Who was planned what is one draw for all pairs, and the control's share of it is one.
    if assigned["planned_offer"].notna().any() or not np.isfinite(chance).all():
        return None
    if _chances(assigned, sorted(set(assigned["arm"]) - {CONTROL})) is not None:
        return None
    return np.asarray(1 / np.clip(chance, 1e-3, None))


def _alike(campaign: Followed, pair: _Pair) -> bool:
    """Whether chance explains how many each has, and who they were before the draw."""
    if pair.share is not None:
        n, expected = int(pair.here.sum()), pair.share * int(pair.here.sum())
        statistic = (int(pair.first.sum()) - expected) ** 2 / (expected * (1 - expected / n))
        if float(chi2.sf(statistic, 1)) < LEAST_P:
            return False
    first, weights = pair.first[pair.here], _weights(campaign)
    mine = None if weights is None else weights[pair.here]
    before = campaign.covariates[pair.here]
    return all(
        compare(before[name].to_numpy(np.float64), first, mine).p >= LEAST_P for name in before
    )
