"""Opens whatever a shop exported, file or frame, as a table that DuckDB can query."""

from __future__ import annotations

import codecs
import csv
import glob
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import duckdb

from winback.errors import EmptyTable, UsageError, WinbackError
from winback.intake.cells import file_literal, identifier

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".tab", ".psv", ".parquet", ".pq")
_DELIMITERS = (",", ";", "\t", "|")
_SNIFF_BYTES = 1 << 18
_SAMPLE_ROWS = 4000
# Letters of the languages whose shops write files without UTF-8.
_LETTERS = set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßÄÖÜéèêëáàâíóôúůýčďěňřšťžČĎĚŇŘŠŤŽçñ")
# Bytes no text table holds: control characters other than tab and line ends.
_CONTROLS = bytes(sorted({*range(32), 127} - {*b"\t\n\v\f\r"}))
_SYMBOLS = set("€£§°–—„”“’\u2018…\u00a0×")


@dataclass(frozen=True)
class Shape:
    """How one file is written: encoding, delimiter, header, and its first rows."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    sample: tuple[tuple[str | None, ...], ...]
    zones: dict[int, str] = field(default_factory=dict)
    delimiter: str = ""
    encoding: str = "utf-8"
    skip: int = 0
    header: bool = True


@dataclass(frozen=True)
class Source:
    """One file (or frame) to read; `path` is None for a frame registered in DuckDB."""

    label: str
    path: Path | None
    shape: Shape
    relation: str = ""


def list_files(source: Any) -> list[Path]:
    """Name the files behind a path, a glob, a folder or a list of those, in a fixed order."""
    if not isinstance(source, str | Path):
        found = [path for part in source for path in list_files(part)]
        return sorted(dict.fromkeys(found))
    path = Path(source)
    if path.is_dir():
        # A folder of results inside the folder of orders must not be read as orders.
        results = {
            entry.parent
            for entry in path.rglob("decisions.parquet")
            if entry.parent != path and (entry.parent / "scores.parquet").is_file()
        }
        found = [
            entry
            for entry in path.rglob("*")
            if entry.is_file()
            and results.isdisjoint(entry.parents)
            and not any(p.startswith((".", "_")) for p in entry.relative_to(path).parts)
            and is_table(entry)
        ]
        if not found:
            raise WinbackError("intake.empty_folder", folder=path.name, endings=TABLE_ENDINGS)
        return sorted(found)
    if path.is_file():
        return [path]
    found = [Path(name) for name in glob.glob(str(source), recursive=True)]
    found = [entry for entry in found if entry.is_file()]
    if not found:
        raise UsageError("intake.no_source", source=str(source))
    return sorted(found)


def is_table(path: Path) -> bool:
    """Whether a file's name ends as those of tables do."""
    return _ending(path) in TABLE_ENDINGS


