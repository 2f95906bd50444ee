"""What lists earn, who holds the spending, and how revenue went."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from winback.report.pictures.canvas import COLOURS, Picture, canvas, compact, key
from winback.results.planned import Planned
from winback.results.shop import Shop
from winback.said.words import Language, Words

if TYPE_CHECKING:
    import pandas as pd


_OF_LIST = ("customers", "expected_cost", "expected_gain", "low", "high")


class _List(NamedTuple):
    """One list on the curve, in the order of ``_OF_LIST``."""

    customers: float
    cost: float
    gain: float | None
    low: float
    high: float


def draw_profit(
    profit: pd.DataFrame,
    listed: Planned | None = None,
    *,
    currency: str = "",
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """What lists of every size would earn, with their interval; None where no list pays.

    From the table of ``profit.csv``. The dot is the list of ``target.json`` as it was drawn,
    without one the largest within the budget. Where an effect is unknown there is no middle: the
    lower end is what is lost if nothing changes, the upper one what the plausible effect brings.
    """
    words = Words(language, currency)
    curve = profit.astype({"expected_gain": "float64"}).sort_values(["customers", "expected_cost"])
    inside = curve[curve["within_budget"].astype(bool) & (curve["customers"] > 0)]
    if len(curve) < 3 or inside.empty:
        return None
    last = inside.iloc[-1]
    here = _List(*(float(last[name]) for name in _OF_LIST))
    if listed is not None:
        # The curve's lists are held out in proportion; this is who was drawn.
        names = ("n_listed", "expected_cost", "expected_gain", "gain_low", "gain_high")
        here = _List(*(listed[name] for name in names))
    gain = here.gain if curve["expected_gain"].notna().all() else None
    known = gain is not None
    said = {
        "customers": words.count(here.customers, "of customer"),
        "cost": words.money(here.cost),
        "gain": words.money(here.gain),
        "low": words.money(here.low),
        "high": words.money(here.high),
    }
    unit = f" ({currency})" if currency else ""
    picture, ax = canvas(
        words("profit_title_known", **said) if known else words("profit_title_unknown", **said),
        words("profit_subtitle_known", currency=unit)
        if known
        else words("profit_subtitle_unknown", currency=unit),
        words("profit_alt_known", **said) if known else words("profit_alt_unknown", **said),
        height=310,
        narrow=narrow,
        left=70,
        bottom=66,
        right=26,
    )
    _draw_lists(ax, curve, here, gain)
    _profit_axes(ax, words, curve, here, narrow)
    return picture


def _draw_lists(ax: Axes, curve: pd.DataFrame, here: _List, gain: float | None) -> None:
    size = curve["customers"].to_numpy()
    low, high = curve["low"].to_numpy(), curve["high"].to_numpy()
    ax.fill_between(size, low, high, color=COLOURS["heat1"], lw=0)
    for edge in (low, high):
        ax.plot(size, edge, color=COLOURS["grey"], lw=1.2)
    ax.axhline(0, color=COLOURS["dark"], lw=1.2)
    if gain is not None:
        gains = curve["expected_gain"].to_numpy()
        ax.plot(size, gains, color=COLOURS["accent"], lw=3, solid_capstyle="round")
        ax.plot(here.customers, gain, "o", color=COLOURS["accent"], ms=8)
    else:
        ax.plot(size, low, color=COLOURS["dark"], lw=2)
        ax.plot(size, high, color=COLOURS["accent"], lw=2)
        ax.plot([here.customers] * 2, [here.low, here.high], color=COLOURS["ink"], lw=1.5)


def _profit_axes(ax: Axes, words: Words, curve: pd.DataFrame, here: _List, narrow: bool) -> None:
    size = curve["customers"].to_numpy()
    largest = max(size[-1], here.customers)
    ax.set_xlim(0, largest)
    below, above = min(curve["low"].min(), here.low, 0.0), max(curve["high"].max(), here.high, 0.0)
    ax.set_ylim(below - 0.04 * (above - below), above + 0.08 * (above - below))
    ax.locator_params(axis="y", nbins=6)
    ticks = [tick for tick in ax.get_yticks() if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [words.number(tick) for tick in ticks])
    ax.locator_params(axis="x", nbins=3 if narrow else 6, integer=True)
    sizes = [tick for tick in ax.get_xticks() if 0 <= tick <= largest]
    # The largest list of each cost: beside one another two costs may have one size.
    costs = np.interp(sizes, size, curve["expected_cost"].to_numpy())
    labels = [
        f"{words.number(at)}\n{words.money(cost, 0)}" for at, cost in zip(sizes, costs, strict=True)
    ]
    ax.set_xticks(sizes, labels)
    ax.set_xlabel(words("profit_axis"), fontsize=12.5, color=COLOURS["soft"])


class _Segment(NamedTuple):
    """A segment's parts of all customers and of all spending, and those of them at high risk."""

    name: str
    customers: float
    spent: float
    customers_at_risk: float
    spent_at_risk: float
    at_risk: int
    money: float


