"""What can be wrong with the store of runs."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "other_schema": {
        "en": "{uri}: made by another MLflow than the installed {version}. If by an older one, "
        "copy the store and run: mlflow db upgrade '{uri}'. If by a newer one, install that one.",
        "pl": "{uri}: utworzony przez inną wersję MLflow niż zainstalowana ({version}). Jeśli "
        "przez starszą, zrób kopię i uruchom: mlflow db upgrade '{uri}'. Jeśli przez nowszą, "
        "zainstaluj ją.",
    },
    "failed": {
        "en": "{uri}: MLflow could not read or write there ({reason}). Nothing else is lost: the "
        "list and the report do not need it. Mend it, or give MLFLOW_TRACKING_URI another address.",
        "pl": "{uri}: MLflow nie może stąd czytać ani tu zapisywać ({reason}). Nic poza tym nie "
        "przepadło: lista i raport tego nie potrzebują. Napraw to albo wskaż inny adres w "
        "MLFLOW_TRACKING_URI.",
    },
}
