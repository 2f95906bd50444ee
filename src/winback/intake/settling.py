"""A shop's export becomes canonical orders; what cannot be used is set aside with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Unpack

import duckdb

from winback.errors import UsageError, WinbackError
from winback.intake import doubts, orders, writing
from winback.intake.beside import of_orders
from winback.intake.cells import one_row
from winback.intake.consents import unused_columns
from winback.intake.copies import set_aside_copies
from winback.intake.databases import is_database, open_database
from winback.intake.dates import known_zone
from winback.intake.doubts import masked
from winback.intake.engine import check_memory_limit, unsorted, workshop
from winback.intake.findings import Findings, distinct, ranked
from winback.intake.flags import check_told
from winback.intake.folders import own_table
from winback.intake.gatekeeping import Cells, Gate, Kept, write_privacy
from winback.intake.identities import find_addresses
from winback.intake.lines import SRC_BITS, Group, create_tables, define_kept, settle_lines
from winback.intake.own import OwnGroup
from winback.intake.products import find_names, write_names
from winback.intake.shapes import Source, Wanted
from winback.intake.sorting import Tally
from winback.intake.sources import by_header, open_source
from winback.intake.told import Options, asked_by, told_by
from winback.intake.total_rows import set_aside_total_rows
from winback.intake.watched import find_watched, write_marks
from winback.intake.withheld import Withheld
from winback.params import MEMORY_LIMIT
from winback.results.base import Fact, fact
from winback.results.inspected import RowRead
from winback.results.intake import IngestSummary, SetAside
from winback.tables.history import PRIVACY, SHOP_MARKS
from winback.tables.recommended import PRODUCT_TABLE

# Whoever holds less than a thousandth of all orders moves nothing, and would be told as 0.0 %.
_WORTH_TELLING = 0.001

Say = Callable[[Fact], None]


@dataclass(frozen=True)
class Intake:
    """Where the canonical orders lie, the cutoff, and what was understood of the source.

    ``withheld`` is who must not come back with what lies beside the orders.
    """

    orders_path: Path
    contacts_path: Path
    privacy_path: Path
    quarantine_path: Path
    cutoff: date
    summary: IngestSummary
    withheld: Withheld = field(default_factory=Withheld)


@dataclass(frozen=True)
class _Settled:
    """What settling the lines decided and counted, of which the summary tells."""

    scale: int
    rounded: int
    currency: str
    repeats: int
    signs_turned: int
    rows_added: int
    columns: dict[str, str]
    files: tuple[str, ...]
    watched: tuple[str, ...] | None
    kept: Kept
    # Columns of the lines that name a product and its category; empty where there are none.
    called: tuple[str, str]


class SettledOrders:
    """Orders that have been read and understood, and wait to be taken, once, in their order.

    ``stated`` is the metadata of ``orders.parquet``; ``first_day`` and ``last_day`` are the days
    of the first and the last believable purchase; ``lines`` how many there are to take;
    ``findings`` what was understood so far.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, out: Path, labels: Sequence[str], *, cutoff: date,
        days: tuple[date, date], stated: dict[str, str], settled: _Settled, findings: Findings,
        group: Group,
    ) -> None:  # fmt: skip
        self.cutoff, self.stated, self.findings = cutoff, stated, findings
        self.first_day, self.last_day = days
        self.lines = int(one_row(con, "SELECT count(*) FROM written")[0])
        self._con, self._out, self._labels, self._settled = con, out, labels, settled
        self._tally, self._group = Tally(cutoff), group

    def tables(self) -> Iterator[Any]:
        """Canonical lines of `LINE_COLUMNS`, as Arrow tables in the order of customers.

        Nothing is written; ids of orders and products are numbers that tell one from another.
        """
        return writing.stream_orders(self._con, "written", self._tally)

    def first_rows(self, count: int = 3) -> tuple[RowRead, ...]:
        """The first rows of the first file, as they are written and as they are read."""
        roles, shape = self._group.roles, self._group.first.shape
        start, top = one_row(
            self._con,
            "SELECT coalesce(min(first), 0), coalesce(min(top), 1) FROM file_starts "
            f"WHERE file_no = {self._group.number}",
        )
        start += self._group.number << SRC_BITS
        found = self._con.execute(
            f"SELECT line, coalesce(l.reason, s.reason), CAST(customer_id AS VARCHAR), "
            f"CAST(order_id AS VARCHAR), ordered_at, quantity, "
            f"CASE WHEN t.line IS NULL THEN value ELSE -value END FROM lines l "
            "LEFT JOIN set_aside s USING (line) LEFT JOIN turned t USING (line) "
            f"WHERE line >= {start} AND line < {start + count} ORDER BY line"
        ).fetchall()
        rows = []
        for line, reason, customer, order, ordered_at, quantity, value in found:
            if line - start >= len(shape.sample):
                break
            cells = shape.sample[line - start]
            written = {
                role: masked(cell[:40]) if role == "customer" or "@" in cell else cell[:40]
                for role, at in roles.items()
                if (cell := cells[at])
            }
            rows.append(
                RowRead(
                    row=line - start + top, written=written,
                    customer=masked(customer) if customer else None, order=order,
                    ordered_at=ordered_at, quantity=quantity, amount=value, reason=reason,
                )
            )  # fmt: skip
        return tuple(rows)

    def write(self, contact_columns: Sequence[str] = ()) -> Intake:
        """Write ``orders.parquet``, ``contacts.parquet``, ``privacy.parquet``, ``quarantine.csv``.

        And where it was said what is watched ``shop_marks.parquet``, and ``product_table.parquet``
        of names that the lines bear.
        """
        contacts = self._out / "contacts.parquet"
        writing.write_contacts(self._con, contacts, contact_columns, self.cutoff)
        write_privacy(
            self._con, self._out / PRIVACY.name, gated=self._settled.kept.read is not None
        )  # fmt: skip
        if self._settled.watched is not None:
            write_marks(
                self._con, self._out / SHOP_MARKS.name, self._settled.watched, self.cutoff
            )  # fmt: skip
        if any(self._settled.called):
            write_names(
                self._con, self._out / PRODUCT_TABLE.name, *self._settled.called, self.cutoff
            )  # fmt: skip
        digest = writing.write_orders(
            self._con, self._out / "orders.parquet", "written", self.stated, self._tally
        )
        return self.intake(digest)

    def intake(self, digest: str | None = None) -> Intake:
        """Where everything lies and what was understood, once all lines were taken.

        Raises WinbackError where lines were lost on the way.
        """
        quarantine = self._out / "quarantine.csv"
        aside = writing.write_quarantine(self._con, quarantine, self._labels)
        return Intake(
            orders_path=self._out / "orders.parquet",
            contacts_path=self._out / "contacts.parquet",
            privacy_path=self._out / PRIVACY.name,
            quarantine_path=quarantine,
            cutoff=self.cutoff,
            summary=self._summary(aside, digest),
            withheld=self._settled.kept.withheld,
        )

    def _summary(self, aside: dict[str, int], digest: str | None) -> IngestSummary:
        tally, settled = self._tally, self._settled
        lines_in, ignored = one_row(
            self._con,
            "SELECT (SELECT count(*) FROM lines) + (SELECT count(*) FROM rejected), (SELECT "
            f"count(*) FROM kept WHERE ordered_at >= TIMESTAMP '{self.cutoff.isoformat()}')",
        )
        kept = tally.rows - settled.rows_added
        set_aside = SetAside(
            total=sum(aside.values()), by_reason=aside,
            amount_by_reason=writing.amounts_aside(self._con) if aside else {},
        )  # fmt: skip
        withheld = settled.kept.lines
        if lines_in != kept + set_aside.total + ignored + sum(withheld.values()):
            raise WinbackError(
                "intake.lines_lost", read=lines_in, kept=kept, aside=set_aside.total,
                ignored=ignored, withheld=sum(withheld.values()),
            )  # fmt: skip
        suspicious = tuple(
            one
            for one in doubts.find_suspicious(tally.busy, tally.purchases, tally.customers)
            if one.share_of_purchases >= _WORTH_TELLING
        )
        busy = [
            fact("intake.suspicious", customer=one.customer_id, share=one.share_of_purchases)
            for one in suspicious
        ]
        return IngestSummary(
            cutoff=self.cutoff,
            files=settled.files,
            lines_in=lines_in,
            lines_kept=kept,
            lines_set_aside=set_aside,
            lines_ignored=ignored,
            lines_withheld=withheld,
            rows_added=settled.rows_added,
            purchases=tally.purchases,
            refunds=tally.refunds,
            customers=tally.customers,
            gross=tally.gross / settled.scale,
            refunded=tally.refunded / settled.scale,
            first_day=self.first_day,
            last_day=self.last_day,
            amount_scale=settled.scale,
            currency=settled.currency,
            amounts_rounded=settled.rounded,
            possible_repeats_kept=settled.repeats,
            signs_turned=settled.signs_turned,
            columns=settled.columns,
            understood=distinct([*self.findings.understood, *busy]),
            doubts=ranked(self.findings.doubts),
            suspicious_customers=suspicious,
            orders_sha256=digest,
            privacy=settled.kept.read,
        )


