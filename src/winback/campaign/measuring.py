"""What the offers changed: treated against control, as assigned, with an interval.

Everybody counts in the arm drawn for them, whether or not the message reached them or was
used: leaving out those who did not react would compare keen customers with all customers.

``reading`` has the two files a measurement starts from, ``outcomes`` what the orders say,
``estimates`` the comparisons, ``groups`` the offers and segments, ``earnings`` the profit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.stats import norm

from winback.arrays import Floats
from winback.campaign.design import SRM_ALARM, Draw, arms_of, draw_of, problems_of
from winback.campaign.earnings import predicted_of, profit_of
from winback.campaign.estimates import (
    Comparison,
    adjust,
    adjusted,
    compare,
    interval,
    per_message,
    rounded,
    weighted_mean,
    within_strata,
)
from winback.campaign.followed import Followed
from winback.campaign.groups import by_offer, by_segment
from winback.campaign.later import later_of
from winback.campaign.looks import Window, looks_of, window_of, with_looks
from winback.campaign.next import concluded
from winback.campaign.outcomes import OpenWindow, read_outcomes
from winback.campaign.purchases import read_later, read_purchases
from winback.campaign.reading import Sent, read_assignment, read_sent
from winback.campaign.sealed import promised_beside, refuse_changed
from winback.campaign.versus import versus_of
from winback.campaign.window import with_window
from winback.errors import UsageError
from winback.offers.power import LEAST_IN_ARM
from winback.results.base import Fact, fact
from winback.results.measured import (
    AfterWindow,
    Amounts,
    Found,
    Measurement,
    Metric,
    MetricEffect,
    RatioInterval,
    SentShares,
)
from winback.results.offered import CONTROL, Offer

__all__ = ["AMOUNTS", "METRICS", "SRM_ALARM", "Metric", "OpenWindow", "measure_campaign"]

METRICS: tuple[Metric, ...] = get_args(Metric)
AMOUNTS: tuple[Amounts, ...] = get_args(Amounts)


def measure_campaign(
    assignment: pd.DataFrame | Path | str,
    orders: pa.Table | Path | str,
    *,
    window_days: int | Window | None = None,
    metric: Metric = "returned",
    control_share: float | None = None,
    history_until: date | None = None,
    offers: Sequence[Offer] = (),
    sent: pd.DataFrame | Path | str | None = None,
    control: str = CONTROL,
    timezone: str | None = None,
    p_return_days: int | None = None,
    amounts: Amounts = "before_discount",
) -> Measurement:
    """Read what a campaign changed from the orders that followed it.

    Grain of ``assignment``: one row per customer with ``customer_id``, ``arm`` (``control``
    or anything else: an offer) and ``assigned_at``; where known ``probability`` (of the arm
    drawn, within the planned offer), ``planned_offer``, ``stratum``, ``segment`` or
    ``risk_band``, ``p_return`` and ``expected_gain``. Ids are text as intake writes them:
    trimmed, ``17850.0`` is ``17850``; where none is found, leading zeros are ignored. Rows
    that repeat a customer count once, by the earliest.

    Boundaries: the outcome is ``assigned_at <= t < assigned_at + window_days`` for each
    customer's own ``assigned_at`` (its day, where orders have no clock times); what was
    ordered and known before it serves for variance reduction only. A purchase is in the
    window if it began there; net spend takes refunds on the day they were issued, so one
    after the window is not in it. A customer without orders counts as zeros.

    For ``returned`` (share with an order), ``orders`` and ``net_spend`` (currency a
    customer): means, ``effect`` (treated minus control), ``low`` and ``high`` (95 %).
    Intervals: Newcombe's score interval for ``returned`` (Newcombe 1998, method 10), Welch's
    for the others, with a small arm's variance at least that of both arms together; where
    the logged probabilities differ between customers all are weighted by their inverse (Hájek)
    and Welch's serves for ``returned`` as well. ``cuped``
    repeats the effect with the covariates of the balance table and says what share of the
    variance that removed; ``stratified`` within the strata, where there are any; ``cace``
    per message really sent, where ``sent`` is given. Spend is heavy-tailed: with a control of
    tens its interval is wider than it says rather than too sure.

    ``verdict`` judges ``metric`` on the unadjusted interval as assigned, whatever was sent:
    works (above zero), harms (below), not_distinguishable, too_few (of an arm, for any verdict),
    or invalid, by ``problems``: no control or no treated, a customer in both arms, days without
    orders (``campaign.window``), or what a draw does in fewer than one campaign of a thousand
    (``campaign.design``). Early and repeated readings have it by ``looks.always_valid``. The
    sample ratio is checked against ``probability``, else ``control_share``, else an equal split
    if the control holds 40 to 60 %; else ``srm_p`` is null: the design is not known.

    Args:
        orders: canonical orders.parquet, or its Arrow table.
        window_days: how long after ``assigned_at`` orders count; null: as was sealed, else 30
            days. A :class:`winback.campaign.looks.Window` says what was sealed and read before.
        metric: the one named before the campaign; the others are not for choosing from.
        control_share: the design's share of control, where rows carry no probability.
        history_until: last day the orders cover, as somebody says; null means the day of the
            last line. It counts as far as the shop's own pace of orders bears it out
            (:mod:`winback.campaign.window`).
        offers: the catalogue, for the profit; needs arms named as the offers are. Without it
            the one in the ``manifest.json`` beside the file, as promised when the list left.
        sent: what the CRM says it sent: ``customer_id`` and, where known, ``sent_at`` and
            ``offer``; see :func:`winback.campaign.reading.read_sent`.
        control: what the assignment calls its control arm, in any case.
        timezone: zone of the shop, for instants written with an offset; null keeps the wall
            time as written.
        p_return_days: days that ``p_return`` speaks of; null where not known. A column of
            the same name in the assignment comes first.
        amounts: whether order amounts are before or after the offer's discount, for the
            profit. Net spend is always as the orders have it.

    Raises:
        UsageError: a column is missing or holds what it should not.
        OpenWindow: the orders, at the shop's own pace, end before the last window.
        WinbackError: nobody assigned is in the orders, or the file is not what was sealed.
    """
    assigned, repeats = read_assignment(assignment, control, timezone)
    promised = _promised(assignment)
    if not isinstance(assignment, pd.DataFrame):
        refuse_changed(Path(assignment), assigned, control, timezone)
    window = window_of(window_days, promised)
    if (window_days := window.length) < 1:
        raise UsageError("campaign.window_days", days=window_days)
    told = assigned["p_return_days"].dropna().unique()
    score_days = int(told[0]) if len(told) == 1 else p_return_days
    outcomes, seen, mended = read_outcomes(assigned, orders, window_days, score_days, history_until)
    covered = seen.read.seen_until
    went = None if sent is None else read_sent(sent, assigned, window_days, timezone)
    treated = assigned["treated"].to_numpy(np.bool_)
    draw = draw_of(assigned, treated, control_share)
    customers = _as_in_orders(assigned, outcomes, mended)
    campaign = Followed(
        assigned, outcomes, treated, draw.weights, _covariates(assigned, outcomes),
        went, window_days, score_days, covered,
        read_purchases(customers, orders, window_days, covered),
        read_later(customers, orders, covered),
    )  # fmt: skip
    files, offers = _Files(repeats, tuple(mended)), offers or promised
    found = _measurement(campaign, files, draw, metric, offers, amounts)
    found = with_window(found, seen, window.ingested)
    return concluded(with_looks(found, looks_of(campaign, metric, window)), offers)


def _promised(assignment: pd.DataFrame | Path | str) -> Sequence[Offer]:
    return () if isinstance(assignment, pd.DataFrame) else promised_beside(Path(assignment)).offers


def _as_in_orders(
    assigned: pd.DataFrame, outcomes: pd.DataFrame, mended: Sequence[str]
) -> pd.DataFrame:
    """Whom to look for in the orders, and from when, as the orders call them and have clocks."""
    began = assigned["assigned_at"]
    if "assigned_at_cut_to_days" in mended:
        began = began.dt.normalize()
    return pd.DataFrame({"customer_id": outcomes["customer_id"], "assigned_at": began})


class _Files(NamedTuple):
    """What was put right of the files."""

    repeated_rows: int
    mended: tuple[str, ...]


def _measurement(
    campaign: Followed, files: _Files, draw: Draw, metric: Metric, offers: Sequence[Offer],
    amounts: Amounts,
) -> Measurement:  # fmt: skip
    assigned, treated, comparable = campaign.assigned, campaign.treated, campaign.comparable
    effects = {name: _metric_effect(campaign, name) for name in METRICS}
    n_treated, n_control = int(treated.sum()), int((~treated).sum())
    in_both = int(assigned["in_both"].sum())
    arms = arms_of(campaign, draw) if comparable else None
    problems = problems_of(campaign, draw, arms)
    profit = profit_of(campaign, offers, amounts) if comparable else None
    found = Measurement(
        window_days=campaign.window_days,
        assigned_from=assigned["assigned_at"].min().date(),
        assigned_to=assigned["assigned_at"].max().date(),
        history_until=campaign.covered,
        n={str(arm): int(n) for arm, n in assigned["arm"].value_counts().sort_index().items()},
        n_treated=n_treated,
        n_control=n_control,
        n_in_orders=int(campaign.outcomes["seen"].sum()),
        repeated_rows=files.repeated_rows,
        in_both_arms=in_both,
        mended=files.mended,
        srm_p=rounded(draw.sample_ratio_p),
        srm_against=draw.basis,
        returned=effects["returned"],
        orders=effects["orders"],
        net_spend=effects["net_spend"],
        metric=metric,
        currency=campaign.purchases.currency,
        minimal_detectable_effect=effects[metric].minimal_detectable_effect,
        verdict="invalid" if problems else _verdict(effects[metric], min(n_treated, n_control)),
        problems=problems,
        compared_within=draw.compared_within,
        least_in_arm=LEAST_IN_ARM,
        split_by_day_p=rounded(draw.split_by_day_p),
        in_orders=arms and arms.in_orders,
        balance_p=arms and arms.balance_p,
        cautions=(),
        sent=None if campaign.went is None else _sent(campaign, campaign.went),
        balance=arms.balance if arms else (),
        by_offer=by_offer(campaign, metric, offers, amounts) if comparable else (),
        by_segment=by_segment(campaign, metric) if comparable else None,
        after_window=_after_window(campaign) if comparable else None,
        later=later_of(campaign) if comparable else (),
        versus=versus_of(campaign, metric, offers, amounts),
        came_anyway_share=_came_anyway(campaign) if comparable else None,
        profit=profit,
        predicted=predicted_of(campaign, offers, profit) if comparable else None,
    )
    return found.model_copy(update={"cautions": _cautions(found)})


# --- one metric --------------------------------------------------------------------------------


def _metric_effect(campaign: Followed, name: Metric) -> MetricEffect:
    """Means, effect and intervals of one metric; without two arms the mean of the one."""
    values, treated, weights = campaign.values(name), campaign.treated, campaign.weights
    if not campaign.comparable:
        return MetricEffect(
            mean_treated=rounded(values[treated].mean()) if treated.any() else None,
            mean_control=rounded(values[~treated].mean()) if not treated.all() else None,
            effect=None, low=None, high=None, relative=None, cuped=None, stratified=None,
            cace=None, minimal_detectable_effect=None,
        )  # fmt: skip
    found = campaign.compare(name)
    effect, low, high = map(rounded, found.bounds)
    fit = adjust(values, treated, weights, campaign.covariates)
    strata = campaign.assigned["stratum"]
    within = message = None
    if strata.notna().any():
        within = within_strata(values, treated, weights, strata.fillna("").tolist())
    if campaign.went is not None:
        message = per_message(values, treated, weights, campaign.went.sent)
    return MetricEffect(
        mean_treated=rounded(found.mean_treated),
        mean_control=rounded(found.mean_control),
        effect=effect,
        low=low,
        high=high,
        relative=rounded(found.effect / found.mean_control if found.mean_control > 0 else None),
        cuped=None if fit is None else adjusted(fit),
        stratified=None if within is None else interval(within),
        cace=None if message is None else interval(message),
        minimal_detectable_effect=_detectable(found),
    )


def _detectable(found: Comparison) -> float | None:
    """Smallest effect this campaign had an 80 % chance to find at 5 %; null if nothing varies."""
    if found.se == 0:
        return None
    return rounded(float(norm.ppf(0.975) + norm.ppf(0.8)) * found.se)


def _verdict(found: MetricEffect, fewest: int) -> Found:
    if fewest < LEAST_IN_ARM:
        return "too_few"
    if found.low is not None and found.low > 0:
        return "works"
    return "harms" if found.high is not None and found.high < 0 else "not_distinguishable"


def _cautions(found: Measurement) -> tuple[Fact, ...]:
    """What a reader has to know beside the verdict."""
    told = []
    n = found.n_treated + found.n_control
    if found.n_in_orders < n:
        told.append(fact("measured.few_in_orders", known=found.n_in_orders, n=n))
    effect, least = found[found.metric].effect, found.minimal_detectable_effect
    if found.verdict in ("works", "harms") and least and abs(effect) < least:
        told.append(fact("measured.seldom_found"))
    later, profit = found.after_window, found.profit
    counts = not found.problems and found.verdict != "too_few"
    if counts and later is not None and later.high is not None and later.high < 0:
        told.append(fact("measured.pulled_forward", effect=later.effect))
    if profit is not None and profit.contact_assumed and profit.contacts:
        told.append(fact("measured.contacts_assumed"))
    if found.srm_against == "unknown":
        told.append(fact("measured.split_unknown"))
    if found.compared_within is not None:
        told.append(fact(f"measured.compared_within_{found.compared_within}"))
    if "leading_zeros" in found.mended:
        told.append(fact("measured.leading_zeros"))
    if "assigned_at_cut_to_days" in found.mended:
        told.append(fact("measured.no_clock_times"))
    if found.sent is not None:
        if found.sent.not_assigned:
            told.append(
                fact("measured.sent_to_strangers", n=found.sent.not_assigned, rows=found.sent.rows)
            )
        if found.sent.n_control_sent:
            told.append(
                fact(
                    "measured.control_sent",
                    n=found.sent.n_control_sent,
                    share=found.sent.share_control_sent,
                )
            )
        if missed := found.n_treated - found.sent.n_treated_sent:
            # Rows of nobody may be just those customers, under other ids.
            code = "not_in_sent" if found.sent.not_assigned else "never_sent"
            told.append(fact(f"measured.{code}", n=missed, treated=found.n_treated))
    return tuple(told)


def _covariates(assigned: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """What was known of each customer before the draw, most telling first."""
    found: dict[str, Floats | pd.Series[float]] = {}
    p_return = assigned["p_return"]
    if p_return.notna().any():
        found["p_return"] = p_return.fillna(p_return.mean()).to_numpy(np.float64)
    silence = outcomes["days_since_last_order"].astype("float64")
    found["orders_before_365d"] = np.log1p(outcomes["orders_before_365d"])
    found["days_since_last_order"] = np.log1p(silence.fillna(silence.max()).fillna(0))
    spend = outcomes["spend_before"]
    # Roots, not raw sums: one wholesaler must not carry the whole fit.
    found["spend_before_365d"] = np.sign(spend) * np.sqrt(spend.abs())
    found["orders_before"] = np.log1p(outcomes["orders_before"])
    table = pd.DataFrame(found)
    return table.loc[:, table.std() > 0]


# --- beside the effect ---------------------------------------------------------------------------


def _came_anyway(campaign: Followed) -> RatioInterval:
    """Share of the treated who returned that would have returned without the offer.

    That is the share of the discounts that bought nothing: the control's return rate over
    the treated's, with the interval of a ratio on the log scale (Katz et al. 1978).
    """
    returned, treated = campaign.values("returned"), campaign.treated
    (mean_t, variance_t, _), (mean_c, variance_c, _) = (
        weighted_mean(returned[side], campaign.weights_of(side)) for side in (treated, ~treated)
    )
    if mean_t == 0 or mean_c == 0:
        return RatioInterval(value=None, low=None, high=None)
    reach = 1.96 * np.sqrt(variance_t / mean_t**2 + variance_c / mean_c**2)
    ratio = mean_c / mean_t
    bounds = (ratio, ratio * np.exp(-reach), ratio * np.exp(reach))
    value, low, high = (rounded(min(float(bound), 1.0)) for bound in bounds)
    return RatioInterval(value=value, low=low, high=high)


def _after_window(campaign: Followed) -> AfterWindow | None:
    """Orders in as many days again: below zero, the offer only moved orders forward.

    ``both_windows`` is the effect on the orders of the window and of the days after it.
    None while the history does not cover that second window for everybody.
    """
    if not campaign.closed(2 * campaign.window_days):
        return None
    later, orders = campaign.values("orders_after"), campaign.values("orders")
    found = compare(later, campaign.treated, campaign.weights)
    both = compare(orders + later, campaign.treated, campaign.weights)
    effect, low, high = map(rounded, found.bounds)
    return AfterWindow(
        mean_treated=rounded(found.mean_treated),
        mean_control=rounded(found.mean_control),
        effect=effect,
        low=low,
        high=high,
        both_windows=interval(both.bounds),
    )


def _sent(campaign: Followed, went: Sent) -> SentShares:
    """What left, by arm: how far the campaign was diluted and the control contaminated."""
    treated = campaign.treated
    reached, spilled = went.sent[treated], went.sent[~treated]
    planned = campaign.planned.to_numpy(object)
    told = went.offer.notna().to_numpy(np.bool_)
    other = went.sent & treated & told & (went.offer.fillna("").to_numpy(object) != planned)
    return SentShares(
        n_treated_sent=int(reached.sum()),
        share_treated_sent=rounded(float(reached.mean())) if treated.any() else None,
        n_control_sent=int(spilled.sum()),
        share_control_sent=rounded(float(spilled.mean())) if not treated.all() else None,
        other_offer=int(other.sum()),
        rows=went.rows,
        not_assigned=went.not_assigned,
        never_left=went.never_left,
        outside_window=went.outside_window,
        repeated=went.repeated,
    )
