"""How expected spend and its interval came true."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from winback.results.base import Result


class Agreement(Result):
    """How near expected spend came to what was spent."""

    gini: float | None = Field(
        description="normalised Gini: 1 if customers are ranked as they spent, 0 at random; null "
        "where all spent the same"
    )
    bias: float | None = Field(description="total predicted over total spent")
    mae: float | None = Field(description="mean absolute error, in the currency")


class Coverage(Result):
    """How often spend lay within its interval."""

    stated: float = Field(description="what the interval promises")
    everyone: float | None = Field(description="share of all rows inside")
    likely: float | None = Field(
        description="share of the rows with a chance above a fifth inside; null without any"
    )
    likely_n: int = Field(description="how many rows these are")
    above: float | None = Field(description="share of these that spent more")
    below: float | None = Field(description="share of these that spent less")


class LifetimeAgreement(Agreement):
    """How the lifetime value of one half of a window's customers foretold the other half."""

    coverage: Coverage = Field(description="how often spend lay within the interval")


class LifetimeSummary(LifetimeAgreement):
    """The same, with the window that taught it."""

    days: int = Field(description="length of a lifetime")
    learned_on: date = Field(description="first day of the window")


class Decile(Result):
    """A tenth of the rows, the highest prediction first."""

    decile: int = Field(description="1 to 10")
    n: int = Field(description="rows")
    predicted: float = Field(description="mean expected spend")
    observed: float = Field(description="mean spend")


class ValueSummary(Result):
    """What `evaluate_value` found."""

    n: int = Field(0, description="rows judged")
    methods: dict[str, Agreement] = Field(
        default_factory=dict,
        description="`winback`, `literature` (BG/NBD with gamma-gamma) and `previous` (the same "
        "again as in the window before)",
    )
    orders_bias: float | None = Field(None, description="total expected over total purchases")
    coverage: Coverage | None = Field(None, description="how often spend lay within its interval")
    by_decile: tuple[Decile, ...] = Field((), description="ten groups of equal count")
    lifetime: LifetimeSummary | None = Field(
        None, description="the same of the lifetime value; null without one"
    )
