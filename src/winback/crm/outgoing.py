"""What leaves to one destination: typed rows of people, before any dialect or any call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from winback.crm.fields import Field

KEYS = ("customer_id", "email", "phone")
"""Columns by which a destination may know a person; ``phone`` is E.164, ``email`` lower case."""

Why = Literal[
    "control", "left", "no_marketing", "no_profiling", "erased", "no_ads", "no_key", "bad_email",
    "bad_phone", "duplicate_key",
]  # fmt: skip
"""Why somebody gets nothing, or only has our own values taken back."""


@dataclass(frozen=True)
class Outgoing:
    """What leaves to a destination.

    Attributes:
        campaign_id: of the list; its name also where everybody's scores leave.
        audience: ``listed`` or ``everybody``.
        fields: the columns that leave, in their order; all of them neutral names of
            :data:`winback.crm.fields.FIELDS`.
        rows: one row a person who gets values: :data:`KEYS`, then a column a field. Sorted by
            customer_id; nobody of the control group, nobody who refused or may not be profiled,
            but with ``everybody`` the control group like all others.
        control: the keys of the control group, for a person to keep out of automations.
        kept_out: the keys of everybody else known to the shop who must get nothing, with
            ``why`` (:data:`Why`): only our own values are cleared there, where an earlier
            confirmed list set them. Erased people are not in it: nothing is known of them.
        rejected: rows that cannot leave though they should, ``customer_id`` and ``why``.
    """

    campaign_id: str
    audience: Literal["listed", "everybody"]
    fields: tuple[Field, ...]
    rows: pd.DataFrame
    control: pd.DataFrame
    kept_out: pd.DataFrame
    rejected: pd.DataFrame
