"""Decides which column of an export is what, by its name and, failing that, its content."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from winback.errors import UsageError
from winback.intake.cells import GUESTS, nothing
from winback.intake.dates import looks_like_date
from winback.intake.doubts import masked
from winback.intake.findings import Findings, quoted
from winback.intake.numbers import looks_like_number, rough_number
from winback.intake.sources import Shape, Source
from winback.results.base import Fact, fact

ROLES = (
    "customer",
    "order",
    "date",
    "known_at",
    "product",
    "quantity",
    "price",
    "amount",
    "status",
    "cancelled_at",
    "refunded",
    "currency",
    "consent",
)

# The status of a line is the kind of the document it stands on where these are all there is.
_DOCUMENT_NAMES = """
        doctype documenttype invoicetype billingtype vouchertype receipttype transactiontype
        typdokumentu rodzajdokumentu typdok rodzajdok typfaktury rodzajfaktury typtransakcji
        rodzajtransakcji belegart belegtyp dokumentart dokumentenart dokumenttyp dokumententyp
        rechnungsart rechnungstyp transaktionsart"""
# Names as shops write them, without case, accents and punctuation; the earlier the likelier.
_NAMES: dict[str, str] = {
    "customer": """
        customeruniqueid customerid customerkey customerno customernumber customercode custid
        customer clientid client idcustomer idclient userid userpseudoid user buyerid buyerlogin
        buyer memberid member householdid householdkey household hhid shopperid shopper personid
        contactid accountid account patronid cardid loyaltyid loyaltycard visitorid cid uid
        idklienta klientid nrklienta numerklienta kodklienta klient kupujacy nabywca kontrahent
        uzytkownik kundennummer kundennr kundenid kundeid kdnr kunde kaeufer kaufer
        customeremail emailaddress email mail adresemail billingemail buyeremail contactemail
        receiptemail e mailadresse emailadresse phone billingphone telefon customername""",
    "order": """
        orderid ordernumber orderno orderkey order ordername invoiceno invoicenumber invoiceid
        invoice basketid basket transactionid transaction transactionno transno receiptid
        receiptno receipt ticketid ticketno ticket billno paymentintent amazonorderid incrementid
        idorder reference orderreference checkoutid saleid salesid purchaseid docno
        documentnumber documentno documentid idzamowienia nrzamowienia numerzamowienia zamowienie
        nrparagonu paragon
        nrfaktury numerfaktury faktura nrdokumentu numerdokumentu dokument bestellnummer
        bestellnr bestellid bestellung auftragsnummer auftragsnr auftrag rechnungsnummer
        rechnungsnr belegnummer belegnr bonnr ecommercetransactionid""",
    "date": """
        orderedat orderdate orderdatetime orderts ordertimestamp orderpurchasetimestamp
        purchasedat purchasedate purchasetimestamp purchasetime createdat datecreated createddate
        createddateutc created invoicedate invoicedatetime transactiontimestamp transactiondate
        transactiondatetime transactiontime transdate saledate salesdate eventtimestamp eventtime
        eventdate boughtat orderdatekey datekey dateadd date datetime timestamp ts time day
        datazamowienia datazlozenia datazlozeniazamowienia datazakupu datasprzedazy
        datawystawienia datatransakcji data dataiczas dataigodzina czas dzien bestelldatum
        bestelltam bestellzeitpunkt auftragsdatum kaufdatum rechnungsdatum belegdatum
        verkaufsdatum datum zeitpunkt zeit tdat tdate paidat datepaid datecreatedgmt""",
    "known_at": """
        knownat recordedat loadedat ingestedat bookedat registeredat datazaksiegowania
        buchungsdatum""",
    "product": """
        productid productkey productcode productno sku lineitemsku stockcode itemid itemcode
        itemno articleid articleno articleno asin ean productsku productreference variantid offer
        offerid product item article lineitemname productname itemname idproductu kodproduktu
        idproduktu nrartykulu kodtowaru symboltowaru indeks symbol produkt towar artykul
        nazwaproduktu nazwatowaru artikelnummer artikelnr artikelid artikel produktid produktnummer
        productdescription description beschreibung materialnr ordereditems""",
    "quantity": """
        quantity qty lineitemquantity productqty productquantity qtyordered totalqtyordered
        itemssold numitemssold itemquantity quantitypurchased units unitssold numberofitems
        numberofcds cds pieces pcs count ilosc liczba liczbasztuk sztuk sztuki szt menge anzahl
        stueck stuck stk""",
    "price": """
        unitprice lineitemprice itemprice priceperunit unitpricetaxincl unitpricetaxexcl
        pricebrutto price sellingprice saleprice retailprice cenajednostkowa cenajednostkowabrutto
        cenabrutto cenanetto cenasprzedazy cena einzelpreis stueckpreis stuckpreis stkpreis
        verkaufspreis preis""",
    "amount": """
        lineamount linetotal amount netamount grossamount totalprice salesvalue salesamount
        lineitemtotal itemrevenue productnetrevenue extendedprice extendedamount
        totalpricetaxincl totalpricetaxexcl linevalue netsales sales revenue turnover spend
        nrevenue dollarvalue value wartosc wartoscbrutto wartoscnetto wartoscpozycji
        wartoscsprzedazy kwota kwotabrutto kwotanetto obrot betrag gesamtpreis gesamtbetrag umsatz
        positionswert warenwert wert summe bruttobetrag nettobetrag
        total totalamount ordertotal ordervalue orderamount grandtotal grandtotalpurchased
        grandtotalbase totalsales totalpaid totalpaidtaxincl totaltopay paymentvalue paidamount
        purchaserevenue ecommercepurchaserevenue transactionrevenue invoicetotal suma razem
        wartosczamowienia dozaplaty bestellwert auftragswert rechnungsbetrag subtotal
        ammount amt""",
    "status": """
        financialstatus orderstatus status state paymentstatus statuszamowienia stan eventname
        eventtype event bestellstatus auftragsstatus zustand valid"""
    + _DOCUMENT_NAMES,
    "cancelled_at": """
        cancelledat canceledat cancelleddate canceleddate cancellationdate refundedat refunddate
        dataanulowania datazwrotu stornodatum storniertam""",
    "refunded": """
        refundedamount amountrefunded totalrefunded refundamount refundtotal refunded
        refundvalue kwotazwrotu zwrot erstattet erstattungsbetrag""",
    "currency": """
        currency currencycode ordercurrencycode transactioncurrency waluta kodwaluty waehrung
        wahrung""",
    "consent": "",
}
_ALIASES = {
    role: {name: rank for rank, name in enumerate(dict.fromkeys(names.split()))}
    for role, names in _NAMES.items()
}
_DOCUMENT_TYPES = frozenset(_DOCUMENT_NAMES.split())
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
_MOST_KINDS = 50
# Totals of a whole order: on a line-level export they must not be summed.
ORDER_TOTALS = frozenset(
    [
        "total",
        "totalamount",
        "ordertotal",
        "ordervalue",
        "orderamount",
        "grandtotal",
        "grandtotalpurchased",
        "grandtotalbase",
        "totalsales",
        "totalpaid",
        "totalpaidtaxincl",
        "totaltopay",
        "paymentvalue",
        "paidamount",
        "purchaserevenue",
        "ecommercepurchaserevenue",
        "transactionrevenue",
        "invoicetotal",
        "suma",
        "razem",
        "wartosczamowienia",
        "dozaplaty",
        "bestellwert",
        "auftragswert",
        "rechnungsbetrag",
        "subtotal",
    ]
)
# Words that make a longer column name a candidate when no usual name is there.
_WORDS: dict[str, re.Pattern[str]] = {
    "customer": re.compile(
        r"customer|client|klient|kunde|buyer|shopper|member|household|kupuj|nabywc|user|patron"
    ),
    "date": re.compile(r"date|data|datum|time|stamp|zeit|day|dzien"),
    "order": re.compile(
        r"order|invoice|basket|transaction|receipt|zamow|paragon|faktur|bestell|auftrag|rechnung|beleg"
    ),
    "product": re.compile(r"product|sku|item|article|produkt|towar|artikel|artyk"),
    "quantity": re.compile(r"qty|quantit|ilosc|menge|anzahl|units|sztuk"),
    "amount": re.compile(
        r"amount|total|revenue|sales|wartosc|kwota|suma|betrag|umsatz|summe|spend"
    ),
    "price": re.compile(r"price|cena|preis"),
}
_NOT_WORDS: dict[str, re.Pattern[str]] = {
    "customer": re.compile(
        r"name|nazwa|imie|type|typ|group|grup|segment|country|city|zip|phone|since|note|status|age"
    ),
    "order": re.compile(
        r"date|data|datum|time|total|value|wartosc|amount|status|type|count|line|qty|price|source|"
        r"quantit|ilosc|menge|anzahl|item|pozycj|channel|kanal|priorit|method|metod|hour|note|notat"
    ),
    "date": re.compile(
        r"ship|deliver|wysyl|dostaw|liefer|birth|urodz|geburt|paid|updat|modif|due|cancel|anul|"
        r"refund|zwrot|storn|estimat|fulfil|regist|valid|expir|approv|dispatch|return|platn"
    ),
    "product": re.compile(r"price|cena|preis|qty|quantity|count|total|category|kategor|type|group"),
    "quantity": re.compile(r"price|refund|return|zwr"),
    "amount": re.compile(
        r"tax|vat|ship|discount|rabat|refund|zwrot|qty|quantity|count|fee|cost|koszt|balance|date"
    ),
    "price": re.compile(r"ship|discount|rabat|tax|vat|compare|cost|list|old|stara|original"),
}
_FLAGS = {role: "--" + role.replace("_", "-") for role in ROLES} | {
    "currency": "--currency-column",
    "consent": "--consent-column",
}
_MEANING = {
    "customer": "the customer",
    "date": "the date of the order",
    "amount": "the amount (a line's total, or a price with a quantity)",
    "order": "the order number",
}


def normalised(name: str) -> str:
    """Give a header without case, accents, repeats' numbers and punctuation."""
    name = re.sub(r" \(\d+\)$", "", name).lower().replace("ł", "l").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^a-z0-9]", "", "".join(c for c in plain if not unicodedata.combining(c)))


