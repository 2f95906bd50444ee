"""What an export holds as it is read, asked before anything is computed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from winback.params import Params
from winback.project import FOLDER, Project
from winback.questions.asked import Begin
from winback.report.facts import describe_shop
from winback.results.inspected import Inspection
from winback.stages.ingest import read


def inspect_history(source: Sequence[Any] | Any, params: Params, begin: Begin) -> Inspection:
    """Read an export as `winback run` would, write nothing, and tell what was understood.

    Totals are of the lines kept, before the cutoff: ``gross`` of purchases as placed, ``refunds``
    of what was cancelled or given back by then.
    """
    # Addresses and orders lie there while they are read, and nowhere afterwards.
    with tempfile.TemporaryDirectory(prefix="winback-inspect") as scratch:
        project = Project(params, root=Path(scratch), layout=FOLDER, source=source)
        begin("inspect")
        intake = read(project)
        shop = describe_shop(intake.orders_path, intake.cutoff)
    summary = intake.summary
    return Inspection(
        customers=summary.customers,
        purchases=summary.purchases,
        gross=shop.gross_revenue,
        refunds=shop.refunded,
        net=shop.net_revenue,
        first=summary.first_day,
        last=summary.last_day,
        ingest=summary,
    )
