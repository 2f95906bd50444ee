"""The local driver: Parquet files in, batches of whole customers through the kernel."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.errors import UsageError, WinbackError
from winback.features import FeatureSet
from winback.params import COUNTRY, PAYDAYS
from winback.results.base import Fact
from winback.snapshots.declared import Held, check_declared, doubts_of_attributes
from winback.snapshots.kernel import (
    Batch,
    changes,
    measure_customers,
)
from winback.snapshots.plan import (
    Plan,
    days_of,
    make_plan,
    part_to_learn,
    training_cutoffs,
    whole_number,
)
from winback.snapshots.stored import Snapshots
from winback.tables.history import ATTRIBUTES, ORDERS, SIGNALS
from winback.tables.table import Table, open_given

if TYPE_CHECKING:
    import pandas as pd

_LINES_PER_BATCH = 262_144
_CELLS_PER_BATCH = 400_000


class Options(TypedDict, total=False):
    """What `take_snapshots` and `snapshot_batches` can be told beside orders and cutoffs."""

    observed_until: date | None
    features: FeatureSet | None
    signals: Path | str | None
    attributes: Path | str | None
    country: str
    paydays: Sequence[int]
    windows_days: Sequence[int] | None
    block_days: int | None
    threads: int
    progress: Callable[[int], None] | None


def take_snapshots(
    orders: Path | str, cutoffs: Sequence[date], *, horizon_days: int, **options: Unpack[Options]
) -> Snapshots:
    """Describe every customer who had bought before each cutoff, and what they did next.

    One row per (customer, cutoff), from lines that happened and were known strictly before
    the cutoff. A customer whose first purchase is at or after the cutoff does not exist yet
    and has no row; one who went quiet years ago still has one, because whom to drop is the
    offer policy's business.

    Args:
        orders: canonical order lines (``orders.parquet`` of the intake).
        cutoffs: the first days that each snapshot pretends not to have seen; also as ISO text or
            an instant at midnight.
        horizon_days: length of the outcome, in days.
        **options: any of

            - ``observed_until``: the first day that is not observed; the default is the day
              after the last line. Outcomes that reach past it are absent, and those before it
              count only what was known by then.
            - ``windows_days``: lengths of the windows that end at the cutoff; those that
              derived features need (30, 90, 180 and 365 days) are always there.
            - ``block_days``: length of the blocks that own rhythm is told by; the default is
              ``horizon_days``.
            - ``features``: all that is measured, from `declared_features`, instead of
              ``windows_days``.
            - ``signals``, ``attributes``: the intake's Parquet files, where features are
              declared of them.
            - ``country``: whose public holidays the calendar features count (``"PL"``).
            - ``paydays``: days of the month on which wages come (the tenth).
            - ``threads``: batches measured at the same time; the result does not depend on it.
            - ``progress``: called with the number of lines read so far.

    Raises:
        WinbackError: no cutoff was given, the history is empty, or no purchase lies before
            any cutoff.
        UsageError: an argument is none of these, no file holds what is declared, or no public
            holidays are known for the country.
    """
    cutoffs = days_of(cutoffs)
    declared = options.get("features")
    doubts = _check_side_tables(declared, options) if declared is not None else ()
    batches = list(snapshot_batches(orders, cutoffs, horizon_days=horizon_days, **options))
    features = pa.concat_tables([batch.features for batch in batches])
    if features.num_rows == 0:
        raise WinbackError("snapshots.no_purchase", orders=str(orders), cutoff=max(cutoffs))
    outcomes = pa.concat_tables([batch.outcomes for batch in batches])
    customers = sum(batch.customers for batch in batches)
    late = sum(batch.late for batch in batches)
    return Snapshots(
        features, outcomes, horizon_days, late / customers if customers else 0.0,
        tuple(sum_seconds(batches).items()), doubts,
    )  # fmt: skip


def take_first_days(
    orders: Path | str, first_day: date, cutoff: date, *, horizon_days: int,
    **options: Unpack[Options],
) -> pd.DataFrame:  # fmt: skip
    """Snapshots with the outcomes of the first days of a horizon too long for the history.

    The ``first_days`` of `winback.fit_return_model` and `winback.backtest`: one row per customer
    and cutoff, with ``part_days``, how many days the outcomes are of (`part_to_learn`). Empty
    where the windows of the whole horizon saw two thirds of the past.

    Args:
        orders: canonical order lines (``orders.parquet`` of the intake).
        first_day: the first day of the history.
        cutoff: the cutoff to be predicted.
        horizon_days: the main horizon.
        **options: as for `take_snapshots`; ``observed_until`` is the cutoff.
    """
    import pandas as pd

    part_days = part_to_learn(horizon_days, (cutoff - first_day).days)
    if part_days == horizon_days:
        return pd.DataFrame({"customer_id": [], "cutoff": [], "part_days": []})
    options["observed_until"] = cutoff
    # Rows of the whole horizon, which these teach to score, tell rhythm by blocks of that length.
    options["block_days"] = horizon_days
    days = training_cutoffs(first_day, cutoff, part_days)
    rows = take_snapshots(orders, days, horizon_days=part_days, **options).closed()
    return rows.assign(part_days=np.int32(part_days))


def sum_seconds(batches: Sequence[Batch]) -> dict[str, float]:
    """Seconds spent in each of the shop's own functions, over all batches."""
    names = list(dict.fromkeys(name for batch in batches for name in batch.custom_seconds))
    return {n: sum(batch.custom_seconds.get(n, 0.0) for batch in batches) for n in names}


