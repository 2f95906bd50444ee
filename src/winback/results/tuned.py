"""What a search for better settings found: ``tuning.json``."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Result

Finding = Literal["better", "even", "worse", "unchanged"]


class Difference(Result):
    """A mean difference with its 95 % interval over customers."""

    value: float = Field(description="the mean")
    low: float = Field(description="lower end")
    high: float = Field(description="upper end")


class Tuned(Result):
    """The best settings found, and what they are worth where they were not searched."""

    settings: dict[str, int | float] = Field(
        description="the tuned keys of the `train` section; those given, if none was better"
    )
    changed: bool = Field(description="whether they differ from those given")
    tuned_on: tuple[date, ...] = Field(description="cutoffs that the search was judged at")
    proved_on: tuple[date, ...] = Field(
        description="later cutoffs, none of whose windows the search saw"
    )
    log_loss: float = Field(description="of the tuned settings over `proved_on`")
    log_loss_given: float = Field(description="of the given settings there")
    difference: Difference = Field(description="of tuned less given")
    better: bool = Field(description="whether all of that interval is below zero")
    finding: Finding = Field(description="`better`, `even`, `worse`, or `unchanged` settings")
