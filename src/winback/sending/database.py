"""A table of PostgreSQL that rows are written to: the only room that writes in a database.

What a driver says when it fails becomes one line, without credentials and without data, as where
orders are read (`winback.intake.connections`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from winback.crm.fields import FieldKind
from winback.errors import UsageError, WinbackError
from winback.extras import require
from winback.intake.cells import identifier
from winback.intake.connections import Place, failure_of, libpq

if TYPE_CHECKING:
    import pyarrow as pa

STAMP = "updated_at"
"""When a row last changed, by the database's own clock; kept only where the table has it."""

_STAGE = "winback_stage"
# What PostgreSQL cuts a longer name to without a word.
_NAME_BYTES = 63
# States of SQL: of a value (22, 23), of a moment (08, 40, 53, 55, 57, 58).
_OF_VALUES = ("22", "23")
_OF_A_MOMENT = ("08", "40", "53", "55", "57", "58")


class RefusedRows(Exception):
    """The database takes at least one of the rows not; nothing of them was written.

    ``said`` is its reason in one line, without the value.
    """

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class TryLater(Exception):
    """The connection broke, or the server is busy: whether anything was written is not known."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True)
class TableColumn:
    """A column of the table: its name, its type as SQL writes it, whether it is a key."""

    name: str
    kind: str
    compared_as: str
    unique: bool


@dataclass(frozen=True)
class Counts:
    """What an upsert would do, or did, in rows; ``same`` hold the values already."""

    created: int
    changed: int
    same: int


def place_to_write(address: str) -> Place:
    """The database behind an address that may hold a password, since no file holds the address."""
    url = urlsplit(address)
    if url.scheme.partition("+")[0].lower() not in ("postgresql", "postgres"):
        raise UsageError("pushed.no_postgresql", scheme=url.scheme or "?")
    return Place("postgresql", address, unquote(url.path.strip("/")) or url.scheme)


@contextmanager
def writing(place: Place) -> Iterator[Transaction]:
    """One transaction, kept when the block ends well and undone when it does not.

    Raises:
        RefusedRows, TryLater: as they say.
        WinbackError: no connection, no right, no such column.
    """
    require("databases")
    import adbc_driver_manager as manager
    import adbc_driver_postgresql as driver

    with ExitStack() as open_now:
        with _told(place):
            base = open_now.enter_context(driver.connect(libpq(place.address)))
            connection = open_now.enter_context(manager.AdbcConnection(base))
            connection.set_autocommit(False)
        transaction = Transaction(place, connection)
        try:
            yield transaction
        except BaseException:
            # A broken connection has nothing left to undo.
            with ExitStack() as quiet:
                quiet.push(lambda kind, *_: kind is not None and issubclass(kind, manager.Error))
                connection.rollback()
            raise
        with _told(place):
            connection.commit()


@contextmanager
def _told(place: Place) -> Iterator[None]:
    import adbc_driver_manager as manager
    import pyarrow as pa

    failed: Exception | None = None
    try:
        yield
    except (manager.Error, pa.ArrowException, OSError) as error:
        state = str(getattr(error, "sqlstate", None) or "")[:2]
        line = failure_of(place, error)
        said = str(line.values.get("said", ""))
        if state in _OF_VALUES:
            failed = RefusedRows(said)
        elif state in _OF_A_MOMENT or line.code == "databases.no_connection":
            failed = TryLater(said)
        elif line.code == "databases.no_login":
            failed = WinbackError("pushed.no_login", place=line.values["place"])
        elif line.code == "databases.refused":
            failed = WinbackError("pushed.database_refused", place=line.values["place"], said=said)
        else:
            failed = line
    if failed is not None:
        # A traceback would show the driver's own words.
        raise failed from None


class Transaction:
    """What can be done in one transaction: ask, look at a table, upsert, clear."""

    # The driver has no types.
    def __init__(self, place: Place, connection: Any) -> None:
        self._place, self._connection = place, connection
        self._loaded = 0

    def columns(self, table: str) -> dict[str, TableColumn]:
        """The columns of a table, quoted as SQL needs it; none where there is no such table."""
        rows = self._ask(
            "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), "
            # A cast to varchar(9) would cut where an assignment refuses.
            "CASE WHEN t.typcategory = 'S' THEN 'text' "
            "ELSE format_type(a.atttypid, a.atttypmod) END, "
            "EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique "
            "AND i.indimmediate AND i.indpred IS NULL AND i.indnkeyatts = 1 "
            "AND i.indkey[0] = a.attnum) "
            "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
            f"WHERE a.attrelid = to_regclass({_literal(table)}) AND a.attnum > 0 "
            "AND NOT a.attisdropped ORDER BY a.attnum"
        )
        return {str(row[0]): TableColumn(*row) for row in rows}

    def create(self, table: str, key: str, types: Mapping[str, str]) -> None:
        """Make the table, its key first and :data:`STAMP` last."""
        lines = [f"{identifier(key)} text PRIMARY KEY"]
        lines += [f"{identifier(name)} {kind}" for name, kind in types.items()]
        lines.append(f"{STAMP} timestamptz NOT NULL DEFAULT now()")
        self.run(f"CREATE TABLE {table} ({', '.join(lines)})")

    def load(self, rows: pa.Table) -> None:
        """Put rows where :meth:`upsert` and :meth:`clear` find them, in place of earlier ones."""
        import adbc_driver_manager as manager

        with _told(self._place):
            if self._loaded:
                self.run(f"DROP TABLE {_STAGE}")
            with manager.AdbcStatement(self._connection) as statement:
                statement.set_options(
                    **{
                        "adbc.ingest.target_table": _STAGE,
                        "adbc.ingest.temporary": "true",
                        "adbc.ingest.mode": "adbc.ingest.mode.create",
                    }
                )
                statement.bind_stream(rows.to_reader())
                statement.execute_update()
            self._loaded += 1
        # Else a join of millions is planned for a handful.
        self.run(f"ANALYZE {_STAGE}")

    def counts(
        self, table: str, key: str, names: Sequence[str], columns: Mapping[str, TableColumn]
    ) -> Counts:
        """What an upsert of the loaded rows would do."""
        differ = _differ(names, "h", "g")
        found = self._ask(
            f"{_given(key, names, columns)} SELECT count(*) FILTER (WHERE h.{identifier(key)} IS "
            f"NULL), count(*) FILTER (WHERE h.{identifier(key)} IS NOT NULL AND {differ}), "
            f"count(*) FROM given g LEFT JOIN {table} h ON {_same(key, 'h', 'g')}"
        )
        created, changed, every = (int(each) for each in found[0])
        return Counts(created, changed, every - created - changed)

    def upsert(
        self, table: str, key: str, names: Sequence[str], columns: Mapping[str, TableColumn],
        *, create: bool,
    ) -> None:  # fmt: skip
        """Write the loaded rows; one that the table holds already is not touched, nor locked."""
        given, stamp = _given(key, names, columns), STAMP in columns
        if not create:
            sets = [f"{identifier(name)} = g.{identifier(name)}" for name in names]
            self.run(
                f"{given} UPDATE {table} h SET {_set(sets, stamp)} FROM given g "
                f"WHERE {_same(key, 'h', 'g')} AND {_differ(names, 'h', 'g')}"
            )
            return
        listed = ", ".join(identifier(name) for name in (key, *names))
        picked = ", ".join(f"g.{identifier(name)}" for name in (key, *names))
        sets = [f"{identifier(name)} = excluded.{identifier(name)}" for name in names]
        self.run(
            f"{given} INSERT INTO {table} AS held ({listed}) SELECT {picked} FROM given g "
            f"LEFT JOIN {table} h ON {_same(key, 'h', 'g')} "
            f"WHERE h.{identifier(key)} IS NULL OR {_differ(names, 'h', 'g')} "
            # Two who write at once take their locks in one order.
            f"ORDER BY g.{identifier(key)} "
            f"ON CONFLICT ({identifier(key)}) DO UPDATE SET {_set(sets, stamp)} "
            f"WHERE {_differ(names, 'held', 'excluded')}"
        )

    def clear(
        self, table: str, key: str, names: Sequence[str], columns: Mapping[str, TableColumn]
    ) -> None:
        """Set the columns to NULL for the loaded keys; the rows stay."""
        sets = [f"{identifier(name)} = NULL" for name in names]
        held = " OR ".join(f"h.{identifier(name)} IS NOT NULL" for name in names)
        self.run(
            f"{_given(key, (), columns)} UPDATE {table} h SET {_set(sets, STAMP in columns)} "
            f"FROM given g WHERE {_same(key, 'h', 'g')} AND ({held})"
        )

    def held(self, table: str, key: str, columns: Mapping[str, TableColumn]) -> set[str]:
        """Which of the loaded keys the table has."""
        rows = self._ask(
            f"{_given(key, (), columns)} SELECT g.{identifier(key)}::text FROM given g "
            f"JOIN {table} h ON {_same(key, 'h', 'g')}"
        )
        return {str(row[0]) for row in rows}

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        import adbc_driver_manager as manager
        import pyarrow as pa

        with _told(self._place), manager.AdbcStatement(self._connection) as statement:
            statement.set_sql_query(query)
            found = pa.RecordBatchReader.from_stream(statement.execute_query()[0]).read_all()
            return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def run(self, command: str) -> None:
        """Execute a command that gives no rows."""
        import adbc_driver_manager as manager

        with _told(self._place), manager.AdbcStatement(self._connection) as statement:
            statement.set_sql_query(command)
            statement.execute_update()


def adding(table: str, types: Mapping[str, str]) -> str:
    """SQL that adds columns to a table."""
    each = ", ".join(f"ADD COLUMN {identifier(name)} {kind}" for name, kind in types.items())
    return f"ALTER TABLE {table} {each}"


def quoted_table(name: str) -> str:
    """``scores`` or ``crm.scores`` as SQL needs it."""
    return ".".join(identifier(checked_name(part)) for part in name.split("."))


def checked_name(name: str) -> str:
    """A name that PostgreSQL takes as it is."""
    if not name or "\0" in name or len(name.encode()) > _NAME_BYTES:
        raise UsageError("pushed.bad_name", name=name, most=_NAME_BYTES)
    return name


TYPES: dict[FieldKind, str] = {
    "text": "text", "whole": "bigint", "number": "double precision", "money": "numeric(14,2)",
    "share": "numeric(6,5)", "day": "date", "flag": "boolean",
}  # fmt: skip
"""The type of a column that we make, by the kind of its field."""


def staged(keys: Sequence[str], columns: Mapping[str, tuple[FieldKind, Sequence[Any]]],
           key: str) -> pa.Table:  # fmt: skip
    """Rows as the driver loads them: a column of keys, then values by name and kind."""
    import pyarrow as pa

    arrow = {
        "text": pa.string(), "whole": pa.int64(), "number": pa.float64(), "money": pa.float64(),
        "share": pa.float64(), "day": pa.date32(), "flag": pa.bool_(),
    }  # fmt: skip
    made = {key: pa.array(keys, pa.string())}
    made |= {name: pa.array(values, arrow[kind]) for name, (kind, values) in columns.items()}
    return pa.table(made)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _given(key: str, names: Sequence[str], columns: Mapping[str, TableColumn]) -> str:
    """SQL: the loaded rows in the types of the table, so that what is the same compares so."""
    picked = ", ".join(
        f"CAST({identifier(name)} AS {columns[name].compared_as}) AS {identifier(name)}"
        for name in (key, *names)
    )
    return f"WITH given AS (SELECT {picked} FROM {_STAGE})"


def _same(key: str, one: str, other: str) -> str:
    return f"{one}.{identifier(key)} = {other}.{identifier(key)}"


def _differ(names: Sequence[str], one: str, other: str) -> str:
    """SQL: whether any of the columns differs, where NULL is a value like others."""
    sides = (", ".join(f"{side}.{identifier(name)}" for name in names) for side in (one, other))
    return "ROW({}) IS DISTINCT FROM ROW({})".format(*sides)


def _set(sets: Sequence[str], stamp: bool) -> str:
    return ", ".join([*sets, *([f"{STAMP} = now()"] if stamp else [])])
