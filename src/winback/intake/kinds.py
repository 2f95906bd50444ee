"""What the words of shops say of a line's kind: order, draft, return; and of marks such as void."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from winback.intake.headers import normalised

YES = frozenset((
    "true", "yes", "y", "t", "1", "1.0", "x", "tak", "ja", "prawda", "wahr", "oui", "vrai", "si",
    "sí", "verdadero", "vero", "ano", "áno", "igen", "igaz", "da", "sim", "j", "on", "✓", "✔",
))  # fmt: skip
NO = frozenset((
    "", "false", "no", "n", "f", "0", "0.0", "nie", "nein", "fałsz", "falsch", "non", "faux",
    "falso", "ne", "nem", "hamis", "nu", "não", "nej", "nee", "off",
))  # fmt: skip
# So few different values may be clear without a name.
_MOST_CLEAR = 6
# Whole names of columns, without what is said of every mark.
_AROUND = re.compile(
    r"^(is|was|has|flag|czy|ist|est|e)(?=.{4})|"
    r"(flag|flg|ind|indicator|yn|bool|mark|marker|orders?|sales?|transaction|txn|line|record|row|"
    r"payment|zamowienie|zamowienia|pozycja|bestellung|commande|pedido|ordine)$"
)
_MARKS: tuple[tuple[str, str], ...] = (
    ("void", r"void(ed)?|uniewazn\w*|nullified|invalidated|ungultig|invalid"),
    ("void", r"test|testmode|testow[aey]|sandbox|dummy|probn[aey]|testbestellung"),
    ("live", r"live|livemode|productive|production"),
    ("void", r"deleted|trashed|usuniet[aey]|skasowan[aey]|gelosch\w*|geloescht|supprimee?|"
             r"eliminad[ao]|eliminat[ao]|borrad[ao]|verwijderd|smazan[aoy]|vymazan[aey]|torolt|"
             r"raderad|slettet|sters"),
    ("cancelled", r"cancell?ed|cancell?ation|cancel|anulowan[aeoy]|anulacja|storno|storniert|"
                  r"annull?ee?|annullat[ao]|anulad[ao]|cancelad[ao]|geannuleerd|zrusen[aoy]|"
                  r"lemondva|anulat|makulerad|avbruten"),
    ("return", r"return|zwrot|retoure?|ru?e?ckgabe|refund|credit|creditnote|creditmemo|gutschrift|"
               r"korekta|devolucion|retour|reso|rimborso|remboursement|avoir|vratka|dobropis|"
               r"visszaru|retur|reembolso|abono|chargeback"),
    ("returned", r"returned|refunded|zwrocon[aey]|retourniert|erstattet|retournee?|remboursee?|"
                 r"devuelt[ao]|reembolsad[ao]|rimborsat[ao]|restituit[ao]|geretourneerd|"
                 r"terugbetaald|vracen[aoy]|visszakuldve|returnat|rambursat|returnerad|"
                 r"aterbetald|reversed"),
    ("valid", r"valid|wazn[aey]|gultig|captured"),
    ("paid", r"paid|oplacon[aey]|zaplacon[aey]|bezahlt|payee?|pagad[ao]|pagat[ao]|betaald|"
             r"zaplacen[aoy]|uhrazen[aoy]|fizetve|platit|betald"),
)  # fmt: skip
_MARK_PATTERNS = tuple((mark, re.compile(words)) for mark, words in _MARKS)
# A day on which an order was made void.
_DATED = re.compile(r"(void(ed)?|deleted|trashed|usunieci[ae]|usunieto)(at|on|date|time)|"
                    r"datausuniecia|loschdatum|geloschtam|datesuppression")  # fmt: skip
# A name that holds one of these speaks of what its lines are, though not clearly.
_HINT = re.compile(
    r"void|cancel|storn|anulow|anulac|annul|refund|return|zwrot|zwroc|retour|erstatt|delet|"
    r"usunie|fraud|chargeback|reject|declin|draft|ignore|exclude|dummy|confirmed|potwierdz|"
    r"bestatigt"
)
_NO_HINT = re.compile(
    r"returning|policy|polic|polit|method|metod|deliver|reason$|powod|grund|date|data|datum|time|"
    r"until|deadline|period|window|days|dni|tage|fee|cost|koszt|address|adres|label|warehouse|"
    r"shipping|tracking|url|link|note|comment|komentarz|rate|able$|by$|window"
)
_KIND = re.compile(
    r"(record|row|line|item|order|sales?|transaction|trans|tx|txn|entry|event|activity|operation|"
    r"movement|booking|object|ticket|post|shop|doc|document)?(type|kind)|"
    r"(rodzaj|typ)(zamowienia|transakcji|operacji|wpisu|rekordu|zdarzenia|pozycji|dokumentu)?|"
    r"operacja|operation|action|akcja|zdarzenie|vorgang(sart|styp)?|buchungs(art|typ)|art|"
    r"transaktions(art|typ)|bestell(art|typ)|bewegungsart|satzart|tipo(operacion|transaccion|"
    r"documento|pedido|ordine|operazione|movimiento|movimento|deoperacion|dedocumento)?|"
    r"type(commande|operation|transaction|piece|mouvement|decommande|doperation|depiece)|nature|"
    r"druh(dokladu|objednavky)?|typ(objednavky|dokladu)|tipus|tip(comanda|document|tranzactie)?|"
    r"soort|ordertyp|transaktionstyp|event(name|type)?|beleg(art|typ)|dokument(en)?(art|typ)|"
    r"rechnungs(art|typ)|typ(faktury|dok)|rodzaj(dok|faktury)|voucher(type)?"
)
_SIDE = re.compile(
    r"sollhaben(kz|kennzeichen)?|sh(kz|kennzeichen)?|dc|drcr|crdr|(debit|debet)(credit|kredit)|"
    r"creditdebit|debcred|(dc|cd|debitcredit|creditdebit)(ind|indicator|flag|mark)?|cdtdbtind|"
    r"(transaction)?direction|inout|sign|znak|plusminus|wnma|winienma|strona(konta)?|"
    r"kierunek|vorzeichen|flow|debehaber|debecredito|debitocredito|darehavere|dareavere|"
    r"buchungsseite|richtung|sens|creditordebit|debitorcredit"
)
# The two sides of an account, or of goods and money: either may be that of sales.
_SIDES = tuple(
    frozenset(pair.split())
    for pair in (
        "s h", "soll haben", "d c", "debit credit", "debet kredit", "debet credit", "dr cr",
        "in out", "wn ma", "winien ma", "w m", "+ -", "plus minus", "1 -1", "1.0 -1.0",
        "inflow outflow", "incoming outgoing", "wplyw wyplyw", "wplata wyplata",
        "przychod rozchod", "uznanie obciazenie", "debe haber", "cargo abono", "dare avere",
        "entree sortie", "debito credito", "eingang ausgang", "income expense", "we wy",
        "bij af", "prijem vydej", "positive negative", "sale return", "p n",
    )
)  # fmt: skip
_REFUNDS = re.compile(
    r"refund|return(?!ing)|retoure?|ru?e?ckgabe|zwrot|korekt|credit(note|memo)|chargeback|"
    r"gutschrift|erstattung|rembours|avoir$|devoluc|reembols|rimbors|^reso$|notadicredito|"
    r"notacredito|notadecredito|terugbet|retour|vratk|vraceni|dobropis|visszater|visszaru|ramburs|"
    r"^retur|aterbetal|reversal|^storno"
)
_NO_REFUNDS = re.compile(r"fail|reject|declin|denied|odrzuc|odmow|request|revers.*refund|returned$")
_NO_PURCHASES = re.compile(
    r"draft|quot(e|ation)s?$|estimate|subscription|proforma|^cart|basket|abandon|payout|withdraw|"
    r"transfer|conversion|(^|service|stripe|processing|transaction)fees?$|adjustment|topup|^hold|"
    r"reserve|wishlist|template|inquiry|enquiry|szkic|robocz|wycen|^ofert|angebot|entwurf|"
    r"kostenvoranschlag|^devis|brouillon|presupuesto|borrador|preventiv|bozza|offerte|concept|"
    r"nabidk|ponuk|arajanlat|abonament|abonnement|suscripcion|abbonament|auszahlung|przelew|"
    r"prowizj|wyplat|zapytani|lead$|view|session|click|^abos?$|predplatn|"
    r"elofizet|prenumerat"
)
_SUBSCRIPTIONS = re.compile(
    r"subscription|abonament|abonnement|suscripcion|abbonament|predplatn|elofizet|prenumerat"
)
_PURCHASES = re.compile(
    r"order|sales?$|^sale|purchase|payment|charge|invoice|receipt|bought|sprzedaz|zamowien|zakup|"
    r"platnosc|wplata|verkauf|bestellung|kauf|zahlung|rechnung|vente|commande|achat|paiement|auftrag|"
    r"facture|venta|pedido|compra|^pago|factura|vendita|ordin|acquist|pagament|fattur|verkoop|"
    r"bestelling|aankoop|betaling|factuur|prodej|predaj|objednavk|platb|faktur|eladas|rendeles|"
    r"vasarlas|fizetes|szamla|vanzare|comand|^plata|forsaljning|^kop|bestallning|betalning|paragon"
)


def mark_of(header: str) -> str | None:
    """What a column named like a mark says of its lines, by its normalised header.

    ``void`` (also a test, or deleted), ``cancelled``, ``return``, ``returned``, or, where it is
    no that speaks against a line, ``live``, ``valid`` and ``paid``; ``hint`` where the
    name is not clear.
    """
    if _DATED.fullmatch(header):
        return "void"
    core = header
    for _ in range(3):
        for mark, words in _MARK_PATTERNS:
            if words.fullmatch(core):
                return mark
        core = _AROUND.sub("", core, count=1)
    return "hint" if _HINT.search(header) and not _NO_HINT.search(header) else None


def is_kind(header: str) -> bool:
    """Whether a column is named like the kind of its lines."""
    return bool(_KIND.fullmatch(header))


def is_side(header: str) -> bool:
    """Whether a column is named like the side of an account, or a direction."""
    return bool(_SIDE.fullmatch(header))


def are_sides(values: Collection[str]) -> bool:
    """Whether two values are opposite sides."""
    plain = {normalised(value) or value for value in values}
    return len(plain) == 2 and (plain in _SIDES or set(values) in _SIDES)


def kind_class(value: str) -> str:
    """What a kind of line makes of it: a class of a status, or ``unknown``."""
    word = normalised(value)
    if _REFUNDS.search(word):
        return "kept" if _NO_REFUNDS.search(word) else "refund_event"
    if _NO_PURCHASES.search(word):
        return "not_a_purchase"
    return "kept" if _PURCHASES.search(word) else "unknown"


_NO_KIND = re.compile(r"pay|method|card|platn|zahl|source|channel|kanal|origin|zrodl|reason|powod")
_VOID_WORDS = frozenset(("void", "voided", "test", "testorder", "deleted", "uniewazniony"))
_FINE_WORDS = frozenset(("live", "ok", "normal", "valid", "production", "active", "posted", "sale"))


def mark_by_values(header: str, values: Collection[str]) -> str | None:
    """What a column of another name says of its lines, where its few values alone are clear."""
    words = {normalised(value) or value for value in values}
    if not words or len(words) > _MOST_CLEAR or _NO_KIND.search(header):
        return None
    if words & _VOID_WORDS and words <= _VOID_WORDS | _FINE_WORDS:
        return "void"
    classes = {kind_class(value) for value in values}
    if classes == {"refund_event", "kept"}:
        return "kind"
    if words in ({"s", "h"}, {"soll", "haben"}, {"wn", "ma"}, {"winien", "ma"}):
        return "side"
    return None


def are_subscriptions(values: Sequence[str]) -> list[str]:
    """Those of a list's kinds that are contracts, which some shops sell as orders."""
    return [value for value in values if _SUBSCRIPTIONS.search(normalised(value))]
