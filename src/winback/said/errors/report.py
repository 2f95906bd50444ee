"""What can keep the page from being written."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_orders": {
        "en": "{file}: no such file; run ingest first to write order lines.",
        "pl": "{file}: nie ma takiego pliku; najpierw uruchom ingest, żeby zapisać zamówienia.",
    },
}
