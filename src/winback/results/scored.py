"""What moves the chance to return, over all customers: ``reports/drivers.json``."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from winback.results.base import Result


class Importance(Result):
    """How much one story moves the chance."""

    story: str = Field(description="what the columns tell about")
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
    bins: tuple[Bin, ...] = Field(description="from the lowest value to the highest")


class Drivers(Result):
    """What `describe_drivers` found."""

    customers: int = Field(description="how many were looked at")
    importance: tuple[Importance, ...] = Field(
        description="one entry a story, largest first; empty where all have the same chance"
    )
    rest: float = Field(description="the same of all columns that belong to no story, together")
    dependence: tuple[Dependence, ...] = Field(description="of the three largest stories")
