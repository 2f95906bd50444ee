"""Whatever the bytes of a file are: one line says what is wrong, or every line is accounted for."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from winback.errors import WinbackError
from winback.formulas import clean_text
from winback.intake.settling import read_orders
from winback.results.intake import IngestSummary
from workbook import write_workbook

HEADER = ["order_id", "customer_id", "order_date", "amount"]
START = datetime(2024, 1, 5, 8, 30, 7)
ROWS = [
    [1001 + n, f"K{n % 10}", START + timedelta(hours=31 * n), round(10.01 + n, 2)]
    for n in range(40)
]
LINES = [f"{row[0]},{row[1]},{row[2].isoformat(' ')},{row[3]}" for row in ROWS]
CSV = "\n".join([",".join(HEADER), *LINES]) + "\n"


def read(content: bytes) -> IngestSummary | None:
    """What a file is read as; None where one line says that it cannot be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(content)
        try:
            summary = read_orders(path, Path(folder) / "out").summary
        except WinbackError as error:
            assert "\n" not in str(error)
            assert "report this as a fault" not in str(error)
            return None
        aside = summary.lines_set_aside
        assert summary.lines_in == summary.lines_kept + aside.total + summary.lines_ignored
        assert sum(aside.by_reason.values()) == aside.total
        return summary


def with_lines(*more: str, at: int = 20) -> bytes:
    lines = [*LINES[:at], *more, *LINES[at:]]
    return ("\n".join([",".join(HEADER), *lines]) + "\n").encode()


# ------------------------------------------------------------------------------ damaged bytes


@cache
def container(kind: str) -> bytes:
    """The forty lines in each form a file may have."""
    plain = CSV.encode()
    packers: dict[str, Callable[[bytes], bytes]] = {
        "csv": lambda text: text,
        "gz": lambda text: gzip.compress(text, mtime=0),
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": lambda text: bytes(pa.Codec("zstd").compress(text, asbytes=True)),
        "utf-16": lambda text: text.decode().encode("utf-16"),
    }
    if kind in packers:
        return packers[kind](plain)
    records = [dict(zip(HEADER, map(str, row), strict=True)) for row in ROWS]
    if kind == "jsonl":
        return "".join(json.dumps(record) + "\n" for record in records).encode()
    if kind == "json":
        return json.dumps(records, indent=1).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        if kind == "xlsx":
            write_workbook(path, {"s": [HEADER, *ROWS]})
        elif kind == "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("a.csv", plain)
        else:
            columns = {name: [row[i] for row in ROWS] for i, name in enumerate(HEADER)}
            pq.write_table(pa.table(columns), path)
            if kind == "own":
                path = read_orders(path, Path(folder) / "out").orders_path
        return path.read_bytes()


KINDS = (
    "csv", "gz", "bz2", "xz", "zst", "utf-16", "jsonl", "json", "xlsx", "zip", "parquet", "own",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_file_of_any_form_has_its_forty_lines(kind: str) -> None:
    summary = read(container(kind))
    assert summary is not None
    assert (summary.lines_in, summary.lines_kept, round(summary.gross, 2)) == (40, 40, 1180.40)


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_file_is_refused_or_read_as_far_as_it_goes(kind: str) -> None:
    whole = container(kind)
    for size in (len(whole) // 2, len(whole) - 5, 12):
        summary = read(whole[:size])
        assert summary is None or kind in ("csv", "utf-16", "jsonl")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    content = bytearray(container(draw(st.sampled_from(KINDS))))
    for _ in range(draw(st.sampled_from([1, 1, 3, 20]))):
        place = draw(st.integers(0, len(content) - 1))
        match draw(st.sampled_from(["change", "add", "cut"])):
            case "change":
                content[place] = draw(st.integers(0, 255))
            case "add":
                content[place:place] = draw(st.binary(min_size=1, max_size=4))
            case "cut":
                del content[place : place + draw(st.integers(1, 9))]
    return bytes(content)


CALM = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(CALM, max_examples=30)
@given(damaged())
@pytest.mark.long
def test_changed_bytes_never_end_in_a_traceback(content: bytes) -> None:
    read(content)


@pytest.mark.long
@settings(CALM, max_examples=3000)
@given(damaged())
def test_many_changed_bytes_never_end_in_a_traceback(content: bytes) -> None:
    read(content)


# --------------------------------------------------------------------------- odd but whole


@pytest.mark.long
def test_ten_thousand_columns_are_read() -> None:
    more = ",".join(f"x{n}" for n in range(9996))
    text = "\n".join([f"{','.join(HEADER)},{more}", *(line + "," * 9996 for line in LINES)])
    summary = read(text.encode())
    assert summary is not None and summary.lines_kept == 40


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,K1,2024-02-01,1e300", "amount_too_large"),
        ("1,K1,2024-02-01,1e999", "unreadable_amount"),
        ("1,K1,3019-02-01,5.00", "lonely_date"),
        ("\0\0\0\0", "wrong_column_count"),
        ('"', "wrong_column_count"),
        ("=1+1,@x,+soon,-abc", "unreadable_date"),
        ("x" * 9_000_000, "wrong_column_count"),
    ],
)
def test_a_line_that_cannot_be_is_set_aside_alone(line: str, reason: str) -> None:
    summary = read(with_lines(line))
    assert summary is not None
    assert summary.lines_in == 41
    assert summary.lines_set_aside.by_reason == {reason: 1}


