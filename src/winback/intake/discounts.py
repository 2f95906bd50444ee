"""Finds the discount of a line that its price and quantity do not have, and how it is written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from winback.intake.cells import nothing, one_row
from winback.intake.contents import Table, mostly
from winback.intake.findings import Findings
from winback.intake.numbers import looks_like_number, rough_number
from winback.intake.told import Told
from winback.results.base import fact

_NAMES = re.compile(
    r"discount|rabat|remise|nachlass|sconto|descuento|desconto|upust|znizk|bonifik|rabais|"
    r"reduction|slev[ay]|korting|alennus|kedvezmeny"
)
# What else may stand in such a name, the word for a discount aside, speaks of something else.
_OTHER = re.compile(
    r"code|kod|type|typ|name|nazwa|reason|desc(r|$)|note|count|ilosc|flag|after|przed|po$|"
    r"cena|preis|price|before|ship|dostaw|versand|group|grup|^has|^is|^ed|valid|id$|^min|^max"
)
_PERCENT = re.compile(r"percent|pct|proc(ent)?|prozent|pourcent|prc$")
_PIECE = re.compile(r"unit|each|piece|jednostk|szt|stk|stueck|stuck|peritem|einzel")
_KEPT = re.compile(r"tax|vat|mwst|ship|dostaw|versand|fracht|freight|cost|koszt|fee")
# A rule holds where so many of the lines with a discount follow it, and there are enough of them.
_SHARE = 0.98
_LEAST = 5
# So many different percentages, and no more, do shops give.
_FEW = 12


_SAID = {
    "share": "discount_share",
    "percent": "discount_percent",
    "line": "discount_line",
    "below": "discount_below",
    "piece": "discount_piece",
    "order": "discount_order",
}


@dataclass(frozen=True)
class _Line:
    """A line's price, quantity, discount and order, and its row."""

    price: float
    quantity: float
    off: float
    order: str | None
    row: Sequence[str | None] = field(repr=False)

    def less(self, form: str) -> float:
        """What is paid for the line by one way of reading the discount."""
        gross, off = self.price * self.quantity, self.off
        match form:
            case "share":
                return gross * (1 - abs(off))
            case "percent":
                return gross * (1 - abs(off) / 100)
            case "piece":
                return gross - off * self.quantity
            case "below":
                return gross + off
            case "line":
                return gross - off
        return gross


def less_discount(value: str, form: str) -> str:
    """SQL of a line's value less its discount; ``form`` says how that is written."""
    off = "coalesce(discount, 0)"
    match form:
        case "share":
            return _in_cents(f"({value}) * (1 - abs({off}))")
        case "percent":
            return _in_cents(f"({value}) * (1 - abs({off}) / 100)")
        case "piece":
            return f"{value} - {off} * quantity"
        case "below":
            return f"{value} + {off}"
        case "order":
            # It stands on each line of its order, and counts once.
            first = "row_number() OVER (PARTITION BY order_id ORDER BY line_hash, file_no, src) = 1"
            return f"{value} - CASE WHEN order_id IS NULL OR {first} THEN {off} ELSE 0 END"
    return f"{value} - {off}"


def _in_cents(value: str) -> str:
    # A till writes what is paid in cents. DuckDB's round sends every half cent up, which adds up;
    # written out, a half goes as the number is held: as often down.
    return f"CAST(format('{{:.2f}}', {value}) AS DOUBLE)"


def discount_at_stake(
    con: duckdb.DuckDBPyConnection, relation: str, parsed: Mapping[str, str], value: str, form: str
) -> tuple[float, int]:
    """How much money a discount makes, and on how many lines.

    ``parsed`` has the SQL of the numbers over a relation, ``value`` that of a line's money by
    their names.
    """
    # Of a whole order's, which each of its lines repeats, each counts here.
    paid = less_discount(value, "line" if form == "order" else form)
    numbers = ", ".join(
        f"({parsed[role]}) AS {role}" for role in ("amount", "price", "quantity", "discount")
    )
    off, lines = one_row(
        con,
        f"SELECT round(sum({value} - ({paid})), 2), count(*) FROM "
        f"(SELECT {numbers} FROM {relation}) WHERE discount <> 0",
    )
    return float(off), int(lines)


