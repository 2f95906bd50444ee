"""params.yaml as one validated object; an unknown key names the nearest known one."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import parse_qsl

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from winback.errors import UsageError
from winback.privacy import Privacy, without_gone

Language = Literal["en", "pl"]
# For this repository's demonstration alone: everybody can read it, so it keeps no arm secret.
PUBLIC_SALT = "public-demo"
# What a shop's own word for a state makes of an order's line.
State = Literal["bought", "unpaid", "cancelled", "partly_refunded", "refund", "other"]
Aggregate = Literal["sum", "mean", "sd", "share", "ratio", "distinct", "first", "last", "max"]
SignalAggregate = Literal[
    "count", "sum", "mean", "sd", "share", "ratio", "distinct", "first", "last", "max",
    "days_since", "open",
]  # fmt: skip

# Defaults that functions of the package take as well: each stands here, and nowhere else.
HORIZON_DAYS = 90
WINDOWS_DAYS = (7, 14, 30, 60, 90, 180, 365, 730)
MOST_CUTOFFS = 40
COUNTRY, PAYDAYS = "PL", (10,)
MEMORY_LIMIT = "4GB"
MAX_ROWS = 200_000
ORIGINS, RESAMPLES = 3, 500
CONTROL_SHARE, RESERVE_SHARE, PLAUSIBLE_EFFECT_PP = 0.1, 0.05, 5.0
EXPLORE_SHARE = 0.1
MEASURED_DAYS = 30
DECLARED_DAYS = (30, 90, 365)
OF_SIGNALS: tuple[SignalAggregate, ...] = ("count", "days_since")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def is_url(text: str) -> bool:
    """Whether orders are named by the address of a database, not by a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


def check_no_password(text: str) -> str:
    """An address as it is.

    Raises:
        UsageError: there is a password in it, which git, DVC and MLflow would keep.
    """
    _, _, rest = text.partition("://")
    place, _, settings = rest.partition("?")
    secret = {"password", "passwd", "pwd", "sslpassword"}
    names = {name.lower() for name, _ in parse_qsl(settings, keep_blank_values=True)}
    # A password may have a slash in it that nobody wrote as %2F.
    if is_url(text) and (re.search(":.*@", place) or names & secret):
        raise UsageError("databases.password_in_address")
    return text