def find_columns(
    source: Source, given: Mapping[str, str], findings: Findings | None = None
) -> dict[str, int]:
    """Say which column plays which role: {role: position}.

    `given` holds the user's own choices by header and wins. Customer, date and amount
    (or price) are needed; the rest may be missing. Names decide first, in the order of
    likelihood, then content. What the content decided against a name goes to `findings`.
    Raises UsageError when a needed role has no column or more than one equally likely.
    """
    shape, findings = source.shape, findings or Findings()
    found = _given(source, given)
    keys = [normalised(name) for name in shape.names]
    cells = [
        [row[i] for row in shape.sample if not nothing(row[i])] for i in range(len(shape.names))
    ]

    def is_date(i: int) -> bool:
        return shape.types[i].startswith(("TIMESTAMP", "DATE")) or _mostly(
            cells[i], looks_like_date
        )

    def is_number(i: int) -> bool:
        return _mostly(cells[i], lambda c: looks_like_number(c) and not _is_written_date(c))

    def texts_of(i: int) -> list[str]:
        return sorted({normalised(cell) for cell in cells[i] if cell is not None})

    def tells_apart(i: int) -> bool:
        return _tells_orders_apart(shape.sample, cells, i, keys[i], found)

    def is_order(i: int) -> bool:
        if _ID_WORDS.search(keys[i]):
            return True
        # "Transaction" may be a date, or say sale and refund; an invoice may be 12/01/2024.
        dates = [n for n in range(len(keys)) if _mostly(cells[n], _is_written_date)]
        if dates == [i]:
            return False
        digits = _mostly(cells[i], lambda cell: any(map(str.isdigit, cell)))
        return (digits and i not in dates) or tells_apart(i)

    fits: dict[str, Callable[[int], bool]] = {
        "order": is_order,
        "date": is_date,
        "known_at": is_date,
        "cancelled_at": is_date,
        "amount": is_number,
        "price": is_number,
        "quantity": is_number,
        "refunded": is_number,
        # "State" is as often a part of America as a state of the order, and a kind of
        # transaction may be a way of paying.
        "status": lambda i: (
            _mostly(cells[i], lambda cell: document_kind(cell, alone=False) == "invoice")
            if keys[i] in _DOCUMENT_TYPES
            else keys[i] != "state" or any(map(_ORDER_STATE.search, texts_of(i)))
        ),
    }

    def free(role: str) -> list[int]:
        """Columns nobody has taken whose content can play the role."""
        test = fits.get(role)
        taken = set(found.values())
        must_hold = role in ("customer", "date", "amount", "price", "quantity", "product")
        return [
            i
            for i in range(len(keys))
            if i not in taken
            and (bool(cells[i]) or not must_hold)
            and (test is None or not cells[i] or test(i))
        ]

    shopify = {"lineitemprice", "lineitemquantity", "name"} <= set(keys)
    if shopify and "order" not in found:
        found["order"] = keys.index("name")
    if "date" not in found and "ordercreationdate" in keys:
        found["date"] = keys.index("ordercreationdate")
    for role in ROLES:
        if role in found or role == "consent":
            continue
        ranked = sorted(
            (_ALIASES[role][keys[i]], i) for i in free(role) if keys[i] in _ALIASES[role]
        )
        if ranked:
            same = [i for rank, i in ranked if rank == ranked[0][0]]
            if len(same) > 1 and not _equal(source, same):
                _ask(source, role, [shape.names[i] for i in same])
            found[role] = ranked[0][1]
    if "status" not in found:
        papers = [i for i in free("status") if holds_documents("", cells[i])]
        # Of several the one that tells more.
        if papers:
            found["status"] = max(papers, key=lambda i: (len(set(cells[i])), -i))
    for role, generic in (("order", "id"), ("order", "number"), ("product", "name")):
        if role not in found and generic in keys and keys.index(generic) in free(role):
            found[role] = keys.index(generic)
    for role, words in _WORDS.items():
        if role == "order" and "date" not in found:
            _date_by_content(source, found, cells, is_date, is_number)
        if role in found or (role == "price" and "amount" in found):
            continue
        near = [
            i for i in free(role) if words.search(keys[i]) and not _NOT_WORDS[role].search(keys[i])
        ]
        if role == "order":
            # A name that only mentions orders may speak of their channel or their number of pieces.
            near = [i for i in near if tells_apart(i)]
            numbers = [i for i in near if _ID_WORDS.search(keys[i])]
            near = numbers if len(near) > 1 else near
        if len(near) == 1:
            found[role] = near[0]
        elif near and role in ("customer", "date", "amount") and "price" not in found:
            _ask(source, role, [shape.names[i] for i in near])
    _by_content(source, found, cells, is_date, is_number)
    for role in ("customer", "date", "amount"):
        if role not in found and not (role == "amount" and "price" in found):
            _ask(source, role, [], _unfit(source, role, keys, cells, found))
    _doubt_amount(source, found, keys, set(given), is_number, findings)
    _choose_money(source, found, keys, set(given))
    if shopify and "amount" not in found and "quantity" in found and "order" in found:
        _find_discount(source, found, keys, findings)
    findings.doubts += _unused_credit_notes(source, found, keys)
    clock = [
        i
        for i in range(len(keys))
        if i not in found.values() and keys[i] in _CLOCKS and _mostly(cells[i], _is_clock)
    ]
    if clock and not _mostly(cells[found["date"]], lambda cell: ":" in cell):
        found["clock"] = clock[0]
    return found


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
    if not words or len(words) > _MOST_KINDS:
        return False
    kinds = {word: document_kind(word, alone=False) for word in words}
    if header in _DOCUMENT_TYPES:
        # "Credit" beside "debit" is a card.
        return "invoice" in kinds.values()
    # Codes are clear beside each other, but PA and SC are states of America too.
    clear = any(kind == "credit_note" and len(word) > 2 for word, kind in kinds.items())
    if clear and set(kinds.values()) == {"invoice", "credit_note"}:
        return True
    return all(map(document_kind, words))


