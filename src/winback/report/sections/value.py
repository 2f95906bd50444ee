"""How expected spending came true."""

from __future__ import annotations

from winback.report.material import Material
from winback.report.parts import Section, Table, of_first_days
from winback.results.valued import ValueSummary
from winback.said.words import capital


def add_value(m: Material, section: Section, value: ValueSummary) -> None:
    """How expected spend and its interval came true."""
    w = m.w
    tenths, methods = value.by_decile, value.methods
    ours = methods.get("winback")
    if not tenths or ours is None or ours.bias is None:
        return
    told: list[str] = [
        w.rich(
            "value_text",
            bias=w.ratio(ours.bias),
            top=w.money(tenths[0].observed),
            expected=w.money(tenths[0].predicted),
            mean=w.money(
                sum(row.n * row.observed for row in tenths) / sum(row.n for row in tenths)
            ),
        )
    ]
    told += of_first_days(m)
    coverage, lifetime = value.coverage, value.lifetime
    if coverage and coverage.likely is not None:
        shares = {name: w.share(coverage[name]) for name in ("likely", "above", "below")}
        told.append(
            w.rich(
                "value_interval",
                stated=w.share(coverage.stated),
                forecasts=w.count(coverage.likely_n, "forecast"),
                **shares,
            )
        )
    if lifetime and lifetime.bias is not None:
        told.append(
            w.rich(
                "value_lifetime",
                days=w.count(lifetime.days, "of day"),
                since=w.day(lifetime.learned_on),
                bias=w.ratio(lifetime.bias),
                inside=w.share(lifetime.coverage.likely),
            )
        )
    section.add("head", w("value"))
    section.add("text", told)
    by_tenth = Table(
        w("value_caption"),
        [w("col_tenth"), w("col_n"), w("col_mean_p"), w("col_spent_then")],
        [
            [
                w.number(row.decile),
                w.number(row.n),
                w.money(row.predicted),
                w.money(row.observed),
            ]
            for row in tenths
        ],
    )
    against = Table(
        w("value_methods_caption"),
        [w("col_method"), w("col_gini"), w("col_bias"), w("col_mae")],
        [
            [
                capital(w.term("value_method", name)),
                w.number(figures.gini, 3),
                w.ratio(figures.bias),
                w.money(figures.mae),
            ]
            for name, figures in methods.items()
        ],
        note=w("value_note"),
    )
    section.add("more", (w("value_open"), [("table", by_tenth), ("table", against)]))
