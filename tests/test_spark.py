"""Spark and one machine give the same tables; for real, in Spark's local mode.

Skips only where pyspark (the extra ``spark``, some 430 MB, not in the lock) is missing, even with
CI=true; ``make test-spark`` installs the extra, and then everything runs or fails, Java included.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from canonical import Line, line, write_orders
from winback.errors import UsageError, WinbackError
from winback.params import SnapshotSettings
from winback.snapshots.declared import declared_features
from winback.snapshots.walk import take_snapshots
from winback.synthetic.shop import simulate_shop

sql = pytest.importorskip("pyspark.sql", reason="needs pyspark: make test-spark installs it")

from winback.snapshots import spark as driver  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

ROWS_PER_SPARK_BATCH = 7
LAST = date(2024, 12, 1)
CUTOFFS = [LAST - timedelta(days=45 * back) for back in range(5)]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of two threads that hands over seven rows at a time."""
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.sql.adaptive.coalescePartitions.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(ROWS_PER_SPARK_BATCH))
        # A zone with a change of clocks: wall times of the shop must not move by it.
        .config("spark.sql.session.timeZone", "America/New_York")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured together is a few customers, so that batches end inside customers."""
    monkeypatch.setattr(driver, "_LINES_PER_BATCH", 5 * ROWS_PER_SPARK_BATCH)


def random_lines(customers: int, lines: int) -> list[Line]:
    """Purchases with refunds, gifts, late lines, order ids used again, and absent values."""
    rng = np.random.default_rng(3)
    names = np.array([f"{n:03d}" if n % 3 else f"żółw {n}" for n in range(customers)])
    made = []
    for who in (customers * rng.random(lines) ** 2).astype(int):
        at = datetime(2023, 1, 1) + timedelta(seconds=int(rng.integers(0, 730 * 86_400)))
        kind = rng.choice(["order", "order", "order", "order", "refund", "free"])
        sign = {"order": 1, "refund": -1, "free": 0}[kind]
        late = timedelta(days=int(rng.integers(1, 60)) if rng.random() < 0.1 else 0)
        made.append(
            line(
                names[who], at, sign * int(rng.integers(1, 100_000)), known_at=at + late,
                order_id=str(rng.integers(0, 40)), kind=str(kind),
                product_id=rng.choice([None, "tea", "mug", "jam"]),
                quantity=rng.choice([None, sign * 1.0, sign * 0.333]),
            )
        )  # fmt: skip
    return made


def random_signals(customers: list[str], path: Path) -> Path:
    rng = np.random.default_rng(4)
    size = 10 * len(customers)
    happened = np.datetime64("2023-01-01", "s") + rng.integers(0, 730 * 86_400, size)
    frame = pd.DataFrame({
        "customer_id": rng.choice([*customers, "never ordered"], size),
        "happened_at": happened,
        "known_at": happened + 86_400 * rng.integers(0, 2, size) * rng.integers(0, 40, size),
        "name": rng.choice(["ticket", "ticket_closed", "visit"], size),
        "value": np.where(rng.random(size) < 0.3, np.nan, np.round(rng.random(size) * 9, 2)),
    })  # fmt: skip
    frame = frame.sort_values(["customer_id", "happened_at", "name"])
    schema = pa.schema([
        ("customer_id", pa.string()), ("happened_at", pa.timestamp("s")),
        ("known_at", pa.timestamp("s")), ("name", pa.string()), ("value", pa.float64()),
    ])  # fmt: skip
    pq.write_table(pa.Table.from_pandas(frame, schema, preserve_index=False), path)
    return path


def random_attributes(customers: list[str], path: Path) -> Path:
    rng = np.random.default_rng(5)
    size = 3 * len(customers)
    frame = pd.DataFrame({
        "customer_id": rng.choice([*customers, "never ordered"], size),
        "known_at": np.datetime64("2023-01-01", "s") + rng.integers(0, 730 * 86_400, size),
        "name": rng.choice(["tier", "points"], size),
        "value": rng.choice(["basic", "gold", "17", "2.5"], size),
    }).sort_values(["customer_id", "known_at", "name"])  # fmt: skip
    schema = pa.schema([
        ("customer_id", pa.string()), ("known_at", pa.timestamp("s")), ("name", pa.string()),
        ("value", pa.string()),
    ])  # fmt: skip
    pq.write_table(pa.Table.from_pandas(frame, schema, preserve_index=False), path)
    return path


def in_pieces(canonical: Path, folder: Path) -> Path:
    """The rows of a canonical file in a folder of three, in no order, as Spark may find them."""
    table = pq.read_table(canonical)
    order = np.random.default_rng(6).permutation(len(table))
    folder.mkdir()
    for piece, rows in enumerate(np.array_split(order, 3)):
        pq.write_table(table.take(rows), folder / f"{piece}.parquet")
    return folder


def collected(frame: Any) -> pa.Table:
    """All rows by customer and cutoff."""
    table: pa.Table = frame.toArrow()
    return table.sort_by([("customer_id", "ascending"), ("cutoff", "ascending")]).combine_chunks()


def bits(table: pa.Table) -> dict[str, tuple[list[bool], bytes]]:
    """Which values of each column are there, and their bytes; 0.0 and -0.0 are told apart."""
    return {
        name: (
            column.is_valid().to_pylist(),
            repr(there.to_pylist()).encode()
            if pa.types.is_string((there := column.drop_null()).type)
            else there.to_numpy().tobytes(),
        )
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def test_spark_gives_the_bytes_of_one_machine(tmp_path: Path, spark: Any) -> None:
    lines = random_lines(customers=60, lines=900)
    orders = write_orders(tmp_path / "orders.parquet", lines, amount_scale=1000)
    customers = sorted({each["customer_id"] for each in lines})
    features = declared_features(
        SnapshotSettings.model_validate({
            "measures": [{"name": "big", "value": "amount > 50", "aggregates": ["sum", "share"]}],
            "signals": [
                {"name": "ticket", "closed_by": "ticket_closed",
                 "aggregates": ["count", "mean", "last", "days_since"]},
                {"name": "visit", "aggregates": ["distinct", "days_since"]},
            ],
            "attributes": [{"name": "tier", "levels": ["basic", "gold"]}, {"name": "points"}],
            "custom": [{"columns": ["median_amount"], "sql":
                "SELECT customer_id, median(amount) AS median_amount FROM past GROUP BY 1"}],
        })
    )  # fmt: skip
    options: dict[str, Any] = {
        "horizon_days": 60, "features": features, "country": "DE", "paydays": (15, 31),
    }  # fmt: skip
    more = {
        "signals": str(random_signals(customers, tmp_path / "signals.parquet")),
        "attributes": str(random_attributes(customers, tmp_path / "attributes.parquet")),
    }
    local = take_snapshots(orders, CUTOFFS, **options, **more)
    spread = driver.snapshot_with_spark(
        spark, str(in_pieces(orders, tmp_path / "orders")), str(tmp_path / "out"), CUTOFFS,
        **options, **more,
    )  # fmt: skip
    # The shop shows what is hard: customers of several batches, late lines, both kinds of rows.
    assert pd.Series([each["customer_id"] for each in lines]).value_counts().iloc[0] > 50
    assert local.late_share > 0.1
    assert 100 < len(local.outcomes) < len(local.features)
    for name in ("ticket_total", "ticket_open", "visit_distinct_total", "tier", "points"):
        assert len(local.features[name].unique()) > 2, name
    for ours, theirs in ((local.features, spread.features), (local.outcomes, spread.outcomes)):
        found = collected(theirs)
        assert found.schema.names == ours.schema.names
        assert found.schema.types == ours.schema.types
        assert bits(found) == bits(ours)


def test_a_customer_cut_many_times_is_one_row(tmp_path: Path, spark: Any) -> None:
    start = datetime(2024, 1, 1)
    lines = [line("a", start + timedelta(days=n), 100, order_id=str(n)) for n in range(300)]
    lines.append(line("b", "2024-02-01", 700))
    orders = write_orders(tmp_path / "orders.parquet", lines)
    taken = driver.snapshot_with_spark(
        spark, str(orders), str(tmp_path / "out"), [date(2024, 9, 1), date(2024, 11, 1)],
        horizon_days=30,
    )  # fmt: skip
    # a buys on each of 300 days from 1 January, the last 26 October; 1 September is day 244.
    keys = ["customer_id", "cutoff", "orders_total", "spend_30d", "days_since_last_order"]
    assert collected(taken.features.select(keys)).to_pandas().values.tolist() == [
        ["a", date(2024, 9, 1), 244, 30.0, 1],
        ["a", date(2024, 11, 1), 300, 25.0, 6],
        ["b", date(2024, 9, 1), 1, 0.0, 213],
        ["b", date(2024, 11, 1), 1, 0.0, 274],
    ]
    # What is observed ends on 26 October, so that November has no outcome.
    assert collected(taken.outcomes).to_pylist() == [
        {"customer_id": "a", "cutoff": date(2024, 9, 1), "returned": True,
         "orders_in_horizon": 30, "net_spend_in_horizon": 30.0, "days_to_return": 0},
        {"customer_id": "b", "cutoff": date(2024, 9, 1), "returned": False,
         "orders_in_horizon": 0, "net_spend_in_horizon": 0.0, "days_to_return": None},
    ]  # fmt: skip


def test_what_one_machine_refuses_spark_refuses(tmp_path: Path, spark: Any) -> None:
    def taken(orders: Path, cutoffs: list[date]) -> None:
        driver.snapshot_with_spark(
            spark, str(orders), str(tmp_path / "out"), cutoffs, horizon_days=30
        )

    empty = write_orders(tmp_path / "empty.parquet", [])
    orders = write_orders(tmp_path / "orders.parquet", [line("a", "2024-01-01", 100)])
    with pytest.raises(WinbackError, match="order history is empty"):
        taken(empty, [LAST])
    with pytest.raises(WinbackError, match="no purchase is earlier than the cutoff 2024-01-01"):
        taken(orders, [date(2024, 1, 1)])
    with pytest.raises(WinbackError, match="No cutoff"):
        taken(orders, [])
    assert not (tmp_path / "out").exists()


def test_an_error_of_a_worker_is_one_line(tmp_path: Path, spark: Any) -> None:
    orders = write_orders(tmp_path / "orders.parquet", [line("a", "2024-01-01", 100)])
    custom = [{"columns": ["n"], "sql": "SELECT customer_id, nothing AS n FROM past"}]
    features = declared_features(SnapshotSettings.model_validate({"custom": custom}))
    with pytest.raises(UsageError, match=r"^snapshot\.custom: the SQL of n: .*$") as refused:
        driver.snapshot_with_spark(
            spark, str(orders), str(tmp_path / "out"), [LAST], horizon_days=30, features=features
        )
    assert "\n" not in str(refused.value)


def commanded(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("winback"), "--quiet", "snapshot", "shop.csv", *words],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_the_command_gives_the_rows_of_one_machine_with_either_engine(tmp_path: Path) -> None:
    shop = simulate_shop("fashion", customers=80, days=400, seed=2)
    shop.orders.to_csv(tmp_path / "shop.csv", index=False)
    shop.signals.to_parquet(tmp_path / "signals.parquet")
    # A function of the shop's own must be found where Spark's workers run.
    (tmp_path / "own.py").write_text("def at_night(events):\n    return events.second >= 79200\n")
    (tmp_path / "own.yaml").write_text(
        "snapshot:\n  horizon_days: 60\n  signals: [{name: visit_web}]\n"
        "  measures: [{name: night, value: 'own:at_night'}]\n"
    )
    words = ["--params", "own.yaml", "--signals", "signals.parquet", "--cutoffs", "4"]
    for engine in ("local", "spark"):
        done = commanded(tmp_path, *words, "--engine", engine, "--out", engine)
        assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [
        "Features: spark/snapshots", "Outcomes: spark/outcomes"
    ]  # fmt: skip
    for name in ("snapshots", "outcomes"):
        ours = pq.read_table(tmp_path / "local" / f"{name}.parquet")
        theirs = pq.read_table(tmp_path / "spark" / name).sort_by(
            [("customer_id", "ascending"), ("cutoff", "ascending")]
        )
        assert ours.schema.names == theirs.schema.names
        assert bits(ours.combine_chunks()) == bits(theirs.combine_chunks())
    assert not list(tmp_path.glob("spark/.spark*")), "nothing of Spark's own stays"


def test_without_java_the_command_says_what_to_install(tmp_path: Path) -> None:
    simulate_shop("fashion", customers=20, days=200, seed=2).orders.to_csv(
        tmp_path / "shop.csv", index=False
    )
    done = commanded(tmp_path, "--engine", "spark", JAVA_HOME=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "winback: Spark's Java did not start. Install Java 17 or newer"
    )
    assert "Traceback" not in done.stderr
