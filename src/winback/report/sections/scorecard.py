"""How the shop does: its figures beside a year earlier, its months, and second purchases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from markupsafe import Markup, escape

from winback.report import charts
from winback.report.material import Material
from winback.report.parts import Section, Table, drawn, meant, on_result
from winback.results.kept_score import (
    Change,
    Estimate,
    Figure,
    Newcomers,
    Period,
    Scorecard,
    Voice,
)
from winback.said.scorecard import TEXTS
from winback.said.telling import tell
from winback.said.words import DASH, NBSP, POINTS, Words, capital

_MONTHS, _COHORTS = 13, 12
_KEY = "shop.scorecard"


def scorecard_section(m: Material) -> Section:
    """The shop's figures, month by month, and second purchases by cohort."""
    w, score = m.w, m.described.scorecard
    section = Section("scorecard", w.fill(TEXTS["section"], {}))
    if score is None:
        return section
    section.add("text", [_span(w, score)])
    rows = list(_rows(w, score))
    section.add("table", _figures(w, score, rows))
    if not score.voices:
        section.add("text", [w.fill(TEXTS["no_voices"], {})])
    if score.doubts:
        sentences = [f"{capital(tell(doubt, w))}." for doubt in score.doubts]
        section.add("callout", (w.fill(TEXTS["unsure"], {}), sentences))
    foot = w("source", cutoff=w.day(m.shop.cutoff))
    draw = partial(charts.draw_trend, score, currency=w.currency, language=w.language)
    section.add("picture", drawn("trend", lambda narrow: draw(narrow=narrow), foot))
    months = "weeks_open" if score.trend.unit == "week" else "months_open"
    section.add("more", (w.fill(TEXTS[months], {}), [("table", _months(w, score))]))
    seconds = on_result(charts.draw_seconds, score.seconds, w.language)
    section.add("picture", drawn("seconds", seconds, foot))
    cohorts = drawn("cohorts", on_result(charts.draw_cohorts, m.shop, w.language), foot)
    inside = [("table", _seconds(w, score)), ("picture", cohorts)]
    if any(part for _, part in inside):
        section.add("more", (w.fill(TEXTS["seconds_open"], {}), inside))
    return section


def _span(w: Words, score: Scorecard) -> str:
    """What the figures are of."""
    name = "days" if not score.whole_year else "year" if _compared(score) else "year_alone"
    last = score.end - timedelta(days=1)
    return w.fill(TEXTS[name], {"start": score.start, "last": last, "days": score.days})


def _compared(score: Scorecard) -> bool:
    return score.figures.frequency.before is not None


@dataclass(frozen=True)
class _Row:
    """A figure with its words and the way that its numbers are written."""

    name: str
    counts: str
    key: str
    figure: Figure
    write: Callable[[float | None], str]
    change: Callable[[float | None], str]


def _rows(w: Words, score: Scorecard) -> Iterator[_Row]:
    of = {
        "span": w.fill(TEXTS["span_year" if score.whole_year else "span_days"],
                       {"days": score.days}),
        "days": score.second_days,
    }  # fmt: skip
    number = partial(w.number, digits=2)
    grown = partial(w.share, signed=True)
    money = partial(w.money, digits=2)
    for name, write, change in (
        ("frequency", number, grown),
        ("order_value_mean", money, grown),
        ("order_value_median", money, grown),
        ("repeat_share", w.share, _points(w)),
        ("second_share", w.share, _points(w)),
        ("returning_revenue_share", w.share, _points(w)),
        ("refunded_share", w.share, _points(w)),
    ):
        figure = getattr(score.figures, name)
        if figure is None:
            continue
        counts = f"{name}_is"
        if name == "refunded_share":
            of["days"] = score.refund_days or 0
            counts = "refunded_share_unlinked" if score.refund_days is None else counts
        title, told = (w.fill(TEXTS[text], of) for text in (name, counts))
        yield _Row(title, told, f"{_KEY}.figures.{name}", figure, write, change)
    for place, voice in enumerate(score.voices):
        yield from _voice(w, voice, f"{_KEY}.voices.{place}")


def _voice(w: Words, voice: Voice, key: str) -> Iterator[_Row]:
    of = {
        "name": voice.name, "bottom": voice.bottom, "top": voice.top, "answers": voice.answers,
        "least": voice.top * 4 // 5,
    }  # fmt: skip
    whole = partial(w.number, digits=0)
    for name, write, change in (
        ("mean", partial(w.number, digits=2), partial(w.number, digits=2, signed=True)),
        ("good_share", w.share, _points(w)),
        ("net_promoters", _times100(whole), _times100(partial(whole, signed=True))),
    ):
        figure = getattr(voice, name)
        if figure is not None and figure.now is not None:
            title, told = (w.fill(TEXTS[text], of) for text in (name, f"{name}_is"))
            yield _Row(title, told, f"{key}.{name}", figure, write, change)


