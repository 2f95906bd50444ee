"""The manifest of a list: what it is, what it promises and what it was made from."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from winback.results.base import Result
from winback.results.offered import MeasuredOffer, Offer, TaughtOffer

Offers = tuple[MeasuredOffer | TaughtOffer | Offer, ...]


class Rows(Result):
    """How many customers each file of the list holds."""

    list: int = Field(description="rows of `list.csv`")
    assignment: int = Field(description="rows of `assignment.parquet`, both arms")
    control: int = Field(description="of those the control's")


class Changes(Result):
    """What a list changes beside the last one that left."""

    campaign_id: str = Field(description="the list that left last")
    sent_on: date = Field(description="the day it did")
    counts: dict[str, int] = Field(
        description="customers who `entered` the list, have an `other_offer` or are in an "
        "`other_band` of risk, are the `same`, or have `left` it"
    )
    left_because: dict[str, int] = Field(
        description="of those who left it, by the reason in `decisions.parquet`"
    )
    in_peace_until: date | None = Field(
        description="last day on which that list's customers are left in peace; null without "
        "`target.quiet_days`"
    )


class ValueBands(Result):
    """Where the bands of value are cut: thirds of everybody scored."""

    basis: Literal["lifetime_value", "expected_net_spend"] = Field(
        description="what they rest on; the spend expected within the horizon where no lifetime "
        "value is known"
    )
    low_below: float = Field(description="`low` below it; never less than 0.01")
    high_from: float = Field(description="`high` from it on")


class Moved(Result):
    """What a list changes at a destination beside what was last confirmed to stand there."""

    entered: int = Field(description="people under whose key nothing of ours stands yet")
    changed: int = Field(description="people whose values are other ones")
    same: int = Field(description="people whose values stand there already")
    left: int = Field(description="people whose values are to be taken back")
    erased: int = Field(
        description="people who were forgotten and still have values of ours there: to be deleted "
        "by hand, by `winback push`, or by whoever keeps the destination"
    )
    clears: bool = Field(description="whether a file can take values back at this destination")


class Delivered(Result):
    """What was written for one destination."""

    destination: str = Field(description="its name, such as `klaviyo`")
    audience: Literal["listed", "everybody"] = Field(description="who is in the files")
    columns: tuple[str, ...] = Field(description="headers of our columns, in order")
    rows: int = Field(description="people in its main file, or files where it is split")
    control: int = Field(description="people in `control.csv`; 0 for everybody's scores")
    rejected: dict[str, int] = Field(
        description="people who should have got something and cannot, by the rule in `rejected.csv`"
    )
    moved: Moved | None = Field(
        None, description="beside what was last confirmed; null before anything was"
    )
    sha256: dict[str, str] = Field(description="hash of each file, by its place beside the list")


class Leads(Result):
    """What the messages of a list lead with: customers by the kind of their first product."""

    cart: int = Field(description="from a cart that was left")
    again: int = Field(description="bought before")
    new: int = Field(description="never bought before")
    nothing: int = Field(description="no product that fits")


class Listed(Result):
    """What a list is and was made from; written as manifest.json beside it."""

    campaign_id: str = Field(description="name of the campaign")
    cutoff: date | None = Field(description="as of when; null for empty scores")
    language: Literal["en", "pl"] = Field(description="of offer labels and reasons")
    rows: Rows = Field(description="customers in each file")
    columns: tuple[str, ...] = Field(description="columns of `list.csv`, in order")
    blanked: dict[str, int] = Field(
        description="cells left empty because they were no address or id, by column"
    )
    sha256: dict[str, str] = Field(description="hash of each file beside it")
    made_from: dict[str, str] = Field(
        default_factory=dict,
        description="hash of each table and model that the list was made from; `winback seal` "
        "looks whether they are still the same",
    )
    value_bands: ValueBands | None = Field(
        None, description="where `value_band` is cut; null where nobody's value is known"
    )
    seal: str = Field(description="hash of who was planned what and which arm was drawn")
    salt_fingerprint: str | None = Field(
        description="keyed hash of the salt that drew the arms, which itself stands nowhere"
    )
    offers: Offers = Field(description="the catalogue as promised, with measured effects filled in")
    params: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="params.yaml as it made the list; no secret, nothing of reading or measuring",
    )
    leads: Leads | None = Field(
        None, description="what its messages lead with; null where no product is known to be next"
    )
    changes: Changes | None = Field(
        None, description="beside the last list that left; null before the first"
    )
    destinations: tuple[Delivered, ...] = Field(
        (), description="what was written for each destination of `export.destinations`"
    )
    versions: dict[str, str | None] = Field(
        description="`orders_sha256`, `code` (hash of the source that the export can reach), "
        "`params`, `model`"
    )


class Promised(Result):
    """What of a manifest a measurement needs, of this version or one before."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    campaign_id: str | None = Field(default=None, description="name of the campaign")
    sha256: dict[str, str] = Field(default_factory=dict, description="hash of each file")
    seal: str | None = Field(
        default=None, description="hash of who was planned what and which arm was drawn"
    )
    offers: Offers = Field(default=(), description="the catalogue as promised")
