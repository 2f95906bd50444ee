"""What all campaigns since a day changed together, by the customers whom none of them reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.campaign.earnings import Cash, earned
from winback.campaign.estimates import rounded
from winback.campaign.measuring import Metric, measure_campaign
from winback.campaign.next import next_steps
from winback.campaign.purchases import Purchases, read_purchases
from winback.campaign.terms import price
from winback.errors import UsageError, WinbackError
from winback.offers.contact import of_customers, universal_holdout
from winback.offers.costs import reckoned_contact
from winback.results.measured import Added, Interval, Profit, ProgrammeMeasurement
from winback.results.offered import CONTROL, Offer
from winback.tables.history import check_orders

PROGRAMME = "programme"


@dataclass(frozen=True)
class Ran:
    """A campaign that left: its name and day, both arms as drawn, and the terms promised."""

    name: str
    began: date
    assignment: pd.DataFrame
    offers: Sequence[Offer]


def measure_programme(
    orders: pa.Table | Path | str,
    *,
    since: date,
    until: date,
    holdout_share: float,
    salt: str,
    metric: Metric = "net_spend",
    history: pd.DataFrame | None = None,
    ran: Sequence[Ran] = (),
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
    - ``profit``: the margin of that less what the campaigns of ``ran`` cost, each by its own
      terms; an order that several of its customer's offers hold for takes the largest discount.
      The margin is the mean of the offers', by how many had each, for both arms. Null where
      ``history`` knows of a campaign in that time that ``ran`` does not hold;
    - ``campaigns``, ``planned_share``: campaigns of ``history`` in that time, and the share of
      the others planned for any; ``planned_holdout``: held-out customers planned all the same
      (another salt or share then), who make the difference smaller. Null without ``history``.

    Args:
        orders: canonical orders.parquet, or its Arrow table, covering ``until``.
        history: past assignments, as :func:`winback.offers.contact.read_history` gives them.
        ran: the campaigns of that time with their terms, for the profit.

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
    inside = [one for one in ran if since <= one.began <= until]
    profit = None
    if inside and (reach is None or reach.names <= {one.name for one in inside}):
        profit = _profit(inside, assignment, lines, until)
    programme = ProgrammeMeasurement(
        total=Added(orders=_times(n, found.orders), net_spend=_times(n, found.net_spend)),
        campaigns=None if reach is None else len(reach.names),
        planned_share=rounded(reach.planned / n) if reach is not None and n else None,
        planned_holdout=None if reach is None else reach.planned_holdout,
        **{**dict(found), "profit": profit},
    )
    return programme.model_copy(update={"next_steps": next_steps(programme)})


def _profit(
    ran: Sequence[Ran], assignment: pd.DataFrame, lines: pa.Table, until: date
) -> Profit | None:
    """What all campaigns earned together, over all that each customer bought in that time."""
    treated = (assignment["arm"] != CONTROL).to_numpy(np.bool_)
    if min(int(treated.sum()), int((~treated).sum())) < 2:
        return None
    customers = assignment.assign(assigned_at=pd.to_datetime(assignment["assigned_at"]))
    days = (until - assignment["assigned_at"].iloc[0]).days + 1
    bought = read_purchases(customers, lines, days, until)
    return earned(_cash(ran, list(assignment["customer_id"]), bought), treated, None,
                  "before_discount")  # fmt: skip


def _cash(ran: Sequence[Ran], ids: list[str], bought: Purchases) -> Cash:
    """Each customer's money over all campaigns that reached her."""
    n = len(ids)
    discount, contact = np.zeros(len(bought.gross)), np.zeros(n)
    messages, assumed = np.zeros(n, np.int64), False
    margin = 0.0
    for one in ran:
        rows, _ = of_customers(one.assignment, ids)
        arm = rows.drop_duplicates("customer_id").set_index("customer_id")["arm"].reindex(ids)
        begins = np.full(n, np.datetime64(one.began, "s"))
        for offer in one.offers:
            here = (arm == offer.name).to_numpy(np.bool_, na_value=False)
            priced = price(offer, bought, begins, "before_discount").discount
            discount = np.maximum(discount, np.where(here[bought.customer], priced, 0.0))
            cost, unknown = reckoned_contact(offer, bought.currency)
            contact[here] += cost
            messages += here
            margin += offer.margin_share * int(here.sum())
            assumed |= unknown and bool(here.any())
    share = margin / max(int(messages.sum()), 1)
    kept = bought.summed(bought.kept)
    return Cash(share * kept, bought.summed(discount), contact, messages, np.zeros(n), assumed)


def _times(n: int, each: Interval) -> Interval:
    effect, low, high = (
        None if end is None else rounded(n * end) for end in (each.effect, each.low, each.high)
    )
    return Interval(effect=effect, low=low, high=high)


class _Reach(NamedTuple):
    """How many the campaigns of a time were planned for."""

    names: frozenset[str]
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
    return _Reach(
        frozenset(names.dropna().astype(str)), len(planned - held_out), len(planned & held_out)
    )
