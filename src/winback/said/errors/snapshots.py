"""What stands in the way of a snapshot: its cutoffs, its files, and what a shop declares."""

from __future__ import annotations

from winback.said.words import Texts

_OWN = (
    "Measure each purchase by its own columns alone, or compare purchases with sql under "
    "snapshot.custom, which sees the past of each cutoff."
)
_OWN_PL = (
    "Mierz każdy zakup tylko po jego własnych kolumnach albo porównuj zakupy w sql pod "
    "snapshot.custom, które widzi przeszłość każdego dnia odcięcia."
)

TEXTS: Texts = {
    "no_cutoff": {
        "en": "No cutoff to take a snapshot at. Give at least one date.",
        "pl": "Nie podano dnia odcięcia. Podaj co najmniej jedną datę.",
    },
    "paydays": {
        "en": "paydays {found!r}: expected days of the month, such as [10].",
        "pl": "paydays {found!r}: podaj dni miesiąca, na przykład [10].",
    },
    "features_and_windows": {
        "en": "give features or windows_days: features have windows of their own.",
        "pl": "podaj features albo windows_days: features mają własne okna.",
    },
    "no_whole_number": {
        "en": "{name} {found!r}: expected a whole number from 1 on.",
        "pl": "{name} {found!r}: podaj liczbę całkowitą od 1.",
    },
    "no_whole_numbers": {
        "en": "{name} {found!r}: expected a list of whole numbers.",
        "pl": "{name} {found!r}: podaj listę liczb całkowitych.",
    },
    "no_days": {
        "en": "{name} {found}: expected a list of days, such as ['2025-01-01'].",
        "pl": "{name} {found}: podaj listę dni, na przykład ['2025-01-01'].",
    },
    "no_day": {
        "en": "{name} {found}: expected the start of a day, such as 2025-01-01, without a time or "
        "zone.",
        "pl": "{name} {found}: podaj początek dnia, na przykład 2025-01-01, bez godziny i strefy.",
    },
    "no_purchase": {
        "en": "{orders}: no purchase is earlier than the cutoff {cutoff}. Choose a later cutoff.",
        "pl": "{orders}: żaden zakup nie jest wcześniejszy niż dzień odcięcia {cutoff}. Wybierz "
        "późniejszy.",
    },
    "empty": {
        "en": "{orders}: the order history is empty; no snapshot can be taken of it.",
        "pl": "{orders}: historia zamówień jest pusta; nie ma czego mierzyć.",
    },
    "option": {
        "en": "there is no option {name!r}; there are {known}.",
        "pl": "nie ma opcji {name!r}; są: {known}.",
    },
    "option_near": {
        "en": "there is no option {name!r}; there are {known}. Did you mean {near!r}?",
        "pl": "nie ma opcji {name!r}; są: {known}. Może chodziło o {near!r}?",
    },
    "of_two_runs": {
        "en": "Snapshots and outcomes are not of the same run; run the snapshot stage again.",
        "pl": "Migawki i wyniki nie pochodzą z tego samego przebiegu; uruchom etap snapshot "
        "jeszcze raz.",
    },
    # The calendar.
    "no_occasion": {
        "en": "no occasion is called {name!r}; known: {known}.",
        "pl": "nie ma okazji {name!r}; znane: {known}.",
    },
    "send_on": {
        "en": "target.send_on {wish!r}: expected a day such as 2026-11-25, or one of {known}, such "
        "as `3 days before black_friday`.",
        "pl": "target.send_on {wish!r}: podaj dzień, na przykład 2026-11-25, albo jedno z: "
        "{known}, na przykład `3 days before black_friday`.",
    },
    "send_early": {
        "en": "target.send_on {wish}: lies before the cutoff {cutoff}; name a later day.",
        "pl": "target.send_on {wish}: to przed dniem odcięcia {cutoff}; podaj późniejszy dzień.",
    },
    "country": {
        "en": "No public holidays are known for the country {country!r}. Set snapshot.country to a "
        "two-letter ISO code, such as PL.",
        "pl": "Nie znamy świąt kraju {country!r}. Wpisz w snapshot.country dwuliterowy kod ISO, "
        "na przykład PL.",
    },
    # What a shop declares itself.
    "no_file_given": {
        "en": "{name!r} is declared, but there is no file of {noun}; give {noun}=, the file that "
        "read_{noun} writes.",
        "pl": "zadeklarowano {name!r}, ale nie ma pliku {noun}; podaj {noun}=, plik, który "
        "zapisuje read_{noun}.",
    },
    "no_file": {
        "en": "snapshot.{noun} declares {name!r}, but there is no file of {noun}. Name it in "
        "ingest.{noun}, or with --{noun} FILE.",
        "pl": "snapshot.{noun} deklaruje {name!r}, ale nie ma pliku {noun}. Wpisz go w "
        "ingest.{noun} albo podaj --{noun} PLIK.",
    },
    "no_name": {
        "en": "snapshot.{noun}: {files} has no {name!r}; it has {known}. Correct the declaration "
        "or remove it.",
        "pl": "snapshot.{noun}: w {files} nie ma {name!r}; jest: {known}. Popraw deklarację albo "
        "ją usuń.",
    },
    "no_name_but_aside": {
        "en": "snapshot.{noun}: {files} has no {name!r}; it has {known} ({aside:count line} were "
        "set aside). Correct the declaration or remove it.",
        "pl": "snapshot.{noun}: w {files} nie ma {name!r}; jest: {known} (odłożone wiersze: "
        "{aside:n}). Popraw deklarację albo ją usuń.",
    },
    "no_values": {
        "en": "snapshot.signals: {files} holds no value of {name!r}, of which {looks} is declared. "
        "Name the column of values as `value` in ingest.signal_columns, or declare count and "
        "days_since alone.",
        "pl": "snapshot.signals: w {files} nie ma żadnej wartości {name!r}, a zadeklarowano "
        "{looks}. Wskaż kolumnę wartości jako `value` w ingest.signal_columns albo zadeklaruj "
        "samo count i days_since.",
    },
    "fits_no_level": {
        "en": "snapshot.attributes: {file}: no value of {name!r} is one of {levels}; found "
        "{found}. Correct its levels.",
        "pl": "snapshot.attributes: {file}: żadna wartość {name!r} nie jest jedną z: {levels}; są: "
        "{found}. Popraw levels.",
    },
    "fits_no_number": {
        "en": "snapshot.attributes: {file}: no value of {name!r} is a number; found {found}. Name "
        "its levels.",
        "pl": "snapshot.attributes: {file}: żadna wartość {name!r} nie jest liczbą; są: {found}. "
        "Wymień levels.",
    },
    "column_twice": {
        "en": "snapshot: two declarations give the column {column!r}. Rename one of them.",
        "pl": "snapshot: dwie deklaracje dają kolumnę {column!r}. Zmień nazwę jednej z nich.",
    },
    "share": {
        "en": "snapshot: the share of {name!r} in {days} days needs the purchases of that window; "
        "add it to snapshot.windows_days.",
        "pl": "snapshot: share dla {name!r} w {days} dni wymaga zakupów z tego okna; dodaj je do "
        "snapshot.windows_days.",
    },
    "ratio": {
        "en": "snapshot: the ratio of {name!r} needs two windows_days to compare.",
        "pl": "snapshot: ratio dla {name!r} wymaga dwóch windows_days do porównania.",
    },
    "no_module": {
        "en": "{place}: {name}: cannot import {module!r} ({why}); modules are looked for in the "
        "folder where the command runs, and among the installed ones.",
        "pl": "{place}: {name}: nie można zaimportować {module!r} ({why}); moduły są szukane w "
        "folderze, w którym działa polecenie, i wśród zainstalowanych.",
    },
    "no_function": {
        "en": "{place}: {name}: {module} has no function {function!r}.",
        "pl": "{place}: {name}: {module} nie ma funkcji {function!r}.",
    },
    "failed": {
        "en": "{place}: failed with {kind}: {why}.",
        "pl": "{place}: błąd {kind}: {why}.",
    },
    "measure_kind": {
        "en": "{place}: expected a number per purchase, found {found}.",
        "pl": "{place}: powinna być liczba na zakup, jest {found}.",
    },
    "measure_shape": {
        "en": "{place}: expected {wanted:n} numbers, one per purchase, found an array of shape "
        "{found}.",
        "pl": "{place}: powinno być tyle liczb: {wanted:n}, po jednej na zakup, jest tablica o "
        "kształcie {found}.",
    },
    "measure_sees_others": {
        "en": "{place}: gives a purchase another number when other purchases are left out, so it "
        f"would see the future. {_OWN}",
        "pl": "{place}: daje zakupowi inną liczbę, gdy brakuje innych zakupów, więc widziałaby "
        f"przyszłość. {_OWN_PL}",
    },
    "measure_large": {
        "en": "{place}: gave numbers beyond {most:n}, or infinite ones.",
        "pl": "{place}: dała liczby większe niż {most:n} albo nieskończone.",
    },
    "expression": {
        "en": "{place}: {sql!r}: {why} A purchase has {known}.",
        "pl": "{place}: {sql!r}: {why} Zakup ma: {known}.",
    },
    "expression_rows": {
        "en": "{place}: {sql!r} is not a value per purchase.",
        "pl": "{place}: {sql!r} nie daje jednej wartości na zakup.",
    },
    "expression_large": {
        "en": "{place}: {sql!r} gave numbers beyond {most:n}.",
        "pl": "{place}: {sql!r} dało liczby większe niż {most:n}.",
    },
    "expression_parsed": {
        "en": "{place}: {sql!r}: Parser Error: {why}.",
        "pl": "{place}: {sql!r}: błąd składni: {why}.",
    },
    **{
        f"beyond_{kind}": {
            "en": f"{{place}}: {{sql!r}} holds {english}, by which a purchase would see others, "
            f"some of them later ones, or change from run to run. {_OWN}",
            "pl": f"{{place}}: {{sql!r}} zawiera {polish}, przez co zakup widziałby inne, także "
            f"późniejsze, albo zmieniałby się od przebiegu do przebiegu. {_OWN_PL}",
        }
        for kind, english, polish in (
            ("query", "a query of its own", "własne zapytanie"),
            ("window", "a window (OVER)", "okno (OVER)"),
            ("star", "a *", "*"),
            ("named", "{found}", "{found}"),
        )
    },
    "custom_no_number": {
        "en": "snapshot.custom: {name}: expected a number per customer, found {found}.",
        "pl": "snapshot.custom: {name}: powinna być liczba na klienta, jest {found}.",
    },
    "custom_no_numbers": {
        "en": "snapshot.custom: {name}: expected numbers ({why}).",
        "pl": "snapshot.custom: {name}: powinny być liczby ({why}).",
    },
    "custom_sql": {
        "en": "snapshot.custom: the SQL of {columns}: {why}",
        "pl": "snapshot.custom: SQL kolumn {columns}: {why}",
    },
    "custom_sql_long": {
        "en": "snapshot.custom: the SQL of {columns} took more than {seconds} seconds for one part "
        "of the customers. Does it end?",
        "pl": "snapshot.custom: SQL kolumn {columns} trwał ponad {seconds} s dla jednej części "
        "klientów. Czy on się kończy?",
    },
    "custom_no_query": {
        "en": "snapshot.custom: {sql!r} is no query: {why}. One SELECT over the table past is "
        "expected.",
        "pl": "snapshot.custom: {sql!r} nie jest zapytaniem: {why}. Powinien to być jeden SELECT z "
        "tabeli past.",
    },
    "custom_queries": {
        "en": "snapshot.custom: {sql!r} holds {found} queries; one is expected.",
        "pl": "snapshot.custom: {sql!r} ma zapytań: {found}; powinno być jedno.",
    },
    "custom_outside": {
        "en": "snapshot.custom: {sql!r} asks for {found}. It may read the table {table} alone, "
        "which holds the customers' past, and use no function that chance or the clock changes.",
        "pl": "snapshot.custom: {sql!r} sięga do {found}. Wolno czytać tylko tabelę {table}, czyli "
        "przeszłość klientów, i nie wolno używać funkcji zależnych od losu ani od zegara.",
    },
    "custom_sql_lacks": {
        "en": "snapshot.custom: the SQL gives no column {missing}; found {found}.",
        "pl": "snapshot.custom: SQL nie daje kolumn: {missing}; są: {found}.",
    },
    "custom_sql_twice": {
        "en": "snapshot.custom: the SQL of {columns} gives some customers more than one row. Group "
        "it by customer_id.",
        "pl": "snapshot.custom: SQL kolumn {columns} daje niektórym klientom więcej niż jeden "
        "wiersz. Pogrupuj po customer_id.",
    },
    "custom_lacks": {
        "en": "snapshot.custom: {name} returned no {missing}; expected a mapping with a number per "
        "column.",
        "pl": "snapshot.custom: {name} nie zwróciła: {missing}; powinna dać słownik z liczbą dla "
        "każdej kolumny.",
    },
    # Spark.
    "no_java": {
        "en": "Spark's Java did not start. Install Java 17 or newer (Debian: apt-get install "
        "openjdk-17-jre-headless) or set JAVA_HOME. {why}",
        "pl": "Java dla Sparka nie wystartowała. Zainstaluj Javę 17 lub nowszą (Debian: apt-get "
        "install openjdk-17-jre-headless) albo ustaw JAVA_HOME. {why}",
    },
}
