"""Writes the canonical orders, the contacts and the quarantine, each whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb

from winback.errors import WinbackError
from winback.formulas import TRIGGERS, clean_text
from winback.intake.cells import day_text, identifier, literal, one_row
from winback.intake.lines import SRC_BITS
from winback.tables.history import MARK, ORDERS

if TYPE_CHECKING:
    from winback.intake.sorting import Tally

REASONS = {
    "wrong_column_count": "the row does not have the header's number of columns",
    "empty_row": "no cell of the row that matters is filled",
    "no_customer": "no customer: guest checkouts cannot be scored",
    "damaged_id": "the customer id was turned into scientific notation by a spreadsheet",
    "no_date": "no date",
    "unreadable_date": "the date cannot be read",
    "no_amount": "no amount",
    "unreadable_amount": "the amount is not a number",
    "amount_too_large": "the amount is beyond 100 trillion, more than is added up exactly",
    "no_name": "a signal or attribute without a name",
    "unreadable_value": "the value of a signal is not a number, or beyond four billion",
    "not_paid": "the order was never paid (pending, failed, draft, voided or a test)",
    "not_a_purchase": "the row is another event than a purchase or a refund",
    "no_order": "a purchase event without the id of its order, where nearly all have one",
    "marked": "a column or the status calls the order void, deleted or a test",
    "left_out": "a column holds a value whose lines are to be left out, as told",
    "duplicate": "a copy of another line of the same order, or of a signal in another file",
    "part_of_line": "a part of another line of the order, which has its money already",
    "total_row": "the row is no line of an order but the sum of other rows",
    "lonely_date": "a placeholder, or far from all other orders: probably a wrong date",
}
ROW_GROUP = 1 << 19
# So many lines at a time are measured at once.
LINES = 1 << 18


def stream_orders(con: duckdb.DuckDBPyConnection, relation: str, tally: Tally) -> Iterator[Any]:
    """Give a relation's lines in their fixed order, as Arrow tables, and count them.

    Tables end between customers, so that nobody need cut and join them again.

    Ids of orders and products may be numbers that only tell one from another. ``tally`` has
    counted all lines after the last table.
    """

    from winback.intake.sorting import SortedLines

    def people() -> None:
        create_people(con, f"SELECT DISTINCT customer_id FROM {relation}")

    sums = [0, 0]
    with _within_bounds():
        for chunk in SortedLines(con, relation, people).chunks(LINES, as_text=False):
            _add_sums(sums, chunk.columns)
            tally.add(chunk)
            yield chunk.columns
    _check_sums(con, relation, sums)


def write_orders(
    con: duckdb.DuckDBPyConnection, path: Path, relation: str, facts: Mapping[str, str],
    tally: Tally,
) -> str:  # fmt: skip
    """Write a relation's lines in their fixed order, as rows sorted by `SortedLines`.

    Gives the hash of the rows' content and the facts (scale, currency), not of the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from winback.intake.sorting import SortedLines

    texts, seconds = pa.dictionary(pa.int32(), pa.string()), pa.timestamp("s")
    schema = ORDERS.held_as(
        customer_id=texts, ordered_at=seconds, known_at=seconds, product_id=texts,
        kind=pa.dictionary(pa.int8(), pa.string()),
    )  # fmt: skip
    digests = [hashlib.sha256() for _ in schema.names]
    temporary = path.with_name(path.name + ".part")
    # Hashing, counting and writing keep their own order, each beside the sort that feeds them.
    with (
        _within_bounds(),
        pq.ParquetWriter(
            temporary,
            schema,
            compression="zstd",
            use_dictionary=["customer_id", "product_id", "quantity", "kind"],
            column_encoding={"amount": "DELTA_BINARY_PACKED"},
            # Bounds of texts cost more than they would ever save a reader.
            write_statistics=["ordered_at", "known_at", "amount"],
            write_batch_size=1 << 15,
            # The file's own types are plain text; that it was written from codes is no concern.
            store_schema=False,
        ) as writer,
        ThreadPoolExecutor(1) as hashing,
        ThreadPoolExecutor(1) as writing,
    ):
        last: list[Future[None]] = []
        sums = [0, 0]
        for chunk in SortedLines(con, relation, lambda: None).chunks(ROW_GROUP):
            for job in last:
                job.result()
            columns = chunk.columns.cast(schema)
            _add_sums(sums, columns)
            last = [
                hashing.submit(_feed, digests, columns),
                hashing.submit(tally.add, chunk),
                writing.submit(writer.write_table, columns, row_group_size=ROW_GROUP),
            ]
        for job in last:
            job.result()
        writer.add_key_value_metadata(dict(facts))
    _check_sums(con, relation, sums)
    os.replace(temporary, path)
    total = hashlib.sha256(repr((tally.rows, sorted(facts.items()))).encode())
    for digest in digests:
        total.update(digest.digest())
    return total.hexdigest()


