"""Which stories a score is explained by.

The contributions of all columns that tell the same story are added up; the three stories that
move the score most are told, in `winback.said.reasons`.

A reason names a value, what it is compared with, and whether it speaks for or against a return.
A model of many columns may well say that 46 orders speak against somebody: given all else, such as
that the last is long ago. Told alone that is no reason for a person. So a story is told only
where its own number speaks the way the story does: more than the shop's average where more is
better, or against the customer's own past; else the next story is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from winback.arrays import Floats
from winback.features import snapshot_columns
from winback.params import WINDOWS_DAYS
from winback.results.scored import Beside, Reason, ToldColumn

# First pattern that fits a column decides its story; columns of no story (the calendar, which
# is the same for everybody) are not told.
_STORIES: tuple[tuple[str, str], ...] = (
    (r"days_since_last_refund|refund", "refunds"),
    (r"days_since_first_order|order_value_first|active_span|years_seen", "age"),
    (r"orders_year_ago|same_season|yearly", "year_ago"),
    (r"^blocks?_", "blocks"),
    (r"trend|order_days_ratio|recent_over_expected", "trend"),
    (r"days_since_|silence_|gaps?_", "silence"),
    (r"^orders_|order_days_|active_rate", "orders"),
    (r"distinct_products|repeat_product|lines_per_order", "products"),
    (r"spend|order_value|price_level|items", "money"),
    (r"weekend|morning|evening", "habit"),
)

_TOLD = 3
_NO_STORY = ""
# Customers of so many orders are alike; as many as a frequency score begins with.
_ALIKE_ORDERS = (2, 3, 5, 10)
# The column that a story of no plain direction is known by: which way it speaks is asked of the
# model.
_LEANING = {"age": "days_since_first_order", "habit": "weekend_share"}

Row = Mapping[str, float]


def story_of(column: str, declared: Mapping[str, ToldColumn] | None = None) -> str | None:
    """The story that a snapshot column belongs to; None for one that is not told.

    A column that a shop declares belongs to its declaration, whose name it has; to none where
    ``declared`` does not know it: `days_since_last_ticket` is no silence.
    """
    if declared and column in declared:
        return declared[column].name
    window = re.search(r"_(\d+)d$", column)
    if column not in _usual_columns(int(window[1]) if window else 30):
        return None
    return next((story for pattern, story in _STORIES if re.search(pattern, column)), None)


@cache
def _usual_columns(window_days: int) -> frozenset[str]:
    return frozenset(c.name for c in snapshot_columns((*WINDOWS_DAYS, window_days)))


@dataclass(frozen=True)
class Usual:
    """What customers are compared with.

    Attributes:
        means: the mean over the shop's customers, by column; of a declared level the commonest.
        alike: mean orders in the last 90 days of customers with about as many orders, by the
            places of 2, 3, 5 and 10 orders.
        leanings: by column, whether more of it goes with a better chance in this model (1), a
            worse one (-1) or neither; by ``column?`` the same of having none.
        declared: how columns of the shop's own are told.
    """

    means: Row = field(default_factory=dict)
    alike: tuple[float, ...] = ()
    leanings: Row = field(default_factory=dict)
    declared: Mapping[str, ToldColumn] = field(default_factory=dict)

    @classmethod
    def of(
        cls, snapshots: pd.DataFrame, sample: pd.DataFrame, parts: pd.DataFrame,
        columns: Sequence[str], declared: Mapping[str, ToldColumn],
    ) -> Usual:  # fmt: skip
        """What is usual in a shop.

        Args:
            snapshots: of everybody.
            sample: those rows of them that ``parts`` are of.
            parts: their contributions in log-odds.
            columns: those that are told.
            declared: how columns of the shop's own are told.
        """
        named = [name for name in dict.fromkeys((*columns, *declared)) if name in snapshots]
        means = {name: _mean(_floats(snapshots, name)) for name in named}
        for name in named:
            if name in declared and declared[name].levels:
                known = snapshots[name].dropna()
                means[name] = float(known.mode().iloc[0]) if len(known) else math.nan
        group = np.searchsorted(_ALIKE_ORDERS, snapshots["orders_total"], side="right")
        recent = _floats(snapshots, "orders_90d")
        alike = tuple(_mean(recent[group == k]) for k in range(len(_ALIKE_ORDERS) + 1))
        leanings: dict[str, float] = {}
        for name in declared:
            if name in parts and name in sample:
                leanings |= _leaning(name, _floats(sample, name), parts[name].to_numpy(np.float64))
        stories = [story_of(name) for name in parts.columns]
        for story, name in _LEANING.items():
            if name in sample:
                of_story = parts.loc[:, [s == story for s in stories]].sum(axis=1)
                leanings |= _leaning(name, _floats(sample, name), of_story.to_numpy(np.float64))
        return cls(means, alike, leanings, declared)

    def mean(self, name: str) -> float:
        """The shop's mean; NaN where it is not known."""
        return self.means.get(name, math.nan)

    def recent_of_alike(self, orders: float) -> float:
        """Mean orders in the last 90 days of customers with about as many in all."""
        place = int(np.searchsorted(_ALIKE_ORDERS, orders, side="right"))
        return self.alike[place] if self.alike else math.nan


