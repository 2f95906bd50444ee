"""Everybody who was ever planned for a list that left: of the ledger, and of files beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from winback.ledger.asked import history_of
from winback.offers.contact import of_customers, read_history
from winback.project import Project, Say
from winback.results.base import fact

if TYPE_CHECKING:
    import pandas as pd


def past_of(
    project: Project, known: Iterable[str], say: Say | None = None
) -> tuple[pd.DataFrame | None, int]:
    """Past assignments by the ids of the orders' customers, and how many ids are nobody's.

    Columns as `winback.offers.contact.read_history` gives them. None where no list has left and
    ``target.history`` names no file: there is no past to speak of.
    """
    past = everybody_planned(project)
    given = project.params.target.history
    if past is not None and past.empty:
        (say or project.say)(fact("progress.no_history", pattern=given))
    if past is None or past.empty:
        return past, 0
    return of_customers(past, set(known))


def everybody_planned(project: Project) -> pd.DataFrame | None:
    """The same rows by the ids as they stand there."""
    import pandas as pd

    given = project.params.target.history
    files = None if given is None else read_history(given)
    left = history_of(project.ledger())
    found = [rows for rows in (files, left) if rows is not None and len(rows)]
    return pd.concat(found, ignore_index=True) if found else files