@contextmanager
def _within_bounds() -> Iterator[None]:
    """Say of values beyond the bounds that their file states what is said of changed sums."""
    import pyarrow as pa

    try:
        yield
    except pa.ArrowIndexError as error:
        raise WinbackError("intake.changed_in_sort") from error


def _add_sums(sums: list[int], columns: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, name in enumerate(("amount", "ordered_at")):
        sums[place] += pc.sum(columns[name].cast(pa.int64())).as_py()


def _check_sums(con: duckdb.DuckDBPyConnection, relation: str, sums: Sequence[int]) -> None:
    """Raise WinbackError where sorting changed what it sorted.

    Lines are packed by the least and most of each column, which a file's own statistics may
    answer; where those are false, neighbours in a key run into each other.
    """
    found = one_row(
        con, f"SELECT sum(amount), sum(epoch_us(ordered_at) // 1000000) FROM {relation}"
    )
    if [int(n or 0) for n in found] != list(sums):
        raise WinbackError("intake.changed_in_sort")


def _feed(digests: Sequence[Any], columns: Any) -> None:
    """Add each column's values to its hash; chunks of one size leave no other trace."""
    for digest, column in zip(digests, columns.columns, strict=True):
        _feed_values(digest, column.combine_chunks())


def _feed_values(digest: Any, column: Any) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        _feed_values(digest, column.dictionary)
        column = column.indices.cast(pa.int32())
    # Through buffers, not to_numpy: that would import pandas.
    valid = pc.cast(column.is_valid(), pa.uint8())
    digest.update(np.frombuffer(valid.buffers()[1], np.uint8, len(valid), valid.offset))
    if pa.types.is_string(column.type):
        present = column.drop_null()
        offsets = np.frombuffer(
            present.buffers()[1], np.int32, len(present) + 1, 4 * present.offset
        )
        # Lengths tell ("a", "bc") from ("ab", "c").
        digest.update(np.diff(offsets))
        if len(present) and offsets[-1] > offsets[0]:
            digest.update(memoryview(present.buffers()[2])[offsets[0] : offsets[-1]])
        return
    numbers = pc.cast(column, pa.int64()) if pa.types.is_timestamp(column.type) else column
    numbers = pc.fill_null(numbers, 0) if numbers.null_count else numbers
    width = numbers.type.byte_width
    first, end = numbers.offset * width, (numbers.offset + len(numbers)) * width
    digest.update(memoryview(numbers.buffers()[1])[first:end])


def write_contacts(
    con: duckdb.DuckDBPyConnection, path: Path, contact_names: Sequence[str], cutoff: date
) -> None:
    """Write one row per customer, with the named contact columns; make the table ``people``."""
    # Equal instants are settled by the value, so that the source's row order does not matter.
    last = "".join(
        f", arg_max(k{n}, (ordered_at, k{n})) FILTER (k{n} IS NOT NULL) AS k{n}"
        for n in range(len(contact_names))
    )
    named = "".join(f", k{n} AS {identifier(name)}" for n, name in enumerate(contact_names))
    create_people(
        con,
        f"""SELECT customer_id{last} FROM kept WHERE ordered_at < {day_text(cutoff)}
            GROUP BY customer_id""",
    )
    temporary = path.with_name(path.name + ".part")
    con.execute(
        f"""COPY (SELECT name AS customer_id{named} FROM people ORDER BY rowid)
        TO {literal(str(temporary))}
        (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{MARK}: {literal(path.name)}}})"""
    )
    os.replace(temporary, path)


def create_people(con: duckdb.DuckDBPyConnection, found: str) -> None:
    """Make the table of customers, whose rows lie in the order of their ids as text."""
    con.execute(
        "CREATE TABLE people AS SELECT *, CAST(customer_id AS VARCHAR) AS name "
        f"FROM ({found}) ORDER BY name"
    )


# A number as phones are written, or two words that no year stands beside, as in a name.
_OF_A_PERSON = (
    r"^\s*(\+|00)[0-9 ()./-]{8,}$|^\s*[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}\s*$"
    r"|^[^0-9]*\p{L}{3,}\s+\p{L}{3,}[0-9]{0,3}$"
)


def write_quarantine(
    con: duckdb.DuckDBPyConnection, path: Path, labels: Sequence[str]
) -> dict[str, int]:
    """Write every line set aside with its place and reason; give the counts by reason.

    Of people who are withheld nothing is written, whatever else is wrong with their lines.
    """
    stays, placed = _stays(con)
    files = ", ".join(f"({n}, {literal(clean_text(label))})" for n, label in enumerate(labels))
    codes = ", ".join(f"({literal(code)}, {literal(text)})" for code, text in REASONS.items())
    con.execute(
        """CREATE TEMP TABLE shifts AS SELECT file_no, row_no - top - n + 1 AS from_row,
            max(n) AS shift
        FROM (SELECT *, row_number() OVER (PARTITION BY file_no ORDER BY row_no) AS n FROM rejected)
        JOIN file_starts USING (file_no) GROUP BY file_no, from_row"""
    )
    con.execute(
        f"""CREATE TEMP TABLE aside AS
        WITH found AS (
            SELECT line, reason, bad_column, bad_value FROM lines WHERE reason IS NOT NULL{stays}
            UNION ALL SELECT line, reason, NULL, bad_value FROM set_aside{placed}),
        bad AS (SELECT file_no, (line & {(1 << SRC_BITS) - 1}) - coalesce(first, 0) AS place,
                coalesce(top, 1) AS top, reason, bad_column, bad_value
            FROM (SELECT *, line >> {SRC_BITS} AS file_no FROM found)
            LEFT JOIN file_starts s USING (file_no)),
        shifted AS (SELECT bad.*, coalesce(shift, 0) AS shift FROM bad ASOF LEFT JOIN shifts h
            ON bad.file_no = h.file_no AND bad.place >= h.from_row)
        SELECT file_no, place + top + shift AS row_no, reason, bad_column,
            CASE WHEN contains(bad_value, '@') OR NOT regexp_matches(bad_value, '[0-9]')
                    AND (length(bad_value) > 16 OR contains(bad_value, ' '))
                    OR regexp_matches(bad_value, {literal(_OF_A_PERSON)}) THEN '(text)'
                ELSE left(bad_value, 40) END AS bad_value FROM shifted
        UNION ALL
        SELECT file_no, row_no, 'wrong_column_count', NULL, NULL FROM rejected"""
    )
    _clean_aside(con)
    temporary = path.with_name(path.name + ".part")
    con.execute(
        f"""COPY (SELECT f.label AS source_file, row_no AS row_number, bad_column AS column_name,
            bad_value AS found, reason, c.meaning AS explanation
        FROM aside JOIN (VALUES {files}) f(file_no, label) USING (file_no)
        JOIN (VALUES {codes}) c(reason, meaning) USING (reason)
        ORDER BY file_no, row_no, reason) TO {literal(str(temporary))} (FORMAT csv, HEADER)"""
    )
    os.replace(temporary, path)
    counts = con.execute("SELECT reason, count(*) FROM aside GROUP BY reason").fetchall()
    by_reason = {cast(str, reason): int(n) for reason, n in counts}
    return {code: by_reason[code] for code in REASONS if code in by_reason}


def _clean_aside(con: duckdb.DuckDBPyConnection) -> None:
    """Take off headers and cells set aside what a spreadsheet would run; a number stays one."""
    starts = "".join(f"\\x{{{ord(sign):x}}}" for sign in TRIGGERS)
    for column in ("bad_column", "bad_value"):
        found = con.execute(
            f"SELECT DISTINCT {column} FROM aside WHERE regexp_matches({column}, "
            f"'^[{starts}]|[\\x00-\\x1f\\x7f]') "
            f"AND NOT regexp_matches({column}, '^-[0-9]+([.,][0-9]+)?$')"
        ).fetchall()
        if not found:
            continue
        import pyarrow as pa

        unclean = [str(cell) for (cell,) in found]
        con.register(
            "cleaned_cells", pa.table({"cell": unclean, "clean": list(map(clean_text, unclean))})
        )
        con.execute(f"UPDATE aside SET {column} = clean FROM cleaned_cells WHERE cell = {column}")
        con.unregister("cleaned_cells")


def _stays(con: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """SQL that leaves out lines of those withheld, of ``lines`` and of ``set_aside``."""
    if not one_row(con, "SELECT count(*) FROM withheld")[0]:
        return "", ""
    theirs = "SELECT customer_id FROM withheld"
    return (
        f" AND coalesce(customer_id NOT IN ({theirs}), true)",
        f" WHERE line NOT IN (SELECT line FROM lines WHERE customer_id IN ({theirs}))",
    )


def amounts_aside(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """The sum of the amounts of the orders' lines set aside, by reason, where one was read."""
    # Whole ten-thousandths add up to the same in any order; what is no money is far beyond.
    stays, placed = _stays(con)
    found = con.execute(
        f"""SELECT reason, sum(CAST(round(value * 10000) AS HUGEINT)) FROM (
            SELECT reason, value FROM lines WHERE reason IS NOT NULL{stays}
            UNION ALL SELECT s.reason, value FROM (FROM set_aside{placed}) s
                JOIN lines USING (line))
        WHERE abs(value) < 1e14 GROUP BY reason"""
    ).fetchall()
    amounts = {reason: int(amount) / 10000 for reason, amount in found}
    return {code: amounts[code] for code in REASONS if amounts.get(code)}
