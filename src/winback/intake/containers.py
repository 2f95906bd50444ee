"""Takes the one table out of what it is packed in: archives and compressed files."""

from __future__ import annotations

import bz2
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, cast

from winback.errors import UsageError, WinbackError
from winback.intake.findings import quoted
from winback.intake.packed import SNIFF_BYTES, is_packed, magic, open_bytes
from winback.intake.shapes import Wanted
from winback.intake.texts import Text, holds_orders, holds_table, open_text
from winback.results.base import Fact, fact

# How deep an archive may lie in another.
_DEEPEST = 3
_ZIP, _EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_COMPRESSED = {
    b"\x1f\x8b": "gz",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zst",
}
_TABLES = (
    ".csv", ".tsv", ".txt", ".tab", ".psv", ".parquet", ".pq", ".json", ".jsonl", ".ndjson",
    ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods",
)  # fmt: skip
_ZIPPED = (".zip", ".gz", ".bz2", ".xz", ".zst")
ENDINGS = (*_TABLES, ".zip")


def is_table(path: Path | PurePosixPath) -> bool:
    """Whether a file's name ends as those of tables do, packed or not."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in _ZIPPED[1:]:
        suffixes.pop()
        if not suffixes:
            return True
    return bool(suffixes) and suffixes[-1] in ENDINGS


@dataclass(frozen=True)
class Part:
    """A file that holds one table, or a workbook; ``understood`` is what had to be chosen."""

    label: str
    path: Path
    kind: str
    understood: tuple[Fact, ...] = ()


def unpacked(path: Path, label: str, wanted: Wanted, scratch: Path, alone: bool) -> list[Part]:
    """The tables in a file, by its content: itself, or what is packed in it.

    ``alone`` says that no other file was given, so that a table that is told must be in it.
    Raises UsageError where an archive holds several tables and none is named.
    """
    return _unpacked(path, label, wanted, scratch, alone, 0)


def _unpacked(
    path: Path, label: str, wanted: Wanted, scratch: Path, alone: bool, depth: int
) -> list[Part]:
    start = magic(path)
    if start.startswith(b"PAR1"):
        return [Part(label, path, "parquet")]
    if start.startswith(_OLD_OFFICE):
        return [Part(label, path, "workbook")]
    if start.startswith(_EMPTY_ZIP):
        raise WinbackError("intake.empty_archive", file=label)
    if start.startswith(_ZIP):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if _is_workbook(archive, names):
                return [Part(label, path, "workbook")]
            if depth >= _DEEPEST or "[Content_Types].xml" in names:
                raise WinbackError("intake.not_text", file=label)
            return _of_archive(archive, label, wanted, scratch, alone, depth)
    codec = next((name for sign, name in _COMPRESSED.items() if start.startswith(sign)), None)
    if codec is None or depth >= _DEEPEST:
        return [Part(label, path, "text")]
    if codec == "gz" and not _is_packed_twice(path):
        return [Part(label, path, "text")]
    plain = scratch / f"unpacked_{len(list(scratch.iterdir()))}"
    with _open(path, codec) as stream, plain.open("wb") as target:
        shutil.copyfileobj(stream, target, 1 << 22)
    return _unpacked(plain, label, wanted, scratch, alone, depth + 1)


def _open(path: Path, codec: str) -> IO[bytes]:
    match codec:
        case "gz":
            return open_bytes(path, True)
        case "bz2":
            return cast(IO[bytes], bz2.open(path, "rb"))
        case "xz":
            return cast(IO[bytes], lzma.open(path, "rb"))
    import pyarrow as pa

    return cast(IO[bytes], pa.input_stream(str(path), compression="zstd"))


def _is_packed_twice(path: Path) -> bool:
    """Whether what gzip holds is itself packed, or no text."""
    with open_bytes(path, is_packed(path)) as stream:
        start = stream.read(8)
    return start.startswith((b"PAR1", _OLD_OFFICE, _ZIP, *_COMPRESSED))


def _is_workbook(archive: zipfile.ZipFile, names: Sequence[str]) -> bool:
    if "[Content_Types].xml" in names:
        return any(name.startswith("xl/workbook") for name in names)
    if "mimetype" not in names:
        return False
    return archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.spreadsheet")


def _of_archive(
    archive: zipfile.ZipFile, label: str, wanted: Wanted, scratch: Path, alone: bool, depth: int
) -> list[Part]:
    """The tables of an archive that are wanted: the only one, or those that are named."""
    members = sorted(
        one.filename
        for one in archive.infolist()
        if not one.is_dir() and not _is_hidden(PurePosixPath(one.filename))
    )
    if not members:
        raise WinbackError("intake.empty_archive", file=label)
    tables = [name for name in members if is_table(PurePosixPath(name))] or members
    if len(tables) > 1:
        # A text about the table is none, and of several tables not all can be of orders.
        for could in (_holds_table, _holds_dates):
            tables = [name for name in tables if could(archive, name, scratch)] or tables
    chosen = choose(tables, members, wanted, label, alone=alone)
    parts: list[Part] = []
    for name in chosen:
        place = scratch / f"unpacked_{len(list(scratch.iterdir()))}"
        with archive.open(name) as stream, place.open("wb") as target:
            shutil.copyfileobj(stream, target, 1 << 22)
        inner = f"{label}/{name}" if len(chosen) > 1 else label
        parts += _unpacked(place, inner, wanted, scratch, alone, depth + 1)
    found = took(label, chosen, [name for name in members if name not in chosen])
    first = parts[0]
    parts[0] = Part(first.label, first.path, first.kind, (*found, *first.understood))
    return parts


def choose(
    tables: Sequence[str], members: Sequence[str], wanted: Wanted, label: str, *, alone: bool
) -> list[str]:
    """The tables that are named, or the only one there is.

    A name counts without its folders and ending too, and may hold ``*``. Raises UsageError where
    several are there and none is named, or none is called so.
    """
    told = wanted.table
    if told is not None:
        found = [name for name in members if is_called(name, told)]
        if found:
            return found
        if alone or len(tables) > 1:
            raise UsageError(
                "intake.no_such_table", file=label, table=told, tables=quoted(members, most=10)
            )
    if len(tables) > 1:
        raise UsageError(
            "intake.several_in_one", file=label, tables=quoted(tables, most=10), first=tables[0]
        )
    return list(tables)


def took(label: str, chosen: Sequence[str], left: Sequence[str]) -> list[Fact]:
    """What was read of a file that holds several things, and what was left alone."""
    if not left:
        return [fact("intake.took_part", file=label, parts=quoted(chosen))]
    return [fact("intake.took_of_parts", file=label, parts=quoted(chosen), left=quoted(left))]


def is_called(name: str, told: str) -> bool:
    """Whether a sheet, a member of an archive or a file goes by a name, which may hold ``*``."""
    told = told.strip().lower()
    place = PurePosixPath(name.lower())
    return any(
        called == told or fnmatch(called, told)
        for called in (name.lower().strip(), place.name, place.stem)
    )


def _is_hidden(name: PurePosixPath) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.parts)


def _holds_table(archive: zipfile.ZipFile, name: str, scratch: Path) -> bool:
    """Whether the beginning of a member is that of a table, or no text at all."""
    text = _beginning(archive, name, scratch)
    return text is None or (bool(text.head) and (text.is_records or holds_table(text)))


def _holds_dates(archive: zipfile.ZipFile, name: str, scratch: Path) -> bool:
    text = _beginning(archive, name, scratch)
    return text is None or text.is_records or holds_orders(text)


def _beginning(archive: zipfile.ZipFile, name: str, scratch: Path) -> Text | None:
    """The first lines of a member, none of what is neither text nor table; None if not text."""
    start = scratch / "start_of_member"
    with archive.open(name) as stream:
        start.write_bytes(stream.read(SNIFF_BYTES))
    if magic(start).startswith((b"PAR1", _OLD_OFFICE, _ZIP, *_COMPRESSED)):
        return None
    try:
        return open_text(start, name)
    except WinbackError:
        return Text(start, "utf-8", "")


def damaged() -> tuple[type[Exception], ...]:
    """What reading a file can raise where its bytes are not what they should be."""
    import pyarrow as pa

    return (
        EOFError, OSError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
        RuntimeError, NotImplementedError, pa.ArrowException,
    )  # fmt: skip
