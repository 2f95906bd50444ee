"""What a shop knows of its customers beside orders: signals and attributes, read and sorted."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from winback.errors import UsageError, WinbackError

if TYPE_CHECKING:
    from winback.intake import reading

# Headers by role, without case and punctuation, the likeliest first.
_CUSTOMER = (
    "customerid", "customer", "clientid", "client", "userid", "user", "contactid", "idklienta",
    "klient", "kundenid", "kundennummer",
)  # fmt: skip
_KNOWN = ("knownat", "known", "recordedat", "receivedat", "loadedat", "ingestedat")
_TIME = ("timestamp", "datetime", "date", "time", "createdat", "data", "datum")
_ROLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "signals": {
        "customer_id": _CUSTOMER,
        "happened_at": (
            "happenedat", "happened", "occurredat", "eventtime", "eventat", "eventdate", *_TIME,
        ),
        "known_at": _KNOWN,
        "name": ("name", "signal", "signalname", "event", "eventname", "eventtype", "type"),
        "value": ("value", "score", "number", "wartosc", "wert"),
    },
    "attributes": {
        "customer_id": _CUSTOMER,
        "known_at": (*_KNOWN, "setat", "changedat", "updatedat", "validfrom", "since", *_TIME),
        "name": ("name", "attribute", "property", "field", "key"),
        "value": ("value", "setto", "wartosc", "wert"),
    },
}  # fmt: skip
_OPTIONAL = {("signals", "known_at"), ("signals", "value")}
# More names than this are ids or texts: another column was meant.
_MOST_NAMES = 1000
# Headers of a running number, which says nothing about the line.
_NUMBERING = ("unnamed0", "index", "lp", "rownumber", "rowid", "column1", "")
# Up to here the squares of a customer's values, in thousandths, add up exactly.
_LARGEST = 1e10
_ROW_GROUP = 1 << 19


@dataclass(frozen=True)
class SideTable:
    """Where a canonical table beside the orders lies, and what was understood of its source.

    ``summary`` is None where there was no source: the table is then there, and empty.
    """

    path: Path
    summary: dict[str, Any] | None


def read_signals(source: Any, out: str | Path, *, cutoff: date, **options: Any) -> SideTable:
    """Read what happened to customers into ``signals.parquet``, one row per signal.

    Columns: ``customer_id``, ``happened_at``, ``known_at`` (never earlier; where the source does
    not say, the same), ``name`` (lower case, words joined by ``_``) and ``value`` (null where
    there is none), sorted by customer, time, name, value and knowing. Times are wall time of the
    shop. Lines that happened at or after ``cutoff`` are ignored; lines that cannot be used go
    with file, row, column and reason into the quarantine. So does a line that an earlier file
    holds already, equal in every column; one that a file itself repeats happened as often.
    Lines in = kept + set aside + ignored.

    Args:
        source: CSV, TSV or Parquet file, pattern, folder, list of those, DataFrame or Arrow
            table; None writes the table without rows.
        out: folder for ``signals.parquet``.
        cutoff: the first day that is not seen.
        **options: any of

            - ``columns``: header by role, where names mislead, such as ``{"name": "what"}``
              (``ingest.signal_columns`` and ``attribute_columns`` of params.yaml).
            - ``orders``: the canonical ``orders.parquet``, to count lines of strangers.
            - ``quarantine``: a quarantine to add to; else ``signals_quarantine.csv`` is written.
            - ``timezone``: the shop's zone, for instants written in another.
            - ``day_first``: how to read 03/04/2025; else found out from the column.
            - ``memory_limit``, ``threads``: of the sort, as in `read_orders`.
            - ``progress``: called with a few words at each step.

    Raises:
        UsageError: a column is missing or unclear, or names are not names.
        WinbackError: a file holds no usable table.
    """
    return _read("signals", source, Path(out), cutoff, **options)


def read_attributes(source: Any, out: str | Path, *, cutoff: date, **options: Any) -> SideTable:
    """Read what customers were set to into ``attributes.parquet``, one row per change.

    Columns: ``customer_id``, ``known_at``, ``name`` and ``value`` (text; null: known to be empty
    from then on), sorted in this order of customer, knowing, name and value. All else is as in
    `read_signals`.
    """
    return _read("attributes", source, Path(out), cutoff, **options)


def _read(
    noun: str, source: Any, out: Path, cutoff: date, *, columns: Mapping[str, str] | None = None,
    orders: Path | None = None, quarantine: Path | None = None, timezone: str | None = None,
    day_first: bool | None = None, memory_limit: str = "4GB", threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> SideTable:  # fmt: skip
    import duckdb

    from winback.intake import lines, reading, writing

    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{noun}.parquet"
    say = progress or (lambda message: None)
    with tempfile.TemporaryDirectory(prefix=f".{noun}", dir=out) as folder:
        scratch = Path(folder)
        con = duckdb.connect(config={"temp_directory": str(scratch / "spill")})
        try:
            con.execute(f"SET memory_limit = '{memory_limit}'")
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET enable_progress_bar = false")
            if threads is not None:
                con.execute(f"SET threads = {int(threads)}")
            lines.create_tables(con, 0)
            text = "VARCHAR" if noun == "attributes" else "DOUBLE"
            con.execute(
                "CREATE TEMP TABLE lines (line BIGINT, line_hash UBIGINT, customer_id VARCHAR, "
                f"happened_at TIMESTAMP, known_at TIMESTAMP, name VARCHAR, value {text}, "
                "reason VARCHAR, bad_column VARCHAR, bad_value VARCHAR)"
            )
            if source is None:
                _write_sorted(con, path, noun, cutoff)
                return SideTable(path, None)
            if hasattr(source, "column_names") or hasattr(source, "iloc"):
                sources = [reading.open_frame(con, source)]
            else:
                sources = reading.open_files(con, reading.list_files(source), scratch)
            labels = [one.label for one in sources]
            say(f"reading {noun}: {', '.join(labels[:3])}")
            alike: dict[Any, list[tuple[int, reading.Source]]] = {}
            for number, one in enumerate(sources):
                key = (one.shape.names, one.shape.types, bool(one.relation))
                alike.setdefault(key, []).append((number, one))
            found: dict[str, str] = {}
            for members in alike.values():
                used = _load(con, noun, members, columns or {}, timezone, day_first, scratch)
                found = found or used
            if len(sources) > 1:
                _set_aside_copies(con)
            names = con.execute(
                "SELECT name, count(*) FROM lines WHERE reason IS NULL GROUP BY name ORDER BY name "
                f"LIMIT {_MOST_NAMES + 1}"
            ).fetchall()
            if len(names) > _MOST_NAMES:
                raise UsageError(
                    f"{labels[0]}: column '{found['name']}' holds more than {_MOST_NAMES:,} names "
                    f"of {noun}; name the right column in ingest.{noun.removesuffix('s')}_columns."
                )
            _write_sorted(con, path, noun, cutoff)
            place = quarantine or out / f"{noun}_quarantine.csv"
            part = scratch / "aside.csv" if quarantine else place
            aside = writing.write_quarantine(con, part, labels)
            if quarantine:
                _append(quarantine, part)
            read, kept, ignored, customers, strangers = _counted(con, cutoff, orders)
            set_aside = sum(aside.values())
            if read != kept + set_aside + ignored:
                raise WinbackError(
                    f"Lines of {noun} were lost: {read:,} read, but {kept:,} kept, {set_aside:,} "
                    f"set aside and {ignored:,} ignored. Please report this as a fault of winback."
                )
        finally:
            con.close()
    summary = {
        "files": labels,
        "lines_in": read,
        "lines_kept": kept,
        "lines_set_aside": {"total": set_aside, "by_reason": aside},
        "lines_ignored": ignored,
        "lines_of_strangers": strangers,
        "customers": customers,
        "names": {name: int(count) for name, count in names},
        "columns": found,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    say(f"{noun}: {read:,} lines read, {kept:,} kept, {set_aside:,} set aside, {ignored:,} ignored")
    return SideTable(path, summary)


def _load(
    con: Any, noun: str, sources: Sequence[tuple[int, reading.Source]], given: Mapping[str, str],
    timezone: str | None, day_first: bool | None, scratch: Path,
) -> dict[str, str]:  # fmt: skip
    """Read files of one header into ``lines``, each with the first reason against it.

    Gives the header of each role.
    """
    from winback.intake import reading
    from winback.intake.columns import normalised
    from winback.intake.lines import SRC_BITS
    from winback.intake.values import (
        as_text,
        cleaned,
        is_text,
        literal,
        one_row,
        read_dates,
        read_ids,
        read_numbers,
    )

    number, first = sources[0]
    shape, label = first.shape, first.label
    at = _find_columns(noun, label, shape.names, given)
    wanted = sorted(at.values())
    # All columns tell lines apart but a running number, whatever order they stand in.
    headers = [normalised(name) for name in shape.names]
    told = [i for i, header in enumerate(headers) if i in wanted or header not in _NUMBERING]
    told.sort(key=lambda i: (headers[i], i))
    relation = reading.load(con, sources, f"raw{number}", wanted, told, scratch)
    # Names and texts keep their words: a tier may be called "none".
    words = {at["name"]} | ({at["value"]} if noun == "attributes" else set())
    texts = [f"c{i}" for i in wanted if i not in words and is_text(shape.types[i])]
    customer = f"c{at['customer_id']}"
    relation, plain = cleaned(con, relation, texts, [customer], f"clean{number}")
    kind = shape.types[at["customer_id"]]
    ids = read_ids(con, relation, {"customer": (customer, kind)}, plain)["customer"]

    def instants(role: str) -> str:
        nonlocal day_first
        column, kind = f"c{at[role]}", shape.types[at[role]]
        if not one_row(con, f"SELECT count({column}) FROM {relation}")[0]:
            return "CAST(NULL AS TIMESTAMP)"
        try:
            dates = read_dates(
                con, relation, column, kind, shape.names[at[role]], label, day_first=day_first,
                timezone=timezone, zone=shape.zones.get(at[role]),
            )  # fmt: skip
        except UsageError as error:
            # The flags that name columns are those of the orders.
            raise UsageError(
                str(error).replace(
                    "name the right column with --date COLUMN",
                    f"name the right column `{role}` in ingest.{noun.removesuffix('s')}_columns",
                )
            ) from error
        day_first = dates.day_first if day_first is None else day_first
        return dates.sql

    happened = "happened_at" if noun == "signals" else "known_at"
    time = instants(happened)
    known_cell, known = "NULL", "CAST(NULL AS TIMESTAMP)"
    if noun == "signals" and "known_at" in at:
        known_cell, known = f"c{at['known_at']}", instants("known_at")
    name = as_text(f"c{at['name']}", shape.types[at["name"]])
    value_cell, value = "NULL", "NULL"
    if "value" in at:
        value_cell, kind = f"c{at['value']}", shape.types[at["value"]]
        if noun == "attributes":
            value = f"nullif(trim({as_text(value_cell, kind)}), '')"
        else:
            value = read_numbers(con, relation, value_cell, kind, shape.names[at["value"]]).sql
    readable = "BETWEEN TIMESTAMP '0002-01-01' AND TIMESTAMP '9999-12-31 23:59:59'"
    # (what is wrong, its reason, the column, what stood there)
    faults = [
        ("customer_id IS NULL AND time_cell IS NULL AND name IS NULL", "empty_row", None, "NULL"),
        ("customer_id IS NULL", "no_customer", "customer_id", "NULL"),
        (ids.damaged.format("customer_id"), "damaged_id", "customer_id", "customer_id"),
        ("time_cell IS NULL", "no_date", happened, "NULL"),
        (f"time IS NULL OR NOT time {readable}", "unreadable_date", happened, "time_cell"),
        ("name IS NULL", "no_name", "name", "NULL"),
    ]
    if known_cell != "NULL":
        wrong = f"known_cell IS NOT NULL AND (known IS NULL OR NOT known {readable})"
        faults.append((wrong, "unreadable_date", "known_at", "known_cell"))
    if noun == "signals" and "value" in at:
        wrong = f"value_cell IS NOT NULL AND (value IS NULL OR abs(value) > {_LARGEST:.0f})"
        faults.append((wrong, "unreadable_value", "value", "value_cell"))

    def by_fault(texts: Sequence[str]) -> str:
        cases = " ".join(f"WHEN {n} THEN {text}" for n, text in enumerate(texts))
        return f"CASE fault {cases} END"

    which = " ".join(f"WHEN {test} THEN {n}" for n, (test, *_) in enumerate(faults))
    at_fault = [literal(shape.names[at[role]]) if role else "NULL" for _, _, role, _ in faults]
    con.execute(
        f"""INSERT INTO lines
        WITH source AS (SELECT file_no, src, line_hash, CAST({ids.sql} AS VARCHAR) AS customer_id,
                {time} AS time, {known} AS known,
                nullif(trim(regexp_replace(replace(strip_accents(lower({name})), 'ł', 'l'),
                    '[^a-z0-9]+', '_', 'g'), '_'), '') AS name,
                {value} AS value, CAST(c{at[happened]} AS VARCHAR) AS time_cell,
                CAST({known_cell} AS VARCHAR) AS known_cell,
                CAST({value_cell} AS VARCHAR) AS value_cell
            FROM {relation}),
        judged AS (SELECT *, CASE {which} END AS fault FROM source)
        SELECT (CAST(file_no AS BIGINT) << {SRC_BITS}) | src, line_hash, customer_id, time,
            greatest(coalesce(known, time), time), name, value,
            {by_fault([literal(reason) for _, reason, _, _ in faults])},
            {by_fault(at_fault)}, {by_fault([cell for *_, cell in faults])}
        FROM judged"""
    )
    con.execute(f"DROP TABLE IF EXISTS raw{number}")
    con.execute(f"DROP TABLE IF EXISTS clean{number}")
    return {role: shape.names[place] for role, place in at.items()}


def _set_aside_copies(con: Any) -> None:
    """Mark lines that an earlier file holds already, equal in every column.

    Exports overlap, so a line in two files is one signal; twice in one file it happened twice.
    Of each line as many stay as the file with most of them holds.
    """
    from winback.intake.lines import SRC_BITS

    same = "line_hash, customer_id, happened_at, name"
    con.execute(
        f"""UPDATE lines SET reason = 'duplicate', bad_value = name WHERE line IN (
            SELECT line FROM (SELECT *, row_number() OVER (
                    PARTITION BY {same}, line >> {SRC_BITS} ORDER BY line) AS nth
                FROM lines WHERE reason IS NULL AND line_hash IN (
                    SELECT line_hash FROM lines GROUP BY line_hash
                    HAVING (min(line) >> {SRC_BITS}) < (max(line) >> {SRC_BITS})))
            QUALIFY row_number() OVER (PARTITION BY {same}, nth ORDER BY line) > 1)"""
    )


def _find_columns(
    noun: str, label: str, names: Sequence[str], given: Mapping[str, str]
) -> dict[str, int]:
    """Which column plays which role: {role: position}."""
    from winback.intake.columns import normalised

    unknown = set(given) - set(_ROLES[noun])
    if unknown:
        raise UsageError(
            f"{label}: {noun} have no {min(unknown)!r}; they have {', '.join(_ROLES[noun])}."
        )
    headers = [normalised(name) for name in names]
    at: dict[str, int] = {}
    for role, synonyms in _ROLES[noun].items():
        if role in given:
            lowered = [name.lower() for name in names]
            if given[role].strip().lower() not in lowered:
                raise UsageError(
                    f"{label}: there is no column {given[role]!r}; columns: "
                    f"{', '.join(names[:20])}."
                )
            at[role] = lowered.index(given[role].strip().lower())
            continue
        free = [word for word in synonyms if word in headers]
        free = [word for word in free if headers.index(word) not in at.values()]
        if free:
            at[role] = headers.index(free[0])
        elif (noun, role) not in _OPTIONAL:
            raise UsageError(
                f"{label}: no column `{role}` of {noun} found; columns: {', '.join(names[:20])}. "
                f"Name the right one in ingest.{noun.removesuffix('s')}_columns."
            )
    return at


def _write_sorted(con: Any, path: Path, noun: str, cutoff: date) -> None:
    """The kept lines in their order, in row groups of one size, so that bytes repeat."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from winback.intake.values import day_text

    fields = [
        pa.field("customer_id", pa.string(), nullable=False),
        pa.field("happened_at", pa.timestamp("s"), nullable=False),
        pa.field("known_at", pa.timestamp("s"), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("value", pa.float64() if noun == "signals" else pa.string()),
    ]
    order = "customer_id, happened_at, name, value NULLS LAST, known_at"
    if noun == "attributes":
        fields.pop(1)
        order = "customer_id, known_at, name, value NULLS LAST"
    schema = pa.schema(fields)
    temporary = path.with_name(path.name + ".part")
    batches = con.sql(
        f"SELECT {', '.join(schema.names)} FROM lines WHERE reason IS NULL "
        f"AND happened_at < {day_text(cutoff)} ORDER BY {order}"
    ).to_arrow_reader(1 << 16)
    # As in the orders: the file's own types are plain ones.
    with pq.ParquetWriter(
        temporary, schema, compression="zstd", use_dictionary=["customer_id", "name"],
        store_schema=False,
    ) as writer:  # fmt: skip
        held = schema.empty_table()
        for batch in batches:
            held = pa.concat_tables([held, pa.Table.from_batches([batch]).cast(schema)])
            while len(held) >= _ROW_GROUP:
                writer.write_table(held.slice(0, _ROW_GROUP), row_group_size=_ROW_GROUP)
                held = held.slice(_ROW_GROUP)
        writer.write_table(held)
    os.replace(temporary, path)


def _counted(con: Any, cutoff: date, orders: Path | None) -> tuple[int, int, int, int, int]:
    """Lines read, kept and ignored, customers kept, and kept lines of no customer of the orders."""
    from winback.intake.values import day_text, literal, one_row

    seen = f"reason IS NULL AND happened_at < {day_text(cutoff)}"
    read, kept, usable, customers = one_row(
        con,
        f"SELECT count(*) + (SELECT count(*) FROM rejected), count_if({seen}), "
        f"count_if(reason IS NULL), count(DISTINCT customer_id) FILTER ({seen}) FROM lines",
    )
    strangers = 0
    if orders is not None:
        strangers = one_row(
            con,
            f"SELECT count(*) FROM lines ANTI JOIN read_parquet({literal(str(orders))}) "
            f"USING (customer_id) WHERE {seen}",
        )[0]
    return int(read), int(kept), int(usable - kept), int(customers), int(strangers)


def _append(quarantine: Path, part: Path) -> None:
    """Add rows to a quarantine; a killed run leaves the old one."""
    new = quarantine.with_name(quarantine.name + ".part")
    shutil.copyfile(quarantine, new)
    with new.open("ab") as whole:
        whole.write(part.read_bytes().partition(b"\n")[2])
    os.replace(new, quarantine)
