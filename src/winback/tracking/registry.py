"""Versions of the return model: one for each content, and the alias of the one that scores."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from winback.learning.model import ReturnModel

CHAMPION, CHALLENGER = "champion", "challenger"
_PACKAGES = ("duckdb", "holidays", "lightgbm", "numpy", "pandas", "pyarrow", "pydantic", "pyyaml")
_CONTENT = "winback_version"


@dataclass(frozen=True)
class Kept:
    """A model in the store.

    Attributes:
        uri: its address.
        number: the version it is registered as; None where it is not.
        new: whether this run registered it.
    """

    uri: str
    number: int | None
    new: bool


def keep(
    model: ReturnModel, path: Path, features: pd.DataFrame, name: str, *, run_id: str,
    register: bool,
) -> Kept:  # fmt: skip
    """Log a model into the run that is open, unless one of the same content is registered.

    A run that made the same model again names the one that is there.

    Args:
        path: the file of the model.
        features: some rows as the served model takes them, for its signature.
        name: of the registered model.
        run_id: the run that is open.
        register: whether a new content becomes a version.
    """
    import mlflow
    from mlflow.entities import LoggedModelOutput

    if found := registered(name, model.version):
        number, model_id = found
        mlflow.MlflowClient().log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])
        return Kept(f"models:/{model_id}", number, new=False)
    uri = _log(model, path, features)
    if not register:
        return Kept(uri, None, new=False)
    tags = {_CONTENT: model.version, **about(model)}
    made = mlflow.register_model(uri, name, tags=tags)
    return Kept(uri, int(made.version), new=True)


def about(model: ReturnModel) -> dict[str, str]:
    """What kind of model it is, and the simple rule that scores in its stead."""
    return {"kind": model.kind, "rule": model.rule.name if model.rule else "none"}


def point(name: str, numbers: Mapping[str, int | None]) -> None:
    """Let each alias name its version; an alias without one is taken away."""
    import mlflow
    from mlflow.exceptions import MlflowException

    client = mlflow.MlflowClient()
    for alias, number in numbers.items():
        if number is not None:
            client.set_registered_model_alias(name, alias, str(number))
        else:
            with suppress(MlflowException):  # there was none
                client.delete_registered_model_alias(name, alias)


def describe(name: str, number: int, text: str) -> None:
    """Say of a version what there is to know of it."""
    import mlflow

    mlflow.MlflowClient().update_model_version(name, str(number), text)


def registered(name: str, model_version: str) -> tuple[int, str] | None:
    """The newest version of that content whose files are still there, and its model's id."""
    import mlflow
    from mlflow.exceptions import MlflowException

    wanted = f"name = '{name}' and tags.{_CONTENT} = '{model_version}'"
    found = mlflow.MlflowClient().search_model_versions(wanted)
    for number in sorted((int(each.version) for each in found), reverse=True):
        with suppress(MlflowException, OSError):
            there = mlflow.models.get_model_info(f"models:/{name}/{number}")
            return number, str(there.model_id)
    return None


def _log(model: ReturnModel, path: Path, features: pd.DataFrame) -> str:
    """Log a model into the run that is open; its address."""
    import mlflow
    from mlflow.models import infer_signature

    # The signature says what an example would; an example would be rows of real customers.
    warnings.filterwarnings("ignore", message=".*input example was not provided.*")
    tags = {_CONTENT: model.version, **about(model)}
    logged = mlflow.pyfunc.log_model(
        name="return_model",
        python_model=str(Path(__file__).with_name("served.py")),
        artifacts={"model": str(path.resolve())},
        code_paths=[str(Path(__file__).parents[1])],
        # Named, because finding them out loads the model again and takes a dozen seconds.
        pip_requirements=[f"{name}=={installed(name)}" for name in _PACKAGES],
        signature=infer_signature(features, model.predict(features)),
        tags=tags,
    )
    return str(logged.model_uri)
