"""What the offers changed: treated against control, as assigned, with an interval.

Everybody counts in the arm drawn for them, whether or not the message reached them or was
used: leaving out those who did not react would compare keen customers with all customers.

``reading`` has the two files a measurement starts from, ``outcomes`` what the orders say,
``estimates`` the comparisons, ``words`` the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from winback.campaign.estimates import (
    Comparison,
    adjust,
    compare,
    hazard_ratio,
    judge_groups,
    named,
    orders_ratio,
    per_message,
    rounded,
    weighted_mean,
    wilson,
    within_strata,
)
from winback.campaign.outcomes import OpenWindow, read_outcomes
from winback.campaign.reading import Sent, read_assignment, read_sent
from winback.errors import UsageError
from winback.params import MEASURED_DAYS
from winback.results.offered import CONTROL, Offer
from winback.said.measured import cautions, sentence

__all__ = ["AMOUNTS", "METRICS", "SRM_ALARM", "Metric", "OpenWindow", "measure_campaign"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Metric = Literal["returned", "orders", "net_spend"]
Amounts = Literal["before_discount", "after_discount"]

METRICS: tuple[Metric, ...] = ("returned", "orders", "net_spend")
AMOUNTS: tuple[Amounts, ...] = ("before_discount", "after_discount")
SRM_ALARM = 0.001


def measure_campaign(
    assignment: pd.DataFrame | Path | str,
    orders: pa.Table | Path | str,
    *,
    window_days: int = MEASURED_DAYS,
    metric: Metric = "returned",
    control_share: float | None = None,
    history_until: date | None = None,
    offers: Sequence[Offer] = (),
    sent: pd.DataFrame | Path | str | None = None,
    control: str = CONTROL,
    timezone: str | None = None,
    p_return_days: int | None = None,
    amounts: Amounts = "before_discount",
) -> dict[str, Any]:
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
    works (above zero), harms (below), not_distinguishable, or invalid: no control or no
    treated, a customer in both arms, or a sample ratio that chance does not explain
    (``srm_p`` below 0.001). The ratio is checked against ``probability``, else
    ``control_share``, else an equal split if the control holds 40 to 60 %; else ``srm_p`` is
    null: the design is not known.

    Beside them: ``balance`` (the arms before the draw), ``by_offer`` and ``by_segment``
    (each with Holm's correction), ``came_anyway_share`` (of those who returned),
    ``after_window`` (orders moved forward rather than won), ``profit``, ``predicted``
    against what came, ``sent`` and ``cautions``.

    Args:
        orders: canonical orders.parquet, or its Arrow table.
        window_days: how long after ``assigned_at`` orders count.
        metric: the one named before the campaign; the others are not for choosing from.
        control_share: the design's share of control, where rows carry no probability.
        history_until: last day the orders cover; null means the day of the last line.
        offers: the catalogue, for the profit; needs arms named as the offers are.
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
        OpenWindow: the history ends before the last window does.
        WinbackError: no assigned customer is in the orders.
    """
    if window_days < 1:
        raise UsageError(f"window_days is {window_days}; it must be at least 1")
    assigned, repeats = read_assignment(assignment, control, timezone)
    told = assigned["p_return_days"].dropna().unique()
    score_days = int(told[0]) if len(told) == 1 else p_return_days
    outcomes, covered, mended = read_outcomes(
        assigned, orders, window_days, score_days, history_until
    )
    went = None if sent is None else read_sent(sent, assigned, window_days, timezone)
    in_both = int(assigned["in_both"].sum())
    treated = assigned["treated"].to_numpy(np.bool_)
    n_treated, n_control = int(treated.sum()), int((~treated).sum())
    expected, basis = _expected_control(assigned, treated, control_share)
    srm_p = _sample_ratio_p(assigned, treated, expected, basis)
    covariates = _covariates(assigned, outcomes)
    weights = _weights(expected, treated)

    comparable = n_treated >= 2 and n_control >= 2
    results: dict[str, Any] = {
        name: _result(
            outcomes[name].to_numpy(np.float64), name, assigned, treated, weights, covariates, went
        )
        for name in METRICS
    }
    problems = _problems(n_treated, n_control, in_both, srm_p)
    result: dict[str, Any] = {
        "window_days": window_days,
        "assigned_from": _day(assigned["assigned_at"].min()),
        "assigned_to": _day(assigned["assigned_at"].max()),
        "history_until": covered.isoformat(),
        "n": {str(arm): int(n) for arm, n in assigned["arm"].value_counts().sort_index().items()},
        "n_treated": n_treated,
        "n_control": n_control,
        "n_in_orders": int(outcomes["seen"].sum()),
        "repeated_rows": repeats,
        "in_both_arms": in_both,
        "mended": mended,
        "srm_p": rounded(srm_p),
        "srm_against": basis,
        **results,
        "metric": metric,
        "minimal_detectable_effect": results[metric]["minimal_detectable_effect"],
        "verdict": "invalid" if problems else _verdict(results[metric]),
        "problems": problems,
        "sent": None if went is None else _sent(went, assigned, treated),
        "balance": [],
        "by_offer": [],
        **dict.fromkeys(("by_segment", "after_window", "came_anyway_share", "profit", "predicted")),
    }
    if comparable:
        profit = _profit(assigned, outcomes, treated, weights, offers, went, amounts)
        result |= {
            "balance": _balance(covariates, treated, weights),
            "by_offer": _by_offer(outcomes, metric, assigned, treated, weights, covariates),
            "by_segment": _by_segment(outcomes, metric, assigned, treated, weights, covariates),
            "after_window": _after_window(
                assigned, outcomes, treated, weights, window_days, covered
            ),
            "came_anyway_share": _came_anyway(outcomes, treated, weights),
            "profit": profit,
            "predicted": _predicted(
                assigned, outcomes, treated, weights, offers, score_days, covered, profit
            ),
        }
    result["sentence"] = sentence(result)
    result["cautions"] = cautions(result)
    return result


