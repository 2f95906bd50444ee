"""The page of what an experiment taught, from the same object as its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from winback.report.parts import Drawn, Section, Table, drawn
from winback.report.pictures.measured import Effect, draw_effects
from winback.report.sheet import Sheet, write_sheet
from winback.results.effects import Among, Estimated, Judged, Learned, OfArm
from winback.results.measured import Interval
from winback.said import effects as said
from winback.said.effects import TEXTS
from winback.said.telling import tell
from winback.said.words import Language, Words, capital

_SHOWN = ("this", "response", "risk", "all")
_SIZES = (2, 4, 6, 8, 10, 12, 14, 16, 18, 20)


class _Unit(NamedTuple):
    """How changes of the outcome are written."""

    found: Learned
    words: Words

    def value(self, x: float | None) -> str:
        return said.effect(self.found, x or 0.0, self.words)

    def bare(self, x: float | None) -> str:
        if self.found.kind == "share":
            return self.words.number(100 * (x or 0.0), 1, signed=True)
        return self.value(x)


def render_learned(found: Learned, *, language: Language = "en") -> str:
    """Write what an experiment taught as one self-contained HTML page.

    The verdict, whom the treatment moves, what lists of each size would earn by this method and
    by its rivals, and how sure that is. It loads nothing and runs no script.

    Args:
        found: of `winback learn`.
        language: ``en`` or ``pl``.

    Raises:
        UsageError: no text is in that language.
    """
    words = Words(language)
    told = said.answer(found, words)
    return write_sheet(
        Sheet(
            language=language,
            kicker=_said("kicker", words, treatment=found.treatment, outcome=found.outcome,
                         file=found.file),
            title=_said("title", words),
            heading=said.headline(found, words),
            told="" if found.problems else " ".join(told),
            as_of=_said("as_of", words, people=found.people),
            sections=[
                _warnings(found, words),
                *(section for arm in found.arms for section in _of_arm(found, arm, words)),
                _sure(found, words),
            ],
            skip=_said("skip", words),
            contents=_said("contents", words),
            footer=_said("footer", words),
        )
    )  # fmt: skip


def _said(key: str, words: Words, **values: object) -> str:
    return words.fill(TEXTS[key], values)


def _warnings(found: Learned, words: Words) -> Section:
    section = Section("warnings", _said("warnings", words))
    if found.problems:
        told = said.answer(found, words)
        section.add("callout", (_said("why_invalid", words), told))
    if found.doubts:
        told = [f"{capital(tell(doubt, words))}." for doubt in found.doubts]
        section.add("callout", (_said("keep_in_mind", words), told))
    return section


def _of_arm(found: Learned, arm: OfArm, words: Words) -> list[Section]:
    at = found.arms.index(arm) + 1
    whom = Section(f"whom-{at}", _said("whom", words, arm=arm.arm))
    fifths = [(_said("fifth", words, place=each.place), each.found) for each in arm.fifths]
    unit = _Unit(found, words)
    ends = {name: unit.value(arm.fifths[k].found.effect) for name, k in (("first", 0), ("last", 4))}
    title = _said("fifths_title", words, **ends)
    whom.add("picture", _picture(f"fifths-{at}", fifths, title, "fifths_shows", unit))
    among = [(_level(each, words), each.found) for each in arm.among]
    title = _said("among_title", words)
    whom.add("picture", _picture(f"among-{at}", among, title, "among_shows", unit))
    earn = Section(f"earn-{at}", _said("earn", words, arm=arm.arm))
    earn.add("table", _curves(found, arm, words))
    if arm.methods:
        methods = [("table", _methods(found, arm, words))]
        earn.add("more", (_said("open_methods", words), methods))
    return [whom, earn]


def _picture(
    name: str, rows: Sequence[tuple[str, Estimated]], finding: str, shows: str, unit: _Unit
) -> Drawn | None:
    effects = [
        Effect(label, Interval(effect=each.effect, low=each.low, high=each.high))
        for label, each in rows
    ]
    words = unit.words

    def draw(narrow: bool) -> Any:
        about = _said(shows, words)
        return draw_effects(effects, finding, about, unit, words=words, narrow=narrow)

    return drawn(name, draw, _said("ends_foot", words))


def _level(each: Among, words: Words) -> str:
    if each.low is None:
        level = each.level or _said("empty", words)
        return _said("among_level", words, column=each.column, level=level)
    level = _said(each.level, words)
    return _said(
        "among_third", words, column=each.column, level=level, low=each.low, high=each.high
    )


def _name(method: Judged, words: Words) -> str:
    if method.method in ("S", "T", "X", "R", "DR"):
        return _said("learner", words, name=method.method)
    return _said("value_first" if method.method == "value" else method.method, words)


def _curves(found: Learned, arm: OfArm, words: Words) -> Table | None:
    shown = [each for name in _SHOWN for each in arm.methods if each.method == name]
    if not shown:
        return None
    rows = [
        [words.share(k / 20), *(said.gain(found, each.curve[k], words) for each in shown)]
        for k in _SIZES
    ]
    columns = [_said("size", words), *(_name(each, words) for each in shown)]
    return Table(_said("curve_table", words), columns, rows)


def _methods(found: Learned, arm: OfArm, words: Words) -> Table:
    rows = []
    for each in arm.methods:
        own = each.method == "this"
        less = ""
        if each.qini_less is not None and not own:
            less = _with_error(each.qini_less, each.qini_less_error, words)
        rows.append(
            [
                _name(each, words),
                "" if each.qini is None else _with_error(each.qini, each.qini_error, words),
                less,
                _ranged(found, each.value, words),
                "" if own else _ranged(found, each.less, words),
                words.share(each.share),
            ]
        )
    names = ("method", "qini", "qini_less", "value", "value_less", "share")
    return Table(_said("methods_table", words), [_said(name, words) for name in names], rows)


def _with_error(value: float, error: float | None, words: Words) -> Markup:
    return Markup("{}<small>± {}</small>").format(
        words.number(value, 3, signed=True), words.number(error, 3)
    )


def _ranged(found: Learned, ends: Estimated, words: Words) -> Markup:
    low, high = (said.gain(found, each, words) for each in (ends.low, ends.high))
    return Markup("{}<small>{}</small>").format(
        said.gain(found, ends.effect, words), _said("ends", words, low=low, high=high)
    )


def _sure(found: Learned, words: Words) -> Section:
    section = Section("sure", _said("sure", words))
    if found.problems:
        return section
    sizes = [
        _said("sizes", words, arm=arm.arm, treated=arm.treated, control=arm.control)
        for arm in found.arms
    ]
    columns = found.columns
    from_what = _said("learned_from", words, columns=columns) if columns else None
    rest = [
        *said.findings(found, words),
        said.rows_kept(found, words),
        *sizes,
        from_what or _said("no_columns", words),
        _said("rests_on", words),
    ]
    section.add("text", rest)
    if found.budget:
        rows = [
            [words.share(each.people), words.number(each.cost, 2), _ranged(found, each.gain, words)]
            for each in found.budget
        ]
        columns_ = [_said(name, words) for name in ("size", "spent", "value")]
        section.add("table", Table(_said("budget_title", words), columns_, rows))
    return section
