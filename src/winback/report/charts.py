"""Pictures whose titles are their findings, for the page and for notebooks."""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox, offset_copy

from winback.results.planned import Planned
from winback.said.words import Language, Words

if TYPE_CHECKING:
    import pandas as pd

# Light values; the page's style sheet gives each name a light and a dark value. The text colours
# on the steps of the heat map are told apart by their last digit alone.
COLOURS = {
    "ink": "#1d2430",
    "soft": "#5c6675",
    "line": "#dcdfe4",
    "accent": "#1f5fae",
    "grey": "#b9c1cc",
    "dark": "#7b8696",
    "heat0": "#eef3fa",
    "heat1": "#d5e4f4",
    "heat2": "#aecbea",
    "heat3": "#7fade0",
    "heat4": "#2f6cb3",
    "heat5": "#1b4f8f",
    "on0": "#1d2431",
    "on1": "#1d2432",
    "on2": "#1d2433",
    "on3": "#1d2434",
    "on4": "#fdfdf4",
    "on5": "#fdfdf5",
}
_DOUBLE = math.log(2)
_LEAST_EFFECT = 0.01  # a hundredth of the odds is written as ×1
MIN_COHORT = 10  # percents of fewer customers are noise
_DPI = 72  # an SVG pixel is then a point, and font sizes read as pixels
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "axes.unicode_minus": True,
}


class Picture(Figure):
    """A figure that knows its finding, what it shows and how to say it without eyes.

    Attributes:
        finding: the title, a sentence with a number.
        shows: the subtitle: what is drawn.
        alt: the picture in words, for a screen reader.
        header: height of the drawn title in pixels; the page leaves it out and sets its own.
    """

    finding: str
    shows: str
    alt: str
    header: float

    def _repr_png_(self) -> bytes:
        """Show in a notebook, whether or not pyplot was ever imported."""
        written = io.BytesIO()
        FigureCanvasAgg(self).print_figure(written, dpi=144, facecolor="white")
        return written.getvalue()


