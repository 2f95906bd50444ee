"""What a shop knows of its customers beside orders: signals and attributes, read and sorted."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypedDict, Unpack

import duckdb

from winback.errors import EmptyTable, UsageError, WinbackError
from winback.intake import writing
from winback.intake.cells import (
    as_text,
    cleaned,
    day_text,
    file_literal,
    is_text,
    literal,
    nothing,
    one_row,
)
from winback.intake.consents import unused_names
from winback.intake.date_forms import looks_like_date
from winback.intake.dates import read_dates
from winback.intake.engine import workshop
from winback.intake.findings import Findings, distinct, joined, ranked
from winback.intake.folders import list_files
from winback.intake.headers import normalised
from winback.intake.ids import read_ids
from winback.intake.items import CART, items_cell, write_items
from winback.intake.lines import SRC_BITS, create_tables
from winback.intake.matching import find_partners
from winback.intake.numbers import read_numbers
from winback.intake.reading import load
from winback.intake.shapes import Shape, Source
from winback.intake.sources import by_header, is_frame, open_files, open_frame
from winback.intake.withheld import Withheld, withhold
from winback.params import MEMORY_LIMIT
from winback.results.base import Fact, fact
from winback.results.intake import SetAside, SideSummary
from winback.tables.history import ATTRIBUTES, SIGNALS

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
        "items": (
            "items", "cartitems", "lineitems", "cart", "products", "productids", "product",
            "productid", "item", "itemid", "skus", "sku", "pozycje", "koszyk", "produkty",
            "produkt", "idproduktu", "artikel", "artikelnummer", "warenkorb", "produkte",
        ),
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
_OPTIONAL = {("signals", "known_at"), ("signals", "value"), ("signals", "items")}
# More names than this are ids or texts: another column was meant.
_MOST_NAMES = 1000
# Headers of a running number, which says nothing about the line.
_NUMBERING = ("unnamed0", "index", "lp", "rownumber", "rowid", "column1", "")
# Thousandths of two million such values of one customer still add up; Unix seconds fit.
_LARGEST = 4e9
# Letters right before a number make it an id, T-1001, unless they name a currency.
_AN_ID = r"^\p{L}{1,4}[-–−]?\d"
_MONEY = "^(zł|zl|kč|pln|eur|usd|gbp|czk|chf)"
# What stands as the value of a cart and is no number names what lies in it.
_NAMES_ITEMS = f"regexp_matches(name, {literal(CART)}) AND value IS NULL"
_ROW_GROUP = 1 << 19


@dataclass(frozen=True)
class SideTable:
    """Where a canonical table beside the orders lies, and what was understood of its source.

    ``summary`` is None where there was no source: the table is then there, and empty.
    ``understood`` says which column was taken for what, ``doubts`` what deserves a look.
    """

    path: Path
    summary: SideSummary | None
    understood: tuple[Fact, ...] = ()
    doubts: tuple[Fact, ...] = ()


class SideOptions(TypedDict, total=False):
    """How signals or attributes are to be read; see `read_signals`."""

    columns: Mapping[str, str] | None
    orders: Path | None
    quarantine: Path | None
    timezone: str | None
    day_first: bool | None
    consents: Sequence[str]
    withheld: Withheld | None
    memory_limit: str
    threads: int | None
    progress: Callable[[Fact], None] | None


def read_signals(
    source: Any, out: str | Path, *, cutoff: date, **options: Unpack[SideOptions]
) -> SideTable:
    """Read what happened to customers into ``signals.parquet``, one row per signal.

    Columns: ``customer_id``, ``happened_at``, ``known_at`` (never earlier; where the source does
    not say, the same), ``name`` (lower case, words joined by ``_``) and ``value`` (null where
    there is none), sorted by customer, time, name, value and knowing. Times are wall time of the
    shop. Lines that happened at or after ``cutoff`` are ignored; lines that cannot be used go
    with file, row, column and reason into the quarantine. So does a line that an earlier file
    holds already, equal in every column; one that a file itself repeats happened as often.
    What lines name of products, such as a cart's, goes into ``signal_items.parquet`` beside it:
    a column of the role ``items``, or the value of a cart that is no number; a list joined by
    ``|`` or ``;``, a JSON array, or one product a line.
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
            - ``consents``: names that are used as a consent, of which there is no doubt.
            - ``withheld``: whose lines must not be stored; they are counted and leave.
            - ``memory_limit``, ``threads``: of the sort, as in `read_orders`.
            - ``progress``: told a fact at each step.

    Raises:
        UsageError: a column is missing or unclear, names are not names, or the source would be
            overwritten.
        WinbackError: a file holds no usable table, or not one line of it can be used. A header
            without lines is no error.
    """
    return _read("signals", source, Path(out), cutoff, options)


def read_attributes(
    source: Any, out: str | Path, *, cutoff: date, **options: Unpack[SideOptions]
) -> SideTable:
    """Read what customers were set to into ``attributes.parquet``, one row per change.

    Columns: ``customer_id``, ``known_at``, ``name`` and ``value`` (text; null: known to be empty
    from then on), sorted in this order of customer, knowing, name and value. Of lines that set
    one attribute of a customer at one instant the last holds, by file and line; those before it
    are ignored. All else is as in `read_signals`.
    """
    return _read("attributes", source, Path(out), cutoff, options)


def _read(
    noun: str, source: Any, out: Path, cutoff: date, options: SideOptions
) -> SideTable:  # fmt: skip
    path = out / f"{noun}.parquet"
    say = options.get("progress") or (lambda _: None)
    memory_limit, threads = options.get("memory_limit", MEMORY_LIMIT), options.get("threads")
    with workshop(out, noun, memory_limit=memory_limit, threads=threads) as (con, scratch):
        create_tables(con, 0)
        text = "VARCHAR" if noun == "attributes" else "DOUBLE"
        con.execute(
            "CREATE TEMP TABLE lines (line BIGINT, line_hash UBIGINT, customer_id VARCHAR, "
            f"happened_at TIMESTAMP, known_at TIMESTAMP, name VARCHAR, value {text}, "
            "items VARCHAR, reason VARCHAR, bad_column VARCHAR, bad_value VARCHAR)"
        )
        if source is None:
            _write_sorted(con, path, noun, cutoff)
            if noun == "signals":
                write_items(con, out, cutoff)
            return SideTable(path, None)
        sources, labels = _opened(con, source, path, scratch)
        say(fact(f"progress.reading_{noun}", files=tuple(labels[:3])))
        found, findings = _load(con, noun, sources, options, scratch)
        files = _named(labels)
        if not sources:
            findings.doubts.append(fact(f"intake.{noun}_empty", file=files))
        _mend_ids(con, options.get("orders"), files, findings)
        withheld = withhold(con, options.get("withheld"), options.get("orders"))
        if len(sources) > 1:
            _set_aside_copies(con)
        replaced = _drop_replaced(con) if noun == "attributes" else 0
        if replaced:
            findings.understood.append(fact("intake.values_replaced", lines=replaced, file=files))
        names = _names(con, noun, labels[0], found)
        findings.doubts += _consents(con, noun, names, options.get("consents", ()), files)
        _write_sorted(con, path, noun, cutoff)
        carrying = write_items(con, out, cutoff) if noun == "signals" else 0
        aside = _set_aside(con, noun, options.get("quarantine"), out, scratch, labels)
        read, kept, ignored, customers = _counted(con, cutoff, replaced)
        read += sum(withheld.values())
        strangers = _strangers(con, cutoff, options.get("orders"), kept, files, findings)
        set_aside = sum(aside.values())
        if read != kept + set_aside + ignored + sum(withheld.values()):
            raise WinbackError(
                "intake.side_lines_lost", noun=noun, read=read, kept=kept, aside=set_aside,
                ignored=ignored, withheld=sum(withheld.values()),
            )  # fmt: skip
        if read and set_aside == read:
            raise _none_usable(con, noun, files, read, aside, found)
    summary = SideSummary(
        files=tuple(labels),
        lines_in=read,
        lines_kept=kept,
        lines_set_aside=SetAside(total=set_aside, by_reason=aside),
        lines_ignored=ignored,
        lines_withheld=withheld,
        lines_of_strangers=strangers,
        customers=customers,
        names={name: count for name, count, _ in names},
        values={name: valued for name, _, valued in names},
        carrying_items=carrying,
        columns=found,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    counts = {"read": read, "kept": kept, "aside": set_aside, "ignored": ignored}
    say(fact(f"progress.{noun}_read", **counts))
    return SideTable(path, summary, distinct(findings.understood), ranked(findings.doubts))


def _named(labels: Sequence[str]) -> str:
    """What files of one kind are called together."""
    return labels[0] + (f" (+{len(labels) - 1})" if len(labels) > 1 else "")


def _key(noun: str) -> str:
    """The parameter that names their columns."""
    return f"ingest.{noun.removesuffix('s')}_columns"


def _opened(
    con: duckdb.DuckDBPyConnection, source: Any, path: Path, scratch: Path
) -> tuple[list[Source], list[str]]:
    """The files (or the frame) to read, and what all are called; an empty table is none to read.

    A day without a ticket is as good a table as another.
    """
    if is_frame(source):
        if not len(source):
            return [], ["the table"]
        return [open_frame(con, source)], ["the table"]
    files = list_files(source)
    if path.resolve() in [file.resolve() for file in files]:
        raise UsageError("intake.overwritten", file=path.name)
    try:
        sources = open_files(con, files, scratch)
    except EmptyTable:
        filled = [file for file in files if not _is_empty(con, file, scratch)]
        sources = open_files(con, filled, scratch)
    return sources, [one.label for one in sources] or [file.name for file in files]


def _is_empty(con: duckdb.DuckDBPyConnection, file: Path, scratch: Path) -> bool:
    """Whether a file is a header alone."""
    try:
        open_files(con, [file], scratch)
    except EmptyTable:
        return True
    return False


def _drop_replaced(con: duckdb.DuckDBPyConnection) -> int:
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


def _names(
    con: duckdb.DuckDBPyConnection, noun: str, label: str, found: Mapping[str, str]
) -> list[tuple[str, int, int]]:
    """Each name with its usable lines, and those of them with a value."""
    names = con.execute(
        "SELECT name, count(*), count(value) FROM lines WHERE reason IS NULL GROUP BY name "
        f"ORDER BY name LIMIT {_MOST_NAMES + 1}"
    ).fetchall()
    if len(names) > _MOST_NAMES:
        raise UsageError(
            "intake.many_names", file=label, column=found["name"], most=_MOST_NAMES, noun=noun,
            key=_key(noun),
        )  # fmt: skip
    return [(name, int(count), int(valued)) for name, count, valued in names]


def _consents(
    con: duckdb.DuckDBPyConnection, noun: str, names: Sequence[tuple[str, int, int]],
    used: Sequence[str], files: str,
) -> list[Fact]:  # fmt: skip
    """Doubts of names that look like a consent and are used as none."""

    def values_of(name: str) -> list[str]:
        found = con.execute(
            "SELECT DISTINCT CAST(value AS VARCHAR) AS v FROM lines WHERE reason IS NULL "
            f"AND name = {literal(name)} AND value IS NOT NULL ORDER BY v LIMIT 20"
        ).fetchall()
        return [value for (value,) in found]

    return unused_names(noun, [n for n, _, _ in names if n not in used], values_of, files)


def _set_aside(
    con: duckdb.DuckDBPyConnection, noun: str, quarantine: Path | None, out: Path, scratch: Path,
    labels: Sequence[str],
) -> dict[str, int]:  # fmt: skip
    """Write or append the lines set aside; give the counts by reason."""
    if quarantine is None:
        return writing.write_quarantine(con, out / f"{noun}_quarantine.csv", labels)
    part = scratch / "aside.csv"
    aside = writing.write_quarantine(con, part, labels)
    _append(quarantine, part)
    return aside


def _none_usable(
    con: duckdb.DuckDBPyConnection, noun: str, files: str, read: int, aside: Mapping[str, int],
    found: Mapping[str, str],
) -> WinbackError:  # fmt: skip
    """Why not a line could be used, with the first of what was found."""
    row, column, value = con.execute(
        "SELECT row_no, bad_column, bad_value FROM aside "
        "ORDER BY bad_value IS NULL, file_no, row_no, reason LIMIT 1"
    ).fetchall()[0]
    reasons = tuple(
        fact("intake.lines_of_reason", lines=count, reason=reason)
        for reason, count in aside.items()
    )
    values = {"file": files, "read": read, "noun": noun, "reasons": reasons, "key": _key(noun)}
    if not column or value is None:
        return WinbackError("intake.none_usable", **values)
    is_id = column == found.get("customer_id")
    shown = fact("intake.an_id") if is_id else fact("intake.quoted", value=value)
    return WinbackError("intake.none_usable_such", found=shown, column=column, row=row, **values)


def _load(
    con: duckdb.DuckDBPyConnection, noun: str, sources: Sequence[Source], options: SideOptions,
    scratch: Path,
) -> tuple[dict[str, str], Findings]:  # fmt: skip
    """Read all files into ``lines``; give the header of each role, and what was understood."""
    found: dict[str, str] = {}
    findings = Findings()
    for members in by_header(sources):
        group = _Group(con, noun, members, options, scratch)
        group.load()
        found = found or group.headers
        findings.add(group.findings)
    return found, findings


@dataclass(frozen=True)
class _Fault:
    """What may be wrong with a line: the SQL of it, its reason, the column, what stood there."""

    test: str
    reason: str
    role: str | None = None
    cell: str = "NULL"


class _Group:
    """Files of one header: their columns, and the SQL that reads them into ``lines``."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, noun: str, sources: Sequence[tuple[int, Source]],
        options: SideOptions, scratch: Path,
    ) -> None:  # fmt: skip
        self.con, self.noun = con, noun
        self.findings = Findings()
        self.number, first = sources[0]
        self.shape, self.label = first.shape, first.label
        self.files = _named([one.label for _, one in sources])
        self.at = _find_columns(noun, self.label, self.shape.names, options.get("columns") or {})
        self.headers = {role: self.shape.names[place] for role, place in self.at.items()}
        self.happened = "happened_at" if noun == "signals" else "known_at"
        self._timezone, self._day_first = options.get("timezone"), options.get("day_first")
        self._notes: dict[str, Fact] = {}
        self._relation, self._plain = self._cleaned(sources, scratch)

    def _cleaned(
        self, sources: Sequence[tuple[int, Source]], scratch: Path
    ) -> tuple[str, set[str]]:
        """The files as one relation with text trimmed; and the columns of plain ids."""
        shape, at = self.shape, self.at
        wanted = sorted(at.values())
        # All columns tell lines apart but a running number, whatever order they stand in.
        headers = [normalised(name) for name in shape.names]
        told = [i for i, header in enumerate(headers) if i in wanted or header not in _NUMBERING]
        told.sort(key=lambda i: (headers[i], i))
        relation, _ = load(self.con, sources, f"raw{self.number}", wanted, told, scratch)
        # Names and texts keep their words: a tier may be called "none".
        words = {at["name"]} | ({at["value"]} if self.noun == "attributes" else set())
        texts = [f"c{i}" for i in wanted if i not in words and is_text(shape.types[i])]
        ids = [self._column("customer_id")]
        return cleaned(self.con, relation, texts, ids, f"clean{self.number}")

    def _column(self, role: str) -> str:
        return f"c{self.at[role]}"

    def _kind(self, role: str) -> str:
        return self.shape.types[self.at[role]]

    def _instants(self, role: str) -> str:
        """SQL of a column of times; of the day's order what was found once holds for all."""
        column = self._column(role)
        if not one_row(self.con, f"SELECT count({column}) FROM {self._relation}")[0]:
            self._notes[role] = fact("intake.empty")
            return "CAST(NULL AS TIMESTAMP)"
        try:
            dates = read_dates(
                self.con, self._relation, column, self._kind(role), self.headers[role], self.label,
                day_first=self._day_first, timezone=self._timezone,
                zone=self.shape.zones.get(self.at[role]),
            )  # fmt: skip
        except UsageError as error:
            code = error.code.removeprefix("intake.")
            if code not in ("not_dates", "not_dates_such"):
                raise
            # The flags that name columns are those of the orders.
            raise UsageError(
                f"intake.side_{code}", role=role, key=_key(self.noun), **error.values
            ) from error
        self._day_first = dates.day_first if self._day_first is None else self._day_first
        self._notes[role] = dates.note
        self.findings.doubts += dates.doubts
        return dates.sql

    def _value(self) -> tuple[str, str]:
        """SQL of the cell that holds the value, and of the value itself."""
        if "value" not in self.at:
            return "NULL", "NULL"
        cell, kind = self._column("value"), self._kind("value")
        if self.noun == "attributes":
            return cell, f"nullif(trim({as_text(cell, kind)}), '')"
        numbers = read_numbers(self.con, self._relation, cell, kind, self.headers["value"])
        self._notes["value"] = numbers.note
        if not is_text(kind):
            return cell, numbers.sql
        return cell, (
            f"CASE WHEN NOT regexp_matches({cell}, {literal(_AN_ID)}) OR "
            f"regexp_matches(lower({cell}), {literal(_MONEY)}) THEN {numbers.sql} END"
        )

    def _items(self) -> str:
        """SQL of the cell that names products: of its own column, else the text of a cart's value.

        It is read where name, value and the cell of the value are known.
        """
        if "items" in self.at:
            self._notes["items"] = fact("intake.items")
            return items_cell(self._column("items"), self._kind("items"))
        return "NULL"

    def _faults(self, damaged: str) -> list[_Fault]:
        """What may be wrong with a line; the first that holds counts."""
        readable = "BETWEEN TIMESTAMP '0002-01-01' AND TIMESTAMP '9999-12-31 23:59:59'"
        nobody = "customer_id IS NULL"
        faults = [
            _Fault(f"{nobody} AND time_cell IS NULL AND name_cell IS NULL", "empty_row"),
            _Fault(nobody, "no_customer", "customer_id"),
            _Fault(damaged, "damaged_id", "customer_id", "customer_id"),
            _Fault("time_cell IS NULL", "no_date", self.happened),
            _Fault(f"time IS NULL OR NOT time {readable}", "unreadable_date", self.happened,
                   "time_cell"),
            _Fault("name IS NULL", "no_name", "name", "name_cell"),
        ]  # fmt: skip
        if self.noun == "signals" and "known_at" in self.at:
            wrong = f"known_cell IS NOT NULL AND (known IS NULL OR NOT known {readable})"
            faults.append(_Fault(wrong, "unreadable_date", "known_at", "known_cell"))
        if self.noun == "signals" and "value" in self.at:
            wrong = (
                f"value_cell IS NOT NULL AND (value IS NULL OR abs(value) > {_LARGEST:.0f}) "
                f"AND NOT ({_NAMES_ITEMS})"
            )
            faults.append(_Fault(wrong, "unreadable_value", "value", "value_cell"))
        return faults

    def load(self) -> None:
        """Read the files into ``lines``, each line with the first reason against it."""
        columns = {"customer": (self._column("customer_id"), self._kind("customer_id"))}
        ids = read_ids(self.con, self._relation, columns, self._plain)["customer"]
        self._notes["customer_id"] = ids.note
        doubts = ids.doubts
        time = self._instants(self.happened)
        known_cell, known = "NULL", "CAST(NULL AS TIMESTAMP)"
        if self.noun == "signals" and "known_at" in self.at:
            known_cell, known = self._column("known_at"), self._instants("known_at")
        name = as_text(self._column("name"), self._kind("name"))
        value_cell, value = self._value()
        faults = self._faults(ids.damaged.format("customer_id"))
        items = "NULL"
        if self.noun == "signals":
            items = f"coalesce(items, CASE WHEN {_NAMES_ITEMS} THEN value_cell END)"
        which = " ".join(f"WHEN {fault.test} THEN {n}" for n, fault in enumerate(faults))
        at_fault = [literal(self.headers[f.role]) if f.role else "NULL" for f in faults]

        def by_fault(texts: Sequence[str]) -> str:
            cases = " ".join(f"WHEN {n} THEN {text}" for n, text in enumerate(texts))
            return f"CASE fault {cases} END"

        self.con.execute(
            f"""INSERT INTO lines
            WITH source AS (SELECT file_no, src, line_hash,
                    CAST({ids.sql} AS VARCHAR) AS customer_id, {time} AS time, {known} AS known,
                    nullif(trim(regexp_replace(replace(replace(strip_accents(lower({name})),
                        'ł', 'l'), 'ß', 'ss'), '[^a-z0-9]+', '_', 'g'), '_'), '') AS name,
                    nullif(trim({name}), '') AS name_cell, {value} AS value,
                    CAST({self._column(self.happened)} AS VARCHAR) AS time_cell,
                    CAST({known_cell} AS VARCHAR) AS known_cell,
                    CAST({value_cell} AS VARCHAR) AS value_cell, {self._items()} AS items
                FROM {self._relation}),
            judged AS (SELECT *, CASE {which} END AS fault FROM source)
            SELECT (CAST(file_no AS BIGINT) << {SRC_BITS}) | src, line_hash, customer_id, time,
                greatest(coalesce(known, time), time), name, value, {items},
                {by_fault([literal(f.reason) for f in faults])},
                {by_fault(at_fault)}, {by_fault([f.cell for f in faults])}
            FROM judged"""
        )
        self.con.execute(f"DROP TABLE IF EXISTS raw{self.number}")
        self.con.execute(f"DROP TABLE IF EXISTS clean{self.number}")
        self._tell()
        self.findings.doubts += doubts

    def _tell(self) -> None:
        """Note which column was taken for what, and which time was not taken."""
        text = fact("intake.text")
        self.findings.understood += [
            fact("intake.column_of_file", file=self.files, role=role, column=header,
                 note=self._notes.get(role, text))
            for role, header in self.headers.items()
        ]  # fmt: skip
        if self.noun != "signals" or "known_at" in self.at:
            return
        self.findings.understood.append(fact("intake.known_at_once", file=self.files))
        self.findings.doubts += [
            fact("intake.times_unused", column=name, file=self.files)
            for i, name in enumerate(self.shape.names)
            if i not in self.at.values() and _holds_times(self.shape, i)
        ][:3]


