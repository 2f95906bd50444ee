"""Decides whether a price is of one piece or of a whole line, by what adds up."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median

from winback.intake.contents import Table
from winback.intake.findings import Findings
from winback.intake.headers import ALIASES, is_order_total, is_word_of
from winback.intake.numbers import rough_number
from winback.intake.told import Told
from winback.results.base import Fact, fact

EACH = ("unit", "each", "per", "jednostk", "einzel", "stueck", "stuck", "stk", "sztuk")
# Orders that tell one from the other: with fewer, nothing is settled by them.
_LEAST_ORDERS = 5
_LEAST_PAIRS = 8
_LEAST_LINES = 60
_MOST, _HALF = 0.8, 0.5
# What stands between the lines and a total in one column a kind.
_EXTRAS = (
    (("ship", "wysyl", "dostaw", "versand", "delivery", "postage", "freight", "livraison"), 1),
    (("tax", "vat", "podatek", "steuer", "mwst", "tva"), 1),
    (("discount", "rabat", "coupon", "voucher", "promo", "remise"), -1),
)
# Reports of Amazon hold the price of the whole line, whatever the column is called.
_AMAZON = ("amazonorderid", "orderitemid", "merchantorderid", "fulfillmentchannel")


@dataclass(frozen=True)
class _Sums:
    """What the lines of an order add up to, by piece and by line, and its total."""

    by_piece: float
    by_line: float
    total: float
    extras: tuple[float, ...]
    several: bool

    def makes(self, lines: float) -> bool:
        """Whether lines and some of the extras make the total."""
        off = self.total - lines
        some = [
            sum(chosen)
            for n in range(len(self.extras) + 1)
            for chosen in combinations(self.extras, n)
        ]
        return any(abs(off - extra) <= 0.011 + 1e-6 * abs(self.total) for extra in some)


def settle_price(table: Table, found: dict[str, int], told: Told, findings: Findings) -> None:
    """Make the money of the lines add up: piece times quantity, the line's own, or its order's.

    Changes which of price and amount is found. What is not sure goes to `findings` as a doubt.
    """
    given = set(told.columns)
    if "amount" in given or ("price" in found and "amount" in found and told.amount_is):
        found.pop("price", None)
    elif "price" in given:
        found.pop("amount", None)
    elif told.amount_is and "price" in found:
        found["amount"] = found.pop("price")
    if {"amount", "price"} & given or told.amount_is:
        return
    if "amount" in found and "price" in found:
        _settle_both(table, found, findings)
        return
    if "quantity" not in found:
        return
    role = "amount" if "amount" in found else "price"
    total = _total_column(table, found)
    if total is not None:
        sums = _sums(table, found, found[role], total)
        by_piece, by_line = _shares(sums)
        if role == "price" and by_line >= _MOST and by_piece < _HALF:
            _as_line(table, found, findings, fact("intake.line_by_total", total=table.names[total]))
            return
        if role == "amount" and by_piece >= _MOST and by_line < _HALF:
            found["price"] = found.pop("amount")
            findings.understood.append(
                fact(
                    "intake.piece_by_total",
                    column=table.names[found["price"]],
                    total=table.names[total],
                )
            )
            return
        if max(by_piece, by_line) >= _MOST:
            return
    if role == "price":
        _settle_alone(table, found, findings)


def _settle_both(table: Table, found: dict[str, int], findings: Findings) -> None:
    """Keep the amount where it is the line's, else whatever of the lines makes the order's."""
    amount, price = found["amount"], found["price"]
    if not _is_whole_order(table, found):
        del found["price"]
        return
    del found["amount"]
    if "order" not in found:
        return
    sums = _sums(table, found, price, amount)
    by_piece, by_line = _shares(sums)
    if by_line >= _MOST and by_piece < _HALF and "quantity" in found:
        _as_line(table, found, findings, fact("intake.line_by_total", total=table.names[amount]))
        return
    if by_piece >= _MOST or len(sums) < _LEAST_ORDERS:
        return
    # Shipping or a tax that no column names is a part of a total; twice the lines is not.
    off = [abs(one.total - one.by_piece) / max(abs(one.total), 0.01) for one in sums]
    if median(off) <= 0.25:
        return
    found["amount"] = amount
    del found["price"]
    findings.doubts.append(
        fact(
            "intake.lines_off_total",
            price=table.names[price],
            total=table.names[amount],
            money=round(sum(abs(one.total - one.by_piece) for one in sums), 2),
        )
    )


def _is_whole_order(table: Table, found: Mapping[str, int]) -> bool:
    """Whether the amount is its order's, not the line's, and no product of price and quantity."""
    amount, rows = found["amount"], table.rows
    filled = [
        sum(rough_number(row[i]) is not None for row in rows) for i in (amount, found["price"])
    ]
    repeated = "order" in found and _repeats(rows, found["order"], amount)
    whole = repeated or (is_order_total(table.keys[amount]) and filled[0] < filled[1])
    return whole and not ("quantity" in found and is_product(rows, amount, found["price"], found))


def is_product(
    rows: Sequence[Sequence[str | None]], amount: int, price: int, found: Mapping[str, int]
) -> bool:
    """Is the amount unit price times quantity on most lines?"""
    triples = [
        [rough_number(row[i]) for i in (amount, price, found["quantity"])] for row in rows[:500]
    ]
    known = [(a, p, q) for a, p, q in triples if None not in (a, p, q)]
    fits = sum(abs(a - p * q) <= 0.011 * max(1, abs(q)) for a, p, q in known)  # type: ignore[operator, arg-type]
    return bool(known) and fits > 0.8 * len(known)


def _repeats(rows: Sequence[Sequence[str | None]], order: int, amount: int) -> bool:
    """Does nearly every order of several lines hold one amount alone?"""
    lines: dict[str | None, list[float]] = defaultdict(list)
    for row in rows:
        if (number := rough_number(row[amount])) is not None:
            lines[row[order]].append(number)
    several = [values for values in lines.values() if len(values) > 1]
    same = sum(max(values) - min(values) < 0.011 for values in several)
    return bool(several) and same >= 0.9 * len(several)


def _total_column(table: Table, found: Mapping[str, int]) -> int | None:
    """A column that nobody reads and that holds the total of an order on its lines."""
    if "order" not in found:
        return None
    taken = set(found.values())
    named = [
        i
        for i, key in enumerate(table.keys)
        if i not in taken
        and (is_order_total(key) or key in ALIASES["amount"] or is_word_of("amount", key))
        and table.is_number(i)
        and _repeats(table.rows, found["order"], i)
    ]
    ranks = ALIASES["amount"]
    return (
        min(
            named,
            key=lambda i: (
                not is_order_total(table.keys[i]),
                ranks.get(table.keys[i], 999),
                table.keys[i],
            ),
        )
        if named
        else None
    )


def _sums(table: Table, found: Mapping[str, int], price: int, total: int) -> list[_Sums]:
    """What each order of the sample adds up to, where all its lines say so."""
    taken = {*found.values(), price, total}
    extras = [
        ([i for i, key in enumerate(table.keys) if i not in taken
          and any(word in key for word in words) and table.is_number(i)][:1], sign)
        for words, sign in _EXTRAS
    ]  # fmt: skip
    orders: dict[str | None, list[Sequence[str | None]]] = defaultdict(list)
    for row in table.rows:
        orders[row[found["order"]]].append(row)
    sums: list[_Sums] = []
    for lines in orders.values():
        prices = [rough_number(row[price]) for row in lines]
        pieces = [
            rough_number(row[found["quantity"]]) if "quantity" in found else 1 for row in lines
        ]
        totals = [n for row in lines if (n := rough_number(row[total])) is not None]
        if not totals or None in prices or None in pieces:
            continue
        known = [
            (p, q) for p, q in zip(prices, pieces, strict=True) if p is not None and q is not None
        ]
        beside: list[float] = []
        for columns, sign in extras:
            for i in columns:
                cells = [n for row in lines if (n := rough_number(row[i])) is not None]
                beside += (
                    sorted({sign * cell for cell in (max(cells), sum(cells))}) if cells else []
                )
        sums.append(
            _Sums(
                by_piece=sum(p * q for p, q in known),
                by_line=sum(p for p, _ in known),
                total=Counter(totals).most_common(1)[0][0],
                extras=tuple(one for one in beside if one),
                several=any(abs(q) != 1 for _, q in known),
            )
        )
    return sums


def _shares(sums: Sequence[_Sums]) -> tuple[float, float]:
    """The shares of orders whose total the pieces make, and the lines; of those that can tell."""
    telling = [one for one in sums if one.several and one.total]
    if len(telling) < _LEAST_ORDERS:
        alike = [one for one in sums if one.total]
        same = sum(one.makes(one.by_piece) for one in alike) / len(alike) if alike else 0.0
        return same, 0.0
    by_piece = sum(one.makes(one.by_piece) for one in telling) / len(telling)
    return by_piece, sum(one.makes(one.by_line) for one in telling) / len(telling)


def _settle_alone(table: Table, found: dict[str, int], findings: Findings) -> None:
    """A price and a quantity, and no total to hold them against: whose price is it?"""
    key = table.keys[found["price"]]
    each = any(word in key for word in EACH)
    of_products = _by_products(table, found) if "product" in found else None
    if of_products == "piece" or (key == "lineitemprice"):
        return
    if not each and key == "itemprice" and any(mark in table.keys for mark in _AMAZON):
        _as_line(table, found, findings, fact("intake.line_by_source"))
        return
    if of_products == "line" and not each:
        _as_line(table, found, findings, fact("intake.line_by_products"))
        return
    grows = of_products == "line" or _grows_with_quantity(table, found)
    if not grows:
        return
    name = table.names[found["price"]]
    money = round(
        sum(
            abs(p * (q - 1))
            for row in table.rows
            if (p := rough_number(row[found["price"]])) is not None
            and (q := rough_number(row[found["quantity"]])) is not None
        ),
        2,
    )
    if each:
        findings.doubts.append(fact("intake.piece_unsure", column=name, money=money))
        return
    found["amount"] = found.pop("price")
    findings.doubts.append(fact("intake.line_unsure", column=name, money=money))


def _as_line(table: Table, found: dict[str, int], findings: Findings, why: Fact) -> None:
    found["amount"] = found.pop("price")
    name = table.names[found["amount"]]
    findings.understood.append(fact("intake.price_of_line", column=name, why=why))


def _by_products(table: Table, found: Mapping[str, int]) -> str | None:
    """What stays the same where one product is bought in other numbers: `piece` or `line`."""
    seen: dict[str, set[tuple[float, float]]] = defaultdict(set)
    for row in table.rows:
        product = row[found["product"]]
        price, pieces = (rough_number(row[found[role]]) for role in ("price", "quantity"))
        if product and price and pieces and pieces > 0:
            seen[product].add((pieces, price))
    by_piece = by_line = 0
    for known in seen.values():
        for (q, p), (r, s) in pairwise(sorted(known)):
            if q != r:
                by_piece += abs(p - s) <= 0.001
                by_line += abs(p / q - s / r) <= 0.0051 * (1 / q + 1 / r) + 1e-9
    if by_piece + by_line < _LEAST_PAIRS:
        return None
    share = by_line / (by_piece + by_line)
    return "line" if share >= 0.9 else "piece" if share <= 0.1 else None


def _grows_with_quantity(table: Table, found: Mapping[str, int]) -> bool:
    """Whether prices grow as the number of pieces does, far beyond chance.

    The slope of a line through the logarithms (least squares): 0 for the price of a piece, 1 for
    that of a line.
    """
    points = [
        (math.log(q), math.log(p))
        for row in table.rows
        if (p := rough_number(row[found["price"]])) is not None
        and (q := rough_number(row[found["quantity"]])) is not None
        and p > 0 and q > 0
    ]  # fmt: skip
    if len(points) < _LEAST_LINES:
        return False
    x_mean, y_mean = (sum(one[k] for one in points) / len(points) for k in (0, 1))
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    if spread < 1:
        return False
    slope = sum((x - x_mean) * (y - y_mean) for x, y in points) / spread
    rest = sum((y - y_mean - slope * (x - x_mean)) ** 2 for x, y in points)
    error = math.sqrt(rest / (len(points) - 2) / spread)
    return slope >= 0.6 and slope - 3 * error > 0.3
