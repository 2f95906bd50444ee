"""Snapshots of some customers, each as of days of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from winback.features import FeatureSet
from winback.snapshots.plan import make_plan
from winback.snapshots.walk import measured_batches, read_lines
from winback.tables.history import ORDERS
from winback.tables.table import open_given


class Measuring(NamedTuple):
    """What snapshots are taken of and how, as `winback.snapshots.walk` has it."""

    orders: Path
    signals: Path
    attributes: Path
    features: FeatureSet
    horizon_days: int
    country: str
    paydays: Sequence[int]
    threads: int


def snapshots_of(
    wanted: pd.DataFrame, columns: Sequence[str], measuring: Measuring
) -> pd.DataFrame:
    """The columns of each row of ``wanted`` (``customer_id``, ``cutoff``), in its order.

    From lines that happened and were known before the cutoff. All null for who had not bought by
    then, as far as the orders know by now.
    """
    found = pd.DataFrame(index=range(len(wanted)), columns=list(columns), dtype="float64")
    for cutoff, rows in wanted.reset_index(drop=True).groupby("cutoff", sort=True):
        day = pd.Timestamp(str(cutoff)).date()
        taken = _taken(day, rows["customer_id"], columns, measuring)
        place = pd.Index(taken["customer_id"]).get_indexer(pd.Index(rows["customer_id"]))
        there = place >= 0
        values = taken[list(columns)].to_numpy("float64", na_value=float("nan"))
        found.iloc[rows.index.to_numpy()[there]] = values[place[there]]
    return found


def _taken(
    cutoff: date, customers: pd.Series[str], columns: Sequence[str], measuring: Measuring
) -> pd.DataFrame:
    """Snapshots of these customers alone: of a list's people, not of the whole shop."""
    source = open_given(
        measuring.orders, ORDERS, "read_orders", read_dictionary=["product_id", "kind"]
    )
    # What came later is not looked at.
    plan = make_plan(
        source.schema_arrow.metadata or {}, [cutoff], measuring.horizon_days,
        cutoff + timedelta(days=measuring.horizon_days), features=measuring.features,
        country=measuring.country, paydays=measuring.paydays,
    )  # fmt: skip
    ids = pa.array(sorted(set(customers.astype(str))), pa.string())

    def lines() -> Iterator[pa.RecordBatch]:
        for batch in read_lines(source):
            yield batch.filter(pc.is_in(batch.column("customer_id"), value_set=ids))

    batches = measured_batches(
        lines(), plan, signals=measuring.signals, attributes=measuring.attributes,
        threads=measuring.threads,
    )  # fmt: skip
    tables = [batch.features.select(["customer_id", *columns]) for batch in batches]
    if not tables:
        return pd.DataFrame({name: [] for name in ("customer_id", *columns)})
    taken: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    return taken
