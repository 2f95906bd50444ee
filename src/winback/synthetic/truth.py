"""The best possible prediction of a return, by the model the shop was made with."""

from __future__ import annotations

import numpy as np

from winback.arrays import Floats, Integers
from winback.errors import UsageError
from winback.synthetic.world import COPULA, FUTURE_DAYS, YEAR, Visits, World, erlang_survival


def return_probabilities(world: World, day: int, horizon_days: int) -> tuple[Integers, Floats]:
    """P(at least one order in the horizon | order times before the cutoff), by the true model.

    The places of the customers with an order before the day, and a value for each. It knows how
    the shop was made (distributions, season, regularity) but of a customer only what a shop
    sees, so on average no model that reads order times does better; one that reads signals can,
    since visits tell who is still there. In a BG/NBD shop it is the
    model with its true parameters (Fader, Hardie & Lee 2005, Marketing Science 24(2), eq. 4 and
    the posterior rate Gamma(r + x, alpha + T) of a living customer); elsewhere rate, life, and
    class of calendar are integrated out on a grid, to a day. Where service matters, it also
    knows how each order so far was served, even if that came to light after the cutoff.

    Raises:
        UsageError: it is a BG/NBD shop in which service matters.
    """
    visits = world.visits((), day)
    known, opening = np.unique(visits.customer, return_index=True)
    closing = np.append(opening[1:], visits.customer.size)[: known.size] - 1
    if world.kind.bgnbd is not None:
        if world.service.matters:
            raise UsageError("synthetic.no_formula")
        probability = _bgnbd_chances(
            world.kind.bgnbd,
            repeats=closing - opening,
            age=day - visits.day[opening],
            silent=day - visits.day[closing],
            horizon_days=horizon_days,
        )
    else:
        probability = _posterior_chances(world, visits, opening, closing, day, horizon_days)
    return known, probability


def _bgnbd_chances(
    parameters: tuple[float, float, float, float],
    *,
    repeats: Integers,
    age: Floats,
    silent: Floats,
    horizon_days: int,
) -> Floats:
    r, alpha, a, b = parameters
    stretch = np.log((alpha + age) / (alpha + age - silent))
    odds = a / (b + np.maximum(repeats, 1) - 1) * np.exp((r + repeats) * stretch)
    p_alive = 1 / (1 + np.where(repeats > 0, odds, 0.0))
    p_order = -np.expm1((r + repeats) * np.log((alpha + age) / (alpha + age + horizon_days)))
    return np.asarray(p_alive * p_order, dtype=np.float64)


