"""The offers that a plan chooses among: those of params.yaml, or three usual ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.offers.catalogue import default_catalogue, read_offer
from winback.params import TargetSettings
from winback.results.offered import Offer

if TYPE_CHECKING:
    import pandas as pd


def catalogue_of(wanted: TargetSettings, scores: pd.DataFrame) -> tuple[Offer, ...]:
    """The catalogue, usual offers priced by the shop's median order.

    Raises:
        UsageError: an entry is not in order.
    """
    if wanted.offers:
        return tuple(read_offer(entry) for entry in wanted.offers)
    known = scores["order_value_mean"].dropna()
    return tuple(default_catalogue(float(known.median()) if len(known) else 100.0))
