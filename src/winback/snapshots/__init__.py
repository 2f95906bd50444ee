"""Snapshots and outcomes: the only modules that compare times with a cutoff.

A **snapshot** is what was knowable about a customer at a **cutoff**; an **outcome** is what
happened in the **horizon** after it. The past is ``time < cutoff``, for when a thing happened
and for when it became known; the outcome is ``cutoff <= time < cutoff + horizon``.

Canonical order lines arrive sorted by customer and day and are cut into batches of whole
customers (`walk`), which the `kernel` measures by a `plan`; one pass serves any number of
cutoffs. `declared` and `custom` read what a shop declares itself, `stored` joins snapshots with
their outcomes, `occasions` knows the days that sell.
"""
