"""Which files are meant by a path, a pattern, a folder or a list, and which are left alone."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from winback.errors import UsageError, WinbackError
from winback.intake.containers import ENDINGS, is_table
from winback.intake.findings import quoted
from winback.intake.packed import magic
from winback.results.base import Fact, fact
from winback.tables.history import (
    ATTRIBUTES,
    MARK,
    ORDERS,
    PRIVACY,
    QUARANTINE,
    SIGNAL_ITEMS,
    SIGNALS,
)
from winback.tables.planned import ASSIGNMENT, DRAWN

# Tables of ours by all of their columns, or by the columns that no other table has.
_WHOLE = (
    ("orders.parquet", ORDERS.names),
    ("signals.parquet", SIGNALS.names),
    ("signal_items.parquet", SIGNAL_ITEMS.names),
    ("attributes.parquet", ATTRIBUTES.names),
    ("assignment.parquet", ASSIGNMENT.names),
    # Of lists sealed before every arm's chance was written, or the number that the draw goes by.
    ("assignment.parquet", DRAWN.names),
    ("assignment.parquet", tuple(name for name in DRAWN.names if name != "draw")),
    ("privacy.parquet", PRIVACY.names),
    ("quarantine.csv", QUARANTINE.names),
)
_SOME = {
    # Of before consents had a table of their own.
    "contacts.parquet": {"customer_id", "consented", "suppressed"},
    "scores.parquet": {"customer_id", "cutoff", "p_return"},
    "decisions.parquet": {"customer_id", "arm", "reason"},
    "list.csv": {"customer_id", "offer_label", "churn_risk", "valid_until"},
    "snapshots": {"customer_id", "cutoff", "days_since_last_order"},
    "outcomes": {"customer_id", "cutoff", "returned"},
}


@dataclass(frozen=True)
class Files:
    """Files to read, in a fixed order; ``folders`` names those in each folder, and the others.

    One of a folder that holds no table, or none of orders, is not meant.
    """

    paths: tuple[Path, ...]
    folders: tuple[tuple[Path, tuple[Path, ...], tuple[Path, ...]], ...] = ()

    @property
    def loose(self) -> set[Path]:
        """Files that nobody named, since they were in a folder."""
        return {path for _, taken, _ in self.folders for path in taken}

    def told(self, without: Collection[Path]) -> list[Fact]:
        """What was read of each folder where something else was in it; ``without`` was not."""
        found = []
        for folder, taken, others in self.folders:
            read = [path for path in taken if path not in without]
            left = sorted({*others, *taken} - set(read))
            if left and read:
                files, rest = _names(folder, read), _names(folder, left)
                found.append(
                    fact("intake.took_of_folder", folder=folder.name, files=files, left=rest)
                )
        return found


def list_files(source: Any) -> list[Path]:
    """Name the files behind a path, a glob, a folder or a list of those, in a fixed order."""
    if not isinstance(source, str | Path):
        found = [path for part in source for path in list_files(part)]
        return sorted(dict.fromkeys(found))
    path = Path(source)
    if path.is_dir():
        tables, _ = _in_folder(path)
        return tables
    if path.is_file():
        return [path]
    found = [Path(name) for name in glob.glob(str(source), recursive=True)]
    found = [entry for entry in found if entry.is_file()]
    if not found:
        raise UsageError("intake.no_source", source=str(source))
    return sorted(found)


def take_files(source: Any) -> Files:
    """The files of orders behind a source: what winback wrote into a folder is none of them."""
    given = [source] if isinstance(source, str | Path) else list(source)
    paths: list[Path] = []
    folders = []
    for one in given:
        if isinstance(one, str | Path) and Path(one).is_dir():
            folder = Path(one)
            tables, others = _in_folder(folder)
            own = {path: name for path in tables if (name := written_as(path))}
            orders = [path for path in tables if path not in own]
            # Orders of our own are read where nothing else is there.
            taken = orders or [path for path, name in own.items() if name == "orders.parquet"]
            if not taken:
                names = _names(folder, list(own))
                raise WinbackError("intake.only_results", folder=folder.name, files=names)
            paths += taken
            left = sorted({*others, *own} - set(taken))
            folders.append((folder, tuple(taken), tuple(left)))
        else:
            paths += list_files(one)
    return Files(tuple(sorted(dict.fromkeys(paths))), tuple(folders))


def written_as(path: Path) -> str | None:
    """The name under which winback writes such a table, or None if it does not."""
    try:
        return _marked(path) or own_table(_columns(path))
    except Exception:  # whatever is wrong with it, opening it says so
        return None


def own_table(names: Sequence[str]) -> str | None:
    """The same by the columns of a table."""
    for called, columns in _WHOLE:
        if tuple(names) == tuple(columns):
            return called
    for called, some in _SOME.items():
        if names and names[0] == "customer_id" and some <= set(names):
            return called
    return None


def _marked(path: Path) -> str | None:
    """What a file of ours says that it is, where its columns do not."""
    if not magic(path).startswith(b"PAR1"):
        return None
    import pyarrow.parquet as pq

    called = (pq.read_metadata(path).metadata or {}).get(MARK.encode())
    return called.decode() if called else None


def _columns(path: Path) -> list[str]:
    if magic(path).startswith(b"PAR1"):
        import pyarrow.parquet as pq

        return list(pq.read_schema(path).names)
    with path.open("rb") as stream:
        first = stream.readline(1 << 14)
    return first.decode("utf-8", errors="ignore").strip().split(",")


def _in_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """The tables in a folder by their names, and the other files; never what is hidden."""
    entries = sorted(_walked(folder))
    # A folder of results inside the folder of orders must not be read as orders.
    results = {
        entry.parent
        for entry in entries
        if entry.name == "decisions.parquet"
        and entry.parent != folder
        and (entry.parent / "scores.parquet").is_file()
    }
    seen = [
        entry
        for entry in entries
        if not any(part.startswith((".", "_")) for part in entry.relative_to(folder).parts)
    ]
    tables = [entry for entry in seen if is_table(entry) and results.isdisjoint(entry.parents)]
    if not tables:
        raise WinbackError("intake.empty_folder", folder=folder.name, endings=ENDINGS)
    return tables, [entry for entry in seen if entry not in set(tables)]


def _walked(folder: Path) -> Iterator[Path]:
    """All files below a folder, links followed, each once. What cannot be listed is an error."""

    def refuse(error: OSError) -> None:
        raise WinbackError("intake.unreadable_folder", folder=str(error.filename)) from error

    folders: set[str] = set()
    files: set[str] = set()
    for home, inner, names in os.walk(folder, onerror=refuse, followlinks=True):
        inner[:] = sorted(
            name for name in inner
            if not name.startswith(".") and os.path.realpath(f"{home}/{name}") not in folders
        )  # fmt: skip
        folders.update(os.path.realpath(f"{home}/{name}") for name in inner)
        for name in sorted(names):
            entry = Path(home) / name
            if entry.is_symlink() and not entry.exists() and is_table(entry):
                raise WinbackError("intake.dead_link", file=name)
            real = os.path.realpath(entry)
            if entry.is_file() and real not in files:
                files.add(real)
                yield entry


def _names(folder: str | Path, paths: Sequence[Path]) -> tuple[Fact, ...]:
    return quoted([str(path.relative_to(folder)) for path in paths])
