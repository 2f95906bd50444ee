"""Who is nobody in particular: guests, walk-in sales, a till, and persons who were erased."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from winback.intake.cells import listed, literal

Standing = Literal["nobody", "by_share", "numbered"]

# Each language's words for a buyer whom nobody knows; case, accents and signs do not matter.
_GUESTS = """
guest/guest checkout/guest customer/guest user/guest order/guest buyer/guest account/pos guest
anonymous/anonymous customer/anonymous user/anonymous guest/anonymous buyer/anonymous client
walk in/walk ins/walk in customer/walk in customers/walk in client/walk in guest/walk in sale
cash customer/cash client/cash sale/cash sales/counter sale/counter sales/counter customer
over the counter/retail customer/retail client/unknown customer/unknown client/unregistered
unregistered customer/unregistered user/not registered/no customer/no name/one time customer
casual customer/default customer/generic customer/misc customer/miscellaneous customer
sundry customer/sundry customers/general public/public customer/final consumer/end consumer
end customer/in store customer/instore customer/store customer/shop customer/pos customer/pos sale
till customer/till sale/counter/not logged in/logged out/customer not found
gość/goście/zakup jako gość/zakupy bez rejestracji/klient detaliczny/klient anonimowy/anonim
anonimowy/klient gotówkowy/klient paragonowy/paragonowy/klient niezarejestrowany/niezarejestrowany
bez rejestracji/sprzedaż detaliczna/sprzedaż paragonowa/sprzedaż gotówkowa/sprzedaż anonimowa
odbiorca detaliczny/odbiorca anonimowy/nabywca detaliczny/nabywca anonimowy/klient jednorazowy
kontrahent detaliczny/kontrahent jednorazowy/kontrahent paragonowy/klient kasowy/brak klienta
nieznany klient/klient nieznany/klient sklepowy/klient okazjonalny/klient przypadkowy/konsument
klient z ulicy/klient gość/klient bez konta/klient nieznajomy/klient indywidualny anonimowy
gast/gäste/gastkunde/gastbestellung/gastkonto/gastbesteller/gast bestellung/laufkunde/laufkunden
laufkundschaft/barverkauf/barverkäufe/barkunde/thekenverkauf/tresenverkauf/thekenkunde/anonym
anonymer kunde/einmalkunde/cpd/cpd kunde/unbekannter kunde/unbekannt/kassenkunde/kassenverkauf
ladenkunde/ladenverkauf/sammelkunde/diverse kunden/kunde divers/nicht registriert/passant
invité/client invité/client comptoir/client de passage/client passage/client divers/clients divers
vente comptoir/vente au comptoir/client anonyme/anonyme/client inconnu/client passager/client caisse
client espèces/client occasionnel/client magasin/vente anonyme/vente directe/commande invité
consumidor final/consumidor/cliente final/cliente mostrador/cliente de mostrador/venta mostrador
venta de mostrador/venta al mostrador/cliente contado/cliente de contado/cliente genérico
cliente anónimo/anónimo/invitado/cliente invitado/público general/público en general
clientes varios/cliente varios/cliente ocasional/cliente de paso/venta al público/sin cliente
cliente balcão/venda balcão/venda de balcão/cliente avulso/convidado/anônimo
cliente não identificado
não identificado/consumidor não identificado/consumidor não informado/cliente padrão/sem cliente
cliente occasionale/ospite/cliente ospite/vendita banco/vendita al banco/cliente al banco
cliente banco
cliente anonimo/cliente di passaggio/consumatore finale/cliente generico/cliente sconosciuto
gastklant/passanten/balieverkoop/balieklant/toonbankverkoop/contante klant/contantverkoop
winkelklant
anonieme klant/anoniem/diverse klanten/losse klant/kassaklant/gast bestelling/kassaverkoop
anonymní/anonymní zákazník/anonymný zákazník/neregistrovaný/neregistrovaný zákazník/host zákazník
konečný zákazník/koncový zákazník/maloobchodní zákazník/hotovostní zákazník/prodej za hotové
prodej na pultu/pultový prodej/zákazník prodejny/neznámý zákazník/drobný zákazník
vendég/vendégvásárló/vendég vásárló/lakossági vevő/pulti vevő/alkalmi vevő/névtelen
kiskereskedelmi vevő
oaspete/vizitator/client ocazional/client anonim/consumator final/client nespecificat
gäst/gästkund/kontantkund/anonym kund/butikskund/drop in kund/gæst/gæstekunde/kontantkunde
anonym kunde/butikskunde/gjest/gjestekunde/kontantsalg/kassekunde/diverse kunder/vieras
vieras asiakas/käteisasiakas/satunnainen asiakas/anonyymi
gost/anonimni kupac/krajnji kupac/maloprodajni kupac/gotovinski kupac/končni kupec/anonimni kupec
misafir/misafir müşteri/perakende müşteri/peşin müşteri/muhtelif müşteri/nihai tüketici
anonim müşteri
гость/розничный покупатель/анонимный покупатель/аноним/конечный покупатель/розница
гість/роздрібний покупець/анонімний покупець/кінцевий споживач/гост/клиент на дребно
πελάτης λιανικής/λιανική/επισκέπτης/svečias/viesis/külaline
"""
# Whoever asked to be forgotten, and what shops write in the place of a name or an address.
_ERASED = """
deleted/deleted user/deleted customer/deleted account/deleted guest/user deleted/customer deleted
redacted/anonymized/anonymised/anonymized user/anonymised user/anonymized customer
anonymised customer/erased/erased user/erased customer/removed/removed user/removed customer
forgotten/gdpr/psgdpr/gdpr deleted/gdpr removed/gdpr erased/data removed/data erased/account deleted
usunięty/usunięta/usunięto/usunięte/usunięty klient/klient usunięty/konto usunięte/usunięte konto
zanonimizowany/zanonimizowana/zanonimizowano/zanonimizowane/klient zanonimizowany/dane usunięte
rodo/rodo usunięty/użytkownik usunięty/usunięty użytkownik
gelöscht/gelöschter kunde/kunde gelöscht/gelöschter benutzer/gelöschtes konto/anonymisiert/dsgvo
dsgvo gelöscht/kunde anonymisiert/supprimé/client supprimé/compte supprimé/anonymisé
client anonymisé
rgpd/eliminado/cliente eliminado/anonimizado/excluído/cliente excluído/cancellato/cliente cancellato
anonimizzato/verwijderd/verwijderde klant/geanonimiseerd/avg verwijderd/smazaný/smazaný zákazník
anonymizovaný/anonymizováno/törölt/törölt felhasználó/anonimizált/șters/borttagen/anonymiserad
slettet/anonymiseret/poistettu/obrisan/удален/удалён/удалённый/видалено
"""
# Words that are a till's or a form's, and might be a customer's: they need many lines to count.
_TILLS = """
pos/kasa/kasa fiskalna/kasa główna/paragon/paragony/paragon fiskalny/detal/sklep/sklep stacjonarny
lada/klient/klient indywidualny/osoba fizyczna/osoba prywatna/klient prywatny/odbiorca prywatny
salon/stacjonarny/till/cash/cashier/counter sales desk/retail/shop/store/in store/walk
private person
customer/client/buyer/individual/individual customer/private customer/online customer/web customer
kasse/kassa/laden/theke/tresen/diverse/divers/privat/privatkunde/privatperson/endkunde/kunde/bar
comptoir/caisse/magasin/boutique/particulier/particuliers/client particulier/passage/client
mostrador/caja/tienda/contado/público/cliente/particular/balcão/loja/caixa/banco/negozio/cassa
privato
cliente privato/winkel/balie/toonbank/particuliere klant/klant/prodejna/pokladna/obchod/host
zákazník
soukromá osoba/fyzická osoba/pénztár/üzlet/magánszemély/bolt/magazin/persoana fizica/casa/butik/kund
butikk/kunde privat/asiakas/kauppa/trgovina/blagajna/fizička osoba/mağaza/müşteri
магазин/касса/физлицо/частное лицо/розничный клиент/test/test customer/tester/nobody/nn/n n/xxx
jan kowalski/john doe/jane doe/max mustermann/erika mustermann/internal/staff/pracownik/mitarbeiter
"""
_PLACES = r"(?:invalid|deleted|anonymi[sz]ed|anonymous|erased|redacted|removed|psgdpr|gdpr)"
_GONE = (
    r"(?:ps-?gdpr|gdpr|rodo|dsgvo|rgpd|deleted|anonymi[sz]ed|anonymous|redacted|erased|removed"
    r"|forgotten|usuni[eę]t[yaeo]|zanonimizowan[yaeo]|gel(?:oe|ö)scht|anonymisiert|supprim[eé]"
    r"|anonymis[eé]|eliminado|anonimizado|verwijderd|geanonimiseerd)"
)
# RFC 2606 reserves .invalid: nobody ever gets an address there.
_ERASED_ADDRESS = (
    rf"@(?:[^@]*\.)?invalid$|@(?:[^@]*\.)?{_PLACES}(?:\.[a-z]+)?$"
    rf"|^{_GONE}(?:[-_.+ ]?(?:user|customer|client|account|guest|konto|klient|kunde))?"
    r"(?:[-_.+ ]?[0-9a-f-]*)@"
)
_NO_ADDRESS = (
    r"^(?:no-?e?-?mail|brak(?:e?-?mail)?|none|nobody|nomail|keine?-?e?mail|sans-?e?mail|sin-?e?mail"
    r"|unknown|no-?reply|guest|gast|gosc|pos|kasa|walk-?in|retail|detal|detaliczny|paragon|bez-?maila"
    r"|noaddress|no|xxx+|a|aa|test|anonim)@"
)
_STARS = re.compile(r"^[*•#]+$|^[xX]{4,20}$")
_MINUS = ("-1", "-1.0")
GUEST_WORDS = ("guest", "anonymous", "anonim", "gość", "gosc", "gast", *_MINUS)
# Of all lines, and against anybody's average: so much no person holds.
_SHARE, _TIMES = 0.02, 5


def key_of(cell: str) -> str:
    """The letters of a cell, without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", cell.casefold().replace("ł", "l"))
    return "".join(char for char in plain if char.isalpha() and not unicodedata.combining(char))


