"""The track record: every list that left, what came of it, and where that goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from winback.arrays import Floats, Integers
from winback.results.graded import Course, Grade, Trend
from winback.watch.grades import Graded, between

_Z = 1.959964
_LEAST_LISTS = 3
_PERIOD_DAYS = 30.0
# A year of weekly lists; a line through more would say little of today.
_MOST_LISTS = 52


def trend_of(graded: Sequence[Graded]) -> Trend | None:
    """The record over lists of the newest one's horizon, one a cutoff, as known now.

    A list that left speaks for its day rather than a replayed week. Intervals are of means by
    customer: what one adds to any of the lists moves together.
    """
    chosen = _chosen(graded)
    if not chosen:
        return None
    code, _ = pd.factorize(pd.concat([each.customer_id for each in chosen], ignore_index=True))
    grades = [each.grade for each in chosen]

    def course(name: str) -> Course | None:
        values = [_value(grade, name) for grade in grades]
        known = [value for value in values if value is not None]
        return _course(chosen, known, name, code) if len(known) == len(values) else None

    gap = course("gap")
    assert gap is not None  # every grade has one
    return Trend(
        days=grades[-1].days,
        lists=len(grades),
        first=grades[0].cutoff,
        last=grades[-1].cutoff,
        gap=gap,
        base_rate=course("base_rate"),
        best_rule=course("best_rule"),
    )


def _chosen(graded: Sequence[Graded]) -> list[Graded]:
    of_day: Mapping[object, Graded] = {
        each.grade.cutoff: each
        for each in sorted(graded, key=lambda g: (g.grade.cutoff, g.grade.kind == "seal"))
        if not each.grade.early
    }
    found = list(of_day.values())
    return [each for each in found if each.grade.days == found[-1].grade.days][-_MOST_LISTS:]


def _value(grade: Grade, name: str) -> float | None:
    if name == "gap":
        return grade.now.gap.value
    return next((a.difference.value for a in grade.now.against if a.role == name), None)


def _course(chosen: Sequence[Graded], values: Sequence[float], name: str, code: Integers) -> Course:
    """The mean over the lists and the slope of a straight line, per 30 days."""
    when = np.array([each.grade.cutoff.toordinal() for each in chosen], np.float64) / _PERIOD_DAYS
    off, told = when - when.mean(), np.array(values)
    share = np.full(len(chosen), 1.0 / len(chosen))
    pull = off / max(float(np.square(off).sum()), 1e-12)

    def half(factors: Floats) -> float:
        parts = [f * each.influence[name] for f, each in zip(factors, chosen, strict=True)]
        by_customer = np.bincount(code, np.concatenate(parts))
        return _Z * float(np.sqrt(np.square(by_customer).sum()))

    return Course(
        mean=between(float((share * told).sum()), half(share)),
        per_30_days=between(float((pull * told).sum()), half(pull))
        if len(chosen) >= _LEAST_LISTS else None,
    )  # fmt: skip
