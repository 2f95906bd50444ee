"""How earlier lists came true."""

from __future__ import annotations

from winback.report import charts
from winback.report.material import Material
from winback.report.parts import Section, Table, drawn, on_result
from winback.results.graded import Grade
from winback.results.judged import Interval
from winback.said.graded import TEXTS, grade_line, newest_lines, trend_lines
from winback.said.words import Words

_MOST_ROWS = 12


def record_section(m: Material) -> Section:
    """What lists that left foretold, beside what came; nothing before one is ripe."""
    w, record = m.w, m.grades
    section = Section("record", w.fill(TEXTS["section"], {}))
    if record is None or not record.lists:
        return section
    newest = record.lists[-1]
    section.add("lead", grade_line(newest, w))
    section.add("text", trend_lines(record, w))
    foot = w.fill(TEXTS["record_foot"], {"day": record.observed_until})
    section.add("picture", drawn("record", on_result(charts.draw_record, record, w.language), foot))
    section.add("list", newest_lines(newest, w))
    rows = [_row(grade, w) for grade in reversed(record.lists[-_MOST_ROWS:])]
    columns = [
        w.fill(TEXTS[f"column_{name}"], {})
        for name in ("list", "foretold", "returned", "base_rate", "best_rule")
    ]
    table = Table(w.fill(TEXTS["record_table"], {"n": len(rows)}), columns, rows)
    section.add("more", (w.fill(TEXTS["record_open"], {}), [("table", table)]))
    return section


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
