"""The only import of mlflow: a pipeline execution as one run with a nested run per stage.

Nothing here changes a score; the pipeline gives the same files without it.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from winback.extras import require
from winback.params import Params

if TYPE_CHECKING:
    import pandas as pd

    from winback.judging.tuning import Tuning

_PACKAGES = ("duckdb", "holidays", "lightgbm", "numpy", "pandas", "pyarrow", "pydantic", "pyyaml")

# What identifies or draws people stays out of the store: it is read by more eyes than the list.
_PRIVATE = {"customer_id", "customer_ids", "suspicious_customers", "understood", "salt"}


def tracking_uri(root: Path) -> str:
    """The store's address: what MLFLOW_TRACKING_URI says, else one sqlite file in the project.

    The project is where ``dvc`` was called (DVC_ROOT), which in an experiment run in a copy
    of the workspace is still the real one; a relative address would start a second store.
    """
    given = os.environ.get("MLFLOW_TRACKING_URI")
    home = Path(os.environ.get("DVC_ROOT") or root).resolve()
    return given or f"sqlite:///{home / 'mlflow.db'}"


def log_pipeline(
    params: Params,
    *,
    root: Path,
    model_path: Path,
    sample: pd.DataFrame,
    results: Mapping[str, Path],
    artifacts: Sequence[Path],
    code_version: str,
) -> dict[str, Any]:
    """Log params, metrics, plots and the model; outside experiments, register the model.

    One parent run for the pipeline, with a nested run for each stage of ``results``. A run
    of the same code, params and results is found again and not logged twice.

    Args:
        root: the project's folder.
        model_path: the saved return model.
        sample: some rows of snapshots, for the model's signature; no ids are logged.
        results: each stage's small JSON file, or its page.
        artifacts: further files of the parent run.
        code_version: hash of the package's source.
    """
    experiment = _experiment(params.track.experiment, root)
    import mlflow

    loaded = {
        stage: json.loads(path.read_text("utf-8")) if path.suffix == ".json" else {}
        for stage, path in results.items()
    }
    from winback.learning.model import ReturnModel

    model = ReturnModel.load(model_path)
    trial = os.environ.get("DVC_EXP_NAME")
    key = f"{trial or 'repro'}-{code_version}-{model.version}-{_digest(loaded, params)}"
    found = mlflow.search_runs(
        [experiment], f"tags.winback_key = '{key}'", output_format="list", max_results=1
    )
    if found:
        return {"run_id": found[0].info.run_id, "registered": None}
    ingested = loaded["ingest"]
    with mlflow.start_run(run_name=trial or "pipeline") as parent:
        mlflow.set_tags(
            {
                "winback_key": key,
                "orders_sha256": ingested["orders_sha256"],
                "code_version": code_version,
                "model_version": model.version,
            }
        )
        mlflow.log_params(dict(_plain(params.model_dump(mode="json"))))
        for stage, content in loaded.items():
            with mlflow.start_run(run_name=stage, nested=True):
                numbers = {k: v for k, v in _plain(content) if isinstance(v, int | float)}
                if numbers:
                    mlflow.log_metrics(numbers)
                if stage == "evaluate":
                    champion = content["verdict"].get("champion") or {}
                    headline = _headline(numbers, champion.get("method", "lightgbm"))
                if stage != "ingest":
                    mlflow.log_artifact(str(results[stage]))
        mlflow.log_metrics(headline)
        for path in artifacts:
            mlflow.log_artifact(str(path))
        registered = _log_model(model, model_path, sample, params, register=trial is None)
        return {"run_id": parent.info.run_id, "registered": registered}


def log_tuning(params: Params, tuning: Tuning, *, root: Path, code_version: str) -> str:
    """Log a search for settings: a parent run with a nested run a trial; returns its id.

    Its runs stand in an experiment of their own, ``<track.experiment>-tuning``, since their
    log loss is of other cutoffs than the pipeline's.
    """
    experiment = _experiment(f"{params.track.experiment}-tuning", root)
    import mlflow

    with mlflow.start_run(experiment_id=experiment, run_name="tune") as parent:
        mlflow.set_tags({"code_version": code_version, "better": str(tuning.better).lower()})
        mlflow.log_params(tuning.settings)
        mlflow.log_metrics(
            {
                "log_loss": tuning.log_loss,
                "log_loss_given": tuning.log_loss_given,
                **{f"difference_{name}": value for name, value in tuning.difference.items()},
            }
        )
        for trial in tuning.trials.to_dict("records"):
            number, loss = trial.pop("trial"), trial.pop("log_loss")
            with mlflow.start_run(run_name=f"trial {number}", nested=True):
                mlflow.log_params({str(key): value for key, value in trial.items()})
                if loss == loss:
                    mlflow.log_metric("log_loss", loss)
                else:
                    mlflow.set_tag("given_up", "true")
    return str(parent.info.run_id)


def _experiment(name: str, root: Path) -> str:
    """Id of an experiment of the project's store, made if there is none."""
    require("pipeline")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow

    home = Path(os.environ.get("DVC_ROOT") or root).resolve()
    mlflow.set_tracking_uri(tracking_uri(root))
    if mlflow.get_experiment_by_name(name) is None:
        mlflow.create_experiment(name, artifact_location=(home / "mlartifacts").as_uri())
    return str(mlflow.set_experiment(name).experiment_id)


def _digest(loaded: Mapping[str, Any], params: Params) -> str:
    import hashlib

    text = json.dumps([loaded, params.model_dump(mode="json")], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
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


def _headline(numbers: Mapping[str, float], method: str) -> dict[str, float]:
    """Metrics over everybody of the method that gives the scores, under short names."""
    start = f"populations.everyone.methods.{method}."
    return {
        name.removeprefix(start).removesuffix(".value"): value
        for name, value in numbers.items()
        if name.startswith(start) and name.endswith(".value")
    }


def _log_model(
    model: Any, path: Path, sample: pd.DataFrame, params: Params, *, register: bool
) -> int | None:
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
        return None
    number = int(logged.registered_model_version)
    mlflow.MlflowClient().set_registered_model_alias(
        params.track.model_name, "champion", str(number)
    )
    return number


def as_features(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Snapshot columns as the served model takes them: numbers only, all of them doubles.

    MLflow refuses an integer where the signature says double.
    """
    numbers = snapshots.select_dtypes("number")
    return numbers.astype("float64")
