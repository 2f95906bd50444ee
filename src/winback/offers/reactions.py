"""What offers did on lists that left, customer by customer, as a plan reckons with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from winback.arrays import Floats
from winback.offers.pulled import drawn
from winback.results.offered import Offer, TaughtOffer
from winback.results.reacted import Reacted, RestsOn

# States in which the effect of an offer is known, for good or ill.
KNOWN = ("rolled_out", "harms")


class Terms(NamedTuple):
    """What makes an offer the same on several lists: with another of these it is another offer.

    What it costs the shop, who may get it, its channel and its label may change: they change
    who is sent it and what it earns, and hardly how people take it.
    """

    name: str
    kind: str
    discount_share: float | None
    discount_amount: float | None
    valid_days: int

    @classmethod
    def of(cls, offer: Offer) -> Terms:
        """The terms of an offer."""
        return cls(
            offer.name, offer.kind, offer.discount_share, offer.discount_amount, offer.valid_days
        )


class OfCustomers(NamedTuple):
    """An offer's ratio of orders for each customer, with the ends of its interval."""

    ratio: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Reactions:
    """What was learned of the offers of the catalogue, and what it makes of each customer.

    Attributes:
        learned: as learned.json has it.
        rows: as reactions.parquet has them, one row a customer and offer.
    """

    learned: Reacted
    rows: pd.DataFrame

    def applied(self, offers: Sequence[Offer]) -> tuple[Offer, ...]:
        """The offers, with what was learned of those whose effect nobody states or measured."""
        return tuple(self._taught(offer) for offer in offers)

    def moved(self, offers: Sequence[Offer]) -> dict[str, float]:
        """By offer: share of the orders it wins that was only moved, where lists have told it."""
        found = {}
        for offer in offers:
            told = self.learned.of(offer.name)
            if told and told.moved_share is not None and told.moved_error is not None:
                stated = offer.pull_forward_share
                found[offer.name] = drawn(told.moved_share, told.moved_error, stated)
        return found

    def _taught(self, offer: Offer) -> Offer:
        found = self.learned.of(offer.name)
        if offer.effect_pp is not None or found is None or found.state == "unknown":
            return offer
        told = {name: getattr(found, name) for name in RestsOn.model_fields}
        content = dict(offer) | {"rests_on": RestsOn.model_validate(told)}
        if found.state in KNOWN:
            content |= {
                "effect_pp": found.effect_pp,
                "effect_low_pp": found.effect_low_pp,
                "effect_high_pp": found.effect_high_pp,
                "effect_source": "learned",
            }
        return TaughtOffer.model_validate(content)

    def of_customers(self, offer: TaughtOffer, ids: NDArray[np.object_]) -> OfCustomers:
        """The offer's ratios for these customers; for who has none, the offer's own.

        Of an offer that harms nobody's is above one: a list that sends it to a few of whom the
        shape of the effect says otherwise would rest on what was shown not to be so.
        """
        rests, rows = offer.rests_on, self._by_offer.get(offer.name)
        whole = (rests.ratio or 1.0, rests.ratio_low or 1.0, rests.ratio_high or 1.0)
        found = [np.full(len(ids), end) for end in whole]
        if rows is not None:
            place = pd.Index(rows["customer_id"].astype(str)).get_indexer(pd.Index(ids.astype(str)))
            for end, name in zip(found, ("ratio", "ratio_low", "ratio_high"), strict=True):
                known = rows[name].to_numpy(np.float64)
                end[place >= 0] = known[place[place >= 0]]
        if rests.state == "harms":
            found = [np.minimum(end, 1.0) for end in found]
        return OfCustomers(*found)

    @cached_property
    def _by_offer(self) -> Mapping[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.rows.groupby("offer")}
