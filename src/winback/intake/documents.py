"""Tells invoices from credit notes by what a column calls the documents of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from winback.intake.headers import DOCUMENT_TYPES, normalised

# What can only be a document, and what else the column of a document's kind may hold.
_CREDIT_NOTE = re.compile(
    r"(sales|customer)?credit(note|memo|invoice)s?|(faktur[ay]|paragonu?)?korekta"
    r"(faktury|paragonu|sprzedazy|vat)?|(faktura)?korygujaca(vat)?|(rechnungs)?gutschrift|"
    r"rechnungskorrektur|korrekturrechnung|stornorechnung"
)
_INVOICE = re.compile(
    r"(sales|tax|vat|final)?invoice|(sales)?receipt|e?faktura(vat|sprzedazy|koncowa)?|"
    r"paragon(fiskalny)?|rachunek|(schluss)?rechnung|kassenbon|quittung"
)
_CREDIT_WORDS = re.compile(
    r"credit(s|(note|memo|invoice).*)?|(sales)?(refund|return)s?(note|invoice|receipt)?|storno.*|"
    r".*(korekt|koryguj|zwrot|gutschrift|korrektur).*|retoure?|ru?e?ckgabe|"
    r"kor|fk|fvk|kfv|kfs|fks|fvkor|fakor|zw|gs|rk|sc|cn|cm|crn?"
)
_INVOICE_WORDS = re.compile(
    r"sales?|order|sprzedaz|verkauf|fv|fvs|fs|fa|fvat|pa|par|re|rg|ar|inv|si"
)
MOST_KINDS = 50


def document_kind(cell: str, *, alone: bool = True) -> str | None:
    """Say whether a cell names an `invoice` or a `credit_note`.

    Not `alone`, but in a column of such kinds, short codes and words for a return do too.
    """
    word = normalised(cell)
    if _CREDIT_NOTE.fullmatch(word) or not (alone or _CREDIT_WORDS.fullmatch(word) is None):
        return "credit_note"
    if _INVOICE.fullmatch(word) or not (alone or _INVOICE_WORDS.fullmatch(word) is None):
        return "invoice"
    return None


def holds_documents(header: str, cells: Iterable[str | None]) -> bool:
    """Whether a column, by its normalised header or by all its cells, is of documents' kinds."""
    words = {cell for cell in cells if cell is not None}
    if not words or len(words) > MOST_KINDS:
        return False
    kinds = {word: document_kind(word, alone=False) for word in words}
    if header in DOCUMENT_TYPES:
        # "Credit" beside "debit" is a card.
        return "invoice" in kinds.values()
    # Codes are clear beside each other, but PA and SC are states of America too.
    clear = any(kind == "credit_note" and len(word) > 2 for word, kind in kinds.items())
    if clear and set(kinds.values()) == {"invoice", "credit_note"}:
        return True
    return all(map(document_kind, words))
