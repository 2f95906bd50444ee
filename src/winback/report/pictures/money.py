"""What lists earn, who holds the spending, and how revenue went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from winback.report.pictures.canvas import COLOURS, Picture, canvas, key
from winback.said.words import Language, Words

if TYPE_CHECKING:
    import pandas as pd


def draw_profit(
    profit: pd.DataFrame,
    listed: Mapping[str, Any] | None = None,
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
    here = inside.iloc[-1].to_dict()
    if listed is not None:
        # The curve's lists are held out in proportion; this is who was drawn.
        here |= {"customers": listed["n_listed"], "low": listed["gain_low"]}
        here |= {"high": listed["gain_high"]}
        here |= {name: listed[name] for name in ("expected_cost", "expected_gain")}
    known = bool(curve["expected_gain"].notna().all()) and here["expected_gain"] is not None
    said = {
        "customers": words.count(here["customers"], "of customer"),
        "cost": words.money(here["expected_cost"]),
        "gain": words.money(here["expected_gain"]),
        "low": words.money(here["low"]),
        "high": words.money(here["high"]),
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
    size = curve["customers"].to_numpy()
    low, high = curve["low"].to_numpy(), curve["high"].to_numpy()
    ax.fill_between(size, low, high, color=COLOURS["grey"], lw=0)
    ax.axhline(0, color=COLOURS["dark"], lw=1.2)
    if known:
        gains = curve["expected_gain"].to_numpy()
        ax.plot(size, gains, color=COLOURS["accent"], lw=3, solid_capstyle="round")
        ax.plot(here["customers"], here["expected_gain"], "o", color=COLOURS["accent"], ms=8)
    else:
        ax.plot(size, low, color=COLOURS["dark"], lw=2)
        ax.plot(size, high, color=COLOURS["accent"], lw=2)
        ax.plot([here["customers"]] * 2, [here["low"], here["high"]], color=COLOURS["ink"], lw=1.5)
    largest = max(size[-1], here["customers"])
    ax.set_xlim(0, largest)
    below, above = min(low.min(), here["low"], 0.0), max(high.max(), here["high"], 0.0)
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
    return picture


def draw_slipping(
    segments: Sequence[Mapping[str, Any]],
    *,
    currency: str = "",
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """Share of customers and of net spending by segment; None without spending.

    Args:
        segments: one mapping a segment: ``segment, customers, spend_total``, and ``high`` and
            ``high_spend``: how many of them are at high risk and what those spent.
        currency: ISO code for the amounts.
    """
    words = Words(language, currency)
    customers = sum(row["customers"] for row in segments)
    spent = sum(max(row["spend_total"], 0) for row in segments)
    if not customers or spent <= 0:
        return None
    ranked = sorted(segments, key=lambda row: (-row["spend_total"], row["segment"]))
    pairs = [
        words(
            "slipping_pair",
            segment=words.term("segment", row["segment"]),
            customers=words.share(row["customers"] / customers),
            spent=words.share(max(row["spend_total"], 0) / spent),
            high=words.number(row["high"]),
        )
        for row in ranked
    ]
    most = max(ranked, key=lambda row: row["high_spend"])
    at_risk = sum(row["high_spend"] for row in ranked)
    finding = (
        words(
            "slipping_title",
            spent=words.share(at_risk / spent),
            segment=words.term("segment", most["segment"]),
        )
        if at_risk > 0
        else words(
            "segments_title",
            segment=words.term("segment", ranked[0]["segment"]),
            customers=words.share(ranked[0]["customers"] / customers),
            spent=words.share(ranked[0]["spend_total"] / spent),
        )
    )
    picture, ax = canvas(
        finding,
        words("slipping_subtitle" if at_risk > 0 else "segments_subtitle"),
        words("slipping_alt", pairs="; ".join(pairs)),
        height=66 * len(ranked) + 6,
        narrow=narrow,
    )
    longest = max(max(row["customers"] / customers, row["spend_total"] / spent) for row in ranked)
    room = longest / (0.42 if narrow else 0.7)
    ax.set_xlim(0, room)
    ax.set_ylim(len(ranked) - 0.42, -0.6)
    ax.set_axis_off()
    for place, row in enumerate(ranked):
        many, worth = row["customers"] / customers, max(row["spend_total"], 0) / spent
        ax.text(
            0,
            place - 0.36,
            words.term("segment", row["segment"]),
            fontsize=13,
            color=COLOURS["ink"],
            va="center",
        )
        for y, height, share, part, label, tone in (
            (
                -0.09,
                0.12,
                many,
                row["high"] / customers,
                words("of_customers", share=words.share(many)),
                "soft",
            ),
            (
                0.17,
                0.24,
                worth,
                max(row["high_spend"], 0) / spent,
                words(
                    "of_spending",
                    share=words.share(worth),
                    money=words.money(row["spend_total"], 0),
                ),
                "ink",
            ),
        ):
            ax.barh(place + y, share, height=height, color=COLOURS["grey"])
            ax.barh(place + y, min(part, share), height=height, color=COLOURS["accent"])
            ax.text(
                share + room * 0.014,
                place + y,
                label,
                fontsize=12,
                va="center",
                color=COLOURS[tone],
            )
    return picture


def draw_revenue(
    facts: Mapping[str, Any], *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """Revenue of first and later purchases over time; None with fewer than two periods.

    From ``describe_shop(...)["revenue"]``; a period the cutoff cuts short is not drawn, nor
    anything before the last 36.
    """
    words = Words(language, facts.get("currency") or "")
    revenue = facts.get("revenue")
    rows = [row for row in revenue["rows"] if row["complete"]][-36:] if revenue else []
    if len(rows) < 2:
        return None
    unit = revenue["unit"] if revenue else "month"
    top = max(rows, key=lambda row: (row["new"] + row["returning"], row["start"]))
    picture, ax = canvas(
        words("revenue_title", share=words.share(facts["returning_revenue_share"])),
        words(
            "revenue_subtitle",
            unit=words(f"by_{unit}"),
            currency=f" ({words.currency})" if words.currency else "",
        ),
        words(
            "revenue_alt",
            first=words.period(rows[0]["start"], unit),
            last=words.period(rows[-1]["start"], unit),
            top=words.period(top["start"], unit),
            value=words.money(top["new"] + top["returning"]),
        ),
        height=290,
        narrow=narrow,
        left=64,
        bottom=30,
    )
    places = list(range(len(rows)))
    later = [row["returning"] for row in rows]
    ax.bar(places, later, width=0.78, color=COLOURS["accent"])
    ax.bar(places, [row["new"] for row in rows], width=0.78, bottom=later, color=COLOURS["grey"])
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_ylim(0, (top["new"] + top["returning"]) * 1.14 or 1)
    ax.locator_params(axis="y", nbins=5)
    ticks = [tick for tick in ax.get_yticks() if tick <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [_compact(words, tick) for tick in ticks])
    every = max(1, -(-len(rows) // (3 if narrow else 8)))
    # From the last period back: that one is always named.
    named = places[::-1][::every]
    ax.set_xticks(named, [words.period(rows[place]["start"], unit) for place in named])
    for place, label in zip(named, ax.get_xticklabels(), strict=True):
        if place == len(rows) - 1:
            label.set_horizontalalignment("right")
    key(
        ax,
        [
            (words("later_purchases"), COLOURS["accent"], "s", COLOURS["accent"]),
            (words("first_purchases"), COLOURS["soft"], "s", COLOURS["grey"]),
        ],
        at=(0.98, 0.99),
    )
    return picture


def _compact(words: Words, value: float) -> str:
    if value >= 1_000_000:
        return words("millions", number=words.number(value / 1_000_000, 1))
    if value >= 10_000:
        return words("thousands", number=words.number(value / 1_000))
    return words.number(value)