class IngestSettings(_Section):
    """Where the order history is and how to read it."""

    orders: str = Field(
        "data/raw/orders.csv",
        description="the order lines: a file of text such as CSV, Excel, ODS, Parquet or JSON, "
        "also packed as zip, gz, bz2, xz or zst, a pattern, a folder, or a database, such as "
        "`postgresql://host/shop`, whose password stands in the environment",
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="which column plays which role, where names mislead, such as "
        "`{customer: Kunde, amount: Betrag}`",
    )
    cutoff: date | None = Field(
        None,
        description="score as of this day and ignore all from it on, in quotes: "
        '`"1998-04-02"`; null: the day after the last order',
    )
    timezone: str | None = Field(
        None,
        description="zone of the shop, such as `Europe/Warsaw`, for instants written in another",
    )
    currency: str | None = Field(None, description="ISO code, where no column says it")
    day_first: bool | None = Field(
        None, description="whether 03/04/2025 is 3 April; null: found out from the column"
    )
    decimal_mark: Literal["point", "comma"] | None = Field(
        None, description="how 1,250 is read; null: found out from the column, or asked"
    )
    minor_units: bool | None = Field(
        None,
        description="whether amounts are in the currency's smallest unit, such as cents; null: "
        "found out from names and values",
    )
    amount_is: Literal["line", "order"] | None = Field(
        None,
        description="whether the amount is the line's own or its whole order's, repeated on each "
        "line; null: found out from the lines",
    )
    copies: Literal["keep", "drop"] | None = Field(
        None,
        description="what becomes of lines of an order that are equal in every column; null: "
        "dropped where the whole order repeats, else kept",
    )
    states: dict[str, State] = Field(
        default_factory=dict,
        description="what values of the status mean, where the shop has its own, such as "
        '`{"Anulacja": cancelled}`',
    )
    refunds: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="by column, the values whose lines are refunds, such as `{type: [Return]}`",
    )
    leave_out: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="by column, the values whose lines are no purchases, such as "
        '`{test: ["true"]}`',
    )
    guests: tuple[str, ...] = Field(
        (), description="customer ids that stand for nobody, beside the usual words"
    )
    table: str | None = Field(
        None, description="which sheet, member of an archive or table, where there are several"
    )
    query: str | None = Field(
        None, description="SQL that gives the lines, where `orders` is a database"
    )
    watermark_query: str | None = Field(
        None,
        description="cheap SQL whose answer changes whenever the orders do, such as `SELECT "
        "count(*), max(updated_at) FROM orders`; `winback poll` asks it",
    )
    contact_columns: tuple[str, ...] = Field(
        (), description="columns, such as an e-mail address, that pass straight into `list.csv`"
    )
    watch_columns: tuple[str, ...] | None = Field(
        None,
        description="columns by whose values `winback watch` counts lines, such as `[channel]`; "
        "null: those named as channel, store, category, currency, payment, delivery or country; "
        "no persons' data",
    )
    privacy: Privacy = Field(
        Privacy(),
        description="who may be written to (`marketing`), scored (`profiling`) and advertised to "
        "(`ads`), who is to be gone (`erased`), each from columns, attributes, files or tables, "
        "see below; the strictest wins",
    )
    signals: str | None = Field(
        None,
        description="file of what else happened to customers: `customer_id`, "
        "`happened_at`, `known_at`, `name`, `value`, and `items` where a cart names its products",
    )
    signal_columns: dict[str, str] = Field(
        default_factory=dict,
        description="which column plays which of these roles, where its header does not "
        "say, such as `{name: what, happened_at: when}`",
    )
    attributes: str | None = Field(
        None,
        description="file of what was set of customers: `customer_id`, `known_at`, `name`, `value`",
    )
    attribute_columns: dict[str, str] = Field(
        default_factory=dict, description="the same for `attributes`"
    )
    products: str | None = Field(
        None,
        description="file of what the shop sells: `product_id`, `name`, `category`, `in_stock`, "
        "`tags`; docs/products.md",
    )
    product_columns: dict[str, str] = Field(
        default_factory=dict, description="the same for `products`"
    )
    memory_limit: str = Field(
        MEMORY_LIMIT, description="most memory for reading and sorting; beyond it the disk serves"
    )
    threads: int | None = Field(None, description="threads for reading; null: all cores")

    @field_validator("orders")
    @classmethod
    def _without_password(cls, value: str) -> str:
        # Not as pydantic's error, which would show what was given.
        return check_no_password(value)

    @model_validator(mode="before")
    @classmethod
    def _said_by_privacy(cls, stored: Any) -> Any:
        return without_gone(stored, "ingest")

    @field_validator("cutoff", mode="before")
    @classmethod
    def _quoted_date(cls, value: Any) -> Any:
        return None if value in ("", None) else value


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise PydanticCustomError("twice", "stands there twice", {"value": twice})
    return values


Once = AfterValidator(_each_once)


def _carried(pattern: str) -> AfterValidator:
    """Refuse a campaign's name that a folder, the shell or a key of DVC cannot carry."""

    def check(name: str) -> str:
        if not re.fullmatch(pattern, name):
            plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
            plain = plain.encode("ascii", "ignore").decode()
            better = re.sub(r"[^A-Za-z0-9-]+", "_", plain).strip("_-")[:80] or "campaign_1"
            raise PydanticCustomError("campaign_name", "no such name", {"better": better})
        return name

    return AfterValidator(check)


