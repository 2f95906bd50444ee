"""What can be wrong with a table: one that was written, or a file that is given."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "other_columns": {
        "en": "{table}: lacks {missing}; has the unknown {unknown}.",
        "pl": "{table}: brakuje kolumn: {missing}; nieznane kolumny: {unknown}.",
    },
    "other_order": {
        "en": "{table}: the columns stand in another order.",
        "pl": "{table}: kolumny stoją w innej kolejności.",
    },
    "type": {
        "en": "{table}: {column} is {found}; expected {wanted}.",
        "pl": "{table}: kolumna {column} ma typ {found}; powinna mieć {wanted}.",
    },
    "null": {
        "en": "{table}: {column} is null in {rows:n} rows.",
        "pl": "{table}: kolumna {column} jest pusta w wierszach: {rows:n}.",
    },
    "key": {
        "en": "{table}: rows share their key ({key}).",
        "pl": "{table}: kilka wierszy ma ten sam klucz ({key}).",
    },
    # Of a file that is given.
    "no_path": {
        "en": "{noun}: expected a path, found {found}; give the file that {made_by} writes.",
        "pl": "{noun}: podaj ścieżkę do pliku, nie {found}; chodzi o plik, który zapisuje "
        "{made_by}.",
    },
    "unreadable": {
        "en": "{file}: cannot be read; give the file that {made_by} writes.",
        "pl": "{file}: nie można odczytać; podaj plik, który zapisuje {made_by}.",
    },
    "no_file": {
        "en": "{file}: there is no such file; give the file that {made_by} writes.",
        "pl": "{file}: nie ma takiego pliku; podaj plik, który zapisuje {made_by}.",
    },
    "no_parquet": {
        "en": "{file}: is no Parquet file; give the file that {made_by} writes.",
        "pl": "{file}: to nie jest plik Parquet; podaj plik, który zapisuje {made_by}.",
    },
    "lacks": {
        "en": "{file}: has no column {missing}; give the file that {made_by} writes.",
        "pl": "{file}: brakuje kolumn: {missing}; podaj plik, który zapisuje {made_by}.",
    },
    "kind": {
        "en": "{file}: {column} is {found}, expected {wanted}; give the file that {made_by} "
        "writes.",
        "pl": "{file}: kolumna {column} ma typ {found}, a powinna mieć {wanted}; podaj plik, "
        "który zapisuje {made_by}.",
    },
    "given_null": {
        "en": "{file}: {column} is empty in {rows:count line}, which it cannot be; give the file "
        "that {made_by} writes.",
        "pl": "{file}: kolumna {column} jest pusta w {rows:n} z wierszy, a nie może być; podaj "
        "plik, który zapisuje {made_by}.",
    },
}
