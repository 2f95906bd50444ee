"""Scores and the catalogue in; the assignment and everybody's reason out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from winback.crm.sealed import refuse_another
from winback.errors import UsageError, WinbackError
from winback.offers.contact import ContactRules
from winback.offers.eligibility import parse_eligibility
from winback.offers.fading import Wear
from winback.offers.plan import Beliefs, Channel, Limits, Plan, plan_campaign
from winback.offers.reactions import Reactions
from winback.params import TargetSettings
from winback.project import Project, experiment_copy
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.results.judged import EvaluatedModel
from winback.results.measured import PastMeasurement
from winback.results.offered import Offer
from winback.results.reacted import Reacted
from winback.results.segmented import Segmented
from winback.snapshots.declared import told_columns
from winback.snapshots.occasions import send_day
from winback.stages.catalogue import catalogue_of
from winback.stages.past import past_of
from winback.stages.stored import customers
from winback.tables import history
from winback.tables.planned import ASSIGNMENT, DECISIONS
from winback.tables.reacted import REACTIONS
from winback.tables.scored import scores as contract

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from winback.tables.table import Table


def target(project: Project) -> None:
    """Plan the campaign; one that has left is never drawn anew."""
    plan = planned(project)
    # What an experiment would have sent is nobody's list.
    if not experiment_copy():
        refuse_another(project.ledger(), plan.summary.campaign_id, plan.summary.seal)
    project.write_arrow("plan", _as_contracted(plan.assignment, ASSIGNMENT))
    project.write_arrow("decisions", _as_contracted(plan.decisions, DECISIONS))
    project.write_json("target", plan.summary)
    project.write_json("segments", _with_own(project, plan.segmented))
    project.write_metrics(
        "target", plan.summary,
        "n_eligible", "n_planned", "n_listed", "n_control", "expected_cost", "expected_gain",
        "gain_low", "gain_high", "power",
    )  # fmt: skip
    project.write_curve("profit", plan.profit)
    for warning in plan.summary.warnings:
        project.say(warning)


def _with_own(project: Project, found: Segmented) -> Segmented:
    """The same with how people are told of the shop's own columns that conditions name."""
    asked = {
        name
        for offer in found.offers.values()
        for name in parse_eligibility(offer.eligible).columns
    }
    told = told_columns(project.params.snapshot)
    own = {name: told[name] for name in sorted(asked & set(told))}
    return found.model_copy(update={"own": own})


def planned(project: Project) -> Plan:
    """The campaign as scores and params.yaml have it."""
    return project.once("planned", lambda: _plan(project))


def _plan(project: Project) -> Plan:
    import pandas as pd

    wanted = project.params.target
    scores, features = project.frame("scores", contract(())), customers(project)
    privacy = project.frame("privacy", history.PRIVACY)
    offers = catalogue_of(wanted, scores)
    ingested = project.result("ingest", IngestSummary)
    past, strangers = past_of(project, privacy["customer_id"])
    cutoff = pd.Timestamp(scores["cutoff"].iloc[0]) if len(scores) else None
    leaves_on = None if cutoff is None else leaving_day(project, cutoff.date())
    if past is not None and cutoff is not None and leaves_on is not None:
        # The planner counts days of peace to the cutoff; what matters is when this one leaves.
        past["assigned_at"] -= pd.Timestamp(leaves_on) - cutoff
    named = {offer.effect_from for offer in offers if offer.effect_from}
    more = [c for c in features.columns if c not in scores.columns]
    if not named:  # a measurement may name a column, too
        more = _asked_for(more, [*scores.columns, *more], offers, wanted)
    table = scores.merge(features[["customer_id", *more]], on="customer_id", how="left")
    reactions = _reactions(project)
    plan = plan_campaign(
        table,
        offers,
        campaign_id=campaign_of(wanted.campaign_id, cutoff),
        budget=wanted.budget,
        control_share=wanted.control_share,
        salt=project.salt(),
        privacy=privacy,
        rules=ContactRules(
            holdout_share=wanted.holdout_share,
            quiet_days=wanted.quiet_days,
            contacts_per_year=wanted.contacts_per_year,
            complaint_column=wanted.complaint_column,
            subscriber_column=wanted.subscriber_column,
            leaves_on=leaves_on,
        ),
        history=past,
        limits=Limits(
            max_contacts=wanted.max_contacts,
            channels={
                name: Channel(per_day=limit.per_day, days=limit.days, budget=limit.budget)
                for name, limit in wanted.channels.items()
            },
            reserve_share=wanted.reserve_share,
            explore_share=wanted.explore_share,
        ),
        beliefs=Beliefs(
            plausible_effect_pp=wanted.plausible_effect_pp,
            wear=_wear(wanted.wear_share, reactions),
            level_error=_level_error(project.result("served", EvaluatedModel)),
            measurements={str(path): _measurement(path) for path in named},
            moved=reactions.moved(offers) if reactions else {},
            reactions=reactions,
        ),
        currency=ingested.currency,
    )
    plan = _leaving(project, plan)
    told = [
        fact("offers.objections_unmatched", **doubt.values)
        for doubt in ingested.doubts
        if doubt.code == "intake.objections_unmatched"
    ]
    if strangers:
        told.append(fact("offers.history_strangers", n=strangers, pattern=str(wanted.history)))
    if not told:
        return plan
    warnings = (*plan.summary.warnings, *told)
    return replace(plan, summary=plan.summary.model_copy(update={"warnings": warnings}))


