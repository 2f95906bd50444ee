"""What several stages read of the project: snapshots, the model, past assignments."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from winback.project import Project
from winback.snapshots.stored import StoredSnapshots

if TYPE_CHECKING:
    import pandas as pd

# Snapshots that learning and judging hold in memory, at most: some two gigabytes at their peak.
MOST_ROWS = 400_000


def stored(project: Project) -> StoredSnapshots:
    """The snapshots, outcomes and first days of the project, read when asked for."""
    return StoredSnapshots(
        project.path("snapshots"),
        project.path("outcomes"),
        project.path("first_days"),
        # Of a replayed week the file has later cutoffs, too.
        scored=project.once("scored", _the_newest),
    )


def _the_newest() -> date | None:
    return None


def champions_customers(project: Project) -> pd.DataFrame:
    """The same customers as the recipe of the model that scores measures them."""
    own = project.arrow("champion_rows")
    return project.frame("champion_rows") if len(own) else customers(project)


def not_profiled(project: Project) -> frozenset[str]:
    """Who objected to profiling: an earlier list may hold them, and their orders are gone."""
    if not project.path("privacy").is_file():
        return frozenset()
    rows = project.frame("privacy")
    return frozenset(rows.loc[rows["no_profiling"], "customer_id"].astype(str))


def customers(project: Project) -> pd.DataFrame:
    """The customers to be scored, as of the newest cutoff."""
    return project.once("customers", lambda: stored(project).newest())
