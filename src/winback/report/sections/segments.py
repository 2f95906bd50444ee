"""The customers by risk and by segment, and what to do with each segment."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from winback.report import charts
from winback.report.material import Material
from winback.report.parts import Section, Table, drawn, meant, of_first_days
from winback.results.segmented import Members, Segment, Segmented
from winback.said.segmented import asks, limits_reached, reasons_of, say, why_not
from winback.said.words import capital

BANDS = ("high", "medium", "low", "new", "lost")
# A forecast in total above this many times what was spent, or below its inverse.
_FAR_OFF = 1.25
# Offers that stand in a segment's table, and in that of all conditions.
_OFFERS, _ASKED = 6, 12


def risk_section(m: Material) -> Section:
    """The customers by risk of not returning; nothing where all have the same."""
    found = m.segmented
    section = Section("risk", say("risk", m.w))
    if found is not None and found.bands and m.proven and not m.alike:
        section.add("table", _bands(m, found))
    return section


def segments_section(m: Material) -> Section:
    """Each segment with its size, worth and risk; its advice, and who gets which offer."""
    w, found = m.w, m.segmented
    section = Section("segments", say("segments", w))
    if found is None or not found.segments:
        return section
    foot = w("source", cutoff=w.day(m.shop.cutoff))
    if len(found.segments) > 1:
        section.add("picture", drawn("slipping", lambda narrow: _slipping(m, found, narrow), foot))
    else:
        section.add("text", [say("one", w)])
    section.add("table", _segments(m, found))
    section.add("head", say("each", w))
    if m.target and m.target.reasons.get("budget"):
        section.add("text", [limits_reached(found, m.target.limits, w)])
    for code, segment in found.ranked():
        section.add("more", _segment(m, found, code, segment))
    if found.offers:
        section.add("more", (say("asks", w), [("table", _asks(m, found))]))
    return section


def _slipping(m: Material, found: Segmented, narrow: bool) -> Any:
    # A risk that all share picks out nobody.
    told = not m.alike
    rows = pd.DataFrame(
        [
            (code, of.customers, of.net_spend, of.high_risk * told, of.high_risk_spend * told)
            for code, of in found.ranked()
        ],
        columns=["segment", "customers", "spend_total", "high", "high_spend"],
    )
    return charts.draw_slipping(rows, currency=m.w.currency, language=m.w.language, narrow=narrow)


def _figure(m: Material, path: str, of: Members, field: str, text: str) -> Markup:
    return meant(f"segments.{path}.{field}", of[field], text)


def _bands(m: Material, found: Segmented) -> Table:
    w = m.w
    names = [name for name in BANDS if name in found.bands]
    rows = []
    for name in [*names, *sorted(set(found.bands) - set(names))]:
        of, path = found.bands[name], f"bands.{name}"
        back = None if of.mean_risk is None else 1 - of.mean_risk
        rows.append(
            [
                w.term("band", name),
                _figure(m, path, of, "customers", w.number(of.customers)),
                _figure(m, path, of, "share", w.share(of.share)),
                w.share(back),
                _figure(m, path, of, "net_spend", w.money(of.net_spend, 0)),
                _figure(m, path, of, "expected_value", w.money(of.expected_value, 0)),
            ]
        )
    return Table(
        say("bands_caption", w, days=m.horizon_days),
        [
            w("col_band"), w("col_customers"), w("col_share"), w("col_p_return"),
            w("col_spent"), w("col_expected_spend", horizon=m.horizon),
        ],
        rows,
        note=" ".join([say("bands_note", w), *_lost_above(m, found), *_spending_off(m)]),
    )  # fmt: skip


def _lost_above(m: Material, found: Segmented) -> list[str]:
    """Why the longest silent have the better chance, where they do."""
    lost, high = (
        found.bands[name].mean_risk if name in found.bands else None for name in ("lost", "high")
    )
    above = lost is not None and high is not None and lost < high
    return [say("bands_lost", m.w)] if above else []


def _spending_off(m: Material) -> list[str]:
    """That the test found expected spending far off, where it did."""
    ours = m.evaluation.value.methods.get("winback") if m.evaluation else None
    bias = ours.bias if ours else None
    if bias is None or 1 / _FAR_OFF <= bias <= _FAR_OFF:
        return []
    return [say("bands_off", m.w, bias=m.w.ratio(bias)), *of_first_days(m)]


def _segments(m: Material, found: Segmented) -> Table:
    w = m.w
    rows = []
    for code, of in found.ranked():
        path = f"segments.{code}"
        row: list[Any] = [
            Markup("{}<small>{}</small>").format(w.term("segment", code), w.term("meaning", code)),
            _figure(m, path, of, "customers", w.number(of.customers)),
            _figure(m, path, of, "share", w.share(of.share)),
            _figure(m, path, of, "net_spend", w.money(of.net_spend, 0)),
            _figure(m, path, of, "spend_share", w.share(of.spend_share)),
        ]
        if m.proven:
            returning, value = w.number(of.expected_returning), w.money(of.expected_value, 0)
            row += [
                _figure(m, path, of, "mean_risk", w.share(of.mean_risk)),
                _figure(m, path, of, "expected_returning", returning),
                _figure(m, path, of, "expected_value", value),
            ]
        rows.append(row)
    columns = [w("col_segment"), w("col_customers"), w("col_share"), w("col_spent"),
               say("col_spend_share", w)]  # fmt: skip
    if m.proven:
        columns += [say(name, w) for name in ("col_risk", "col_expected", "col_value")]
    notes = [say("note", w), say("note_risk" if m.proven else "note_young", w)]
    if m.alike:
        notes.append(say("alike", w))
    caption = say("caption_horizon" if m.proven else "caption", w, n=len(rows), days=m.horizon_days)
    return Table(caption, columns, rows, note=" ".join(notes))


def _segment(
    m: Material, found: Segmented, code: str, of: Segment
) -> tuple[str, list[tuple[str, Any]]]:
    """One segment's fold: who they are, the advice, the offers and why not."""
    w, name = m.w, m.w.term("segment", code)
    listed = of.reasons.get("offer", 0)
    summary = say(
        "summary_listed" if listed else "summary", w, name=name, customers=of.customers,
        listed=listed,
    )  # fmt: skip
    told = [say("advice", w, advice=w.term("advice", of.advice))]
    if code != "none":
        told.append(say("who", w, meaning=w.term("meaning", code)))
    if of.reasons:
        told.append(say("some" if listed else "nobody", w, reasons=reasons_of(of, w)))
    parts: list[tuple[str, Any]] = [("text", told)]
    # Where the same bars every offer, what was said of all is all there is to say.
    same = {tuple(each.why_not.items()) for each in of.offers.values()}
    if found.offers and (listed or len(same) > 1 or "condition" in dict(*same)):
        parts.append(("table", _offers(m, found, code, of)))
    return summary, parts


