"""Net spend by pymc-marketing's BG/NBD and gamma-gamma, run in an environment of its own.

    python spend.py FOLDER HORIZON_WEEKS

Reads ``habits.parquet`` (``frequency``, ``recency`` and ``T`` in weeks, ``purchases``,
``monetary_value``) in FOLDER and writes ``samples.parquet``: a column a draw, a row a customer.

Both models are fitted by NUTS with the package's own priors. Each draw of a customer's spend takes
one draw of the posterior and then, by the models' own formulas, whether the customer is alive, the
rate, the chance to drop out, the purchases of the weeks and what each costs: Fader, Hardie and Lee
(2005) and Fader and Hardie (2013). The package itself gives means of these, not their spread.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

DRAWS, TUNE, CHAINS, SAMPLES, SEED = 500, 500, 2, 200, 0


def main() -> None:
    folder, weeks = Path(sys.argv[1]), float(sys.argv[2])
    warnings.filterwarnings("ignore")
    from pymc_marketing.clv import BetaGeoModel, GammaGammaModel

    began = time.process_time()
    seen = pd.read_parquet(folder / "habits.parquet")
    seen["customer_id"] = np.arange(len(seen))
    sampler = {
        "draws": DRAWS, "tune": TUNE, "chains": CHAINS, "cores": 1, "random_seed": SEED,
        "progressbar": False,
    }  # fmt: skip
    habit = BetaGeoModel()
    habit.fit(data=seen[["customer_id", "frequency", "recency", "T"]], **sampler)
    spending = seen[(seen["purchases"] > 0) & (seen["monetary_value"] > 0)]
    basket = GammaGammaModel()
    basket.fit(
        data=pd.DataFrame({
            "customer_id": spending["customer_id"], "frequency": spending["purchases"],
            "monetary_value": spending["monetary_value"],
        }),
        **sampler,
    )  # fmt: skip
    drawn = {
        name: np.asarray(model.idata.posterior[name]).reshape(-1)
        for model, names in ((habit, ("r", "alpha", "a", "b")), (basket, ("p", "q", "v")))
        for name in names
    }
    rng = np.random.default_rng(SEED)
    taken = rng.choice(len(drawn["r"]), SAMPLES, replace=False)
    columns = {str(k): spend(seen, {n: x[i] for n, x in drawn.items()}, weeks, rng)
               for k, i in enumerate(taken)}  # fmt: skip
    pd.DataFrame(columns).astype(np.float32).to_parquet(folder / "samples.parquet")
    found = {
        "seconds": round(time.process_time() - began, 1),
        "version": importlib.metadata.version("pymc-marketing"),
        "parameters": {name: round(float(x.mean()), 4) for name, x in drawn.items()},
    }
    (folder / "samples.json").write_text(json.dumps(found))


def spend(
    seen: pd.DataFrame, of: dict[str, float], weeks: float, rng: np.random.Generator
) -> np.ndarray:
    """One draw of each customer's spend in the coming weeks."""
    x, last, age = (seen[name].to_numpy(float) for name in ("frequency", "recency", "T"))
    gone = of["a"] / (of["b"] + np.maximum(x, 1) - 1)
    gone = gone * ((of["alpha"] + age) / (of["alpha"] + last)) ** (of["r"] + x)
    alive = rng.random(len(x)) < np.where(x > 0, 1 / (1 + gone), 1.0)
    rate = rng.gamma(of["r"] + x, 1 / (of["alpha"] + age))
    leaves = rng.beta(of["a"], of["b"] + x)
    when, bought = np.zeros(len(x)), np.zeros(len(x))
    busy = np.flatnonzero(alive)
    while len(busy):
        when[busy] += rng.exponential(1 / np.maximum(rate[busy], 1e-12))
        busy = busy[when[busy] < weeks]
        bought[busy] += 1
        busy = busy[rng.random(len(busy)) >= leaves[busy]]
    mean = seen["monetary_value"].to_numpy(float)
    known = np.where(mean > 0, seen["purchases"].to_numpy(float), 0.0)
    each = rng.gamma(of["q"] + of["p"] * known, 1 / (of["v"] + known * np.maximum(mean, 0.0)))
    total = rng.gamma(np.maximum(of["p"] * bought, 1e-12)) / np.maximum(each, 1e-12)
    return np.where(bought > 0, total, 0.0)


if __name__ == "__main__":
    main()
