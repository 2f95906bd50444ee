"""What can be wrong with the files a shop exported, and with how they are to be read."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    # files
    "empty_folder": {
        "en": "{folder}: the folder holds no table (looked for {endings}, also packed as .gz, "
        ".bz2, .xz or .zst).",
        "pl": "{folder}: w folderze nie ma żadnej tabeli (szukano {endings}, także spakowanych "
        "jako .gz, .bz2, .xz lub .zst).",
    },
    "only_results": {
        "en": "{folder}: the folder holds only what winback wrote ({files}) and no orders; give "
        "the shop's export.",
        "pl": "{folder}: w folderze jest tylko to, co zapisał winback ({files}), bez zamówień; "
        "podaj eksport ze sklepu.",
    },
    "unreadable_folder": {
        "en": "{folder}: this folder cannot be listed, so that orders in it would be missing; "
        "allow reading it, or move it away.",
        "pl": "{folder}: nie da się odczytać zawartości tego folderu, więc zabrakłoby zamówień z "
        "niego; nadaj prawo odczytu albo przenieś go gdzie indziej.",
    },
    "dead_link": {
        "en": "{file}: this link leads to no file, so that its orders would be missing; mend the "
        "link, or remove it.",
        "pl": "{file}: ten link nie prowadzi do żadnego pliku, więc zabrakłoby zamówień z niego; "
        "popraw link albo go usuń.",
    },
    "no_source": {
        "en": "{source}: there is no such file, folder or pattern.",
        "pl": "{source}: nie ma takiego pliku ani folderu, nic też nie pasuje do takiego wzorca.",
    },
    "not_parquet": {
        "en": "{file}: the file cannot be read as Parquet.",
        "pl": "{file}: tego pliku nie da się odczytać jako Parquet.",
    },
    "no_rows": {
        "en": "{file}: the table has no rows.",
        "pl": "{file}: tabela nie ma żadnego wiersza.",
    },
    "header_alone": {
        "en": "{file}: there is a header but no row below it.",
        "pl": "{file}: jest nagłówek, ale pod nim nie ma żadnego wiersza.",
    },
    "unreadable_file": {
        "en": "{file}: the file cannot be read ({said}).",
        "pl": "{file}: pliku nie da się odczytać ({said}).",
    },
    "empty_file": {"en": "{file}: the file is empty.", "pl": "{file}: plik jest pusty."},
    "not_text": {
        "en": "{file}: this is no table (expected text such as CSV, Excel, ODS, Parquet or JSON, "
        "also as zip, gz, bz2, xz or zst).",
        "pl": "{file}: to nie jest tabela (oczekiwano tekstu jak CSV, Excela, ODS, Parquet lub "
        "JSON, także jako zip, gz, bz2, xz albo zst).",
    },
    "broken_json": {
        "en": "{file}: this begins like JSON but is not (expected objects, one a line or in an "
        "array).",
        "pl": "{file}: początek wygląda na JSON, ale dalej nim nie jest (oczekiwano obiektów, "
        "każdego w swoim wierszu albo w tablicy).",
    },
    "no_records": {
        "en": "{file}: this is one JSON object without a list of records in it; expected objects, "
        "one a line or in an array.",
        "pl": "{file}: to jeden obiekt JSON bez listy rekordów w środku; oczekiwano obiektów, "
        "każdego w swoim wierszu albo w tablicy.",
    },
    "too_many_keys": {
        "en": "{file}: the JSON objects have more than {most:n} different keys; expected one "
        "record of the same keys for each line of an order.",
        "pl": "{file}: obiekty JSON mają ponad {most:n} różnych kluczy; oczekiwano rekordów o tych "
        "samych kluczach, jednego na wiersz zamówienia.",
    },
    "not_workbook": {
        "en": "{file}: the workbook is damaged and cannot be read; save it anew, or as CSV.",
        "pl": "{file}: skoroszyt jest uszkodzony i nie da się go odczytać; zapisz go na nowo albo "
        "jako CSV.",
    },
    "locked_workbook": {
        "en": "{file}: the workbook is locked by a password; save it without one.",
        "pl": "{file}: skoroszyt jest chroniony hasłem; zapisz go bez hasła.",
    },
    "no_sheet": {
        "en": "{file}: no sheet of the workbook holds a table.",
        "pl": "{file}: żaden arkusz w skoroszycie nie zawiera tabeli.",
    },
    "empty_archive": {
        "en": "{file}: the archive holds no file.",
        "pl": "{file}: w archiwum nie ma żadnego pliku.",
    },
    "several_in_one": {
        "en": "{file}: there are several tables in it: {tables}. Name the one that holds the "
        'orders, such as --table "{first}"; a * in it stands for any letters, so that several '
        "parts are read together.",
        "pl": "{file}: w środku jest kilka tabel: {tables}. Wskaż tę z zamówieniami, na przykład "
        '--table "{first}"; znak * zastępuje dowolne litery, więc można wczytać kilka części '
        "naraz.",
    },
    "no_such_table": {
        "en": "{file}: there is no '{table}' in it, as --table says; there are {tables}.",
        "pl": "{file}: w środku nie ma „{table}” podanej w --table; są {tables}.",
    },
    "own_table": {
        "en": "{file}: winback wrote this itself (it is a {called}), and no order stands in it; "
        "give the shop's export, or the orders.parquet that was made of it.",
        "pl": "{file}: to plik zapisany przez winback ({called}), bez zamówień; podaj eksport ze "
        "sklepu albo powstały z niego orders.parquet.",
    },
    "own_scale_lost": {
        "en": "{file}: winback wrote these orders, but somebody saved them anew without their "
        "scale; say with --minor-units or --major-units whether the amounts are in cents.",
        "pl": "{file}: te zamówienia zapisał winback, ale ktoś zapisał je ponownie bez skali kwot; "
        "wskaż przez --minor-units albo --major-units, czy kwoty są w groszach.",
    },
    "is_web_page": {
        "en": "{file}: this is a web page or XML, not a table; export CSV or Parquet.",
        "pl": "{file}: to strona internetowa lub XML, a nie tabela; wyeksportuj CSV lub Parquet.",
    },
    "no_table": {
        "en": "{file}: no table found (no line splits into columns at a comma, semicolon, tab or "
        "bar).",
        "pl": "{file}: nie znaleziono tabeli (żaden wiersz nie dzieli się na kolumny przecinkiem, "
        "średnikiem, tabulatorem ani kreską).",
    },
    "several_tables": {
        "en": "{file}: these are several tables below each other ({widths}); expected one table "
        "with one header. Split the file, or export the orders alone.",
        "pl": "{file}: to kilka tabel jedna pod drugą ({widths}); oczekiwano jednej tabeli z "
        "jednym nagłówkiem. Podziel plik albo wyeksportuj same zamówienia.",
    },
    "split_amounts": {
        "en": "{file}: each row has {cells:n} cells but the header {names:n} names, as where a "
        "decimal comma without quotes cuts an amount in two; the cut could be in {columns}. Say "
        "which of them is the amount with --amount COLUMN.",
        "pl": "{file}: każdy wiersz ma {cells:n} komórek, a nagłówek {names:n} nazw – tak bywa, "
        "gdy przecinek dziesiętny bez cudzysłowów rozcina kwotę; przecięta może być {columns}. "
        "Kolumnę z kwotą podaj przez --amount KOLUMNA.",
    },
    "ragged": {
        "en": "{file}: {ragged:n} of {rows:n} rows do not have the {columns:n} columns of the "
        "header; this is not one table.",
        "pl": "{file}: {ragged:n} z {rows:count line} ma inną liczbę kolumn niż nagłówek "
        "({columns:n}); to nie jest jedna tabela.",
    },
    "unsorted": {
        "en": "{files}: the lines could not be read or sorted ({said}); perhaps a Parquet file's "
        "own statistics do not hold for its values. Write the file anew, or give more memory with "
        "--memory-limit.",
        "pl": "{files}: wierszy nie udało się wczytać lub posortować ({said}); możliwe, że "
        "statystyki zapisane w pliku Parquet nie zgadzają się z jego zawartością. Zapisz plik na "
        "nowo albo daj więcej pamięci przez --memory-limit.",
    },
    "unsorted_source": {
        "en": "The source could not be read ({said}). Write the file anew, or give more memory "
        "with --memory-limit.",
        "pl": "Źródła nie udało się wczytać ({said}). Zapisz plik na nowo albo daj więcej pamięci "
        "przez --memory-limit.",
    },
    "changed_in_sort": {
        "en": "The lines changed while they were sorted: the source's statistics (least and most "
        "of a column) do not hold for its values. Write the Parquet file anew and try again.",
        "pl": "Wiersze zmieniły się podczas sortowania: statystyki źródła (najmniejsza i "
        "największa wartość kolumny) nie zgadzają się z jego zawartością. Zapisz plik Parquet na "
        "nowo i spróbuj jeszcze raz.",
    },
    # consents and objections
    "no_privacy_file": {
        "en": "{file}: no such file; ingest.privacy (or --suppress, --no-profiling, --erased) "
        "names it.",
        "pl": "{file}: nie ma takiego pliku; wymienia go ingest.privacy (albo --suppress, "
        "--no-profiling, --erased).",
    },
    "no_privacy_column": {
        "en": "{file} has no column '{column}', which ingest.privacy (or --consent-column) names. "
        "Columns: {columns}.",
        "pl": "{file} nie ma kolumny „{column}”, którą wymienia ingest.privacy (albo "
        "--consent-column). Kolumny: {columns}.",
    },
    "no_privacy_table": {
        "en": "ingest.privacy names the table '{table}', and there is none of that name where the "
        "orders lie. There is: {tables}.",
        "pl": "ingest.privacy wymienia tabelę „{table}”, a tam, gdzie leżą zamówienia, takiej nie "
        "ma. Jest: {tables}.",
    },
    "no_attributes_asked": {
        "en": "ingest.privacy (or --consent-attribute) names the attribute '{name}', and there is "
        "no file of attributes; give it as ingest.attributes (--attributes).",
        "pl": "ingest.privacy (albo --consent-attribute) wymienia atrybut „{name}”, a nie ma pliku "
        "atrybutów; podaj go w ingest.attributes (--attributes).",
    },
    "no_consent_attribute": {
        "en": "There is no attribute {name!r} for ingest.privacy (--consent-attribute); there is "
        "{names}.",
        "pl": "Nie ma atrybutu {name!r} dla ingest.privacy (--consent-attribute); są: {names}.",
    },
    "consent_words": {
        "en": "{file}: '{column}' of ingest.privacy holds values that are not understood "
        "({lines:n}); write yes or no there or leave it empty, or name those that mean yes in "
        "`value`.",
        "pl": "{file}: „{column}” z ingest.privacy: niezrozumiałe wartości ({lines:n}); wpisz tam "
        "tak lub nie albo zostaw puste, albo podaj w `value` te, które znaczą tak.",
    },
    "consent_words_such": {
        "en": "{file}: '{column}' of ingest.privacy holds values that are not understood, such as "
        "{words} ({lines:n}); write yes or no there or leave it empty, or name those that mean "
        "yes in `value`.",
        "pl": "{file}: „{column}” z ingest.privacy: niezrozumiałe wartości, na przykład {words} "
        "({lines:n}); wpisz tam tak lub nie albo zostaw puste, albo podaj w `value` te, które "
        "znaczą tak.",
    },
    "unknown_consent": {
        "en": "{sources} says nothing of {n:n} of {of:count of customer}. Say in params.yaml "
        "whether "
        "they count as refused or as agreed: ingest: {{privacy: {{unknown: {{{purpose}: "
        "refuse}}}}}} (or allow).",
        "pl": "{sources} nic nie mówi o części klientów ({n:n} z {of:n}). Napisz w params.yaml, "
        "czy to odmowa, czy zgoda: ingest: {{privacy: {{unknown: {{{purpose}: refuse}}}}}} "
        "(albo allow).",
    },
    "unknown_consent_flag": {
        "en": "{sources} says nothing of {n:n} of {of:count of customer}. Say whether they may "
        "be "
        "written to: --unknown-consent refuse (or allow), in params.yaml ingest: {{privacy: "
        "{{unknown: {{{purpose}: refuse}}}}}}.",
        "pl": "{sources} nic nie mówi o części klientów ({n:n} z {of:n}). Napisz, czy wolno do "
        "nich pisać: --unknown-consent refuse (albo allow), w params.yaml ingest: {{privacy: "
        "{{unknown: {{{purpose}: refuse}}}}}}.",
    },
    "objections_of_nobody": {
        "en": "{file}: none of the {entries:n} entries is the id, e-mail address or phone number "
        "of a customer, so that nobody would be kept out. Give the ids as the orders have them, or "
        "name the column of addresses or numbers with --contact-column; to go on without, leave "
        "the file out or give an empty one.",
        "pl": "{file}: żaden wpis (jest ich {entries:n}) nie jest identyfikatorem, adresem e-mail "
        "ani telefonem klienta, więc nikt nie zostałby wyłączony. Podaj identyfikatory jak w "
        "zamówieniach albo wskaż kolumnę z adresami lub telefonami przez --contact-column; żeby "
        "iść dalej bez tego, pomiń plik albo podaj pusty.",
    },
    "all_withheld": {
        "en": "Nobody is left: of {n:count customer} none may be profiled by ingest.privacy "
        "(erased: {erased:n}). Look whether a source says consent where it should say objection, "
        "and what holds where it says nothing (unknown).",
        "pl": "Nikt nie zostaje: według ingest.privacy żadnego klienta (jest ich {n:n}, usunięci: "
        "{erased:n}) nie wolno profilować. Sprawdź, czy źródło nie mówi consent zamiast objection "
        "i co przyjęto, gdy nic nie mówi (unknown).",
    },
    "no_purchase_left": {
        "en": "Once those have left whom ingest.privacy keeps out, no purchase is left.",
        "pl": "Po wyłączeniu osób według ingest.privacy nie zostaje żaden zakup.",
    },
    # settings
    "memory_limit": {
        "en": "--memory-limit '{given}': expected a size such as 4GB.",
        "pl": "--memory-limit '{given}': oczekiwano rozmiaru, np. 4GB.",
    },
    "currency_code": {
        "en": "--currency '{given}': expected a code of three letters, such as PLN.",
        "pl": "--currency '{given}': oczekiwano trzyliterowego kodu, np. PLN.",
    },
    "unknown_zone": {
        "en": "There is no time zone '{zone}'; give one such as Europe/Warsaw.",
        "pl": "Nie ma strefy czasowej „{zone}”; podaj taką jak Europe/Warsaw.",
    },
    # columns
    "unknown_role": {
        "en": "There is no role '{role}'; choose from {roles}.",
        "pl": "Nie ma roli „{role}”; do wyboru są {roles}.",
    },
    "no_such_column": {
        "en": "{file}: there is no column '{column}' for {flag}; the nearest is '{nearest}'. "
        "Columns: {columns}.",
        "pl": "{file}: nie ma kolumny „{column}” dla {flag}; najbliższa to „{nearest}”. Kolumny: "
        "{columns}.",
    },
    "no_such_value": {
        "en": "{file}: no cell of column '{column}' holds '{value}', as {flag} says; the nearest "
        "values: {near}.",
        "pl": "{file}: w kolumnie „{column}” nie ma wartości „{value}”, którą podaje {flag}; "
        "najbliższe: {near}.",
    },
    "no_such_state": {
        "en": "{file}: no status is '{value}', as {flag} says; the nearest: {near}.",
        "pl": "{file}: nie ma statusu „{value}”, który podaje {flag}; najbliższe: {near}.",
    },
    "which_side": {
        "en": "{file}: column '{column}' holds {values}, and the amounts have no sign; {lines:n} "
        "of {total:n} lines are '{one}', too many to be refunds for sure. If they are, give "
        '--refunds "{column}={one}".',
        "pl": "{file}: kolumna „{column}” zawiera {values}, a kwoty nie mają znaku; wiersze z "
        "„{one}”: {lines:n} z {total:n}, za dużo, by na pewno były zwrotami. Jeśli nimi są, podaj "
        '--refunds "{column}={one}".',
    },
    "no_bought_event": {
        "en": "{file}: column '{column}' never says purchase; it holds {values}. Say which of them "
        'is one: --state "{one}=bought".',
        "pl": "{file}: kolumna „{column}” nigdzie nie mówi o zakupie; zawiera {values}. Wskaż, "
        'która wartość to zakup: --state "{one}=bought".',
    },
    "no_status": {
        "en": "{file}: {flag} says what values of the status mean, but no column looks like the "
        "status. Columns: {columns}. Name it with --status COLUMN.",
        "pl": "{file}: {flag} mówi, co znaczą wartości statusu, ale żadna kolumna nie wygląda na "
        "status. Kolumny: {columns}. Wskaż ją przez --status KOLUMNA.",
    },
    "column_twice": {
        "en": "{file}: column '{column}' is given for both {one} and {other}; one column cannot be "
        "both.",
        "pl": "{file}: kolumnę „{column}” podano i dla {one}, i dla {other}; jedna kolumna nie "
        "może być jednym i drugim.",
    },
    "several_columns": {
        "en": "{file}: more than one column could be {role:term meant}: {columns}. Name the right "
        "one with {flag} COLUMN.",
        "pl": "{file}: więcej niż jedna kolumna może zawierać {role:term meant}: {columns}. "
        "Właściwą podaj przez {flag} KOLUMNA.",
    },
    "no_column": {
        "en": "{file}: no column looks like {role:term meant}.{unfit} Columns found: {columns}. "
        "Name it with {flags}.",
        "pl": "{file}: żadna kolumna nie wygląda na {role:term meant}.{unfit} Kolumny w pliku: "
        "{columns}. Właściwą podaj przez {flags}.",
    },
    "amount_or_quantity": {
        "en": "{file}: '{column}' holds small whole numbers, as a quantity does, beside '{other}'. "
        "If '{other}' is the line's total, give --amount '{other}' --quantity '{column}'; if it is "
        "the price of one, --price '{other}' --quantity '{column}'; if '{column}' is the money, "
        "--amount '{column}'.",
        "pl": "{file}: „{column}” zawiera małe liczby całkowite, jak ilość, a obok jest "
        "„{other}”. Jeśli „{other}” to suma wiersza, podaj --amount '{other}' --quantity "
        "'{column}'; jeśli to cena sztuki, --price '{other}' --quantity '{column}'; jeśli "
        "„{column}” to pieniądze, --amount '{column}'.",
    },
    "ids_split": {
        "en": "{file}: by column '{column}' there are {ids:n} customers, by '{other}' "
        "{values:n}: {split:n} of the {again:n} that come again have several ids, as where every "
        "guest checkout gets an id of its own. Give --customer '{other}' to count them as one "
        "customer each, or --customer '{column}' to keep the ids.",
        "pl": "{file}: według kolumny „{column}” klientów jest {ids:n}, a według „{other}” "
        "{values:n}: z {again:n} powtarzających się wartości kilka identyfikatorów ma {split:n}, "
        "jak wtedy, gdy każdy zakup bez konta dostaje nowy. Podaj --customer '{other}', żeby "
        "każda była jednym klientem, albo --customer '{column}', żeby zostawić identyfikatory.",
    },
    "ids_join": {
        "en": "{file}: column '{column}' joins {joined:n} of {values:n} values of '{other}' with "
        "others under one id (id {one} has {n:n}). Give --customer '{other}' to tell them apart, "
        "--guest with an id that is nobody's, or --customer '{column}' to keep the ids.",
        "pl": "{file}: kolumna „{column}” łączy {joined:n} z {values:n} wartości „{other}” z "
        "innymi pod jednym identyfikatorem ({one} ma ich {n:n}). Podaj --customer '{other}', żeby "
        "je rozróżniać, --guest z identyfikatorem, który nie jest niczyj, albo --customer "
        "'{column}', żeby zostawić identyfikatory.",
    },
    "one_customer": {
        "en": "{file}: column '{column}' holds one value on nearly all lines, so it tells no "
        "customers apart; it may be the shop's own. '{other}' holds {values:n}: give --customer "
        "'{other}'.",
        "pl": "{file}: kolumna „{column}” ma w prawie wszystkich wierszach jedną wartość, więc nie "
        "rozróżnia klientów; może należy do sklepu. „{other}” ma ich {values:n}: podaj --customer "
        "'{other}'.",
    },
    "guests_or_mail": {
        "en": "{file}: {lines:n} of {of:n} lines have no customer in column '{column}' (guests), "
        "yet mostly an e-mail address in '{mail}'. Give --customer '{mail}' to tell customers "
        "apart by it, or --customer '{column}' to set the guests aside.",
        "pl": "{file}: {lines:n} z {of:count line} nie ma klienta w kolumnie „{column}” (goście), "
        "ale zwykle ma adres e-mail w „{mail}”. Podaj --customer '{mail}', żeby rozróżniać po nim "
        "klientów, albo --customer '{column}', żeby odłożyć gości.",
    },
    "no_watched_column": {
        "en": "there is no column {column!r} to watch: ingest.watch_columns can name {columns}",
        "pl": "nie ma kolumny {column!r}: ingest.watch_columns może wskazać {columns}",
    },
    "no_contact_column": {
        "en": "{file}: there is no column '{column}' to pass on as contact; columns: {columns}.",
        "pl": "{file}: nie ma kolumny „{column}”, która miała przejść na listę jako kontakt; "
        "kolumny: {columns}.",
    },
    # dates
    "not_dates": {
        "en": "{file}: most of column '{column}' cannot be read as dates; name the right column "
        "with --date COLUMN.",
        "pl": "{file}: większości kolumny „{column}” nie da się odczytać jako dat; właściwą "
        "kolumnę podaj przez --date KOLUMNA.",
    },
    "not_dates_such": {
        "en": "{file}: most of column '{column}' cannot be read as dates (such as '{example}'); "
        "name the right column with --date COLUMN.",
        "pl": "{file}: większości kolumny „{column}” nie da się odczytać jako dat (na przykład "
        "„{example}”); właściwą kolumnę podaj przez --date KOLUMNA.",
    },
    "mixed_dates": {
        "en": "{file}: column '{column}' mixes day-first and month-first dates ('{day}' and "
        "'{month}'); say which is right with --day-first or --month-first (the others are set "
        "aside).",
        "pl": "{file}: w kolumnie „{column}” raz na początku jest dzień, a raz miesiąc („{day}” i "
        "„{month}”); wskaż właściwą kolejność przez --day-first albo --month-first (pozostałe "
        "wiersze zostaną odłożone).",
    },
    "unclear_dates": {
        "en": "{file}: the dates in column '{column}' could be day first or month first; say which "
        "with --day-first or --month-first.",
        "pl": "{file}: z dat w kolumnie „{column}” nie wynika, czy najpierw jest dzień, czy "
        "miesiąc; wskaż to przez --day-first albo --month-first.",
    },
    # what the lines mean
    "unclear_marks": {
        "en": "{file}: in column '{column}' every mark has exactly three digits behind it "
        "({example}), so it may part thousands or decimals. If {example} is {thousands}, give "
        "--decimal-mark {for_thousands}; if it is {whole} and a part, --decimal-mark "
        "{for_decimals}.",
        "pl": "{file}: w kolumnie „{column}” za każdym znakiem stoją dokładnie trzy cyfry "
        "({example}), więc może on oddzielać tysiące albo ułamki. Jeśli {example} to {thousands}, "
        "podaj --decimal-mark {for_thousands}; jeśli to {whole} z ułamkiem, --decimal-mark "
        "{for_decimals}.",
    },
    "sides_unclear": {
        "en": "{file}: the amounts in column '{column}' are marked {marks}, and neither mark is "
        'clearly that of sales. Say which are refunds with --refunds "{column}={value}".',
        "pl": "{file}: kwoty w kolumnie „{column}” są oznaczone {marks} i nie widać, które to "
        'sprzedaż. Zwroty wskaż przez --refunds "{column}={value}".',
    },
    "several_currencies": {
        "en": "{file}: the amounts are in several currencies: {currencies}. They cannot be added "
        'up. {other}To read {kept} alone, give --leave-out "{column}={values}".',
        "pl": "{file}: kwoty są w kilku walutach: {currencies}. Nie da się ich dodać. {other}Żeby "
        'wczytać samo {kept}, podaj --leave-out "{column}={values}".',
    },
    "other_currency": {
        "en": "The amounts are in {written}, not in {given}.",
        "pl": "Kwoty są w {written}, a nie w {given}.",
    },
    "amounts_too_large": {
        "en": "The amounts add up to {total}, more than whole numbers of 1/{scale} can hold. Are "
        "they in too small a unit, or is a column read as money that is none?",
        "pl": "Suma kwot to {total}, więcej, niż mieszczą liczby całkowite w częściach 1/{scale}. "
        "Czy jednostka nie jest za mała albo czy za pieniądze nie wzięto innej kolumny?",
    },
    "last_day_of_all": {
        "en": "Every purchase is dated in the last year that a date can say, up to {day}: these "
        "are placeholders. Mend them, or name another column with --date COLUMN.",
        "pl": "Wszystkie zakupy mają datę z ostatniego roku, jaki da się zapisać, aż do {day}: to "
        "nie są prawdziwe daty. Popraw je albo podaj inną kolumnę przez --date KOLUMNA.",
    },
    "no_purchase": {"en": "{what}", "pl": "{what}"},
    "no_purchase_aside": {
        "en": "{what} {aside:n} of {total:n} lines are set aside, {most:n} of them because: "
        "{reason:term set_aside} ({reason}).",
        "pl": "{what} Odłożono {aside:n} z {total:count line}, z tego {most:n} z powodu: "
        "{reason:term set_aside} ({reason}).",
    },
    "lines_lost": {
        "en": "Lines were lost: {read:n} read, but {kept:n} kept, {aside:n} set aside, "
        "{ignored:n} ignored, {withheld:n} withheld. Please report this as a fault of winback.",
        "pl": "Zgubiono wiersze: wczytano {read:n}, ale zachowano {kept:n}, odłożono {aside:n}, "
        "pominięto {ignored:n} i wyłączono {withheld:n}. To błąd programu winback; zgłoś go, "
        "proszę.",
    },
    # signals and attributes
    "side_lines_lost": {
        "en": "Lines of {noun:term beside} were lost: {read:n} read, but {kept:n} kept, {aside:n} "
        "set aside, {ignored:n} ignored, {withheld:n} withheld. Please report this as a fault of "
        "winback.",
        "pl": "Zgubiono wiersze {noun:term beside}: wczytano {read:n}, ale zachowano {kept:n}, "
        "odłożono {aside:n}, pominięto {ignored:n} i wyłączono {withheld:n}. To błąd programu "
        "winback; zgłoś go, proszę.",
    },
    "overwritten": {
        "en": "{file}: would be overwritten by what is made of it. Give another folder for the "
        "results, or rename the file.",
        "pl": "{file}: ten plik zostałby nadpisany tym, co z niego powstaje. Podaj inny folder na "
        "wyniki albo zmień nazwę pliku.",
    },
    "many_names": {
        "en": "{file}: column '{column}' holds more than {most:n} names of {noun:term beside}; "
        "name the right column in {key}.",
        "pl": "{file}: kolumna „{column}” zawiera ponad {most:n} nazw {noun:term beside}; właściwą "
        "kolumnę podaj w {key}.",
    },
    "none_usable": {
        "en": "{file}: all {read:n} lines of {noun:term beside} were set aside ({reasons}). "
        "Correct the file, or name its columns in {key}.",
        "pl": "{file}: odłożono wszystkie wiersze {noun:term beside}: {read:n} ({reasons}). "
        "Popraw plik albo wskaż jego kolumny w {key}.",
    },
    "none_usable_such": {
        "en": "{file}: all {read:n} lines of {noun:term beside} were set aside ({reasons}), such "
        "as {found} in column '{column}' of row {row}. Correct the file, or name its columns in "
        "{key}.",
        "pl": "{file}: odłożono wszystkie wiersze {noun:term beside}: {read:n} ({reasons}); na "
        "przykład w wierszu {row} kolumna „{column}” zawiera {found}. Popraw plik albo wskaż jego "
        "kolumny w {key}.",
    },
    "no_side_role": {
        "en": "{file}: {noun} have no '{role}'; they have {roles}.",
        "pl": "{file}: w {key} nie ma roli „{role}”; są {roles}.",
    },
    "no_given_column": {
        "en": "{file}: there is no column '{column}'; columns: {columns}.",
        "pl": "{file}: nie ma kolumny „{column}”; kolumny: {columns}.",
    },
    "no_side_column": {
        "en": "{file}: no column `{role}` of {noun:term beside} found; columns: {columns}. Name "
        "the right one in {key}.",
        "pl": "{file}: nie znaleziono kolumny `{role}` dla {noun:term beside}; kolumny: "
        "{columns}. Właściwą podaj w {key}.",
    },
    "side_not_dates": {
        "en": "{file}: most of column '{column}' cannot be read as dates; name the right column "
        "`{role}` in {key}.",
        "pl": "{file}: większości kolumny „{column}” nie da się odczytać jako dat; właściwą "
        "kolumnę `{role}` podaj w {key}.",
    },
    "side_not_dates_such": {
        "en": "{file}: most of column '{column}' cannot be read as dates (such as '{example}'); "
        "name the right column `{role}` in {key}.",
        "pl": "{file}: większości kolumny „{column}” nie da się odczytać jako dat (na przykład "
        "„{example}”); właściwą kolumnę `{role}` podaj w {key}.",
    },
}
