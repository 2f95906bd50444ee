"""Decides which column is the money of a line: its total, a price, or neither but a count."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from winback.errors import UsageError
from winback.intake.cells import nothing
from winback.intake.contents import Table
from winback.intake.findings import Findings
from winback.intake.headers import ALIASES, ORDER_TOTALS, is_word_of
from winback.intake.numbers import rough_number
from winback.results.base import fact

# Half of all lines of a shop hold fewer pieces than this; of money, in whole units, rarely.
_FEW = 5
_EACH = re.compile(r"unit|each|per|jednostk|einzel|stueck|stuck|stk")


def doubt_amount(table: Table, found: dict[str, int], given: set[str], findings: Findings) -> None:
    """An "amount" of small whole numbers beside a column of money may be a number of pieces.

    It is one where the other column names the price of a piece, or where it makes a price
    into a total. Otherwise nothing in the table tells a price from a line's total: ask.
    """
    if "amount" not in found or "quantity" in found or {"amount", "quantity"} & given:
        return
    amount, rows, names = found["amount"], table.rows, table.names
    counts = sorted(n for row in rows if (n := rough_number(row[amount])) is not None)
    if not counts or any(n % 1 for n in counts) or counts[len(counts) // 2] > _FEW:
        return
    taken = set(found.values()) - {found.get("price")}
    typical = counts[len(counts) // 2]

    def are_money(role: str) -> list[int]:
        return [
            i
            for i, key in enumerate(table.keys)
            if (key in ALIASES[role] or is_word_of(role, key))
            and i not in taken
            and table.is_number(i)
            and _typical(rows, i) > typical
        ]

    prices = are_money("price")
    totals = [i for i in are_money("amount") if i not in prices]
    if not prices and not totals:
        return
    for price, total in ((p, t) for p in prices for t in totals):
        if _is_product(rows, total, price, {"quantity": amount}):
            found |= {"quantity": amount, "amount": total}
            found.pop("price", None)
            findings.doubts.append(
                fact(
                    "intake.quantity_by_product",
                    column=names[amount],
                    price=names[price],
                    total=names[total],
                )
            )
            return
    each = [i for i in prices if _EACH.search(table.keys[i])]
    if "price" in given or (len(each) == 1 and not totals):
        price = found["price"] if "price" in given else each[0]
        del found["amount"]
        found |= {"quantity": amount, "price": price}
        findings.doubts.append(
            fact("intake.quantity_by_size", column=names[amount], price=names[price])
        )
        return
    other = [*totals, *prices][0]
    raise UsageError(
        "intake.amount_or_quantity", file=table.label, column=names[amount], other=names[other]
    )


def _typical(rows: Sequence[Sequence[str | None]], column: int) -> float:
    """The number in the middle of a column; nothing is below all."""
    numbers = sorted(n for row in rows if (n := rough_number(row[column])) is not None)
    return numbers[len(numbers) // 2] if numbers else float("-inf")


def find_discount(table: Table, found: dict[str, int], findings: Findings) -> None:
    """Find the discount of an order that Shopify writes on the order's first line.

    It counts unless lines less discount do not make the subtotal, as they should in Shopify.
    """
    keys = table.keys
    if "discountamount" not in keys:
        return
    discount = keys.index("discountamount")
    sums: dict[str | None, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    subtotal = keys.index("subtotal") if "subtotal" in keys else None
    for row in table.rows:
        of_order = sums[row[found["order"]]]
        of_order[0] += (rough_number(row[found["price"]]) or 0) * (
            rough_number(row[found["quantity"]]) or 0
        )
        of_order[1] += rough_number(row[discount]) or 0
        of_order[2] += (rough_number(row[subtotal]) or 0) if subtotal is not None else 0
    reduced = [of_order for of_order in sums.values() if of_order[1]]
    right = sum(abs(lines - less - total) < 0.011 for lines, less, total in reduced)
    name = table.names[discount]
    if right < 0.8 * len(reduced):
        findings.doubts.append(fact("intake.discount_unused", column=name))
        return
    found["discount"] = discount
    findings.understood.append(fact("intake.discount_used", column=name))


def choose_money(table: Table, found: dict[str, int], given: set[str]) -> None:
    """Keep one way to the line's amount: its own total, else unit price times quantity."""
    if "amount" not in found or "price" not in found:
        return
    if "amount" in given:
        del found["price"]
        return
    if "price" in given:
        del found["amount"]
        return
    amount, price = found["amount"], found["price"]
    rows = table.rows
    blank = sum(nothing(row[amount]) for row in rows) > sum(nothing(row[price]) for row in rows)
    repeated = "order" in found and _repeats_within_orders(rows, found["order"], amount)
    whole_order = repeated or (table.keys[amount] in ORDER_TOTALS and blank)
    if whole_order and not ("quantity" in found and _is_product(rows, amount, price, found)):
        del found["amount"]
    else:
        del found["price"]


def _is_product(
    rows: Sequence[Sequence[str | None]], amount: int, price: int, found: Mapping[str, int]
) -> bool:
    """Is the amount unit price times quantity on most lines?"""
    triples = [
        [rough_number(row[i]) for i in (amount, price, found["quantity"])] for row in rows[:500]
    ]
    known = [(a, p, q) for a, p, q in triples if None not in (a, p, q)]
    fits = sum(abs(a - p * q) <= 0.011 * max(1, abs(q)) for a, p, q in known)  # type: ignore[operator, arg-type]
    return bool(known) and fits > 0.8 * len(known)


def amounts_differ(
    rows: Sequence[Sequence[str | None]], order: int, date: int, amount: int
) -> bool:
    """Does any order hold two amounts at one instant? Then they are its lines', not its total."""
    seen: dict[tuple[str | None, str | None], str] = {}
    for row in rows:
        cell = row[amount]
        if cell is None or nothing(cell) or nothing(row[order]):
            continue
        if seen.setdefault((row[order], row[date]), cell) != cell:
            return True
    return False


def _repeats_within_orders(rows: Sequence[Sequence[str | None]], order: int, amount: int) -> bool:
    lines: dict[str | None, list[str | None]] = defaultdict(list)
    for row in rows:
        lines[row[order]].append(row[amount])
    several = [values for values in lines.values() if len(values) > 1]
    return bool(several) and all(len(set(values)) == 1 for values in several)
