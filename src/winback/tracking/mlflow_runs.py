"""A pipeline execution as one MLflow run with a nested run per stage.

Nothing here changes a score; the pipeline gives the same files without it.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from winback.params import Params
from winback.results.base import Json
from winback.results.tracked import Tracked
from winback.tracking.store import ARTIFACTS, home_of, is_own, opened

if TYPE_CHECKING:
    import pandas as pd

    from winback.judging.tuning import Tuning
    from winback.learning.model import ReturnModel

# A stage's JSON file, of whatever stage: it is only flattened here.
Content: TypeAlias = Mapping[str, Json]

# Marks runs of winback, not of a notebook beside it.
_OURS = {"winback": "run"}
_PACKAGES = ("duckdb", "holidays", "lightgbm", "numpy", "pandas", "pyarrow", "pydantic", "pyyaml")

# What identifies or draws people stays out of the store: it is read by more eyes than the list.
_PRIVATE = {"customer_id", "customer_ids", "suspicious_customers", "understood", "salt"}


def log_pipeline(
    params: Params,
    *,
    root: Path,
    model_path: Path,
    sample: pd.DataFrame,
    results: Mapping[str, Path],
    compared: Path,
    artifacts: Sequence[Path],
    code_version: str,
) -> Tracked:
    """Log params, metrics, plots and the model; outside experiments, register the model.

    One parent run for the pipeline, with a nested run for each stage of ``results``. A run
    of the same code, params and results is found again and not logged twice.

    Args:
        root: the project's folder.
        model_path: the saved return model.
        sample: some rows of snapshots, for the model's signature; no ids are logged.
        results: each stage's small JSON file, or its page.
        compared: the few figures by which runs are compared, as JSON.
        artifacts: further files of the parent run.
        code_version: hash of the package's source.
    """
    from winback.learning.model import ReturnModel

    loaded: dict[str, Content] = {
        stage: json.loads(path.read_text("utf-8")) if path.suffix == ".json" else {}
        for stage, path in results.items()
    }
    model = ReturnModel.load(model_path)
    trial = os.environ.get("DVC_EXP_NAME")
    key = f"{trial or 'repro'}-{code_version}-{model.version}-{_digest(loaded, params)}"
    tags = {
        "orders_sha256": str(loaded["ingest"]["orders_sha256"]),
        "code_version": code_version,
        "model_version": model.version,
    }
    with opened(root):
        import mlflow

        experiment = _experiment(params.track.experiment, root)
        if (earlier := _logged_before(experiment, key)) is not None:
            return Tracked(run_id=earlier, registered=None)
        with _begun(root, experiment, trial or "pipeline", tags) as run_id:
            mlflow.log_params(dict(_plain(params.model_dump(mode="json"))))
            for stage, content in loaded.items():
                _log_stage(stage, content, results[stage])
            mlflow.log_metrics(_numbers(json.loads(compared.read_text("utf-8"))))
            for path in artifacts:
                mlflow.log_artifact(str(path))
            uri, registered = _log_model(model, model_path, sample, params, trial is None)
            # Last: only a run that has all of it is found again.
            mlflow.set_tags({"winback_model": uri, "winback_key": key})
        return Tracked(run_id=run_id, registered=registered)


def log_tuning(params: Params, tuning: Tuning, *, root: Path, code_version: str) -> str:
    """Log a search for settings: a parent run with a nested run a trial; returns its id.

    Its runs stand in an experiment of their own, ``<track.experiment>-tuning``, since their
    log loss is of other cutoffs than the pipeline's.
    """
    found = tuning.summary
    tags = {"code_version": code_version, "better": str(found.better).lower()}
    with opened(root):
        import mlflow

        experiment = _experiment(f"{params.track.experiment}-tuning", root)
        with _begun(root, experiment, "tune", tags) as run_id:
            mlflow.log_params(found.settings)
            mlflow.log_metrics(
                {
                    "log_loss": found.log_loss,
                    "log_loss_given": found.log_loss_given,
                    **{f"difference_{name}": value for name, value in found.difference},
                }
            )
            for trial in tuning.trials.to_dict("records"):
                number, loss = trial.pop("trial"), trial.pop("log_loss")
                with mlflow.start_run(run_name=f"trial {number}", nested=True, tags=_OURS):
                    mlflow.log_params({str(key): value for key, value in trial.items()})
                    if loss == loss:
                        mlflow.log_metric("log_loss", loss)
                    else:
                        mlflow.set_tag("given_up", "true")
    return run_id


def _experiment(name: str, root: Path) -> str:
    """Id of an experiment of the project's store, made if there is none."""
    import mlflow

    if mlflow.get_experiment_by_name(name) is None:
        mlflow.create_experiment(name, artifact_location=(home_of(root) / ARTIFACTS).as_uri())
    return str(mlflow.set_experiment(name).experiment_id)