def _points(w: Words) -> Callable[[float | None], str]:
    return lambda value: w.points(None if value is None else 100 * value, signed=True)


def _times100(write: Callable[[float | None], str]) -> Callable[[float | None], str]:
    return lambda value: write(None if value is None else 100 * value)


def _figures(w: Words, score: Scorecard, rows: Sequence[_Row]) -> Table:
    compared = any(row.figure.before for row in rows)
    usual = any(row.figure.usual_low is not None for row in rows)
    names = ["col_figure", "col_now"]
    names += ["col_before", "col_change"] if compared else []
    names += ["col_usual"] if usual else []
    body = []
    for row in rows:
        cells = [_named(row.name, row.counts), _estimate(w, row, "now")]
        if compared:
            cells += [_estimate(w, row, "before"), _change(w, row)]
        if usual:
            cells.append(_usual(w, row))
        body.append(cells)
    return Table(
        w.fill(TEXTS["figures"], {}),
        [w.fill(TEXTS[name], {}) for name in names],
        body,
        note=" ".join(_notes(w, score, rows)),
    )


def _named(name: str, told: str) -> Markup:
    return Markup("{}<small>{}</small>").format(name, told)


def _estimate(w: Words, row: _Row, when: str) -> Markup | str:
    """A value, its interval, and what is to be known of it."""
    found: Estimate | None = getattr(row.figure, when)
    if found is None:
        return DASH
    under = []
    if found.low is not None and found.high is not None:
        under.append(_between(w, row, found.low, found.high))
    marks = [*found.marks, *(["thin"] if found.thin else [])]
    under += [w.fill(TEXTS[f"mark_{mark}"], {}) for mark in marks]
    value = meant(f"{row.key}.{when}.value", found.value, row.write(found.value))
    small = Markup("").join(Markup("<small>{}</small>").format(each) for each in under)
    return value + small


def _bare(w: Words, text: str) -> str:
    """A number without its unit, which stands beside the figure that it is the end of."""
    currency = w.money(0, 0).replace("0", "").strip(NBSP)
    for unit in filter(None, (currency, POINTS[w.language], "%")):
        text = text.replace(unit, "")
    return text.strip(NBSP)


def _change(w: Words, row: _Row) -> Markup | str:
    """A change, in bold where its interval leaves out 0."""
    found: Change | None = row.figure.change
    if found is None:
        return DASH
    value = meant(f"{row.key}.change.value", found.value, row.change(found.value))
    if found.low is None or found.high is None:
        return value
    if found.low > 0 or found.high < 0:
        value = Markup("<b>{}</b>").format(value)
    ends = {"low": _bare(w, row.change(found.low)), "high": _bare(w, row.change(found.high))}
    return value + Markup("<small>{}</small>").format(w.fill(TEXTS["interval"], ends))


def _usual(w: Words, row: _Row) -> Markup | str:
    figure = row.figure
    if figure.usual_low is None or figure.usual_high is None:
        return DASH
    between = _between(w, row, figure.usual_low, figure.usual_high)
    years = w.fill(TEXTS["of_years"], {"years": figure.years})
    return Markup("{}<small>{}</small>").format(between, years)


def _between(w: Words, row: _Row, low: float, high: float) -> str:
    """Two ends without their unit; one where they are written alike."""
    if row.write(low) == row.write(high):
        return row.write(low)
    ends = {"low": _bare(w, row.write(low)), "high": _bare(w, row.write(high))}
    # A minus beside a dash would be misread.
    return w.fill(TEXTS["interval" if low < 0 else "span"], ends)


def _notes(w: Words, score: Scorecard, rows: Sequence[_Row]) -> Iterator[str]:
    marks = {
        mark for row in rows for found in (row.figure.now, row.figure.before) if found
        for mark in found.marks
    }  # fmt: skip
    changes = [row.figure.change for row in rows if row.figure.change]
    if any((each.low or 0) > 0 or (each.high or 0) < 0 for each in changes):
        yield w.fill(TEXTS["note"], {})
    if "early" in marks and score.rhythm_days is not None:
        settled = score.first_day + timedelta(days=score.rhythm_days)
        of = {"first": score.first_day, "rhythm": score.rhythm_days, "settled": settled}
        yield w.fill(TEXTS["note_early"], of)
    if "gap" in marks:
        yield w.fill(TEXTS["note_gap"], {})
    if score.whole_year and not any(row.figure.usual_low is not None for row in rows):
        yield w.fill(TEXTS["note_usual"], {})
    unlinked = 1 - (1.0 if score.refunds_linked is None else score.refunds_linked)
    if score.refund_days is not None and unlinked >= 0.01:
        yield w.fill(TEXTS["note_refunds"], {"share": unlinked})


