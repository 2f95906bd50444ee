"""CRPS of quantile forecasts by scoringrules, run in the court's own environment.

    python crps.py FOLDER

Reads ``spent.parquet`` (column ``spent``) and every ``forecast_NAME.parquet`` (a column a level,
named by it; a row a customer) in FOLDER; writes ``crps.parquet``, a column a forecast.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import scoringrules


def main() -> None:
    folder = Path(sys.argv[1])
    spent = pd.read_parquet(folder / "spent.parquet")["spent"].to_numpy(np.float64)
    scores = {}
    for path in sorted(folder.glob("forecast_*.parquet")):
        told = pd.read_parquet(path)
        levels = told.columns.to_numpy().astype(np.float64)
        scores[path.stem.removeprefix("forecast_")] = scoringrules.crps_quantile(
            spent, told.to_numpy(np.float64), levels, backend="numpy"
        )
    pd.DataFrame(scores).to_parquet(folder / "crps.parquet")


if __name__ == "__main__":
    main()
