"""What a push to a destination would do, and what it did."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from winback.results.base import Result


class PushPlanned(Result):
    """What a push would do: the dry run, which calls nothing."""

    destination: str = Field(description="its label")
    name: str = Field(description="its name in params.yaml")
    campaign_id: str = Field(description="of the list")
    audience: Literal["listed", "everybody"] = Field(description="who gets values")
    left_already: bool = Field(description="whether the list was sealed before")
    cut_off: bool = Field(description="whether it goes on with a push that was cut off")
    updates: int = Field(description="customers who get values")
    known: int = Field(description="of them those whom the destination is known to have")
    create: bool = Field(description="whether who is not there is created")
    clears: int = Field(description="customers from whom our values are taken back")
    cleared_because: dict[str, int] = Field(description="of these, by reason")
    unchanged: int = Field(description="customers whose values are there as they are")
    given_up: int = Field(description="customers already tried by the push that was cut off")
    skipped: dict[str, int] = Field(description="customers who get nothing, by reason")
    erased: int = Field(description="people who were erased and whom it still holds values of")
    properties: tuple[str, ...] = Field(description="names of our properties there")
    calls: int = Field(description="calls, if nothing fails")
    seconds: float = Field(description="how long they take, about")
    examples: tuple[str, ...] = Field(description="what is sent of some, addresses masked")


class Pushed(Result):
    """What a push did, from its first start to its end."""

    destination: str = Field(description="its label")
    campaign_id: str = Field(description="of the list")
    updated: int = Field(description="customers whose values were set")
    created: int = Field(description="customers who were not there and now are")
    cleared: int = Field(description="customers from whom our values were taken back")
    unchanged: int = Field(description="customers whose values were there as they are")
    not_there: int = Field(description="customers it does not know, and who were not created")
    refused: int = Field(description="rows that it refused")
    refused_because: dict[str, int] = Field(description="of these, by its own code")
    skipped: dict[str, int] = Field(description="customers who got nothing, by reason")
    erased: int = Field(description="people who were erased and whom it still holds values of")
    made: tuple[str, ...] = Field(description="properties that had to be made there")
    calls: int = Field(description="calls of this process, tries again among them")
    sealed_entry: int | None = Field(
        description="entry of the ledger that says the list has left; null for everybody's scores"
    )
    sealed_now: bool = Field(description="whether this push sealed it")
    rejected: str | None = Field(description="file of who was refused and why; null: nobody")
    by_hand: str | None = Field(description="file of whom to delete by hand; null: nobody")
