"""One rival of benchmarks/court.py, run in the court's own environment.

    python rivals.py NAME FOLDER THREADS

Reads ``known.parquet`` (features, ``returned``, ``held``) and ``asked.parquet`` (features) in
FOLDER and writes ``NAME.parquet`` (column ``p``, a row per row asked) and ``NAME.json``
(processor seconds).
It knows nothing of winback but these columns.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SEED = 0
PACKAGES = {
    "XGBoost": ("xgboost-cpu", "pytabkit"),
    "CatBoost": ("catboost", "pytabkit"),
    "EBM": ("interpret-core",),
    "RealMLP": ("pytabkit", "torch"),
    "TabM": ("pytabkit", "torch"),
}


def rival(name: str, threads: int) -> Any:
    """The model as its authors set it; the loss that stops it early is the one that is judged."""
    if name == "EBM":
        from interpret.glassbox import ExplainableBoostingClassifier

        return ExplainableBoostingClassifier(n_jobs=threads, random_state=SEED)
    import pytabkit

    common = {
        "device": "cpu", "random_state": SEED, "n_threads": threads,
        "val_metric_name": "cross_entropy",
    }  # fmt: skip
    if name == "RealMLP":
        # No label smoothing: what its authors advise where probabilities are judged.
        return pytabkit.RealMLP_TD_Classifier(**common, use_ls=False)
    made = {
        "XGBoost": pytabkit.XGB_TD_Classifier,
        "CatBoost": pytabkit.CatBoost_TD_Classifier,
        "TabM": pytabkit.TabM_D_Classifier,
    }
    return made[name](**common)


def filled(known: pd.DataFrame, asked: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """pytabkit takes no gaps: the median stands in, and a column says where it did."""
    gaps = [name for name in known if known[name].isna().any()]
    medians = known.median().fillna(0.0)
    both = []
    for table in (known, asked):
        absent = table[gaps].isna().astype(np.float32).add_prefix("absent_")
        both.append(pd.concat([table.fillna(medians), absent], axis=1))
    return both[0], both[1]


def main() -> None:
    name, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    warnings.filterwarnings("ignore")
    known, asked = (pd.read_parquet(folder / f"{t}.parquet") for t in ("known", "asked"))
    held, returned = known.pop("held").to_numpy(bool), known.pop("returned").to_numpy(np.int64)
    if name in ("RealMLP", "TabM"):
        import torch

        torch.set_num_threads(threads)
    if name != "EBM":
        known, asked = filled(known, asked)
    began = time.process_time()
    model = rival(name, threads)
    if name == "EBM":
        # Its bags hold out rows of their own.
        model.fit(known, returned)
    else:
        model.fit(known[~held], returned[~held], X_val=known[held], y_val=returned[held])
    fitted = time.process_time()
    chance = np.asarray(model.predict_proba(asked))[:, 1]
    scored = time.process_time()
    pd.DataFrame({"p": chance.astype(np.float64)}).to_parquet(folder / f"{name}.parquet")
    found = {
        "fit": round(fitted - began, 2),
        "predict": round(scored - fitted, 2),
        "packages": {p: importlib.metadata.version(p) for p in PACKAGES[name]},
    }
    unfinished = folder / f"{name}.json.new"
    unfinished.write_text(json.dumps(found))
    os.replace(unfinished, folder / f"{name}.json")


if __name__ == "__main__":
    main()
