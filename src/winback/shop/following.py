"""How many have taken a step so many days later, where not all were seen for as long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from winback.arrays import Floats, Integers, Mask
from winback.results.journeyed import Reached, Step, StepName

LEAST_SEEN, WIDEST = 20, 0.10
"""A share is told as long as so many customers are watched, or its interval is no wider."""

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
        # Wilson's end for none of those watched, or for all who were left when the last took it.
        gone = int(np.argmax(self.still <= 0))
        left = np.where(self.still <= 0, self.at_risk[gone], self.at_risk)
        edge = _Z**2 / (np.maximum(left, 1) + _Z**2)
        low[self.still >= 1] = 1 - edge[self.still >= 1]
        high[self.still <= 0] = edge[self.still <= 0]
        return low, high

    @cached_property
    def told(self) -> Mask:
        """Days of which enough is known; after the last was watched, only that nobody is left."""
        low, high = self.bounds
        narrow = (high - low <= WIDEST) & ((self.at_risk > 0) | (self.still <= 0))
        known: Mask = (self.at_risk >= LEAST_SEEN) | narrow
        return known

    def reached(self, days: int) -> Reached | None:
        """The share who took the step within so many days; None where too little is known."""
        at = min(days, len(self.still) - 1)
        if (at < days and self.still[at] > 0) or not self.told[at]:
            return None
        low, high = self.bounds
        return Reached(
            days=days,
            share=round(1 - float(self.still[at]), 4),
            low=round(1 - float(high[at]), 4),
            high=round(1 - float(low[at]), 4),
            at_risk=int(self.at_risk[days]) if at == days else 0,
        )

    def _first_day(self, still: Floats) -> int | None:
        """The first day on which at most half are left; None where too little is known of it."""
        days = np.flatnonzero(still <= 0.5 + 1e-9)
        return int(days[0]) if len(days) and self.told[days[0]] else None

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
