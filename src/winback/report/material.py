"""What the page is made of, and what follows from it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from winback.results.churned import Churned
from winback.results.described import Described
from winback.results.gated import Gated
from winback.results.graded import Record
from winback.results.intake import IngestSummary
from winback.results.judged import MODEL, EvaluatedModel
from winback.results.learned import Evidence
from winback.results.listed import Listed
from winback.results.measured import Awaited, Measurement
from winback.results.planned import Planned
from winback.results.recommended import Recommended
from winback.results.scored import Drivers
from winback.results.segmented import Segmented
from winback.results.shop import Shop
from winback.said.words import Language, Words


@dataclass(frozen=True)
class Material:
    """The small results of all stages; what is None is left out of the page, or said.

    Attributes:
        described: what the stage ``describe`` found of the shop.
        evaluation: contents of ``served.json``; None for an unproven model.
        calibration: table of ``served_calibration.csv``.
        lift: table of ``served_lift.csv``.
        scores: one row a customer, as in ``scores.parquet``.
        target: what was planned, from ``target.json``.
        segmented: the same by segment and by band of risk, from ``segments.json``.
        list_rows: rows of ``list.csv``.
        ingest: summary of the intake.
        manifest: versions and hashes to show at the end.
        gated: who scores and why, from ``gate.json``.
        evidence: what ``judge_evidence`` gives.
        churn: summary of what ``define_churn`` gives.
        drivers: what ``describe_drivers`` gives.
        profit: table of ``profit.csv``.
        grades: what came of lists that left, from ``grades.json``.
        measured: by campaign, what it changed, or when that can be read.
        recommended: what the next products are, from ``products.json``.
        horizon_days: how far ahead the scores look.
        language: ``en`` or ``pl``.
        shop_name: named in the head of the page.
        files: where the list's files lie, as seen from the page; ends with ``/`` unless empty.
    """

    described: Described
    evaluation: EvaluatedModel | None = None
    calibration: pd.DataFrame | None = None
    lift: pd.DataFrame | None = None
    scores: pd.DataFrame | None = None
    target: Planned | None = None
    segmented: Segmented | None = None
    list_rows: pd.DataFrame | None = None
    ingest: IngestSummary | None = None
    manifest: Listed | None = None
    evidence: Evidence | None = None
    gated: Gated | None = None
    churn: Churned | None = None
    drivers: Drivers | None = None
    profit: pd.DataFrame | None = None
    grades: Record | None = None
    measured: Mapping[str, Measurement | Awaited] = field(default_factory=dict)
    recommended: Recommended | None = None
    horizon_days: int = 90
    language: Language = "en"
    shop_name: str | None = None
    files: str = ""

    @property
    def shop(self) -> Shop:
        """The history in numbers."""
        return self.described.shop

    @cached_property
    def w(self) -> Words:
        """Words of the page's language and the shop's currency."""
        currency = (self.target.currency if self.target else "") or self.shop.currency
        return Words(self.language, currency)

    @cached_property
    def customers(self) -> pd.DataFrame | None:
        """Scores in one order, since a float sum depends on the order of its terms."""
        if self.scores is None or not len(self.scores):
            return None
        return self.scores.sort_values("customer_id", kind="stable")

    @cached_property
    def proven(self) -> bool:
        """Whether the customers have chances of returning."""
        return self.customers is not None and bool(self.customers["p_return"].notna().any())

    @cached_property
    def alike(self) -> bool:
        """Whether all customers have the same chance: nobody is told apart."""
        if not self.proven or self.customers is None or len(self.customers) < 2:
            return False
        return self.customers["p_return"].nunique(dropna=False) == 1

    @property
    def unplanned(self) -> int:
        """Rows of a list that holds whoever may be contacted, since there is nothing to plan by."""
        if self.target is None or self.target.n_listed or self.list_rows is None:
            return 0
        return len(self.list_rows)

    @property
    def method(self) -> str:
        """What gives the scores, the model or the rule that won; the test shown is its own."""
        return self.evaluation.method if self.evaluation else MODEL

    @property
    def days(self) -> str:
        """The horizon after a preposition: w ciągu 90 dni."""
        return self.w.count(self.horizon_days, "of day")

    @property
    def horizon(self) -> str:
        """The horizon: 90 days."""
        return self.w.count(self.horizon_days, "day")
