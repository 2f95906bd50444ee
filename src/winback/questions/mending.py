"""Lists kept honest: what tells of a file that was written again without a person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from winback.crm.listing import LIST_COLUMNS, WORKBOOK
from winback.crm.workbook import workbook_bytes
from winback.erasing.files import records
from winback.files import replacing, write_text
from winback.offers.plan import seal_of
from winback.project import as_json
from winback.results.listed import Listed
from winback.results.offered import CONTROL
from winback.said.words import Words


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
        write_text(path, as_json(content))


def mend_workbook(manifest: Path) -> None:
    """Make a list's workbook again that named somebody and is gone, out of the list as it is."""
    if not manifest.is_file():
        return
    content = json.loads(manifest.read_text(encoding="utf-8"))
    book, listed = manifest.with_name(WORKBOOK), manifest.with_name("list.csv")
    if WORKBOOK not in content.get("sha256", {}) or book.is_file() or not listed.is_file():
        return
    told = Listed.from_json(manifest.read_text(encoding="utf-8"), str(manifest))
    rows = pd.read_csv(listed, dtype=str, keep_default_na=False)
    columns = {str(name): rows[name].tolist() for name in rows}
    ours = {"customer_id", "contact_on", *LIST_COLUMNS}
    made = workbook_bytes(
        columns, [name for name in columns if name not in ours],
        Words(told.language), told.cutoff,
    )  # fmt: skip
    assert made is not None
    with replacing(book, private=True) as new:
        new.write_bytes(made)
    content["sha256"][WORKBOOK] = hashlib.sha256(made).hexdigest()
    write_text(manifest, as_json(content))


def mend_plan(told: Path, plan: Path) -> None:
    """Let what tells of the plan name the draw that the plan has now."""
    if not (told.is_file() and plan.is_file()):
        return
    content = json.loads(told.read_text(encoding="utf-8"))
    seal = seal_of(pd.read_parquet(plan))
    if content.get("seal") not in (None, seal):
        write_text(told, as_json({**content, "seal": seal}))
