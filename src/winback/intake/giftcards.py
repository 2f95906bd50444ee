"""Finds what was paid by gift card, where an order's total is what was left to pay."""

from __future__ import annotations

import re
from collections.abc import Sequence

from winback.intake.contents import Table
from winback.intake.headers import ORDER_TOTALS
from winback.intake.numbers import rough_number

_CARD = re.compile(
    r"gift(card|certificate|voucher)|storecredit|kart[ay](podarunkow|prezentow)|"
    r"bonpodarunkow|geschenk(karte|gutschein)|cartecadeau|chequecadeau|cadeaubon|cadeaukaart|"
    r"tarjeta(de)?regalo|cart[ae]regalo|buonoregalo|darkov|ajandekkartya|cardcadou|presentkort"
)
_NO_AMOUNT = re.compile(
    r"id$|code|kod|number|num|nr$|count|date|status|used$|is(?=gift)|message|balance"
)
_BEFORE = frozenset((
    "subtotal", "subtotalprice", "wartoscproduktow", "zwischensumme", "soustotal", "subtotale",
    "productstotal", "itemstotal", "sumaproduktow", "ordersubtotal",
))  # fmt: skip
_DISCOUNT = re.compile(r"discount|rabat|coupon|kupon|remise|descuento|sconto|korting|sleva")
_CENT = 0.011


def find_gift_cards(table: Table, found: dict[str, int], given: set[str]) -> None:
    """Find the amount paid by gift card, to be added to what was left to pay.

    It is where total and card make up the subtotal, less its discount, wherever a card was used;
    adds ``gift``. Where orders of nothing have a subtotal that neither a card nor a discount
    explains, adds that as ``before_gift``, of which the reader is told.
    """
    if "amount" not in found or "amount" in given:
        return
    amount, keys = found["amount"], table.keys
    if keys[amount] not in (*ORDER_TOTALS, "amount", "totalprice"):
        return
    free = [i for i in range(len(keys)) if i not in found.values() and table.is_number(i)]
    cards = [i for i in free if _CARD.search(keys[i]) and not _NO_AMOUNT.search(keys[i])]
    before = [i for i in free if keys[i] in _BEFORE]
    discounts = [i for i in free if _DISCOUNT.search(keys[i])]

    def number(row: Sequence[str | None], column: int) -> float:
        return rough_number(row[column]) or 0

    if cards and not before:
        paid = [row for row in table.rows if number(row, cards[0])]
        # Nothing left to pay: the total is what the card did not cover.
        if any(abs(number(row, amount)) < _CENT for row in paid):
            found["gift"] = cards[0]
        return
    if not before:
        return
    subtotal = before[0]

    def missing(row: Sequence[str | None]) -> float:
        """What the total lacks of the subtotal less discount."""
        less = max([abs(number(row, i)) for i in discounts], default=0.0)
        return number(row, subtotal) - less - number(row, amount)

    if cards:
        used = [row for row in table.rows if number(row, cards[0])]
        made = sum(_CENT < missing(row) <= abs(number(row, cards[0])) + _CENT for row in used)
        if used and made >= 0.98 * len(used):
            found["gift"] = cards[0]
        return
    zero = [
        row
        for row in table.rows
        if row[amount] is not None and abs(number(row, amount)) < _CENT and missing(row) > _CENT
    ]
    if len(zero) > 0.01 * len(table.rows):
        found["before_gift"] = subtotal
