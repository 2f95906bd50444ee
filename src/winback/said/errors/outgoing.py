"""What can be wrong with what is to leave to a destination."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_column": {
        "en": "{key}: {found} is no contact column. There is: {known}. Name it in "
        "ingest.contact_columns, or change {key}.",
        "pl": "{key}: nie ma kolumny kontaktowej {found}. Są: {known}. Wymień ją w "
        "ingest.contact_columns albo popraw {key}.",
    },
    "no_file": {
        "en": "{folder}: no file was written for {name}, so none can have been imported. Make one "
        "with --for {name}, or export.destinations: [{name}], or name a list that has left with "
        "--campaign.",
        "pl": "{folder}: dla {name} nie zapisano pliku, więc nie mógł zostać wczytany. Utwórz go "
        "przez --for {name} albo export.destinations: [{name}], albo podaj wysłaną już listę przez "
        "--campaign.",
    },
    "push_cut_off": {
        "en": "{name}: a push was cut off there, so nobody knows yet what it holds. Finish it "
        "first: winback push {name} --yes.",
        "pl": "{name}: wysyłka została tam przerwana i nie wiadomo jeszcze, co doszło. Najpierw ją "
        "dokończ: winback push {name} --yes.",
    },
    "no_addresses": {
        "en": "{folder}: keeps addresses of its list alone, so not everybody's scores can leave "
        "from here. Run it again with --for {name}, or lay out a project (winback init).",
        "pl": "{folder}: są tu tylko adresy z listy, więc ocen wszystkich klientów nie da się stąd "
        "wysłać. Uruchom run jeszcze raz z --for {name} albo załóż projekt (winback init).",
    },
}
