"""Evidently's defaults over pairs of months; benchmarks/drift.py starts it in its own environment.

    python evidently_months.py FOLDER

FOLDER holds `<name>.now.parquet` and `<name>.then.parquet`; `found.json` gets, by name, which
columns drifted and whether the data set did.
"""

import json
import sys
import warnings
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

NUMBERS, NAMES = ["amount", "quantity"], ["category", "channel"]


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")
    definition = DataDefinition(numerical_columns=NUMBERS, categorical_columns=NAMES)
    found = {}
    for path in sorted(folder.glob("*.now.parquet")):
        name = path.name.removesuffix(".now.parquet")
        now, then = (
            Dataset.from_pandas(pd.read_parquet(folder / f"{name}.{when}.parquet"), definition)
            for when in ("now", "then")
        )
        told = Report([DataDriftPreset()]).run(now, then).dict()["metrics"]
        columns = []
        for metric in told[1:]:
            config, value = metric["config"], float(metric["value"])
            # Tests give a chance, distances grow with the drift.
            small = "p_value" in config["method"]
            if value < config["threshold"] if small else value >= config["threshold"]:
                columns.append(config["column"])
        drifted = told[0]["value"]["share"] >= told[0]["config"]["drift_share"]
        assert len(columns) == told[0]["value"]["count"]
        found[name] = {"columns": columns, "dataset": bool(drifted)}
    (folder / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
