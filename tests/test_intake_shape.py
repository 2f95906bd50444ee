"""The form of a text table: which name is whose, cut amounts, quotes, and what is no table."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from winback.errors import UsageError, WinbackError
from winback.intake.settling import Intake, read_orders

START = datetime(2024, 1, 5, 8, 30, 7)
# Forty orders of ten customers: 10.01, 11.01, ... 49.01.
ROWS = [
    [str(1001 + n), f"K{n % 10}", str(START + timedelta(hours=31 * n)), f"{10 + n}.01"]
    for n in range(40)
]
COMMA = [[*row[:3], row[3].replace(".", ",")] for row in ROWS]
POLISH = ["Nr zamówienia", "Klient", "Data zamówienia", "Wartość"]
RIGHT = (10, 40, 1180.40, date(2024, 1, 5), date(2024, 2, 24))


def joined(rows: list[list[str]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\n" for row in rows)


def read(folder: Path, content: str, **options: Any) -> Intake:
    (folder / "a.csv").write_text(content, encoding="utf-8", newline="")
    return read_orders(folder / "a.csv", folder / "out", **options)


def totals(intake: Intake) -> tuple[int, int, float, date, date]:
    found = intake.summary
    return (
        found.customers, found.purchases, round(found.gross, 2), found.first_day, found.last_day,
    )  # fmt: skip


def understood(intake: Intake) -> list[str]:
    return [one.code.removeprefix("intake.") for one in intake.summary.understood]


@pytest.mark.parametrize("rows", [ROWS, COMMA])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("more", [1, 2])
def test_rows_may_end_with_delimiters_that_the_header_lacks(
    tmp_path: Path, delimiter: str, rows: list[list[str]], more: int
) -> None:
    body = [[*row, *[""] * more] for row in rows]
    intake = read(tmp_path, joined([POLISH, *body], delimiter))
    assert totals(intake) == RIGHT
    assert intake.summary.columns["amount"] == "Wartość"


@pytest.mark.parametrize("first", ["number", "row name"])
def test_a_running_number_without_a_name_moves_the_names(tmp_path: Path, first: str) -> None:
    body = [[f'"{n}"' if first == "row name" else str(n), *row] for n, row in enumerate(ROWS, 1)]
    intake = read(tmp_path, joined([POLISH, *body]))
    assert totals(intake) == RIGHT
    assert intake.summary.columns["order"] == "Nr zamówienia"
    assert "cells_at_start" in understood(intake)


def test_names_at_the_end_that_no_row_reaches_are_told(tmp_path: Path) -> None:
    intake = read(tmp_path, joined([[*POLISH, "Uwagi"], *COMMA], ";"))
    assert totals(intake) == RIGHT
    assert "names_without_cells" in understood(intake)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        (["Order", "Customer", "Date", "Total PLN"], "{0},{1},{2},{3}"),
        (["Total", "Order", "Customer", "Date"], "{3} zł,{0},{1},{2}"),
        (["Zam", "Kto", "Kiedy", "Ile", "Razem"], "{0},{1},{2},2,{3}"),
        (["Bestellung", "Kunde", "Datum", "Menge", "Einzelpreis", "Gesamtpreis"],
         "{0},{1},{2},1,{3},{3}"),
    ],
)  # fmt: skip
def test_amounts_cut_at_a_bare_decimal_comma_are_joined(
    tmp_path: Path, header: list[str], cells: str
) -> None:
    lines = [",".join(header), *(cells.format(*row) for row in COMMA)]
    intake = read(tmp_path, "\n".join(lines))
    assert totals(intake) == RIGHT
    assert "cells_joined" in understood(intake)


def test_a_cut_that_could_be_anywhere_is_a_question_that_amount_answers(tmp_path: Path) -> None:
    lines = [f"{row[0]},{row[1]},{row[2]},{n % 7 + 1},{row[3]}" for n, row in enumerate(COMMA)]
    content = "\n".join(["id,customer,date,a,b", *lines])
    with pytest.raises(UsageError, match=r"6 cells but the header 5 names.*--amount COLUMN"):
        read(tmp_path, content)
    assert totals(read(tmp_path, content, columns={"amount": "b"})) == RIGHT


def test_names_that_belong_to_no_cell_are_not_guessed(tmp_path: Path) -> None:
    body = [[row[1], "x", *row] for row in ROWS]
    with pytest.raises(UsageError, match="'column 1', 'column 2'"):
        read(tmp_path, joined([["w", "x", "y", "z"], *body]), columns={"customer": "nobody"})
    intake = read(
        tmp_path, joined([["w", "x", "y", "z"], *body]),
        columns={"customer": "column 4", "order": "column 3"},
    )  # fmt: skip
    assert totals(intake) == RIGHT
    assert "header_unused" in understood(intake)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_cells_in_a_formula_that_protects_them_are_bare(tmp_path: Path, delimiter: str) -> None:
    rows = [[f'="{cell}"' for cell in row] for row in (COMMA if delimiter == ";" else ROWS)]
    assert totals(read(tmp_path, joined([POLISH, *rows], delimiter))) == RIGHT
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    assert totals(read(tmp_path, joined([POLISH, *quoted], delimiter))) == RIGHT


@pytest.mark.parametrize("rare", [False, True])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_quotes_behind_a_backslash_end_no_cell(tmp_path: Path, delimiter: str, rare: bool) -> None:
    names = ['"Bar \\"U Zosi\\", Łódź; ul. Prosta"', '"Jan"', '"12\\""', '"C:\\\\"']
    rows = [
        [f'"{row[0]}"', f'"{row[1]}"', names[n % 4 if not rare or n == 32 else 1], "\\N",
         f'"{row[2]}"', f'"{row[3]}"']
        for n, row in enumerate(ROWS)
    ]  # fmt: skip
    header = ["order_id", "customer_id", "name", "note", "order_date", "amount"]
    assert totals(read(tmp_path, joined([header, *rows], delimiter))) == RIGHT


def test_json_within_a_cell_is_no_backslash_dialect(tmp_path: Path) -> None:
    cell = '"{""note"": ""a \\""b\\""\\nc"",\n ""sku"": 7}"'
    rows = [[*row, cell] for row in ROWS]
    assert totals(read(tmp_path, joined([[*POLISH, "items"], *rows]))) == RIGHT


def test_a_title_and_blank_lines_above_take_no_row_of_the_table(tmp_path: Path) -> None:
    intake = read(tmp_path, "Sales report;;;\n\n" + joined([POLISH, *COMMA], ";"))
    assert totals(intake) == RIGHT
    assert intake.summary.lines_set_aside.total == 0
    assert totals(read(tmp_path, "sep=|\r\n" + joined([POLISH, *COMMA], "|"))) == RIGHT


def test_a_footer_is_set_aside_and_mixed_line_ends_are_one(tmp_path: Path) -> None:
    lines = [*joined([POLISH, *COMMA], ";").splitlines(), "Wygenerowano 2024-03-01"]
    ends = ["\r\n", "\n", "\r"]
    intake = read(tmp_path, "".join(line + ends[n % 3] for n, line in enumerate(lines)))
    assert totals(intake) == RIGHT
    assert intake.summary.lines_set_aside.by_reason == {"wrong_column_count": 1}


def test_blocks_of_tables_are_refused_as_what_they_are(tmp_path: Path) -> None:
    block = (
        "Cart ID,c{0},Ordered,01/12/2017\nName,Email\nx,u{0}@example.com\n\nSKU,Qty,Total\nA,1,2\n"
    )
    with pytest.raises(WinbackError, match=r"several tables below each other.*expected one table"):
        read(tmp_path, "".join(block.format(n) for n in range(12)))


def test_without_a_header_columns_are_spoken_of_by_number(tmp_path: Path) -> None:
    intake = read(tmp_path, joined(ROWS))
    assert totals(intake) == RIGHT
    assert "no_header" in understood(intake)
    with pytest.raises(UsageError, match="'column 1', 'column 2'") as caught:
        read(tmp_path, joined([[*row[:2], "x", row[3]] for row in ROWS]))
    assert "K1" not in str(caught.value) and "1001" not in str(caught.value)


def test_no_question_or_hint_names_a_column_of_one_value(tmp_path: Path) -> None:
    rows = [[*row[:3], row[3], "shop@example.net", f"p{n % 9}@example.com" if n % 2 else ""]
            for n, row in enumerate(ROWS)]  # fmt: skip
    for n, row in enumerate(rows):
        row[1] = "guest" if n % 2 else row[1]
    header = ["order_id", "customer_id", "order_date", "amount", "To Email", "From Email"]
    with pytest.raises(UsageError, match="--customer 'From Email'") as caught:
        read(tmp_path, joined([header, *rows]))
    assert "To Email" not in str(caught.value)
