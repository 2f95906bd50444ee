"""How the shop went month by month, and how many came back of whom it won."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from winback.report.pictures.canvas import COLOURS, Picture, canvas, compact, key, percent_axis
from winback.results.kept_score import Newcomers, Period, Scorecard, Seconds, Within
from winback.said.scorecard import TEXTS
from winback.said.words import Language, Words

_SHOWN = 24
_BAR, _FRAME = 0.74, 0.94


def draw_trend(
    score: Scorecard, *, currency: str = "", language: Language = "en", narrow: bool = False
) -> Picture | None:
    """Revenue by month beside what is usual for the season; None with fewer than two periods.

    Of first and later purchases, the last 24 periods. Periods that are
    not complete are hatched; a frame holds nineteen of twenty usual months.
    """
    words, trend = Words(language, currency), score.trend
    rows = trend.rows[-_SHOWN:]
    if len(rows) < 2:
        return None
    hatched = any(row.state != "complete" for row in rows)
    of = {
        "currency": f" ({currency})" if currency else "", "shown": len(rows), "of": trend.of,
    }  # fmt: skip
    shows = words.fill(TEXTS[f"trend_{trend.unit}_shows"], of)
    if hatched:
        shows += words.fill(TEXTS["hatched"], {})
    named = [
        (words.fill(TEXTS["key_later"], {}), COLOURS["accent"], "s", COLOURS["accent"]),
        (words.fill(TEXTS["key_first"], {}), COLOURS["soft"], "s", COLOURS["grey"]),
    ]
    if any(row.revenue_usual for row in rows):
        named.append((words.fill(TEXTS["key_usual"], {}), COLOURS["ink"], "_", COLOURS["ink"]))
    picture, ax = canvas(
        _trend_title(score, words),
        shows,
        words.fill(
            TEXTS["trend_alt"],
            {
                "first": words.period(rows[0].start, trend.unit),
                "last": words.period(rows[-1].start, trend.unit),
                "pairs": "; ".join(_pair(row, score, words) for row in rows),
            },
        ),
        height=290,
        narrow=narrow,
        left=64,
        bottom=30,
        right=34,
        keys=len(named),
    )
    for place, row in enumerate(rows):
        _draw_period(ax, place, row)
    tops = [max(row.revenue, row.revenue_usual.high if row.revenue_usual else 0) for row in rows]
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_ylim(0, max(tops) * 1.06 or 1)
    ax.locator_params(axis="y", nbins=5)
    ticks = [tick for tick in ax.get_yticks() if tick <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [compact(words, tick) for tick in ticks])
    _name_periods(ax, [words.period(row.start, trend.unit) for row in rows], narrow=narrow)
    key(ax, named)
    return picture


def _trend_title(score: Scorecard, words: Words) -> str:
    """How many months were usual, and the newest; else a typical one."""
    trend = score.trend
    held = [(row, row.revenue_usual) for row in trend.rows if row.revenue_usual is not None]
    if held:
        newest, foreseen = held[-1]
        named = {"newest": words.period(newest.start, trend.unit)}
        return words.fill(
            TEXTS["trend_told"],
            {
                "usual": sum(found.verdict == "usual" for _, found in held),
                "n": len(held),
                "verdict": words.fill(TEXTS[f"was_{foreseen.verdict}"], named),
            },
        )
    complete = [row.revenue for row in trend.rows if row.state == "complete"]
    money = median(complete or [row.revenue for row in trend.rows])
    return words.fill(TEXTS[f"trend_{trend.unit}"], {"money": money})


def _pair(row: Period, score: Scorecard, words: Words) -> str:
    of = {"when": words.period(row.start, score.trend.unit), "money": row.revenue}
    if row.state != "complete":
        state = words.fill(TEXTS[f"state_{row.state}"], {})
        return words.fill(TEXTS["pair_state"], {**of, "state": state})
    if row.revenue_usual is None:
        return words.fill(TEXTS["pair"], of)
    usual = row.revenue_usual
    return words.fill(TEXTS["pair_usual"], {**of, "low": usual.low, "high": usual.high})


def _draw_period(ax: Axes, place: int, row: Period) -> None:
    """A bar of later purchases under first ones, and the frame of what is usual."""
    first = row.revenue - row.returning
    for height, bottom, tone in (
        (row.returning, 0.0, COLOURS["accent"]), (first, row.returning, COLOURS["grey"]),
    ):  # fmt: skip
        if row.state == "complete":
            ax.bar(place, height, width=_BAR, bottom=bottom, color=tone)
        elif height > 0:
            ax.bar(
                place, height, width=_BAR, bottom=bottom, facecolor="none", edgecolor=tone,
                hatch="////", lw=1,
            )  # fmt: skip
    if row.revenue_usual is not None:
        low, high = row.revenue_usual.low, row.revenue_usual.high
        for tone, width in (("paper", 3.4), ("ink", 1.4)):
            ax.add_patch(
                Rectangle(
                    (place - _FRAME / 2, low), _FRAME, high - low, fill=False,
                    edgecolor=COLOURS[tone], lw=width, joinstyle="miter",
                )
            )  # fmt: skip


def _name_periods(ax: Axes, names: Sequence[str], *, narrow: bool) -> None:
    """Some names under their bars; the last is always there."""
    every = max(1, -(-len(names) // (3 if narrow else 8)))
    named = list(range(len(names)))[::-1][::every]
    ax.set_xticks(named, [names[place] for place in named])


def draw_seconds(
    seconds: Seconds | None, *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """Share of second purchases by when customers first bought; None with fewer than two cohorts.

    A cohort has a point for each time that is over for all of it; hollow where it is thin, broken
    by a gap or at the begin of the history.
    """
    if seconds is None:
        return None
    words = Words(language)
    rows = seconds.rows[-_SHOWN:]
    if len(rows) < 2:
        return None
    longest = max(
        place for row in rows for place, part in enumerate(row.within) if part.share is not None
    )
    tones = ["grey", "dark", "accent"][-(longest + 1) :]
    told = [row for row in seconds.rows if row.within[longest].customers is not None]
    # The whole of those whose share holds; of none such, of all.
    sure = [row for row in told if "early" not in row.marks and not row.thin] or told
    hollow = any(row.thin or row.marks for row in rows)
    of = {"shown": len(rows), "of": seconds.of}
    shows = words.fill(TEXTS[f"seconds_{seconds.unit}"], of)
    if hollow:
        shows += words.fill(TEXTS["hollow"], {})
    named = [
        (
            words.fill(TEXTS["seconds_key"], {"days": part.days}),
            COLOURS["soft" if tone == "grey" else "ink" if tone == "dark" else tone],
            _MARKERS[tone],
            COLOURS[tone],
        )
        for part, tone in zip(rows[0].within, tones, strict=False)
    ][::-1]
    picture, ax = canvas(
        _seconds_title(sure, seconds, longest, words),
        shows,
        words.fill(
            TEXTS["seconds_alt"],
            {"pairs": "; ".join(_second_pair(row, seconds, words) for row in rows)},
        ),
        height=270,
        narrow=narrow,
        left=52,
        bottom=30,
        right=34,
        keys=len(named),
    )
    for step, tone in enumerate(tones):
        _draw_within(ax, rows, step, tone, apart=_APART[seconds.unit], bars=step == longest)
    tops = [part.high or 0 for row in rows for part in row.within[longest : longest + 1]]
    tops += [part.share or 0 for row in rows for part in row.within]
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_ylim(0, min(max([*tops, 0.01]) * 1.08, 1.03))
    percent_axis(ax, words, "y")
    _name_periods(ax, [words.period(row.start, seconds.unit) for row in rows], narrow=narrow)
    key(ax, named)
    return picture


# Most days from one cohort to the next.
_APART = {"month": 31, "quarter": 92}
_MARKERS = {"grey": "s", "dark": "D", "accent": "o"}


def _seconds_title(sure: Sequence[Newcomers], seconds: Seconds, longest: int, words: Words) -> str:
    """The share of all cohorts that are over, told with the time they are of."""
    n = sum(row.customers for row in sure)
    back = sum(row.within[longest].customers or 0 for row in sure)
    return words.fill(
        TEXTS["seconds" if len(sure) > 1 else "seconds_one"],
        {
            "n": n,
            "first": words.period(sure[0].start, seconds.unit),
            "last": words.period(sure[-1].start, seconds.unit),
            "share": back / n,
            "days": sure[0].within[longest].days,
        },
    )


def _second_pair(row: Newcomers, seconds: Seconds, words: Words) -> str:
    last: Within = [part for part in row.within if part.share is not None][-1]
    of = {"when": words.period(row.start, seconds.unit), "share": last.share, "n": row.customers}
    return words.fill(TEXTS["seconds_pair"], of)


def _draw_within(
    ax: Axes, rows: Sequence[Newcomers], step: int, tone: str, *, apart: int, bars: bool
) -> None:
    """Points of one time, joined where cohorts follow each other; the longest with intervals."""
    known = [(place, row) for place, row in enumerate(rows) if row.within[step].share is not None]
    for (place, row), (_, following) in pairwise(known):
        # Months without a newcomer are no cohort, and no line leads over them.
        if (following.start - row.start).days <= apart:
            shares = [each.within[step].share or 0 for each in (row, following)]
            ax.plot([place, place + 1], shares, color=COLOURS[tone], lw=1.2)
    for place, row in known:
        part = row.within[step]
        if bars and part.low is not None and part.high is not None:
            ax.plot([place] * 2, [part.low, part.high], color=COLOURS[tone], lw=1.5)
        hollow = row.thin or bool(row.marks)
        ax.plot(
            place, part.share or 0, _MARKERS[tone], ms=7 if bars else 5, mec=COLOURS[tone],
            mfc=COLOURS["paper" if hollow else tone], mew=1.4,
        )  # fmt: skip
