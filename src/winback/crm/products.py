"""What each customer bought last, by a name that may be written to her."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from winback.intake.cells import file_literal
from winback.products.sensitive import may_be_shown


def last_products(orders: Path, customers: Collection[str], cutoff: date) -> dict[str, str]:
    """By customer a product of the last purchase before the cutoff; many have none.

    The dearest of those that may be shown and were not sent back.

    Args:
        orders: orders.parquet.
        customers: whose.
        cutoff: nothing is known from this day on.
    """
    if not customers or not orders.is_file():
        return {}
    if (pq.read_schema(orders).metadata or {}).get(b"has_products") == b"0":
        return {}
    con = duckdb.connect()
    try:
        con.execute("SET threads = 1")
        con.register("wanted", pa.table({"customer_id": pa.array(sorted(customers), pa.string())}))
        day = f"TIMESTAMP '{cutoff.isoformat()}'"
        names = [
            str(name)
            for (name,) in con.execute(
                f"""SELECT DISTINCT product_id FROM read_parquet({file_literal(orders)})
                WHERE product_id IS NOT NULL AND ordered_at < {day}"""
            ).fetchall()
            if may_be_shown(str(name))
        ]
        if not names:
            return {}
        con.register("shown", pa.table({"product_id": pa.array(sorted(names), pa.string())}))
        found = con.execute(
            f"""WITH known AS (
                SELECT * FROM read_parquet({file_literal(orders)}) SEMI JOIN wanted
                USING (customer_id) WHERE ordered_at < {day} AND known_at < {day}
            ), last AS (
                SELECT customer_id, max(ordered_at::DATE) AS day FROM known
                WHERE kind = 'order' GROUP BY customer_id
            ), sent_back AS (
                SELECT DISTINCT customer_id, product_id FROM known
                WHERE kind = 'refund' AND product_id IS NOT NULL
            )
            SELECT customer_id, product_id FROM known SEMI JOIN shown USING (product_id)
            JOIN last USING (customer_id)
            ANTI JOIN sent_back USING (customer_id, product_id)
            WHERE kind = 'order' AND ordered_at::DATE = last.day
            GROUP BY customer_id, product_id HAVING sum(amount) > 0
            QUALIFY row_number() OVER (
                PARTITION BY customer_id ORDER BY sum(amount) DESC, product_id) = 1"""
        ).fetchall()
    finally:
        con.close()
    return {str(customer): " ".join(str(product).split()) for customer, product in found}
