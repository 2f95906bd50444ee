"""What earlier lists leave of an offer's effect on a customer: wear-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats
from winback.offers.budget import Picks, taken
from winback.offers.contact import DAYS_OF_CAP
from winback.results.offered import Offer
from winback.results.planned import WornOut

WEAR_SHARE = 0.1
"""Assumed: no published figure was found that would carry over to a shop's own offers."""
HALF_LIFE_DAYS = 90.0
OTHER_OFFERS = 0.5
"""What a list with another offer takes, as a share of what one with the same offer does."""


@dataclass(frozen=True)
class Wear:
    """What an earlier list with the same offer takes of it, and who says so.

    Attributes:
        share: of the logarithm of the offer's ratio, for a list that left today.
        source: ``stated``, ``learned`` (from lists that left) or ``assumed``.
        lists: how many lists it was learned from.
    """

    share: float = WEAR_SHARE
    source: Literal["stated", "learned", "assumed"] = "assumed"
    lists: int = 0


def exposure_of(
    ids: NDArray[np.object_], past: pd.DataFrame, offers: Sequence[Offer]
) -> Floats | None:
    """Customers x offers: how many lists of the last 365 days count against it; None: none do.

    A list that planned the customer this offer, or one of its group, counts one, another half;
    either halves every 90 days. Both arms count: by what was really sent the later lists of an
    earlier campaign's treated would differ from those of its control, and spoil its reading.

    Args:
        past: as :func:`winback.offers.contact.past_plans` gives it.
    """
    year = past[past["days_ago"] <= DAYS_OF_CAP]
    place = pd.Index(ids.astype(str)).get_indexer(pd.Index(year["customer_id"].astype(str)))
    year, place = year[place >= 0], place[place >= 0]
    if not len(year):
        return None
    age = 0.5 ** (year["days_ago"].to_numpy(np.float64) / HALF_LIFE_DAYS)
    group_of = {offer.name: offer.group or offer.name for offer in offers}
    groups = year["planned_offer"].map(group_of)
    other: Floats = np.bincount(place, OTHER_OFFERS * age, len(ids)).astype(np.float64)
    met: Floats = np.repeat(other[:, None], len(offers), axis=1)
    for j, offer in enumerate(offers):
        same = (groups == group_of[offer.name]).to_numpy(np.bool_, na_value=False)
        met[:, j] += np.bincount(place[same], (1 - OTHER_OFFERS) * age[same], len(ids))
    return met


def fading_of(
    ids: NDArray[np.object_], past: pd.DataFrame, offers: Sequence[Offer], wear: Wear
) -> Floats | None:
    """Customers x offers: what is left of the logarithm of the offer's ratio; None: all of it.

    Each list that counts takes ``wear.share`` of what is left (:func:`exposure_of`).
    """
    met = exposure_of(ids, past, offers) if wear.share else None
    return None if met is None else (1 - wear.share) ** met


def worn_out(wear: Wear, fading: Floats | None, picks: Picks) -> WornOut | None:
    """What the plan reckons is worn out; None where no earlier list counts."""
    if fading is None:
        return None
    met = (picks >= 0) & (fading < 1).any(axis=1)
    left = taken(fading, picks)[met]
    return WornOut(
        source=wear.source, share=round(wear.share, 4), lists=wear.lists, n=int(met.sum()),
        left=round(float(left.mean()), 4) if len(left) else None,
    )  # fmt: skip
