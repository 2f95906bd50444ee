"""What can be wrong at one destination that rows are pushed to."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_postgresql": {
        "en": "WINBACK_POSTGRESQL_URL: {scheme}:// is no address of PostgreSQL. Set it to "
        "postgresql://user:password@host:5432/database.",
        "pl": "WINBACK_POSTGRESQL_URL: {scheme}:// to nie adres PostgreSQL. Ustaw "
        "postgresql://użytkownik:hasło@serwer:5432/baza.",
    },
    "no_login": {
        "en": "{place}: the database let nobody in under this name and password. Set them in "
        "WINBACK_POSTGRESQL_URL, or in WINBACK_DATABASE_USER and WINBACK_DATABASE_PASSWORD.",
        "pl": "{place}: baza odrzuciła tę nazwę użytkownika albo hasło. Ustaw je w "
        "WINBACK_POSTGRESQL_URL albo w WINBACK_DATABASE_USER i WINBACK_DATABASE_PASSWORD.",
    },
    "database_refused": {
        "en": "{place}: the database answered: {said}. Look at export.options.postgresql and at "
        "the rights of its user (docs/sending.md).",
        "pl": "{place}: baza odpowiedziała: {said}. Sprawdź export.options.postgresql i "
        "uprawnienia użytkownika (docs/sending.md).",
    },
    "bad_name": {
        "en": "{name!r}: PostgreSQL takes no such name for a table or a column; 1 to {most} bytes.",
        "pl": "{name!r}: PostgreSQL nie przyjmie takiej nazwy tabeli ani kolumny; 1–{most} bajty.",
    },
    "no_columns": {
        "en": "{table}: has no column {columns}. Add what is missing: {sql}",
        "pl": "{table}: brakuje kolumn: {columns}. Dodaj je: {sql}",
    },
    "no_unique": {
        "en": "{table}: nothing keeps {key} unique, so a row could stand there twice. Make it the "
        "primary key: {sql}",
        "pl": "{table}: nic nie pilnuje, aby wartości {key} się nie powtarzały, więc wiersz mógłby "
        "się powtórzyć. Ustaw klucz główny: {sql}",
    },
    "no_table": {
        "en": "{table}: there is no such table. Make it, or set "
        "export.options.postgresql.create_table: true.",
        "pl": "{table}: nie ma takiej tabeli. Utwórz ją albo ustaw "
        "export.options.postgresql.create_table: true.",
    },
    "no_option": {
        "en": "export.options.{destination}.{option}: missing. Say it in params.yaml; "
        "docs/sending.md tells where to find it.",
        "pl": "export.options.{destination}.{option}: brak. Podaj tę wartość w params.yaml; "
        "docs/sending.md mówi, gdzie ją znaleźć.",
    },
    "no_status": {
        "en": "--create: say in export.options.mailchimp.status_if_new which status new members "
        "get: {known}. Nobody gets one without it.",
        "pl": "--create: podaj w export.options.mailchimp.status_if_new, jaki status dostaną nowe "
        "kontakty: {known}. Bez tego nikt nie zostanie dodany.",
    },
    "creates_nobody": {
        "en": "--create: {destination} subscribes whoever is added to a list, so winback adds "
        "nobody there. Import the file by hand, and leave --create out.",
        "pl": "--create: {destination} zapisuje do newslettera każdego, kto trafia na listę, więc "
        "winback nikogo tam nie dodaje. Zaimportuj plik ręcznie, a --create pomiń.",
    },
    "no_datacentre": {
        "en": "{name}: the key does not end with its datacentre, such as -us21. Copy it whole.",
        "pl": "{name}: klucz nie kończy się nazwą centrum danych, np. -us21. Skopiuj go w całości.",
    },
    "no_list": {
        "en": "{destination}: no list {found} ({said}). Look at export.options, {option}.",
        "pl": "{destination}: nie ma listy {found} ({said}). Sprawdź {option} w export.options.",
    },
    "no_fields": {
        "en": "{destination}: has no field {fields}. Create what is missing there, or set "
        "export.options.{name}.create_fields: true.",
        "pl": "{destination}: brakuje pól: {fields}. Utwórz je tam albo ustaw "
        "export.options.{name}.create_fields: true.",
    },
    "no_new_field": {
        "en": "{destination}: did not make the field {field} ({said}). Make it there by hand, or "
        "send fewer columns: export.columns.",
        "pl": "{destination}: nie udało się utworzyć pola {field} ({said}). Utwórz je tam ręcznie "
        "albo wyślij mniej kolumn: export.columns.",
    },
    "no_tags": {
        "en": "Mailchimp: did not take the tags ({said}). Set export.options.mailchimp.tags: false "
        "to send merge fields alone.",
        "pl": "Mailchimp: nie przyjął tagów ({said}). Ustaw export.options.mailchimp.tags: false, "
        "aby wysyłać same pola.",
    },
    "no_columns_there": {
        "en": "{place}: has no field {fields}, or this user may not see it. Create the fields in "
        "the Setup of Salesforce and give the user the right to edit them.",
        "pl": "{place}: brakuje pól: {fields} albo ten użytkownik ich nie widzi. Utwórz pola w "
        "ustawieniach Salesforce i daj użytkownikowi prawo ich edycji.",
    },
    "no_api_name": {
        "en": "export.options.salesforce_bulk: {name!r} is no API name of Salesforce, such as "
        "Contact or WB_Customer_Id__c.",
        "pl": "export.options.salesforce_bulk: {name!r} to nie nazwa API Salesforce, taka jak "
        "Contact czy WB_Customer_Id__c.",
    },
    "no_query": {
        "en": "{place}: could not be asked which records have which {key} ({said}). The user needs "
        "the right to read both.",
        "pl": "{place}: nie udało się sprawdzić, które rekordy mają jakie {key} ({said}). "
        "Użytkownik musi mieć prawo odczytu obu.",
    },
    "no_job": {
        "en": "{place}: Salesforce did not do the job ({said}). Mend that and start again; what "
        "was confirmed is not sent twice.",
        "pl": "{place}: Salesforce nie wykonał zadania ({said}). Usuń przyczynę i uruchom "
        "ponownie; co potwierdzono, nie zostanie wysłane drugi raz.",
    },
    "not_ready": {
        "en": "{place}: not finished after {minutes:n} min. Start the push again later; it asks on "
        "from there.",
        "pl": "{place}: po {minutes:n} min nadal nie skończył. Uruchom wysyłkę później; zacznie od "
        "tego miejsca.",
    },
}
