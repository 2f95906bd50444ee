"""Finds what was paid back of an order: an amount, a new total, pieces sent back, a parent."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import duckdb

from winback.intake.cells import nothing, one_row
from winback.intake.contents import Table
from winback.intake.headers import ORDER_TOTALS
from winback.intake.numbers import rough_number
from winback.intake.statuses import REFUND_EVENT
from winback.results.base import Fact, fact

_BACK = (
    r"refund|zwrot|zwroc|erstatt|gutschrift|rembours|reembols|devol|devuel|rimbors|reso$|^resi|"
    r"terugbet|retour|vracen|vratk|dobropis|visszater|visszaru|ramburs|aterbet|return|credited|"
    r"chargeback"
)
_BACK_NAME = re.compile(_BACK)
_NO_AMOUNT = re.compile(
    r"qty|quant|ilosc|menge|anzahl|count|liczba|sztuk|pieces|units|date|data|datum|time|day|dni|"
    r"at$|id$|nr$|num|reason|powod|status|type|typ$|method|metod|fee|rate|percent|procent|share|"
    r"ratio|policy|tax|vat|mwst|podatek|ship|deliver|dostaw|versand|returning|user|by$|address|"
    r"points|punkt|flag|online|offline|note|label|is(?=return|refund)|days|window|parent|customer"
)
_PIECES_NAME = re.compile(r"qty|quant|ilosc|menge|anzahl|liczba|sztuk|pieces|units|cantidad")
_NO_PIECES = re.compile(r"date|at$|id$|reason|status|type|rate|percent|share|value|amount|days")
_NEW_TOTAL = re.compile(
    r"(adjusted|current|new|updated|revised|corrected|remaining|final)(order|sale|grand|sub)?"
    r"(total|amount|value|price)(price|amount)?|(adjusted|current)totalprice|"
    r"(order)?(total|amount|value)(after|lessthe|less|net of|netof)(the)?(refunds?|returns?|"
    r"adjustments?|corrections?)|net(order)?(total|amount)?afterrefunds?|"
    r"(wartosc|kwota|suma|razem)(zamowienia)?po(korekcie|korektach|zwrocie|zwrotach|zmianie)|"
    r"(skorygowana|aktualna|biezaca)(wartosc|kwota|suma)(zamowienia)?|"
    r"(korrigierte|angepasste|aktuelle|neue)r?(gesamt)?(betrag|summe|bestellwert)|"
    r"(gesamt)?(betrag|summe|bestellwert)nach(erstattung|retouren?|korrektur)|"
    r"totalajuste|totalactuel|totalcorrige|totalajustado|totalactual|totalerettificato"
)
_PARENT = re.compile(
    r"parent(order|sale|transaction|invoice|receipt|document)?(id|no|number|nr|ref|key)?|"
    r"(refunded|original|orig|related|source|initial|linked|reference|corrected|returned)"
    r"(order|sale|transaction|invoice|receipt|document|payment|charge)(id|no|number|nr|ref|key)?|"
    r"originalincrementid|parentpostid|postparent|refundof|returnof|refundfor|returnfor|"
    r"(nr|numer|id)?(zamowienia|dokumentu|paragonu|faktury)?(zrodlow\w+|pierwotn\w+|"
    r"korygowan\w+|nadrzedn\w+|oryginaln\w+)|(dokument|zamowienie|faktura|paragon)"
    r"(zrodlow\w+|pierwotn\w+|korygowan\w+|nadrzedn\w+|oryginaln\w+)|dotyczyzamowienia|"
    r"ursprungs?(bestellung|rechnung|beleg|auftrag)(snummer|snr|nummer|nr|id)?|"
    r"bezugs?(beleg|rechnung|auftrag)(nummer|snummer|nr|id)?|storniertebelegnummer|"
    r"commandeorigine|commandeparent|pedidooriginal|ordineoriginale"
)
_CENT = 0.011
# Numbers beside a line's own: of what was paid back, or by gift card; and those in doubt.
BESIDE = ("adjusted", "order_total", "pieces_back", "gift", "refund_unsure", "before_gift")
UNSURE = ("refund_unsure", "before_gift")


def is_refund_date(header: str) -> bool:
    """Whether a day is named like that of a refund, which may be of a part, by its header."""
    return bool(_BACK_NAME.search(header))


def find_refunds(table: Table, found: dict[str, int]) -> None:
    """Find what says how much was paid back, where no column is known to be that amount.

    Adds one of ``refunded``; ``adjusted`` and ``order_total``, whose difference it is;
    ``pieces_back``, to be multiplied by a price; or ``refund_unsure``, which is not read. Also
    ``parent``, the order that a refund is of.
    """
    _find_parent(table, found)
    if "refunded" in found or not {"order", "amount"} & set(found):
        return
    free = [i for i in range(len(table.keys)) if i not in found.values() and table.cells[i]]
    named = [
        i
        for i in free
        if _BACK_NAME.search(table.keys[i])
        and not _NEW_TOTAL.fullmatch(table.keys[i])
        and not _NO_AMOUNT.search(table.keys[i])
        and table.is_number(i)
        and _some(table, i)
        and not table.is_switch(i)
    ]
    if len(named) > 1:
        # One says it all, the others are its parts or its copies.
        whole = [i for i in named if "total" in table.keys[i] and "base" not in table.keys[i]]
        named = [max(named, key=lambda i: (_sum(table, i), -i))] if len(whole) != 1 else whole
    if named:
        fits = _is_part(table, found, named[0])
        found["refunded" if fits else "refund_unsure"] = named[0]
        return
    if _find_new_total(table, found, free):
        return
    pieces = [
        i
        for i in free
        if _BACK_NAME.search(table.keys[i])
        and _PIECES_NAME.search(table.keys[i])
        and not _NO_PIECES.search(table.keys[i])
        and table.is_number(i)
        and _some(table, i)
    ]
    if len(pieces) == 1:
        usable = "quantity" in found and _is_part(table, found, pieces[0], of="quantity")
        found["pieces_back" if usable else "refund_unsure"] = pieces[0]


def _find_parent(table: Table, found: dict[str, int]) -> None:
    if "order" not in found or "customer" not in found:
        return
    orders = {row[found["order"]] for row in table.rows}
    for i, key in enumerate(table.keys):
        if i in found.values() or not _PARENT.fullmatch(key):
            continue
        parents = {cell for cell in table.cells[i] if cell not in ("0", "0.0")}
        known = {cell for cell in parents if {cell, cell.removesuffix(".0")} & orders}
        if parents and len(known) >= 0.5 * len(parents):
            found["parent"] = i
            return


def _find_new_total(table: Table, found: dict[str, int], free: Sequence[int]) -> bool:
    """A total that differs from the order's where something was taken off it."""
    news = [i for i in free if _NEW_TOTAL.fullmatch(table.keys[i]) and table.is_number(i)]
    if len(news) != 1:
        return False
    totals = [
        i
        for i, key in enumerate(table.keys)
        if (key in ORDER_TOTALS or key == "totalprice") and i not in news and table.is_number(i)
    ]
    if "amount" in found and found["amount"] in totals:
        totals = [found["amount"]]
    pairs = [
        (new, old)
        for row in table.rows
        if totals
        and (new := rough_number(row[news[0]])) is not None
        and (old := rough_number(row[totals[0]])) is not None
    ]
    less = sum(new < old - _CENT for new, old in pairs)
    if not less:
        return False
    if len(totals) == 1 and sum(new <= old + _CENT for new, old in pairs) >= 0.98 * len(pairs):
        found |= {"adjusted": news[0], "order_total": totals[0]}
    else:
        found["refund_unsure"] = news[0]
    return True


