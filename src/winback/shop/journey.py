"""From the first purchase to the second, to a regular customer, to silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, get_args

import duckdb
import numpy as np

from winback.arrays import Floats, Integers
from winback.churn import recommended_silence
from winback.results.journeyed import Journey, Stand, Standing, Step, StepName
from winback.shop.beginning import compare_beginnings
from winback.shop.carts import find_carts
from winback.shop.following import Followed
from winback.shop.past import Past
from winback.snapshots.plan import observed_until

TOLD_DAYS = (30, 60, 90, 180, 365, 730)
REGULAR_FROM = 3
"""Purchase days from which on a customer is a regular: from there on a usual gap is known."""

# So many customers tell shares to a tenth of a percentage point; more only take longer.
_MOST_CUSTOMERS = 500_000
# First purchases count from the week on in which at most this part may have been later ones.
_MOST_OLDER = 0.10
_SMOOTHED_WEEKS = 4
# Fewer new customers than this are no way to judge by: then none are left out.
_LEAST_NEW = 200


def follow_journey(past: Past) -> Journey | None:
    """How many take each step from a first purchase to silence, how fast, and who stands where.

    A **visit** is a day with purchases. A customer is a **regular** from the third on, and falls
    **silent** once a gap after it is as long as the silence that `winback.churn.study_churn`
    recommends. Shares are Kaplan and Meier's, of customers and from the step before: whoever
    began last month counts for a month. None without purchases.
    """
    con = past.con
    customers: int = _one(con, "SELECT count(*) FILTER (nth = 1) FROM purchases")
    if not customers:
        return None
    end = observed_until(past.cutoff, _one(con, "SELECT max(day) FROM purchases"))
    one_in = -(-customers // _MOST_CUSTOMERS)
    con.execute(_PEOPLE, {"one_in": one_in})
    gaps = _Gaps.of_people(con)
    silent_days = _silent_days(con, gaps, end)
    weeks, older = _first_weeks(con, gaps, end)
    begin = _one(con, "SELECT min(first) FROM people") + timedelta(weeks=weeks)
    left_out = _one(con, "SELECT count(*) FROM people WHERE first < $begin", begin=begin)
    return Journey(
        seen_until=end,
        customers=customers,
        one_in=one_in,
        left_out_weeks=weeks,
        left_out=left_out,
        perhaps_older=older,
        silent_days=silent_days,
        steps=_steps(con, begin, end, silent_days),
        stand=_stand(con, end, silent_days),
        # Of customers who may be older, nobody can say what their first purchase was.
        beginnings=compare_beginnings(past, begin, end, one_in) if (older or 0) <= 0.5 else None,
        carts=find_carts(past, end),
    )


# Days as whole numbers: a list of them a customer, each once, in order.
_PEOPLE = """
CREATE OR REPLACE TEMP TABLE people AS
SELECT *, days[1] AS first, days[-1] AS last, len(days) AS visits FROM (
    SELECT customer_id, list(day ORDER BY day) AS days
    FROM (SELECT DISTINCT customer_id, day FROM purchases WHERE hash(customer_id) % $one_in = 0)
    GROUP BY customer_id
)
"""


def _one(con: duckdb.DuckDBPyConnection, query: str, **values: date | int) -> Any:
    """The one value of a query's one row."""
    ((value,),) = con.execute(query, values).fetchall()
    return value


@dataclass(frozen=True)
class _Gaps:
    """Gaps between visits: how long, of customers with how many of them, and how often."""

    days: Integers
    of: Integers
    n: Integers

    @classmethod
    def of_people(cls, con: duckdb.DuckDBPyConnection) -> _Gaps:
        found = con.execute(
            """
            SELECT gap, of, count(*) AS n FROM (
                SELECT visits - 1 AS of,
                       unnest(list_transform(range(1, visits), lambda i: days[i + 1] - days[i]))
                       AS gap
                FROM people WHERE visits > 1
            ) GROUP BY ALL ORDER BY ALL
            """
        ).fetchnumpy()
        return cls(*(np.asarray(found[name], np.int64) for name in ("gap", "of", "n")))

    def longer(self, days: Integers) -> Floats:
        """Share of the gaps that are longer than so many days."""
        if not len(self.n):
            return np.zeros(len(days))
        longer = np.cumsum(np.bincount(self.days, self.n)[::-1])[::-1]
        found: Floats = np.append(longer, 0.0)[np.minimum(days + 1, len(longer))] / longer[0]
        return found


def _silent_days(con: duckdb.DuckDBPyConnection, gaps: _Gaps, end: date) -> int | None:
    """The silence that `study_churn` recommends, of the same votes: one a customer."""
    once = con.execute(
        "SELECT $end - first AS gap, count(*) AS n FROM people WHERE visits = 1 "
        "GROUP BY 1 ORDER BY 1",
        {"end": end},
    ).fetchnumpy()
    span = _one(con, "SELECT max($end - first) FROM people", end=end)
    return recommended_silence(
        np.concatenate([gaps.days, np.asarray(once["gap"], np.int64)]),
        np.repeat([True, False], [len(gaps.days), len(once["n"])]),
        np.concatenate([gaps.n / gaps.of, np.asarray(once["n"], np.float64)]),
        span,
    )


