"""Scale and sign of numbers, currencies and discounts: what is read, what is asked and doubted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from telling import in_words
from winback.errors import UsageError
from winback.intake.currencies import SIGNS, meanings, one_meaning
from winback.intake.numbers import looks_like_number, read_numbers
from winback.intake.settling import Intake, read_orders
from winback.intake.units import is_minor

START = date(2024, 1, 5)


def table(header: str, rows: Sequence[Sequence[object]], mark: str = ";") -> str:
    """A file of lines; each gets an order, one of three customers and a day before its cells."""
    lines = [
        mark.join([str(n), "abc"[n % 3], str(START + timedelta(days=n)), *map(str, row)])
        for n, row in enumerate(rows)
    ]
    return "\n".join([mark.join(["order_id", "customer", "date", header]), *lines, ""])


def read(folder: Path, content: str, **options: Any) -> Intake:
    path = folder / "orders.csv"
    path.write_text(content, encoding="utf-8")
    return read_orders(path, folder / "out", **options)


def asked(folder: Path, content: str, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        read(folder, content, **options)
    return str(caught.value)


def sums(intake: Intake) -> tuple[float, float]:
    """Gross and refunds in whole units."""
    bought, back = duckdb.sql(
        "SELECT coalesce(sum(amount) FILTER (kind = 'order'), 0), "
        f"coalesce(-sum(amount) FILTER (kind = 'refund'), 0) FROM '{intake.orders_path}'"
    ).fetchall()[0]
    scale = intake.summary.amount_scale
    return float(bought) / scale, float(back) / scale


def doubts(intake: Intake) -> list[str]:
    return in_words(intake.summary.doubts)


def understood(intake: Intake) -> str:
    return "\n".join(in_words(intake.summary.understood))


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("₹8,04,218.57", 804218.57),
        ("Rs. 500/-", 500.0),
        ("-₹500.5", -500.5),
        ("$(12.50)", -12.5),
        ("1\u202f234,56\u00a0€", 1234.56),
        ("1.234,56 zł", 1234.56),
        ("CHF 1’234.50", 1234.5),
        ("US $12.50", 12.5),
        ("R$ 1.234,50", 1234.5),
        ("kr. 12,50", 12.5),
        ("12.50 лв.", 12.5),
        ("₺12.5", 12.5),
        ("−12,5", -12.5),
        ("12,50-", -12.5),
        ("12.50 minus", -12.5),
        ("1,2E+05", 120000.0),
        ("1e300", 1e300),
        ("١٢٣٫٥", 123.5),  # noqa: RUF001
        ("inf", None),
        ("nan", None),
        ("12 Long Street", None),
    ],
)
def test_a_cell_is_the_number_it_says(cell: str, number: float | None) -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS SELECT unnest(?) AS x", [[cell, "1.50", "x"]])
        numbers = read_numbers(con, "t", "x", "VARCHAR", "x")
        text = f"translate(x, '', '') AS x FROM t WHERE x = '{cell}'"
        assert con.execute(f"SELECT {numbers.sql} FROM (SELECT {text})").fetchall() == [(number,)]
    assert looks_like_number(cell) == (number is not None)


def test_finder_and_reader_know_the_same_signs() -> None:
    with duckdb.connect() as con:
        known = con.execute(
            "SELECT string_agg(chr(n::INTEGER), '') FROM range(1, 65536) t(n) "
            "WHERE n NOT BETWEEN 55296 AND 57343 AND regexp_matches(chr(n::INTEGER), '\\p{Sc}')"
        ).fetchall()[0][0]
    assert "₹" in known and [s for s in known if not looks_like_number(f"{s}12.50")] == []
    assert "₹" not in SIGNS  # within a range


# ---------------------------------------------------------------- decimal marks

THREES = [("1,250",), ("2,500",), ("12,345",)]


def test_three_digits_behind_every_mark_are_a_question(tmp_path: Path) -> None:
    said = asked(tmp_path, table("amount", THREES * 4))
    assert "column 'amount'" in said and "1,250" in said
    assert "--decimal-mark point" in said and "--decimal-mark comma" in said
    dots = table("amount", [(c.replace(",", "."),) for (c,) in THREES * 4])
    assert "If 1.250 is 1250, give --decimal-mark comma" in asked(tmp_path, dots)


def test_the_mark_that_is_told_settles_it(tmp_path: Path) -> None:
    content = table("amount", THREES)
    assert sums(read(tmp_path, content, decimal_mark="point")) == (16095.0, 0)
    assert sums(read(tmp_path, content, decimal_mark="comma")) == (16.095, 0)
    dots = content.replace(",", ".")
    assert sums(read(tmp_path, dots, decimal_mark="point")) == (16.095, 0)
    assert sums(read(tmp_path, dots, decimal_mark="comma")) == (16095.0, 0)


@pytest.mark.parametrize(
    ("header", "more", "total"),
    [
        ("amount;shipping", ";12.50", 16095.0),
        ("amount;shipping", ";12,50 zł", 16.095),
        ("amount;currency", ";JPY", 16095.0),
        ("amount;currency", ";KWD", 16.095),
    ],
)
def test_other_columns_tell_the_mark(tmp_path: Path, header: str, more: str, total: float) -> None:
    content = table(header, [(c + more,) for (c,) in THREES])
    assert sums(read(tmp_path, content)) == (total, 0)


def test_other_numbers_of_the_column_tell_the_mark(tmp_path: Path) -> None:
    small = table("amount", [*THREES * 4, ("950",)])
    assert sums(read(tmp_path, small)) == (4 * 16095.0 + 950, 0)
    large = table("amount", [*THREES, ("4500",), ("7",)])
    assert sums(read(tmp_path, large)) == (16.095 + 4507, 0)
    millions = table("amount", [*THREES, ("1,234,567",)])
    assert sums(read(tmp_path, millions)) == (16095.0 + 1234567, 0)


def test_pieces_with_three_zeros_behind_the_mark_are_few(tmp_path: Path) -> None:
    content = table("quantity;price", [("2,000", "8"), ("3,000", "16")])
    assert sums(read(tmp_path, content)) == (64.0, 0)


# ---------------------------------------------------------------- sides of an account


@pytest.mark.parametrize(
    ("sale", "refund"),
    [
        (" Dr", " Cr"),
        (" Cr", " Dr"),
        (" S", " H"),
        (" Wn", " Ma"),
        ("", " C"),
        (" zł Dr", " zł Cr"),
    ],
)
def test_the_side_of_few_lines_is_that_of_refunds(tmp_path: Path, sale: str, refund: str) -> None:
    rows = [(f"10.50{sale}",), (f"4.00{refund}",), *[(f"10.50{sale}",)] * 4]
    intake = read(tmp_path, table("amount", rows))
    assert sums(intake) == (52.5, 4.0) and doubts(intake) == []
    assert f"1 lines marked '{refund.split()[-1]}' are refunds" in understood(intake)
    assert intake.summary.currency == ("PLN" if "zł" in sale else "")


def test_sides_of_about_one_size_are_a_question(tmp_path: Path) -> None:
    content = table("amount", [("10.50 Dr",), *[("4.00 Cr",), ("10.50 Dr",)] * 2, ("4.00 Cr",)])
    said = asked(tmp_path, content)
    assert (
        "Cr (3\N{NO-BREAK SPACE}lines), Dr (3\N{NO-BREAK SPACE}lines)" in said
        and '--refunds "amount=Cr"' in said
    )
    # A refund after the last purchase lies beyond the cutoff.
    assert sums(read(tmp_path, content, refunds={"amount": ("Cr",)})) == (31.5, 8.0)
    assert sums(read(tmp_path, content, refunds={"amount": ("dr",)})) == (12.0, 31.5)


# ---------------------------------------------------------------- units


@pytest.mark.parametrize(
    "header",
    ["total_price_cents", "totalCents", "amount in minor units", "Kwota w groszach",
     "Betrag (Cent)", "PRICE_PENCE", "montant_centimes", "amountincents", "price x100"],
)  # fmt: skip
def test_names_of_smallest_units_are_known(header: str) -> None:
    assert is_minor(header)


@pytest.mark.parametrize(
    "header", ["percent", "per cent", "amount", "incentive", "price", "scents"]
)
def test_other_names_are_not(header: str) -> None:
    assert not is_minor(header)


def test_cents_are_divided_by_what_makes_a_currency(tmp_path: Path) -> None:
    rows = [("1250", "PLN"), ("300", "PLN")]
    intake = read(tmp_path, table("amount_cents;currency", rows))
    assert sums(intake) == (15.5, 0) and "'amount_cents' is in the currency's smallest" in (
        understood(intake)
    )
    assert sums(read(tmp_path, table("amount_cents", [("1250",)]), currency="jpy")) == (1250, 0)
    assert sums(read(tmp_path, table("amount_cents", [("1250",)]), currency="KWD")) == (1.25, 0)
    assert sums(read(tmp_path, table("amount_micros", [("1250000",)]))) == (1.25, 0)


def test_decimals_disprove_cents(tmp_path: Path) -> None:
    intake = read(tmp_path, table("amount_cents", [("12.50",), ("3.25",)]))
    assert sums(intake) == (15.75, 0) and "holds decimals" in understood(intake)
    stripe = "created,amount,amount_refunded,currency,customer\n2024-01-05,12.50,0,usd,a\n"
    intake = read(tmp_path, stripe)
    assert sums(intake) == (12.5, 0) and "whole units" in understood(intake)


def test_the_user_settles_the_unit(tmp_path: Path) -> None:
    plain = table("amount", [("1250",)])
    assert sums(read(tmp_path, plain)) == (1250, 0)
    assert sums(read(tmp_path, plain, minor_units=True)) == (12.5, 0)
    assert sums(read(tmp_path, table("amount_cents", [("1250",)]), minor_units=False)) == (1250, 0)


def test_a_divisor_beside_the_amount_is_used(tmp_path: Path) -> None:
    content = table("grandtotal.amount;grandtotal.divisor;grandtotal.currency_code",
                    [("1250", "100", "USD"), ("300", "1", "USD")])  # fmt: skip
    intake = read(tmp_path, content)
    assert sums(intake) == (312.5, 0) and intake.summary.currency == "USD"
    assert "as column 'grandtotal.divisor' says" in understood(intake)


def test_refunds_beside_cents_are_cents_too_where_that_fits(tmp_path: Path) -> None:
    rows = [("1250", "1250", ""), ("300", "", "")]
    assert sums(read(tmp_path, table("amount_cents;refunded_amount", [r[:2] for r in rows]))) == (
        15.5, 12.5,
    )  # fmt: skip
    rows = [("1250", "12.50", ""), ("300", "", "")]
    assert sums(read(tmp_path, table("amount_cents;refunded_amount", [r[:2] for r in rows]))) == (
        15.5, 12.5,
    )  # fmt: skip


# ---------------------------------------------------------------- currencies


def test_signs_words_and_codes_of_one_currency_are_one(tmp_path: Path) -> None:
    rows = [("1.50", "zł"), ("2.50", "PLN"), ("3", "pln"), ("4", "Złoty")]
    intake = read(tmp_path, table("amount;currency", rows))
    assert sums(intake) == (11, 0) and intake.summary.currency == "PLN"
    assert meanings("US $") == ("USD",) and meanings("PLN (zł)") == ("PLN",)
    assert one_meaning({"kr": 3, "NOK": 1}) == {"NOK": 4}
    assert one_meaning({"$": 3, "CAD": 1}) == {"USD": 3, "CAD": 1}
    assert one_meaning({"$": 3, "CAD": 1}, "CAD") == {"CAD": 4}


def test_the_currency_told_names_a_sign(tmp_path: Path) -> None:
    content = table("amount", [("$1.50",), ("$2",)])
    assert read(tmp_path, content).summary.currency == "USD"
    assert read(tmp_path, content, currency="AUD").summary.currency == "AUD"
    rupees = table("amount", [("₹1,23,456.50",)])
    assert sums(read(tmp_path, rupees, currency="INR")) == (123456.5, 0)
    assert "in INR, not in PLN" in asked(tmp_path, rupees, currency="PLN")


CODES = ("PLN", "EUR", "GBP")
# The most lines are in PLN.
RATES = {"PLN": 1.0, "EUR": 4.3, "GBP": 5.1}
# Amount in the order's currency, its code, its amount in PLN, its rate.
FOREIGN = [
    (10.0 + n, CODES[n % 3], round((10.0 + n) * RATES[CODES[n % 3]], 2), RATES[CODES[n % 3]])
    for n in range(31)
]
IN_PLN = round(sum(row[2] for row in FOREIGN), 2)


@pytest.mark.parametrize(
    ("header", "more"),
    [
        ("grand_total;order_currency_code;base_grand_total;base_currency_code", ("PLN",)),
        ("Amount;Currency;Converted Amount;Converted Currency", ("pln",)),
        ("Kwota;Waluta;Kwota w PLN", ()),
    ],
)
def test_a_column_in_one_currency_is_used(
    tmp_path: Path, header: str, more: tuple[str, ...]
) -> None:
    intake = read(tmp_path, table(header, [(a, c, b, *more) for a, c, b, _ in FOREIGN]))
    assert sums(intake) == (IN_PLN, 0) and intake.summary.currency == "PLN"
    assert "has all of them in PLN" in understood(intake) and doubts(intake) == []


def test_a_rate_turns_amounts_into_one_currency(tmp_path: Path) -> None:
    times = table("total;currency;exchange_rate", [(a, c, r) for a, c, _, r in FOREIGN])
    intake = read(tmp_path, times)
    assert sums(intake) == (IN_PLN, 0) and "times the rate" in understood(intake)
    below = table("total;currency;kurs", [(a, c, 1 / r) for a, c, _, r in FOREIGN])
    intake = read(tmp_path, below)
    assert sums(intake)[0] == pytest.approx(IN_PLN) and "divided by" in understood(intake)


def test_refunds_are_converted_with_their_orders(tmp_path: Path) -> None:
    rows = [(a, c, b, a if n < 3 else "") for n, (a, c, b, _) in enumerate(FOREIGN)]
    intake = read(tmp_path, table("total;currency;base_total;total_refunded", rows))
    assert sums(intake) == (IN_PLN, round(sum(row[2] for row in FOREIGN[:3]), 2))


def test_several_currencies_name_what_answers(tmp_path: Path) -> None:
    content = table("total;currency", [(a, c) for a, c, _, _ in FOREIGN])
    said = asked(tmp_path, content)
    assert 'To read PLN alone, give --leave-out "currency=EUR,GBP"' in said
    kept = read(tmp_path, content, leave_out={"currency": ("EUR", "GBP")})
    assert sums(kept) == (sum(row[0] for row in FOREIGN if row[1] == "PLN"), 0)
    rows = [(a, "PLN") for a, *_ in FOREIGN]
    assert "USD (1\N{NO-BREAK SPACE}line)." in asked(
        tmp_path, table("total;currency", [*rows[1:], (9.5, "USD")])
    )
    signs = {"PLN": "zł", "EUR": "€", "GBP": "£"}
    content = table("total", [(f"{a:.2f} {signs[c]}",) for a, c, _, _ in FOREIGN])
    assert '--leave-out "total=EUR,GBP"' in asked(tmp_path, content)
    kept = read(tmp_path, content, leave_out={"total": ("EUR", "GBP")})
    assert sums(kept) == (sum(row[0] for row in FOREIGN if row[1] == "PLN"), 0)


def test_a_pair_that_nothing_proves_is_named(tmp_path: Path) -> None:
    rows = [(a, c, 100 + n % 7, "PLN") for n, (a, c, _, _) in enumerate(FOREIGN)]
    header = "total;currency;settled_total;settled_currency"
    said = asked(tmp_path, table(header, rows))
    assert '--amount "settled_total" --currency-column "settled_currency"' in said


# ---------------------------------------------------------------- discounts

LINES = "product;price;quantity;{}"
# Product, price, quantity, percent off.
SOLD = [(f"p{n % 7}", 10.0 + n % 7, 1 + n % 4, (0, 5, 10, 25)[n % 4 - n % 3]) for n in range(60)]


def paid(lines: Sequence[tuple[str, float, int, int]]) -> float:
    return round(sum(round(p * q * (100 - off) / 100, 2) for _, p, q, off in lines), 2)


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("discount", lambda p, q, off: off / 100),
        ("discount_percent", lambda p, q, off: off),
        ("Rabat", lambda p, q, off: f"{off}%"),
        ("discount_amount", lambda p, q, off: round(p * q * off / 100, 2)),
        ("Rabatt", lambda p, q, off: -round(p * q * off / 100, 2)),
        ("discount_per_piece", lambda p, q, off: p * off / 100),
    ],
)
def test_discounts_come_off_price_times_quantity(tmp_path: Path, header: str, form: Any) -> None:
    rows = [(s, p, q, form(p, q, off)) for s, p, q, off in SOLD]
    intake = read(tmp_path, table(LINES.format(header), rows))
    assert sums(intake)[0] == pytest.approx(paid(SOLD), abs=0.05)
    # The same product at one price, whatever the discount, is a list price.
    assert doubts(intake) == [] and f"less column '{header}'" in understood(intake)


def test_a_discount_that_nothing_proves_is_a_doubt(tmp_path: Path) -> None:
    rows = [(f"p{n}", p, q, off / 100) for n, (_, p, q, off) in enumerate(SOLD)]
    intake = read(tmp_path, table(LINES.format("discount"), rows))
    gross = sum(p * q for _, p, q, _ in SOLD)
    assert sums(intake) == (paid(SOLD), 0)
    assert len(doubts(intake)) == 1 and '--discount "discount"' in doubts(intake)[0]
    assert f"{gross - paid(SOLD):,.2f} on" in doubts(intake)[0]
    for column in ("discount", "none"):
        told = read(tmp_path, table(LINES.format("discount"), rows), columns={"discount": column})
        assert doubts(told) == []
        assert sums(told) == (paid(SOLD) if column == "discount" else gross, 0)


def test_a_total_proves_a_discount(tmp_path: Path) -> None:
    rows = [(f"p{n}", p, q, off, round(p * q * (100 - off) / 100, 2))
            for n, (_, p, q, off) in enumerate(SOLD)]  # fmt: skip
    intake = read(tmp_path, table(LINES.format("rabat;do zaplacenia"), rows))
    assert sums(intake) == (paid(SOLD), 0) and doubts(intake) == []


def test_prices_that_fall_with_a_discount_are_what_was_paid(tmp_path: Path) -> None:
    rows = [(s, round(p * (100 - off) / 100, 2), q, off / 100) for s, p, q, off in SOLD]
    intake = read(tmp_path, table(LINES.format("discount"), rows))
    assert sums(intake) == (pytest.approx(sum(r[1] * r[2] for r in rows)), 0)
    assert doubts(intake) == [] and "prices fall" in understood(intake)


def test_a_total_before_its_discount_is_a_doubt(tmp_path: Path) -> None:
    rows = [(s, p, q, round(p * q * off / 100, 2), p * q) for s, p, q, off in SOLD]
    content = table(LINES.format("discount;line_total"), rows)
    intake = read(tmp_path, content)
    assert "column 'discount' is not subtracted: 'line_total'" in doubts(intake)[0]
    told = read(tmp_path, content, columns={"discount": "discount"})
    assert sums(told)[0] == pytest.approx(paid(SOLD)) and doubts(told) == []
    net = [(*row[:4], row[4] - row[3]) for row in rows]
    told = read(tmp_path, table(LINES.format("discount;line_total"), net),
                columns={"discount": "discount"})  # fmt: skip
    assert sums(told)[0] == pytest.approx(paid(SOLD)) and "already" in understood(told)


def test_the_discount_of_an_order_on_each_of_its_lines_comes_off_once(tmp_path: Path) -> None:
    lines = [f"{n},{'abc'[n % 3]},{START + timedelta(days=n)},p{k},10,2,{3 + n % 2}"
             for n in range(12) for k in range(2)]  # fmt: skip
    header = "order_id,customer,date,product,price,quantity,order_discount"
    intake = read(tmp_path, "\n".join([header, *lines, ""]))
    assert sums(intake) == (12 * 40 - 42, 0) and "subtracted once" in understood(intake)
