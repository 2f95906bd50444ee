"""How good the forecasts were, and what moves them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from winback.report.pictures.canvas import (
    COLOURS,
    Picture,
    bars,
    canvas,
    coincide,
    dot,
    key,
    percent_axis,
    whisker,
)
from winback.results.judged import MODEL, Interval, Judged
from winback.results.scored import Dependence, Drivers
from winback.said import declared
from winback.said.drivers import factor, story
from winback.said.words import Language, Words, capital

if TYPE_CHECKING:
    import pandas as pd

_DOUBLE = math.log(2)
_LITTLE_LIFT = 1.2
_LEAST_EFFECT = 0.01  # a hundredth of the odds is written as ×1


def draw_calibration(
    calibration: pd.DataFrame,
    *,
    population: str = "everyone",
    method: str = MODEL,
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """Observed beside predicted return, one pair a group; None without groups.

    From the table of ``calibration.csv``: ``population, method, bin, n, predicted, observed,
    low, high``.
    """
    words = Words(language)
    bins = _only(calibration, population, method, "bin")
    if not bins:
        return None
    # The whole, not the group that came out best: everybody's mean, and the mean miss of a group.
    rows = sum(b["n"] for b in bins)
    predicted = sum(b["n"] * b["predicted"] for b in bins) / rows
    observed = sum(b["n"] * b["observed"] for b in bins) / rows
    off = sum(b["n"] * abs(b["predicted"] - b["observed"]) for b in bins) / rows
    pairs = [
        words(
            "calibration_pair",
            predicted=words.share(b["predicted"]),
            observed=words.share(b["observed"]),
        )
        for b in bins
    ]
    picture, ax = canvas(
        words(
            "calibration_title",
            predicted=words.share(predicted),
            observed=words.share(observed),
            ece=words.points(100 * off),
        ),
        words("calibration_subtitle"),
        words("calibration_alt", pairs="; ".join(pairs)),
        height=310,
        narrow=narrow,
        left=44,
        bottom=48,
        keys=2,
    )
    places = range(len(bins))
    ax.bar(places, [b["predicted"] for b in bins], width=0.72, color=COLOURS["grey"])
    for place, b in zip(places, bins, strict=True):
        if _known(b["low"]) and _known(b["high"]):
            whisker(ax, place, b["low"], b["high"])
        dot(ax, place, b["observed"], ms=8)
    highest = max(max(b["predicted"], b["observed"], _or(b["high"], 0)) for b in bins)
    ax.set_ylim(0, min(1.0, highest * 1.12) or 1)
    ax.set_xlim(-0.6, len(bins) - 0.4)
    percent_axis(ax, words, "y")
    ax.set_xticks(list(places), [words.number(100 * b["predicted"]) for b in bins])
    ax.set_xlabel(words("axis_predicted"), fontsize=12.5, color=COLOURS["soft"])
    key(
        ax,
        [
            (words("predicted"), COLOURS["soft"], "s", COLOURS["grey"]),
            (words("observed"), COLOURS["accent"], "o", COLOURS["accent"]),
        ],
    )
    return picture


def draw_lift(
    evaluation: Judged,
    *,
    population: str = "everyone",
    model: str = MODEL,
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """Lift at 10 % of the model and of the simple rules, sorted; None if unknown.

    From ``evaluation.json``. Base rate has a lift of 1 by definition and is left out.
    """
    words = Words(language)
    people = evaluation.populations.get(population)
    lifts = {
        name: figures.lift_at_10
        for name, figures in (people.methods if people else {}).items()
        if name != "base_rate" and figures.lift_at_10
    }
    if model not in lifts:
        return None
    ranked = sorted(lifts.items(), key=lambda item: (-item[1].value, item[0]))
    rows = [
        (
            words.term("method", name),
            lift.value,
            words.number(lift.value, 2),
            COLOURS["accent"] if name == model else COLOURS["grey"],
            lift,
        )
        for name, lift in ranked
    ]
    picture, ax = canvas(
        words(
            "lift_title_chance" if _by_chance(lifts[model]) else "lift_title",
            times=words.times(lifts[model].value),
        ),
        words("lift_subtitle"),
        words("lift_alt", pairs="; ".join(f"{label}: {text}" for label, _, text, _, _ in rows)),
        height=44 * len(rows) + 8,
        narrow=narrow,
    )
    longest = max(max(_or(lift.high, 0), lift.value) for lift in lifts.values())
    bars(ax, [row[:4] for row in rows], longest)
    for place, (_, _, _, _, lift) in enumerate(rows):
        if lift.low is not None and lift.high is not None:
            ax.plot([lift.low, lift.high], [place, place], color=COLOURS["ink"], lw=1.5)
    return picture


def draw_gains(
    lift: pd.DataFrame,
    *,
    population: str = "everyone",
    model: str = MODEL,
    simple: str | None = None,
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """Share of returns found in the highest-ranked share of customers; None if unknown.

    From the table of ``lift.csv``: ``population, method, share_targeted, lift, captured``.

    Args:
        simple: the simple rule drawn beside the model.
    """
    words = Words(language)
    curve = _only(lift, population, model, "share_targeted")
    if not curve:
        return None
    near = min(curve, key=lambda point: abs(point["share_targeted"] - 0.2))
    shown = [p for p in curve if round(p["share_targeted"], 2) in (0.1, 0.2, 0.3, 0.5)]
    pairs = [
        words(
            "gains_pair",
            targeted=words.share(p["share_targeted"]),
            captured=words.share(p["captured"]),
        )
        for p in shown or [near]
    ]
    other = _only(lift, population, simple, "share_targeted") if simple else []
    one_line = _same_curve(curve, other)
    shows = [words("gains_subtitle")]
    if simple and one_line:
        shows.append(words("lines_coincide", one=words.term("method", model),
                           other=words.term("method", simple)))  # fmt: skip
    picture, ax = canvas(
        words("gains_title", captured=words.share(near["captured"])),
        ". ".join(shows),
        words("gains_alt", pairs="; ".join(pairs)),
        height=310,
        narrow=narrow,
        left=44,
        bottom=48,
        right=22,
        keys=2 if simple else 1,
    )
    ax.plot([0, 1], [0, 1], color=COLOURS["dark"], lw=1.2, ls=(0, (4, 4)))
    ax.text(0.72, 0.66, words("by_lot"), color=COLOURS["soft"], fontsize=12.5, ha="left", va="top")
    if other:
        _curve(ax, other, COLOURS["dark"], 2)
    _curve(ax, curve, COLOURS["accent"], 3)
    ax.plot(near["share_targeted"], near["captured"], "o", color=COLOURS["accent"], ms=8)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.03)
    percent_axis(ax, words, "y")
    percent_axis(ax, words, "x")
    ax.set_xlabel(words("axis_targeted"), fontsize=12.5, color=COLOURS["soft"])
    named = [(words.term("method", model), COLOURS["accent"], "o", COLOURS["accent"])]
    if simple:
        named.append((words.term("method", simple), COLOURS["soft"], "s", COLOURS["dark"]))
    key(ax, named)
    return picture


def draw_importance(
    drivers: Drivers, *, language: Language = "en", narrow: bool = False
) -> Picture | None:
    """By how much each kind of reason moves the odds of a return; None without any.

    From ``describe_drivers``.
    """
    words = Words(language)
    found = drivers.importance
    if not found:
        return None
    # Who declares a signal asks what it does: nothing is an answer.
    shown = [row for row in found if row.effect >= _LEAST_EFFECT or row.label] or found[:1]
    rows = [
        (
            capital(story(row, words)),
            row.effect,
            factor(row.effect, words),
            COLOURS["accent"] if row is found[0] else COLOURS["grey"],
        )
        for row in shown
    ]
    rest = drivers.rest + sum(row.effect for row in found if row not in shown)
    if rest >= _LEAST_EFFECT:
        rows.append((words("everything_else"), rest, factor(rest, words), COLOURS["grey"]))
    picture, ax = canvas(
        words("importance_title", story=rows[0][0], factor=rows[0][2]),
        words("importance_subtitle"),
        words("silence_alt", pairs="; ".join(f"{label}: {text}" for label, _, text, _ in rows)),
        height=44 * len(rows) + 8,
        narrow=narrow,
    )
    bars(ax, rows, max(row[1] for row in rows))
    return picture


def draw_dependence(
    drivers: Drivers,
    place: int = 0,
    *,
    language: Language = "en",
    narrow: bool = False,
) -> Picture | None:
    """How the odds of a return move with one column; None beyond the last column.

    From ``describe_drivers``.

    Args:
        place: which of ``dependence``, the strongest first.
    """
    words = Words(language)
    if place >= len(drivers.dependence):
        return None
    found = drivers.dependence[place]
    bins, column = found.bins, _column(words, found)

    written = partial(_written, words, found)
    pairs = [
        words("dependence_pair", to=written(b.to), factor=factor(b.effect, words)) for b in bins
    ]
    picture, ax = canvas(
        _where_most(words, found),
        words("dependence_subtitle"),
        words("dependence_alt", column=column, pairs="; ".join(pairs)),
        height=270,
        narrow=narrow,
        left=44,
        bottom=48,
    )
    places = range(len(bins))
    ax.axhline(0, color=COLOURS["dark"], lw=1.2)
    for at, b in zip(places, bins, strict=True):
        ax.plot([at, at], [b.low, b.high], color=COLOURS["grey"], lw=7)
        ax.plot(at, b.effect, "o", color=COLOURS["accent"], ms=8)
    lowest = min(0.0, *(b.low for b in bins)) - 0.1
    highest = max(0.0, *(b.high for b in bins)) + 0.1
    # Doublings, or quarters where the odds hardly move.
    step = next(s for s in (0.25, 0.5, 1, 2, 4, 99) if (highest - lowest) / (s * _DOUBLE) <= 6)
    ticks = [n * step for n in range(-60, 61) if lowest <= n * step * _DOUBLE <= highest]
    ax.set_yticks([t * _DOUBLE for t in ticks], [factor(t * _DOUBLE, words) for t in ticks])
    ax.set_ylim(lowest, highest)
    ax.set_xlim(-0.6, len(bins) - 0.4)
    ax.set_xticks(list(places), [written(b.to) for b in bins])
    ax.set_xlabel(words("axis_up_to", column=column), fontsize=12.5, color=COLOURS["soft"])
    return picture


def _column(words: Words, found: Dependence) -> str:
    if found.told is not None:
        return capital(declared.column(found.told, words))
    return words.term("column", found.column)


def _written(words: Words, found: Dependence, value: float) -> str:
    told = found.told
    if told is not None and told.levels and told.how == "value":
        return told.levels[min(max(round(value), 0), len(told.levels) - 1)]
    if found.column.endswith("_share"):
        return words.share(value)
    return words.number(value, 0 if value >= 10 or value == int(value) else 1)


def _where_most(words: Words, found: Dependence) -> str:
    """Whose values of a column go with the most returns."""
    name, bins = found.column, found.bins
    most = max(range(len(bins)), key=lambda at: bins[at].effect)
    to = bins[most].to
    if name == "days_since_last_order" and most == 0:
        return words("dependence_silence", days=words.count(to, "of day"))
    values = {
        "column": _column(words, found),
        "start": _written(words, found, bins[most].from_value),
        "to": _written(words, found, to),
    }
    if most == 0:
        return words("dependence_first", column=values["column"], to=values["to"])
    if most == len(bins) - 1:
        return words("dependence_last", column=values["column"], start=values["start"])
    return words("dependence_within", **values)


def _same_curve(one: Sequence[Mapping[str, float]], other: Sequence[Mapping[str, float]]) -> bool:
    """Whether two rankings find the same share of returns in every list."""
    found = {point["share_targeted"]: point["captured"] for point in other}
    both = [
        (p["captured"], found[p["share_targeted"]]) for p in one if p["share_targeted"] in found
    ]
    return coincide([ours for ours, _ in both], [theirs for _, theirs in both], 1.0)


def _curve(ax: Axes, points: Sequence[Mapping[str, float]], tone: str, width: float) -> None:
    ax.plot(
        [0, *(p["share_targeted"] for p in points)],
        [0, *(p["captured"] for p in points)],
        color=tone,
        lw=width,
        solid_capstyle="round",
    )


def _only(
    table: pd.DataFrame | None, population: str, method: str, key: str
) -> list[dict[str, float]]:
    if table is None or table.empty:
        return []
    kept = table[(table["population"] == population) & (table["method"] == method)]
    return [{str(k): v for k, v in row.items()} for row in kept.sort_values(key).to_dict("records")]


def _by_chance(lift: Interval) -> bool:
    """Whether a lift may be chance, or is surely too small to matter."""
    low, high = lift.low, lift.high
    return (low is not None and low <= 1) or (high is not None and high < _LITTLE_LIFT)


def _known(value: float | None) -> bool:
    return value is not None and value == value


def _or(value: float | None, other: float) -> float:
    return value if value is not None and value == value else other
