"""What offers changed, as bars from nothing with their intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from winback.report.pictures.canvas import COLOURS, Picture, canvas
from winback.results.measured import Interval
from winback.said.result import TEXTS
from winback.said.words import Words


class Effect(NamedTuple):
    """One bar: what it is called and how long it is, with its interval."""

    label: str
    ends: Interval


class Written(Protocol):
    """How values of one unit are written: with it, and bare beside one that has it."""

    def value(self, x: float | None) -> str: ...  # noqa: D102
    def bare(self, x: float | None) -> str: ...  # noqa: D102


_ROW, _TALL_ROW = 56, 76  # pixels; the tall one has its numbers on a line of their own
_WIDE, _NARROW = 84, 42  # characters of a label and its numbers that fit on one line


def draw_effects(
    effects: Sequence[Effect],
    finding: str,
    shows: str,
    unit: Written,
    *,
    words: Words,
    narrow: bool = False,
) -> Picture | None:
    """Effects on one scale with a line at nothing; None where none has an interval.

    Args:
        finding: the picture's title.
        shows: what is drawn, and in which unit.
        unit: how a value of that unit is written.
    """
    drawn = [
        (label, float(ends.effect), float(ends.low), float(ends.high))
        for label, ends in effects
        if ends.effect is not None and ends.low is not None and ends.high is not None
    ]
    if not drawn:
        return None
    pairs = [
        words.fill(
            TEXTS["effects_pair"],
            {"label": label, **_ends(unit, effect, low, high)},
        )
        for label, effect, low, high in drawn
    ]
    texts = [
        words.fill(TEXTS["range"], _ends(unit, effect, low, high)) for _, effect, low, high in drawn
    ]
    fits = _NARROW if narrow else _WIDE
    labels = [textwrap.shorten(label, fits, placeholder="…") for label, *_ in drawn]
    tall = any(len(label) + len(text) > fits for label, text in zip(labels, texts, strict=True))
    row = _TALL_ROW if tall else _ROW
    picture, ax = canvas(
        finding,
        shows,
        words.fill(TEXTS["effects_alt"], {"pairs": "; ".join(pairs)}),
        height=row * len(drawn) + 8,
        narrow=narrow,
    )
    lowest = min(0.0, *(low for _, _, low, _ in drawn))
    highest = max(0.0, *(high for _, _, _, high in drawn))
    room = 0.02 * ((highest - lowest) or 1.0)
    ax.set_xlim(lowest - room, highest + room)
    above = (25 if not tall else 43) / row
    ax.set_ylim(len(drawn) - 1 + 18 / row, -above - 12 / row)
    ax.set_axis_off()
    bar, end_mark = 8.5 / row, 5 / row
    for place, (_, effect, low, high) in enumerate(drawn):
        clear = low > 0 or high < 0
        second = (0.0, 23 / row, "left") if tall else (1.0, above, "right")
        for said, (at, up, side) in (
            (labels[place], (0.0, above, "left")),
            (texts[place], second),
        ):
            ax.text(
                at,
                place - up,
                said,
                transform=ax.get_yaxis_transform(),
                fontsize=13,
                ha=side,
                va="center",
                parse_math=False,
                color=COLOURS["ink"],
                fontweight="bold" if clear and said is texts[place] else "normal",
            )
        tone = COLOURS["accent"] if clear else COLOURS["grey"]
        ax.barh(place, effect, height=2 * bar, color=tone)
        ax.plot(
            [0, 0], [place - bar - end_mark, place + bar + end_mark], color=COLOURS["dark"], lw=1
        )
        ax.plot([low, high], [place, place], color=COLOURS["ink"], lw=1.5)
        for end in (low, high):
            ax.plot([end, end], [place - end_mark, place + end_mark], color=COLOURS["ink"], lw=1.5)
    return picture


def _ends(unit: Written, effect: float, low: float, high: float) -> dict[str, str]:
    return {"effect": unit.value(effect), "low": unit.bare(low), "high": unit.bare(high)}
