"""The way of a customer: steps with the share that takes the next, and how long it takes."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from winback.report.pictures.canvas import COLOURS, Picture, canvas
from winback.results.journeyed import Journey
from winback.said.journey import TEXTS, YEAR, step_name, told, within
from winback.said.words import Language, Words


class _Arrow(NamedTuple):
    """The way from a step to the next."""

    share: float
    told: str
    under: str
    half: str


def draw_journey(
    journey: Journey, *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """The steps as boxes, each filled as far as its customers went on; None where too few did.

    From ``follow_journey``.
    """
    w = Words(language)

    def say(name: str, **values: object) -> str:
        return w.fill(TEXTS[name], values)

    names, arrows, pairs = [say("name_first")], [], []
    counts = [say("new", n=journey.steps[0].customers)]
    for step in journey.steps:
        row = told(step, YEAR)
        if row is None:
            break
        span, half = within(row.days, w), say("no_half")
        pair = ""
        if step.median_days is not None:
            half = say("half_arrow", days=step.median_days)
            pair = say("pair_half", days=step.median_days)
        arrows.append(_Arrow(row.share, w.share(row.share), say("on_arrow", within=span), half))
        names.append(say(f"name_{step.name}", silent=journey.silent_days))
        counts.append(say("took", n=step.happened))
        name = step_name(step, journey, w)
        pairs.append(say("pair", step=name, share=row.share, within=span, half=pair))
    first = told(journey.steps[0], YEAR)
    if first is None:
        return None
    high = (_TALL_STEP * len(names) - _TALL_GAP if narrow else _WIDE_HIGH + 10) + 14
    picture, ax = canvas(
        say("title", stop=1 - first.share, within=within(first.days, w)),
        say("shows"),
        say("alt", pairs="; ".join(pairs)),
        height=high,
        narrow=narrow,
    )
    ax.set_axis_off()
    width = 334 if narrow else 4 * _WIDE_BOX + 3 * _WIDE_GAP
    ax.set_xlim(0, width)
    ax.set_ylim(high - 8, 0)
    (_tall if narrow else _wide)(ax, names, counts, arrows, width)
    return picture


_TALL_BOX, _TALL_GAP = 56, 58
_TALL_STEP = _TALL_BOX + _TALL_GAP
_WIDE_BOX, _WIDE_GAP, _WIDE_HIGH = 99, 93, 104
_LINE = 13  # letters that fit into a box
_BAR = 9


def _wide(
    ax: Axes, names: list[str], counts: list[str], arrows: list[_Arrow], width: float
) -> None:
    """From left to right."""
    for place, (name, count) in enumerate(zip(names, counts, strict=True)):
        x = place * (_WIDE_BOX + _WIDE_GAP)
        _box(ax, (x, 6), (_WIDE_BOX, _WIDE_HIGH), arrows[place] if place < len(arrows) else None)
        middle = x + _WIDE_BOX / 2
        _text(ax, middle, 42, _folded(name), bold=True, size=12, ha="center")
        _text(ax, middle, 83, count, size=11.5, ha="center")
    for place, arrow in enumerate(arrows):
        x = place * (_WIDE_BOX + _WIDE_GAP) + _WIDE_BOX
        _arrow(ax, (x + 5, 56), (x + _WIDE_GAP - 5, 56))
        middle = x + _WIDE_GAP / 2
        _text(ax, middle, 36, arrow.told, bold=True, size=17, ha="center")
        _text(ax, middle, 74, arrow.under, size=10.5, ha="center")
        _text(ax, middle, 92, arrow.half, size=10.5, ha="center")


def _tall(
    ax: Axes, names: list[str], counts: list[str], arrows: list[_Arrow], width: float
) -> None:
    """From the top down."""
    for place, (name, count) in enumerate(zip(names, counts, strict=True)):
        y = place * _TALL_STEP + 2
        _box(ax, (1, y), (width - 2, _TALL_BOX), arrows[place] if place < len(arrows) else None)
        _text(ax, 12, y + 23, name, bold=True, ha="left")
        _text(ax, width - 12, y + 23, count, size=11.5, ha="right")
    for place, arrow in enumerate(arrows):
        y = place * _TALL_STEP + 2 + _TALL_BOX
        _arrow(ax, (30, y + 5), (30, y + _TALL_GAP - 5))
        _text(ax, 52, y + _TALL_GAP / 2, arrow.told, bold=True, size=17, ha="left")
        _text(ax, 112, y + _TALL_GAP / 2 - 9, arrow.under, size=12, ha="left")
        _text(ax, 112, y + _TALL_GAP / 2 + 9, arrow.half, size=12, ha="left")


def _box(
    ax: Axes, corner: tuple[float, float], size: tuple[float, float], onward: _Arrow | None
) -> None:
    """A step; at its foot the part that went on, and the part that did not."""
    (x, y), (wide, high) = corner, size
    ax.add_patch(
        Rectangle(corner, wide, high, facecolor=COLOURS["heat0"], edgecolor=COLOURS["dark"], lw=1)
    )
    if onward is not None:
        went = wide * onward.share
        for begin, length, tone in ((0, wide, "grey"), (0, went, "accent")):
            ax.add_patch(
                Rectangle((x + begin, y + high - _BAR), length, _BAR, lw=0, fc=COLOURS[tone])
            )


def _arrow(ax: Axes, begin: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate("", end, begin, arrowprops={"arrowstyle": "-|>", "color": COLOURS["dark"], "lw": 2})


def _text(
    ax: Axes, x: float, y: float, text: str, *, ha: str, bold: bool = False, size: float = 12.5
) -> None:
    ax.text(
        x, y, text, ha=ha, va="center", fontsize=size, linespacing=1.2,
        fontweight="bold" if bold else "normal", color=COLOURS["ink" if bold else "soft"],
    )  # fmt: skip


def _folded(name: str) -> str:
    """The name in as many lines as it needs."""
    return "\n".join(textwrap.wrap(name.replace("\u00a0", " "), _LINE))
