"""The page of what an experiment taught, from the same object as its JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from markupsafe import Markup

from winback.report.parts import Drawn, Section, Table, drawn
from winback.report.pictures.learned import Axis, Line, Tone, draw_lines
from winback.report.pictures.measured import Effect, draw_effects
from winback.report.sheet import Sheet, write_sheet
from winback.results.base import Fact
from winback.results.effects import Among, Estimated, Judged, Learned, OfArm
from winback.results.measured import Interval
from winback.said import effects as said
from winback.said.effects import TEXTS
from winback.said.telling import tell
from winback.said.words import NBSP, POINTS, Language, Words, capital

# Who comes first on a list, and how its line is drawn.
_LINES: dict[str, Tone] = {"this": "accent", "response": "dark", "risk": "grey", "random": "line"}
_SIZES = (2, 4, 6, 8, 10, 12, 14, 16, 18, 20)
_ALL = 0.995
_NONE = 0.005
_SURE = 1.959964
_LEAST = 50
# What the result calls the two columns of who acts anyway.
_ANYWAY = ("likely anyway, by a line", "likely anyway, by trees")
# Doubts that may change what is done; the others stand at the end.
_FIRST = frozenset(
    f"effects.{name}"
    for name in (
        "odd_sizes", "chance_of_treatment", "cost_spent", "names_arm", "mark_unsure", "id_maybe",
        "arms_merged", "columns_missing", "values_unknown", "apply_twice",
    )
)  # fmt: skip


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

    What to do and what it earns, whom the treatment moves, what lists of each size would earn by
    this method and by its rivals, what a budget earns, and how sure that is. It loads nothing and
    runs no script; every number on it is one of ``learned.json``.

    Args:
        found: of `winback learn` or `learn_effects`.
        language: ``en`` or ``pl``.

    Raises:
        UsageError: no text is in that language.
    """
    words = Words(language)
    told = said.answer(found, words)
    invalid = "_invalid" if found.problems else ""
    groups = tuple(
        _said("group_of", words, arm=said.arm_name(found, each.arm), people=each.people)
        for each in found.groups
    )
    return write_sheet(
        Sheet(
            language=language,
            kicker=_said("kicker", words, file=found.file),
            title=_said("title", words),
            # In letters as large as these a line has to break.
            heading=said.headline(found, words).replace(NBSP, " "),
            told="" if found.problems else " ".join(told),
            as_of=_said(f"as_of{invalid}", words, people=found.people, groups=groups,
                        outcome=found.outcome),
            sections=[
                _warnings(found, words), _earn(found, words), _arms(found, words),
                *(_whom(found, arm, words) for arm in found.arms), _budget(found, words),
                _next(found, words), _sure(found, words),
            ],
            skip=_said("skip", words),
            contents=_said("contents", words),
            footer=_said(f"footer{invalid}", words),
        )
    )  # fmt: skip


def _said(key: str, words: Words, **values: object) -> str:
    return words.fill(TEXTS[key], values)


def _gain(found: Learned, words: Words) -> Callable[[float], str]:
    return lambda value: said.gain(found, value, words)


# --- sections ------------------------------------------------------------------------------------


def _warnings(found: Learned, words: Words) -> Section:
    section = Section("warnings", _said("warnings", words))
    if found.problems:
        section.add("callout", (_said("why_invalid", words), said.answer(found, words)))
    first = [doubt for doubt in found.doubts if doubt.code in _FIRST]
    if first:
        section.add("callout", (_said("keep_in_mind", words), _told(first, words)))
    return section


def _told(doubts: Sequence[Fact], words: Words) -> list[str]:
    return [f"{capital(tell(doubt, words))}." for doubt in doubts]


def _earn(found: Learned, words: Words) -> Section:
    """Cards, then what a list of each size would earn, arm by arm."""
    section = Section("earn", _said("earn", words))
    if found.problems:
        return section
    section.add("cards", _cards(found, words))
    tables = []
    for at, arm in enumerate(found.arms, start=1):
        section.add("picture", _curve(found, arm, at, words))
        tables.append(("table", _curve_table(found, arm, words)))
    tables = [(kind, table) for kind, table in tables if table]
    section.add("more", (_said("open_curve", words), tables) if tables else None)
    return section


