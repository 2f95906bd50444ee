"""What can be wrong with the wish to forget somebody."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_key": {
        "en": "winback forget: say whom, by id, e-mail or phone number; or --file FILE with one a "
        "line; or --older-than DAYS.",
        "pl": "winback forget: podaj, kogo: identyfikator, e-mail albo numer telefonu; albo --file "
        "PLIK, po jednym w wierszu; albo --older-than DNI.",
    },
    "both": {
        "en": "winback forget: either people or --older-than DAYS, not both at once.",
        "pl": "winback forget: albo osoby, albo --older-than DNI, nie oba naraz.",
    },
    "no_file": {
        "en": "{file}: no such file of keys.",
        "pl": "{file}: nie ma takiego pliku z kluczami.",
    },
    "moved": {
        "en": "winback ledger forget: now winback forget KEY, which removes the person from "
        "everything else as well.",
        "pl": "winback ledger forget: teraz winback forget KLUCZ, które usuwa osobę także z "
        "wszystkich innych miejsc.",
    },
}
