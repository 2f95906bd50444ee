"""Who objected: a file of ids, addresses or phone numbers, and everybody whom it may mean."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from winback.errors import UsageError
from winback.intake.cells import SPACES, decoded, nothing
from winback.intake.headers import ALIASES, normalised
from winback.intake.matching import everybody

_IDENTITY = re.compile(
    r"mail|phone|telef|^tel|mobil|komork|handy|customer|client|klient|kund|user|uzytk|login|card|karta"
    r"|^id$|id$|^ids$|kontakt|contact|adres|address|kontrahent|buyer|kupuj|nabyw"
)
_NOT_IDENTITY = re.compile(
    r"name|nazw|imie|date|data$|datum|reason|powod|grund|type|typ$|source|status"
)


@dataclass(frozen=True)
class Objections:
    """The rows of a file of objections, by column; those whose header names ids, or none does."""

    file: str
    columns: tuple[tuple[str, ...], ...]
    named: tuple[int, ...]

    @property
    def entries(self) -> int:
        """How many rows name anybody."""
        return len(self.rows())

    def rows(self) -> list[tuple[str, ...]]:
        """The rows that hold anything, each once, in a fixed order."""
        rows = zip(*self.columns, strict=True) if self.columns else ()
        return sorted({row for row in rows if any(row)})


@dataclass(frozen=True)
class Barred:
    """How many entries of the file mean nobody; the customers lie in the table ``barred``."""

    entries: int
    unmatched: int


def read_objections(path: Path) -> Objections:
    """Read ids, addresses or phone numbers, one person a row, in any column and encoding.

    A header names the columns that hold them; without one all are asked.
    """
    text = decoded(path.read_bytes())
    first = text.split("\n", 1)[0]
    delimiter = max(";\t,|", key=first.count)
    rows = [
        [cell.strip(SPACES) for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    ]
    rows = [row for row in rows if any(row)]
    width = max(map(len, rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    named: tuple[int, ...] = ()
    if rows and _is_header(rows[0]):
        keys = [normalised(cell) for cell in rows.pop(0)]
        named = tuple(i for i, key in enumerate(keys) if _names_ids(key))
    columns = tuple(tuple("" if nothing(row[i]) else row[i] for row in rows) for i in range(width))
    return Objections(path.name, columns, named)


def _is_header(row: Sequence[str]) -> bool:
    """Whether a first row names columns: no id, address or number, but a word for one."""
    said = [cell for cell in row if cell]
    plain = not any("@" in cell or any(map(str.isdigit, cell)) for cell in said)
    return plain and any(_names_ids(normalised(cell)) for cell in said)


def _names_ids(key: str) -> bool:
    return key in ALIASES["customer"] or (
        bool(_IDENTITY.search(key)) and not _NOT_IDENTITY.search(key)
    )


def bar(con: duckdb.DuckDBPyConnection, objections: Objections, known: str) -> Barred:
    """Make the table ``barred (customer)`` of everybody whom the entries may mean.

    ``known`` is SQL of ``x``, what customers are known by, and ``who`` they are. An entry that
    means several bars them all.

    Raises:
        UsageError: there are entries, and not one means a customer.
    """
    import pyarrow as pa

    con.execute("CREATE OR REPLACE TEMP TABLE barred (customer VARCHAR)")
    rows = objections.rows()
    if not rows:
        return Barred(0, 0)
    width = len(objections.columns)
    cells = [
        (place, column, row[column])
        for place, row in enumerate(rows)
        for column in range(width)
        if row[column]
    ]
    places, columns, texts = zip(*cells, strict=True)
    con.register(
        "entries", pa.table({"place": list(places), "col": list(columns), "x": list(texts)})
    )
    pairs = everybody("SELECT DISTINCT x FROM entries", known)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE meant AS SELECT place, col, who FROM entries "
        f"JOIN ({pairs}) USING (x)"
    )
    chosen = objections.named or _telling(con, objections, rows)
    among = ", ".join(map(str, chosen)) or "-1"
    con.execute(f"INSERT INTO barred SELECT DISTINCT who FROM meant WHERE col IN ({among})")
    met = con.execute(f"SELECT count(DISTINCT place) FROM meant WHERE col IN ({among})").fetchall()[
        0
    ][0]
    con.execute("DROP TABLE meant")
    if not met:
        raise UsageError("intake.objections_of_nobody", file=objections.file, entries=len(rows))
    return Barred(len(rows), len(rows) - int(met))


def _telling(
    con: duckdb.DuckDBPyConnection, objections: Objections, rows: Sequence[tuple[str, ...]]
) -> list[int]:
    """The columns that hold whom the file means, where no header says: the one that most match.

    Addresses beside it count, too; a running number only where there is nothing else.
    """
    counts = con.execute(
        "SELECT col, count(DISTINCT place) AS n FROM meant GROUP BY col ORDER BY n DESC, col"
    ).fetchall()
    running = {
        column
        for column, cells in enumerate(objections.columns)
        if len(cells) > 1 and list(cells) == [str(n + 1) for n in range(len(cells))]
    }
    told = [int(column) for column, _ in counts if column not in running]
    told = told or [int(column) for column, _ in counts]
    mails = [i for i in told if any("@" in row[i] for row in rows)]
    return sorted({*told[:1], *mails})
