"""From the first purchase to silence."""

from __future__ import annotations

from typing import get_args

from markupsafe import Markup

from winback.report.material import Material
from winback.report.parts import Section, Table, drawn, on_result
from winback.report.pictures.journey import draw_journey
from winback.results.journeyed import Journey, Reached, Standing, Step
from winback.said.journey import TEXTS, reservations, sentences, shows_new, step_name
from winback.said.words import DASH, Words, capital

_COLUMNS = (30, 90, 180, 365)


def journey_section(m: Material) -> Section:
    """Where customers stop on their way, how fast the rest go on; nothing without purchases."""
    w, journey = m.w, m.described.journey
    section = Section("journey", _said("section", w))
    if journey is None:
        return section
    section.add("text", [*sentences(journey, w), *reservations(journey, w)])
    if not shows_new(journey):
        section.add("table", _stand(journey, w))
        return section
    foot = w("source", cutoff=w.day(m.shop.cutoff))
    section.add("picture", drawn("journey", on_result(draw_journey, journey, w.language), foot))
    tables = [_steps(journey, w), _stand(journey, w)]
    section.add("more", (_said("open", w), [("table", table) for table in tables if table]))
    return section


def _said(name: str, w: Words, **values: object) -> str:
    return w.fill(TEXTS[name], values)


def _steps(journey: Journey, w: Words) -> Table:
    return Table(
        _said("caption", w),
        [
            _said("col_step", w),
            _said("col_customers", w),
            *(_said("col_days", w, days=days) for days in _COLUMNS),
            _said("col_half", w),
        ],
        [
            [
                capital(step_name(step, journey, w)),
                w.number(step.customers),
                *(_reached(step.within(days), w) for days in _COLUMNS),
                _half(step, w),
            ]
            for step in journey.steps
        ],
        note=_said("note", w),
    )


def _reached(row: Reached | None, w: Words) -> str | Markup:
    if row is None:
        return DASH
    interval = _said("interval", w, low=row.low, high=row.high)
    return Markup("{}<small>{}</small><small>{}</small>").format(
        w.share(row.share), interval, _said("at_risk", w, n=row.at_risk)
    )


def _half(step: Step, w: Words) -> str | Markup:
    if step.median_days is None:
        return DASH
    high = DASH if step.median_high is None else w.number(step.median_high)
    interval = f"{w.number(step.median_low)}{DASH}{high}"
    return Markup("{}<small>{}</small>").format(w.number(step.median_days), interval)


def _stand(journey: Journey, w: Words) -> Table | None:
    """Purchase days so far by whether there was one lately."""
    if not journey.stand:
        return None
    counts = {stand.name: stand.customers for stand in journey.stand}
    names: tuple[Standing, ...] = get_args(Standing)
    return Table(
        _said("stand", w, day=journey.seen_until),
        [
            _said("col_visits", w),
            _said("col_active", w, silent=journey.silent_days),
            _said("col_silent", w, silent=journey.silent_days),
        ],
        [
            [capital(_said(f"visits_{name}", w)), w.number(counts[name]), w.number(counts[silent])]
            for name, silent in zip(names[::2], names[1::2], strict=True)
        ],
    )
