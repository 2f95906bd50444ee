"""What customers said of the shop: signals that bear a mark, told by their names and values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from winback.results.base import Fact, fact
from winback.results.kept_score import Voice
from winback.shop.intervals import Interval, Sums, ratio, sums_sql
from winback.shop.past import Past
from winback.shop.spans import Spans, figure_of

ReadAs = Literal["satisfaction", "recommendation", "either"]
# Of names in lower case, words joined by _; English, Polish and German.
_RECOMMENDS = re.compile(
    r"(^|_)e?nps(_|$|\d)|promot[eo]r|would_?recommend|recommend(ation)?_(score|rating|mark)|"
    r"likel(y|ihood)_to_recommend|polecil(a)?by|poleci(sz)?_|czy_polec|polecalnosc|sklonnosc_polec|"
    r"weiterempf|empfehlungs(bereitschaft|wert|note)"
)
_SATISFIES = re.compile(
    r"review|rating|(^|_)stars?(_|$)|c_?sat(_|$|\d)|satisf|(^|_)ocen[ay]?(_|$)|opini|gwiazd|"
    r"zadowol|bewertung|zufrieden|(^|_)sterne?(_|$)|rezension|(^|_)note(_|$)|feedback"
)
_ASKED = re.compile(r"survey|ankiet|umfrage|befragung|questionnaire|kwestionariusz")
# Numbers that belong to such things and are no marks.
_COUNTS = re.compile(
    r"count|number|liczba|anzahl|days|dni|tage|hours|godzin|minut|seconds|points|punkt|request|"
    r"prosba|anfrage|votes|helpful|length|dlugosc|reward|discount|rabat"
)
# Marks are counted in hundredths, so that sums are exact.
_PARTS = 100
# A voice that begins later than so many days after a span's begin was not heard in all of it.
_LATE_DAYS = 31
_MOST_VOICES = 8


@dataclass(frozen=True)
class _Heard:
    """A signal that bears a mark."""

    name: str
    read_as: ReadAs
    bottom: Literal[0, 1]
    top: Literal[5, 10, 100]
    since: date


def hear_voices(past: Past, spans: Spans) -> tuple[tuple[Voice, ...], tuple[Fact, ...]]:
    """Satisfaction and recommendation, and what may be read in two ways.

    The scale is the smallest of 5, 10 and 100 that holds all marks ever given. The net promoter
    score is of Reichheld (2003), Harvard Business Review 81(12); its interval is of a mean of 1,
    0 and -1 over customers.
    """
    doubts: list[Fact] = []
    heard = []
    for row in past.con.execute(
        "SELECT name, count(value), min(value), max(value), "
        f"bool_and(abs(value * {_PARTS} - round(value * {_PARTS})) < 1e-6), "
        "CAST(min(happened_at) FILTER (value IS NOT NULL) AS DATE) "
        "FROM signals GROUP BY name HAVING count(value) > 0 ORDER BY count(value) DESC, name"
    ).fetchall():
        name, n, least, most, whole, since = row
        read_as = _asked(name)
        if read_as is None:
            continue
        scale = _scale(float(least), float(most), bool(whole))
        if scale is None:
            doubts.append(fact("kept.no_scale", name=name, low=float(least), high=float(most)))
            continue
        one = _Heard(name, read_as, *scale, since)
        if (doubt := _doubted(one, int(n))) is not None:
            doubts.append(doubt)
        heard.append(one)
    return tuple(_voice(past, spans, one) for one in heard[:_MOST_VOICES]), tuple(doubts)


def _asked(name: str) -> ReadAs | None:
    """What a signal's name says that customers were asked; None if it names no mark."""
    if _COUNTS.search(name):
        return None
    if _RECOMMENDS.search(name):
        return "recommendation"
    if _SATISFIES.search(name):
        return "satisfaction"
    return "either" if _ASKED.search(name) else None


def _scale(
    least: float, most: float, whole: bool
) -> tuple[Literal[0, 1], Literal[5, 10, 100]] | None:
    if not whole or least < 0 or most > 100 or most <= 1:
        return None
    top: Literal[5, 10, 100] = 5 if most <= 5 else 10 if most <= 10 else 100
    return (1 if least >= 1 and top < 100 else 0), top


def _doubted(one: _Heard, n: int) -> Fact | None:
    """What the values leave open."""
    if one.read_as == "either" and one.top == 10:
        return fact("kept.either", name=one.name)
    if one.read_as == "recommendation" and one.top != 10:
        return fact("kept.no_ten", name=one.name, bottom=one.bottom, top=one.top, n=n)
    return None


def _voice(past: Past, spans: Spans, one: _Heard) -> Voice:
    good = 0.8 * one.top
    past.con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE marks AS
        SELECT customer_id, k, count(*) AS n, sum(mark) AS total,
               count(*) FILTER (mark >= {round(_PARTS * good)}) AS good,
               count(*) FILTER (mark >= {9 * _PARTS}) - count(*) FILTER (mark <= {6 * _PARTS})
               AS net
        FROM (
            SELECT customer_id, CAST(round(value * {_PARTS}) AS BIGINT) AS mark,
                   {spans.place_sql("CAST(happened_at AS DATE)")} AS k
            FROM signals WHERE name = $name AND value IS NOT NULL AND happened_at < '{spans.end}'
              AND happened_at >= '{spans.bounds[-1][0]}'
        ) WHERE k < {len(spans.bounds)} GROUP BY customer_id, k
        """,
        {"name": one.name},
    )
    counted = past.con.execute("SELECT k, sum(n) FROM marks GROUP BY k").fetchall()
    answers = {int(k): int(n) for k, n in counted}
    net = one.top == 10 and one.read_as != "satisfaction"
    # Of another scale than 0 to 10 nothing but a mean can be said of a recommendation.
    plain = not net or one.read_as == "either"
    ends = (float(one.bottom), float(one.top))
    return Voice(
        name=one.name,
        read_as=one.read_as,
        top=one.top,
        bottom=one.bottom,
        answers=answers.get(0, 0),
        mean=figure_of(_found(past, spans, one, "total", _PARTS, ends), spans) if plain else None,
        good_share=figure_of(_found(past, spans, one, "good", 1, (0.0, 1.0)), spans)
        if plain
        else None,
        net_promoters=figure_of(_found(past, spans, one, "net", 1, (-1.0, 1.0)), spans)
        if net
        else None,
    )


def _found(
    past: Past, spans: Spans, one: _Heard, y: str, scale: int, bounds: tuple[float, float]
) -> Sequence[Interval | None]:
    """By span, newest first; None where nobody answered, or the asking had not begun."""
    found: list[Interval | None] = [None] * len(spans.bounds)
    for k, *each in past.con.execute(f"SELECT k, {sums_sql(y, 'n')} FROM marks GROUP BY k"
                                     ).fetchall():  # fmt: skip
        sums = Sums(*map(int, each))
        late = one.since > spans.bounds[int(k)][0] + timedelta(days=_LATE_DAYS)
        if sums.x > 0 and not (k and late):
            found[int(k)] = ratio(sums, scale=scale, bounds=bounds)
    return found
