"""Orders in workbooks, JSON, archives and folders, and in our own form."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from winback.errors import UsageError, WinbackError
from winback.intake.folders import list_files
from winback.intake.settling import Intake, read_orders, settled_orders
from workbook import write_workbook

HEADER = ["order_id", "customer_id", "order_date", "amount"]
START = datetime(2024, 1, 5, 8, 30, 7)
# Forty orders of ten customers: 10.01, 11.01, ... 49.01.
ROWS = [
    [1001 + n, f"K{n % 10}", START + timedelta(hours=31 * n), round(10.01 + n, 2)]
    for n in range(40)
]
GROSS = 1180.40


def text_of(rows: list[list[Any]]) -> str:
    lines = [",".join(HEADER), *(f"{r[0]},{r[1]},{r[2].isoformat(' ')},{r[3]}" for r in rows)]
    return "\n".join(lines) + "\n"


CSV = text_of(ROWS)
RECORDS = [
    {"id": r[0], "customer": {"id": r[1], "city": "Łódź"}, "created_at": str(r[2]), "total": r[3]}
    for r in ROWS
]


def read(source: Any, out: Path, **options: Any) -> Intake:
    return read_orders(source, out / "out", **options)


def totals(intake: Intake) -> tuple[int, int, float, date, date]:
    found = intake.summary
    return (
        found.customers, found.purchases, round(found.gross, 2), found.first_day, found.last_day,
    )  # fmt: skip


RIGHT = (10, 40, GROSS, date(2024, 1, 5), date(2024, 2, 24))


def understood(intake: Intake) -> list[str]:
    return [one.code for one in intake.summary.understood]


# ------------------------------------------------------------------------------ compressed files


@pytest.mark.parametrize("codec", ["gz", "bz2", "xz", "zst", "gz of bz2"])
def test_a_compressed_table_is_read_whatever_it_is_called(tmp_path: Path, codec: str) -> None:
    packed = {
        "gz": lambda: gzip.compress(CSV.encode()),
        "bz2": lambda: bz2.compress(CSV.encode()),
        "xz": lambda: lzma.compress(CSV.encode()),
        "zst": lambda: pa.Codec("zstd").compress(CSV.encode(), asbytes=True),
        "gz of bz2": lambda: gzip.compress(bz2.compress(CSV.encode())),
    }
    (tmp_path / "export.dat").write_bytes(packed[codec]())
    assert totals(read(tmp_path / "export.dat", tmp_path)) == RIGHT


def archive(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        for name, content in members.items():
            target.writestr(name.replace("__", ".").replace("_of_", "/"), content)
    return path


def test_the_only_table_of_an_archive_is_read_and_the_rest_named(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "mail.zip", data_of_orders__csv=CSV,
        README__txt="Export of orders, made on Monday.\nHello, world\n", logo__png=b"\x89PNG",
    )  # fmt: skip
    intake = read(path, tmp_path)
    assert totals(intake) == RIGHT
    (found,) = [one for one in intake.summary.understood if one.code == "intake.took_of_parts"]
    assert [one.values["value"] for one in found.values["left"]] == ["README.txt", "logo.png"]


def test_several_tables_in_an_archive_are_a_question_that_table_answers(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "years.zip", orders_a__csv=text_of(ROWS[:20]), orders_b__csv=text_of(ROWS[20:])
    )
    with pytest.raises(UsageError, match=r"'orders_a.csv', 'orders_b.csv'.*--table \"orders_a"):
        read(path, tmp_path)
    assert read(path, tmp_path, table="orders_b").summary.purchases == 20
    assert totals(read(path, tmp_path, table="orders_*")) == RIGHT
    with pytest.raises(UsageError, match="no 'c' in it"):
        read(path, tmp_path, table="c")
    with pytest.raises(WinbackError, match="holds no file"):
        read(archive(tmp_path / "empty.zip"), tmp_path)


# ------------------------------------------------------------------------------------ workbooks


def test_a_workbook_gives_typed_days_and_exact_money(tmp_path: Path) -> None:
    noisy = [[*row[:3], row[3] + 1e-13] for row in ROWS]
    path = write_workbook(tmp_path / "export", {"Arkusz1": [HEADER, *noisy]})
    intake = read(path, tmp_path)
    assert totals(intake) == RIGHT
    assert not intake.summary.doubts
    lines = pq.read_table(intake.orders_path).to_pylist()
    first = min(lines, key=lambda line: line["ordered_at"])
    assert first["order_id"] == "1001"
    assert first["ordered_at"] == START
    assert first["amount"] == 1001


def test_a_title_above_a_sheet_and_a_total_below_are_no_orders(tmp_path: Path) -> None:
    days = [[row[0], row[1], row[2].date(), row[3]] for row in ROWS]
    sheet = [["Sales 2024"], [], [None, *HEADER], *([None, *row] for row in days)]
    sheet.append([None, None, None, "Total", GROSS])
    path = write_workbook(tmp_path / "report.xlsx", {"Report": sheet})
    intake = read(path, tmp_path)
    assert totals(intake) == RIGHT
    assert intake.summary.lines_set_aside.total == 1
    # As the sheet numbers its rows: two above the header, which is the third.
    assert ",44," in intake.quarantine_path.read_text()


def test_of_several_sheets_the_one_that_can_hold_orders_is_read(tmp_path: Path) -> None:
    legend = [["field", "meaning"], ["customer_id", "who"], ["amount", "how much"]]
    path = write_workbook(tmp_path / "a.xlsx", {"Legend": legend, "Orders": [HEADER, *ROWS]})
    intake = read(path, tmp_path)
    assert totals(intake) == RIGHT
    assert "intake.took_of_parts" in understood(intake)
    parts = {"2023": [HEADER, *ROWS[:20]], "2024": [HEADER, *ROWS[20:]], "Legend": legend}
    path = write_workbook(tmp_path / "b.xlsx", parts)
    with pytest.raises(UsageError, match=r"'2023', '2024'.*--table \"2023\""):
        read(path, tmp_path)
    assert read(path, tmp_path, table="2024").summary.purchases == 20
    assert totals(read(path, tmp_path, table="20*")) == RIGHT


def test_mixed_cells_of_a_sheet_become_the_text_they_show(tmp_path: Path) -> None:
    rows = [[f"A{row[0]}" if n % 2 else row[0], *row[1:]] for n, row in enumerate(ROWS)]
    rows[0][3] = "10,01 zł"
    path = write_workbook(tmp_path / "a.xlsx", {"s": [HEADER, *rows]})
    intake = read(path, tmp_path)
    assert totals(intake) == RIGHT
    ids = pq.read_table(intake.orders_path)["order_id"].to_pylist()
    assert {"1001", "A1002", "1003"} <= set(ids)


# ----------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize("form", ["lines", "array", "printed", "wrapped", "utf-16", "gzip"])
def test_json_records_are_columns_an_inner_object_one_level_down(tmp_path: Path, form: str) -> None:
    lines = "".join(json.dumps(record) + "\n" for record in RECORDS)
    content = {
        "lines": lines.encode(),
        "array": json.dumps(RECORDS).encode(),
        "printed": json.dumps(RECORDS, indent=2).encode(),
        "wrapped": json.dumps({"count": 40, "orders": RECORDS}).encode(),
        "utf-16": json.dumps(RECORDS).encode("utf-16"),
        "gzip": gzip.compress(lines.encode()),
    }[form]
    (tmp_path / "export").write_bytes(content)
    intake = read(tmp_path / "export", tmp_path)
    assert totals(intake) == RIGHT
    assert intake.summary.columns["customer"] == "customer.id"


def test_long_ids_and_three_decimals_of_json_stay_what_they_are(tmp_path: Path) -> None:
    records = [
        {"order": 12345678901234567890 + n, "customer": f"c{n % 3}", "date": "2024-01-05",
         "amount": 1.125 + n}
        for n in range(9)
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    intake = read(tmp_path / "a.jsonl", tmp_path)
    assert intake.summary.gross == pytest.approx(46.125)
    ids = pq.read_table(intake.orders_path)["order_id"].to_pylist()
    assert "12345678901234567891" in ids


def test_a_broken_line_of_json_is_set_aside_with_its_row(tmp_path: Path) -> None:
    lines = [json.dumps(record) for record in RECORDS]
    lines[7:7] = ['{"id": 12,', "[1, 2]"]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    intake = read(tmp_path / "a.jsonl", tmp_path)
    assert totals(intake) == RIGHT
    assert intake.summary.lines_set_aside.by_reason == {"wrong_column_count": 2}
    quarantine = intake.quarantine_path.read_text()
    assert ",8," in quarantine and ",9," in quarantine


# -------------------------------------------------------------------------------------- folders


def test_a_folder_says_what_it_read_and_leaves_other_tables_alone(tmp_path: Path) -> None:
    home = tmp_path / "export"
    (home / "sub").mkdir(parents=True)
    (home / "a.csv").write_text(text_of(ROWS[:20]))
    write_workbook(home / "sub" / "b.xlsx", {"s": [HEADER, *ROWS[20:]]})
    (home / "notes.docx").write_text("x")
    (home / "README.txt").write_text("hello there\n")
    (home / "settings.json").write_text('{\n "a": 1\n}')
    intake = read(home, tmp_path)
    assert totals(intake) == RIGHT
    (found,) = [one for one in intake.summary.understood if one.code == "intake.took_of_folder"]
    left = [one.values["value"] for one in found.values["left"]]
    assert left == ["README.txt", "notes.docx", "settings.json"]
    assert not intake.summary.doubts
    (home / "1_customers.csv").write_text(
        "customer_id,created_at,total_spent\n"
        + "".join(f"K{n},2022-01-{n:02d},{n}.50\n" for n in range(1, 29))
    )
    (home / "products.csv").write_text("sku,name,price\nA,Hat,3.50\nB,Cap,4.50\n")
    with settled_orders(home, tmp_path / "out") as settled:
        (first, *_) = settled.first_rows()
    assert (first.row, first.order) == (2, "1001")
    intake = read(home, tmp_path)
    assert totals(intake) == RIGHT
    assert intake.summary.files == ("a.csv", "b.xlsx")
    assert "intake.took_of_folder" in understood(intake)
    assert [one.code for one in intake.summary.doubts] == [
        "intake.no_orders_in", "intake.register_in",
    ]  # fmt: skip


def test_what_cannot_be_listed_or_found_behind_a_link_stops_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, away = tmp_path / "export", tmp_path / "away"
    (home / "locked").mkdir(parents=True)
    away.mkdir()
    (home / "a.csv").write_text(text_of(ROWS[:20]))
    (away / "b.csv").write_text(text_of(ROWS[20:]))
    (home / "linked").symlink_to(away)
    (away / "round").symlink_to(home)
    (home / "again.csv").symlink_to(home / "a.csv")
    assert totals(read(home, tmp_path)) == RIGHT
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(WinbackError, match="locked: this folder cannot be listed"):
        list_files(home)
    monkeypatch.undo()
    (home / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.raises(WinbackError, match=r"gone.csv: this link leads to no file"):
        list_files(home)


# ------------------------------------------------------------------------------- our own orders


def test_results_in_the_folder_of_orders_change_nothing_the_second_time(tmp_path: Path) -> None:
    (tmp_path / "shop.csv").write_text(CSV + ",,,\n")
    first = read_orders(tmp_path, tmp_path)
    second = read_orders(tmp_path, tmp_path)
    assert totals(first) == totals(second) == RIGHT
    assert first.summary.orders_sha256 == second.summary.orders_sha256
    assert "intake.took_of_folder" in understood(second)


def test_our_own_orders_are_read_at_their_scale_with_their_kinds(tmp_path: Path) -> None:
    rows = [[*row[:3], f"{row[3]:.2f}"] for row in ROWS]
    # Two equal lines that a column apart tells apart, a refund, and a free order.
    rows += [
        [1001, "K0", START, "5.00"], [1001, "K0", START, "5.00"],
        [1002, "K1", START + timedelta(days=9), "-11.01"], [2000, "K1", START, "0.00"],
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=HEADER)
    frame["line"] = range(len(frame))
    one = read_orders(frame, tmp_path / "one", currency="PLN")
    two = read_orders(one.orders_path, tmp_path / "two")
    assert one.summary.gross == pytest.approx(GROSS + 10)
    assert one.summary.refunded == pytest.approx(11.01)
    assert two.summary.currency == "PLN"
    for name in ("purchases", "refunds", "customers", "gross", "refunded", "orders_sha256"):
        assert getattr(one.summary, name) == getattr(two.summary, name)
    assert one.orders_path.read_bytes() == two.orders_path.read_bytes()
    table = pq.read_table(one.orders_path)
    assert read_orders(table, tmp_path / "three").summary.gross == one.summary.gross
    # Without their metadata nobody knows what a whole number of them is worth.
    table.to_pandas().to_parquet(tmp_path / "again.parquet")
    with pytest.raises(UsageError, match="--minor-units or --major-units"):
        read(tmp_path / "again.parquet", tmp_path)
    again = read(tmp_path / "again.parquet", tmp_path, minor_units=True)
    assert again.summary.gross == one.summary.gross


def test_other_tables_of_ours_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "shop.csv").write_text(CSV + ",,,\n")
    intake = read(tmp_path / "shop.csv", tmp_path)
    for path in (intake.contacts_path, intake.quarantine_path):
        copy = path.rename(tmp_path / f"copy{path.suffix}")
        with pytest.raises(UsageError, match="winback wrote this itself"):
            read(copy, tmp_path)