# What a pattern of a campaign's name takes from the day that is scored.
IN_NAMES = ("{cutoff}", "{week}")
# DVC reads a point in a key as a step into it.
CampaignName = Annotated[
    str, _carried(r"([A-Za-z0-9]|\{cutoff\}|\{week\})([A-Za-z0-9._-]|\{cutoff\}|\{week\}){0,79}")
]
_COLUMN = "^[a-z][a-z0-9_]*$"
ColumnName = Annotated[str, Field(pattern=_COLUMN, max_length=60)]


class Called(_Section):
    """What people call a declared thing, in both report languages."""

    en: str = Field(min_length=1, max_length=80, description="in English")
    pl: str = Field(min_length=1, max_length=80, description="in Polish")


def _in_both(said: Any) -> Any:
    return {"en": said, "pl": said} if isinstance(said, str) else said


Calling = Annotated[Called, BeforeValidator(_in_both)]
_CALLED = (
    "what people call it, in reasons and on the page: a text, or `{en: ..., pl: ...}`; "
    "null: its meaning, else its name"
)


class DeclaredMeasure(_Section):
    """A number per purchase, summed over windows."""

    name: ColumnName = Field(
        description="begins the names of its columns: lower-case letters, digits and `_`"
    )
    value: str = Field(
        min_length=1,
        description="a SQL expression over a purchase's columns, or a function `module:name`",
    )
    windows_days: Annotated[tuple[PositiveInt, ...], Once] = Field(
        DECLARED_DAYS, min_length=1, description="windows that end at the cutoff"
    )
    aggregates: Annotated[tuple[Aggregate, ...], Once] = Field(
        ("sum",), min_length=1, description="what is made of the numbers in each window"
    )
    meaning: str = Field("", description="what stands in the documentation; empty: the expression")
    label: Calling | None = Field(None, description=_CALLED)


class DeclaredSignal(_Section):
    """Things of one name that happened to customers, as features."""

    name: ColumnName = Field(description="its name in the file of signals")
    windows_days: Annotated[tuple[PositiveInt, ...], Once] = Field(
        DECLARED_DAYS, min_length=1, description="windows that end at the cutoff"
    )
    aggregates: Annotated[tuple[SignalAggregate, ...], Once] = Field(
        OF_SIGNALS,
        min_length=1,
        description="what is made of them in each window; `count` and `days_since` look "
        "at the happening, `open` counts what nothing has closed yet, the "
        "others look at the values",
    )
    closed_by: ColumnName | None = Field(
        None, description="name of the signal that closes one of these; adds `open`"
    )
    meaning: str = Field("", description="what stands in the documentation; empty: its name")
    label: Calling | None = Field(None, description=_CALLED)


class DeclaredAttribute(_Section):
    """A changing property of a customer, as it was known before the cutoff."""

    name: ColumnName = Field(description="its name in the file of attributes")
    levels: Annotated[tuple[str, ...], Once] = Field(
        (), description="its values from the lowest to the highest; empty: they are numbers"
    )
    meaning: str = Field("", description="what stands in the documentation; empty: its name")
    label: Calling | None = Field(None, description=_CALLED)


class DeclaredCustom(_Section):
    """Columns from SQL or a Python function over the past of a cutoff."""

    columns: tuple[ColumnName, ...] = Field(
        min_length=1, description="names of the columns it gives"
    )
    sql: str | None = Field(
        None, min_length=1, description="a query over the table `past`, a row per customer"
    )
    function: str | None = Field(
        None,
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="`module:name`, called with one customer's past and the cutoff",
    )
    meaning: str = Field("", description="what stands in the documentation")
    label: Calling | None = Field(None, description=_CALLED)

    @model_validator(mode="after")
    def _one_of_two(self) -> DeclaredCustom:
        if (self.sql is None) == (self.function is None):
            raise PydanticCustomError("sql_or_function", "give either sql or function")
        return self


