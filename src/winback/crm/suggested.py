"""What may stand in the message to each customer, before the offer is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from winback.crm.carts import Tables, carts_left
from winback.crm.leading import Item, Lead, lead, ordered
from winback.params import ProductSettings
from winback.products.sensitive import may_be_shown
from winback.results.offered import Offer

if TYPE_CHECKING:
    import pyarrow as pa


_COLUMNS = [
    "customer_id", "product_id", "name", "category", "kind", "n_bought", "every_days", "last_days",
    "due_in_days",
]  # fmt: skip
_ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class Suggested:
    """Of one customer: next products, the likeliest first, and what lies in a cart."""

    ranked: tuple[Item, ...] = ()
    cart: tuple[Item, ...] = ()

    def lead(self, offer: Offer | None) -> Lead:
        """What the message with an offer leads with."""
        return lead(self.ranked, self.cart, offer)

    def first(self, offer: Offer | None) -> Item | None:
        """Its first product alone, for who asks no more."""
        items = ordered(self.ranked, self.cart, offer)[0]
        return items[0] if items else None


@dataclass(frozen=True)
class Ranked:
    """Rows of next_products.parquet and new_products.parquet as of one cutoff."""

    next_products: pa.Table
    new_products: pa.Table


def suggested(
    ranked: Ranked | None, tables: Tables, customers: Collection[str], cutoff: date,
    settings: ProductSettings,
) -> dict[str, Suggested]:  # fmt: skip
    """By customer what may stand in a message; many have nothing.

    Args:
        ranked: as of the cutoff; None where nothing is ranked.
        tables: where carts, orders and products lie.
        customers: whose.
        cutoff: nothing is known from this day on.
        settings: ``products``.
    """
    carts = carts_left(tables, customers, cutoff, settings)
    lists: dict[str, list[Item]] = {}
    if ranked is not None and customers:
        shelf = _Shelf(settings.allowed)
        for customer, item in shelf.items(of(ranked.next_products, customers)):
            lists.setdefault(customer, []).append(item)
        for customer, item in shelf.news(of(ranked.new_products, customers)):
            held = lists.setdefault(customer, [])
            if all(item.product_id != other.product_id for other in held):
                held.append(item)
    return {
        customer: Suggested(tuple(lists.get(customer, ())), carts.get(customer, ()))
        for customer in sorted({*lists, *carts})
    }


class _Shelf:
    """Makes items of rows; of a product that is new to many customers one for all."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed
        self._new: dict[str, Item] = {}

    def items(self, ranked: pa.Table) -> Iterator[tuple[str, Item]]:
        """Rows of next_products.parquet, each with its customer."""
        for batch in ranked.select(_COLUMNS).to_batches(max_chunksize=_ROWS):
            # Not as one list of objects a row, which would take a gigabyte of a large shop.
            columns = (batch.column(name).to_pylist() for name in _COLUMNS)
            for row in zip(*columns, strict=True):
                customer, product, name, category, kind, bought, every, last, due = row
                item = self._known(product, name, category)
                if kind != "new":
                    item = Item(
                        item.product_id, item.name, item.category, kind, bought, every, last, due,
                        item.shown,
                    )  # fmt: skip
                yield customer, item

    def news(self, new: pa.Table) -> Iterator[tuple[str, Item]]:
        """Rows of new_products.parquet, each with its customer."""
        for batch in new.select(_COLUMNS[:4]).to_batches(max_chunksize=_ROWS):
            columns = (batch.column(name).to_pylist() for name in _COLUMNS[:4])
            for customer, product, name, category in zip(*columns, strict=True):
                yield customer, self._known(product, name, category)

    def _known(self, product: str, name: str | None, category: str | None) -> Item:
        """The product as something new."""
        if product not in self._new:
            called = name or product
            shown = " ".join(called.split()) if may_be_shown(called, self._allowed) else None
            self._new[product] = Item(product, name, category, "new", shown=shown)
        return self._new[product]


def of(ranked: pa.Table, customers: Collection[str]) -> pa.Table:
    """The rows of these customers, in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(sorted(customers), ranked.schema.field("customer_id").type)
    return ranked.filter(pc.is_in(ranked["customer_id"], value_set=wanted))
