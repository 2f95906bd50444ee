"""What the intake understood of its source, and what of it is in doubt: no full stop at the end."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    # how parts of a sentence are put together
    "both": {"en": "{first}; {second}", "pl": "{first}; {second}"},
    "quoted": {"en": "'{value}'", "pl": "„{value}”"},
    "and_more": {"en": "{last} and {more:n} more", "pl": "{last} i jeszcze {more:n}"},
    "day": {"en": "{day:short_day}", "pl": "{day:short_day}"},
    "share": {"en": "{share:share2}", "pl": "{share:share2}"},
    "over_share": {"en": "over {share:share2}", "pl": "ponad {share:share2}"},
    # files
    "took_part": {
        "en": "{file}: read {parts} in it",
        "pl": "{file}: ze środka odczytano {parts}",
    },
    "took_of_parts": {
        "en": "{file}: read {parts} in it; left alone: {left}",
        "pl": "{file}: ze środka odczytano {parts}; pominięto: {left}",
    },
    "took_of_folder": {
        "en": "folder {folder}: {files} read; left alone: {left}",
        "pl": "folder {folder}: odczytano {files}; pominięto: {left}",
    },
    "no_header": {
        "en": "there is no header; the {columns:n} columns are called by their number",
        "pl": "nie ma nagłówka; kolumny nazwano ich numerami (jest ich {columns:n})",
    },
    "header_unused": {
        "en": "the header has {names:n} names but rows have {cells:n} cells, and nothing tells "
        "which is whose; columns are called by their number",
        "pl": "nagłówek ma {names:n} nazw, a wiersze {cells:n} komórek i nie wiadomo, która nazwa "
        "jest czyja; kolumny nazwano ich numerami",
    },
    "names_without_cells": {
        "en": "rows are shorter than the header; no cells belong to {columns}",
        "pl": "wiersze są krótsze niż nagłówek; żadne komórki nie należą do {columns}",
    },
    "cells_at_start": {
        "en": "rows are longer than the header; their first cells ({cells:n}) have no name",
        "pl": "wiersze są dłuższe niż nagłówek; ich pierwsze komórki ({cells:n}) nie mają nazwy",
    },
    "cells_at_end": {
        "en": "rows are longer than the header; their last cells ({cells:n}) have no name",
        "pl": "wiersze są dłuższe niż nagłówek; ich ostatnie komórki ({cells:n}) nie mają nazwy",
    },
    "cells_joined": {
        "en": "column {columns}: its decimal comma stands without quotes and cut each cell in "
        "two; the halves are joined",
        "pl": "kolumna {columns}: przecinek dziesiętny bez cudzysłowów przeciął każdą komórkę na "
        "dwie; połówki połączono",
    },
    "backslashes": {
        "en": "quotes within cells are written with a backslash, as MySQL does",
        "pl": "cudzysłowy w komórkach zapisano z odwrotnym ukośnikiem, jak w MySQL",
    },
    "rows_of_width": {
        "en": "{rows:n} rows of {cells:n} cells",
        "pl": "{rows:count line} po {cells:n} komórek",
    },
    "own_orders": {
        "en": "orders that winback wrote, read at their own scale of 1/{scale:n}",
        "pl": "zamówienia zapisane przez winback, odczytane w ich własnej skali 1/{scale:n}",
    },
    # columns
    "column": {
        "en": "{role:term role}: column '{column}' ({note}), {rule:term column_rule}",
        "pl": "{role:term role}: kolumna „{column}” ({note}), {rule:term column_rule}",
    },
    "no_order_column": {
        "en": "order: no column; lines of one customer at one instant are one order",
        "pl": "zamówienie: brak kolumny; wiersze jednego klienta z tej samej chwili to jedno "
        "zamówienie",
    },
    "price_times_quantity": {
        "en": "amount: unit price times quantity",
        "pl": "kwota: cena jednostkowa razy ilość",
    },
    "discount_used": {
        "en": "amount: less the order's '{column}', on the line that states it",
        "pl": "kwota: pomniejszona o „{column}” zamówienia w wierszu, który go podaje",
    },
    "discount_share": {
        "en": "amount: less column '{column}', a share of the line",
        "pl": "kwota: pomniejszona o „{column}”, ułamek wartości wiersza",
    },
    "discount_percent": {
        "en": "amount: less column '{column}', percent of the line",
        "pl": "kwota: pomniejszona o „{column}”, procent wartości wiersza",
    },
    "discount_line": {
        "en": "amount: less column '{column}', an amount for the whole line",
        "pl": "kwota: pomniejszona o „{column}”, kwotę rabatu na cały wiersz",
    },
    "discount_below": {
        "en": "amount: less column '{column}', written with a minus",
        "pl": "kwota: pomniejszona o „{column}”, kwotę rabatu zapisaną z minusem",
    },
    "discount_piece": {
        "en": "amount: less column '{column}' for each piece",
        "pl": "kwota: pomniejszona o „{column}” od każdej sztuki",
    },
    "discount_order": {
        "en": "amount: less column '{column}', which repeats the discount of the order on each of "
        "its lines and is subtracted once",
        "pl": "kwota: pomniejszona o „{column}”; kolumna powtarza rabat zamówienia w każdym jego "
        "wierszu i jest odejmowana raz",
    },
    "discount_in_price": {
        "en": "amount: prices fall as '{column}' rises, so they are what was paid and nothing is "
        "subtracted",
        "pl": "kwota: im większy „{column}”, tym niższa cena, więc ceny są już po rabacie i nic "
        "się nie odejmuje",
    },
    "discount_in_total": {
        "en": "amount: '{column}' is already subtracted from the lines' totals",
        "pl": "kwota: „{column}” jest już odjęty od sum wierszy",
    },
    "order_total": {
        "en": "amount: column '{column}' holds the total of the order on each of its lines and is "
        "counted once",
        "pl": "kwota: kolumna „{column}” powtarza sumę zamówienia w każdym jego wierszu i liczy "
        "się raz",
    },
    "gift_added": {
        "en": "amount: with '{column}', which was paid by gift card",
        "pl": "kwota: razem z „{column}”, czyli tym, co zapłacono kartą podarunkową",
    },
    "refunded_by_total": {
        "en": "refunded: what '{column}' is below '{total}'",
        "pl": "zwrócono: o ile „{column}” jest niższe niż „{total}”",
    },
    "refunded_by_pieces": {
        "en": "refunded: pieces in '{column}' times the price of one",
        "pl": "zwrócono: sztuki z „{column}” razy cena jednej",
    },
    "refunds_of_parents": {
        "en": "refunds: column '{column}' names the order they are of",
        "pl": "zwroty: kolumna „{column}” podaje zamówienie, którego dotyczą",
    },
    "price_of_line": {
        "en": "amount: column '{column}' is the total of its line and is not multiplied by the "
        "quantity ({why})",
        "pl": "kwota: kolumna „{column}” to wartość całej pozycji i nie jest mnożona przez ilość "
        "({why})",
    },
    "line_by_total": {
        "en": "so the lines make '{total}'",
        "pl": "tak pozycje dają „{total}”",
    },
    "line_by_source": {
        "en": "as Amazon's reports write it",
        "pl": "tak jest w raportach Amazona",
    },
    "line_by_products": {
        "en": "divided by the quantity it is the same for each product",
        "pl": "podzielona przez ilość jest dla produktu zawsze taka sama",
    },
    "piece_by_total": {
        "en": "amount: column '{column}' is the price of one piece and is multiplied by the "
        "quantity, because so the lines make '{total}'",
        "pl": "kwota: kolumna „{column}” to cena sztuki, mnożona przez ilość, bo tak pozycje dają "
        "„{total}”",
    },
    "smallest_unit": {
        "en": "amounts are in the currency's smallest unit, as Stripe writes them",
        "pl": "kwoty są w najmniejszej jednostce waluty, jak w Stripe",
    },
    "minor_told": {
        "en": "amounts are in the currency's smallest unit, as told, and are divided",
        "pl": "kwoty są w najmniejszej jednostce waluty, jak wskazano, i są przeliczone",
    },
    "minor_named": {
        "en": "column '{column}' is in the currency's smallest unit, as its name says, and is "
        "divided",
        "pl": "kolumna „{column}” jest w najmniejszej jednostce waluty, jak mówi jej nazwa, i "
        "jest przeliczona",
    },
    "minor_disproved": {
        "en": "column '{column}' is named like a smallest unit of money but holds decimals, so it "
        "is read as it stands",
        "pl": "kolumna „{column}” z nazwy jest w najmniejszej jednostce waluty, ale ma ułamki, "
        "więc jest czytana tak, jak zapisano",
    },
    "minor_disproved_stripe": {
        "en": "column '{column}' has the names of Stripe around it but holds decimals, so it is in "
        "whole units of the currency",
        "pl": "obok kolumny „{column}” są nazwy ze Stripe, ale ma ona ułamki, więc jest w pełnych "
        "jednostkach waluty",
    },
    "micros": {
        "en": "column '{column}' is in millionths, as its name says, and is divided",
        "pl": "kolumna „{column}” jest w milionowych częściach, jak mówi jej nazwa, i jest "
        "przeliczona",
    },
    "divisor_used": {
        "en": "column '{column}' is divided as column '{by}' says",
        "pl": "kolumna „{column}” jest dzielona, jak podaje kolumna „{by}”",
    },
    "converted_used": {
        "en": "amount: orders are in {codes}; column '{column}' has all of them in {currency} and "
        "is used instead of '{original}'",
        "pl": "kwota: zamówienia są w {codes}; kolumna „{column}” podaje wszystkie w {currency} i "
        "zastępuje „{original}”",
    },
    "rate_times": {
        "en": "amount: orders are in {codes}; '{amount}' times the rate in '{column}' has all of "
        "them in {currency}",
        "pl": "kwota: zamówienia są w {codes}; „{amount}” razy kurs z kolumny „{column}” daje "
        "wszystkie w {currency}",
    },
    "rate_divided": {
        "en": "amount: orders are in {codes}; '{amount}' divided by the rate in '{column}' has all "
        "of them in {currency}",
        "pl": "kwota: zamówienia są w {codes}; „{amount}” dzielone przez kurs z kolumny "
        "„{column}” daje wszystkie w {currency}",
    },
    "filled_once": {
        "en": "{columns} stand on only one line of an order and hold for all of its lines (so in "
        "{orders:n} orders)",
        "pl": "{columns} stoją tylko w jednym wierszu zamówienia i dotyczą wszystkich jego wierszy "
        "(tak jest w {orders:n} zamówieniach)",
    },
    "numbers_by_store": {
        "en": "order: each '{column}' numbers its orders by itself; it stands before the number",
        "pl": "zamówienie: każda wartość „{column}” ma własną numerację; stoi przed numerem",
    },
    "orders_damaged": {
        "en": "{ids:n} order ids of {file} were turned into scientific notation by a spreadsheet; "
        "such orders of one customer and day are counted as one",
        "pl": "numery zamówień w {file}, które arkusz zamienił na zapis naukowy: {ids:n}; takie "
        "zamówienia jednego klienta z jednego dnia liczą się jako jedno",
    },
    # ids
    "text_ids": {"en": "text ids", "pl": "identyfikatory tekstowe"},
    "whole_numbers": {"en": "whole numbers", "pl": "liczby całkowite"},
    "once_pointed": {
        "en": "whole numbers once written with .0",
        "pl": "liczby całkowite zapisane z .0",
    },
    "point_dropped": {
        "en": "whole numbers written with .0 come without it",
        "pl": "liczby całkowite zapisane z .0 – bez niego",
    },
    "typed_ids": {"en": "{kind} ids", "pl": "identyfikatory typu {kind}"},
    "mail_ids": {
        "en": "e-mail addresses, in lower case",
        "pl": "adresy e-mail, małymi literami",
    },
    "zero_is_guest": {"en": "0 is a guest", "pl": "0 oznacza gościa"},
    "masked_mail": {
        "en": "{addresses:n} addresses of a marketplace are those of {buyers:n} buyers: what "
        "stands behind the plus sign is the transaction",
        "pl": "adresy z platformy sprzedażowej: {addresses:n}, należą do tylu kupujących: "
        "{buyers:n}; po znaku plus stoi numer transakcji",
    },
    "phone_ids": {
        "en": "phone numbers, compared by their digits: {spellings:n} spellings of {numbers:n} "
        "numbers",
        "pl": "numery telefonów, porównywane cyframi (różnych zapisów: {spellings:n}, numerów: "
        "{numbers:n})",
    },
    "phone_ids_of": {
        "en": "phone numbers, compared by their digits, with the prefix {code} or without it: "
        "{spellings:n} spellings of {numbers:n} numbers",
        "pl": "numery telefonów, porównywane cyframi, z numerem kierunkowym {code} lub bez niego "
        "(różnych zapisów: {spellings:n}, numerów: {numbers:n})",
    },
    "zeros_mended": {
        "en": "{ids:n} ids had lost the zeros before them and have got them back; {twins:n} of "
        "them stand in the file with their zeros, too",
        "pl": "identyfikatory, którym przywrócono utracone zera na początku: {ids:n}; z zerami "
        "też są w pliku: {twins:n}",
    },
    # dates
    "dates": {"en": "dates", "pl": "daty"},
    "times": {"en": "times", "pl": "daty z godziną"},
    "dates_from_year": {
        "en": "dates as year-month-day",
        "pl": "daty w kolejności rok-miesiąc-dzień",
    },
    "dates_in_words": {
        "en": "dates with the month in letters",
        "pl": "daty z nazwą miesiąca",
    },
    "order_by_mark": {
        "en": "dates read by what stands between their parts: {day} with the day first, {month} "
        "with the month first",
        "pl": "kolejność zależy od znaku między częściami daty: {day} z dniem na początku, "
        "{month} z miesiącem",
    },
    "days_turned": {
        "en": "a spreadsheet changed day and month round in {lines:n} lines, since these dates are "
        "never above the 12th and the others always are; they are turned back: {example} is "
        "{day:short_day}",
        "pl": "arkusz zamienił dzień z miesiącem w części wierszy (jest ich {lines:n}), bo w tych "
        "datach dzień nigdy nie przekracza 12, a w pozostałych zawsze; zostały odwrócone z "
        "powrotem: {example} to {day:short_day}",
    },
    "date_of_orders": {
        "en": "orders are dated by column '{column}'; column '{other}' is the same for all lines, "
        "or for all lines of a customer",
        "pl": "daty zamówień są w kolumnie „{column}”; w kolumnie „{other}” ten sam dzień mają "
        "wszystkie wiersze albo wszystkie wiersze klienta",
    },
    "date_not_later": {
        "en": "orders are dated by column '{column}'; column '{other}' by its name says what "
        "became of them later",
        "pl": "daty zamówień są w kolumnie „{column}”; kolumna „{other}” według nazwy mówi, co się "
        "z nimi działo później",
    },
    "date_with_time": {
        "en": "orders are dated by column '{column}', which has the days of column '{other}' and "
        "their time",
        "pl": "daty zamówień są w kolumnie „{column}”, bo są w niej te same dni co w „{other}”, "
        "z godziną",
    },
    "dates_as_numbers": {"en": "dates as numbers", "pl": "daty zapisane jako liczby"},
    "day_first_told": {
        "en": "dates read day first, as told",
        "pl": "najpierw dzień, jak wskazano",
    },
    "month_first_told": {
        "en": "dates read month first, as told",
        "pl": "najpierw miesiąc, jak wskazano",
    },
    "day_first": {
        "en": "dates read day first, because of {example} in row {row}",
        "pl": "najpierw dzień, bo w wierszu {row} jest {example}",
    },
    "month_first": {
        "en": "dates read month first, because of {example} in row {row}",
        "pl": "najpierw miesiąc, bo w wierszu {row} jest {example}",
    },
    "zoned": {
        "en": "times with a zone, taken as wall time of {zone}",
        "pl": "godziny ze strefą, odczytane według czasu {zone}",
    },
    "offsets_dropped": {
        "en": "times kept as written, without their offset",
        "pl": "godziny jak zapisano, bez przesunięcia strefy",
    },
    "times_converted": {"en": "times converted to {zone}", "pl": "godziny przeliczone na {zone}"},
    "times_utc": {
        "en": "times are UTC (give --timezone for the shop's own)",
        "pl": "godziny są w UTC (strefę sklepu podaje --timezone)",
    },
    "times_made_utc": {
        "en": "times with several offsets converted to UTC (give --timezone for the shop's own)",
        "pl": "godziny z różnymi przesunięciami przeliczone na UTC (strefę sklepu podaje "
        "--timezone)",
    },
    "no_offsets": {
        "en": "they carry no offset, so --timezone changes nothing",
        "pl": "nie mają przesunięcia, więc --timezone niczego nie zmienia",
    },
    "clock": {"en": "time of day, added to the date", "pl": "godzina, dodana do daty"},
    "dates_one_number": {
        "en": "dates are year, month and day as one number",
        "pl": "daty to rok, miesiąc i dzień jako jedna liczba",
    },
    "dates_excel_days": {
        "en": "dates are Excel day numbers",
        "pl": "daty to numery dni z Excela",
    },
    "dates_unix_seconds": {
        "en": "dates are unix seconds",
        "pl": "daty to czas uniksowy w sekundach",
    },
    "dates_unix_milliseconds": {
        "en": "dates are unix milliseconds",
        "pl": "daty to czas uniksowy w milisekundach",
    },
    "dates_unix_microseconds": {
        "en": "dates are unix microseconds",
        "pl": "daty to czas uniksowy w mikrosekundach",
    },
    "dates_unix_nanoseconds": {
        "en": "dates are unix nanoseconds",
        "pl": "daty to czas uniksowy w nanosekundach",
    },
    # numbers
    "numbers": {"en": "numbers", "pl": "liczby"},
    "numbers_point": {
        "en": "numbers with a decimal point",
        "pl": "liczby z kropką dziesiętną",
    },
    "numbers_comma": {
        "en": "numbers with a decimal comma",
        "pl": "liczby z przecinkiem dziesiętnym",
    },
    "sides": {
        "en": "{lines:n} lines marked {refunds} are refunds, all others sales",
        "pl": "zwroty to wiersze z {refunds} ({lines:n}), pozostałe to sprzedaż",
    },
    # status
    "status_purchases": {"en": "all count as purchases", "pl": "wszystkie to zakupy"},
    "status_refund_event": {
        "en": "refunds of their own: {values}",
        "pl": "osobne zwroty: {values}",
    },
    "status_reversed": {
        "en": "cancelled or sent back: {values}",
        "pl": "anulowane lub zwrócone: {values}",
    },
    "status_not_paid": {"en": "not paid: {values}", "pl": "bez zapłaty: {values}"},
    "status_not_a_purchase": {
        "en": "not a purchase: {values}",
        "pl": "to nie zakup: {values}",
    },
    "status_unknown": {
        "en": "unknown and kept: {values}",
        "pl": "nieznane, zachowane: {values}",
    },
    "status_marked": {
        "en": "void, deleted or a test: {values}",
        "pl": "unieważnione, usunięte lub testowe: {values}",
    },
    "status_marked_by_date": {
        "en": "void or deleted where it is filled",
        "pl": "unieważnione lub usunięte tam, gdzie jest wypełniona",
    },
    "status_never_paid": {
        "en": "cancelled on no day, in a list that holds unpaid orders too, so never paid: "
        "{values}",
        "pl": "anulowane bez daty, a lista zawiera też zamówienia nieopłacone, więc bez zapłaty: "
        "{values}",
    },
    "status_left_out": {"en": "left out, as told: {values}", "pl": "pominięte: {values}"},
    "flag": {
        "en": "what a line is: column '{column}' ({note})",
        "pl": "czym jest wiersz: kolumna „{column}” ({note})",
    },
    # what was done with odd lines
    "notes_flipped": {
        "en": "{lines:n} lines of credit notes (C before an order's number) were written as "
        "positive and count as refunds",
        "pl": "wiersze korekt (C przed numerem zamówienia) zapisane z plusem, liczone jako "
        "zwroty: {lines:n}",
    },
    "events_flipped": {
        "en": "{lines:n} lines of credit notes or refunds were written as positive and count as "
        "refunds",
        "pl": "wiersze korekt lub zwrotów zapisane z plusem, liczone jako zwroty: {lines:n}",
    },
    "older_replaced": {
        "en": "{lines:n} lines come again in a later file with another status, which holds; their "
        "{money:money2} counts once",
        "pl": "wiersze powtórzone w późniejszym pliku z innym statusem, który obowiązuje: "
        "{lines:n}; ich {money:money2} liczy się raz",
    },
    "copies_across": {
        "en": "{lines:n} lines come again in another file; their {money:money2} counts once (if "
        "they are other purchases, give --copies keep)",
        "pl": "wiersze powtórzone w innym pliku: {lines:n}; ich {money:money2} liczy się raz "
        "(jeśli to inne zakupy, podaj --copies keep)",
    },
    "copies_dropped": {
        "en": "{lines:n} lines repeat a whole order, line by line; their {money:money2} counts "
        "once (if they are other purchases, give --copies keep)",
        "pl": "wiersze, które powtarzają całe zamówienie, wiersz w wiersz: {lines:n}; ich "
        "{money:money2} liczy się raz (jeśli to inne zakupy, podaj --copies keep)",
    },
    "copies_kept": {
        "en": "{lines:n} lines equal another of their order in every column and count as pieces "
        "bought, {money:money2} in all (if they are copies, give --copies drop)",
        "pl": "wiersze równe innemu wierszowi zamówienia w każdej kolumnie: {lines:n}; liczą się "
        "jako kupione sztuki, razem {money:money2} (jeśli to kopie, podaj --copies drop)",
    },
    "parts_of_lines": {
        "en": "{lines:n} lines are parts of others by column '{column}', which have their "
        "{money:money2} already, and are set aside (if they are bought beside them, give --copies "
        "keep)",
        "pl": "wiersze, które według kolumny „{column}” są częściami innych pozycji z tą samą "
        "kwotą, odłożone: {lines:n} (na {money:money2}; jeśli kupiono je osobno, podaj --copies "
        "keep)",
    },
    "total_rows": {
        "en": "{lines:n} rows of totals ({money:money2}) are the sum of other rows and are set "
        "aside",
        "pl": "wiersze podsumowania, czyli sumy innych wierszy, odłożone: {lines:n} (na "
        "{money:money2})",
    },
    "reported_again": {
        "en": "{lines:n} purchases were reported again later, under the same number, customer and "
        "amount; their {money:money2} counts once (if they are other purchases, give --copies "
        "keep)",
        "pl": "zakupy zgłoszone ponownie później, z tym samym numerem, klientem i kwotą: "
        "{lines:n}; ich {money:money2} liczy się raz (jeśli to inne zakupy, podaj --copies keep)",
    },
    "back_dated": {
        "en": "{lines:n} refunds have no date of their own and are dated like their order",
        "pl": "zwroty bez własnej daty, datowane jak zamówienie: {lines:n}",
    },
    "lonely": {
        "en": "{lines:n} lines dated {days} stand far from all others; set aside",
        "pl": "wiersze z datą daleko od wszystkich innych ({days}), odłożone: {lines:n}",
    },
    "repeats_kept": {
        "en": "{lines:n} lines equal another in every column; without order ids they may be real "
        "and are kept",
        "pl": "wiersze równe innemu w każdej kolumnie: {lines:n}; bez numerów zamówień mogą być "
        "prawdziwe i zostały",
    },
    "suspicious": {
        "en": "customer {customer} holds {share:share1} of all orders and looks like a till, staff "
        "or a test account; kept, and left out with --guest and this id",
        "pl": "klient {customer} ma {share:share1} wszystkich zamówień i wygląda na kasę, "
        "pracownika albo konto testowe; został, a pomija go --guest z tym identyfikatorem",
    },
    "guests_named": {
        "en": "guests, walk-in sales and erased persons are nobody's and set aside: {names} "
        "({lines:count line}, {money:money2})",
        "pl": "goście, sprzedaż bez klienta i usunięte osoby nie są klientami i zostały odłożone: "
        "{names} ({lines:count line}, {money:money2})",
    },
    "privacy_consent": {
        "en": "{purpose:term purpose}: {kind:term privacy_kind} '{name}'; {yes:n} customers "
        "agreed, {no:n} refused",
        "pl": "{purpose:term purpose}: {kind:term privacy_kind} „{name}”; klienci, którzy się "
        "zgodzili: {yes:n}, odmówili: {no:n}",
    },
    "privacy_consent_by": {
        "en": "{purpose:term purpose} by {channel}: {kind:term privacy_kind} '{name}'; {yes:n} "
        "customers agreed, {no:n} refused",
        "pl": "{purpose:term purpose} ({channel}): {kind:term privacy_kind} „{name}”; klienci, "
        "którzy się zgodzili: {yes:n}, odmówili: {no:n}",
    },
    "privacy_objection": {
        "en": "{purpose:term purpose}: {kind:term privacy_kind} '{name}' keeps {yes:n} customers "
        "out",
        "pl": "{purpose:term purpose}: {kind:term privacy_kind} „{name}” wyłącza klientów: {yes:n}",
    },
    "privacy_objection_by": {
        "en": "{purpose:term purpose} by {channel}: {kind:term privacy_kind} '{name}' keeps "
        "{yes:n} customers out",
        "pl": "{purpose:term purpose} ({channel}): {kind:term privacy_kind} „{name}” wyłącza "
        "klientów: {yes:n}",
    },
    "channel_unsaid": {
        "en": "look at the consents: offers go by {channel}, and no source of ingest.privacy says "
        "who agreed to that (only to {channels}); everybody may be written to by it who did not "
        "object",
        "pl": "sprawdź zgody: są oferty kanałem {channel}, a żadne źródło ingest.privacy nie mówi, "
        "kto się na niego zgodził (tylko na {channels}); wolno tak pisać do wszystkich, którzy się "
        "nie sprzeciwili",
    },
    "withheld": {
        "en": "lines left out before anything is computed: {no_profiling:n} of customers who may "
        "not be profiled, {erased:n} of erased persons",
        "pl": "wiersze wyłączone, zanim cokolwiek policzono: {no_profiling:n} od klientów, których "
        "nie wolno profilować, {erased:n} od osób usuniętych",
    },
    # parts of errors
    "currency_lines": {
        "en": "{currency} ({lines:count line})",
        "pl": "{currency} ({lines:count line})",
    },
    "converted_beside": {
        "en": "If column '{amount}' has all of them in one currency, give --amount \"{amount}\" "
        '--currency-column "{currency}". ',
        "pl": "Jeśli kolumna „{amount}” podaje wszystkie w jednej walucie, podaj --amount "
        '"{amount}" --currency-column "{currency}". ',
    },
    "flag_column": {"en": "{flag} COLUMN", "pl": "{flag} KOLUMNA"},
    "flag_amount": {
        "en": "--amount COLUMN (or --price COLUMN)",
        "pl": "--amount KOLUMNA (lub --price KOLUMNA)",
    },
    "named_but_empty": {
        "en": " Column '{column}' is named like it, but its cells are empty.",
        "pl": " Na to wskazuje nazwa kolumny „{column}”, ale jej komórki są puste.",
    },
    "named_but_counts_days": {
        "en": " Column '{column}' counts days ({first} to {last}) and is no date: add to it the "
        "date of the day before day 1, and take that column.",
        "pl": " Kolumna „{column}” numeruje dni (od {first} do {last}), a nie jest datą: dodaj do "
        "niej datę dnia przed dniem 1 i weź tę kolumnę.",
    },
    "named_but_days_since": {
        "en": " Column '{column}' counts days between orders, and no column says when one was "
        "placed: take an export with the date of each order.",
        "pl": " Kolumna „{column}” liczy dni między zamówieniami, a żadna nie mówi, kiedy je "
        "złożono: weź eksport z datą każdego zamówienia.",
    },
    "named_but_no_date": {
        "en": " Column '{column}' is named like it, but most of its cells are not a date: {cells}.",
        "pl": " Na to wskazuje nazwa kolumny „{column}”, ale większość jej komórek to nie daty: "
        "{cells}.",
    },
    "named_but_no_number": {
        "en": " Column '{column}' is named like it, but most of its cells are not a number: "
        "{cells}.",
        "pl": " Na to wskazuje nazwa kolumny „{column}”, ale większość jej komórek to nie liczby: "
        "{cells}.",
    },
    "no_purchase": {
        "en": "There is no purchase in these files: no order whose lines sum above zero.",
        "pl": "W tych plikach nie ma żadnego zakupu: żadnego zamówienia o sumie wierszy powyżej "
        "zera.",
    },
    "no_purchase_before": {
        "en": "There is no purchase before the cutoff {cutoff}.",
        "pl": "Przed dniem {cutoff:short_day} nie ma żadnego zakupu.",
    },
    "no_purchase_before_first": {
        "en": "There is no purchase before the cutoff {cutoff}; the first is on {first}.",
        "pl": "Przed dniem {cutoff:short_day} nie ma żadnego zakupu; pierwszy jest z "
        "{first:short_day}.",
    },
    "lines_of_reason": {"en": "{lines:n} {reason}", "pl": "{lines:n} {reason}"},
    "an_id": {"en": "(an id)", "pl": "(identyfikator)"},
    # what to look at
    "objections_unmatched": {
        "en": "look at the objections: {n:n} of {of:n} entries of {file} match no customer, by id "
        "or by any --contact-column, and keep nobody out",
        "pl": "sprawdź sprzeciwy: wpisy z {file}, które nie pasują do żadnego klienta ani po "
        "identyfikatorze, ani po kolumnach z --contact-column, i nikogo nie wyłączają: {n:n} z "
        "{of:n}",
    },
    "guest_words": {
        "en": "look at the customers: {names} may be no customer but a till or a walk-in sale "
        "({lines:count line}, {money:money2}), and counts as one; to set these lines aside, give "
        '--guest "{first}"',
        "pl": "sprawdź klientów: {names} to może nie klient, tylko kasa albo sprzedaż bez klienta "
        "({lines:count line}, {money:money2}), a liczy się jak klient; żeby odłożyć te wiersze, "
        'podaj --guest "{first}"',
    },
    "plus_mail": {
        "en": "look at the customers: {addresses:n} of {of:n} addresses differ from another only "
        "behind a plus sign and count as customers of their own; where they are one person's, "
        "name a column of ids with --customer or cut them in the file",
        "pl": "sprawdź klientów: adresy, które różnią się od innego tylko tym, co stoi po znaku "
        "plus, i liczą się jako osobni klienci: {addresses:n} z {of:n}; jeśli to te same osoby, "
        "podaj kolumnę z identyfikatorami przez --customer albo skróć je w pliku",
    },
    "no_orders_in": {
        "en": "look at the files: {files} in the folder lacks a column that orders have, and was "
        "left alone; if it holds orders, give it by itself, and winback says what is missing",
        "pl": "sprawdź pliki: {files} w folderze nie ma kolumny, którą mają zamówienia, więc "
        "pominięto go; jeśli są w nim zamówienia, podaj go osobno, a winback powie, czego brakuje",
    },
    "register_in": {
        "en": "look at the files: {files} in the folder names each customer once and no order, as "
        "a register does, and was left alone; if it holds orders, give the files by their names",
        "pl": "sprawdź pliki: {files} w folderze wymienia każdego klienta raz i bez zamówień, jak "
        "spis klientów, więc pominięto go; jeśli są w nim zamówienia, podaj pliki po nazwie",
    },
    "guests_with_mail": {
        "en": "look at the customers: {lines:n} lines have none in column '{column}' (guests), yet "
        'mostly an e-mail address; to tell customers apart by it, give --customer "{mail}"',
        "pl": "sprawdź klientów: wiersze bez klienta w kolumnie „{column}” (goście), zwykle jednak "
        "z adresem e-mail: {lines:n}; żeby po nim rozróżniać klientów, podaj "
        '--customer "{mail}"',
    },
    "twins_zeros": {
        "en": "look at the customers: {ids:n} ids come both with and without leading zeros, as a "
        "spreadsheet leaves them, and count as different customers",
        "pl": "sprawdź klientów: identyfikatory zapisane i z zerami na początku, i bez nich (tak "
        "zostawia je arkusz): {ids:n}; liczą się jako różni klienci",
    },
    "twins_point": {
        "en": "look at the customers: {ids:n} ids come both with and without .0, as a spreadsheet "
        "leaves them, and count as different customers",
        "pl": "sprawdź klientów: identyfikatory zapisane i z .0, i bez niego (tak zostawia je "
        "arkusz): {ids:n}; liczą się jako różni klienci",
    },
    "guest_zero": {
        "en": "look at the customers: 0 holds {lines:n} lines, anybody else at most {others:n}, "
        "and counts as one customer; if it stands for guests, give --guest 0",
        "pl": "sprawdź klientów: klient 0 ma {lines:count line}, a każdy inny najwyżej {others:n}; "
        "0 liczy się jako jeden klient; jeśli oznacza gości, podaj --guest 0",
    },
    "consent_unused": {
        "en": "look at the consents: column '{column}' is not used, so that whoever refused is not "
        'left out; if it is the consent to be written to, give --consent-column "{column}"',
        "pl": "sprawdź zgody: kolumna „{column}” nie jest używana, więc kto odmówił, nie jest "
        'pominięty; jeśli to zgoda na kontakt, podaj --consent-column "{column}"',
    },
    "objection_unused": {
        "en": "look at the objections: column '{column}' is not used, so that whoever said no "
        "there is not left out; if it is an objection to being written to, write ingest.privacy: "
        "marketing: [{{column: {column}, says: objection}}], or give their ids with --suppress",
        "pl": "sprawdź sprzeciwy: kolumna „{column}” nie jest używana, więc kto się w niej "
        "sprzeciwił, nie jest pominięty; jeśli to sprzeciw wobec kontaktu, wpisz ingest.privacy: "
        "marketing: [{{column: {column}, says: objection}}] albo podaj identyfikatory tych "
        "klientów w --suppress",
    },
    "consent_of_attributes": {
        "en": "look at the consents: attribute '{name}' of {file} is not used, so that whoever "
        "refused is not left out; if it is the consent to be written to, give "
        "--consent-attribute {name} (ingest.privacy)",
        "pl": "sprawdź zgody: atrybut „{name}” z {file} nie jest używany, więc kto odmówił, nie "
        "jest pominięty; jeśli to zgoda na kontakt, podaj --consent-attribute {name} "
        "(ingest.privacy)",
    },
    "objection_of_attributes": {
        "en": "look at the objections: attribute '{name}' of {file} is not used, so that whoever "
        "said no there is not left out; if it is an objection to being written to, write "
        "ingest.privacy: marketing: [{{attribute: {name}, says: objection}}], or give their ids "
        "with --suppress",
        "pl": "sprawdź sprzeciwy: atrybut „{name}” z {file} nie jest używany, więc kto się "
        "sprzeciwił, nie jest pominięty; jeśli to sprzeciw wobec kontaktu, wpisz ingest.privacy: "
        "marketing: [{{attribute: {name}, says: objection}}] albo podaj identyfikatory tych "
        "klientów w --suppress",
    },
    "consent_of_signals": {
        "en": "look at the consents: signal '{name}' of {file} is not used, so that whoever "
        "refused is not left out; if it is the consent to be written to, give it as an attribute "
        "(--attributes, --consent-attribute {name}), or who refused with --suppress",
        "pl": "sprawdź zgody: zdarzenie „{name}” z {file} nie jest używane, więc kto odmówił, nie "
        "jest pominięty; jeśli to zgoda na kontakt, podaj ją jako atrybut (--attributes, "
        "--consent-attribute {name}) albo osoby, które odmówiły, w --suppress",
    },
    "objection_of_signals": {
        "en": "look at the objections: signal '{name}' of {file} is not used, so that whoever said "
        "no there is not left out; if it is an objection to being written to, give their ids with "
        "--suppress",
        "pl": "sprawdź sprzeciwy: zdarzenie „{name}” z {file} nie jest używane, więc kto się "
        "sprzeciwił, nie jest pominięty; jeśli to sprzeciw wobec kontaktu, podaj identyfikatory "
        "tych klientów w --suppress",
    },
    "consent_beside": {
        "en": "look at the consents: column '{column}' of {file} is not used, so that whoever "
        "refused is not left out; if it is the consent to be written to, give it as an attribute "
        "(--attributes, --consent-attribute), or who refused with --suppress",
        "pl": "sprawdź zgody: kolumna „{column}” w {file} nie jest używana, więc kto odmówił, nie "
        "jest pominięty; jeśli to zgoda na kontakt, podaj ją jako atrybut (--attributes, "
        "--consent-attribute) albo osoby, które odmówiły, w --suppress",
    },
    "objection_beside": {
        "en": "look at the objections: column '{column}' of {file} is not used, so that whoever "
        "said no there is not left out; if it is an objection to being written to, give their ids "
        "with --suppress",
        "pl": "sprawdź sprzeciwy: kolumna „{column}” w {file} nie jest używana, więc kto się "
        "sprzeciwił, nie jest pominięty; jeśli to sprzeciw wobec kontaktu, podaj identyfikatory "
        "tych klientów w --suppress",
    },
    "sparse_end": {
        "en": "look at the dates: the last {days:n} days hold {orders:n} orders, before them "
        "{monthly:n} a month; if dates are wrong there, give --cutoff {cutoff}",
        "pl": "sprawdź daty: w ciągu ostatnich {days:count of day} są {orders:count order}, a "
        "wcześniej było {monthly:n} miesięcznie; jeśli daty są tam błędne, podaj --cutoff {cutoff}",
    },
    "thin_end": {
        "en": "look at the dates: the last {days:n} days hold {lines:n} lines, where {usual:n} "
        "would be usual; if lines are missing there, give --cutoff {cutoff}",
        "pl": "sprawdź daty: liczba wierszy z ostatnich {days:count of day} to {lines:n}, a zwykle "
        "byłoby ich {usual:n}; jeśli brakuje tam wierszy, podaj --cutoff {cutoff}",
    },
    "hole": {
        "en": "look at the dates: not a line from {first:short_day} to {last:short_day}, where "
        "{usual:n} would be usual; if the shop was open then, lines are missing in the export",
        "pl": "sprawdź daty: od {first:short_day} do {last:short_day} nie ma żadnego wiersza, a "
        "zwykle byłoby ich {usual:n}; jeśli sklep wtedy działał, w eksporcie brakuje wierszy",
    },
    "days_swapped": {
        "en": "look at the dates: after {end:short_day} all {lines:n} lines ({amount:money2}) lie "
        "on the 1st to 12th of a month, as where day and month changed places in a spreadsheet; "
        "take the export anew, without opening it there; the true end is about {end:short_day}: "
        "--cutoff {cutoff} leaves out what lies beyond it, but not what was moved within",
        "pl": "sprawdź daty: po {end:short_day} wszystkie wiersze ({lines:n}, {amount:money2}) "
        "przypadają od 1. do 12. dnia miesiąca, jak wtedy, gdy arkusz zamienił dzień z miesiącem; "
        "weź eksport jeszcze raz i nie otwieraj go w arkuszu; prawdziwy koniec to mniej więcej "
        "{end:short_day}: --cutoff {cutoff} pomija to, co po nim, ale nie to, co przesunęło się "
        "wcześniej",
    },
    "days_turned_likely": {
        "en": "look at the dates: day and month of {lines:n} cells in column '{column}' seem "
        "changed round by a spreadsheet, so that {example} is read as {day:short_day}; if that is "
        "right, give {flag}, else write all dates in one form",
        "pl": "sprawdź daty: w kolumnie „{column}” arkusz prawdopodobnie zamienił dzień z "
        "miesiącem (liczba komórek: {lines:n}), więc {example} odczytano jako {day:short_day}; "
        "jeśli to dobrze, podaj {flag}, a jeśli nie, zapisz wszystkie daty w jednej postaci",
    },
    "offsets_differ": {
        "en": "look at the dates: the offsets in column '{column}' differ ({counts}); {become}",
        "pl": "sprawdź daty: przesunięcia strefy w kolumnie „{column}” są różne ({counts}); "
        "{become}",
    },
    "with_offset": {"en": "{lines:n} with {offset}", "pl": "{lines:n} z {offset}"},
    "with_other_offsets": {"en": "{lines:n} with others", "pl": "{lines:n} z innymi"},
    "without_offset": {
        "en": "{lines:n} without one are taken as written",
        "pl": "{lines:n} bez przesunięcia, jak zapisano",
    },
    "offsets_kept": {
        "en": "times with an offset are kept as written too; give --timezone for the shop's own",
        "pl": "godziny z przesunięciem też zostają jak zapisano; strefę sklepu podaje --timezone",
    },
    "offsets_to_utc": {
        "en": "times with an offset are converted to UTC; give --timezone for the shop's own",
        "pl": "godziny z przesunięciem są przeliczone na UTC; strefę sklepu podaje --timezone",
    },
    "offsets_to_zone": {
        "en": "times with an offset are converted to {zone}",
        "pl": "godziny z przesunięciem są przeliczone na {zone}",
    },
    "quantity_by_product": {
        "en": "look at the amounts: column '{column}' is read as the quantity, because times "
        "'{price}' it gives '{total}'",
        "pl": "sprawdź kwoty: kolumna „{column}” to ilość, bo razy „{price}” daje „{total}”",
    },
    "quantity_by_size": {
        "en": "look at the amounts: column '{column}' holds small whole numbers and is read as the "
        "quantity, '{price}' as the price of one; if '{column}' is money, give --amount "
        "'{column}'",
        "pl": "sprawdź kwoty: kolumna „{column}” zawiera małe liczby całkowite i jest czytana jako "
        "ilość, a „{price}” jako cena sztuki; jeśli „{column}” to pieniądze, podaj --amount "
        "'{column}'",
    },
    "amounts_rise": {
        "en": "look at the amounts: lines from {day:short_day} on hold {times:n} times the amount "
        "of those before; if the unit or currency changed, bring all to one",
        "pl": "sprawdź kwoty: wiersze od {day:short_day} mają {times:n} razy większe kwoty niż "
        "wcześniejsze; jeśli zmieniła się jednostka albo waluta, sprowadź wszystkie do jednej",
    },
    "amounts_fall": {
        "en": "look at the amounts: lines before {day:short_day} hold {times:n} times the amount "
        "of those from then on; if the unit or currency changed, bring all to one",
        "pl": "sprawdź kwoty: wiersze sprzed {day:short_day} mają {times:n} razy większe kwoty niż "
        "późniejsze; jeśli zmieniła się jednostka albo waluta, sprowadź wszystkie do jednej",
    },
    "credit_notes_unused": {
        "en": "look at the amounts: column '{column}' calls lines credit notes ({values}) but is "
        "not read, so that they count as purchases; give their amounts with a minus, or "
        '--status "{column}"',
        "pl": "sprawdź kwoty: kolumna „{column}” nazywa wiersze korektami ({values}), ale nie jest "
        "czytana, więc liczą się jako zakupy; podaj ich kwoty z minusem albo "
        '--status "{column}"',
    },
    "discount_left": {
        "en": "look at the amounts: column '{column}' is not subtracted: '{total}' is price times "
        "quantity on {lines:n} lines with a discount, {money:money2} in all; if it is to come "
        'off, give --discount "{column}", if not, --discount none',
        "pl": "sprawdź kwoty: kolumna „{column}” nie jest odejmowana: „{total}” to cena razy ilość "
        "w wierszach z rabatem ({lines:n}), łącznie {money:money2}; jeśli trzeba go odjąć, podaj "
        '--discount "{column}", jeśli nie, --discount none',
    },
    "discount_taken": {
        "en": "look at the amounts: column '{column}' is subtracted from price times quantity, "
        "{money:money2} on {lines:n} lines, and no total in the file confirms it; if that is "
        'right, give --discount "{column}", if prices are after it, --discount none',
        "pl": "sprawdź kwoty: kolumna „{column}” jest odejmowana od ceny razy ilość, "
        "{money:money2} w wierszach ({lines:n}), a żadna suma w pliku tego nie potwierdza; jeśli "
        'tak ma być, podaj --discount "{column}", a jeśli ceny są już po rabacie, --discount none',
    },
    "states_unknown": {
        "en": "look at the states: column '{column}' holds {values}, which nobody knows; these "
        "{lines:n} lines, {money:money2}, count as purchases; if they are none, give "
        '--state "{example}=unpaid" (or cancelled, refund, other), else --state "{example}=bought"',
        "pl": "sprawdź statusy: kolumna „{column}” ma nieznane wartości ({values}); te "
        "{lines:count line} na {money:money2} liczą się jako zakupy; jeśli to nie zakupy, podaj "
        '--state "{example}=unpaid" (albo cancelled, refund, other), a jeśli zakupy – '
        '--state "{example}=bought"',
    },
    "flag_unread": {
        "en": "look at the amounts: column '{column}' may say that lines are no purchases, but it "
        "does not say so clearly ({values}: {lines:n} lines, {money:money2}) and changes nothing; "
        'if they are no purchases, give --leave-out "{column}={example}", if they are refunds, '
        '--refunds "{column}={example}"',
        "pl": "sprawdź kwoty: kolumna „{column}” może mówić, że wiersze nie są zakupami, ale nie "
        "mówi tego jasno ({values}: {lines:count line} na {money:money2}) i niczego nie zmienia; "
        'jeśli to nie zakupy, podaj --leave-out "{column}={example}", a jeśli zwroty, '
        '--refunds "{column}={example}"',
    },
    "subscriptions_out": {
        "en": "look at the amounts: lines whose '{column}' is {values} ({lines:n} lines, "
        "{money:money2}) are set aside as contracts beside the orders; to say yourself which "
        'lines are no purchases, give --leave-out "{column}={example}"',
        "pl": "sprawdź kwoty: wiersze, których „{column}” to {values} ({lines:count line} na "
        "{money:money2}), są odłożone jako umowy obok zamówień; żeby samemu wskazać wiersze, które "
        'nie są zakupami, podaj --leave-out "{column}={example}"',
    },
    "refunds_unused": {
        "en": "look at the refunds: column '{column}' is named like refunds, but its numbers do "
        "not fit the orders' amounts ({lines:n} lines, {money:money2}) and are not read; if they "
        'are what was paid back, give --refunded "{column}"',
        "pl": "sprawdź zwroty: kolumna „{column}” nazywa się jak zwroty, ale jej liczby nie pasują "
        "do kwot zamówień ({lines:count line}, {money:money2}) i nie są czytane; jeśli to zwrócone "
        'kwoty, podaj --refunded "{column}"',
    },
    "zero_totals": {
        "en": "look at the amounts: {lines:n} orders of nothing have {money:money2} in column "
        "'{column}', as when a gift card pays; they count as no purchases; to count them, give "
        '--amount "{column}"',
        "pl": "sprawdź kwoty: zamówienia za zero mają w kolumnie „{column}” razem {money:money2} "
        "({lines:count line}), jak przy płatności kartą podarunkową; nie liczą się jako zakupy; "
        'żeby je liczyć, podaj --amount "{column}"',
    },
    "lines_off_total": {
        "en": "look at the amounts: the lines ('{price}') do not add up to '{total}' and differ by "
        "{money:money2} in the rows looked at; '{total}' counts, once an order; to count the "
        'lines, give --price "{price}"',
        "pl": "sprawdź kwoty: pozycje („{price}”) nie dają „{total}”, w sprawdzonych wierszach "
        "różnica to {money:money2}; liczy się „{total}”, raz na zamówienie; żeby liczyć pozycje, "
        'podaj --price "{price}"',
    },
    "line_unsure": {
        "en": "look at the amounts: '{column}' grows with the quantity and is read as the total of "
        'the line; if it is the price of one piece, give --price "{column}" (in the rows looked '
        "at {money:money2} more)",
        "pl": "sprawdź kwoty: „{column}” rośnie z ilością i jest czytana jako wartość pozycji; "
        'jeśli to cena sztuki, podaj --price "{column}" (w sprawdzonych wierszach o '
        "{money:money2} więcej)",
    },
    "piece_unsure": {
        "en": "look at the amounts: '{column}' is read as the price of one piece, but grows with "
        "the quantity; if it is the total of the line, give --amount-is line (in the rows looked "
        "at {money:money2} less)",
        "pl": "sprawdź kwoty: „{column}” jest czytana jako cena sztuki, ale rośnie z ilością; "
        "jeśli to wartość pozycji, podaj --amount-is line (w sprawdzonych wierszach o "
        "{money:money2} mniej)",
    },
    "order_total_unsure": {
        "en": "look at the amounts: '{column}' is the same on all lines of an order ({orders:n} "
        "orders have several) and is read as the order's total; if it is each line's own, give "
        "--amount-is line ({money:money2} more)",
        "pl": "sprawdź kwoty: „{column}” jest taka sama w każdym wierszu zamówienia (zamówienia "
        "z kilkoma wierszami: {orders:n}) i jest czytana jako suma zamówienia; jeśli to kwota "
        "wiersza, podaj --amount-is line (o {money:money2} więcej)",
    },
    "order_totals_differ": {
        "en": "look at the amounts: the lines of {orders:n} orders differ in '{column}', the total "
        "of the order on all other lines; what most of an order's lines say counts once; if it is "
        "each line's own, give --amount-is line ({money:money2} more in these)",
        "pl": "sprawdź kwoty: „{column}” powtarza sumę zamówienia, ale w niektórych zamówieniach "
        "({orders:n}) wiersze się różnią; liczy się raz to, co mówi większość wierszy; jeśli to "
        "kwota wiersza, podaj --amount-is line (w tych zamówieniach o {money:money2} więcej)",
    },
    "copies_dropped_unsure": {
        "en": "look at the amounts: {lines:n} orders of one line are there again, equal in every "
        "column; their {money:money2} is set aside; if they are pieces bought, give --copies keep",
        "pl": "sprawdź kwoty: zamówienia z jednym wierszem powtórzonym co do każdej kolumny: "
        "{lines:n}; kopie na {money:money2} są odłożone; jeśli to kupione sztuki, podaj --copies "
        "keep",
    },
    "copies_kept_unsure": {
        "en": "look at the amounts: {lines:n} orders of one line are there again, equal in every "
        "column, and count as pieces bought, {money:money2} in all; if they are copies, give "
        "--copies drop",
        "pl": "sprawdź kwoty: zamówienia z jednym wierszem powtórzonym co do każdej kolumny: "
        "{lines:n}; liczą się jako kupione sztuki, razem {money:money2}; jeśli to kopie, podaj "
        "--copies drop",
    },
    "all_twice": {
        "en": "look at the amounts: every line is there several times, as where a file was joined "
        "to itself; {lines:n} lines with {money:money2} are set aside; if they are real, give "
        "--copies keep",
        "pl": "sprawdź kwoty: każdy wiersz jest zapisany kilka razy, jak w pliku złożonym z "
        "samym sobą; odłożone wiersze: {lines:n}, na {money:money2}; jeśli są prawdziwe, podaj "
        "--copies keep",
    },
    "in_pairs": {
        "en": "look at the amounts: the lines of all orders come in pairs of one quantity and "
        "amount, as a product and its variant; {lines:n} lines with {money:money2} are set aside; "
        "if each was bought, give --copies keep",
        "pl": "sprawdź kwoty: we wszystkich zamówieniach wiersze są parami o tej samej ilości i "
        "kwocie, jak produkt i jego wariant; odłożone wiersze: {lines:n}, na {money:money2}; jeśli "
        "kupiono każdy z nich, podaj --copies keep",
    },
    "numbers_again": {
        "en": "look at the amounts: {lines:n} orders come again at another time, with the same "
        "number, customer and amount, and count again, {money:money2} in all; if they are copies, "
        "give --copies drop",
        "pl": "sprawdź kwoty: zamówienia powtórzone w innym czasie z tym samym numerem, klientem "
        "i kwotą: {lines:n}; liczą się ponownie, razem {money:money2}; jeśli to kopie, podaj "
        "--copies drop",
    },
    "parts_unsure": {
        "en": "look at the amounts: {lines:n} lines are parts of others by column '{column}', but "
        "do not add up to them; their {money:money2} counts too; if the others have it already, "
        "give --copies drop, else --copies keep",
        "pl": "sprawdź kwoty: wiersze, które według kolumny „{column}” są częściami innych "
        "pozycji, ale nie dają ich kwot: {lines:n}; liczą się także, razem {money:money2}; jeśli "
        "kwota jest już w tamtych pozycjach, podaj --copies drop, inaczej --copies keep",
    },
    "amounts_repeat": {
        "en": "look at the amounts: '{column}' is the same on all lines of {orders:n} orders and "
        "is summed; if it is the order's total, give --amount-is order ({money:money2} less)",
        "pl": "sprawdź kwoty: „{column}” jest taka sama w każdym wierszu zamówienia (takie "
        "zamówienia: {orders:n}) i jest sumowana; jeśli to suma zamówienia, podaj --amount-is "
        "order (o {money:money2} mniej)",
    },
    "discount_unused": {
        "en": "look at the amounts: '{column}' is not subtracted from the lines",
        "pl": "sprawdź kwoty: „{column}” nie jest odejmowane od wierszy",
    },
    "giant_day": {
        "en": "look at the amounts: an order of {day:short_day} holds {share} of all revenue "
        "({amount:money2} of {revenue:money2})",
        "pl": "sprawdź kwoty: jedno zamówienie z {day:short_day} to {share} całej sprzedaży "
        "({amount:money2} z {revenue:money2})",
    },
    "giant_order": {
        "en": "look at the amounts: order {order} of {day:short_day} holds {share} of all revenue "
        "({amount:money2} of {revenue:money2})",
        "pl": "sprawdź kwoty: zamówienie {order} z {day:short_day} to {share} całej sprzedaży "
        "({amount:money2} z {revenue:money2})",
    },
    # signals and attributes
    "column_of_file": {
        "en": "{file}: {role}: column '{column}' ({note})",
        "pl": "{file}: {role}: kolumna „{column}” ({note})",
    },
    "text": {"en": "text", "pl": "tekst"},
    "empty": {"en": "empty", "pl": "pusta"},
    "items": {"en": "products", "pl": "produkty"},
    "known_at_once": {
        "en": "{file}: known_at: no column; each line counts as known when it happened",
        "pl": "{file}: known_at: brak kolumny; każdy wiersz liczy się jako znany od chwili "
        "zdarzenia",
    },
    "times_unused": {
        "en": "look at the signals: column '{column}' of {file} holds times and is not used; if it "
        "says when a line became known, name it known_at in ingest.signal_columns",
        "pl": "sprawdź zdarzenia: kolumna „{column}” w {file} zawiera daty i nie jest używana; "
        "jeśli mówi, kiedy o wierszu było wiadomo, podaj ją jako known_at w "
        "ingest.signal_columns",
    },
    "signals_empty": {
        "en": "look at the signals: {file} holds no line",
        "pl": "sprawdź zdarzenia: {file} nie ma żadnego wiersza",
    },
    "attributes_empty": {
        "en": "look at the attributes: {file} holds no line",
        "pl": "sprawdź atrybuty: {file} nie ma żadnego wiersza",
    },
    "ids_mended": {
        "en": "{ids:n} ids of {file} are customers of the orders once zeros before them, .0, "
        "blanks and upper case go, and count as these",
        "pl": "identyfikatory z {file}, które bez zer na początku, .0, odstępów i wielkich liter "
        "są klientami z zamówień i tak się liczą: {ids:n}",
    },
    "strangers": {
        "en": "{lines:n} of {of:n} lines of {file} are of customers without orders",
        "pl": "wiersze klientów bez zamówień w {file}: {lines:n} z {of:n}",
    },
    "strangers_doubted": {
        "en": "look at the customers: {lines:n} of {of:n} lines of {file} are of customers without "
        "orders; {hint}",
        "pl": "sprawdź klientów: wiersze klientów bez zamówień w {file}: {lines:n} z {of:n}; "
        "{hint}",
    },
    "products_empty": {
        "en": "look at the products: {file} holds no line",
        "pl": "sprawdź produkty: {file} nie ma żadnego wiersza",
    },
    "products_mended": {
        "en": "{ids:n} ids of {file} are products of the orders once zeros before them, .0, "
        "blanks and upper case go, and count as these",
        "pl": "kody z {file}, które bez zer na początku, .0, odstępów i wielkich liter są "
        "produktami z zamówień i tak się liczą: {ids:n}",
    },
    "products_unknown": {
        "en": "{products:n} products of the orders are not in {file}, on {share:share2} of "
        "their lines",
        "pl": "produkty z zamówień, których nie ma w {file}: {products:n} ({share:share2} wierszy)",
    },
    "products_doubted": {
        "en": "look at the products: {share:share2} of the orders' lines are of products that "
        "{file} does not know ({products:n}); ids must be written as in the orders, or another "
        "column holds them: name it as product_id in ingest.product_columns",
        "pl": "sprawdź produkty: {share:share2} wierszy zamówień dotyczy produktów, których nie ma "
        "w {file} ({products:n}); kody muszą być jak w zamówieniach, a jeśli są w innej kolumnie, "
        "podaj ją jako product_id w ingest.product_columns",
    },
    "stock_unread": {
        "en": "look at the products: {lines:n} cells of column '{column}' in {file} do not say "
        "whether there is stock, such as {values}; these count as there",
        "pl": "sprawdź produkty: komórki kolumny „{column}” w {file}, z których nie wynika, czy "
        "towar jest dostępny, na przykład {values}: {lines:n}; liczą się jako dostępne",
    },
    "alike_in_case": {
        "en": "if upper and lower case were alike {lines:n} more would match",
        "pl": "bez różnicy wielkości liter pasowałoby dalszych: {lines:n}",
    },
    "alike_in_zeros": {
        "en": "without the zeros before ids {lines:n} more would match",
        "pl": "bez zer na początku pasowałoby dalszych: {lines:n}",
    },
    "ids_as_in_orders": {
        "en": "ids must be written as in the orders",
        "pl": "identyfikatory muszą być jak w zamówieniach",
    },
    "values_replaced": {
        "en": "{lines:n} lines of {file} set what a later line sets at the same instant to another "
        "value, which holds",
        "pl": "wiersze {file} zmienione przez późniejszy wiersz z tej samej chwili, który "
        "obowiązuje: {lines:n}",
    },
    "values_of_no_level": {
        "en": "look at the attributes: {values:n} of {of:n} values of '{attribute}' fit none of "
        "{levels}: {found}; they are null",
        "pl": "sprawdź atrybuty: wartości „{attribute}” spoza poziomów ({levels}): {values:n} z "
        "{of:n} ({found}); liczą się jako puste",
    },
    "values_no_numbers": {
        "en": "look at the attributes: {values:n} of {of:n} values of '{attribute}' are no "
        "numbers: {found}; they are null",
        "pl": "sprawdź atrybuty: wartości „{attribute}”, które nie są liczbami: {values:n} z "
        "{of:n} ({found}); liczą się jako puste",
    },
}