def _unused_credit_notes(
    source: Source, found: Mapping[str, int], keys: Sequence[str]
) -> list[Fact]:
    """Tell of a column that calls lines credit notes which nobody reads as such."""
    money = [found[role] for role in ("amount", "price", "quantity") if role in found]

    def is_positive(row: Sequence[str | None]) -> bool:
        return all((rough_number(row[i]) or 0) > 0 for i in money)

    for i, key in enumerate(keys):
        if i in found.values():
            continue
        called = {row[i] for row in source.shape.sample if not nothing(row[i])}
        if len(called) > _MOST_KINDS:
            continue
        alone = not holds_documents(key, called)
        notes = {c for c in called if c and document_kind(c, alone=alone) == "credit_note"}
        if any(row[i] in notes and is_positive(row) for row in source.shape.sample):
            shown = quoted(sorted(notes)[:3])
            return [fact("intake.credit_notes_unused", column=source.shape.names[i], values=shown)]
    return []


_CLOCKS = frozenset(
    ("time", "ordertime", "transtime", "transactiontime", "godzina", "czas", "uhrzeit", "zeit")
)


def _is_clock(cell: str) -> bool:
    return bool(re.match(r"^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?$", cell.strip()))


_ORDER_STATE = re.compile(
    r"complete|cancel|process|pending|paid|closed|refund|ship|deliver|anulow|zreal"
)


