"""Opens files as bytes, unpacked where they are compressed."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

SNIFF_BYTES = 1 << 18
# So long a row is no row; a quote that never ends makes one of the rest of a file.
LONGEST_ROW = 1 << 23
_FEW_ROWS = 20
csv.field_size_limit(2 * LONGEST_ROW)


def magic(path: Path, length: int = 8) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as stream:
        return stream.read(length)


def is_packed(path: Path) -> bool:
    """Whether a file is compressed by gzip, whatever it is called."""
    return magic(path).startswith(b"\x1f\x8b")


def open_bytes(path: Path, packed: bool) -> IO[bytes]:
    """Open a file, unpacked."""
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def beginning(stream: IO[bytes]) -> bytes:
    """Enough of a file to tell how it is written: more where its rows are long."""
    head = stream.read(SNIFF_BYTES)
    if len(head) == SNIFF_BYTES and head.count(b"\n") < _FEW_ROWS:
        head += stream.read(LONGEST_ROW)
    return head


def chunks(path: Path, packed: bool) -> Iterator[bytes]:
    """The bytes of a file, a few megabytes at a time."""
    with open_bytes(path, packed) as stream:
        while chunk := stream.read(1 << 22):
            yield chunk