def _day(moment: pd.Timestamp) -> str:
    return moment.date().isoformat()


# --- one metric --------------------------------------------------------------------------------


def _result(
    values: Floats, name: Metric, assigned: pd.DataFrame, treated: Flags,
    weights: Floats | None, covariates: pd.DataFrame, went: Sent | None,
) -> dict[str, Any]:  # fmt: skip
    """Means, effect and intervals of one metric; without two arms the mean of the one."""
    if min(treated.sum(), (~treated).sum()) < 2:
        blank = ("effect", "low", "high", "relative", "cuped", "stratified", "cace")
        return {
            "mean_treated": rounded(values[treated].mean()) if treated.any() else None,
            "mean_control": rounded(values[~treated].mean()) if not treated.all() else None,
            **dict.fromkeys((*blank, "minimal_detectable_effect")),
        }
    found = compare(values, treated, weights, share=name == "returned")
    adjusted = adjust(values, treated, weights, covariates)
    strata = assigned["stratum"]
    within = (
        within_strata(values, treated, weights, strata.fillna("").tolist())
        if strata.notna().any()
        else None
    )
    return {
        "mean_treated": rounded(found.mean_treated),
        "mean_control": rounded(found.mean_control),
        "effect": rounded(found.effect),
        "low": rounded(found.low),
        "high": rounded(found.high),
        "relative": rounded(found.effect / found.mean_control if found.mean_control > 0 else None),
        "cuped": None
        if adjusted is None
        else {**(named(adjusted[:3]) or {}), "variance_removed": rounded(adjusted[3])},
        "stratified": named(within),
        "cace": None if went is None else named(per_message(values, treated, weights, went.sent)),
        "minimal_detectable_effect": _detectable(found),
    }


def _detectable(found: Comparison) -> float | None:
    """Smallest effect this campaign had an 80 % chance to find at 5 %; null if nothing varies."""
    if found.se == 0:
        return None
    return rounded(float(norm.ppf(0.975) + norm.ppf(0.8)) * found.se)


def _verdict(found: Mapping[str, Any]) -> str:
    if found["low"] is not None and found["low"] > 0:
        return "works"
    harms = found["high"] is not None and found["high"] < 0
    return "harms" if harms else "not_distinguishable"


# --- design ------------------------------------------------------------------------------------