def _given(source: Source, given: Mapping[str, str]) -> dict[str, int]:
    names = source.shape.names
    lowered = [name.lower() for name in names]
    found = {}
    for role, name in given.items():
        if role not in ROLES:
            raise UsageError(f"There is no role '{role}'; choose from {', '.join(ROLES)}.")
        wanted = name.strip().lower()
        if wanted not in lowered:
            near = difflib.get_close_matches(wanted, lowered, 1, 0.0)
            raise UsageError(
                f"{source.label}: there is no column '{name}' for {_FLAGS[role]}; the nearest is "
                f"'{names[lowered.index(near[0])]}'. Columns: {_listed(names)}."
            )
        found[role] = lowered.index(wanted)
        twin = next((r for r in found if r != role and found[r] == found[role]), None)
        # A time of knowing, or a consent, may be read off a column that says something else too.
        if twin is not None and not {role, twin} & {"known_at", "consent"}:
            raise UsageError(
                f"{source.label}: column '{name}' is given for both {_FLAGS[twin]} and "
                f"{_FLAGS[role]}; one column cannot be both."
            )
    return found


def find_mail(shape: Shape, customer: int) -> str | None:
    """Name the column of e-mail addresses that tells customers apart where this one does not.

    None where most of the lines without a customer have no address either.
    """
    words = ("0", "0.0", *GUESTS)
    nobody = [row for row in shape.sample if nothing(row[customer]) or row[customer] in words]
    for i, name in enumerate(shape.names):
        filled = sum("@" in (row[i] or "") for row in nobody)
        if i != customer and nobody and filled > 0.5 * len(nobody):
            return name
    return None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _unfit(
    source: Source,
    role: str,
    keys: Sequence[str],
    cells: Sequence[Sequence[str | None]],
    found: Mapping[str, int],
) -> str:
    """A sentence on a column with the name for a role but not the content, if there is one."""
    held = {"date": "a date", "amount": "a number"}.get(role)
    taken = set(found.values())
    named = [
        (rank, i)
        for i, key in enumerate(keys)
        if i not in taken
        for rank in (_ALIASES[role].get(key, 99 if _is_word_of(role, key) else None),)
        if rank is not None
    ]
    if held is None or not named:
        return ""
    at = min(named)[1]
    name = source.shape.names[at]
    some = sorted({cell for cell in cells[at] if cell is not None})[:3]
    if not some:
        return f" Column '{name}' is named like it, but its cells are empty."
    # Without a digit it may be a name.
    safe = [c[:40] if any(map(str.isdigit, c)) and "@" not in c else masked(c[:40]) for c in some]
    shown = ", ".join(f"'{cell}'" for cell in safe)
    return f" Column '{name}' is named like it, but most of its cells are not {held}: {shown}."