class ProductSettings(_Section):
    """What each customer may want next."""

    method: Literal["decayed", "reranker"] = Field(
        "decayed",
        description="`decayed`: days with a purchase, counted the less the longer ago; `reranker`: "
        "LightGBM, where it wins on the shop's own past",
    )
    decay_days: float = Field(
        120.0, gt=0, description="days after which a purchase counts for 37 % of a new one"
    )
    popular_days: int = Field(
        7,
        ge=1,
        description="days in which the popularity of what is new is counted, if they hold enough",
    )
    new_places: int = Field(
        0,
        ge=0,
        le=10,
        description="places of the ten that are kept for what is new to the customer",
    )
    allowed: tuple[str, ...] = Field(
        (),
        description="categories, or words of names, that hint at something private and may be "
        "shown all the same, such as `[wine]`",
    )
    cart_days: int = Field(
        14, ge=1, description="days for which a cart that was left leads the message"
    )
    cart_signals: tuple[str, ...] = Field(
        (),
        description="names of signals whose items are a cart that was left, such as "
        "`[cart_abandoned]`; empty: those with `cart`, `basket`, `checkout`, `koszyk` or "
        "`warenkorb` in their name",
    )
    threads: int = Field(2, ge=1, description="threads; the result does not depend on it")


class SnapshotSettings(_Section):
    """How customers are measured, at which cutoffs, and how long an outcome waits."""

    horizon_days: int = Field(
        HORIZON_DAYS,
        ge=1,
        le=730,
        description="how many days after a cutoff a purchase counts as a return",
    )
    windows_days: tuple[PositiveInt, ...] = Field(
        WINDOWS_DAYS,
        description="windows that end at the cutoff; 30, 90, 180 and 365 are always added",
    )
    every_days: int | None = Field(
        None,
        ge=1,
        description="days between training cutoffs; null: the horizon in whole weeks, held "
        "between 14 and 35",
    )
    most_cutoffs: int = Field(MOST_CUTOFFS, ge=1, description="most training cutoffs")
    country: str = Field(
        COUNTRY, description="ISO code of the country whose public holidays the calendar counts"
    )
    paydays: tuple[Annotated[int, Field(ge=1, le=31)], ...] = Field(
        PAYDAYS, min_length=1, description="days of the month on which wages come"
    )
    measures: tuple[DeclaredMeasure, ...] = Field(
        (),
        description="own numbers per purchase: `name`, `value` (a SQL expression over "
        "`day`, `hour`, `weekday`, `amount`, `items`, `lines`, "
        "`repeat_lines`, `new_day`, `gap_days`, or a function "
        "`module:name`), `windows_days`, `aggregates`, `meaning`, `label`; "
        "docs/features.md",
    )
    signals: tuple[DeclaredSignal, ...] = Field(
        (),
        description="names from `ingest.signals` that become features: `name`, "
        "`windows_days`, `aggregates`, `closed_by`, `meaning`, `label`",
    )
    attributes: tuple[DeclaredAttribute, ...] = Field(
        (),
        description="names from `ingest.attributes`, as known before the cutoff: `name`, "
        "`levels`, `meaning`, `label`",
    )
    custom: tuple[DeclaredCustom, ...] = Field(
        (),
        description="a way out: `columns` from `sql` over the table `past`, or from a "
        "`function` of one customer's past, `meaning`, `label`",
    )
    threads: int = Field(2, ge=1, description="threads; the result does not depend on it")


