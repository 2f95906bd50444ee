"""What has left, or may have: an assignment that no other may replace unseen."""

from __future__ import annotations

import filecmp
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow.parquet as pq

from winback.errors import WinbackError
from winback.offers.plan import Plan, seal_of


def refuse_redraw(plan: Plan, folder: Path | str) -> None:
    """Raise where ``folder`` holds another assignment than this plan's.

    Who was control would be lost with it, and with that what the campaign changed. The same
    customers in the same arms from the same day on are no other. One exported as a draft
    counts too: it may have left before anybody said so.

    Raises:
        WinbackError: it does; how to go on stands in the message.
    """
    if (left := _another(plan, Path(folder))) is None:
        return
    raise WinbackError(
        "crm.another_assignment",
        folder=str(folder), campaign=left.campaign, seal=left.seal, day=left.day,
        new_seal=plan.summary.seal, new_days=_days(plan.assignment) or "-",
    )  # fmt: skip


def keep_redrawn(plan: Plan, folder: Path | str, aside: Path | str | None = None) -> Path | None:
    """Put another assignment of ``folder`` aside, drafts too; where it is now, None without one.

    Its name in ``aside`` (None: the same folder) is of its campaign, seal and day; a number
    follows where that is taken by a file that is not its copy.
    """
    folder = Path(folder)
    if (left := _another(plan, folder)) is None:
        return None
    path, kept = folder / "assignment.parquet", folder if aside is None else Path(aside)
    name = f"assignment-{left.campaign}-{left.seal}-{left.day}"
    places = (kept / f"{name}{f'-{n}' if n > 1 else ''}.parquet" for n in count(1))
    place = next(p for p in places if not p.exists() or filecmp.cmp(path, p, shallow=False))
    if not place.exists():
        path.rename(place)
    return place


class _Left(NamedTuple):
    campaign: str
    seal: str
    day: date


def _another(plan: Plan, folder: Path) -> _Left | None:
    """What says which assignment ``folder`` holds, if it is another than the plan's."""
    path = folder / "assignment.parquet"
    if not path.is_file():
        return None
    # The file itself, not the manifest: a killed run leaves them apart.
    columns = ["campaign_id", "customer_id", "planned_offer", "arm", "assigned_at"]
    old = pq.read_table(path, columns=columns).to_pandas()
    seal, days = seal_of(old), _days(old)
    if not days or (seal == plan.summary.seal and days == _days(plan.assignment)):
        return None
    return _Left(str(old["campaign_id"].iloc[0]), seal, days[0])


def _days(assignment: pd.DataFrame) -> list[date]:
    return sorted(set(assignment["assigned_at"]))
