"""What can be wrong with predictions that are to be judged, and with a search for settings."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_column": {
        "en": "predictions: column {names} is missing; expected {keys} and p_<name> for each "
        "method.",
        "pl": "prognozy: brakuje kolumny {names}; oczekiwano {keys} oraz p_<nazwa> dla każdej "
        "metody.",
    },
    "own_no_column": {
        "en": "columns: the snapshots have no column {column!r}.",
        "pl": "columns: w migawkach nie ma kolumny {column!r}.",
    },
    "no_outcome": {
        "en": "predictions: {n:n} of {rows:n} rows have no outcome; evaluate only cutoffs whose "
        "horizon is closed.",
        "pl": "prognozy: wiersze bez wyniku: {n:n} z {rows:n}; oceniaj tylko momenty, których "
        "horyzont już minął.",
    },
    "no_chance": {
        "en": "predictions: {name} holds {n:n} values outside 0 to 1 ({found}); expected "
        "probabilities.",
        "pl": "prognozy: {name} ma wartości spoza przedziału od 0 do 1: {n:n} ({found}); "
        "oczekiwano prawdopodobieństw.",
    },
    "too_small_to_tune": {
        "en": "As of {day:short_day} the history was too small for LightGBM, so there is nothing "
        "to tune. Choose a shorter horizon or a longer history.",
        "pl": "Na dzień {day:short_day} historia była za mała dla LightGBM, więc nie ma czego "
        "stroić. Wybierz krótszy horyzont albo dłuższą historię.",
    },
    "too_short_to_tune": {
        "en": "Tuning needs three windows of {days:n} days one after the other, to learn, to "
        "search and to prove; this history has {n:n} closed cutoffs from {first:short_day} to "
        "{last:short_day}. Choose a shorter horizon.",
        "pl": "Strojenie wymaga trzech okien po {days:count day}, jedno po drugim: do uczenia, "
        "szukania i sprawdzenia; zamkniętych momentów oceny w tej historii jest {n:n}, od "
        "{first:short_day} do {last:short_day}. Wybierz krótszy horyzont.",
    },
    "nothing_to_tune": {
        "en": "Tuning needs three windows of {days:n} days one after the other, to learn, to "
        "search and to prove; this history has 0 closed cutoffs. Choose a shorter horizon.",
        "pl": "Strojenie wymaga trzech okien po {days:count day}, jedno po drugim: do uczenia, "
        "szukania i sprawdzenia; ta historia nie ma żadnego zamkniętego momentu oceny. Wybierz "
        "krótszy horyzont.",
    },
    "not_told": {
        "en": "tell: expected a fact, or a result with words of its own such as a verdict; found "
        "{kind}.",
        "pl": "tell: oczekiwano faktu albo wyniku, który da się opisać słowami, np. werdyktu, a "
        "jest {kind}.",
    },
}
