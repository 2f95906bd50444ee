"""The hash of a file that was written again without a person, noted until manifests know it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class Notes:
    """Which hash became which, in a file of hashes alone, so that a kill loses none.

    Args:
        path: the file; need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, old: str, new: str) -> None:
        """Remember it, before the file is replaced."""
        with self.path.open("a", encoding="utf-8") as notes:
            notes.write(f"{old} {new}\n")

    def hashes(self) -> Mapping[str, str]:
        """Of each file as it was the hash that it has now."""
        if not self.path.is_file():
            return {}
        pairs = [line.split() for line in self.path.read_text(encoding="utf-8").splitlines()]
        found = {old: new for old, new in pairs if old != new}
        last = {}
        for old in found:
            new, seen = old, {old}
            while new in found and found[new] not in seen:
                new = found[new]
                seen.add(new)
            last[old] = new
        return last

    def done(self) -> None:
        """All is written that depends on it."""
        self.path.unlink(missing_ok=True)
