"""What is not installed."""

from __future__ import annotations

from winback.said.words import Texts

TEXTS: Texts = {
    "databases": {
        "en": "PostgreSQL, MySQL and MariaDB need their drivers, which are not installed. Run: pip "
        "install 'winback[databases]'",
        "pl": "PostgreSQL, MySQL i MariaDB wymagają sterowników, których tu nie ma. Uruchom: pip "
        "install 'winback[databases]'",
    },
    "pipeline": {
        "en": "This needs DVC and MLflow, which are not installed. Run: pip install "
        "'winback[pipeline]'",
        "pl": "Do tego potrzebne są DVC i MLflow, których tu nie ma. Uruchom: pip install "
        "'winback[pipeline]'",
    },
    "push": {
        "en": "Sending needs httpx, which is not installed. Run: pip install 'winback[push]'",
        "pl": "Wysyłka wymaga pakietu httpx, którego tu nie ma. Uruchom: pip install "
        "'winback[push]'",
    },
    "spark": {
        "en": "Spark needs pyspark, which is not installed. Run: pip install 'winback[spark]' "
        "(430 MB, and Java 17 or newer beside it).",
        "pl": "Spark wymaga pakietu pyspark, którego tu nie ma. Uruchom: pip install "
        "'winback[spark]' (430 MB; obok potrzebna jest Java 17 lub nowsza).",
    },
    "tune": {
        "en": "Tuning needs Optuna, which is not installed. Run: pip install 'winback[tune]'",
        "pl": "Strojenie wymaga pakietu Optuna, którego tu nie ma. Uruchom: pip install "
        "'winback[tune]'",
    },
}
