"""Which column is what, which dates are believed, and what a shop is told about doubts."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telling import in_words
from telling import told as sentences
from winback.errors import UsageError, WinbackError
from winback.intake.settling import Intake, read_orders

START = date(2023, 1, 1)


def read(folder: Path, cells: dict[str, Any], **options: Any) -> Intake:
    """The intake of a CSV file of these columns."""
    path = folder / "orders.csv"
    pd.DataFrame(cells).to_csv(path, index=False)
    return read_orders(path, folder / "out", **options)


def amounts(intake: Intake) -> list[int]:
    return list(pq.read_table(intake.orders_path)["amount"].to_pylist())


def told(intake: Intake) -> str:
    return "\n".join(sentences(intake.summary))


def shop(days: list[date]) -> dict[str, Any]:
    """One order of 5.00 a day of 40 customers in turn."""
    return {
        "customer_id": [f"c{n % 40}" for n in range(len(days))],
        "order_id": range(len(days)),
        "date": [day.isoformat() for day in days],
        "amount": "5.00",
    }


def every_day(count: int, start: date = START) -> list[date]:
    return [start + timedelta(days=n) for n in range(count)]


# ---------------------------------------------------------------- dates far from all others


@pytest.mark.parametrize("wrong", [1, 4, 7])
def test_a_few_far_dates_never_move_the_cutoff(tmp_path: Path, wrong: int) -> None:
    days = every_day(700)
    intake = read(tmp_path, shop(days + [date(2031, 5, 5)] * wrong))
    assert intake.cutoff == days[-1] + timedelta(days=1)
    assert intake.summary["lines_set_aside"]["by_reason"] == {"lonely_date": wrong}


def test_far_dates_before_the_history_are_left_out_as_well(tmp_path: Path) -> None:
    intake = read(tmp_path, shop([date(2002, 1, 5), date(2002, 7, 5), *every_day(700)]))
    assert intake.summary["first_day"] == date(2023, 1, 1)


def test_a_shop_that_opened_again_after_a_year_keeps_its_days(tmp_path: Path) -> None:
    again = every_day(6, START + timedelta(days=1100))
    intake = read(tmp_path, shop(every_day(650) + again))
    assert intake.cutoff == again[-1] + timedelta(days=1)
    assert intake.summary["lines_set_aside"]["total"] == 0


def test_few_orders_over_a_long_end_are_told_with_the_cutoff_to_give(tmp_path: Path) -> None:
    """Fourteen strays from 2025-03-01 on, 30 days apart; the history ends on 2024-12-01."""
    end = START + timedelta(days=700)
    days = every_day(701) + [end + timedelta(days=90 + 30 * n) for n in range(14)]
    said = (
        "look at the dates: the last 480 days hold 14 orders, before them 30 a month; if dates "
        "are wrong there, give --cutoff 2024-12-02"
    )
    assert said in told(read(tmp_path, shop(days)))
    assert "look at" not in told(read(tmp_path, shop(days), cutoff=date(2024, 12, 2)))
    assert "look at" not in told(read(tmp_path, shop(every_day(701))))


def days_but(closed: list[date], lines: int = 5) -> list[date]:
    """So many lines on each of 700 days, but for those closed; Sundays always are."""
    return [d for d in every_day(700) if d.weekday() != 6 and d not in closed for _ in range(lines)]


def test_a_week_without_a_line_is_told_with_what_would_be_usual(tmp_path: Path) -> None:
    hole = every_day(7, date(2024, 5, 6))  # Monday to Sunday: six days of five lines
    said = "look at the dates: not a line from 2024-05-05 to 2024-05-12, where 30 would be usual"
    assert said in told(read(tmp_path, shop(days_but(hole))))
    year_before = every_day(7, date(2023, 5, 8))
    for closed, lines in ((hole, 1), (hole[:3], 9), (hole + year_before, 5)):
        assert "look at" not in told(read(tmp_path, shop(days_but(closed, lines))))


def test_the_days_between_christmas_and_epiphany_may_be_silent(tmp_path: Path) -> None:
    closed = every_day(14, date(2023, 12, 24))
    assert "look at" not in told(read(tmp_path, shop(days_but(closed))))


def test_last_days_that_hold_hardly_a_line_are_told_with_the_cutoff_to_give(
    tmp_path: Path,
) -> None:
    """From 2024-11-18 on, twelve working days of the history's last two weeks, one line a day."""
    missing = every_day(13, date(2024, 11, 18))
    days = sorted(days_but(missing, 10) + [d for d in missing if d.weekday() != 6])
    said = (
        "look at the dates: the last 13 days hold 12 lines, where 120 would be usual; if lines are "
        "missing there, give --cutoff 2024-11-18"
    )
    assert said in told(read(tmp_path, shop(days)))
    assert "look at" not in told(read(tmp_path, shop(days), cutoff=date(2024, 12, 1)))
    # The same fortnight was as thin a year earlier: a season.
    year_before = [day - timedelta(days=364) for day in missing]
    seasonal = [d for d in days if d not in year_before or d.weekday() in (0, 3)]
    assert "look at" not in told(read(tmp_path, shop(seasonal)))


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        ("500.00", "lines from 2024-03-01 on hold 100 times the amount of those before"),
        ("0.05", "lines before 2024-03-01 hold 100 times the amount of those from then on"),
        ("20.00", None),
    ],
)
def test_amounts_that_change_their_unit_are_told(
    tmp_path: Path, factor: str, said: str | None
) -> None:
    days = every_day(700)
    cells = shop(days) | {"amount": ["5.00" if d < date(2024, 3, 1) else factor for d in days]}
    sentences = told(read(tmp_path, cells))
    assert said in sentences if said else "look at the amounts" not in sentences


