"""What a list changes at a destination beside what was last confirmed to stand there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from winback.crm.confirmed import CONFIRMED, read_confirmed
from winback.crm.delta import as_confirmed, delta_of
from winback.crm.outgoing import Outgoing
from winback.crm.writing import Sheet, Written, written
from winback.project import Project
from winback.results.listed import Moved
from winback.stages.outgoing import erased_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def confirmed_file(project: Project, name: str) -> Path:
    """Where it is written down what the destination holds of us."""
    return project.path("pushes") / name / "confirmed.parquet"


def rows_file(meant: pd.DataFrame) -> bytes:
    """What would be confirmed, as Parquet: the same bytes for the same rows."""
    sink = io.BytesIO()
    table = pa.Table.from_pandas(meant, schema=CONFIRMED, preserve_index=False)
    pq.write_table(table.replace_schema_metadata(None), sink, compression="zstd")
    return sink.getvalue()


def moved(
    project: Project, sheet: Sheet, leaving: Outgoing, main: Written
) -> tuple[dict[str, Written], bytes, Moved | None]:
    """The files of what is new, changed and gone, by their names, and how many are in them.

    Nobody is new where nothing was confirmed yet: then the main file is all there is.

    Args:
        project: the project.
        sheet: how the destination is written.
        leaving: what leaves.
        main: its main file, in which not every row may have found a place.

    Returns:
        The files, what would be confirmed, and the counts; None before the first confirmation.
    """
    target = sheet.target
    rows = leaving.rows[~leaving.rows["customer_id"].isin(list(main.rejected["customer_id"]))]
    meant = as_confirmed(rows, leaving, target, sheet.headers)
    before = read_confirmed(confirmed_file(project, target.name))
    if not len(before):
        return {}, rows_file(meant), None
    pairs = zip(before["customer_id"], before["key"], strict=True)
    erased = erased_of(project, {customer: [key] for customer, key in pairs})
    found = delta_of(meant, before, rows, target, erased)
    nothing = found.left.assign(**{each.name: None for each in leaving.fields})
    clearing = Sheet(target, leaving.fields, sheet.prefix, clearing=True, statuses=sheet.statuses)
    files = {
        "entered": written(sheet, found.entered),
        "changed": written(clearing, found.changed),
        "left": written(clearing, nothing),
    }
    counts = Moved(
        entered=len(found.entered), changed=len(found.changed), same=found.same,
        left=len(found.left), erased=len(erased),
        clears=target.dialect.clear is not None,
    )  # fmt: skip
    return files, rows_file(meant), counts
