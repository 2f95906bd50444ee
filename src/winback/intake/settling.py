"""A shop's export becomes canonical orders; what cannot be used is set aside with its reason."""

from __future__ import annotations

import csv
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypedDict, Unpack

from winback.errors import UsageError, WinbackError
from winback.intake.signals import SideTable, read_attributes, read_signals
from winback.params import MEMORY_LIMIT

__all__ = [
    "Intake", "Options", "SettledOrders", "SideTable", "read_attributes", "read_orders",
    "read_signals", "settled_orders",
]  # fmt: skip


_CONSENT = re.compile(
    r"consent|zgod[ay]|opt.?in|newsletter|accepts.?marketing|marketing.?(permission|allowed|ok)",
    re.IGNORECASE,
)
# Whoever holds less than a thousandth of all orders moves nothing, and would be told as 0.0 %.
_WORTH_TELLING = 0.001


@dataclass(frozen=True)
class Intake:
    """Where the canonical orders lie, the cutoff, and what was understood of the source."""

    orders_path: Path
    contacts_path: Path
    quarantine_path: Path
    cutoff: date
    summary: dict[str, Any]


class Options(TypedDict, total=False):
    """How orders are to be read.

    ``columns`` maps roles to headers where names mislead; ``cutoff`` is the first day not read
    (the day after the last purchase); ``timezone`` the shop's, for instants with an offset;
    ``currency`` a code for amounts that have none; ``consent_column`` holds yes or no to being
    written to; ``day_first`` says how 03/04 is to be read; ``memory_limit`` and ``threads`` are
    DuckDB's.
    """

    columns: Mapping[str, str] | None
    cutoff: date | None
    timezone: str | None
    currency: str | None
    consent_column: str | None
    day_first: bool | None
    memory_limit: str
    threads: int | None


@dataclass
class SettledOrders:
    """Orders that have been read and understood, and wait to be taken, once, in their order.

    ``stated`` is the metadata of ``orders.parquet``; ``first_day`` and ``last_day`` are the days
    of the first and the last believable purchase.
    """

    cutoff: date
    first_day: date
    last_day: date
    stated: dict[str, str]
    lines: int
    understood: list[str]
    _con: Any
    _out: Path
    _labels: list[str]
    _added: int
    _summary: dict[str, Any]
    _tally: Any

    def tables(self) -> Iterator[Any]:
        """Canonical lines of `LINE_COLUMNS`, as Arrow tables in the order of customers.

        Nothing is written; ids of orders and products are numbers that tell one from another.
        """
        from winback.intake import writing

        return writing.stream_orders(self._con, "written", self._tally)

    def intake(self, digest: str | None = None) -> Intake:
        """Where everything lies and what was understood, once all lines were taken.

        Raises WinbackError where lines were lost on the way.
        """
        from winback.intake import doubts, writing

        tally, end = self._tally, self.cutoff
        aside = writing.write_quarantine(self._con, self._out / "quarantine.csv", self._labels)
        counts = self._con.execute(
            "SELECT (SELECT count(*) FROM lines) + (SELECT count(*) FROM rejected), "
            f"(SELECT count(*) FROM kept WHERE ordered_at >= TIMESTAMP '{end.isoformat()}')"
        ).fetchall()[0]
        lines_in, ignored = (int(count) for count in counts)
        set_aside = sum(aside.values())
        kept = tally.rows - self._added
        if lines_in != kept + set_aside + ignored:
            raise WinbackError(
                f"Lines were lost: {lines_in:,} read, but {kept:,} kept, {set_aside:,} set "
                f"aside and {ignored:,} ignored. Please report this as a fault of winback."
            )
        suspicious = [
            person
            for person in doubts.find_suspicious(tally.busy, tally.purchases, tally.customers)
            if person["share_of_purchases"] >= _WORTH_TELLING
        ]
        for person in suspicious:
            self.understood.append(
                f"customer {person['customer_id']} holds {person['share_of_purchases']:.1%} of all "
                "orders and looks like a till, staff or a test account; kept"
            )
        summary = {
            "files": self._labels,
            "lines_in": lines_in,
            "lines_kept": kept,
            "lines_set_aside": {"total": set_aside, "by_reason": aside},
            "lines_ignored": ignored,
            "rows_added": self._added,
            "purchases": tally.purchases,
            "refunds": tally.refunds,
            "customers": tally.customers,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            **self._summary,
            "understood": list(dict.fromkeys(self.understood)),
            "suspicious_customers": suspicious,
            "orders_sha256": digest,
        }
        return Intake(
            orders_path=self._out / "orders.parquet",
            contacts_path=self._out / "contacts.parquet",
            quarantine_path=self._out / "quarantine.csv",
            cutoff=end,
            summary=summary,
        )


