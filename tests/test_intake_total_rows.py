"""Rows that are the sum of other rows are no purchases."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from winback.intake.settling import Intake, read_orders

DAYS = range(1, 25)
PLAIN = [f"{n},K{n % 7},2024-01-{n:02},{n}.10" for n in DAYS]
# 1 + ... + 24, and 24 times ten cents.
SUM = 302.4


def intake_of(tmp_path: Path, *rows: str, header: str = "order,customer,date,amount") -> Intake:
    """Read one file with these rows."""
    (tmp_path / "in.csv").write_text("\n".join([header, *rows]) + "\n")
    return read_orders(tmp_path / "in.csv", tmp_path / "out")


def gross_of(intake: Intake) -> float:
    table = pq.read_table(intake.orders_path)
    return sum(table["amount"].to_pylist()) / int(table.schema.metadata[b"amount_scale"])


def aside_of(intake: Intake) -> int:
    return int(intake.summary.lines_set_aside.by_reason.get("total_row", 0))


@pytest.mark.parametrize(
    "word", ["Razem", "SUMA:", "Grand Total", "Summe", "Gesamtsumme", "Total 2024", "Ogółem", "?"]
)
def test_a_last_row_that_is_the_sum_of_all_is_a_total(tmp_path: Path, word: str) -> None:
    intake = intake_of(tmp_path, *PLAIN, f",{word},2024-01-24,{SUM}")
    assert (gross_of(intake), aside_of(intake), intake.summary.customers) == (SUM, 1, 7)
    first = intake_of(tmp_path, f",{word},2024-01-24,{SUM}", *PLAIN)
    assert (gross_of(first), aside_of(first)) == (SUM, 1)


def test_totals_of_pages_and_of_all_are_set_aside(tmp_path: Path) -> None:
    pages = [row.split(",", 1)[1] for row in PLAIN]
    halves = [f"Suma strony {k},2024-01-24,{total}" for k, total in ((1, 79.2), (2, 223.2))]
    rows = [*pages[:12], halves[0], *pages[12:], halves[1], f"Razem,2024-01-24,{SUM}"]
    intake = intake_of(tmp_path, *rows, header="customer,date,amount")
    assert (gross_of(intake), aside_of(intake)) == (SUM, 3)


def test_a_customer_called_total_who_buys_is_kept(tmp_path: Path) -> None:
    intake = intake_of(tmp_path, *PLAIN, "25,Total,2024-01-24,17.00")
    assert (gross_of(intake), aside_of(intake)) == (SUM + 17, 0)
