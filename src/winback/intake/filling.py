"""Finds the fields that an export writes only once an order, to fill its other lines with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import duckdb

from winback.intake.cells import nothing, one_row

# An export that writes an order's own fields once does so for (nearly) every order. A cell missing
# here and there is missing; nobody is to be guessed.
_NEARLY_ALL = 0.9


def written_once(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    order: str,
    fields: Mapping[str, int],
    sample: Sequence[Sequence[str | None]],
    order_column: int,
) -> tuple[list[str], int]:
    """Fields that stand on one line of each order of several lines, and of how many orders.

    ``fields`` has the column of each; ``order`` is SQL of the order's id.
    """
    likely = [
        name
        for name, column in fields.items()
        if name in ("customer_id", "date") or _seldom_twice(sample, order_column, column)
    ]
    first = [f"c{fields[name]}" for name in ("customer_id", "date")]
    if set(likely) <= {"customer_id", "date"}:
        blank = " OR ".join(f"{column} IS NULL" for column in first)
        if not one_row(con, f"SELECT count(*) FROM {relation} WHERE {blank}")[0]:
            return [], 0
    counts = ", ".join(f"count(c{fields[name]}) AS n{n}" for n, name in enumerate(likely))
    either = " OR ".join(f"n{likely.index(name)} = 1" for name in ("customer_id", "date"))
    each = ", ".join(f"count_if(n{n} = 1), count_if(n{n} > 0)" for n in range(len(likely)))
    several, whole, *found = one_row(
        con,
        f"SELECT count(*), count_if({either}), {each} FROM (SELECT {counts} FROM {relation} "
        f"WHERE {order} IS NOT NULL GROUP BY {order} HAVING count(*) > 1)",
    )
    if not several:
        return [], 0
    once = dict(zip(likely, zip(found[::2], found[1::2], strict=True), strict=True))
    full = {
        name: times
        for name, (times, some) in once.items()
        if times >= _NEARLY_ALL * some and some >= _NEARLY_ALL * several
    }
    if whole >= _NEARLY_ALL * several:
        # The shop's own word for a line may be an order's too; all that is blank is filled.
        return list(fields), whole
    if not full:
        return [], 0
    # Where fields that every order has are written once, so are those that few orders have.
    rare = [name for name, (times, some) in once.items() if some and times >= _NEARLY_ALL * some]
    return rare, max(full[name] for name in full)


def _seldom_twice(sample: Sequence[Sequence[str | None]], order_column: int, column: int) -> bool:
    """Whether of the orders of several lines hardly one has a field on two of them."""
    lines: Counter[str] = Counter()
    filled: Counter[str] = Counter()
    for row in sample:
        order = row[order_column]
        if order is not None and not nothing(order):
            lines[order] += 1
            filled[order] += not nothing(row[column])
    several = [order for order, n in lines.items() if n > 1]
    twice = sum(filled[order] > 1 for order in several)
    some = sum(filled[order] > 0 for order in several)
    return bool(some) and twice <= 0.1 * some
