"""The nouns as contracts: what every column of every written table holds.

``docs/definitions.md`` is made from these declarations (`winback.definitions`), and a test
compares both with the files that a run really writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from winback.errors import WinbackError
from winback.features import snapshot_columns
from winback.params import WINDOWS_DAYS

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, its meaning, its unit, and when it is null."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    null_when: str = "never"


@dataclass(frozen=True)
class Table:
    """One written table: where it lies, what a row is, its columns in their order.

    ``key`` are the columns that no two rows share; ``note`` is what holds for all of it.
    """

    name: str
    written_by: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    note: str = ""


def check(found: pa.Table, table: Table) -> None:
    """Compare a table with its contract: columns, order, types, nulls and key.

    Raises:
        WinbackError: the first difference, with the column, what was found and what was
            expected.
    """
    expected = {column.name: column for column in table.columns}
    missing = [name for name in expected if name not in found.column_names]
    unknown = [name for name in found.column_names if name not in expected]
    if missing or unknown:
        raise WinbackError(
            f"{table.name}: lacks {_named(missing)}; has the unknown {_named(unknown)}."
        )
    if found.column_names != list(expected):
        raise WinbackError(f"{table.name}: the columns stand in another order.")
    for field, column in zip(found.schema, table.columns, strict=True):
        if str(field.type).removeprefix("large_") != column.type:
            raise WinbackError(
                f"{table.name}: {column.name} is {field.type}; expected {column.type}."
            )
        nulls = found[column.name].null_count
        if nulls and column.null_when == "never":
            raise WinbackError(f"{table.name}: {column.name} is null in {nulls:,} rows.")
    if table.key and found.select(table.key).group_by(table.key).aggregate([]).num_rows != len(
        found
    ):
        raise WinbackError(f"{table.name}: rows share their key ({_named(table.key)}).")


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) or "nothing"


# --- what many tables share --------------------------------------------------------------------

_UNPROVEN = "the model is unproven: no horizon has closed"
_NO_LIFETIME = (
    "no window of about that length, with a third of it before, has closed; or it is not longer "
    "than the horizon"
)
_UNITS = {
    "count": "", "money": "currency", "items": "items", "days": "days", "ratio": "ratio",
    "share": "share", "calendar": "", "value": "",
}  # fmt: skip

CUSTOMER = Column("customer_id", "string", "the shop's id as text: `17850.0` is `17850`, leading "
                  "zeros stay")  # fmt: skip
CUTOFF = Column("cutoff", "date32[day]", "the first day not seen; the past is `time < cutoff`")


def _outcomes() -> tuple[Column, ...]:
    return (
        Column("returned", "bool", "made at least one purchase in the horizon"),
        Column("orders_in_horizon", "int32", "purchases in the horizon"),
        Column("net_spend_in_horizon", "double",
               "purchases less refunds issued in the horizon; may be below 0", "currency"),
    )  # fmt: skip


def orders() -> Table:
    """Canonical order lines."""
    return Table(
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


def contacts(contact_columns: Sequence[str] = ()) -> Table:
    """Consent, objection and the named contact columns."""
    return Table(
        "contacts.parquet",
        "ingest",
        "one row per customer of the source",
        ("customer_id",),
        (
            CUSTOMER,
            Column("consented", "bool", "may be contacted, by the consent column's last value",
                   null_when="the source does not say"),
            Column("suppressed", "bool", "is in the file of `ingest.suppress`"),
            *(Column(name, "string", "last value that is not empty",
                     null_when="there is no value") for name in contact_columns),
        ),
        "After these stand the columns of `ingest.contact_columns`, as text. This file is "
        "read by the planner (consent, objection) and by the export (the rest goes into "
        "`list.csv`), and by nothing else.",
    )  # fmt: skip


def signals() -> Table:
    """What happened to customers beside orders."""
    return Table(
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


def attributes() -> Table:
    """What customers were set to, and when."""
    return Table(
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


def quarantine() -> Table:
    """Lines set aside."""
    return Table(
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


def snapshots(windows_days: Sequence[int] = WINDOWS_DAYS) -> Table:
    """Features; they follow from the declarations in `winback.features`."""
    return Table(
        "snapshots.parquet",
        "snapshot",
        "one row per customer and cutoff, for customers with a purchase before that cutoff",
        ("customer_id", "cutoff"),
        (
            CUSTOMER,
            CUTOFF,
            *(
                Column(
                    column.name,
                    "int32" if column.whole else "double",
                    column.meaning,
                    _UNITS[column.unit],
                    column.null_when,
                )
                for column in snapshot_columns(windows_days)
            ),
            Column("first_order_on", "date32[day]", "day of the first purchase"),
            Column("last_order_on", "date32[day]", "day of the last purchase"),
        ),
        "A window of w days is `cutoff - w <= day < cutoff`. Only what had happened, and was "
        "known, before the cutoff counts. A history shorter than a window fills part of it. "
        "`snapshot.windows_days` sets the windows; 30, 90, 180 and 365 are always there. "
        "What `snapshot.measures`, `signals`, `attributes` and `custom` declare stands between "
        "`holidays_next_30d` and `first_order_on`, under names such as `ticket_90d` and "
        "`days_since_last_ticket`: docs/features.md; `python -m winback.definitions params.yaml` "
        "lists it.",
    )


def outcomes() -> Table:
    """What happened after a cutoff."""
    return Table(
        "outcomes.parquet",
        "snapshot",
        "one row per customer and cutoff, for cutoffs whose horizon has closed",
        ("customer_id", "cutoff"),
        (
            CUSTOMER,
            CUTOFF,
            *_outcomes(),
            Column("days_to_return", "int32", "days from the cutoff to the next purchase, also "
                   "beyond the horizon", "days", "no purchase was seen after the cutoff"),
        ),
        "The horizon is `cutoff <= time < cutoff + horizon_days`. A cutoff whose horizon is not "
        "fully observed has no row at all.",
    )  # fmt: skip


def restated() -> Table:
    """Outcomes as an earlier cutoff knew them."""
    return Table(
        "restated.parquet",
        "snapshot",
        "one row per customer, cutoff and origin whose outcome, as known at the origin, differs "
        "from the one in `outcomes.parquet`",
        ("customer_id", "cutoff", "origin"),
        (
            CUSTOMER,
            CUTOFF,
            Column("origin", "date32[day]", "a later cutoff"),
            *(replace(c, null_when="the window was open at the origin") for c in _outcomes()),
            Column("days_to_return", "int32", "days from the cutoff to the next purchase",
                   "days", "no purchase was known at the origin"),
        ),
        "Empty where nothing became known late. The backtest learns from these; what is known by "
        "now judges it.",
    )  # fmt: skip


def first_days() -> Table:
    """What happened in the first days of a horizon too long for the history."""
    return Table(
        "first_days.parquet",
        "snapshot",
        "one row per customer and cutoff, for cutoffs whose first `part_days` have passed",
        ("customer_id", "cutoff"),
        (
            CUSTOMER,
            CUTOFF,
            *(replace(c, meaning=c.meaning.replace("horizon", "first `part_days`"))
              for c in _outcomes()),
            Column("days_to_return", "int32", "days from the cutoff to the next purchase", "days",
                   "no purchase was seen after the cutoff"),
            Column("part_days", "int32", "days that the outcome is of", "days"),
        ),
        "Where closed windows saw less than two thirds of today's past, the model learns the first "
        "days of the horizon from these, and is judged by them. Empty elsewhere.",
    )  # fmt: skip


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


def _worth(null_when: str = "never") -> tuple[Column, ...]:
    spread = "nobody has returned yet" if null_when == "never" else f"{null_when}, or nobody came"
    return (
        Column("expected_orders", "double", "purchases expected in the main horizon",
               null_when=null_when),
        Column("expected_net_spend", "double", "purchases less refunds expected in the main "
               "horizon", "currency", null_when),
        Column("expected_net_spend_low", "double", "lower end of the interval that is to hold the "
               "net spend of four such customers in five; mostly zero, since many stay away",
               "currency", spread),
        Column("expected_net_spend_high", "double", "its upper end; zero for a customer less than "
               "a fifth likely to return", "currency", spread),
    )  # fmt: skip


def backtest() -> Table:
    """Predictions at earlier cutoffs."""
    return Table(
        "backtest.parquet",
        "train",
        "one row per customer and evaluation cutoff",
        ("customer_id", "cutoff"),
        (
            CUSTOMER,
            Column("cutoff", "timestamp[ms]", CUTOFF.meaning),
            *_outcomes(),
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
            *_worth(),
            Column("spend_literature", "double", "net spend expected by BG/NBD with gamma-gamma",
                   "currency", "nobody bought on two days"),
            Column("spend_previous", "double", "net spend of the window of the horizon's length "
                   "before the cutoff; of the next longer window in proportion", "currency"),
        ),
        "Model and rules are fitted anew at each cutoff, on cutoffs whose horizon had closed by "
        "then. Before any horizon has closed the table is empty and has no `p_` columns.",
    )  # fmt: skip


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
                   "share", _UNPROVEN),
            *(
                Column(f"p_return_{days}d", "double", f"the same within {days} days; never "
                       "smaller than for a shorter horizon", "share",
                       "the model is unproven, or no horizon that long has closed")
                for days in horizons_days
            ),
            *_worth(_UNPROVEN),
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
                   "(the customer's own, drawn to the shop's where it is known from few)",
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
    "hibernating": "R 1 or 2, F 1 or 2, unless lost",
    "lost": "R, F and M all 1",
}

RISK_BANDS = {
    "new": "a single purchase in the last 30 days (or the horizon, if shorter)",
    "lost": "silent for more than a year, two horizons and five times the own usual gap",
    "high": "else, where churn is above `score.high_risk_above`",
    "medium": "else, where churn is above `score.medium_risk_above`",
    "low": "everybody else",
}


def assignment() -> Table:
    """The sealed draw."""
    return Table(
        "assignment.parquet",
        "target, export",
        "one row per customer for whom an offer was planned, both arms",
        ("campaign_id", "customer_id"),
        (
            Column("campaign_id", "string", "`target.campaign_id`"),
            CUSTOMER,
            Column("planned_offer", "string", "the offer planned before the draw"),
            Column("arm", "string", "what was drawn: that offer, or `control`, who gets nothing"),
            Column("probability", "double", "chance of the arm that was drawn", "share"),
            Column("plan_probability", "double", "chance that this offer was planned for this "
                   "customer: 1 where the plan leaves nothing to chance, less where offers were "
                   "tested or explored; times `probability` it is the propensity", "share"),
            Column("chosen_by", "string", "`gain` (its known effect pays best), `test` (its effect "
                   "is unknown, drawn among those that could pay) or `explore` (drawn among all "
                   "the customer may have)"),
            Column("assigned_at", "date32[day]", "day the offers leave and count from: "
                   "`target.send_on`, or the cutoff"),
            Column("expected_gain", "double", "what the planned offer should earn after its cost",
                   "currency", "nobody has stated or measured the offer's effect"),
            Column("p_return", "double", "the score at that time", "share", _UNPROVEN),
            Column("p_return_days", "int32", "days that `p_return` speaks of", "days"),
            Column("stratum", "string", "`p1m1` to `p3m3`: third of the chance to order anyway, "
                   "third of an order's margin; named before the outcome, for its reading"),
            Column("segment", "string", "as in the scores", null_when="the scores have none"),
        ),
        "`winback measure` compares the arms as drawn here, whatever was sent. Its SHA-256 stands "
        "in `manifest.json`.",
    )  # fmt: skip


DECISIONS = {
    "offer": "is on the list",
    "control": "an offer was planned, and the draw held the customer out",
    "comes_anyway": "the offer would mostly pay people who come without it",
    "too_weak": "an effect could pay, but not the known, stated or plausible one",
    "cannot_pay": "the discount takes the whole margin of an order",
    "impossible": "ten times as many orders would not earn the cost",
    "too_uncertain": "no probability, or no order value to reckon with",
    "sent_back": "sent back more than half, or everything, of what was bought",
    "no_contact": "objected, or has not consented where `target.require_consent` is set",
    "universal_holdout": "is contacted by no campaign of this year (`target.holdout_share`)",
    "subscriber": "pays a subscription (`target.subscriber_column`), so has not left",
    "contacted_recently": "within `target.quiet_days`, or at `target.contacts_per_year`",
    "complaint": "has an open complaint, and no offer for that",
    "not_eligible": "no offer's `eligible`, `min_basket` and `not_again_days` hold",
    "budget": "would pay, but money, capacity or stock went to others",
}


def decisions() -> Table:
    """Everybody's reason."""
    planned = "no offer was planned"
    return Table(
        "decisions.parquet",
        "target",
        "one row per scored customer",
        ("customer_id",),
        (
            CUSTOMER,
            Column("planned_offer", "string", "as in the assignment", null_when=planned),
            Column("arm", "string", "as in the assignment", null_when=planned),
            Column("reason", "string", "why this customer is or is not on the list, see below"),
        ),
    )  # fmt: skip


