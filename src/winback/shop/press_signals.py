"""Claims of the press that signals and attributes decide: referrals, subscribers, service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from winback.arrays import Floats
from winback.results.base import fact
from winback.results.pressed import Claim, Variant
from winback.shop.claims import Said, Span, closed_day, done, row_of, sums_by_group, variant
from winback.shop.jackknife import Interval, group_of, jackknife, log_ratio, on_ratio, share
from winback.shop.named import (
    NO,
    YES,
    BadService,
    bad_service,
    leaves,
    of_discount,
    of_referral,
    of_source,
    surest,
)
from winback.shop.past import Past

REFERRAL = Said("referral", "change", 0.37)
SUBSCRIBERS = Said("subscribers", "change", 0.068)
SERVICE = Said("service", "change", None)

_MONTHS = 36
_MONTH_DAYS = 30
_LEAST_ALIKE = 10
# Days in which service could go bad; the longest in which most have few purchases.
_SERVICE_DAYS = (90, 60, 30, 14)
_SERVICE_PURCHASES = 12
_SERVICE_TIMES = 3
# A signal of most customers' first day is of who was referred; a later one of who refers.
_BEFORE_FIRST = 0.8


@dataclass(frozen=True)
class Names:
    """What a shop's signals and attributes are called.

    Attributes:
        signals: least and largest value by name; None where a signal has no values.
        attributes: names.
        sources: attributes that say where a customer came from, with the values of theirs that
            speak of a referral.
    """

    signals: Mapping[str, tuple[float | None, float | None]]
    attributes: tuple[str, ...]
    sources: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, past: Past) -> Names:
        """Of a past."""
        con = past.con
        signals = con.execute(
            "SELECT name, min(value), max(value) FROM signals GROUP BY name ORDER BY name"
        ).fetchall()
        attributes = con.execute("SELECT DISTINCT name FROM attributes ORDER BY name").fetchall()
        sources = {}
        for (name,) in attributes:
            if of_source(name) and not of_referral(name):
                values = con.execute(
                    "SELECT DISTINCT value FROM attributes WHERE name = $name "
                    "AND value IS NOT NULL ORDER BY value LIMIT 1000",
                    {"name": name},
                ).fetchall()
                told = tuple(value for (value,) in values if of_referral(value))
                if told:
                    sources[name] = told
        return cls(
            {name: (least, largest) for name, least, largest in signals},
            tuple(name for (name,) in attributes),
            sources,
        )


def weigh_signals(past: Past, span: Span) -> tuple[Claim, ...]:
    """The claims that need more than orders."""
    names = Names.of(past)
    return (
        _referral(past, span, names),
        _subscribers(past, span, names),
        _service(past, span, names),
    )


# --- referrals ------------------------------------------------------------------------------------


def _referral(past: Past, span: Span, names: Names) -> Claim:
    """Who buys a second time within the horizon of the first, referred or not."""
    taken, ambiguous = _referred(past, names)
    if not taken:
        code = "press.needs_referred" if not ambiguous else "press.needs_who_was_referred"
        return REFERRAL.untestable(fact(code, names=ambiguous), ambiguous)
    horizon = min(past.horizon_days, span.days // 3)
    back = min(2 * past.horizon_days, span.days // 3)
    since, until = span.first + timedelta(days=back), span.seen - timedelta(days=horizon)
    if horizon < 1 or since >= until:
        return REFERRAL.too_few(None, fact("press.short_history", days=span.days), taken=taken)
    values = {"since": since, "until": until}
    query = _SECOND.format(g=group_of("f.customer_id"), horizon=horizon, months=_MONTHS)
    cells = sums_by_group(past, query, values, (_MONTHS, 3), 2)
    others, referred, later = (cells[:, :, k] for k in range(3))
    found, outcomes = standardised(referred, others, minus=1)
    whole = np.stack([referred[..., 0].sum(1), (referred + others)[..., 0].sum(1)], axis=1)
    counted = fact(
        "press.counted_referral", since=since, until=until - timedelta(days=1), days=horizon,
        referred=int(referred[..., 0].sum()), referred_came=int(referred[..., 1].sum()),
        others=int(others[..., 0].sum()), others_came=int(others[..., 1].sum()),
    )  # fmt: skip
    caveats = [fact("press.not_cause_referral")]
    if later[..., 0].sum():
        caveats.append(fact("press.known_later", n=int(later[..., 0].sum())))
    if any(name in names.sources for name in taken):
        told = sorted({value for name in taken for value in names.sources.get(name, ())})
        caveats.append(fact("press.referral_by_value", names=taken, values=tuple(told)))
    return REFERRAL.tested(
        found, outcomes, int(cells[..., 0].sum()), counted, caveats=caveats, taken=taken,
        variants=(variant("referred_share", "share", share(whole), float(whole[:, 0].sum())),),
    )  # fmt: skip


# Cells: month of the first purchase; not referred, referred, called so only later.
_SECOND = """
WITH f AS (
    SELECT customer_id, first_day,
           coalesce(bool_or(nth > 1 AND day <= first_day + {horizon}), false) AS came
    FROM purchases WHERE first_day >= $since AND first_day < $until GROUP BY ALL
), told AS (SELECT customer_id, min(known) AS known FROM referred GROUP BY customer_id)
SELECT {g} AS g, least(date_diff('month', $since, first_day), {months} - 1) AS month,
       CASE WHEN known IS NULL THEN 0 WHEN known <= first_day + 1 THEN 1 ELSE 2 END AS kind,
       count(*), count(*) FILTER (came)