def draw_calibration(
    calibration: pd.DataFrame,
    *,
    population: str = "everyone",
    method: str = "lightgbm",
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """Observed beside predicted return, one pair a group; None without groups.

    From the table of ``calibration.csv``: ``population, method, bin, n, predicted, observed,
    low, high``.
    """
    words = Words(language)
    bins = _only(calibration, population, method, "bin")
    if not bins:
        return None
    top = bins[-1]
    pairs = [
        words(
            "calibration_pair",
            predicted=words.share(b["predicted"]),
            observed=words.share(b["observed"]),
        )
        for b in bins
    ]
    picture, ax = _canvas(
        words(
            "calibration_title",
            predicted=words.share(top["predicted"]),
            observed=words.share(top["observed"]),
        ),
        words("calibration_subtitle"),
        words("calibration_alt", pairs="; ".join(pairs)),
        height=310,
        narrow=narrow,
        left=44,
        bottom=48,
    )
    places = range(len(bins))
    ax.bar(places, [b["predicted"] for b in bins], width=0.72, color=COLOURS["grey"])
    for place, b in zip(places, bins, strict=True):
        if _known(b["low"]) and _known(b["high"]):
            ax.plot([place] * 2, [b["low"], b["high"]], color=COLOURS["accent"], lw=2)
        ax.plot(place, b["observed"], "o", color=COLOURS["accent"], ms=7)
    highest = max(max(b["predicted"], b["observed"], _or(b["high"], 0)) for b in bins)
    ax.set_ylim(0, min(1.0, highest * 1.12) or 1)
    ax.set_xlim(-0.6, len(bins) - 0.4)
    _percent_axis(ax, words, "y")
    ax.set_xticks(list(places), [words.number(100 * b["predicted"]) for b in bins])
    ax.set_xlabel(words("axis_predicted"), fontsize=12.5, color=COLOURS["soft"])
    _key(
        ax,
        [
            (words("predicted"), COLOURS["soft"], "s", COLOURS["grey"]),
            (words("observed"), COLOURS["accent"], "o", COLOURS["accent"]),
        ],
    )
    return picture


def draw_lift(
    evaluation: Mapping[str, Any],
    *,
    population: str = "everyone",
    model: str = "lightgbm",
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """Lift at 10 % of the model and of the simple rules, sorted; None if unknown.

    From ``evaluation.json``. Base rate has a lift of 1 by definition and is left out.
    """
    words = Words(language)
    found = (evaluation.get("populations", {}).get(population) or {}).get("methods", {})
    lifts = {
        name: figures["lift_at_10"]
        for name, figures in found.items()
        if name != "base_rate"
        and figures.get("lift_at_10")
        and figures["lift_at_10"].get("value") is not None
    }
    if model not in lifts:
        return None
    ranked = sorted(lifts.items(), key=lambda item: (-item[1]["value"], item[0]))
    rows = [
        (
            words.term("method", name),
            lift["value"],
            words.number(lift["value"], 2),
            COLOURS["accent"] if name == model else COLOURS["grey"],
            lift,
        )
        for name, lift in ranked
    ]
    picture, ax = _canvas(
        words("lift_title", lift=words.number(lifts[model]["value"], 1)),
        words("lift_subtitle"),
        words("lift_alt", pairs="; ".join(f"{label}: {text}" for label, _, text, _, _ in rows)),
        height=44 * len(rows) + 8,
        narrow=narrow,
    )
    longest = max(max(_or(lift["high"], 0), lift["value"]) for lift in lifts.values())
    _bars(ax, [row[:4] for row in rows], longest)
    for place, (_, _, _, _, lift) in enumerate(rows):
        if lift.get("low") is not None and lift.get("high") is not None:
            ax.plot([lift["low"], lift["high"]], [place, place], color=COLOURS["ink"], lw=1.5)
    return picture


def draw_gains(
    lift: pd.DataFrame,
    *,
    population: str = "everyone",
    model: str = "lightgbm",
    simple: str | None = None,
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """Share of returns found in the highest-ranked share of customers; None if unknown.

    From the table of ``lift.csv``: ``population, method, share_targeted, lift, captured``.

    Args:
        simple: the simple rule drawn beside the model.
    """
    words = Words(language)
    curve = _only(lift, population, model, "share_targeted")
    if not curve:
        return None
    near = min(curve, key=lambda point: abs(point["share_targeted"] - 0.2))
    shown = [p for p in curve if round(p["share_targeted"], 2) in (0.1, 0.2, 0.3, 0.5)]
    pairs = [
        words(
            "gains_pair",
            targeted=words.share(p["share_targeted"]),
            captured=words.share(p["captured"]),
        )
        for p in shown or [near]
    ]
    picture, ax = _canvas(
        words("gains_title", captured=words.share(near["captured"])),
        words("gains_subtitle"),
        words("gains_alt", pairs="; ".join(pairs)),
        height=310,
        narrow=narrow,
        left=44,
        bottom=48,
        right=22,
    )
    ax.plot([0, 1], [0, 1], color=COLOURS["dark"], lw=1.2, ls=(0, (4, 4)))
    ax.text(0.72, 0.66, words("by_lot"), color=COLOURS["soft"], fontsize=12.5, ha="left", va="top")
    if simple and (other := _only(lift, population, simple, "share_targeted")):
        _curve(ax, other, COLOURS["dark"], 2)
    _curve(ax, curve, COLOURS["accent"], 3)
    ax.plot(near["share_targeted"], near["captured"], "o", color=COLOURS["accent"], ms=8)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.03)
    _percent_axis(ax, words, "y")
    _percent_axis(ax, words, "x")
    ax.set_xlabel(words("axis_targeted"), fontsize=12.5, color=COLOURS["soft"])
    named = [(words.term("method", model), COLOURS["accent"], "o", COLOURS["accent"])]
    if simple:
        named.append((words.term("method", simple), COLOURS["soft"], "s", COLOURS["dark"]))
    _key(ax, named, at=(0.98, 0.05))
    return picture


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
    here = inside.iloc[-1].to_dict()
    if listed is not None:
        # The curve's lists are held out in proportion; this is who was drawn.
        here |= {"customers": listed.n_listed, "low": listed.gain_low}
        here |= {"high": listed.gain_high}
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
    picture, ax = _canvas(
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
    picture, ax = _canvas(
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


def draw_cohorts(
    facts: Mapping[str, Any], *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """Heat map of buying again by month of the first order; None if not yet seen.

    From ``describe_shop(...)["cohorts"]``.
    """
    words = Words(language)
    cohorts = facts.get("cohorts")
    if not cohorts or not cohorts["rows"]:
        return None
    rows, unit = cohorts["rows"], cohorts["unit"]
    rows = [row for row in rows if row["customers"] >= MIN_COHORT] or rows
    steps = max(len(row["shares"]) for row in rows)
    mean = [_mean_share(rows, step) for step in range(steps)]
    pairs = [
        words("cohorts_pair", step=step + 1, share=words.share(share))
        for step, share in enumerate(mean)
        if share is not None
    ]
    cell = 26
    picture, ax = _canvas(
        words("cohorts_title", share=words.share(mean[0]), unit=words(f"unit_{unit}")),
        words(
            "cohorts_subtitle",
            unit=words(f"unit_{unit}"),
            units=words(f"units_{unit}"),
            steps="1" if steps == 1 else f"1\u2013{steps}",
        ),
        words("cohorts_alt", rows=len(rows), pairs="; ".join(pairs)),
        height=cell * (len(rows) + 1) + 4,
        narrow=narrow,
        left=70 if narrow else 150,
    )
    ax.set_xlim(0, steps)
    ax.set_ylim(len(rows), -1)
    ax.set_axis_off()
    darkest = max((x for row in rows for x in row["shares"] if x is not None), default=0) or 1
    for step in range(steps):
        ax.text(
            step + 0.5,
            -0.5,
            str(step + 1),
            ha="center",
            va="center",
            fontsize=12,
            color=COLOURS["soft"],
        )
    for place, row in enumerate(rows):
        label = words.period(row["cohort"], unit)
        ax.text(
            -0.12, place + 0.5, label, ha="right", va="center", fontsize=12, color=COLOURS["ink"]
        )
        if not narrow:
            ax.annotate(
                words.number(row["customers"]),
                (0, place + 0.5),
                (-146, 0),
                textcoords="offset points",
                ha="left",
                va="center",
                fontsize=12,
                color=COLOURS["soft"],
            )
        for step, share in enumerate(row["shares"]):
            if share is None:
                continue
            tone = min(5, int(6 * share / darkest))
            ax.add_patch(
                Rectangle(
                    (step + 0.03, place + 0.04), 0.94, 0.92, lw=0, facecolor=COLOURS[f"heat{tone}"]
                )
            )
            ax.text(
                step + 0.5,
                place + 0.5,
                words.number(100 * share),
                ha="center",
                va="center",
                fontsize=12,
                color=COLOURS[f"on{tone}"],
            )
    if not narrow:
        ax.annotate(
            words("axis_customers"),
            (0, -0.5),
            (-146, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=12,
            color=COLOURS["soft"],
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
    picture, ax = _canvas(
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
    _key(
        ax,
        [
            (words("later_purchases"), COLOURS["accent"], "s", COLOURS["accent"]),
            (words("first_purchases"), COLOURS["soft"], "s", COLOURS["grey"]),
        ],
        at=(0.98, 0.99),
    )
    return picture


def draw_gaps(
    churn: Mapping[str, Any], *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """How many have bought again so many days after a purchase; None without returns.

    From ``define_churn(...).summary()``.
    """
    words = Words(language)
    rows = churn["gaps"]
    if len(rows) < 2:
        return None
    wanted = churn["horizon_days"] or 90
    told = min(rows, key=lambda row: (abs(row["days"] - wanted), row["days"]))
    ticks = [days for days in (30, 90, 180, 365, 545, 730) if days <= rows[-1]["days"]]
    if not narrow and 60 <= rows[-1]["days"] <= 200:
        ticks = sorted({*ticks, 60})
    ticks = ticks or [rows[-1]["days"]]
    shown = [min(rows, key=lambda row: abs(row["days"] - days)) for days in ticks]
    pairs = [
        words(
            "gaps_pair",
            share=words.share(row["returned_share"]),
            days=words.count(row["days"], "of day"),
        )
        for row in shown
    ]
    picture, ax = _canvas(
        words(
            "gaps_title",
            days=words.count(told["days"], "of day"),
            share=words.share(told["returned_share"]),
        ),
        words("gaps_subtitle"),
        words("gaps_alt", pairs="; ".join(pairs)),
        height=290,
        narrow=narrow,
        left=44,
        bottom=48,
        right=16,
    )
    days = [0, *(row["days"] for row in rows)]
    for name, tone, width in (
        ("finished_share", COLOURS["grey"], 2),
        ("returned_share", COLOURS["accent"], 3),
    ):
        shares = [0, *(row[name] for row in rows)]
        ax.plot(days, shares, color=tone, lw=width, solid_capstyle="round")
    ax.plot(told["days"], told["returned_share"], "o", color=COLOURS["accent"], ms=8)
    ax.set_xlim(0, days[-1])
    ax.set_ylim(0, 1.03)
    _percent_axis(ax, words, "y")
    ax.set_xticks(ticks, [words.number(day) for day in ticks])
    ax.set_xlabel(words("axis_days"), fontsize=12.5, color=COLOURS["soft"])
    _key(
        ax,
        [
            (words("gaps_all"), COLOURS["accent"], "o", COLOURS["accent"]),
            (words("gaps_finished"), COLOURS["soft"], "s", COLOURS["grey"]),
        ],
        at=(0.98, 0.05),
    )
    return picture


def draw_comebacks(
    churn: Mapping[str, Any], *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """How many came back of those each rule called churned; None where nobody was followed.

    From ``define_churn(...).summary()``; all within the recommended horizon, else 90 days, or
    what is nearest to it and known.
    """
    words = Words(language)
    known = [row for row in churn["comebacks"] if row["returned_share"] is not None]
    if not known:
        return None
    wanted = churn["horizon_days"] or 90
    within = min({row["within_days"] for row in known}, key=lambda d: (abs(d - wanted), d))
    rows = [row for row in known if row["within_days"] == within]
    told = min(rows, key=lambda row: (row["rule"] != f"{wanted}d", row["rule"][-1] != "d"))
    horizon = words.count(within, "of day")
    labels = [rule_in_words(words, row["rule"]) for row in rows]
    share = words.share(told["returned_share"])
    picture, ax = _canvas(
        words(
            "comebacks_title",
            days=words.count(int(told["rule"][:-1]), "of day"),
            share=share,
            within=horizon,
        )
        if told["rule"].endswith("d")
        else f"{_capital(rule_in_words(words, told['rule']))}: {share}",
        words("comebacks_subtitle", within=horizon),
        words(
            "silence_alt",
            pairs="; ".join(
                f"{label}: {words.share(row['returned_share'])}"
                for label, row in zip(labels, rows, strict=True)
            ),
        ),
        height=44 * len(rows) + 8,
        narrow=narrow,
    )
    _bars(
        ax,
        [
            (
                label,
                row["returned_share"],
                words.share(row["returned_share"]),
                COLOURS["accent"] if row is told else COLOURS["grey"],
            )
            for label, row in zip(labels, rows, strict=True)
        ],
        max(row["high"] for row in rows),
    )
    for place, row in enumerate(rows):
        ax.plot([row["low"], row["high"]], [place, place], color=COLOURS["ink"], lw=1.5)
    return picture


def draw_importance(
    drivers: Mapping[str, Any], *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """By how much each kind of reason moves the odds of a return; None without any.

    From ``describe_drivers``.
    """
    words = Words(language)
    found = drivers["importance"]
    if not found:
        return None
    shown = [row for row in found if row["effect"] >= _LEAST_EFFECT] or found[:1]
    rows = [
        (
            words.term("story", row["story"]),
            row["effect"],
            _factor(words, row["effect"]),
            COLOURS["accent"] if row is found[0] else COLOURS["grey"],
        )
        for row in shown
    ]
    rest = drivers["rest"] + sum(row["effect"] for row in found[len(shown) :])
    if rest >= _LEAST_EFFECT:
        rows.append((words("everything_else"), rest, _factor(words, rest), COLOURS["grey"]))
    picture, ax = _canvas(
        words("importance_title", story=rows[0][0], factor=rows[0][2]),
        words("importance_subtitle"),
        words("silence_alt", pairs="; ".join(f"{label}: {text}" for label, _, text, _ in rows)),
        height=44 * len(rows) + 8,
        narrow=narrow,
    )
    _bars(ax, rows, max(row[1] for row in rows))
    return picture


def draw_dependence(
    drivers: Mapping[str, Any],
    place: int = 0,
    *,
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """How the odds of a return move with one column; None beyond the last column.

    From ``describe_drivers``.

    Args:
        place: which of ``dependence``, the strongest first.
    """
    words = Words(language)
    if place >= len(drivers["dependence"]):
        return None
    found = drivers["dependence"][place]
    bins, column = found["bins"], words.term("column", found["column"])

    def written(value: float) -> str:
        if found["column"].endswith("_share"):
            return words.share(value)
        return words.number(value, 0 if value >= 10 or value == int(value) else 1)

    pairs = [
        words("dependence_pair", to=written(b["to"]), factor=_factor(words, b["effect"]))
        for b in bins
    ]
    picture, ax = _canvas(
        words(
            "dependence_title",
            column=column,
            first=_factor(words, bins[0]["effect"]),
            to=written(bins[0]["to"]),
            last=_factor(words, bins[-1]["effect"]),
            start=written(bins[-1]["from"]),
        ),
        words("dependence_subtitle"),
        words("dependence_alt", column=column, pairs="; ".join(pairs)),
        height=270,
        narrow=narrow,
        left=44,
        bottom=48,
    )
    places = range(len(bins))
    ax.axhline(0, color=COLOURS["dark"], lw=1.2)
    for at, b in zip(places, bins, strict=True):
        ax.plot([at, at], [b["low"], b["high"]], color=COLOURS["grey"], lw=7)
        ax.plot(at, b["effect"], "o", color=COLOURS["accent"], ms=8)
    lowest = min(0.0, *(b["low"] for b in bins)) - 0.1
    highest = max(0.0, *(b["high"] for b in bins)) + 0.1
    # Doublings, or quarters where the odds hardly move.
    step = next(s for s in (0.25, 0.5, 1, 2, 4, 99) if (highest - lowest) / (s * _DOUBLE) <= 6)
    ticks = [n * step for n in range(-60, 61) if lowest <= n * step * _DOUBLE <= highest]
    ax.set_yticks([t * _DOUBLE for t in ticks], [_factor(words, t * _DOUBLE) for t in ticks])
    ax.set_ylim(lowest, highest)
    ax.set_xlim(-0.6, len(bins) - 0.4)
    ax.set_xticks(list(places), [written(b["to"]) for b in bins])
    ax.set_xlabel(words("axis_up_to", column=column), fontsize=12.5, color=COLOURS["soft"])
    return picture


def figure_svg(figure: Picture, name: str = "picture") -> Markup:
    """The picture as inline SVG in the page's colours, without its drawn title.

    The same bytes for the same picture; the text stays text, in the page's font; colours are
    CSS variables, so that light and dark themes hold.

    Args:
        figure: a picture of this module.
        name: makes the ids inside differ from those of other pictures on a page.
    """
    width, height = figure.get_size_inches()
    body = Bbox.from_extents(0, 0, width, height - figure.header / _DPI)
    written = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    _show_title(figure, False)
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(written, format="svg", metadata=nothing, bbox_inches=body, pad_inches=0)
    _show_title(figure, True)
    text = written.getvalue()
    drawn = text[text.index("<svg") :]
    drawn = re.sub(r"<!--.*?-->\s*", "", drawn, flags=re.DOTALL)
    size = re.search(r'viewBox="([^"]*)"', drawn)
    drawn = re.sub(
        r"<svg[^>]*>",
        f'<svg viewBox="{size.group(1) if size else ""}" role="img" '
        f'aria-label="{escape(figure.alt)}">',
        drawn,
        count=1,
    )
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', drawn))
    drawn = re.sub(
        r' id="([^"]+)"', lambda found: found.group(0) if found.group(1) in used else "", drawn
    )
    drawn = re.sub(r"(?:xlink:)?href=", "href=", drawn)
    drawn = re.sub(r"'DejaVu Sans'(?:, [^;\"]*)?", "var(--sans)", drawn)
    for colour, value in COLOURS.items():
        drawn = drawn.replace(value, f"var(--{colour})")
    return Markup(drawn.strip())


def _show_title(picture: Picture, shown: bool) -> None:
    for text in picture.texts:
        text.set_visible(shown)


def _canvas(
    finding: str,
    shows: str,
    alt: str,
    *,
    height: float,
    narrow: bool,
    left: float = 2,
    bottom: float = 4,
    right: float = 4,
) -> tuple[Picture, Axes]:
    """An empty picture with its title and one pair of axes, measured in pixels."""
    width = 340 if narrow else 680
    title = textwrap.wrap(finding, 32 if narrow else 64)
    subtitle = textwrap.wrap(shows, 47 if narrow else 94)
    header = 8 + 20 * len(title) + 17 * len(subtitle) + 12
    whole = height + header
    with matplotlib.rc_context(_STYLE):
        picture = Picture(figsize=(width / _DPI, whole / _DPI), dpi=_DPI, facecolor="none")
        FigureCanvasAgg(picture)
        picture.finding, picture.shows, picture.alt = finding, shows, alt
        picture.header = header
        line = whole - 8
        for text in title:
            picture.text(
                2 / width,
                line / whole,
                text,
                fontsize=15,
                fontweight="bold",
                va="top",
                color=COLOURS["ink"],
            )
            line -= 20
        for text in subtitle:
            picture.text(
                2 / width, line / whole, text, fontsize=11.5, va="top", color=COLOURS["soft"]
            )
            line -= 17
        ax = picture.add_axes(
            (
                left / width,
                bottom / whole,
                (width - left - right) / width,
                (height - bottom - 4) / whole,
            ),
            facecolor="none",
        )
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(COLOURS["dark"])
    ax.tick_params(length=0, labelsize=12, labelcolor=COLOURS["soft"], pad=6)
    ax.set_axisbelow(True)
    ax.grid(axis="y", color=COLOURS["line"], lw=1)
    return picture, ax


def _bars(ax: Axes, rows: Sequence[tuple[str, float, str, str]], longest: float) -> None:
    """Horizontal bars from zero, each with its label above and its number at the end."""
    room = (longest or 1) / 0.86
    ax.set_xlim(0, room)
    ax.set_ylim(len(rows) - 0.6, -0.72)
    ax.set_axis_off()
    for place, (label, value, text, tone) in enumerate(rows):
        strong = tone == COLOURS["accent"]
        ax.text(
            0,
            place - 0.42,
            label,
            fontsize=13,
            va="center",
            color=COLOURS["ink"],
            fontweight="bold" if strong else "normal",
        )
        ax.barh(place, value, height=0.36, color=tone)
        ax.text(
            room,
            place,
            text,
            fontsize=14,
            va="center",
            ha="right",
            color=COLOURS["ink"],
            fontweight="bold" if strong else "normal",
        )


def _key(
    ax: Axes,
    named: Sequence[tuple[str, str, str, str]],
    at: tuple[float, float] = (0.04, 0.99),
) -> None:
    """Names in the colour of what they name, in the corner where nothing is drawn."""
    right, top = at[0] > 0.5, at[1] > 0.5
    ordered = list(named) if top else list(reversed(named))
    for place, (label, tone, marker, fill) in enumerate(ordered):
        y = (-1 if top else 1) * (10 + 20 * place)
        ax.annotate(
            label,
            at,
            (-14 if right else 14, y),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=13,
            fontweight="bold",
            color=tone,
            va="center",
            ha="right" if right else "left",
        )
        ax.plot(
            *at,
            marker,
            color=fill,
            ms=9,
            clip_on=False,
            transform=offset_copy(ax.transAxes, ax.get_figure(root=True), x=0, y=y, units="points"),
        )


def _curve(ax: Axes, points: Sequence[Mapping[str, Any]], tone: str, width: float) -> None:
    ax.plot(
        [0, *(p["share_targeted"] for p in points)],
        [0, *(p["captured"] for p in points)],
        color=tone,
        lw=width,
        solid_capstyle="round",
    )


def _percent_axis(ax: Axes, words: Words, axis: str) -> None:
    low, high = ax.get_ylim() if axis == "y" else ax.get_xlim()
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if high / s <= 6 or s == 0.25)
    ticks = [step * n for n in range(int(high / step + 1e-9) + 1)]
    labels = [words.share(tick, 0) for tick in ticks]
    if axis == "y":
        ax.set_yticks(ticks, labels)
        ax.set_ylim(low, high)
    else:
        ax.set_xticks(ticks, labels)
        ax.set_xlim(low, high)


def rule_in_words(words: Words, rule: str) -> str:
    """A rule of churn such as ``90d`` or ``3x`` in words."""
    number = int(rule[:-1])
    if rule.endswith("d"):
        return words("silent_for", days=words.count(number, "day"))
    return words("rule_gap", times=words.number(number))


def _factor(words: Words, log_odds: float) -> str:
    factor = math.exp(log_odds)
    # Two figures that matter: 0.08, 0.45, 1.2, 13; whole ones without a decimal.
    whole = factor > 0.5 and abs(factor - round(factor)) < 0.005
    digits = 0 if factor >= 9.95 or whole else 1 if factor >= 1.095 else 2
    if factor < 0.01:  # 0.003, which is not 0.00
        digits = math.ceil(-math.log10(factor))
    return words("factor", factor=words.number(factor, digits))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _compact(words: Words, value: float) -> str:
    if value >= 1_000_000:
        return words("millions", number=words.number(value / 1_000_000, 1))
    if value >= 10_000:
        return words("thousands", number=words.number(value / 1_000))
    return words.number(value)


def _only(
    table: pd.DataFrame | None, population: str, method: str, key: str
) -> list[dict[str, Any]]:
    if table is None or table.empty:
        return []
    kept = table[(table["population"] == population) & (table["method"] == method)]
    return [{str(k): v for k, v in row.items()} for row in kept.sort_values(key).to_dict("records")]


def _mean_share(rows: Sequence[Mapping[str, Any]], step: int) -> float | None:
    seen = [
        (row["customers"], row["shares"][step])
        for row in rows
        if step < len(row["shares"]) and row["shares"][step] is not None
    ]
    customers = sum(n for n, _ in seen)
    return sum(n * share for n, share in seen) / customers if customers else None


def _known(value: float | None) -> bool:
    return value is not None and value == value


def _or(value: float | None, other: float) -> float:
    return value if value is not None and value == value else other
