"""What a status makes of a line: a purchase as it stands, taken back, a refund, or none at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from winback.intake.cells import FALSE_WORDS, listed
from winback.intake.documents import document_kind, holds_documents
from winback.intake.headers import DOCUMENT_TYPES, normalised
from winback.intake.kinds import kind_class

# Stems, so that a language's forms of a word need not all be listed.
_CANCELLED = (
    "cancel", "anulowan", "anulacj", "anulat", "anulad", "annul", "storn", "sztorn", "wycofan",
    "rezygn", "odwolan", "zrusen", "lemond", "torolve", "geannul", "avbrut", "makuler", "avbestall",
    "abgesagt", "abgebrochen", "widerruf", "zuruckgetreten", "niezrealiz", "peruut", "notdone",
    "nezrealiz", "rucktritt", "desist", "resilie", "odstoup", "odstup", "elallas", "herroep",
    "renunt", "angrat",
)  # fmt: skip
_REVERSED = (
    "refund", "zwroc", "zwrot", "return", "erstatt", "closed", "chargeback", "rueckgabe",
    "ruckgabe", "reversed", "undeliver", "notdeliver", "nieodebr", "niedostarcz",
    "nichtzugestellt", "unavailable", "devuelt", "devoluc", "reembols", "rembours", "retourn",
    "rimbors", "restituit", "teruggestuurd", "terugbetaal", "geretour", "vracen", "vratk",
    "visszakuld", "visszater", "visszaru", "returnat", "ramburs", "aterbetal", "atersand",
    "tilbagebetal", "palautet", "rucksend", "retoure", "zuruckges", "odeslanozpet", "nonlivre",
    "noentregad", "nonconsegnat", "nedoruc", "nieprzyjet", "zuruckgenommen", "rendu",
)  # fmt: skip
_DELETED = (
    "usunie", "skasowan", "gelosch", "geloescht", "supprim", "eliminad", "eliminat", "borrad",
    "verwijderd", "smazan", "vymazan", "torolt", "deleted", "trash", "raderad", "slettet",
)  # fmt: skip
_UNPAID = (
    "unpaid", "pending", "fail", "draft", "void", "test", "expired", "declined", "nieoplacon",
    "nieudan", "oczekuje", "oczekiwanie", "unbezahlt", "offen", "fehlgeschlagen", "abandoned",
    "porzucon", "authorized", "authorised", "awaitingpayment", "incomplete", "rejected", "odrzucon",
    "bought", "filledin", "robocz", "entwurf", "onhold", "holded", "wstrzyman", "notpaid",
    "awaitingbankwire", "awaitingcheck", "waitingforpayment", "paymenterror",
    "niezaplac", "bladplatn", "nichtbezahlt",
    "brakwplat", "brakplatn", "brakzaplat", "czekanaplat", "czekanawplat", "czekanaprzelew",
    "czekanazaplat", "doplatnosci", "dozaplaty", "nieprzeszla", "zahlungausstehend",
    "ausstehend", "wartetaufzahlung", "wartenaufzahlung", "zahlungfehlt", "keinezahlung",
    "nichtgezahlt", "zahlungsfehler", "zahlungabgelehnt", "abgelehnt", "enattente", "attentepai",
    "attentedepai", "nonpaye", "impaye", "echec", "echoue", "erreurdepaiement", "refuse",
    "impagad", "nopagad", "pendiente", "rechazad", "fallid", "fallit", "inattesa", "nonpagat",
    "rifiutat", "nietbetaald", "onbetaald", "openstaand", "mislukt", "geweigerd", "inafwachting",
    "wachtopbetaling", "nezaplac", "neuhrazen", "cekanaplat", "cekanauhrad", "cakanaplat",
    "cakanauhrad", "neuspes", "zamitnut", "fizetesrevar", "fizetesfugg", "fuggoben", "sikertelen",
    "elutasit", "nincsfizet", "kifizetetlen", "neplatit", "inasteptare", "asteaptaplat", "esuat",
    "respins", "obetal", "vantarpabetal", "misslyck", "nekad", "ubetalt", "afventerbetal",
    "porzucony", "maksamat", "bezplatby", "neprijataplatba",
)  # fmt: skip
_KEPT = (
    "complete", "paid", "process", "ship", "deliver", "zrealizowan", "wyslan", "odebran", "oplacon",
    "zaplacon", "realizacj", "nowe", "new", "created", "approved", "invoiced", "succeeded", "sent",
    "purchase", "order", "sale", "bezahlt", "versandt", "geliefert", "abgeschlossen", "dostarczon",
    "fulfilled", "success", "settled", "captured", "confirmed", "pickedup", "ready", "sprzedaz",
    "przyjet", "potwierdzon", "gotow", "zakonczon", "zamkni", "neu", "verkauf", "bearbeitung",
    "accept", "acept", "accett", "aanvaard", "elfogad", "eingegangen", "godkan", "zaakcept",
    "dispatch", "finished", "spakowan", "pakowan",
    "wtrakcie", "przekazan", "kurier", "nadan", "wdrodze", "kompletow", "skompletow",
    "versendet", "verschickt", "versand", "zugestellt", "erledigt", "ausgeliefert", "bestatigt",
    "kommission", "verpackt", "livre", "expedi", "paye", "termine", "traite", "encours", "prepar",
    "confirme", "enviad", "entregad", "pagad", "completad", "procesand", "confirmad", "spedit",
    "consegnat", "pagat", "completat", "elaboraz", "evas", "confermat", "verzonden", "geleverd",
    "betaald", "afgerond", "verwerk", "behandel", "bevestigd", "odeslan", "doruc", "zaplacen",
    "uhrazen", "vyrizen", "dokoncen", "vybaven", "zpracov", "spracov", "odoslan", "prijat",
    "expedov", "kiszallit", "kezbesit", "fizetve", "teljesit", "feldolgoz", "elkuld",
    "livrat", "platit", "finalizat", "procesare", "expediat", "confirmat", "levererad", "skickad",
    "betald", "slutford", "behandlas", "betalt", "leveret", "sendt", "toimitet",
)  # fmt: skip
_OTHER_EVENTS = (
    "view", "cart", "session", "click", "search", "scroll", "visit", "checkout", "impression",
    "wishlist", "login", "signup", "firstopen", "engagement", "promotion", "paymentinfo",
    "shippinginfo", "proforma", "wycena", "angebot", "quotation", "kosztorys",
)  # fmt: skip
_WAITS = (
    "pending|awaiting|oczeki|oczekuj|czeka|wartet|warten|enattente|pendiente|inattesa|wacht|ceka|"
    "caka|varakoz|varhato|asteptare|vantar|afventer|offen|ausstehend"
)
_PARCEL = (
    "ship|fulfil|deliver|pickup|wysyl|dostaw|odbior|realizac|versand|liefer|abhol|expedi|livrais|"
    "envio|entrega|spedizi|consegn|verzend|lever|odeslan|doruc|odoslan|szallit|livrar|frakt"
)
# A payment that went wrong, in the languages whose shops' systems say so.
_FAILED = re.compile(
    "(error|erreur|fehler|chyba|hiba|eroare|blad).*(pay|pago|pagament|paiement|zahl|platb|platn|"
    "fizet|plat)|(payment|zahlungs?|betal(n?ing)?s?|fizetesi|platobn[ae]|platebni)(error|fehler|fout|"
    "hiba|chyba|fel)|betaalfout"
)
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
KEPT_OUT = ("left_out", "marked", "not_paid", "not_a_purchase")
# Among the values of a class: every cell that is filled.
ANY = "*"
# The states shops have before anybody names his own: by number.
_PRESTASHOP = {
    "not_paid": "1 6 8 10 12", "kept": "2 3 4 5 9 11", "reversed": "7",
}  # fmt: skip
_BIGCOMMERCE = {
    "not_paid": "0 1 6 7", "kept": "2 3 8 9 10 11 12", "reversed": "4 13", "partly": "14",
    "cancelled": "5",
}  # fmt: skip
_OPENCART = {
    "not_paid": "1 8 10 14 16", "kept": "2 3 5 15", "reversed": "11 12 13", "cancelled": "7",
}  # fmt: skip
_SECOND = re.compile(
    r"(financial|payment|pay|fulfil?lment|delivery|shipping|shipment|order|item|lineitem|line|"
    r"refund|return|platnosci|wysylki|zamowienia|zwrotu|zahlungs?|bezahl|versand|liefer|"
    r"bestell)(status|state)|(status|stan)(platnosci|wysylki|zamowienia|zwrotu|dostawy|realizacji)|"
    r"status|lineitemfulfillmentstatus"
)
_PAYING = re.compile("financ|pay|platn|zahl|bezahl")


def is_status(header: str) -> bool:
    """Whether a column, by its normalised header, is a status beside others."""
    return bool(_SECOND.fullmatch(header))


def bad_states(values: Iterable[str]) -> list[str]:
    """The values that speak against an order, where nearly all of several are states of orders."""
    judged = {value: _status_class(value.lower(), "status") for value in values}
    words = {normalised(value) for value in values}
    known = [value for value, word in judged.items() if word != "unknown"]
    if len(known) < 0.75 * len(judged) or "kept" not in judged.values():
        return []
    if any("returning" in word or any(map(str.isdigit, word)) for word in words):
        return []
    return sorted(value for value in known if judged[value] not in ("kept", "partly"))


def second_class(value: str, header: str) -> str:
    """What a value of a second status makes of a line: only what is taken back, or never paid.

    ``doubted`` where it may be paid on delivery.
    """
    found = _status_class(value, "status")
    if found == "cancelled":
        return "reversed"
    if found in ("reversed", "kept", "unknown"):
        return found
    if found == "not_paid" and _PAYING.search(header):
        word = normalised(value)
        failed = re.search("fail|void|declin|reject|expire|cancel|odrzuc|nieudan|fehl", word)
        return "not_paid" if failed else "doubted"
    return "kept"


def numbered_states(keys: Sequence[str], header: str) -> dict[str, str]:
    """The class of each number of a shop system's own states, where its table is recognised."""
    known = set(keys)
    states: Mapping[str, str] = {}
    if header == "currentstate" and "idorder" in known and len(
        known & {"idcustomer", "reference", "idcart", "idshop", "dateadd", "totalpaid",
                 "totalpaidtaxincl", "module", "payment", "valid", "idlang"}
    ) >= 2:  # fmt: skip
        states = _PRESTASHOP
    elif header == "statusid" and len(
        known & {"datecreated", "subtotalextax", "subtotalinctax", "totalinctax", "totalextax",
                 "itemstotal", "orderisdigital", "datemodified", "dateshipped", "isdeleted"}
    ) >= 2:  # fmt: skip
        states = _BIGCOMMERCE
    elif header == "orderstatusid" and len(
        known & {"dateadded", "storeid", "storename", "storeurl", "invoiceprefix", "invoiceno",
                 "customergroupid", "currencyvalue", "firstname", "total", "datemodified"}
    ) >= 3:  # fmt: skip
        states = _OPENCART
    return {
        form: word
        for word, numbers in states.items()
        for number in numbers.split()
        for form in (number, f"{number}.0")
    }


