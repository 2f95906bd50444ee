"""What was bought, sent back and popular before a day, out of the canonical orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.arrays import Floats, Integers, Mask

# Lines of whole customers that are ranked at once.
LINES = 1 << 20
_COLUMNS = ("customer_id", "product_id", "ordered_at", "known_at", "quantity", "amount", "kind")


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines that name a product, of some customers; each array has one entry a line.

    Attributes:
        customer: place of the customer in ``customers``.
        product: place of the product in the shop's ids, which are sorted.
        day: day it was ordered, or sent back, since 1970-01-01.
        known: day the shop knew of it.
        bought: whether it is a line of a purchase that cost something.
        items: how many, below 0 where they came back; NaN where the source does not say.
        amount: what it cost, in minor units.
        customers: ids, in the order of the orders' file.
    """

    customer: Integers
    product: Integers
    day: Integers
    known: Integers
    bought: Mask
    items: Floats
    amount: Integers
    customers: tuple[str, ...]

    def before(self, day: int) -> Lines:
        """What had happened and was known before a day."""
        return self.where((self.day < day) & (self.known < day))

    def of(self, customers: Mask) -> Lines:
        """The lines of some of the customers, who are counted anew."""
        place = np.cumsum(customers) - 1
        stays = self.where(customers[self.customer])
        named = tuple(one for one, chosen in zip(self.customers, customers, strict=True) if chosen)
        return replace(stays, customer=place[stays.customer], customers=named)

    def where(self, chosen: Mask) -> Lines:
        """Some of the lines, of the same customers."""
        return Lines(
            self.customer[chosen], self.product[chosen], self.day[chosen], self.known[chosen],
            self.bought[chosen], self.items[chosen], self.amount[chosen], self.customers,
        )  # fmt: skip


def joined(parts: Sequence[Lines]) -> Lines:
    """Batches as one; nobody may be in two."""
    begins = np.cumsum([0, *(len(part.customers) for part in parts)])
    names = ("product", "day", "known", "bought", "items", "amount")
    rest = {
        name: np.concatenate([getattr(part, name) for part in parts] or [np.empty(0, np.int64)])
        for name in names
    }
    customer = [part.customer + start for part, start in zip(parts, begins, strict=False)]
    return Lines(
        customer=np.concatenate(customer or [np.empty(0, np.int64)]),
        customers=tuple(one for part in parts for one in part.customers),
        **rest,
    )


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The shop's products: ids in order, and which of them the orders' file numbers how."""

    ids: tuple[str, ...]

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each id stands."""
        return {one: place for place, one in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)


def names_products(orders: Path) -> bool:
    """Whether the orders name products at all."""
    return (pq.read_schema(orders).metadata or {}).get(b"has_products") != b"0"


def catalogue_of(orders: Path) -> Catalogue:
    """Every product that a line names."""
    found: set[str] = set()
    with pq.ParquetFile(orders, read_dictionary=["product_id"]) as file:
        for group in range(file.num_row_groups):
            column = file.read_row_group(group, columns=["product_id"])["product_id"]
            for chunk in column.chunks:
                found.update(pc.unique(chunk).dictionary.to_pylist())
    found.discard("")
    return Catalogue(tuple(sorted(found)))


def read_lines(orders: Path, catalogue: Catalogue, lines: int = LINES) -> Iterator[Lines]:
    """The lines that name a product, about so many at a time, of whole customers.

    The file is sorted by customer, so that nobody is in two batches.
    """
    held: pa.Table | None = None
    with pq.ParquetFile(
        orders, read_dictionary=["customer_id", "product_id", "kind"], pre_buffer=False
    ) as file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=list(_COLUMNS), use_threads=False)
            held = rows if held is None else pa.concat_tables([held, rows])
            while len(held) > lines:
                cut = _cut(held, lines)
                if cut == 0:
                    break
                yield _lines(held.slice(0, cut), catalogue)
                held = held.slice(cut)
    if held is not None and len(held):
        yield _lines(held, catalogue)


def _cut(rows: pa.Table, lines: int) -> int:
    """The first place after so many rows where another customer begins; 0 where none does."""
    column = rows["customer_id"].slice(lines - 1).cast(pa.string())
    first = pc.index(pc.not_equal(column, column[0]), True).as_py()
    return lines - 1 + first if first > 0 else 0


def _lines(rows: pa.Table, catalogue: Catalogue) -> Lines:
    """One batch as arrays."""
    rows = rows.filter(pc.is_valid(rows["product_id"]))
    rows = rows.unify_dictionaries().combine_chunks()
    customer, customers = _codes(rows["customer_id"])
    product, products = _codes(rows["product_id"])
    place = catalogue.place
    placed = np.array([place.get(one, -1) for one in products] or [0], np.int64)
    kind, kinds = _codes(rows["kind"])
    is_order = np.array([one == "order" for one in kinds] or [False])[kind]
    amount = np.asarray(rows["amount"].to_numpy(), np.int64)
    return Lines(
        customer, placed[product], _days(rows["ordered_at"]), _days(rows["known_at"]),
        is_order & (amount > 0), np.asarray(rows["quantity"].to_numpy(), np.float64), amount,
        tuple(customers),
    )  # fmt: skip


def _codes(column: pa.ChunkedArray) -> tuple[Integers, list[str]]:
    """A column of texts as places in a list of them, which is in their order of appearance."""
    if column.num_chunks == 0:
        return np.empty(0, np.int64), []
    encoded = column.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    indices = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)
    used, first = np.unique(indices, return_index=True)
    used = used[np.argsort(first, kind="stable")]
    place = np.full(len(encoded.dictionary), -1, np.int64)
    place[used] = np.arange(len(used))
    return place[indices], encoded.dictionary.take(pa.array(used)).to_pylist()


def _days(column: pa.ChunkedArray) -> Integers:
    return np.asarray(column.to_numpy()).astype("M8[D]").astype(np.int64)
