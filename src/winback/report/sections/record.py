"""What came of earlier lists: how they came true, what they changed and what they taught."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from winback.report import charts
from winback.report.material import Material
from winback.report.parts import Section, Table, cut, drawn, on_result
from winback.results.graded import Grade, Record
from winback.results.judged import Interval
from winback.results.measured import Awaited, Measurement
from winback.said.graded import (
    TEXTS,
    grade_line,
    newest_lines,
    open_lines,
    rival_lines,
    trend_lines,
    trend_of_rivals,
)
from winback.said.reacted import of_offer
from winback.said.result import headline
from winback.said.words import DASH, Words

_MOST_ROWS = 12


def measured_section(m: Material) -> Section:
    """What each campaign changed, with the page that shows it in full."""
    w = m.w
    section = Section("measured", w.fill(TEXTS["measured"], {}))
    rows = [
        [
            Markup('<a href="measurements/{0}.html">{0}</a>').format(name),
            headline(found, w),
            DASH if isinstance(found, Awaited) else w.number(found.n_treated),
            DASH if isinstance(found, Awaited) else w.number(found.n_control),
        ]
        for name, found in sorted(m.measured.items(), key=_newest_first)
    ]
    columns = [
        w.fill(TEXTS[f"column_{name}"], {}) for name in ("list", "came_of", "treated", "control")
    ]
    if rows:
        caption = w.fill(TEXTS["measured_table"], {"n": len(rows)})
        shown, note = cut(rows, w)
        section.add("table", Table(caption, columns, shown, texts=frozenset({0, 1}), note=note))
    return section


def _newest_first(each: tuple[str, Measurement | Awaited]) -> tuple[int, str]:
    name, found = each
    day = found.closes_on if isinstance(found, Awaited) else found.assigned_to
    return -day.toordinal(), name


def learned_section(m: Material) -> Section:
    """What lists that left have taught of each offer, on this list or not."""
    section = Section("learned", m.w("rests_title"))
    offers = m.manifest.offers if m.manifest else ()
    names = {offer.name: offer.label[m.language] for offer in offers}
    learned = m.target.learned if m.target else {}
    told = [of_offer(names.get(n, n), found, m.w) for n, found in learned.items()]
    shown, note = cut(told, m.w)
    section.add("list", shown)
    section.add("text", [note] if note else [])
    return section


def record_section(m: Material) -> Section:
    """What lists that left foretold, beside what came; nothing before one is ripe."""
    w, record = m.w, m.grades
    section = Section("record", w.fill(TEXTS["section"], {}))
    if record is None:
        return section
    section.add("list", open_lines(record, w))
    if not record.lists:
        return section
    newest = record.lists[-1]
    section.add("lead", grade_line(newest, w))
    section.add("text", trend_lines(record, w))
    foot = w.fill(TEXTS["record_foot"], {"day": record.observed_until})
    section.add("picture", drawn("record", on_result(charts.draw_record, record, w.language), foot))
    section.add("list", newest_lines(newest, w))
    table = _table(record, w, "record_plain", ("list", "foretold", "returned"))
    section.add("more", (w.fill(TEXTS["record_open"], {}), [("table", table)]))
    return section


def rivals_section(m: Material) -> Section:
    """How the lists did beside simpler forecasts of the same day."""
    w, record = m.w, m.grades
    section = Section("rivals", w.fill(TEXTS["rivals"], {}))
    if record is None or not record.lists:
        return section
    section.add("list", [*rival_lines(record.lists[-1].now, w), *trend_of_rivals(record, w)])
    columns = ("list", "foretold", "returned", "base_rate", "best_rule")
    section.add("table", _table(record, w, "record_table", columns))
    return section


def _table(record: Record, w: Words, caption: str, columns: Sequence[str]) -> Table:
    shown = record.lists[-_MOST_ROWS:]
    return Table(
        w.fill(TEXTS[caption], {"n": len(shown), "of": len(record.lists)}),
        [w.fill(TEXTS[f"column_{name}"], {}) for name in columns],
        [_row(grade, w)[: len(columns)] for grade in reversed(shown)],
    )


def _row(grade: Grade, w: Words) -> list[str]:
    came = grade.now.everybody
    gained = {each.role: each.difference for each in grade.now.against}
    return [
        f"{grade.campaign_id} ({w.short_day(grade.cutoff)})",
        w.share(came.foretold, 1),
        _with_ends(came.returned, w),
        *(_signed(gained.get(role), w) for role in ("base_rate", "best_rule")),
    ]  # fmt: skip


def _with_ends(found: Interval, w: Words) -> str:
    if found.low is None or found.high is None:
        return w.share(found.value, 1)
    ends = {"value": found.value, "low": found.low, "high": found.high}
    return w.fill(TEXTS["share_with_ends"], ends)


def _signed(found: Interval | None, w: Words) -> str:
    return w.number(found.value if found else None, 4, signed=True)
