"""What the intake understood of its source, in Polish: its sentences, found by their form."""

from __future__ import annotations

import re

from winback.said.words import NBSP

# Places in braces hold what is of the shop; one named `note` or `part` is a sentence in itself,
# one that begins with `n` a number. The first form that fits holds.
TEXTS: dict[str, dict[str, str]] = {}

_FORMS = {
    # columns
    "{role}: column '{name}' ({note})": "{role}: kolumna „{name}” ({note})",
    "order: no column; lines of one customer at one instant are one order": "zamówienie: brak "
    "kolumny; wiersze jednego klienta z tej samej chwili to jedno zamówienie",
    "amount: unit price times quantity": "kwota: cena jednostkowa razy ilość",
    "amount: less the order's '{name}', on the line that states it": "kwota: pomniejszona o "
    "„{name}” zamówienia w wierszu, który go podaje",
    "amount: column '{name}' holds the total of the order on each of its lines and is counted "
    "once": "kwota: kolumna „{name}” powtarza sumę zamówienia w każdym jego wierszu i liczy się "
    "raz",
    "amounts are in the currency's smallest unit, as Stripe writes them": "kwoty są w najmniejszej "
    "jednostce waluty, jak w Stripe",
    "customer, date and status of {n} orders are filled only on one of their lines and hold for "
    "all of them": "klient, data i status zamówień ({n}) stoją tylko w jednym ich wierszu i "
    "dotyczą wszystkich",
    "{n} order ids of {file} were turned into scientific notation by a spreadsheet; such orders of "
    "one customer and day are counted as one": "numery zamówień w {file}, które arkusz zamienił na "
    "zapis naukowy: {n}; takie zamówienia jednego klienta z jednego dnia liczą się jako jedno",
    # ids
    "text ids": "identyfikatory tekstowe",
    "whole numbers": "liczby całkowite",
    "whole numbers once written with .0": "liczby całkowite zapisane z .0",
    "whole numbers written with .0 come without it": "liczby całkowite zapisane z .0 – bez niego",
    "{kind} ids": "identyfikatory typu {kind}",
    "e-mail addresses, in lower case": "adresy e-mail, małymi literami",
    "0 is a guest": "0 oznacza gościa",
    # dates
    "dates": "daty",
    "times": "daty z godziną",
    "dates as year-month-day": "daty w kolejności rok-miesiąc-dzień",
    "dates as numbers": "daty zapisane jako liczby",
    "dates read {part} first, as told": "najpierw {part}, jak wskazano",
    "dates read {part} first, because of {example} in row {n}": "najpierw {part}, bo w wierszu {n} "
    "jest {example}",
    "day": "dzień",
    "month": "miesiąc",
    "times with a zone, taken as wall time of {zone}": "godziny ze strefą, odczytane według czasu "
    "{zone}",
    "times kept as written, without their offset": "godziny jak zapisano, bez przesunięcia strefy",
    "times converted to {zone}": "godziny przeliczone na {zone}",
    "times are UTC (give --timezone for the shop's own)": "godziny są w UTC (strefę sklepu podaje "
    "--timezone)",
    "times with several offsets converted to UTC (give --timezone for the shop's own)": "godziny z "
    "różnymi przesunięciami przeliczone na UTC (strefę sklepu podaje --timezone)",
    "they carry no offset, so --timezone changes nothing": "nie mają przesunięcia, więc --timezone "
    "niczego nie zmienia",
    "time of day, added to the date": "godzina, dodana do daty",
    "dates are {part}, converted to {zone}": "daty to {part}, przeliczone na {zone}",
    "dates are {part}, UTC (give --timezone for the shop's own)": "daty to {part}, w UTC (strefę "
    "sklepu podaje --timezone)",
    "dates are {part}": "daty to {part}",
    "year, month and day as one number": "rok, miesiąc i dzień jako jedna liczba",
    "Excel day numbers": "numery dni z Excela",
    "unix {unit}": "czas uniksowy ({unit})",
    # numbers
    "numbers": "liczby",
    "numbers with a decimal point": "liczby z kropką dziesiętną",
    "numbers with a decimal comma": "liczby z przecinkiem dziesiętnym",
    # what was done with odd lines
    "{n} lines of credit notes (C before an order's number) were written as positive and count as "
    "refunds": "wiersze korekt (C przed numerem zamówienia) zapisane z plusem, liczone jako "
    "zwroty: {n}",
    "{n} lines of credit notes or refunds were written as positive and count as refunds": "wiersze "
    "korekt lub zwrotów zapisane z plusem, liczone jako zwroty: {n}",
    "{n} lines come again in a later file with another status, which holds": "wiersze powtórzone w "
    "późniejszym pliku z innym statusem, który obowiązuje: {n}",
    "{n} refunds have no date of their own and are dated like their order": "zwroty bez własnej "
    "daty, datowane jak zamówienie: {n}",
    "{n} lines dated {days} stand far from all others; set aside": "wiersze z datą daleko od "
    "wszystkich innych ({days}), odłożone: {n}",
    "{n} lines equal another in every column; without order ids they may be real and are kept": (
        "wiersze równe innemu w każdej kolumnie: {n}; bez numerów zamówień mogą być prawdziwe i "
        "zostały"
    ),
    "customer {who} holds {share} of all orders and looks like a till, staff or a test account; "
    "kept": "klient {who} ma {share} wszystkich zamówień i wygląda na kasę, pracownika albo konto "
    "testowe; został",
    "{file} ({n} entries) keeps {n2} customers out of every list": "{file} (wpisy: {n}) wyłącza z "
    "list klientów: {n2}",
    # what to look at
    "look at the customers: {n} lines have none in column '{name}' (guests), yet mostly an e-mail "
    'address; to tell customers apart by it, give --customer "{mail}"': "sprawdź klientów: wiersze "
    "bez klienta w kolumnie „{name}” (goście), zwykle jednak z adresem e-mail: {n}; żeby po nim "
    'rozróżniać klientów, podaj --customer "{mail}"',
    "look at the customers: {n} ids come both with and without leading zeros, as a spreadsheet "
    "leaves them, and count as different customers": "sprawdź klientów: identyfikatory zapisane i "
    "z zerami na początku, i bez nich (tak zostawia je arkusz): {n}; liczą się jako różni klienci",
    "look at the customers: {n} ids come both with and without .0, as a spreadsheet leaves them, "
    "and count as different customers": "sprawdź klientów: identyfikatory zapisane i z .0, i bez "
    "niego (tak zostawia je arkusz): {n}; liczą się jako różni klienci",
    "look at the customers: 0 holds {n1} lines, anybody else at most {n2}, and counts as one "
    "customer; if it stands for guests, leave these cells empty": "sprawdź klientów: wierszy "
    "klienta 0 jest {n1}, a każdego innego najwyżej {n2}; 0 liczy się jako jeden klient; jeśli "
    "oznacza gości, zostaw te komórki puste",
    "look at the consents: column '{name}' is not used, so that whoever refused is not left out; "
    'if it is the consent to be written to, give --consent-column "{same}"': "sprawdź zgody: "
    "kolumna „{name}” nie jest używana, więc kto odmówił, nie jest pominięty; jeśli to zgoda na "
    'kontakt, podaj --consent-column "{same}"',
    "look at the dates: the last {n1} days hold {n2} orders, before them {n3} a month; if dates "
    "are wrong there, give --cutoff {day}": "sprawdź daty: w ostatnich dniach ({n1}) jest zamówień "
    "{n2}, wcześniej {n3} miesięcznie; jeśli daty są tam błędne, podaj --cutoff {day}",
    "look at the dates: the last {n1} days hold {n2} lines, where {n3} would be usual; if lines "
    "are missing there, give --cutoff {day}": "sprawdź daty: w ostatnich dniach ({n1}) jest "
    "wierszy {n2}, a zwykle byłoby {n3}; jeśli brakuje tam wierszy, podaj --cutoff {day}",
    "look at the dates: not a line from {day} to {end}, where {n} would be usual; if the shop was "
    "open then, lines are missing in the export": "sprawdź daty: od {day} do {end} nie ma żadnego "
    "wiersza, a zwykle byłoby ich {n}; jeśli sklep wtedy działał, w eksporcie brakuje wierszy",
    "look at the dates: the offsets in column '{name}' differ ({counts}); times with an offset are "
    "{part}": "sprawdź daty: przesunięcia strefy w kolumnie „{name}” są różne ({counts}); godziny "
    "z przesunięciem {part}",
    "kept as written too": "też zostają jak zapisano",
    "kept as written too; give --timezone for the shop's own": "też zostają jak zapisano; strefę "
    "sklepu podaje --timezone",
    "converted to {zone}; give --timezone for the shop's own": "są przeliczone na {zone}; strefę "
    "sklepu podaje --timezone",
    "converted to {zone}": "są przeliczone na {zone}",
    "look at the amounts: column '{a}' is read as the quantity, because times '{b}' it gives "
    "'{c}'": "sprawdź kwoty: kolumna „{a}” to ilość, bo razy „{b}” daje „{c}”",
    "look at the amounts: column '{a}' holds small whole numbers and is read as the quantity, "
    "'{b}' as the price of one; if '{c}' is money, give --amount '{d}'": "sprawdź kwoty: kolumna "
    "„{a}” zawiera małe liczby całkowite i jest czytana jako ilość, a „{b}” jako cena sztuki; "
    "jeśli „{c}” to pieniądze, podaj --amount '{d}'",
    "look at the amounts: lines from {day} on hold {n} times the amount of those before; if the "
    "unit or currency changed, bring all to one": "sprawdź kwoty: wiersze od {day} mają {n} razy "
    "większe kwoty niż wcześniejsze; jeśli zmieniła się jednostka albo waluta, sprowadź wszystkie "
    "do jednej",
    "look at the amounts: lines before {day} hold {n} times the amount of those from then on; if "
    "the unit or currency changed, bring all to one": "sprawdź kwoty: wiersze sprzed {day} mają "
    "{n} razy większe kwoty niż późniejsze; jeśli zmieniła się jednostka albo waluta, sprowadź "
    "wszystkie do jednej",
    "look at the amounts: column '{name}' calls lines credit notes ({values}) but is not read, so "
    'that they count as purchases; give their amounts with a minus, or --status "{same}"': (
        "sprawdź kwoty: kolumna „{name}” nazywa wiersze korektami ({values}), ale nie jest "
        'czytana, więc liczą się jako zakupy; podaj ich kwoty z minusem albo --status "{same}"'
    ),
    "look at the amounts: '{name}' is not subtracted from the lines": "sprawdź kwoty: „{name}” nie "
    "jest odejmowane od wierszy",
    "look at the amounts: an order of {day} holds {share} of all revenue ({money})": "sprawdź "
    "kwoty: jedno zamówienie z {day} to {share} całej sprzedaży ({money})",
    "look at the amounts: order {order} of {day} holds {share} of all revenue ({money})": "sprawdź "
    "kwoty: zamówienie {order} z {day} to {share} całej sprzedaży ({money})",
    # signals and attributes
    "text": "tekst",
    "empty": "pusta",
    "{file}: known_at: no column; each line counts as known when it happened": (
        "{file}: known_at: brak kolumny; każdy wiersz liczy się jako znany od chwili zdarzenia"
    ),
    "look at the signals: column '{name}' of {file} holds times and is not used; if "
    "it says when a line became known, name it known_at in ingest.signal_columns": (
        "sprawdź zdarzenia: kolumna „{name}” w {file} zawiera daty i nie jest używana; "
        "jeśli mówi, kiedy o wierszu było wiadomo, podaj ją jako known_at w "
        "ingest.signal_columns"
    ),
    "look at the signals: {file} holds no line": (
        "sprawdź zdarzenia: {file} nie ma żadnego wiersza"
    ),
    "look at the attributes: {file} holds no line": (
        "sprawdź atrybuty: {file} nie ma żadnego wiersza"
    ),
    "{n} of {n2} lines of {file} are of customers without orders": (
        "wiersze klientów bez zamówień w {file}: {n} z {n2}"
    ),
    "look at the customers: {n} of {n2} lines of {file} are of customers without orders; {part}": (
        "sprawdź klientów: wiersze klientów bez zamówień w {file}: {n} z {n2}; {part}"
    ),
    "if upper and lower case were alike {n} more would match": (
        "bez różnicy wielkości liter pasowałoby dalszych: {n}"
    ),
    "without the zeros before ids {n} more would match": (
        "bez zer na początku pasowałoby dalszych: {n}"
    ),
    "ids must be written as in the orders": "identyfikatory muszą być jak w zamówieniach",
    "{n} lines of {file} set what a later line sets at the same instant to another "
    "value, which holds": (
        "wiersze {file} zmienione przez późniejszy wiersz z tej samej chwili, który obowiązuje: {n}"
    ),
    # status, whose forms fit much else
    "all count as purchases": "wszystkie to zakupy",
    "{part}: {values} and {n} more": "{part}: {values} i jeszcze {n}",
    "{part}: {values}": "{part}: {values}",
    "cancelled or sent back": "anulowane lub zwrócone",
    "not paid": "bez zapłaty",
    "not a purchase": "to nie zakup",
    "refunds of their own": "osobne zwroty",
    "unknown and kept": "nieznane, zachowane",
}