def find_line_discount(
    table: Table, found: dict[str, int], before: Mapping[str, int], told: Told, findings: Findings
) -> None:
    """Take the column by which price times quantity is more than what was paid.

    ``before`` are the columns found before one of price and amount was given up. How the discount
    is written goes to ``settled`` of ``findings``: a ``share``, a ``percent``, an amount of the
    ``line``, ``below`` zero, of each ``piece`` or of the whole ``order``. A total in the table
    verifies it; where none does, the likelier reading is taken and told as a doubt. Told ``none``
    it takes no column.
    """
    given = "discount" in told.columns
    if given and "discount" not in found:
        return
    price, quantity = found.get("price", before.get("price")), before.get("quantity")
    columns = [found["discount"]] if given else _columns(table, before)
    if not columns:
        return
    if price is not None and price == found.get("amount"):
        # Called a price, it is that of the whole line.
        quantity = None
    elif price is None or "amount" in found:
        if price is not None and quantity is not None:
            money = (price, quantity, found["amount"])
            _beside_total(table, found, money, columns, given, findings)
        elif given:
            findings.settled["discount"] = _form(table, columns[0], [])
        return
    tried = []
    for column in columns:
        lines = list(_lines(table, price, quantity, column, found.get("order")))
        reduced = [line for line in lines if line.off]
        if len(reduced) < _LEAST and not given:
            continue
        form = _form(table, column, lines)
        verified = _verified(table, lines, {*before.values(), *columns}, form)
        tried.append((verified is None, table.keys[column], column, verified or form, lines))
    if not tried:
        return
    unsure, _, column, form, lines = min(tried, key=lambda one: one[:2])
    if unsure and not given and _is_price_reduced(lines, form, before.get("product")):
        findings.understood.append(fact("intake.discount_in_price", column=table.names[column]))
        return
    found["discount"] = column
    findings.settled["discount"] = form
    findings.understood.append(fact(f"intake.{_SAID[form]}", column=table.names[column]))
    if unsure and not given and not _is_list_price(lines, before.get("product")):
        findings.settled["discount_unsure"] = form


def _columns(table: Table, before: Mapping[str, int]) -> list[int]:
    """The columns that are called a discount and hold numbers, not all of them zero."""
    return [
        i
        for i, key in enumerate(table.keys)
        if _NAMES.search(key)
        and not _OTHER.search(_NAMES.sub("", key))
        and i not in before.values()
        and mostly(table.cells[i], lambda cell: looks_like_number(cell.replace("%", "")))
        and any(rough_number(cell) for cell in table.cells[i])
    ]


def _lines(
    table: Table, price: int, quantity: int | None, column: int, order: int | None
) -> Iterator[_Line]:
    for row in table.rows:
        each = rough_number(row[price])
        pieces = 1.0 if quantity is None else rough_number(row[quantity])
        if each is not None and pieces is not None:
            off = rough_number(row[column]) or 0.0
            yield _Line(each, pieces, off, None if order is None else row[order], row)


def _form(table: Table, column: int, lines: Sequence[_Line]) -> str:
    """The likeliest way in which a column writes the discount."""
    cells, key = table.cells[column], table.keys[column]
    offs = [off for cell in cells if (off := rough_number(cell))]
    if mostly(cells, lambda cell: "%" in cell):
        return "percent"
    if offs and max(map(abs, offs)) <= 1 and any(off % 1 for off in offs):
        return "share"
    if _PERCENT.search(key):
        return "percent"
    reduced = [line for line in lines if line.off]
    whole = all(off % 1 == 0 and abs(off) <= 100 for off in offs)
    if whole and len(set(offs)) <= _FEW and "amount" not in key and reduced:
        rounded = sum(off % 5 == 0 for off in offs) >= 0.8 * len(offs)
        beyond = sum(abs(line.off) > abs(line.price * line.quantity) for line in reduced)
        # An amount is never more than the line, and seldom as round as a percentage.
        if beyond > (1 - _SHARE) * len(reduced) or (rounded and len(reduced) > 2 * len(set(offs))):
            return "percent"
    if _is_of_order(reduced, lines):
        return "order"
    if _PIECE.search(key) or (reduced and _is_round_by_piece(reduced)):
        return "piece"
    minus = sum(line.off < 0 < line.quantity for line in reduced)
    return "below" if minus > 0.5 * len(reduced) > 0 else "line"


def _is_of_order(reduced: Sequence[_Line], lines: Sequence[_Line]) -> bool:
    """Whether each line of an order repeats one amount, which is the whole order's."""
    by_order: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        if line.order and not nothing(line.order):
            by_order[line.order].append(line.off)
    several = [offs for offs in by_order.values() if len(offs) > 1 and any(offs)]
    same = sum(len(set(offs)) == 1 for offs in several)
    return len(several) >= _LEAST and same >= _SHARE * len(several) and bool(reduced)


def _is_round_by_piece(reduced: Sequence[_Line]) -> bool:
    """Whether discounts are round shares of a piece's price, and not of the line's."""
    some = [line for line in reduced if line.quantity > 1 and line.price > 5]
    if len(some) < _LEAST:
        return False

    def is_round(share: float, price: float) -> bool:
        return abs(share * 20 - round(share * 20)) * price / 20 < 0.011

    pieces = sum(is_round(line.off / line.price, line.price) for line in some)
    whole = sum(
        is_round(line.off / line.price / line.quantity, line.price * line.quantity) for line in some
    )
    return pieces >= 0.9 * len(some) and whole < 0.7 * len(some)


