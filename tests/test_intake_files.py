"""Names of files, and the one reading of ids in files beside the orders."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from winback.errors import UsageError
from winback.intake.folders import list_files
from winback.intake.ids import as_in_orders
from winback.intake.settling import read_orders
from winback.intake.signals import read_signals

LINES = "customer,order,date,amount\n{who},{who}1,2024-01-05,5.00\n{who},{who}2,2024-02-05,6.00\n"
ODD = ("a[1].csv", "b*.csv", "c?.csv", "d'e.csv", "f]g.csv")


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("folder", ["plain", "of [2024] *"])
def test_a_name_with_signs_of_patterns_is_that_file(tmp_path: Path, folder: str, name: str) -> None:
    home = tmp_path / folder
    home.mkdir()
    for other in ("a1.csv", "bb.csv", "cc.csv"):
        (home / other).write_text(LINES.format(who="wrong"))
    (home / name).write_text(LINES.format(who="right"))
    assert list_files(str(home / name)) == [home / name]
    intake = read_orders(home / name, home / "out")
    customers = pq.read_table(intake.orders_path)["customer_id"].to_pylist()
    assert set(customers) == {"right"}
    assert pq.read_table(intake.contacts_path)["customer_id"].to_pylist() == ["right"]


def test_a_parquet_file_and_signals_of_such_names_are_read_too(tmp_path: Path) -> None:
    home = tmp_path / "of [2024]"
    home.mkdir()
    orders = pa.table({
        "customer": ["a"], "order": ["1"], "date": ["2024-01-05"], "amount": [5.0],
    })  # fmt: skip
    pq.write_table(orders, home / "o[1].parquet")
    intake = read_orders(home / "o[1].parquet", home / "out")
    assert intake.summary.lines_kept == 1
    (home / "s[1].csv").write_text("customer,date,name\nb,2024-01-05,call\n")
    read = read_signals(
        home / "s[1].csv", home / "out", cutoff=intake.cutoff, orders=intake.orders_path
    )
    assert read.summary is not None and read.summary.lines_of_strangers == 1


def test_a_pattern_names_its_files_and_a_list_each_file_once(tmp_path: Path) -> None:
    for name in ("a1.csv", "a2.csv", "b1.csv"):
        (tmp_path / name).write_text("x,y\n")
    wanted = [tmp_path / "a1.csv", tmp_path / "a2.csv"]
    assert list_files(str(tmp_path / "a*.csv")) == wanted
    assert list_files([str(tmp_path / "a*.csv"), tmp_path / "a1.csv"]) == wanted
    with pytest.raises(UsageError, match="no such file, folder or pattern"):
        list_files(str(tmp_path / "c*.csv"))


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["17850.0", "12"], ["17850", "12"]),
        ([17850.0, None], ["17850", None]),
        ([7, 12], ["7", "12"]),
        (["1.0", "1.1", "2"], ["1.0", "1.1", "2"]),
        (["'00042", " 7 ", ""], ["00042", "7", None]),
        (["Ada@Example.com", "K-7"], ["ada@example.com", "K-7"]),
        (["guest", "NA", "0"], ["guest", "NA", "0"]),
        (["Zoe\u0301"], ["Zoé"]),
        ([], []),
    ],
)  # fmt: skip
def test_ids_of_other_files_are_read_as_those_of_the_orders(
    cells: list[object], read: list[str | None]
) -> None:
    found = as_in_orders(pd.Series(cells, dtype=object))
    assert [None if pd.isna(cell) else cell for cell in found] == read


def test_ids_keep_their_rows_and_equal_those_of_orders(tmp_path: Path) -> None:
    ids = ["5.0", "7.0", "'8", "9.0"]
    frame = pd.DataFrame({
        "customer": ids, "order": range(4), "date": "2024-01-05", "amount": 5.0,
    })  # fmt: skip
    orders = read_orders(frame, tmp_path / "out").orders_path
    in_orders = pq.read_table(orders)["customer_id"].to_pylist()
    found = as_in_orders(pd.Series(ids, index=[3, 2, 1, 0]))
    assert list(found.index) == [3, 2, 1, 0]
    assert sorted(found) == sorted(in_orders)
