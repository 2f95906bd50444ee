"""What the press claims of returning customers, tested on this shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from winback.arrays import Floats
from winback.results.base import Fact, fact
from winback.results.pressed import Claim, Occasion, Press, Variant
from winback.shop.claims import Said, Span, closed_day, row_of, sums_by_group, variant, verdict_of
from winback.shop.feast_days import CLAIMED_LIFTS, Daily, weigh_occasions
from winback.shop.jackknife import GROUPS, LEAST_OUTCOMES, Interval, group_of, log_ratio, share
from winback.shop.past import Past
from winback.shop.press_signals import standardised, weigh_signals

RETURNING_REVENUE = Said("returning_revenue", "share", 0.70)
LOYAL_AGAIN = Said("loyal_again", "times", 9.0)
RETURNING_BASKET = Said("returning_basket", "change", 0.18)
VALENTINES_BASKET = Said("valentines_basket", "change", CLAIMED_LIFTS["valentines_day"])

LOYAL_PURCHASES = 3
"""From so many purchases on a customer counts as loyal."""

_YEAR = 365
_LEAST_DAYS = 28
_LEAST_HORIZON = 14
# Of the buyers; fewer new ones are those of a panel or a loyalty card rather than of a shop.
_FEW_NEW = 0.05
# Days since the last purchase up to which customers count as alike.
_RECENCY = (30, 90, 180, 365)
# Purchases until the day: 1, 2, 3, 4, 5 and more.
_COUNTS = 5


def weigh_claims(past: Past) -> Press | None:
    """Each claim with its definition, estimate, 95 % interval and verdict; None without purchases.

    Money is gross: purchases as placed, no refund unmakes one. Intervals come from customers drawn
    into groups (`winback.shop.jackknife`); no row of a customer leaves the database.
    """
    span = Span.of(past)
    if span is None or span.days < 1:
        return None
    occasions, ordinary = weigh_occasions(_daily(past, span))
    revenue, basket = _returning(past, span)
    return Press(
        claims=(
            revenue,
            _loyal(past, span),
            basket,
            _valentines(occasions),
            *weigh_signals(past, span),
        ),
        occasions=occasions,
        ordinary=ordinary,
    )


def _daily(past: Past, span: Span) -> Daily:
    found = past.con.sql(
        f"""
        SELECT CAST(day - $first AS INTEGER) AS place, {group_of()} AS g,
               CAST(sum(value) AS DOUBLE) AS value, CAST(count(*) AS DOUBLE) AS n
        FROM purchases WHERE day < $seen GROUP BY ALL
        """,
        params={"first": span.first, "seen": span.seen},
    ).fetchnumpy()
    value, count = np.zeros((2, span.days, GROUPS))
    value[found["place"], found["g"]] = found["value"]
    count[found["place"], found["g"]] = found["n"]
    return Daily(span.first, value, count, past.days.gaps, past.country)


# --- who is returning -----------------------------------------------------------------------------

_WINDOW = f"""
SELECT {group_of()} AS g, CAST(nth > 1 AS INTEGER) AS later,
       CAST(first_day >= $since AND of_all > 1 AS INTEGER) AS joined,
       sum(value), count(*)
FROM purchases WHERE day >= $since AND day < $seen GROUP BY ALL
"""
_BUYERS = """
SELECT count(DISTINCT customer_id) FROM purchases WHERE day >= $since AND day < $seen
"""


def _returning(past: Past, span: Span) -> tuple[Claim, Claim]:
    """The share of revenue and the basket of purchases after a customer's first."""
    since = _since(span)
    cells = _window(past, span, since)
    caveats: list[Fact] = []
    cohort = cells[:, 0, :, 1].sum() < LEAST_OUTCOMES
    if cohort and since > span.first:
        caveats.append(fact("press.no_new_customers", since=since))
        since = span.first
        cells = _window(past, span, since)
    if since == span.first:
        caveats.append(fact("press.from_the_first_day", first=span.first))
    else:
        caveats.append(fact("press.seen_since", first=span.first, days=(since - span.first).days))
    by_kind = cells.sum(axis=2)  # group, later, (value, purchases)
    new, later = (int(by_kind[:, k, 1].sum()) for k in (0, 1))
    (customers,) = row_of(past, _BUYERS, since=since, seen=span.seen)
    if not cohort and new < _FEW_NEW * customers:
        caveats.append(fact("press.few_new_customers", new=new, customers=customers))
    until = span.seen - timedelta(days=1)
    of_revenue, of_basket = (
        fact(f"press.counted_{name}", since=since, until=until, new=new, later=later)
        for name in ("returning", "basket")
    )
    value = by_kind[:, :, 0]
    revenue = share(np.column_stack([value[:, 1], value.sum(axis=1)]))
    outcomes = min(new, later)
    short = cohort or (span.seen - since).days < _LEAST_DAYS
    return (
        RETURNING_REVENUE.tested(
            revenue, outcomes, customers, of_revenue,
            caveats=caveats, verdict="too_few" if short else None,
        ),
        RETURNING_BASKET.tested(
            _baskets(by_kind), outcomes, customers, of_basket,
            caveats=caveats, variants=_own_first(cells),
        ),
    )  # fmt: skip


