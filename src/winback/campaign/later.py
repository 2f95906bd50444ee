"""What had come of a campaign 30, 60 and 90 days on: orders won, or only moved forward."""

from __future__ import annotations

import numpy as np

from winback.campaign.estimates import compare, interval
from winback.campaign.followed import Followed
from winback.results.measured import Later


def later_of(campaign: Followed) -> tuple[Later, ...]:
    """The cumulative effect after 30, 60 and 90 days, as far as the orders cover everybody's.

    Each begins at the assignment and holds what the one before it does. Orders after the window
    alone fall below the control's where the offer moved them forward.
    """
    treated, weights, window = campaign.treated, campaign.weights, campaign.window_days
    within = campaign.values("orders")
    found = []
    for days, then in sorted(campaign.later.items()):
        orders = then["orders"].to_numpy(np.float64)
        spend = then["net_spend"].to_numpy(np.float64)
        after = compare(orders - within, treated, weights).bounds if days > window else None
        found.append(
            Later(
                days=days,
                orders=interval(compare(orders, treated, weights).bounds),
                net_spend=interval(compare(spend, treated, weights).bounds),
                orders_after_window=None if after is None else interval(after),
            )
        )
    return tuple(found)
