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

from winback.errors import EmptyTable, UsageError, WinbackError
from winback.params import MEMORY_LIMIT
from winback.tables.history import ATTRIBUTES, SIGNALS

if TYPE_CHECKING:
    from winback.intake import reading

# Headers by role, without case and punctuation, the likeliest first.
_CUSTOMER = (
    "customerid", "customer", "clientid", "client", "userid", "user", "contactid", "idklienta",
    "klientid", "nrklienta", "numerklienta", "kodklienta", "klient", "uzytkownik", "kundenid",
    "kundennummer", "kundennr", "kunde", "customeremail", "email", "adresemail",
)  # fmt: skip
_KNOWN = (
    "knownat", "known", "recordedat", "receivedat", "loadedat", "ingestedat", "enteredat",
    "enteredon", "loggedat", "bookedat", "registeredat", "datawpisania", "datawprowadzenia",
    "datarejestracji", "datazaksiegowania", "erfasstam", "eingetragenam", "buchungsdatum",
)  # fmt: skip
_TIME = (
    "timestamp", "datetime", "date", "time", "createdat", "data", "dataiczas", "dataigodzina",
    "datautworzenia", "czas", "kiedy", "dzien", "datum", "zeitpunkt", "zeit", "erstelltam",
)  # fmt: skip
_ROLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "signals": {
        "customer_id": _CUSTOMER,
        "happened_at": (
            "happenedat", "happened", "occurredat", "eventtime", "eventat", "eventdate",
            "eventtimestamp", "datazdarzenia", "czaszdarzenia", "datazgloszenia", "ereigniszeit",
            "ereignisdatum", *_TIME,
        ),
        "known_at": _KNOWN,
        "name": (
            "name", "signal", "signalname", "event", "eventname", "eventtype", "type", "sygnal",
            "zdarzenie", "nazwazdarzenia", "typzdarzenia", "rodzajzdarzenia", "typ", "rodzaj",
            "nazwa", "ereignis", "ereignisart", "ereignistyp", "art",
        ),
        "value": ("value", "score", "number", "wartosc", "ocena", "liczba", "wert", "bewertung"),
    },
    "attributes": {
        "customer_id": _CUSTOMER,
        "known_at": (
            *_KNOWN, "setat", "changedat", "updatedat", "validfrom", "since", "datazmiany",
            "dataustawienia", "zmieniono", "obowiazujeod", "odkiedy", "geaendertam", "geandertam",
            "gueltigab", "gultigab", "seit", *_TIME,
        ),
        "name": (
            "name", "attribute", "attributename", "property", "field", "key", "atrybut",
            "nazwaatrybutu", "cecha", "wlasciwosc", "pole", "nazwa", "attribut", "merkmal",
            "eigenschaft", "feld",
        ),
        "value": ("value", "setto", "wartosc", "wert"),
    },
}  # fmt: skip
_OPTIONAL = {("signals", "known_at"), ("signals", "value")}
# More names than this are ids or texts: another column was meant.
_MOST_NAMES = 1000
# Headers of a running number, which says nothing about the line.
_NUMBERING = ("unnamed0", "index", "lp", "rownumber", "rowid", "column1", "")
# Thousandths of two million such values of one customer still add up; Unix seconds fit.
_LARGEST = 4e9
# Letters right before a number make it an id, T-1001, unless they name a currency.
_AN_ID = r"^\p{L}{1,4}[-–−]?\d"
_MONEY = "^(zł|zl|kč|pln|eur|usd|gbp|czk|chf)"
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
    Lines in = kept + set aside + ignored. ``summary["understood"]`` says which column was taken
    for what and what deserves a look.

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
        UsageError: a column is missing or unclear, names are not names, or the source would be
            overwritten.
        WinbackError: a file holds no usable table, or not one line of it can be used. A header
            without lines is no error.
    """
    return _read("signals", source, Path(out), cutoff, **options)


def read_attributes(source: Any, out: str | Path, *, cutoff: date, **options: Any) -> SideTable:
    """Read what customers were set to into ``attributes.parquet``, one row per change.

    Columns: ``customer_id``, ``known_at``, ``name`` and ``value`` (text; null: known to be empty
    from then on), sorted in this order of customer, knowing, name and value. Of lines that set
    one attribute of a customer at one instant the last holds, by file and line; those before it
    are ignored. All else is as in `read_signals`.
    """
    return _read("attributes", source, Path(out), cutoff, **options)


def _read(
    noun: str, source: Any, out: Path, cutoff: date, *, columns: Mapping[str, str] | None = None,
    orders: Path | None = None, quarantine: Path | None = None, timezone: str | None = None,
    day_first: bool | None = None, memory_limit: str = MEMORY_LIMIT, threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> SideTable:  # fmt: skip
    import duckdb

    from winback.intake import lines, writing

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
            sources, labels = _opened(con, source, path, scratch)
            files = labels[0] + (f" (+{len(labels) - 1})" if len(labels) > 1 else "")
            say(f"reading {noun}: {', '.join(labels[:3])}")
            alike: dict[Any, list[tuple[int, reading.Source]]] = {}
            for number, one in enumerate(sources):
                key = (one.shape.names, one.shape.types, bool(one.relation))
                alike.setdefault(key, []).append((number, one))
            found: dict[str, str] = {}
            understood = [] if sources else [f"look at the {noun}: {files} holds no line"]
            for members in alike.values():
                used, told = _load(con, noun, members, columns or {}, timezone, day_first, scratch)
                found = found or used
                understood += told
            if len(sources) > 1:
                _set_aside_copies(con)
            replaced = _drop_replaced(con) if noun == "attributes" else 0
            if replaced:
                understood.append(
                    f"{replaced:,} lines of {files} set what a later line sets at the same instant "
                    "to another value, which holds"
                )
            names = con.execute(
                "SELECT name, count(*), count(value) FROM lines WHERE reason IS NULL GROUP BY name "
                f"ORDER BY name LIMIT {_MOST_NAMES + 1}"
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
            read, kept, ignored, customers = _counted(con, cutoff, replaced)
            strangers, sentences = _strangers(con, cutoff, orders, kept, files)
            understood += sentences
            set_aside = sum(aside.values())
            if read != kept + set_aside + ignored:
                raise WinbackError(
                    f"Lines of {noun} were lost: {read:,} read, but {kept:,} kept, {set_aside:,} "
                    f"set aside and {ignored:,} ignored. Please report this as a fault of winback."
                )
            if read and set_aside == read:
                raise WinbackError(_none_usable(con, noun, files, read, aside, found))
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
        "names": {name: int(count) for name, count, _ in names},
        "values": {name: int(valued) for name, _, valued in names},
        "columns": found,
        "understood": list(dict.fromkeys(understood)),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    say(f"{noun}: {read:,} lines read, {kept:,} kept, {set_aside:,} set aside, {ignored:,} ignored")
    return SideTable(path, summary)


def _opened(
    con: Any, source: Any, path: Path, scratch: Path
) -> tuple[list[reading.Source], list[str]]:
    """The files (or the frame) to read, and what all are called; an empty table is none to read.

    A day without a ticket is as good a table as another.
    """
    from winback.intake import reading

    if reading.is_frame(source):
        if not len(source):
            return [], ["the table"]
        return [reading.open_frame(con, source)], ["the table"]
    files = reading.list_files(source)
    if path.resolve() in [file.resolve() for file in files]:
        raise UsageError(
            f"{path.name}: would be overwritten by what is made of it. Give another folder for "
            "the results, or rename the file."
        )
    try:
        sources = reading.open_files(con, files, scratch)
    except EmptyTable:
        filled = [file for file in files if not _is_empty(con, file, scratch)]
        sources = reading.open_files(con, filled, scratch)
    return sources, [one.label for one in sources] or [file.name for file in files]


def _is_empty(con: Any, file: Path, scratch: Path) -> bool:
    """Whether a file is a header alone."""
    from winback.intake import reading

    try:
        reading.open_files(con, [file], scratch)
    except EmptyTable:
        return True
    return False


def _drop_replaced(con: Any) -> int:
    """Drop what a later line sets to another value at the same instant; say how many lines."""
    last = (
        "last_value(value) OVER (PARTITION BY customer_id, known_at, name ORDER BY line "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    )
    return int(
        con.execute(
            "DELETE FROM lines WHERE line IN (SELECT line FROM lines WHERE reason IS NULL "
            f"QUALIFY value IS DISTINCT FROM {last})"
        ).fetchall()[0][0]
    )


def _none_usable(
    con: Any, noun: str, files: str, read: int, aside: Mapping[str, int], found: Mapping[str, str]
) -> str:
    """Why not a line could be used, with the first of what was found."""
    row, column, value = con.execute(
        "SELECT row_no, bad_column, bad_value FROM aside "
        "ORDER BY bad_value IS NULL, file_no, row_no, reason LIMIT 1"
    ).fetchall()[0]
    said = f"{files}: all {read:,} lines of {noun} were set aside ("
    said += ", ".join(f"{count:,} {reason}" for reason, count in aside.items()) + ")"
    if column and value is not None:
        shown = "(an id)" if column == found.get("customer_id") else repr(value)
        said += f", such as {shown} in column '{column}' of row {row}"
    return (
        f"{said}. Correct the file, or name its columns in ingest.{noun.removesuffix('s')}_columns."
    )


def _load(
    con: Any, noun: str, sources: Sequence[tuple[int, reading.Source]], given: Mapping[str, str],
    timezone: str | None, day_first: bool | None, scratch: Path,
) -> tuple[dict[str, str], list[str]]:  # fmt: skip
    """Read files of one header into ``lines``, each with the first reason against it.

    Gives the header of each role, and sentences on what was understood.
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
    notes, doubts = {"customer_id": ids.note}, list(ids.doubts)

    def instants(role: str) -> str:
        nonlocal day_first
        column, kind = f"c{at[role]}", shape.types[at[role]]
        if not one_row(con, f"SELECT count({column}) FROM {relation}")[0]:
            notes[role] = "empty"
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
        notes[role] = dates.note
        doubts.extend(dates.doubts)
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
            numbers = read_numbers(con, relation, value_cell, kind, shape.names[at["value"]])
            value, notes["value"] = numbers.sql, numbers.note
            if is_text(kind):
                value = (
                    f"CASE WHEN NOT regexp_matches({value_cell}, {literal(_AN_ID)}) OR "
                    f"regexp_matches(lower({value_cell}), {literal(_MONEY)}) THEN {value} END"
                )
    readable = "BETWEEN TIMESTAMP '0002-01-01' AND TIMESTAMP '9999-12-31 23:59:59'"
    # (what is wrong, its reason, the column, what stood there)
    faults = [
        ("customer_id IS NULL AND time_cell IS NULL AND name_cell IS NULL", "empty_row", None,
         "NULL"),
        ("customer_id IS NULL", "no_customer", "customer_id", "NULL"),
        (ids.damaged.format("customer_id"), "damaged_id", "customer_id", "customer_id"),
        ("time_cell IS NULL", "no_date", happened, "NULL"),
        (f"time IS NULL OR NOT time {readable}", "unreadable_date", happened, "time_cell"),
        ("name IS NULL", "no_name", "name", "name_cell"),
    ]  # fmt: skip
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
                nullif(trim(regexp_replace(replace(replace(strip_accents(lower({name})),
                    'ł', 'l'), 'ß', 'ss'), '[^a-z0-9]+', '_', 'g'), '_'), '') AS name,
                nullif(trim({name}), '') AS name_cell,
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
    files = label + (f" (+{len(sources) - 1})" if len(sources) > 1 else "")
    understood = [
        f"{files}: {role}: column '{shape.names[place]}' ({notes.get(role, 'text')})"
        for role, place in at.items()
    ]
    if noun == "signals" and "known_at" not in at:
        understood.append(
            f"{files}: known_at: no column; each line counts as known when it happened"
        )
        understood += [
            f"look at the signals: column '{shape.names[i]}' of {files} holds times and is not "
            "used; if it says when a line became known, name it known_at in ingest.signal_columns"
            for i in range(len(shape.names))
            if i not in wanted and _holds_times(shape, i)
        ][:3]
    return {role: shape.names[place] for role, place in at.items()}, understood + doubts


