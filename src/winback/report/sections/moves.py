"""What moves the odds of a return."""

from __future__ import annotations

from functools import partial

from winback.report import charts
from winback.report.material import Material
from winback.report.parts import Section, drawn, on_result
from winback.results.judged import MODEL


def moves_section(m: Material) -> Section:
    """Which kinds of reason move the odds, and how the strongest columns do."""
    w, drivers = m.w, m.drivers
    section = Section("drivers", w("drivers"))
    if not drivers or not drivers.importance:
        return section
    n = drivers.customers
    customers = w.count(n, "customer") if w.language == "en" else w.number(n)
    ruled = m.method != MODEL
    rule = w.term("method", m.method)
    section.add(
        "text",
        [
            w.rich("drivers_rule", rule=rule, customers=customers)
            if ruled
            else w.rich("drivers_text", customers=customers)
        ],
    )
    day = w.day(m.shop.cutoff)
    foot = w("source_rule", cutoff=day) if ruled else w("source_model", cutoff=day)
    language = w.language
    section.add(
        "picture",
        drawn("importance", on_result(charts.draw_importance, drivers, language), foot),
    )
    pictures = [
        drawn(
            f"dependence-{place}",
            on_result(partial(charts.draw_dependence, place=place), drivers, language),
            foot,
        )
        for place in range(len(drivers.dependence))
    ]
    section.add("picture", pictures[0] if pictures else None)
    if pictures[1:]:
        section.add("more", (w("drivers_open"), [("picture", p) for p in pictures[1:]]))
    return section
