"""Who comes back by how the first purchase was: its products, its value, what went wrong after it.

Each group is compared with all others who began in the same month, since what is sold in December
alone would else be blamed for December. Nothing here proves a cause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

import duckdb
import numpy as np
from scipy.stats import norm

from winback.arrays import Floats, Integers, Mask
from winback.products.sensitive import hints_at_private, is_service
from winback.results.journeyed import Beginning, Beginnings, Compared, Kind
from winback.shop.past import Past

LANDMARK_DAYS = 30
"""What happens so soon after the first purchase is compared from then on, so that nobody who came
back before it could happen is held against it."""

_LEAST = 50
_FALSE_SHARE = 0.05
_EACH_END, _MOST_OTHERS = 4, 16
# An attribute of more levels is no kind of customers.
_MOST_LEVELS = 20


class _Found(NamedTuple):
    """A group by month of the first purchase: its customers and those who came back."""

    kind: Kind
    name: str | None
    level: str
    late: bool  # whether compared from the landmark on
    months: Integers
    n: Integers
    back: Integers


@dataclass(frozen=True)
class _Everybody:
    """All who are compared, by month: customers and those who came back."""

    n: Integers
    back: Integers


def compare_beginnings(past: Past, begin: date, end: date, one_in: int) -> Beginnings | None:
    """Share with a second purchase by group of first purchases; None where too few can be told.

    Of the customers of the temporary table ``people``, whose first purchase is at or after
    ``begin`` and was followed for the whole horizon.

    Args:
        past: the shop's past.
        begin: first purchases before it may not have been the first.
        end: the first day not seen.
        one_in: only every so manieth customer is in ``people``.
    """
    con = past.con
    values = {"begin": begin, "end": end, "days": past.horizon_days, "landmark": LANDMARK_DAYS}
    con.execute(_STARTS, values)
    everybody = [
        _everybody(con, "TRUE", "back"),
        _everybody(con, "late", "late_back"),
    ]
    customers = int(everybody[0].n.sum())
    if customers < 2 * _LEAST:
        return None
    con.execute(_FIRST_PRODUCTS, {"one_in": one_in})
    names = dict(con.execute(_NAMES).fetchall())
    compared, private = [], 0
    for found in _groups(past):
        texts = [text for text in (found.name, names.get(found.level), found.level) if text]
        if found.kind in ("product", "category") and any(map(is_service, texts)):
            continue
        if any(hints_at_private(text, past.asked.allowed) for text in texts):
            private += 1
            continue
        one = _Beside.of(found, everybody[found.late])
        if one is not None:
            compared.append(one)
    groups = _judged(compared, names)
    return Beginnings(
        days=past.horizon_days,
        landmark_days=LANDMARK_DAYS,
        customers=customers,
        share=round(float(everybody[0].back.sum() / customers), 4),
        private=private,
        kinds=_kinds(groups),
        groups=_shown(groups),
    )


# Only who was followed to the end counts, so a share is a share and no estimate.
_STARTS = """
CREATE OR REPLACE TEMP TABLE starts AS
SELECT row_number() OVER (ORDER BY customer_id) AS id, customer_id, first,
       12 * year(first) + month(first) AS month,
       coalesce(days[2] - first <= $days, FALSE) AS back,
       coalesce(days[2] - first > $landmark, TRUE) AND first + $landmark + $days < $end AS late,
       coalesce(days[2] - first <= $landmark + $days, FALSE) AS late_back
