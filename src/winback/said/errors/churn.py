"""What can keep churn from being studied."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_whole_numbers": {
        "en": "{name} is [{values}]; expected positive whole numbers.",
        "pl": "{name} to [{values}]; podaj dodatnie liczby całkowite.",
    },
    "no_share": {
        "en": "tolerated_share is {share}; expected a share such as 0.2.",
        "pl": "tolerated_share to {share}; podaj udział, na przykład 0.2.",
    },
    "no_orders": {
        "en": "{file}: no such file; expected orders.parquet of an ingest.",
        "pl": "{file}: nie ma takiego pliku; potrzebny jest orders.parquet po wczytaniu danych.",
    },
}
