"""How a claim of the press becomes a verdict, and sums by groups of customers to weigh it by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from winback.arrays import Floats
from winback.results.base import Fact
from winback.results.pressed import Claim, Unit, Variant, Verdict
from winback.shop.jackknife import GROUPS, LEAST_OUTCOMES, Interval
from winback.shop.past import Past
from winback.snapshots.plan import observed_until


@dataclass(frozen=True)
class Span:
    """From when until when the history can be counted.

    Attributes:
        first: day of the first purchase.
        seen: the first day that nobody has seen.
    """

    first: date
    seen: date

    @classmethod
    def of(cls, past: Past) -> Span | None:
        """Of a past; None without a purchase."""
        first, last = row_of(past, "SELECT min(day), max(day) FROM purchases")
        if first is None:
            return None
        return cls(first, past.days.seen_until(observed_until(past.cutoff, last)))

    @property
    def days(self) -> int:
        """Days of the history."""
        return (self.seen - self.first).days


def closed_day(past: Past, span: Span, back_days: int, ahead_days: int) -> date | None:
    """The newest day with so many days seen before it and after it, outside of gaps.

    None where there is none.
    """
    day = span.seen - timedelta(days=ahead_days)
    for first, last in sorted(past.days.gaps, reverse=True):
        if first < day + timedelta(days=ahead_days) and day <= last:
            day = first - timedelta(days=ahead_days)
    return day if day >= span.first + timedelta(days=back_days) else None


def row_of(past: Past, query: str, **values: Any) -> tuple[Any, ...]:
    """The one row that a query gives."""
    found: tuple[Any, ...] = past.con.execute(query, values).fetchall()[0]
    return found


def done(past: Past, statement: str) -> None:
    """Make a view or a table, to its end."""
    past.con.execute(statement).fetchall()


def sums_by_group(
    past: Past, query: str, values: Mapping[str, date], shape: Sequence[int], sums: int
) -> Floats:
    """Sums by group of customers and the query's own cells.

    Args:
        past: where it is asked.
        query: gives the group, then one whole number a cell's axis, then the sums.
        values: its parameters.
        shape: how many cells each axis has.
        sums: how many sums there are.

    Returns:
        axes: group, the cells', which sum.
    """
    table = past.con.sql(query, params=dict(values)).to_arrow_table()
    columns = [table[k].to_numpy().astype(np.float64) for k in range(table.num_columns)]
    found = np.zeros((GROUPS, *shape, sums))
    place = tuple(column.astype(np.int64) for column in columns[: 1 + len(shape)])
    found[place] = np.nan_to_num(np.stack(columns[1 + len(shape) :], axis=1))
    return found


def verdict_of(found: Interval, claimed: float | None, outcomes: int, *, none: float) -> Verdict:
    """What an interval says of a claimed figure, or of a direction: more than ``none``."""
    if outcomes < LEAST_OUTCOMES or found.low is None or found.high is None:
        return "too_few"
    if claimed is None:
        return "agrees" if found.low > none else "lower" if found.high < none else "unclear"
    return "higher" if found.low > claimed else "lower" if found.high < claimed else "agrees"


@dataclass(frozen=True)
class Said:
    """What the press says: which claim, in which unit, with which figure."""

    code: str
    unit: Unit
    claimed: float | None

    def tested(
        self, found: Interval, outcomes: int, customers: int, counted: Fact, *,
        caveats: Sequence[Fact] = (), taken: Sequence[str] = (), variants: Sequence[Variant] = (),
        verdict: Verdict | None = None,
    ) -> Claim:  # fmt: skip
        """With what came out; the verdict follows from it unless one is given."""
        none = 1.0 if self.unit == "times" else 0.0
        return Claim(
            code=self.code,
            unit=self.unit,
            claimed=self.claimed,
            verdict=verdict or verdict_of(found, self.claimed, outcomes, none=none),
            value=rounded(found.value),
            low=rounded(found.low),
            high=rounded(found.high),
            outcomes=outcomes,
            customers=customers,
            counted=counted,
            caveats=tuple(caveats),
            taken=tuple(taken),
            variants=tuple(variants),
        )

    def too_few(self, counted: Fact | None, *caveats: Fact, taken: Sequence[str] = ()) -> Claim:
        """Without a figure: there is too little to count."""
        return self._without("too_few", counted=counted, caveats=caveats, taken=taken)

    def untestable(self, needs: Fact, taken: Sequence[str] = ()) -> Claim:
        """Without the columns that it needs."""
        return self._without("not_testable", needs=needs, taken=taken)

    def _without(
        self, verdict: Verdict, *, counted: Fact | None = None, caveats: Sequence[Fact] = (),
        taken: Sequence[str] = (), needs: Fact | None = None,
    ) -> Claim:  # fmt: skip
        return Claim(
            code=self.code, unit=self.unit, claimed=self.claimed, verdict=verdict, value=None,
            low=None, high=None, outcomes=0, customers=0, counted=counted,
            caveats=tuple(caveats), taken=tuple(taken), needs=needs,
        )  # fmt: skip


def variant(code: str, unit: Unit, found: Interval, outcomes: float) -> Variant:
    """The same asked differently; one that rests on too little has no interval."""
    enough = outcomes >= LEAST_OUTCOMES
    return Variant(
        code=code,
        unit=unit,
        value=rounded(found.value),
        low=rounded(found.low) if enough else None,
        high=rounded(found.high) if enough else None,
        outcomes=int(outcomes),
    )


def rounded(value: float | None) -> float | None:
    """To eight decimals: what is written does not depend on the last bits."""
    return None if value is None else round(value, 8)
