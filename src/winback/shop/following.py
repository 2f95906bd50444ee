"""How many have taken a step so many days later, where not all were seen for as long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from winback.arrays import Floats, Integers
from winback.results.journeyed import Reached, Step, StepName

LEAST_SEEN = 20
"""A share of fewer customers than this says nothing."""

_Z = 1.959964


@dataclass(frozen=True)
class Followed:
    """Kaplan and Meier's estimate from counts by day; element t is t days after the start.

    A customer who took the step on day t was watched on days 1 to t; one of whom nothing is known
    after day t was watched as long and counts among those at risk on that day.

    Attributes:
        took: how many took the step on the day.
        unseen: how many were last seen on the day, without the step.
    """

    took: Integers
    unseen: Integers

    @classmethod
    def of_counts(cls, rows: Iterable[tuple[int, bool, int]]) -> Followed:
        """From rows of days, whether the step was taken, and customers."""
        rows = [(int(days), bool(took), int(n)) for days, took, n in rows]
        size = max((days for days, _, _ in rows), default=0) + 1
        counts = np.zeros((2, size), np.int64)
        for days, took, n in rows:
            counts[int(took), days] += n
        return cls(counts[1], counts[0])

    @cached_property
    def at_risk(self) -> Integers:
        """Customers watched on each day who had not taken the step before it."""
        return np.cumsum((self.took + self.unseen)[::-1])[::-1]

    @cached_property
    def still(self) -> Floats:
        """Share who have not taken the step by the end of each day."""
        left: Floats = np.cumprod(1 - self.took / np.maximum(self.at_risk, 1)).astype(np.float64)
        return left

    @cached_property
    def _variance(self) -> Floats:
        """Greenwood's variance of the logarithm of `still`."""
        left = self.at_risk - self.took
        terms = np.where(left > 0, self.took / np.maximum(self.at_risk * left, 1), 0.0)
        return np.cumsum(terms)

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        """Pointwise 95 % interval of `still` (log-log; Wilson's where nobody or all took it)."""
        low, high = np.zeros(len(self.still)), np.ones(len(self.still))
        inside = (self.still > 0) & (self.still < 1)
        s = self.still[inside]
        width = np.exp(_Z * np.sqrt(self._variance[inside]) / np.abs(np.log(s)))
        low[inside], high[inside] = s**width, s ** (1 / width)
        # Wilson's end for 0 or all of n.
        edge = _Z**2 / (np.maximum(self.at_risk, 1) + _Z**2)
        low[self.still >= 1] = 1 - edge[self.still >= 1]
        high[self.still <= 0] = edge[self.still <= 0]
        return low, high

    @cached_property
    def told_days(self) -> int:
        """The last day on which enough customers were watched; 0 for none.

        Once all have taken the step there is nobody left to watch, and nothing left open.
        """
        enough = np.flatnonzero(self.at_risk >= LEAST_SEEN)
        if not len(enough):
            return 0
        if self.at_risk[0] and self.unseen.sum() == 0:
            return len(self.at_risk) - 1
        return int(enough[-1])

    def reached(self, days: int) -> Reached | None:
        """The share who took the step within so many days; None where too few were seen so long."""
        if days > self.told_days:
            return None
        low, high = self.bounds
        return Reached(
            days=days,
            share=round(1 - float(self.still[days]), 4),
            low=round(1 - float(high[days]), 4),
            high=round(1 - float(low[days]), 4),
            at_risk=int(self.at_risk[days]),
        )

    def _first_day(self, still: Floats) -> int | None:
        """The first day told on which at most half are left."""
        days = np.flatnonzero(still[: self.told_days + 1] <= 0.5 + 1e-9)
        return int(days[0]) if len(days) else None

    def step(self, name: StepName, days: Sequence[int]) -> Step:
        """The step in numbers; its median as Brookmeyer and Crowley (1982) bound it."""
        low, high = self.bounds
        median = self._first_day(self.still)
        return Step(
            name=name,
            customers=int(self.at_risk[0]),
            happened=int(self.took.sum()),
            median_days=median,
            median_low=None if median is None else self._first_day(low),
            median_high=None if median is None else self._first_day(high),
            reached=tuple(row for d in days if (row := self.reached(d)) is not None),
        )