def _keys(words: str) -> frozenset[str]:
    return frozenset(key_of(word) for line in words.split("\n") for word in line.split("/") if word)


GUEST_KEYS, ERASED_KEYS, TILL_KEYS = _keys(_GUESTS), _keys(_ERASED), _keys(_TILLS)
_KEYS = listed(sorted(GUEST_KEYS | ERASED_KEYS | TILL_KEYS))


def may_be_nobody(cell: str) -> str:
    """SQL: whether a cell is worth asking `standing` about; next to none is."""
    lowered = f"replace(replace(replace(lower({cell}), 'ł', 'l'), 'ß', 'ss'), 'ς', '\u03c3')"
    key = f"regexp_replace(strip_accents({lowered}), '[^\\p{{L}}]', '', 'g')"
    address = literal(f"{_ERASED_ADDRESS}|{_NO_ADDRESS}")
    return (
        f"CASE WHEN contains({cell}, '@') THEN regexp_matches(lower({cell}), {address}) "
        f"ELSE {key} IN {_KEYS} OR {cell} IN {listed(_MINUS)} "
        f"OR regexp_matches({cell}, {literal(_STARS.pattern)}) END"
    )


def standing(cell: str) -> Standing | None:
    """What a customer's cell is by its words: nobody for sure, by its share, a numbered guest.

    None for whoever may be somebody.
    """
    text = cell.strip().strip("[](){}<>\"'").strip()
    lowered = text.lower()
    if "@" in text:
        if re.search(_ERASED_ADDRESS, lowered):
            return "nobody"
        return "by_share" if re.search(_NO_ADDRESS, lowered) else None
    if text in _MINUS or _STARS.match(text):
        return "nobody"
    key, numbered = key_of(text), any(map(str.isdigit, text))
    if key in ERASED_KEYS:
        return "nobody"
    if key in GUEST_KEYS:
        return "numbered" if numbered else "nobody"
    return "by_share" if key in TILL_KEYS else None


