"""Columns written plainly are typed while they are loaded, and read as text all the same."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import winback as wb

ROWS = 1500


def lines(seed: int = 3) -> list[list[str]]:
    drawn = random.Random(seed)
    return [
        [
            f"K{drawn.randrange(300):04}",
            str(5000 + n // 2),
            f"2024-{1 + n * 11 // ROWS:02}-{1 + n // 2 % 28:02} "
            f"{8 + n // 2 % 12:02}:15:{n // 2 % 60:02}",
            f"P{drawn.randrange(40)}",
            str(1 + n % 3),
            f"{drawn.randrange(100, 9000) / 100}",
        ]
        for n in range(ROWS)
    ]


def read(
    path: Path, rows: list[list[str]], header: str
) -> tuple[list[dict[str, object]], dict[str, object]]:
    path.write_text(header + "\n" + "\n".join(",".join(row) for row in rows) + "\n", "utf-8")
    intake = wb.read_orders(path, path.parent / "out")
    table = pq.read_table(intake.orders_path).to_pylist()
    return table, intake.summary.model_dump(exclude={"orders_sha256", "files"})


HEADER = "customer_id,order_id,ordered_at,product_id,quantity,amount"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (2, "2024-06-01T10:00:00+02:00"), (2, "n/a"), (2, "1 czerwca 2024"), (5, "1.250.00"),
        (5, "abc"), (5, ""), (5, "nan"), (5, "12,50"), (4, "1.5"), (2, ""),
    ],
)  # fmt: skip
def test_one_cell_that_is_written_otherwise_is_read_as_in_a_file_of_text(
    tmp_path: Path, column: int, cell: str
) -> None:
    rows = lines()
    rows += [[*row[:1], str(int(row[1]) + ROWS), *row[2:]] for row in lines(4) * 2]
    # Behind the rows that are looked at; a first cell in quotes sends the whole file to text.
    rows = [list(row) for row in rows * 2]
    for n, row in enumerate(rows):
        row[1] = str(10_000 + n // 2)
    rows[-7][column] = f'"{cell}"'
    plain, told = read(tmp_path / "a.csv", rows, HEADER)
    padded = [list(row) for row in rows]
    padded[0][2] = padded[0][2].replace(" ", "  ")  # no form that is loaded at once
    text, as_text = read(tmp_path / "b.csv", padded, HEADER)
    assert plain == text
    for name in ("lines_in", "lines_kept", "lines_set_aside", "gross", "purchases", "amount_scale"):
        assert told[name] == as_text[name]


def test_plain_columns_are_told_as_they_are_written(tmp_path: Path) -> None:
    _, told = read(tmp_path / "a.csv", lines(), HEADER)
    notes = {
        one["values"]["role"]: one["values"]["note"]["code"]
        for one in told["understood"]  # type: ignore[attr-defined]
        if one["code"] == "intake.column"
    }
    assert notes["date"] == "intake.dates_from_year"
    assert notes["amount"] == "intake.numbers_point"
    assert notes["quantity"] == "intake.numbers"


def test_a_point_before_three_digits_everywhere_is_never_loaded_as_a_decimal(
    tmp_path: Path,
) -> None:
    rows = [[*row[:5], f"{1 + n % 9}.{n % 10}50"] for n, row in enumerate(lines())]
    rows += [
        [*row[:1], str(int(row[1]) + ROWS), *row[2:5], f"{n % 900}"]
        for n, row in enumerate(lines(4))
    ]
    _, told = read(tmp_path / "a.csv", rows, HEADER)
    assert told["gross"] > 1_000_000  # type: ignore[operator]


@pytest.mark.parametrize(
    ("sign", "thousands", "decimal"),
    [("$", ",", "."), ("", ",", "."), (" €", ".", ","), (" zł", "\u00a0", ","), ("PLN ", " ", ".")],
)
@pytest.mark.parametrize("odd", ["", "12{decimal}5", "0{decimal}75", "1e3", "({amount})", "-7"])
def test_amounts_with_thousands_are_the_same_beside_a_cell_of_another_form(
    tmp_path: Path, sign: str, thousands: str, decimal: str, odd: str
) -> None:
    drawn = random.Random(7)
    amounts = [drawn.randrange(1, 3_000_000) / 100 for _ in range(60)]

    def written(amount: float) -> str:
        text = f"{amount:,.2f}".translate({ord(","): thousands, ord("."): decimal})
        return f"{sign}{text}" if not sign.startswith(" ") else f"{text}{sign}"

    cells = [written(amount) for amount in amounts]
    cells += [odd.format(decimal=decimal, amount=written(5.0))] if odd else []
    means = {"": 0.0, "1e3": 1000.0, "({amount})": 0.0, "-7": 0.0}
    extra = means.get(odd, 12.5 if odd.startswith("12") else 0.75)
    lines = "\n".join(f"K{n % 9};{n};2024-01-{1 + n % 28:02};{c}" for n, c in enumerate(cells))
    path = tmp_path / "orders.csv"
    path.write_text("customer;order;date;amount\n" + lines + "\n", encoding="utf-8")
    summary = wb.read_orders(path, tmp_path / "out").summary
    assert summary.lines_in == summary.lines_kept + summary.lines_ignored
    assert summary.gross == pytest.approx(sum(amounts) + extra, abs=0.001)
