"""How many of the orders that an offer won were only moved forward."""

from __future__ import annotations

from winback.results.measured import PastLater, PastMeasurement

_Z95 = 1.959963984540054
_SHOWN = 1.645
# Of a share thought to be the stated one: within twice this of it nineteen times of twenty.
_SPREAD = 0.25


def moved_share(measurement: PastMeasurement, stated: float) -> float | None:
    """Share of the orders won that a campaign missed after its window; None: it does not say.

    By the longest of the days after which the campaign was read again: the orders that the
    treated placed fewer after the window, over those that they placed more within it. The reading
    is drawn towards ``stated`` by the normal-normal rule, as an offer's effect is (see
    :mod:`winback.offers.measured`), and kept within none and all. It is of the campaign as a
    whole. Where it does not show that any were won, there is nothing that could have been moved.
    """
    read = [later for later in measurement.later if later.orders_after_window is not None]
    reading = _reading(max(read, key=lambda later: later.days)) if read else None
    if reading is None:
        return None
    share, error = reading
    kept = _SPREAD**2 / (_SPREAD**2 + error**2)
    return round(min(max(stated + kept * (share - stated), 0.0), 1.0), 4)


def _reading(later: PastLater) -> tuple[float, float] | None:
    """The share missed after the window, and its standard error by the delta method."""
    after = later.orders_after_window
    whole = later.orders
    ends = [whole.effect, whole.low, whole.high]
    if after is None or None in (*ends, after.effect, after.low, after.high):
        return None
    error_whole = (float(whole.high or 0) - float(whole.low or 0)) / (2 * _Z95)
    error_after = (float(after.high or 0) - float(after.low or 0)) / (2 * _Z95)
    moved = -float(after.effect or 0)
    won = float(whole.effect or 0) + moved
    # Orders within and after the window are nearly independent: their variances add up.
    error_won = max(error_whole**2 - error_after**2, error_whole**2 / 4) ** 0.5
    if won <= _SHOWN * error_won:
        return None
    share = moved / won
    return share, (error_after**2 + (share * error_won) ** 2) ** 0.5 / won
