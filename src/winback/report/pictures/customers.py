"""When customers come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from winback.report.pictures.canvas import (
    COLOURS,
    Picture,
    bars,
    canvas,
    coincide,
    key,
    percent_axis,
)
from winback.results.churned import Churned
from winback.results.shop import Cohort, Shop
from winback.said.churned import rule
from winback.said.words import Language, Words, capital

MIN_COHORT = 10  # percents of fewer customers are noise


def draw_cohorts(shop: Shop, *, language: Language = "en", narrow: bool = False) -> Picture | None:
    """Heat map of buying again by month of the first order; None if not yet seen.

    From ``describe_shop``.
    """
    words = Words(language)
    if shop.cohorts is None or not shop.cohorts.rows:
        return None
    unit = shop.cohorts.unit
    rows = shop.cohorts.rows
    thin = {place for place, row in enumerate(rows) if row.customers < MIN_COHORT}
    steps = max(len(row.shares) for row in rows)
    mean = [_mean_share(rows, step) for step in range(steps)]
    pairs = [
        words("cohorts_pair", step=step + 1, share=words.share(share))
        for step, share in enumerate(mean)
        if share is not None
    ]
    shows = words(
        "cohorts_subtitle",
        unit=words(f"unit_{unit}"),
        units=words(f"units_{unit}"),
        steps="1" if steps == 1 else f"1\u2013{steps}",
    )
    if thin:
        shows += ". " + words("cohorts_thin", least=words.count(MIN_COHORT, "of customer"))
    picture, ax = canvas(
        words("cohorts_title", share=words.share(mean[0]), unit=words(f"unit_{unit}")),
        shows,
        words("cohorts_alt", rows=len(rows), pairs="; ".join(pairs)),
        height=26 * (len(rows) + 1) + 4,
        narrow=narrow,
        left=70 if narrow else 150,
    )
    ax.set_xlim(0, steps)
    ax.set_ylim(len(rows), -1)
    ax.set_axis_off()
    for step in range(steps):
        _in_cell(ax, step, -1, words.number(step + 1), "soft")
    told = [row for place, row in enumerate(rows) if place not in thin]
    darkest = max((x for row in told for x in row.shares if x is not None), default=0) or 1
    for place, row in enumerate(rows):
        label = words.period(row.cohort, unit)
        ax.text(
            -0.12,
            place + 0.5,
            label,
            ha="right",
            va="center",
            fontsize=12,
            color=COLOURS["soft" if place in thin else "ink"],
        )
        if not narrow:
            _at_edge(ax, place + 0.5, words.number(row.customers))
        for step, share in enumerate(row.shares):
            if share is not None:
                tone = min(5, int(6 * share / darkest))
                fill, text = (f"heat{tone}", f"on{tone}")
                if place in thin:
                    fill, text = "paper", "soft"
                _cell(ax, step, place, fill)
                _in_cell(ax, step, place, words.number(100 * share), text)
    if not narrow:
        _at_edge(ax, -0.5, words("axis_customers"))
    return picture


def _cell(ax: Axes, step: int, place: int, fill: str) -> None:
    """A cell with a rim that stands out from the ground where its fill does not."""
    corner, rim = (step + 0.03, place + 0.04), COLOURS["grey"]
    ax.add_patch(Rectangle(corner, 0.94, 0.92, lw=0.7, edgecolor=rim, facecolor=COLOURS[fill]))


def _in_cell(ax: Axes, step: int, place: int, text: str, tone: str) -> None:
    at = (step + 0.5, place + 0.5)
    ax.text(*at, text, ha="center", va="center", fontsize=12, color=COLOURS[tone])


def _at_edge(ax: Axes, y: float, text: str) -> None:
    """Left of the names of the rows."""
    ax.annotate(
        text,
        (0, y),
        (-146, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        fontsize=12,
        color=COLOURS["soft"],
    )


def draw_gaps(churn: Churned, *, language: Language = "en", narrow: bool = False) -> Picture | None:
    """How many have bought again so many days after a purchase; None without returns.

    From ``define_churn(...).summary()``.
    """
    words = Words(language)
    rows = churn.gaps
    if len(rows) < 2:
        return None
    wanted = churn.horizon_days or 90
    told = min(rows, key=lambda row: (abs(row.days - wanted), row.days))
    ticks = [days for days in (30, 90, 180, 365, 545, 730) if days <= rows[-1].days]
    if not narrow and 60 <= rows[-1].days <= 200:
        ticks = sorted({*ticks, 60})
    ticks = ticks or [rows[-1].days]
    shown = [min(rows, key=lambda row: abs(row.days - days)) for days in ticks]
    pairs = [
        words(
            "gaps_pair",
            share=words.share(row.returned_share),
            days=words.count(row.days, "of day"),
        )
        for row in shown
    ]
    shows = [words("gaps_subtitle")]
    ended = [row.finished_share for row in rows]
    if coincide([row.returned_share for row in rows], ended, 1.0):
        shows.append(words("lines_coincide", one=words("gaps_all"), other=words("gaps_finished")))
    picture, ax = canvas(
        words(
            "gaps_title",
            days=words.count(told.days, "of day"),
            share=words.share(told.returned_share),
        ),
        ". ".join(shows),
        words("gaps_alt", pairs="; ".join(pairs)),
        height=290,
        narrow=narrow,
        left=44,
        bottom=48,
        right=16,
        keys=2,
    )
    days = [0, *(row.days for row in rows)]
    for name, tone, width in (
        ("finished_share", COLOURS["grey"], 2),
        ("returned_share", COLOURS["accent"], 3),
    ):
        shares = [0, *(getattr(row, name) for row in rows)]
        ax.plot(days, shares, color=tone, lw=width, solid_capstyle="round")
    ax.plot(told.days, told.returned_share, "o", color=COLOURS["accent"], ms=8)
    ax.set_xlim(0, days[-1])
    ax.set_ylim(0, 1.03)
    percent_axis(ax, words, "y")
    ax.set_xticks(ticks, [words.number(day) for day in ticks])
    ax.set_xlabel(words("axis_days"), fontsize=12.5, color=COLOURS["soft"])
    key(
        ax,
        [
            (words("gaps_all"), COLOURS["accent"], "o", COLOURS["accent"]),
            (words("gaps_finished"), COLOURS["soft"], "s", COLOURS["grey"]),
        ],
    )
    return picture


def draw_comebacks(
    churn: Churned, *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """How many came back of those each rule called churned; None where nobody was followed.

    From ``define_churn(...).summary()``; all within the recommended horizon, else 90 days, or
    what is nearest to it and known.
    """
    words = Words(language)
    known = [
        _Known(row.rule, row.within_days, row.returned_share, row.low, row.high)
        for row in churn.comebacks
        if row.returned_share is not None and row.low is not None and row.high is not None
    ]
    if not known:
        return None
    wanted = churn.horizon_days or 90
    within = min({row.within_days for row in known}, key=lambda d: (abs(d - wanted), d))
    rows = [row for row in known if row.within_days == within]
    told = min(rows, key=lambda row: (row.rule != f"{wanted}d", row.rule[-1] != "d"))
    horizon = words.count(within, "of day")
    labels = [rule(row.rule, words) for row in rows]
    share = words.share(told.share)
    pairs = zip(labels, rows, strict=True)
    picture, ax = canvas(
        words(
            "comebacks_title",
            days=words.count(int(told.rule[:-1]), "of day"),
            share=share,
            within=horizon,
        )
        if told.rule.endswith("d")
        else f"{capital(rule(told.rule, words))}: {share}",
        words("comebacks_subtitle", within=horizon),
        words(
            "silence_alt",
            pairs="; ".join(f"{label}: {words.share(row.share)}" for label, row in pairs),
        ),
        height=44 * len(rows) + 8,
        narrow=narrow,
    )
    drawn = [
        (label, row.share, words.share(row.share), COLOURS["accent" if row is told else "grey"])
        for label, row in zip(labels, rows, strict=True)
    ]
    bars(ax, drawn, max(row.high for row in rows))
    for place, row in enumerate(rows):
        ax.plot([row.low, row.high], [place, place], color=COLOURS["ink"], lw=1.5)
    return picture


class _Known(NamedTuple):
    """What became of those a rule called churned, where it is known."""

    rule: str
    within_days: int
    share: float
    low: float
    high: float


def _mean_share(rows: Sequence[Cohort], step: int) -> float | None:
    seen = [
        (row.customers, share)
        for row in rows
        for share in row.shares[step : step + 1]
        if share is not None
    ]
    customers = sum(n for n, _ in seen)
    return sum(n * share for n, share in seen) / customers if customers else None
