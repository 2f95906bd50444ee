"""What may stand in the message to each customer, before the offer is known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from winback.crm.carts import Tables, carts_left
from winback.crm.leading import Item, Lead, lead
from winback.params import ProductSettings
from winback.products.sensitive import may_be_shown
from winback.results.offered import Offer

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Suggested:
    """Of one customer: next products, the likeliest first, and what lies in a cart."""

    ranked: tuple[Item, ...] = ()
    cart: tuple[Item, ...] = ()

    def lead(self, offer: Offer | None) -> Lead:
        """What the message with an offer leads with."""
        return lead(self.ranked, self.cart, offer)


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
    names: dict[str, str | None] = {}

    def shown(name: str) -> str | None:
        if name not in names:
            names[name] = " ".join(name.split()) if may_be_shown(name, settings.allowed) else None
        return names[name]

    if ranked is not None and customers:
        for row in of(ranked.next_products, customers).to_pylist():
            name = row["name"] or row["product_id"]
            lists.setdefault(row["customer_id"], []).append(
                Item(
                    row["product_id"],
                    row["name"],
                    row["category"],
                    row["kind"],
                    row["n_bought"],
                    row["every_days"],
                    row["last_days"],
                    row["due_in_days"],
                    shown(name),
                )
            )
        for row in of(ranked.new_products, customers).to_pylist():
            held = lists.setdefault(row["customer_id"], [])
            if row["product_id"] not in [item.product_id for item in held]:
                name = shown(row["name"] or row["product_id"])
                one = (row["product_id"], row["name"], row["category"])
                held.append(Item(*one, "new", shown=name))
    return {
        customer: Suggested(tuple(lists.get(customer, ())), carts.get(customer, ()))
        for customer in sorted({*lists, *carts})
    }


def of(ranked: pa.Table, customers: Collection[str]) -> pa.Table:
    """The rows of these customers, in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(sorted(customers), ranked.schema.field("customer_id").type)
    return ranked.filter(pc.is_in(ranked["customer_id"], value_set=wanted))
