"""What the intake writes: order lines, contacts, signals, attributes, lines set aside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from winback.errors import UsageError
from winback.tables.table import CUSTOMER, Column, Table, check_given, open_given

ORDERS = Table(
    "orders.parquet",
    "ingest",
    "one row per line of an order or of a refund",
    (),
    (
        CUSTOMER,
        Column("order_id", "string", "the shop's order id; in a log without one, the instant "
               "as ISO text, so that lines of one customer at one instant are one order"),
        Column("ordered_at", "timestamp[ms]", "when it was placed, or for a refund issued, in "
               "the shop's local time"),
        Column("known_at", "timestamp[ms]", "when the shop knew of it; `ordered_at` if the "
               "source does not say, never earlier"),
        Column("product_id", "string", "what was bought", null_when="the source does not say"),
        Column("quantity", "double", "how many, to three decimals; below 0 on refunds",
               "items", "the source does not say"),
        Column("amount", "int64", "value of the whole line with its sign; `amount_scale` of "
               "the file's metadata (often 100) make 1 of the currency",
               "minor units"),
        Column("kind", "string", "`order`, `refund`, or `free` (lines that sum to 0)"),
    ),
    "Sorted by customer and day. The lines `order` of one customer, order id and day are one "
    "*purchase*: as placed, they sum above 0. A later refund is a row of its own and never "
    "unmakes the purchase. The file's metadata say `amount_scale`, `currency`, `has_time`, "
    "`has_products` and `has_quantity`.",
)  # fmt: skip
"""Canonical order lines."""


MARK = "winback_table"
"""Key of a file's metadata that says which table of ours it is, where its columns do not."""


def contacts(contact_columns: Sequence[str] = ()) -> Table:
    """The named contact columns."""
    return Table(
        "contacts.parquet",
        "ingest",
        "one row per customer who may be profiled",
        ("customer_id",),
        (
            CUSTOMER,
            *(Column(name, "string", "last value that is not empty",
                     null_when="there is no value") for name in contact_columns),
        ),
        "After `customer_id` stand the columns of `ingest.contact_columns`, as text. They go into "
        "`list.csv` and the files of destinations, and nowhere else.",
    )  # fmt: skip


PRIVACY = Table(
    "privacy.parquet",
    "ingest",
    "one row per customer of the source, but for those who were erased",
    ("customer_id",),
    (
        CUSTOMER,
        Column("no_profiling", "bool", "objected to profiling: neither in the orders nor scored"),
        Column("no_marketing", "bool", "may be written to by no channel"),
        Column("barred_channels", "string", "channels by which the customer must not be written "
               "to, such as `email,sms`, in order; of `no_marketing` all",
               null_when="none is barred"),
        Column("no_ads", "bool", "has not consented to advertising by ads platforms"),
        Column("why", "string", "the strictest of `objected`, `refused` and `unknown`",
               null_when="nothing is barred but ads"),
    ),
    "By `ingest.privacy`; the strictest source wins. No address, no name: it stays in a folder of "
    "`winback run`, and the planner and the sender ask it of every row.",
)  # fmt: skip
"""Who may be profiled, written to and advertised to."""


SIGNALS = Table(
    "signals.parquet",
    "ingest",
    "one row per thing that happened to a customer and is not an order",
    (),
    (
        CUSTOMER,
        Column("happened_at", "timestamp[ms]", "when it happened, in the shop's local time"),
        Column("known_at", "timestamp[ms]", "when the shop knew of it; `happened_at` if the "
               "source does not say, never earlier"),
        Column("name", "string", "what happened, in lower case, words joined by `_`"),
        Column("value", "double", "a number that belongs to it",
               null_when="it has none"),
    ),
    "Sorted by customer, time, name, value and knowing. Empty without `ingest.signals`.",
)  # fmt: skip
"""What happened to customers beside orders."""


SIGNAL_ITEMS = Table(
    "signal_items.parquet",
    "ingest",
    "one row per product that a signal names, such as what lies in a cart",
    (),
    (
        CUSTOMER,
        Column("happened_at", "timestamp[ms]", "as in the signals"),
        Column("known_at", "timestamp[ms]", "as in the signals"),
        Column("name", "string", "as in the signals"),
        Column("item", "string", "id or name of a product, as the source has it"),
    ),
    "Sorted by customer, time and name, the items of one line in its order. Empty where no signal "
    "names a product.",
)  # fmt: skip
"""Which products signals name."""


ATTRIBUTES = Table(
    "attributes.parquet",
    "ingest",
    "one row per change of a customer's attribute",
    (),
    (
        CUSTOMER,
        Column("known_at", "timestamp[ms]", "from when it holds, in the shop's local time"),
        Column("name", "string", "which attribute, in lower case, words joined by `_`"),
        Column("value", "string", "its value as text",
               null_when="it is known to be empty from then on"),
    ),
    "Sorted by customer, knowing, name and value. Empty without `ingest.attributes`.",
)  # fmt: skip
"""What customers were set to, and when."""


# A column of more values than this names no kinds of lines; those beyond are counted as one.
MOST_VALUES, REST = 40, "(rest)"

SHOP_MARKS = Table(
    "shop_marks.parquet",
    "ingest",
    "one row per day, watched column and value that lines of purchases of that day bear",
    ("day", "column_name", "value"),
    (
        Column("day", "date32[day]", "day of the order, in the shop's local time"),
        Column("column_name", "string", "header of the export's column: those of "
               "`ingest.watch_columns`, or channel, store, category, currency, payment, delivery "
               "and country by their names"),
        Column("value", "string", "what stands there, empty where nothing does; the rarest beyond "
               f"{MOST_VALUES - 1} are `{REST}`"),
        Column("lines", "int64", "lines of purchases", "lines"),
    ),
    "For `winback watch` alone: canonical orders hold no such columns. Empty where the export has "
    "none.",
)  # fmt: skip
"""How many lines each day had of each channel, category and the like."""


QUARANTINE = Table(
    "quarantine.csv",
    "ingest",
    "one row per line of the source that was set aside",
    (),
    (
        Column("source_file", "string", "name of the file"),
        Column("row_number", "int64", "row in that file as a text editor or a spreadsheet "
               "counts: the header is row 1"),
        Column("column_name", "string", "the column that is wrong",
               null_when="it is not one column's fault"),
        Column("found", "string", "what stood there, cut at 40 signs; `(text)` where it could "
               "be a person's", null_when="nothing stood there"),
        Column("reason", "string", "a word to filter by, see below"),
        Column("explanation", "string", "the same in a sentence"),
    ),
)  # fmt: skip
"""Lines set aside."""


def check_orders(orders: Any, *columns: str, called: str = "orders") -> None:
    """Refuse a file, an Arrow table or a frame that is no table of orders.

    Args:
        orders: as somebody gave it.
        columns: those that are going to be read.
        called: what an error calls it where it is no file.

    Raises:
        UsageError: a column is missing, of another kind, or empty where it cannot be.
    """
    table = ORDERS.only(*columns)
    if isinstance(orders, str | Path):
        open_given(orders, table, "read_orders").close()
    elif hasattr(orders, "schema"):
        check_given(orders.schema, table, called, "read_orders")
    else:
        missing = [name for name in table.names if name not in orders]
        if missing:
            raise UsageError("tables.lacks", file=called, missing=missing, made_by="read_orders")
