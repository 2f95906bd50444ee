"""The pictures: what is drawn can be seen on either ground, and no name lies over data."""

import re
from importlib import resources
from itertools import pairwise

import matplotlib.text
import pytest

from test_report import drawings, made_up
from winback.report.pictures.canvas import COLOURS, canvas, coincide

CSS = (resources.files("winback.report") / "templates" / "report.css").read_text("utf-8")
ROOTS = [dict(re.findall(r"--(\w+): (#\w{6})", text)) for text in CSS.split(":root")[1:]]
LIGHT, DARK = ROOTS[0], {**ROOTS[0], **ROOTS[1]}
MARKS = ("accent", "grey", "dark", "ink")


def light_of(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dim, bright = sorted(map(light_of, (one, other)))
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_stand_out_from_the_ground_in_both_themes(theme):
    for ground in ("paper", "card"):
        for mark in MARKS:
            assert contrast(theme[mark], theme[ground]) >= 3, (mark, ground)
        for text in ("ink", "soft", "accent"):
            assert contrast(theme[text], theme[ground]) >= 4.5, (text, ground)
    # What a cell of the heat map says can be read on it.
    for step in range(6):
        assert contrast(theme[f"on{step}"], theme[f"heat{step}"]) >= 4.5, step


def test_pictures_are_drawn_in_the_colours_of_the_light_page():
    shared = set(COLOURS) & set(LIGHT) - {"line"}
    assert {name: COLOURS[name] for name in shared if not name.startswith("on")} == {
        name: LIGHT[name] for name in shared if not name.startswith("on")
    }


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_no_name_of_a_line_lies_over_data(narrow):
    """Bold text is the names of what is drawn: it stands above the axes, rows apart."""
    for name, picture in drawings(made_up(), narrow=narrow).items():
        if name not in ("calibration", "gains", "gaps", "revenue", "seconds", "trend"):
            continue
        (axes,) = picture.axes
        top = axes.get_window_extent().y1
        named = [
            text.get_window_extent()
            for text in axes.findobj(matplotlib.text.Text)
            if text.get_text() and text.get_fontweight() == "bold"
        ]
        assert named, name
        assert all(box.y0 >= top - 1 for box in named), name
        for upper, lower in pairwise(sorted(named, key=lambda box: -box.y0)):
            assert lower.y1 <= upper.y0 + 1, name


def test_what_stands_between_two_dollars_is_money_and_no_formula():
    picture, ax = canvas("from −$1,510 to $2,984", "$1 and $2", "", height=100, narrow=False)
    formula, _ = canvas("from −1,510 to 2,984", "1 and 2", "", height=100, narrow=False)
    ax.text(0.5, 0.5, "$3 and $4")
    for each in (picture, formula):
        each.png()
    title, plain = (
        next(text for text in each.texts if text.get_text().startswith("from"))
        for each in (picture, formula)
    )
    # Two signs more in the same upright letters: wider, where a formula would be narrower.
    assert title.get_window_extent().width > plain.get_window_extent().width + 10
    assert not any(text.get_parse_math() for text in picture.findobj(matplotlib.text.Text))


def test_lines_that_a_reader_cannot_tell_apart_are_called_so():
    assert coincide([0.1, 0.2, 0.3], [0.1, 0.21, 0.3], 1.0)
    assert not coincide([0.1, 0.2, 0.3], [0.1, 0.22, 0.3], 1.0)
    assert not coincide([], [], 1.0)
