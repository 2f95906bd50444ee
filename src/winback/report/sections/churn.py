"""What churn is in this shop."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from winback.report import charts
from winback.report.material import Material
from winback.report.parts import Drawn, Section, Table, drawn, on_result
from winback.report.pictures.canvas import Picture
from winback.results.churned import Churned
from winback.said.churned import recommendation, rhythm, rule
from winback.said.words import capital


def churn_section(m: Material) -> Section:
    """When silence here means that somebody has left, in plain words."""
    w, churn = m.w, m.churn
    section = Section("churn", w("churn"))
    if not churn or not churn.customers:
        return section
    told: list[str] = [recommendation(churn, w, plain=True), rhythm(churn, w)]
    if m.proven and churn.horizon_days not in (None, m.horizon_days):
        farther = m.horizon_days > churn.horizon_days
        told.append(w("churn_farther" if farther else "churn_nearer", horizon=m.horizon))
    section.add("text", told)
    section.add("picture", _picture(m, churn, "comebacks", charts.draw_comebacks))
    return section


def _picture(
    m: Material, churn: Churned, name: str, draw: Callable[..., Picture | None]
) -> Drawn | None:
    foot = m.w("source", cutoff=m.w.day(churn.cutoff))
    return drawn(name, on_result(draw, churn, m.w.language), foot)


def compared_section(m: Material) -> Section:
    """What each rule for who has left would do, side by side."""
    w, churn = m.w, m.churn
    section = Section("rules", w("churn_rules"))
    if not churn or not churn.customers:
        return section
    section.add("text", [recommendation(churn, w)])
    section.add("picture", _picture(m, churn, "gaps", charts.draw_gaps))
    section.add("table", _rules(m, churn))
    tables = [_mistaken(m, churn), _overlap(m, churn)]
    section.add("more", (w("churn_open"), [("table", table) for table in tables]))
    return section


def _rules(m: Material, churn: Churned) -> Table:
    w = m.w
    waits = sorted({row.within_days for row in churn.comebacks})
    waits = [wait for wait in waits if wait in (30, 90, 365, churn.horizon_days)] or waits
    share = {(row.rule, row.within_days): row.returned_share for row in churn.comebacks}
    return Table(
        w("churn_caption"),
        [
            w("col_rule"),
            w("col_on_list"),
            w("col_share"),
            *(w("col_within", days=w.count(wait, "day")) for wait in waits),
        ],
        [
            [
                capital(rule(row.rule, w)),
                w.number(row.customers),
                w.share(row.share),
                *(w.share(share[row.rule, wait]) for wait in waits),
            ]
            for row in churn.lists
        ],
        note=w("churn_note"),
    )


def _mistaken(m: Material, churn: Churned) -> Table | None:
    w = m.w
    rows = [row for row in churn.horizons if row.mistaken_share is not None]
    if not rows:
        return None
    return Table(
        w("mistaken_caption", year=w.count(churn.year_days, "of day")),
        [w("col_horizon"), w("col_mistaken")],
        [
            [
                w.count(row.horizon_days, "day"),
                Markup("{}<small>{}\u2013{}</small>").format(
                    *(w.share(row[name]) for name in ("mistaken_share", "low", "high"))
                ),
            ]
            for row in rows
        ],
    )


def _overlap(m: Material, churn: Churned) -> Table | None:
    """The recommended rule, or the middle one, against all others."""
    w = m.w
    rules = [row.rule for row in churn.lists]
    ours = f"{churn.horizon_days or 90}d"
    pairs = [row for row in churn.overlap if ours in (row.rule, row.other)]
    pairs = [row for row in pairs if row.overlap is not None]
    if ours not in rules or not pairs:
        return None
    named = [row.other if row.rule == ours else row.rule for row in pairs]
    return Table(
        w("overlap_caption", rule=rule(ours, w)),
        [w("col_other"), w("col_both"), w("col_overlap")],
        [
            [
                capital(rule(other, w)),
                w.number(row.both),
                w.share(row.overlap),
            ]
            for other, row in zip(named, pairs, strict=True)
        ],
    )
