"""What is measured, and at which cutoffs: the plan that every driver hands to the kernel."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from winback.arrays import Integers
from winback.errors import UsageError, WinbackError
from winback.features import NEEDED_WINDOWS_DAYS, FeatureSet, snapshot_table
from winback.params import COUNTRY, MOST_CUTOFFS, PAYDAYS
from winback.snapshots.occasions import calendar_columns

Day = date | np.datetime64 | str
"""A day as a person gives it; that of an instant is meant."""

_EPOCH = date(1970, 1, 1)
# Less than a week says too little of a whole horizon.
_LEAST_PART_DAYS = 7
# A history that ends more than this many days before the cutoff is not known up to it.
QUIET_DAYS = 14


@dataclass(frozen=True)
class Plan:
    """What a batch is measured by; days are whole days since 1970."""

    cutoffs: Integers
    horizon_days: int
    block_days: int
    observed_until: int
    features: FeatureSet
    amount_scale: int
    has_time: bool
    has_products: bool
    has_quantity: bool
    calendar: Mapping[str, Integers]
    schema: pa.Schema


def day_number(day: date) -> int:
    """Whole days since 1970-01-01."""
    return (day - _EPOCH).days


def observed_until(cutoff: date, last_day: date) -> date:
    """The first day nobody has seen: the cutoff, unless the history ends long before it.

    Days without any export behind them are not days on which nobody came back.
    """
    return cutoff if (cutoff - last_day).days <= QUIET_DAYS else last_day + timedelta(days=1)


def as_day(day: Day) -> date:
    """The day of a date, of an instant or of text such as 2024-05-01.

    Raises:
        UsageError: it is none of these.
    """
    try:
        if isinstance(day, datetime) and day == day:  # pandas' NaT is one, and equals nothing
            return day.date()
        if isinstance(day, date) and not isinstance(day, datetime):
            return day
        return date.fromisoformat(str(day)[:10])
    except ValueError as error:
        raise UsageError("params.no_day", found=repr(day)[:60]) from error


def training_cutoffs(
    first_day: Day, cutoff: Day, horizon_days: int, *, every_days: int | None = None,
    most: int = MOST_CUTOFFS, over_days: int = 1100,
) -> list[date]:  # fmt: skip
    """Cutoffs to learn from, oldest first: closed horizons, over up to three years.

    All lie whole weeks before ``cutoff``, so that their windows hold the same weekdays as the one
    to be foretold. The newest is the last of these whose outcome is known at ``cutoff``; the
    others step back from it by ``every_days`` while at least a fifth of the horizon (and a week)
    of history lies before them. When not given, the step is the horizon in whole weeks, held
    between two and five; of three to five the one that lets an earlier cutoff learn from the
    windows that closed last, and of equals four. Histories with no room for four such steps are
    cut in four, in whole weeks. With less past than that, the newest alone; empty when not a day
    lies before it. Where no whole weeks fit, the day whose outcome is just known is the only one.

    ``every_days`` is taken as it is: where it is no whole number of weeks, weekdays turn.
    """
    first_day, last = as_day(first_day), as_day(cutoff)
    newest = last - timedelta(days=_whole_weeks(horizon_days))
    least_past = max(7, horizon_days // 5)
    room = (newest - first_day).days - least_past
    if room < 0:
        lone = [newest, last - timedelta(days=horizon_days)]
        return [day for day in lone if (day - first_day).days >= 1][:1]
    step = every_days or _usual_step(horizon_days)
    if every_days is None and room < 4 * step:
        step = max(7, room // 28 * 7)
    count = min(most, min(room, over_days) // step + 1)
    return [newest - timedelta(days=step * k) for k in reversed(range(count))]


def _whole_weeks(days: int) -> int:
    """The days of as many whole weeks as hold so many days."""
    return -(-days // 7) * 7


def _usual_step(horizon_days: int) -> int:
    """Days between training cutoffs where nobody has said how many."""
    if horizon_days <= 21:
        return max(14, _whole_weeks(horizon_days))

    def waits(step: int) -> int:
        """Days from a cutoff back to the newest of the grid that has closed by it."""
        return -(-horizon_days // step) * step

    # Of less than a tenth of the horizon more or less nothing is lost.
    best = min(waits(step) for step in (21, 28, 35))
    return next(step for step in (28, 35, 21) if waits(step) - best < horizon_days / 10)


def seen_in_whole_weeks(cutoff: date, seen: date) -> date:
    """The last day up to ``seen`` from which whole weeks lead to the cutoff."""
    return seen - timedelta(days=(seen - cutoff).days % 7)


def part_to_learn(horizon_days: int, past_days: int) -> int:
    """Days of the horizon to learn, so that windows of that length saw two thirds of the past.

    Whole weeks; the whole horizon where its own windows did, or where not even a week could be
    learned so.

    Args:
        horizon_days: the main horizon.
        past_days: longest past of today's customers.
    """
    if past_days // 3 >= horizon_days:
        return horizon_days
    part = past_days // 21 * 7
    return part if _LEAST_PART_DAYS <= part < horizon_days else horizon_days


def snapshot_cutoffs(last: date, count: int, every_days: int) -> list[date]:
    """``count`` cutoffs that step back from ``last`` by ``every_days``, oldest first."""
    return [last - timedelta(days=every_days * k) for k in reversed(range(count))]


def make_plan(
    stated: dict[bytes, bytes], cutoffs: Sequence[date], horizon_days: int, observed_until: date,
    *, features: FeatureSet | None = None, windows_days: Sequence[int] | None = None,
    country: str = COUNTRY, paydays: Sequence[int] = PAYDAYS, block_days: int | None = None,
) -> Plan:  # fmt: skip
    """What any driver measures by; ``stated`` is the metadata of ``orders.parquet``.

    Raises:
        WinbackError: no cutoff was given.
        UsageError: an argument cannot be, or no public holidays are known for the country.
    """
    cutoffs, horizon_days = days_of(cutoffs), whole_number("horizon_days", horizon_days)
    (observed_until,) = days_of([observed_until], "observed_until")
    if not cutoffs:
        raise WinbackError("snapshots.no_cutoff")
    paydays = _wholes("paydays", paydays)
    if not paydays or max(paydays) > 31:
        raise UsageError("snapshots.paydays", found=list(paydays))
    if windows_days is not None:
        windows_days = _wholes("windows_days", windows_days)
        if features is not None:
            raise UsageError("snapshots.features_and_windows")
    if features is None:
        usual = FeatureSet() if windows_days is None else FeatureSet(tuple(windows_days))
        features = FeatureSet(tuple(sorted({*usual.windows_days, *NEEDED_WINDOWS_DAYS})))
    cutoffs = sorted(set(cutoffs))
    return Plan(
        cutoffs=np.array([day_number(c) for c in cutoffs], np.int64),
        horizon_days=horizon_days,
        block_days=horizon_days if block_days is None else whole_number("block_days", block_days),
        observed_until=day_number(observed_until),
        features=features,
        amount_scale=int(stated.get(b"amount_scale", b"100")),
        has_time=stated.get(b"has_time", b"1") == b"1",
        has_products=stated.get(b"has_products", b"1") == b"1",
        has_quantity=stated.get(b"has_quantity", b"1") == b"1",
        calendar=calendar_columns(cutoffs, country, paydays),
        schema=snapshot_table(features).schema,
    )


def whole_number(name: str, value: Any) -> int:
    """A whole number from 1 on."""
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1 or isinstance(value, bool):
        raise UsageError("snapshots.no_whole_number", name=name, found=value)
    return number


def _wholes(name: str, values: Any) -> tuple[int, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UsageError("snapshots.no_whole_numbers", name=name, found=values)
    return tuple(whole_number(name, value) for value in values)


def days_of(values: Any, name: str = "cutoffs") -> list[date]:
    """Days given as such, as ISO text, or as an instant at midnight."""
    if isinstance(values, str | date) or not isinstance(values, Iterable):
        raise UsageError("snapshots.no_days", name=name, found=str(values))
    days = []
    for value in values:
        try:
            day = datetime.fromisoformat(value) if isinstance(value, str) else value
            if isinstance(value, np.datetime64):
                day = value.astype("M8[s]").item()
        except ValueError:
            day = None
        if isinstance(day, datetime) and day == day:  # a pandas Timestamp is one, and so is NaT
            day = day.date() if (day.time(), day.tzinfo) == (time(), None) else None
        if not isinstance(day, date) or day != day:
            raise UsageError("snapshots.no_day", name=name, found=str(value))
        days.append(day)
    return days