def read_orders(
    source: Any, out: str | Path, *, contact_columns: Sequence[str] = (),
    suppress: Path | None = None, progress: Callable[[str], None] | None = None,
    **options: Unpack[Options],
) -> Intake:  # fmt: skip
    """Read order lines from any export into canonical orders, contacts and a quarantine.

    `source` is a CSV, TSV or Parquet file (also .gz), a pattern, a folder, a list of
    those, a pandas DataFrame or a pyarrow Table. `orders.parquet` gets one row per line
    of an order or refund before `cutoff` (by default the day after the last purchase);
    `contacts.parquet` one row per customer, with the `contact_columns`; `quarantine.csv` one row
    per line set aside. Every line of the source is kept, set aside with a reason, or ignored
    because it is dated at or after the cutoff. Whoever `suppress` names, a file with an id or
    an address a line, is marked so. See `Options` for the rest.

    Raises UsageError when a needed column or the order of day and month is unclear, and
    WinbackError when the files hold no usable table, several currencies or no purchase.
    """
    from winback.intake import writing

    say, out = progress or (lambda message: None), Path(out)
    kept_out = _read_suppressed(suppress) if suppress is not None else None
    with settled_orders(
        source, out, contact_columns=contact_columns, progress=progress, **options
    ) as settled:
        con = settled._con
        say("writing orders")
        barred = writing.write_contacts(
            con, out / "contacts.parquet", contact_columns, settled.cutoff, kept_out
        )
        digest = writing.write_orders(
            con, out / "orders.parquet", "written", settled.stated, settled._tally
        )
        if suppress is not None:
            settled.understood.append(
                f"{Path(suppress).name} ({len(kept_out or ()):,} entries) keeps {barred:,} "
                "customers out of every list"
            )
        return settled.intake(digest)


@contextmanager
def settled_orders(
    source: Any, out: str | Path, *, contact_columns: Sequence[str] = (),
    progress: Callable[[str], None] | None = None, **options: Unpack[Options],
) -> Iterator[SettledOrders]:  # fmt: skip
    """The same orders before anything of them is written, for whoever takes their lines at once.

    Raises what `read_orders` does.
    """
    import duckdb

    from winback.intake import doubts, lines, orders, reading, writing
    from winback.intake.sorting import Tally
    from winback.intake.values import check_settings

    say = progress or (lambda message: None)
    memory_limit = options.get("memory_limit", MEMORY_LIMIT)
    check_settings(options.get("timezone"), options.get("currency"), memory_limit)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    consent_column, cutoff = options.get("consent_column"), options.get("cutoff")
    given = dict(options.get("columns") or {})
    if consent_column is not None:
        given["consent"] = consent_column
    with tempfile.TemporaryDirectory(prefix=".intake", dir=out) as folder:
        scratch = Path(folder)
        con = duckdb.connect(config={"temp_directory": str(scratch / "spill")})
        sources: list[reading.Source] = []
        try:
            con.execute(f"SET memory_limit = '{memory_limit}'")
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET enable_progress_bar = false")
            threads = options.get("threads")
            if threads is not None:
                con.execute(f"SET threads = {int(threads)}")
            if reading.is_frame(source):
                sources = [reading.open_frame(con, source)]
            else:
                sources = reading.open_files(con, reading.list_files(source), scratch)
            lines.create_tables(con, len(contact_columns))
            shapes: dict[Any, list[tuple[int, reading.Source]]] = {}
            for number, one in enumerate(sources):
                key = (one.shape.names, one.shape.types, bool(one.relation))
                shapes.setdefault(key, []).append((number, one))
            groups, in_place = [], []
            for number, members in enumerate(shapes.values()):
                say(f"reading {', '.join(one.label for _, one in members[:3])}")
                group = lines.Group(
                    con, number, members, given=given, contacts=contact_columns, scratch=scratch
                )
                select, stays = group.parse(
                    day_first=options.get("day_first"),
                    timezone=options.get("timezone"),
                    contact_count=len(contact_columns),
                )
                if stays:
                    in_place.append(select)
                else:
                    con.execute(f"INSERT INTO loaded {select}")
                    con.execute(f"DROP TABLE IF EXISTS raw{number}")
                    con.execute(f"DROP TABLE IF EXISTS clean{number}")
                groups.append(group)
            lines.settle_lines(con, in_place)
            if consent_column is not None:
                writing.check_consent(con, f"{groups[0].label}: column '{consent_column}'")
            say("settling amounts, refunds and repeats")
            code = orders.settle_currency(con, groups, options.get("currency"))
            flipped = orders.flip_credit_notes(con)
            scale, rounded = orders.settle_scale(con)
            older = orders.set_aside_older(con, groups)
            repeats = orders.set_aside_duplicates(con)
            count, most, total = orders.settle_kinds(con, scale)
            first, last, lonely, unsure = orders.find_lonely_days(con, cutoff)
            if lonely:
                orders.set_aside_lonely(con, lonely)
            end = cutoff or last + timedelta(days=1)
            added, back_dated = orders.add_refunds(con, scale, end)
            facts = _facts(con, scale, code, end, groups)
            orders.define_written(con, end)
            rows = con.execute("SELECT count(*) FROM written").fetchall()[0][0]
            understood = [sentence for group in groups for sentence in group.understood]
            if consent_column is None:
                understood += _unused_consent(groups[0].names)
            turned = sum(group.turned for group in groups)
            understood += _told(con, flipped, turned, older, back_dated, lonely, repeats)
            understood += unsure + doubts.find_giant(con, scale, code, count, most, total)
            yield SettledOrders(
                cutoff=end, first_day=first, last_day=last, stated=facts, lines=int(rows),
                understood=understood, _con=con, _out=out,
                _labels=[one.label for one in sources], _added=added,
                _summary={
                    "amount_scale": scale,
                    "currency": code,
                    "amounts_rounded": rounded,
                    "possible_repeats_kept": repeats,
                    "signs_turned": flipped + turned,
                    "columns": {
                        role: groups[0].names[position]
                        for role, position in groups[0].roles.items()
                    },
                },
                _tally=Tally(),
            )  # fmt: skip
        except duckdb.Error as error:
            # Such as statistics that do not hold for the values, or a disk that is full. What
            # the other errors say may name a value.
            said = str(error).splitlines()[0][:200]
            if not isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
                said = said.split(":")[0]
            raise WinbackError(
                f"{', '.join(one.label for one in sources[:3]) or 'the source'}: the lines could "
                f"not be read or sorted ({said}); perhaps a Parquet file's own statistics do not "
                "hold for its values. Write the file anew, "
                "or give more memory with --memory-limit."
            ) from error
        finally:
            con.close()