FROM people WHERE first >= $begin AND first + $days < $end
"""

_FIRST_PRODUCTS = """
CREATE OR REPLACE TEMP TABLE first_products AS
SELECT DISTINCT id, product_id FROM lines JOIN starts
ON lines.customer_id = starts.customer_id AND CAST(ordered_at AS DATE) = first
WHERE kind = 'order' AND product_id IS NOT NULL AND hash(lines.customer_id) % $one_in = 0
"""

_NAMES = f"""
SELECT product_id, name FROM products SEMI JOIN (
    SELECT product_id FROM first_products GROUP BY ALL HAVING count(*) >= {_LEAST}
) USING (product_id) ORDER BY ALL
"""

_MEMBERS: dict[Kind, str] = {
    "product": "SELECT id, NULL AS name, product_id AS level FROM first_products",
    "category": "SELECT DISTINCT id, NULL AS name, category AS level FROM first_products "
    "JOIN products USING (product_id) WHERE category IS NOT NULL",
    "attribute": f"""
        SELECT id, name, max({{'at': known_at, 'value': value}}).value AS level
        FROM attributes JOIN starts USING (customer_id)
        WHERE known_at < first + INTERVAL 1 DAY AND name IN (
            SELECT name FROM attributes GROUP BY name
            HAVING count(DISTINCT value) BETWEEN 2 AND {_MOST_LEVELS}
        )
        GROUP BY id, name HAVING level IS NOT NULL""",
    "value": """
        SELECT id, NULL AS name,
               CASE ntile(3) OVER (ORDER BY value, id)
               WHEN 1 THEN 'low' WHEN 2 THEN 'middle' ELSE 'high' END AS level
        FROM (
            SELECT id, sum(value) AS value FROM purchases JOIN starts
            ON purchases.customer_id = starts.customer_id AND day = first GROUP BY id
        )""",
    "signal": f"""
        SELECT DISTINCT id, name, '' AS level FROM signals JOIN starts USING (customer_id)
        WHERE late AND CAST(happened_at AS DATE) BETWEEN first AND first + {LANDMARK_DAYS}""",
    "refund": f"""
        SELECT DISTINCT id, NULL AS name, '' AS level FROM refunds JOIN starts USING (customer_id)
        WHERE late AND CAST(ordered_at AS DATE) BETWEEN first AND first + {LANDMARK_DAYS}""",
}


def _everybody(con: duckdb.DuckDBPyConnection, which: str, back: str) -> _Everybody:
    begin, end = con.execute("SELECT min(month), max(month) FROM starts").fetchone() or (0, 0)
    counts = np.zeros((2, (end or 0) - (begin or 0) + 1), np.int64)
    rows = con.execute(
        f"SELECT month - {begin or 0}, count(*), count_if({back}) FROM starts WHERE {which} "
        "GROUP BY ALL"
    ).fetchall()
    for month, n, came in rows:
        counts[:, month] = n, came
    return _Everybody(counts[0], counts[1])


def _groups(past: Past) -> Iterator[_Found]:
    """Groups of enough customers, in a fixed order."""
    for kind, members in _MEMBERS.items():
        late = kind in ("signal", "refund")
        back = "late_back" if late else "back"
        rows = past.con.execute(
            f"""
            SELECT name, level, month - (SELECT min(month) FROM starts), n, came FROM (
                SELECT name, level, month, count(*) AS n, count_if({back}) AS came
                FROM ({members}) JOIN starts USING (id) GROUP BY ALL
            ) QUALIFY sum(n) OVER (PARTITION BY name, level) >= {_LEAST}
            ORDER BY ALL
            """
        ).fetchall()
        for (name, level), own in groupby(rows, lambda row: (row[0], row[1])):
            months, n, came = np.array([row[2:] for row in own], np.int64).T
            yield _Found(kind, name, level, late, months, n, came)


@dataclass(frozen=True)
class _Beside:
    """A group beside the others: shares standardised to its months, and how surely they differ."""

    found: _Found
    customers: int
    share: float
    beside: float
    spread: float

    @classmethod
    def of(cls, found: _Found, everybody: _Everybody) -> _Beside | None:
        """None where there are too few, of them or of others in their months."""
        all_n, all_back = everybody.n[found.months], everybody.back[found.months]
        others = all_n - found.n
        held: Mask = others > 0
        n, rest = found.n[held], others[held]
        if n.sum() < _LEAST or rest.sum() < _LEAST:
            return None
        weights: Floats = n / n.sum()
        beside = (all_back - found.back)[held] / rest
        pooled = all_back[held] / all_n[held]
        variance = float((weights**2 * pooled * (1 - pooled) * (1 / n + 1 / rest)).sum())
        if variance <= 0:
            return None
        share = float(found.back[held].sum() / n.sum())
        return cls(found, int(n.sum()), share, float((weights * beside).sum()), variance**0.5)

    @property
    def p_value(self) -> float:
        """Two-sided, that so large a difference is chance."""
        return float(2 * norm.sf(abs(self.share - self.beside) / self.spread))


def _judged(compared: list[_Beside], names: dict[str, str | None]) -> list[Beginning]:
    """All groups, the worst first; of all that were compared some are apart."""
    values = np.array([one.p_value for one in compared])
    ranks = np.arange(1, len(values) + 1)
    passing = np.sort(values) <= _FALSE_SHARE * ranks / max(len(values), 1)
    n_apart = int(ranks[passing].max()) if passing.any() else 0
    least = np.sort(values)[n_apart - 1] if n_apart else -1.0
    z = float(norm.isf(_FALSE_SHARE * max(n_apart, 1) / max(len(values), 1) / 2))
    found = [
        Beginning(
            kind=one.found.kind,
            name=one.found.name,
            level=_level(one.found, names),
            customers=one.customers,
            share=round(one.share, 4),
            beside=round(one.beside, 4),
            difference=round(one.share - one.beside, 4),
            low=round(one.share - one.beside - z * one.spread, 4),
            high=round(one.share - one.beside + z * one.spread, 4),
            apart=bool(one.p_value <= least),
        )
        for one in compared
    ]
    return sorted(found, key=lambda one: (one.difference, one.kind, one.name or "", one.level))


def _level(found: _Found, names: dict[str, str | None]) -> str:
    return (names.get(found.level) or found.level) if found.kind == "product" else found.level


def _kinds(groups: list[Beginning]) -> tuple[Compared, ...]:
    rows = []
    for kind in _MEMBERS:
        own = [one for one in groups if one.kind == kind]
        if own:
            apart = sum(one.apart for one in own)
            rows.append(Compared(kind=kind, compared=len(own), apart=apart))
    return tuple(rows)


def _shown(groups: list[Beginning]) -> tuple[Beginning, ...]:
    """Those worth a row; the farthest apart where there are many."""
    shown: list[Beginning] = []
    for kind in ("product", "category"):
        apart = [one for one in groups if one.kind == kind and one.apart]
        worst = [one for one in apart if one.difference < 0][:_EACH_END]
        best = [one for one in apart if one.difference > 0][-_EACH_END:]
        shown += [*worst, *best]
    others = [one for one in groups if one.kind not in ("product", "category")]
    far = sorted(others, key=lambda one: (not one.apart, -abs(one.difference)))[:_MOST_OTHERS]
    return tuple([*shown, *(one for one in others if one in far)])
