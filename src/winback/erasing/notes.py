"""Keeps manifests honest: the hash of a file that was written again without a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from winback.erasing.files import records
from winback.files import write_text
from winback.offers.plan import seal_of
from winback.results.offered import CONTROL


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


def mend_manifest(path: Path, hashes: Mapping[str, str]) -> None:
    """Let a manifest tell the hashes, rows and draw of the files beside it as they are now."""
    if not path.is_file():
        return
    content = json.loads(path.read_text(encoding="utf-8"))
    before = json.dumps(content, sort_keys=True)
    for name in ("sha256", "made_from"):
        told = content.get(name)
        if isinstance(told, dict):
            content[name] = {file: hashes.get(each, each) for file, each in told.items()}
    assignment, listed = path.with_name("assignment.parquet"), path.with_name("list.csv")
    if json.dumps(content, sort_keys=True) != before and isinstance(content.get("rows"), dict):
        if assignment.is_file():
            rows = pd.read_parquet(assignment)
            control = int((rows["arm"] == CONTROL).sum())
            content["rows"] |= {"assignment": len(rows), "control": control}
            content["seal"] = seal_of(rows)
        if listed.is_file():
            lines = sum(1 for _ in records(listed.read_text(encoding="utf-8")))
            content["rows"]["list"] = max(lines - 1, 0)
    if json.dumps(content, sort_keys=True) != before:
        write_text(path, _as_json(content))


def mend_plan(told: Path, plan: Path) -> None:
    """Let what tells of the plan name the draw that the plan has now."""
    if not (told.is_file() and plan.is_file()):
        return
    content = json.loads(told.read_text(encoding="utf-8"))
    seal = seal_of(pd.read_parquet(plan))
    if content.get("seal") not in (None, seal):
        write_text(told, _as_json({**content, "seal": seal}))


def _as_json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