def _verified(table: Table, lines: Sequence[_Line], taken: set[int], likely: str) -> str | None:
    """The way of reading a discount that gives a total of the table, if one does."""
    reduced = [line for line in lines if line.off]
    if len(reduced) < _LEAST:
        return None
    forms = dict.fromkeys((likely, "line", "share", "percent", "piece", "below", "order"))
    for i, key in enumerate(table.keys):
        if i in taken or _KEPT.search(key) or not table.is_number(i):
            continue
        for form in forms:
            if form != "order" and _gives_lines(reduced, form, i):
                return form
            if _gives_orders(lines, form, i):
                return form
    return None


def _gives_lines(reduced: Sequence[_Line], form: str, column: int) -> bool:
    totals = [rough_number(line.row[column]) for line in reduced]
    near = sum(
        total is not None and abs(total - line.less(form)) <= 0.011 * max(1.0, abs(line.quantity))
        for total, line in zip(totals, reduced, strict=True)
    )
    return near >= _SHARE * len(reduced)


def _gives_orders(lines: Sequence[_Line], form: str, column: int) -> bool:
    """Whether the lines of an order, less their discounts, add up to a column's one value."""
    by_order: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        if line.order and not nothing(line.order):
            by_order[line.order].append(line)
    reduced = [own for own in by_order.values() if any(line.off for line in own)]
    right = 0
    for own in reduced:
        totals = {total for line in own if (total := rough_number(line.row[column])) is not None}
        paid = sum(line.less(form) for line in own)
        if form == "order":
            paid -= own[0].off
        right += len(totals) == 1 and abs(totals.pop() - paid) <= 0.011 * len(own) + 1e-9
    return len(reduced) >= _LEAST and right >= _SHARE * len(reduced)


def _beside_total(
    table: Table, found: dict[str, int], money: tuple[int, int, int], columns: Sequence[int],
    given: bool, findings: Findings,
) -> None:  # fmt: skip
    """Tell of a discount that the lines' totals do not have, or take it where that was told."""
    price, quantity, amount = money
    for column in columns:
        lines = list(_lines(table, price, quantity, column, found.get("order")))
        reduced = [line for line in lines if line.off]
        form = _form(table, column, lines)
        name = table.names[column]
        gross = len(reduced) >= _LEAST and _gives_lines(reduced, "", amount)
        if given:
            if reduced and not gross and _verified_by(reduced, form, amount):
                del found["discount"]
                findings.understood.append(fact("intake.discount_in_total", column=name))
            else:
                findings.settled["discount"] = form
                findings.understood.append(fact(f"intake.{_SAID[form]}", column=name))
        elif gross:
            off = sum(line.price * line.quantity - line.less(form) for line in reduced)
            if form == "order":
                off = sum({line.order: line.off for line in reduced}.values())
            findings.doubts.append(
                fact(
                    "intake.discount_left", column=name, total=table.names[amount],
                    lines=len(reduced), money=round(off, 2),
                )
            )  # fmt: skip
            return


def _verified_by(reduced: Sequence[_Line], likely: str, amount: int) -> bool:
    forms = dict.fromkeys((likely, "line", "share", "percent", "piece", "below"))
    return any(_gives_lines(reduced, form, amount) for form in forms)


def _by_product(lines: Sequence[_Line], product: int | None) -> list[list[_Line]]:
    """The lines of each product that comes at more than one discount."""
    if product is None:
        return []
    found: dict[str | None, list[_Line]] = defaultdict(list)
    for line in lines:
        found[line.row[product]].append(line)
    return [some for some in found.values() if len({line.off for line in some}) > 1]


def _is_list_price(lines: Sequence[_Line], product: int | None) -> bool:
    """Whether prices stay as they are while discounts change: then these come off them."""
    several = _by_product(lines, product)
    same = sum(len({line.price for line in some}) == 1 for some in several)
    return len(several) >= _LEAST and same >= 0.8 * len(several)


def _is_price_reduced(lines: Sequence[_Line], form: str, product: int | None) -> bool:
    """Whether prices fall as discounts rise: then they are what was paid."""
    if form not in ("share", "percent"):
        return False
    several = _by_product(lines, product)
    part = 1.0 if form == "share" else 100.0

    def listed(line: _Line) -> float:
        return line.price / max(1 - abs(line.off) / part, 1e-9)

    steady = [
        some
        for some in several
        if max(map(listed, some)) - min(map(listed, some)) <= 0.02 + 0.005 * listed(some[0])
        and len({line.price for line in some}) > 1
    ]
    return len(several) >= _LEAST and len(steady) >= 0.8 * len(several)
