"""Ugly exports go in; canonical orders, contacts and reasons come out."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telling import told as sentences
from winback.errors import UsageError, WinbackError
from winback.intake.settling import Intake, read_orders


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def intake_of(
    folder: Path, content: str | bytes, name: str = "orders.csv", **options: Any
) -> Intake:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_orders(path, folder / "out", **options)


def lines_of(intake: Intake) -> list[dict[str, Any]]:
    return list(pq.read_table(intake.orders_path).to_pylist())


def column_of(intake: Intake, name: str) -> list[Any]:
    return [line[name] for line in lines_of(intake)]


def aside_of(intake: Intake) -> list[dict[str, str]]:
    return list(
        pd.read_csv(intake.quarantine_path, dtype=str, keep_default_na=False).to_dict("records")
    )


def reasons_of(intake: Intake) -> Mapping[str, int]:
    return dict(intake.summary["lines_set_aside"]["by_reason"])


PLAIN = """customer_id,order_id,order_date,product_id,quantity,amount
a,1,2024-01-05 10:00:00,p1,2,20.00
a,1,2024-01-05 10:00:00,p2,1,5.50
b,2,2024-02-07 12:30:00,p1,1,10.00
a,3,2024-03-01 09:15:00,p3,1,7.25
"""


# ---------------------------------------------------------------- the plain case


def test_a_plain_export_becomes_canonical_lines(tmp_path: Path) -> None:
    intake = intake_of(tmp_path, PLAIN)
    assert lines_of(intake)[0] == {
        "customer_id": "a",
        "order_id": "1",
        "ordered_at": at("2024-01-05T10:00:00"),
        "known_at": at("2024-01-05T10:00:00"),
        "product_id": "p1",
        "quantity": 2.0,
        "amount": 2000,
        "kind": "order",
    }
    assert column_of(intake, "amount") == [2000, 550, 725, 1000]
    assert intake.cutoff == date(2024, 3, 2)
    summary = intake.summary
    assert (summary["lines_in"], summary["lines_kept"], summary["purchases"]) == (4, 4, 3)
    assert (summary["customers"], summary["first_day"], summary["last_day"]) == (
        2,
        date(2024, 1, 5),
        date(2024, 3, 1),
    )
    metadata = pq.read_schema(intake.orders_path).metadata
    assert metadata[b"amount_scale"] == b"100"
    assert metadata[b"currency"] == b""
    assert (metadata[b"has_time"], metadata[b"has_products"], metadata[b"has_quantity"]) == (
        b"1",
        b"1",
        b"1",
    )


def test_an_order_at_the_cutoff_is_ignored_and_counted(tmp_path: Path) -> None:
    content = PLAIN + "b,4,2024-03-02 00:00:00,p1,1,1.00\nb,5,2024-03-01 23:59:59,p1,1,1.00\n"
    intake = intake_of(tmp_path, content, cutoff=date(2024, 3, 2))
    assert intake.summary["lines_ignored"] == 1
    assert set(column_of(intake, "order_id")) == {"1", "2", "3", "5"}


def test_no_order_id_column_makes_the_instant_the_order(tmp_path: Path) -> None:
    content = "client,date,total\n1,2024-01-05,3\n1,2024-01-05,3\n1,2024-02-05,4\n"
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "order_id") == ["2024-01-05T00:00:00"] * 2 + ["2024-02-05T00:00:00"]
    assert intake.summary["purchases"] == 2
    # Without an order id two equal lines may be two real purchases.
    assert intake.summary["possible_repeats_kept"] == 1
    assert intake.summary["amount_scale"] == 1
    assert column_of(intake, "quantity") == [None, None, None]


def test_a_single_line_is_enough(tmp_path: Path) -> None:
    intake = intake_of(tmp_path, "customer_id;date;amount\n007;2024-01-05;3,50\n")
    assert lines_of(intake)[0]["customer_id"] == "007"
    assert lines_of(intake)[0]["amount"] == 350


# ---------------------------------------------------------------- ways of writing a file

POLISH = (
    "Numer zamówienia;Kupujący;Data zamówienia;Wartość;Ilość\n"
    "ZA/1;Łódź-śćąę;23.11.2024 10:05;1 234,50 zł;2\n"
    "ZA/2;Żółw-źń;24.11.2024 11:06;12,00 zł;1\n"
)


@pytest.mark.parametrize("encoding", ["cp1250", "iso-8859-2"])
@pytest.mark.parametrize("name", ["Łucja", "Żaneta", "Stanisław", "Paweł"])
def test_one_polish_letter_a_word_tells_the_encoding(
    tmp_path: Path, encoding: str, name: str
) -> None:
    lines = [f"K{n};Z{n};2024-03-{n:02d};12,50 zł;{name}" for n in range(1, 20)]
    text = "Klient;Zamówienie;Data;Wartość;Imię\n" + "\n".join(lines) + "\n"
    intake = intake_of(tmp_path, text.encode(encoding), contact_columns=["Imię"])
    assert intake.summary["lines_set_aside"]["total"] == 0
    assert set(pd.read_parquet(intake.contacts_path)["Imię"]) == {name}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250", "iso-8859-2"])
def test_polish_letters_survive_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    intake = intake_of(tmp_path, POLISH.encode(encoding))
    assert column_of(intake, "customer_id") == ["Łódź-śćąę", "Żółw-źń"]
    assert column_of(intake, "amount") == [12345 * 10, 1200]
    assert intake.summary["currency"] == "PLN"


def test_utf_16_without_a_mark_is_read(tmp_path: Path) -> None:
    intake = intake_of(tmp_path, POLISH.encode("utf-16-le"))
    assert column_of(intake, "customer_id") == ["Łódź-śćąę", "Żółw-źń"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    intake = intake_of(tmp_path, PLAIN.replace(",", delimiter))
    assert column_of(intake, "amount") == [2000, 550, 725, 1000]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(tmp_path: Path, newline: str) -> None:
    intake = intake_of(tmp_path, PLAIN.replace("\n", newline))
    assert column_of(intake, "amount") == [2000, 550, 725, 1000]


def test_mixed_line_ends_are_mended(tmp_path: Path) -> None:
    intake = intake_of(tmp_path, PLAIN.replace("5.50\n", "5.50\r\n"))
    assert column_of(intake, "amount") == [2000, 550, 725, 1000]


def test_gzip_and_parquet_read_like_the_plain_file(tmp_path: Path) -> None:
    plain = intake_of(tmp_path, PLAIN).summary["orders_sha256"]
    packed = intake_of(tmp_path, gzip.compress(PLAIN.encode()), "orders.csv.gz")
    assert packed.summary["orders_sha256"] == plain
    frame = pd.read_csv(tmp_path / "orders.csv", dtype={"order_id": str})
    frame["order_date"] = pd.to_datetime(frame["order_date"])
    frame.to_parquet(tmp_path / "orders.parquet")
    stored = read_orders(tmp_path / "orders.parquet", tmp_path / "out")
    assert stored.summary["orders_sha256"] == plain
    assert read_orders(frame, tmp_path / "out").summary["orders_sha256"] == plain
    table = pa.Table.from_pandas(frame)
    assert read_orders(table, tmp_path / "out").summary["orders_sha256"] == plain


def test_gzip_is_known_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    plain = intake_of(tmp_path, PLAIN).summary["orders_sha256"]
    packed = intake_of(tmp_path, gzip.compress(PLAIN.encode()), "packed.csv")
    assert packed.summary["orders_sha256"] == plain
    unpacked = intake_of(tmp_path, PLAIN, "unpacked.csv.gz")
    assert unpacked.summary["orders_sha256"] == plain


def test_quoted_newlines_and_delimiters_stay_inside_their_cell(tmp_path: Path) -> None:
    content = (
        "customer,order,date,note,amount\n"
        'a,1,2024-01-05,"first, then\nsecond ""line""",3\n'
        "a,2,2024-01-06,plain,4\n"
    )
    assert column_of(intake_of(tmp_path, content), "amount") == [3, 4]


