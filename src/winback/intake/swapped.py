"""Dates whose day and month a spreadsheet changed round, told by what it could not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import log10

import duckdb

from winback.intake.cells import listed, one_row
from winback.intake.date_forms import Form, shape_sql
from winback.results.base import Fact, fact

# Of a hundred cells of either kind at most two may have been typed by hand.
_SHARE = 0.98
# A day is above the 12th with 0.6; chance alone must part the two forms less than once in 10,000.
_LEAST_ODDS = 4.0
# And less than once in a hundred for it to be likely all the same.
_LIKELY_ODDS = 2.0
_SPREAD_DAYS = 12


def turned(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    text: str,
    forms: Mapping[Form, Sequence[str]],
    walls: Mapping[Form, str],
    name: str,
    *,
    told: bool,
) -> tuple[dict[Form, str], list[Fact], list[Fact]]:
    """The wall times with day and month changed back, what to tell of it, and what to doubt.

    With few dates it is likely, not certain, and a doubt unless the order of day and month was
    `told`.

    A spreadsheet of the other order takes 03/05/2023 for a date, and turns it round, but leaves
    13/05/2023 as the text it is. What it took then comes in a form of its own (2023-03-05, or a
    day number) and is never above the 12th, and what it left always is: two facts that no real
    calendar brings about together.
    """
    left = [form for form in forms if form.order in ("dmy", "mdy")]
    taken = [form for form in forms if form.order in ("iso", "ymd", "excel", "word", "compact")]
    if not left or not taken:
        return dict(walls), [], []
    shape = shape_sql(text)

    def parts(chosen: Sequence[Form]) -> str:
        cases = " ".join(f"WHEN {shape} IN {listed(forms[f])} THEN {walls[f]}" for f in chosen)
        return f"(CASE {cases} END)"

    found = con.execute(
        f"""WITH told AS (SELECT {text} AS x, {parts(left)} AS l, {parts(taken)} AS t
            FROM {relation}),
        dated AS (SELECT x, coalesce(l, t) AS w, l IS NULL AS taken FROM told
            WHERE coalesce(l, t) IS NOT NULL)
        SELECT taken, count(*), count_if(day(w) <= 12), count(DISTINCT CAST(w AS DATE)),
            min(CAST(w AS DATE)), max(CAST(w AS DATE)), min(x) FILTER (day(w) <= 12),
            min_by(w, x) FILTER (day(w) <= 12) FROM dated GROUP BY taken ORDER BY taken"""
    ).fetchall()
    if len(found) < 2:
        return dict(walls), [], []
    (_, kept, low_kept, days_kept, *_), (_, lines, low, days, _, _, cell, _) = found
    odds = -log10(0.4) * days - log10(0.6) * days_kept
    if low < _SHARE * lines or kept - low_kept < _SHARE * kept or odds < _LIKELY_ODDS:
        return dict(walls), [], []
    # Turned the wrong way dates scatter over months when nothing was sold.
    first, last = (
        found[0][4] - timedelta(days=_SPREAD_DAYS),
        found[0][5] + timedelta(days=_SPREAD_DAYS),
    )
    both = f"SELECT {parts(taken)} AS w FROM {relation}"
    outside = ", ".join(
        f"count_if(NOT CAST({w} AS DATE) BETWEEN DATE '{first}' AND DATE '{last}')"
        for w in ("w", _turned("w"))
    )
    plain, other = one_row(con, f"SELECT {outside} FROM ({both}) WHERE w IS NOT NULL")
    if other > plain:
        return dict(walls), [], []
    back = {form: _turned(walls[form]) if form in taken else walls[form] for form in forms}
    read = con.execute(f"SELECT CAST({_turned('w')} AS DATE) FROM (SELECT ? AS w)", [found[1][7]])
    day = read.fetchall()[0][0]
    if odds < _LEAST_ODDS and not told:
        doubt = fact(
            "intake.days_turned_likely", column=name, lines=low, example=cell, day=day,
            flag="--day-first" if left[0].order == "dmy" else "--month-first",
        )  # fmt: skip
        return back, [], [doubt]
    return back, [fact("intake.days_turned", lines=low, example=cell, day=day)], []


def _turned(wall: str) -> str:
    """SQL of a time with day and month changed round where that makes a date."""
    clock = f"({wall} - date_trunc('day', {wall}))"
    other = f"make_date(year({wall}), day({wall}), month({wall})) + {clock}"
    return f"(CASE WHEN day({wall}) <= 12 THEN {other} ELSE {wall} END)"