def _holds_times(shape: Shape, column: int) -> bool:
    if shape.types[column].startswith(("TIMESTAMP", "DATE")):
        return True
    cells = [row[column] or "" for row in shape.sample[:200] if not nothing(row[column])]
    # A number alone may be a date, but is more often something else.
    return bool(cells) and all(not cell.isdecimal() and looks_like_date(cell) for cell in cells)


def _set_aside_copies(con: duckdb.DuckDBPyConnection) -> None:
    """Mark lines that an earlier file holds already, equal in every column.

    Exports overlap, so a line in two files is one signal; twice in one file it happened twice.
    Of each line as many stay as the file with most of them holds.
    """
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
    unknown = set(given) - set(_ROLES[noun])
    if unknown:
        raise UsageError(
            "intake.no_side_role", file=label, noun=noun, role=min(unknown), key=_key(noun),
            roles=tuple(_ROLES[noun]),
        )  # fmt: skip
    headers = [normalised(name) for name in names]
    lowered = [name.lower() for name in names]
    at: dict[str, int] = {}
    for role, name in given.items():
        if name.strip().lower() not in lowered:
            raise UsageError(
                "intake.no_given_column", file=label, column=name, columns=tuple(names[:20])
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
                "intake.no_side_column", file=label, role=role, noun=noun,
                columns=tuple(names[:20]), key=_key(noun),
            )  # fmt: skip
    return {role: at[role] for role in _ROLES[noun] if role in at}


