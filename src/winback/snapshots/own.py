"""What a shop declares itself: measures, signals, attributes, and a way out for all else."""

from __future__ import annotations

import importlib
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winback.errors import UsageError, WinbackError
from winback.features import (
    NEEDED_WINDOWS_DAYS,
    Attribute,
    Custom,
    Events,
    FeatureSet,
    Floats,
    Integers,
    Measure,
    Signal,
)
from winback.params import DeclaredMeasure, SnapshotSettings

if TYPE_CHECKING:
    from winback.snapshots.kernel import Plan

_EPOCH = date(1970, 1, 1)
_LARGEST = 1e10  # squares of thousandths of it still add up exactly
_FUNCTION = re.compile(r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")


def declared_features(settings: SnapshotSettings) -> FeatureSet:
    """The built-in features and those that params.yaml declares.

    Raises:
        UsageError: a column is declared twice, or an expression or a function cannot be used;
            the message names the declaration.
    """
    features = FeatureSet(
        windows_days=tuple(sorted({*settings.windows_days, *NEEDED_WINDOWS_DAYS})),
        own_measures=tuple(_measure(m) for m in settings.measures),
        signals=tuple(
            Signal(
                s.name, s.windows_days, _with_open(s.aggregates, s.closed_by), s.closed_by,
                s.meaning,
            )
            for s in settings.signals
        ),
        attributes=tuple(Attribute(a.name, a.levels, a.meaning) for a in settings.attributes),
        custom=tuple(
            Custom(c.columns, c.sql, c.function, c.meaning or "as its author says")
            for c in settings.custom
        ),
    )  # fmt: skip
    _check_windows(features)
    seen: set[str] = {"customer_id", "cutoff", "first_order_on", "last_order_on"}
    for column in features.columns():
        if column.name in seen:
            raise UsageError(
                f"snapshot: two declarations give the column {column.name!r}. Rename one of them."
            )
        seen.add(column.name)
    for custom in features.custom:
        if custom.function:
            load_function(custom.function, "snapshot.custom")
    return features


def _with_open(aggregates: tuple[Any, ...], closed_by: str | None) -> tuple[Any, ...]:
    return (*aggregates, "open") if closed_by and "open" not in aggregates else aggregates


def _check_windows(features: FeatureSet) -> None:
    """A share is over the purchases of the same window, a ratio over another window."""
    for measure in features.measures:
        missing = set(measure.windows(features.windows_days)) - set(features.windows_days)
        if "share" in measure.aggregates and missing:
            raise UsageError(
                f"snapshot: the share of {measure.name!r} in {min(missing)} days needs the "
                "purchases of that window; add it to snapshot.windows_days."
            )
        if "ratio" in measure.aggregates and len(set(measure.windows(features.windows_days))) < 2:
            raise UsageError(
                f"snapshot: the ratio of {measure.name!r} needs two windows_days to compare."
            )


def load_function(name: str, place: str) -> Callable[..., Any]:
    """The function ``module:name`` of the project or an installed package.

    Raises:
        UsageError: there is no such module or function.
    """
    module, _, function = name.partition(":")
    if str(Path.cwd()) not in sys.path:
        # The folder of params.yaml, as `python -m` would have it; commands do not.
        sys.path.append(str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), function)
    except ImportError as error:
        raise UsageError(f"{place}: {name}: cannot import {module!r} ({error}).") from error
    except AttributeError:
        raise UsageError(f"{place}: {name}: {module} has no function {function!r}.") from None
    made: Callable[..., Any] = found
    return made


def _run(function: Callable[..., Any], place: str, *given: Any) -> Any:
    """What a shop's own function returns.

    Raises:
        UsageError: it failed; the message names it and what it raised.
    """
    try:
        return function(*given)
    except Exception as error:
        raise UsageError(f"{place}: failed with {type(error).__name__}: {error}.") from error


def _measure(settings: DeclaredMeasure) -> Measure:
    place = f"snapshot.measures: {settings.name}"
    if _FUNCTION.match(settings.value):
        value = _from_function(load_function(settings.value, place), place)
    else:
        value = _from_expression(settings.value, place)
    return Measure(
        settings.name,
        value,
        settings.meaning or f"`{settings.value}`",
        "value",
        windows_days=settings.windows_days,
        aggregates=settings.aggregates,
    )


