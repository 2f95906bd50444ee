"""Lines that are parts of others, and orders that bear one number in several stores."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from winback.intake.settling import Intake, read_orders


def intake_of(tmp_path: Path, header: str, rows: list[str], **options: object) -> Intake:
    """Read one file with this header and these rows."""
    (tmp_path / "in.csv").write_text("\n".join([header, *rows]) + "\n")
    return read_orders(tmp_path / "in.csv", tmp_path / "out", **options)  # type: ignore[arg-type]


def gross_of(intake: Intake) -> float:
    table = pq.read_table(intake.orders_path)
    return sum(table["amount"].to_pylist()) / int(table.schema.metadata[b"amount_scale"])


def doubts_of(intake: Intake) -> list[str]:
    return [one.code.split(".")[1] for one in intake.summary.doubts]


def reasons_of(intake: Intake) -> dict[str, int]:
    return dict(intake.summary.lines_set_aside.by_reason)


HEADER = "order_id,email,created_at,item_id,{},sku,qty,row_total"


def order_of(n: int, *items: str) -> list[str]:
    """An order's lines: item, what is asked for beside it, sku, quantity and total."""
    return [f"{n},a{n % 4}@x.pl,2024-01-{n:02} 10:00:00,{n}{item}" for item in items]


def test_a_child_that_costs_what_its_parent_does_counts_once(tmp_path: Path) -> None:
    # Ids of parents went through floats, as those of a column with gaps do.
    rows = [
        row for n in range(1, 13)
        for row in order_of(n, "1,,A,2,20.00", f"2,{n}1.0,A-M,2,20.00", "3,,B,1,5.00")
    ]  # fmt: skip
    intake = intake_of(tmp_path, HEADER.format("parent_item_id"), rows)
    assert (gross_of(intake), reasons_of(intake)) == (300.0, {"part_of_line": 12})
    assert doubts_of(intake) == []
    kept = intake_of(tmp_path, HEADER.format("parent_item_id"), rows, copies="keep")
    assert gross_of(kept) == 540.0


def test_the_parts_of_a_bundle_add_up_to_it_or_are_paid_themselves(tmp_path: Path) -> None:
    rows = [
        row for n in range(1, 13)
        for row in order_of(
            n, "1,,SET,1,30.00", f"2,{n}1,A,1,10.00", f"3,{n}1,B,1,20.00",
            "4,,FREE,1,0.00", f"5,{n}4,C,1,7.00",
        )
    ]  # fmt: skip
    intake = intake_of(tmp_path, HEADER.format("parent_item_id"), rows)
    assert (gross_of(intake), reasons_of(intake)) == (12 * 37.0, {"part_of_line": 24})


def test_parts_that_do_not_add_up_are_kept_and_doubted(tmp_path: Path) -> None:
    rows = [
        row for n in range(1, 13)
        for row in order_of(n, "1,,A,1,30.00", f"2,{n}1,WRAP,1,3.00")
    ]  # fmt: skip
    header = HEADER.format("parent_item_id")
    intake = intake_of(tmp_path, header, rows)
    assert (gross_of(intake), doubts_of(intake)) == (12 * 33.0, ["parts_unsure"])
    for copies, gross in (("keep", 12 * 33.0), ("drop", 12 * 30.0)):
        settled = intake_of(tmp_path, header, rows, copies=copies)
        assert (gross_of(settled), doubts_of(settled)) == (gross, [])


def test_types_of_products_tell_a_whole_from_its_part(tmp_path: Path) -> None:
    rows = [
        row for n in range(1, 13)
        for row in order_of(
            n, "1,configurable,A,2,20.00", "2,simple,A-M,2,20.00", "3,simple,B,1,5.00"
        )
    ]  # fmt: skip
    intake = intake_of(tmp_path, HEADER.format("product_type"), rows)
    assert (gross_of(intake), reasons_of(intake)) == (300.0, {"part_of_line": 12})


def test_lines_that_all_come_in_pairs_count_once_and_are_doubted(tmp_path: Path) -> None:
    rows = [
        row for n in range(1, 29)
        for row in order_of(
            n, f"1,x,A,2,{n}.00", f"2,x,A-M,2,{n}.00", "3,x,B,1,5.00", "4,x,B,1,5.00"
        )
    ]  # fmt: skip
    intake = intake_of(tmp_path, HEADER.format("colour"), rows)
    assert (gross_of(intake), doubts_of(intake)) == (406.0 + 28 * 5, ["in_pairs"])


# ---------------------------------------------------------------- stores


@pytest.mark.parametrize("column", ["store_id", "Sklep", "Filiale", "location"])
def test_stores_that_number_by_themselves_are_told_apart(tmp_path: Path, column: str) -> None:
    # Both stores count from 1 and sell to the same person on the third.
    rows = [
        f"{store},{n},{'c3' if n == 3 else f'{store}{n}'},2024-01-{n:02},{sku},{store}{n}.00"
        for store in "AB".replace("A", "1").replace("B", "2")
        for n in range(1, 13)
        for sku in "xy"
    ]
    intake = intake_of(tmp_path, f"{column},number,customer_id,date,sku,order_total", rows)
    gross = float(sum(int(f"{store}{n}") for store in (1, 2) for n in range(1, 13)))
    assert (gross_of(intake), intake.summary.purchases) == (gross, 24)
    assert pq.read_table(intake.orders_path)["order_id"].to_pylist()[0].count(":") == 1


def test_a_store_that_lines_of_one_order_came_from_changes_nothing(tmp_path: Path) -> None:
    rows = [
        f"{n},c{n % 5},2024-01-{n:02},{sku},{n}.5{k},{'NS'[k]}"
        for n in range(1, 25)
        for k, sku in enumerate("xy")
    ]
    header = "order_id,customer_id,date,sku,amount,location"
    intake = intake_of(tmp_path, header, rows)
    assert intake.summary.purchases == 24
    settled = intake_of(tmp_path, header, rows, columns={"store": "location"})
    assert settled.summary.purchases == 48
