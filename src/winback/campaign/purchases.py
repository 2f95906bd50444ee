"""Order by order what assigned customers bought in the window, and what they kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
from numpy.typing import NDArray

from winback.arrays import Floats, Integers, Mask

LATER_DAYS = (30, 60, 90)
"""Days after the assignment at which it is asked again what came of it."""


@dataclass(frozen=True)
class Purchases:
    """Purchases in the windows of assigned customers, sorted by customer and moment.

    Attributes:
        customer: whose it is, as a position in the assignment.
        placed_at: when its first line was placed, wall time of the shop.
        gross: its value as placed, in money.
        kept: what is left of that after its refunds.
        customers: how many customers the assignment has.
        currency: as the orders say; empty where they do not.
    """

    customer: Integers
    placed_at: NDArray[np.datetime64]
    gross: Floats
    kept: Floats
    customers: int
    currency: str

    def within(self, here: Mask) -> Purchases:
        """Those of some customers, whose positions are then counted anew."""
        place = np.cumsum(here) - 1
        mine = here[self.customer]
        return replace(
            self,
            customer=place[self.customer[mine]],
            placed_at=self.placed_at[mine],
            gross=self.gross[mine],
            kept=self.kept[mine],
            customers=int(here.sum()),
        )

    def summed(self, each: Floats) -> Floats:
        """A number per purchase, summed for each customer."""
        sums: Floats = np.zeros(self.customers)
        np.add.at(sums, self.customer, each)
        return sums


# A refund that bears the id of one purchase alone is of that one. Others are settled one by one.
_PURCHASES = """
CREATE TEMP TABLE bought AS
SELECT place, order_id, min(ordered_at) AS placed_at, sum(amount) AS gross
FROM order_lines JOIN assigned_rows USING (customer_id)
WHERE kind = 'order' GROUP BY place, order_id, CAST(ordered_at AS DATE);
CREATE TEMP TABLE sent_back AS
SELECT place, order_id, ordered_at AS refunded_at, -sum(amount) AS refunded
FROM order_lines JOIN assigned_rows USING (customer_id)
WHERE kind = 'refund' AND ordered_at < refunds_until GROUP BY ALL HAVING sum(amount) < 0;
CREATE TEMP TABLE ids AS
SELECT place, order_id, count(*) AS days FROM bought GROUP BY place, order_id;
CREATE TEMP TABLE unsettled AS
SELECT place, order_id, refunded_at, refunded FROM sent_back
    LEFT JOIN ids USING (place, order_id) JOIN assigned_rows USING (place)
WHERE coalesce(days, 0) <> 1 AND place IN (
    SELECT place FROM bought JOIN assigned_rows USING (place)
    WHERE placed_at >= assigned_at AND placed_at < ends_at
)
"""
_WINDOW = """
SELECT place, order_id, placed_at, CAST(gross AS DOUBLE) AS gross,
    CAST(least(coalesce(refunded, 0), gross) AS DOUBLE) AS refunded
FROM bought JOIN assigned_rows USING (place) JOIN ids USING (place, order_id)
    LEFT JOIN (SELECT place, order_id, sum(refunded) AS refunded FROM sent_back GROUP BY ALL) back
    ON back.place = bought.place AND back.order_id = bought.order_id AND ids.days = 1
WHERE placed_at >= assigned_at AND placed_at < ends_at
ORDER BY place, placed_at, order_id
"""
_OPEN = """
SELECT place, order_id, placed_at, CAST(gross AS DOUBLE) AS gross,
    CAST(CASE WHEN days = 1 THEN least(coalesce(refunded, 0), gross) ELSE 0 END AS DOUBLE)
        AS refunded
FROM bought JOIN ids USING (place, order_id)
    LEFT JOIN (SELECT place, order_id, sum(refunded) AS refunded FROM sent_back GROUP BY ALL) back
    USING (place, order_id)