def _floats(rows: pd.DataFrame, name: str) -> Floats:
    return rows[name].to_numpy(np.float64, na_value=np.nan)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan


def _leaning(name: str, values: Floats, effect: Floats) -> dict[str, float]:
    """Whether more goes with a better chance, and whether having none does."""
    known = ~np.isnan(values)
    slope, none = 0.0, 0.0
    if known.any() and np.ptp(values[known]) > 0:
        # By rank: a few heavy users would else decide for all.
        ranks = pd.Series(values[known]).rank().to_numpy(np.float64)
        slope = float(((ranks - ranks.mean()) * (effect[known] - effect[known].mean())).sum())
    if known.any() and not known.all():
        none = float(effect[~known].mean() - effect[known].mean())
    return {name: float(np.sign(round(slope, 9))), f"{name}?": float(np.sign(round(none, 9)))}


def told_stories(
    contributions: pd.DataFrame, rows: Sequence[Row] = (), usual: Usual | None = None
) -> list[list[Reason]]:
    """Of each row the three stories that move the score most, and whether each raises it.

    Fewer where fewer move it, or where fewer can be told of (see the top of this file); at least
    one where anything moves it.

    Args:
        contributions: log-odds by snapshot column.
        rows: the customers' own numbers, in the same order; none: every story can be told.
        usual: what they are compared with; None: nothing.
    """
    usual = usual or Usual()
    stories = pd.Index([story_of(c, usual.declared) or _NO_STORY for c in contributions.columns])
    names = dict.fromkeys((*(s for _, s in _STORIES), *(t.name for t in usual.declared.values())))
    told = [story for story in names if story in stories]
    parts = {story: contributions.loc[:, stories == story].to_numpy(np.float64) for story in told}
    columns = {story: contributions.columns[stories == story] for story in told}
    summed = np.column_stack([parts[story].sum(axis=1) for story in told])
    own = {t.name for t in usual.declared.values()}
    # Stable sort of the rounded size: equal sizes keep the fixed order of the stories.
    ranked = np.argsort(-np.abs(summed).round(6), axis=1, kind="stable")
    found = []
    for place, order in enumerate(ranked):
        moving = [
            (told[k], bool(summed[place, k] > 0)) for k in order if abs(summed[place, k]) > 1e-6
        ]
        if not rows or not usual.means:
            plain = [Reason(story=s, raises=up) for s, up in moving if s not in own]
            found.append(plain[:_TOLD])
            continue
        reasons: list[Reason] = []
        for story, raises in moving:
            if story in own:
                sizes = dict(zip(columns[story], parts[story][place], strict=True))
                reason = _of_declared(story, raises, sizes, rows[place], usual)
            else:
                beside = _BESIDE[story](rows[place], usual, raises)
                reason = Reason(story=story, raises=raises, beside=beside) if beside else None
            reasons += [reason] if reason else []
            if len(reasons) == _TOLD:
                break
        rest = [Reason(story=s, raises=up, beside="all") for s, up in moving if s not in own]
        found.append(reasons or rest[:1])
    return found


