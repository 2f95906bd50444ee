"""What cannot be simulated, or asked of a simulated shop."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "kind": {
        "en": "No kind of shop is called {kind!r}; choose {known}.",
        "pl": "Nie ma rodzaju sklepu {kind!r}; do wyboru są: {known}.",
    },
    "kind_like": {
        "en": "No kind of shop is called {kind!r}; did you mean {near!r}? choose {known}.",
        "pl": "Nie ma rodzaju sklepu {kind!r}; może chodziło o {near!r}? Do wyboru są: {known}.",
    },
    "size": {
        "en": "A shop needs at least 1 customer and 1 day; found {customers} customers, "
        "{days} days.",
        "pl": "Sklep potrzebuje co najmniej 1 klienta i 1 dnia; podano klientów: {customers}, "
        "dni: {days}.",
    },
    "late_share": {
        "en": "late_share is a share between 0 and 1; found {found}.",
        "pl": "late_share to liczba od 0 do 1; podano {found}.",
    },
    "day": {
        "en": "{name} is a day such as 2024-06-30; found {found!r}.",
        "pl": "{name} to dzień, na przykład 2024-06-30; podano {found!r}.",
    },
    "offer": {
        "en": "No offer of this shop is called {offer!r}; choose {known}.",
        "pl": "Ten sklep nie ma oferty {offer!r}; do wyboru są: {known}.",
    },
    "window": {
        "en": "A window has at least 1 day; found {days}.",
        "pl": "Okno ma co najmniej 1 dzień; podano {days}.",
    },
    "outside": {
        "en": "This shop is simulated from {start} to {end}; {days} days from {at} are outside.",
        "pl": "Ten sklep jest symulowany od {start} do {end}; {days:count day} od {at} wykracza "
        "poza ten czas.",
    },
    "after_a_campaign": {
        "en": "After a campaign the true probability given the history is not known; ask the shop "
        "as it was before, or see p0 of potential_outcomes.",
        "pl": "Po kampanii nie da się podać prawdziwej szansy z samej historii; zapytaj o sklep "
        "sprzed kampanii albo weź p0 z potential_outcomes.",
    },
    "no_formula": {
        "en": "A BG/NBD shop has no formula for service that matters.",
        "pl": "Sklep BG/NBD nie ma wzoru na obsługę, która ma znaczenie.",
    },
    "no_column": {
        "en": "The assignment has no column {column}.",
        "pl": "W przydziale nie ma kolumny {column}.",
    },
    "strangers": {
        "en": "Customers of the assignment whom the shop does not know: {customers!r}.",
        "pl": "Klienci z przydziału, których sklep nie zna: {customers}.",
    },
    "twice": {
        "en": "Customers with more than one row in the assignment: {customers!r}.",
        "pl": "Klienci z więcej niż jednym wierszem w przydziale: {customers}.",
    },
    "arms": {
        "en": "Unknown arms {arms!r}; known are control, {offers}.",
        "pl": "Nieznane ramiona: {arms}; znane to control, {offers}.",
    },
}
