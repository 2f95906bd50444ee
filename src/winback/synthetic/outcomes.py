"""What customers do with an offer and without it, from the same luck."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats, Integers, Mask
from winback.synthetic.world import DAY_SECONDS, RESPONSES, Treatment, World, erlang_survival


def _path_sums(
    world: World, treatments: tuple[Treatment, ...], day: int, horizon_days: int
) -> dict[str, NDArray[Any]]:
    count = world.key.size
    lines = world.order_lines(treatments, day, day + 2 * horizon_days)
    inside = lines.happened < (day + horizon_days) * DAY_SECONDS
    opening = ~lines.is_refund & (lines.line == 0)

    def counted(rows: Mask) -> Integers:
        return np.bincount(lines.customer[rows], minlength=count).astype(np.int64)

    def money(rows: Mask, cents: Integers) -> Floats:
        return np.bincount(lines.customer[rows], weights=cents[rows], minlength=count) / 100

    orders = counted(opening & inside)
    return {
        "returned": orders > 0,
        "orders": orders,
        "gross": money(opening & inside, lines.order_cents),
        "discount": money(opening & inside, lines.discount),
        "spend": money(inside, lines.cents),
        "orders_later": counted(opening & ~inside),
    }


def outcomes_of(
    world: World, customers: pd.DataFrame, before: tuple[Treatment, ...], treatment: Treatment,
    day: int, horizon_days: int,
) -> pd.DataFrame:  # fmt: skip
    """Compare both paths; see ``Shop.potential_outcomes``.

    Args:
        world: the truth behind the shop.
        customers: ``Shop.customers``, whose order is the world's.
        before: what was sent earlier, on both paths.
        treatment: what the path with the offer has besides.
        day: the first day after which the paths may differ, counted from the shop's start.
        horizon_days: days compared.
    """
    without = _path_sums(world, before, day, horizon_days)
    with_offer = _path_sums(world, (*before, treatment), day, horizon_days)
    p0, known = state_chances(world, before, None, day, horizon_days)
    p1, _ = state_chances(world, before, treatment, day, horizon_days)
    columns: dict[str, pd.Series | NDArray[Any]] = {"customer_id": customers["customer_id"]}
    for name in without:
        columns[f"{name}0"], columns[f"{name}1"] = without[name], with_offer[name]
    columns |= {"p0": p0, "p1": p1}
    columns["mean_order_value"] = customers["mean_order_value"]
    columns["response"] = customers["response"]
    # The responses in their order: back only with, with or without, neither, only without.
    came0, came1 = without["returned"], with_offer["returned"]
    place = np.where(came1, came0, 2 + came0)
    columns["stratum"] = np.array(RESPONSES)[place.astype(np.int64)]
    return pd.DataFrame(columns)[known].reset_index(drop=True)


def state_chances(
    world: World, before: tuple[Treatment, ...], treatment: Treatment | None, day: int,
    horizon_days: int,
) -> tuple[Floats, Mask]:  # fmt: skip
    """P(return) on a path given true rate and life state; and who had ordered before ``day``.

    Args:
        world: the truth behind the shop.
        before: what was sent before ``day``.
        treatment: what is sent on ``day``, or nothing.
        day: counted from the shop's start.
        horizon_days: days in which an order counts.
    """
    count = world.key.size
    visits = world.visits(before, day)
    known = np.zeros(count, dtype=np.bool_)
    known[visits.customer] = True
    visits = visits.due
    last_day, last_number = np.zeros(count), np.zeros(count, dtype=np.int64)
    last_day[visits.customer], last_number[visits.customer] = visits.day, visits.number
    rate = world.rate * world.speed_before(np.arange(count), last_number + 1)
    alive = (world.death_day > day) & (last_number < world.dies_after_order)
    warps = world.warps(before if treatment is None else (*before, treatment))

    since, now = world.clock(last_day, warps), world.clock(float(day), warps)
    shape = world.kind.regularity
    still_due = erlang_survival(shape, rate * (now - since))
    previous, total = np.ones(count), np.zeros(count)
    # Whoever is won places no other order while the offer is valid, which may be longer.
    until = np.full(count, horizon_days)
    if treatment is not None and treatment.won.any():
        until = np.maximum(until, treatment.valid_days)
    over = np.zeros(count)
    for step in range(1, int(until.max(initial=0)) + 1):
        gap = rate * (world.clock(float(day + step), warps) - since)
        silent = erlang_survival(shape, gap) / np.maximum(still_due, 1e-300)
        # Death strikes at any moment; a day's orders see half of that day's deaths.
        placed = (previous - silent) * np.exp(-world.death_rate * (step - 0.5))
        total += placed * (step <= horizon_days)
        over += placed * (step <= until)
        previous = silent
    total, over = (np.where(alive & known, np.clip(part, 0, 1), 0.0) for part in (total, over))
    if treatment is not None and treatment.won.any():
        soon = np.minimum(horizon_days / treatment.valid_days, 1.0)
        total = total + treatment.won * soon * (1 - over)
    return total, known


def true_gain(outcomes: pd.DataFrame, margin_share: float, contact_cost: float) -> pd.Series[float]:
    """Profit that sending the offer really added, per row of ``potential_outcomes``.

    Margin on the value of orders before discount, less discounts and the contact: what a policy
    earned is the sum over the customers it sent the offer to.
    """
    margin = margin_share * (outcomes["gross1"] - outcomes["gross0"])
    gain: pd.Series[float] = margin - (outcomes["discount1"] - outcomes["discount0"]) - contact_cost
    return gain.rename("gain")