def draw_slipping(
    segments: pd.DataFrame,
    *,
    currency: str = "",
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """Share of customers and of net spending by segment; None without spending.

    Args:
        segments: one row a segment: ``segment, customers, spend_total``, and ``high`` and
            ``high_spend``: how many of them are at high risk and what those spent.
        currency: ISO code for the amounts.
    """
    words = Words(language, currency)
    ranked = _ranked(segments, words)
    if not ranked:
        return None
    pairs = [
        words(
            "slipping_pair",
            segment=row.name,
            customers=words.share(row.customers),
            spent=words.share(row.spent),
            high=words.number(row.at_risk),
        )
        for row in ranked
    ]
    at_risk = sum(row.spent_at_risk for row in ranked)
    most = max(ranked, key=lambda row: row.spent_at_risk) if at_risk > 0 else ranked[0]
    picture, ax = canvas(
        words("slipping_title", spent=words.share(at_risk), segment=most.name)
        if at_risk > 0
        else words(
            "segments_title",
            segment=most.name,
            customers=words.share(most.customers),
            spent=words.share(most.spent),
        ),
        words("slipping_subtitle" if at_risk > 0 else "segments_subtitle"),
        words("slipping_alt", pairs="; ".join(pairs)),
        height=66 * len(ranked) + 6,
        narrow=narrow,
    )
    longest = max(max(row.customers, row.spent) for row in ranked)
    room = longest / (0.42 if narrow else 0.7)
    ax.set_xlim(0, room)
    ax.set_ylim(len(ranked) - 0.42, -0.6)
    ax.set_axis_off()
    for place, row in enumerate(ranked):
        _draw_segment(ax, words, place, row, room)
    return picture


def _ranked(segments: pd.DataFrame, words: Words) -> list[_Segment]:
    """Segments by what they spent, most first; none where nothing was spent."""
    customers = float(segments["customers"].sum())
    spent = float(segments["spend_total"].clip(lower=0).sum())
    if not customers or spent <= 0:
        return []
    ordered = segments.sort_values(["spend_total", "segment"], ascending=[False, True])
    return [
        _Segment(
            words.term("segment", name),
            n / customers,
            max(money, 0) / spent,
            high / customers,
            high_spend / spent,
            int(high),
            float(money),
        )
        for name, n, money, high, high_spend in ordered[
            ["segment", "customers", "spend_total", "high", "high_spend"]
        ].itertuples(index=False)
    ]


def _draw_segment(ax: Axes, words: Words, place: int, row: _Segment, room: float) -> None:
    """A thin bar of customers over a thick one of spending, each with its part at high risk."""
    ax.text(0, place - 0.36, row.name, fontsize=13, color=COLOURS["ink"], va="center")
    money = words.money(row.money, 0)
    for y, height, share, part, label, tone in (
        (
            -0.09,
            0.12,
            row.customers,
            row.customers_at_risk,
            words("of_customers", share=words.share(row.customers)),
            "soft",
        ),
        (
            0.17,
            0.24,
            row.spent,
            max(row.spent_at_risk, 0),
            words("of_spending", share=words.share(row.spent), money=money),
            "ink",
        ),
    ):
        ax.barh(place + y, share, height=height, color=COLOURS["grey"])
        ax.barh(place + y, min(part, share), height=height, color=COLOURS["accent"])
        at = share + room * 0.014
        ax.text(at, place + y, label, fontsize=12, va="center", color=COLOURS[tone])


def draw_revenue(shop: Shop, *, language: Language = "en", narrow: bool = False) -> Picture | None:
    """Revenue of first and later purchases over time; None with fewer than two periods.

    From ``describe_shop``; a period the cutoff cuts short is not drawn, nor
    anything before the last 36.
    """
    words = Words(language, shop.currency)
    if shop.revenue is None:
        return None
    rows = [row for row in shop.revenue.rows if row.complete][-36:]
    if len(rows) < 2:
        return None
    unit = shop.revenue.unit
    top = max(rows, key=lambda row: (row.new + row.returning, row.start))
    picture, ax = canvas(
        words("revenue_title", share=words.share(shop.returning_revenue_share)),
        words(
            "revenue_subtitle",
            unit=words(f"by_{unit}"),
            currency=f" ({words.currency})" if words.currency else "",
        ),
        words(
            "revenue_alt",
            first=words.period(rows[0].start, unit),
            last=words.period(rows[-1].start, unit),
            top=words.period(top.start, unit),
            value=words.money(top.new + top.returning),
        ),
        height=290,
        narrow=narrow,
        left=64,
        bottom=30,
        right=34,
        keys=2,
    )
    places = list(range(len(rows)))
    later = [row.returning for row in rows]
    ax.bar(places, later, width=0.78, color=COLOURS["accent"])
    ax.bar(places, [row.new for row in rows], width=0.78, bottom=later, color=COLOURS["grey"])
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_ylim(0, (top.new + top.returning) * 1.14 or 1)
    ax.locator_params(axis="y", nbins=5)
    ticks = [tick for tick in ax.get_yticks() if tick <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [compact(words, tick) for tick in ticks])
    every = max(1, -(-len(rows) // (3 if narrow else 8)))
    # From the last period back: that one is always named.
    named = places[::-1][::every]
    ax.set_xticks(named, [words.period(rows[place].start, unit) for place in named])
    key(
        ax,
        [
            (words("later_purchases"), COLOURS["accent"], "s", COLOURS["accent"]),
            (words("first_purchases"), COLOURS["soft"], "s", COLOURS["grey"]),
        ],
    )
    return picture
