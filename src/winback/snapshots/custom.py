"""A way out for what no declaration can say: a shop's own SQL or function, at each cutoff."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winback.arrays import Floats, Integers
from winback.errors import UsageError, WinbackError
from winback.features import Custom
from winback.snapshots.declared import load_function, run_function
from winback.snapshots.plan import Plan
from winback.snapshots.sandbox import open_sealed, refuse_outside, within

_EPOCH = date(1970, 1, 1)
# Of one query over some thousand customers: what takes so long has no end.
_LONGEST = 300


def custom_columns(
    lines: pa.Table, ids: pa.Array, customer: Integers, k: Integers, plan: Plan
) -> tuple[dict[str, Floats], dict[str, float]]:
    """Columns of the shop's own SQL and functions at each row, and the seconds each took."""
    made: dict[str, Floats] = {}
    seconds: dict[str, float] = {}
    if plan.features.custom:
        lines = lines.cast(
            pa.schema([
                pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type)
                for f in lines.schema
            ])
        )  # fmt: skip
    for custom in plan.features.custom:
        began = time.perf_counter()  # what is measured goes to the screen, never into a result
        columns = {name: np.full(len(k), np.nan) for name in custom.columns}
        for number in np.unique(k):
            rows = np.flatnonzero(k == number)
            cutoff = _EPOCH + timedelta(days=int(plan.cutoffs[number]))
            wanted = ids.take(pa.array(customer[rows]))
            past = _past(lines, cutoff, wanted, plan.amount_scale)
            found = _run_sql(custom, past) if custom.sql else _run_function(custom, past, cutoff)
            where = np.asarray(
                pc.fill_null(pc.index_in(wanted, value_set=found["customer_id"]), -1).to_numpy(),
                np.int64,
            )
            for name in custom.columns:
                values = np.append(_numbers(found[name], name), np.nan)
                # What was divided by zero has no value.
                columns[name][rows] = np.where(np.isfinite(values), values, np.nan)[where]
        made |= columns
        seconds[", ".join(custom.columns)] = time.perf_counter() - began
    return made, seconds


def _numbers(found: pa.Array, name: str) -> Floats:
    try:
        return np.asarray(found.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    except pa.ArrowException:
        raise UsageError("snapshots.custom_no_number", name=name, found=found.type) from None


def _past(lines: pa.Table, cutoff: date, customers: pa.Array, scale: int) -> pa.Table:
    """Canonical lines that these customers' snapshots may see, amounts in the currency."""
    midnight = pa.scalar(cutoff, pa.date32()).cast(pa.timestamp("s"))
    seen = pc.and_(
        pc.and_(pc.less(lines["ordered_at"], midnight), pc.less(lines["known_at"], midnight)),
        pc.is_in(lines["customer_id"], value_set=customers),
    )
    past = lines.filter(seen)
    amount = pc.divide(past["amount"].cast(pa.float64()), float(scale))
    past = past.set_column(past.column_names.index("amount"), "amount", amount)
    day = pa.array(np.full(len(past), np.datetime64(cutoff, "D")))
    return past.append_column("cutoff", day)


def _run_sql(custom: Custom, past: pa.Table) -> dict[str, pa.Array]:
    import duckdb

    sql = custom.sql or ""
    with open_sealed() as con:
        refuse_outside(con, sql, "past")
        con.register("past", past)
        try:
            with within(con, _LONGEST):
                found = con.sql(sql).to_arrow_table()
        except duckdb.InterruptException:
            raise UsageError(
                "snapshots.custom_sql_long", columns=custom.columns, seconds=_LONGEST
            ) from None
        except duckdb.Error as error:
            raise UsageError(
                "snapshots.custom_sql", columns=custom.columns, why=str(error).splitlines()[0]
            ) from None
    missing = {"customer_id", *custom.columns} - set(found.column_names)
    if missing:
        raise UsageError(
            "snapshots.custom_sql_lacks",
            missing=sorted(missing), found=", ".join(found.column_names)[:200],
        )  # fmt: skip
    keys = found["customer_id"].cast(pa.string()).combine_chunks()
    if pc.count_distinct(keys).as_py() != len(keys):
        raise WinbackError("snapshots.custom_sql_twice", columns=custom.columns)
    return {"customer_id": keys} | {name: found[name].combine_chunks() for name in custom.columns}


def _run_function(custom: Custom, past: pa.Table, cutoff: date) -> dict[str, pa.Array]:
    name = custom.function or ""
    function = load_function(name, "snapshot.custom")
    rows: dict[str, Mapping[str, float]] = {}
    frame = past.to_pandas().drop(columns="cutoff")
    for customer, events in frame.groupby("customer_id", sort=False):
        row = run_function(function, f"snapshot.custom: {name}", events, cutoff)
        missing = set(custom.columns) - set(row if isinstance(row, Mapping) else ())
        if missing:
            raise UsageError("snapshots.custom_lacks", name=name, missing=sorted(missing))
        rows[str(customer)] = row
    try:
        return {"customer_id": pa.array(list(rows), pa.string())} | {
            column: pa.array([row[column] for row in rows.values()], pa.float64(), from_pandas=True)
            for column in custom.columns
        }
    except pa.ArrowException as error:
        raise UsageError("snapshots.custom_no_numbers", name=name, why=str(error)) from None