def test_ragged_rows_are_set_aside_with_their_row_number(tmp_path: Path) -> None:
    content = (
        PLAIN + "c,9,2024-03-01 10:00:00\nd,10,2024-03-01 10:00:00,p,1,2,surplus\n,11,x,p,1,2\n"
    )
    intake = intake_of(tmp_path, content)
    found = {(row["row_number"], row["reason"]) for row in aside_of(intake)}
    assert found == {
        ("6", "wrong_column_count"),
        ("7", "wrong_column_count"),
        ("8", "no_customer"),
    }
    assert intake.summary["lines_in"] == 7


def test_a_stray_quote_costs_one_row_and_not_the_rest_of_the_file(tmp_path: Path) -> None:
    rows = "".join(f"c{i},{i},2024-01-{i % 28 + 1:02},pipe,{i}.50\n" for i in range(1, 200))
    content = "customer,order,date,product,amount\n" + rows.replace(
        "c7,7,2024-01-08,pipe", 'c7,7,2024-01-08,"12 inch pipe'
    )
    intake = intake_of(tmp_path, content)
    assert intake.summary["lines_in"] == 199
    assert intake.summary["lines_kept"] == 199


def test_headers_may_be_shouted_padded_or_repeated(tmp_path: Path) -> None:
    content = (
        " CUSTOMER ID , Order Date,AMOUNT ,note,note\n1,2024-01-05,3,x,y\n2,2024-01-06,4,x,y\n"
    )
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "amount") == [3, 4]
    assert intake.summary["columns"]["customer"] == "CUSTOMER ID"


def test_two_different_columns_of_one_name_are_a_question(tmp_path: Path) -> None:
    content = "customer,Date,date,amount\n1,2024-01-05,2024-02-05,3\n2,2024-01-06,2024-03-06,4\n"
    with pytest.raises(UsageError, match=r"'Date', 'date \(2\)'.*--date COLUMN"):
        intake_of(tmp_path, content)


def test_a_report_title_above_the_header_is_skipped(tmp_path: Path) -> None:
    content = "Raport sprzedaży\n\n" + POLISH
    assert column_of(intake_of(tmp_path, content), "order_id") == ["ZA/2", "ZA/1"][::-1]


def test_a_title_that_a_spreadsheet_padded_to_full_width_is_skipped(tmp_path: Path) -> None:
    rows = "".join(f"{i};15.01.2024;K{i % 3};2,00;1 295,{i:02d} zł\n" for i in range(13, 40))
    content = f"Zestawienie;;;;\nza rok;2024;;;\nnr zamówienia;data;klient;ilość;kwota\n{rows}"
    intake = intake_of(tmp_path, content)
    assert intake.summary["lines_kept"] == 27
    assert column_of(intake, "amount")[0] == 129515


