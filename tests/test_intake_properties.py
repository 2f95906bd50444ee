"""Whatever is thrown at the intake, no line is lost and no order of rows matters."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from winback.errors import WinbackError
from winback.intake.settling import Intake, read_orders
from winback.intake.sorting import SortedLines, Tally

CALM = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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


# ---------------------------------------------------------------- typed sources, read in place

FEW = settings(CALM, max_examples=5)
# Ids whose order as text is not their order as numbers, and texts that look like numbers.
NUMBER_IDS = st.sampled_from([0, 1, 2, 9, 10, 19, 20, 100, 101, 12345678901234567])
TEXT_IDS = st.sampled_from(["a", "B", "a1", "10", "9", "zażółć", "x-1", "001"])
INSTANTS = st.datetimes(datetime(2023, 1, 1), datetime(2023, 2, 1)).map(
    lambda at: at.replace(microsecond=0, minute=0, second=at.second % 2)
)


@st.composite
def logs(draw: st.DrawFn) -> pa.Table:
    """A typed log without a fault; ids are whole numbers or texts, products at times missing."""
    ids = {
        name: draw(st.sampled_from([NUMBER_IDS, TEXT_IDS]))
        for name in ("customer_id", "order_id", "product_id")
    }
    if draw(st.sampled_from([True, True, False])):
        ids["product_id"] = st.one_of(st.none(), ids["product_id"])
    else:
        del ids["order_id"]
    row = st.fixed_dictionaries(
        {name: strategy for name, strategy in ids.items()}
        | {
            "order_date": INSTANTS,
            "quantity": st.sampled_from([1.0, 2.0, 0.333, 12.5, None]),
            "amount": st.integers(1, 3).map(lambda cents: cents / 100),
        }
    )
    rows = draw(st.lists(row, min_size=1, max_size=40))
    at_least = {
        name: draw(strategy.filter(lambda id: id is not None)) for name, strategy in ids.items()
    }
    rows.append(
        at_least | {"order_date": datetime(2023, 1, 9, 10), "quantity": 1.0, "amount": 9.99}
    )
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    schema = pa.table(columns).schema
    when = schema.get_field_index("order_date")
    return pa.table(columns, schema.set(when, pa.field("order_date", pa.timestamp("s"))))


def as_texts(log: pa.Table) -> pa.Table:
    """The same log with a text in every cell, as a CSV would hold it."""
    return pa.table({name: log[name].cast(pa.string()) for name in log.column_names})


def files_of(log: pa.Table, **options: Any) -> tuple[bytes, bytes, dict[str, Any]]:
    """Bytes of the orders and the contacts of a log, and what its summary counts."""
    with tempfile.TemporaryDirectory() as folder:
        intake = read_orders(log, folder, **options)
        counts = ("lines_kept", "purchases", "customers", "orders_sha256", "amount_scale")
        return (
            intake.orders_path.read_bytes(),
            intake.contacts_path.read_bytes(),
            {name: intake.summary[name] for name in counts},
        )


@FEW
@given(logs())
def test_typed_lines_read_in_place_are_what_they_are_as_text(log: pa.Table) -> None:
    assert files_of(log) == files_of(as_texts(log))


@FEW
@given(logs())
def test_a_line_to_set_aside_changes_nothing_for_the_others(log: pa.Table) -> None:
    guest = {name: None for name in log.column_names} | {
        "order_date": datetime(2023, 1, 9), "amount": 5.0,
    }  # fmt: skip
    with_guest = pa.concat_tables([log, pa.Table.from_pylist([guest], log.schema)])
    assert files_of(with_guest) == files_of(log)


@FEW
@given(logs(), st.randoms(use_true_random=False))
def test_the_order_of_typed_rows_changes_no_byte(log: pa.Table, random: Random) -> None:
    places = list(range(log.num_rows))
    random.shuffle(places)
    assert files_of(log.take(places), threads=1) == files_of(log, threads=2)


@FEW
@given(logs())
def test_lines_come_as_they_were_sorted_by_the_text_of_their_ids(log: pa.Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        intake = read_orders(log, folder)
        lines = pq.read_table(intake.orders_path).to_pylist()
        scale = intake.summary["amount_scale"]
        last = {line["customer_id"] for line in lines}
        assert pq.read_table(intake.contacts_path)["customer_id"].to_pylist() == sorted(
            last, key=str.encode
        )
    keys = [
        (
            line["customer_id"].encode(), line["ordered_at"].date(), line["order_id"].encode(),
            line["ordered_at"], line["product_id"] is None, (line["product_id"] or "").encode(),
            line["amount"], line["quantity"] is None, line["quantity"] or 0,
        )
        for line in lines
    ]  # fmt: skip
    assert keys == sorted(keys)
    assert {
        (
            line["customer_id"], line["order_id"], line["ordered_at"], line["known_at"],
            line["product_id"], line["quantity"], round(line["amount"] * 100 / scale),
        )
        for line in lines
    } == {
        (
            str(row["customer_id"]), str(row.get("order_id", row["order_date"].isoformat())),
            row["order_date"], row["order_date"],
            None if row["product_id"] is None else str(row["product_id"]), row["quantity"],
            round(row["amount"] * 100),
        )
        for row in log.to_pylist()
    }  # fmt: skip


@FEW
@given(logs(), st.integers(1, 50))
def test_lines_are_counted_alike_however_they_are_cut(log: pa.Table, size: int) -> None:
    con = duckdb.connect()
    con.register("log", log)
    order = "order_id" if "order_id" in log.column_names else "CAST(order_date AS TIMESTAMP)"
    kind = "CASE WHEN quantity = 2 THEN 'refund' ELSE 'order' END"
    con.execute(
        f"CREATE TABLE lines AS SELECT customer_id, {order} AS order_id, "
        "CAST(order_date AS TIMESTAMP) AS ordered_at, ordered_at AS known_at, product_id, "
        f"quantity, CAST(amount * 100 AS BIGINT) AS amount, {kind} AS kind FROM log"
    )
    con.execute(
        "CREATE TABLE people AS SELECT customer_id, CAST(customer_id AS VARCHAR) AS name "
        "FROM lines GROUP BY customer_id ORDER BY name"
    )
    tally = Tally(date(2100, 1, 1))
    parts: list[pa.Table] = []
    for chunk in SortedLines(con, "lines", lambda: None).chunks(size):
        tally.add(chunk)
        parts.append(
            chunk.columns.cast(next(iter(parts)).schema if parts else chunk.columns.schema)
        )
    lines = [line for part in parts for line in part.to_pylist()]
    assert [part.num_rows for part in parts[:-1]] == [size] * (len(parts) - 1)
    bought = {
        (line["customer_id"], line["ordered_at"].date(), line["order_id"])
        for line in lines
        if line["kind"] == "order"
    }
    assert tally.rows == log.num_rows == len(lines)
    assert tally.purchases == len(bought)
    assert tally.gross == sum(line["amount"] for line in lines if line["kind"] == "order")
    assert tally.refunded == -sum(line["amount"] for line in lines if line["kind"] == "refund")
    assert tally.customers == len({customer for customer, _, _ in bought})
    for customer, (purchases, days) in tally.busy.items():
        of_them = [(day, order) for person, day, order in bought if person == customer]
        assert purchases == len(of_them)
        assert days == len({day for day, _ in of_them})
    assert {customer for customer, _, _ in bought} == set(tally.busy) or tally.purchases >= 20
    con.close()
