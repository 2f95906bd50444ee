"""What can be wrong with the files of a project."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "unreadable": {
        "en": "{file}: `{key}` is not as this winback writes it. Make the file anew: run the stage "
        "that writes it, or dvc repro.",
        "pl": "{file}: „{key}” nie ma postaci, w jakiej zapisuje to ten winback. Utwórz plik na "
        "nowo: uruchom etap, który go zapisuje, albo dvc repro.",
    },
}