def classes_of(
    values: Sequence[str],
    header: str,
    told: Mapping[str, str] | None = None,
    known: Mapping[str, str] | None = None,
) -> dict[str, list[str]]:
    """The values of a status, in their order, by what they make of a line.

    Classes are `kept`, `partly`, `cancelled`, `reversed`, `refund_event`, `marked`, `not_paid`,
    `not_a_purchase` and `unknown`; `header` is normalised; `told` gives the class of values where
    the user says it, `known` where the shop's system does.
    """
    classes: dict[str, list[str]] = {}
    told, known = told or {}, known or {}
    documents = holds_documents(header, values)
    judge = _status_class
    if header.startswith("event") and not any(_status_class(v, header) == "kept" for v in values):
        # An event that never says purchase says payment, or sale.
        judge = _event_class
    for value in values:
        kind = document_kind(value, alone=not documents)
        word = {"credit_note": "refund_event", "invoice": "kept"}.get(kind or "")
        said = told.get(value) or known.get(value) or word or judge(value, header)
        if said == "unknown" and header in DOCUMENT_TYPES:
            said = kind_class(value)
        classes.setdefault(said, []).append(value)
    return classes


def _event_class(value: str, header: str) -> str:
    found = kind_class(value)
    return "not_a_purchase" if found == "unknown" else found


