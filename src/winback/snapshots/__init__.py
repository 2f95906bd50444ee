"""Snapshots and outcomes: the only modules that compare times with a cutoff.

A **snapshot** is what was knowable about a customer at a **cutoff**; an **outcome** is what
happened in the **horizon** after it. The past is ``time < cutoff``, for when a thing happened
and for when it became known; the outcome is ``cutoff <= time < cutoff + horizon``.

Canonical order lines arrive sorted by customer and day and are cut into batches of whole
customers (`walk`), which the `kernel` measures; one pass serves any number of cutoffs. `own`
reads what a shop declares itself, `occasions` knows the days that sell.
"""

from winback.snapshots.kernel import OUTCOME_SCHEMA, Batch, measure_customers
from winback.snapshots.occasions import (
    OCCASIONS,
    coming_occasions,
    next_occasion,
    send_day,
)
from winback.snapshots.own import check_declared, declared_features, doubts_of_attributes
from winback.snapshots.restated import RESTATED_SCHEMA, outcomes_as_known, restated_outcomes
from winback.snapshots.walk import (
    Snapshots,
    StoredSnapshots,
    day_number,
    make_plan,
    measured_batches,
    part_to_learn,
    snapshot_batches,
    sum_seconds,
    take_first_days,
    take_snapshots,
    training_cutoffs,
)

__all__ = [
    "OCCASIONS",
    "OUTCOME_SCHEMA",
    "RESTATED_SCHEMA",
    "Batch",
    "Snapshots",
    "StoredSnapshots",
    "check_declared",
    "coming_occasions",
    "day_number",
    "declared_features",
    "doubts_of_attributes",
    "make_plan",
    "measure_customers",
    "measured_batches",
    "next_occasion",
    "outcomes_as_known",
    "part_to_learn",
    "restated_outcomes",
    "send_day",
    "snapshot_batches",
    "sum_seconds",
    "take_first_days",
    "take_snapshots",
    "training_cutoffs",
]
