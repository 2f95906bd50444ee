"""Assignment and scores in; the list for the CRM out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

from winback.crm.changes import known_before
from winback.crm.listing import WORKBOOK, write_list
from winback.crm.sealed import refuse_another
from winback.crm.values import Leaving
from winback.crm.workbook import MOST_ROWS
from winback.errors import WinbackError
from winback.ledger.asked import Seal, seals
from winback.offers.plan import Plan, seal_of
from winback.project import Project, experiment_copy
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.source import version_of
from winback.stages.delivering import check_asked, deliver
from winback.stages.outgoing import shared_keys, with_products
from winback.stages.target import planned
from winback.tables.history import contacts
from winback.tables.planned import ASSIGNMENT
from winback.tables.scored import scores as contract

if TYPE_CHECKING:
    import pandas as pd


def export(project: Project) -> None:
    """Write the list, the sealed assignment and the manifest."""
    import pandas as pd

    plan, scores = planned(project), project.frame("scores", contract(()))
    folder = project.path("current")
    if seal_of(project.frame("plan", ASSIGNMENT)) != plan.summary.seal:
        raise WinbackError("project.other_assignment", file=project.path("plan"))
    if not experiment_copy():
        refuse_another(project.ledger(), plan.summary.campaign_id, plan.summary.seal)
    check_asked(project.params)
    params = _settings(project)
    named = with_products(project, Leaving.of(plan), scores, plan.summary.cutoff)
    listed = write_list(
        plan, scores, project.frame("contacts", contacts()), folder,
        language=project.params.report.language, versions=_versions(project, scores, params),
        params=params,
        before=known_before(
            _others(project, plan), plan.assignment, scores, plan.decisions,
            project.params.target.quiet_days,
        ),
        made_from={name: project.digest(name) for name in ("scores", "decisions")},
        salt_fingerprint=project.salt_fingerprint(),
        products=named.products, suggested=named.suggested,
    )  # fmt: skip
    if WORKBOOK not in listed.sha256:
        project.say(fact("progress.no_workbook", n=listed.rows.list, most=MOST_ROWS))
    if not project.under_dvc:
        on_it = pd.read_csv(project.path("list"), usecols=["customer_id"], dtype=str)
        project.write_frame("shared", shared_keys(project, set(on_it["customer_id"])))
    delivered = deliver(project)
    if delivered:
        hashes = {name: digest for each in delivered for name, digest in each.sha256.items()}
        more = {"destinations": delivered, "sha256": {**listed.sha256, **hashes}}
        project.write_json("manifest", listed.model_copy(update=more))


def _others(project: Project, plan: Plan) -> tuple[Seal, ...]:
    """Lists that left, but for this one, whose file stays as it is once it has left."""
    name = plan.summary.campaign_id
    left = seals(project.ledger())
    own = next((n for n, seal in enumerate(left) if seal.sealed.campaign_id == name), None)
    return left[:own]


def _settings(project: Project) -> dict[str, JsonValue]:
    """The parameters that made the list.

    What is measured afterwards is no part of that; nor is the salt, a secret.
    """
    return project.params.model_dump(
        mode="json", exclude={"ingest": True, "measure": True, "target": {"salt"}}
    )


def _versions(
    project: Project, scores: pd.DataFrame, params: Mapping[str, JsonValue]
) -> dict[str, str | None]:
    settings = json.dumps(params, sort_keys=True)
    summary = project.result("ingest", IngestSummary)
    tables = {"signals": summary.signals, "attributes": summary.attributes}
    beside = {f"{noun}_sha256": table.sha256 for noun, table in tables.items() if table}
    return {
        "orders_sha256": summary.orders_sha256,
        **beside,
        "code": version_of(__name__),
        "params": hashlib.sha256(settings.encode()).hexdigest()[:12],
        "model": str(scores["model_version"].iloc[0]) if len(scores) else None,
    }