WHERE place IN (SELECT place FROM unsettled) ORDER BY place, placed_at, order_id
"""


def read_purchases(
    customers: pd.DataFrame, orders: pa.Table | Path | str, window_days: int, covered: date
) -> Purchases:
    """The purchases in each customer's window, with what of them was sent back.

    Refunds count as far as they are known equally long for everybody: until as many days after
    the window as the orders cover for whoever was assigned last. A later one of an earlier
    customer would make the arm whose customers order sooner look the worse. A refund belongs to
    the purchase with its order id; where none has it (shops that number refunds apart), to the
    customer's latest purchase until then of just that value, else to the latest that is worth as
    much, else to the latest ones together.

    Args:
        customers: ``customer_id`` as in the orders and ``assigned_at``, a row a customer.
        orders: canonical orders.parquet, or its Arrow table.
        window_days: how long purchases count.
        covered: last day the orders cover.
    """
    lines = ds.dataset(orders if isinstance(orders, pa.Table) else str(orders))
    told = lines.schema.metadata or {}
    scale = int(told.get(b"amount_scale", b"1"))
    ends = customers["assigned_at"] + pd.Timedelta(days=window_days)
    beyond = max(pd.Timestamp(covered) + pd.Timedelta(days=1) - ends.max(), pd.Timedelta(0))
    rows = {
        "customer_id": pa.array(customers["customer_id"], pa.string()),
        "place": pa.array(np.arange(len(customers)), pa.int64()),
        "assigned_at": pa.array(customers["assigned_at"], pa.timestamp("s")),
        "ends_at": pa.array(ends, pa.timestamp("s")),
        "refunds_until": pa.array(ends + beyond, pa.timestamp("s")),
    }
    with duckdb.connect() as connection:
        connection.register("order_lines", lines)
        connection.register("assigned_rows", pa.table(rows))
        connection.execute(_PURCHASES)
        found = connection.execute(_WINDOW).df()
        unsettled = connection.execute(
            "SELECT place, order_id, refunded_at, CAST(refunded AS DOUBLE) AS refunded "
            "FROM unsettled ORDER BY place, refunded_at, order_id"
        ).df()
        if len(unsettled):
            found = _settled(found, connection.execute(_OPEN).df(), unsettled)
    gross = found["gross"].to_numpy(np.float64)
    return Purchases(
        customer=found["place"].to_numpy(np.int64),
        placed_at=found["placed_at"].to_numpy("datetime64[s]"),
        gross=gross / scale,
        kept=(gross - found["refunded"].to_numpy(np.float64)) / scale,
        customers=len(customers),
        currency=told.get(b"currency", b"").decode(),
    )


class _Bought(NamedTuple):
    """Which order, and when: of a purchase, or of a refund."""

    order_id: str
    at: pd.Timestamp


def _settled(found: pd.DataFrame, candidates: pd.DataFrame, refunds: pd.DataFrame) -> pd.DataFrame:
    """The purchases of the window with the refunds whose purchase is not known by its id."""
    left: dict[int, dict[_Bought, float]] = {}
    for place, purchase, rest in _rows(candidates, "placed_at", "gross"):
        left.setdefault(place, {})[purchase] = rest
    for place, refund, refunded in _rows(refunds, "refunded_at", "refunded"):
        mine = left.get(place, {})
        for purchase, part in _shared(mine, refund.order_id, refund.at, refunded):
            mine[purchase] -= part
    kept = [
        left[place].get(purchase, rest) if place in left else rest
        for place, purchase, rest in _rows(found, "placed_at", "gross")
    ]
    return found.assign(refunded=found["gross"] - kept)


def _rows(table: pd.DataFrame, at: str, amount: str) -> Iterator[tuple[int, _Bought, float]]:
    """Rows as whose they are, which order and when, and how much is left of it."""
    less = table["refunded"] if amount == "gross" else 0.0
    columns = (table["place"], table["order_id"], table[at], table[amount] - less)
    for place, order_id, moment, left in zip(*(c.tolist() for c in columns), strict=True):
        yield place, _Bought(order_id, moment), left


def _shared(
    left: dict[_Bought, float], order_id: str, refunded_at: pd.Timestamp, refunded: float
) -> Iterator[tuple[_Bought, float]]:
    """Which purchases a refund is of, and how much of each."""
    # A cancellation may bear the hour of its order, or no hour where the order has one.
    until = refunded_at.normalize() + pd.Timedelta(days=1)
    open_to = [p for p, rest in left.items() if p.at < until and rest > 0]
    open_to = [p for p in open_to if p.order_id == order_id] or open_to
    open_to.reverse()
    whole = [p for p in open_to if left[p] == refunded] or [
        p for p in open_to if left[p] >= refunded
    ]
    for purchase in whole[:1] or open_to:
        part = min(left[purchase], refunded)
        yield purchase, part
        refunded -= part
        if refunded <= 0:
            return


def _later_query(days: Sequence[int]) -> str:
    counts = ", ".join(
        f"count(*) FILTER (placed_at < assigned_at + to_days({d})) AS orders_{d}" for d in days
    )
    sums = ", ".join(
        f"sum(amount) FILTER (ordered_at < assigned_at + to_days({d})) AS spend_{d}" for d in days
    )
    told = ", ".join(
        f"coalesce(orders_{d}, 0) AS orders_{d}, "
        f"CAST(coalesce(spend_{d}, 0) AS DOUBLE) AS spend_{d}"
        for d in days
    )
    return f"""
