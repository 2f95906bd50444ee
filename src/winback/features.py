"""What is measured: a measure is a number per event, a feature is a measure over a window.

Each declaration below is the only place where its column exists: the column's name, the row in
``docs/definitions.md``, training and scoring all follow from it. To add a feature, add a
declaration here, or under ``snapshot.measures``, ``signals``, ``attributes`` or ``custom`` of
params.yaml; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np

from winback.arrays import Floats, Integers, Mask
from winback.params import DECLARED_DAYS, OF_SIGNALS, WINDOWS_DAYS, Aggregate, SignalAggregate
from winback.tables.table import CUSTOMER, CUTOFF, Table
from winback.tables.table import Column as Written

# Derived features and reasons are worked out from these.
NEEDED_WINDOWS_DAYS = (30, 90, 180, 365)


@dataclass(frozen=True)
class Events:
    """Events of whole customers, ordered by customer and day: purchases, or refunds.

    Grain: one element per purchase, or per refund. Amounts are integers in minor units,
    quantities in thousandths of an item, so that running totals are exact in any order.
    ``one`` is 1 per event (its running total counts them), but 0 for the part of a refund that
    became known after its first part.
    """

    day: Integers
    second: Integers
    amount: Integers
    items: Integers
    lines: Integers
    repeat_lines: Integers
    new_day: Integers
    gap_days: Integers
    one: Integers
    amount_scale: int = 100

    @property
    def weekday(self) -> Integers:
        """Monday is 0; day 0 (1970-01-01) was a Thursday."""
        return (self.day + 3) % 7


@dataclass(frozen=True)
class Purchases:
    """What a shop's own expression or function measures: the columns of its purchases.

    Grain: one element per purchase, of whole customers, ordered by customer and day. ``day`` is
    whole days since 1970, ``second`` those since midnight, Monday is ``weekday`` 0, ``amount`` is
    in the currency and ``items`` counts items. The arrays cannot be written to.
    """

    day: Integers
    second: Integers
    hour: Integers
    weekday: Integers
    amount: Floats
    items: Floats
    lines: Integers
    repeat_lines: Integers
    new_day: Integers
    gap_days: Integers

    @classmethod
    def of(cls, events: Events) -> Purchases:
        """The purchases of `Events` in the units of the currency and of items."""
        made = cls(
            events.day, events.second, events.second // 3600, events.weekday,
            events.amount / events.amount_scale, events.items / 1000, events.lines,
            events.repeat_lines, events.new_day, events.gap_days,
        )  # fmt: skip
        return made.where(slice(None))

    def where(self, kept: Mask | slice) -> Purchases:
        """Some of them."""
        columns = {f.name: getattr(self, f.name)[kept] for f in fields(self)}
        for column in columns.values():
            column.flags.writeable = False
        return Purchases(**columns)


@dataclass(frozen=True)
class Happenings:
    """Signals of one name, of whole customers, ordered by customer and day.

    Grain: one element per signal. ``value`` is in thousandths and 0 where a signal has none;
    ``valued`` is 1 where it has one.
    """

    day: Integers
    second: Integers
    value: Integers
    valued: Integers

    @property
    def one(self) -> Integers:
        """One per signal: its running total counts them."""
        return np.ones(len(self.day), np.int64)


Unit = Literal["count", "money", "items", "days", "ratio", "share", "calendar", "value"]

# What each aggregate adds to a column's meaning; the plain sum needs no words.
_SAID: Mapping[str, str] = {
    "sum": "{}",
    "mean": "mean of: {}",
    "sd": "standard deviation (n in the denominator) of: {}",
    "share": "{}, over the number of purchases",
    "ratio": "pace of: {}, in the shorter window over the longer",
    "distinct": "different values of: {}",
    "first": "the first of: {}",
    "last": "the last of: {}",
    "max": "the largest of: {}",
}
_NULL: Mapping[str, str] = {
    "mean": "nothing happened in the window",
    "sd": "nothing happened in the window",
    "share": "no purchase in the window",
    "ratio": "zero in the longer window",
    "first": "it never happened",
    "last": "it never happened",
    "max": "it never happened",
}
WHOLE_LIFE: tuple[Aggregate, ...] = ("first", "last", "max")  # one column, whatever the windows


@dataclass(frozen=True)
class Measure:
    """A number per event, whose running total answers every window.

    Columns: ``{name}_{w}d`` for each window (events in ``[cutoff - w days, cutoff)``) and
    ``{name}_total``; other aggregates than the sum stand between, as in ``{name}_mean_90d`` and
    ``{name}_last``. ``over`` says which events count (all, where None): means, last values and
    the like leave the others out. A measure with ``published=False`` gives no column of its own
    and only feeds derived features; with ``windows_published=False`` the windows alone do so.
    """

    name: str
    value: Callable[[Any], Integers]
    meaning: str
    unit: Unit = "count"
    stream: str = "purchases"
    windows_days: tuple[int, ...] | None = ()  # None: every window of params
    total: bool = True
    published: bool = True
    windows_published: bool = True
    null_when: str = "never"
    aggregates: tuple[Aggregate, ...] = ("sum",)
    over: Callable[[Any], Integers] | None = None

    def windows(self, configured: Sequence[int]) -> tuple[int, ...]:
        """The windows this measure is summed over, given those of params."""
        if self.windows_days is None:
            return tuple(configured)
        return self.windows_days

    def columns(
        self, configured: Sequence[int]
    ) -> Iterator[tuple[str, Aggregate, tuple[int | None, ...]]]:
        """``(column, aggregate, windows)``; the window of all of history is None."""
        windows = self.windows(configured)
        for aggregate in self.aggregates:
            stem = self.name if aggregate == "sum" else f"{self.name}_{aggregate}"
            if aggregate in WHOLE_LIFE:
                yield stem, aggregate, (None,)
            elif aggregate == "ratio":
                short, long = min(windows), max(windows)
                yield f"{stem}_{short}d_{long}d", aggregate, (short, long)
            else:
                for w in windows:
                    yield f"{stem}_{w}d", aggregate, (w,)
                if self.total:
                    yield f"{stem}_total", aggregate, (None,)

    def described(self, configured: Sequence[int]) -> Iterator[Column]:
        """Its columns as documented."""
        for name, aggregate, windows in self.columns(configured):
            if windows != (None,) and not self.windows_published:
                continue
            meaning = _SAID[aggregate].format(self.meaning)
            if aggregate not in WHOLE_LIFE:
                spans = [f"the last {w} days" if w else "all of history" for w in windows]
                meaning += f", in {' over '.join(spans)}"
            kept = aggregate in ("sum", "first", "last", "max")
            unit: Unit = self.unit if kept else "count" if aggregate == "distinct" else "ratio"
            null_when = _NULL.get(aggregate, self.null_when)
            yield Column(name, unit, meaning, null_when)


@dataclass(frozen=True)
class Signal:
    """What happened to a customer that is not an order, by its name in the signals table.

    Columns: ``{name}_{w}d`` and ``{name}_total`` count it; ``{name}_sum_{w}d``, ``_mean_``,
    ``_sd_``, ``_distinct_`` look at its values; ``{name}_share_{w}d`` is the count over the
    purchases of the window, ``{name}_ratio_{a}d_{b}d`` the pace of two windows;
    ``{name}_first``, ``_last``, ``_max`` single values; ``days_since_last_{name}``; and
    ``{name}_open`` how many are not yet closed by a signal named ``closed_by``: opened less
    closed in the order of happening, at no moment below zero.
    """

    name: str
    windows_days: tuple[int, ...] = DECLARED_DAYS
    aggregates: tuple[SignalAggregate, ...] = OF_SIGNALS
    closed_by: str | None = None
    meaning: str = ""

    def measures(self) -> Iterator[Measure]:
        """The measures that its aggregates come to."""
        said = self.meaning or f"signals `{self.name}`"
        counted = Measure(
            self.name, lambda e: e.one, said, stream=self.name, windows_days=self.windows_days
        )
        for aggregate in self.aggregates:
            if aggregate == "count":
                yield replace(counted, aggregates=("sum",))
            elif aggregate == "share" or aggregate == "ratio":
                yield replace(counted, aggregates=(aggregate,))
            elif aggregate != "days_since" and aggregate != "open":
                yield Measure(
                    f"{self.name}_sum" if aggregate == "sum" else self.name, lambda e: e.value,
                    f"value of {said}", "value", stream=self.name, aggregates=(aggregate,),
                    windows_days=self.windows_days, over=lambda e: e.valued,
                )  # fmt: skip

    def described(self) -> Iterator[Column]:
        """Its columns as documented."""
        said = self.meaning or f"signals `{self.name}`"
        for measure in self.measures():
            yield from measure.described(())
        if "days_since" in self.aggregates:
            yield Column(
                f"days_since_last_{self.name}", "days", f"days from the last of: {said}",
                "it never happened",
            )  # fmt: skip
        if "open" in self.aggregates:
            yield Column(f"{self.name}_open", "count", f"{said}, not yet closed")


@dataclass(frozen=True)
class Attribute:
    """A property of a customer that changes, as it was known before the cutoff.

    Columns: ``{name}``, the position of its value in ``levels`` (0 is the first; without levels
    the value itself, as a number), and ``days_since_{name}_set``.
    """

    name: str
    levels: tuple[str, ...] = ()
    meaning: str = ""

    def described(self) -> Iterator[Column]:
        """Its columns as documented."""
        said = self.meaning or f"attribute `{self.name}`"
        scale = f": {', '.join(f'{k} {v}' for k, v in enumerate(self.levels))}"
        yield Column(
            self.name, "value", said + (scale if self.levels else ""),
            "not known, or no such value",
        )  # fmt: skip
        yield Column(
            f"days_since_{self.name}_set", "days", f"days since {said} was last set", "never set"
        )


@dataclass(frozen=True)
class Custom:
    """A way out for what no declaration can say: SQL, or a Python function, per cutoff.

    ``sql`` reads the table ``past`` (canonical lines that happened and were known before the
    cutoff, amounts in units of the currency, and ``cutoff``) and gives ``customer_id`` and the
    columns. ``function`` (``module:name``) gets one customer's past as a DataFrame, and the
    cutoff, and returns a number per column. Rows it does not give are null.
    """

    columns: tuple[str, ...]
    sql: str | None = None
    function: str | None = None
    meaning: str = "as its author says"

    def described(self) -> Iterator[Column]:
        """Its columns as documented."""
        for name in self.columns:
            yield Column(name, "value", self.meaning, "its author gave none")


@dataclass(frozen=True)
class Feature:
    """A column worked out from other columns of the same snapshot row."""

    name: str
    formula: Callable[[Mapping[str, Floats]], Floats]
    meaning: str
    unit: Unit
    null_when: str = "never"


@dataclass(frozen=True)
class Column:
    """One column of the snapshot table, as documented in ``docs/definitions.md``."""

    name: str
    unit: Unit
    meaning: str
    null_when: str = "never"
    derived: bool = False

    @property
    def whole(self) -> bool:
        """Whether the column holds integers; what is derived, such as a mean gap, does not."""
        return not self.derived and self.unit in ("count", "days", "calendar")


def _part_of_day(first_hour: int, last_hour: int) -> Callable[[Events], Integers]:
    def value(events: Events) -> Integers:
        hour = events.second // 3600
        return ((hour >= first_hour) & (hour < last_hour)).astype(np.int64)

    return value


# A season: purchases so near to each other, by days of the year, are of one.
SEASON_DAYS = 45


def _is_yearly(e: Events) -> Integers:
    """1 where a gap is of about a year (365.25 days and a season at most more or less)."""
    return (np.abs(4 * e.gap_days - 1461) <= 4 * SEASON_DAYS).astype(np.int64)


def _is_off_season(e: Events) -> Integers:
    """1 where a gap leads to another season, whatever the year."""
    past = (4 * e.gap_days + 4 * SEASON_DAYS) % 1461
    return (past > 8 * SEASON_DAYS).astype(np.int64)


def _yearly_gaps(f: Mapping[str, Floats]) -> Floats:
    days = f["days_since_first_order"] - f["days_since_last_order"]
    drifted = np.abs(days - 365.25 * np.rint(days / 365.25)) > SEASON_DAYS
    seasons = f["year_gaps_total"] + 1
    long = f["in_season_days_total"] > SEASON_DAYS * seasons
    return np.where(drifted | long | (f["off_season_gaps_total"] > 0), 0.0, f["year_gaps_total"])


MEASURES: tuple[Measure, ...] = (
    Measure("orders", lambda e: e.one, "purchases", windows_days=None),
    # By windows they would say what `spend` says.
    Measure("gross_spend", lambda e: e.amount, "value of purchases as placed", "money",
            windows_days=None, windows_published=False),
    Measure("refunded", lambda e: -e.amount, "money sent back, by the day of the refund", "money",
            stream="refunds", windows_days=None, windows_published=False),
    Measure("refunds", lambda e: e.one, "refunds issued", stream="refunds", windows_days=(90, 365)),
    Measure("items", lambda e: e.items, "items bought", "items", windows_days=(30, 90, 365),
            null_when="quantities are unknown"),
    Measure("order_days", lambda e: e.new_day, "days with at least one purchase",
            windows_days=(30, 90, 180, 365)),
    Measure("lines", lambda e: e.lines, "lines bought", published=False),
    Measure("repeat_lines", lambda e: e.repeat_lines, "lines with a product bought on an "
            "earlier day", published=False),
    Measure("gap_days", lambda e: e.gap_days, "days between purchase days", published=False),
    Measure("squared_gap_days", lambda e: e.gap_days**2, "their squares", published=False),
    Measure("year_gaps", _is_yearly, "gaps of about a year", published=False),
    Measure("in_season_days", lambda e: np.where(e.gap_days <= SEASON_DAYS, e.gap_days, 0),
            "days between purchases of one season", published=False),
    Measure("off_season_gaps", _is_off_season, "gaps to another season", published=False),
    Measure("weekend_orders", lambda e: (e.weekday >= 5).astype(np.int64),
            "purchases on Saturday or Sunday", published=False),
    Measure("morning_orders", _part_of_day(5, 12), "purchases from 5:00 to 11:59", published=False),
    Measure("evening_orders", _part_of_day(17, 23), "purchases from 17:00 to 22:59",
            published=False),
)  # fmt: skip

# Windows in which distinct products are counted; None is all of history.
DISTINCT_WINDOWS_DAYS: tuple[int | None, ...] = (30, 90, 365, None)

# The season one year ago: purchases in [cutoff - 365, cutoff - 365 + w).
YEAR_AGO_WINDOWS_DAYS: tuple[int, ...] = (30, 90)

# How many purchases back the engine looks: 1 is the last, 2 the one before.
ORDERS_BACK: tuple[int, ...] = (2, 3, 5)

# Own rhythm: blocks as long as the horizon, so many of them, and of the newest each one's days.
BLOCKS, BLOCKS_SHOWN = 12, 4
# How many of a customer's latest gaps are looked at, and what the newest of them weighs.
LATEST_GAPS, EWMA_GAPS, EWMA_WEIGHT = 24, 12, 0.4
# Former years in whose same weeks a purchase is looked for.
SEASON_YEARS = 4


def season_window(horizon_days: int) -> int:
    """Days of the same weeks of a former year: a horizon, of four weeks to half a year."""
    return min(max(horizon_days, 28), 182)


def years_back(year: int) -> int:
    """Days from a cutoff back to the same day of a former year."""
    return (1461 * year + 2) // 4


def _ratio(top: Floats, bottom: Floats) -> Floats:
    """``top / bottom``, null where the bottom is zero or null."""
    ratio: Floats = np.divide(top, bottom)
    ratio[bottom == 0] = np.nan
    return ratio


def _silence_over_gap(f: Mapping[str, Floats]) -> Floats:
    return _ratio(f["days_since_last_order"], f["gap_mean_days"])


def _gap_sd(f: Mapping[str, Floats]) -> Floats:
    gaps = f["order_days_total"] - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = f["gap_days_total"] / gaps
        variance = f["squared_gap_days_total"] / gaps - mean**2
        return np.where(gaps >= 2, np.sqrt(np.maximum(variance, 0.0)), np.nan)


def _gap_mean(f: Mapping[str, Floats]) -> Floats:
    return _ratio(f["gap_days_total"], f["order_days_total"] - 1)


def _pace_change(short: int, long: int) -> Callable[[Mapping[str, Floats]], Floats]:
    """Purchase days of a window against those of the window before it, each with half a day."""

    def pace(f: Mapping[str, Floats]) -> Floats:
        newer = f[f"order_days_{short}d"]
        older = f[f"order_days_{long}d"] - newer
        return np.asarray((newer + 0.5) / (older + 0.5) * ((long - short) / short))

    return pace


def _recent_over_expected(window: int) -> Callable[[Mapping[str, Floats]], Floats]:
    def over_expected(f: Mapping[str, Floats]) -> Floats:
        days = np.minimum(f["days_since_first_order"], window)
        expected = f["order_days_total"] / np.maximum(f["days_since_first_order"], 1) * days
        return np.asarray((f[f"order_days_{window}d"] + 0.5) / (expected + 0.5))

    return over_expected


DERIVED: tuple[Feature, ...] = (
    Feature("gap_mean_days", _gap_mean, "mean days between purchase days", "days",
            "fewer than two purchase days"),
    Feature("gap_sd_days", _gap_sd, "standard deviation (n in the denominator) of those gaps",
            "days", "fewer than three purchase days"),
    Feature("silence_over_gap", _silence_over_gap,
            "days since the last order over the customer's own mean gap", "ratio",
            "fewer than two purchase days"),
    Feature("yearly_gaps", _yearly_gaps, "gaps of about a year (45 days more or less) between "
            "purchase days, of a customer who buys in one season of the year alone: no gap leads "
            "to another, the first and the last purchase are 45 days of the year apart at most, "
            "and so, on average, are those of one season; else 0", "count"),
    Feature("orders_per_30d", lambda f: f["orders_total"] * 30 /
            np.maximum(f["days_since_first_order"], 30.0),
            "purchases per 30 days since the first one (at least 30 days)", "ratio"),
    Feature("orders_trend_30d_90d", lambda f: _ratio(3 * f["orders_30d"], f["orders_90d"]),
            "purchases of the last 30 days, times three, over those of the last 90", "ratio",
            "no purchase in 90 days"),
    Feature("orders_trend_90d_365d", lambda f: _ratio(
            f["orders_90d"] * 365 / 90, f["orders_365d"]),
            "pace of purchases in the last 90 days over that of the last 365", "ratio",
            "no purchase in 365 days"),
    Feature("spend_trend_90d_365d", lambda f: _ratio(
            f["gross_spend_90d"] * 365 / 90, f["gross_spend_365d"]),
            "pace of spend as placed in the last 90 days over that of the last 365", "ratio",
            "nothing bought in 365 days"),
    Feature("order_value_mean", lambda f: f["gross_spend_total"] / f["orders_total"],
            "mean value of a purchase as placed", "money"),
    Feature("order_value_last_over_mean", lambda f: _ratio(
            f["order_value_last"], f["order_value_mean"]),
            "value of the last purchase over the mean", "ratio"),
    Feature("items_per_order", lambda f: f["items_total"] / f["orders_total"],
            "mean items in a purchase", "ratio", "quantities are unknown"),
    Feature("price_level", lambda f: _ratio(f["gross_spend_total"], f["items_total"]),
            "value of an item bought, on average", "money", "quantities are unknown"),
    Feature("lines_per_order", lambda f: f["lines_total"] / f["orders_total"],
            "mean lines in a purchase", "ratio"),
    Feature("repeat_product_share", lambda f: _ratio(f["repeat_lines_total"], f["lines_total"]),
            "share of lines with a product bought on an earlier day", "share",
            "products are unknown"),
    Feature("refund_share", lambda f: _ratio(f["refunded_total"], f["gross_spend_total"]),
            "money sent back over the value of purchases; may exceed 1 when older purchases "
            "are outside the history", "share"),
    Feature("weekend_share", lambda f: f["weekend_orders_total"] / f["orders_total"],
            "share of purchases on Saturday or Sunday", "share"),
    Feature("morning_share", lambda f: f["morning_orders_total"] / f["orders_total"],
            "share of purchases from 5:00 to 11:59", "share", "the source has no clock times"),
    Feature("evening_share", lambda f: f["evening_orders_total"] / f["orders_total"],
            "share of purchases from 17:00 to 22:59", "share", "the source has no clock times"),
    Feature("block_share", lambda f: (f["blocks_bought"] + 0.5) / (f["blocks_lived"] + 1),
            "`blocks_bought` over `blocks_lived`, drawn to a half by one block more", "share"),
    Feature("same_season_share", lambda f: (f["same_season_years"] + 0.3) / (f["years_seen"] + 0.6),
            "`same_season_years` over `years_seen`, drawn to a half", "share"),
    Feature("gap_cv", lambda f: _ratio(f["gap_sd_days"], f["gap_mean_days"]),
            "`gap_sd_days` over `gap_mean_days`", "ratio", "fewer than three purchase days"),
    Feature("gap_last_over_mean", lambda f: _ratio(f["gap_last_days"], f["gap_mean_days"]),
            "`gap_last_days` over `gap_mean_days`", "ratio", "fewer than two purchase days"),
    Feature("gap_ewma_over_mean", lambda f: _ratio(f["gap_ewma_days"], f["gap_mean_days"]),
            "`gap_ewma_days` over `gap_mean_days`", "ratio", "fewer than two purchase days"),
    Feature("silence_over_max", lambda f: _ratio(f["days_since_last_order"], f["gap_max_days"]),
            "days since the last order over `gap_max_days`", "ratio",
            "fewer than two purchase days"),
    Feature("silence_beyond_sd", lambda f: (f["days_since_last_order"] - f["gap_mean_days"])
            / np.maximum(np.nan_to_num(f["gap_sd_days"]), 1.0),
            "days since the last order less `gap_mean_days`, in `gap_sd_days` (at least 1)",
            "ratio", "fewer than two purchase days"),
    *(Feature(f"order_days_ratio_{short}d_{long}d", _pace_change(short, long),
              f"pace of days with a purchase in the last {short} days over that of the days from "
              f"{short} to {long} before, each with half a purchase day more", "ratio")
      for short, long in ((30, 90), (90, 180), (180, 365))),
    *(Feature(f"recent_over_expected_{window}d", _recent_over_expected(window),
              f"days with a purchase in the last {window} days over those that the customer's "
              "pace since the first would bring, each with half a day more", "ratio")
      for window in (30, 90)),
    Feature("active_rate", lambda f: _ratio(f["order_days_total"] - 1, f["active_span_days"]),
            "purchase days after the first, per day from first to last", "ratio",
            "fewer than two purchase days"),
)  # fmt: skip


CALENDAR: tuple[Column, ...] = (
    Column("cutoff_month", "calendar", "month of the cutoff, 1 to 12"),
    Column("cutoff_day_of_year", "calendar", "day of the year of the cutoff, 1 to 366"),
    Column("days_to_christmas", "calendar", "days from the cutoff to the next 24 December"),
    Column("days_to_black_friday", "calendar", "days to the next day after the fourth Thursday "
           "of November"),
    Column("days_to_valentines_day", "calendar", "days to the next 14 February"),
    Column("days_to_womens_day", "calendar", "days to the next 8 March"),
    Column("days_to_payday", "calendar", "days to the next payday (`snapshot.paydays`; on the "
           "working day before, where it falls on a weekend or a holiday)"),
    Column("holidays_next_30d", "calendar", "public holidays in the 30 days from the cutoff on"),
)  # fmt: skip

_WALKED: tuple[Column, ...] = (
    Column("days_since_last_order", "days", "days from the last purchase to the cutoff"),
    Column("days_since_first_order", "days", "days from the first purchase to the cutoff"),
    *(
        Column(f"days_since_order_{back}_back", "days",
               f"days from the purchase number {back} counted back from the last", 
               f"fewer than {back} purchases")
        for back in ORDERS_BACK
    ),
    Column("gap_last_days", "days", "days between the last two purchase days",
           "fewer than two purchase days"),
    Column("order_value_last", "money", "value of the last purchase as placed"),
    Column("order_value_first", "money", "value of the first purchase as placed"),
    Column("order_value_max", "money", "value of the largest purchase as placed"),
    Column("days_since_last_refund", "days", "days from the last refund to the cutoff",
           "nothing was ever sent back"),
    *(
        Column(f"block_{block}_order_days", "count", "days with a purchase in the "
               f"{'newest' if block == 1 else f'{block}. newest'} block; blocks are as long as the "
               "horizon and end at the cutoff")
        for block in range(1, BLOCKS_SHOWN + 1)
    ),
    Column("blocks_lived", "count", f"whole blocks since the first purchase, at most {BLOCKS}"),
    Column("blocks_bought", "count", "those of them with a purchase"),
    Column("block_share_recent", "share", "share of `blocks_lived` with a purchase, each block "
           "weighing .7 of the one after it; drawn to a half", derived=True),
    Column("years_seen", "count", "former years in which the customer had lived before the same "
           f"day of the year, at most {SEASON_YEARS}"),
    Column("same_season_years", "count", "those of them with a purchase in the days from then on "
           "(as many as the horizon has, 28 to 182)"),
    Column("active_span_days", "days", "days from the first purchase day to the last"),
    Column("gap_geometric_mean_days", "days", "geometric mean of the latest gaps between purchase "
           f"days (at most {LATEST_GAPS})", "fewer than two purchase days", derived=True),
    Column("gap_ewma_days", "days", f"mean of the latest {EWMA_GAPS} gaps, each weighing .6 of the "
           "one after it", "fewer than two purchase days", derived=True),
    Column("gap_max_days", "days", "longest of the latest gaps", "fewer than two purchase days"),
    Column("gap_min_days", "days", "shortest of the latest gaps", "fewer than two purchase days"),
    Column("gaps_longer", "count", "latest gaps longer than the silence since the last order"),
    Column("gaps_longer_share", "share", "share of the latest gaps longer than the silence, drawn "
           "to a half as if by one gap more", derived=True),
    Column("gap_hazard", "share", "of the gaps longer than the silence, the share that ended "
           "within a horizon more; drawn to a half", derived=True),
    Column("gap_left_over_horizon", "ratio", "mean gap less the silence, in horizons",
           "fewer than two purchase days", derived=True),
    Column("silence_over_ewma", "ratio", "the silence over the geometric mean of the latest "
           f"{EWMA_GAPS} gaps, weighed as `gap_ewma_days`", "fewer than two purchase days",
           derived=True),
)  # fmt: skip


@dataclass(frozen=True)
class FeatureSet:
    """All that is measured: the built-in declarations and those of a shop."""

    windows_days: tuple[int, ...] = WINDOWS_DAYS
    own_measures: tuple[Measure, ...] = ()
    signals: tuple[Signal, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    custom: tuple[Custom, ...] = ()
    built_in: tuple[Measure, ...] = field(default_factory=lambda: MEASURES)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure, of whatever stream."""
        of_signals = (m for signal in self.signals for m in signal.measures())
        return (*self.built_in, *self.own_measures, *of_signals)

    def columns(self) -> list[Column]:
        """Every feature column of a snapshot, in the order in which it is written."""
        own = [c for measure in self.own_measures for c in measure.described(self.windows_days)]
        declared: tuple[Signal | Attribute | Custom, ...] = (
            *self.signals, *self.attributes, *self.custom,
        )  # fmt: skip
        own.extend(column for one in declared for column in one.described())
        return [*self._built_in_columns(), *own]

    def _built_in_columns(self) -> list[Column]:
        columns = [
            column
            for measure in self.built_in
            if measure.published
            for column in measure.described(self.windows_days)
        ]
        for window in self.windows_days:
            columns.append(
                Column(
                    f"spend_{window}d", "money",
                    f"purchases less refunds, in the last {window} days",
                )
            )  # fmt: skip
        columns.append(Column("spend_total", "money", "purchases less refunds, in all of history"))
        for distinct in DISTINCT_WINDOWS_DAYS:
            name = f"distinct_products_{distinct}d" if distinct else "distinct_products_total"
            span = f"in the last {distinct} days" if distinct else "in all of history"
            columns.append(
                Column(name, "count", f"different products bought, {span}", "products are unknown")
            )
        for window in YEAR_AGO_WINDOWS_DAYS:
            columns.append(
                Column(
                    f"orders_year_ago_{window}d",
                    "count",
                    f"purchases in the {window} days that began 365 days before the cutoff",
                )
            )
        columns.extend(_WALKED)
        columns.extend(
            Column(f.name, f.unit, f.meaning, f.null_when, derived=True) for f in DERIVED
        )
        columns.extend(CALENDAR)
        return columns