@pytest.mark.parametrize("quoted", ['7,"K1,2024-02-01,5.00', '7,K1"",2024-02-01,5.00"'])
def test_a_quote_that_never_ends_swallows_nothing(quoted: str) -> None:
    summary = read(with_lines(quoted))
    assert summary is not None
    assert summary.lines_in == 41


@pytest.mark.long
def test_ids_of_emoji_and_cells_of_a_megabyte_are_read() -> None:
    text = "\n".join([",".join(HEADER), *(line.replace("K", "🛒K") for line in LINES)])
    summary = read(text.encode())
    assert summary is not None and summary.customers == 10
    note = "x" * 1_000_000
    text = "\n".join([",".join([*HEADER, "note"]), *(f'{line},"{note}"' for line in LINES[:5])])
    summary = read(text.encode())
    assert summary is not None and summary.lines_kept == 5


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 5000, b'"' * 100_000, b"\t" * 10_000, b"[" * 100_000, b'{"a":' * 50_000,
        b"customer\n" + b"K1\n" * 30, bytes(range(32, 256)) * 50, "\ufeff".encode(),
        b",,,\n" * 50, b"a,a,a,a\n" * 40, b"PK\x05\x06" + bytes(18), b"\x1f\x8b", b"BZh9",
        "".join(f'{{"k{n}":1}}\n' for n in range(3000)).encode(),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_one_line(content: bytes) -> None:
    assert read(content) is None


def test_dates_at_the_end_of_time_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    late = "\n".join([",".join(HEADER), *(f"{n},K{n % 9},9999-12-31,5.00" for n in range(40))])
    assert read(late.encode()) is None
    ids = pa.array([b"K\xff%d" % (n % 9) for n in range(40)], pa.binary())
    table = pa.table({
        "order_id": list(range(40)),
        "customer_id": pa.Array.from_buffers(pa.string(), 40, ids.buffers()),
        "order_date": [date(2024, 1, 5)] * 40,
        "amount": [5.0] * 40,
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    assert read((tmp_path / "a.parquet").read_bytes()) is None


# ------------------------------------------------------------------------------ formulas


def test_no_cell_of_the_quarantine_starts_a_formula(tmp_path: Path) -> None:
    wrong = ["=HYPERLINK(1)", "+7soon", "-7abc", "@7", "\t7 x", "7\x01x", "-12.50"]
    text = "\n".join([
        "order_id,customer_id,=cmd(1),amount", *LINES,
        *(f'{n},K1,"{cell}",5.00' for n, cell in enumerate(wrong)),
    ])  # fmt: skip
    (tmp_path / "=shop.csv").write_text(text)
    intake = read_orders(tmp_path / "=shop.csv", tmp_path / "out", columns={"date": "=cmd(1)"})
    with intake.quarantine_path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(wrong)
    assert {row["found"] for row in rows} == {
        "HYPERLINK(1)", "7soon", "7abc", "(text)", "7 x", "-12.50",
    }  # fmt: skip
    assert {(row["source_file"], row["column_name"]) for row in rows} == {("shop.csv", "cmd(1)")}


@settings(CALM, max_examples=50)
@given(st.text(max_size=12))
def test_clean_text_starts_no_formula_and_is_clean_already(text: str) -> None:
    cleaned = clean_text(text)
    assert not cleaned.startswith(("=", "+", "-", "@", "\t", "\r", "\n", " "))
    assert clean_text(cleaned) == cleaned
