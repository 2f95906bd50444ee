"""How many of the orders that an offer won were only moved forward."""

from __future__ import annotations

from winback.results.measured import PastLater, PastMeasurement

_Z95 = 1.959963984540054
_SHOWN = 1.645
# Of a share thought to be the stated one: within twice this of it nineteen times of twenty.
_SPREAD = 0.25


def moved_share(measurement: PastMeasurement, stated: float) -> float | None:
    """Share of the orders won that a campaign missed after its window; None: it does not say.

    By the longest of the days after which the campaign was read again. It is of the campaign as
    a whole; see :func:`missed` and :func:`drawn`.
    """
    read = [later for later in measurement.later if later.orders_after_window is not None]
    reading = _reading(max(read, key=lambda later: later.days)) if read else None
    return None if reading is None else drawn(*reading, stated)


def missed(
    won: float, won_error: float, after: float, after_error: float
) -> tuple[float, float] | None:
    """Of the orders won the share missed after the window, and its standard error.

    The orders that the treated placed fewer after the window, over those that they placed more
    within it, by the delta method. None where it is not shown that any were won: there is nothing
    that could have been moved.

    Args:
        won: orders a customer, treated less control, within the window.
        after: the same after it.
    """
    if won <= _SHOWN * won_error:
        return None
    share = -after / won
    return share, (after_error**2 + (share * won_error) ** 2) ** 0.5 / won


def drawn(share: float, error: float, stated: float) -> float:
    """A reading drawn towards the stated share, and kept within none and all.

    By the normal-normal rule, as an offer's effect is (:mod:`winback.offers.measured`).
    """
    kept = _SPREAD**2 / (_SPREAD**2 + error**2)
    return round(min(max(stated + kept * (share - stated), 0.0), 1.0), 4)


def _reading(later: PastLater) -> tuple[float, float] | None:
    """The share missed after the window, and its standard error."""
    whole, after = later.orders, later.orders_after_window
    if after is None or None in (
        whole.effect, whole.low, whole.high, after.effect, after.low, after.high,
    ):  # fmt: skip
        return None
    whole_error, after_error = (
        (float(each.high or 0) - float(each.low or 0)) / (2 * _Z95) for each in (whole, after)
    )
    # Orders within and after the window are nearly independent: their variances add up.
    won_error = max(whole_error**2 - after_error**2, whole_error**2 / 4) ** 0.5
    late = float(after.effect or 0)
    return missed(float(whole.effect or 0) - late, won_error, late, after_error)
