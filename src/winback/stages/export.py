"""Assignment and scores in; the list for the CRM out."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from winback.crm.listing import write_list
from winback.crm.sealed import keep_redrawn, refuse_redraw
from winback.errors import WinbackError
from winback.offers.plan import seal_of
from winback.project import Project, experiment_copy
from winback.results.base import fact
from winback.results.intake import IngestSummary
from winback.source import source_version
from winback.stages.target import is_draft, planned
from winback.tables.history import contacts
from winback.tables.planned import ASSIGNMENT
from winback.tables.scored import scores as contract

if TYPE_CHECKING:
    import pandas as pd


def export(project: Project) -> None:
    """Write the list, the sealed assignment and the manifest."""
    plan, scores = planned(project), project.frame("scores", contract(()))
    folder, draft = project.path("campaign"), is_draft(project)
    if seal_of(project.frame("plan", ASSIGNMENT)) != plan.summary.seal:
        raise WinbackError("project.other_assignment", file=project.path("plan"))
    if not draft:
        refuse_redraw(plan, folder)
    # Beside the folder: what DVC has of it would else depend on what was there before.
    if not experiment_copy() and (kept := keep_redrawn(plan, folder, project.path("exports"))):
        project.say(fact("progress.kept_aside", folder=str(folder), kept=str(kept)))
    write_list(
        plan, scores, project.frame("contacts", contacts()), folder,
        language=project.params.report.language, versions=_versions(project, scores), draft=draft,
        salt_fingerprint=project.salt_fingerprint(),
    )  # fmt: skip


def _versions(project: Project, scores: pd.DataFrame) -> dict[str, str | None]:
    # What is measured afterwards is no part of what made this list; nor is the salt, a secret.
    settings = json.dumps(
        project.params.model_dump(
            mode="json", exclude={"ingest": True, "measure": True, "target": {"salt"}}
        ),
        sort_keys=True,
    )
    summary = project.result("ingest", IngestSummary)
    tables = {"signals": summary.signals, "attributes": summary.attributes}
    beside = {f"{noun}_sha256": table.sha256 for noun, table in tables.items() if table}
    return {
        "orders_sha256": summary.orders_sha256,
        **beside,
        "code": source_version(),
        "params": hashlib.sha256(settings.encode()).hexdigest()[:12],
        "model": str(scores["model_version"].iloc[0]) if len(scores) else None,
    }
