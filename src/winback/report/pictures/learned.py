"""What lists and budgets earn: gains over size or spending, with the error of the first line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import offset_copy

from winback.report.pictures.canvas import COLOURS, Picture, canvas

Tone = Literal["accent", "dark", "grey", "line"]
_STROKES: dict[Tone, tuple[str, float, str]] = {
    "accent": ("accent", 2.6, "-"), "dark": ("ink", 1.6, "--"), "grey": ("soft", 2.0, ":"),
    "line": ("grey", 2.0, "-"),
}  # fmt: skip
_KEY_ROW, _HEIGHT, _BOTTOM = 21, 250, 54  # pixels
_SURE = 1.959964


class Line(NamedTuple):
    """One line: its name, where it goes, and its standard errors if they are drawn."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    tone: Tone
    errors: Sequence[float] = ()


class Axis(NamedTuple):
    """What an axis is called, and how a value on it is written."""

    name: str
    written: Callable[[float], str]


def draw_lines(
    lines: Sequence[Line], finding: str, shows: str, alt: str, across: Axis, up: Axis,
    *, narrow: bool = False,
) -> Picture | None:  # fmt: skip
    """Lines on one scale with a line at nothing; None where there is none.

    Args:
        lines: the first is the one that counts; its errors are a band.
        finding: the picture's title.
        shows: what is drawn.
        alt: the same in words.
        across, up: the axes.
        narrow: as a telephone shows it.
    """
    if not lines:
        return None
    plot = _HEIGHT - (30 if narrow else 0)
    above = _KEY_ROW * len(lines) + 8
    picture, ax = canvas(
        finding, shows, alt, height=plot + above + _BOTTOM, narrow=narrow, left=74,
        bottom=_BOTTOM, right=22,
    )  # fmt: skip
    low, high = _ends(lines)
    room = 0.05 * (high - low)
    ax.set_ylim(low - room, high + room + (high - low) * above / plot)
    ends = [x for line in lines for x in line.xs]
    ax.set_xlim(min(ends), max(ends))
    for line in reversed(lines):
        colour, width, style = _STROKES[line.tone]
        xs, ys = np.asarray(line.xs, float), np.asarray(line.ys, float)
        if len(line.errors):
            errors = _SURE * np.asarray(line.errors, float)
            ax.fill_between(xs, ys - errors, ys + errors, color=COLOURS["heat1"], lw=0)
            for edge in (ys - errors, ys + errors):
                ax.plot(xs, edge, color=COLOURS["accent"], lw=0.8)
        ax.plot(xs, ys, style, color=COLOURS[colour], lw=width)
    ax.axhline(0, color=COLOURS["dark"], lw=1)
    _key(ax, lines)
    _axes(ax, across, up, (low, high), narrow)
    return picture


def _ends(lines: Sequence[Line]) -> tuple[float, float]:
    values = [0.0]
    for line in lines:
        errors = np.asarray(line.errors, float) if len(line.errors) else np.zeros(len(line.ys))
        ys = np.asarray(line.ys, float)
        values += [float((ys - _SURE * errors).min()), float((ys + _SURE * errors).max())]
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)


def _key(ax: Axes, lines: Sequence[Line]) -> None:
    for place, line in enumerate(lines):
        colour, width, style = _STROKES[line.tone]
        y = -10 - _KEY_ROW * place
        ax.annotate(
            line.name, (0.02, 1), (38, y), xycoords="axes fraction", textcoords="offset points",
            fontsize=13, va="center", color=COLOURS["ink"], parse_math=False,
            fontweight="bold" if line.tone == "accent" else "normal",
        )  # fmt: skip
        _stroke(ax, y, colour, width, style)


def _stroke(ax: Axes, y: float, colour: str, width: float, style: str) -> None:
    figure = ax.get_figure(root=True)
    left = offset_copy(ax.transAxes, figure, x=0, y=y, units="points")
    wide = ax.get_window_extent().width
    ax.plot(
        [0.02, 0.02 + 30 / wide], [1, 1], style, color=COLOURS[colour], lw=width,
        transform=left, clip_on=False,
    )  # fmt: skip


def _axes(ax: Axes, across: Axis, up: Axis, ends: tuple[float, float], narrow: bool) -> None:
    step = _step(ends[1] - ends[0], 4)
    first, last = int(np.ceil(ends[0] / step - 1e-9)), int(np.floor(ends[1] / step + 1e-9))
    ticks = [k * step for k in range(first, last + 1)]
    ax.set_yticks(ticks, [up.written(tick) for tick in ticks])
    low, high = ax.get_xlim()
    step = _step(high - low, 3 if narrow else 5)
    ticks = [k * step for k in range(int(np.ceil(low / step)), int(high / step + 1e-9) + 1)]
    ax.set_xticks(ticks, [across.written(tick) for tick in ticks])
    ax.set_xlabel(across.name, fontsize=12, color=COLOURS["soft"])
    labels = ax.get_xticklabels()
    if labels and ticks[-1] > high - 0.02 * (high - low):
        labels[-1].set_horizontalalignment("right")


def _step(span: float, most: int) -> float:
    """The smallest round step of which at most so many make up the span."""
    raw = span / most
    unit = 10 ** np.floor(np.log10(raw))
    return float(next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= raw * (1 - 1e-9)))
