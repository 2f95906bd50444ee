"""What all campaigns since a day changed together, by the customers whom none of them reached."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.campaign.estimates import rounded
from winback.campaign.measuring import Metric, measure_campaign
from winback.campaign.next import next_steps
from winback.errors import UsageError, WinbackError
from winback.offers.contact import of_customers, universal_holdout
from winback.results.measured import Added, Interval, ProgrammeMeasurement
from winback.results.offered import CONTROL
from winback.tables.history import check_orders

PROGRAMME = "programme"


def measure_programme(
    orders: pa.Table | Path | str,
    *,
    since: date,
    until: date,
    holdout_share: float,
    salt: str,
    metric: Metric = "net_spend",
    history: pd.DataFrame | None = None,
) -> ProgrammeMeasurement:
    """Compare the universal hold-out with everybody else, from ``since`` to ``until``.

    Grain: customers with an order before ``since``, known or not to any campaign; who is held
    out follows from the salt, the share and the year, as in planning. Whoever ordered first
    after that day is in neither arm: the programme may have had a part in that.

    Boundaries: both days are whole days of the orders and within one calendar year, since the
    hold-out is drawn anew each year. Campaigns sent before ``since`` in that year have worked
    already; begin with the first.

    The rest is a measurement as :func:`winback.campaign.measuring.measure_campaign` writes it, arms
    ``programme`` and ``control``, with

    - ``total``: what the programme added to ``orders`` and ``net_spend`` of all whom it could
      reach, with its 95 % interval: before margins, discounts and contacts;
    - ``campaigns``, ``planned_share``: campaigns of ``history`` in that time, and the share of
      the others planned for any; ``planned_holdout``: held-out customers planned all the same
      (another salt or share then), who make the difference smaller. Null without ``history``.

    Args:
        orders: canonical orders.parquet, or its Arrow table, covering ``until``.
        history: past assignments, as :func:`winback.offers.contact.read_history` gives them.

    Raises:
        UsageError: the days are not within one year, or there is no hold-out.
        WinbackError: nobody had ordered before ``since``.
    """
    if not 0 < holdout_share < 1:
        raise UsageError("campaign.no_holdout")
    if until < since:
        raise UsageError("campaign.ends_before_it_begins", since=since, until=until)
    if since.year != until.year:
        raise UsageError("campaign.two_years", since=since, until=until, year=since.year)
    check_orders(orders, "customer_id", "order_id", "ordered_at", "known_at", "amount", "kind")
    lines = orders if isinstance(orders, pa.Table) else pq.read_table(orders)
    began = pa.scalar(pd.Timestamp(since), lines["ordered_at"].type)
    before = pc.and_(pc.less(lines["ordered_at"], began), pc.equal(lines["kind"], "order"))
    ids = sorted(pc.unique(lines.filter(before)["customer_id"]).to_pylist())
    if not ids:
        raise WinbackError("campaign.nobody_before", since=since)
    held_out = universal_holdout(ids, holdout_share, salt, since.year)
    assignment = pd.DataFrame(
        {
            "customer_id": ids,
            "arm": np.where(held_out, CONTROL, PROGRAMME).astype(object),
            "assigned_at": since,
            "probability": np.where(held_out, holdout_share, 1 - holdout_share),
        }
    )
    found = measure_campaign(
        assignment, lines, window_days=(until - since).days + 1, metric=metric, history_until=until
    )
    if history is not None:
        history, _ = of_customers(history, ids)
    reach = _reach(history, since, until, set(assignment["customer_id"][held_out]))
    n = found.n_treated
    programme = ProgrammeMeasurement(
        total=Added(orders=_times(n, found.orders), net_spend=_times(n, found.net_spend)),
        campaigns=None if reach is None else reach.campaigns,
        planned_share=rounded(reach.planned / n) if reach is not None and n else None,
        planned_holdout=None if reach is None else reach.planned_holdout,
        **dict(found),
    )
    return programme.model_copy(update={"next_steps": next_steps(programme)})


def _times(n: int, each: Interval) -> Interval:
    effect, low, high = (
        None if end is None else rounded(n * end) for end in (each.effect, each.low, each.high)
    )
    return Interval(effect=effect, low=low, high=high)


class _Reach(NamedTuple):
    """How many the campaigns of a time were planned for."""

    campaigns: int
    planned: int
    planned_holdout: int


def _reach(
    history: pd.DataFrame | None, since: date, until: date, held_out: set[str]
) -> _Reach | None:
    if history is None:
        return None
    day = pd.to_datetime(history["assigned_at"])
    inside = (day >= pd.Timestamp(since)) & (day < pd.Timestamp(until + timedelta(days=1)))
    rows = history[inside]
    planned = set(rows["customer_id"].astype(str))
    names = rows["campaign_id"] if "campaign_id" in rows else rows["assigned_at"]
    return _Reach(int(names.nunique()), len(planned - held_out), len(planned & held_out))
