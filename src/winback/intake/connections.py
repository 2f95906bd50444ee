"""Connections to the databases that orders are read from; it never writes there.

Credentials come from the environment and from the files that the database's own client looks
into. What a driver says when it fails becomes one line, without credentials and without data.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import duckdb

from winback.errors import UsageError, WinbackError
from winback.extras import require
from winback.intake.cells import identifier
from winback.params import check_no_password, is_url

if TYPE_CHECKING:
    import pyarrow as pa

_USER, _PASSWORD = "WINBACK_DATABASE_USER", "WINBACK_DATABASE_PASSWORD"
_KINDS = {
    "postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql",
    "sqlite": "sqlite", "duckdb": "duckdb",
}  # fmt: skip
_BATCH_ROWS = 1 << 16
_CONNECT_SECONDS = 15
# An exact number of DuckDB: eighteen digits are half as wide as thirty-eight.
NARROW, WIDE = 18, 38


@dataclass(frozen=True)
class Place:
    """A database: its kind, its address without a user, how it is called, its file."""

    kind: str
    address: str
    name: str
    file: Path | None = None


@dataclass(frozen=True)
class Answer:
    """What a query gives: names, Arrow types, batches of rows.

    ``exact`` are the columns, by position, whose text is a number of any scale.
    """

    names: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]
    exact: tuple[int, ...] = ()


# A table of a database: its schema, its name, and whether it is found without the schema.
DatabaseTable = tuple[str, str, bool]


@dataclass(frozen=True)
class Session:
    """An open connection: which tables there are, what a query gives, how a name is quoted."""

    tables: Callable[[], list[DatabaseTable]]
    ask: Callable[[str], Answer]
    quoted: Callable[[str], str] = identifier


def kind_of_file(path: Path) -> str | None:
    """What database a file is, by its first bytes; None where it is none, or not there."""
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
    except (OSError, ValueError):
        return None
    if head == b"SQLite format 3\x00":
        return "sqlite"
    return "duckdb" if head[8:12] == b"DUCK" else None


def place_of(source: str | Path) -> Place:
    """The database behind an address or a path.

    Raises UsageError for a password in the address, a kind nobody reads, a file that is not there.
    """
    text = str(source)
    if not is_url(text):
        path = Path(text)
        return Place(kind_of_file(path) or "sqlite", text, path.name, path)
    check_no_password(text)
    url = urlsplit(text)
    kind = _KINDS.get(url.scheme.partition("+")[0].lower())
    if kind is None:
        raise UsageError("databases.scheme", scheme=url.scheme, known=tuple(_KINDS))
    if kind in ("sqlite", "duckdb"):
        # As SQLAlchemy has it: three slashes before a relative path, four before another.
        path = Path(unquote(url.path)[1:])
        if not path.is_file():
            raise UsageError("intake.no_source", source=str(path))
        return Place(kind, text, path.name, path)
    return Place(kind, text, unquote(url.path.strip("/")) or url.scheme)


def told(place: Place) -> str:
    """A database as an error names it: nobody's name, no settings."""
    if place.file is not None:
        return place.file.name
    url = urlsplit(place.address)
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"


# --- what went wrong --------------------------------------------------------------------------

_NO_LOGIN = re.compile(
    r"password authentication failed|no password supplied|access denied for user|"
    r"role .* does not exist|authentication failed|Peer authentication",
    re.IGNORECASE,
)
_NO_DATABASE = re.compile(r'^database ".*" does not exist|unknown database', re.IGNORECASE)
_NO_WAY = re.compile(
    r"could not translate host|could not connect|connection (to server|refused|timed out)|"
    r"can't connect|name or service not known|timeout expired|server closed the connection|"
    r"lost connection",
    re.IGNORECASE,
)


@contextmanager
def _scrubbed(place: Place, *kinds: type[BaseException]) -> Iterator[None]:
    """Turn what a driver raises into one line, in which there are no credentials and no data."""
    failed: WinbackError | None = None
    try:
        yield
    except WinbackError:
        raise
    except kinds as error:
        failed = failure_of(place, error)
    if failed is not None:
        # A traceback would show the driver's own words.
        raise failed from None


