"""What reading a shop's files gave: the counts of lines, what was understood, what is in doubt."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from winback.results.base import Fact, Result


class SetAside(Result):
    """Lines that could not be used."""

    total: int = Field(description="all of them")
    by_reason: dict[str, int] = Field(description="by the quarantine's reason")
    amount_by_reason: dict[str, float] = Field(
        default_factory=dict,
        description="orders only: the sum of their amounts in the currency, as far as they could "
        "be read",
    )


class SuspiciousCustomer(Result):
    """A customer that looks like a till, staff or a test account, and was kept all the same."""

    customer_id: str = Field(description="its id; an address or a name is hidden")
    purchases: int = Field(description="its purchases")
    share_of_purchases: float = Field(description="their share of all, between 0 and 1")


class PrivacyAnswers(Result):
    """What one source of `ingest.privacy` says, of customers that are no one's secret: counts."""

    purpose: Literal["marketing", "profiling", "ads", "erased"] = Field(description="of what")
    kind: Literal["column", "attribute", "file", "table"] = Field(description="where it stands")
    name: str = Field(description="what that is called")
    column: str | None = Field(description="which column of a file or a table has the answers")
    says: Literal["consent", "objection"] = Field(description="what a yes means")
    channel: str | None = Field(description="of which channel; null: of all")
    yes: int = Field(description="customers of whom it says yes")
    no: int = Field(description="customers of whom it says no")
    entries: int | None = Field(description="rows of a file or a table")
    unmatched: int = Field(description="those of them that mean no customer")


class PrivacyRead(Result):
    """What `ingest.privacy` came to, as counts of customers."""

    sources: tuple[PrivacyAnswers, ...] = Field(description="what each source says")
    customers: int = Field(description="customers before anybody left")
    erased: int = Field(description="of whom nothing is stored")
    no_profiling: int = Field(description="who are neither scored nor learned from")
    no_marketing: int = Field(description="who are scored and get no offer by any channel")
    barred_by_channel: dict[str, int] = Field(description="scored, and no offer by this channel")
    no_ads: int = Field(description="scored, and not for ads platforms")
    by_why: dict[str, int] = Field(
        description="those who are scored and barred from a channel, by the strictest reason: "
        "`objected`, `refused` or `unknown`"
    )


class SideSummary(Result):
    """Signals or attributes: lines in = kept + set aside + ignored + withheld."""

    files: tuple[str, ...] = Field(description="names of the files")
    lines_in: int = Field(description="lines read")
    lines_kept: int = Field(description="lines that went into the table")
    lines_set_aside: SetAside = Field(description="lines that could not be used")
    lines_ignored: int = Field(
        description="from the cutoff on, or replaced by a later line of the same instant"
    )
    lines_withheld: dict[str, int] = Field(
        default_factory=dict, description="of people not to be profiled, or erased, by reason"
    )
    lines_of_strangers: int = Field(description="kept, of customers without an order")
    customers: int = Field(description="customers of the lines kept")
    names: dict[str, int] = Field(description="usable lines by name")
    values: dict[str, int] = Field(description="those of them with a value, by name")
    carrying_items: int = Field(
        default=0, description="signals alone: lines kept that name products, such as carts"
    )
    columns: dict[str, str] = Field(description="header by role")
    sha256: str = Field(description="hash of the table")


class ProductSummary(Result):
    """A table of products, and how far the orders know it."""

    files: tuple[str, ...] = Field(description="names of the files")
    rows: int = Field(description="rows with an id")
    products: int = Field(description="different ids")
    ids_mended: int = Field(description="ids that came through changed, and count as the orders'")
    share_of_lines: float = Field(
        description="share of the orders' lines with a product that are of one in the table"
    )


class IngestSummary(Result):
    """Orders: lines in = kept + set aside + ignored + withheld, and all that was assumed."""

    cutoff: date = Field(description="the first day that was not read")
    files: tuple[str, ...] = Field(description="names of the files")
    lines_in: int = Field(description="lines read; = kept + set aside + ignored + withheld")
    lines_kept: int = Field(description="lines that went into `orders.parquet`")
    lines_set_aside: SetAside = Field(description="`total` and `by_reason`")
    lines_ignored: int = Field(description="good lines from the cutoff on")
    lines_withheld: dict[str, int] = Field(
        default_factory=dict,
        description="lines of people of `ingest.privacy` who are `erased` or of `no_profiling`, "
        "whatever else is wrong with them",
    )
    rows_added: int = Field(
        description="refunds that the source has as a column of the order, made rows"
    )
    purchases: int = Field(
        description="of the lines kept; one that is cancelled or sent back later was one all the "
        "same"
    )
    refunds: int = Field(
        description="cancellations and refunds, whole or in part: one a customer, order and day"
    )
    customers: int = Field(description="customers of the lines kept")
    gross: float = Field(description="value of the purchases as placed, in the currency")
    refunded: float = Field(
        description="value of what was cancelled or given back and known before the cutoff, above 0"
    )
    first_day: date = Field(description="day of the first purchase that is believed")
    last_day: date = Field(description="day of the last one before the cutoff")
    amount_scale: int = Field(description="minor units in one unit of the currency")
    currency: str = Field(description="its ISO code; empty where nobody says it")
    amounts_rounded: int = Field(description="amounts with float noise rounded away")
    possible_repeats_kept: int = Field(description="equal lines of a source without order ids")
    signs_turned: int = Field(
        description="positive lines of credit notes and of refund events, made negative"
    )
    columns: dict[str, str] = Field(description="header by role")
    understood: tuple[Fact, ...] = Field(description="which column is what, and all else assumed")
    doubts: tuple[Fact, ...] = Field(
        description="what may be otherwise and deserves a look, the weightiest first; in none of "
        "`understood`"
    )
    suspicious_customers: tuple[SuspiciousCustomer, ...] = Field(
        description="accounts that look like a till, a test or staff"
    )
    orders_sha256: str | None = Field(
        description="hash of the canonical orders; null where they were not written"
    )
    privacy: PrivacyRead | None = Field(
        None, description="what `ingest.privacy` came to; null where nothing was asked"
    )
    signals: SideSummary | None = Field(
        None,
        description="null without a file; else `files`, `lines_in` = `lines_kept` + "
        "`lines_set_aside` (`total`, `by_reason`) + `lines_ignored` (from the cutoff on, or "
        "replaced by a later line of the same instant) + `lines_withheld`, "
        "`lines_of_strangers` (kept, of customers "
        "without an order), `customers`, `names` (usable lines by name), `values` (those of them "
        "with a value), `columns`, `sha256`",
    )
    attributes: SideSummary | None = Field(None, description="the same of attributes")
    products: ProductSummary | None = Field(
        None, description="of `ingest.products`; null without a file"
    )
