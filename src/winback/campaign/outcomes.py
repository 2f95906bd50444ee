"""What each assigned customer did in the window, before it and after it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from winback.campaign.window import ShopPace, WindowSeen, read_pace, window_read
from winback.errors import UsageError, WinbackError
from winback.intake.matching import match_ids
from winback.tables.history import check_orders


class OpenWindow(WinbackError):
    """The orders, at the shop's own pace, end before the last customer's window does."""

    @property
    def closes_on(self) -> date:
        """The window's last day."""
        day: date = self.values["closes_on"]
        return day


_OUTCOMES = """
WITH assigned AS (
    SELECT customer_id, assigned_at, assigned_at + to_days($window) AS ends_at,
        assigned_at + to_days($later) AS later_ends_at
    FROM assigned_rows
), lines AS (
    SELECT customer_id, order_id, ordered_at, known_at, amount, kind
    FROM order_lines SEMI JOIN assigned USING (customer_id)
), purchases AS (
    SELECT customer_id, min(ordered_at) AS placed_at
    FROM lines WHERE kind = 'order'
    GROUP BY customer_id, order_id, CAST(ordered_at AS DATE)
), counted AS (
    SELECT customer_id,
        count(*) FILTER (placed_at >= assigned_at AND placed_at < ends_at) AS orders,
        count(*) FILTER (placed_at >= assigned_at AND placed_at < later_ends_at) AS orders_by_then,
        count(*) FILTER (placed_at < assigned_at) AS orders_before,
        count(*) FILTER (placed_at < assigned_at AND placed_at >= assigned_at - to_days(365))
            AS orders_before_365d,
        count(*) FILTER (placed_at >= ends_at AND placed_at < ends_at + to_days($window))
            AS orders_after,
        max(placed_at) FILTER (placed_at < assigned_at) AS last_at
    FROM purchases JOIN assigned USING (customer_id) GROUP BY customer_id
), summed AS (
    SELECT customer_id,
        sum(amount) FILTER (ordered_at >= assigned_at AND ordered_at < ends_at) AS spend,
        -- Known only later, a refund of an earlier order could depend on the arm.
        sum(amount) FILTER (ordered_at < assigned_at AND known_at < assigned_at
            AND ordered_at >= assigned_at - to_days(365)) AS spend_before
    FROM lines JOIN assigned USING (customer_id)
    WHERE kind IN ('order', 'refund') GROUP BY customer_id
)
SELECT customer_id, coalesce(orders, 0) AS orders, coalesce(orders_before, 0) AS orders_before,
    coalesce(orders_before_365d, 0) AS orders_before_365d,
    coalesce(orders_after, 0) AS orders_after, coalesce(orders_by_then, 0) AS orders_by_then,
    CAST(coalesce(spend, 0) AS DOUBLE) AS spend,
    CAST(coalesce(spend_before, 0) AS DOUBLE) AS spend_before,
    date_diff('day', CAST(last_at AS DATE), CAST(assigned_at AS DATE)) AS days_since_last_order,
    seen.customer_id IS NOT NULL AS seen
FROM assigned LEFT JOIN counted USING (customer_id) LEFT JOIN summed USING (customer_id)
    LEFT JOIN (SELECT DISTINCT customer_id FROM lines) seen USING (customer_id)
ORDER BY customer_id
"""


