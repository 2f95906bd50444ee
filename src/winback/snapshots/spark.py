"""The Spark driver: canonical Parquet files in, a Parquet folder out, the kernel between.

Lines, signals and attributes become one frame of events, partitioned by customer and sorted as
the canonical file is, so that a customer's rows come together. Spark hands them over in batches
that cut customers anywhere; they are gathered, cut again between customers, and measured. What
comes out equals the local walk's tables, value for value.

Needs the extra ``spark`` (``pip install 'winback[spark]'``) and a Java that Spark runs on; the
same winback must be installed wherever Spark's Python workers run.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.dataset

from winback.errors import UsageError, WinbackError
from winback.extras import require
from winback.features import FeatureSet
from winback.params import COUNTRY, PAYDAYS
from winback.snapshots.kernel import (
    Batch,
    measure_customers,
)
from winback.snapshots.plan import Plan, make_plan
from winback.snapshots.walk import cut_at_customers, few_cells
from winback.tables.history import ATTRIBUTES, ORDERS, SIGNALS
from winback.tables.outcomes import OUTCOMES
from winback.tables.table import check_given

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_LINES_PER_BATCH = 262_144
# What goes back to the JVM lies there in one piece for each running task.
_ROWS_PER_BATCH = 16_384
_SQL_TYPES = {
    pa.string(): "string",
    pa.date32(): "date",
    pa.int32(): "int",
    pa.float64(): "double",
    pa.bool_(): "boolean",
}
# A schema that is stated: a session's settings would else decide whether instants have a zone.
_LINES = (
    "customer_id string, order_id string, ordered_at timestamp_ntz, known_at timestamp_ntz, "
    "product_id string, quantity double, amount bigint, kind string"
)
# Signals and attributes lie in the columns of lines, so that one frame holds all three.
_SIGNAL_AS_LINE = {"happened_at": "ordered_at", "name": "order_id", "value": "quantity"}
_ATTRIBUTE_AS_LINE = {"name": "order_id", "value": "product_id"}
_OF_LINES, _OF_SIGNALS, _OF_ATTRIBUTES = range(3)


_TRAVELS = "winback met: "


class SparkSnapshots(NamedTuple):
    """Frames over the written folder, with the columns of `winback.snapshots.stored.Snapshots`.

    ``features``: one row per customer and cutoff, for customers with a purchase before the
    cutoff. ``outcomes``: the same key, only for cutoffs whose horizon has closed. Rows are
    sorted by customer and cutoff inside a file, not across files.
    """

    features: DataFrame
    outcomes: DataFrame


@contextmanager
def local_session(threads: int, memory_limit: str, scratch: str) -> Iterator[SparkSession]:
    """Spark on this machine alone, stopped at the end.

    Args:
        threads: tasks at the same time, each with a Python worker of its own.
        memory_limit: of the Java part, such as ``4GB``.
        scratch: a folder for what does not fit in memory.

    Raises:
        WinbackError: pyspark is not installed, or Java does not start.
    """
    require("spark")
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    size = re.fullmatch(r"(\d+) *([KMGT])i?B?", memory_limit.strip(), re.IGNORECASE)
    # Workers run this Python, and find what a shop keeps beside its params.yaml.
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), os.getcwd()]))
    told = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable,
            "PYTHONPATH": path}  # fmt: skip
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        session = (
            SparkSession.builder.appName("winback").master(f"local[{threads}]")
            .config("spark.driver.memory", f"{size[1]}{size[2].lower()}" if size else "4g")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.local.dir", scratch)
            .config("spark.sql.warehouse.dir", scratch)
            .getOrCreate()
        )  # fmt: skip
    except PySparkRuntimeError as error:
        why = str(error).splitlines()[0][:200]
        raise WinbackError("snapshots.no_java", why=why) from error
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    try:
        session.sparkContext.setLogLevel("OFF")
        yield session
    finally:
        session.stop()


def snapshot_with_spark(
    spark: SparkSession,
    orders: str,
    out: str,
    cutoffs: Sequence[date],
    *,
    horizon_days: int,
    observed_until: date | None = None,
    features: FeatureSet | None = None,
    windows_days: Sequence[int] | None = None,
    signals: str | None = None,
    attributes: str | None = None,
    country: str = COUNTRY,
    paydays: Sequence[int] = PAYDAYS,
) -> SparkSnapshots:
    """What `take_snapshots` gives, worked out by Spark and written to the Parquet folder ``out``.

    Grain, boundaries, absence and options are those of `take_snapshots`. ``orders`` (and
    ``signals``, ``attributes``) is a canonical file or a folder of such, at a place that both
    Spark and pyarrow read; rows may come in any order. ``out`` is overwritten. It holds the
    outcomes beside the features they belong to, null until the horizon has closed; the frames
    that are returned keep the two apart.

    Raises:
        WinbackError: no cutoff was given, the history is empty, or no purchase lies before
            any cutoff.
        UsageError: no public holidays are known for the country, or what the shop declares
            itself cannot be used.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException
    from pyspark.sql import functions as F

    canonical = pyarrow.dataset.dataset(orders, format="parquet").schema
    check_given(canonical, ORDERS, orders, "read_orders")
    lines = spark.read.schema(_LINES).parquet(orders)
    last_at, bought_at = lines.agg(
        F.max("ordered_at"),
        F.min(F.when(lines["kind"] == "order", F.greatest("ordered_at", "known_at"))),
    ).collect()[0]
    if last_at is None:
        raise WinbackError("snapshots.empty", orders=orders)
    plan = make_plan(
        canonical.metadata or {}, cutoffs, horizon_days,
        observed_until or last_at.date() + timedelta(days=1),
        features=features, windows_days=windows_days, country=country, paydays=paydays,
    )  # fmt: skip
    if bought_at is None or bought_at.date() >= max(cutoffs):
        raise WinbackError("snapshots.no_purchase", orders=orders, cutoff=max(cutoffs))
    events = _tagged(lines, _OF_LINES, {})
    if signals is not None and plan.features.signals:
        found = spark.read.schema(
            "customer_id string, happened_at timestamp_ntz, known_at timestamp_ntz, name string, "
            "value double"
        ).parquet(signals)
        events = events.unionByName(_tagged(found, _OF_SIGNALS, _SIGNAL_AS_LINE), True)
    if attributes is not None and plan.features.attributes:
        found = spark.read.schema(
            "customer_id string, known_at timestamp_ntz, name string, value string"
        ).parquet(attributes)
        events = events.unionByName(_tagged(found, _OF_ATTRIBUTES, _ATTRIBUTE_AS_LINE), True)
    types = pa.schema([canonical.field(name) for name in ORDERS.names])
    measured = (
        events.repartition("customer_id")
        .sortWithinPartitions(*_canonical_order())
        .mapInArrow(
            _measuring(plan, types, _LINES_PER_BATCH),
            ", ".join(f"`{f.name}` {_SQL_TYPES[f.type]}" for f in _both(plan)),
        )
    )
    try:
        measured.write.mode("overwrite").option("compression", "zstd").parquet(out)
    except (PySparkException, Py4JJavaError) as error:
        raise _of_a_worker(error) from error
    written = spark.read.parquet(out)
    return SparkSnapshots(
        written.select(plan.schema.names),
        written.where("returned IS NOT NULL").select(OUTCOMES.schema.names),
    )