_ROLES = {
    "customer": "klient", "order": "zamówienie", "product": "produkt", "date": "data",
    "known_at": "kiedy było wiadomo", "cancelled_at": "kiedy anulowano", "clock": "godzina",
    "quantity": "ilość", "amount": "kwota", "price": "cena", "refunded": "zwrócono",
    "discount": "rabat", "status": "status",
}  # fmt: skip

_WITHIN = {
    "share": [("over", "ponad")],
    "money": [(" of ", " z ")],
    "counts": [
        (" with others", " z innymi"),
        (" with ", " z "),
        (" without one are taken as written", " bez przesunięcia, jak zapisano"),
    ],
}


def _pattern(form: str) -> re.Pattern[str]:
    texts = re.split(r"\{(\w+)\}", form)
    texts[::2] = map(re.escape, texts[::2])
    texts[1::2] = [
        f"(?P<{name}>{'[0-9,]+' if _is_number(name) else '.+?'})" for name in texts[1::2]
    ]
    return re.compile("".join(texts), re.DOTALL)


def _is_number(name: str) -> bool:
    return re.fullmatch(r"n[0-9]?", name) is not None


_PATTERNS = [(_pattern(form), polish) for form, polish in _FORMS.items()]


def in_polish(sentence: str) -> str:
    """The same sentence in Polish; one of a form nobody translated stays as it is."""
    for pattern, polish in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            values = found.groupdict()
            return polish.format(**{name: _value(name, values[name]) for name in values})
    head, semicolon, rest = sentence.partition("; ")
    return f"{in_polish(head)}; {in_polish(rest)}" if semicolon else sentence


def _value(name: str, text: str) -> str:
    if _is_number(name) or name in ("share", "money"):
        text = text.translate({ord(","): NBSP, ord("."): ","})
    if name == "role":
        return _ROLES.get(text, text)
    if name in ("note", "part"):
        return in_polish(text)
    for english, polish in _WITHIN.get(name, ()):
        text = text.replace(english, polish)
    return text
