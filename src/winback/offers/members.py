"""What a plan does with each segment: who gets which offer, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats, Integers, Mask
from winback.offers.choosing import Chosen
from winback.offers.eligibility import Eligibility, parse_eligibility
from winback.offers.worth import OfferValues
from winback.results.offered import Offer
from winback.results.segmented import Conditions, Members, OfferOfMembers, Segment, Segmented
from winback.tables.scored import SEGMENTS

BANDS = ("high", "medium", "low", "new", "lost")
# The code of customers whose scores name no segment.
_NONE = "none"
# The first that holds; 0 and 1 are no reasons.
_OF_OFFER = (
    "n", "control", "no_channel", "complaint", "no_complaint", "had_before", "condition",
    "min_basket", "cannot_pay", "impossible", "comes_anyway", "too_weak", "other_offer", "budget",
)  # fmt: skip
_AT = {name: at for at, name in enumerate(_OF_OFFER)}


@dataclass(frozen=True)
class Barred:
    """Customers x offers: who may not have which offer, whatever its condition says.

    Attributes:
        channel: may not be written to by its channel.
        had: was planned it, or one of its group, too lately.
        complaint: has an open complaint that it is not for, one flag a customer.
    """

    channel: Mask
    had: Mask
    complaint: Mask


def segment_plan(
    scored: pd.DataFrame,
    reasons: NDArray[np.object_],
    kept: Mask,
    catalogue: Sequence[Offer],
    barred: Barred,
    values: OfferValues,
    chosen: Chosen,
    cutoff: date | None,
) -> Segmented:
    """Everybody scored by segment and by band of risk.

    Each customer stands in one segment and one band and, for each offer, is one who gets it, one
    held out from it, or has one reason: these add up to the segment's customers.

    Args:
        scored: one row a customer: the scores with what offers ask for.
        reasons: of each of them, as in ``decisions.parquet``.
        kept: which of them the plan could choose among; the rows of all below.
        catalogue: the offers, one a column of all below.
    """
    segment, names = _coded(scored, "segment", tuple(SEGMENTS))
    # Of ninety columns of millions of customers only those that a condition asks for.
    asked = {name for offer in catalogue for name in parse_eligibility(offer.eligible).columns}
    buyers = scored.loc[kept, [name for name in scored.columns if name in asked]]
    texts = [name for name in buyers if pd.api.types.is_string_dtype(buyers[name])]
    buyers = buyers.astype(dict.fromkeys(texts, "category"))
    by_offer = {
        offer.name: _of_offer(
            offer, j, buyers, segment[kept], len(names), barred, values, chosen
        )
        for j, offer in enumerate(catalogue)
    }  # fmt: skip
    why = _counted(segment, len(names), reasons)
    # Whoever is no subject of the plan has no offer for the one reason.
    aside = _counted(segment[~kept], len(names), reasons[~kept])
    found = segment_customers(scored, cutoff)
    segments = {
        name: found.segments[name].model_copy(update={
            "reasons": why[at],
            "offers": {
                offer: of[at].model_copy(
                    update={"why_not": dict(sorted((aside[at] | of[at].why_not).items()))}
                )
                for offer, of in by_offer.items()
            },
        })
        for at, name in enumerate(names)
        if name in found.segments
    }  # fmt: skip
    offers = {offer.name: _conditions(offer) for offer in catalogue}
    return found.model_copy(update={"offers": offers, "segments": segments})


def segment_customers(scored: pd.DataFrame, cutoff: date | None) -> Segmented:
    """Everybody scored by segment and by band of risk, before any plan: in totals alone.

    Args:
        scored: one row a customer, as in ``scores.parquet``; what it lacks is not known.
        cutoff: as of when they were scored.
    """
    segment, names = _coded(scored, "segment", tuple(SEGMENTS))
    band, bands = _coded(scored, "risk_band", BANDS)
    whole = np.zeros(len(scored), np.int64)
    return Segmented(
        cutoff=cutoff,
        everybody=_members(scored, whole, 1)[0],
        offers={},
        segments={
            name: Segment(**dict(of), advice=name, reasons={}, offers={})
            for name, of in zip(names, _members(scored, segment, len(names)), strict=True)
            if of.customers
        },
        bands={
            name: of
            for name, of in zip(bands, _members(scored, band, len(bands)), strict=True)
            if of.customers
        },
    )


def _coded(scored: pd.DataFrame, column: str, usual: tuple[str, ...]) -> tuple[Integers, list[str]]:
    """Each row's place among the names of a column: the usual ones first, then any other."""
    if column not in scored:
        return np.zeros(len(scored), np.int64), [_NONE]
    places, found = pd.factorize(scored[column])
    named = [str(name) for name in found]
    names = [*usual, *sorted({*named, *([_NONE] if (places < 0).any() else [])} - set(usual))]
    # Of who has none the place is -1: the last.
    none = names.index(_NONE) if _NONE in names else 0
    return np.array([*map(names.index, named), none], np.int64)[places], names


def _numbers(scored: pd.DataFrame, column: str) -> Floats:
    if column not in scored:
        return np.full(len(scored), np.nan)
    found: Floats = scored[column].to_numpy(np.float64, na_value=np.nan)
    return found


