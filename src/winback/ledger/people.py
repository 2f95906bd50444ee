"""Which number is which customer: the only link from the ledger to people.

The table lies beside the ledger and never in it: in no git, no DVC cache, readable by its owner
alone, carried between machines like the salt. Who is forgotten keeps the number without the id,
and every hash of the ledger still holds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from winback.errors import WinbackError
from winback.files import replacing

_SCHEMA = pa.schema([("person", pa.int64()), ("customer_id", pa.string())])


class People:
    """The numbers of customers.

    Args:
        path: ``people.parquet``; need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        ids: list[str | None] = []
        if path.is_file():
            table = pq.read_table(path)
            if table.schema.names != _SCHEMA.names:
                raise WinbackError("ledger.no_people_table", file=path)
            ids = table["customer_id"].to_pylist()
            if table["person"].to_pylist() != list(range(1, len(ids) + 1)):
                raise WinbackError("ledger.no_people_table", file=path)
        self._ids = ids
        self._numbers = {known: n for n, known in enumerate(ids, 1) if known is not None}

    @property
    def highest(self) -> int:
        """The highest number that was given, 0 before the first."""
        return len(self._ids)

    @property
    def ids(self) -> tuple[str, ...]:
        """The customers who have a number, in the order of these."""
        return tuple(self._numbers)

    def add(self, ids: Iterable[str], salt: str) -> None:
        """Give a number to each customer who has none.

        In the order of a hash by the salt, so that numbers tell nothing of ids.
        """
        new = {customer for customer in ids if customer not in self._numbers}
        for customer in sorted(new, key=lambda i: hashlib.sha256(f"{salt}|{i}".encode()).digest()):
            self._ids.append(customer)
            self._numbers[customer] = len(self._ids)

    def forget(self, customer: str) -> bool:
        """Take a customer's id away from the number; whether it had one."""
        number = self._numbers.pop(customer, None)
        if number is not None:
            self._ids[number - 1] = None
        return number is not None

    def save(self) -> None:
        """Write the table, for its owner's eyes alone."""
        numbers = range(1, len(self._ids) + 1)
        table = pa.table([pa.array(numbers, pa.int64()), pa.array(self._ids, pa.string())],
                         schema=_SCHEMA)  # fmt: skip
        with replacing(self.path, private=True) as new:
            pq.write_table(table, new, compression="zstd")

    def numbered(self, table: pa.Table) -> pa.Table:
        """The same table with ``person`` in place of ``customer_id``."""
        place = table.schema.get_field_index("customer_id")
        numbers = [self._numbers[customer] for customer in table["customer_id"].to_pylist()]
        return table.set_column(
            place, pa.field("person", pa.int64()), pa.array(numbers, pa.int64())
        )

    def named(self, table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
        """The same rows with ``customer_id`` put back, and how many of them are forgotten."""
        place = list(table.columns).index("person")
        numbers = table["person"]
        if len(numbers) and int(numbers.max()) > self.highest:
            raise WinbackError(
                "ledger.people_old", file=self.path, found=self.highest, needed=int(numbers.max())
            )
        ids = np.array([None, *self._ids], dtype=object)
        named = table.drop(columns="person")
        named.insert(place, "customer_id", ids[numbers.to_numpy(np.int64)])
        known = named["customer_id"].notna()
        gone = int((~known).sum())
        named = named[known].reset_index(drop=True) if gone else named
        return named.astype({"customer_id": "str"}), gone
