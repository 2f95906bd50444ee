"""A rival of one's own in the court: another model, other features, other settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from winback.results.base import Result
from winback.results.judged import Interval


class Tried(Result):
    """One rival beside the model it is to beat, on the same customers at the same cutoffs."""

    name: str = Field(description="the rival: its column is `p_<name>`")
    against: str = Field(description="whom it is compared with")
    finding: Literal["better", "even", "worse", "few", "not_compared"] = Field(
        description="by the whole interval of `gain`; `few`: too few customers to say; "
        "`not_compared`: no customer has a forecast of both"
    )
    customers: int = Field(description="customers, each once")
    cutoffs: int = Field(description="cutoffs at which both forecast")
    log_loss: float | None = Field(description="mean log loss of the rival")
    log_loss_against: float | None = Field(description="of the other")
    gain: Interval | None = Field(
        description="log loss of the other less that of the rival, customer by customer, with "
        "its 95 % interval over customers, which holds for all rivals tried at once; above 0 the "
        "rival is better"
    )
