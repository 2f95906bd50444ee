"""Which windows of a campaign were read before: kept where its assignment is, and in the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from winback.files import write_text
from winback.intake.ids import as_in_orders
from winback.intake.rows import read_rows
from winback.project import Project
from winback.stages.measure import LOOKS, looks_kept


def looks_place(project: Project, assignment: Path, out: Path, campaign: str | None) -> list[Path]:
    """Where the looks of an assignment are kept, the first place that can be written first.

    Of a sealed list in the project's folder of campaigns, where its stage `measure` finds them;
    else beside the assignment, and where that is written by the pipeline, beside the measurement.
    """
    places = [out / LOOKS]
    if assignment.resolve().parent != project.path("current").resolve():
        places.insert(0, assignment.parent / LOOKS)
    if campaign is not None:
        places.insert(0, project.path("campaigns") / campaign / LOOKS)
    return places


def draw_named(assignment: Path) -> str:
    """A name of who was drawn for what, whatever the file is called or how it is written."""
    rows, _ = read_rows(assignment, "assignment")
    if not {"customer_id", "arm"} <= set(rows.columns):
        return ""
    ids, arms = as_in_orders(rows["customer_id"]), rows["arm"].astype("string")
    drawn = sorted(f"{who}\t{arm}" for who, arm in zip(ids, arms, strict=True))
    return hashlib.sha256("\n".join(drawn).encode()).hexdigest()[:16]


def looked(places: Iterable[Path], draw: str) -> tuple[int, ...]:
    """Days of the windows read before, the first one first."""
    return tuple(dict.fromkeys(days for place in places for days in looks_kept(place, draw)))


def keep_look(places: Sequence[Path], draw: str, windows: Sequence[int]) -> None:
    """Add what was read now to the first place that can be written."""
    for place in places:
        try:
            kept = json.loads(place.read_text("utf-8")) if place.is_file() else {}
            kept[draw] = list(windows)
            write_text(place, json.dumps(kept, indent=2, sort_keys=True) + "\n")
        except OSError:
            continue
        return
