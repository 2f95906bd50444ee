"""An experiment that cannot be read."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_column": {
        "en": "{file}: no column {column!r}; found {found}",
        "pl": "{file}: nie ma kolumny {column!r}; są: {found}",
    },
    "no_column_near": {
        "en": "{file}: no column {column!r}; found {found}; did you mean {near!r}?",
        "pl": "{file}: nie ma kolumny {column!r}; są: {found}; czy chodziło o {near!r}?",
    },
    "named_twice": {
        "en": "column {column!r} is named for two things; each option needs a column of its own",
        "pl": "kolumnę {column!r} podano dwa razy; każda opcja potrzebuje własnej kolumny",
    },
    "no_rows": {
        "en": "{file}: no rows below the header; give one row a person",
        "pl": "{file}: pod nagłówkiem nie ma wierszy; podaj jeden wiersz na osobę",
    },
    "outcome_empty": {
        "en": "{file}: the outcome {column!r} is empty in every row; name the column of what came "
        "of it with --outcome",
        "pl": "{file}: wynik {column!r} jest pusty w każdym wierszu; wskaż właściwą kolumnę przez "
        "--outcome",
    },
    "outcome_half": {
        "en": "{file}: the outcome {column!r} is {found!r} or empty ({n:count row}); if empty "
        "means no, write 0 there and 1 elsewhere",
        "pl": "{file}: wynik {column!r} to {found!r} albo pusta komórka ({n:count row}); jeśli "
        "pusta znaczy nie, wpisz tam 0, a w pozostałych 1",
    },
    "outcome_words": {
        "en": "{file}: the outcome {column!r} must be numbers, or yes and no; found {n:n} "
        "different values such as {found}. Write 1 and 0",
        "pl": "{file}: wynik {column!r} musi być liczbą albo tak i nie; różnych wartości: {n:n}, "
        "np. {found}. Wpisz 1 i 0",
    },
    "outcome_same": {
        "en": "{file}: the outcome {column!r} is the same for everybody, so nothing can be learned",
        "pl": "{file}: wynik {column!r} jest u wszystkich taki sam, więc niczego nie można się "
        "nauczyć",
    },
    "outcome_arm": {
        "en": "{file}: the outcome {column!r} says nothing but the arm of {treatment!r}; name the "
        "column of what came of it with --outcome",
        "pl": "{file}: wynik {column!r} mówi tylko, jaka jest grupa w {treatment!r}; wskaż "
        "właściwą kolumnę przez --outcome",
    },
    "many_arms": {
        "en": "{file}: {column!r} has {n:n} different values, a treatment has {most:n} at most; "
        "name the column of the arm with --treatment",
        "pl": "{file}: {column!r} ma różnych wartości: {n:n}, a grup może być najwyżej {most:n}; "
        "wskaż kolumnę z grupą przez --treatment",
    },
    "one_arm": {
        "en": "{file}: everybody is {found} in {column!r}; without people left alone nothing can "
        "be learned",
        "pl": "{file}: w kolumnie {column!r} wszyscy mają {found}; bez osób, z którymi nic nie "
        "zrobiono, niczego nie można się nauczyć",
    },
    "one_arm_blank": {
        "en": "{file}: {column!r} is {found} or empty ({n:count row}); if empty means that nothing "
        "was done, say --control \"\"",
        "pl": "{file}: {column!r} to {found} albo pusta komórka ({n:count row}); jeśli pusta "
        "znaczy, że nic nie zrobiono, podaj --control \"\"",
    },
    "no_control": {
        "en": "{file}: which value of {column!r} means that nothing was done? Say --control; "
        "found {found}",
        "pl": "{file}: która wartość kolumny {column!r} oznacza, że nic nie zrobiono? Podaj "
        "--control; są: {found}",
    },
    "no_control_blank": {
        "en": "{file}: which value of {column!r} means that nothing was done? Say --control; "
        "found {found}, and {n:count row} where it is empty (--control \"\")",
        "pl": "{file}: która wartość kolumny {column!r} oznacza, że nic nie zrobiono? Podaj "
        "--control; są: {found}, a pusta komórka: {n:count row} (--control \"\")",
    },
    "control_unknown": {
        "en": "{file}: nobody is {control!r} in {column!r}; found {found}",
        "pl": "{file}: w kolumnie {column!r} nie ma wartości {control!r}; są: {found}",
    },
    "small_arm": {
        "en": "{file}: only {n:count of person} in {arm!r} of {column!r}; each arm needs {least:n} "
        "at least",
        "pl": "{file}: w grupie {arm!r} (kolumna {column!r}) liczba osób to {n:n}; każda grupa "
        "potrzebuje co najmniej {least:n}",
    },
    "id_twice": {
        "en": "{file}: {n:count of person} of {column!r} stand in several rows that differ (the "
        "first in rows {rows}); give one row a person",
        "pl": "{file}: identyfikatory z {column!r}, które są w kilku różnych wierszach: {n:n} "
        "(pierwszy w wierszach {rows}); podaj jeden wiersz na osobę",
    },
    "id_empty": {
        "en": "{file}: {n:count row} without an id in {column!r} (the first is row {row}); whom "
        "would the effect be of?",
        "pl": "{file}: brak identyfikatora w kolumnie {column!r}: {n:count row} (pierwszy: wiersz "
        "{row}); nie wiadomo, czyj to efekt",
    },
    "chance": {
        "en": "{file}: row {row}: {found!r} in {column!r} is no chance between 0 and 1 "
        "({n:count row} like it)",
        "pl": "{file}: wiersz {row}: {found!r} w kolumnie {column!r} to nie szansa między 0 a 1 "
        "(takich jest: {n:count row})",
    },
    "no_number": {
        "en": "{file}: row {row}: {found!r} in {column!r} is no number ({n:count row} like it)",
        "pl": "{file}: wiersz {row}: {found!r} w kolumnie {column!r} to nie liczba (takich jest: "
        "{n:count row})",
    },
    "cell_empty": {
        "en": "{file}: row {row}: nothing stands in {column!r}; write a number",
        "pl": "{file}: wiersz {row}: w kolumnie {column!r} nic nie ma; wpisz liczbę",
    },
    "decimal_mark": {
        "en": "{file}: {found!r} in {column!r} can be read two ways; say --decimal-mark point or "
        "--decimal-mark comma",
        "pl": "{file}: {found!r} w kolumnie {column!r} można odczytać na dwa sposoby; podaj "
        "--decimal-mark point albo --decimal-mark comma",
    },
    "mark": {
        "en": "--decimal-mark {found!r}: say point or comma",
        "pl": "--decimal-mark {found!r}: podaj point (kropka) albo comma (przecinek)",
    },
    "neither": {
        "en": "{flag} {found!r} is neither a number nor a column; found {columns}",
        "pl": "{flag} {found!r} to ani liczba, ani kolumna; są: {columns}",
    },
    "cost_low": {
        "en": "--cost {found}: a cost is 0 or more",
        "pl": "--cost {found}: koszt to 0 albo więcej",
    },
    "cost_negative": {
        "en": "{file}: row {row}: {found} in {cost!r}: a cost is 0 or more",
        "pl": "{file}: wiersz {row}: {found} w kolumnie {cost!r}: koszt to 0 albo więcej",
    },
    "cost_arm": {
        "en": "--cost {found}=…: no such arm; found {arms}",
        "pl": "--cost {found}=…: nie ma takiej grupy; są: {arms}",
    },
    "cost_form": {
        "en": "--cost {found!r}: give one number or column, or ARM=NUMBER for each arm",
        "pl": "--cost {found!r}: podaj jedną liczbę albo kolumnę, albo GRUPA=LICZBA dla każdej "
        "grupy",
    },
    "apply_apart": {
        "en": "{file}: none of the columns that effects were learned from; found {found}, expected "
        "{wanted}",
        "pl": "{file}: nie ma żadnej z kolumn, z których uczono się efektów; są: {found}, "
        "potrzebne: {wanted}",
    },
    "out_file": {
        "en": "--out {out}: there is a file of that name; give a folder",
        "pl": "--out {out}: jest już plik o tej nazwie; podaj folder",
    },
}  # fmt: skip
