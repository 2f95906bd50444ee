"""DuckDB as the intake works with it: where it spills, how much it takes, what its errors say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from winback.errors import UsageError, WinbackError
from winback.files import scratch_folder


def check_memory_limit(memory_limit: str) -> None:
    """Raise UsageError for what is no size."""
    size = r"\d+(\.\d+)?\s*([KMGT](i?B)?|B|%)"
    if not re.fullmatch(size, str(memory_limit).strip(), re.IGNORECASE):
        raise UsageError("intake.memory_limit", given=memory_limit)


@contextmanager
def workshop(
    out: Path, name: str, *, memory_limit: str, threads: int | None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A database and a folder for what is in the way, both gone in the end."""
    with scratch_folder(out / name) as scratch:
        con = duckdb.connect(config={"temp_directory": str(scratch / "spill")})
        try:
            con.execute(f"SET memory_limit = '{memory_limit}'")
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET enable_progress_bar = false")
            if threads is not None:
                con.execute(f"SET threads = {int(threads)}")
            yield con, scratch
        finally:
            con.close()


def unsorted(error: duckdb.Error, labels: Sequence[str]) -> WinbackError:
    """What to say where the database gave up, such as at a full disk."""
    # What the other errors say may name a value.
    said = str(error).splitlines()[0][:200]
    if not isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
        said = said.split(":")[0]
    if not labels:
        return WinbackError("intake.unsorted_source", said=said)
    return WinbackError("intake.unsorted", files=tuple(labels[:3]), said=said)