def _some(table: Table, column: int) -> bool:
    return any((rough_number(cell) or 0) != 0 for cell in table.cells[column])


def _sum(table: Table, column: int) -> float:
    return sum(abs(rough_number(cell) or 0) for cell in table.cells[column])


def _is_part(table: Table, found: Mapping[str, int], column: int, of: str | None = None) -> bool:
    """Whether hardly any order has more taken back than it holds."""
    money = of or ("amount" if "amount" in found else "price")
    held: dict[str | None, float] = defaultdict(float)
    back: dict[str | None, float] = defaultdict(float)
    for place, row in enumerate(table.rows):
        order = row[found["order"]] if "order" in found else str(place)
        if order is None or nothing(order):
            continue
        value = rough_number(row[found[money]]) or 0
        if money == "price" and "quantity" in found:
            value *= rough_number(row[found["quantity"]]) or 0
        held[order] += abs(value)
        back[order] = max(back[order], abs(rough_number(row[column]) or 0))
    some = [order for order, value in back.items() if value]
    # Carriage may be paid back, too.
    within = sum(back[order] <= 1.25 * held[order] + _CENT for order in some)
    return within >= 0.9 * len(some)


def under_parents(source: str, state: str, money: str) -> str:
    """SQL of the lines with refunds put under the order, and the customer, that they are of.

    ``source`` has ``parent``, the id of that order; a line that is no refund keeps its own, and so
    does one whose parent is not there. Adds ``is_child``.
    """
    refund = f"({state} = {REFUND_EVENT} OR {money} < 0 OR quantity < 0)"
    return (
        f"WITH l AS (SELECT *, coalesce({refund} AND parent IS NOT NULL, false) AS back FROM "
        f"({source})), p AS (SELECT CAST(order_id AS VARCHAR) AS id, min(customer_id) AS who "
        "FROM l WHERE NOT back AND order_id IS NOT NULL GROUP BY id) "
        "SELECT l.* REPLACE (CASE WHEN p.id IS NULL THEN CAST(l.order_id AS VARCHAR) ELSE p.id "
        "END AS order_id, coalesce(p.who, l.customer_id) AS customer_id), "
        "p.id IS NOT NULL AS is_child FROM l LEFT JOIN p ON l.back AND l.parent = p.id"
    )


def doubts_of_refunds(
    con: duckdb.DuckDBPyConnection, reasoned: str, unsure: Mapping[str, str]
) -> list[Fact]:
    """Doubts about columns of refunds, or of what gift cards paid, that are not read.

    ``unsure`` has the header of each role; ``reasoned`` is SQL of the lines with the reason
    against them.
    """
    found = []
    for role, name in unsure.items():
        test = "amount = 0 AND before_gift > 0" if role == "before_gift" else f"{role} <> 0"
        # Orders of nothing are set aside nowhere: they are free.
        lines, money = one_row(
            con,
            f"SELECT count(*), sum(abs({role})) FROM ({reasoned}) WHERE reason IS NULL AND {test}",
        )
        if lines:
            code = "zero_totals" if role == "before_gift" else "refunds_unused"
            found.append(fact(f"intake.{code}", column=name, lines=int(lines), money=float(money)))
    return found
