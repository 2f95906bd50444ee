"""Whatever is thrown at the intake, no line is lost and no order of rows matters."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from winback.errors import WinbackError
from winback.intake import Intake, read_orders

CALM = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CUSTOMERS = st.sampled_from(["a", "B", "007", "17850.0", "", "nan", "x y", "zażółć", "'12", "0"])
ORDERS = st.sampled_from(["1", "2", "C1", "#9", "", "5.55E+12", "none"])
DAYS = st.dates(date(2023, 1, 1), date(2024, 12, 31)).map(lambda day: day.isoformat())
DATES = st.one_of(DAYS, DAYS, DAYS, st.sampled_from(["", "soon", "1970-01-01", "2024-02-31"]))
AMOUNTS = st.one_of(
    st.decimals(-50, 200, places=2).map(str),
    st.sampled_from(["", "abc", "0", "1e3", "12,50", "(3.00)", "5 zł", "-", "1e400", "٣"]),
)
STATUSES = st.sampled_from(["paid", "", "cancelled", "pending", "refunded", "odd", "Zwrócone"])
ROWS = st.lists(
    st.tuples(CUSTOMERS, ORDERS, DATES, AMOUNTS, STATUSES), min_size=1, max_size=40
).map(lambda rows: [*rows, ("anna", "77", "2024-03-05", "10.50", "paid")])


@dataclass(frozen=True)
class Read:
    """What an intake left behind, taken up before its folder goes."""

    intake: Intake
    orders: bytes
    contacts: bytes
    lines: list[dict[str, Any]]
    quarantine: list[dict[str, str]]


def read(rows: list[tuple[str, ...]], extra: str = "", **options: Any) -> Read | None:
    """Read rows as a CSV; None where they hold nothing that could be read at all."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["customer_id", "order_id", "order_date", "amount", "status"])
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "orders.csv").write_text(text.getvalue() + extra, encoding="utf-8")
        try:
            intake = read_orders(folder / "orders.csv", folder / "out", **options)
        except WinbackError as error:
            assert "\n" not in str(error)
            assert "Lines were lost" not in str(error)
            return None
        with intake.quarantine_path.open(encoding="utf-8", newline="") as stream:
            quarantine = list(csv.DictReader(stream))
        return Read(
            intake,
            intake.orders_path.read_bytes(),
            intake.contacts_path.read_bytes(),
            pq.read_table(intake.orders_path).to_pylist(),
            quarantine,
        )


@CALM
@given(ROWS, st.sampled_from(["", "a;b\n", "a;1;2024-01-01;1;paid;more;x\n", '"\n']))
def test_no_line_is_ever_lost(rows: list[tuple[str, ...]], extra: str) -> None:
    result = read(rows, extra, cutoff=date(2024, 6, 1))
    if result is None:
        return
    summary = result.intake.summary
    aside = summary["lines_set_aside"]
    assert len(result.lines) == summary["lines_kept"] + summary["rows_added"]
    assert summary["lines_in"] == summary["lines_kept"] + aside["total"] + summary["lines_ignored"]
    assert sum(aside["by_reason"].values()) == aside["total"]
    assert len(result.quarantine) == aside["total"]
    assert summary["lines_in"] >= len(rows)


@CALM
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(rows: list[tuple[str, ...]], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, two = read(rows), read(shuffled)
    assert (one is None) == (two is None)
    if one is None or two is None:
        return
    assert one.orders == two.orders
    assert one.contacts == two.contacts
    assert one.intake.summary == two.intake.summary


@CALM
@given(ROWS)
def test_purchases_are_positive_and_every_line_lies_before_the_cutoff(
    rows: list[tuple[str, ...]],
) -> None:
    result = read(rows)
    if result is None:
        return
    sums: dict[tuple[str, str, date], int] = {}
    for line in result.lines:
        assert line["ordered_at"].date() < result.intake.cutoff
        assert line["known_at"] >= line["ordered_at"]
        if line["kind"] == "order":
            key = (line["customer_id"], line["order_id"], line["ordered_at"].date())
            sums[key] = sums.get(key, 0) + line["amount"]
    assert all(total > 0 for total in sums.values())
    assert len(sums) == result.intake.summary["purchases"]