def snapshot_batches(
    orders: Path | str, cutoffs: Sequence[date], *, horizon_days: int, **options: Unpack[Options]
) -> Iterator[Batch]:
    """The same as `take_snapshots`, a batch of whole customers at a time.

    Batches come in the order of ``customer_id``, so that a file can be written without holding
    all rows.
    """
    known = list(Options.__annotations__)
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            if near:
                raise UsageError("snapshots.option_near", name=name, known=known, near=near[0])
            raise UsageError("snapshots.option", name=name, known=known)
    threads = whole_number("threads", options.get("threads", 1))
    # As codes: text that comes back line after line need not be compared letter by letter.
    source = open_given(
        orders, ORDERS, "read_orders", read_dictionary=["customer_id", "product_id", "kind"]
    )
    if source.metadata.num_rows == 0:
        raise WinbackError("snapshots.empty", orders=str(orders))
    plan = make_plan(
        source.schema_arrow.metadata or {}, cutoffs, horizon_days,
        options.get("observed_until") or _last_day(source) + timedelta(days=1),
        features=options.get("features"), windows_days=options.get("windows_days"),
        country=options.get("country", COUNTRY), paydays=options.get("paydays", PAYDAYS),
        block_days=options.get("block_days"),
    )  # fmt: skip
    yield from measured_batches(
        read_lines(source), plan, signals=options.get("signals"),
        attributes=options.get("attributes"), threads=threads,
        progress=options.get("progress"),
    )  # fmt: skip


def _check_side_tables(features: FeatureSet, options: Options) -> tuple[Fact, ...]:
    """Refuse declarations of no file, name or value; sentences on values that fit no level."""
    import duckdb

    read: dict[str, Held] = {}
    wanted: dict[str, tuple[Any, Table, Sequence[Any]]] = {
        "signals": (options.get("signals"), SIGNALS, features.signals),
        "attributes": (options.get("attributes"), ATTRIBUTES, features.attributes),
    }
    for noun, (path, table, declared) in wanted.items():
        if not declared:
            continue
        if path is None:
            raise UsageError("snapshots.no_file_given", name=declared[0].name, noun=noun)
        open_given(path, table, f"read_{noun}")
        with duckdb.connect(config={"threads": 1}) as con:
            counted = con.execute(
                "SELECT name, count(*), count(value) FROM read_parquet(?) GROUP BY name",
                [str(path)],
            ).fetchall()
        read[noun] = Held(
            (Path(path).name,),
            {name: lines for name, lines, _ in counted},
            {name: valued for name, _, valued in counted},
        )
    check_declared(features, read.get("signals"), read.get("attributes"))
    if not features.attributes:
        return ()
    return tuple(doubts_of_attributes(features.attributes, options.get("attributes") or ""))