def campaign_list(contact_columns: Sequence[str] = ()) -> Table:
    """What leaves for the CRM."""
    few = "fewer stories moved the score, or the model is unproven"
    return Table(
        "list.csv",
        "export",
        "one row per customer who gets an offer, and nobody of the control group; while the model "
        "is unproven, everybody who may be contacted, without an offer",
        ("customer_id",),
        (
            Column("customer_id", "string", CUSTOMER.meaning),
            *(Column(name, "string", "as the shop wrote it, tidied",
                     null_when="there is no value") for name in contact_columns),
            Column("offer", "string", "name of the offer in params.yaml",
                   null_when=_UNPROVEN),
            Column("offer_label", "string", "its label in `report.language`",
                   null_when=_UNPROVEN),
            Column("channel", "string", "its channel, such as `email`", null_when=_UNPROVEN),
            Column("valid_until", "date32[day]", "last day of the offer, which begins on "
                   "`assigned_at` of the assignment", null_when=_UNPROVEN),
            Column("churn_probability", "double", "`1 - p_return`, four decimals", "share",
                   _UNPROVEN),
            Column("churn_risk", "string", "`risk_band`"),
            Column("churn_horizon_days", "int32", "`horizon_days`", "days"),
            Column("rfm_segment", "string", "`segment`"),
            Column("rfm_score", "string", "three digits, R first"),
            Column("days_since_last_order", "int32", "as in the scores", "days"),
            Column("last_order_date", "date32[day]", "`last_order_on`"),
            Column("expected_next_order_date", "date32[day]", "`expected_next_order_on`",
                   null_when="that day has passed"),
            Column("orders_count", "int32", "`orders_total`"),
            Column("total_spent", "double", "`spend_total`, two decimals", "currency"),
            Column("avg_order_value", "double", "`order_value_mean`, two decimals", "currency"),
            Column("currency", "string", "ISO code", null_when="nobody said it"),
            *(Column(f"reason_{k}", "string", f"reason {k} for the score in `report.language`",
                     null_when=few) for k in (1, 2, 3)),
            Column("model_version", "string", "as in the scores"),
        ),
        "UTF-8 without BOM, comma, LF, dot decimal, ISO dates; an empty cell is null. After "
        "`customer_id` stand the columns of `ingest.contact_columns`. No cell can start a formula "
        "in a spreadsheet. Where `target.channels` has a `per_day`, `contact_on` after `channel` "
        "is the day of each customer's contact.",
    )  # fmt: skip


