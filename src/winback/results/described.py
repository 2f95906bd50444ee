"""What the stage `describe` finds: the shop in numbers, claims of the press tested, the journey."""

from __future__ import annotations

from pydantic import Field

from winback.results.base import Result
from winback.results.journeyed import Journey
from winback.results.kept_score import Scorecard
from winback.results.pressed import Press
from winback.results.shop import Shop


class Described(Result):
    """Content of shop.json: all that is told of the shop before any model."""

    shop: Shop = Field(description="the history in numbers")
    scorecard: Scorecard | None = Field(
        None, description="how the shop does; None without purchases"
    )
    press: Press | None = Field(None, description="claims of the press, tested on this shop")
    journey: Journey | None = Field(None, description="from the first purchase to silence")
