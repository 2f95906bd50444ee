"""A pipeline execution as one MLflow run with a nested run per stage.

Nothing here changes a score; the pipeline gives the same files without it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from winback.params import Params
from winback.results.tracked import Tracked
from winback.tables.history import ORDERS
from winback.tracking.registry import (
    CHALLENGER,
    CHAMPION,
    about,
    describe,
    keep,
    point,
    registered,
)
from winback.tracking.store import ARTIFACTS, DATABASE, home_of, is_own, opened
from winback.tracking.written import Content, numbers_of, settings_of

if TYPE_CHECKING:
    import pandas as pd

    from winback.judging.tuning import Tuning
    from winback.learning.model import ReturnModel

# Marks runs of winback, not of a notebook beside it. MLflow would name the program by its place
# on this machine.
_OURS = {"winback": "run", "mlflow.source.name": "winback"}
_DIGEST = 36  # characters that MLflow keeps of a hash


@dataclass(frozen=True)
class Executed:
    """What one execution of the pipeline left.

    Attributes:
        results: each stage's small JSON file, or its page.
        metrics: folder of the few figures of each stage by which runs are compared.
        trained: file of the model that was trained.
        scoring: file of the model that scores; often the same.
        card: what there is to know of the model that scores, as Markdown.
        pictures: PNG by name.
        files: further files.
    """

    results: Mapping[str, Path]
    metrics: Path
    trained: Path
    scoring: Path
    card: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    files: Sequence[Path] = ()


def log_pipeline(
    params: Params, executed: Executed, *, root: Path, sample: pd.DataFrame, code_version: str
) -> Tracked:
    """Log settings, data, figures, pictures and models; outside experiments, register models.

    One parent run for the pipeline, with a nested run for each stage. A run of the same code,
    settings and results is found again and not logged twice; a model of a content that is
    registered becomes no new version. The alias ``champion`` names the model that scores,
    ``challenger`` the one that was trained where that does not.

    Args:
        params: the settings.
        executed: what is logged.
        root: the project's folder.
        sample: some rows of snapshots, for the model's signature; no ids are logged.
        code_version: hash of the package's source.
    """
    from winback.learning.model import ReturnModel

    loaded = {stage: _content(path) for stage, path in executed.results.items()}
    trained, scoring = (ReturnModel.load(path) for path in (executed.trained, executed.scoring))
    trial = os.environ.get("DVC_EXP_NAME")
    digest = _digest(loaded, params, executed.card)
    key = f"{trial or 'repro'}-{code_version}-{trained.version}-{scoring.version}-{digest}"
    tags = {
        "orders_sha256": str(loaded["ingest"]["orders_sha256"]),
        "code_version": code_version,
        "model_version": trained.version,
        "scored_by": scoring.version,
        **about(scoring),
        **_commit(root),
    }
    with opened(root):
        import mlflow

        name = params.track.model_name
        experiment = _experiment(params.track.experiment, root)
        run_id, fresh = _logged_before(experiment, key), None
        if run_id is None:
            with _begun(root, experiment, trial or "pipeline", tags) as run_id:
                mlflow.log_params(settings_of(params.model_dump(mode="json")))
                _log_orders(loaded["ingest"], params.ingest.orders)
                for stage, path in executed.results.items():
                    _log_stage(stage, executed.metrics / f"{stage}.json", path)
                for stage in ("evaluate", "gate"):
                    mlflow.log_metrics(numbers_of(_content(executed.metrics / f"{stage}.json")))
                _log_files(executed)
                features, kept = as_features(sample), {}
                for model, path in ((trained, executed.trained), (scoring, executed.scoring)):
                    if model.version not in kept:
                        kept[model.version] = keep(
                            model, path, features, name, run_id=run_id, register=trial is None
                        )
                fresh = next((each.number for each in kept.values() if each.new), None)
                uris = " ".join(each.uri for each in kept.values())
                # Last: only a run that has all of it is found again.
                mlflow.set_tags({"winback_model": uris, "winback_key": key})
        champion = None if trial else _crown(name, trained, scoring, executed.card)
    return Tracked(run_id=run_id, registered=fresh, champion=champion)


def point_champion(root: Path, model_name: str, model_version: str) -> int | None:
    """Let the alias ``champion`` name the model of that content.

    Args:
        root: the project's folder.
        model_name: ``track.model_name``.
        model_version: the twelve digits of `ReturnModel.version`.

    Returns:
        The version it was registered as; None, and nothing is changed, where it never was.

    Raises:
        WinbackError: MLflow is not installed, or its store cannot be used.
    """
    if is_own(root) and not (home_of(root) / DATABASE).is_file():
        return None
    with opened(root):
        found = registered(model_name, model_version)
        if found:
            point(model_name, {CHAMPION: found[0]})
    return found[0] if found else None


def _crown(name: str, trained: ReturnModel, scoring: ReturnModel, card: str) -> int | None:
    """Let the aliases name the model that scores and the one that would; the former's version."""
    champion, challenger = (registered(name, each.version) for each in (scoring, trained))
    rival = challenger and challenger[0] if trained.version != scoring.version else None
    point(name, {CHAMPION: champion and champion[0], CHALLENGER: rival})
    if champion and card:
        describe(name, champion[0], card)
    return champion and champion[0]


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