def _holds_times(shape: reading.Shape, column: int) -> bool:
    from winback.intake.values import looks_like_date, nothing

    if shape.types[column].startswith(("TIMESTAMP", "DATE")):
        return True
    cells = [row[column] or "" for row in shape.sample[:200] if not nothing(row[column])]
    # A number alone may be a date, but is more often something else.
    return bool(cells) and all(not cell.isdecimal() and looks_like_date(cell) for cell in cells)


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
    lowered = [name.lower() for name in names]
    at: dict[str, int] = {}
    for role, name in given.items():
        if name.strip().lower() not in lowered:
            raise UsageError(
                f"{label}: there is no column {name!r}; columns: {', '.join(names[:20])}."
            )
        at[role] = lowered.index(name.strip().lower())
    for role, synonyms in _ROLES[noun].items():
        if role in at:
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
    return {role: at[role] for role in _ROLES[noun] if role in at}


def _write_sorted(con: Any, path: Path, noun: str, cutoff: date) -> None:
    """The kept lines in their order, in row groups of one size, so that bytes repeat."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from winback.intake.values import day_text

    seconds = pa.timestamp("s")
    if noun == "signals":
        schema = SIGNALS.held_as(happened_at=seconds, known_at=seconds)
        order = "customer_id, happened_at, name, value NULLS LAST, known_at"
    else:
        schema = ATTRIBUTES.held_as(known_at=seconds)
        order = "customer_id, known_at, name, value NULLS LAST"
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


def _counted(con: Any, cutoff: date, replaced: int) -> tuple[int, int, int, int]:
    """Lines read, kept and ignored, and customers kept."""
    from winback.intake.values import day_text, one_row

    seen = f"reason IS NULL AND happened_at < {day_text(cutoff)}"
    read, kept, usable, customers = one_row(
        con,
        f"SELECT count(*) + (SELECT count(*) FROM rejected), count_if({seen}), "
        f"count_if(reason IS NULL), count(DISTINCT customer_id) FILTER ({seen}) FROM lines",
    )
    return int(read) + replaced, int(kept), int(usable - kept) + replaced, int(customers)


def _strangers(
    con: Any, cutoff: date, orders: Path | None, kept: int, files: str
) -> tuple[int, list[str]]:
    """How many kept lines are of no customer of the orders, and what to say of it."""
    from winback.intake.values import day_text, literal, one_row

    if orders is None or not kept:
        return 0, []
    con.execute(
        "CREATE TEMP TABLE strangers AS SELECT customer_id, count(*) AS n FROM lines ANTI JOIN "
        f"read_parquet({literal(str(orders))}) USING (customer_id) WHERE reason IS NULL AND "
        f"happened_at < {day_text(cutoff)} GROUP BY customer_id"
    )
    count = int(one_row(con, "SELECT sum(n) FROM strangers")[0])
    if not count:
        return 0, []
    said = f"{count:,} of {kept:,} lines of {files} are of customers without orders"
    hints = []
    for change, how in (
        ("lower({})", "if upper and lower case were alike"),
        ("ltrim({}, '0')", "without the zeros before ids"),
    ):
        ours, theirs = change.format("customer_id"), change.format("o.customer_id")
        would = one_row(
            con,
            f"SELECT sum(n) FROM strangers WHERE {ours} IN (SELECT {theirs} FROM "
            f"read_parquet({literal(str(orders))}) o)",
        )[0]
        if would:
            hints.append(f"{how} {would:,} more would match")
    if hints or 2 * count > kept:
        said = "; ".join([f"look at the customers: {said}", *hints])
        said += "; ids must be written as in the orders"
    return count, [said]


def _append(quarantine: Path, part: Path) -> None:
    """Add rows to a quarantine; a killed run leaves the old one."""
    new = quarantine.with_name(quarantine.name + ".part")
    shutil.copyfile(quarantine, new)
    with new.open("ab") as whole:
        whole.write(part.read_bytes().partition(b"\n")[2])
    os.replace(new, quarantine)
