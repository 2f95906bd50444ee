"""Whether features and scores moved as they never moved in this shop, from one cutoff to another.

A feature's mean moves with the season, with the age of the shop and with its customers. What it
moved between the newest cutoff and the one before is held against what it moved over as many days
in the shop's past, and over the same days of the year before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from winback.arrays import Floats
from winback.features import CALENDAR
from winback.results.watched import Alarm
from winback.watch.counts import MILLI
from winback.watch.drift import Family, Test

# Customers of a cutoff; more move no mean.
_MOST_CUSTOMERS = 200_000
# Least move that matters: of a mean in standard deviations of customers, of a share missing.
_MOVED, _MISSING = 0.25, 0.1
# Before the shop has spoken, steps stray so far, as if eight had been seen.
_PRIOR_STEPS, _PRIOR_STRAY = 8, {"mean": 0.05, "missing": 0.02}
# Where the same season was not seen yet, a window may run into one.
_UNSEEN_SEASON = {"mean": 0.6, "missing": 0.3}
_YEAR_DAYS = 365
_EPOCH = date(1970, 1, 1)
_LEAST_STEPS = 3


@dataclass(frozen=True)
class Course:
    """A mean by cutoff, in standard deviations of customers, or the share that is missing.

    ``days`` are the cutoffs as days since 1970, oldest first; ``customers`` how many each has.
    """

    name: str
    kind: str
    days: Floats
    level: Floats
    customers: Floats


def courses(snapshots: Path, first_day: date, threads: int | None) -> list[Course]:
    """The course of each feature over the cutoffs of ``snapshots.parquet``, the calendar's aside.

    Numbers are counted by their logarithm with its sign, which one giant does not move. Cutoffs
    whose windows reach back before the shop's ``first_day`` are another thing, and left out.
    """
    import duckdb

    con = duckdb.connect(config={"threads": threads} if threads is not None else {})
    path = str(snapshots).replace("'", "''")
    con.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet('{path}')")
    kinds = {name: kind for name, kind, *_ in con.execute("DESCRIBE rows").fetchall()}
    aside = {column.name for column in CALENDAR}
    numeric = [
        name for name, kind in kinds.items() if kind in ("INTEGER", "DOUBLE") and name not in aside
    ]
    if not numeric:
        return []
    rows, cutoffs = con.execute("SELECT count(*), count(DISTINCT cutoff) FROM rows").fetchall()[0]
    every = max(1, int(rows / max(cutoffs, 1) // _MOST_CUSTOMERS))
    some = f"WHERE hash(customer_id) % {every} = 0" if every > 1 else ""
    asked = ", ".join(
        f"count({of}), sum({whole}), sum({whole} * {whole})"
        for name in numeric
        for of in [f"CASE WHEN isfinite(CAST({_quoted(name)} AS DOUBLE)) THEN 1 END"]
        for x in [f"CASE WHEN isfinite(CAST({_quoted(name)} AS DOUBLE)) "
                  f"THEN CAST({_quoted(name)} AS DOUBLE) END"]
        for whole in [f"CAST(round({MILLI} * sign({x}) * ln(1 + abs({x}))) AS BIGINT)"]
    )  # fmt: skip
    found = con.execute(
        f"SELECT date_diff('day', DATE '1970-01-01', CAST(cutoff AS DATE)) AS day, count(*), "
        f"{asked} FROM rows {some} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    con.close()
    table = np.array([[float(x or 0) for x in row] for row in found])
    days, customers = table[:, 0], table[:, 1]
    told = []
    for k, name in enumerate(numeric):
        there, total, squares = table[:, 2 + 3 * k : 5 + 3 * k].T
        whole = days >= (first_day - _EPOCH).days + _reach(name)
        told += courses_of(
            name, days[whole], customers[whole], there[whole], total[whole] / MILLI,
            squares[whole] / MILLI**2,
        )  # fmt: skip
    return told


def courses_of(
    name: str, days: Floats, customers: Floats, there: Floats, total: Floats, squares: Floats
) -> list[Course]:  # fmt: skip
    """The two courses of one feature: its mean, and how often it is missing."""
    missing = Course(name, "missing", days, 1 - there / np.maximum(customers, 1), customers)
    some = there > 0
    if some.sum() < 2 or not some[-1]:
        return [missing] if len(days) else []
    mean = total[some] / there[some]
    spread = np.sqrt(np.maximum(squares[some] / there[some] - mean**2, 0.0))
    # The newest days may be what is wrong.
    usual = float(np.median(spread[:-1]))
    if usual <= 1e-6:
        return [missing]
    return [missing, Course(name, "mean", days[some], mean / usual, there[some])]


def _reach(name: str) -> int:
    """How many days back a feature looks, by the windows that its name tells."""
    windows = [int(found) for found in re.findall(r"(\d+)d(?:_|$)", name)]
    # Blocks are horizons, of which the third ends a year ago at the latest.
    return max(windows, default=0) + (_YEAR_DAYS if re.search("year_ago|block_", name) else 0)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def watch_courses(found: Sequence[Course], family: Family = "features") -> Iterator[Test]:
    """What is to be asked of each course that has enough past."""
    for course in found:
        told = _newest_step(course)
        if told is None:
            continue
        change, error, freedom, season = told
        chance = 2 * float(special.stdtr(freedom, -abs(change) / error))
        mean = course.kind == "mean"
        limit = _MOVED if mean else _MISSING
        before = _EPOCH + timedelta(days=int(course.days[-2]))
        days = int(course.days[-1] - course.days[-2])
        seen = float(course.level[-1])
        yield Test(family, 1.0, abs(change) >= limit, Alarm(
            what="scores" if family == "scores" else "feature" if mean else "missing",
            name=course.name, direction="more" if change > 0 else "fewer", since=before,
            window_days=days, seen=round(seen, 4), expected=round(seen - change, 4),
            chance=float(f"{min(chance, 1.0):.6g}"), against="season" if season else "weeks",
        ))  # fmt: skip


def _newest_step(course: Course) -> tuple[float, float, float, bool] | None:
    """How far the newest step is from what was to come, its error, freedom, and whether by season.

    None where there are too few cutoffs.
    """
    days, level = course.days, course.level
    if len(days) < _LEAST_STEPS + 2:
        return None
    wide = float(days[-1] - days[-2])
    past, known = days[:-1], level[:-1]
    ends = past[past - wide >= past[0]]
    if len(ends) < _LEAST_STEPS:
        return None

    def moved(at: Any) -> Floats:
        return np.asarray(np.interp(at, past, known) - np.interp(at - wide, past, known))

    steps = moved(ends)
    usual = float(np.median(steps))
    stray = float(np.mean((steps - usual) ** 2))
    windows = max(1.0, float(ends[-1] - ends[0]) / wide)
    then = days[-1] - _YEAR_DAYS
    season = bool(then - wide >= past[0])
    prior = (_PRIOR_STRAY if season else _UNSEEN_SEASON)[course.kind] ** 2
    stray = (windows * stray + _PRIOR_STEPS * prior) / (windows + _PRIOR_STEPS)
    of_customers = (1.0 if course.kind == "mean" else 0.25) * (
        1 / course.customers[-1] + 1 / course.customers[-2]
    )
    now = float(level[-1] - level[-2])
    middle = usual
    if season:
        # Half of it: one year tells as much of the season as the shop's usual step does.
        middle = (usual + float(moved(np.array([then]))[0])) / 2
    error = float(np.sqrt(stray + of_customers))
    return now - middle, error, _PRIOR_STEPS + windows, season


def course_of_scores(day: Floats, log_odds: Floats) -> list[Course]:
    """The course of the mean score in log-odds, by the cutoffs that customers were scored at."""
    days = np.unique(day)
    here = [log_odds[day == one] for one in days]
    total = np.array([one.sum() for one in here])
    squares = np.array([(one**2).sum() for one in here])
    n = np.array([float(len(one)) for one in here])
    return [one for one in courses_of("p_return", days, n, n, total, squares) if one.kind == "mean"]
