"""Finds the customers that another file speaks of, however their ids came through on the way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from winback.intake.addresses import without_transaction
from winback.intake.cells import literal
from winback.intake.phones import CALLING_CODE, SHAPE, digits_of

if TYPE_CHECKING:
    import pandas as pd

_BLANKS = r"[\s\x00\x{a0}\x{200b}\x{202f}\x{2007}\x{feff}]+"
_LEAST_DIGITS = 7


@dataclass(frozen=True)
class Partners:
    """Which customer each strange id is, and which ids are nobody's.

    ``mended`` gives the one customer that an id is once zeros before it, ``.0``, blanks and case
    go, or whose phone number it is in another spelling; ``strangers`` are all the others.
    """

    mended: dict[str, str]
    strangers: tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """Ids as the orders have them, row by row, and how many different ones changed or are unknown.

    ``ids`` of strangers stay as they are.
    """

    ids: pd.Series[Any]
    mended: int
    strangers: int


def bare(cell: str) -> str:
    """SQL: what stays of an id once zeros before it, .0, blanks and case go."""
    lowered = f"regexp_replace(nfc_normalize(lower({cell})), '{_BLANKS}', '', 'g')"
    plain = f"regexp_replace(ltrim({lowered}, chr(39)), '^(-?[0-9]+)\\.0+$', '\\1')"
    short = f"ltrim({without_transaction(plain)}, '0')"
    return f"coalesce(nullif({short}, ''), {cell})"


def find_partners(con: duckdb.DuckDBPyConnection, given: str, known: str) -> Partners:
    """Match the ids of ``given`` that ``known`` does not hold.

    Both are SQL of a column ``x``. An id with several partners is as strange as one with none.
    """
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE strange AS SELECT DISTINCT x FROM ({given}) "
        f"WHERE x IS NOT NULL AND x NOT IN (SELECT x FROM ({known}) WHERE x IS NOT NULL)"
    )
    if not con.execute("SELECT count(*) FROM strange").fetchall()[0][0]:
        return Partners({}, ())
    pairs = everybody("SELECT x FROM strange", f"SELECT DISTINCT x, x AS who FROM ({known})")
    found = con.execute(
        f"""SELECT s.x, p.who FROM strange s LEFT JOIN (
            SELECT x, min(who) AS who FROM ({pairs}) GROUP BY x HAVING min(who) = max(who)) p
        USING (x) ORDER BY s.x"""
    ).fetchall()
    con.execute("DROP TABLE strange")
    return Partners(
        {one: who for one, who in found if who is not None},
        tuple(one for one, who in found if who is None),
    )


def everybody(given: str, known: str) -> str:
    """SQL of ``x`` and ``who``: every customer whom an id of ``given`` may mean.

    ``given`` is SQL of a column ``x``; ``known`` of ``x``, an id or an address or a phone number,
    and ``who``, the customer.
    """

    def numbers(of: str, more: str) -> str:
        # With its calling code or without it, and without the zero that stands for it at home.
        stripped = f"regexp_replace(digits, '^({CALLING_CODE})0?', '')"
        return f"""SELECT x{more}, digits AS own, unnest([ltrim(digits, '0'), {stripped}]) AS d
            FROM (SELECT x{more}, {digits_of("x")} AS digits FROM ({of})
                WHERE regexp_matches(x, {literal(SHAPE)}))
            WHERE length(digits) BETWEEN {_LEAST_DIGITS} AND 15"""

    return f"""SELECT DISTINCT g.x, k.who FROM (SELECT x, {bare("x")} AS b FROM ({given})) g
            JOIN (SELECT who, {bare("x")} AS b FROM ({known})) k USING (b)
        UNION SELECT g.x, k.who FROM ({numbers(given, "")}) g
            JOIN ({numbers(known, ", who")}) k USING (d)
        WHERE length(d) >= {_LEAST_DIGITS} AND d IN (ltrim(g.own, '0'), ltrim(k.own, '0'))"""


def match_ids(ids: pd.Series[Any], known: Collection[str]) -> Matched:
    """The ids of another file in the spelling of the orders', which are ``known``.

    An id that is known stays; each other with exactly one partner becomes this, as `Partners`
    says. Null stays null.
    """
    import pyarrow as pa

    texts = sorted({str(one) for one in ids.dropna().unique()})
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("given", pa.table({"x": pa.array(texts, pa.string())}))
        con.register("known", pa.table({"x": pa.array(sorted(set(known)), pa.string())}))
        found = find_partners(con, "SELECT x FROM given", "SELECT x FROM known")
    mended: pd.Series[Any] = ids.map(lambda one: found.mended.get(one, one), na_action="ignore")
    return Matched(mended.astype(ids.dtype), len(found.mended), len(found.strangers))


def meant_by(given: Collection[str], known: Collection[str]) -> set[str]:
    """Everybody of ``known`` whom an id of ``given`` may mean, however it is spelt."""
    import pyarrow as pa

    if not given:
        return set()
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("given", pa.table({"x": pa.array(map(str, given), pa.string())}))
        con.register("known", pa.table({"x": pa.array(map(str, known), pa.string())}))
        pairs = everybody("SELECT x FROM given", "SELECT x, x AS who FROM known")
        return {who for _, who in con.execute(pairs).fetchall()}
