"""The parts of a campaign, each against its own control: offers and segments."""

from __future__ import annotations

from collections.abc import Sequence

from winback.arrays import Mask
from winback.campaign.earnings import profit_of
from winback.campaign.estimates import (
    Judged,
    hazard_ratio,
    interval,
    judge_groups,
    orders_ratio,
    rounded,
)
from winback.campaign.followed import Followed, offer_groups, segments_of
from winback.results.measured import (
    Amounts,
    GroupEffect,
    Metric,
    OfferEffect,
    RatioInterval,
    SegmentEffect,
    SegmentEffects,
    SegmentRatio,
    SegmentRatios,
)
from winback.results.offered import Offer


def by_offer(
    campaign: Followed, metric: Metric, offers: Sequence[Offer], amounts: Amounts
) -> tuple[OfferEffect, ...]:
    """Each offer against its own control, what it earned, and its ratios in each segment."""
    judged = _judged(campaign, metric, offer_groups(campaign.assigned))
    return tuple(
        OfferEffect(
            offer=row.name,
            profit=profit_of(campaign.within(row.here), offers, amounts),
            by_segment=_segment_ratios(campaign, row.here),
            **dict(_effect(campaign, row)),
        )
        for row in judged
    )


def by_segment(campaign: Followed, metric: Metric) -> SegmentEffects | None:
    """The effect by what was known before the draw; None where nothing was."""
    found = segments_of(campaign.assigned)
    if found is None:
        return None
    rows = tuple(
        SegmentEffect(segment=row.name, **dict(_effect(campaign, row)))
        for row in _judged(campaign, metric, found[1])
    )
    return SegmentEffects(column=found[0], rows=rows) if rows else None


def _judged(campaign: Followed, metric: Metric, groups: Sequence[tuple[str, Mask]]) -> list[Judged]:
    return judge_groups(
        campaign.values(metric), campaign.treated, campaign.weights, groups,
        share=metric == "returned",
    )  # fmt: skip


def _effect(campaign: Followed, row: Judged) -> GroupEffect:
    """The campaign's metric with its verdict, the others with intervals."""
    part = campaign.within(row.here)
    faster, more = _ratios(part)
    effect, low, high = map(rounded, row.found.bounds)
    return GroupEffect(
        n_treated=row.n_treated,
        n_control=row.n_control,
        mean_treated=rounded(row.found.mean_treated),
        mean_control=rounded(row.found.mean_control),
        effect=effect,
        low=low,
        high=high,
        p=rounded(row.found.p),
        p_holm=rounded(row.p_holm),
        verdict=row.verdict,
        returned=interval(part.compare("returned").bounds),
        orders=interval(part.compare("orders").bounds),
        net_spend=interval(part.compare("net_spend").bounds),
        hazard_ratio=faster,
        orders_ratio=more,
    )


def _ratios(part: Followed) -> tuple[RatioInterval | None, RatioInterval | None]:
    """What of an effect carries over to other customers: how many times faster, and as many."""
    return (
        hazard_ratio(part.values("returned"), part.treated, part.weights),
        orders_ratio(part.values("orders"), part.treated, part.weights, part.covariates),
    )


def _segment_ratios(campaign: Followed, offered: Mask) -> SegmentRatios | None:
    found = segments_of(campaign.assigned)
    if found is None:
        return None
    rows = []
    for name, inside in found[1]:
        part = campaign.within(inside & offered)
        if part.comparable:
            faster, more = _ratios(part)
            rows.append(
                SegmentRatio(
                    segment=name,
                    n_treated=int(part.treated.sum()),
                    n_control=int((~part.treated).sum()),
                    hazard_ratio=faster,
                    orders_ratio=more,
                )
            )
    return SegmentRatios(column=found[0], rows=tuple(rows))