FROM f LEFT JOIN told USING (customer_id) GROUP BY ALL
"""


def _referred(past: Past, names: Names) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make the view ``referred``; what it was made from, and signals that are of who refers."""
    attributes = [name for name in names.attributes if of_referral(name)]
    signals = [name for name in names.signals if of_referral(name)]
    parts, taken, ambiguous = [], [], []
    for name in attributes:
        parts.append(
            f"SELECT customer_id, CAST(known_at AS DATE) AS known FROM attributes "
            f"WHERE name = {_text(name)} AND value IS NOT NULL AND lower(value) NOT IN "
            f"{_texts(sorted(NO))}"
        )
        taken.append(name)
    for name, told in names.sources.items():
        parts.append(
            f"SELECT customer_id, CAST(known_at AS DATE) AS known FROM attributes "
            f"WHERE name = {_text(name)} AND value IN {_texts(told)}"
        )
        taken.append(name)
    for name in signals:
        (before,) = row_of(past, _WHOSE, name=name)
        if before is not None and before >= _BEFORE_FIRST:
            parts.append(
                f"SELECT customer_id, CAST(happened_at AS DATE) AS known FROM signals "
                f"WHERE name = {_text(name)}"
            )
            taken.append(name)
        else:
            ambiguous.append(name)
    if parts:
        done(past, f"CREATE OR REPLACE TEMP VIEW referred AS {' UNION ALL '.join(parts)}")
    return tuple(taken), tuple(ambiguous)


# The share of customers whose first such signal is of their first day or before.
_WHOSE = """
WITH s AS (
    SELECT customer_id, min(CAST(happened_at AS DATE)) AS moment FROM signals WHERE name = $name
    GROUP BY customer_id
)
SELECT avg(CAST(moment <= first_day + 1 AS INTEGER))
FROM s JOIN (SELECT customer_id, first_day FROM purchases WHERE nth = 1) USING (customer_id)
"""


# --- subscribers ----------------------------------------------------------------------------------


