"""The return model as MLflow serves it (models from code)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd

from winback.learning.model import ReturnModel


class ServedReturnModel(mlflow.pyfunc.PythonModel):  # type: ignore[name-defined, misc]
    """Snapshot columns in, probabilities and expected values out, one row each."""

    def load_context(self, context: Any) -> None:
        """Read the return model that was logged."""
        self._model = ReturnModel.load(Path(context.artifacts["model"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """`ReturnModel.predict` of the rows given."""
        return self._model.predict(model_input)


mlflow.models.set_model(ServedReturnModel())
