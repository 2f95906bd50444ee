"""What waits to be done, a line each with its command."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "silent": {
        "en": "No order for {days:count day}, since {last:short_day}; the shop has never waited "
        "longer than {usual:count day}. Is the export complete? Then: {command}",
        "pl": "Od {days:count of day} nie ma zamówień, od {last:short_day}; sklep nigdy nie czekał "
        "dłużej niż {usual:count day}. Czy eksport jest pełny? Potem: {command}",
    },
    "not_sealed": {
        "en": "{campaign}, of {day:short_day}, is not sealed. If it has left: {command}. If not, "
        "make the newest: dvc repro",
        "pl": "{campaign}, z {day:short_day}, nie jest zatwierdzona. Jeśli wyszła: {command}. "
        "Jeśli nie, utwórz najnowszą: dvc repro",
    },
    "orders": {
        "en": "New orders that no list has seen: {command}",
        "pl": "Nowe zamówienia, których nie widziała żadna lista: {command}",
    },
    "list": {
        "en": "The last list that left is {days:count day} old. Bring new orders, then: {command}",
        "pl": "Ostatnia wysłana lista ma {days:count day}. Dodaj nowe zamówienia, potem: {command}",
    },
    "unread": {
        "en": "{campaign}: its window closed on {day:short_day}, and nobody has read what it "
        "changed: {command}",
        "pl": "{campaign}: okno zamknęło się {day:short_day}, a nikt nie odczytał, co zmieniła: "
        "{command}",
    },
    "ungraded": {
        "en": "{campaign}: its horizon closed on {day:short_day}, and it has no grade: {command}",
        "pl": "{campaign}: jej horyzont zamknął się {day:short_day}, a nie ma oceny: {command}",
    },
    "old_model": {
        "en": "Model {version} was made {days:count day} ago; nothing shows that a model holds "
        "longer than {proven:count day}: {command}",
        "pl": "Model {version} powstał {days:count day} temu; nic nie dowodzi, że model działa "
        "dłużej niż {proven:count day}: {command}",
    },
    "unrecorded": {
        "en": "{campaign} was measured and is not in the ledger: {command}",
        "pl": "{campaign}: jest pomiar, którego nie ma w dzienniku: {command}",
    },
    "nothing": {"en": "Nothing waits.", "pl": "Nic nie czeka."},
}
