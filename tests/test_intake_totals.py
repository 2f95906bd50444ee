"""Totals that would be counted more than once: an order's on its lines, a line's by its pieces."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from telling import told as sentences
from winback.intake.settling import Intake, read_orders


def intake_of(tmp_path: Path, content: str, **options: object) -> Intake:
    """Read one file with this content."""
    (tmp_path / "in.csv").write_text(content)
    return read_orders(tmp_path / "in.csv", tmp_path / "out", **options)  # type: ignore[arg-type]


def gross_of(intake: Intake) -> float:
    """The money of all lines kept, refunds included."""
    table = pq.read_table(intake.orders_path)
    return sum(table["amount"].to_pylist()) / int(table.schema.metadata[b"amount_scale"])


def said(intake: Intake) -> str:
    return " ".join(sentences(intake.summary))


def doubts_of(intake: Intake) -> list[str]:
    return [one.code.split(".")[1] for one in intake.summary.doubts]


def on_each_line(column: str, orders: int, *, odd: int = 0) -> str:
    """Orders of two lines with their total, n.25, on both; the `odd` first ones differ."""
    rows = "".join(
        f"{n},c{n % 5},2024-{n % 12 + 1:02}-{n % 28 + 1:02},{sku},"
        f"{n}.{25 + (sku == 'y' and n <= odd)}\n"
        for n in range(1, orders + 1)
        for sku in "xyx"[: 2 + (n <= odd)]
    )
    return f"order_id,customer_id,date,sku,{column}\n{rows}"


def test_a_total_on_each_line_counts_once_though_one_order_is_odd(tmp_path: Path) -> None:
    # 1 + ... + 45 and 45 quarters; two of the odd order's three lines say 1.25.
    content = on_each_line("Order Total", 45, odd=1)
    intake = intake_of(tmp_path, content)
    assert (gross_of(intake), doubts_of(intake)) == (1046.25, ["order_totals_differ"])
    assert "--amount-is line" in said(intake)
    lines = intake_of(tmp_path, content, amount_is="line")
    assert (gross_of(lines), doubts_of(lines)) == (2 * 1046.25 + 1.26, [])
    settled = intake_of(tmp_path, content, amount_is="order")
    assert (gross_of(settled), doubts_of(settled)) == (1046.25, [])


def test_a_column_of_no_telling_name_is_a_total_where_it_repeats(tmp_path: Path) -> None:
    sure = intake_of(tmp_path, on_each_line("amount", 30))
    assert (gross_of(sure), doubts_of(sure)) == (465 + 7.5, [])
    unsure = intake_of(tmp_path, on_each_line("amount", 6))
    assert (gross_of(unsure), doubts_of(unsure)) == (21 + 1.5, ["order_total_unsure"])


def test_refunds_among_the_lines_of_totals_are_refunds(tmp_path: Path) -> None:
    back = "3,c3,2024-05-04,x,-3.25\n3,c3,2024-05-04,y,-3.25\n4,c4,2024-05-05,x,-1.00\n"
    intake = intake_of(tmp_path, on_each_line("order_total", 30) + back)
    assert (gross_of(intake), doubts_of(intake)) == (465 + 7.5 - 4.25, [])


def test_a_total_on_the_first_line_alone_keeps_the_other_lines(tmp_path: Path) -> None:
    rows = "".join(f"{n},a{n % 3},2024-01-{n:02},x,{n}.50\n{n},a{n % 3},2024-01-{n:02},y,\n"
                   for n in range(1, 9))  # fmt: skip
    intake = intake_of(tmp_path, "order_id,customer_id,date,sku,value\n" + rows)
    assert (gross_of(intake), intake.summary.lines_kept) == (40.0, 16)


def test_amounts_of_lines_that_happen_to_be_equal_are_summed(tmp_path: Path) -> None:
    rows = "".join(
        f"{n},c{n % 7},2024-01-{n % 28 + 1:02},{sku},{n + (sku == 'y' and n % 4 > 0)}.50\n"
        for n in range(1, 41)
        for sku in "xy"
    )
    intake = intake_of(tmp_path, "order_id,customer_id,date,sku,amount\n" + rows)
    assert (gross_of(intake), doubts_of(intake)) == (2 * 820 + 30 + 40.0, [])


def priced(price: str, more: str = "", *, by_line: bool, per_order: int = 2) -> str:
    """Eighty lines of prices and quantities from 1 to 4; orders of two lines, totals behind."""
    rows = []
    for n in range(80):
        quantity, each = n % 4 + 1, 5 + n * 7 % 40
        lines = [(k % 4 + 1) * (5 + k * 7 % 40) for k in (n - n % 2, n - n % 2 + 1)]
        total = f",{sum(lines) + 3}.00,3.00" if more else ""
        cell = each * quantity if by_line else each
        rows.append(
            f"{n // 2},c{n // 2 % 9},2024-01-{n // 2 % 28 + 1:02},p{n},{quantity},{cell}.00{total}"
        )
    return f"order_id,customer_id,date,sku,quantity,{price}{more}\n" + "\n".join(rows) + "\n"


GROSS = float(sum((n % 4 + 1) * (5 + n * 7 % 40) for n in range(80)))


def test_the_order_s_total_says_whether_a_price_is_of_a_piece_or_of_a_line(tmp_path: Path) -> None:
    for by_line in (True, False):
        content = priced("price", ",order_total,shipping", by_line=by_line)
        intake = intake_of(tmp_path, content)
        assert (gross_of(intake), doubts_of(intake)) == (GROSS, []), by_line


def test_a_price_that_grows_with_the_quantity_is_the_line_s_and_doubted(tmp_path: Path) -> None:
    content = priced("price", by_line=True)
    intake = intake_of(tmp_path, content)
    assert (gross_of(intake), doubts_of(intake)) == (GROSS, ["line_unsure"])
    assert '--price "price"' in said(intake)
    settled = intake_of(tmp_path, content, columns={"price": "price"})
    assert gross_of(settled) > GROSS and doubts_of(settled) == []
    assert gross_of(intake_of(tmp_path, content, amount_is="line")) == GROSS
    plain = intake_of(tmp_path, priced("price", by_line=False))
    assert (gross_of(plain), doubts_of(plain)) == (GROSS, [])


def test_a_price_of_one_piece_by_its_name_is_so_but_doubted_where_it_grows(tmp_path: Path) -> None:
    intake = intake_of(tmp_path, priced("unit_price", by_line=True))
    assert gross_of(intake) > GROSS and doubts_of(intake) == ["piece_unsure"]


def test_products_show_whose_price_it_is(tmp_path: Path) -> None:
    rows = "".join(
        f"{n},c{n % 7},2024-01-{n % 28 + 1:02},p{n % 5},{n % 3 + 1},"
        f"{(n % 5 + 2) * (n % 3 + 1)}.00\n"
        for n in range(60)
    )
    intake = intake_of(tmp_path, "order_id,customer_id,date,sku,qty,price\n" + rows)
    expected = float(sum((n % 5 + 2) * (n % 3 + 1) for n in range(60)))
    assert (gross_of(intake), doubts_of(intake)) == (expected, [])
    assert "is the total of its line" in said(intake)


def test_amazon_s_item_price_is_the_line_s(tmp_path: Path) -> None:
    content = (
        "amazon-order-id\tpurchase-date\tsku\tquantity\tcurrency\titem-price\tbuyer-email\n"
        "302-1\t2023-01-09T15:04:50+00:00\ta\t3\tUSD\t30.00\ta@x.pl\n"
        "302-2\t2023-01-10T15:04:50+00:00\tb\t1\tUSD\t5.00\tb@x.pl\n"
    )
    intake = intake_of(tmp_path, content)
    assert (gross_of(intake), doubts_of(intake)) == (35.0, [])


def test_a_lines_total_that_does_not_add_up_gives_way_to_the_order_s(tmp_path: Path) -> None:
    content = priced("price", ",order_total,shipping", by_line=False)
    head, *rows = content.splitlines()
    off = [row.rsplit(",", 2)[0] + f",{1000 + n // 2}.00,3.00" for n, row in enumerate(rows)]
    intake = intake_of(tmp_path, "\n".join([head, *off]) + "\n")
    assert (gross_of(intake), doubts_of(intake)) == (40 * 1000 + 780.0, ["lines_off_total"])