def _of_declared(story: str, raises: bool, sizes: Row, row: Row, usual: Usual) -> Reason | None:
    """The column of a declaration that moves the score most, the way the declaration does."""
    sign = 1.0 if raises else -1.0
    for column in sorted(sizes, key=lambda name: (-round(sign * sizes[name], 6), name)):
        if sign * sizes[column] <= 1e-6:
            return None
        value, mean = row.get(column, math.nan), usual.mean(column)
        told = usual.declared[column]
        leaning = usual.leanings.get(column, 0.0)
        if math.isnan(value):
            # Only of these does having none say something by itself; and of a day that it never
            # came is told only the way that a day long ago is.
            alike = told.how != "days_since" or leaning in (0.0, sign)
            none = usual.leanings.get(f"{column}?", 0.0)
            if told.how in _TOLD_IF_NONE and alike and none == sign:
                return Reason(story=story, raises=raises, column=column)
            continue
        if leaning and (value - mean) * leaning * sign > 0:
            return Reason(story=story, raises=raises, column=column, beside="shop")
    return None


_TOLD_IF_NONE = ("days_since", "value", "set")


def _than(value: float, mean: float, more: bool) -> Beside | None:
    """Beside the shop's average, where the value is more, or less, than it."""
    return "shop" if (value > mean if more else value < mean) else None


def _silence(row: Row, usual: Usual, raises: bool) -> Beside | None:
    """A short silence is good news, one beyond the own rhythm is bad."""
    silent, gap = row["days_since_last_order"], row["gap_mean_days"]
    yearly = not math.isnan(row.get("next_season_day", math.nan))
    if yearly or (silent <= gap if raises else silent > gap):
        return "own"
    return _than(silent, usual.mean("days_since_last_order"), not raises)


def _orders(row: Row, usual: Usual, raises: bool) -> Beside | None:
    """Many orders are good news; of somebody with many, few lately are bad."""
    total, recent = row["orders_total"], row["orders_90d"]
    if beside := _than(total, usual.mean("orders_total"), raises):
        return beside
    alike = usual.recent_of_alike(total)
    return "alike" if (recent > alike if raises else recent < alike) else None


def _blocks(row: Row, usual: Usual, raises: bool) -> Beside | None:
    lived, bought = row.get("blocks_lived", math.nan), row.get("blocks_bought", math.nan)
    if not lived >= 2:
        return _orders(row, usual, raises)
    return _than(bought / lived, usual.mean("block_share"), raises)


def _trend(row: Row, usual: Usual, raises: bool) -> Beside | None:
    before = row["orders_180d"] - row["orders_90d"]
    return "own" if (row["orders_90d"] > before if raises else row["orders_90d"] < before) else None


def _money(row: Row, usual: Usual, raises: bool) -> Beside | None:
    if beside := _than(row["spend_total"], usual.mean("spend_total"), raises):
        return beside
    mean = usual.mean("order_value_mean")
    return "basket" if _than(row["order_value_mean"], mean, raises) else None


def _refunds(row: Row, usual: Usual, raises: bool) -> Beside | None:
    share = row["refund_share"]
    return _than(0.0 if math.isnan(share) else share, usual.mean("refund_share"), not raises)


def _year_ago(row: Row, usual: Usual, raises: bool) -> Beside | None:
    years, bought = row.get("years_seen", math.nan), row.get("same_season_years", math.nan)
    if years >= 2 and not math.isnan(bought):
        return "own" if (bought > 0 if raises else bought < years) else None
    return _than(row["orders_year_ago_90d"], usual.mean("orders_year_ago_90d"), raises)


def _products(row: Row, usual: Usual, raises: bool) -> Beside | None:
    """Whoever has bought many different things is no worse a customer for it."""
    known = not math.isnan(row["distinct_products_total"])
    name = "distinct_products_total" if known else "lines_per_order"
    return _than(row[name], usual.mean(name), raises)


def _leans(column: str) -> Callable[[Row, Usual, bool], Beside | None]:
    """Neither more nor less of it is good news by itself: as the model has it for the shop."""

    def beside(row: Row, usual: Usual, raises: bool) -> Beside | None:
        leaning = usual.leanings.get(column, 0.0)
        return _than(row[column], usual.mean(column), raises == (leaning > 0)) if leaning else None

    return beside


_BESIDE: Mapping[str, Callable[[Row, Usual, bool], Beside | None]] = {
    "silence": _silence,
    "orders": _orders,
    "trend": _trend,
    "money": _money,
    "age": _leans(_LEANING["age"]),
    "products": _products,
    "refunds": _refunds,
    "year_ago": _year_ago,
    "habit": _leans(_LEANING["habit"]),
    "blocks": _blocks,
}