def read_orders(
    source: Any, out: str | Path, *, contact_columns: Sequence[str] = (),
    progress: Say | None = None, **options: Unpack[Options],
) -> Intake:  # fmt: skip
    """Read order lines from any export into canonical orders, contacts and a quarantine.

    `source` is a file of text, a workbook, Parquet or JSON, packed or not, a pattern, a folder,
    a list of those, a database, a pandas DataFrame or a pyarrow Table. `orders.parquet` gets one
    row per line of an order or refund before `cutoff` (by default the day after the last purchase);
    `contacts.parquet` one row per customer, with the `contact_columns`; `privacy.parquet` who may
    be written to; `quarantine.csv` one row per line set aside. Every line of the source is kept,
    set aside with a reason, ignored because it is dated at or after the cutoff, or withheld, since
    it is of somebody who may not be profiled or was erased. `progress` is told a fact at each
    step. See `Options` for the rest.

    Raises UsageError when a needed column or the order of day and month is unclear, and
    WinbackError when the files hold no usable table, several currencies or no purchase.
    """
    with settled_orders(
        source, out, contact_columns=contact_columns, progress=progress, **options
    ) as settled:
        if progress is not None:
            progress(fact("progress.writing_orders"))
        return settled.write(contact_columns)


@contextmanager
def settled_orders(
    source: Any, out: str | Path, *, contact_columns: Sequence[str] = (),
    progress: Say | None = None, **options: Unpack[Options],
) -> Iterator[SettledOrders]:  # fmt: skip
    """The same orders before anything of them is written, for whoever takes their lines at once.

    Raises what `read_orders` does.
    """
    memory_limit = options.get("memory_limit", MEMORY_LIMIT)
    asked = asked_by(options)
    for _, file in asked.privacy.files:
        # Before an hour of reading, not after it.
        if not Path(file).is_file():
            raise UsageError("intake.no_privacy_file", file=file)
    _check_settings(options.get("timezone"), options.get("currency"))
    check_memory_limit(memory_limit)
    say, out = progress or (lambda _: None), Path(out)
    labels: list[str] = []
    with workshop(
        out, "intake", memory_limit=memory_limit, threads=options.get("threads")
    ) as (con, scratch):  # fmt: skip
        try:
            if is_database(source):
                table, query = options.get("table"), options.get("query")
                say(fact("progress.asking_database"))
                sources = [open_database(con, source, scratch, table=table, query=query)]
            else:
                if options.get("query"):
                    raise UsageError("databases.query_of_file")
                sources = open_source(con, source, scratch, _wanted(options))
            labels += [one.label for one in sources]
            watched = None
            if "watch_columns" in options:
                watched = find_watched(sources, options["watch_columns"])
            spare = _Spare(
                tuple(contact_columns), asked.privacy.columns, watched,
                find_addresses(sources) if asked.people else (), asked.privacy.tables,
                ("", "") if watched is None else find_names(sources),
            )  # fmt: skip
            groups = _read_groups(con, sources, scratch, spare, options, say)
            say(fact("progress.settling_orders"))

            def gate(cutoff: date) -> Gate:
                return Gate(
                    con, asked, source=source, scratch=scratch, cutoff=cutoff, options=options,
                    cells=spare.cells(any(group.is_phone for group in groups)),
                    label=groups[0].label,
                )  # fmt: skip

            yield _settle(
                con, groups, out, labels, options, spare, gate if asked.anything else None
            )
        except duckdb.Error as error:
            raise unsorted(error, labels) from error