def failure_of(place: Place, error: BaseException) -> WinbackError:
    """What a driver raised, as one line of `databases`, without credentials and without data."""
    where, said = told(place), _first_line(str(error))
    if _NO_LOGIN.search(said):
        return WinbackError("databases.no_login", place=where)
    if _NO_DATABASE.search(said):
        return WinbackError("databases.no_database", place=where)
    for secret in _secrets(place):
        said = said.replace(secret, "…")
    if _NO_WAY.search(said):
        said = said.removeprefix("Failed to connect: ")
        return WinbackError("databases.no_connection", place=where, said=said)
    # What a cell could not be turned into is quoted behind the colon, and may be a person's.
    if str(getattr(error, "sqlstate", None) or "42")[:2] in ("22", "23"):
        said = said.partition(":")[0].partition(' "')[0]
    return WinbackError("databases.refused", place=where, said=said)


def _first_line(said: str) -> str:
    """What a database answered, without what its driver says of itself around it."""
    if re.match(r"\(\d+, ", said):  # PyMySQL: (1146, "Table 'shop.x' doesn't exist")
        said = said.partition(", ")[2].strip("()\"' ")
    said = re.sub(r"^[A-Z_ ]+: (?=\[)", "", said)
    said = re.sub(r"^\[\w+\] |^[A-Z][a-z]+ Error: ", "", said)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    whole = next(
        (line for line in lines if "ERROR:" in line or "FATAL:" in line), (lines or ["?"])[0]
    )
    whole = re.sub(r"^.*?(ERROR|FATAL):\s+", "", whole)
    return re.sub(r"\s*(Query was:.*|\. SQLSTATE:.*|SQLSTATE:.*)$", "", whole)[:200].rstrip(" .")


def _secrets(place: Place) -> list[str]:
    """Whatever must not be repeated, as it is and as an address writes it."""
    known = [
        os.environ.get(name) for name in (_PASSWORD, "PGPASSWORD", "MYSQL_PWD", _USER, "PGUSER")
    ]
    if place.file is None:
        url = urlsplit(place.address)
        known += [
            url.username,
            url.password,
            *(unquote(t) for t in (url.username, url.password) if t),
        ]
    plain = [text for text in known if text]
    return sorted({*plain, *(quote(t, safe="") for t in plain)}, key=len, reverse=True)


# --- connections ------------------------------------------------------------------------------


def open_session(place: Place) -> AbstractContextManager[Session]:
    """Connect, for reading alone; raises WinbackError in the words of `databases`."""
    return {
        "postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite, "duckdb": _duckdb,
    }[place.kind](place)  # fmt: skip


# Types of PostgreSQL that Arrow has as they are; of a number without end there is text alone.
_PLAIN_PG = {
    "int2", "int4", "int8", "float4", "float8", "bool", "text", "varchar", "bpchar", "name",
    "numeric",
}  # fmt: skip
_INSTANTS_PG = {"timestamp", "timestamptz", "date"}
_TABLES_PG = """SELECT n.nspname, c.relname, n.nspname = current_schema()
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'
    AND has_table_privilege(c.oid, 'SELECT') ORDER BY 3 DESC, 1, 2"""


@contextmanager
def _postgresql(place: Place) -> Iterator[Session]:
    require("databases")
    # Not their `dbapi`, which takes a second to import pandas.
    import adbc_driver_manager as manager
    import adbc_driver_postgresql as driver
    import pyarrow as pa

    kinds = (manager.Error, pa.ArrowException, OSError)
    with ExitStack() as open_now:
        with _scrubbed(place, *kinds):
            base = open_now.enter_context(driver.connect(libpq(place.address)))
            connection = open_now.enter_context(manager.AdbcConnection(base))
            statement = open_now.enter_context(manager.AdbcStatement(connection))
            connection.set_autocommit(False)
            # Else a scan begins where somebody else's has come to, and rows change their order.
            for setting in ("TRANSACTION READ ONLY", "LOCAL synchronize_seqscans = off"):
                statement.set_sql_query(f"SET {setting}")
                statement.execute_update()

        def rows(query: str) -> Any:
            statement.set_sql_query(query)
            return pa.RecordBatchReader.from_stream(statement.execute_query()[0])

        def tables() -> list[DatabaseTable]:
            with _scrubbed(place, *kinds):
                columns = rows(_TABLES_PG).read_all().columns
                return list(zip(*(column.to_pylist() for column in columns), strict=True))

        def ask(query: str) -> Answer:
            with _scrubbed(place, *kinds):
                statement.set_sql_query(query)
                schema = pa.schema(statement.execute_schema())
                types = [(f.metadata or {}).get(b"POSTGRESQL:type", b"").decode() for f in schema]
                aliases = ", ".join(f"c{at}" for at in range(len(types)))
                picked = ", ".join(
                    f"{_as_arrow(t, f'c{at}')} AS c{at}" for at, t in enumerate(types)
                )
                reader = rows(f"SELECT {picked} FROM ({query}\n) AS q({aliases})")
            scales = [_scale(field.metadata or {}) for field in schema]
            exact = tuple(
                at for at, kind in enumerate(types)
                if kind == "money" or (kind == "numeric" and scales[at] is None)
            )  # fmt: skip
            batches = (_decimals(batch, scales) for batch in _each(reader, place, kinds))
            return Answer(tuple(schema.names), batches, exact)

        yield Session(tables, ask)


