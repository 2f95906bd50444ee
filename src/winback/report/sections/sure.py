"""How sure the forecasts are."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from winback.report import charts
from winback.report.material import MODEL, Found, Material
from winback.report.parts import Section, Table, drawn, float_of, listed, said_of, value_of
from winback.report.sections.value import add_value
from winback.said.words import capital


def sure_section(m: Material) -> Section:
    """Whether there is enough data, and how the forecasts did at dates they never saw."""
    w, evaluation, evidence = m.w, m.evaluation, m.evidence
    calibration, lift = m.calibration, m.lift
    section = Section("sure", w("sure"))
    enough: tuple[str, Any] = ("text", None)
    if evidence:
        told = [evidence["sentence"][w.language]]
        told += [concern[w.language] for concern in evidence["concerns"]]
        enough = ("callout", (w("evidence"), told)) if told[1:] else ("text", told)
    everyone = ((evaluation or {}).get("populations") or {}).get("everyone")
    if not evaluation or not everyone or not everyone.get("n"):
        section.add("text", [w.rich("sure_none", horizon=m.horizon)])
        section.add(*enough)
        return section
    verdict = evaluation.get("verdict") or {}
    beats = verdict.get("beats")
    ece = value_of(((everyone.get("methods") or {}).get(m.method) or {}).get("ece"))
    ruled = m.method != MODEL
    lead = (
        "lead_unknown"
        if beats is None or ece is None
        else ("lead_rule" if ruled else "lead_beats" if beats else "lead_not")
    )
    off_by = w.points(None if ece is None else 100 * ece)
    section.add("lead", w(lead, ece=off_by, rule=w.term("method", m.method)))
    section.add(
        "text",
        [
            said_of(verdict, w),
            w.rich(
                "sure_others"
                if evaluation.get("judged_on") == ["customers"]
                else ("sure_rule" if ruled else "sure_how"),
                cutoffs=listed(w.day(day) for day in evaluation["cutoffs"]),
                forecasts=w.count(everyone["n"], "forecast"),
                base_rate=w.share(everyone["base_rate"]),
                horizon=w.count(evaluation["horizon_days"], "of day"),
            ),
        ],
    )
    section.add(*enough)
    simple = MODEL if ruled else verdict.get("best_simple")
    foot = w("source_test", cutoffs=listed(w.day(day) for day in evaluation["cutoffs"]))
    language = w.language
    if calibration is not None:
        section.add(
            "picture",
            drawn(
                "calibration",
                lambda narrow: charts.draw_calibration(
                    calibration, method=m.method, language=language, narrow=narrow
                ),
                foot,
            ),
        )
    section.add(
        "picture",
        drawn(
            "lift",
            lambda narrow: charts.draw_lift(
                evaluation, model=m.method, language=language, narrow=narrow
            ),
            foot,
        ),
    )
    if lift is not None:
        section.add(
            "picture",
            drawn(
                "gains",
                lambda narrow: charts.draw_gains(
                    lift, model=m.method, simple=simple, language=language, narrow=narrow
                ),
                foot,
            ),
        )
    section.add("table", _populations(m))
    tables = [_metrics(m, *found) for found in evaluation["populations"].items()]
    section.add(
        "more",
        (w("metrics_open"), [("table", table) for table in (*tables, _by_cutoff(m))]),
    )
    add_value(m, section, evaluation.get("value") or {})
    return section


def _populations(m: Material) -> Table:
    w, evaluation = m.w, m.evaluation or {}
    rows = []
    for name, found in evaluation["populations"].items():
        figures = (found.get("methods") or {}).get(m.method)
        if not found.get("n") or not figures:
            continue
        rows.append(
            [
                capital(w.term("population", name)),
                w.number(found["n"]),
                w.share(found["base_rate"]),
                w.share(figures.get("mean_p")),
                w.number(value_of(figures.get("roc_auc")), 3),
                w.number(value_of(figures.get("lift_at_10")), 1),
            ]
        )
    return Table(
        w("populations_caption"),
        [
            w("col_population"),
            w("col_n"),
            w("col_base_rate"),
            w("col_mean_p"),
            w("col_auc"),
            w("col_lift"),
        ],
        rows,
        note=w("metrics_note", active=w.count(evaluation.get("active_days"), "of day")),
    )


def _metrics(m: Material, population: str, found: Found) -> Table:
    w = m.w
    return Table(
        w("metrics_caption", population=w.term("population", population)),
        [w("col_method"), w("col_auc"), w("col_log_loss"), w("col_ece"), w("col_lift")],
        [
            [
                capital(w.term("method", method)),
                _interval(m, figures.get("roc_auc"), 3),
                _interval(m, figures.get("log_loss"), 3),
                _interval(m, figures.get("ece"), 3),
                _interval(m, figures.get("lift_at_10"), 2),
            ]
            for method, figures in (found.get("methods") or {}).items()
        ],
    )


def _interval(m: Material, found: Found | None, digits: int) -> Markup:
    low, high = (float_of((found or {}).get(end)) for end in ("low", "high"))
    span = ""
    if low is not None and high is not None:
        span = f"{m.w.number(low, digits)}\u2013{m.w.number(high, digits)}"
    value = m.w.number(value_of(found), digits)
    return Markup("{}<small>{}</small>").format(value, span)


def _by_cutoff(m: Material) -> Table | None:
    w = m.w
    rows = []
    for found in (m.evaluation or {}).get("by_cutoff") or []:
        figures = (found.get("methods") or {}).get(m.method) or {}
        rows.append(
            [
                w.short_day(found["cutoff"]),
                w.number(found["n"]),
                w.share(found["base_rate"]),
                w.share(value_of(figures.get("mean_p"))),
                w.number(value_of(figures.get("roc_auc")), 3),
                w.number(value_of(figures.get("log_loss")), 3),
                w.number(value_of(figures.get("lift_at_10")), 1),
            ]
        )
    if not rows:
        return None
    return Table(
        w("cutoffs_caption"),
        [
            w("col_cutoff"),
            w("col_n"),
            w("col_base_rate"),
            w("col_mean_p"),
            w("col_auc"),
            w("col_log_loss"),
            w("col_lift"),
        ],
        rows,
    )
