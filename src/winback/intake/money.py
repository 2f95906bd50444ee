"""Decides which column is the money of a line: its total, a price, or neither but a count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from winback.errors import UsageError
from winback.intake.contents import Table
from winback.intake.findings import Findings
from winback.intake.headers import ALIASES, is_word_of
from winback.intake.numbers import rough_number
from winback.intake.prices import EACH, is_product
from winback.results.base import fact

# Half of all lines of a shop hold fewer pieces than this; of money, in whole units, rarely.
_FEW = 5


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
        if is_product(rows, total, price, {"quantity": amount}):
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
    each = [i for i in prices if any(word in table.keys[i] for word in EACH)]
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