def calibration() -> Table:
    """Observed against predicted."""
    return Table(
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


def lift() -> Table:
    """Returns found in the highest-ranked share."""
    return Table(
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


def profit() -> Table:
    """What lists of other sizes would bring."""
    return Table(
        "profit.csv",
        "target",
        "one row per size of list, from nobody to everybody whom it pays to contact",
        ("customers", "expected_cost"),
        (
            Column("customers", "double", "customers who would get an offer, the control held out"),
            Column("expected_cost", "double", "contacts and discounts", "currency"),
            Column("expected_gain", "double", "what the best list of that cost should earn",
                   "currency", "an effect is unknown"),
            Column("low", "double", "lower end of its 95 % interval; of unknown effects: if the "
                   "offers change nothing", "currency"),
            Column("high", "double", "upper end; of unknown effects: at the plausible one",
                   "currency"),
            Column("within_budget", "bool", "whether it fits `target.budget` less its reserve"),
        ),
        "The interval comes from those of the offers' effects and from how far the mean prediction "
        "was off at earlier cutoffs. Capacities and stocks count at their prices.",
    )  # fmt: skip


def tables() -> tuple[Table, ...]:
    """Every table, in the order of the flow."""
    return (
        orders(), contacts(), signals(), attributes(), quarantine(), snapshots(), outcomes(),
        restated(), first_days(), backtest(), scores(), decisions(), assignment(), campaign_list(),
        calibration(), lift(), profit(),
    )  # fmt: skip