@dataclass(frozen=True)
class _Spare:
    """Columns that are read beside those that play a role, by their headers."""

    contacts: tuple[str, ...]
    privacy: tuple[str, ...]
    watched: tuple[str, ...] | None
    addresses: tuple[str, ...]
    tables: tuple[str, ...] = ()
    called: tuple[str, str] = ("", "")

    @property
    def needed(self) -> tuple[str, ...]:
        """Those that each file must have: ``k0``… of the lines."""
        return (*self.contacts, *self.privacy)

    @property
    def wished(self) -> tuple[str, ...]:
        """Those that a file may lack: ``w0``… of the lines."""
        return (*(self.watched or ()), *self.addresses, *filter(None, self.called))

    @property
    def of_products(self) -> tuple[str, str]:
        """Where in the lines names and categories of products stand; empty where nowhere."""
        first = len(self.watched or ()) + len(self.addresses)
        name, category = self.called
        return f"w{first}" if name else "", f"w{first + bool(name)}" if category else ""

    def cells(self, phones: bool) -> Cells:
        """Where in the lines consents, addresses and phone numbers stand."""
        first, after = len(self.contacts), len(self.watched or ())
        return Cells(
            {name.strip().lower(): f"k{first + n}" for n, name in enumerate(self.privacy)},
            [*(f"k{n}" for n in range(first)),
             *(f"w{after + n}" for n in range(len(self.addresses)))],
            phones,
        )  # fmt: skip