def _expected_control(
    assigned: pd.DataFrame, treated: Flags, control_share: float | None
) -> tuple[Floats | None, str]:
    """Chance of each customer to be control by design, and where that is known from."""
    if control_share is not None and not 0 < control_share < 1:
        raise UsageError(f"control_share is {control_share}; it must lie between 0 and 1")
    probability = assigned["probability"].to_numpy(np.float64)
    if np.isfinite(probability).all():
        by_arm = assigned.groupby("arm")["probability"].agg(["min", "max"])
        sure = (by_arm["max"] - by_arm["min"] < 1e-9).all() and CONTROL in by_arm.index
        if len(by_arm) > 2 and sure and abs(by_arm["max"].sum() - 1) < 1e-6:
            # Every arm's own share of one draw, rather than offer against control.
            share = float(by_arm.loc[CONTROL, "max"])  # type: ignore[arg-type]
            return np.full(len(treated), share), "probability"
        return np.where(treated, 1 - probability, probability), "probability"
    if control_share is not None:
        return np.full(len(treated), float(control_share)), "control_share"
    if 0.4 <= 1 - treated.mean() <= 0.6:
        return np.full(len(treated), 0.5), "equal_split"
    return None, "unknown"


def _sample_ratio_p(
    assigned: pd.DataFrame, treated: Flags, expected: Floats | None, basis: str
) -> float | None:
    """Chance of a split at least this far from the design, overall and within planned offers."""
    if expected is None:
        return None
    cells = assigned["planned_offer"].fillna("").to_numpy(object)
    statistic, freedom = 0.0, 0
    for cell in sorted(set(cells)) if basis == "probability" else [None]:
        here = np.ones(len(treated), np.bool_) if cell is None else cells == cell
        spread = float((expected[here] * (1 - expected[here])).sum())
        if spread > 0:
            surplus = float((~treated[here]).sum() - expected[here].sum())
            statistic += surplus**2 / spread
            freedom += 1
    return float(chi2.sf(statistic, freedom)) if freedom else None


def _weights(expected: Floats | None, treated: Flags) -> Floats | None:
    """Inverse probability of the side drawn; None where it is the same for everybody."""
    if expected is None or np.ptp(expected) < 1e-9:
        return None
    drawn = np.where(treated, 1 - expected, expected)
    return np.asarray(1 / np.clip(drawn, 1e-3, None))


def _problems(n_treated: int, n_control: int, in_both: int, srm_p: float | None) -> list[str]:
    if in_both:
        # Which arm such a customer counts in is arbitrary, so nothing else is known either.
        return ["customer_in_both_arms"]
    found = []
    if n_control < 2:
        found.append("no_control")
    if n_treated < 2:
        found.append("no_treated")
    # One arm alone is said already.
    if srm_p is not None and srm_p < SRM_ALARM and not found:
        found.append("sample_ratio")
    return found