def _offers(m: Material, found: Segmented, code: str, of: Segment) -> Table:
    w = m.w
    # Those that members get, then those that most could have had.
    ranked = sorted(
        of.offers.items(),
        key=lambda each: (-(each[1].n + each[1].control), each[1].why_not.get("condition", 0)),
    )
    rows = []
    for name, each in ranked[:_OFFERS]:
        path = f"segments.segments.{code}.offers.{name}"
        rows.append(
            [
                found.offers[name].label[w.language],
                meant(f"{path}.n", each.n, w.number(each.n)),
                meant(f"{path}.control", each.control, w.number(each.control)),
                why_not(found, each, name, w),
            ]
        )
    cut = "offers_cut" if len(rows) < len(ranked) else "offers_caption"
    caption = say(cut, w, name=w.term("segment", code), shown=len(rows),
                  of=len(ranked))  # fmt: skip
    columns = [say(f"col_{name}", w) for name in ("offer", "gets", "control", "others")]
    return Table(caption, columns, rows, texts=frozenset({0, 3}))


def _asks(m: Material, found: Segmented) -> Table:
    """Whom each offer is for, in words."""
    w = m.w
    rows = [
        [of.label[w.language], capital(of.channel), asks(found, name, w)]
        for name, of in list(found.offers.items())[:_ASKED]
    ]
    cut = "asks_cut" if len(rows) < len(found.offers) else "asks_caption"
    caption = say(cut, w, shown=len(rows), of=len(found.offers))
    channel = capital(w.term("list_column", "channel"))
    columns = [say("col_offer", w), channel, say("col_asks", w)]
    texts = frozenset({0, 1, 2})
    return Table(caption, columns, rows, texts=texts, note=say("asks_note", w))
