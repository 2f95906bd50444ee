"""What is being done, for the person who waits: on the terminal alone, in no file."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    # reading a shop's files
    "reading_files": {"en": "reading {files}", "pl": "czytam {files}"},
    "settling_orders": {
        "en": "settling amounts, refunds and repeats",
        "pl": "porządkuję kwoty, zwroty i powtórzenia",
    },
    "writing_orders": {"en": "writing orders", "pl": "zapisuję zamówienia"},
    "reading_signals": {"en": "reading signals: {files}", "pl": "czytam zdarzenia: {files}"},
    "reading_attributes": {"en": "reading attributes: {files}", "pl": "czytam atrybuty: {files}"},
    "signals_read": {
        "en": "signals: {read:n} lines read, {kept:n} kept, {aside:n} set aside, {ignored:n} "
        "ignored",
        "pl": "zdarzenia: wczytano {read:count line}, zachowano {kept:n}, odłożono {aside:n}, "
        "pominięto {ignored:n}",
    },
    "attributes_read": {
        "en": "attributes: {read:n} lines read, {kept:n} kept, {aside:n} set aside, {ignored:n} "
        "ignored",
        "pl": "atrybuty: wczytano {read:count line}, zachowano {kept:n}, odłożono {aside:n}, "
        "pominięto {ignored:n}",
    },
}
