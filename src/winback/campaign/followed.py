"""What came of an assignment: its arms, their weights, and what each customer did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats, Mask
from winback.campaign.estimates import Comparison, compare
from winback.campaign.purchases import Purchases
from winback.campaign.reading import Sent
from winback.results.offered import CONTROL


@dataclass(frozen=True)
class Followed:
    """An assignment and its outcomes, one row or element a customer, in one order.

    Attributes:
        assigned: the assignment, as ``read_assignment`` gives it.
        outcomes: what each did, as ``read_outcomes`` gives it.
        treated: who is not of the control.
        weights: inverse chance of the side drawn; None where it is the same for everybody.
        covariates: what was known before the draw, most telling first.
        went: what the CRM says it sent; None without its file.
        window_days: how long orders count.
        score_days: days that ``p_return`` speaks of; None where not known.
        covered: last day the orders cover.
        purchases: what each bought in the window, order by order.
        later: what each did 30, 60 and 90 days on, by the days; only where orders cover them.
    """

    assigned: pd.DataFrame
    outcomes: pd.DataFrame
    treated: Mask
    weights: Floats | None
    covariates: pd.DataFrame
    went: Sent | None
    window_days: int
    score_days: int | None
    covered: date
    purchases: Purchases
    later: Mapping[int, pd.DataFrame]

    @property
    def comparable(self) -> bool:
        """Whether both arms have two customers or more."""
        return min(int(self.treated.sum()), int((~self.treated).sum())) >= 2

    @property
    def began(self) -> NDArray[np.datetime64]:
        """When each was assigned."""
        return self.assigned["assigned_at"].to_numpy("datetime64[s]")

    @property
    def planned(self) -> pd.Series[str]:
        """The offer planned for each, its arm where rows do not say."""
        planned: pd.Series[str] = self.assigned["planned_offer"].fillna(self.assigned["arm"])
        return planned

    def values(self, column: str) -> Floats:
        """A column of the outcomes as numbers."""
        return self.outcomes[column].to_numpy(np.float64)

    def compare(self, column: str, level: float = 0.05) -> Comparison:
        """Both arms by a column of the outcomes; ``level`` is the interval's chance to miss."""
        return compare(
            self.values(column), self.treated, self.weights, share=column == "returned",
            level=level,
        )  # fmt: skip

    def within(self, here: Mask) -> Followed:
        """The same of some customers."""
        return replace(
            self,
            assigned=self.assigned[here],
            outcomes=self.outcomes[here],
            treated=self.treated[here],
            weights=None if self.weights is None else self.weights[here],
            covariates=self.covariates[here],
            went=None if self.went is None else self.went.within(here),
            purchases=self.purchases.within(here),
            later={days: found[here] for days, found in self.later.items()},
        )

    def weights_of(self, side: Mask) -> Floats | None:
        """The weights of one side."""
        return None if self.weights is None else self.weights[side]

    def closed(self, days: int) -> bool:
        """Whether the orders cover so many days after every assignment."""
        ends = self.assigned["assigned_at"].max() + pd.Timedelta(days=days)
        return bool(ends <= pd.Timestamp(self.covered) + pd.Timedelta(days=1))


def offer_groups(assigned: pd.DataFrame) -> list[tuple[str, Mask]]:
    """Each offer with those it was planned for, or where rows do not say, the whole control."""
    arm = assigned["arm"].to_numpy(object)
    control = arm == CONTROL
    planned = assigned["planned_offer"]
    if planned.notna().all():
        return [(str(name), (planned == name).to_numpy(np.bool_)) for name in sorted(set(planned))]
    return [(str(name), (arm == name) | control) for name in sorted(set(arm[~control]))]


def segments_of(assigned: pd.DataFrame) -> tuple[str, list[tuple[str, Mask]]] | None:
    """The column that parts the customers, and its parts.

    ``segment``, ``risk_band`` or ``stratum`` of the assignment, whichever it has first, else
    thirds of ``p_return``.
    """
    names = ("segment", "risk_band", "stratum")
    column = next((name for name in names if assigned[name].notna().any()), None)
    if column is not None:
        labels = assigned[column].fillna("").to_numpy(object)
    elif assigned["p_return"].notna().all() and assigned["p_return"].nunique() >= 3:
        column = "p_return"
        chance = assigned["p_return"].to_numpy(np.float64)
        first, second = np.quantile(chance, [1 / 3, 2 / 3])
        labels = np.select([chance <= first, chance <= second], ["lowest third", "middle third"],
                           "highest third").astype(object)  # fmt: skip
    else:
        return None
    return column, [(str(name), labels == name) for name in sorted(set(labels))]