def libpq(address: str) -> str:
    """The address for libpq, which takes all that is not said there from the environment."""
    url = urlsplit(address)
    more = parse_qsl(url.query, keep_blank_values=True)
    said = {name for name, _ in more}
    for name, variable in (("user", _USER), ("password", _PASSWORD)):
        said_there = url.username if name == "user" else url.password
        if os.environ.get(variable) and not said_there:
            more.append((name, os.environ[variable]))
    if "connect_timeout" not in said and "PGCONNECT_TIMEOUT" not in os.environ:
        more.append(("connect_timeout", str(_CONNECT_SECONDS)))
    more.append(("fallback_application_name", "winback"))
    # libpq takes a plus sign for itself.
    return f"postgresql://{url.netloc}{url.path}?{urlencode(more, quote_via=quote)}"


def _as_arrow(kind: str, column: str) -> str:
    """SQL: a column as Arrow can carry it without loss."""
    if kind in _INSTANTS_PG:
        return f"CASE WHEN isfinite({column}) THEN {column} END"
    if kind == "money":  # Arrow would get its cents
        return f"{column}::numeric"
    return column if kind in _PLAIN_PG else f"{column}::text"


def _scale(metadata: Mapping[bytes, bytes]) -> tuple[int, int] | None:
    """Digits in all and behind the point of a NUMERIC that says them."""
    modifier = int(metadata.get(b"POSTGRESQL:typmod", b"-1")) - 4
    if metadata.get(b"POSTGRESQL:type") != b"numeric" or modifier < 0:
        return None
    digits, scale = modifier >> 16 & 0xFFFF, modifier & 0x7FF
    return (digits, scale) if digits <= WIDE and scale <= digits else None


def _decimals(batch: pa.RecordBatch, scales: Sequence[tuple[int, int] | None]) -> pa.RecordBatch:
    """NUMERIC, which comes as text, as the exact number that it is; NaN is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for column, known in zip(batch.columns, scales, strict=True):
        column = column.storage if isinstance(column, pa.ExtensionArray) else column
        if known is not None:
            exact = pa.decimal128(NARROW if known[0] <= NARROW else WIDE, known[1])
            try:
                column = pc.cast(column, exact)
            except pa.ArrowInvalid:
                numbers = pc.match_substring_regex(column, "^-?[0-9.]+$")
                column = pc.cast(pc.if_else(numbers, column, None), exact)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=[f"c{at}" for at in range(len(columns))])


def _each(
    reader: Iterator[pa.RecordBatch], place: Place, kinds: tuple[type[BaseException], ...]
) -> Iterator[pa.RecordBatch]:
    """The batches of a reader, whose errors are a database's."""
    while True:
        with _scrubbed(place, *kinds):
            batch = next(reader, None)
        if batch is None:
            return
        yield batch


@contextmanager
def _duckdb(place: Place) -> Iterator[Session]:
    import pyarrow as pa

    kinds = (duckdb.Error, pa.ArrowException)
    with _scrubbed(place, *kinds):
        connection = duckdb.connect(str(place.file), read_only=True)
    with closing(connection):
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")

        def tables() -> list[DatabaseTable]:
            rows = connection.execute(
                "SELECT table_schema, table_name, table_schema = current_schema() "
                "FROM information_schema.tables WHERE table_catalog = current_database() "
                "ORDER BY 3 DESC, 1, 2"
            ).fetchall()
            return [(str(schema), str(name), bool(bare)) for schema, name, bare in rows]

        def ask(query: str) -> Answer:
            with _scrubbed(place, *kinds):
                described = connection.execute(f"DESCRIBE {query}").fetchall()
                names = tuple(str(row[0]) for row in described)
                aliases = ", ".join(f"c{at}" for at in range(len(names)))
                picked = ", ".join(
                    f"{_plain_duck(str(row[1]), f'c{at}')} AS c{at}"
                    for at, row in enumerate(described)
                )
                reader = connection.sql(
                    f"SELECT {picked} FROM ({query}\n) AS q({aliases})"
                ).to_arrow_reader(_BATCH_ROWS)
            return Answer(names, _each(cast(Any, reader), place, kinds))

        yield Session(tables, ask)


