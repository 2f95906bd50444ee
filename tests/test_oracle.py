"""Every column of a snapshot and outcome against a second, independent way to work it out.

The SQL below is written from the columns' definitions and straight from canonical lines; it
shares no formula with the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings

from canonical import CUTOFFS, HORIZON_DAYS, WINDOWS_DAYS, Line, shops, write_orders
from winback.datasets import packaged_file
from winback.snapshots.walk import take_snapshots

# Poland's public holidays of the years of the random shops' cutoffs, Easter first.
EASTERS = (date(2024, 3, 31), date(2025, 4, 20))
FIXED = ("01-01", "01-06", "05-01", "05-03", "08-15", "11-01", "11-11", "12-25", "12-26")
HOLIDAYS = [
    *(easter + timedelta(days=days) for easter in EASTERS for days in (0, 1, 49, 60)),
    *(date.fromisoformat(f"{easter.year}-{day}") for easter in EASTERS for day in FIXED),
]


def _windowed(expression: str, name: str, windows: Sequence[int]) -> str:
    """An aggregate over each window ``[cutoff - w, cutoff)`` and over all of the past."""
    return "".join(
        f"coalesce({expression} FILTER (day >= cutoff - {w}), 0) AS {name}_{w}d, " for w in windows
    ) + f"coalesce({expression}, 0) AS {name}_total, "  # fmt: skip


SPANS = (*(f"{w}d" for w in WINDOWS_DAYS), "total")
FEW_SPANS = ("30d", "90d", "365d", "total")
ITEMS = [f"CASE WHEN $quantities THEN items_{span} END AS items_{span}" for span in FEW_SPANS]
PRODUCTS = [
    f"CASE WHEN $products THEN coalesce(distinct_products_{span}, 0) END "
    f"AS distinct_products_{span}"
    for span in FEW_SPANS
]
MONEY = [f"gross_spend_{span} - coalesce(refunded_{span}, 0) AS spend_{span}" for span in SPANS]
PACES = [
    f"((order_days_{a}d + .5) / {a}) / ((order_days_{b}d - order_days_{a}d + .5) / {b - a}) "
    f"AS order_days_ratio_{a}d_{b}d"
    for a, b in ((30, 90), (90, 180), (180, 365))
]
EXPECTED = [
    f"(order_days_{w}d + .5) / (order_days_total / age * least(age, {w}) + .5) "
    f"AS recent_over_expected_{w}d"
    for w in (30, 90)
]

SQL = f"""
WITH days AS (
    SELECT CAST(unnest(range(DATE '2022-01-01', DATE '2028-01-01', INTERVAL 1 DAY)) AS DATE) AS day
), paydays AS (
    SELECT (SELECT max(w.day) FROM days w WHERE w.day <= tenth.day AND w.day > tenth.day - 10
        AND isodow(w.day) < 6 AND w.day NOT IN (SELECT day FROM holidays)) AS day
    FROM days tenth WHERE dayofmonth(tenth.day) = 10
), past AS (
    SELECT l.*, CAST(ordered_at AS DATE) AS day, cutoff
    FROM lines l JOIN cutoffs ON ordered_at < cutoff AND known_at < cutoff
), purchases AS (
    SELECT customer_id, cutoff, day, order_id, sum(amount) / $scale AS value,
        sum(coalesce(quantity, 0)) AS items, count(*) AS lines, min(ordered_at) AS placed_at,
        row_number() OVER (PARTITION BY customer_id, cutoff
            ORDER BY min(ordered_at), order_id) AS nth,
        row_number() OVER (PARTITION BY customer_id, cutoff
            ORDER BY min(ordered_at) DESC, order_id DESC) AS nth_back
    FROM past WHERE kind = 'order' GROUP BY customer_id, cutoff, day, order_id
), refunds AS (
    SELECT customer_id, cutoff, day, order_id, -sum(amount) / $scale AS value
    FROM past WHERE kind = 'refund' GROUP BY customer_id, cutoff, day, order_id
), bought AS (
    SELECT *, min(day) OVER (PARTITION BY customer_id, cutoff, product_id) AS first_day
    FROM past WHERE kind = 'order' AND product_id IS NOT NULL
), gaps AS (
    SELECT customer_id, cutoff, day,
        day - lag(day) OVER (PARTITION BY customer_id, cutoff ORDER BY day) AS gap
    FROM (SELECT DISTINCT customer_id, cutoff, day FROM purchases)
), life AS (
    SELECT customer_id, cutoff, cutoff - max(day) AS silence, cutoff - min(day) AS age,
        least(12, (cutoff - min(day)) // $horizon) AS lived, max(day) - min(day) AS span,
        (max(day) - min(day)) / nullif(count(DISTINCT day) - 1, 0) AS mean_gap,
        count(DISTINCT day) AS order_days
    FROM purchases GROUP BY customer_id, cutoff
), blocks AS (
    SELECT customer_id, cutoff, lived, CAST(ceil((cutoff - day) / $horizon) AS INT) AS block,
        count(*) AS days
    FROM (SELECT DISTINCT customer_id, cutoff, day FROM purchases)
        JOIN life USING (customer_id, cutoff)
    GROUP BY ALL
), of_blocks AS (
    SELECT customer_id, cutoff,
        {
    ", ".join(
        f"coalesce(sum(days) FILTER (block = {k}), 0)::INT AS block_{k}_order_days"
        for k in range(1, 5)
    )
},
        count(*) FILTER (block <= lived) AS blocks_bought,
        coalesce(sum(power(.7, block - 1)) FILTER (block <= lived), 0) AS faded
    FROM blocks GROUP BY customer_id, cutoff
), of_years AS (
    SELECT customer_id, cutoff, count(DISTINCT back) FILTER (age >= back) AS years_seen,
        count(DISTINCT back) FILTER (age >= back AND day >= cutoff - back
            AND day < cutoff - back + greatest(28, least(182, $horizon))) AS same_season_years
    FROM purchases JOIN life USING (customer_id, cutoff),
        (SELECT unnest([365, 731, 1096, 1461]) AS back)
    GROUP BY customer_id, cutoff
), latest_gaps AS (
    SELECT *, row_number() OVER (PARTITION BY customer_id, cutoff ORDER BY day DESC) - 1 AS back
    FROM gaps JOIN life USING (customer_id, cutoff) WHERE gap IS NOT NULL
), of_latest AS (
    SELECT customer_id, cutoff, exp(avg(ln(gap))) AS gap_geometric_mean_days,
        sum(gap * power(.6, back)) FILTER (back < 12)
            / sum(power(.6, back)) FILTER (back < 12) AS gap_ewma_days,
        max(gap) AS gap_max_days, min(gap) AS gap_min_days, count(*) AS used,
        count(*) FILTER (gap > silence) AS longer,
        count(*) FILTER (gap > silence AND gap <= silence + $horizon) AS soon,
        any_value(silence) / exp(sum(ln(gap) * power(.6, back)) FILTER (back < 12)
            / sum(power(.6, back)) FILTER (back < 12)) AS silence_over_ewma
    FROM latest_gaps WHERE back < 24 GROUP BY customer_id, cutoff
), of_purchases AS (
    SELECT customer_id, cutoff,
        {_windowed("count(*)", "orders", WINDOWS_DAYS)}
        {_windowed("sum(value)", "gross_spend", WINDOWS_DAYS)}
        {_windowed("sum(items)", "items", (30, 90, 365))}
        {_windowed("count(DISTINCT day)", "order_days", (30, 90, 180, 365))}
        count(*) FILTER (day >= cutoff - 365 AND day < cutoff - 335) AS orders_year_ago_30d,
        count(*) FILTER (day >= cutoff - 365 AND day < cutoff - 275) AS orders_year_ago_90d,
        cutoff - max(day) AS days_since_last_order,
        cutoff - min(day) AS days_since_first_order,
        max(cutoff - day) FILTER (nth_back = 2) AS days_since_order_2_back,
        max(cutoff - day) FILTER (nth_back = 3) AS days_since_order_3_back,
        max(cutoff - day) FILTER (nth_back = 5) AS days_since_order_5_back,
        max(value) FILTER (nth_back = 1) AS order_value_last,
        max(value) FILTER (nth = 1) AS order_value_first,
        max(value) AS order_value_max,
        avg(value) AS order_value_mean,
        sum(lines) AS all_lines,
        avg(CAST(dayofweek(day) IN (0, 6) AS INT)) AS weekend_share,
        avg(CAST(hour(placed_at) BETWEEN 5 AND 11 AS INT)) AS morning_share,
        avg(CAST(hour(placed_at) BETWEEN 17 AND 22 AS INT)) AS evening_share,
        min(day) AS first_order_on, max(day) AS last_order_on
    FROM purchases GROUP BY customer_id, cutoff
), of_refunds AS (
    SELECT customer_id, cutoff,
        {_windowed("sum(value)", "refunded", WINDOWS_DAYS)}
        {_windowed("count(*)", "refunds", (90, 365))}
        cutoff - max(day) AS days_since_last_refund
    FROM refunds GROUP BY customer_id, cutoff
), of_gaps AS (
    SELECT customer_id, cutoff, avg(gap) AS gap_mean_days, arg_max(gap, day) AS gap_last_days,
        CASE WHEN count(gap) >= 2 THEN stddev_pop(gap) END AS gap_sd_days,
        count(*) FILTER (gap BETWEEN 320.25 AND 410.25) AS year_gaps,
        -- Days from the nearest whole number of years, none among them.
        count(*) FILTER (abs(gap - 365.25 * round(gap / 365.25)) > 45) AS off_season_gaps,
        coalesce(sum(gap) FILTER (gap <= 45), 0) AS in_season_days,
        coalesce(sum(gap), 0) AS gap_span
    FROM gaps GROUP BY customer_id, cutoff
), of_products AS (
    SELECT customer_id, cutoff,
        {_windowed("count(DISTINCT product_id)", "distinct_products", (30, 90, 365))}
        count(*) FILTER (day > first_day) AS repeat_lines
    FROM bought GROUP BY customer_id, cutoff
)
SELECT p.* EXCLUDE (items_30d, items_90d, items_365d, items_total, all_lines, morning_share,
        evening_share, {", ".join(f"gross_spend_{w}d" for w in WINDOWS_DAYS)}),
    CASE WHEN $times THEN morning_share END AS morning_share,
    CASE WHEN $times THEN evening_share END AS evening_share,
    {", ".join([*ITEMS, *PRODUCTS, *MONEY])},
    coalesce(refunded_total, 0) AS refunded_total,
    coalesce(refunds_90d, 0) AS refunds_90d, coalesce(refunds_365d, 0) AS refunds_365d,
    coalesce(refunds_total, 0) AS refunds_total,
    days_since_last_refund, gap_mean_days, gap_last_days, gap_sd_days,
    CASE WHEN $products THEN coalesce(repeat_lines, 0) / all_lines END AS repeat_product_share,
    days_since_last_order / gap_mean_days AS silence_over_gap,
    {", ".join(f"block_{k}_order_days" for k in range(1, 5))},
    lived AS blocks_lived, blocks_bought, (blocks_bought + .5) / (lived + 1) AS block_share,
    (faded + .3) / ((1 - power(.7, lived)) / .3 + .6) AS block_share_recent,
    years_seen, same_season_years,
    (same_season_years + .3) / (years_seen + .6) AS same_season_share,
    span AS active_span_days, (order_days - 1) / nullif(span, 0) AS active_rate,
    gap_geometric_mean_days, gap_ewma_days, gap_max_days, gap_min_days, silence_over_ewma,
    coalesce(longer, 0) AS gaps_longer,
    (coalesce(longer, 0) + .5) / (coalesce(used, 0) + 1) AS gaps_longer_share,
    (coalesce(soon, 0) + .5) / (coalesce(longer, 0) + 1) AS gap_hazard,
    (mean_gap - silence) / $horizon AS gap_left_over_horizon,
    gap_sd_days / mean_gap AS gap_cv, gap_last_days / mean_gap AS gap_last_over_mean,
    gap_ewma_days / mean_gap AS gap_ewma_over_mean, silence / gap_max_days AS silence_over_max,
    (silence - mean_gap) / greatest(coalesce(gap_sd_days, 0), 1) AS silence_beyond_sd,
    {", ".join(PACES)},
    {", ".join(EXPECTED)},
    CASE WHEN off_season_gaps > 0 OR in_season_days > 45 * (year_gaps + 1)
        OR abs(gap_span - 365.25 * round(gap_span / 365.25)) > 45 THEN 0 ELSE year_gaps
    END AS yearly_gaps,
    orders_total / (greatest(days_since_first_order, 30) / 30) AS orders_per_30d,
    (orders_30d / 30) / nullif(orders_90d / 90, 0) AS orders_trend_30d_90d,
    (orders_90d / 90) / nullif(orders_365d / 365, 0) AS orders_trend_90d_365d,
    (gross_spend_90d / 90) / nullif(gross_spend_365d / 365, 0) AS spend_trend_90d_365d,
    order_value_last / order_value_mean AS order_value_last_over_mean,
    CASE WHEN $quantities THEN items_total / orders_total END AS items_per_order,
    CASE WHEN $quantities THEN gross_spend_total / nullif(items_total, 0) END AS price_level,
    all_lines / orders_total AS lines_per_order,
    coalesce(refunded_total, 0) / gross_spend_total AS refund_share,
    month(cutoff) AS cutoff_month, dayofyear(cutoff) AS cutoff_day_of_year,
    CASE WHEN strftime(cutoff, '%m%d') <= '1224' THEN make_date(year(cutoff), 12, 24)
        ELSE make_date(year(cutoff) + 1, 12, 24) END - cutoff AS days_to_christmas,
    (SELECT count(*) FROM holidays WHERE day >= cutoff AND day < cutoff + 30) AS holidays_next_30d,
    (SELECT min(day) - cutoff FROM paydays WHERE day >= cutoff) AS days_to_payday,
    (SELECT min(day) - cutoff FROM days WHERE day >= cutoff AND strftime(day, '%m%d') = '0214')
        AS days_to_valentines_day,
    (SELECT min(day) - cutoff FROM days WHERE day >= cutoff AND strftime(day, '%m%d') = '0308')
        AS days_to_womens_day,
    (SELECT min(day) - cutoff FROM days WHERE day >= cutoff AND month(day) = 11
        AND dayname(day) = 'Friday' AND dayofmonth(day) BETWEEN 23 AND 29) AS days_to_black_friday
FROM of_purchases p LEFT JOIN of_refunds USING (customer_id, cutoff)
    LEFT JOIN of_gaps USING (customer_id, cutoff) LEFT JOIN life USING (customer_id, cutoff)
    LEFT JOIN of_blocks USING (customer_id, cutoff) LEFT JOIN of_years USING (customer_id, cutoff)
    LEFT JOIN of_latest USING (customer_id, cutoff)
    LEFT JOIN of_products USING (customer_id, cutoff)
ORDER BY customer_id, cutoff
"""

OUTCOMES_SQL = """
WITH seen AS (SELECT *, CAST(ordered_at AS DATE) AS day FROM lines WHERE known_at < $until),
keys AS (
    SELECT DISTINCT customer_id, cutoff FROM lines JOIN cutoffs
        ON ordered_at < cutoff AND known_at < cutoff
    WHERE kind = 'order' AND cutoff + $horizon <= $until
), purchases AS (SELECT DISTINCT customer_id, order_id, day FROM seen WHERE kind = 'order')
SELECT customer_id, cutoff, orders > 0 AS returned, orders AS orders_in_horizon, (
        SELECT coalesce(sum(amount), 0) FROM seen s WHERE kind <> 'free'
            AND s.customer_id = k.customer_id AND day >= cutoff AND day < cutoff + $horizon
    ) / $scale AS net_spend_in_horizon,
    (SELECT min(day) - cutoff FROM purchases p
        WHERE p.customer_id = k.customer_id AND day >= cutoff) AS days_to_return
FROM (SELECT *, (SELECT count(*) FROM purchases p WHERE p.customer_id = keys.customer_id
        AND day >= cutoff AND day < cutoff + $horizon) AS orders FROM keys) k
ORDER BY customer_id, cutoff
"""


def assert_same(ours: pa.Table, oracle: pa.Table) -> None:
    """The same rows and columns in the same places; floats to 1e-9, everything else exactly."""
    assert set(ours.column_names) == set(oracle.column_names)
    exact = [field.name for field in ours.schema if not pa.types.is_floating(field.type)]
    for name in exact:
        assert ours[name].to_pylist() == oracle[name].to_pylist(), name
    close = [name for name in ours.column_names if name not in exact]
    # Absent is null, never NaN.
    nulls = [[table[name].null_count for name in close] for table in (ours, oracle)]
    assert nulls[0] == nulls[1]
    mine, theirs = (table.select(close).to_pandas().astype(float) for table in (ours, oracle))
    differ = ~np.isclose(mine, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)
    assert not differ.any(), [
        (close[column], ours["customer_id"][row], mine.iat[row, column], theirs.iat[row, column])
        for row, column in np.argwhere(differ)[:5]
    ]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    for table, column, days in (("holidays", "day", HOLIDAYS), ("cutoffs", "cutoff", CUTOFFS)):
        connection.execute(f"CREATE TABLE {table} ({column} DATE)")
        connection.executemany(f"INSERT INTO {table} VALUES (?)", [[day] for day in days])
    return connection


@given(shop=shops())
@settings(max_examples=12)
def test_every_column_of_a_random_shop_equals_plain_sql(
    shop: tuple[list[Line], dict[str, Any]],
    con: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    lines, stated = shop
    path = write_orders(tmp_path_factory.getbasetemp() / "oracle.parquet", lines, **stated)
    until = CUTOFFS[-1] + timedelta(days=HORIZON_DAYS - 1)  # one day short of the last horizon
    taken = take_snapshots(
        path, CUTOFFS, horizon_days=HORIZON_DAYS, windows_days=WINDOWS_DAYS, observed_until=until
    )
    con.execute(f"CREATE OR REPLACE TABLE lines AS FROM '{path}'")
    asked = {
        "scale": stated["amount_scale"], "times": stated["has_time"],
        "products": stated["has_products"], "quantities": stated["has_quantity"],
        "horizon": HORIZON_DAYS,
    }  # fmt: skip
    assert_same(taken.features, con.sql(SQL, params=asked).to_arrow_table())
    asked = {"scale": stated["amount_scale"], "until": until, "horizon": HORIZON_DAYS}
    assert_same(taken.outcomes, con.sql(OUTCOMES_SQL, params=asked).to_arrow_table())


def test_the_main_columns_of_cdnow_equal_pandas(tmp_path: Path) -> None:
    log = pd.read_csv(
        packaged_file("lifetimes", "CDNOW_master.txt"), sep=r"\s+", skiprows=1,
        names=["customer_id", "day", "cds", "dollars"], dtype={"customer_id": str},
        parse_dates=["day"],
    )  # fmt: skip
    # Free orders are no purchases; a log without order ids has one order a customer and day.
    log = log[log["dollars"] > 0].assign(cents=lambda t: (t["dollars"] * 100).round())
    lines = pd.DataFrame({
        "customer_id": log["customer_id"], "order_id": log["day"].astype(str),
        "ordered_at": log["day"], "known_at": log["day"], "product_id": None,
        "quantity": log["cds"].astype(float), "amount": log["cents"].astype(int), "kind": "order",
    })  # fmt: skip
    path = write_orders(tmp_path / "orders.parquet", lines, has_time=False, has_products=False)
    cutoffs = [date(1997, 10, 1), date(1998, 2, 1)]
    taken = take_snapshots(path, cutoffs, horizon_days=90).closed()
    orders = log.groupby(["customer_id", "day"], as_index=False)[["cds", "cents"]].sum()
    for cutoff in pd.to_datetime(cutoffs):
        past = orders[orders["day"] < cutoff]
        of = past.groupby("customer_id")
        gaps = of["day"].diff().dt.days.groupby(past["customer_id"])
        expected = pd.DataFrame({
            "orders_total": of.size(),
            "spend_total": of["cents"].sum() / 100,
            "items_total": of["cds"].sum(),
            "days_since_last_order": (cutoff - of["day"].max()).dt.days,
            "days_since_first_order": (cutoff - of["day"].min()).dt.days,
            "gap_mean_days": gaps.mean(),
            "gap_sd_days": gaps.std(ddof=0).where(of.size() >= 3),
            "order_value_max": of["cents"].max() / 100,
            "order_value_last": of["cents"].last() / 100,
        })  # fmt: skip
        for w in (30, 90, 365):
            recent = past[past["day"] >= cutoff - pd.Timedelta(days=w)].groupby("customer_id")
            expected[f"orders_{w}d"] = recent.size()
            expected[f"spend_{w}d"] = recent["cents"].sum() / 100
        after = orders[(orders["day"] >= cutoff)]
        inside = after[after["day"] < cutoff + pd.Timedelta(days=90)].groupby("customer_id")
        expected["orders_in_horizon"] = inside.size()
        expected["net_spend_in_horizon"] = inside["cents"].sum() / 100
        none = expected.filter(regex="_[0-9]+d$|_in_horizon$").fillna(0)
        expected[none.columns] = none
        expected["returned"] = expected["orders_in_horizon"] > 0
        expected["days_to_return"] = (after.groupby("customer_id")["day"].min() - cutoff).dt.days
        ours = taken[taken["cutoff"] == cutoff].set_index("customer_id")[list(expected)]
        assert len(ours) > 20_000
        pd.testing.assert_frame_equal(ours, expected, check_dtype=False, rtol=1e-9, atol=1e-9)