def _ending(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def open_source(con: duckdb.DuckDBPyConnection, source: Any, scratch: Path) -> list[Source]:
    """Open a frame, or the files behind whatever names them."""
    if is_frame(source):
        return [open_frame(con, source)]
    return open_files(con, list_files(source), scratch)


def by_header(sources: Sequence[Source]) -> list[list[tuple[int, Source]]]:
    """Sources with equal columns together, each with its number among all."""
    alike: dict[tuple[tuple[str, ...], tuple[str, ...], bool], list[tuple[int, Source]]] = {}
    for number, one in enumerate(sources):
        key = (one.shape.names, one.shape.types, bool(one.relation))
        alike.setdefault(key, []).append((number, one))
    return list(alike.values())


def open_files(
    con: duckdb.DuckDBPyConnection, paths: Sequence[Path], scratch: Path
) -> list[Source]:
    """Look at each file and say how it is written; nothing is loaded yet."""
    labels = [path.name for path in paths]
    if len(set(labels)) < len(labels):
        labels = ["/".join(path.parts[-2:]) for path in paths]
    return [
        _open_parquet(con, path, label)
        if _ending(path) in (".parquet", ".pq") or _magic(path) == b"PAR1"
        else _open_text(path, label, scratch, number)
        for number, (path, label) in enumerate(zip(paths, labels, strict=True))
    ]


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
    names = _distinct(frame.column_names)
    zones = {
        i: kind.tz
        for i, kind in enumerate(frame.schema.types)
        if pa.types.is_timestamp(kind) and kind.tz is not None
    }
    plain = frame.rename_columns([f"c{i}" for i in range(len(names))])
    plain = plain.append_column("src", pa.array(range(frame.num_rows), pa.int64()))
    con.register("frame", plain)
    return _described(con, "the table", None, names, "frame", zones)


def _absent(cell: object) -> bool:
    return cell is None or cell != cell


def _magic(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(4)


def _open_parquet(con: duckdb.DuckDBPyConnection, path: Path, label: str) -> Source:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
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
    return _described(con, label, path, _distinct([n for n, _ in columns]), relation, zones)


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
    rows = con.execute(f"SELECT {texts} FROM {relation} LIMIT {_SAMPLE_ROWS}").fetchall()
    if not rows:
        raise EmptyTable("intake.no_rows", file=label)
    shape = Shape(names=names, types=types, sample=tuple(rows), zones=zones)
    return Source(label, path, shape, relation)


def is_packed(path: Path) -> bool:
    """Whether a file is compressed by gzip, whatever it is called."""
    return _magic(path).startswith(b"\x1f\x8b")


def _open_text(path: Path, label: str, scratch: Path, number: int) -> Source:
    packed = is_packed(path)
    try:
        with open_bytes(path, packed) as stream:
            head = stream.read(_SNIFF_BYTES)
    except (OSError, EOFError) as error:
        raise WinbackError("intake.unreadable_file", file=label, said=str(error)) from error
    if not head.strip(b"\xef\xbb\xbf \r\n\t\x00"):
        raise WinbackError("intake.empty_file", file=label)
    encoding = _encoding(path, packed, head)
    if encoding is None:
        raise WinbackError("intake.not_text", file=label)
    text = head.decode(encoding, errors="ignore")
    text = text.lstrip("\ufeff")
    for start, other in _OTHER_FORMATS:
        if start.match(text):
            raise WinbackError(f"intake.is_{other}", file=label)
    delimiter = _delimiter(text)
    spaced = delimiter == " "
    odd_ends = "\r" in text.replace("\r\n", "") or (
        "\r\n" in text and "\n" in text.replace("\r\n", "")
    )
    if encoding != "utf-8" or spaced or odd_ends:
        copy = scratch / f"source{number}.csv"
        _transcode(path, packed, encoding, copy, spaced)
        path, text = copy, _head(copy)
        delimiter = "\t" if spaced else delimiter
    rows = _parse(text, delimiter)
    width = _width(rows)
    if width < 2:
        raise WinbackError("intake.no_table", file=label)
    first = _first_row(rows, width)
    header = not any(_looks_like_value(cell) for cell in rows[first])
    names = [cell.strip() for cell in rows[first]] if header else []
    while len(names) > width and not names[-1]:
        names.pop()
    names += [f"column {i + 1}" for i in range(len(names), width)]
    names = [name or f"column {i + 1}" for i, name in enumerate(names)]
    body = [row for row in rows[first + header :] if len(row) == len(names)]
    if not body:
        raise EmptyTable("intake.header_alone", file=label)
    shape = Shape(
        names=_distinct(names),
        types=("VARCHAR",) * len(names),
        sample=tuple(tuple(row) for row in body[:_SAMPLE_ROWS]),
        delimiter=delimiter,
        encoding=encoding,
        skip=first,
        header=header,
    )
    return Source(label, path, shape)


def open_bytes(path: Path, packed: bool) -> IO[bytes]:
    """Open a file, unpacked."""
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def _chunks(path: Path, packed: bool) -> Iterator[bytes]:
    with open_bytes(path, packed) as stream:
        while chunk := stream.read(1 << 22):
            yield chunk


def _encoding(path: Path, packed: bool, head: bytes) -> str | None:
    """The encoding of the whole file, or None if it is not text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"SQLite")):
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 4 and min(even, odd) < len(head) // 20:
        return "utf-16-le" if odd > even else "utf-16-be"
    if len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 100:
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    foreign = bytearray()
    failed = False
    for chunk in _chunks(path, packed):
        if not failed:
            try:
                decoder.decode(chunk)
                continue
            except UnicodeDecodeError:
                failed = True
        foreign += re.sub(rb"[\x00-\x7f]{4,}", b"    ", chunk)
        if len(foreign) > _SNIFF_BYTES:
            break
    if not failed:
        return "utf-8"
    # Order decides ties: a Polish shop's Windows file is the likeliest.
    return max(("cp1250", "iso-8859-2", "cp1252"), key=lambda name: _plausibility(foreign, name))


def _plausibility(content: bytes | bytearray, encoding: str) -> int:
    text = content.decode(encoding, errors="replace")
    score = 0
    for before, char, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if char < "\x80":
            continue
        if char in _LETTERS and (before.isalpha() or after.isalpha()):
            score += 1
            score -= 2 * (char.isupper() and before.islower())
        elif char in _SYMBOLS:
            score += 1
        elif char == "\ufffd" or "\x80" <= char < "\xa0":
            score -= 5
        else:
            score -= 1
    return score


def _transcode(path: Path, packed: bool, encoding: str, copy: Path, spaced: bool) -> None:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    rest = ""
    with copy.open("w", encoding="utf-8", newline="") as target:
        for chunk in _chunks(path, packed):
            text = newlines.decode(decoder.decode(chunk)).replace("\ufeff", "")
            if not spaced:
                target.write(text)
                continue
            *lines, rest = (rest + text).split("\n")
            target.writelines("\t".join(line.split()) + "\n" for line in lines)
        if spaced:
            target.write("\t".join(rest.split()))


def _head(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(_SNIFF_BYTES).decode("utf-8", errors="ignore")


def _parse(text: str, delimiter: str) -> list[list[str]]:
    # The last line may be cut in the middle by the size of the sample.
    whole = text if len(text) < _SNIFF_BYTES // 2 else text[: text.rfind("\n")]
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
    try:
        return [row for row in islice(reader, _SAMPLE_ROWS) if row]
    except csv.Error:
        return [line.split(delimiter) for line in whole.splitlines()[:_SAMPLE_ROWS] if line]


def _width(rows: Sequence[Sequence[str]]) -> int:
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (counts[width] * (width > 1), width)) if counts else 0


def _first_row(rows: Sequence[Sequence[str]], width: int) -> int:
    """Where the table begins: at its header, below a title a spreadsheet padded to full width."""
    full = [i for i, row in enumerate(rows) if len(row) >= width]
    filled = next((i for i in full if sum(map(bool, map(str.strip, rows[i]))) * 2 >= width), 0)
    return full[0] if any(map(_looks_like_value, rows[filled])) else max(filled, full[0])


def _delimiter(text: str) -> str:
    best, best_score = ",", (0.0, 0)
    for candidate in _DELIMITERS:
        rows = _parse(text, candidate)[:500]
        width = _width(rows)
        if width < 2:
            continue
        header = rows[_first_row(rows, width)]
        plain = sum(bool(cell.strip()) and not _looks_like_value(cell) for cell in header)
        share = sum(len(row) == width for row in rows) / len(rows)
        # A decimal comma splits a header less evenly than it splits the rows below it.
        score = (round(share + 0.5 * plain / width, 2), width)
        if score > best_score:
            best, best_score = candidate, score
    if best_score == (0.0, 0):
        lines = [line.split() for line in text.splitlines()[:500] if line.strip()]
        if lines and _width(lines) > 1 and len({len(line) for line in lines[:-1]}) <= 1:
            return " "
    return best


_OTHER_FORMATS = (
    (re.compile(r'\s*(\[\s*)?\{\s*"'), "json"),
    (re.compile(r"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE), "web_page"),
)
_VALUE = re.compile(r"^[\s'\"]*[-+(]?[\d.,\s]*\d[\d.,\s:/TZ+-]*\)?\s*$")


def _looks_like_value(cell: str) -> bool:
    return bool(_VALUE.match(cell)) or "@" in cell


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        name = name.strip().lstrip("\ufeff")
        seen[name.lower()] += 1
        repeats = seen[name.lower()]
        distinct.append(name if repeats == 1 else f"{name} ({repeats})")
    return tuple(distinct)
