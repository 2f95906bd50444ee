"""What MLflow was told."""

from __future__ import annotations

from pydantic import Field

from winback.results.base import Result


class Tracked(Result):
    """One execution of the pipeline as MLflow has it."""

    run_id: str = Field(description="the run of the whole pipeline")
    registered: int | None = Field(
        description="version that a new model was registered as; null in an experiment, and where "
        "a model of the same content is registered"
    )
    champion: int | None = Field(
        None, description="version of the model that scores; null in an experiment"
    )