def snapshot_columns(windows_days: Sequence[int] = WINDOWS_DAYS) -> list[Column]:
    """Every built-in feature column of a snapshot, in the order in which it is written."""
    return FeatureSet(tuple(windows_days)).columns()


_UNITS = {
    "count": "", "money": "currency", "items": "items", "days": "days", "ratio": "ratio",
    "share": "share", "calendar": "", "value": "",
}  # fmt: skip


def snapshot_table(features: FeatureSet) -> Table:
    """Features; they follow from the declarations in `winback.features`."""
    return Table(
        "snapshots.parquet",
        "snapshot",
        "one row per customer and cutoff, for customers with a purchase before that cutoff",
        ("customer_id", "cutoff"),
        (
            CUSTOMER,
            CUTOFF,
            *(
                Written(
                    column.name,
                    "int32" if column.whole else "double",
                    column.meaning,
                    _UNITS[column.unit],
                    column.null_when,
                )
                for column in features.columns()
            ),
            Written("first_order_on", "date32[day]", "day of the first purchase"),
            Written("last_order_on", "date32[day]", "day of the last purchase"),
        ),
        "A window of w days is `cutoff - w <= day < cutoff`. Only what had happened, and was "
        "known, before the cutoff counts. A history shorter than a window fills part of it. "
        "`snapshot.windows_days` sets the windows; 30, 90, 180 and 365 are always there. "
        "What `snapshot.measures`, `signals`, `attributes` and `custom` declare stands between "
        "`holidays_next_30d` and `first_order_on`, under names such as `ticket_90d` and "
        "`days_since_last_ticket`: docs/features.md; `python -m winback.definitions params.yaml` "
        "lists it.",
    )