def _logged_before(experiment: str, key: str) -> str | None:
    """The finished run of the same code, params and results, if its model is still there."""
    import mlflow
    from mlflow.exceptions import MlflowException

    found = mlflow.search_runs(
        [experiment],
        f"tags.winback_key = '{key}' and attributes.status = 'FINISHED'",
        output_format="list",
        max_results=1,
    )
    for run in found:
        with suppress(MlflowException, OSError):
            mlflow.models.get_model_info(run.data.tags.get("winback_model", ""))
            return str(run.info.run_id)
    return None


@contextmanager
def _begun(root: Path, experiment: str, name: str, tags: Mapping[str, str]) -> Iterator[str]:
    """A run, inside which others are nested; gives its id."""
    import mlflow

    if is_own(root):
        # Nobody else is at work here, so what still runs was killed.
        for half in mlflow.search_runs(
            [experiment],
            "tags.winback = 'run' and attributes.status = 'RUNNING'",
            output_format="list",
        ):
            mlflow.MlflowClient().set_terminated(half.info.run_id, "KILLED")
    with mlflow.start_run(
        experiment_id=experiment, run_name=name, tags={**_OURS, **tags}
    ) as parent:
        yield str(parent.info.run_id)


def _log_stage(stage: str, content: Content, path: Path) -> None:
    import mlflow

    with mlflow.start_run(run_name=stage, nested=True, tags=_OURS):
        if numbers := _numbers(content):
            mlflow.log_metrics(numbers)
        if stage != "ingest":  # it holds people
            mlflow.log_artifact(str(path))


def _digest(loaded: Mapping[str, Content], params: Params) -> str:
    import hashlib

    text = json.dumps([loaded, params.model_dump(mode="json")], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(content: Content, prefix: str = "") -> Iterator[tuple[str, str | float]]:
    """Names and values of a nested mapping, joined by dots; lists and people left out."""
    for name, value in content.items():
        if name in _PRIVATE:
            continue
        if isinstance(value, Mapping):
            yield from _plain(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            yield f"{prefix}{name}", int(value)
        elif isinstance(value, int | float | str):
            yield f"{prefix}{name}", value


def _numbers(content: Content) -> dict[str, float]:
    return {name: value for name, value in _plain(content) if isinstance(value, int | float)}


def _log_model(
    model: ReturnModel, path: Path, sample: pd.DataFrame, params: Params, register: bool
) -> tuple[str, int | None]:
    """The logged model's address, and the version it was registered as, if it was."""
    import mlflow
    from mlflow.models import infer_signature

    features = as_features(sample)
    # The signature says what an example would; an example would be rows of real customers.
    warnings.filterwarnings("ignore", message=".*input example was not provided.*")
    logged = mlflow.pyfunc.log_model(
        name="return_model",
        python_model=str(Path(__file__).with_name("served.py")),
        artifacts={"model": str(path.resolve())},
        code_paths=[str(Path(__file__).parents[1])],
        # Named, because finding them out loads the model again and takes a dozen seconds.
        pip_requirements=[f"{name}=={version(name)}" for name in _PACKAGES],
        signature=infer_signature(features, model.predict(features)),
        registered_model_name=params.track.model_name if register else None,
    )
    if not register:
        return str(logged.model_uri), None
    number = int(logged.registered_model_version)
    mlflow.MlflowClient().set_registered_model_alias(
        params.track.model_name, "champion", str(number)
    )
    return str(logged.model_uri), number


def as_features(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Snapshot columns as the served model takes them: numbers only, all of them doubles.

    MLflow refuses an integer where the signature says double.
    """
    numbers = snapshots.select_dtypes("number")
    return numbers.astype("float64")
