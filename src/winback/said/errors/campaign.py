"""What can be wrong with the files of a campaign, and with what is asked of them."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    # what is asked
    "window_days": {
        "en": "window_days is {days}; it must be at least 1",
        "pl": "window_days to {days}; musi wynosić co najmniej 1",
    },
    "control_share": {
        "en": "control_share is {share}; it must lie between 0 and 1",
        "pl": "control_share to {share}; musi leżeć między 0 a 1",
    },
    "timezone": {
        "en": "timezone {timezone!r} is not known; write Europe/Warsaw",
        "pl": "nieznana strefa czasowa {timezone!r}; napisz np. Europe/Warsaw",
    },
    # the files
    "no_file": {"en": "{file}: there is no such file", "pl": "{file}: nie ma takiego pliku"},
    "unreadable": {
        "en": "{file}: neither Parquet nor a CSV in UTF-8",
        "pl": "{file}: to ani Parquet, ani CSV w UTF-8",
    },
    "packed": {
        "en": "{file}: a workbook or an archive; save the table as CSV and give that",
        "pl": "{file}: to skoroszyt albo archiwum; zapisz tabelę jako CSV i podaj ten plik",
    },
    "no_table": {
        "en": "{file}: not a table: {problem}",
        "pl": "{file}: to nie tabela: {problem}",
    },
    "ragged": {
        "en": "{file}: line {line} has {found} cells, the header has {expected}; put text that "
        "holds the separator into quotes",
        "pl": "{file}: wiersz {line} ma {found} pól, a nagłówek {expected}; tekst zawierający "
        "separator ujmij w cudzysłów",
    },
    "no_order_lines": {
        "en": "{file}: not a Parquet file of order lines",
        "pl": "{file}: to nie plik Parquet z wierszami zamówień",
    },
    "column_twice": {
        "en": "{file}: column {column!r} stands twice; leave one",
        "pl": "{file}: kolumna {column!r} występuje dwa razy; zostaw jedną",
    },
    "no_column": {
        "en": "{file}: no column {column!r}; found {found}",
        "pl": "{file}: nie ma kolumny {column!r}; są {found}",
    },
    "no_column_near": {
        "en": "{file}: no column {column!r}; found {found}; rename {near!r} to it",
        "pl": "{file}: nie ma kolumny {column!r}; są {found}; zmień nazwę {near!r} na tę",
    },
    "no_rows": {
        "en": "{file}: no rows; there is nobody to measure",
        "pl": "{file}: brak wierszy; nie ma kogo mierzyć",
    },
    "empty_cells": {
        "en": "{file}: {n} rows have no {column} (rows {rows})",
        "pl": "{file}: wiersze bez {column}: {n} (wiersze {rows})",
    },
    "several_campaigns": {
        "en": "{file}: several campaigns ({campaigns}); measure one at a time",
        "pl": "{file}: kilka kampanii ({campaigns}); mierz po jednej",
    },
    "some_probabilities": {
        "en": "{file}: {n:n} of {all:n} rows have no probability (rows {rows}); customers can only "
        "be weighed by it if all have one. Fill it in, or remove the column",
        "pl": "{file}: {n:n} z {all:n} wierszy nie ma probability (wiersze {rows}); wagi działają "
        "tylko, gdy mają ją wszyscy. Uzupełnij ją albo usuń kolumnę",
    },
    "no_date": {
        "en": "{file}: {column} {values} is no date (rows {rows}); write 2024-01-31",
        "pl": "{file}: {column} {values} to nie data (wiersze {rows}); napisz 2024-01-31",
    },
    "two_offsets": {
        "en": "{file}: {column} has several offsets ({offsets}); say the shop's zone with "
        "--timezone, such as Europe/Warsaw, so that their days are the shop's",
        "pl": "{file}: w kolumnie {column} są różne przesunięcia strefy ({offsets}); podaj strefę "
        "sklepu przez --timezone, np. Europe/Warsaw, żeby dni były dniami sklepu",
    },
    "no_number": {
        "en": "{file}: {column} {values} is not a number (rows {rows}); write it as 12.5",
        "pl": "{file}: {column} {values} to nie liczba (wiersze {rows}); napisz ją jak 12.5",
    },
    "no_share": {
        "en": "{file}: {column} {values} is not a share between 0 and 1 (rows {rows}); write 30% "
        "as 0.3",
        "pl": "{file}: {column} {values} to nie udział między 0 a 1 (wiersze {rows}); 30% napisz "
        "jako 0.3",
    },
    "sent_to_others": {
        "en": "{file}: none of its {n:n} rows is a customer of the assignment; are both files' "
        "customer_id of the same kind?",
        "pl": "{file}: żaden z {n:n} wierszy nie jest klientem z przydziału; czy customer_id w obu "
        "plikach jest tego samego rodzaju?",
    },
    # the orders
    "no_orders": {
        "en": "the order history is empty: nothing can be measured",
        "pl": "historia zamówień jest pusta: nie ma czego mierzyć",
    },
    "window_before_history": {
        "en": "assignment: the window of {n:n} of {all:n} customers ends before the first order of "
        "the history, {first} (earliest assigned_at: {earliest}). Correct assigned_at, or give the "
        "orders of that time.",
        "pl": "przydział: okno {n:n} z {all:n} klientów kończy się przed pierwszym zamówieniem "
        "historii, {first} (najwcześniejsze assigned_at: {earliest}). Popraw assigned_at albo "
        "podaj zamówienia z tamtego czasu.",
    },
    "ids_shortened": {
        "en": "{file}: {n:n} customer ids such as {id} lost their last digits in a spreadsheet. "
        "Export the file again with customer_id as text.",
        "pl": "{file}: {n:n} identyfikatorów klientów, na przykład {id}, straciło ostatnie cyfry w "
        "arkuszu. Wyeksportuj plik ponownie, z customer_id jako tekstem.",
    },
    "not_as_sealed": {
        "en": "{file}: not as {sealed} was sealed: customers missing {missing:n}, added {added:n}, "
        "in another arm {other_arm:n}, with another offer, chance or day {other:n}. Measure the "
        "sealed file.",
        "pl": "{file}: nie tak, jak zapieczętowano {sealed}: brakujących klientów {missing:n}, "
        "dodanych {added:n}, w innej grupie {other_arm:n}, z inną ofertą, szansą lub innym dniem "
        "{other:n}. Odczytaj zapieczętowany plik.",
    },
    "window_open": {
        "en": "The window of {n:n} of {all:n} customers is still open: {days} days need orders "
        "until {closes_on}; the history ends on {covered}. Nothing is read before it closes: wait "
        "until then, or take newer orders.",
        "pl": "Okno {n:n} z {all:n} klientów jeszcze trwa: {days:count day} wymaga zamówień do "
        "{closes_on}; historia kończy się {covered}. Przed zamknięciem okna niczego nie "
        "odczytujemy: poczekaj do tego dnia albo weź nowsze zamówienia.",
    },
    "window_thin": {
        "en": "The window of {n:n} of {all:n} customers is still open: {days} days need orders "
        "until {closes_on}. At the shop's own pace the history ends on {covered}: those after it, "
        "up to {last}, are far too few to be all. Take a newer, whole export.",
        "pl": "Okno {n:n} z {all:n} klientów jeszcze trwa: {days:count day} wymaga zamówień do "
        "{closes_on}. W zwykłym tempie sklepu historia kończy się {covered}: późniejszych, do "
        "{last}, jest o wiele za mało, by były to wszystkie. Weź nowszy, pełny eksport.",
    },
    "window_until": {
        "en": "The window of {n:n} of {all:n} customers is still open: {days} days need orders "
        "until {closes_on}. That they are complete until {until} is not borne out: at the shop's "
        "own pace they end on {covered} (the last one is of {last}). Take a newer, whole export.",
        "pl": "Okno {n:n} z {all:n} klientów jeszcze trwa: {days:count day} wymaga zamówień do "
        "{closes_on}. Zamówienia nie potwierdzają, że są pełne do {until}: w zwykłym tempie sklepu "
        "kończą się {covered} (ostatnie jest z {last}). Weź nowszy, pełny eksport.",
    },
    "zeros_alone": {
        "en": "assignment: ids that differ only in leading zeros are one customer of the orders; "
        "write them as the orders do",
        "pl": "przydział: identyfikatory różniące się tylko zerami na początku to w zamówieniach "
        "jeden klient; zapisz je tak jak w zamówieniach",
    },
    "nobody_in_orders": {
        "en": "none of the {n:n} assigned customers is in the orders; are both files' customer_id "
        "of the same kind?",
        "pl": "żadnego z {n:n} przydzielonych klientów nie ma w zamówieniach; czy customer_id w "
        "obu plikach jest tego samego rodzaju?",
    },
    # the programme
    "no_holdout": {
        "en": "target.holdout_share is 0: nobody was kept out of all campaigns, so the programme "
        "cannot be measured. Set it before the year's first campaign.",
        "pl": "target.holdout_share to 0: nikogo nie odłożono ze wszystkich kampanii, więc "
        "programu nie da się zmierzyć. Ustaw go przed pierwszą kampanią roku.",
    },
    "ends_before_it_begins": {
        "en": "from {since} to {until}: the orders end before it begins",
        "pl": "od {since} do {until}: zamówienia kończą się przed początkiem",
    },
    "two_years": {
        "en": "from {since} to {until}: the hold-out is drawn for a calendar year; name days of "
        "one, such as --holdout-since {since} --until {year}-12-31",
        "pl": "od {since} do {until}: grupę odłożoną losuje się na rok kalendarzowy; podaj dni "
        "jednego roku, np. --holdout-since {since} --until {year}-12-31",
    },
    "nobody_before": {
        "en": "nobody had ordered before {since}; measure from a later day",
        "pl": "przed {since} nikt nie złożył zamówienia; mierz od późniejszego dnia",
    },
}
