"""The words by which shops call their columns, and the roles these play."""

from __future__ import annotations

import re
import unicodedata

ROLES = (
    "customer",
    "order",
    "date",
    "known_at",
    "product",
    "quantity",
    "price",
    "amount",
    "discount",
    "status",
    "cancelled_at",
    "refunded",
    "currency",
    "store",
)

# Names of a status that may be many another thing.
WEAK_STATES = (
    "etap", "etapzamowienia", "etaprealizacji", "stage", "orderstage", "phase", "faza", "fase",
    "situation", "situacion", "disposition",
)  # fmt: skip
# The status of a line is the kind of the document it stands on where these are all there is.
_DOCUMENT_NAMES = """
        doctype documenttype invoicetype billingtype vouchertype receipttype transactiontype
        typdokumentu rodzajdokumentu typdok rodzajdok typfaktury rodzajfaktury typtransakcji
        rodzajtransakcji belegart belegtyp dokumentart dokumentenart dokumenttyp dokumententyp
        rechnungsart rechnungstyp transaktionsart"""
# An address named for whoever buys, such as "Klient e-mail" and "E-mail kupującego".
_ADDRESSES = " ".join(
    f"{who}{mail} {mail}{who}"
    for who in (
        "customer", "client", "buyer", "user", "shopper", "purchaser", "member",
        "klient", "klienta", "kupujacy", "kupujacego", "nabywca", "nabywcy", "zamawiajacego",
        "kunde", "kunden", "kaeufer", "kaufer", "cliente", "acheteur", "zakaznik", "zakaznika",
    )
    for mail in ("email", "mail", "emailaddress", "mailadresse", "emailadresse", "adresemail")
)  # fmt: skip
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
        """
    + _ADDRESSES
    + """
        receiptemail e mailadresse emailadresse phone billingphone telefon customername""",
    "order": """
        orderid ordernumber orderno orderkey order ordername invoiceno invoicenumber invoiceid
        invoice basketid basket transactionid transaction transactionno transno receiptid
        receiptno receipt ticketid ticketno ticket billno paymentintent amazonorderid incrementid
        idorder reference orderreference checkoutid saleid salesid purchaseid docno
        documentnumber documentno documentid idzamowienia nrzamowienia numerzamowienia zamowienie
        nrzam numerzam zamnr nrzamow numerzamow idzam
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
        sum kwotazamowienia sumazamowienia gesamtsumme bestellsumme endbetrag
        ammount amt""",
    "status": """
        financialstatus orderstatus status state paymentstatus statuszamowienia stan eventname
        eventtype event bestellstatus auftragsstatus zustand currentstate statusid orderstatusid
        statutcommande statut estado estadopedido stato statoordine stav stavobjednavky
        rendelesallapota allapot stare starecomanda orderstate orderstatustext statusnaam
        bestelstatus orderstatusnaam bestallningsstatus etap etapzamowienia
        etaprealizacji stage orderstage phase faza fase situation situacion disposition valid"""
    + _DOCUMENT_NAMES,
    "cancelled_at": """
        cancelledat canceledat cancelleddate canceleddate cancellationdate refundedat refunddate
        dataanulowania datazwrotu stornodatum storniertam canceldate cancelat refundedon
        returnedat returndate returneddate datarezygnacji erstattungsdatum erstattetam
        ruckgabedatum retourendatum dateannulation dateremboursement fechacancelacion
        fechareembolso datarimborso dataannullamento annuleringsdatum datumstorna
        datumvraceni""",
    "refunded": """
        refundedamount amountrefunded totalrefunded refundamount refundtotal refunded
        refundvalue refundedtotal refundedvalue totalrefund totalrefunds refunds kwotazwrotu
        kwotazwrotow kwotazwrocona wartosczwrotu wartosczwrotow sumazwrotow zwrocono zwrot zwroty
        erstattet erstattungsbetrag erstatteterbetrag erstattung montantrembourse
        totalrembourse rembourse importereembolsado totalreembolsado reembolsado importorimborsato
        totalerimborsato rimborsato terugbetaald terugbetaaldbedrag vraceno vracenacastka
        visszateritettosszeg visszaterites sumarambursata aterbetalt returnedamount
        returnamount returnvalue returntotal""",
    "currency": """
        currency currencycode ordercurrencycode transactioncurrency waluta kodwaluty waehrung
        wahrung""",
    "discount": "",
    "store": """
        storeid storecode storeno storenumber store storename shopid shopcode shopno shop shopname
        branchid branchcode branch outletid outlet locationid location siteid site websiteid website
        channelid channel saleschannel marketplace kanal kanalsprzedazy idsklepu nrsklepu kodsklepu
        sklep nazwasklepu oddzial nroddzialu punktsprzedazy lokalizacja filiale filialid filialnr
        filialnummer standort verkaufskanal shopkennung magasin boutique idmagasin""",
}
ALIASES = {
    role: {name: rank for rank, name in enumerate(dict.fromkeys(names.split()))}
    for role, names in _NAMES.items()
}
DOCUMENT_TYPES = frozenset(_DOCUMENT_NAMES.split())
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
        "sum",
    ]
)
_OF_ORDER = re.compile(
    r"(order|basket|cart|invoice|transaction|checkout|receipt|purchase|zamowien|koszyk|faktur|"
    r"paragon|transakcj|bestell|auftrag|rechnung|warenkorb|beleg|commande|panier|facture|pedido)"
    r".*(total|value|amount|sum|revenue|price|wartosc|kwota|wert|betrag|preis|montant|prix)|"
    r"(total|value|amount|sum|wartosc|kwota|wert|betrag|montant|prix).*"
    r"(order|basket|cart|invoice|transaction|receipt|zamowien|koszyk|faktur|paragon|transakcj|"
    r"bestell|auftrag|rechnung|warenkorb|commande|panier|facture|pedido)|"
    r"grandtotal|gesamtsumme|endbetrag|totalttc|doplat"
)
_OF_LINE = re.compile(
    r"line|item|row|product|position|pozycj|artikel|artyk|towar|produkt|extended|unit|piece|ligne|"
    r"article|zeile"
)
# Words that make a longer column name a candidate when no usual name is there.
WORDS: dict[str, re.Pattern[str]] = {
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
NOT_WORDS: dict[str, re.Pattern[str]] = {
    "customer": re.compile(
        r"name|nazwa|imie|type|typ|group|grup|segment|country|city|zip|phone|since|note|status|age"
    ),
    "order": re.compile(
        r"date|data|datum|time|total|value|wartosc|amount|status|type|count|line|qty|price|source|"
        r"quantit|ilosc|menge|anzahl|item|pozycj|channel|kanal|priorit|method|metod|hour|note|notat"
    ),
    "date": re.compile(
        r"ship|deliver|wysyl|dostaw|liefer|birth|urodz|geburt|paid|updat|modif|due|cancel|anul|"
        r"refund|zwrot|storn|estimat|fulfil|regist|valid|expir|approv|dispatch|return|platn|"
        r"payment|oplac|zaplac|bezahl|zahlung|versand|versch|exped|livr|wyslan|nadani|odbior|pickup|"
        r"chang|zmian|aktualiz|sync|import|export|extract|print|generat|download|since|joined|"
        r"signup|login|account|konta|rejestr|anmeld|first|last|pierwsz|ostatni|naiss|nacim|settle"
    ),
    "product": re.compile(r"price|cena|preis|qty|quantity|count|total|category|kategor|type|group"),
    "quantity": re.compile(r"price|refund|return|zwr"),
    "amount": re.compile(
        r"tax|vat|ship|discount|rabat|refund|zwrot|zwroc|erstatt|rembours|reembols|rimbors|return|"
        r"adjusted|qty|quantity|count|fee|cost|koszt|balance|date|divisor|exponent|rate$|kurs"
    ),
    "price": re.compile(r"ship|discount|rabat|tax|vat|compare|cost|list|old|stara|original"),
}
FLAGS = {role: "--" + role.replace("_", "-") for role in ROLES} | {
    "currency": "--currency-column",
}


ID_WORDS = re.compile(r"id|no|nr|num|ref|key|code|kod")


def normalised(name: str) -> str:
    """Give a header without case, accents, repeats' numbers and punctuation."""
    name = re.sub(r" \(\d+\)$", "", name).lower().replace("ł", "l").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^a-z0-9]", "", "".join(c for c in plain if not unicodedata.combining(c)))


def is_order_total(key: str) -> bool:
    """Whether a header speaks of a whole order's money: on lines it must not be summed."""
    return key in ORDER_TOTALS or bool(_OF_ORDER.search(key) and not _OF_LINE.search(key))


def is_of_line(key: str) -> bool:
    """Whether a header speaks of the money of a line."""
    return bool(_OF_LINE.search(key))


def is_word_of(role: str, key: str) -> bool:
    """Whether a header that is not usual still names a role."""
    return bool(WORDS[role].search(key)) and not NOT_WORDS[role].search(key)
