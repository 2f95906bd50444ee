"""One customer's history on a line of time: purchases, refunds, signals, lists, what is next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from winback.report.pictures.canvas import COLOURS, Picture, canvas
from winback.results.customer import CustomerCard, Happened
from winback.said.explained import CARD
from winback.said.words import Words

# More lines than these would touch; then bars stand for months.
_MOST_DAYS_WIDE, _MOST_DAYS_NARROW = 150, 60
# Marks of a lane that would lie on each other are drawn once.
_PLACES_WIDE, _PLACES_NARROW = 220, 100
_LANE, _PLOT = 46, 210


def draw_timeline(card: CustomerCard, words: Words, *, narrow: bool = False) -> Picture | None:
    """The history as marks on a time line up to the cutoff; None where nothing was bought.

    Days with purchases are lines as high as their sum, refunds go down; where there are many,
    bars of months take their place. Below lie complaints, other signals and lists that left.
    """
    bought, back = card.of_kind("order"), card.of_kind("refund")
    if not bought:
        return None

    def say(name: str, **values: object) -> str:
        return words.fill(CARD[name], values)

    days = _by_day(bought)
    monthly = len(days) > (_MOST_DAYS_NARROW if narrow else _MOST_DAYS_WIDE)
    lanes = [
        (say("lane_trouble"), [mark.day for mark in card.marks if mark.trouble], "trouble"),
        (say("lane_signals"), [mark.day for mark in card.marks if not mark.trouble], "signals"),
        (say("lane_lists"), [each.sent_on for each in card.lists], "lists"),
    ]
    lanes = [lane for lane in lanes if lane[1]]
    finding = "drawn" if len(bought) > 1 else "drawn_once"
    values = {
        "n": len(bought), "first": bought[0].day, "day": bought[0].day,
        "silent": card.rhythm.silent_days,
    }  # fmt: skip
    foot = 34 + _LANE * len(lanes)
    picture, ax = canvas(
        say(finding, **values),
        say("drawn_months" if monthly else "drawn_each"),
        _in_words(card, words),
        height=_PLOT + foot,
        narrow=narrow,
        left=64,
        bottom=foot,
        right=10,
    )
    refunds = _by_day(back)
    if monthly:
        _draw_months(ax, days, refunds)
    else:
        _draw_days(ax, days, refunds, 3 if len(days) < 40 else 2)
    last = max(card.cutoff, card.rhythm.expected_on or card.cutoff)
    first = bought[0].day.toordinal()
    span = max(last.toordinal() - first, 30)
    ax.set_xlim(first - 0.02 * span, first + 1.04 * span)
    _draw_edges(ax, card, words, max(days.values()), span)
    _ticks(ax, words, first, span, 3 if narrow else 6)
    for place, (label, at, kind) in enumerate(lanes):
        below = -(34 + _LANE * place) / _PLOT
        _draw_lane(ax, label, at, kind, below, card, span, narrow)
    return picture


def _by_day(happened: Iterable[Happened]) -> dict[int, float]:
    sums: Counter[int] = Counter()
    for each in happened:
        sums[each.day.toordinal()] += each.amount  # type: ignore[assignment]
    return dict(sorted(sums.items()))


def _draw_days(ax: Axes, days: dict[int, float], refunds: dict[int, float], width: float) -> None:
    for sums, tone in ((days, COLOURS["accent"]), (refunds, COLOURS["dark"])):
        lines = [[(day, 0.0), (day, amount)] for day, amount in sums.items()]
        ax.add_collection(LineCollection(lines, colors=tone, linewidths=width))
        if len(sums) < 40:
            ax.plot(list(sums), list(sums.values()), "o", color=tone, ms=width + 3)
    ax.autoscale_view()


def _draw_months(ax: Axes, days: dict[int, float], refunds: dict[int, float]) -> None:
    for sums, tone in ((days, COLOURS["accent"]), (refunds, COLOURS["dark"])):
        months: Counter[date] = Counter()
        for day, amount in sums.items():
            months[date.fromordinal(day).replace(day=1)] += amount  # type: ignore[assignment]
        for month, amount in sorted(months.items()):
            ax.bar(month.toordinal(), amount, width=25, align="edge", color=tone)


def _draw_edges(ax: Axes, card: CustomerCard, words: Words, top: float, span: int) -> None:
    """The cutoff, and the day on which the next purchase is expected."""
    ax.axhline(0, color=COLOURS["dark"], lw=1)
    cutoff = card.cutoff.toordinal()
    ax.axvline(cutoff, color=COLOURS["ink"], lw=1, ls=(0, (4, 3)))
    label = f"{words.fill(CARD['today'], {})} {words.short_day(card.cutoff)}"
    ax.annotate(
        label, (cutoff, 1), xycoords=("data", "axes fraction"), textcoords="offset points",
        xytext=(-5, -2), ha="right", va="top", fontsize=12, color=COLOURS["ink"],
    )  # fmt: skip
    expected = card.rhythm.expected_on
    if expected is not None:
        ax.plot(
            expected.toordinal(), 0, "D", ms=9, clip_on=False, color=COLOURS["accent"],
            markerfacecolor="none", markeredgewidth=2,
        )  # fmt: skip
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, 0) * 1.1, max(high, top) * 1.25)
    ticks = [tick for tick in ax.get_yticks() if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]]
    ax.set_yticks(ticks, [words.number(tick) for tick in ticks])


def _ticks(ax: Axes, words: Words, first: int, span: int, most: int) -> None:
    """Whole months, as many as have room."""
    step = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120) if span / (30.5 * n) <= most or n == 120)
    day = date.fromordinal(first).replace(day=1)
    places, labels = [], []
    while day.toordinal() <= first + span:
        months = 12 * day.year + day.month - 1
        if months % step == 0 and day.toordinal() >= first - 0.02 * span:
            places.append(day.toordinal())
            labels.append(str(day.year) if step % 12 == 0 else words.period(day, "month"))
        day = date.fromordinal(day.toordinal() + 32).replace(day=1)
    if not places:
        places, labels = [first], [words.short_day(date.fromordinal(first))]
    ax.set_xticks(places, labels)


def _draw_lane(
    ax: Axes, label: str, at: Sequence[date], kind: str, below: float, card: CustomerCard,
    span: int, narrow: bool,
) -> None:  # fmt: skip
    """A row of marks below the axis, its name above it."""
    ax.annotate(
        label, (0, below), xycoords="axes fraction", textcoords="offset points", xytext=(0, -4),
        fontsize=12, va="top", color=COLOURS["soft"], annotation_clip=False,
    )  # fmt: skip
    across = ax.get_xaxis_transform()
    y = below - 28 / _PLOT
    if kind == "lists":
        for arm, fill in (("offer", COLOURS["accent"]), ("control", "none")):
            days = [
                e.sent_on.toordinal()
                for e in card.lists
                if (e.arm == "control") == (arm == "control")
            ]
            ax.plot(
                days, [y] * len(days), "s", ms=8, color=COLOURS["accent"], markerfacecolor=fill,
                markeredgewidth=1.5, transform=across, clip_on=False,
            )  # fmt: skip
        return
    step = max(span / (_PLACES_NARROW if narrow else _PLACES_WIDE), 1)
    places = sorted(
        {round(day.toordinal() / step) for day in at if day.toordinal() >= ax.get_xlim()[0]}
    )
    across_days = [place * step for place in places]
    mark, tone, size = ("X", "ink", 8) if kind == "trouble" else ("|", "dark", 9)
    ax.plot(
        across_days,
        [y] * len(across_days),
        mark,
        ms=size,
        color=COLOURS[tone],
        transform=across,
        clip_on=False,
    )


def _in_words(card: CustomerCard, words: Words) -> str:
    bought = card.of_kind("order")
    days = _by_day(bought)
    top = max(days, key=lambda day: days[day])
    more = ""
    if card.rhythm.expected_on is not None:
        more += words.fill(CARD["alt_next"], {"day": card.rhythm.expected_on})
    if card.marks:
        counts = {
            "n": len({mark.day for mark in card.marks}),
            "trouble": len({mark.day for mark in card.marks if mark.trouble}),
        }
        more += words.fill(CARD["alt_signals"], counts)
    if card.lists:
        more += words.fill(CARD["alt_lists"], {"n": len(card.lists)})
    return words.fill(
        CARD["drawn_alt"],
        {
            "first": bought[0].day,
            "cutoff": card.cutoff,
            "n": len(bought),
            "spent": sum(each.amount for each in bought),
            "refunded": -sum(each.amount for each in card.of_kind("refund")),
            "top": days[top],
            "top_day": date.fromordinal(top),
            "more": more,
        },
    )