def test_a_file_without_header_is_understood_by_content(tmp_path: Path) -> None:
    content = "00001 19970101  1   11.77\n00002 19970112  1   12.00\n00002 19970113  5   77.00\n"
    intake = intake_of(tmp_path, content, "CDNOW.txt")
    assert column_of(intake, "customer_id") == ["00001", "00002", "00002"]
    assert column_of(intake, "amount") == [1177, 1200, 7700]
    assert column_of(intake, "quantity") == [1.0, 1.0, 5.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (b"customer_id,order_date,amount\n", "no row below"),
        (b"words\nand\nmore\n", "no table found"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), "this is no table"),
        (b"PK\x03\x04\x14\x00\x06\x00" + bytes(50), "cannot be read"),
        (b"PAR1 but not really", "cannot be read as Parquet"),
        (b'{"customer": "a",\n"date": "2024-01-05"}', "one JSON object"),
        (b'[{"customer": "a",\n"date": "2024-01-05"}, {"custom', "begins like JSON"),
        (b"<!DOCTYPE html><p>Log in, please; now</p>\n" * 9, "this is a web page"),
        (bytes(range(1, 256)) * 20, "this is no table"),
    ],
)
def test_what_is_no_table_gets_one_clear_line(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(WinbackError, match=message) as caught:
        intake_of(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_a_folder_without_tables_and_a_missing_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WinbackError, match="holds no table"):
        read_orders(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(UsageError, match="no such file"):
        read_orders(tmp_path / "nothing.csv", tmp_path / "out")


# ---------------------------------------------------------------- several files


def test_a_folder_is_read_as_one_history(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("customer,order,date,amount\n1,1,2024-01-05,3\n")
    (folder / "b.csv").write_text("date;Kunde;Bestellnummer;Betrag\n2024-02-05;2;9;4,50\n")
    (folder / "readme.md").write_text("not a table")
    intake = read_orders(folder, tmp_path / "out")
    assert column_of(intake, "amount") == [300, 450]
    assert intake.summary["files"] == ("a.csv", "b.csv")


def test_a_file_without_a_needed_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("customer,order,date,amount\n1,1,2024-01-05,3\n")
    (tmp_path / "b.csv").write_text("colour,size\nred,big\nblue,small\n")
    with pytest.raises(UsageError, match=r"^b\.csv: no column looks like"):
        read_orders([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "out")


def test_the_same_file_twice_gives_only_duplicates(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(PLAIN)
    intake = read_orders(str(tmp_path / "?.csv"), tmp_path / "out")
    assert reasons_of(intake) == {"duplicate": 4}
    assert {row["source_file"] for row in aside_of(intake)} == {"b.csv"}
    assert intake.summary["lines_kept"] == 4


def test_the_same_lines_with_columns_in_another_order_are_duplicates(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text(PLAIN)
    turned = [",".join(reversed(line.split(","))) for line in PLAIN.splitlines()]
    (folder / "b.csv").write_text("\n".join(turned).replace("customer_id", "Customer ID") + "\n")
    intake = read_orders(folder, tmp_path / "out")
    assert (intake.summary["lines_kept"], reasons_of(intake)) == (4, {"duplicate": 4})


def test_results_of_an_earlier_run_inside_the_folder_are_no_orders(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "result" / "orders").mkdir(parents=True)
    (folder / "a.csv").write_text(PLAIN)
    for name in ("scores.parquet", "decisions.parquet", "list.csv", "orders/orders.parquet"):
        (folder / "result" / name).write_text("customer_id,date,amount\nz,2024-01-05,1\n")
    assert read_orders(folder, tmp_path / "out").summary["files"] == ("a.csv",)


# ---------------------------------------------------------------- shops' own exports


def test_shopify_fills_its_order_fields_down(tmp_path: Path) -> None:
    content = (
        "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,"
        "Lineitem price,Lineitem sku,Cancelled at,Refunded Amount\n"
        "#1001,Ada@Example.com,paid,PLN,35.00,2024-10-07 09:50:26 +0200,1,Mug,10.00,M1,,0.00\n"
        "#1001,Ada@Example.com,,,,,2,Cup,12.50,C1,,\n"
        "#1002,bob@example.com,partially_refunded,PLN,20.00,2024-12-07 09:50:26 +0100,2,Mug,10.00,"
        "M1,,5.00\n"
        "#1003,bob@example.com,paid,PLN,7.00,2024-12-08 09:50:26 +0100,1,Mug,7.00,M1,"
        "2024-12-09 10:00:00 +0100,0.00\n"
        "#1004,cy@example.com,pending,PLN,7.00,2024-12-08 09:50:26 +0100,1,Mug,7.00,M1,,0.00\n"
    )
    intake = intake_of(tmp_path, content)
    lines = [
        (x["customer_id"], x["order_id"], str(x["ordered_at"]), x["amount"], x["kind"])
        for x in lines_of(intake)
    ]
    assert lines == [
        ("ada@example.com", "#1001", "2024-10-07 09:50:26", 25, "order"),
        ("ada@example.com", "#1001", "2024-10-07 09:50:26", 10, "order"),
        ("bob@example.com", "#1002", "2024-12-07 09:50:26", 20, "order"),
        ("bob@example.com", "#1002", "2024-12-07 09:50:26", -5, "refund"),
        ("bob@example.com", "#1003", "2024-12-08 09:50:26", 7, "order"),
    ]
    # The cancellation came after the last order, so it lies beyond the cutoff.
    assert intake.cutoff == date(2024, 12, 9)
    later = intake_of(tmp_path, content, cutoff=date(2025, 1, 1))
    assert lines_of(later)[-1]["ordered_at"] == at("2024-12-09T10:00:00")
    assert lines_of(later)[-1]["amount"] == -7
    assert reasons_of(intake) == {"not_paid": 1}
    assert intake.summary["currency"] == "PLN"


def test_uci_online_retail_reads_right(tmp_path: Path) -> None:
    content = (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850.0,United Kingdom\n"
        "536365,71053,LANTERN,6,12/1/2010 8:26,0.001,17850.0,United Kingdom\n"
        "C536379,D,Discount,-1,12/13/2010 9:41,27.5,14527.0,United Kingdom\n"
        "536414,22139,,56,12/1/2010 11:52,0,,United Kingdom\n"
    )
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "customer_id") == ["17850", "17850"]
    # 0.001 x 6 needs thousandths of a pound.
    assert sorted(column_of(intake, "amount")) == [6, 15300]
    assert reasons_of(intake) == {"no_customer": 1}
    assert intake.summary["lines_ignored"] == 1
    assert "month first, because of 12/13/2010 9:41" in " ".join(sentences(intake.summary))


def test_uci_retail_two_has_other_names(tmp_path: Path) -> None:
    content = (
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
        "489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom\n"
    )
    assert column_of(intake_of(tmp_path, content), "amount") == [8340]


def test_magento_prints_a_24_hour_clock_with_am_and_pm(tmp_path: Path) -> None:
    content = (
        "ID,Purchase Point,Purchase Date,Bill-to Name,Grand Total (Base),Grand Total (Purchased),"
        "Status,Customer Email,Subtotal,Customer Name,Total Refunded\n"
        '000000123,Main,"Sep 3, 2024 14:05:09 PM",X Y,10.0000,10.0000,complete,a@example.com,9,X,\n'
        '000000124,Main,"Sep 4, 2024 9:05:09 AM",X Y,11.0000,11.0000,canceled,a@example.com,9,X,\n'
        '000000125,Main,"Sep 5, 2024 00:05:09 AM",X Y,12.0000,12.0000,closed,a@example.com,9,X,12\n'
        '000000126,Main,"Sep 6, 2024 12:05:09 PM",X Y,13.0000,13.0000,pending,b@example.com,9,X,\n'
    )
    intake = intake_of(tmp_path, content)
    assert [str(t) for t in column_of(intake, "ordered_at")] == [
        "2024-09-03 14:05:09",
        "2024-09-04 09:05:09",
        "2024-09-04 09:05:09",
        "2024-09-05 00:05:09",
        "2024-09-05 00:05:09",
    ]
    assert column_of(intake, "amount") == [10, 11, -11, 12, -12]
    assert column_of(intake, "order_id")[0] == "000000123"
    assert any("dated like their order" in line for line in sentences(intake.summary))


def test_woocommerce_guests_are_no_customer(tmp_path: Path) -> None:
    rows = "".join(
        f"{i},{i % 12 + 20},2024-01-{i % 28 + 1:02} 10:00:00,wc-completed,5.5\n" for i in range(60)
    )
    guests = "".join(
        f"{i},0,2024-01-{i % 28 + 1:02} 10:00:00,wc-processing,5.5\n" for i in range(60, 100)
    )
    content = "order_id,customer_id,date_created,status,net_total\n" + rows + guests
    intake = intake_of(tmp_path, content)
    assert reasons_of(intake) == {"no_customer": 40}


def test_woocommerce_writes_its_revenue_twice(tmp_path: Path) -> None:
    content = (
        "Date,Order #,N. Revenue (formatted),Status,Customer,Items sold,N. Revenue\n"
        '2024-01-05 10:00:00,7,"1,234.50zł",completed,Jan Kot,2,1234.5\n'
        "2024-01-06 10:00:00,8,99.00zł,refunded,Jan Kot,1,99\n"
    )
    assert column_of(intake_of(tmp_path, content), "amount") == [123450, 9900, -9900]


def test_prestashop_and_star_schema_and_journey_are_found(tmp_path: Path) -> None:
    presta = (
        "id_order,reference,id_customer,current_state,valid,total_paid,date_add\n"
        "1,XKBKNABJK,7,5,1,61.80,2024-09-10 10:00:00\n"
        "2,OHSATSERP,7,6,0,69.90,2024-09-11 10:00:00\n"
    )
    intake = intake_of(tmp_path, presta)
    assert column_of(intake, "amount") == [6180]
    assert reasons_of(intake) == {"not_paid": 1}
    star = "order_key,customer_key,order_date_key,net_amount,quantity\n1,5,20240131,10.50,2\n"
    intake = intake_of(tmp_path, star)
    assert column_of(intake, "ordered_at") == [at("2024-01-31")]
    journey = (
        "household_id,store_id,basket_id,product_id,quantity,sales_value,transaction_timestamp\n"
        "900,330,31198570044,1095275,1,0.50,2017-01-01T11:53:26Z\n"
    )
    intake = intake_of(tmp_path, journey)
    assert lines_of(intake)[0]["customer_id"] == "900"
    assert column_of(intake, "amount") == [50]


def test_olist_persons_are_found_behind_its_order_keys(tmp_path: Path) -> None:
    content = (
        "order_id,customer_id,customer_unique_id,order_status,order_purchase_timestamp,"
        "order_approved_at,product_id,price,freight_value\n"
        "o1,c1,u1,delivered,2017-10-02 10:56:33,2017-10-02 11:07:15,p1,29.99,8.72\n"
        "o2,c2,u1,canceled,2017-10-03 10:56:33,2017-10-03 11:07:15,p1,19.99,8.72\n"
    )
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "customer_id") == ["u1"] * 3
    assert column_of(intake, "amount") == [2999, 1999, -1999]


def test_stripe_writes_cents_and_unix_seconds(tmp_path: Path) -> None:
    content = (
        "id,object,amount,amount_refunded,created,currency,customer,status\n"
        "ch_1,charge,1999,0,1700000000,usd,cus_1,succeeded\n"
        "ch_2,charge,500,500,1700090000,usd,cus_1,failed\n"
        "ch_3,charge,700,200,1700090000,usd,cus_2,succeeded\n"
    )
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "ordered_at")[0] == at("2023-11-14T22:13:20")
    assert column_of(intake, "amount") == [1999, 700, -200]
    assert intake.summary["amount_scale"] == 100
    assert intake.summary["currency"] == "USD"
    local = intake_of(tmp_path, content, timezone="Europe/Warsaw")
    assert column_of(local, "ordered_at")[0] == at("2023-11-14T23:13:20")


def test_ga4_events_other_than_purchases_are_set_aside(tmp_path: Path) -> None:
    content = (
        "event_date,event_timestamp,event_name,user_pseudo_id,ecommerce.transaction_id,"
        "ecommerce.purchase_revenue\n"
        "20240105,1704448800000000,purchase,u.1,T1,30.5\n"
        "20240105,1704448900000000,page_view,u.1,,\n"
        "20240107,1704621600000000,refund,u.1,T1,30.5\n"
        "20240108,1704708000000000,purchase,u.1,T2,10\n"
    )
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "amount") == [3050, -3050, 1000]
    assert column_of(intake, "kind") == ["order", "refund", "order"]
    assert reasons_of(intake) == {"not_a_purchase": 1}
    assert lines_of(intake)[0]["ordered_at"].date() == date(2024, 1, 5)


def test_allegro_and_german_headers_are_found(tmp_path: Path) -> None:
    german = (
        "Bestellnummer;Kundennummer;Bestelldatum;Artikelnummer;Menge;Einzelpreis;Gesamtpreis\n"
        "B1;0012;3. Sep. 2024;A-1;2;1.234,50 €;2.469,00 €\n"
        "B2;0012;14. Okt. 2024;A-2;1;3,50 €;3,50 €\n"
    )
    intake = intake_of(tmp_path, german)
    assert column_of(intake, "amount") == [246900, 350]
    assert column_of(intake, "ordered_at") == [at("2024-09-03"), at("2024-10-14")]
    assert intake.summary["currency"] == "EUR"
    assert intake.summary["columns"]["amount"] == "Gesamtpreis"
    allegro = (
        "OrderId,BuyerLogin,OrderDate,OfferId,Quantity,Price,Status\n"
        "f1,ada,2024-09-03T08:00:00.123Z,77,3,9.99,READY_FOR_PROCESSING\n"
        "f2,ada,2024-09-04T08:00:00.123Z,77,3,9.99,CANCELLED\n"
        "f3,bob,2024-09-05T08:00:00.123Z,77,3,9.99,FILLED_IN\n"
    )
    intake = intake_of(tmp_path, allegro)
    assert column_of(intake, "amount") == [2997, 2997, -2997]


def test_an_order_total_repeated_on_each_line_is_not_summed(tmp_path: Path) -> None:
    content = (
        "order_id,customer_id,order_date,sku,qty,unit_price,total\n"
        "1,a,2024-01-05,x,2,10.00,35.00\n1,a,2024-01-05,y,1,15.00,35.00\n"
        "2,b,2024-01-06,x,1,10.00,10.00\n"
    )
    intake = intake_of(tmp_path, content)
    assert sum(column_of(intake, "amount")) == 45
    without = "order_id,customer_id,order_date,sku,order_total\n" + "".join(
        f"{i},c{i % 3},2024-01-{i + 1:02},x,{i}.50\n{i},c{i % 3},2024-01-{i + 1:02},y,{i}.50\n"
        for i in range(1, 10)
    )
    intake = intake_of(tmp_path, without)
    assert sum(column_of(intake, "amount")) == sum(i * 100 + 50 for i in range(1, 10))


# ---------------------------------------------------------------- choosing columns


def test_a_missing_customer_asks_for_the_flag(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        intake_of(tmp_path, "colour,date,amount\nred,2024-01-05,3.5\nblue,2024-01-05,3.5\n")
    message = str(caught.value)
    assert "--customer COLUMN" in message and "'colour'" in message and "\n" not in message


def test_named_columns_win_and_a_wrong_name_meets_its_neighbour(tmp_path: Path) -> None:
    content = "who,client_id,when,amount,gross\nx,1,2024-01-05,3,5\ny,2,2024-01-06,4,6\n"
    chosen = {"customer": "WHO", "amount": "gross"}
    intake = intake_of(tmp_path, content, columns=chosen)
    assert column_of(intake, "customer_id") == ["x", "y"]
    assert column_of(intake, "amount") == [5, 6]
    with pytest.raises(UsageError, match=r"no column 'grosss'.*nearest is 'gross'"):
        intake_of(tmp_path, content, columns={"amount": "grosss"})
    with pytest.raises(UsageError, match="no role 'custommer'"):
        intake_of(tmp_path, content, columns={"custommer": "who"})


def test_names_that_tell_nothing_are_settled_by_content(tmp_path: Path) -> None:
    rows = "".join(
        f"X{i // 2},K{i // 2 % 7},2024-01-{i // 2 % 28 + 1:02},{i}.25\n" for i in range(60)
    )
    intake = intake_of(tmp_path, "f1,f2,f3,f4\n" + rows)
    columns = intake.summary["columns"]
    assert columns == {"customer": "f2", "order": "f1", "date": "f3", "amount": "f4"}


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-11-23", "2024-11-23T00:00:00"),
        ("2024-11-23 14:05", "2024-11-23T14:05:00"),
        ("2024-11-23T14:05:09.123456", "2024-11-23T14:05:09"),
        ("2024-11-23T14:05:09Z", "2024-11-23T14:05:09"),
        ("2024-11-23T14:05:09+02:00", "2024-11-23T14:05:09"),
        ("2024-11-23 14:05:09 UTC", "2024-11-23T14:05:09"),
        ("2024/11/23 14:05", "2024-11-23T14:05:00"),
        ("23.11.2024", "2024-11-23T00:00:00"),
        ("23.11.2024 14:05:09", "2024-11-23T14:05:09"),
        ("23/11/24 9:05", "2024-11-23T09:05:00"),
        ("11/23/2024 2:05 PM", "2024-11-23T14:05:00"),
        ("11/23/2024 12:05 AM", "2024-11-23T00:05:00"),
        ("23-11-2024, 14:05", "2024-11-23T14:05:00"),
        ("20241123", "2024-11-23T00:00:00"),
        ("20241123140509", "2024-11-23T14:05:09"),
        ("1732370709", "2024-11-23T14:05:09"),
        ("1732370709000", "2024-11-23T14:05:09"),
        ("1732370709000000", "2024-11-23T14:05:09"),
        ("45619", "2024-11-23T00:00:00"),
        ("45619.5", "2024-11-23T12:00:00"),
        ("45619,5", "2024-11-23T12:00:00"),
        ("23 Nov 2024", "2024-11-23T00:00:00"),
        ("Nov 23, 2024", "2024-11-23T00:00:00"),
        ("23-Nov-24", "2024-11-23T00:00:00"),
        ("November 23, 2024 2:05 PM", "2024-11-23T14:05:00"),
        ("Sat, 23 Nov 2024 14:05:09 +0000", "2024-11-23T14:05:09"),
        ("23 lis 2024 14:05", "2024-11-23T14:05:00"),
        ("23 listopada 2024", "2024-11-23T00:00:00"),
        ("23. Nov. 2024", "2024-11-23T00:00:00"),
        ("Nov 23, 2024 14:05:09 PM", "2024-11-23T14:05:09"),
    ],
)
def test_a_date_is_read_as_written(tmp_path: Path, written: str, meant: str) -> None:
    intake = intake_of(tmp_path, f'customer;date;amount\na;"{written}";3\nb;"{written}";3\n')
    assert column_of(intake, "ordered_at") == [at(meant)] * 2


def test_a_clock_in_a_column_of_its_own_joins_the_date(tmp_path: Path) -> None:
    content = "Klient;Data;Godzina;Kwota\na;23.11.2024;9:05;1\na;23.11.2024;19:05:30;1\n"
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "ordered_at") == [at("2024-11-23T09:05:00"), at("2024-11-23T19:05:30")]


