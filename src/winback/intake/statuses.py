"""What a status makes of a line: a purchase as it stands, taken back, a refund, or none at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from winback.intake.cells import FALSE_WORDS, listed
from winback.intake.documents import document_kind, holds_documents
from winback.intake.headers import normalised

_REVERSED = (
    "cancel", "refund", "anulowan", "zwroc", "zwrot", "storn", "return", "erstattet", "closed",
    "chargeback", "wycofan", "rueckgabe", "ruckgabe", "reversed", "undeliver", "notdeliver",
    "nieodebr", "niedostarcz", "niezrealiz", "nichtzugestellt", "unavailable",
)  # fmt: skip
_UNPAID = (
    "unpaid", "pending", "fail", "draft", "void", "test", "expired", "declined", "nieoplacon",
    "nieudan", "oczekuje", "oczekiwanie", "unbezahlt", "offen", "fehlgeschlagen", "abandoned",
    "porzucon", "authorized", "authorised", "awaitingpayment", "incomplete", "rejected", "odrzucon",
    "bought", "filledin", "robocz", "entwurf", "onhold", "holded", "wstrzyman", "notpaid",
    "awaitingbankwire", "awaitingcheck", "paymenterror", "niezaplac", "bladplatn", "nichtbezahlt",
)  # fmt: skip
_KEPT = (
    "complete", "paid", "process", "ship", "deliver", "zrealizowan", "wyslan", "odebran", "oplacon",
    "zaplacon", "realizacj", "nowe", "new", "created", "approved", "invoiced", "succeeded", "sent",
    "purchase", "order", "sale", "bezahlt", "versandt", "geliefert", "abgeschlossen", "dostarczon",
    "fulfilled", "success", "settled", "captured", "confirmed", "pickedup", "ready", "sprzedaz",
    "przyjet", "potwierdzon", "gotow", "zakonczon", "neu", "verkauf", "bearbeitung",
)  # fmt: skip
_OTHER_EVENTS = (
    "view", "cart", "session", "click", "search", "scroll", "visit", "checkout", "impression",
    "wishlist", "login", "signup", "firstopen", "engagement", "promotion", "paymentinfo",
    "shippinginfo", "proforma", "wycena", "angebot", "quotation", "kosztorys",
)  # fmt: skip
# A line's state after its status: as it stands, sent back or cancelled, or a refund event.
STANDS, REVERSAL, REFUND_EVENT, PARTLY = 0, 1, 2, 3


# What the user's words for a state make of a line.
TOLD = {
    "bought": "kept",
    "unpaid": "not_paid",
    "cancelled": "reversed",
    "partly_refunded": "partly",
    "refund": "refund_event",
    "other": "not_a_purchase",
}
# Classes whose lines are set aside, for a reason of the same name.
KEPT_OUT = ("left_out", "not_paid", "not_a_purchase")


def classes_of(
    values: Sequence[str], header: str, told: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """The values of a status, in their order, by what they make of a line.

    Classes are `kept`, `partly`, `reversed`, `refund_event`, `not_paid`, `not_a_purchase` and
    `unknown`; `header` is normalised; `told` gives the class of values where the user says it.
    """
    classes: dict[str, list[str]] = {}
    told = told or {}
    documents = holds_documents(header, values)
    for value in values:
        kind = document_kind(value, alone=not documents)
        word = {"credit_note": "refund_event", "invoice": "kept"}.get(kind or "")
        said = told.get(value, word or _status_class(value, header))
        classes.setdefault(said, []).append(value)
    return classes


def state_sql(judges: Sequence[tuple[str, Mapping[str, Sequence[str]]]]) -> tuple[str, str]:
    """SQL of a line's state and of the reason to leave it out.

    Each judge is the SQL of a column's text in lower case, and its values by class.
    """

    def among(name: str) -> str:
        tests = [f"{text} IN {listed(found)}" for text, by in judges if (found := by.get(name))]
        return " OR ".join(tests) or "false"

    state = (
        f"(CASE WHEN {among('refund_event')} THEN {REFUND_EVENT} "
        f"WHEN {among('reversed')} THEN {REVERSAL} "
        f"WHEN {among('partly')} THEN {PARTLY} ELSE {STANDS} END)"
    )
    # A cancelled order may still carry an unpaid status: never paid, never bought.
    cases = " ".join(f"WHEN {among(name)} THEN '{name}'" for name in KEPT_OUT)
    return state, f"(CASE {cases} END)"


def _status_class(value: str, header: str) -> str:
    word = normalised(value).removeprefix("wc")
    event = header.startswith("event")
    if header == "valid":
        return "not_paid" if value in FALSE_WORDS else "kept"
    if event:
        if "refund" in word:
            return "refund_event"
        bought = word in ("purchase", "order", "sale", "buy", "transaction", "ecommercepurchase")
        return "kept" if bought else "not_a_purchase"
    if "partial" in word or "czesciow" in word or "teilweise" in word:
        return "partly"
    if any(part in word for part in _OTHER_EVENTS) and word != "checkoutcompleted":
        return "not_paid" if "checkout" in word else "not_a_purchase"
    if re.search("refund|zwrot|zwroc", word):
        return "kept" if re.search("fail|reject|declin|denied|odrzuc|odmow", word) else "reversed"
    # An order that waits for its parcel has been paid.
    if re.search("pending|awaiting|oczeki|oczekuj", word) and re.search(
        "ship|fulfil|deliver|pickup|wysyl|dostaw|odbior|realizac|versand", word
    ):
        return "kept"
    if any(part in word for part in _UNPAID):
        return "not_paid"
    if any(part in word for part in _REVERSED):
        return "reversed"
    if any(part in word for part in _KEPT):
        return "kept"
    return "unknown"
