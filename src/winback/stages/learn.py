"""Lists that left and the orders since in; what each offer did, and to whom it will, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from winback.ledger.asked import Seal, seals
from winback.project import NUMBERS, Project
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.reacted import LearnedOffer, LearnedWear, OtherTerms, Reacted, State
from winback.tables.reacted import REACTIONS
from winback.tables.scored import scores as contract

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from winback.arrays import Floats
    from winback.campaign.taught import Taught
    from winback.effects.cascade import Cascade
    from winback.effects.encoded import Column
    from winback.offers.reactions import Terms
    from winback.results.offered import Offer

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
    fit = _fitted(project, taught)
    offers = tuple(
        _offer(taught, fit, j, in_catalogue=terms in catalogue)
        for j, terms in enumerate(taught.terms)
    )
    names = tuple(column.name for column in fit.columns)
    found = found.model_copy(update={"offers": offers, "columns": names, "wear": _wear(taught)})
    return found, _ratios(project, scores, fit, found)


def _wear(taught: Taught) -> LearnedWear | None:
    """What earlier lists take of an effect, where two lists or more tell it."""
    import numpy as np

    from winback.effects.worn import learn_wear
    from winback.offers.fading import WEAR_SHARE

    rows = taught.rows
    if len(taught.left) < 2:
        return None
    found = learn_wear(
        rows["offer"].to_numpy(np.int64),
        rows["treated"].to_numpy(np.bool_),
        *(rows[name].to_numpy(np.float64) for name in ("weight", "orders", "expected", "met")),
        thought=WEAR_SHARE,
    )
    if found is None:
        return None
    return LearnedWear(share=found.share, error=found.error, lists=len(taught.left))


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


@dataclass(frozen=True)
class _Fit:
    """What was learned, how customers become its numbers, and what was expected of the taught."""

    cascade: Cascade
    columns: tuple[Column, ...]
    without: Floats


def _fitted(project: Project, taught: Taught) -> _Fit:
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
    z = encoded(table, columns)
    lessons = Lessons(
        offer=rows["offer"].to_numpy(np.int64),
        treated=rows["treated"].to_numpy(np.bool_),
        weight=rows["weight"].to_numpy(np.float64),
        orders=rows["orders"].to_numpy(np.float64),
        expected=rows["expected"].to_numpy(np.float64),
        z=z,
        person=np.unique(rows["customer_id"].to_numpy(str), return_inverse=True)[1],
    )
    # Names of their own, as one offer may have left on several terms.
    called = [f"{terms.name} {j}" for j, terms in enumerate(taught.terms)]
    cascade = fit_cascade(
        lessons, called, [column.name for column in columns], threads=params.snapshot.threads
    )
    return _Fit(cascade, columns, cascade.without(lessons.expected, z))


def _offer(taught: Taught, fit: _Fit, j: int, *, in_catalogue: bool) -> LearnedOffer:
    """What was learned of an offer, and what it rests on."""
    import numpy as np

    from winback.campaign.taught import moved_of

    here = (taught.rows["offer"] == j).to_numpy(np.bool_)
    rows, without, told = taught.rows[here], fit.without[here], fit.cascade.learned[j]
    # Whoever stops an offer learns no more of it: that takes a whole interval below one.
    state: State = "harms" if told.state == "tested_on" and told.ratio_high < 1 else told.state
    known, shown = state != "unknown", state in ("rolled_out", "harms")

    moved = moved_of(rows)

    def points(ratio: float) -> float | None:
        chance = np.exp(-without) - np.exp(-ratio * without)
        return round(100 * float(chance.mean()), 4) if shown else None

    return LearnedOffer(
        **taught.terms[j]._asdict(),
        in_catalogue=in_catalogue,
        state=state,
        campaigns=int(rows["campaign"].nunique()),
        treated=int(rows["treated"].sum()),
        control=int((~rows["treated"]).sum()),
        last=max(taught.left[k] for k in rows["campaign"].unique()),
        ratio=round(told.ratio, 6) if known else None,
        ratio_low=round(told.ratio_low, 6) if known else None,
        ratio_high=round(told.ratio_high, 6) if known else None,
        z=round(told.z, 4) if known else None,
        rung=told.rung if known else None,
        gamma=told.gamma if known else None,
        effect_pp=points(told.ratio),
        effect_low_pp=points(told.ratio_low),
        effect_high_pp=points(told.ratio_high),
        moved_share=moved and moved[0],
        moved_error=moved and moved[1],
    )


def _ratios(project: Project, scores: pd.DataFrame, fit: _Fit, found: Reacted) -> pd.DataFrame:
    """One row a scored customer and offer of the catalogue of which anything is known."""
    import numpy as np
    import pandas as pd

    from winback.effects.encoded import encoded
    from winback.offers.worth import orders_within
    from winback.stages.stored import customers

    features, ids = customers(project), pd.Index(scores["customer_id"].astype(str))
    place = pd.Index(features["customer_id"].astype(str)).get_indexer(ids)
    z = encoded(features.iloc[place].reset_index(drop=True), fit.columns)
    tables = []
    for j, offer in enumerate(found.offers):
        if not offer.in_catalogue or offer.state == "unknown":
            continue
        expected = orders_within(scores, offer.valid_days)
        rows = np.flatnonzero(np.isfinite(expected) & (expected > 0) & (place >= 0))
        ratio, low, high = fit.cascade.ratios(j, expected[rows], z[rows])
        tables.append(
            pd.DataFrame(
                {
                    "customer_id": ids.to_numpy()[rows],
                    "offer": offer.name,
                    "orders_without": _rounded(expected[rows]),
                    "ratio": _rounded(ratio),
                    "ratio_low": _rounded(np.maximum(low, 0.0)),
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
