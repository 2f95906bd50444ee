"""Who gets nothing, asked of each row at the moment of sending, whatever a file says.

The list was drawn up hours or weeks ago; since then somebody may have refused or been forgotten.
So the sender asks the tables of today itself: who was drawn for control, who may be profiled and
written to, who was forgotten. The strictest answer wins, and who is in no table gets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from winback.crm.outgoing import KEYS, Outgoing
from winback.intake.erased import KeyKind, hashes_to_ask
from winback.privacy import plain_channel

NOT_KNOWN, ERASED, DUPLICATE, NO_KEY = "not_known", "erased", "duplicate_key", "no_key"


@dataclass(frozen=True)
class Gates:
    """What stands between a row and its destination.

    Attributes:
        control: customers of the campaign's control group; empty where everybody's scores leave,
            which control gets like all others.
        channels: the channel of the offer each customer was drawn for.
        privacy: of `winback.tables.history.PRIVACY`, as it is now.
        forgotten: keyed hashes of people who were erased.
        salt: that made them.
        for_ads: whether the destination needs consent to advertising.
    """

    control: frozenset[str]
    privacy: pd.DataFrame
    forgotten: frozenset[str] = frozenset()
    salt: str = field(default="", repr=False)
    channels: Mapping[str, str] = field(default_factory=dict)
    for_ads: bool = False

    def why_not(self, customer: str, *keys: str | None) -> str | None:
        """The strictest reason why a customer gets nothing; None: nothing stands in the way.

        Args:
            customer: the shop's id.
            keys: every address and phone by which the row names the person.
        """
        if self.is_erased(customer, *keys):
            return ERASED
        if customer in self.control:
            return "control"
        if customer not in self._rights:
            return NOT_KNOWN
        return self._rights[customer] or self._channel_barred(customer)

    def is_erased(self, customer: str, *keys: str | None) -> bool:
        """Whether somebody of that id or one of these addresses and phones was forgotten."""
        if not self.forgotten:
            return False
        known: list[tuple[KeyKind, str]] = [("id", customer)]
        known += [("email" if "@" in key else "phone", key) for key in keys if key]
        return not self.forgotten.isdisjoint(hashes_to_ask(known, self.salt))

    @cached_property
    def _rights(self) -> dict[str, str | None]:
        table = self.privacy
        rows = zip(
            table["customer_id"].astype(str).tolist(), table["no_profiling"].tolist(),
            table["no_marketing"].tolist(), table["no_ads"].tolist(), strict=True,
        )  # fmt: skip
        found: dict[str, str | None] = {}
        for customer, profiling, marketing, ads in rows:
            why = "no_profiling" if profiling else "no_marketing" if marketing else None
            found[customer] = why or ("no_ads" if self.for_ads and ads else None)
        return found

    @cached_property
    def _barred(self) -> dict[str, frozenset[str]]:
        barred = self.privacy[self.privacy["barred_channels"].notna()]
        pairs = zip(barred["customer_id"].astype(str), barred["barred_channels"], strict=True)
        return {customer: frozenset(str(names).split(",")) for customer, names in pairs}

    def _channel_barred(self, customer: str) -> str | None:
        channel = self.channels.get(customer)
        barred = channel is not None and plain_channel(channel) in self._barred.get(customer, ())
        return "no_marketing" if barred else None


def keys_in_peace(outgoing: Outgoing) -> dict[str, str]:
    """By each address and phone of control and of the refused, why: it may be another's too."""
    found: dict[str, str] = {}
    tables = [(outgoing.kept_out, outgoing.kept_out["why"].astype(str).tolist())]
    if outgoing.audience == "listed":
        tables.append((outgoing.control, ["control"] * len(outgoing.control)))
    for table, reasons in tables:
        for name in KEYS[1:]:
            if name not in table:
                continue
            for key, reason in zip(table[name].tolist(), reasons, strict=True):
                if isinstance(key, str) and key and reason not in ("left", NO_KEY, DUPLICATE):
                    found[key] = reason
    return found
