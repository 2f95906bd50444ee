"""What `winback snapshot` leaves in its folder, and how its lines come from the sort."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from telling import told as sentences
from winback.errors import UsageError
from winback.intake.settling import read_orders, settled_orders
from winback.intake.signals import read_signals
from winback.snapshots.walk import cut_at_customers

LINES = "customer,order,date,amount\na,1,2024-01-05,9\na,2,2024-03-06,9\nb,3,2024-02-01,5\n"


def snapshot(folder: Path, *words: str, source: str = "orders.csv") -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("winback")), "snapshot", source, "--out", "there",
         "--horizon-days", "14", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_files_of_an_earlier_run_that_this_one_does_not_write_are_removed(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(LINES)
    there = tmp_path / "there"
    for name in ("snapshots", "outcomes"):
        (there / name).mkdir(parents=True)
        for part in ("part-00000-x.zstd.parquet", ".part-00000-x.zstd.parquet.crc", "_SUCCESS"):
            (there / name / part).write_text("of Spark")
    for name in ("restated.parquet", "first_days.parquet", "notes.parquet", "orders.parquet"):
        (there / name).write_text("of another run")
    snapshot(tmp_path)
    assert sorted(path.name for path in there.iterdir()) == [
        "notes.parquet", "orders.parquet", "outcomes.parquet", "quarantine.csv",
        "snapshots.parquet",
    ]  # fmt: skip


@pytest.mark.long
def test_no_address_and_no_signal_of_an_earlier_run_stays(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "customer,order,date,amount,mail\na,1,2024-01-05,9,a@b.example\na,2,2024-03-06,9,\n"
    )
    (tmp_path / "calls.csv").write_text("customer,date,name\na,2024-01-06,call\n")
    (tmp_path / "own.yaml").write_text("ingest: {contact_columns: [mail]}\n")
    there = tmp_path / "there"
    snapshot(tmp_path, "--params", "own.yaml", "--signals", "calls.csv")
    assert {path.name for path in there.iterdir()} == {
        "attributes.parquet", "orders.parquet", "outcomes.parquet", "quarantine.csv",
        "shop_marks.parquet", "signals.parquet", "snapshots.parquet",
    }  # fmt: skip
    assert not any(b"b.example" in path.read_bytes() for path in there.iterdir())
    # What an earlier run left does not stand beside what this one writes.
    read_orders(tmp_path / "orders.csv", there, contact_columns=["mail"])
    assert b"b.example" in (there / "contacts.parquet").read_bytes()
    snapshot(tmp_path)
    assert {path.name for path in there.iterdir()} == {
        "orders.parquet", "outcomes.parquet", "quarantine.csv", "snapshots.parquet",
    }  # fmt: skip


def test_signals_of_ones_own_stay_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(LINES)
    mine = pd.DataFrame({"customer_id": ["a"], "happened_at": pd.to_datetime(["2024-01-06"]),
                         "known_at": pd.to_datetime(["2024-01-06"]), "name": ["call"],
                         "value": [1.0]})  # fmt: skip
    (tmp_path / "there").mkdir()
    mine.to_parquet(tmp_path / "there/signals.parquet", index=False)
    snapshot(tmp_path)
    assert pd.read_parquet(tmp_path / "there/signals.parquet").equals(mine)
    with pytest.raises(UsageError, match=r"^signals\.parquet: would be overwritten by "):
        read_signals(
            tmp_path / "there/signals.parquet", tmp_path / "there", cutoff=date(2024, 2, 1)
        )
    assert pd.read_parquet(tmp_path / "there/signals.parquet").equals(mine)


def test_a_folder_or_a_source_of_ones_own_stays_whatever_its_name(tmp_path: Path) -> None:
    there = tmp_path / "there"
    (there / "snapshots").mkdir(parents=True)
    for name in ("_SUCCESS", "part-0.parquet", "holiday.jpg"):
        (there / "snapshots" / name).write_text("mine")
    (there / "outcomes").mkdir()
    (there / "first_days.parquet").write_text(LINES)
    pd.read_csv(there / "first_days.parquet").to_parquet(there / "first_days.parquet")
    snapshot(tmp_path, source="there/first_days.parquet")
    assert {"holiday.jpg", "_SUCCESS"} < {path.name for path in (there / "snapshots").iterdir()}
    assert (there / "outcomes").is_dir()
    assert (there / "first_days.parquet").is_file()


def test_a_till_with_a_sliver_of_all_orders_is_not_told(tmp_path: Path) -> None:
    def understood(others: int) -> tuple[list[str], int]:
        rows = [(f"c{i % 9000}", i, i % 28 + 1) for i in range(others)]
        rows += [("till", f"t{i}", i % 2 + 1) for i in range(100)]
        table = pa.table({
            "customer": [str(row[0]) for row in rows],
            "order": [f"n{row[1]}" for row in rows],
            "date": [date(2024, 1, row[2]) for row in rows],
            "amount": [5.0] * len(rows),
        })  # fmt: skip
        summary = read_orders(table, tmp_path / str(others)).summary
        told = [said for said in sentences(summary) if "looks like a till" in said]
        return told, len(summary["suspicious_customers"])

    # 100 orders on two days are a tenth of a percent of 100,000, and less of 100,001.
    assert understood(99_900) == (
        ["customer till holds 0.1% of all orders and looks like a till, staff or a test account; "
         "kept, and left out with --guest and this id"], 1,
    )  # fmt: skip
    assert understood(250_000) == ([], 0)


@pytest.mark.parametrize(
    ("batches", "tables"),
    [
        (["aab", "bbc", "cc"], ["aa", "bbb", "ccc"]),
        (["aabb", "ccdd"], ["aabb", "ccdd"]),
        (["aa", "a", "aab", "", "b"], ["aaaaa", "bb"]),
        (["ab", "b", "bc", "d"], ["a", "bbbc", "d"]),
        ([], []),
    ],
)
def test_tables_end_between_customers_wherever_batches_end(
    batches: list[str], tables: list[str]
) -> None:
    given = (
        pa.record_batch({"customer_id": pa.array(list(text), pa.string())}) for text in batches
    )
    cut = ["".join(table["customer_id"].to_pylist()) for table in cut_at_customers(given)]
    assert "".join(cut) == "".join(batches)
    assert cut == tables


def test_lines_that_stream_from_the_sort_end_between_customers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("winback.intake.writing.LINES", 7)
    counts = {"a": 3, "b": 5, "c": 1, "d": 20, "e": 7, "f": 6}
    rows = [(who, n) for who, count in counts.items() for n in range(count)]
    table = pa.table({
        "customer": [who for who, _ in rows],
        "order": [f"{who}{n}" for who, n in rows],
        "date": [date(2024, 1, n + 1) for _, n in rows],
        "amount": [float(n + 1) for _, n in rows],
    })  # fmt: skip
    with settled_orders(table, tmp_path) as settled:
        tables = ["".join(t["customer_id"].to_pylist()) for t in settled.tables()]
        assert settled.intake().summary["purchases"] == 42
    assert "".join(tables) == "".join(who for who, _ in rows)
    # Whoever has more lines than a table is to hold is cut; the reader joins them again.
    assert tables == ["aaa", "bbbbbc", "ddddddd", "ddddddd", "dddddd", "eeeeeee", "ffffff"]
