"""Opens whatever a shop exported, file or frame, as a table that DuckDB can query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any

import duckdb

from winback.errors import EmptyTable, UsageError, WinbackError
from winback.intake.cells import file_literal, identifier
from winback.intake.containers import Part, damaged, unpacked
from winback.intake.folders import Files, own_table, take_files, written_as
from winback.intake.records import read_records
from winback.intake.shapes import SAMPLE_ROWS, Shape, Source, Wanted, distinct_names
from winback.intake.texts import as_utf8, open_table, open_text
from winback.intake.workbooks import open_sheets
from winback.results.base import Fact

_STATED = ("amount_scale", "currency")
# Endings of what may lie in a folder of orders without being a table.
_LOOSE = (".txt", ".json")


def open_source(
    con: duckdb.DuckDBPyConnection, source: Any, scratch: Path, wanted: Wanted | None = None
) -> list[Source]:
    """Open a frame, or the files behind whatever names them, as tables of orders.

    Raises UsageError for a table of ours that holds no orders.
    """
    if is_frame(source):
        sources = [open_frame(con, source)]
    else:
        sources = _open_orders(con, take_files(source), scratch, wanted or Wanted())
    for one in sources:
        _refuse_own(one.label, own_table(one.shape.names))
    return sources


def _open_orders(
    con: duckdb.DuckDBPyConnection, files: Files, scratch: Path, wanted: Wanted
) -> list[Source]:
    """Files of orders; what lies in a folder beside them and is no table is left alone."""
    opened: list[Source] = []
    left: dict[Path, WinbackError] = {}
    loose, alone = files.loose, len(files.paths) == 1
    for number, (path, label) in enumerate(_labelled(files.paths)):
        if path not in loose:
            _refuse_own(label, written_as(path))
        try:
            found = _open_file(con, path, label, scratch, number, wanted, alone=alone)
        except WinbackError as error:
            is_question = isinstance(error, UsageError)
            if is_question or path not in loose or path.suffix.lower() not in _LOOSE:
                raise
            left[path] = error
            continue
        opened += [replace(one, loose=path in loose) for one in found]
    if not opened:
        raise next(iter(left.values()))
    told = files.told(left)
    # By header, since those of one may be left alone later.
    first = {id(one): one for one in {one.shape.names: one for one in reversed(opened)}.values()}
    return [
        replace(one, understood=(*told, *one.understood)) if id(one) in first else one
        for one in opened
    ]


def _refuse_own(label: str, called: str | None) -> None:
    if called not in (None, "orders.parquet"):
        raise UsageError("intake.own_table", file=label, called=called)


def by_header(sources: Sequence[Source]) -> list[list[tuple[int, Source]]]:
    """Sources with equal columns together, each with its number among all."""
    alike: dict[tuple[object, ...], list[tuple[int, Source]]] = {}
    for number, one in enumerate(sources):
        stated = tuple(sorted((one.stated or {}).items()))
        key = (one.shape.names, one.shape.types, bool(one.relation), stated)
        alike.setdefault(key, []).append((number, one))
    return list(alike.values())


def open_files(
    con: duckdb.DuckDBPyConnection, paths: Sequence[Path], scratch: Path
) -> list[Source]:
    """Look at each file and say how it is written; text is not loaded yet."""
    return [
        one
        for number, (path, label) in enumerate(_labelled(paths))
        for one in _open_file(
            con, path, label, scratch, number, Wanted(), alone=len(paths) == 1
        )
    ]  # fmt: skip


def _labelled(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    labels = [path.name for path in paths]
    if len(set(labels)) < len(labels):
        labels = ["/".join(path.parts[-2:]) for path in paths]
    return list(zip(paths, labels, strict=True))


@contextmanager
def readable(label: str) -> Iterator[None]:
    """Say in one line what is wrong with a file whose bytes are not what they should be."""
    try:
        yield
    except duckdb.InvalidInputException as error:
        # What follows may quote a cell.
        said = str(error).split(":")[0]
        raise WinbackError("intake.unreadable_file", file=label, said=said) from error
    except (WinbackError, duckdb.Error):
        raise
    except damaged() as error:
        if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
            raise
        said = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
        raise WinbackError("intake.unreadable_file", file=label, said=said) from error


def _open_file(
    con: duckdb.DuckDBPyConnection, path: Path, label: str, scratch: Path, number: int,
    wanted: Wanted, *, alone: bool,
) -> list[Source]:  # fmt: skip
    with readable(label):
        opened: list[Source] = []
        for place, part in enumerate(unpacked(path, label, wanted, scratch, alone)):
            found = _open_part(con, part, scratch, f"{number}_{place}", wanted, alone=alone)
            found[0] = replace(found[0], understood=(*part.understood, *found[0].understood))
            opened += found
        return opened


def _open_part(
    con: duckdb.DuckDBPyConnection, part: Part, scratch: Path, number: str, wanted: Wanted,
    *, alone: bool,
) -> list[Source]:  # fmt: skip
    if part.kind == "parquet" or (part.kind == "text" and _is_called_parquet(part.path)):
        return [_open_parquet(con, part.path, part.label)]
    if part.kind == "workbook":
        sheets = open_sheets(part.path, part.label, wanted, scratch, number, alone=alone)
        return [
            replace(
                _written(con, one.label, one.path, one.names, (*found, *one.understood)),
                begins=(one.begin, one.begin + 1),
            )
            for one, found in sheets
        ]
    text = open_text(part.path, part.label)
    if not text.is_records:
        return [open_table(text, part.label, scratch, number, wanted)]
    place = scratch / f"records{number}.parquet"
    read = read_records(
        con, as_utf8(text, scratch, number), part.label, wanted, place, alone=alone
    )  # fmt: skip
    source = _written(con, part.label, read.path, read.names, read.understood)
    return [replace(source, rejected=read.rejected, begins=(0, 1))]


def _is_called_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _written(
    con: duckdb.DuckDBPyConnection, label: str, path: Path, names: Sequence[str],
    understood: Sequence[Fact],
) -> Source:  # fmt: skip
    """A file that was copied into a Parquet file with columns ``c0``… and ``src``."""
    relation = f"(SELECT * FROM read_parquet({file_literal(path)}))"
    source = _described(con, label, path, tuple(names), relation, {})
    return replace(source, understood=tuple(understood))


def is_frame(source: Any) -> bool:
    """Whether a source is a pandas DataFrame or a pyarrow Table, not files."""
    return hasattr(source, "column_names") or hasattr(source, "iloc")


def open_frame(con: duckdb.DuckDBPyConnection, frame: Any) -> Source:
    """Take a pandas DataFrame or a pyarrow Table as it is."""
    import pyarrow as pa

    if not isinstance(frame, pa.Table):
        named = [name for name in frame.index.names if name is not None]
        frame = frame.reset_index() if named else frame
        arrays = []
        for position in range(frame.shape[1]):
            column = frame.iloc[:, position]
            try:
                arrays.append(pa.array(column, from_pandas=True))
            except (pa.ArrowException, TypeError, ValueError):
                # Excel imports mix numbers, dates and text in one object column.
                arrays.append(
                    pa.array([None if _absent(cell) else str(cell) for cell in column], pa.string())
                )
        frame = pa.table(arrays, names=[str(name) for name in frame.columns])
    names = distinct_names(frame.column_names)
    zones = {
        i: kind.tz
        for i, kind in enumerate(frame.schema.types)
        if pa.types.is_timestamp(kind) and kind.tz is not None
    }
    stated = _stated(frame.schema.metadata, names)
    plain = frame.rename_columns([f"c{i}" for i in range(len(names))])
    plain = plain.append_column("src", pa.array(range(frame.num_rows), pa.int64()))
    con.register("frame", plain)
    return replace(_described(con, "the table", None, names, "frame", zones), stated=stated)


def _absent(cell: object) -> bool:
    return cell is None or cell != cell


def _stated(metadata: Mapping[bytes, bytes] | None, names: Sequence[str]) -> dict[str, str] | None:
    """What orders of our own say of themselves; None for any other table."""
    if own_table(names) != "orders.parquet" or b"amount_scale" not in (metadata or {}):
        return None
    found = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    return {key: found.get(key, "") for key in _STATED}


def _open_parquet(con: duckdb.DuckDBPyConnection, path: Path, label: str) -> Source:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise WinbackError("intake.not_parquet", file=label) from error
    columns: list[tuple[str, str]] = []
    zones: dict[int, str] = {}
    for name, kind in zip(schema.names, schema.types, strict=True):
        quoted = identifier(name)
        if pa.types.is_struct(kind):
            inner = [kind.field(i).name for i in range(kind.num_fields)]
            columns += [(f"{name}.{part}", f"{quoted}.{identifier(part)}") for part in inner]
            continue
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            zones[len(columns)] = kind.tz
        columns.append((name, quoted))
    picked = ", ".join(f"{expression} AS c{i}" for i, (_, expression) in enumerate(columns))
    relation = (
        f"(SELECT {picked}, file_row_number AS src "
        f"FROM read_parquet({file_literal(path)}, file_row_number = true))"
    )
    names = distinct_names([name for name, _ in columns])
    stated = _stated(schema.metadata, names)
    return replace(_described(con, label, path, names, relation, zones), stated=stated)


def _described(
    con: duckdb.DuckDBPyConnection,
    label: str,
    path: Path | None,
    names: tuple[str, ...],
    relation: str,
    zones: dict[int, str],
) -> Source:
    described = con.execute(f"DESCRIBE SELECT * EXCLUDE (src) FROM {relation}").fetchall()
    types = tuple(str(row[1]) for row in described)
    texts = ", ".join(f"CAST(c{i} AS VARCHAR)" for i in range(len(names)))
    rows = con.execute(f"SELECT {texts} FROM {relation} LIMIT {SAMPLE_ROWS}").fetchall()
    if not rows:
        raise EmptyTable("intake.no_rows", file=label)
    shape = Shape(names=names, types=types, sample=tuple(rows), zones=zones)
    return Source(label, path, shape, relation)
