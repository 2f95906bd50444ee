"""Old data about people removed: lists, campaigns, confirmed pushes and caches of before a day.

By what the files say of themselves and by the day after the last order, never by the clock. The
ledger stays: it holds no ids, and what a campaign changed is read out of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winback.crm.confirmed import read_confirmed, write_confirmed
from winback.erasing.caches import kept_by_dvc, named_by, objects_inside, remove_objects
from winback.erasing.files import is_id_name
from winback.intake.rows import read_rows
from winback.ledger.asked import seals
from winback.project import Project
from winback.questions.sealing import today_of
from winback.results.base import fact
from winback.results.listed import Listed

# By one of these a table tells how old it is.
_DAYS = ("assigned_at", "sent_at", "sent_on", "cutoff", "ordered_at", "happened_at", "known_at")


def forget_older(project: Project, days: int) -> None:
    """Remove what is of more than ``days`` days before the day after the last order.

    Lists under ``exports/``, folders of ``data/campaigns``, rows of confirmed pushes of campaigns
    that left before, and files of DVC's cache that the project names no more. What was removed is
    told to ``say``.
    """
    limit = today_of(project) - timedelta(days=days)
    removed = [*_old_lists(project, limit), *_old_campaigns(project, limit)]
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        name = path.relative_to(project.root).as_posix()
        project.say(fact("forget.old", file=name, day=limit))
    told = _old_pushes(project, limit) + _old_objects(project, limit)
    if not (removed or told):
        project.say(fact("forget.nothing_old", day=limit))


def _old_lists(project: Project, limit: date) -> Iterable[Path]:
    """Folders with a manifest, and assignments beside them, that were made before."""
    if not project.under_dvc:
        return
    for path in sorted(project.path("exports").glob("*")):
        manifest = path / "manifest.json"
        if manifest.is_file():
            made = Listed.from_json(manifest.read_text("utf-8"), str(manifest)).cutoff
        else:
            made = _newest([path] if path.is_file() else sorted(path.glob("*")))
        if made is not None and made < limit:
            yield path


def _old_campaigns(project: Project, limit: date) -> Iterable[Path]:
    """Folders of campaigns whose newest day is of before."""
    for path in sorted(project.path("campaigns").glob("*")):
        files = [each for each in sorted(path.rglob("*")) if each.is_file()]
        made = _newest(files) if path.is_dir() else None
        if made is not None and made < limit:
            yield path


def _old_pushes(project: Project, limit: date) -> int:
    """Rows of campaigns that left before; our values there can no longer be taken back."""
    left = {seal.sealed.campaign_id: seal.sealed.sent_on for seal in seals(project.ledger())}
    old = {campaign for campaign, day in left.items() if day < limit}
    count = 0
    for path in sorted(project.path("pushes").glob("*/confirmed.parquet")):
        rows = read_confirmed(path)
        gone = rows["campaign_id"].isin(old)
        if gone.any():
            write_confirmed(path, rows[~gone])
            name = path.relative_to(project.root).as_posix()
            project.say(fact("forget.old_rows", file=name, n=int(gone.sum()), day=limit))
            count += int(gone.sum())
    return count


def _old_objects(project: Project, limit: date) -> int:
    """Tables of people in DVC's cache that the project as it lies names no more."""
    kept = kept_by_dvc(project.root)
    if kept.cache is None or not kept.cache.is_dir() or kept.shared:
        return 0
    named = named_by([project.root / "dvc.lock", *sorted(project.root.rglob("*.dvc"))])
    named |= objects_inside(kept.cache, named)

    def is_old(path: Path) -> bool:
        made = _newest([path])
        return made is not None and made < limit

    objects, runs = remove_objects(kept.cache, is_old, spared=named)
    if objects or runs:
        project.say(fact("forget.old_cache", objects=objects, runs=runs, day=limit))
    return objects + runs


def _newest(files: Iterable[Path]) -> date | None:
    """The newest day that tables of people among these files tell; None where none does."""
    days = [day for path in files for day in [_day_of(path)] if day is not None]
    return max(days, default=None)


def _day_of(path: Path) -> date | None:
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == b"PAR1":
        return _day_of_parquet(path)
    if path.suffix.lower() not in (".csv", ".tsv"):
        return None
    rows, _ = read_rows(path, path.name)
    for name in _DAYS:
        if name in rows:
            days = pd.to_datetime(rows[name], errors="coerce", format="mixed")
            return None if days.isna().all() else days.max().date()
    return None


def _day_of_parquet(path: Path) -> date | None:
    try:
        schema = pq.read_schema(path)
    except pa.ArrowException:
        return None
    names = [name for name in _DAYS if name in schema.names]
    if not names or not any(map(is_id_name, schema.names)):
        return None
    column = pq.read_table(path, columns=names[:1])[names[0]]
    newest = pd.to_datetime(pc.max(column).as_py())
    return None if pd.isna(newest) else newest.date()