def _write_sorted(con: duckdb.DuckDBPyConnection, path: Path, noun: str, cutoff: date) -> None:
    """The kept lines in their order, in row groups of one size, so that bytes repeat."""
    import pyarrow as pa
    import pyarrow.parquet as pq

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


def _counted(
    con: duckdb.DuckDBPyConnection, cutoff: date, replaced: int
) -> tuple[int, int, int, int]:
    """Lines read, kept and ignored, and customers kept."""
    seen = f"reason IS NULL AND happened_at < {day_text(cutoff)}"
    read, kept, usable, customers = one_row(
        con,
        f"SELECT count(*) + (SELECT count(*) FROM rejected), count_if({seen}), "
        f"count_if(reason IS NULL), count(DISTINCT customer_id) FILTER ({seen}) FROM lines",
    )
    return int(read) + replaced, int(kept), int(usable - kept) + replaced, int(customers)


def _mend_ids(
    con: duckdb.DuckDBPyConnection, orders: Path | None, files: str, findings: Findings
) -> None:
    """Give lines the ids of the orders' customers where these came through changed."""
    if orders is None:
        return
    found = find_partners(
        con,
        "SELECT DISTINCT customer_id AS x FROM lines WHERE reason IS NULL",
        f"SELECT DISTINCT customer_id AS x FROM read_parquet({file_literal(orders)})",
    )
    if not found.mended:
        return
    import pyarrow as pa

    pairs = {"x": list(found.mended), "who": list(found.mended.values())}
    con.register("mended", pa.table(pairs))
    con.execute("UPDATE lines SET customer_id = who FROM mended WHERE customer_id = x")
    findings.understood.append(fact("intake.ids_mended", ids=len(found.mended), file=files))


