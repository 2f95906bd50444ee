"""From the first purchase to silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

from markupsafe import Markup

from winback.report.material import Material
from winback.report.parts import Section, Table, drawn, on_result
from winback.report.pictures.journey import draw_journey
from winback.results.journeyed import Beginnings, Carts, Journey, Reached, Standing, Step
from winback.said.beginnings import TEXTS as BEGINNINGS
from winback.said.beginnings import apart, carts, label, missing, note
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
        _add_carts(section, m)
        return section
    foot = w("source", cutoff=w.day(m.shop.cutoff))
    section.add("picture", drawn("journey", on_result(draw_journey, journey, w.language), foot))
    tables = [_steps(journey, w), _stand(journey, w)]
    section.add("more", (_said("open", w), [("table", table) for table in tables if table]))
    _add_beginnings(section, journey.beginnings, w)
    _add_carts(section, m)
    return section


def _add_beginnings(section: Section, found: Beginnings | None, w: Words) -> None:
    """Who comes back by the first purchase; a fold with those that differ and those that do not."""
    section.add("head", _begun("head", w))
    if found is None:
        section.add("text", [_begun("too_few", w)])
        return
    section.add("text", [*apart(found, w), " ".join(missing(found, w))])
    tables = [_groups(found, held, w) for held in (True, False)]
    filled = [table for table in tables if table.rows]
    if filled:
        filled[-1] = replace(filled[-1], note=note(found, w))
        section.add("more", (_begun("open", w), [("table", table) for table in filled]))


def _groups(found: Beginnings, held: bool, w: Words) -> Table:
    """Groups that differ, or those that do not."""
    rows = [one for one in found.groups if one.apart is held]
    caption = _begun("caption", w, days=found.days) if held else _begun("caption_alike", w)
    names = ("group", "customers", "share", "beside", "difference")
    return Table(
        caption,
        [_begun(f"col_{name}", w) for name in names],
        [
            [
                capital(label(one, found.landmark_days, w)),
                w.number(one.customers),
                w.share(one.share),
                w.share(one.beside),
                Markup("{}<small>{}</small>").format(
                    w.points(100 * one.difference, signed=True),
                    _begun("span", w, low=100 * one.low, high=100 * one.high),
                ),
            ]
            for one in rows
        ],
    )


def _add_carts(section: Section, m: Material) -> None:
    """What came of carts, or what would tell."""
    w, journey = m.w, m.described.journey
    section.add("head", _begun("carts", w))
    found = journey.carts if journey else None
    if found is None:
        section.add("text", [_begun("no_carts", w)])
        return
    leads = m.manifest.leads if m.manifest else None
    section.add("text", carts(found, leads.cart if leads else None, w))
    section.add("more", (_begun("carts_open", w), [("table", _carts(found, w))]))


def _carts(found: Carts, w: Words) -> Table:
    return Table(
        _begun("carts_caption", w),
        [_begun("col_period", w), *(_begun("col_last", w, days=p.days) for p in found.periods)],
        [
            [capital(_begun(f"row_{name}", w)), *(w.number(n) for n in counts)]
            for name, counts in _outcomes(found).items()
        ],
        total=[_begun("row_all", w), *(w.number(period.carts) for period in found.periods)],
        note=_begun("carts_note", w, names=", ".join(found.names)),
    )


def _outcomes(found: Carts) -> Mapping[str, Sequence[int]]:
    """Carts by what came after them, a number for each period; each cart once."""
    rows = {
        "within_1": [p.within_1 for p in found.periods],
        "within_3": [p.within_3 - p.within_1 for p in found.periods],
        "within_7": [p.within_7 - p.within_3 for p in found.periods],
        "later": [p.later for p in found.periods],
        "not_since": [p.not_since for p in found.periods],
        "recent": [p.recent for p in found.periods],
        "before_first": [p.before_first for p in found.periods],
    }
    return {name: counts for name, counts in rows.items() if any(counts)}


def _begun(name: str, w: Words, **values: object) -> str:
    return w.fill(BEGINNINGS[name], values)


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
