"""How sure the forecasts are."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from winback.report import charts
from winback.report.material import Material
from winback.report.parts import Section, Table, drawn, listed
from winback.report.sections.value import add_value
from winback.results.judged import MODEL, EvaluatedModel, Interval, Population, Verdict
from winback.said import judged
from winback.said.folds import TEXTS
from winback.said.telling import tell
from winback.said.words import capital


def sure_section(m: Material) -> Section:
    """Whether there is enough data, and how the forecasts did at dates they never saw."""
    w, evaluation, evidence = m.w, m.evaluation, m.evidence
    calibration, lift = m.calibration, m.lift
    section = Section("sure", w("sure"))
    enough: tuple[str, Any] = ("text", None)
    if evidence:
        told = [judged.evidence(evidence, w)]
        # Rough chances are nobody's concern where all have the same.
        concerns = [c for c in evidence.concerns if not (m.alike and c.code == "few_outcomes")]
        told += [judged.concern(concern, w) for concern in concerns]
        enough = ("callout", (w("evidence"), told)) if told[1:] else ("text", told)
    if m.gated and (m.gated.kept or m.gated.doubts):
        section.add("callout", (w("gated"), [tell(told, w) for told in (m.gated, *m.gated.doubts)]))
    everyone = evaluation.populations.get("everyone") if evaluation else None
    if evaluation is None or everyone is None or not everyone.n:
        section.add("text", [w.rich("sure_none", horizon=m.horizon)])
        section.add(*enough)
        return section
    verdict = evaluation.verdict
    beats = verdict.beats
    metrics = everyone.methods.get(m.method)
    ece = metrics.ece.value if metrics and metrics.ece else None
    ruled = m.method != MODEL
    lead = _by_use(verdict) or (
        "lead_unknown"
        if beats is None or ece is None
        else ("lead_rule" if ruled else "lead_beats" if beats else "lead_not")
    )
    off_by = w.points(None if ece is None else 100 * ece)
    section.add("lead", w(lead, ece=off_by, rule=w.term("method", m.method)))
    section.add(
        "text",
        [
            judged.verdict(verdict, w),
            w.rich(
                "sure_others"
                if evaluation.judged_on == ("customers",)
                else ("sure_rule" if ruled else "sure_how"),
                cutoffs=listed(w.day(day) for day in evaluation.cutoffs),
                forecasts=w.count(everyone.n, "forecast"),
                base_rate=w.share(everyone.base_rate),
                horizon=w.count(evaluation.horizon_days, "of day"),
            ),
        ],
    )
    explained = [w("metrics_note", active=w.count(evaluation.active_days, "of day"))]
    explained.append(w.fill(TEXTS["methods"], {}))
    section.add("more", (w.fill(TEXTS["terms"], {}), [("text", explained)]))
    section.add(*enough)
    simple = MODEL if ruled else verdict.best_simple
    foot = w("source_test", cutoffs=listed(w.day(day) for day in evaluation.cutoffs))
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
    section.add("table", _populations(m, evaluation))
    tables = [_metrics(m, *found) for found in evaluation.populations.items()]
    section.add(
        "more",
        (w("metrics_open"), [("table", table) for table in (*tables, _by_cutoff(m, evaluation))]),
    )
    add_value(m, section, evaluation.value)
    return section


def _by_use(verdict: Verdict) -> str:
    """What the test says against chance, where that is no praise: a key, or empty."""
    use = verdict.against_chance
    if use is None or use.use in ("good", "modest"):
        return ""
    if use.use == "unknown":
        return "lead_use_unknown"
    if use.tells_apart:
        return "lead_order_alone"
    return "lead_near_chance" if use.use == "near_chance" else "lead_worse_than_base"


def _populations(m: Material, evaluation: EvaluatedModel) -> Table:
    w = m.w
    rows = []
    for name, found in evaluation.populations.items():
        figures = found.methods.get(m.method)
        if not found.n or not figures:
            continue
        rows.append(
            [
                capital(w.term("population", name)),
                w.number(found.n),
                w.share(found.base_rate),
                w.share(figures.mean_p),
                w.number(_value(figures.roc_auc), 3),
                w.number(_value(figures.lift_at_10), 1),
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
        note=w("metrics_note", active=w.count(evaluation.active_days, "of day")),
    )


def _metrics(m: Material, population: str, found: Population) -> Table:
    w = m.w
    return Table(
        w("metrics_caption", population=w.term("population", population)),
        [w("col_method"), w("col_auc"), w("col_log_loss"), w("col_ece"), w("col_lift")],
        [
            [
                capital(w.term("method", method)),
                _interval(m, figures.roc_auc, 3),
                _interval(m, figures.log_loss, 3),
                _interval(m, figures.ece, 3),
                _interval(m, figures.lift_at_10, 2),
            ]
            for method, figures in found.methods.items()
        ],
        note=w.fill(TEXTS["methods"], {}),
    )


def _value(found: Interval | None) -> float | None:
    return found.value if found else None


def _interval(m: Material, found: Interval | None, digits: int) -> Markup:
    span = ""
    if found and found.low is not None and found.high is not None:
        span = f"{m.w.number(found.low, digits)}\u2013{m.w.number(found.high, digits)}"
    value = m.w.number(_value(found), digits)
    return Markup("{}<small>{}</small>").format(value, span)


def _by_cutoff(m: Material, evaluation: EvaluatedModel) -> Table | None:
    w = m.w
    rows = []
    for found in evaluation.by_cutoff:
        figures = found.methods.get(m.method)
        if figures is None:
            continue
        rows.append(
            [
                w.short_day(found.cutoff),
                w.number(found.n),
                w.share(found.base_rate),
                w.share(figures.mean_p),
                w.number(figures.roc_auc, 3),
                w.number(figures.log_loss, 3),
                w.number(figures.lift_at_10, 1),
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