def _strangers(
    con: duckdb.DuckDBPyConnection, cutoff: date, orders: Path | None, kept: int, files: str,
    findings: Findings,
) -> int:  # fmt: skip
    """How many kept lines are of no customer of the orders, noted with what might be amiss."""
    if orders is None or not kept:
        return 0
    theirs = f"read_parquet({file_literal(orders)})"
    con.execute(
        "CREATE TEMP TABLE strangers AS SELECT customer_id, count(*) AS n FROM lines ANTI JOIN "
        f"{theirs} USING (customer_id) WHERE reason IS NULL AND "
        f"happened_at < {day_text(cutoff)} GROUP BY customer_id"
    )
    count = int(one_row(con, "SELECT sum(n) FROM strangers")[0])
    if not count:
        return 0
    hints = []
    for change, code in (("lower({})", "alike_in_case"), ("ltrim({}, '0')", "alike_in_zeros")):
        ours, other = change.format("customer_id"), change.format("o.customer_id")
        would = one_row(
            con,
            f"SELECT sum(n) FROM strangers WHERE {ours} IN (SELECT {other} FROM {theirs} o)",
        )[0]
        if would:
            hints.append(fact(f"intake.{code}", lines=int(would)))
    if hints or 2 * count > kept:
        hint = joined(*hints, fact("intake.ids_as_in_orders"))
        findings.doubts.append(
            fact("intake.strangers_doubted", lines=count, of=kept, file=files, hint=hint)
        )
    else:
        findings.understood.append(fact("intake.strangers", lines=count, of=kept, file=files))
    return count


def _append(quarantine: Path, part: Path) -> None:
    """Add rows to a quarantine; a killed run leaves the old one."""
    new = quarantine.with_name(quarantine.name + ".part")
    shutil.copyfile(quarantine, new)
    with new.open("ab") as whole:
        whole.write(part.read_bytes().partition(b"\n")[2])
    os.replace(new, quarantine)