class TrainSettings(_Section):
    """How the return model is grown; docs/decisions.md says why these values."""

    horizons_days: tuple[PositiveInt, ...] = Field(
        (30, 60), description="further horizons that get a probability"
    )
    seeds: int = Field(
        2, ge=1, description="models of different seeds that are averaged, at each of two starts"
    )
    learning_rate: float = Field(0.1, gt=0, le=1, description="LightGBM's `learning_rate`")
    num_leaves: int = Field(15, ge=2, description="LightGBM's `num_leaves`")
    min_rows_in_leaf: int = Field(100, ge=1, description="LightGBM's `min_data_in_leaf`")
    feature_share: float = Field(0.35, gt=0, le=1, description="LightGBM's `feature_fraction`")
    row_share: float = Field(0.8, gt=0, le=1, description="LightGBM's `bagging_fraction`")
    l2: float = Field(10.0, ge=0, description="LightGBM's `lambda_l2`")
    path_smooth: float = Field(10.0, ge=0, description="LightGBM's `path_smooth`")
    max_rounds: int = Field(600, ge=10, description="most boosting rounds")
    patience_rounds: int = Field(
        20, ge=1, description="rounds without gain on later cutoffs before boosting stops"
    )
    step_rounds: int = Field(40, ge=1, description="rounds of each further horizon's model")
    lifetime_days: int | None = Field(
        365,
        ge=1,
        description="days from the cutoff that `lifetime_value` covers, longer than the "
        "horizon; null: no lifetime value",
    )
    max_rows: int = Field(
        MAX_ROWS, ge=1000, description="snapshots learned from, at most; a fixed sample beyond that"
    )
    threads: int = Field(2, ge=1, description="threads; the result does not depend on it")


class EvaluateSettings(_Section):
    """At how many earlier cutoffs the model is judged, and how sure the judgement is."""

    origins: int = Field(
        ORIGINS, ge=1, description="at how many of the newest closed cutoffs the model is judged"
    )
    resamples: int = Field(
        RESAMPLES,
        ge=0,
        description="bootstrap draws of customers for the intervals; 0: no intervals",
    )
    active_days: int | None = Field(
        None, ge=1, description="who counts as recently active; null: two horizons"
    )


class ScoreSettings(_Section):
    """What a scored row says beside its probability."""

    medium_risk_above: float = Field(
        0.5, ge=0, le=1, description="churn above which the band is at least `medium`"
    )
    high_risk_above: float = Field(
        0.8, ge=0, le=1, description="churn above which the band is `high`"
    )
    explain_rows: int = Field(
        50_000, ge=0, description="customers who get reasons, those with most expected spend first"
    )

    @model_validator(mode="after")
    def _bands_in_order(self) -> ScoreSettings:
        if self.medium_risk_above > self.high_risk_above:
            raise PydanticCustomError(
                "bands",
                "medium_risk_above is above high_risk_above",
                {"medium": self.medium_risk_above, "high": self.high_risk_above},
            )
        return self


class ChannelSettings(_Section):
    """What a channel can carry in this campaign."""

    per_day: int | None = Field(
        None, ge=0, description="contacts it carries a day; null: any number"
    )
    days: int = Field(1, ge=1, le=3650, description="on how many days")
    budget: float | None = Field(
        None, ge=0, description="money of its own; null: no limit but the campaign's"
    )


