"""What an export holds as it is read, asked before anything is computed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from winback.params import Params
from winback.project import FOLDER, Project
from winback.questions.asked import Begin
from winback.results.inspected import Inspection
from winback.stages.ingest import settled


def inspect_history(source: Sequence[Any] | Any, params: Params, begin: Begin) -> Inspection:
    """Read an export as `winback run` would, write nothing, and tell what was understood."""
    # Addresses and orders lie there while they are read, and nowhere afterwards.
    with tempfile.TemporaryDirectory(prefix="winback-inspect") as scratch:
        project = Project(params, root=Path(scratch), layout=FOLDER, source=source)
        begin("inspect")
        with settled(project, Path(scratch)) as orders:
            rows = orders.first_rows()
            return Inspection(ingest=orders.write().summary, rows=rows)