def _posterior_chances(
    world: World, visits: Visits, opening: Integers, closing: Integers, day: int, horizon_days: int
) -> Floats:
    """Integrate rate and life out of the chance of an order, given each customer's order times."""
    kind, calendar = world.kind, world.calendar
    z_rate, z_life = np.meshgrid(
        np.arange(-4.5, 4.6, 0.15), np.arange(-3.5, 3.6, 0.5), indexing="ij"
    )
    correlation = COPULA[0, 1]
    prior = np.exp(
        -(z_rate**2 + z_life**2 - 2 * correlation * z_rate * z_life) / (2 - 2 * correlation**2)
    )
    prior /= prior.sum()
    rate = np.exp(kind.gap_sigma * z_rate[:, 0]) / kind.gap_days
    death_rate = np.exp(-kind.life_sigma * z_life[0]) * np.log(2) / kind.life_days

    first, last = visits.day[opening], visits.day[closing]
    repeats = closing - opening
    first_whole = first.astype(np.int64)
    speeds = np.diff(calendar.elapsed, axis=1)
    arrivals = _arrival_density(world)[first_whole]
    likelihood, returning = np.zeros(first.size), np.zeros(first.size)
    # Each class's logarithms are brought to one scale per customer before they are added up.
    scales = np.full(first.size, -np.inf)
    served = world.speed_before(visits.customer, visits.number)
    served_last = world.speed_before(visits.customer[closing], visits.number[closing] + 1)
    levels = np.unique(served_last)
    alike = [np.flatnonzero(served_last == level) for level in levels]
    chunks = [
        (level, chunk)
        for level, members in zip(levels, alike, strict=True)
        for chunk in np.array_split(members, 1 + members.size // 2_000)
    ]
    for number, class_share in enumerate(calendar.class_shares):
        tables = {
            level: _silence_tables(
                level * rate,
                death_rate,
                kind.regularity,
                speeds[number, : day + horizon_days],
                day,
            )
            for level in levels
        }
        member = np.full(visits.day.size, number)
        clock = calendar.clock(member, visits.day)
        with np.errstate(divide="ignore"):
            gap = served * np.diff(clock, prepend=0.0)
            log_speed = np.log(served * speeds[number, visits.day.astype(np.int64)])
            log_gap = np.log(gap.clip(1e-12))
        terms = log_speed + (kind.regularity - 1) * log_gap
        terms[opening] = gap[opening] = 0.0
        totals = np.add.reduceat(terms, opening)
        span = np.add.reduceat(gap, opening)
        for level, chunk in chunks:
            silent, silent_returns = tables[level]
            log_rate_part = (
                totals[chunk, None]
                + kind.regularity * repeats[chunk, None] * np.log(rate)
                - kind.regularity * rate * span[chunk, None]
            )
            scale = log_rate_part.max(axis=1)
            by_rate = np.exp(log_rate_part - scale[:, None])
            new = by_rate * ((1 - kind.established_share) * arrivals[chunk, None])
            before = rate * clock[opening[chunk], None]
            old = by_rate * (
                kind.established_share
                * rate
                * speeds[number, first_whole[chunk]][:, None]
                * erlang_survival(kind.regularity, before)
            )
            lasting_new = np.exp(-death_rate * (last - first)[chunk, None])
            lasting_old = np.exp(-death_rate * last[chunk, None])
            joint = (
                (1 - kind.one_time_share) * new[:, :, None] * lasting_new[:, None, :]
                + old[:, :, None] * lasting_old[:, None, :]
            ) * prior
            whole = last[chunk].astype(np.int64)
            part = (last[chunk] - whole)[:, None, None]
            quiet = silent[whole] * (1 - part) + silent[whole + 1] * part
            again = silent_returns[whole] * (1 - part) + silent_returns[whole + 1] * part
            seen = (joint * quiet).sum(axis=(1, 2)) + np.where(
                repeats[chunk] == 0, kind.one_time_share * (new * prior.sum(axis=1)).sum(axis=1), 0
            )
            returns = (joint * again).sum(axis=(1, 2))
            top = np.maximum(scales[chunk], scale)
            keep, add = np.exp(scales[chunk] - top), class_share * np.exp(scale - top)
            likelihood[chunk] = likelihood[chunk] * keep + seen * add
            returning[chunk] = returning[chunk] * keep + returns * add
            scales[chunk] = top
    return np.asarray(returning / np.maximum(likelihood, 1e-300), dtype=np.float64)


def _arrival_density(world: World) -> Floats:
    """Density (a day) of a new customer's first order, for each day of the history."""
    mean_elapsed = world.calendar.class_shares @ world.calendar.elapsed[:, : world.days + 1]
    share = mean_elapsed / mean_elapsed[-1]
    if world.kind.acquisition_growth:
        total = world.kind.acquisition_growth * world.days / YEAR
        share = np.expm1(share * total) / np.expm1(total)
    # Beyond the history nobody arrives, so a later cutoff reads only days inside it.
    return np.concatenate([np.diff(share), np.zeros(FUTURE_DAYS)])


def _silence_tables(
    rate: Floats, death_rate: Floats, shape: int, speeds: Floats, day: int
) -> tuple[Floats, Floats]:
    """For an order at the start of each day until ``day``: what may have happened since.

    Two arrays (day + 1, rates, death rates): P(no order until ``day``), and P(no order until
    ``day`` and one in the horizon after it). An Erlang gap is a chain of phases, so each day is
    one step backwards from the phases left at its end.
    """
    cells = (rate.size, death_rate.size)
    survives = np.exp(-death_rate)
    silent = np.ones((shape, *cells))
    returns = np.zeros((shape, *cells))
    kept_silent = np.empty((day + 1, *cells))
    kept_returns = np.empty((day + 1, *cells))
    for step in range(speeds.size - 1, -1, -1):
        due = rate * shape * speeds[step]
        moved = _poisson(due, shape)
        no_order = np.cumsum(moved, axis=0)
        later_silent, later_returns = np.zeros_like(silent), np.zeros_like(returns)
        for left in range(shape):
            for done in range(left + 1):
                chance = moved[done][:, None] * survives
                later_silent[left] += chance * silent[left - done]
                later_returns[left] += chance * returns[left - done]
        if step >= day:
            later_returns += (1 - no_order)[:, :, None] * np.sqrt(survives)
            returns = later_returns
        else:
            half = np.cumsum(_poisson(due / 2, shape), axis=0)
            silent = later_silent + half[:, :, None] * (1 - survives)
            returns = later_returns
        if step <= day:
            kept_silent[step], kept_returns[step] = silent[-1], returns[-1]
    return kept_silent, kept_returns


def _poisson(mean: Floats, size: int) -> Floats:
    """P(0), ..., P(size - 1) of Poisson counts, one row each."""
    chances = [np.exp(-mean)]
    for number in range(1, size):
        chances.append(chances[-1] * mean / number)
    return np.stack(chances)
