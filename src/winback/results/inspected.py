"""What an export was understood to hold, before anything is computed from it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from winback.results.base import Result
from winback.results.intake import IngestSummary, SetAside


class RowRead(Result):
    """One of the first rows of an export: what it holds by role, and what that is read as."""

    row: int = Field(description="its number in the file, as a spreadsheet counts")
    written: dict[str, str] = Field(
        description="cells by role, as they stand there; an address or a name is hidden"
    )
    customer: str | None = Field(description="its id; an address or a name is hidden")
    order: str | None = Field(description="id of its order; null where no column has one")
    ordered_at: datetime | None = Field(description="when, by the shop's clock")
    quantity: float | None = Field(description="pieces; null where no column has them")
    amount: float | None = Field(description="in the currency; below zero where it is given back")
    reason: str | None = Field(description="why it would be set aside; null where it is kept")


class Inspection(Result):
    """The totals of an export as it is read, and everything that reading assumed or doubts."""

    ingest: IngestSummary = Field(description="what `ingest` would write of it")
    rows: tuple[RowRead, ...] = Field(description="the first rows of the first file")


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
    rows: tuple[RowRead, ...] = Field(description="the first rows, as written and as read")
    lines_in: int = Field(description="lines read; = kept + set aside + ignored + withheld")
    lines_kept: int = Field(description="lines that would go into `orders.parquet`")
    lines_set_aside: SetAside = Field(description="`total`, and lines and money by reason")
    lines_ignored: int = Field(description="good lines from the cutoff on")
    lines_withheld: dict[str, int] = Field(
        description="of people who may not be profiled, or are erased, by reason"
    )
    understood: tuple[Told, ...] = Field(description="which column is what, and all else assumed")
    doubts: tuple[Told, ...] = Field(description="what to look at, the worst first")
