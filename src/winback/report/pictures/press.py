"""How baskets change around the occasions of the calendar."""

from __future__ import annotations

from matplotlib.axes import Axes

from winback.report.pictures.canvas import COLOURS, Picture, canvas
from winback.results.pressed import Occasion, Press
from winback.said.press import TEXTS, figure, interval, occasion
from winback.said.words import Language, Words, capital

_ROW, _BELOW = 40, 44
# No axis reaches farther than the widest interval that says something, nor than this.
_FARTHEST = 0.6


def draw_occasions(
    press: Press, *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """Change of the basket by occasion with its interval; None where none can be told.

    From ``weigh_claims``.
    """
    w = Words(language)
    shown = [found for found in press.occasions if found.low is not None and found.high is not None]
    if not shown:
        return None

    def say(code: str, /, **values: object) -> str:
        return w.fill(TEXTS[code], values)

    sure = [found for found in shown if found.verdict in ("higher", "lower")]
    most = max(sure, key=lambda found: abs(found.value or 0), default=None)
    title = say("occasions_title_none", n=len(shown))
    if most is not None:
        name = capital(occasion(most, w))
        title = say("occasions_title", name=name, value=figure("change", most.value, w))
    pairs = [
        say("occasions_pair", name=occasion(found, w), value=figure("change", found.value, w),
            interval=interval(found, w))
        for found in shown
    ]  # fmt: skip
    picture, ax = canvas(
        title, say("occasions_shows"), say("occasions_alt", pairs="; ".join(pairs)),
        height=_ROW * len(shown) + _BELOW, narrow=narrow, bottom=_BELOW, left=8, right=8,
    )  # fmt: skip
    reach = max(
        abs(end) for found in shown for end in (found.low, found.high, found.claimed) if end
    )
    reach = min(1.08 * reach, _FARTHEST)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(shown) - 0.35, -0.7)
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.axvline(0, color=COLOURS["dark"], lw=1.5)
    for place, found in enumerate(shown):
        _row(ax, place, found, w, reach)
    step = next((s for s in (0.05, 0.1, 0.2) if reach / s <= (2 if narrow else 4)), 0.3)
    ticks = [step * k for k in range(-int(reach / step), int(reach / step) + 1)]
    ax.set_xticks(ticks, [w.share(tick, 0, signed=True) if tick else "0%" for tick in ticks])
    ax.set_xlabel(say("occasions_axis"), fontsize=12.5, color=COLOURS["soft"])
    return picture


def _row(ax: Axes, place: int, found: Occasion, w: Words, reach: float) -> None:
    """The name above the bar it belongs to."""
    is_sure = found.verdict in ("higher", "lower")
    tone = COLOURS["accent" if is_sure else "dark"]
    low, high = found.low or 0.0, found.high or 0.0
    at = max(-reach, min(found.value or 0.0, reach))
    ax.plot([max(low, -reach), min(high, reach)], [place + 0.17] * 2, color=tone, lw=3)
    ax.plot(at, place + 0.17, "o", color=tone, ms=8)
    if found.claimed is not None:
        ax.plot(found.claimed, place + 0.17, "D", mfc="none", mec=COLOURS["ink"], mew=1.8, ms=9)
    name = f"{capital(occasion(found, w))}  {figure('change', found.value, w)}"
    ax.text(
        -reach, place - 0.24, name, fontsize=12.5, va="center", ha="left", color=COLOURS["ink"],
        fontweight="bold" if is_sure else "normal",
    )  # fmt: skip
