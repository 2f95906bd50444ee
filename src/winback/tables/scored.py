"""What a scored customer's row holds."""

from __future__ import annotations

from collections.abc import Sequence

from winback.tables.table import CUSTOMER, CUTOFF, UNPROVEN, Column, Table, worth_columns

_NO_LIFETIME = (
    "no window of about that length, with a third of it before, has closed; or it is not longer "
    "than the horizon"
)


def scores(horizons_days: Sequence[int] = (30, 60, 90)) -> Table:
    """One scored customer a row."""
    unexplained = "the customer was not explained (see `score.explain_rows`), or there are fewer"
    return Table(
        "scores.parquet",
        "score",
        "one row per customer with a purchase before the cutoff",
        ("customer_id",),
        (
            CUSTOMER,
            CUTOFF,
            Column("horizon_days", "int32", "the main horizon", "days"),
            Column("p_return", "double", "chance of at least one purchase within the main horizon",
                   "share", UNPROVEN),
            *(
                Column(f"p_return_{days}d", "double", f"the same within {days} days; never "
                       "smaller than for a shorter horizon", "share",
                       "the model is unproven, or no horizon that long has closed")
                for days in horizons_days
            ),
            *worth_columns(UNPROVEN),
            Column("lifetime_value", "double", "purchases less refunds expected in the "
                   "`train.lifetime_days` from the cutoff on", "currency", _NO_LIFETIME),
            Column("lifetime_value_low", "double", "the lifetime's interval, as above",
                   "currency", _NO_LIFETIME),
            Column("lifetime_value_high", "double", "its upper end", "currency", _NO_LIFETIME),
            Column("r_score", "int8", "recency from 1 to 5, 5 the latest fifth of customers"),
            Column("f_score", "int8", "frequency: 1, 2, 3-4, 5-9, 10 and more purchases are 1 to "
                   "5"),
            Column("m_score", "int8", "net spend from 1 to 5, 5 the highest fifth"),
            Column("rfm_score", "string", "the three digits, R first"),
            Column("segment", "string", "name of the cell of R and F, see below"),
            Column("risk_band", "string", "`low`, `medium`, `high`, `new` or `lost`, see below"),
            Column("days_since_last_order", "int32", "from the last purchase to the cutoff",
                   "days"),
            Column("first_order_on", "date32[day]", "day of the first purchase"),
            Column("last_order_on", "date32[day]", "day of the last purchase"),
            Column("expected_next_order_on", "date32[day]", "the last purchase plus the usual gap "
                   "(the customer's own, drawn to the shop's where it is known from few); of who "
                   "buys in one season of each year, their day in the next one",
                   null_when="that day has passed, or nobody in the shop bought on two days"),
            Column("orders_total", "int32", "purchases before the cutoff"),
            Column("spend_total", "double", "purchases less refunds before the cutoff", "currency"),
            Column("order_value_mean", "double", "mean value of a purchase as placed", "currency"),
            Column("refund_share", "double", "money sent back over the value of purchases",
                   "share"),
            *(
                Column(f"reason_{k}{suffix}", "string", f"reason {k} for the score, in {language}",
                       null_when=unexplained)
                for suffix, language in (("", "English"), ("_pl", "Polish"))
                for k in (1, 2, 3)
            ),
            Column("model_version", "string", "12 hexadecimal digits of the model's content"),
        ),
        "Churn is `1 - p_return`. `winback run` explains the customers of the assignment, "
        "`dvc repro` up to `score.explain_rows`.",
    )  # fmt: skip


_NOT_FITTED = "it could not be fitted"
RIVALS = Table(
    "rivals.parquet",
    "score",
    "one row per customer of the scores, in their order",
    ("customer_id",),
    (
        CUSTOMER,
        Column("p_model", "double", "`p_return` by the return model itself, where a simple rule "
               "gives the scores; else the same as in the scores", "share", UNPROVEN),
        Column("p_base_rate", "double", "the share that returned at the newest cutoff, the same "
               "for everybody", "share", _NOT_FITTED),
        Column("p_best_rule", "double", "by the simple rule of the lowest log loss in the "
               "backtest, whose name the file's metadata say as `best_rule`", "share",
               _NOT_FITTED),
    ),
    "What others than the one who scores said of the main horizon that day, before anything came "
    "of it; grades hold the scores against these.",
)  # fmt: skip
"""What the rivals said."""


SEGMENTS = {
    "champions": "R 5, F 4 or 5",
    "loyal": "R 3 or 4, F 4 or 5",
    "potential_loyalist": "R 4 or 5, F 2 or 3",
    "new": "R 5, F 1",
    "promising": "R 4, F 1",
    "needs_attention": "R 3, F 3",
    "about_to_sleep": "R 3, F 1 or 2",
    "at_risk": "R 1 or 2, F 3 or 4",
    "cannot_lose": "R 1 or 2, F 5",
    "hibernating": "R 1 or 2, F 1 or 2, unless `lost`",
    "lost": "R, F and M all 1",
    "seasonal": "R 1 to 3, all purchases in one season of two years or more, and the next season "
    "not over yet; before all of the above",
}


RISK_BANDS = {
    "new": "a single purchase in the last 30 days (or the horizon, if shorter)",
    "lost": "silent for more than a year, two horizons and five times the own usual gap",
    "high": "else, where churn is above `score.high_risk_above`",
    "medium": "else, where churn is above `score.medium_risk_above`",
    "low": "everybody else",
}
