"""Lists that left and the orders since in; what each offer did, and to whom it will, out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from winback.ledger.asked import Seal, seals
from winback.offers.power import LEAST_IN_ARM
from winback.project import NUMBERS, Project
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.reacted import LearnedOffer, OtherTerms, Reacted, State
from winback.tables.reacted import REACTIONS
from winback.tables.scored import scores as contract

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from winback.arrays import Floats
    from winback.campaign.taught import Taught
    from winback.effects.cascade import Cascade
    from winback.effects.cascade import OfferFacts as OfOffer
    from winback.effects.encoded import Column
    from winback.offers.reactions import Terms
    from winback.results.offered import Offer

# Above it a mean effect is shown.
SHOWN = 1.645
# Of what is measured of a customer, what effects may be told apart by, beside all that the shop
# declares itself: recency, frequency, value, rhythm and what is bought. Ninety columns would say
# the same again, and a penalty that chooses among them would choose by chance.
FEATURES = (
    "days_since_last_order", "days_since_first_order", "orders_total", "orders_30d", "orders_90d",
    "orders_365d", "spend_365d", "order_value_mean", "order_value_last_over_mean", "gap_mean_days",
    "silence_over_gap", "orders_trend_90d_365d", "repeat_product_share", "refund_share",
    "items_per_order", "distinct_products_365d", "same_season_share", "weekend_share",
)  # fmt: skip


def learn(project: Project) -> Reacted:
    """Learn from all sealed lists whose windows are over what each offer does.

    Without any, the table is empty and nothing is known of any offer.
    """
    left = seals(project.ledger())
    found, rows = _learned(project, left) if left else (_nothing(project), None)
    table = _table(rows)
    project.write_json("learned", found)
    project.write_arrow("reactions", table, **NUMBERS)
    counted = {"campaigns": found.campaigns, "people": found.people}
    ratios = {
        offer.name: {"ratio": offer.ratio, "z": offer.z}
        for offer in found.offers
        if offer.in_catalogue and offer.ratio is not None
    }
    project.write_metrics("learn", counted | {"offers": ratios})
    if found.campaigns:
        project.say(fact("progress.learned", n=found.campaigns, people=found.people))
    return found


def _nothing(project: Project) -> Reacted:
    return Reacted(
        as_of=project.result("ingest", IngestSummary).cutoff,
        half_life_days=project.params.learn.half_life_days, campaigns=0, people=0, columns=(),
        offers=(), other_terms=(), left_out=(), not_learned_from=0,
    )  # fmt: skip


def _learned(project: Project, left: Sequence[Seal]) -> tuple[Reacted, pd.DataFrame | None]:
    """What was learned, and the ratios of today's customers."""
    from winback.campaign.taught import Past, read_taught
    from winback.offers.reactions import Terms
    from winback.stages.catalogue import catalogue_of
    from winback.stages.stored import not_profiled

    params, ingested = project.params, project.result("ingest", IngestSummary)
    taught = read_taught(
        left,
        Past(
            project.path("orders"), ingested, params.ingest.timezone, not_profiled(project),
            params.learn.half_life_days,
        ),
    )  # fmt: skip
    scores = project.frame("scores", contract(()))
    catalogue = {Terms.of(offer): offer for offer in catalogue_of(params.target, scores)}
    found = _nothing(project).model_copy(
        update={
            "campaigns": len(taught.left),
            "people": int(taught.rows["customer_id"].nunique()),
            "left_out": taught.left_out,
            "other_terms": _other_terms(taught, catalogue),
            "not_learned_from": taught.not_learned_from,
        }
    )
    if taught.rows.empty:
        return found, None
    cascade, columns = _fitted(project, taught)
    offers = tuple(
        _offer(taught, cascade, j, terms in catalogue) for j, terms in enumerate(taught.terms)
    )
    found = found.model_copy(update={"offers": offers, "columns": tuple(c.name for c in columns)})
    return found, _ratios(project, scores, cascade, columns, found)


def _other_terms(taught: Taught, catalogue: dict[Terms, Offer]) -> tuple[OtherTerms, ...]:
    """Offers of the catalogue that left under their names on other terms alone."""
    found = []
    for terms in catalogue:
        others = [j for j, each in enumerate(taught.terms) if each.name == terms.name]
        if others and terms not in taught.terms:
            lists = taught.rows.loc[taught.rows["offer"].isin(others), "campaign"].nunique()
            found.append(OtherTerms(name=terms.name, campaigns=int(lists)))
    return tuple(found)


def _names(project: Project) -> list[str]:
    """The columns that effects may be told apart by: of orders, and what the shop declares."""
    from winback.snapshots.declared import told_columns

    return [*FEATURES, *told_columns(project.params.snapshot)]


