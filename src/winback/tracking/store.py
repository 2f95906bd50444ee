"""Where runs are kept: one store per project, used by one process at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path

from winback.errors import WinbackError
from winback.extras import require

DATABASE, ARTIFACTS = "mlflow.db", "mlartifacts"

# Where MLflow keeps addresses of artifacts; an older store lacks some of these.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
)


def home_of(root: Path) -> Path:
    """The project whose store it is.

    That is where ``dvc`` was called (DVC_ROOT), which in an experiment run in a copy of the
    workspace is still the real one; a relative address would start a second store.
    """
    return Path(os.environ.get("DVC_ROOT") or root).resolve()


def tracking_uri(root: Path) -> str:
    """The store's address: what MLFLOW_TRACKING_URI says, else one sqlite file in the project."""
    return os.environ.get("MLFLOW_TRACKING_URI") or _own_uri(root)


def is_own(root: Path) -> bool:
    """Whether runs go into the project's own store."""
    return tracking_uri(root) == _own_uri(root)


def _own_uri(root: Path) -> str:
    return f"sqlite:///{home_of(root) / DATABASE}"


@contextmanager
def opened(root: Path) -> Iterator[None]:
    """MLflow set to the project's store, with what goes wrong there told in one line.

    Raises:
        WinbackError: MLflow is not installed; the store is of another MLflow, damaged, or
            not to be reached.
    """
    require("pipeline")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow
    from alembic.util import CommandError
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    home, uri, own = home_of(root), tracking_uri(root), is_own(root)
    given = os.environ.get("MLFLOW_TRACKING_URI")
    with _alone(home) if own else nullcontext():
        try:
            bring_home(root)
            mlflow.set_tracking_uri(uri)
            yield
        except (CommandError, MlflowException, SQLAlchemyError) as error:
            said = str(error).strip().partition("\n")[0]
            if "out-of-date database schema" in said:
                raise WinbackError(
                    "tracking.other_schema", uri=uri, version=mlflow.__version__
                ) from error
            raise WinbackError("tracking.failed", uri=uri, reason=said.rstrip(".")) from error
        finally:
            # MLflow writes it into the environment, where the next project would find it.
            mlflow.set_tracking_uri(given)  # type: ignore[arg-type]  # none is allowed


def bring_home(root: Path) -> bool:
    """Make the project's own store name the project's own artifacts; whether it did not.

    MLflow keeps the addresses of artifacts as they were when it was begun. In a folder that
    was copied or renamed since, they name the old one: its artifacts would be missing here,
    and what is logged here would be written there.
    """
    home = home_of(root)
    database = home / DATABASE
    if not is_own(root) or not database.is_file():
        return False
    here = (home / ARTIFACTS).as_uri()
    try:
        with closing(sqlite3.connect(database, timeout=60)) as store, store:
            return _move(store, here)
    except sqlite3.Error as error:
        raise WinbackError("tracking.failed", uri=_own_uri(root), reason=str(error)) from error


def _move(store: sqlite3.Connection, here: str) -> bool:
    """Whether addresses of another folder's artifacts were there, and are of this one now."""
    kept = {(table, column) for table, column in _ADDRESSES if _has(store, table, column)}
    if ("experiments", "artifact_location") not in kept:
        return False
    known = store.execute("SELECT DISTINCT artifact_location FROM experiments")
    away = [
        there
        for (there,) in known
        if there
        and there.startswith("file:")
        and there.endswith(f"/{ARTIFACTS}")
        # Whatever else was named as the place of an experiment is its owner's choice.
        and there != here
    ]
    for there in away:
        for table, column in sorted(kept):
            store.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                (here, len(there) + 1, there, len(there) + 1, there + "/"),
            )
    return bool(away)


def _has(store: sqlite3.Connection, table: str, column: str) -> bool:
    return any(name == column for _, name, *_ in store.execute(f"PRAGMA table_info({table})"))


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process at a time: two that begin a store at once would both make its tables."""
    import fcntl

    folder = home / ARTIFACTS
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
