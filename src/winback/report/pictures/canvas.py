"""A picture, its axes and marks, and how it becomes SVG in the page's colours."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox, offset_copy
from PIL import Image

from winback.said.words import Words

# Marks stand 3:1 against the ground in both themes (WCAG 2.2, 1.4.11); `on` the steps of the heat
# map are told apart by their last digit alone.
COLOURS = {
    "ink": "#1d2430",
    "soft": "#5c6675",
    "line": "#dcdfe4",
    "accent": "#1f5fae",
    "grey": "#8692a2",
    "dark": "#687485",
    "paper": "#fcfbf8",
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
_KEY_ROW = 20  # pixels
_PNG_COLOURS = 64
_DPI = 72  # an SVG pixel is then a point, and font sizes read as pixels
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "axes.unicode_minus": True,
    # What stands between two dollars is money here, and no formula.
    "text.parse_math": False,
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

    def png(self) -> bytes:
        """The picture with its title, on white; the same bytes for the same picture.

        Of few colours, as it is drawn in few: a notebook that holds it stays small.
        """
        drawn, written = io.BytesIO(), io.BytesIO()
        _without_formulas(self)
        with matplotlib.rc_context(_STYLE):
            FigureCanvasAgg(self).print_figure(drawn, dpi=144, facecolor="white")
        with Image.open(drawn) as full:
            few = full.convert("RGB").quantize(_PNG_COLOURS, dither=Image.Dither.NONE)
        few.save(written, format="png", optimize=True)
        return written.getvalue()

    def _repr_png_(self) -> bytes:
        """Show in a notebook, whether or not pyplot was ever imported."""
        return self.png()


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
    _without_formulas(figure)
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


def _without_formulas(picture: Picture) -> None:
    for text in picture.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)


def _show_title(picture: Picture, shown: bool) -> None:
    for text in picture.texts:
        text.set_visible(shown)


def canvas(
    finding: str,
    shows: str,
    alt: str,
    *,
    height: float,
    narrow: bool,
    left: float = 2,
    bottom: float = 4,
    right: float = 4,
    keys: int = 0,
) -> tuple[Picture, Axes]:
    """An empty picture with its title and one pair of axes, measured in pixels.

    ``keys`` rows above the axes are kept for `key`, so that no name lies over data.
    """
    width = 340 if narrow else 680
    title = textwrap.wrap(finding, 32 if narrow else 64)
    subtitle = textwrap.wrap(shows, 47 if narrow else 94)
    header = 8 + 20 * len(title) + 17 * len(subtitle) + 12
    above = _KEY_ROW * keys + 4 if keys else 0
    whole = height + above + header
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


def bars(ax: Axes, rows: Sequence[tuple[str, float, str, str]], longest: float) -> None:
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


def key(ax: Axes, named: Sequence[tuple[str, str, str, str]]) -> None:
    """Names in the colour of what they name, above the axes where nothing is drawn.

    The canvas has to have kept as many ``keys``.
    """
    for place, (label, tone, marker, fill) in enumerate(reversed(named)):
        y = _KEY_ROW * (place + 0.5)
        ax.annotate(
            label,
            (0, 1),
            (20, y),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=13,
            fontweight="bold",
            color=tone,
            va="center",
            ha="left",
        )
        ax.plot(
            0,
            1,
            marker,
            color=fill,
            ms=9,
            clip_on=False,
            transform=offset_copy(ax.transAxes, ax.get_figure(root=True), x=7, y=y, units="points"),
        )


def whisker(ax: Axes, place: float, low: float, high: float) -> None:
    """An upright interval that can be seen over a bar, too."""
    for tone, width in (("paper", 4.5), ("accent", 2)):
        ax.plot([place] * 2, [low, high], color=COLOURS[tone], lw=width, solid_capstyle="butt")


def dot(ax: Axes, x: float, y: float, *, ms: float) -> None:
    """A point with a rim, so that it can be told from what it lies on."""
    ax.plot(x, y, "o", color=COLOURS["accent"], ms=ms, mec=COLOURS["paper"], mew=1.2)


def coincide(one: Sequence[float], other: Sequence[float], span: float) -> bool:
    """Whether two lines over the same places lie so close that a reader sees one."""
    return bool(one) and max(abs(a - b) for a, b in zip(one, other, strict=True)) < 0.015 * span


def percent_axis(ax: Axes, words: Words, axis: str) -> None:
    """Ticks at round percents, six at most."""
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


def compact(words: Words, value: float) -> str:
    """A number short enough for an axis: 12 k, 1.2 M."""
    if value >= 1_000_000:
        return words("millions", number=words.number(value / 1_000_000, 1))
    if value >= 10_000:
        return words("thousands", number=words.number(value / 1_000))
    return words.number(value)