def read_lines(source: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """Canonical lines of a file, some at a time."""
    yield from source.iter_batches(
        batch_size=_LINES_PER_BATCH, columns=list(ORDERS.names), use_threads=False
    )


def measured_batches(
    lines: Iterable[pa.RecordBatch], plan: Plan, *, signals: Path | str | None = None,
    attributes: Path | str | None = None, threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Batch]:  # fmt: skip
    """Batches of whole customers, from canonical lines in their order that are cut anywhere.

    `snapshot_batches` reads them from a file; the intake can give them as it sorts.
    """
    tickets = _Followers(signals, SIGNALS.names, bool(plan.features.signals))
    traits = _Followers(attributes, ATTRIBUTES.names, bool(plan.features.attributes))
    tables = whole_customers(lines, len(plan.cutoffs), progress)
    waiting: deque[Future[Batch]] = deque()
    # The next lines are made ready beside the measuring, and beside what the caller does with
    # a batch, such as writing it.
    with ThreadPoolExecutor(1) as reading, ThreadPoolExecutor(max_workers=threads) as pool:
        coming = reading.submit(next, tables, None)
        while (table := coming.result()) is not None:
            coming = reading.submit(next, tables, None)
            last = table["customer_id"][-1]
            waiting.append(
                pool.submit(measure_customers, table, plan, tickets.upto(last), traits.upto(last))
            )
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _last_day(source: pq.ParquetFile) -> date:
    index = source.schema_arrow.get_field_index("ordered_at")
    groups = (source.metadata.row_group(i).column(index) for i in range(source.num_row_groups))
    day: date = max(group.statistics.max for group in groups).date()
    return day


def whole_customers(
    lines: Iterable[pa.RecordBatch], cutoffs: int, progress: Callable[[int], None] | None
) -> Iterator[pa.Table]:
    """Tables of whole customers, from batches that cut customers anywhere."""

    def told() -> Iterator[pa.RecordBatch]:
        rows = 0
        for batch in lines:
            rows += batch.num_rows
            if progress:
                progress(rows)
            for start in range(0, batch.num_rows, _LINES_PER_BATCH):
                yield batch.slice(start, _LINES_PER_BATCH)

    for table in cut_at_customers(told()):
        yield from few_cells(table, cutoffs)


def cut_at_customers(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Tables of whole customers, from batches in the order of customers that cut them anywhere."""
    held: list[pa.Table] = []
    for batch in batches:
        if batch.num_rows == 0:
            continue
        table = pa.Table.from_batches([batch])
        if held:
            last = held[-1]
            whole = last["customer_id"][-1].as_py() != table["customer_id"][0].as_py()
            end = len(last) if whole else int(np.flatnonzero(changes(last["customer_id"]))[-1])
            if end:
                yield pa.concat_tables([*held[:-1], last.slice(0, end)])
                held = [] if whole else [last.slice(end)]
        held.append(table)
    if held:
        yield pa.concat_tables(held)


def few_cells(table: pa.Table, cutoffs: int) -> Iterator[pa.Table]:
    """The same customers in tables small enough that customers x cutoffs stays in memory."""
    if table.num_rows == 0:
        return
    most = max(1, _CELLS_PER_BATCH // cutoffs)
    starts = np.flatnonzero(changes(table["customer_id"]))
    for first in range(0, len(starts), most):
        begin = int(starts[first])
        end = int(starts[first + most]) if first + most < len(starts) else table.num_rows
        yield table.slice(begin, end - begin)


class _Followers:
    """Rows of a second file, sorted by customer like the orders, read along with them."""

    def __init__(self, path: Path | str | None, columns: Sequence[str], wanted: bool) -> None:
        self._batches: Iterator[pa.RecordBatch] = iter(())
        self._schema: pa.Schema | None = None
        if path is not None and wanted:
            source = pq.ParquetFile(path)
            self._batches = source.iter_batches(batch_size=_LINES_PER_BATCH, columns=list(columns))
            self._schema = pa.schema([source.schema_arrow.field(name) for name in columns])
        self._held: list[pa.Table] = []

    def upto(self, last: pa.Scalar) -> pa.Table | None:
        """The rows not given yet of all customers up to and including ``last``."""
        if self._schema is None:
            return None
        text = last.as_py()
        while not self._held or self._held[-1]["customer_id"][-1].as_py() <= text:
            batch = next(self._batches, None)
            if batch is None:
                break
            if batch.num_rows:
                self._held.append(pa.Table.from_batches([batch]))
        if not self._held:
            return self._schema.empty_table()
        rows = pa.concat_tables(self._held)
        count = pc.sum(pc.less_equal(rows["customer_id"], text)).as_py() or 0
        self._held = [rows.slice(count)] if count < len(rows) else []
        return rows.slice(0, count)
