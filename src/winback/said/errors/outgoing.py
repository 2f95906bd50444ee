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
    "no_field": {
        "en": "export.columns: {destination}: nothing named {found} can leave. Did you mean "
        "{nearest}? docs/destinations.md names all that can.",
        "pl": "export.columns: {destination}: nie ma kolumny {found}. Może {nearest}? Wszystkie "
        "wymienia docs/destinations.md.",
    },
}
