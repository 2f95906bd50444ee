"""What is being done, for the person who waits: on the terminal alone, in no file."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "not_watched": {
        "en": "dvc.yaml: add - ${{ingest.{noun}}} to the deps of ingest; without it dvc repro "
        "overlooks a new file",
        "pl": "dvc.yaml: dopisz - ${{ingest.{noun}}} do deps etapu ingest; bez tego dvc repro "
        "przeoczy nowy plik",
    },
    "erased_of_lists": {
        "en": "erased persons who were on earlier lists: {n:n}; winback forget takes them out of "
        "those, too",
        "pl": "usunięte osoby z wcześniejszych list: {n:n}; winback forget usunie je także stamtąd",
    },
    "consents_not_watched": {
        "en": "{file}: dvc repro overlooks when this file of ingest.privacy changes; put it into "
        "data/privacy",
        "pl": "{file}: dvc repro przeoczy zmianę tego pliku z ingest.privacy; przenieś go do "
        "data/privacy",
    },
    "no_workbook": {
        "en": "list.xlsx: not written, since the list has {n:n} rows; a workbook is for lists of "
        "{most:n} at most",
        "pl": "list.xlsx: nie zapisano, bo lista ma {n:n} wierszy; skoroszyt powstaje dla list "
        "do {most:n} wierszy",
    },
    "restated": {
        "en": "{n:n} outcomes were known otherwise at a later cutoff; the backtest learns from "
        "those",
        "pl": "wyniki, które później okazały się inne: {n:n}; sprawdzian uczy się na tamtych",
    },
    "snapshots": {
        "en": "{rows:n} snapshot rows, {outcomes:n} outcomes",
        "pl": "wiersze migawek: {rows:n}, wyniki: {outcomes:n}",
    },
    "late": {
        "en": "{share:share2} of the customers have purchases known only after a cutoff",
        "pl": "{share:share2} klientów ma zakupy, o których wiadomo dopiero po dniu oceny",
    },
    "custom": {
        "en": "custom {columns}: {seconds:n1} s",
        "pl": "własne kolumny {columns}: {seconds:n1} s",
    },
    "no_history": {
        "en": "target.history: {pattern} matches no file yet: nobody was sent anything",
        "pl": "target.history: do {pattern} nie pasuje jeszcze żaden plik: nikomu nic nie wysłano",
    },
    "learning": {
        "en": "learning from {n:n} snapshots",
        "pl": "nauka na migawkach: {n:n}",
    },
    "judging": {
        "en": "judging the model as of {day:short_day}",
        "pl": "sprawdzian modelu na dzień {day:short_day}",
    },
    "treated": {
        "en": "{n:n} snapshots are left out, since an offer may have touched what followed; "
        "controls stand for those they were drawn with",
        "pl": "pominięte migawki, po których mogła zadziałać oferta: {n:n}; zastępuje je "
        "wylosowana z nimi grupa kontrolna",
    },
    "rule": {
        "en": "a simple rule ({method}) did better than the model: the scores come from it",
        "pl": "prosta reguła ({method}) wypadła lepiej niż model: oceny pochodzą z niej",
    },
    "near_chance": {
        "en": "neither the model nor a rule can tell customers apart: all get the same chance",
        "pl": "ani model, ani żadna reguła nie odróżnia klientów: wszyscy dostają tę samą szansę",
    },
    "gate": {
        "en": "the model just trained meets the champion ({version})",
        "pl": "nowy model mierzy się z dotychczasowym ({version})",
    },
    "products": {
        "en": "next products for {n:count customer}",
        "pl": "następne produkty: klienci {n:n}",
    },
    "products_private": {
        "en": "look at the products: {n:n} of {of:n} stay out, since their names or categories "
        "hint at health, faith, sex or the like; what may be shown all the same goes into "
        "products.allowed",
        "pl": "sprawdź produkty: na listy nie trafi {n:n} z {of:n}, bo ich nazwy lub kategorie "
        "zdradzają coś o zdrowiu, wierze, seksie i tym podobnych; co mimo to wolno pokazać, wpisz "
        "do products.allowed",
    },
    "reranker_out": {
        "en": "the re-ranker did not win on the shop's own past: decayed counts make the lists",
        "pl": "reranker nie wypadł lepiej na dawnych zakupach sklepu: o kolejności decyduje to, "
        "jak często i jak niedawno klient kupował",
    },
    "products_untried": {
        "en": "too few customers bought again in the last {days:count day} to tell how right the "
        "next products are: {n:n} of the {least:n} it takes",
        "pl": "za mało klientów kupiło ponownie w ciągu ostatnich {days:count of day}, żeby ocenić "
        "trafność następnych produktów: {n:n} z potrzebnych {least:n}",
    },
    "scored": {"en": "{n:count customer} scored", "pl": "ocenieni klienci: {n:n}"},
    "measured": {"en": "{campaign} measured", "pl": "{campaign}: zmierzone"},
    "replaying": {
        "en": "the week of {day:short_day} as it was known then",
        "pl": "tydzień {day:short_day}, jak go wtedy znano",
    },
    "learned": {
        "en": "learned from {n:count of campaign} and {people:count customer}",
        "pl": "wnioski z {n:count of campaign}, klienci: {people:n}",
    },
    "graded": {"en": "lists graded: {n:n}", "pl": "ocenione listy: {n:n}"},
    "left_seconds": {"en": "about {n:n} s left", "pl": "zostało około {n:n} s"},
    "left_minutes": {"en": "about {n:n} min left", "pl": "zostało około {n:n} min"},
    "drawing_shop": {"en": "making up {n:count customer}", "pl": "zmyślam klientów: {n:n}"},
    "writing_table": {"en": "writing {file}", "pl": "zapisuję {file}"},
    "lines": {
        "en": "{done:n} of {total:n} lines, about {left:n} s left",
        "pl": "wiersze: {done:n} z {total:n}, zostało około {left:n} s",
    },
    "first_trial": {
        "en": "trial {done:n} of {total:n}: best log loss {best:n5}",
        "pl": "próba {done:n} z {total:n}: najlepszy log loss {best:n5}",
    },
    "trial": {
        "en": "trial {done:n} of {total:n}: best log loss {best:n5}, {left:n} s left",
        "pl": "próba {done:n} z {total:n}: najlepszy log loss {best:n5}, zostało {left:n} s",
    },
    # reading a shop's files
    "asking_database": {"en": "asking the database", "pl": "pytam bazę danych"},
    "reading_files": {"en": "reading {files}", "pl": "czytam {files}"},
    "settling_orders": {
        "en": "settling amounts, refunds and repeats",
        "pl": "porządkuję kwoty, zwroty i powtórzenia",
    },
    "writing_orders": {"en": "writing orders", "pl": "zapisuję zamówienia"},
    "reading_signals": {"en": "reading signals: {files}", "pl": "czytam zdarzenia: {files}"},
    "reading_products": {"en": "reading products: {files}", "pl": "czytam produkty: {files}"},
    "reading_attributes": {"en": "reading attributes: {files}", "pl": "czytam atrybuty: {files}"},
    "signals_read": {
        "en": "signals: {read:n} lines read, {kept:n} kept, {aside:n} set aside, {ignored:n} "
        "ignored",
        "pl": "zdarzenia: wczytano {read:count line}, zachowano {kept:n}, odłożono {aside:n}, "
        "pominięto {ignored:n}",
    },
    "attributes_read": {
        "en": "attributes: {read:n} lines read, {kept:n} kept, {aside:n} set aside, {ignored:n} "
        "ignored",
        "pl": "atrybuty: wczytano {read:count line}, zachowano {kept:n}, odłożono {aside:n}, "
        "pominięto {ignored:n}",
    },
}