class TargetSettings(_Section):
    """The campaign: which offers there are, what may be spent, who is held out."""

    campaign_id: CampaignName = Field(
        "winback",
        description="name of the campaign, or a pattern of it such as `weekly-{cutoff}` or "
        "`weekly-{week}`; a new name draws a new control group",
    )
    send_on: str | None = Field(
        None,
        description="when the offers leave: a day, `valentines_day`, `womens_day`, "
        "`black_friday`, `christmas` or `payday` (the next one; `winback "
        "occasions` lists them), or some days ahead, such as `3 days before "
        "black_friday`; null: the cutoff. Offers count, and the measurement "
        "begins, on that day",
    )
    budget: float | None = Field(
        None, ge=0, description="money for contacts and discounts; null: no limit"
    )
    control_share: float = Field(
        CONTROL_SHARE,
        gt=0,
        lt=1,
        description="share of the planned customers who get nothing, so that the effect "
        "can be measured",
    )
    reserve_share: float = Field(
        RESERVE_SHARE,
        ge=0,
        lt=1,
        description="share of the budget kept back for more redemptions than expected",
    )
    max_contacts: int | None = Field(
        None, ge=1, description="most customers contacted; null: no limit"
    )
    channels: dict[str, ChannelSettings] = Field(
        default_factory=dict,
        description="what each `channel` of the offers can carry, such as `{phone: "
        "{per_day: 40, days: 5, budget: 500}}`: contacts a day, on how many "
        "days (1), money of its own; with `per_day` the list says on which "
        "day each is due (`contact_on`), largest gains first",
    )
    explore_share: float = Field(
        EXPLORE_SHARE,
        ge=0,
        lt=1,
        description="share of the list dealt evenly over the offers each may have, drawn by hash, "
        "half of it where the plan would not look, to learn effects; at most that share of each "
        "limit. While no effect is known the whole list is such a test, and this adds nothing",
    )
    learn: bool = Field(
        True,
        description="whether offers without `effect_pp` and `effect_from` are reckoned with by "
        "what lists that left have taught (`reports/learned.json`); false: they are tested anew",
    )
    wear_share: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="what an earlier list with the same offer takes of its effect on a customer "
        "(of the logarithm of its ratio), one with another offer half as much, halving every 90 "
        "days, for a year; null: what lists that left show, else 0.1 is assumed; 0: nothing",
    )
    plausible_effect_pp: float = Field(
        PLAUSIBLE_EFFECT_PP,
        gt=0,
        le=100,
        description="points that an offer of unknown effect is thought to add at best",
    )
    holdout_share: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of all customers whom no campaign of a calendar year "
        "contacts, the same with the same `salt`, to measure the programme "
        "as a whole",
    )
    history: str | None = Field(
        None,
        description="files of past assignments that are not in the ledger, of before winback or "
        "of other tools, such as `data/past/*.csv`: `customer_id`, `assigned_at`, where known "
        "`arm`, `planned_offer`, `campaign_id`; this campaign's own rows and those from the "
        "cutoff on are ignored",
    )
    quiet_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="days after a campaign in which a customer, treated or control, is "
        "planned for no other; null: none",
    )
    contacts_per_year: int | None = Field(
        None,
        ge=1,
        description="most campaigns a customer is planned for in 365 days; null: no limit",
    )
    complaint_column: str | None = Field(
        None,
        description="column of scores or snapshots that is above 0 while a complaint is "
        "open; such a customer gets an offer with `for_complaint` or none",
    )
    subscriber_column: str | None = Field(
        None,
        description="column that is above 0 for a paying subscriber, who has not left "
        "and gets no offer",
    )
    salt: Literal["public-demo"] | None = Field(
        None,
        description="null: the secret of the draw is in `WINBACK_SALT` or `salt.txt`, never here; "
        "`public-demo`, for the demonstration alone: one that everybody knows",
    )
    # As YAML gives them; `winback.offers.catalogue` checks each where it is read.
    offers: tuple[dict[str, Any], ...] = Field(
        (),
        description="the catalogue, see below; empty: a reminder, free delivery and 10 % "
        "off, priced after the shop's median order",
    )

    @field_validator("salt", mode="before")
    @classmethod
    def _no_secret(cls, value: Any) -> Any:
        if value not in (None, PUBLIC_SALT):
            # Without the value: it was a secret, and errors are read by many.
            raise UsageError("project.salt_in_params")
        return value

    @field_validator("send_on", mode="before")
    @classmethod
    def _bare_date(cls, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value or None

    @model_validator(mode="before")
    @classmethod
    def _sealed_by_a_command(cls, stored: Any) -> Any:
        gone = [key for key in ("draft", "seal") if isinstance(stored, dict) and key in stored]
        if gone:
            raise UsageError("params.gone_for_seal", key=f"target.{gone[0]}")
        return without_gone(stored, "target")


class LearnSettings(_Section):
    """How lists that left teach what offers do; docs/decisions.md says why these values."""

    half_life_days: int = Field(
        365,
        ge=1,
        le=36500,
        description="days after which a list that left counts half, since shops and their "
        "customers change",
    )


class ExportSettings(_Section):
    """Which files are written beside the neutral list, and what leaves in them."""

    destinations: tuple[str, ...] = Field(
        (), description="a file for each of these beside the neutral list, such as `[klaviyo]`"
    )
    audience: Literal["listed", "everybody"] = Field(
        "listed",
        description="`listed`: who gets an offer; `everybody`: scores and bands of each customer "
        "who may be profiled, control group and all, and never an offer",
    )
    prefix: str = Field(
        "wb_",
        pattern=r"^([a-z][a-z0-9]{0,7}_)?$",
        description="before the name of each of our columns at a destination, so that none takes "
        "the place of one of its own",
    )
    email: str | None = Field(
        None, description="contact column of e-mail addresses; null: found by its name"
    )
    phone: str | None = Field(
        None, description="contact column of phone numbers; null: found by its name"
    )
    columns: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="which columns leave, by destination, such as `{mailchimp: [churn_risk]}`; "
        "else those that docs/destinations.md names",
    )
    options: dict[str, dict[str, str | int | float | bool]] = Field(
        default_factory=dict,
        description="what a destination needs to know, such as `{mailchimp: {list_id: a1b2}}`; "
        "docs/destinations.md names them; never a secret",
    )