def _from_function(function: Callable[[Events], Any], place: str) -> Callable[[Events], Integers]:
    def value(events: Events) -> Integers:
        found = np.asarray(_run(function, place, events), np.float64)
        if found.shape != events.day.shape:
            raise UsageError(
                f"{place}: expected {len(events.day):,} numbers, one per purchase, found an "
                f"array of shape {found.shape}."
            )
        known = np.where(np.isnan(found), 0.0, found)
        if not (np.abs(known) <= _LARGEST).all():
            raise UsageError(f"{place}: gave numbers beyond ten billion, or infinite ones.")
        thousandths: Integers = np.rint(known * 1000).astype(np.int64)
        return thousandths

    return value


def _from_expression(expression: str, place: str) -> Callable[[Events], Integers]:
    """A measure from a SQL expression over a purchase's columns; null counts as 0."""

    def value(events: Events) -> Integers:
        import duckdb

        purchases = pa.table({
            "day": pa.array(events.day.astype(np.int32)).cast(pa.date32()),
            "hour": events.second // 3600,
            "weekday": events.weekday,
            "amount": events.amount / events.amount_scale,
            "items": events.items / 1000,
            "lines": events.lines,
            "repeat_lines": events.repeat_lines,
            "new_day": events.new_day,
            "gap_days": events.gap_days,
        })  # fmt: skip
        with _database().cursor() as con:
            con.register("purchases", purchases)
            try:
                found = con.sql(
                    f"SELECT CAST(round(1000 * coalesce(CAST(({expression}) AS DOUBLE), 0)) AS "
                    "BIGINT) AS value FROM purchases"
                ).to_arrow_table()
            except duckdb.Error as error:
                raise UsageError(
                    f"{place}: {expression!r}: {str(error).splitlines()[0]} A purchase has "
                    f"{', '.join(purchases.column_names)}."
                ) from None
        if len(found) != len(purchases):
            raise UsageError(f"{place}: {expression!r} is not a value per purchase.")
        return np.asarray(found["value"].to_numpy(), np.int64)

    value(_NO_EVENTS)
    return value


@cache
def _database() -> Any:
    """What expressions run in: opening one takes longer than most batches do."""
    import duckdb

    # One thread keeps the rows in order.
    return duckdb.connect(config={"threads": 1})


_NOTHING = np.zeros(0, np.int64)
_NO_EVENTS = Events(
    _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING
)


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
        raise UsageError(
            f"snapshot.custom: {name}: expected a number per customer, found {found.type}."
        ) from None


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


def _run_sql(custom: Custom, past: pa.Table) -> dict[str, Any]:
    import duckdb

    with duckdb.connect(config={"threads": 1}) as con:
        con.register("past", past)
        try:
            found = con.sql(custom.sql or "").to_arrow_table()
        except duckdb.Error as error:
            raise UsageError(
                f"snapshot.custom: the SQL of {', '.join(custom.columns)}: "
                f"{str(error).splitlines()[0]}"
            ) from None
    missing = {"customer_id", *custom.columns} - set(found.column_names)
    if missing:
        raise UsageError(
            f"snapshot.custom: the SQL gives no column {', '.join(sorted(missing))}; found "
            f"{', '.join(found.column_names)[:200]}."
        )
    keys = found["customer_id"].cast(pa.string()).combine_chunks()
    if pc.count_distinct(keys).as_py() != len(keys):
        raise WinbackError(
            f"snapshot.custom: the SQL of {', '.join(custom.columns)} gives some customers more "
            "than one row. Group it by customer_id."
        )
    return {"customer_id": keys} | {name: found[name].combine_chunks() for name in custom.columns}


def _run_function(custom: Custom, past: pa.Table, cutoff: date) -> dict[str, Any]:
    name = custom.function or ""
    function = load_function(name, "snapshot.custom")
    rows: dict[str, Mapping[str, float]] = {}
    frame = past.to_pandas().drop(columns="cutoff")
    for customer, events in frame.groupby("customer_id", sort=False):
        row = _run(function, f"snapshot.custom: {name}", events, cutoff)
        missing = set(custom.columns) - set(row if isinstance(row, Mapping) else ())
        if missing:
            raise UsageError(
                f"snapshot.custom: {name} returned no {', '.join(sorted(missing))}; expected a "
                "mapping with a number per column."
            )
        rows[str(customer)] = row
    try:
        return {"customer_id": pa.array(list(rows), pa.string())} | {
            column: pa.array([row[column] for row in rows.values()], pa.float64(), from_pandas=True)
            for column in custom.columns
        }
    except pa.ArrowException as error:
        raise UsageError(f"snapshot.custom: {name}: expected numbers ({error}).") from None
