"""What an export was understood to hold, before anything is computed from it."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from winback.results.base import Result
from winback.results.intake import IngestSummary, SetAside


class Inspection(Result):
    """The totals of an export as it is read, and everything that reading assumed or doubts."""

    customers: int = Field(description="customers with a line that is kept")
    purchases: int = Field(description="orders that, as placed, sum above zero")
    gross: float = Field(description="value of the purchases as placed, in the currency")
    refunds: float = Field(description="value of cancellations and refunds, above 0")
    net: float = Field(description="gross less refunds")
    first: date = Field(description="day of the first purchase that is believed")
    last: date = Field(description="day of the last one before the cutoff")
    ingest: IngestSummary = Field(description="what `ingest` would write of it")


class Told(Result):
    """A fact with its sentence, for whoever reads JSON and not Python."""

    code: str = Field(description="what it is, as `topic.name`")
    sentence: str = Field(description="the same in words of the language asked for")


class InspectionTold(Result):
    """The object that `winback inspect --json` prints."""

    customers: int = Field(description="customers with a line that is kept")
    purchases: int = Field(description="orders that, as placed, sum above zero")
    gross: float = Field(description="value of the purchases as placed, in the currency")
    refunds: float = Field(description="value of cancellations and refunds, above 0")
    net: float = Field(description="gross less refunds")
    first: date = Field(description="day of the first purchase that is believed")
    last: date = Field(description="day of the last one before the cutoff")
    currency: str = Field(description="its ISO code; empty where nobody says it")
    files: tuple[str, ...] = Field(description="names of the files")
    columns: dict[str, str] = Field(description="header by role")
    lines_in: int = Field(description="lines read; = kept + set aside + ignored")
    lines_kept: int = Field(description="lines that would go into `orders.parquet`")
    lines_set_aside: SetAside = Field(description="`total` and `by_reason`")
    lines_ignored: int = Field(description="good lines from the cutoff on")
    understood: tuple[Told, ...] = Field(description="which column is what, and all else assumed")
    doubts: tuple[Told, ...] = Field(description="what to look at, the worst first")