def test_day_and_month_are_told_apart_over_the_whole_column(tmp_path: Path) -> None:
    head = "customer,date,amount\na,01/02/2024,3\nb,03/04/2024,3\n"
    with pytest.raises(UsageError, match="--day-first or --month-first") as caught:
        intake_of(tmp_path, head)
    assert "\n" not in str(caught.value)
    day = intake_of(tmp_path, head + "c,23/04/2024,1\n")
    assert column_of(day, "ordered_at")[0] == at("2024-02-01")
    assert any("because of 23/04/2024 in row 4" in line for line in sentences(day.summary))
    month = intake_of(tmp_path, head + "c,04/23/2024,1\n")
    assert column_of(month, "ordered_at")[0] == at("2024-01-02")
    told = intake_of(tmp_path, head, day_first=True)
    assert column_of(told, "ordered_at")[0] == at("2024-02-01")
    with pytest.raises(UsageError, match="mixes day-first and month-first"):
        intake_of(tmp_path, head + "c,04/23/2024,1\nc,23/04/2024,1\n")


def test_a_few_unreadable_dates_are_set_aside_and_many_are_an_error(tmp_path: Path) -> None:
    intake = intake_of(
        tmp_path, PLAIN + "a,9,soon,p,1,1\na,10,2024-13-45 10:00:00,p,1,1\na,11,,p,1,1\n"
    )
    assert reasons_of(intake) == {"no_date": 1, "unreadable_date": 2}
    found = {row["found"] for row in aside_of(intake)}
    assert found == {"", "soon", "2024-13-45 10:00:00"}
    with pytest.raises(UsageError, match="most of column 'date'"):
        intake_of(
            tmp_path,
            "customer,date,amount\na,soon,3\nb,later,4\nb,2024-01-05,4\n",
            columns={"date": "date"},
        )


