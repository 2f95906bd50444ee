"""Why scores are what they are: of one customer, and over all in ``reports/drivers.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ConfigDict, Field

from winback.results.base import Result

Beside = Literal["shop", "alike", "own", "basket", "all"]


# No result that is written: a model of pydantic's would take longer to make than to tell.
@dataclass(frozen=True)
class Reason:
    """A story that sets a customer apart, and what its number is compared with.

    Attributes:
        story: what it is about; of a declared column the name of its declaration.
        raises: whether it speaks for a return.
        column: the declared column that is told.
        beside: the ``shop``'s average, customers ``alike`` in their orders, the ``own`` past, the
            average ``basket``, or ``all`` the rest of the history; None for nothing.
    """

    story: str
    raises: bool
    column: str | None = None
    beside: Beside | None = None


class ToldColumn(Result):
    """How people are told of a snapshot column that the shop declares."""

    name: str = Field(description="the declaration's, which the columns of one signal share")
    label: Mapping[str, str] = Field(description="what people call it, by language")
    how: str = Field(
        description="the aggregate: `sum` counts, `total` adds up values, `value` is as it stands"
    )
    windows_days: tuple[int | None, ...] = Field(
        (None,), description="the windows it looks at; null for all of history"
    )
    levels: tuple[str, ...] = Field((), description="names of its values 0, 1, ...; none: numbers")


class Importance(Result):
    """How much one story moves the odds of a return."""

    story: str = Field(
        description="what the columns tell about; of columns that the shop declares the name of "
        "the declaration"
    )
    label: Mapping[str, str] | None = Field(
        None, description="what people call it, by language; null for a story of winback's own"
    )
    effect: float = Field(description="mean size of its contribution, in log-odds")


class Bin(Result):
    """Customers with neighbouring values of a column."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True,
        serialize_by_alias=True,
    )  # fmt: skip

    from_value: float = Field(alias="from", description="smallest value")
    to: float = Field(description="largest value")
    customers: int = Field(description="customers")
    effect: float = Field(description="the story's mean contribution against the average customer")
    low: float = Field(description="lower end of the middle eight tenths")
    high: float = Field(description="upper end")

    def __getitem__(self, key: str) -> Any:
        """The field by its name in the JSON file, where ``from`` is no word of Python."""
        return super().__getitem__("from_value" if key == "from" else key)


class Dependence(Result):
    """How a story's contribution goes with its best-known column."""

    story: str = Field(description="the story")
    column: str = Field(description="the snapshot column drawn")
    told: ToldColumn | None = Field(
        None, description="how people are told of a column that the shop declares"
    )
    bins: tuple[Bin, ...] = Field(description="from the lowest value to the highest")


class Drivers(Result):
    """What `describe_drivers` found."""

    customers: int = Field(description="how many were looked at")
    importance: tuple[Importance, ...] = Field(
        description="one entry a story, largest first; empty where all have the same chance"
    )
    rest: float = Field(description="the same of all columns that belong to no story, together")
    dependence: tuple[Dependence, ...] = Field(description="of the three largest stories")
