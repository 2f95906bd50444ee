"""Whether a database's orders have changed, asked cheaply and without reading them."""

from __future__ import annotations

from dataclasses import dataclass

from winback.errors import UsageError
from winback.intake.databases import watermark
from winback.params import is_url
from winback.project import Project, as_json


@dataclass(frozen=True)
class Polled:
    """What the database answered, and whether it is another answer than the last one."""

    changed: bool
    values: tuple[str, ...]


def poll_database(project: Project) -> Polled:
    """Ask the watermark query, and write `data/watermark.json` where its answer is another.

    The stage ingest depends on that file: `dvc repro` reads the orders again where it changed,
    and does not connect where it did not.

    Raises:
        UsageError: the orders are no database's, or there is no watermark query.
        WinbackError: what the database cannot be asked.
    """
    given = project.params.ingest
    if not is_url(given.orders):
        raise UsageError("databases.nothing_to_poll", orders=given.orders)
    if not given.watermark_query:
        raise UsageError("databases.no_watermark_query")
    rows = watermark(given.orders, given.watermark_query)
    path, content = project.path("watermark"), {"rows": rows}
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    changed = before != as_json(content)
    if changed:
        project.write_json("watermark", content)
    values = tuple(
        f"{name} {'–' if v is None else v}" for row in rows[:3] for name, v in row.items()
    )
    return Polled(changed, values)