def _subscribers(past: Past, span: Span, names: Names) -> Claim:
    """How the base of subscribers grew in a month after a discount, and without one."""
    known = surest(names.attributes)
    attributes, joined = known[:1], surest(n for n in names.signals if not leaves(n))
    left = tuple(n for n in names.signals if leaves(n) and surest([n]))
    discounts = tuple(name for name in names.signals if of_discount(name))
    taken = attributes or joined
    if taken and not attributes:
        taken = (*joined, *left)
    if not taken or not discounts:
        missing = "subscribers" if discounts else "discounts" if taken else "both"
        return SUBSCRIBERS.untestable(fact(f"press.needs_{missing}"), (*taken, *discounts))
    changes = _changes(attributes, joined, left)
    months = (span.days - _MONTH_DAYS) // _MONTH_DAYS
    months = min(months, _MONTHS)
    if months < 1:
        return SUBSCRIBERS.too_few(None, fact("press.short_history", days=span.days))
    # The month that follows the last of these days has been seen.
    days = [span.seen - timedelta(days=_MONTH_DAYS * (months + 1 - k)) for k in range(months + 1)]
    cells = _base(past, days, changes, discounts)
    without, after = cells[:, :, 0], cells[:, :, 1]
    found, outcomes = standardised(after, without, came=2, minus=1)
    plain = np.stack([after[..., 1].sum(1), after[..., 0].sum(1)], axis=1)
    growth = on_ratio(jackknife(plain, lambda t: np.log(t[:, 0] / t[:, 1])), minus=1)
    counted = fact(
        "press.counted_subscribers", since=days[0],
        until=days[-1] + timedelta(days=_MONTH_DAYS - 1), days=_MONTH_DAYS,
        before=int(after[..., 0].sum()), then=int(after[..., 1].sum()),
        joined=int(after[..., 2].sum()),
    )  # fmt: skip
    caveats = [fact("press.not_cause_subscribers")]
    if attributes and (*known[1:], *joined):
        other = (*known[1:], *joined)
        caveats.append(fact("press.other_subscribers", taken=attributes, other=other))
    if not attributes and not left:
        caveats.append(fact("press.nobody_leaves"))
    return SUBSCRIBERS.tested(
        found, outcomes, int(after[..., 0].sum()), counted, caveats=caveats,
        taken=(*taken, *discounts),
        variants=(variant("plain_growth", "change", growth, outcomes),),
    )  # fmt: skip


def _changes(attributes: Sequence[str], joined: Sequence[str], left: Sequence[str]) -> str:
    """SQL of who joined the base or left it, and when."""
    if attributes:
        return (
            f"SELECT customer_id, known_at AS moment, lower(coalesce(value, '')) IN "
            f"{_texts(sorted(YES))} AS holds FROM attributes WHERE name = {_text(attributes[0])}"
        )
    return (
        f"SELECT customer_id, happened_at AS moment, name IN {_texts(joined)} AS holds "
        f"FROM signals WHERE name IN {_texts([*joined, *left])}"
    )


def _base(past: Past, days: Sequence[date], changes: str, discounts: Sequence[str]) -> Floats:
    """Axes: group; day; without or after a discount; base then, a month later, new in it."""
    grid = ", ".join(f"({k}, TIMESTAMP '{day}')" for k, day in enumerate(days))
    last = days[-1] + timedelta(days=_MONTH_DAYS)
    done(
        past,
        f"CREATE OR REPLACE TEMP TABLE grid AS SELECT * FROM (VALUES {grid}, "
        f"({len(days)}, TIMESTAMP '{last}')) AS t(k, moment)",
    )
    done(
        past,
        f"""
        CREATE OR REPLACE TEMP TABLE base AS
        WITH spans AS (
            SELECT customer_id, moment, holds,
                   lead(moment) OVER (PARTITION BY customer_id ORDER BY moment, holds) AS ends
            FROM ({changes})
        )
        SELECT DISTINCT customer_id, k FROM spans JOIN grid g
        ON spans.moment < g.moment AND (ends IS NULL OR ends >= g.moment) WHERE holds
        """,
    )
    done(
        past,
        f"""
        CREATE OR REPLACE TEMP TABLE given AS
        SELECT DISTINCT customer_id, k FROM signals JOIN grid g
        ON happened_at < g.moment AND happened_at >= g.moment - INTERVAL {_MONTH_DAYS} DAY
        AND known_at < g.moment WHERE name IN {_texts(discounts)}
        """,
    )
    query = f"""
    WITH people AS (SELECT customer_id, first_day FROM purchases WHERE nth = 1),
    sides AS (
        SELECT customer_id, k, 1 AS was, 0 AS is_then FROM base
        UNION ALL SELECT customer_id, k - 1, 0, 1 FROM base
    ), pairs AS (
        SELECT customer_id, k, max(was) AS was, max(is_then) AS is_then
        FROM sides WHERE k BETWEEN 0 AND {len(days) - 1} GROUP BY ALL
    )
    SELECT {group_of("pairs.customer_id")} AS g, pairs.k,
           CAST(given.k IS NOT NULL AS INTEGER) AS kind,
           sum(was), sum(is_then), sum(is_then) FILTER (was = 0)
    FROM pairs JOIN people USING (customer_id) JOIN grid ON grid.k = pairs.k
    LEFT JOIN given ON given.customer_id = pairs.customer_id AND given.k = pairs.k
    WHERE first_day < grid.moment GROUP BY ALL
    """
    return sums_by_group(past, query, {}, (len(days), 2), 3)