def _covariates(assigned: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """What was known of each customer before the draw, most telling first."""
    found: dict[str, Any] = {}
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


def _balance(
    covariates: pd.DataFrame, treated: Flags, weights: Floats | None
) -> list[dict[str, Any]]:
    """Compare the arms before the draw: differences in standard deviations, near zero."""
    scales = {"p_return": "share", "spend_before_365d": "root"}
    rows = []
    for name in covariates:
        values = covariates[name].to_numpy(np.float64)
        found = compare(values, treated, weights)
        spread = np.sqrt((values[treated].var(ddof=1) + values[~treated].var(ddof=1)) / 2)
        rows.append(
            {
                "covariate": str(name),
                "scale": scales.get(str(name), "log"),
                "mean_treated": rounded(found.mean_treated),
                "mean_control": rounded(found.mean_control),
                "standardised_difference": rounded(found.effect / spread if spread > 0 else None),
                "p": rounded(found.p),
            }
        )
    return rows


# --- parts of the campaign -----------------------------------------------------------------------


def _judged(
    outcomes: pd.DataFrame, metric: Metric, treated: Flags, weights: Floats | None,
    covariates: pd.DataFrame, groups: Sequence[tuple[str, Flags]], noun: str,
) -> list[dict[str, Any]]:  # fmt: skip
    """One row per group: the campaign's metric with its verdict, the others with intervals."""
    values = outcomes[metric].to_numpy(np.float64)
    rows = judge_groups(values, treated, weights, groups, share=metric == "returned")
    where = dict(groups)
    for row in rows:
        here = where[row["name"]]
        for other in METRICS:
            found = compare(
                outcomes[other].to_numpy(np.float64)[here],
                treated[here],
                None if weights is None else weights[here],
                share=other == "returned",
            )
            row[other] = named((found.effect, found.low, found.high))
        row |= _ratios(outcomes, treated, weights, covariates, here)
    return [{noun: row.pop("name"), **row} for row in rows]


def _ratios(
    outcomes: pd.DataFrame, treated: Flags, weights: Floats | None, covariates: pd.DataFrame,
    here: Flags,
) -> dict[str, Any]:  # fmt: skip
    """What of an effect carries over to other customers: how many times faster, and as many."""
    mine = None if weights is None else weights[here]
    side, returned = treated[here], outcomes["returned"].to_numpy(np.float64)[here]
    orders = outcomes["orders"].to_numpy(np.float64)[here]
    return {
        "hazard_ratio": hazard_ratio(returned, side, mine),
        "orders_ratio": orders_ratio(orders, side, mine, covariates[here]),
    }


def _by_offer(
    outcomes: pd.DataFrame, metric: Metric, assigned: pd.DataFrame, treated: Flags,
    weights: Floats | None, covariates: pd.DataFrame,
) -> list[dict[str, Any]]:  # fmt: skip
    """Each offer against its own control, and its ratios in each segment, for later lists."""
    offers = _offer_groups(assigned)
    rows = _judged(outcomes, metric, treated, weights, covariates, offers, "offer")
    found, where = _segments(assigned), dict(offers)
    for row in rows:
        row["by_segment"] = None
        if found is None:
            continue
        parts = []
        for name, inside in found[1]:
            here = inside & where[row["offer"]]
            sizes = {
                "n_treated": int((here & treated).sum()),
                "n_control": int((here & ~treated).sum()),
            }
            if min(sizes.values()) >= 2:
                ratios = _ratios(outcomes, treated, weights, covariates, here)
                parts.append({"segment": name, **sizes, **ratios})
        row["by_segment"] = {"column": found[0], "rows": parts}
    return rows


def _offer_groups(assigned: pd.DataFrame) -> list[tuple[str, Flags]]:
    """Each offer with those it was planned for, or where rows do not say, the whole control."""
    arm = assigned["arm"].to_numpy(object)
    control = arm == CONTROL
    planned = assigned["planned_offer"]
    if planned.notna().all():
        return [(str(name), (planned == name).to_numpy(np.bool_)) for name in sorted(set(planned))]
    return [(str(name), (arm == name) | control) for name in sorted(set(arm[~control]))]


def _by_segment(
    outcomes: pd.DataFrame, metric: Metric, assigned: pd.DataFrame, treated: Flags,
    weights: Floats | None, covariates: pd.DataFrame,
) -> dict[str, Any] | None:  # fmt: skip
    """The effect by what was known before the draw; null where nothing was."""
    found = _segments(assigned)
    if found is None:
        return None
    rows = _judged(outcomes, metric, treated, weights, covariates, found[1], "segment")
    return {"column": found[0], "rows": rows} if rows else None


def _segments(assigned: pd.DataFrame) -> tuple[str, list[tuple[str, Flags]]] | None:
    """The column that parts the customers, and its parts.

    ``segment``, ``risk_band`` or ``stratum`` of the assignment, whichever it has first, else
    thirds of ``p_return``.
    """
    names = ("segment", "risk_band", "stratum")
    column = next((name for name in names if assigned[name].notna().any()), None)
    if column is not None:
        labels = assigned[column].fillna("").to_numpy(object)
    elif assigned["p_return"].notna().all() and assigned["p_return"].nunique() >= 3:
        column = "p_return"
        chance = assigned["p_return"].to_numpy(np.float64)
        first, second = np.quantile(chance, [1 / 3, 2 / 3])
        labels = np.select([chance <= first, chance <= second], ["lowest third", "middle third"],
                           "highest third").astype(object)  # fmt: skip
    else:
        return None
    return column, [(str(name), labels == name) for name in sorted(set(labels))]


def _came_anyway(
    outcomes: pd.DataFrame, treated: Flags, weights: Floats | None
) -> dict[str, float | None]:
    """Share of the treated who returned that would have returned without the offer.

    That is the share of the discounts that bought nothing: the control's return rate over
    the treated's, with the interval of a ratio on the log scale (Katz et al. 1978).
    """
    returned = outcomes["returned"].to_numpy(np.float64)
    (mean_t, variance_t, _), (mean_c, variance_c, _) = (
        weighted_mean(returned[side], None if weights is None else weights[side])
        for side in (treated, ~treated)
    )
    if mean_t == 0 or mean_c == 0:
        return {"value": None, "low": None, "high": None}
    reach = 1.96 * np.sqrt(variance_t / mean_t**2 + variance_c / mean_c**2)
    ratio = mean_c / mean_t
    bounds = (ratio, ratio * np.exp(-reach), ratio * np.exp(reach))
    value, low, high = (rounded(min(float(bound), 1.0)) for bound in bounds)
    return {"value": value, "low": low, "high": high}


def _after_window(
    assigned: pd.DataFrame,
    outcomes: pd.DataFrame,
    treated: Flags,
    weights: Floats | None,
    window_days: int,
    covered: date,
) -> dict[str, Any] | None:
    """Orders in as many days again: below zero, the offer only moved orders forward.

    ``both_windows`` is the effect on the orders of the window and of the days after it.
    Null while the history does not cover that second window for everybody.
    """
    if not _covers(assigned, 2 * window_days, covered):
        return None
    later = outcomes["orders_after"].to_numpy(np.float64)
    orders = outcomes["orders"].to_numpy(np.float64)
    found = compare(later, treated, weights)
    both = compare(orders + later, treated, weights)
    return {
        "mean_treated": rounded(found.mean_treated),
        "mean_control": rounded(found.mean_control),
        **(named((found.effect, found.low, found.high)) or {}),
        "both_windows": named((both.effect, both.low, both.high)),
    }


def _covers(assigned: pd.DataFrame, days: int, covered: date) -> bool:
    ends = assigned["assigned_at"].max() + pd.Timedelta(days=days)
    return bool(ends <= pd.Timestamp(covered) + pd.Timedelta(days=1))


def _sent(went: Sent, assigned: pd.DataFrame, treated: Flags) -> dict[str, Any]:
    """What left, by arm: how far the campaign was diluted and the control contaminated."""
    reached, spilled = went.sent[treated], went.sent[~treated]
    planned = assigned["planned_offer"].fillna(assigned["arm"]).to_numpy(object)
    told = went.offer.notna().to_numpy(np.bool_)
    other = went.sent & treated & told & (went.offer.fillna("").to_numpy(object) != planned)
    return {
        "n_treated_sent": int(reached.sum()),
        "share_treated_sent": rounded(float(reached.mean())) if treated.any() else None,
        "n_control_sent": int(spilled.sum()),
        "share_control_sent": rounded(float(spilled.mean())) if not treated.all() else None,
        "other_offer": int(other.sum()),
        **went.facts,
    }


def _profit(
    assigned: pd.DataFrame,
    outcomes: pd.DataFrame,
    treated: Flags,
    weights: Floats | None,
    offers: Sequence[Offer],
    went: Sent | None,
    amounts: Amounts,
) -> dict[str, Any] | None:
    """What the campaign earned: the margin it added less the discounts and the contacts.

    Per customer: ``margin_share`` of net spend before the discount; for whoever was sent an
    offer (as the CRM says, else as assigned) less the contact and the discount on up to
    ``max_uses`` orders in the window, of which ``redemption_share`` used it. Null without a
    catalogue that names every treated arm.
    """
    catalogue = {offer.name: offer for offer in offers}
    arm = assigned["arm"].to_numpy(object)
    if not catalogue or not set(arm[treated]) <= set(catalogue):
        return None
    planned = assigned["planned_offer"].fillna(assigned["arm"])
    got = np.where(treated, arm, "")
    if went is not None:
        said = went.offer.fillna(planned).to_numpy(object)
        got = np.where(went.sent, said, "")
    margins = {name: offer.margin_share for name, offer in catalogue.items()}
    usual = float(np.mean(list(margins.values())))
    spend = outcomes["net_spend"].to_numpy(np.float64)
    bought = outcomes["orders"].to_numpy(np.float64)
    discount, contact = np.zeros(len(arm)), np.zeros(len(arm))
    for name, offer in catalogue.items():
        here = got == name
        contact[here] = offer.contact_cost
        most = np.inf if offer.max_uses is None else offer.max_uses
        uses = offer.redemption_share * np.minimum(bought[here], most)
        if offer.discount_share is not None:
            # Of the orders that used it, as many as could, and of their mean value.
            part = np.divide(uses, bought[here], out=np.zeros_like(uses), where=bought[here] > 0)
            off = offer.discount_share * part
            if amounts == "after_discount":
                off = np.divide(off, 1 - off, out=np.zeros_like(off), where=off < 1)
            discount[here] = off * np.maximum(spend[here], 0)
        else:
            discount[here] = uses * (offer.discount_amount or 0.0)
    value = spend + discount if amounts == "after_discount" else spend
    margin = value * planned.map(margins).fillna(usual).to_numpy(np.float64)
    found = compare(margin - discount - contact, treated, weights)
    added = compare(margin, treated, weights)
    n, cost = int(treated.sum()), float((discount + contact).sum())

    def over_cost(per_customer: float) -> float | None:
        return rounded(n * per_customer / cost) if cost > 0 else None

    return {
        "per_customer": rounded(found.effect),
        "low": rounded(found.low),
        "high": rounded(found.high),
        "total": rounded(n * found.effect),
        "total_low": rounded(n * found.low),
        "total_high": rounded(n * found.high),
        "margin_added": rounded(n * added.effect),
        "margin_added_low": rounded(n * added.low),
        "margin_added_high": rounded(n * added.high),
        "discounts": rounded(float(discount.sum())),
        "contacts": rounded(float(contact.sum())),
        "offer_cost": rounded(cost),
        "return_on_cost": over_cost(found.effect),
        "return_on_cost_low": over_cost(found.low),
        "return_on_cost_high": over_cost(found.high),
        "amounts": amounts,
    }


def _predicted(
    assigned: pd.DataFrame, outcomes: pd.DataFrame, treated: Flags, weights: Floats | None,
    offers: Sequence[Offer], score_days: int | None, covered: date,
    profit: Mapping[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    """What was foretold against what came: the score, the effect, the gain. Null: not foretold.

    The score is judged on the control alone, within the days it spoke of: the offers change
    the others' answer.
    """
    side = ~treated
    scored = assigned["p_return"].to_numpy(np.float64)
    score = None
    if score_days and np.isfinite(scored[side]).all() and _covers(assigned, score_days, covered):
        came = (outcomes["orders_by_then"].to_numpy(np.float64) > 0).astype(np.float64)
        mean, _, n = weighted_mean(came[side], None if weights is None else weights[side])
        foretold, _, _ = weighted_mean(scored[side], None if weights is None else weights[side])
        low, high = wilson(mean, n)
        score = {
            "days": score_days,
            "predicted": rounded(foretold),
            "realised": rounded(mean),
            "low": rounded(low),
            "high": rounded(high),
        }
    effects = {o.name: o.effect_pp / 100 for o in offers if o.effect_pp is not None}
    planned = assigned["planned_offer"].fillna(assigned["arm"])[treated].map(effects)
    effect = None
    if planned.notna().all():
        returned = outcomes["returned"].to_numpy(np.float64)
        found = compare(returned, treated, weights, share=True)
        effect = {
            "predicted": rounded(float(planned.mean())),
            "realised": rounded(found.effect),
            "low": rounded(found.low),
            "high": rounded(found.high),
        }
    gains = assigned["expected_gain"].to_numpy(np.float64)[treated]
    gain = None
    if profit is not None and np.isfinite(gains).all():
        gain = {
            "predicted": rounded(float(gains.sum())),
            "realised": profit["total"],
            "low": profit["total_low"],
            "high": profit["total_high"],
        }
    return {"p_return": score, "effect": effect, "gain": gain}
