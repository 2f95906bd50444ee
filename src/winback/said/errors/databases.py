"""What can be wrong where orders are read from a database."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "password_in_address": {
        "en": "The database's address must hold no password, since git, DVC and MLflow keep it. "
        "Take it out, and set WINBACK_DATABASE_USER and WINBACK_DATABASE_PASSWORD in the "
        "environment (for PostgreSQL also PGPASSWORD or ~/.pgpass).",
        "pl": "Adres bazy nie może zawierać hasła, bo zapiszą go git, DVC i MLflow. Usuń je i "
        "ustaw w środowisku WINBACK_DATABASE_USER i WINBACK_DATABASE_PASSWORD (dla PostgreSQL "
        "także PGPASSWORD albo ~/.pgpass).",
    },
    "scheme": {
        "en": "{scheme}:// is no database that winback reads; it reads {known}.",
        "pl": "{scheme}:// to nie jest baza, którą winback umie czytać; umie: {known}.",
    },
    "table_and_query": {
        "en": "Give --table or --query, not both.",
        "pl": "Podaj --table albo --query, nie oba naraz.",
    },
    "query_of_file": {
        "en": "--query is for databases, and these orders are a file. Leave it out, or name a "
        "database.",
        "pl": "--query służy bazom danych, a te zamówienia są w pliku. Pomiń tę opcję albo podaj "
        "bazę.",
    },
    "which_table": {
        "en": "{place}: which of its tables holds the orders: {tables}? Name it with --table, or "
        "give SQL with --query.",
        "pl": "{place}: w której z tabel są zamówienia: {tables}? Podaj ją przez --table albo "
        "podaj SQL przez --query.",
    },
    "no_tables": {
        "en": "{place}: there is no table here that this user may read.",
        "pl": "{place}: nie ma tu żadnej tabeli, którą ten użytkownik może czytać.",
    },
    "no_table": {
        "en": "{place}: there is no table {table!r}. It has {tables}; name one with --table.",
        "pl": "{place}: nie ma tabeli {table!r}. Są: {tables}; podaj jedną przez --table.",
    },
    "no_table_but": {
        "en": "{place}: there is no table {table!r}; the nearest is {near!r}. It has {tables}; "
        "name one with --table.",
        "pl": "{place}: nie ma tabeli {table!r}; najbliższa to {near!r}. Są: {tables}; podaj jedną "
        "przez --table.",
    },
    "no_login": {
        "en": "{place}: the database let nobody in under this name and password. Set "
        "WINBACK_DATABASE_USER and WINBACK_DATABASE_PASSWORD in the environment (for PostgreSQL "
        "also PGUSER and PGPASSWORD, or ~/.pgpass).",
        "pl": "{place}: baza odrzuciła tę nazwę użytkownika albo hasło. Ustaw w środowisku "
        "WINBACK_DATABASE_USER i WINBACK_DATABASE_PASSWORD (dla PostgreSQL także PGUSER i "
        "PGPASSWORD albo ~/.pgpass).",
    },
    "no_database": {
        "en": "{place}: the server has no database of this name.",
        "pl": "{place}: na serwerze nie ma bazy o tej nazwie.",
    },
    "no_connection": {
        "en": "{place}: no connection to the database ({said}). Look at host, port and network.",
        "pl": "{place}: nie udało się połączyć z bazą ({said}). Sprawdź host, port i sieć.",
    },
    "refused": {
        "en": "{place}: the database answered: {said}. Look at --query or --table.",
        "pl": "{place}: baza odpowiedziała: {said}. Sprawdź --query albo --table.",
    },
    "long_watermark": {
        "en": "ingest.watermark_query: more than {most:n} rows; it is to give one row that changes "
        "whenever the orders do, such as SELECT count(*), max(updated_at) FROM orders",
        "pl": "ingest.watermark_query: ponad {most:n} wierszy; ma dawać jeden wiersz, który "
        "zmienia się razem z zamówieniami, np. SELECT count(*), max(updated_at) FROM orders",
    },
    "no_watermark_query": {
        "en": "ingest.watermark_query: say in params.yaml which cheap SQL shows that orders have "
        'changed, such as "SELECT count(*), max(updated_at) FROM orders".',
        "pl": "ingest.watermark_query: podaj w params.yaml tanie zapytanie SQL, po którym widać, "
        'że zamówienia się zmieniły, np. "SELECT count(*), max(updated_at) FROM orders".',
    },
    "nothing_to_poll": {
        "en": "ingest.orders: {orders} is no address of a database, so there is nothing to ask; "
        "DVC watches files by itself.",
        "pl": "ingest.orders: {orders} to nie adres bazy, więc nie ma kogo pytać; plików DVC "
        "pilnuje samo.",
    },
    "no_watermark": {
        "en": "{file}: the database has not been asked yet. Run winback poll, then dvc repro.",
        "pl": "{file}: jeszcze nie zapytano bazy. Uruchom winback poll, a potem dvc repro.",
    },
    "watched_by_path": {
        "en": "dvc.yaml: the stage ingest depends on a file, but ingest.orders is a database. Run "
        "winback poll, which mends that, then dvc repro.",
        "pl": "dvc.yaml: etap ingest zależy od pliku, a ingest.orders to baza danych. Uruchom "
        "winback poll, które to naprawi, a potem dvc repro.",
    },
    "watched_by_watermark": {
        "en": "dvc.yaml: the stage ingest depends on {file}, but ingest.orders is no database. Put "
        "- ${{ingest.orders}} in its place, or run winback stamp, then dvc repro.",
        "pl": "dvc.yaml: etap ingest zależy od {file}, a ingest.orders to nie baza danych. Wpisz w "
        "to miejsce - ${{ingest.orders}} albo uruchom winback stamp, a potem dvc repro.",
    },
}