# --- service --------------------------------------------------------------------------------------


def _service(past: Past, span: Span, names: Names) -> Claim:
    """Revenue after good service against revenue after bad, of customers alike before.

    Every order may go wrong, so whoever orders more has more to complain of: customers are
    compared with others of exactly as many purchases in the days in which it could go wrong.
    """
    bad = bad_service(names.signals)
    if not bad:
        return SERVICE.untestable(fact("press.needs_service"))
    taken = tuple(each.name for each in bad)
    horizon = min(past.horizon_days, span.days // 3)
    newest = closed_day(past, span, min(_SERVICE_DAYS), horizon) if horizon >= 1 else None
    before = None if newest is None else _service_days(past, newest)
    if newest is None or before is None or newest < span.first + timedelta(days=before):
        short = fact("press.short_history", days=span.days)
        return SERVICE.too_few(None, short, taken=taken)
    earliest = span.first + timedelta(days=before)
    times = (newest - timedelta(days=k * max(before, 30)) for k in range(_SERVICE_TIMES))
    days = sorted(day for day in times if day >= earliest)
    cells = _served(past, days, before, horizon, bad)
    good, hurt = cells[:, :, 0], cells[:, :, 1]
    found, outcomes = standardised(hurt, good, came=2)
    counted = fact(
        "press.counted_service", days=horizon, before=before, since=days[0], until=days[-1],
        times=len(days), bad=int(hurt[..., 0].sum()), good=int(good[..., 0].sum()),
        compared=_compared(hurt, good),
    )  # fmt: skip
    caveats = [fact("press.not_cause_service")]
    low = tuple(fact("press.low_score", name=b.name, at_most=b.at_most) for b in bad if b.at_most)
    if low:
        caveats.append(fact("press.low_scores", which=low))
    return SERVICE.tested(
        _turned(found), outcomes, int(cells[..., 0].sum()), counted, caveats=caveats, taken=taken,
        variants=_other_service(good, hurt, outcomes),
    )  # fmt: skip


def _other_service(good: Floats, hurt: Floats, outcomes: int) -> tuple[Variant, ...]:
    came = _turned(standardised(hurt, good, of=2)[0])
    plain = np.stack(
        [good[..., 1].sum(1), good[..., 0].sum(1), hurt[..., 1].sum(1), hurt[..., 0].sum(1)], axis=1
    )
    return (
        variant("came_again", "change", came, outcomes),
        variant("unmatched", "change", log_ratio(plain, minus=1), outcomes),
    )


def _service_days(past: Past, day: date) -> int | None:
    """The most days in which nine in ten buyers have at most so many purchases.

    None where nobody buys.
    """
    each = [f"count(*) FILTER (day >= $day - {days}) AS n{days}" for days in _SERVICE_DAYS]
    asked = [f"quantile_disc(n{days}, 0.9) FILTER (n{days} > 0)" for days in _SERVICE_DAYS]
    row = row_of(
        past,
        f"SELECT {', '.join(asked)} FROM (SELECT {', '.join(each)} FROM purchases "
        f"WHERE day < $day AND day >= $day - {max(_SERVICE_DAYS)} GROUP BY customer_id)",
        day=day,
    )
    known = [
        days for days, most in zip(_SERVICE_DAYS, row, strict=True)
        if most is not None and most <= _SERVICE_PURCHASES // 2
    ]  # fmt: skip
    return max(known, default=min(_SERVICE_DAYS) if row[0] is not None else None)


def _served(
    past: Past, days: Sequence[date], before: int, horizon: int, bad: Sequence[BadService]
) -> Floats:
    """Axes: group; customers alike; good or bad service; customers, revenue after, came again.

    Alike are, on one day: purchases of the last `before` days (more than twelve are compared with
    nobody), purchases and spending of the last year, and whether the last is of late.
    """
    told = " OR ".join(
        f"(name = {_text(b.name)}" + (f" AND value <= {b.at_most})" if b.at_most else ")")
        for b in bad
    )
    grid = ", ".join(f"({k}, DATE '{day}')" for k, day in enumerate(days))
    done(
        past, f"CREATE OR REPLACE TEMP TABLE times AS SELECT * FROM (VALUES {grid}) AS t(k, moment)"
    )
    # Written without a type it is a DECIMAL, which overflows with as many digits as a float has.
    basket = f"CAST({float(row_of(past, 'SELECT avg(value) FROM purchases')[0])!r} AS DOUBLE)"
    lately = f"count(*) FILTER (day < moment AND day >= moment - {before})"
    query = f"""
    WITH stood AS (
        SELECT customer_id, k, moment,
               count(*) FILTER (day < moment) AS bought, sum(value) FILTER (day < moment) AS spent,
               {lately} AS lately, moment - max(day) FILTER (day < moment) AS silent,
               coalesce(sum(value) FILTER (day >= moment), 0) AS later,
               bool_or(day >= moment) AS came
        FROM purchases JOIN times ON day >= moment - 365 AND day < moment + {horizon}
        GROUP BY customer_id, k, moment HAVING {lately} BETWEEN 1 AND {_SERVICE_PURCHASES}
    ), hurt AS (
        SELECT DISTINCT customer_id, k FROM signals JOIN times
        ON happened_at >= moment - {before} AND happened_at < moment AND known_at < moment
        WHERE {told}
    ), cells AS (
        SELECT stood.*, hurt.k IS NOT NULL AS is_hurt,
               CASE WHEN bought < 3 THEN 0 WHEN bought < 5 THEN 1 WHEN bought < 10 THEN 2 ELSE 3 END
               AS often,
               CASE WHEN spent < {basket} THEN 0 WHEN spent < 2 * {basket} THEN 1
                    WHEN spent < 4 * {basket} THEN 2 WHEN spent < 8 * {basket} THEN 3
                    WHEN spent < 16 * {basket} THEN 4 ELSE 5 END AS much,
               CAST(3 * silent > {before} AS INTEGER) AS quiet
        FROM stood LEFT JOIN hurt ON hurt.customer_id = stood.customer_id AND hurt.k = stood.k
    )
    SELECT {group_of()} AS g,
           (((k * {_SERVICE_PURCHASES} + lately - 1) * 4 + often) * 6 + much) * 2 + quiet AS alike,
           CAST(is_hurt AS INTEGER) AS kind, count(*), sum(later), count(*) FILTER (came)
    FROM cells GROUP BY ALL
    """
    return sums_by_group(past, query, {}, (len(days) * _SERVICE_PURCHASES * 48, 2), 3)


def _compared(hurt: Floats, good: Floats) -> int:
    """Customers with bad service who have enough others alike."""
    alike = good[..., 0].sum(axis=0) >= _LEAST_ALIKE
    return int(hurt[:, alike, 0].sum())


def _turned(found: Interval) -> Interval:
    """The ratio the other way round, as a change."""
    if found.value is None or found.value <= 0:
        return Interval(None)
    if found.low is None or found.high is None:
        return Interval(1 / found.value - 1)
    return Interval(1 / found.value - 1, 1 / found.high - 1, 1 / found.low - 1, found.freedom)


# --- shared ---------------------------------------------------------------------------------------


def standardised(
    ours: Floats, others: Floats, *, of: int = 1, came: int = 1, minus: float = 0.0
) -> tuple[Interval, int]:
    """What ours brought, against what they would have at the rate of others who are alike.

    Indirect standardisation; cells with fewer than ten others are left out.

    Args:
        ours: axes: group, cell, sums of which the first is how many they are.
        others: the same.
        of: which sum is compared.
        came: which sum counts outcomes.
        minus: 1 for a change.

    Returns:
        the ratio, and the outcomes it rests on: those of the compared, on the smaller side.
    """
    alike = (others[..., 0].sum(axis=0) >= _LEAST_ALIKE) & (ours[..., 0].sum(axis=0) > 0)
    if not alike.any():
        return Interval(None), 0
    ours, others = ours[:, alike], others[:, alike]
    both = np.concatenate([ours[..., [0, of]], others[..., [0, of]]], axis=2)

    def ratio(t: Floats) -> Floats:
        expected = (t[:, :, 0] * t[:, :, 3] / t[:, :, 2]).sum(axis=1)
        return np.asarray(np.log(t[:, :, 1].sum(axis=1) / expected))

    outcomes = int(min(ours[..., came].sum(), others[..., came].sum()))
    return on_ratio(jackknife(both, ratio), minus=minus), outcomes


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _texts(values: Sequence[str]) -> str:
    return "(" + ", ".join(_text(value) for value in values) + ")"
