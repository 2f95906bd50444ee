"""What can be wrong with where a list is to go, and with what is to leave in it."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_destination": {
        "en": "export: there is no destination {found!r}, nearest is {nearest!r}. There are: "
        "{known}",
        "pl": "export: nie ma miejsca docelowego {found!r}, najbliższe to {nearest!r}. Są: {known}",
    },
    "no_destination_like": {
        "en": "export: there is no destination {found!r}. There are: {known}",
        "pl": "export: nie ma miejsca docelowego {found!r}. Są: {known}",
    },
    "option": {
        "en": "export.options.{destination}.{option}: {found!r} cannot be, it is one of {values}",
        "pl": "export.options.{destination}.{option}: nie może być {found!r}, możliwe: {values}",
    },
    "option_kind": {
        "en": "export.options.{destination}.{option}: {found!r} cannot be, it is like {like!r}",
        "pl": "export.options.{destination}.{option}: nie może być {found!r}, ma być jak {like!r}",
    },
    "no_option": {
        "en": "export.options.{destination}: unknown option {found!r}. There are: {known}",
        "pl": "export.options.{destination}: nieznana opcja {found!r}. Są: {known}",
    },
    "no_field": {
        "en": "export.columns.{destination}: {column!r} cannot leave there. What can: {known}",
        "pl": "export.columns.{destination}: {column!r} nie może tam trafić. Może: {known}",
    },
    "no_field_like": {
        "en": "export.columns.{destination}: {column!r} cannot leave there, nearest is {nearest!r}",
        "pl": "export.columns.{destination}: {column!r} nie może tam trafić, najbliższe jest "
        "{nearest!r}",
    },
    "header_taken": {
        "en": "{destination} has a column {header!r} of its own, which ours must not overwrite: "
        "set export.prefix to another, such as wb_",
        "pl": "{destination} ma własną kolumnę {header!r}, której nie wolno nadpisać: ustaw inny "
        "export.prefix, na przykład wb_",
    },
    "header_form": {
        "en": "{destination} takes no column {header!r}: set export.prefix to a shorter one, such "
        "as wb_",
        "pl": "{destination} nie przyjmie kolumny {header!r}: ustaw krótszy export.prefix, na "
        "przykład wb_",
    },
    "header_twice": {
        "en": "two columns for {destination} would both be called {header!r}: set export.prefix to "
        "a shorter one, such as wb_",
        "pl": "dwie kolumny dla {destination} nazywałyby się {header!r}: ustaw krótszy "
        "export.prefix, na przykład wb_",
    },
    "too_many_columns": {
        "en": "export.columns.{destination}: {found} columns, it takes {most} in a file",
        "pl": "export.columns.{destination}: {found} kolumn, w pliku mieści się {most}",
    },
    "no_contact_column": {
        "en": "export.{key}: {column!r} is not among ingest.contact_columns (--contact-column)",
        "pl": "export.{key}: kolumny {column!r} nie ma w ingest.contact_columns (--contact-column)",
    },
    "no_ads_consent": {
        "en": "{destination} takes only people who have consented to advertising, and nothing "
        "says who has: name it in ingest.privacy; docs/destinations.md shows how",
        "pl": "{destination} przyjmuje tylko osoby, które zgodziły się na reklamy, a nic nie mówi, "
        "kto się zgodził: wskaż to w ingest.privacy; docs/destinations.md pokazuje jak",
    },
    "no_email": {
        "en": "{destination} knows people by their e-mail address and no contact column holds one: "
        "name it with --contact-column (ingest.contact_columns), or as export.email",
        "pl": "{destination} rozpoznaje osoby po adresie e-mail, a żadna kolumna kontaktowa go nie "
        "zawiera: wskaż ją przez --contact-column (ingest.contact_columns) albo jako export.email",
    },
    "no_email_or_phone": {
        "en": "{destination} knows people by e-mail address or phone number and no contact column "
        "holds either: name it with --contact-column (ingest.contact_columns), or as export.email "
        "or export.phone",
        "pl": "{destination} rozpoznaje osoby po adresie e-mail albo numerze telefonu, a żadna "
        "kolumna kontaktowa ich nie zawiera: wskaż ją przez --contact-column "
        "(ingest.contact_columns) albo jako export.email lub export.phone",
    },
}