def holds(text: str, values: Sequence[str]) -> str:
    """SQL of whether a text is among the values of a class."""
    return f"{text} <> ''" if ANY in values else f"{text} IN {listed(values)}"


def state_sql(judges: Sequence[tuple[str, Mapping[str, Sequence[str]]]]) -> tuple[str, str]:
    """SQL of a line's state and of the reason to leave it out.

    Each judge is the SQL of a column's text in lower case, and its values by class; `not_valid`
    are those of a mark that an order is not paid, or no longer.
    """

    def among(name: str) -> str:
        tests = [holds(text, found) for text, by in judges if (found := by.get(name))]
        return " OR ".join(tests) or "false"

    state = (
        f"(CASE WHEN {among('refund_event')} THEN {REFUND_EVENT} "
        f"WHEN {among('reversed')} THEN {REVERSAL} "
        f"WHEN {among('partly')} THEN {PARTLY} ELSE {STANDS} END)"
    )
    # A cancelled order may still carry an unpaid status: never paid, never bought.
    cases = " ".join(f"WHEN {among(name)} THEN '{name}'" for name in KEPT_OUT)
    # What was paid back was paid, though its order no longer counts as valid.
    unless = f"WHEN ({among('not_valid')}) AND {state} = {STANDS} THEN 'not_paid'"
    return state, f"(CASE {cases} {unless} END)"


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
    if re.search(_WAITS, word) and re.search(_PARCEL, word):
        return "kept"
    if any(part in word for part in _UNPAID) or _FAILED.search(word):
        return "not_paid"
    if any(part in word for part in _DELETED):
        return "marked"
    if any(part in word for part in _REVERSED):
        return "reversed"
    if any(part in word for part in _CANCELLED):
        return "cancelled"
    if any(part in word for part in _KEPT) or word in ("payment", "charge", "done", "ok", "won"):
        return "kept"
    return "unknown"
