"""A shop's past as the stage `describe` opens it, from a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from winback.shop.past import Past, open_past
from winback.snapshots.days import shop_days
from winback.tables.history import ATTRIBUTES, SIGNAL_ITEMS, SIGNALS

# Customer, day, name, value.
Signal = tuple[str, str, str, float | None]


@contextmanager
def past_of(
    lines: pa.Table, cutoff: date, signals: Iterable[Signal] = (), *, horizon_days: int = 90
) -> Iterator[Past]:
    """The past of canonical lines (`canonical.order_lines`) and signals, in a Polish shop."""
    with TemporaryDirectory() as folder:
        orders, told, items, attributes = (Path(folder) / f"{name}.parquet" for name in "osia")
        pq.write_table(with_all_columns(lines), orders)
        rows = sorted(signals)
        at = [datetime.fromisoformat(row[1]) for row in rows]
        columns = ([row[0] for row in rows], at, at, [row[2] for row in rows], [r[3] for r in rows])
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(columns, SIGNALS.schema, strict=True)
        ]
        pq.write_table(pa.Table.from_arrays(arrays, schema=SIGNALS.schema), told)
        pq.write_table(SIGNAL_ITEMS.schema.empty_table(), items)
        pq.write_table(ATTRIBUTES.schema.empty_table(), attributes)
        with open_past(
            orders, cutoff, signals=told, items=items, attributes=attributes,
            days=shop_days(orders, cutoff), country="PL", horizon_days=horizon_days, threads=1,
        ) as past:  # fmt: skip
            yield past


def with_all_columns(lines: pa.Table) -> pa.Table:
    """The same lines sorted as the intake writes them, without products."""
    table = lines.sort_by([("customer_id", "ascending"), ("ordered_at", "ascending")])
    for name, kind in (("product_id", pa.string()), ("quantity", pa.float64())):
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(len(table), kind))
    return table.replace_schema_metadata(lines.schema.metadata)
