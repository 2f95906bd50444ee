"""What the ledger keeps: one entry for each list that left, each grade, each change of model."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, JsonValue

from winback.results.base import Result
from winback.results.listed import Offers

Kind = Literal[
    "seal", "replay", "grade", "gate", "champion", "watch", "measurement", "correction"
]  # fmt: skip
# What stages find and write as their own results, until somebody records it.
FINDINGS: tuple[Kind, ...] = ("gate", "grade", "watch", "measurement")


class Entry(Result):
    """One entry, written as ``entry.json`` of its folder; never changed, only added to."""

    number: int = Field(ge=1, description="its place in the chain, 1 the first")
    kind: Kind = Field(
        description="`seal` (a list left), `replay` (a week of the past as it would have been), "
        "`grade`, `gate`, `watch`, `measurement` (what a stage found), `champion` (named by "
        "somebody) or `correction` (of an earlier entry)"
    )
    subject: str = Field(description="campaign, model or number of the entry that it speaks of")
    day: date = Field(description="the day it speaks of; of a seal the day the list left")
    previous: str | None = Field(description="SHA-256 of the entry before; null for the first")
    files: dict[str, str] = Field(description="SHA-256 of each file beside it")
    content: dict[str, JsonValue] = Field(description="what it says, as its kind has it")
    signature: str | None = Field(
        None,
        description="keyed hash of all the rest, by the project's salt: who has that sees a "
        "change even of the last entry",
    )


class Recipe(Result):
    """What makes a model, beside the data."""

    params: dict[str, JsonValue] = Field(description="the sections of params.yaml that make it")
    code: str = Field(description="hash of the source that a fit can reach")


class ModelSealed(Result):
    """The model that scored a list."""

    version: str = Field(description="12 hexadecimal digits of its content")
    kind: str = Field(description="kind of the model")
    rule: str | None = Field(description="the rule that gave the scores in its place, if any")
    recipe: Recipe = Field(description="what made it, beside the data")


class Sealed(Result):
    """A list that has left, and what it was made from."""

    campaign_id: str = Field(description="name of the campaign")
    cutoff: date = Field(description="as of when it was scored")
    sent_on: date = Field(description="the day it left; offers and windows count from it")
    horizon_days: int = Field(description="days that the scores speak of")
    language: Literal["en", "pl"] = Field(description="of offer labels and reasons")
    currency: str | None = Field(description="ISO code; null where nobody said it")
    offers: Offers = Field(description="the offers with their terms, as promised")
    model: ModelSealed = Field(description="who scored it")
    customers: int = Field(description="customers scored that day")
    listed: int = Field(description="customers on the list")
    control: int = Field(description="customers planned and held out")
    people: int = Field(description="highest number of a person in its tables")
    columns: tuple[str, ...] = Field((), description="columns of `list.csv`, in order")
    seal: str = Field(description="hash of who was planned what and which arm was drawn")
    salt_fingerprint: str | None = Field(description="keyed hash of the salt that drew the arms")
    versions: dict[str, str | None] = Field(description="of orders, code, params and model")
    sha256: dict[str, str] = Field(description="hash of each file of the list as it left")
    params: dict[str, JsonValue] = Field(description="params.yaml as it was, without any secret")


class Named(Result):
    """A model that somebody made champion."""

    version: str = Field(description="the model's version")
    reason: str = Field(description="why, in the words of whoever did it")
    rollback: bool = Field(False, description="whether it went back to the one before")
    model: ModelSealed | None = Field(
        None, description="what made it; null where the ledger had it before"
    )


class Corrected(Result):
    """What was wrong in an earlier entry."""

    entry: int = Field(description="number of the entry that it corrects")
    reason: str = Field(description="why, in the words of whoever did it")
    never_left: bool = Field(False, description="the list was sealed and never left")
    sent_on: date | None = Field(None, description="the day it left; null: as sealed")


class Reign(Result):
    """Who is champion, since when and why."""

    version: str = Field(description="the model's version")
    since: date = Field(description="the day from which on")
    why: Literal["sealed", "named", "rolled_back", "replayed"] = Field(
        description="it scored the last sealed list, was named, came back, or scored a replayed "
        "week before any list left"
    )
    entry: int = Field(description="number of the entry that says so")
    reason: str | None = Field(None, description="why it was named, in somebody's words")
    model: ModelSealed | None = Field(None, description="what the ledger knows of it")