def _arms(found: Learned, words: Words) -> Section:
    """Several treatments beside each other, and who gets which."""
    section = Section("arms", _said("arms", words))
    if len(found.arms) < 2:
        return section
    unit = _Unit(found, words)
    best = max(found.arms, key=lambda arm: arm.average.effect)
    rows = [(said.arm_name(found, arm.arm), arm.average) for arm in found.arms]
    title = _said("arms_title", words, best=said.arm_name(found, best.arm),
                  effect=unit.value(best.average.effect))  # fmt: skip
    section.add("picture", _effects("arms", rows, title, "arms_shows", unit))
    if said.each_its_own(found) is not None and found.policy is not None:
        shares = found.policy.shares
        nobody = 1 - sum(each.share for each in shares)
        cells = [[said.arm_name(found, each.arm), words.share(each.share)] for each in shares]
        cells.append([_said("policy_nobody", words), words.share(max(nobody, 0.0))])
        columns = [_said("treatment", words), _said("people_share", words)]
        section.add("table", Table(_said("policy_table", words), columns, cells))
    return section


def _whom(found: Learned, arm: OfArm, words: Words) -> Section:
    at = found.arms.index(arm) + 1
    name = said.arm_name(found, arm.arm)
    title = _said("whom_one", words) if len(found.arms) == 1 else _said("whom", words, arm=name)
    section = Section(f"whom-{at}", title)
    if _few(arm):
        return section
    unit = _Unit(found, words)
    section.add("text", _moved(found, arm, unit))
    fifths = [
        (_said("fifth_first" if each.place == 1 else "fifth", words, place=each.place), each.found)
        for each in arm.fifths
    ]
    ends = {name: unit.value(arm.fifths[k].found.effect) for name, k in (("first", 0), ("last", 4))}
    key = "fifths_title" if arm.targeting.found else "fifths_title_none"
    title = _said(key, words, **ends)
    section.add("picture", _effects(f"fifths-{at}", fifths, title, "fifths_shows", unit))
    if arm.targeting.found:
        among = [(_level(found, each, words), each.found) for each in arm.among]
        title = _said("among_title", words)
        section.add("picture", _effects(f"among-{at}", among, title, "among_shows", unit))
    return section


