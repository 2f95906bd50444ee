"""Takes people out of the project's own MLflow store: its database, beside the artifacts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from winback.errors import WinbackError
from winback.tracking.store import ARTIFACTS, DATABASE, home_of, is_own, tracking_uri

STORES = (ARTIFACTS, "mlruns")
"""Folders in which MLflow keeps artifacts."""


def rewrite_store(root: Path, without: Callable[[str], str]) -> int:
    """Rewrite every text of the store's database by ``without``; how many it changed.

    The file is packed anew, since SQLite leaves what was deleted in its free pages.

    Raises:
        WinbackError: the database cannot be used.
    """
    database = home_of(root) / DATABASE
    if not database.is_file():
        return 0
    changed = 0
    try:
        with closing(sqlite3.connect(database, timeout=60)) as store:
            with store:
                tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                for (table,) in tables.fetchall():
                    changed += _rewrite_table(store, table, without)
            if changed:
                store.execute("VACUUM")
    except sqlite3.Error as error:
        raise WinbackError(
            "tracking.failed", uri=f"sqlite:///{database}", reason=str(error)
        ) from error
    return changed


def store_elsewhere(root: Path) -> str | None:
    """The address of a store that is not the project's own, without what may be secret in it."""
    return None if is_own(root) else tracking_uri(root).rpartition("@")[2]


def _rewrite_table(store: sqlite3.Connection, table: str, without: Callable[[str], str]) -> int:
    changed = 0
    quoted = '"' + table.replace('"', '""') + '"'
    for _, name, *_ in store.execute(f"PRAGMA table_info({quoted})").fetchall():
        column = '"' + name.replace('"', '""') + '"'
        # A text of fewer signs names nobody.
        rows = store.execute(
            f"SELECT rowid, {column} FROM {quoted} "
            f"WHERE typeof({column}) = 'text' AND length({column}) > 5"
        ).fetchall()
        for row, text in rows:
            if (made := without(text)) != text:
                store.execute(f"UPDATE {quoted} SET {column} = ? WHERE rowid = ?", (made, row))
                changed += 1
    return changed
