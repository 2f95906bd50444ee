"""Files and tables that say who agreed or objected, and everybody whom their rows may mean."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from winback.errors import UsageError
from winback.intake.cells import SPACES, decoded, nothing
from winback.intake.headers import ALIASES, normalised
from winback.intake.matching import everybody, find_partners

_IDENTITY = re.compile(
    r"mail|phone|telef|^tel|mobil|komork|handy|customer|client|klient|kund|user|uzytk|login|card|karta"
    r"|^id$|id$|^ids$|kontakt|contact|adres|address|kontrahent|buyer|kupuj|nabyw"
)
_NOT_IDENTITY = re.compile(
    r"name|nazw|imie|date|data$|datum|reason|powod|grund|type|typ$|source|status"
)


@dataclass(frozen=True)
class Objections:
    """The rows of a list of people, by column; those whose header names ids, or none does.

    ``header`` has the columns' names, and is empty where there is none.
    """

    file: str
    columns: tuple[tuple[str, ...], ...]
    named: tuple[int, ...]
    header: tuple[str, ...] = ()

    def rows(self) -> list[tuple[str, ...]]:
        """The rows that hold anything, each once, in a fixed order."""
        rows = zip(*self.columns, strict=True) if self.columns else ()
        return sorted({row for row in rows if any(row)})

    def place_of(self, column: str) -> int:
        """Where a column stands.

        Raises:
            UsageError: there is no such column.
        """
        wanted = column.strip().lower()
        places = [place for place, name in enumerate(self.header) if name.lower() == wanted]
        if not places:
            raise UsageError(
                "intake.no_privacy_column", file=self.file, column=column, columns=self.header[:20]
            )
        return places[0]


@dataclass(frozen=True)
class Met:
    """The rows of a list, and how many of them mean nobody; the others lie in the table ``met``.

    ``columns`` are those that hold whom it means.
    """

    rows: tuple[tuple[str, ...], ...]
    unmatched: int
    columns: tuple[int, ...] = ()


def read_objections(path: Path, label: str, column: str | None = None) -> Objections:
    """Read ids, addresses or phone numbers, one person a row, in any column and encoding.

    A header names the columns that hold them; without one all are asked. ``column`` must be in
    the header where it is given.
    """
    text = decoded(path.read_bytes())
    first = text.split("\n", 1)[0]
    delimiter = max(";\t,|", key=first.count)
    return of_cells(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), label, column)


def of_cells(cells: Iterable[Sequence[str]], label: str, column: str | None) -> Objections:
    """The same of rows of cells, of which the first may be a header."""
    rows = [[cell.strip(SPACES) for cell in row] for row in cells]
    rows = [row for row in rows if any(row)]
    width = max(map(len, rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    header: tuple[str, ...] = ()
    told = (column or "").strip().lower()
    if rows and (_is_header(rows[0]) or (told and told in map(str.lower, rows[0]))):
        header = tuple(rows.pop(0))
    return of_rows(rows, label, header, width)


def of_rows(
    rows: Sequence[Sequence[str | None]], label: str, header: Sequence[str], width: int
) -> Objections:
    """The same of rows whose header is known."""
    columns = tuple(tuple("" if nothing(row[i]) else str(row[i]) for row in rows)
                    for i in range(width))  # fmt: skip
    return Objections(label, columns, _named(header), tuple(header))


def _named(header: Sequence[str]) -> tuple[int, ...]:
    return tuple(i for i, name in enumerate(header) if _names_ids(normalised(name)))


def _is_header(row: Sequence[str]) -> bool:
    """Whether a first row names columns: no id, address or number, but a word for one."""
    said = [cell for cell in row if cell]
    plain = not any("@" in cell or any(map(str.isdigit, cell)) for cell in said)
    return plain and any(_names_ids(normalised(cell)) for cell in said)


def _names_ids(key: str) -> bool:
    return key in ALIASES["customer"] or (
        bool(_IDENTITY.search(key)) and not _NOT_IDENTITY.search(key)
    )


def meet(
    con: duckdb.DuckDBPyConnection, listed: Objections, known: str, *, widely: bool,
    besides: int | None = None,
) -> Met:  # fmt: skip
    """Make the table ``met (place, customer)`` of the people whom the rows mean.

    ``known`` is SQL of ``x``, what customers are known by, and ``who`` they are. ``widely``: a row
    means everybody whom it may mean, as an objection does; else those of its very id or address,
    or the one whose it is in another spelling. The column ``besides`` holds no ids.
    """
    import pyarrow as pa

    con.execute("CREATE OR REPLACE TEMP TABLE met (place BIGINT, customer VARCHAR)")
    rows = listed.rows()
    named = [column for column in listed.named if column != besides]
    asked = named or [i for i in range(len(listed.columns)) if i != besides]
    cells = [
        (place, column, row[column])
        for place, row in enumerate(rows)
        for column in asked
        if row[column]
    ]
    if not cells:
        return Met(tuple(rows), len(rows))
    places, columns, texts = zip(*cells, strict=True)
    con.register(
        "entries", pa.table({"place": list(places), "col": list(columns), "x": list(texts)})
    )
    given = "SELECT DISTINCT x FROM entries"
    pairs = everybody(given, known) if widely else _surely(con, given, known)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE meant AS SELECT place, col, who FROM entries "
        f"JOIN ({pairs}) USING (x)"
    )
    con.unregister("entries")
    chosen = named or _telling(con, listed, rows)
    among = ", ".join(map(str, chosen)) or "-1"
    con.execute(f"INSERT INTO met SELECT DISTINCT place, who FROM meant WHERE col IN ({among})")
    found = con.execute("SELECT count(DISTINCT place) FROM met").fetchall()[0][0]
    con.execute("DROP TABLE meant")
    if not chosen:
        # Nobody is met: an address is one all the same, and so is whatever stands alone.
        chosen = [i for i in asked if len(asked) == 1 or any("@" in row[i] for row in rows)]
    return Met(tuple(rows), len(rows) - int(found), tuple(chosen))


def _surely(con: duckdb.DuckDBPyConnection, given: str, known: str) -> str:
    """SQL of ``x`` and ``who``: people of the very id or address, else of one in its spellings."""
    import pyarrow as pa

    exact = f"SELECT DISTINCT g.x, k.who FROM ({given}) g JOIN ({known}) k USING (x)"
    mended = find_partners(con, given, f"SELECT DISTINCT x FROM ({known})").mended
    if not mended:
        return exact
    spelt = pa.table({"x": list(mended), "y": list(mended.values())})
    con.register("spelt", spelt)
    return f"{exact} UNION SELECT s.x, k.who FROM spelt s JOIN ({known}) k ON k.x = s.y"


def _telling(
    con: duckdb.DuckDBPyConnection, listed: Objections, rows: Sequence[tuple[str, ...]]
) -> list[int]:
    """The columns that hold whom the file means, where no header says: the one that most match.

    Addresses beside it count, too; a running number only where there is nothing else.
    """
    counts = con.execute(
        "SELECT col, count(DISTINCT place) AS n FROM meant GROUP BY col ORDER BY n DESC, col"
    ).fetchall()
    running = {
        column
        for column, cells in enumerate(listed.columns)
        if len(cells) > 1 and list(cells) == [str(n + 1) for n in range(len(cells))]
    }
    told = [int(column) for column, _ in counts if column not in running]
    told = told or [int(column) for column, _ in counts]
    mails = [i for i in told if any("@" in row[i] for row in rows)]
    return sorted({*told[:1], *mails})
