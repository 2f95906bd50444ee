"""What can be wrong when a model is learned."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "no_model": {
        "en": "{file}: not a return model ({why}). Run `winback train` first.",
        "pl": "{file}: to nie jest model powrotów ({why}). Najpierw uruchom `winback train`.",
    },
    "no_rivals": {
        "en": "{file}: not what rivals of the model learned ({why}). Run `winback train` first.",
        "pl": "{file}: to nie jest zapis tego, czego nauczyli się rywale modelu ({why}). Najpierw "
        "uruchom `winback train`.",
    },
    "unknown_rule": {
        "en": "Unknown baseline {names}; known are {known}.",
        "pl": "Nieznana reguła: {names}; znane to {known}.",
    },
}