def _fitted(project: Project, taught: Taught) -> tuple[Cascade, tuple[Column, ...]]:
    import numpy as np

    from winback.effects.cascade import Lessons, fit_cascade
    from winback.effects.encoded import columns_of, encoded
    from winback.snapshots.chosen import Measuring, snapshots_of
    from winback.snapshots.declared import declared_features

    params, rows = project.params, taught.rows
    names = _names(project)
    table = snapshots_of(
        rows[["customer_id", "cutoff"]], names,
        Measuring(
            project.path("orders"), project.path("signals"), project.path("attributes"),
            declared_features(params.snapshot), params.snapshot.horizon_days,
            params.snapshot.country, params.snapshot.paydays, params.snapshot.threads,
        ),
    )  # fmt: skip
    columns = columns_of(table, names)
    lessons = Lessons(
        offer=rows["offer"].to_numpy(np.int64),
        treated=rows["treated"].to_numpy(np.bool_),
        weight=rows["weight"].to_numpy(np.float64),
        orders=rows["orders"].to_numpy(np.float64),
        expected=rows["expected"].to_numpy(np.float64),
        z=encoded(table, columns),
        person=np.unique(rows["customer_id"].to_numpy(str), return_inverse=True)[1],
    )
    cascade = fit_cascade(
        lessons, _called(taught), [column.name for column in columns], threads=params.train.threads
    )
    return cascade, columns


def _called(taught: Taught) -> list[str]:
    """A name of its own for each offer on its terms."""
    return [f"{j} {terms.name}" for j, terms in enumerate(taught.terms)]


def _offer(taught: Taught, cascade: Cascade, j: int, in_catalogue: bool) -> LearnedOffer:
    """What was learned of an offer, and what it rests on."""
    import numpy as np

    terms = taught.terms[j]
    rows = taught.rows[taught.rows["offer"] == j]
    told = cascade.offers[j]
    state = _state(rows, told)
    known = state != "unknown"
    expected = rows["expected"].to_numpy(np.float64)

    def points(ratio: float) -> float:
        return round(100 * float((np.exp(-expected) - np.exp(-ratio * expected)).mean()), 4)

    ends = (told.ratio, told.low, told.high)
    pp = [points(end) if state in ("rolled_out", "harms") else None for end in ends]
    return LearnedOffer(
        **terms._asdict(),
        in_catalogue=in_catalogue,
        state=state,
        campaigns=int(rows["campaign"].nunique()),
        treated=int(rows["treated"].sum()),
        control=int((~rows["treated"]).sum()),
        last=max(taught.left[k] for k in rows["campaign"].unique()),
        ratio=round(told.ratio, 6) if known else None,
        ratio_low=round(told.low, 6) if known else None,
        ratio_high=round(told.high, 6) if known else None,
        z=round(told.z, 4) if known else None,
        rung=cascade.rung if known else None,
        gamma=cascade.gamma if known else None,
        effect_pp=pp[0],
        effect_low_pp=pp[1],
        effect_high_pp=pp[2],
    )


def _state(rows: pd.DataFrame, told: OfOffer) -> State:
    """Whether a mean effect is shown.

    To roll out, its z is above 1.645, as it is by chance in one of twenty that do nothing. To
    send no more, the interval lies below one: whoever stops an offer learns no more of it.
    """
    few = min(int(rows["treated"].sum()), int((~rows["treated"]).sum())) < LEAST_IN_ARM
    if few or not rows["orders"].any():
        return "unknown"
    if told.z > SHOWN:
        return "rolled_out"
    return "harms" if told.high < 1 else "tested_on"


def _ratios(
    project: Project, scores: pd.DataFrame, cascade: Cascade, columns: tuple[Column, ...],
    found: Reacted,
) -> pd.DataFrame:  # fmt: skip
    """One row a scored customer and offer of the catalogue of which anything is known."""
    import numpy as np
    import pandas as pd

    from winback.effects.encoded import encoded
    from winback.offers.worth import orders_within
    from winback.stages.stored import customers

    features = customers(project)
    place = pd.Index(features["customer_id"].astype(str)).get_indexer(
        scores["customer_id"].astype(str)
    )
    z = encoded(features.iloc[place].reset_index(drop=True), columns)
    tables = []
    for j, offer in enumerate(found.offers):
        if not offer.in_catalogue or offer.state == "unknown":
            continue
        expected = orders_within(scores, offer.valid_days)
        rows = np.flatnonzero(np.isfinite(expected) & (expected > 0) & (place >= 0))
        ratio, low, high = cascade.ratios(j, expected[rows], z[rows])
        tables.append(
            pd.DataFrame(
                {
                    "customer_id": scores["customer_id"].astype(str).to_numpy()[rows],
                    "offer": offer.name,
                    "orders_without": _rounded(expected[rows]),
                    "ratio": _rounded(ratio),
                    "ratio_low": _rounded(low),
                    "ratio_high": _rounded(high),
                }
            )
        )
    return pd.concat(tables, ignore_index=True) if tables else _nobody()


def _rounded(values: Floats) -> Floats:
    """Six decimals: what a sum gathers beyond depends on the machine."""
    return values.round(6)


def _nobody() -> pd.DataFrame:
    empty: pd.DataFrame = REACTIONS.schema.empty_table().to_pandas()
    return empty


def _table(rows: pd.DataFrame | None) -> pa.Table:
    import pyarrow as pa

    table = _nobody() if rows is None else rows
    table = table.sort_values(["customer_id", "offer"], kind="stable", ignore_index=True)
    return pa.Table.from_pandas(table, schema=REACTIONS.schema, preserve_index=False)
