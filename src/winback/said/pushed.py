"""A push to a destination: what would be done, and what was."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    # The dry run.
    "dry": {
        "en": "{destination}, {campaign}: a dry run. Nothing was sent; --yes sends.",
        "pl": "{destination}, {campaign}: próba na sucho. Nic nie wysłano; wysyła --yes.",
    },
    "dry_everybody": {
        "en": "{destination}, everybody's scores of {campaign}: a dry run. Nothing was sent; --yes "
        "sends.",
        "pl": "{destination}, oceny wszystkich klientów z {campaign}: próba na sucho. Nic nie "
        "wysłano; wysyła --yes.",
    },
    "cut_off": {
        "en": "Goes on with the push that was cut off: {given_up:n} already tried stay as they "
        "were.",
        "pl": "To ciąg dalszy przerwanej wysyłki; nie próbujemy ponownie z osobami, których tam "
        "nie ma albo które odrzucono: {given_up:n}.",
    },
    "updates": {
        "en": "Set: {n:count customer}, {known:n} of them known to be there. Created: 0, since "
        "only --create creates; whoever is not there is skipped.",
        "pl": "Do ustawienia: {n:count customer} (na pewno są tam: {known:n}). Nowych kontaktów: "
        "0, bo tworzy je tylko --create; kogo tam nie ma, tego pomijamy.",
    },
    "updates_create": {
        "en": "Set: {n:count customer}, {known:n} of them known to be there. Created: at most "
        "{most:n}.",
        "pl": "Do ustawienia: {n:count customer} (na pewno są tam: {known:n}). Nowych kontaktów: "
        "najwyżej {most:n}.",
    },
    "clears": {
        "en": "Taken back: {n:count customer} ({why}).",
        "pl": "Do wycofania: {n:count customer} ({why}).",
    },
    "unchanged": {
        "en": "Not sent, since it stands there already: {n:count customer}.",
        "pl": "Bez wysyłki, bo te same wartości już tam są: {n:count customer}.",
    },
    "skipped": {
        "en": "Skipped: {why}.",
        "pl": "Pominięci: {why}.",
    },
    "reason": {"en": "{why:term skipped} {n:n}", "pl": "{why:term skipped} {n:n}"},
    "code": {"en": "{code} {n:n}", "pl": "{code} {n:n}"},
    "properties": {
        "en": "Properties: {names}",
        "pl": "Właściwości: {names}",
    },
    "cost": {
        "en": "{calls:n} calls, about {seconds:n} s, if nothing fails.",
        "pl": "Zapytań: {calls:n}, około {seconds:n} s, jeśli nic nie zawiedzie.",
    },
    "nothing": {
        "en": "Nothing to send: all of it stands there already.",
        "pl": "Nie ma czego wysyłać: wszystkie wartości już tam są.",
    },
    "example": {"en": "Example: {json}", "pl": "Przykład: {json}"},
    "left_already": {
        "en": "The list left before; its sealed rows are sent.",
        "pl": "Lista już wyszła; wysyłane są jej zatwierdzone wiersze.",
    },
    "will_seal": {
        "en": "Once the first batch is confirmed, the list is sealed as having left.",
        "pl": "Po potwierdzeniu pierwszej partii lista zostanie zatwierdzona jako wysłana.",
    },
    # Sending.
    "sending": {
        "en": "{done:n} of {of:n} settled",
        "pl": "gotowe: {done:n} z {of:n}",
    },
    "sent": {
        "en": "{destination}, {campaign}: set {updated:n}, created {created:n}, taken back "
        "{cleared:n}, unchanged {unchanged:n}, not there {not_there:n}, refused {refused:n}.",
        "pl": "{destination}, {campaign}: ustawiono {updated:n}, utworzono {created:n}, wycofano "
        "{cleared:n}, bez zmian {unchanged:n}, nie ma ich tam {not_there:n}, odrzucono "
        "{refused:n}.",
    },
    "made": {
        "en": "Properties made there: {names}",
        "pl": "Utworzone tam właściwości: {names}",
    },
    "calls": {"en": "{n:n} calls.", "pl": "Zapytań: {n:n}."},
    "rejected": {
        "en": "Refused, with its reasons ({why}): {file}",
        "pl": "Odrzuceni, z podanymi powodami ({why}): {file}",
    },
    "erased": {
        "en": "People who were erased still have values of ours there: {n:n}. Nothing may be sent "
        "of them; delete them there by hand.",
        "pl": "Są tam jeszcze nasze wartości o osobach, których dane usunięto: {n:n}. Nic o nich "
        "wysłać nie wolno; usuń je tam ręcznie.",
    },
    "by_hand": {"en": "Whom: {file}", "pl": "Kogo: {file}"},
    "sealed": {
        "en": "The list has left: entry {entry:n} of the ledger.",
        "pl": "Lista wyszła: wpis {entry:n} w dzienniku.",
    },
    "sealed_before": {
        "en": "The list had left before: entry {entry:n} of the ledger.",
        "pl": "Lista wyszła już wcześniej: wpis {entry:n} w dzienniku.",
    },
    # Destinations that take files.
    "files_alone": {
        "en": "{destination} is not pushed to, it takes a file: {file}",
        "pl": "{destination} dostaje plik, push tam nie wysyła: {file}",
    },
    "file_missing": {
        "en": "{destination} is not pushed to, it takes a file, and {file} is not there yet: "
        "winback export --for {name}, or winback run --for {name}, writes it.",
        "pl": "{destination} dostaje plik, push tam nie wysyła, a {file} jeszcze nie ma: zapisze "
        "go winback export --for {name} albo winback run --for {name}.",
    },
    "import_salesforce": {
        "en": "Data Loader, Update, object Contact, matched by the external id; nobody is created. "
        "Clearing values need the Bulk API switched on.",
        "pl": "Data Loader, Update, obiekt Contact, dopasowanie po external id; nikt nowy nie "
        "powstaje. Wycofanie wartości wymaga włączonego Bulk API.",
    },
    "import_marketing_cloud": {
        "en": "Import into a data extension of its own, Add and Update, mapped by header row; "
        "never into All Subscribers.",
        "pl": "Import do osobnego data extension, Add and Update, mapowanie po nagłówkach; nigdy "
        "do All Subscribers.",
    },
    "import_braze": {
        "en": "Audience, Import Users, update existing users only.",
        "pl": "Audience, Import Users, tylko aktualizacja istniejących użytkowników.",
    },
    "import_brevo": {
        "en": "Make the attributes first; then Contacts, Import contacts, update existing contacts "
        "and empty attributes. Do not touch the blocklist.",
        "pl": "Najpierw utwórz atrybuty; potem Kontakty, Importuj kontakty, z aktualizacją "
        "istniejących i czyszczeniem pustych pól. Nie ruszaj listy zablokowanych.",
    },
    "import_activecampaign": {
        "en": "Make the fields first; then Contacts, Import, update existing contacts, no list, "
        "and do not run automations for them.",
        "pl": "Najpierw utwórz pola; potem Contacts, Import, aktualizacja istniejących, bez listy "
        "i bez uruchamiania automatyzacji.",
    },
    "import_salesmanago": {
        "en": "Contacts, Import and export, from a CSV file: e-mail as the key, our columns as "
        "details, tags as tags. Do not touch the opt-in; take old WB_ tags away first.",
        "pl": "Kontakty, Import i eksport, z pliku CSV: e-mail jako klucz, nasze kolumny jako "
        "szczegóły, tagi jako tagi. Nie zmieniaj zgód (opt-in); stare tagi WB_ usuń wcześniej.",
    },
    "import_edrone": {
        "en": "Make the tags first; then CRM, Import contacts: e-mail, its status as edrone had "
        "it, tags.",
        "pl": "Najpierw utwórz tagi; potem CRM, Import kontaktów: e-mail, jego status taki, jaki "
        "był w edrone, i tagi.",
    },
    "import_google_ads": {
        "en": "Audience manager, Customer list, upload it as hashed.",
        "pl": "Menedżer odbiorców, Lista klientów, prześlij jako dane zahaszowane.",
    },
    "import_meta_ads": {
        "en": "Audiences, Custom audience, Customer list, with customer value; give it a neutral "
        "name.",
        "pl": "Grupy odbiorców, Niestandardowa grupa odbiorców, Lista klientów, z wartością "
        "klienta; nazwij ją neutralnie.",
    },
    "import_parquet": {
        "en": "One row a customer, for a table of your own.",
        "pl": "Jeden wiersz na klienta, do własnej tabeli.",
    },
    "then_control": {
        "en": "Keep the people of {file} out of automations: they are the control group.",
        "pl": "Osoby z {file} wyklucz z automatyzacji: to grupa kontrolna.",
    },
    "then_confirm": {
        "en": "Once it is imported: winback confirm {name}. More: docs/destinations.md",
        "pl": "Po imporcie: winback confirm {name}. Więcej: docs/destinations.md",
    },
}