def _canonical_order() -> list[Column]:
    """The order of lines in a canonical file: ties end in content, nulls are last."""
    from pyspark.sql import functions as F

    day = F.to_date("ordered_at")
    rest = ("order_id", "ordered_at", "kind", "product_id", "amount", "quantity", "known_at")
    return [
        key.asc_nulls_last()
        for key in (F.col("customer_id"), F.col("source"), day, *map(F.col, rest))
    ]


def _tagged(frame: DataFrame, source: int, names: dict[str, str]) -> DataFrame:
    """The frame as events of the common columns, which say where they come from."""
    from pyspark.sql import functions as F

    return frame.withColumnsRenamed(names).withColumn("source", F.lit(source).cast("tinyint"))


def _both(plan: Plan) -> pa.Schema:
    """Columns of features followed by those of outcomes; the key is written once."""
    return pa.schema([*plan.schema, *list(OUTCOMES.schema)[2:]])


def _measuring(
    plan: Plan, types: pa.Schema, lines_per_batch: int
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does with its partition; it travels to the workers with the plan in it."""

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            yield from measured(batches)
        except WinbackError as error:
            # Only text travels back; the code and its values are read out of it again.
            told = [type(error).__name__, error.code, error.values]
            raise RuntimeError(_TRAVELS + json.dumps(told, default=str)) from None

    def measured(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for whole in cut_at_customers(_gathered(batches, lines_per_batch)):
            for few in few_cells(whole, len(plan.cutoffs)):
                source = few["source"].to_numpy()
                lines = few.filter(pa.array(source == _OF_LINES)).select(ORDERS.names)
                if lines.num_rows == 0:  # signals of people who never ordered
                    continue
                signals = few.filter(pa.array(source == _OF_SIGNALS)).rename_columns(
                    {to: name for name, to in _SIGNAL_AS_LINE.items()}
                )
                attributes = few.filter(pa.array(source == _OF_ATTRIBUTES)).rename_columns(
                    {to: name for name, to in _ATTRIBUTE_AS_LINE.items()}
                )
                batch = measure_customers(
                    lines.cast(types), plan, signals.select(SIGNALS.names),
                    attributes.select(ATTRIBUTES.names),
                )  # fmt: skip
                yield from _side_by_side(batch, plan).to_batches(max_chunksize=_ROWS_PER_BATCH)

    return measure


def _gathered(batches: Iterator[pa.RecordBatch], lines: int) -> Iterator[pa.RecordBatch]:
    """Batches of at least so many lines, since measuring costs by the batch, too."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= lines:
            yield from pa.Table.from_batches(held).combine_chunks().to_batches()
            held, rows = [], 0
    if rows:
        yield from pa.Table.from_batches(held).combine_chunks().to_batches()


def _side_by_side(batch: Batch, plan: Plan) -> pa.Table:
    """Features with their outcomes beside them, null where the horizon has not closed."""
    cutoff = batch.features["cutoff"].cast(pa.int32()).to_numpy()
    closed = cutoff + plan.horizon_days <= plan.observed_until
    # The kernel gives outcomes in the order of the features they belong to.
    row = pa.array(np.cumsum(closed) - 1, mask=~closed)
    columns = [batch.outcomes[field.name].take(row) for field in list(OUTCOMES.schema)[2:]]
    return pa.Table.from_arrays([*batch.features.columns, *columns], schema=_both(plan))


def _of_a_worker(error: Exception) -> Exception:
    """The error of ours that a worker met, if it was one, without Spark's pages about it."""
    found = re.search(re.escape(_TRAVELS) + r"(\[.+\])", str(error))
    if found is None:
        return error
    kind, code, values = json.loads(found[1])
    return (UsageError if kind == "UsageError" else WinbackError)(code, **values)