# ---------------------------------------------------------------- the order's id


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("order_channel", ["web", "app"]),
        ("Order Priority", ["H", "L", "M"]),
        ("order_dow", [0, 1, 2, 3, 4, 5, 6]),
        ("transaction_country", ["PL"]),
        ("Payment Transaction Method", ["card"]),
        ("Zamówienie kanał", ["www"]),
        ("order weight", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("transaction", ["sale", "exchange"]),
    ],
)
def test_a_column_that_only_mentions_orders_is_not_their_id(
    tmp_path: Path, header: str, values: list[Any]
) -> None:
    """Two orders a day of each of ten customers, at different hours: 600 purchases."""
    lines = [(n % 10, START + timedelta(days=n // 20), 9 + n // 10 % 2) for n in range(600)]
    columns = {
        "customer_id": [one[0] for one in lines],
        "date": [f"{one[1]} {one[2]:02}:00:00" for one in lines],
        "amount": 5,
        header: [values[n * 7 // 3 % len(values)] for n in range(600)],
    }
    intake = read(tmp_path, columns)
    assert "order" not in intake.summary["columns"]
    assert intake.summary["purchases"] == 600


@pytest.mark.parametrize("header", ["document_no", "Zamówienie klienta ref", "shop order key"])
def test_an_id_that_each_order_has_for_itself_is_found_by_its_content(
    tmp_path: Path, header: str
) -> None:
    """Three lines an order, two orders of a customer on each day: 40 purchases."""
    intake = read(
        tmp_path,
        {
            "customer_id": [n // 6 % 5 for n in range(120)],
            "date": [(START + timedelta(days=n // 6)).isoformat() for n in range(120)],
            "amount": [n % 3 + 1 for n in range(120)],
            header: [f"Z{n // 3}" for n in range(120)],
        },
    )
    assert intake.summary["columns"]["order"] == header
    assert intake.summary["purchases"] == 40


def test_receipts_numbered_anew_every_day_are_orders(tmp_path: Path) -> None:
    """Thirty receipts of two lines on each of 20 days, of other customers every day."""
    lines = [(day, receipt) for day in range(20) for receipt in range(30) for _ in range(2)]
    cells = {
        "customer_id": [(day * 7 + receipt) % 90 for day, receipt in lines],
        "date": [(START + timedelta(days=day)).isoformat() for day, _ in lines],
        "amount": range(1, 1201),
        "receipt roll no": [receipt + 1 for _, receipt in lines],
    }
    assert read(tmp_path, cells).summary["columns"]["order"] == "receipt roll no"
    pieces = cells | {"Ordered number": [n % 25 + 1 for n in range(1200)]}
    del pieces["receipt roll no"]
    assert "order" not in read(tmp_path, pieces).summary["columns"]


@pytest.mark.parametrize(
    "header",
    [
        "TRANSACTION_DT", "order_dt", "Order Placed", "invoice_ts", "order_created", "order_day",
        "zamówienie złożono", "transaction",
    ],
)  # fmt: skip
def test_a_date_stays_a_date_whatever_else_its_name_mentions(tmp_path: Path, header: str) -> None:
    days = [day.strftime("%d.%m.%Y") for day in every_day(60)]
    columns = {"customer_id": [n % 7 for n in range(60)], header: days, "amount": "5.50"}
    found = read(tmp_path, columns).summary["columns"]
    assert (found["date"], found.get("order")) == (header, None)


@pytest.mark.parametrize("header", ["Nr faktury", "Faktura"])
def test_invoices_numbered_like_dates_are_no_dates(tmp_path: Path, header: str) -> None:
    """Two lines an invoice, two invoices of different customers a day: 24 purchases."""
    intake = read(
        tmp_path,
        {
            header: [f"{n // 2 + 1}/01/2024" for n in range(48)],
            "Klient": [f"K{n // 2 % 2}" for n in range(48)],
            "Data sprzedaży": [f"{n // 4 + 1:02}.01.2024" for n in range(48)],
            "Kwota": [n + 1 for n in range(48)],
        },
        day_first=True,
    )
    assert intake.summary["columns"]["order"] == header
    assert intake.summary["purchases"] == 24


def test_quantity_ordered_is_a_quantity(tmp_path: Path) -> None:
    columns = shop(every_day(60)) | {"Quantity Ordered": 3, "Price Each": "2.50"}
    del columns["amount"], columns["order_id"]
    intake = read(tmp_path, columns)
    assert intake.summary["columns"] == {
        "customer": "customer_id", "date": "date",
        "quantity": "Quantity Ordered", "price": "Price Each",
    }  # fmt: skip
    assert amounts(intake)[0] == 750 / 100 * intake.summary["amount_scale"]


# ---------------------------------------------------------------- money or pieces

PIECES = [n % 8 + 1 for n in range(60)]


@pytest.mark.parametrize("header", ["SALES_PRICE", "price", "total"])
def test_an_amount_of_pieces_beside_money_is_a_question_that_names_both(
    tmp_path: Path, header: str
) -> None:
    columns = shop(every_day(60)) | {"amount": PIECES, header: [19 + n % 5 for n in range(60)]}
    with pytest.raises(UsageError) as caught:
        read(tmp_path, columns)
    message = str(caught.value)
    assert "'amount' holds small whole numbers" in message and "\n" not in message
    assert f"--amount '{header}' --quantity 'amount'" in message
    answered = {"amount": header, "quantity": "amount"}
    assert amounts(read(tmp_path, columns, columns=answered))[:2] == [19, 19]
    money = read(tmp_path, columns, columns={"amount": "amount"})
    assert sorted(amounts(money)) == sorted(PIECES)


def test_pieces_that_turn_a_price_into_a_total_are_the_quantity(tmp_path: Path) -> None:
    columns = shop(every_day(60)) | {
        "amount": PIECES, "unit_price": "4.50", "total": [4.5 * n for n in PIECES],
    }  # fmt: skip
    intake = read(tmp_path, columns)
    assert sum(amounts(intake)) == 450 * sum(PIECES) / 100 * intake.summary["amount_scale"]
    assert "'amount' is read as the quantity, because times 'unit_price'" in told(intake)


@pytest.mark.parametrize(
    ("header", "given"), [("unit_price", None), ("sales_price", {"price": "sales_price"})]
)
def test_pieces_beside_the_price_of_one_are_the_quantity_and_that_is_said(
    tmp_path: Path, header: str, given: dict[str, str] | None
) -> None:
    columns = shop(every_day(60)) | {"amount": PIECES, header: 20}
    intake = read(tmp_path, columns, columns=given)
    assert sum(amounts(intake)) == 20 * sum(PIECES)
    assert f"read as the quantity, '{header}' as the price of one" in told(intake)


def test_a_whole_amount_that_is_not_small_is_money(tmp_path: Path) -> None:
    columns = shop(every_day(60)) | {"amount": 40, "price": 20}
    assert sum(amounts(read(tmp_path, columns))) == 60 * 40


# ---------------------------------------------------------------- large amounts


@pytest.mark.parametrize("typed", [False, True])
def test_amounts_count_up_to_100_trillion_and_beyond_it_the_reason_is_true(
    tmp_path: Path, typed: bool
) -> None:
    columns = shop(every_day(3)) | {"amount": [2.5e12, 1e14, 1.1e14]}
    if typed:
        intake = read_orders(pa.table(pd.DataFrame(columns)), tmp_path / "out")
    else:
        intake = read(tmp_path, columns)
    assert sorted(amounts(intake)) == [25 * 10**11, 10**14]
    assert intake.summary["lines_set_aside"]["by_reason"] == {"amount_too_large": 1}
    assert "beyond 100 trillion" in intake.quarantine_path.read_text()


def test_amounts_that_add_up_beyond_whole_numbers_are_refused(tmp_path: Path) -> None:
    columns = shop(every_day(500)) | {"amount": ["90000000000000.25", *["9e13"] * 499]}
    assert len(amounts(read(tmp_path, columns))) == 500  # 4.5e16, or 4.5e18 hundredths
    with pytest.raises(WinbackError, match=r"add up to 5\.4e\+16"):
        read(tmp_path, shop(every_day(600)) | {"amount": ["90000000000000.25", *["9e13"] * 599]})


def test_an_order_that_is_nearly_all_of_the_revenue_is_told(tmp_path: Path) -> None:
    columns = shop(every_day(100)) | {"amount": [5] * 99 + [9505]}
    said = "look at the amounts: order 99 of 2023-04-10 holds 95.05% of all revenue (9,505.00"
    assert said in told(read(tmp_path, columns))
    assert "look at" not in told(read(tmp_path, shop(every_day(100))))
    columns["date"] = [f"{day}T12:30:00" for day in columns["date"]]
    nameless = {name: cells for name, cells in columns.items() if name != "order_id"}
    said = "look at the amounts: an order of 2023-04-10 holds 95.05% of all revenue (9,505.00"
    assert said in told(read(tmp_path, nameless))


def test_the_order_of_the_rows_does_not_decide_whether_a_giant_order_is_told(
    tmp_path: Path,
) -> None:
    # More than half in all: 11 million of 21,389,999. The first ten thousand lines are large.
    n = 400_000
    lines = pd.DataFrame(
        {
            "customer_id": [n % 5000 for n in range(n)], "order_id": range(n),
            "date": pd.Timestamp("2023-01-01") + pd.to_timedelta([n % 700 for n in range(n)], "D"),
            "amount": [1000.0] * 10_000 + [11e6] + [1.0] * (n - 10_001),
        }
    )  # fmt: skip
    for rows in (lines, lines.iloc[::-1].reset_index(drop=True)):
        said = told(read_orders(pa.table(rows), tmp_path / "out"))
        assert "order 10000 of 2023-07-20 holds 51.43% of all revenue" in said


# ---------------------------------------------------------------- shops' own exports

SHOPIFY = """Name,Email,Subtotal,Discount Amount,Created at,Lineitem quantity,Lineitem price
#1,a@x.pl,{},5.00,2024-01-05 10:00:00 +0100,2,10.00
#1,a@x.pl,,,2024-01-05 10:00:00 +0100,1,15.00
#2,b@x.pl,7.00,0.00,2024-01-06 10:00:00 +0100,1,7.00
#3,b@x.pl,0.00,8.00,2024-01-05 10:00:00 +0100,1,8.00
"""


def test_the_discount_of_a_shopify_order_is_subtracted_once(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_text(SHOPIFY.format("30.00"))
    intake = read_orders(source, tmp_path / "out")
    lines = pq.read_table(intake.orders_path).to_pylist()
    # 20 - 5 and 15 of the first order; the third cost nothing.
    found = [(line["order_id"], line["amount"], line["kind"]) for line in lines]
    assert sorted(found) == [
        ("#1", 15, "order"), ("#1", 15, "order"), ("#2", 7, "order"), ("#3", 0, "free"),
    ]  # fmt: skip
    assert "less the order's 'Discount Amount'" in told(intake)


def test_a_discount_that_does_not_lead_to_the_subtotal_is_said_to_be_left_out(
    tmp_path: Path,
) -> None:
    source = tmp_path / "orders.csv"
    source.write_text(SHOPIFY.format("35.00"))
    intake = read_orders(source, tmp_path / "out")
    assert sorted(amounts(intake)) == [7, 8, 15, 20]
    assert "'Discount Amount' is not subtracted" in told(intake)


def test_guests_with_an_address_lead_to_the_column_of_addresses(tmp_path: Path) -> None:
    rows = range(300)
    columns = {
        "Order Number": rows,
        "Order Date": [day.isoformat() for day in every_day(300)],
        "Email (Billing)": [f"c{n % 30}@example.org" for n in rows],
        "Customer User ID": [0 if n % 3 == 0 else n % 30 for n in rows],
        "Order Total": "9.50",
    }
    with pytest.raises(UsageError, match=r"100 of 300 lines have no customer in column 'Cust") as e:
        read(tmp_path, columns)
    assert "--customer 'Email (Billing)'" in str(e.value)
    again = read(tmp_path, columns, columns={"customer": "Email (Billing)"})
    assert again.summary["lines_set_aside"]["total"] == 0
    assert "guests" not in told(again)
    kept = read(tmp_path, columns, columns={"customer": "Customer User ID"})
    assert kept.summary["lines_set_aside"]["by_reason"] == {"no_customer": 100}
    assert "look at the customers" not in told(kept)
    few = columns | {"Customer User ID": ["" if n in (7, 77) else n % 30 + 1 for n in rows]}
    intake = read(tmp_path, few)
    assert "2 lines have none in column 'Customer User ID' (guests)" in told(intake)
    assert 'give --customer "Email (Billing)"' in told(intake)


# ---------------------------------------------------------------- ids


def test_an_accent_written_in_two_ways_is_one_customer(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "Łódź Śruba") for form in ("NFC", "NFD")]
    assert names[0] != names[1]
    columns = shop(every_day(4)) | {"customer_id": names * 2}
    stop = tmp_path / "stop.txt"
    stop.write_text(names[1] + "\n", encoding="utf-8")
    intake = read(tmp_path, columns, privacy={"marketing": [{"file": str(stop)}]})
    rows = pq.read_table(intake.privacy_path).to_pylist()
    assert [one["customer_id"] for one in rows] == [names[0]]
    assert rows[0]["no_marketing"] is True


def test_ids_that_lost_their_zeros_in_half_of_a_file_get_them_back(tmp_path: Path) -> None:
    mixed = [f"{n % 5 + 1:05}" if n % 2 else str(n % 5 + 1) for n in range(60)]
    intake = read(tmp_path, shop(every_day(60)) | {"customer_id": mixed})
    assert intake.summary["customers"] == 5
    assert "5 ids had lost the zeros before them and have got them back; 5 of" in told(intake)
    whole = [f"{n:05}" for n in range(9_990, 10_050)]
    assert "zeros" not in told(read(tmp_path, shop(every_day(60)) | {"customer_id": whole}))


def test_ids_with_zeros_of_several_lengths_are_told_and_not_joined(tmp_path: Path) -> None:
    mixed = [f"{n % 5 + 1:0{n % 2 + 4}}" if n % 3 else str(n % 5 + 1) for n in range(60)]
    intake = read(tmp_path, shop(every_day(60)) | {"customer_id": mixed})
    assert intake.summary["customers"] == 15
    assert "look at the customers: 5 ids come both with and without leading" in told(intake)


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timezone": "Warsaw"}, "no time zone 'Warsaw'"),
        ({"currency": "zloty"}, "'zloty': expected a code of three letters, such as PLN"),
        ({"memory_limit": "lots"}, "'lots': expected a size such as 4GB"),
        (
            {"columns": {"customer": "customer_id", "amount": "customer_id"}},
            "'customer_id' is given for both --customer and --amount",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_one_line(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read(tmp_path, shop(every_day(5)), **options)
    assert "\n" not in str(caught.value)


def test_a_cutoff_before_the_history_says_when_it_begins(tmp_path: Path) -> None:
    with pytest.raises(WinbackError, match=r"cutoff 2020-01-01; the first is on 2023-01-01\."):
        read(tmp_path, shop(every_day(5)), cutoff=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("offsets", "timezone", "said"),
    [
        (["+01:00", "+02:00"], None, None),
        (["Z", "-05:00"], None, "(3 with -05:00, 3 with Z); times with an offset are converted"),
        (["+01:00", ""], None, "(3 with +01:00; 3 without one are taken as written); times with"),
        (["Z", ""], "Europe/Warsaw", "3 without one are taken as written); times with an offset"),
        ([""], "Europe/Warsaw", "no offset, so --timezone changes nothing"),
    ],
)
def test_offsets_that_differ_are_counted(
    tmp_path: Path, offsets: list[str], timezone: str | None, said: str | None
) -> None:
    times = [f"2024-01-0{n + 1}T10:00:00{offsets[n % len(offsets)]}" for n in range(6)]
    intake = read(tmp_path, shop(every_day(6)) | {"date": times}, timezone=timezone)
    if said is None:
        assert "look at" not in told(intake)
    else:
        assert said in told(intake)


@pytest.mark.long
def test_the_closing_words_of_a_run_begin_with_what_is_in_doubt(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    days = every_day(300) + [START + timedelta(days=400 + 30 * n) for n in range(4)]
    pd.DataFrame(shop(days)).to_csv(source, index=False)
    done = subprocess.run(
        [str(Path(sys.executable).with_name("winback")), "--quiet", "run", str(source), "--out",
         str(tmp_path / "out"), "--threads", "1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    doubts = done.stdout.splitlines()[:2]
    wanted = "Look at the dates: the last 191 days hold 4 orders, before them 30"
    assert any(line.startswith(wanted) for line in doubts), done.stdout


def test_a_column_that_looks_like_consent_is_not_passed_over(tmp_path: Path) -> None:
    lines = ["customer_id,order_id,date,amount,Zgoda marketingowa"]
    lines += [f"k{n},o{n},2024-01-{n + 1:02d},10.00,{'tak' if n % 2 else 'nie'}" for n in range(20)]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = sentences(read_orders(path, tmp_path / "a").summary)
    assert any("column 'Zgoda marketingowa' is not used" in sentence for sentence in said)
    privacy = {"marketing": [{"column": "Zgoda marketingowa"}]}
    used = read_orders(path, tmp_path / "b", privacy=privacy).summary
    assert not any("is not used" in sentence for sentence in sentences(used))


def test_a_date_that_is_none_in_either_order_says_nothing_of_the_order(tmp_path: Path) -> None:
    days = [f"{n:02d}.01.2023" for n in range(1, 29)] + ["32.13.2023"]
    lines = ["customer_id,order_id,date,amount"]
    lines += [f"k{n},o{n},{day},10.00" for n, day in enumerate(days)]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    summary = read_orders(path, tmp_path / "out").summary
    assert summary["last_day"] == date(2023, 1, 28)
    assert summary["lines_set_aside"]["by_reason"] == {"unreadable_date": 1}


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        (
            "Wartość brutto",
            ["do ustalenia", "12 szt."],
            r"not a number: '12 szt\.', 'd\*\*\*'",
        ),
        ("Wartość brutto", ["", "-"], "named like it, but its cells are empty"),
    ],
)
def test_a_column_named_like_the_amount_that_holds_none_is_named(
    tmp_path: Path, header: str, cells: list[str], said: str
) -> None:
    lines = {"klient": ["K1", "K2"] * 10, "data": ["2024-01-02"] * 20, header: cells * 10}
    with pytest.raises(UsageError, match=f"Column '{header}' is .*{said}"):
        read(tmp_path, lines)


def test_a_column_named_like_the_date_that_holds_none_is_named(tmp_path: Path) -> None:
    lines = {"klient": ["K1", "K2"] * 10, "data": ["wczoraj"] * 20, "kwota": [5.5] * 20}
    with pytest.raises(UsageError, match=r"Column 'data' is .* are not a date: 'wczoraj'"):
        read(tmp_path, lines)


# ---------------------------------------------------------------- documents and their kinds


def invoices(kind: str, sale: str, note: str, *returned: str) -> dict[str, Any]:
    """Thirty invoices of 5.00, one a day, then notes of so much, each on a day of its own."""
    days = every_day(30 + len(returned))
    return {
        "customer": [f"c{n % 3}" for n in range(len(days))],
        "number": [f"F{n}" for n in range(30)] + [f"K{n}" for n in range(len(returned))],
        "date": [day.isoformat() for day in days],
        "amount": ["5.00"] * 30 + list(returned),
        kind: [sale] * 30 + [note] * len(returned),
    }


def refunded(intake: Intake) -> list[tuple[str, int, str]]:
    lines = pq.read_table(intake.orders_path).to_pylist()
    found = [line for line in lines if line["kind"] == "refund"]
    return sorted((x["order_id"], x["amount"], x["ordered_at"].date().isoformat()) for x in found)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    ("kind", "sale", "note"),
    [
        ("Doc Type", "Invoice", "Credit note"),
        ("Document type", "Sales invoice", "Credit Memo"),
        ("Doc Type", "Sale", "Return"),
        ("Typ dokumentu", "Faktura", "Korekta"),
        ("Typ dokumentu", "Paragon", "korygujaca"),
        ("Typ dok.", "FV", "KOR"),
        ("Rodzaj dokumentu", "Faktura VAT", "Faktura korygująca"),
        ("Typ", "FV", "FVK"),
        ("Belegart", "Rechnung", "Gutschrift"),
        ("Belegart", "Rechnung", "Rechnungskorrektur"),
        ("Belegart", "RE", "GS"),
        ("what", "Invoice", "credit note"),
    ],
)
def test_a_credit_note_is_a_refund_of_its_own_day_whatever_its_sign(
    tmp_path: Path, sign: str, kind: str, sale: str, note: str
) -> None:
    cells = invoices(kind, sale, note, f"{sign}2.50", f"{sign}1.00")
    intake = read(tmp_path, cells, cutoff=date(2023, 3, 1))
    assert intake.summary["columns"]["status"] == kind
    assert (intake.summary["purchases"], intake.summary["refunds"]) == (30, 2)
    assert refunded(intake) == [("K0", -250, "2023-01-31"), ("K1", -100, "2023-02-01")]
    assert intake.summary["signs_turned"] == (0 if sign else 2)
    assert ("2 lines of credit notes or refunds were written as positive" in told(intake)) != (
        sign == "-"
    )
    assert f"(refunds of their own: '{note.lower()}')" in told(intake)


def test_a_corrected_line_keeps_its_sign_where_credit_notes_have_signs(tmp_path: Path) -> None:
    """What was, -5.00, and what it became, 3.00; and one correction of 1.00 upwards."""
    cells = invoices("Typ dokumentu", "Faktura", "Korekta", "-5.00", "3.00", "1.00")
    cells["number"][-2] = "K0"
    cells["date"][-2] = cells["date"][-3]
    cells["customer"][-2] = cells["customer"][-3]
    intake = read(tmp_path, cells, cutoff=date(2023, 3, 1))
    assert refunded(intake) == [
        ("K0", -5, "2023-01-31"), ("K0", 3, "2023-01-31"), ("K2", 1, "2023-02-02"),
    ]  # fmt: skip
    assert (intake.summary["purchases"], intake.summary["signs_turned"]) == (30, 0)


def test_a_credit_note_of_the_day_and_number_of_its_invoice_leaves_that_a_purchase(
    tmp_path: Path,
) -> None:
    cells = invoices("Doc Type", "Invoice", "Credit note", "5.00")
    cells["number"][-1], cells["date"][-1], cells["customer"][-1] = "F1", "2023-01-02", "c1"
    intake = read(tmp_path, cells)
    assert (intake.summary["purchases"], intake.summary["refunds"]) == (30, 1)


def test_credit_notes_in_a_column_that_is_not_read_are_told_in_both_languages(
    tmp_path: Path,
) -> None:
    cells = invoices("Doc Type", "Invoice", "Credit note", "2.50") | {"status": "paid"}
    intake = read(tmp_path, cells)
    assert in_words(intake.summary.doubts) == [
        "look at the amounts: column 'Doc Type' calls lines credit notes ('Credit note') but is "
        "not read, so that they count as purchases; give their amounts with a minus, or --status "
        '"Doc Type"'
    ]
    assert in_words(intake.summary.doubts, "pl") == [
        "sprawdź kwoty: kolumna „Doc Type” nazywa wiersze korektami („Credit note”), ale nie jest "
        'czytana, więc liczą się jako zakupy; podaj ich kwoty z minusem albo --status "Doc Type"'
    ]
    cells["amount"][-1] = "-2.50"
    assert "look at" not in told(read(tmp_path, cells))
    given = read(tmp_path, cells, columns={"status": "Doc Type"}, cutoff=date(2023, 3, 1))
    assert given.summary["refunds"] == 1


@pytest.mark.parametrize("ways", [["card", "cash", "draft"], ["credit", "debit"]])
def test_a_column_of_ways_to_pay_is_no_kind_of_document(tmp_path: Path, ways: list[str]) -> None:
    cells = shop(every_day(60)) | {"Transaction type": (ways * 30)[:60]}
    intake = read(tmp_path, cells)
    assert "status" not in intake.summary["columns"]
    assert intake.summary["purchases"] == 60
    assert "look at" not in told(intake)


def test_states_of_america_are_no_codes_of_documents(tmp_path: Path) -> None:
    cells = shop(every_day(60)) | {"ship_state": ["PA", "AR", "SC"] * 20}
    assert read(tmp_path, cells).summary["purchases"] == 60


def test_an_invoice_that_was_cancelled_is_taken_back_and_no_credit_note(tmp_path: Path) -> None:
    cells = invoices("Belegart", "Rechnung", "Rechnung (storniert)", "5.00")
    intake = read(tmp_path, cells)
    assert (intake.summary["purchases"], intake.summary["refunds"]) == (31, 1)
    assert intake.summary["signs_turned"] == 0


# ---------------------------------------------------------------- ids of several kinds


def customers_of(intake: Intake) -> list[str]:
    return sorted(set(pq.read_table(intake.orders_path)["customer_id"].to_pylist()))


def with_ids(ids: list[str]) -> dict[str, Any]:
    return shop(every_day(len(ids))) | {"customer_id": ids}


def polish_of(intake: Intake) -> str:
    return "\n".join(sentences(intake.summary, "pl"))


def test_a_whole_number_written_as_a_float_is_one_customer_beside_other_ids(
    tmp_path: Path,
) -> None:
    intake = read(tmp_path, with_ids(["10002", "10002.0", " 10002", "AB-1", "10003.0"] * 4))
    assert customers_of(intake) == ["10002", "10003", "AB-1"]
    assert "(text ids; whole numbers written with .0 come without it)" in told(intake)
    assert "liczby całkowite zapisane z .0 – bez niego" in polish_of(intake)


def test_codes_with_points_stay_as_they_are_and_twins_among_them_are_told(
    tmp_path: Path,
) -> None:
    codes = ["1.0", "1.1", "1", "2.0.1", "AB-1"]
    intake = read(tmp_path, with_ids(codes * 4))
    assert customers_of(intake) == sorted(codes)
    assert "look at the customers: 1 ids come both with and without .0, as a" in told(intake)
    assert "sprawdź klientów: identyfikatory zapisane i z .0, i bez niego" in polish_of(intake)
    products = shop(every_day(4)) | {"sku": ["1.0", "1.1", "1", "AB-1"]}
    found = pq.read_table(read(tmp_path, products).orders_path)["product_id"].to_pylist()
    assert sorted(found) == ["1", "1.0", "1.1", "AB-1"]


def test_an_address_is_one_customer_in_any_case_whatever_the_others_are(tmp_path: Path) -> None:
    ids = ["Ann@X.pl", "ann@x.pl", "AB-1", "ab-1", "@Nick", "Bo@X.pl", "C7", "C8"]
    intake = read(tmp_path, with_ids(ids * 2))
    assert customers_of(intake) == ["@Nick", "AB-1", "C7", "C8", "ab-1", "ann@x.pl", "bo@x.pl"]
    assert "(text ids; e-mail addresses, in lower case)" in told(intake)


# ---------------------------------------------------------------- guests with a number


def regulars(first: int, each: int = 4, people: int = 300) -> list[Any]:
    return [first + n % people for n in range(people * each)]


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize(
    ("others", "zeros", "guests", "most"),
    [
        (regulars(1000), 30, 30, 0),  # nobody has a short number, or half as many orders
        (regulars(1000) + [1000] * 16, 30, 0, 20),  # the most, but not twice as many
        (regulars(1000), 9, 0, 0),  # too few to tell
        (regulars(1), 30, 0, 4),  # 0 may come before 1
        (regulars(1) + [3] * 2, 30, 0, 0),
        (regulars(1), 100, 100, 0),  # a twentieth of all
        (regulars(1000, 20, 30), 90, 90, 0),
        (regulars(1, 4, 5), 30, 0, 4),  # of five customers
    ],
)
def test_a_zero_with_far_more_orders_than_anybody_is_a_guest_or_a_doubt(
    tmp_path: Path, typed: bool, others: list[Any], zeros: int, guests: int, most: int
) -> None:
    cells = with_ids(others + [0] * zeros)
    cells["date"] = [(START + timedelta(days=n % 300)).isoformat() for n in cells["order_id"]]
    if typed:
        table = pa.table(pd.DataFrame(cells).assign(date=pd.to_datetime(cells["date"])))
        intake = read_orders(table, tmp_path / "out")
    else:
        intake = read(tmp_path, cells)
    assert intake.summary["lines_set_aside"]["by_reason"].get("no_customer", 0) == guests
    assert ("0 is a guest" in told(intake)) == (guests > 0)
    said = f"0 holds {zeros} lines, anybody else at most {most}, and counts as one customer; if"
    assert (f"look at the customers: {said}" in told(intake)) == (most > 0)
    assert ("sprawdź klientów: klient 0 ma" in polish_of(intake)) == (most > 0)


@pytest.mark.parametrize("guest", ["-1", "-1.0"])
def test_minus_one_is_a_guest_as_text_and_as_a_number(tmp_path: Path, guest: str) -> None:
    ids = [*map(str, regulars(1000, 1)), *[guest] * 9]
    cells = with_ids(ids)
    assert read(tmp_path, cells).summary["lines_set_aside"]["by_reason"] == {"no_customer": 9}
    typed = pd.DataFrame(cells).assign(customer_id=[float(one) for one in ids])
    for kind in ("float64", "int64"):
        table = pa.table(typed.astype({"customer_id": kind, "date": "datetime64[s]"}))
        aside = read_orders(table, tmp_path / "out").summary["lines_set_aside"]
        assert aside["by_reason"] == {"no_customer": 9}


def test_a_number_below_zero_among_others_below_zero_is_a_customer(tmp_path: Path) -> None:
    cells = with_ids([-n for n in range(1, 40)])
    table = pa.table(pd.DataFrame(cells).assign(date=pd.to_datetime(cells["date"])))
    assert read_orders(table, tmp_path / "out").summary["customers"] == 39


@pytest.mark.parametrize("begin", [date(2024, 1, 1), date(2024, 1, 2)])
def test_a_week_after_new_year_may_be_silent(tmp_path: Path, begin: date) -> None:
    closed = every_day((date(2024, 1, 8) - begin).days, begin)
    assert "look at" not in told(read(tmp_path, shop(days_but(closed))))


def test_a_short_break_of_one_year_does_not_excuse_a_long_one_of_the_next(tmp_path: Path) -> None:
    closed = every_day(6, date(2023, 8, 7)) + every_day(41, date(2024, 8, 5))
    assert "not a line from 2024-08-04 to 2024-09-15" in told(
        read(tmp_path, shop(days_but(closed)))
    )


def test_what_stands_in_a_column_of_dates_is_masked_where_it_may_be_a_name(tmp_path: Path) -> None:
    lines = {"klient": ["K1", "K2"] * 10, "data": ["Anna Nowak"] * 20, "kwota": [5.5] * 20}
    with pytest.raises(UsageError, match=r"not a date: 'A\*\*\*'"):
        read(tmp_path, lines)


@pytest.mark.parametrize(
    "kind", ["Faktura proforma", "Pro-forma", "Wycena", "Angebot", "Quotation"]
)
def test_what_was_only_quoted_is_no_purchase(tmp_path: Path, kind: str) -> None:
    cells = invoices("Typ dokumentu", "Faktura", kind, "2.50", "1.00")
    intake = read(tmp_path, cells, cutoff=date(2023, 3, 1))
    assert intake.summary["purchases"] == 30
    assert intake.summary["lines_set_aside"]["by_reason"] == {"not_a_purchase": 2}


@pytest.mark.parametrize(
    ("order", "mail"),
    [
        ("Nr zam.", "Klient e-mail"), ("Numer zam.", "E-mail klienta"), ("Zam. nr", "Mail klienta"),
        ("Bestell-Nr.", "Kunden-E-Mail"), ("Order No.", "Customer e-mail address"),
        ("Nr zamówienia", "E-mail kupującego"),
    ],
)  # fmt: skip
def test_an_address_that_is_named_for_the_customer_comes_before_a_telephone(
    tmp_path: Path, order: str, mail: str
) -> None:
    rows = [
        f"ZAM/{n};1{n % 9}.0{1 + n % 6}.2024;+48 600 100 {n % 7:03};kl{n % 7}@poczta.example;{n},50"
        for n in range(40)
    ]
    path = tmp_path / "orders.csv"
    path.write_text(f"{order};Data;Telefon;{mail};Kwota\n" + "\n".join(rows) + "\n", "utf-8")
    columns = read_orders(path, tmp_path / "out").summary.columns
    assert (columns["order"], columns["customer"]) == (order, mail)