def _months(w: Words, score: Scorecard) -> Table:
    trend = score.trend
    first = len(trend.rows) - min(_MONTHS, len(trend.rows))
    shown = list(enumerate(trend.rows))[first:][::-1]
    refunds = any(row.refunded for _, row in shown)
    usual = any(row.revenue_usual for _, row in shown)
    names = ["col_period", "col_purchases", "col_customers", "col_value", "col_revenue"]
    names += ["col_foreseen"] if usual else []
    names += ["col_returning"]
    names += ["col_refunded"] if refunds else []
    body = []
    for place, row in shown:
        key = f"{_KEY}.trend.rows.{place}"
        cells: list[Markup | str] = [
            _period(w, row, trend.unit),
            meant(f"{key}.purchases", row.purchases, w.number(row.purchases)),
            meant(f"{key}.customers", row.customers, w.number(row.customers)),
            w.number(row.revenue / row.purchases, 2) if row.purchases else DASH,
            meant(f"{key}.revenue", row.revenue, w.number(row.revenue)),
        ]
        if usual:
            cells.append(_foreseen(w, row))
        later = w.share(row.returning / row.revenue) if row.revenue > 0 else DASH
        cells.append(_with_mark(w, later, "mark_early" if row.early else ""))
        if refunds:
            back = w.share(row.refunded / row.revenue) if row.revenue > 0 else DASH
            cells.append(_with_mark(w, back, "young" if row.young else ""))
        body.append(cells)
    return Table(
        w.fill(TEXTS["months"], {"shown": len(shown), "of": trend.of, "currency": _in(w)}),
        [w.fill(TEXTS[name], {}) for name in names],
        body,
        note=" ".join(_months_notes(w, score, [row for _, row in shown], usual=usual)),
    )


def _in(w: Words) -> str:
    """The currency of a table's sums, said once."""
    return f" ({w.currency})" if w.currency else ""


def _months_notes(
    w: Words, score: Scorecard, rows: Sequence[Period], *, usual: bool
) -> Iterator[str]:
    if usual:
        names = [w.term("feast", name) for name in score.trend.feasts]
        feasts = w.fill(TEXTS["and_feasts"], {"names": tuple(names)}) if names else ""
        yield w.fill(TEXTS["months_note"], {"feasts": feasts})
    if any(row.young and row.refunded for row in rows):
        yield w.fill(TEXTS["months_young"], {})


def _period(w: Words, row: Period, unit: str) -> Markup | str:
    name = _when(w, row.start, unit)
    return name if row.state == "complete" else _with_mark(w, name, f"state_{row.state}")


def _with_mark(w: Words, text: str, mark: str) -> Markup:
    if not mark:
        return escape(text)
    return Markup("{}<small>{}</small>").format(text, w.fill(TEXTS[mark], {}))


def _foreseen(w: Words, row: Period) -> Markup | str:
    found = row.revenue_usual
    if found is None:
        return DASH
    ends = {"low": w.number(found.low), "high": w.number(found.high)}
    verdict = w.fill(TEXTS[f"verdict_{found.verdict}"], {})
    return Markup("{}<small>{}</small>").format(w.fill(TEXTS["span"], ends), verdict)


def _seconds(w: Words, score: Scorecard) -> Table | None:
    seconds = score.seconds
    if seconds is None:
        return None
    first = len(seconds.rows) - min(_COHORTS, len(seconds.rows))
    shown = list(enumerate(seconds.rows))[first:][::-1]
    days = [part.days for part in seconds.rows[0].within]
    return Table(
        w.fill(TEXTS["seconds_table"], {"shown": len(shown), "of": seconds.of}),
        [
            w.fill(TEXTS["col_cohort"], {}),
            w.fill(TEXTS["col_new"], {}),
            *(capital(w.fill(TEXTS["seconds_key"], {"days": each})) for each in days),
        ],
        [
            [
                _cohort(w, row, seconds.unit),
                meant(f"{_KEY}.seconds.rows.{place}.customers", row.customers,
                      w.number(row.customers)),
                *(_within(w, row, step, f"{_KEY}.seconds.rows.{place}")
                  for step in range(len(days))),
            ]
            for place, row in shown
        ],
        note=w.fill(TEXTS["seconds_note"], {}),
    )  # fmt: skip


def _cohort(w: Words, row: Newcomers, unit: str) -> Markup:
    marks = [*row.marks, *(["thin"] if row.thin else [])]
    small = Markup("").join(
        Markup("<small>{}</small>").format(w.fill(TEXTS[f"mark_{mark}"], {})) for mark in marks
    )
    return escape(_when(w, row.start, unit)) + small


def _when(w: Words, start: date, unit: str) -> str:
    """The name of a period, on one line."""
    return w.period(start, unit).replace(" ", NBSP)


def _within(w: Words, row: Newcomers, step: int, key: str) -> Markup | str:
    found = row.within[step]
    if found.share is None:
        return DASH
    ends = {"low": w.share(found.low), "high": w.share(found.high)}
    value = meant(f"{key}.within.{step}.share", found.share, w.share(found.share))
    return value + Markup("<small>{}</small>").format(w.fill(TEXTS["interval"], ends))