def nobodies(found: Mapping[str, int], filled: int, people: int) -> tuple[list[str], list[str]]:
    """Which of these cells stand for nobody, and which of them only may.

    ``found`` gives lines by cell, ``filled`` those of all customers, ``people`` how many there are.

    A word that may be somebody's is nobody with a fiftieth of all lines and five times the
    average; with fewer, but more than the average customer, it is in doubt. Guests with a number
    are nobody as long as they are not most of the customers.
    """
    sure: list[str] = []
    unsure: list[str] = []
    numbered = [cell for cell in found if standing(cell) == "numbered"]
    few = 2 * sum(found[cell] for cell in numbered) < filled
    average = filled / max(people, 1)
    for cell, lines in found.items():
        match standing(cell):
            case "nobody":
                sure.append(cell)
            case "numbered" if few:
                sure.append(cell)
            case "by_share" if lines >= _SHARE * filled and lines > _TIMES * average:
                sure.append(cell)
            case "by_share" if lines > 2 * average and lines >= 3:
                unsure.append(cell)
            case _:
                pass
    return sorted(sure), sorted(unsure)


def is_nobody(cell: str, told: Sequence[str] = ()) -> bool:
    """Whether a cell says by itself, or by what the user told, that it is nobody's."""
    return standing(cell) == "nobody" or cell.strip().lower() in {one.lower() for one in told}
