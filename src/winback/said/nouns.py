"""Nouns with their plurals, and verbs that bend with a number, in English and Polish."""

from __future__ import annotations

# English: one, many. Polish: 1, 2-4, 5 and more. "of" forms are for Polish od, dla, w ciągu
# (genitive), "after" for po (locative).
NOUNS: dict[str, dict[str, tuple[str, ...]]] = {
    "customer": {"en": ("customer", "customers"), "pl": ("klient", "klientów", "klientów")},
    "of customer": {"en": ("customer", "customers"), "pl": ("klienta", "klientów", "klientów")},
    "person": {"en": ("person", "people"), "pl": ("osobę", "osoby", "osób")},
    "of person": {"en": ("person", "people"), "pl": ("osoba", "osoby", "osób")},
    "entry": {"en": ("entry", "entries"), "pl": ("wpis", "wpisy", "wpisów")},
    "order": {"en": ("order", "orders"), "pl": ("zamówienie", "zamówienia", "zamówień")},
    "week": {"en": ("week", "weeks"), "pl": ("tydzień", "tygodnie", "tygodni")},
    "day": {"en": ("day", "days"), "pl": ("dzień", "dni", "dni")},
    "after day": {"en": ("day", "days"), "pl": ("dniu", "dniach", "dniach")},
    "of day": {"en": ("day", "days"), "pl": ("dnia", "dni", "dni")},
    "month": {"en": ("month", "months"), "pl": ("miesiąc", "miesiące", "miesięcy")},
    "of month": {"en": ("month", "months"), "pl": ("miesiąca", "miesięcy", "miesięcy")},
    "forecast": {"en": ("forecast", "forecasts"), "pl": ("prognoza", "prognozy", "prognoz")},
    "campaign": {"en": ("campaign", "campaigns"), "pl": ("kampania", "kampanie", "kampanii")},
    "of campaign": {"en": ("campaign", "campaigns"), "pl": ("kampanii", "kampanii", "kampanii")},
    "cell": {"en": ("cell", "cells"), "pl": ("komórkę", "komórki", "komórek")},
    "of cell": {"en": ("cell", "cells"), "pl": ("komórki", "komórek", "komórek")},
    "row": {"en": ("row", "rows"), "pl": ("wiersz", "wiersze", "wierszy")},
    "line": {"en": ("line", "lines"), "pl": ("wiersz", "wiersze", "wierszy")},
    "closed window": {
        "en": ("closed window", "closed windows"),
        "pl": ("zamknięte okno", "zamknięte okna", "zamkniętych okien"),
    },
    "different product": {
        "en": ("different product", "different products"),
        "pl": ("produkt", "różne produkty", "różnych produktów"),
    },
    "order line": {
        "en": ("order line", "order lines"),
        "pl": ("wiersz zamówień", "wiersze zamówień", "wierszy zamówień"),
    },
    "purchase": {"en": ("purchase", "purchases"), "pl": ("zakup", "zakupy", "zakupów")},
    "refund": {
        "en": ("cancellation or refund", "cancellations or refunds"),
        "pl": ("anulowanie lub zwrot", "anulowania lub zwroty", "anulowań lub zwrotów"),
    },
    "remark": {"en": ("remark", "remarks"), "pl": ("uwaga", "uwagi", "uwag")},
    "of destination": {
        "en": ("destination", "destinations"),
        "pl": ("systemu", "systemów", "systemów"),
    },
    "snapshot": {"en": ("snapshot", "snapshots"), "pl": ("migawka", "migawki", "migawek")},
    "cutoff": {"en": ("cutoff", "cutoffs"), "pl": ("dzień oceny", "dni oceny", "dni oceny")},
    "outcome": {"en": ("outcome", "outcomes"), "pl": ("wynik", "wyniki", "wyników")},
    "file": {"en": ("file", "files"), "pl": ("plik", "pliki", "plików")},
    "doubt": {"en": ("doubt", "doubts"), "pl": ("wątpliwość", "wątpliwości", "wątpliwości")},
    # The last form is of fractions: 4,2 raza.
    "time": {"en": ("time", "times", "times"), "pl": ("raz", "razy", "razy", "raza")},
    # Verbs bend like nouns.
    "gets": {"en": ("gets", "get"), "pl": ("dostanie", "dostanie", "dostanie")},
    "has": {"en": ("has", "have"), "pl": ("ma", "ma", "ma")},
    "is": {"en": ("is", "are"), "pl": ("jest", "są", "jest")},
}