WITH lines AS (
    SELECT place, order_id, ordered_at, amount, kind, assigned_at
    FROM order_lines JOIN assigned_rows USING (customer_id)
    WHERE kind IN ('order', 'refund') AND ordered_at < assigned_at + to_days({max(days)})
        AND ordered_at >= date_trunc('day', assigned_at)
), bought AS (
    SELECT place, assigned_at, min(ordered_at) AS placed_at FROM lines WHERE kind = 'order'
    GROUP BY place, assigned_at, order_id, CAST(ordered_at AS DATE)
), counted AS (
    SELECT place, {counts} FROM bought WHERE placed_at >= assigned_at GROUP BY place
), summed AS (
    SELECT place, {sums} FROM lines WHERE ordered_at >= assigned_at GROUP BY place
)
SELECT {told}
FROM assigned_rows LEFT JOIN counted USING (place) LEFT JOIN summed USING (place) ORDER BY place
"""


def read_later(
    customers: pd.DataFrame, orders: pa.Table | Path | str, covered: date
) -> dict[int, pd.DataFrame]:
    """What each customer did in 30, 60 and 90 days, by those days as far as orders cover them.

    A row a customer, in the order of ``customers``: ``orders`` and ``net_spend`` from the
    assignment on, refunds on the day they were issued.
    """
    lines = ds.dataset(orders if isinstance(orders, pa.Table) else str(orders))
    scale = int((lines.schema.metadata or {}).get(b"amount_scale", b"1"))
    closed_by = pd.Timestamp(covered) + pd.Timedelta(days=1)
    last = customers["assigned_at"].max()
    rows = {
        "customer_id": pa.array(customers["customer_id"], pa.string()),
        "place": pa.array(np.arange(len(customers)), pa.int64()),
        "assigned_at": pa.array(customers["assigned_at"], pa.timestamp("s")),
    }
    known = [days for days in LATER_DAYS if last + pd.Timedelta(days=days) <= closed_by]
    if not known:
        return {}
    with duckdb.connect() as connection:
        connection.register("order_lines", lines)
        connection.register("assigned_rows", pa.table(rows))
        table = connection.execute(_later_query(known)).df()
    return {
        days: pd.DataFrame(
            {"orders": table[f"orders_{days}"], "net_spend": table[f"spend_{days}"] / scale}
        )
        for days in known
    }
