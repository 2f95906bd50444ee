"""A table's contract: columns with their types and meaning, and whether a table keeps to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from winback.errors import UsageError, WinbackError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, its meaning, its unit, and when it is null."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    null_when: str = "never"


@dataclass(frozen=True)
class Table:
    """One written table: where it lies, what a row is, its columns in their order.

    ``key`` are the columns that no two rows share; ``note`` is what holds for all of it.
    """

    name: str
    written_by: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def only(self, *names: str) -> Table:
        """These columns alone, where a reader needs no more."""
        return replace(self, columns=tuple(c for c in self.columns if c.name in names))

    @cached_property
    def schema(self) -> pa.Schema:
        """What is written; a column that is never null says so, which saves writing it."""
        import pyarrow as pa

        return pa.schema([
            pa.field(c.name, pa.type_for_alias(c.type), c.null_when != "never")
            for c in self.columns
        ])  # fmt: skip

    def held_as(self, **types: pa.DataType) -> pa.Schema:
        """The schema with other types of some columns, in which they are held in memory."""
        schema = self.schema
        for name, kind in types.items():
            place = self.names.index(name)
            schema = schema.set(place, schema.field(place).with_type(kind))
        return schema


def check(found: pa.Table, table: Table) -> None:
    """Compare what was written with its contract: columns, order, types, nulls and key.

    Raises:
        WinbackError: the first difference, with the column, what was found and what was
            expected.
    """
    where = {"table": table.name}
    missing = [name for name in table.names if name not in found.column_names]
    unknown = [name for name in found.column_names if name not in table.names]
    if missing or unknown:
        raise WinbackError(
            "tables.other_columns", **where, missing=_few(missing), unknown=_few(unknown)
        )
    if found.column_names != list(table.names):
        raise WinbackError("tables.other_order", **where)
    for field, column in zip(found.schema, table.columns, strict=True):
        if str(field.type).removeprefix("large_") != column.type:
            raise WinbackError(
                "tables.type", **where, column=column.name, found=field.type, wanted=column.type
            )
        nulls = found[column.name].null_count
        if nulls and column.null_when == "never":
            raise WinbackError("tables.null", **where, column=column.name, rows=nulls)
    if table.key and found.select(table.key).group_by(table.key).aggregate([]).num_rows != len(
        found
    ):
        raise WinbackError("tables.key", **where, key=_few(table.key))


def _few(names: Sequence[str]) -> list[str]:
    return list(names[:5]) or ["nothing"]


def open_given(path: Any, table: Table, made_by: str, **options: Any) -> pq.ParquetFile:
    """A Parquet file from outside, opened once it is known to hold the table.

    Only what costs nothing is looked at: the columns it must have, their kinds, and the nulls
    that the file's statistics count. More columns, another order and wider types are no harm.

    Args:
        path: the file.
        table: what it should hold.
        made_by: the function whose file to give instead.
        **options: of ``pyarrow.parquet.ParquetFile``.

    Raises:
        UsageError: it is no such file; the message says what is wrong and what to give.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    noun = table.name.partition(".")[0]
    if not isinstance(path, str | Path):
        kind = type(path).__name__
        raise UsageError("tables.no_path", noun=noun, found=kind, made_by=made_by)
    where = {"file": str(path), "made_by": made_by}
    try:
        source = pq.ParquetFile(path)
    except OSError:
        code = "tables.unreadable" if Path(path).exists() else "tables.no_file"
        raise UsageError(code, **where) from None
    except pa.ArrowException:
        raise UsageError("tables.no_parquet", **where) from None
    check_given(source.schema_arrow, table, str(path), made_by)
    for column, nulls in _nulls(source).items():
        if nulls and column in table.names:
            declared = table.columns[table.names.index(column)]
            if declared.null_when == "never":
                raise UsageError("tables.given_null", **where, column=column, rows=nulls)
    if options:  # which may name columns that were not known to be there
        source.close()
        return pq.ParquetFile(path, metadata=source.metadata, **options)
    return source


def check_given(found: pa.Schema, table: Table, file: str, made_by: str) -> None:
    """Refuse columns that lack one of the table, or that are of another kind.

    Raises:
        UsageError: the message names the column, and the function that makes such a file.
    """
    where = {"file": file, "made_by": made_by}
    missing = [name for name in table.names if name not in found.names]
    if missing:
        raise UsageError("tables.lacks", **where, missing=missing[:5])
    for column in table.columns:
        kind = found.field(column.name).type
        if _kind(kind) not in _TAKEN[_kind(table.schema.field(column.name).type)]:
            raise UsageError(
                "tables.kind", **where, column=column.name, found=kind, wanted=column.type
            )


# What may stand where a kind is wanted: it is cast without loss, or refused where it is read.
_TAKEN = {
    "text": {"text", "null"},
    "day": {"day", "instant", "null"},
    "instant": {"instant", "day", "null"},
    "whole": {"whole", "real", "null"},
    "real": {"real", "whole", "null"},
    "boolean": {"boolean", "null"},
}


def _kind(found: pa.DataType) -> str:
    import pyarrow.types as kinds

    if kinds.is_dictionary(found):
        return _kind(found.value_type)
    if kinds.is_timestamp(found):
        return "instant with a zone" if found.tz else "instant"
    named = {
        "text": (kinds.is_string, kinds.is_large_string, kinds.is_string_view),
        "day": (kinds.is_date,),
        "whole": (kinds.is_integer,),
        "real": (kinds.is_floating, kinds.is_decimal),
        "boolean": (kinds.is_boolean,),
        "null": (kinds.is_null,),
    }
    return next((k for k, tests in named.items() if any(test(found) for test in tests)), "other")


def _nulls(source: pq.ParquetFile) -> dict[str, int]:
    """Nulls by column, as far as the file's statistics count them."""
    counted: dict[str, int] = {}
    for group in range(source.num_row_groups):
        columns = source.metadata.row_group(group)
        for number in range(columns.num_columns):
            column = columns.column(number)
            known = column.statistics
            if known is not None and known.has_null_count and known.null_count:
                name = column.path_in_schema
                counted[name] = counted.get(name, 0) + known.null_count
    return counted


# --- what many tables share --------------------------------------------------------------------

UNPROVEN = "the model is unproven: no horizon has closed"

CUSTOMER = Column("customer_id", "string", "the shop's id as text: `17850.0` is `17850`, leading "
                  "zeros stay")  # fmt: skip
CUTOFF = Column("cutoff", "date32[day]", "the first day not seen; the past is `time < cutoff`")


def outcome_columns() -> tuple[Column, ...]:
    """What a customer did within the horizon."""
    return (
        Column("returned", "bool", "made at least one purchase in the horizon"),
        Column("orders_in_horizon", "int32", "purchases in the horizon"),
        Column("net_spend_in_horizon", "double",
               "purchases less refunds issued in the horizon; may be below 0", "currency"),
    )  # fmt: skip


def worth_columns(null_when: str = "never") -> tuple[Column, ...]:
    """What a customer is expected to do within the horizon."""
    spread = "nobody has returned yet" if null_when == "never" else f"{null_when}, or nobody came"
    return (
        Column("expected_orders", "double", "purchases expected in the main horizon",
               null_when=null_when),
        Column("expected_net_spend", "double", "purchases less refunds expected in the main "
               "horizon", "currency", null_when),
        Column("expected_net_spend_low", "double", "lower end of the interval that is to hold the "
               "net spend of four such customers in five; mostly zero, since many stay away",
               "currency", spread),
        Column("expected_net_spend_high", "double", "its upper end; zero for a customer less than "
               "a fifth likely to return", "currency", spread),
    )  # fmt: skip
