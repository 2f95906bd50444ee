"""What the planner and the export write."""

from __future__ import annotations

from collections.abc import Sequence

from winback.tables.table import CUSTOMER, UNPROVEN, Column, Table

ASSIGNMENT = Table(
    "assignment.parquet",
    "target, export",
    "one row per customer for whom an offer was planned, both arms",
    ("campaign_id", "customer_id"),
    (
        Column("campaign_id", "string", "`target.campaign_id`"),
        CUSTOMER,
        Column("planned_offer", "string", "the offer planned before the draw"),
        Column("arm", "string", "what was drawn: that offer, or `control`, who gets nothing"),
        Column("probability", "double", "chance of the arm that was drawn: of its stratum's n "
               "customers k are control, so k / n and 1 - k / n; the control's share where a "
               "stratum is too small to have both", "share"),
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
        Column("p_return", "double", "the score at that time", "share", UNPROVEN),
        Column("p_return_days", "int32", "days that `p_return` speaks of", "days"),
        Column("stratum", "string", "the planned offer and, within it, `p1m1` to `p3m3`: third of "
               "the chance to order anyway, third of an order's margin; neighbours with fewer than "
               "three of an arm are one (`p1m1-p1m3`). Named before the draw, which is within it"),
        Column("draw", "double", "the number that salt, campaign and customer hash to; within a "
               "stratum the draw goes in its order (docs/draw.md)", "share"),
        Column("arm_probabilities", "string", "chance of every arm before any draw, such as "
               "`control=0.1 reminder=0.855 ten_off=0.045`: to be planned the offer and not held "
               "out, or any and held out; what is missing to 1 is the chance to be planned "
               "nothing. Of what a later learning weighs its customers by"),
        Column("segment", "string", "as in the scores", null_when="the scores have none"),
    ),
    "`winback measure` compares the arms as drawn here, whatever was sent. Its SHA-256 stands "
    "in `manifest.json`.",
)  # fmt: skip
"""The sealed draw."""

DRAWN = ASSIGNMENT.only(*(name for name in ASSIGNMENT.names if name != "arm_probabilities"))
"""What a list of before every arm's chance was logged has of it."""


DECISION_REASONS = {
    "offer": "is on the list",
    "control": "an offer was planned, and the draw held the customer out",
    "comes_anyway": "the offer would mostly pay people who come without it",
    "too_weak": "an effect could pay, but not the known, stated or plausible one",
    "cannot_pay": "the discount takes the whole margin of an order",
    "impossible": "ten times as many orders would not earn the cost",
    "too_uncertain": "no probability, or no order value to reckon with",
    "sent_back": "sent back more than half, or everything, of what was bought",
    "no_contact": "may be written to by no channel of the offers, by `ingest.privacy`",
    "universal_holdout": "is contacted by no campaign of this year (`target.holdout_share`)",
    "subscriber": "pays a subscription (`target.subscriber_column`), so has not left",
    "contacted_recently": "within `target.quiet_days`, or at `target.contacts_per_year`",
    "complaint": "has an open complaint, and no offer for that",
    "not_eligible": "no offer's `eligible`, `min_basket` and `not_again_days` hold",
    "budget": "would pay, but money, capacity or stock went to others",
}


DECISIONS = Table(
    "decisions.parquet",
    "target",
    "one row per scored customer",
    ("customer_id",),
    (
        CUSTOMER,
        Column("planned_offer", "string", "as in the assignment", null_when="no offer was planned"),
        Column("arm", "string", "as in the assignment", null_when="no offer was planned"),
        Column("reason", "string", "why this customer is or is not on the list, see below"),
        Column("in_peace_until", "date32[day]", "last day on which a list that left keeps this "
               "customer in peace", null_when="none does, or another reason goes before"),
    ),
)  # fmt: skip
"""Everybody's reason."""


_FIRST = "no list has left"
_NEXT = (
    "what the message leads with, by its name, or id where nobody says a name: what lies in a cart "
    "that was left; else with a discount something new, else what is likeliest to be bought again",
    "the second", "the third",
)  # fmt: skip


