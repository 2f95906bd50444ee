"""Orders and signals in; what they say of the shop out."""

from __future__ import annotations

from winback.project import Project
from winback.results.described import Described
from winback.results.intake import IngestSummary
from winback.shop.history import describe_past
from winback.shop.journey import follow_journey
from winback.shop.past import open_past
from winback.shop.press import weigh_claims
from winback.shop.scorecard import keep_score
from winback.snapshots.days import ShopDays
from winback.tables.outcomes import SHOP_DAYS


def describe(project: Project) -> None:
    """Describe the shop as it looked to somebody standing at the cutoff."""
    project.write_json("shop", described(project))


def described(project: Project) -> Described:
    """What there is to tell of the shop; nothing is written."""
    cutoff = project.result("ingest", IngestSummary).cutoff
    settings, country = project.params.ingest, project.params.snapshot.country
    with open_past(
        project.path("orders"), cutoff, signals=project.path("signals"),
        items=project.path("signal_items"), attributes=project.path("attributes"),
        country=country,
        days=ShopDays.from_frame(project.frame("shop_days", SHOP_DAYS), country),
        horizon_days=project.params.snapshot.horizon_days,
        memory_limit=settings.memory_limit, threads=settings.threads,
        products=project.path("product_table"), asked=project.params.products,
    ) as past:  # fmt: skip
        return Described(
            shop=describe_past(past),
            scorecard=keep_score(past),
            press=weigh_claims(past),
            journey=follow_journey(past),
        )