def test_offsets_keep_the_wall_time_of_one_zone(tmp_path: Path) -> None:
    head = "customer,date,amount\n"
    summer, winter = "a,2024-07-01T23:30:00+02:00,1\n", "a,2024-12-01T23:30:00+01:00,1\n"
    kept = intake_of(tmp_path, head + summer + winter)
    assert column_of(kept, "ordered_at") == [at("2024-07-01T23:30:00"), at("2024-12-01T23:30:00")]
    mixed = intake_of(tmp_path, head + summer + "a,2024-12-01T23:30:00-05:00,1\n")
    assert column_of(mixed, "ordered_at") == [at("2024-07-01T21:30:00"), at("2024-12-02T04:30:00")]
    assert any("converted to UTC" in line for line in sentences(mixed.summary))
    moved = intake_of(tmp_path, head + summer + winter, timezone="America/New_York")
    assert column_of(moved, "ordered_at") == [at("2024-07-01T17:30:00"), at("2024-12-01T17:30:00")]
    with pytest.raises(UsageError, match="no time zone 'Warsaw'"):
        intake_of(tmp_path, head + summer, timezone="Warsaw")


def test_typed_columns_of_a_frame_lose_nothing(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "customer_id": [17850.0, 17851.0, float("nan")],
            "order_id": [1, 2, 3],
            "date": pd.to_datetime(
                ["2024-07-01 21:30", "2024-12-01 22:30", "2024-12-01 22:30"], utc=True
            ).tz_convert("Europe/Warsaw"),
            "amount": pd.array([0.1 + 0.2, 5, 7], dtype="float64"),
        }
    )
    intake = read_orders(frame, tmp_path / "out")
    assert column_of(intake, "customer_id") == ["17850", "17851"]
    assert column_of(intake, "ordered_at") == [at("2024-07-01T23:30:00"), at("2024-12-01T23:30:00")]
    assert column_of(intake, "amount") == [30, 500]
    assert aside_of(intake)[0]["row_number"] == "3"
    single = pd.DataFrame({"customer_id": ["a"], "date": [date(2024, 1, 5)], "amount": [12.34]})
    single["amount"] = single["amount"].astype("float32")
    assert column_of(read_orders(single, tmp_path / "out"), "amount") == [1234]


def test_typed_parquet_with_decimals_categories_and_records_is_read(tmp_path: Path) -> None:
    table = pa.table(
        {
            "user_id": pa.array(["u1", "u1"]).dictionary_encode(),
            "event_timestamp": pa.array([1704448800000000, 1704621600000000], pa.int64()),
            "ecommerce": pa.array(
                [
                    {"transaction_id": "T1", "purchase_revenue": Decimal("30.50")},
                    {"transaction_id": "T2", "purchase_revenue": Decimal("10.00")},
                ],
                pa.struct(
                    [
                        ("transaction_id", pa.string()),
                        ("purchase_revenue", pa.decimal128(12, 2)),
                    ]
                ),
            ),
        }
    )
    pq.write_table(table, tmp_path / "events.parquet")
    intake = read_orders(tmp_path / "events.parquet", tmp_path / "out")
    assert column_of(intake, "amount") == [3050, 1000]
    assert column_of(intake, "order_id") == ["T1", "T2"]
    assert column_of(intake, "ordered_at")[0] == at("2024-01-05T10:00:00")


def test_lonely_and_placeholder_dates_are_set_aside_and_named(tmp_path: Path) -> None:
    rows = "".join(f"c{i % 9},{i},2024-{i % 6 + 1:02}-{i % 28 + 1:02},5\n" for i in range(40))
    head = "customer,order,date,amount\n" + rows
    intake = intake_of(
        tmp_path, head + "x,900,2031-01-01,5\ny,901,1970-01-01,5\ny,902,1970-01-01,5\n"
    )
    assert reasons_of(intake) == {"lonely_date": 3}
    assert intake.cutoff == date(2024, 6, 29) or intake.cutoff.year == 2024
    assert any("1970-01-01, 2031-01-01" in line for line in sentences(intake.summary))
    cut = intake_of(tmp_path, head + "x,900,2031-01-01,5\n", cutoff=date(2025, 1, 1))
    assert (reasons_of(cut), cut.summary["lines_ignored"]) == ({}, 1)
    few = intake_of(tmp_path, PLAIN + "b,9,2031-01-01 10:00:00,p,1,1\n")
    assert few.cutoff == date(2031, 1, 2)


# ---------------------------------------------------------------- ids


def test_ids_keep_zeros_case_and_codes_with_points(tmp_path: Path) -> None:
    content = (
        "customer,sku,date,amount\n"
        "00017,1.10,2024-01-05,1\nabC ,1.20,2024-01-05,1\n'0099,7.0,2024-01-05,1\n"
    )
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "customer_id") == ["00017", "0099", "abC"]
    assert sorted(column_of(intake, "product_id")) == ["1.10", "1.20", "7.0"]


def test_words_for_nobody_and_damaged_ids_are_set_aside(tmp_path: Path) -> None:
    words = ["", "nan", "None", "NULL", "N/A", " ", "guest", "5.55E+12"]
    rows = "".join(f"{word},{i},2024-01-05,1\n" for i, word in enumerate(words))
    intake = intake_of(tmp_path, "customer,order,date,amount\nok,77,2024-01-05,1\n" + rows)
    assert reasons_of(intake) == {"no_customer": 7, "damaged_id": 1}


# ---------------------------------------------------------------- amounts


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1234.5", 1234.5),
        ("1,234.50", 1234.5),
        ("1.234,50", 1234.5),
        ("1 234,50", 1234.5),
        ("1\u00a0234,50 zł", 1234.5),
        ("1'234.50", 1234.5),
        ("$1,234.50", 1234.5),
        ("PLN 1234,50", 1234.5),
        ("1234,50 PLN", 1234.5),
        ("€ 1.234,50", 1234.5),
        ("£1234.50", 1234.5),
        ("+1234.50", 1234.5),
        ("1.2345E+03", 1234.5),
    ],
)
def test_an_amount_is_read_as_written(tmp_path: Path, written: str, value: float) -> None:
    intake = intake_of(tmp_path, f'customer;date;amount\na;2024-01-05;"{written}"\n')
    assert column_of(intake, "amount") == [round(value * 100)]


@pytest.mark.parametrize("written", ["(12.50)", "-12.50", "12.50-", "-$12.50", "$-12.50", "−12.50"])
def test_negative_amounts_in_every_form_are_refunds(tmp_path: Path, written: str) -> None:
    content = f'customer;order;date;amount\na;1;2024-01-05;20.00\na;2;2024-01-04;"{written}"\n'
    intake = intake_of(tmp_path, content)
    assert (column_of(intake, "amount"), column_of(intake, "kind")) == (
        [-1250, 2000],
        ["refund", "order"],
    )


def test_three_digits_after_a_mark_follow_the_column(tmp_path: Path) -> None:
    def amounts(*written: str) -> list[Any]:
        rows = "".join(f"a;2024-01-{i + 1:02};{w}\n" for i, w in enumerate(written))
        intake = intake_of(tmp_path, "customer;date;amount\n" + rows)
        return [x / intake.summary["amount_scale"] for x in column_of(intake, "amount")]

    assert amounts("1.234", "1.234,50") == [1234, 1234.5]
    assert amounts("1,234", "1,234.50") == [1234, 1234.5]
    assert amounts("1,234", "0,500") == [1.234, 0.5]
    assert amounts(*["1,234"] * 10, "999") == [*[1234] * 10, 999]
    assert amounts("1 234", "12 345 678") == [1234, 12345678]


