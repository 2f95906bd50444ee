"""What the watch found: alarms, each with its size, since when, and against what."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Fact, Result

What = Literal[
    "silent", "lines", "purchases", "lines_per_purchase", "amounts", "quantities", "refunds",
    "late", "lateness", "gone", "new", "value", "feature", "missing", "scores",
]  # fmt: skip
Of = Literal["column", "order_ids", "product_ids", "signals", "attributes"]


class Alarm(Result):
    """Something that is larger than what matters, and beyond what chance makes in this shop."""

    what: What = Field(
        description="`silent`: no order on the last days; `lines`, `purchases`: how many; "
        "`lines_per_purchase`; `amounts`, `quantities`: the typical one of a line (geometric "
        "mean); `refunds`, `late`: lines of them to a line; `lateness`: how late the late ones "
        "are known; `gone`, `new`, `value`: a value of something that tells lines apart; "
        "`feature`, `missing`: a feature's mean (in its standard deviations), or how often it is "
        "missing; `scores`: the mean score, in log-odds"
    )
    of: Of | None = Field(
        None,
        description="of a value: a `column` of the export, what `order_ids` or `product_ids` "
        "begin with, `signals`, or `attributes`",
    )
    name: str = Field("", description="the column, attribute or feature")
    value: str = Field("", description="the value; empty where the cell is")
    direction: Literal["more", "fewer"] = Field(description="which way it went")
    since: date = Field(description="the day from which on it is so, as far as it can be told")
    window_days: int = Field(description="days that were looked at, the last before the cutoff")
    seen: float = Field(description="what was found in them")
    expected: float = Field(description="what was foretold by the shop's own past")
    times: float | None = Field(
        None, description="`seen` over `expected`; null where that is no ratio"
    )
    power_of_ten: int | None = Field(
        None,
        description="of amounts and quantities that changed by about such a factor: 2 is a "
        "hundred times as much",
    )
    chance: float = Field(description="how often a shop in which nothing has changed strays so far")
    against: Literal["season", "weeks"] = Field(
        description="`season`: the same weeks of earlier years; `weeks`: the shop's weeks before, "
        "since it is too young"
    )


class Watched(Result):
    """What `winback watch` looked at and what it found."""

    until: date = Field(description="the first day that was not looked at")
    first_day: date = Field(description="day of the shop's first purchase")
    against: Literal["season", "weeks", "nothing"] = Field(
        description="what the newest days were held against: the same `season` of earlier years, "
        "the `weeks` before, or `nothing`, where there are fewer than eight weeks"
    )
    looked_at: dict[str, int] = Field(
        description="how many things of each family were looked at: `volume`, `money`, "
        "`lateness`, `values`, `features`, `scores`"
    )
    by: tuple[str, ...] = Field(
        description="columns and other things by whose values lines were counted"
    )
    false_alarms: float = Field(
        description="how often at most a run over a shop that is as ever alarms"
    )
    alarms: tuple[Alarm, ...] = Field(description="the weightiest first")
    notes: tuple[Fact, ...] = Field((), description="what could not be watched, and why")