def _wanted(options: Options) -> Wanted:
    """What is told of the files themselves."""
    columns = options.get("columns") or {}
    money = tuple(columns[role] for role in ("amount", "price") if role in columns)
    return Wanted(options.get("table"), money)


def _check_settings(timezone: str | None, currency: str | None) -> None:
    """Raise UsageError for a time zone or currency that there cannot be."""
    if timezone:
        known_zone(timezone)
    if currency and not re.fullmatch("[A-Za-z]{3}", currency.strip()):
        raise UsageError("intake.currency_code", given=currency)


def _read_groups(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Source], scratch: Path, spare: _Spare,
    options: Options, say: Say,
) -> list[Group]:  # fmt: skip
    """Read the files into `lines`, those of one header together."""
    told, contacts, watched = told_by(options), spare.needed, spare.wished
    create_tables(con, len(contacts), len(watched))
    groups: list[Group] = []
    in_place: list[str] = []
    alike, beside = of_orders(by_header(sources), told, spare.tables)
    for number, members in enumerate(alike):
        labels = [one.label for _, one in members[:3]]
        say(fact("progress.reading_files", files=tuple(labels)))
        names = members[0][1].shape.names
        for column in spare.privacy:
            if column.strip().lower() not in map(str.lower, names):
                raise UsageError(
                    "intake.no_privacy_column", file=labels[0], column=column, columns=names[:20]
                )
        if own_table(members[0][1].shape.names) and not told.columns:
            group: Group = OwnGroup(con, members, told=told, contacts=contacts, watched=watched)
        else:
            group = Group(
                con, number, members, told=told, contacts=contacts, scratch=scratch,
                watched=watched,
            )  # fmt: skip
        select, stays = group.parse()
        if stays:
            in_place.append(select)
        else:
            con.execute(f"INSERT INTO loaded {select}")
            con.execute(f"DROP TABLE IF EXISTS raw{number}")
            con.execute(f"DROP TABLE IF EXISTS clean{number}")
        groups.append(group)
    groups[0].findings.doubts += beside
    seen: dict[str, set[str]] = {}
    for group in groups:
        for name, values in group.judges.seen.items():
            seen.setdefault(name, set()).update(values)
    headers = dict.fromkeys(name for group in groups for name in group.names)
    states = {value for group in groups for value in group.judges.states}
    check_told(groups[0].label, tuple(headers), told, seen, states)
    settle_lines(con, in_place)
    return groups