def campaign_list(contact_columns: Sequence[str] = ()) -> Table:
    """What leaves for the CRM."""
    few = "fewer stories moved the score; where nobody is told apart, `reason_1` says so"
    return Table(
        "list.csv",
        "export",
        "one row per customer who gets an offer, and nobody of the control group; while the model "
        "is unproven, or gives all the same chance and no offer is planned, everybody who may be "
        "contacted, without an offer. By `customer_id`, or the latest buyers first where no "
        "customer has a chance, or all the same",
        ("customer_id",),
        (
            Column("customer_id", "string", CUSTOMER.meaning),
            *(Column(name, "string", "as the shop wrote it, tidied",
                     null_when="there is no value") for name in contact_columns),
            Column("offer", "string", "name of the offer in params.yaml",
                   null_when=UNPROVEN),
            Column("offer_label", "string", "its label in `report.language`",
                   null_when=UNPROVEN),
            Column("channel", "string", "its channel, such as `email`", null_when=UNPROVEN),
            Column("valid_until", "date32[day]", "last day of the offer, which begins on "
                   "`assigned_at` of the assignment", null_when=UNPROVEN),
            Column("churn_probability", "double", "`1 - p_return`, four decimals", "share",
                   UNPROVEN),
            Column("churn_risk", "string", "`risk_band`"),
            Column("churn_horizon_days", "int32", "`horizon_days`", "days"),
            Column("value_band", "string", "`low`, `medium` or `high`: thirds of everybody scored "
                   "by lifetime value, or by the spend expected within the horizon where none is "
                   "known; whoever is worth nothing is `low`. The cuts stand in `manifest.json` "
                   "as `value_bands`", null_when="the value is not known"),
            Column("rfm_segment", "string", "`segment`"),
            Column("rfm_score", "string", "three digits, R first"),
            Column("segment_advice", "string", "what is usually done with the segment, in "
                   "`report.language`"),
            Column("days_since_last_order", "int32", "as in the scores", "days"),
            Column("last_order_date", "date32[day]", "`last_order_on`"),
            Column("expected_next_order_date", "date32[day]", "`expected_next_order_on`",
                   null_when="that day has passed"),
            Column("orders_count", "int32", "`orders_total`"),
            Column("total_spent", "double", "`spend_total`, two decimals", "currency"),
            Column("avg_order_value", "double", "`order_value_mean`, two decimals", "currency"),
            Column("expected_orders", "double", "as in the scores, three decimals",
                   null_when=UNPROVEN),
            Column("expected_spend", "double", "`expected_net_spend`, two decimals", "currency",
                   UNPROVEN),
            Column("lifetime_value", "double", "as in the scores, two decimals", "currency",
                   "as in the scores"),
            Column("currency", "string", "ISO code", null_when="nobody said it"),
            *(Column(f"reason_{k}", "string", f"reason {k} for the score in `report.language`",
                     null_when=few) for k in (1, 2, 3)),
            *(Column(f"next_product_{k}", "string", told, null_when="there is no such product")
              for k, told in enumerate(_NEXT, 1)),
            Column("next_product_reason", "string", "why `next_product_1` stands there, or why "
                   "nothing does, in `report.language`", null_when="nothing is known to be next"),
            Column("message_offer", "string", "`offer_label`, for a message", null_when=UNPROVEN),
            Column("message_until", "string", "`valid_until` in words of `report.language`",
                   null_when=UNPROVEN),
            Column("message_last_order", "string", "`last_order_date` in words"),
            Column("message_product", "string", "the dearest product of the last purchase that was "
                   "not sent back", null_when="the orders name no products, or none that may be "
                   "shown: no code, no postage, nothing that hints at health, faith, sex, origin, "
                   "politics, an addiction, a debt or a death"),
            Column("message_next_product", "string", "the first of `next_product_1` to `_3` that "
                   "may be shown", null_when="as `message_product`"),
            Column("model_version", "string", "as in the scores"),
            Column("change", "string", "beside the last list that left: `entered`, `other_offer`, "
                   "`other_band` or `same`", null_when=_FIRST),
            Column("offer_before", "string", "`offer` on the last list that left",
                   null_when="the customer was not on it"),
            Column("churn_risk_before", "string", "`churn_risk` when it left",
                   null_when="the customer was not scored then"),
            Column("last_contact_date", "date32[day]", "day of the last list that left with this "
                   "customer on it", null_when="none has"),
        ),
        "UTF-8 without BOM, comma, LF, dot decimal, ISO dates; an empty cell is null. After "
        "`customer_id` stand the columns of `ingest.contact_columns`. No cell can start a formula "
        "in a spreadsheet. Where `target.channels` has a `per_day`, `contact_on` after `channel` "
        "is the day of each customer's contact.",
    )  # fmt: skip


SHARED = Table(
    "shared.parquet",
    "export",
    "one row per listed customer and key that somebody has too who must get nothing",
    ("customer_id", "key"),
    (
        CUSTOMER,
        Column("key", "string", "`email` or `phone`; the address itself stands nowhere here"),
    ),
    "Only in a folder of `winback run`, which keeps no contacts: by it a push from there leaves "
    "out whoever shares an address with the control group or with somebody who refused.",
)  # fmt: skip
"""Whose address is somebody's who gets nothing."""


PROFIT = Table(
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
"""What lists of other sizes would bring."""