@pytest.mark.parametrize(
    ("written", "scale", "units"),
    [
        (["5", "7"], 1, [5, 7]),
        (["5.5", "7.25"], 100, [550, 725]),
        (["5.125", "7.5"], 1000, [5125, 7500]),
        (["0.0001", "7"], 10000, [1, 70000]),
        (["0.30000000000000004", "7"], 100, [30, 700]),
        (["163056", "99"], 1, [163056, 99]),
        (["123456789.01", "1"], 100, [12345678901, 100]),
    ],
)
def test_amounts_are_integers_at_the_smallest_scale(
    tmp_path: Path, written: list[str], scale: int, units: list[int]
) -> None:
    rows = "".join(f"a,2024-01-{i + 1:02},{w}\n" for i, w in enumerate(written))
    intake = intake_of(tmp_path, "customer,date,amount\n" + rows)
    assert intake.summary["amount_scale"] == scale
    assert column_of(intake, "amount") == units
    assert intake.summary["amounts_rounded"] == 0


def test_amounts_finer_than_any_scale_are_rounded_and_counted(tmp_path: Path) -> None:
    intake = intake_of(tmp_path, "customer,date,amount\na,2024-01-05,3.3333333\na,2024-01-06,1\n")
    assert (column_of(intake, "amount"), intake.summary["amounts_rounded"]) == ([33333, 10000], 1)


def test_what_is_no_number_is_set_aside_without_showing_a_name(tmp_path: Path) -> None:
    content = (
        PLAIN
        + "a,8,2024-03-01 09:00:00,p,1,Jan Maria Kowalski\na,9,2024-03-01 09:00:00,p,1,x@y.pl\n"
    )
    intake = intake_of(tmp_path, content + "a,10,2024-03-01 09:00:00,p,1,\n")
    assert reasons_of(intake) == {"no_amount": 1, "unreadable_amount": 2}
    text = intake.quarantine_path.read_text()
    assert "Kowalski" not in text and "@" not in text


def test_several_currencies_are_refused_with_counts(tmp_path: Path) -> None:
    content = (
        "customer,date,amount,currency\n"
        "a,2024-01-05,1,PLN\na,2024-01-05,1,pln\na,2024-01-05,1,EUR\n"
    )
    with pytest.raises(WinbackError, match=r"PLN \(2\slines\), EUR \(1\sline\).*currency=EUR"):
        intake_of(tmp_path, content)
    signs = "customer;date;amount\na;2024-01-05;1,00 zł\na;2024-01-05;1,00 €\n"
    with pytest.raises(WinbackError, match="several currencies"):
        intake_of(tmp_path, signs)


# ---------------------------------------------------------------- orders, refunds, repeats


def test_a_purchase_stays_one_and_a_refund_is_its_own_event(tmp_path: Path) -> None:
    """What each line of one customer becomes.

    order 1: +30, a discount of -5 with it, at 10:00; -30 at 18:00 the same day
    order 2: +10 and -10 at once: nothing was bought
    order 3: -7 alone: a refund
    order 4: 0: a gift
    order 5: +4 today and -4 next week: a purchase, then a refund
    order 6: +5, -8 at the same time: more went back than was bought
    """
    content = """customer,order,date,amount
a,1,2024-01-05 10:00:00,30
a,1,2024-01-05 10:00:00,-5
a,1,2024-01-05 18:00:00,-30
a,2,2024-01-06 10:00:00,10
a,2,2024-01-06 10:00:00,-10
a,3,2024-01-07 10:00:00,-7
a,4,2024-01-08 10:00:00,0
a,5,2024-01-09 10:00:00,4
a,5,2024-01-16 10:00:00,-4
a,6,2024-01-10 10:00:00,5
a,6,2024-01-10 10:00:00,-8
"""
    intake = intake_of(tmp_path, content, cutoff=date(2024, 2, 1))
    kinds = {(x["order_id"], x["amount"]): x["kind"] for x in lines_of(intake)}
    assert kinds == {
        ("1", 30): "order",
        ("1", -5): "order",
        ("1", -30): "refund",
        ("2", 10): "free",
        ("2", -10): "free",
        ("3", -7): "refund",
        ("4", 0): "free",
        ("5", 4): "order",
        ("5", -4): "refund",
        ("6", 5): "refund",
        ("6", -8): "refund",
    }
    assert intake.summary["purchases"] == 2


@pytest.mark.parametrize(
    "word",
    [
        "cancelled",
        "Canceled",
        "refunded",
        "Anulowane",
        "anulowano",
        "Zwrócone",
        "storniert",
        "Refund pending",
        "Nieodebrane",
        "nie odebrano",
        "undelivered",
        "Nicht zugestellt",
        "unavailable",
    ],
)
def test_a_cancelled_order_keeps_its_purchase_and_gains_a_refund(tmp_path: Path, word: str) -> None:
    content = (
        f"customer,order,date,amount,status\na,1,2024-01-05,30,{word}\na,1,2024-01-05,-5,{word}\n"
    )
    intake = intake_of(tmp_path, content)
    assert sorted(column_of(intake, "amount")) == [-30, -5, 5, 30]
    assert (intake.summary["rows_added"], intake.summary["lines_kept"]) == (2, 2)
    assert intake.summary["purchases"] == 1


@pytest.mark.parametrize(
    "word",
    [
        "unpaid",
        "pending",
        "failed",
        "draft",
        "voided",
        "test",
        "Nieopłacone",
        "Not paid",
        "On backorder (not paid)",
        "Payment error",
        "Awaiting bank wire payment",
        "Niezapłacone",
        "nie opłacono",
        "Błąd płatności",
        "nicht bezahlt",
    ],
)
def test_orders_never_paid_are_set_aside(tmp_path: Path, word: str) -> None:
    content = (
        f"customer,order,date,amount,status\na,1,2024-01-05,30,{word}\na,2,2024-01-05,5,paid\n"
    )
    intake = intake_of(tmp_path, content)
    assert reasons_of(intake) == {"not_paid": 1}


@pytest.mark.parametrize(
    "word",
    ["Oczekuje na wysyłkę", "Awaiting shipment", "Pending fulfillment", "Refund declined", "paid"],
)
def test_orders_that_wait_for_their_parcel_are_purchases(tmp_path: Path, word: str) -> None:
    content = f"customer,order,date,amount,status\na,1,2024-01-05,30,{word}\n"
    assert column_of(intake_of(tmp_path, content), "amount") == [30]


def test_an_unknown_status_is_kept_and_named(tmp_path: Path) -> None:
    content = "customer,order,date,amount,status\na,1,2024-01-05,30,purple\na,2,2024-01-05,5,paid\n"
    intake = intake_of(tmp_path, content)
    assert intake.summary["lines_kept"] == 2
    assert any("unknown and kept: 'purple'" in line for line in sentences(intake.summary))


def test_a_refund_is_dated_when_it_was_cancelled(tmp_path: Path) -> None:
    content = (
        "customer,order,date,amount,status,cancelled_at\n"
        "a,1,2024-01-05,30,cancelled,2024-02-05\na,2,2024-03-05,30,paid,\n"
    )
    intake = intake_of(tmp_path, content)
    refund = next(x for x in lines_of(intake) if x["kind"] == "refund")
    assert refund["ordered_at"] == at("2024-02-05") == refund["known_at"]


def test_a_credit_note_written_as_positive_turns_its_sign(tmp_path: Path) -> None:
    content = (
        "customer,invoice,date,amount\n"
        "a,123,2024-01-05,30\na,C123,2024-01-06,30\nb,C9,2024-01-06,5\n"
    )
    intake = intake_of(tmp_path, content, cutoff=date(2024, 2, 1))
    assert column_of(intake, "amount") == [30, -30, 5]
    assert intake.summary["signs_turned"] == 1


