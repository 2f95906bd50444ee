"""What was promised when a list left, from the manifest beside its assignment."""

from __future__ import annotations

import hashlib
from pathlib import Path

from winback.errors import WinbackError
from winback.results.listed import Promised


def promised_beside(assignment: Path) -> Promised:
    """What was promised when the list left, not what the catalogue says by now.

    Raises:
        WinbackError: the manifest beside it speaks of another assignment.
    """
    manifest = assignment.parent / "manifest.json"
    if not manifest.is_file():
        return Promised()
    promised = Promised.from_json(manifest.read_text("utf-8"), str(manifest))
    digest = promised.sha256.get(assignment.name)
    if digest not in (None, hashlib.sha256(assignment.read_bytes()).hexdigest()):
        raise WinbackError("project.not_sealed", file=assignment, manifest=manifest)
    return promised