class MeasuredCampaign(_Section):
    """A campaign that was sent, and how it is to be judged: say so before its window closes."""

    folder: str | None = Field(
        None,
        description="holds `assignment.parquet` or `.csv`, and once the CRM returned it "
        "`sent.csv` or `.parquet`; the assignment of a sealed list is in the ledger",
    )
    window_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="days from the sending in which orders count; null: as long as the offers of "
        "a sealed list are valid, else 30",
    )
    metric: Literal["returned", "orders", "net_spend"] = Field(
        "returned", description="what the verdict is on, named before the window closes"
    )
    amounts: Literal["before_discount", "after_discount"] = Field(
        "before_discount", description="what the orders' amounts are"
    )


class MeasurementSettings(_Section):
    """Which campaigns `dvc repro` measures once their windows have closed."""

    campaigns: dict[CampaignName, MeasuredCampaign] = Field(
        default_factory=dict,
        description="how campaigns are read that `dvc repro` measures beside, or otherwise than, "
        "every sealed one; by name, each with `folder` "
        "(it holds `assignment.parquet` or `.csv` and, once the CRM returned "
        "it, `sent.csv` or `.parquet`; a sealed list needs none), `window_days` (the offers' "
        "days, else 30), `metric` (`returned`, `orders` or `net_spend`, named before the window "
        "closes) and `amounts` (`before_discount` or `after_discount`: what "
        "the orders' amounts are)",
    )


class ReportSettings(_Section):
    """The page a person reads."""

    language: Language = Field("en", description="`en` or `pl`, of the report and of the list")
    shop_name: str | None = Field(None, description="stands on the report")


class TrackSettings(_Section):
    """MLflow."""

    experiment: str = Field("winback", description="MLflow experiment")
    model_name: str = Field("winback-return", description="name in MLflow's model registry")


class Params(_Section):
    """Every section of params.yaml; a missing section or key has its default."""

    ingest: IngestSettings = IngestSettings()
    products: ProductSettings = ProductSettings()
    snapshot: SnapshotSettings = SnapshotSettings()
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    score: ScoreSettings = ScoreSettings()
    learn: LearnSettings = LearnSettings()
    target: TargetSettings = TargetSettings()
    export: ExportSettings = ExportSettings()
    measure: MeasurementSettings = MeasurementSettings()
    report: ReportSettings = ReportSettings()
    track: TrackSettings = TrackSettings()

    @model_validator(mode="before")
    @classmethod
    def _without_empty_sections(cls, stored: Any) -> Any:
        # YAML reads a section whose keys are all commented out as null.
        if not isinstance(stored, dict):
            return stored
        return {name: section for name, section in stored.items() if section is not None}

    @property
    def active_days(self) -> int:
        """Who counts as recently active in the evaluation: bought in the last two horizons."""
        return self.evaluate.active_days or 2 * self.snapshot.horizon_days