def test_an_order_that_is_there_again_counts_once(tmp_path: Path) -> None:
    again = "a,1,2024-01-05 10:00:00,p1,2,20.00\na,1,2024-01-05 10:00:00,p2,1,5.50\n"
    intake = intake_of(tmp_path, PLAIN + again)
    assert reasons_of(intake) == {"duplicate": 2}
    assert [row["row_number"] for row in aside_of(intake)] == ["6", "7"]


def test_known_at_is_never_before_the_order(tmp_path: Path) -> None:
    content = (
        "customer,date,known_at,amount\na,2024-01-05,2024-01-03,1\na,2024-01-06,2024-01-09,1\n"
    )
    intake = intake_of(tmp_path, content)
    assert column_of(intake, "known_at") == [at("2024-01-05"), at("2024-01-09")]


def test_no_purchase_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WinbackError, match="no purchase"):
        intake_of(tmp_path, "customer,order,date,amount\na,1,2024-01-05,-3\na,2,2024-01-06,0\n")
    with pytest.raises(WinbackError, match="no purchase before the cutoff 2020-01-01"):
        intake_of(tmp_path, PLAIN, cutoff=date(2020, 1, 1))


def test_a_till_is_named_and_kept(tmp_path: Path) -> None:
    people = "".join(f"c{i},{i},2024-01-{i % 28 + 1:02},5\n" for i in range(500))
    till = "".join(f"z9,t{i},2024-01-{i % 28 + 1:02},5\n" for i in range(100))
    intake = intake_of(tmp_path, "customer,order,date,amount\n" + people + till)
    (found,) = intake.summary["suspicious_customers"]
    assert (found["customer_id"], found["purchases"]) == ("z9", 100)
    assert "--guest" in "".join(sentences(intake.summary))
    assert intake.summary["lines_kept"] == 600


# ---------------------------------------------------------------- contacts and consent


def test_contacts_hold_the_last_word_and_go_nowhere_else(tmp_path: Path) -> None:
    content = (
        "customer,order,date,amount,mail,newsletter\n"
        "a,1,2024-01-05,1,old@example.com,tak\n"
        "a,2,2024-02-05,1,new@example.com,nie\n"
        "a,3,2024-03-05,1,,\n"
        "b,4,2024-01-05,1,b@example.com,t\n"
        "c,5,2024-01-05,1,,\n"
    )
    (tmp_path / "stop.csv").write_text("customer_id\nB\n")
    intake = intake_of(
        tmp_path,
        content,
        contact_columns=["mail"],
        privacy={
            "marketing": [{"column": "newsletter"}, {"file": str(tmp_path / "stop.csv")}],
            "unknown": {"marketing": "refuse"},
        },
    )
    contacts = pq.read_table(intake.contacts_path).to_pylist()
    assert contacts == [
        {"customer_id": "a", "mail": "new@example.com"},
        {"customer_id": "b", "mail": "b@example.com"},
        {"customer_id": "c", "mail": None},
    ]
    rows = pq.read_table(intake.privacy_path).to_pylist()
    assert [row["why"] for row in rows] == ["refused", "objected", "unknown"]
    assert b"example.com" not in intake.orders_path.read_bytes()
    assert b"example.com" not in intake.quarantine_path.read_bytes()


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("granted", "denied"),
        ("zgoda", "Brak zgody"),
        ("SUBSCRIBED", "NEVER_SUBSCRIBED"),
        (1.0, 0.0),
    ],
)
def test_consent_is_read_in_the_words_of_mailers(tmp_path: Path, yes: object, no: object) -> None:
    content = f"customer,order,date,amount,ok\na,1,2024-01-05,1,{yes}\nb,2,2024-01-05,1,{no}\n"
    intake = intake_of(tmp_path, content, privacy={"marketing": [{"column": "ok"}]})
    assert pq.read_table(intake.privacy_path)["no_marketing"].to_pylist() == [False, True]


def test_consent_in_words_nobody_knows_is_a_question(tmp_path: Path) -> None:
    content = (
        "customer,order,date,amount,ok\na,1,2024-01-05,1,purple\nb,2,2024-01-05,1,yes\n"
        "c,3,2024-01-05,1,c@example.com\n"
    )
    with pytest.raises(UsageError, match=r"'ok'.*'purple' \(2\).*write yes or no") as caught:
        intake_of(tmp_path, content, privacy={"marketing": [{"column": "ok"}]})
    assert "example.com" not in str(caught.value)


def test_who_is_kept_out_is_found_by_id_or_by_contact_and_counted(tmp_path: Path) -> None:
    content = "customer,order,date,amount,mail\n" + "".join(
        f"{i}.0,{i},2024-01-05,1,P{i}@example.com\n" for i in range(1, 6)
    )
    stop = tmp_path / "stop.csv"
    stop.write_text("id\n1.0\n2\n'3\np4@example.com\nnobody\n")
    privacy = {"marketing": [{"file": str(stop)}]}
    intake = intake_of(tmp_path, content, contact_columns=["mail"], privacy=privacy)
    rows = pq.read_table(intake.privacy_path)
    assert rows["no_marketing"].to_pylist() == [True, True, True, True, False]
    assert "marketing: file 'stop.csv' keeps 4 customers out" in sentences(intake.summary)


# ---------------------------------------------------------------- bytes


def test_the_same_rows_make_the_same_bytes_whatever_order_and_threads(tmp_path: Path) -> None:
    rows = [
        f"c{i % 50},o{i % 400},2024-{i % 12 + 1:02}-{i % 28 + 1:02} 0{i % 9}:00:00,"
        f"p{i % 7},{i % 3},{i % 11 - 2}.5"
        for i in range(5000)
    ]
    head = "customer,order,date,sku,qty,amount\n"
    one = intake_of(tmp_path, head + "\n".join(rows), threads=1)
    first = (one.orders_path.read_bytes(), one.contacts_path.read_bytes(), one.summary)
    two = intake_of(tmp_path, head + "\n".join(reversed(rows)), threads=2)
    assert two.orders_path.read_bytes() == first[0]
    assert two.contacts_path.read_bytes() == first[1]
    counted = {"exclude": {"understood", "doubts"}}
    assert two.summary.model_dump(**counted) == first[2].model_dump(**counted)
    assert re.fullmatch("[0-9a-f]{64}", one.summary["orders_sha256"])


def test_nothing_but_the_four_files_is_left_behind(tmp_path: Path) -> None:
    intake = intake_of(tmp_path, POLISH.encode("cp1250"))
    assert sorted(p.name for p in intake.orders_path.parent.iterdir()) == [
        "contacts.parquet",
        "orders.parquet",
        "privacy.parquet",
        "quarantine.csv",
    ]


def test_a_state_of_america_is_no_state_of_an_order(tmp_path: Path) -> None:
    head = "Customer ID,Order ID,Order Date,State,Sales\n"
    intake = intake_of(tmp_path, head + "CG-1,CA-1,11/28/2016,Texas,261.96\n")
    assert "status" not in intake.summary["columns"]
    intake = intake_of(tmp_path, head + "CG-1,CA-1,11/28/2016,canceled,261.96\n")
    assert column_of(intake, "amount") == [26196, -26196]


def test_an_address_that_serves_as_an_id_is_masked_when_named(tmp_path: Path) -> None:
    people = "".join(f"c{i}@x.pl,{i},2024-01-{i % 28 + 1:02},5\n" for i in range(500))
    shop = "".join(f"office@shop.pl,t{i},2024-01-{i % 28 + 1:02},5\n" for i in range(100))
    intake = intake_of(tmp_path, "email,order,date,amount\n" + people + shop)
    assert intake.summary["suspicious_customers"][0]["customer_id"] == "o***@s***"
    assert "@shop" not in str(intake.summary)