def _first_weeks(
    con: duckdb.DuckDBPyConnection, gaps: _Gaps, end: date
) -> tuple[int, float | None]:
    """Weeks to be left out at the begin, and how many of the rest may still be older customers.

    A customer of before the history shows a first purchase in it once the gap that its begin cuts
    has ended: so many days after the begin as many as later purchases a day, times the share of
    gaps that are longer. Nor can they be more than the surplus of first purchases over those of
    the history's later half: a shop that opened with its history has none.
    """
    first, later = (
        _by_week(con, query, end)
        for query in (
            "SELECT first AS day FROM people",
            "SELECT unnest(days[2:]) AS day FROM people WHERE visits > 1",
        )
    )
    half = len(first) // 2
    if not half:
        return 0, None
    flow = later[half:].mean() * gaps.longer(7 * np.arange(len(first)))
    older = np.minimum(flow, np.maximum(first - first[half:].mean(), 0))
    near = np.minimum(np.arange(len(first)) + _SMOOTHED_WEEKS, len(first))
    seen, held = (np.append(0, np.cumsum(of)) for of in (first, older))
    share = (held[near] - held[:-1]) / np.maximum(seen[near] - seen[:-1], 1)
    weeks = int(np.flatnonzero(np.append(share <= _MOST_OLDER, True))[0])
    if first[weeks:].sum() < _LEAST_NEW:
        weeks = 0
    return weeks, round(float(older[weeks:].sum() / max(first[weeks:].sum(), 1)), 4)


def _by_week(con: duckdb.DuckDBPyConnection, days: str, end: date) -> Floats:
    """How many of a query's days lie in each whole week since the first purchase."""
    begin: date = _one(con, "SELECT min(first) FROM people")
    weeks = (end - begin).days // 7
    rows = con.execute(
        f"SELECT (day - $begin) // 7, count(*) FROM ({days}) GROUP BY 1", {"begin": begin}
    ).fetchall()
    found = np.zeros(weeks)
    for week, n in rows:
        if week < weeks:
            found[week] = n
    return found


def _steps(
    con: duckdb.DuckDBPyConnection, begin: date, end: date, silent_days: int | None
) -> tuple[Step, ...]:
    """The steps of all customers whose first purchase lies at or after ``begin``."""
    values: dict[str, date | int] = {"begin": begin, "end": end}
    found = []
    visits: tuple[tuple[StepName, int], ...] = (("second", 2), ("regular", REGULAR_FROM))
    for name, visit in visits:
        rows = con.execute(
            f"""
            SELECT coalesce(days[{visit}], $end - 1) - days[{visit - 1}], visits >= {visit},
                   count(*)
            FROM people WHERE first >= $begin AND visits >= {visit - 1} GROUP BY ALL
            """,
            values,
        ).fetchall()
        found.append(Followed.of_counts(rows).step(name, TOLD_DAYS))
    if silent_days is not None:
        rows = con.execute(_SILENCES, values | {"silent": silent_days}).fetchall()
        days = [day for day in TOLD_DAYS if day >= silent_days]
        found.append(Followed.of_counts(rows).step("silent", days))
    return tuple(found)


# A silence is long on the day on which it gets so many days old, whether or not it ends then.
_SILENCES = f"""
SELECT coalesce(fell + $silent, $end) - regular, fell IS NOT NULL, count(*) FROM (
    SELECT days[{REGULAR_FROM}] AS regular,
           coalesce(
               days[list_filter(
                   range({REGULAR_FROM}, visits), lambda i: days[i + 1] - days[i] >= $silent
               )[1]],
               CASE WHEN $end - last >= $silent THEN last END
           ) AS fell
    FROM people WHERE first >= $begin AND visits >= {REGULAR_FROM}
) GROUP BY ALL
"""


def _stand(con: duckdb.DuckDBPyConnection, end: date, silent_days: int | None) -> tuple[Stand, ...]:
    """How many customers stand where, of all who are looked at."""
    if silent_days is None:
        return ()
    rows = con.execute(
        f"""
        SELECT least(visits, {REGULAR_FROM}), $end - last >= $silent, count(*)
        FROM people GROUP BY ALL
        """,
        {"end": end, "silent": silent_days},
    ).fetchall()
    counts = {(visits, silent): n for visits, silent, n in rows}
    names: Sequence[Standing] = get_args(Standing)
    return tuple(
        Stand(name=name, customers=counts.get((1 + place // 2, place % 2 == 1), 0))
        for place, name in enumerate(names)
    )
