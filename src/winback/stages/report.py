"""The small results of all stages in; the page a person reads out."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from winback.churn import study_churn
from winback.errors import WinbackError
from winback.project import Project
from winback.report.material import Material
from winback.report.page import render_report
from winback.results.described import Described
from winback.results.gated import Gated
from winback.results.graded import Record
from winback.results.intake import IngestSummary
from winback.results.judged import EvaluatedModel
from winback.results.learned import Training
from winback.results.listed import Listed
from winback.results.measured import Awaited, Measurement
from winback.results.planned import Planned
from winback.results.recommended import Recommended
from winback.results.scored import Drivers
from winback.results.segmented import Segmented
from winback.snapshots.plan import observed_until
from winback.tables.scored import scores


def report(project: Project) -> None:
    """Write the page."""
    params, orders = project.params, project.path("orders")
    ingested = project.result("ingest", IngestSummary)
    target = project.result("target", Planned)
    assert target.cutoff is not None  # a stage scores customers of a cutoff, or nobody
    cutoff = target.cutoff
    seen = observed_until(cutoff, ingested.last_day)
    evaluation = project.result("served", EvaluatedModel)
    judged = evaluation if evaluation.cutoffs else None
    text = render_report(
        Material(
            described=project.result("shop", Described),
            evaluation=judged,
            calibration=project.curve("served_calibration") if judged else None,
            lift=project.curve("served_lift") if judged else None,
            scores=project.frame("scores", scores(())),
            target=target,
            segmented=project.result("segments", Segmented),
            list_rows=pd.read_csv(project.path("list"), dtype=str, keep_default_na=False),
            ingest=ingested,
            manifest=project.result("manifest", Listed),
            gated=project.result("gate", Gated),
            evidence=project.result("training", Training).evidence,
            churn=study_churn(orders, cutoff=seen).summary(),
            drivers=project.result("drivers", Drivers),
            profit=project.curve("profit"),
            # A run of its own has no lists that left.
            grades=project.result("grades", Record) if project.path("grades").is_file() else None,
            recommended=project.result("products", Recommended),
            horizon_days=params.snapshot.horizon_days,
            language=params.report.language,
            shop_name=params.report.shop_name,
            measured=_measured(project),
            files=_way(project),
        )
    )
    project.write_page(text)


def _way(project: Project) -> str:
    """From the page to the files of the list."""
    way = os.path.relpath(project.path("list").parent, project.path("page").parent)
    return "" if way == "." else f"{Path(way).as_posix()}/"


def _measured(project: Project) -> dict[str, Measurement | Awaited]:
    """What came of each campaign that was measured, or when it can be read."""
    found: dict[str, Measurement | Awaited] = {}
    for path in sorted(project.path("measurements").glob("[!_]*.json")):
        text = path.read_text(encoding="utf-8")
        try:
            found[path.stem] = Measurement.from_json(text, str(path))
        except WinbackError:
            found[path.stem] = Awaited.from_json(text, str(path))
    return found