def load_params(path: Path) -> Params:
    """params.yaml, checked.

    Raises:
        UsageError: the file is missing, is not YAML, has an unknown key (the nearest known
            one is named) or a value of the wrong kind.
    """
    import yaml

    source = str(path)
    try:
        text = path.read_text(encoding="utf-8")
        stored = yaml.safe_load(text) or {}
    except FileNotFoundError as error:
        raise UsageError("params.no_file", source=source) from error
    except OSError as error:
        raise UsageError("params.unreadable", source=source, why=error.strerror) from error
    except UnicodeDecodeError as error:
        raise UsageError("params.not_utf8", source=source) from error
    except (yaml.YAMLError, ValueError) as error:
        # A ValueError is a date that no calendar has, such as 2024-02-30.
        why = str(error).splitlines()[0]
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            raise UsageError("params.not_yaml", source=source, why=why) from error
        raise UsageError(
            "params.not_yaml_at", source=source, why=why, line=mark.line + 1
        ) from error
    if not isinstance(stored, dict):
        raise UsageError("params.no_sections", source=source, found=f"{stored!r:.60}")
    return _checked(stored, source, text)


# What YAML gives, which is not checked yet.
def check_params(stored: Mapping[str, Any], source: str = "params") -> Params:
    """The same check for parameters that are already a mapping."""
    return _checked(stored, source)


def _checked(stored: object, source: str, text: str = "") -> Params:
    try:
        return Params.model_validate(stored)
    except ValidationError as error:
        problem = error.errors()[0]
        place, found, code = problem["loc"], problem.get("input"), problem["type"]
        written = _as_written(text, place) or str(found)
        if place[-1:] == ("[key]",):  # a key of a mapping, not its value
            place = (*place[:-2], written)
        where = {"source": source, "key": ".".join(map(str, place))}
        if code == "extra_forbidden":
            near = difflib.get_close_matches(str(place[-1]), _known(place), 1, 0.4)
            if near:
                raise UsageError("params.unknown_key_near", **where, near=near[0]) from error
            raise UsageError("params.unknown_key", **where) from error
        for kinds, read in ((bool, "boolean"), (int | float, "number"), (date, "day")):
            if code == "string_type" and isinstance(found, kinds):
                raise UsageError(f"params.quotes_{read}", **where, written=written) from error
        values = problem.get("ctx", {})
        if code == "literal_error":
            values = {"expected": re.findall("'([^']*)'", values["expected"])}
        if code == "string_pattern_mismatch" and values["pattern"] == _COLUMN:
            code = "column_name"
        values = {n: f"{v:g}" if isinstance(v, float) else v for n, v in values.items()}
        raise UsageError(
            f"params.{code}", **where, found=str(found)[:60], problem=problem["msg"], **values
        ) from error


def _as_written(text: str, location: tuple[int | str, ...]) -> str | None:
    """How a value, or a key, stands in the file: `0123` where YAML found the number 83."""
    import yaml

    node: Any = yaml.compose(text)
    for part in location:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(part)]
        elif isinstance(node, yaml.MappingNode):
            # A key of a mapping is named by what YAML made of it.
            made = [(yaml.safe_load(yaml.serialize(key)), key, value) for key, value in node.value]
            pair = next((e for e in made if e[0] == part or str(e[0]) == str(part)), None)
            if pair is None:
                return None
            node = pair[1] if location[-1] == "[key]" and part == location[-2] else pair[2]
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _known(location: tuple[int | str, ...]) -> list[str]:
    kind: Any = Params
    for part in location[:-1]:
        if hasattr(kind, "model_fields"):
            kind = kind.model_fields[str(part)].annotation
        else:
            # An entry of a list, tuple[kind, ...], or of a mapping, dict[str, kind].
            kind = next(inner for inner in get_args(kind) if hasattr(inner, "model_fields"))
    return list(kind.model_fields)
