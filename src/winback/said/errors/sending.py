"""What ends a push, or keeps one from beginning."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_secret": {
        "en": "{name}: not set. It is taken from the environment alone; docs/sending.md says where "
        "to get it.",
        "pl": "{name}: nie ustawiono tej zmiennej. Jest brana wyłącznie ze środowiska; "
        "docs/sending.md mówi, skąd ją wziąć.",
    },
    "no_access": {
        "en": "{place}: refused with HTTP {status}: {said}. Look at the key and its rights "
        "(docs/sending.md).",
        "pl": "{place}: odmowa, HTTP {status}: {said}. Sprawdź klucz i jego uprawnienia "
        "(docs/sending.md).",
    },
    "elsewhere": {
        "en": "{place}: points elsewhere with HTTP {status}; a key is sent nowhere but to the "
        "address that was named. Give the right one with --base-url.",
        "pl": "{place}: odsyła gdzie indziej (HTTP {status}); klucz wysyłamy tylko pod podany "
        "adres. Podaj właściwy przez --base-url.",
    },
    "no_answer": {
        "en": "{place}: no answer after {tries} tries ({last}). What was confirmed is kept; run "
        "the same command again to go on from there.",
        "pl": "{place}: brak odpowiedzi mimo prób (liczba prób: {tries}; {last}). Potwierdzone "
        "zmiany są zapisane; uruchom to samo polecenie jeszcze raz, a wysyłka pójdzie dalej.",
    },
    "come_back": {
        "en": "{place}: takes no more calls for {minutes} min. What was confirmed is kept; run the "
        "same command again then.",
        "pl": "{place}: przez {minutes} min nie przyjmie więcej zapytań. Potwierdzone zmiany są "
        "zapisane; uruchom potem to samo polecenie.",
    },
    "no_url": {
        "en": "--base-url {url!r}: no address of a server. Expected https://host or, on this "
        "machine, http://127.0.0.1:port, without a name or password.",
        "pl": "--base-url {url!r}: to nie jest adres serwera. Oczekiwano https://host albo, na tym "
        "komputerze, http://127.0.0.1:port, bez nazwy i hasła.",
    },
    "in_the_clear": {
        "en": "--base-url: http:// to {host} would send key and addresses in the clear. Use "
        "https://.",
        "pl": "--base-url: http:// do {host} przesłałoby klucz i adresy jawnym tekstem. Użyj "
        "https://.",
    },
    "busy": {
        "en": "{folder}: another push to this destination is under way. Wait until it has ended.",
        "pl": "{folder}: trwa już inna wysyłka do tego miejsca. Poczekaj, aż się skończy.",
    },
    "all_refused": {
        "en": "Nobody was taken: the first {n} were refused one by one, all with {code} ({said}). "
        "It is hardly the rows; nothing more was sent.",
        "pl": "Nikogo nie przyjęto: pierwsze {n} osób odrzucono pojedynczo, wszystkie z kodem "
        "{code} ({said}). To raczej nie wina wierszy; nic więcej nie wysłano.",
    },
    "files_alone": {
        "en": "{name!r}: gets files and is not pushed to; push speaks to: {known}. winback export "
        "--for {name} writes its file.",
        "pl": "{name!r}: dostaje pliki, push tam nie wysyła; push zna: {known}. Plik zapisze "
        "winback export --for {name}.",
    },
    "no_property": {
        "en": "{place}: has no property {name} and would not make it ({said}). Make it there by "
        "hand, of type {kind}, or give the key the right to.",
        "pl": "{place}: nie ma właściwości {name} i nie pozwala jej utworzyć ({said}). Utwórz ją "
        "ręcznie, typu {kind}, albo nadaj kluczowi takie prawo.",
    },
    "no_lookup": {
        "en": "{place}: would not say who is there ({said}), and it creates whom it does not know. "
        "Give the key the right to read, or allow creating with --create.",
        "pl": "{place}: nie chce powiedzieć, kto tam jest ({said}), a nieznane osoby tworzy. Nadaj "
        "kluczowi prawo do odczytu albo zezwól na tworzenie przez --create.",
    },
    "job_waits": {
        "en": "{place}: its job is still {status}. What was confirmed is kept; run the same "
        "command again later to read what came of it.",
        "pl": "{place}: zadanie ma nadal stan {status}. Potwierdzone zmiany są zapisane; uruchom "
        "później to samo polecenie, aby odczytać wynik.",
    },
    "would_clear_all": {
        "en": "{label}: nobody is left to send to, and the values of all {n} it holds would be "
        "taken back. If that is meant, say --clear-all.",
        "pl": "{label}: nie ma komu nic wysłać, a wartości wszystkich, których tam mamy ({n}), "
        "zostałyby wycofane. Jeśli tak ma być, dodaj --clear-all.",
    },
    "later_there": {
        "en": "{label}: holds values of {there}, which left after {campaign}; sending that now "
        "would take them back. Push it to another destination, or push the later list.",
        "pl": "{label}: są tam wartości z {there}, czyli z listy późniejszej niż {campaign}; "
        "wysyłka starszej by je wycofała. Wyślij ją gdzie indziej albo wyślij nowszą listę.",
    },
    "list_changed": {
        "en": "{file}: another list was made while this one was being sent, so it cannot be "
        "sealed. Nothing more was sent; run the same command again for the new one.",
        "pl": "{file}: w czasie wysyłki powstała inna lista, więc tej nie da się zatwierdzić. Nic "
        "więcej nie wysłano; dla nowej listy uruchom to samo polecenie.",
    },
    "nobody_taken": {
        "en": "{label}: none of the {n} were taken ({refused} refused, {not_there} not there). "
        "Reasons: {file}",
        "pl": "{label}: nikogo nie przyjęto (wysłano: {n}, odrzucono: {refused}, nie ma ich tam: "
        "{not_there}). Powody: {file}",
    },
}