def _plain_duck(kind: str, column: str) -> str:
    """SQL: a column of DuckDB as one of the types that the intake knows."""
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"CASE WHEN isfinite({column}) THEN {column} END"
    if kind == "HUGEINT":  # what sums of whole numbers are
        return f"CAST({column} AS DECIMAL({WIDE}, 0))"
    if re.fullmatch(r"U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE|BOOLEAN|VARCHAR|DECIMAL.*", kind):
        return column
    return f"CAST({column} AS VARCHAR)"


@contextmanager
def _sqlite(place: Place) -> Iterator[Session]:
    kinds = (sqlite3.Error,)
    with _scrubbed(place, *kinds):
        name = quote(str(place.file))
        connection = sqlite3.connect(f"file:{name}?mode=ro", uri=True)
    with closing(connection):
        connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")

        def tables() -> list[DatabaseTable]:
            with _scrubbed(place, *kinds):
                rows = connection.execute(
                    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
                ).fetchall()
            return [("", str(name), True) for (name,) in rows]

        def ask(query: str) -> Answer:
            with _scrubbed(place, *kinds):
                names = tuple(
                    str(column[0])
                    for column in connection.execute(
                        f"SELECT * FROM ({query}\n) LIMIT 0"
                    ).description
                )
                aliases = ", ".join(f"c{at}" for at in range(len(names)))
                # SQLite knows types of cells, not of columns: one look at all of them first.
                held = ", ".join(
                    f"group_concat(DISTINCT typeof(c{at}))" for at in range(len(names))
                )
                asked = f"WITH q({aliases}) AS ({query}\n)"
                found = connection.execute(f"{asked} SELECT {held} FROM q").fetchone()
                types = [set((cell or "").split(",")) - {"null", ""} for cell in found]
                rows = connection.execute(f"{asked} SELECT * FROM q")
            return Answer(names, _of_sqlite(rows, types, place))

        yield Session(tables, ask)


