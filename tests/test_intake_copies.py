"""Lines that are there more than once: pieces of an order, or copies that count once."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from telling import told as sentences
from winback.intake.settling import Intake, read_orders

HEADER = "order_id,customer_id,order_date,sku,quantity,amount\n"


def intake_of(tmp_path: Path, *contents: str, **options: object) -> Intake:
    """Read files with these contents, in this order."""
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    for n, content in enumerate(contents):
        (folder / f"{n}.csv").write_text(content)
    return read_orders(folder, tmp_path / "out", **options)  # type: ignore[arg-type]


def gross_of(intake: Intake) -> float:
    """The money of all lines kept."""
    table = pq.read_table(intake.orders_path)
    scale = int(table.schema.metadata[b"amount_scale"])
    return sum(table["amount"].to_pylist()) / scale


def aside_of(intake: Intake) -> int:
    return int(intake.summary.lines_set_aside.by_reason.get("duplicate", 0))


def said(intake: Intake) -> str:
    return " ".join(sentences(intake.summary))


def doubts_of(intake: Intake) -> list[str]:
    return [one.code.split(".")[1] for one in intake.summary.doubts]


def rows_of(*orders: tuple[int, str], quantity: int = 1) -> str:
    """An order a pair: its number and its products, one a line, each of 10.50."""
    return "".join(
        f"{order},c{order % 3},2024-01-{order:02} 10:00:00,{sku},{quantity},10.50\n"
        for order, products in orders
        for sku in products
    )


def test_the_same_product_twice_in_an_order_is_two_pieces(tmp_path: Path) -> None:
    # Order 2 has nothing else, but order 1 shows how the shop writes pieces.
    content = HEADER + rows_of((1, "xxy"), (2, "xx"), (3, "y"))
    intake = intake_of(tmp_path, content)
    assert (gross_of(intake), aside_of(intake), doubts_of(intake)) == (63.0, 0, [])
    assert "2 lines equal another of their order" in said(intake) and "21.00" in said(intake)
    dropped = intake_of(tmp_path, content, copies="drop")
    assert (gross_of(dropped), aside_of(dropped)) == (42.0, 2)


def test_orders_that_are_there_twice_as_a_whole_count_once(tmp_path: Path) -> None:
    # The piece bought twice in order 1 stays so.
    content = rows_of((1, "xxy"), (2, "xy"), (3, "y"))
    intake = intake_of(tmp_path, HEADER + content + content)
    assert (gross_of(intake), aside_of(intake)) == (63.0, 6)
    assert "63.00" in said(intake)
    kept = intake_of(tmp_path, HEADER + content + content, copies="keep")
    assert (gross_of(kept), aside_of(kept)) == (126.0, 0)


@pytest.mark.parametrize(("quantity", "aside"), [(1, 0), (2, 1)])
def test_a_lone_line_twice_is_a_copy_where_pieces_are_a_number(
    tmp_path: Path, quantity: int, aside: int
) -> None:
    content = HEADER + rows_of((1, "xy"), (2, "xx"), (3, "y"), quantity=quantity)
    intake = intake_of(tmp_path, content)
    assert aside_of(intake) == aside
    assert doubts_of(intake) == ["copies_dropped_unsure" if aside else "copies_kept_unsure"]
    for copies in ("keep", "drop"):
        settled = intake_of(tmp_path, content, copies=copies)
        assert (aside_of(settled), doubts_of(settled)) == (copies == "drop", [])


def test_an_order_without_products_twice_is_a_copy(tmp_path: Path) -> None:
    row = "1,a,2024-01-05,10.00\n"
    intake = intake_of(tmp_path, f"order_id,customer_id,date,total\n{row}{row}2,b,2024-01-06,5\n")
    assert (gross_of(intake), aside_of(intake), doubts_of(intake)) == (15.0, 1, [])


def test_files_that_overlap_are_matched_by_what_is_read(tmp_path: Path) -> None:
    # Two lines of one product in both files are two pieces, written in two ways.
    first = (
        "Invoice,StockCode,Quantity,InvoiceDate,Price,Customer ID,exported_at\n"
        "1,A,1,2010-12-01 08:26:00,2.50,17850.0,2011-01-01\n"
        "2,B,1,2010-12-02 08:26:00,3.00,17850.0,2011-01-01\n"
        "2,B,1,2010-12-02 08:26:00,3.00,17850.0,2011-01-01\n"
        "2,C,1,2010-12-02 08:26:00,4.00,17850.0,2011-01-01\n"
    )
    second = (
        "Invoice,StockCode,Quantity,InvoiceDate,Price,Customer ID,exported_at\n"
        "2,C,1,2010-12-02 08:26:00,4,17850,2011-02-01\n"
        "2,B,1,2010-12-02 08:26:00,3,17850,2011-02-01\n"
        "2,B,1,2010-12-02 08:26:00,3,17850,2011-02-01\n"
        "3,A,2,2011-01-09 08:26:00,2.5,17851,2011-02-01\n"
    )
    intake = intake_of(tmp_path, first, second)
    assert (gross_of(intake), aside_of(intake)) == (17.5, 3)
    assert "3 lines come again in another file" in said(intake) and "10.00" in said(intake)


def events(*rows: str) -> str:
    """Purchase events as a web analytics tool writes them."""
    header = "event_date,event_timestamp,event_name,user_pseudo_id,transaction_id,revenue\n"
    days = {"09": 1704794400, "10": 1704880800, "28": 1706436000}
    return header + "".join(
        f"202401{day},{(days[day] + n) * 1000000},purchase,{person},{number},{revenue}\n"
        for n, (day, person, number, revenue) in enumerate(row.split() for row in rows)
    )


def test_a_purchase_reported_again_counts_once(tmp_path: Path) -> None:
    content = events("09 a.1 T1 10.50", "09 a.1 T1 10.50", "10 b.1 T2 7.00", "28 b.1 T2 7.00")
    intake = intake_of(tmp_path, content + events("10 c.1 T3 1.00").split("\n")[1] + "\n")
    assert (gross_of(intake), aside_of(intake)) == (18.5, 2)
    assert "2 purchases were reported again" in said(intake) and "17.50" in said(intake)


def test_numbers_that_begin_again_are_other_orders(tmp_path: Path) -> None:
    header = "order_id,customer_id,date,amount\n"
    rows = "".join(
        f"{n},c{n % 7 if month == 2 else (n * 3 + 1) % 7},2023-{month:02}-{n:02},9.99\n"
        for month in (2, 3)
        for n in range(1, 29)
    )
    intake = intake_of(tmp_path, header + rows)
    assert (round(gross_of(intake), 2), aside_of(intake)) == (559.44, 0)
    assert doubts_of(intake) == []


def test_a_number_that_comes_again_elsewhere_is_doubted(tmp_path: Path) -> None:
    rows = "".join(f"{n},c{n % 7},2023-02-{n:02},{n}.50\n" for n in range(1, 29))
    content = f"order_id,customer_id,date,amount\n{rows}5,c5,2023-03-02,5.50\n"
    assert doubts_of(intake_of(tmp_path, content)) == ["numbers_again"]
    settled = intake_of(tmp_path, content, copies="drop")
    assert (aside_of(settled), doubts_of(settled)) == (1, [])


def test_a_log_without_orders_that_was_joined_to_itself_counts_once(tmp_path: Path) -> None:
    rows = "".join(f"c{n % 7},2023-02-{n:02},{n}.50\n" for n in range(1, 29))
    intake = intake_of(tmp_path, "customer,date,amount\n" + rows + rows)
    assert (aside_of(intake), doubts_of(intake)) == (28, ["all_twice"])