def _settle(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Group], out: Path, labels: Sequence[str],
    options: Options, spare: _Spare, gate: Callable[[date], Gate] | None,
) -> SettledOrders:  # fmt: skip
    """Settle what the lines mean, up to the rows that will be written."""
    cutoff = options.get("cutoff")
    currency = orders.settle_currency(con, groups, options.get("currency"))
    flipped = orders.flip_credit_notes(con)
    findings = Findings()
    set_aside_total_rows(con, groups, findings)
    scale, rounded = orders.settle_scale(con, exact=all(group.exact for group in groups))
    copies = set_aside_copies(con, groups, options.get("copies"))
    count, most, total = orders.settle_kinds(con, scale)
    first, last, lonely, unsure = orders.find_lonely_days(con, cutoff, scale)
    far_off = orders.set_aside_lonely(con, lonely)
    end = cutoff or _day_after(con, groups, last)
    kept = Kept()
    if gate is not None:
        kept = gate(end).keep(findings)
        if kept.lines:
            define_kept(con)
            first, last = _days_left(con, first, last)
    added, back_dated = orders.add_refunds(con, scale, end)
    stated = _stated(con, scale, currency, end)
    orders.define_written(con, end)
    turned = sum(group.turned for group in groups)
    for group in groups:
        findings.add(group.findings)
    unsure_ids = sorted({one for group in groups for one in group.unsure})
    nobody, perhaps = doubts.find_nobody(con, unsure_ids)
    findings.understood += nobody
    findings.doubts += perhaps
    used = [group.names[place] for group in groups for place in group.roles.values()]
    used += [a.column or a.name for a in kept.read.sources] if kept.read else []
    findings.doubts += unused_columns([group.first.shape for group in groups], used)
    findings.understood += [
        fact(f"intake.{code}", lines=lines)
        for code, lines in (
            ("notes_flipped", flipped),
            ("events_flipped", turned),
            ("back_dated", back_dated),
        )
        if lines
    ]
    if lonely:
        days = tuple(fact("intake.day", day=day) for day in lonely[:5])
        findings.understood.append(fact("intake.lonely", lines=far_off, days=days))
    findings.add(copies.findings)
    if copies.repeats:
        findings.understood.append(fact("intake.repeats_kept", lines=copies.repeats))
    findings.doubts += unsure + doubts.find_giant(con, scale, count, most, total)
    names, roles = groups[0].names, groups[0].roles
    settled = _Settled(
        scale, rounded, currency, copies.repeats, flipped + turned, added,
        {role: names[position] for role, position in roles.items()},
        tuple(label for label in labels if any(label in group.labels for group in groups)),
        spare.watched, kept, spare.of_products,
    )  # fmt: skip
    return SettledOrders(
        con, out, labels, cutoff=end, days=(first, last), stated=stated, settled=settled,
        findings=findings, group=groups[0],
    )  # fmt: skip


def _days_left(con: duckdb.DuckDBPyConnection, first: date, last: date) -> tuple[date, date]:
    """The days of the first and the last believable purchase of those who stay."""
    found = con.execute(
        "SELECT min(day), max(day) FROM bought WHERE day BETWEEN ? AND ?", [first, last]
    ).fetchall()[0]
    if found[0] is None:
        raise WinbackError("intake.no_purchase_left")
    return found[0], found[1]


def _day_after(con: duckdb.DuckDBPyConnection, groups: Sequence[Group], last: date) -> date:
    """The day after the last purchase; after the last line of orders that were cut off before."""
    if all(isinstance(group, OwnGroup) for group in groups):
        found = con.execute("SELECT CAST(max(ordered_at) AS DATE) FROM kept").fetchall()[0][0]
        last = max(last, found)
    return last + timedelta(days=1)


def _stated(
    con: duckdb.DuckDBPyConnection, scale: int, currency: str, end: date
) -> dict[str, str]:  # fmt: skip
    """What the orders say of themselves in their metadata."""
    before = f"FROM canonical WHERE ordered_at < TIMESTAMP '{end.isoformat()}'"
    clock = "CAST(ordered_at AS TIME)"

    def found(what: str) -> str:
        # The first such line ends the search.
        return "1" if con.execute(f"SELECT 1 {before} AND {what} LIMIT 1").fetchall() else "0"

    return {
        "amount_scale": str(scale),
        "currency": currency,
        "has_time": found(f"{clock} <> (SELECT {clock} {before} LIMIT 1)"),
        "has_products": found("product_id IS NOT NULL"),
        "has_quantity": found("quantity IS NOT NULL"),
    }