def _reactions(project: Project) -> Reactions | None:
    """What lists that left have taught; None where the shop wants none of it."""
    if not project.params.target.learn:
        return None
    rows = project.frame("reactions", REACTIONS)
    return Reactions(project.result("learned", Reacted), rows)


def _wear(stated: float | None, reactions: Reactions | None) -> Wear:
    """What earlier lists take of an effect: as stated, else as learned, else as assumed."""
    if stated is not None:
        return Wear(share=stated, source="stated")
    learned = reactions.learned.wear if reactions else None
    if learned is None:
        return Wear()
    return Wear(share=learned.share, source="learned", lists=learned.lists)


def campaign_of(pattern: str, cutoff: pd.Timestamp | None) -> str:
    """The campaign's name as of a cutoff, out of the pattern that params.yaml has."""
    if cutoff is None:
        return re.sub(r"[-_.]*\{\w+\}", "", pattern) or "campaign"
    year, week, _ = cutoff.isocalendar()
    told = {"{cutoff}": f"{cutoff:%Y-%m-%d}", "{week}": f"{year}-W{week:02}"}
    for name, value in told.items():
        pattern = pattern.replace(name, value)
    return pattern


def _asked_for(
    columns: list[str], known: list[str], offers: Sequence[Offer], wanted: TargetSettings
) -> list[str]:
    """Of these columns those that the plan reads; all where it names one that there is not.

    Ninety columns of half a million customers would be copied at each step for nothing.
    """
    named = {wanted.complaint_column, wanted.subscriber_column} - {None}
    for offer in offers:
        try:
            named |= set(parse_eligibility(offer.eligible).columns)
        except UsageError:  # said where the plan is made, with the offer's name
            return columns
    return [c for c in columns if c in named] if named <= set(known) else columns


def _measurement(path: str) -> PastMeasurement:
    try:
        return PastMeasurement.from_json(Path(path).read_text(encoding="utf-8"), path)
    except FileNotFoundError as error:
        raise WinbackError("project.missing", file=path) from error


def leaving_day(project: Project, cutoff: date) -> date:
    """The day of ``target.send_on``, or the cutoff.

    Raises:
        UsageError: it lies beyond what the scores speak of.
    """
    params = project.params
    wish, horizon = params.target.send_on, params.snapshot.horizon_days
    if wish is None:
        return cutoff
    day = send_day(wish, cutoff, country=params.snapshot.country, paydays=params.snapshot.paydays)
    later = (day - cutoff).days
    if later >= horizon:
        raise UsageError(
            "project.send_on", wish=wish, day=day, later=later, cutoff=cutoff, horizon=horizon
        )
    return day


def _leaving(project: Project, plan: Plan) -> Plan:
    """The same plan, with offers that leave, and count from, the day of ``target.send_on``."""
    cutoff, test = plan.summary.cutoff, plan.summary.test
    if cutoff is None:
        return plan
    day = leaving_day(project, cutoff)
    if test and test.readable_on:
        test = test.model_copy(update={"readable_on": test.readable_on + (day - cutoff)})
    summary = plan.summary.model_copy(update={"send_on": day, "test": test})
    return replace(plan, assignment=plan.assignment.assign(assigned_at=day), summary=summary)


def _level_error(evaluation: EvaluatedModel) -> float:
    """By what share the mean prediction was off at earlier cutoffs; a tenth if nobody knows."""
    champion = evaluation.method
    misses = [
        mean / cutoff.base_rate - 1
        for cutoff in evaluation.by_cutoff
        if cutoff.base_rate
        and champion in cutoff.methods
        and (mean := cutoff.methods[champion].mean_p) is not None
    ]
    if len(misses) < 2:
        return 0.1
    return float(round((sum(miss**2 for miss in misses) / len(misses)) ** 0.5, 4))


def _as_contracted(rows: pd.DataFrame, table: Table) -> pa.Table:
    import pyarrow as pa

    # With named types: where nobody is planned, a column of nulls would have none.
    return pa.Table.from_pandas(rows, schema=table.schema, preserve_index=False)
