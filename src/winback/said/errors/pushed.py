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
}
