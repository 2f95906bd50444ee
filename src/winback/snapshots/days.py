"""The shop's own days: how many purchases each had, and when there was no shop to buy from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winback.arrays import Integers
from winback.params import COUNTRY
from winback.snapshots.gaps import find_gaps
from winback.tables.history import ORDERS
from winback.tables.outcomes import SHOP_DAYS
from winback.tables.table import open_given

if TYPE_CHECKING:
    import pandas as pd

_EPOCH = date(1970, 1, 1)
_SECONDS_PER_DAY = 86_400


def _none() -> Integers:
    return np.zeros((0, 3), np.int64)


@dataclass(frozen=True, eq=False)
class ShopDays:
    """Purchases of the whole shop by local day, as known before ``day[-1] + 1``.

    ``day`` are whole days since 1970, each one from that of the first purchase on; ``orders`` how
    many purchases each had. ``late`` has a row for each day and day of knowing where purchases
    became known on a later day than they were made: day, day of knowing, purchases; ``orders``
    counts them, too. ``country`` is the shop's, whose feasts move them.
    """

    day: Integers
    orders: Integers
    late: Integers = field(default_factory=_none)
    country: str = COUNTRY

    @cached_property
    def gaps(self) -> tuple[tuple[date, date], ...]:
        """First and last day of each time without a shop: closed, or no export (`find_gaps`)."""
        return tuple(
            (_EPOCH + timedelta(days=int(first)), _EPOCH + timedelta(days=int(last)))
            for first, last in find_gaps(self.day, self.orders)
        )

    def upto(self, until: date) -> ShopDays:
        """The same days as they were known before ``until``."""
        end = (until - _EPOCH).days
        kept = self.day < end
        orders = self.orders[kept].copy()
        unknown = self.late[(self.late[:, 0] < end) & (self.late[:, 1] >= end)]
        if len(unknown):
            np.subtract.at(orders, unknown[:, 0] - self.day[0], unknown[:, 2])
        known = self.late[(self.late[:, 0] < end) & (self.late[:, 1] < end)]
        return replace(_trimmed(self.day[kept], orders, known), country=self.country)

    def seen_until(self, until: date) -> date:
        """The first day nobody has seen: ``until``, or that of a gap which reaches up to it."""
        for first, last in self.gaps:
            if first < until <= last + timedelta(days=1):
                return first
        return until

    def usual_orders(self, weekday: int, horizon_days: int) -> float:
        """Purchases in a window that begins on a weekday (Monday is 0), by those of the last year.

        Of days outside of gaps.
        """
        lately = self.day >= self.day[-1] - 363
        for first, last in self.gaps:
            in_gap = (self.day >= (first - _EPOCH).days) & (self.day <= (last - _EPOCH).days)
            lately &= ~in_gap
        # 1970 began on a Thursday.
        of = (self.day[lately] + 3) % 7
        usual = np.bincount(of, self.orders[lately], 7) / np.maximum(np.bincount(of, None, 7), 1)
        return float(usual[(weekday + np.arange(horizon_days)) % 7].sum())

    def to_arrow(self) -> pa.Table:
        """The table of ``shop_days.parquet``."""
        prompt = self.orders.copy()
        if len(self.late):
            np.subtract.at(prompt, self.late[:, 0] - self.day[0], self.late[:, 2])
        rows = np.vstack([np.column_stack([self.day, self.day, prompt]), self.late])
        rows = rows[np.lexsort([rows[:, 1], rows[:, 0]])]
        days = (pa.array(rows[:, k].astype(np.int32)).cast(pa.date32()) for k in (0, 1))
        return pa.Table.from_arrays([*days, pa.array(rows[:, 2])], schema=SHOP_DAYS.schema)

    @classmethod
    def from_frame(cls, table: pd.DataFrame, country: str = COUNTRY) -> ShopDays:
        """What `to_arrow` wrote, read as pandas."""
        day, known = (
            table[name].to_numpy().astype("M8[D]").astype(np.int64) for name in ("day", "known_on")
        )
        orders = table["orders"].to_numpy(np.int64)
        rows = np.column_stack([day, known, orders])
        return replace(_of_rows(rows, None), country=country)


def overlapping(
    gaps: Iterable[tuple[date, date]], cutoffs: Iterable[date], horizon_days: int
) -> list[date]:
    """Those of the cutoffs whose window of that many days overlaps one of the gaps."""
    horizon, gaps = timedelta(days=horizon_days), tuple(gaps)
    return [
        cutoff
        for cutoff in cutoffs
        if any(first < cutoff + horizon and cutoff <= last for first, last in gaps)
    ]


def shop_days(orders: Path | str, until: date, country: str = COUNTRY) -> ShopDays:
    """Purchases of the whole shop by day, of all that happened and was known before ``until``.

    The ``days`` of `winback.fit_return_model`, `winback.backtest` and `winback.judge_evidence`,
    which leave out the windows in which there was no shop to buy from. Days go up to the one
    before ``until``, also where they are empty.

    Args:
        orders: canonical order lines (``orders.parquet`` of the intake).
        until: the first day that is not counted, usually the cutoff.
        country: ISO code of the shop's country.

    Raises:
        UsageError: the file holds no canonical orders.
    """
    from winback.snapshots.walk import cut_at_customers

    names = ("customer_id", "order_id", "ordered_at", "known_at", "kind")
    source = open_given(
        orders, ORDERS.only(*names), "read_orders", read_dictionary=["customer_id", "kind"]
    )
    batches = source.iter_batches(columns=list(names), use_threads=False)
    found = [_none()]
    for table in cut_at_customers(batches):
        found.append(_counted(table.filter(pc.equal(table["kind"].cast(pa.string()), "order"))))
    rows = np.vstack(found)
    end = (until - _EPOCH).days
    days = _of_rows(rows[(rows[:, 0] < end) & (rows[:, 1] < end)], end)
    return replace(days, country=country)


def _counted(lines: pa.Table) -> Integers:
    """Day, day of knowing and number of the purchases of whole customers."""
    from winback.snapshots.kernel import changes

    if not len(lines):
        return _none()
    day, known = _days(lines["ordered_at"]), _days(lines["known_at"])
    begins = changes(lines["customer_id"]) | changes(lines["order_id"])
    begins[1:] |= day[1:] != day[:-1]
    first = np.flatnonzero(begins)
    # A purchase is known from the first of its lines on.
    pairs = np.column_stack([day[first], np.minimum.reduceat(known, first)])
    distinct, counts = np.unique(pairs, axis=0, return_counts=True)
    return np.column_stack([distinct, counts]).astype(np.int64)


def _days(instants: pa.ChunkedArray) -> Integers:
    seconds = instants.cast(pa.timestamp("s"), safe=False).cast(pa.int64()).to_numpy()
    return np.asarray(seconds // _SECONDS_PER_DAY, np.int64)


def _of_rows(rows: Integers, end: int | None) -> ShopDays:
    """The days of rows of day, day of knowing, purchases; up to before ``end``."""
    if not len(rows):
        return ShopDays(np.zeros(0, np.int64), np.zeros(0, np.int64))
    first = int(rows[:, 0].min())
    day = np.arange(first, int(rows[:, 0].max()) + 1 if end is None else end, dtype=np.int64)
    orders = np.bincount(rows[:, 0] - first, rows[:, 2], len(day)).astype(np.int64)
    waited = rows[rows[:, 1] > rows[:, 0]]
    distinct, place = np.unique(waited[:, :2], axis=0, return_inverse=True)
    counts = np.bincount(place.ravel(), waited[:, 2], len(distinct)).astype(np.int64)
    return ShopDays(day, orders, np.column_stack([distinct, counts]).astype(np.int64))


def _trimmed(day: Integers, orders: Integers, late: Integers) -> ShopDays:
    """The same days from the first purchase on."""
    bought = np.flatnonzero(orders)
    first = int(bought[0]) if len(bought) else len(day)
    return ShopDays(day[first:], orders[first:], late)