def _unused_consent(names: Sequence[str]) -> list[str]:
    """A column that looks like consent must not be passed over without a word."""
    alike = [name for name in names if _CONSENT.search(name)]
    return [
        f"look at the consents: column '{name}' is not used, so that whoever refused is not left "
        f'out; if it is the consent to be written to, give --consent-column "{name}"'
        for name in alike[:1]
    ]


def _told(
    con: Any, flipped: int, turned: int, older: int, back_dated: int, lonely: Sequence[date],
    repeats: int,
) -> list[str]:  # fmt: skip
    """What was done with odd lines, a sentence for each kind of them."""
    told = []
    if flipped:
        told.append(
            f"{flipped:,} lines of credit notes (C before an order's number) were written as "
            "positive and count as refunds"
        )
    if turned:
        told.append(
            f"{turned:,} lines of credit notes or refunds were written as positive and count as "
            "refunds"
        )
    if older:
        told.append(f"{older:,} lines come again in a later file with another status, which holds")
    if back_dated:
        told.append(
            f"{back_dated:,} refunds have no date of their own and are dated like their order"
        )
    if lonely:
        days = ", ".join(day.isoformat() for day in lonely[:5])
        count = con.execute("SELECT count(*) FROM set_aside WHERE reason = 'lonely_date'")
        told.append(
            f"{count.fetchall()[0][0]:,} lines dated {days} stand far from all others; set aside"
        )
    if repeats:
        told.append(
            f"{repeats:,} lines equal another in every column; without order ids they may be real "
            "and are kept"
        )
    return told


def _facts(con: Any, scale: int, code: str, end: date, groups: Sequence[Any]) -> dict[str, str]:
    before = f"FROM canonical WHERE ordered_at < TIMESTAMP '{end.isoformat()}'"
    clock = "CAST(ordered_at AS TIME)"

    def found(what: str) -> str:
        # The first such line ends the search.
        return "1" if con.execute(f"SELECT 1 {before} AND {what} LIMIT 1").fetchall() else "0"

    has_time = found(f"{clock} <> (SELECT {clock} {before} LIMIT 1)")
    has_products, has_quantity = (found(f"{n} IS NOT NULL") for n in ("product_id", "quantity"))
    return {
        "amount_scale": str(scale),
        "currency": code,
        "has_time": has_time,
        "has_products": has_products,
        "has_quantity": has_quantity,
    }


def _read_suppressed(path: Path) -> list[str]:
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"{path.name}: the file of customers to leave out does not exist.")
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    delimiter = next((mark for mark in ";\t," if mark in text.split("\n", 1)[0]), ",")
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    # Ids are compared in NFC, as orders keep them.
    ids = (unicodedata.normalize("NFC", row[0].strip()) for row in rows if row)
    return sorted({one for one in ids if one})
