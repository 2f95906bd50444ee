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


def suggested(
    ranked: pa.Table | None, tables: Tables, customers: Collection[str], cutoff: date,
    settings: ProductSettings,
) -> dict[str, Suggested]:  # fmt: skip
    """By customer what may stand in a message; many have nothing.

    Args:
        ranked: rows of `winback.tables.recommended.NEXT_PRODUCTS` as of the cutoff; None where
            there are none.
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
        for row in _of(ranked, customers).to_pylist():
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
                    shown(row["name"] or row["product_id"]),
                )
            )
    return {
        customer: Suggested(tuple(lists.get(customer, ())), carts.get(customer, ()))
        for customer in sorted({*lists, *carts})
    }


def _of(ranked: pa.Table, customers: Collection[str]) -> pa.Table:
    """The rows of these customers, which are sorted by customer and rank."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(sorted(customers), ranked.schema.field("customer_id").type)
    return ranked.filter(pc.is_in(ranked["customer_id"], value_set=wanted))