def logged_runs(params: Params, root: Path, n: int = 5) -> list[tuple[str, Mapping[str, float]]]:
    """Name and figures of the newest executions of the pipeline that the store holds.

    None where there is no store yet: asking begins none.
    """
    if is_own(root) and not (home_of(root) / DATABASE).is_file():
        return []
    with opened(root):
        import mlflow

        known = mlflow.get_experiment_by_name(params.track.experiment)
        if known is None:
            return []
        found = mlflow.search_runs(
            [known.experiment_id],
            "tags.winback_key != '' and attributes.status = 'FINISHED'",
            order_by=["attributes.start_time DESC"],
            max_results=n,
            output_format="list",
        )
        return [(f"{r.info.run_name} {r.info.run_id[:8]}", dict(r.data.metrics)) for r in found]


def _experiment(name: str, root: Path) -> str:
    """Id of an experiment of the project's store, made if there is none."""
    import mlflow

    if mlflow.get_experiment_by_name(name) is None:
        mlflow.create_experiment(name, artifact_location=(home_of(root) / ARTIFACTS).as_uri())
    return str(mlflow.set_experiment(name).experiment_id)


def _logged_before(experiment: str, key: str) -> str | None:
    """The finished run of the same code, params and results, if its models are still there."""
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
            for uri in run.data.tags.get("winback_model", "").split() or [""]:
                mlflow.models.get_model_info(uri)
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


def _log_stage(stage: str, metrics: Path, result: Path) -> None:
    import mlflow

    with mlflow.start_run(run_name=stage, nested=True, tags=_OURS):
        if metrics.is_file():
            mlflow.log_metrics(numbers_of(_content(metrics)))
        if stage != "ingest":  # it holds people
            mlflow.log_artifact(str(result))


def _log_orders(found: Content, source: str) -> None:
    """Say of which orders the run is: their hash, days and columns, and nobody in them."""
    import mlflow
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.types import ColSpec, Schema

    kinds = {"string": "string", "bool": "boolean", "double": "double"}
    columns = [
        ColSpec("datetime" if "timestamp" in c.type else kinds.get(c.type, "long"), c.name)
        for c in ORDERS.columns
    ]
    # mypy takes its profile for abstract, which MLflow does not.
    orders = MetaDataset(  # type: ignore[abstract]
        CodeDatasetSource({"orders": Path(source).name}),
        name="orders",
        digest=str(found["orders_sha256"])[:_DIGEST],
        schema=Schema([*columns]),
    )
    told = ("first_day", "last_day", "customers", "purchases", "lines_kept")
    mlflow.log_input(orders, "training", {k: str(found[k]) for k in told if k in found})


def _log_files(executed: Executed) -> None:
    """Params and lock as they were, the card, and the pictures as PNG."""
    import mlflow

    for path in executed.files:
        mlflow.log_artifact(str(path))
    if executed.card:
        mlflow.log_text(executed.card, "CARD.md")
    with tempfile.TemporaryDirectory() as folder:
        for name, drawn in executed.pictures.items():
            (Path(folder) / f"{name}.png").write_bytes(drawn)
        if executed.pictures:
            mlflow.log_artifacts(folder, "pictures")


def _content(path: Path) -> Content:
    found: Content = json.loads(path.read_text("utf-8")) if path.suffix == ".json" else {}
    return found


def _digest(loaded: Mapping[str, Content], params: Params, card: str) -> str:
    text = json.dumps([loaded, params.model_dump(mode="json"), card], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _commit(root: Path) -> dict[str, str]:
    """The commit that lies under the project's files, as MLflow names it."""
    found = "none"  # left out, MLflow would take the commit of the package's own repository
    with suppress(OSError):
        asked = ["git", "rev-parse", "--verify", "--quiet", "HEAD"]
        done = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=False)
        found = done.stdout.strip() or found
    return {"mlflow.source.git.commit": found}


def as_features(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Snapshot columns as the served model takes them: numbers only, all of them doubles.

    MLflow refuses an integer where the signature says double.
    """
    numbers = snapshots.select_dtypes("number")
    return numbers.astype("float64")
