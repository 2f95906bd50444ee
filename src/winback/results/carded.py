"""What there is to know of a model before it is used: the facts of its card.

``models/CARD.md`` says them in words.
"""

from __future__ import annotations

from pydantic import Field

from winback.results.base import Result
from winback.results.graded import Record
from winback.results.intake import IngestSummary
from winback.results.judged import EvaluatedModel
from winback.results.learned import Evidence, TrainingFacts


class Card(Result):
    """The model that scores, what taught it, and how it was judged. Nobody is named in it."""

    name: str = Field(description="of the registered model")
    shop: str | None = Field(description="the shop; null where nobody said it")
    version: str = Field(description="12 hexadecimal digits of the model's content")
    kind: str = Field(description="kind of the model")
    rule: str | None = Field(description="the simple rule that scores in its place, if any")
    horizon_days: int = Field(description="the main horizon")
    horizons_days: tuple[int, ...] = Field(description="the further ones")
    code_version: str = Field(description="hash of the source that a fit can reach")
    settings: dict[str, str | int | float] = Field(
        description="what of params.yaml made it: the sections `snapshot` and `train`"
    )
    features: int = Field(description="numbers that a snapshot has of a customer")
    orders: IngestSummary = Field(description="the orders")
    facts: TrainingFacts = Field(description="what it learned from")
    evidence: Evidence = Field(description="whether that was enough")
    judged: EvaluatedModel = Field(description="how good its forecasts were at earlier cutoffs")
    grades: Record | None = Field(None, description="how right the lists that left were")