def _budget(found: Learned, words: Words) -> Section:
    section = Section("budget", _said("budget", words))
    if len(found.budget) < 2:
        return section
    gain = _gain(found, words)
    line = Line(
        _said("budget_line", words), [0.0, *(p.cost for p in found.budget)],
        [0.0, *(p.gain.effect for p in found.budget)], "accent",
        [0.0, *((p.gain.high - p.gain.effect) / _SURE for p in found.budget)],
    )  # fmt: skip
    half, whole = found.budget[len(found.budget) // 2 - 1], found.budget[-1]
    finding = _said(
        "budget_title", words, half=_money(half.cost, words), half_gain=gain(half.gain.effect),
        whole=_money(whole.cost, words), whole_gain=gain(whole.gain.effect),
    )  # fmt: skip
    across = Axis(
        _said("spent", words),
        lambda x: words.number(x, next((d for d in range(4) if abs(round(x, d) - x) < 1e-9), 4)),
    )
    shows = _said("budget_shows", words)

    def draw(narrow: bool) -> Any:
        up = Axis("", lambda x: _tick(found, x, words))
        return draw_lines([line], finding, shows, finding, across, up, narrow=narrow)

    section.add("picture", drawn("budget", draw, _said("budget_foot", words)))
    names = [said.arm_name(found, arm.arm) for arm in found.arms]
    rows = [
        [_money(p.cost, words), *map(words.share, p.by_arm), _ranged(gain, p.gain, words)]
        for p in found.budget
    ]  # fmt: skip
    columns = [_said("spent", words), *names, _said("value", words)]
    table = Table(_said("budget_table", words), columns, rows)
    section.add("more", (_said("open_budget", words), [("table", table)]))
    return section


def _next(found: Learned, words: Words) -> Section:
    section = Section("next", _said("next", words))
    if found.problems:
        return section
    if said.each_its_own(found) is not None:
        steps = ["next_each", "next_control"]
    else:
        steps = {
            "treat_some": ["next_some", "next_control"], "treat_all": ["next_all", "next_control"],
            "treat_none": ["next_none"], "not_distinguishable": ["next_unsure", "next_control"],
        }[found.verdict]  # fmt: skip
    section.add("numbered", [_said(step, words) for step in steps])
    return section


def _sure(found: Learned, words: Words) -> Section:
    section = Section("sure", _said("sure", words))
    rest = [doubt for doubt in found.doubts if doubt.code not in _FIRST]
    if found.problems:
        section.add("text", [said.rows_kept(found, words)] if found.set_aside else None)
        section.add("list", _told(rest, words))
        return section
    from_what = _said("no_columns", words)
    if found.columns:
        from_what = _said("learned_from", words, columns=found.columns)
    section.add("text", [
        *said.findings(found, words), said.rows_kept(found, words), from_what,
        _said("rests_on", words),
    ])  # fmt: skip
    section.add("list", _told(rest, words))
    tables = [("table", _methods(found, arm, words)) for arm in found.arms if arm.methods]
    section.add("more", (_said("open_methods", words), tables) if tables else None)
    return section


def _few(arm: OfArm) -> bool:
    """Whether fifths of so few people would show nothing but chance."""
    return not arm.targeting.found and min(each.people for each in arm.fifths) < _LEAST


# --- what it earns -------------------------------------------------------------------------------


def _cards(found: Learned, words: Words) -> list[tuple[str, str, str]]:
    gain, unit = _gain(found, words), _Unit(found, words)
    cards: list[tuple[str, str, str]] = []

    def card(key: str, ends: Estimated, write: Callable[[float], str], **values: object) -> None:
        label = _said(key, words, low=write(ends.low), high=write(ends.high), **values)
        cards.append((write(ends.effect), label, "accent" if ends.low > 0 or ends.high < 0 else ""))

    if found.verdict == "treat_some" and found.policy is not None:
        card("card_each", found.policy.value, gain)
        best = said.arm_name(found, found.policy.best)
        card("card_less_each", found.policy.less, gain, best=best)
    elif found.verdict == "treat_some":
        own, everybody = said.own_method(found.arms[0]), said.against_all(found.arms[0])
        if own is not None and everybody is not None and _NONE < own.share < _ALL:
            card("card_policy", own.value, gain, share=own.share)
            card("card_less", everybody.less, gain)
    for arm in found.arms[: 4 - len(cards)]:
        name = said.arm_name(found, arm.arm)
        card("card_average", arm.average, unit.value, arm=name)
    return cards


def _curve(found: Learned, arm: OfArm, at: int, words: Words) -> Drawn | None:
    """What a list of each size would earn, by whom it takes first."""
    gain = _gain(found, words)
    shown = [each for name in _LINES for each in arm.methods if each.method == name]
    own = said.own_method(arm)
    if own is None or _few(arm):
        return None
    if not arm.targeting.found:
        # One ratio ranks like response: what lists by it would earn is shown, and promised to none.
        shown = [each for each in shown if each.method in ("this", "random")]
    sizes = [k / 20 for k in range(21)]
    lines = [
        Line(_name(each, words), sizes, each.curve, _LINES[each.method],
             each.curve_error if each is own else ())
        for each in shown
    ]  # fmt: skip
    values = {"arm": said.arm_name(found, arm.arm), "share": own.share,
              "value": gain(own.value.effect), "all": gain(arm.worth.effect)}  # fmt: skip
    key = "curve_title_none"
    if arm.targeting.found:
        key = "curve_title" if _NONE < own.share < _ALL else "curve_title_all"
    finding = _said(key, words, **values)
    if len(found.arms) > 1:
        low = finding[:1].lower() + finding[1:]
        finding = _said("of_arm", words, arm=values["arm"], said=low)
    points = tuple(
        _said("curve_of", words, name=_name(each, words), points=tuple(
            _said("curve_point", words, share=k / 20, value=gain(each.curve[k]))
            for k in (4, 10, 20)
        ))
        for each in shown
    )  # fmt: skip
    alt = _said("curve_alt", words, lines="; ".join(points))
    across = Axis(_said("treated_axis", words), words.share)

    def draw(narrow: bool) -> Any:
        shows = _said("curve_shows", words)
        up = Axis("", lambda x: _tick(found, x, words))
        return draw_lines(lines, finding, shows, alt, across, up, narrow=narrow)

    return drawn(f"curve-{at}", draw, _said("curve_foot", words))


def _curve_table(found: Learned, arm: OfArm, words: Words) -> Table | None:
    names = ("this", "response", "risk", "value", "random")
    shown = [each for name in names for each in arm.methods if each.method == name]
    if not shown or _few(arm):
        return None
    gain = _gain(found, words)

    def cell(each: Judged, k: int) -> str | Markup:
        if each.method != "this":
            return gain(each.curve[k])
        half = _SURE * each.curve_error[k]
        ends = Estimated(effect=each.curve[k], low=each.curve[k] - half, high=each.curve[k] + half)
        return _ranged(gain, ends, words)

    rows = [[words.share(k / 20), *(cell(each, k) for each in shown)] for k in _SIZES]
    caption = f"{said.arm_name(found, arm.arm)}: {_said('curve_table', words)}"
    return Table(caption, [_said("size", words), *(_name(each, words) for each in shown)], rows)


# --- whom it moves -------------------------------------------------------------------------------


def _moved(found: Learned, arm: OfArm, unit: _Unit) -> list[str]:
    """The columns whose people differ for sure, in a sentence each."""
    words = unit.words
    told: list[str] = []
    if not arm.targeting.found:
        return told
    anyway = sum(each.weight for each in arm.told if each.column in _ANYWAY)
    if anyway:
        told.append(_said("anyway_more" if anyway > 0 else "anyway_less", words))
    for column in dict.fromkeys(each.column for each in arm.among):
        among = [each for each in arm.among if each.column == column]
        most = max(among, key=lambda each: each.found.effect)
        least = min(among, key=lambda each: each.found.effect)
        if most.found.low > least.found.high:
            told.append(_said(
                "most_least", words, column=column, most=_value(found, most, words),
                least=_value(found, least, words), high=unit.value(most.found.effect),
                low=unit.value(least.found.effect),
            ))  # fmt: skip
    return told


def _level(found: Learned, each: Among, words: Words) -> str:
    return _said("among_level", words, column=each.column, level=_value(found, each, words))


def _value(found: Learned, each: Among, words: Words) -> str:
    if each.low is None or each.high is None:
        return each.level or _said("empty", words)
    ends = (each.low, each.high)
    if each.column in found.days:
        first = date(1970, 1, 1)
        low, high = (words.short_day(first + timedelta(days=int(end))) for end in ends)
    else:
        low, high = (words.short_number(end) for end in ends)
    return _said("third", words, third=_said(each.level, words), low=low, high=high)


def _effects(
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


# --- tables --------------------------------------------------------------------------------------


def _name(method: Judged, words: Words) -> str:
    if method.method in ("S", "T", "X", "R", "DR"):
        return _said("learner", words, name=method.method)
    return _said("value_first" if method.method == "value" else method.method, words)


def _methods(found: Learned, arm: OfArm, words: Words) -> Table:
    gain = _gain(found, words)
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
                _ranged(gain, each.value, words),
                "" if own else _ranged(gain, each.less, words),
                words.share(each.share),
            ]
        )
    names = ("method", "qini", "qini_less", "value", "value_less", "share")
    caption = _said("methods_table", words, arm=said.arm_name(found, arm.arm))
    return Table(caption, [_said(name, words) for name in names], rows)


def _with_error(value: float, error: float | None, words: Words) -> Markup:
    return Markup("{}<small>± {}</small>").format(
        words.number(value, 3, signed=True), words.number(error, 3)
    )


def _ranged(gain: Callable[[float], str], ends: Estimated, words: Words) -> Markup:
    low, high = gain(ends.low), gain(ends.high)
    return Markup("{}<small>{}</small>").format(
        gain(ends.effect), _said("ends", words, low=low, high=high)
    )


def _tick(found: Learned, value: float, words: Words) -> str:
    """A gain on an axis: as few digits as it has."""
    points = found.kind == "share" and not (found.priced or found.valued)
    number = 100 * value if points else value
    digits = next((d for d in range(5) if abs(round(number, d) - number) < 1e-9), 5)
    if abs(number) < 1e-9:
        return "0"
    text = words.number(number, digits, signed=True)
    return f"{text}{NBSP}{POINTS[words.language]}" if points else text


def _money(value: float, words: Words) -> str:
    return words.number(value, 2 if value >= 0.1 or value == 0 else 3)