def _members(scored: pd.DataFrame, group: Integers, n: int) -> list[Members]:
    """Each group in totals; the rows are added in their order, so that sums are the same."""
    spend, p = np.nan_to_num(_numbers(scored, "spend_total")), _numbers(scored, "p_return")
    value = _numbers(scored, "expected_net_spend")
    high = np.asarray(
        (scored["risk_band"] == "high").fillna(False)
        if "risk_band" in scored
        else np.zeros(len(scored)),
        np.float64,
    )

    def summed(weights: Floats) -> Floats:
        return np.bincount(group, weights, minlength=n).astype(np.float64)

    customers, spent, whole = np.bincount(group, minlength=n), summed(spend), float(spend.sum())
    with_p, with_value = (summed((~np.isnan(x)).astype(np.float64)) for x in (p, value))
    returning, expected = summed(np.nan_to_num(p)), summed(np.nan_to_num(value))
    at_high, spent_high = summed(high), summed(high * spend)
    return [
        Members(
            customers=int(customers[g]),
            share=round(float(customers[g]) / max(len(scored), 1), 6),
            net_spend=round(float(spent[g]), 2),
            spend_share=round(float(spent[g]) / whole, 6) if whole > 0 else None,
            mean_risk=round(1 - float(returning[g] / with_p[g]), 6) if with_p[g] else None,
            high_risk=int(at_high[g]),
            high_risk_spend=round(float(spent_high[g]), 2),
            expected_returning=round(float(returning[g]), 2) if with_p[g] else None,
            expected_value=round(float(expected[g]), 2) if with_value[g] else None,
        )
        for g in range(n)
    ]


def _counted(group: Integers, n: int, reasons: NDArray[np.object_]) -> list[dict[str, int]]:
    """In each group the customers by reason."""
    places, names = pd.factorize(reasons, sort=True)
    table = np.bincount(group * max(len(names), 1) + places, minlength=n * len(names))
    return [
        {str(name): int(count) for name, count in zip(names, row, strict=True) if count}
        for row in table.reshape(n, len(names))
    ]


def _conditions(offer: Offer) -> Conditions:
    return Conditions(
        label=offer.label,
        eligible=offer.eligible.strip(),
        parts=tuple(part.text for part in parse_eligibility(offer.eligible).parts),
        min_basket=offer.min_basket,
        channel=offer.channel,
    )


def _of_offer(
    offer: Offer,
    j: int,
    buyers: pd.DataFrame,
    segment: Integers,
    n: int,
    barred: Barred,
    values: OfferValues,
    chosen: Chosen,
) -> list[OfferOfMembers]:
    """One offer among those whom the plan could choose among, by segment."""
    gain, picks = values.gain[:, j], chosen.picks
    misfit = barred.complaint != offer.for_complaint
    ways = (
        ("n", chosen.listed == j),
        ("control", picks == j),
        ("no_channel", barred.channel[:, j]),
        ("no_complaint" if offer.for_complaint else "complaint", misfit),
        ("had_before", barred.had[:, j]),
        ("condition", ~values.eligible[:, j]),
        ("cannot_pay", values.margin[:, j] <= values.discount[:, j]),
        ("impossible", ~np.isfinite(values.break_even[:, j])),
        ("comes_anyway", (gain <= 0) & (gain + values.subsidy[:, j] > 0)),
        ("too_weak", gain <= 0),
        ("other_offer", picks >= 0),
    )
    code = np.full(len(buyers), _AT["budget"], np.int64)
    for name, holds in reversed(ways):
        code[holds] = _AT[name]
    condition = parse_eligibility(offer.eligible)
    at = np.flatnonzero(code == _AT["condition"])
    if offer.min_basket is not None:
        # Who meets the condition is kept from it by the smallest order alone.
        meets = condition.mask(buyers.iloc[at])
        code[at[meets]] = _AT["min_basket"]
        at = at[~meets]
    unmet = _unmet(condition, buyers, at, segment[at], n)
    table = np.bincount(segment * len(_OF_OFFER) + code, minlength=n * len(_OF_OFFER))
    return [
        OfferOfMembers(
            n=int(row[0]),
            control=int(row[1]),
            why_not={_OF_OFFER[k]: int(row[k]) for k in range(2, len(row)) if row[k]},
            unmet=failed,
        )
        for row, failed in zip(table.reshape(n, len(_OF_OFFER)), unmet, strict=True)
    ]


def _unmet(
    condition: Eligibility, buyers: pd.DataFrame, at: Integers, segment: Integers, n: int
) -> list[tuple[int, ...]]:
    """In each segment, how many of the rows ``at`` fail each part of a condition."""
    if len(condition.parts) == 1:  # whoever fails the whole
        return [(int(count),) for count in np.bincount(segment, minlength=n)]
    failed = [
        np.bincount(segment[~part.mask(buyers[list(part.columns)].iloc[at])], minlength=n).tolist()
        for part in condition.parts
    ]
    return list(zip(*failed, strict=True)) if failed else [()] * n
