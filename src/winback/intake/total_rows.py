"""Sets aside rows that are no line of an order but the sum of other rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from winback.intake.cells import literal, one_row
from winback.intake.findings import Findings
from winback.intake.lines import SRC_BITS, Group, define_kept
from winback.results.base import fact

_FILE = f"(line >> {SRC_BITS})"
# How reports call a row of sums, in the languages of the shops we serve.
_WORD = (
    r"(grand|sub|page|order|report|general|overall)?[\s_-]*totals?|total\s+(general|geral|g[ée]n[ée]ral)"
    r"|suma?|razem|[łl][ąa]cznie|og[óo][łl]em|podsumowanie|w\s+sumie|do\s+przeniesienia"
    r"|z\s+przeniesienia|gesamt(summe|betrag|ergebnis)?|(zwischen|end|teil|monats)?summe|insgesamt"
    r"|[üu]bertrag|somme|sous-total|ensemble|totale|subtotale|suma\s+total|celkem|spolu|mezisou[čc]et"
    r"|[öo]sszesen|totaal|subtotaal|итого|всего|разом|усього"
)
# A month, a year or a word may follow; an address or an id does not.
_LABEL = rf"(?i)^[\s*=#.:-]*({_WORD})([\s:.,*=-]+[^@]{{0,24}})?$"
# Below this many lines every one of them is looked at; above, some show whether it is worth it.
_FEW_LINES = 200_000
_AT_THE_END = 50
# With fewer, one line may well be as much as all others.
_LEAST_LINES = 10
_CENT = 0.011
_ROLES = ("customer", "order", "product")


@dataclass(frozen=True)
class _Row:
    """A row that may be a total: its number and file, its value, and whether it is called one."""

    line: int
    file: int
    value: float
    named: bool
    lacking: bool


def set_aside_total_rows(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], findings: Findings
) -> None:
    """Set aside rows that hold the sum of others: called so, and without an order or adding up.

    A row that is as much as all others of a long file is one, whatever it is called.
    """
    rows = [*_named(con, groups), *_as_much_as_all(con, sum(group.files for group in groups))]
    if not rows:
        return
    sums = _sums(con, rows)
    found = {
        row.line: row.value for row in rows if (row.named and row.lacking) or _adds_up(row, sums)
    }
    if not found:
        return
    con.executemany(
        "INSERT INTO set_aside SELECT ?, 'total_row', ?",
        [[line, f"{value:.2f}"] for line, value in sorted(found.items())],
    )
    define_kept(con)
    findings.understood.append(
        fact("intake.total_rows", lines=len(found), money=round(sum(found.values()), 2))
    )


def _named(con: duckdb.DuckDBPyConnection, groups: Sequence[Group]) -> list[_Row]:
    """Rows whose customer, order or product is a word for a total."""
    if not _may_be_named(con, groups):
        return []
    columns = [f"{role}_id" for role in _ROLES]
    types = dict(row[:2] for row in con.execute("DESCRIBE SELECT * FROM kept").fetchall())
    texts = [column for column in columns if types[column] == "VARCHAR"]
    if not texts:
        return []
    called = " OR ".join(f"regexp_matches({column}, {literal(_LABEL)})" for column in texts)
    # Where most lines have an order, or a product, a line without is none.
    ids, products, lines = one_row(
        con, "SELECT count(order_id), count(product_id), count(*) FROM kept"
    )
    lacking = [
        f"{column} IS NULL OR regexp_matches(CAST({column} AS VARCHAR), {literal(_LABEL)})"
        for column, filled in (("order_id", ids), ("product_id", products))
        if filled > 0.5 * lines
    ]
    found = con.execute(
        f"SELECT line, {_FILE}, value, {' OR '.join(lacking) or 'false'} FROM kept "
        f"WHERE {called} ORDER BY line LIMIT 5001"
    ).fetchall()
    # So many are somebody's name.
    if len(found) > max(5, 0.1 * lines) or len(found) > 5000:
        return []
    return [_Row(line, file, value, True, lack) for line, file, value, lack in found]


def _may_be_named(con: duckdb.DuckDBPyConnection, groups: Sequence[Group]) -> bool:
    """Whether a look at all lines is worth it: they are few, or the first or last show a word."""
    if one_row(con, "SELECT count(*) FROM lines")[0] <= _FEW_LINES:
        return True
    label = re.compile(_LABEL)
    for group in groups:
        columns = [group.roles[role] for role in _ROLES if role in group.roles]
        rows = group.first.shape.sample
        if any(label.match((row[i] or "").strip()) for row in rows for i in columns):
            return True
    if any(group.first.relation for group in groups):
        # Typed files are no reports, and would have to be read once more.
        return False
    last = con.execute(f"SELECT max(line) FROM lines GROUP BY {_FILE} ORDER BY 1").fetchall()
    near = " OR ".join(f"line BETWEEN {end - _AT_THE_END} AND {end}" for (end,) in last[-20:])
    cells = con.execute(
        f"SELECT CAST(customer_id AS VARCHAR), CAST(order_id AS VARCHAR), "
        f"CAST(product_id AS VARCHAR) FROM lines WHERE {near}"
    ).fetchall()
    return any(label.match(cell.strip()) for row in cells for cell in row if cell)


def _as_much_as_all(con: duckdb.DuckDBPyConnection, files: int) -> list[_Row]:
    """Rows that hold as much as all others of their file, at its beginning or its end."""
    largest, total = one_row(con, "SELECT max(value), sum(value) FROM kept")
    # Nearly every file is one, and has no such row: that is all it costs.
    if files == 1 and abs(2 * largest - total) > _CENT:
        return []
    found = con.execute(
        f"""SELECT line, file_no, value FROM (SELECT line, {_FILE} AS file_no, value,
            max(value) OVER w AS largest, sum(value) OVER w AS total, count(*) OVER w AS n,
            line IN (min(line) OVER w, max(line) OVER w) AS edge
        FROM kept WINDOW w AS (PARTITION BY {_FILE}))
        WHERE value = largest AND edge AND n >= {_LEAST_LINES}
            AND abs(2 * value - total) < {_CENT} ORDER BY line"""
        if files < 1000
        else "SELECT NULL, NULL, NULL LIMIT 0"
    ).fetchall()
    return [_Row(line, file, value, False, False) for line, file, value in found]


def _sums(con: duckdb.DuckDBPyConnection, rows: Sequence[_Row]) -> dict[int, float]:
    """What the lines between a row and the one before, or its file's beginning, add up to."""
    import pyarrow as pa

    lines = sorted({row.line for row in rows})
    ends = lines + [(file + 1 << SRC_BITS) - 1 for file in sorted({row.file for row in rows})]
    con.register("ends", pa.table({"last": sorted(ends)}))
    files = ", ".join(str(file) for file in sorted({row.file for row in rows}))
    con.register("candidates", pa.table({"line": lines}))
    sums = con.execute(
        f"""SELECT last, sum(value) FROM (SELECT * FROM kept ANTI JOIN candidates USING (line)
            WHERE {_FILE} IN ({files})) k ASOF JOIN ends ON k.line <= ends.last GROUP BY last"""
    ).fetchall()
    return {last: float(total) for last, total in sums}


def _adds_up(row: _Row, sums: Mapping[int, float]) -> bool:
    """Whether a row is the sum of the lines before it, of those since another, or of all."""
    before = sorted(
        (end for end in sums if end >> SRC_BITS == row.file and end <= row.line), reverse=True
    )
    running, possible = (
        0.0,
        [sum(sum_ for end, sum_ in sums.items() if end >> SRC_BITS == row.file)],
    )
    for end in before:
        running += sums[end]
        possible.append(running)
    return any(abs(row.value - total) < _CENT + 1e-9 * abs(total) for total in possible if total)
