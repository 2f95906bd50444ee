"""Tells orders apart that bear one number in several stores, each of which counts by itself."""

from __future__ import annotations

import duckdb

from winback.intake.cells import one_row

# Of the numbers that several stores have, so many must be other customers': else the store is
# where a line of an order came from, or was brought back to.
_OTHERS = 0.5
_FEW_LINES = 1_000_000


def numbers_by_store(
    con: duckdb.DuckDBPyConnection, relation: str, *, order: str, store: str, customer: str
) -> bool:  # fmt: skip
    """Whether stores number their orders each by itself: most numbers they share are other orders.

    The arguments are SQL of cells as they stand in the source.
    """
    lines, stores = one_row(con, f"SELECT count(*), approx_count_distinct({store}) FROM {relation}")
    if stores < 2:
        return False
    if lines > _FEW_LINES:
        # Counted roughly first: nearly all shops number through, or have a number in the store's.
        numbers, pairs = one_row(
            con,
            f"SELECT approx_count_distinct({order}), approx_count_distinct(hash({order}, {store})) "
            f"FROM {relation}",
        )
        if pairs < 1.1 * numbers:
            return False
    shared, others = one_row(
        con,
        f"SELECT count(*), count_if(other) FROM (SELECT coalesce(min({customer}) <> "
        f"max({customer}), false) AS other "
        f"FROM {relation} WHERE {order} IS NOT NULL GROUP BY {order} "
        f"HAVING min({store}) < max({store}))",
    )
    return bool(shared) and others >= _OTHERS * shared


def order_of_store(order: str, store: str) -> str:
    """SQL of an order's id with its store before it, both given as text."""
    return f"(CASE WHEN {store} IS NULL THEN {order} ELSE {store} || ':' || {order} END)"