def _since(span: Span) -> date:
    """The last year, or half of a shorter history: the days before tell who is not new."""
    back = _YEAR if span.days >= 2 * _YEAR else span.days // 2
    return span.seen - timedelta(days=back) if back >= _LEAST_DAYS else span.first


def _window(past: Past, span: Span, since: date) -> Floats:
    """Axes: group; first or later purchase; joined and bought again; value and number."""
    return sums_by_group(past, _WINDOW, {"since": since, "seen": span.seen}, (2, 2), 2)


def _baskets(by_kind: Floats) -> Interval:
    """Mean of the later purchases against that of the first ones, as a change."""
    first, later = by_kind[:, 0], by_kind[:, 1]
    return log_ratio(np.column_stack([later, first]), minus=1)


def _own_first(cells: Floats) -> tuple[Variant, ...]:
    """Later purchases against the first ones of the same customers."""
    same = cells[:, :, 1]
    least = float(same[:, :, 1].sum(axis=0).min())
    return (variant("own_first", "change", _baskets(same), least),)


# --- who buys again -------------------------------------------------------------------------------

_AT = f"""
WITH stood AS (
    SELECT customer_id, max(nth) FILTER (day < $day) AS n, max(day) FILTER (day < $day) AS last,
           bool_or(day >= $day) AS came
    FROM purchases WHERE first_day < $day AND day < $until GROUP BY customer_id
)
SELECT {group_of()} AS g, CAST(least(n, {_COUNTS}) - 1 AS INTEGER) AS bought,
       {" + ".join(f"CAST($day - last > {days} AS INTEGER)" for days in _RECENCY)} AS silent,
       count(*), count(*) FILTER (came)
FROM stood GROUP BY ALL
"""


def _loyal(past: Past, span: Span) -> Claim:
    """Who buys within the horizon after a day, by how often they had bought before it."""
    horizon = min(past.horizon_days, span.days // 3)
    day = closed_day(past, span, horizon, horizon) if horizon >= _LEAST_HORIZON else None
    if day is None:
        return LOYAL_AGAIN.too_few(None, fact("press.short_history", days=span.days))
    values = {"day": day, "until": day + timedelta(days=horizon)}
    cells = sums_by_group(past, _AT, values, (_COUNTS, len(_RECENCY) + 1), 2)
    by_count = cells.sum(axis=2)  # group, purchases, (customers, came)
    once, loyal = by_count[:, 0], by_count[:, LOYAL_PURCHASES - 1 :].sum(axis=1)
    outcomes = int(min(once[:, 1].sum(), loyal[:, 1].sum()))
    counted = fact(
        "press.counted_loyal", day=day, days=horizon, purchases=LOYAL_PURCHASES,
        once=int(once[:, 0].sum()), once_came=int(once[:, 1].sum()),
        loyal=int(loyal[:, 0].sum()), loyal_came=int(loyal[:, 1].sum()),
    )  # fmt: skip
    return LOYAL_AGAIN.tested(
        _times(loyal, once), outcomes, int(cells[..., 0].sum()), counted,
        caveats=(fact("press.not_cause_loyal"), fact("press.first_unseen", first=span.first)),
        variants=_other_loyal(cells),
    )  # fmt: skip


def _times(loyal: Floats, once: Floats) -> Interval:
    """Share that came of one group against that of another; columns: customers, came."""
    return log_ratio(np.column_stack([loyal[:, ::-1], once[:, ::-1]]))


def _other_loyal(cells: Floats) -> tuple[Variant, ...]:
    by_count = cells.sum(axis=2)
    once = by_count[:, 0]
    found = []
    for least in (2, 5):
        loyal = by_count[:, least - 1 :].sum(axis=1)
        came = min(once[:, 1].sum(), loyal[:, 1].sum())
        found.append(variant(f"loyal_from_{least}", "times", _times(loyal, once), came))
    once, loyal = cells[:, 0], cells[:, LOYAL_PURCHASES - 1 :].sum(axis=1)
    return (*found, variant("same_recency", "times", *standardised(loyal, once)))


# --- Valentine's Day ------------------------------------------------------------------------------


def _valentines(occasions: Sequence[Occasion]) -> Claim:
    """The claim of one occasion, by the comparison of all."""
    found = next((o for o in occasions if o.name == "valentines_day"), None)
    if found is None:
        return VALENTINES_BASKET.too_few(None, fact("press.no_such_occasion"))
    interval = Interval(found.value, found.low, found.high)
    counted = fact(
        "press.counted_occasion", years=tuple(day.year for day in found.days),
        first=-found.first_offset, purchases=found.purchases, matched=found.matched_days,
    )  # fmt: skip
    return VALENTINES_BASKET.tested(
        interval, found.purchases, 0, counted,
        caveats=(fact("press.not_cause_occasion"),),
        verdict=verdict_of(interval, found.claimed, found.purchases, none=0.0),
    )  # fmt: skip
