"""Finds an order's total that stands on each of its lines, so that it is counted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from winback.intake.cells import nothing, one_row
from winback.intake.headers import is_of_line, is_order_total, normalised
from winback.intake.numbers import rough_number
from winback.results.base import Fact, fact

# A rule of a shop holds for nearly all of its orders, and where few can show it for all but one.
_NEARLY_ALL = 0.98
_SOME_ORDERS = 20
_MANY_AMOUNTS = 10
_FEW_ORDERS = 3
# Lines of an order that one of its lines speaks for: of one customer, day, status and sign, and
# either all refunds of their own or none.
_ORDER = "customer_id, order_id, CAST(date AS DATE), status, coalesce(amount < 0, false), is_refund"
_SAME = 0.0051


@dataclass(frozen=True)
class OrderTotal:
    """Whether an amount is its order's, counted once, and what to tell of that."""

    once: bool
    odd: bool = False
    understood: tuple[Fact, ...] = ()
    doubts: tuple[Fact, ...] = ()


def find_order_total(
    con: duckdb.DuckDBPyConnection,
    source: str,
    name: str,
    told: str | None,
    *,
    sample: Sequence[Sequence[str | None]],
    roles: Mapping[str, int],
) -> OrderTotal:
    """Say whether the amount of parsed lines repeats the whole order's total on its lines.

    Decided by the orders of several lines: nearly all of them must hold one amount. `told` is what
    the user says of it.
    """
    counted = (fact("intake.order_total", column=name),)
    if told == "order":
        return OrderTotal(True, odd=True, understood=counted)
    if told == "line" or _mostly_differs(sample, roles):
        return OrderTotal(False)
    several, constant, values, partial, single, repeated, odd_money = one_row(
        con,
        f"""SELECT count(*), count_if(same), count(DISTINCT round(high, 2)) FILTER (same),
            count_if(filled < n), count_if(filled = 1), round(sum(total - high), 2),
            round(sum(total - high) FILTER (NOT same), 2)
        FROM (SELECT count(*) AS n, count(amount) AS filled, max(amount) AS high,
                sum(amount) AS total, max(amount) - min(amount) < {_SAME} AS same
            FROM ({source}) WHERE order_id IS NOT NULL GROUP BY {_ORDER}
            HAVING min(line_hash) < max(line_hash) AND count(amount) > 0
                AND NOT coalesce(max(amount) < 0, false))""",
    )
    if not several or not constant:
        return OrderTotal(False)
    key = normalised(name)
    odd = several - constant
    nearly_all = odd <= (1 - _NEARLY_ALL) * several or (odd == 1 and several >= 10)
    if is_of_line(key) and not is_order_total(key):
        doubted = nearly_all and several >= _SOME_ORDERS and values >= _MANY_AMOUNTS
        return OrderTotal(False, doubts=_as_lines(name, constant, repeated) if doubted else ())
    if single >= _NEARLY_ALL * several and (is_order_total(key) or several >= 5):
        return OrderTotal(True, understood=counted)
    differ = (fact("intake.order_totals_differ", column=name, orders=odd, money=odd_money),)
    if is_order_total(key):
        if nearly_all:
            return OrderTotal(True, bool(odd), counted, differ if odd else ())
        if constant >= 0.8 * several and several >= 5 and values >= 3:
            return OrderTotal(True, True, counted, differ)
    elif nearly_all and not partial:
        if several >= _SOME_ORDERS and values >= _MANY_AMOUNTS:
            return OrderTotal(True, bool(odd), counted, differ if odd else ())
        if several >= _FEW_ORDERS and values >= max(2, min(_MANY_AMOUNTS, several // 2)):
            unsure = fact("intake.order_total_unsure", column=name, orders=constant, money=repeated)
            return OrderTotal(True, bool(odd), counted, (unsure,))
    if constant >= 0.5 * several and several >= _SOME_ORDERS and values >= _MANY_AMOUNTS:
        return OrderTotal(False, doubts=_as_lines(name, constant, repeated))
    return OrderTotal(False)


def _as_lines(name: str, orders: int, money: float) -> tuple[Fact, ...]:
    return (fact("intake.amounts_repeat", column=name, orders=orders, money=money),)


def _mostly_differs(rows: Sequence[Sequence[str | None]], roles: Mapping[str, int]) -> bool:
    """Whether the rows looked at show that lines have amounts of their own."""
    seen: dict[tuple[str | None, ...], list[float]] = defaultdict(list)
    for row in rows:
        number = rough_number(row[roles["amount"]])
        if number is None or nothing(row[roles["order"]]):
            continue
        day = (row[roles["date"]] or "")[:10]
        key = (row[roles["order"]], row[roles["customer"]], day, str(number < 0))
        seen[key].append(round(number, 2))
    several = [amounts for amounts in seen.values() if len(amounts) > 1]
    differ = sum(len(set(amounts)) > 1 for amounts in several)
    return len(several) >= 50 and differ > 0.5 * len(several)


def counted_once(source: str, value: str, *, odd: bool) -> tuple[str, str]:
    """SQL of the lines, and of a value that one line of each order has, and the others as 0.

    Which line has it is settled by content, not by the source's row order; of several files the
    newest one's. Where an order's totals are `odd`, that which most of its lines have counts;
    refunds that differ are each their line's own.
    """
    likelier, own = "", ""
    if odd:
        source = (
            f"SELECT *, count(*) OVER (PARTITION BY {_ORDER}, amount) AS votes, "
            f"min(amount) OVER w AS least, max(amount) OVER w AS most FROM ({source}) "
            f"WINDOW w AS (PARTITION BY {_ORDER})"
        )
        likelier, own = "votes DESC, amount DESC, ", f" OR (amount < 0 AND most - least >= {_SAME})"
    first = (
        f"row_number() OVER (PARTITION BY {_ORDER} ORDER BY amount IS NULL, {likelier}"
        "file_no DESC, product_id, quantity, line_hash, src) = 1"
    )
    return source, f"CASE WHEN order_id IS NULL OR {first}{own} THEN {value} ELSE 0 END"
