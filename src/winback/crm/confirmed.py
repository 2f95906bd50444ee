"""What a destination is known to hold of us: the last confirmed row of each person.

Kept in ``pushes/DESTINATION/confirmed.parquet``, for its owner's eyes alone, in no git and no
DVC cache: it holds the key by which the destination knows a person, so that our values can be
taken back from somebody whom the orders no longer name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.files import replacing

CONFIRMED = pa.schema(
    [
        ("customer_id", pa.string()),
        ("key", pa.string()),
        ("content", pa.string()),
        ("campaign_id", pa.string()),
    ]
)
"""One row a person whom the destination holds values of us for; ``content`` as `content_of`."""


def content_of(values: Iterable[tuple[str, str | float | date | None]]) -> str:
    """A hash of header and value, field by field, by which a row is known to be the same."""
    plain = [[name, value.isoformat() if isinstance(value, date) else value]
             for name, value in values]  # fmt: skip
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def read_confirmed(path: Path) -> pd.DataFrame:
    """The rows of :data:`CONFIRMED`, by customer_id; none where nothing was confirmed yet."""
    table = pq.read_table(path, schema=CONFIRMED) if path.is_file() else CONFIRMED.empty_table()
    found: pd.DataFrame = table.to_pandas()
    return found


def write_confirmed(path: Path, rows: pd.DataFrame) -> None:
    """Replace them, whole or not at all."""
    ordered = rows.sort_values("customer_id", kind="stable", ignore_index=True)
    table = pa.Table.from_pandas(ordered, schema=CONFIRMED, preserve_index=False)
    with replacing(path, private=True) as new:
        pq.write_table(table.replace_schema_metadata(None), new, compression="zstd")
