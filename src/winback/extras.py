"""What does not come with winback alone, and how to get it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from winback.errors import WinbackError

Extra = Literal["databases", "pipeline", "push", "spark", "tune"]

_PARTS: dict[Extra, tuple[str, ...]] = {
    "databases": ("adbc_driver_postgresql", "pymysql"),
    "pipeline": ("dvc", "mlflow"),
    "push": ("httpx",),
    "spark": ("pyspark",),
    "tune": ("optuna",),
}


def require(extra: Extra) -> None:
    """Go on where an extra is installed; looks, and imports nothing.

    Raises:
        WinbackError: a part of it is missing; the line says what to install.
    """
    if any(find_spec(part) is None for part in _PARTS[extra]):
        raise WinbackError(f"install.{extra}")