def _of_sqlite(
    rows: sqlite3.Cursor, types: Sequence[set[str]], place: Place
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    def texts(cells: Sequence[Any]) -> pa.Array:
        plain = (c.decode("utf-8", "replace") if isinstance(c, bytes) else c for c in cells)
        return pa.array([None if c is None else str(c) for c in plain], pa.string())

    def column(cells: Sequence[Any], held: set[str]) -> pa.Array:
        if held == {"integer"}:
            return pa.array(cells, pa.int64())
        if held and held <= {"integer", "real"}:
            return pa.array([None if c is None else float(c) for c in cells], pa.float64())
        return texts(cells)

    while True:
        with _scrubbed(place, sqlite3.Error):
            some = rows.fetchmany(_BATCH_ROWS)
        if not some:
            return
        columns = [
            column(cells, held) for cells, held in zip(zip(*some, strict=True), types, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, names=[f"c{n}" for n in range(len(columns))])


@contextmanager
def _mysql(place: Place) -> Iterator[Session]:
    require("databases")
    import pymysql
    from pymysql.cursors import SSCursor

    kinds = (pymysql.MySQLError, OSError, RuntimeError)
    with _scrubbed(place, *kinds):
        connection = pymysql.connect(**_mysql_login(place), cursorclass=SSCursor)
    with closing(connection), closing(connection.cursor()) as cursor:
        with _scrubbed(place, *kinds):
            # TIMESTAMP is an instant, shown in the session's zone; so are they told as UTC.
            cursor.execute("SET SESSION time_zone = '+00:00'")
            cursor.execute("SET SESSION TRANSACTION READ ONLY")

        def tables() -> list[DatabaseTable]:
            with _scrubbed(place, *kinds):
                cursor.execute(
                    "SELECT table_schema, table_name, coalesce(table_schema = database(), 0) "
                    "FROM information_schema.tables WHERE table_schema NOT IN ('mysql', 'sys', "
                    "'information_schema', 'performance_schema') ORDER BY 3 DESC, 1, 2"
                )
                return [(str(s), str(name), bool(bare)) for s, name, bare in cursor.fetchall()]

        def ask(query: str) -> Answer:
            with _scrubbed(place, *kinds):
                cursor.execute(query)
            described = cursor.description or ()
            names = tuple(str(column[0]) for column in described)
            return Answer(names, _of_mysql(cursor, described, place, kinds))

        yield Session(tables, ask, lambda name: "`" + name.replace("`", "``") + "`")


class _Login(TypedDict, total=False):
    """Where to connect, and as whom, in PyMySQL's words."""

    host: str
    port: int
    database: str
    user: str
    password: bytes
    unix_socket: str
    ssl_ca: str
    read_default_file: str
    charset: str
    connect_timeout: int


def _mysql_login(place: Place) -> _Login:
    """From the address, then the environment, then ~/.my.cnf, which holds where both are silent."""
    url = urlsplit(place.address)
    asked = dict(parse_qsl(url.query))
    login = _Login(charset="utf8mb4", connect_timeout=_CONNECT_SECONDS)
    if url.hostname:
        login["host"] = url.hostname
    if url.port:
        login["port"] = url.port
    if url.path.strip("/"):
        login["database"] = unquote(url.path.strip("/"))
    if user := unquote(url.username or "") or os.environ.get(_USER):
        login["user"] = user
    if password := os.environ.get(_PASSWORD) or os.environ.get("MYSQL_PWD"):
        login["password"] = password.encode()  # as text it could hold no ż
    if "unix_socket" in asked:
        login["unix_socket"] = asked["unix_socket"]
    if "ssl_ca" in asked:
        login["ssl_ca"] = asked["ssl_ca"]
    if (own := Path.home() / ".my.cnf").is_file():
        login["read_default_file"] = str(own)
    return login


def _of_mysql(
    cursor: Any, described: Sequence[Sequence[Any]], place: Place,
    kinds: tuple[type[BaseException], ...],
) -> Iterator[pa.RecordBatch]:  # fmt: skip
    import pyarrow as pa
    from pymysql.constants.FLAG import UNSIGNED

    fields = zip(described, cursor._result.fields, strict=True)
    makers = [_mysql_column(column, not field.flags & UNSIGNED) for column, field in fields]
    while True:
        with _scrubbed(place, *kinds):
            some = cursor.fetchmany(_BATCH_ROWS)
        if not some:
            return
        columns = [make(cells) for make, cells in zip(makers, zip(*some, strict=True), strict=True)]
        yield pa.RecordBatch.from_arrays(columns, names=[f"c{n}" for n in range(len(columns))])


def _mysql_column(described: Sequence[Any], signed: bool) -> Callable[[Sequence[Any]], pa.Array]:
    """How the cells of a column of MySQL become Arrow, by its type."""
    from datetime import date, datetime

    import pyarrow as pa
    from pymysql.constants import FIELD_TYPE as T

    code, length, scale = described[1], described[4] or 0, described[5] or 0
    if code in (T.TINY, T.SHORT, T.INT24, T.LONG, T.LONGLONG, T.YEAR):
        whole = pa.int64() if signed or code != T.LONGLONG else pa.decimal128(20, 0)
        return lambda cells: pa.array(cells, whole)
    if code == T.BIT:
        return lambda cells: pa.array(
            [None if cell is None else int.from_bytes(cell, "big") for cell in cells], pa.int64()
        )
    if code in (T.FLOAT, T.DOUBLE):
        return lambda cells: pa.array(cells, pa.float64())
    if code in (T.DECIMAL, T.NEWDECIMAL) and scale <= WIDE:
        width = NARROW if length - 1 <= NARROW else WIDE
        return lambda cells: pa.array(cells, pa.decimal128(width, scale))
    if code in (T.DATETIME, T.TIMESTAMP, T.DATE, T.NEWDATE):
        kind = {T.TIMESTAMP: pa.timestamp("us", "UTC"), T.DATETIME: pa.timestamp("us")}
        # 0000-00-00 is no day; the driver hands it on as text.
        return lambda cells: pa.array(
            [cell if isinstance(cell, date | datetime) else None for cell in cells],
            kind.get(code, pa.date32()),
        )
    return lambda cells: pa.array(
        [
            None if c is None else c.decode("utf-8", "replace") if isinstance(c, bytes) else str(c)
            for c in cells
        ],
        pa.string(),
    )
