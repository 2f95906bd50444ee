"""What offers changed, as bars from nothing with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from winback.report.pictures.canvas import COLOURS, Picture, canvas
from winback.results.measured import Interval
from winback.said.result import TEXTS
from winback.said.words import Words


class Effect(NamedTuple):
    """One bar: what it is called and how long it is, with its interval."""

    label: str
    ends: Interval


_ROW = 56


def draw_effects(
    effects: Sequence[Effect],
    finding: str,
    shows: str,
    written: Callable[[float | None], str],
    *,
    words: Words,
    narrow: bool = False,
) -> Picture | None:
    """Effects on one scale with a line at nothing; None where none has an interval.

    Args:
        finding: the picture's title.
        shows: what is drawn, and in which unit.
        written: how a value of that unit is written.
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
            {"label": label, "effect": written(effect), "low": written(low), "high": written(high)},
        )
        for label, effect, low, high in drawn
    ]
    picture, ax = canvas(
        finding,
        shows,
        words.fill(TEXTS["effects_alt"], {"pairs": "; ".join(pairs)}),
        height=_ROW * len(drawn) + 8,
        narrow=narrow,
    )
    lowest = min(0.0, *(low for _, _, low, _ in drawn))
    highest = max(0.0, *(high for _, _, _, high in drawn))
    room = 0.02 * ((highest - lowest) or 1.0)
    ax.set_xlim(lowest - room, highest + room)
    ax.set_ylim(len(drawn) - 0.62, -0.72)
    ax.set_axis_off()
    ax.plot([0, 0], [-0.2, len(drawn) - 0.7], color=COLOURS["dark"], lw=1)
    for place, (label, effect, low, high) in enumerate(drawn):
        clear = low > 0 or high < 0
        text = words.fill(
            TEXTS["range"],
            {"effect": written(effect), "low": written(low), "high": written(high)},
        )
        for at, said, side in ((0.0, label, "left"), (1.0, text, "right")):
            ax.text(
                at,
                place - 0.44,
                said,
                transform=ax.get_yaxis_transform(),
                fontsize=13,
                ha=side,
                va="center",
                color=COLOURS["ink"],
                fontweight="bold" if clear and side == "right" else "normal",
            )
        tone = COLOURS["accent"] if clear else COLOURS["grey"]
        ax.barh(place, effect, height=0.3, color=tone)
        ax.plot([low, high], [place, place], color=COLOURS["ink"], lw=1.5)
        for end in (low, high):
            ax.plot([end, end], [place - 0.09, place + 0.09], color=COLOURS["ink"], lw=1.5)
    return picture
