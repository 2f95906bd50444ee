"""What one opened file is: how it is written, its first rows, and where its lines lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from winback.results.base import Fact

SAMPLE_ROWS = 4000


@dataclass(frozen=True)
class Shape:
    """How one file is written: encoding, delimiter, header, and its first rows.

    ``wrapped`` are the columns whose cells stand in a formula that only protects them, ``="7"``.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    sample: tuple[tuple[str | None, ...], ...]
    zones: dict[int, str] = field(default_factory=dict)
    delimiter: str = ""
    encoding: str = "utf-8"
    skip: int = 0
    header: bool = True
    wrapped: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Source:
    """One file (or frame) to read; `path` is None for a frame registered in DuckDB.

    ``understood`` and ``doubts`` are what opening it had to assume; ``rejected`` the rows that
    could not even be split into cells; ``stated`` what orders of our own say of themselves.
    ``loose`` says that nobody named the file, since it was in a folder.
    ``begins`` is the ``src`` of the first line, and the row of its file it stands in, from 1.
    """

    label: str
    path: Path | None
    shape: Shape
    relation: str = ""
    understood: tuple[Fact, ...] = ()
    doubts: tuple[Fact, ...] = ()
    rejected: tuple[int, ...] = ()
    stated: dict[str, str] | None = None
    begins: tuple[int, int] | None = None
    loose: bool = False


@dataclass(frozen=True)
class Wanted:
    """What of the user's words matters where a file is opened.

    ``table`` names a sheet or a member of an archive; ``money`` are headers told to be money.
    """

    table: str | None = None
    money: tuple[str, ...] = ()


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Headers without blanks around; the second of two equal ones gets its number."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        name = name.strip().lstrip("\ufeff")
        seen[name.lower()] += 1
        repeats = seen[name.lower()]
        distinct.append(name if repeats == 1 else f"{name} ({repeats})")
    return tuple(distinct)
