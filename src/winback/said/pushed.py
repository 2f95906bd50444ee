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
        "en": "{destination} is not pushed to, it takes a file. Import {file}; the steps, by hand, "
        "are in docs/destinations.md.",
        "pl": "Do {destination} push nie wysyła, tam idzie plik. Zaimportuj {file}; kroki opisuje "
        "docs/destinations.md.",
    },
    "file_missing": {
        "en": "{destination} is not pushed to, it takes a file, and {file} is not there yet: "
        "winback export --for {name} writes it. How to import it is in docs/destinations.md.",
        "pl": "Do {destination} push nie wysyła, tam idzie plik, a {file} jeszcze nie ma: zapisze "
        "go winback export --for {name}. Jak go zaimportować, opisuje docs/destinations.md.",
    },
    "then_confirm": {
        "en": "Once it is imported: winback confirm {name}",
        "pl": "Po imporcie: winback confirm {name}",
    },
}
