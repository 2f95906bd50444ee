"""An experiment that cannot be read."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_column": {
        "en": "{file}: no column {column!r}; found {found}",
        "pl": "{file}: nie ma kolumny {column!r}; są: {found}",
    },
    "outcome_words": {
        "en": "{file}: the outcome {column!r} must be numbers, or yes and no; found {found}",
        "pl": "{file}: wynik {column!r} musi być liczbą albo tak i nie; jest: {found}",
    },
    "outcome_same": {
        "en": "{file}: the outcome {column!r} is the same for everybody, so nothing can be learned",
        "pl": "{file}: wynik {column!r} jest u wszystkich taki sam, więc niczego nie można się "
        "nauczyć",
    },
    "no_control": {
        "en": "{file}: which value of {column!r} means that nothing was done? Give --control; "
        "found {found}",
        "pl": "{file}: która wartość kolumny {column!r} oznacza, że nic nie zrobiono? Podaj "
        "--control; są: {found}",
    },
    "small_arm": {
        "en": "{file}: only {n:count of person} in {arm!r}; each arm needs {least:n} at least",
        "pl": "{file}: w grupie {arm!r} jest tylko {n:count of person}; każda potrzebuje "
        "co najmniej {least:n}",
    },
    "id_twice": {
        "en": "{file}: column {column!r} must name each person once; {rows:n} rows repeat an id or "
        "have none. Give one row a person",
        "pl": "{file}: kolumna {column!r} musi wskazywać każdą osobę raz; wiersze z powtórzonym "
        "albo pustym id: {rows:n}. Podaj jeden wiersz na osobę",
    },
    "no_share": {
        "en": "{file}: row {row}: {found!r} in {column!r} is no chance between 0 and 1",
        "pl": "{file}: wiersz {row}: {found!r} w kolumnie {column!r} to nie szansa między 0 a 1",
    },
    "no_number": {
        "en": "{file}: row {row}: {found!r} in {column!r} is no number",
        "pl": "{file}: wiersz {row}: {found!r} w kolumnie {column!r} to nie liczba",
    },
    "cost": {
        "en": "--cost {found!r} is neither a number nor a column; found {columns}",
        "pl": "--cost {found!r} to ani liczba, ani kolumna; są: {columns}",
    },
}
