"""What the shop sells, and what each customer may want next."""

from __future__ import annotations

from winback.tables.table import CUSTOMER, Column, Table

_NOT_TOLD = "neither `ingest.products` nor the orders say"
PRODUCT_TABLE = Table(
    "product_table.parquet",
    "ingest",
    "one row per product",
    ("product_id",),
    (
        Column("product_id", "string", "the id that the orders have"),
        Column("name", "string", "what it is called", null_when=_NOT_TOLD),
        Column("category", "string", "what kind of thing it is", null_when=_NOT_TOLD),
        Column("in_stock", "bool", "whether it can be bought now; of several variants any one",
               null_when="no column of `ingest.products` says, or nothing that is understood"),
        Column("tags", "string", "the shop's own marks, as its table has them",
               null_when="there are none"),
    ),
    "Sorted by id. From `ingest.products`, else names and categories of the orders' own lines; "
    "empty where neither is there.",
)  # fmt: skip
"""Names, categories and stock of products."""


MOST_PLACES = 10

NEXT_REASONS = {
    "bought_often": "bought on three days or more, so that `every_days` is known",
    "bought_before": "bought on one or two days",
    "popular_in_category": "never bought, popular, and of a category the customer buys from",
    "popular": "never bought, popular in the whole shop, and of no category the customer buys from",
}

_NEW = "the customer never bought it"
NEXT_PRODUCTS = Table(
    "next_products.parquet",
    "products",
    "one row per customer and product, ten of a customer at most",
    ("customer_id", "rank"),
    (
        CUSTOMER,
        Column("rank", "int32", "1 is the likeliest to be bought next"),
        Column("product_id", "string", "the product"),
        Column("name", "string", "what it is called", null_when=_NOT_TOLD),
        Column("category", "string", "what kind of thing it is", null_when=_NOT_TOLD),
        Column("kind", "string", "`again` (bought before) or `new`"),
        Column("reason", "string", "why it stands there, as a code, see below"),
        Column("n_bought", "int32", "days on which the customer bought it; 0 of what is new",
               "days"),
        Column("every_days", "int32", "median of the days between them", "days",
               f"bought on fewer than three days, or {_NEW}"),
        Column("last_days", "int32", "from the last of them to the cutoff", "days", _NEW),
        Column("due_on", "date32[day]", "the last of them plus `every_days`; says when, and "
               "never ranks", null_when="`every_days` is null"),
        Column("due_in_days", "int32", "from the cutoff to that day; below 0 it is overdue",
               "days", "`every_days` is null"),
    ),
    "Sorted by customer and rank. Left out: what was sent back or given back in whole, what is out "
    "of stock, what hints at health, faith, sex and the like by its name or category, and lines "
    "that are no product, such as delivery. Empty where the orders name no products, as "
    "`products.json` then says.",
)  # fmt: skip
"""What each customer may want next."""


NEWS = 3

NEW_PRODUCTS = Table(
    "new_products.parquet",
    "products",
    f"one row per customer and product, {NEWS} of a customer at most",
    ("customer_id", "rank"),
    (
        *NEXT_PRODUCTS.only("customer_id", "rank", "product_id", "name", "category").columns,
        Column("reason", "string", "`popular_in_category` or `popular`, as above"),
    ),
    "What the customer never bought, for messages with a discount: the ten of "
    "`next_products.parquet` may all have been bought before. Sorted, and left out, as there.",
)  # fmt: skip
"""What is new to each customer."""