def read_outcomes(
    assigned: pd.DataFrame,
    orders: pa.Table | Path | str,
    window_days: int,
    later_days: int | None,
    history_until: date | None,
) -> tuple[pd.DataFrame, WindowSeen, list[str]]:
    """What the customers of ``assigned`` did, in its order; the days seen; what was mended.

    ``orders_by_then`` counts the purchases of ``later_days`` after ``assigned_at``.

    Args:
        history_until: the last day that somebody says the orders cover. Later ones do not count
            as seen; up to it they do as far as the shop's own pace bears it out.

    Raises:
        OpenWindow: the orders do not cover the last window.
        WinbackError: they begin after a window, or know nobody of the assigned.
    """
    lines = _order_lines(orders)
    scale = int((lines.schema.metadata or {}).get(b"amount_scale", b"1"))
    began, ids, mended = assigned["assigned_at"], assigned["customer_id"], []
    with duckdb.connect() as connection:
        connection.register("order_lines", lines)
        [(first, last)] = connection.execute(
            "SELECT min(ordered_at), max(ordered_at) FROM order_lines"
        ).fetchall()
        if last is None:
            raise WinbackError("campaign.no_orders")
        covered, has_time = history_until or pd.Timestamp(last).date(), _has_time(connection)
        pace = read_pace(connection, has_time=has_time, until=covered)
        if pace is not None:
            covered = min(covered, pace.day(pace.seen()))
        if not has_time and (began != began.dt.normalize()).any():
            # Orders without a clock stand at midnight: a draw at noon would miss that day's.
            began, mended = began.dt.normalize(), ["assigned_at_cut_to_days"]
        closes_on = _refuse_open_windows(began, window_days, covered, pace, history_until)
        unseen = began + pd.Timedelta(days=window_days) <= pd.Timestamp(first).normalize()
        if unseen.any():
            raise WinbackError(
                "campaign.window_before_history",
                n=int(unseen.sum()), all=len(began), first=pd.Timestamp(first).date(),
                earliest=began.min().date(),
            )  # fmt: skip
        known = connection.execute("SELECT DISTINCT customer_id FROM order_lines").df()
        matched = match_ids(ids, known["customer_id"])
        if matched.mended:
            ids, mended = matched.ids, [*mended, "leading_zeros"]
            if ids.duplicated().any():
                raise WinbackError("campaign.zeros_alone")
        table = {
            "customer_id": pa.array(ids, pa.string()),
            "assigned_at": pa.array(began, pa.timestamp("s")),
        }
        connection.register("assigned_rows", pa.table(table))
        days = {"window": window_days, "later": later_days or window_days}
        outcomes = connection.execute(_OUTCOMES, days).df()
    # The order of the assignment, whatever its ids are called in the orders.
    outcomes = outcomes.set_index("customer_id").loc[ids.to_list()].reset_index()
    if not outcomes["seen"].any():
        raise WinbackError("campaign.nobody_in_orders", n=len(assigned))
    outcomes["net_spend"] = outcomes["spend"] / scale
    outcomes["spend_before"] /= scale
    outcomes["returned"] = (outcomes["orders"] > 0).astype("float64")
    return outcomes, window_read(pace, began.min().date(), closes_on, covered), mended


def last_day_seen(orders: pa.Table | Path | str, until: date) -> date:
    """The last day up to ``until`` that the orders cover, by the shop's own pace."""
    with duckdb.connect() as connection:
        connection.register("order_lines", _order_lines(orders))
        pace = read_pace(connection, has_time=_has_time(connection), until=until)
    return until if pace is None else min(until, pace.day(pace.seen()))


def _has_time(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether order lines have clock times."""
    [(found,)] = connection.execute(
        "SELECT bool_or(ordered_at <> date_trunc('day', ordered_at)) FROM order_lines"
    ).fetchall()
    return bool(found)


_READ = ("customer_id", "order_id", "ordered_at", "known_at", "amount", "kind")


def _order_lines(orders: pa.Table | Path | str) -> ds.Dataset:
    if not isinstance(orders, pa.Table) and not Path(orders).is_file():
        raise UsageError("campaign.no_file", file=str(orders))
    try:
        lines = ds.dataset(orders if isinstance(orders, pa.Table) else str(orders))
    except pa.ArrowInvalid as error:
        raise UsageError("campaign.no_order_lines", file=str(orders)) from error
    called = "orders" if isinstance(orders, pa.Table) else str(orders)
    check_orders(lines, *_READ, called=called)
    return lines


def _refuse_open_windows(
    began: pd.Series[pd.Timestamp], window_days: int, covered: date, pace: ShopPace | None,
    stated: date | None,
) -> date:  # fmt: skip
    """The last day of the last window, which the orders have to cover."""
    ends = began + pd.Timedelta(days=window_days)
    open_rows = ends > pd.Timestamp(covered) + pd.Timedelta(days=1)
    closes_on = (ends.max() - pd.Timedelta(seconds=1)).date()
    if open_rows.any():
        code, last = "campaign.window_open", covered
        if pace is not None and (last := pace.day(pace.last)) > covered:
            code = "campaign.window_thin"
        if stated is not None and stated > last and stated >= closes_on:
            code = "campaign.window_until"
        raise OpenWindow(
            code,
            n=int(open_rows.sum()), all=len(began), days=window_days, closes_on=closes_on,
            covered=covered, last=last, until=stated,
        )  # fmt: skip
    return closes_on