def _is_word_of(role: str, key: str) -> bool:
    return bool(_WORDS[role].search(key)) and not _NOT_WORDS[role].search(key)


def _ask(source: Source, role: str, near: Sequence[str], unfit: str = "") -> None:
    names = source.shape.names
    if near:
        raise UsageError(
            f"{source.label}: more than one column could be {_MEANING.get(role, role)}: "
            f"{_listed(near)}. Name the right one with {_FLAGS[role]} COLUMN."
        )
    flag = f"{_FLAGS[role]} COLUMN" + (" (or --price COLUMN)" if role == "amount" else "")
    raise UsageError(
        f"{source.label}: no column looks like {_MEANING[role]}.{unfit} Columns found: "
        f"{_listed(names)}. Name it with {flag}."
    )


def _mostly(cells: Sequence[str | None], test: Callable[[str], bool]) -> bool:
    some = [cell for cell in cells[:: max(1, len(cells) // 300)] if cell is not None]
    return bool(some) and sum(map(test, some)) > 0.5 * len(some)


def _equal(source: Source, same: Sequence[int]) -> bool:
    return all(len({row[i] for i in same}) == 1 for row in source.shape.sample)


def _by_content(
    source: Source,
    found: dict[str, int],
    cells: Sequence[Sequence[str | None]],
    is_date: Callable[[int], bool],
    is_number: Callable[[int], bool],
) -> None:
    """Fill the needed roles that no name gave away, as far as the content is clear."""
    rows = source.shape.sample
    needed = {"customer", "date"} - set(found)
    money = "amount" in found or "price" in found
    if not needed and money:
        return
    open_columns = [i for i in range(len(cells)) if cells[i] and i not in found.values()]
    if "date" in needed:
        _date_by_content(source, found, cells, is_date, is_number)
        if "date" not in found:
            return
        open_columns.remove(found["date"])
    if not money:
        fractions = [i for i in open_columns if is_number(i) and _mostly_any(cells[i], ".,")]
        if len(fractions) > 1:
            _ask(source, "amount", [source.shape.names[i] for i in fractions])
        if fractions:
            found["amount"] = fractions[0]
            open_columns.remove(fractions[0])
    if "customer" not in needed:
        return
    if "quantity" not in found:
        small = [i for i in open_columns if is_number(i) and _is_count(cells[i])]
        if len(small) == 1 and len(open_columns) > 1:
            found["quantity"] = small[0]
            open_columns.remove(small[0])
    varied = [i for i in open_columns if len(set(cells[i])) > 1 and not _mostly_any(cells[i], ".")]
    repeated = [i for i in varied if len(set(cells[i])) < len(cells[i])]
    if "order" not in found:
        date = found["date"]
        orders = [i for i in varied if _determines(rows, i, date)]
        if orders and len(varied) > 1:
            order = max(orders, key=lambda i: len(set(cells[i])))
            people = [i for i in repeated if i != order and _determines(rows, order, i)]
            if people:
                found["order"] = order
                repeated = [max(people, key=lambda i: len(set(cells[i])))]
    else:
        order = found["order"]
        people = [i for i in repeated if _determines(rows, order, i)]
        repeated = [max(people, key=lambda i: len(set(cells[i])))] if people else repeated
    # A header that speaks of something else must not become a customer by its content.
    repeated = [i for i in repeated if _MUTE.search(normalised(source.shape.names[i]))]
    varied = [i for i in varied if _MUTE.search(normalised(source.shape.names[i]))]
    if not repeated and len(varied) == 1:
        repeated = varied
    if len(repeated) > 1:
        _ask(source, "customer", [source.shape.names[i] for i in repeated])
    if repeated:
        found["customer"] = repeated[0]


def _date_by_content(
    source: Source,
    found: dict[str, int],
    cells: Sequence[Sequence[str | None]],
    is_date: Callable[[int], bool],
    is_number: Callable[[int], bool],
) -> None:
    """Take the only column that holds dates, of several the only one not known to be another."""
    taken = set(found.values())
    dates = [
        i
        for i in range(len(cells))
        if cells[i]
        and i not in taken
        and is_date(i)
        and (not is_number(i) or _mostly(cells[i], _is_compact))
    ]
    if len(dates) > 1:
        names = source.shape.names
        likely = [i for i in dates if not _NOT_WORDS["date"].search(normalised(names[i]))]
        if len(likely) != 1:
            _ask(source, "date", [names[i] for i in likely or dates])
        dates = likely
    if dates:
        found["date"] = dates[0]


_ID_WORDS = re.compile(r"id|no|nr|num|ref|key|code|kod")
_CLOCK_TIME = re.compile(r"[T ,]+\d{1,2}:\d\d.*$")


def _tells_orders_apart(
    rows: Sequence[Sequence[str | None]],
    cells: Sequence[Sequence[str | None]],
    column: int,
    name: str,
    found: Mapping[str, int],
) -> bool:
    """Does a column hold ids: nearly as many as orders, each of one customer and one day?

    Numbers that begin again, with the year or the day, do if on a day each has one customer, and
    a customer one of them.
    """
    fraction = re.compile(r"[.,]\d*[1-9]|[.,]\d\d$")
    if _mostly(cells[column], lambda c: looks_like_number(c) and bool(fraction.search(c))):
        return False
    if len(cells[column]) < 0.5 * len(rows):
        return False
    others = [found[role] for role in ("customer", "date") if role in found]
    whole = {
        (row[column] or "", *(_CLOCK_TIME.sub("", row[i] or "") for i in others))
        for row in rows
        if not nothing(row[column]) and not any(nothing(row[i]) for i in others)
    }
    ids, groups = Counter(one[0] for one in whole), Counter(one[1:] for one in whole)
    if _mostly_once(ids) and len(ids) >= 0.5 * len(groups):
        return True
    days = Counter((one[0], one[-1]) for one in whole)
    again = len(others) == 2 and len(ids) >= 20 and _mostly_once(days) and _mostly_once(groups)
    return again and bool(_ID_WORDS.search(name))


def _mostly_once(counts: Counter[Any]) -> bool:
    return bool(counts) and sum(n == 1 for n in counts.values()) >= 0.9 * len(counts)


def _is_written_date(cell: str) -> bool:
    """Is it a date, not a number that could be one? 31.12.2024 has two points, no number has."""
    return looks_like_date(cell) and (
        not looks_like_number(cell)
        or bool(re.match(r"^\s*\d{1,4}([-/. ])\d{1,2}\1 ?\d{2,4}", cell))
    )


_MUTE = re.compile(
    r"^.{0,3}$|^(col|column|kolumna|spalte|field|pole|feld|var)\d*$|id|key|code|kod|nr|num"
)


def _is_compact(cell: str) -> bool:
    return bool(re.match(r"^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(\.0)?$", cell))


def _mostly_any(cells: Sequence[str | None], marks: str) -> bool:
    return _mostly(cells, lambda cell: any(mark in cell for mark in marks))


def _is_count(cells: Sequence[str | None]) -> bool:
    return _mostly(cells, lambda cell: bool(re.match(r"^-?\d{1,3}(\.0)?$", cell))) and not any(
        cell is not None and len(cell) > 1 and cell.startswith("0") for cell in cells
    )


def _determines(rows: Sequence[Sequence[str | None]], key: int, other: int) -> bool:
    """Does each value of one column come with a single value of the other?"""
    seen: dict[str | None, set[str | None]] = defaultdict(set)
    for row in rows:
        if row[key]:
            seen[row[key]].add(row[other])
    return bool(seen) and sum(len(v) == 1 for v in seen.values()) >= 0.98 * len(seen)


def _doubt_amount(
    source: Source,
    found: dict[str, int],
    keys: Sequence[str],
    given: set[str],
    is_number: Callable[[int], bool],
    findings: Findings,
) -> None:
    """An "amount" of small whole numbers beside a column of money may be a number of pieces.

    It is one where the other column names the price of a piece, or where it makes a price
    into a total. Otherwise nothing in the table tells a price from a line's total: ask.
    """
    if "amount" not in found or "quantity" in found or {"amount", "quantity"} & given:
        return
    amount, rows, names = found["amount"], source.shape.sample, source.shape.names
    counts = sorted(n for row in rows if (n := rough_number(row[amount])) is not None)
    if not counts or any(n % 1 for n in counts) or counts[len(counts) // 2] > _FEW:
        return
    taken = set(found.values()) - {found.get("price")}
    typical = counts[len(counts) // 2]

    def is_money(i: int, *roles: str) -> bool:
        named = any(
            keys[i] in _ALIASES[role]
            or (_WORDS[role].search(keys[i]) and not _NOT_WORDS[role].search(keys[i]))
            for role in roles
        )
        numbers = sorted(n for row in rows if (n := rough_number(row[i])) is not None)
        large = bool(numbers) and numbers[len(numbers) // 2] > typical
        return named and i not in taken and is_number(i) and large

    prices = [i for i in range(len(keys)) if is_money(i, "price")]
    totals = [i for i in range(len(keys)) if i not in prices and is_money(i, "amount")]
    if not prices and not totals:
        return
    for price, total in ((p, t) for p in prices for t in totals):
        if _is_product(rows, total, price, {"quantity": amount}):
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
    each = [i for i in prices if _EACH.search(keys[i])]
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
        f"{source.label}: '{names[amount]}' holds small whole numbers, as a quantity does, beside "
        f"'{names[other]}'. If '{names[other]}' is the line's total, give --amount "
        f"'{names[other]}' --quantity '{names[amount]}'; if it is the price of one, --price "
        f"'{names[other]}' --quantity '{names[amount]}'; if '{names[amount]}' is the money, "
        f"--amount '{names[amount]}'."
    )


# Half of all lines of a shop hold fewer pieces than this; of money, in whole units, rarely.
_FEW = 5
_EACH = re.compile(r"unit|each|per|jednostk|einzel|stueck|stuck|stk")


def _find_discount(
    source: Source, found: dict[str, int], keys: Sequence[str], findings: Findings
) -> None:
    """Find the discount of an order that Shopify writes on the order's first line.

    It counts unless lines less discount do not make the subtotal, as they should in Shopify.
    """
    if "discountamount" not in keys:
        return
    discount = keys.index("discountamount")
    sums: dict[str | None, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    subtotal = keys.index("subtotal") if "subtotal" in keys else None
    for row in source.shape.sample:
        of_order = sums[row[found["order"]]]
        of_order[0] += (rough_number(row[found["price"]]) or 0) * (
            rough_number(row[found["quantity"]]) or 0
        )
        of_order[1] += rough_number(row[discount]) or 0
        of_order[2] += (rough_number(row[subtotal]) or 0) if subtotal is not None else 0
    reduced = [of_order for of_order in sums.values() if of_order[1]]
    right = sum(abs(lines - less - total) < 0.011 for lines, less, total in reduced)
    name = source.shape.names[discount]
    if right < 0.8 * len(reduced):
        findings.doubts.append(fact("intake.discount_unused", column=name))
        return
    found["discount"] = discount
    findings.understood.append(fact("intake.discount_used", column=name))


def _choose_money(
    source: Source, found: dict[str, int], keys: Sequence[str], given: set[str]
) -> None:
    """Keep one way to the line's amount: its own total, else unit price times quantity."""
    if "amount" not in found or "price" not in found:
        return
    if "amount" in given:
        del found["price"]
        return
    if "price" in given:
        del found["amount"]
        return
    amount, price = found["amount"], found["price"]
    rows = source.shape.sample
    blank = sum(nothing(row[amount]) for row in rows) > sum(nothing(row[price]) for row in rows)
    repeated = "order" in found and _repeats_within_orders(source, found["order"], amount)
    whole_order = repeated or (keys[amount] in ORDER_TOTALS and blank)
    if whole_order and not ("quantity" in found and _is_product(rows, amount, price, found)):
        del found["amount"]
    else:
        del found["price"]


def _is_product(
    rows: Sequence[Sequence[str | None]], amount: int, price: int, found: Mapping[str, int]
) -> bool:
    """Is the amount unit price times quantity on most lines?"""
    triples = [
        [rough_number(row[i]) for i in (amount, price, found["quantity"])] for row in rows[:500]
    ]
    known = [(a, p, q) for a, p, q in triples if None not in (a, p, q)]
    fits = sum(abs(a - p * q) <= 0.011 * max(1, abs(q)) for a, p, q in known)  # type: ignore[operator, arg-type]
    return bool(known) and fits > 0.8 * len(known)


def amounts_differ(
    rows: Sequence[Sequence[str | None]], order: int, date: int, amount: int
) -> bool:
    """Does any order hold two amounts at one instant? Then they are its lines', not its total."""
    seen: dict[tuple[str | None, str | None], str] = {}
    for row in rows:
        cell = row[amount]
        if cell is None or nothing(cell) or nothing(row[order]):
            continue
        if seen.setdefault((row[order], row[date]), cell) != cell:
            return True
    return False


def _repeats_within_orders(source: Source, order: int, amount: int) -> bool:
    lines: dict[str | None, list[str | None]] = defaultdict(list)
    for row in source.shape.sample:
        lines[row[order]].append(row[amount])
    several = [values for values in lines.values() if len(values) > 1]
    return bool(several) and all(len(set(values)) == 1 for values in several)