def test_a_customer_missing_on_some_lines_is_not_guessed_from_the_order(tmp_path: Path) -> None:
    rows = ["InvoiceNo,CustomerID,InvoiceDate,Quantity,UnitPrice"]
    for number in range(20):
        for line in range(3):
            customer = "" if line == 2 and number < 5 else f"{17850 + number}.0"
            rows.append(f"{number},{customer},2024-01-{number + 1:02d} 10:00,{line + 1},2.50")
    source = tmp_path / "invoices.csv"
    source.write_text("\n".join(rows) + "\n")
    read = read_orders(source, tmp_path / "out")
    assert read.summary["lines_set_aside"]["by_reason"] == {"no_customer": 5}


def test_a_good_customer_who_is_number_0_is_no_guest(tmp_path: Path) -> None:
    rows = ["customer_id,order_id,date,amount"]
    rows += [f"{k % 300},{k},2024-01-{k % 28 + 1:02d},5.00" for k in range(900)]
    rows += [f"0,{k},2024-02-{k % 28 + 1:02d},5.00" for k in range(900, 930)]
    source = tmp_path / "orders.csv"
    source.write_text("\n".join(rows) + "\n")
    read = read_orders(source, tmp_path / "out")
    assert read.summary["lines_set_aside"]["total"] == 0
    assert read.summary["customers"] == 300


# ---------------------------------------------------------------- typed sources, read in place

TYPED: dict[str, list[Any]] = {
    "customer_id": [1, 10, 9, 9],
    "order_id": [11, 101, 9, 12],
    "order_date": [at(f"2024-01-0{day}T10:00:00") for day in (5, 6, 7, 7)],
    "known_at": [at(f"2024-01-0{day}T10:00:00") for day in (5, 6, 7, 7)],
    "product_id": [7, 70, 8, 7],
    "quantity": [1.0, 2.0, 1.5, 1.0],
    "amount": [10.0, 20.5, 7.25, 4.0],
}
MORE: dict[str, dict[str, Any]] = {
    "a guest": {"customer_id": None},
    "no date": {"order_date": None},
    "a date before all calendars": {"order_date": at("0001-05-05T00:00:00")},
    "a lonely date": {"order_date": at("1970-01-01T00:00:00")},
    "no amount": {"amount": None},
    "an amount without end": {"amount": float("inf")},
    "an amount beyond reason": {"amount": 1e13},
    "an amount at the limit": {"amount": 1e12},
    "a refund": {"amount": -3.0},
    "a free line": {"amount": 0.0, "order_id": 11, "customer_id": 1},
    "a negative quantity": {"quantity": -1.0},
    "no quantity": {"quantity": None},
    "a quantity beyond exact thousandths": {"quantity": 1e16},
    "no product": {"product_id": None},
    "no order id": {"order_id": None},
    "a negative id": {"customer_id": -5, "order_id": -7, "product_id": -9},
    "an id of 19 digits": {"customer_id": 10**18, "order_id": 10**18 + 1, "product_id": 10**18},
    "an exact copy": {name: values[0] for name, values in TYPED.items()} | {"order_id": 100},
    "a line known late": {"known_at": at("2024-03-01T09:00:00")},
    "a fraction of a second": {"order_date": at("2024-01-07T10:00:00.750")},
    "more decimals": {"amount": 1.2345},
}  # fmt: skip


@pytest.mark.parametrize("line", MORE.values(), ids=MORE)
def test_a_typed_table_reads_like_the_same_cells_as_text(
    tmp_path: Path, line: dict[str, Any]
) -> None:
    """Forty clean lines, and one that may have to be set aside, changed or coded otherwise."""
    clean = {name: values * 10 for name, values in TYPED.items()}
    clean["order_id"] = [100 + n for n in range(40)]
    one = {name: values[-1] for name, values in clean.items()} | {"order_id": 1} | line
    typed = pa.table({name: [*values, one[name]] for name, values in clean.items()})
    text = pa.table({name: typed[name].cast(pa.string()) for name in typed.column_names})
    results = [read_orders(table, tmp_path / name) for name, table in (("a", typed), ("b", text))]
    files = [
        (intake.orders_path.read_bytes(), intake.contacts_path.read_bytes()) for intake in results
    ]
    assert files[0] == files[1]
    told = [
        {
            name: intake.summary[name]
            for name in (
                "lines_in",
                "lines_kept",
                "lines_set_aside",
                "rows_added",
                "purchases",
                "orders_sha256",
            )
        }
        for intake in results
    ]
    assert told[0] == told[1]
    assert told[0]["lines_in"] == 41


def test_a_typed_copy_is_set_aside_with_its_row(tmp_path: Path) -> None:
    rows = {name: [*values, values[2]] for name, values in TYPED.items()}
    intake = read_orders(pa.table(rows), tmp_path)
    assert reasons_of(intake) == {"duplicate": 1}
    assert [(row["row_number"], row["found"]) for row in aside_of(intake)] == [("5", "9")]


def test_the_message_that_nothing_is_left_names_the_most_frequent_reason(tmp_path: Path) -> None:
    rows = [*["a,{},2024-01-05,pending,3"] * 3, "a,{},2024-01-06,paid,0", ",{},2024-01-06,paid,9"]
    content = "\n".join(
        ["customer,order,date,status,amount", *(row.format(n) for n, row in enumerate(rows))]
    )
    with pytest.raises(WinbackError) as error:
        intake_of(tmp_path, content + "\n")
    assert str(error.value).endswith(
        "4 of 5 lines are set aside, 3 of them because: never paid: failed, pending "
        "or a test (not_paid)."
    )


def test_the_last_of_overlapping_files_says_how_an_order_stands(tmp_path: Path) -> None:
    header = "customer,order,date,sku,amount,status\n"
    january = header + "a,1,2024-01-05,x,3,paid\na,2,2024-01-06,x,4,paid\nb,3,2024-01-07,x,5,paid\n"
    february = header + (
        "a,2,2024-01-06,x,4,cancelled\nb,3,2024-01-07,x,5,shipped\nb,4,2024-02-01,x,5,paid\n"
    )
    march = header + "b,4,2024-02-01,x,5,failed\n"
    for name, content in (("1.csv", january), ("2.csv", february), ("3.csv", march)):
        (tmp_path / name).write_text(content)
    intake = read_orders(tmp_path, tmp_path / "out")
    # 2 became a purchase sent back, 3 is counted once, 4 was not paid in the end.
    assert [(row["order_id"], row["amount"]) for row in lines_of(intake)] == [
        ("1", 3), ("2", 4), ("2", -4), ("3", 5),
    ]  # fmt: skip
    assert reasons_of(intake) == {"not_paid": 1, "duplicate": 3}
    aside = [(row["source_file"], row["row_number"], row["reason"]) for row in aside_of(intake)]
    assert aside == [
        ("1.csv", "3", "duplicate"), ("1.csv", "4", "duplicate"),
        ("2.csv", "4", "duplicate"), ("3.csv", "2", "not_paid"),
    ]  # fmt: skip


def test_equal_lines_of_one_file_that_differ_in_status_are_two(tmp_path: Path) -> None:
    content = (
        "customer,order,date,sku,amount,status\na,1,2024-01-05,x,3,paid\na,1,2024-01-05,x,3,sent\n"
    )
    assert column_of(intake_of(tmp_path, content), "amount") == [3, 3]


def test_a_parquet_file_whose_statistics_are_false_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    days = [datetime(2024, 1, 1) + timedelta(days=n % 200) for n in range(1000)]
    pq.write_table(
        pa.table({
            "customer_id": pa.array(range(1000), pa.int64()),
            "order_id": pa.array(range(5000, 6000), pa.int64()),
            "ordered_at": pa.array(days, pa.timestamp("us")),
            "amount": pa.array(range(1, 1001), pa.int64()),
        }),
        path,
        use_dictionary=False,
    )  # fmt: skip
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    told, false = (
        int(day.replace(tzinfo=UTC).timestamp() * 1e6).to_bytes(8, "little")
        for day in (max(days), datetime(2024, 1, 3))
    )
    assert told in content[footer:]
    path.write_bytes(content[:footer] + content[footer:].replace(told, false))
    with pytest.raises(WinbackError, match="statistics"):
        read_orders(path, tmp_path / "out")
