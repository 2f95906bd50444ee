"""What the evaluation writes."""

from __future__ import annotations

from dataclasses import replace

from winback.tables.table import CUSTOMER, CUTOFF, Column, Table, outcome_columns, worth_columns

METHODS = {
    "lightgbm": "the return model (LightGBM blended with a regression, or what the history allows)",
    "base_rate": "the same share for everybody",
    "recency": "by days since the last purchase alone",
    "rfm": "by fifths of recency, frequency and money",
    "logistic_rfm": "logistic regression on recency, frequency and money",
    "bgnbd": "the BG/NBD model of Fader, Hardie and Lee (2005)",
    "mbgnbd": "the MBG/NBD model of Batislam, Denizel and Filiztekin (2007)",
    "pareto_nbd": "the Pareto/NBD model of Schmittlein, Morrison and Colombo (1987)",
}


BACKTEST = Table(
    "backtest.parquet",
    "train",
    "one row per customer and evaluation cutoff",
    ("customer_id", "cutoff"),
    (
        CUSTOMER,
        Column("cutoff", "timestamp[ms]", CUTOFF.meaning),
        *outcome_columns(),
        Column("recently_active", "bool", "bought in the `evaluate.active_days` before the "
               "cutoff"),
        Column("one_time_buyer", "bool", "a single purchase before the cutoff"),
        Column("origin_kind", "string", "`time`: predicted from earlier cutoffs alone; "
               "`first_days`: so too, but of the horizon's first days, since the history is "
               "short; `customers`: shorter still, so from other customers"),
        Column("judged_days", "int32", "days that outcome and predictions are of: the horizon, "
               "or its first days", "days"),
        *(
            Column(f"p_{name}", "double", f"chance of a return {meaning}" if name == "base_rate"
                   else f"chance of a return: {meaning}", "share",
                   "never" if name == "lightgbm" else "the rule could not be fitted")
            for name, meaning in METHODS.items()
        ),
        *worth_columns(),
        Column("spend_literature", "double", "net spend expected by BG/NBD with gamma-gamma",
               "currency", "nobody bought on two days"),
        Column("spend_previous", "double", "net spend of the window of the horizon's length "
               "before the cutoff; of the next longer window in proportion", "currency"),
    ),
    "Model and rules are fitted anew at each cutoff, on cutoffs whose horizon had closed by "
    "then. Before any horizon has closed the table is empty and has no `p_` columns.",
)  # fmt: skip
"""Predictions at earlier cutoffs."""


REHEARSAL = replace(
    BACKTEST, name="rehearsal.parquet", written_by="gate",
    note="The same of what scores: the backtest itself where the model just trained does, else "
    "what the champion's recipe said.",
)  # fmt: skip
"""Predictions at earlier cutoffs of the model that scores."""


CHAMPION_ROWS = Table(
    "champion_rows.parquet",
    "gate",
    "one row per customer to be scored, where the champion's recipe measures them otherwise",
    ("customer_id", "cutoff"),
    (CUSTOMER, Column("cutoff", "date32[day]", CUTOFF.meaning)),
    "With all columns of `snapshots.parquet` as the champion's params declare them; empty, and of "
    "these two columns alone, where the snapshots serve.",
)
"""Today's customers as another recipe measures them."""


CALIBRATION = Table(
    "calibration.csv",
    "evaluate",
    "one row per population, method and bin of about a tenth of the rows",
    ("population", "method", "bin"),
    (
        Column("population", "string", "`everyone`, `recently_active` or `one_time_buyers`"),
        Column("method", "string", "`lightgbm` or a simple rule"),
        Column("bin", "int64", "1 holds the lowest predictions"),
        Column("n", "int64", "rows (customer and evaluation cutoff)"),
        Column("predicted", "double", "mean prediction", "share"),
        Column("observed", "double", "share that returned", "share"),
        Column("low", "double", "lower end of its 95 % Wilson interval", "share"),
        Column("high", "double", "upper end", "share"),
    ),
)
"""Observed against predicted."""


LIFT = Table(
    "lift.csv",
    "evaluate",
    "one row per population, method and share targeted",
    ("population", "method", "share_targeted"),
    (
        Column("population", "string", "`everyone`, `recently_active` or `one_time_buyers`"),
        Column("method", "string", "`lightgbm` or a simple rule"),
        Column("share_targeted", "double", "share of customers taken, highest first", "share"),
        Column("lift", "double", "their return rate over everybody's", "ratio"),
        Column("captured", "double", "share of all returning customers among them", "share"),
    ),
)
"""Returns found in the highest-ranked share."""


SERVED_CALIBRATION = replace(CALIBRATION, name="served_calibration.csv", written_by="gate")
SERVED_LIFT = replace(LIFT, name="served_lift.csv", written_by="gate")
"""The same of what scores."""
