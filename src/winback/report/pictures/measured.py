"""What offers changed, as bars from nothing with their intervals."""

from __future__ import annotations

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


_ROW = 56


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
    for place, (label, effect, low, high) in enumerate(drawn):
        clear = low > 0 or high < 0
        text = words.fill(
            TEXTS["range"],
            _ends(unit, effect, low, high),
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
        ax.plot([0, 0], [place - 0.24, place + 0.24], color=COLOURS["dark"], lw=1)
        ax.plot([low, high], [place, place], color=COLOURS["ink"], lw=1.5)
        for end in (low, high):
            ax.plot([end, end], [place - 0.09, place + 0.09], color=COLOURS["ink"], lw=1.5)
    return picture


def _ends(unit: Written, effect: float, low: float, high: float) -> dict[str, str]:
    return {"effect": unit.value(effect), "low": unit.bare(low), "high": unit.bare(high)}
